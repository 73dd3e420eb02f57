"""« Territoires nommés »: a SAS names sets of its communes (« CPTS A »); its pilots then read every figure by them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import polars as pl
import streamlit as st

from apps.kit import forms
from apps.kit.access import access, session
from apps.kit.data.communes import communes, epci_of, successeurs
from apps.kit.data.data import open_lake
from apps.kit.forms import Action, Field, Form, Submission, several, told
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, literal, typographic
from apps.sas import acces, words
from apps.sas.neutralite import pilote
from lake.catalog.sas import TERRITOIRES
from lake.errors import AccessDenied, MissingTable, Refused
from lake.store.engine import Store
from lake.store.sas import pilotes, roles, territoires
from lake.store.sas.territoires import Territoire
from lake.tables import Lake

_WHAT = (
    "Un territoire nommé est un ensemble de communes de votre SAS : une CPTS, un bassin. Il s’ajoute aux filtres et "
    "aux tableaux du pilotage, pour tous les pilotes de ce SAS. Une commune est dans un territoire au plus : leurs "
    "chiffres, et ceux du reste, font le total du SAS. Moins de cinq demandes, ou rendez-vous, ne se disent d’aucun "
    "territoire : elles comptent hors territoires."
)
_NEW = "Nouveau territoire"


def _draw() -> None:
    st.html(f'<p class="obs-source">{typographic(_WHAT)}</p>')
    lake, store = open_lake(), session.store()
    try:
        known_communes = communes(lake)
    except MissingTable:
        st.info(typographic("Aucune commune dans le lac : ingérez les territoires d’abord."))
        return
    offered = _offered(known_communes)
    if not offered:
        st.info(typographic("Vous ne pilotez aucun SAS de cette région."))
        return
    sas = st.selectbox("SAS", offered, format_func=words.named, key="sas_territoires_de")
    _require(sas)
    mine = known_communes.filter(pl.col("code_departement") == sas.removeprefix("SAS-"))
    labels = dict(mine.select("code_commune", pl.format("{} ({})", "commune", "code_commune")).iter_rows())
    known = territoires.lister(store, sas)
    _listed(known, sas, labels)
    names = {0: _NEW} | {one.id: one.nom for one in known}
    st.subheader("Nommer, ou changer", anchor=False)
    number = st.selectbox(
        "Territoire", list(names), format_func=names.__getitem__, key=f"sas_territoire_{sas}"
    )
    one = next((each for each in known if each.id == number), Territoire(0, sas, ""))
    epci = epci_of(lake, mine)
    form = Form(
        "sas_territoire",
        (
            Field("nom", "Nom du territoire", most=60),
            several(
                "epci", "Toutes les communes de ces EPCI", {code: nom for code, (nom, _) in epci.items()}
            ),
            several("communes", "Ces communes", labels),
        ),
        (Action("garder", "Enregistrer ce territoire"),),
        audience=pilote,
    )
    inside = {code: codes for code, (_, codes) in epci.items()}
    forms.draw(
        form, partial(_kept, one, inside), about=f"{sas}_{number}_{one.revision}_{len(known)}",
        initial={"nom": one.nom, "epci": [], "communes": [code for code in one.communes if code in labels]},
    )  # fmt: skip


def _offered(known_communes: pl.DataFrame) -> list[str]:
    """The SAS that the reader steers, of those whose communes are known."""
    person = access.reader()
    known = [f"SAS-{code}" for code in known_communes["code_departement"].unique().sort().to_list()]
    mine = None if person is None else roles.territoires_of(session.store(), person.compte, pilotes.PILOTES)
    return known if mine is None else [one for one in known if one in mine]


def _require(sas: str) -> None:
    """The reader steers this SAS, still: asked again at each action.

    Raises:
        AccessDenied: it does not.
    """
    person = access.reader()
    if not pilote(person) or (
        person is not None and not roles.holds(session.store(), person.compte, pilotes.PILOTES, sas)
    ):
        raise AccessDenied(f"Vous ne pilotez pas le SAS {words.named(sas)}.")


def _listed(known: list[Territoire], sas: str, labels: dict[str, str]) -> None:
    if not known:
        st.html(f"<p>{typographic(f'{words.named(sas)} : aucun territoire nommé pour l’instant.')}</p>")
    for one in known:
        named = ", ".join(labels.get(code, code) for code in one.communes[:4])
        more = f" et {counted(len(one.communes) - 4, 'autre')}" if len(one.communes) > 4 else ""
        told_of = (
            f"{counted(len(one.communes), 'commune')}, {named}{more}" if one.communes else "aucune commune"
        )
        said = f"{one.nom} : {told_of}"
        text, button = st.columns([4, 1], vertical_alignment="center")
        text.html(f"<p>{typographic(literal(said))}</p>")
        button.button(
            f"Retirer {one.nom}", key=f"sas_territoire_retirer_{one.id}", on_click=_take_away, args=(one,)
        )


def _kept(one: Territoire, inside: dict[str, list[str]], sent: Submission) -> str:
    _require(one.sas)
    values, store = sent.values, session.store()
    chosen = {*(values["communes"] or ()), *(code for epci in values["epci"] or () for code in inside[epci])}
    if not chosen:
        raise Refused("communes", "Choisissez au moins une commune, ou un EPCI.")
    asked = Territoire(one.id, one.sas, values["nom"], tuple(sorted(chosen)), one.revision)
    territoires.garder(store, asked, auteur=acces.auteur())
    publier(open_lake(), store, one.sas)
    return f"« {values['nom']} » : {counted(len(chosen), 'commune')}. Les pages du pilotage le proposent."


def _take_away(one: Territoire) -> None:
    try:
        _require(one.sas)
    except AccessDenied as refusal:
        told.warn(str(refusal))
        return
    store = session.store()
    territoires.retirer(store, one.id, one.sas, auteur=acces.auteur(), now=datetime.now(UTC))
    publier(open_lake(), store, one.sas)
    told.say(f"« {one.nom} » retiré : ses communes sont hors territoires nommés.")


def publier(lake: Lake, store: Store, sas: str) -> None:
    """Publish the territories of a SAS: its figures are told by them at once, past days too."""
    rows = territoires.rangs(territoires.lister(store, sas), successeurs(lake))
    lake.publish(TERRITOIRES, rows, replace={"sas": [sas]})


NOMMES = Screen("sas-territoires", "Territoires", "Quels territoires nommez-vous ?", _draw, audience=pilote)
