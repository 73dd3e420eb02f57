"""The publisher: quiet first, whole or nothing, again after a kill, once when asked twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from apps.saisie import publication, publieur, referentiels
from ingest.sources.convergence.referentiel import packaged
from lake.catalog.convergence import CAMPAGNES, REPONSES
from lake.catalog.convergence_fiches import TABLES
from lake.delivery import Delivery
from lake.settings import Settings
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.saisie import feuilles, publications, services, versions
from lake.store.saisie.feuilles import Reponse
from lake.tables import Lake
from scoring.saisie.referentiel import Referentiel

NOON = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def lake_of_entry(tmp_path: Path) -> Lake:
    found = packaged("regions")
    made = Lake(Settings(lake=str(tmp_path / "lac")))
    known = Referentiel(found.version, found.criteres, found.niveaux, *(table.empty() for table in TABLES))
    referentiels.publier(made, known, None)
    return made


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Store]:
    made = open_store(Settings(store=f"sqlite:///{tmp_path}/store.db"))
    yield made
    made.close()


def answered(store: Store, number: int, level: int, at: datetime) -> None:
    rev = feuilles.reponses(store, number, "QU").get("A05.1", {}).get("rev_n", 0)
    feuilles.repondre(
        store, number, "QU", "A05.1", Reponse("niveau", niveau=level), rev=rev, par=None, now=at
    )
    sheet = feuilles.feuille(store, number, "QU")
    versions.valider(store, sheet["id"], rev=sheet["rev"], par=None, version_referentiel="2020-12-15", now=at)


def test_a_validation_is_shown_after_some_quiet_and_never_after_more_than_thirty_seconds(
    lake_of_entry: Lake, base: Store
) -> None:
    sso = services.creer(base, region="44", kind="infrastructure", nom="Portail SSO", par=None)
    assert publieur.tour(lake_of_entry, base, NOON) is None
    answered(base, sso, 1, NOON)
    assert publieur.tour(lake_of_entry, base, NOON + timedelta(seconds=4)) is None
    done = publieur.tour(lake_of_entry, base, NOON + timedelta(seconds=5))
    assert done is not None
    assert (done.campagne, done.reponses) == (date(2026, 11, 29), 1)
    assert publieur.tour(lake_of_entry, base, NOON + timedelta(minutes=1)) is None
    for second in range(120, 152, 3):  # somebody validates without a pause
        answered(base, sso, second % 4, NOON + timedelta(seconds=second))
    busy = NOON + timedelta(seconds=151)
    assert publieur.due(base, busy)
    # The day changes: the campaign takes its date, and yesterday's is gone.
    publieur.tour(lake_of_entry, base, busy)
    assert publieur.tour(lake_of_entry, base, NOON + timedelta(days=1)) is not None
    rows = lake_of_entry.scan(CAMPAGNES).collect()
    assert rows["campagne"].to_list() == [date(2026, 11, 30)]
    assert lake_of_entry.scan(REPONSES).collect()["campagne"].unique().to_list() == [date(2026, 11, 30)]


def test_a_publisher_killed_on_its_way_shows_nothing_and_publishes_at_its_next_start(
    lake_of_entry: Lake, base: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sso = services.creer(base, region="44", kind="infrastructure", nom="Portail SSO", par=None)
    answered(base, sso, 1, NOON)
    later = NOON + timedelta(minutes=1)
    publieur.tour(lake_of_entry, base, later)
    before = lake_of_entry.scan(REPONSES).collect()
    answered(base, sso, 3, later)
    write = Delivery.write

    def killed(self: Delivery, table: object, *given: object, **more: object) -> int:
        if table is CAMPAGNES:
            raise KeyboardInterrupt
        return write(self, table, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Delivery, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        publieur.tour(lake_of_entry, base, later + timedelta(minutes=1))
    monkeypatch.setattr(Delivery, "write", write)
    assert Lake(lake_of_entry.settings).scan(REPONSES).collect().equals(before)
    assert publications.en_attente(base) is not None
    done = publieur.tour(Lake(lake_of_entry.settings), base, later + timedelta(minutes=2))
    assert done is not None
    rows = Lake(lake_of_entry.settings).scan(REPONSES).collect()
    assert rows.select(pl.col("niveau")).to_series().to_list() == [3]
    assert not publication.publier(lake_of_entry, base, now=later + timedelta(minutes=2)).faite
