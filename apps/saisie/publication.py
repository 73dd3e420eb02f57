"""The live campaign: what was validated, published to the lake's own tables, whole or not at all.

The store's events are the outbox: a publication says up to which event it went, so that one killed on its way is done
again, and one asked twice is done once.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import polars as pl

from apps.saisie.referentiels import VOLET, en_vigueur
from apps.saisie.valides import au_referentiel, basculer
from lake.catalog.convergence import (
    AMELIORATIONS,
    CAMPAGNES,
    JALONS,
    PLANS,
    PRELIMINAIRES,
    REPONSES,
    SERVICES,
    SOLUTIONS,
)
from lake.catalog.convergence_usages import USAGES
from lake.contract import Table
from lake.errors import LakeError, MissingTable
from lake.publications import ECRITURE
from lake.store.engine import Store
from lake.store.saisie import publications
from lake.store.saisie.frames import PARIS, Saisie, validees
from lake.tables import Lake
from scoring.saisie.publication import Lignes, date_du_jour, lignes
from scoring.universes.model import Scan

TABLES = (SERVICES, SOLUTIONS, PRELIMINAIRES, JALONS, AMELIORATIONS, PLANS, REPONSES, USAGES, CAMPAGNES)
"""What a campaign fills; the row of the campaign last."""


@dataclass(frozen=True)
class Publiee:
    """What a publication did.

    Attributes:
        campagne: the live campaign's date.
        services, reponses, etapes: rows published.
        ecartees: what was validated and set aside: ``service, critere, motif``.
        faite: False when nothing had changed since the last one.
    """

    campagne: date
    services: int
    reponses: int
    etapes: int
    ecartees: pl.DataFrame
    faite: bool = True


def aujourdhui(now: datetime | None = None) -> date:
    """The day in Paris."""
    return (now or datetime.now(UTC)).astimezone(PARIS).date()


def publier(lake: Lake, store: Store, *, now: datetime | None = None, toujours: bool = False) -> Publiee:
    """Publish the live campaign.

    Args:
        lake: where to.
        store: where from.
        now: the moment.
        toujours: even when nothing changed since the last publication.

    Raises:
        LakeError: nothing was validated yet, or no referential is published.
        PublishConflict: another writer published meanwhile; nothing was published here.
    """
    with lake.delivery("convergence", TABLES, execution=_execution()) as delivery:
        scan = lake.snapshot().scan
        closed, live = closes(scan), en_cours(scan)
        jour = date_du_jour(aujourdhui(now), max(closed, default=None))
        state, found = _rows(scan, store, jour)
        if not toujours and live == [jour] and publications.derniere(store) == (jour, found.empreinte):
            if publications.en_attente(store) is not None:  # validated, and it changes no published row
                publications.noter(store, state.evenement, jour, found.empreinte, found.ecartees.height, now)
            return _told(found, jour, faite=False)
        _write(delivery, found, scan, sorted({jour, *live}), max(closed, default=None))
        delivery.publish(genre=ECRITURE, facts={"source": "saisie", "evenement": state.evenement})
    publications.noter(store, state.evenement, jour, found.empreinte, found.ecartees.height, now)
    return _told(found, jour)


def preparer(lake: Lake, store: Store, jour: date) -> Lignes:
    """The rows of a day, from what was validated by its end.

    Raises:
        LakeError: nothing was validated by then.
    """
    return _rows(lake.snapshot().scan, store, jour, jour)[1]


def placer(lake: Lake, found: Lignes, jour: date) -> None:
    """Show rows as the live campaign at a day that is about to be closed: its referential is then known."""
    with lake.delivery("convergence", TABLES, execution=_execution()) as delivery:
        scan = lake.snapshot().scan
        before = [day for day in closes(scan) if day < jour]
        _write(delivery, found, scan, sorted({jour, *en_cours(scan)}), max(before, default=None))
        delivery.publish(genre=ECRITURE, facts={"source": "saisie", "cloture": jour.isoformat()})


def closes(scan: Scan) -> list[date]:
    """The dates of the closed campaigns, oldest first."""
    return _dates(scan, pl.col("etat").is_null())


def en_cours(scan: Scan) -> list[date]:
    """The date of the live campaign; none before its first publication."""
    return _dates(scan, pl.col("etat") == "en_cours")


def campagne(scan: Scan, jour: date) -> Mapping[Table, pl.DataFrame]:
    """The rows of a campaign of the lake, by table."""
    return {table: _of(scan, table, jour) for table in TABLES}


# -- inside ------------------------------------------------------------------------------------------


def _rows(scan: Scan, store: Store, jour: date, au: date | None = None) -> tuple[Saisie, Lignes]:
    state = validees(store, au)
    if state.services.is_empty() and au is not None:
        raise LakeError(
            f"Rien n'était validé au {au:%d/%m/%Y} : la campagne serait vide.",
            conseil="Donnez une date plus récente, ou validez d'abord (obs saisie valider).",
        )
    if state.services.is_empty():
        raise LakeError(
            "Rien n'est validé : la campagne en cours serait vide.",
            conseil="Validez au moins une feuille (obs saisie valider), puis publiez.",
        )
    known = en_vigueur(scan, jour)
    basculer(store, known)
    state, lost = au_referentiel(state, known)
    found = lignes(
        services=state.services,
        reponses=state.reponses,
        plans=state.plans,
        preliminaires=state.preliminaires,
        solutions=state.solutions,
        criteres=known.criteres,
        niveaux=known.niveaux,
        version=known.version,
        jour=jour,
    )
    return state, replace(found, ecartees=pl.concat([found.ecartees, lost]))


def _write(delivery: object, found: Lignes, scan: Scan, days: list[date], last: date | None) -> None:
    from lake.delivery import Delivery

    assert isinstance(delivery, Delivery)
    key: dict[str, list[object]] = {"volet": [VOLET], "campagne": list(days)}
    jour = max(found.frames[CAMPAGNES]["campagne"])
    for table in TABLES:
        frame = found.frames.get(table)
        if frame is None:  # milestones and improvements: those of the last closed campaign, at today's date
            frame = table.empty() if last is None else _of(scan, table, last)
            frame = frame.with_columns(campagne=pl.lit(jour, pl.Date)).select(table.columns)
        if frame.is_empty() and not _published(scan, table):
            continue
        delivery.write(table, frame, replace=key)


def _published(scan: Scan, table: Table) -> bool:
    try:
        scan(table)
    except MissingTable:
        return False
    return True


def _of(scan: Scan, table: Table, jour: date) -> pl.DataFrame:
    try:
        return scan(table).filter(pl.col("volet") == VOLET, pl.col("campagne") == jour).collect()
    except MissingTable:
        return table.empty()


def _dates(scan: Scan, where: pl.Expr) -> list[date]:
    try:
        rows = scan(CAMPAGNES).filter(pl.col("volet") == VOLET, where).collect()
    except MissingTable:
        return []
    return sorted(rows["campagne"].to_list())


def _told(found: Lignes, jour: date, *, faite: bool = True) -> Publiee:
    counts = [found.frames[table].height for table in (SERVICES, REPONSES, PLANS)]
    return Publiee(jour, counts[0], counts[1], counts[2], found.ecartees, faite)


def _execution() -> str:
    return f"saisie-{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex[:6]}"
