"""Approximate street names within one commune: typing errors, swapped words, titles and first names left out.

Only addresses that no exact key answers come here, and only places of their own commune (or postal code's area)
are compared: an approximation may choose the wrong street, never the wrong town.

Typing errors are counted on the name with and without its articles, the least number being kept: they fall on
articles as on any word. How many are allowed depends on the length of the name. A few more are, and short names
may hold one, when there is other evidence: the number asked is one of the street's. A name that is nearly two
streets is the one that resembles it more, or neither.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from ingest.geocode.normalise import by_value, full_name, without_words
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
    {
        "cle_adresse": pl.String,
        "cle": pl.String,
        "place_cle": pl.String,
        "s_voie": pl.Float64,
        "ressemblance": pl.Float64,
        "exige_numero": pl.Boolean,
    }
)
# More errors than this are never allowed: distances are not counted further.
_MOST = 4


def short_name(name: pl.Expr) -> pl.Expr:
    """A name without titles and first names; null where nothing telling is left."""
    words = without_words(name, (*TITLES, *FIRST_NAMES))
    return pl.when(words.str.len_chars() >= 4).then(words)


def approximate(asked: pl.DataFrame, places: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """Place keys that readings may mean.

    Args:
        asked: readings without any exact candidate: ``cle_adresse``, ``cle``, ``cle_nom``, ``mots``,
            ``code_commune``, ``code_postal``.
        places: columns of :attr:`ingest.geocode.index.Index.places`.
        thresholds: the constants of the score.

    Returns:
        Columns of :data:`APPROXIMATION_SCHEMA`: every place key near enough to a reading. ``exige_numero``
        says that it may only be believed if the street has the number asked; ``ressemblance`` (0–1) tells
        apart those that ``s_voie`` does not. :func:`standing_out` chooses.
    """
    found = [pl.DataFrame(schema=APPROXIMATION_SCHEMA)]
    for area in ("code_commune", "code_postal"):
        known = (
            pl.col("code_commune").is_not_null()
            if area == "code_commune"
            else pl.col("code_commune").is_null()
        )
        wanted = (
            asked.filter(known, pl.col(area).is_not_null())
            .select("cle_adresse", "cle", "cle_nom", "mots", _area=area)
            .unique()
        )
        if wanted.is_empty():
            continue
        streets = (
            places.select("cle", "cle_nom", mots="nom", _area=area)
            .join(wanted.select("_area").unique(), on="_area", how="semi")
            .unique(["_area", "cle", "mots"])
            .sort("_area", "cle", "mots")
        )
        queries = wanted.drop("cle_adresse").unique(["_area", "cle", "mots"]).sort("_area", "cle", "mots")
        pairs = _pairs(queries, streets, thresholds)
        found.append(wanted.join(pairs, on=["_area", "cle", "mots"]).select(APPROXIMATION_SCHEMA.names()))
    return pl.concat(found)


def standing_out(candidates: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """The candidates of each address that stand out from the others, if they are one street.

    Args:
        candidates: ``cle_adresse``, ``place_cle``, ``s_voie``, ``ressemblance``, and any other column.
    """
    best = pl.col("s_voie").max().over("cle_adresse")
    near = candidates.filter(pl.col("s_voie") > best - thresholds.marge)
    closest = pl.col("ressemblance").max().over("cle_adresse")
    near = near.filter(pl.col("ressemblance") > closest - thresholds.marge_ressemblance)
    return near.filter(pl.col("place_cle").n_unique().over("cle_adresse") == 1)


@dataclass(frozen=True)
class _Names:
    """Names side by side, one row a street: keys, names without and with articles, without titles."""

    keys: list[str]
    names: list[str]
    full: list[str]
    short: list[str | None]
    kinds: list[str]
    digits: list[tuple[str, ...]]

    @classmethod
    def of(cls, frame: pl.DataFrame) -> _Names:
        keys, names = frame["cle"].to_list(), frame["cle_nom"].to_list()
        return cls(
            keys,
            names,
            frame["_full"].to_list(),
            frame["_short"].to_list(),
            [key.removesuffix(name) for key, name in zip(keys, names, strict=True)],
            [_digits(name) for name in names],
        )


def _pairs(queries: pl.DataFrame, streets: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """The streets that each query may mean, area by area: ``_area``, ``cle``, ``mots``, and the answer."""
    queries, streets = _with_names(queries), _with_names(streets)
    by_area = streets.partition_by("_area", as_dict=True)
    rows: list[tuple[str, str, str, str, float, float, bool]] = []
    for (area,), group in queries.group_by("_area", maintain_order=True):
        known = by_area.get((area,))
        if known is None:
            continue
        words = group["mots"].to_list()
        asked, choices = _Names.of(group), _Names.of(known)
        for position, index, score, alike, needs_number in _matches(asked, choices, thresholds):
            answer = (choices.keys[index], score, alike, needs_number)
            rows.append((str(area), asked.keys[position], words[position], *answer))
    schema = {"_area": pl.String, "cle": pl.String, "mots": pl.String, "place_cle": pl.String}
    schema |= {"s_voie": pl.Float64, "ressemblance": pl.Float64, "exige_numero": pl.Boolean}
    return (
        pl.DataFrame(rows, schema=schema, orient="row")
        # Two ways of writing one street have one key: the better one speaks for it.
        .sort("s_voie", "ressemblance", descending=True, maintain_order=True)
        .unique(["_area", "cle", "mots", "place_cle"], keep="first", maintain_order=True)
    )


def _with_names(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        _short=by_value(frame["cle_nom"], short_name),
        _full=by_value(frame["mots"], full_name).fill_null(""),
    )


def _matches(
    asked: _Names, choices: _Names, thresholds: Thresholds
) -> list[tuple[int, int, float, float, bool]]:
    """The streets that each query may mean: (query, street, s_voie, resemblance, needs its number)."""
    straight = np.minimum(_distances(asked.names, choices.names), _distances(asked.full, choices.full))
    by_word = _distances([_sorted(n) for n in asked.keys], [_sorted(n) for n in choices.keys])
    by_name = _distances([_sorted(n) for n in asked.names], [_sorted(n) for n in choices.names])
    by_word = np.minimum(by_word, by_name)
    lengths = np.array([len(name) for name in choices.names])
    found: dict[tuple[int, int], tuple[float, float, bool]] = {}

    def keep(position: int, index: int, score: float, alike: float, needs_number: bool) -> None:
        best = found.get((position, index))
        if best is None or (not needs_number, score) > (not best[2], best[0]):
            found[position, index] = (score, alike, needs_number)

    shorts: dict[str, list[int]] = {}
    for index, short in enumerate(choices.short):
        if short is not None:
            shorts.setdefault(short, []).append(index)
    for position, name in enumerate(asked.names):
        # The longer of the two names allows the more errors; a street's own name weighs as much.
        longest = np.maximum(lengths, len(name))
        allowed = _SURE[np.minimum(len(name), _LONGEST)]
        likely = _LIKELY[np.minimum(longest, _LONGEST)]
        near = np.minimum(straight[position], by_word[position])
        for index in np.flatnonzero(near <= likely).tolist():
            if not _comparable(asked, position, choices, index):
                continue
            length = int(longest[index])
            for errors, trust in ((straight, 1.0), (by_word, thresholds.mots_inverses)):
                count = int(errors[position, index])
                score = trust - thresholds.faute * count / length
                sure = count <= allowed and score >= thresholds.voie_minimale
                if count <= likely[index] and (sure or score >= thresholds.voie_avec_numero):
                    alike = float(JaroWinkler.similarity(asked.full[position], choices.full[index]))
                    keep(position, index, score, alike, not sure)
        for index in shorts.get(asked.short[position] or "", ()):
            if _comparable(asked, position, choices, index, figures=False):
                keep(position, index, thresholds.sans_titre, 1.0, False)
    return [(*pair, *answer) for pair, answer in found.items()]


def _distances(asked: list[str], known: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Edits between names, a swap of neighbours being one; one more than the most where further apart."""
    return process.cdist(asked, known, scorer=OSA.distance, score_cutoff=_MOST, dtype=np.uint8, workers=-1)


def _sorted(name: str) -> str:
    return " ".join(sorted(name.split()))


# Typing errors that a name of each length may hold by itself: short names are too close to one another.
_SURE = np.array([0] * 5 + [1] * 3 + [2] * 6 + [3])
# The same when the number asked is one of the street's.
_LIKELY = np.array([0] * 3 + [1] * 1 + [2] * 4 + [3] * 6 + [4])
_LONGEST = 14


def _digits(name: str) -> tuple[str, ...]:
    """Numbers in a name must agree: the 8th of May is not the 9th."""
    return tuple(sorted(word for word in name.split() if word[0].isdigit()))


def _comparable(asked: _Names, position: int, choices: _Names, index: int, *, figures: bool = True) -> bool:
    """Whether two streets have the same figures, and the same kind of way or one of them none."""
    kind, other = asked.kinds[position], choices.kinds[index]
    if kind and other and kind != other:
        return False
    return not figures or asked.digits[position] == choices.digits[index]
