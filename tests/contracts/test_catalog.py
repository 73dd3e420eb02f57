"""The contracts themselves: complete, described in French, and documented."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from ingest.sources import NAMES
from lake.catalog import all_tables, table
from lake.contract import Table
from lake.dictionary import dictionary
from lake.errors import UnknownName

TABLES = list(all_tables().values())
DICTIONARY = Path(__file__).resolve().parents[2] / "docs" / "dictionnaire.md"
ENGLISH = re.compile(r"\b(the|of|and|or|with|row|column|value|key|name of)\b")


@pytest.mark.parametrize("one", TABLES, ids=[one.name for one in TABLES])
def test_every_table_and_column_is_described_in_french(one: Table) -> None:
    assert re.fullmatch(r"[a-z]+__[a-z_]+", one.name)
    assert one.title
    assert one.description.endswith(".")
    assert one.licence
    for column, words in one.descriptions().items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column)
        assert len(words) >= 3, column
        assert words[0].isupper(), column
        assert not ENGLISH.search(words), column


@pytest.mark.parametrize("one", TABLES, ids=[one.name for one in TABLES])
def test_partitions_and_units_are_simple(one: Table) -> None:
    dtypes = one.dtypes()
    for column in one.partition_by:
        assert dtypes[column] in (pl.String, pl.Date), column
        assert not one.schema.columns()[column].nullable, column
    # Replacing a unit drops whole files; a table of few rows has no partition, and is written anew.
    assert not one.partition_by or set(one.unit) <= set(one.partition_by)
    assert set(one.key) <= set(one.columns)
    codes = [name for name in one.columns if name.startswith(("code_", "siren", "siret", "finess"))]
    assert all(dtypes[name] == pl.String for name in codes)  # 01 never becomes 1
    assert one.empty().schema == dtypes
    assert one.conform(one.empty()).valid.schema == dtypes


@pytest.mark.parametrize("one", TABLES, ids=[one.name for one in TABLES])
def test_every_rule_says_in_french_why_a_row_is_refused(one: Table) -> None:
    for rule in one.schema._validation_rules(with_cast=True):
        reason = one.reason(rule)
        assert "|" not in reason
        assert rule not in reason, f"{one.name} : {rule} n'a pas de motif"
        if ":" in reason:
            check = rule.partition("|")[2]
            assert reason != f"{rule.partition('|')[0]} : {check}"


def test_every_source_that_feeds_a_table_exists() -> None:
    own = {"journal", "geocodage", "sas"}
    assert {one.source for one in TABLES} - own <= set(NAMES)


def test_tables_are_found_by_name() -> None:
    assert all(table(one.name) is one for one in TABLES)
    with pytest.raises(UnknownName, match="Vouliez-vous dire : annuaire__activites"):
        table("annuaire_activites")


def test_the_dictionary_is_up_to_date() -> None:
    written = DICTIONARY.read_text("utf-8")
    assert written == dictionary(), "obs lake dictionnaire --ecrire docs/dictionnaire.md"
    for one in TABLES:
        section = written.split(f"## `{one.name}`", 1)[1].split("\n## ", 1)[0]
        assert all(f"| `{column}` |" in section for column in one.columns)
