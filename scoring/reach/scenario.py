"""What if: professionals added, removed or moved in chosen communes, and what accessibility becomes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from lake.errors import LakeError, UnknownName
from lake.words import agreed
from scoring.reach.floating import VALUE, Accessibilite, Voisinage, accessibility
from scoring.reach.summary import Seuil, mean, under
from scoring.sums import exact_sum

_MOST = 10_000.0
_CLOSE = 1e-9
"""Shared heads are fractions: two thirds taken from one third plus one third leave nothing, not 1e-17."""


@dataclass(frozen=True)
class Mouvement:
    """One change.

    Attributes:
        commune: where heads are added (``effectif`` > 0) or taken away (``effectif`` < 0); with ``vers``,
            where they leave from (``effectif`` > 0).
        effectif: number of heads.
        vers: where they go, for a move; None otherwise.
    """

    commune: str
    effectif: float
    vers: str | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.effectif) or self.effectif == 0 or abs(self.effectif) > _MOST:
            raise LakeError(
                f"Scénario, commune {self.commune} : l'effectif « {self.effectif:g} » n'a pas de sens.",
                conseil="Donnez un nombre non nul, de 10 000 au plus.",
            )
        if self.vers is not None and (self.effectif < 0 or self.vers == self.commune):
            raise LakeError(
                f"Scénario : le déplacement de {self.commune} vers {self.vers} n'a pas de sens.",
                conseil="Un déplacement va d'une commune à une autre, avec un effectif positif.",
            )

    def changes(self) -> tuple[tuple[str, float], ...]:
        """Commune -> change of heads; a move sums to 0."""
        if self.vers is None:
            return ((self.commune, self.effectif),)
        return ((self.commune, -self.effectif), (self.vers, self.effectif))


def to_json(moves: Iterable[Mouvement]) -> str:
    """Changes as JSON text, for a short link."""
    rows = [
        {"commune": m.commune, "effectif": m.effectif} | ({"vers": m.vers} if m.vers else {}) for m in moves
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> tuple[Mouvement, ...]:
    """Changes back from JSON text.

    Raises:
        LakeError: the text is not a list of changes.
    """
    try:
        rows = json.loads(text)
        return tuple(
            Mouvement(
                str(row["commune"]), float(row["effectif"]), str(row["vers"]) if "vers" in row else None
            )
            for row in rows
        )
    except (ValueError, TypeError, KeyError) as error:
        raise LakeError(
            "Ce scénario ne peut pas être relu : sa description est abîmée.",
            conseil="Demandez un nouveau lien à la personne qui l'a partagé.",
        ) from error


def apply(supply: pl.DataFrame, moves: Iterable[Mouvement], known: pl.Series) -> pl.DataFrame:
    """The supply after changes, taken together.

    Args:
        supply: ``code_commune``, ``offre`` (see :func:`scoring.reach.floating.supply`).
        moves: the changes; their order does not matter.
        known: codes of the communes that exist.

    Returns:
        DataFrame: ``code_commune``, ``offre``.

    Raises:
        UnknownName: a commune does not exist.
        LakeError: more heads are removed from a commune than there are.
    """
    changes: dict[str, float] = {}
    for move in moves:
        for commune, change in move.changes():
            changes[commune] = changes.get(commune, 0.0) + change
    codes = set(known)
    for commune in changes:
        if commune not in codes:
            raise UnknownName("commune", commune, codes)
    asked_for = pl.DataFrame(
        {"code_commune": list(changes), "_ecart": list(changes.values())},
        schema={"code_commune": pl.String, "_ecart": pl.Float64},
    )
    after = (
        supply.group_by("code_commune")
        .agg(exact_sum(pl.col("offre")))
        .join(asked_for, on="code_commune", how="full", coalesce=True, nulls_equal=True)
        .with_columns(pl.col("offre", "_ecart").fill_null(0.0))
        .with_columns(_apres=pl.col("offre") + pl.col("_ecart"))
    )
    short = after.filter(pl.col("_apres") < -_CLOSE).sort("code_commune")
    if short.height:
        commune, there, asked = short.select("code_commune", "offre", "_ecart").row(0)
        others = agreed(short.height - 1, f" (et {short.height - 1} autre(s) commune(s))")
        raise LakeError(
            agreed(
                int(-asked),
                f"Le scénario retire {_written(-asked)} professionnel(s) à la commune {commune}, ",
            )
            + f"qui en compte {_written(there)}{others if short.height > 1 else ''}.",
            conseil="Retirez-en moins : une personne qui exerce dans plusieurs communes y compte pour une part.",
        )
    return after.select("code_commune", offre=pl.col("_apres").clip(lower_bound=0.0)).sort("code_commune")


def _written(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")


@dataclass(frozen=True, eq=False)
class Effet:
    """Before and after a scenario.

    Attributes:
        avant: accessibility before.
        apres: accessibility after.
        communes: one row per commune: ``code_commune``, ``population``, ``offre_avant``, ``offre_apres``,
            ``avant``, ``apres``, ``ecart`` (Float64; the last three for 10,000).
        seuil_avant: who lived under the threshold.
        seuil_apres: who lives under it afterwards.
        moyenne_avant: mean accessibility before (weighted by demand).
        moyenne_apres: the same afterwards.
    """

    avant: Accessibilite
    apres: Accessibilite
    communes: pl.DataFrame
    seuil_avant: Seuil
    seuil_apres: Seuil
    moyenne_avant: float | None
    moyenne_apres: float | None


def effect(
    voisinage: Voisinage,
    demande: pl.DataFrame,
    supply: pl.DataFrame,
    moves: Iterable[Mouvement],
    threshold: float,
    *,
    before: Accessibilite | None = None,
) -> Effet:
    """Accessibility and population under a threshold, before and after changes.

    Args:
        voisinage, demande, supply: as for :func:`scoring.reach.floating.accessibility`.
        moves: the changes.
        threshold: professionals within reach for 10,000.
        before: the accessibility before, when it is already known.

    Raises:
        UnknownName: a commune of the scenario does not exist, or has no centre.
        LakeError: more heads are removed than there are.
    """
    changed = apply(supply, moves, voisinage.codes)
    first = before or accessibility(voisinage, demande, supply)
    then = accessibility(voisinage, demande, changed)
    both = pl.DataFrame(
        {
            "code_commune": first.communes["code_commune"],
            "population": first.communes["population"],
            "offre_avant": first.communes["offre"],
            "offre_apres": then.communes["offre"],
            "avant": first.communes[VALUE],
            "apres": then.communes[VALUE],
        }
    ).with_columns(ecart=pl.col("apres") - pl.col("avant"))
    return Effet(
        first,
        then,
        both,
        under(first.communes, threshold),
        under(then.communes, threshold),
        mean(first.communes),
        mean(then.communes),
    )


def written(moves: Iterable[Mouvement]) -> str:
    """Changes as a short text for an address: ``67482*2_57463*-1_67482*57672*1``."""
    parts = (
        "*".join([m.commune, *([m.vers] if m.vers else []), f"{m.effectif:.10g}"])
        for m in moves  # no sign of these is escaped in an address
    )
    return "_".join(parts)


def read_moves(text: str) -> tuple[Mouvement, ...]:
    """Changes back from :func:`written`.

    Raises:
        LakeError: the text is not a list of changes.
    """
    moves = []
    for part in filter(None, text.split("_")):
        places = part.split("*")
        try:
            heads = float(places[-1].replace(",", "."))
        except ValueError:
            heads = math.nan
        if len(places) not in (2, 3) or not all(places) or math.isnan(heads):
            raise LakeError(
                f"Ce scénario ne peut pas être relu : « {part} » n'est pas une action.",
                conseil="Demandez un nouveau lien à la personne qui l'a partagé, ou effacez les actions.",
            )
        moves.append(Mouvement(places[0], heads, places[1] if len(places) == 3 else None))
    return tuple(moves)
