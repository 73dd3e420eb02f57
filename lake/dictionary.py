"""The data dictionary, generated from the contracts."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from lake.catalog import all_tables
from lake.contract import Table

_TYPES = {
    pl.String: "texte",
    pl.Int64: "entier",
    pl.Float64: "décimal",
    pl.Date: "date",
    pl.Datetime: "date et heure",
    pl.Boolean: "booléen",
}


def dictionary(tables: Iterable[Table] | None = None) -> str:
    """The dictionary of tables (all of them by default), in Markdown (French)."""
    if tables is not None:
        return "# Dictionnaire des données\n" + "".join(_section(table) for table in tables)
    head = (
        "# Dictionnaire des données\n\n"
        "Ce fichier est produit depuis les contrats (`lake/catalog/`) ; ne le modifiez pas à la main :\n"
        "`obs lake dictionnaire --ecrire docs/dictionnaire.md`.\n"
    )
    return head + "".join(_section(table) for table in all_tables().values())


def _section(table: Table) -> str:
    freshness = f"{table.freshness.days} jours" if table.freshness else "sans échéance"
    lines = [
        f"\n## `{table.name}` — {table.title}\n",
        f"{table.description}\n",
        f"- Source : `{table.source}` ; {table.licence}",
        f"- Clé : {', '.join(f'`{name}`' for name in table.key) or 'aucune'}",
        f"- Partitions : {', '.join(f'`{name}`' for name in table.partition_by) or 'aucune'}",
        f"- Fraîcheur promise : {freshness}\n",
        "| colonne | type | obligatoire | description |",
        "|---|---|---|---|",
    ]
    for name, column in table.schema.columns().items():
        kind = _TYPES.get(column.dtype.base_type(), str(column.dtype))
        needed = "non" if column.nullable else "oui"
        lines.append(
            f"| `{name}` | {kind} | {needed} | {(column.description or '').replace('|', chr(92) + '|')} |"
        )
    return "\n".join(lines) + "\n"
