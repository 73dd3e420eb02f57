"""What a delivered value may say: territories, indicators, professions, by code or by label."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b

import polars as pl

from ingest.sources.territoires.reference import load as packaged_territories
from lake.catalog.segur import SERVICES, TYPES_ACTEUR, indicateurs_de_base, professions_de_base
from lake.catalog.territoires import DEPARTEMENTS, REGIONS
from lake.contract import Table
from lake.errors import MissingTable
from lake.text import words

Scan = Callable[[Table], pl.LazyFrame]

_MONTH_FORMS = (
    (re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?(?:[ T]00:00(?::00(?:\.0+)?)?)?"), (0, 1, 2)),
    (re.compile(r"(?:(\d{2})/)?(\d{2})/(\d{4})"), (2, 1, 0)),
)
_PROFESSION_CODE = re.compile(r"[0-9]{2,3}|[0-9][0-9A-Z]{1,3}")
_PROFESSION_LABEL = re.compile(r"[a-z]{3}")
_LONGEST_LABEL = 80
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PROFESSION_ALIASES = {
    "manipulateur d electroradiologie medicale": "98",
    "manipulateur en electroradiologie medicale": "98",
    "kinesitherapeute": "70",
    "dentiste": "40",
    "podologue": "80",
    "opticien": "28",
}
"""Other usual names of professions, folded and in the singular."""
_ENDINGS = (
    (r"iere\b", "ier"),
    (r"ienne\b", "ien"),
    (r"trice\b", "teur"),
    (r"euse\b", "eur"),
    (r"([a-z]{2})s\b", r"\1"),
)
_KNOWN_ACTORS = {words(name): name for name in TYPES_ACTEUR} | {
    words(label): name for name, label in TYPES_ACTEUR.items()
}
_KNOWN_SERVICES = {words(name): name for name in SERVICES} | {
    words(label): name for name, label in SERVICES.items()
}


@dataclass(frozen=True)
class Nomenclature:
    """The names of one lake.

    Attributes:
        regions: code or plain label -> region code.
        departements: code or plain label -> department code.
        region_of: department code -> region code.
        professions: code or plain label -> profession code.
        indicateurs: the catalogue, by code.
        structures: FINESS -> department code, of the structures that have a name.
        met: professions met that the list does not have, code -> label.
    """

    regions: Mapping[str, str]
    departements: Mapping[str, str]
    region_of: Mapping[str, str]
    professions: Mapping[str, str]
    indicateurs: Mapping[str, Mapping[str, object]]
    structures: Mapping[str, str]
    met: dict[str, str] = field(default_factory=dict)

    def region(self, value: str) -> str | None:
        """A region's code, from its code or its label; a lost leading zero is given back."""
        return _found(self.regions, value)

    def departement(self, value: str) -> str | None:
        """A department's code, from its code or its label; a lost leading zero is given back."""
        return _found(self.departements, value)

    def profession(self, value: str) -> str | None:
        """A profession's code, from its code or its label.

        The list is the source's, not ours: a profession that it does not have yet is kept, a code under itself, a
        label under a code made of it, and remembered in :attr:`met`. Only what can be neither is unknown.
        """
        known = (
            self.professions.get(value)
            or self.professions.get(value.upper())
            or self.professions.get(words(value))
            or self.professions.get(singular(value))
        )
        if known is not None:
            return known
        if _PROFESSION_CODE.fullmatch(value.upper()):
            self.met[value.upper()] = f"Profession {value.upper()}"
            return value.upper()
        if not _PROFESSION_LABEL.search(words(value)) or len(value) > _LONGEST_LABEL:
            return None
        number = int.from_bytes(blake2b(singular(value).encode(), digest_size=8).digest(), "big")
        code = "Z" + "".join(_DIGITS[number // 36**rank % 36] for rank in range(3))
        self.met[code] = value
        return code

    def indicateur(self, value: str, service: str | None) -> str | None:
        """An indicator's code, from its code (with or without its service) or its label."""
        name = value.strip()
        if name in self.indicateurs:
            return name
        wanted = words(name)
        matching = [
            code
            for code, line in self.indicateurs.items()
            if (service is None or line["service"] == service)
            and wanted in (words(code), words(code.partition("_")[2]), words(str(line["libelle"])))
        ]
        return matching[0] if len(matching) == 1 else None


def of_lake(
    scan: Scan, catalogue: pl.DataFrame, structures: pl.DataFrame, professions: pl.DataFrame
) -> Nomenclature:
    """The nomenclature of a lake: its territories where it has them, the packaged ones otherwise.

    Args:
        scan: reads the lake.
        catalogue: the indicators in force.
        structures: the structures in force (``structure``, ``code_departement``).
        professions: the professions in force (``code_profession``, ``profession``).
    """
    reference = packaged_territories()
    regions = _read(scan, REGIONS, reference.regions)
    departements = _read(scan, DEPARTEMENTS, reference.departements)
    return Nomenclature(
        regions=_by_code_or_label(regions.select("code_region", "region").iter_rows()),
        departements=_by_code_or_label(departements.select("code_departement", "departement").iter_rows()),
        region_of=dict(departements.select("code_departement", "code_region").iter_rows()),
        professions=_PROFESSION_ALIASES
        | {singular(label): code for code, label in professions.iter_rows()}
        | _by_code_or_label(professions.iter_rows()),
        indicateurs={line["code"]: line for line in catalogue.iter_rows(named=True)},
        structures=dict(structures.select("structure", "code_departement").iter_rows()),
    )


def packaged() -> Nomenclature:
    """The nomenclature of an empty lake."""

    def nothing(table: Table) -> pl.LazyFrame:
        raise MissingTable(table.name)

    empty = pl.DataFrame(schema={"structure": pl.String, "code_departement": pl.String})
    return of_lake(nothing, indicateurs_de_base(), empty, professions_de_base())


def singular(label: str) -> str:
    """A folded label in the masculine singular: « Infirmières » and « infirmier » are one profession."""
    bare = re.sub(r"([a-z]{2})s\b", r"\1", words(label))
    for ending, neutral in _ENDINGS:
        bare = re.sub(ending, neutral, bare)
    return bare


def service_of(value: str) -> str | None:
    """A service's code, from its code or its label."""
    return _KNOWN_SERVICES.get(words(value))


def actor_of(value: str) -> str:
    """An actor type in its usual writing; another type is kept as it is written."""
    return _KNOWN_ACTORS.get(words(value), value)


def month_of(value: str) -> date | None:
    """A month's first day, from ``AAAA-MM-01``, ``AAAA-MM``, ``01/MM/AAAA`` or ``MM/AAAA``; else None."""
    for form, (year, month, day) in _MONTH_FORMS:
        found = form.fullmatch(value)
        if found and (found.group(day + 1) in (None, "01")) and 1 <= int(found.group(month + 1)) <= 12:
            return date(max(1, int(found.group(year + 1))), int(found.group(month + 1)), 1)
    return None


def _found(known: Mapping[str, str], value: str) -> str | None:
    code = value.upper()
    if len(code) == 1 and code.isdigit():
        code = f"0{code}"
    return known.get(code) or known.get(words(value))


def _by_code_or_label(rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    pairs = list(rows)
    return {words(label): code for code, label in pairs} | {code: code for code, _ in pairs}


def _read(scan: Scan, table: Table, default: pl.DataFrame) -> pl.DataFrame:
    try:
        found = scan(table).collect()
    except MissingTable:
        return default
    return default if found.is_empty() else found
