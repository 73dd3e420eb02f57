"""What a delivery may look like: headers, variants, archives, and every way a file can be wrong."""

from __future__ import annotations

import errno
import zipfile
from datetime import date
from pathlib import Path

import pytest

from ingest.sources.annuaire.layout import (
    ACTIVITES_LAYOUT,
    DIPLOMES_LAYOUT,
    LAYOUTS,
    SAVOIR_FAIRE_LAYOUT,
    Layout,
    read_header,
    recognise,
)
from ingest.sources.annuaire.packaging import Member
from ingest.sources.annuaire.source import SOURCE
from lake.errors import ContractError, LakeError, SourceUnavailable
from tests.unit.annuaire_delivery import (
    activite,
    activites,
    diplome,
    header,
    parse,
    person,
    savoir_faire,
    text_of,
    write_activites,
    write_zip,
)

STEM = "PS_LibreAcces_{}_202501140830.txt"


def members() -> dict[str, bytes]:
    """The three files of a delivery."""
    return {
        STEM.format("Personne_activite"): text_of(ACTIVITES_LAYOUT, [activite(), activite(**person(2))]),
        STEM.format("Dipl_AutExerc"): text_of(DIPLOMES_LAYOUT, [diplome(1)]),
        STEM.format("SavoirFaire"): text_of(SAVOIR_FAIRE_LAYOUT, [savoir_faire(2)]),
    }


def layout_without(*names: str) -> Layout:
    """Personne_activite without some columns."""
    columns = tuple(column for column in ACTIVITES_LAYOUT.columns if column.name not in names)
    return Layout("activites", "", ACTIVITES_LAYOUT.table, columns)


# -- headers -----------------------------------------------------------------------------------------


def test_layouts_have_the_official_numbers_of_columns():
    assert [len(layout.columns) for layout in LAYOUTS] == [56, 13, 13]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.kind)
def test_each_header_is_recognised_in_any_order_and_spelling(layout: Layout):
    labels = [column.label for column in layout.columns]
    assert recognise(labels) is layout
    assert recognise(labels[::-1]) is layout
    assert recognise([label.upper().replace("'", "’").replace("É", "E") for label in labels]) is layout


def test_columns_are_read_by_name_whatever_their_order(tmp_path: Path):
    values = dict(zip([c.label for c in ACTIVITES_LAYOUT.columns], activite().split("|"), strict=True))
    labels = list(values)[::-1]
    path = tmp_path / "a.txt"
    path.write_text("|".join(labels) + "\n" + "|".join(values[label] for label in labels) + "\n", "utf-8")
    found = activites(path).frame.row(0, named=True)
    assert (found["nom_exercice"], found["code_commune"]) == ("DURAND", "67482")


def test_variant_of_2021_has_52_columns_and_a_trailing_bar(tmp_path: Path):
    old = layout_without("code_role", "libelle_role", "code_genre_activite", "libelle_genre_activite")
    kept = {column.name for column in old.columns}
    values = dict(zip([c.name for c in ACTIVITES_LAYOUT.columns], activite().split("|"), strict=True))
    row = "|".join(value for name, value in values.items() if name in kept)
    path = tmp_path / "a.txt"
    path.write_text(f"{header(old)}|\n{row}|\n{row[:-1]}X\n", "utf-8")
    parsed = activites(path)
    assert len(old.columns) == 52
    assert parsed.frame.height == 1
    assert parsed.frame["code_genre_activite"].to_list() == [None]
    assert [warning for warning in parsed.warnings if "Code genre activité" in warning] == [
        "a.txt : colonne facultative absente, laissée vide : « Code genre activité »."
    ]
    assert len(parsed.warnings) == 4
    assert parsed.rejects["ligne"].to_list() == [3]


def test_variant_of_2024_has_56_columns_and_a_trailing_bar(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text(f"{header(ACTIVITES_LAYOUT)}|\r\n{activite()}|\r\n{activite()}\r\n", "utf-8", newline="")
    parsed = activites(path)
    assert (parsed.frame.height, parsed.warnings) == (1, [])
    assert parsed.rejects["motif"].to_list() == ["56 champs au lieu de 57"]


def test_unknown_column_is_said_and_left_out(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text(f"{header(ACTIVITES_LAYOUT)}|Nouveauté\n{activite()}|x\n", "utf-8")
    parsed = activites(path)
    assert parsed.frame.height == 1
    assert parsed.warnings == ["a.txt : colonne inconnue, ignorée : « Nouveauté »."]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("identification_nationale_pp", "Identification nationale PP"),
        ("code_profession", "Code profession"),
        ("code_commune_source", r"Code commune \(coord. structure\)"),
    ],
)
def test_missing_required_column_is_named(name: str, label: str):
    with pytest.raises(ContractError, match=rf"a.txt : colonne obligatoire absente : « {label} »"):
        read_header(header(layout_without(name)), name="a.txt")


def test_several_missing_required_columns_are_all_named():
    with pytest.raises(ContractError, match="« Code profession », « Code postal"):
        read_header(header(layout_without("code_profession", "code_postal")), name="a.txt")


def test_column_twice_is_refused():
    with pytest.raises(ContractError, match="« Code profession » est deux fois"):
        read_header(header(ACTIVITES_LAYOUT) + "|Code profession", name="a.txt")


def test_older_spelling_of_a_label_is_known():
    old = header(ACTIVITES_LAYOUT).replace(
        "Code Département (structure)", "Code Département (coord. structure)"
    )
    assert read_header(old, name="a.txt").warnings == ()


# -- packaging ---------------------------------------------------------------------------------------


def test_zip_gives_the_same_as_bare_files(tmp_path: Path):
    archive = write_zip(tmp_path / "PS_LibreAcces_202501140830.zip", members())
    bare = []
    for name, content in members().items():
        (tmp_path / name).write_bytes(content)
        bare.append(tmp_path / name)
    zipped, plain = parse(archive), parse(*bare)
    assert list(zipped) == list(plain)
    for name, parsed in zipped.items():
        assert parsed.frame.equals(plain[name].frame)
        assert parsed.lues == plain[name].lues
    assert zipped["annuaire__activites"].contents is not None
    assert zipped["annuaire__activites"].contents([3]) == {3: activite(**person(2))}


def test_paths_inside_an_archive_lead_nowhere(tmp_path: Path):
    folder = tmp_path / "depot"
    folder.mkdir()
    content = members()[STEM.format("Personne_activite")]
    archive = write_zip(folder / "PS_LibreAcces_202501140830.zip", {"../../evasion.txt": content})
    assert activites(archive).frame.height == 2
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["PS_LibreAcces_202501140830.zip"]


def test_other_members_of_an_archive_are_said_and_left_out(tmp_path: Path):
    archive = write_zip(
        tmp_path / "a.zip", members() | {"LISEZMOI.txt": b"Bonjour\n", "notice.pdf": b"%PDF", "dossier/": b""}
    )
    warnings = [warning for parsed in parse(archive).values() for warning in parsed.warnings]
    assert warnings == [
        "a.zip : « notice.pdf » n'est pas un fichier texte, ignoré.",
        "a.zip : « LISEZMOI.txt » n'est pas un fichier de l'Annuaire Santé, ignoré.",
    ]


def test_archive_is_known_by_its_content_not_its_name(tmp_path: Path):
    assert len(parse(write_zip(tmp_path / "livraison.txt", members()))) == 3


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PS_LibreAcces_Personne_activite_202501140830.txt", date(2025, 1, 14)),
        ("PS_LibreAcces_Personne_activite_20250114.txt", date(2025, 1, 14)),
        ("ps-libreacces-personne-activite-2025-01-14.txt", date(2025, 1, 14)),
        ("ps-libreacces-personne-activite.txt", None),
        ("PS_LibreAcces_Personne_activite_20251399.txt", None),
        ("commande-1202501140830.txt", None),
    ],
)
def test_date_of_a_name(tmp_path: Path, name: str, expected: date | None):
    assert SOURCE.date_of([write_activites(tmp_path / name, [activite()])]) == expected


def test_date_of_an_archive_comes_from_its_members_too(tmp_path: Path):
    assert SOURCE.date_of([write_zip(tmp_path / "PS_LibreAcces.zip", members())]) == date(2025, 1, 14)


def test_several_dates_are_refused(tmp_path: Path):
    first = write_activites(tmp_path / STEM.format("Personne_activite"), [activite()])
    second = write_activites(tmp_path / "PS_LibreAcces_SavoirFaire_202501280830.txt", [activite()])
    with pytest.raises(ContractError, match=r"dates différentes : 14/01/2025 .* 28/01/2025"):
        SOURCE.date_of([first, second])


def test_the_same_kind_twice_is_refused(tmp_path: Path):
    first = write_activites(tmp_path / "a.txt", [activite()])
    second = write_activites(tmp_path / "b.txt", [activite()])
    with pytest.raises(ContractError, match=r"Deux fichiers Personne_activite .* : a.txt et b.txt"):
        parse(first, second)


# -- bad input ---------------------------------------------------------------------------------------


def refusal(*paths: Path) -> LakeError:
    """The one error that a delivery ends in."""
    with pytest.raises(LakeError) as caught:
        parse(*paths)
    assert "\n" not in str(caught.value)
    return caught.value


def test_truncated_zip(tmp_path: Path):
    archive = write_zip(tmp_path / "a.zip", members())
    archive.write_bytes(archive.read_bytes()[:-100])
    error = refusal(archive)
    assert isinstance(error, SourceUnavailable)
    assert (
        error.message == "a.zip : archive incomplète, abîmée ou tronquée."
    )  # no word of the library, in English


def test_damaged_zip_member(tmp_path: Path):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as out:
        for name, content in members().items():
            out.writestr(name, content)
    raw = archive.read_bytes()
    assert raw.count(b"DURAND") == 2
    archive.write_bytes(raw.replace(b"DURAND", b"DUPOND", 1))
    error = refusal(archive)
    assert isinstance(error, SourceUnavailable)
    assert "archive incomplète, abîmée ou tronquée" in error.message


def test_not_a_zip(tmp_path: Path):
    path = tmp_path / "a.zip"
    path.write_bytes(b"<html>Service indisponible</html>")
    assert "a.zip n'est pas une archive zip" in refusal(path).message


def test_zip_of_something_else(tmp_path: Path):
    assert (
        "aucun fichier de l'Annuaire Santé" in refusal(write_zip(tmp_path / "a.zip", {"a.pdf": b"x"})).message
    )
    assert "l'en-tête n'est celui d'aucun" in refusal(write_zip(tmp_path / "b.zip", {"a.txt": b"x"})).message


def test_protected_zip(tmp_path: Path):
    archive = write_zip(tmp_path / "a.zip", members())
    raw = bytearray(archive.read_bytes())
    raw[raw.find(b"PK\x01\x02") + 8] |= 1  # the flag of the first member in the central directory
    archive.write_bytes(raw)
    assert "protégé par un mot de passe" in refusal(archive).message


def test_zip_with_an_unknown_compression(tmp_path: Path):
    archive = write_zip(tmp_path / "a.zip", members())
    raw = bytearray(archive.read_bytes())
    raw[raw.find(b"PK\x01\x02") + 10] = 9  # Deflate64
    raw[8] = 9
    archive.write_bytes(raw)
    assert "Extrayez les fichiers" in str(refusal(archive))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "vide (0 octet)"),
        (b"nofinesset;rs\n670000001;HOPITAL\n", "l'en-tête n'est celui d'aucun"),
        (b"\x00\xff\x00\xff" * 100, "l'en-tête n'est pas en UTF-8"),
        (b"a" * 100_000, "l'en-tête n'est celui d'aucun"),
        (text_of(ACTIVITES_LAYOUT, []).decode().encode("latin-1"), "l'en-tête n'est pas en UTF-8"),
        (text_of(ACTIVITES_LAYOUT, []), "ne contient que son en-tête"),
        (text_of(ACTIVITES_LAYOUT, ["", ""]), "ne contient que son en-tête"),
    ],
)
def test_wrong_files(tmp_path: Path, content: bytes, expected: str):
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    error = refusal(path)
    assert expected in error.message
    assert "a.txt" in error.message


def test_empty_file_in_a_zip(tmp_path: Path):
    archive = write_zip(tmp_path / "a.zip", {STEM.format("Personne_activite"): b""})
    assert "est vide (0 octet)" in refusal(archive).message


def test_file_without_any_end_of_line(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_bytes(text_of(ACTIVITES_LAYOUT, []) + b"a" * (5 << 20))
    assert "aucune fin de ligne" in refusal(path).message


def test_no_file_at_all():
    assert "Aucun fichier de l'Annuaire Santé" in refusal().message


def test_file_that_vanishes(tmp_path: Path):
    path = write_activites(tmp_path / "a.txt", [activite()])
    member = Member("a.txt", read_header(header(ACTIVITES_LAYOUT), name="a.txt"), 1, tmp_path / "b.txt")
    path.unlink()
    with pytest.raises(SourceUnavailable, match=r"Fichier introuvable : b.txt"), member.open():
        pass


def test_full_disk_while_reading_is_told_in_french(tmp_path: Path):
    path = write_activites(tmp_path / "a.txt", [activite()])
    member = Member("a.txt", read_header(header(ACTIVITES_LAYOUT), name="a.txt"), 1, path)
    with pytest.raises(SourceUnavailable, match="Plus de place sur le disque"), member.open():
        raise OSError(errno.ENOSPC, "No space left on device")


def test_official_address_of_the_archive():
    assert SOURCE.urls("44") == SOURCE.urls("france")
    assert list(SOURCE.urls("44")) == ["PS_LibreAcces.zip"]


def test_binary_file_does_not_spoil_the_terminal(tmp_path: Path):
    path = tmp_path / "PS_LibreAcces_Personne_activite_202501140800.txt"
    path.write_bytes(b"\0\x1b[2J" + b"\0" * 3000)
    assert refusal(path).message.isprintable()
