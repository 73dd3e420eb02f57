"""Registers' address columns to the normalised addresses that geocoders are asked for.

What this settles, so that every geocoder need not: the street that stands wholly in one column with its number,
ranges ("12-14"), repetition indices in any column, boxes and places in a building that stand in the number's column
(:mod:`scoring.geocode.mentions`), placeholders for "unknown", addresses in another column than the street's.
"""

from __future__ import annotations

from hashlib import blake2b

import polars as pl

from scoring.geocode.communes import clean_postal_code, departement_of_commune, departement_of_postal_code
from scoring.geocode.labels import commune_label
from scoring.geocode.mentions import (
    ANNOUNCED,
    HOUSE,
    INDEX,
    canonical_repetition,
    marked,
    numbers_joined,
    unmarked,
)
from scoring.geocode.normalise import (
    WAY_SPELLINGS,
    by_value,
    each_value,
    expand,
    opens_with_way,
    plain,
    spelt,
)
from scoring.geocode.numerals import figures
from scoring.geocode.protocol import ADDRESS_SCHEMA
from scoring.geocode.vocabulary import WAYS

# Columns of a register that make an address. Those a register does not have are taken as empty.
RAW_COLUMNS = (
    "complement_destinataire",
    "complement_point_geographique",
    "numero_voie",
    "indice_repetition_voie",
    "code_type_voie",
    "libelle_type_voie",
    "libelle_voie",
    "mention_distribution",
    "code_postal",
    "libelle_commune_source",
    "code_commune_source",
    "code_commune",
    "code_departement",
)
HIGHEST_NUMBER = 9999

# What the number's column may hold, and nothing else: "12", "12 BIS", "12-14", "N° 12 A 14", "12.0".
_NUMBER = rf"^{HOUSE}(?: 0)?$"
_INDEX_ONLY = rf"^({INDEX})$"
# The same before a street: "12 BIS RUE…", "12B R…", "12 14 BD…", "N 12 A 14 RUE…".
_LEADING = rf"^{HOUSE} ?((?:{WAY_SPELLINGS})(?: .*)?)$"
# "BIS RUE…" after a number that stands in its own column.
_LEADING_INDEX = rf"^({INDEX}) ((?:{WAY_SPELLINGS})(?: .*)?)$"
# A number in words before a street: "DOUZE RUE…".
_IN_WORDS = rf"^[A-Z]{{2,}} (?:.* )?(?:{WAY_SPELLINGS}) "
# A word and its own number ("SUITE 17", "LOGE A2"), and no way: whatever the word is, the number is no house's.
_WORD_NUMBERED = r"^(?:[A-Z]{2,} )*[A-Z]{2,} ?[A-Z]?[0-9]{1,4}(?: ?[A-Z])?$"
# What makes the text of another column an address.
MAY_BE_ADDRESS = rf"(?:^|[ |])(?:(?:{WAY_SPELLINGS}) [A-Z0-9]{{2,}}|[0-9]{{1,4}} [A-Z]{{2,}})"


def normalise_addresses(rows: pl.DataFrame) -> pl.DataFrame:
    """Normalise address rows, one for one.

    Args:
        rows: columns among :data:`RAW_COLUMNS` (String, nullable); absent ones count as empty.

    Returns:
        Columns of :data:`scoring.geocode.protocol.ADDRESS_SCHEMA`, in the order of ``rows``. ``voie`` is null
        where the register gives no street. Rows that say the same thing get the same ``cle_adresse``.
    """
    absent = [pl.lit(None, pl.String).alias(name) for name in RAW_COLUMNS if name not in rows.columns]
    raw = rows.with_columns(absent).select(RAW_COLUMNS)
    kinds = raw.select(pl.coalesce(_written("libelle_type_voie"), _written("code_type_voie"))).to_series()
    numbers = each_value(raw["numero_voie"], _numbers)
    unread = ~numbers.str.contains(_NUMBER) & numbers.str.contains("[A-Z]{2}")
    frame = pl.DataFrame(
        {
            "_number": numbers,
            "_index": by_value(raw["indice_repetition_voie"], _index),
            "_type": by_value(kinds, lambda text: expand(plain(text))),
            # Words in the number's column open the street: "12 RUE" + "DE LA GARE".
            "_label": _label(raw["libelle_voie"], numbers, unread),
            "_complement": by_value(raw["complement_point_geographique"], marked),
            # A distribution mention is a box, or sometimes the named place or the street.
            "_mention": by_value(raw["mention_distribution"], marked),
            "_addressee": by_value(raw["complement_destinataire"], marked),
            "code_postal": by_value(raw["code_postal"], clean_postal_code),
            "libelle_commune": by_value(raw["libelle_commune_source"], commune_label),
            "_bracket": by_value(
                raw["libelle_commune_source"], lambda text: plain(text.str.extract(r"\(([^)]+)"))
            ),
            "code_commune_source": raw["code_commune_source"].str.strip_chars(),
            "code_commune": raw["code_commune"],
            "_departement": raw["code_departement"],
        }
    )
    frame = frame.with_columns(
        ailleurs=pl.concat_str("_complement", "_mention", "_addressee", separator=" | ", ignore_nulls=True),
        code_departement=pl.coalesce(
            "_departement",
            departement_of_commune(pl.col("code_commune")),
            departement_of_postal_code(pl.col("code_postal")),
        ),
        _given=pl.col("_number").str.extract_groups(_NUMBER).struct.rename_fields(["number", "index", "end"]),
        _lead=pl.col("_label")
        .str.extract_groups(_LEADING)
        .struct.rename_fields(["number", "index", "end", "street"]),
        _stray=pl.col("_label").str.extract_groups(_LEADING_INDEX).struct.rename_fields(["index", "street"]),
    ).with_columns(ailleurs=pl.when(pl.col("ailleurs") != "").then("ailleurs"))
    given, lead, stray = (pl.col(name).struct for name in ("_given", "_lead", "_stray"))
    has_number = given.field("number").is_not_null()
    leads = lead.field("street").is_not_null()
    frame = frame.with_columns(
        numero=pl.when(has_number).then(given.field("number")).otherwise(lead.field("number")),
        numero_fin=pl.when(has_number).then(given.field("end")).otherwise(lead.field("end")),
        repetition=canonical_repetition(
            pl.coalesce(
                "_index",
                # In "12 A 14" the A is a preposition.
                _own(given.field("index"), given.field("end")),
                pl.when(has_number & ~leads).then(stray.field("index")),
                pl.when(~has_number).then(_own(lead.field("index"), lead.field("end"))),
            )
        ),
        _leads=leads,
        _street=pl.coalesce(
            lead.field("street"),
            pl.when(has_number).then(stray.field("street")),
            "_label",
        ),
    )
    frame = frame.with_columns(
        _words=by_value(frame["_street"], unmarked), _parted=pl.col("_street").str.contains("|", literal=True)
    )
    frame = frame.with_columns(_expanded=by_value(frame["_words"], expand)).with_columns(_street_readings())
    number = pl.col("numero").cast(pl.Int32, strict=False)
    number = pl.when(number.is_between(1, HIGHEST_NUMBER)).then(number)
    last = pl.col("numero_fin").cast(pl.Int32, strict=False)
    frame = frame.with_columns(
        numero=number,
        numero_fin=pl.when(last > number).then(last),
        repetition=pl.when(number.is_not_null()).then("repetition"),
        contexte=_context(),
    )
    frame = frame.with_columns(adresse=_one_line())
    return frame.with_columns(cle_adresse=_fingerprints(frame)).select(
        [pl.col(name).cast(dtype) for name, dtype in ADDRESS_SCHEMA.items()]
    )


def _numbers(values: pl.Series) -> pl.Series:
    """The number's column, mentions taken out, in figures; null where it holds a word's number alone."""
    numbers = figures(spelt(values, lambda text: unmarked(marked(text))))
    a_word_s = (
        numbers.str.contains(_WORD_NUMBERED)
        & ~numbers.str.contains(_NUMBER)
        & ~numbers.str.contains(rf"\b(?:{WAY_SPELLINGS})\b")
        & ~numbers.str.replace(r" ?[A-Z]?[0-9]+(?: ?[A-Z])?$", "").str.contains(ANNOUNCED)
    )
    return numbers.set(a_word_s.fill_null(False), None)


def _index(text: pl.Expr) -> pl.Expr:
    return unmarked(marked(text)).str.extract(_INDEX_ONLY)


def _label(labels: pl.Series, numbers: pl.Series, unread: pl.Series) -> pl.Series:
    """The street's column, with what the number's column holds beside a number."""
    words = each_value(labels, _in_figures_first)
    if not unread.fill_null(False).any():
        return words
    opening = pl.DataFrame({"_number": numbers, "_label": words, "_unread": unread}).select(
        pl.when("_unread")
        .then(pl.concat_str("_number", "_label", separator=" ", ignore_nulls=True))
        .otherwise("_label")
    )
    return opening.to_series()


def _in_figures_first(values: pl.Series) -> pl.Series:
    """Marked words of streets; a number in words that opens an address in figures: "DOUZE RUE…"."""
    words = spelt(values, marked)
    worded = words.str.contains(_IN_WORDS).fill_null(False)
    if not worded.any():
        return words
    read = spelt(figures(words.filter(worded)), numbers_joined)
    first = pl.DataFrame({"_words": words.filter(worded), "_read": read}).select(
        pl.when(pl.col("_read").str.contains(_LEADING)).then("_read").otherwise("_words")
    )
    return words.scatter(worded.arg_true(), first.to_series())


def _own(index: pl.Expr, end: pl.Expr) -> pl.Expr:
    """The index of a house number, unless it links two numbers."""
    return pl.when(end.is_null() | (index != "A")).then(index)


def _written(column: str) -> pl.Expr:
    """A column where blank means nothing."""
    return pl.when(pl.col(column).str.strip_chars() != "").then(column)


def _street_readings() -> list[pl.Expr]:
    """The street from its kind and its label: ``voie``, and ``voie_bis`` when the label may stand alone.

    Registers write "Rue" + "DE LA GARE", "Rue" + "RUE DE LA GARE", and "Rue" + "QUAI DES PECHEURS": a label
    that repeats its kind stands alone; one that opens with another kind may be either.
    """
    kind, street, expanded = pl.col("_type"), pl.col("_words"), pl.col("_expanded")
    # "GRAND RUE" is a whole name; "RUE" alone is none.
    whole = ~kind.is_in([way for way in WAYS if way not in ("GRAND RUE", "PETIT RUE")])
    repeats = (expanded == kind) | expanded.str.starts_with(pl.format("{} ", kind))
    # A label that held its number holds its kind too.
    alone = kind.is_null() | pl.col("_leads") | repeats
    voie = (
        pl.when(street.is_null())
        .then(pl.when(whole).then(kind))
        .when(alone)
        .then(street)
        .otherwise(pl.concat_str(kind, street, separator=" "))
    )
    parted = (
        pl.when(~pl.col("_parted").fill_null(False))
        .then(None)
        .when(alone)
        .then("_street")
        .otherwise(pl.concat_str(kind, "_street", separator=" "))
    )
    other = street.is_not_null() & ~alone & opens_with_way(expanded)
    return [voie.alias("voie"), pl.when(other).then(street).alias("voie_bis"), parted.alias("marquee")]


def _context() -> pl.Expr:
    """What the other columns and the brackets of the commune's label say, as plain words."""
    said = pl.concat_str(unmarked(pl.col("ailleurs")), "_bracket", separator=" ", ignore_nulls=True)
    return pl.when(said != "").then(said)


def _one_line() -> pl.Expr:
    """The address on one line, as the memory shows it."""
    numbers = pl.concat_str("numero", "numero_fin", separator="-", ignore_nulls=True)
    return pl.concat_str(
        pl.when(pl.col("numero").is_not_null()).then(numbers),
        "repetition",
        pl.coalesce("voie", unmarked(pl.col("ailleurs"))),
        "code_postal",
        "libelle_commune",
        separator=" ",
        ignore_nulls=True,
    )


def _fingerprints(frame: pl.DataFrame) -> pl.Series:
    """A stable fingerprint of everything that may change the answer (32 hexadecimal characters)."""
    parts = [
        pl.col(name).cast(pl.String).fill_null("")
        for name in ADDRESS_SCHEMA
        if name not in ("cle_adresse", "adresse")
    ]
    texts = frame.select(pl.concat_str(parts, separator="|")).to_series()
    return pl.Series([blake2b(text.encode(), digest_size=16).hexdigest() for text in texts], dtype=pl.String)
