"""``--moteur``: the engine that answers a question, over the same tables and with the same rights."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:  # the option alone is asked by commands that answer nothing
    import polars as pl

    from lake.snapshot import Snapshot
    from lake.tables import Lake
    from scoring.universes.model import Scan, Universe

MOTEURS = ("polars", "spark")

moteur_option = click.option(
    "--moteur",
    type=click.Choice(MOTEURS),
    default=MOTEURS[0],
    show_default=True,
    help="Moteur qui calcule : mêmes chiffres, mêmes droits (spark : OBS_SPARK, ou un moteur embarqué).",
)


class Answering(NamedTuple):
    """What answers a question: how it reads, how it gives rows."""

    scan: Scan
    collect: Callable[[pl.LazyFrame], pl.DataFrame]


@contextlib.contextmanager
def answering(moteur: str, lake: Lake, state: Snapshot, asked: Universe) -> Iterator[Answering]:
    """The engine asked; a universe whose rows are made for each question stays on Polars, and it is said.

    Raises:
        LakeError: the engine is not installed, or does not answer.
    """
    if moteur == "spark" and not asked.rests:
        click.echo(
            f"moteur : « {asked.name} » reste sur Polars, ses lignes se font pour chaque question.", err=True
        )
    if moteur != "spark" or not asked.rests:
        yield Answering(state.scan, lambda frame: frame.collect())
        return
    from lake.spark.engine import engine  # the extra [spark]: heavy, and often not there

    with engine(lake.settings, state, lake.root) as spark:
        yield Answering(spark.scan, spark.collect)
