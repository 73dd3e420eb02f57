"""Read mode of a saved analysis: its dates, what may be done with it, then its sections; sharing and following."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from apps.analyses import abonner, lecture, mots, partager, publier, vue
from apps.analyses.mots import MES, MODIFIER, link, links, moment, reader
from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.access.redirect import go
from apps.kit.forms import told
from apps.kit.pages import captions
from apps.kit.shell.screen import Screen
from apps.kit.style.errors import boundary, heading
from apps.kit.style.french import typographic
from lake.errors import LakeError, UnknownName
from lake.store.analyses import binned, documents, models, shares
from lake.store.analyses.reading import OWN, Analyse, opened
from scoring.analyses.codec import VersionPlusRecente, decode

NEWER = (
    "Cette analyse a été enregistrée par une version plus récente de l’observatoire : "
    "elle s’ouvre en lecture seule, sans ses graphiques."
)


def address(number: int) -> str:
    """The address of an analysis, relative to the suite's root."""
    return mots.address(mots.LIRE, number)


def draw() -> None:
    """Draw the analysis that the address names."""
    vue.follow()
    number = st.query_params.get(mots.NUMBER, "")
    if not number.isdecimal() or len(number) > 9:
        heading("Aucune analyse n’est demandée")
        st.info(typographic("Choisissez une analyse dans « Mes analyses »."))
        links([link("Mes analyses", MES), link("Analyses ANS", mots.MODELES)])
        return
    try:
        found = opened(session.store(), reader().compte, int(number))
    except UnknownName:
        heading("Analyse introuvable")
        st.info("Cette analyse n’existe pas, ou n’est pas partagée avec vous.")
        links([link("Mes analyses", MES), link("Analyses ANS", mots.MODELES)])
        return
    show(found)


def show(found: Analyse, more: Sequence[str] = (), more_actions: Callable[[], object] | None = None) -> None:
    """Draw an analysis of the store, as the reader at hand may open it.

    Args:
        found: the analysis.
        more: links beside its own, as HTML.
        more_actions: draws buttons before its own.
    """

    def actions() -> None:
        if more_actions is not None:
            more_actions()
        _actions(found, more)

    try:
        analyse = decode(found.document)
    except VersionPlusRecente:
        heading(typographic(found.title))
        st.info(typographic(NEWER))
        return
    except LakeError as error:
        heading(typographic(found.title))
        st.warning(typographic(f"**À réparer.** {error}"))
        _dates(found)
        with st.container(horizontal=True, vertical_alignment="center", key="obs_analyse_actions"):
            actions()
        _under(found)
        _after(found)
        return
    lecture.draw(
        analyse,
        f"analyse{found.id}",
        dates=lambda: _dates(found),
        actions=actions,
        under=lambda: _under(found),
        after=lambda: _after(found),
    )


def _dates(found: Analyse) -> None:
    """When it was last saved and by whom, whose it is, what its model changed."""
    by = f", par {found.author}" if found.author else ""
    said = f"Dernière modification le {moment(found.modifie_le)}{by}. Révision {found.revision}."
    if found.owner and found.right != OWN:
        said += f" Partagée par {found.owner} : vous la lisez avec vos propres droits."
    captions.line(said)
    with boundary():
        _news(found)


def _actions(found: Analyse, more: Sequence[str]) -> None:
    """What this reader may do with it."""
    offered = [*more, link("Mes analyses", MES)]
    if found.editable:
        edit = "Configurer" if found.genre == "indicateurs" else "Modifier"
        offered.insert(0, link(edit, MODIFIER, found.id))
    links(list(dict.fromkeys(offered)))
    st.button("Dupliquer dans mes analyses", key="analyse_dupliquer", on_click=partial(_duplicate, found.id))
    if found.right == OWN and found.genre != "modele":
        st.button("Supprimer…", key="analyse_supprimer", on_click=partial(_ask, found.id))


def _under(found: Analyse) -> None:
    """Its deletion, to confirm beside the button that asked for it."""
    if st.session_state.get(_ASKED) == found.id:
        _confirm(found)


def _after(found: Analyse) -> None:
    """Sharing, publishing, following."""
    st.header(
        "Partager et suivre" if found.right == OWN or publier.offered(found) else "Suivre", anchor=False
    )
    if found.right == OWN:
        with st.expander("Partager", key=f"analyse_partager_{found.id}"), boundary():
            partager.draw(found)
    if publier.offered(found):
        with st.expander("Publier comme modèle", key=f"analyse_publier_{found.id}"), boundary():
            publier.draw(found)
    with st.expander("M’abonner", key=f"analyse_abonner_{found.id}"), boundary():
        abonner.draw(found)


_ASKED = "analyses.suppression"


def _ask(number: int) -> None:
    st.session_state[_ASKED] = number


def _confirm(found: Analyse) -> None:
    shared, follow = shares.loss(session.store(), reader().compte, found.id)
    said = (
        f"{len(found.document.get('sections') or ())} section(s), {shared} partage(s), {follow} abonnement(s)"
    )
    st.warning(typographic(f"« {found.title} » va à la corbeille pour trente jours : {said}."))
    with st.container(horizontal=True):
        st.button(
            "Supprimer", key="analyse_supprimer_oui", type="primary", on_click=partial(_remove, found.id)
        )
        st.button("Garder", key="analyse_supprimer_non", on_click=lambda: st.session_state.pop(_ASKED, None))


def _remove(number: int) -> None:
    st.session_state.pop(_ASKED, None)
    with boundary():
        binned.remove(session.store(), reader().compte, number)
        told.say("L’analyse est à la corbeille pour trente jours.")
        go(f"/{MES}")


def _duplicate(number: int) -> None:
    with boundary():
        made = documents.copy(session.store(), reader().compte, number)
        told.say("La copie est à vous : l’original ne changera pas avec elle.")
        go(f"/{mots.LIRE}?id={made}")


def _news(found: Analyse) -> None:
    """What changed in the model that this analysis follows; each section is taken alone."""
    if found.origine_id is None or not found.editable:
        return
    news = models.news(session.store(), reader().compte, found.id)
    if news is None:
        return
    st.info(typographic(f"Le modèle « {news.model} » a changé : {', '.join(news.sections.values())}."))
    with st.container(horizontal=True):
        for name, words in news.sections.items():
            st.button(
                typographic(f"Reprendre : {words}"),
                key=f"reprendre_{name}",
                on_click=partial(_take, found.id, [name]),
            )


def _take(number: int, sections: list[str]) -> None:
    with boundary():
        models.take(session.store(), reader().compte, number, sections)
        told.say("La section du modèle est reprise ; l’ancienne reste dans l’historique.")


LIRE = Screen("lire", "Lire une analyse", "", draw, Audience.SIGNED_IN, listed=False)
