"""What a professional lets be shown of the agendas kept in editors' tools: kinds of slots, editor by editor."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from lake.agendas.codes import TYPES
from lake.errors import ContractError, LakeError
from lake.store import journal
from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.tables import CONSENTEMENTS, EFFECTEURS
from lake.store.schema import COMPTES

Consentis = Mapping[str, frozenset[str]]
"""Editor -> kinds of slots that may be shown; none: the editor is not asked."""


def tous(store: Store) -> dict[str, dict[str, frozenset[str]]]:
    """Every choice made: national identifier -> editor -> kinds."""
    wanted = sa.select(EFFECTEURS.c.identifiant, CONSENTEMENTS.c.editeur, CONSENTEMENTS.c.types).join(
        EFFECTEURS, EFFECTEURS.c.id == CONSENTEMENTS.c.effecteur_id
    )
    found: dict[str, dict[str, frozenset[str]]] = {}
    with store.reading() as connection:
        for who, editor, kinds in connection.execute(wanted):
            found.setdefault(who, {})[editor] = frozenset(one for one in kinds.split("|") if one)
    return found


@dataclass(frozen=True)
class Choisi:
    """A choice that somebody made for the holder of an agenda, to be told to him.

    Attributes:
        numero: line of the journal.
        compte: account of the holder.
        effecteur: his name.
        editeur: which editor.
        types: what it may show; empty for nothing.
        auteur: who chose, by e-mail.
        moment: when (UTC).
    """

    numero: int
    compte: int
    effecteur: str
    editeur: str
    types: tuple[str, ...]
    auteur: str
    moment: datetime


def choisis_par_autrui(store: Store, depuis: datetime) -> list[Choisi]:
    """The choices made since a moment by somebody else than the holder: a delegate, an operator's command."""
    lines = journal.read(store, journal.Filters(action="sas.consentement", du=depuis))
    wanted = (
        sa.select(EFFECTEURS.c.identifiant, EFFECTEURS.c.nom, EFFECTEURS.c.compte_id, COMPTES.c.email)
        .join(COMPTES, COMPTES.c.id == EFFECTEURS.c.compte_id)
        .where(EFFECTEURS.c.identifiant.in_([one.objet for one in lines]))
    )
    with store.reading() as connection:
        holders = {row[0]: row[1:] for row in connection.execute(wanted)}
    found = []
    for line in lines:
        name, account, email = holders.get(line.objet, ("", None, ""))
        if account is None or line.auteur == email:
            continue
        said = str(line.details.get("types", ""))
        kinds = () if said == "aucun" else tuple(said.split("|"))
        found.append(
            Choisi(
                line.id, account, name, str(line.details.get("editeur", "")), kinds, line.auteur or "l'exploitant",
                line.moment,
            )
        )  # fmt: skip
    return found


def consentir(
    store: Store,
    identifiant: str,
    editeur: str,
    types: Collection[str],
    *,
    auteur: str = "",
    now: datetime | None = None,
) -> bool:
    """Choose what may be shown of an editor's slots; nothing, for it not to be asked.

    Args:
        store: where.
        identifiant: 8 + RPPS.
        editeur: name of the editor.
        types: among :data:`lake.agendas.codes.TYPES`.
        auteur: who chooses.
        now: the moment (UTC).

    Returns:
        Whether that changed something.

    Raises:
        ContractError: there is no such kind.
        LakeError: nobody has this identifier, or it is a structure: an editor answers for practitioners.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    if unknown := sorted(set(types) - set(TYPES)):
        raise ContractError(f"Type de créneau inconnu : {', '.join(unknown)}.")
    text = "|".join(one for one in TYPES if one in types)
    with store.writing() as connection:
        person = agendas.locked(connection, identifiant)
        if person["genre"] != "ps":
            raise LakeError("Les éditeurs d'agendas répondent pour des praticiens.")
        mine = sa.and_(CONSENTEMENTS.c.effecteur_id == person["id"], CONSENTEMENTS.c.editeur == editeur)
        known = connection.execute(sa.select(CONSENTEMENTS.c.types).where(mine)).scalar_one_or_none()
        if known == text:
            return False
        values = {"types": text, "depuis": moment}
        if known is None:
            connection.execute(
                sa.insert(CONSENTEMENTS).values(effecteur_id=person["id"], editeur=editeur, **values)
            )
        else:
            connection.execute(sa.update(CONSENTEMENTS).where(mine).values(**values))
        journal.write(
            connection, "sas.consentement", identifiant, auteur=auteur or None,
            details={"editeur": editeur, "types": text or "aucun"}, now=moment,
        )  # fmt: skip
        agendas.written(connection, person["id"], moment)
    return True
