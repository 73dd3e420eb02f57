"""Short links: a territory list or a scenario that anyone with the link can open.

The end of a link is drawn at random among 28¹² (2 followed by 17 figures): it cannot be guessed. Sharing the
same thing twice gives the same link. Links that nobody opens any more can be purged.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from lake.errors import LakeError, UnknownName
from lake.store.engine import Store
from lake.store.schema import PARTAGES

# No vowel and no look-alike: a link is neither a word nor misread over the telephone.
ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
LENGTH = 12
MOST_BYTES = 512 * 1024
_TITLE = 200


class Genre(StrEnum):
    """What can be shared."""

    TERRITOIRE = "territoire"
    SCENARIO = "scenario"
    VUE = "vue"
    """A long address made short: filters only, it opens nothing by itself."""


@dataclass(frozen=True)
class Partage:
    """What a link leads to.

    Attributes:
        code: end of the link.
        genre: what it is.
        titre: its title, as its author wrote it.
        contenu: the shared object, as it was given.
        cree_le: when (UTC).
    """

    code: str
    genre: Genre
    titre: str
    contenu: Any
    cree_le: datetime


def share(
    store: Store,
    genre: Genre,
    contenu: object,
    *,
    titre: str = "",
    proprietaire_id: int | None = None,
    now: datetime | None = None,
) -> str:
    """Keep something under a short link; the same thing always gets the same link.

    Args:
        store: where.
        genre: what it is.
        contenu: what JSON can write.
        titre: a title; cut at 200 characters.
        proprietaire_id: the account that shares it; None for a reader without account. The first one keeps it.
        now: the moment (UTC); the clock's by default.

    Returns:
        The end of the link, 12 characters.

    Raises:
        LakeError: the object is too large, or JSON cannot write it.
    """
    moment = now or datetime.now(UTC)
    title = " ".join(titre.split())[:_TITLE]
    try:
        text = json.dumps(contenu, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise LakeError("Ce contenu ne peut pas être partagé : il ne s'écrit pas en JSON.") from error
    if len(text.encode()) > MOST_BYTES:
        raise LakeError(
            f"Ce contenu est trop long pour un lien ({len(text.encode()) // 1024} Ko, "
            f"{MOST_BYTES // 1024} Ko au plus).",
            conseil="Partagez un territoire ou un scénario plus petit.",
        )
    mark = hashlib.sha256(f"{genre.value}\n{title}\n{text}".encode()).hexdigest()
    row = {
        "genre": genre.value,
        "titre": title,
        "contenu": text,
        "empreinte": mark,
        "cree_le": moment,
        "ouvert_le": moment,
        "proprietaire_id": proprietaire_id,
    }
    with store.writing() as connection:
        for _ in range(5):
            if (found := _known(connection, mark)) is not None:
                opening = sa.update(PARTAGES).where(PARTAGES.c.code == found)
                connection.execute(opening.values(ouvert_le=moment))
                if proprietaire_id is not None:  # what a visitor shared first is its now
                    free = opening.where(PARTAGES.c.proprietaire_id.is_(None))
                    connection.execute(free.values(proprietaire_id=proprietaire_id))
                return found
            code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
            try:
                with connection.begin_nested():
                    connection.execute(sa.insert(PARTAGES).values(code=code, **row))
            except IntegrityError:
                continue  # the same thing was shared at the same moment, or the code was drawn twice
            return code
    raise LakeError("Le lien n'a pas pu être créé.", conseil="Réessayez dans un instant.")


def _known(connection: Connection, mark: str) -> str | None:
    found = connection.execute(sa.select(PARTAGES.c.code).where(PARTAGES.c.empreinte == mark)).scalar()
    return None if found is None else str(found)


def opened(store: Store, code: str, genre: Genre | None = None, *, now: datetime | None = None) -> Partage:
    """What a link leads to.

    Args:
        store: where.
        code: end of the link.
        genre: what is expected; anything when None.
        now: the moment (UTC); the clock's by default.

    Raises:
        UnknownName: there is no such link (or not of that kind): it was mistyped, or purged.
    """
    moment = now or datetime.now(UTC)
    wanted = sa.select(PARTAGES).where(PARTAGES.c.code == code)
    if genre is not None:
        wanted = wanted.where(PARTAGES.c.genre == genre.value)
    with store.reading() as connection:
        row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise _unknown(code)
    # One write a day at most: reading a link must not queue behind writers.
    if moment - row["ouvert_le"] > timedelta(days=1):
        with store.writing() as connection:
            connection.execute(sa.update(PARTAGES).where(PARTAGES.c.code == code).values(ouvert_le=moment))
    return Partage(row["code"], Genre(row["genre"]), row["titre"], json.loads(row["contenu"]), row["cree_le"])


def _unknown(code: str) -> UnknownName:
    error = UnknownName("lien partagé", code, ())
    error.conseil = "Vérifiez le lien reçu : il a pu être tronqué, ou effacé faute d'avoir servi."
    return error


def remove(store: Store, code: str) -> bool:
    """Erase a link and what it held; whether there was one."""
    with store.writing() as connection:
        done = connection.execute(sa.delete(PARTAGES).where(PARTAGES.c.code == code))
    return done.rowcount > 0


def purge(store: Store, *, days: int, now: datetime | None = None) -> int:
    """Erase the links that nobody has opened for some days; returns how many.

    Raises:
        LakeError: fewer than 2 days (openings are noted to the day).
    """
    if days < 2:
        raise LakeError(
            "La purge des liens demande au moins 2 jours : les ouvertures sont notées au jour près."
        )
    limit = (now or datetime.now(UTC)) - timedelta(days=days)
    with store.writing() as connection:
        done = connection.execute(sa.delete(PARTAGES).where(PARTAGES.c.ouvert_le < limit))
    return done.rowcount
