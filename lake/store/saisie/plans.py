"""The plan of a criterion: a quarter for each level and what it waits for, or a reason why it cannot be planned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from lake.catalog.convergence import TRIMESTRE, trimestre_acheve, trimestre_rang
from lake.errors import EditConflict, Refused
from lake.store.engine import Store
from lake.store.saisie.feuilles import de_cote, ouverte, touchee
from lake.store.saisie.frames import PARIS
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
    jalons: Sequence[str] = (),
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
        jalons: the milestones of the road map that these steps wait for, by identifier; kept with each of them.
        now: the moment.

    Raises:
        AccessDenied: no right to.
        EditConflict: somebody changed the plan since.
        Refused: steps and *non planifiable* at once, an unknown reason, a quarter that is none, a higher level before
            a lower one, or a quarter that is over (but for a step that was there already).
    """
    if etapes and non_planifiable:
        raise Refused("etapes", f"{critere} : une étape et « non planifiable » s'excluent.")
    if non_planifiable and non_planifiable not in MOTIFS:
        raise Refused("non_planifiable", f"Motif inconnu : « {non_planifiable} ».")
    moment = now or datetime.now(UTC)
    if wrong := desordre(critere, etapes):
        raise Refused("etapes", wrong)
    named = "|".join(dict.fromkeys(one.strip() for one in jalons if one.strip()))
    with store.writing() as connection:
        sheet = ouverte(connection, service_id, f"PLAN-{questionnaire}", "planifier", par, None, moment)
        failed = sheet.pop("refus", None)
        if failed is None and sheet["rev"] != rev:
            failed = EditConflict({"plan": sheet["modifie_par"]}, sheet["rev"])
        if failed is None:
            here = (ETAPES.c.feuille_id == sheet["id"]) & (ETAPES.c.critere == critere)
            kept = sa.select(ETAPES.c.niveau, ETAPES.c.trimestre).where(here)
            known = {row.niveau: row.trimestre for row in connection.execute(kept)}
            fresh = {level: quarter for level, quarter in etapes.items() if known.get(level) != quarter}
            if wrong := passe(critere, fresh, moment.astimezone(PARIS).date()):
                raise Refused("etapes", wrong)
            connection.execute(sa.delete(ETAPES).where(here))
            stamp = {
                "feuille_id": sheet["id"],
                "critere": critere,
                "jalons": named,
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


def desordre(critere: str, etapes: Mapping[int, str]) -> str:
    """Why steps do not hold together, whatever the day, in French; empty when they do.

    The same as a file's (:func:`scoring.convergence.rules.judge_steps`): each quarter is one, and a higher level does
    not come before a lower one; they may come together, and levels may be skipped.
    """
    for quarter in etapes.values():
        if not re.match(TRIMESTRE, quarter):
            return f"{critere} : « {quarter} » n'est pas un trimestre (2027-T2)."
    ordered = [etapes[level] for level in sorted(etapes)]
    if ordered != sorted(ordered, key=trimestre_rang):
        return f"{critere} : un niveau plus haut ne vient pas avant un plus bas. Rien n'est enregistré."
    return ""


def passe(critere: str, etapes: Mapping[int, str], jour: date) -> str:
    """Why steps newly planned on a day are in the past, in French; empty when none is."""
    over = sorted(one for one in etapes.values() if trimestre_rang(one) <= trimestre_acheve(jour))
    if not over:
        return ""
    return f"{critere} : {over[0]} est passé. Une étape se planifie à partir du trimestre en cours."


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
