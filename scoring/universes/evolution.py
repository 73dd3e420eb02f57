"""The universes of « Évolution »: what became of each person in each territory between two extractions.

``evolution`` counts movements (a row is a person in a territory), ``evolution_trajets`` journeys between territories,
``evolution_personnes`` gives the persons behind a figure. What is compared is the whole scope: someone who comes from
the rest of it is an entry, not an arrival.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from lake.catalog.territoires import COMMUNES, DEPARTEMENTS, FUSIONS
from lake.errors import LakeError, UnknownName
from scoring.annuaire import evolution as asked
from scoring.annuaire.changes import PERSON as PERSON
from scoring.annuaire.changes import PROFESSION as PROFESSION
from scoring.annuaire.changes import TERRITORY, WHOLE, Situation, movements
from scoring.annuaire.counting import Base
from scoring.annuaire.identities import renumbered as renumbered
from scoring.annuaire.inside import everywhere
from scoring.annuaire.qualite import NAMES
from scoring.annuaire.territory import MESHES
from scoring.universes.annuaire import ANNUAIRE, TERRITOIRES
from scoring.universes.directory import PROFESSIONAL, declared, earlier, extractions, mesh_of, refuse
from scoring.universes.memory import remembered
from scoring.universes.model import Axis, Kind, Measure, Scan, Term
from scoring.universes.parameters import Parameter
from scoring.universes.selection import Selection

TABLES = (ANNUAIRE.table, DEPARTEMENTS, FUSIONS)
OUTSIDE = asked.OUTSIDE
SINCE = Parameter(
    "depuis", "Comparée à l'extraction du", pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}", form="une date, AAAA-MM-JJ"
)
BASE = Parameter(
    "base",
    "Base de comptage",
    Base.PERSONNES.value,
    {
        Base.PERSONNES.value: "Personnes, chaque territoire",
        Base.PERSONNES_PRINCIPAL.value: "Personnes, lieu principal",
    },
)
LISTS = {
    "arrivees": "Arrivées",
    "departs": "Départs",
    "entrees": "Entrées",
    "sorties": "Sorties",
    "deplacements": "Déplacements",
    "changements_mode": "Changements de mode",
    "bascules": "Changements de numéro",
    "arrivees_connues": "Arrivées d'un second numéro",
    "departs_connus": "Départs d'un second numéro",
    "debut": "Début",
    "fin": "Fin",
}
LIST = Parameter("liste", "Liste", "arrivees", LISTS)
MESH = Parameter("maille", "Maille", "epci", {mesh: mesh for mesh in MESHES})


def compared(scan: Scan, selection: Selection, restrict: pl.Expr | None) -> asked.Comparaison:
    """The two extractions, made comparable (kept: the whole scope, whatever the territories selected).

    Raises:
        LakeError: there is no earlier extraction.
        UnknownName: the extraction compared with is not published.
    """
    after = selection.date
    before = earlier(scan, selection, selection.parameter("depuis"))
    if before is None or after is None:
        raise LakeError(
            "Aucune extraction n'est plus ancienne que celle qui est affichée : rien à comparer.",
            conseil="Choisissez une extraction plus récente.",
        )
    # A reader who may see no row one by one knows no date by them: the list is then empty, not the question wrong.
    if before not in (known := extractions(scan, selection)) and known:
        raise UnknownName("extraction", before.isoformat(), [one.isoformat() for one in known])
    chosen = Selection(dict(selection.filters), after)
    scope, principal = everywhere(chosen), selection.parameter("base") == Base.PERSONNES_PRINCIPAL

    def make() -> asked.Comparaison:
        return asked.compare(scan, scope, before, after, principal=principal, restrict=restrict)

    name = ("evolution", scope, before, principal)
    found = remembered(scan, name, TABLES, make, size="large")
    whole = asked.Comparaison(found.avant, found.apres, chosen, found.perimetre)
    if scope == chosen:
        return whole
    here = remembered(scan, (*name, chosen), TABLES, whole.around, size="rows")
    return replace(whole, ici=here)


def rows(scan: Scan, selection: Selection, axes: Sequence[Axis], restrict: pl.Expr | None) -> pl.LazyFrame:
    """What became of each person in each territory of the mesh asked (of the whole selection without one)."""
    refuse(axes, (*MESHES, "profession"), "L'évolution")
    mesh, each = mesh_of(axes), any(axis.name == "profession" for axis in axes)
    moved = movements(compared(scan, selection, restrict).cut(mesh or WHOLE), TERRITORY, by_profession=each)
    kept = moved.filter(pl.col(TERRITORY).ne_missing(OUTSIDE))
    if each:
        # The directory names its professions in its rows: a movement only has the code.
        kept = kept.with_columns(libelle_profession=pl.lit(None, pl.String))
        labels = _professions(scan, selection)
        kept = kept.drop("libelle_profession").join(
            labels.lazy(), on=PROFESSION, how="left", nulls_equal=True
        )
    return kept if mesh is None else kept.rename({TERRITORY: MESHES[mesh]})


def _professions(scan: Scan, selection: Selection) -> pl.DataFrame:
    """The names of the professions of the extraction shown (kept)."""
    day = selection.date

    def make() -> pl.DataFrame:
        rows = scan(ANNUAIRE.table).filter(pl.col("date_extraction") == day).group_by(PROFESSION)
        return rows.agg(pl.col("libelle_profession").drop_nulls().max()).collect()

    return remembered(scan, ("professions nommées", day), [ANNUAIRE.table], make)


def _modes(scan: Scan, days: Sequence[date]) -> dict[str, str]:
    """The names of the modes of exercise in these extractions (kept)."""
    names = ("code_mode_exercice", "libelle_mode_exercice")

    def make() -> dict[str, str]:
        rows = scan(ANNUAIRE.table).filter(pl.col("date_extraction").is_in(days)).select(names).drop_nulls()
        return dict(rows.unique(names[0]).collect().iter_rows())

    return remembered(scan, ("modes nommés", tuple(days)), [ANNUAIRE.table], make)


def journeys(
    scan: Scan, selection: Selection, _axes: Sequence[Axis], restrict: pl.Expr | None
) -> pl.LazyFrame:
    """From where to where, around the territories selected, at the mesh said."""
    mesh = selection.parameter("maille")
    table, code, name = NAMES[mesh]
    found = asked.journeys(compared(scan, selection, restrict), mesh)
    names = scan(table).select(code, name)
    outside = pl.lit("hors de la sélection")

    def named(end: str) -> pl.Expr:
        return pl.when(pl.col(end) == OUTSIDE).then(outside).otherwise(pl.col(f"{end}_nom"))

    return (
        found.lazy()
        .join(names.rename({code: "origine", name: "origine_nom"}), on="origine", how="left")
        .join(names.rename({code: "destination", name: "destination_nom"}), on="destination", how="left")
        .with_columns(origine_nom=named("origine"), destination_nom=named("destination"))
    )


def persons(
    scan: Scan, selection: Selection, _axes: Sequence[Axis], restrict: pl.Expr | None
) -> pl.LazyFrame:
    """The persons behind the figure said, with where and how they practised before and after, in words."""
    scope = compared(scan, selection, restrict)
    who = everywhere(scope.selection)
    names = remembered(
        scan,
        ("personnes nommées", who, scope.avant),
        [ANNUAIRE.table],
        lambda: asked.named(scope, scan, restrict=restrict),
        size="large",
    )
    found = asked.people(scope, selection.parameter("liste"), names)
    met = (
        pl.concat([found["communes_avant"].explode(), found["communes_apres"].explode()])
        .drop_nulls()
        .unique()
    )
    known = (
        scan(COMMUNES).filter(pl.col("code_commune").is_in(met.implode())).select("code_commune", "commune")
    )
    communes = dict(known.collect().iter_rows())
    modes = _modes(scan, (scope.avant, scope.apres))

    def words(column: str, names: dict[str, str]) -> pl.Expr:
        return pl.col(column).list.eval(pl.element().replace(names)).list.join(", ")

    return found.lazy().with_columns(
        *(words(f"communes_{when}", communes) for when in ("avant", "apres")),
        *(words(f"modes_{when}", modes) for when in ("avant", "apres")),
    )


def _count(name: str, label: str, definition: str, where: pl.Expr) -> Measure:
    return Measure(
        name, label, "personnes", Kind.DISTINCT, definition, value=Term(pl.col("_p"), distinct=True, where=where),
        alternative="Une personne peut compter dans plusieurs territoires : demandez le total sans --par.",
    )  # fmt: skip


def _became(*situations: Situation) -> pl.Expr:
    return pl.col("situation").is_in([one.value for one in situations])


_NOT = "Un départ est une disparition de l'extraction, non une cessation d'activité."
MEASURES = (
    _count("debut", "Début", "Personnes du territoire à la première date.",
           _became(Situation.RESTE, Situation.DEPART, Situation.SORTIE)),
    _count("arrivees", "Arrivées", "Nulle part dans la région à la première date.", _became(Situation.ARRIVEE)),
    _count("entrees", "Entrées", "Venues d'un autre territoire de la région.", _became(Situation.ENTREE)),
    _count("departs", "Départs", f"Nulle part dans la région à la seconde date. {_NOT}", _became(Situation.DEPART)),
    _count("sorties", "Sorties", "Parties dans un autre territoire de la région.", _became(Situation.SORTIE)),
    _count("fin", "Fin", "Personnes du territoire à la seconde date.",
           _became(Situation.RESTE, Situation.ARRIVEE, Situation.ENTREE)),
    _count("deplacements", "Déplacements", "Présentes aux deux dates, communes changées.", pl.col("deplacement")),
    _count("changements_mode", "Mode changé", "Présentes aux deux dates, mode changé.", pl.col("changement_mode")),
    _count("bascules", "Numéro changé", "Présentes aux deux dates, sous un numéro ADELI puis RPPS.", pl.col("bascule")),
    _count("arrivees_connues", "Arrivées d'un second numéro", "Numéros RPPS arrivés de personnes qui ont aussi un "
           "numéro ADELI.", _became(Situation.ARRIVEE) & pl.col("connu")),
    _count("departs_connus", "Départs d'un second numéro", "Numéros ADELI partis de personnes qui ont aussi un "
           "numéro RPPS.", _became(Situation.DEPART) & pl.col("connu")),
)  # fmt: skip
COUNTS = tuple(measure.name for measure in MEASURES)
"""The figures of a ledger: debut + arrivees + entrees − departs − sorties = fin, to the unit."""

EVOLUTION = declared(
    "evolution",
    "Évolution de l'annuaire",
    rows,
    (*TERRITOIRES, *PROFESSIONAL),
    MEASURES,
    TABLES,
    parameters=(SINCE, BASE),
)
TRAJETS = declared(
    "evolution_trajets",
    "Trajets d'un territoire à l'autre",
    journeys,
    (
        *TERRITOIRES,
        *PROFESSIONAL,
        Axis("origine", "Origine", pl.col("origine"), code="code_origine", text=pl.col("origine_nom")),
        Axis(
            "destination",
            "Destination",
            pl.col("destination"),
            code="code_destination",
            text=pl.col("destination_nom"),
        ),
    ),
    (
        Measure(
            "trajets",
            "Trajets",
            "trajets",
            Kind.STOCK,
            "Un trajet : un territoire quitté et un territoire rejoint par la même personne.",
            value=Term(pl.col("personnes")),
        ),
    ),
    (*TABLES, *(table for table, _code, _name in NAMES.values())),
    parameters=(SINCE, BASE, MESH),
)
PERSONNES = declared(
    "evolution_personnes",
    "Personnes arrivées, parties ou déplacées",
    persons,
    (*TERRITOIRES, *PROFESSIONAL),
    (
        Measure(
            "personnes",
            "Personnes",
            "personnes",
            Kind.DISTINCT,
            "Personnes qui sont derrière le chiffre choisi.",
            value=Term(pl.col(PERSON), distinct=True),
        ),
    ),
    (*TABLES, COMMUNES),
    parameters=(SINCE, BASE, LIST),
)
