"""What is damaged in a table, in French: the file, what is wrong with it, and how to go on.

Storage libraries tell it in English, without the file's name, or by a panic of their Rust code (which is no
``Exception``). Here the files are looked at again, and the first one that is not as the log says is named.
"""

from __future__ import annotations

import io
import json
import re
from typing import Protocol
from urllib.parse import unquote

import polars as pl

from lake.contract import Table
from lake.errors import DamagedLake, LakeError, MissingTable, SourceUnavailable, known_cause, storage_full
from lake.objects import Objects
from lake.publications import Register
from lake.settings import Settings

_LOG = re.compile(r"(\d{20})\.json$")
_REBUILD = "Recopiez ce fichier depuis une sauvegarde"


class Resting(Protocol):
    """What is asked of a lake whose tables are looked at."""

    settings: Settings

    @property
    def objects(self) -> Objects:
        """Its storage."""
        ...

    @property
    def register(self) -> Register:
        """Its publications."""
        ...

    def version(self, table: Table) -> int | None:
        """The version that readers see."""
        ...

    def files(self, table: Table, version: int | None = None) -> dict[str, int]:
        """Data files of a version."""
        ...


def panicked(error: BaseException) -> bool:
    """Whether an error is a panic of Rust code: each library has its own class, derived from BaseException."""
    return type(error).__name__ == "PanicException" and not isinstance(error, Exception)


def short(table: Table, version: int, count: int | None, published: int | None) -> DamagedLake:
    """The error for a version that holds other rows than were published."""
    return DamagedLake(
        f"La table {table.name} est abîmée : sa version {version} contient {count} lignes, {published} ont été "
        f"publiées ; un fichier de tables/{table.name}/_delta_log est vide ou manque.",
        conseil=remedy(table, None),
    )


def explained(lake: Resting, table: Table, error: BaseException, *, version: int | None = None) -> LakeError:
    """The French error for what a storage library raised about a table."""
    said = str(error)
    if isinstance(error, LakeError):
        return error
    if storage_full(said):
        return SourceUnavailable(
            f"Plus de place sur le stockage en écrivant {table.name}.",
            conseil="Libérez de l'espace (obs lake vacuum) puis relancez : rien n'a été publié.",
        )
    damage = _safely_found(lake, table)
    if damage is not None:
        return DamagedLake(f"La table {table.name} est abîmée : {damage}.", conseil=remedy(table, lake))
    if version is not None and not panicked(error):
        return LakeError(
            f"La version {version} de {table.name} ne peut pas être lue.",
            conseil=f"Versions connues : obs lake history {table.name}.",
        )
    return SourceUnavailable(
        f"Le stockage de {table.name} refuse ou ne répond pas ({lake.settings.lake}) : {known_cause(said)}.",
        conseil="La dernière version publiée est intacte ; vérifiez les droits et l'adresse.",
    )


def _safely_found(lake: Resting, table: Table) -> str | None:
    try:
        return found(lake, table, deep=True)
    except LakeError:
        return None  # the storage itself does not answer: that is what will be said


def found(lake: Resting, table: Table, *, deep: bool = False) -> str | None:
    """The first damage of the version that readers see; None when there is none.

    Args:
        lake: the lake.
        table: the table.
        deep: read every data file too, not only its name and size.

    Raises:
        LakeError: the storage does not answer, or the register itself is damaged.
    """
    prefix = f"tables/{table.name}"
    resting = lake.objects.sizes(prefix)
    if not any("/_delta_log/" in key for key in resting):
        record = lake.register.newest()
        wanted = record.tables.get(table.name) if record else None
        if wanted is None:
            # Never published: what rests there, if anything, was written by a first publication that stopped midway.
            return None
        return f"le dossier {prefix}{'/_delta_log' if resting else ''} est vide ou manque"
    if said := _of_log(lake, prefix, resting, deep=deep):
        return said
    try:
        version = lake.version(table)
    except MissingTable:
        version = None
    if version is None:
        return None
    try:
        files = lake.files(table, version)
    except LakeError:
        said = None if deep else _of_log(lake, prefix, resting, deep=True)
        return said or f"le journal {prefix}/_delta_log est illisible"
    for path, size in files.items():
        key = next((one for one in (f"{prefix}/{path}", f"{prefix}/{unquote(path)}") if one in resting), None)
        if key is None:
            return f"le fichier {prefix}/{unquote(path)} manque"
        if resting[key] != size:
            return f"le fichier {key} est tronqué ou modifié ({resting[key]} octets au lieu de {size})"
        if deep and (said := _of_data(lake, key)):
            return said
    return None


def _of_log(lake: Resting, prefix: str, resting: dict[str, int], *, deep: bool) -> str | None:
    """What is wrong with the files of the log: commits from 0 or a checkpoint on, without a gap, each readable."""
    commits = {
        int(match[1]): key
        for key in resting
        if key.startswith(f"{prefix}/_delta_log/") and (match := _LOG.search(key))
    }
    checkpoints = {key for key in resting if key.endswith(".parquet") and "/_delta_log/" in key}
    for key in sorted(checkpoints) if deep else ():
        if said := _of_data(lake, key):
            return said
    last = max(commits, default=-1)
    for number, key in sorted(commits.items()):
        if resting[key] == 0 or (deep and not _json_lines(lake.objects.read(key) or b"")):
            return f"le fichier {key} est vide, tronqué ou modifié"
        if number + 1 not in commits and number != last:
            return f"le fichier {prefix}/_delta_log/{number + 1:020d}.json manque"
    if commits and min(commits) > 0 and not checkpoints:
        return f"le fichier {prefix}/_delta_log/{min(commits) - 1:020d}.json manque"
    if not commits and not checkpoints:
        return f"le journal {prefix}/_delta_log est illisible"
    pointer = f"{prefix}/_delta_log/_last_checkpoint"
    if deep and pointer in resting and not _json_lines(lake.objects.read(pointer) or b""):
        return f"le fichier {pointer} est vide, tronqué ou modifié (il peut être effacé)"
    return None


def _json_lines(body: bytes) -> bool:
    try:
        return all(isinstance(json.loads(line), dict) for line in body.splitlines() if line.strip()) and bool(
            body.strip()
        )
    except ValueError:
        return False


def _of_data(lake: Resting, key: str) -> str | None:
    """What is wrong with one Parquet file, read whole."""
    body = lake.objects.read(key)
    if body is None:
        return f"le fichier {key} manque"
    if len(body) < 12 or body[:4] != b"PAR1" or body[-4:] != b"PAR1":
        return f"le fichier {key} est vide, tronqué ou modifié"
    try:
        pl.read_parquet(io.BytesIO(body))
    except BaseException as error:
        if isinstance(error, Exception) or panicked(error):
            return f"le fichier {key} est illisible"
        raise
    return None


def remedy(table: Table, lake: Resting | None) -> str:
    """What the operator can do about a damaged table."""
    sound = None if lake is None else _sound_publication(lake, table)
    back = "" if sound is None else f", revenez à une publication saine (obs lake revenir {sound})"
    return f"{_REBUILD}{back}, ou reconstruisez le lac depuis les fichiers archivés (obs lake reconstruire)."


def _sound_publication(lake: Resting, table: Table, most: int = 20) -> int | None:
    """The newest earlier publication whose version of the table is whole by names and sizes."""
    try:
        now = lake.register.newest()
        if now is None:
            return None
        resting = {unquote(key): size for key, size in lake.objects.sizes(f"tables/{table.name}").items()}
        tried = {now.tables.get(table.name)}
        for number in [n for n in reversed(lake.register.numbers()) if n < now.numero][:most]:
            version = lake.register.get(number).tables.get(table.name)
            if version is None or version in tried:
                continue
            tried.add(version)
            files = lake.files(table, version)
            if all(resting.get(unquote(f"tables/{table.name}/{p}")) == size for p, size in files.items()):
                return number
    except LakeError:
        return None
    return None
