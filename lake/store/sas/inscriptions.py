"""Accounts of effecteurs in bulk: a file of RPPS and e-mails only; everything else is known already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from lake.delimited import cut
from lake.errors import ContractError, LakeError
from lake.store.accounts import accounts, identity
from lake.store.engine import Store
from lake.store.sas import roles
from lake.store.sas.fichiers import identifiant
from lake.store.sas.tables import AFFECTATIONS, EFFECTEURS
from lake.store.schema import COMPTES

MOST = 2_000


@dataclass(frozen=True)
class Ligne:
    """One line of a file.

    Attributes:
        numero: its number, the heading being 1.
        email: the address.
        identifiant: 8 and the RPPS; empty when it cannot be read.
        nom: the professional's name.
        sas: its SAS.
        refus: why nothing would be created; empty when an account would.
    """

    numero: int
    email: str
    identifiant: str = ""
    nom: str = ""
    sas: str = ""
    refus: str = ""


@dataclass(frozen=True)
class Connu:
    """Who offers care: its name, its SAS, and the account that it has."""

    nom: str
    sas: str
    compte_id: int | None


def _known(store: Store) -> dict[str, Connu]:
    with store.reading() as connection:
        rows = connection.execute(
            sa.select(EFFECTEURS.c.identifiant, EFFECTEURS.c.nom, EFFECTEURS.c.sas, EFFECTEURS.c.compte_id)
        )
        return {row[0]: Connu(row[1], row[2], row[3]) for row in rows}


def _of_rpps(store: Store) -> dict[str, str]:
    """RPPS -> the SAS of the account that holds it, in words."""
    with store.reading() as connection:
        holders = {
            row[0]: row[1] for row in connection.execute(sa.select(COMPTES.c.id, COMPTES.c.rpps)) if row[1]
        }
        places: dict[int, set[str]] = {}
        current = sa.select(AFFECTATIONS.c.compte_id, AFFECTATIONS.c.sas).where(
            AFFECTATIONS.c.jusque.is_(None)
        )
        for number, sas in connection.execute(current):
            places.setdefault(number, set()).add(sas)
    return {
        rpps: ", ".join(sorted(places.get(number, set()))) or "aucun SAS" for number, rpps in holders.items()
    }


def lire(store: Store, raw: bytes, permis: Collection[str] | None) -> list[Ligne]:
    """Check a file; nothing is created.

    Args:
        store: where.
        raw: CSV with the columns ``rpps`` and ``email``.
        permis: the SAS that who loads administers; None for all.

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
    known, held, seen = _known(store), _of_rpps(store), set[str]()
    emails = {one.email for one in accounts.everyone(store)}
    lines = [Ligne(one.ligne, "", refus=one.motif) for one in cells.broken]
    for row in frame.iter_rows(named=True):
        lines.append(_line(row, known, held, emails, seen, permis))
    return sorted(lines, key=lambda one: one.numero)


def _line(
    row: Mapping[str, object],
    known: Mapping[str, Connu],
    held: Mapping[str, str],
    emails: Collection[str],
    seen: set[str],
    permis: Collection[str] | None,
) -> Ligne:
    number, email = int(str(row["ligne"])), str(row["email"] or "").strip()
    try:
        email = identity.address(email)
        found = identifiant(str(row["rpps"] or "").strip())
    except LakeError as refusal:
        return Ligne(number, email, refus=str(refusal))
    person = known.get(found)
    said = Ligne(number, email, found, person.nom if person else "", person.sas if person else "")
    if person is None or found[0] != "8":
        why = "aucun effecteur de ce RPPS : chargez-le d'abord"
    elif permis is not None and person.sas not in permis:
        why = f"vous n'administrez pas {person.sas}"
    elif found in seen or email in seen:
        why = "déjà sur une autre ligne du fichier"
    elif found[1:] in held:
        why = f"ce RPPS a déjà un compte ({held[found[1:]]}) : rattachez-le"
    elif person.compte_id is not None:
        why = f"cet agenda est déjà relié à un compte ({person.sas})"
    elif email in emails:
        why = "cette adresse a déjà un compte : rattachez-le"
    else:
        seen.update((found, email))
        return said
    return Ligne(number, email, found, said.nom, said.sas, why)


def creer(
    store: Store,
    lignes: Collection[Ligne],
    *,
    responsable_id: int | None,
    auteur: str,
    now: datetime | None = None,
) -> list[int]:
    """Create the accounts of the lines that are not refused, each tied to its agenda; returns their numbers.

    They are invited: the link that opens them is sent as for every account.
    """
    made = []
    for one in lignes:
        if one.refus:
            continue
        nom = one.nom.removeprefix("Dr ").strip()
        prenom, _, family = nom.partition(" ")
        compte = accounts.create(
            store, email=one.email, nom=family or prenom, prenom=prenom if family else "", organisation=one.sas,
            profil="grand_public", rpps=one.identifiant[1:], responsable_id=responsable_id, auteur=auteur,
        )  # fmt: skip
        # By the administrator's word; the link of the e-mail, or Pro Santé Connect, proves it later.
        roles.lier(store, one.identifiant, compte.id)
        roles.affecter(store, None, compte.id, one.sas, roles.EFFECTEUR, now=now)
        made.append(compte.id)
    return made
