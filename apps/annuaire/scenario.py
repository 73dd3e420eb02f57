"""« Scénario »: what if professionals came, left or moved; accessibility before and after."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from apps.annuaire import reach as acces
from apps.annuaire import scenario_actions as actions
from apps.annuaire.words import where, who
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.maps.maps import Map, choropleth, diverging
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Drawn, Note
from apps.kit.style import french
from lake.errors import LakeError
from scoring.reach import asked as asked
from scoring.reach.asked import Bilan
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.model import Format
from scoring.universes.selection import Selection

SCALE = Scale(Format.DECIMAL, "pour 10 000 habitants".replace(" 000", "\u202f000"), 2)
SITUATIONS = ("Avant", "Après", "Écart")


def balance(view: View) -> Bilan:
    """The scenario tried (cached).

    Raises:
        LakeError: it cannot be read, names an unknown commune, or removes more than there are.
    """
    moves = actions.moves(view)
    selection = view.selection.at(view.date)
    limit = acces.threshold(view)
    name = ("scenario", acces.assumed(view), view.option(acces.POPULATION.name), selection, limit, moves)

    def compute() -> Bilan:
        return asked.tried(
            acces.ground(view), acces.offer(view), moves, selection, limit, before=acces.result(view)
        )

    try:
        found: Bilan = view.data.cached(name, asked.TABLES, compute)
    except LakeError as error:
        raise actions.named(view, error) from error
    return found


def tried(view: View) -> Bilan | None:
    """:func:`balance`, or None where it is refused: the reading says why, once."""
    try:
        return balance(view)
    except LakeError:
        return None


def situations(found: Bilan) -> tuple[dict[str, float], dict[str, float]]:
    """The figures before and after."""
    before, after = found.resume.to_dicts()
    return before, after


def question(view: View) -> str:
    """« Et si des médecins venaient, partaient, se déplaçaient ? »"""
    return f"Et si l'on ajoutait, retirait ou déplaçait des {who(view)} ?"


def reading(view: View) -> str:
    """What the scenario changes; or how to begin one."""
    try:
        found = balance(view)
    except LakeError as error:
        return " ".join(part for part in (error.message, error.conseil) if part)
    before, after = situations(found)
    moves = actions.moves(view)
    if not moves:
        return (
            f"{where(view)} : {french.number(before['moyenne_pour_10000'], 1)} à portée {acces.per(view)} en "
            f"moyenne. Choisissez une action et une commune pour voir ce qu'elle changerait."
        )
    done = french.listing(actions.words(view, move) for move in moves[:4])
    more = f" (et {len(moves) - 4} autres actions)" if len(moves) > 4 else ""
    gained = int(before["population_sous_seuil"] - after["population_sous_seuil"])
    change = (
        f"{french.counted(abs(gained), 'habitant')} de {'moins' if gained > 0 else 'plus'} sous le seuil"
        if gained
        else "autant d'habitants sous le seuil"
    )
    return f"{where(view)}, {done}{more} : {change} de {acces.threshold_words(view)}."


def figures(view: View) -> Figures:
    """Mean, inhabitants and communes under the threshold, heads: after, and what changed."""
    found = tried(view)
    if found is None:
        return Figures([])
    before, after = situations(found)
    limit = f"seuil : {acces.threshold_words(view)}"
    reached = found.communes.filter(pl.col("ecart").abs() > 1e-9)
    return Figures(
        [
            Figure(
                "Accessibilité potentielle",
                french.number(after["moyenne_pour_10000"], 2),
                french.change(
                    after["moyenne_pour_10000"], before["moyenne_pour_10000"], Format.DECIMAL, decimals=2
                ),
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
                french.number(reached.height),
                reference=french.counted(int(reached["population"].sum()), "habitant"),
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
    found = tried(view)
    if found is None:
        return Note("")
    before, after = situations(found)
    names = [name for name in found.resume.columns if name != "situation"]
    gap = {
        name: None if before[name] is None or after[name] is None else after[name] - before[name]
        for name in names
    }
    lines = [
        {"situation": word, **{name: one[name] for name in names}}
        for word, one in zip(SITUATIONS, (before, after, gap), strict=True)
    ]
    return Table(
        pl.DataFrame(lines, schema=found.resume.schema),
        (
            Column("situation", "Situation"),
            Column("offre", "Têtes sur place", Format.DECIMAL),
            Column("moyenne_pour_10000", "Accessibilité", Format.DECIMAL, decimals=2),
            Column("communes_sous_seuil", "Communes sous le seuil", Format.INTEGER),
            Column("population_sous_seuil", "Habitants sous le seuil", Format.INTEGER),
            Column("part_sous_seuil", "Part des habitants", Format.SHARE),
        ),
        key="situation",
        title="Avant et après",
        reading=f"Seuil : {acces.threshold_words(view)} ; demande : {acces.base_words(view)}.",
        counted=french.counted(found.communes.height, "commune"),
        measures=(acces.method(view),),
    )


def carte(view: View) -> Map | Note:
    """The difference, commune by commune."""
    found = tried(view)
    if found is None:
        return Note("")
    rows = found.communes
    shown = rows.filter(pl.col("ecart").abs() > 1e-9)
    zoomed = replace(view, state=replace(view.state, selection=_around(view, shown)))
    spec, classes = choropleth(
        zoomed, "commune", rows, "code_commune", "ecart", SCALE, picks=False,
        classes=diverging(shown["ecart"], SCALE),
    )  # fmt: skip
    up, down = shown.filter(pl.col("ecart") > 0).height, shown.filter(pl.col("ecart") < 0).height
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


def _around(view: View, shown: pl.DataFrame) -> Selection:
    """The départements that change, when no territory is chosen: the map shows what there is to see."""
    mine = shown["code_departement"].unique().sort().to_list()
    if view.selection.values("departement") or view.selection.values("epci") or not mine:
        return view.selection
    return view.selection.with_filter("departement", mine)


def changed(view: View, rows: pl.DataFrame) -> Table:
    """The communes, the most changed first."""
    ordered = rows.sort(pl.col("ecart").abs(), "population", descending=True)
    return Table(
        ordered,
        (
            Column("commune", "Commune"),
            Column("code_departement", "Dép."),
            Column("population", "Habitants", Format.INTEGER),
            Column("avant", "Avant", Format.DECIMAL, decimals=2),
            Column("apres", "Après", Format.DECIMAL, decimals=2),
            Column("ecart", "Écart", Format.DECIMAL, change=True, decimals=2),
        ),
        key="code_commune",
    )


def most_changed(view: View) -> Table | Note:
    """The communes whose access changes."""
    found = tried(view)
    rows = found.communes.filter(pl.col("ecart").abs() > 1e-9) if found else None
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
