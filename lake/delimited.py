"""Delimited files that people hand over, decoded, cut and numbered in one way, wherever they come in.

Spreadsheets write UTF-8 with or without a mark, Windows-1252, UTF-16; end lines by CR LF, LF or CR alone; add
empty columns on the right and empty lines below; open quotation marks that span lines. What is read here is told
by the number of its line in the file, and a line that cannot be cut is told too: nothing is dropped in silence.

National files of gigabytes have their own reader, :mod:`ingest.files.lines`, by the same rules.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from lake.errors import ContractError
from lake.text import column_name
from lake.words import agreed

UNREADABLE = "octets illisibles (la ligne n'est pas en UTF-8)"
OPEN_QUOTE = "guillemet non refermé"
LONGEST_CELL = 100
"""Lines that a quoted cell may span: beyond, its quotation mark was never closed."""
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_BINARY = {
    b"PK\x03\x04": "une archive zip ou un classeur",
    b"\x1f\x8b": "un fichier compressé",
    b"%PDF": "un PDF",
    b"\xd0\xcf\x11\xe0": "un classeur Excel",
    b"PAR1": "un fichier Parquet",
    b"\x89PNG": "une image",
}
_CONTROL = bytes(set(range(32)) - {9, 10, 11, 12, 13, 26}) + b"\x7f"
_CSV_ADVICE = "Dans le tableur : Enregistrer sous, format CSV (UTF-8)."
_BLANK = " \t\n\r\xa0\u202f\ufeff\x1a"


@dataclass(frozen=True)
class Text:
    """The lines of a file.

    Attributes:
        lines: the lines in order, without their ends; the first is line 1.
        encoding: ``utf-8``, ``utf-16`` or ``windows-1252``.
        unreadable: numbers of the lines whose bytes are not of the file's encoding.
    """

    lines: list[str]
    encoding: str
    unreadable: frozenset[int]


@dataclass(frozen=True)
class Broken:
    """A line that is no line of the table: its number, the French reason, its text."""

    ligne: int
    motif: str
    contenu: str


@dataclass(frozen=True)
class Cells:
    """A delimited file, cut.

    Attributes:
        name: the file's name in messages.
        header: the headings as written; a heading without a name is empty.
        ligne: number of the heading's line.
        rows: ``ligne`` (Int64) and one text column a heading, ``c0``, ``c1``…; blank lines are left out, an
            empty cell is an empty text, a cell that a short line lacks is null.
        broken: lines that are none of the table.
        separator: the separator.
        encoding: the encoding, as in :class:`Text`.
    """

    name: str
    header: tuple[str, ...]
    ligne: int
    rows: pl.DataFrame
    broken: tuple[Broken, ...]
    separator: str
    encoding: str

    @property
    def lues(self) -> int:
        """Data lines, those that are none included."""
        return self.rows.height + len(self.broken)

    def named(self, name_of: Callable[[str], str] = column_name) -> pl.DataFrame:
        """The rows under the names of their headings; headings without a name are left out.

        Args:
            name_of: how a heading names a column.

        Raises:
            ContractError: two headings give one name.
        """
        names = [name_of(heading) for heading in self.header]
        refuse_twice(names, f"{self.name}, ligne {self.ligne}")
        kept = [pl.col(f"c{rank}").alias(name) for rank, name in enumerate(names) if name]
        return self.rows.select("ligne", *kept)

    def contents(self) -> pl.Expr:
        """The text of a line, cells joined by the separator."""
        cells = [pl.col(f"c{rank}").fill_null("") for rank in range(len(self.header))]
        return pl.concat_str(cells, separator=self.separator)


def refuse_twice(names: Sequence[str], where: str) -> None:
    """Refuse a heading that comes twice; headings without a name do not count.

    Raises:
        ContractError: naming the columns and where they are.
    """
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise ContractError(
            agreed(len(twice), f"{where} : colonne(s) en double dans l'en-tête : {', '.join(twice)}."),
            conseil="Chaque colonne ne doit figurer qu'une fois : gardez-en une seule.",
        )


def decode(raw: bytes, name: str) -> Text:
    """The lines of a file of text.

    UTF-8 (a mark or none) and UTF-16 with its mark are recognised for sure. Otherwise the lines that have accents
    vote: a file most of whose accented lines are UTF-8 is UTF-8 with a few broken lines; any other is
    Windows-1252, which holds Latin-1 and what Excel adds to it (’ – œ € …).

    Raises:
        ContractError: the bytes are not text.
    """
    mark, encoding = next(((m, e) for m, e in _MARKS if raw.startswith(m)), (b"", "utf-8"))
    if encoding.startswith("utf-16"):
        try:
            return Text(_lines(raw[len(mark) :].decode(encoding)), "utf-16", frozenset())
        except UnicodeDecodeError as error:
            raise ContractError(f"{name} n'est pas un texte UTF-16 lisible.", conseil=_CSV_ADVICE) from error
    refuse_binary(raw, name)
    body = raw[len(mark) :]
    try:
        return Text(_lines(body.decode()), "utf-8", frozenset())
    except UnicodeDecodeError:
        pieces = re.split(rb"\r\n|\r|\n", body)
    suspects = [rank for rank, piece in enumerate(pieces) if not piece.isascii()]
    bad = [rank for rank in suspects if not _is_utf8(pieces[rank])]
    if mark or 2 * len(bad) <= len(suspects):
        return Text(
            [piece.decode(errors="replace") for piece in pieces], "utf-8", frozenset(rank + 1 for rank in bad)
        )
    lines = [piece.decode("cp1252", errors="replace") for piece in pieces]
    lost = frozenset(rank + 1 for rank in suspects if "\ufffd" in lines[rank])
    return Text(lines, "windows-1252", lost)


def refuse_binary(raw: bytes, name: str) -> None:
    """Refuse bytes that are no text: a known mark, a zero byte, or too many control characters.

    Raises:
        ContractError: naming what the file looks like, or the line of the first zero byte.
    """
    kind = next((said for mark, said in _BINARY.items() if raw.startswith(mark)), None)
    if kind is not None:
        raise ContractError(f"{name} est {kind}, pas un fichier de texte délimité.", conseil=_CSV_ADVICE)
    zero = raw.find(b"\0")
    if zero >= 0:
        line = raw.count(b"\n", 0, zero) + 1
        raise ContractError(
            f"{name}, ligne {line} : octet nul, ce n'est pas un fichier de texte.", conseil=_CSV_ADVICE
        )
    sample = raw[: 1 << 20]
    control = len(sample) - len(sample.translate(None, _CONTROL))
    if control > 8 and control * 50 > len(sample):
        raise ContractError(f"{name} n'est pas un fichier de texte.", conseil=_CSV_ADVICE)


def separator_of(heading: str, candidates: str = ";,\t") -> str:
    """The separator of a heading: the candidate met most often, the first given when none wins."""
    bare = re.sub(r'"[^"]*"', "", heading)
    return max(candidates, key=lambda one: (bare.count(one), -candidates.index(one)))


def cut(
    raw: bytes, name: str, *, candidates: str = ";,\t", comments: bool = False, short: bool = False
) -> Cells:
    """Cut a delimited file.

    Args:
        raw: its bytes.
        name: its name in messages.
        candidates: the separators it may have.
        comments: lines that begin with ``#`` are remarks, left out.
        short: a line with fewer cells than the heading is completed (spreadsheets drop the last separators);
            otherwise it is broken.

    Raises:
        ContractError: the file is not text, or is empty.
    """
    text = decode(raw, name)
    remarks = text if comments else None
    first = next((rank for rank, line in enumerate(text.lines) if not _skipped(line, remarks)), None)
    if first is None:
        raise ContractError(f"{name} est vide.", conseil="Donnez le fichier d'origine.")
    separator = separator_of(text.lines[first], candidates)
    records = _Records(text, first, separator, name)
    number, heading = records.heading()
    header = [cell.strip(_BLANK) for cell in heading]
    raw_width = len(header)
    while len(header) > 1 and not header[-1]:
        header.pop()
    width = len(header)
    broken: list[Broken] = []
    plain, rest = _plainly(text, records.after, separator, raw_width, width, comments)
    if rest:
        numbers: list[int] = []
        cells: list[Sequence[str | None]] = []
        found = records.at_once(rest, width)
        for line, fields, why in records.below(rest, width) if found is None else found:
            if why is None and len(fields) == width and fields[0].strip(_BLANK):
                # Whole, and not blank: nearly every line.
                if comments and fields[0].lstrip("'\" ").startswith("#"):
                    continue
                numbers.append(line)
                cells.append(fields)
                continue
            content = separator.join(fields)
            if why is None and not any(cell.strip(_BLANK) for cell in fields):
                continue
            if why is None and comments and content.lstrip("'\" ").startswith("#"):
                continue
            stray = any(cell.strip(_BLANK) for cell in fields[width:])
            if why is None and (stray or (len(fields) < width and not short)):
                why = agreed(len(fields), f"{len(fields)} champ(s) au lieu de {width}")
            if why is not None:
                broken.append(Broken(line, why, content))
                continue
            numbers.append(line)
            cells.append([*fields[:width], *[None] * (width - len(fields))])
        columns = zip(*cells, strict=True) if cells else ((),) * width
        extra = pl.DataFrame(
            [pl.Series(f"c{rank}", column, dtype=pl.String) for rank, column in enumerate(columns)]
        ).with_columns(ligne=pl.Series(numbers, dtype=pl.Int64))
        plain = pl.concat([plain, extra.select(plain.columns)]).sort("ligne")
    return Cells(name, tuple(header), number, plain, tuple(broken), separator, text.encoding)


def _is_utf8(piece: bytes) -> bool:
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    return True


def _lines(text: str) -> list[str]:
    """The lines of a text: CR LF, LF or CR alone end one, whatever they are mixed with."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.split("\n")


def _skipped(line: str, remarks: Text | None) -> bool:
    """Whether a line before the heading is none of the table."""
    bare = line.strip(_BLANK + ";,\"'")
    return not bare or (remarks is not None and bare.startswith("#"))


def _plainly(
    text: Text, start: int, separator: str, raw_width: int, width: int, comments: bool
) -> tuple[pl.DataFrame, list[int]]:
    """Lines of the heading's own number of cells and without quotation marks, all at once; ranks of the others."""
    lines = pl.DataFrame({"texte": text.lines[start:]}, schema={"texte": pl.String}).with_columns(
        rang=pl.int_range(start, len(text.lines), dtype=pl.Int64)
    )
    whole = pl.col("texte").str.count_matches(separator, literal=True) == raw_width - 1
    simple = whole & ~pl.col("texte").str.contains('"', literal=True)
    if comments:
        simple &= ~pl.col("texte").str.strip_chars_start("'\" ").str.starts_with("#")
    if text.unreadable:
        simple &= ~pl.col("rang").is_in([number - 1 for number in text.unreadable])
    if raw_width > width:
        simple &= pl.col("texte").str.contains(rf"(?:{re.escape(separator)} *){{{raw_width - width}}}$")
    marked = lines.with_columns(simple=simple)
    # A quoted cell may span lines: from the first quotation mark on, only the careful reader knows.
    quoted = marked.filter(pl.col("texte").str.contains('"', literal=True))
    if quoted.height:
        marked = marked.with_columns(simple=pl.col("simple") & (pl.col("rang") < quoted["rang"][0]))
    good = marked.filter("simple")
    fields = good["texte"].str.split_exact(separator, raw_width - 1).struct.unnest()
    frame = fields.rename(lambda one: f"c{one.removeprefix('field_')}").with_columns(ligne=good["rang"] + 1)
    frame = frame.select("ligne", *(f"c{rank}" for rank in range(width)))
    blank = pl.all_horizontal(pl.exclude("ligne").str.strip_chars() == "")
    others = marked.filter(~pl.col("simple"))["rang"].to_list()
    return frame.filter(~blank), others


class _Records:
    """The records of a text, quoted cells included, from its heading on."""

    def __init__(self, text: Text, first: int, separator: str, name: str) -> None:
        self._text, self._first, self._separator, self._name = text, first, separator, name
        self.after = first + 1
        """Rank of the line that follows the heading."""

    def heading(self) -> tuple[int, list[str]]:
        """The number of the heading's line, and its cells."""
        fields, self.after, why = self._record(self._first)
        if why is not None:
            raise ContractError(f"{self._name}, ligne {self._first + 1} : en-tête illisible ({why}).")
        return self._first + 1, fields

    def below(self, ranks: Sequence[int], width: int) -> Iterator[tuple[int, list[str], str | None]]:
        """Records that begin at these lines, in order: number, cells, why it is none of the table.

        Args:
            ranks: the lines.
            width: cells of a whole record.
        """
        reached = 0
        for rank in ranks:
            if rank < reached:
                continue
            if rank + 1 in self._text.unreadable:
                yield rank + 1, [self._text.lines[rank]], UNREADABLE
                continue
            fields, reached, why = self._record(rank)
            if reached > rank + 1 and len(fields) < width:
                # What closed the quotation mark is that of a later line: this line alone is lost.
                fields, reached, why = self._text.lines[rank].split(self._separator), rank + 1, OPEN_QUOTE
            yield rank + 1, fields, why

    def at_once(self, ranks: Sequence[int], width: int) -> list[tuple[int, list[str], str | None]] | None:
        """The records of lines that follow one another to the end; None unless the standard reader cuts them all."""
        lines = len(self._text.lines)
        if self._text.unreadable or not ranks or ranks[0] != lines - len(ranks) or ranks[-1] != lines - 1:
            return None
        found: list[tuple[int, list[str], str | None]] = []
        reader = csv.reader(
            (f"{line}\n" for line in self._text.lines[ranks[0] :]), delimiter=self._separator, strict=True
        )
        before = 0
        try:
            for fields in reader:
                if reader.line_num - before > 1 and len(fields) < width:
                    return None
                found.append((ranks[0] + before + 1, fields, None))
                before = reader.line_num
        except csv.Error:
            return None
        return found

    def _record(self, rank: int) -> tuple[list[str], int, str | None]:
        """The cells of the record that begins at a line, the line after it, and why it cannot be cut."""
        lines = self._text.lines
        if '"' not in lines[rank]:
            return lines[rank].split(self._separator), rank + 1, None
        for last in range(rank, min(rank + LONGEST_CELL, len(lines))):
            if last > rank and '"' not in lines[last]:
                continue
            try:
                return self._parsed("\n".join(lines[rank : last + 1])), last + 1, None
            except csv.Error as error:
                if "unexpected end" not in str(error):
                    return lines[rank].split(self._separator), rank + 1, "guillemets illisibles"
        return lines[rank].split(self._separator), rank + 1, OPEN_QUOTE

    def _parsed(self, record: str) -> list[str]:
        reader = csv.reader(record.splitlines(keepends=True) or [""], delimiter=self._separator, strict=True)
        try:
            return next(reader)
        except csv.Error as error:
            if "expected after" not in str(error):
                raise
            # « "ab"c » is no cell of the standard, yet every spreadsheet reads it.
            return next(csv.reader([record], delimiter=self._separator))
