"""« Dépendances »: the milestones, what hangs on them, and what their delay does to the curves."""

from __future__ import annotations

import polars as pl

from apps.convergence.chiffres import TAUX, count, elsewhere, listed
from apps.convergence.choix import QUESTIONNAIRE, Listed, shared_filters
from apps.convergence.galerie import SERIES, Plans, series_of
from apps.convergence.vues import Serie, curve
from apps.convergence.words import bounds, rate, region_named, where
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.style.worded import worded
from apps.kit.views.own import ROWS, WORDS, Rows
from lake.catalog.convergence import trimestre_fin
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.convergence_axes import LINKS, OWNERS
from scoring.universes.convergence_listes import JALONS_DECLARES
from scoring.universes.model import Format

NOW, LATE = "comme prévu", "avec le retard"


def _milestones(view: View) -> dict[str, str]:
    rows = listed(view, JALONS_DECLARES)
    return dict(rows.select("jalon", "libelle_jalon").unique(maintain_order=True).sort("jalon").iter_rows())


MILESTONE = Listed("jalon", "Jalon", choices=_milestones)
DELAY = Option("retard", "Retard du jalon, en trimestres", {"2": "2", "4": "4", "6": "6", "8": "8"})


def held(view: View) -> View:
    """The page on the milestone chosen and what hangs on it."""
    return view.on(JALONS_DECLARES, view.selection.with_filter("jalon", [MILESTONE.chosen(view)]))


def _delay(view: View) -> str:
    jalon = MILESTONE.chosen(view)
    return f"{jalon}:{view.option(DELAY.name)}" if jalon else ""


SERIES["prevu"] = lambda view: Serie(NOW, view)
SERIES["retarde"] = lambda view: Serie(LATE, view, retard=_delay(view))
CASES = ("prevu", "retarde")


def curves(view: View, *by: str) -> pl.DataFrame:
    """The curves as planned and with the delay, named in ``serie``."""
    shown = elsewhere(view) if "region" in by else view
    return curve(series_of(shown, CASES), *by, code=QUESTIONNAIRE.chosen(view))


def question(view: View) -> str:
    """« Que coûterait le retard de « ROR national » ? »"""
    return f"Que coûterait le retard de « {MILESTONE.known(view).get(MILESTONE.chosen(view), '')} » ?{bounds(view)}"


def losses(view: View, *by: str) -> pl.DataFrame:
    """What the delay costs: the widest gap of each curve, and the quarter where it is.

    Returns:
        the dimension, ``prevu``, ``retarde``, ``ecart`` (points, ≤ 0), ``horizon``; the widest first.
    """
    group = ["questionnaire", *by]
    wide = curves(view, *by).pivot("serie", index=[*group, "horizon"], values=TAUX)
    missing = [name for name in (NOW, LATE) if name not in wide.columns]
    wide = wide.with_columns(pl.lit(None, pl.Float64).alias(name) for name in missing)
    both = wide.select(*group, "horizon", prevu=NOW, retarde=LATE).drop_nulls(["prevu", "retarde"])
    both = both.with_columns(ecart=pl.col("retarde") - pl.col("prevu"))
    return both.sort("ecart", "horizon").unique(group, keep="first", maintain_order=True)


def reading(view: View) -> str:
    """The widest loss on the questionnaire."""
    rows = losses(view)
    if not rows.height:
        return f"{where(view)} : aucun plan dans cette sélection."
    row, shift = rows.row(0, named=True), french.counted(int(view.option("retard")), "trimestre")
    if row["ecart"] > -0.05:
        return f"{where(view)} : un retard de {shift} ne change pas le taux du questionnaire."
    return (
        f"{where(view)} : un retard de {shift} coûterait jusqu'à {french.number(-row['ecart'], 1)} "
        f"{french.plural(-row['ecart'], 'point')}, fin "
        f"{french.month(row['horizon'])} ({rate(row['retarde'])} au lieu de {rate(row['prevu'])})."
    )


def figures(view: View) -> Figures:
    """Milestones, steps that hang on the one chosen, services concerned, widest gap."""
    own, widest = held(view), losses(view)
    directly = own.on(selection=own.selection.with_filter("dependance", ["directe"]))
    gap = widest["ecart"][0] if widest.height else None
    when = "aucun" if gap is None or gap > -0.05 else f"fin {french.month(widest['horizon'][0])}"
    return Figures(
        [
            Figure("Jalons", french.number(len(MILESTONE.known(view)))),
            Figure(
                "Étapes qui en dépendent",
                french.number(count(own, "etapes_suspendues", JALONS_DECLARES)),
                reference=f"dont {french.number(count(directly, 'etapes_suspendues', JALONS_DECLARES))} directement",
            ),
            Figure("Services concernés", french.number(count(own, "services_suspendus", JALONS_DECLARES))),
            Figure("Plus grand écart", french.signed(gap, Format.PERCENT), reference=when),
        ]
    )


@ROWS("dependances.regions")
def regions(view: View) -> pl.DataFrame:
    """What the delay costs each region, at its worst quarter."""
    return region_named(view, losses(view, "region").drop_nulls("region"))


@ROWS("dependances.jalons")
def milestones(view: View) -> pl.DataFrame:
    """Every milestone, its axes and the steps that hang on it."""
    rows = listed(view, JALONS_DECLARES)
    step = pl.struct("service", "critere_etape", "niveau").filter(pl.col("critere_etape").is_not_null())
    return (
        rows.group_by("jalon", "libelle_jalon", "porteur", "trimestre", "dependance")
        .agg(
            axes=pl.col("axe").unique().sort().str.join(", "),
            etapes=step.n_unique().cast(pl.Int64),
        )
        .with_columns(
            pl.col("porteur").replace_strict(OWNERS, default=pl.col("porteur")),
            pl.col("dependance").replace_strict(LINKS, default=pl.col("dependance")),
        )
        .pipe(worded, trimestre_fin, "trimestre", "prevu", dtype=pl.Date)
        .sort("jalon", "dependance")
    )


@ROWS("dependances.etapes")
def hanging(view: View) -> pl.DataFrame:
    """The steps that hang on the milestone chosen."""
    rows = held(view).detail().drop_nulls("critere_etape").with_columns(nom="nom_service")
    return region_named(view, rows).with_columns(pl.col("dependance").replace_strict(LINKS, default=None))


WORDS["jalons"] = lambda s: french.counted(s.frame["jalon"].n_unique(), "jalon")
EFFECT = Plans(CASES, "La courbe, comme prévu et avec le retard", heading="Cas")
REGIONS = Rows(
    "dependances.regions",
    (
        Column("nom_region", "Région"),
        Column("ecart", "Plus grand écart", Format.PERCENT, change=True),
        Column("horizon", "À la fin de"),
        Column("prevu", "Prévu", Format.PERCENT),
        Column("retarde", "Avec le retard", Format.PERCENT),
    ),
    "Ce qu'il coûte à chaque région",
    ("région",),
    measures=(TAUX,),
)
MILESTONES = Rows(
    "dependances.jalons",
    (
        Column("libelle_jalon", "Jalon"),
        Column("porteur", "Porteur"),
        Column("prevu", "Prévu au plus tard"),
        Column("dependance", "Dépendance"),
        Column("axes", "Axes"),
        Column("etapes", "Étapes qui en dépendent", Format.INTEGER),
    ),
    "Les jalons et ce qui en dépend",
    reading="Une étape dépend d'un jalon de son axe quand elle est prévue pour le trimestre du jalon ou plus tard.",
    counted="{jalons}",
)
HANGING = Rows(
    "dependances.etapes",
    (
        Column("nom", "Service"),
        Column("nom_region", "Région"),
        Column("axe", "Axe"),
        Column("critere_etape", "Critère"),
        Column("niveau", "Niveau visé", Format.INTEGER),
        Column("trimestre_etape", "Prévu"),
        Column("dependance", "Dépendance"),
    ),
    "Les étapes qui en dépendent",
    ("étape",),
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
        (Block("courbe", EFFECT, 1.2), Block("regions", REGIONS)),
        Block("jalons", MILESTONES),
        Block("etapes", HANGING),
    ),
)
