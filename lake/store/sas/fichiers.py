"""Files of effecteurs, ranges and absences: read line by line, refused in words, the rest kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import available_timezones

from lake.delimited import cut
from lake.errors import ContractError, LakeError
from lake.horaires.heures import DAY_MINUTES, PARIS, minutes_of, monday
from lake.horaires.plages import BITS, GENRES, LONGEST_CYCLE, bits, standard_duration
from lake.store.sas.profil import ages

_IDENTIFIANT = re.compile(r"8[0-9]{11}|0[0-9A-Z]{9}|1[0-9][0-9AB][0-9]{7}|3[0-9]{14}")
_COMMUNE = re.compile(r"[0-9][0-9AB][0-9]{3}")
_YES = {"true": True, "oui": True, "1": True, "false": False, "non": False, "0": False, "": False}
_NEEDED = {
    "effecteurs": ("identifiant", "code_commune", "longitude", "latitude"),
    "structures": ("identifiant", "code_commune", "longitude", "latitude"),
    "plages": ("identifiant", "jour", "debut", "fin", "modalites", "du", "au"),
    "absences": ("identifiant", "debut", "fin"),
}


@dataclass
class Lot:
    """A file, read.

    Attributes:
        nom: the file's name.
        lignes: (line number, values) of what can be kept.
        rejets: (line number, why) of what cannot.
    """

    nom: str
    lignes: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    rejets: list[tuple[int, str]] = field(default_factory=list)

    @property
    def lues(self) -> int:
        """Data lines."""
        return len(self.lignes) + len(self.rejets)


def lire(raw: bytes, nom: str, genre: str) -> Lot:
    """Read a file.

    Args:
        raw: its bytes: UTF-8 or Latin-1, ``,`` or ``;``.
        nom: its name in messages.
        genre: ``effecteurs``, ``structures``, ``plages`` or ``absences``.

    Raises:
        ContractError: it is no such file, or lacks a column.
    """
    cells = cut(raw, nom, comments=True, short=True)
    frame = cells.named()
    missing = [name for name in _NEEDED[genre] if name not in frame.columns]
    if missing:
        raise ContractError(
            f"{nom} : il manque la colonne {', '.join(missing)}.",
            conseil=f"Colonnes attendues : {', '.join(_NEEDED[genre])}…",
        )
    lot = Lot(nom, rejets=[(one.ligne, one.motif) for one in cells.broken])
    read: Callable[[Mapping[str, str]], dict[str, Any]] = {
        "effecteurs": _effecteur,
        "structures": lambda row: _effecteur({"genre": "structure"} | {k: v for k, v in row.items() if v}),
        "plages": _plage,
        "absences": _absence,
    }[genre]
    for row in frame.iter_rows(named=True):
        number = row.pop("ligne")
        try:
            lot.lignes.append((number, read({name: (value or "").strip() for name, value in row.items()})))
        except LakeError as refusal:
            lot.rejets.append((number, str(refusal)))
    return lot


def identifiant(text: str) -> str:
    """The national identifier of a person or a structure, with its prefix.

    Raises:
        ContractError: it is none; says what a spreadsheet did to it.
    """
    plain = text.replace(" ", "").replace("\u202f", "").replace("\xa0", "").upper()
    if re.fullmatch(r"[0-9]+([.,][0-9]+)?E\+?[0-9]+", plain):
        raise ContractError(
            f"« {text} » a été arrondi par le tableur.", conseil="Mettez la colonne en texte, puis reprenez."
        )
    if re.fullmatch(r"1[0-9]{10}", plain):
        plain = "8" + plain  # an RPPS without its prefix
    if not plain:
        raise ContractError("identifiant vide : 8 suivi du RPPS (11 chiffres), ou 1 suivi du FINESS (9).")
    if not _IDENTIFIANT.fullmatch(plain):
        raise ContractError(
            f"« {text} » n'est pas un identifiant : 8 suivi du RPPS (11 chiffres), ou 1 suivi du FINESS (9)."
        )
    return plain


def sas_of(code_commune: str) -> str:
    """The SAS of a commune: one a department."""
    department = code_commune[:3] if code_commune.startswith(("97", "98")) else code_commune[:2]
    return "SAS-" + {"2A": "20A", "2B": "20B"}.get(department, department)


def _effecteur(row: Mapping[str, str]) -> dict[str, Any]:
    found = identifiant(row["identifiant"])
    genre = row.get("genre") or ("structure" if found[0] in "13" else "ps")
    if genre not in ("ps", "structure"):
        raise ContractError(f"genre « {genre} » : ps ou structure.")
    commune = row["code_commune"].upper().zfill(5)
    if not _COMMUNE.fullmatch(commune):
        raise ContractError(f"code_commune « {row['code_commune']} » n'est pas un code INSEE.")
    zone = row.get("fuseau") or PARIS
    if zone not in available_timezones():
        raise ContractError(f"fuseau « {zone} » inconnu.")
    return {
        "identifiant": found,
        "genre": genre,
        "nom": row.get("nom") or found,
        "code_commune": commune,
        "longitude": _number(row, "longitude", 180),
        "latitude": _number(row, "latitude", 90),
        "specialite": row.get("specialite") or ("SM54" if genre == "ps" else ""),
        "fuseau": zone,
        "sas": row.get("sas") or sas_of(commune),
        "actes": row.get("actes", ""),
        "equipements": row.get("equipements", ""),
        "langues": row.get("langues", ""),
        # A file without the column says nothing of ages: what was said stays.
        "ages": "|".join(ages(filter(None, row["ages"].split("|")))) if "ages" in row else None,
        "libelle": row.get("libelle", ""),
        "ouverture": ouvertures(row.get("ouverture", "")),
    }


_OPENING = re.compile(r"([1-8])(?:-([1-8]))? +([0-9:h]+)-([0-9:h]+)")


def ouvertures(text: str) -> list[tuple[int, int, int]]:
    """Opening hours: ``1-5 08:00-19:00; 6 09:00-12:00; 8 10:00-12:00`` (8: public holidays).

    Returns:
        (day, first minute, last minute) of each span.

    Raises:
        ContractError: they cannot be read, or a span ends before it begins.
    """
    found = []
    for part in filter(None, (one.strip() for one in text.split(";"))):
        read = _OPENING.fullmatch(part)
        if read is None:
            raise ContractError(f"ouverture « {part} » : écrivez par exemple 1-5 08:00-19:00; 6 09:00-12:00.")
        begin, end = minutes_of(read[3]), minutes_of(read[4], end=True)
        if end <= begin:
            raise ContractError(f"ouverture « {part} » : elle ferme avant d'ouvrir.")
        found += [(day, begin, end) for day in range(int(read[1]), int(read[2] or read[1]) + 1)]
    return found


def _plage(row: Mapping[str, str]) -> dict[str, Any]:
    genre = row.get("genre") or "snp"
    if genre not in GENRES:
        raise ContractError(f"genre « {genre} » : {', '.join(GENRES)}.")
    du, au = _day(row, "du"), _day(row, "au")
    if au < du:
        raise ContractError(f"la plage finit (au {au:%d/%m/%Y}) avant de commencer (du {du:%d/%m/%Y}).")
    cycle, rang, jour = _whole(row, "cycle", 1), _whole(row, "rang", 0), _whole(row, "jour", 0)
    if not 1 <= cycle <= LONGEST_CYCLE or not 0 <= rang < cycle or not 1 <= jour <= 7:
        raise ContractError(
            f"cycle {cycle}, rang {rang}, jour {jour} : le cycle va de 1 à {LONGEST_CYCLE}, le rang de 0 au cycle "
            "moins un, le jour de 1 (lundi) à 7."
        )
    ancre = _day(row, "ancre") if row.get("ancre") else monday(du)
    if ancre.weekday():
        raise ContractError(f"ancre {ancre:%d/%m/%Y} n'est pas un lundi.")
    modalites = modalites_of(row["modalites"])
    debut, fin = minutes_of(row["debut"]), minutes_of(row["fin"], end=True)
    if _YES.get(row.get("lendemain", "").lower(), False):
        fin += DAY_MINUTES
    return checked(
        {
            "identifiant": identifiant(row["identifiant"]),
            "code_commune": row.get("code_commune", ""),
            "genre": genre,
            "du": du,
            "au": au,
            "ancre": ancre,
            "cycle": cycle,
            "rang": rang,
            "jour": jour,
            "debut_min": debut,
            "fin_min": fin,
            "capacite": _whole(row, "capacite", 0) if row.get("capacite") else None,
            "duree_min": _whole(row, "duree_min", 0)
            if row.get("duree_min")
            else standard_duration(modalites),
            "modalites": modalites,
        }
    )


def checked(plage: dict[str, Any]) -> dict[str, Any]:
    """A range that holds together.

    Raises:
        ContractError: it ends before it begins, is shorter than one consultation, or has no seat.
    """
    length = plage["fin_min"] - plage["debut_min"]
    if length <= 0:
        raise ContractError(
            "la plage finit avant de commencer.", conseil="Si elle passe minuit : lendemain = oui."
        )
    if length > DAY_MINUTES:
        raise ContractError("la plage dure plus d'un jour.")
    if not 1 <= plage["duree_min"] <= length:
        raise ContractError(
            f"une consultation de {plage['duree_min']} min ne tient pas dans une plage de {length} min."
        )
    if plage["capacite"] is not None and not 1 <= plage["capacite"] <= 500:
        raise ContractError("la capacité va de 1 à 500 patients.")
    if not plage["modalites"]:
        raise ContractError("une plage a une modalité au moins : AMB, HH ou VR.")
    return plage


def modalites_of(text: str) -> int:
    """Modalities as one number, of ``AMB|VR``.

    Raises:
        ContractError: there is none, or one is unknown.
    """
    asked = [one.strip().upper() for one in re.split(r"[|,;+ ]+", text) if one.strip()]
    if not asked:
        raise ContractError("modalites vide : AMB, HH ou VR, joints par |, une au moins.")
    if set(asked) - set(BITS):
        raise ContractError(f"modalites « {text} » : AMB, HH ou VR, joints par |, une au moins.")
    return bits(asked)


def _absence(row: Mapping[str, str]) -> dict[str, Any]:
    debut, fin = _local(row, "debut"), _local(row, "fin")
    if fin.replace(tzinfo=None) <= debut.replace(tzinfo=None):
        raise ContractError("l'absence finit avant de commencer.")
    return {"identifiant": identifiant(row["identifiant"]), "debut": debut, "fin": fin}


def _local(row: Mapping[str, str], name: str) -> datetime:
    try:
        return datetime.fromisoformat(row[name])
    except ValueError as error:
        raise ContractError(f"{name} « {row[name]} » : écrivez AAAA-MM-JJTHH:MM.") from error


def _day(row: Mapping[str, str], name: str) -> date:
    try:
        return date.fromisoformat(row[name])
    except ValueError as error:
        raise ContractError(f"{name} « {row[name]} » : écrivez AAAA-MM-JJ.") from error


def _whole(row: Mapping[str, str], name: str, default: int) -> int:
    text = row.get(name) or str(default)
    if not text.isdecimal():
        raise ContractError(f"{name} « {text} » n'est pas un nombre entier.")
    return int(text)


def _number(row: Mapping[str, str], name: str, most: float) -> float:
    try:
        found = float(row[name].replace(",", "."))
    except ValueError as error:
        raise ContractError(f"{name} « {row[name]} » n'est pas un nombre.") from error
    if not -most <= found <= most:
        raise ContractError(f"{name} {found} : de −{most:.0f} à {most:.0f} degrés.")
    return found
