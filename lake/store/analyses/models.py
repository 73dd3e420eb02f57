"""Models: analyses that the suite ships or that the national administration writes, published per profile.

A profile reads the revision that was published; what is saved later waits for the next publication. Who copied a
model follows it: it is told which sections changed, and takes them one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.droits import PROFILS
from lake.errors import AccessDenied, LakeError
from lake.store.accounts.identity import Compte, profile
from lake.store.analyses.documents import Saved, at, insert, note, put, save
from lake.store.analyses.merging import Document, Side, changes, merged
from lake.store.analyses.reading import Line, listed, may, national, opened
from lake.store.analyses.tables import ANALYSES, MODELES, REVISIONS
from lake.store.engine import Store

SHIPPED = "livré"


@dataclass(frozen=True)
class News:
    """What changed in the model that an analysis was copied from.

    Attributes:
        model: its title.
        revision: the one that its reader may take now.
        sections: id of a section that changed -> what changed, in French.
        said: all that changed, in French.
    """

    model: str
    revision: int
    sections: Mapping[str, str]
    said: tuple[str, ...]


def ship(
    store: Store,
    cle: str,
    document: Mapping[str, Any],
    *,
    profils: Collection[str] = tuple(PROFILS),
    home: Collection[str] = (),
    genre: str = "modele",
    back: bool = False,
    now: datetime | None = None,
) -> str:
    """Load a model that the suite ships; twice is once.

    Args:
        store: where.
        cle: name of the model, that of its file.
        document: what it is.
        profils: the profiles that read it.
        home: those that arrive on it after sign-in.
        genre: always ``modele``; kept for the reader of the call.
        back: whether a model that was changed here comes back to the one shipped.
        now: the moment (UTC); the clock's by default.

    Returns:
        ``créé``, ``mis à jour``, ``inchangé`` or ``gardé`` (it was changed here: it stays).
    """
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        row = connection.execute(
            sa.select(ANALYSES.c.id, ANALYSES.c.revision).where(ANALYSES.c.cle == cle).with_for_update()
        ).one_or_none()
        if row is None:
            number = insert(connection, document, {"genre": genre, "cle": cle}, moment)
            _publish(connection, number, 1, profils, home, moment)
            note(connection, "modele", number, None, {"cle": cle}, moment)
            return "créé"
        last = connection.execute(
            sa.select(REVISIONS.c.motif).where(
                REVISIONS.c.analyse_id == row.id, REVISIONS.c.revision == row.revision
            )
        ).scalar_one()
        if last != SHIPPED and not back:
            return "gardé"
        if at(connection, row.id, row.revision) == dict(document):
            return "inchangé"
        made = put(connection, row.id, document, None, moment, motif=SHIPPED)
        _publish(connection, row.id, made, profils, home, moment)
        note(connection, "modele", row.id, None, {"cle": cle, "revision": made}, moment)
        return "mis à jour"


def publish(
    store: Store,
    actor: Compte,
    number: int,
    profils: Collection[str],
    *,
    home: Collection[str] = (),
    now: datetime | None = None,
) -> int:
    """Publish an analysis as it is now, as a model of some profiles; returns the revision published.

    A profile that is left out no longer reads it.

    Raises:
        AccessDenied: this person does not publish models.
        UnknownName: the analysis is not this person's to read, or a profile is unknown.
    """
    if not national(actor):
        raise AccessDenied(
            "Publier un modèle revient à l'administration nationale.",
            conseil="Partagez l'analyse avec une personne ou avec votre organisation.",
        )
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        found = may(connection, actor, number, "proprietaire")
        if found.genre == "indicateurs" or found.genre == "analyse":
            connection.execute(sa.update(ANALYSES).where(ANALYSES.c.id == number).values(genre="modele"))
        revision = connection.execute(
            sa.select(ANALYSES.c.revision).where(ANALYSES.c.id == number)
        ).scalar_one()
        _publish(connection, number, revision, [profile(one) for one in profils], home, moment)
        note(connection, "publication", number, actor, {"profils": sorted(profils)}, moment)
    return int(revision)


def readers(store: Store, number: int) -> dict[str, int]:
    """The profiles that read a model -> the revision published to each."""
    wanted = sa.select(MODELES.c.profil, MODELES.c.revision).where(MODELES.c.analyse_id == number)
    with store.reading() as connection:
        return {row.profil: row.revision for row in connection.execute(wanted)}


def homes(store: Store, number: int) -> frozenset[str]:
    """The profiles that arrive on a model after sign-in."""
    wanted = sa.select(MODELES.c.profil).where(
        MODELES.c.analyse_id == number, MODELES.c.accueil.is_(sa.true())
    )
    with store.reading() as connection:
        return frozenset(connection.execute(wanted).scalars())


def changed_here(store: Store, number: int) -> bool:
    """Whether the last revision of a shipped model was written here, not shipped."""
    last = (
        sa.select(REVISIONS.c.motif)
        .join(
            ANALYSES,
            (ANALYSES.c.id == REVISIONS.c.analyse_id) & (ANALYSES.c.revision == REVISIONS.c.revision),
        )
        .where(ANALYSES.c.id == number, ANALYSES.c.cle.is_not(None))
    )
    with store.reading() as connection:
        motif = connection.execute(last).scalar_one_or_none()
    return motif is not None and motif != SHIPPED


def home(lines: Sequence[Line]) -> Line | None:
    """The page where a profile arrives, among what a person may open; None when none is published."""
    return next((one for one in lines if one.home and one.supprime_le is None), None)


def home_of(store: Store, actor: Compte) -> Line | None:
    """The page where a person's profile arrives; None when none is published."""
    return home(listed(store, actor))


def news(store: Store, actor: Compte, number: int) -> News | None:
    """What changed in the model that an analysis follows, for what this person may read of it; None for nothing.

    Raises:
        UnknownName: the analysis is not this person's to read.
    """
    mine = opened(store, actor, number)
    sources = _sources(store, actor, mine.origine_id, mine.origine_revision)
    if sources is None:
        return None
    title, revision, base, theirs = sources
    result = merged(base, mine.document, theirs)
    waiting = {one.section for one in result.conflicts}
    old, own = _sections(base), _sections(mine.document)
    after = _sections(result.document)
    sections = {}
    for rank, one in enumerate(theirs.get("sections") or (), start=1):
        name = str(one["id"])
        if name in waiting or after.get(name) != own.get(name):
            what = "ajoutée" if name not in old else ", ".join(_fields(old[name], one))
            sections[name] = f"section {rank} ({what})"
    for name in own:
        if name not in after or (name in waiting and name not in _sections(theirs)):
            sections[name] = "section retirée"
    return News(title, revision, sections, changes(base, theirs)) if sections else None


def take(
    store: Store, actor: Compte, number: int, sections: Collection[str], *, now: datetime | None = None
) -> Saved:
    """Take from the followed model what changed in some sections; the others stay as they are, and stay told.

    Where this person had changed the same field, the model's text replaces it: it stays in the history.

    Raises:
        LakeError: there is nothing to take.
        UnknownName: the analysis is not this person's to read.
        AccessDenied: it may not be changed by this person.
    """
    found = opened(store, actor, number)
    sources = _sources(store, actor, found.origine_id, found.origine_revision)
    if sources is None:
        raise LakeError("Le modèle suivi n'a pas changé, ou n'est plus publié pour vous.")
    _title, revision, base, theirs = sources
    wanted = set(sections)
    partial: Document = dict(base)
    old, new = _sections(base), _sections(theirs)
    order = [str(one["id"]) for one in theirs.get("sections") or ()]
    kept = [new[name] if name in wanted else old[name] for name in order if name in wanted or name in old]
    kept += [old[name] for name in old if name not in new and name not in wanted]
    partial["sections"] = kept
    first = merged(base, found.document, partial)
    result = merged(base, found.document, partial, {one.key: Side.THEIRS for one in first.conflicts})
    done = save(
        store, actor, number, result.document, base=found.revision, motif=f"modèle r{revision}", now=now
    )
    if news(store, actor, number) is None:
        with store.writing() as connection:
            row = sa.update(ANALYSES).where(ANALYSES.c.id == number)
            connection.execute(row.values(origine_revision=revision))
    return done


def _sources(
    store: Store, actor: Compte, origin: int | None, revision: int | None
) -> tuple[str, int, Document, Document] | None:
    if origin is None or revision is None:
        return None
    try:
        model = opened(store, actor, origin)
    except LakeError:
        return None  # deleted, or no longer published for this person: the copy lives
    if model.revision <= revision:
        return None
    with store.reading() as connection:
        try:
            return model.title, model.revision, at(connection, origin, revision), model.document
        except LakeError:
            return None


def _sections(document: Mapping[str, Any]) -> dict[str, Document]:
    return {str(one["id"]): one for one in document.get("sections") or ()}


def _fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)] or ["ordre"]


def _publish(
    connection: Connection,
    number: int,
    revision: int,
    profils: Collection[str],
    home: Collection[str],
    moment: datetime,
) -> None:
    connection.execute(sa.delete(MODELES).where(MODELES.c.analyse_id == number))
    arriving = set(home) & set(profils)
    if arriving:  # one page a profile to arrive on
        connection.execute(sa.update(MODELES).where(MODELES.c.profil.in_(arriving)).values(accueil=False))
    rows = [
        {
            "analyse_id": number,
            "profil": one,
            "revision": revision,
            "accueil": one in arriving,
            "le": moment,
        }
        for one in dict.fromkeys(profils)
    ]
    if rows:
        connection.execute(sa.insert(MODELES), rows)
