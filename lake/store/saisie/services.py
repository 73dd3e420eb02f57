"""Services and regional systems as those responsible describe them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from lake.catalog.convergence import TRIMESTRE
from lake.droits_saisie import ENSEMBLES, Objet
from lake.errors import EditConflict, LakeError, Refused
from lake.store.engine import Store
from lake.store.saisie.acteurs import habiliter_createur, refuse
from lake.store.saisie.ensembles import prochain_code, prochain_editeur, systeme_in
from lake.store.saisie.evenements import note
from lake.store.saisie.portage import catalogue_de, portage_de
from lake.store.saisie.tables import FEUILLES, LIENS, PRELIMINAIRES, REPONSES, SERVICES, SOLUTIONS
from lake.store.saisie.types_pos import GENRE, contredit, placed

KINDS = ("metier", "infrastructure", "si_regional", "editeur", "produit")
BESOINS = {"C": "Confidentialité", "D": "Disponibilité", "I": "Intégrité", "P": "Preuve"}
"""What a service needs, and how each need is called."""
PROPRES = (
    "nom",
    "description",
    "prestataire",
    "hebergeur",
    "zone_pos",
    "type_service",
    "tronc_commun",
    "publiable",
    "publiable_motif",
    "etat",
    "decommission",
    "ouverture",
)
"""What a service's card asks field by field."""
_FIELDS = (*PROPRES, "besoins", "portage", "catalogue", "responsable_id")


def creer(
    store: Store,
    *,
    region: str,
    kind: str,
    nom: str,
    par: str | None,
    code: str | None = None,
    now: datetime | None = None,
    **fields: Any,
) -> int:
    """Create a service, the information system of a region, a product or its editor; returns its number.

    Args:
        store: where.
        region: INSEE code; the code of its editor for a product, and the next free one for an editor.
        kind: one of :data:`KINDS`.
        nom: two characters at least.
        par: who; None for the operator.
        code: its identifier in the lake; the next free one of the region by default (``44-0012``).
        now: the moment.
        fields: the other columns.

    Raises:
        AccessDenied: no right to.
        Refused: a field breaks its rule, the region already has its system, or the editor is there already.
    """
    moment = now or datetime.now(UTC)
    if kind not in KINDS:
        raise Refused("kind", f"Nature inconnue : « {kind} ».", conseil=f"Valeurs : {', '.join(KINDS)}.")
    blank = {"zone_pos": None, "type_service": None}
    row = placed(blank, checked({"nom": nom, **fields}), decide="tronc_commun" in fields)
    with store.writing() as connection:
        parent = None if kind in ENSEMBLES else systeme_in(connection, region)
        if kind == "produit" and parent is None:
            raise Refused("region", "Un produit est celui d'un éditeur.", conseil="Créez d'abord l'éditeur.")
        editor = row["nom"] if kind == "editeur" else ""
        who = refuse(connection, par, "creer", Objet(region, parent, editeur=editor))
        region = prochain_editeur(connection) if editor else region
        values = {
            "code": code or (region if editor else prochain_code(connection, region)),
            "region": region,
            "kind": kind,
            "description": "",
            "prestataire": "",
            "hebergeur": "",
            "tronc_commun": True,
            "publiable": True,
            "publiable_motif": "",
            "etat": "actif",
            "decommission": "",
            "besoins": "{}",
            "portage": "{}",
            "ouverture": "",
            "catalogue": "{}",
            "cree_le": moment,
            "cree_par": par or "",
            "rev": 1,
            "modifie_le": moment,
            "modifie_par": par or "",
            **row,
        }
        try:
            with connection.begin_nested():
                done = connection.execute(sa.insert(SERVICES).values(values)).inserted_primary_key
        except IntegrityError as error:
            known = systeme_in(connection, region) if kind == "si_regional" else None
            if known is not None:
                there = connection.execute(
                    sa.select(SERVICES.c.nom).where(SERVICES.c.id == known)
                ).scalar_one()
                raise Refused(
                    "region",
                    f"La région {region} a déjà son système d'information : « {there} ».",
                    conseil="Ouvrez celui-ci : une région n'en a qu'un.",
                ) from error
            if editor:
                raise Refused(
                    "nom", f"L'éditeur « {editor} » est déjà là.", conseil="Ouvrez ses produits."
                ) from error
            raise Refused(
                "code", f"Le code {values['code']} est déjà pris.", conseil="Donnez-en un autre."
            ) from error
        assert done is not None
        if kind == "produit":  # whose it is, as the lake says it
            owner = sa.select(SERVICES.c.nom).where(SERVICES.c.id == parent)
            made = connection.execute(owner).scalar_one()
            connection.execute(
                sa.insert(SOLUTIONS).values(service_id=done[0], editeur=made, solution=values["nom"])
            )
        habiliter_createur(connection, who, done[0], kind, region, moment, editor)
        return int(done[0])


def changer(
    store: Store,
    numero: int,
    *,
    rev: int,
    par: str | None,
    tronc_motif: str = "",
    now: datetime | None = None,
    **fields: Any,
) -> int:
    """Change a service; returns its new revision.

    Args:
        store: where.
        numero: which.
        rev: the revision that was read.
        par: who; None for the operator.
        tronc_motif: why it is of the *tronc commun*, or is not, against its type; kept in its history.
        now: the moment.
        fields: what changes.

    Raises:
        AccessDenied: no right to.
        EditConflict: somebody changed it since; it says what is kept now.
        Refused: a field breaks its rule.
    """
    with store.writing() as connection:
        known = lu(connection, numero)
        row = placed(known, checked(fields), tronc_motif)
        refuse(connection, par, "modifier", Objet(known["region"], numero))
        if row.get("catalogue", known["catalogue"]) != known["catalogue"]:
            refuse(connection, par, "valider", Objet(known["region"], numero))  # what anyone will read
        done = connection.execute(
            sa.update(SERVICES)
            .where(SERVICES.c.id == numero, SERVICES.c.rev == rev)
            .values(**row, rev=SERVICES.c.rev + 1, modifie_le=now or datetime.now(UTC), modifie_par=par or "")
        )
        if not done.rowcount:
            now_kept = lu(connection, numero)
            raise EditConflict({name: now_kept[name] for name in row}, now_kept["rev"])
        after = {**known, **row}
        if (why := tronc_motif.strip()) and contredit(after):
            said = {"tronc_commun": after["tronc_commun"], "motif": why}
            note(connection, GENRE, service_id=numero, auteur=par, contenu=said, now=now)
        return rev + 1


def checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a service, each by its rule.

    Raises:
        Refused: one breaks it, or there is no such field.
    """
    row: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in _FIELDS:
            raise Refused(name, f"Champ inconnu : « {name} ».")
        row[name] = " ".join(value.split()) if name == "nom" else value
    if "nom" in row and not 2 <= len(row["nom"]) <= 200:
        raise Refused("nom", "Le nom a de 2 à 200 caractères.", conseil="Écrivez le nom d'usage du service.")
    if "besoins" in row and not isinstance(row["besoins"], str):
        row["besoins"] = json.dumps(_needs(row["besoins"]), ensure_ascii=False, sort_keys=True)
    for name, written in (("portage", portage_de), ("catalogue", catalogue_de)):
        if name in row and not isinstance(row[name], str):
            row[name] = written(row[name])
    for name in ("decommission", "ouverture"):
        if row.get(name) and re.match(TRIMESTRE, row[name]) is None:
            raise Refused(name, f"Trimestre illisible : « {row[name]} ».", conseil="Forme : 2027-T2.")
    return row


def _needs(given: Mapping[str, Any]) -> dict[str, Any]:
    for name in BESOINS:
        level = given.get(name)
        if level is not None and level not in (1, 2, 3, 4):
            raise Refused("besoins", f"Le besoin {name} va de 1 à 4 : « {level} ».")
    return dict(given)


def lu(connection: Connection, numero: int) -> dict[str, Any]:
    """A service, within a transaction.

    Raises:
        LakeError: there is none of this number.
    """
    row = connection.execute(sa.select(SERVICES).where(SERVICES.c.id == numero)).mappings().first()
    if row is None:
        raise LakeError("Ce service n'existe pas.")
    return dict(row)


def de_code(store: Store, code: str) -> dict[str, Any]:
    """A service by its code.

    Raises:
        LakeError: there is none.
    """
    with store.reading() as connection:
        row = connection.execute(sa.select(SERVICES).where(SERVICES.c.code == code)).mappings().first()
    if row is None:
        raise LakeError(
            f"Aucun service « {code} » dans la saisie.", conseil="Les services : obs saisie etat."
        )
    return dict(row)


def tous(store: Store, region: str | None = None) -> list[dict[str, Any]]:
    """The services that are not archived: the system first, then infrastructure, then the others, by name."""
    wanted = sa.select(SERVICES).where(SERVICES.c.etat != "archive")
    if region is not None:
        wanted = wanted.where(SERVICES.c.region == region)
    order = sa.case((SERVICES.c.kind.in_(ENSEMBLES), 0), (SERVICES.c.kind == "infrastructure", 1), else_=2)
    with store.reading() as connection:
        rows = connection.execute(wanted.order_by(SERVICES.c.region, order, SERVICES.c.nom)).mappings()
        return [dict(row) for row in rows]


def utilise(store: Store, numero: int) -> list[int]:
    """The services that one leans on."""
    with store.reading() as connection:
        wanted = sa.select(LIENS.c.utilise_id).where(LIENS.c.service_id == numero)
        return list(connection.execute(wanted).scalars())


def appuis(store: Store, numero: int) -> set[int]:
    """The services that lean on one."""
    with store.reading() as connection:
        wanted = sa.select(LIENS.c.service_id).where(LIENS.c.utilise_id == numero)
        return set(connection.execute(wanted).scalars())


def lier(store: Store, numero: int, autres: Sequence[int], *, par: str | None) -> None:
    """Say on which infrastructure services one leans; the others are forgotten.

    Raises:
        Refused: one of them is itself, or is no infrastructure service of the region.
    """
    with store.writing() as connection:
        known = lu(connection, numero)
        refuse(connection, par, "modifier", Objet(known["region"], numero))
        for other in autres:
            target = lu(connection, other)
            if other == numero:
                raise Refused("utilise", "Un service ne s'appuie pas sur lui-même.")
            if target["kind"] != "infrastructure" or target["region"] != known["region"]:
                raise Refused(
                    "utilise", f"« {target['nom']} » n'est pas un service d'infrastructure de la région."
                )
        connection.execute(sa.delete(LIENS).where(LIENS.c.service_id == numero))
        if autres:
            connection.execute(
                sa.insert(LIENS), [{"service_id": numero, "utilise_id": one} for one in sorted(set(autres))]
            )


def solutions(store: Store, numero: int) -> list[tuple[str, str]]:
    """The (editor, solution) of a service."""
    wanted = sa.select(SOLUTIONS.c.editeur, SOLUTIONS.c.solution).where(SOLUTIONS.c.service_id == numero)
    with store.reading() as connection:
        return [
            (row.editeur, row.solution) for row in connection.execute(wanted.order_by(SOLUTIONS.c.editeur))
        ]


def equiper(store: Store, numero: int, paires: Sequence[tuple[str, str]], *, par: str | None) -> None:
    """Say which software a service uses; spaces are settled, and a pair given twice counts once."""
    kept = sorted({(" ".join(e.split()), " ".join(s.split())) for e, s in paires if e.strip() and s.strip()})
    with store.writing() as connection:
        known = lu(connection, numero)
        refuse(connection, par, "modifier", Objet(known["region"], numero))
        connection.execute(sa.delete(SOLUTIONS).where(SOLUTIONS.c.service_id == numero))
        if kept:
            rows = [{"service_id": numero, "editeur": e, "solution": s} for e, s in kept]
            connection.execute(sa.insert(SOLUTIONS), rows)


def appuyes(store: Store, numero: int, critere: str) -> list[str]:
    """The names of the services whose answer to a criterion is carried by this one."""
    wanted = (
        sa.select(SERVICES.c.nom)
        .join(FEUILLES, FEUILLES.c.service_id == SERVICES.c.id)
        .join(REPONSES, REPONSES.c.feuille_id == FEUILLES.c.id)
        .where(REPONSES.c.critere == critere, REPONSES.c.porte_par_id == numero)
        .order_by(SERVICES.c.nom)
    )
    with store.reading() as connection:
        return list(connection.execute(wanted).scalars())


def editeurs(store: Store) -> list[str]:
    """The editors named so far, to be offered."""
    with store.reading() as connection:
        return list(
            connection.execute(
                sa.select(SOLUTIONS.c.editeur).distinct().order_by(SOLUTIONS.c.editeur)
            ).scalars()
        )


def preliminaires(store: Store, numero: int) -> dict[str, bool | None]:
    """The preliminary answers of a service: a question that is not there is unknown."""
    wanted = sa.select(PRELIMINAIRES.c.question, PRELIMINAIRES.c.valeur).where(
        PRELIMINAIRES.c.service_id == numero
    )
    with store.reading() as connection:
        return {row.question: row.valeur for row in connection.execute(wanted)}


def repondre_preliminaire(
    store: Store,
    numero: int,
    question: str,
    valeur: bool | None,
    *,
    par: str | None,
    criteres: Sequence[str] = (),
    now: datetime | None = None,
) -> None:
    """Answer a preliminary question. Answers to what it hides stay here, and are not published.

    Args:
        store: where.
        numero: whose.
        question: which.
        valeur: yes, no, or None for unknown.
        par: who; None for the operator.
        criteres: the criteria that it hides: those that it shows again are to be confirmed.
        now: the moment.
    """
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        known = lu(connection, numero)
        refuse(connection, par, "saisir", Objet(known["region"], numero))
        here = [PRELIMINAIRES.c.service_id == numero, PRELIMINAIRES.c.question == question]
        hid = connection.execute(sa.select(PRELIMINAIRES.c.valeur).where(*here)).scalar() is False
        values = {"valeur": valeur, "modifie_le": moment, "modifie_par": par or ""}
        done = connection.execute(
            sa.update(PRELIMINAIRES).where(*here).values(**values, rev=PRELIMINAIRES.c.rev + 1)
        )
        if not done.rowcount:
            connection.execute(
                sa.insert(PRELIMINAIRES).values(service_id=numero, question=question, rev=1, **values)
            )
        if hid and valeur is not False and criteres:
            sheets = sa.select(FEUILLES.c.id).where(FEUILLES.c.service_id == numero)
            connection.execute(
                sa.update(REPONSES)
                .where(
                    REPONSES.c.feuille_id.in_(sheets),
                    REPONSES.c.critere.in_(criteres),
                    REPONSES.c.nature != "vide",
                )
                .values(confirmee=False, rev_n=REPONSES.c.rev_n + 1)
            )
        # The sheets are not what was read any more: a validation prepared before is shown again.
        connection.execute(
            sa.update(FEUILLES).where(FEUILLES.c.service_id == numero).values(rev=FEUILLES.c.rev + 1)
        )
