"""Joining the SAS by oneself: an agenda at once, shown to nobody until its holder has proved to be who he says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from lake.errors import LakeError
from lake.horaires.plages import DUREES
from lake.store import journal
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.chargement import PERIMETRE
from lake.store.sas.roles import lier
from lake.store.sas.tables import EFFECTEURS, LIEUX

PREUVES = {
    "psc": "Pro Santé Connect",
    "courriel": "l’adresse que l’annuaire connaît",
    "administrateur": "un administrateur",
    "": "pas encore prouvé",
}
"""What proved that an agenda is its holder's, in words."""


@dataclass(frozen=True)
class Praticien:
    """A professional of the directory, at one place.

    Attributes:
        identifiant: 8 + RPPS.
        nom: « Dr Anne Martin ».
        specialite: ``SM54``…
        sas: ``SAS-54``, by the place.
        code_commune, longitude, latitude: where.
    """

    identifiant: str
    nom: str
    specialite: str
    sas: str
    code_commune: str
    longitude: float
    latitude: float


def adherer(
    store: Store, compte: Compte, praticien: Praticien, *, preuve: str = "", now: datetime | None = None
) -> None:
    """Open an agenda for an account; asking twice changes nothing.

    Args:
        store: where.
        compte: who asks.
        praticien: who it says to be, from the directory.
        preuve: what proves it; empty while nothing does: the slots are then shown to nobody.
        now: the moment (UTC).

    Raises:
        LakeError: this RPPS has an agenda of another account, or one that an administrator must tie.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing() as connection:
        known = connection.execute(
            sa.select(EFFECTEURS).where(EFFECTEURS.c.identifiant == praticien.identifiant).with_for_update()
        ).mappings().one_or_none()  # fmt: skip
        if known is not None and known["compte_id"] != compte.id:
            # Whom nothing proves gives way to whom Pro Santé Connect vouches for.
            if not preuve or (known["compte_id"] is not None and known["preuve"]):
                raise LakeError(
                    f"Ce RPPS a déjà un agenda, dans {known['sas']}.",
                    conseil="Demandez à l'administrateur de ce SAS de le relier à votre compte.",
                )
            connection.execute(
                sa.update(EFFECTEURS)
                .where(EFFECTEURS.c.id == known["id"])
                .values(compte_id=compte.id, preuve=preuve)
            )
        elif known is None:
            done = connection.execute(
                sa.insert(EFFECTEURS).values(
                    identifiant=praticien.identifiant, genre="ps", nom=praticien.nom, sas=praticien.sas,
                    specialite=praticien.specialite, compte_id=compte.id, preuve=preuve, etat="actif", ligne_pro="",
                    langues="fr", actes="", equipements="", deux_plages=False, version=1, cree_le=moment, maj_le=moment,
                )
            )  # fmt: skip
            assert done.inserted_primary_key is not None
            connection.execute(
                sa.insert(LIEUX).values(
                    effecteur_id=int(done.inserted_primary_key[0]), libelle="", code_commune=praticien.code_commune,
                    longitude=praticien.longitude, latitude=praticien.latitude, fuseau="Europe/Paris",
                    perimetre_min=PERIMETRE, **{f"duree_{code.lower()}": value for code, value in DUREES.items()},
                )
            )  # fmt: skip
        else:
            return
        journal.write(
            connection, "sas.adhesion", praticien.identifiant, auteur=compte.email,
            details={"detail": preuve or "à prouver"}, now=moment,
        )  # fmt: skip
        agendas.written(connection)


def prouver(
    store: Store, identifiant: str, preuve: str, *, auteur: str = "", now: datetime | None = None
) -> None:
    """Say what proves that an agenda is its holder's: its slots are then shown.

    Raises:
        LakeError: there is no such agenda.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing() as connection:
        person = agendas.locked(connection, identifiant)
        if person["preuve"]:
            return
        connection.execute(sa.update(EFFECTEURS).where(EFFECTEURS.c.id == person["id"]).values(preuve=preuve))
        journal.write(
            connection,
            "sas.preuve",
            identifiant,
            auteur=auteur or None,
            details={"detail": preuve},
            now=moment,
        )
        agendas.written(connection)


def prouver_par_psc(store: Store, compte: Compte, valident: Collection[str] = ()) -> bool:
    """Prove the agenda of an account that Pro Santé Connect has just vouched for; whether it has an agenda at all.

    Args:
        store: where.
        compte: who has just signed in.
        valident: the SAS where an administrator decides of each new effecteur: nothing is shown before.
    """
    if not compte.rpps:
        return False
    identifiant = "8" + compte.rpps
    with store.reading() as connection:
        row = connection.execute(
            sa.select(EFFECTEURS.c.preuve, EFFECTEURS.c.compte_id, EFFECTEURS.c.sas).where(
                EFFECTEURS.c.identifiant == identifiant
            )
        ).one_or_none()
    if row is None:
        return False
    if not row[0]:
        if row[1] != compte.id:  # somebody else said to be this professional, and proved nothing
            lier(store, identifiant, compte.id, preuve="")
        if row[2] not in valident:
            prouver(store, identifiant, "psc", auteur=compte.email)
    return True


def a_prouver(store: Store, permis: Collection[str] | None) -> list[Any]:
    """The agendas that nobody proved to be theirs: ``identifiant``, ``nom``, ``sas``, ``compte_id``, ``cree_le``."""
    wanted = sa.select(EFFECTEURS).where(EFFECTEURS.c.preuve == "", EFFECTEURS.c.etat == "actif")
    if permis is not None:
        wanted = wanted.where(EFFECTEURS.c.sas.in_(list(permis)))
    with store.reading() as connection:
        return list(connection.execute(wanted.order_by(EFFECTEURS.c.cree_le)).mappings())
