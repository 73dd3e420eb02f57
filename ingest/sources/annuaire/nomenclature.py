"""Codes and labels of the health directory's official nomenclatures, as far as the project needs them.

Source: Agence du Numérique en Santé, nomenclatures des objets de santé (NOS): TRE_G15-ProfessionSante,
TRE_R02-SecteurActivite, TRE_R21-Fonction, TRE_R22-GenreActivite, TRE_R23-ModeExercice,
TRE_R38-SpecialiteOrdinale, TRE_G05-SousSectionTableauCNOP. The open files carry both code and label: this
module serves extractions that give codes alone, the demo generator and default wordings.
"""

from __future__ import annotations

PROFESSIONS: dict[str, str] = {
    "10": "Médecin",
    "21": "Pharmacien",
    "26": "Audioprothésiste",
    "28": "Opticien-Lunetier",
    "31": "Assistant dentaire",
    "35": "Aide-soignant",
    "37": "Auxiliaire de puériculture",
    "39": "Préparateur en pharmacie",
    "40": "Chirurgien-Dentiste",
    "50": "Sage-Femme",
    "60": "Infirmier",
    "69": "Infirmier psychiatrique",
    "70": "Masseur-Kinésithérapeute",
    "71": "Ostéopathe",
    "72": "Psychothérapeute",
    "80": "Pédicure-Podologue",
    "81": "Orthoprothésiste",
    "82": "Podo-Orthésiste",
    "83": "Orthopédiste-Orthésiste",
    "84": "Oculariste",
    "85": "Epithésiste",
    "86": "Technicien de laboratoire médical",
    "91": "Orthophoniste",
    "92": "Orthoptiste",
    "93": "Psychologue",
    "94": "Ergothérapeute",
    "95": "Diététicien",
    "96": "Psychomotricien",
    "98": "Manipulateur ERM",
}

CATEGORIES: dict[str, str] = {"C": "Civil", "M": "Militaire", "E": "Etudiant"}

MODES: dict[str, str] = {"L": "Libéral", "S": "Salarié", "B": "Bénévole", "I": "Indirect"}

SECTEURS: dict[str, str] = {
    "SA01": "Etablissement public de santé",
    "SA02": "Hôpital militaire du Service de santé des armées",
    "SA03": "Etablissement privé PSPH",
    "SA04": "Etablissement privé non PSPH",
    "SA05": "Centre de santé",
    "SA07": "Cabinet individuel",
    "SA08": "Cabinet de groupe",
    "SA09": "Exercice en société",
    "SA13": "Prévention et soins en entreprise",
    "SA14": "Etablissements scolaires, universitaires et de formation hors champ FINESS",
    "SA15": "PMI et Planification familiale",
    "SA16": "Etablissement pour personnes handicapées",
    "SA17": "Etablissement pour personnes âgées",
    "SA24": "Organisme de sécurité sociale",
    "SA25": "Laboratoire de biologie médicale",
    "SA27": "Collectivité territoriale",
    "SA31": "Répartition et Distribution de médicaments et dispositifs médicaux",
    "SA33": "Pharmacie d'officine",
    "SA42": "Appareillage médical",
    "SA43": "Secteur non défini",
    "SA52": "Maison de santé ou Pôle de santé",
    "SA66": "Services de Prévention et de Santé au Travail (SPST)",
}

GENRES: dict[str, str] = {
    "GENR01": "Activité standard de soin ou de pharmacien",
    "GENR02": "Activité de soins ou de pharmacien en tant que remplaçant",
    "GENR03": "Remplacement dans une activité de soins",
    "GENR04": "Activité non soignante",
}

ROLES: dict[str, str] = {
    "FON-01": "Titulaire de cabinet",
    "FON-02": "Associé dans une société d'exercice (SEL ou SCP)",
    "FON-03": "Titulaire d'officine",
    "FON-04": "Remplaçant du titulaire d'officine",
    "FON-05": "Adjoint",
    "FON-17": "Collaborateur",
    "FON-18": "Assistant",
    "FON-22": "Remplaçant, intérimaire, intermittent",
    "FON-29": "Médecin du travail",
    "FON-33": "Salarié en poste fixe",
    "FON-37": "Gérant de PUI",
    "FON-40": "Biologiste responsable",
    "FON-41": "Biologiste médical",
}

SECTIONS: dict[str, str] = {
    "A": "Pharmacien titulaire d'officine",
    "B": "Pharmacien d'entreprise - industrie",
    "C": "Pharmacien d'entreprise - distribution",
    "D": "Pharmacien adjoint, remplaçant ou gérant",
    "G": "Pharmacien biologiste médical",
    "H": "Pharmacien d'établissement de santé",
    "M": "Pharmacien militaire",
}

MEDECINE_GENERALE: tuple[str, ...] = ("SM26", "SM53", "SM54")
"""The three codes of general medicine: one specialty."""

SPECIALITES: dict[str, str] = {
    "SM02": "Anesthésie-réanimation",
    "SM04": "Cardiologie et maladies vasculaires",
    "SM05": "Chirurgie générale",
    "SM08": "Chirurgie orthopédique et Traumatologie",
    "SM12": "Chirurgie urologique",
    "SM14": "Chirurgie viscérale et digestive",
    "SM15": "Dermatologie et Vénéréologie",
    "SM16": "Endocrinologie et Métabolisme",
    "SM18": "Gériatrie",
    "SM19": "Gynécologie médicale",
    "SM20": "Gynécologie-obstétrique",
    "SM21": "Hématologie",
    "SM24": "Gastro-entérologie et Hépatologie",
    "SM25": "Médecine du travail",
    "SM26": "Qualifié en Médecine générale",
    "SM27": "Médecine interne",
    "SM29": "Médecine physique et de réadaptation",
    "SM30": "Néphrologie",
    "SM31": "Neuro-chirurgie",
    "SM32": "Neurologie",
    "SM34": "ORL et Chirurgie cervico-faciale",
    "SM36": "Oncologie, option médicale",
    "SM37": "Oncologie, option radiothérapie",
    "SM38": "Ophtalmologie",
    "SM40": "Pédiatrie",
    "SM41": "Pneumologie",
    "SM42": "Psychiatrie",
    "SM43": "Psychiatrie, option enfant et adolescent",
    "SM44": "Radio-diagnostic",
    "SM46": "Médecine intensive-réanimation",
    "SM48": "Rhumatologie",
    "SM49": "Santé publique et Médecine sociale",
    "SM53": "Spécialiste en Médecine générale",
    "SM54": "Médecine générale",
    "SM57": "Allergologie",
    "SM58": "Maladies infectieuses et tropicales",
    "SM59": "Médecine d'urgence",
    "SM61": "Médecine vasculaire",
}

COMPETENCES: dict[str, str] = {
    "C05": "Médecine appliquée aux sports",
    "C33": "Allergologie",
    "C34": "Angéiologie",
    "C40": "Médecine légale",
    "C71": "Médecine thermale",
}

TYPES_SAVOIR_FAIRE: dict[str, str] = {"S": "Spécialité ordinale", "C": "Compétence"}

PAYS: dict[str, str] = {
    "99000": "France",
    "99109": "Allemagne",
    "99131": "Belgique",
    "99137": "Luxembourg",
    "99140": "Suisse",
}
