"""Who acts, read in the transaction itself; grants given and withdrawn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.droits_saisie import ENSEMBLES, EXPLOITANT, ROLES, SERVICE, SI, Acteur, Grant, Objet, may, may_give
from lake.errors import AccessDenied, LakeError, UnknownName
from lake.store.accounts import tree
from lake.store.accounts.identity import compte_of, row_of
from lake.store.engine import Store
from lake.store.saisie.tables import HABILITATIONS, SERVICES
from lake.store.schema import COMPTES


def nom_in(connection: Connection, email: str | None, sinon: str) -> str:
    """Who has an address, by name; the address itself once no account has it any more, ``sinon`` for the operator."""
    if not email:
        return sinon
    row = row_of(connection, COMPTES.c.email == email.strip().lower())
    return email if row is None else f"{row['prenom']} {row['nom']}"


def acteur_in(connection: Connection, email: str | None) -> Acteur:
    """Who acts, with its grants as they are now.

    Args:
        connection: the transaction in which it acts.
        email: the account's; None for the operator.

    Raises:
        AccessDenied: no such account.
    """
    if email is None:
        return EXPLOITANT
    row = row_of(connection, COMPTES.c.email == email.strip().lower())
    if row is None:
        raise AccessDenied(
            f"Aucun compte « {email.strip()} ».",
            conseil="Les comptes : obs user list. Sans --utilisateur, la commande voit tout.",
        )
    compte = compte_of(row)
    owner = SERVICES.alias("editeur")
    of = (owner.c.region == SERVICES.c.region) & (owner.c.kind == "editeur")
    wanted = (
        sa.select(HABILITATIONS, SERVICES.c.kind, SERVICES.c.region, owner.c.nom.label("editeur"))
        .join(SERVICES, SERVICES.c.id == HABILITATIONS.c.service_id)
        .join(owner, of, isouter=True)
        .where(HABILITATIONS.c.compte_id == compte.id, HABILITATIONS.c.retire_le.is_(None))
    )
    grants = tuple(
        Grant(
            one["service_id"],
            one["kind"],
            one["region"],
            one["role"],
            None if one["questionnaires"] is None else frozenset(json.loads(one["questionnaires"])),
            one["peut_valider"],
            one["peut_deleguer"],
            one["editeur"] or "",
        )
        for one in connection.execute(wanted).mappings()
    )
    return Acteur(
        compte.email,
        compte.profil,
        compte.organisation,
        tree.rights_in(connection, compte),
        grants,
        compte.id,
        actif=compte.etat == "actif",
    )


def acteur(store: Store, email: str | None) -> Acteur:
    """The same, for a page: what it may be shown; each save asks again in its own transaction."""
    with store.reading() as connection:
        return acteur_in(connection, email)


def refuse(connection: Connection, email: str | None, action: str, objet: Objet) -> Acteur:
    """Who acts, once known to have the right to.

    Raises:
        AccessDenied: it has not, or no longer; nothing is written.
    """
    who = acteur_in(connection, email)
    if not may(action, objet, who):
        raise AccessDenied(
            f"Votre compte n'a pas le droit « {action} » ici : rien n'a été enregistré.",
            conseil="Ce que vous avez saisi reste à l'écran. Demandez une habilitation au responsable du système "
            "d'information de la région.",
        )
    return who


def donner(
    store: Store,
    compte_id: int,
    service_id: int,
    role: str,
    *,
    par: str | None,
    questionnaires: Sequence[str] | None = None,
    peut_valider: bool = False,
    peut_deleguer: bool = False,
    now: datetime | None = None,
) -> int:
    """Give a grant; an active one of the same role on the same service is replaced.

    Args:
        store: where.
        compte_id: to whom.
        service_id: on what: a system's number covers its region.
        role: one of :data:`lake.droits_saisie.ROLES`.
        par: who gives it; None for the operator.
        questionnaires: those it opens; None for all.
        peut_valider: whether it validates too.
        peut_deleguer: whether it gives grants in turn.
        now: the moment.

    Returns:
        Its number.

    Raises:
        UnknownName: no such role.
        AccessDenied: the giver holds less than what it gives, or the account is not under it.
        LakeError: no such account or service.
    """
    if role not in ROLES:
        raise UnknownName("rôle", role, ROLES)
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        service = (
            connection.execute(sa.select(SERVICES).where(SERVICES.c.id == service_id)).mappings().first()
        )
        compte = row_of(connection, COMPTES.c.id == compte_id)
        if service is None or compte is None:
            raise LakeError("Ce compte ou ce service n'existe pas, ou n'existe plus.")
        giver = acteur_in(connection, par)
        objet = Objet(service["region"], service_id)
        held = [g for g in giver.grants if g.covers(objet) and g.peut_deleguer]
        narrow = giver.tout or any(
            g.questionnaires is None
            or (set(questionnaires or ()) and set(questionnaires or ()) <= g.questionnaires)
            for g in held
        )
        if not may_give(objet, role, giver) or not narrow:
            raise AccessDenied(
                "Vous ne pouvez pas donner plus de droits que vous n'en avez.",
                conseil="Demandez-le au responsable du système d'information.",
            )
        if not giver.tout and not _under(connection, giver, compte):
            raise AccessDenied(
                f"Le compte {compte['email']} ne dépend pas de vous.",
                conseil="Choisissez un compte que vous avez créé, ou demandez à son responsable.",
            )
        _withdraw(connection, compte_id, service_id, role, par, moment)
        done = connection.execute(
            sa.insert(HABILITATIONS).values(
                compte_id=compte_id,
                service_id=service_id,
                role=role,
                questionnaires=None if questionnaires is None else json.dumps(sorted(questionnaires)),
                peut_valider=peut_valider,
                peut_deleguer=peut_deleguer,
                donne_par=par or "",
                donne_le=moment,
                retire_par="",
            )
        ).inserted_primary_key
        assert done is not None
        return int(done[0])


def habiliter_createur(
    connection: Connection,
    who: Acteur,
    service_id: int,
    kind: str,
    region: str,
    moment: datetime,
    editeur: str = "",
) -> Acteur:
    """Who creates a system or a service answers for it, where nothing made it so already.

    Returns:
        The same person, with the grant.
    """
    if who.tout or may("saisir", Objet(region, service_id), who):
        return who
    role = SI if kind in ENSEMBLES else SERVICE
    connection.execute(
        sa.insert(HABILITATIONS).values(
            compte_id=who.compte_id,
            service_id=service_id,
            role=role,
            questionnaires=None,
            peut_valider=True,
            peut_deleguer=True,
            donne_par="",
            donne_le=moment,
            retire_par="",
        )
    )
    grant = Grant(
        service_id, kind, region, role, None, peut_valider=True, peut_deleguer=True, editeur=editeur
    )
    return replace(who, grants=(*who.grants, grant))


def retirer(
    store: Store, compte_id: int, service_id: int, role: str, *, par: str | None, now: datetime | None = None
) -> None:
    """Withdraw a grant; what its holder entered stays.

    Raises:
        AccessDenied: who asks may not delegate there.
    """
    with store.writing() as connection:
        service = connection.execute(sa.select(SERVICES).where(SERVICES.c.id == service_id)).mappings().one()
        refuse(connection, par, "deleguer", Objet(service["region"], service_id))
        _withdraw(connection, compte_id, service_id, role, par, now or datetime.now(UTC))


def equipe(store: Store, service_id: int) -> list[dict[str, Any]]:
    """The active grants on a service: ``email, nom, prenom, role, peut_valider, peut_deleguer, questionnaires``."""
    wanted = (
        sa.select(
            HABILITATIONS.c.compte_id,
            HABILITATIONS.c.role,
            HABILITATIONS.c.peut_valider,
            HABILITATIONS.c.peut_deleguer,
            HABILITATIONS.c.questionnaires,
            COMPTES.c.email,
            COMPTES.c.nom,
            COMPTES.c.prenom,
        )
        .join(COMPTES, COMPTES.c.id == HABILITATIONS.c.compte_id)
        .where(HABILITATIONS.c.service_id == service_id, HABILITATIONS.c.retire_le.is_(None))
        .order_by(COMPTES.c.nom, COMPTES.c.prenom)
    )
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def _withdraw(
    connection: Connection, compte_id: int, service_id: int, role: str, par: str | None, moment: datetime
) -> None:
    connection.execute(
        sa.update(HABILITATIONS)
        .where(
            HABILITATIONS.c.compte_id == compte_id,
            HABILITATIONS.c.service_id == service_id,
            HABILITATIONS.c.role == role,
            HABILITATIONS.c.retire_le.is_(None),
        )
        .values(retire_le=moment, retire_par=par or "")
    )


def _under(connection: Connection, giver: Acteur, compte: Any) -> bool:
    """Whether an account answers, directly or not, to the giver."""
    above, seen = compte["responsable_id"], set()
    while above is not None and above not in seen:
        if above == giver.compte_id:
            return True
        seen.add(above)
        above = connection.execute(sa.select(COMPTES.c.responsable_id).where(COMPTES.c.id == above)).scalar()
    return False
