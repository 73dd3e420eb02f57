"""The universes of « Diagnostic »: a territory, its professions, its communes, its persons, its likes.

The territory is a parameter: one official territory, a partner territory, or any list of communes. The professional
filters narrow what is counted everywhere; that of the profession leaves the list of professions whole.
"""

from __future__ import annotations

import polars as pl

from scoring.annuaire import alike, compared
from scoring.annuaire.changes import COUNTS
from scoring.annuaire.changes import PERSON as PERSON
from scoring.annuaire.compared import OWN as OWN
from scoring.annuaire.compared import PARTNER as PARTNER
from scoring.reach import asked as reach_asked
from scoring.reach.floating import VALUE
from scoring.universes import diagnostic_rows as rows
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.diagnostic_rows import PARAMETERS, TABLES
from scoring.universes.directory import PROFESSIONAL, declared
from scoring.universes.model import Axis, Format, Kind, Measure, Term


def _figure(name: str, label: str, definition: str, shape: Format = Format.INTEGER) -> Measure:
    return Measure(
        name, label, "", Kind.DISTINCT, definition, value=Term(pl.col(name), single=True), format=shape,
        alternative="Un diagnostic se recalcule : demandez le territoire entier.",
    )  # fmt: skip


_DENSITY = "pour 10 000 habitants (population municipale INSEE)"
MEASURES = (
    _figure("communes", "Communes", "Communes du territoire."),
    _figure("population", "Habitants", "Population municipale du territoire."),
    _figure("professionnels", "Professionnels", "Personnes distinctes qui ont une activité dans le territoire."),
    _figure("densite_pour_10000", "Densité", f"Professionnels {_DENSITY}.", Format.DECIMAL),
    _figure("densite_departement_pour_10000", "Densité du département", f"Celle des départements que le territoire "
            f"touche, {_DENSITY}.", Format.DECIMAL),
    _figure("densite_region_pour_10000", "Densité de la région", f"Celle des régions touchées, {_DENSITY}.",
            Format.DECIMAL),
    _figure("rang", "Rang de la densité", "Rang parmi les territoires de même nature ; 1 : le mieux doté."),
    _figure("pairs", "Territoires classés", "Territoires de même nature dans la région, lui compris."),
    _figure("mediane_pour_10000", "Médiane", "Densité médiane des territoires classés.", Format.DECIMAL),
    *(_figure(name, name.replace("_", " ").capitalize(), "Entre les deux extractions : début + arrivées + entrées − "
              "départs − sorties = fin.") for name in COUNTS),
    _figure("communes_sans", "Communes sans personne", "Communes du territoire où personne n'exerce."),
    _figure("population_sans", "Habitants de ces communes", "Habitants des communes sans personne."),
    _figure("distance_max_km", "Distance la plus longue", "Du centre d'une commune sans personne au plus proche.",
            Format.DECIMAL),
    _figure("temps_max_min", "Temps le plus long", "Estimé par la route, au plus proche.", Format.DECIMAL),
    _figure("plusieurs_lieux", "Plusieurs lieux", "Personnes qui exercent en plusieurs lieux."),
)  # fmt: skip
WHOLE = tuple(measure.name for measure in MEASURES)
BY_PROFESSION = tuple(
    name for name in WHOLE
    if name not in ("communes", "population", "population_sans", "distance_max_km", "temps_max_min", "plusieurs_lieux")
)  # fmt: skip
_COMMUNE = Axis("commune", "Commune", pl.col("code_commune"), code="code_commune", text=pl.col("commune"),
                territory="commune")  # fmt: skip
_NEAREST = Axis("commune_proche", "Commune la plus proche", pl.col("code_commune_proche"),
                code="code_commune_proche", text=pl.col("commune_proche"))  # fmt: skip
_PARTNER = Axis(
    "partenaire", "Territoire partenaire", pl.col("code"), code="code_partenaire", text=pl.col("nom")
)
LINKS = {alike.HERE: "ici", alike.NEIGHBOUR: "voisin", alike.PEER: "semblable"}
_FILTERS = PROFESSIONAL

DIAGNOSTIC = declared(
    "diagnostic", "Diagnostic d'un territoire", rows.professions, _FILTERS, MEASURES, TABLES,
    parameters=PARAMETERS, notes=rows.notes,
)  # fmt: skip
COMMUNES = declared(
    "diagnostic_communes", "Communes d'un territoire", rows.communes,
    (*_FILTERS, _COMMUNE, ANNUAIRE.axis("epci"), ANNUAIRE.axis("departement"), _NEAREST),
    (
        _figure("professionnels", "Professionnels", "Personnes distinctes qui exercent dans la commune."),
        Measure("population", "Habitants", "habitants", Kind.STOCK, "Population municipale (INSEE).",
                value=Term(pl.col("population"))),
        _figure("distance_km", "Distance", "À vol d'oiseau, de centre à centre, au plus proche.", Format.DECIMAL),
        _figure("temps_min", "Temps", "Estimé : détour 1,3 et 50 km/h.", Format.DECIMAL),
    ),
    TABLES, parameters=PARAMETERS, notes=rows.notes,
)  # fmt: skip
LIEUX = declared(
    "diagnostic_lieux", "Personnes de plusieurs lieux", rows.persons, _FILTERS,
    (
        Measure("personnes", "Personnes", "personnes", Kind.DISTINCT, "Personnes qui exercent en plusieurs lieux.",
                value=Term(pl.col(PERSON), distinct=True)),
        Measure("personnes_hors", "Dont hors du territoire", "personnes", Kind.DISTINCT,
                "Personnes dont l'un des lieux est hors du territoire.",
                value=Term(pl.col(PERSON), distinct=True, where=pl.col("hors"))),
    ),
    TABLES, parameters=PARAMETERS, notes=rows.notes,
)  # fmt: skip
COMPARAISON = declared(
    "diagnostic_comparaison", "Voisins et territoires semblables", rows.likes_rows,
    (
        *_FILTERS,
        Axis("lien", "Lien", pl.col("lien"), words=LINKS),
        Axis("territoire", "Territoire", pl.col("code"), code="code_territoire", text=pl.col("nom")),
    ),
    (
        _figure("population", "Habitants", "Population municipale (INSEE)."),
        _figure("densite_km2", "Habitants au km²", "Population sur superficie.", Format.DECIMAL),
        _figure("professionnels", "Professionnels", "Personnes distinctes qui y exercent."),
        _figure("densite_pour_10000", "Densité", f"Professionnels {_DENSITY}.", Format.DECIMAL),
        _figure(VALUE, "Accessibilité potentielle", "Professionnels à portée pour 10 000 habitants.", Format.DECIMAL),
    ),
    (*TABLES, *reach_asked.TABLES), parameters=PARAMETERS, notes=rows.likes_notes,
)  # fmt: skip
PARTENAIRES = declared(
    "partenaires", "Territoires partenaires du programme", rows.partners, (*_FILTERS, _PARTNER),
    (
        Measure("communes", "Communes", "communes", Kind.STOCK, "Communes du territoire partenaire.",
                value=Term(pl.col("code_commune").is_not_null().cast(pl.Int64))),
    ),
    compared.TABLES, parameters=PARAMETERS,
)  # fmt: skip
