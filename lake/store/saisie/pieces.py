"""Attachments: what may come in, where it rests, who takes it out.

The bytes rest in the lake's objects under their own hash; the base says whose they are. A name is a label: no path is
ever made of it.
"""

from __future__ import annotations

import hashlib
import re
import socket
import struct
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from lake.droits_saisie import Objet
from lake.errors import LakeError, Refused, SourceUnavailable
from lake.objects import Objects
from lake.store.engine import Store
from lake.store.saisie import avis, validites
from lake.store.saisie.acteurs import refuse
from lake.store.saisie.evenements import note
from lake.store.saisie.services import lu
from lake.store.saisie.tables import PIECES

MOST = 20 * 1024 * 1024
"""Bytes of one file."""
MOST_SERVICE = 200 * 1024 * 1024
"""Bytes of all the files of a service."""
_ZIP, _OLE = (b"PK\x03\x04",), (b"\xd0\xcf\x11\xe0",)
TYPES: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "docx": _ZIP,
    "xlsx": _ZIP,
    "pptx": _ZIP,
    "odt": _ZIP,
    "ods": _ZIP,
    "odp": _ZIP,
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "csv": (),
    "txt": (),
}
"""Extension -> how its files begin; a text begins by anything that is text."""
_INSIDE = {
    "docx": b"word/",
    "xlsx": b"xl/",
    "pptx": b"ppt/",
    "odt": b"opendocument.text",
    "ods": b"opendocument.spreadsheet",
    "odp": b"opendocument.presentation",
}
_MACROS = (b"vbaProject.bin", b"Basic/")
FOLDER = "saisie/pieces"
PATIENCE_S = 20
_CHUNK = 64 * 1024


def nom_sur(name: str) -> str:
    """A file's name as it is shown: no path, no control or direction character.

    Raises:
        Refused: nothing is left, it is too long, its extension is not taken, or hides another one.
    """
    plain = "".join(one for one in name if unicodedata.category(one) not in ("Cc", "Cf"))
    if re.search(r"[/\\]", plain) or plain.startswith("."):
        raise Refused(
            "fichier", f"« {plain[:80]} » n'est pas un nom de fichier.", conseil="Renommez-le sans « / »."
        )
    if not 1 <= len(plain) <= 200:
        raise Refused("fichier", f"Nom de fichier trop long : {len(plain)} caractères, 200 au plus.")
    if plain != name:
        raise Refused("fichier", "Ce nom contient des caractères invisibles.", conseil="Renommez le fichier.")
    parts = plain.lower().split(".")
    extension = "jpg" if parts[-1] == "jpeg" else parts[-1]
    if len(parts) < 2 or extension not in TYPES:
        raise Refused(
            "fichier", f"« {plain} » n'est pas d'un type admis.", conseil=f"Types admis : {', '.join(TYPES)}."
        )
    return plain


def refuser_contenu(name: str, content: bytes) -> None:
    """Refuse bytes that are not what the name says, or that hold macros.

    Raises:
        Refused: they are not; or the file is empty or too big.
    """
    extension = name.lower().rsplit(".", 1)[-1].replace("jpeg", "jpg")
    if not content:
        raise Refused("fichier", f"« {name} » est vide.")
    if len(content) > MOST:
        raise Refused("fichier", f"« {name} » fait {len(content) // 1024 // 1024} Mo, 20 Mo au plus.")
    begins = TYPES[extension]
    whole = content.startswith(begins) if begins else _is_text(content)
    inside = _INSIDE.get(extension)
    if not whole or (inside is not None and inside not in content):
        raise Refused("fichier", f"« {name} » n'est pas un fichier {extension}.")
    if inside is not None and any(one in content for one in _MACROS):
        raise Refused("fichier", f"« {name} » contient des macros.", conseil="Enregistrez-le sans macros.")


def deposer(
    store: Store,
    objects: Objects,
    service_id: int,
    name: str,
    content: bytes,
    *,
    par: str | None,
    critere: str = "",
    clamd: str = "",
    valable_au: date | None = None,
    now: datetime | None = None,
) -> int:
    """Keep a file as a proof; returns its number. The same bytes twice are one object and two rows.

    Args:
        store: the base.
        objects: where bytes rest.
        service_id: whose.
        name: the file's name.
        content: its bytes.
        par: who.
        critere: on what; empty for the whole service.
        clamd: ``host:port`` of the antivirus; empty: it is told that the file was not analysed.
        valable_au: its last day; None for a proof without end.
        now: the moment.

    Raises:
        AccessDenied: no right to.
        Refused: name, content or size; or the antivirus recognised it: nothing is kept but the trace.
        SourceUnavailable: the antivirus does not answer.
    """
    moment = now or datetime.now(UTC)
    shown = nom_sur(name)
    refuser_contenu(shown, content)
    until = validites.lue(valable_au)
    with store.writing() as connection:
        service = lu(connection, service_id)
        refuse(connection, par, "saisir", Objet(service["region"], service_id))
    virus = analyser(content, clamd) if clamd else ""
    digest = hashlib.sha256(content).hexdigest()
    row: dict[str, Any] = {
        "service_id": service_id,
        "critere": critere,
        "nom": shown,
        "octets": len(content),
        "sha256": digest,
        "etat": "refusee" if virus else "saine" if clamd else "non_analysee",
        "depose_le": moment,
        "depose_par": par or "",
        "valable_au": until,
    }
    if not virus:
        objects.create(f"{FOLDER}/{digest}", content)  # there already: the same bytes
    with store.writing() as connection:
        service = lu(connection, service_id)
        refuse(connection, par, "saisir", Objet(service["region"], service_id))
        held = connection.execute(
            sa.select(sa.func.coalesce(sa.func.sum(PIECES.c.octets), 0)).where(
                PIECES.c.service_id == service_id, PIECES.c.etat.in_(("saine", "non_analysee"))
            )
        ).scalar_one()
        full = held + len(content) > MOST_SERVICE
        if not full:
            done = connection.execute(sa.insert(PIECES).values(**row)).inserted_primary_key
            note(
                connection, "piece", service_id=service_id, auteur=par,
                contenu={"nom": shown, "sha256": digest, "etat": row["etat"], "virus": virus}, now=moment,
            )  # fmt: skip
            if not virus and done is not None:
                validites.prevenir(connection, {**row, "id": int(done[0])}, service, moment)
    if full:
        raise Refused("fichier", f"Les pièces de « {service['nom']} » dépasseraient 200 Mo.")
    if virus:
        raise Refused("fichier", f"« {shown} » est refusé : l'antivirus y reconnaît « {virus} ».")
    assert done is not None
    return int(done[0])


def lister(store: Store, service_id: int, *, par: str | None) -> list[dict[str, Any]]:
    """The files of a service, newest first: ``id, nom, critere, octets, sha256, etat, depose_le, depose_par,
    valable_au, rev``.

    Raises:
        AccessDenied: no right to see the service.
    """
    wanted = sa.select(PIECES).where(
        PIECES.c.service_id == service_id, PIECES.c.etat.in_(("saine", "non_analysee"))
    )
    with store.reading() as connection:
        service = lu(connection, service_id)
        refuse(connection, par, "voir", Objet(service["region"], service_id))
        return [dict(row) for row in connection.execute(wanted.order_by(PIECES.c.id.desc())).mappings()]


def perdues(objects: Objects, rows: Iterable[Mapping[str, Any]]) -> set[int]:
    """The numbers of the files whose bytes are not there any more: the list says so, before anybody clicks."""
    return {int(one["id"]) for one in rows if not objects.exists(f"{FOLDER}/{one['sha256']}")}


def prendre(store: Store, objects: Objects, numero: int, *, par: str | None) -> tuple[str, bytes]:
    """A file's name and bytes, once its access is asked again and its hash checked.

    Raises:
        AccessDenied: no right to, or no longer.
        LakeError: there is none, or its bytes are lost or altered.
    """
    with store.reading() as connection:
        row = connection.execute(sa.select(PIECES).where(PIECES.c.id == numero)).mappings().first()
        if row is None or row["etat"] not in ("saine", "non_analysee"):
            raise LakeError("Cette pièce n'existe pas, ou n'existe plus.")
        service = lu(connection, row["service_id"])
        refuse(connection, par, "telecharger", Objet(service["region"], service["id"]))
    content = objects.read(f"{FOLDER}/{row['sha256']}")
    if content is None or hashlib.sha256(content).hexdigest() != row["sha256"]:
        raise LakeError(
            f"La pièce « {row['nom']} » est perdue ou abîmée.",
            conseil="Recopiez-la depuis une sauvegarde du lac.",
        )
    return row["nom"], content


def retirer(store: Store, numero: int, *, par: str | None) -> None:
    """Take a file off the list; its row and its bytes stay, for what was validated with it.

    Raises:
        AccessDenied: no right to.
    """
    with store.writing() as connection:
        row = connection.execute(sa.select(PIECES).where(PIECES.c.id == numero)).mappings().one()
        service = lu(connection, row["service_id"])
        refuse(connection, par, "saisir", Objet(service["region"], service["id"]))
        connection.execute(sa.update(PIECES).where(PIECES.c.id == numero).values(etat="retiree"))
        avis.oublier(connection, validites.cle(numero))  # nobody has to renew it any more


def analyser(content: bytes, clamd: str) -> str:
    """What an antivirus recognises in bytes; empty for nothing. Protocol of ``clamd``: INSTREAM.

    Raises:
        SourceUnavailable: it does not answer, or not in its words.
    """
    host, _, port = clamd.rpartition(":")
    try:
        with socket.create_connection((host or "127.0.0.1", int(port)), timeout=PATIENCE_S) as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                piece = content[start : start + _CHUNK]
                line.sendall(struct.pack(">I", len(piece)) + piece)
            line.sendall(struct.pack(">I", 0))
            answer = b""
            while (more := line.recv(4096)) and b"\0" not in answer:
                answer += more
    except (OSError, ValueError) as error:
        raise SourceUnavailable(
            "L'antivirus ne répond pas : la pièce n'est pas gardée.", conseil="Réessayez dans un instant."
        ) from error
    said = answer.rstrip(b"\0\n").decode("utf-8", "replace")
    if said.endswith("OK"):
        return ""
    if found := re.search(r"stream: (.+) FOUND", said):
        return found[1]
    raise SourceUnavailable(f"L'antivirus n'a pas analysé la pièce : {said[:100]}.")


def _is_text(content: bytes) -> bool:
    """Whether bytes are plain text, and no page that a browser would run."""
    begins = content.lstrip()[:15].lower()
    return b"\0" not in content[:_CHUNK] and not begins.startswith((b"<!doctype", b"<html", b"<svg"))
