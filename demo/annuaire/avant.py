"""The extractions before the first one: four months of history, told by what changes from one to the next.

Going back a fortnight, some persons have not come yet, some who have left since are there, a few practise elsewhere;
and one profession, whose members bear RPPS numbers today, bears ADELI numbers, as in the autumn of 2024.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from demo.annuaire import identifiants as identifiants
from demo.annuaire.identites import identities
from demo.annuaire.metiers import METIERS
from demo.annuaire.population import Monde

STEPS = 8
"""Extractions before the first one."""
SWITCHED = "91"
"""Profession that goes from ADELI to RPPS: speech therapists."""
SWITCH = 3
"""Steps before the first extraction from which RPPS numbers are borne."""
_ARRIVALS, _DEPARTURES, _MOVES = 0.0052, 0.0038, 0.0028


def earlier_days(first: date) -> tuple[date, ...]:
    """Dates of the extractions before the first one, oldest first."""
    return tuple(first - timedelta(days=14 * step) for step in range(STEPS, 0, -1))


class Avant:
    """The population before the first extraction.

    Args:
        monde: the population from the first extraction on.
        seed: same seed, same persons.
    """

    def __init__(self, monde: Monde, seed: int) -> None:
        rng = np.random.default_rng([seed, 7])
        self._monde = monde
        self._known = monde.personnes.height
        there = monde.activites.filter(pl.col("s0") >= 0)
        found = (monde.sites["region"] & monde.sites["localise"]).arg_true()
        main = there.filter(pl.col("s0").is_in(found.implode())).unique(
            "p", keep="first", maintain_order=True
        )
        present = main["p"].to_numpy()
        # How many steps back each person arrived, and moved: 0 is later than the first extraction.
        self._come = pl.Series(rng.random(self._known) / _ARRIVALS)
        self._moved = pl.Series(rng.random(self._known) / _MOVES)
        peers = pl.DataFrame(
            {"p": present, "_ailleurs": main["s0"].to_numpy()[rng.permutation(present.size)]}
        )
        left = round(present.size * _DEPARTURES)
        models = rng.choice(present, left * STEPS, replace=False)
        gone = np.arange(models.size)
        self._left = gone // left
        former = identities(
            rng,
            monde.personnes["metier"].to_numpy()[models],
            monde.decalage,
            self._known + monde.inconnus.height,
        )
        self._personnes = pl.concat([monde.personnes, former.select(monde.personnes.columns)])
        self._there = there.select("p", "s0", "m0", "genre", "tirage").join(
            peers, on="p", how="left", maintain_order="left"
        )
        copies = pl.DataFrame({"p": models, "_nouveau": gone + self._known})
        self._former = (
            self._there.join(copies, on="p", maintain_order="left")
            .with_columns(p=pl.col("_nouveau").cast(pl.Int64))
            .drop("_nouveau")
        )
        ranks = np.arange(self._personnes.height)
        switched = [index for index, metier in enumerate(METIERS) if metier.profession == SWITCHED]
        bears = pl.col("metier").is_in(switched) & (pl.col("type_identifiant_pp") == "8")
        adeli = identifiants.adeli(ranks, monde.decalage)
        self._with_adeli = self._personnes.with_columns(
            type_identifiant_pp=pl.when(bears).then(pl.lit("0")).otherwise("type_identifiant_pp"),
            identifiant_pp=pl.when(bears).then(adeli).otherwise("identifiant_pp"),
        ).with_columns(identification_nationale_pp=pl.col("type_identifiant_pp") + pl.col("identifiant_pp"))

    def at(self, step: int) -> Monde:
        """The population some steps before the first extraction, as the activities of extraction 0."""
        come = self._come[self._there["p"]] >= step
        moved = pl.Series(self._moved[self._there["p"]] < step)
        own = self._there.with_columns(
            s0=pl.when(moved & pl.col("_ailleurs").is_not_null()).then("_ailleurs").otherwise("s0")
        ).filter(come)
        former = self._former.filter(pl.Series(self._left[self._former["p"].to_numpy() - self._known] < step))
        return replace(
            self._monde,
            personnes=self._with_adeli if step > SWITCH else self._personnes,
            activites=pl.concat([own, former]).drop("_ailleurs"),
        )
