"""The pages of the directory."""

from __future__ import annotations

from typing import Any

import polars as pl

from apps.kit import french
from apps.kit.charts import Chart, Scale, bars
from apps.kit.figures import Figure, Figures
from apps.kit.filters import Choice, Option, Snapshot, Territory
from apps.kit.maps import Map, choropleth
from apps.kit.page import Block, Page
from apps.kit.portal import declare
from apps.kit.tables import Table, measure_columns, split_total
from apps.kit.view import View
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.model import Format

_DENSITY = Scale(Format.DECIMAL, "pour 10 000 habitants")
_MESHES = {"epci": "EPCI", "commune": "Communes", "departement": "Départements"}


def _question(view: View) -> str:
    chosen = view.selection.values("profession")
    who = french.listing(view.word("profession", code) for code in chosen) or "professionnels de santé"
    return f"Où exercent les {who[0].lower()}{who[1:]} ?"


def _reading(view: View) -> str:
    people = view.value("professionnels") or 0
    density = view.value("densite_pour_10000")
    return (
        f"{french.counted(int(people), 'personne exerce', 'personnes exercent')} dans la sélection, "
        f"soit {view.write('densite_pour_10000', density)} pour 10 000 habitants."
    )


def _figures(view: View) -> Figures:
    people, located = view.value("professionnels"), view.value("part_localises")
    before = view.value("professionnels", at=view.before) if view.before else None
    since = f"depuis le {french.long_date(view.before)}" if view.before else ""
    return Figures(
        [
            Figure("Professionnels", french.number(people), french.change(people, before, since=since)),
            Figure("Densité pour 10 000 hab.", view.write("densite_pour_10000", view.value("densite_pour_10000"))),
            Figure("Sites", french.number(view.value("sites"))),
            Figure("Localisés sur la carte", french.share(located)),
        ]
    )


def _map(view: View) -> Map:
    mesh = view.option("maille")
    code = view.universe.axis(mesh).code or mesh
    by = [code, mesh]
    measures = ("professionnels", "densite_pour_10000")
    frame = view.query(measures, [code], complete=True, apart=[mesh])
    spec, classes = choropleth(view, mesh, frame, code, "densite_pour_10000", _DENSITY)
    rows, total = split_total(view.query(measures, by, total=True, apart=[mesh]), by)
    table = Table(rows, measure_columns(view.universe, [mesh, *measures]), total, key=code)
    return Map(
        spec,
        table,
        classes,
        mesh,
        unit="professionnels pour 10 000 habitants",
        title="Où exercent-ils ?",
        alt=f"Carte des densités par {mesh}",
        picks=mesh,
        counted=french.counted(int(view.value("professionnels") or 0), "personne"),
        measures=measures,
    )


def _professions(view: View) -> Chart:
    by = ["code_profession", "profession"]
    frame = view.query(["professionnels"], by, apart=["profession"])
    spec = bars(frame, "profession", "professionnels", Scale(title="personnes"), code="code_profession")
    table = Table(frame, measure_columns(view.universe, ["profession", "professionnels"]), key="code_profession")
    return Chart(
        spec,
        table,
        title="Quelles professions ?",
        picks="profession",
        counted=french.counted(frame.height, "profession"),
        measures=("professionnels",),
    )


def _least(view: View) -> Table:
    measures = ["professionnels", "densite_pour_10000"]
    frame = view.query(measures, ["siren_epci", "epci"]).drop_nulls("siren_epci")
    rows = frame.sort("densite_pour_10000", nulls_last=True).filter(pl.col("professionnels") > 0)
    return Table(
        rows,
        measure_columns(view.universe, ["epci", *measures]),
        key="siren_epci",
        title="Les EPCI les moins dotés",
        picks="epci",
        counted=french.counted(rows.height, "EPCI", "EPCI"),
        measures=tuple(measures),
    )


CARTE = Page(
    name="carte",
    title="Carte",
    question=_question,
    reading=_reading,
    universe=ANNUAIRE,
    filters=(Territory(), Choice("profession"), Choice("specialite"), Choice("mode_exercice"), Snapshot()),
    figures=_figures,
    rows=(
        (Block("carte", _map, 1.7, (Option("maille", "Maille", _MESHES),)), Block("epci", _least)),
        Block("professions", _professions),
    ),
)

PAGES = (CARTE,)


def pages(prefix: str = "") -> dict[str, list[Any]]:
    """The application's pages, for the portal or alone."""
    return declare(PAGES, prefix)
