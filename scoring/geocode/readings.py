"""The ways one address may be read: each reading is tried, the best match decides.

Registers hide numbers at the end of the street ("RUE DE LA GARE 12"), after a building's name ("CLINIQUE
BETHESDA 1 RUE DU FOSSE"), or write a place in the complement. A reading carries the trust it deserves.
"""

from __future__ import annotations

import polars as pl

from scoring.geocode.addresses import canonical_repetition
from scoring.geocode.normalise import WAYS, by_value, place_key, street_name
from scoring.geocode.scores import THRESHOLDS, Thresholds

_SPELLINGS = "|".join(
    sorted({*WAYS, *(short for shorts in WAYS.values() for short in shorts)}, key=lambda w: (-len(w), w))
)
_FIRST = r"^([0-9]{1,4}) ?(?:(BIS|TER|QUATER|[A-D]) )?(.*[A-Z].*)$"
_LAST = r"^(.*?[A-Z].*?)(?: N| NO)? ([0-9]{1,3}) ?(BIS|TER|QUATER|[A-D])?$"
# Streets whose kind is all their name.
_WHOLE = "GRANDE? RUE|PETITE? RUE"
_INNER = rf"^.* ([0-9]{{1,4}}) ?(?:(BIS|TER|QUATER|[A-D]) )?((?:{_WHOLE})(?: .+)?|(?:{_SPELLINGS}) .+)$"
# Where in a building: what follows is no part of the street.
_INSIDE = (
    r"^(.+?) (?:APPT?|APPARTEMENT|APT|BATIMENT|BAT|BT|BUREAU|ENTREE|ESC|ESCALIER|ETAGE|ETG|HALL|IMM|IMMEUBLE|"
    r"LOCAL|LOT|PORTE|RDC|REZ|RES|RESIDENCE|[0-9]{1,2}(?:E|EME|ER|ERE) ETAGE)\b.*$"
)
_INNER_WAY = rf"^.+ ((?:{_WHOLE})|(?:{'|'.join(sorted(WAYS, key=lambda w: (-len(w), w)))}) .+)$"

READING_SCHEMA = pl.Schema(
    {
        "cle_adresse": pl.String,
        "lecture": pl.String,
        "numero": pl.Int32,
        "numero_fin": pl.Int32,
        "repetition": pl.String,
        "cle": pl.String,
        "cle_nom": pl.String,
        "mots": pl.String,
        "s_lecture": pl.Float64,
    }
)


def readings(addresses: pl.DataFrame, thresholds: Thresholds = THRESHOLDS) -> pl.DataFrame:
    """Every reading of every address.

    Args:
        addresses: columns of :data:`scoring.geocode.protocol.ADDRESS_SCHEMA`.

    Returns:
        Columns of :data:`READING_SCHEMA`: ``cle`` is the street key sought, ``cle_nom`` the same without the
        kind of way, ``mots`` the plain words as given, ``s_lecture`` the trust in the reading (0–1).
    """
    no_number = pl.col("numero").is_null()
    doubt = thresholds.lecture
    found = [
        _reading(addresses, "directe", pl.col("voie"), 1.0),
        _reading(addresses, "libelle_seul", pl.col("voie_bis"), 1.0),
        _pattern(addresses.filter(no_number), "numero_en_tete", _FIRST, (0, 1, 2), doubt),
        _pattern(addresses.filter(no_number), "numero_en_queue", _LAST, (1, 2, 0), doubt),
        _pattern(addresses, "numero_au_milieu", _INNER, (0, 1, 2), doubt),
        _reading(addresses, "voie_au_milieu", pl.col("voie").str.extract(_INNER_WAY), doubt),
        _pattern(
            addresses.filter(pl.col("voie").is_null()),
            "complement_numero",
            _FIRST,
            (0, 1, 2),
            doubt,
            "complement",
        ),
        _reading(addresses, "sans_batiment", pl.col("voie").str.extract(_INSIDE), doubt),
        _reading(addresses, "complement", pl.col("complement"), doubt * doubt),
    ]
    return pl.concat(found).unique(
        ["cle_adresse", "numero", "repetition", "cle"], keep="first", maintain_order=True
    )


def _reading(addresses: pl.DataFrame, name: str, street: pl.Expr, trust: float) -> pl.DataFrame:
    chosen = addresses.with_columns(_street=street).filter(pl.col("_street").is_not_null())
    return _shaped(chosen, name, trust)


def _pattern(
    addresses: pl.DataFrame,
    name: str,
    pattern: str,
    order: tuple[int, int, int],
    trust: float,
    column: str = "voie",
) -> pl.DataFrame:
    """Read number, index and street from a pattern whose groups stand at the places ``order`` says."""
    names = ["", "", ""]
    for field, place in zip(("_number", "_index", "_street"), order, strict=True):
        names[place] = field
    groups = pl.col(column).str.extract_groups(pattern).struct.rename_fields(names)
    chosen = (
        addresses.with_columns(groups.struct.unnest())
        .filter(pl.col("_street").is_not_null())
        .with_columns(
            numero=pl.col("_number").cast(pl.Int32),
            numero_fin=pl.lit(None, pl.Int32),
            repetition=canonical_repetition(pl.col("_index")),
        )
    )
    return _shaped(chosen, name, trust)


def _shaped(chosen: pl.DataFrame, name: str, trust: float) -> pl.DataFrame:
    chosen = chosen.with_columns(cle=by_value(chosen["_street"], place_key))
    return (
        chosen.with_columns(
            lecture=pl.lit(name),
            s_lecture=pl.lit(trust),
            cle_nom=by_value(chosen["cle"], street_name),
            mots="_street",
        )
        .drop_nulls("cle")
        .select([pl.col(column).cast(dtype) for column, dtype in READING_SCHEMA.items()])
    )
