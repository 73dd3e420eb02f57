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

TYPES = {
    "1": ("RPU",),
    "2": ("Portail",),
    "3": ("Portail",),
    "4.1": ("SSO",),
    "4.2": ("Fournisseur local",),
    "5.1": ("SSO",),
    "5.2": ("Fournisseur local",),
    "6.1": ("Dossier patient",),
    "6.2": ("Outillage des équipes d'oncologie (DCC)", "Outillage des RCP", "Outillage des SNAC"),
    "6.3": ("Imagerie",),
    "6.4": ("Imagerie", "Messagerie instantanée sécurisée", "MSSanté (Client)", "MSSanté (Serveur)"),
    "6.5": (
        "Téléassistance",
        "Téléconsultation non planifiée",
        "Téléconsultation planifiée",
        "Téléexpertise non planifiée",
        "Téléexpertise planifiée",
        "Télérégulation",
        "Télésoin",
        "Télésurveillance",
    ),
    "6.6": ("PA", "PH", "Recherche d'offre de santé", "Sanitaire"),
    "6.7": ("Disponibilité des lits (ROR)", "SRVA"),
    "6.8": ("Formation en ligne de santé",),
    "7.1": ("Annuaire", "ROR"),
    "7.2": ("SRI", "SRRI"),
    "8": ("RPU",),
}
"""Code of a zone -> the types of services of the *tronc commun* that it holds: 36 in all."""


def zones_du_type(nom: str) -> tuple[str, ...]:
    """The zones that hold a type of the *tronc commun*; none for another type."""
    return tuple(zone for zone, types in TYPES.items() if nom in types)


def du_tronc(zone: str | None, nom: str | None) -> bool | None:
    """Whether a type, in its zone, is of the *tronc commun*; None where no type is given."""
    if not nom:
        return None
    return nom in TYPES.get(zone or "", ()) if zone else bool(zones_du_type(nom))


SOCLE_NATIONAL = ("DMP", "MSSanté", "Pro Santé Connect", "e-CPS", "INSi", "Health Data Hub")
"""The national core services, drawn beside the regional ones."""
