"""What the demonstration's accounts already have: three analyses each, one shared, one followed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from apps.analyses.modeles import HOME, MODELES, shipped
from lake.errors import LakeError
from lake.store.accounts import accounts
from lake.store.accounts.identity import Compte
from lake.store.analyses import bar, documents, shares, subscriptions
from lake.store.analyses.reading import Line, listed
from lake.store.engine import Store

WANTED = 3


def give(store: Store, emails: Sequence[str]) -> int:
    """Give each account of the demonstration three analyses copied from the models, and a subscription; twice is once.

    Args:
        store: where; its models are loaded.
        emails: addresses of the accounts.

    Returns:
        How many analyses were made.
    """
    made = 0
    for email in emails:
        compte = accounts.find(store, email)
        if compte is not None and not _own(store, compte):
            made += _given(store, compte)
    return made


def _given(store: Store, compte: Compte) -> int:
    titles = {shipped(name).titre: name for name in MODELES}
    models = [one for one in listed(store, compte) if one.genre == "modele" and one.titre in titles]
    models = [one for one in models if titles[one.titre] != HOME][:WANTED]
    numbers = [
        documents.copy(store, compte, one.id, title=f"{one.titre} — mon suivi") for one in reversed(models)
    ]
    if not numbers:
        return 0
    subscriptions.subscribe(store, compte, numbers[0])
    bar.arrange(store, compte, [numbers[0]])
    with suppress(LakeError):  # an account without organisation shares with nobody
        shares.share(store, compte, numbers[-1], organisation=True)
    return len(numbers)


def _own(store: Store, compte: Compte) -> list[Line]:
    return [one for one in listed(store, compte) if one.right == "proprietaire" and one.genre != "modele"]
