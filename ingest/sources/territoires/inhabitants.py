"""Inhabitants: those of communes that were taken over, and populations that the files renew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from ingest.source import Parsed
from ingest.sources.territoires.reading import Reading
from ingest.sources.territoires.reference import Territoires
from ingest.sources.territoires.settle import (
    COMMUNE,
    departement_code,
    form,
    missing,
    rows_of,
    settle,
    unreadable,
)
from lake.words import agreed

_NAMED = 5
"""Communes that a remark names; beyond, they are counted."""


def take_over(
    communes: Parsed,
    reference: Territoires,
    readings: Sequence[Reading],
    wanted: Sequence[str],
    successors: Mapping[str, str],
) -> None:
    """Inhabitants of communes that have just disappeared go to those that took them over."""
    in_force = set(communes.frame["code_commune"])
    gone = reference.communes.filter(
        pl.col("code_departement").is_in(list(wanted)) & ~pl.col("code_commune").is_in(sorted(in_force))
    )
    if not gone.height:
        return
    gone = gone.with_columns(
        code_commune=pl.col("code_commune").replace_strict(
            dict(successors), default=None, return_dtype=pl.String
        )
    )
    lost = gone.filter(~pl.col("code_commune").is_in(sorted(in_force)).fill_null(False)).height
    if lost:
        communes.warnings.append(
            agreed(
                lost,
                f"{lost} commune(s) de la référence ne figure(nt) plus dans les fichiers, sans successeur connu : "
                "donnez aussi le fichier des mouvements de communes.",
            )
        )
    communes.figures["communes disparues"] = gone.height
    # A list that carries populations speaks for itself; only what came from the reference is completed.
    fresh = set(rows_of(readings, "communes").filter(pl.col("population").is_not_null())["code_commune"])
    extra = (
        gone.filter(~pl.col("code_commune").is_in(sorted(fresh)))
        .group_by("code_commune")
        .agg(plus=pl.col("population").sum(), plus_totale=pl.col("population_totale").sum())
    )
    communes.frame = (
        communes.frame.join(extra, on="code_commune", how="left", maintain_order="left")
        .with_columns(
            population=pl.col("population") + pl.col("plus").fill_null(0),
            population_totale=pl.col("population_totale") + pl.col("plus_totale").fill_null(0),
        )
        .drop("plus", "plus_totale")
    )


def renew(
    communes: Parsed, readings: Sequence[Reading], wanted: Sequence[str], successors: Mapping[str, str]
) -> None:
    """Populations by commune, those of former communes added up in the commune in force."""
    rows = rows_of(readings, "populations").with_columns(
        actuelle=pl.col("code_commune").replace(dict(successors))
    )
    in_force = sorted(communes.frame["code_commune"])
    inside = settle(
        rows,
        ["code_commune"],
        malformed=[
            form("code_commune", COMMUNE, "code de commune"),
            missing("population", "population municipale"),
        ],
        outside=~departement_code("actuelle").is_in(list(wanted)),
        unfit=[(~pl.col("actuelle").is_in(in_force), "population d'une commune inconnue")],
        broken=unreadable(readings, "populations"),
    )
    communes.rejects = pl.concat([communes.rejects, inside.rejects])
    communes.lues += inside.rejects.height
    if rows.height:
        communes.figures["populations mises à jour"] = inside.kept["actuelle"].n_unique()
    fresh = inside.kept.group_by("actuelle").agg(
        municipale=pl.col("population").sum(),
        totale=pl.when(pl.col("population_totale").is_not_null().all()).then(
            pl.col("population_totale").sum()
        ),
    )
    communes.frame = (
        communes.frame.join(
            fresh, left_on="code_commune", right_on="actuelle", how="left", maintain_order="left"
        )
        .with_columns(
            population=pl.coalesce("municipale", "population"),
            population_totale=pl.coalesce("totale", "population_totale"),
        )
        .drop("municipale", "totale")
    )


def say_gaps(communes: Parsed, postal: pl.DataFrame, reference: Territoires) -> None:
    """Warn of communes that no file nor the reference gives an EPCI, inhabitants or a postal code."""
    frame = communes.frame
    lacking = (
        (frame.filter(pl.col("siren_epci").is_null()), "sans EPCI", "des EPCI"),
        (frame.filter(pl.col("population").is_null()), "sans population connue", "des populations"),
        (frame.join(postal, on="code_commune", how="anti"), "sans code postal connu", "de La Poste"),
    )
    for rows, what, file in lacking:
        if rows.height:
            said = agreed(
                rows.height, f"{rows.height} commune(s) {what}{_some(rows)} : donnez aussi le fichier {file}."
            )
            communes.warnings.append(said)
    # A re-established commune leaves its inhabitants with the one that it comes from until INSEE counts it.
    mothers = reference.fusions.filter(pl.col("ancien_code_commune") != pl.col("code_commune"))
    back = frame.filter(pl.col("population").is_null()).join(
        mothers.select(code_commune="ancien_code_commune", _mere="code_commune").unique("code_commune"),
        on="code_commune",
    )
    for code, name, mother in (
        back.select("code_commune", "commune", "_mere").sort("code_commune").iter_rows()
    ):
        communes.warnings.append(
            f"{name} ({code}) est rétablie : ses habitants restent comptés à {mother} jusqu'au fichier des populations."
        )


def _some(rows: pl.DataFrame) -> str:
    """The first communes of a list, in brackets; nothing when they are too many to name."""
    if rows.height > _NAMED:
        return ""
    return f" ({', '.join(f'{name}, {code}' for code, name in rows.select('code_commune', 'commune').iter_rows())})"
