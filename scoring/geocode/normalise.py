"""One spelling for the many ways an address is written.

The same rules are applied to the Base Adresse Nationale and to what registers say, so that equal places get equal
keys. Functions of an expression take a String expression and return one; :func:`street_keys` and
:func:`place_keys` take a Series, since numerals are read outside the engine, each distinct value once. Nulls stay
null and a text without any word becomes null. Each normalisation is idempotent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import polars as pl

from scoring.geocode.numerals import MONTHS, figures
from scoring.geocode.vocabulary import ARTICLES, INITIALS, PHRASES, ROADS, WAYS, WORDS

Spelling = Callable[[pl.Expr], pl.Expr]
SeriesSpelling = Callable[[pl.Series], pl.Series]


def by_value(values: pl.Series, spell: Spelling) -> pl.Series:
    """Apply a normalisation once per distinct value: registers repeat themselves.

    Args:
        values: texts (String).
        spell: one of this module's functions of an expression.
    """
    return each_value(values, lambda distinct: spelt(distinct, spell))


def each_value(values: pl.Series, spell: SeriesSpelling) -> pl.Series:
    """The same for a function of a Series."""
    distinct = values.unique()
    if distinct.len() == values.len():
        return spell(values).alias(values.name)
    table = pl.DataFrame({"_value": distinct, "_spelled": spell(distinct)})
    column = values.alias("_value").to_frame()
    joined = column.join(table, on="_value", how="left", nulls_equal=True, maintain_order="left")
    return joined["_spelled"].alias(values.name)


def spelt(values: pl.Series, spell: Spelling) -> pl.Series:
    """An expression's normalisation of a Series."""
    # Lazily, so that an expression that stands several times in a normalisation is computed once. In one chunk:
    # string functions of Polars 2.1 panic on a chunk that a filter has emptied.
    return (
        values.rechunk()
        .alias("_value")
        .to_frame()
        .lazy()
        .select(spell(pl.col("_value")))
        .collect()
        .to_series()
    )


def plain(text: pl.Expr) -> pl.Expr:
    """Upper-case ASCII words separated by single spaces: no accents, ligatures, punctuation or hyphens."""
    words = ascii_capitals(text).str.replace_all(r"[^A-Z0-9]+", " ").str.strip_chars(" ")
    return pl.when(words != "").then(words)


def ascii_capitals(text: pl.Expr) -> pl.Expr:
    """Capitals without accents or ligatures; the rest stands."""
    return (
        text.str.to_uppercase()
        .str.replace_many(["Œ", "Æ", "ß"], ["OE", "AE", "SS"])
        .str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        # Compatibility decomposition may leave lower-case letters behind ("№" becomes "No").
        .str.to_uppercase()
    )


def each_word(text: pl.Expr) -> pl.Expr:
    """Surround every word with spaces of its own, and mark the start, so that whole words can be replaced."""
    return pl.format("^ {} ", text.str.replace_all(" ", "  ", literal=True))


def joined(text: pl.Expr) -> pl.Expr:
    """Undo :func:`each_word`."""
    words = text.str.replace("^", "", literal=True).str.replace_all(r" +", " ").str.strip_chars(" ")
    return pl.when(words != "").then(words)


def replace_words(text: pl.Expr, table: dict[str, str], *, opening: bool = False) -> pl.Expr:
    """Replace whole words (or runs of words) of a spaced text; only the opening ones if ``opening``."""
    start = "^ " if opening else " "
    # Longest first: with leftmost matching the first pattern given wins.
    ordered = sorted(table.items(), key=lambda item: -len(item[0]))
    patterns = [f"{start}{key.replace(' ', '  ')} " for key, _ in ordered]
    values = [f"{start}{value.replace(' ', '  ')} " for _, value in ordered]
    return text.str.replace_many(patterns, values, leftmost=True)


_OPENING = {abbreviation: way for way, abbreviations in WAYS.items() for abbreviation in abbreviations}


def expand(words: pl.Expr) -> pl.Expr:
    """Write abbreviations out in plain words: the kind of way that opens a name, and titles anywhere."""
    # "RN4", "RD1083": the number of a road is a word of its own.
    spaced = each_word(words.str.replace(r"\b(RN|RD|CD)([0-9])", "${1} ${2}"))
    spaced = replace_words(spaced, PHRASES)
    spaced = replace_words(spaced, _OPENING, opening=True)
    return joined(replace_words(replace_words(spaced, WORDS), _OPENING, opening=True))


def without_words(words: pl.Expr, dropped: Iterable[str]) -> pl.Expr:
    """Drop some words, unless nothing else is left."""
    bare = joined(replace_words(each_word(words), dict.fromkeys(dropped, "")))
    return pl.coalesce(bare, words)


def without_articles(words: pl.Expr) -> pl.Expr:
    """Drop articles and linking words, unless nothing else is left."""
    return without_words(words, ARTICLES)


# Ends of ordinals in figures: "1ER", "2EME", "2 EME", "152E".
_ORDINAL_END = r"\b([0-9]+)(?:ERE?|RE|I?EMES?|E|NDE?|D)\b"
_ORDINAL_APART = r"\b([0-9]+) (?:ERE?|I?EMES?|NDE?)\b"
# "ROUTE NATIONALE N° 4".
_NUMBER_SIGN = r"(?: (?:N|NO|NUM|NUMERO))+ ?([0-9]+)\b"
# "DU8MAI1945".
_STUCK_BEFORE = r"\b([A-Z]{2,})([0-9]+)"
_STUCK_AFTER = r"([0-9])([A-Z]{3,})\b"
# "8 MAI 45": the years that streets bear, where the century is left out.
_MONTHS = "|".join(MONTHS)
_SHORT_YEAR = rf"\b({_MONTHS}) (1[4-8]|39|4[0-5]|5[46]|62)\b"


def numbers_in_figures(words: pl.Series) -> pl.Series:
    """Plain words with ordinals, numbers in words, Roman figures and short years as plain figures.

    Few names hold a figure or initials: only those are looked at for what figures and initials need.
    """
    words = _where(words, r"[0-9]|\b[A-Z] [A-Z]\b", _glued)
    return _where(figures(words), "[0-9]", lambda text: text.str.replace_all(_SHORT_YEAR, "${1} 19${2}"))


def _glued(text: pl.Expr) -> pl.Expr:
    """Ordinals as figures, a number apart from the words it sticks to, initials of one word together."""
    for _ in range(3):  # what is parted may show another ordinal or sign: "№0D", "N N0AAA"
        text = (
            text.str.replace_all(_ORDINAL_END, "${1}")
            .str.replace_all(_ORDINAL_APART, "${1}")
            .str.replace_all(_NUMBER_SIGN, " ${1}")
            .str.replace_all(_STUCK_BEFORE, "${1} ${2}")
            .str.replace_all(_STUCK_AFTER, "${1} ${2}")
        )
    return joined(replace_words(each_word(text), INITIALS))


def _where(values: pl.Series, pattern: str, spell: Spelling) -> pl.Series:
    """A normalisation of the values that hold a pattern; the others stand."""
    worth = values.str.contains(pattern).fill_null(False)
    if not worth.any():
        return values
    return values.scatter(worth.arg_true(), spelt(values.filter(worth), spell))


# "D1420": the D of a road is no article.
_ROAD = "^D ?([0-9]{2,4})$"


_REMEMBERED: ContextVar[dict[str, dict[str, str | None]] | None] = ContextVar("_REMEMBERED", default=None)
# France has some 700,000 names of streets; those of a few departments are enough to meet most of them again.
_MOST_REMEMBERED = 200_000


@contextmanager
def remembering() -> Iterator[None]:
    """Read each distinct name once, while several departments are searched.

    Every department has its "Rue de la Gare", and most addresses ask for a name that the index has just been given.
    """
    token = _REMEMBERED.set({})
    try:
        yield
    finally:
        _REMEMBERED.reset(token)


def _once(values: pl.Series, spell: SeriesSpelling) -> pl.Series:
    """Texts read by a function, those read before being remembered where :func:`remembering` asks for it."""
    memory = _REMEMBERED.get()
    if memory is None:
        return spell(values)
    # Departments are searched a few at once: nothing is ever taken out, so that what was seen stays to be read.
    known = memory.setdefault(spell.__name__, {})
    unknown = values.unique().drop_nulls()
    unknown = unknown.filter(pl.Series([text not in known for text in unknown.to_list()], dtype=pl.Boolean))
    if len(known) + unknown.len() > _MOST_REMEMBERED:
        return each_value(values, spell)
    if unknown.len() > 0:
        known |= zip(unknown.to_list(), spell(unknown).to_list(), strict=True)
    texts = [None if text is None else known[text] for text in values.to_list()]
    return pl.Series(values.name, texts, dtype=pl.String)


def street_keys(values: pl.Series) -> pl.Series:
    """The keys under which spellings of one street meet: plain words, figures, without articles, expanded."""
    return each_value(values, _street_keys)


def place_keys(values: pl.Series) -> pl.Series:
    """Street keys; the place's own name for what is said to be a named place ("LIEU DIT LA FORGE")."""
    return each_value(values, lambda distinct: _place_keys_of_words(spelt(distinct, plain)))


def _street_keys(values: pl.Series) -> pl.Series:
    return _once(spelt(values, plain), _keys_of_words)


def _place_keys_of_words(words: pl.Series) -> pl.Series:
    return spelt(_once(words, _keys_of_words), lambda key: key.str.replace("^LIEU DIT (.)", "${1}"))


def _keys_of_words(words: pl.Series) -> pl.Series:
    """Plain words → street keys."""
    words = numbers_in_figures(words)
    words = _where(words, "^D ?[0-9]", lambda text: text.str.replace(_ROAD, "RD ${1}"))
    return spelt(words, lambda text: expand(without_articles(text)))


def tight(key: pl.Expr) -> pl.Expr:
    """A key without spaces: "MONT GRIFFON" and "MONTGRIFFON" are one name."""
    return key.str.replace_all(" ", "", literal=True)


def alternatives(words: Iterable[str]) -> str:
    """A regular expression of any of some words, the longest first."""
    return "|".join(sorted(set(words), key=lambda word: (-len(word), word)))


_WAY_WORDS = alternatives(WAYS)
WAY_SPELLINGS = alternatives(
    {"GRANDE RUE", "PETITE RUE", *WAYS, *(short for shorts in WAYS.values() for short in shorts)}
)
"""Every spelling of a kind of way, as alternatives."""
# A kind of way followed by something: "RUE" alone is kept, for it is all the name there is. GRAND RUE and
# PETIT RUE are names in themselves.
_KIND = rf"^(?:{_WAY_WORDS}) "


def street_name(key: pl.Expr) -> pl.Expr:
    """What is left of a street key without its kind of way: "RUE GARE" → "GARE"."""
    return key.str.replace(_KIND, "")


def full_name(text: pl.Expr) -> pl.Expr:
    """The name of a street as written, without its kind of way: "R. de la Gare" → "DE LA GARE".

    Articles and abbreviations are kept: typing errors fall on them too, and may make one of the other.
    """
    return plain(text).str.replace(rf"^(?:{WAY_SPELLINGS}) (.)", "${1}")


def opens_with_way(key: pl.Expr) -> pl.Expr:
    """Whether a street key opens with a kind of way (Boolean)."""
    return key.str.contains(rf"^(?:{_WAY_WORDS})(?: |$)")


def are_roads(names: pl.Series) -> pl.Series:
    """Whether names as written open with the kind of a road (Boolean): "Rue du Bois", not "Le Pont de Pierre"."""
    return each_value(names, lambda distinct: _open_with_road(spelt(distinct, plain)))


def keys_and_roads(names: pl.Series) -> tuple[pl.Series, pl.Series]:
    """:func:`place_keys` and :func:`are_roads` of names, whose words are then read once for both."""
    distinct = names.unique()
    words = spelt(distinct, plain)
    table = pl.DataFrame(
        {"_value": distinct, "_key": _place_keys_of_words(words), "_road": _open_with_road(words)}
    )
    column = names.alias("_value").to_frame()
    read = column.join(table, on="_value", how="left", nulls_equal=True, maintain_order="left")
    return read["_key"], read["_road"]


def _open_with_road(words: pl.Series) -> pl.Series:
    return _once(words, _expanded).str.contains(rf"^(?:{'|'.join(ROADS)})(?: |$)")


def _expanded(words: pl.Series) -> pl.Series:
    return spelt(words, expand)
