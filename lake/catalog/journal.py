"""Contracts of the run journal: what each ingestion did, and the lines it refused."""

from __future__ import annotations

import dataframely as dy

from lake.contract import Table, text


class ExecutionsSchema(dy.Schema):
    """One row per ingestion run that ended (published, refused or failed)."""

    execution = dy.String(primary_key=True, description="Identifiant de l'exécution")
    source = dy.String(description="Source ingérée")
    statut = dy.String(description="Issue : publiee, refusee ou en_erreur")
    debut = dy.Datetime(description="Début (UTC)", time_unit="us", time_zone="UTC")
    duree_s = dy.Float64(description="Durée en secondes")
    date_donnees = dy.Date(nullable=True, description="Date des données (extraction, mois, millésime)")
    fichiers = text("Fichiers sources, séparés par |")
    sha256 = text("Empreinte SHA-256 de l'ensemble des fichiers sources")
    empreinte = text("Empreinte de l'ingestion : fichiers, date, région, géocodeur, tables utilisées")
    lues = dy.Int64(description="Lignes lues (hors en-tête)")
    publiees = dy.Int64(description="Lignes publiées")
    doublons = dy.Int64(description="Doublons exacts écartés")
    hors_region = dy.Int64(description="Lignes hors de la région choisie")
    rejetees = dy.Int64(description="Lignes rejetées")
    message = text("Message d'erreur ou remarque")
    rapport = dy.String(description="Rapport complet, en JSON")


class RejetsSchema(dy.Schema):
    """One row per rejected line, readable and attributable."""

    source = dy.String(description="Source ingérée")
    execution = dy.String(description="Exécution qui a rejeté la ligne")
    fichier = dy.String(description="Fichier source")
    ligne = dy.Int64(description="Numéro de ligne dans le fichier (l'en-tête est la ligne 1)")
    motif = dy.String(description="Raison du rejet")
    contenu = text("La ligne, telle que lue (octets illisibles remplacés)")


class ComptesSchema(dy.Schema):
    """One row per account × month × action that it did; neither name nor address."""

    compte = dy.String(primary_key=True, description="Numéro du compte (ni nom, ni adresse)")
    mois = dy.Date(primary_key=True, resolution="1mo", description="Mois, par son premier jour")
    action = dy.String(primary_key=True, description="Action du journal : domaine.verbe")
    profil = dy.String(description="Profil du compte à la publication")
    etat = dy.String(description="État du compte à la publication : invite, actif ou desactive")
    cree_le = dy.Datetime(description="Création du compte (UTC)", time_unit="us", time_zone="UTC")
    connecte_le = dy.Datetime(
        nullable=True, description="Dernière connexion (UTC)", time_unit="us", time_zone="UTC"
    )
    nombre = dy.Int64(min=1, description="Nombre de fois dans le mois")
    dernier_le = dy.Datetime(description="Dernière fois dans le mois (UTC)", time_unit="us", time_zone="UTC")


EXECUTIONS = Table(
    name="journal__executions",
    title="Exécutions d'ingestion",
    description="Une ligne par ingestion terminée, avec ses comptes.",
    schema=ExecutionsSchema,
    source="journal",
    licence="Données internes",
)
REJETS = Table(
    name="journal__rejets",
    title="Lignes rejetées",
    description="Une ligne par ligne source rejetée, avec son motif.",
    schema=RejetsSchema,
    source="journal",
    licence="Données internes",
    partition_by=("source",),
)

COMPTES = Table(
    name="journal__comptes",
    title="Vie des comptes",
    description="Une ligne par compte × mois × action, sans nom ni adresse : connexions, exports, mises à jour.",
    schema=ComptesSchema,
    source="journal",
    licence="Données internes",
)

TABLES = (EXECUTIONS, REJETS, COMPTES)
