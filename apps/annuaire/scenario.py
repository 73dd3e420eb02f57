"""« Scénario »: what if professionals came, left or moved; accessibility before and after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from apps.annuaire import reach as acces
from apps.annuaire import scenario_actions as actions
from apps.annuaire.words import about, where, who
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.maps.maps import Map, choropleth, diverging
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Drawn, Note
from apps.kit.style import french
from apps.kit.style.errors import sentence
from lake.errors import LakeError
from scoring.universes.accessibilite import AFTER, CHANGED, GAP, VALUE, close
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.model import Format
from scoring.universes.selection import Selection

SCALE = Scale(Format.DECIMAL, "pour 10 000 habitants".replace(" 000", "\u202f000"), 2)
BEFORE = ("offre", VALUE, "communes_sous_seuil", "population_sous_seuil", "part_sous_seuil")
AFTER_NAMES = (
    "offre_apres",
    AFTER,
    "communes_sous_seuil_apres",
    "population_sous_seuil_apres",
    "part_sous_seuil_apres",
)
SITUATIONS = ("Avant", "Après", "Écart")


def asking(view: View) -> View:
    """The question of the page: the accessibility before and after the actions."""
    return acces.asking(view, actions=view.option(actions.ACTIONS))


def situations(view: View) -> tuple[dict[str, float | None], dict[str, float | None]]:
    """The figures before and after.

    Raises:
        LakeError: the scenario cannot be read, names an unknown commune, or removes more than there are.
    """
    try:
        found = asking(view).values([*BEFORE, *AFTER_NAMES])
    except LakeError as error:
        raise actions.named(view, error) from error
    before = {name: found[name] for name in BEFORE}
    return before, {name: found[after] for name, after in zip(BEFORE, AFTER_NAMES, strict=True)}


def changes(view: View) -> pl.DataFrame:
    """Every commune selected before and after.

    Raises:
        LakeError: as :func:`situations`.
    """
    by = ["code_commune", "commune", "code_departement"]
    try:
        return asking(view).query(["population", VALUE, AFTER, GAP], by).drop_nulls("code_commune")
    except LakeError as error:
        raise actions.named(view, error) from error


def tried(view: View) -> bool:
    """Whether the scenario has an answer; the reading says why not, once."""
    try:
        situations(view)
    except LakeError:
        return False
    return True


def question(view: View) -> str:
    """« Et si des médecins venaient, partaient, se déplaçaient ? »"""
    return about(view, f"Et si l'on ajoutait, retirait ou déplaçait des {who(view)} ?")


def reading(view: View) -> str:
    """What the scenario changes; or how to begin one."""
    try:
        before, after = situations(view)
    except LakeError as error:
        return sentence(error)
    moves = actions.moves(view)
    if not moves:
        return (
            f"{where(view)} : {french.number(before[VALUE], 1)} à portée {acces.per(view)} en "
            f"moyenne. Choisissez une action et une commune pour voir ce qu'elle changerait."
        )
    done = french.listing(actions.words(view, move) for move in moves[:4])
    more = f" (et {len(moves) - 4} autres actions)" if len(moves) > 4 else ""
    gained = round((before["population_sous_seuil"] or 0) - (after["population_sous_seuil"] or 0))
    change = (
        f"{french.counted(abs(gained), 'habitant')} de {'moins' if gained > 0 else 'plus'} sous le seuil"
        if gained
        else "autant d'habitants sous le seuil"
    )
    return f"{where(view)}, {done}{more} : {change} de {acces.threshold_words(view)}."


def figures(view: View) -> Figures:
    """Mean, inhabitants and communes under the threshold, heads: after, and what changed."""
    if not tried(view):
        return Figures([])
    before, after = situations(view)
    reached: dict[str, Any] = asking(view).values(["communes_changees", "population_changee"])
    limit = f"seuil : {acces.threshold_words(view)}"
    return Figures(
        [
            Figure(
                "Accessibilité potentielle",
                french.number(after[VALUE], 2),
                french.change(after[VALUE], before[VALUE], Format.DECIMAL, decimals=2),
                reference=f"{acces.per(view)}, en moyenne",
                help=acces.method(view).definition,
            ),
            Figure(
                "Habitants sous le seuil",
                french.number(after["population_sous_seuil"]),
                french.change(after["population_sous_seuil"], before["population_sous_seuil"]),
                reference=limit,
                good=-1,
            ),
            Figure(
                "Communes sous le seuil",
                french.number(after["communes_sous_seuil"]),
                french.change(after["communes_sous_seuil"], before["communes_sous_seuil"]),
                good=-1,
            ),
            Figure(
                "Communes dont l'accès change",
                french.number(reached["communes_changees"]),
                reference=french.counted(reached["population_changee"], "habitant"),
            ),
        ]
    )


def editor(view: View) -> Drawn:
    """The actions of the scenario."""
    return Drawn(
        actions.draw,
        title="Que changerait-on ?",
        reading="Chaque action compte des têtes ; elles s'appliquent ensemble, dans n'importe quel ordre.",
    )


def both(view: View) -> Table | Note:
    """Before, after, difference."""
    if not tried(view):
        return Note("")
    before, after = situations(view)
    gap = {name: _less(after[name], before[name]) for name in BEFORE}
    lines = [{"situation": word, **one} for word, one in zip(SITUATIONS, (before, after, gap), strict=True)]
    return Table(
        pl.DataFrame(lines),
        (
            Column("situation", "Situation"),
            Column("offre", "Têtes sur place", Format.DECIMAL),
            Column(VALUE, "Accessibilité", Format.DECIMAL, decimals=2),
            Column("communes_sous_seuil", "Communes sous le seuil", Format.INTEGER),
            Column("population_sous_seuil", "Habitants sous le seuil", Format.INTEGER),
            Column("part_sous_seuil", "Part des habitants", Format.SHARE),
        ),
        key="situation",
        title="Avant et après",
        reading=f"Seuil : {acces.threshold_words(view)} ; demande : {acces.base_words(view)}.",
        counted=french.counted(changes(view).height, "commune"),
        measures=(acces.method(view),),
    )


def _less(after: float | None, before: float | None) -> float | None:
    return None if after is None or before is None else after - before


def carte(view: View) -> Map | Note:
    """The difference, commune by commune."""
    if not tried(view):
        return Note("")
    rows = changes(view)
    shown = moved(rows)
    zoomed = replace(view, state=replace(view.state, selection=_around(view, shown)))
    spec, classes = choropleth(
        zoomed, "commune", rows, "code_commune", GAP, SCALE, picks=False,
        classes=diverging(shown[GAP], SCALE),
    )  # fmt: skip
    up, down = shown.filter(pl.col(GAP) > 0).height, shown.filter(pl.col(GAP) < 0).height
    return Map(
        spec,
        changed(view, rows),
        classes,
        "commune",
        unit=f"à portée {acces.per(view)}, en plus ou en moins",
        title="Où l'accès change-t-il ?",
        reading=f"Il monte dans {french.counted(up, 'commune')} et baisse dans {french.number(down)}."
        if shown.height
        else "Aucune commune ne change : le scénario est vide.",
        alt="Carte de l'écart d'accessibilité par commune ; les mêmes chiffres sont dans le tableau.",
        counted=french.counted(rows.height, "commune"),
        measures=(acces.method(view),),
    )


def moved(rows: pl.DataFrame) -> pl.DataFrame:
    """The communes whose access is not the same after."""
    return rows.filter(pl.col(GAP).abs() > CHANGED)


def _around(view: View, shown: pl.DataFrame) -> Selection:
    """The départements that change, when no territory is chosen: the map shows what there is to see."""
    mine = shown["code_departement"].unique().sort().to_list()
    if view.selection.values("departement") or view.selection.values("epci") or not mine:
        return view.selection
    return view.selection.with_filter("departement", mine)


def changed(view: View, rows: pl.DataFrame) -> Table:
    """The communes, the most changed first."""
    ordered = rows.sort(
        close(pl.col(GAP).abs()), "population", "code_commune", descending=[True, True, False]
    )
    return Table(
        ordered,
        (
            Column("commune", "Commune"),
            Column("code_departement", "Dép."),
            Column("population", "Habitants", Format.INTEGER),
            Column(VALUE, "Avant", Format.DECIMAL, decimals=2),
            Column(AFTER, "Après", Format.DECIMAL, decimals=2),
            Column(GAP, "Écart", Format.DECIMAL, change=True, decimals=2),
        ),
        key="code_commune",
    )


def most_changed(view: View) -> Table | Note:
    """The communes whose access changes."""
    rows = moved(changes(view)) if tried(view) else None
    if rows is None or not rows.height:
        return Note("")
    return replace(
        changed(view, rows),
        title="Les communes qui changent",
        reading=f"Accessibilité {acces.per(view)}, l'écart le plus grand d'abord.",
        counted=french.counted(rows.height, "commune"),
        measures=(acces.method(view),),
    )


SCENARIO = Page(
    name="scenario",
    title="Scénario",
    question=question,
    reading=reading,
    universe=ANNUAIRE,
    filters=acces.FILTERS,
    figures=figures,
    rows=(
        (Block("actions", editor, 1.1), Block("bilan", both)),
        (Block("carte", carte, 1.4), Block("communes", most_changed)),
    ),
    texts=(*acces.PARAMETER_NAMES, *actions.OPTIONS),
    said=lambda view: [*acces.said(view), *actions.said(view)],
    unfold=actions.unfold,
)
