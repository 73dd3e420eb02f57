"""Contracts of the territories: communes, EPCI, départements, régions, postal codes, boundaries.

Sources: INSEE (COG 2026, populations légales 2023), Etalab (découpage administratif, contours), IGN (ADMIN
EXPRESS), La Poste (codes postaux). Licence Ouverte 2.0.
"""

from __future__ import annotations

import dataframely as dy

from lake.contract import Table, text

LICENCE = "Licence Ouverte 2.0 — IGN, INSEE, Etalab, La Poste"
_COMMUNE = r"^(2[AB]|[0-9]{2})[0-9]{3}$"
_DEPARTEMENT = r"^(2[AB]|[0-9]{2,3})$"
_REGION = r"^[0-9]{2,3}$"  # two digits, or three for the collectivities outside the 18 régions
_SIREN = r"^[0-9]{9}$"


class CommunesSchema(dy.Schema):
    """One row per commune in force."""

    code_commune = dy.String(primary_key=True, regex=_COMMUNE, description="Code INSEE de la commune (COG)")
    commune = dy.String(description="Nom de la commune")
    code_departement = dy.String(regex=_DEPARTEMENT, description="Code du département")
    code_region = dy.String(regex=_REGION, description="Code INSEE de la région")
    siren_epci = text("SIREN de l'EPCI à fiscalité propre ; vide hors EPCI", regex=_SIREN)
    population = dy.Int64(nullable=True, min=0, description="Population municipale (INSEE, 2023)")
    population_totale = dy.Int64(nullable=True, min=0, description="Population totale (INSEE, 2023)")
    longitude = dy.Float64(nullable=True, min=-180, max=180, description="Longitude du centre (degrés)")
    latitude = dy.Float64(nullable=True, min=-90, max=90, description="Latitude du centre (degrés)")


class EpciSchema(dy.Schema):
    """One row per EPCI that touches the published communes."""

    siren_epci = dy.String(primary_key=True, regex=_SIREN, description="SIREN de l'EPCI")
    epci = dy.String(description="Nom de l'EPCI")
    nature_epci = dy.String(regex=r"^(CC|CA|CU|ME)$", description="Nature : CC, CA, CU, ME (métropole)")
    population = dy.Int64(nullable=True, min=0, description="Population municipale des communes connues")
    longitude = dy.Float64(nullable=True, description="Longitude d'un point intérieur (WGS84, degrés)")
    latitude = dy.Float64(nullable=True, description="Latitude d'un point intérieur (WGS84, degrés)")


class DepartementsSchema(dy.Schema):
    """One row per French département (the 101, plus the collectivities that other sources use)."""

    code_departement = dy.String(primary_key=True, regex=_DEPARTEMENT, description="Code du département")
    departement = dy.String(description="Nom du département")
    code_region = dy.String(regex=_REGION, description="Code INSEE de la région")
    longitude = dy.Float64(nullable=True, description="Longitude d'un point intérieur (WGS84, degrés)")
    latitude = dy.Float64(nullable=True, description="Latitude d'un point intérieur (WGS84, degrés)")


class RegionsSchema(dy.Schema):
    """One row per French région (the 18, plus the collectivities that other sources use)."""

    code_region = dy.String(primary_key=True, regex=_REGION, description="Code INSEE de la région")
    region = dy.String(description="Nom de la région")


class CodesPostauxSchema(dy.Schema):
    """One row per postal code × commune."""

    code_postal = dy.String(primary_key=True, regex=r"^[0-9]{5}$", description="Code postal")
    code_commune = dy.String(primary_key=True, regex=_COMMUNE, description="Code INSEE de la commune")


class FusionsSchema(dy.Schema):
    """One row per former commune, or former name of a commune: the commune in force that it leads to."""

    ancien_code_commune = dy.String(
        primary_key=True,
        regex=_COMMUNE,
        description="Code INSEE disparu, ou celui d'une commune qui portait un autre nom",
    )
    ancienne_commune = dy.String(primary_key=True, description="Nom d'alors ; vide s'il est inconnu")
    code_commune = dy.String(regex=_COMMUNE, description="Code INSEE de la commune actuelle")


class PartenairesSchema(dy.Schema):
    """One row per partner territory of the regional programme × EPCI that makes it up."""

    code = dy.String(primary_key=True, regex=r"^[a-z0-9-]+$", description="Code du territoire partenaire")
    nom = dy.String(description="Nom du territoire partenaire")
    siren_epci = dy.String(primary_key=True, regex=_SIREN, description="SIREN d'un EPCI du territoire")


class ContoursSchema(dy.Schema):
    """One row per territory: its simplified outline.

    Outer rings run clockwise, as d3 and Vega read them (the other way round they fill the rest of the globe).
    Communes of one publication share their borders vertex by vertex; EPCI, départements and régions that are
    wholly covered by known communes are their exact union.
    """

    maille = dy.String(
        primary_key=True, regex=r"^(commune|epci|departement|region)$", description="Maille du territoire"
    )
    code = dy.String(primary_key=True, description="Code du territoire à cette maille")
    geojson = dy.String(description="Géométrie GeoJSON (Polygon ou MultiPolygon, WGS84), simplifiée")


def _table(
    name: str, title: str, description: str, schema: type[dy.Schema], partition_by: tuple[str, ...] = ()
) -> Table:
    return Table(
        name=name,
        title=title,
        description=description,
        schema=schema,
        source="territoires",
        licence=LICENCE,
        partition_by=partition_by,
    )


COMMUNES = _table("territoires__communes", "Communes", "Une ligne par commune en vigueur.", CommunesSchema)
EPCI = _table("territoires__epci", "EPCI", "Une ligne par EPCI à fiscalité propre.", EpciSchema)
DEPARTEMENTS = _table(
    "territoires__departements", "Départements", "Une ligne par département français.", DepartementsSchema
)
REGIONS = _table("territoires__regions", "Régions", "Une ligne par région française.", RegionsSchema)
CODES_POSTAUX = _table(
    "territoires__codes_postaux",
    "Codes postaux",
    "Une ligne par couple code postal × commune.",
    CodesPostauxSchema,
)
FUSIONS = _table(
    "territoires__fusions",
    "Communes fusionnées",
    "Une ligne par ancienne commune, ou ancien nom d'une commune, avec la commune actuelle.",
    FusionsSchema,
)
PARTENAIRES = _table(
    "territoires__partenaires",
    "Territoires partenaires",
    "Une ligne par EPCI d'un territoire partenaire du programme e-santé Grand Est.",
    PartenairesSchema,
)
CONTOURS = _table(
    "territoires__contours",
    "Contours",
    "Une ligne par territoire, avec sa géométrie simplifiée.",
    ContoursSchema,
    partition_by=("maille",),
)

TABLES = (REGIONS, DEPARTEMENTS, EPCI, CODES_POSTAUX, FUSIONS, PARTENAIRES, CONTOURS, COMMUNES)
