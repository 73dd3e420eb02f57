"""Forms that measures are written in, on rows chosen to trip: nulls, empty groups, zeros below, ties, ends of years."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import dataframely as dy
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from lake.contract import Table
from lake.settings import Settings
from lake.spark.engine import Engine, engine
from lake.tables import Lake


class EssaiSchema(dy.Schema):
    """Rows of every type that universes count."""

    rang = dy.Int64(primary_key=True, description="Rang")
    groupe = dy.String(nullable=True, description="Groupe")
    texte = dy.String(nullable=True, description="Texte")
    entier = dy.Int64(nullable=True, description="Entier")
    reel = dy.Float64(nullable=True, description="Réel")
    vrai = dy.Bool(nullable=True, description="Vrai")
    jour = dy.Date(nullable=True, description="Jour")


ESSAI = Table("essai__formes", "Formes", "Une ligne par rang.", EssaiSchema, "essai")
ROWS = [
    (1, "a", "x|y", 3, 0.5, True, date(2026, 1, 1)),
    (2, "a", None, None, None, None, None),
    (3, "a", "x", 0, -2.0, False, date(2025, 12, 29)),
    (4, "b", "œuf", None, 0.0, None, date(2024, 2, 29)),
    (5, "b", "", None, None, False, date(2026, 1, 4)),
    (6, None, "x", 7, 1.25, True, date(2026, 1, 5)),
    (7, "c", "z", 12, 4.0, True, date(2026, 1, 5)),
]
of = pl.col


def groups(rows: pl.LazyFrame) -> pl.LazyFrame:
    kept = of("texte").filter(of("vrai"))
    return rows.group_by("groupe").agg(
        lignes=pl.len(),
        connus=of("entier").count(),
        somme=of("entier").sum(),
        vide=of("reel").filter(of("rang") > 99).sum(),
        trou=pl.when(of("entier").count() > 0).then(of("entier").sum()),
        distincts=of("texte").n_unique(),
        sans_null=of("texte").drop_nulls().n_unique(),
        gardes=kept.n_unique(),
        gardes_nuls=of("entier").filter(of("rang") < 5).n_unique(),
        dernier=of("texte").max(),
        premier=of("jour").min(),
        un=of("vrai").any(),
        tous=of("vrai").all(),
        seul=pl.when(of("rang").filter(of("entier") == 0).len() == 1).then(
            of("texte").filter(of("entier") == 0).first()
        ),
        rapport=of("entier").sum() / of("reel").fill_null(0.0).sum(),
        moyenne=of("reel").mean(),
    )


def by_row(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        "rang",
        dans=of("texte").is_in(["x", "z"]),
        rien=of("texte").is_in([]),
        entre=of("entier").is_between(0, 7),
        ouvert=of("entier").is_between(0, 7, closed="none"),
        pas=~of("vrai"),
        sinon=pl.when(of("vrai")).then(1).otherwise(2),
        nul=pl.when(of("entier") > 2).then("texte"),
        mois=of("jour").dt.strftime("%Y-%m"),
        texte_du_jour=of("jour").cast(pl.String),
        semaine=of("jour").dt.truncate("1w").dt.strftime("%Y-%m-%d"),
        debut=of("jour").dt.truncate("1mo"),
        chiffres=of("rang").cast(pl.String).str.zfill(2),
        commence=of("texte").str.starts_with("x"),
        divise=of("entier") / of("reel"),
        zero=of("entier") / 0,
        pareil=of("texte").eq_missing(of("groupe")),
        present=pl.coalesce("texte", "groupe"),
        chacun=pl.any_horizontal(of("vrai"), of("entier") > 2),
    )


def joined(rows: pl.LazyFrame) -> pl.LazyFrame:
    left = rows.group_by("groupe").agg(somme=of("entier").sum())
    right = rows.filter(of("rang") > 3).group_by("groupe").agg(lignes=pl.len(), somme=of("reel").sum())
    return left.join(right, on="groupe", how="full", coalesce=True, nulls_equal=True, suffix="_autre")


def firsts(rows: pl.LazyFrame) -> pl.LazyFrame:
    order = rows.sort(
        of("entier").is_null(), "entier", "texte", descending=[False, True, False], nulls_last=True
    )
    return order.unique(["groupe"], keep="first", maintain_order=True).select("groupe", "rang")


def windows(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.with_columns(total=(of("entier") - of("rang")).sum().over("groupe")).select("rang", "total")


def pieces(rows: pl.LazyFrame) -> pl.LazyFrame:
    parts = rows.with_columns(part=of("texte").str.split("|"))
    parts = parts.filter(of("part").list.set_intersection(["x", "z"]).list.len() > 0)
    return parts.explode("part", empty_as_null=True).select("rang", "part")


def nothing(rows: pl.LazyFrame) -> pl.LazyFrame:
    none = rows.filter(of("rang") > 99)
    return pl.concat(
        [none.select(somme=of("entier").sum()), none.select(distincts=of("texte").n_unique())],
        how="horizontal",
    )


def beside_nothing(rows: pl.LazyFrame) -> pl.LazyFrame:
    """A small frame that the plan holds has no row: its types are said, there is nothing to guess them from."""
    labels = pl.LazyFrame(
        schema={"groupe": pl.String, "libelle": pl.String, "poids": pl.UInt32, "du": pl.Date}
    )
    return rows.join(labels, on="groupe", how="left").select("rang", "libelle", "poids", "du")


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory, spark_address: str) -> Iterator[Engine]:
    lake = Lake(Settings(lake=str(tmp_path_factory.mktemp("formes")), spark=spark_address))
    lake.publish(ESSAI, pl.DataFrame(ROWS, schema=ESSAI.dtypes(), orient="row"))
    with engine(lake.settings, lake.snapshot(), lake.root) as opened:
        yield opened


@pytest.mark.parametrize("form", [groups, by_row, joined, firsts, windows, pieces, nothing, beside_nothing])
def test_a_form_says_the_same_on_both_engines(
    spark: Engine, form: Callable[[pl.LazyFrame], pl.LazyFrame]
) -> None:
    here = form(spark.state.scan(ESSAI)).collect()
    kept, answered = len(spark.kept), spark.answered
    there = spark.collect(form(spark.scan(ESSAI)))
    assert_frame_equal(here, there, check_row_order=False, rel_tol=1e-12)
    assert (spark.kept[kept:], spark.answered - answered) == ([], 1), "the whole form went to Spark, at once"


def test_a_literal_alone_in_its_group_is_never_sent(spark: Engine) -> None:
    """One value for Polars, one a row for Spark: the sum of ``lit(1)`` would be the number of lines there."""

    def asked(rows: pl.LazyFrame) -> pl.LazyFrame:
        return rows.group_by("groupe").agg(pl.lit(1).sum().alias("un")).sort("groupe")

    assert_frame_equal(spark.collect(asked(spark.scan(ESSAI))), asked(spark.state.scan(ESSAI)).collect())
    assert "aggregate of a literal" in spark.kept
