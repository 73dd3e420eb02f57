"""The SAS in a browser: from an address to a booking without a mouse; a fortnight of two weeks that differ."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from lake.horaires.heures import local_day
from lake.settings import Settings
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.sas import agendas, chargement
from lake.store.sas.fichiers import Lot, lire
from lake.store.sas.tables import RECHERCHES, RENDEZ_VOUS
from tests.browser.accessibility import violations
from tests.browser.conftest import settled, visit
from tests.browser.keyboard import tab_to

UN, DEUX = "810000000001", "810000000002"


@pytest.fixture(scope="module")
def agenda(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """One doctor of Strasbourg who receives all day, one who offers nothing yet."""
    store = open_store(Settings(store=f"sqlite:///{tmp_path_factory.mktemp('sas')}/store.db"))
    today = local_day(datetime.now(UTC))
    people = (
        "identifiant,genre,nom,code_commune,longitude,latitude\n"
        f"{UN},ps,Dr Fictive Un,67482,7.76,48.58\n{DEUX},ps,Dr Fictive Deux,67482,7.75,48.57\n"
    )
    rows = [f"{UN},{today},{today + timedelta(days=9)},{day},00:00,24:00,20,AMB" for day in range(1, 8)]
    ranges = "identifiant,du,au,jour,debut,fin,duree_min,modalites\n" + "\n".join(rows)
    chargement.charger(
        store,
        effecteurs=[lire(people.encode(), "e", "effecteurs"), Lot("")],
        plages_=lire(ranges.encode(), "p", "plages"),
    )
    return store


@pytest.fixture(scope="module")
def served(serve: Callable[..., str], petit_lake: Path, agenda: Store) -> str:
    return serve(petit_lake, app="sas", OBS_STORE=str(agenda.url))


def test_from_an_address_to_a_booking_by_keyboard(page: Page, served: str, agenda: Store) -> None:
    visit(page, served)
    page.get_by_role("textbox", name="Où se trouve le patient").focus()
    page.keyboard.type("Strasbourg")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2)).to_contain_text("la première")
    settled(page)
    assert violations(page) == []
    tab_to(page, "Réserver")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Dr Fictive Un")).to_be_visible()
    settled(page)
    tab_to(page, "Réserver")
    page.keyboard.press("Enter")
    said = page.get_by_text("Réservé\u202f:")
    expect(said).to_be_visible()
    with agenda.reading() as connection:
        booked = connection.execute(sa.select(RENDEZ_VOUS.c.reference, RENDEZ_VOUS.c.statut)).all()
        searched = connection.execute(sa.select(RECHERCHES.c.code_commune)).scalars().all()
    assert [row.statut for row in booked] == ["booked"]
    assert searched == ["67482"]
    expect(said).to_contain_text(booked[0].reference)
    # The place is in no address, and leaves with the call.
    assert "?" not in page.url
    page.get_by_role("button", name="Nouvelle recherche").click()
    expect(page.get_by_role("textbox", name="Où se trouve le patient")).to_have_value("")


def choose(page: Page, label: str, option: str) -> None:
    """Type an option in a list, as who fills a form in a row does."""
    page.get_by_role("combobox", name=label).focus()
    page.keyboard.type(option)
    expect(page.get_by_role("option").first).to_contain_text(
        option
    )  # the list is narrowed: Enter takes its first
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")


def add(page: Page, jour: str, debut: str, fin: str, start: str) -> None:
    choose(page, "Jours", jour)
    page.get_by_role("textbox", name="De", exact=True).first.fill(debut)
    page.get_by_role("textbox", name="À", exact=True).first.fill(fin)
    choose(page, "Modalités", "Cabinet ou structure")
    choose(page, "Rythme", "Une semaine sur deux")
    choose(page, "À partir de", start)
    page.get_by_role("button", name="Ajouter", exact=True).click()
    expect(page.get_by_text("1 plage ajoutée.")).to_be_visible()
    settled(page)


def test_a_fortnight_of_two_weeks_that_differ(page: Page, served: str, agenda: Store) -> None:
    visit(page, f"{served}/sas-agenda")
    page.get_by_role("textbox", name="Identifiant").fill(DEUX)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Dr Fictive Deux")).to_be_visible()
    settled(page)
    add(page, "lundi", "9h", "12h", "cette semaine")
    add(page, "jeudi", "14h", "18h", "la semaine prochaine")
    expect(page.get_by_text("Lundi 09:00–12:00, une semaine sur 2")).to_be_visible()
    expect(page.get_by_text("Jeudi 14:00–18:00, une semaine sur 2")).to_be_visible()
    assert violations(page) == []
    series = agendas.photo(agenda).series
    kept = series.filter(series["identifiant"] == DEUX).select("jour", "cycle").rows()
    assert kept == [(1, 2), (4, 2)]
