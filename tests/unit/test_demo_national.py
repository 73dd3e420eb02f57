"""The national file for the benchmark: size, layout, duplicates, every department."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl
import pytest

from bench.national import write_national
from demo.annuaire.identifiants import passes_luhn
from lake.errors import ContractError


def test_national_file_has_the_lines_columns_and_duplicates_announced(tmp_path: Path) -> None:
    written = write_national(tmp_path / "national.txt", lines=230_000)
    content = written.path.read_bytes()
    assert written.octets == len(content)
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    assert len(lines) == 230_001
    assert {line.count(b"|") for line in lines} == {55}
    assert len(set(lines)) == 230_001 - written.doublons
    assert written.doublons == 80
    assert 330 < len(content) / 230_000 < 400, "bytes a line, as in the official file"
    frame = pl.read_csv(written.path, separator="|", quote_char=None, infer_schema=False)
    postal, commune = frame["Code postal (coord. structure)"], frame["Code commune (coord. structure)"]
    assert 0.2 < postal.null_count() / frame.height < 0.3
    departements = commune.drop_nulls().str.extract(r"^(97\d|2[AB]|\d\d)").unique()
    assert departements.len() == 101
    persons = frame["Identifiant PP"]
    assert persons.n_unique() < 0.8 * frame.height
    assert not any(passes_luhn(number) for number in persons.head(2_000))
    named = frame.select("Identifiant PP", "Nom d'exercice", "Prénom d'exercice", "Code profession").unique()
    assert named.height == persons.n_unique(), "a person has one name and one profession"


def test_national_file_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    def digest(name: str, seed: int) -> str:
        return hashlib.sha256(
            write_national(tmp_path / name, lines=2_000, seed=seed).path.read_bytes()
        ).hexdigest()

    assert digest("a", 1) == digest("b", 1) != digest("c", 2)


def test_true_communes_are_used_when_given(tmp_path: Path) -> None:
    communes = pl.DataFrame(
        {
            "code_commune": ["67482"],
            "commune": ["Strasbourg"],
            "code_departement": ["67"],
            "population": [291_313],
        }
    )
    written = write_national(tmp_path / "n.txt", lines=20_000, communes=communes)
    frame = pl.read_csv(written.path, separator="|", quote_char=None, infer_schema=False)
    local = frame.filter(pl.col("Code postal (coord. structure)").str.starts_with("67"))
    assert set(local["Libellé commune (coord. structure)"]) == {"Strasbourg"}


def test_no_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="0 ligne"):
        write_national(tmp_path / "n.txt", lines=0)
