"""Improvements that are proposed from an axis: kept here, decided by an administrator, published once retained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import sqlalchemy as sa

from lake.catalog.convergence import AMELIORATIONS as PUBLIEES
from lake.droits_saisie import Objet, may
from lake.errors import LakeError, Refused
from lake.store.engine import Store
from lake.store.saisie import avis
from lake.store.saisie.acteurs import acteur_in, refuse
from lake.store.saisie.echanges import AMELIORATIONS
from lake.store.saisie.evenements import note
from lake.store.saisie.frames import PARIS
from lake.store.saisie.services import lu
from lake.store.saisie.tables import SERVICES
from lake.store.schema import COMPTES

PROPOSEE, RETENUE, ECARTEE = "proposee", "retenue", "ecartee"
PORTEURS = {"national": "Au niveau national", "editeur": "Aux éditeurs", "regional": "Aux régions"}
"""To whom a proposal is addressed."""
LONGUEUR_MAX = 1_000
MOTIF_MIN = 10


@dataclass(frozen=True)
class Proposition:
    """A proposal.

    Attributes:
        id: its number.
        volet: the side.
        service: number of the service that it was proposed from; region, code, nom: its own.
        questionnaire, axe, critere: what it concerns; no criterion: the whole axis.
        version: the questions' version that it was proposed under.
        porteur: to whom it is addressed.
        texte: what is proposed.
        propose_par: the organisation.
        auteur: the person's address.
        propose_le: when.
        statut: ``proposee, retenue, ecartee``.
        motif: why it is set aside.
        decide_le, decide_par: when, and by whom, it was decided.
    """

    id: int
    volet: str
    service: int
    region: str
    code: str
    nom: str
    questionnaire: str
    axe: str
    critere: str
    version: str
    porteur: str
    texte: str
    propose_par: str
    auteur: str
    propose_le: datetime
    statut: str
    motif: str
    decide_le: datetime | None
    decide_par: str


def lu_texte(texte: str) -> str:
    """A proposal as it is kept: one paragraph, as the files of a campaign have it.

    Raises:
        Refused: nothing is proposed, or too much.
    """
    text = " ".join(texte.split())
    if len(text) < MOTIF_MIN:
        raise Refused("texte", "Dites en une phrase ce que vous proposez.")
    if len(text) > LONGUEUR_MAX:
        raise Refused("texte", f"Proposition trop longue : {len(text)} caractères, {LONGUEUR_MAX} au plus.")
    return text


def proposer(
    store: Store,
    service_id: int,
    questionnaire: str,
    axe: str,
    texte: str,
    *,
    par: str | None,
    porteur: str,
    volet: str,
    version: str,
    critere: str = "",
    now: datetime | None = None,
) -> int:
    """Keep a proposal, and tell the administrators once; returns its number.

    Args:
        store: where.
        service_id: from which service.
        questionnaire: from which of its sheets.
        axe: the axis that it would help.
        texte: what is proposed.
        par: who; None for the operator. It is published under its organisation, never its name.
        porteur: to whom it is addressed, one of :data:`PORTEURS`.
        volet: the side.
        version: the version of the questions in force.
        critere: the criterion that it is about; empty for the whole axis.
        now: the moment.

    Raises:
        AccessDenied: no right to comment there.
        Refused: nothing is proposed, or its organisation proposed the same already.
    """
    moment, text = now or datetime.now(UTC), lu_texte(texte)
    if porteur not in PORTEURS:
        raise Refused("porteur", f"À qui s'adresse-t-elle ? « {porteur} » n'est pas proposé.")
    with store.writing() as connection:
        service = lu(connection, service_id)
        who = refuse(connection, par, "commenter", Objet(service["region"], service_id, questionnaire))
        same = (
            (AMELIORATIONS.c.axe == axe) & (AMELIORATIONS.c.texte == text)
            & (AMELIORATIONS.c.propose_par == who.organisation) & (AMELIORATIONS.c.volet == volet)
        )  # fmt: skip
        known = connection.execute(sa.select(AMELIORATIONS.c.propose_le).where(same)).scalar()
        if known is not None:
            raise Refused(
                "texte", f"Votre organisation l'a déjà proposée le {known.astimezone(PARIS):%d/%m/%Y}.",
                conseil="Sa suite est dite sous l'axe.",
            )  # fmt: skip
        done = connection.execute(
            sa.insert(AMELIORATIONS).values(
                volet=volet, service_id=service_id, questionnaire=questionnaire, axe=axe, critere=critere,
                version_referentiel=version, porteur=porteur, texte=text, propose_par=who.organisation,
                auteur=par or "", propose_le=moment, statut=PROPOSEE, motif="", decide_le=None, decide_par="",
            )
        ).inserted_primary_key  # fmt: skip
        assert done is not None
        number = int(done[0])
        for email in connection.execute(
            sa.select(COMPTES.c.email).where(
                COMPTES.c.profil == "administrateur",
                COMPTES.c.etat == "actif",
                COMPTES.c.email != (par or ""),
            )
        ).scalars():
            avis.prevenir_auteur(
                connection, email, cle=f"amelioration:{number}",
                titre=f"Une amélioration est proposée sur {axe}, par {who.organisation or 'l’exploitant'}.",
                lien="./saisie-ameliorations", now=moment,
            )  # fmt: skip
        return number


def decider(
    store: Store,
    numero: int,
    statut: str,
    *,
    par: str | None,
    vu: str,
    motif: str = "",
    now: datetime | None = None,
) -> None:
    """Retain a proposal, or set it aside; who proposed it is told. A decision may be changed.

    Args:
        store: where.
        numero: the proposal's number.
        statut: ``retenue`` or ``ecartee``.
        par: who; None for the operator.
        vu: the state that was read.
        motif: why it is set aside.
        now: the moment.

    Raises:
        AccessDenied: no administrator.
        Refused: set aside without a reason.
        LakeError: no such proposal, or somebody decided otherwise since.
    """
    moment, why = now or datetime.now(UTC), motif.strip()
    if statut not in (RETENUE, ECARTEE):
        raise LakeError(f"« {statut} » n'est pas une suite : retenue ou ecartee.")
    if statut == ECARTEE and len(why) < MOTIF_MIN:
        raise Refused("motif", "Dites pourquoi elle est écartée, en une phrase : qui la propose le lira.")
    with store.writing() as connection:
        row = connection.execute(
            sa.select(AMELIORATIONS).where(AMELIORATIONS.c.id == numero).with_for_update()
        )
        known = row.mappings().first()
        if known is None:
            raise LakeError("Cette proposition n'existe pas.")
        service = lu(connection, known["service_id"])
        refuse(connection, par, "administrer", Objet(service["region"], service["id"]))
        kept = why if statut == ECARTEE else ""
        if (known["statut"], known["motif"]) == (statut, kept):
            return
        if known["statut"] != vu:
            raise LakeError(
                f"Quelqu'un d'autre vient d'en décider : elle est {DITS[known['statut']]}.",
                conseil="Relisez-la, puis décidez de nouveau.",
            )
        connection.execute(
            sa.update(AMELIORATIONS)
            .where(AMELIORATIONS.c.id == numero)
            .values(statut=statut, motif=kept, decide_le=moment, decide_par=par or "")
        )
        note(
            connection, GENRE, service_id=service["id"], auteur=par,
            contenu={"amelioration": numero, "statut": statut, "motif": kept}, now=moment,
        )  # fmt: skip
        said = (
            f"Votre proposition sur {known['axe']} est retenue : elle sera publiée avec la campagne."
            if statut == RETENUE
            else f"Votre proposition sur {known['axe']} est écartée : {kept}"
        )
        avis.oublier(connection, f"amelioration:{numero}")  # no administrator has to decide of it any more
        cle = f"amelioration:{numero}:suite"
        avis.oublier(connection, cle)  # a decision that changes is told; the one before is not so any more
        avis.prevenir_auteur(
            connection, known["auteur"], cle=cle, titre=said, now=moment,
            lien=f"./saisie-questionnaire?s={service['code']}&q={known['questionnaire']}&axe={known['axe']}",
        )  # fmt: skip


GENRE = "amelioration"
"""The event of a decision: what is retained waits to be published."""
DITS = {PROPOSEE: "à décider", RETENUE: "retenue", ECARTEE: "écartée"}


def toutes(store: Store, *, par: str | None) -> list[Proposition]:
    """The proposals that somebody reads: all of them for an administrator, its own regions' services' otherwise. What
    is to be decided first, then the newest."""
    wanted = sa.select(AMELIORATIONS, SERVICES.c.region, SERVICES.c.code, SERVICES.c.nom).join(
        SERVICES, SERVICES.c.id == AMELIORATIONS.c.service_id
    )
    with store.reading() as connection:
        who = acteur_in(connection, par)
        rows = [
            _of(dict(row))
            for row in connection.execute(wanted.order_by(AMELIORATIONS.c.id.desc())).mappings()
        ]
    seen = [one for one in rows if may("voir", Objet(one.region, one.service, one.questionnaire), who)]
    return sorted(seen, key=lambda one: one.statut != PROPOSEE)


def retenues(store: Store, volet: str, jour: date) -> pl.DataFrame:
    """What is retained of a side by the end of a day (Paris), as a campaign's rows, in the lake's columns.

    The organisation only, never a person.
    """
    wanted = sa.select(AMELIORATIONS).where(AMELIORATIONS.c.volet == volet, AMELIORATIONS.c.statut == RETENUE)
    with store.reading() as connection:
        rows = [dict(row) for row in connection.execute(wanted.order_by(AMELIORATIONS.c.id)).mappings()]
    known = [row for row in rows if row["decide_le"].astimezone(PARIS).date() <= jour]
    return pl.DataFrame(
        [
            {
                "volet": volet,
                "campagne": jour,
                "amelioration": identifiant(row["id"]),
                "axe": row["axe"],
                "critere": row["critere"] or None,
                "libelle_amelioration": row["texte"],
                "porteur": row["porteur"],
                "propose_par": row["propose_par"] or None,
                "propose_le": row["propose_le"].astimezone(PARIS).date(),
                "statut": RETENUE,
            }
            for row in known
        ],
        schema=PUBLIEES.dtypes(),
    )


def identifiants(store: Store, volet: str) -> list[str]:
    """The identifiers, at the lake, of every proposal of a side, whatever became of it."""
    with store.reading() as connection:
        wanted = sa.select(AMELIORATIONS.c.id).where(AMELIORATIONS.c.volet == volet)
        numbers = connection.execute(wanted.order_by(AMELIORATIONS.c.id)).scalars()
        return [identifiant(one) for one in numbers]


def identifiant(numero: int) -> str:
    """What a proposal is called at the lake."""
    return f"saisie-{numero:04d}"


def _of(row: Mapping[str, Any]) -> Proposition:
    return Proposition(
        row["id"], row["volet"], row["service_id"], row["region"], row["code"], row["nom"], row["questionnaire"],
        row["axe"], row["critere"], row["version_referentiel"], row["porteur"], row["texte"], row["propose_par"],
        row["auteur"], row["propose_le"], row["statut"], row["motif"], row["decide_le"], row["decide_par"],
    )  # fmt: skip
