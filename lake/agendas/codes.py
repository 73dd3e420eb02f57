"""The codes of the exchange: identifiers, kinds of slots, modalities, as the national guide of the SAS names them."""

from __future__ import annotations

import re

IDNPS = "urn:oid:1.2.250.1.71.4.2.1"
"""System of the national identifiers of practitioners: 8 and the RPPS, 0 and the ADELI number."""
IDNST = "urn:oid:1.2.250.1.71.4.2.2"
"""System of the national identifiers of structures: 1 and the FINESS, 3 and the SIRET, 4 and the RPPS with a rank."""
TYPE_CRENEAU = "https://mos.esante.gouv.fr/NOS/TRE_R314-TypeCreneau/FHIR/TRE-R314-TypeCreneau"
ACTE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
RENDEZ_VOUS = "http://terminology.hl7.org/CodeSystem/v2-0276"
IDENTIFIANT = "http://interopsante.org/fhir/CodeSystem/fr-v2-0203"

TYPES = ("SNP", "PUBLIC", "PRO", "CPTS")
"""Kinds of slots; a slot may carry several."""
MODALITES = ("AMB", "HH", "VR")
"""At the practice, at home, by teleconsultation."""

RPPS_PAR_REQUETE = 25
SIRET_PAR_REQUETE = 10
"""The guide's pages say 25 and 10 for structures: the lower one suits both."""
DELAI_S = 7.0
"""What answers later is left out, whoever it is."""


def idnps(texte: str) -> str | None:
    """The national identifier of a practitioner from what is typed: 11 digits, or 12 that begin with 8; else None."""
    chiffres = texte.strip()
    if re.fullmatch(r"[0-9]{11}", chiffres):
        return f"8{chiffres}"
    return chiffres if re.fullmatch(r"8[0-9]{11}", chiffres) else None


def siret(texte: str) -> str | None:
    """The national identifier of a structure by its SIRET: 14 digits, or 15 that begin with 3; else None."""
    chiffres = texte.strip()
    if re.fullmatch(r"[0-9]{14}", chiffres):
        return f"3{chiffres}"
    return chiffres if re.fullmatch(r"3[0-9]{14}", chiffres) else None
