"""Analyses: created, copied, and saved with a revision that two people's changes are merged on."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.errors import EditConflict, LakeError, Refused
from lake.store import journal
from lake.store.accounts.identity import Compte, line_of
from lake.store.analyses.merging import Conflict, Document, Side, merged
from lake.store.analyses.reading import WRITE, Analyse, may, opened
from lake.store.analyses.tables import ANALYSES, MODELES, REVISIONS, TRAVAUX
from lake.store.engine import Store

MOST_BYTES = 256 * 1024
MOST_SECTIONS = 24
MOST_TITLE = 200
KEPT_REVISIONS, KEPT_FOR = 50, timedelta(days=365)
"""The history keeps the last fifty revisions, a year at most; those that somebody still needs stay."""
VERBS = {
    "creation": "Analyse créée",
    "modification": "Analyse modifiée",
    "corbeille": "Analyse mise à la corbeille",
    "retablissement": "Analyse rétablie",
    "modele": "Modèle livré chargé",
    "publication": "Modèle publié",
    "partage": "Analyse partagée",
    "retrait": "Partage d’une analyse retiré",
    "abonnement": "Abonnement à une analyse",
    "desabonnement": "Désabonnement d’une analyse",
}
"""What the journal notes of analyses (``analyse.<verb>``), and its French name."""


@dataclass(frozen=True)
class Saved:
    """What a save did.

    Attributes:
        revision: the one made; the one read when nothing changed.
        document: what is kept now, others' changes included.
        taken: what came from others' changes (titles of sections, names of fields); empty when nobody else saved.
        author: who saved meanwhile; empty when nobody did.
    """

    revision: int
    document: Document
    taken: tuple[str, ...] = ()
    author: str = ""


class Clash(EditConflict):
    """Two people changed the same field of the same section: both texts are kept until one chooses.

    Args:
        conflicts: what waits for a choice.
        revision: the revision now, that the choices are about.
        author: who saved meanwhile; empty for a deleted account.
    """

    def __init__(self, conflicts: tuple[Conflict, ...], revision: int, author: str) -> None:
        super().__init__({".".join(one.key): one.theirs for one in conflicts}, revision)
        self.conflicts = conflicts
        self.author = author


def written(document: Mapping[str, Any]) -> str:
    """A document as it is kept.

    Raises:
        Refused: it has no title, too many sections, sections without id (or with one id twice), or is too large;
            the refusal names the field.
    """
    title = line_of(str(document.get("titre") or ""))
    if not title:
        raise Refused("titre", "Il manque le titre de l'analyse.")
    if len(title) > MOST_TITLE:
        raise Refused("titre", f"Titre trop long : {len(title)} caractères, {MOST_TITLE} au plus.")
    sections = document.get("sections") or []
    if len(sections) > MOST_SECTIONS:
        raise Refused(
            "sections",
            f"Cette analyse a {len(sections)} sections : {MOST_SECTIONS} au plus.",
            conseil="Répartissez-les entre deux analyses.",
        )
    ids = [section.get("id") for section in sections]
    if not all(isinstance(one, str) and one for one in ids) or len(set(ids)) < len(ids):
        raise Refused("sections", "Chaque section doit avoir son propre identifiant.")
    try:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise LakeError("Cette analyse ne peut pas être gardée : elle ne s'écrit pas en JSON.") from error
    if (weight := len(text.encode())) > MOST_BYTES:
        raise Refused(
            "sections",
            f"Cette analyse pèse {-(-weight // 1024)} Kio : {MOST_BYTES // 1024} Kio au plus.",
            conseil="Raccourcissez les textes, ou répartissez les sections entre deux analyses.",
        )
    return text


def create(
    store: Store,
    actor: Compte,
    document: Mapping[str, Any],
    *,
    genre: str = "analyse",
    origin: Analyse | None = None,
    badges: Collection[str] = (),
    now: datetime | None = None,
) -> int:
    """Keep a new analysis, its first revision; returns its number.

    Args:
        store: where.
        actor: whose.
        document: what it is.
        genre: ``analyse`` or ``indicateurs``.
        origin: what it is a copy of: its news are told.
        badges: what is noted of it.
        now: the moment (UTC); the clock's by default.

    Raises:
        Refused: see :func:`written`.
    """
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        number = insert(
            connection,
            document,
            {
                "proprietaire_id": actor.id,
                "modifie_par_id": actor.id,
                "genre": genre,
                "badges": json.dumps(sorted(badges)),
                "origine_id": None if origin is None else origin.id,
                "origine_revision": None if origin is None else origin.revision,
            },
            moment,
        )
        note(connection, "creation", number, actor, {"titre": document["titre"]}, moment)
    return number


def save(
    store: Store,
    actor: Compte,
    number: int,
    document: Mapping[str, Any],
    *,
    base: int,
    choices: Mapping[tuple[str, str], Side] | None = None,
    badges: Collection[str] | None = None,
    motif: str = "",
    now: datetime | None = None,
) -> Saved:
    """Save changes that were made on a revision; changes saved meanwhile by others are merged with them.

    Args:
        store: where.
        actor: who saves.
        number: which analysis.
        document: all of it, as this person wants it.
        base: the revision that it was made from.
        choices: for a conflict that was shown, ``(section, field)`` -> whose is kept.
        badges: what is noted of it from now on; as before when None.
        motif: why, for the history.
        now: the moment (UTC); the clock's by default.

    Raises:
        Clash: the same field was changed otherwise meanwhile; nothing is saved, nothing is lost.
        Refused: see :func:`written`.
        UnknownName: it was deleted, or is no longer this person's to read.
        AccessDenied: it may no longer be changed by this person.
    """
    written(document)  # refused before anything is compared
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        found = may(connection, actor, number, WRITE)
        if found.supprime_le is not None:
            raise LakeError(
                "Cette analyse est à la corbeille.",
                conseil="Rétablissez-la, ou enregistrez votre brouillon sous un autre nom.",
            )
        kept = dict(document)
        taken: tuple[str, ...] = ()
        author = ""
        if base != found.revision:
            old = at(connection, number, base)
            result = merged(old, document, found.document, choices)
            author = found.author
            if result.conflicts:
                raise Clash(result.conflicts, found.revision, author)
            kept, taken = result.document, result.theirs
            motif = motif or f"réunit r{found.revision}"
        done = Saved(found.revision, kept, taken, author)
        if kept != found.document:
            made = put(connection, number, kept, actor.id, moment, motif=motif, badges=badges)
            done = Saved(made, kept, taken, author)
            note(connection, "modification", number, actor, {"revision": made}, moment)
        mine = sa.delete(TRAVAUX).where(TRAVAUX.c.compte_id == actor.id, TRAVAUX.c.analyse_id == number)
        connection.execute(mine)
    return done


def copy(
    store: Store,
    actor: Compte,
    number: int,
    *,
    document: Mapping[str, Any] | None = None,
    title: str = "",
    genre: str = "",
    now: datetime | None = None,
) -> int:
    """Copy an analysis into a person's own; returns the new number.

    The copy keeps what it comes from, not its shares nor its subscriptions. Sections keep their ids: they are ids
    within one analysis, and a model's news find the section they are about by them.

    Args:
        store: where.
        actor: who copies.
        number: which.
        document: a draft to copy instead of what is saved (« Enregistrer sous »).
        title: of the copy; « Copie de … » by default.
        genre: of the copy; the original's by default, an analysis for a model.
        now: the moment (UTC); the clock's by default.

    Raises:
        UnknownName: it is not this person's to read.
        Refused: see :func:`written`.
    """
    found = opened(store, actor, number)
    content = dict(document if document is not None else found.document)
    content["titre"] = line_of(title) or f"Copie de {content.get('titre', '')}"[:MOST_TITLE]
    kind = genre or ("analyse" if found.genre == "modele" else found.genre)
    return create(store, actor, content, genre=kind, origin=found, now=now)


def noted(store: Store, number: int, badges: Collection[str]) -> None:
    """Write what was found of an analysis (a text to read again, a section to repair), for the lists."""
    with store.writing() as connection:
        row = sa.update(ANALYSES).where(ANALYSES.c.id == number)
        connection.execute(row.values(badges=json.dumps(sorted(badges))))


# -- within a transaction ----------------------------------------------------------------------------


def insert(
    connection: Connection, document: Mapping[str, Any], row: Mapping[str, Any], moment: datetime
) -> int:
    """Write a new analysis and its first revision; returns its number."""
    text = written(document)
    values = {
        "titre": line_of(str(document["titre"])),
        "contenu": text,
        "sections": len(document.get("sections") or ()),
        "badges": "[]",
        "revision": 1,
        "cree_le": moment,
        "modifie_le": moment,
        **row,
    }
    made = sa.insert(ANALYSES).values(**values).returning(ANALYSES.c.id)
    number = int(connection.execute(made).scalar_one())
    author = values.get("modifie_par_id")
    _append(connection, number, 1, text, author, moment, "livré" if author is None else "")
    return number


def put(
    connection: Connection,
    number: int,
    document: Mapping[str, Any],
    author: int | None,
    moment: datetime,
    *,
    motif: str = "",
    badges: Collection[str] | None = None,
    **more: Any,
) -> int:
    """Write the next revision of an analysis that is locked; returns its number."""
    text = written(document)
    values: dict[str, Any] = {
        "titre": line_of(str(document["titre"])),
        "contenu": text,
        "sections": len(document.get("sections") or ()),
        "revision": ANALYSES.c.revision + 1,
        "modifie_le": moment,
        "modifie_par_id": author,
        **more,
    }
    if badges is not None:
        values["badges"] = json.dumps(sorted(badges))
    row = sa.update(ANALYSES).where(ANALYSES.c.id == number).values(**values).returning(ANALYSES.c.revision)
    revision = int(connection.execute(row).scalar_one())
    _append(connection, number, revision, text, author, moment, motif)
    _forget(connection, number, revision, moment)
    return revision


def at(connection: Connection, number: int, revision: int) -> Document:
    """An analysis as it was at a revision.

    Raises:
        LakeError: the history no longer has it.
    """
    wanted = sa.select(REVISIONS.c.contenu).where(
        REVISIONS.c.analyse_id == number, REVISIONS.c.revision == revision
    )
    text = connection.execute(wanted).scalar_one_or_none()
    if text is None:
        raise LakeError(
            f"La révision {revision} de cette analyse n'est plus dans l'historique.",
            conseil="Enregistrez votre brouillon sous un autre nom.",
        )
    return dict(json.loads(text))


def note(
    connection: Connection,
    verb: str,
    number: int,
    actor: Compte | None,
    details: Mapping[str, object],
    moment: datetime,
) -> None:
    """Write in the journal, as ``analyse.<verb>``.

    Raises:
        ValueError: the verb is not one of :data:`VERBS`: a line that nobody could read.
    """
    if verb not in VERBS:
        raise ValueError(f"Unknown verb: {verb}")
    author = None if actor is None else actor.email
    journal.write(
        connection, f"analyse.{verb}", f"analyse {number}", auteur=author, details=details or None, now=moment
    )


def _append(
    connection: Connection,
    number: int,
    revision: int,
    text: str,
    author: int | None,
    moment: datetime,
    motif: str,
) -> None:
    row = {"analyse_id": number, "revision": revision, "contenu": text, "motif": motif[:200]}
    connection.execute(sa.insert(REVISIONS).values(**row, auteur_id=author, le=moment))


def _forget(connection: Connection, number: int, revision: int, moment: datetime) -> None:
    """Drop what is too old, but not what a draft, a publication or a copy still starts from."""
    needed = (
        sa.select(TRAVAUX.c.base_revision)
        .where(TRAVAUX.c.analyse_id == number)
        .union(
            sa.select(MODELES.c.revision).where(MODELES.c.analyse_id == number),
            sa.select(ANALYSES.c.origine_revision).where(
                ANALYSES.c.origine_id == number, ANALYSES.c.origine_revision.is_not(None)
            ),
        )
    )
    old = sa.or_(REVISIONS.c.revision <= revision - KEPT_REVISIONS, REVISIONS.c.le < moment - KEPT_FOR)
    mine = (REVISIONS.c.analyse_id == number, REVISIONS.c.revision < revision)
    connection.execute(sa.delete(REVISIONS).where(*mine, old, REVISIONS.c.revision.not_in(needed)))
