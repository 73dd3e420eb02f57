"""What the entry holds, as frames: the drafts, and what was validated by a day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.store.engine import Store
from lake.store.saisie.portage import a_venir
from lake.store.saisie.tables import (
    A_CONFIRMER,
    ETAPES,
    EVENEMENTS,
    FEUILLES,
    LIENS,
    PRELIMINAIRES,
    REPONSES,
    SERVICES,
    SOLUTIONS,
    VERSIONS,
)

PARIS = ZoneInfo("Europe/Paris")
"""Where the day of a validation is read."""

_SERVICES = pl.Schema(
    {
        "service": pl.String,
        "nom": pl.String,
        "region": pl.String,
        "kind": pl.String,
        "zone_pos": pl.String,
        "type_service": pl.String,
        "tronc_commun": pl.Boolean,
        "publiable": pl.Boolean,
        "converge": pl.Boolean,
        "etat": pl.String,
        "utilise": pl.String,
    }
)
_REPONSES = pl.Schema(
    {
        "service": pl.String,
        "questionnaire": pl.String,
        "critere": pl.String,
        "nature": pl.String,
        "niveau": pl.Int64,
        "non_applicable": pl.Boolean,
        "porte_par": pl.String,
        "valeur": pl.String,
        "transmis": pl.Boolean,
        "confirmee": pl.Boolean,
        "valide_le": pl.Date,
        "valide_par": pl.String,
        "commentaire": pl.String,
        "referentiel": pl.String,
    }
)
_PLANS = pl.Schema(
    {
        "service": pl.String,
        "critere": pl.String,
        "niveau": pl.Int64,
        "trimestre": pl.String,
        "non_planifiable": pl.Boolean,
        "jalons": pl.String,
        "referentiel": pl.String,
    }
)
_PRELIMINAIRES = pl.Schema({"service": pl.String, "question": pl.String, "valeur": pl.Boolean})
_SOLUTIONS = pl.Schema({"service": pl.String, "editeur": pl.String, "solution": pl.String})
_FEUILLES = pl.Schema(
    {
        "id": pl.Int64,
        "service": pl.String,
        "questionnaire": pl.String,
        "etat": pl.String,
        "rev": pl.Int64,
        "derniere_version": pl.Int64,
        "modifie_par": pl.String,
        "soumise_par": pl.String,
    }
)


@dataclass(frozen=True)
class Saisie:
    """The entry, or what was validated of it, at one moment.

    Attributes:
        services: ``service`` (the code), ``nom, region, kind, zone_pos, type_service, tronc_commun, publiable,
            converge, etat, utilise``.
        reponses: ``service, questionnaire, critere, nature, niveau, non_applicable, porte_par, valeur, transmis,
            confirmee, valide_le, valide_par, commentaire`` (the public one), ``referentiel`` (the version that it was
            validated under; null for a draft, which follows the version in force).
        plans: ``service, critere, niveau, trimestre, non_planifiable, jalons`` (separated by ``|``; null in a version
            written before steps could name them), ``referentiel``.
        preliminaires: ``service, question, valeur``.
        solutions: ``service, editeur, solution``.
        feuilles: ``id, service, questionnaire, etat, rev, derniere_version, modifie_par, soumise_par``.
        evenement: number of the last event that it holds.
    """

    services: pl.DataFrame
    reponses: pl.DataFrame
    plans: pl.DataFrame
    preliminaires: pl.DataFrame
    solutions: pl.DataFrame
    feuilles: pl.DataFrame
    evenement: int


def brouillons(store: Store, region: str | None = None) -> Saisie:
    """The drafts of every service that is not archived; of one region only where it is said."""
    here = _in(region)
    with _snapshot(store) as connection:
        carrier = SERVICES.alias("porteur")
        rows = connection.execute(
            sa.select(
                SERVICES.c.code,
                FEUILLES.c.questionnaire,
                REPONSES.c.critere,
                REPONSES.c.nature,
                REPONSES.c.niveau,
                REPONSES.c.nature == "na",
                carrier.c.code,
                REPONSES.c.valeur,
                REPONSES.c.transmis,
                REPONSES.c.confirmee,
                sa.null(),
                sa.null(),
                REPONSES.c.commentaire_public,
                sa.null(),
            )
            .join(FEUILLES, FEUILLES.c.id == REPONSES.c.feuille_id)
            .join(SERVICES, SERVICES.c.id == FEUILLES.c.service_id)
            .join(carrier, carrier.c.id == REPONSES.c.porte_par_id, isouter=True)
            .where(REPONSES.c.nature != "vide", SERVICES.c.etat != "archive", *here)
            .order_by(SERVICES.c.code, REPONSES.c.critere)
        ).all()
        steps = connection.execute(
            sa.select(
                SERVICES.c.code,
                ETAPES.c.critere,
                ETAPES.c.niveau,
                ETAPES.c.trimestre,
                ETAPES.c.etape == 0,
                ETAPES.c.jalons,
                sa.null(),
            )
            .join(FEUILLES, FEUILLES.c.id == ETAPES.c.feuille_id)
            .join(SERVICES, SERVICES.c.id == FEUILLES.c.service_id)
            .where(SERVICES.c.etat != "archive", *here)
            .order_by(SERVICES.c.code, ETAPES.c.critere, ETAPES.c.etape)
        ).all()
        return _with(connection, _frame(rows, _REPONSES), _frame(steps, _PLANS), region)


def validees(store: Store, au: date | None = None, region: str | None = None) -> Saisie:
    """The last validated version of every sheet, by the end of a day (Paris); all of them by default.

    A region alone holds all that its own rates rest on: who carries a criterion is of the same system.

    Services without any version, or still to open, are absent: the name of one that only has drafts is nobody's to
    read.
    """
    with _snapshot(store) as connection:
        rows, steps, known = [], [], set()
        for version, content in _last(connection, au, region):
            service = content["service"]
            known.add(service)
            under = version["version_referentiel"]
            day = version["validee_le"].astimezone(PARIS).date()
            if "etapes" in content:
                for one in content["etapes"]:
                    planned = (one["critere"], one["niveau"], one["trimestre"], one["niveau"] is None)
                    steps.append((service, *planned, one.get("jalons"), under))
                continue
            rows += [
                (
                    service,
                    content["questionnaire"],
                    one["critere"],
                    one["nature"],
                    one["niveau"],
                    one["nature"] == "na",
                    one["porte_par"],
                    one["valeur"],
                    one["transmis"],
                    version["nature"] != "reprise" and one.get("origine") not in A_CONFIRMER,
                    day,
                    version["validee_org"] or None,
                    one["commentaire_public"] or None,
                    under,
                )
                for one in content["reponses"]
            ]
        found = _with(connection, _frame(rows, _REPONSES), _frame(steps, _PLANS), region)
        known -= _to_come(connection, au)
    kept = pl.Series("service", sorted(known), dtype=pl.String).implode()
    here = pl.col("service").is_in(kept)
    return Saisie(
        found.services.filter(here),
        found.reponses.filter(here).sort("service", "critere"),
        found.plans.filter(here).sort("service", "critere", "niveau", nulls_last=False),
        found.preliminaires.filter(here),
        found.solutions.filter(here),
        found.feuilles,
        found.evenement,
    )


def plans_valides(store: Store) -> pl.DataFrame:
    """The steps of every validated plan: ``service, region, critere, niveau, trimestre, numero``."""
    return _history(store, plans=True)


def niveaux_valides(store: Store) -> pl.DataFrame:
    """The levels and values of every validated version that is no *reprise* nor correction:
    ``service, region, critere, nature, niveau, valeur, valide_le``."""
    return _history(store, plans=False)


def _history(store: Store, *, plans: bool) -> pl.DataFrame:
    which = FEUILLES.c.questionnaire.like("PLAN-%") if plans else FEUILLES.c.questionnaire.not_like("PLAN-%")
    wanted = (
        sa.select(VERSIONS, SERVICES.c.region)
        .join(FEUILLES, FEUILLES.c.id == VERSIONS.c.feuille_id)
        .join(SERVICES, SERVICES.c.id == FEUILLES.c.service_id)
        .where(which, VERSIONS.c.nature == "validation", SERVICES.c.etat == "actif")
        .order_by(VERSIONS.c.feuille_id, VERSIONS.c.numero)
    )
    rows: list[tuple[Any, ...]] = []
    with store.reading() as connection:
        for version in connection.execute(wanted).mappings():
            content = json.loads(version["contenu"])
            if plans:
                rows += [
                    (content["service"], version["region"], one["critere"], one["niveau"], one["trimestre"])
                    for one in content["etapes"]
                    if one["niveau"] is not None
                ]
            else:
                day = version["validee_le"].astimezone(PARIS).date()
                rows += [
                    (
                        content["service"],
                        version["region"],
                        one["critere"],
                        one["nature"],
                        one["niveau"],
                        one.get("valeur") or "",
                        day,
                    )
                    for one in content["reponses"]
                    if one["nature"] in ("niveau", "valeur")
                ]
    last: dict[str, Any] = (
        {"niveau": pl.Int64, "trimestre": pl.String}
        if plans
        else {"nature": pl.String, "niveau": pl.Int64, "valeur": pl.String, "valide_le": pl.Date}
    )
    return _frame(rows, pl.Schema({"service": pl.String, "region": pl.String, "critere": pl.String, **last}))


# -- inside ------------------------------------------------------------------------------------------


class _snapshot:  # noqa: N801 — used as a statement
    """A reading transaction that sees one state of the whole base."""

    def __init__(self, store: Store) -> None:
        self.store, self.held = store, store.reading()

    def __enter__(self) -> Connection:
        connection = self.held.__enter__()
        if not self.store.sqlite:
            connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        return connection

    def __exit__(self, *error: Any) -> None:
        self.held.__exit__(*error)


def _frame(rows: Iterable[Any], schema: pl.Schema) -> pl.DataFrame:
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def _in(region: str | None) -> list[sa.ColumnElement[bool]]:
    return [] if region is None else [SERVICES.c.region == region]


def _last(
    connection: Connection, au: date | None, region: str | None
) -> Iterable[tuple[Mapping[str, Any], dict[str, Any]]]:
    wanted = (
        sa.select(VERSIONS)
        .join(FEUILLES, FEUILLES.c.id == VERSIONS.c.feuille_id)
        .join(SERVICES, SERVICES.c.id == FEUILLES.c.service_id)
        .where(SERVICES.c.etat != "archive", *_in(region))
        .order_by(VERSIONS.c.feuille_id, VERSIONS.c.numero)
    )
    if au is None:
        wanted = wanted.where(VERSIONS.c.numero == FEUILLES.c.derniere_version)
    else:
        # The evening of the day in Paris.
        end = datetime(au.year, au.month, au.day, 23, 59, 59, 999999, tzinfo=PARIS)
        wanted = wanted.where(VERSIONS.c.validee_le <= end)
    last = {row["feuille_id"]: dict(row) for row in connection.execute(wanted).mappings()}
    return [(row, json.loads(row["contenu"])) for row in last.values()]


def _to_come(connection: Connection, au: date | None) -> set[str]:
    """The services that open in a quarter that has not begun."""
    wanted = sa.select(SERVICES.c.code, SERVICES.c.ouverture).where(SERVICES.c.ouverture != "")
    day = au or datetime.now(PARIS).date()
    return {code for code, quarter in connection.execute(wanted) if a_venir(quarter, day)}


def _with(connection: Connection, reponses: pl.DataFrame, plans: pl.DataFrame, region: str | None) -> Saisie:
    """What is common to both states."""
    here = _in(region)
    used = SERVICES.alias("utilise")
    links: dict[int, list[str]] = {}
    for number, code in connection.execute(
        sa.select(LIENS.c.service_id, used.c.code)
        .join(used, used.c.id == LIENS.c.utilise_id)
        .where(used.c.etat != "archive")
    ):
        links.setdefault(number, []).append(code)
    services = [
        (
            row["code"],
            row["nom"],
            row["region"],
            row["kind"],
            row["zone_pos"],
            row["type_service"],
            row["tronc_commun"],
            row["publiable"],
            row["etat"] != "a_decommissionner",
            row["etat"],
            "|".join(sorted(links.get(row["id"], []))) or None,
        )
        for row in connection.execute(
            sa.select(SERVICES)
            .where(SERVICES.c.etat != "archive", SERVICES.c.kind != "editeur", *here)
            .order_by(SERVICES.c.code)
        ).mappings()
    ]
    asked = connection.execute(
        sa.select(SERVICES.c.code, PRELIMINAIRES.c.question, PRELIMINAIRES.c.valeur)
        .join(SERVICES, SERVICES.c.id == PRELIMINAIRES.c.service_id)
        .where(*here)
        .order_by(SERVICES.c.code, PRELIMINAIRES.c.question)
    )
    software = connection.execute(
        sa.select(SERVICES.c.code, SOLUTIONS.c.editeur, SOLUTIONS.c.solution)
        .join(SERVICES, SERVICES.c.id == SOLUTIONS.c.service_id)
        .where(*here)
        .order_by(SERVICES.c.code, SOLUTIONS.c.editeur, SOLUTIONS.c.solution)
    )
    sheets = connection.execute(
        sa.select(
            FEUILLES.c.id,
            SERVICES.c.code,
            FEUILLES.c.questionnaire,
            FEUILLES.c.etat,
            FEUILLES.c.rev,
            FEUILLES.c.derniere_version,
            FEUILLES.c.modifie_par,
            FEUILLES.c.soumise_par,
        )
        .join(SERVICES, SERVICES.c.id == FEUILLES.c.service_id)
        .where(*here)
        .order_by(FEUILLES.c.id)
    )
    last = connection.execute(sa.select(sa.func.max(EVENEMENTS.c.id))).scalar()
    return Saisie(
        _frame(services, _SERVICES),
        reponses,
        plans,
        _frame(asked, _PRELIMINAIRES),
        _frame(software, _SOLUTIONS),
        _frame(sheets, _FEUILLES),
        int(last or 0),
    )
