"""The home page: what the observatory is, a few public figures, and the two doors."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from apps.kit.access import access, session
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.figures import draw as draw_figures
from apps.kit.data.data import Data, open_lake
from apps.kit.shell.screen import Screen
from apps.kit.style import french
from apps.kit.style.french import typographic
from apps.registry import APPS, App
from lake.errors import LakeError
from lake.settings import Settings
from lake.store.saisie import portage
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Universe
from scoring.universes.segur import SEGUR
from scoring.universes.selection import Selection

WHAT = (
    "Qui exerce où, quels services numériques sont adoptés, où en sont les régions face à la doctrine : "
    "les données publiques de l’e-santé, au même endroit, avec leur source et leur date."
)
DOORS = (
    (
        "industriels",
        "Industriels",
        "Vous éditez un logiciel ou un service : suivez vos produits et leur adoption.",
    ),
    (
        "autres",
        "Autres",
        "ARS, GRADeS, établissements, experts, professionnels : pilotez votre territoire.",
    ),
)


def _public() -> Data:
    """The reads of the home page: whole aggregates, never rows; the same for every reader."""
    return Data(open_lake(), access.PUBLIC)


def _region(data: Data, universe: Universe) -> tuple[Selection, str]:
    """The region that this installation observes, where the universe tells regions apart."""
    region = Settings.from_env().region
    return (Selection() if region == "france" else Selection({"region": [region]})), region


def _people(data: Data) -> Figure:
    frame = data.query(ANNUAIRE, Selection(), ["professionnels", "densite_pour_10000"])
    day = data.dates(ANNUAIRE)[0]
    density = french.number(frame.item(0, "densite_pour_10000"), 1)
    return Figure(
        "Professionnels de santé",
        french.number(frame.item(0, "professionnels")),
        reference=f"{density} pour 10 000 habitants, au {french.long_date(day)}",
        help=ANNUAIRE.measure("professionnels").definition,
    )


def _segur(measure: str, label: str) -> Callable[[Data], Figure]:
    def build(data: Data) -> Figure:
        universe = data.universe(SEGUR)
        month = data.dates(universe)[0]
        selection, _ = _region(data, universe)
        frame = data.query(universe, selection.during(month, month), [measure])
        found = universe.measure(measure)
        return Figure(
            label,
            french.write(frame.item(0, measure), found.format),
            reference=f"région, {french.month(month)}",
            help=found.definition,
        )

    return build


def _maturity(data: Data) -> Figure:
    selection, _ = _region(data, CONVERGENCE)
    day = data.dates(CONVERGENCE)[0]
    frame = data.query(
        CONVERGENCE, selection.at(day), ["taux_maturite_pct", "services_concernes"], ["questionnaire"]
    )
    rows = {row["questionnaire"]: row for row in frame.iter_rows(named=True)}
    row = rows.get("QU") or next(iter(rows.values()))
    count = french.counted(row["services_concernes"], "service urbanisé", "services urbanisés")
    return Figure(
        "Maturité face à la doctrine",
        french.percent(row["taux_maturite_pct"]),
        reference=f"{count}, campagne du {french.long_date(day)}",
        help=CONVERGENCE.measure("taux_maturite_pct").definition,
    )


FIGURES: tuple[Callable[[Data], Figure], ...] = (
    _people,
    _segur("psc_taux_adoption", "e-CPS activées"),
    _segur("mss_messages_emis", "Messages sécurisés émis"),
    _maturity,
)


def public_figures(data: Data) -> list[Figure]:
    """The public indicators that this lake can answer; the others are left out."""
    found = []
    for build in FIGURES:
        try:
            found.append(build(data))
        except (LakeError, IndexError, StopIteration):
            continue  # never published here: the page says what it has
    return found


def _draw() -> None:
    figures = public_figures(_public())
    if figures:
        st.header(
            "Le Grand Est en quelques chiffres" if _is_grand_est() else "En quelques chiffres", anchor=False
        )
        draw_figures(Figures(figures))
        st.html('<p class="obs-source">Indicateurs publics, calculés sur les dernières données publiées.</p>')
    else:
        st.info(typographic(access.remedy("Aucune donnée n’est publiée", "obs demo ou obs ingest")))
    _rooms()
    if access.reader() is None and not access.is_open():
        _doors()


def _is_grand_est() -> bool:
    return Settings.from_env().region == "44"


def _rooms() -> None:
    st.header("Ce que vous y trouvez", anchor=False)
    cards = []
    person = access.reader()
    for app in (one for one in APPS if one.offered):
        path = app.address
        if app.name == "convergence" and person is not None and person.compte.profil == "industriel":
            path += "?volet=industriels"  # its own products are there
        note = "" if app.opened else "Réservé : connexion demandée"
        if person is not None and not (path := _opened(app, path)):
            note = "Réservé : aucun de vos rôles ne l’ouvre"
        name = f"<strong>{escape(app.title)}</strong>"
        link = f'<a href="./{escape(path, quote=True)}" target="_self">{name}</a>' if path else name
        said = f'<span class="obs-reserve">{note}</span>' if note else ""
        cards.append(f"<li>{link}{said}<p>{escape(typographic(app.text))}</p></li>")
    st.html(f'<ul class="obs-cartes">{"".join(cards)}</ul>'.replace(" :", "\u202f:"))
    shown = (
        len(portage.catalogue(session.store()))
        if any(app.name == "saisie" and app.offered for app in APPS)
        else 0
    )
    if shown:
        said = french.counted(
            shown, "service régional décrit au public", "services régionaux décrits au public"
        )
        link = '<a href="./saisie-catalogue" target="_self">Catalogue des services</a>'
        st.html(f'<p class="obs-lecture-vue">{link}\u202f: {typographic(said)}.</p>')


def _opened(app: App, path: str) -> str:
    """Where the card of an application leads this reader: its first page, or the first one that opens; else nothing."""
    shown = [
        page.url_path
        for pages in app.pages(app.name).values()
        for page in pages
        if page.visibility == "visible"
    ]
    return path if path.partition("?")[0] in shown else next(iter(shown), "")


def _doors() -> None:
    st.header("J’accède à l’Observatoire", anchor=False)
    cards = "".join(
        f'<li><a class="obs-porte" href="./connexion?porte={name}" target="_self"><strong>{escape(title)}</strong>'
        f"<span>{escape(typographic(text))}</span></a></li>"
        for name, title, text in DOORS
    )
    st.html(f'<ul class="obs-portes">{cards}</ul>')
    st.html(
        '<p class="obs-source"><a href="./inscription" target="_self">Pas encore inscrit\u202f?</a> · '
        '<a href="./oubli" target="_self">Mot de passe oublié\u202f?</a></p>'
    )


ACCUEIL = Screen("accueil", "Accueil", "Observatoire e-santé · Grand Est", _draw, reading=WHAT, home=True)
