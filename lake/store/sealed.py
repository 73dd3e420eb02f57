"""The file of a backup: a zip that is sealed, so that one byte changed anywhere is seen.

``sauvegarde.json`` says what the file holds and the SHA-256 of each table's lines; ``sceau.txt`` is the SHA-256 of
``sauvegarde.json``. It tells damage and careless editing; somebody who can write the file can seal it again: keep
backups where only their owner writes. Files of before the seal are read too, and said to be so.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lake.errors import ContractError, LakeError

HEAD, SEAL = "sauvegarde.json", "sceau.txt"
FORMAT = 2
_MOST_BYTES = 4 << 30
"""What a backup may hold once unpacked: more is no backup of ours."""


@dataclass(frozen=True)
class Archive:
    """What a backup's file holds.

    Attributes:
        revision: the schema it was made at.
        faite_le: when (UTC).
        lignes: table -> rows.
        contenu: table -> rows as plain values.
        scellee: whether the file bears a seal (an older one does not).
    """

    revision: str
    faite_le: datetime
    lignes: Mapping[str, int]
    contenu: Mapping[str, list[dict[str, Any]]]
    scellee: bool


def write(path: Path, revision: str, moment: datetime, rows: Mapping[str, list[dict[str, Any]]]) -> None:
    """Write a sealed file that only its owner may read, and never over another.

    Raises:
        LakeError: the file exists already, or the disk refuses.
    """
    bodies = {
        name: "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in lines).encode()
        for name, lines in rows.items()
    }
    head = json.dumps(
        {
            "format": FORMAT,
            "revision": revision,
            "faite_le": moment.isoformat(),
            "lignes": {name: len(lines) for name, lines in rows.items()},
            "empreintes": {name: _hash(body) for name, body in bodies.items()},
        },
        ensure_ascii=False,
        indent=1,
    ).encode()
    try:
        # Created closed to others, and never over an older backup.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(HEAD, head)
            archive.writestr(SEAL, _hash(head))
            for name, body in bodies.items():
                archive.writestr(f"{name}.jsonl", body)
    except FileExistsError as error:
        raise LakeError(f"Le fichier {path} existe déjà.", conseil="Donnez un autre nom.") from error
    except OSError as error:
        raise LakeError(
            f"La sauvegarde {path} ne peut pas être écrite.",
            conseil="Vérifiez le dossier, ses droits et la place du disque.",
        ) from error


def read(path: Path) -> Archive:
    """Read a backup's file, and refuse it when anything in it was changed.

    Raises:
        ContractError: it is no backup, or it is cut or altered; the message says where.
    """
    members = _members(path)
    if HEAD not in members:
        raise _no_backup(path)
    head = members.pop(HEAD)
    seal = members.pop(SEAL, None)
    try:
        summary = json.loads(head)
        sealed = "format" in summary or "empreintes" in summary or seal is not None
        revision, moment = str(summary["revision"]), datetime.fromisoformat(summary["faite_le"])
        counts = {str(name): int(count) for name, count in dict(summary["lignes"]).items()}
        marks = dict(summary["empreintes"]) if sealed else {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _altered(path, HEAD) from error
    if sealed and (seal is None or seal.decode("ascii", "replace").strip() != _hash(head)):
        raise _altered(path, HEAD)
    wanted = {f"{name}.jsonl" for name in counts}
    if lost := sorted(wanted - members.keys()):
        raise ContractError(f"La sauvegarde {path} est incomplète : {lost[0]} manque.", conseil=_ADVICE)
    if more := sorted(members.keys() - wanted):
        raise ContractError(
            f"La sauvegarde {path} a été modifiée : {more[0]} y est en trop.", conseil=_ADVICE
        )
    content = {}
    for name, count in counts.items():
        body = members[f"{name}.jsonl"]
        if sealed and marks.get(name) != _hash(body):
            raise _altered(path, f"{name}.jsonl")
        content[name] = _lines(path, name, body)
        if len(content[name]) != count:
            raise ContractError(
                f"La sauvegarde {path} est incomplète : {name} a {len(content[name])} lignes au lieu de {count}.",
                conseil=_ADVICE,
            )
    return Archive(revision, moment, counts, content, sealed)


_ADVICE = "Restaurez une autre sauvegarde : rien n'a été écrit dans la base."


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _altered(path: Path, member: str) -> ContractError:
    return ContractError(
        f"La sauvegarde {path} a été modifiée ou abîmée : {member} n'est plus tel qu'il a été écrit.",
        conseil=_ADVICE,
    )


def _no_backup(path: Path) -> ContractError:
    return ContractError(f"{path} n'est pas une sauvegarde lisible de la base.", conseil=_ADVICE)


def _members(path: Path) -> dict[str, bytes]:
    """Every file of the zip; one that is there twice is refused (which of the two would count?)."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if sum(info.file_size for info in infos) > _MOST_BYTES:
                raise _no_backup(path)
            names = [info.filename for info in infos]
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise _altered(path, twice[0])
            return {info.filename: archive.read(info) for info in infos}
    except FileNotFoundError as error:
        raise ContractError(f"La sauvegarde {path} n'existe pas.", conseil="Vérifiez le chemin.") from error
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
        raise _no_backup(path) from error


def _lines(path: Path, name: str, body: bytes) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(body.splitlines(), start=1):
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise ContractError(
                f"La sauvegarde {path} est abîmée : ligne {number} de {name} illisible.", conseil=_ADVICE
            )
        rows.append(row)
    return rows
