"""Registers' address columns to the normalised addresses that geocoders are asked for.

What this settles, so that every geocoder need not: the street that stands wholly in one column with its
number,
ranges ("12-14"), repetition indices in any column, postal-box and CEDEX mentions, placeholders for "unknown".
"""

from __future__ import annotations

from hashlib import blake2b

import polars as pl

from scoring.geocode.communes import (
    clean_postal_code,
    departement_of_commune,
    departement_of_postal_code,
)
from scoring.geocode.normalise import WAYS, by_value, commune_label, expand, opens_with_way, plain
from scoring.geocode.protocol import ADDRESS_SCHEMA

# Columns of a register that make an address. Those a register does not have are taken as empty.
RAW_COLUMNS = (
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

_REPETITIONS = "BIS|TER|QUATER|QUINQUIES"
_WAY_SPELLINGS = "|".join(
    sorted(
        {"GRANDE RUE", "PETITE RUE", *WAYS, *(short for shorts in WAYS.values() for short in shorts)},
        key=lambda spelling: (-len(spelling), spelling),
    )
)
_NUMBER = r"(?:(?:N|NO|NUM|NUMERO) ?)?([0-9]{1,4})"
_INDEX = rf" ?(?:({_REPETITIONS}|[A-Z]) )?"
# "12 BIS RUE…", "12B R…", "12 14 BD…", "N 12 A 14 RUE…": number, index, end of range, street.
_RANGE_END = rf"(?:(?:A |ET |OU )?([0-9]{{1,4}}) (?:(?:{_REPETITIONS}|[A-Z]) )?)?"
_LEADING = rf"^{_NUMBER}{_INDEX} ?{_RANGE_END}((?:{_WAY_SPELLINGS})(?: .*)?)$"
# "BIS RUE…" after a number that stands in its own column.
_LEADING_INDEX = rf"^({_REPETITIONS}|[A-Z]) ((?:{_WAY_SPELLINGS})(?: .*)?)$"
# Distribution mentions that strayed into the street.
_MENTIONS = r"\b(?:BP|B P|CS|C S|TSA|BOITE POSTALE) ?(?:N )?[0-9]{1,6}\b|\bCEDEX(?: [0-9]{1,2})?\b"
# The postal code and town after the street, where the whole address stands in one column.
_TOWN = r"(?: F)? [0-9]{5}(?: .*)?$"
# What registers write where they have no street.
_NOTHING = (
    r"^(?:NC|NR|NEANT|SN|X+|0+|INCONNUE?|NON (?:RENSEIGNEE?|COMMUNIQUEE?|CONNUE?|PRECISEE?)"
    r"|(?:SANS )?ADRESSE(?: INCONNUE| NON RENSEIGNEE)?)$"
)


def canonical_repetition(text: pl.Expr) -> pl.Expr:
    """Repetition index as one short word: BIS → B, TER → T, QUATER → Q, letters as they are."""
    word = plain(text).str.replace_all(" ", "", literal=True)
    return word.replace({"BIS": "B", "TER": "T", "QUATER": "Q"})


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
    frame = pl.DataFrame(
        {
            "_number": by_value(raw["numero_voie"], plain),
            "_index": by_value(raw["indice_repetition_voie"], plain),
            "_type": by_value(kinds, lambda text: expand(plain(text))),
            "_label": by_value(raw["libelle_voie"], _street_words),
            "_complement": by_value(raw["complement_point_geographique"], _street_words),
            # A distribution mention is a box, or sometimes the named place.
            "_mention": by_value(raw["mention_distribution"], _street_words),
            "code_postal": by_value(raw["code_postal"], clean_postal_code),
            "libelle_commune": by_value(raw["libelle_commune_source"], commune_label),
            "code_commune_source": raw["code_commune_source"].str.strip_chars(),
            "code_commune": raw["code_commune"],
            "_departement": raw["code_departement"],
        }
    )
    frame = frame.with_columns(
        complement=pl.coalesce("_complement", "_mention"),
        code_departement=pl.coalesce(
            "_departement",
            departement_of_commune(pl.col("code_commune")),
            departement_of_postal_code(pl.col("code_postal")),
        ),
    ).with_columns(
        pl.col("_label")
        .str.extract_groups(_LEADING)
        .struct.rename_fields(["number", "index", "end", "street"])
        .struct.unnest()
    )
    has_number = pl.col("_number").str.contains("[0-9]").fill_null(False)
    range_end = pl.col("_number").str.extract(
        rf"^[^0-9]*[0-9]+ ?(?:{_REPETITIONS}|[A-Z])? ?(?:A |ET |OU )?([0-9]{{1,4}})(?: |$)"
    )
    index = pl.col("_number").str.extract(rf"^[^0-9]*[0-9]+ ?({_REPETITIONS}|[A-Z])(?: |$)")
    stray = pl.col("_label").str.extract_groups(_LEADING_INDEX).struct.rename_fields(["index", "street"])
    frame = frame.with_columns(
        numero=pl.when(has_number)
        .then(pl.col("_number").str.extract(r"^[^0-9]*0*([0-9]{1,4})(?:[^0-9]|$)"))
        .otherwise("number"),
        numero_fin=pl.when(has_number).then(range_end).otherwise("end"),
        # In "12 A 14" the A is a preposition.
        _own_index=pl.when(range_end.is_null() | (index != "A")).then(index),
        _stray_index=pl.when(has_number).then(stray.struct.field("index")),
        _street=pl.coalesce(
            "street",
            pl.when(has_number).then(stray.struct.field("street")),
            "_label",
        ),
    ).with_columns(
        repetition=canonical_repetition(
            pl.coalesce(
                "_index",
                "_own_index",
                "_stray_index",
                pl.when(~has_number & (pl.col("end").is_null() | (pl.col("index") != "A"))).then("index"),
            )
        ),
    )
    frame = frame.with_columns(_expanded=by_value(frame["_street"], expand)).with_columns(
        **_street_readings()
    )
    number = pl.col("numero").cast(pl.Int32, strict=False)
    number = pl.when(number.is_between(1, HIGHEST_NUMBER)).then(number)
    last = pl.col("numero_fin").cast(pl.Int32, strict=False)
    frame = frame.with_columns(
        numero=number,
        numero_fin=pl.when(last > number).then(last),
        repetition=pl.when(number.is_not_null()).then("repetition"),
    )
    frame = frame.with_columns(adresse=_one_line())
    return frame.with_columns(cle_adresse=_fingerprints(frame)).select(
        [pl.col(name).cast(dtype) for name, dtype in ADDRESS_SCHEMA.items()]
    )


def _street_words(text: pl.Expr) -> pl.Expr:
    """Plain words of a street without distribution mentions; null when nothing is left that means a place."""
    # A remark in brackets after the street is no part of it.
    bare = text.str.replace_all(r"(.)\([^)]*\)", "${1} ")
    words = plain(plain(bare).str.replace_all(_MENTIONS, " ").str.replace(_TOWN, ""))
    return pl.when(~words.str.contains(_NOTHING)).then(words)


def _written(column: str) -> pl.Expr:
    """A column where blank means nothing."""
    return pl.when(pl.col(column).str.strip_chars() != "").then(column)


def _street_readings() -> dict[str, pl.Expr]:
    """The street from its kind and its label: ``voie``, and ``voie_bis`` when the label may stand alone.

    Registers write "Rue" + "DE LA GARE", "Rue" + "RUE DE LA GARE", and "Rue" + "QUAI DES PECHEURS": a label
    that repeats its kind stands alone; one that opens with another kind may be either.
    """
    kind, street, expanded = pl.col("_type"), pl.col("_street"), pl.col("_expanded")
    # "GRAND RUE" is a whole name; "RUE" alone is none.
    whole = ~kind.is_in([way for way in WAYS if way not in ("GRAND RUE", "PETIT RUE")])
    repeats = (expanded == kind) | expanded.str.starts_with(pl.format("{} ", kind))
    # A label that held its number holds its kind too.
    alone = kind.is_null() | pl.col("street").is_not_null() | repeats
    together = pl.concat_str(kind, street, separator=" ")
    voie = (
        pl.when(street.is_null()).then(pl.when(whole).then(kind)).when(alone).then(street).otherwise(together)
    )
    other = street.is_not_null() & ~alone & opens_with_way(expanded)
    return {"voie": voie, "voie_bis": pl.when(other).then(street)}


def _one_line() -> pl.Expr:
    """The address on one line, as the memory shows it."""
    numbers = pl.concat_str("numero", "numero_fin", separator="-", ignore_nulls=True)
    return pl.concat_str(
        pl.when(pl.col("numero").is_not_null()).then(numbers),
        "repetition",
        pl.coalesce("voie", "complement"),
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
