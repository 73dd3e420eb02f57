"""« Carte »: who practises where, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import streamlit as st

from apps.annuaire.base import BASE, PEOPLE, counted
from apps.annuaire.etablissement import draw_establishment
from apps.annuaire.fiche import choose, draw_card, named
from apps.annuaire.points import at_place, points
from apps.annuaire.questions import answers
from apps.annuaire.recherche import directory
from apps.annuaire.words import about, since, where, who
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column, Table, measure_columns, split_total
from apps.kit.data.view import View
from apps.kit.filters.filters import Option, Snapshot, Territory
from apps.kit.filters.search import Kept
from apps.kit.maps.maps import Map, choropleth
from apps.kit.maps.points import Points
from apps.kit.maps.tile_map import TileMap
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Drawn
from apps.kit.style import french
from apps.kit.style.french import typographic
from apps.kit.views.own import ROWS, WORDS, Bars, Rows, Shown
from scoring.universes.annuaire import ANNUAIRE, Base
from scoring.universes.model import Format
from scoring.universes.repertoire import PERSON

DENSITY = Scale(Format.DECIMAL, "pour 10 000 habitants")
MESHES = {"epci": "EPCI", "commune": "Communes", "departement": "Départements", "points": "Points"}
UNKNOWN = {"epci": "EPCI inconnu", "commune": "Commune inconnue", "departement": "Département inconnu"}
NOUNS = {
    "epci": ("EPCI", "EPCI"),
    "commune": ("commune", "communes"),
    "departement": ("département", "départements"),
}


@dataclass(frozen=True)
class Backdrop(Option):
    """The plan under the points: offered when there are points."""

    def draw(self, view: View, *, bare: bool = False) -> None:
        """Draw the choice."""
        if view.option("maille") == "points":
            super().draw(view, bare=bare)


def compared(view: View, mesh: str, apart: Sequence[str] | None = None) -> pl.DataFrame:
    """Each territory of a mesh now and at the previous extraction, whatever is selected of that mesh by default.

    Returns:
        DataFrame: the mesh's code and name, the count and the density of the counting base, ``avant`` (Int64)
        and ``ecart`` (Int64; null without previous extraction); territories without anyone included.
    """
    base = counted(view)
    code = view.universe.axis(mesh).code or mesh
    apart = [mesh] if apart is None else apart
    now = view.query([base.effectif, base.densite], [code, mesh], complete=True, apart=apart)
    now = now.drop_nulls(code)
    if view.before is None:
        return now.with_columns(avant=pl.lit(None, pl.Int64), ecart=pl.lit(None, pl.Int64))
    before = view.query([base.effectif], [code], complete=True, apart=apart, at=view.before)
    return now.join(before.rename({base.effectif: "avant"}), on=code, how="left").with_columns(
        pl.col("avant").fill_null(0), ecart=pl.col(base.effectif) - pl.col("avant").fill_null(0)
    )


def question(view: View) -> str:
    """« Où exercent les médecins (libéral) ? »"""
    return about(view, f"Où exercent les {who(view)} ?")


def reading(view: View) -> str:
    """The answer in one or two sentences."""
    base = counted(view)
    found = view.values(base.figures)
    density = view.write(base.densite, found[base.densite])
    said = f"{where(view)} : {base.count(found[base.effectif])}, soit {density} pour 10 000 habitants."
    if base.base is not Base.PERSONNES:
        said = f"{said} {base.sums}"
    rows = compared(view, "epci")
    if (
        view.before is None
        or not rows.height
        or any(view.selection.values(mesh) for mesh in ("epci", "commune"))
    ):
        return said
    down, up = rows.filter(pl.col("ecart") < 0).height, rows.filter(pl.col("ecart") > 0).height
    return f"{said} Leur nombre baisse dans {down} EPCI sur {rows.height} et monte dans {up}, {since(view)}."


def figures(view: View) -> Figures:
    """What is counted, density, territories without anyone, located."""
    base = counted(view)
    now, density, located = view.values(base.figures).values()
    before = None
    mesh = "commune" if any(view.selection.values(one) for one in ("epci", "commune")) else "epci"
    rows = compared(view, "epci")
    region = rows[base.densite]
    if mesh == "commune":
        rows = compared(view, mesh, apart=())
    nobody = rows.filter(pl.col(base.effectif) == 0).height
    nobody_before = rows.filter(pl.col("avant") == 0).height if view.before else None
    if view.before:
        before = view.value(base.effectif, at=view.before)
    everywhere = view.selection.only(("profession", "specialite", "mode_exercice"))
    whole = view.value(base.densite, selection=everywhere)
    median = region.drop_nulls().quantile(0.5, "linear")
    missing = int(now or 0) - round((located or 0) * (now or 0))
    return Figures(
        [
            Figure(
                base.label,
                french.number(now),
                french.change(now, before, since=since(view)) if view.before else None,
                help=view.universe.measure(base.effectif).definition,
            ),
            Figure(
                "Densité pour 10 000 hab.",
                view.write(base.densite, density),
                reference=f"Ensemble : {french.number(whole, 1)} · médiane des EPCI : "
                f"{french.number(median if isinstance(median, float) else None, 1)}",
                help=view.universe.measure(base.densite).definition,
            ),
            Figure(
                f"{NOUNS[mesh][1] if mesh == 'epci' else 'Communes'} sans personne",
                french.number(nobody),
                french.change(nobody, nobody_before, since=since(view)) if view.before else None,
                good=-1,
                reference=f"sur {french.counted(rows.height, *NOUNS[mesh])}",
            ),
            Figure(
                f"{base.located.capitalize()}s sur la carte",
                french.share(located),
                reference=f"{french.counted(missing, f'non {base.located}')}, sur leur commune si elle est connue",
                help=view.universe.measure(base.part).definition,
            ),
        ]
    )


def carte(view: View) -> Map | Points | TileMap:
    """Densities by territory, or the places one by one."""
    mesh = view.option("maille")
    return points(view) if mesh == "points" else densities(view, mesh)


def densities(view: View, mesh: str) -> Map:
    """Densities by territory."""
    code = view.universe.axis(mesh).code or mesh
    base = counted(view)
    measures = (base.effectif, base.densite)
    frame = compared(view, mesh)
    spec, classes = choropleth(view, mesh, frame, code, base.densite, DENSITY)
    # The map shows those around too; the table, and the files made from it, hold what is selected.
    rows, total = split_total(view.query(measures, [code, mesh], total=True), [code, mesh])
    rows = rows.with_columns(pl.col(mesh).fill_null(UNKNOWN[mesh]))
    table = Table(rows, measure_columns(view.universe, [mesh, *measures]), total, key=code)
    now, _, located = (value or 0 for value in view.values(base.figures).values())
    missing = round(now - located * now)
    return Map(
        spec,
        table,
        classes,
        mesh,
        unit=f"{base.label.lower()} pour 10 000 habitants",
        title="Où exercent-ils ?",
        reading=_map_reading(view, frame, mesh),
        alt=f"Carte des densités par {NOUNS[mesh][0]} ; les mêmes chiffres sont dans le tableau.",
        picks=mesh,
        counted=base.count(now),
        measures=measures,
        corner=(
            f"{french.counted(round(now - missing), base.located)} à l'adresse · "
            f"{french.counted(missing, f'non {base.located}')}"
        ),
    )


def _map_reading(view: View, frame: pl.DataFrame, mesh: str) -> str:
    """The territories that stand out, named; those chosen, when some are: the others are drawn around them."""
    base = counted(view)
    code = view.universe.axis(mesh).code or mesh
    known = frame.filter(pl.col(base.densite).is_not_null()).sort(base.densite)
    one, many = NOUNS[mesh]
    chosen = view.selection.values(mesh)
    if chosen:
        return _place_of(view, known, mesh, chosen)
    nobody = frame.filter(pl.col(base.effectif) == 0).height
    if known.height < 3:
        return ""
    top = view.word(mesh, str(known[code][-1]))
    if nobody:
        return f"{french.counted(nobody, one, many)} sans personne ; la densité la plus forte : {top}."
    low = view.word(mesh, str(known[code][0]))
    return f"La densité va de {low}, la plus faible, à {top}, la plus forte."


def _place_of(view: View, known: pl.DataFrame, mesh: str, chosen: Sequence[str]) -> str:
    """Where the territories chosen stand among all those of the mesh, from the highest density."""
    base = counted(view)
    code = view.universe.axis(mesh).code or mesh
    ranked = known.with_columns(rang=pl.col(base.densite).rank("min", descending=True))
    rows = ranked.filter(pl.col(code).is_in(chosen)).sort(base.densite)
    if not rows.height:
        return ""
    among = f"sur {french.counted(known.height, *NOUNS[mesh])}"
    if rows.height == 1:
        rank = french.ordinal(int(rows["rang"][0]), feminine=True)
        return f"{view.word(mesh, str(rows[code][0]))} a la {rank} densité {among}, de la plus forte à la plus faible."
    said = [
        f"{view.word(mesh, str(row[code]))} ({french.ordinal(int(row['rang']), feminine=True)})"
        for row in (rows.row(0, named=True), rows.row(-1, named=True))
    ]
    return f"Parmi les territoires choisis, la densité va de {said[0]} à {said[1]}, rangs {among}."


@ROWS("carte.epci")
def least(view: View) -> pl.DataFrame:
    """The EPCI, lowest density first, or those chosen (see :func:`compared`)."""
    base, chosen = counted(view), view.selection.values("epci")
    rows = compared(view, "epci").sort(base.densite, "epci", nulls_last=True)
    rows = rows.filter(pl.col("siren_epci").is_in(chosen)) if chosen else rows
    return rows if view.before else rows.drop("ecart")


def _falling(shown: Shown) -> str:
    """How many of them lose somebody since the extraction before."""
    if not shown.view.before:
        return ""
    many, falling = counted(shown.view).label.lower(), shown.frame.filter(pl.col("ecart") < 0).height
    if not falling:
        return f"Aucun ne perd de {many} {since(shown.view)}."
    return f"{french.counted(falling, 'EPCI perd', 'EPCI perdent')} des {many} {since(shown.view)}."


@ROWS("carte.professions")
def professions(view: View) -> pl.DataFrame:
    """How many of each profession, the most numerous first."""
    effectif = counted(view).effectif
    rows = view.query([effectif], ["code_profession", "profession"], apart=["profession"])
    return rows.sort(effectif, descending=True)


def _first(shown: Shown) -> str:
    if not shown.frame.height:
        return ""
    first = shown.frame.row(0, named=True)
    return f"La plus nombreuse : {first['profession']} ({counted(shown.view).count(first[shown.measure])})."


WORDS.update(
    {
        "effectif_libelle": lambda s: s.view.universe.measure(counted(s.view).effectif).label,
        "effectif_definition": lambda s: s.view.universe.measure(counted(s.view).effectif).definition,
        "depuis": lambda s: since(s.view).capitalize(),
        "epci_titre": lambda s: (
            "Les EPCI choisis" if s.view.selection.values("epci") else "Les EPCI les moins dotés"
        ),
        "epci_en_baisse": _falling,
        "premiere_profession": _first,
    }
)
LEAST = Rows(
    "carte.epci",
    (
        Column("epci", "EPCI"),
        Column("{base_densite}", "Densité", Format.DECIMAL, help="{base} pour 10 000 habitants."),
        Column("ecart", "Évolution", Format.INTEGER, change=True, help="{depuis}."),
        Column("{base_effectif}", "Nombre", Format.INTEGER),
    ),
    "{epci_titre}",
    ("EPCI", "EPCI"),
    "{epci_en_baisse}",
    key="siren_epci",
    picks="epci",
    methods=("base.densite", "base.effectif"),
)
PROFESSIONS = Bars(
    "carte.professions",
    "profession",
    "{base_effectif}",
    "{base_noms}",
    (
        Column("profession", ANNUAIRE.axis("profession").label),
        Column("{base_effectif}", "{effectif_libelle}", Format.INTEGER, help="{effectif_definition}"),
    ),
    "Quelles professions ?",
    ("profession",),
    "{premiere_profession}",
    "profession",
    "code_profession",
    ("base.effectif",),
)


def card(view: View) -> Drawn:
    """The cards of what was clicked: a person, an establishment, or the list of who practises at one place."""

    def draw(view: View) -> None:
        if finess := view.option("etablissement"):
            draw_establishment(view, finess)
        if place := view.option("lieu"):
            _at_place(view, place)
        if person := view.option("personne"):
            draw_card(view, person)

    return Drawn(draw)


def _at_place(view: View, place: str) -> None:
    """The persons whose points lie on one another."""
    found = at_place(view, place)
    if not found:
        st.info(typographic("Personne de cette sélection n'exerce à ce point : le lien est ancien."))
        return
    who = directory(view).filter(pl.col(PERSON).is_in(found))
    names = {row[PERSON]: named(row) for row in who.iter_rows(named=True)}
    st.header(typographic(f"{french.counted(len(names), 'personne')} à cette adresse"), anchor=False)
    choose(view, "personne", "Ouvrir une fiche", names)


CARTE = Page(
    name="carte",
    title="Carte",
    question=question,
    reading=reading,
    universe=ANNUAIRE,
    filters=(
        Territory(),
        *PEOPLE,
        Snapshot(),
        BASE,
    ),
    figures=figures,
    rows=(
        Block("questions", answers()),
        (
            Block(
                "carte",
                carte,
                1.7,
                (
                    Option("maille", "Maille", MESHES),
                    Backdrop(
                        "fond", "Fond de carte", {"sans": "Sans fond", "ign": "Plan IGN (hors du site)"}
                    ),
                    Kept("personne", "Fiche ouverte"),
                    Kept("lieu", "Adresse choisie"),
                    Kept("etablissement", "Établissement ouvert"),
                ),
                ahead=True,
            ),
            Block("epci", LEAST),
        ),
        Block("fiche", card),
        Block("professions", PROFESSIONS),
    ),
)
