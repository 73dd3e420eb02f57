"""What explains a criterion beside its levels: what they mean, what would prove them, where the doctrine says it."""

from __future__ import annotations

from html import escape
from typing import Any

import polars as pl

from apps.kit.style.french import NNBSP, typographic
from scoring.saisie.referentiel import Referentiel


def textes(referentiel: Referentiel, critere: str) -> str:
    """The texts of a criterion, as HTML; nothing where the referential says nothing.

    Links open beside the page; the server never follows them.
    """
    mine = referentiel.fiches.filter(
        pl.col("objet").is_in(["critere", "niveau"]), pl.col("code") == critere
    ).sort("champ", "niveau", "ordre")
    parts = [
        f"<p>{escape(typographic(row['texte']))}</p>"
        for row in _of(mine, "aide")
        if row["objet"] == "critere"
    ]
    if meanings := _of(mine, "sens"):
        items = "".join(
            f"<li><strong>{row['niveau']}</strong>{NNBSP}: {escape(typographic(row['texte']))}</li>"
            for row in meanings
        )
        parts.append(f"<p>Ce que chaque niveau veut dire</p><ul>{items}</ul>")
    if proofs := _of(mine, "preuve"):
        items = "".join(f"<li>{escape(typographic(row['texte']))}</li>" for row in proofs)
        parts.append(f"<p>Preuves possibles</p><ul>{items}</ul>")
    if links := _of(mine, "lien"):
        parts.append("<p>" + " · ".join(_link(row) for row in links) + "</p>")
    return "".join(parts)


def _of(rows: pl.DataFrame, champ: str) -> list[dict[str, Any]]:
    return rows.filter(pl.col("champ") == champ).to_dicts()


def _link(row: dict[str, Any]) -> str:
    words = escape(typographic(row["texte"] or row["url"] or ""))
    if not row["url"]:
        return words
    return f'<a href="{escape(row["url"])}" target="_blank" rel="noopener noreferrer">{words}</a>'
