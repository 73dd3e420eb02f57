"""The annuaire source end to end on tiny files: what is kept, what is derived, what is counted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ingest.sources.annuaire.layout import ACTIVITES_LAYOUT, DIPLOMES_LAYOUT, SAVOIR_FAIRE_LAYOUT
from ingest.sources.annuaire.source import SOURCE
from lake.catalog.annuaire import ACTIVITES
from lake.errors import ContractError, MissingTable, UnknownName
from tests.unit.annuaire_delivery import (
    DAY,
    activite,
    activites,
    assert_closes,
    context,
    diplome,
    parse,
    person,
    savoir_faire,
    snapshot,
    write,
    write_activites,
)

PARIS = {"code_commune_source": "75056", "code_postal": "75001"}
NOWHERE = {"code_commune_source": "", "code_postal": "", "libelle_commune_source": ""}


def row(tmp_path: Path, **values: str) -> dict[str, object]:
    """The only row of a file of one line."""
    parsed = activites(write_activites(tmp_path / "a.txt", [activite(**values)]), region="france")
    assert parsed.frame.height == 1
    return parsed.frame.row(0, named=True)


def test_counts_close_to_the_unit(tmp_path: Path):
    lines = [
        activite(),  # line 2, kept
        activite(),  # duplicate of line 2
        activite(**person(2)),  # kept
        activite(**person(3), **PARIS),  # outside
        activite(**person(4), **NOWHERE),  # outside: no department
        "trop|court",  # rejected
        activite(),  # duplicate of line 2
        activite(**person(5), **PARIS) + "|",  # rejected, though outside
    ]
    parsed = activites(write_activites(tmp_path / "a.txt", lines))
    assert (parsed.lues, parsed.doublons, parsed.hors_region) == (8, 2, 2)
    assert parsed.frame["ligne"].to_list() == [2, 4]
    assert parsed.rejects["ligne"].to_list() == [7, 9]
    assert_closes(parsed)
    assert parsed.table.conform(parsed.frame).valid.height == 2
    assert parsed.replace == {"date_extraction": [DAY]}


def test_exact_duplicates_only(tmp_path: Path):
    lines = [
        activite(telephone="0388000000"),
        activite(telephone="0388000001"),
        activite(code_departement_structure="67"),  # a column we do not keep tells them apart
        activite(),
    ]
    parsed = activites(write_activites(tmp_path / "a.txt", lines))
    assert (parsed.frame.height, parsed.doublons) == (4, 0)


def test_last_line_without_end_is_compared_like_the_others(tmp_path: Path):
    path = tmp_path / "a.txt"
    write_activites(path, [activite(), activite()], end=b"\r\n")
    path.write_bytes(path.read_bytes().removesuffix(b"\r\n"))
    parsed = activites(path)
    assert (parsed.lues, parsed.doublons, parsed.frame.height) == (2, 1, 1)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_line_ends_and_byte_order_mark(tmp_path: Path, end: bytes):
    path = write_activites(tmp_path / "a.txt", [activite(libelle_genre_activite="Soins")], end=end)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    parsed = activites(path)
    assert parsed.frame["libelle_genre_activite"].to_list() == ["Soins"]
    assert parsed.frame["prenom_exercice"].to_list() == ["Zoé"]
    assert (parsed.lues, parsed.rejects.height) == (1, 0)


def test_blank_lines_at_the_end_are_not_lines(tmp_path: Path):
    parsed = activites(write_activites(tmp_path / "a.txt", [activite(), "", ""]))
    assert (parsed.lues, parsed.rejects.height, parsed.frame.height) == (1, 0, 1)


def test_blank_line_in_the_middle_is_rejected(tmp_path: Path):
    parsed = activites(write_activites(tmp_path / "a.txt", [activite(), "", activite(**person(2))]))
    assert parsed.lues == 3
    assert parsed.rejects.select("ligne", "motif").rows() == [(3, "ligne vide au milieu du fichier")]
    assert parsed.frame["ligne"].to_list() == [2, 4]


def test_nothing_is_quoted(tmp_path: Path):
    values = {"raison_sociale_site": 'LE "GRAND', "enseigne_commerciale_site": "A\\B", "nom_exercice": "\"D'"}
    found = row(tmp_path, **values)
    assert {name: found[name] for name in values} == values


def test_codes_keep_their_zeros_and_empty_is_null(tmp_path: Path):
    found = row(tmp_path, finess_site="080000001", telephone="0300000000", email="")
    assert (found["finess_site"], found["telephone"], found["email"]) == ("080000001", "0300000000", None)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"type_identifiant_pp": ""}, "type d'identifiant absent"),
        ({"type_identifiant_pp": "X"}, "type d'identifiant inconnu"),
        ({"type_identifiant_pp": "88"}, "type d'identifiant inconnu"),
        ({"identifiant_pp": ""}, "identifiant de la personne absent"),
        ({"identifiant_pp": "9000000000"}, "identifiant de la personne de forme inattendue"),
        ({"identifiant_pp": "9000000000A"}, "identifiant de la personne de forme inattendue"),
        ({"identification_nationale_pp": ""}, "identifiant national absent"),
        (
            {"identification_nationale_pp": "890000000002"},
            "identifiant national différent du type suivi de l'identifiant",
        ),
        (
            {"identification_nationale_pp": "8900000000019"},
            "identifiant national différent du type suivi de l'identifiant",
        ),
    ],
)
def test_broken_identifiers_are_rejected(tmp_path: Path, values: dict[str, str], reason: str):
    broken = activite(**values)
    parsed = activites(write_activites(tmp_path / "a.txt", [activite(**person(2)), broken]))
    assert parsed.rejects.rows() == [("a.txt", 3, reason, broken)]
    assert parsed.frame["ligne"].to_list() == [2]
    assert_closes(parsed)


def test_adeli_and_other_registers_are_accepted(tmp_path: Path):
    lines = [
        activite(**person(2, "0")),
        activite(
            type_identifiant_pp="0", identifiant_pp="2A9000001", identification_nationale_pp="02A9000001"
        ),
        activite(type_identifiant_pp="3", identifiant_pp="67X01", identification_nationale_pp="367X01"),
    ]
    parsed = activites(write_activites(tmp_path / "a.txt", lines))
    assert parsed.rejects.is_empty()
    assert parsed.frame["identifiant_pp"].to_list() == ["990000002", "2A9000001", "67X01"]


def test_undecodable_bytes_are_rejected_with_their_content(tmp_path: Path):
    latin = activite(**person(2)).encode().replace("Zoé".encode(), "Zoé".encode("latin-1"))
    parsed = activites(write_activites(tmp_path / "a.txt", [activite(), latin, activite(**person(3))]))
    assert parsed.rejects["ligne"].to_list() == [3]
    assert parsed.rejects["motif"].to_list() == ["octets illisibles (la ligne n'est pas en UTF-8)"]
    assert "Zo\ufffd" in parsed.rejects["contenu"].item()
    assert parsed.frame["ligne"].to_list() == [2, 4]


def test_a_kept_line_can_be_read_again(tmp_path: Path):
    second = activite(**person(2), nom_exercice="KLEIN")
    path = write_activites(tmp_path / "a.txt", [activite(), second, activite(**person(3))], end=b"\r\n")
    parsed = activites(path)
    assert parsed.contents is not None
    assert parsed.contents([3]) == {3: second}
    assert parsed.contents([]) == {}


# -- places ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("commune", "postal", "pays", "expected"),
    [
        ("67482", "75001", "", "67"),  # the commune code comes first
        ("", "67091", "", "67"),  # CEDEX
        ("", "8000", "", "08"),  # lost zero
        ("8105", "", "", "08"),  # lost zero of the commune code
        ("", "20000", "", "2A"),
        ("", "20167", "", "2A"),
        ("", "20200", "", "2B"),
        ("", "20620", "", "2B"),
        ("2A004", "", "", "2A"),
        ("2b033", "", "", "2B"),
        ("", "97400", "", "974"),
        ("97411", "", "", "974"),
        ("", "97133", "", "977"),
        ("", "97150", "", "978"),
        ("99109", "67000", "", "67"),  # not a commune: the postal code decides
        ("", "67000", "99000", "67"),
        ("", "67000", "99109", None),  # Germany has 67000 too
        ("", "67000", "DE", None),
        ("67482", "", "DE", "67"),
        ("", "99123", "", None),
        ("", "L-1234", "", None),
        ("", "", "", None),
    ],
)
def test_department_of_a_row(tmp_path: Path, commune: str, postal: str, pays: str, expected: str | None):
    values = {"code_commune_source": commune, "code_postal": postal, "code_pays": pays}
    line = activite(**values, libelle_commune_source="")
    parsed = activites(write_activites(tmp_path / "a.txt", [line]), region="france")
    assert parsed.frame["code_departement"].to_list() == ([] if expected is None else [expected])
    assert parsed.hors_region == (1 if expected is None else 0)


def test_postal_code_gets_its_zero_back_and_the_source_code_stays(tmp_path: Path):
    found = row(tmp_path, code_commune_source="8105", code_postal="8000", libelle_commune_source="X")
    assert (found["code_postal"], found["code_commune_source"]) == ("08000", "8105")
    assert (found["code_commune"], found["siren_epci"]) == ("08105", "200041630")


def test_merged_commune_is_translated(tmp_path: Path):
    found = row(tmp_path, code_commune_source="67341", code_postal="67350")
    assert (found["code_commune"], found["code_departement"]) == ("67372", "67")
    assert (found["siren_epci"], found["code_commune_source"]) == ("200072445", "67341")


def test_commune_from_postal_code_and_label(tmp_path: Path):
    found = row(tmp_path, code_commune_source="", code_postal="68000", libelle_commune_source="COLMAR CEDEX")
    assert (found["code_commune"], found["siren_epci"]) == ("68066", "246800726")


def test_foreign_place_with_a_french_commune_code_is_told_no_other_clue(tmp_path: Path):
    found = row(
        tmp_path,
        code_commune_source="67999",
        code_postal="68000",
        libelle_commune_source="Colmar",
        code_pays="DE",
    )
    assert (found["code_departement"], found["code_commune"], found["code_postal"]) == ("67", None, "68000")


def test_another_region_by_its_code(tmp_path: Path):
    path = write_activites(tmp_path / "a.txt", [activite(), activite(**person(2), **PARIS)])
    assert activites(path, region="11").frame["code_departement"].to_list() == ["75"]
    assert activites(path, region="france").frame["code_departement"].to_list() == ["67", "75"]
    with pytest.raises(UnknownName, match="« 99 »"):
        activites(path, region="99")


def test_without_territories_the_message_says_what_to_do(tmp_path: Path):
    path = write_activites(tmp_path / "a.txt", [activite()])
    with pytest.raises(MissingTable, match="obs ingest territoires"):
        activites(path, empty=True)


def test_not_located_rows_carry_their_reason(tmp_path: Path):
    found = row(tmp_path)
    assert (found["geo_precision"], found["geo_motif"], found["longitude"]) == (
        "commune",
        "adresse_absente",
        7.0,
    )


# -- derived columns ---------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["SM26", "SM53", "SM54"])
def test_general_medicine_is_one_specialty(tmp_path: Path, code: str):
    found = row(tmp_path, code_type_savoir_faire="S", code_savoir_faire=code, libelle_savoir_faire="X")
    assert (found["code_specialite"], found["libelle_specialite"]) == ("SM54", "Médecine générale")
    assert (found["code_savoir_faire"], found["libelle_savoir_faire"]) == (code, "X")


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        ("S", "SM40", ("SM40", "Pédiatrie")),
        ("", "SM40", ("SM40", "Pédiatrie")),
        ("C", "C01", (None, None)),
        ("CEX", "CEX22", (None, None)),
        ("S", "", (None, None)),
    ],
)
def test_specialty_is_the_ordinal_one(tmp_path: Path, kind: str, code: str, expected: tuple[str, str]):
    found = row(
        tmp_path, code_type_savoir_faire=kind, code_savoir_faire=code, libelle_savoir_faire="Pédiatrie"
    )
    assert (found["code_specialite"], found["libelle_specialite"]) == expected


def test_site_identifier(tmp_path: Path):
    registers = {"identifiant_structure": "R1", "siret_site": "123", "finess_site": "670"}
    address = {"numero_voie": "3", "libelle_type_voie": "Rue", "libelle_voie": "de l'Église"}
    assert row(tmp_path, **registers, **address)["id_site"] == "structure:R1"
    registers["identifiant_structure"] = ""
    assert row(tmp_path, **registers, **address)["id_site"] == "siret:123"
    registers["siret_site"] = " "
    assert row(tmp_path, **registers, **address)["id_site"] == "finess:670"
    assert row(tmp_path, **address)["id_site"] == "adresse:3 RUE DE L EGLISE 67000 67482"
    assert row(tmp_path)["id_site"] is None


def test_address_sites_stay_with_their_rows(tmp_path: Path):
    lines = [
        activite(**person(1), libelle_voie="Rue A"),
        activite(**person(2), identifiant_structure="R2"),
        activite(**person(3)),
        activite(**person(4), libelle_voie="Rue D"),
    ]
    found = activites(write_activites(tmp_path / "a.txt", lines)).frame["id_site"].to_list()
    assert found == ["adresse:RUE A 67000 67482", "structure:R2", None, "adresse:RUE D 67000 67482"]


# -- the other two files -----------------------------------------------------------------------------


def deliver(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Three files: persons 1 (kept) and 2 (Paris)."""
    return (
        write_activites(tmp_path / "PS_LibreAcces_Personne_activite_202501140830.txt", [
            activite(**person(1)),
            activite(**person(2), **PARIS),
        ]),
        write(tmp_path / "PS_LibreAcces_Dipl_AutExerc_202501140830.txt", DIPLOMES_LAYOUT, [
            diplome(1, libelle_diplome="DE Docteur"),
            diplome(2),
            diplome(1, libelle_diplome="DE Docteur"),
            diplome(3),
            "cassé",
        ]),
        write(tmp_path / "PS_LibreAcces_SavoirFaire_202501140830.txt", SAVOIR_FAIRE_LAYOUT, [
            savoir_faire(2),
            savoir_faire(1, libelle_savoir_faire="Médecine Générale"),
        ]),
    )  # fmt: skip


def test_three_files_in_any_order_main_table_last(tmp_path: Path):
    first, second, third = deliver(tmp_path)
    parsed = parse(third, first, second)
    assert list(parsed) == ["annuaire__diplomes", "annuaire__savoir_faire", "annuaire__activites"]
    diplomes = parsed["annuaire__diplomes"]
    assert (diplomes.lues, diplomes.doublons, diplomes.hors_region) == (5, 1, 2)
    assert diplomes.frame["ligne"].to_list() == [2]
    assert diplomes.frame["libelle_diplome"].to_list() == ["DE Docteur"]
    assert diplomes.rejects["ligne"].to_list() == [6]
    competences = parsed["annuaire__savoir_faire"]
    assert competences.frame.select("ligne", "libelle_savoir_faire").rows() == [(3, "Médecine Générale")]
    assert competences.hors_region == 1
    for one in parsed.values():
        assert_closes(one)
        assert one.table.conform(one.frame).rejects.is_empty()


def lake_of_activites(tmp_path: Path, *days_and_persons: tuple[date, int]) -> dict[object, pl.DataFrame]:
    frames = [
        activites(write_activites(tmp_path / "lac.txt", [activite(**person(number))]), day=day).frame
        for day, number in days_and_persons
    ]
    return {ACTIVITES: pl.concat(frames)}


def test_diplomas_alone_follow_the_same_extraction_of_the_lake(tmp_path: Path):
    lake = lake_of_activites(tmp_path, (DAY, 1), (date(2025, 2, 1), 2))
    parsed = parse(deliver(tmp_path)[1], extra=lake)["annuaire__diplomes"]
    assert parsed.frame["identification_nationale_pp"].to_list() == ["890000000001"]
    assert "Personnes gardées : celles de l'extraction du 14/01/2025 déjà dans le lac." in parsed.warnings


def test_diplomas_alone_follow_the_most_recent_extraction_otherwise(tmp_path: Path):
    lake = lake_of_activites(tmp_path, (date(2024, 12, 1), 1), (date(2025, 1, 1), 2))
    parsed = parse(deliver(tmp_path)[1], extra=lake)["annuaire__diplomes"]
    assert parsed.frame["identification_nationale_pp"].to_list() == ["890000000002"]


def test_diplomas_alone_in_a_lake_without_activities_are_all_kept(tmp_path: Path):
    parsed = parse(deliver(tmp_path)[1])["annuaire__diplomes"]
    assert parsed.frame["ligne"].to_list() == [2, 3, 5]
    assert parsed.doublons == 1
    assert "Aucune activité dans le lac : les lignes de toutes les personnes sont gardées." in parsed.warnings


def test_no_date_anywhere_asks_for_one(tmp_path: Path):
    path = write_activites(tmp_path / "ps-libreacces-personne-activite.txt", [activite()])
    assert SOURCE.date_of([path]) is None
    with pytest.raises(ContractError, match=r"--date AAAA-MM-JJ"):
        list(SOURCE.parse(snapshot(path, day=None), context()))


def test_header_only_is_refused(tmp_path: Path):
    with pytest.raises(ContractError, match="aucune ligne de données"):
        activites(write_activites(tmp_path / "a.txt", []))


def test_rows_come_with_every_column_of_the_contract(tmp_path: Path):
    parsed = activites(write_activites(tmp_path / "a.txt", [activite()]))
    assert parsed.frame.columns == list(ACTIVITES.columns)
    assert {c.name for c in ACTIVITES_LAYOUT.columns} - set(ACTIVITES.columns) == {
        "code_departement_structure",
        "libelle_departement_structure",
    }
