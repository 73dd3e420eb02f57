"""Fields that several forms of the front door share; their checks are the store's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from apps.acces.reperes import regions_known
from apps.acces.words import PARIS
from apps.kit.forms import Field, Kind, Values, choice, several
from lake.droits import PROFILS
from lake.errors import LakeError, Refused
from lake.store.accounts import identity
from lake.store.accounts.identity import CIVILITES, Compte

EDITOR = "Pour un industriel : le nom exact de son éditeur."


def day_to_come(day: date) -> date:
    """A day that is not over, in Paris.

    Raises:
        LakeError: it is.
    """
    if day < datetime.now(PARIS).date():
        raise LakeError("Ce jour est passé.", conseil="Choisissez aujourd'hui ou un jour à venir.")
    return day


EMAIL = Field("email", "Adresse électronique", Kind.EMAIL, identity.address, most=254)
_CIVILITES = {name: name or "Sans" for name in CIVILITES}
CIVILITE = choice("civilite", "Civilité", _CIVILITES, check=identity.civility, required=False)
PRENOM = Field("prenom", "Prénom", check=identity.given_name, most=100, autocomplete="given-name")
NOM = Field("nom", "Nom", check=identity.family_name, most=100, autocomplete="family-name")
ORGANISATION = Field(
    "organisation", "Organisation", check=identity.organisation, most=200, autocomplete="organization"
)
RPPS = Field("rpps", "Numéro RPPS", check=identity.rpps_number, required=False, most=11)
PROFIL = choice("profil", "Profil", PROFILS, check=identity.profile)
REGIONS = several(
    "regions", "Régions vues en détail", regions_known, empty="Pour un pilote, un GRADeS, une ARS"
)
SENT_ON = Field("le", "Envoyer le lien le", Kind.DATE, day_to_come)
NEW_PASSWORD = Field("nouveau", "Mot de passe", Kind.PASSWORD, autocomplete="new-password")
AGAIN = Field("encore", "Le même, de nouveau", Kind.PASSWORD, autocomplete="new-password")
CODE = Field("code", "Code", Kind.CODE, most=12)


def same_password(values: Values) -> None:
    """Two passwords typed alike.

    Raises:
        Refused: they differ.
    """
    if values["nouveau"] != values["encore"]:
        raise Refused("encore", "Les deux saisies diffèrent.")


def people(known: list[Compte]) -> Mapping[int, str]:
    """Accounts to choose among: number -> name; namesakes are told by their address."""
    names = [one.name for one in known]
    return {one.id: one.name if names.count(one.name) == 1 else f"{one.name} ({one.email})" for one in known}
