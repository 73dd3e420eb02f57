"""The demonstration's accounts: three analyses and one subscription each, once, under their own rights."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from apps.analyses.exemples import give
from apps.analyses.modeles import load
from lake.settings import Settings
from lake.store.accounts import accounts, demonstration
from lake.store.analyses import models, reading, subscriptions
from lake.store.migrate import open_store


def test_each_profile_has_three_analyses_and_one_subscription(tmp_path: Path) -> None:
    store = open_store(Settings(store=f"sqlite:///{tmp_path}/store.db"))
    emails = [email for _, email in demonstration.create(store, "Éditeur A")]
    for _title, done in load(partial(models.ship, store)):
        assert done == "créé"
    assert give(store, emails) == 3 * 5  # the public opens no universe that the models count
    assert give(store, emails) == 0
    for email in emails:
        compte = accounts.find(store, email)
        assert compte is not None
        own = [one for one in reading.listed(store, compte) if one.owner == compte.name]
        followed = [one for one in own if one.followed]
        public = compte.profil == "grand_public"
        assert (len(own), len(followed)) == ((0, 0) if public else (3, 1))
        assert (models.home_of(store, compte) is None) == public
    assert len(subscriptions.active(store)) == 5
    store.close()
