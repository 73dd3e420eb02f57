"""Criteria answered by a number, a day or a text: typed, validated, published, closed, read again; and their levels."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.saisie import archive, publication, referentiels
from apps.saisie.calcul import par_axe
from lake.catalog.convergence import NIVEAUX, PLANS, REFERENTIEL, REPONSES, SERVICES
from lake.catalog.convergence_fiches import TABLES
from lake.catalog.convergence_usages import USAGES
from lake.droits import Droits
from lake.droits_saisie import EXPLOITANT
from lake.errors import ContractError, Refused
from lake.settings import Settings
from lake.store.migrate import open_store
from lake.store.saisie import feuilles, plans, services, versions
from lake.store.saisie.feuilles import Reponse
from lake.tables import Lake
from lake.valeurs import valeur_dite, valeur_lue
from scoring.convergence.usages import niveau_atteint, niveau_des_seuils
from scoring.droits import restricted, rule
from scoring.saisie.referentiel import Referentiel, composer, fautes
from tests.demo_lake import called
from tests.unit.test_saisie_commandes import Entry, rates, written

QUS = {
    "referentiel": (
        "questionnaire,libelle_questionnaire,sujet,axe,critere,libelle_critere,niveau_attendu,type_reponse,unite,seuils,"
        "diffusion\n"
        "QUS,Usage,service,U01,U01.1,Utilisateurs actifs,2,nombre,personnes par mois,100|1000|10000,\n"
        "QUS,Usage,service,U01,U01.2,Première mise en service,0,date,,,\n"
        "QUS,Usage,service,U02,U02.1,Ce que disent les usagers,0,texte,,,\n"
        "QUS,Usage,service,U02,U02.2,Comptes ouverts,0,nombre,comptes,,restreinte\n"
        "QUS,Usage,service,U03,U03.1,Délai de réponse,3,nombre,jours,30||7,\n"
    )
}
VALUES = {"U01.1": "1234.5", "U01.2": "2027-01-31", "U02.1": "=0123, « bien »", "U02.2": "-5", "U03.1": "8"}
LUES = {
    "U01.1": (1234.5, "personnes par mois", 2),
    "U01.2": (None, None, None),
    "U02.1": (None, None, None),
    "U02.2": (-5.0, "comptes", None),
    "U03.1": (8.0, "jours", 1),
}


@pytest.mark.parametrize(
    ("typed", "kind", "kept", "read"),
    [
        ("1 234,5", "nombre", "1234.5", "1\u202f234,5"),
        ("1234.5", "nombre", "1234.5", "1\u202f234,5"),
        ("\u22121\u202f234\u00a0567,50", "nombre", "-1234567.5", "\u22121\u202f234\u202f567,5"),
        ("007", "nombre", "7", "7"),
        ("-0,0", "nombre", "0", "0"),
        ("31/1/2027", "date", "2027-01-31", "31/01/2027"),
        ("2027-01-31 00:00:00", "date", "2027-01-31", "31/01/2027"),
        (" 0123 ", "texte", "0123", "0123"),
        ("   ", "nombre", "", None),
    ],
)
def test_a_value_is_read_as_people_write_it(typed: str, kind: str, kept: str, read: str | None) -> None:
    assert valeur_lue(typed, kind) == kept
    if read is not None:
        assert valeur_dite(kept, kind) == read
        assert valeur_lue(read, kind) == kept


@pytest.mark.parametrize(
    ("typed", "kind", "said"),
    [
        ("≈1000", "nombre", "« ≈1000 » n'est pas un nombre."),
        ("12 34", "nombre", "« 12 34 » n'est pas un nombre."),
        ("1.234,5", "nombre", "« 1.234,5 » n'est pas un nombre."),
        ("1e3", "nombre", "« 1e3 » n'est pas un nombre."),
        ("1234567890123456", "nombre", "a trop de chiffres"),
        ("30/02/2027", "date", "« 30/02/2027 » n'est pas un jour."),
        ("bientôt", "date", "« bientôt » n'est pas un jour."),
        ("x" * 2001, "texte", "Texte trop long : 2001 caractères"),
    ],
)
def test_what_is_no_value_is_refused_in_words(typed: str, kind: str, said: str) -> None:
    with pytest.raises(Refused, match=said.replace(".", "\\.")):
        valeur_lue(typed, kind)


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=3, unique=True).map(sorted),
    st.booleans(),
    st.integers(0, 2),
    st.integers(-60, 60),
)
def test_a_level_never_falls_as_the_value_gets_better(
    steps: list[int], down: bool, hole: int, value: int
) -> None:
    ordered = [str(one) for one in (reversed(steps) if down and len(steps) > 1 else steps)]
    while len(ordered) < 3:
        ordered.insert(min(hole, len(ordered)), "")
    seuils = "|".join(ordered)
    better = value - 1 if down and len(steps) > 1 else value + 1
    levels = [niveau_atteint(str(one), seuils) for one in (value, better)]
    assert sorted(levels, key=lambda one: -1 if one is None else one) == levels
    frame = pl.DataFrame({"n": [float(value)], "s": [seuils]})
    assert frame.select(niveau_des_seuils(pl.col("n"), pl.col("s"))).item() == levels[0]


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked example, with a questionnaire of usage that came by files only, and its values typed for « sso »."""
    folder = tmp_path_factory.mktemp("usages") / "saisie"
    folder.mkdir()
    entry = Entry(folder)
    entry.load()
    entry.obs("referentiel", "importer", written(folder / "ref", **QUS), "--version", "2026-usages")
    store = open_store(Settings(store=entry.store))
    sso = services.de_code(store, "sso")["id"]
    for critere, value in VALUES.items():
        feuilles.repondre(store, sso, "QUS", critere, Reponse("valeur", valeur=value), rev=0, par=None)
    # A value is planned by the level that its thresholds give it.
    for rev, (critere, quarter) in enumerate((("U01.1", "2032-T1"), ("U03.1", "2031-T2"))):
        plans.planifier(store, sso, "QUS", critere, {3: quarter}, rev=rev, par=None)
    store.close()
    return folder


@pytest.fixture
def usages(typed: Path, tmp_path: Path) -> Entry:
    shutil.copytree(typed, tmp_path / "saisie")
    return Entry(tmp_path / "saisie")


def steps(entry: Entry, day: date | None = None) -> list[tuple[str, int, str]]:
    """The steps of the values, of a closed day or of the live campaign."""
    rows = entry.rows(PLANS).filter(pl.col("critere").str.starts_with("U")).sort("critere", "etape")
    if day is not None:
        rows = rows.filter(pl.col("campagne") == day)
    return rows.select("critere", "etape", "trimestre").rows()


def read(entry: Entry, campaign: str) -> dict[str, tuple[str, float | None, str | None, int | None]]:
    rows = entry.rows(USAGES).filter(pl.col("campagne").cast(pl.String).str.starts_with(campaign))
    return {
        critere: rest
        for critere, *rest in rows.select("critere", "valeur", "nombre", "unite", "niveau").iter_rows()
    }


def test_usage_values_are_typed_published_closed_and_read_again_as_the_same_rows(usages: Entry) -> None:
    usages.obs("saisie", "valider", "--tout")
    usages.obs("saisie", "publier")
    live = read(usages, "20")
    assert live == {critere: [VALUES[critere], *LUES[critere]] for critere in VALUES}
    # A number with thresholds counts as its level; the others enter no rate. U01.1 = 2 of 2, U03.1 = 1 of 3.
    assert rates(usages, "en-cours")["QUS"] == pytest.approx(100 * (1 + 1 / 3) / 2)
    answers = usages.rows(REPONSES).filter(pl.col("critere").str.starts_with("U"))
    assert dict(answers.select("critere", "niveau").iter_rows()) == {"U01.1": 2, "U03.1": 1}
    planned = [("U01.1", 4, "2032-T1"), ("U03.1", 4, "2031-T2")]
    assert steps(usages) == planned
    at = ("--campagne", "en-cours", "--horizon", "2032-03-31", "--par", "questionnaire")
    later = {row["questionnaire"]: row for row in usages.table("score", "convergence", *at)}
    assert float(later["QUS"]["taux_maturite_pct"]) == pytest.approx(100.0)
    listed = usages.table("query", "convergence_usages", "--date", "en-cours", "--mesure", "valeurs_usage")
    assert listed[0]["valeurs_usage"] == "5"

    # Rights are those of answers: a region's own, and what is restricted stays out of what is open to everyone.
    scan = Lake(Settings(lake=str(usages.lake))).snapshot().scan

    def seen(droits: Droits, *opened: str) -> set[str]:
        return set(restricted(scan, rule(droits, scan, opened=opened))(USAGES).collect()["critere"])

    of = {one["service"]: one["region"] for one in usages.rows(SERVICES).to_dicts()}
    everyone = frozenset({"convergence"})
    assert seen(Droits(everyone, regions=frozenset({of["sso"]}))) == set(VALUES)
    assert seen(Droits(everyone, regions=frozenset({"06"}))) == set()
    assert seen(Droits(frozenset()), "convergence") == set(VALUES) - {"U02.2"}

    # Closed: through the ingestion, the same rows and the same rate; asked twice, nothing to do.
    before = usages.rows(USAGES).drop("campagne").sort("critere")
    usages.obs("saisie", "arreter", "--date", "2030-12-31")
    closed = usages.rows(USAGES).filter(pl.col("campagne") == date(2030, 12, 31)).drop("campagne")
    assert closed.sort("critere").equals(before)
    assert rates(usages, "2030-12-31") == rates(usages, "en-cours")
    assert steps(usages, date(2030, 12, 31)) == planned
    assert "déjà close, avec ces mêmes réponses" in usages.obs("saisie", "arreter", "--date", "2030-12-31")

    # Taken up in an entry where nothing is: the values come back, to be confirmed, and no level beside them.
    again = Entry(usages.folder)
    again.store = f"sqlite:///{usages.folder}/autre.db"
    again.obs("saisie", "reprendre", "--campagne", "2030-12-31")
    store = open_store(Settings(store=again.store))
    known = feuilles.reponses(store, services.de_code(store, "sso")["id"], "QUS")
    assert {one: known[one]["valeur"] for one in known} == VALUES
    assert {(one["nature"], one["niveau"], one["confirmee"]) for one in known.values()} == {
        ("valeur", None, False)
    }
    sso = services.de_code(store, "sso")["id"]
    assert [one["trimestre"] for one in plans.etapes(store, sso, "QUS")] == ["2032-T1", "2031-T2"]
    store.close()


def test_a_region_s_workbook_and_archive_hold_every_value_and_come_back_without_a_difference(
    usages: Entry,
) -> None:
    path = usages.folder / "classeur.xlsx"
    usages.obs("saisie", "exporter", "--classeur", str(path))
    back = usages.obs("saisie", "importer", str(path), "--essai", "--format", "json")
    assert {**json.loads(back), "inchanges": 0} == {
        "inchanges": 0,
        "modifies": 0,
        "conflits": [],
        "refuses": [],
    }
    usages.obs("saisie", "valider", "--tout")
    store, lake = open_store(Settings(store=usages.store)), Lake(Settings(lake=str(usages.lake)))
    known = referentiels.en_vigueur(lake.snapshot().scan, publication.aujourdhui())
    taken = zipfile.ZipFile(io.BytesIO(archive.faire(store, known, EXPLOITANT, jour="2026-11-30")))
    rows = pl.read_csv(taken.read("campagne/usages_2026-11-30.csv"), infer_schema=False)
    assert dict(rows.select("critere", "valeur").iter_rows()) == {**VALUES, "U02.1": "'=0123, « bien »"}
    names = ("services", "reponses", "usages")
    for name in names:
        (usages.folder / f"{name}.csv").write_bytes(taken.read(f"campagne/{name}_2026-11-30.csv"))
    files = [
        part
        for name in ("services", "reponses", "usages")
        for part in (f"--{name}", f"{usages.folder}/{name}.csv")
    ]
    assert "0 service(s), 0 réponse(s) et 0 étape(s)" in usages.obs("saisie", "charger", *files, "--essai")
    # The service's own radar counts a value as its level, in draft and validated.
    sso = services.de_code(store, "sso")
    axes = {row["axe"]: row["valide"] for row in par_axe(store, known, sso, date(2026, 11, 30)).to_dicts()}
    assert (axes["U01"], axes["U03"]) == (pytest.approx(100.0), pytest.approx(100 / 3))
    assert not {"U02"} & axes.keys()
    assert versions.historique(store, feuilles.feuille(store, sso["id"], "QUS")["id"])[0].numero == 1
    store.close()


def test_a_file_of_values_is_judged_line_by_line(usages: Entry) -> None:
    answers = usages.folder / "r.csv"
    answers.write_text("service,critere,niveau\ntelec,U01.1,3\ndcc,U01.1,1\n", encoding="utf-8")
    values = usages.folder / "u.csv"
    values.write_text(
        "service,critere,valeur,unite\n"
        'telec,U01.1,"12 000",personnes par mois\n'
        "telec,U01.2,≈2027,\n"
        "telec,U02.2,12,euros\n"
        "telec,A05.1,2,\n"
        "telec,Z9,2,\n"
        "dcc,U03.1,5,\ndcc,U03.1,6,\n",
        encoding="utf-8",
    )
    given = ("--services", str(usages.files["services"]), "--reponses", str(answers), "--usages", str(values))
    done = called("saisie", "charger", *given, lake=usages.lake, store=usages.store)
    for said in (
        "u.csv, ligne 3 refusée : valeur illisible : « ≈2027 » pour U01.2, un critère de type date",
        "u.csv, ligne 4 refusée : unité qui n'est pas celle du critère : euros pour U02.2, en comptes",
        "u.csv, ligne 5 refusée : critère qui se répond par un niveau : A05.1",
        "u.csv, ligne 6 refusée : critère inconnu : Z9",
        "deux valeurs pour un critère : dcc / U03.1",
        "dcc / U01.1 : se répond par une valeur (fichier usages), pas par un niveau",
    ):
        assert said in done.stderr
    store = open_store(Settings(store=usages.store))
    kept = feuilles.reponses(store, services.de_code(store, "telec")["id"], "QUS")
    store.close()
    assert {one: (row["nature"], row["valeur"]) for one, row in kept.items()} == {
        "U01.1": ("valeur", "12000")
    }


HEAD = "questionnaire,sujet,axe,critere,niveau_attendu,type_reponse,unite,seuils\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "QUS,service,U01,U01.1,2,nombre,actes,100|1000|10000",
            "l'unité n'est plus la même (« personnes par mois », puis « actes »)",
        ),
        ("QUS,service,U01,U01.1,2,nombre,personnes par mois,1|2|3", "les seuils ne sont plus les mêmes"),
        ("QUS,service,U09,U09.1,2,nombre,jours,5|50|7", "seuils dans le désordre (« 5|50|7 »)"),
        ("QUS,service,U09,U09.1,2,texte,,1|2|3", "des seuils pour une réponse de type texte"),
        ("QUS,service,U09,U09.1,2,nombre,,||", "aucun seuil"),
        ("QUS,service,U09,U09.1,2,nombre,,peu|assez|trop", "seuils : forme inattendue"),
        (
            "QUS,service,U09,U09.1,2,nombre,euros,",
            "U02.2 et U09.1 ne mesurent pas la même chose (comptes, puis euros)",
        ),
    ],
)
def test_a_measure_that_changes_is_another_criterion_and_its_thresholds_make_sense(
    line: str, said: str
) -> None:
    def text(csv: str) -> pl.DataFrame:
        return pl.read_csv(io.StringIO(csv), infer_schema=False)

    none = Referentiel("v0", REFERENTIEL.empty(), NIVEAUX.empty(), *(one.empty() for one in TABLES))
    day = date(2026, 11, 30)
    old = composer(none, {"referentiel": text(QUS["referentiel"])}, volet="regions", version="v1", jour=day)
    assert fautes(none, old) == []
    assert old.niveaux.filter(pl.col("critere") == "U01.1")["libelle_niveau"].to_list() == [
        "moins de 100 personnes par mois",
        "au moins 100 personnes par mois",
        "au moins 1\u202f000 personnes par mois",
        "au moins 10\u202f000 personnes par mois",
    ]
    assert old.niveaux.filter(pl.col("critere") == "U03.1")["libelle_niveau"].to_list() == [
        "plus de 30 jours",
        "au plus 30 jours",
        "au plus 7 jours",
    ]
    link = "critere_avant,critere,certitude\nU02.2,U09.1,sure\n"
    files = {"referentiel": text(HEAD + line + "\n")} | (
        {"correspondances": text(link)} if "comptes" in said else {}
    )
    try:
        new = composer(old, files, volet="regions", version="v2", jour=day)
        wrong = fautes(old, new)
    except ContractError as error:
        wrong = [str(error)]
    assert any(said in one for one in wrong), wrong
