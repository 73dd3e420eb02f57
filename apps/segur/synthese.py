"""« Synthèse »: the last month of the period for every indicator, and what moved."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from apps.kit.access import access
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Months, Option
from apps.kit.filters.regions import Regions
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.views.figures import KeyFigures, moved
from apps.kit.views.gallery import Ranked, TerritoryMap, Values
from apps.kit.views.maps import MESH
from apps.kit.views.words import DECIMALS, last_month, missing, where
from lake.catalog.segur import INDICATEURS, SERVICES, indicateurs_de_base
from lake.errors import MissingTable
from scoring.universes.combining import applies
from scoring.universes.model import Format
from scoring.universes.segur import SEGUR

HEADLINES = ("psc_taux_adoption", "insi_taux_qualification", "dmp_documents", "mss_messages_emis")
RATES = {
    "psc_taux_adoption": "e-CPS", "insi_taux_qualification": "Identités", "mss_taux_activite": "Messageries",
    "asp_taux_installation": "Logiciels",
}  # fmt: skip


def catalogue(view: View) -> pl.DataFrame:
    """The indicators in force (``segur__indicateurs``), packaged ones where the lake has none."""
    try:
        return view.data.frame(INDICATEURS)
    except MissingTable:
        return indicateurs_de_base()


def balance(view: View) -> pl.DataFrame:
    """Every indicator at the last month of the period, with its changes.

    Returns:
        DataFrame: ``service``, ``indicateur`` (String), ``code``, ``taux`` (Boolean), ``valeur``,
        ``ecart_mois``, ``relatif_mois``, ``ecart_an``, ``relatif_an`` (Float64; null across a gap).
    """
    services = dict(catalogue(view).select("code", "service").iter_rows())
    order = {name: rank for rank, name in enumerate(SERVICES)}
    filtered = [view.universe.axis(name) for name in view.selection.filters]
    # An indicator that its source does not tell by what is filtered (PSC by structure) has no place in the balance.
    told = [m.name for m in view.universe.measures if all(applies(view.universe, m, one) for one in filtered)]
    names = sorted(told, key=lambda n: order.get(services.get(n, ""), len(order)))
    found = moved(view, names)
    rows = [
        {
            "service": SERVICES.get(services.get(name, ""), ""),
            "indicateur": view.universe.measure(name).label,
            "code": name,
            "taux": view.universe.measure(name).format is Format.SHARE,
            "valeur": one.valeur,
            "ecart_mois": one.mois_precedent.ecart,
            "relatif_mois": one.mois_precedent.relatif,
            "ecart_an": one.douze_mois.ecart,
            "relatif_an": one.douze_mois.relatif,
        }
        for name, one in found.items()
    ]
    texts = {"service": pl.String, "indicateur": pl.String, "code": pl.String, "taux": pl.Boolean}
    numbers = ("valeur", "ecart_mois", "relatif_mois", "ecart_an", "relatif_an")
    return pl.DataFrame(rows, schema={**texts, **dict.fromkeys(numbers, pl.Float64)})


def reading(view: View) -> str:
    """How many indicators go up, how many down, how many are missing."""
    month = last_month(view)
    if month is None:
        return access.remedy("Aucun mois n’est publié", "obs ingest segur")
    rows = balance(view)
    up, down = (rows.filter(sign).height for sign in (pl.col("ecart_mois") > 0, pl.col("ecart_mois") < 0))
    unknown = rows.filter(pl.col("ecart_mois").is_null()).height
    said = (
        f"{where(view)}, {french.month(month)} : sur {rows.height} indicateurs, {up} montent et {down} baissent "
        "en un mois"
    )
    tail = f" ; {unknown} ne se {french.plural(unknown, 'compare', 'comparent')} pas." if unknown else "."
    return " ".join(part for part in (said + tail, missing(view, rows["code"].to_list())) if part)


def rates(title: str = "Les taux") -> Callable[[View], Table]:
    """The rates, their changes in points."""
    return _table(title, rate=True)


def volumes(title: str = "Les volumes") -> Callable[[View], Table]:
    """The counts, their changes in percent."""
    return _table(title, rate=False)


def _table(title: str, *, rate: bool) -> Callable[[View], Table]:
    def build(view: View) -> Table:
        rows = balance(view).filter(pl.col("taux") == rate)
        shape = Format.SHARE if rate else Format.INTEGER
        kind = "ecart" if rate else "relatif"
        month = last_month(view)
        return Table(
            rows,
            (
                Column("indicateur", "Indicateur"),
                Column("valeur", french.month(month).capitalize(), shape, decimals=DECIMALS),
                _moved(f"{kind}_mois", "En un mois", rate=rate),
                _moved(f"{kind}_an", "En un an", rate=rate),
                Column("service", "Service"),
            ),
            title=title,
            reading="Un mois manquant n’est pas une baisse : sans lui, aucune évolution n’est dite.",
            counted=f"{where(view)}, {french.counted(rows.height, 'indicateur')}",
            measures=tuple(rows["code"]) if rate else (),
        )

    return build


def _moved(name: str, label: str, *, rate: bool) -> Column:
    """A change: of a rate in points, of a count in percent."""
    digits = DECIMALS if rate else 1
    return Column(name, label, Format.SHARE, change=True, relative=not rate, worded=True, decimals=digits)


SYNTHESE = Page(
    name="synthese",
    title="Synthèse 1 · Indicateurs",
    section="Synthèse",
    question=lambda view: f"Où en sont les services Ségur ? {where(view)}",
    reading=reading,
    universe=SEGUR,
    head=(Months(),),
    filters=(Regions(),),
    figures=KeyFigures(HEADLINES),
    rows=(Block("taux", rates()), Block("volumes", volumes())),
)

SHOWN = Option("indicateur", "Indicateur", RATES)
TERRITORIES = Page(
    name="synthese-territoires",
    title="Synthèse 2 · Territoires",
    section="Synthèse",
    question=lambda view: f"Quels territoires sont en avance ? {where(view)}",
    reading=reading,
    universe=SEGUR,
    head=(Months(),),
    filters=(Regions(),),
    figures=KeyFigures(tuple(RATES)),
    rows=(
        (
            Block("carte", TerritoryMap(SHOWN, title="Les taux par territoire"), 1.5, (MESH, SHOWN)),
            Block("premiers", Ranked(SHOWN, MESH, "Qui est devant ?")),
        ),
        Block("territoires", Values(tuple(RATES), MESH, "Tous les taux")),
    ),
)
