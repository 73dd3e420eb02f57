"""Our own free slots as the national guide wants them read: one Schedule a place, a role that contains its Location.

Every profile of the guide is named in ``meta``; identifiers, codes and instants have the forms that its test kit asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lake.agendas.codes import ACTE, IDENTIFIANT, IDNPS, IDNST, RENDEZ_VOUS, TYPE_CRENEAU

PROFILS = "http://sas.fr/fhir/StructureDefinition/"
GUIDE = "https://interop.esante.gouv.fr/ig/fhir/sas"
LIBELLES = {"AMB": "Consultation au cabinet", "HH": "Visite à domicile", "VR": "Téléconsultation"}
Ressource = dict[str, Any]


@dataclass(frozen=True)
class Lieu:
    """A professional at one place.

    Attributes:
        identifiant: 8 and the RPPS.
        nom: his name.
        numero: number of the place.
        rang: its rank among his places, from 0: what makes its national identifier with the RPPS.
        adresse: line of the address, or the place's name.
        code_postal, ville: where.
        fuseau: the clock of its hours.
    """

    identifiant: str
    nom: str
    numero: int
    rang: int
    adresse: str
    code_postal: str
    ville: str
    fuseau: str = "Europe/Paris"

    @property
    def agenda(self) -> str:
        """The id of its Schedule."""
        return f"agenda-{self.identifiant}-{self.numero}"


@dataclass(frozen=True)
class Libre:
    """A free slot: its id, where, when (UTC), its modalities."""

    numero: str
    lieu: Lieu
    debut: datetime
    fin: datetime
    modalites: tuple[str, ...]


def bundle(
    libres: Sequence[Libre],
    *,
    total: int,
    base: str,
    liens: Mapping[str, str],
    agendas: bool,
    acteurs: bool,
    page: str,
) -> Ressource:
    """A search set of slots.

    Args:
        libres: the slots of this page.
        total: slots of the whole answer.
        base: base address of the server.
        liens: relation -> address (``self``, and ``next`` when there is one).
        agendas: include the Schedules.
        acteurs: include the practitioners and roles of these Schedules.
        page: address where a régulateur books.
    """
    entries = [_entry(base, _slot(one, page), "match") for one in libres]
    if agendas:
        places = list(dict.fromkeys(one.lieu for one in libres))
        entries += [_entry(base, _schedule(one), "include") for one in places]
        if acteurs:
            people = {one.identifiant: one for one in places}
            entries += [_entry(base, _practitioner(one), "include") for one in people.values()]
            entries += [_entry(base, _role(one), "include") for one in places]
    return _searchset("BundleAgregateur", entries, total, liens)


def agendas_seuls(places: Sequence[Lieu], *, base: str, liens: Mapping[str, str]) -> Ressource:
    """A search set of Schedules, with their practitioners and roles."""
    people = {one.identifiant: one for one in places}
    entries = [_entry(base, _schedule(one), "match") for one in places]
    entries += [_entry(base, _practitioner(one), "include") for one in people.values()]
    entries += [_entry(base, _role(one), "include") for one in places]
    return _searchset("BundleAgregateur", entries, len(places), liens)


def issue(code: str, texte: str, severite: str = "error") -> Ressource:
    """An OperationOutcome of one issue."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severite, "code": code, "diagnostics": texte}],
    }


def capacites(base: str, maintenant: datetime) -> Ressource:
    """The CapabilityStatement."""

    def parameters(names: Iterable[tuple[str, str]]) -> list[Ressource]:
        return [{"name": name, "type": kind} for name, kind in names]

    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": maintenant.astimezone(UTC).isoformat(timespec="seconds"),
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "instantiates": [f"{GUIDE}/CapabilityStatement/SAS-GestionnaireAgenda-PsIndiv"],
        "implementation": {"description": "Observatoire e-santé : soins non programmés", "url": base},
        "rest": [
            {
                "mode": "server",
                "resource": [
                    {
                        "type": "Slot",
                        "supportedProfile": [f"{PROFILS}FrSlotAgregateur"],
                        "interaction": [{"code": "search-type"}],
                        "searchInclude": ["Slot:schedule", "Schedule:actor"],
                        "searchParam": parameters(
                            [
                                ("start", "date"),
                                ("status", "token"),
                                ("schedule.actor:Practitioner.identifier", "token"),
                            ]
                        ),
                    },
                    {
                        "type": "Schedule",
                        "supportedProfile": [f"{PROFILS}FrScheduleAgregateur"],
                        "interaction": [{"code": "search-type"}],
                        "searchParam": parameters([("actor:Practitioner.identifier", "token")]),
                    },
                    {
                        "type": "Appointment",
                        "supportedProfile": [f"{PROFILS}FrAppointmentSAS"],
                        "interaction": [{"code": "create"}, {"code": "update"}],
                        "conditionalUpdate": True,
                        "searchParam": parameters([("identifier", "token")]),
                    },
                ],
            }
        ],
    }


def instant(moment: datetime, fuseau: str) -> str:
    """An instant with milliseconds and the offset of its place: ``2027-03-29T14:00:00.000+02:00``."""
    return moment.astimezone(ZoneInfo(fuseau)).isoformat(timespec="milliseconds")


# -- inside ------------------------------------------------------------------------------------------


def _searchset(profil: str, entries: list[Ressource], total: int, liens: Mapping[str, str]) -> Ressource:
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [PROFILS + profil]},
        "type": "searchset",
        "total": total,
        "link": [{"relation": name, "url": url} for name, url in liens.items()],
        **({"entry": entries} if entries else {}),  # an empty array is not FHIR
    }


def _entry(base: str, resource: Ressource, mode: str) -> Ressource:
    return {
        "fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
        "resource": resource,
        "search": {"mode": mode},
    }


def _slot(one: Libre, page: str) -> Ressource:
    return {
        "resourceType": "Slot",
        "id": one.numero,
        "meta": {
            "profile": [f"{PROFILS}FrSlotAgregateur"],
            "security": [{"system": TYPE_CRENEAU, "code": "SNP", "display": "Soins non programmés"}],
        },
        "serviceType": [
            {"coding": [{"system": ACTE, "code": code, "display": LIBELLES[code]}]} for code in one.modalites
        ],
        "appointmentType": {"coding": [{"system": RENDEZ_VOUS, "code": "ROUTINE"}]},
        "schedule": {"reference": f"Schedule/{one.lieu.agenda}"},
        "status": "free",
        "start": instant(one.debut, one.lieu.fuseau),
        "end": instant(one.fin, one.lieu.fuseau),
        "comment": page,
    }


def _schedule(place: Lieu) -> Ressource:
    return {
        "resourceType": "Schedule",
        "id": place.agenda,
        "meta": {"profile": [f"{PROFILS}FrScheduleAgregateur"]},
        "actor": [
            {"reference": f"Practitioner/{place.identifiant}"},
            {"reference": f"PractitionerRole/role-{place.identifiant}-{place.numero}"},
        ],
    }


def _practitioner(place: Lieu) -> Ressource:
    return {
        "resourceType": "Practitioner",
        "id": place.identifiant,
        "meta": {"profile": [f"{PROFILS}FrPractitionerAgregateur"]},
        "identifier": [
            {
                "type": {"coding": [{"system": IDENTIFIANT, "code": "IDNPS"}]},
                "system": IDNPS,
                "value": place.identifiant,
            }
        ],
        "name": [{"text": place.nom, "family": place.nom}],
    }


def _role(place: Lieu) -> Ressource:
    number = f"4{place.identifiant[1:]}{place.rang:03d}"
    return {
        "resourceType": "PractitionerRole",
        "id": f"role-{place.identifiant}-{place.numero}",
        "meta": {"profile": [f"{PROFILS}FrPractitionerRoleExerciceAgregateur"]},
        "contained": [
            {
                "resourceType": "Location",
                "id": f"lieu-{place.numero}",
                "meta": {"profile": [f"{PROFILS}FrLocationAgregateur"]},
                "identifier": [
                    {
                        "type": {"coding": [{"system": IDENTIFIANT, "code": "INTRN"}]},
                        "value": str(place.numero),
                    }
                ],
                "address": {
                    "line": [place.adresse or place.ville],
                    "city": place.ville,
                    "postalCode": place.code_postal,
                },
            }
        ],
        "practitioner": {"reference": f"Practitioner/{place.identifiant}"},
        "organization": {
            "identifier": {
                "type": {"coding": [{"system": IDENTIFIANT, "code": "IDNST"}]},
                "system": IDNST,
                "value": number,
            }
        },
        "location": [{"reference": f"#lieu-{place.numero}"}],
    }
