"""Addresses drawn from a BAN and damaged on purpose, one way at a time, with the truth beside them.

Registers write in capitals without accents; that is no damage. Every damage is drawn from a seed, on the address as
it is written, without looking at the other streets: some damaged names are another street's name, as in life.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from lake.text import fold

WAYS = {
    "Rue": "R", "Avenue": "AV", "Boulevard": "BD", "Place": "PL", "Route": "RTE", "Chemin": "CHE",
    "Impasse": "IMP", "Allée": "ALL", "Quai": "QU", "Square": "SQ", "Passage": "PAS", "Faubourg": "FG",
    "Cours": "CRS",
}  # fmt: skip
_TITLES = {
    "GENERAL": "GAL", "SAINT": "ST", "SAINTE": "STE", "DOCTEUR": "DR", "MARECHAL": "MAL", "PROFESSEUR": "PR",
    "COLONEL": "COL", "CAPITAINE": "CNE", "COMMANDANT": "CDT", "PRESIDENT": "PDT", "LIEUTENANT": "LT",
}  # fmt: skip
_BEFORE = (
    "CABINET DENTAIRE", "MAISON DE RETRAITE", "CENTRE DE RADIOLOGIE", "POLYCLINIQUE LES GLYCINES",
    "RESIDENCE DES ERABLES", "IMMEUBLE LE CRISTAL", "PHARMACIE CENTRALE", "CHEZ M SCHMITT -",
)  # fmt: skip
_AFTER = (
    "- CABINET D ORTHOPHONIE", "(LES GLYCINES)", "LABORATOIRE BIO", "SCM DU STADE", "RESIDENCE DES ERABLES",
    "ANNEXE NORD", "FACE AU STADE", "/ POLE SANTE", "ESPACE CLEMENCEAU", "DR WEBER",
)  # fmt: skip
_BOXES = (
    "BP {}",
    "B.P. {}",
    "CS {:05d}",
    "CIDEX {}",
    "BOITE POSTALE {}",
    "TSA {:05d}",
    "CASE POSTALE {}",
    "BAL N°{}",
)
_UNITS = (
    "BAT {}", "APPT {}", "APT N° {}", "LOT {}", "{}EME ETAGE", "ESC {}", "ENTREE {}", "PORTE {}", "HALL {}", "KM {}",
)  # fmt: skip
_LABELS = (
    "{} ({dep})", "{dep}-{}", "{cp} {}", "F-{cp} {}", "{} CDX", "{} CEDX 4", "{} CENTRE", "{} CEDEX2",
    "COMMUNE DE {}", "{} FRANCE",
)  # fmt: skip
_ONES = (
    "ZERO UN DEUX TROIS QUATRE CINQ SIX SEPT HUIT NEUF DIX ONZE DOUZE TREIZE QUATORZE QUINZE SEIZE DIX-SEPT DIX-HUIT "
    "DIX-NEUF"
).split()
_TENS = {20: "VINGT", 30: "TRENTE", 40: "QUARANTE", 50: "CINQUANTE", 60: "SOIXANTE"}
_PLACE_PREFIXES = ("", "LIEU DIT ", "LIEUDIT ", "LD ")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Written:
    """One address as a register gives it; ``None`` where a column is empty."""

    numero: str | None
    repetition: str | None
    type: str | None
    nom: str
    complement: str | None
    code_postal: str
    commune: str
    ancienne: str | None = None
    mention: str | None = None
    destinataire: str | None = None

    def line(self) -> str:
        """The same on one line, in the order people write."""
        parts = (
            self.destinataire, self.complement, self.numero, self.repetition, self.type, self.nom, self.mention,
            self.code_postal, self.commune,
        )  # fmt: skip
        return " ".join(part for part in parts if part)


Damage = Callable[[Written, np.random.Generator], Written | None]


def plain(text: str) -> str:
    """Capitals without accents, as registers write."""
    return fold(text).upper()


def misspelt(text: str, rng: np.random.Generator, errors: int = 1) -> str | None:
    """Letters dropped, doubled by another, replaced or swapped; never the first of a word nor a figure."""
    for _ in range(errors):
        places = [i for i in range(1, len(text)) if text[i].isalpha() and text[i - 1].isalpha()]
        if len(places) < 3:
            return None
        at = int(rng.choice(places))
        letter = _LETTERS[int(rng.integers(26))]
        kind = int(rng.integers(4))
        if kind == 0:
            text = text[:at] + text[at + 1 :]
        elif kind == 1:
            text = text[:at] + letter + text[at:]
        elif kind == 2:
            text = text[:at] + letter + text[at + 1 :]
        elif at + 1 < len(text) and text[at + 1].isalpha():
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        else:
            text = text[:at] + text[at + 1 :]
    return text


def _two_errors(it: Written, rng: np.random.Generator) -> Written | None:
    name = misspelt(it.nom, rng, 2) if len(it.nom) >= 10 else None
    return None if name in (None, it.nom) else replace(it, nom=name)


def _no_kind(it: Written, _: np.random.Generator) -> Written | None:
    return replace(it, type=None) if it.type else None


def in_words(number: int) -> str:
    """A number under 100 in French words, as registers write it."""
    if number < 20:
        return _ONES[number]
    tens = number - number % 10 if number < 70 else 60 if number < 80 else 80
    if tens == 80:
        return "QUATRE-VINGTS" if number == 80 else f"QUATRE-VINGT-{in_words(number - 80)}"
    rest = number - tens
    link = " ET " if rest in (1, 11) else "-"
    return _TENS[tens] + (f"{link}{in_words(rest)}" if rest else "")


def _street(it: Written) -> str:
    """Number, index, kind and name on one line."""
    return " ".join(part for part in (it.numero, it.repetition, it.type, it.nom) if part)


def _bare_columns(it: Written, name: str) -> Written:
    """The same with all of the street in its label."""
    return replace(it, numero=None, repetition=None, type=None, nom=name)


def _boxed(it: Written, rng: np.random.Generator) -> Written:
    """A box in the number's column, or before or after the street."""
    box = _BOXES[int(rng.integers(len(_BOXES)))].format(int(rng.integers(2, 600)))
    place = int(rng.integers(3))
    if place == 0:
        return replace(_bare_columns(it, _street(it)), numero=box)
    return _bare_columns(
        it, f"{box} {_street(it)}" if place == 1 and not box.startswith("KM") else f"{_street(it)} {box}"
    )


def _inside(it: Written, rng: np.random.Generator) -> Written:
    """A flat, floor, lot or door in the number's column, in the index or after the street."""
    unit = _UNITS[int(rng.integers(len(_UNITS)))].format(int(rng.integers(2, 60)))
    place = int(rng.integers(3))
    if place == 0:
        return replace(_bare_columns(it, _street(it)), numero=unit)
    if place == 1 and not it.repetition:
        return replace(it, repetition=unit)
    return _bare_columns(it, f"{_street(it)} {unit}")


def _worded(it: Written, _: np.random.Generator) -> Written | None:
    """Every number in words: the house's, and those of the name."""
    if not it.numero or not it.numero.isdigit() or not 2 <= int(it.numero) < 100 or it.numero == "9":
        return None
    words = [in_words(int(w)) if w.isdigit() and int(w) < 100 else w for w in it.nom.split(" ")]
    return replace(it, numero=in_words(int(it.numero)), nom=" ".join(words))


def _indexed(it: Written, rng: np.random.Generator) -> Written | None:
    """The repetition index in another place or spelling."""
    if not it.repetition or not it.numero:
        return None
    joined = (f"{it.numero}{it.repetition}", f"{it.numero}-{it.repetition}", f"{it.numero} / {it.repetition}")
    number = joined[int(rng.integers(len(joined)))]
    if rng.integers(2):
        return replace(it, numero=number, repetition=None)
    return _bare_columns(it, f"{number} {it.type or ''} {it.nom}")


def _elsewhere(it: Written, rng: np.random.Generator) -> Written:
    """The street in another column, a building in its own."""
    street = _street(it)
    moved = _bare_columns(it, _BEFORE[int(rng.integers(len(_BEFORE)))].rstrip(" -"))
    column = ("complement", "mention", "destinataire")[int(rng.integers(3))]
    return replace(moved, **{column: street})


def _around(it: Written, rng: np.random.Generator) -> Written:
    """Words of a building, a firm or a person around the street."""
    if rng.integers(2):
        return _bare_columns(it, f"{_BEFORE[int(rng.integers(len(_BEFORE)))]} {_street(it)}")
    return _bare_columns(it, f"{_street(it)} {_AFTER[int(rng.integers(len(_AFTER)))]}")


def _shortened(it: Written, rng: np.random.Generator) -> Written | None:
    """One word of several without its vowels, the first letter apart: no table of abbreviations knows it."""
    words = it.nom.split(" ")
    long = [place for place, word in enumerate(words) if len(word) > 5 and word.isalpha()]
    if len(long) < 2 or not it.type:
        return None
    at = long[int(rng.integers(len(long) - 1))]
    words[at] = words[at][0] + "".join(letter for letter in words[at][1:] if letter not in "AEIOUY")
    return replace(it, nom=" ".join(words))


def _label(it: Written, rng: np.random.Generator) -> Written:
    """A commune's label that says more than its name."""
    shape = _LABELS[int(rng.integers(len(_LABELS)))]
    return replace(it, commune=shape.format(it.commune, dep=it.code_postal[:2], cp=it.code_postal))


def _former(it: Written, _: np.random.Generator) -> Written | None:
    return replace(it, commune=it.ancienne) if it.ancienne and it.ancienne != it.commune else None


def _named_place(it: Written, rng: np.random.Generator) -> Written:
    return replace(it, nom=_PLACE_PREFIXES[int(rng.integers(len(_PLACE_PREFIXES)))] + it.nom)


# A street that the commune does not have, its name taken elsewhere in the department: the right answer is none.
ABSENT = "rue absente de la BAN"

# One line of the table each: wording, damage, whether it is drawn from the named places.
DAMAGES: tuple[tuple[str, Damage, bool], ...] = (
    ("propre", lambda it, _: it, False),
    ("deux fautes de frappe", _two_errors, False),
    ("type de voie manquant", _no_kind, False),
    ("boîte postale", _boxed, False),
    ("étage, porte, lot", _inside, False),
    ("nombres en lettres", _worded, False),
    ("indice de répétition", _indexed, False),
    ("rue dans une autre colonne", _elsewhere, False),
    ("mots autour de la rue", _around, False),
    ("mots raccourcis", _shortened, False),
    ("libellé de commune", _label, False),
    ("ancienne commune", _former, False),
    ("lieu-dit", _named_place, True),
    (ABSENT, lambda it, _: it, False),
)


def draw(ban: pl.DataFrame, count: int, seed: int) -> pl.DataFrame:
    """Addresses of each kind.

    Args:
        ban: ``ban__adresses`` of one department.
        count: addresses of each kind; fewer where the BAN does not hold as many.
        seed: same seed and BAN, same addresses.

    Returns:
        ``id`` (row number), ``ligne`` (kind), the register's columns (``numero_voie``, ``indice_repetition_voie``,
        ``libelle_type_voie``, ``libelle_voie``, ``code_postal``, ``libelle_commune_source``, the complement, the
        mention and the addressee), ``texte`` (the same on one line), ``demande`` (``numero``, ``lieu_dit`` or
        ``aucun``), ``vraie_commune``, ``vraie_longitude``, ``vraie_latitude``.
    """
    located = ban.drop_nulls(["longitude", "latitude"]).sort("id")
    numbered = located.drop_nulls(["numero", "nom_voie"])
    merged = numbered.drop_nulls("ancienne_commune")
    places = located.filter(pl.col("nom_voie").is_null() & pl.col("nom_lieu_dit").is_not_null())
    streets = numbered.select("nom_voie").unique().sort("nom_voie")["nom_voie"].to_list()
    names = numbered.select("code_commune", _nom=pl.col("nom_voie").map_elements(_bare, pl.String)).unique()
    known = set(names.iter_rows())
    rows: list[tuple[object, ...]] = []
    for position, (kind, damage, of_places) in enumerate(DAMAGES):
        pool = places if of_places else merged if damage is _former else numbered
        rng = np.random.default_rng([seed, position])
        taken = 0
        for at in rng.permutation(pool.height).tolist():
            source = pool.row(at, named=True)
            if kind == ABSENT:
                source["nom_voie"] = streets[int(rng.integers(len(streets)))]
                if (source["code_commune"], _bare(source["nom_voie"])) in known:
                    continue
            damaged = damage(_written(source), rng)
            if damaged is None:
                continue
            rows.append(_row(len(rows), kind, damaged, source))
            taken += 1
            if taken == count:
                break
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


_SCHEMA = {
    "id": pl.Int64,
    "ligne": pl.String,
    "numero_voie": pl.String,
    "indice_repetition_voie": pl.String,
    "libelle_type_voie": pl.String,
    "libelle_voie": pl.String,
    "code_postal": pl.String,
    "libelle_commune_source": pl.String,
    "complement_point_geographique": pl.String,
    "mention_distribution": pl.String,
    "complement_destinataire": pl.String,
    "texte": pl.String,
    "demande": pl.String,
    "vraie_commune": pl.String,
    "vraie_longitude": pl.Float64,
    "vraie_latitude": pl.Float64,
}


def _written(source: dict[str, str | None]) -> Written:
    street = source["nom_voie"] or source["nom_lieu_dit"] or ""
    kind, _, name = street.partition(" ")
    known = kind in WAYS and bool(name) and source["nom_voie"] is not None
    # Registers drop the apostrophes and hyphens with the accents.
    bare = plain(name if known else street).replace("'", " ").replace("’", " ").replace("-", " ")
    return Written(
        source["numero"],
        plain(source["repetition"]) if source["repetition"] else None,
        plain(kind) if known else None,
        bare,
        None,
        source["code_postal"] or "",
        plain(source["nom_commune"] or ""),
        plain(source["ancienne_commune"]) if source["ancienne_commune"] else None,
    )


def _row(number: int, kind: str, it: Written, source: dict[str, object]) -> tuple[object, ...]:
    columns = (
        it.numero, it.repetition, it.type, it.nom, it.code_postal, it.commune, it.complement, it.mention,
        it.destinataire,
    )  # fmt: skip
    truth = (source["code_commune"], source["longitude"], source["latitude"])
    expected = "aucun" if kind == ABSENT else "numero" if source["numero"] else "lieu_dit"
    return (number, kind, *columns, it.line(), expected, *truth)


def _bare(street: str) -> str:
    """The name of a street without its kind of way: a street of that name, whatever its kind, is no absent one."""
    kind, _, name = street.partition(" ")
    return plain(name if kind in WAYS and name else street)
