"""What becomes of an answer when the referential changes: translated where that is sure, set aside where it is not.

A version of a referential says, for each criterion (or level) of the one before, what takes it up. An answer that was
validated under an older version goes through each change since, in order: a level that is taken up for sure counts with
its new level; one that is to be seen again, or that nothing takes up, stops counting; several criteria that become one
give the lowest of their levels, as the rule of the lower level asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

_SEEN = ["service", "critere"]


@dataclass(frozen=True)
class Passage:
    """One change of version.

    Attributes:
        version: the version that it leads to.
        liens: ``critere_avant, niveau_avant`` (-1: any), ``critere`` (empty: none), ``niveau``, ``certitude``.
    """

    version: str
    liens: pl.DataFrame


@dataclass(frozen=True)
class Traduction:
    """Rows under the version in force.

    Attributes:
        lignes: the rows given, with ``traduite``: whether a correspondence changed them.
        ecartees: ``service, critere, motif``: what no longer counts, under its old code.
    """

    lignes: pl.DataFrame
    ecartees: pl.DataFrame


def traduire(
    reponses: pl.DataFrame, chaine: Sequence[Passage], questionnaires: Mapping[str, str] | None = None
) -> Traduction:
    """Answers as the last version of a chain reads them.

    Args:
        reponses: ``service, critere, nature, niveau, referentiel`` (the version they were given under) and any other
            column; one that the chain does not name is older than all of it.
        chaine: the changes, oldest first.
        questionnaires: criterion -> its questionnaire in the last version; ``questionnaire`` follows it, when given.
    """
    rows = reponses.with_columns(traduite=pl.lit(False))
    known = [one.version for one in chaine]
    aside = []
    for rank, passage in enumerate(chaine):
        if passage.liens.is_empty():
            continue
        older = ~pl.col("referentiel").is_in(known[rank:])
        touched = older & pl.col("critere").is_in(passage.liens["critere_avant"].unique().implode())
        moved, lost = _step(rows.filter(touched), passage)
        aside.append(lost)
        stays = rows.filter(~touched)
        if moved.is_empty():
            rows = stays
            continue
        # What already answers a criterion that others join is one of those that are merged.
        rows = _merged(pl.concat([stays, moved.select(stays.columns)]), moved.select(_SEEN))
    if questionnaires is not None and "questionnaire" in rows.columns:
        named = pl.col("critere").replace_strict(dict(questionnaires), default=None, return_dtype=pl.String)
        rows = rows.with_columns(
            questionnaire=pl.when("traduite")
            .then(pl.coalesce(named, "questionnaire"))
            .otherwise("questionnaire")
        )
    empty = pl.DataFrame(schema={"service": pl.String, "critere": pl.String, "motif": pl.String})
    return Traduction(rows.drop("referentiel"), pl.concat([empty, *aside]))


def _step(rows: pl.DataFrame, passage: Passage) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What one change makes of rows that it touches; and what it sets aside."""
    links = passage.liens.select(
        "critere_avant", "niveau_avant", vers="critere", devient="niveau", certitude="certitude"
    )
    numbered = rows.with_row_index("_rang")
    exact = numbered.join(
        links, left_on=["critere", "niveau"], right_on=["critere_avant", "niveau_avant"], how="inner"
    )
    others = numbered.join(exact, on="_rang", how="anti")
    wide = links.filter(pl.col("niveau_avant") == -1).drop("niveau_avant")
    general = others.join(wide, left_on="critere", right_on="critere_avant", how="inner")
    # No level to translate: where it goes is enough, and how it goes is what its criterion's levels say together.
    bare = others.join(general, on="_rang", how="anti").filter(pl.col("nature") != "niveau")
    sure = (
        links.group_by(critere="critere_avant", vers="vers")
        .agg(doute=(pl.col("certitude") != "sure").any())
        .with_columns(certitude=pl.when("doute").then(pl.lit("a_revoir")).otherwise(pl.lit("sure")))
        .with_columns(devient=pl.lit(None, pl.Int64))
    )  # fmt: skip
    silent = bare.join(sure, on="critere", how="inner")
    columns = [*numbered.columns, "vers", "devient", "certitude"]
    found = pl.concat([exact.select(columns), general.select(columns), silent.select(columns)])
    good = (pl.col("certitude") == "sure") & (pl.col("vers") != "")
    kept = found.filter(good).with_columns(
        niveau=pl.when(pl.col("nature") == "niveau").then(pl.coalesce("devient", "niveau")).otherwise("niveau"),
        critere=pl.col("vers"),
        traduite=pl.lit(True),
    )  # fmt: skip
    lost = numbered.join(kept, on="_rang", how="anti").join(
        found.filter(pl.col("vers") == "").select("_rang", retire=pl.lit(True)).unique("_rang"),
        on="_rang",
        how="left",
    )
    why = (
        pl.when("retire")
        .then(pl.lit("critère retiré par la version "))
        .otherwise(pl.lit("à revoir depuis la version "))
    )
    aside = lost.select(*_SEEN, motif=why + pl.lit(passage.version))
    return kept.sort("_rang").drop("_rang", "vers", "devient", "certitude"), aside


def _merged(rows: pl.DataFrame, where: pl.DataFrame) -> pl.DataFrame:
    """One row a criterion: the lowest level; *not applicable* only where nothing else was said."""
    order = (
        pl.when(pl.col("nature") == "niveau")
        .then(pl.col("niveau"))
        .when(pl.col("nature") == "na")
        .then(pl.lit(9))
        .otherwise(pl.lit(5))
    )
    numbered = rows.with_row_index("_place").with_columns(_ordre=order)
    mine = numbered.join(where.unique(), on=_SEEN, how="semi")
    rest = numbered.join(where.unique(), on=_SEEN, how="anti")
    one = mine.sort("_ordre", "_place").unique(_SEEN, keep="first", maintain_order=True)
    one = one.with_columns(traduite=pl.lit(True))
    return pl.concat([rest, one]).sort("_place").drop("_place", "_ordre")


def traduire_plans(plans: pl.DataFrame, chaine: Sequence[Passage]) -> Traduction:
    """Steps as the last version of a chain reads them; several that become one keep the latest quarter.

    Args:
        plans: ``service, critere, niveau, trimestre, non_planifiable, referentiel``.
        chaine: the changes, oldest first.
    """
    shaped = plans.with_columns(
        nature=pl.when("non_planifiable").then(pl.lit("na")).otherwise(pl.lit("niveau"))
    )
    rows = shaped.with_columns(traduite=pl.lit(False))
    known = [one.version for one in chaine]
    aside = []
    for rank, passage in enumerate(chaine):
        if passage.liens.is_empty():
            continue
        touched = ~pl.col("referentiel").is_in(known[rank:]) & pl.col("critere").is_in(
            passage.liens["critere_avant"].unique().implode()
        )
        moved, lost = _step(rows.filter(touched), passage)
        aside.append(lost)
        rows = (
            pl.concat([rows.filter(~touched), moved.select(rows.columns)])
            .sort("trimestre", descending=True, nulls_last=True, maintain_order=True)
            .unique([*_SEEN, "niveau"], keep="first", maintain_order=True)
        )
    empty = pl.DataFrame(schema={"service": pl.String, "critere": pl.String, "motif": pl.String})
    rows = rows.drop("referentiel", "nature").sort("service", "critere", "niveau", nulls_last=False)
    return Traduction(rows, pl.concat([empty, *aside]))
