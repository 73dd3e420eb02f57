"""The demonstration's accounts of the SAS: a régulateur, a professional who keeps an agenda, an administrator."""

from __future__ import annotations

import polars as pl

from lake.store.accounts import accounts, demonstration
from lake.store.engine import Store
from lake.store.sas import agendas, roles

_CHARTE = """Les administrateurs du SAS créent les comptes de leur territoire, retirent ceux qui n'ont plus lieu d'être,
et ne donnent à personne un rôle qu'il ne tient pas. Ils n'enregistrent aucune donnée de patient."""
_ROLES = (
    (
        "regulateur@demo.example",
        "Régine",
        "Régulatrice",
        (("SAS-54", roles.REGULATEUR), ("SAS-67", roles.REGULATEUR)),
    ),
    ("effecteur@demo.example", "Édith", "Effectrice", ()),
    ("administrateur-sas@demo.example", "Adèle", "Administratrice", (("SAS-54", roles.ADMINISTRATEUR),)),
)
PILOTE = "pilote-regional@demo.example"
"""Of the accounts of the demonstration, the one that steers every SAS of the region."""


def create(store: Store) -> list[tuple[str, str]]:
    """Create those that are missing, with the password of the others of the demonstration.

    Returns:
        (name, e-mail) of each, in order.
    """
    made = []
    for email, prenom, nom, given in _ROLES:
        known = demonstration.also(store, email, prenom, nom, "SAS de démonstration")
        for sas, role in given:
            roles.affecter(store, None, known.id, sas, role)
        made.append((known.name, email))
    if roles.charte(store) is None:
        roles.publier_charte(store, _CHARTE)
    keeper = accounts.find(store, "effecteur@demo.example")
    people = agendas.photo(store).effecteurs
    mine = people.filter(pl.col("sas") == "SAS-54", pl.col("genre") == "ps")["identifiant"].to_list()
    if keeper is not None and mine and not roles.agendas_of(store, keeper):
        roles.lier(store, mine[0], keeper.id)
    pilot = accounts.find(store, PILOTE)
    if pilot is not None:
        roles.affecter(store, None, pilot.id, roles.REGION, roles.REFERENT)
    return made
