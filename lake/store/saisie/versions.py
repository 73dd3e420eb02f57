"""From a draft to a sealed version: submit, send back, validate; versions are never changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.catalog.convergence_links import chains, cycle_text
from lake.droits_saisie import Acteur, Objet
from lake.errors import ContractError, EditConflict, LakeError, Refused
from lake.store.engine import Store
from lake.store.saisie import avis
from lake.store.saisie.acteurs import nom_in, refuse
from lake.store.saisie.contenus import contenus_de
from lake.store.saisie.evenements import note
from lake.store.saisie.sceaux import canonique, sceau
from lake.store.saisie.services import BESOINS, lu
from lake.store.saisie.tables import COPIE, FEUILLES, VERSIONS

_LOCK = 4_418_082_012
"""Number of the PostgreSQL lock under which validations that touch carriers take turns."""
BESOIN_FORT = 4
"""The need whose justification is asked."""
MOTIF_MIN = 10
"""Characters of the reason of a sheet sent back."""
_STAMPS = ("modifie_le", "modifie_par", "origine")


@dataclass(frozen=True)
class Version:
    """A validated version.

    Attributes:
        feuille_id, numero, version_referentiel, validee_le, validee_par, validee_org, nature, motif: as kept.
        contenu: ``reponses`` or ``etapes``.
        empreinte: its seal.
    """

    feuille_id: int
    numero: int
    version_referentiel: str
    validee_le: datetime
    validee_par: str
    validee_org: str
    nature: str
    motif: str
    contenu: Mapping[str, Any]
    empreinte: str


def soumettre(
    store: Store, feuille_id: int, *, rev: int, par: str | None, nom: str = "", now: datetime | None = None
) -> None:
    """Hand a draft over to who validates it; notices call it ``nom`` (the store knows its code alone).

    Raises:
        AccessDenied: no right to.
        EditConflict: the sheet changed since it was read.
        Refused: there is nothing to submit.
    """
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        sheet, service = verrou(connection, feuille_id)
        refuse(connection, par, "soumettre", Objet(service["region"], service["id"], sheet["questionnaire"]))
        if sheet["etat"] == "a_valider" and sheet["rev"] == rev:
            return
        if sheet["rev"] != rev:
            raise EditConflict({"feuille": sheet["modifie_par"]}, sheet["rev"])
        if sheet["etat"] != "brouillon":
            raise Refused("feuille", "Rien à soumettre : aucun changement depuis la dernière validation.")
        _set(
            connection,
            feuille_id,
            etat="a_valider",
            soumise_le=moment,
            soumise_par=par or "",
            renvoi_motif="",
        )
        event = note(
            connection, "soumission", service_id=service["id"], feuille_id=feuille_id, auteur=par, now=moment
        )
        who = nom_in(connection, par, "exploitant")
        # Whoever is validator and answers for the service too is told once.
        avis.prevenir(
            connection,
            {service["id"]: 1},
            cle=f"soumission:{event}",
            dit=lambda _: f"À valider : {service['nom']}, {nom or sheet['questionnaire']} ({who}).",
            lien=_page("validation", service, sheet),
            now=moment,
            sauf=par,
            questionnaire=sheet["questionnaire"].removeprefix("PLAN-"),
            validant=True,
        )


def renvoyer(
    store: Store, feuille_id: int, motif: str, *, par: str | None, nom: str = "", now: datetime | None = None
) -> None:
    """Send a submitted sheet back to who entered it, whose notice calls it ``nom``.

    Raises:
        AccessDenied: no right to.
        Refused: the reason is too short, or the sheet waits for nothing.
    """
    if len(motif.strip()) < MOTIF_MIN:
        raise Refused("motif", f"Dites pourquoi en {MOTIF_MIN} caractères au moins.")
    with store.writing() as connection:
        sheet, service = verrou(connection, feuille_id)
        refuse(connection, par, "renvoyer", _objet(service, sheet))
        if sheet["etat"] != "a_valider":
            raise Refused("feuille", "Cette feuille n'attend pas de validation.")
        _set(connection, feuille_id, etat="brouillon", renvoi_motif=motif.strip())
        avis.classer(connection, _page("validation", service, sheet), now or datetime.now(UTC))
        event = note(
            connection,
            "renvoi",
            service_id=service["id"],
            feuille_id=feuille_id,
            auteur=par,
            contenu={"motif": motif.strip()},
            now=now,
        )
        avis.prevenir_auteur(
            connection,
            sheet["soumise_par"],
            cle=f"renvoi:{event}",
            titre=f"Renvoyée : {service['nom']}, {nom or sheet['questionnaire']}. {motif.strip()}",
            lien=_page(
                "plan" if sheet["questionnaire"].startswith("PLAN-") else "questionnaire", service, sheet
            ),
            now=now or datetime.now(UTC),
        )


def reprendre(store: Store, feuille_id: int, *, par: str | None) -> None:
    """Take back one's own submission while nobody validated it.

    Raises:
        Refused: it waits for nothing, or somebody else submitted it.
    """
    with store.writing() as connection:
        sheet, service = verrou(connection, feuille_id)
        refuse(connection, par, "soumettre", Objet(service["region"], service["id"], sheet["questionnaire"]))
        if sheet["etat"] != "a_valider" or (par is not None and sheet["soumise_par"] != par):
            raise Refused("feuille", "Seule la personne qui l'a soumise peut la reprendre.")
        _set(connection, feuille_id, etat="brouillon")
        avis.classer(connection, _page("validation", service, sheet), datetime.now(UTC))


def valider(
    store: Store,
    feuille_id: int,
    *,
    rev: int,
    par: str | None,
    version_referentiel: str,
    nature: str = "validation",
    motif: str = "",
    now: datetime | None = None,
) -> int:
    """Write a version of what the sheet holds; returns its number. The same asked twice writes one.

    Args:
        store: where.
        feuille_id: the sheet.
        rev: the revision that the recap showed.
        par: who; None for the operator.
        version_referentiel: the referential's.
        nature: ``validation``, ``correction`` (with a reason) or ``reprise``.
        motif: why, for a correction.
        now: the moment.

    Raises:
        AccessDenied: no right to.
        EditConflict: the sheet changed since the recap.
        Refused: nothing changed, a *non applicable* is not justified, or a correction without reason.
        ContractError: carriers would go round in a loop.
    """
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        sheet, service = verrou(connection, feuille_id)
        who = refuse(connection, par, "valider", _objet(service, sheet))
        done = connection.execute(
            sa.select(VERSIONS.c.numero).where(
                VERSIONS.c.feuille_id == feuille_id, VERSIONS.c.soumise_rev == rev
            )
        ).scalar()
        if done is not None:
            return int(done)
        if sheet["rev"] != rev:
            raise EditConflict({"feuille": sheet["modifie_par"]}, sheet["rev"])
        if nature == "correction" and len(motif.strip()) < MOTIF_MIN:
            raise Refused("motif", f"Dites ce que la correction corrige, en {MOTIF_MIN} caractères au moins.")
        number = ecrite(connection, sheet, service, who, version_referentiel, nature, motif, moment)
        refuser_boucles(connection)
        return number


def ecrite(
    connection: Connection,
    sheet: Mapping[str, Any],
    service: Mapping[str, Any],
    who: Acteur,
    version_referentiel: str,
    nature: str,
    motif: str,
    moment: datetime,
    contenu: dict[str, Any] | None = None,
) -> int:
    """Write a version within a transaction that locked the sheet, of what was read of it; see :func:`valider`."""
    content = (
        contenus_de(connection, [sheet], {service["id"]: service})[sheet["id"]]
        if contenu is None
        else contenu
    )
    if nature != "reprise":
        copied = [one["critere"] for one in content.get("reponses", []) if one["origine"] == COPIE]
        if copied:
            raise Refused(
                "copie",
                f"Réponses copiées d'un service semblable, que personne n'a confirmées : {', '.join(copied)}.",
                conseil="Confirmez-les ou changez-les dans le questionnaire, puis validez.",
            )
        unsaid = [
            one["critere"]
            for one in content.get("reponses", [])
            if one["nature"] == "na" and one["origine"] == "saisie" and not one["justification_na"].strip()
        ]
        if unsaid:
            raise Refused(
                "justification_na",
                f"« Non applicable » sans justification : {', '.join(unsaid)}.",
                conseil="Dites pourquoi le critère ne s'applique pas, puis validez.",
            )
    last = derniere(connection, sheet["id"]) if sheet["derniere_version"] else None
    if last is not None and last.nature != "reprise" and _plain(last.contenu) == _plain(content):
        raise Refused("feuille", f"Rien n'a changé depuis la version {last.numero}.")
    if last is None and not (content.get("reponses") or content.get("etapes")):
        raise Refused("feuille", "Rien à valider : aucune réponse.")
    if nature != "reprise":
        _refuser_besoins(service)
    row: dict[str, Any] = {
        "feuille_id": sheet["id"],
        "numero": sheet["derniere_version"] + 1,
        "version_referentiel": version_referentiel,
        "validee_le": moment.replace(microsecond=0),
        "validee_par": who.email,
        "validee_org": who.organisation,
        "nature": nature,
        "motif": motif.strip(),
        "soumise_rev": sheet["rev"],
        "contenu": canonique(content),
    }
    connection.execute(sa.insert(VERSIONS).values(**row, empreinte=sceau(row)))
    _set(connection, sheet["id"], etat="validee", derniere_version=row["numero"], renvoi_motif="")
    if nature != "reprise":  # nobody was asked to look at what is taken up
        avis.classer(connection, _page("validation", service, sheet), moment)
    note(
        connection,
        "validation",
        service_id=service["id"],
        feuille_id=sheet["id"],
        auteur=who.email,
        contenu={"numero": row["numero"], "nature": nature},
        now=moment,
    )
    return int(row["numero"])


def _refuser_besoins(service: Mapping[str, Any]) -> None:
    """The highest need asks why: not while the card is being filled, but before anything of it is validated."""
    needs = json.loads(service["besoins"])
    unsaid = [
        name
        for code, name in BESOINS.items()
        if needs.get(code) == BESOIN_FORT and not str(needs.get(f"{code}_pourquoi") or "").strip()
    ]
    if unsaid:
        raise Refused(
            "besoins",
            f"Besoin {BESOIN_FORT} sans justification sur la fiche du service : {', '.join(unsaid)}.",
            conseil="Justifiez-le sur la fiche, puis validez.",
        )


def derniere(connection: Connection, feuille_id: int) -> Version | None:
    """The last version of a sheet; None before the first."""
    wanted = sa.select(VERSIONS).where(VERSIONS.c.feuille_id == feuille_id).order_by(VERSIONS.c.numero.desc())
    row = connection.execute(wanted.limit(1)).mappings().first()
    return None if row is None else _version(dict(row))


def historique(store: Store, feuille_id: int) -> list[Version]:
    """The versions of a sheet, newest first."""
    wanted = sa.select(VERSIONS).where(VERSIONS.c.feuille_id == feuille_id).order_by(VERSIONS.c.numero.desc())
    with store.reading() as connection:
        return [_version(dict(row)) for row in connection.execute(wanted).mappings()]


def refuser_boucles(connection: Connection) -> None:
    """Refuse validated carriers that go round in a loop: two people cannot close one together.

    Raises:
        ContractError: they do; the loop is named.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
    links = [
        (one["service"], answer["critere"], answer["niveau"], answer["nature"] == "na", answer["porte_par"])
        for one in contenus(connection)
        for answer in one.get("reponses", [])
        if answer["nature"] != "valeur"
    ]
    if not any(link[4] for link in links):
        return
    frame = pl.DataFrame(
        links,
        schema={
            "service": pl.String,
            "critere": pl.String,
            "niveau": pl.Int64,
            "non_applicable": pl.Boolean,
            "porte_par": pl.String,
        },
        orient="row",
    ).with_columns(transmis=pl.lit(True))
    if found := chains(frame).cycles:
        raise ContractError(
            f"Réponses portées en boucle : {' ; '.join(cycle_text(*one) for one in found[:5])}.",
            conseil="L'un des services de chaque boucle doit répondre par un niveau.",
        )


def contenus(connection: Connection) -> Iterable[dict[str, Any]]:
    """The content of the last version of every questionnaire's sheet."""
    wanted = (
        sa.select(VERSIONS.c.contenu)
        .join(FEUILLES, FEUILLES.c.id == VERSIONS.c.feuille_id)
        .where(VERSIONS.c.numero == FEUILLES.c.derniere_version, FEUILLES.c.questionnaire.not_like("PLAN-%"))
    )
    for text in connection.execute(wanted).scalars():
        yield json.loads(text)


# -- inside ------------------------------------------------------------------------------------------


def _version(row: Mapping[str, Any]) -> Version:
    kept = {name: row[name] for name in Version.__dataclass_fields__ if name != "contenu"}
    return Version(**kept, contenu=json.loads(row["contenu"]))


def _plain(content: Mapping[str, Any]) -> Any:
    """What a content says, whoever entered it and when."""
    rows = content.get("reponses", content.get("etapes", []))
    # Versions written before steps could name milestones say none.
    return [
        {name: value for name, value in row.items() if name not in _STAMPS and (name != "jalons" or value)}
        for row in rows
    ]


def _objet(service: Mapping[str, Any], sheet: Mapping[str, Any]) -> Objet:
    waiting = sheet["soumise_par"] if sheet["etat"] == "a_valider" else ""
    return Objet(service["region"], service["id"], sheet["questionnaire"], waiting)


def _page(page: str, service: Mapping[str, Any], sheet: Mapping[str, Any]) -> str:
    name = sheet["questionnaire"] if page == "validation" else sheet["questionnaire"].removeprefix("PLAN-")
    return f"./saisie-{page}?s={service['code']}&q={name}"


def verrou(connection: Connection, feuille_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A sheet, locked, and its service; within a transaction."""
    row = (
        connection.execute(sa.select(FEUILLES).where(FEUILLES.c.id == feuille_id).with_for_update())
        .mappings()
        .first()
    )
    if row is None:
        raise LakeError("Cette feuille n'existe pas.")
    return dict(row), lu(connection, row["service_id"])


def _set(connection: Connection, feuille_id: int, **values: Any) -> None:
    connection.execute(sa.update(FEUILLES).where(FEUILLES.c.id == feuille_id).values(**values))
