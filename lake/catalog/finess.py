"""Contract of the health and social establishments: the national register FINESS.

Column names follow the labels of the register's open files. Columns that the project derives are said to be so
in their description. Source: Agence du Numérique en Santé, répertoire FINESS.
"""

from __future__ import annotations

from datetime import timedelta

import dataframely as dy
import polars as pl

from lake.contract import Table, text

LICENCE = "Licence Ouverte 2.0 — Agence du Numérique en Santé (FINESS)"
FAMILLES = (
    "hopital",
    "centre_sante",
    "maison_sante",
    "pharmacie",
    "laboratoire",
    "ehpad",
    "domicile",
    "handicap",
    "autre",
)
GEO_SOURCES = ("finess", "finess_inverse", "commune")
GEO_MOTIFS = ("absentes", "illisibles", "hors_bornes", "hors_commune", "centre_commune")


class EtablissementsSchema(dy.Schema):
    """One row per establishment (site of an entity), open or closed."""

    finess = dy.String(
        primary_key=True,
        regex=r"^[0-9][0-9A-Z][0-9]{7}$",
        description="Numéro FINESS de l'établissement (site)",
    )
    finess_juridique = text("Numéro FINESS de l'entité juridique", regex=r"^[0-9][0-9A-Z][0-9]{7}$")
    raison_sociale = text("Raison sociale, forme courte")
    raison_sociale_longue = text("Raison sociale, forme longue")
    complement_raison_sociale = text("Complément de raison sociale")
    complement_distribution = text("Complément de distribution")
    numero_voie = text("Numéro dans la voie")
    type_voie = text("Type de voie, abrégé")
    voie = text("Nom de la voie")
    complement_voie = text("Complément de voie (bis, ter…)")
    lieu_dit_bp = text("Lieu-dit ou boîte postale")
    code_postal = text("Code postal (CEDEX compris)")
    ligne_acheminement = text("Ligne d'acheminement postal, telle que délivrée")
    code_commune_source = text("Code INSEE de la commune, tel que délivré")
    code_commune = text("Code INSEE de la commune en vigueur (dérivé, fusions traduites)")
    code_departement = dy.String(description="Code du département (dérivé : commune, sinon code postal)")
    siren_epci = text("SIREN de l'EPCI (dérivé de la commune)")
    telephone = text("Téléphone")
    telecopie = text("Télécopie")
    code_categorie = text("Code de la catégorie d'établissement")
    libelle_categorie = text("Catégorie d'établissement")
    code_agregat = text("Code de l'agrégat de catégories")
    libelle_agregat = text("Agrégat de catégories")
    famille = dy.String(
        regex=f"^({'|'.join(FAMILLES)})$",
        description=f"Famille (dérivée de la catégorie) : {', '.join(FAMILLES)}",
    )
    siret = text("SIRET")
    code_ape = text("Code APE")
    code_mft = text("Code du mode de fixation des tarifs")
    libelle_mft = text("Mode de fixation des tarifs")
    code_sph = text("Code de participation au service public hospitalier")
    libelle_sph = text("Participation au service public hospitalier")
    date_ouverture = dy.Date(nullable=True, description="Date d'ouverture")
    date_autorisation = dy.Date(nullable=True, description="Date de première autorisation")
    date_maj = dy.Date(nullable=True, description="Date de la dernière mise à jour de la fiche")
    date_fermeture = dy.Date(nullable=True, description="Date de fermeture ; vide si ouvert")
    ouvert = dy.Bool(description="En service à la date des données (le fichier historique n'a que ceux-là)")
    longitude = dy.Float64(nullable=True, min=-180, max=180, description="Longitude (WGS84, degrés)")
    latitude = dy.Float64(nullable=True, min=-90, max=90, description="Latitude (WGS84, degrés)")
    geo_source = text(
        "Origine des coordonnées : finess, finess_inverse (les deux étaient échangées), commune (centre)",
        regex=f"^({'|'.join(GEO_SOURCES)})$",
    )
    geo_motif = text(
        "Pourquoi les coordonnées du registre ne servent pas : absentes, illisibles, hors_bornes, "
        "hors_commune (trop loin de la commune), centre_commune (le registre ne donne que le centre)",
        regex=f"^({'|'.join(GEO_MOTIFS)})$",
    )
    date_donnees = dy.Date(nullable=True, description="Date du fichier de FINESS")

    @dy.rule()
    def coordonnees_coherentes(cls) -> pl.Expr:
        """Both coordinates or none, and their origin with them."""
        placed = pl.col("longitude").is_not_null()
        return (placed == pl.col("latitude").is_not_null()) & (placed == pl.col("geo_source").is_not_null())

    @dy.rule()
    def motif_si_non_finess(cls) -> pl.Expr:
        """A reason exactly when the register's coordinates are not used."""
        used = pl.col("geo_source").is_in(["finess", "finess_inverse"]).fill_null(False)
        return used == pl.col("geo_motif").is_null()


ETABLISSEMENTS = Table(
    name="finess__etablissements",
    title="Établissements (FINESS)",
    description="Une ligne par établissement sanitaire, social ou médico-social, ouvert ou fermé.",
    schema=EtablissementsSchema,
    source="finess",
    licence=LICENCE,
    freshness=timedelta(days=70),
    reasons={
        "finess|regex": "numéro FINESS de forme inattendue",
        "finess_juridique|regex": "numéro FINESS de l'entité juridique de forme inattendue",
        "coordonnees_coherentes": "coordonnées incohérentes",
        "motif_si_non_finess": "origine des coordonnées incohérente",
    },
)

TABLES = (ETABLISSEMENTS,)
