"""The territory of a diagnosis: found, named, and told whom it is compared with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from lake.catalog.territoires import COMMUNES, DEPARTEMENTS, EPCI, FUSIONS, PARTENAIRES, REGIONS
from lake.errors import LakeError, UnknownName
from scoring.annuaire.territory import MESHES, Territoire, of_mesh, partners, resolve
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.engine import resolve as resolve_labels
from scoring.universes.model import Scan
from scoring.universes.selection import Selection

PARTNER = "partenaire"
OWN = "perso"
TABLES = (COMMUNES, EPCI, DEPARTEMENTS, REGIONS, FUSIONS, PARTENAIRES)
"""What a territory is found in."""
_NAMES = {"epci": (EPCI, "epci"), "departement": (DEPARTEMENTS, "departement"), "region": (REGIONS, "region")}


@dataclass(frozen=True)
class Choix:
    """A territory that a reader chose.

    Attributes:
        nom: its name.
        territoire: its communes.
        pairs: what it is ranked among: a mesh, :data:`PARTNER`, or nothing for a region.
    """

    nom: str
    territoire: Territoire
    pairs: str


def official(scan: Scan, mesh: str, code: str) -> Choix:
    """A commune, an EPCI, a département or a région, ranked among its likes.

    Raises:
        UnknownName: the mesh does not exist.
        LakeError: no commune belongs to it.
    """
    communes = scan(COMMUNES).collect()
    found = of_mesh(communes, mesh, code)
    if mesh == "commune":
        row = communes.row(by_predicate=pl.col("code_commune") == code, named=True)
        return Choix(f"{row['commune']} ({row['code_departement']})", found, mesh)
    table, label = _NAMES[mesh]
    named = scan(table).filter(pl.col(MESHES[mesh]) == code).select(label).collect()
    return Choix(named.item(0, 0) if named.height else code, found, "" if mesh == "region" else mesh)


def partner(scan: Scan, code: str) -> Choix:
    """A partner territory of the programme, ranked among them.

    Raises:
        UnknownName: there is none of that code.
    """
    known = scan(PARTENAIRES).collect()
    members = partners(known, scan(COMMUNES).collect()).filter(pl.col("territoire") == code)
    if members.is_empty():
        raise UnknownName("territoire partenaire", code, known["code"].unique().sort())
    name = known.filter(pl.col("code") == code).item(0, "nom")
    return Choix(name, Territoire(tuple(members["code_commune"].sort())), PARTNER)


def own(scan: Scan, codes: Iterable[str], nom: str = "", departements: Iterable[str] = ()) -> Choix:
    """A territory of one's own, ranked as one more EPCI.

    Args:
        scan: reads a table.
        codes: INSEE codes, as given.
        nom: its name; from its communes when there is none.
        departements: départements that the extraction covers; any when there is none.

    Raises:
        LakeError: the list is empty, or none of its codes is known.
    """
    communes = scan(COMMUNES).collect()
    found = resolve(codes, communes, scan(FUSIONS).collect(), departements)
    if not nom:
        rows = communes.filter(pl.col("code_commune").is_in(list(found.communes)))
        rows = rows.sort("population", "code_commune", descending=[True, False], nulls_last=True)
        nom = (
            " et ".join(rows["commune"].head(2))
            if rows.height < 3
            else (f"{rows.item(0, 'commune')} et {rows.height - 1} autres communes")
        )
    return Choix(nom, found, "epci")


def asked(scan: Scan, text: str, departements: Iterable[str] = ()) -> Choix:
    """The territory that a command names.

    Args:
        scan: reads a table.
        text: ``maille=valeur`` (code or label; meshes and ``partenaire``), or INSEE codes of communes.
        departements: départements that the extraction covers.

    Raises:
        LakeError: what is written names no territory.
    """
    kind, sign, value = (part.strip() for part in text.partition("="))
    if not sign:
        return own(
            scan,
            [code for code in kind.replace(";", ",").replace(" ", ",").split(",") if code],
            "",
            departements,
        )
    if kind == PARTNER:
        return partner(scan, value)
    if kind not in MESHES:
        raise UnknownName("maille de territoire", kind, [*MESHES, PARTNER, "lien", "fichier"])
    found = resolve_labels(ANNUAIRE, scan, Selection({kind: [value]})).values(kind)
    if len(found) != 1:
        raise LakeError(f"« {value} » désigne {len(found)} territoires.", conseil="Donnez son code.")
    return official(scan, kind, found[0])


def peers(scan: Scan, choix: Choix) -> pl.DataFrame | str:
    """What :func:`scoring.annuaire.diagnosis.ranks` compares a territory with."""
    if choix.pairs == PARTNER:
        return partners(scan(PARTENAIRES).collect(), scan(COMMUNES).collect())
    return choix.pairs
