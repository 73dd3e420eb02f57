"""What explains a criterion: what each level means, what would prove it, where the doctrine says it."""

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
    if proofs := _of(mine, "preuve"):
        items = "".join(f"<li>{escape(typographic(row['texte']))}</li>" for row in proofs)
        parts.append(f"<p>Preuves possibles</p><ul>{items}</ul>")
    if links := _of(mine, "lien"):
        parts.append("<p>" + " · ".join(_link(row) for row in links) + "</p>")
    return "".join(parts)


def texte_de_l_axe(referentiel: Referentiel, code: str) -> str:
    """What an axis aims at, by when, and what of it is not asked yet, as HTML; nothing where nothing is said."""
    mine = referentiel.fiches.filter(pl.col("objet") == "axe", pl.col("code") == code).sort("ordre")
    parts = [
        f"<p><strong>{label}</strong>{NNBSP}: {escape(typographic(row['texte']))}</p>"
        for label, champ in (("Cible", "cible"), ("Trajectoire", "trajectoire"))
        for row in _of(mine, champ)
    ]
    criteria = referentiel.criteres
    state = pl.col("etat_critere") if "etat_critere" in criteria.columns else pl.lit("pose")
    waiting = criteria.filter(pl.col("axe") == code, state == "en_attente").unique("critere").sort("ordre")
    for critere, name in waiting.select("critere", "libelle_critere").iter_rows():
        parts.append(f"<p>{escape(typographic(f'{critere} {name} : pas encore demandé.'))}</p>")
    return "".join(parts)


def sens(referentiel: Referentiel, critere: str) -> dict[int, str]:
    """The full meaning of each level of a criterion, as it is read under the choice; *non applicable* is at -1."""
    said = referentiel.fiches.filter(pl.col("champ") == "sens", pl.col("code") == critere).sort(
        "niveau", "ordre"
    )
    found: dict[int, str] = {}
    for level, text in said.select("niveau", "texte").iter_rows():
        found[level] = f"{found[level]} {text}" if level in found else text
    return found


def _of(rows: pl.DataFrame, champ: str) -> list[dict[str, Any]]:
    return rows.filter(pl.col("champ") == champ).to_dicts()


def _link(row: dict[str, Any]) -> str:
    words = escape(typographic(row["texte"] or row["url"] or ""))
    if not row["url"]:
        return words
    return f'<a href="{escape(row["url"])}" target="_blank" rel="noopener noreferrer">{words}</a>'
