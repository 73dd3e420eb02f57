"""``--utilisateur``: a command that reads as an account would."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from lake.droits import SAS, UNIVERS, Droits
from lake.errors import AccessDenied
from lake.settings import Settings
from lake.store.accounts import accounts, actions, tree
from lake.store.migrate import open_store
from lake.store.sas import pilotes
from scoring.universes.answer import EVERYTHING, Lecture

if TYPE_CHECKING:
    from apps.kit.access.access import Access

utilisateur_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--utilisateur", metavar="E-MAIL", help="Applique les droits de ce compte (e-mail)."
)


def access_as(settings: Settings, email: str | None, univers: str) -> Access:
    """The access under which a command draws pages: the operator's (everything), or an account's, as on screen.

    Args:
        settings: where the store is.
        email: the account; None for the operator.
        univers: universe of the pages.

    Raises:
        AccessDenied: no such account, it is not active, or its profile does not open the universe.
    """
    from apps.kit.access.access import PUBLIC, Access

    if email is None:
        return PUBLIC
    found = droits_of(settings, email, univers)
    lecture = Lecture(found, ("annuaire",) if settings.annuaire == "public" else ())
    return Access(
        scope=hashlib.sha256(found.to_json().encode()).hexdigest(),
        restrict=lecture.restriction(univers),
        lecture=lecture,
        auteur=email.strip().lower(),
    )


def lecture_of(settings: Settings, email: str | None, univers: str) -> Lecture:
    """What a command reads a universe with: the operator's everything, or an account's rights.

    Raises:
        AccessDenied: no such account, it is not active, or its profile does not open the universe.
    """
    return EVERYTHING if email is None else Lecture(droits_of(settings, email, univers))


def droits_of(settings: Settings, email: str, univers: str) -> Droits:
    """The rights of an account on a universe.

    Raises:
        AccessDenied: no such account, it is not active, or its profile does not open the universe.
    """
    store = open_store(settings)
    try:
        compte = accounts.find(store, email)
        if compte is None or compte.etat != "actif":
            which = "Aucun compte" if compte is None else "Aucun compte actif"
            raise AccessDenied(
                f"{which} « {email.strip()} » : rien à montrer.",
                conseil="Les comptes : obs user list. Sans --utilisateur, la commande voit tout.",
            )
        if univers == SAS:
            piloted = pilotes.droits_of(store, compte)
            if piloted is None:
                raise AccessDenied(
                    f"{compte.email} n'est ni référent ni administrateur d'un SAS.",
                    conseil="Un administrateur du SAS donne ce rôle.",
                )
            actions.note(store, "export", auteur=compte.email, objet=univers, detail="ligne de commande")
            return piloted
        found = tree.rights(store, compte)
        if univers in UNIVERS and univers not in found.univers:
            raise AccessDenied(
                f"Le profil de {compte.email} n'ouvre pas l'univers « {univers} ».",
                conseil=f"Ce compte voit : {found.words()}.",
            )
        actions.note(store, "export", auteur=compte.email, objet=univers, detail="ligne de commande")
        return found
    finally:
        store.close()
