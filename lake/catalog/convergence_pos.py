"""The *plan d'occupation des sols* (POS): the names of its functional domains and zones.

Source: Agence du Numérique en Santé, Convergence v1.2 (publication of 15 December 2020).
"""

from __future__ import annotations

ZONES = {
    "1": "Systèmes de pilotage métier",
    "2": "Portail régional Professionnels",
    "3": "Portail régional Usagers",
    "4": "Systèmes d'accès Professionnels",
    "4.1": "Dispositif d'authentification Professionnels",
    "4.2": "Dispositif d'identification Professionnels",
    "5": "Systèmes d'accès Usagers",
    "5.1": "Dispositif d'authentification Usagers",
    "5.2": "Dispositif d'identification Usagers",
    "6": "Services régionaux",
    "6.1": "Production de soin",
    "6.2": "Coordination",
    "6.3": "Partage",
    "6.4": "Échange",
    "6.5": "Télésanté",
    "6.6": "Orientation",
    "6.7": "Régulation, veille et alerte",
    "6.8": "Information et formation",
    "7": "Données de référence et services associés",
    "7.1": "Référentiels Professionnels et offre de santé",
    "7.2": "Référentiels Patients et usagers",
    "7.3": "Référentiels métier",
    "8": "Ressources techniques",
}
"""Code of a domain or zone -> its name."""

SOCLE_NATIONAL = ("DMP", "MSSanté", "Pro Santé Connect", "e-CPS", "INSi", "Health Data Hub")
"""The national core services, drawn beside the regional ones."""
