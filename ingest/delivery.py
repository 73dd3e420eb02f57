"""A delivery of source files: found or downloaded, hashed, dated, archived untouched."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import requests

from ingest.source import Snapshot, Source, SourceFile
from lake.errors import ContractError, SourceUnavailable
from lake.objects import Objects

Say = Callable[[str, float | None], None]


def fetch(
    source: Source, files: tuple[Path, ...], *, download: bool, region: str, folder: Path, say: Say
) -> tuple[Path, ...]:
    """The files of the delivery: those given, or the official ones downloaded into a folder.

    Raises:
        SourceUnavailable: a file is missing, none was given where some are needed, or a download failed.
        ContractError: a file is empty.
    """
    if download:
        urls = source.urls(region)
        if not urls:
            raise SourceUnavailable(f"La source {source.name} n'a pas d'adresse de téléchargement.")
        return tuple(_download(url, folder / name, say) for name, url in urls.items())
    if not files and _dated(source):
        raise SourceUnavailable(
            f"Aucun fichier donné pour la source {source.name}.",
            conseil=f"Écrivez obs ingest {source.name} FICHIERS… (ou --telecharger).",
        )
    for path in files:
        if path.is_dir():
            raise SourceUnavailable(f"{path} est un dossier.", conseil="Donnez les fichiers qu'il contient.")
        if not path.is_file():
            raise SourceUnavailable(f"Fichier introuvable : {path}.", conseil="Vérifiez le chemin donné.")
        if path.stat().st_size == 0:
            raise ContractError(
                f"Le fichier {path.name} est vide (0 octet).", conseil="Téléchargez-le de nouveau."
            )
    return tuple(_withheld(source, path, folder) for path in files)


def _withheld(source: Source, path: Path, folder: Path) -> Path:
    """The file, or what a source keeps of it: personal columns are emptied before anything is archived."""
    withhold = getattr(source, "withheld", None)
    if withhold is None:
        return path
    kept: Path = withhold(path, folder)
    return kept


def _dated(source: Source) -> bool:
    """Whether each delivery of the source is the picture of one date."""
    return any("date_extraction" in table.unit for table in source.tables)


def _cause(error: requests.RequestException) -> str:
    """Why a download failed, in French: what the library says is for developers, and in English."""
    if error.response is not None:
        return f"le serveur répond {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "le serveur ne répond pas à temps"
    if isinstance(error, requests.exceptions.SSLError):
        return "le certificat du serveur est refusé"
    if isinstance(error, requests.ConnectionError):
        return "serveur injoignable : réseau, nom ou mandataire (proxy)"
    return type(error).__name__


def _download(url: str, target: Path, say: Say) -> Path:
    say(f"Téléchargement de {target.name}", 0.0)
    try:
        with requests.get(url, stream=True, timeout=(10, 60)) as answer:
            answer.raise_for_status()
            expected = int(answer.headers.get("Content-Length") or 0)
            received = 0
            with target.open("wb") as out:
                for block in answer.iter_content(1 << 20):
                    out.write(block)
                    received += len(block)
                    if expected:
                        say(f"Téléchargement de {target.name}", min(1.0, received / expected))
    except requests.RequestException as error:
        raise SourceUnavailable(
            f"Téléchargement impossible : {url} ({_cause(error)}).",
            conseil="Réessayez plus tard, ou téléchargez le fichier à la main et donnez son chemin.",
        ) from error
    if expected and received != expected:
        raise SourceUnavailable(f"Téléchargement incomplet : {url} ({received} octets sur {expected}).")
    return target


def snapshot_of(source: Source, paths: Sequence[Path], announced: date | None) -> Snapshot:
    """Hash and date the files.

    Raises:
        ContractError: the files' date is not the announced one, or no date is known where one is needed.
    """
    files = []
    for path in paths:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        files.append(SourceFile(path, path.name, digest, path.stat().st_size))
    found = source.date_of(paths)
    if announced is not None and found is not None and found != announced:
        raise ContractError(
            f"Les fichiers portent la date du {found:%d/%m/%Y}, pas celle annoncée ({announced:%d/%m/%Y}).",
            conseil="Corrigez --date, ou donnez les fichiers de cette date.",
        )
    day = announced or found
    if day is None and _dated(source):
        raise ContractError(
            "La date des données n'est pas dans le nom des fichiers.",
            conseil="Annoncez-la : --date AAAA-MM-JJ.",
        )
    whole = hashlib.sha256("".join(sorted(file.sha256 for file in files)).encode()).hexdigest()
    return Snapshot(source.name, tuple(files), whole, day)


def archived(snapshot: Snapshot, file: SourceFile) -> str:
    """Where an untouched file rests: ``raw/<source>/<date>-<sha256>/<name>``."""
    day = (snapshot.date or datetime.now(UTC).date()).isoformat()
    return f"raw/{snapshot.source}/{day}-{file.sha256}/{file.name}"


def archive(objects: Objects, snapshot: Snapshot, say: Say) -> None:
    """Keep the untouched files. Their order and what was delivered together are in the publication's record."""
    for file in snapshot.files:
        key = archived(snapshot, file)
        if not objects.exists(key):
            say(f"Archivage de {file.name}", None)
            objects.put(key, file.path)
