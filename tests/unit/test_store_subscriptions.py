"""Subscriptions in the store: asked, changed, suspended, stopped by a signed link that nothing else can make."""

from __future__ import annotations

import dataclasses

import pytest

from lake.errors import Refused, UnknownName
from lake.store.accounts import accounts
from lake.store.analyses import binned, documents, shares, subscriptions
from lake.store.analyses.subscriptions import ABOVE, BELOW, Threshold
from lake.store.engine import Store
from tests.unit.test_store_analyses import document, person


def test_a_subscription_keeps_its_filters_and_starts_again_when_they_change(store: Store) -> None:
    anne, bea = person(store, "anne"), person(store, "bea")
    number = documents.create(store, anne, document("un"))
    with pytest.raises(UnknownName):
        subscriptions.subscribe(store, bea, number)
    shares.share(store, anne, number, email="bea@ex.fr")
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE comptes SET etat = 'actif'")
    watch = Threshold("bcdfg", "psc_taux", ABOVE, 0.5)
    first = subscriptions.subscribe(
        store, bea, number, choices={"bcdfg": {"region": ["44"]}}, thresholds=[watch]
    )
    assert (first.choices, first.thresholds, first.last) == ({"bcdfg": {"region": ["44"]}}, (watch,), {})
    passed = dataclasses.replace(watch, crossed=True)
    subscriptions.told(store, first.id, {"versions": {"t": 3}}, [passed], sent=True)
    (active,) = subscriptions.active(store)
    assert (active.last, active.thresholds, active.reader.email) == (
        {"versions": {"t": 3}},
        (passed,),
        "bea@ex.fr",
    )
    assert active.last_at is not None
    same = subscriptions.subscribe(store, bea, number, choices=first.choices, rhythm="mensuel")
    assert (same.id, same.rhythm, same.last) == (first.id, "mensuel", {"versions": {"t": 3}})
    other = subscriptions.subscribe(store, bea, number, choices={})
    assert (other.token, other.last) == (first.token, {})
    for act, said in (({"rhythm": "hebdomadaire"}, "rythme"), ({"thresholds": [watch] * 13}, "13 seuils")):
        with pytest.raises(Refused, match=said):
            subscriptions.subscribe(store, bea, number, **act)  # type: ignore[arg-type]


def test_the_link_of_a_message_stops_its_subscription_and_no_other(store: Store) -> None:
    anne, bea = person(store, "anne"), person(store, "bea")
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE comptes SET etat = 'actif'")
    number = documents.create(store, anne, document("un"))
    shares.share(store, anne, number, email="bea@ex.fr")
    mine = subscriptions.subscribe(store, anne, number)
    theirs = subscriptions.subscribe(store, bea, number)
    forged = f"{theirs.id}-{mine.token.partition('-')[2]}"
    for wrong in (
        forged,
        str(theirs.id),
        "",
        "a-b",
        f"{theirs.id}-",
        "99999999999-a",
        "é-é",
        theirs.token + "0",
    ):
        with pytest.raises(UnknownName, match="désabonnement"):
            subscriptions.leave(store, wrong)
    assert len(subscriptions.active(store)) == 2
    assert subscriptions.leave(store, theirs.token) == "Adoption de PSC"
    assert subscriptions.leave(store, theirs.token) == "Adoption de PSC"  # a second click says the same
    assert [one.reader.id for one in subscriptions.active(store)] == [anne.id]
    assert subscriptions.leave(store, theirs.token, back=True) == "Adoption de PSC"
    assert len(subscriptions.active(store)) == 2
    assert theirs.token not in repr(theirs)
    assert subscriptions.unsubscribe(store, bea, number)
    with pytest.raises(UnknownName):
        subscriptions.leave(store, theirs.token)


def test_accounts_disabled_analyses_binned_and_shares_withdrawn_are_told_nothing(store: Store) -> None:
    chef, anne, bea = person(store, "chef", "administrateur"), person(store, "anne"), person(store, "bea")
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE comptes SET etat = 'actif'")
    number = documents.create(store, anne, document("un"))
    shares.share(store, anne, number, email="bea@ex.fr")
    one = subscriptions.subscribe(store, bea, number)
    assert subscriptions.readable(store, one)
    binned.remove(store, anne, number)
    assert subscriptions.active(store) == []
    binned.restore(store, anne, number)
    assert [found.id for found in subscriptions.active(store)] == [one.id]
    (share,) = shares.shares(store, anne, number)
    shares.unshare(store, anne, number, share.id)
    assert not subscriptions.readable(store, one)
    subscriptions.stop(store, one.id, "n’est plus partagée")
    assert subscriptions.active(store) == []
    subscriptions.leave(store, one.token, back=True)
    accounts.disable(store, bea.id, chef.email)
    assert subscriptions.active(store) == []


@pytest.mark.parametrize(
    ("sense", "before", "value", "after"),
    [
        (ABOVE, False, 0.51, True),
        (ABOVE, False, 0.5, False),
        (ABOVE, True, 0.49, False),
        (BELOW, False, 0.49, True),
        (BELOW, True, None, True),
        (ABOVE, False, None, False),
    ],
)
def test_a_threshold_is_passed_strictly_and_a_missing_figure_changes_nothing(
    sense: str, before: bool, value: float | None, after: bool
) -> None:
    assert Threshold("s", "m", sense, 0.5, before).passes(value) is after
