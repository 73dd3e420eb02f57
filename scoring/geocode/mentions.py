"""What stands in an address and is no street: post boxes, places within a building, the town; and house numbers.

Texts are *marked*: plain words in which a bar stands where the writer put a comma, brackets, quotes or a dash between
spaces, and where a mention was taken out. "12, RUE DE LA GARE - BAT B, BP 40 123" → "12 RUE DE LA GARE |". A mention
is taken out with its own number, so that the number of a box, flat or floor is never a house's.
"""

from __future__ import annotations

import polars as pl

from scoring.geocode.normalise import alternatives, ascii_capitals

_NO = r"(?:(?:N|NO|NUM|NUMERO|NR) ?)?"
_REPETITIONS = "BIS|TER|QUATER|QUATRE|QUINQUIES|QUINTER|SEXIES|SEPTIES|OCTIES|NONIES|DECIES"
INDEX = rf"(?:(?:{_REPETITIONS}|[A-Z][0-9]?)(?: ?(?:BIS|TER|QUATER))?)"
"""A repetition index: "BIS", "B", "A2", "B BIS"."""
_ONE = rf"{_NO}0*([0-9]{{1,4}})(?: ?({INDEX}))?"
_MORE = rf"(?: ?(?:\||A|ET|OU|AU)? ?{_NO}0*[0-9]{{1,4}}(?: ?{INDEX})?)*?"
_LAST = rf"(?: ?(?:\||A|ET|OU|AU)? ?{_NO}0*([0-9]{{1,4}})(?: ?{INDEX})?)?"
HOUSE = rf"{_ONE}{_MORE}{_LAST}"
"""House numbers: the first, its index, the last of a range or list (three groups)."""

# A box: its name, then its number, of five digits for a *course spéciale*, of up to five in two groups for others.
_FIVE = rf"\b(?:CS|C S|TSA|T S A|COURSE SPECIALE) ?{_NO}(?:[0-9] ?){{4}}[0-9]\b"
_BOXES = (
    rf"\b(?:BP|B P|BPS|CS|C S|TSA|T S A|CIDEX|CI DEX|BAL|CP|BOITES? POSTALES?|BTE POSTALE|BOITES? AUX LETTRES|BOITES?|"
    rf"BTE|CASES? POSTALES?|CASES?|CASIERS? POSTAL|CASIER|COURSE SPECIALE|PO BOX|P O BOX) ?{_NO}"
    rf"(?:[0-9]{{1,2}} [0-9]{{3}}|[A-Z]?[0-9]{{1,6}})\b"
)
_COMMON_WAYS = alternatives(
    "RUE R AVENUE AV AVE BOULEVARD BD BLD PLACE PL ROUTE RTE CHEMIN CHE ALLEE ALL IMPASSE IMP QUAI SQUARE COURS".split()
)
_BARE_BOX = r"\b(?:BP|B P|TSA|CIDEX|POSTE RESTANTE)\b"
_CEDEX = r"\b(?:CEDEX|CEDX|CDEX|CDX)(?: ?[0-9]{1,2})?\b"
_CALLS = r"\b(?:(?:TEL|TELEPHONE|FAX|TELECOPIE|PORTABLE)[ |]*(?: ?[0-9]{2}){4,5}|0[1-9](?: ?[0-9]{2}){4})\b"
_CODES = r"\b(?:DIGICODE|INTERPHONE?|CODE(?: (?:PORTE|ACCES|ENTREE))?) ?[A-Z]?[0-9][A-Z0-9]{1,5}\b"
# "BP 12-14": what a dash sticks to a box is of the box.
_BOX_RANGE = r"\b((?:B\.? ?P\.?|CS|TSA|CIDEX|BAL) ?(?:N ?[°O.]?)? ?[0-9]{1,5})[-/][0-9]{1,5}\b"
# "LE 3, AVENUE DE COLMAR", "SIS 3 RUE DES LILAS": the word before the house number is none of the street's.
_PLACED = (
    rf"^(?:LE|AU|SISE?(?: AU)?|SITUEE?(?: AU)?) ([0-9]{{1,4}}(?: ?{INDEX})?(?: \|)? (?:{_COMMON_WAYS})\b)"
)
# "1ER ET.", at the end.
_FLOOR_LAST = r"(^|\| ?|[A-Z0-9] )[0-9]{1,2} ?(?:ERE?|I?EME) ET$"

# Where in a building or an estate, with a number or a letter of its own. Not after an article: "RUE DE LA TOUR 2".
_NUMBERED = alternatives(
    "APPT APPTS APT APPART APPARTEMENT APPARTEMENTS APP BAT BATI BATIM BATIMENT BATIMENTS BT BTMT BLOC BUREAU BUR BOX "
    "CAGE CELLULE CELL CHALET CHAMBRE CHBRE COULOIR ENTREE ENTR ESC ESCALIER ESCAL ETAGE ETG HALL ILOT IMM IMMEUBLE KM "
    "KILOMETRE LOCAL LOGEMENT LOGT LOT LOTISSEMENT LOTS MAISON NIVEAU NIV PALIER PARCELLE PAVILLON PAV PK PORTE PTE "
    "RES RESIDENCE RESID SALLE SERVICE STUDIO SECTEUR TOUR UNITE VILLA POSTE AILE ACCES".split()
)
_LETTERED = alternatives(
    "AILE APPT APT APPARTEMENT BAT BATIM BATIMENT BT BLOC CAGE ENTREE ENTR ESC ESCALIER HALL ILOT IMM IMMEUBLE PORTE "
    "TOUR LOT LOCAL".split()
)
_RANKS = "PREMIER|DEUXIEME|SECOND|TROISIEME|QUATRIEME|CINQUIEME|SIXIEME|SEPTIEME|HUITIEME|NEUVIEME|DIXIEME"
_FLOORS = (
    rf"(?:(?:AU )?(?:[0-9]{{1,2}} ?(?:ERE?|I?EME|ND|E)?|{_RANKS}) (?:ETAGE|ETG|ETAG|NIVEAU)"
    r"(?: (?:GAUCHE|DROITE|DROIT|FACE|G|D))?"
    r"|RDC|RDJ|REZ DE (?:CHAUSSEE|CH|JARDIN)|SOUS SOL)"
)
# One letter is an identifier, but L and D before a word are articles.
_UNIT = (
    rf"(?:(?:{_NUMBERED}) ?{_NO}[A-Z]?[0-9]{{1,4}}(?: ?[A-Z]\b)?(?: ET [0-9]{{1,3}})?"
    rf"|(?:{_LETTERED}) {_NO}(?:[A-CE-KM-Z]|[IVX]{{2,4}})[0-9]{{0,2}}(?: ET [A-Z])?|{_FLOORS})"
)
_UNIT_LAST = rf"(?:{_LETTERED}) [DL]$"
_NOT_ARTICLE = (
    r"(?:[A-Z]*[0-9][A-Z0-9]*|[A-Z]{4,}|[B-CE-KM-Z]|[B-CF-KM-Z][A-Z]|A[A-TV-Z]|D[A-DF-TV-Z]|E[A-MO-SU-Z]|L[B-DF-Z]"
    r"|[B-CE-KM-Z][A-Z]{2}|A[A-TV-Z][A-Z]|AU[A-WYZ]|D[A-DF-Z][A-Z]|DE[A-RT-Z]|L[A-DF-Z][A-Z]|LE[A-RT-Z])"
)


def not_article() -> str:
    """A word that is no article, as a regular expression (the engine has no look-behind)."""
    return _NOT_ARTICLE


_BEFORE = rf"(^|\| ?|\b{_NOT_ARTICLE} )"
_WITHIN = rf"{_BEFORE}{_UNIT}(?: {_UNIT})*\b"
_WITHIN_LAST = rf"{_BEFORE}{_UNIT_LAST}"

# The postal code and town that follow the street, where the whole address stands in one column.
_TOWN = r"(.)(?: \|)?(?: F| FR)? (?:[0-9]{5}(?:[A-Z ].*)?|[0-9]{2} [0-9]{3} [A-Z].*|[0-9]{5}[A-Z].*)$"
# "COLMAR67000 STRASBOURG": five figures that stick to a word are its postal code.
_TOWN_GLUED = r"([A-Z]{2})[0-9]{5}(?:[ |].*)?$"
# "98 D1420": the number of a road, where its kind is one letter.
_ROAD = r"^([0-9]{1,4} )?D ?([0-9]{2,4})( \||$)"
_TOWN_FIRST = r"^(?:F |FR )?[0-9]{5} ?([A-Z]|\|)"
# What registers write where they have no street.
_NOTHING = (
    r"^(?:NC|NR|ND|NEANT|SN|X+|0+|AUCUNE?|INCONNUE?|NON (?:RENSEIGNEE?|COMMUNIQUEE?|CONNUE?|PRECISEE?)"
    r"|(?:SANS )?ADRESSE(?: INCONNUE| NON RENSEIGNEE)?|[0-9]{5}(?: .*)?|(?:ET |A |DE |LA |LE |CHEZ )+)$"
)
_SEPARATORS = r"[,;:()\[\]{}\"«»“”\n\r\t]|\s[-–—/]+\s|\s[-–—]|[-–—]\s"
# A number that stands alone between bars belongs to its neighbour.
_NUMBER_FIRST = rf"(^|\| )({_NO}[0-9]{{1,4}}(?: ?{INDEX})?) \| "
_NUMBER_LAST = rf" \| ({_NO}[0-9]{{1,4}}(?: ?{INDEX})?)( \||$)"


def marked(text: pl.Expr) -> pl.Expr:
    """Plain words with bars where the writer parted them, mentions taken out; null when nothing is left."""
    words = (
        ascii_capitals(text)
        # "Z.A." is ZA, "B.P." is BP.
        .str.replace_all(r"\b([A-Z])\.([A-Z])\.([A-Z])\b\.?", "${1}${2}${3} ")
        .str.replace_all(r"\b([A-Z])\. ?([A-Z])\b(?:\.|\b)", "${1} ${2} ")
        .str.replace_all(_BOX_RANGE, "${1}")
        # "28 / B" is an index, "12/14" a range; else a slash parts.
        .str.replace_all(r"([0-9]) ?/ ?([0-9A-Z])", "${1} ${2}")
        .str.replace_all(_SEPARATORS, " | ")
        .str.replace_all(r"[^A-Z0-9|]+", " ")
        .str.replace_all(r"\b(?:C O|AUX BONS SOINS DE)\b", "| CHEZ")
        .str.replace_all(_FIVE, "|")
        .str.replace_all(_BOXES, "|")
        .str.replace_all(_BARE_BOX, "|")
        .str.replace_all(_CEDEX, "|")
        .str.replace_all(_CALLS, "|")
        .str.replace_all(_CODES, "|")
        .str.replace_all(r" +", " ")
        .str.strip_chars(" ")
        .str.replace_all(_WITHIN, "${1}|")
        .str.replace_all(_WITHIN_LAST, "${1}|")
        .str.replace(_FLOOR_LAST, "${1}|")
    )
    words = tidy(words).str.replace(_TOWN_FIRST, "${1}").str.replace(_TOWN, "${1}")
    words = words.str.replace(_TOWN_GLUED, "${1}").str.replace(_ROAD, "${1}RD ${2}${3}")
    words = words.str.replace(_PLACED, "${1}")
    words = numbers_joined(tidy(words))
    return pl.when((words != "") & ~words.str.contains(_NOTHING)).then(words)


def numbers_joined(words: pl.Expr) -> pl.Expr:
    """A number that stands alone between bars joined to its neighbour: "12 | RUE" → "12 RUE"."""
    return words.str.replace_all(_NUMBER_FIRST, "${1}${2} ").str.replace_all(_NUMBER_LAST, " ${1}${2}")


def tidy(words: pl.Expr) -> pl.Expr:
    """One bar where there are several, none at either end, single spaces."""
    return words.str.replace_all(r"[ |]*\|[ |]*", " | ").str.replace_all(r" +", " ").str.strip_chars(" |")


def unmarked(words: pl.Expr) -> pl.Expr:
    """The same words without bars."""
    return words.str.replace_all(r" \| ", " ").str.strip_chars(" |")


def canonical_repetition(text: pl.Expr) -> pl.Expr:
    """A repetition index as it is compared: capitals without spaces ("a bis" → "ABIS"); null when it is none."""
    word = ascii_capitals(text).str.replace_all("[^A-Z0-9]", "")
    return pl.when(word.str.contains(r"^[A-Z]")).then(word.str.slice(0, 12))


def repetition_class(index: pl.Expr) -> pl.Expr:
    """What indices mean alike: B and BIS, T and TER, Q and QUATER."""
    return index.str.replace("BIS$", "B").str.replace("(?:QUATER|QUATRE)$", "Q").str.replace("TER$", "T")


ANNOUNCED = r"(?:^| )(?:LES|DES|AUX|DU|LE|LA|QUAI|UF|US|LITS?|SALLE|CHAMBRE)$"
"""What stands before a number that is part of a name or of a place: "AUX 4 CHEMINS", "QUAI 14"."""
