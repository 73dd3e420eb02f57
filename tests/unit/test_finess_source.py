"""FINESS: both layouts, what is refused and counted, and the demo's establishments."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from demo.finess.write import write_finess
from ingest.run import Request, run
from ingest.source import Context, Parsed, Snapshot, SourceFile
from ingest.sources import source
from ingest.sources.finess.daily import read as read_daily
from ingest.sources.finess.source import SOURCE
from lake.catalog.finess import ETABLISSEMENTS
from lake.catalog.territoires import CODES_POSTAUX, COMMUNES, DEPARTEMENTS, FUSIONS
from lake.errors import BudgetExceeded, ContractError, LakeError, MissingTable
from lake.tables import Lake

TABLES = {
    DEPARTEMENTS: {
        "code_departement": ["67", "75", "974"],
        "departement": ["Bas-Rhin", "Paris", "La Réunion"],
        "code_region": ["44", "11", "04"],
    },
    COMMUNES: {
        "code_commune": ["67482", "67418", "97411"],
        "commune": ["Strasbourg", "Saverne", "Saint-Denis"],
        "code_departement": ["67", "67", "974"],
        "code_region": ["44", "44", "04"],
        "siren_epci": ["246700488", "200068112", None],
        "population": [291_313, 11_000, 150_000],
        "longitude": [7.7635, 7.3622, 55.4504],
        "latitude": [48.5713, 48.7415, -20.8789],
    },
    CODES_POSTAUX: {"code_postal": ["67000", "67700"], "code_commune": ["67482", "67418"]},
    FUSIONS: {"ancien_code_commune": ["67014"], "ancienne_commune": ["Ancienne"], "code_commune": ["67418"]},
}
X, Y = "1050362.7", "6840899.7"


def scan(table: Any) -> pl.LazyFrame:
    return pl.LazyFrame(
        TABLES[table], schema_overrides={"siren_epci": pl.String} if table is COMMUNES else None
    )


def parse(*paths: Path, region: str = "44") -> Parsed:
    """Parse files as the run does, and check that the counts close and the rows keep the contract."""
    files = tuple(
        SourceFile(path, path.name, hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
        for path in paths
    )
    context = Context(scan=scan, region=region, geocodeur="ban", budget=0.01)
    (parsed,) = SOURCE.parse(Snapshot("finess", files, "x", SOURCE.date_of(paths)), context)
    total = parsed.frame.height + parsed.doublons + parsed.hors_region + parsed.rejects.height
    assert parsed.lues == total
    assert ETABLISSEMENTS.conform(parsed.frame).rejects.is_empty()
    return parsed


def structure(finess: str = "670000025", **values: str) -> str:
    filled = {
        "nofinesset": finess, "nofinessej": "670780055", "rs": "HOPITAL CIVIL", "rslongue": "HÔPITAL CIVIL",
        "numvoie": "1", "typvoie": "PL", "voie": "DE L'HOPITAL", "commune": "482", "departement": "67",
        "libdepartement": "BAS RHIN", "ligneacheminement": "67091 STRASBOURG CEDEX", "telephone": "0388116768",
        "categetab": "101", "libcategetab": "Centre Hospitalier Régional (C.H.R.)", "siret": "26670057400012",
        "dateouv": "1979-02-13", "datemaj": "2020-02-04",
    } | values  # fmt: skip
    names = (
        "nofinesset nofinessej rs rslongue complrs compldistrib numvoie typvoie voie compvoie lieuditbp commune "
        "departement libdepartement ligneacheminement telephone telecopie categetab libcategetab categagretab "
        "libcategagretab siret codeape codemft libmft codesph libsph dateouv dateautor datemaj numuai"
    ).split()
    return ";".join(["structureet", *(filled.get(name, "") for name in names)])


def position(finess: str = "670000025", x: str = X, y: str = Y) -> str:
    return f"geolocalisation;{finess};{x};{y};1,ATLASANTE,96,BAN,L93_METROPOLE;2025-09-04"


def csv(
    folder: Path, *lines: str, name: str = "stock.csv", encoding: str = "utf-8", head: bool = True
) -> Path:
    path = folder / name
    first = ["finess;etalab;96;2025-09-04"] if head else []
    path.write_bytes("".join(f"{line}\n" for line in [*first, *lines]).encode(encoding))
    return path


def row(parsed: Parsed, finess: str = "670000025") -> dict[str, Any]:
    return parsed.frame.filter(pl.col("finess") == finess).row(0, named=True)


# -- historical layout --------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-8-sig"])
def test_an_establishment_of_the_historical_file(tmp_path: Path, encoding: str) -> None:
    parsed = parse(csv(tmp_path, structure(), position(), encoding=encoding))
    found = row(parsed)
    assert found["raison_sociale_longue"] == "HÔPITAL CIVIL"
    assert (found["code_commune"], found["code_departement"], found["siren_epci"]) == (
        "67482",
        "67",
        "246700488",
    )
    assert (found["code_postal"], found["famille"], found["ouvert"]) == ("67091", "hopital", True)
    assert (found["date_ouverture"], found["date_donnees"]) == (date(1979, 2, 13), date(2025, 9, 4))
    assert (found["longitude"], found["latitude"]) == pytest.approx((7.7521, 48.5734), abs=2e-3)
    assert (found["geo_source"], found["geo_motif"]) == ("finess", None)
    assert parsed.lues == 1
    assert any("Windows-1252" in warning for warning in parsed.warnings) == (encoding == "latin-1")


def test_positions_in_a_file_of_their_own_and_without_numuai(tmp_path: Path) -> None:
    parsed = parse(
        csv(tmp_path, structure().removesuffix(";")),
        csv(tmp_path, position(), position("999999999"), position(), name="geo.csv"),
    )
    assert row(parsed)["geo_source"] == "finess"
    assert parsed.figures["positions lues"] == 3
    assert parsed.warnings[:2] == [
        "1 position sans établissement dans les fichiers donnés.",
        "1 position en double : la première est gardée.",
    ]


def test_swapped_and_missing_coordinates_are_said(tmp_path: Path) -> None:
    lines = [structure(f"67000{rank:04d}") for rank in range(3)]
    parsed = parse(
        csv(tmp_path, *lines, position("670000000", Y, X), position("670000001", "652000", "6862000"))
    )
    assert row(parsed, "670000000")["geo_source"] == "finess_inverse"
    assert row(parsed, "670000001")["geo_motif"] == "hors_commune"
    assert row(parsed, "670000002")["geo_motif"] == "absentes"
    assert parsed.warnings == [
        "1 établissement aux coordonnées échangées, remises dans l'ordre.",
        "1 établissement aux coordonnées trop loin de la commune, placé au centre de la commune.",
        "1 établissement sans coordonnées.",
    ]


def test_communes_merged_overseas_or_unknown(tmp_path: Path) -> None:
    lines = [
        structure("670000001", commune="014"),  # merged into Saverne
        structure("970000002", departement="9D", commune="411", ligneacheminement="97400 SAINT DENIS"),
        structure("670000003", commune="", departement="", ligneacheminement="67700 SAVERNE"),
        structure("750000004", departement="75", commune="056", ligneacheminement="75001 PARIS"),
        structure("990000005", departement="", commune="", ligneacheminement=""),
    ]
    parsed = parse(csv(tmp_path, *lines))
    assert parsed.hors_region == 3
    assert parsed.frame["code_commune"].to_list() == ["67418", "67418"]
    everywhere = parse(csv(tmp_path, *lines), region="france")
    assert row(everywhere, "970000002")["code_departement"] == "974"
    assert everywhere.hors_region == 1


def test_broken_lines_are_rejected_with_their_number(tmp_path: Path) -> None:
    path = csv(
        tmp_path, structure(), structure("670000033"), "structureet;1;2", "inconnu;x", structure(""),
        structure("67ABC"), "", structure(),
    )  # fmt: skip
    content = path.read_bytes().replace(b"670000033", b"67\xff000033")
    path.write_bytes(content)
    parsed = parse(path)
    assert parsed.doublons == 1
    assert [(line, reason) for _, line, reason, _ in parsed.rejects.iter_rows()] == [
        (3, "octets illisibles (la ligne n'est pas en UTF-8)"),
        (4, "3 champs au lieu de 32"),
        (5, "enregistrement inconnu (ni structureet ni geolocalisation)"),
        (6, "numéro FINESS absent"),
        (7, "numéro FINESS de forme inattendue"),
    ]


# -- daily layout -------------------------------------------------------------------------------------


def ege(finess: str = "670000025", **values: Any) -> dict[str, Any]:
    return {
        "informationsGeneralesEGE": {
            "egeId": "1", "numFinessEge": finess, "nomEgeCourt": "CLINIQUE", "nomEgeLong": "CLINIQUE LONGUE ",
            "dateOuverture": "1956-11-16", "datePremiereAutorisation": "1956-11-16", "siret": "77220148900022",
        },
        "categorieentiteGeographiqueExercice": "365",
        "adresse": [
            {"usageAdresse": "06", "cogCommune": "67418", "codePostal": "67700"},
            {
                "usageAdresse": "03", "numeroVoie": "62", "typeVoie": "AV", "libelleVoie": "DE JASSERON",
                "cogCommune": "67482", "ligneAcheminement": "STRASBOURG", "codePostal": "67000",
                "coordonneesGeographique": {
                    "coordonneeX": Y, "coordonneeY": X,
                    "directionLatitude": "48.5734", "directionLongitude": "7.7521",
                    "cleInInteropBAN": "67482_1950_00062", "scoreBAN": "0.97",
                },
            },
        ],
        "contact": [{"typeContact": {"roleContact": "01"}, "telecom": {"telephone": "0428631234"}}],
        "etatObjet": "A",
        "dateDerniereMaj": "2021-10-18 00:00:00",
    } | values  # fmt: skip


def daily(folder: Path, *establishments: object, name: str = "structures.json", layers: int = 0) -> Path:
    content = json.dumps(
        {
            "schemaVersion": "v1.0.0",
            "generatedAt": "2026-03-09T15:49:37.615611300Z",
            "gcc": [{"gccId": "1", "ege": [1, 2]}],
            "gco": [],
            "pmej": [
                {
                    "informationsGeneralesPMEJ": {"numFinessPm": "670780055", "codeApe": "86.10Z"},
                    "ege": list(establishments),
                },
                {"informationsGeneralesPMEJ": {"numFinessPm": "670780063"}, "ege": []},
            ],
            "fin": 3,
        },
        ensure_ascii=False,
        indent=1,
    ).encode()
    for _ in range(layers):
        content = gzip.compress(content)
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("layers", [0, 1, 2])
def test_an_establishment_of_the_daily_file(tmp_path: Path, layers: int) -> None:
    parsed = parse(daily(tmp_path, ege(), layers=layers))
    found = row(parsed)
    assert (found["finess_juridique"], found["code_ape"]) == ("670780055", "8610Z")
    assert (found["raison_sociale_longue"], found["telephone"]) == ("CLINIQUE LONGUE", "0428631234")
    assert (found["code_commune"], found["ligne_acheminement"]) == ("67482", "67000 STRASBOURG")
    assert (found["libelle_categorie"], found["famille"]) == (
        "Etablissement de Soins Pluridisciplinaire",
        "hopital",
    )
    assert (found["longitude"], found["latitude"]) == (7.7521, 48.5734)
    assert (found["date_maj"], found["date_donnees"]) == (date(2021, 10, 18), date(2026, 3, 9))
    assert found["ouvert"] is True


@pytest.mark.parametrize(("written", "code"), [("1053", "01053"), ("8362", "08362"), ("2a004", "2A004")])
def test_a_commune_code_that_lost_its_zero_gets_it_back(tmp_path: Path, written: str, code: str) -> None:
    """As it is written, 1053 would be of the Aube (10): it is of the Ain."""
    place = {"usageAdresse": "03", "cogCommune": written}
    path = daily(tmp_path, ege(adresse=[place]))
    found, _ = read_daily([SourceFile(path, path.name, "", 0)], lambda _commune, _postal: True)
    assert found.frame["code_commune_source"].to_list() == [code]
    assert "literal" not in found.frame.columns


def test_small_blocks_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = daily(tmp_path, ege(), ege("670000033"))
    whole = parse(path).frame
    monkeypatch.setattr("ingest.sources.finess.daily._CHUNK", 7)
    assert parse(path).frame.equals(whole)


def test_closed_outside_repeated_and_empty_ones_are_counted(tmp_path: Path) -> None:
    closed = ege("670000033")
    closed["informationsGeneralesEGE"]["dateFermeture"] = "2014-03-31"
    paris = ege("750000001", adresse=[{"usageAdresse": "03", "cogCommune": "75056", "codePostal": "75001"}])
    nowhere = ege("990000001", adresse=[])
    parsed = parse(daily(tmp_path, ege(), ege(), closed, paris, nowhere, {"etatObjet": "A"}, ege("abc")))
    assert (parsed.lues, parsed.doublons, parsed.hors_region) == (7, 1, 2)
    assert parsed.rejects.select("ligne", "motif").rows() == [
        (6, "établissement sans informations générales"),
        (7, "numéro FINESS de forme inattendue"),
    ]
    found = row(parsed, "670000033")
    assert (found["ouvert"], found["date_fermeture"]) == (False, date(2014, 3, 31))
    assert (parsed.figures["établissements ouverts"], parsed.figures["établissements fermés"]) == (1, 1)


def test_the_date_of_a_delivery(tmp_path: Path) -> None:
    named = daily(tmp_path, ege(), name="finess-structures-journalier-20260410.json.gz", layers=1)
    assert SOURCE.date_of([named]) == date(2026, 4, 10)
    assert SOURCE.date_of([daily(tmp_path, ege(), layers=1)]) == date(2026, 3, 9)
    assert SOURCE.date_of([csv(tmp_path, structure())]) == date(2025, 9, 4)
    assert SOURCE.date_of([csv(tmp_path, structure(), head=False)]) is None
    with pytest.raises(ContractError, match="dates différentes : 04/09/2025, 09/03/2026"):
        SOURCE.date_of([csv(tmp_path, structure()), daily(tmp_path, ege())])


# -- refusals and runs --------------------------------------------------------------------------------


def test_what_is_not_finess_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "autre.csv"
    other.write_text("a;b\n1;2\n")
    cut = tmp_path / "coupe.json"
    cut.write_bytes(daily(tmp_path, ege()).read_bytes()[:-60])
    archive = tmp_path / "coupe.json.gz"
    archive.write_bytes(gzip.compress(daily(tmp_path, ege()).read_bytes())[:-20])
    for paths, said in (
        ([other], "n'est pas un fichier FINESS"),
        (
            [csv(tmp_path, structure(), name="a.csv"), daily(tmp_path, ege(), name="b.json")],
            "ne se mélangent pas",
        ),
        ([csv(tmp_path, position(), name="p.csv")], "aucune ligne « structureet »"),
        ([cut], "n'est pas un fichier JSON lisible"),
        ([archive], "tronquée"),
        ([daily(tmp_path, name="vide.json")], "aucun établissement"),
    ):
        with pytest.raises(LakeError, match=said):
            parse_only(paths)
    with pytest.raises(ContractError, match="Aucun fichier"):
        parse_only([])


def parse_only(paths: list[Path]) -> None:
    files = tuple(SourceFile(path, path.name, "", 0) for path in paths)
    context = Context(scan=scan, region="44", geocodeur="ban", budget=0.01)
    list(SOURCE.parse(Snapshot("finess", files, "x", None), context))


def territories(lake: Lake) -> None:
    run(source("territoires"), Request(), lake.settings)


def test_a_run_publishes_and_the_budget_protects(lake: Lake, tmp_path: Path) -> None:
    path = csv(tmp_path, structure(), position())
    with pytest.raises(MissingTable, match="territoires"):
        run(SOURCE, Request(files=(path,)), lake.settings)
    territories(lake)
    report = run(SOURCE, Request(files=(path,)), lake.settings)
    assert (report.total("lues"), report.total("publiees")) == (1, 1)
    assert report.date == date(2025, 9, 4)
    bad = csv(tmp_path, structure(), "structureet;x", name="bad.csv")
    with pytest.raises(BudgetExceeded):
        run(SOURCE, Request(files=(bad,)), lake.settings)
    assert lake.scan(ETABLISSEMENTS).collect()["finess"].to_list() == ["670000025"]


def test_the_demo_file_is_read_back_whole(lake: Lake, tmp_path: Path) -> None:
    territories(lake)
    communes = lake.scan(COMMUNES).collect()
    count = 400
    sites = pl.DataFrame(
        {
            "finess_site": [f"67090{rank:04d}" for rank in range(count)] + [""],
            "finess_etablissement_juridique": ["670900000"] * (count + 1),
            "raison_sociale_site": ["PHARMACIE; DU CENTRE"] * (count + 1),
            "siret_site": [""] * (count + 1),
            "numero_voie": ["1"] * (count + 1),
            "code_type_voie": ["R"] * (count + 1),
            "libelle_voie": ["DE LA GARE"] * (count + 1),
            "code_postal": ["67000"] * (count + 1),
            "telephone": ["0353010000"] * (count + 1),
            "telecopie": [""] * (count + 1),
            "vrai_code": ["67482"] * (count + 1),
            "genre_site": ["officine"] * (count + 1),
        }
    )
    exact = pl.DataFrame({"finess": ["670900000"], "longitude": [7.7512], "latitude": [48.5812]})
    demo = write_finess(tmp_path, sites, communes, date(2025, 1, 14), positions=exact)
    again = write_finess(tmp_path / "encore", sites, communes, date(2025, 1, 14), positions=exact)
    assert demo.path.read_bytes() == again.path.read_bytes()
    report = run(SOURCE, Request(files=(demo.path,)), lake.settings)
    assert (report.total("lues"), report.total("publiees"), report.total("rejetees")) == (count, count, 0)
    rows = lake.scan(ETABLISSEMENTS).collect()
    sources = dict(rows.group_by("geo_source").len().iter_rows())
    assert sources["commune"] == demo.sans_position > 0
    assert sources["finess_inverse"] == demo.positions_echangees > 0
    assert set(rows["famille"]) == {"pharmacie"}
    first = rows.filter(pl.col("finess") == "670900000").row(0, named=True)
    assert (first["longitude"], first["latitude"]) == pytest.approx((7.7512, 48.5812), abs=1e-5)
