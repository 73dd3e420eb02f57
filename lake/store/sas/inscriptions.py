"""Accounts of the SAS in bulk: a file of RPPS and e-mails; everything else is known already."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from lake.delimited import cut
from lake.errors import ContractError, LakeError
from lake.store.accounts import accounts, identity
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.sas import adhesion, roles
from lake.store.sas.adhesion import Praticien
from lake.store.sas.fichiers import identifiant
from lake.store.sas.tables import EFFECTEURS
from lake.store.schema import COMPTES
from lake.text import fold

MOST = 2_000
INSCRITS = (roles.EFFECTEUR, roles.REGULATEUR)
"""Roles that a file gives; those that steer are given one by one, by form."""
Annuaire = Callable[[Collection[str]], Mapping[str, Praticien]]
"""National identifiers -> those that the directory knows, with their place."""
_SAS = re.compile(r"SAS-[0-9][0-9AB]{1,2}")
_APART = re.compile(r"[;|,\s]+")


@dataclass(frozen=True)
class Ligne:
    """One line of a file.

    Attributes:
        numero: its number, the heading being 1.
        email: the address.
        identifiant: 8 and the RPPS; empty when it cannot be read, or is not needed.
        nom, prenom: of the person.
        role: what it becomes.
        sas: where, one or several.
        compte_id: the account that exists and gets the role; None for one to create.
        praticien: who the directory says it is, when no agenda is open yet.
        refus: why nothing would be done; empty when something would.
    """

    numero: int
    email: str
    identifiant: str = ""
    nom: str = ""
    prenom: str = ""
    role: str = roles.EFFECTEUR
    sas: tuple[str, ...] = ()
    compte_id: int | None = None
    praticien: Praticien | None = None
    refus: str = ""


@dataclass(frozen=True)
class Inscrits:
    """What a file did.

    Attributes:
        crees: numbers of the accounts created.
        rattaches: numbers of those that existed, and have the role now.
        refus: lines that could not be kept after all: somebody was faster.
    """

    crees: list[int] = field(default_factory=list)
    rattaches: list[int] = field(default_factory=list)
    refus: list[Ligne] = field(default_factory=list)


@dataclass(frozen=True)
class _Agenda:
    nom: str
    sas: str
    compte_id: int | None


@dataclass
class _Connu:
    """What the lines of a file are compared with."""

    agendas: Mapping[str, _Agenda]
    annuaire: Mapping[str, Praticien]
    comptes: Mapping[str, Compte]
    de_rpps: Mapping[str, Compte]
    sas_de: Mapping[int, str]
    permis: Collection[str] | None
    offerts: Collection[str]
    rattacher: bool
    vus: dict[str, Ligne] = field(default_factory=dict)


def lire(
    store: Store,
    raw: bytes,
    permis: Collection[str] | None,
    *,
    offerts: Collection[str] = (),
    annuaire: Annuaire | None = None,
    rattacher: bool = False,
) -> list[Ligne]:
    """Check a file; nothing is created.

    Args:
        store: where.
        raw: CSV with the columns ``rpps`` and ``email``; and, if one likes, ``sas`` (several in a cell, or a line
            each), ``role``, ``nom`` and ``prenom`` (of who has no RPPS).
        permis: the SAS that who loads administers; None for all.
        offerts: the SAS that exist; not checked when empty.
        annuaire: the directory, asked once for those who have no agenda yet.
        rattacher: an account that exists, under this address and this RPPS, gets the role too.

    Raises:
        ContractError: it is no such file, or is too long.
    """
    cells = cut(raw, "Ce fichier", comments=True, short=True)
    frame = cells.named()
    if missing := [name for name in ("rpps", "email") if name not in frame.columns]:
        raise ContractError(
            f"Il manque au fichier : {', '.join(missing)}.", conseil="Deux colonnes : rpps, email."
        )
    if frame.height > MOST:
        raise ContractError(f"Ce fichier a plus de {MOST} lignes.", conseil="Coupez-le.")
    rows = [{name: str(value or "").strip() for name, value in row.items()} for row in frame.to_dicts()]
    people = accounts.everyone(store)
    agendas = _agendas(store)
    absent = _readable(row["rpps"] for row in rows) - set(agendas)
    places: dict[int, set[str]] = {}
    for one in roles.affectations(store):
        places.setdefault(one.compte_id, set()).add(one.sas)
    known = _Connu(
        agendas, annuaire(absent) if annuaire and absent else {}, {one.email: one for one in people},
        {one.rpps: one for one in people if one.rpps},
        {one.id: ", ".join(sorted(places.get(one.id, ()))) or "aucun SAS" for one in people},
        permis, offerts, rattacher,
    )  # fmt: skip
    lines = [Ligne(one.ligne, "", refus=one.motif) for one in cells.broken]
    lines += [_line(row, known) for row in rows]
    return sorted(lines, key=lambda one: one.numero)


def creer(
    store: Store, lignes: Iterable[Ligne], *, acteur: Compte | None = None, now: datetime | None = None
) -> Inscrits:
    """Do what the lines that are not refused say: an account each person, tied to its agenda, its roles given.

    Those created are invited: the link that opens them is sent as for every account.

    Args:
        store: where.
        lignes: what :func:`lire` found.
        acteur: who loads the file: manager of the accounts created, and author in the journal.
        now: the moment (UTC).
    """
    done, of_email = Inscrits(), dict[str, Compte]()
    for one in lignes:
        if one.refus:
            continue
        known = of_email.get(one.email)
        if known is None and one.compte_id is not None:
            known = accounts.get(store, one.compte_id)
        try:
            with store.writing() as connection:
                tied = _still_free(connection, one, None if known is None else known.id)
                compte = _account(store, one, acteur) if known is None else known
                if tied is None:
                    _agenda(store, one, compte, now)
                for sas in one.sas:
                    roles.affecter(store, acteur, compte.id, sas, one.role, now=now)
        except (LakeError, IntegrityError) as refusal:
            late = isinstance(refusal, IntegrityError) or getattr(refusal, "champ", "") == "rpps"
            said = _FASTER if late else str(refusal)
            done.refus.append(replace(one, refus=said))
            continue
        if one.email not in of_email:
            of_email[one.email] = compte
            (done.crees if known is None else done.rattaches).append(compte.id)
    return done


# -- inside ------------------------------------------------------------------------------------------


_FASTER = "ce professionnel vient d'être inscrit par ailleurs : rechargez"


def _still_free(connection: Connection, one: Ligne, compte: int | None) -> int | None:
    """Refuse, under the lock of its agenda, whom somebody else has just given an account; returns whose it is already.

    Raises:
        LakeError: it has one now.
    """
    if not one.identifiant:
        return None
    agenda = (
        sa.select(EFFECTEURS.c.compte_id).where(EFFECTEURS.c.identifiant == one.identifiant).with_for_update()
    )
    tied = connection.execute(agenda).scalar_one_or_none()
    others = sa.select(COMPTES.c.id).where(COMPTES.c.rpps == one.identifiant[1:])
    held = set(connection.execute(others).scalars())
    if one.role == roles.EFFECTEUR and tied is not None:
        held.add(tied)
    if held - {compte}:
        raise LakeError(_FASTER)
    return None if tied is None else int(tied)


def _account(store: Store, one: Ligne, acteur: Compte | None) -> Compte:
    return accounts.create(
        store, email=one.email, nom=one.nom, prenom=one.prenom, organisation=one.sas[0], profil="grand_public",
        rpps=one.identifiant[1:], responsable_id=None if acteur is None else acteur.id,
        auteur="" if acteur is None else acteur.email,
    )  # fmt: skip


def _agenda(store: Store, one: Ligne, compte: Compte, now: datetime | None) -> None:
    """The agenda of an effecteur is tied to its account, by the administrator's word."""
    if one.role != roles.EFFECTEUR:
        return
    if one.praticien is not None:
        adhesion.adherer(store, compte, one.praticien, preuve="administrateur", now=now)
    else:
        roles.lier(store, one.identifiant, compte.id)


def _agendas(store: Store) -> dict[str, _Agenda]:
    columns = (EFFECTEURS.c.identifiant, EFFECTEURS.c.nom, EFFECTEURS.c.sas, EFFECTEURS.c.compte_id)
    with store.reading() as connection:
        return {row[0]: _Agenda(*row[1:]) for row in connection.execute(sa.select(*columns))}


def _readable(texts: Iterable[str]) -> set[str]:
    found = set()
    for text in texts:
        try:
            found.add(identifiant(text))
        except LakeError:
            continue
    return {one for one in found if one[0] == "8"}


def _line(row: Mapping[str, str], known: _Connu) -> Ligne:
    number, email = int(row["ligne"]), row["email"]
    try:
        email, role = identity.address(email), _role(row.get("role", ""))
        found = identifiant(row["rpps"]) if row["rpps"] or role == roles.EFFECTEUR else ""
    except LakeError as refusal:
        return Ligne(number, email, refus=str(refusal))
    agenda, praticien = known.agendas.get(found), known.annuaire.get(found)
    title = agenda.nom if agenda else praticien.nom if praticien else ""
    first, _, last = title.removeprefix("Dr ").strip().partition(" ")
    said = Ligne(
        number, email, found, row.get("nom") or last or first,
        row.get("prenom") or (first if last else ""), role, _places(row, agenda, praticien),
        praticien=None if agenda else praticien,
    )  # fmt: skip
    why = _refused(said, agenda, known) or _twice(said, known)
    account = known.comptes.get(email)
    if not why and account is not None:
        said = replace(said, compte_id=account.id)
    if why:
        return replace(said, refus=why)
    above = known.vus.get(email)
    every = said if above is None or above.role != role else replace(above, sas=(*above.sas, *said.sas))
    known.vus.update({name: every for name in (email, found) if name})
    return said


def _role(text: str) -> str:
    """A role by its code or its name; an effecteur by default."""
    if not text:
        return roles.EFFECTEUR
    for code in INSCRITS:
        if fold(text) in (fold(code), fold(roles.ROLES[code]), fold(code.partition("_")[0])):
            return code
    names = " ou ".join(roles.ROLES[code] for code in INSCRITS)
    raise ContractError(f"rôle « {text} » : un fichier donne {names}.")


def _places(row: Mapping[str, str], agenda: _Agenda | None, praticien: Praticien | None) -> tuple[str, ...]:
    """The SAS of a line: those that it lists, else the one of the person's place."""
    listed = tuple(dict.fromkeys(one.upper() for one in _APART.split(row.get("sas", "")) if one))
    if listed:
        return listed
    own = agenda.sas if agenda else praticien.sas if praticien else ""
    return (own,) if own else ()


def _refused(said: Ligne, agenda: _Agenda | None, known: _Connu) -> str:
    """Why a line alone cannot be kept; empty when it can."""
    if said.role == roles.EFFECTEUR and (said.identifiant[0] != "8" or not (agenda or said.praticien)):
        return "aucun professionnel localisé de ce RPPS : vérifiez-le, ou chargez son agenda d'abord"
    account = known.comptes.get(said.email)
    if not said.nom and account is None:
        return "sans RPPS connu, il faut les colonnes nom et prenom"
    if not said.sas:
        return "il faut la colonne sas : SAS-54, ou plusieurs"
    for sas in said.sas:
        if not _SAS.fullmatch(sas) or (known.offerts and sas not in known.offerts):
            return f"« {sas} » n'est pas un SAS"
        if known.permis is not None and sas not in known.permis:
            return f"vous n'administrez pas {sas}"
    holder = known.de_rpps.get(said.identifiant[1:]) if said.identifiant else None
    if holder is not None and holder.email != said.email:
        return f"ce RPPS a déjà un compte, à une autre adresse ({known.sas_de[holder.id]})"
    if account is not None and said.identifiant and account.rpps not in ("", said.identifiant[1:]):
        return f"cette adresse a un compte d'un autre RPPS ({known.sas_de[account.id]})"
    tied = agenda.compte_id if agenda and said.role == roles.EFFECTEUR else None
    if tied is not None and (account is None or tied != account.id):
        return f"cet agenda est déjà relié à un compte ({agenda.sas if agenda else ''})"
    if why := _elsewhere(said, agenda, account, known):
        return why
    if account is not None and account.etat == "desactive":
        return f"ce compte est désactivé ({known.sas_de[account.id]}) : réactivez-le d'abord"
    if account is not None and not known.rattacher:
        what = "ce RPPS" if holder is not None else "cette adresse"
        return f"{what} a déjà un compte ({known.sas_de[account.id]}) : cochez « Rattacher »"
    return ""


def _elsewhere(said: Ligne, agenda: _Agenda | None, account: Compte | None, known: _Connu) -> str:
    """Why an RPPS cannot be given to an account: an administrator vouches for those of his own SAS alone.

    Who holds an RPPS keeps its agenda, wherever it is.
    """
    if known.permis is None or not said.identifiant:
        return ""
    if agenda is not None and account is not None and agenda.compte_id == account.id:
        return ""  # it is his already: a role more, in another SAS
    own = agenda.sas if agenda else said.praticien.sas if said.praticien else ""
    if own in known.permis:
        return ""
    where = f"exerce dans {own}, que vous n'administrez pas" if own else "n'est pas dans l'annuaire"
    if said.role == roles.EFFECTEUR:
        return f"ce RPPS {where} : son administrateur relie d'abord son agenda à son compte"
    return f"ce RPPS {where} : laissez rpps vide, donnez nom et prenom"


def _twice(said: Ligne, known: _Connu) -> str:
    """Why a line contradicts one above it; a second SAS for the same account does not."""
    for name in (said.email, said.identifiant):
        above = known.vus.get(name) if name else None
        if above is None:
            continue
        if (above.email, above.identifiant) != (said.email, said.identifiant):
            return f"ligne {above.numero} : la même personne avec une autre adresse ou un autre RPPS"
        if above.role == said.role and set(said.sas) <= set(above.sas):
            return f"déjà sur la ligne {above.numero}"
    return ""
