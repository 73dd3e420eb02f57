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
from lake.store.saisie.evenements import note
from lake.store.saisie.feuilles import BLANC, feuille_in
from lake.store.saisie.tables import COPIE, ETAPES, EVENEMENTS, FEUILLES, REPONSES, SERVICES

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


@dataclass(frozen=True)
class Pas:
    """A step of a plan in draft.

    Attributes:
        service_id, feuille_id: numbers of its service and of its plan.
        service: code of the service.
        critere, niveau, trimestre: what it says; no level and no quarter for what cannot be planned.
        motif, texte: why it cannot.
        jalons: the milestones that it waits for.
    """

    service_id: int
    feuille_id: int
    service: str
    critere: str
    niveau: int | None
    trimestre: str | None
    motif: str
    texte: str
    jalons: str = ""

    @property
    def etape(self) -> int:
        """Its rank in the plan: its level, plus one; 0 for what cannot be planned."""
        return 0 if self.niveau is None else self.niveau + 1


@dataclass(frozen=True)
class PasTraduit:
    """A step that a version makes of another.

    Attributes:
        source: the step that it comes from.
        questionnaire, critere, niveau: where it goes.
    """

    source: Pas
    questionnaire: str
    critere: str
    niveau: int | None


ChangePlans = Callable[[list[Pas]], tuple[list[PasTraduit], list[Pas]]]
"""From the steps in draft to those that a version makes, and to those that nothing takes up for sure: they stay."""
Change = Callable[[list[Ligne]], tuple[list[Ligne], list[Ligne]]]
"""From the drafts to those that a version makes (``source`` is the criterion that each comes from), and to those that
it asks to see again."""


def a_passer(store: Store, versions: Sequence[str]) -> set[str]:
    """Of some versions, those that the drafts have not passed under yet."""
    if not versions:
        return set()
    with store.reading() as connection:
        return set(versions) - _passees(connection)


def passer(
    store: Store, version: str, change: Change, plans: ChangePlans, *, now: datetime | None = None
) -> bool:
    """Pass the drafts under a version, answers and plans; False when that was done already."""
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
        steps, left = plans(_steps(connection))
        sheets = _planned(connection, steps, moment)
        touched = {one.feuille_id for one in (*made, *lost)} | sheets
        if touched:  # a recap that is open is shown again
            connection.execute(
                sa.update(FEUILLES).where(FEUILLES.c.id.in_(touched)).values(rev=FEUILLES.c.rev + 1)
            )
        services = Counter([one.service_id for one in (*made, *lost)])
        services.update([step.service_id for step in (*(one.source for one in steps), *left)])
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
            contenu={
                "version": version,
                "traduites": len(made),
                "a_revoir": len(lost),
                "etapes": len(steps),
                "etapes_a_revoir": len(left),
            },
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


def _steps(connection: Connection) -> list[Pas]:
    wanted = (
        sa.select(
            SERVICES.c.id, FEUILLES.c.id.label("feuille"), SERVICES.c.code, ETAPES.c.critere, ETAPES.c.niveau,
            ETAPES.c.trimestre, ETAPES.c.motif, ETAPES.c.texte, ETAPES.c.jalons,
        )
        .join(FEUILLES, FEUILLES.c.id == ETAPES.c.feuille_id)
        .join(SERVICES, SERVICES.c.id == FEUILLES.c.service_id)
        .where(SERVICES.c.etat != "archive")
        .order_by(SERVICES.c.code, ETAPES.c.critere, ETAPES.c.etape)
    )  # fmt: skip
    return [Pas(*row) for row in connection.execute(wanted)]


def _planned(connection: Connection, made: Sequence[PasTraduit], moment: datetime) -> set[int]:
    """Write translated steps; the plans that they touch. A criterion that has steps is no longer *non planifiable*."""
    touched: set[int] = set()
    for one in made:  # a level that another replaces leaves before any is written
        if one.source.critere == one.critere:
            _forget(connection, one.source.feuille_id, one.critere, one.source.etape)
    for one in sorted(made, key=lambda step: step.niveau is None):
        sheet = feuille_in(connection, one.source.service_id, f"PLAN-{one.questionnaire}", now=moment)
        here = (ETAPES.c.feuille_id == sheet["id"], ETAPES.c.critere == one.critere)
        if (
            one.niveau is None
            and connection.execute(sa.select(ETAPES.c.etape).where(*here)).first() is not None
        ):
            continue
        etape = 0 if one.niveau is None else one.niveau + 1
        _forget(connection, sheet["id"], one.critere, etape)
        if one.niveau is not None:
            _forget(connection, sheet["id"], one.critere, 0)
        connection.execute(
            sa.insert(ETAPES).values(
                feuille_id=sheet["id"], critere=one.critere, etape=etape, niveau=one.niveau,
                trimestre=one.source.trimestre, motif=one.source.motif, texte=one.source.texte,
                jalons=one.source.jalons, modifie_le=moment, modifie_par="",
            )
        )  # fmt: skip
        touched |= {sheet["id"], one.source.feuille_id}
    return touched


def _forget(connection: Connection, feuille_id: int, critere: str, etape: int) -> None:
    here = (ETAPES.c.feuille_id == feuille_id, ETAPES.c.critere == critere, ETAPES.c.etape == etape)
    connection.execute(sa.delete(ETAPES).where(*here))


def _write(connection: Connection, one: Ligne, moment: datetime) -> None:
    """A translated draft, to be confirmed; the criterion that it comes from keeps what it held, for the history."""
    here = (REPONSES.c.feuille_id == one.feuille_id, REPONSES.c.critere == one.source)
    old = dict(connection.execute(sa.select(REPONSES).where(*here)).mappings().one())
    sheet = feuille_in(connection, one.service_id, one.questionnaire, now=moment)
    values = {
        name: old[name] for name in ("nature", "porte_par_id", "transmis", "justification_na", "valeur")
    } | {
        "niveau": one.niveau,
        "origine": COPIE if old["origine"] == COPIE else "correspondance",
        "confirmee": False,
        "modifie_le": moment,
    }
    there = (REPONSES.c.feuille_id == sheet["id"], REPONSES.c.critere == one.critere)
    done = connection.execute(sa.update(REPONSES).where(*there).values(**values, rev_n=REPONSES.c.rev_n + 1))
    if not done.rowcount:
        said = {name: old[name] for name in ("commentaire", "commentaire_public", "modifie_par")}
        row = {**BLANC, **said, **values, "feuille_id": sheet["id"], "critere": one.critere, "rev_n": 1}
        connection.execute(sa.insert(REPONSES).values(row))
