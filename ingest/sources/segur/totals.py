"""What is published beside the monthly rows: their sums, the coverage of each month, the revised figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import polars as pl

from lake.catalog.segur import COUVERTURE, CUMULS_EDITEURS, CUMULS_TERRITOIRES, RESTATEMENTS

_PLACE = ("mois", "indicateur", "code_region", "code_departement")


def by_territory(rows: pl.DataFrame) -> pl.DataFrame:
    """Sums over editors and structures.

    Args:
        rows: columns of ``segur__mesures``.

    Returns:
        DataFrame: columns of ``segur__cumuls_territoires``.
    """
    keys = [name for name in CUMULS_TERRITOIRES.columns if name not in ("valeur", "structures", "lignes")]
    present = pl.col("structure").filter(pl.col("valeur") > 0)
    return (
        rows.group_by(keys)
        .agg(
            valeur=pl.col("valeur").sum(),
            structures=present.drop_nulls().n_unique().cast(pl.Int64),
            lignes=pl.len().cast(pl.Int64),
        )
        .select(CUMULS_TERRITOIRES.columns)
    )


def by_editor(rows: pl.DataFrame) -> pl.DataFrame:
    """Sums over structures.

    Args:
        rows: columns of ``segur__mesures``.

    Returns:
        DataFrame: columns of ``segur__cumuls_editeurs``.
    """
    keys = [name for name in CUMULS_EDITEURS.columns if name not in ("valeur", "lignes")]
    return (
        rows.group_by(keys)
        .agg(valeur=pl.col("valeur").sum(), lignes=pl.len().cast(pl.Int64))
        .select(CUMULS_EDITEURS.columns)
    )


def published_figures(sums: pl.DataFrame, catalogue: Mapping[str, Mapping[str, object]]) -> pl.DataFrame:
    """The figure of each month, indicator and territory, as a page shows it.

    Args:
        sums: rows of ``segur__cumuls_territoires``.
        catalogue: the indicators by code.

    Returns:
        DataFrame: ``mois``, ``indicateur``, ``code_region``, ``code_departement``, ``valeur`` (Int64, null
        for a distinct count delivered in several parts).
    """
    distinct = [code for code, line in catalogue.items() if line["combinaison"] == "distinct"]
    counted = [code for code in distinct if catalogue[code]["compte"] is not None]
    code = pl.col("indicateur")
    value = (
        pl.when(code.is_in(counted))
        .then(pl.col("structures"))
        .when(~code.is_in(distinct) | (pl.col("lignes") == 1))
        .then(pl.col("valeur"))
    )
    return (
        sums.group_by(_PLACE)
        .agg(pl.col("valeur", "structures", "lignes").sum())
        .select(*_PLACE, valeur=value)
    )


def restatements(
    before: pl.DataFrame, after: pl.DataFrame, *, moment: datetime, delivery: str
) -> pl.DataFrame:
    """The figures that a delivery revises.

    Args:
        before: figures published so far for the months delivered again (:func:`published_figures`).
        after: figures of the new delivery for the same months.
        moment: when the delivery is published (UTC).
        delivery: its fingerprint.

    Returns:
        DataFrame: columns of ``segur__restatements``, one row per figure that changes, appears or goes.
    """
    both = before.rename({"valeur": "valeur_avant"}).join(
        after.rename({"valeur": "valeur_apres"}), on=_PLACE, how="full", coalesce=True, nulls_equal=True
    )
    changed = both.filter(pl.col("valeur_avant").ne_missing(pl.col("valeur_apres")))
    return changed.with_columns(
        revise_le=pl.lit(moment).cast(RESTATEMENTS.dtypes()["revise_le"]),
        livraison=pl.lit(delivery),
        ecart=pl.col("valeur_apres").fill_null(0) - pl.col("valeur_avant").fill_null(0),
    ).select(RESTATEMENTS.columns)


def coverage(
    rows: pl.DataFrame,
    attributed: pl.DataFrame,
    catalogue: Mapping[str, Mapping[str, object]],
    known: Mapping[tuple[date, str], frozenset[str]],
    moment: datetime,
) -> pl.DataFrame:
    """What each delivered month holds, indicator by indicator.

    Args:
        rows: columns of ``segur__mesures``.
        attributed: rejected lines by ``mois``, ``indicateur`` (``rejetees``).
        catalogue: the indicators by code.
        known: regions that (month, indicator) has in months already published.
        moment: when the delivery is published (UTC).

    Returns:
        DataFrame: columns of ``segur__couverture``: a month is incomplete for an indicator when lines were
        rejected, or when a region of the previous month is missing.
    """
    counts = (
        rows.group_by("mois", "indicateur")
        .agg(lignes=pl.len().cast(pl.Int64), presentes=pl.col("code_region").drop_nulls().unique().sort())
        .join(attributed, on=["mois", "indicateur"], how="full", coalesce=True)
    )
    found = {(line["mois"], line["indicateur"]): line for line in counts.iter_rows(named=True)}
    regions = dict(known)
    regions |= {key: frozenset(line["presentes"] or ()) for key, line in found.items()}
    lines = []
    for month in sorted({month for month, _ in found}):
        for code, line in catalogue.items():
            if line["combinaison"] == "ratio" or not _covers(line, month):
                continue
            here = found.get((month, code), {})
            earlier = [m for m, c in regions if c == code and m < month and regions[m, c]]
            expected = regions[max(earlier), code] if earlier else frozenset()
            present = regions.get((month, code), frozenset()) if here else frozenset()
            count, refused = int(here.get("lignes") or 0), int(here.get("rejetees") or 0)
            missing = sorted(expected - present) if count else []
            status = "incomplet" if refused or missing else "complet" if count else "absent"
            lines.append(
                {
                    "mois": month,
                    "indicateur": code,
                    "statut": status,
                    "lignes": count,
                    "rejetees": refused,
                    "regions": len(present),
                    "regions_manquantes": "|".join(missing) or None,
                    "livre_le": moment,
                }
            )
    return pl.DataFrame(lines, schema=COUVERTURE.dtypes())


def _covers(line: Mapping[str, object], month: date) -> bool:
    first, last = line["mois_debut"], line["mois_fin"]
    return (not isinstance(first, date) or first <= month) and (not isinstance(last, date) or month <= last)
