"""The columns that we derive: specialty, site, department, commune in force, EPCI."""

from __future__ import annotations

import polars as pl

from ingest.geocode.communes import attach_communes
from ingest.sources.annuaire.departements import (
    commune_code,
    departement_of,
    is_abroad,
    postal_code,
)
from ingest.sources.annuaire.territories import Territories

#: Three codes that say one thing: "Qualifié en", "Spécialiste en" and plain "Médecine générale".
GENERAL_MEDICINE = ("SM26", "SM53", "SM54")
GENERAL_MEDICINE_CODE, GENERAL_MEDICINE_LABEL = "SM54", "Médecine générale"
#: Type of savoir-faire that is a specialty; others (C, CEX: competences, …) are savoir-faire only.
SPECIALTY_TYPE = "S"

_PLACE = ("code_commune_source", "code_postal", "code_pays", "libelle_pays")
_ADDRESS = (
    "numero_voie",
    "indice_repetition_voie",
    "libelle_type_voie",
    "libelle_voie",
    "mention_distribution",
)


def with_specialty(frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``code_specialite`` and ``libelle_specialite``.

    A savoir-faire is a specialty when its type is *spécialité ordinale*, or when its type is not given. The
    three codes of general medicine are one specialty.
    """
    kind = pl.col("code_type_savoir_faire").str.strip_chars()
    code = pl.col("code_savoir_faire").str.strip_chars()
    general = code.is_in(GENERAL_MEDICINE)
    specialty = kind.is_null() | (kind == "") | (kind == SPECIALTY_TYPE) | general
    return frame.with_columns(
        code_specialite=pl.when(general).then(pl.lit(GENERAL_MEDICINE_CODE)).when(specialty).then(code),
        libelle_specialite=pl.when(general)
        .then(pl.lit(GENERAL_MEDICINE_LABEL))
        .when(specialty & code.is_not_null())
        .then(pl.col("libelle_savoir_faire")),
    )


def with_site(frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``id_site``: the technical identifier of the structure, else its SIRET, FINESS, else its address.

    Each kind bears its prefix (``structure:``, ``siret:``, ``finess:``, ``adresse:``), so that two registers
    never collide. The address is upper-case ASCII words with postal code and commune; null when there is no
    street nor delivery mention, for a commune alone is not a site.
    """
    identified = frame.with_columns(
        id_site=pl.coalesce(
            _prefixed("structure", "identifiant_structure"),
            _prefixed("siret", "siret_site"),
            _prefixed("finess", "finess_site"),
        )
    )
    rows = identified["id_site"].is_null() & (
        frame["libelle_voie"].is_not_null() | frame["mention_distribution"].is_not_null()
    )
    if not rows.any():
        return identified
    commune = pl.coalesce("code_commune", "code_commune_source", "libelle_commune_source")
    address = pl.concat_str(*_ADDRESS, "code_postal", commune, separator=" ", ignore_nulls=True)
    normal = (
        address.str.normalize("NFKD")
        .str.replace_all(r"[^\x00-\x7f]", "")
        .str.to_uppercase()
        .str.replace_all(r"[^0-9A-Z]+", " ")
        .str.strip_chars()
    )
    written = identified.filter(rows).select(pl.lit("adresse:") + normal).to_series()
    ids = identified["id_site"].scatter(rows.arg_true(), written)
    return identified.with_columns(ids)


def _prefixed(prefix: str, column: str) -> pl.Expr:
    value = pl.col(column).str.strip_chars()
    return pl.when(value != "").then(pl.lit(f"{prefix}:") + value)


def with_place(frame: pl.DataFrame, territories: Territories) -> pl.DataFrame:
    """Add ``code_departement`` and ``code_commune``, and restore the lost zero of ``code_postal``.

    The department is the one that made the row be kept (:func:`.departements.departement_of`); the commune in
    force comes from :func:`ingest.geocode.communes.attach_communes`, which is told nothing of places abroad.
    """
    clues = frame.select(_PLACE).unique(maintain_order=True)
    settled = clues.with_columns(
        pl.DataFrame(
            [_settle(clue, territories.departements) for clue in clues.fill_null("").iter_rows()],
            schema={
                "_departement": pl.String,
                "_commune": pl.String,
                "_postal": pl.String,
                "_clean_postal": pl.String,
                "_abroad": pl.Boolean,
            },
            orient="row",
        )
    )
    placed = frame.join(settled, on=_PLACE, how="left", nulls_equal=True, maintain_order="left")
    communes = attach_communes(
        placed.select(
            code_commune_source="_commune",
            libelle_commune_source=pl.when(~pl.col("_abroad")).then("libelle_commune_source"),
            code_postal="_postal",
            bureau_cedex=pl.when(~pl.col("_abroad")).then("bureau_cedex"),
        ),
        territories.communes,
        territories.codes_postaux,
        territories.fusions,
    )
    return placed.with_columns(
        communes["code_commune"], code_postal=pl.col("_clean_postal"), code_departement=pl.col("_departement")
    ).drop("_departement", "_commune", "_postal", "_clean_postal", "_abroad")


def _settle(clue: tuple[str, ...], known: frozenset[str]) -> tuple[str | bool | None, ...]:
    """What one place tells: department, commune code, postal code usable as a clue, postal code to publish,
    and whether it is abroad.
    """
    code_commune, code_postal, code_pays, libelle_pays = clue
    abroad = is_abroad(code_pays, libelle_pays)
    postal = None if abroad else postal_code(code_postal)
    return (
        departement_of(code_commune, code_postal, code_pays, libelle_pays, known),
        commune_code(code_commune),
        postal,
        postal or code_postal.strip() or None,
        abroad,
    )


def with_territory(frame: pl.DataFrame, territories: Territories) -> pl.DataFrame:
    """Add ``siren_epci``, and let ``code_departement`` follow the commune in force.

    The department of a postal code can differ from that of the commune it serves. It never leaves the
    departments that are kept: a row that was counted in the region stays in it.
    """
    known = territories.communes.select("code_commune", "siren_epci", _departement=pl.col("code_departement"))
    inside = pl.col("_departement").is_in(sorted(territories.wanted))
    return (
        frame.drop("siren_epci", strict=False)
        .join(known, on="code_commune", how="left", maintain_order="left")
        .with_columns(code_departement=pl.when(inside).then("_departement").otherwise("code_departement"))
        .drop("_departement")
    )
