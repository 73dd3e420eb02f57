"""The directory as people use it: in a real browser, by mouse, by keyboard, by link."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import at_every_width
from tests.browser.conftest import settled, visit
from tests.browser.keyboard import tab_to
from tests.demo_lake import called

METZ = "200039865"


def value(tab: Page, label: str) -> Locator:
    cell = tab.locator("dl.obs-chiffres > div", has=tab.locator("dt", has_text=label))
    return cell.locator("dd.obs-valeur")


def figure(tab: Page, label: str) -> str:
    return value(tab, label).inner_text()


def asked(lake: Path, *filters: str) -> str:
    """The number of professionals that the command line gives, as screens write it."""
    options = [part for one in filters for part in ("--filtre", one)]
    text = called(
        "query", "annuaire", "--mesure", "professionnels", *options, "--format", "json", lake=lake
    ).stdout
    return f"{json.loads(text)[0]['professionnels']:,}".replace(",", "\u202f")


def labels(tab: Page) -> Locator:
    return tab.locator("[class*='st-key-obs_etiquette_']")


@pytest.mark.parametrize(
    "path", ["", "?maille=points", "repertoire?q=martin", "repertoire", "donnees", "qualite", "notice"]
)
def test_pages_are_accessible_and_fit_their_screen(directory: str, page: Page, path: str) -> None:
    visit(page, f"{directory}/{path}")
    assert at_every_width(page) == []


def test_the_figure_on_the_page_is_that_of_the_command(directory: str, page: Page, petit_lake: Path) -> None:
    visit(page, f"{directory}/?departement=67&profession=60")
    expect(value(page, "Professionnels")).to_have_text(asked(petit_lake, "departement=67", "profession=60"))
    expect(labels(page)).to_have_text(["Bas-Rhin ✕", "Infirmier ✕"])


def test_a_click_on_the_map_filters_and_a_second_removes(
    directory: str, page: Page, petit_lake: Path
) -> None:
    visit(page, f"{directory}/?maille=departement")
    everyone = figure(page, "Professionnels")
    shapes = page.locator("[class*='st-key-vue_carte'] path[aria-roledescription='territoire']")
    expect(shapes.first).to_be_visible()
    moselle = page.locator("[class*='st-key-vue_carte'] path[aria-label*='Moselle']").first
    moselle.click(force=True)
    page.wait_for_url("**departement=57**")
    settled(page)
    expect(value(page, "Professionnels")).to_have_text(asked(petit_lake, "departement=57"))
    expect(labels(page).filter(has_text="Moselle ✕")).to_have_count(1)
    page.locator("[class*='st-key-obs_etiquette_']").first.locator("button").click()
    page.wait_for_function("() => !location.search.includes('departement=')")
    settled(page)
    expect(value(page, "Professionnels")).to_have_text(everyone)


def test_filters_follow_from_page_to_page(directory: str, page: Page, petit_lake: Path) -> None:
    visit(page, f"{directory}/?departement=57&profession=10")
    page.get_by_role("link", name="Données").first.click()
    page.wait_for_url("**/donnees**")
    settled(page)
    assert "departement=57" in page.url
    expect(value(page, "Professionnels")).to_have_text(asked(petit_lake, "departement=57"))


def test_search_opens_a_card_and_exports_the_list(directory: str, page: Page, petit_lake: Path) -> None:
    visit(page, f"{directory}/repertoire?epci={METZ}")
    page.get_by_label("Rechercher").fill("martin")
    page.get_by_label("Rechercher").press("Enter")
    page.wait_for_url("**q=martin**")
    settled(page)
    reading = page.locator(".obs-lecture").inner_text()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").first.click()
    text = Path(waiting.value.path()).read_bytes().decode("utf-8-sig")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    people = list(csv.DictReader(io.StringIO("\n".join(lines)), delimiter=";"))
    assert people
    assert f"{len(people)} personne" in reading
    assert all("martin" in " ".join(row.values()).lower() for row in people)
    page.get_by_label("Ouvrir la fiche d’un professionnel").click()
    page.get_by_role("option").first.click()
    page.wait_for_url("**personne=**")
    settled(page)
    card = page.locator("article.obs-fiche")
    expect(card).to_be_visible()
    expect(card.locator("h2")).to_contain_text(people[0]["Nom"])
    page.reload()
    settled(page)
    expect(card.locator("h2")).to_contain_text(people[0]["Nom"])


def test_a_journey_with_the_keyboard_alone(directory: str, page: Page, petit_lake: Path) -> None:
    visit(page, directory)
    everyone = figure(page, "Professionnels")

    tab_to(page, "Profession")
    page.keyboard.type("Sage")
    expect(page.get_by_role("option").first).to_contain_text("Sage")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**profession=50**")
    page.keyboard.press("Escape")
    settled(page)
    expect(value(page, "Professionnels")).to_have_text(asked(petit_lake, "profession=50"))
    page.keyboard.press("Home")
    page.evaluate("document.activeElement.blur()")
    tab_to(page, "Tout effacer")
    page.keyboard.press("Enter")
    page.wait_for_function("() => !location.search.includes('profession=')")
    settled(page)
    expect(value(page, "Professionnels")).to_have_text(everyone)


def test_an_unknown_code_is_told_and_never_counted(directory: str, page: Page, petit_lake: Path) -> None:
    visit(page, f"{directory}/?departement=99")
    expect(page.get_by_text("ce code n’existe pas, il n’est pas compté").first).to_be_visible()
    expect(value(page, "Professionnels")).to_have_text(asked(petit_lake))


def test_an_unreadable_date_is_told_and_the_page_stands(directory: str, page: Page, petit_lake: Path) -> None:
    visit(page, f"{directory}/?date=hier")
    expect(page.get_by_text("n’est pas une date").first).to_be_visible()
    expect(value(page, "Professionnels")).to_have_text(asked(petit_lake))


def test_what_is_counted_follows_from_page_to_page(directory: str, page: Page) -> None:
    visit(page, f"{directory}/?base=sites&departement=57")
    sites = figure(page, "Sites")
    page.get_by_role("link", name="Données").first.click()
    page.wait_for_url("**/donnees**")
    settled(page)
    page.get_by_role("link", name="Qualité").first.click()
    page.wait_for_url("**base=sites**")
    settled(page)
    assert "departement=57" in page.url
    expect(page.locator(".obs-lecture")).to_contain_text(f"sur {sites}")


def test_a_question_leads_to_its_answer_in_the_notice(directory: str, page: Page) -> None:
    visit(page, f"{directory}/?departement=57")
    page.get_by_role("button", name="Pourquoi une personne manque-t-elle").click()
    link = page.get_by_role("link", name="Lire la réponse entière dans la Notice").first
    expect(link).to_be_visible()
    link.click()
    page.wait_for_url("**/notice?departement=57#absents")
    settled(page)
    expect(page.locator("#absents")).to_be_in_viewport()
