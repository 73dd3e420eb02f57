"""The register of publications: which version of each table readers see.

A delivery feeds several tables, and each table has its own log. What makes the delivery one visible change is
one small record written last, under the next number and only if nobody took that number: it pins the version
of every table of the lake that deliveries feed. Readers resolve tables through the newest record; a table that
no record pins (an older lake, the journal) is read at its newest version.

A record is the whole state, not a difference: the newest one answers alone, and going back is writing an older
state again. Records of deliveries are kept for ever (a few kilobytes each): with ``raw/`` they say how to build
the lake again, in order.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from lake.errors import DamagedLake, LakeError, SourceUnavailable
from lake.objects import Objects

FOLDER = "_publications"
LIVRAISON, ETAT, RETOUR, RESTAURATION, ECRITURE = "livraison", "etat", "retour", "restauration", "ecriture"
"""Kinds of records: a delivery; the state found before a source's first one; a return to an earlier record; one
table restored; one table written outside a delivery."""


@dataclass(frozen=True)
class Delivered:
    """The delivery that a source × date shows now.

    Attributes:
        empreinte: what makes two ingestions the same.
        execution: the run.
        le: when it was published (UTC, ISO).
        numero: the record that published it; None when it is older than the register.
        region: what the run kept.
    """

    empreinte: str
    execution: str
    le: str
    numero: int | None = None
    region: str = ""


@dataclass(frozen=True)
class Publication:
    """One record.

    Attributes:
        numero: from 1, growing.
        moment: when it was written (UTC).
        genre: :data:`LIVRAISON`, :data:`ETAT`, :data:`RETOUR`, :data:`RESTAURATION` or :data:`ECRITURE`.
        source: the source whose tables changed; empty when a return changes several.
        execution: the run, when there was one.
        jeton: a text of this very attempt: a record is recognised as one's own by it.
        tables: every pinned table -> its version, None for one that readers do not see yet.
        change: the tables that this record changed, with their versions.
        lignes: rows of the changed tables in those versions.
        livraisons: source -> date of the data (ISO, or empty) -> what is published of it now.
        faits: what the publisher noted: files, date, report…
    """

    numero: int
    moment: datetime
    genre: str
    source: str
    execution: str
    jeton: str
    tables: Mapping[str, int | None]
    change: Mapping[str, int | None]
    lignes: Mapping[str, int] = field(default_factory=dict)
    livraisons: Mapping[str, Mapping[str, Delivered]] = field(default_factory=dict)
    faits: Mapping[str, Any] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The record as JSON, sealed by the hash of its content."""
        plain = asdict(self)
        plain["moment"] = self.moment.isoformat()
        content = json.dumps(plain, ensure_ascii=False, sort_keys=True)
        return json.dumps(
            {"sceau": _seal(content), "publication": plain}, ensure_ascii=False, indent=1
        ).encode()


def _seal(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def parse(body: bytes, name: str) -> Publication:
    """A record read back.

    Raises:
        DamagedLake: it is cut, altered, or no record.
    """
    try:
        whole = json.loads(body)
        plain = whole["publication"]
        if whole["sceau"] != _seal(json.dumps(plain, ensure_ascii=False, sort_keys=True)):
            raise ValueError("seal")
        plain["moment"] = datetime.fromisoformat(plain["moment"])
        plain["livraisons"] = {
            source: {day: Delivered(**one) for day, one in days.items()}
            for source, days in plain["livraisons"].items()
        }
        return Publication(**plain)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedLake(
            f"Le registre des publications est abîmé : le fichier {FOLDER}/{name} est illisible ou modifié.",
            conseil="Recopiez-le depuis une sauvegarde, ou revenez à la publication précédente : obs lake "
            "publications, puis obs lake revenir.",
        ) from error


def _name(number: int) -> str:
    return f"{number:010d}.json"


class Register:
    """The records of one lake.

    Args:
        objects: where they rest.
    """

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self._seen: tuple[str, str, Publication] | None = None  # name, mark, record: a record never changes

    @property
    def last(self) -> Publication | None:
        """The record read last, without looking for a newer one."""
        return self._seen[2] if self._seen else None

    def newest(self) -> Publication | None:
        """The record that readers go by, None when there is none yet. One listing.

        Raises:
            DamagedLake: it cannot be read.
            SourceUnavailable: the storage refuses or does not answer.
        """
        # Once the newest is known, only what sorts from it on is listed.
        seen = self._seen
        known = self._listed(_before(seen[0]) if seen else "")
        if not known and seen:  # the lake was put back to an earlier state
            known = self._listed("")
        if not known:
            self._seen = None
            return None
        name, mark = known[-1]
        if seen and seen[:2] == (name, mark):
            return seen[2]
        body = self.objects.read(f"{FOLDER}/{name}")
        if body is None:
            raise SourceUnavailable(f"Le fichier {FOLDER}/{name} a disparu pendant la lecture.")
        record = parse(body, name)
        self._seen = (name, mark, record)
        return record

    def numbers(self) -> list[int]:
        """The numbers of the records, oldest first, readable or not."""
        return [int(name.removesuffix(".json")) for name, _ in self._listed("")]

    def _listed(self, name: str) -> Sequence[tuple[str, str]]:
        """Names and marks of the records after a name; what is no record (a copy, a note) is passed over."""
        found = self.objects.after(FOLDER, name)
        return [one for one in found if one[0].endswith(".json") and one[0].removesuffix(".json").isdigit()]

    def get(self, number: int) -> Publication:
        """One record.

        Raises:
            LakeError: there is none of this number.
            DamagedLake: it cannot be read.
        """
        body = self.objects.read(f"{FOLDER}/{_name(number)}")
        if body is None:
            raise LakeError(f"Aucune publication n° {number}.", conseil="Voyez obs lake publications.")
        return parse(body, _name(number))

    def add(self, build: Callable[[Publication | None], dict[str, Any]], *, above: int = 0) -> Publication:
        """Write the next record; built again on top of a record that another writer placed meanwhile.

        Args:
            build: what the record holds (fields of :class:`Publication` but its number, moment and token), given
                the record it comes after. It may refuse by raising.
            above: a number that the new one must pass (to step over a record that cannot be read).

        Raises:
            SourceUnavailable: the storage does not say whether the record was written.
        """
        while True:
            base = None if above else self.newest()
            number = max(base.numero if base else 0, above) + 1
            record = Publication(
                numero=number, moment=datetime.now(UTC), jeton=uuid.uuid4().hex, **build(base)
            )
            if self._placed(record):
                return record
            above = 0

    def _placed(self, record: Publication) -> bool:
        """Whether the record now stands under its number; an answer that was lost is asked for again."""
        key = f"{FOLDER}/{_name(record.numero)}"
        body = record.to_bytes()
        lost: SourceUnavailable | None = None
        try:
            if self.objects.create(key, body):
                return True
        except SourceUnavailable as error:
            lost = error
        try:
            found = self.objects.read(key)
        except SourceUnavailable as error:
            raise SourceUnavailable(
                f"Le stockage ne dit pas si la publication n° {record.numero} a été écrite : {error.message}",
                conseil="Voyez obs lake publications quand il répondra ; relancer la commande est sans danger.",
            ) from error
        if found == body:
            return True
        if found is None and lost is not None:
            raise lost
        return False


def _before(name: str) -> str:
    """A text that sorts just before a record's name."""
    return _name(int(name.removesuffix(".json")) - 1)
