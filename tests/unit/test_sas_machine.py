"""The rules of seats, as a machine that books, holds, cancels, moves and withdraws at random; on both engines."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from lake.errors import ContractError, LakeError
from lake.settings import Settings
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.sas import agendas, planning
from lake.store.sas.rendez_vous import PASSAGES, annuler, changer, confirmer, deplacer, reserver
from lake.store.sas.sieges import CreneauRefuse
from lake.store.sas.tables import ABSENCES, RENDEZ_VOUS, SERIES, TABLES
from tests.unit.sas_store import MSP, NOW, UN, at, demande, load

HOURS = st.integers(8 * 3, 18 * 3 - 1)
WHO = st.sampled_from([UN, MSP])


class Seats(RuleBasedStateMachine):
    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.references: list[str] = []
        self.keys: dict[str, str] = {}
        self.states: dict[str, str] = {}

    @initialize()
    def fill(self) -> None:
        with self.store.writing() as connection:
            for table in reversed(TABLES):
                connection.execute(sa.delete(table))
        load(self.store)

    def hour(self, third: int) -> datetime:
        return at(8) + timedelta(minutes=20 * (third - 24))

    @rule(third=HOURS, who=WHO, key=st.integers(0, 40), hold=st.booleans())
    def book(self, third: int, who: str, key: int, hold: bool) -> None:
        name = f"k{key}"
        try:
            found = reserver(self.store, demande(self.hour(third), name, who), tenir=hold, now=self.now)
        except CreneauRefuse:
            return
        if found in self.references:
            assert self.keys[name] == found  # the same key, the same booking
        else:
            self.keys[name] = found
            self.references.append(found)

    @rule(rank=st.integers(0, 30), statut=st.sampled_from(["cancelled", "fulfilled", "noshow", "booked"]))
    def change(self, rank: int, statut: str) -> None:
        if not self.references:
            return
        code = self.references[rank % len(self.references)]
        before = self.state_of(code)
        try:
            (confirmer if statut == "booked" else lambda s, c, now: changer(s, c, statut, now=now))(
                self.store, code, now=self.now
            )
        except LakeError:
            return
        assert before is not None
        assert statut == before or statut in PASSAGES[before]

    @rule(rank=st.integers(0, 30), third=HOURS, who=WHO, key=st.integers(100, 140))
    def move(self, rank: int, third: int, who: str, key: int) -> None:
        if not self.references:
            return
        code = self.references[rank % len(self.references)]
        before = self.state_of(code)
        try:
            found = deplacer(self.store, code, demande(self.hour(third), f"k{key}", who), now=self.now)
        except LakeError:
            assert self.state_of(code) == before  # both, or neither
            return
        if found not in self.references:
            assert self.state_of(code) == "cancelled"
            self.references.append(found)
            self.keys[f"k{key}"] = found

    @rule(third=HOURS, length=st.integers(1, 90), who=WHO)
    def leave(self, third: int, length: int, who: str) -> None:
        begin = self.hour(third)
        planning.absenter(self.store, who, begin, begin + timedelta(minutes=length), now=self.now)

    @rule(seconds=st.integers(1, 400))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(third=HOURS, thirds=st.integers(1, 9))
    def add_range(self, third: int, thirds: int) -> None:
        begin = third * 20
        try:
            planning.ajouter(
                self.store, UN, jour=1, debut_min=begin, fin_min=begin + 20 * thirds, du=NOW.date(), au=NOW.date(),
                modalites=1, duree_min=20, now=self.now,
            )  # fmt: skip
        except ContractError:
            return  # it meets another

    @rule(rank=st.integers(0, 5))
    def withdraw_range(self, rank: int) -> None:
        with self.store.reading() as connection:
            known = (
                connection.execute(
                    sa.select(SERIES.c.id).where(SERIES.c.retiree_le.is_(None)).order_by(SERIES.c.id)
                )
                .scalars()
                .all()
            )
        if len(known) > 2:
            planning.retirer(self.store, known[rank % len(known)], now=self.now)

    @rule()
    def copy_key_of_a_cancelled(self) -> None:
        cancelled = [code for code in self.references if self.state_of(code) == "cancelled"]
        if cancelled:
            annuler(self.store, cancelled[0], now=self.now)  # twice is once
            assert self.state_of(cancelled[0]) == "cancelled"

    def state_of(self, code: str) -> str | None:
        with self.store.reading() as connection:
            found = connection.execute(
                sa.select(RENDEZ_VOUS.c.statut).where(RENDEZ_VOUS.c.reference == code)
            ).scalar_one_or_none()
        return None if found is None else str(found)

    @invariant()
    def no_seat_is_given_twice(self) -> None:
        with self.store.reading() as connection:
            held = connection.execute(
                sa.select(RENDEZ_VOUS, SERIES.c.capacite)
                .join(SERIES, SERIES.c.id == RENDEZ_VOUS.c.serie_id)
                .where(agendas.holding(self.now))
            ).mappings().all()  # fmt: skip
        seats = Counter((row["serie_id"], row["date_locale"]) for row in held if row["capacite"] is not None)
        limits = {
            (row["serie_id"], row["date_locale"]): row["capacite"]
            for row in held
            if row["capacite"] is not None
        }
        assert all(count <= limits[key] for key, count in seats.items())
        single = sorted((row["debut"], row["fin"]) for row in held if row["capacite"] is None)
        assert all(first[1] <= second[0] for first, second in pairwise(single))

    @invariant()
    def no_range_shares_time_and_bookings_keep_their_hours(self) -> None:
        with self.store.reading() as connection:
            rows = connection.execute(
                sa.select(SERIES.c.debut_min, SERIES.c.fin_min)
                .where(
                    SERIES.c.retiree_le.is_(None),
                    SERIES.c.duree_min == 20,
                    SERIES.c.capacite.is_(None),
                    SERIES.c.jour == 1,
                )
                .order_by(SERIES.c.debut_min)
            ).all()
            lost = connection.execute(
                sa.select(sa.func.count())
                .select_from(RENDEZ_VOUS)
                .where(RENDEZ_VOUS.c.statut != "pending", RENDEZ_VOUS.c.fin <= RENDEZ_VOUS.c.debut)
            ).scalar_one()
            away = connection.execute(
                sa.select(sa.func.count()).select_from(ABSENCES).where(ABSENCES.c.annulee_le.is_not(None))
            ).scalar_one()
        assert all(first[1] <= second[0] for first, second in pairwise(rows))
        assert (lost, away) == (0, 0)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def one_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('machine')}/store.db"
    else:
        server = sa.make_url(request.getfixturevalue("postgres_server"))
        name = f"machine_{uuid.uuid4().hex[:12]}"
        admin = sa.create_engine(server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
        admin.dispose()
        url = server.set(database=name).render_as_string(hide_password=False)
    store = open_store(Settings(store=url))
    yield store
    store.close()


def test_seats_whatever_happens(one_store: Store) -> None:
    machine: Callable[[], Seats] = type("Machine", (Seats,), {"store": one_store})
    # The rules are one text for both engines; PostgreSQL, where each step is a round trip, is walked less.
    walks = 12 if one_store.sqlite else 5
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=walks, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
