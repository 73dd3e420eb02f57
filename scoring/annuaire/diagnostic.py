"""The diagnosis of a territory under a selection: what its page, its PDF and its command ask alike.

The professional filters narrow what is counted everywhere; that of the profession leaves the list of professions
whole, as a view that filters an axis does on every page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from lake.catalog.territoires import COMMUNES
from lake.errors import LakeError
from scoring.annuaire.changes import COUNTS, PERSON, PROFESSION, Perimetre
from scoring.annuaire.compared import TABLES as TERRITORY_TABLES
from scoring.annuaire.compared import Choix, peers
from scoring.annuaire.diagnosis import communes_without, professions, several_places
from scoring.annuaire.diagnosis import since as changed_since
from scoring.annuaire.evolution import compare
from scoring.annuaire.ground import Keep, Terrain, anew, numbered, terrain
from scoring.annuaire.inside import everywhere
from scoring.annuaire.ranking import ranks
from scoring.reach.proximity import Trajet
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.engine import detail
from scoring.universes.model import Scan
from scoring.universes.selection import Selection

TABLES = (ANNUAIRE.table, *TERRITORY_TABLES)
"""What a diagnosis is read from."""
VIEWS = ("resume", "professions", "communes", "sans", "lieux")
"""The tables of a diagnosis."""


@dataclass(frozen=True, eq=False)
class Diagnostic:
    """A diagnosis.

    Attributes:
        choix: the territory.
        avant: extraction compared with; None without.
        resume: one row, for the professions selected: ``territoire``, ``communes``, ``population``,
            ``professionnels`` (Int64), ``densite_pour_10000``, ``densite_departement_pour_10000``,
            ``densite_region_pour_10000`` (Float64), ``rang``, ``pairs`` (Int64), ``mediane_pour_10000``
            (Float64), the counts of :func:`scoring.annuaire.changes.summary` (Int64; null without comparison),
            ``communes_sans``, ``population_sans`` (Int64), ``distance_max_km``, ``temps_max_min`` (Float64:
            the farthest of the nearest), ``plusieurs_lieux`` (Int64: persons who practise in several places).
        professions: one row per profession of the scope: ``code_profession``, ``profession``, then the columns
            of ``resume`` that have a meaning for one profession.
        communes: one row per commune of the territory: ``code_commune``, ``commune`` (String), ``population``,
            ``professionnels`` (Int64), then what is nearest where nobody practises: ``code_commune_proche``,
            ``commune_proche`` (String), ``distance_km``, ``temps_min`` (Float64).
        lieux: see :func:`scoring.annuaire.diagnosis.several_places`.
    """

    choix: Choix
    avant: date | None
    resume: pl.DataFrame
    professions: pl.DataFrame
    communes: pl.DataFrame
    lieux: pl.DataFrame

    @property
    def sans(self) -> pl.DataFrame:
        """The communes where nobody practises, the most populated first."""
        return self.communes.filter(pl.col("professionnels") == 0).sort(
            "population", "code_commune", descending=[True, False]
        )

    def view(self, name: str) -> pl.DataFrame:
        """One of :data:`VIEWS`."""
        frame: pl.DataFrame = getattr(self, name)
        return frame


def covered(scan: Scan, day: date | None) -> tuple[str, ...]:
    """The départements that an extraction covers, sorted."""
    rows = scan(ANNUAIRE.table).filter(pl.col("date_extraction") == day)
    return tuple(rows.select(pl.col("code_departement").unique().sort()).collect().to_series())


def read(scan: Scan, selection: Selection, *, restrict: pl.Expr | None = None) -> pl.DataFrame:
    """The rows of an extraction that a diagnosis looks at: the whole scope, every profession, numbered."""
    wanted = everywhere(selection).without("profession")
    return numbered(detail(ANNUAIRE, scan, wanted, restrict=restrict)).collect()


def since(scan: Scan, selection: Selection, before: date, *, restrict: pl.Expr | None = None) -> Perimetre:
    """The extraction shown beside an earlier one, whatever the territory: the whole scope, every profession."""
    wanted, day = everywhere(selection).without("profession"), selection.date
    if day is None:
        raise LakeError("Aucune extraction n'est affichée : rien à comparer.")
    return compare(scan, wanted, before, day, restrict=restrict).perimetre


def diagnose(
    scan: Scan,
    choix: Choix,
    selection: Selection,
    rows: pl.DataFrame,
    before: tuple[date, Perimetre] | None = None,
    *,
    departements: Iterable[str] | None = None,
    trajet: Trajet | None = None,
    keep: Keep = anew,
) -> Diagnostic:
    """Diagnose a territory.

    Args:
        scan: reads a table.
        choix: the territory.
        selection: the reader's filters (of which that of the profession is read here).
        rows: result of :func:`read` on the extraction shown.
        before: an earlier extraction, and what :func:`since` compares.
        departements: départements that the extraction covers; those of its rows when None.
        trajet: how distances become times; the defaults when None.
        keep: keeps what is counted of these rows for any territory.
    """
    communes = scan(COMMUNES).collect()
    ground = terrain(rows.lazy(), communes, choix.territoire, departements=departements)
    wanted = selection.values("profession")
    mine = pl.col(PROFESSION).is_in(wanted) if wanted else pl.lit(True)
    narrow = replace(ground, lignes=ground.lignes.filter(mine)) if wanted else ground
    then = before[1] if before is not None else None
    each = _counted(scan, choix, ground, then, keep)
    whole = each.filter(pl.col(PROFESSION).is_null())
    if len(wanted) == 1 and wanted[0] in each[PROFESSION]:
        whole = each.filter(mine)
    elif wanted:
        theirs = None if then is None else Perimetre(then.lignes.filter(mine), then.personnes)
        whole = _counted(scan, choix, narrow, theirs).head(1)
    places = several_places(narrow)
    here = _communes(narrow, trajet)
    nobody = here.filter(pl.col("professionnels") == 0)
    resume = whole.select(
        pl.lit(choix.nom).alias("territoire"),
        pl.lit(here.height, pl.Int64).alias("communes"),
        pl.lit(ground.population, pl.Int64).alias("population"),
        pl.exclude(PROFESSION, "profession"),
        pl.lit(nobody["population"].sum(), pl.Int64).alias("population_sans"),
        pl.lit(nobody["distance_km"].max(), pl.Float64).alias("distance_max_km"),
        pl.lit(nobody["temps_min"].max(), pl.Float64).alias("temps_max_min"),
        pl.lit(places.height, pl.Int64).alias("plusieurs_lieux"),
    )
    by_name = each.filter(pl.col(PROFESSION).is_not_null())
    return Diagnostic(choix, before[0] if before else None, resume, by_name, here, places)


def _counted(
    scan: Scan,
    choix: Choix,
    ground: Terrain,
    before: Perimetre | None,
    keep: Keep = anew,
) -> pl.DataFrame:
    """Counts, densities, ranks and changes by profession; the first row, without code, is all together."""
    found = professions(ground, keep=keep)
    if choix.pairs:
        ranked = ranks(ground, peers(scan, choix), keep=keep)
    else:
        numbers = [pl.lit(None, dtype).alias(name) for name, dtype in _RANKS.items()]
        ranked = found.select(PROFESSION, *numbers)
    found = found.join(ranked, on=PROFESSION, how="left", nulls_equal=True, maintain_order="left")
    if before is None:
        return found.with_columns(pl.lit(None, pl.Int64).alias(name) for name in COUNTS)
    moved = changed_since(ground, before)
    joined = found.join(
        moved.select(PROFESSION, *COUNTS), on=PROFESSION, how="left", nulls_equal=True, maintain_order="left"
    )
    return joined.with_columns(pl.col(name).fill_null(0).cast(pl.Int64) for name in COUNTS)


_RANKS = {"rang": pl.Int64, "pairs": pl.Int64, "mediane_pour_10000": pl.Float64}


def _communes(ground: Terrain, trajet: Trajet | None) -> pl.DataFrame:
    people = (
        ground.lignes.filter("_ici")
        .group_by("code_commune")
        .agg(professionnels=pl.col(PERSON).n_unique().cast(pl.Int64))
    )
    near = communes_without(ground, trajet=trajet).drop("commune", "population")
    return (
        ground.communes.filter("_ici")
        .select("code_commune", "commune", "population")
        .join(people, on="code_commune", how="left")
        .with_columns(pl.col("professionnels").fill_null(0))
        .join(near, on="code_commune", how="left")
        .sort("commune", "code_commune")
    )
