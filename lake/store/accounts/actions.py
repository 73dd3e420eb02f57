"""What the front door writes in the audit journal, and the French name of each action.

The journal itself (:mod:`lake.store.journal`) takes any ``domaine.verbe``; accounts only use these.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from lake.store import journal
from lake.store.engine import Store

ACTIONS = {
    "connexion": "Connexion",
    "echec": "Échec de connexion",
    "deconnexion": "Déconnexion",
    "export": "Export",
    "demande": "Demande d'inscription",
    "acceptation": "Demande acceptée",
    "refus": "Demande refusée",
    "creation": "Compte créé",
    "lien": "Lien envoyé",
    "activation": "Compte activé",
    "mot_de_passe": "Mot de passe changé",
    "second_facteur": "Second facteur changé",
    "modification": "Compte modifié",
    "preferences": "Préférences changées",
    "droits": "Droits changés",
    "desactivation": "Compte désactivé",
    "reactivation": "Compte réactivé",
    "suppression": "Compte supprimé",
    "sessions": "Sessions fermées",
    "objets": "Objets transmis",
    "personne": "Données d'une personne exportées",
    "purge": "Données purgées",
}
"""What is noted (``compte.<verb>``), and its French name."""
DOMAIN = "compte."


def named(action: str) -> str:
    """The French name of a journal's action; the action itself when it is not one of these."""
    return ACTIONS.get(action.removeprefix(DOMAIN), action)


def note(
    store: Store | Connection,
    action: str,
    *,
    auteur: str = "",
    objet: str = "",
    detail: str = "",
    adresse: str = "",
    now: datetime | None = None,
) -> None:
    """Write in the journal, in a transaction under way when a connection is given.

    Args:
        store: where.
        action: a key of :data:`ACTIONS`.
        auteur: the account that did it; empty for a visitor.
        objet: the account (or file) that it was done on.
        detail: what changed, in a few words. Never a secret.
        adresse: network address.
        now: the moment (UTC); the clock's by default.

    Raises:
        ValueError: the action is not one of :data:`ACTIONS`.
    """
    if action not in ACTIONS:
        raise ValueError(f"Unknown action: {action}")
    write = journal.record if isinstance(store, Store) else journal.write
    write(
        store,  # type: ignore[arg-type]
        DOMAIN + action,
        objet,
        auteur=auteur or None,
        details={"detail": detail} if detail else None,
        adresse=adresse or None,
        now=now,
    )
