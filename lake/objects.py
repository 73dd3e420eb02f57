"""Object storage for raw files and exports: a local folder, or S3 through boto3.

Keys are POSIX paths relative to the lake's root. A file is visible whole or not at all.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlparse

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lake.errors import SourceUnavailable, known_cause
from lake.s3 import ATTEMPTS, CONNECT_TIMEOUT_S, READ_TIMEOUT_S, boto3_options
from lake.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef


class Objects(Protocol):
    """Where untouched files rest."""

    def put(self, key: str, path: Path) -> None:
        """Copy a local file under a key, replacing it if it exists.

        Raises:
            SourceUnavailable: the storage is full, refuses or does not answer.
        """
        ...

    def get(self, key: str, path: Path) -> None:
        """Copy the object to a local file.

        Raises:
            SourceUnavailable: there is no such object, or the storage does not answer.
        """
        ...

    def exists(self, key: str) -> bool:
        """Whether the key holds an object."""
        ...

    def list(self, prefix: str) -> list[str]:
        """The keys under a prefix, sorted."""
        ...

    def sizes(self, prefix: str) -> dict[str, int]:
        """The bytes of each object under a prefix, by key."""
        ...

    def create(self, key: str, body: bytes) -> bool:
        """Write a small object that must not exist yet; False when somebody else's is there already.

        Raises:
            SourceUnavailable: the storage is full, refuses or does not answer (whether it was written is then
                unknown: read it back).
        """
        ...

    def read(self, key: str) -> bytes | None:
        """The bytes of a small object, None when there is none.

        Raises:
            SourceUnavailable: the storage refuses or does not answer.
        """
        ...

    def after(self, folder: str, name: str) -> Sequence[tuple[str, str]]:
        """The objects right under a folder whose names sort after ``name``: (name, mark), sorted.

        The mark changes with the object: one that was replaced under its name is not taken for the former.

        Raises:
            SourceUnavailable: the storage refuses or does not answer.
        """
        ...

    def remove(self, prefix: str) -> None:
        """Erase every object under a prefix.

        Raises:
            SourceUnavailable: the storage refuses or does not answer.
        """
        ...


def _checked(key: str) -> str:
    """Refuse keys that would leave the lake's root."""
    parts = PurePosixPath(key).parts
    if not parts or key.startswith("/") or ".." in parts:
        raise SourceUnavailable(f"Nom d'objet refusé : « {key} ».")
    return str(PurePosixPath(*parts))


def disk_error(error: OSError, what: str) -> SourceUnavailable:
    """The French error for a failed write or read on a disk."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return SourceUnavailable(
            f"Plus de place sur le disque en écrivant {what}.",
            conseil="Libérez de l'espace (obs lake vacuum) puis relancez : rien n'a été publié.",
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return SourceUnavailable(
            f"Droits insuffisants sur {what}.", conseil="Vérifiez le propriétaire et les droits du dossier."
        )
    return SourceUnavailable(
        f"Écriture ou lecture impossible : {what} ({known_cause(error.strerror or str(error))})."
    )


class LocalObjects:
    """Objects as files under a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, path: Path) -> None:
        """See :class:`Objects`. The copy is made beside its place, then renamed."""
        target = self.root / _checked(key)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=".depot-")
            try:
                with os.fdopen(handle, "wb") as out, path.open("rb") as source:
                    shutil.copyfileobj(source, out, 1 << 20)
                    out.flush()
                    os.fsync(out.fileno())
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise disk_error(error, str(target)) from error

    def get(self, key: str, path: Path) -> None:
        """See :class:`Objects`."""
        source = self.root / _checked(key)
        if not source.is_file():
            raise SourceUnavailable(f"Fichier archivé introuvable : {key}.")
        try:
            shutil.copyfile(source, path)
        except OSError as error:
            raise disk_error(error, str(path)) from error

    def exists(self, key: str) -> bool:
        """See :class:`Objects`."""
        return (self.root / _checked(key)).is_file()

    def list(self, prefix: str) -> list[str]:
        """See :class:`Objects`."""
        return sorted(self.sizes(prefix))

    def sizes(self, prefix: str) -> dict[str, int]:
        """See :class:`Objects`."""
        folder = self.root / _checked(prefix)
        return {
            found.relative_to(self.root).as_posix(): found.stat().st_size
            for found in folder.rglob("*")
            if found.is_file() and not found.name.startswith(".depot-")
        }

    def create(self, key: str, body: bytes) -> bool:
        """See :class:`Objects`. Written whole beside its place, then linked there: a link never replaces."""
        target = self.root / _checked(key)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=".depot-")
            try:
                with os.fdopen(handle, "wb") as out:
                    out.write(body)
                    out.flush()
                    os.fsync(out.fileno())
                Path(name).chmod(0o644)
                try:
                    os.link(name, target)
                except FileExistsError:
                    raise
                except OSError:  # a file system without links: made in place, whole unless the machine stops
                    with target.open("xb") as placed:
                        placed.write(body)
            except FileExistsError:
                return False
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(error, str(target)) from error
        return True

    def read(self, key: str) -> bytes | None:
        """See :class:`Objects`."""
        try:
            return (self.root / _checked(key)).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise disk_error(error, key) from error

    def after(self, folder: str, name: str) -> Sequence[tuple[str, str]]:
        """See :class:`Objects`."""
        found = []
        try:
            with os.scandir(self.root / _checked(folder)) as entries:
                for entry in entries:
                    if entry.name > name and not entry.name.startswith(".depot-"):
                        about = entry.stat()
                        found.append((entry.name, f"{about.st_ino}-{about.st_mtime_ns}-{about.st_size}"))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise disk_error(error, folder) from error
        return sorted(found)

    def remove(self, prefix: str) -> None:
        """See :class:`Objects`."""
        try:
            shutil.rmtree(self.root / _checked(prefix))
        except FileNotFoundError:
            return
        except OSError as error:
            raise disk_error(error, prefix) from error


class S3Objects:
    """Objects in a bucket, under a prefix."""

    def __init__(self, settings: Settings) -> None:
        parsed = urlparse(settings.lake)
        self.bucket = parsed.netloc
        self.prefix = parsed.path.strip("/")
        self.client: S3Client = boto3.client(
            "s3",
            **boto3_options(settings),
            config=Config(
                retries={"max_attempts": ATTEMPTS, "mode": "standard"},
                connect_timeout=CONNECT_TIMEOUT_S,
                read_timeout=READ_TIMEOUT_S,
            ),
        )

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{_checked(key)}" if self.prefix else _checked(key)

    def _refused(self, error: Exception, what: str) -> SourceUnavailable:
        return SourceUnavailable(
            f"Le stockage S3 refuse ou ne répond pas : {what} (s3://{self.bucket}) : {known_cause(str(error))}.",
            conseil="Vérifiez AWS_ENDPOINT_URL, les identifiants AWS_* et les droits sur le bucket.",
        )

    def put(self, key: str, path: Path) -> None:
        """See :class:`Objects`. boto3 uploads in parts; an object appears when the last part is in."""
        try:
            self.client.upload_file(str(path), self.bucket, self._key(key))
        except (BotoCoreError, ClientError, boto3.exceptions.Boto3Error) as error:
            raise self._refused(error, f"dépôt de {key}") from error

    def get(self, key: str, path: Path) -> None:
        """See :class:`Objects`."""
        try:
            self.client.download_file(self.bucket, self._key(key), str(path))
        except (BotoCoreError, ClientError, boto3.exceptions.Boto3Error) as error:
            raise self._refused(error, f"lecture de {key}") from error

    def exists(self, key: str) -> bool:
        """See :class:`Objects`."""
        try:
            self.client.head_object(Bucket=self.bucket, Key=self._key(key))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in {"404", "NoSuchKey", "NotFound"}:
                return False
            raise self._refused(error, f"recherche de {key}") from error
        except BotoCoreError as error:
            raise self._refused(error, f"recherche de {key}") from error
        return True

    def list(self, prefix: str) -> list[str]:
        """See :class:`Objects`."""
        return sorted(self.sizes(prefix))

    def sizes(self, prefix: str) -> dict[str, int]:
        """See :class:`Objects`."""
        start = len(self.prefix) + 1 if self.prefix else 0
        found: dict[str, int] = {}
        try:
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self._key(prefix) + "/"
            )
            for page in pages:
                found |= {item["Key"][start:]: item["Size"] for item in page.get("Contents", [])}
        except (BotoCoreError, ClientError) as error:
            raise self._refused(error, f"liste de {prefix}") from error
        return found

    def create(self, key: str, body: bytes) -> bool:
        """See :class:`Objects`. The storage itself refuses a second object of that name."""
        return self._written(key, body, IfNoneMatch="*")

    def swap(self, key: str, body: bytes, mark: str) -> bool:
        """Replace a small object if it is still the one with this mark; False when it is not."""
        return self._written(key, body, IfMatch=f'"{mark}"')

    def _written(self, key: str, body: bytes, **condition: Any) -> bool:
        try:
            self.client.put_object(Bucket=self.bucket, Key=self._key(key), Body=body, **condition)
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") in {404, 409, 412}:
                return False
            raise self._refused(error, f"dépôt de {key}") from error
        except BotoCoreError as error:
            raise self._refused(error, f"dépôt de {key}") from error
        return True

    def read(self, key: str) -> bytes | None:
        """See :class:`Objects`."""
        found = self.look(key)
        return None if found is None else found[0]

    def look(self, key: str) -> tuple[bytes, str, float] | None:
        """A small object: its bytes, its mark, and its age in seconds by the storage's own clock.

        Raises:
            SourceUnavailable: the storage refuses or does not answer.
        """
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=self._key(key))
            body = answer["Body"].read()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in {"404", "NoSuchKey", "NotFound"}:
                return None
            raise self._refused(error, f"lecture de {key}") from error
        except BotoCoreError as error:
            raise self._refused(error, f"lecture de {key}") from error
        told = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        now = (
            parsedate_to_datetime(told).replace(tzinfo=UTC) if told else datetime.now(UTC)
        )  # HTTP dates are UTC
        return body, answer["ETag"].strip('"'), (now - answer["LastModified"]).total_seconds()

    def after(self, folder: str, name: str) -> Sequence[tuple[str, str]]:
        """See :class:`Objects`."""
        start = len(self._key(folder)) + 1
        found = []
        try:
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self._key(folder) + "/", StartAfter=f"{self._key(folder)}/{name}"
            )
            for page in pages:
                found += [(item["Key"][start:], item["ETag"]) for item in page.get("Contents", [])]
        except (BotoCoreError, ClientError) as error:
            raise self._refused(error, f"liste de {folder}") from error
        return sorted(found)

    def drop(self, key: str) -> None:
        """Erase one object."""
        try:
            self.client.delete_object(Bucket=self.bucket, Key=self._key(key))
        except (BotoCoreError, ClientError) as error:
            raise self._refused(error, f"effacement de {key}") from error

    def remove(self, prefix: str) -> None:
        """See :class:`Objects`. S3 deletes a thousand keys at a time."""
        keys = [self._key(key) for key in self.list(prefix)]
        try:
            for start in range(0, len(keys), 1000):
                batch: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in keys[start : start + 1000]]
                self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": batch, "Quiet": True})
        except (BotoCoreError, ClientError) as error:
            raise self._refused(error, f"effacement de {prefix}") from error


def refuse_file(settings: Settings) -> None:
    """Refuse a lake whose path is an ordinary file: nothing could ever be published there.

    Raises:
        SourceUnavailable: it is.
    """
    root = Path(settings.lake)
    if not settings.on_s3 and any(path.is_file() for path in (root, *root.parents)):
        raise SourceUnavailable(
            f"OBS_LAKE désigne un fichier, pas un dossier : {settings.lake}.",
            conseil="Donnez à OBS_LAKE le chemin d'un dossier (il est créé s'il n'existe pas).",
        )


def open_objects(settings: Settings) -> Objects:
    """The object storage of the settings' lake."""
    return S3Objects(settings) if settings.on_s3 else LocalObjects(Path(settings.lake))
