"""The whole table: profile × page × export × direct address. A page that is not in it fails the first test.

To add a page: put its address in :data:`PAGES` (a page about a universe) or :data:`SCREENS` (a page of the front
door), with who may open it. Nothing is allowed that is not written here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from starlette.requests import Request

from apps import registry
from apps.acces import declaration
from apps.cli import obs
from apps.kit.access import access, session
from apps.kit.access.access import Audience
from apps.kit.access.session_route import COOKIE
from apps.kit.data.data import data, open_lake
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.pages.export import read_back, table_csv
from apps.kit.pages.page import Page
from apps.kit.shell.screen import Screen
from lake.catalog.convergence import SOLUTIONS
from lake.catalog.territoires import DEPARTEMENTS
from lake.droits import UNIVERS, Droits
from lake.errors import AccessDenied
from lake.settings import Settings
from lake.store import journal
from lake.store.accounts import accounts, links, sessions
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.tables import Lake
from scoring.universes.answer import family
from scoring.universes.selection import Selection
from tests.pages.drawing import AppTest

PUBLIC, SEGUR, CONVERGENCE, SAS = "annuaire", "segur", "convergence", "sas"
# address -> universe whose right opens it
PAGES: dict[str, str] = {
    **dict.fromkeys(
        """annuaire-carte annuaire-diagnostic annuaire-accessibilite annuaire-scenario annuaire-evolution
        annuaire-repertoire annuaire-qualite annuaire-donnees annuaire-notice""".split(),
        PUBLIC,
    ),
    **dict.fromkeys(
        """segur-synthese segur-synthese-territoires segur-psc segur-psc-carte segur-psc-professions segur-insi
        segur-insi-appels segur-dmp segur-dmp-acteurs segur-mss segur-mss-carte segur-certificats segur-cartes
        segur-asp segur-securite segur-structures segur-objectifs segur-pourquoi segur-classement segur-referencement
        segur-notice segur-telecharger""".split(),
        SEGUR,
    ),
    **dict.fromkeys(
        """convergence-synthese convergence-axes convergence-domaines convergence-indicateurs convergence-maturite
        convergence-moyennes convergence-editeurs convergence-plan convergence-formule convergence-dependances
        convergence-cartographie convergence-publication""".split(),
        CONVERGENCE,
    ),
    # Opened by a role in a SAS, which only administrators have here.
    **dict.fromkeys("sas-offre sas-demande sas-rendez-vous sas-couverture".split(), SAS),
}
EVERYONE, SIGNED_IN = Audience.EVERYONE, Audience.SIGNED_IN
# address -> whom it is for
SCREENS: dict[str, Audience] = {
    "accueil": EVERYONE,
    "mentions-legales": EVERYONE,
    "declaration-accessibilite": EVERYONE,
    "connexion": EVERYONE,
    "inscription": EVERYONE,
    "oubli": EVERYONE,
    "activation": EVERYONE,
    # Whom a provider vouched for, and nobody here knows.
    "identite-inconnue": EVERYONE,
    # Says who is signed in and offers to leave: nothing to hide from a visitor.
    "deconnexion": EVERYONE,
    "mon-compte": SIGNED_IN,
    "collaborateurs": Audience.MANAGERS,
    "journal": Audience.ADMINISTRATORS,
    "exploitation": Audience.ADMINISTRATORS,
    # Each analysis is asked for again, under the reader's own rights and what is shared with it.
    **dict.fromkeys(
        """analyses-indicateurs analyses-modeles analyses-mes analyses-creer analyses-barre analyses-lire
        analyses-modifier""".split(),
        SIGNED_IN,
    ),
    # Asked of the roles in a SAS: nobody has one here, and administrators have them all.
    **dict.fromkeys(
        "sas-consultation sas-orientations sas-agenda sas-comptes sas-equite sas-territoires".split(),
        Audience.ADMINISTRATORS,
    ),
    # A version of the questions is everyone's: administrators publish it.
    "saisie-referentiel": Audience.ADMINISTRATORS,
    # So is a campaign: administrators close it.
    "saisie-campagne": Audience.ADMINISTRATORS,
    # What becomes of a proposal is decided for everyone.
    "saisie-ameliorations": Audience.ADMINISTRATORS,
    # Opened by the link of a reminder, without sign-in; it shows nothing of an agenda.
    "sas-retour": EVERYONE,
    # The cards that regions show to everyone, and nothing of what is answered.
    "saisie-catalogue": EVERYONE,
    # Opened by the signed link of a message, without sign-in; it shows nothing but a title.
    "analyses-desabonnement": EVERYONE,
}
ALL = set(UNIVERS)
# The entry: its regional profiles, editors for their products, administrators; others by a grant that names a service.
ENTRY = {
    f"saisie-{name}"
    for name in (
        "tableau",
        "commencer",
        "questionnaire",
        "plan",
        "validation",
        "historique",
        "recommandations",
        "semblable",
        "appuis",
        "equipe",
    )
}
# Whom the entry admits, and the national experts: they read what teams ask them, and the guide.
ASKED = {"saisie-interpretations", "saisie-aide"}
ENTERING = {"pilote_regional", "grades_ars", "industriel", "administrateur"}
# address -> the profiles that it opens for, where no universe and no audience says it.
OTHERS = {
    **dict.fromkeys(ENTRY, ENTERING),
    **dict.fromkeys(ASKED, ENTERING | {"expert_national"}),
    # Professionals who hold no role in a SAS; a profile that says nothing of a profession may be one's.
    "sas-rejoindre": {"grand_public"},
}
# profile -> universes, audiences
PROFILES: dict[str, tuple[set[str], set[Audience]]] = {
    "visiteur": ({PUBLIC}, {EVERYONE}),
    "grand_public": ({PUBLIC}, {EVERYONE, SIGNED_IN}),
    "industriel": (ALL, {EVERYONE, SIGNED_IN}),
    "pilote_regional": (ALL, {EVERYONE, SIGNED_IN}),
    "grades_ars": (ALL, {EVERYONE, SIGNED_IN, Audience.MANAGERS}),
    "expert_national": (ALL, {EVERYONE, SIGNED_IN}),
    "administrateur": (ALL | {SAS}, set(Audience)),
}
GRAND_EST = Droits(frozenset(UNIVERS), regions=frozenset({"44"}))
DECLARED: dict[str, Page] = {
    f"{app.name}-{page.name}": page
    for app in registry.APPS
    for page in __import__(app.module, fromlist=["PAGES"]).PAGES
}
# What a reader's menu holds: address -> whether it shows.
MENU = """
import streamlit as st
from apps import registry
st.session_state["menu"] = {
    page.url_path: page.visibility for pages in registry.menu().values() for page in pages
}
"""
# What stands at each address that the menu hides: the very pages that Streamlit would run.
AT_ADDRESSES = """
import streamlit as st
from apps import registry
for pages in registry.menu().values():
    for page in pages:
        if page.url_path in st.session_state["asked"]:
            st.markdown(f"@{page.url_path}")
            page._page()
"""

SYNTHESE = """
from apps.convergence.declaration import PAGES
from apps.kit.shell.draw import draw
draw(PAGES[0])
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = open_store(Settings(store=f"sqlite:///{tmp_path_factory.mktemp('table')}/store.db"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def people(store: Store) -> dict[str, Compte]:
    found = {}
    for profil in PROFILES:
        if profil != "visiteur":
            compte = accounts.create(
                store,
                email=f"{profil.replace('_', '-')}@exemple.fr",
                nom="Essai",
                prenom="Anne",
                organisation="Éditeur A",
                profil=profil,
                droits=GRAND_EST if profil in ("pilote_regional", "grades_ars") else None,
                peut_creer=profil == "grades_ars",
            )
            end = links.issue(store, compte, Genre.ACTIVATION)
            found[profil] = links.choose(store, end, "quatre mots choisis au hasard")
    return found


Become = Callable[[str], str]


@pytest.fixture
def become(
    store: Store, people: dict[str, Compte], petit_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Become]:
    """``become("industriel")``: from now on pages are read by an account of that profile."""
    monkeypatch.setenv("OBS_ACCES", "comptes")
    monkeypatch.setenv("OBS_LAKE", str(petit_lake))
    monkeypatch.setenv("OBS_STORE", store.url.render_as_string(hide_password=False))
    open_lake.clear()
    monkeypatch.setattr(session, "store", lambda: store)

    def take(profil: str) -> str:
        secret = "" if profil == "visiteur" else str(sessions.open_session(store, people[profil]))
        monkeypatch.setattr(session, "cookie", lambda: secret)
        return secret

    yield take
    open_lake.clear()


def test_every_address_of_the_suite_is_in_the_table(become: Become) -> None:
    """A new page fails here until somebody writes who may open it."""
    found: dict[str, str] = {}
    for profil in ("visiteur", "administrateur"):
        become(profil)
        found |= AppTest.from_string(MENU, default_timeout=60).run().session_state["menu"]
    home = declaration.ACCUEIL.name
    assert {address or home for address in found} - set(PAGES) - set(SCREENS) - set(OTHERS) == set()
    assert {address: family(page.universe) for address, page in DECLARED.items()} == PAGES
    screens = [one for one in vars(declaration).values() if isinstance(one, Screen)]
    audiences = {one.name: one.audience for one in screens}
    assert audiences == {name: SCREENS[name] for name in audiences}


@pytest.mark.parametrize("profil", PROFILES)
def test_menu_and_direct_addresses(profil: str, become: Become) -> None:
    become(profil)
    universes, audiences = PROFILES[profil]
    menu = AppTest.from_string(MENU, default_timeout=60).run().session_state["menu"]
    refused = {address for address, universe in PAGES.items() if universe not in universes}
    refused |= {address for address, audience in SCREENS.items() if audience not in audiences}
    refused |= {address for address, profiles in OTHERS.items() if profil not in profiles}
    assert {address for address in PAGES if menu[address] == "visible"} == set(PAGES) - refused
    for address in refused:
        assert menu[address] == "hidden", address
    # One way in for a visitor, one way out for who is signed in.
    assert menu["connexion"] == ("visible" if profil == "visiteur" else "hidden")
    assert menu["deconnexion"] == ("hidden" if profil == "visiteur" else "visible")
    # Typed in the address bar, each refused page runs, refuses, and computes nothing.
    at = AppTest.from_string(AT_ADDRESSES, default_timeout=60)
    at.session_state["asked"] = refused
    at.run()
    assert not at.exception
    assert [one.value for one in at.markdown] == [f"@{address}" for address in menu if address in refused]
    assert [one.value for one in at.title] == ["Accès refusé"] * len(refused)
    assert not at.metric
    assert not at.dataframe
    assert not [one for one in at.get("html") if "obs-chiffres" in one.proto.body]


@pytest.mark.parametrize("profil", ["pilote_regional", "expert_national", "grand_public", "administrateur"])
def test_no_card_of_the_home_leads_to_a_refusal(profil: str, become: Become) -> None:
    become(profil)
    at = AppTest.from_string("from apps.acces.accueil import _rooms; _rooms()", default_timeout=60).run()
    assert not at.exception
    [cards] = [one.proto.body for one in at.get("html") if "obs-cartes" in one.proto.body]
    menu = AppTest.from_string(MENU, default_timeout=60).run().session_state["menu"]
    led = [one.partition("?")[0] for one in re.findall(r'href="\./([^"]+)"', cards)]
    assert led
    assert {menu[address] for address in led} == {"visible"}
    reserved = {
        one.partition("</strong>")[0] for one in cards.split("<strong>")[1:] if "aucun de vos rôles" in one
    }
    assert ("SAS" in reserved) == (profil in ("pilote_regional", "expert_national"))
    assert ("Saisie" in reserved) == (profil == "grand_public"), "an expert reads what it is asked"


@pytest.mark.parametrize("profil", PROFILES)
def test_each_page_asks_when_it_runs_and_each_file_when_it_is_taken(
    profil: str, become: Become, store: Store, people: dict[str, Compte]
) -> None:
    become(profil)
    universes, _ = PROFILES[profil]
    files = []
    for address, page in DECLARED.items():
        if family(page.universe) not in universes:
            with pytest.raises(AccessDenied):
                access.require(page.name, family(page.universe))
            continue
        reads = access.require(page.name, family(page.universe))
        files.append((address, reads.export(f"{address}.csv", lambda: b"rangs")))
    assert {address for address, _ in files} == {
        address for address, universe in PAGES.items() if universe in universes
    }
    before = len(journal.read(store, journal.Filters(action="compte.export"), limit=1_000))
    assert all(made() == b"rangs" for _, made in files)
    noted = len(journal.read(store, journal.Filters(action="compte.export"), limit=1_000)) - before
    # A visitor of a public page is not noted; neither is what any visitor could have taken.
    assert noted == (0 if profil == "visiteur" else len(files))
    if profil == "visiteur":
        return
    sessions.close(store, people[profil])
    for address, made in files:
        with pytest.raises(AccessDenied, match="session est terminée"):
            made()
        assert address in PAGES


def test_the_directory_can_be_reserved(become: Become, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBS_ANNUAIRE", "reserve")
    become("visiteur")
    with pytest.raises(AccessDenied, match="réservée"):
        access.require("carte", PUBLIC)
    become("grand_public")
    access.require("carte", PUBLIC)


def test_a_file_is_refused_once_rights_have_changed(
    become: Become, store: Store, people: dict[str, Compte]
) -> None:
    become("expert_national")
    made = access.require("psc", SEGUR).export("segur.csv", lambda: b"rangs")
    assert made() == b"rangs"
    accounts.narrow(store, people["expert_national"].id, GRAND_EST, "test")
    with pytest.raises(AccessDenied, match="droits ont changé"):
        made()
    accounts.narrow(store, people["expert_national"].id, Droits(frozenset(UNIVERS)), "test")


@pytest.mark.parametrize("profil", PROFILES)
def test_files_of_the_front_door(
    profil: str, become: Become, store: Store, people: dict[str, Compte]
) -> None:
    become(profil)
    _, audiences = PROFILES[profil]
    for audience in (SIGNED_IN, Audience.MANAGERS, Audience.ADMINISTRATORS):
        made = access.export("comptes.csv", lambda: b"comptes", audience)
        if audience in audiences:
            assert made() == b"comptes"
            assert access.admits(audience)
            access.require_audience(audience)
        else:
            assert not access.admits(audience)
            for refused in (made, lambda asked=audience: access.require_audience(asked)):
                with pytest.raises(AccessDenied):
                    refused()
    if profil != "visiteur":
        made = access.export("comptes.csv", lambda: b"comptes", SIGNED_IN)
        sessions.close(store, people[profil])
        with pytest.raises(AccessDenied):
            made()


def test_a_vendor_comes_to_its_own_products_whatever_led_there(
    become: Become, store: Store, petit_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold = Lake(Settings(lake=str(petit_lake))).scan(SOLUTIONS).filter(pl.col("volet") == "industriels")
    last = pl.col("campagne") == pl.col("campagne").max()
    editor, products = (
        sold.filter(last)
        .group_by("editeur")
        .agg(pl.col("service").n_unique())
        .sort("editeur")
        .collect()
        .row(0)
    )
    vendor = accounts.create(
        store, email="vendeur@exemple.fr", nom="Essai", prenom="Zoé", organisation=editor, profil="industriel"
    )
    links.choose(store, links.issue(store, vendor, Genre.ACTIVATION), "quatre mots choisis au hasard")
    secret = str(sessions.open_session(store, vendor))
    monkeypatch.setattr(session, "cookie", lambda: secret)
    at = AppTest.from_string(SYNTHESE, default_timeout=60).run()
    assert not at.exception
    assert f"· {products} produits</p>" in " ".join(one.proto.body for one in at.get("html"))
    assert [one.label for one in at.segmented_control if one.label == "Volet"] == []
    become("expert_national")
    at = AppTest.from_string(SYNTHESE, default_timeout=60).run()
    assert [one.value for one in at.segmented_control if one.label == "Volet"] == ["regions"]


@pytest.mark.parametrize("profil", PROFILES)
def test_routes_ask_by_themselves(
    profil: str, become: Become, store: Store, people: dict[str, Compte]
) -> None:
    """A tile or a file asked without any page: the request's own cookie decides."""
    secret = become(profil)
    universes, _ = PROFILES[profil]
    sent = [(b"cookie", f"{COOKIE}={secret}".encode())] if secret else []
    request = Request(
        {
            "type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": sent, "scheme": "http",
            "server": ("127.0.0.1", 80),
        }
    )  # fmt: skip
    for universe in UNIVERS:
        if universe in universes:
            access.require_request(request, "carte", universe)
        else:
            with pytest.raises(AccessDenied):
                access.require_request(request, "carte", universe)
    if profil != "visiteur":
        sessions.close(store, people[profil])
        for universe in (SEGUR, CONVERGENCE):
            with pytest.raises(AccessDenied):
                access.require_request(request, "carte", universe)


@pytest.mark.parametrize("profil", [name for name in PROFILES if name != "visiteur"])
def test_the_command_line_under_an_account(profil: str, become: Become, people: dict[str, Compte]) -> None:
    become(profil)
    measures = {PUBLIC: "professionnels", SEGUR: "psc_professionnels", CONVERGENCE: "services_concernes"}
    for universe, measure in measures.items():
        asked = ["query", universe, "--mesure", measure, "--utilisateur", people[profil].email]
        answer = CliRunner().invoke(obs, [*asked, "--format", "csv"])
        if universe in PROFILES[profil][0]:
            assert answer.exit_code == 0, answer.output
        else:
            assert answer.exit_code != 0
            assert isinstance(answer.exception, AccessDenied) or "n'ouvre pas" in answer.output


@pytest.mark.parametrize("profil", PROFILES)
def test_a_reserved_directory_is_reserved_everywhere(
    profil: str, become: Become, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBS_ANNUAIRE", "reserve")
    become(profil)
    menu = AppTest.from_string(MENU, default_timeout=60).run().session_state["menu"]
    shown = {
        address for address, universe in PAGES.items() if universe == PUBLIC and menu[address] == "visible"
    }
    assert bool(shown) == (profil != "visiteur")
    if profil == "visiteur":
        with pytest.raises(AccessDenied):
            access.require("repertoire", PUBLIC)


# -- an administrator narrows a collaborator: the files follow ------------------------------------------


def csv_of(address: str, block: str) -> pl.DataFrame:
    """The CSV of a view of a page, as the reader at hand would take it."""
    page = DECLARED[address]
    allowed = access.require(page.name, family(page.universe))
    reads = data(allowed)
    view = View(page.title, reads.universe(page.universe), State(Selection()), reads, page.scope, page.said)
    piece = next(one for one in page.blocks if one.name == block).build(view)
    table = getattr(piece, "table", piece)
    made = allowed.export(f"{block}.csv", lambda: table_csv(table, view, block))
    return read_back(made())


def test_an_administrator_narrows_a_collaborator_and_the_csv_follows(become: Become, store: Store) -> None:
    chef = accounts.create(
        store, email="chef@ex.fr", nom="Chef", prenom="Jean", organisation="ARS", profil="expert_national"
    )
    chef = links.choose(store, links.issue(store, chef, Genre.ACTIVATION), "sept cigognes traversent Colmar")
    become("visiteur")
    secret = str(sessions.open_session(store, chef))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "cookie", lambda: secret)
        whole = csv_of("segur-structures", "structures")
        places = dict(
            open_lake().scan(DEPARTEMENTS).select("departement", "code_departement").collect().rows()
        )
        kept, *others = sorted(set(whole["Département"]) & set(places))
        assert len(others) > 10
        narrower = Droits(frozenset(UNIVERS), departements=frozenset({places[kept]}))
        accounts.narrow(store, chef.id, narrower, "admin@ex.fr")
        narrowed = csv_of("segur-structures", "structures")
        # Narrowed: exactly the rows of before that are left, figures unchanged.
        assert narrowed.height > 0
        assert narrowed.equals(whole.filter(pl.col("Département") == kept))
        accounts.narrow(store, chef.id, Droits(frozenset({PUBLIC})), "admin@ex.fr")
        with pytest.raises(AccessDenied):
            csv_of("segur-structures", "structures")
        accounts.narrow(store, chef.id, Droits(frozenset(UNIVERS)), "admin@ex.fr")
        assert csv_of("segur-structures", "structures").equals(whole)
