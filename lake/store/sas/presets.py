"""Searches that a SAS makes often: named by its administrators, offered to its régulateurs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from lake.errors import ContractError
from lake.store import journal
from lake.store.engine import Store
from lake.store.sas import profil
from lake.store.sas.tables import EFFECTEURS, PRESETS

MOST = 12
"""Searches of a SAS: more are buttons that nobody finds."""


@dataclass(frozen=True)
class Preset:
    """A search made in advance: each part that is not empty is asked.

    Attributes:
        id: number; 0 for one that is not kept yet.
        sas: ``SAS-54``.
        titre: its name.
        specialite, acte, equipement, langue, genre: what is asked.
        modalites: of these consultations (bits of :data:`lake.horaires.plages.BITS`); 0 for all.
        horizon: within this horizon; empty for the longest.
        age: of who receives this age (:data:`lake.store.sas.profil.AGES`); empty for any.
    """

    id: int
    sas: str
    titre: str
    specialite: str = ""
    acte: str = ""
    equipement: str = ""
    langue: str = ""
    genre: str = ""
    modalites: int = 0
    horizon: str = ""
    age: str = ""


def presets(store: Store, sas: str) -> list[Preset]:
    """The searches of a SAS, by name."""
    with store.reading() as connection:
        rows = connection.execute(
            sa.select(PRESETS).where(PRESETS.c.sas == sas).order_by(PRESETS.c.titre)
        ).mappings()  # fmt: skip
        return [Preset(**{name: row[name] for name in Preset.__dataclass_fields__}) for row in rows]


def garder(store: Store, preset: Preset, *, auteur: str = "", now: datetime | None = None) -> None:
    """Keep a search.

    Raises:
        ContractError: it has no name, asks nothing, bears a name that is taken, or is one too many.
    """
    titre = " ".join(preset.titre.split())
    if not 1 <= len(titre) <= 40:
        raise ContractError("Nommez la recherche, en 40 caractères au plus.")
    asked = (preset.specialite, preset.acte, preset.equipement, preset.langue, preset.genre, preset.modalites,
             preset.horizon, preset.age)  # fmt: skip
    if not any(asked):
        raise ContractError("Cette recherche ne demande rien.", conseil="Choisissez au moins un critère.")
    (age,) = profil.ages([preset.age]) if preset.age else ("",)
    with store.writing() as connection:
        count = connection.execute(
            sa.select(sa.func.count()).select_from(PRESETS).where(PRESETS.c.sas == preset.sas)
        ).scalar_one()
        if count >= MOST:
            raise ContractError(f"Un SAS a au plus {MOST} recherches.", conseil="Retirez-en une.")
        try:
            with connection.begin_nested():
                connection.execute(
                    sa.insert(PRESETS).values(
                        sas=preset.sas, titre=titre, specialite=preset.specialite, acte=preset.acte,
                        equipement=preset.equipement, langue=preset.langue, genre=preset.genre,
                        modalites=preset.modalites, horizon=preset.horizon, age=age, cree_le=now or datetime.now(UTC),
                    )
                )  # fmt: skip
        except IntegrityError as error:
            raise ContractError(f"{preset.sas} a déjà une recherche « {titre} ».") from error
        journal.write(connection, "sas.recherche_gardee", preset.sas, auteur=auteur or None, now=now)


def retirer(store: Store, number: int, sas: str, *, auteur: str = "", now: datetime | None = None) -> None:
    """Take a search away from a SAS; one that is gone already is."""
    with store.writing() as connection:
        gone = sa.delete(PRESETS).where(PRESETS.c.id == number, PRESETS.c.sas == sas)
        if connection.execute(gone).rowcount:
            journal.write(connection, "sas.recherche_retiree", sas, auteur=auteur or None, now=now)


def declares(store: Store) -> dict[str, dict[str, int]]:
    """What effecteurs in activity declare, and how many of them: ``actes``, ``equipements``, ``langues``,
    ``specialites`` → code → count."""
    columns = {
        "actes": EFFECTEURS.c.actes, "equipements": EFFECTEURS.c.equipements, "langues": EFFECTEURS.c.langues,
        "specialites": EFFECTEURS.c.specialite,
    }  # fmt: skip
    found: dict[str, dict[str, int]] = {name: {} for name in columns}
    with store.reading() as connection:
        rows = connection.execute(sa.select(*columns.values()).where(EFFECTEURS.c.etat == "actif")).all()
    for row in rows:
        for name, text in zip(columns, row, strict=True):
            for code in filter(None, text.split("|")):
                found[name][code] = found[name].get(code, 0) + 1
    return {name: dict(sorted(counts.items())) for name, counts in found.items()}
