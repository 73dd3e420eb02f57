"""A draft given up in one gesture: the sheet is again what was last validated, and the draft can be taken back.

Rows are never deleted: their revisions grow, so that a save that was on its way is refused and kept, as any late one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.droits_saisie import Objet
from lake.errors import EditConflict, Refused
from lake.store.engine import Store
from lake.store.saisie.acteurs import refuse
from lake.store.saisie.evenements import ABANDON, GARDE, note
from lake.store.saisie.feuilles import BLANC
from lake.store.saisie.tables import A_CONFIRMER, ETAPES, EVENEMENTS, FEUILLES, REPONSES, SERVICES
from lake.store.saisie.versions import derniere, verrou

RENDU = "retablissement"
_REVUES = ("rev_n", "rev_c", "feuille_id", "critere", "modifie_le")
_PAS = ("critere", "etape", "niveau", "trimestre", "motif", "texte", "jalons")


def abandonner(
    store: Store,
    feuille_id: int,
    *,
    rev: int,
    par: str | None,
    version_referentiel: str,
    now: datetime | None = None,
) -> int:
    """Put a sheet back to its last version, or to nothing where it has none; returns that version's number, or 0.

    Args:
        store: where.
        feuille_id: the sheet.
        rev: the revision that the reader saw.
        par: who: somebody who answers for the service; None for the operator.
        version_referentiel: the referential in force.
        now: the moment.

    Raises:
        AccessDenied: no right to.
        EditConflict: the sheet changed since it was read.
        Refused: there is no draft, or the last version was validated under another referential.
    """
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        sheet, service = verrou(connection, feuille_id)
        refuse(connection, par, "modifier", Objet(service["region"], service["id"], sheet["questionnaire"]))
        if sheet["rev"] != rev:
            raise EditConflict({"feuille": sheet["modifie_par"]}, sheet["rev"])
        if sheet["etat"] != "brouillon":
            raise Refused("feuille", "Rien à abandonner : cette feuille n'est pas un brouillon.")
        last = derniere(connection, feuille_id) if sheet["derniere_version"] else None
        if last is not None and last.version_referentiel != version_referentiel:
            raise Refused(
                "feuille",
                f"La version {last.numero} a été validée sous le référentiel {last.version_referentiel} : "
                "ses réponses ne se reprennent pas telles quelles.",
                conseil="Changez les réponses une à une.",
            )
        held = _held(connection, sheet)
        if sheet["questionnaire"].startswith("PLAN-"):
            steps = [] if last is None else list(last.contenu["etapes"])
            _plan(connection, feuille_id, [{**one, "etape": _etape(one)} for one in steps], par, moment)
        else:
            _answers(connection, feuille_id, [] if last is None else last.contenu["reponses"], par, moment)
        back = "validee" if last is not None else "vide"
        _sheet(connection, feuille_id, back, par, moment)
        note(
            connection, ABANDON, service_id=service["id"], feuille_id=feuille_id, auteur=par,
            contenu={"rev": rev + 1, **held}, now=moment,
        )  # fmt: skip
        return 0 if last is None else last.numero


def a_retablir(store: Store, feuille_id: int, *, now: datetime | None = None) -> datetime | None:
    """When the draft that can be taken back was given up; None where there is none any more."""
    with store.reading() as connection:
        wanted = sa.select(FEUILLES).where(FEUILLES.c.id == feuille_id)
        sheet = connection.execute(wanted).mappings().first()
        found = None if sheet is None else _abandon(connection, dict(sheet), now or datetime.now(UTC))
    return None if found is None else found[0]


def retablir(
    store: Store, feuille_id: int, *, rev: int, par: str | None, now: datetime | None = None
) -> None:
    """Take back the draft that was given up.

    Raises:
        AccessDenied: no right to.
        EditConflict: the sheet changed since it was read.
        Refused: nothing was given up, something was typed since, or more than thirty days ago.
    """
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        sheet, service = verrou(connection, feuille_id)
        refuse(connection, par, "modifier", Objet(service["region"], service["id"], sheet["questionnaire"]))
        if sheet["rev"] != rev:
            raise EditConflict({"feuille": sheet["modifie_par"]}, sheet["rev"])
        found = _abandon(connection, sheet, moment)
        if found is None:
            raise Refused("feuille", f"Aucun brouillon à rétablir : ils sont gardés {GARDE.days} jours.")
        held = found[1]
        if "etapes" in held:
            _plan(connection, feuille_id, held["etapes"], par, moment)
        else:
            _answers(connection, feuille_id, held["reponses"], par, moment)
        _sheet(connection, feuille_id, "brouillon", par, moment)
        note(connection, RENDU, service_id=service["id"], feuille_id=feuille_id, auteur=par, now=moment)


# -- inside ------------------------------------------------------------------------------------------


def _held(connection: Connection, sheet: Mapping[str, Any]) -> dict[str, Any]:
    """The draft as it can be put back: answers with their comments, or steps."""
    if sheet["questionnaire"].startswith("PLAN-"):
        steps = connection.execute(sa.select(ETAPES).where(ETAPES.c.feuille_id == sheet["id"])).mappings()
        return {"etapes": [{name: row[name] for name in _PAS} for row in steps]}
    carrier = SERVICES.alias("porteur")
    rows = connection.execute(
        sa.select(REPONSES, carrier.c.code.label("porte_par"))
        .join(carrier, carrier.c.id == REPONSES.c.porte_par_id, isouter=True)
        .where(REPONSES.c.feuille_id == sheet["id"])
    ).mappings()
    kept = [
        name for name in (*BLANC, "critere", "porte_par", "modifie_par") if name not in ("rev_n", "rev_c")
    ]
    return {"reponses": [{name: row[name] for name in kept if name != "porte_par_id"} for row in rows]}


def _answers(
    connection: Connection, feuille_id: int, rows: list[Mapping[str, Any]], par: str | None, moment: datetime
) -> None:
    """Make the draft hold these answers and no other."""
    carriers = dict(connection.execute(sa.select(SERVICES.c.code, SERVICES.c.id)).all())
    here = REPONSES.c.feuille_id == feuille_id
    known = set(connection.execute(sa.select(REPONSES.c.critere).where(here)).scalars())
    given = {str(one["critere"]): one for one in rows}
    for critere in known | set(given):
        said = given.get(critere, {})
        values = {name: said.get(name, blank) for name, blank in BLANC.items() if name not in _REVUES}
        values["porte_par_id"] = carriers.get(said.get("porte_par"))
        # A version does not keep what was confirmed: what was only taken up says so by its origin.
        values["confirmee"] = said.get("confirmee", values["origine"] not in A_CONFIRMER)
        values |= {"modifie_le": moment, "modifie_par": said.get("modifie_par", par or "")}
        if critere in known:
            grown = {"rev_n": REPONSES.c.rev_n + 1, "rev_c": REPONSES.c.rev_c + 1}
            connection.execute(
                sa.update(REPONSES).where(here, REPONSES.c.critere == critere).values(**values, **grown)
            )
        else:
            first = {"feuille_id": feuille_id, "critere": critere, "rev_n": 1, "rev_c": 1}
            connection.execute(sa.insert(REPONSES).values(**values, **first))


def _plan(
    connection: Connection, feuille_id: int, steps: list[Mapping[str, Any]], par: str | None, moment: datetime
) -> None:
    connection.execute(sa.delete(ETAPES).where(ETAPES.c.feuille_id == feuille_id))
    stamp = {"feuille_id": feuille_id, "modifie_le": moment, "modifie_par": par or ""}
    if steps:
        connection.execute(
            sa.insert(ETAPES),
            [{**stamp, "jalons": "", **{name: one[name] for name in _PAS if name in one}} for one in steps],
        )


def _etape(step: Mapping[str, Any]) -> int:
    return 0 if step["niveau"] is None else int(step["niveau"]) + 1


def _sheet(connection: Connection, feuille_id: int, etat: str, par: str | None, moment: datetime) -> None:
    connection.execute(
        sa.update(FEUILLES)
        .where(FEUILLES.c.id == feuille_id)
        .values(etat=etat, rev=FEUILLES.c.rev + 1, renvoi_motif="", modifie_le=moment, modifie_par=par or "")
    )


def _abandon(
    connection: Connection, sheet: Mapping[str, Any], moment: datetime
) -> tuple[datetime, dict[str, Any]] | None:
    """The last draft given up of a sheet that nobody typed in since."""
    row = connection.execute(
        sa.select(EVENEMENTS.c.moment, EVENEMENTS.c.contenu)
        .where(EVENEMENTS.c.feuille_id == sheet["id"], EVENEMENTS.c.genre == ABANDON)
        .order_by(EVENEMENTS.c.id.desc())
        .limit(1)
    ).first()
    if row is None or row.moment < moment - GARDE:
        return None
    held = json.loads(row.contenu)
    return (row.moment, held) if held["rev"] == sheet["rev"] else None
