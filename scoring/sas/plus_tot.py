"""Another order of the same answer: who can see the patient first, the journey counted.

``max(now + travel, usable start)``: a range open from 14:10 at 25 minutes is 14:25; a slot at 14:20 at 5 minutes is
14:20, and comes first; a slot at 14:10 at 25 minutes cannot be reached. A consultation at a distance has no journey.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl

from lake.horaires.heures import MOMENT
from lake.horaires.plages import BITS
from scoring.sas.recherche import Reponse

RULE = "Rangé par l’heure à laquelle le patient peut être vu, trajet compris ; l’ordre neutre est celui de « Liste »."


def soonest(reponse: Reponse, now: datetime) -> Reponse:
    """The rows of an answer that have a seat within its horizon, the earliest care first, with ``soin_le`` (UTC)."""
    there = pl.lit(now.astimezone(UTC), MOMENT)
    drive = reponse.resultats.select("identifiant", "lieu", "trajet_min")
    arrival = there + pl.duration(seconds=(pl.col("trajet_min") * 60).round().cast(pl.Int64))
    # The patient travels only where nothing else is offered than a consultation at the practice.
    ready = pl.when(pl.col("modalites") == BITS["AMB"]).then(arrival).otherwise(there)
    seat = pl.duration(minutes=pl.col("duree_min"))
    shared = pl.col("genre") == "plage"
    seen = (
        reponse.slots.join(drive, on=["identifiant", "lieu"])
        .with_columns(
            soin_le=pl.when(shared).then(pl.max_horizontal("utile", ready)).otherwise(pl.col("utile"))
        )
        .filter(
            pl.when(shared)
            .then(pl.col("soin_le") + seat <= pl.col("fin"))
            .otherwise(pl.col("utile") >= ready)
        )
        .group_by("identifiant", "lieu")
        .agg(pl.col("soin_le").min())
    )
    rows = reponse.resultats.join(seen, on=["identifiant", "lieu"])
    return replace(reponse, resultats=rows.sort("soin_le", "rang"))
