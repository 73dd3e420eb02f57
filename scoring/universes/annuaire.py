"""The ``annuaire`` universe: who practises where in the national health directory."""

from __future__ import annotations

import polars as pl

from lake.catalog.annuaire import ACTIVITES, PRECISIONS_LOCALISEES
from lake.catalog.territoires import COMMUNES, DEPARTEMENTS, EPCI, REGIONS
from scoring.annuaire.counting import Base as Base
from scoring.annuaire.counting import at_principal
from scoring.universes.model import (
    Axis,
    Format,
    Join,
    Kind,
    Lookup,
    Measure,
    Order,
    Recast,
    Reference,
    Rhythm,
    Term,
    Universe,
)

SPECIALITE_MEDECINE_GENERALE = "SM54"

_PERSON = pl.col("identification_nationale_pp")
_LOCATED = pl.col("geo_precision").is_in(PRECISIONS_LOCALISEES)
_REGION_OF_DEPARTEMENT = Join(DEPARTEMENTS, on="code_departement", columns=("code_region",))

PRECISION_WORDS = {
    "numero": "au numéro",
    "rue": "à la rue",
    "lieu_dit": "au lieu-dit",
    "commune": "placé à la commune",
    "aucune": "non placé",
}
MOTIF_WORDS = {
    "adresse_absente": "adresse absente",
    "introuvable": "adresse introuvable",
    "commune_inconnue": "commune inconnue",
}

PRINCIPAL_SUBJECT = "personne_en_son_lieu_principal"
"""A person in his or her principal territory: in one commune, one EPCI, one département, one region."""
_ONE = frozenset({PRINCIPAL_SUBJECT})

DATE_EXTRACTION = Axis("date_extraction", "Extraction", pl.col("date_extraction"), order=Order.CODE)

TERRITOIRES = (
    Axis(
        "region",
        "Région",
        pl.col("code_region"),
        code="code_region",
        text=Lookup(REGIONS, "code_region", "region"),
        requires=(_REGION_OF_DEPARTEMENT,),
        code_pattern=r"[0-9]{2,3}",
        territory="region",
        partitions=_ONE,
    ),
    Axis(
        "departement",
        "Département",
        pl.col("code_departement"),
        code="code_departement",
        text=Lookup(DEPARTEMENTS, "code_departement", "departement"),
        code_pattern=r"2[AB]|[0-9]{2,3}",
        territory="departement",
        parent="region",
        partitions=_ONE,
    ),
    Axis(
        "epci",
        "EPCI",
        pl.col("siren_epci"),
        code="siren_epci",
        text=Lookup(EPCI, "siren_epci", "epci"),
        code_pattern=r"[0-9]{9}",
        territory="epci",
        partitions=_ONE,
        plural="EPCI",
    ),
    Axis(
        "commune",
        "Commune",
        pl.col("code_commune"),
        code="code_commune",
        text=Lookup(COMMUNES, "code_commune", "commune"),
        code_pattern=r"(2[AB]|[0-9]{2})[0-9]{3}",
        territory="commune",
        parent="departement",
        partitions=_ONE,
    ),
)


def _coded(name: str, label: str, suffix: str = "", *, plural: str = "") -> Axis:
    """An axis whose code and label stand beside each other in the rows."""
    column = suffix or name
    return Axis(
        name,
        label,
        pl.col(f"code_{column}"),
        code=f"code_{name}",
        text=pl.col(f"libelle_{column}"),
        plural=plural,
    )


SPECIALITE = Axis(
    "specialite",
    "Spécialité",
    pl.col("code_specialite"),
    code="code_specialite",
    text=pl.col("libelle_specialite"),
    aliases={"SM26": SPECIALITE_MEDECINE_GENERALE, "SM53": SPECIALITE_MEDECINE_GENERALE},
)

AXES = (
    DATE_EXTRACTION,
    *TERRITOIRES,
    _coded("profession", "Profession"),
    _coded("categorie_professionnelle", "Catégorie professionnelle", plural="Catégories professionnelles"),
    SPECIALITE,
    _coded("mode_exercice", "Mode d'exercice", plural="Modes d'exercice"),
    _coded("secteur", "Secteur d'activité", "secteur_activite", plural="Secteurs d'activité"),
    _coded("genre_activite", "Genre d'activité", plural="Genres d'activité"),
    Axis(
        "geo_precision",
        "Précision de la localisation",
        pl.col("geo_precision"),
        words=PRECISION_WORDS,
        order=Order.WORDS,
        plural="Précisions de la localisation",
    ),
    Axis(
        "geo_motif",
        "Motif de non-localisation",
        pl.col("geo_motif"),
        words=MOTIF_WORDS,
        order=Order.WORDS,
        plural="Motifs de non-localisation",
    ),
)

POPULATION = Reference(
    table=COMMUNES,
    value="population",
    keys={
        "region": "code_region",
        "departement": "code_departement",
        "epci": "siren_epci",
        "commune": "code_commune",
    },
    within="code_departement",
)

PRINCIPAL = Recast(
    rows=lambda rows: at_principal(rows, within=("date_extraction",)),
    axes=frozenset(axis.name for axis in TERRITOIRES),
)
"""Each person in his or her principal territory only. Which one is told among the activities that the other
filters keep, wherever they are; territories are then filtered on it, so that their figures add up."""
_PRINCIPAL_RULE = (
    "Le territoire principal est, parmi les activités que gardent les filtres de profession, de spécialité ou de "
    "mode, la commune connue où la personne a le plus d'activités ; à égalité, une commune où elle exerce en "
    "libéral, puis le plus petit code."
)
_ACTIVITY = pl.col("ligne").is_not_null().cast(pl.Int64)

MEASURES = (
    Measure(
        "professionnels",
        "Professionnels",
        "professionnels",
        Kind.DISTINCT,
        "Personnes distinctes (identifiant national) qui ont au moins une activité dans la sélection.",
        value=Term(_PERSON, distinct=True),
        ne_mesure_pas=(
            "Ne mesure pas le temps de présence : une personne compte pour une, à temps plein comme à temps "
            "partiel, et compte dans chaque territoire où elle exerce."
        ),
        alternative="Une personne peut exercer à plusieurs endroits : demandez-la sans --par, ou --total.",
    ),
    Measure(
        "activites",
        "Activités",
        "activités",
        Kind.STOCK,
        "Lignes d'activité publiées par l'ANS (une personne en a souvent plusieurs).",
        value=Term(_ACTIVITY),
        alternative="Choisissez une seule extraction (--date).",
    ),
    Measure(
        "sites",
        "Sites",
        "sites",
        Kind.DISTINCT,
        "Lieux d'exercice distincts : structure, sinon SIRET, FINESS, sinon adresse.",
        value=Term(pl.col("id_site"), distinct=True),
        alternative="Un site reçoit plusieurs professions : demandez le total sans --par, ou --total.",
    ),
    Measure(
        "densite_pour_10000",
        "Densité pour 10 000 habitants",
        "pour 10 000 hab.",
        Kind.RATIO,
        "Professionnels distincts du territoire pour 10 000 habitants (population municipale INSEE 2023).",
        numerator=Term(_PERSON, distinct=True),
        denominator=POPULATION,
        scale=10_000.0,
        sense=1,
        format=Format.DECIMAL,
        ne_mesure_pas="Ne mesure pas l'accès aux soins : les habitants consultent aussi ailleurs.",
        alternative="Une densité se recalcule : demandez-la à la maille voulue.",
    ),
    Measure(
        "part_localises",
        "Part localisée",
        "",
        Kind.RATIO,
        "Part des professionnels dont une activité au moins est localisée (numéro, rue ou lieu-dit).",
        numerator=Term(_PERSON, distinct=True, where=_LOCATED),
        denominator=Term(_PERSON, distinct=True),
        format=Format.SHARE,
        bounds=(0.0, 1.0),
        sense=1,
        alternative="Une part se recalcule : demandez-la à la maille voulue.",
    ),
    Measure(
        "professionnels_principal",
        "Professionnels au territoire principal",
        "professionnels",
        Kind.DISTINCT,
        f"Personnes distinctes, chacune dans son seul territoire principal. {_PRINCIPAL_RULE}",
        value=Term(_PERSON, distinct=True),
        recast=PRINCIPAL,
        subject=PRINCIPAL_SUBJECT,
        ne_mesure_pas=(
            "Ne mesure pas l'offre d'un territoire : qui y exerce en second n'y compte pas. Sert à additionner."
        ),
        alternative="Par profession, une personne qui en exerce deux compte dans chacune : demandez --total.",
    ),
    Measure(
        "densite_principal_pour_10000",
        "Densité au territoire principal pour 10 000 habitants",
        "pour 10 000 hab.",
        Kind.RATIO,
        "Professionnels dont c'est le territoire principal, pour 10 000 habitants (population municipale INSEE 2023).",
        numerator=Term(_PERSON, distinct=True),
        denominator=POPULATION,
        recast=PRINCIPAL,
        scale=10_000.0,
        sense=1,
        format=Format.DECIMAL,
        alternative="Une densité se recalcule : demandez-la à la maille voulue.",
    ),
    Measure(
        "part_localises_principal",
        "Part localisée, au territoire principal",
        "",
        Kind.RATIO,
        "Part des professionnels du territoire principal dont une activité au moins est localisée, où qu'elle soit.",
        numerator=Term(_PERSON, distinct=True, where=_LOCATED),
        denominator=Term(_PERSON, distinct=True),
        recast=PRINCIPAL,
        format=Format.SHARE,
        bounds=(0.0, 1.0),
        sense=1,
        alternative="Une part se recalcule : demandez-la à la maille voulue.",
    ),
    Measure(
        "activites_pour_10000",
        "Activités pour 10 000 habitants",
        "pour 10 000 hab.",
        Kind.RATIO,
        "Lignes d'activité du territoire pour 10 000 habitants (population municipale INSEE 2023).",
        numerator=Term(_ACTIVITY),
        denominator=POPULATION,
        scale=10_000.0,
        sense=1,
        format=Format.DECIMAL,
        ne_mesure_pas="Ne mesure pas un volume d'activité : une ligne est un lieu et un mode d'exercice.",
        alternative="Une densité se recalcule : demandez-la à la maille voulue.",
    ),
    Measure(
        "part_activites_localisees",
        "Part d'activités localisées",
        "",
        Kind.RATIO,
        "Part des lignes d'activité qui sont localisées (numéro, rue ou lieu-dit).",
        numerator=Term(_ACTIVITY, where=_LOCATED),
        denominator=Term(_ACTIVITY),
        format=Format.SHARE,
        bounds=(0.0, 1.0),
        sense=1,
        alternative="Une part se recalcule : demandez-la à la maille voulue.",
    ),
    Measure(
        "sites_pour_10000",
        "Sites pour 10 000 habitants",
        "pour 10 000 hab.",
        Kind.RATIO,
        "Lieux d'exercice distincts du territoire pour 10 000 habitants (population municipale INSEE 2023).",
        numerator=Term(pl.col("id_site"), distinct=True),
        denominator=POPULATION,
        scale=10_000.0,
        sense=1,
        format=Format.DECIMAL,
        alternative="Une densité se recalcule : demandez-la à la maille voulue.",
    ),
    Measure(
        "part_sites_localises",
        "Part de sites localisés",
        "",
        Kind.RATIO,
        "Part des lieux d'exercice dont une activité au moins est localisée (numéro, rue ou lieu-dit).",
        numerator=Term(pl.col("id_site"), distinct=True, where=_LOCATED),
        denominator=Term(pl.col("id_site"), distinct=True),
        format=Format.SHARE,
        bounds=(0.0, 1.0),
        sense=1,
        alternative="Une part se recalcule : demandez-la à la maille voulue.",
    ),
)

ANNUAIRE = Universe(
    name="annuaire",
    title="Annuaire santé",
    table=ACTIVITES,
    time=DATE_EXTRACTION,
    rhythm=Rhythm.SNAPSHOT,
    axes=AXES,
    measures=MEASURES,
    geography=POPULATION,
    source="ANS, Annuaire Santé",
)
