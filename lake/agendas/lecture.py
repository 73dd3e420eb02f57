"""Reads a bundle of free slots: named elements only, every other dropped, each refusal counted under its reason.

The reader is tolerant where the guide contradicts itself: profiles, type systems and search modes are not looked at,
resources are told by their own type, references by their end, instants by their own offset. It is strict where a
mistake would show a slot that does not exist: no offset, no practitioner asked, no agenda.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lake.agendas.codes import IDNPS, IDNST, MODALITES, TYPES, idnps, siret
from lake.agendas.liens import lien_sur

RAISONS = {
    "entree_illisible": "entrée illisible",
    "agenda_absent": "agenda (Schedule) absent du message",
    "ps_absent": "professionnel absent du message",
    "ps_non_demande": "professionnel ou structure qui n'était pas demandé",
    "role_absent": "lieu d'exercice (PractitionerRole) absent du message",
    "pas_libre": "créneau qui n'est pas libre",
    "heure_sans_fuseau": "heure sans décalage horaire",
    "heure_illisible": "heure illisible",
    "fin_avant_debut": "fin qui n'est pas après le début",
    "passe": "créneau passé",
    "hors_fenetre": "créneau après la fin demandée",
    "doublon": "créneau déjà reçu",
    "lien_refuse": "adresse de réservation refusée (le créneau est gardé, sans elle)",
    "rpps_illisible": "RPPS mal écrit : ni 11 chiffres, ni 8 suivi de 11 chiffres",
}
"""Why a row was refused, in French."""
TROUBLES = frozenset({"entree_illisible", "heure_sans_fuseau", "heure_illisible", "fin_avant_debut"})
"""Slots that exist and cannot be read: whoever only has such ones has not said that he has none."""

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?")
Ressource = dict[str, Any]


@dataclass(frozen=True)
class Creneau:
    """A free slot of another editor's agenda.

    Attributes:
        identifiant: whose it is: 8 and the RPPS, or 3 and the SIRET.
        debut: its beginning, with an offset.
        fin: its end, with an offset.
        types: among :data:`lake.agendas.codes.TYPES`.
        modalites: among :data:`lake.agendas.codes.MODALITES`.
        lieu: the place, in one line; empty when the editor does not say it.
        structure: national identifier of the place; empty when unknown.
        lien: the booking page; None when there is none that may be followed.
        editeur: who gave it; empty until it is known.
    """

    identifiant: str
    debut: datetime
    fin: datetime
    types: tuple[str, ...] = ()
    modalites: tuple[str, ...] = ()
    lieu: str = ""
    structure: str = ""
    lien: str | None = None
    editeur: str = ""


@dataclass
class Lecture:
    """What was read.

    Attributes:
        creneaux: the slots kept, each once.
        rejets: reason -> rows.
        troubles: identifiers of which a slot could not be read.
    """

    creneaux: list[Creneau] = field(default_factory=list)
    rejets: Counter[str] = field(default_factory=Counter)
    troubles: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Demande:
    """What was asked of an editor, that its answer is held against.

    Attributes:
        consentis: identifier -> kinds of slots that its holder lets be shown; None for all kinds.
        du: first instant, with an offset.
        au: last instant of a beginning, with an offset.
        origine: mark set on booking addresses.
        hotes: hosts of booking addresses that the editor declared; any when empty.
    """

    consentis: Mapping[str, frozenset[str] | None]
    du: datetime
    au: datetime
    origine: str = ""
    hotes: frozenset[str] = frozenset()


def lire(documents: list[Ressource], demande: Demande) -> Lecture:
    """Read the pages of one answer.

    Args:
        documents: the bundles, as parsed JSON objects.
        demande: what was asked.
    """
    lu = Lecture()
    connues: dict[str, Ressource] = {}
    creneaux: list[Ressource] = []
    for document in documents:
        for entree, ressource in _ressources(document, lu):
            genre, numero = ressource.get("resourceType"), ressource.get("id")
            for nom in (entree.get("fullUrl"), f"{genre}/{numero}" if numero else None):
                if isinstance(nom, str):
                    connues.setdefault(nom, ressource)
            if genre == "Slot":
                creneaux.append(ressource)
    vus: set[object] = set()
    for ressource in creneaux:
        _lire_un(ressource, connues, demande, lu, vus)
    return lu


# -- inside ------------------------------------------------------------------------------------------


def _ressources(document: Ressource, lu: Lecture) -> Iterator[tuple[Ressource, Ressource]]:
    for entree in _liste(document.get("entry")):
        ressource = entree.get("resource") if isinstance(entree, dict) else None
        if isinstance(ressource, dict) and isinstance(ressource.get("resourceType"), str):
            yield entree, ressource
        else:
            lu.rejets["entree_illisible"] += 1


class _Refus(Exception):
    def __init__(self, raison: str, identifiant: str | None = None) -> None:
        super().__init__(raison)
        self.raison, self.identifiant = raison, identifiant


def _lire_un(
    slot: Ressource, connues: Mapping[str, Ressource], demande: Demande, lu: Lecture, vus: set[object]
) -> None:
    try:
        creneau = _creneau(slot, connues, demande)
    except _Refus as refus:
        lu.rejets[refus.raison] += 1
        if refus.raison in TROUBLES:
            # Of whom it is may be unknown; alone in the question, it can only be that one.
            seul = next(iter(demande.consentis)) if len(demande.consentis) == 1 else None
            if (connu := refus.identifiant or seul) is not None:
                lu.troubles.add(connu)
        return
    numero = slot.get("id")
    soi = (creneau.identifiant, creneau.debut, creneau.fin, creneau.lieu, creneau.structure)
    cles: list[object] = [soi]
    if isinstance(numero, str):
        cles.append(numero)
    if any(cle in vus for cle in cles):
        lu.rejets["doublon"] += 1
        return
    vus.update(cles)
    permis = demande.consentis[creneau.identifiant]
    if permis is not None and not permis & set(creneau.types):
        return  # its holder does not let it be shown: not a slot, and no fault either
    if creneau.lien is None and slot.get("comment") not in (None, ""):
        lu.rejets["lien_refuse"] += 1
    lu.creneaux.append(creneau)


def _creneau(slot: Ressource, connues: Mapping[str, Ressource], demande: Demande) -> Creneau:
    agenda = _trouver(slot.get("schedule"), connues, "Schedule")
    if agenda is None:
        raise _Refus("agenda_absent")
    acteurs = _liste(agenda.get("actor"))
    role = _premier(acteurs, connues, "PractitionerRole")
    personne = _premier(acteurs, connues, "Practitioner")
    if personne is None and role is not None:
        personne = _trouver(role.get("practitioner"), connues, "Practitioner")
    endroit = _premier(acteurs, connues, "Location")
    if personne is not None:
        identifiant = _identifiant(personne, IDNPS)
        if role is None and endroit is None:
            # Told apart from a practitioner who was not asked: the first says nothing of the place.
            raise _Refus("role_absent" if identifiant in demande.consentis else "ps_non_demande")
    elif endroit is not None:
        organisation = _trouver(endroit.get("managingOrganization"), connues, "Organization")
        organisation = organisation or _trouver(endroit.get("organization"), connues, "Organization")
        identifiant = None if organisation is None else _identifiant(organisation, IDNST)
    else:
        raise _Refus("ps_absent")
    if identifiant is None:
        raise _Refus("ps_absent")
    if identifiant not in demande.consentis:
        raise _Refus("ps_non_demande")
    if slot.get("status") != "free":
        raise _Refus("pas_libre")
    debut, fin = (_instant(slot.get(nom), identifiant) for nom in ("start", "end"))
    try:
        if fin <= debut:
            raise _Refus("fin_avant_debut", identifiant)
        if debut < demande.du:
            raise _Refus("passe")
        if debut > demande.au:
            raise _Refus("hors_fenetre")
    except OverflowError as error:  # the year 1 or 9999 with an offset that leaves the calendar
        raise _Refus("heure_illisible", identifiant) from error
    lieu, structure = _lieu(role, endroit, connues)
    return Creneau(
        identifiant=identifiant,
        debut=debut,
        fin=fin,
        types=_codes([_objet(slot.get("meta")).get("security")], TYPES),
        modalites=_codes([s.get("coding") for s in _objets(slot.get("serviceType"))], MODALITES),
        lieu=lieu,
        structure=structure,
        lien=lien_sur(slot.get("comment"), origine=demande.origine, hotes=demande.hotes),
    )


def _instant(texte: object, identifiant: str) -> datetime:
    forme = _INSTANT.fullmatch(texte) if isinstance(texte, str) else None
    if forme is None:
        raise _Refus("heure_illisible", identifiant)
    if forme[2] is None:
        raise _Refus("heure_sans_fuseau", identifiant)
    try:
        return datetime.fromisoformat(forme[0])
    except ValueError as error:
        raise _Refus("heure_illisible", identifiant) from error


def _identifiant(ressource: Ressource, systeme: str) -> str | None:
    """The national identifier: by its system or its type's code, whatever the type's system."""
    code = "IDNPS" if systeme == IDNPS else "IDNST"
    lire_texte = idnps if systeme == IDNPS else siret
    for un in _objets(ressource.get("identifier")):
        codes = {c.get("code") for c in _objets(_objet(un.get("type")).get("coding"))}
        valeur = un.get("value")
        if isinstance(valeur, str) and (un.get("system") == systeme or code in codes):
            trouve = lire_texte(valeur)
            if trouve is not None:
                return trouve
    return None


def _lieu(
    role: Ressource | None, endroit: Ressource | None, connues: Mapping[str, Ressource]
) -> tuple[str, str]:
    """The place in one line, and its national identifier."""
    structure = ""
    if role is not None:
        valeur = _objet(_objet(role.get("organization")).get("identifier")).get("value")
        structure = valeur if isinstance(valeur, str) else ""
        for reference in _objets(role.get("location")):
            nom = reference.get("reference")
            dedans = [c for c in _objets(role.get("contained")) if nom == f"#{c.get('id')}"]
            endroit = endroit or next(iter(dedans), None) or _trouver(reference, connues, "Location")
        endroit = endroit or next(
            (c for c in _objets(role.get("contained")) if c.get("resourceType") == "Location"), None
        )
    if endroit is None:
        return "", structure[:20]
    adresse = _objet(endroit.get("address"))
    lignes = [ligne for ligne in _liste(adresse.get("line")) if isinstance(ligne, str)]
    ville = [adresse.get("postalCode"), adresse.get("city")]
    parties = [*lignes, " ".join(un for un in ville if isinstance(un, str))]
    if not lignes and isinstance(endroit.get("name"), str):
        parties.insert(0, endroit["name"])
    return " ".join(" ".join(parties).split())[:200], structure[:20]


def _codes(listes: list[object], connus: tuple[str, ...]) -> tuple[str, ...]:
    trouves = {un.get("code") for liste in listes for un in _objets(liste)}
    return tuple(code for code in connus if code in trouves)


def _premier(acteurs: list[Any], connues: Mapping[str, Ressource], genre: str) -> Ressource | None:
    return next((t for a in acteurs if (t := _trouver(a, connues, genre)) is not None), None)


def _trouver(reference: object, connues: Mapping[str, Ressource], genre: str) -> Ressource | None:
    """The resource of this type that a reference names: in full, or by its end (``Schedule/12``)."""
    nom = _objet(reference).get("reference")
    if not isinstance(nom, str):
        return None
    court = "/".join(nom.partition("/_history/")[0].rsplit("/", 2)[-2:])
    trouvee = connues.get(nom) or connues.get(court)
    return trouvee if trouvee is not None and trouvee.get("resourceType") == genre else None


def _liste(valeur: object) -> list[Any]:
    return valeur if isinstance(valeur, list) else []


def _objet(valeur: object) -> Ressource:
    return valeur if isinstance(valeur, dict) else {}


def _objets(valeur: object) -> list[Ressource]:
    """The objects of a list; one object where the list was forgotten."""
    return [valeur] if isinstance(valeur, dict) else [un for un in _liste(valeur) if isinstance(un, dict)]
