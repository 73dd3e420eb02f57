"""Why a view is empty, and what to do: rights, a date or period that is not published, filters, or no data at all.

The cause is read from what the reader asked and from what the rights declare, never from the rows that they hide: two
lakes that differ only in those rows say the same.
"""

from __future__ import annotations

from apps.kit.data.view import View
from apps.kit.style import french
from lake.catalog.territoires import DEPARTEMENTS
from lake.droits import Droits
from scoring.universes.model import Rhythm


def nothing(view: View) -> str:
    """That nothing answers, why, and what to change, in French."""
    outside = _outside(view)
    if outside:
        return f"{outside} Retirez ce filtre dans la colonne de gauche, ou demandez un accès plus large."
    if not view.dates:
        mine = _mine(view)
        if mine:
            return f"Rien n’est publié dans votre périmètre ({mine})."
        return f"Rien n’est encore publié : {view.universe.title} attend sa première livraison."
    undated = _undated(view)
    if undated:
        return undated
    filters = view.filters_in_words()
    mine = _mine(view)
    if filters:
        named = " ; ".join(f"{label} : {words}" for label, words in filters)
        within = f", dans votre périmètre ({mine})" if mine else ""
        return f"Rien ne répond à ces filtres ({named}){within}. Retirez-en un dans la colonne de gauche."
    if mine:
        return f"Rien n’est publié dans votre périmètre ({mine}), {view.date_in_words()}."
    return f"Cette vue n’a rien à montrer à cette date ({view.date_in_words()}). Choisissez-en une autre."


def _droits(view: View) -> Droits | None:
    """What narrows the reader on this universe; None when nothing does."""
    lecture = view.data.access.lecture
    if lecture.droits is None or (view.universe.opened_by or view.universe.name) in lecture.opened:
        return None
    return lecture.droits


def _mine(view: View) -> str:
    """The reader's perimeter in words; empty for who sees everything."""
    droits = _droits(view)
    if droits is None:
        return ""
    said = []
    for name, values in (("region", droits.regions), ("departement", droits.departements)):
        if values is not None:
            said += (
                [view.word(name, code) for code in sorted(values)] if _known(view, name) else sorted(values)
            )
    if droits.editeurs is not None:
        said += sorted(droits.editeurs)
    return french.listing(said)


def _outside(view: View) -> str:
    """The filter that asks only for what the rights do not open, said; empty otherwise."""
    droits = _droits(view)
    if droits is None:
        return ""
    allowed = {
        "region": droits.regions,
        "departement": _departements(view, droits),
        "editeur": droits.editeurs,
    }
    for name, values in view.selection.filters.items():
        mine = allowed.get(view.universe.axis(name).territory or name)
        if mine is not None and values and not mine.intersection(values):
            asked = french.listing(view.word(name, value) for value in values)
            return f"Votre profil n’ouvre pas le détail de {view.universe.axis(name).label.lower()} {asked}."
    return ""


def _departements(view: View, droits: Droits) -> frozenset[str] | None:
    """The départements that are open: those named, or those of the regions that are."""
    if droits.departements is not None or droits.regions is None:
        return droits.departements
    places = view.data.frame(DEPARTEMENTS).select("code_departement", "code_region").iter_rows()
    return frozenset(code for code, region in places if region in droits.regions)


def _undated(view: View) -> str:
    """That what is asked was never published, and what was; empty when the dates hold it."""
    selection, dates = view.selection, view.dates
    if view.universe.rhythm is Rhythm.MONTHLY:
        first, last = selection.du or dates[-1], selection.au or dates[0]
        if any(first <= day <= last for day in dates):
            return ""
        return (
            f"Aucun mois n’est publié sur cette période ({french.period(selection.du, selection.au)}) : les mois "
            f"publiés vont {french.period(dates[-1], dates[0])}. Changez la période dans la colonne de gauche."
        )
    if selection.date is None or selection.date in dates:
        return ""
    return (
        f"Rien n’est publié au {french.long_date(selection.date)} : la dernière date est le "
        f"{french.long_date(dates[0])}. Choisissez-la dans la colonne de gauche."
    )


def _known(view: View, axis: str) -> bool:
    return any(one.name == axis for one in view.universe.axes)
