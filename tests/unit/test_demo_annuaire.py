"""The demo extractions: layout, counts recounted from the files, fictional identifiers, evolution."""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from demo.annuaire.adresses import NOWHERE
from demo.annuaire.calibrage import (
    NON_LOCALISEES,
    NON_LOCALISEES_PAR_EPCI,
    PERSONNES,
    small_targets,
    targets,
)
from demo.annuaire.carnet import open_carnet
from demo.annuaire.identifiants import luhn_key, passes_luhn
from demo.annuaire.write import DATES, AnnuaireDemo, write_extractions
from demo.ban.anciennes import usable_mergers
from demo.ban.voies import capitales, catalogue
from demo.ban.write import BanDemo, write_ban
from ingest.sources.territoires.reference import load

REGION = {"08", "10", "51", "52", "54", "55", "57", "67", "68", "88"}
HEADERS = {
    "Personne_activite": (
        "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Code civilité d'exercice|"
        "Libellé civilité d'exercice|Code civilité|Libellé civilité|Nom d'exercice|Prénom d'exercice|"
        "Code profession|Libellé profession|Code catégorie professionnelle|"
        "Libellé catégorie professionnelle|Code type savoir-faire|Libellé type savoir-faire|"
        "Code savoir-faire|Libellé savoir-faire|Code mode exercice|Libellé mode exercice|"
        "Numéro SIRET site|Numéro SIREN site|Numéro FINESS site|Numéro FINESS établissement juridique|"
        "Identifiant technique de la structure|Raison sociale site|Enseigne commerciale site|"
        "Complément destinataire (coord. structure)|Complément point géographique (coord. structure)|"
        "Numéro Voie (coord. structure)|Indice répétition voie (coord. structure)|"
        "Code type de voie (coord. structure)|Libellé type de voie (coord. structure)|"
        "Libellé Voie (coord. structure)|Mention distribution (coord. structure)|"
        "Bureau cedex (coord. structure)|Code postal (coord. structure)|Code commune (coord. structure)|"
        "Libellé commune (coord. structure)|Code pays (coord. structure)|"
        "Libellé pays (coord. structure)|Téléphone (coord. structure)|Téléphone 2 (coord. structure)|"
        "Télécopie (coord. structure)|Adresse e-mail (coord. structure)|Code Département (structure)|"
        "Libellé Département (structure)|Ancien identifiant de la structure|Autorité d'enregistrement|"
        "Code secteur d'activité|Libellé secteur d'activité|Code section tableau pharmaciens|"
        "Libellé section tableau pharmaciens|Code rôle|Libellé rôle|Code genre activité|"
        "Libellé genre activité"
    ),
    "Dipl_AutExerc": (
        "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Nom d'exercice|"
        "Prénom d'exercice|Code type diplôme obtenu|Libellé type diplôme obtenu|Code diplôme obtenu|"
        "Libellé diplôme obtenu|Code type autorisation|Libellé type autorisation|"
        "Code discipline autorisation|Libellé discipline autorisation"
    ),
    "SavoirFaire": (
        "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Nom d'exercice|"
        "Prénom d'exercice|Code profession|Libellé profession|Code catégorie professionnelle|"
        "Libellé catégorie professionnelle|Code type savoir-faire|Libellé type savoir-faire|"
        "Code savoir-faire|Libellé savoir-faire"
    ),
}


@dataclass(frozen=True)
class Text:
    """One text file, taken apart by plain Python."""

    header: list[str]
    good: list[list[str]]
    broken: list[bytes]
    trailing: bool

    def column(self, label: str) -> list[str]:
        index = self.header.index(label)
        return [row[index] for row in self.good]


@dataclass(frozen=True)
class Ready:
    communes: pl.DataFrame
    codes_postaux: pl.DataFrame
    fusions: pl.DataFrame
    ban: BanDemo
    demo: AnnuaireDemo

    def text(self, day: date, kind: str) -> Text:
        return take_apart(self.demo.paths[day], kind)


def take_apart(path: Path, kind: str) -> Text:
    with zipfile.ZipFile(path) as archive:
        (name,) = [name for name in archive.namelist() if kind in name]
        assert re.fullmatch(rf"PS_LibreAcces_{kind}_\d{{12}}\.txt", name)
        content = archive.read(name)
    assert content.endswith(b"\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    first, *rest = content[:-2].split(b"\r\n")
    header = first.decode()
    trailing = header.endswith("|")
    assert header.removesuffix("|") == HEADERS[kind]
    fields = first.count(b"|") + 1
    good: list[list[str]] = []
    broken: list[bytes] = []
    for line in rest:
        try:
            row = line.decode().split("|")
        except UnicodeDecodeError:
            broken.append(line)
            continue
        if len(row) != fields or not re.fullmatch(r"[0-9]+", row[1]) or row[2] != row[0] + row[1]:
            broken.append(line)
        else:
            good.append(row)
    return Text(header.split("|"), good, broken, trailing)


def departement(commune: str, postal: str) -> str | None:
    if commune:
        return commune[:3] if commune.startswith("97") else commune[:2]
    if re.fullmatch(r"[0-9]{4,5}", postal):
        return postal.zfill(5)[:2]
    return None


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Ready:
    reference = load()
    communes, codes, fusions = reference.communes, reference.codes_postaux, reference.fusions
    folder = tmp_path_factory.mktemp("demo")
    ban = write_ban(folder, communes, codes, rows=15_000, fusions=fusions)
    demo = write_extractions(folder, communes, codes, fusions, ban, petit=True)
    return Ready(communes, codes, fusions, ban, demo)


def test_there_are_four_fortnightly_extractions(ready: Ready) -> None:
    assert (date(2024, 12, 3), date(2024, 12, 17), date(2024, 12, 31), date(2025, 1, 14)) == DATES
    assert tuple(ready.demo.extractions) == DATES
    names = [path.name for path in ready.demo.paths.values()]
    assert names[-1] == "PS_LibreAcces_202501140630.zip"
    assert [re.fullmatch(r"PS_LibreAcces_(\d{8})\d{4}\.zip", name)[1] for name in names] == [  # type: ignore[index]
        f"{day:%Y%m%d}" for day in DATES
    ]


def test_one_earlier_extraction_ends_its_lines_with_a_separator(ready: Ready) -> None:
    trailing = [ready.text(day, "Personne_activite").trailing for day in DATES]
    assert trailing == [False, True, False, False]


@pytest.mark.parametrize("day", DATES)
def test_counts_announced_are_those_of_the_files(ready: Ready, day: date) -> None:
    announced = ready.demo.extractions[day]
    text = ready.text(day, "Personne_activite")
    rows = ["|".join(row) for row in text.good]
    places = list(
        zip(
            text.column("Code commune (coord. structure)"),
            text.column("Code postal (coord. structure)"),
            strict=True,
        )
    )
    persons = text.column("Identification nationale PP")
    distinct: dict[str, int] = {}
    for position, row in enumerate(rows):
        distinct.setdefault(row, position)
    inside = [position for position in distinct.values() if departement(*places[position]) in REGION]
    assert len(rows) + len(text.broken) == announced.lignes
    assert len(rows) - len(distinct) == announced.doublons > 0
    assert len(text.broken) == announced.rejetees > 0
    assert len(inside) == announced.publiees
    assert len(distinct) - len(inside) == announced.hors_region
    assert announced.lignes == (
        announced.publiees + announced.doublons + announced.hors_region + announced.rejetees
    )
    assert len({persons[position] for position in inside}) == announced.personnes
    for kind, counts in (("Dipl_AutExerc", announced.diplomes), ("SavoirFaire", announced.savoir_faire)):
        other = ready.text(day, kind)
        lines = ["|".join(row) for row in other.good]
        assert len(lines) + len(other.broken) == counts.lignes
        assert len(lines) - len(set(lines)) == counts.doublons > 0
        assert len(other.broken) == counts.rejetees > 0
        assert set(other.column("Identification nationale PP")) <= set(persons)


def test_persons_of_broken_lines_exist_nowhere_else(ready: Ready) -> None:
    text = ready.text(DATES[-1], "Personne_activite")
    persons = set(text.column("Identifiant PP"))
    identifiers = [line.split(b"|")[1].lstrip(b"\xc9\xe8").decode() for line in text.broken]
    assert len(identifiers) == len(set(identifiers))
    assert not persons & set(identifiers)


def test_the_last_extraction_has_the_published_figures_at_the_scale_of_the_demo(ready: Ready) -> None:
    last = ready.demo.extractions[DATES[-1]]
    assert last.personnes == round(PERSONNES / 40) == 3_076
    assert last.non_localisees == round(NON_LOCALISEES / 40) == 28
    by_epci = last.non_localisees_par_epci
    assert by_epci["200039865"] == 6
    assert by_epci["200066009"] == 3
    assert by_epci["246700488"] == 2
    assert by_epci["200067213"] == by_epci["200066041"] == by_epci[""] == 1
    assert sum(by_epci.values()) == 28
    assert set(last.motifs) == {"adresse_absente", "introuvable", "commune_inconnue"}


def test_published_figures_are_shared_out_in_full(ready: Ready) -> None:
    carnet = open_carnet(ready.communes, ready.codes_postaux, ready.fusions, ready.ban)
    shares = targets(carnet, NON_LOCALISEES, NON_LOCALISEES_PAR_EPCI, 18)
    assert sum(shares.values()) == 1_129
    assert sum(NON_LOCALISEES_PAR_EPCI.values()) == 687
    assert {code: shares[code] for code in NON_LOCALISEES_PAR_EPCI} == dict(NON_LOCALISEES_PAR_EPCI)
    others = {code: number for code, number in shares.items() if code not in NON_LOCALISEES_PAR_EPCI}
    assert others.pop(None) == 18
    assert sum(others.values()) == 442 - 18
    assert max(others.values()) < 23
    assert len(others) > 80
    total, by_epci, unknown = small_targets()
    assert (total, sum(by_epci.values()), unknown) == (28, 18, 1)


def test_the_truth_tells_where_lost_addresses_are(ready: Ready) -> None:
    text = ready.text(DATES[-1], "Personne_activite")
    columns = ("Identifiant technique de la structure", "Libellé Voie (coord. structure)")
    streets = dict(zip(*(text.column(label) for label in columns), strict=True))
    seen = ready.demo.sites.filter(pl.col("identifiant_structure").is_in(list(streets)))
    for identifier, reason in seen.select("identifiant_structure", "motif").iter_rows():
        street = streets[identifier]
        if reason is None:
            assert street, "a site that can be located has a street"
        else:
            assert (street == "") == (reason == "adresse_absente")
            assert street == "" or street in NOWHERE


def test_lost_streets_resemble_no_street_of_the_demo(ready: Ready) -> None:
    towns = ready.communes.sort("population", descending=True)["commune"].head(300)
    names = set(catalogue(towns).frame.select(capitales(pl.col("nom"))).to_series())
    names |= set(ready.ban.rues.select(capitales(pl.col("nom"))).to_series())
    for nowhere in NOWHERE:
        assert max(fuzz.ratio(nowhere, name) for name in names) < 60
        assert max(fuzz.token_set_ratio(nowhere, name) for name in names) < 60
        assert max(JaroWinkler.similarity(nowhere, name) for name in names) < 0.72


def test_the_quirks_of_the_source_are_there(ready: Ready) -> None:
    text = ready.text(DATES[-1], "Personne_activite")
    postal = text.column("Code postal (coord. structure)")
    commune = text.column("Code commune (coord. structure)")
    office = text.column("Bureau cedex (coord. structure)")
    street = text.column("Libellé Voie (coord. structure)")
    assert 0.2 < postal.count("") / len(postal) < 0.3
    assert any(re.fullmatch(r"8\d{3}", code) for code in postal), "a zero is lost"
    known = set(ready.codes_postaux["code_postal"])
    cedex = [
        (code, label)
        for code, label in zip(postal, office, strict=True)
        if "CEDEX" in label and code[:2] in REGION
    ]
    assert cedex
    assert all(label.startswith(f"{code} ") and code not in known for code, label in cedex)
    assert sum(1 for code, own in zip(postal, commune, strict=True) if code and not own) > 50
    assert any(re.match(r"\d+ (BIS |TER )?[A-Z]+ ", label) for label in street), (
        "number and street in one field"
    )
    assert {"0", "8"} == set(text.column("Type d'identifiant PP"))
    assert {"L", "S", "B", ""} == set(text.column("Code mode exercice"))
    assert {"C", "E"} <= set(text.column("Code catégorie professionnelle"))
    assert {"SM26", "SM53", "SM54"} <= set(text.column("Code savoir-faire"))
    assert {"A", "D", "G", "H"} <= set(text.column("Code section tableau pharmaciens"))


def test_former_commune_codes_are_used_where_communes_merged(ready: Ready) -> None:
    former = set(ready.fusions["ancien_code_commune"])
    carnet = open_carnet(ready.communes, ready.codes_postaux, ready.fusions, ready.ban)
    merged = carnet.communes.drop_nulls("ancien_code")
    assert set(merged["ancien_code"]) <= former
    assert set(merged["code_commune"]) == set(usable_mergers(ready.fusions)["code_commune"])
    assert set(merged["ancien_code"].str.head(2)) <= set(merged["code_commune"].str.head(2))


def test_no_identifier_could_be_a_real_one(ready: Ready) -> None:
    text = ready.text(DATES[-1], "Personne_activite")
    rows = zip(
        text.column("Type d'identifiant PP"),
        text.column("Identifiant PP"),
        text.column("Code profession"),
        strict=True,
    )
    for kind, number, _ in rows:
        assert number.startswith("90" if kind == "8" else "00")
        assert len(number) == (11 if kind == "8" else 9)
        assert not passes_luhn(number)
    for label, length in (("Numéro SIRET site", 14), ("Numéro SIREN site", 9), ("Numéro FINESS site", 9)):
        numbers = set(text.column(label)) - {""}
        assert len(numbers) > 20
        assert all(len(number) == length and not passes_luhn(number) for number in numbers)
    phones = set(text.column("Téléphone (coord. structure)")) | set(
        text.column("Télécopie (coord. structure)")
    )
    assert all(re.fullmatch(r"(035301|026191)\d{4}", number) for number in phones - {""})
    mails = set(text.column("Adresse e-mail (coord. structure)")) - {""}
    assert mails
    assert all(mail.endswith(".example") for mail in mails)


def test_luhn_key_on_a_known_number() -> None:
    # The usual worked example of the algorithm: 7992739871 takes the key 3.
    assert luhn_key(np.array([7_992_739_871])).tolist() == [3]
    assert passes_luhn("79927398713")
    assert not passes_luhn("79927398714")


def test_a_person_has_one_identity_and_coherent_skills(ready: Ready) -> None:
    text = ready.text(DATES[-1], "Personne_activite")
    frame = pl.DataFrame(text.good, schema=text.header, orient="row")
    who = ["Identifiant PP", "Nom d'exercice", "Prénom d'exercice", "Code profession", "Code civilité"]
    assert frame.select(who).unique().height == frame["Identifiant PP"].n_unique()
    skills = ready.text(DATES[-1], "SavoirFaire")
    declared = set(zip(skills.column("Identifiant PP"), skills.column("Code savoir-faire"), strict=True))
    carried = {
        (person, skill)
        for person, skill in frame.select("Identifiant PP", "Code savoir-faire").iter_rows()
        if skill
    }
    assert carried <= declared
    assert {skill for _, skill in declared} >= {"SM26", "SM53", "SM54", "SM42"}
    assert set(frame.filter(pl.col("Code savoir-faire") != "")["Code profession"]) == {"10"}
    pharmacists = frame.filter(pl.col("Code section tableau pharmaciens") != "")
    assert set(pharmacists["Code profession"]) == {"21"}


def test_arrivals_and_departures_close(ready: Ready) -> None:
    extractions = ready.demo.extractions
    for step in ready.demo.evolutions:
        before, after = extractions[step.avant], extractions[step.apres]
        assert before.personnes + step.arrivees - step.departs == after.personnes
        assert min(step.arrivees, step.departs, step.deplacements, step.changements_mode) > 0
    present = {day: inside(ready, day) for day in DATES}
    for step in ready.demo.evolutions:
        assert len(present[step.apres] - present[step.avant]) == step.arrivees
        assert len(present[step.avant] - present[step.apres]) == step.departs


def inside(ready: Ready, day: date) -> set[str]:
    text = ready.text(day, "Personne_activite")
    return {
        person
        for person, commune, postal in zip(
            text.column("Identifiant PP"),
            text.column("Code commune (coord. structure)"),
            text.column("Code postal (coord. structure)"),
            strict=True,
        )
        if departement(commune, postal) in REGION
    }


def test_same_seed_same_bytes(ready: Ready, tmp_path: Path) -> None:
    def digests(demo: AnnuaireDemo) -> list[str]:
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in demo.paths.values()]

    given = (ready.communes, ready.codes_postaux, ready.fusions, ready.ban)
    again = write_extractions(tmp_path / "a", *given, petit=True)
    assert digests(again) == digests(ready.demo)
    assert again.evolutions == ready.demo.evolutions
    other = write_extractions(tmp_path / "b", *given, petit=True, seed=3)
    assert digests(other) != digests(ready.demo)
    assert other.extractions[DATES[-1]].personnes == 3_076
    assert other.extractions[DATES[-1]].non_localisees == 28
