"""Categories of establishments: the labels that the daily file does not carry, and their families.

Source: Agence du Numérique en Santé, terminologie TRE-R397 (catégorie d'entité géographique d'exercice) and the
labels of the historical file; only the categories that a health map shows. Others keep their code alone.
"""

from __future__ import annotations

CATEGORIES: dict[str, tuple[str, str]] = {
    "101": ("hopital", "Centre Hospitalier Régional (C.H.R.)"),
    "106": ("hopital", "Centre hospitalier, ex Hôpital local"),
    "109": ("hopital", "Etablissement de santé privé autorisé en SSR"),
    "114": ("hopital", "Hôpital des armées"),
    "122": ("hopital", "Etablissement Soins Obstétriques Chirurgico-Gynécologiques"),
    "128": ("hopital", "Etablissement de Soins Chirurgicaux"),
    "129": ("hopital", "Etablissement de Soins Médicaux"),
    "131": ("hopital", "Centre de Lutte Contre Cancer"),
    "141": ("hopital", "Centre de dialyse"),
    "146": ("hopital", "Structure d'Alternative à la dialyse en centre"),
    "156": ("hopital", "Centre Médico-Psychologique (C.M.P.)"),
    "161": ("hopital", "Maison de Santé pour Maladies Mentales"),
    "292": ("hopital", "Centre Hospitalier Spécialisé lutte Maladies Mentales"),
    "355": ("hopital", "Centre Hospitalier (C.H.)"),
    "362": ("hopital", "Etablissement de Soins Longue Durée"),
    "365": ("hopital", "Etablissement de Soins Pluridisciplinaire"),
    "124": ("centre_sante", "Centre de Santé"),
    "439": ("centre_sante", "Centre de santé dentaire"),
    "603": ("maison_sante", "Maison de santé (L.6223-3)"),
    "620": ("pharmacie", "Pharmacie d'Officine"),
    "611": ("laboratoire", "Laboratoire de Biologie Médicale"),
    "500": ("ehpad", "Etablissement d'hébergement pour personnes âgées dépendantes"),
    "354": ("domicile", "Service de Soins Infirmiers A Domicile (S.S.I.A.D)"),
    "209": ("domicile", "Service Polyvalent Aide et Soins A Domicile (S.P.A.S.A.D.)"),
    "127": ("domicile", "Hospitalisation à Domicile"),
    "182": ("handicap", "Service d'Éducation Spéciale et de Soins à Domicile"),
    "183": ("handicap", "Institut Médico-Educatif (I.M.E.)"),
    "186": ("handicap", "Institut Thérapeutique Éducatif et Pédagogique (I.T.E.P.)"),
    "189": ("handicap", "Centre Médico-Psycho-Pédagogique (C.M.P.P.)"),
    "190": ("handicap", "Centre Action Médico-Sociale Précoce (C.A.M.S.P.)"),
    "255": ("handicap", "Maison d'Accueil Spécialisée (M.A.S.)"),
    "437": ("handicap", "Foyer d'Accueil Médicalisé pour Adultes Handicapés (F.A.M.)"),
    "448": ("handicap", "Etablissement d'accueil médicalisé en tout ou partie (E.A.M.)"),
}
"""Category code -> family, label."""

AUTRE = "autre"
"""Family of every other category."""
