"""What the lake shows of the entry: the rows of the live campaign, from what was validated."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from lake.catalog.convergence import (
    AMELIORATIONS,
    CAMPAGNES,
    PLANS,
    PRELIMINAIRES,
    REPONSES,
    SERVICES,
    SOLUTIONS,
)
from lake.catalog.convergence_usages import USAGES, types_des
from lake.contract import Table
from lake.valeurs import NIVEAU
from scoring.convergence.answers import hidden
from scoring.convergence.rules import judge_answers, judge_steps
from scoring.convergence.usages import comptees, juger
from scoring.saisie.volets import REGIONS

DEPENDANCES = pl.Schema({"service": pl.String, "critere": pl.String, "jalon": pl.String})
"""What plans wait for (see :class:`Lignes`)."""


@dataclass(frozen=True)
class Lignes:
    """The rows of a live campaign.

    Attributes:
        frames: each table's rows, in its contract.
        ecartees: what was validated and is not published: ``service, critere, motif``.
        dependances: the milestones that validated plans say they wait for: ``service, critere, jalon`` (null where a
            plan says that it waits for none).
        ameliorations: the improvements proposed in the entry that are retained, in the table's columns.
        ameliorations_saisies: the identifiers of all those proposed in the entry, retained or not.
    """

    frames: Mapping[Table, pl.DataFrame]
    ecartees: pl.DataFrame
    dependances: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DEPENDANCES))
    ameliorations: pl.DataFrame = field(default_factory=AMELIORATIONS.empty)
    ameliorations_saisies: tuple[str, ...] = ()

    @property
    def empreinte(self) -> str:
        """SHA-256 of the rows, the date left out: the same answers have the same one."""
        digest = hashlib.sha256()
        for table, frame in self.frames.items():
            said = (
                frame.drop("campagne").sort(pl.exclude("volet"))
                if table is not CAMPAGNES
                else frame.select("version_referentiel")
            )
            digest.update(table.name.encode())
            digest.update(said.write_csv().encode())
        if self.dependances.height:
            digest.update(self.dependances.write_csv().encode())
        if self.ameliorations.height:
            digest.update(self.ameliorations.drop("campagne").write_csv().encode())
        return digest.hexdigest()


def lignes(
    *,
    services: pl.DataFrame,
    reponses: pl.DataFrame,
    plans: pl.DataFrame,
    preliminaires: pl.DataFrame,
    solutions: pl.DataFrame,
    criteres: pl.DataFrame,
    niveaux: pl.DataFrame,
    version: str,
    jour: date,
    volet: str = REGIONS,
) -> Lignes:
    """The rows that a day's live campaign shows.

    An answer to a hidden criterion, one whose carrier is not published, one that the version in force does not know
    stay in the store: they are set aside with their reason. So are overdue steps, steps at or under today's level, and
    those of services that will be decommissioned.

    Args:
        services, reponses, plans, preliminaires, solutions: the validated entry, as the store's frames give it.
        criteres, niveaux: the referential's version.
        version: its name.
        jour: the campaign's date.
        volet: the side; the services are of it.
    """
    key = {"volet": pl.lit(volet), "campagne": pl.lit(jour, pl.Date)}
    here = services["service"].implode()
    shown = services.with_columns(
        utilise=pl.col("utilise")
        .str.split("|")
        .list.eval(pl.element().filter(pl.element().is_in(here)))
        .list.join("|")
        .replace("", None),
        region=pl.when(pl.col("kind") != "produit").then("region"),  # an editor's code is nobody's region
    )
    posed = criteres.filter(
        (pl.col("etat_critere").fill_null("pose") if "etat_critere" in criteres.columns else pl.lit("pose"))
        == "pose"
    )
    rated = types_des(posed).filter((pl.col("type_reponse") == NIVEAU) | pl.col("seuils").is_not_null())
    levels = posed.join(rated.select("critere"), on="critere", how="semi", maintain_order="left")
    known = preliminaires.filter(
        pl.col("question").is_in(criteres["question"].drop_nulls().unique().implode())
    )
    masked = hidden(criteres.lazy(), known.lazy()).unique().collect()
    away = reponses.join(masked, on=["service", "critere"], how="semi").with_columns(
        motif=pl.lit("critère caché par une question préliminaire")
    )
    asked = reponses.join(masked, on=["service", "critere"], how="anti")
    judged = judge_answers(comptees(asked, posed), shown, levels, niveaux, known)
    kept = judged.filter(pl.col("motif").is_null()).drop("motif")
    typed = asked.filter(pl.col("nature") == "valeur").drop("niveau")
    typed = typed.with_columns(unite=pl.lit(None, pl.String))
    values = juger(typed, shown, posed, known, kept)
    steps = judge_steps(plans, shown, kept, levels, niveaux, jour)
    good = steps.filter(pl.col("motif").is_null())
    frames: dict[Table, pl.DataFrame] = {}
    for table, frame in (
        (SERVICES, shown),
        (SOLUTIONS, solutions),
        (PRELIMINAIRES, known),
        (PLANS, good),
        (REPONSES, kept),
        (USAGES, values.filter(pl.col("motif").is_null())),
    ):
        frames[table] = table.conform(frame.with_columns(**key)).valid
    frames[CAMPAGNES] = pl.DataFrame(
        {
            "volet": [volet],
            "campagne": [jour],
            "version_referentiel": [version],
            "services": [frames[SERVICES].height],
            "reponses": [frames[REPONSES].height],
            "plans": [frames[PLANS].height],
            "etat": ["en_cours"],
        },
        schema=CAMPAGNES.dtypes(),
    )
    waited = (
        good.filter(pl.col("jalons").is_not_null())
        .select("service", "critere", jalon=pl.col("jalons").str.split("|"))
        .explode("jalon")
        .with_columns(pl.col("jalon").replace("", None))
        .unique()
        .sort("service", "critere", "jalon")
        if "jalons" in good.columns
        else pl.DataFrame(schema=DEPENDANCES)
    )
    columns = ["service", "critere", "motif"]
    aside = [away, *(one.filter(pl.col("motif").is_not_null()) for one in (judged, values, steps))]
    gone = pl.concat([one.select(columns) for one in aside]).unique(maintain_order=True)
    return Lignes(frames, gone, waited)


def ameliorations_publiees(
    closes: pl.DataFrame, retenues: pl.DataFrame, saisies: Sequence[str]
) -> pl.DataFrame:
    """The improvements of a live campaign: those of the last closed one, and what the entry retains.

    Of what the entry holds, the entry alone says what becomes: what it sets aside after a closing is shown no more.

    Args:
        closes: the rows of the last closed campaign, in the table's columns.
        retenues: what the entry retains, in the table's columns.
        saisies: the identifiers of all that was proposed in the entry.
    """
    theirs = closes.filter(~pl.col("amelioration").is_in(pl.Series(list(saisies), dtype=pl.String).implode()))
    return pl.concat([theirs, retenues.select(theirs.columns)], how="vertical_relaxed")


def jalons_publies(jalons: pl.DataFrame, dependances: pl.DataFrame, criteres: pl.DataFrame) -> pl.DataFrame:
    """The milestones of a live campaign: those of the last closed one, and what the plans entered say of theirs.

    Where a plan says what a criterion waits for, that is what is published of it; elsewhere the closed campaign's rows
    stay. A milestone that the closed campaign does not know has no name nor quarter: it is left out.

    Args:
        jalons: the rows of the last closed campaign, in the table's columns.
        dependances: see :class:`Lignes`.
        criteres: ``critere, axe`` of the referential.
    """
    if dependances.is_empty():
        return jalons
    kept = jalons.join(dependances, on=["service", "critere"], how="anti", maintain_order="left")
    of = ["volet", "campagne", "jalon", "libelle_jalon", "porteur", "trimestre"]
    named = (
        dependances.drop_nulls("jalon")
        .join(jalons.select(of).unique("jalon", keep="first", maintain_order=True), on="jalon")
        .join(criteres.select("critere", "axe").unique("critere"), on="critere")
        .with_columns(dependance=pl.lit("directe"))
    )
    return pl.concat([kept, named.select(kept.columns)])


def date_du_jour(aujourdhui: date, derniere_close: date | None) -> date:
    """The live campaign's date: today, and never the date of a closed one, which it would overwrite."""
    return aujourdhui if derniere_close is None else max(aujourdhui, derniere_close + timedelta(days=1))
