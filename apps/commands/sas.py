"""``obs sas``: unscheduled care, on the command line."""

from __future__ import annotations

import click

from apps.commands.french import Group
from apps.commands.sas_agendas import charger_command, creneaux_command
from apps.commands.sas_fhir import interroger_command
from apps.commands.sas_pilotage import equite_command, photographier_command, publier_command
from apps.commands.sas_recherche import chercher_command, reserver_command


@click.group("sas", cls=Group)
def sas_group() -> None:
    """Service d'accès aux soins : créneaux, recherche, réservation, éditeurs, mesures."""


sas_group.add_command(charger_command)
sas_group.add_command(creneaux_command)
sas_group.add_command(chercher_command)
sas_group.add_command(reserver_command)
sas_group.add_command(interroger_command)
sas_group.add_command(equite_command)
sas_group.add_command(publier_command)
sas_group.add_command(photographier_command)
