"""The invented population behind the demo extractions: persons, activities, and what changes between
extractions.

Everything is drawn from one seed. The last extraction is calibrated to the unit on the figures published for
14 January 2025; the earlier ones differ from it by arrivals, departures, moves and changes of mode.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from demo.annuaire.adresses import REASONS
from demo.annuaire.calibrage import (
    COMMUNE_INCONNUE,
    NON_LOCALISEES,
    NON_LOCALISEES_PAR_EPCI,
    PERSONNES,
    PETIT,
    small_targets,
    targets,
)
from demo.annuaire.carnet import Carnet
from demo.annuaire.identites import identities
from demo.annuaire.metiers import METIERS
from demo.annuaire.population import EXTRACTIONS, Monde
from demo.annuaire.sites import (
    DENSITY,
    KIND,
    KINDS,
    SECOND,
    Draw,
    Sites,
    commune_weights,
    weights_of,
)
from demo.ban.write import apportion

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


_STRANGERS = 12
_ARRIVALS, _DEPARTURES = (0.0060, 0.0047, 0.0058), (0.0040, 0.0036, 0.0037)


class Builder:
    """Draws the population step by step; :meth:`build` runs the steps in order."""

    def __init__(self, carnet: Carnet, *, petit: bool, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.carnet = carnet
        self.scale = 1.0 / PETIT if petit else 1.0
        self.present = round(PERSONNES / PETIT) if petit else PERSONNES
        self.arrivals = [max(3, round(self.present * rate)) for rate in _ARRIVALS]
        self.departures = [max(2, round(self.present * rate)) for rate in _DEPARTURES]
        self.universe = self.present + sum(self.departures)
        if petit:
            self.lost_total, published, unknown = small_targets()
        else:
            self.lost_total, published, unknown = (
                NON_LOCALISEES,
                dict(NON_LOCALISEES_PAR_EPCI),
                COMMUNE_INCONNUE,
            )
        self.lost_by_epci = targets(carnet, self.lost_total, published, unknown)
        self.shift = int(self.rng.integers(1, 10_000_000))
        self.sites = Sites(carnet, self.shift)
        population = carnet.communes["population"].to_numpy().astype(np.float64)
        attraction = commune_weights(self.rng, carnet)
        self.weights = [weights_of(kind, population, attraction) for kind in KINDS]
        departements = carnet.communes["code_departement"]
        self.departements = departements.unique().sort()
        self.departement_of = self.departements.search_sorted(departements).to_numpy().astype(np.int64)
        everywhere = np.arange(carnet.communes.height)
        share = np.bincount(self.departement_of, population, minlength=len(self.departements)) + 1.0
        share *= np.array([DENSITY.get(code, 1.0) for code in self.departements])
        self.departement_share = share / share.sum()
        self.owners: list[tuple[Ints, Ints]] = []
        self.communes_of = [
            Draw(everywhere, self.departement_of, weights, len(self.departements)) for weights in self.weights
        ]
        self.parts: list[pl.DataFrame] = []

    def build(self) -> Monde:
        """Run every step."""
        self._shared_sites()
        self._persons()
        self._main_activities()
        self._other_activities()
        self._elsewhere()
        persons = identities(self.rng, self.metier, self.shift)
        return Monde(
            persons,
            pl.concat(self.parts, how="vertical_relaxed"),
            self._with_owners(persons),
            self.nulle_part,
            identities(self.rng, self.rng.integers(0, 2, _STRANGERS), self.shift, self.metier.size),
            self.shift,
        )

    def _with_owners(self, persons: pl.DataFrame) -> pl.DataFrame:
        """The sites, single practices named after their practitioner."""
        sites = np.concatenate([numbers for numbers, _ in self.owners])
        owners = persons[np.concatenate([who for _, who in self.owners])]
        named = owners.select(
            _site=pl.Series(sites).cast(pl.Int64),
            _raison=pl.concat_str(
                pl.when("femme").then(pl.lit("CABINET MME ")).otherwise(pl.lit("CABINET M ")),
                "nom_exercice",
                pl.lit(" "),
                "prenom_exercice",
            ),
        )
        return (
            self.sites.frame()
            .with_row_index("_site")
            .with_columns(pl.col("_site").cast(pl.Int64))
            .join(named, on="_site", how="left", maintain_order="left")
            .with_columns(raison_sociale_site=pl.coalesce("_raison", "raison_sociale_site"))
            .drop("_site", "_raison")
        )

    def _shared_sites(self) -> None:
        """Sites that several persons share, and the weighted draws among those of each kind."""
        rng = self.rng
        self.nulle_part = self.sites.nowhere()
        self.shared: dict[int, Draw] = {}
        pool: list[tuple[Ints, Ints, Floats]] = []
        for index, kind in enumerate(KINDS):
            if not kind.nombre:
                continue
            count = max(4, round(kind.nombre * self.scale**0.85))
            where = self.communes_of[index].anywhere(rng, count)
            numbers = self.sites.located(rng, where, np.full(count, index))
            size = np.exp(rng.normal(0.0, kind.dispersion, count))
            if kind.key in ("hopital", "clinique"):
                size *= self.carnet.communes["population"].to_numpy()[where] ** 0.7
            groups = self.departement_of[where]
            self.shared[index] = Draw(numbers, groups, size, len(self.departements))
            if kind.key in SECOND:
                pool.append((numbers, groups, size / size.mean() * SECOND[kind.key]))
        self.any_shared = Draw(
            np.concatenate([p[0] for p in pool]),
            np.concatenate([p[1] for p in pool]),
            np.concatenate([p[2] for p in pool]),
            len(self.departements),
        )

    def _persons(self) -> None:
        """Professions, kinds of practice, and from which to which extraction each person is in the region."""
        rng = self.rng
        head = apportion(np.array([metier.effectif for metier in METIERS], np.float64), self.universe)
        self.metier = np.repeat(np.arange(len(METIERS)), head)
        rng.shuffle(self.metier)
        self.kind = np.zeros(self.universe, np.int64)
        for index, metier in enumerate(METIERS):
            mine = np.flatnonzero(self.metier == index)
            weights = np.array(list(metier.lieux.values()))
            keys = np.array([KIND[key] for key in metier.lieux])
            self.kind[mine] = keys[rng.choice(keys.size, mine.size, p=weights / weights.sum())]
        # Persons 0 to present-1 are there at the last extraction; the others left before.
        self.first = np.zeros(self.universe, np.int64)
        self.last = np.full(self.universe, EXTRACTIONS - 1, np.int64)
        newcomers = rng.permutation(self.present)[: sum(self.arrivals)]
        self.first[newcomers] = np.repeat(np.arange(1, EXTRACTIONS), self.arrivals)
        self.last[self.present :] = np.repeat(np.arange(EXTRACTIONS - 1), self.departures)

    def _main_activities(self) -> None:
        """The main site of each person at each extraction."""
        rng = self.rng
        private = np.isin(self.kind, [KIND["individuel"], KIND["groupe"], KIND["societe"]])
        lost = rng.permutation(np.flatnonzero(private & (np.arange(self.universe) < self.present)))[
            : self.lost_total
        ]
        self.is_lost = np.zeros(self.universe, bool)
        self.is_lost[lost] = True
        site = np.full(self.universe, -1, np.int64)
        self.commune = np.full(self.universe, -1, np.int64)
        home = rng.choice(len(self.departements), self.universe, p=self.departement_share)
        alone = np.flatnonzero((self.kind == KIND["individuel"]) & ~self.is_lost)
        where = self.communes_of[KIND["individuel"]].within(rng, home[alone])
        for index, metier in enumerate(METIERS):
            # Specialists settle in towns.
            if metier.savoir_faire and metier.effectif > 10_000:
                mine = np.flatnonzero(self.metier[alone] == index)
                where[mine] = self.communes_of[KIND["societe"]].within(rng, home[alone[mine]])
        site[alone] = self.sites.located(rng, where, self.kind[alone])
        self.commune[alone] = where
        self.owners.append((site[alone], alone))
        for index, draw in self.shared.items():
            mine = np.flatnonzero((self.kind == index) & ~self.is_lost)
            site[mine] = draw.within(rng, home[mine])
        self.home = home
        second_lost = self._lost_sites(lost, site)
        columns = np.repeat(site[:, None], EXTRACTIONS, axis=1)
        self._moves(columns)
        modes = self._modes()
        self._before_and_after(columns)
        self._add(np.arange(self.universe), columns, modes)
        self.main = site
        if second_lost.size:
            persons, sites = second_lost[:, 0], second_lost[:, 1]
            columns = np.repeat(sites[:, None], EXTRACTIONS, axis=1)
            self._hide_absent(columns, persons)
            self._add(persons, columns, np.full(columns.shape, 2))

    def _lost_sites(self, lost: Ints, site: Ints) -> Ints:
        """Place the persons who cannot be located; returns (person, second site) pairs."""
        rng = self.rng
        epci = self.carnet.communes["siren_epci"]
        population = self.carnet.communes["population"].to_numpy().astype(np.float64) + 1.0
        position = 0
        seconds: list[tuple[int, int]] = []
        for code in sorted(self.lost_by_epci, key=lambda c: (c is None, c)):
            persons = lost[position : position + self.lost_by_epci[code]]
            position += persons.size
            count = persons.size if code is None else max(1, round(persons.size / 1.6))
            candidates = (
                np.arange(epci.len())
                if code is None
                else np.flatnonzero((epci == code).fill_null(False).to_numpy())
            )
            weights = population[candidates]
            where = candidates[rng.choice(candidates.size, count, p=weights / weights.sum())]
            reasons = np.full(count, REASONS.index("commune_inconnue"))
            if code is not None:
                reasons = (rng.random(count) < 0.6).astype(np.int64)
            numbers = self.sites.unlocated(rng, where, np.full(count, KIND["groupe"]), reasons)
            turn = np.arange(persons.size) % count
            site[persons] = numbers[turn]
            if code is not None and count > 1:
                chosen = np.flatnonzero(rng.random(persons.size) < 0.1)
                seconds += [(int(persons[i]), int(numbers[(turn[i] + 1) % count])) for i in chosen]
        return np.array(seconds, np.int64).reshape(-1, 2)

    def _moves(self, columns: Ints) -> None:
        """Persons who practised elsewhere in the region before one of the extractions."""
        rng = self.rng
        stayed = np.flatnonzero((self.first == 0) & (self.last == EXTRACTIONS - 1) & ~self.is_lost)
        movers = rng.permutation(stayed)[: max(9, round(self.present * 0.009))]
        changed = rng.integers(1, EXTRACTIONS, movers.size)
        before = np.full(movers.size, -1, np.int64)
        alone = np.flatnonzero(self.kind[movers] == KIND["individuel"])
        # Four moves in five stay in the department.
        origin = np.where(
            rng.random(movers.size) < 0.8,
            self.home[movers],
            rng.choice(len(self.departements), movers.size, p=self.departement_share),
        )
        before[alone] = self.sites.located(
            rng, self.communes_of[KIND["individuel"]].within(rng, origin[alone]), self.kind[movers[alone]]
        )
        self.owners.append((before[alone], movers[alone]))
        for index, draw in self.shared.items():
            mine = np.flatnonzero(self.kind[movers] == index)
            before[mine] = draw.within(rng, origin[mine])
        for extraction in range(EXTRACTIONS):
            early = extraction < changed
            columns[movers[early], extraction] = before[early]
        self.moved = np.zeros(self.universe, bool)
        self.moved[movers] = True
        # Addresses get mended between extractions: some persons could not be located before.
        mended = rng.permutation(np.flatnonzero(~self.moved & ~self.is_lost & (self.commune >= 0)))
        mended = mended[: max(1, round(self.lost_total * 0.12))]
        self.moved[mended] = True
        self.mended = np.zeros(self.universe, bool)
        self.mended[mended] = True
        reasons = (rng.random(mended.size) < 0.6).astype(np.int64)
        old = self.sites.unlocated(rng, self.commune[mended], self.kind[mended], reasons)
        changed = rng.integers(1, EXTRACTIONS, mended.size)
        for extraction in range(EXTRACTIONS):
            early = extraction < changed
            columns[mended[early], extraction] = old[early]

    def _modes(self) -> Ints:
        """Mode of practice at each extraction (index in MODES)."""
        rng = self.rng
        size = self.universe
        liberal_share = np.full(len(KINDS), 0.02)
        for key, share in {
            "individuel": 0.97,
            "groupe": 0.85,
            "societe": 0.8,
            "msp": 0.9,
            "officine": 0.42,
            "laboratoire": 0.15,
            "appareillage": 0.2,
            "clinique": 0.15,
        }.items():
            liberal_share[KIND[key]] = share
        assistants = np.isin(
            self.metier,
            [i for i, metier in enumerate(METIERS) if metier.profession in ("31", "35", "37", "39", "86")],
        )
        liberal = (rng.random(size) < liberal_share[self.kind]) & ~assistants
        mode = np.where(liberal, 1, 2)
        mode[rng.random(size) < 0.002] = 3
        columns = np.repeat(mode[:, None], EXTRACTIONS, axis=1)
        flexible = np.isin(self.kind, [KIND[k] for k in ("groupe", "societe", "msp", "clinique", "officine")])
        flips = rng.permutation(np.flatnonzero(flexible & ~assistants & (mode < 3)))[
            : max(6, round(self.present * 0.004))
        ]
        changed = rng.integers(1, EXTRACTIONS, flips.size)
        for extraction in range(EXTRACTIONS):
            early = flips[extraction < changed]
            columns[early, extraction] = 3 - columns[early, extraction]
        return columns

    def _hide_absent(self, columns: Ints, persons: Ints) -> None:
        for extraction in range(EXTRACTIONS):
            absent = (extraction < self.first[persons]) | (extraction > self.last[persons])
            columns[absent, extraction] = -1

    def _before_and_after(self, columns: Ints) -> None:
        """Before arriving and after leaving: absent, practising elsewhere, or without activity."""
        rng = self.rng
        self._hide_absent(columns, np.arange(self.universe))
        comers = np.flatnonzero((self.first > 0) | (self.last < EXTRACTIONS - 1))
        fate = rng.random(comers.size)
        outside = comers[fate < 0.2]
        away = self.sites.outside(rng, outside.size)
        for extraction in range(EXTRACTIONS):
            gone = columns[outside, extraction] < 0
            columns[outside[gone], extraction] = away[gone]
            idle = comers[(fate >= 0.2) & (fate < 0.35)]
            idle = idle[columns[idle, extraction] < 0]
            columns[idle, extraction] = self.nulle_part

    def _other_activities(self) -> None:
        """Second and third activities, in the region or outside it."""
        rng = self.rng
        eligible = np.flatnonzero(~self.is_lost & ~self.mended)
        site_commune = np.concatenate([lot["c"].to_numpy() for lot in self.sites.lots])
        for share in (0.205, 0.045):
            persons = np.sort(rng.permutation(eligible)[: round(eligible.size * share)])
            home = self.departement_of[np.maximum(site_commune[self.main[persons]], 0)]
            near = rng.random(persons.size) < 0.85
            sites = np.where(
                near, self.any_shared.within(rng, home), self.any_shared.anywhere(rng, persons.size)
            ).astype(np.int64)
            for keys, professions in (
                (("officine",), ("21", "39")),
                (("laboratoire",), ("86",)),
                (("appareillage",), ("26", "28", "81", "82", "83", "84", "85")),
            ):
                metiers = [i for i, metier in enumerate(METIERS) if metier.profession in professions]
                mine = np.flatnonzero(np.isin(self.metier[persons], metiers))
                sites[mine] = self.shared[KIND[keys[0]]].within(rng, home[mine])
            away = np.flatnonzero(rng.random(persons.size) < 0.03)
            sites[away] = self.sites.outside(rng, away.size)
            columns = np.repeat(sites[:, None], EXTRACTIONS, axis=1)
            self._hide_absent(columns, persons)
            # Some of these activities begin or end between two extractions.
            changed = rng.integers(1, EXTRACTIONS, persons.size)
            fate = rng.random(persons.size)
            for extraction in range(EXTRACTIONS):
                columns[(fate < 0.01) & (extraction < changed), extraction] = -1
                columns[(fate > 0.992) & (extraction >= changed), extraction] = -1
            modes = np.where(rng.random(persons.size) < 0.3, 1, 2)
            self._add(persons, columns, np.repeat(modes[:, None], EXTRACTIONS, axis=1))
        idle = rng.permutation(self.universe)[: round(self.universe * 0.08)]
        columns = np.full((idle.size, EXTRACTIONS), self.nulle_part)
        self._hide_absent(columns, idle)
        self._add(idle, columns, np.zeros(columns.shape, np.int64))

    def _elsewhere(self) -> None:
        """Persons who have nothing in the region: practising outside it, or without any known activity."""
        rng = self.rng
        out, idle = round(self.present * 0.06), round(self.present * 0.37)
        self.extra = out + idle
        head = apportion(np.array([metier.effectif for metier in METIERS], np.float64), self.extra)
        metier = np.repeat(np.arange(len(METIERS)), head)
        rng.shuffle(metier)
        self.metier = np.concatenate([self.metier, metier])
        pool = self.sites.outside(rng, max(20, round(out * 0.5)))
        sites = np.concatenate([pool[rng.integers(0, pool.size, out)], np.full(idle, self.nulle_part)])
        persons = np.arange(self.universe, self.universe + self.extra)
        columns = np.repeat(sites[:, None], EXTRACTIONS, axis=1)
        churn = rng.random(self.extra)
        changed = rng.integers(1, EXTRACTIONS, self.extra)
        for extraction in range(EXTRACTIONS):
            columns[(churn < 0.01) & (extraction < changed), extraction] = -1
            columns[(churn > 0.993) & (extraction >= changed), extraction] = -1
        modes = np.where(sites == self.nulle_part, 0, rng.integers(1, 3, self.extra))
        self._add(persons, columns, np.repeat(modes[:, None], EXTRACTIONS, axis=1))

    def _add(self, persons: Ints, columns: Ints, modes: Ints) -> None:
        size = persons.size
        genre = self.rng.choice(4, size, p=[0.955, 0.02, 0.01, 0.015])
        self.parts.append(
            pl.DataFrame(
                {"p": persons.astype(np.int64)}
                | {f"s{e}": columns[:, e].astype(np.int64) for e in range(EXTRACTIONS)}
                | {f"m{e}": modes[:, e].astype(np.int64) for e in range(EXTRACTIONS)}
                | {"genre": genre.astype(np.int64), "tirage": self.rng.random(size)}
            )
        )
