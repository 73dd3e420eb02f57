"""What every screen of the entry begins with: who acts, on what, under which referential."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from apps.kit.access import access, session
from apps.kit.access.session import Reader
from apps.kit.data.data import data, open_lake
from apps.kit.style.french import typographic
from apps.saisie import referentiels
from apps.saisie.publication import aujourdhui
from apps.saisie.valides import basculer
from lake.catalog.convergence import VERSIONS
from lake.catalog.territoires import REGIONS
from lake.droits import REGIONAL
from lake.droits_saisie import Acteur, Objet, may
from lake.errors import AccessDenied, MissingTable
from lake.store.engine import Store
from lake.store.saisie import services
from lake.store.saisie.acteurs import acteur
from scoring.saisie.referentiel import Referentiel
from scoring.saisie.volets import INDUSTRIELS, volet_de

KINDS = {
    "si_regional": "Système d’information",
    "infrastructure": "Services d’infrastructure",
    "metier": "Services métier",
    "produit": "Produits",
}
"""Natures of services, as sections of the dashboard."""


@dataclass(frozen=True)
class Entree:
    """The entry as one person meets it.

    Attributes:
        store: where it rests.
        who: the person, with its grants.
        email: its address.
        referentiel: the version in force.
        jour: today, in Paris.
        seance: number of its session; None without one.
        nom: its name, as others read it.
    """

    store: Store
    who: Acteur
    email: str
    referentiel: Referentiel
    jour: date
    seance: int | None = None
    nom: str = ""

    def services(self) -> list[dict[str, Any]]:
        """The services that the person sees: systems first, then infrastructure, then the others."""
        return [
            one for one in services.tous(self.store) if may("voir", Objet(one["region"], one["id"]), self.who)
        ]

    def service(self, code: str) -> dict[str, Any]:
        """A service that the person sees.

        Raises:
            AccessDenied: it does not; nothing says whether it exists.
        """
        found = next((one for one in self.services() if one["code"] == code), None)
        if found is None:
            raise AccessDenied(
                "Ce service n’est pas parmi ceux que vous suivez.",
                conseil="Demandez une habilitation au responsable du système d’information de la région.",
            )
        return found

    def peut(
        self, action: str, service: dict[str, Any], questionnaire: str = "", soumise_par: str = ""
    ) -> bool:
        """Whether the person may do something to a service's sheet."""
        return may(action, Objet(service["region"], service["id"], questionnaire, soumise_par), self.who)

    def nomme(self, feuille: str) -> str:
        """A questionnaire, or the plan of one, as people read it: « Urbanisation des services »."""
        code = feuille.removeprefix("PLAN-")
        known = dict(
            self.referentiel.criteres.select("questionnaire", "libelle_questionnaire").unique().iter_rows()
        )
        name = known.get(code) or code
        return name if code == feuille else f"plan, {name}"

    def editeurs(self) -> list[str]:
        """The editors whose products the person's own rights name, whether they are there or not."""
        return sorted(self.who.droits.editeurs or ()) if self.who.profil == "industriel" else []

    def regions(self) -> list[str]:
        """The regions in which the person may create a system or services."""
        if self.who.tout:
            every = services.tous(self.store)
            return sorted({one["region"] for one in every if volet_de(one["kind"]) != INDUSTRIELS} | {"44"})
        named = sorted(self.who.droits.regions or ())
        return [region for region in named if may("creer", Objet(region), self.who)]


def ensemble(service: Mapping[str, Any], lien: str) -> str:
    """What a service counts in, after a preposition: « dans la région », « parmi vos produits »."""
    if volet_de(service["kind"]) != INDUSTRIELS:
        return f"{lien} la région"
    return f"{'parmi' if lien == 'dans' else lien} vos produits"


def noms_regions(codes: Iterable[str]) -> dict[str, str]:
    """Codes of regions -> their names; a lake without territories knows the codes only."""
    wanted = list(codes)
    try:
        known = dict(data().frame(REGIONS).select("code_region", "region").iter_rows())
    except MissingTable:
        known = {}
    return {code: known.get(code, f"Région {code}") for code in wanted}


def admise(person: Reader | None) -> bool:
    """Whether a reader has anything to do in the entry: by its profile, or by a grant."""
    if person is None:
        return False
    here = person.compte.profil in REGIONAL or (
        person.compte.profil == "industriel" and bool(person.droits.editeurs)
    )
    if person.administrator or (here and "convergence" in person.droits.univers):
        return True
    return bool(acteur(session.store(), person.compte.email).grants)


def entree() -> Entree:
    """The entry for the reader at hand.

    Raises:
        AccessDenied: nobody is signed in.
        LakeError: no referential is published.
    """
    person = access.reader()
    if person is None:
        raise AccessDenied("La saisie demande un compte.", conseil="Connectez-vous.")
    lake, store = open_lake(), session.store()
    day = aujourdhui()
    known = _referentiel(f"{lake.root}:{store.url}:{lake.version(VERSIONS)}:{day}", day, store)
    who = acteur(store, person.compte.email)
    return Entree(store, who, person.compte.email, known, day, person.session, person.name)


@st.cache_resource(show_spinner=False, max_entries=4)
def _referentiel(key: str, _day: date, _store: Store) -> Referentiel:
    known = referentiels.en_vigueur_partout(open_lake().snapshot().scan, _day)
    basculer(_store, known)  # nobody meets a draft under the version before
    return known


def adresse(page: str, **said: str) -> str:
    """The address of a screen of the entry, with what it shows."""
    return f"./saisie-{page}?{urlencode(said)}" if said else f"./saisie-{page}"


def lien(page: str, words: str, **said: str) -> str:
    """A link to a screen of the entry, as HTML."""
    return f'<a href="{escape(adresse(page, **said))}" target="_self">{escape(typographic(words))}</a>'


AIDE = (
    '<p class="obs-legende"><a href="./saisie-aide#{ancre}" target="_self">?&nbsp;Aide de cet écran</a></p>'
)


def aide(ancre: str) -> None:
    """The link to the paragraph of the guide that explains a screen."""
    st.html(AIDE.format(ancre=ancre))
