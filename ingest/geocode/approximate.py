"""Approximate street names within one commune: typing errors, swapped words, titles and first names left out.

Only addresses that no exact key answers come here, and only places of their own commune (or postal code's area)
are compared: an approximation may choose the wrong street, never the wrong town. A name that is nearly two
streets is neither.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA

from ingest.geocode.normalise import by_value, without_words
from ingest.geocode.scores import Thresholds

# Titles and first names that registers leave out or add: "RUE SCHWEITZER" for "RUE DU DOCTEUR ALBERT SCHWEITZER".
TITLES = (
    "ABBE ADJUDANT AMIRAL CAPITAINE CARDINAL CHANOINE COLONEL COMMANDANT DOCTEUR GENERAL INGENIEUR LIEUTENANT "
    "MADAME MARECHAL MONSEIGNEUR PASTEUR PERE PREFET PRESIDENT PROFESSEUR SERGENT"
).split()
FIRST_NAMES = (
    "ADOLPHE AIME ALAIN ALBERT ALEXANDRE ALFRED ALPHONSE AMBROISE ANATOLE ANDRE ANNE ANTOINE ARISTIDE ARTHUR "
    "AUGUSTE BERNARD CAMILLE CHARLES CHRISTIAN CLAUDE CLEMENT DANIEL DENIS EDGAR EDMOND EDOUARD EMILE ERNEST "
    "EUGENE FELIX FERDINAND FERNAND FRANCIS FRANCOIS FREDERIC GABRIEL GASTON GEORGES GERARD GILBERT GUILLAUME "
    "GUSTAVE GUY HECTOR HENRI HENRY HONORE HUBERT JACQUES JEAN JEANNE JOSEPH JULES JULIEN LAURENT LEON LEOPOLD "
    "LOUIS LOUISE LUCIEN MARC MARCEL MARGUERITE MARIE MARTIN MAURICE MAX MICHEL NICOLAS OLIVIER PAUL PHILIPPE "
    "PIERRE RAYMOND RENE ROBERT ROGER ROMAIN SIMONE THEODORE THEOPHILE THOMAS VICTOR VINCENT XAVIER YVES"
).split()

APPROXIMATION_SCHEMA = pl.Schema(
    {"cle_adresse": pl.String, "cle": pl.String, "place_cle": pl.String, "s_voie": pl.Float64}
)


def short_name(name: pl.Expr) -> pl.Expr:
    """A name without titles and first names; null where nothing telling is left."""
    words = without_words(name, (*TITLES, *FIRST_NAMES))
    return pl.when(words.str.len_chars() >= 4).then(words)


def approximate(asked: pl.DataFrame, places: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """Place keys that readings may mean.

    Args:
        asked: readings without any exact candidate: ``cle_adresse``, ``cle``, ``cle_nom``, ``code_commune``,
            ``code_postal``.
        places: columns of :attr:`ingest.geocode.index.Index.places`.
        thresholds: the constants of the score.

    Returns:
        Columns of :data:`APPROXIMATION_SCHEMA`: at most one place key a reading.
    """
    found = [pl.DataFrame(schema=APPROXIMATION_SCHEMA)]
    areas = ["code_commune", "code_postal"]
    for area in areas:
        known = (
            pl.col("code_commune").is_not_null()
            if area == "code_commune"
            else pl.col("code_commune").is_null()
        )
        wanted = (
            asked.filter(known, pl.col(area).is_not_null())
            .select("cle_adresse", "cle", "cle_nom", _area=area)
            .unique()
        )
        if wanted.is_empty():
            continue
        streets = (
            places.select("cle", "cle_nom", _area=area)
            .join(wanted.select("_area").unique(), on="_area", how="semi")
            .unique()
            .sort("_area", "cle")
        )
        queries = wanted.select("_area", "cle", "cle_nom").unique().sort("_area", "cle")
        pairs = _pairs(queries, streets, thresholds)
        found.append(wanted.join(pairs, on=["_area", "cle"]).select(APPROXIMATION_SCHEMA.names()))
    return pl.concat(found)


def _pairs(queries: pl.DataFrame, streets: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """The one street that each query means, area by area: ``_area``, ``cle``, ``place_cle``, ``s_voie``."""
    queries = queries.with_columns(_short=by_value(queries["cle_nom"], short_name))
    streets = streets.with_columns(_short=by_value(streets["cle_nom"], short_name))
    by_area = streets.partition_by("_area", as_dict=True)
    rows: list[tuple[str, str, str, float]] = []
    for (area,), group in queries.group_by("_area", maintain_order=True):
        known = by_area.get((area,))
        if known is None:
            continue
        choices = known.select("cle", "cle_nom", "_short").rows()
        for cle, place_cle, score in _matches(
            group.select("cle", "cle_nom", "_short").rows(), choices, thresholds
        ):
            rows.append((str(area), cle, place_cle, score))
    return pl.DataFrame(
        rows,
        schema={"_area": pl.String, "cle": pl.String, "place_cle": pl.String, "s_voie": pl.Float64},
        orient="row",
    )


Street = tuple[str, str, str | None]


def _matches(
    queries: Sequence[Street], choices: Sequence[Street], thresholds: Thresholds
) -> list[tuple[str, str, float]]:
    """Each query's street among the choices of one area, if one stands out: (query key, street key, s_voie)."""
    names, sorted_names = _distances(queries, choices)  # one more than the cutoff where further apart
    shorts = [choice[2] for choice in choices]
    found = []
    for position, (cle, name, short) in enumerate(queries):
        scores: dict[str, float] = {}
        allowed = _edits(name)
        close = (names[position] <= allowed) | (sorted_names[position] <= allowed)
        for index in np.flatnonzero(close).tolist():
            other_cle, other, _ = choices[index]
            if _digits(name) != _digits(other) or not _kinds_agree(cle, name, other_cle, other):
                continue
            length = max(len(name), len(other))
            straight, by_word = int(names[position, index]), int(sorted_names[position, index])
            if straight <= allowed:
                scores[other_cle] = 1.0 - thresholds.faute * straight / length
            if by_word <= allowed:
                swapped = thresholds.mots_inverses - thresholds.faute * by_word / length
                scores[other_cle] = max(scores.get(other_cle, 0.0), swapped)
        if short is not None:
            for index, other_short in enumerate(shorts):
                other_cle, other, _ = choices[index]
                if other_short == short and _kinds_agree(cle, name, other_cle, other):
                    scores[other_cle] = max(scores.get(other_cle, 0.0), thresholds.sans_titre)
        best = max(scores.values(), default=0.0)
        near = [key for key, score in scores.items() if score > best - thresholds.marge]
        if len(near) == 1 and best >= thresholds.voie_minimale:
            found.append((cle, near[0], best))
    return found


def _distances(
    queries: Sequence[Street], choices: Sequence[Street]
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.uint8]], np.ndarray[tuple[int, int], np.dtype[np.uint8]]]:
    """Edits (a swap of neighbours is one) between the names, as written and with their words sorted."""
    asked, known = [query[1] for query in queries], [choice[1] for choice in choices]
    straight = process.cdist(asked, known, scorer=OSA.distance, score_cutoff=3, dtype=np.uint8)
    by_word = process.cdist(
        [_sorted(name) for name in asked],
        [_sorted(name) for name in known],
        scorer=OSA.distance,
        score_cutoff=3,
        dtype=np.uint8,
    )
    return straight, by_word


def _sorted(name: str) -> str:
    return " ".join(sorted(name.split()))


def _edits(name: str) -> int:
    """How many typing errors a name of that length may hold: short names are too close to one another."""
    length = len(name)
    return 0 if length < 5 else 1 if length < 8 else 2 if length < 14 else 3


def _digits(name: str) -> list[str]:
    """Numbers in a name must agree: the 8th of May is not the 9th."""
    return [word for word in name.split() if word[0].isdigit()]


def _kinds_agree(cle: str, name: str, other_cle: str, other: str) -> bool:
    """Whether two keys have the same kind of way, or one of them none."""
    kind, other_kind = cle.removesuffix(name), other_cle.removesuffix(other)
    return kind == other_kind or not kind or not other_kind
