"""The BAN's files: what is read, refused, counted and published."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from ingest.files import blocks
from ingest.run import Request, run
from ingest.source import Context, Parsed, Snapshot, SourceFile
from ingest.sources.ban.regions import REGIONS, departements_of
from ingest.sources.ban.source import SOURCE
from lake.catalog.ban import ADRESSES
from lake.errors import BudgetExceeded, ContractError, MissingTable, SourceUnavailable, UnknownName
from lake.settings import Settings
from lake.tables import Lake

HEADER = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;"
    "nom_ancienne_commune;x;y;lon;lat;type_position;alias;nom_ld;libelle_acheminement;nom_afnor;"
    "source_position;source_nom_voie;certification_commune;cad_parcelles"
)


def line(number: str = "12", **columns: str) -> str:
    """One line in the official layout."""
    commune = columns.get("code_insee", "67482")
    values = {
        "id": f"{commune}_3170_{number.zfill(5)}",
        "id_fantoir": f"{commune}_3170",
        "numero": number,
        "nom_voie": "Rue de la Gare",
        "code_postal": "67000",
        "code_insee": commune,
        "nom_commune": "Strasbourg",
        "x": "1050000.12",
        "y": "6840000.34",
        "lon": "7.745",
        "lat": "48.5805",
        "type_position": "entrée",
        "libelle_acheminement": "STRASBOURG",
        "nom_afnor": "RUE DE LA GARE",
        "source_position": "commune",
        "source_nom_voie": "commune",
        "certification_commune": "1",
        **columns,
    }
    return ";".join(values.get(name, "") for name in HEADER.split(";"))


def write(folder: Path, lines: Sequence[str], name: str = "adresses-67.csv.gz", header: str = HEADER) -> Path:
    """A file of the BAN, compressed when its name says so."""
    return write_bytes(folder, "".join(f"{text}\n" for text in [header, *lines]).encode(), name)


def write_bytes(folder: Path, content: bytes, name: str = "adresses-67.csv.gz") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def parse(*paths: Path, region: str = "44") -> Parsed:
    """Parse files as the run does, and check that the counts close."""
    files = tuple(
        SourceFile(path, path.name, hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
        for path in paths
    )

    def scan(table: object) -> pl.LazyFrame:
        raise MissingTable(str(table))

    context = Context(scan=scan, region=region, geocodeur="ban", budget=0.01)
    (parsed,) = SOURCE.parse(Snapshot("ban", files, "x", None), context)
    total = parsed.frame.height + parsed.doublons + parsed.hors_region + parsed.rejects.height
    assert parsed.lues == total
    return parsed


def test_a_line_becomes_a_row(tmp_path: Path) -> None:
    written = line(
        "12",
        rep="bis",
        nom_ld="La Laiterie",
        code_insee_ancienne_commune="67014",
        nom_ancienne_commune="Auenheim",
    )
    parsed = parse(write(tmp_path, [written]))
    assert parsed.table is ADRESSES
    assert parsed.frame.to_dicts() == [
        {
            "code_departement": "67",
            "id": "67482_3170_00012",
            "numero": "12",
            "repetition": "bis",
            "nom_voie": "Rue de la Gare",
            "nom_lieu_dit": "La Laiterie",
            "code_postal": "67000",
            "code_commune": "67482",
            "nom_commune": "Strasbourg",
            "ancien_code_commune": "67014",
            "ancienne_commune": "Auenheim",
            "longitude": 7.745,
            "latitude": 48.5805,
        }
    ]
    assert ADRESSES.conform(parsed.frame).rejects.height == 0
    assert parsed.replace == {"code_departement": ["67"]}


@pytest.mark.parametrize("name", ["adresses-67.csv.gz", "adresses-67.csv", "n'importe quoi.txt"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "{end}", "{end}{end}{end}"])
def test_packaging_does_not_matter(tmp_path: Path, name: str, bom: bytes, end: str, last: str) -> None:
    content = end.join([HEADER, line("1"), line("2", cad_parcelles="67482000AB0001")])
    parsed = parse(write_bytes(tmp_path, bom + content.encode() + last.format(end=end).encode(), name))
    assert parsed.lues == 2
    assert parsed.frame["numero"].to_list() == ["1", "2"]


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    header = "lat;lon;nom_commune;code_insee;code_postal;nom_voie;numero;id;inconnue"
    parsed = parse(write(tmp_path, ["48.5;7.7;Strasbourg;67482;67000;Rue X;3;a;b"], header=header))
    row = parsed.frame.to_dicts()[0]
    assert (row["latitude"], row["longitude"], row["numero"], row["nom_lieu_dit"]) == (48.5, 7.7, "3", None)
    assert parsed.warnings == [
        f"adresses-67.csv.gz : colonne {name} absente, laissée vide."
        for name in ("rep", "code_insee_ancienne_commune", "nom_ancienne_commune", "nom_ld")
    ]


def test_last_column_keeps_no_carriage_return(tmp_path: Path) -> None:
    header = "lat;lon;nom_commune;code_insee;code_postal;nom_voie;numero;id;nom_ld"
    content = f"{header}\r\n48.5;7.7;S;67482;67000;Rue X;3;a;Ferme\r\n48.5;7.7;S;67482;67000;Rue X;4;b;\r\n"
    parsed = parse(write_bytes(tmp_path, content.encode()))
    assert parsed.frame["nom_lieu_dit"].to_list() == ["Ferme", None]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("67482_1;trop;peu", "3 champs au lieu de 23"),
        (line("9") + ";de trop", "24 champs au lieu de 23"),
        ("", "ligne vide au milieu du fichier"),
        (line("9", nom_voie='"Mal fermée'), "guillemet non refermé"),
        (line("9", id=""), "identifiant absent"),
        (line("9", code_insee=""), "code de commune absent"),
        (line("9", code_insee="6748"), "code de commune de forme inattendue"),
        (line("9", nom_voie=""), "ni voie ni lieu-dit"),
        (line("9", lon="sept"), "coordonnées illisibles"),
        (line("9", lon="181"), "coordonnées hors des bornes"),
    ],
)
def test_bad_lines_are_rejected_with_their_number(tmp_path: Path, broken: str, reason: str) -> None:
    parsed = parse(write(tmp_path, [line("1"), line("2"), broken, line("3")]))
    assert parsed.frame["numero"].to_list() == ["1", "2", "3"]
    rejects = parsed.rejects.to_dicts()
    assert [(row["fichier"], row["ligne"], row["motif"]) for row in rejects] == [
        ("adresses-67.csv.gz", 4, reason)
    ]


def test_undecodable_bytes_reject_their_line_only(tmp_path: Path) -> None:
    lines = [HEADER, line("1", nom_voie="Rue Kléber"), line("2"), line("3", nom_voie="Rue Kléber")]
    content = "\n".join(lines).encode() + b"\n"
    at = content.rindex("é".encode())
    parsed = parse(write_bytes(tmp_path, content[:at] + b"\xe9" + content[at + 2 :]))
    assert parsed.frame["nom_voie"].to_list() == ["Rue Kléber", "Rue de la Gare"]
    assert parsed.rejects["ligne"].to_list() == [4]
    assert parsed.rejects["motif"].to_list() == ["octets illisibles (la ligne n'est pas en UTF-8)"]


def test_quoted_fields_are_read(tmp_path: Path) -> None:
    parsed = parse(write(tmp_path, [line("1"), line("2", nom_voie='"Rue ""Haute""; prolongée"'), line("3")]))
    assert parsed.frame["nom_voie"].to_list() == [
        "Rue de la Gare",
        'Rue "Haute"; prolongée',
        "Rue de la Gare",
    ]
    assert parsed.rejects.height == 0


def test_a_quotation_mark_inside_a_field_is_a_character(tmp_path: Path) -> None:
    parsed = parse(write(tmp_path, [line("2", nom_voie='Rue du 6" de marine')]))
    assert parsed.frame["nom_voie"].to_list() == ['Rue du 6" de marine']


def test_blocks_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line(str(n)) for n in range(1, 60)]
    lines[10] = "cassée"
    lines[20] = ""
    lines[21] = ""
    lines[30] = line("31", nom_voie='"Rue ""X"""')
    path = write_bytes(tmp_path, ("\n".join([HEADER, *lines]) + "\n\n").encode())
    whole = parse(path)
    for size in (250, 333, 1000, 5000):
        monkeypatch.setattr(blocks, "BLOCK", size)
        cut = parse(path)
        assert cut.frame.equals(whole.frame)
        assert cut.rejects.equals(whole.rejects)
    assert whole.lues == 59
    assert whole.rejects["ligne"].to_list() == [12, 22, 23]
    assert whole.frame["numero"].to_list() == [str(n) for n in range(1, 60) if n not in (11, 21, 22)]


def test_empty_coordinates_are_kept_as_nothing(tmp_path: Path) -> None:
    parsed = parse(write(tmp_path, [line("1", lon="", lat=""), line("2", lat=""), line("3")]))
    assert parsed.frame.select("longitude", "latitude").rows() == [
        (None, None),
        (None, None),
        (7.745, 48.5805),
    ]
    assert parsed.figures["adresses sans coordonnées"] == 2


@pytest.mark.parametrize("number", ["", "0", "99999"])
def test_a_named_place_has_no_number(tmp_path: Path, number: str) -> None:
    parsed = parse(write(tmp_path, [line(number, nom_voie="", nom_ld="La Forge", id="x")]))
    row = parsed.frame.to_dicts()[0]
    assert (row["numero"], row["nom_voie"], row["nom_lieu_dit"]) == (None, None, "La Forge")


def test_repeated_identifiers_are_duplicates(tmp_path: Path) -> None:
    first = write(tmp_path, [line("1"), line("1"), line("2")])
    second = write(tmp_path, [line("2"), line("3")], "suite.csv")
    parsed = parse(first, second)
    assert parsed.frame["numero"].to_list() == ["1", "2", "3"]
    assert (parsed.lues, parsed.doublons) == (5, 2)


def test_departments_come_from_the_content(tmp_path: Path) -> None:
    first = write(tmp_path, [line("1"), line("2", code_insee="57463")], "un.csv")
    second = write(tmp_path, [line("3", code_insee="2A004"), line("4", code_insee="97411")], "deux.csv")
    parsed = parse(first, second)
    assert parsed.frame["code_departement"].to_list() == ["67", "57"]
    assert parsed.hors_region == 2
    assert parsed.replace == {"code_departement": ["57", "67"]}
    everything = parse(first, second, region="france")
    assert everything.frame["code_departement"].to_list() == ["67", "57", "2A", "974"]
    corsica = parse(first, second, region="94")
    assert corsica.frame["code_departement"].to_list() == ["2A"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a;b;c\n1;2;3\n", "n'est pas un fichier de la Base Adresse Nationale"),
        (b"\xff\xfe\x00\x01", "n'est pas un fichier de la Base Adresse Nationale"),
        (HEADER.replace(";lon;", ";longueur;").encode() + b"\n", "absente : lon"),
        (HEADER.replace("alias", "lon").encode() + b"\n", "en double dans l'en-tête : lon"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        parse(write_bytes(tmp_path, content, "x.csv"))


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, [line(str(n)) for n in range(2000)])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(SourceUnavailable, match="tronquée"):
        parse(path)


def test_no_file_is_refused() -> None:
    with pytest.raises(ContractError, match="Aucun fichier"):
        parse()


def test_unknown_region_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="99"):
        parse(write(tmp_path, [line()]), region="99")


def test_addresses_of_the_official_files() -> None:
    urls = SOURCE.urls("44")
    assert list(urls) == [
        f"adresses-{code}.csv.gz" for code in ("08", "10", "51", "52", "54", "55", "57", "67", "68", "88")
    ]
    assert urls["adresses-67.csv.gz"] == (
        "https://adresse.data.gouv.fr/data/ban/adresses/latest/csv/adresses-67.csv.gz"
    )
    assert len(SOURCE.urls("france")) == 101
    with pytest.raises(UnknownName):
        SOURCE.urls("00")


def test_regions_cover_the_country_once() -> None:
    codes = [code for codes in REGIONS.values() for code in codes]
    assert len(REGIONS) == 18
    assert len(codes) == len(set(codes)) == 101
    assert departements_of("94") == ("2A", "2B")


def test_run_publishes_departments_one_by_one(tmp_path: Path) -> None:
    settings = Settings(lake=str(tmp_path / "lake"))
    rhin = write(tmp_path, [line("1"), line("2")], "rhin.csv.gz")
    moselle = write(tmp_path, [line("1", code_insee="57463")], "moselle.csv.gz")
    report = run(SOURCE, Request(files=(rhin, moselle)), settings)
    assert (report.total("lues"), report.total("publiees")) == (3, 3)
    newer = write(tmp_path, [line("3")], "rhin2.csv.gz")
    run(SOURCE, Request(files=(newer,)), settings)
    rows = Lake(settings).scan(ADRESSES).sort("id").select("code_departement", "numero").collect().rows()
    assert rows == [("57", "1"), ("67", "3")]


def test_run_refuses_above_the_budget(tmp_path: Path) -> None:
    settings = Settings(lake=str(tmp_path / "lake"))
    with pytest.raises(BudgetExceeded, match="1 ligne rejetée sur 2"):
        run(SOURCE, Request(files=(write(tmp_path, [line("1"), "cassée"]),)), settings)
    assert not Lake(settings).exists(ADRESSES)
