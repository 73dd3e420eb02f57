"""Contracts of the addresses: the Base Adresse Nationale and the memory of the geocoder.

Source: Base Adresse Nationale (Licence Ouverte 2.0).
"""

from __future__ import annotations

from datetime import timedelta

import dataframely as dy

from lake.contract import Table, text

LICENCE = "Licence Ouverte 2.0 — Base Adresse Nationale"


def _component(what: str) -> dy.Float64:
    """A component of the geocoder's score."""
    return dy.Float64(nullable=True, min=0, max=1, description=f"Composante du score, de 0 à 1 : {what}")


class AdressesSchema(dy.Schema):
    """One row per address (number × street) or named place."""

    code_departement = dy.String(description="Code du département (fichier d'origine)")
    id = dy.String(primary_key=True, description="Identifiant BAN de l'adresse")
    numero = text("Numéro dans la voie ; vide pour un lieu-dit")
    repetition = text("Indice de répétition (bis, ter…)")
    nom_voie = text("Nom de la voie")
    nom_lieu_dit = text("Nom du lieu-dit")
    code_postal = text("Code postal")
    code_commune = dy.String(description="Code INSEE de la commune")
    nom_commune = text("Nom de la commune")
    ancien_code_commune = text("Code INSEE de l'ancienne commune")
    ancienne_commune = text("Nom de l'ancienne commune")
    longitude = dy.Float64(nullable=True, min=-180, max=180, description="Longitude (WGS84, degrés)")
    latitude = dy.Float64(nullable=True, min=-90, max=90, description="Latitude (WGS84, degrés)")


class GeocodageSchema(dy.Schema):
    """One row per address already searched: what was asked and what was found."""

    cle_adresse = dy.String(primary_key=True, description="Empreinte de l'adresse normalisée")
    geocodeur = dy.String(primary_key=True, description="Géocodeur : ban, geoplateforme")
    millesime = text("Version des données du géocodeur au moment de la recherche")
    adresse = text("Adresse normalisée cherchée")
    code_commune = text("Code INSEE de la commune de l'adresse trouvée, sinon celle de la recherche")
    longitude = dy.Float64(nullable=True, description="Longitude trouvée (WGS84, degrés)")
    latitude = dy.Float64(nullable=True, description="Latitude trouvée (WGS84, degrés)")
    geo_precision = dy.String(description="Précision : numero, rue, lieu_dit, commune, aucune")
    geo_score = dy.Float64(nullable=True, description="Score de 0 à 1")
    geo_motif = text("Motif de non-localisation ; vide si localisé")
    libelle_trouve = text("Adresse trouvée, telle que le géocodeur l'écrit")
    lecture = text("Façon dont l'adresse a été lue (géocodeur ban)")
    s_precision = _component("précision du point")
    s_voie = _component("accord du nom de la voie")
    s_numero = _component("accord du numéro")
    s_commune = _component("accord de la commune et du code postal")
    s_lecture = _component("confiance dans la lecture")
    s_ambiguite = _component("absence d'un autre lieu aussi bon")
    second_libelle = text("Deuxième lieu possible, le cas échéant")
    second_score = dy.Float64(nullable=True, description="Score du deuxième lieu, de 0 à 1")


ADRESSES = Table(
    name="ban__adresses",
    title="Adresses (BAN)",
    description="Une ligne par adresse ou lieu-dit de la Base Adresse Nationale.",
    schema=AdressesSchema,
    source="ban",
    licence=LICENCE,
    partition_by=("code_departement",),
    unit=("code_departement",),
    freshness=timedelta(days=200),
)
GEOCODAGE = Table(
    name="geocodage__adresses",
    title="Mémoire du géocodeur",
    description="Une ligne par adresse déjà cherchée : elle n'est pas cherchée de nouveau.",
    schema=GeocodageSchema,
    source="geocodage",
    licence=LICENCE,
)

TABLES = (ADRESSES, GEOCODAGE)
