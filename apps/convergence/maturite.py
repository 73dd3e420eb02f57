"""« Maturité »: one service: its radar, its answers, and what changed since an earlier campaign."""

from __future__ import annotations

from datetime import date

import polars as pl

from apps.convergence.chiffres import NIVEAU, TAUX, listed, rates
from apps.convergence.choix import HORIZON, Listed, Side
from apps.convergence.galerie import SERIES, Outlines
from apps.convergence.vues import LEVEL, SCORES, Serie
from apps.convergence.words import address, at, domain, like, own_regions, rate, region_names
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.levels import answered, level_word
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Choice, Snapshot
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.style.worded import worded
from apps.kit.views.own import ROWS, WORDS, Rows, Shown
from lake.valeurs import valeur_dite
from scoring.universes.convergence import CONVERGENCE, KIND_WORDS
from scoring.universes.convergence_listes import (
    EVOLUTIONS,
    INCHANGE,
    REPONSES_DONNEES,
    SERVICES_DECLARES,
    USAGES_DECLARES,
)
from scoring.universes.model import Format

ALL = "tous"
"""A service is shown whatever the publication's scope."""


def _services(view: View) -> dict[str, str]:
    names = region_names(view)
    rows = listed(view, SERVICES_DECLARES).sort("region", "nom", nulls_last=True)
    return {
        code: f"{nom} · {names.get(region, region)}" if region else nom
        for code, nom, region in rows.select("service", "nom", "region").iter_rows()
    }


SERVICE = Listed("service", "Service", choices=_services)


def _campaigns(view: View) -> dict[str, str]:
    return {day.isoformat(): french.long_date(day) for day in view.dates if view.date and day < view.date}


THEN = Listed("avant", "Comparer avec la campagne du", choices=_campaigns)


def alone(view: View) -> View:
    """The same page on the service alone."""
    side = view.selection.only(("volet",)).with_filter("region", sorted(own_regions(view) or ()))
    return view.on(selection=side.with_filter("service", [SERVICE.chosen(view)]))


def card(view: View) -> dict[str, object]:
    """The service's own row; empty when there is none."""
    rows = listed(alone(view), SERVICES_DECLARES)
    return rows.row(0, named=True) if rows.height else {}


def question(view: View) -> str:
    """« Où en est Téléconsultation … ? »"""
    return f"Où en est {card(view).get('nom') or 'ce service'} ?"


def reading(view: View) -> str:
    """The service in one sentence."""
    known = card(view)
    if not known:
        return "Aucun service ne répond à cette sélection."
    found = rates(alone(view), perimetre=ALL).select("questionnaire", TAUX).iter_rows()
    said = french.listing(f"{rate(value)} ({code})" for code, value in found)
    parts = [
        KIND_WORDS[str(known["kind"])],
        region_names(view).get(str(known["region"]), ""),
        str(known["type_service"] or ""),
        domain(known["zone_pos"]),  # type: ignore[arg-type]
    ]
    what = ", ".join(part for part in parts if part and part != "Sans domaine")
    leaving = "" if known["converge"] else " Ce service ne converge pas : il sera décommissionné."
    return f"{what} : {said or 'aucune réponse'}.{leaving}"


def figures(view: View) -> Figures:
    """Rates by questionnaire with their change, answers, plan."""
    one, before, since = alone(view), {}, ""
    if day := THEN.chosen(view):
        past = rates(one, at=date.fromisoformat(day), perimetre=ALL)
        before = dict(past.select("questionnaire", TAUX).iter_rows())
        since = f"depuis le {french.long_date(date.fromisoformat(day))}"
    items = []
    for code, value, level in rates(one, perimetre=ALL).select("questionnaire", TAUX, NIVEAU).iter_rows():
        change = french.change(value, before[code], Format.PERCENT, since=since) if code in before else None
        items.append(
            Figure(f"Taux {code}", rate(value), change, reference=f"niveau {LEVEL.write(level)} / 3")
        )
    counted = listed(one, REPONSES_DONNEES, perimetre=ALL).drop_nulls("niveau")
    below = counted.filter(pl.col("niveau") < pl.col("niveau_attendu")).height
    items.append(
        Figure(
            "Critères sous l'attendu",
            french.number(below),
            reference=f"sur {french.counted(counted.height, 'réponse')} qui comptent",
            good=-1,
            link=("Que prévoit le plan ?", address(view, "plan", service=SERVICE.chosen(view))),
        )
    )
    return Figures(items[-4:])


@SERIES("semblables")
def alike(view: View) -> Serie | None:
    """The services of the same type."""
    if not (kind := card(view).get("type_service")):
        return None
    others = view.on(selection=view.selection.only(("volet",)).with_filter("type_service", [str(kind)]))
    return Serie(like(others, "Services du même type"), others, HORIZON.chosen(view))


@SERIES("service_projete")
def projected(view: View) -> Serie | None:
    """The service at the quarter shown."""
    horizon = HORIZON.chosen(view)
    return Serie(f"Ce service, {at(horizon)}", alone(view), horizon, ALL) if horizon else None


SERIES["service"] = lambda view: Serie("Ce service", alone(view), perimetre=ALL)
SHAPE = Outlines(
    TAUX,
    ("service", "service_projete", "semblables"),
    "Axe par axe",
    "Les axes qui ne s'appliquent pas au service sont laissés de côté.",
    every=True,
    own=True,
)


LABEL = pl.format("{} · {}", "critere", "libelle_critere").alias("libelle")


def usages(view: View) -> pl.DataFrame:
    """The service's values, in words: ``libelle, critere, valeur``."""
    rows = listed(alone(view), USAGES_DECLARES, perimetre=ALL).with_columns(LABEL)
    said = [
        valeur_dite(value, kind, unit or "")
        for value, kind, unit in rows.select("valeur", "type_reponse", "unite").iter_rows()
    ]
    return rows.select("libelle", "critere", valeur=pl.Series(said, dtype=pl.String))


def _with_values(rows: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """Answers with the value that each comes from, then the values that are no answer of a level."""
    both = rows.join(values.select("critere", "valeur"), on="critere", how="left", maintain_order="left")
    return pl.concat([both, values.join(rows, on="critere", how="anti")], how="diagonal")


def answers(view: View) -> Chart:
    """Each criterion's level, coloured and worded."""
    rows = listed(alone(view), REPONSES_DONNEES, perimetre=ALL).with_columns(LABEL)
    rows = rows.pipe(worded, level_word, "niveau", "mot", nulls=True)
    carried = rows["porteur"].drop_nulls().len()
    said = f"{french.counted(carried, 'critère est porté', 'critères sont portés')} par un service d'infrastructure."
    values = usages(view)
    told = [said] if carried else []
    if values.height:
        of = " ; ".join(f"{one}, {value}" for one, value in values.select("libelle", "valeur").iter_rows())
        told.append(f"Usages : {of}.")
    return Chart(
        answered(rows, "libelle") if rows.height else {},
        Table(
            _with_values(rows, values) if values.height else rows,
            (
                Column("libelle", "Critère"),
                Column("mot", "Niveau"),
                Column("sens", "Ce que le niveau veut dire"),
                Column("niveau_attendu", "Attendu", Format.INTEGER),
                Column("porteur", "Porté par"),
                Column("motif_exclusion", "Pourquoi il ne compte pas"),
                *((Column("valeur", "Valeur"),) if values.height else ()),
            ),
        ),
        title="Quelles réponses ?",
        reading=" ".join(told),
        counted=french.counted(rows.height, "réponse"),
        measures=("niveau_maturite",),
    )


def _said(level: int | None, motif: str | None, porteur: str | None) -> str:
    """An answer in words: its level and who carries it, or why it has none."""
    carried = f", porté par {porteur}" if porteur else ""
    if level is not None:
        return f"{level_word(level)}{carried}"
    return f"{motif[0].upper()}{motif[1:]}" if motif else "Sans réponse"


@ROWS("maturite.changements")
def changes(view: View) -> pl.DataFrame:
    """What changed, criterion by criterion, since an earlier campaign; no row where there is none."""
    rows = listed(alone(view), EVOLUTIONS, avant=THEN.chosen(view), perimetre=ALL).with_columns(LABEL)
    changed = rows.filter(pl.col("changement") != INCHANGE).sort("critere")
    for end, into in (("", "mot"), ("_avant", "mot_avant")):
        names = [f"{name}{end}" for name in ("niveau", "motif_exclusion", "porteur")]
        changed = changed.pipe(worded, _said, names, into, nulls=True)
    return changed if THEN.chosen(view) else changed.clear()


@ROWS("maturite.historique")
def history(view: View) -> pl.DataFrame:
    """The service's rates in every campaign."""
    frame = rates(alone(view), "campagne", perimetre=ALL)
    return frame.sort("campagne", "questionnaire", descending=[True, False])


def _then(shown: Shown) -> str:
    """The campaign compared with, in words; empty when there is none."""
    day = THEN.chosen(shown.view)
    return french.long_date(date.fromisoformat(day)) if day else ""


def _unchanged(shown: Shown) -> str:
    then = _then(shown)
    return (
        f"Aucune réponse n'a changé depuis le {then}."
        if then
        else "Aucune campagne antérieure n'est publiée."
    )


def _changed(shown: Shown) -> str:
    up = shown.frame.filter(pl.col("ecart") > 0).height
    count = french.counted(shown.frame.height, "réponse a changé", "réponses ont changé")
    return f"{count} depuis le {_then(shown)}, dont {french.number(up)} en hausse."


WORDS.update(
    {
        "campagne": lambda s: french.long_date(s.view.date).capitalize(),
        "campagne_avant": lambda s: _then(s).capitalize(),
        "campagnes": lambda s: french.counted(s.frame["campagne"].n_unique(), "campagne"),
        "sans_changement": _unchanged,
        "changements": _changed,
    }
)
CHANGES = Rows(
    "maturite.changements",
    (
        Column("libelle", "Critère"),
        Column("changement", "Changement"),
        Column("mot_avant", "{campagne_avant}"),
        Column("mot", "{campagne}"),
        Column("ecart", "Écart", Format.INTEGER, change=True),
    ),
    "Qu'est-ce qui a changé ?",
    ("critère",),
    "{changements}",
    "{sans_changement}",
)
HISTORY = Rows(
    "maturite.historique",
    (Column("campagne", "Campagne"), Column("questionnaire", "Questionnaire"), *SCORES[1:]),
    "Depuis quand ?",
    counted="{campagnes}",
)

MATURITE = Page(
    name="maturite",
    title="Maturité",
    question=question,
    reading=reading,
    universe=CONVERGENCE,
    filters=(
        SERVICE,
        THEN,
        Side(),
        Snapshot("Campagne"),
        HORIZON,
        Choice("region", shared=True),
        Choice("domaine", shared=True),
        Choice("kind", shared=True),
        Choice("editeur", shared=True),
    ),
    figures=figures,
    rows=(
        (Block("axes", SHAPE), Block("historique", HISTORY, 0.8)),
        Block("reponses", answers),
        Block("ecarts", CHANGES),
    ),
)
