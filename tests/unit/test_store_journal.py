"""The audit journal, on SQLite and on PostgreSQL: what is written stays, and says who, what and when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from lake.errors import LakeError
from lake.store.engine import Store
from lake.store.journal import LEAST_DAYS, Entry, Filters, purge, read, record, write
from lake.store.schema import JOURNAL, JOURNAL_PURGES

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def numbers(entries: list[Entry]) -> list[int]:
    return [entry.id for entry in entries]


def test_a_line_comes_back_as_it_was_written(store: Store) -> None:
    details = {"filtres": {"profession": ["10"]}, "lignes": 1234, "taux": 0.5, "nom": "Éloïse"}
    number = record(
        store,
        "export.personnes",
        " annuaire\n(csv) ",
        auteur="elu@exemple.fr",
        details=details,
        adresse="2001:db8::1",
        now=datetime.fromisoformat("2026-03-01T09:00:00+01:00"),
    )
    assert read(store) == [
        Entry(number, NOW, "elu@exemple.fr", "export.personnes", "annuaire (csv)", details, "2001:db8::1")
    ]


def test_an_anonymous_line_needs_nothing_else(store: Store) -> None:
    before = datetime.now(UTC)
    record(store, "export.personnes", "é" * 500, auteur="")
    (entry,) = read(store)
    assert (entry.auteur, entry.adresse, entry.details, entry.objet) == (None, None, {}, "é" * 200)
    assert before <= entry.moment <= datetime.now(UTC)


def test_lines_are_filtered_and_read_page_by_page(store: Store) -> None:
    a = record(store, "export.personnes", "annuaire", auteur="a@b.fr", now=NOW)
    b = record(store, "export_autre", "annuaire", now=NOW + timedelta(hours=1))
    c = record(store, "export.carte", "segur", auteur="a@b.fr", now=NOW + timedelta(hours=2))
    d = record(store, "compte.creation", "x@y.fr", auteur="c@d.fr", now=NOW + timedelta(hours=3))
    asked = [
        (None, [d, c, b, a]),
        (Filters(auteur="a@b.fr"), [c, a]),
        (Filters(auteur=""), [b]),
        (Filters(action="export."), [c, a]),
        (Filters(action="export.carte"), [c]),
        (Filters(action="expor"), []),
        (Filters(objet="annuaire"), [b, a]),
        (Filters(du=NOW + timedelta(hours=1), au=NOW + timedelta(hours=3)), [c, b]),
        (Filters(auteur="a@b.fr", du=NOW + timedelta(minutes=1)), [c]),
    ]
    for filters, expected in asked:
        assert numbers(read(store, filters)) == expected
    first = read(store, limit=3)
    assert numbers(first) == [d, c, b]
    assert numbers(read(store, limit=3, before=first[-1].id)) == [a]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET auteur = 'autre'",
        "UPDATE journal SET details = '{}' WHERE id = 1",
        "DELETE FROM journal",
        "DELETE FROM journal WHERE moment < '2026-06-01'",
    ],
)
def test_the_database_refuses_to_change_what_is_written(store: Store, statement: str) -> None:
    record(store, "export.personnes", "annuaire", auteur="a@b.fr", details={"lignes": 3}, now=NOW)
    with pytest.raises(IntegrityError, match="append only"), store.writing() as connection:
        connection.execute(sa.text(statement))
    (entry,) = read(store)
    assert (entry.auteur, entry.details) == ("a@b.fr", {"lignes": 3})


def test_neither_replacing_nor_emptying_gets_round_it(store: Store) -> None:
    number = record(store, "export.personnes", "annuaire", auteur="a@b.fr", now=NOW)
    statement = (
        "INSERT OR REPLACE INTO journal (id, moment, action, objet, details) "
        f"VALUES ({number}, '2026-01-01', 'autre', '', '{{}}')"
        if store.sqlite
        else "TRUNCATE journal"
    )
    with pytest.raises(IntegrityError, match="append only"), store.writing() as connection:
        connection.execute(sa.text(statement))
    assert [entry.auteur for entry in read(store)] == ["a@b.fr"]


def test_a_line_is_kept_with_the_act_or_not_at_all(store: Store) -> None:
    def fails() -> None:
        with store.writing() as connection:
            write(connection, "compte.creation", "x@y.fr")
            raise RuntimeError("refusé")

    with pytest.raises(RuntimeError):
        fails()
    assert read(store) == []


def test_a_purge_takes_the_oldest_and_says_so(store: Store) -> None:
    record(store, "ancien", now=NOW - timedelta(days=366))
    record(store, "limite", now=NOW - timedelta(days=365))
    record(store, "recent", now=NOW)
    assert purge(store, days=365, now=NOW) == 1
    assert [entry.action for entry in read(store)] == ["recent", "limite"]
    with store.reading() as connection:
        (done,) = connection.execute(sa.select(JOURNAL_PURGES)).mappings().all()
    assert (done["avant"], done["faite_le"], done["lignes"]) == (NOW - timedelta(days=365), NOW, 1)
    # A purge that is over opens nothing, and cannot be rewritten.
    for statement in (
        "DELETE FROM journal",
        "UPDATE journal_purges SET lignes = NULL",
        "DELETE FROM journal_purges",
    ):
        with pytest.raises(IntegrityError, match="append only"), store.writing() as connection:
            connection.execute(sa.text(statement))


def test_an_open_purge_lets_go_only_what_it_declares(store: Store) -> None:
    record(store, "recent", now=NOW)

    def goes_too_far() -> None:
        with store.writing() as connection:
            yesterday = NOW - timedelta(days=1)
            connection.execute(sa.insert(JOURNAL_PURGES).values(avant=yesterday, faite_le=NOW))
            connection.execute(sa.delete(JOURNAL))

    with pytest.raises(IntegrityError, match="append only"):
        goes_too_far()
    assert len(read(store)) == 1
    with pytest.raises(LakeError, match=f"au moins {LEAST_DAYS} jours"):
        purge(store, days=LEAST_DAYS - 1)


def test_numbers_are_never_given_twice(store: Store) -> None:
    last = record(store, "ancien", now=NOW - timedelta(days=400))
    purge(store, days=365, now=NOW)
    assert record(store, "recent", now=NOW) > last


def test_many_writers_lose_no_line(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: record(store, "export.personnes", str(i)), range(40)))
    assert {entry.objet for entry in read(store)} == {str(i) for i in range(40)}


def test_what_cannot_be_written_is_refused(store: Store) -> None:
    with pytest.raises(LakeError, match="JSON"):
        record(store, "export.personnes", details={"x": {1, 2}})
    with pytest.raises(LakeError, match="trop longs pour le journal"):
        record(store, "export.personnes", details={"x": "é" * 20_000})
    for action in ("", "a" * 61):
        with pytest.raises(ValueError, match="1 to 60"):
            record(store, action)
    assert read(store) == []
