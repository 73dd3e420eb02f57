"""Approximate street names within one commune: typing errors, swapped words, titles and first names left out.

Only addresses that no exact key answers come here, and only places of their own commune (or postal code's area)
are compared: an approximation may choose the wrong street, never the wrong town.

Typing errors are counted on the name with and without its articles, the least number being kept: they fall on
articles as on any word. How many are allowed depends on the length of the name. A few more are, and short names
may hold one, when there is other evidence: the number asked is one of the street's. A name that is nearly two
streets is the one that resembles it more, or neither.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from scoring.geocode.normalise import by_value, full_name, without_words
from scoring.geocode.scores import Thresholds
from scoring.geocode.vocabulary import FIRST_NAMES, TITLES

Numbers = npt.NDArray[Any]

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
# From how many edits a word may be another one, and the share of its letters that are then edited.
_SEVERAL = 3
_OTHER = 0.5
_LETTERS = 26
# Pairs of names compared at once: bounds the memory.
_CHUNK = 4_000_000


def short_name(name: pl.Expr) -> pl.Expr:
    """A name without titles and first names; null where nothing telling is left."""
    words = without_words(name, (*TITLES, *FIRST_NAMES))
    return pl.when(words.str.len_chars() >= 4).then(words)


def approximate(asked: pl.DataFrame, places: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """Place keys that readings may mean.

    Args:
        asked: readings without any exact candidate: ``cle_adresse``, ``cle``, ``cle_nom``, ``mots``,
            ``code_commune``, ``code_postal``.
        places: columns of :attr:`scoring.geocode.index.Index.places`.
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


def _pairs(queries: pl.DataFrame, streets: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """The streets that each query may mean, within its area: ``_area``, ``cle``, ``mots``, and the answer."""
    queries = _with_names(queries).with_row_index("_query")
    streets = _with_names(streets).with_row_index("_street")
    rows, places = _alike(queries, streets, thresholds)
    names = ["cle_nom", "_full", "_words", "_every_word", "_figures"]
    pairs = pl.concat(
        [
            queries.select("_query", *names)[rows],
            streets.select("_street", pl.col(names).name.suffix("_place"))[places],
        ],
        how="horizontal",
    ).filter(pl.col("_figures") == pl.col("_figures_place"))
    scored = [_spelt(pairs, thresholds), _untitled(queries, streets, thresholds)]
    return (
        pl.concat(scored)
        .join(queries.select("_query", "_area", "cle", "mots"), on="_query")
        .join(streets.select("_street", place_cle="cle"), on="_street")
        # Two ways of writing one street have one key: the better one speaks for it.
        .sort("exige_numero", "s_voie", "ressemblance", "_street", descending=[False, True, True, False])
        .unique(["_area", "cle", "mots", "place_cle"], keep="first", maintain_order=True)
    )


def _with_names(frame: pl.DataFrame) -> pl.DataFrame:
    """Add what names are compared by: with articles, without titles, kind of way, figures, words, letters."""
    # A name stands in many communes: what it holds is read once.
    read = frame.select("cle", "cle_nom", "mots").unique()
    read = read.with_columns(
        _short=by_value(read["cle_nom"], short_name),
        _full=by_value(read["mots"], full_name).fill_null(""),
        _kind=pl.col("cle").str.strip_suffix(pl.col("cle_nom")),
        # Numbers in a name must agree: the 8th of May is not the 9th.
        _figures=pl.col("cle_nom").str.extract_all(r"[0-9]+").list.sort().list.join(" "),
        _words=by_value(read["cle_nom"], _sorted),
        _every_word=by_value(read["cle"], _sorted),
    )
    read = read.with_columns(_letters=letters(read["cle_nom"]), _all_letters=letters(read["_full"]))
    return frame.join(
        read, on=["cle", "cle_nom", "mots"], how="left", nulls_equal=True, maintain_order="left"
    )


def letters(names: pl.Series) -> pl.Series:
    """The letters that names (capitals, String) hold once and twice, as bits (UInt64).

    An edit changes two of them at most. Counted outside the engine, all letters at once: it has no count of letters,
    and one question a letter cost more than the comparison that this spares.
    """
    texts = names.fill_null("")
    lengths = texts.str.len_bytes().to_numpy()
    here = np.frombuffer("".join(texts.to_list()).encode(), dtype=np.uint8).astype(np.int64) - ord("A")
    row = np.repeat(np.arange(len(texts)), lengths)
    letter = (here >= 0) & (here < _LETTERS)
    counts = np.bincount(row[letter] * _LETTERS + here[letter], minlength=len(texts) * _LETTERS)
    counts = counts.reshape(-1, _LETTERS)
    place = np.arange(_LETTERS, dtype=np.uint64)
    once, twice = np.uint64(1) << place, np.uint64(1) << (place + np.uint64(_LETTERS))
    return pl.Series(names.name, (counts >= 1) @ once + (counts >= 2) @ twice, dtype=pl.UInt64)


def _alike(queries: pl.DataFrame, streets: pl.DataFrame, thresholds: Thresholds) -> tuple[Numbers, Numbers]:
    """Row numbers of the pairs of one area, of one kind of way, whose letters are few edits apart at most.

    Counting edits is dear; most pairs are set aside by their letters alone, whatever the order of the words.
    A street without a kind may be of any.
    """
    steps = np.array(thresholds.fautes_avec_numero)
    kinds = pl.concat([queries["_kind"], streets["_kind"]]).unique().sort()
    numbers = {kind: place for place, kind in enumerate(["", *kinds.filter(kinds != "")])}
    own, known = _arrays(queries, numbers), _arrays(streets, numbers)
    spans = dict(_spans(streets["_area"]))
    rows: list[Numbers] = [np.empty(0, dtype=np.int64)]
    places: list[Numbers] = [np.empty(0, dtype=np.int64)]
    for area, whole in _spans(queries["_area"]):
        there = spans.get(area)
        if there is None:
            continue
        lengths, kind, letters_there, all_there = (array[there] for array in known)
        for start in range(whole.start, whole.stop, max(1, _CHUNK // lengths.size)):
            here = slice(start, min(whole.stop, start + max(1, _CHUNK // lengths.size)))
            own_lengths, own_kind, letters_here, all_here = (array[here, None] for array in own)
            likely = np.searchsorted(steps, np.maximum(own_lengths, lengths), side="right")
            most = (2 * likely).astype(np.uint8)
            close = np.bitwise_count(letters_here ^ letters_there) <= most
            close |= np.bitwise_count(all_here ^ all_there) <= most
            close &= (own_kind == kind) | (own_kind == 0) | (kind == 0)
            asked, answers = np.nonzero(close)
            rows.append(asked + start)
            places.append(answers + there.start)
    return np.concatenate(rows), np.concatenate(places)


def _spans(areas: pl.Series) -> list[tuple[str, slice]]:
    """Where each area stands in a sorted column."""
    runs = areas.rle().struct.unnest()
    ends = runs["len"].cast(pl.Int64).cum_sum()
    starts = ends - runs["len"].cast(pl.Int64)
    return [(area, slice(*span)) for area, *span in zip(runs["value"], starts, ends, strict=True)]


def _arrays(frame: pl.DataFrame, kinds: dict[str, int]) -> list[Numbers]:
    """Lengths of the names, kinds of way as numbers, letters without and with articles."""
    return [
        frame["cle_nom"].str.len_chars().to_numpy(),
        frame["_kind"].replace_strict(kinds, return_dtype=pl.Int16).to_numpy(),
        frame["_letters"].to_numpy(),
        frame["_all_letters"].to_numpy(),
    ]


def _spelt(pairs: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """Pairs that differ by typing errors or by the order of their words, with their score."""
    most = len(thresholds.fautes_avec_numero)
    edits = np.minimum(
        _edits(pairs["cle_nom"], pairs["cle_nom_place"], most),
        _edits(pairs["_full"], pairs["_full_place"], most),
    )
    by_word = np.minimum(
        _edits(pairs["_words"], pairs["_words_place"], most),
        # "RUE GRANDE" for "GRANDE RUE": the kind of way may be one of the words.
        np.where((pairs["_every_word"] == pairs["_every_word_place"]).to_numpy(), 0, most + 1),
    )
    own = pl.col("cle_nom").str.len_chars()
    longest = pl.max_horizontal(own, pl.col("cle_nom_place").str.len_chars())
    pairs = pairs.with_columns(
        _edits=pl.Series(edits, dtype=pl.Int64),
        _by_word=pl.Series(by_word, dtype=pl.Int64),
        _length=longest,
        _sure=pl.sum_horizontal(own >= step for step in thresholds.fautes_sures),
        _likely=pl.sum_horizontal(longest >= step for step in thresholds.fautes_avec_numero),
    )
    ways = []
    for errors, trust in (("_edits", 1.0), ("_by_word", thresholds.mots_inverses)):
        score = trust - thresholds.faute * pl.col(errors) / pl.col("_length")
        sure = (pl.col(errors) <= pl.col("_sure")) & (score >= thresholds.voie_minimale)
        ways.append(
            pairs.with_columns(s_voie=score, exige_numero=~sure).filter(
                pl.col(errors) <= pl.col("_likely"),
                ~pl.col("exige_numero") | (pl.col("s_voie") >= thresholds.voie_avec_numero),
            )
        )
    near = pl.concat(ways)
    near = near.filter(~pl.Series(_replaced(near), dtype=pl.Boolean))
    alike = process.cpdist(
        near["_full"].to_list(),
        near["_full_place"].to_list(),
        scorer=JaroWinkler.similarity,
        dtype=np.float64,
    )
    return near.with_columns(ressemblance=pl.Series(alike, dtype=pl.Float64)).select(_SCORED)


def _replaced(pairs: pl.DataFrame) -> list[bool]:
    """Whether one word stands for another: "PIERRE LE VIEUX" is as few edits from "Pierre-le-Jeune" as a bad typist."""
    names = pairs.select("cle_nom", "cle_nom_place", pl.min_horizontal("_edits", "_by_word")).iter_rows()
    return [
        edits >= _SEVERAL and _other_word(own.split(" "), known.split(" ")) for own, known, edits in names
    ]


def _other_word(own: list[str], known: list[str]) -> bool:
    """Whether two names of as many words hold, at one place, words that share less than half of their letters."""
    if len(own) != len(known) or len(own) < 2 or sorted(own) == sorted(known):
        return False
    pairs = [(one, two) for one, two in zip(sorted(own), sorted(known), strict=True) if one != two]
    in_place = [(one, two) for one, two in zip(own, known, strict=True) if one != two]
    return all(
        any(OSA.normalized_distance(one, two) > _OTHER for one, two in order) for order in (pairs, in_place)
    )


def _untitled(queries: pl.DataFrame, streets: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """Pairs that agree but for titles and first names, with their score."""
    return (
        queries.drop_nulls("_short")
        .join(
            streets.select("_area", "_short", "_street", cle_nom_place="cle_nom", _kind_place="_kind"),
            on=["_area", "_short"],
        )
        .filter(
            (pl.col("_kind") == pl.col("_kind_place"))
            | (pl.col("_kind") == "")
            | (pl.col("_kind_place") == ""),
            _no_clash(TITLES),
            _no_clash(FIRST_NAMES),
        )
        .with_columns(
            s_voie=pl.lit(thresholds.sans_titre), ressemblance=pl.lit(1.0), exige_numero=pl.lit(False)
        )
        .select(_SCORED)
    )


def _no_clash(words: list[str]) -> pl.Expr:
    """Whether one of two names has none of these words, or both share one: Denis Humbert is not Antoine Humbert."""
    own = pl.col("cle_nom").str.split(" ").list.set_intersection(words)
    other = pl.col("cle_nom_place").str.split(" ").list.set_intersection(words)
    return (own.list.len() == 0) | (other.list.len() == 0) | (own.list.set_intersection(other).list.len() > 0)


_SCORED = ["_query", "_street", "s_voie", "ressemblance", "exige_numero"]


def _edits(asked: pl.Series, known: pl.Series, most: int) -> Numbers:
    """Edits between names side by side, a swap of neighbours being one; one over the most if further apart."""
    return process.cpdist(
        asked.to_list(), known.to_list(), scorer=OSA.distance, score_cutoff=most, dtype=np.uint8
    )


def _sorted(name: pl.Expr) -> pl.Expr:
    """The words of a name in alphabetical order."""
    return name.str.split(" ").list.sort().list.join(" ")
