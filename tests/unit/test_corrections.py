"""The correction file: what is taken, what is refused and in which words, and what the next extraction makes of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ingest.report import RunReport
from ingest.run import Request, run
from ingest.sources import source
from ingest.sources.annuaire.corrected import correct
from ingest.sources.corrections.checks import Home, Refused, Region, point, site, which, withdrawn
from ingest.sources.corrections.reading import read
from lake.catalog.annuaire import ACTIVITES
from lake.catalog.corrections import CORRECTIONS, LAYOUT, in_force
from lake.catalog.journal import REJETS
from lake.errors import ContractError
from lake.settings import Settings
from lake.tables import Lake
from scoring.annuaire.counting import Base
from scoring.annuaire.qualite import a_corriger, corrections, registre
from scoring.universes.selection import Selection

STRASBOURG = (7.75, 48.58)
REGION = Region(
    {"67482": STRASBOURG, "67447": (7.74, 48.61)}, frozenset({"67482", "67447", "75056"}), {"67999": "67447"}
)
LAST = date(2025, 1, 14)


# -- one value at a time -----------------------------------------------------------------------------


def test_coordinates_are_read_with_a_comma_or_a_point() -> None:
    assert point("7,75", "48.58", REGION, "67482") == STRASBOURG


@pytest.mark.parametrize(
    ("longitude", "latitude", "said"),
    [
        ("48,58", "7,75", "longitude et latitude inversées"),
        ("2,35", "48,85", "coordonnées hors de la région"),
        ("1050000", "6840000", "ne sont pas des degrés"),
        ("7,75", None, "latitude absente"),
        (None, "48,58", "longitude absente"),
        ("sept", "48,58", "coordonnées illisibles"),
        ("nan", "48,58", "coordonnées illisibles"),
    ],
)
def test_wrong_coordinates_say_what_is_wrong(longitude: str | None, latitude: str | None, said: str) -> None:
    with pytest.raises(Refused, match=said):
        point(longitude, latitude, REGION, None)


def test_a_point_far_from_its_commune_is_refused() -> None:
    region = Region({"67482": STRASBOURG, "68224": (7.33, 47.75)}, frozenset({"67482", "68224"}), {})
    with pytest.raises(Refused, match=r"point à 9\d km du centre de la commune 67482"):
        point("7,33", "47,75", region, "67482")


def test_communes_are_known_translated_and_of_the_region() -> None:
    assert REGION.commune("67999") == "67447"
    with pytest.raises(Refused, match="commune inconnue"):
        REGION.commune("99999")
    with pytest.raises(Refused, match="commune hors de la région"):
        REGION.commune("75056")


def test_identifiers_are_sites() -> None:
    assert site("R10001") == "structure:R10001"
    assert site("siret:123") == "siret:123"
    with pytest.raises(Refused, match="absent"):
        site(None)
    with pytest.raises(Refused, match="par un tableur"):
        site("2,00068E+13")
    assert (withdrawn("Oui"), withdrawn("non"), withdrawn(None)) == (True, False, False)
    with pytest.raises(Refused, match="ni oui, ni non"):
        withdrawn("peut-être")


# -- the file ----------------------------------------------------------------------------------------


def written(path: Path, text: str, encoding: str = "utf-8-sig") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ","])
def test_the_file_is_read_as_spreadsheets_write_it(tmp_path: Path, encoding: str, separator: str) -> None:
    lines = [
        "# Qualité - Fichier de correction",
        '"# Filtres : Département = Bas-Rhin; Moselle"',
        "Identifiant structure;Longitude;Latitude;adresse;raison_sociale;autre",
        "R1;7.75;48.58;;Cabinet Müller;x",
        ";;;;;",
        "R2;;;;Rien encore;x",
        "R3;;;3 rue de l'Été;;x;de trop",
        "'R4;;;4 rue de l'Été;;",
    ]
    text = "\r\n".join(lines).replace(";", separator)
    found = read(written(tmp_path / "c.csv", text, encoding), "c.csv")
    assert found.rows.select("identifiant_structure", "ligne", "longitude", "adresse").rows() == [
        ("R1", 4, "7.75", None),
        ("R4", 8, None, "4 rue de l'Été"),
    ]
    assert found.rejects.select("ligne", "motif").rows() == [(7, "7 champs au lieu de 6")]
    assert (found.untouched, found.lues, found.ignored) == (1, 3, ("autre",))


def test_a_cell_of_several_lines_keeps_the_numbers_of_lines_right(tmp_path: Path) -> None:
    text = 'identifiant_structure;adresse;commentaire\nR1;1 rue A;"sur\ndeux lignes"\nR2;2 rue B;\n'
    found = read(written(tmp_path / "c.csv", text), "c.csv")
    assert found.rows["ligne"].to_list() == [2, 4]
    assert found.rows["commentaire"].to_list() == ["sur deux lignes", None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nom;longitude;latitude\nA;7;48\n", "il manque la colonne identifiant_structure"),
        ("identifiant_structure;nom\nR1;A\n", "il faut les colonnes longitude et latitude"),
        ("identifiant_structure;adresse;Adresse\nR1;A;B\n", "écrite deux fois"),
        ("# seulement\n", "est vide"),
        ("PK\x03\x04zip", "est une archive zip ou un classeur"),
    ],
)
def test_a_file_that_is_no_correction_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        read(written(tmp_path / "c.csv", text, "utf-8"), "c.csv")


# -- on located rows ---------------------------------------------------------------------------------


def test_corrections_are_applied_useless_or_without_site() -> None:
    schema = {
        "id_site": pl.String, "code_commune": pl.String, "longitude": pl.Float64, "latitude": pl.Float64,
        "geo_precision": pl.String, "geo_score": pl.Float64, "geo_motif": pl.String, "geo_source": pl.String,
    }  # fmt: skip
    frame = pl.DataFrame(
        [
            ("structure:perdu", "67482", 7.75, 48.58, "commune", None, "introuvable", "commune"),
            ("structure:perdu", None, None, None, "aucune", None, "commune_inconnue", None),
            ("structure:retrouve", "67482", 7.7501, 48.5801, "numero", 0.9, None, "ban"),
            ("structure:ailleurs", "67482", 7.80, 48.58, "numero", 0.9, None, "ban"),
            ("structure:autre", "67482", 7.70, 48.58, "rue", 0.8, None, "ban"),
            (None, "67482", 7.70, 48.58, "rue", 0.8, None, "ban"),
        ],
        schema=schema,
        orient="row",
    )
    known = pl.DataFrame(
        {
            "id_site": ["structure:perdu", "structure:retrouve", "structure:ailleurs", "structure:parti"],
            "longitude": [7.76, 7.75, 7.75, 7.75],
            "latitude": [48.59, 48.58, 48.58, 48.58],
            "geo_precision": ["numero", "numero", "rue", "numero"],
            "geo_score": [1.0, 1.0, 0.7, 1.0],
            "code_commune": ["67999", None, "67482", None],
            "adresse_registre": [""] * 4,
        }
    )
    fusions = pl.DataFrame({"ancien_code_commune": ["67999"], "code_commune": ["67447"]})
    done = correct(frame, known, fusions)
    assert done.frame.rows() == [
        ("structure:perdu", "67447", 7.76, 48.59, "numero", 1.0, None, "correction"),
        ("structure:perdu", "67447", 7.76, 48.59, "numero", 1.0, None, "correction"),
        ("structure:retrouve", "67482", 7.7501, 48.5801, "numero", 0.9, None, "ban"),
        ("structure:ailleurs", "67482", 7.75, 48.58, "rue", 0.7, None, "correction"),
        ("structure:autre", "67482", 7.70, 48.58, "rue", 0.8, None, "ban"),
        (None, "67482", 7.70, 48.58, "rue", 0.8, None, "ban"),
    ]
    assert list(done.figures.values()) == [4, 2, 1, 1, 3]
    assert done.figures["corrections en vigueur"] == 4  # = applied + without site + useless
    assert [warning.rpartition(": ")[2] for warning in done.warnings] == [
        "structure:parti",
        "structure:retrouve",
    ]
    assert correct(frame, known.clear(), fusions).frame is frame


_PLACED = {
    "id_site": pl.String, "numero_voie": pl.String, "libelle_voie": pl.String, "code_postal": pl.String,
    "libelle_commune_source": pl.String, "code_commune": pl.String, "longitude": pl.Float64, "latitude": pl.Float64,
    "geo_precision": pl.String, "geo_score": pl.Float64, "geo_motif": pl.String, "geo_source": pl.String,
}  # fmt: skip
# Two places that share one identifier, and a third address of it in the first commune.
_SHARED = [
    (
        "structure:R1", "1", "RUE DU MARTINET", "67000", "STRASBOURG", "67482",
        7.76, 48.57, "commune", None, "introuvable", "commune",
    ),
    ("structure:R1", "9", "RUE DES LILAS", "67800", "BISCHHEIM", "67043", 7.753, 48.616, "numero", 1.0, None, "ban"),
    ("structure:R1", "5", "QUAI DU PORT", "67000", "STRASBOURG", "67482", 7.70, 48.58, "rue", 0.7, None, "ban"),
]  # fmt: skip
_NO_FUSIONS = pl.DataFrame(schema={"ancien_code_commune": pl.String, "code_commune": pl.String})


def _known(address: str, commune: str | None = "67482") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id_site": ["structure:R1"], "adresse_registre": [address], "longitude": [7.75], "latitude": [48.58],
            "geo_precision": ["numero"], "geo_score": [1.0], "code_commune": [commune],
        },
        schema_overrides={"code_commune": pl.String},
    )  # fmt: skip


def _moved(known: pl.DataFrame) -> list[str]:
    frame = pl.DataFrame(_SHARED, schema=_PLACED, orient="row")
    done = correct(frame, known, _NO_FUSIONS).frame
    assert (
        done.drop("longitude", "latitude", "code_commune").columns
        == frame.drop("longitude", "latitude", "code_commune").columns
    )
    return done.filter(pl.col("geo_source") == "correction")["libelle_voie"].to_list()


def test_a_correction_moves_the_address_it_is_about_and_no_other() -> None:
    assert _moved(_known("1 RUE DU MARTINET 67000 STRASBOURG")) == ["RUE DU MARTINET"]
    assert _moved(_known("5 QUAI DU PORT 67000 STRASBOURG")) == ["QUAI DU PORT"]
    assert _moved(_known("1 RUE D AILLEURS 67000 STRASBOURG")) == []


def test_a_correction_of_before_addresses_leaves_what_is_found_in_another_commune() -> None:
    assert _moved(_known("")) == ["RUE DU MARTINET", "QUAI DU PORT"]
    assert _moved(_known("", "67043")) == ["RUE DU MARTINET", "RUE DES LILAS", "QUAI DU PORT"]


_HOMES = [
    Home("1 RUE DU MARTINET 67000 STRASBOURG", "67482", False),
    Home("5 QUAI DU PORT 67100 STRASBOURG", "67482", True),
    Home("9 RUE DES LILAS 67800 BISCHHEIM", "67043", True),
]


def test_a_line_tells_its_address_or_may_mean_one_only() -> None:
    assert which(_HOMES, _HOMES[2].adresse, None) == _HOMES[2]
    assert which(_HOMES[2:], "", None) == _HOMES[2]
    # In the commune that the line gives, one address is found already: nobody corrects it.
    assert which(_HOMES, "", "67482") == _HOMES[0]
    assert which(_HOMES, "", "67043") == _HOMES[2]
    with pytest.raises(Refused, match="adresse_registre inconnue pour ce site"):
        which(_HOMES, "2 RUE DU MARTINET 67000 STRASBOURG", None)
    lost = [*_HOMES, Home("3 RUE DU PONT 67000 STRASBOURG", "67482", False)]
    with pytest.raises(Refused, match="4 adresses portent cet identifiant : donnez adresse_registre"):
        which(lost, "", "67482")


def test_the_list_shows_every_address_of_an_identifier(own_lake: Path) -> None:
    todo = a_corriger(Lake(Settings(lake=str(own_lake))).scan, Selection({}, LAST))
    assert todo.select("identifiant_structure", "adresse_registre").is_duplicated().any() is False
    assert todo["adresse_registre"].null_count() == 0


# -- from the page to the next extraction ------------------------------------------------------------


@pytest.fixture(scope="module")
def own_lake(petit_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the small demonstration lake, to write in."""
    folder = tmp_path_factory.mktemp("corrections") / "lac"
    shutil.copytree(petit_lake, folder)
    yield folder
    shutil.rmtree(folder)


def ingest(lake: Path, name: str, *files: Path, force: bool = False) -> RunReport:
    settings = Settings(lake=str(lake), region="44", geocodeur="ban")
    return run(source(name), Request(files=files, force=force), settings)


def test_the_whole_round(own_lake: Path, tmp_path: Path) -> None:
    lake = Lake(Settings(lake=str(own_lake)))
    selection = Selection({}, LAST)
    before = registre(lake.scan, selection, Base.ACTIVITES).row(0, named=True)
    todo = a_corriger(lake.scan, selection)
    assert todo.columns == list(LAYOUT)
    assert todo["activites"].sum() == before["non_localises"]
    located = (
        lake.scan(ACTIVITES)
        .filter((pl.col("date_extraction") == LAST) & (pl.col("geo_precision") == "numero"))
        .filter(pl.col("libelle_type_voie").is_not_null())
        .sort("ligne")
        .head(1)
        .collect()
        .row(0, named=True)
    )
    known = todo.drop_nulls("code_commune").rows(named=True)
    street = f"{located['numero_voie']} {located['libelle_type_voie']} {located['libelle_voie']}"
    centres = dict(
        lake.scan(ACTIVITES)
        .filter((pl.col("date_extraction") == LAST) & (pl.col("geo_precision") == "commune"))
        .select("code_commune", pl.struct("longitude", "latitude"))
        .collect()
        .iter_rows()
    )
    first, second, third = known[:3]
    here = centres[first["code_commune"]]
    lines = [
        ["R-INCONNU", "7.75", "48.58", "", "", "", ""],
        [
            first["identifiant_structure"],
            str(here["longitude"]),
            str(here["latitude"]),
            "",
            "",
            "",
            "vu sur place",
        ],
        [second["identifiant_structure"], "", "", street, "", located["code_commune"], ""],
        [third["identifiant_structure"], "", "", "1 rue qui n'existe nulle part", "", "", ""],
    ]
    header = "identifiant_structure;longitude;latitude;adresse;code_postal;code_commune;commentaire"
    body = "\n".join([header, *(";".join(line) for line in lines)])
    path = written(tmp_path / "corrections.csv", body.replace(".", ","))
    report = ingest(own_lake, "corrections", path)
    counts = report.to_dict()
    assert (counts["lues"], counts["publiees"], counts["doublons"], counts["rejetees"]) == (4, 2, 0, 2)
    assert any("ligne 2 refusée : identifiant inconnu" in said for said in report.avertissements)
    assert any("ligne 5 refusée : adresse introuvable" in said for said in report.avertissements)
    rejected = lake.scan(REJETS).filter(pl.col("source") == "corrections").collect()
    assert sorted(rejected["ligne"]) == [2, 5]

    # The same file again says nothing new, and the history does not grow.
    assert ingest(own_lake, "corrections", path).statut == "deja_publiee"
    again = ingest(own_lake, "corrections", path, force=True).to_dict()
    assert (again["publiees"], again["doublons"]) == (0, 2)
    assert lake.scan(CORRECTIONS).collect().height == 2
    states = dict(corrections(lake.scan, selection).select("id_site", "etat").iter_rows())
    assert set(states.values()) == {"a_venir"}

    # The extraction already published is ingested again, for what it leans on has changed.
    archive = next((own_lake / "raw" / "annuaire").glob("2025-01-14-*/*.zip"))
    report = ingest(own_lake, "annuaire", archive)
    assert report.statut == "publiee"
    assert report.chiffres["corrections en vigueur"] == 2
    assert report.chiffres["corrections appliquées"] == 2
    corrected = first["activites"] + second["activites"]
    assert report.chiffres["lignes localisées par une correction"] == corrected
    after = registre(lake.scan, selection, Base.ACTIVITES).row(0, named=True)
    assert after["total"] == before["total"]
    assert after["non_localises"] == before["non_localises"] - corrected
    assert after["difference"] == 0
    rows = lake.scan(ACTIVITES).filter(
        (pl.col("date_extraction") == LAST) & (pl.col("geo_source") == "correction")
    )
    mine = rows.filter(pl.col("identifiant_structure") == first["identifiant_structure"]).collect()
    assert set(mine.select("geo_precision", "geo_score", "geo_motif").rows()) == {("numero", 1.0, None)}
    other = rows.filter(pl.col("identifiant_structure") == second["identifiant_structure"]).collect()
    assert set(other["code_commune"]) == {located["code_commune"]}
    assert other["longitude"].to_list() == pytest.approx([located["longitude"]] * other.height)
    assert set(corrections(lake.scan, selection)["etat"]) == {"appliquee"}

    # Withdrawn by a line that says so: the next ingestion puts the site back where it was.
    away = written(
        tmp_path / "retrait.csv", f"identifiant_structure;retirer\n{first['identifiant_structure']};oui\n"
    )
    report = ingest(own_lake, "corrections", away)
    assert report.chiffres["corrections retirées"] == 1
    assert in_force(lake.scan(CORRECTIONS)).collect()["id_site"].to_list() == [
        f"structure:{second['identifiant_structure']}"
    ]
    assert lake.scan(CORRECTIONS).collect().height == 3  # nothing is erased


def test_two_decisions_on_one_site_are_refused_with_their_lines(own_lake: Path, tmp_path: Path) -> None:
    lake = Lake(Settings(lake=str(own_lake)))
    todo = a_corriger(lake.scan, Selection({}, LAST)).drop_nulls("code_commune").tail(2)
    a, b = todo["identifiant_structure"][0], todo["identifiant_structure"][1]
    at = todo["code_commune"][0], todo["code_commune"][1]
    centres = lake.scan(ACTIVITES).filter(pl.col("geo_precision") == "commune")
    points = {
        code: centres.filter(pl.col("code_commune") == code)
        .select("longitude", "latitude")
        .first()
        .collect()
        .row(0)
        for code in at
    }
    (ax, ay), (bx, by) = points[at[0]], points[at[1]]
    text = (
        "identifiant_structure,longitude,latitude\n"
        f"{a},{ax},{ay}\n{b},{bx},{by}\n{a},{ax + 0.01},{ay}\n{b},{bx},{by}\n"
    )
    report = ingest(own_lake, "corrections", written(tmp_path / "deux.csv", text))
    counts = report.to_dict()
    assert (counts["lues"], counts["publiees"], counts["doublons"], counts["rejetees"]) == (4, 1, 1, 2)
    assert report.rejets == {"identifiant en double, décisions différentes : lignes 2 et 4": 2}


def test_nothing_good_in_the_file_is_an_error_that_keeps_the_lines(own_lake: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "faux.csv", "identifiant_structure;retirer\nR-INCONNU-2;oui\n")
    with pytest.raises(
        ContractError, match="la seule ligne est rejetée ; motif principal : identifiant inconnu"
    ):
        ingest(own_lake, "corrections", path)
    rejected = (
        Lake(Settings(lake=str(own_lake))).scan(REJETS).filter(pl.col("fichier") == "faux.csv").collect()
    )
    assert rejected["ligne"].to_list() == [2]
    empty = written(tmp_path / "vide.csv", "identifiant_structure;longitude;latitude\nR1;;\n")
    with pytest.raises(ContractError, match="aucune ligne n'est complétée"):
        ingest(own_lake, "corrections", empty)
