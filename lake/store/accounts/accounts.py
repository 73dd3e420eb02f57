"""Accounts: made, found, changed, disabled. What one is, see ``identity``; whom it answers to, ``tree``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from lake.droits import Droits
from lake.errors import EditConflict, LakeError, Refused
from lake.store.accounts import actions, tree
from lake.store.accounts.identity import Compte, checked, compte_of, line_of, refuse_placeless, row_of
from lake.store.engine import Store
from lake.store.schema import COMPTES, SESSIONS

_UNSAID = {"empreinte", "totp", "totp_pas", "etat_le", "preferences", "revision"}
_LONGEST = {"nom": 100, "prenom": 100, "organisation": 200}


def create(
    store: Store,
    *,
    email: str,
    nom: str,
    prenom: str,
    organisation: str,
    profil: str,
    civilite: str = "",
    rpps: str = "",
    responsable_id: int | None = None,
    droits: Droits | None = None,
    peut_creer: bool = False,
    demonstration: bool = False,
    auteur: str = "",
    now: datetime | None = None,
) -> Compte:
    """Create an account; it is invited until its holder chooses a password.

    Names and organisation may be left out (the operator's first account): forms and files ask for them.

    Raises:
        Refused: a field breaks its rule, the address already has an account, an industrial is not of its manager's
            organisation, or a regional profile has no region.
    """
    moment = now or datetime.now(UTC)
    row: dict[str, Any] = {
        "email": checked("email", email),
        **{
            name: _short(name, text)
            for name, text in (("nom", nom), ("prenom", prenom), ("organisation", organisation))
        },
        "civilite": checked("civilite", civilite),
        "rpps": checked("rpps", rpps),
        "profil": checked("profil", profil),
        "droits": "{}" if droits is None else droits.to_json(),
        "peut_creer": peut_creer,
        "responsable_id": responsable_id,
        "etat": "invite",
        "etat_le": moment,
        "empreinte": "",
        "totp": "",
        "totp_pas": 0,
        "fournisseur": "",
        "demonstration": demonstration,
        "preferences": "{}",
        "revision": 1,
        "cree_le": moment,
    }
    with store.writing() as connection:
        tree.refuse_other_editor(connection, row)
        _refuse_placeless(connection, row)
        try:
            with connection.begin_nested():  # two may ask at once: the database decides, and says it here
                made = connection.execute(sa.insert(COMPTES).values(row)).inserted_primary_key
        except IntegrityError as error:
            _refuse_shared(connection, row["rpps"], error)
            if row_of(connection, COMPTES.c.email == row["email"]) is None:
                raise LakeError(
                    "Le compte n'a pas pu être créé : la personne responsable vient d'être supprimée.",
                    conseil="Rechargez la page, puis choisissez-en une autre.",
                ) from error
            raise Refused(
                "email",
                f"Un compte existe déjà pour {row['email']}.",
                conseil="Ouvrez ce compte pour le changer.",
            ) from error
        assert made is not None
        actions.note(connection, "creation", auteur=auteur, objet=row["email"], detail=profil, now=moment)
        return compte_of(row_of(connection, COMPTES.c.id == made[0]))


def _refuse_shared(connection: Connection, rpps: str, cause: IntegrityError, own: int | None = None) -> None:
    """Refuse, in words, an RPPS that another account bears: of two written at once, the database keeps one.

    Raises:
        Refused: it is another's.
    """
    holder = row_of(connection, COMPTES.c.rpps == rpps) if rpps else None
    if holder is not None and holder["id"] != own:
        raise Refused(
            "rpps",
            f"Ce numéro RPPS est déjà celui d'un compte ({holder['organisation'] or 'organisation inconnue'}).",
            conseil="Ouvrez ce compte pour le changer.",
        ) from cause


def _short(name: str, text: str) -> str:
    """A name on one line, or nothing.

    Raises:
        Refused: it is too long for the store.
    """
    known = line_of(text)
    if len(known) > _LONGEST[name]:
        raise Refused(name, f"Trop long : {len(known)} caractères, {_LONGEST[name]} au plus.")
    return known


def _refuse_placeless(connection: Connection, row: Mapping[str, Any]) -> None:
    fields = (row[name] for name in ("profil", "organisation", "droits", "responsable_id"))
    refuse_placeless(row["profil"], tree.bounded(connection, *fields))


def find(store: Store, email: str) -> Compte | None:
    """The account of an address; None when there is none."""
    with store.reading() as connection:
        row = row_of(connection, COMPTES.c.email == email.strip().lower())
    return None if row is None else compte_of(row)


def get(store: Store, number: int) -> Compte:
    """An account by number.

    Raises:
        LakeError: there is none (it may have been deleted).
    """
    with store.reading() as connection:
        row = row_of(connection, COMPTES.c.id == number)
    if row is None:
        raise LakeError("Ce compte n'existe pas, ou n'existe plus.")
    return compte_of(row)


def everyone(store: Store) -> list[Compte]:
    """Every account, by name."""
    with store.reading() as connection:
        rows = (
            connection.execute(sa.select(COMPTES).order_by(COMPTES.c.nom, COMPTES.c.prenom)).mappings().all()
        )
    return [compte_of(row) for row in rows]


def change(
    store: Store,
    number: int,
    auteur: str,
    action: str = "modification",
    *,
    revision: int | None = None,
    **values: Any,
) -> Compte:
    """Change columns of an account and note it.

    Args:
        store: where.
        number: whose.
        auteur: e-mail of who changes it.
        action: how the journal names it.
        revision: the one that was read before; the change is refused when it is no longer that one. None to
            change whatever it has become.
        values: column -> value; those of people's own fields are checked by the rules of ``identity``.

    Raises:
        Refused: a field breaks its rule, or the new profile needs a region.
        EditConflict: somebody changed the account since; it says what is kept now.
        LakeError: there is no such account, its new manager stands under it, or it is the last administrator.
    """
    for name in ("rpps", "civilite", "profil", "email"):
        if name in values:
            values[name] = checked(name, values[name])
    for name in _LONGEST.keys() & values.keys():
        values[name] = _short(name, values[name])
    with store.writing() as connection:
        row = row_of(connection, COMPTES.c.id == number)
        if row is None:
            raise LakeError("Ce compte n'existe pas, ou n'existe plus.")
        if values.get("responsable_id") is not None:
            tree.refuse_cycle(connection, number, values["responsable_id"])
        if row["profil"] == "administrateur" and (
            values.get("etat") == "desactive" or values.get("profil", row["profil"]) != row["profil"]
        ):
            refuse_last(connection, number)
        if values.get("profil", row["profil"]) != row["profil"]:
            _refuse_placeless(connection, {**row, **values})
        if "etat" in values:
            values["etat_le"] = datetime.now(UTC)
        # The revision is compared by the update itself: of two changes at once, one is told.
        changed = sa.update(COMPTES).where(COMPTES.c.id == number)
        if revision is not None:
            changed = changed.where(COMPTES.c.revision == revision)
        try:
            with connection.begin_nested():
                done = connection.execute(changed.values(**values, revision=COMPTES.c.revision + 1)).rowcount
        except IntegrityError as error:
            _refuse_shared(connection, str(values.get("rpps", "")), error, number)
            raise LakeError(
                "Ce changement nomme un compte qui vient d'être supprimé.", conseil="Rechargez la page."
            ) from error
        if not done:
            now = row_of(connection, COMPTES.c.id == number)
            if now is None:
                raise LakeError("Ce compte n'existe pas, ou n'existe plus.")
            raise EditConflict({name: now[name] for name in values}, now["revision"])
        if values.get("etat") == "desactive":
            end_sessions(connection, number, values["etat_le"])
        said = ", ".join(f"{name} = {value}" for name, value in values.items() if name not in _UNSAID)
        actions.note(connection, action, auteur=auteur, objet=row["email"], detail=said)
        return compte_of(row_of(connection, COMPTES.c.id == number))


def end_sessions(connection: Connection, number: int, moment: datetime) -> int:
    """End every session of an account, within a transaction; returns how many."""
    ended = sa.update(SESSIONS).where(SESSIONS.c.compte_id == number, SESSIONS.c.fermee_le.is_(None))
    return connection.execute(ended.values(fermee_le=moment)).rowcount


def narrow(store: Store, number: int, droits: Droits, auteur: str, *, revision: int | None = None) -> Compte:
    """Restrict what an account sees of what its profile opens; see :func:`change`."""
    return change(store, number, auteur, "droits", revision=revision, droits=droits.to_json())


def disable(store: Store, number: int, auteur: str) -> None:
    """Disable an account and end its sessions.

    Raises:
        LakeError: there is no such account, or it is the last administrator.
    """
    change(store, number, auteur, "desactivation", etat="desactive")


def enable(store: Store, number: int, auteur: str) -> None:
    """Open a disabled account again; without a password it is invited."""
    with store.reading() as connection:
        row = row_of(connection, COMPTES.c.id == number)
    state = "actif" if row is not None and (row["empreinte"] or row["fournisseur"]) else "invite"
    change(store, number, auteur, "reactivation", etat=state)


def refuse_last(connection: Connection, number: int) -> None:
    """Refuse to lose the last active administrator; the others are locked, so that two cannot leave at once."""
    wanted = sa.select(COMPTES.c.id).where(COMPTES.c.profil == "administrateur", COMPTES.c.etat == "actif")
    wanted = wanted.order_by(COMPTES.c.id)
    active = {row.id for row in connection.execute(wanted.with_for_update())}
    if active == {number}:
        raise LakeError("C'est le dernier administrateur : nommez-en un autre d'abord.")
