"""Splitting rows in those that keep a contract and those that break it."""

from __future__ import annotations

from datetime import date

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.catalog.annuaire import ACTIVITES
from lake.contract import Table, text
from lake.errors import ContractError
from tests.sample_annuaire import NEW, ROWS, activities


class MesuresSchema(dy.Schema):
    """One row per measure."""

    code = dy.String(primary_key=True, regex=r"^[0-9]{2}$", description="Code")
    jour = dy.Date(description="Jour")
    debut = dy.Int64(nullable=True, min=0, description="Début")
    fin = dy.Int64(nullable=True, description="Fin")
    note = text("Note")

    @dy.rule()
    def fin_apres_debut(cls) -> pl.Expr:  # noqa: N805
        """The end follows the start."""
        return pl.col("fin") >= pl.col("debut")


MESURES = Table(
    name="essai__mesures",
    title="Mesures",
    description="Une ligne par mesure.",
    schema=MesuresSchema,
    source="essai",
    reasons={"fin_apres_debut": "la fin précède le début", "code|regex": "code inconnu"},
)
JOUR = date(2025, 1, 14)


def mesures(*rows: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame(
        list(rows), schema=["code", "jour", "debut", "fin", "note"], orient="row", strict=False
    )


def test_rows_that_keep_the_contract_come_out_in_its_shape() -> None:
    frame = mesures(("01", JOUR, 1, 2, "a")).select("note", "fin", "code", "debut", "jour", autre=pl.lit(1))
    outcome = MESURES.conform(frame.lazy())
    assert outcome.valid.schema == MESURES.dtypes()
    assert outcome.valid.rows() == [("01", JOUR, 1, 2, "a")]
    assert outcome.rejects.is_empty()
    assert outcome.rejects.columns == [*MESURES.columns, "motif", "regle"]


def test_every_broken_rule_is_said_in_french() -> None:
    outcome = MESURES.conform(
        mesures(
            ("01", JOUR, 1, 2, "bonne"),
            ("1", JOUR, -1, 2, "deux règles"),
            ("02", None, 5, 2, "deux autres"),
            ("03", JOUR, None, 2, "bonne aussi : rien à comparer"),
        )
    )
    assert outcome.valid["code"].to_list() == ["01", "03"]
    reasons = dict(outcome.rejects.select("note", "motif").iter_rows())
    assert set(reasons["deux règles"].split(" ; ")) == {"code inconnu", "debut : valeur trop petite"}
    assert set(reasons["deux autres"].split(" ; ")) == {
        "la fin précède le début",
        "jour : valeur obligatoire absente",
    }
    rules = dict(outcome.rejects.select("note", "regle").iter_rows())
    assert set(rules["deux règles"].split(",")) == {"code|regex", "debut|min"}


def test_values_are_cast_and_those_that_cannot_be_are_rejected_as_written() -> None:
    frame = pl.DataFrame(
        {
            "code": ["01", "02", "03"],
            "jour": [JOUR] * 3,
            "debut": ["1", "un", None],
            "fin": ["2", "3", "4"],
            "note": [None] * 3,
        }
    )
    outcome = MESURES.conform(frame)
    assert outcome.valid.schema == MESURES.dtypes()
    assert outcome.valid.select("code", "debut", "fin").rows() == [("01", 1, 2), ("03", None, 4)]
    assert outcome.rejects.select("code", "debut", "motif").rows() == [
        ("02", "un", "debut : valeur illisible pour son type")
    ]


def test_both_bearers_of_a_key_are_rejected() -> None:
    outcome = MESURES.conform(
        mesures(("01", JOUR, 1, 2, "a"), ("01", JOUR, 1, 2, "b"), ("02", JOUR, 1, 2, "c"))
    )
    assert outcome.valid["note"].to_list() == ["c"]
    assert outcome.rejects["motif"].to_list() == ["clé en double (code)"] * 2


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ContractError, match=r"essai__mesures : colonnes absentes : debut, note"):
        MESURES.conform(mesures(("01", JOUR, 1, 2, "a")).drop("debut", "note"))


def test_a_contract_cannot_name_a_column_it_does_not_have() -> None:
    with pytest.raises(ContractError, match="« region » n'est pas au contrat"):
        Table("x__y", "X", "X.", MesuresSchema, "essai", partition_by=("region",))


CODES = st.sampled_from(["01", "02", "03", "04", "1", "abc", None])
NUMBERS = st.none() | st.integers(-3, 3)


@given(st.lists(st.tuples(CODES, st.sampled_from([JOUR, None]), NUMBERS, NUMBERS), max_size=12))
def test_no_row_is_lost_and_each_is_on_its_side(rows: list[tuple[object, ...]]) -> None:
    frame = pl.DataFrame(
        [(*row, str(number)) for number, row in enumerate(rows)],
        schema={"code": pl.String, "jour": pl.Date, "debut": pl.Int64, "fin": pl.Int64, "note": pl.String},
        orient="row",
    )
    outcome = MESURES.conform(frame)
    codes = [row[0] for row in rows]

    def kept(row: tuple[object, ...]) -> bool:
        code, jour, debut, fin = row
        ordered = debut is None or fin is None or fin >= debut  # type: ignore[operator]
        return (
            code in {"01", "02", "03", "04"}
            and codes.count(code) == 1
            and jour is not None
            and (debut is None or debut >= 0)  # type: ignore[operator]
            and ordered
        )

    expected = {str(number) for number, row in enumerate(rows) if kept(row)}
    assert set(outcome.valid["note"]) == expected
    assert set(outcome.rejects["note"]) == {str(n) for n in range(len(rows))} - expected
    assert outcome.valid.height + outcome.rejects.height == len(rows)
    assert all(outcome.rejects["motif"].str.len_chars() > 0)


def test_an_activity_says_a_reason_exactly_when_it_is_not_located() -> None:
    sound = activities(ROWS, NEW)
    assert ACTIVITES.conform(sound).rejects.is_empty()
    first = pl.col("ligne") == 2
    for change, motif in (
        (pl.lit("introuvable").alias("geo_motif"), "motif de non-localisation et précision se contredisent"),
        (pl.lit(None, pl.Float64).alias("latitude"), "coordonnées et précision se contredisent"),
        (pl.lit("exacte").alias("geo_precision"), "geo_precision : forme inattendue"),
        (pl.lit("").alias("code_profession"), "code de profession de forme inattendue"),
        (pl.lit(None, pl.String).alias("identifiant_pp"), "identifiant de la personne absent"),
    ):
        name = change.meta.output_name()
        broken = sound.with_columns(pl.when(first).then(change).otherwise(pl.col(name)).alias(name))
        rejects = ACTIVITES.conform(broken).rejects
        assert rejects["ligne"].to_list() == [2]
        assert motif in rejects["motif"].item()
