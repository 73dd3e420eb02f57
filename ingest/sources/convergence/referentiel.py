"""The packaged referentials, and what the checks read from a referential.

Source of the regions' referential: Agence du Numérique en Santé, Convergence v1.2, questionnaires in force on
15 December 2020 (codes, axes, scale, expected levels; the wording of each level is a summary). That of
``industriels`` is the demo's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

from lake.catalog.convergence import NIVEAUX, REFERENTIEL, VOLETS
from lake.catalog.convergence_fiches import FICHES
from lake.errors import UnknownName
from scoring.saisie.referentiel import LATER

VERSION = "2020-12-15"


@dataclass(frozen=True)
class Referentiel:
    """A version of a referential.

    Attributes:
        volet: ``regions`` or ``industriels``.
        version: its name.
        criteres: the columns of the table ``convergence__referentiel``.
        niveaux: the columns of the table ``convergence__niveaux``.
    """

    volet: str
    version: str
    criteres: pl.DataFrame
    niveaux: pl.DataFrame


def packaged_text(name: str) -> bytes:
    """The bytes of a packaged data file."""
    return files("ingest.sources.convergence.data").joinpath(name).read_bytes()


@cache
def packaged(volet: str = "regions") -> Referentiel:
    """The packaged referential of a side.

    Raises:
        UnknownName: no such side.
    """
    if volet not in VOLETS:
        raise UnknownName("volet", volet, VOLETS)
    key = {"volet": pl.lit(volet), "version": pl.lit(VERSION)}
    criteres = pl.read_csv(packaged_text(f"referentiel_{volet}.csv"), infer_schema=False)
    niveaux = pl.read_csv(packaged_text(f"niveaux_{volet}.csv"), infer_schema=False)
    return Referentiel(
        volet,
        VERSION,
        criteres.with_columns(**key)
        .with_columns(
            pl.col("a_partir_du").str.to_date(),
            pl.col("ordre", "niveau_attendu").cast(pl.Int64),
            pl.col("poids").cast(pl.Float64),
            non_applicable=pl.col("non_applicable") == "true",
        )
        .with_columns(pl.lit(None, pl.String).alias(name) for name in LATER)
        .select(REFERENTIEL.columns),
        niveaux.with_columns(**key).with_columns(pl.col("niveau").cast(pl.Int64)).select(NIVEAUX.columns),
    )


@cache
def packaged_cards(volet: str = "regions") -> pl.DataFrame:
    """What explains the packaged criteria, in the project's own words: the columns of ``convergence__fiches``.

    The full meaning of each level (``sens``, and of *non applicable* at level -1), what the criterion looks at
    (``aide``), possible proofs, the target of each axis. A side without texts has no row.
    """
    if volet != "regions":
        return FICHES.empty()
    rows = pl.read_csv(packaged_text("fiches_regions.csv"), infer_schema=False)
    return rows.with_columns(
        pl.col("niveau", "ordre").cast(pl.Int64), volet=pl.lit(volet), version=pl.lit(VERSION)
    ).select(FICHES.columns)


def cards_of(known: Referentiel) -> pl.DataFrame:
    """The packaged texts that hold for a version: those of the criteria whose levels are worded as the packaged ones.

    A level that says something else has another meaning: nothing is said of its criterion.
    """
    ours = packaged(known.volet) if known.volet in VOLETS else known
    same = ["critere", "niveau", "libelle_niveau"]
    apart = pl.concat(
        [
            known.niveaux.select(same).join(ours.niveaux.select(same), on=same, how="anti"),
            ours.niveaux.select(same).join(known.niveaux.select(same), on=same, how="anti"),
        ]
    )["critere"].unique()
    kept = known.criteres.filter(~pl.col("critere").is_in(apart.implode()))
    cards = packaged_cards(known.volet).with_columns(version=pl.lit(known.version))
    axis = pl.col("objet") == "axe"
    return pl.concat(
        [
            cards.filter(axis & pl.col("code").is_in(kept["axe"].unique().implode())),
            cards.filter(~axis & pl.col("code").is_in(kept["critere"].unique().implode())),
        ]
    )


# A bar separates two levels when a number follows: « 0:a | b|1:c » has two of them; « \\| » is a bar of the text.
_BAR = re.compile(r"(?<!\\)\|(?=\s*[0-9]+\s*(?:[:|]|$))")


def levels_of(criteres: pl.DataFrame) -> pl.DataFrame:
    """The levels that a file's ``niveaux`` cells say: ``0:none|1:some``, or bare numbers ``0|1|2``.

    Args:
        criteres: ``critere, niveaux`` (the cell), ``volet, version, ordre``; one row per criterion or more, of
            which the first says the levels.

    Returns:
        The columns of ``convergence__niveaux``; a level without words is named by its number.
    """
    rows = []
    first = criteres.unique("critere", keep="first", maintain_order=True)
    for volet, version, critere, cell in first.select("volet", "version", "critere", "niveaux").iter_rows():
        for part in _BAR.split(cell):
            number, _, words = part.partition(":")
            if number.strip().isdecimal():
                said = words.replace("\\|", "|").strip() or number.strip()
                rows.append((volet, version, critere, int(number), said))
    frame = pl.DataFrame(
        rows,
        schema={
            "volet": pl.String,
            "version": pl.String,
            "critere": pl.String,
            "niveau": pl.Int64,
            "libelle_niveau": pl.String,
        },
        orient="row",
    )
    return frame.select(NIVEAUX.columns)


def altered(before: pl.DataFrame, after: pl.DataFrame) -> list[str]:
    """The criteria that two contents of a version do not say alike, in their order."""
    one, other = (frame.select(pl.exclude("version")) for frame in (before, after))
    columns = one.columns
    changed = pl.concat(
        [
            one.join(other, on=columns, how="anti", nulls_equal=True),
            other.join(one, on=columns, how="anti", nulls_equal=True),
        ]
    )
    return changed["critere"].unique(maintain_order=True).to_list()
