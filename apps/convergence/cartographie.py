"""« Cartographie »: a region's services on the plan d'occupation des sols, and the graph of what uses what."""

from __future__ import annotations

import math
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from apps.convergence.chiffres import NIVEAU, TAUX, listed, rates
from apps.convergence.choix import Listed, Side
from apps.convergence.words import address, own_regions, rate, region_names
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.plans import graph
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Choice, Option, Snapshot
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Drawn, Note
from apps.kit.style import french
from apps.kit.style.french import typographic
from apps.kit.style.theme import ACCENT, INK, LINE, MATURITY, PANEL, SECONDARY
from lake.catalog.convergence_pos import SOCLE_NATIONAL, ZONES
from scoring.universes.convergence import CONVERGENCE, KIND_WORDS
from scoring.universes.convergence_listes import SERVICES_DECLARES
from scoring.universes.model import Format

HOME = "44"
MODES = {"occupation": "Occupation", "maturite": "Maturité", "convergence": "Devenir"}
VIEW = Option("vue", "Montrer", MODES)
SIGNS = {"metier": ("●", "#1f5f99"), "infrastructure": ("■", "#1f7a4d"), "produit": ("◆", "#542788")}
"""Sign and colour of each nature: business blue, infrastructure green, and a shape for each."""
OUTSIDE = "#fff3c4"
"""Yellow of what is outside the tronc commun."""
BANDS: tuple[tuple[str, ...], ...] = (
    ("2", "3"),
    ("4.1", "4.2", "5.1", "5.2"),
    ("6.1", "6.2", "6.3", "6.4", "6.5", "6.6", "6.7", "6.8"),
    ("7.1", "7.2", "7.3"),
    ("1", "8"),
)
"""Zones of the plan, band by band: portals, access, regional services, reference data, steering and resources."""
BAND_NAMES = (
    "Portails",
    "4 et 5 · Systèmes d'accès",
    "6 · Services régionaux",
    "7 · Données de référence et services associés",
    "Pilotage et ressources",
)

CSS = f"""
<style>
  .obs-pos {{ display: grid; grid-template-columns: minmax(0, 1fr) 150px; gap: .6rem; }}
  .obs-pos section {{ border: 1px solid {LINE}; background: {PANEL}; border-radius: 8px; padding: .5rem .6rem; }}
  .obs-pos h3 {{ font-size: 14px; padding: 0 0 .3rem !important; margin: 0; color: {INK}; }}
  .obs-pos h4 {{ font-size: 13px; font-weight: 600; padding: 0 0 .25rem !important; margin: 0; color: {SECONDARY}; }}
  .obs-bandes {{ display: grid; gap: .6rem; min-width: 0; }}
  .obs-zones {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: .5rem; }}
  .obs-zone {{ border: 1px dashed #b6c0cb; border-radius: 6px; padding: .4rem; background: #fdfefe; min-width: 0; }}
  .obs-zone ul, .obs-socle ul {{ list-style: none; margin: 0 !important; padding: 0 !important;
    display: grid; gap: .3rem; }}
  .obs-zone li, .obs-socle li {{ margin: 0 !important; font-size: 13px; line-height: 1.3; border: 1px solid {LINE};
    border-radius: 5px; padding: .25rem .4rem !important; background: #fff; overflow-wrap: anywhere; }}
  .obs-zone li.obs-hors {{ background: #fff3c4; border-color: #e3cf86; }}
  .obs-zone li a {{ color: {INK}; text-decoration: none; }}
  .obs-zone li a:hover {{ color: {ACCENT}; text-decoration: underline; }}
  .obs-zone .obs-vide {{ color: {SECONDARY}; font-size: 13px; margin: 0; }}
  .obs-socle li {{ text-align: center; background: #e9eef6; }}
  .obs-mot {{ display: inline-block; border-radius: 4px; padding: 0 .3rem; font-size: 12px; font-weight: 600; }}
  @media (max-width: 640px) {{ .obs-pos {{ grid-template-columns: minmax(0, 1fr); }}
    .obs-zones {{ grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); }} }}
</style>
"""


def _regions(view: View) -> dict[str, str]:
    """The regions whose services the reader may see, those selected or Grand Est first."""
    names = region_names(view)
    mine = view.selection.only(("volet",)).with_filter("region", sorted(own_regions(view) or ()))
    codes = view.on(SERVICES_DECLARES, mine).detail()["region"].drop_nulls().unique()
    first = view.selection.values("region") or (HOME,)
    ordered = sorted(codes, key=lambda code: (code not in first, names.get(code, code)))
    return {code: names.get(code, code) for code in ordered}


REGION = Listed("plan", "Région", choices=_regions)


def here(view: View) -> View:
    """The page on the region shown, whatever region the other pages have chosen."""
    if not (code := REGION.chosen(view)):
        return view
    return view.on(selection=view.selection.with_filter("region", [code]))


def services(view: View) -> pl.DataFrame:
    """The services of the region (every one declared; products when the side has no regions), with their rate.

    Returns:
        columns of the services' table, ``taux`` (mean of the service over all the axes it answered, %).
    """
    rows = listed(here(view), SERVICES_DECLARES).filter(pl.col("kind") != "si_regional")
    return rows.join(rated(here(view)), on="service", how="left").sort("zone_pos", "nom", nulls_last=True)


def rated(view: View) -> pl.DataFrame:
    """Every service's mean over the axes it answered: ``service, taux`` (%), ``niveau``."""
    found = rates(view, "service", "axe", perimetre="tous").group_by("service", maintain_order=True)
    return found.agg(taux=pl.col(TAUX).mean(), niveau=pl.col(NIVEAU).mean())


def question(view: View) -> str:
    """« Quels services en Grand Est ? »"""
    name = _regions(view).get(REGION.chosen(view), "")
    return (
        f"Quels services numériques occupent le plan ? {name}"
        if name
        else "Quels produits occupent le plan ?"
    )


def reading(view: View) -> str:
    """Services, zones occupied, zones empty."""
    rows = services(view)
    if not rows.height:
        return "Aucun service déclaré dans cette sélection."
    zones = [zone for band in BANDS for zone in band]
    taken = set(rows["zone_pos"].drop_nulls())
    empty = [f"{zone} {ZONES[zone]}" for zone in zones if zone not in taken]
    said = f"{french.counted(rows.height, 'service')} dans {french.counted(len(taken), 'zone')} du plan"
    if not empty:
        return f"{said} ; aucune zone n'est vide."
    if len(empty) > 4:
        return f"{said} ; {len(empty)} zones sont vides."
    return f"{said} ; {french.plural(len(empty), 'zone vide', 'zones vides')} : {french.listing(empty)}."


def figures(view: View) -> Figures:
    """Services, tronc commun, infrastructure, links."""
    rows = services(view)
    hidden = rows.filter(pl.col("tronc_commun") & ~pl.col("publiable")).height
    beside = rows.filter(~pl.col("tronc_commun")).height
    infrastructure = rows.filter(pl.col("kind") == "infrastructure").height
    return Figures(
        [
            Figure(
                "Services déclarés",
                french.number(rows.height),
                help=SERVICES_DECLARES.measure("services_declares").definition,
                reference="le système d'information régional est à part" if REGION.chosen(view) else "",
            ),
            Figure(
                "Services du tronc commun",
                french.number(rows.filter("commun").height),
                reference=f"{french.number(hidden)} non publiables, {french.number(beside)} hors tronc commun",
                help=SERVICES_DECLARES.measure("services_tronc_commun").definition,
            ),
            Figure(
                "Infrastructure",
                french.number(infrastructure),
                reference=f"{french.number(rows.height - infrastructure)} services métier",
            ),
            Figure(
                "Liens d'usage",
                french.number(links(view).height),
                reference="services métier vers infrastructure",
            ),
        ]
    )


def links(view: View) -> pl.DataFrame:
    """What uses what among the region's services: ``service, utilise``."""
    rows = services(view)
    return (
        rows.select("service", utilise=pl.col("utilise").str.split("|"))
        .explode("utilise")
        .drop_nulls()
        .filter(pl.col("utilise").is_in(rows["service"].implode()))
    )


def _chip(view: View, row: dict[str, object]) -> str:
    """A service on the plan."""
    sign, colour = SIGNS.get(str(row["kind"]), SIGNS["metier"])
    words = f'<span style="color:{colour}" title="{escape(typographic(KIND_WORDS[str(row["kind"])]))}">{sign}</span> '
    link = address(view, "maturite", service=str(row["service"]))
    name = f'<a href="{escape(link, quote=True)}" target="_self">{escape(str(row["nom"]))}</a>'
    mode, tail = view.option("vue"), ""
    if mode == "maturite":
        level = row["niveau"]
        step = None if level is None else round(level)  # type: ignore[call-overload]
        fill, word, ink = MATURITY[step]
        shown = rate(row["taux"]) if row["taux"] is not None else "sans réponse"  # type: ignore[arg-type]
        tail = (
            f'<br><span class="obs-mot" style="background:{fill};color:{ink}">{escape(word)} · {shown}</span>'
        )
    elif mode == "convergence":
        ends = "converge" if row["converge"] else "sera décommissionné"
        back, ink = ("#dff1ee", "#0a5651") if row["converge"] else ("#f3d9d6", "#8a1c15")
        tail = f'<br><span class="obs-mot" style="background:{back};color:{ink}">{ends}</span>'
    beside = "" if row["tronc_commun"] else ' class="obs-hors"'
    return f"<li{beside}>{words}{name}{tail}</li>"


def plan_html(view: View) -> str:
    """The plan as HTML: bands, zones, services; the national core services beside."""
    rows = services(view)
    bands = []
    for title, zones in zip(BAND_NAMES, BANDS, strict=True):
        cells = []
        for zone in zones:
            here = rows.filter(pl.col("zone_pos") == zone)
            chips = "".join(_chip(view, row) for row in here.iter_rows(named=True))
            body = f"<ul>{chips}</ul>" if chips else '<p class="obs-vide">aucun service</p>'
            cells.append(
                f'<div class="obs-zone"><h4>{zone} {escape(typographic(ZONES[zone]))}</h4>{body}</div>'
            )
        bands.append(
            f'<section><h3>{escape(typographic(title))}</h3><div class="obs-zones">{"".join(cells)}</div></section>'
        )
    placed = [zone for band in BANDS for zone in band]
    rest = rows.filter(~pl.col("zone_pos").is_in(placed) | pl.col("zone_pos").is_null())
    if rest.height:
        chips = "".join(_chip(view, row) for row in rest.iter_rows(named=True))
        bands.append(
            '<section><h3>Sans zone précise</h3><div class="obs-zones">'
            f'<div class="obs-zone"><ul>{chips}</ul></div></div></section>'
        )
    core = "".join(f"<li>{escape(name)}</li>" for name in SOCLE_NATIONAL)
    side = f'<section class="obs-socle"><h3>Socle national</h3><ul>{core}</ul></section>'
    return f'<div class="obs-pos"><div class="obs-bandes">{"".join(bands)}</div>{side}</div>'


WIDEST, TALLEST = 4, 4
"""Columns of a row of the printed plan; chips of a zone in one column before it takes another."""
SHAPES = {"metier": "rond", "infrastructure": "carre", "produit": "losange"}


def plan_print(rows: pl.DataFrame, mode: str) -> dict[str, Any]:
    """The plan as bands, cells and chips, for the PDF (``apps/kit/export/bands.typ``).

    Args:
        rows: columns of :func:`services`.
        mode: one of :data:`MODES`.
    """

    def chip(row: dict[str, Any]) -> dict[str, str]:
        tail = ""
        if mode == "maturite":
            tail = rate(row["taux"]) if row["taux"] is not None else "sans réponse"
        elif mode == "convergence":
            tail = "converge" if row["converge"] else "sera décommissionné"
        return {
            "forme": SHAPES.get(row["kind"], "rond"),
            "couleur": SIGNS.get(row["kind"], SIGNS["metier"])[1],
            "mots": typographic(row["nom"]),
            "suite": tail,
            "fond": "#ffffff" if row["tronc_commun"] else OUTSIDE,
        }

    def zone(title: str, here: pl.DataFrame) -> dict[str, Any]:
        chips = [chip(row) for row in here.iter_rows(named=True)]
        wide = min(WIDEST, max(1, math.ceil(len(chips) / TALLEST)))
        return {"titre": typographic(title), "puces": chips, "vide": "aucun service", "largeur": wide}

    bands = []
    for title, codes in zip(BAND_NAMES, BANDS, strict=True):
        cells = [zone(f"{code} {ZONES[code]}", rows.filter(pl.col("zone_pos") == code)) for code in codes]
        bands.append({"titre": title, "rangs": _packed(cells)})
    placed = [code for band in BANDS for code in band]
    rest = rows.filter(~pl.col("zone_pos").is_in(placed) | pl.col("zone_pos").is_null())
    if rest.height:
        bands.append({"titre": "Sans zone précise", "rangs": [[zone("", rest)]]})
    kinds = [kind for kind in SIGNS if kind in set(rows["kind"])]
    key = [
        {"forme": SHAPES[kind], "couleur": SIGNS[kind][1], "mots": typographic(KIND_WORDS[kind].lower())}
        for kind in kinds
    ]
    key += [{"fond": "#ffffff", "mots": "tronc commun"}, {"fond": OUTSIDE, "mots": "hors tronc commun"}]
    core = [{"mots": name, "fond": "#e9eef6"} for name in SOCLE_NATIONAL]
    return {"bandes": bands, "cote": {"titre": "Socle national", "puces": core}, "legende": key}


def _packed(cells: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Cells in rows of :data:`WIDEST` columns at most, in their order."""
    rows: list[list[dict[str, Any]]] = [[]]
    for cell in cells:
        if sum(one["largeur"] for one in rows[-1]) + cell["largeur"] > WIDEST:
            rows.append([])
        rows[-1].append(cell)
    return rows


def legend_html(mode: str) -> str:
    """What colours and signs mean, in words."""
    items = [
        f'<li><span style="color:{colour}">{sign}</span> {typographic(KIND_WORDS[kind].lower())}</li>'
        for kind, (sign, colour) in SIGNS.items()
        if kind != "produit"
    ]
    items += [
        '<li><span class="obs-nuance" style="background:#fff"></span>tronc commun</li>',
        '<li><span class="obs-nuance" style="background:#fff3c4"></span>hors tronc commun</li>',
    ]
    if mode == "maturite":
        items.append("<li>niveau moyen arrondi et taux moyen de ses axes</li>")
    return f'<ul class="obs-legende">{"".join(items)}</ul>'


def plan(view: View) -> Drawn:
    """The plan d'occupation des sols."""
    rows = services(view)

    def draw(view: View) -> None:
        st.html(CSS + typographic(plan_html(view)) + legend_html(view.option("vue")))

    return Drawn(
        draw,
        Table(
            rows.with_columns(pl.col("kind").replace_strict(KIND_WORDS, default=pl.col("kind"))),
            (
                Column("zone_pos", "Zone"),
                Column("nom", "Service"),
                Column("kind", "Nature"),
                Column("type_service", "Type"),
                Column("tronc_commun", "Tronc commun"),
                Column("converge", "Converge"),
                Column("taux", "Taux moyen de ses axes", Format.PERCENT),
                Column("niveau", "Niveau moyen", Format.DECIMAL, decimals=2),
            ),
        ),
        title="Le plan d'occupation des sols",
        reading="Chaque service mène à sa page de maturité.",
        counted=french.counted(rows.height, "service"),
        measures=("taux_maturite_pct",) if view.option("vue") == "maturite" else (),
        printed=lambda: plan_print(rows, view.option("vue")),
    )


def uses(view: View) -> Chart | Note:
    """The graph of services: infrastructure green squares, business blue circles."""
    rows, edges = services(view), links(view)
    if not edges.height:
        return Note("Aucun lien d'usage n'est déclaré entre ces services.", title="Qui utilise quoi ?")
    named = dict(rows.select("service", "nom").iter_rows())
    busiest = edges["utilise"].value_counts(sort=True).row(0)
    table = edges.with_columns(
        nom=pl.col("service").replace_strict(named), vers=pl.col("utilise").replace_strict(named)
    )
    return Chart(
        graph(rows, edges),
        Table(table, (Column("nom", "Service"), Column("vers", "utilise"))),
        title="Qui utilise quoi ?",
        reading=f"Le plus utilisé : {named[busiest[0]]}, par {french.counted(busiest[1], 'service')}.",
        counted=french.counted(edges.height, "lien"),
    )


CARTOGRAPHIE = Page(
    name="cartographie",
    title="Cartographie",
    question=question,
    reading=reading,
    universe=CONVERGENCE,
    filters=(
        REGION,
        VIEW,
        Side(),
        Snapshot("Campagne"),
        Choice("domaine", shared=True),
        Choice("kind", shared=True),
        Choice("editeur", shared=True),
    ),
    figures=figures,
    rows=(Block("plan", plan), Block("graphe", uses)),
)
