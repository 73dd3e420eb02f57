"""The columns that we derive: specialty, site, department, commune in force, EPCI."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from ingest.sources.annuaire.departements import (
    commune_code,
    departement_of,
    is_abroad,
    postal_code,
)
from ingest.sources.annuaire.territories import Territories
from scoring.geocode.communes import CLUES, attach_communes

#: Three codes that say one thing: "Qualifié en", "Spécialiste en" and plain "Médecine générale".
GENERAL_MEDICINE = ("SM26", "SM53", "SM54")
GENERAL_MEDICINE_CODE, GENERAL_MEDICINE_LABEL = "SM54", "Médecine générale"
#: Type of savoir-faire that is a specialty; others (C, CEX: competences, …) are savoir-faire only.
SPECIALTY_TYPE = "S"

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

    The department is the one that made the row be kept: :func:`.departements.departement_of` on the commune
    code alone, else on the postal code alone unless the place is abroad, each distinct code once. The commune
    in force comes from :func:`scoring.geocode.communes.attach_communes`, which is told nothing of places
    abroad but their commune code.
    """
    known = territories.departements
    clues = frame.select(*CLUES).with_columns(
        _each(frame, "code_commune_source", commune_code),
        _each(frame, "code_postal", postal_code),
        _each(frame, "code_commune_source", lambda code: departement_of(code, "", "", "", known), "_commune"),
        _each(frame, "code_postal", lambda code: departement_of("", code, "", "", known), "_postal"),
        _abroad(frame),
    )
    at_home = clues.with_columns(
        pl.when(~pl.col("_abroad")).then(name).alias(name)
        for name in ("libelle_commune_source", "code_postal", "bureau_cedex", "_postal")
    )
    communes = attach_communes(
        at_home.select(*CLUES), territories.communes, territories.codes_postaux, territories.fusions
    )
    return frame.with_columns(
        communes["code_commune"],
        at_home.select(pl.coalesce("_commune", "_postal").alias("code_departement")).to_series(),
        at_home.select(pl.coalesce("code_postal", frame["code_postal"])).to_series(),
    )


def _each(
    frame: pl.DataFrame, column: str, rule: Callable[[str], str | None], name: str | None = None
) -> pl.Series:
    """A rule applied to every distinct value of a text column, and spread over the rows."""
    values = frame[column].unique().drop_nulls().to_list()
    answers = {value: rule(value) for value in values}
    return frame[column].replace_strict(answers, default=None, return_dtype=pl.String).alias(name or column)


def _abroad(frame: pl.DataFrame) -> pl.Series:
    """Rows whose country is not France, as ``_abroad``."""
    pair = ["code_pays", "libelle_pays"]
    countries = frame.select(pair).unique()
    told = [is_abroad(code or "", label or "") for code, label in countries.iter_rows()]
    countries = countries.with_columns(pl.Series("_abroad", told, dtype=pl.Boolean))
    rows = frame.select(pair).join(countries, on=pair, how="left", nulls_equal=True, maintain_order="left")
    return rows["_abroad"]


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
