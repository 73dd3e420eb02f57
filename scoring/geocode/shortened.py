"""Street names that are shortened in a way no table knows: "RUE DE LA PTE HTE", "R DU GNRL LECLERC", "RUE J MOULIN".

A word may be shortened by leaving letters out, never its first, provided that what is left is no word of the
department's own street names ("PRE" is one, and no short PRESSOIR), and that another word of the name stands as it
is. Titles and first names may be left out or reduced to an initial, unless the two names bear different ones. A name
may also stop before a particle ("RUE BOUTROLLE" for "Rue Boutrolle d'Estaimbuc"), if its last word is rare.
"""

from __future__ import annotations

import re
from collections import Counter

import polars as pl

from scoring.geocode.approximate import APPROXIMATION_SCHEMA
from scoring.geocode.numerals import MONTHS
from scoring.geocode.scores import Thresholds
from scoring.geocode.vocabulary import FIRST_NAMES, TITLES

_TITLES, _FIRST_NAMES = frozenset(TITLES), frozenset(FIRST_NAMES)
# Words that so many names share that they say nothing by themselves.
_WEAK = frozenset(
    "SAINT SAINTE NOTRE DAME GRAND GRANDS PETIT PETITS HAUT HAUTE BAS BASSE VIEUX VIEILLE NEUF NEUVE".split()
)
_PARTICLE = re.compile(r"^(?:D|DE|DU|DES|DE LA|DE L) ")
_RARE = 3
_PROPER = 6
_SURNAME = 4
_BEGUN = 4


def shortened(asked: pl.DataFrame, places: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """Place keys that readings may mean, if their words are shortened.

    Args:
        asked: readings without any exact candidate, as :func:`scoring.geocode.approximate.approximate` takes them.
        places: columns of :attr:`scoring.geocode.index.Index.places`.
        thresholds: the constants of the score.

    Returns:
        Columns of :data:`scoring.geocode.approximate.APPROXIMATION_SCHEMA`.
    """
    area = pl.coalesce("code_commune", "code_postal")
    wanted = asked.select("cle_adresse", "cle", "cle_nom", _area=area).drop_nulls().unique()
    if wanted.is_empty():
        return pl.DataFrame(schema=APPROXIMATION_SCHEMA)
    streets = pl.concat(
        [places.select("cle", "cle_nom", "nom", _area=column) for column in ("code_commune", "code_postal")]
    ).join(wanted.select("_area").unique(), on="_area", how="semi")
    streets = streets.unique(["_area", "cle"], maintain_order=True)
    words = places["cle_nom"].unique().str.split(" ").list.unique().explode().value_counts()
    common = Counter(dict(words.iter_rows()))
    queries = wanted.select("_area", "cle", "cle_nom").unique()
    blocks = []
    for block in (_initials, _last_word, _first_word, _day):
        left, right = queries.with_columns(_block=block()), streets.with_columns(_block=block())
        blocks.append(
            left.drop_nulls("_block").join(
                right.select("_area", "_block", "nom", place_cle="cle", place_nom="cle_nom"),
                on=["_area", "_block"],
            )
        )
    pairs = pl.concat(blocks).drop("_block").unique().filter(pl.col("cle") != pl.col("place_cle"))
    kind, place_kind = _kind("cle", "cle_nom"), _kind("place_cle", "place_nom")
    pairs = pairs.filter((kind == place_kind) | (kind == "") | (place_kind == ""))
    rows = []
    for query in pairs.sort("_area", "cle", "place_cle").iter_rows(named=True):
        own, other = query["cle_nom"].split(" "), query["place_nom"].split(" ")
        if same_name(own, other, common):
            trust, needs_number = thresholds.abregee, False
        elif only_begun(own, other, common) or stops_short(own, other, query["nom"], common):
            trust, needs_number = thresholds.tronquee, True
        else:
            continue
        rows.append((query["_area"], query["cle"], query["place_cle"], trust, trust, needs_number))
    names = ["_area", "cle", "place_cle", "s_voie", "ressemblance", "exige_numero"]
    dtypes = {name: APPROXIMATION_SCHEMA.get(name, pl.String) for name in names}
    found = pl.DataFrame(rows, schema=dtypes, orient="row")
    return wanted.join(found, on=["_area", "cle"]).select(APPROXIMATION_SCHEMA.names())


def same_name(own: list[str], other: list[str], common: Counter[str]) -> bool:
    """Whether two names, word by word, are one but for shortened words, titles and first names.

    Args:
        own: words of the name asked.
        other: words of the name known.
        common: in how many names each word stands: such a word is no abbreviation.
    """
    own, other = _same_date(own, other)
    if own == other:
        return True
    if len(own) == len(other) and _aligned(own, other, common):
        return True
    bare, known = _telling(own), _telling(other)
    person = other[0] in _TITLES or other[0] in _FIRST_NAMES
    if len(bare) == 1 and person and len(bare[0]) >= _SURNAME and bare[0] == other[-1]:
        # "RUE KENNEDY": of a person's names, known or not, only the surname is told.
        known = bare
    if not bare or len(bare) != len(known) or not _aligned(bare, known, common):
        return False
    titles, others = _TITLES.intersection(own), _TITLES.intersection(other)
    if titles and others and not titles & others:
        return False
    named = [word for word in other[:-1] if word not in _TITLES] if person else []
    given, known_given = _given(own), _given(other) or named
    if not given or not known_given:
        return True
    return any(one.startswith(two) or two.startswith(one) for one in given for two in known_given)


def only_begun(own: list[str], other: list[str], common: Counter[str]) -> bool:
    """Whether two names of one word are one and its beginning: "REPUB"."""
    if len(own) != 1 or len(other) != 1 or not _abbreviates(own[0], other[0], common):
        return False
    return len(own[0]) >= _BEGUN and other[0].startswith(own[0])


def _same_date(own: list[str], other: list[str]) -> tuple[list[str], list[str]]:
    """Two names, without the year after a month where only one of them has it."""
    dated = [len(name) > 2 and name[-2] in MONTHS and name[-1].isdigit() for name in (own, other)]
    if dated[0] == dated[1]:
        return own, other
    return (own[:-1], other) if dated[0] else (own, other[:-1])


def stops_short(own: list[str], other: list[str], written: str, common: Counter[str]) -> bool:
    """Whether a name is the beginning of another that goes on with a particle, its last word being rare."""
    last = own[-1]
    if len(own) >= len(other) or other[: len(own)] != own or len(last) < _PROPER or common[last] >= _RARE:
        return False
    plain = " ".join(re.sub(r"[^A-Z]+", " ", written.upper()).split())
    _, _, rest = plain.partition(f"{last} ")
    return bool(_PARTICLE.match(rest))


def _aligned(own: list[str], other: list[str], common: Counter[str]) -> bool:
    anchored = False
    for one, two in zip(own, other, strict=True):
        if one == two:
            anchored |= len(one) > 2 and one not in _WEAK and not one.isdigit()
        elif not _abbreviates(one, two, common) and not _abbreviates(two, one, common):
            return False
    return anchored


def _abbreviates(short: str, long: str, common: Counter[str]) -> bool:
    """Whether a word is another with letters left out, and no word in itself."""
    if len(short) >= len(long) or short[0] != long[0] or short.isdigit() or long.isdigit():
        return False
    if len(short) > 1 and (common[short] or short in _TITLES or short in _FIRST_NAMES):
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)


def _telling(words: list[str]) -> list[str]:
    """The words that tell a name: without titles, first names and initials, unless nothing is left (PASTEUR)."""
    told = [
        word
        for word in words
        if word.isdigit() or not (_initialled(word) or word in _TITLES or word in _FIRST_NAMES)
    ]
    return told or words[-1:]


def _given(words: list[str]) -> list[str]:
    """First names and initials; of "JJ" the first."""
    return [
        word[0] if _initialled(word) else word for word in words if word in _FIRST_NAMES or _initialled(word)
    ]


def _initialled(word: str) -> bool:
    """Whether a word is one or two initials."""
    return word.isalpha() and (len(word) == 1 or (len(word) == 2 and not set(word) & set("AEIOUY")))


def _kind(key: str, name: str) -> pl.Expr:
    return pl.col(key).str.strip_suffix(pl.col(name))


def _initials() -> pl.Expr:
    return pl.col("cle_nom").str.replace_all(r"\b([A-Z0-9])[A-Z0-9]*", "${1}")


def _last_word() -> pl.Expr:
    return pl.col("cle_nom").str.extract(r"(?:^| )([A-Z]{3,})$")


def _first_word() -> pl.Expr:
    """The first word of a name, or its only one: what a shorter form of it begins with."""
    return pl.col("cle_nom").str.extract(r"^([A-Z]{3,})(?: |$)")


def _day() -> pl.Expr:
    """Day and month of a name that is a date."""
    return pl.col("cle_nom").str.extract(rf"^([0-9]+ (?:{'|'.join(MONTHS)}))(?: [0-9]{{4}})?$")
