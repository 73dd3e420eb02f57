"""Drafts pass under a new version of the referential: once, in one transaction, with nothing erased."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.store.engine import Store
from lake.store.saisie import avis
from lake.store.saisie.feuilles import BLANC, feuille_in, note
from lake.store.saisie.tables import EVENEMENTS, FEUILLES, REPONSES, SERVICES

GENRE = "referentiel"
"""Kind of the event that says that drafts passed under a version."""


@dataclass(frozen=True)
class Ligne:
    """A draft answer.

    Attributes:
        service: code of the service.
        service_id, feuille_id: its numbers.
        questionnaire, critere, nature, niveau: what it says.
        source: the criterion that it comes from.
    """

    service: str
    service_id: int
    feuille_id: int
    questionnaire: str
    critere: str
    nature: str
    niveau: int | None
    source: str


Change = Callable[[list[Ligne]], tuple[list[Ligne], list[Ligne]]]
"""From the drafts to those that a version makes (``source`` is the criterion that each comes from), and to those that
it asks to see again."""


def a_passer(store: Store, versions: Sequence[str]) -> set[str]:
    """Of some versions, those that the drafts have not passed under yet."""
    if not versions:
        return set()
    with store.reading() as connection:
        return set(versions) - _passees(connection)


def passer(store: Store, version: str, change: Change, *, now: datetime | None = None) -> bool:
    """Pass the drafts under a version; False when that was done already."""
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        if version in _passees(connection):
            return False
        made, lost = change(_drafts(connection))
        for one in made:
            _write(connection, one, moment)
        for one in lost:
            connection.execute(
                sa.update(REPONSES)
                .where(REPONSES.c.feuille_id == one.feuille_id, REPONSES.c.critere == one.critere)
                .values(confirmee=False, rev_n=REPONSES.c.rev_n + 1)
            )
        touched = {one.feuille_id for one in (*made, *lost)}
        if touched:  # a recap that is open is shown again
            connection.execute(
                sa.update(FEUILLES).where(FEUILLES.c.id.in_(touched)).values(rev=FEUILLES.c.rev + 1)
            )
        services = Counter(one.service_id for one in (*made, *lost))
        avis.prevenir(
            connection,
            services,
            cle=f"referentiel:{version}",
            dit=lambda count: f"Le référentiel a changé (version {version}) : parmi vos réponses, {count} à revoir.",
            lien="./saisie-tableau",
            now=moment,
        )  # fmt: skip
        note(
            connection,
            GENRE,
            contenu={"version": version, "traduites": len(made), "a_revoir": len(lost)},
            now=moment,
        )
        return True


def _passees(connection: Connection) -> set[str]:
    rows = connection.execute(sa.select(EVENEMENTS.c.contenu).where(EVENEMENTS.c.genre == GENRE)).scalars()
    return {str(json.loads(one)["version"]) for one in rows}


def _drafts(connection: Connection) -> list[Ligne]:
    wanted = (
        sa.select(
            SERVICES.c.code, SERVICES.c.id, FEUILLES.c.id.label("feuille"), FEUILLES.c.questionnaire,
            REPONSES.c.critere, REPONSES.c.nature, REPONSES.c.niveau,
        )
        .join(FEUILLES, FEUILLES.c.id == REPONSES.c.feuille_id)
        .join(SERVICES, SERVICES.c.id == FEUILLES.c.service_id)
        .where(REPONSES.c.nature != "vide", SERVICES.c.etat != "archive")
        .order_by(SERVICES.c.code, REPONSES.c.critere)
    )  # fmt: skip
    return [Ligne(*row, source=row.critere) for row in connection.execute(wanted)]


def _write(connection: Connection, one: Ligne, moment: datetime) -> None:
    """A translated draft, to be confirmed; the criterion that it comes from keeps what it held, for the history."""
    here = (REPONSES.c.feuille_id == one.feuille_id, REPONSES.c.critere == one.source)
    old = dict(connection.execute(sa.select(REPONSES).where(*here)).mappings().one())
    sheet = feuille_in(connection, one.service_id, one.questionnaire, now=moment)
    values = {
        name: old[name] for name in ("nature", "porte_par_id", "transmis", "justification_na", "valeur")
    } | {"niveau": one.niveau, "origine": "correspondance", "confirmee": False, "modifie_le": moment}
    there = (REPONSES.c.feuille_id == sheet["id"], REPONSES.c.critere == one.critere)
    done = connection.execute(sa.update(REPONSES).where(*there).values(**values, rev_n=REPONSES.c.rev_n + 1))
    if not done.rowcount:
        said = {name: old[name] for name in ("commentaire", "commentaire_public", "modifie_par")}
        row = {**BLANC, **said, **values, "feuille_id": sheet["id"], "critere": one.critere, "rev_n": 1}
        connection.execute(sa.insert(REPONSES).values(row))
