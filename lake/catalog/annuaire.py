"""Contracts of the health directory: activities, diplomas, specialties of the ANS/RPPS extractions.

Column names are the official labels in snake_case. Columns that the project derives are said to be so in
their description. Source: Agence du Numérique en Santé, Annuaire Santé, extractions en libre accès.
"""

from __future__ import annotations

from datetime import timedelta

import dataframely as dy
import polars as pl

from lake.contract import Table, text

LICENCE = "Licence Ouverte 2.0 — Agence du Numérique en Santé (Annuaire Santé)"
PRECISIONS = ("numero", "rue", "lieu_dit", "commune", "aucune")
PRECISIONS_LOCALISEES = ("numero", "rue", "lieu_dit")
MOTIFS = ("adresse_absente", "introuvable", "commune_inconnue")


class ActivitesSchema(dy.Schema):
    """One row per person × activity (× savoir-faire, as the source repeats them) of one extraction."""

    date_extraction = dy.Date(primary_key=True, description="Date de l'extraction nationale")
    ligne = dy.Int64(
        primary_key=True,
        min=2,
        description="Numéro de ligne dans le fichier source (en-tête : ligne 1)",
    )
    type_identifiant_pp = dy.String(
        regex=r"^[0-9]$", description="Type d'identifiant de la personne : 0 ADELI, 8 RPPS"
    )
    identifiant_pp = dy.String(regex=r"^[0-9A-Z]{1,16}$", description="Identifiant dans son registre")
    identification_nationale_pp = dy.String(
        regex=r"^[0-9][0-9A-Z]{1,16}$", description="Identifiant national : type puis identifiant"
    )
    code_civilite_exercice = text("Code de la civilité d'exercice (DR, PR…)")
    libelle_civilite_exercice = text("Civilité d'exercice")
    code_civilite = text("Code de la civilité")
    libelle_civilite = text("Civilité")
    nom_exercice = text("Nom d'exercice")
    prenom_exercice = text("Prénom d'exercice")
    code_profession = dy.String(regex=r"^[0-9A-Z]{1,4}$", description="Code de la profession")
    libelle_profession = text("Profession")
    code_categorie_professionnelle = text("Catégorie professionnelle : C civil, M militaire, E étudiant")
    libelle_categorie_professionnelle = text("Catégorie professionnelle")
    code_type_savoir_faire = text("Code du type de savoir-faire")
    libelle_type_savoir_faire = text("Type de savoir-faire")
    code_savoir_faire = text("Code du savoir-faire, tel que délivré")
    libelle_savoir_faire = text("Savoir-faire, tel que délivré")
    code_specialite = text("Code de la spécialité (dérivé : SM26, SM53 et SM54 ne font qu'une, SM54)")
    libelle_specialite = text("Spécialité (dérivée du savoir-faire)")
    code_mode_exercice = text("Code du mode d'exercice : L libéral, S salarié, B bénévole, I indirect")
    libelle_mode_exercice = text("Mode d'exercice")
    siret_site = text("SIRET du site")
    siren_site = text("SIREN du site")
    finess_site = text("FINESS du site")
    finess_etablissement_juridique = text("FINESS de l'établissement juridique")
    identifiant_structure = text("Identifiant technique de la structure")
    raison_sociale_site = text("Raison sociale du site")
    enseigne_commerciale_site = text("Enseigne commerciale du site")
    complement_destinataire = text("Complément de destinataire de l'adresse")
    complement_point_geographique = text("Complément de point géographique de l'adresse")
    numero_voie = text("Numéro dans la voie")
    indice_repetition_voie = text("Indice de répétition (bis, ter…)")
    code_type_voie = text("Code du type de voie")
    libelle_type_voie = text("Type de voie")
    libelle_voie = text("Nom de la voie")
    mention_distribution = text("Mention de distribution (BP…)")
    bureau_cedex = text("Bureau CEDEX ou ligne d'acheminement")
    code_postal = text("Code postal, tel que délivré (zéro initial rétabli)")
    code_commune_source = text("Code de la commune, tel que délivré")
    libelle_commune_source = text("Commune, telle que délivrée")
    code_pays = text("Code du pays")
    libelle_pays = text("Pays")
    telephone = text("Téléphone du site")
    telephone_2 = text("Second téléphone du site")
    telecopie = text("Télécopie du site")
    email = text("Adresse électronique du site")
    ancien_identifiant_structure = text("Ancien identifiant de la structure")
    autorite_enregistrement = text("Autorité d'enregistrement")
    code_secteur_activite = text("Code du secteur d'activité")
    libelle_secteur_activite = text("Secteur d'activité")
    code_section_pharmaciens = text("Code de la section du tableau des pharmaciens")
    libelle_section_pharmaciens = text("Section du tableau des pharmaciens")
    code_role = text("Code du rôle")
    libelle_role = text("Rôle")
    code_genre_activite = text("Code du genre d'activité")
    libelle_genre_activite = text("Genre d'activité")
    id_site = text("Identifiant du site (dérivé : structure, sinon SIRET, FINESS, sinon adresse)")
    code_commune = text("Code INSEE de la commune en vigueur (dérivé, fusions traduites)")
    code_departement = dy.String(description="Code du département (dérivé : commune, sinon code postal)")
    siren_epci = text("SIREN de l'EPCI (dérivé de la commune)")
    longitude = dy.Float64(nullable=True, min=-180, max=180, description="Longitude (WGS84, degrés)")
    latitude = dy.Float64(nullable=True, min=-90, max=90, description="Latitude (WGS84, degrés)")
    geo_precision = dy.String(
        regex=r"^(numero|rue|lieu_dit|commune|aucune)$",
        description="Précision de la localisation : numero, rue, lieu_dit, commune, aucune",
    )
    geo_score = dy.Float64(nullable=True, min=0, max=1, description="Score de la localisation, de 0 à 1")
    geo_motif = text(
        "Motif de non-localisation : adresse_absente, introuvable, commune_inconnue ; vide si localisé",
        regex=r"^(adresse_absente|introuvable|commune_inconnue)$",
    )
    geo_source = text("Origine des coordonnées : ban, geoplateforme, correction, commune")

    @dy.rule()
    def motif_si_non_localise(cls) -> pl.Expr:
        """A row carries a reason exactly when it is not located."""
        return pl.col("geo_precision").is_in(PRECISIONS_LOCALISEES) == pl.col("geo_motif").is_null()

    @dy.rule()
    def coordonnees_coherentes(cls) -> pl.Expr:
        """Both coordinates or none; none exactly under precision ``aucune``."""
        placed = pl.col("longitude").is_not_null() & pl.col("latitude").is_not_null()
        return placed == (pl.col("geo_precision") != "aucune")


class DiplomesSchema(dy.Schema):
    """One row per person × diploma or authorisation of one extraction."""

    date_extraction = dy.Date(primary_key=True, description="Date de l'extraction nationale")
    ligne = dy.Int64(primary_key=True, min=2, description="Numéro de ligne dans le fichier source")
    identification_nationale_pp = dy.String(
        regex=r"^[0-9][0-9A-Z]{1,16}$", description="Identifiant national"
    )
    nom_exercice = text("Nom d'exercice")
    prenom_exercice = text("Prénom d'exercice")
    code_type_diplome = text("Code du type de diplôme obtenu")
    libelle_type_diplome = text("Type de diplôme obtenu")
    code_diplome = text("Code du diplôme obtenu")
    libelle_diplome = text("Diplôme obtenu")
    code_type_autorisation = text("Code du type d'autorisation")
    libelle_type_autorisation = text("Type d'autorisation")
    code_discipline_autorisation = text("Code de la discipline d'autorisation")
    libelle_discipline_autorisation = text("Discipline d'autorisation")


class SavoirFaireSchema(dy.Schema):
    """One row per person × savoir-faire of one extraction."""

    date_extraction = dy.Date(primary_key=True, description="Date de l'extraction nationale")
    ligne = dy.Int64(primary_key=True, min=2, description="Numéro de ligne dans le fichier source")
    identification_nationale_pp = dy.String(
        regex=r"^[0-9][0-9A-Z]{1,16}$", description="Identifiant national"
    )
    nom_exercice = text("Nom d'exercice")
    prenom_exercice = text("Prénom d'exercice")
    code_profession = text("Code de la profession")
    libelle_profession = text("Profession")
    code_categorie_professionnelle = text("Code de la catégorie professionnelle")
    libelle_categorie_professionnelle = text("Catégorie professionnelle")
    code_type_savoir_faire = text("Code du type de savoir-faire")
    libelle_type_savoir_faire = text("Type de savoir-faire")
    code_savoir_faire = text("Code du savoir-faire")
    libelle_savoir_faire = text("Savoir-faire")


_REASONS = {
    "identification_nationale_pp|nullability": "identifiant national absent",
    "identification_nationale_pp|regex": "identifiant national de forme inattendue",
    "identifiant_pp|nullability": "identifiant de la personne absent",
    "identifiant_pp|regex": "identifiant de la personne de forme inattendue",
    "type_identifiant_pp|nullability": "type d'identifiant absent",
    "type_identifiant_pp|regex": "type d'identifiant inconnu",
    "code_profession|nullability": "profession absente",
    "code_profession|regex": "code de profession de forme inattendue",
    "motif_si_non_localise": "motif de non-localisation et précision se contredisent",
    "coordonnees_coherentes": "coordonnées et précision se contredisent",
}

ACTIVITES = Table(
    name="annuaire__activites",
    title="Activités des professionnels de santé",
    description="Une ligne par personne × activité, telle que publiée par l'ANS, géolocalisée.",
    schema=ActivitesSchema,
    source="annuaire",
    licence=LICENCE,
    partition_by=("date_extraction", "code_departement"),
    unit=("date_extraction",),
    freshness=timedelta(days=21),
    reasons=_REASONS,
)
DIPLOMES = Table(
    name="annuaire__diplomes",
    title="Diplômes et autorisations d'exercice",
    description="Une ligne par personne × diplôme ou autorisation.",
    schema=DiplomesSchema,
    source="annuaire",
    licence=LICENCE,
    partition_by=("date_extraction",),
    unit=("date_extraction",),
    freshness=timedelta(days=21),
    reasons=_REASONS,
)
SAVOIR_FAIRE = Table(
    name="annuaire__savoir_faire",
    title="Savoir-faire",
    description="Une ligne par personne × savoir-faire (spécialités, compétences, qualifications).",
    schema=SavoirFaireSchema,
    source="annuaire",
    licence=LICENCE,
    partition_by=("date_extraction",),
    unit=("date_extraction",),
    freshness=timedelta(days=21),
    reasons=_REASONS,
)

TABLES = (ACTIVITES, DIPLOMES, SAVOIR_FAIRE)
