"""Randomly damaged files: the counts close, and agree with a plain reading line by line."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.files import blocks
from ingest.files.lines import MASKS, SLACK, Lines, all_digits, examine
from ingest.sources.annuaire import identifiers, persons, scanning
from ingest.sources.annuaire.departements import RegionFilter, departement_of
from ingest.sources.annuaire.layout import ACTIVITES_LAYOUT, read_header
from ingest.sources.annuaire.persons import PersonFilter, everyone
from lake.catalog.territoires import DEPARTEMENTS
from lake.errors import ContractError
from tests.examples import examples
from tests.unit.annuaire_delivery import activite, activites, assert_closes, header, person, territories

KNOWN = frozenset(territories()[DEPARTEMENTS]["code_departement"])
EAST = frozenset({"08", "57", "67", "68"})
HEADER = read_header(header(ACTIVITES_LAYOUT), name="a.txt")
NAMES = [column.name for column in ACTIVITES_LAYOUT.columns]

communes = st.sampled_from(
    ["67482", "68066", "75056", "2A004", "2a004", "8105", "99109", "97411", "674", "", " 67482 "]
)
postals = st.sampled_from(
    ["67000", "8000", "75001", "20000", "20200", "97133", "97400", "L-1234", "", "6700O"]
)
countries = st.sampled_from(["", "99000", "99109", "DE", "FR", "99100"])
labels = st.sampled_from(["", "FRANCE", "France", "ALLEMAGNE", "Réunion"])


@st.composite
def sound_lines(draw: st.DrawFn) -> bytes:
    """A line of the right shape."""
    return activite(
        **person(draw(st.integers(1, 3)), draw(st.sampled_from("80"))),
        code_commune_source=draw(communes),
        code_postal=draw(postals),
        code_pays=draw(countries),
        libelle_pays=draw(labels),
        nom_exercice=draw(st.sampled_from(["DURAND", "MÜLLER", '"', "\\", "L'ÉCUYER", "a\rb"])),
    ).encode()


@st.composite
def damaged_lines(draw: st.DrawFn) -> bytes:
    """A line that something happened to; it may still be sound."""
    line = draw(sound_lines())
    place = draw(st.integers(0, len(line)))
    what = draw(st.integers(0, 4))
    if what == 0:
        return (
            line[:place]
            + draw(st.sampled_from([b"|", b"\xff", b"\xc3", b"||", b"\x00", b"9"]))
            + line[place:]
        )
    if what == 1:
        return line[:place]
    if what == 2:
        return line[place:]
    if what == 3:
        return b""
    return line.replace(b"9", draw(st.sampled_from([b"A", b"", b"|"])), 1)


files = st.lists(st.one_of(sound_lines(), sound_lines(), damaged_lines()), min_size=1, max_size=25)


def plainly(lines: Sequence[bytes]) -> tuple[int, list[int], int, int, list[int]]:
    """The same counts, read line by line with nothing clever: (lues, rejected, outside, twins, kept)."""
    lines = list(lines)
    while lines and not lines[-1].strip():
        lines.pop()
    rejected, kept, seen, outside, twins = [], [], set(), 0, 0
    for number, line in enumerate(lines, start=2):
        fields = line.split(b"|")
        try:
            values = dict(zip(NAMES, line.decode().split("|"), strict=True))
        except (UnicodeDecodeError, ValueError):
            rejected.append(number)
            continue
        triple = tuple(values[name] for name in NAMES[:3])
        if len(fields) != 56 or identifiers.defect(*triple) is not None:
            rejected.append(number)
            continue
        place = ("code_commune_source", "code_postal", "code_pays", "libelle_pays")
        if departement_of(*(values[name] for name in place), KNOWN) not in EAST:
            outside += 1
        elif line in seen:
            twins += 1
        else:
            seen.add(line)
            kept.append(number)
    return len(lines), rejected, outside, twins, kept


def file_of(lines: Sequence[bytes], end: bytes, last: bool) -> bytes:
    """The bytes of a file: header and lines."""
    return end.join([header(ACTIVITES_LAYOUT).encode(), *lines]) + (end if last else b"")


ends = st.sampled_from([b"\n", b"\r\n"])


@settings(max_examples=examples(120, 300), deadline=None)
@given(lines=files, end=ends, last=st.booleans(), block=st.integers(400, 4000))
def test_counts_close_and_agree_with_a_plain_reading(lines: list[bytes], end: bytes, last: bool, block: int):
    lues, rejected, outside, twins, kept = plainly(lines)
    stream = io.BytesIO(file_of(lines, end, last))
    stream.readline()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", block)
        patch.setattr(scanning, "BATCH", 1000)
        scanned = scanning.scan(stream, HEADER, RegionFilter(EAST, KNOWN), name="a.txt")
    assert scanned.rejects["ligne"].to_list() == rejected
    assert scanned.frame["ligne"].to_list() == kept
    assert (scanned.lues, scanned.hors_region, scanned.doublons) == (lues, outside, twins)
    assert lues == len(kept) + twins + outside + len(rejected)


@settings(max_examples=20, deadline=None)
@given(lines=files, end=ends, last=st.booleans())
def test_the_source_closes_its_counts(lines: list[bytes], end: bytes, last: bool):
    lues, rejected, outside, twins, kept = plainly(lines)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.txt"
        path.write_bytes(file_of(lines, end, last))
        if lues == 0:
            with pytest.raises(ContractError, match="aucune ligne de données"):
                activites(path)
            return
        parsed = activites(path)
    assert_closes(parsed)
    assert parsed.frame["ligne"].to_list() == kept
    assert (parsed.lues, parsed.hors_region, parsed.doublons) == (lues, outside, twins)
    assert parsed.rejects["ligne"].to_list() == rejected
    assert set(parsed.frame["code_departement"]) <= EAST


# -- pieces ------------------------------------------------------------------------------------------


def sound(lines: Sequence[bytes]) -> Lines:
    """The sound lines of a block."""
    block = b"".join(line + b"\n" for line in lines)
    data = np.frombuffer(block + bytes(SLACK), np.uint8)
    return examine(data, len(block), HEADER, identifiers.defects).sound


@settings(deadline=None)
@given(st.lists(sound_lines(), min_size=1, max_size=20))
def test_region_filter_follows_the_rule(lines: list[bytes]):
    keep = RegionFilter(EAST, KNOWN)(sound(lines))
    values = [dict(zip(NAMES, line.decode().split("|"), strict=True)) for line in lines]
    place = ("code_commune_source", "code_postal", "code_pays", "libelle_pays")
    expected = [departement_of(*(value[name] for name in place), KNOWN) in EAST for value in values]
    assert keep.tolist() == expected


@settings(deadline=None)
@given(st.lists(st.binary(max_size=8), min_size=1))
def test_digits_are_told_eight_bytes_at_a_time(texts: list[bytes]):
    words = np.array([int.from_bytes(text, "little") for text in texts], np.uint64)
    lengths = np.array([len(text) for text in texts])
    assert all_digits(words, lengths).tolist() == [not text or text.isdigit() for text in texts]
    assert (words & MASKS[lengths] == words).all()


def test_person_filter_keeps_those_persons_only():
    lines = sound([activite(**person(number)).encode() for number in (1, 2, 3)])
    chosen = PersonFilter(pl.Series(["890000000001", "890000000003", "890000000003"]))
    assert chosen(lines).tolist() == [True, False, True]
    assert PersonFilter(pl.Series([], dtype=pl.String))(lines).tolist() == [False] * 3
    assert everyone(lines).tolist() == [True] * 3


def test_person_filter_settles_shared_fingerprints(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(persons, "_mix", lambda first, _second, _third: first * 0)
    chosen = PersonFilter(pl.Series(["890000000001"]))
    assert chosen(sound([activite(**person(2)).encode()])).tolist() == [True]
    frame = pl.DataFrame({"identification_nationale_pp": ["890000000001", "890000000002"]})
    assert chosen.settle(frame)["identification_nationale_pp"].to_list() == ["890000000001"]


def test_very_many_rejects_keep_only_the_first_contents(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scanning, "REJECT_CONTENTS", 2)
    stream = io.BytesIO(b"x" * 20_000 + b"\ny\nz\n")
    scanned = scanning.scan(stream, HEADER, everyone, name="a.txt")
    assert scanned.rejects["ligne"].to_list() == [2, 3, 4]
    assert scanned.rejects["contenu"].to_list() == ["x" * 10_000, "y", None]


def test_progress_ends_at_one():
    shares: list[float] = []
    text = (activite() + "\n").encode()
    scanning.scan(io.BytesIO(text), HEADER, everyone, name="a.txt", size=len(text), say=shares.append)
    assert shares == [1.0]
