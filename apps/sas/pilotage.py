"""The pilots' pages: offer, demand, bookings and coverage of unscheduled care, over a period of days.

Every figure is a question to a universe of the SAS; a view is one of the gallery, or a short function for what is told
in words. Time is a choice of the page: what was, today, what is to come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

from apps.kit.access import access
from apps.kit.charts.figures import Figures
from apps.kit.data.view import View
from apps.kit.filters.filters import Choice, Option
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Piece
from apps.kit.style import french
from apps.kit.views.figures import KeyFigures
from apps.kit.views.gallery import Curve, Heat, Histogram, Ranked, TerritoryMap, Values
from apps.kit.views.words import place
from lake.horaires.heures import PARIS, local_day
from scoring.universes.sas import SAS_COUVERTURE, SAS_DEMANDE, SAS_OFFRE, SAS_RENDEZ_VOUS

SECTION = "Pilotage"
PERIODE = Option(
    "periode",
    "Période",
    {
        "avant28": "28 jours passés",
        "avant7": "7 jours passés",
        "aujourdhui": "Aujourd’hui",
        "apres15": "15 jours à venir",
        "apres28": "28 jours à venir",
    },
)
# Coverage is heavy: it is published of few days, and asked of today first.
PERIODE_COUVERTE = Option(
    PERIODE.name,
    PERIODE.label,
    {name: PERIODE.values[name] for name in ("aujourdhui", "apres15", "apres28", "avant7", "avant28")},
)
MAILLE = Option("maille", "Maille", {"departement": "Départements", "epci": "EPCI", "commune": "Communes"})
_SPANS: Mapping[str, tuple[int, int]] = {
    "avant28": (-28, -1),
    "avant7": (-7, -1),
    "aujourdhui": (0, 0),
    "apres15": (1, 15),
    "apres28": (1, 28),
}
_PLACES = (Choice("sas"), Choice("departement"), Choice("epci"), Choice("commune"), Choice("territoire"))
_Made = TypeVar("_Made", Piece, Figures)


def today() -> date:
    """The day, by the clock of the region."""
    return local_day(datetime.now().astimezone(), PARIS)


def days(view: View, *, before: bool = False) -> tuple[date, date]:
    """The days of the period chosen; ``before``, those of the four weeks before it, weekday for weekday."""
    now = today()
    first, last = _SPANS.get(view.option(PERIODE.name), _SPANS["avant28"])
    shift = timedelta(weeks=4 if before else 0)
    return now + timedelta(days=first) - shift, now + timedelta(days=last) - shift


def during(view: View) -> View:
    """The same view over the period chosen."""
    return view.on(selection=view.selection.during(*days(view)))


@dataclass(frozen=True)
class Pendant(Generic[_Made]):
    """A view of the gallery, over the period that the page chose."""

    build: Callable[[View], _Made]

    def __call__(self, view: View) -> _Made:
        """What the view shows of these days."""
        return self.build(during(view))


def _compared(view: View, measure: str) -> str:
    """« 12 % de plus que les mêmes jours quatre semaines plus tôt », or nothing when they are not known."""
    now = during(view).query([measure]).item(0, measure)
    before = (
        view.on(selection=view.selection.during(*days(view, before=True))).query([measure]).item(0, measure)
    )
    if not now or not before:
        return ""
    move = 100 * (now - before) / before
    if abs(move) < 0.5:
        return " ; autant que les mêmes jours quatre semaines plus tôt"
    word = "de plus" if move > 0 else "de moins"
    return f" ; {french.percent(abs(move), 0)} {word} que les mêmes jours quatre semaines plus tôt"


def _nothing() -> str:
    return access.remedy("Rien n’est publié de ces jours", "obs sas publier")


def offre_reading(view: View) -> str:
    """How many slots are free, of how many, and who offers none."""
    shown = during(view)
    names = ["creneaux_offerts", "creneaux_disponibles", "effecteurs", "effecteurs_sans_creneau"]
    row: dict[str, Any] = shown.values(names)
    if row["creneaux_offerts"] is None:
        return _nothing()
    without = row["effecteurs_sans_creneau"] or 0
    return (
        f"{shown.date_in_words().capitalize()} : {french.counted(row['creneaux_disponibles'], 'créneau', 'créneaux')} "
        f"{french.plural(row['creneaux_disponibles'], 'disponible')} sur "
        f"{french.counted(row['creneaux_offerts'], 'offert')}{_compared(view, 'creneaux_disponibles')}. "
        f"{french.counted(without, 'effecteur')} sur {french.number(row['effecteurs'])} "
        f"{french.plural(without, 'n’a', 'n’ont')} aucun créneau."
    )


def demande_reading(view: View) -> str:
    """How many demands ended with nothing, of those whose end is known."""
    shown = during(view)
    names = ["demandes", "demandes_non_pourvues", "demandes_incertaines", "part_non_pourvue", "part_elargie"]
    row: dict[str, Any] = shown.values(names)
    if not row["demandes"]:
        return _nothing()
    unknown = row["demandes_incertaines"] or 0
    doubt = (
        f" {french.counted(unknown, 'autre')} {french.plural(unknown, 'reste incertaine', 'restent incertaines')} : "
        "un éditeur n’a pas répondu."
        if unknown
        else ""
    )
    return (
        f"{shown.date_in_words().capitalize()} : {french.counted(row['demandes'], 'demande')} ; "
        f"{french.share(row['part_non_pourvue'])} n’ont rien trouvé, {french.share(row['part_elargie'])} en "
        f"élargissant.{doubt}"
    )


def rendez_vous_reading(view: View) -> str:
    """How many bookings, and how many were not honoured."""
    shown = during(view)
    row: dict[str, Any] = shown.values(["rendez_vous", "taux_non_honores", "delai_moyen_h"])
    if not row["rendez_vous"]:
        return _nothing()
    missed = (
        "" if row["taux_non_honores"] is None else f" ; {french.share(row['taux_non_honores'])} non honorés"
    )
    late = (
        ""
        if row["delai_moyen_h"] is None
        else f", {french.number(row['delai_moyen_h'], 1)} heures après la prise"
    )
    return (
        f"{shown.date_in_words().capitalize()} : {french.counted(row['rendez_vous'], 'rendez-vous', 'rendez-vous')}"
        f"{late}{missed}."
    )


def couverture_reading(view: View) -> str:
    """Who has a seat in reach within two, four, six, twelve hours."""
    shown = during(view)
    found = dict(shown.query(["couverture"], ["horizon"], apart=["horizon"]).iter_rows())
    if not any(value is not None for value in found.values()):
        return _nothing()
    said = ", ".join(
        f"{french.share(found[one])} en {hours} heures"
        for one, hours in (("2h", 2), ("4h", 4), ("6h", 6), ("12h", 12))
        if found.get(one) is not None
    )
    return f"{shown.date_in_words().capitalize()}, aux heures ouvrées : {said} ont une place à portée."


def _over(name: str, build: Callable[[View], Piece], width: float = 1, *options: Option) -> Block:
    """A block over the period that the page chose."""
    return Block(name, Pendant(build), width, options)


def _map(measure: str, title: str) -> Block:
    return _over("carte", TerritoryMap(measure, MAILLE, title), 1.5, MAILLE)


def _territories(*measures: str, drawn: bool = True) -> Block:
    """The table by territory; its mesh is the map's where there is one."""
    return _over("territoires", Values(measures, MAILLE, "Par territoire"), 1, *(() if drawn else (MAILLE,)))


def _named(*measures: str, more: tuple[str, ...] = ()) -> Block:
    """The table by named territory: « CPTS A », and what is in none."""
    return _over("nommes", Values(measures, "territoire", "Par territoire nommé", more=more, natural=True))


def _titled(question: str) -> Callable[[View], str]:
    """A question and its territory: « Qui cherche, et qui ne trouve pas ? Meurthe-et-Moselle, votre périmètre »."""
    return lambda view: f"{question} {place(view)}"


def _in_order(name: str, axis: str, title: str, *measures: str, more: tuple[str, ...] = ()) -> Block:
    return _over(name, Values(measures, axis, title, more=more, natural=True))


OFFRE = Page(
    name="offre",
    title="Offre",
    section=SECTION,
    question=_titled("Combien de créneaux de soins non programmés ?"),
    reading=offre_reading,
    universe=SAS_OFFRE,
    filters=(PERIODE, *_PLACES, Choice("modalite"), Choice("genre_effecteur")),
    figures=Pendant(
        KeyFigures(
            ("creneaux_disponibles", "taux_remplissage", "effecteurs_avec_creneau", "effecteurs_sans_creneau")
        )
    ),
    rows=(
        Block(
            "jours", Curve(("creneaux_offerts", "creneaux_disponibles", "creneaux_pris"), "Jour après jour")
        ),
        (
            _map("creneaux_disponibles", "Où sont-ils ?"),
            _over("modalites", Ranked("creneaux_disponibles", "modalite", "Par modalité")),
        ),
        _territories(
            "creneaux_offerts",
            "creneaux_absents",
            "creneaux_pris",
            "creneaux_disponibles",
            "taux_remplissage",
        ),
        _named("creneaux_offerts", "creneaux_disponibles", "effecteurs_sans_creneau", "taux_remplissage"),
        Block(
            "semaines",
            Values(
                ("creneaux_offerts", "creneaux_disponibles", "effecteurs_avec_creneau"),
                "semaine",
                "Semaine après semaine",
                natural=True,
            ),
        ),
    ),
)
DEMANDE = Page(
    name="demande",
    title="Demande",
    section=SECTION,
    question=_titled("Qui cherche, et qui ne trouve pas ?"),
    reading=demande_reading,
    universe=SAS_DEMANDE,
    filters=(PERIODE, *_PLACES, Choice("preset"), Choice("horizon"), Choice("tranche"), Choice("issue")),
    figures=Pendant(KeyFigures(("demandes", "part_non_pourvue", "part_elargie", "demandes_incertaines"))),
    rows=(
        Block("jours", Curve(("demandes", "demandes_non_pourvues"), "Jour après jour")),
        (
            _map("part_non_pourvue", "Où ne trouve-t-on pas ?"),
            _over("leviers", Ranked("demandes_non_pourvues", "levier", "Ce qui aurait suffi")),
        ),
        _in_order(
            "tranches",
            "tranche",
            "Par tranche horaire",
            "demandes",
            "demandes_non_pourvues",
            "part_non_pourvue",
        ),
        _territories("demandes", "demandes_elargies", "demandes_non_pourvues", "part_non_pourvue"),
        _named("demandes", "demandes_non_pourvues", "part_non_pourvue"),
    ),
)
RENDEZ_VOUS = Page(
    name="rendez-vous",
    title="Rendez-vous",
    section=SECTION,
    question=_titled("Que deviennent les rendez-vous ?"),
    reading=rendez_vous_reading,
    universe=SAS_RENDEZ_VOUS,
    filters=(PERIODE, *_PLACES, Choice("modalite"), Choice("source"), Choice("statut")),
    figures=Pendant(KeyFigures(("rendez_vous", "honores", "taux_non_honores", "delai_moyen_h"))),
    rows=(
        Block("jours", Curve(("rendez_vous", "non_honores"), "Jour après jour")),
        (
            _over("delais", Histogram(("rendez_vous",), "classe_delai", "Combien de temps après la prise ?")),
            _over("statuts", Ranked("rendez_vous", "statut", "Ce qu’ils sont devenus")),
        ),
        _territories("rendez_vous", "honores", "non_honores", "taux_non_honores", drawn=False),
        _named("rendez_vous", "taux_non_honores"),
    ),
)
_COVERED = ("couverture", "places_atteignables_pour_10000")
COUVERTURE = Page(
    name="couverture",
    title="Couverture",
    section=SECTION,
    question=_titled("Qui peut être vu dans les quatre heures ?"),
    reading=couverture_reading,
    universe=SAS_COUVERTURE,
    filters=(PERIODE_COUVERTE, *_PLACES, Choice("famille"), Choice("horizon")),
    rows=(
        (
            _over("horizons", Histogram(("couverture",), "horizon", "Par horizon")),
            _over("chaleur", Heat("couverture", "horizon", "heure", "Aux heures ouvrées"), 1.5),
        ),
        _in_order("heures", "heure", "Heure par heure", *_COVERED, more=("horizon",)),
        _in_order("territoires", "departement", "Par département", *_COVERED, more=("horizon",)),
        _named(*_COVERED, more=("horizon",)),
    ),
)
PILOTAGE = (OFFRE, DEMANDE, RENDEZ_VOUS, COUVERTURE)
