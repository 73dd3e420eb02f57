"""The ways one address may be read: each reading is tried, the best match decides.

Registers hide numbers at the end of the street ("RUE DE LA GARE 12"), after a building's name ("CLINIQUE BETHESDA 1
RUE DU FOSSE"), write a building after the street, or the street in another column. A reading carries the trust it
deserves. Readings come in circles, each for the addresses that the ones before left without a street:

1. :func:`direct`: the street as its columns give it, nothing taken out of it: a text that is wholly a street's name
   holds no house number ("8 MAI 1945");
2. :func:`within`: a number and a street within the text of the street's column;
3. :func:`elsewhere`: the same in the other columns;
4. :func:`borrowed`: the number's column with a street of another column, or a named place there.
"""

from __future__ import annotations

import polars as pl

from scoring.geocode.mentions import ANNOUNCED, INDEX, canonical_repetition, not_article, unmarked
from scoring.geocode.normalise import (
    WAY_SPELLINGS,
    alternatives,
    by_value,
    place_keys,
    street_name,
    tight,
)
from scoring.geocode.numerals import MONTHS, SOVEREIGNS
from scoring.geocode.scores import THRESHOLDS, Thresholds
from scoring.geocode.vocabulary import FOLLOWERS, ROADS, WAYS

_WORDED_INDEX = r"BIS|TER|QUATER|QUINQUIES|SEXIES|SEPTIES|OCTIES"
# A number at one end of a street without a kind of way.
_FIRST = rf"^([0-9]{{1,4}})(?: ?((?:{_WORDED_INDEX}|[A-DF-Z][0-9]?)(?: ?BIS)?))? ([A-Z0-9 |]*[A-Z]{{2}}.*)$"
_LAST = (
    r"^([^|]*?[A-Z][^|]*?)(?: N| NO| NUMERO)? ([0-9]{1,4})"
    rf"(?: ?((?:{_WORDED_INDEX}|[A-D])(?: ?BIS)?))?(?: \|.*)?$"
)
# What a number at the beginning or at the end belongs to, rather than to a house.
_MONTHS = "|".join(MONTHS)
_DATE_FIRST = rf"^(?:{_MONTHS})(?: |$)"
_NUMBERED_NAME = (
    rf"(?:(?:{_MONTHS}) (?:1[4-8]|39|4[0-5]|5[46]|62|[0-9]{{4}})"
    r"|\b(?:RN|RD|CD|D|N|NATIONALE|DEPARTEMENTALE|VICINAL|RURAL|COMMUNALE|VC|CR|ZONE|ZI|ZA|ZAC|INDUSTRIELLE|ARTISANALE"
    r"|SECTEUR|AUTOROUTE|LOT|QUAI|PORTE|ILOT|DES|LES|DU|LA|LE|AUX|DE|D) [0-9]+"
    rf"|(?:{alternatives(ROADS)}|ROI|PAPE|PL|AV|BD|R) (?:{alternatives(SOVEREIGNS)}) [0-9]{{1,2}})$"
)
# Streets whose kind is all their name.
_WHOLE = "GRANDE? RUE|PETITE? RUE"
_STREET = rf"((?:{_WHOLE})(?: .+)?|(?:{WAY_SPELLINGS}) .+)"
_NUMBERED = (
    rf"([0-9]{{1,4}})(?: ?({INDEX}))?(?: (?:A |ET |OU |AU )?[0-9]{{1,4}}(?: ?{INDEX})?)*(?: \|)? {_STREET}$"
)
_FIRST_NUMBERED = rf"^(?:(.*?) )?{_NUMBERED}"
_LAST_NUMBERED = rf"^(?:(.*) )?{_NUMBERED}"
_LONG_WAYS = alternatives(way for way in WAYS if len(way) > 2)
_FIRST_WAY = rf"^.*? ((?:{_WHOLE})|(?:{_LONG_WAYS}) .+)$"
_LAST_WAY = rf"^.+ ((?:{_WHOLE})|(?:{_LONG_WAYS}) .+)$"
# Lists put the kind of way behind: "GARE (RUE DE LA) 12".
_INVERTED = (
    rf"^(?:([0-9]{{1,4}})(?: ?({INDEX}))? )?([A-Z0-9 ]*[A-Z]{{2}}[A-Z0-9 ]*) \| ({alternatives(ROADS)})"
    rf"((?: (?:DE|DU|DES|D|LA|L|LE|LES|AUX?))*)(?: \|)?(?: ([0-9]{{1,4}})(?: ?({INDEX}))?)?$"
)
# Where a street ends: a bar, a word that opens something else, another street.
_ROAD_WORDS = alternatives([*ROADS, *(short for road in ROADS for short in WAYS[road] if len(short) > 1)])
_TAIL = (
    rf"^(.+? ?\b{not_article()}) (?:(?:{alternatives(FOLLOWERS)})\b"
    r"|LES [A-Z]{3}"
    rf"|(?:ET |X |ANGLE |A L ANGLE )?(?:[0-9]{{1,4}} (?:(?:{_WORDED_INDEX}|[A-D]) )?)?(?:{_ROAD_WORDS}) ).*$"
)
# What may be left at the end of a street that was cut, or of one that tells a floor: "12 RUE DE LA GARE 1ER".
_LEFT = r" (?:[0-9]{1,2}(?:ERE?|I?EME)|ANGLE|ET|X|N|NO)$"
_CORNER = r"^(?:(?:A L )?ANGLE|COIN|FACE|FACE AU?|PRES|DERRIERE)(?: (?:DE|DU|DES|D|LA|L|A|AU))* "

READING_SCHEMA = pl.Schema(
    {
        "cle_adresse": pl.String,
        "lecture": pl.String,
        "numero": pl.Int32,
        "numero_fin": pl.Int32,
        "repetition": pl.String,
        "cle": pl.String,
        "cle_nom": pl.String,
        "serree": pl.String,
        "mots": pl.String,
        "s_lecture": pl.Float64,
    }
)


def direct(addresses: pl.DataFrame) -> pl.DataFrame:
    """The street as its columns give it.

    Args:
        addresses: columns of :data:`scoring.geocode.protocol.ADDRESS_SCHEMA`.

    Returns:
        Columns of :data:`READING_SCHEMA`: ``cle`` is the street key sought, ``cle_nom`` the same without the
        kind of way, ``serree`` without spaces, ``mots`` the plain words as given, ``s_lecture`` the trust in the
        reading (0–1).
    """
    return _shaped(
        [
            _reading(addresses, "directe", pl.col("voie"), 1.0),
            _reading(addresses, "libelle_seul", pl.col("voie_bis"), 1.0),
        ]
    )


def within(addresses: pl.DataFrame, thresholds: Thresholds = THRESHOLDS) -> pl.DataFrame:
    """Readings of the street's column that take a number, a building or a town out of it."""
    doubt = thresholds.lecture
    said = addresses.drop_nulls("voie").with_columns(_said=pl.coalesce("marquee", "voie"))
    unnumbered = said.filter(pl.col("numero").is_null())
    numbered = said.filter(pl.col("numero").is_not_null())
    opens = pl.col("_said").str.contains(rf"^(?:{WAY_SPELLINGS}) ")
    parts = [
        ("directe", said.with_columns(_street="_said"), 1.0),
        ("numero_en_tete", _at_head(unnumbered), doubt),
        ("numero_en_queue", _at_tail(unnumbered), doubt),
        ("numero_au_milieu", _inside(unnumbered, _FIRST_NUMBERED), doubt),
        # Of two streets the first counts: "12 RUE DE LA GARE ET 14 RUE NEUVE".
        ("numero_au_milieu", _inside(numbered, _FIRST_NUMBERED), doubt * doubt),
        ("numero_au_milieu", _inside(said, _LAST_NUMBERED), doubt * doubt),
        ("voie_au_milieu", _way(said.filter(~opens), _FIRST_WAY), doubt),
        ("voie_au_milieu", _way(said.filter(opens), _FIRST_WAY), doubt * doubt),
        ("voie_au_milieu", _way(said, _LAST_WAY), doubt * doubt),
        ("inversee", _inverted(said), doubt),
        # What else may stand at the end of a street that has its number: "12 RUE DE LA GARE BIS", "… 3".
        ("indice_en_queue", _index_at_tail(numbered.filter(pl.col("repetition").is_null())), doubt),
        ("numero_en_queue", _after_number(numbered), doubt * doubt),
    ]
    found = [_read(said.head(0).with_columns(_street="_said"), "directe", 1.0)]
    for name, frame, trust in parts:
        frame = frame.drop_nulls("_street")
        if frame.is_empty():
            continue
        if name != "directe":
            found.append(_read(frame, name, trust))
        found.append(_read(_cut(frame), "sans_batiment" if name == "directe" else name, doubt * trust))
    return _shaped(found)


def elsewhere(addresses: pl.DataFrame, thresholds: Thresholds = THRESHOLDS) -> pl.DataFrame:
    """Numbered streets that the other columns hold."""
    doubt = thresholds.lecture
    segments = _segments(addresses).with_columns(_said="ailleurs", numero=pl.lit(None, pl.Int32))
    segments = segments.with_columns(numero_fin=pl.lit(None, pl.Int32), repetition=pl.lit(None, pl.String))
    found = []
    for frame in (_at_head(segments), _inside(segments, _FIRST_NUMBERED), _at_tail(segments)):
        frame = frame.drop_nulls("_street")
        found.append(_read(frame, "complement_numero", doubt))
        found.append(_read(_cut(frame), "complement_numero", doubt * doubt))
    return _shaped(found)


def borrowed(addresses: pl.DataFrame, thresholds: Thresholds = THRESHOLDS) -> pl.DataFrame:
    """Streets and named places that the other columns hold, with the number's column if it has no street."""
    doubt = thresholds.lecture * thresholds.lecture
    segments = _segments(addresses)
    street = pl.col("voie").is_null() | ~pl.col("voie").str.contains(rf"(?:^| )(?:{WAY_SPELLINGS})(?: |$)")
    segments = segments.with_columns(
        pl.when(street).then("numero").alias("numero"),
        pl.when(street).then("numero_fin").alias("numero_fin"),
        pl.when(street).then("repetition").alias("repetition"),
    )
    inner = _way(segments.with_columns(_said="ailleurs"), _FIRST_WAY).drop_nulls("_street")
    whole = segments.with_columns(_street="ailleurs")
    return _shaped(
        [
            _read(whole, "complement", doubt),
            _read(_cut(whole), "complement", doubt),
            _read(inner, "complement", doubt),
            _read(_cut(inner), "complement", doubt),
        ]
    )


def _segments(addresses: pl.DataFrame) -> pl.DataFrame:
    """One row for each part of what the other columns say, under ``ailleurs``."""
    told = addresses.drop_nulls("ailleurs")
    return told.with_columns(pl.col("ailleurs").str.split(" | ")).explode("ailleurs")


def _at_head(said: pl.DataFrame) -> pl.DataFrame:
    """A number before a street without its kind: "12 DE LA GARE"; not "8 MAI"."""
    found = _numbered(said, _FIRST, ("_number", "_index", "_street"))
    return found.filter(~pl.col("_street").str.contains(_DATE_FIRST))


def _at_tail(said: pl.DataFrame) -> pl.DataFrame:
    """A number after the street: "RUE DE LA GARE 12"; not "RN 4"."""
    whole = pl.concat_str(pl.col("_street"), pl.col("_number"), separator=" ")
    return _numbered(said, _LAST, ("_street", "_number", "_index")).filter(
        ~whole.str.contains(_NUMBERED_NAME)
    )


def _after_number(said: pl.DataFrame) -> pl.DataFrame:
    """A street that has its number already, without another one that follows it."""
    names = ["_street", "_number", "_index"]
    found = said.with_columns(
        pl.col("_said").str.extract_groups(_LAST).struct.rename_fields(names).struct.unnest()
    )
    whole = pl.concat_str(pl.col("_street"), pl.col("_number"), separator=" ")
    return found.filter(~whole.str.contains(_NUMBERED_NAME))


def _index_at_tail(said: pl.DataFrame) -> pl.DataFrame:
    """The index of a number, behind the street."""
    groups = pl.col("_said").str.extract_groups(rf"^(.+) ({_WORDED_INDEX})$")
    found = said.with_columns(groups.struct.rename_fields(["_street", "_index"]).struct.unnest())
    return found.with_columns(repetition=canonical_repetition(pl.col("_index")))


def _inside(said: pl.DataFrame, pattern: str) -> pl.DataFrame:
    """A number before a kind of way, anywhere; not one that an article announces: "AUX 4 CHEMINS"."""
    found = _numbered(said, pattern, ("_before", "_number", "_index", "_street"))
    return found.filter(~pl.col("_before").str.contains(ANNOUNCED).fill_null(False))


def _inverted(said: pl.DataFrame) -> pl.DataFrame:
    """A street whose kind stands behind its name."""
    names = ["_first", "_first_index", "_name", "_kind", "_link", "_last", "_last_index"]
    groups = pl.col("_said").str.extract_groups(_INVERTED).struct.rename_fields(names)
    found = said.with_columns(groups.struct.unnest()).drop_nulls("_name")
    number = pl.coalesce(pl.col("_first"), pl.col("_last")).cast(pl.Int32)
    index = canonical_repetition(pl.coalesce("_first_index", "_last_index"))
    return found.with_columns(
        _street=pl.concat_str(pl.format("{}{}", "_kind", "_link"), "_name", separator=" "),
        repetition=pl.when(pl.col("numero").is_null()).then(index).otherwise("repetition"),
        numero=pl.coalesce("numero", number),
    )


def _way(said: pl.DataFrame, pattern: str) -> pl.DataFrame:
    """The street that opens with a kind of way, somewhere within."""
    return said.with_columns(_street=pl.col("_said").str.extract(pattern))


def _numbered(said: pl.DataFrame, pattern: str, names: tuple[str, ...]) -> pl.DataFrame:
    """The rows that a pattern reads, with the number and index it finds."""
    groups = pl.col("_said").str.extract_groups(pattern).struct.rename_fields(list(names))
    return (
        said.with_columns(groups.struct.unnest())
        .filter(pl.col("_street").is_not_null())
        .with_columns(
            numero=pl.col("_number").cast(pl.Int32),
            numero_fin=pl.lit(None, pl.Int32),
            repetition=canonical_repetition(pl.col("_index")),
        )
    )


def _cut(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows whose street says more than a street, cut where it ends."""
    whole = pl.col("_street").str.replace(_CORNER, "")
    segment = whole.str.replace(r" \|.*$", "")
    # "3 RUE NEUVE STRASBOURG MEINAU", "3 RUE NEUVE 67 STRASBOURG": the town, what precedes and what follows it.
    label = pl.format(" {} ", pl.col("libelle_commune").fill_null("|"))
    parts = pl.format("{} ", segment).str.splitn(label, 2).struct
    town = parts.field("field_1").is_not_null()
    before = parts.field("field_0").str.strip_chars_end(" ")
    segment = pl.when(town).then(before.str.replace(r" (?:[0-9]{2}|F|FR)$", "")).otherwise(segment)
    cut = pl.coalesce(segment.str.extract(_TAIL), segment).str.replace(_LEFT, "")
    return (
        frame.with_columns(_cut=cut).filter(pl.col("_cut") != pl.col("_street")).with_columns(_street="_cut")
    )


def _reading(addresses: pl.DataFrame, name: str, street: pl.Expr, trust: float) -> pl.DataFrame:
    return _read(addresses.with_columns(_street=street).drop_nulls("_street"), name, trust)


_READ = ["cle_adresse", "numero", "numero_fin", "repetition", "_street"]


def _read(chosen: pl.DataFrame, name: str, trust: float) -> pl.DataFrame:
    """Streets read one way, their keys yet to come."""
    return chosen.select(*_READ, lecture=pl.lit(name), s_lecture=pl.lit(trust))


def _shaped(found: list[pl.DataFrame]) -> pl.DataFrame:
    """Every reading once, the most trusted first, with its keys: computed together, for each computation is dear."""
    read = pl.concat(found).drop_nulls("_street")
    if read.is_empty():
        return pl.DataFrame(schema=READING_SCHEMA)
    read = read.with_columns(_street=by_value(read["_street"], unmarked)).unique(
        ["cle_adresse", "numero", "repetition", "_street"], keep="first", maintain_order=True
    )
    read = read.with_columns(cle=place_keys(read["_street"])).drop_nulls("cle")
    read = read.unique(["cle_adresse", "numero", "repetition", "cle"], keep="first", maintain_order=True)
    return read.with_columns(
        cle_nom=by_value(read["cle"], street_name), serree=tight(pl.col("cle")), mots="_street"
    ).select([pl.col(column).cast(dtype) for column, dtype in READING_SCHEMA.items()])
