"""The suite by two processes behind the documented nginx: a reader stays on one, and loses nothing when it dies."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Request, expect

from lake.settings import Settings
from lake.store.accounts import accounts, links
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store
from lake.store.migrate import open_store
from tests.browser.conftest import DESK, PATIENCE, ROOT, settled, visit
from tests.browser.proxy import nginx
from tests.browser.test_acces import PASSWORD, sign_in, title
from tests.unit.test_several_servers import consecutive, until

SIGNS = "email;nom;prenom;organisation;profil\n"


@dataclass
class Served:
    """Two processes, their proxy, and who administers them."""

    address: str
    ports: list[int]
    store: Store
    admin: Compte
    supervisor: int


@pytest.fixture(scope="module")
def served(petit_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder, ports = tmp_path_factory.mktemp("processus"), consecutive(2)
    url = f"sqlite:///{folder}/store.db"
    store = open_store(Settings(store=url))
    admin = accounts.create(
        store, email="admin@exemple.fr", nom="Martin", prenom="Anne", organisation="Observatoire",
        profil="administrateur",
    )  # fmt: skip
    admin = links.choose(store, links.issue(store, admin, Genre.ACTIVATION), PASSWORD)
    log = folder / "serveur.log"
    with log.open("wb") as out, nginx(folder / "nginx", *ports) as (tls, _):
        process = subprocess.Popen(
            [
                sys.executable, "-m", "apps.cli", "serve", "--processus", "2", "--port", str(ports[0]),
                "--sans-navigateur",
            ],
            cwd=ROOT,
            env=os.environ
            | {"OBS_LAKE": str(petit_lake), "OBS_STORE": url, "OBS_ACCES": "comptes", "OBS_URL": tls},
            stdout=out,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            for port in ports:
                limit = time.monotonic() + 90
                while not _ready(port):
                    assert process.poll() is None, log.read_text(errors="replace")[-3000:]
                    assert time.monotonic() < limit
                    time.sleep(0.25)
            yield Served(tls, ports, store, admin, process.pid)
        finally:
            process.terminate()
            assert process.wait(timeout=60) == 0
    store.close()


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/obs-pret", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def on(browser: Browser, served: Served, rank: int) -> BrowserContext:
    """A browser that nginx keeps on this process."""
    context = browser.new_context(viewport=DESK, locale="fr-FR", ignore_https_errors=True)
    context.set_default_timeout(PATIENCE)
    stay(context, served, rank)
    return context


def stay(context: BrowserContext, served: Served, rank: int) -> None:
    context.add_cookies([{"name": "obs_processus", "value": str(rank), "url": served.address}])


def kept(context: BrowserContext) -> str:
    return next(str(one["value"]) for one in context.cookies() if one["name"] == "obs_processus")


def tabs(served: Served, rank: int) -> int:
    """The tabs open on a process, as it says itself."""
    port = served.ports[rank - 1]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/obs-processus", timeout=5) as answer:
        return int(json.load(answer)["tabs"])


def test_a_reader_stays_on_the_process_that_a_cookie_names(served: Served, browser: Browser) -> None:
    context = browser.new_context(viewport=DESK, locale="fr-FR", ignore_https_errors=True)
    tab = context.new_page()
    visit(tab, f"{served.address}/mentions-legales")
    (cookie,) = [one for one in context.cookies() if one["name"] == "obs_processus"]
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Lax")
    assert cookie["value"] in {"1", "2"}
    rank = int(str(cookie["value"]))
    assert (tabs(served, rank), tabs(served, 3 - rank)) == (1, 0)
    expect(tab.get_by_text("lequel de nos processus tient votre page")).to_be_visible()
    context.close()


def test_signed_in_on_one_known_on_the_other_and_expelled_from_both(
    served: Served, browser: Browser, tmp_path: Path
) -> None:
    first, second = on(browser, served, 1), on(browser, served, 2)
    tab = first.new_page()
    sign_in(tab, f"{served.address}/connexion?retour=/segur-psc?region=44", served.admin.email)
    tab.wait_for_url(f"{served.address}/segur-psc?region=44")
    settled(tab)
    expect(tab.locator("dl.obs-chiffres")).to_be_visible()
    assert kept(first) == "1"
    second.add_cookies([one for one in first.cookies() if one["name"] == "__Host-obs_session"])  # type: ignore[misc]

    other = second.new_page()
    visit(other, f"{served.address}/segur-psc?region=44")
    assert (kept(second), tabs(served, 1), tabs(served, 2)) == ("2", 1, 1)
    expect(other.locator("dl.obs-chiffres")).to_be_visible()
    for one in (tab, other):  # a file is held by the process that made it
        with one.expect_download() as download:
            one.get_by_role("button", name="CSV", exact=True).first.click()
        assert Path(download.value.path()).read_bytes().startswith("\ufeff".encode())

    visit(other, f"{served.address}/collaborateurs")
    other.get_by_role("tab", name="Importer").click()
    sent = tmp_path / "comptes.csv"
    sent.write_text(f"{SIGNS}jean@exemple.fr;Petit;Jean;Observatoire;expert_national\n", "utf-8")
    other.locator("input[type=file]").set_input_files(sent)
    expect(other.get_by_text("1 compte à créer")).to_be_visible()

    visit(tab, f"{served.address}/deconnexion")
    tab.get_by_role("button", name="Me déconnecter").click()
    tab.wait_for_url(f"{served.address}/")
    other.get_by_role("tab", name="Comptes").first.click()
    title(other, re.compile("Accès refusé|Session terminée"))
    first.close()
    second.close()


def test_when_its_process_dies_the_page_comes_back_at_the_same_address(
    served: Served, browser: Browser
) -> None:
    context = on(browser, served, 2)
    tab = context.new_page()
    documents: list[str] = []

    def loaded(request: Request) -> None:
        if request.is_navigation_request():
            documents.append(request.url)

    tab.on("request", loaded)
    visit(tab, f"{served.address}/annuaire-carte?departement=67")
    figure = tab.locator("dl.obs-chiffres dd").first.inner_text()
    assert (kept(context), len(documents)) == ("2", 1)

    with tab.expect_websocket() as opened:
        os.kill(_serving(served, 2), signal.SIGKILL)
    opened.value.wait_for_event("framereceived", lambda body: len(body) > 400)  # the page is drawn there
    settled(tab)
    expect(tab.locator("dl.obs-chiffres dd").first).to_have_text(figure)
    assert tab.url.endswith("/annuaire-carte?departement=67")
    assert (kept(context), tabs(served, 1)) == ("1", 1)
    assert len(documents) == 1  # the same page: nothing was loaded again
    with tab.expect_download() as download:  # what follows goes where the page now lives
        tab.get_by_role("button", name="CSV", exact=True).first.click()
    assert Path(download.value.path()).stat().st_size > 100
    # The one that died is back for others, and this reader is not moved a second time.
    until(lambda: _ready(served.ports[1]))
    tab.reload()
    settled(tab)
    assert kept(context) == "1"
    context.close()


def _serving(served: Served, rank: int) -> int:
    """The process that its supervisor started for a port."""
    children = Path(f"/proc/{served.supervisor}/task/{served.supervisor}/children").read_text().split()
    option = f"--server.port={served.ports[rank - 1]}"
    (found,) = [one for one in children if option in Path(f"/proc/{one}/cmdline").read_text().split("\0")]
    return int(found)
