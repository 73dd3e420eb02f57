"""Sheets and their drafts: each answer saved by itself, with a revision; nothing typed is lost.

A save that comes from an older reading is refused and told; what it held is written in the events at once, so that
closing the tab loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from lake.droits_saisie import Objet
from lake.errors import EditConflict, LakeError, Refused
from lake.store.engine import Store
from lake.store.saisie.acteurs import refuse
from lake.store.saisie.evenements import note
from lake.store.saisie.porteurs import appuyer, refuser_porteur
from lake.store.saisie.services import lu
from lake.store.saisie.tables import EVENEMENTS, FEUILLES, REPONSES

Avec = Callable[[Connection, int], None]
"""Something written with an answer: the transaction, the number of the sheet."""
COMMENTAIRE_MAX = 4_000
"""Characters of a comment."""


@dataclass(frozen=True)
class Reponse:
    """An answer: exactly one of a level, *not applicable*, a carrier, a value; or nothing (``vide``).

    Attributes:
        nature: ``vide``, ``niveau``, ``na``, ``porte`` or ``valeur``.
        niveau: 0 to 3.
        porte_par: number of the service that carries it.
        valeur: number, date or text of a criterion without levels.
        transmis: an infrastructure service passes its level on.
        justification_na: why it does not apply.
    """

    nature: str = "vide"
    niveau: int | None = None
    porte_par: int | None = None
    valeur: str = ""
    transmis: bool = True
    justification_na: str = ""

    def __post_init__(self) -> None:
        if (self.nature == "niveau") != (self.niveau is not None) or (self.nature == "porte") != (
            self.porte_par is not None
        ):
            raise Refused(
                "reponse", "Il faut exactement un niveau, « non applicable » ou un service porteur."
            )


class FeuilleFermee(LakeError):
    """The sheet was validated, or waits to be: what was typed is kept aside."""


def feuille_in(
    connection: Connection,
    service_id: int,
    questionnaire: str,
    *,
    lock: bool = False,
    now: datetime | None = None,
) -> dict[str, Any]:
    """A sheet, created empty where there is none yet; within a transaction."""
    wanted = sa.select(FEUILLES).where(
        FEUILLES.c.service_id == service_id, FEUILLES.c.questionnaire == questionnaire
    )
    if lock:
        wanted = wanted.with_for_update()
    row = connection.execute(wanted).mappings().first()
    if row is None:
        values = {
            "service_id": service_id,
            "questionnaire": questionnaire,
            "etat": "vide",
            "rev": 0,
            "soumise_par": "",
            "renvoi_motif": "",
            "derniere_version": 0,
            "modifie_le": now or datetime.now(UTC),
            "modifie_par": "",
        }
        try:
            with connection.begin_nested():
                connection.execute(sa.insert(FEUILLES).values(values))
        except IntegrityError:
            pass  # two first answers at once: one row
        row = connection.execute(wanted).mappings().one()
    return dict(row)


def feuille(store: Store, service_id: int, questionnaire: str) -> dict[str, Any]:
    """A sheet as it is; one that nobody opened is empty."""
    wanted = sa.select(FEUILLES).where(
        FEUILLES.c.service_id == service_id, FEUILLES.c.questionnaire == questionnaire
    )
    with store.reading() as connection:
        row = connection.execute(wanted).mappings().first()
    empty = {
        "id": None,
        "etat": "vide",
        "rev": 0,
        "derniere_version": 0,
        "renvoi_motif": "",
        "soumise_par": "",
    }
    return dict(row) if row is not None else empty


def reponses(store: Store, service_id: int, questionnaire: str) -> dict[str, dict[str, Any]]:
    """The draft answers of a sheet, by criterion."""
    wanted = (
        sa.select(REPONSES)
        .join(FEUILLES, FEUILLES.c.id == REPONSES.c.feuille_id)
        .where(FEUILLES.c.service_id == service_id, FEUILLES.c.questionnaire == questionnaire)
    )
    with store.reading() as connection:
        return {row["critere"]: dict(row) for row in connection.execute(wanted).mappings()}


def repondre(
    store: Store,
    service_id: int,
    questionnaire: str,
    critere: str,
    reponse: Reponse,
    *,
    rev: int,
    par: str | None,
    vue: int | None = None,
    avec: Avec | None = None,
    now: datetime | None = None,
) -> int:
    """Save one answer; returns its new revision.

    Args:
        store: where.
        service_id: whose.
        questionnaire: the sheet.
        critere: the criterion.
        reponse: the answer.
        rev: the revision that was read; 0 for a first answer.
        par: who; None for the operator.
        vue: number of the last version that was seen: one validated since closes the draft that was open.
        avec: what is written in the same transaction, once the answer is.
        now: the moment.

    Raises:
        AccessDenied: no right to, or no longer.
        EditConflict: somebody answered since; what was refused is kept in the events.
        FeuilleFermee: the sheet waits to be validated, or was validated meanwhile; the same.
        Refused: the carrier cannot carry it.
    """
    moment = now or datetime.now(UTC)
    values = {
        "nature": reponse.nature,
        "niveau": reponse.niveau,
        "porte_par_id": reponse.porte_par,
        "valeur": reponse.valeur,
        "transmis": reponse.transmis,
        "justification_na": reponse.justification_na,
    }
    with store.writing() as connection:
        sheet = ouverte(connection, service_id, questionnaire, "saisir", par, vue, moment)
        failed = sheet.pop("refus", None)
        if failed is None:
            if reponse.porte_par is not None:
                refuser_porteur(connection, service_id, critere, reponse.porte_par)
            kept, failed = _saved(connection, sheet["id"], critere, values, "rev_n", rev, par, moment)
            if failed is None:
                touchee(connection, sheet["id"], par, moment)
                if reponse.porte_par is not None:
                    appuyer(connection, service_id, reponse.porte_par)
                if avec is not None:
                    avec(connection, sheet["id"])
                return kept
        de_cote(connection, sheet, critere, {**asdict(reponse), "rev": rev}, par, moment)
    # Raised once the box is committed: an error inside would take it back.
    raise failed


def commenter(
    store: Store,
    service_id: int,
    questionnaire: str,
    critere: str,
    *,
    interne: str,
    public: str = "",
    rev: int,
    par: str | None,
    vue: int | None = None,
    avec: Avec | None = None,
    now: datetime | None = None,
) -> int:
    """Save the comments of a criterion; they have a revision of their own. Spaces alone are no comment.

    Raises:
        AccessDenied, EditConflict, FeuilleFermee: as :func:`repondre`.
        Refused: too long.
    """
    moment = now or datetime.now(UTC)
    for name, text in (("commentaire", interne), ("commentaire_public", public)):
        if len(text) > COMMENTAIRE_MAX:
            raise Refused(name, f"Commentaire trop long : {len(text)} caractères, {COMMENTAIRE_MAX} au plus.")
    values = {
        "commentaire": interne if interne.strip() else "",
        "commentaire_public": public if public.strip() else "",
    }
    with store.writing() as connection:
        sheet = ouverte(connection, service_id, questionnaire, "commenter", par, vue, moment)
        failed = sheet.pop("refus", None)
        if failed is None:
            kept, failed = _saved(connection, sheet["id"], critere, values, "rev_c", rev, par, moment)
            if failed is None:
                touchee(connection, sheet["id"], par, moment)
                if avec is not None:
                    avec(connection, sheet["id"])
                return kept
        de_cote(connection, sheet, critere, {**values, "rev": rev}, par, moment)
    raise failed


def mises_de_cote(store: Store, service_id: int, questionnaire: str) -> list[dict[str, Any]]:
    """The values that were refused on a sheet, newest first: who typed what, when."""
    wanted = (
        sa.select(EVENEMENTS)
        .join(FEUILLES, FEUILLES.c.id == EVENEMENTS.c.feuille_id)
        .where(
            FEUILLES.c.service_id == service_id,
            FEUILLES.c.questionnaire == questionnaire,
            EVENEMENTS.c.genre == "conflit",
        )
        .order_by(EVENEMENTS.c.id.desc())
    )
    with store.reading() as connection:
        return [
            {**row, "contenu": json.loads(row["contenu"])} for row in connection.execute(wanted).mappings()
        ]


# -- inside ------------------------------------------------------------------------------------------


def ouverte(
    connection: Connection,
    service_id: int,
    questionnaire: str,
    action: str,
    par: str | None,
    vue: int | None,
    moment: datetime,
) -> dict[str, Any]:
    """The sheet, locked; with ``refus`` where it takes no draft now."""
    service = lu(connection, service_id)
    refuse(connection, par, action, Objet(service["region"], service_id, questionnaire))
    sheet = feuille_in(connection, service_id, questionnaire, lock=True, now=moment)
    if service["etat"] == "archive":
        sheet["refus"] = FeuilleFermee(f"« {service['nom']} » est archivé : ses réponses ne changent plus.")
    elif sheet["etat"] == "a_valider":
        sheet["refus"] = FeuilleFermee(
            "Cette feuille attend sa validation : votre saisie est gardée de côté.",
            conseil="Reprenez-la d'abord en brouillon, ou attendez qu'elle soit validée ou renvoyée.",
        )
    elif vue is not None and sheet["derniere_version"] != vue:
        sheet["refus"] = FeuilleFermee(
            f"Cette feuille vient d'être validée (version {sheet['derniere_version']}) : votre saisie est gardée.",
            conseil="Rechargez la page : vous pourrez ouvrir un nouveau brouillon.",
        )
    return sheet


def _saved(
    connection: Connection,
    feuille_id: int,
    critere: str,
    values: Mapping[str, Any],
    column: str,
    rev: int,
    par: str | None,
    moment: datetime,
) -> tuple[int, Exception | None]:
    """Write values where their revision is the one that was read: (new revision, or why not)."""
    here = [REPONSES.c.feuille_id == feuille_id, REPONSES.c.critere == critere]
    stamp = {"modifie_le": moment, "modifie_par": par or ""}
    if column == "rev_n":
        stamp |= {"origine": "saisie", "confirmee": True}
    known = connection.execute(sa.select(REPONSES).where(*here)).mappings().first()
    if known is None:
        first = {**BLANC, "feuille_id": feuille_id, "critere": critere, **values, **stamp, column: 1}
        try:
            with connection.begin_nested():
                connection.execute(sa.insert(REPONSES).values(first))
            return 1, None
        except IntegrityError:
            known = connection.execute(sa.select(REPONSES).where(*here)).mappings().one()
    done = connection.execute(
        sa.update(REPONSES)
        .where(*here, REPONSES.c[column] == rev)
        .values(**values, **stamp, **{column: REPONSES.c[column] + 1})
    )
    if done.rowcount:
        return rev + 1, None
    if all(known[name] == value for name, value in values.items()):
        return int(known[column]), None  # the same save came twice
    theirs = {name: known[name] for name in (*values, "modifie_par", "modifie_le")}
    return 0, EditConflict(theirs, int(known[column]))


BLANC: Mapping[str, Any] = {
    "nature": "vide",
    "niveau": None,
    "valeur": "",
    "porte_par_id": None,
    "transmis": True,
    "justification_na": "",
    "rev_n": 0,
    "commentaire": "",
    "commentaire_public": "",
    "rev_c": 0,
    "origine": "saisie",
    "confirmee": True,
}


def touchee(connection: Connection, feuille_id: int, par: str | None, moment: datetime) -> None:
    """The sheet is a draft again, at its next revision."""
    connection.execute(
        sa.update(FEUILLES)
        .where(FEUILLES.c.id == feuille_id)
        .values(etat="brouillon", rev=FEUILLES.c.rev + 1, modifie_le=moment, modifie_par=par or "")
    )


def de_cote(
    connection: Connection,
    sheet: Mapping[str, Any],
    critere: str,
    said: Mapping[str, Any],
    par: str | None,
    moment: datetime,
) -> None:
    """Keep what was refused."""
    note(
        connection,
        "conflit",
        service_id=sheet["service_id"],
        feuille_id=sheet["id"],
        auteur=par,
        contenu={"critere": critere, **said},
        now=moment,
    )
