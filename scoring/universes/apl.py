"""The ``apl`` universe: the DREES's official indicator beside the potential accessibility.

A row is a territory of one mesh. The two measures have two units: only their positions compare (see
:mod:`scoring.reach.official`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from lake.catalog.apl import UNITES
from lake.errors import LakeError
from scoring.annuaire.inside import inside
from scoring.annuaire.territory import MESHES
from scoring.reach import asked, official
from scoring.reach.floating import VALUE
from scoring.universes import accessibilite as access
from scoring.universes.annuaire import TERRITOIRES
from scoring.universes.directory import PROFESSIONAL, declared, mesh_of, once, refuse
from scoring.universes.memory import remembered
from scoring.universes.model import Axis, Format, Kind, Measure, Scan, Term
from scoring.universes.parameters import Parameter
from scoring.universes.selection import Selection

APL_VALUE, OURS, THEIRS = official.APL, official.OURS, official.THEIRS
TABLES = (*asked.TABLES, *official.TABLES)
FIFTHS = {
    "1": "les moins bien desservis",
    "2": "2e cinquième",
    "3": "3e cinquième",
    "4": "4e cinquième",
    "5": "les mieux desservis",
}
PARAMETERS = (
    *(one for one in access.PARAMETERS if one.name not in ("seuil", "actions")),
    Parameter("millesime", "Millésime de l'APL", pattern="[0-9]{4}", form="une année, par exemple 2023"),
    Parameter("maille", "Maille comparée", "commune", {m: m for m in ("commune", "epci", "departement")}),
)


def _fifth(position: str) -> pl.Expr:
    rank = (pl.col(position) * official.PARTS).floor().cast(pl.Int64).clip(0, official.PARTS - 1) + 1
    return rank.cast(pl.String)


def years(scan: Scan, selection: Selection) -> list[str]:
    """The years ingested for the profession selected, newest first (kept)."""
    code = official.profession(selection)
    if not code:
        return []
    return remembered(scan, ("millesimes", code), official.TABLES, lambda: official.years(scan, code))


def published(scan: Scan, selection: Selection) -> official.Officiel:
    """The official indicator of the profession and year asked (kept).

    Raises:
        LakeError: the selection counts other people than the DREES does, or nothing was ingested.
    """
    code, year = official.profession(selection), selection.parameter("millesime")
    if not code:
        raise LakeError(
            "L'indicateur de la DREES se compare une profession à la fois.",
            conseil="Choisissez une seule profession ; pour les médecins, la médecine générale.",
        )
    return remembered(scan, ("apl", code, year), official.TABLES, lambda: official.official(scan, code, year))


def rows(scan: Scan, selection: Selection, axes: Sequence[Axis], restrict: pl.Expr | None) -> pl.LazyFrame:
    """The territories selected at one mesh; their positions are those of the whole region."""
    refuse(axes, (*MESHES, "part_potentielle", "part_apl", "date_extraction"), "La comparaison avec l'APL")
    mesh = MESHES[mesh_of(axes) or selection.parameter("maille")]
    everyone = access.everyone(scan, selection, restrict).drop_nulls("code_commune")
    both = official.compared(everyone, published(scan, selection), mesh)
    here = everyone.filter(inside(selection))[mesh].drop_nulls().unique()
    return (
        both.lazy()
        .filter(pl.col(mesh).is_in(here.implode()))
        .with_columns(
            points=100 * pl.col(official.GAP),
            part_potentielle=_fifth(OURS),
            part_apl=_fifth(THEIRS),
            date_extraction=pl.lit(selection.date, pl.Date),
        )
    )


def notes(scan: Scan, selection: Selection) -> Mapping[str, str]:
    """The years ingested; the year, unit and title of the one shown."""
    known, code = years(scan, selection), official.profession(selection)
    if not known:
        return {"profession": code} if code else {}
    found = published(scan, selection)
    return {
        "profession": code,
        "millesimes": " ".join(known),
        "millesime": found.annee,
        "unite": found.unite,
        "indicateur": f"DREES, APL {found.annee}, {UNITES[found.unite]} ; {found.titre}",
        "titre": found.titre,
    }


def _alone(name: str, label: str, definition: str, column: str, kind: Format = Format.DECIMAL) -> Measure:
    """A figure of one territory, which never adds nor averages."""
    return Measure(
        name, label, "", Kind.DISTINCT, definition, value=Term(pl.col(column), single=True), format=kind
    )


_KNOWN = pl.col(official.GAP).is_not_null()
_ROW = pl.col("population").is_not_null().cast(pl.Int64)
_PLACE = "Part des habitants de la région qui vivent dans des territoires moins bien desservis, selon"
MEASURES = (
    Measure("territoires", "Territoires", "territoires", Kind.STOCK, "Territoires qui ont les deux mesures.",
            value=Term(_ROW, where=_KNOWN)),
    Measure("sans_comparaison", "Territoires sans comparaison", "territoires", Kind.STOCK,
            "Territoires qui n'ont pas l'une des deux mesures.", value=Term(_ROW, where=~_KNOWN)),
    Measure("population", "Habitants", "habitants", Kind.STOCK, "Population municipale (INSEE).",
            value=Term(pl.col("population"))),
    Measure("population_comparee", "Habitants comparés", "habitants", Kind.STOCK,
            "Habitants des territoires qui ont les deux mesures.", value=Term(pl.col("population"), where=_KNOWN)),
    Measure("population_accord", "Habitants placés de même", "habitants", Kind.STOCK,
            "Habitants des territoires que les deux mesures placent à moins de 10 points l'une de l'autre.",
            value=Term(pl.col("population"), where=pl.col("points").abs() < 10)),
    _alone(VALUE, "Accessibilité potentielle (têtes)", "Professionnels à portée pour 10 000 habitants.", VALUE),
    _alone(APL_VALUE, "APL (DREES)", "Indicateur officiel, dans son unité.", APL_VALUE),
    _alone(OURS, "Position, têtes", f"{_PLACE} l'accessibilité potentielle.", OURS, Format.SHARE),
    _alone(THEIRS, "Position, APL", f"{_PLACE} l'APL.", THEIRS, Format.SHARE),
    _alone("points", "Écart de position (points)", "Position selon les têtes, moins position selon l'APL.", "points"),
    Measure("correlation_rangs", "Corrélation des rangs", "", Kind.RATIO,
            "Corrélation de Spearman des deux mesures, chaque territoire comptant pour un ; rien sous trois.",
            numerator=Term(once(pl.corr(VALUE, APL_VALUE, method="spearman"))),
            denominator=Term(once(pl.when(_KNOWN.sum() >= 3).then(1.0))), format=Format.DECIMAL,
            alternative="Une corrélation se recalcule : demandez-la à la maille voulue."),
)  # fmt: skip
PART_POTENTIELLE = Axis(
    "part_potentielle",
    "Cinquième selon l'accessibilité potentielle",
    pl.col("part_potentielle"),
    words=FIFTHS,
)
PART_APL = Axis("part_apl", "Cinquième selon l'APL", pl.col("part_apl"), words=FIFTHS)

APL = declared(
    "apl",
    "Accessibilité potentielle et APL de la DREES",
    rows,
    (*TERRITOIRES, *PROFESSIONAL, PART_POTENTIELLE, PART_APL),
    MEASURES,
    TABLES,
    parameters=PARAMETERS,
    source="DREES, APL ; ANS, Annuaire Santé",
    notes=notes,
)
