"""The demonstration's agendas: ten territories, eight weeks ahead, half a year behind with its days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from apps.kit.data.mesures_sas import partage
from apps.sas import editeurs_demo
from demo.sas import comptes, territoires
from demo.sas.fill import EDITEURS, fill
from lake.horaires import plages
from lake.horaires.creneaux import creneaux
from lake.horaires.heures import local_day
from lake.settings import Settings
from lake.store.accounts import accounts
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.sas import agendas, essais, roles
from lake.store.sas import territoires as nommes
from lake.store.sas.releve import absences_dites, relever
from lake.store.sas.tables import RECHERCHES, RENDEZ_VOUS
from lake.tables import Lake
from scoring.sas.mesures.prevision import prevoir
from scoring.sas.publication import Releve, annonces_passees, jour_local


@pytest.fixture(scope="module")
def filled(petit_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(Settings(store=f"sqlite:///{tmp_path_factory.mktemp('sas')}/store.db"))
    lake = Lake(Settings(lake=str(petit_lake)))
    said = fill(store, lake, petit=True, say=lambda _text, _share: None)
    assert said.startswith("SAS de démonstration : 150 effecteurs, 12 structures, ")
    assert fill(store, lake, petit=True, say=lambda _text, _share: None) == ""  # what is there is left alone
    yield store
    store.close()


def test_ten_territories_offer_hours_eight_weeks_ahead(filled: Store) -> None:
    seen = agendas.photo(filled)
    assert seen.effecteurs["sas"].n_unique() == 10
    assert not seen.effecteurs["indisponible"].any()
    day = local_day(datetime.now(UTC))
    ahead = plages.occurrences(seen.series, seen.exceptions, day, day + timedelta(weeks=8))
    weeks = ahead.group_by(pl.col("date_locale").dt.truncate("1w")).len().sort("date_locale")
    whole = weeks.slice(1, 7)  # the first and the last ones may be a Sunday
    assert whole.height == 7
    assert (whole["len"] > 50).all()
    assert plages.overlaps(
        ahead.filter(pl.col("identifiant").str.starts_with("8"), pl.col("genre") == "snp")
    ).is_empty()


def test_a_sas_names_two_territories(filled: Store, petit_lake: Path) -> None:
    lake = Lake(Settings(lake=str(petit_lake)))
    first, second = territoires.nommer(filled, lake)
    assert first.startswith("CPTS ")
    assert territoires.nommer(filled, lake) == []
    kept = nommes.lister(filled, "SAS-54")
    assert {one.nom for one in kept} == {first, second}
    assert all(code.startswith("54") for one in kept for code in one.communes)


def test_editors_have_a_rate_and_are_those_that_are_served(filled: Store) -> None:
    assert set(EDITEURS) < set(editeurs_demo.EDITEURS.values())
    read = essais.taux(filled, datetime.now(UTC) - timedelta(days=200))
    assert read["ouvertes"].sum() == 480
    assert read["taux"].is_not_null().any()
    assert set(read["editeur"]) == set(EDITEURS)


def test_the_past_has_its_days_and_nothing_of_a_person(filled: Store) -> None:
    with filled.reading() as connection:
        moments = connection.execute(sa.select(RECHERCHES.c.moment)).scalars().all()
        states = Counter(connection.execute(sa.select(RENDEZ_VOUS.c.statut)).scalars())
    days = Counter(one.isoweekday() for one in moments)
    assert days[7] > days[3]
    assert states["fulfilled"] > 10 * states["noshow"] > 0
    assert max(moments) < datetime.now(UTC)


def test_eight_weeks_of_photographs_make_a_forecast_with_its_past_error(filled: Store) -> None:
    today = local_day(datetime.now(UTC))
    first, last = today - timedelta(days=56), today - timedelta(days=1)
    held, told = Releve(**relever(filled, first, last)), absences_dites(filled, first)
    photos = (
        annonces_passees(held, told, first, last).group_by("jour", "avance").agg(pl.col("annonces").sum())
    )
    ranges = plages.occurrences(held.series, held.exceptions, first, last)
    kept = (
        jour_local(creneaux(ranges, held.absences), "debut")
        .group_by("jour")
        .agg(realises=pl.col("capacite").sum())
    )
    both = photos.join(kept, on="jour")
    shares = dict(
        both.group_by("avance").agg(pl.col("realises").sum() / pl.col("annonces").sum()).iter_rows()
    )
    assert 0.8 < shares[28] < shares[7] < shares[1] < 1
    monday = both.filter(pl.col("avance") == 7, pl.col("jour").dt.weekday() == 1)
    made = prevoir(100, monday)
    assert made is not None
    assert made.semaines == 8
    assert made.bas < made.attendu < made.haut


def test_the_order_of_the_last_weeks_is_audited_and_within_its_chance(filled: Store) -> None:
    today = local_day(datetime.now(UTC))
    found = partage(filled, "SAS-67", today - timedelta(days=27), today).equite
    assert found.ecart_algorithme is not None
    assert found.bruit is not None
    assert 0 < found.ecart_algorithme < 2 * found.bruit  # drawn by the rule: nothing else is at work


def test_the_accounts_of_the_roles_open_what_they_should(filled: Store) -> None:
    made = {email: name for name, email in comptes.create(filled)}
    assert comptes.create(filled) == [(name, email) for email, name in made.items()]
    regulateur = accounts.find(filled, "regulateur@demo.example")
    effecteur = accounts.find(filled, "effecteur@demo.example")
    assert regulateur is not None
    assert effecteur is not None
    assert roles.holds(filled, regulateur, (roles.REGULATEUR,), "SAS-54")
    assert not roles.holds(filled, regulateur, (roles.ADMINISTRATEUR,))
    assert len(roles.agendas_of(filled, effecteur)) == 1
    assert regulateur.demonstration
