"""Contracts of the Ségur referencing: the software referenced by couloir and dispositif, and who else they are.

The national agency publishes its list of referenced products page by page; no open file layout is established. The
long table is the project's own contract. Three counts must never be taken for one another: a *référencement* is a
software in one couloir of one dispositif, a *logiciel* may have several, a *société* may have several logiciels.
"""

from __future__ import annotations

from datetime import timedelta

import dataframely as dy
import polars as pl

from lake.contract import Table, text

LICENCE = "Catalogue public des solutions référencées — transmis par son producteur"
COULOIRS = {
    "HOP": "Hôpital",
    "MDV": "Médecine de ville",
    "BIO": "Biologie médicale",
    "RAD": "Radiologie",
    "OFF": "Officine",
    "ESMS": "Établissements et services médico-sociaux",
}
STATUTS = ("reference", "suspendu", "retire")
"""What the catalogue says of a line."""
ETATS = {
    "reference": "Référencé",
    "suspendu": "Suspendu",
    "retire": "Retiré",
    "remplace": "Remplacé par une version suivante",
    "a_venir": "À venir",
}
"""What a line is at the catalogue's date, the others of the same software, couloir and dispositif considered."""
SERVICES_SOCLES = {
    "insi": "Identité nationale de santé",
    "dmp": "Dossier médical partagé",
    "mss": "Messageries sécurisées de santé",
    "psc": "Pro Santé Connect",
    "eprescription": "e-prescription",
}
"""National services that a software may integrate: name of the column after ``integre_``, label."""
UNIVERS = ("segur", "convergence")
SIREN = r"^[0-9]{9}$"


class ProduitsSchema(dy.Schema):
    """One row per software, couloir, dispositif and version, as a catalogue of one date tells it."""

    date_catalogue = dy.Date(primary_key=True, description="Date du catalogue")
    produit = dy.String(primary_key=True, regex=r"^[^\s|;]{1,40}$", description="Identifiant du logiciel")
    couloir = dy.String(
        primary_key=True,
        regex=rf"^({'|'.join(COULOIRS)})$",
        description="Couloir : " + ", ".join(COULOIRS),
    )
    dispositif = dy.String(primary_key=True, min_length=2, description="Dispositif (DSR), par exemple DPI")
    version = dy.String(primary_key=True, min_length=1, description="Version référencée")
    vague = dy.Int64(min=1, max=9, description="Vague du programme")
    nom = dy.String(min_length=1, description="Nom du logiciel, le plus récent publié")
    editeur = dy.String(min_length=1, description="Nom de la société, le plus récent publié")
    editeur_publie = dy.String(min_length=1, description="Nom de la société, tel que cette ligne l'écrit")
    societe = dy.String(
        min_length=1, description="Identité de la société : son SIREN, sinon « nom: » et son nom sans accents"
    )
    siren = text("SIREN de la société", regex=SIREN)
    statut = dy.String(regex=rf"^({'|'.join(STATUTS)})$", description="Statut publié")
    etat = dy.String(
        regex=rf"^({'|'.join(ETATS)})$",
        description="État à la date du catalogue : " + ", ".join(ETATS),
    )
    date_referencement = dy.Date(description="Date du référencement de cette version")
    date_retrait = dy.Date(nullable=True, description="Date du retrait ou de la suspension")
    integre_insi = dy.Bool(description="Intègre l'identité nationale de santé")
    integre_dmp = dy.Bool(description="Alimente le dossier médical partagé")
    integre_mss = dy.Bool(description="Échange par messagerie sécurisée de santé")
    integre_psc = dy.Bool(description="Accepte Pro Santé Connect")
    integre_eprescription = dy.Bool(description="Produit des e-prescriptions")

    @dy.rule()
    def retrait_apres_referencement(cls) -> pl.Expr:
        """Nothing is withdrawn before it is referenced."""
        return pl.col("date_retrait").is_null() | (pl.col("date_retrait") >= pl.col("date_referencement"))


class CorrespondancesSchema(dy.Schema):
    """One row per company and name that another universe gives it."""

    societe = dy.String(
        primary_key=True, min_length=1, description="Identité de la société, comme aux produits"
    )
    univers = dy.String(
        primary_key=True, regex=rf"^({'|'.join(UNIVERS)})$", description="Univers : segur ou convergence"
    )
    nom = dy.String(primary_key=True, min_length=1, description="Nom de l'éditeur dans cet univers")


PRODUITS = Table(
    name="referencement__produits",
    title="Référencement Ségur",
    description="Une ligne par logiciel, couloir, dispositif et version, à la date d'un catalogue.",
    schema=ProduitsSchema,
    source="referencement",
    licence=LICENCE,
    partition_by=("date_catalogue",),
    unit=("date_catalogue",),
    sort_by=("produit", "couloir", "dispositif", "version"),
    freshness=timedelta(days=120),
    reasons={"retrait_apres_referencement": "retrait antérieur au référencement"},
)

CORRESPONDANCES = Table(
    name="referencement__correspondances",
    title="Sociétés et éditeurs",
    description="Une ligne par société et nom d'éditeur déclaré dans un autre univers ; rien n'est deviné.",
    schema=CorrespondancesSchema,
    source="referencement",
    licence=LICENCE,
)

TABLES = (CORRESPONDANCES, PRODUITS)
