"""Header labels of the three official files and our column names, in the official order."""

from __future__ import annotations

_PERSON = (
    ("Type d'identifiant PP", "type_identifiant_pp"),
    ("Identifiant PP", "identifiant_pp"),
    ("Identification nationale PP", "identification_nationale_pp"),
)
_NAME = (("Nom d'exercice", "nom_exercice"), ("Prénom d'exercice", "prenom_exercice"))
_PROFESSION = (
    ("Code profession", "code_profession"),
    ("Libellé profession", "libelle_profession"),
    ("Code catégorie professionnelle", "code_categorie_professionnelle"),
    ("Libellé catégorie professionnelle", "libelle_categorie_professionnelle"),
)
_SKILL = (
    ("Code type savoir-faire", "code_type_savoir_faire"),
    ("Libellé type savoir-faire", "libelle_type_savoir_faire"),
    ("Code savoir-faire", "code_savoir_faire"),
    ("Libellé savoir-faire", "libelle_savoir_faire"),
)
ACTIVITES = (
    *_PERSON,
    ("Code civilité d'exercice", "code_civilite_exercice"),
    ("Libellé civilité d'exercice", "libelle_civilite_exercice"),
    ("Code civilité", "code_civilite"),
    ("Libellé civilité", "libelle_civilite"),
    *_NAME,
    *_PROFESSION,
    *_SKILL,
    ("Code mode exercice", "code_mode_exercice"),
    ("Libellé mode exercice", "libelle_mode_exercice"),
    ("Numéro SIRET site", "siret_site"),
    ("Numéro SIREN site", "siren_site"),
    ("Numéro FINESS site", "finess_site"),
    ("Numéro FINESS établissement juridique", "finess_etablissement_juridique"),
    ("Identifiant technique de la structure", "identifiant_structure"),
    ("Raison sociale site", "raison_sociale_site"),
    ("Enseigne commerciale site", "enseigne_commerciale_site"),
    ("Complément destinataire (coord. structure)", "complement_destinataire"),
    ("Complément point géographique (coord. structure)", "complement_point_geographique"),
    ("Numéro Voie (coord. structure)", "numero_voie"),
    ("Indice répétition voie (coord. structure)", "indice_repetition_voie"),
    ("Code type de voie (coord. structure)", "code_type_voie"),
    ("Libellé type de voie (coord. structure)", "libelle_type_voie"),
    ("Libellé Voie (coord. structure)", "libelle_voie"),
    ("Mention distribution (coord. structure)", "mention_distribution"),
    ("Bureau cedex (coord. structure)", "bureau_cedex"),
    ("Code postal (coord. structure)", "code_postal"),
    ("Code commune (coord. structure)", "code_commune"),
    ("Libellé commune (coord. structure)", "libelle_commune"),
    ("Code pays (coord. structure)", "code_pays"),
    ("Libellé pays (coord. structure)", "libelle_pays"),
    ("Téléphone (coord. structure)", "telephone"),
    ("Téléphone 2 (coord. structure)", "telephone_2"),
    ("Télécopie (coord. structure)", "telecopie"),
    ("Adresse e-mail (coord. structure)", "email"),
    ("Code Département (structure)", "code_departement"),
    ("Libellé Département (structure)", "libelle_departement"),
    ("Ancien identifiant de la structure", "ancien_identifiant_structure"),
    ("Autorité d'enregistrement", "autorite_enregistrement"),
    ("Code secteur d'activité", "code_secteur_activite"),
    ("Libellé secteur d'activité", "libelle_secteur_activite"),
    ("Code section tableau pharmaciens", "code_section_pharmaciens"),
    ("Libellé section tableau pharmaciens", "libelle_section_pharmaciens"),
    ("Code rôle", "code_role"),
    ("Libellé rôle", "libelle_role"),
    ("Code genre activité", "code_genre_activite"),
    ("Libellé genre activité", "libelle_genre_activite"),
)
"""Header label and our column, in the official order, for ``Personne_activite``."""

DIPLOMES = (
    *_PERSON,
    *_NAME,
    ("Code type diplôme obtenu", "code_type_diplome"),
    ("Libellé type diplôme obtenu", "libelle_type_diplome"),
    ("Code diplôme obtenu", "code_diplome"),
    ("Libellé diplôme obtenu", "libelle_diplome"),
    ("Code type autorisation", "code_type_autorisation"),
    ("Libellé type autorisation", "libelle_type_autorisation"),
    ("Code discipline autorisation", "code_discipline_autorisation"),
    ("Libellé discipline autorisation", "libelle_discipline_autorisation"),
)
"""The same for ``Dipl_AutExerc``."""

SAVOIR_FAIRE = (*_PERSON, *_NAME, *_PROFESSION, *_SKILL)
"""The same for ``SavoirFaire``."""
