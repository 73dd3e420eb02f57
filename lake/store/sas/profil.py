"""What a professional or a structure says of itself: languages, acts, equipment, and a line for the SAS alone.

The line is read by members of the SAS only: it stands in no table that is published, in no photo of the agendas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import sqlalchemy as sa

from lake.errors import ContractError
from lake.store import journal
from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.tables import EFFECTEURS
from lake.text import fold

LANGUES: Mapping[str, str] = {
    "gsw": "Alsacien", "de": "Allemand", "en": "Anglais", "ar": "Arabe", "hy": "Arménien", "zh": "Chinois",
    "es": "Espagnol", "fr": "Français", "it": "Italien", "fsl": "Langue des signes française", "lb": "Luxembourgeois",
    "nl": "Néerlandais", "fa": "Persan", "pl": "Polonais", "pt": "Portugais", "ro": "Roumain", "ru": "Russe",
    "sq": "Albanais", "tr": "Turc", "uk": "Ukrainien", "vi": "Vietnamien",
}  # fmt: skip
"""Languages spoken: ISO 639 codes."""
ACTES: Mapping[str, str] = {
    "suture": "Suture", "pediatrie": "Pédiatrie", "plaie": "Soin de plaie", "immobilisation": "Plâtre ou attelle",
    "gynecologie": "Gynécologie courante", "corps_etranger": "Retrait d’un corps étranger",
}  # fmt: skip
EQUIPEMENTS: Mapping[str, str] = {
    "ecg": "Électrocardiogramme", "echographie": "Échographie", "radiographie": "Radiographie",
    "biologie": "Biologie sur place", "oxygene": "Oxygène", "acces": "Accès en fauteuil roulant",
}  # fmt: skip
AGES: Mapping[str, str] = {
    "nourrisson": "Moins de 2 ans", "enfant": "De 2 à 15 ans", "adulte": "De 16 à 74 ans", "aine": "75 ans et plus",
}  # fmt: skip
"""Ages received, in order. Who says none receives all of them."""
_INDICATIFS = {"262": "0262", "590": "0590", "594": "0594", "596": "0596"}


@dataclass(frozen=True)
class Profil:
    """What is said of one effecteur.

    Attributes:
        ligne_pro: ``+33383000000``; empty without.
        langues, actes, equipements: codes, those above or any that a file brought.
        deux_plages: whether ordinary hours are shown beside those offered to the SAS.
        ages: codes of :data:`AGES`; none for all of them.
    """

    ligne_pro: str = ""
    langues: tuple[str, ...] = ()
    actes: tuple[str, ...] = ()
    equipements: tuple[str, ...] = ()
    deux_plages: bool = False
    ages: tuple[str, ...] = ()


def ages(codes: Iterable[str]) -> tuple[str, ...]:
    """Ages received, once each and in order; all of them is none said.

    Raises:
        ContractError: one of them is unknown.
    """
    said = set(codes)
    if unknown := sorted(said - set(AGES)):
        raise ContractError(f"Âge inconnu : « {unknown[0]} ».", conseil=f"Âges : {', '.join(AGES)}.")
    return () if said == set(AGES) else tuple(code for code in AGES if code in said)


def named(codes: Iterable[str], labels: Mapping[str, str]) -> list[str]:
    """Codes in words, in the order of the dictionary (« É » beside « E »); a code without word stays as it is."""
    return sorted((labels.get(code, code) for code in codes), key=fold)


def telephone(text: str) -> str:
    """A French telephone number as ``+33`` and nine digits (``+262``, ``+590``, ``+594``, ``+596`` overseas).

    Raises:
        ContractError: it is none.
    """
    plain = re.sub(r"[\s.()\-\u202f\xa0]", "", text)
    plain = re.sub(r"^00", "+", plain)
    if found := re.fullmatch(r"\+(33|262|590|594|596)0?([1-9][0-9]{8})", plain):
        return f"+{found[1]}{found[2]}"
    if found := re.fullmatch(r"0([1-9][0-9]{8})", plain):
        # The overseas prefixes are numbered at home as a French number: 0262…, 0590…
        code = next((one for one, home in _INDICATIFS.items() if plain.startswith(home)), "33")
        return f"+{code}{found[1]}"
    raise ContractError(
        f"« {text.strip()} » n'est pas un numéro de téléphone français.", conseil="Exemple : 03 83 00 00 00."
    )


def told(number: str) -> str:
    """« 03 83 00 00 00 », as it is dialled in France."""
    home = "0" + re.sub(r"^\+(33|262|590|594|596)", "", number)
    return " ".join(home[rank : rank + 2] for rank in range(0, len(home), 2))


def lire(store: Store, identifiant: str) -> Profil:
    """What is said of an effecteur; nothing of one that is not known."""
    with store.reading() as connection:
        row = connection.execute(
            sa.select(EFFECTEURS).where(EFFECTEURS.c.identifiant == identifiant)
        ).mappings().one_or_none()  # fmt: skip
    if row is None:
        return Profil()
    lists = {
        one: tuple(code for code in row[one].split("|") if code)
        for one in ("langues", "actes", "equipements", "ages")
    }
    return Profil(row["ligne_pro"], deux_plages=row["deux_plages"], **lists)


def decrire(
    store: Store, identifiant: str, said: Profil, *, auteur: str = "", now: datetime | None = None
) -> None:
    """Keep what is said; the journal tells what changed, never the line itself.

    Raises:
        LakeError: there is no such effecteur.
        ContractError: a language or an age is unknown, or the list is too long for its place.
    """
    before = lire(store, identifiant)
    unknown = [code for code in said.langues if code not in LANGUES and code not in before.langues]
    if unknown:
        raise ContractError(f"Langue inconnue : « {unknown[0]} ».", conseil="Choisissez-la dans la liste.")
    values = {
        name: "|".join(sorted(set(getattr(said, name)))) for name in ("langues", "actes", "equipements")
    }
    for name, text in values.items():
        if len(text) > (60 if name == "langues" else 200):
            raise ContractError("La liste est trop longue.", conseil="Gardez l'essentiel.")
    received = ages(said.ages)
    values["ages"] = "|".join(received)
    said = replace(said, ages=received)
    moment = now or datetime.now(UTC)
    changed = [
        name
        for name in ("ligne_pro", "langues", "actes", "equipements", "deux_plages", "ages")
        if getattr(before, name) != getattr(said, name)
    ]
    with store.writing() as connection:
        person = agendas.locked(connection, identifiant)
        if not changed:
            return
        connection.execute(
            sa.update(EFFECTEURS)
            .where(EFFECTEURS.c.id == person["id"])
            .values(ligne_pro=said.ligne_pro, deux_plages=said.deux_plages, **values)
        )
        journal.write(
            connection, "sas.fiche", identifiant, auteur=auteur or None, details={"detail": ", ".join(changed)},
            now=moment,
        )  # fmt: skip
        agendas.written(connection, person["id"], moment)
