"""« Objectifs »: how far each target is, the pace it takes, and when the trend would get there."""

from __future__ import annotations

import polars as pl

from apps.kit.access import access
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Months
from apps.kit.filters.regions import Regions
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.views.words import DECIMALS, WHOLE, last_month, where
from lake.catalog.segur import OBJECTIFS
from lake.catalog.territoires import DEPARTEMENTS
from lake.errors import MissingTable
from scoring.trends.targets import METHODE, Bilan, bilan
from scoring.universes.model import Format
from scoring.universes.segur import SEGUR
from scoring.universes.selection import Selection


def targets(view: View) -> pl.DataFrame:
    """The targets of the territory: of the regions chosen and their départements, of all when none is chosen."""
    try:
        rows = view.data.frame(OBJECTIFS)
    except MissingTable:
        rows = OBJECTIFS.empty()
    known = [m.name for m in view.universe.measures]
    rows = rows.filter(pl.col("indicateur").is_in(known))
    regions, departements = view.selection.values("region"), view.selection.values("departement")
    mesh, code = pl.col("maille"), pl.col("code_territoire")
    if departements:
        rows = rows.filter((mesh == "departement") & code.is_in(departements))
    elif regions:
        inside = view.data.frame(DEPARTEMENTS).filter(pl.col("code_region").is_in(regions))[
            "code_departement"
        ]
        region = (mesh == "region") & code.is_in(regions)
        rows = rows.filter(region | ((mesh == "departement") & code.is_in(inside.implode())))
    return rows.sort("indicateur", "maille", "code_territoire", "mois_cible")


def balances(view: View) -> list[tuple[dict[str, object], Bilan]]:
    """Each target with where its indicator stands at the last month of the period."""
    month = last_month(view)
    if month is None:
        return []
    rows = targets(view)
    found: list[tuple[dict[str, object], Bilan]] = []
    for (name, mesh), group in rows.group_by("indicateur", "maille", maintain_order=True):
        series = _series(view, str(name), str(mesh))
        for target in group.iter_rows(named=True):
            own = series.filter(pl.col("code") == target["code_territoire"]).select("mois", "valeur")
            balance = bilan(own, cible=target["cible"], mois_cible=target["mois_cible"], dernier=month)
            found.append((target, balance))
    return found


def _series(view: View, name: str, mesh: str) -> pl.DataFrame:
    """Every month of an indicator by territory of a mesh: ``mois``, ``code``, ``valeur``."""
    code = "code_region" if mesh == "region" else "code_departement"
    by = ["mois"] if mesh == "france" else ["mois", code]
    rows = view.data.query(view.universe, Selection(), [name], by)
    place = pl.lit("FR") if mesh == "france" else pl.col(code)
    return rows.select("mois", code=place, valeur=pl.col(name))


def _name(view: View, mesh: str, code: str) -> str:
    return WHOLE if mesh == "france" else view.word(mesh, code)


def _rows(view: View) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for target, one in balances(view):
        measure = view.universe.measure(str(target["indicateur"]))
        share = measure.format is Format.SHARE
        shown = one.projection
        interval = ""
        if shown.mois is not None:
            last = (
                french.month(shown.au_plus_tard, short=True) if shown.au_plus_tard else "au-delà de dix ans"
            )
            interval = f"{french.month(shown.au_plus_tot, short=True)} – {last}"
        rows.append(
            {
                "indicateur": measure.label,
                "territoire": _name(view, str(target["maille"]), str(target["code_territoire"])),
                "taux": share,
                "valeur": one.valeur,
                "cible": target["cible"],
                "echeance": target["mois_cible"],
                "atteinte": one.atteinte,
                "rythme": one.rythme_requis,
                "pente": shown.pente,
                "projection": french.month(shown.mois) if shown.mois else str(shown.refus.value),
                "intervalle": interval,
                "tenu": shown.mois is not None and shown.mois <= target["mois_cible"],  # type: ignore[operator]
                "atteint": one.atteinte is not None and one.atteinte >= 1,
            }
        )
    return rows


def reading(view: View) -> str:
    """How many targets are reached, how many would be in time."""
    rows = _rows(view)
    if not rows:
        more = " Livrez-en un fichier : obs ingest segur objectifs.csv." if access.operates() else ""
        return f"{where(view)} : aucun objectif n’est fixé.{more}"
    reached, kept = sum(bool(r["atteint"]) for r in rows), sum(bool(r["tenu"]) for r in rows)
    return (
        f"{where(view)}, {french.month(last_month(view))} : {french.counted(len(rows), 'objectif')}, "
        f"{reached} {french.plural(reached, 'atteint')}, {kept} que la tendance atteindrait à temps."
    )


def figures(view: View) -> Figures:
    """Targets, reached, in time, without projection."""
    rows = _rows(view)
    none = sum(not r["intervalle"] and not r["atteint"] for r in rows)
    return Figures(
        [
            Figure("Objectifs", french.number(len(rows))),
            Figure("Atteints", french.number(sum(bool(r["atteint"]) for r in rows))),
            Figure("À temps si la tendance dure", french.number(sum(bool(r["tenu"]) for r in rows))),
            Figure("Sans projection", french.number(none), reference="la raison est dans le tableau"),
        ]
    )


def _table(view: View, *, rate: bool) -> Table:
    schema = {
        "indicateur": pl.String, "territoire": pl.String, "taux": pl.Boolean, "valeur": pl.Float64,
        "cible": pl.Float64, "echeance": pl.Date, "atteinte": pl.Float64, "rythme": pl.Float64,
        "pente": pl.Float64, "projection": pl.String, "intervalle": pl.String, "tenu": pl.Boolean,
        "atteint": pl.Boolean,
    }  # fmt: skip
    frame = pl.DataFrame(_rows(view), schema=schema).filter(pl.col("taux") == rate)
    shape = Format.SHARE if rate else Format.INTEGER
    return Table(
        frame.sort("atteinte", descending=True, nulls_last=True),
        (
            Column("indicateur", "Indicateur"),
            Column("territoire", "Territoire"),
            Column("valeur", "Valeur", shape, decimals=DECIMALS),
            Column("cible", "Cible", shape, decimals=DECIMALS),
            Column("atteinte", "Atteinte", Format.SHARE),
            Column("echeance", "Échéance", month=True),
            Column("rythme", "Rythme requis par mois", shape, change=True, decimals=DECIMALS, good=0),
            Column("pente", "Tendance par mois", shape, change=True, decimals=DECIMALS, good=0),
            Column("projection", "Atteinte projetée, ou pourquoi non"),
            Column("intervalle", "Entre"),
        ),
        title="Les taux" if rate else "Les volumes",
        counted=f"{where(view)}, {french.counted(frame.height, 'objectif')}",
    )


def rate_targets(view: View) -> Table:
    """Targets of rates."""
    return _table(view, rate=True)


def count_targets(view: View) -> Table:
    """Targets of counts."""
    return _table(view, rate=False)


def method(_view: View) -> Note:
    """How the month is projected."""
    return Note(METHODE, title="Comment la date est-elle projetée ?")


TARGETS = Page(
    name="objectifs",
    title="Objectifs",
    section="Analyses",
    question=lambda view: f"Les objectifs seront-ils tenus ? {where(view)}",
    reading=reading,
    universe=SEGUR,
    head=(Months(),),
    filters=(Regions(),),
    figures=figures,
    rows=(Block("taux", rate_targets), Block("volumes", count_targets), Block("methode", method)),
)
