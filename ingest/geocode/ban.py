"""The geocoder that reads the Base Adresse Nationale of the lake, department by department."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from hashlib import blake2b

import polars as pl

from ingest.source import Spread
from lake.catalog.ban import ADRESSES
from lake.catalog.territoires import COMMUNES, FUSIONS
from lake.contract import Table
from lake.errors import MissingTable
from scoring.geocode.departement import answered, matched
from scoring.geocode.index import BAN_COLUMNS, Index, build_index, together
from scoring.geocode.normalise import remembering
from scoring.geocode.protocol import ANSWER_SCHEMA, EXPLANATION_SCHEMA
from scoring.geocode.scores import THRESHOLDS, Thresholds

# Raised whenever the matching may answer otherwise on the same data: remembered addresses are searched again.
MATCHER = "5"
# Each department at work holds its rows of the BAN: no more of them at once than what memory bears anywhere.
_AT_ONCE = min(os.cpu_count() or 1, 4)
# Departments are searched together, for a question to the engine costs much whatever its size, as long as their points
# bear it in memory.
_POINTS_TOGETHER = 1_000_000

_HELD: ContextVar[dict[tuple[object, ...], Index] | None] = ContextVar("index_tenus", default=None)


@contextmanager
def holding_indexes() -> Iterator[None]:
    """Keep the index of each department from one delivery to the next, for whoever takes in many at once.

    An index is asked again only for the same rows and the same former communes; all are given up at the end.
    """
    token = _HELD.set({})
    try:
        yield
    finally:
        _HELD.reset(token)


def _shared(asked: Mapping[str, pl.DataFrame], parts: int) -> list[dict[str, pl.DataFrame]]:
    """Departments in order, shared between so many cores, each with about as many addresses."""
    shares: list[dict[str, pl.DataFrame]] = []
    whole, before = sum(rows.height for rows in asked.values()), 0
    last = -1
    for departement, rows in asked.items():
        # By its middle: a large department is on the side where most of it is.
        part = (2 * before + rows.height) * parts // (2 * whole)
        if part != last:
            shares.append({})
            last = part
        shares[-1][departement] = rows
        before += rows.height
    return shares


class BanGeocoder:
    """Matches addresses with ``ban__adresses``; only the departments asked for are read.

    Args:
        scan: reads a table of the lake (``Context.scan``).
        say: progress callback.
        thresholds: the constants of the score.
        spread: does the work of each department elsewhere; without it they are searched here, a few at once.
    """

    name = "ban"

    def __init__(
        self,
        scan: Callable[[Table], pl.LazyFrame],
        *,
        say: Callable[[str, float | None], None] = lambda _sentence, _share: None,
        thresholds: Thresholds = THRESHOLDS,
        spread: Spread | None = None,
    ) -> None:
        self._scan = scan
        self._say = say
        self._thresholds = thresholds
        self._spread = spread
        self._vintages: dict[str, str] = {}

    def millesimes(self, departements: Sequence[str]) -> dict[str, str]:
        """A fingerprint of each department's rows: it changes when the BAN published for it does."""
        try:
            rows = self._scan(ADRESSES).filter(pl.col("code_departement").is_in(list(departements)))
            # Integer sums do not depend on the order of rows: the same data give the same vintage anywhere.
            sums = (
                rows.group_by("code_departement")
                .agg(
                    pl.len(),
                    pl.col("longitude").mul(1e6).round().cast(pl.Int64).sum(),
                    pl.col("latitude").mul(1e6).round().cast(pl.Int64).sum(),
                    pl.col("nom_voie").str.len_bytes().cast(pl.Int64).sum(),
                    pl.col("numero").cast(pl.Int64, strict=False).sum(),
                )
                .collect()
            )
        except MissingTable:
            return {}
        found = {
            departement: f"{MATCHER}:{blake2b(repr(figures).encode(), digest_size=6).hexdigest()}"
            for departement, *figures in sums.iter_rows()
        }
        self._vintages |= found
        return found

    def search(self, addresses: pl.DataFrame) -> pl.DataFrame:
        """See :class:`scoring.geocode.protocol.Geocoder`; the answers are explained."""
        fusions = self._fusions()
        if self._spread is not None and not addresses.is_empty():
            self._say(
                f"Géocodage de {addresses['code_departement'].n_unique()} départements par le moteur", None
            )
            return self._spread(
                addresses,
                ADRESSES,
                key="code_departement",
                columns=BAN_COLUMNS,
                function=partial(answered, fusions=fusions, thresholds=self._thresholds),
                schema=pl.Schema({**ANSWER_SCHEMA, **EXPLANATION_SCHEMA}),
            )
        groups = addresses.partition_by("code_departement", as_dict=True, maintain_order=True)
        asked = {
            str(departement): rows
            for (departement,), rows in sorted(groups.items(), key=lambda item: str(item[0]))
        }
        found = [pl.DataFrame(schema={**ANSWER_SCHEMA, **EXPLANATION_SCHEMA})]
        shares = _shared(asked, _AT_ONCE)
        cores = _AT_ONCE // max(len(shares), 1) or 1
        # One department's work is a long row of small questions, which the engine answers with one core.
        with remembering(), ThreadPoolExecutor(_AT_ONCE) as pool:
            waited = [
                pool.submit(copy_context().run, self._answered, share, fusions, cores) for share in shares
            ]
            done = 0
            try:
                for share, answers in zip(shares, waited, strict=True):
                    for departement in share:
                        self._say(f"Géocodage du département {departement}", done / len(asked))
                        done += 1
                    found.append(answers.result())
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return pl.concat(found)

    def _answered(
        self, asked: Mapping[str, pl.DataFrame], fusions: Mapping[str, str], cores: int
    ) -> pl.DataFrame:
        """The answers to the addresses of departments, as many of them at once as memory bears."""
        found = []
        held: dict[str, Index] = {}
        for left, departement in enumerate(asked, 1 - len(asked)):
            held[departement] = self._index(departement, fusions)
            if left == 0 or sum(index.points.height for index in held.values()) >= _POINTS_TOGETHER:
                rows = pl.concat([asked[one] for one in held])
                found.append(matched(rows, together(held), self._thresholds, cores))
                held = {}
        return pl.concat(found)

    def _index(self, departement: str, fusions: Mapping[str, str]) -> Index:
        held = _HELD.get()
        key = (departement, self._vintages.get(departement), frozenset(fusions.items()))
        if held is None or key[1] is None or key not in held:
            rows = self._scan(ADRESSES).filter(pl.col("code_departement") == departement)
            index = build_index(rows.select(BAN_COLUMNS).collect(), dict(fusions))
            if held is None or key[1] is None:
                return index
            held[key] = index
        return held[key]

    def _fusions(self) -> dict[str, str]:
        """Former commune code -> commune, for the codes that are no longer in force."""
        try:
            in_force = self._scan(COMMUNES).select("code_commune")
            pairs = (
                self._scan(FUSIONS)
                .select("ancien_code_commune", "code_commune")
                .join(in_force, left_on="ancien_code_commune", right_on="code_commune", how="anti")
                .collect()
            )
        except MissingTable:
            return {}
        return dict(zip(pairs["ancien_code_commune"], pairs["code_commune"], strict=True))
