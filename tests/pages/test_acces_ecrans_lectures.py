"""What each screen of the front door reads, as it was approved; see :mod:`tests.pages.test_approved_readings`.

An administrator, a manager and who depends on them at nine in the morning of the 30th of November 2026, on a clock that
is held: requests that wait, one decided, a message due and one to come.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apps.acces import collaborateurs
from apps.kit.access import session
from apps.kit.access.session import Reader
from lake.store.accounts import accounts, outbox, registration
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.text import fold
from tests.pages.shown import whole
from tests.pages.test_acces_gestion import REGION, ask, opened, people, read_by
from tests.pages.test_approved_readings import assert_approved

__all__ = ["people", "read_by"]  # fixtures

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
STATES = {
    "accueil": ("", "accueil", "ACCUEIL", {}),
    "accueil-pilote": ("pilote", "accueil", "ACCUEIL", {}),
    "connexion": ("", "connexion", "CONNEXION", {}),
    "connexion-compte": ("", "connexion", "CONNEXION", {"porte": "compte"}),
    "inscription": ("", "inscription", "INSCRIPTION", {}),
    "oubli": ("", "inscription", "OUBLI", {}),
    "activation": ("", "inscription", "ACTIVATION", {"lien": "perdu"}),
    "mentions": ("", "mentions", "MENTIONS", {}),
    "accessibilite": ("", "mentions", "ACCESSIBILITE", {}),
    "compte": ("pilote", "compte", "COMPTE", {}),
    "compte-administrateur": ("admin", "compte", "COMPTE", {}),
    "journal": ("admin", "journal", "JOURNAL", {}),
    "fiche": ("admin", "collaborateurs", "COLLABORATEURS", {"compte": "pilote"}),
    "fiche-responsable": ("chef", "collaborateurs", "COLLABORATEURS", {"compte": "pilote"}),
    "fiche-refusee": ("chef", "collaborateurs", "COLLABORATEURS", {"compte": "ailleurs"}),
    **{
        f"{fold(tab)}-{who}": (who, "collaborateurs", "COLLABORATEURS", {"tab": tab})
        for tab in (*collaborateurs.TABS, collaborateurs.ORGANISATIONS)
        for who in ("admin", "chef")
        if (who, tab) != ("chef", collaborateurs.ORGANISATIONS)
    },
}
"""Name of a reading -> who reads (nobody signed in: empty), module, screen, address or tab."""


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """The clock is held before any account is made."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def door(store: Store, people: dict[str, Compte], monkeypatch: pytest.MonkeyPatch) -> Store:
    """The front door at work, a state of everything that its screens tell."""
    monkeypatch.setenv("OBS_SMTP", "127.0.0.1:1")
    ask(store)
    ask(store, "autre", "Agence")
    ask(store, "refusee")
    asked = {one.email: one.id for one in registration.requests(store)}
    registration.decide(store, people["chef"], asked["refusee@ex.fr"], accepted=False)
    accounts.change(store, people["ailleurs"].id, "admin@ex.fr", etat="desactive")
    new = accounts.create(
        store, email="neuve@ex.fr", nom="Neuve", prenom="Nina", organisation="Groupement régional",
        profil="pilote_regional", droits=REGION, responsable_id=people["chef"].id,
    )  # fmt: skip
    for subject, days in (("Activez votre compte", 0), ("Rappel", 3)):
        due, until = NOW + timedelta(days=days), NOW + timedelta(days=9)
        kept = outbox.keep(store, new.id, subject, "Voici.", envoi_le=due, expire_le=until, objet=subject)
        if not days:
            outbox.failed(store, kept, "connexion refusée")
    return store


@pytest.mark.parametrize("name", STATES)
def test_a_screen_of_the_front_door_reads_as_approved(
    name: str,
    door: Store,
    people: dict[str, Compte],
    read_by: Callable[[str], Reader],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    who, module, screen, params = STATES[name]
    if who:
        read_by(who)
    else:
        monkeypatch.setattr(session, "cookie", lambda: "")
    given = {key: str(people[value].id) if value in people else value for key, value in params.items()}
    at = opened(module, screen, **given)
    assert not [one.value for one in at.error if "incident" in one.value]
    text = re.sub(r"lien=[\w-]+", "lien=(tiré)", whole(at))
    assert_approved(f"acces/{name}", text, request)
