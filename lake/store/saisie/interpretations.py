"""Questions of interpretation: a thread of a criterion that a team opens to the national experts, and closes again.

A thread is of a service, a criterion and one version of the questions: it survives a change of the referential, under
the version that it was asked in. Experts read its messages and answer; the service's name, its answers, its drafts and
its files stay closed to them. Nothing of it is ever published.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from lake.droits_saisie import Acteur, Objet, interprete, may
from lake.errors import AccessDenied, LakeError, Refused
from lake.store.accounts import tree
from lake.store.accounts.identity import compte_of
from lake.store.engine import Store
from lake.store.saisie import avis
from lake.store.saisie.acteurs import acteur_in, refuse
from lake.store.saisie.echanges import FILS
from lake.store.saisie.services import lu
from lake.store.saisie.tables import MESSAGES, SERVICES
from lake.store.schema import COMPTES

EQUIPE, NATIONAL = "equipe", "national"
LONGUEUR_MAX = 2_000
"""Characters of a message."""
FERME = "Ce fil n'est pas ouvert aux experts nationaux, ou ne l'est plus."


@dataclass(frozen=True)
class Fil:
    """A thread that was opened once.

    Attributes:
        id: its number.
        service, questionnaire, critere, version: what it is about: number of the service, codes.
        region, kind: of the service.
        code, nom: the service's; empty for an expert, to whom a team's service has no name.
        visibilite: ``national``, or ``equipe`` once closed again.
        change_le: since when.
        messages: oldest first: ``texte, auteur, organisation, national, cree_le``; an expert reads no other's
            address.
        regle: whether the team said that it is settled.
        equipe: whether the reader is of the team.
        ecrit: whether the reader may write in it.
    """

    id: int
    service: int
    questionnaire: str
    critere: str
    version: str
    region: str
    kind: str
    code: str
    nom: str
    visibilite: str
    change_le: datetime
    messages: tuple[dict[str, Any], ...]
    regle: bool
    equipe: bool
    ecrit: bool

    @property
    def attend(self) -> bool:
        """Whether the experts have something to answer: it is open, not settled, and the last word is the team's."""
        return self.visibilite == NATIONAL and not self.regle and not self.messages[-1]["national"]


def meme_fil() -> sa.ColumnElement[bool]:
    """A message and the thread that it is of."""
    return sa.and_(
        *(
            FILS.c[name] == MESSAGES.c[name]
            for name in ("service_id", "questionnaire", "critere", "version_referentiel")
        )
    )


def lu_texte(texte: str) -> str:
    """A message as it is kept.

    Raises:
        Refused: nothing is said, or too much.
    """
    text = texte.strip()
    if not text:
        raise Refused("texte", "Écrivez votre message.")
    if len(text) > LONGUEUR_MAX:
        raise Refused("texte", f"Message trop long : {len(text)} caractères, {LONGUEUR_MAX} au plus.")
    return text


def ouvrir(
    store: Store,
    service_id: int,
    questionnaire: str,
    critere: str,
    version: str,
    *,
    par: str | None,
    ou: str,
    now: datetime | None = None,
) -> int:
    """Open a criterion's thread to the national experts, who are told once; returns its number.

    Args:
        store: where.
        service_id: of which service.
        questionnaire: of which sheet.
        critere: the criterion.
        version: under which version of the questions it is asked.
        par: who; None for the operator.
        ou: whose it is, as an expert reads it: the region's name.
        now: the moment.

    Raises:
        AccessDenied: no right to write in it.
        Refused: nothing was said yet.
    """
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        service = lu(connection, service_id)
        refuse(connection, par, "commenter", Objet(service["region"], service_id, questionnaire))
        of = _of(service_id, questionnaire, critere, version)
        said = sa.select(sa.func.count()).select_from(MESSAGES)
        if not connection.execute(
            said.where(*(MESSAGES.c[name] == value for name, value in of.items()))
        ).scalar_one():
            raise Refused(
                "texte",
                "Aucune question n'est écrite.",
                conseil="Écrivez-la et envoyez-la, puis ouvrez le fil.",
            )
        number = _seen_by(connection, of, NATIONAL, par, moment)
        _tell_experts(
            connection, service["region"], f"interpretation:{number}",
            f"Une question d’interprétation vous est posée : {critere}, {ou}.", number, moment,
        )  # fmt: skip
        return number


def refermer(
    store: Store,
    service_id: int,
    questionnaire: str,
    critere: str,
    version: str,
    *,
    par: str | None,
    now: datetime | None = None,
) -> None:
    """Give a thread back to the team alone; what the experts wrote stays in it, and they read it no more.

    Raises:
        AccessDenied: no right to write in it.
    """
    with store.writing() as connection:
        service = lu(connection, service_id)
        refuse(connection, par, "commenter", Objet(service["region"], service_id, questionnaire))
        number = _seen_by(
            connection,
            _of(service_id, questionnaire, critere, version),
            EQUIPE,
            par,
            now or datetime.now(UTC),
        )
        _forget(connection, number)


def repondre(store: Store, numero: int, texte: str, *, par: str | None, now: datetime | None = None) -> int:
    """Write in a thread, as a national expert or as one of the team; returns the message's number.

    Raises:
        AccessDenied: the thread is not open to the experts any more, or the person is neither.
        Refused: nothing is said, or too much.
    """
    moment, text = now or datetime.now(UTC), lu_texte(texte)
    with store.writing() as connection:
        row = connection.execute(sa.select(FILS).where(FILS.c.id == numero)).mappings().first()
        if row is None:
            raise AccessDenied(FERME)
        service, who = lu(connection, row["service_id"]), acteur_in(connection, par)
        team = may("commenter", Objet(service["region"], service["id"], row["questionnaire"]), who)
        expert = row["visibilite"] == NATIONAL and interprete(service["region"], who)
        if not (team or expert):
            raise AccessDenied(FERME, conseil="L'équipe du service l'a refermé : rien n'a été enregistré.")
        of = _of(*(row[name] for name in ("service_id", "questionnaire", "critere", "version_referentiel")))
        # Who is of the team speaks for it, an administrator for the experts: it is of no region.
        national = expert and (not team or who.tout)
        values = {
            **of,
            "texte": text,
            "auteur": par or "",
            "cree_le": moment,
            "traite_par": "",
            "national": national,
        }
        done = connection.execute(sa.insert(MESSAGES).values(**values)).inserted_primary_key
        assert done is not None
        said = int(done[0])
        if national:
            avis.prevenir(
                connection, {service["id"]: 1}, cle=f"fil:{said}",
                dit=lambda _: f"Un expert national a répondu sur {row['critere']}, {service['nom']}.",
                lien=_lien(numero), now=moment, sauf=par, questionnaire=row["questionnaire"],
            )  # fmt: skip
            _told_already(connection, numero, par, moment)
        else:
            suivre(connection, said=said, moment=moment, **_named(of))
        return said


def suivre(
    connection: Connection,
    service_id: int,
    questionnaire: str,
    critere: str,
    version: str,
    said: int,
    moment: datetime,
) -> None:
    """Tell the experts who wrote in an open thread that the team went on, once a message."""
    of = _of(service_id, questionnaire, critere, version)
    row = connection.execute(
        sa.select(FILS).where(*(FILS.c[name] == value for name, value in of.items()))
    ).mappings()
    known = row.first()
    if known is None or known["visibilite"] != NATIONAL:
        return
    wrote = sa.select(MESSAGES.c.auteur).where(
        *(MESSAGES.c[name] == value for name, value in of.items()), MESSAGES.c.national
    )
    region = lu(connection, service_id)["region"]
    for email in sorted(set(connection.execute(wrote).scalars())):
        if email and interprete(region, acteur_in(connection, email)):
            avis.prevenir_auteur(
                connection, email, cle=f"interpretation:{known['id']}:{said}",
                titre=f"Une équipe a écrit à la suite de votre réponse, sur {critere}.", lien=_lien(known["id"]),
                now=moment,
            )  # fmt: skip


def fils(store: Store, par: str | None) -> list[Fil]:
    """The threads that somebody reads: those open to the experts for one of them; those of its own services, closed
    again ones too. What waits for an answer first, then by criterion and region."""
    with store.reading() as connection:
        who = acteur_in(connection, par)
        rows = connection.execute(
            sa.select(FILS, SERVICES.c.region, SERVICES.c.kind, SERVICES.c.code, SERVICES.c.nom).join(
                SERVICES, SERVICES.c.id == FILS.c.service_id
            )
        ).mappings()
        seen = [dict(row) for row in rows if _reads(dict(row), who)]
        found = [_fil(connection, row, who) for row in seen]
    return sorted(found, key=lambda one: (not one.attend, one.critere, one.region, one.id))


def fil(store: Store, numero: int, par: str | None) -> Fil:
    """One of them.

    Raises:
        AccessDenied: there is none that this person reads; nothing says whether it exists.
    """
    found = next((one for one in fils(store, par) if one.id == numero), None)
    if found is None:
        raise AccessDenied(FERME)
    return found


# -- inside ------------------------------------------------------------------------------------------


def _of(service_id: int, questionnaire: str, critere: str, version: str) -> dict[str, Any]:
    return {
        "service_id": service_id,
        "questionnaire": questionnaire,
        "critere": critere,
        "version_referentiel": version,
    }


def _named(of: dict[str, Any]) -> dict[str, Any]:
    return {("version" if name == "version_referentiel" else name): value for name, value in of.items()}


def _lien(numero: int) -> str:
    return f"./saisie-interpretations?fil={numero}"


def _seen_by(
    connection: Connection, of: dict[str, Any], visibilite: str, par: str | None, moment: datetime
) -> int:
    """Say who reads a thread; its number. Said already, nothing changes."""
    here = [FILS.c[name] == value for name, value in of.items()]
    values = {"visibilite": visibilite, "change_le": moment, "change_par": par or ""}
    wanted = sa.select(FILS).where(*here)
    row = connection.execute(wanted).mappings().first()
    if row is None:
        try:
            with connection.begin_nested():
                connection.execute(sa.insert(FILS).values(**of, **values))
        except IntegrityError:
            pass  # opened twice at once: one row
        row = connection.execute(wanted).mappings().one()
    if row["visibilite"] != visibilite:
        connection.execute(sa.update(FILS).where(*here).values(**values))
    return int(row["id"])


def _experts(connection: Connection, region: str) -> list[str]:
    """The accounts that read what a region asks, by address: national experts, not the administrators."""
    rows = connection.execute(
        sa.select(COMPTES).where(COMPTES.c.profil == "expert_national", COMPTES.c.etat == "actif")
    ).mappings()
    found = []
    for row in rows:
        compte = compte_of(row)
        who = Acteur(
            compte.email,
            compte.profil,
            compte.organisation,
            tree.rights_in(connection, compte),
            (),
            compte.id,
        )
        if interprete(region, who):
            found.append(compte.email)
    return found


def _tell_experts(
    connection: Connection, region: str, cle: str, titre: str, numero: int, moment: datetime
) -> None:
    for email in _experts(connection, region):
        avis.prevenir_auteur(connection, email, cle=cle, titre=titre, lien=_lien(numero), now=moment)


def _forget(connection: Connection, numero: int) -> None:
    """What led an expert to a thread that is closed leads there no more."""
    avis.oublier(connection, f"interpretation:{numero}")
    for said in connection.execute(
        sa.select(MESSAGES.c.id).join(FILS, meme_fil()).where(FILS.c.id == numero)
    ).scalars():
        avis.oublier(connection, f"interpretation:{numero}:{said}")


def _told_already(connection: Connection, numero: int, par: str | None, moment: datetime) -> None:
    """Who answered is not reminded of the question any more."""
    if par:
        avis.lu_par(connection, par, _lien(numero), moment)


def _reads(row: dict[str, Any], who: Acteur) -> bool:
    return _team(row, who) or (row["visibilite"] == NATIONAL and interprete(row["region"], who))


def _team(row: dict[str, Any], who: Acteur) -> bool:
    return may("voir", Objet(row["region"], row["service_id"], row["questionnaire"]), who)


def _fil(connection: Connection, row: dict[str, Any], who: Acteur) -> Fil:
    of = _of(*(row[name] for name in ("service_id", "questionnaire", "critere", "version_referentiel")))
    rows = [
        dict(one)
        for one in connection.execute(
            sa.select(MESSAGES, COMPTES.c.organisation)
            .join(COMPTES, COMPTES.c.email == MESSAGES.c.auteur, isouter=True)
            .where(*(MESSAGES.c[name] == value for name, value in of.items()))
            .order_by(MESSAGES.c.id)
        ).mappings()
    ]
    if not rows:
        raise LakeError("Ce fil n'a aucun message.")
    team = _team(row, who)
    said = tuple(
        {
            "texte": one["texte"],
            "auteur": one["auteur"] if team or one["auteur"] == who.email else "",
            "organisation": one["organisation"] or "",
            "national": bool(one["national"]),
            "cree_le": one["cree_le"],
        }
        for one in rows
    )
    open_ = row["visibilite"] == NATIONAL
    writes = may("commenter", Objet(row["region"], row["service_id"], row["questionnaire"]), who)
    return Fil(
        row["id"], row["service_id"], row["questionnaire"], row["critere"], row["version_referentiel"],
        row["region"], row["kind"], row["code"] if team else "", row["nom"] if team else "", row["visibilite"],
        row["change_le"], said, all(one["traite_le"] is not None for one in rows), team,
        writes or (open_ and interprete(row["region"], who)),
    )  # fmt: skip
