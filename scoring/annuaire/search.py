"""Search as one types: names, establishments and communes, whatever their accents and despite small slips.

An index is built once per version of the tables. Its words are sorted, so that those which begin like a typed word
follow one another: looking a word up is two bisections and a slice. When too little answers, words that are nearly
the typed one are looked for too (optimal string alignment: a letter added, dropped, replaced, or two neighbours
swapped), and their answers come after the others.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from lake.text import folded_words
from scoring.annuaire import spoken

FEW = 5
"""With fewer exact answers than this, near ones are added after them."""
MOST_WORDS = 8
LEAD, NAME, REST = 5, 4, 1
"""What a word weighs that is found first in a name, in a name, or elsewhere (profession, commune, number)."""
_SLIPS = ((8, 2), (4, 1))
_SHORT = {"st": "saint", "ste": "sainte"}
_EXACT, _BEGUN, _NEAR = 1.0, 0.5, 0.4
_MEANT = 0.8
"""A word of the register that the typed one stands for weighs nearly as much as itself."""
_WRITTEN = 3.0
"""A whole word typed with others weighs more than the beginning of a name (at most 2.5), less than a name (4, 5)."""

Numbers = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Index:
    """What :func:`search` looks into; see :func:`build`.

    Attributes:
        entries: ``genre``, ``code`` (String), in the order that breaks ties.
        words: distinct words, sorted.
        starts: where each word's postings begin (Int64, one more than there are words).
        where: entries that hold the word (UInt32).
        weights: :data:`LEAD`, :data:`NAME` or :data:`REST` (UInt8).
    """

    entries: pl.DataFrame
    words: list[str]
    starts: Numbers
    where: Numbers
    weights: Numbers
    _begun: dict[int, tuple[list[str], Numbers]] = field(default_factory=dict, repr=False)

    def beginnings(self, length: int) -> tuple[list[str], Numbers]:
        """The distinct beginnings of that length, and the rank of the first word of each (kept once made)."""
        found = self._begun.get(length)
        if found is None:
            cut = [word[:length] for word in self.words]
            ranks = [i for i, word in enumerate(cut) if not i or word != cut[i - 1]]
            found = [cut[i] for i in ranks], np.asarray([*ranks, len(cut)], dtype=np.int64)
            self._begun[length] = found
        return found


def build(entries: pl.LazyFrame) -> Index:
    """Index entries.

    Args:
        entries: ``genre`` (String: the kind), ``code`` (String: unique in its kind), ``nom`` (String: its name)
            and ``reste`` (String: what else finds it), in the order that breaks ties.
    """
    rows = entries.with_row_index("entree").with_columns(nom=pl.col("nom").fill_null("")).collect()
    # « N'DIAYE » answers to « ndiaye » too, « LE GOFF » to « legoff ».
    glued = folded_words(pl.col("nom").str.replace_all(r"['’\-]", ""))
    whole = folded_words(pl.col("nom")).str.replace_all(" ", "")
    first = folded_words(pl.col("nom")).str.split(" ").list.first()
    texts = [
        rows.lazy().select("entree", texte=first, poids=pl.lit(LEAD, pl.UInt8)),
        rows.lazy().select("entree", texte=folded_words(pl.col("nom")), poids=pl.lit(NAME, pl.UInt8)),
        rows.lazy()
        .filter(pl.col("nom").str.contains(r"['’\-]"))
        .select("entree", texte=glued, poids=pl.lit(NAME, pl.UInt8)),
        rows.lazy()
        .filter(pl.col("nom").str.count_matches(" ") == 1)
        .select("entree", texte=whole, poids=pl.lit(NAME, pl.UInt8)),
        rows.lazy().select("entree", texte=folded_words(pl.col("reste")), poids=pl.lit(REST, pl.UInt8)),
    ]
    postings = (
        pl.concat(texts)
        .with_columns(mot=pl.col("texte").str.split(" "))
        .explode("mot", empty_as_null=True)
        .filter(pl.col("mot") != "")
        .group_by("mot", "entree")
        .agg(pl.col("poids").max())
        .sort("mot", "entree")
        .collect()
    )
    words = postings.select(mot=pl.col("mot").rle())["mot"].struct.unnest()
    starts = np.concatenate([[0], words["len"].cast(pl.Int64).cum_sum().to_numpy()])
    return Index(
        rows.select("genre", "code"),
        words["value"].to_list(),
        starts,
        postings["entree"].to_numpy(),
        postings["poids"].to_numpy(),
    )


def search(index: Index, typed: str, *, few: int = FEW) -> pl.DataFrame:
    """The entries in which every typed word begins a word, best first; near ones too when they are few.

    Args:
        index: made by :func:`build`.
        typed: what the reader typed, complete or not.
        few: with fewer exact answers than this, near ones are added after them.

    Returns:
        DataFrame: ``genre``, ``code`` (String), ``note`` (Float32: the greater the better, comparable within one
        answer only), ``proche`` (Boolean: found by words that are only nearly the typed ones). Empty when nothing
        was typed.
    """
    wanted = words_of(typed)
    if not wanted:
        return index.entries.clear().with_columns(
            note=pl.lit(None, pl.Float32), proche=pl.lit(None, pl.Boolean)
        )
    exact = _scores(index, wanted, near=False)
    kept = np.flatnonzero(exact)
    near = np.zeros(0, dtype=np.int64)
    if len(kept) < few:
        loose = _scores(index, wanted, near=True)
        loose[kept] = 0
        near = np.flatnonzero(loose)
        exact = exact + loose
    parts = [part[np.argsort(-exact[part], kind="stable")] for part in (kept, near)]
    order = np.concatenate(parts)
    return index.entries[order].with_columns(
        note=pl.Series(exact[order], dtype=pl.Float32),
        proche=pl.Series(np.arange(len(order)) >= len(kept), dtype=pl.Boolean),
    )


def words_of(typed: str) -> list[str]:
    """The words that a search compares: without accents, case or punctuation; eight at most."""
    text: str = pl.select(folded_words(pl.lit(typed))).item()
    return text.split()[:MOST_WORDS]


def slips(word: str) -> int:
    """How many slips a word may hold: none under 4 letters or in a number, 1 under 8, then 2."""
    if any(letter.isdigit() for letter in word):
        return 0
    return next((most for least, most in _SLIPS if len(word) >= least), 0)


def _scores(index: Index, wanted: list[str], *, near: bool) -> Numbers:
    """The score of every entry: the sum over the words, 0 as soon as one of them is not there."""
    total = np.zeros(index.entries.height, dtype=np.float32)
    everywhere = np.ones(index.entries.height, dtype=bool)
    for word, meanings, missing in spoken.read(wanted):
        found = _typed(index, word.split(), near=near, together=len(wanted) > 1)
        for meaning in meanings:
            np.maximum(found, _meant(index, meaning), out=found)
        if not missing:
            everywhere &= found > 0
        total += found
    return np.where(everywhere, total, np.float32(0))


def _typed(index: Index, words: list[str], *, near: bool, together: bool) -> Numbers:
    """The score of the words as they were typed; all of them are needed.

    Typed with others, a whole word is the place or the profession that it writes, before the beginning of a name:
    « infirmière metz » looks for Metz, then for the METZGER.
    """
    scores = []
    for word in words:
        found = np.zeros(index.entries.height, dtype=np.float32)
        if near:
            _near(index, word, found)
        _begun(index, word, found)
        if word in _SHORT:
            _begun(index, _SHORT[word], found)
        if together:
            _whole(index, word, found)
        scores.append(found)
    return np.asarray(np.minimum.reduce(scores))


def _whole(index: Index, word: str, found: Numbers) -> None:
    """Raise the entries that hold the very word elsewhere than in their name."""
    rank = bisect_left(index.words, word)
    if rank < len(index.words) and index.words[rank] == word:
        postings = slice(index.starts[rank], index.starts[rank + 1])
        rest = index.where[postings][index.weights[postings] == REST]
        np.maximum.at(found, rest, np.float32(_WRITTEN))


def _meant(index: Index, words: tuple[str, ...]) -> Numbers:
    """The score of words of the register: of a profession, a specialty, a category, never of a name."""
    scores = []
    for word in words:
        found = np.zeros(index.entries.height, dtype=np.float32)
        first, last = bisect_left(index.words, word), bisect_left(index.words, word + "{")
        postings = slice(index.starts[first], index.starts[last])
        rest = index.where[postings][index.weights[postings] == REST]
        found[rest] = REST * np.float32(_MEANT)
        scores.append(found)
    return np.asarray(np.minimum.reduce(scores))


def _begun(index: Index, word: str, found: Numbers) -> None:
    """Note the entries that hold the word, or a word that begins like it."""
    first, last = bisect_left(index.words, word), bisect_left(index.words, word + "{")  # "{" follows "z"
    _note(index, first, last, _BEGUN, found)
    if first < last and index.words[first] == word:
        _note(index, first, first + 1, _EXACT, found)


def _near(index: Index, word: str, found: Numbers) -> None:
    """Note the entries that hold a word that begins nearly like it."""
    most = slips(word)
    if not most:
        return
    # Of the same length, and of one letter more: a dropped letter shortens what was typed.
    for length in (len(word), len(word) + 1):
        begun, ranks = index.beginnings(length)
        distances = cdist([word], begun, scorer=OSA.distance, score_cutoff=most, dtype=np.uint8)[0]
        for rank in np.flatnonzero(distances <= most):
            quality = _NEAR - 0.1 * float(distances[rank])
            _note(index, int(ranks[rank]), int(ranks[rank + 1]), quality, found)


def _note(index: Index, first: int, last: int, quality: float, found: Numbers) -> None:
    """Raise the score of the entries of these words."""
    postings = slice(index.starts[first], index.starts[last])
    scores = index.weights[postings] * np.float32(quality)
    np.maximum.at(found, index.where[postings], scores.astype(np.float32))
