"""What the front door says and offers among several: who is counted, who is offered, both sides of each choice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from apps.acces import (
    attente,
    champs,
    compte,
    comptes,
    demandes,
    fiche,
    inscription,
    journal,
    organisations,
    words,
)
from apps.kit.forms import Submission
from lake.errors import LakeError
from lake.store.accounts.links import Genre
from tests.spoken import plain

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def person(number: int, **more: Any) -> Any:
    """An account, as far as these screens read it."""
    given = {
        "id": number, "email": f"p{number}@ex.fr", "name": f"P{number}", "organisation": "CHU", "etat": "actif",
        "peut_creer": False, "administrateur": False, "profil": "expert_national", "connecte_le": None,
        "responsable_id": None, "nom": "N", "prenom": "P", "cree_le": NOW, "revision": 1,
    }  # fmt: skip
    return type("Compte", (), given | more)()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Hold the clock of a module."""

    class Held(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return NOW.astimezone(tz)

    return lambda module: monkeypatch.setattr(module, "datetime", Held)


def test_a_locked_address_is_told_how_long() -> None:
    assert [plain(words.refused_for(seconds)) for seconds in (1, 61)] == [
        "Trop d’essais : attendez 1 minute avant de recommencer.",
        "Trop d’essais : attendez 2 minutes avant de recommencer.",
    ]


def test_a_day_that_is_over_is_refused_and_today_is_not(clock: Callable[[Any], None]) -> None:
    clock(champs)
    assert champs.day_to_come(date(2026, 11, 30)) == date(2026, 11, 30)
    assert champs.day_to_come(date(2026, 12, 1)) == date(2026, 12, 1)
    with pytest.raises(LakeError, match="Ce jour est passé"):
        champs.day_to_come(date(2026, 11, 29))


def test_a_link_goes_at_once_today_and_in_the_morning_of_a_day_to_come() -> None:
    assert demandes.sending(date(2026, 11, 30), NOW) is None
    assert demandes.sending(date(2026, 11, 29), NOW) is None
    later = demandes.sending(date(2026, 12, 2), NOW)
    assert later is not None
    assert later.astimezone(words.PARIS).date() == date(2026, 12, 2)


def test_a_link_that_has_a_date_is_brought_forward_by_nobody(
    clock: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(inscription)
    sent: list[Any] = []
    monkeypatch.setattr(
        inscription.messages, "send", lambda _store, one, genre, **_: sent.append((one.id, genre))
    )
    begins = {1: None, 2: NOW - timedelta(days=1), 3: NOW + timedelta(days=1)}
    monkeypatch.setattr(inscription.links, "begins", lambda _store, one: begins[one.id])
    for number, etat in ((1, "actif"), (2, "invite"), (3, "invite")):
        inscription._send(None, person(number, etat=etat))  # type: ignore[arg-type]
    assert sent == [(1, Genre.OUBLI), (2, Genre.ACTIVATION)]


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537 Edg/120", "Edge sur Windows"),
        ("Mozilla/5.0 (iPhone; like Mac OS X) Safari/604", "Safari sur iPhone"),
        ("Mozilla/5.0 (X11; Linux) Firefox/128", "Firefox sur Linux"),
        ("Mozilla/5.0 (X11; Linux; Android 14) Chrome/120", "Chrome sur Android"),
        ("curl/8", "Navigateur"),
    ],
)
def test_a_session_is_named_by_its_browser(said: str, named: str) -> None:
    assert compte._browser(said) == named


def test_one_arrives_only_where_one_may_open(monkeypatch: pytest.MonkeyPatch) -> None:
    apps = [
        type("A", (), {"address": name, "title": name.title(), "opened": opened})()
        for name, opened in (("annuaire", True), ("segur", False))
    ]
    monkeypatch.setattr(compte, "APPS", apps)
    assert compte.homes_open() == {"": "Accueil", "annuaire": "Annuaire"}
    assert compte.HOME == "Page ouverte après la connexion"


# -- accounts of several organisations -----------------------------------------------------------------

SEVERAL = [
    person(1, peut_creer=True, connecte_le=NOW - timedelta(days=2)),
    person(2, organisation=" chu ", etat="invite", peut_creer=True),
    person(3, organisation="CHU", administrateur=True, peut_creer=True, connecte_le=NOW),
    person(4, organisation="ARS", etat="desactive", profil="industriel"),
    person(5, organisation="CHU"),
]


def test_an_organisation_counts_its_own_and_names_who_may_decide() -> None:
    asked = [type("D", (), {"organisation": name})() for name in ("chu", "ars", "CHU")]
    ars, chu = organisations.organisations(SEVERAL, asked)
    assert (ars.nom, [one.id for one in ars.comptes], ars.responsables, ars.demandes) == ("ARS", [4], (), 1)
    assert (chu.nom, [one.id for one in chu.comptes]) == ("CHU", [1, 2, 3, 5])
    assert [one.id for one in chu.responsables] == [1], "active, no administrator, who may create"
    assert (chu.demandes, chu.connecte_le, ars.connecte_le) == (2, NOW, None)
    assert [chu.count(etat) for etat in ("actif", "invite", "desactive")] == [3, 1, 0]


def test_who_may_be_named_is_active_and_decides_nothing_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[dict[str, Any]] = []
    monkeypatch.setattr(organisations, "people", lambda able: {one.id: one.name for one in able})
    monkeypatch.setattr(
        organisations.forms, "draw", lambda form, *_, **more: drawn.append({"form": form, **more})
    )
    monkeypatch.setattr(organisations.st, "columns", lambda *_, **__: [organisations.st.container()] * 2)
    ars, chu = organisations.organisations(SEVERAL, [])
    organisations._settle(chu)
    organisations._settle(ars)
    offered = [list(one["form"].parts[0].options) for one in drawn[::2]]
    assert offered == [[5], []]
    assert [one["locked"] for one in drawn[::2]] == ["", "Aucune personne active ne peut être nommée."]
    assert plain(drawn[1]["form"].note) == "4 comptes prendront ce nom."
    assert plain(drawn[3]["form"].note) == (
        "1 compte prendra ce nom. Attention : 1 industriel verra les données de l’éditeur qui porte exactement ce nom."
    )


def test_renaming_changes_those_that_bear_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    changed: list[int] = []
    monkeypatch.setattr(organisations.session, "store", lambda: None)
    monkeypatch.setattr(
        organisations.accounts, "change", lambda _store, number, *_, **__: changed.append(number)
    )
    _, chu = organisations.organisations(SEVERAL, [])
    reader = type("R", (), {"administrator": True, "compte": SEVERAL[2]})()
    assert organisations.rename(reader, chu, "CHU") == 1
    assert changed == [2]


def test_the_life_of_accounts_counts_the_active_who_came_and_who_never_did(
    clock: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(journal)
    figures: list[Any] = []
    told: list[str] = []
    known = [
        *SEVERAL,
        person(6, etat="desactive", connecte_le=NOW),
        person(7, connecte_le=NOW - timedelta(days=400)),
    ]
    monkeypatch.setattr(journal.session, "store", lambda: None)
    monkeypatch.setattr(journal.accounts, "everyone", lambda _store: known)
    monkeypatch.setattr(journal, "search", lambda *_, **__: ([], True))
    monkeypatch.setattr(journal, "draw_figures", lambda made: figures.extend(made.items))
    monkeypatch.setattr(journal.register, "draw", lambda *_, **__: None)
    monkeypatch.setattr(journal.st, "date_input", lambda _label, value, **_: value)
    monkeypatch.setattr(journal.st, "info", told.append)
    monkeypatch.setattr(journal.st, "html", lambda _text: None)
    journal._life()
    assert [(one.label, one.value, one.reference) for one in figures] == [
        ("Comptes actifs", "4", "sur 7 comptes"),
        ("Connectés depuis le début de la période", "2", "comptes actifs"),
        ("Jamais connectés", "3", "invités compris"),
    ]
    assert [plain(one) for one in told] == [
        "La période a trop de lignes : les plus anciennes ne sont pas comptées."
    ]


def test_who_creates_accounts_is_told_in_the_table() -> None:
    rows = [SEVERAL[0], SEVERAL[4], person(8, administrateur=True)]
    frame = comptes.frame_of(rows, SEVERAL)
    assert frame["Responsable"].to_list() == ["", "", ""]
    assert frame["Crée des comptes"].to_list() == ["oui", "non", "oui"]


def test_an_rpps_is_another_s_only_when_another_bears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[list[int]] = []
    monkeypatch.setattr(fiche.session, "store", lambda: None)
    monkeypatch.setattr(fiche, "_commanded", lambda *_: "chef@ex.fr")
    monkeypatch.setattr(fiche.accounts, "everyone", lambda _store: SEVERAL)
    monkeypatch.setattr(fiche.accounts, "change", lambda *_, **__: None)
    monkeypatch.setattr(
        fiche.bulk, "refuse_known_rpps", lambda others, _rpps: compared.append([o.id for o in others])
    )
    given: dict[str, Any] = {"rpps": "10000000001"}
    fiche._identified(Submission(given, given, "", None, 1, "clé"), SEVERAL[1])
    assert compared == [[1, 3, 4, 5]]


def test_a_message_says_since_when_it_waits_or_when_it_goes(
    clock: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(attente)
    written: list[str] = []
    found = [
        type(
            "M",
            (),
            {"id": rank, "email": f"m{rank}@ex.fr", "sujet": "Lien", "envoi_le": NOW + gap, "erreur": ""},
        )()
        for rank, gap in enumerate((timedelta(0), timedelta(days=3)))
    ]
    monkeypatch.setattr(attente, "waiting", lambda _person: found)
    monkeypatch.setattr(attente.st, "html", lambda text, **_: written.append(plain(text)))
    monkeypatch.setattr(attente.st, "button", lambda *_, **__: False)
    monkeypatch.delenv("OBS_SMTP", raising=False)
    for administrator, who in (
        (True, "remettez les liens vous-même"),
        (False, "un administrateur peut montrer"),
    ):
        written.clear()
        attente.draw(type("R", (), {"administrator": administrator})())
        assert "2 messages en attente. Aucun serveur de courriel n’est réglé" in written[0]
        assert who in written[0]
        assert "depuis le 30 novembre 2026" in written[1]
        assert "partira le 3 décembre 2026" in written[2]


def test_organisations_offered_to_filter_by_are_those_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    offered: dict[str, list[str]] = {}
    monkeypatch.setattr(comptes, "seen", lambda _person: [*SEVERAL, person(9, organisation="")])
    monkeypatch.setattr(
        comptes.st, "multiselect", lambda label, some, **_: offered.update({label: some}) or []
    )
    monkeypatch.setattr(comptes.st, "date_input", lambda *_, **__: None)
    monkeypatch.setattr(comptes.st, "info", lambda _text: None)
    monkeypatch.setattr(comptes, "kept", lambda *_, **__: [])
    comptes.table(None)  # type: ignore[arg-type]
    assert offered["Organisation"] == [" chu ", "ARS", "CHU"]
