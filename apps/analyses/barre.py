"""The key-indicator pages (home after sign-in, model of the profile, own pages) and the navigation bar's settings."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlsplit

import streamlit as st

from apps.analyses import lire, vue
from apps.analyses.listes import copied
from apps.analyses.mots import BARRE, INDICATEURS, MODIFIER, PAGE, link, links, number_asked, reader
from apps.kit.access import access, session
from apps.kit.access.access import Audience
from apps.kit.access.redirect import go
from apps.kit.forms import Action, Field, Form, Kind, Submission, told
from apps.kit.forms import draw as draw_form
from apps.kit.shell.screen import Screen
from apps.kit.style.errors import boundary, heading
from apps.kit.style.french import literal, typographic
from lake.store.analyses import bar, documents, models
from lake.store.analyses.bar import MOST, Bar
from lake.store.analyses.reading import Line, listed, opened

NEW_PAGE = Form(
    "page_indicateurs",
    (
        Field("titre", "Nom de la page", most=60),
        Field("description", "Description", Kind.LONG, required=False, most=2_000),
    ),
    (Action("creer", "Créer la page"),),
    audience=Audience.SIGNED_IN,
)
"""« Créer une page indicateurs-clés »: it starts empty, and is filled in edit mode."""


def _home() -> None:
    """The page asked, else the home of the reader's bar, else its profile's model."""
    vue.follow()
    person = reader()
    store = session.store()
    lines = listed(store, person.compte)
    mine = bar.bar(store, person.compte, lines)
    number = number_asked() if "id" in st.query_params else None
    chosen = (
        mine.home
        or next((one for one in mine.pages if one.genre == "indicateurs"), None)
        or models.home(lines)
    )
    if number is None and chosen is None:
        heading("Indicateurs clés")
        st.info(typographic("Aucune page n’est publiée pour votre profil : créez la vôtre."))
        links([link("Créer une page d’indicateurs", BARRE)])
        return
    _page(number if number is not None else (chosen.id if chosen else 0))


def _page(number: int) -> None:
    """A page of indicators or an analysis of the bar, with what its reader may do with it."""
    vue.follow()
    found = opened(session.store(), reader().compte, number)
    manage = [link("Gérer ma barre et mes pages", BARRE)]
    if found.genre != "modele":
        lire.show(found, manage)
        return
    lire.show(
        found,
        manage,
        lambda: st.button(
            "Configurer : en faire ma page",
            key="indicateurs_configurer",
            on_click=partial(copied, found.id, "indicateurs"),
        ),
    )


def _arrange() -> None:
    person = reader()
    store = session.store()
    lines = [one for one in listed(store, person.compte) if one.supprime_le is None]
    mine = bar.bar(store, person.compte, lines)
    st.html(
        f'<p class="obs-source">{MOST} pages au plus\u202f; sans aucune, la page de votre profil s’ouvre. Les entrées '
        "fixes du menu restent.</p>"
    )
    order = [one.id for one in mine.pages]
    home = mine.home.id if mine.home is not None else None
    for rank, one in enumerate(mine.pages):
        _pinned(one, rank, order, home)
    others = [one for one in lines if one.id not in order]
    if others:
        st.header("Ajouter à la barre", anchor=False)
        names = {one.id: one.titre for one in others}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            number = st.selectbox(
                "Page ou analyse", list(names), format_func=names.__getitem__, key="barre_choix", index=None,
                placeholder="Choisir…",
            )  # fmt: skip
            st.button(
                "Épingler",
                key="barre_epingler",
                disabled=number is None,
                on_click=partial(_add, order, number, home),
            )
    st.header("Créer une page d’indicateurs", anchor=False)
    draw_form(NEW_PAGE, partial(_create, mine))


def _pinned(one: Line, rank: int, order: list[int], home: int | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"obs_barre_{one.id}"):
        note = " (page d’arrivée)" if one.id == home else ""
        st.html(f"<p><strong>{link(one.titre, INDICATEURS, one.id)}</strong>{note}</p>", width="stretch")
        up = [*order[: rank - 1], one.id, order[rank - 1], *order[rank + 1 :]] if rank else order
        down = [*order[:rank], *order[rank + 1 : rank + 2], one.id, *order[rank + 2 :]]
        st.button(
            "↑", key=f"monter_{one.id}", help="Monter", disabled=not rank, on_click=partial(_keep, up, home)
        )
        last = rank == len(order) - 1
        st.button(
            "↓",
            key=f"descendre_{one.id}",
            help="Descendre",
            disabled=last,
            on_click=partial(_keep, down, home),
        )
        st.button(
            "Arriver ici",
            key=f"arriver_{one.id}",
            disabled=one.id == home,
            on_click=partial(_keep, order, one.id),
        )
        left = [number for number in order if number != one.id]
        st.button(
            "Retirer",
            key=f"desepingler_{one.id}",
            on_click=partial(_keep, left, None if one.id == home else home),
        )


def _add(order: list[int], number: int | None, home: int | None) -> None:
    if number is not None:
        _keep([*order, number], home)


def _keep(order: list[int], home: int | None) -> None:
    with boundary():
        bar.arrange(session.store(), reader().compte, order, home=home)
        told.say("Votre barre est rangée.")


def _create(mine: Bar, sent: Submission) -> str:
    document = {
        "version": 1,
        "genre": "indicateurs",
        "titre": sent.values["titre"],
        "description": sent.values.get("description") or "",
        "sections": [],
    }
    store, compte = session.store(), sent.person.compte
    made = documents.create(store, compte, document, genre="indicateurs")
    order = [one.id for one in mine.pages]
    if len(order) < MOST:
        bar.arrange(store, compte, [*order, made], home=mine.home.id if mine.home else None)
    go(f"/{MODIFIER}?id={made}")
    return "La page est créée, et dans votre barre."


def entries() -> list[Screen]:
    """The pages that the reader at hand pinned, as entries of the menu; and the one at its address, pinned or not.

    A page taken out of the bar in another tab keeps its address: it is still this person's to read.
    """
    person = access.reader()
    if person is None:
        return []
    pages = {one.id: one.titre for one in bar.pinned(session.store(), person.compte)}
    here = urlsplit(url if isinstance(url := st.context.url, str) else "").path.rpartition(PAGE)[2]
    unpinned = [int(here)] if here.isdecimal() and len(here) < 10 and int(here) not in pages else []
    return [
        *(_entry(number, title, listed=True) for number, title in pages.items()),
        *(_entry(number, "Indicateurs clés", listed=False) for number in unpinned),
    ]


def _entry(number: int, title: str, *, listed: bool) -> Screen:
    return Screen(
        f"{PAGE}{number}", literal(title), "", partial(_page, number), Audience.SIGNED_IN, listed=listed
    )


KEY_INDICATORS = Screen("indicateurs", "Indicateurs clés", "", _home, Audience.SIGNED_IN)
BAR = Screen(
    "barre",
    "Ma barre de navigation",
    "Gestion de la barre de navigation",
    _arrange,
    Audience.SIGNED_IN,
)
