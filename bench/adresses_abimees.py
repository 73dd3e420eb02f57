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
    "CABINET MEDICAL", "MAISON DE SANTE", "CENTRE HOSPITALIER", "CLINIQUE SAINTE BARBE", "RESIDENCE LES LILAS",
    "IMMEUBLE LE FORUM",
)  # fmt: skip
_AFTER = (
    "BATIMENT B", "RESIDENCE LE PARC", "2EME ETAGE", "APPT 12", "ESCALIER C", "BAT A APPT 3", "BP 40123",
)  # fmt: skip
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

    def line(self) -> str:
        """The same on one line, in the order people write."""
        parts = (self.numero, self.repetition, self.type, self.nom, self.code_postal, self.commune)
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


def _one_error(it: Written, rng: np.random.Generator) -> Written | None:
    name = misspelt(it.nom, rng)
    return None if name in (None, it.nom) else replace(it, nom=name)


def _two_errors(it: Written, rng: np.random.Generator) -> Written | None:
    name = misspelt(it.nom, rng, 2) if len(it.nom) >= 10 else None
    return None if name in (None, it.nom) else replace(it, nom=name)


def _no_kind(it: Written, _: np.random.Generator) -> Written | None:
    return replace(it, type=None) if it.type else None


def _swapped(it: Written, _: np.random.Generator) -> Written | None:
    words = it.nom.split(" ")
    return replace(it, nom=" ".join([words[-1], *words[:-1]])) if len(words) > 1 else None


def _wrong_postal(it: Written, rng: np.random.Generator) -> Written | None:
    at = int(rng.integers(2, 5))
    figure = str((int(it.code_postal[at]) + int(rng.integers(1, 10))) % 10)
    return replace(it, code_postal=it.code_postal[:at] + figure + it.code_postal[at + 1 :])


def _abbreviated(it: Written, _: np.random.Generator) -> Written | None:
    kinds = {plain(kind): short for kind, short in WAYS.items()}
    words = " ".join(_TITLES.get(word, word) for word in it.nom.split(" "))
    return replace(it, type=kinds.get(it.type or "", it.type), nom=words) if it.type else None


def _cedex(it: Written, rng: np.random.Generator) -> Written | None:
    code = f"{it.code_postal[:2]}{int(rng.integers(900, 999))}"
    return replace(it, code_postal=code, commune=f"{it.commune} CEDEX {int(rng.integers(1, 10))}")


def _commune_misspelt(it: Written, rng: np.random.Generator) -> Written | None:
    commune = misspelt(it.commune, rng)
    return None if commune in (None, it.commune) else replace(it, commune=commune)


def _former(it: Written, _: np.random.Generator) -> Written | None:
    return replace(it, commune=it.ancienne) if it.ancienne and it.ancienne != it.commune else None


def _building(it: Written, rng: np.random.Generator) -> Written:
    """Everything in one column, with a building before or after the street."""
    street = " ".join(part for part in (it.numero, it.repetition, it.type, it.nom) if part)
    if rng.integers(2):
        street = f"{_BEFORE[int(rng.integers(len(_BEFORE)))]} {street}"
    else:
        street = f"{street} {_AFTER[int(rng.integers(len(_AFTER)))]}"
    return replace(it, numero=None, repetition=None, type=None, nom=street)


def _named_place(it: Written, rng: np.random.Generator) -> Written:
    return replace(it, nom=_PLACE_PREFIXES[int(rng.integers(len(_PLACE_PREFIXES)))] + it.nom)


# A street that the commune does not have, its name taken elsewhere in the department: the right answer is none.
ABSENT = "rue absente de la BAN"

# One line of the table each: wording, damage, whether it is drawn from the named places.
DAMAGES: tuple[tuple[str, Damage, bool], ...] = (
    ("propre", lambda it, _: it, False),
    ("une faute de frappe", _one_error, False),
    ("deux fautes de frappe", _two_errors, False),
    ("type de voie manquant", _no_kind, False),
    ("mots inversés", _swapped, False),
    ("code postal faux", _wrong_postal, False),
    ("abréviations", _abbreviated, False),
    ("CEDEX", _cedex, False),
    ("faute dans la commune", _commune_misspelt, False),
    ("ancienne commune", _former, False),
    ("bâtiment, résidence", _building, False),
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
        ``libelle_type_voie``, ``libelle_voie``, ``code_postal``, ``libelle_commune_source``), ``texte`` (the same on
        one line), ``demande`` (``numero``, ``lieu_dit`` or ``aucun``), ``vraie_commune``, ``vraie_longitude``,
        ``vraie_latitude``.
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
    columns = (it.numero, it.repetition, it.type, it.nom, it.code_postal, it.commune)
    truth = (source["code_commune"], source["longitude"], source["latitude"])
    expected = "aucun" if kind == ABSENT else "numero" if source["numero"] else "lieu_dit"
    return (number, kind, *columns, it.line(), expected, *truth)


def _bare(street: str) -> str:
    """The name of a street without its kind of way: a street of that name, whatever its kind, is no absent one."""
    kind, _, name = street.partition(" ")
    return plain(name if kind in WAYS and name else street)
