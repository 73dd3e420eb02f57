"""The universes of « Qualité »: how what is counted is located, the sites to correct, the corrections in force."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lake.catalog.annuaire import MOTIFS, PRECISIONS_LOCALISEES
from lake.catalog.corrections import CORRECTIONS
from lake.catalog.territoires import COMMUNES, DEPARTEMENTS
from scoring.annuaire import qualite as asked
from scoring.annuaire.counting import Base, located
from scoring.annuaire.territory import MESHES
from scoring.universes.annuaire import ANNUAIRE, MOTIF_WORDS, TERRITOIRES
from scoring.universes.directory import EVERY_FILTER, declared, mesh_of, refuse
from scoring.universes.engine import detail
from scoring.universes.model import Axis, Format, Kind, Measure, Scan, Term
from scoring.universes.parameters import Parameter
from scoring.universes.selection import Selection

APPLIED, TO_COME, USELESS, NO_SITE = asked.APPLIED, asked.TO_COME, asked.USELESS, asked.NO_SITE
"""What became of a correction in an extraction."""
TABLES = (ANNUAIRE.table, DEPARTEMENTS, COMMUNES)
BASE = Parameter(
    "base",
    "Base de comptage",
    Base.PERSONNES.value,
    {
        Base.PERSONNES.value: "Personnes, chaque territoire",
        Base.PERSONNES_PRINCIPAL.value: "Personnes, lieu principal",
        Base.ACTIVITES.value: "Activités",
        Base.SITES.value: "Sites",
    },
)


def _only(selection: Selection) -> Selection:
    return Selection(dict(selection.filters), selection.date)


def rows(scan: Scan, selection: Selection, axes: Sequence[Axis], restrict: pl.Expr | None) -> pl.LazyFrame:
    """One row per unit of the base in each territory of the mesh asked: where it is best located there."""
    refuse(axes, MESHES, "La localisation")
    what = Base(selection.parameter("base"))
    counted = asked.rows_of(scan, _only(selection), what, restrict=restrict)
    return located(counted, scan(DEPARTEMENTS), what, mesh_of(axes))


def sites(scan: Scan, selection: Selection, _axes: Sequence[Axis], restrict: pl.Expr | None) -> pl.LazyFrame:
    """The sites that are not located, in the layout of the correction file."""
    return asked.a_corriger(scan, _only(selection), restrict=restrict).lazy()


def nameless(
    scan: Scan, selection: Selection, _axes: Sequence[Axis], restrict: pl.Expr | None
) -> pl.LazyFrame:
    """The activities not located whose site has no identifier: no correction can name them."""
    kept = detail(ANNUAIRE, scan, _only(selection), restrict=restrict)
    return kept.filter(pl.col("geo_motif").is_not_null() & pl.col("id_site").is_null()).select("ligne")


def corrections(
    scan: Scan, selection: Selection, _axes: Sequence[Axis], restrict: pl.Expr | None
) -> pl.LazyFrame:
    """The corrections in force, and what became of each."""
    return asked.corrections(scan, _only(selection), restrict=restrict).lazy()


def _count(name: str, label: str, definition: str, where: pl.Expr | None = None) -> Measure:
    return Measure(
        name, label, "", Kind.DISTINCT, definition, value=Term(pl.col("unite"), distinct=True, where=where),
        alternative="Une personne ou un site peut compter dans plusieurs territoires : demandez-le sans --par.",
    )  # fmt: skip


_PLACE = pl.col("geo_precision")
_LOST = ~_PLACE.is_in(PRECISIONS_LOCALISEES)
_PRECISIONS = {"numero": "Au numéro", "rue": "À la rue", "lieu_dit": "Au lieu-dit"}
PARTS = (*PRECISIONS_LOCALISEES, *MOTIFS)
"""The parts of a ledger, which add up to its total at every mesh."""
MEASURES = (
    _count("total", "Total", "Tout ce que compte la base, localisé ou non."),
    *(_count(name, label, f"Localisés {label.lower()}.", _PLACE.is_in([name])) for name, label in _PRECISIONS.items()),
    *(_count(name, words.capitalize(), f"Non localisés : {words}.", _LOST & pl.col("geo_motif").is_in([name]))
      for name, words in MOTIF_WORDS.items()),
    _count("non_localises", "Non localisés", "Ni au numéro, ni à la rue, ni au lieu-dit.", _LOST),
    _count("places_commune", "Placés à la commune", "Non localisés, placés au centre de leur commune.",
           _LOST & (_PLACE == "commune")),
    _count("non_places", "Non placés", "Non localisés, nulle part sur la carte.", _LOST & (_PLACE != "commune")),
    Measure("part_localisee", "Part localisée", "", Kind.RATIO, "Part de ce qui est compté et localisé.",
            numerator=Term(pl.col("unite"), distinct=True, where=~_LOST),
            denominator=Term(pl.col("unite"), distinct=True), format=Format.SHARE,
            alternative="Une part se recalcule : demandez-la à la maille voulue."),
)  # fmt: skip
COUNTS = tuple(measure.name for measure in MEASURES if measure.name != "part_localisee")

LOCALISATION = declared(
    "localisation",
    "Registre de localisation",
    rows,
    (*TERRITOIRES, *EVERY_FILTER),
    MEASURES,
    TABLES,
    parameters=(BASE,),
)
SITES = declared(
    "sites_a_corriger",
    "Sites à corriger",
    sites,
    (*TERRITOIRES, *EVERY_FILTER),
    (
        Measure("sites", "Sites", "sites", Kind.STOCK, "Sites non localisés qui ont un identifiant.",
                value=Term(pl.col("identifiant_structure").is_not_null().cast(pl.Int64))),
        Measure("activites", "Activités", "activités", Kind.STOCK, "Lignes d'activité de ces sites.",
                value=Term(pl.col("activites"))),
    ),
    TABLES,
)  # fmt: skip
SANS_IDENTIFIANT = declared(
    "activites_sans_site",
    "Activités non localisées sans identifiant de site",
    nameless,
    (*TERRITOIRES, *EVERY_FILTER),
    (
        Measure("activites", "Activités", "activités", Kind.STOCK, "Activités qu'aucune correction ne peut nommer.",
                value=Term(pl.col("ligne").is_not_null().cast(pl.Int64))),
    ),
    TABLES,
)  # fmt: skip
CORRIGES = declared(
    "corrections",
    "Corrections en vigueur",
    corrections,
    (*TERRITOIRES, *EVERY_FILTER, Axis("etat", "État", pl.col("etat"))),
    (
        Measure("corrections", "Corrections", "corrections", Kind.STOCK, "Corrections en vigueur.",
                value=Term(pl.col("id_site").is_not_null().cast(pl.Int64))),
    ),
    (*TABLES, CORRECTIONS),
)  # fmt: skip
