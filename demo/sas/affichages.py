"""What the last searches of the demonstration showed: in the order of the SAS, so that it can be audited."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from scoring.reach.proximity import Trajet
from scoring.sas import ordre

JOURS = 28
"""Days that are kept of what was shown (the store erases them after thirty)."""
_SHOWN = 8
_NEAR = 16
"""Of the nearest of a territory, those that a search sets in order; the first ones are shown."""


def montres(
    searches: Sequence[Mapping[str, Any]],
    people: pl.DataFrame,
    communes: Mapping[str, tuple[float, float]],
    now: datetime,
    chance: random.Random,
) -> list[dict[str, Any]]:
    """Rows of ``sas_affichages``, each with the ``demande`` of its search instead of its number.

    Args:
        searches: rows of ``sas_recherches``.
        people: ``effecteur_id``, ``identifiant``, ``sas``, ``longitude``, ``latitude``.
        communes: code -> longitude and latitude of its centre.
        now: the moment; searches of the last :data:`JOURS` days are shown.
        chance: who has seats, and how many.
    """
    of_sas = {
        str(sas): (part, np.radians(part.select("longitude", "latitude").to_numpy()))
        for (sas,), part in people.group_by("sas", maintain_order=True)
    }
    rows: list[dict[str, Any]] = []
    for one in searches:
        if one["moment"] < now - timedelta(days=JOURS) or not one["resultats"] or one["sas"] not in of_sas:
            continue
        part, places = of_sas[one["sas"]]
        lon, lat = np.radians(communes[one["code_commune"]])
        # Near enough for an order: flat distances, a degree of longitude shrinking with latitude.
        km = 6371 * np.hypot((places[:, 0] - lon) * np.cos(lat), places[:, 1] - lat)
        near = np.argsort(km, kind="stable")[:_NEAR]
        minutes = Trajet().minutes(km[near])
        who = part[near.tolist()].select("effecteur_id", "identifiant").rows()
        drawn = ordre.draw(one["graine"], [name for _, name in who])
        keys = [
            (
                int(chance.random() < 0.3) * 2,
                int(minutes[rank] // ordre.LEAST_MINUTES),
                chance.randrange(5),
                0,
                drawn[rank],
            )
            for rank in range(len(who))
        ]
        order = sorted(range(len(who)), key=lambda rank: keys[rank])[:_SHOWN]
        rows += [
            {
                "demande": one["demande"], "effecteur_id": who[rank][0], "rang": place, "palier": keys[rank][0],
                "panier": keys[rank][1], "bande": keys[rank][2], "poids": 0,
                "places": 0 if keys[rank][0] else chance.randrange(1, 7),
            }
            for place, rank in enumerate(order, 1)
        ]  # fmt: skip
    return rows
