"""One spelling for the many ways an address is written, as Polars expressions.

The same expressions are applied to the Base Adresse Nationale and to what registers say, so that equal places
get equal keys. Every function here takes a String expression and returns one; nulls stay null and a text
without any word becomes null. Each normalisation is idempotent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import polars as pl

Spelling = Callable[[pl.Expr], pl.Expr]

# Kinds of way, in their canonical spelling, with the abbreviations that registers use for them. An
# abbreviation is only read as a kind of way when it opens the name: "PL KLEBER" but not "RUE DU PL".
WAYS: dict[str, tuple[str, ...]] = {
    "ALLEE": ("ALL", "AL", "ALLEES"),
    "AUTOROUTE": ("AUT",),
    "AVENUE": ("AV", "AVE", "AVEN"),
    "BOULEVARD": ("BD", "BLD", "BLVD", "BVD", "BOUL", "BOULV"),
    "CARREFOUR": ("CAR", "CARR"),
    "CHAUSSEE": ("CHS", "CHSS"),
    "CHEMIN": ("CHE", "CHEM", "CH", "CHEMINS"),
    "CHEMIN RURAL": ("CR",),
    "CHEMIN VICINAL": ("CV",),
    "CITE": ("CTE",),
    "CLOS": (),
    "COTE": (),
    "COUR": (),
    "COURS": ("CRS",),
    "DESCENTE": ("DSC",),
    "DOMAINE": ("DOM",),
    "ESPACE": ("ESPA",),
    "ESPLANADE": ("ESP",),
    "FAUBOURG": ("FG", "FBG", "FAUB"),
    "GALERIE": ("GALE",),
    "GRAND RUE": ("GR", "GDE RUE", "GRD RUE"),
    "HAMEAU": ("HAM",),
    "IMPASSE": ("IMP", "IMPAS"),
    "LIEU DIT": ("LD", "LIEUDIT"),
    "LOTISSEMENT": ("LOT", "LOTIS"),
    "MAIL": (),
    "MONTEE": ("MTE",),
    "PARC": ("PRC",),
    "PASSAGE": ("PAS", "PASS", "PSG"),
    "PETIT RUE": ("PTR",),
    "PLACE": ("PL", "PLA", "PLCE"),
    "PLACETTE": ("PLT",),
    "PONT": (),
    "PROMENADE": ("PROM",),
    "QUAI": ("QU", "Q"),
    "QUARTIER": ("QUA", "QRT", "QUART", "QT"),
    "RESIDENCE": ("RES", "RESID"),
    "ROCADE": ("ROC",),
    "ROND POINT": ("RPT", "RDPT"),
    "ROUTE": ("RTE", "RT"),
    "ROUTE DEPARTEMENTALE": ("RD", "DEP"),
    "ROUTE NATIONALE": ("RN", "NAT"),
    "RUE": ("R", "RU"),
    "RUELLE": ("RLE", "RUEL"),
    "SENTE": ("SEN",),
    "SENTIER": ("SENT",),
    "SQUARE": ("SQ", "SQR"),
    "TRAVERSE": ("TRA", "TRAV"),
    "VENELLE": ("VEN",),
    "VILLA": ("VLA",),
    "VILLAGE": ("VLGE",),
    "VOIE": ("VOI",),
    "VOIE COMMUNALE": ("VC",),
    "ZONE": ("ZN",),
    "ZONE ACTIVITE": ("ZAE", "ZONE ACTIVITES", "PARC ACTIVITE", "PARC ACTIVITES"),
    "ZONE ARTISANALE": ("ZA",),
    "ZONE AMENAGEMENT CONCERTE": ("ZAC",),
    "ZONE COMMERCIALE": (
        "ZC",
        "CTRE COMMERCIAL",
        "CENTRE COMMERCIAL",
        "CCAL",
        "CCIAL",
        "C CIAL",
        "CTRE CIAL",
    ),
    "ZONE INDUSTRIELLE": ("ZI",),
}

# Kinds that a road has, not a place: a name without any number that opens with one of these is a street.
ROADS = (
    "ALLEE",
    "AVENUE",
    "BOULEVARD",
    "CARREFOUR",
    "CHAUSSEE",
    "CHEMIN",
    "COURS",
    "ESPLANADE",
    "FAUBOURG",
    "GALERIE",
    "GRAND RUE",
    "IMPASSE",
    "MAIL",
    "MONTEE",
    "PASSAGE",
    "PETIT RUE",
    "PLACE",
    "PLACETTE",
    "PROMENADE",
    "QUAI",
    "ROCADE",
    "ROND POINT",
    "ROUTE",
    "RUE",
    "RUELLE",
    "SENTE",
    "SENTIER",
    "SQUARE",
    "TRAVERSE",
    "VENELLE",
    "VOIE",
)

# Words that mean the same thing anywhere in a name.
WORDS: dict[str, str] = {
    "ST": "SAINT",
    "STE": "SAINTE",
    "STS": "SAINTS",
    "STES": "SAINTES",
    "ADJ": "ADJUDANT",
    "CARD": "CARDINAL",
    "CDT": "COMMANDANT",
    "CMDT": "COMMANDANT",
    "CNE": "CAPITAINE",
    "CPT": "CAPITAINE",
    "CAP": "CAPITAINE",
    "CAPIT": "CAPITAINE",
    "CHAN": "CHANOINE",
    "COL": "COLONEL",
    "DB": "DIVISION BLINDEE",
    "DOCT": "DOCTEUR",
    "DR": "DOCTEUR",
    "DRS": "DOCTEURS",
    "EGL": "EGLISE",
    "FRES": "FRERES",
    "GAL": "GENERAL",
    "GEN": "GENERAL",
    "GENER": "GENERAL",
    "GRANDE": "GRAND",
    "GD": "GRAND",
    "GDE": "GRAND",
    "HT": "HAUT",
    "HTE": "HAUTE",
    "HOP": "HOPITAL",
    "ING": "INGENIEUR",
    "INST": "INSTITUT",
    "LT": "LIEUTENANT",
    "MAL": "MARECHAL",
    "MGR": "MONSEIGNEUR",
    "MME": "MADAME",
    "ND": "NOTRE DAME",
    "PDT": "PRESIDENT",
    "PRES": "PRESIDENT",
    "PREF": "PREFET",
    "PR": "PROFESSEUR",
    "PROF": "PROFESSEUR",
    "PTE": "PORTE",
    "PETITE": "PETIT",
    "REGT": "REGIMENT",
    "REP": "REPUBLIQUE",
    "SGT": "SERGENT",
    "VX": "VIEUX",
    # Numbers are written in words or figures from one register to the next.
    "PREMIER": "1",
    "PREMIERE": "1",
    "1ER": "1",
    "1ERE": "1",
    "DEUXIEME": "2",
    "2E": "2",
    "2EME": "2",
    "DEUX": "2",
    "TROIS": "3",
    "QUATRE": "4",
    "CINQ": "5",
    "SIX": "6",
    "SEPT": "7",
    "HUIT": "8",
    "DIX": "10",
    "ONZE": "11",
    "DOUZE": "12",
    "TREIZE": "13",
    "QUATORZE": "14",
    "QUINZE": "15",
    "SEIZE": "16",
    "VINGT": "20",
    "TRENTE": "30",
}
_PHRASES: dict[str, str] = {
    "DIX SEPT": "17",
    "DIX HUIT": "18",
    "DIX NEUF": "19",
    "RD PT": "ROND POINT",
}
ARTICLES = ("DE", "DU", "DES", "D", "LA", "LE", "LES", "L", "ET", "AU", "AUX", "A", "EN")


def by_value(values: pl.Series, spell: Spelling) -> pl.Series:
    """Apply a normalisation once per distinct value: registers repeat themselves.

    Args:
        values: texts (String).
        spell: one of this module's functions.
    """
    column = values.alias("_value").to_frame()
    # Lazily, so that an expression that stands several times in a normalisation is computed once.
    spelled = column.lazy().unique().with_columns(_spelled=spell(pl.col("_value"))).collect()
    joined = column.join(spelled, on="_value", how="left", nulls_equal=True, maintain_order="left")
    return joined["_spelled"].alias(values.name)


def plain(text: pl.Expr) -> pl.Expr:
    """Upper-case ASCII words separated by single spaces: no accents, ligatures, punctuation or hyphens."""
    ascii_text = (
        text.str.to_uppercase()
        .str.replace_many(["Œ", "Æ", "ß"], ["OE", "AE", "SS"])
        .str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        # Compatibility decomposition may leave lower-case letters behind ("№" becomes "No").
        .str.to_uppercase()
    )
    words = ascii_text.str.replace_all(r"[^A-Z0-9]+", " ").str.strip_chars(" ")
    return pl.when(words != "").then(words)


def _each_word(text: pl.Expr) -> pl.Expr:
    """Surround every word with spaces of its own, and mark the start, so that whole words can be replaced."""
    return pl.format("^ {} ", text.str.replace_all(" ", "  ", literal=True))


def _joined(text: pl.Expr) -> pl.Expr:
    """Undo :func:`_each_word`."""
    words = text.str.replace("^", "", literal=True).str.replace_all(r" +", " ").str.strip_chars(" ")
    return pl.when(words != "").then(words)


def _replace_words(text: pl.Expr, table: dict[str, str], *, opening: bool = False) -> pl.Expr:
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
    spaced = _each_word(words.str.replace(r"\b(RN|RD)([0-9])", "${1} ${2}"))
    spaced = _replace_words(spaced, _PHRASES)
    spaced = _replace_words(spaced, WORDS)
    return _joined(_replace_words(spaced, _OPENING, opening=True))


def without_words(words: pl.Expr, dropped: Iterable[str]) -> pl.Expr:
    """Drop some words, unless nothing else is left."""
    bare = _joined(_replace_words(_each_word(words), dict.fromkeys(dropped, "")))
    return pl.coalesce(bare, words)


def without_articles(words: pl.Expr) -> pl.Expr:
    """Drop articles and linking words, unless nothing else is left."""
    return without_words(words, ARTICLES)


def street_key(text: pl.Expr) -> pl.Expr:
    """The key under which two spellings of one street meet: plain words, without articles, expanded."""
    return expand(without_articles(plain(text)))


_WAY_WORDS = "|".join(sorted(WAYS, key=lambda way: (-len(way), way)))
# A kind of way followed by something: "RUE" alone is kept, for it is all the name there is. GRAND RUE and
# PETIT RUE are names in themselves.
_KIND = rf"^(?:{_WAY_WORDS}) "


def street_name(key: pl.Expr) -> pl.Expr:
    """What is left of a street key without its kind of way: "RUE GARE" → "GARE"."""
    return key.str.replace(_KIND, "")


_OPENING_WORDS = "|".join(sorted({*WAYS, *_OPENING}, key=lambda way: (-len(way), way)))


def full_name(text: pl.Expr) -> pl.Expr:
    """The name of a street as written, without its kind of way: "R. de la Gare" → "DE LA GARE".

    Articles and abbreviations are kept: typing errors fall on them too, and may make one of the other.
    """
    return plain(text).str.replace(rf"^(?:{_OPENING_WORDS}) (.)", "${1}")


def place_key(text: pl.Expr) -> pl.Expr:
    """The street key, or the place's own name for what is said to be a named place ("LIEU DIT LA FORGE")."""
    key = street_key(text)
    return pl.when(key.str.starts_with("LIEU DIT ")).then(street_name(key)).otherwise(key)


def opens_with_way(key: pl.Expr) -> pl.Expr:
    """Whether a street key opens with a kind of way (Boolean)."""
    return key.str.contains(rf"^(?:{_WAY_WORDS})(?: |$)")


def is_road(name: pl.Expr) -> pl.Expr:
    """Whether a name as written opens with the kind of a road: "Rue du Bois", not "Le Pont de Pierre"."""
    return expand(plain(name)).str.contains(rf"^(?:{'|'.join(ROADS)})(?: |$)")


def commune_label(text: pl.Expr) -> pl.Expr:
    """Key of a commune's name: plain words, SAINT for ST, no CEDEX, postal code, district or opening article.

    "67091 STRASBOURG CEDEX 9", "STRASBOURG" → "STRASBOURG"; "Paris 12e Arrondissement" → "PARIS";
    "LE BAN ST MARTIN" → "BAN SAINT MARTIN".
    """
    words = (
        plain(text)
        .str.replace(r"^(?:(?:[0-9]{4,5}|LE|LA|LES|L) )+(.)", "${1}")
        .str.replace(r"(?: CEDEX(?: [0-9]{1,2})?)+$", "")
        .str.replace(r"^(PARIS|LYON|MARSEILLE) [0-9]{1,2}(?:ER?|E|EME)?(?: ARRONDISSEMENT)?$", "${1}")
    )
    table = {"ST": "SAINT", "STE": "SAINTE", "STS": "SAINTS", "S": "SUR"}
    return _joined(_replace_words(_each_word(words), table))
