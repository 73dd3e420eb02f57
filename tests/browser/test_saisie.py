"""The entry in a browser: a service filled by keyboard, two browsers on one criterion."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from apps.kit.access.session_route import COOKIE
from apps.saisie import referentiels
from ingest.sources.convergence.referentiel import packaged, packaged_cards
from lake.catalog.convergence_fiches import TABLES
from lake.droits import Droits
from lake.settings import Settings
from lake.store.accounts import accounts, sessions
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.saisie import acteurs, feuilles, services, versions
from lake.tables import Lake
from scoring.saisie.referentiel import Referentiel

REGION = Droits(frozenset({"convergence"}), regions=frozenset({"44"}))


def slowed(socket: WebSocketRoute, seconds: float) -> None:
    """A server that answers late: what it says reaches the page that much after each word before it."""
    server = socket.connect_to_server()

    def hold(said: str | bytes) -> None:
        time.sleep(seconds)
        socket.send(said)

    server.on_message(hold)


@dataclass
class Entry:
    """A served entry: its address, its store, the service to fill and its people's cookies."""

    address: str
    store: Store
    service: int
    cookies: dict[str, str]

    def open(self, browser: Browser, who: str, path: str, late: float = 0.0, **options: object) -> Page:
        context = browser.new_context(locale="fr-FR", **options)  # type: ignore[arg-type]
        context.set_default_timeout(20_000)
        context.add_cookies([{"name": COOKIE, "value": self.cookies[who], "url": self.address}])
        page = context.new_page()
        if late:
            page.route_web_socket("**/_stcore/stream", lambda socket: slowed(socket, late))
        page.goto(f"{self.address}/{path}")
        return page


@pytest.fixture(scope="module")
def entry(serve: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Entry]:
    folder = tmp_path_factory.mktemp("saisie")
    found = packaged("regions")
    _, *empty = (table.empty() for table in TABLES)
    known = Referentiel(found.version, found.criteres, found.niveaux, packaged_cards(), *empty)
    referentiels.publier(Lake(Settings(lake=str(folder / "lac"))), known, None)
    url = f"sqlite:///{folder}/store.db"
    store = open_store(Settings(store=url))
    si = services.creer(store, region="44", kind="si_regional", nom="SI Grand Est", par=None)
    telec = services.creer(store, region="44", kind="metier", nom="Téléconsultation", par=None)
    services.repondre_preliminaire(store, telec, "instance_ror", False, par=None)
    services.repondre_preliminaire(store, telec, "consomme_offre_de_sante", False, par=None)
    cookies = {}
    for name in ("claire", "paul"):
        made = accounts.create(
            store, email=f"{name}@ex.fr", nom=name.title(), prenom="A", organisation="GRADeS",
            profil="grades_ars", droits=REGION,
        )  # fmt: skip
        active = accounts.change(store, made.id, "test", etat="actif")
        acteurs.donner(store, active.id, si, "responsable_si", par=None)
        cookies[name] = sessions.open_session(store, active)
    address = serve(folder / "lac", app="saisie", OBS_STORE=url, OBS_ACCES="comptes")
    yield Entry(address, store, telec, cookies)
    store.close()


def kept(entry: Entry) -> dict[str, object]:
    rows = feuilles.reponses(entry.store, entry.service, "QU")
    return {code: row["niveau"] if row["nature"] == "niveau" else row["nature"] for code, row in rows.items()}


def test_a_questionnaire_is_filled_by_keyboard_on_a_french_layout(entry: Entry, browser: Browser) -> None:
    page = entry.open(browser, "claire", "saisie-questionnaire?s=44-0002&q=QU", late=0.02)
    expect(page.get_by_text("0 critère répondu sur 11")).to_be_visible()

    def press(code: str, key: str) -> None:
        # A French keyboard's top row: « & » where the place is Digit1.
        page.evaluate(
            "([code, key]) => document.activeElement.dispatchEvent("
            "new KeyboardEvent('keydown', { code, key, bubbles: true, cancelable: true }))",
            [code, key],
        )

    def answer(*places: int) -> None:
        for place in places:
            press(f"Digit{place}", "&é\"'"[place - 1])

    expect(page.locator(".st-key-crit_A04_1_1_niveau input").first).to_be_attached()
    # Everything in one breath: a digit past the end of an axis answers nothing, A06.2 has no level 0 (its key is
    # dead), and the axis is left before the server has said a word.
    for axis in ((4, 2, 1), (3, 3), (1, 2, 4), (3, 3), (2,), (3,), (2,)):
        answer(*axis)
        press("KeyS", "s")
    expect(page.get_by_text("11 critères répondus sur 11")).to_be_visible(timeout=20_000)
    assert kept(entry) == {
        "A04.1.1": 3, "A04.1.2": 1, "A05.1": 2, "A05.2": 2, "A06.2": 1, "A06.3": 3,
        "A08.7.1": 2, "A08.7.2": 2, "A11.1": 1, "A12.1": 2, "A14.1": 1,
    }  # fmt: skip
    # The whole path of who knows: eleven digits, « v » for the recap, Enter to validate.
    press("KeyV", "v")
    expect(page.get_by_role("button", name="Valider", exact=True)).to_be_visible()
    press("Enter", "Enter")
    expect(page.get_by_text("Validée\u202f: version 1")).to_be_visible()
    # An answer changed twice before the first change is drawn: the last one stays, and it is nobody's conflict.
    page.goto(f"{entry.address}/saisie-questionnaire?s=44-0002&q=QU&axe=A05")
    expect(page.locator(".st-key-crit_A05_2_niveau input:checked")).to_be_attached()
    answer(1, 2)
    press("KeyK", "k")
    answer(4)
    press("KeyS", "s")  # nothing is left without an answer: the key does nothing
    expect(page.locator("body[data-saisie-attente='0']")).to_be_attached()  # all of it is acknowledged
    expect(page.get_by_text("a répondu entre-temps")).to_have_count(0)
    assert (kept(entry)["A05.1"], kept(entry)["A05.2"]) == (0, 3)
    press("Backspace", "Backspace")
    expect(page.get_by_text("10 critères répondus sur 11")).to_be_visible()
    # What is typed and not sent survives the tab's reload.
    page.on("dialog", lambda dialog: dialog.accept())
    press("KeyM", "m")
    expect(page.locator(".st-key-crit_A05_2_interne textarea")).to_be_focused()
    page.keyboard.type("Déployé au CHU")
    page.reload()
    expect(page.locator(".st-key-crit_A05_2 .obs-saisie-lu[data-rc='1']")).to_be_attached()
    assert feuilles.reponses(entry.store, entry.service, "QU")["A05.2"]["commentaire"] == "Déployé au CHU"
    # An address that names a criterion opens on it: the next key answers that one.
    page.goto(f"{entry.address}/saisie-questionnaire?s=44-0002&q=QU&critere=A08.7.2")
    expect(page.locator(".st-key-crit_A08_7_2_niveau input:checked")).to_be_focused()
    answer(1)
    expect(page.locator("body[data-saisie-attente='0']")).to_be_attached()
    assert (kept(entry)["A08.7.1"], kept(entry)["A08.7.2"]) == (2, 0)
    page.context.close()


def test_two_browsers_meet_on_one_criterion(entry: Entry, browser: Browser) -> None:
    path = "saisie-questionnaire?s=44-0002&q=QU&axe=A12"
    one, other = (entry.open(browser, who, path) for who in ("claire", "paul"))
    for page in (one, other):
        expect(page.get_by_role("heading", name="A12. ", level=3)).to_be_visible()
    one.get_by_text("3 élevée", exact=False).first.click()
    expect(one.get_by_text(re.compile("Enregistré le .* · A Claire"))).to_be_visible()
    other.get_by_text("0 très faible", exact=False).first.click()
    expect(other.get_by_text("a répondu entre-temps")).to_be_visible()
    assert kept(entry)["A12.1"] == 3
    other.get_by_role("button", name="Garder la mienne").click()
    expect(other.get_by_text(re.compile("Enregistré le .* · A Paul"))).to_be_visible()
    assert kept(entry)["A12.1"] == 0
    # Served alone, the entry's first screen answers at its own address as well as at the root.
    for path in ("saisie-tableau", ""):
        one.goto(f"{entry.address}/{path}")
        expect(one.get_by_role("heading", name="Où en est la saisie")).to_be_visible()
        expect(one.get_by_text("Page introuvable")).to_have_count(0)
    for page in (one, other):
        page.context.close()


def test_on_a_phone_a_text_typed_then_a_tap_on_validate_is_in_the_version(
    entry: Entry, browser: Browser
) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = entry.open(browser, "claire", "saisie-questionnaire?s=44-0002&q=QU&axe=A14", late=0.02, **phone)
    page.locator(".st-key-crit_A14_1_niveau").get_by_text("1 faible", exact=False).tap()
    page.locator(".st-key-crit_A14_1 summary", has_text="Commenter").tap()
    field = page.locator(".st-key-crit_A14_1_interne textarea")
    field.tap()
    page.keyboard.type("Déployé en mars")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="Relire et valider").tap()
    page.get_by_role("button", name="Valider").tap()
    expect(page.get_by_text("Validée\u202f: version")).to_be_visible()
    sheet = feuilles.feuille(entry.store, entry.service, "QU")
    kept = versions.historique(entry.store, sheet["id"])[0].contenu["reponses"]
    assert {one["critere"]: one["commentaire"] for one in kept}["A14.1"] == "Déployé en mars"
    page.context.close()
