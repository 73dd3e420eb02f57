"""Street names that are shortened in a way no table knows: "RUE DE LA PTE HTE", "R DU GNRL LECLERC", "RUE J MOULIN".

A word may be shortened by leaving letters out, never its first, provided that what is left is no word of the
department's own street names ("PRE" is one, and no short PRESSOIR), and that another word of the name stands as it
is. Titles and first names may be left out or reduced to an initial, unless the two names bear different ones. A name
may also stop before a particle ("RUE BOUTROLLE" for "Rue Boutrolle d'Estaimbuc"), if its last word is rare.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

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
    in_use = _in_use(places)
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
    # Few names make many pairs: what is read in a name alone is read once.
    told = pl.concat([pairs["cle_nom"], pairs["place_nom"]]).unique().to_list()
    names = {name: Name.of(name) for name in told}
    pairs = pairs.select("_area", "cle", "cle_nom", "place_cle", "place_nom", "nom")
    for area, key, name, place_key, place_name, written in pairs.sort(
        "_area", "cle", "place_cle"
    ).iter_rows():
        own, other = names[name], names[place_name]
        common = in_use[_zone(area)]
        if same_name(own, other, common):
            trust, needs_number = thresholds.abregee, False
        elif only_begun(own, other, common) or stops_short(own, other, written, common):
            trust, needs_number = thresholds.tronquee, True
        else:
            continue
        rows.append((area, key, place_key, trust, trust, needs_number))
    columns = ["_area", "cle", "place_cle", "s_voie", "ressemblance", "exige_numero"]
    dtypes = {column: APPROXIMATION_SCHEMA.get(column, pl.String) for column in columns}
    found = pl.DataFrame(rows, schema=dtypes, orient="row")
    return wanted.join(found, on=["_area", "cle"]).select(APPROXIMATION_SCHEMA.names())


def _in_use(places: pl.DataFrame) -> dict[str, Counter[str]]:
    """In how many names of a department each word stands, by what opens the names of its areas."""
    zones = places.select("cle_nom", _zone=pl.col("code_commune").str.extract(r"^(.*\|)").fill_null(""))
    words = zones.unique().with_columns(pl.col("cle_nom").str.split(" ").list.unique())
    counted = words.explode("cle_nom").group_by("_zone", "cle_nom").len()
    found: dict[str, Counter[str]] = {}
    for (zone,), part in counted.partition_by("_zone", as_dict=True).items():
        found[str(zone)] = Counter(dict(part.select("cle_nom", "len").iter_rows()))
    return found


def _zone(area: str) -> str:
    """What opens the name of an area where there are several departments; empty where there is one."""
    return area[: area.find("|") + 1]


@dataclass(frozen=True, slots=True)
class Name:
    """What one street name holds.

    Attributes:
        words: all of them, in order.
        undated: the same without the year after a month.
        telling: those that tell it: neither title, first name nor initial, unless nothing else is left.
        titles: its titles.
        given: first names and initials.
        forenames: what stands before a person's surname, titles apart; empty where it is no person's name.
    """

    words: list[str]
    undated: list[str]
    telling: list[str]
    titles: frozenset[str]
    given: list[str]
    forenames: list[str]

    @classmethod
    def of(cls, text: str) -> Name:
        """Read the words of a name without its kind of way."""
        words = text.split(" ")
        dated = len(words) > 2 and words[-2] in MONTHS and words[-1].isdigit()
        person = words[0] in _TITLES or words[0] in _FIRST_NAMES
        return cls(
            words,
            words[:-1] if dated else words,
            _telling(words),
            _TITLES.intersection(words),
            _given(words),
            [word for word in words[:-1] if word not in _TITLES] if person else [],
        )

    @property
    def person(self) -> bool:
        """Whether a title or a first name opens it."""
        return self.words[0] in _TITLES or self.words[0] in _FIRST_NAMES


def same_name(own: Name, other: Name, common: Counter[str]) -> bool:
    """Whether two names, word by word, are one but for shortened words, titles and first names.

    Args:
        own: the name asked.
        other: the name known.
        common: in how many names each word stands: such a word is no abbreviation.
    """
    if (own.undated is own.words) != (other.undated is other.words):
        # A year after a month, where only one of them has it.
        own, other = Name.of(" ".join(own.undated)), Name.of(" ".join(other.undated))
    if own.words == other.words:
        return True
    if len(own.words) == len(other.words) and _aligned(own.words, other.words, common):
        return True
    bare, known = own.telling, other.telling
    if len(bare) == 1 and len(bare[0]) >= _SURNAME and bare[0] == other.words[-1] and other.person:
        # "RUE KENNEDY": of a person's names, known or not, only the surname is told.
        known = bare
    if not bare or len(bare) != len(known) or not _aligned(bare, known, common):
        return False
    if own.titles and other.titles and not own.titles & other.titles:
        return False
    known_given = other.given or other.forenames
    if not own.given or not known_given:
        return True
    return any(one.startswith(two) or two.startswith(one) for one in own.given for two in known_given)


def only_begun(own: Name, other: Name, common: Counter[str]) -> bool:
    """Whether two names of one word are one and its beginning: "REPUB"."""
    if len(own.words) != 1 or len(other.words) != 1:
        return False
    (one,), (two,) = own.words, other.words
    return len(one) >= _BEGUN and two.startswith(one) and _abbreviates(one, two, common)


def stops_short(own: Name, other: Name, written: str, common: Counter[str]) -> bool:
    """Whether a name is the beginning of another that goes on with a particle, its last word being rare."""
    last, length = own.words[-1], len(own.words)
    if length >= len(other.words) or other.words[:length] != own.words:
        return False
    if len(last) < _PROPER or common[last] >= _RARE:
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
