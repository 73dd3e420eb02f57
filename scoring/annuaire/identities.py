"""One person under two numbers: who left the ADELI register for the RPPS between two extractions.

From 2021 to 2024 whole professions changed register: each of their members lost an ADELI number and received an RPPS
number, and some had both for a while. Nothing in the extractions links the two; name, first name, profession and place
do, where they point to one person on each side.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from lake.text import folded_words
from lake.words import agreed, grouped

PERSON = "identification_nationale_pp"
NAMES = ("nom_exercice", "prenom_exercice")
_ADELI, _RPPS = "0", "8"
_PLACE = ("code_profession", "code_commune", "code_departement")
COLUMNS = (PERSON, *NAMES, *_PLACE)
"""What recognising needs of ``annuaire__activites``."""


def pairs(avant: pl.LazyFrame, apres: pl.LazyFrame) -> pl.DataFrame:
    """The persons met under an ADELI number and an RPPS number.

    Two numbers are one person's when name, first name (accents and case apart), profession and commune (or, where no
    commune is known, department) are the same, and no other number of either register has them.

    Args:
        avant: rows of ``annuaire__activites`` of the earlier extraction; without :data:`COLUMNS` nobody is recognised.
        apres: rows of the later one.

    Returns:
        DataFrame: ``adeli``, ``rpps`` (String), ``bascule`` (Boolean: the first number is only in the earlier
        extraction and the second only in the later one; otherwise both numbers meet in one of them).
    """
    empty = pl.DataFrame(schema={"adeli": pl.String, "rpps": pl.String, "bascule": pl.Boolean})
    if not all(set(COLUMNS) <= set(one.collect_schema().names()) for one in (avant, apres)):
        return empty
    rows = pl.concat(
        [
            avant.select(*COLUMNS, _apres=pl.lit(False)).unique(),
            apres.select(*COLUMNS, _apres=pl.lit(True)).unique(),
        ]
    )
    register = pl.col(PERSON).str.head(1)
    adeli = rows.filter(register == _ADELI).collect()
    if adeli.is_empty():
        return empty
    # Few professions were in ADELI: the others' names are never folded.
    rpps = rows.filter(
        (register == _RPPS) & pl.col("code_profession").is_in(adeli["code_profession"].unique().implode())
    )
    one, other = _described(adeli), _described(rpps.collect())
    keys = ["_nom", "_prenom", "code_profession", "_lieu"]
    found = one.join(other, on=keys, suffix="_rpps").select(
        adeli=PERSON, rpps=f"{PERSON}_rpps", _avant="_avant", _apres="_apres", _avant_rpps="_avant_rpps",
        _apres_rpps="_apres_rpps",
    ).unique(["adeli", "rpps"])  # fmt: skip
    alone = (pl.len().over("adeli") == 1) & (pl.len().over("rpps") == 1)
    switched = ~pl.col("_apres") & ~pl.col("_avant_rpps")
    return found.filter(alone).select("adeli", "rpps", bascule=switched).sort("adeli")


def renumbered(counts: Mapping[str, int]) -> str:
    """What the counts of a comparison say of numbers, in one or two French sentences; nothing when none changed.

    Args:
        counts: at least ``bascules``, ``arrivees_connues`` and ``departs_connus``.
    """
    moved, came, left = (
        int(counts.get(name) or 0) for name in ("bascules", "arrivees_connues", "departs_connus")
    )
    sentences = []
    if moved:
        verb = "a changé" if moved == 1 else "ont changé"
        who = agreed(moved, f"{grouped(moved)} personne(s)")
        sentences.append(
            f"{who} {verb} de numéro (d'ADELI à RPPS) : ni arrivée, ni départ, même nom, même profession, même lieu."
        )
    if came:
        sentences.append(
            agreed(
                came,
                f"Parmi les arrivées, {grouped(came)} numéro(s) RPPS de personnes qui ont aussi un numéro ADELI.",
            )
        )
    if left:
        sentences.append(
            agreed(
                left,
                f"Parmi les départs, {grouped(left)} numéro(s) ADELI de personnes qui ont aussi un numéro RPPS.",
            )
        )
    return " ".join(sentences)


def _described(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per person × profession × place, folded names, and when the person is there."""
    place = pl.coalesce("code_commune", pl.lit("departement ") + pl.col("code_departement"))
    when = rows.group_by(PERSON).agg(_avant=(~pl.col("_apres")).any(), _apres=pl.col("_apres").any())
    return (
        rows.lazy()
        .select(
            PERSON,
            "code_profession",
            _nom=folded_words(pl.col(NAMES[0])),
            _prenom=folded_words(pl.col(NAMES[1])),
            _lieu=place,
        )
        .filter((pl.col("_nom") != "") & pl.col("_lieu").is_not_null())
        .unique()
        .collect()
        .join(when, on=PERSON)
    )
