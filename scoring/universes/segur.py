"""The ``segur`` universe: monthly adoption of the core services, one measure per indicator of the catalogue.

What an indicator means and how it combines is data (``segur__indicateurs``); :func:`segur_universe` turns a
catalogue into measures. Three tables answer: the rows as delivered, and two monthly sums of them that leave
out structures (and editors). A question goes to the smallest that can answer it; figures are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from lake.catalog.segur import (
    COUVERTURE,
    CUMULS_EDITEURS,
    CUMULS_TERRITOIRES,
    INDICATEURS,
    MESURES,
    PROFESSIONS,
    SERVICES,
    STRUCTURES,
    TYPES_ACTEUR,
    indicateurs_de_base,
)
from lake.catalog.territoires import DEPARTEMENTS, REGIONS
from lake.errors import MissingTable
from scoring.universes.model import Axis, Format, Kind, Lookup, Measure, Order, Rhythm, Scan, Term, Universe

KINDS = {"flux": Kind.FLOW, "stock": Kind.STOCK, "distinct": Kind.DISTINCT, "ratio": Kind.RATIO}

STRUCTURE_SUBJECT = "structure"
"""What the distinct counts of Ségur count: it stands in one territory, one kind of actor; it has several editors."""
_ONE = frozenset({STRUCTURE_SUBJECT})

MOIS = Axis("mois", "Mois", pl.col("mois"), plural="Mois", order=Order.CODE)
REGION = Axis(
    "region",
    "Région",
    pl.col("code_region"),
    code="code_region",
    text=Lookup(REGIONS, "code_region", "region"),
    code_pattern=r"[0-9]{2,3}",
    territory="region",
    partitions=_ONE,
)
DEPARTEMENT = Axis(
    "departement",
    "Département",
    pl.col("code_departement"),
    code="code_departement",
    text=Lookup(DEPARTEMENTS, "code_departement", "departement"),
    code_pattern=r"2[AB]|[0-9]{2,3}",
    territory="departement",
    parent="region",
    partitions=_ONE,
)
SERVICE = Axis("service", "Service", pl.col("service"), words=SERVICES, order=Order.WORDS, partitions=_ONE)
TYPE_ACTEUR = Axis(
    "type_acteur",
    "Type d'acteur",
    pl.col("type_acteur"),
    words=TYPES_ACTEUR,
    plural="Types d'acteur",
    partitions=_ONE,
)
PROFESSION = Axis(
    "profession",
    "Profession",
    pl.col("profession"),
    code="code_profession",
    text=Lookup(PROFESSIONS, "code_profession", "profession"),
)
EDITEUR = Axis("editeur", "Éditeur", pl.col("editeur"))
STRUCTURE = Axis(
    "structure",
    "Structure",
    pl.col("structure"),
    code="code_structure",
    text=Lookup(STRUCTURES, "structure", "nom"),
    parent="departement",
    partitions=_ONE,
    code_pattern=r"[0-9][0-9A-J][0-9]{7}",
)
COMMON_AXES = (MOIS, REGION, DEPARTEMENT, SERVICE, TYPE_ACTEUR, PROFESSION)

Counting = Callable[[Mapping[str, Any], pl.Expr], Term | None]
"""How a table counts an indicator that is no ratio: catalogue line, its rows -> term, None if it cannot."""


def segur_universe(catalogue: pl.DataFrame) -> Universe:
    """The universe that a catalogue of indicators describes.

    Args:
        catalogue: rows of ``segur__indicateurs``. A ratio whose terms are not both in the catalogue, or are
            not sums, is left out: its value would have no meaning.

    Returns:
        Universe: one measure per indicator, named by its code; rows of ``segur__mesures``, and as summaries
        the monthly sums of the same rows.
    """
    lines = {line["code"]: line for line in catalogue.iter_rows(named=True)}
    shared: dict[str, Any] = {
        "name": "segur",
        "title": "Pilotage régional Ségur",
        "time": MOIS,
        "rhythm": Rhythm.MONTHLY,
        "source": "Indicateurs Ségur (ANS, CNAM, GIE SESAM-Vitale, ASP)",
        "calendar": COUVERTURE,
        "catalogue": INDICATEURS,
        "tall": True,
    }
    territoires = Universe(
        table=CUMULS_TERRITOIRES, axes=COMMON_AXES, measures=_measures(lines, _in_territories), **shared
    )
    editeurs = Universe(
        table=CUMULS_EDITEURS, axes=(*COMMON_AXES, EDITEUR), measures=_measures(lines, _in_editors), **shared
    )
    return Universe(
        table=MESURES,
        axes=(*COMMON_AXES, EDITEUR, STRUCTURE),
        measures=_measures(lines, _in_rows),
        summaries=(territoires, editeurs),
        from_lake=segur_of_lake,
        **shared,
    )


def segur_of_lake(scan: Scan) -> Universe:
    """The universe of a lake's own catalogue; the packaged one where the lake has none yet."""
    try:
        catalogue = scan(INDICATEURS).collect()
    except MissingTable:
        return SEGUR
    return segur_universe(catalogue)


def indicator_term(line: Mapping[str, Any]) -> pl.Expr:
    """The rows of one indicator; its service comes first, so that whole files are skipped."""
    return pl.col("service").eq(line["service"]) & pl.col("indicateur").eq(line["code"])


# -- how each table counts ---------------------------------------------------------------------------


def _sum(line: Mapping[str, Any], where: pl.Expr) -> Term:
    return Term(pl.col("valeur"), where=where, stock=line["combinaison"] == "stock")


def _in_rows(line: Mapping[str, Any], where: pl.Expr) -> Term:
    """In the rows as delivered."""
    if line["combinaison"] != "distinct":
        return _sum(line, where)
    if line["compte"] is None:
        return Term(pl.col("valeur"), where=where, stock=True, single=True)
    present = pl.when(pl.col("valeur") > 0).then(pl.col(line["compte"]))
    return Term(present, where=where, stock=True, distinct=True)


def _in_territories(line: Mapping[str, Any], where: pl.Expr) -> Term:
    """In the sums by territory: a structure stands in one cell a month, so cells do not overlap."""
    if line["combinaison"] != "distinct":
        return _sum(line, where)
    if line["compte"] is None:
        return _in_editors_single(where)
    return Term(pl.col("structures"), where=where, stock=True, disjoint=True)


def _in_editors(line: Mapping[str, Any], where: pl.Expr) -> Term | None:
    """In the sums by editor: a structure has several editors, so a distinct count goes back to the rows."""
    if line["combinaison"] != "distinct":
        return _sum(line, where)
    return _in_editors_single(where) if line["compte"] is None else None


def _in_editors_single(where: pl.Expr) -> Term:
    return Term(pl.when(pl.col("lignes") == 1).then(pl.col("valeur")), where=where, stock=True, single=True)


# -- measures ----------------------------------------------------------------------------------------


def _measures(lines: Mapping[str, Mapping[str, Any]], counting: Counting) -> tuple[Measure, ...]:
    found = (_measure(line, lines, counting) for line in lines.values())
    return tuple(measure for measure in found if measure is not None)


def _measure(
    line: Mapping[str, Any], lines: Mapping[str, Mapping[str, Any]], counting: Counting
) -> Measure | None:
    kind = KINDS[line["combinaison"]]
    terms: dict[str, Any] = {}
    if kind is Kind.RATIO:
        for role, code in (("numerator", line["numerateur"]), ("denominator", line["denominateur"])):
            below = lines.get(code)
            if below is None or below["combinaison"] not in ("flux", "stock"):
                return None
            terms[role] = _sum(below, indicator_term(below))
    else:
        term = counting(line, indicator_term(line))
        if term is None:
            return None
        terms["value"] = term
    return Measure(
        line["code"],
        line["libelle"],
        line["unite"] or "",
        kind,
        line["definition"],
        format=Format.SHARE if kind is Kind.RATIO else Format.INTEGER,
        ne_mesure_pas=line["ne_mesure_pas"] or "",
        alternative=_alternative(kind),
        axes=_axes(line, lines),
        bounds=(0.0, 1.0) if kind is Kind.RATIO else None,
        subject=line["compte"] or "",
        sense=1,
        **terms,
    )


def _axes(line: Mapping[str, Any], lines: Mapping[str, Mapping[str, Any]]) -> frozenset[str] | None:
    """The axes that the source tells, its service included; a ratio has those of both its terms."""
    parts = [line]
    if line["combinaison"] == "ratio" and not line.get("axes"):
        parts = [lines[line["numerateur"]], lines[line["denominateur"]]]
    told = [frozenset(part["axes"].split("|")) for part in parts if part.get("axes")]
    return frozenset.intersection(*told) | {SERVICE.name} if told else None


def _alternative(kind: Kind) -> str:
    return {
        Kind.FLOW: "",
        Kind.STOCK: "Un état se lit à un mois\u202f: demandez une ligne par mois (--par mois), ou une date.",
        Kind.DISTINCT: "Un compte distinct ne s'additionne pas\u202f: demandez-le à la maille voulue.",
        Kind.RATIO: "Un taux se recalcule\u202f: demandez-le à la maille voulue, ou --total.",
    }[kind]


SEGUR = segur_universe(indicateurs_de_base())
