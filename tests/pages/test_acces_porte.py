"""What the front door is made of: tickets, the route of the cookie, redirections, exposure, identity providers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette

from apps.kit.access import exposure, providers, session, session_route, tickets
from apps.kit.access.redirect import go, is_local
from apps.kit.access.session_route import COOKIE, PATH, SECURE_COOKIE, leads_to, session_routes
from apps.kit.access.tickets import LIFETIME_S, TICKETS, Tickets, mark_of
from lake.errors import LakeError
from lake.store.accounts import accounts, links, sessions, signing
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store
from tests.pages.test_kit_shell import Answer, Client

NUMBER = bytes(range(16))
PHRASE = "quatre mots choisis au hasard"


def xsrf(number: bytes = NUMBER, mask: str = "01020304") -> str:
    """Streamlit's XSRF cookie of a browser: its number under a mask."""
    key = bytes.fromhex(mask)
    masked = bytes(byte ^ key[rank % 4] for rank, byte in enumerate(number))
    return f"2|{mask}|{masked.hex()}|1700000000"


MINE, OTHER = mark_of({"_streamlit_xsrf": xsrf()}), mark_of({"_streamlit_xsrf": xsrf(b"z" * 16)})


def person(store: Store, email: str = "anne@exemple.fr", **more: Any) -> Compte:
    made = accounts.create(
        store,
        email=email,
        nom="Martin",
        prenom="Anne",
        organisation="CHU",
        profil="expert_national",
        **more,
    )
    return links.choose(store, links.issue(store, made, Genre.ACTIVATION), PHRASE)


# -- tickets --------------------------------------------------------------------------------------------


def test_a_ticket_works_once_for_thirty_seconds_in_the_browser_that_asked() -> None:
    kept = Tickets()
    numbers = [kept.issue("secret", "/page", mark=MINE, now=100.0) for _ in range(4)]
    assert len(set(numbers)) == 4
    assert kept.redeem(numbers[0], mark=OTHER, now=101.0) is None
    assert kept.redeem(numbers[0], mark=MINE, now=101.0) is None  # shown to another browser, it is burnt
    found = kept.redeem(numbers[1], mark=MINE, now=100.0 + LIFETIME_S - 0.1)
    assert found is not None
    assert (found.secret, found.then) == ("secret", "/page")
    assert kept.redeem(numbers[1], mark=MINE, now=101.0) is None
    assert kept.redeem(numbers[2], mark=MINE, now=100.0 + LIFETIME_S) is None
    assert kept.redeem("", mark=MINE, now=101.0) is None
    assert kept.redeem("é" * 5, mark=MINE, now=101.0) is None


def test_tickets_that_nobody_redeems_are_forgotten_and_none_is_kept_in_clear() -> None:
    kept = Tickets()
    number = kept.issue("secret-de-session", mark=MINE, now=0.0)
    shown = repr(kept._kept)
    assert number not in shown
    assert "secret-de-session" not in shown
    kept.issue("autre", now=LIFETIME_S + 1)
    assert len(kept._kept) == 1


def test_a_browser_keeps_its_mark_whatever_the_mask() -> None:
    assert len(MINE) == 64
    assert mark_of({"_streamlit_xsrf": xsrf(mask="ffee0011")}) == MINE
    assert MINE != OTHER
    for wrong in ("", "2|", "2|zz|00|1", "2|01020304|00|1", "n'importe quoi"):
        assert mark_of({"_streamlit_xsrf": wrong}) == ""
    assert mark_of({}) == ""


# -- the route that sets the cookie ---------------------------------------------------------------------


def ask(number: str, *, cookie: str | None = None, **headers: str) -> Answer:
    """What the route answers a browser that brings this ticket."""
    sent = {"cookie": f"_streamlit_xsrf={xsrf() if cookie is None else cookie}", **headers}
    return Client(Starlette(routes=session_routes())).get(f"{PATH}?billet={number}", headers=sent)


def test_the_cookie_is_out_of_reach_of_scripts_and_secure_behind_tls() -> None:
    plain = ask(TICKETS.issue("le-secret", "/segur-psc?region=44", mark=MINE))
    assert (plain.status_code, plain.headers["location"]) == (303, "/segur-psc?region=44")
    assert plain.headers["cache-control"] == "no-store"
    assert plain.headers["set-cookie"] == f"{COOKIE}=le-secret; HttpOnly; Path=/; SameSite=lax"
    secure = ask(TICKETS.issue("le-secret", "/", mark=MINE), **{"x-forwarded-proto": "https"})
    assert (
        secure.headers["set-cookie"] == f"{SECURE_COOKIE}=le-secret; HttpOnly; Path=/; SameSite=lax; Secure"
    )


def test_a_ticket_of_another_browser_signs_nobody_in() -> None:
    stolen = TICKETS.issue("le-secret-du-voleur", "/", mark=OTHER)
    for answer in (ask(stolen), ask(stolen, cookie=""), ask(stolen, cookie=xsrf(b"z" * 16))):
        assert answer.status_code == 400
        assert "set-cookie" not in answer.headers
        assert "le-secret-du-voleur" not in answer.text
    # A browser without a mark is never the one that signed in, even for a ticket issued without one.
    assert ask(TICKETS.issue("x", "/", mark=""), cookie="").status_code == 400


@pytest.mark.parametrize(
    ("then", "location"),
    [
        ("/annuaire-repertoire?q=Bœrsch’s", "/annuaire-repertoire?q=B%C5%93rsch%E2%80%99s"),
        ("/segur-psc?region=44&date=2025-01-14#taux", "/segur-psc?region=44&date=2025-01-14#taux"),
        ("/page?q=a%20b", "/page?q=a%20b"),
    ],
)
def test_the_page_asked_opens_whatever_its_signs(then: str, location: str) -> None:
    assert ask(TICKETS.issue("s", then, mark=MINE)).headers["location"] == location


def test_leaving_takes_the_cookie_away_and_the_provider_s_too() -> None:
    number = TICKETS.issue("", "/connexion", mark=MINE)
    sent = f"_streamlit_xsrf={xsrf()}; _streamlit_user=jeton; _streamlit_user_tokens_0=suite; autre=1"
    answer = ask(number, cookie=sent.removeprefix("_streamlit_xsrf="))
    assert answer.status_code == 303
    # This client keeps the last of the headers that bear one name: the last cookie taken away.
    assert answer.headers["set-cookie"].startswith('_streamlit_user_tokens_0="";')
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_a_page_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_route.st.context.__class__, "cookies", {"_streamlit_xsrf": xsrf()})
    for then in ("https://ailleurs.example/", "//ailleurs.example", "/\\ailleurs.example", "page"):
        number = leads_to("s", then).rpartition("=")[2]
        assert ask(number).headers["location"] == "/", then
    number = leads_to("s", "/mon-compte").rpartition("=")[2]
    assert ask(number).headers["location"] == "/mon-compte"


@pytest.mark.parametrize(
    ("path", "local"),
    [
        ("/", True),
        ("/segur-psc?region=44", True),
        ("", False),
        ("segur", False),
        ("//ailleurs.example", False),
        ("/\\ailleurs.example", False),
        ("https://ailleurs.example", False),
        ("javascript:alert(1)", False),
        ("/a\r\nSet-Cookie: x=1", False),
        ("/a\tb", False),
    ],
)
def test_only_paths_of_this_server_are_local(path: str, local: bool) -> None:
    assert is_local(path) is local
    if not local:
        with pytest.raises(ValueError, match="stays on this server"):
            go(path)


def test_over_tls_only_the_cookie_that_no_other_host_can_plant_is_read() -> None:
    both = {COOKIE: "plante", SECURE_COOKIE: "vrai"}
    assert session.cookie_of(both, secure=True) == "vrai"
    assert session.cookie_of({COOKIE: "plante"}, secure=True) == ""
    assert session.cookie_of({COOKIE: "simple"}, secure=False) == "simple"
    assert session.cookie_of({}, secure=False) == ""


# -- entering -------------------------------------------------------------------------------------------


@pytest.fixture
def gone(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where the browser is sent."""
    found: list[str] = []
    monkeypatch.setattr(session, "store", lambda: store)
    monkeypatch.setattr(session, "go", found.append)
    return found


def test_a_link_by_e_mail_does_not_pass_over_the_second_factor(store: Store, gone: list[str]) -> None:
    anne = person(store)
    assert session.enter(anne, session.LINK, "/")
    assert gone.pop().startswith(PATH)
    secret = signing.new_secret()
    moment = signing.datetime.now(signing.UTC)
    assert signing.enrol(store, anne, secret, signing.pyotp.TOTP(secret).at(moment))
    renewed = links.choose(store, links.issue(store, anne, Genre.OUBLI), "sept cigognes traversent Colmar")
    assert sessions.open_of(store, anne.id) == []
    assert session.enter(renewed, session.LINK, "/")
    assert gone == ["/connexion"]
    assert sessions.open_of(store, anne.id) == []


def test_an_identity_received_opens_one_session(store: Store, gone: list[str]) -> None:
    anne = person(store)
    assert session.enter(anne, "prosanteconnect", "/", arrival="empreinte")
    assert not session.enter(anne, "prosanteconnect", "/", arrival="empreinte")
    assert len(gone) == 1
    assert len(sessions.open_of(store, anne.id)) == 1


def test_sessions_depend_on_no_key_of_the_server(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rotation of ``cookie_secret``: it signs the provider's cookie only, which the old key no longer opens."""
    from streamlit.web.server.starlette import starlette_app_utils as signed

    anne = person(store)
    secret = sessions.open_session(store, anne) or ""
    old = signed.create_signed_value("ancienne-cle", "_streamlit_user", '{"sub": "1"}')
    assert signed.decode_signed_value("ancienne-cle", "_streamlit_user", old)
    assert signed.decode_signed_value("nouvelle-cle", "_streamlit_user", old) is None
    monkeypatch.setattr(session, "store", lambda: store)
    found = session.of_secret(secret)
    assert found is not None
    assert found.compte.id == anne.id
    assert session.of_secret(secret[:-1] + ("A" if secret[-1] != "A" else "B")) is None


def test_a_reader_s_secret_is_never_shown(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "store", lambda: store)
    secret = sessions.open_session(store, person(store)) or ""
    found = session.of_secret(secret)
    assert found is not None
    assert found.secret == secret
    kept = tickets.Ticket(secret, "/", time.monotonic(), mark=MINE)
    assert secret not in repr(found) + str(found) + repr(kept)
    assert MINE not in repr(kept)


# -- how far the server is reached ----------------------------------------------------------------------


def listens(
    monkeypatch: pytest.MonkeyPatch, address: str, hosts: list[str], url: str = "http://localhost:8501"
) -> None:
    options: Mapping[str, Any] = {"server.address": address, "server.allowedHosts": hosts}
    monkeypatch.setattr(exposure.config, "get_option", options.get)
    monkeypatch.setenv("OBS_URL", url)


@pytest.mark.parametrize(
    ("address", "hosts", "url", "beyond"),
    [
        ("127.0.0.1", ["localhost", "127.0.0.1"], "http://localhost:8501", False),
        ("::1", ["[::1]:8501", "::1", "LOCALHOST:8501"], "http://[::1]:8501", False),
        ("localhost", [], "http://127.0.0.1", False),
        ("", ["localhost"], "http://localhost", True),
        ("0.0.0.0", ["localhost"], "http://localhost", True),
        ("127.0.0.1", ["localhost", "observatoire.exemple.fr"], "http://localhost", True),
        ("127.0.0.1", ["*"], "http://localhost", True),
        ("127.0.0.1", ["localhost.exemple.fr"], "http://localhost", True),
        ("127.0.0.1", ["localhost"], "https://observatoire.exemple.fr", True),
    ],
)
def test_a_server_is_known_to_be_reached_from_elsewhere(
    monkeypatch: pytest.MonkeyPatch, address: str, hosts: list[str], url: str, beyond: bool
) -> None:
    listens(monkeypatch, address, hosts, url)
    assert exposure.beyond_this_machine() is beyond


def test_everything_is_not_served_to_everyone_without_saying_so_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listens(monkeypatch, "0.0.0.0", ["localhost"])
    monkeypatch.setenv("OBS_ACCES", "ouvert")
    with pytest.raises(LakeError, match="au-delà de cette machine"):
        exposure.check()
    monkeypatch.setenv("OBS_ACCES_OUVERT_CONFIRME", "1")
    exposure.check()
    monkeypatch.delenv("OBS_ACCES_OUVERT_CONFIRME")
    monkeypatch.setenv("OBS_ACCES", "comptes")
    exposure.check()
    listens(monkeypatch, "127.0.0.1", ["localhost"])
    monkeypatch.setenv("OBS_ACCES", "ouvert")
    exposure.check()


def test_demonstration_accounts_stay_on_their_machine(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "store", lambda: store)
    shown = person(store, demonstration=True)
    secret = sessions.open_session(store, shown) or ""
    listens(monkeypatch, "127.0.0.1", ["localhost"])
    assert session.admitted(shown)
    assert session.of_secret(secret) is not None
    listens(monkeypatch, "127.0.0.1", ["localhost"], "https://observatoire.exemple.fr")
    assert not session.admitted(shown)
    assert session.of_secret(secret) is None


# -- identity providers ---------------------------------------------------------------------------------

SECRETS = {
    "auth": {
        "redirect_uri": "https://x/oauth2callback",
        "cookie_secret": "cle",
        "prosanteconnect": {
            "client_id": "a",
            "client_secret": "tres-secret",
            "server_metadata_url": "https://p",
        },
        "industriel": {"client_id": "b", "client_secret": "tres-secret", "server_metadata_url": "https://i"},
    },
    "portes": {"industriel": {"libelle": "Mon identité", "porte": "industriels"}},
}


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers.st, "secrets", SECRETS)


def test_providers_are_those_of_the_secrets_by_door(
    configured: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [(one.name, one.label) for one in providers.providers()] == [
        ("prosanteconnect", "Pro Santé Connect"),
        ("industriel", "Mon identité"),
    ]
    assert [one.name for one in providers.providers("autres")] == ["prosanteconnect"]
    assert [one.name for one in providers.providers("industriels")] == ["prosanteconnect", "industriel"]
    assert "tres-secret" not in repr(providers.providers())
    monkeypatch.setenv("OBS_PORTES", "mot_de_passe")
    assert providers.providers() == []
    assert providers.arrived() is None


def test_without_secrets_there_is_no_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    class Absent:
        def get(self, *_: object) -> object:
            raise FileNotFoundError

    monkeypatch.setattr(providers.st, "secrets", Absent())
    assert providers.providers() == []


CLAIMS = {
    "is_logged_in": True,
    "provider": "prosanteconnect",
    "iss": "https://p",
    "sub": "s-1",
    "nonce": "n",
    "iat": 1,
    "email": " Anne@Exemple.fr ",
    "email_verified": True,
    "SubjectNameID": "810100000001",
}


PSC = "https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet"


def test_an_rpps_number_counts_only_from_the_provider_that_proves_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RPPS numbers are public: another provider that writes one, or Pro Santé Connect's name, opens nothing."""
    victim = accounts.create(
        store,
        email="medecin@exemple.fr",
        nom="Velle",
        prenom="Nour",
        organisation="CHU",
        profil="expert_national",
        rpps="10100000001",
    )
    accounts.change(store, victim.id, "x", etat="actif")
    described = f"{PSC}/.well-known/wallet-openid-configuration"
    secrets = {
        "auth": {
            "redirect_uri": "x",
            "autre": {"server_metadata_url": "https://idp.exemple.org/.well-known/openid-configuration"},
            "ressemblant": {"server_metadata_url": f"{PSC}.exemple.org/.well-known/openid-configuration"},
            "prosanteconnect": {"server_metadata_url": described},
        }
    }
    monkeypatch.setattr(providers.st, "secrets", secrets)

    def arriving(**more: object) -> str:
        claims = {**CLAIMS, "email": "", **more}
        monkeypatch.setattr(providers.st, "user", SimpleNamespace(to_dict=lambda: claims))
        found = providers.arrived()
        assert found is not None
        opened = signing.of_identity(store, found.issuer, found.subject, found.email, found.rpps)
        return "" if opened is None else opened.email

    for name in ("SubjectNameID", "preferred_username"):
        number = {"SubjectNameID": "", "preferred_username": "", name: "810100000001"}
        assert arriving(provider="autre", iss="https://idp.exemple.org", **number) == ""
        assert (
            arriving(provider="autre", iss=PSC, **number) == ""
        )  # it writes the trusted issuer in its tokens
        assert arriving(provider="ressemblant", iss=PSC, **number) == ""
        assert arriving(provider="prosanteconnect", iss=f"{PSC}.exemple.org", **number) == ""
        assert arriving(provider="", iss=PSC, **number) == ""
    monkeypatch.setenv("OBS_PSC_EMETTEUR", "https://bac-a-sable.exemple.fr")
    assert arriving(provider="prosanteconnect", iss=PSC) == ""  # the operator trusts another
    monkeypatch.delenv("OBS_PSC_EMETTEUR")
    assert arriving(provider="prosanteconnect", iss=PSC) == "medecin@exemple.fr"


def test_an_identity_says_who_arrives() -> None:
    assert providers.identity(CLAIMS).rpps == ""  # type: ignore[union-attr]
    found = providers.identity(CLAIMS, proves_rpps=True)
    assert found is not None
    assert (found.issuer, found.subject, found.email, found.rpps) == (
        "https://p",
        "s-1",
        "anne@exemple.fr",
        "10100000001",
    )


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_nobody_verified_is_not_believed(verified: object) -> None:
    found = providers.identity({**CLAIMS, "email_verified": verified})
    assert found is not None
    assert found.email == ""
    trusted = providers.identity({**CLAIMS, "email_verified": verified}, trusted=True)
    assert trusted is not None
    assert trusted.email == "anne@exemple.fr"


@pytest.mark.parametrize("missing", ["is_logged_in", "iss", "sub"])
def test_an_incomplete_identity_is_nobody(missing: str) -> None:
    assert providers.identity({name: value for name, value in CLAIMS.items() if name != missing}) is None


@pytest.mark.parametrize("name", ["iss", "sub", "nonce", "iat"])
def test_each_sign_in_has_its_own_key(name: str) -> None:
    one, other = providers.identity(CLAIMS), providers.identity({**CLAIMS, name: "autre"})
    assert one is not None
    assert other is not None
    assert one.key != other.key
    assert one == providers.identity(dict(CLAIMS))


def test_a_number_that_is_no_rpps_is_not_read_as_one() -> None:
    for said in ("10100000001", "8101000000012", "8abc", ""):
        found = providers.identity(
            {**CLAIMS, "SubjectNameID": said, "preferred_username": ""}, proves_rpps=True
        )
        assert found is not None
        assert found.rpps == ""


def test_another_identity_with_the_same_address_opens_nothing(store: Store) -> None:
    anne = person(store)
    bound = signing.of_identity(store, "https://p", "s-1", "anne@exemple.fr", "")
    assert bound is not None
    assert bound.id == anne.id
    assert signing.of_identity(store, "https://p", "s-2", "anne@exemple.fr", "") is None
    assert signing.of_identity(store, "https://autre", "s-1", "anne@exemple.fr", "") is None
    assert signing.of_identity(store, "https://p", "inconnu", "", "") is None
    person(store, "chef@exemple.fr")
    accounts.disable(store, anne.id, "chef@exemple.fr")
    assert signing.of_identity(store, "https://p", "s-1", "anne@exemple.fr", "") is None
