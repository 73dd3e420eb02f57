"""Many at one door of the store at the same instant, on SQLite and on PostgreSQL: one wins, nothing is lost.

Each attack is a race of sixteen threads on a store of its own, run again and again: what one race lets through once
in fifty is found.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar

import bcrypt
import pyotp

from bench.attaques.attack import Attack
from lake.errors import LakeError, Refused
from lake.settings import Settings
from lake.store.accounts import accounts, links, passwords, registration, sessions, signing
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store
from lake.store.migrate import open_store
from tests.unit.postgres_server import postgres

ROUNDS = 12
THREADS = 16
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PHRASE = "quatre poneys bleus dansent"
_names = count()

T = TypeVar("T")
Race = Callable[[Store], str]


def at_once(act: Callable[[int], T], times: int) -> list[T]:
    """Do something many times at the same instant."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(act, range(times)))


def made(store: Store) -> Compte:
    """An account of its own."""
    name = f"n{next(_names)}"
    return accounts.create(
        store, email=f"{name}@ex.fr", nom="Velle", prenom="Nour", organisation="CHU", profil="expert_national"
    )


def activated(store: Store) -> Compte:
    """An account whose password is chosen."""
    link = links.issue(store, made(store), Genre.ACTIVATION, now=NOW)
    return links.choose(store, link, PHRASE, now=NOW)


def outcome(act: Callable[[], object]) -> str:
    """``fait``, or the French refusal; anything else is raised."""
    try:
        act()
    except Refused as error:
        return f"{error.champ} : {error.message}"
    except LakeError as error:
        return error.message
    return "fait"


def one_account(store: Store) -> str:
    """One account for an address."""
    name = f"course{next(_names)}@ex.fr"

    def create(_: int) -> object:
        return accounts.create(
            store, email=name, nom="Velle", prenom="Nour", organisation="CHU", profil="expert_national"
        )

    told = at_once(lambda rank: outcome(lambda: create(rank)), THREADS)
    known = sum(one.email == name for one in accounts.everyone(store))
    return "" if told.count("fait") == known == 1 else f"{told.count('fait')} faits, {known} comptes"


def one_use(store: Store) -> str:
    """A link opens once."""
    link = links.issue(store, made(store), Genre.ACTIVATION, now=NOW)
    told = at_once(lambda _: outcome(lambda: links.choose(store, link, PHRASE, now=NOW)), THREADS)
    return "" if told.count("fait") == 1 else f"{told.count('fait')} fois"


def no_guess(store: Store) -> str:
    """Sixty codes tried at once, the right one last: it does not open."""
    anne = activated(store)
    secret = signing.new_secret()
    signing.enrol(store, anne, secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    later = NOW + timedelta(minutes=5)
    right = pyotp.TOTP(secret).at(later)
    wrong = [f"{number:06d}" for number in range(70) if f"{number:06d}" != right][:59]
    codes = [*wrong, right]
    opened = at_once(lambda rank: signing.try_code(store, anne, codes[rank], now=later), 60)
    return "" if not any(opened) else "le code est passé"


def few_requests(store: Store) -> str:
    """A network does not pass its limit by asking at once."""
    network = f"192.0.2.{next(_names) % 250}-{next(_names)}"

    def ask(rank: int) -> object:
        return registration.ask(
            store, email=f"d{network[-4:]}{rank}@ex.fr".replace("-", "x"), nom="Velle", prenom="Nour",
            organisation="CHU", adresse=network,
        )  # fmt: skip

    told = at_once(lambda rank: outcome(lambda: ask(rank)), 48)
    passed = told.count("fait")
    return "" if passed == registration.MOST_AN_HOUR else f"{passed} demandes passées"


def every_session(store: Store) -> str:
    """Sessions opened at once are all open; a change of password closes them all, and they stay closed."""
    anne = activated(store)
    secrets = at_once(lambda _: sessions.open_session(store, anne, now=NOW), THREADS)
    opened = sum(sessions.current(store, secret, now=NOW) is not None for secret in secrets)
    links.change_password(store, anne, PHRASE, "sept cigognes traversent", now=NOW)
    left = sum(sessions.current(store, secret, now=NOW) is not None for secret in secrets)
    return (
        ""
        if (len(set(secrets)), opened, left) == (THREADS, THREADS, 0)
        else f"{opened} ouvertes, {left} restent"
    )


RACES: dict[str, Race] = {
    "un compte par adresse": one_account,
    "un lien sert une fois": one_use,
    "soixante codes à la fois": no_guess,
    "demandes d'un réseau": few_requests,
    "sessions et mot de passe": every_session,
}


def attacks(rounds: int = ROUNDS) -> Iterator[Attack]:
    """Every attack of this family.

    Args:
        rounds: times that each race is run on each database.
    """
    kept = passwords.kept
    # A race of hashes would measure bcrypt: the doors are what is attacked.
    passwords.kept = lambda typed, **_: bcrypt.hashpw(typed.encode(), bcrypt.gensalt(4)).decode()
    try:
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="attaques-"))
            addresses = {"SQLite": f"sqlite:///{folder}/base.db"}
            try:
                addresses["PostgreSQL"] = stack.enter_context(postgres())
            except RuntimeError as error:
                absent = str(error)
                yield Attack("PostgreSQL", "démarrage", lambda: absent)
            for database, address in addresses.items():
                store = open_store(Settings(store=address))
                for name, race in RACES.items():
                    for rank in range(rounds):
                        yield Attack(
                            f"{database}, {name}",
                            f"course {rank + 1}",
                            lambda race=race, store=store: race(store),
                        )
    finally:
        passwords.kept = kept
