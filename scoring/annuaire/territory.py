"""A territory of one's own: any set of communes, from a list that someone pasted, uploaded or picked.

Nothing of a list is lost: codes that do not exist are named and the rest is kept, merged communes are
translated and said, repetitions are said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from lake.errors import LakeError, UnknownName
from lake.words import agreed

MESHES: Mapping[str, str] = {
    "commune": "code_commune",
    "epci": "siren_epci",
    "departement": "code_departement",
    "region": "code_region",
}
"""Mesh -> column of its code."""
_MOST = 40_000
"""More codes than there are communes in France is not a list of communes."""
_CODE = re.compile(r"^(2[AB]|[0-9]{2})[0-9]{3}$")


@dataclass(frozen=True)
class Territoire:
    """A set of communes in force, and what became of the list it comes from.

    Attributes:
        communes: codes in force, sorted, each once.
        inconnus: what the list gave and no register knows, in the order given.
        traduits: former code -> code in force.
        doublons: codes given several times (or twice through a merger), sorted.
        maille: ``commune``, ``epci``, ``departement`` or ``region`` for an official territory; None for a set
            of one's own.
        code: its code, for an official territory.
    """

    communes: tuple[str, ...]
    inconnus: tuple[str, ...] = ()
    traduits: Mapping[str, str] | None = field(default=None, hash=False)
    doublons: tuple[str, ...] = ()
    maille: str | None = None
    code: str | None = None

    def sentences(self) -> list[str]:
        """What the reader must know about the list, in French; empty when there is nothing to say."""
        said = []
        if self.inconnus:
            shown = ", ".join(self.inconnus[:20]) + ("…" if len(self.inconnus) > 20 else "")
            said.append(
                agreed(
                    len(self.inconnus),
                    f"{len(self.inconnus)} code(s) inconnu(s), laissé(s) de côté : {shown}.",
                )
            )
        if self.traduits:
            shown = ", ".join(f"{old} → {new}" for old, new in sorted(self.traduits.items()))
            said.append(
                agreed(
                    len(self.traduits),
                    f"{len(self.traduits)} commune(s) fusionnée(s), traduite(s) : {shown}.",
                )
            )
        if self.doublons:
            said.append(
                agreed(
                    len(self.doublons),
                    f"{len(self.doublons)} commune(s) en double : {', '.join(self.doublons)}.",
                )
            )
        return said


def read_codes(text: str) -> list[str]:
    """The codes of a pasted or uploaded list: one a line or several, separated by blanks, commas or ``;``.

    In a file with columns, the column named ``code_commune``, ``code_insee``, ``insee``, ``codgeo`` or
    ``code`` is read; without such a name, the first column whose values look like codes. A code of four
    digits has lost its zero.

    Args:
        text: what was pasted, or the decoded file.

    Returns:
        The codes as given, zero restored, in order.
    """
    lines = [line.strip() for line in text.removeprefix("\ufeff").splitlines() if line.strip()]
    if not lines:
        return []
    column, start = _column(lines)
    if column is None:
        words = [word for line in lines for word in re.split(r"[\s,;|]+", line)]
    else:
        cells = [re.split(r"[,;\t|]", line) for line in lines[start:]]
        words = [row[column] for row in cells if column < len(row)]
    bare = (word.strip().strip('"\ufeff').strip() for word in words)
    return [_whole(word) for word in bare if word]


def resolve(
    codes: Iterable[str], communes: pl.DataFrame, fusions: pl.DataFrame, departements: Iterable[str] = ()
) -> Territoire:
    """Find the communes in force of a list of codes.

    Args:
        codes: INSEE codes, as given.
        communes: ``territoires__communes`` (``code_commune``, ``code_departement``).
        fusions: ``territoires__fusions`` (``ancien_code_commune``, ``code_commune``).
        departements: when given, communes of other départements are unknown: the lake holds nothing there.

    Raises:
        LakeError: the list is empty, far too long, or none of its codes is known.
    """
    given = [code.strip().upper() for code in codes]
    if not given:
        raise LakeError(
            "La liste de communes est vide.",
            conseil="Choisissez au moins une commune, ou collez une liste de codes INSEE.",
        )
    if len(given) > _MOST:
        raise LakeError(
            f"La liste compte {len(given)} codes, plus que la France n'a de communes.",
            conseil="Vérifiez le fichier donné.",
        )
    wanted = set(departements)
    rows = communes if not wanted else communes.filter(pl.col("code_departement").is_in(list(wanted)))
    known = set(rows["code_commune"])
    mergers = dict(fusions.select("ancien_code_commune", "code_commune").iter_rows())
    found: dict[str, int] = {}
    unknown: dict[str, None] = {}
    translated: dict[str, str] = {}
    for code in given:
        current = code
        for _ in range(len(mergers)):
            if current in known or current not in mergers:
                break
            current = mergers[current]
        if current not in known:
            unknown[code] = None
            continue
        if current != code:
            translated[code] = current
        found[current] = found.get(current, 0) + 1
    if not found:
        shown = ", ".join(list(unknown)[:10])
        raise LakeError(
            f"Aucun des {len(given)} codes donnés n'est une commune connue : {shown}.",
            conseil="Donnez des codes INSEE de communes (67482), pas des codes postaux (67000).",
        )
    return Territoire(
        tuple(sorted(found)),
        tuple(unknown),
        translated,
        tuple(sorted(code for code, times in found.items() if times > 1)),
    )


def of_mesh(communes: pl.DataFrame, mesh: str, code: str) -> Territoire:
    """The communes of an official territory.

    Args:
        communes: ``territoires__communes``.
        mesh: ``commune``, ``epci``, ``departement`` or ``region``.
        code: the territory's code.

    Raises:
        UnknownName: the mesh does not exist.
        LakeError: no commune belongs to it.
    """
    if mesh not in MESHES:
        raise UnknownName("maille", mesh, MESHES)
    rows = communes.filter(pl.col(MESHES[mesh]) == code)
    if rows.is_empty():
        raise LakeError(
            f"Aucune commune connue n'appartient au territoire {code}.",
            conseil="Vérifiez le code, ou ingérez les territoires : obs ingest territoires.",
        )
    return Territoire(tuple(rows["code_commune"].sort()), maille=mesh, code=code)


def _whole(word: str) -> str:
    return word.zfill(5).upper() if re.fullmatch(r"[0-9]{4}", word) else word.upper()


def _column(lines: list[str]) -> tuple[int | None, int]:
    """The column that holds the codes and the first line of data; no column when the list is free text."""
    names = [cell.strip().strip('"').lower() for cell in re.split(r"[,;\t|]", lines[0])]
    for name in ("code_commune", "code_insee", "insee", "codgeo", "code"):
        if name in names:
            return names.index(name), 1
    if len(names) == 1:
        # A lone heading above a list of codes is not a code.
        heading = not any(_looks(word) for word in names[0].split())
        return (0, 1) if heading and len(lines) > 1 and _looks(lines[1]) else (None, 0)
    cells = [re.split(r"[,;\t|]", line) for line in lines[:50]]
    if all(_looks(cell.strip()) for row in cells for cell in row if cell.strip()):
        return None, 0
    for column in range(len(names)):
        values = [row[column].strip().strip('"') for row in cells[1:] if column < len(row)]
        if values and all(_looks(value) for value in values if value):
            first = cells[0][column].strip().strip('"')
            return column, 0 if _looks(first) else 1
    return None, 0


def _looks(word: str) -> bool:
    return _CODE.match(_whole(word.strip())) is not None


def partners(partenaires: pl.DataFrame, communes: pl.DataFrame) -> pl.DataFrame:
    """The communes of the partner territories: peers of one another, and territories to choose.

    Args:
        partenaires: ``territoires__partenaires`` (``code``, ``siren_epci``).
        communes: ``territoires__communes``.

    Returns:
        DataFrame: ``code_commune``, ``territoire`` (String: the partner's code), sorted.
    """
    return (
        partenaires.select("siren_epci", territoire="code")
        .join(communes.select("code_commune", "siren_epci"), on="siren_epci")
        .select("code_commune", "territoire")
        .unique()
        .sort("territoire", "code_commune")
    )
