"""Contracts of what is published of unscheduled care (SAS): offers, demands, bookings, exposure, coverage, photographs.

Published by ``obs sas publier``, a day at a time. No column has a place for a patient, a régulateur, a reference or a
coordinate: a commune is the finest place, and only where enough demands share it.
"""

from __future__ import annotations

import dataframely as dy

from lake.contract import Table

HORIZONS = {"2h": "2 heures", "4h": "4 heures", "6h": "6 heures", "12h": "12 heures"}
FAMILLES = {"presentiel": "Présentiel", "domicile": "Domicile", "teleconsultation": "Téléconsultation"}
ISSUES = {
    "pourvue": "Pourvue",
    "elargie": "Pourvue en élargissant",
    "incertaine": "Incertaine (une source n’a pas répondu)",
    "non_pourvue": "Non pourvue",
}
LEVIERS = {
    "rayon": "Le rayon",
    "horizon": "L’horizon",
    "modalite": "La modalité",
    "heure": "L’heure",
    "aucun": "Aucune place nulle part",
}
STATUTS = {
    "pending": "En cours",
    "booked": "Réservé",
    "fulfilled": "Honoré",
    "noshow": "Non honoré",
    "cancelled": "Annulé",
}
DELAIS = {
    "2h": "≤ 2 h",
    "4h": "2 à 4 h",
    "6h": "4 à 6 h",
    "12h": "6 à 12 h",
    "24h": "12 à 24 h",
    "plus": "> 24 h",
}
HORS = "hors"
"""What is in no named territory of its SAS."""
LEADS = (1, 3, 7, 14, 21, 28)
"""Days before a day at which its offer is photographed."""


class OffreSchema(dy.Schema):
    """One row a day × professional or structure × place × set of modalities × source; zeros for who offers nothing."""

    jour = dy.Date(primary_key=True, description="Jour du début des créneaux (heure du lieu)")
    identifiant = dy.String(primary_key=True, description="Identifiant national : 8+RPPS, 1+FINESS")
    lieu = dy.Int64(primary_key=True, description="Numéro du lieu")
    modalites = dy.String(primary_key=True, description="Modalités, séparées par | ; vide sans créneau")
    source = dy.String(primary_key=True, description="Origine : saisie, ou le nom d'un éditeur d'agendas")
    genre_effecteur = dy.String(description="Genre : ps ou structure")
    sas = dy.String(description="Territoire SAS")
    code_departement = dy.String(description="Code du département")
    siren_epci = dy.String(nullable=True, description="SIREN de l'EPCI ; vide hors EPCI")
    code_commune = dy.String(description="Code INSEE de la commune du lieu")
    offerts = dy.Int64(min=0, description="Places des plages, absences comprises")
    absents = dy.Int64(min=0, description="Places retirées par une absence ou une indisponibilité")
    pris = dy.Int64(min=0, description="Places réservées")
    disponibles = dy.Int64(min=0, description="Places libres")
    minutes_offertes = dy.Int64(min=0, description="Minutes des plages")
    sollicitations = dy.Int64(
        min=0, description="Sollicitations du jour, portées par une seule ligne de l'effecteur"
    )


class RecherchesSchema(dy.Schema):
    """One row a day × hour × territory × preset × horizon × outcome × missing lever."""

    jour = dy.Date(primary_key=True, description="Jour de la recherche")
    heure = dy.Int64(primary_key=True, min=0, max=23, description="Heure de la recherche (heure de Paris)")
    sas = dy.String(primary_key=True, description="Territoire SAS")
    code_departement = dy.String(primary_key=True, description="Code du département")
    siren_epci = dy.String(
        primary_key=True, description="SIREN de l'EPCI ; vide quand la ligne est regroupée"
    )
    code_commune = dy.String(
        primary_key=True, description="Code INSEE de la commune ; vide quand la ligne est regroupée"
    )
    preset = dy.String(primary_key=True, description="Recherche type")
    horizon = dy.String(primary_key=True, description="Horizon demandé")
    issue = dy.String(primary_key=True, description="Issue : pourvue, elargie, incertaine ou non_pourvue")
    levier = dy.String(
        primary_key=True, description="Ce qui aurait suffi à une demande non pourvue ; vide sinon"
    )
    recherches = dy.Int64(min=0, description="Recherches")
    demandes = dy.Int64(min=0, description="Demandes : les recherches d'un même besoin comptées une fois")


class RendezVousSchema(dy.Schema):
    """One row a day × territory × modality × source × status × class of delay."""

    jour = dy.Date(primary_key=True, description="Jour du rendez-vous")
    sas = dy.String(primary_key=True, description="Territoire SAS")
    code_departement = dy.String(primary_key=True, description="Code du département")
    siren_epci = dy.String(
        primary_key=True, description="SIREN de l'EPCI ; vide quand la ligne est regroupée"
    )
    code_commune = dy.String(
        primary_key=True, description="Code INSEE de la commune ; vide quand la ligne est regroupée"
    )
    modalite = dy.String(primary_key=True, description="Modalité : AMB, HH ou VR")
    source = dy.String(primary_key=True, description="Origine : saisie, ou le nom d'un éditeur d'agendas")
    statut = dy.String(primary_key=True, description="Statut : booked, fulfilled, noshow ou cancelled")
    classe_delai = dy.String(primary_key=True, description="Délai entre la prise et le début")
    rendez_vous = dy.Int64(min=0, description="Rendez-vous")
    delai_h = dy.Float64(description="Somme des délais, en heures")


class ExpositionsSchema(dy.Schema):
    """One row a day × territory × professional: shown, as it should have been, offered, solicited."""

    jour = dy.Date(primary_key=True, description="Jour")
    sas = dy.String(primary_key=True, description="Territoire SAS")
    identifiant = dy.String(primary_key=True, description="Identifiant national")
    affichages = dy.Int64(min=0, description="Fois où la ligne a été montrée")
    observe = dy.Float64(min=0, description="Somme des poids des rangs obtenus")
    attendu = dy.Float64(
        min=0, description="La même, chaque groupe à égalité ayant le poids moyen de ses rangs"
    )
    offre = dy.Int64(min=0, description="Somme des places libres à portée")
    sollicitations = dy.Int64(min=0, description="Sollicitations")


class CouvertureSchema(dy.Schema):
    """One row a day × hour × commune × family: who lives there, and what is in reach within 2, 4, 6 and 12 hours."""

    jour = dy.Date(primary_key=True, description="Jour")
    heure = dy.Int64(primary_key=True, min=0, max=23, description="Heure (locale)")
    code_commune = dy.String(primary_key=True, description="Code INSEE de la commune des habitants")
    famille = dy.String(primary_key=True, description="Famille : presentiel, domicile ou teleconsultation")
    sas = dy.String(description="Territoire SAS")
    code_departement = dy.String(description="Code du département")
    siren_epci = dy.String(nullable=True, description="SIREN de l'EPCI ; vide hors EPCI")
    population = dy.Int64(min=0, description="Habitants")
    places_2h = dy.Int64(min=0, description="Places atteignables en 2 heures")
    places_4h = dy.Int64(min=0, description="Places atteignables en 4 heures")
    places_6h = dy.Int64(min=0, description="Places atteignables en 6 heures")
    places_12h = dy.Int64(min=0, description="Places atteignables en 12 heures")
    parts_2h = dy.Float64(
        min=0, description="Leur part pour la commune, chaque place partagée entre ceux qui l'atteignent"
    )
    parts_4h = dy.Float64(min=0, description="De même en 4 heures")
    parts_6h = dy.Float64(min=0, description="De même en 6 heures")
    parts_12h = dy.Float64(min=0, description="De même en 12 heures")


class PrevisionsSchema(dy.Schema):
    """One row a photograph × day to come × territory × set of modalities: what was announced so many days before."""

    date_photo = dy.Date(primary_key=True, description="Jour de la photographie")
    jour = dy.Date(primary_key=True, description="Jour annoncé")
    sas = dy.String(primary_key=True, description="Territoire SAS")
    avance = dy.Int64(min=0, description="Jours d'avance")
    annonces = dy.Int64(min=0, description="Places annoncées, nettes des absences connues")


class TerritoiresSchema(dy.Schema):
    """One row a commune of a territory that a SAS names: « CPTS A »."""

    sas = dy.String(primary_key=True, description="Territoire SAS")
    code_commune = dy.String(primary_key=True, description="Code INSEE de la commune")
    code_departement = dy.String(description="Code du département")
    territoire = dy.String(description="Nom que le SAS donne à ce territoire")


def _table(
    name: str,
    title: str,
    description: str,
    schema: type[dy.Schema],
    unit: str = "jour",
    *,
    heavy: bool = False,
) -> Table:
    # A file a day only where a day is heavy: hundreds of files of a few rows read slower than one.
    return Table(
        name=f"sas__{name}", title=title, description=description, schema=schema, source="sas",
        licence="Données internes", unit=(unit,), partition_by=(unit,) if heavy else (),
    )  # fmt: skip


OFFRE = _table("offre", "Offre de soins non programmés", "Créneaux par jour et par effecteur.", OffreSchema)
RECHERCHES = _table(
    "recherches",
    "Recherches de soins non programmés",
    "Demandes par jour, heure et territoire.",
    RecherchesSchema,
)
RENDEZ_VOUS = _table(
    "rendez_vous",
    "Rendez-vous après régulation",
    "Rendez-vous par jour et territoire.",
    RendezVousSchema,
)
EXPOSITIONS = _table(
    "expositions",
    "Expositions et sollicitations",
    "Rangs obtenus et attendus par effecteur.",
    ExpositionsSchema,
)
COUVERTURE = _table(
    "couverture",
    "Couverture de la population",
    "Places atteignables par commune et par heure.",
    CouvertureSchema,
    heavy=True,
)
PREVISIONS = _table(
    "previsions", "Offre annoncée", "Photographies de l'offre à venir.", PrevisionsSchema, "date_photo"
)
TERRITOIRES = _table(
    "territoires",
    "Territoires nommés",
    "Communes des territoires que les SAS nomment.",
    TerritoiresSchema,
    "sas",
)
TABLES = (OFFRE, RECHERCHES, RENDEZ_VOUS, EXPOSITIONS, COUVERTURE, PREVISIONS, TERRITOIRES)
