"""Accounts: who may sign in, and whom they answer to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.droits import PROFILS, Droits, effective, narrowing, of_profile, settled
from lake.errors import LakeError, UnknownName
from lake.store.accounts import actions
from lake.store.engine import Store
from lake.store.schema import COMPTES, OBJETS, PARTAGES, SESSIONS

_EMAIL = re.compile(r"[^@\s\"<>,;:]{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,63}")
STATES = {"invite": "Invité", "actif": "Actif", "desactive": "Désactivé"}
_DEPTH = 30
_UNSAID = {"empreinte", "totp", "totp_pas", "etat_le"}


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


def compte_of(row: Any) -> Compte:
    """The account of a row."""
    known = {name: row[name] for name in Compte.__dataclass_fields__ if name not in {"totp", "preferences"}}
    return Compte(**known, totp=bool(row["totp"]), preferences=json.loads(row["preferences"] or "{}"))


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

    Raises:
        LakeError: the address, the profile or the RPPS number is wrong, the address already has an account, or an
            industrial is not of its manager's organisation.
    """
    if profil not in PROFILS:
        raise UnknownName("profil", profil, PROFILS)
    if rpps and not re.fullmatch(r"\d{11}", rpps):
        raise LakeError(f"« {rpps} » n'est pas un numéro RPPS.", conseil="Onze chiffres, ou rien.")
    moment = now or datetime.now(UTC)
    row: dict[str, Any] = {
        "email": address(email),
        "nom": nom.strip()[:100],
        "prenom": prenom.strip()[:100],
        "civilite": civilite[:10],
        "organisation": organisation.strip()[:200],
        "rpps": rpps,
        "profil": profil,
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
        "cree_le": moment,
    }
    with store.writing() as connection:
        if row_of(connection, COMPTES.c.email == row["email"]) is not None:
            raise LakeError(
                f"Un compte existe déjà pour {row['email']}.", conseil="Ouvrez ce compte pour le changer."
            )
        _refuse_other_editor(connection, row)
        made = connection.execute(sa.insert(COMPTES).values(row)).inserted_primary_key
        assert made is not None
        actions.note(connection, "creation", auteur=auteur, objet=row["email"], detail=profil, now=moment)
        return compte_of(row_of(connection, COMPTES.c.id == made[0]))


def _refuse_other_editor(connection: Connection, row: Mapping[str, Any]) -> None:
    """An industrial's organisation is what it sees: only an administrator names another editor than its own.

    Its manager's rights would bound it, but only until the manager leaves.
    """
    if row["profil"] != "industriel" or row["responsable_id"] is None:
        return
    manager = row_of(connection, COMPTES.c.id == row["responsable_id"])
    if manager is None or manager["profil"] == "administrateur":
        return
    if _plain(manager["organisation"]) != _plain(row["organisation"]):
        raise LakeError(
            f"Un compte industriel est de l'organisation de son responsable : « {manager['organisation']} ».",
            conseil="Un administrateur peut créer un compte pour un autre éditeur.",
        )


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def row_of(connection: Connection, where: sa.ColumnElement[bool]) -> Any:
    """The row of the account that answers; None when there is none."""
    return connection.execute(sa.select(COMPTES).where(where)).mappings().one_or_none()


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


def under(comptes: list[Compte], number: int) -> list[tuple[int, Compte]]:
    """The tree of those an account is responsible for: (depth from 1, account), branch by branch."""
    children: dict[int | None, list[Compte]] = {}
    for one in comptes:
        children.setdefault(one.responsable_id, []).append(one)
    found: list[tuple[int, Compte]] = []

    def visit(parent: int, depth: int) -> None:
        for one in children.get(parent, []):
            if depth <= _DEPTH and all(one.id != known.id for _, known in found):
                found.append((depth, one))
                visit(one.id, depth + 1)

    visit(number, 1)
    return found


def commands(store: Store, actor: Compte, number: int) -> bool:
    """Whether an account answers, directly or not, to another; an administrator commands everyone.

    Nobody else commands an administrator, nor those who answer to one: whoever sends an account its link could enter
    in its place.
    """
    if actor.administrateur:
        return True
    known = {one.id: one for one in everyone(store)}
    above, seen = known.get(number), set[int]()
    while above is not None and above.id not in seen and not above.administrateur:
        seen.add(above.id)
        if above.responsable_id == actor.id:
            return True
        above = known.get(above.responsable_id or -1)
    return False


def rights(store: Store, compte: Compte) -> Droits:
    """What an account may see, its managers' narrowings included."""
    with store.reading() as connection:
        chain = [(compte.profil, compte.organisation, compte.droits)]
        seen, above = {compte.id}, compte.responsable_id
        while above is not None and above not in seen and len(chain) < _DEPTH:
            seen.add(above)
            row = row_of(connection, COMPTES.c.id == above)
            if row is None or row["profil"] == "administrateur":
                break
            chain.append((row["profil"], row["organisation"], row["droits"]))
            above = row["responsable_id"]
    return effective(chain)


def change(store: Store, number: int, auteur: str, action: str = "modification", **values: Any) -> Compte:
    """Change columns of an account and note it.

    Raises:
        LakeError: there is no such account, or its new manager stands under it.
    """
    with store.writing() as connection:
        row = row_of(connection, COMPTES.c.id == number)
        if row is None:
            raise LakeError("Ce compte n'existe pas, ou n'existe plus.")
        if values.get("responsable_id") is not None:
            _refuse_cycle(connection, number, values["responsable_id"])
        if row["profil"] == "administrateur" and (
            values.get("etat") == "desactive" or values.get("profil", row["profil"]) != row["profil"]
        ):
            _refuse_last(connection, number)
        if "etat" in values:
            values["etat_le"] = datetime.now(UTC)
        connection.execute(sa.update(COMPTES).where(COMPTES.c.id == number).values(**values))
        if values.get("etat") == "desactive":
            end_sessions(connection, number, values["etat_le"])
        said = ", ".join(f"{name} = {value}" for name, value in values.items() if name not in _UNSAID)
        actions.note(connection, action, auteur=auteur, objet=row["email"], detail=said)
        return compte_of(row_of(connection, COMPTES.c.id == number))


def end_sessions(connection: Connection, number: int, moment: datetime) -> int:
    """End every session of an account, within a transaction; returns how many."""
    ended = sa.update(SESSIONS).where(SESSIONS.c.compte_id == number, SESSIONS.c.fermee_le.is_(None))
    return connection.execute(ended.values(fermee_le=moment)).rowcount


def _refuse_cycle(connection: Connection, number: int, manager: int) -> None:
    # The tree is locked: two changes at once, each without a cycle, could make one together.
    connection.execute(sa.select(COMPTES.c.id).order_by(COMPTES.c.id).with_for_update()).all()
    above: int | None = manager
    for _ in range(_DEPTH):
        if above is None:
            return
        if above == number:
            break
        above = connection.execute(sa.select(COMPTES.c.responsable_id).where(COMPTES.c.id == above)).scalar()
    raise LakeError("Une personne ne peut pas dépendre de quelqu'un qui dépend d'elle.")


def narrow(store: Store, number: int, droits: Droits, auteur: str) -> Compte:
    """Restrict what an account sees of what its profile opens."""
    return change(store, number, auteur, "droits", droits=droits.to_json())


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


def possessions(store: Store, number: int) -> int:
    """How many things an account saved or shared: what its heir would receive."""
    with store.reading() as connection:
        return sum(
            connection.execute(
                sa.select(sa.func.count()).select_from(table).where(table.c.proprietaire_id == number)
            ).scalar_one()
            for table in (OBJETS, PARTAGES)
        )


def delete(store: Store, number: int, heir: int, auteur: str) -> None:
    """Delete an account: those who answered to it answer to its heir.

    Raises:
        LakeError: there is no such account, the heir is itself or unknown, or it is the last administrator.
    """
    with store.writing() as connection:
        row = row_of(connection, COMPTES.c.id == number)
        kept = row_of(connection, COMPTES.c.id == heir)
        if row is None or kept is None or heir == number:
            raise LakeError("Choisissez un autre compte, existant, comme héritier.")
        if row["profil"] == "administrateur":
            _refuse_last(connection, number)
        left = 0
        for table in (OBJETS, PARTAGES):
            owned = sa.update(table).where(table.c.proprietaire_id == number)
            left += connection.execute(owned.values(proprietaire_id=heir)).rowcount
        connection.execute(
            sa.update(COMPTES)
            .where(COMPTES.c.responsable_id == number, COMPTES.c.id != heir)
            .values(responsable_id=heir)
        )
        connection.execute(
            sa.update(COMPTES)
            .where(COMPTES.c.id == heir, COMPTES.c.responsable_id == number)
            .values(responsable_id=row["responsable_id"])
        )
        connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.compte_id == number))
        connection.execute(sa.delete(COMPTES).where(COMPTES.c.id == number))
        actions.note(
            connection,
            "suppression",
            auteur=auteur,
            objet=row["email"],
            detail=f"héritier : {kept['email']}, {left} objet(s)",
        )


def _refuse_last(connection: Connection, number: int) -> None:
    """Refuse to lose the last active administrator; the others are locked, so that two cannot leave at once."""
    wanted = sa.select(COMPTES.c.id).where(COMPTES.c.profil == "administrateur", COMPTES.c.etat == "actif")
    active = {row.id for row in connection.execute(wanted.with_for_update())}
    if active == {number}:
        raise LakeError("C'est le dernier administrateur : nommez-en un autre d'abord.")


def preview(compte: Compte, droits: Droits, above: Droits) -> Droits:
    """What an account would see once narrowed, under what its manager sees."""
    own = of_profile(compte.profil, compte.organisation).meet(narrowing(droits.to_json()))
    return settled(compte.profil, own.meet(above))


def narrowed(compte: Compte) -> Droits:
    """The narrowing of an account as it is kept."""
    return narrowing(compte.droits)
