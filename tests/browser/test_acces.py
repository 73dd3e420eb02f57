"""The front door as people use it: real sign-ins, real cookies, real messages, a real provider, a real proxy."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from lake.droits import Droits
from lake.settings import Settings
from lake.store.accounts import accounts, links, sessions, tree
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store
from lake.store.migrate import open_store
from tests.browser.accessibility import at_every_width
from tests.browser.conftest import settled, visit
from tests.browser.keyboard import tab_to
from tests.browser.proxy import free_port, nginx, unverified
from tests.mailbox import Mailbox, post

PASSWORD = "quatre mots choisis au hasard"
GRAND_EST = Droits(frozenset({"annuaire", "segur", "convergence"}), regions=frozenset({"44"}))


@dataclass
class Suite:
    """The suite with accounts, and all that stands around it."""

    address: str
    port: int
    store: Store
    mailbox: Mailbox
    admin: Compte
    manager: Compte
    pilot: Compte


@pytest.fixture(scope="module")
def suite(
    serve: Callable[..., str], petit_lake: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Suite]:
    folder = tmp_path_factory.mktemp("acces")
    url = f"sqlite:///{folder}/store.db"
    store = open_store(Settings(store=url))
    people = {}
    for name, profil, droits in (
        ("admin", "administrateur", None),
        ("manager", "grades_ars", GRAND_EST),
        ("pilot", "pilote_regional", GRAND_EST),
        ("expert", "expert_national", None),
    ):
        made = accounts.create(
            store,
            email=f"{name}@exemple.fr",
            nom=name.capitalize(),
            prenom="Anne",
            organisation="Groupement régional",
            profil=profil,
            droits=droits,
            peut_creer=name == "manager",
            responsable_id=people["admin"].id if people else None,
        )
        people[name] = (
            made
            if name == "expert"
            else links.choose(store, links.issue(store, made, Genre.ACTIVATION), PASSWORD)
        )
    person = User(sub="pro-1", claims={"email": "expert@exemple.fr", "email_verified": True})
    stranger = User(sub="pro-2", claims={"email": "pilot@exemple.fr"})
    with post() as (smtp, mailbox), run_server_in_thread(user_claims=[person, stranger]) as provider:
        port = free_port()
        secrets = folder / "secrets.toml"
        secrets.write_text(
            f"""
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "cle-de-test-de-trente-deux-octets-au-moins"
[auth.essai]
client_id = "observatoire"
client_secret = "secret-de-test"
server_metadata_url = "http://127.0.0.1:{provider.server_port}/.well-known/openid-configuration"
[portes.essai]
libelle = "Fournisseur d'essai"
""",
            "utf-8",
        )
        address = serve(
            petit_lake,
            f"--secrets.files={secrets}",
            port=port,
            OBS_ACCES="comptes",
            OBS_STORE=url,
            OBS_URL=f"http://127.0.0.1:{port}",
            OBS_SMTP=smtp,
        )
        yield Suite(address, port, store, mailbox, people["admin"], people["manager"], people["pilot"])
    store.close()


def signed_in(context: BrowserContext, suite: Suite, compte: Compte) -> str:
    """Give a browser a session of an account, as the route would; returns the cookie's value."""
    secret = sessions.open_session(suite.store, compte)
    assert secret is not None
    context.add_cookies([{"name": "obs_session", "value": secret, "url": suite.address, "httpOnly": True}])
    return secret


def fill(tab: Page, **values: str) -> None:
    for label, value in values.items():
        tab.get_by_label(label.replace("_", " "), exact=True).fill(value)


def sign_in(tab: Page, address: str, email: str, password: str = PASSWORD) -> None:
    visit(tab, address)
    fill(tab, Adresse_électronique=email, Mot_de_passe=password)
    tab.locator("[data-testid=stForm] button", has_text="Se connecter").click()


def session_cookie(context: BrowserContext) -> dict[str, Any] | None:
    return next((dict(one) for one in context.cookies() if str(one["name"]).endswith("obs_session")), None)


def title(tab: Page, text: str | re.Pattern[str]) -> None:
    # While a page gives way to another, both titles stand for a moment.
    expect(tab.locator("h1").filter(has_text=text)).to_have_count(1, timeout=20_000)
    expect(tab.locator("h1")).to_have_count(1, timeout=20_000)


def test_a_refused_deep_link_opens_after_sign_in_with_its_filters(suite: Suite, page: Page) -> None:
    visit(page, f"{suite.address}/segur-psc?region=44")
    title(page, "Accès refusé")
    expect(page.locator("dl.obs-chiffres")).to_have_count(0)
    page.get_by_role("link", name="Se connecter").click()
    page.wait_for_url("**/connexion?retour=*")
    settled(page)
    fill(page, Adresse_électronique=suite.pilot.email, Mot_de_passe=PASSWORD)
    page.locator("[data-testid=stForm] button", has_text="Se connecter").click()
    page.wait_for_url("**/segur-psc?region=44")
    settled(page)
    expect(page.locator("dl.obs-chiffres")).to_be_visible()
    cookie = session_cookie(page.context)
    assert cookie is not None
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert "obs_session" not in page.evaluate("document.cookie")
    page.reload()
    settled(page)
    expect(page.locator("dl.obs-chiffres")).to_be_visible()
    assert page.url.endswith("/segur-psc?region=44")


def test_a_wrong_password_is_answered_as_an_unknown_address(suite: Suite, page: Page) -> None:
    said = []
    for email in (suite.pilot.email, "personne@exemple.fr"):
        sign_in(page, f"{suite.address}/connexion", email, "un mauvais mot de passe")
        alert = page.get_by_test_id("stAlert")
        expect(alert).to_have_text(re.compile(r"\w"))  # drawn empty, then filled
        said.append(alert.inner_text())
    assert said[0] == said[1]
    assert session_cookie(page.context) is None


def test_a_session_that_ends_expels_the_open_tab_and_refuses_the_stolen_cookie(
    suite: Suite, page: Page, browser: Browser
) -> None:
    secret = signed_in(page.context, suite, suite.pilot)
    visit(page, f"{suite.address}/segur-synthese")
    expect(page.locator("dl.obs-chiffres")).to_be_visible()
    other = page.context.new_page()
    visit(other, f"{suite.address}/deconnexion")
    other.get_by_role("button", name="Me déconnecter").click()
    other.wait_for_url(f"{suite.address}/")
    settled(other)
    assert session_cookie(page.context) is None
    # The tab that was left open is refused at its next action, its files too.
    page.get_by_test_id("stSidebar").get_by_text("Arbre des territoires").click()
    title(page, "Accès refusé")
    with_stolen = browser.new_context(locale="fr-FR")
    with_stolen.add_cookies([{"name": "obs_session", "value": secret, "url": suite.address}])
    thief = with_stolen.new_page()
    visit(thief, f"{suite.address}/segur-synthese")
    title(thief, "Accès refusé")
    with_stolen.close()


def test_a_file_is_refused_once_the_session_is_over(suite: Suite, page: Page) -> None:
    signed_in(page.context, suite, suite.pilot)
    visit(page, f"{suite.address}/segur-synthese")
    button = page.get_by_role("button", name="CSV", exact=True).first
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename.startswith("segur_")
    sessions.close(suite.store, suite.pilot)
    button.click()
    expect(page.get_by_text("Le téléchargement a échoué").first).to_be_visible()


def test_a_ticket_works_once_and_no_link_signs_in(suite: Suite) -> None:
    for asked in ("", "?billet=", "?billet=invente"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{suite.address}/obs-session{asked}")
        assert refused.value.code == 400
        assert "set-cookie" not in {name.lower() for name in refused.value.headers}


def test_from_not_registered_to_a_filtered_page(suite: Suite, page: Page, browser: Browser) -> None:
    visit(page, suite.address)
    page.get_by_role("link", name="Pas encore inscrit").click()
    page.wait_for_url("**/inscription")
    settled(page)
    fill(
        page,
        Adresse_électronique="nouvelle@exemple.fr",
        Prénom="Nour",
        Nom="Velle",
        Organisation="Groupement régional",
    )
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(page.get_by_text("Votre demande est enregistrée").first).to_be_visible()
    assert suite.mailbox.link("nouvelle@exemple.fr") == ""

    desk = browser.new_context(locale="fr-FR", viewport={"width": 1440, "height": 900})
    signed_in(desk, suite, suite.manager)
    manager = desk.new_page()
    visit(manager, f"{suite.address}/collaborateurs")
    expect(manager.get_by_text("Nour Velle").first).to_be_visible()
    manager.get_by_role("button", name="Accepter").click()
    expect(manager.get_by_text("Aucune demande n’attend")).to_be_attached()
    desk.close()

    link = suite.mailbox.link("nouvelle@exemple.fr")
    assert link
    visit(page, suite.address + link)
    fill(page, Mot_de_passe=PASSWORD)
    page.get_by_label("Le même, de nouveau").fill(PASSWORD)
    page.get_by_role("button", name="Choisir ce mot de passe").click()
    page.wait_for_url(f"{suite.address}/")
    visit(page, f"{suite.address}/segur-psc?region=44")
    expect(page.locator("dl.obs-chiffres")).to_be_visible()
    made = accounts.find(suite.store, "nouvelle@exemple.fr")
    assert made is not None
    assert made.responsable_id == suite.manager.id
    assert tree.rights(suite.store, made) == tree.rights(suite.store, suite.manager)
    # The link does not work twice.
    visit(page, suite.address + link)
    expect(page.get_by_text("Ce lien n’est plus valable").first).to_be_visible()


def test_asking_signing_in_and_accepting_with_the_keyboard_alone(suite: Suite, page: Page) -> None:
    visit(page, f"{suite.address}/inscription")
    for label, text in (
        ("Adresse électronique", "clavier@exemple.fr"),
        ("Prénom", "Claude"),
        ("Nom", "Vier"),
        ("Organisation", "Groupement régional"),
    ):
        tab_to(page, label)
        page.keyboard.type(text)
    tab_to(page, "Envoyer ma demande")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Votre demande est enregistrée").first).to_be_visible()

    visit(page, f"{suite.address}/connexion?retour=/collaborateurs")
    tab_to(page, "Adresse électronique")
    page.keyboard.type(suite.manager.email)
    tab_to(page, "Mot de passe")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/collaborateurs")
    settled(page)
    expect(page.get_by_text("Claude Vier").first).to_be_visible()
    tab_to(page, "Accepter")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Le lien est envoyé à clavier@exemple.fr").first).to_be_visible()
    tab_to(page, "Demandes")
    page.keyboard.press("ArrowRight")  # the tabs are one stop, walked with the arrows
    expect(page.get_by_role("tab", name="Équipe", exact=True)).to_be_focused()
    page.keyboard.press("Enter")  # chosen by the arrow or by this key: twice is once
    expect(page.get_by_role("button", name="Claude Vier")).to_be_visible()
    tab_to(page, "Claude Vier")
    page.keyboard.press("Enter")
    page.wait_for_url("**/collaborateurs?compte=*")
    expect(page.get_by_role("heading", name="Claude Vier")).to_be_visible()


def test_a_page_is_whole_once_the_scripts_of_its_controls_have_come(suite: Suite, browser: Browser) -> None:
    desk = browser.new_context(locale="fr-FR")
    late: list[str] = []

    def hold(route: Route) -> None:
        late.append(route.request.url)
        time.sleep(1.5)
        route.continue_()

    desk.route("**/TextInput.*.js", hold)
    tab = desk.new_page()
    visit(tab, f"{suite.address}/connexion")
    assert late, "the field's script is no longer fetched apart: this test holds nothing back"
    assert tab.get_by_label("Adresse électronique").count() == 1
    tab_to(tab, "Mot de passe", rounds=1)
    desk.close()


def test_a_refused_form_leads_to_its_fields_keeps_what_was_typed_and_sends_once(
    suite: Suite, page: Page
) -> None:
    """What only a browser shows of a declared form: the focus, what a screen reader is told, a real double click."""
    signed_in(page.context, suite, suite.manager)
    visit(page, f"{suite.address}/collaborateurs")
    page.get_by_role("tab", name="Créer").click()
    expect(page.get_by_label("Prénom")).to_be_visible()
    page.get_by_label("Prénom").fill("Double")
    create = page.get_by_role("button", name="Créer et envoyer le lien")
    # A slow machine draws the summary before the fields that it names.
    pace = page.context.new_cdp_session(page)
    pace.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    create.click()  # leaves the field and sends at once
    summary = page.get_by_role("alert").filter(has_text="champs sont à corriger")
    expect(summary).to_be_visible()
    email = page.get_by_label("Adresse électronique")
    expect(email).to_be_focused()  # the first refused field
    pace.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_attribute("aria-describedby", re.compile(r"\w"))
    told = page.locator(f"[id='{email.get_attribute('aria-describedby')}']")
    expect(told).to_have_text("À remplir.")
    expect(page.get_by_label("Prénom")).not_to_have_attribute("aria-invalid", "true")
    summary.get_by_role("link", name="Nom", exact=True).click()
    expect(page.get_by_label("Nom", exact=True)).to_be_focused()
    page.keyboard.type("Clic")
    page.reload()  # nothing is lost but what the keyboard still held
    settled(page)
    page.get_by_role("tab", name="Créer").click()
    expect(page.get_by_label("Prénom")).to_have_value("Double")
    page.get_by_label("Nom", exact=True).fill("Clic")
    page.get_by_label("Adresse électronique").fill("double@exemple.fr")
    page.get_by_role("button", name="Créer et envoyer le lien").dblclick()
    expect(page.get_by_role("heading", name="Double Clic")).to_be_visible()
    expect(page.get_by_text("existe déjà")).to_have_count(0)
    assert [one.email for one in accounts.everyone(suite.store)].count("double@exemple.fr") == 1


def provider_sign_in(tab: Page, suite: Suite, subject: str, path: str = "connexion") -> None:
    visit(tab, f"{suite.address}/{path}")
    tab.get_by_role("button", name="Fournisseur d’essai").click()
    tab.get_by_role("button", name=subject, exact=True).first.click()
    tab.wait_for_url(re.compile(re.escape(suite.address) + "/.*"))
    settled(tab)


def test_a_provider_opens_a_session_once(suite: Suite, browser: Browser) -> None:
    context = browser.new_context(locale="fr-FR")
    kept: list[dict[str, Any]] = []

    def watch(response: Any) -> None:
        if "/oauth2callback" in response.url:
            for header in response.headers_array():
                if header["name"].lower() == "set-cookie" and header["value"].startswith("_streamlit_user="):
                    value = header["value"].split(";")[0].partition("=")[2]
                    kept.append({"name": "_streamlit_user", "value": value, "url": suite.address})

    context.on("response", watch)
    tab = context.new_page()
    # Back from the provider, the reader lands on the page asked before leaving, filters included.
    provider_sign_in(tab, suite, "pro-1", "connexion?retour=/segur-psc%3Fregion%3D44")
    tab.wait_for_url("**/segur-psc?region=44")
    settled(tab)
    expect(tab.get_by_text("Anne Expert").first).to_be_visible()
    expect(tab.locator("dl.obs-chiffres")).to_be_visible()
    names = {str(one["name"]) for one in context.cookies(suite.address)}
    assert "obs_session" in names
    assert not names & {"_streamlit_user", "obs_retour"}
    visit(tab, f"{suite.address}/deconnexion")
    tab.get_by_role("button", name="Me déconnecter").click()
    tab.wait_for_url(f"{suite.address}/")
    # The provider's own cookie, copied before it was taken away, opens nothing any more.
    assert kept
    thief = browser.new_context(locale="fr-FR")
    thief.add_cookies(kept)  # type: ignore[arg-type]
    copy = thief.new_page()
    visit(copy, f"{suite.address}/segur-synthese")
    title(copy, "Accès refusé")
    expect(copy.get_by_text("Cette connexion est terminée").first).to_be_visible()
    thief.close()
    context.close()


def test_a_provider_that_does_not_vouch_for_an_address_opens_nothing(suite: Suite, browser: Browser) -> None:
    context = browser.new_context(locale="fr-FR")
    tab = context.new_page()
    provider_sign_in(tab, suite, "pro-2")
    tab.wait_for_url("**/identite-inconnue?raison=adresse")
    title(tab, "Aucun compte pour cette identité")
    expect(tab.get_by_text("aucun compte ne lui correspond").first).to_be_visible()
    names = {str(one["name"]) for one in context.cookies(suite.address)}
    assert not names & {"obs_session", "_streamlit_user"}
    context.close()


def test_behind_the_documented_proxy_cookies_are_secure_and_links_survive(
    suite: Suite, browser: Browser, tmp_path: Path
) -> None:
    with nginx(tmp_path / "nginx", suite.port) as (tls, plain):
        with urllib.request.urlopen(f"{tls}/annuaire-carte", context=unverified()) as answer:
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            assert answer.headers["x-content-type-options"] == "nosniff"
        with pytest.raises(urllib.error.HTTPError) as closed:
            urllib.request.urlopen(f"{tls}/_stcore/metrics", context=unverified())
        assert closed.value.code == 404
        context = browser.new_context(locale="fr-FR", ignore_https_errors=True)
        tab = context.new_page()
        sign_in(tab, f"{tls}/connexion?retour=/segur-psc?region=44", suite.manager.email)
        tab.wait_for_url("**/segur-psc?region=44")
        settled(tab)
        expect(tab.locator("dl.obs-chiffres")).to_be_visible()
        tab.reload()
        settled(tab)
        expect(tab.locator("dl.obs-chiffres")).to_be_visible()
        cookies = {str(one["name"]): one for one in context.cookies()}
        assert cookies["__Host-obs_session"]["httpOnly"]
        assert all(one["secure"] for one in cookies.values())
        context.close()
        log = (tmp_path / "nginx" / "acces.log").read_text()
        assert "/obs-session" in log
        assert "billet" not in log
    assert plain.startswith("http://")


def test_the_front_door_is_accessible_and_fits_its_screen(suite: Suite, page: Page) -> None:
    for path in (
        "",
        "connexion",
        "inscription",
        "mentions-legales",
        "declaration-accessibilite",
        "segur-psc",
    ):
        visit(page, f"{suite.address}/{path}")
        assert at_every_width(page) == [], path
    signed_in(page.context, suite, suite.admin)
    for path in ("mon-compte", f"collaborateurs?compte={suite.pilot.id}", "journal"):
        visit(page, f"{suite.address}/{path}")
        assert at_every_width(page) == [], path


def test_a_password_change_ends_every_session(suite: Suite, page: Page, browser: Browser) -> None:
    victim = accounts.create(
        suite.store,
        email="ailleurs@exemple.fr",
        nom="Ailleurs",
        prenom="Jean",
        organisation="Groupement régional",
        profil="expert_national",
    )
    victim = links.choose(suite.store, links.issue(suite.store, victim, Genre.ACTIVATION), PASSWORD)
    elsewhere = browser.new_context(locale="fr-FR")
    signed_in(elsewhere, suite, victim)
    signed_in(page.context, suite, victim)
    visit(page, f"{suite.address}/mon-compte")
    page.get_by_role("tab", name="Mot de passe").click()
    page.get_by_label("Mot de passe actuel").fill(PASSWORD)
    page.get_by_label("Nouveau mot de passe").fill("une autre phrase assez longue")
    page.get_by_label("Le même, de nouveau").fill("une autre phrase assez longue")
    page.get_by_role("button", name="Changer de mot de passe").click()
    page.wait_for_url("**/connexion")
    other = elsewhere.new_page()
    visit(other, f"{suite.address}/segur-synthese")
    title(other, "Accès refusé")
    elsewhere.close()
    assert sessions.open_of(suite.store, victim.id) == []
