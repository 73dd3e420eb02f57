"""The live campaign: what was validated, published to the lake's own tables, whole or not at all.

The store's events are the outbox: a publication says up to which event it went, so that one killed on its way is done
again, and one asked twice is done once.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import polars as pl

from apps.saisie.referentiels import en_vigueur
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
from lake.store.saisie import ameliorations, publications
from lake.store.saisie.frames import PARIS, Saisie, validees
from lake.tables import Lake
from scoring.saisie.publication import Lignes, ameliorations_publiees, date_du_jour, jalons_publies, lignes
from scoring.saisie.volets import INDUSTRIELS, REGIONS
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
        parts = _parts(scan, store, now)
        first, digest = parts[0], _digest(parts)
        evenement, aside = first.evenement, sum(one.found.ecartees.height for one in parts)
        shown = all(one.live == [one.jour] for one in parts)
        if not toujours and shown and publications.derniere(store) == (first.jour, digest):
            if publications.en_attente(store) is not None:  # validated, and it changes no published row
                publications.noter(store, evenement, first.jour, digest, aside, now)
            return _told(parts, faite=False)
        for one in parts:
            _write(delivery, one.found, scan, sorted({one.jour, *one.live}), one.close, one.volet)
        delivery.publish(genre=ECRITURE, facts={"source": "saisie", "evenement": evenement})
    publications.noter(store, evenement, first.jour, digest, aside, now)
    return _told(parts)


def preparer(lake: Lake, store: Store, jour: date, volet: str = REGIONS) -> Lignes:
    """The rows of a day, from what was validated by its end.

    Raises:
        LakeError: nothing was validated by then.
    """
    state = validees(store, jour)
    if du_volet(state, volet).services.is_empty():
        raise LakeError(
            f"Rien n'était validé au {jour:%d/%m/%Y} : la campagne serait vide.",
            conseil="Donnez une date plus récente, ou validez d'abord (obs saisie valider).",
        )
    return _rows(lake.snapshot().scan, store, state, jour, volet)


def placer(lake: Lake, found: Lignes, jour: date, volet: str = REGIONS) -> None:
    """Show rows as the live campaign at a day that is about to be closed: its referential is then known."""
    with lake.delivery("convergence", TABLES, execution=_execution()) as delivery:
        scan = lake.snapshot().scan
        before = [day for day in closes(scan, volet) if day < jour]
        _write(
            delivery, found, scan, sorted({jour, *en_cours(scan, volet)}), max(before, default=None), volet
        )
        delivery.publish(genre=ECRITURE, facts={"source": "saisie", "cloture": jour.isoformat()})


def closes(scan: Scan, volet: str = REGIONS) -> list[date]:
    """The dates of the closed campaigns of a side, oldest first."""
    return _dates(scan, pl.col("etat").is_null(), volet)


def en_cours(scan: Scan, volet: str = REGIONS) -> list[date]:
    """The date of a side's live campaign; none before its first publication."""
    return _dates(scan, pl.col("etat") == "en_cours", volet)


def jalons(scan: Scan, volet: str = REGIONS) -> pl.DataFrame:
    """The milestones that a plan may wait for, those of the last closed campaign:
    ``jalon, libelle_jalon, porteur, trimestre, axe``, one row a milestone and axis."""
    last = max(closes(scan, volet), default=None)
    rows = JALONS.empty() if last is None else _of(scan, JALONS, last, volet)
    columns = ["jalon", "libelle_jalon", "porteur", "trimestre", "axe"]
    return rows.select(columns).unique(["jalon", "axe"], maintain_order=True).sort("axe", "jalon")


def campagne(scan: Scan, jour: date, volet: str = REGIONS) -> Mapping[Table, pl.DataFrame]:
    """The rows of a campaign of the lake, by table."""
    return {table: _of(scan, table, jour, volet) for table in TABLES}


# -- inside ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Part:
    """One side of what is published: its day, the days that it replaces, the last closed one, its rows."""

    volet: str
    jour: date
    live: list[date]
    close: date | None
    evenement: int
    found: Lignes


def _parts(scan: Scan, store: Store, now: datetime | None) -> list[_Part]:
    """The sides of which something is validated, the regions first; one that was shown and has nothing left too."""
    state = validees(store)
    parts = []
    for volet in (REGIONS, INDUSTRIELS):
        live, last = en_cours(scan, volet), max(closes(scan, volet), default=None)
        if du_volet(state, volet).services.is_empty() and not (live and volet == INDUSTRIELS):
            continue
        jour = date_du_jour(aujourdhui(now), last)
        parts.append(_Part(volet, jour, live, last, state.evenement, _rows(scan, store, state, jour, volet)))
    if not parts:
        raise LakeError(
            "Rien n'est validé : la campagne en cours serait vide.",
            conseil="Validez au moins une feuille (obs saisie valider), puis publiez.",
        )
    return parts


def _digest(parts: list[_Part]) -> str:
    """What the rows of every side say, as one hash; that of a side alone is its own."""
    if len(parts) == 1:
        return parts[0].found.empreinte
    said = "|".join(f"{one.volet}:{one.jour}:{one.found.empreinte}" for one in parts)
    return hashlib.sha256(said.encode()).hexdigest()


def du_volet(state: Saisie, volet: str) -> Saisie:
    """What was entered of one side."""
    mine = (pl.col("kind") == "produit") == (volet == INDUSTRIELS)
    kept = state.services.filter(mine)
    here = pl.col("service").is_in(kept["service"].implode())
    return replace(
        state,
        services=kept,
        reponses=state.reponses.filter(here),
        plans=state.plans.filter(here),
        preliminaires=state.preliminaires.filter(here),
        solutions=state.solutions.filter(here),
    )


def _rows(scan: Scan, store: Store, whole: Saisie, jour: date, volet: str) -> Lignes:
    known = en_vigueur(scan, jour, volet)
    basculer(store, known)
    state, lost = au_referentiel(du_volet(whole, volet), known)
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
        volet=volet,
    )
    asked = known.criteres
    kept = ameliorations.retenues(store, volet, jour).filter(pl.col("axe").is_in(asked["axe"].implode()))
    kept = kept.with_columns(  # a criterion that is asked no more: the proposal is of its axis
        critere=pl.when(pl.col("critere").is_in(asked["critere"].implode())).then("critere")
    )
    theirs = tuple(ameliorations.identifiants(store, volet))
    return replace(
        found, ecartees=pl.concat([found.ecartees, lost]), ameliorations=kept, ameliorations_saisies=theirs
    )


def _write(
    delivery: object, found: Lignes, scan: Scan, days: list[date], last: date | None, volet: str
) -> None:
    from lake.delivery import Delivery

    assert isinstance(delivery, Delivery)
    key: dict[str, list[object]] = {"volet": [volet], "campagne": list(days)}
    jour = max(found.frames[CAMPAGNES]["campagne"])
    for table in TABLES:
        frame = found.frames.get(table)
        if frame is None:  # milestones and improvements: those of the last closed campaign, at today's date
            frame = table.empty() if last is None else _of(scan, table, last, volet)
            if table is JALONS and found.dependances.height:  # what the plans entered say that they wait for
                known = en_vigueur(scan, jour, volet).criteres
                frame = jalons_publies(frame, found.dependances, known)
            if table is AMELIORATIONS:  # and what was proposed from the questionnaires, once retained
                frame = ameliorations_publiees(frame, found.ameliorations, found.ameliorations_saisies)
            frame = frame.with_columns(campagne=pl.lit(jour, pl.Date)).select(table.columns)
        if frame.is_empty() and not _published(scan, table) and table.name not in delivery.written:
            continue
        delivery.write(table, frame, replace=key)


def _published(scan: Scan, table: Table) -> bool:
    try:
        scan(table)
    except MissingTable:
        return False
    return True


def _of(scan: Scan, table: Table, jour: date, volet: str) -> pl.DataFrame:
    try:
        return scan(table).filter(pl.col("volet") == volet, pl.col("campagne") == jour).collect()
    except MissingTable:
        return table.empty()


def _dates(scan: Scan, where: pl.Expr, volet: str) -> list[date]:
    try:
        rows = scan(CAMPAGNES).filter(pl.col("volet") == volet, where).collect()
    except MissingTable:
        return []
    return sorted(rows["campagne"].to_list())


def _told(parts: list[_Part], *, faite: bool = True) -> Publiee:
    counts = [sum(one.found.frames[table].height for one in parts) for table in (SERVICES, REPONSES, PLANS)]
    aside = pl.concat([one.found.ecartees for one in parts])
    return Publiee(parts[0].jour, counts[0], counts[1], counts[2], aside, faite)


def _execution() -> str:
    return f"saisie-{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex[:6]}"
