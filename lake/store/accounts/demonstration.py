"""The accounts of the demonstration: one a profile, refused when the server is reached from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from lake.droits import Droits
from lake.store.accounts import accounts, passwords
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.schema import COMPTES

PASSWORD = "visite guidée de la démo"
_GRAND_EST = Droits(frozenset({"annuaire", "segur", "convergence"}), regions=frozenset({"44"}))


@dataclass(frozen=True)
class _Person:
    profil: str
    prenom: str
    nom: str
    organisation: str
    droits: Droits | None = None
    peut_creer: bool = False


_PEOPLE = (
    _Person("administrateur", "Alice", "Administratrice", "Observatoire e-santé"),
    _Person("grades_ars", "Gaspard", "Grades", "Groupement régional d'e-santé", _GRAND_EST, peut_creer=True),
    _Person("pilote_regional", "Pauline", "Pilote", "Groupement régional d'e-santé", _GRAND_EST),
    _Person("expert_national", "Ernest", "Expert", "Agence nationale"),
    _Person("industriel", "Inès", "Industrielle", ""),
    _Person("grand_public", "Gilles", "Public", "Particulier"),
)


def create(store: Store, editeur: str) -> list[tuple[str, str]]:
    """Create the demonstration's accounts that are missing.

    Args:
        store: where.
        editeur: the editor that the industrial is: one of the demonstration's.

    Returns:
        (profile, e-mail) of each, in order; their password is :data:`PASSWORD`.
    """
    hashed, made = "", []
    ids: dict[str, int] = {}
    for one in _PEOPLE:
        email = f"{one.profil.replace('_', '-')}@demo.example"
        known = accounts.find(store, email)
        if known is None:
            hashed = hashed or passwords.kept(PASSWORD)
            known = accounts.create(
                store,
                email=email,
                nom=one.nom,
                prenom=one.prenom,
                organisation=one.organisation or editeur,
                profil=one.profil,
                droits=one.droits,
                peut_creer=one.peut_creer,
                responsable_id=ids.get("grades_ars" if one.profil == "pilote_regional" else "administrateur"),
                demonstration=True,
                auteur="démonstration",
            )
            with store.writing() as connection:
                connection.execute(
                    sa.update(COMPTES).where(COMPTES.c.id == known.id).values(empreinte=hashed, etat="actif")
                )
        ids[one.profil] = known.id
        made.append((one.profil, email))
    return made


def also(store: Store, email: str, prenom: str, nom: str, organisation: str) -> Compte:
    """One more account of the demonstration, for a role that is no profile; the one that is there when it is.

    It sees what the public sees: what it may do comes from a role of its own application.
    """
    known = accounts.find(store, email)
    if known is not None:
        return known
    made = accounts.create(
        store, email=email, nom=nom, prenom=prenom, organisation=organisation, profil="grand_public",
        demonstration=True, auteur="démonstration",
    )  # fmt: skip
    with store.writing() as connection:
        # One digest for all: bcrypt takes its time, and the password is the same.
        others = sa.select(COMPTES.c.empreinte).where(COMPTES.c.demonstration, COMPTES.c.empreinte != "")
        digest = connection.execute(others.limit(1)).scalar_one_or_none() or passwords.kept(PASSWORD)
        connection.execute(
            sa.update(COMPTES).where(COMPTES.c.id == made.id).values(empreinte=digest, etat="actif")
        )
    return made
