"""A booking as an editor sends it: a closed list of elements is read, all the rest is dropped before anything is kept.

A patient may stand in a participant, a description, a comment, an extension: none of these is looked at, so that none
can be stored, logged or echoed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lake.agendas.codes import IDNPS, MODALITES, idnps
from lake.errors import LakeError

STATUTS = ("booked", "fulfilled", "noshow", "cancelled")
LONGUEUR = 200
"""A key is a system and a value together."""


@dataclass(frozen=True)
class Recu:
    """A booking received.

    Attributes:
        cle: system and value of its identifier, together.
        identifiant: whose agenda: 8 and the RPPS.
        debut, fin: aware.
        statut: among :data:`STATUTS`.
        modalite: ``AMB``, ``HH`` or ``VR``.
        pris_le: when it was made, by the editor's word; None when it does not say.
        maj_le: when the editor last changed it; None when it does not say.
    """

    cle: str
    identifiant: str
    debut: datetime
    fin: datetime
    statut: str
    modalite: str
    pris_le: datetime | None
    maj_le: datetime | None


def lire_rendez_vous(document: Any, *, cle: str = "") -> Recu:
    """Read an Appointment.

    Args:
        document: the message, as parsed JSON.
        cle: the identifier that the address gives (``system|value``), which must be one of the message's.

    Raises:
        LakeError: the message lacks what makes a booking; the sentence names the element, never its content.
    """
    if not isinstance(document, dict) or document.get("resourceType") != "Appointment":
        raise _fault("resourceType", "n’est pas « Appointment »")
    keys = [found for one in _objects(document.get("identifier")) if (found := _key(one))]
    if not keys:
        raise _fault("identifier", "n’a ni système ni valeur")
    if cle and cle not in keys:
        raise _fault("identifier", "n’est pas celui de l’adresse")
    who = _practitioner(document)
    if who is None:
        raise _fault("participant", "ne nomme aucun professionnel par son identifiant national")
    begin, end = (_instant(document, name) for name in ("start", "end"))
    if begin is None or end is None:
        raise _fault("start" if begin is None else "end", "manque, ou n’a pas de décalage horaire")
    if end <= begin:
        raise _fault("end", "n’est pas après start")
    status = document.get("status")
    if status not in STATUTS:
        raise _fault("status", f"n’est pas parmi {', '.join(STATUTS)}")
    meta = document.get("meta")
    return Recu(
        cle=cle or keys[0],
        identifiant=who,
        debut=begin,
        fin=end,
        statut=status,
        modalite=_modality(document),
        pris_le=_instant(document, "created"),
        maj_le=_instant(meta, "lastUpdated") if isinstance(meta, dict) else None,
    )


# -- inside ------------------------------------------------------------------------------------------


def _fault(name: str, said: str) -> LakeError:
    return LakeError(f"Appointment.{name} {said}.", conseil="Voyez docs/fhir.md.")


def _key(one: dict[str, Any]) -> str:
    system, value = one.get("system"), one.get("value")
    if not isinstance(value, str) or not value.strip():
        return ""
    found = f"{system}|{value}" if isinstance(system, str) else f"|{value}"
    if len(found) > LONGUEUR:
        raise _fault("identifier", f"dépasse {LONGUEUR} caractères")
    return found


def _practitioner(document: dict[str, Any]) -> str | None:
    """The practitioner's national identifier: in a participant, or in the contained resource that it names."""
    inside = {f"#{one.get('id')}": one for one in _objects(document.get("contained"))}
    for one in _objects(document.get("participant")):
        actor = one.get("actor")
        if not isinstance(actor, dict):
            continue
        named = inside.get(str(actor.get("reference")), {})
        known = named if named.get("resourceType") == "Practitioner" else {}
        for identifier in (*_objects(actor.get("identifier")), *_objects(known.get("identifier"))):
            if identifier.get("system") == IDNPS and isinstance(identifier.get("value"), str):
                found = idnps(identifier["value"])
                if found is not None:
                    return found
    return None


def _modality(document: dict[str, Any]) -> str:
    codes = {
        coding.get("code")
        for service in _objects(document.get("serviceType"))
        for coding in _objects(service.get("coding"))
    }
    return next((code for code in MODALITES if code in codes), MODALITES[0])


def _instant(holder: dict[str, Any], name: str) -> datetime | None:
    text = holder.get(name)
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
        return None if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _objects(value: Any) -> list[dict[str, Any]]:
    return (
        [value]
        if isinstance(value, dict)
        else [one for one in value if isinstance(one, dict)]
        if isinstance(value, list)
        else []
    )
