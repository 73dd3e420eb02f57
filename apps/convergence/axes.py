"""« Axes »: one axis of the doctrine: what it measures, who is concerned, where the plans lead."""

from __future__ import annotations

import polars as pl

from apps.convergence.campagne import (
    axes,
    axis_key,
    campagne,
    curve,
    details,
    elsewhere,
    in_publication,
    quarters,
    scored,
)
from apps.convergence.choix import HORIZON, Listed, shared_filters
from apps.convergence.diagrams import tiles
from apps.convergence.drawings import levels
from apps.convergence.synthese import LEVEL, MEASURES, RATE, WHOLE_RATE
from apps.convergence.words import (
    address,
    at,
    level,
    level_word,
    quarter,
    rate,
    region_names,
    services,
    where,
    with_region,
)
from apps.kit import french
from apps.kit.charts import Chart, lines
from apps.kit.figures import Figure, Figures
from apps.kit.filters import Option
from apps.kit.maps import Classes, classify
from apps.kit.page import Block, Page
from apps.kit.pieces import Note
from apps.kit.tables import Column, Table
from apps.kit.view import View
from lake.catalog.convergence import trimestre_fin
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format

AXIS = Listed(
    "axe", "Axe", choices=lambda view: dict(sorted(axes(view).items(), key=lambda one: one[0] < "QU"))
)
OWNERS = {"national": "National", "editeur": "Éditeurs", "regional": "Régions"}
LINKS = {"directe": "Directe", "indirecte": "Indirecte"}


def name(view: View) -> str:
    """« A05 · Moyens d'authentification »."""
    return axes(view).get(AXIS.chosen(view), "")


def of_axis(view: View, horizon: str = "", *, at: object = None) -> dict[str, object] | None:
    """The axis' figures under the selection; None when nobody answered."""
    rows = scored(view, "axe", horizon, at=at)  # type: ignore[arg-type]
    found = rows.filter(axis_key() == AXIS.chosen(view))
    return found.row(0, named=True) if found.height else None


def scope_of_axis(view: View, horizon: str = "") -> int:
    """How many services the axis is put to: the axes of the regional systems are not for the others."""
    known = campagne(view).referentiel.filter(axis_key() == AXIS.chosen(view))
    return in_publication(view, horizon).filter(pl.col("sujet").is_in(known["sujet"].implode())).height


def question(view: View) -> str:
    """« Où en est l'axe A05 · Moyens d'authentification ? »"""
    return f"Où en est l'axe {name(view)} ?"


def reading(view: View) -> str:
    """Rate, level, who is concerned, where the plans lead."""
    now = of_axis(view)
    if now is None:
        return f"{where(view)} : aucun service n'a répondu à cet axe."
    steps = quarters(view)
    later = of_axis(view, steps[-1]) if steps else None
    scope = scope_of_axis(view)
    said = (
        f"{where(view)} : {services(view, now['services_concernes'])} sur {french.number(scope)} sont concernés ; "  # type: ignore[arg-type]
        f"taux de {rate(now['taux_maturite_pct'])}, niveau {level(now['niveau_maturite'])}."  # type: ignore[arg-type]
    )
    if later is None:
        return said
    return f"{said} Les plans mènent à {rate(later['taux_maturite_pct'])} {at(steps[-1])}."  # type: ignore[arg-type]


def figures(view: View) -> Figures:
    """Services, rate, level, rate at the horizon."""
    horizon = HORIZON.chosen(view)
    row = of_axis(view, horizon) or {}
    before = (
        of_axis(view, at=view.before) if view.before and not horizon else of_axis(view) if horizon else None
    )
    since = "depuis aujourd'hui" if horizon else f"depuis le {french.long_date(view.before)}"
    if horizon:
        since = "depuis la campagne"
    compared = before is not None and bool(row)
    old = before or {}
    total = scope_of_axis(view, horizon)

    def moved(measure: str, shape: Format, decimals: int) -> french.Change | None:
        if not compared:
            return None
        return french.change(row.get(measure), old.get(measure), shape, since=since, decimals=decimals)  # type: ignore[arg-type]

    return Figures(
        [
            Figure(
                "Services concernés",
                french.number(row.get("services_concernes")),  # type: ignore[arg-type]
                reference=f"sur {services(view, total)}",
                help=CONVERGENCE.measure("services_concernes").definition,
            ),
            Figure(
                "Taux de maturité",
                rate(row.get("taux_maturite_pct")),  # type: ignore[arg-type]
                moved("taux_maturite_pct", Format.PERCENT, 1),
                help=CONVERGENCE.measure("taux_maturite_pct").definition,
                link=("Comment ce taux est-il fait ?", address(view, "formule", axe=AXIS.chosen(view))),
            ),
            Figure(
                "Niveau de maturité",
                level(row.get("niveau_maturite")),  # type: ignore[arg-type]
                moved("niveau_maturite", Format.DECIMAL, 2),
                help=CONVERGENCE.measure("niveau_maturite").definition,
            ),
        ]
    )


def spread(view: View) -> pl.DataFrame:
    """How many services are at each level of each criterion of the axis.

    Returns:
        ``critere, libelle, niveau`` (null: does not count), ``services`` (Int64), ``sens``; in the order shown.
    """
    here = campagne(view)
    rows = details(view, HORIZON.chosen(view)).filter(axis_key() == AXIS.chosen(view))
    known = here.referentiel.filter(axis_key() == AXIS.chosen(view)).select(
        "critere",
        "ordre",
        attendu="niveau_attendu",
        libelle=pl.format("{} · {}", "critere", "libelle_critere"),
    )
    return (
        rows.group_by("critere", "niveau")
        .agg(services=pl.len().cast(pl.Int64))
        .join(known.unique("critere", keep="last"), on="critere")
        .join(
            here.niveaux.select("critere", "niveau", sens="libelle_niveau"),
            on=["critere", "niveau"],
            how="left",
        )
        .sort("ordre", "niveau", nulls_last=False)
    )


def distribution(view: View) -> Chart:
    """Levels by criterion."""
    frame = spread(view)
    worded = frame.with_columns(
        mot=pl.col("niveau").map_elements(level_word, return_dtype=pl.String, skip_nulls=False)
    )
    table = Table(
        worded,
        (
            Column("libelle", "Critère"),
            Column("mot", "Niveau"),
            Column("sens", "Ce que le niveau veut dire"),
            Column("services", "Services", Format.INTEGER),
            Column("attendu", "Niveau attendu", Format.INTEGER),
        ),
    )
    below = frame.filter(pl.col("niveau") < pl.col("attendu"))["services"].sum()
    counted = frame.filter(pl.col("niveau").is_not_null())["services"].sum()
    return Chart(
        levels(frame, "libelle"),
        table,
        title="Quels niveaux, critère par critère ?",
        reading=f"{french.number(below)} réponses sur {french.number(counted)} sont sous le niveau attendu, "
        f"{at(HORIZON.chosen(view))}.",
        counted=f"{french.number(frame['services'].sum())} réponses",
        measures=("niveau_maturite",),
    )


def expected(view: View) -> Table:
    """The criteria: what is expected, and where they stand."""
    now = scored(view, "critere", HORIZON.chosen(view))
    known = campagne(view).referentiel.filter(axis_key() == AXIS.chosen(view))
    rows = known.join(now, on=["questionnaire", "critere"], how="left", maintain_order="left")
    return Table(
        rows.with_columns(pl.col("services_concernes").fill_null(0)),
        (
            Column("critere", "Critère"),
            Column("libelle_critere", "Ce qu'il mesure"),
            Column("niveau_attendu", "Attendu", Format.INTEGER),
            Column("poids", "Poids", Format.DECIMAL),
            Column("services_concernes", "Services", Format.INTEGER),
            Column("taux_maturite_pct", "Taux", Format.PERCENT),
            Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
        ),
        title="Que mesure cet axe ?",
        counted=french.counted(rows.height, "critère"),
        measures=MEASURES,
    )


MEASURE = Option("mesure", "Mesure", {"taux_maturite_pct": "Taux", "niveau_maturite": "Niveau"})


def projection(view: View) -> Chart:
    """The axis' curve by quarter; a chosen region against all."""
    measure = view.option("mesure")
    scale = RATE if measure == "taux_maturite_pct" else LEVEL
    parts = [curve(view, "axe").with_columns(serie=pl.lit(where(view)))]
    if view.selection.values("region"):
        parts.append(
            curve(view, "axe", selection=elsewhere(view)).with_columns(serie=pl.lit("Toutes les régions"))
        )
    rows = pl.concat(parts).filter(axis_key() == AXIS.chosen(view))
    several = rows["serie"].n_unique() > 1
    table = Table(
        rows,
        (
            Column("horizon", "Trimestre (fin)"),
            Column("serie", "Série"),
            Column("services_concernes", "Services", Format.INTEGER),
            Column("taux_maturite_pct", "Taux", Format.PERCENT),
            Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
        ),
    )
    own = rows.filter(pl.col("serie") == where(view))
    said = ""
    if own.height > 1:
        best = own[measure].max()
        reached = own.filter(pl.col(measure) >= best - 1e-9)["horizon"].min()  # type: ignore[operator]
        said = f"Le plateau, {scale.write(best)}, est atteint fin {french.month(reached)}."  # type: ignore[arg-type]
    return Chart(
        lines(rows, "horizon", measure, scale, series="serie" if several else "", legend=several),
        table,
        title="Où mènent les plans ?",
        reading=said,
        counted=f"{services(view, scope_of_axis(view, 'projection'))} qui convergent",
        measures=(measure,),
    )


def _tiles(view: View, horizon: str, title: str) -> Chart:
    apart = elsewhere(view)
    steps = quarters(view)
    chosen = AXIS.chosen(view)
    both = [
        scored(view, ["axe", "region"], one, selection=apart).filter(axis_key() == chosen)
        for one in ("", DATES.chosen(view) or (steps[-1] if steps else ""))
    ]
    classes: Classes = classify(pl.concat(both)["taux_maturite_pct"], WHOLE_RATE)  # one legend for both maps
    rows = both[1] if horizon else both[0]
    rows = with_region(view, rows.drop_nulls("region")).sort("taux_maturite_pct", descending=True)
    values: dict[str, float | None] = dict(rows.select("region", "taux_maturite_pct").iter_rows())
    reached = rows.filter(pl.col("taux_maturite_pct") >= 99.95).height
    return Chart(
        tiles(values, WHOLE_RATE, classes, region_names(view)),
        Table(
            rows,
            (
                Column("nom_region", "Région"),
                Column("services_concernes", "Services", Format.INTEGER),
                Column("taux_maturite_pct", "Taux", Format.PERCENT),
                Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
            ),
        ),
        title=title,
        reading=f"{french.counted(reached, 'région')} à 100 % sur {rows.height}.",
        counted=french.counted(rows.height, "région"),
        measures=("taux_maturite_pct",),
    )


def _ends(view: View) -> dict[str, str]:
    steps = [one for one in quarters(view) if one.endswith("T4")]
    return {one: quarter(one) for one in (*steps[2:], *steps[:2])}


DATES = Listed("puis", "Puis", choices=_ends)


def map_now(view: View) -> Chart:
    """The regions at date."""
    return _tiles(view, "", "Les régions, à la date de la campagne")


def map_later(view: View) -> Chart:
    """The regions at a chosen date."""
    horizon = DATES.chosen(view)
    return _tiles(view, horizon, f"Les régions, {at(horizon)}")


def dependencies(view: View) -> Table | Note:
    """The milestones that hold the axis."""
    code = AXIS.chosen(view).partition("-")[2]
    rows = (
        campagne(view).jalons.filter(pl.col("axe") == code).sort("dependance", "trimestre", nulls_last=True)
    )
    if not rows.height:
        return Note("Aucun jalon déclaré ne retient cet axe.", title="De quoi dépend cet axe ?")
    rows = rows.with_columns(
        pl.col("porteur").replace_strict(OWNERS, default=pl.col("porteur")),
        pl.col("dependance").replace_strict(LINKS, default=pl.col("dependance")),
        prevu=pl.col("trimestre").map_elements(lambda one: trimestre_fin(one), return_dtype=pl.Date),
    )
    return Table(
        rows,
        (
            Column("libelle_jalon", "Jalon"),
            Column("porteur", "Porteur"),
            Column("dependance", "Dépendance"),
            Column("prevu", "Prévu au plus tard"),
        ),
        title="De quoi dépend cet axe ?",
        reading=f"{french.counted(rows.height, 'jalon')} : nationaux, des éditeurs ou des régions.",
        counted=french.counted(rows.height, "jalon"),
    )


AXES_PAGE = Page(
    name="axes",
    title="Axes",
    question=question,
    reading=reading,
    universe=CONVERGENCE,
    filters=(AXIS, *shared_filters(horizon=True)),
    figures=figures,
    rows=(
        Block("niveaux", distribution),
        Block("criteres", expected),
        (Block("projection", projection, 1.3, options=(MEASURE,)), Block("dependances", dependencies)),
        (Block("regions", map_now), Block("regions-puis", map_later, options=(DATES,))),
    ),
)
