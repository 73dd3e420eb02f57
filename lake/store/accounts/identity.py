"""What an account is, and the rules of its fields: the same for the store, for forms, for files and commands."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.droits import PROFILS, REGIONAL, Droits, narrowing
from lake.errors import LakeError, Refused, UnknownName
from lake.store.schema import COMPTES

_EMAIL = re.compile(r"[^@\s\"<>,;:]{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,63}")
STATES = {"invite": "Invité", "actif": "Actif", "desactive": "Désactivé"}
CIVILITES = ("", "Mme", "M.")
_NAME, _ORGANISATION = 100, 200


@dataclass(frozen=True)
class Compte:
    """An account, without its secrets.

    Attributes:
        id: number.
        email: address, in lower case: the identifier.
        nom: family name.
        prenom: given name.
        civilite: empty unless the person gave it.
        organisation: organisation; for an industrial, the editor whose products it sees.
        rpps: national number of a professional; empty for others.
        profil: one of :data:`lake.droits.PROFILS`.
        droits: narrowing of the profile, as kept (JSON).
        peut_creer: creates accounts in turn.
        responsable_id: account of its manager; None at the top.
        etat: ``invite``, ``actif`` or ``desactive``.
        totp: whether a second factor is asked.
        demonstration: made by the demonstration: refused beyond this machine.
        preferences: what the person chose.
        cree_le: when it was created (UTC).
        connecte_le: last sign-in (UTC).
        revision: grows at each change of the account: who edits it says the one that it read.
    """

    id: int
    email: str
    nom: str
    prenom: str
    civilite: str
    organisation: str
    rpps: str
    profil: str
    droits: str
    peut_creer: bool
    responsable_id: int | None
    etat: str
    totp: bool
    demonstration: bool
    preferences: Mapping[str, Any] = field(hash=False)
    cree_le: datetime
    connecte_le: datetime | None
    revision: int = 1

    @property
    def name(self) -> str:
        """« Anne Martin »."""
        return f"{self.prenom} {self.nom}".strip() or self.email

    @property
    def administrateur(self) -> bool:
        """Whether it administers the suite."""
        return self.profil == "administrateur"


def address(text: str) -> str:
    """An e-mail address as it is kept.

    Raises:
        LakeError: it is not one.
    """
    email = text.strip().lower()
    if not _EMAIL.fullmatch(email) or len(email) > 254:
        raise LakeError(
            f"« {text.strip()[:80]} » n'est pas une adresse électronique.",
            conseil="Exemple : anne.martin@exemple.fr.",
        )
    return email


def line_of(text: str) -> str:
    """A text on one line: no control character (PostgreSQL refuses some), no run of spaces."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def given_name(text: str) -> str:
    """A given name as it is kept.

    Raises:
        LakeError: it has fewer than 2 letters, or more than 100 characters.
    """
    return _worded(text, "le prénom", _NAME)


def family_name(text: str) -> str:
    """A family name as it is kept.

    Raises:
        LakeError: it has fewer than 2 letters, or more than 100 characters.
    """
    return _worded(text, "le nom", _NAME)


def organisation(text: str) -> str:
    """The name of an organisation as it is kept.

    Raises:
        LakeError: it has fewer than 2 letters, or more than 200 characters.
    """
    return _worded(text, "l'organisation", _ORGANISATION)


def _worded(text: str, what: str, most: int) -> str:
    known = line_of(text)
    if len(known) < 2:
        raise LakeError(f"Il manque {what}.", conseil="Deux lettres au moins.")
    if len(known) > most:
        raise LakeError(f"Trop long pour {what} : {len(known)} caractères, {most} au plus.")
    return known


def civility(text: str) -> str:
    """A civility as it is kept; empty for none.

    Raises:
        LakeError: it is not one of :data:`CIVILITES`.
    """
    if text not in CIVILITES:
        raise LakeError(f"« {text[:20]} » n'est pas une civilité.", conseil="Mme, M., ou rien.")
    return text


def rpps_number(text: str) -> str:
    """The national number of a professional as it is kept; empty for none.

    Raises:
        LakeError: it is not eleven figures.
    """
    number = "".join(text.split())
    if number and not re.fullmatch(r"[0-9]{11}", number):
        raise LakeError(f"« {number[:20]} » n'est pas un numéro RPPS.", conseil="Onze chiffres, ou rien.")
    return number


def profile(text: str) -> str:
    """A profile.

    Raises:
        UnknownName: there is none of that name.
    """
    if text not in PROFILS:
        raise UnknownName("profil", text, PROFILS)
    return text


CHECKS = {
    "email": address,
    "nom": family_name,
    "prenom": given_name,
    "organisation": organisation,
    "civilite": civility,
    "rpps": rpps_number,
    "profil": profile,
}
"""Field of an account -> the rule that gives its value as it is kept, or refuses it."""


def checked(field_name: str, value: str) -> str:
    """The value of a field as it is kept.

    Raises:
        Refused: it breaks the field's rule; the refusal names the field.
    """
    try:
        return CHECKS[field_name](value)
    except LakeError as error:
        raise Refused(field_name, error.message, conseil=error.conseil) from error


def refuse_placeless(profil: str, droits: Droits) -> None:
    """Refuse a regional profile that no region and no département bounds: it would see nothing in detail.

    Args:
        profil: the account's profile.
        droits: all that it may see, its managers' narrowings included.

    Raises:
        Refused: it is one; the refusal names the field ``regions``.
    """
    if profil in REGIONAL and not droits.regions and not droits.departements:
        raise Refused(
            "regions",
            f"Un compte « {PROFILS[profil]} » a besoin d'une région : sans elle, il ne verrait aucun détail.",
            conseil="Choisissez au moins une région.",
        )


def compte_of(row: Any) -> Compte:
    """The account of a row."""
    known = {name: row[name] for name in Compte.__dataclass_fields__ if name not in {"totp", "preferences"}}
    return Compte(**known, totp=bool(row["totp"]), preferences=json.loads(row["preferences"] or "{}"))


def narrowed(compte: Compte) -> Droits:
    """The narrowing of an account as it is kept."""
    return narrowing(compte.droits)


def row_of(connection: Connection, where: sa.ColumnElement[bool]) -> Any:
    """The row of the account that answers; None when there is none."""
    return connection.execute(sa.select(COMPTES).where(where)).mappings().one_or_none()
