"""The plan of a criterion: a quarter for each level, or a reason why it cannot be planned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from lake.errors import EditConflict, Refused
from lake.store.engine import Store
from lake.store.saisie.feuilles import de_cote, ouverte, touchee
from lake.store.saisie.tables import ETAPES, FEUILLES

MOTIFS = {
    "palier_suffisant": "Le palier atteint suffit",
    "sans_obligation": "Sans obligation",
    "bloque_national": "Bloqué au niveau national",
    "bloque_editeur": "Bloqué par l’éditeur",
    "bloque_regional": "Bloqué au niveau régional",
}
"""Why a criterion cannot be planned."""


def planifier(
    store: Store,
    service_id: int,
    questionnaire: str,
    critere: str,
    etapes: Mapping[int, str],
    *,
    rev: int,
    par: str | None,
    non_planifiable: str = "",
    texte: str = "",
    now: datetime | None = None,
) -> int:
    """Save the plan of one criterion; returns the new revision of the plan's sheet.

    Args:
        store: where.
        service_id: whose.
        questionnaire: the questionnaire planned (``QU``): its plan is the sheet ``PLAN-QU``.
        critere: the criterion.
        etapes: level -> quarter; none clears the plan.
        rev: revision of the sheet that was read.
        par: who.
        non_planifiable: a reason among :data:`MOTIFS`; exclusive of steps.
        texte: why, in words.
        now: the moment.

    Raises:
        AccessDenied: no right to.
        EditConflict: somebody changed the plan since.
        Refused: steps and *non planifiable* at once, or an unknown reason.
    """
    if etapes and non_planifiable:
        raise Refused("etapes", f"{critere} : une étape et « non planifiable » s'excluent.")
    if non_planifiable and non_planifiable not in MOTIFS:
        raise Refused("non_planifiable", f"Motif inconnu : « {non_planifiable} ».")
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        sheet = ouverte(connection, service_id, f"PLAN-{questionnaire}", "planifier", par, None, moment)
        failed = sheet.pop("refus", None)
        if failed is None and sheet["rev"] != rev:
            failed = EditConflict({"plan": sheet["modifie_par"]}, sheet["rev"])
        if failed is None:
            here = (ETAPES.c.feuille_id == sheet["id"]) & (ETAPES.c.critere == critere)
            connection.execute(sa.delete(ETAPES).where(here))
            stamp = {
                "feuille_id": sheet["id"],
                "critere": critere,
                "modifie_le": moment,
                "modifie_par": par or "",
            }
            rows = [
                {**stamp, "etape": level + 1, "niveau": level, "trimestre": quarter, "motif": "", "texte": ""}
                for level, quarter in sorted(etapes.items())
            ]
            if non_planifiable:
                none = {
                    "etape": 0,
                    "niveau": None,
                    "trimestre": None,
                    "motif": non_planifiable,
                    "texte": texte,
                }
                rows = [{**stamp, **none}]
            if rows:
                connection.execute(sa.insert(ETAPES), rows)
            touchee(connection, sheet["id"], par, moment)
            return int(sheet["rev"]) + 1
        de_cote(connection, sheet, critere, {"etapes": {str(k): v for k, v in etapes.items()}}, par, moment)
    raise failed


def etapes(store: Store, service_id: int, questionnaire: str) -> list[dict[str, Any]]:
    """The draft steps of a questionnaire's plan."""
    wanted = (
        sa.select(ETAPES)
        .join(FEUILLES, FEUILLES.c.id == ETAPES.c.feuille_id)
        .where(FEUILLES.c.service_id == service_id, FEUILLES.c.questionnaire == f"PLAN-{questionnaire}")
        .order_by(ETAPES.c.critere, ETAPES.c.etape)
    )
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]
