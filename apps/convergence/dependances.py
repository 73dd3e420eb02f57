"""« Dépendances »: the milestones, what hangs on them, and what their delay does to the curves."""

from __future__ import annotations

import polars as pl

from apps.convergence.appuis import LINKS, OWNERS
from apps.convergence.campagne import campagne, curve, elsewhere, in_publication, quarters
from apps.convergence.choix import Listed, shared_filters
from apps.convergence.synthese import QUESTIONNAIRE, RATE
from apps.convergence.words import rate, where, with_region
from apps.kit.charts.charts import Chart, lines
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.style.worded import worded
from lake.catalog.convergence import trimestre_fin
from scoring.convergence.dependencies import delayed, steps_of
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format


def _milestones(view: View) -> dict[str, str]:
    rows = campagne(view).jalons.unique("jalon", keep="first", maintain_order=True).sort("jalon")
    return dict(rows.select("jalon", "libelle_jalon").iter_rows())


MILESTONE = Listed("jalon", "Jalon", choices=_milestones)
DELAY = Option("retard", "Retard du jalon, en trimestres", {"2": "2", "4": "4", "6": "6", "8": "8"})


def hanging(view: View) -> pl.DataFrame:
    """The planned steps of the services in scope that hang on each milestone."""
    here = campagne(view)
    scope = in_publication(view, "projection").select("service")
    steps = steps_of(here.plans.lazy(), here.jalons.lazy(), here.referentiel.lazy()).collect()
    return steps.join(scope, on="service", how="semi")


def moved(view: View) -> tuple[str, pl.DataFrame]:
    """The plans once the milestone chosen is late, and their name for the cache."""
    here = campagne(view)
    name, delay = MILESTONE.chosen(view), int(view.option("retard"))
    retards = {name: delay} if name else {}
    plans = delayed(here.plans.lazy(), here.jalons.lazy(), here.referentiel.lazy(), retards).collect()
    return f"{name}+{delay}", plans


def curves(view: View, par: str) -> pl.DataFrame:
    """The curves as planned and with the delay: ``cas`` is « comme prévu » or « avec le retard »."""
    selection = elsewhere(view) if par == "region" else view.selection
    key, plans = moved(view)
    now = curve(view, par, selection=selection).with_columns(cas=pl.lit("comme prévu"))
    late = curve(view, par, selection=selection, plans=plans, key=key).with_columns(
        cas=pl.lit("avec le retard")
    )
    return pl.concat([now, late]).filter(pl.col("questionnaire") == QUESTIONNAIRE.chosen(view))


def question(view: View) -> str:
    """« Que coûterait le retard de « ROR national » ? »"""
    return f"Que coûterait le retard de « {_milestones(view).get(MILESTONE.chosen(view), '')} » ?"


def losses(view: View, par: str) -> pl.DataFrame:
    """What the delay costs: the widest gap of each curve, and the quarter where it is.

    Returns:
        the dimension, ``prevu``, ``retarde``, ``ecart`` (points, ≤ 0), ``horizon``; the widest first.
    """
    keys = ["questionnaire", *([par] if par != "questionnaire" else []), "horizon"]
    rows = curves(view, par)
    now = rows.filter(pl.col("cas") == "comme prévu").select(*keys, prevu="taux_maturite_pct")
    late = rows.filter(pl.col("cas") != "comme prévu").select(*keys, retarde="taux_maturite_pct")
    both = now.join(late, on=keys, nulls_equal=True).with_columns(ecart=pl.col("retarde") - pl.col("prevu"))
    group = keys[:-1]
    return both.sort("ecart", "horizon").unique(group, keep="first", maintain_order=True)


def reading(view: View) -> str:
    """The widest loss on the questionnaire."""
    rows = losses(view, "questionnaire")
    delay = int(view.option("retard"))
    if not rows.height or not quarters(view):
        return f"{where(view)} : aucun plan dans cette sélection."
    row = rows.row(0, named=True)
    shift = french.counted(delay, "trimestre")
    if row["ecart"] > -0.05:
        return f"{where(view)} : un retard de {shift} ne change pas le taux du questionnaire."
    return (
        f"{where(view)} : un retard de {shift} coûterait jusqu'à {french.number(-row['ecart'], 1)} "
        f"{french.plural(-row['ecart'], 'point')}, fin "
        f"{french.month(row['horizon'])} ({rate(row['retarde'])} au lieu de {rate(row['prevu'])})."
    )


def figures(view: View) -> Figures:
    """Milestones, steps that hang on the one chosen, regions concerned."""
    rows = hanging(view)
    own = rows.filter(pl.col("jalon") == MILESTONE.chosen(view))
    direct = own.filter(pl.col("dependance") == "directe").select("service", "critere", "niveau").n_unique()
    whole = own.select("service", "critere", "niveau").n_unique()
    widest = losses(view, "questionnaire")
    return Figures(
        [
            Figure("Jalons", french.number(len(_milestones(view)))),
            Figure(
                "Étapes qui en dépendent",
                french.number(whole),
                reference=f"dont {french.number(direct)} directement",
            ),
            Figure("Services concernés", french.number(own["service"].n_unique())),
            Figure(
                "Plus grand écart",
                french.signed(widest["ecart"][0] if widest.height else None, Format.PERCENT),
                reference=at_quarter(widest),
            ),
        ]
    )


def at_quarter(widest: pl.DataFrame) -> str:
    """« fin décembre 2022 »; empty without a gap."""
    if not widest.height or widest["ecart"][0] > -0.05:
        return "aucun"
    return f"fin {french.month(widest['horizon'][0])}"


def effect(view: View) -> Chart:
    """The questionnaire's curve as planned and with the delay."""
    rows = curves(view, "questionnaire")
    return Chart(
        lines(rows, "horizon", "taux_maturite_pct", RATE, series="cas", legend=True),
        Table(
            rows,
            (
                Column("horizon", "Trimestre (fin)"),
                Column("cas", "Cas"),
                Column("services_concernes", "Services", Format.INTEGER),
                Column("taux_maturite_pct", "Taux", Format.PERCENT),
                Column("niveau_maturite", "Niveau", Format.DECIMAL, decimals=2),
            ),
        ),
        title="La courbe, comme prévu et avec le retard",
        counted=french.counted(rows["horizon"].n_unique(), "trimestre"),
        measures=("taux_maturite_pct",),
    )


def regions(view: View) -> Table:
    """What the delay costs each region, at its worst quarter."""
    rows = with_region(view, losses(view, "region").drop_nulls("region"))
    return Table(
        rows,
        (
            Column("nom_region", "Région"),
            Column("ecart", "Plus grand écart", Format.PERCENT, change=True),
            Column("horizon", "À la fin de"),
            Column("prevu", "Prévu", Format.PERCENT),
            Column("retarde", "Avec le retard", Format.PERCENT),
        ),
        title="Ce qu'il coûte à chaque région",
        counted=french.counted(rows.height, "région"),
        measures=("taux_maturite_pct",),
    )


def milestones(view: View) -> Table:
    """Every milestone, its axes and the steps that hang on it."""
    here = campagne(view)
    counts = hanging(view).group_by("jalon", "dependance")
    counts = counts.agg(etapes=pl.struct("service", "critere", "niveau").n_unique().cast(pl.Int64))
    rows = (
        here.jalons.group_by("jalon", "libelle_jalon", "porteur", "trimestre", "dependance")
        .agg(axes=pl.col("axe").unique().sort().str.join(", "))
        .join(counts, on=["jalon", "dependance"], how="left")
        .with_columns(
            pl.col("etapes").fill_null(0),
            pl.col("porteur").replace_strict(OWNERS, default=pl.col("porteur")),
            pl.col("dependance").replace_strict(LINKS, default=pl.col("dependance")),
        )
        .pipe(worded, trimestre_fin, "trimestre", "prevu", dtype=pl.Date)
        .sort("jalon", "dependance")
    )
    return Table(
        rows,
        (
            Column("libelle_jalon", "Jalon"),
            Column("porteur", "Porteur"),
            Column("prevu", "Prévu au plus tard"),
            Column("dependance", "Dépendance"),
            Column("axes", "Axes"),
            Column("etapes", "Étapes qui en dépendent", Format.INTEGER),
        ),
        title="Les jalons et ce qui en dépend",
        reading="Une étape dépend d'un jalon de son axe quand elle est prévue pour le trimestre du jalon ou plus tard.",
        counted=french.counted(here.jalons["jalon"].n_unique(), "jalon"),
    )


def hanging_table(view: View) -> Table:
    """The steps that hang on the milestone chosen."""
    names = campagne(view).tous.select("service", "nom", "region")
    rows = (
        hanging(view).filter(pl.col("jalon") == MILESTONE.chosen(view)).join(names, on="service", how="left")
    )
    rows = with_region(view, rows).with_columns(pl.col("dependance").replace_strict(LINKS, default=None))
    return Table(
        rows,
        (
            Column("nom", "Service"),
            Column("nom_region", "Région"),
            Column("axe", "Axe"),
            Column("critere", "Critère"),
            Column("niveau", "Niveau visé", Format.INTEGER),
            Column("trimestre", "Prévu"),
            Column("dependance", "Dépendance"),
        ),
        title="Les étapes qui en dépendent",
        counted=french.counted(rows.height, "étape"),
    )


DEPENDANCES = Page(
    name="dependances",
    title="Dépendances",
    question=question,
    reading=reading,
    universe=CONVERGENCE,
    filters=(MILESTONE, DELAY, QUESTIONNAIRE, *shared_filters()),
    figures=figures,
    rows=(
        (Block("courbe", effect, 1.2), Block("regions", regions)),
        Block("jalons", milestones),
        Block("etapes", hanging_table),
    ),
)
