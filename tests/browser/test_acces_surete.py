"""The front door under attack: second factor, forged requests, stolen tabs, what logs keep, paths that climb."""

from __future__ import annotations

import http.client
import time
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lake.store import journal
from lake.store.accounts import accounts, links, sessions
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from tests.browser.conftest import visit
from tests.browser.test_acces import PASSWORD, Suite, session_cookie, sign_in, signed_in, suite, title

__all__ = ["suite"]  # the same server, for the tests of this module


def made(suite: Suite, name: str, profil: str = "expert_national") -> Compte:
    compte = accounts.create(
        suite.store,
        email=f"{name}@exemple.fr",
        nom=name.capitalize(),
        prenom="Jeanne",
        organisation="Groupement régional",
        profil=profil,
    )
    return links.choose(suite.store, links.issue(suite.store, compte, Genre.ACTIVATION), PASSWORD)


def give_code(tab: Page, code: str) -> None:
    field = tab.get_by_label("Code à six chiffres de votre application")
    expect(field).to_be_visible()
    field.fill(code)
    tab.get_by_role("button", name="Valider").click()


def at_the_code(browser: Browser, suite: Suite, compte: Compte) -> tuple[BrowserContext, Page]:
    """A browser where the password was right and the code is asked."""
    context = browser.new_context(locale="fr-FR")
    context.set_default_timeout(20_000)
    tab = context.new_page()
    sign_in(tab, f"{suite.address}/connexion", compte.email)
    expect(tab.get_by_role("heading", name="Second facteur")).to_be_visible()
    assert session_cookie(context) is None
    return context, tab


def test_the_second_factor_from_enrolment_to_a_replayed_code(
    suite: Suite, page: Page, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    compte = made(suite, "double")
    first = signed_in(page.context, suite, compte)
    visit(page, f"{suite.address}/mon-compte")
    page.get_by_role("tab", name="Second facteur").click()
    page.get_by_role("button", name="Activer le second facteur").click()
    secret = page.get_by_test_id("stCode").inner_text().strip()
    assert len(secret) == 32
    field = page.get_by_label("Code affiché par l’application")
    field.fill("000000")
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_text("Ce code n’est pas le bon").last).to_be_visible()
    clock = pyotp.TOTP(secret)
    enrolled = clock.now()
    field.fill(enrolled)
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_text("Un code vous est demandé à chaque connexion").first).to_be_visible()

    context, tab = at_the_code(browser, suite, compte)
    for wrong in ("123456", enrolled):  # wrong, then already used
        give_code(tab, wrong)
        expect(tab.get_by_text("Ce code n’est pas le bon, ou il a déjà servi").first).to_be_visible()
    assert session_cookie(context) is None
    code = clock.at(time.time() + 30)  # the next one: clocks may differ by one step
    give_code(tab, code)
    tab.wait_for_url(f"{suite.address}/")
    expect(tab.get_by_text("Jeanne Double").first).to_be_visible()
    cookie = session_cookie(context)
    assert cookie is not None
    context.close()

    # Whoever saw that code over a shoulder is late.
    context, tab = at_the_code(browser, suite, compte)
    give_code(tab, code)
    expect(tab.get_by_text("Ce code n’est pas le bon, ou il a déjà servi").first).to_be_visible()
    assert session_cookie(context) is None

    # A link by e-mail gives a new password, and no way around the code.
    link = links.issue(suite.store, compte, Genre.OUBLI)
    visit(tab, f"{suite.address}/activation?lien={link}")
    other = "sept cigognes traversent Colmar"
    tab.get_by_label("Mot de passe", exact=True).fill(other)
    tab.get_by_label("Le même, de nouveau").fill(other)
    tab.get_by_role("button", name="Choisir ce mot de passe").click()
    tab.wait_for_url(f"{suite.address}/connexion")
    assert session_cookie(context) is None
    context.close()

    # Nothing secret was written: neither by the server, nor in the journal.
    written = log(tmp_path_factory, suite.port) + repr(journal.read(suite.store, limit=1_000))
    for word in (PASSWORD, other, secret, code, first, str(cookie["value"]), link, "billet="):
        assert word not in written
    assert "second facteur" in written


def log(tmp_path_factory: pytest.TempPathFactory, port: int) -> str:
    """What the server wrote."""
    path = next(Path(tmp_path_factory.getbasetemp()).glob(f"serveur*/{port}.log"))
    return path.read_text("utf-8", errors="replace")


def test_a_password_changed_elsewhere_expels_the_open_tab(suite: Suite, page: Page) -> None:
    compte = made(suite, "ouverte")
    signed_in(page.context, suite, compte)
    visit(page, f"{suite.address}/segur-synthese")
    expect(page.locator("dl.obs-chiffres")).to_be_visible()
    links.change_password(suite.store, compte, PASSWORD, "sept cigognes traversent Colmar")
    page.get_by_test_id("stSidebar").get_by_text("Arbre des territoires").click()
    title(page, "Accès refusé")
    expect(page.locator("dl.obs-chiffres")).to_have_count(0)


def test_a_disabled_account_leaves_its_open_tab(suite: Suite, page: Page) -> None:
    compte = made(suite, "renvoyee")
    signed_in(page.context, suite, compte)
    visit(page, f"{suite.address}/mon-compte")
    accounts.disable(suite.store, compte.id, suite.admin.email)
    page.get_by_role("button", name="Fermer toutes les autres").or_(
        page.get_by_role("button", name="Enregistrer")
    ).first.click()
    title(page, "Accès refusé")
    assert sessions.open_of(suite.store, compte.id) == []


def answer(suite: Suite, method: str, path: str, **headers: str) -> int:
    """The status of one bare HTTP request."""
    connection = http.client.HTTPConnection("127.0.0.1", suite.port, timeout=20)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, headers=sent)
        return connection.getresponse().status
    finally:
        connection.close()


def test_behind_a_proxy_the_reader_s_address_is_counted_and_noted(suite: Suite, browser: Browser) -> None:
    """What the proxy of this machine says of the reader reaches the lockout, the journal and the sessions."""
    context = browser.new_context(locale="fr-FR", extra_http_headers={"X-Forwarded-For": "203.0.113.7"})
    context.set_default_timeout(20_000)
    tab = context.new_page()
    sign_in(tab, f"{suite.address}/connexion", "personne@exemple.fr", "un mauvais mot de passe")
    expect(tab.get_by_test_id("stAlert")).to_be_visible(timeout=20_000)
    context.close()
    (line,) = journal.read(suite.store, journal.Filters(action="compte.echec", objet="personne@exemple.fr"))
    assert line.adresse == "203.0.113.7"


HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def test_forged_requests_are_refused(suite: Suite) -> None:
    stream = "/_stcore/stream"
    assert answer(suite, "GET", stream, **HANDSHAKE, Origin=suite.address) == 101
    assert answer(suite, "GET", stream, **HANDSHAKE, Origin="https://ailleurs.example") == 403
    # A file sent by another site's form, without the token that only our pages read.
    upload = "/_stcore/upload_file/session/fichier"
    assert answer(suite, "PUT", upload, Content_Length="0") == 403
    assert answer(suite, "DELETE", upload) == 403
    # A name that somebody pointed at this machine.
    assert (
        answer(suite, "GET", stream, **HANDSHAKE, Host="ailleurs.example", Origin="http://ailleurs.example")
        >= 400
    )


@pytest.mark.parametrize(
    "path",
    [
        "/tiers/leaflet/../../../../etc/passwd",
        "/tiers/leaflet/%2e%2e/%2e%2e/setup.py",
        "/obs-contours/..%2f..%2fetc%2fpasswd.json",
        "/obs-points/..%2fsecret/1/1/1.json",
        "/media/..%2f..%2fetc%2fpasswd",
        "/app/static/../../.streamlit/secrets.toml",
        "/.streamlit/secrets.toml",
        "//etc/passwd",
    ],
)
def test_no_path_leaves_the_suite(suite: Suite, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", suite.port, timeout=20)
    connection.request("GET", path)
    got = connection.getresponse()
    body = got.read()
    connection.close()
    assert got.status in {400, 403, 404}
    for word in (b"root:", b"cookie_secret", b"import "):
        assert word not in body
