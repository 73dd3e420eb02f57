"""Files that people hand over: encodings, ends of lines, quotation marks, columns that spreadsheets add."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.files import delimited, unpack
from lake.delimited import LONGEST_CELL, OPEN_QUOTE, UNREADABLE, cut, decode
from lake.errors import ContractError, SourceUnavailable

TEXT = "nom;ville\nL’Est – cœur;Sélestat\nŽofia, 50 €;Metz\n"


def rows(raw: bytes, **options: bool) -> list[tuple[object, ...]]:
    return cut(raw, "f.csv", **options).rows.rows()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_end_of_line_reads_the_same(encoding: str, end: str) -> None:
    cells = cut(TEXT.replace("\n", end).encode(encoding), "f.csv")
    assert cells.header == ("nom", "ville")
    assert cells.rows.rows() == [(2, "L’Est – cœur", "Sélestat"), (3, "Žofia, 50 €", "Metz")]
    assert not cells.broken


def test_a_few_broken_lines_do_not_change_the_encoding_of_a_file() -> None:
    text = "nom\nété\nforêt\nnaïf\n".encode() + b"caf\xe9\n" + "cœur\n".encode()
    found = decode(text, "f.csv")
    assert (found.encoding, found.unreadable) == ("utf-8", frozenset({5}))
    cells = cut(text, "f.csv")
    assert [(one.ligne, one.motif) for one in cells.broken] == [(5, UNREADABLE)]
    assert cells.lues == 5


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"PK\x03\x04\x14\x00", "une archive zip ou un classeur"),
        (b"%PDF-1.7", "un PDF"),
        (b"a;b\n1;2\n3;\x004\n", "ligne 3 : octet nul"),
        (bytes(range(1, 32)) * 50, "n'est pas un fichier de texte"),
        (b"\xff\xfea\x00;\x00b", "UTF-16"),
        (b" \r\n;;\r\n", "est vide"),
        (b"", "est vide"),
    ],
)
def test_what_is_no_text_is_refused_by_name(raw: bytes, said: str) -> None:
    with pytest.raises(ContractError, match=said) as caught:
        cut(raw, "livraison.csv")
    assert "livraison.csv" in str(caught.value)


def test_empty_columns_on_the_right_and_empty_lines_are_left_out() -> None:
    raw = b"a;b;;\r\n1;2;;\r\n;;;\r\n3;4\r\n5;6;\r\n\r\n7;8; ;\r\n9;9;x;\r\n1\r\n"
    cells = cut(raw, "f.csv")
    assert cells.header == ("a", "b")
    assert cells.rows.rows() == [(2, "1", "2"), (4, "3", "4"), (5, "5", "6"), (7, "7", "8")]
    assert [(one.ligne, one.motif) for one in cells.broken] == [
        (8, "4 champs au lieu de 2"),
        (9, "1 champ au lieu de 2"),
    ]
    assert rows(raw, short=True)[-1] == (9, "1", None)


def test_a_heading_without_name_in_the_middle_is_no_column() -> None:
    cells = cut(b"a;;b\n1;2;3\n", "f.csv")
    assert cells.named().rows(named=True) == [{"ligne": 2, "a": "1", "b": "3"}]
    with pytest.raises(ContractError, match=r"f\.csv, ligne 1 : colonne en double dans l'en-tête : a\."):
        cut(b"a;A;b\n1;2;3\n", "f.csv").named()


def test_quoted_cells_keep_their_lines_and_their_number() -> None:
    raw = b'a,b\n"x\ny",2\n12" tube,3\n"q""q","5,6"\n'
    assert rows(raw) == [(2, "x\ny", "2"), (4, '12" tube', "3"), (5, 'q"q', "5,6")]


def test_a_quotation_mark_never_closed_loses_its_line_only() -> None:
    lines = [b"%d;%d" % (n, n) for n in range(3 * LONGEST_CELL)]
    lines[4] = b'"4;4'
    cells = cut(b"\n".join([b"a;b", *lines]), "f.csv")
    assert [(one.ligne, one.motif, one.contenu) for one in cells.broken] == [(6, OPEN_QUOTE, '"4;4')]
    assert cells.lues == 3 * LONGEST_CELL


def test_a_mark_closed_by_that_of_a_later_line_loses_its_line_only() -> None:
    cells = cut(b'a;b;c\n"1;2;3\n4;5;6\n7;8;"9"\n', "f.csv")
    assert [one.ligne for one in cells.broken] == [2]
    assert cells.rows.rows() == [(3, "4", "5", "6"), (4, "7", "8", "9")]


def test_remarks_are_left_out_where_they_are_expected() -> None:
    raw = b"# source : x\n\na;b\n1;2\n#3;4\n"
    assert rows(raw, comments=True) == [(4, "1", "2")]
    assert cut(raw, "f.csv").header == ("# source : x",)


CELL = st.text(alphabet='aé ";,\n’', max_size=6)


@given(
    st.lists(st.tuples(CELL, CELL), max_size=12),
    st.sampled_from([";", ","]),
    st.sampled_from(["utf-8", "cp1252"]),
)
def test_what_a_spreadsheet_writes_is_read_back(
    cells: list[tuple[str, str]], separator: str, encoding: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerows([("nom", "ville"), *cells])
    found = cut(out.getvalue().encode(encoding), "f.csv")
    kept = [pair for pair in cells if "".join(pair).strip(" \n")]
    assert found.rows.drop("ligne").rows() == kept
    assert not found.broken


LINE = st.text(alphabet='a;"', max_size=8)


@given(st.lists(LINE, max_size=12), st.booleans())
def test_every_line_is_told_once(lines: list[str], short: bool) -> None:
    cells = cut("\n".join(["a;b;c", *lines]).encode(), "f.csv", short=short)
    numbers = [*cells.rows["ligne"], *(one.ligne for one in cells.broken)]
    assert len(numbers) == len(set(numbers))
    for rank, line in enumerate(lines, 2):
        # Without quotation marks anywhere, a line is itself: read, refused, or blank.
        if '"' not in "".join(lines):
            assert (rank in numbers) == bool(line.strip(";"))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_french(raw: bytes) -> None:
    with suppress(ContractError):
        cells = cut(raw, "f.csv", short=True)
        assert cells.rows["ligne"].is_sorted()
        assert cells.rows.width == len(cells.header) + 1


# -- archives -----------------------------------------------------------------------------------------


def test_compressed_files_are_read_and_numbered_like_plain_ones(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    plain.write_bytes(TEXT.encode())
    packed.write_bytes(gzip.compress(gzip.compress(TEXT.encode())))
    one, other = delimited.read(plain, "a"), delimited.read(packed, "a")
    assert one.frame.equals(other.frame)
    assert one.frame["contenu"][0] == "L’Est – cœur;Sélestat"


def test_what_an_archive_may_hold_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "bombe.gz"
    path.write_bytes(gzip.compress(b"0" * 5_000_000))
    with pytest.raises(ContractError, match="une fois ouvert"):
        unpack.content(path, "bombe.gz", most=1_000_000)
    assert len(unpack.content(path, "bombe.gz", most=5_000_000)) == 5_000_000


@pytest.mark.parametrize("at", [0.2, 0.5, 0.95])
def test_a_damaged_archive_is_told_in_one_sentence(tmp_path: Path, at: float) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", TEXT * 500)
    whole = bytearray(buffer.getvalue())
    whole[int(len(whole) * at)] ^= 0xFF
    path = tmp_path / "a.zip"
    path.write_bytes(whole)
    with suppress(SourceUnavailable):
        found, _others = unpack.members(path, "a.zip", (".csv",))
        content = [unpack.content(path, "a.zip", one.inside) for one in found]
        assert content in ([], [(TEXT * 500).encode()])


def test_a_damaged_parquet_file_is_refused_without_a_panic(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"a": ["x"] * 500, "b": [1] * 500}).write_parquet(path)
    raw = path.read_bytes()
    assert delimited.read(path, "a.parquet").lues == 500
    for at in range(4, len(raw), 37):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 0x55]) + raw[at + 1 :])
        with suppress(ContractError):
            delimited.read(path, "a.parquet")
