"""« Moyennes »: mean rates and levels, of everybody by default, of a kind, a region, an editor on demand."""

from __future__ import annotations

import polars as pl

from apps.convergence.campagne import (
    axes,
    campagne,
    in_publication,
    questionnaires,
    scored,
)
from apps.convergence.choix import HORIZON, shared_filters
from apps.convergence.synthese import LEVEL, MEASURES, QUESTIONNAIRE, RATE, WHOLE_RATE
from apps.convergence.words import at, domain, level, rate, region_names, services, spoke, where
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.levels import dots, radar
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from lake.catalog.convergence import DOMAINES as CODES
from scoring.universes.convergence import CONVERGENCE, KIND_WORDS
from scoring.universes.model import Format
from scoring.universes.selection import Selection

EVERYONE = "Ensemble"
BY = Option(
    "par",
    "Par",
    {
        "region": "Région",
        "domaine": "Domaine",
        "type_service": "Type",
        "kind": "Nature",
        "editeur": "Éditeur",
    },
)
MEASURE = Option("mesure", "Mesure", {"taux_maturite_pct": "Taux", "niveau_maturite": "Niveau"})


def everyone(view: View) -> Selection:
    """The whole side, without filter."""
    return view.selection.only(("volet",)).at(view.selection.date)


def filtered(view: View) -> bool:
    """Whether the reader looks at a part of the whole."""
    return bool(view.selection.without("volet").filters)


def who(view: View) -> str:
    """The services averaged: « Grand Est ; nature : Service métier », or everybody."""
    words = [
        f"{label.lower()} : {value}"
        for label, value in view.filters_in_words()
        if label not in ("Volet", "Région")
    ]
    return " ; ".join([where(view), *words])


def means(view: View, par: str) -> pl.DataFrame:
    """The means under the selection, with those of everybody beside.

    Returns:
        The columns of :func:`scoring.convergence.scores.score`, ``ensemble`` (rate, %) and ``ecart`` (points).
    """
    horizon = HORIZON.chosen(view)
    keys = ["questionnaire", par] if par != "questionnaire" else ["questionnaire"]
    whole = scored(view, par, horizon, selection=everyone(view))
    rows = scored(view, par, horizon).join(
        whole.select(*keys, ensemble="taux_maturite_pct"), on=keys, how="left", maintain_order="left"
    )
    order = {code: rank for rank, code in enumerate(questionnaires(view))}
    rank = pl.col("questionnaire").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    rows = rows.sort(rank, maintain_order=True)
    return rows.with_columns(ecart=pl.col("taux_maturite_pct") - pl.col("ensemble"))


def question(view: View) -> str:
    """« Quels sont les taux moyens ? »"""
    return f"Quels sont les taux moyens ? {who(view)}"


def reading(view: View) -> str:
    """The means, and the questionnaire furthest from everybody's."""
    rows = means(view, "questionnaire")
    if not rows.height:
        return "Aucun service ne répond à cette sélection."
    names = questionnaires(view)
    said = french.listing(
        f"{rate(row['taux_maturite_pct'])} ({names[row['questionnaire']].lower()})"
        for row in rows.iter_rows(named=True)
    )
    start = f"{services(view, in_publication(view, HORIZON.chosen(view)).height)}, {at(HORIZON.chosen(view))} : {said}."
    if not filtered(view):
        return start
    far = rows.sort(pl.col("ecart").abs(), descending=True).row(0, named=True)
    side = "au-dessus" if far["ecart"] >= 0 else "au-dessous"
    return (
        f"{start} Le plus grand écart : {french.number(abs(far['ecart']), 1)} points {side} de l'ensemble "
        f"({far['questionnaire']})."
    )


def figures(view: View) -> Figures:
    """Each questionnaire's mean rate, beside everybody's."""
    rows = means(view, "questionnaire")
    names = questionnaires(view)
    items = []
    for row in rows.iter_rows(named=True):
        change = (
            french.change(
                row["taux_maturite_pct"], row["ensemble"], Format.PERCENT, since="par rapport à l'ensemble"
            )
            if filtered(view)
            else None
        )
        items.append(
            Figure(
                f"{names[row['questionnaire']]} ({row['questionnaire']})",
                rate(row["taux_maturite_pct"]),
                change,
                reference=f"niveau {level(row['niveau_maturite'])} · {services(view, row['services_concernes'])}",
                help=CONVERGENCE.measure("taux_maturite_pct").definition,
            )
        )
    if not items:
        items.append(Figure("Services", "0"))
    return Figures(items[:4])


def _columns(*first: Column) -> tuple[Column, ...]:
    return (
        *first,
        Column("services_concernes", "Services", Format.INTEGER),
        Column("taux_maturite_pct", "Taux moyen", Format.PERCENT),
        Column("ensemble", EVERYONE, Format.PERCENT),
        Column("ecart", "Écart", Format.PERCENT, change=True),
        Column("niveau_maturite", "Niveau moyen", Format.DECIMAL, decimals=2),
    )


def shape(view: View) -> Chart:
    """The radar of the means, against everybody's."""
    code, measure = QUESTIONNAIRE.chosen(view), view.option("mesure")
    horizon = HORIZON.chosen(view)
    parts = [scored(view, "axe", horizon).with_columns(serie=pl.lit(who(view)))]
    if filtered(view):
        parts.append(
            scored(view, "axe", horizon, selection=everyone(view)).with_columns(serie=pl.lit(EVERYONE))
        )
    frame = pl.concat(parts).filter(pl.col("questionnaire") == code).with_columns(cle=pl.col("axe"))
    known = campagne(view).referentiel.filter(pl.col("questionnaire") == code).select("axe", "libelle_axe")
    labels = known.unique(maintain_order=True)
    present = set(frame["axe"])
    spokes = [(axis, spoke(axis, name)) for axis, name in labels.iter_rows() if axis in present]
    top, scale = (100.0, WHOLE_RATE) if measure == "taux_maturite_pct" else (3.0, LEVEL)
    table = Table(
        frame.join(labels, on="axe", how="left", maintain_order="left").select(
            "axe", "libelle_axe", "serie", *MEASURES
        ),
        (
            Column("axe", "Axe"),
            Column("libelle_axe", "Nom"),
            Column("serie", "Série"),
            Column("services_concernes", "Services", Format.INTEGER),
            Column("taux_maturite_pct", "Taux", Format.PERCENT),
            Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
        ),
    )
    return Chart(
        radar(frame, spokes, measure, top, scale),
        table,
        title=f"Axe par axe : {questionnaires(view).get(code, '')}",
        counted=services(view, in_publication(view, horizon).height),
        measures=(measure,),
    )


def by_axis(view: View) -> Table:
    """Every axis of every questionnaire."""
    names = axes(view)
    rows = means(view, "axe").with_columns(
        nom=pl.format("{}-{}", "questionnaire", "axe").replace_strict(
            names, default=None, return_dtype=pl.String
        )
    )
    return Table(
        rows,
        _columns(Column("questionnaire", "Questionnaire"), Column("nom", "Axe")),
        title="Les axes",
        reading="L'ensemble : toutes les régions, tous les services." if filtered(view) else "",
        counted=french.counted(rows.height, "axe"),
        measures=MEASURES,
    )


def _named(view: View, par: str) -> pl.Expr:
    value = pl.col(par)
    if par == "region":
        return value.replace_strict(region_names(view), default=value, return_dtype=pl.String)
    if par == "domaine":
        return value.replace_strict(
            {code: domain(code) for code in CODES}, default=value, return_dtype=pl.String
        )
    if par == "kind":
        return value.replace_strict(KIND_WORDS, default=value, return_dtype=pl.String)
    return value


def groups(view: View) -> Chart:
    """The means of each region, domain, type, kind or editor, on the questionnaire chosen.

    The filter on what is compared is left out: a chosen region stands among the others.
    """
    code, par, horizon = QUESTIONNAIRE.chosen(view), view.option("par"), HORIZON.chosen(view)
    measure = view.option("mesure")
    scale = RATE if measure == "taux_maturite_pct" else LEVEL
    rows = (
        scored(view, par, horizon, selection=view.selection.without(par))
        .filter(pl.col("questionnaire") == code)
        .drop_nulls(par)
        .with_columns(nom=_named(view, par), moment=pl.lit(at(horizon) if horizon else "à date"))
        .sort(measure, "nom", descending=[True, False])
    )
    said = ""
    if rows.height > 1:
        high, low = rows.row(0, named=True), rows.row(-1, named=True)
        said = (
            f"De {low['nom']} ({scale.write(low[measure])}) à {high['nom']} ({scale.write(high[measure])})."
        )
    word = BY.values[par].lower()
    return Chart(
        dots(rows, "nom", measure, "moment", scale) if rows.height else {},
        Table(
            rows,
            (
                Column("nom", BY.values[par]),
                Column("services_concernes", "Services", Format.INTEGER),
                Column("taux_maturite_pct", "Taux moyen", Format.PERCENT),
                Column("niveau_maturite", "Niveau moyen", Format.DECIMAL, decimals=2),
            ),
        ),
        title=f"Moyennes par {word} : {code}",
        reading=said,
        counted=french.counted(rows.height, word) if par != "kind" else "",
        measures=(measure,),
    )


def by_criterion(view: View) -> Table:
    """Every criterion of the questionnaire chosen."""
    code = QUESTIONNAIRE.chosen(view)
    known = campagne(view).referentiel.select("critere", "libelle_critere").unique("critere", keep="last")
    rows = means(view, "critere").filter(pl.col("questionnaire") == code)
    rows = rows.join(known, on="critere", how="left", maintain_order="left")
    return Table(
        rows,
        _columns(Column("critere", "Critère"), Column("libelle_critere", "Ce qu'il mesure")),
        title="Les critères",
        counted=french.counted(rows.height, "critère"),
        measures=MEASURES,
    )


MOYENNES = Page(
    name="moyennes",
    title="Moyennes",
    question=question,
    reading=reading,
    universe=CONVERGENCE,
    filters=(QUESTIONNAIRE, *shared_filters(horizon=True)),
    figures=figures,
    rows=(
        (Block("radar", shape, options=(MEASURE,)), Block("groupes", groups, options=(BY,))),
        Block("axes", by_axis),
        Block("criteres", by_criterion),
    ),
)
