"""« Maturité »: one service: its radar, its answers, and what changed since an earlier campaign."""

from __future__ import annotations

from datetime import date

import polars as pl

from apps.convergence.campagne import campagne, details, elsewhere, on, scored
from apps.convergence.choix import HORIZON, Listed, Side
from apps.convergence.synthese import LEVEL, WHOLE_RATE
from apps.convergence.words import address, at, domain, rate, region_names, spoke
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.levels import answered, level_word, radar
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Choice, Snapshot
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.style.worded import worded
from scoring.universes.convergence import CONVERGENCE, KIND_WORDS
from scoring.universes.model import Format


def _services(view: View) -> dict[str, str]:
    names = region_names(view)
    rows = campagne(view).services.sort("region", "nom", nulls_last=True)
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
    side = view.selection.only(("volet",))
    return on(view, side.with_filter("service", [SERVICE.chosen(view)]))


def card(view: View) -> dict[str, object]:
    """The service's own row; empty when there is none."""
    rows = campagne(view).tous.filter(pl.col("service") == SERVICE.chosen(view))
    return rows.row(0, named=True) if rows.height else {}


def by_axis(view: View, at: date | None = None, horizon: str = "") -> pl.DataFrame:
    """The service's rate and level on each axis that it answered."""
    one = alone(view)
    return scored(one, "axe", horizon, at=at, perimetre="tous")


def question(view: View) -> str:
    """« Où en est Téléconsultation … ? »"""
    return f"Où en est {card(view).get('nom') or 'ce service'} ?"


def reading(view: View) -> str:
    """The service in one sentence."""
    known = card(view)
    if not known:
        return "Aucun service ne répond à cette sélection."
    rows = scored(alone(view), "questionnaire", perimetre="tous")
    said = french.listing(f"{rate(row[2])} ({row[0]})" for row in rows.iter_rows())
    place = region_names(view).get(str(known["region"]), "")
    parts = [
        KIND_WORDS[str(known["kind"])],
        place,
        str(known["type_service"] or ""),
        domain(known["zone_pos"]),
    ]  # type: ignore[arg-type]
    what = ", ".join(part for part in parts if part and part != "Sans domaine")
    return f"{what} : {said or 'aucune réponse'}." + (
        "" if known["converge"] else " Ce service ne converge pas : il sera décommissionné."
    )


def figures(view: View) -> Figures:
    """Rates by questionnaire with their change, answers, plan."""
    one = alone(view)
    before = {}
    if day := THEN.chosen(view):
        past = scored(one, "questionnaire", at=date.fromisoformat(day), perimetre="tous")
        before = dict(past.select("questionnaire", "taux_maturite_pct").iter_rows())
    items = []
    for row in scored(one, "questionnaire", perimetre="tous").iter_rows(named=True):
        code, value = row["questionnaire"], row["taux_maturite_pct"]
        change = None
        if code in before:
            change = french.change(
                value,
                before[code],
                Format.PERCENT,
                since=f"depuis le {french.long_date(date.fromisoformat(day))}",
            )
        items.append(
            Figure(
                f"Taux {code}",
                rate(value),
                change,
                reference=f"niveau {LEVEL.write(row['niveau_maturite'])} / 3",
            )
        )
    rows = details(one, perimetre="tous")
    counted = rows.filter(pl.col("niveau").is_not_null())
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


def shape(view: View) -> Chart:
    """The radar of the service against its like, without the axes that do not apply."""
    horizon = HORIZON.chosen(view)
    known = card(view)
    own = by_axis(view).with_columns(serie=pl.lit("Ce service"))
    parts = [own]
    if horizon:
        parts.append(by_axis(view, horizon=horizon).with_columns(serie=pl.lit(f"Ce service, {at(horizon)}")))
    if known.get("type_service"):
        like = elsewhere(view).only(("volet",)).with_filter("type_service", [str(known["type_service"])])
        others = scored(view, "axe", horizon, selection=like)
        keys = own.select("questionnaire", "axe")
        parts.append(
            others.join(keys, on=["questionnaire", "axe"], how="semi").with_columns(
                serie=pl.lit("Services du même type, toutes régions")
            )
        )
    frame = pl.concat(parts).with_columns(cle=pl.format("{}-{}", "questionnaire", "axe"))
    labels = (
        campagne(view).referentiel.select("questionnaire", "axe", "libelle_axe").unique(maintain_order=True)
    )
    spokes = labels.join(
        own.select("questionnaire", "axe"), on=["questionnaire", "axe"], how="semi", maintain_order="left"
    )
    frame = frame.join(labels, on=["questionnaire", "axe"], how="left", maintain_order="left")
    return Chart(
        radar(
            frame,
            [(f"{code}-{axis}", spoke(axis, name)) for code, axis, name in spokes.iter_rows()],
            "taux_maturite_pct",
            100.0,
            WHOLE_RATE,
        ),
        Table(
            frame,
            (
                Column("questionnaire", "Questionnaire"),
                Column("axe", "Axe"),
                Column("libelle_axe", "Nom"),
                Column("serie", "Série"),
                Column("services_concernes", "Services", Format.INTEGER),
                Column("taux_maturite_pct", "Taux", Format.PERCENT),
                Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
            ),
        ),
        title="Axe par axe",
        reading="Les axes qui ne s'appliquent pas au service sont laissés de côté.",
        counted=french.counted(own.height, "axe"),
        measures=("taux_maturite_pct",),
    )


def _answers(view: View, at: date | None = None) -> pl.DataFrame:
    rows = details(alone(view), at=at, perimetre="tous")
    here = campagne(view)
    known = here.referentiel.select(
        "critere", "ordre", libelle=pl.format("{} · {}", "critere", "libelle_critere")
    )
    return (
        rows.join(known.unique("critere"), on="critere", how="left")
        .join(
            here.niveaux.select("critere", "niveau", sens="libelle_niveau"),
            on=["critere", "niveau"],
            how="left",
        )
        .sort("ordre")
        .pipe(worded, level_word, "niveau", "mot", nulls=True)
    )


def answers(view: View) -> Chart:
    """Each criterion's level, coloured and worded."""
    rows = _answers(view)
    carried = rows["porteur"].drop_nulls().len()
    said = f"{french.counted(carried, 'critère est porté', 'critères sont portés')} par un service d'infrastructure."
    return Chart(
        answered(rows, "libelle"),
        Table(
            rows,
            (
                Column("libelle", "Critère"),
                Column("mot", "Niveau"),
                Column("sens", "Ce que le niveau veut dire"),
                Column("niveau_attendu", "Attendu", Format.INTEGER),
                Column("porteur", "Porté par"),
                Column("motif_exclusion", "Pourquoi il ne compte pas"),
            ),
        ),
        title="Quelles réponses ?",
        reading=said if carried else "",
        counted=french.counted(rows.height, "réponse"),
        measures=("niveau_maturite",),
    )


def changes(view: View) -> Table | Note:
    """What changed, criterion by criterion, since an earlier campaign."""
    day = THEN.chosen(view)
    if not day:
        return Note("Aucune campagne antérieure n'est publiée.", title="Qu'est-ce qui a changé ?")
    then = date.fromisoformat(day)
    before = _answers(view, then).select("critere", avant="niveau", mot_avant="mot")
    rows = (
        _answers(view)
        .join(before, on="critere", how="full", coalesce=True)
        .with_columns(ecart=pl.col("niveau") - pl.col("avant"))
    )
    changed = rows.filter(pl.col("niveau").ne_missing(pl.col("avant"))).sort("critere")
    if not changed.height:
        return Note(
            f"Aucune réponse n'a changé depuis le {french.long_date(then)}.", title="Qu'est-ce qui a changé ?"
        )
    up = changed.filter(pl.col("ecart") > 0).height
    return Table(
        changed,
        (
            Column("libelle", "Critère"),
            Column("mot_avant", french.long_date(then).capitalize()),
            Column("mot", french.long_date(view.date).capitalize()),
            Column("ecart", "Écart", Format.INTEGER, change=True),
        ),
        title="Qu'est-ce qui a changé ?",
        reading=f"{french.counted(changed.height, 'réponse a changé', 'réponses ont changé')} depuis le "
        f"{french.long_date(then)}, dont {french.number(up)} en hausse.",
        counted=french.counted(changed.height, "critère"),
    )


def history(view: View) -> Table:
    """The service's rates in every campaign."""
    rows = []
    for day in sorted(view.dates):
        found = scored(alone(view), "questionnaire", at=day, perimetre="tous")
        rows.append(found.with_columns(campagne=pl.lit(day)))
    frame = (
        pl.concat(rows)
        if rows
        else scored(alone(view), "questionnaire").with_columns(campagne=pl.lit(None, pl.Date))
    )
    return Table(
        frame.sort("campagne", "questionnaire", descending=[True, False]),
        (
            Column("campagne", "Campagne"),
            Column("questionnaire", "Questionnaire"),
            Column("taux_maturite_pct", "Taux", Format.PERCENT),
            Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
        ),
        title="Depuis quand ?",
        counted=french.counted(len(view.dates), "campagne"),
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
        (Block("axes", shape), Block("historique", history, 0.8)),
        Block("reponses", answers),
        Block("ecarts", changes),
    ),
)
