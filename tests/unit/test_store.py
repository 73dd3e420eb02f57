"""The store, on SQLite and on PostgreSQL: transactions, migrations, short links. One suite for both."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import IntegrityError

from lake.errors import LakeError, SourceUnavailable, UnknownName
from lake.settings import Settings
from lake.store import engine
from lake.store.engine import Store
from lake.store.migrate import config, head, revision, upgrade
from lake.store.schema import COMPTES, METADATA, PARTAGES, Moment
from lake.store.sharing import ALPHABET, LENGTH, MOST_BYTES, Genre, opened, purge, remove, share

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
SCRATCH = sa.Table(
    "compteurs", sa.MetaData(), sa.Column("nom", sa.String(9), primary_key=True), sa.Column("n", sa.Integer)
)


# -- transactions -------------------------------------------------------------------------------------


def test_no_increment_is_lost_among_twenty_writers(store: Store) -> None:
    with store.writing() as connection:
        SCRATCH.create(connection)
        connection.execute(sa.insert(SCRATCH).values(nom="a", n=0))

    def increments(_: int) -> None:
        for _ in range(25):
            with store.writing() as connection:
                n = connection.execute(sa.select(SCRATCH.c.n).with_for_update()).scalar_one()
                connection.execute(sa.update(SCRATCH).values(n=n + 1))

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(increments, range(20)))
    with store.reading() as connection:
        assert connection.execute(sa.select(SCRATCH.c.n)).scalar_one() == 500


def test_an_error_undoes_the_whole_transaction(store: Store) -> None:
    code = share(store, Genre.TERRITOIRE, ["67482"])

    def fails() -> None:
        with store.writing() as connection:
            connection.execute(sa.delete(PARTAGES))
            raise RuntimeError("perdu")

    with pytest.raises(RuntimeError, match="perdu"):
        fails()
    assert opened(store, code).contenu == ["67482"]


def test_a_transaction_within_another_is_committed_with_it_or_not_at_all(store: Store) -> None:
    def both(error: Exception | None) -> str:
        with store.writing() as outer:
            code = share(store, Genre.TERRITOIRE, ["67482", str(error)])
            with store.writing() as inner:
                assert inner is outer
            if error is not None:
                raise error
        return code

    with pytest.raises(ZeroDivisionError):
        both(ZeroDivisionError())
    with store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(PARTAGES)).scalar_one() == 0
    assert opened(store, both(None), Genre.TERRITOIRE).contenu == ["67482", "None"]


def test_a_broken_rule_is_refused_by_the_database(store: Store) -> None:
    row = {"code": "x", "genre": "autre", "titre": "", "contenu": "1", "empreinte": "e"}
    with pytest.raises(IntegrityError), store.writing() as connection:
        connection.execute(sa.insert(PARTAGES).values(**row, cree_le=NOW, ouvert_le=NOW))


def test_moments_come_back_in_utc(store: Store) -> None:
    with store.reading() as connection:
        paris = sa.literal(datetime.fromisoformat("2026-03-01T09:00:00+01:00"), Moment())
        assert connection.execute(sa.select(paris)).scalar_one() == NOW
        assert connection.execute(sa.select(sa.literal(None, Moment()))).scalar_one() is None


def test_a_moment_without_time_zone_is_refused(store: Store) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(sa.exc.StatementError, match="time zone"), store.writing() as connection:
        connection.execute(sa.update(PARTAGES).values(ouvert_le=naive))


# -- migrations ---------------------------------------------------------------------------------------


def test_what_a_store_held_before_the_kinds_of_messages_is_kept(store_settings: Settings) -> None:
    """From 0003 to 0004 and back: accounts, sessions and links stay; of requests that raced, the first stays."""
    store = Store(store_settings)

    def to(step: Callable[..., None], wanted: str) -> None:
        with store.writing() as connection:
            made = config()
            made.attributes["connection"] = connection
            step(made, wanted)

    to(command.upgrade, "0003")
    old = "nom, prenom, civilite, organisation"
    with store.writing() as connection:
        connection.execute(
            sa.text(
                f"INSERT INTO comptes (id, email, {old}, rpps, profil, droits, peut_creer, etat, etat_le, empreinte,"
                " totp, totp_pas, fournisseur, demonstration, preferences, cree_le) VALUES (1, 'a@ex.fr', 'A', 'B', '',"
                " '', '', 'expert_national', '{}', :no, 'actif', :now, '', '', 0, '', :no, '{}', :now)"
            ),
            {"now": NOW, "no": False},
        )
        connection.execute(
            sa.text(
                "INSERT INTO messages (compte_id, sujet, texte, envoi_le, expire_le, erreur)"
                " VALUES (1, 'Activation', 'lien', :now, :now, '')"
            ),
            {"now": NOW},
        )
        for name in ("première", "seconde"):
            connection.execute(
                sa.text(
                    f"INSERT INTO demandes (email, {old}, etat, cree_le, decidee_par)"
                    " VALUES ('n@ex.fr', :name, 'B', '', 'C', 'attente', :now, '')"
                ),
                {"name": name, "now": NOW},
            )
    to(command.upgrade, "head")
    with store.reading() as connection:
        assert connection.execute(sa.text("SELECT genre, objet, sujet FROM messages")).one() == (
            "lien",
            "",
            "Activation",
        )
        assert connection.execute(sa.text("SELECT nom FROM demandes")).scalars().all() == ["première"]
        assert connection.execute(sa.text("SELECT revision FROM comptes")).scalar_one() == 1
    to(command.downgrade, "0003")
    with store.reading() as connection:
        assert connection.execute(sa.text("SELECT email FROM comptes")).scalars().all() == ["a@ex.fr"]
        assert connection.execute(sa.text("SELECT sujet FROM messages")).scalars().all() == ["Activation"]
    assert upgrade(store)
    store.close()


def described(store: Store, revision_: str, links: list[tuple[int, int]]) -> None:
    """A store of an earlier revision that holds services, one leaning on another: rows that point to rows."""
    with store.writing() as connection:
        made = config()
        made.attributes["connection"] = connection
        command.upgrade(made, revision_)
    # What a revision's own tables look like is read from them: those of today differ.
    engine = sa.create_engine(store.url)  # on SQLite, nothing watches where rows point
    with engine.begin() as connection:
        services = sa.Table("saisie_services", sa.MetaData(), autoload_with=connection, resolve_fks=False)
        row = {
            "region": "44", "kind": "metier", "description": "", "prestataire": "", "hebergeur": "",
            "tronc_commun": True, "publiable": True, "publiable_motif": "", "etat": "actif", "decommission": "",
            "besoins": "{}", "cree_le": NOW.replace(tzinfo=None), "cree_par": "", "rev": 1,
            "modifie_le": NOW.replace(tzinfo=None), "modifie_par": "",
        }  # fmt: skip
        for number in (1, 2):
            connection.execute(
                services.insert().values(id=number, code=f"44-{number}", nom=f"S{number}", **row)
            )
        for here, there in links:
            connection.execute(
                sa.text("INSERT INTO saisie_liens (service_id, utilise_id) VALUES (:a, :b)"),
                {"a": here, "b": there},
            )
    engine.dispose()


@pytest.mark.parametrize("held", ["0012_saisie_portage_fils", "0014_sas_territoires", "0016_sas_editeurs"])
def test_what_a_region_described_is_kept_when_its_tables_are_made_anew(
    store_settings: Settings, held: str
) -> None:
    store = Store(store_settings)
    described(store, held, [(1, 2)])
    assert upgrade(store)
    with store.writing() as connection:
        names = connection.execute(sa.text("SELECT nom FROM saisie_services ORDER BY id")).scalars().all()
        assert names == ["S1", "S2"]
        assert connection.execute(sa.text("SELECT service_id, utilise_id FROM saisie_liens")).all() == [
            (1, 2)
        ]
    # The rows that point to others are still watched afterwards.
    with pytest.raises(IntegrityError), store.writing() as connection:
        connection.execute(sa.text("DELETE FROM saisie_services WHERE id = 2"))
    store.close()


def test_of_accounts_that_share_an_rpps_the_one_that_serves_keeps_it(tmp_path: Path) -> None:
    store = Store(Settings(store=f"sqlite:///{tmp_path / 'base.db'}"))
    with store.writing() as connection:
        made = config()
        made.attributes["connection"] = connection
        command.upgrade(made, "0018_sas_lieux")
        row = {
            "civilite": "", "organisation": "", "profil": "grand_public", "droits": "{}", "peut_creer": False,
            "etat_le": NOW, "empreinte": "", "totp": "", "totp_pas": 0, "fournisseur": "", "demonstration": False,
            "preferences": "{}", "revision": 1, "cree_le": NOW,
        }  # fmt: skip
        for email, rpps, etat in (
            ("a@ex.fr", "10100000001", "desactive"), ("b@ex.fr", "10100000001", "actif"),
            ("c@ex.fr", "10100000001", "actif"), ("d@ex.fr", "", "actif"), ("e@ex.fr", "", "actif"),
        ):  # fmt: skip
            values = row | {"email": email, "nom": email, "prenom": "", "rpps": rpps, "etat": etat}
            connection.execute(sa.insert(COMPTES).values(values))
    assert upgrade(store)
    with store.reading() as connection:
        held = dict(connection.execute(sa.text("SELECT email, rpps FROM comptes")).all())
    assert {email for email, rpps in held.items() if rpps} == {"b@ex.fr"}
    assert len(held) == 5
    store.close()


def test_a_row_that_points_to_nothing_stops_the_upgrade_and_nothing_is_changed(tmp_path: Path) -> None:
    store = Store(Settings(store=f"sqlite:///{tmp_path / 'base.db'}"))
    described(store, "0016_sas_editeurs", [(1, 9)])
    with pytest.raises(
        LakeError, match="une ligne de saisie_liens désigne une ligne absente de saisie_services"
    ):
        upgrade(store)
    assert revision(store) == "0016_sas_editeurs"
    store.close()


def test_migrations_make_the_declared_schema(store_settings: Settings) -> None:
    store = Store(store_settings)
    assert revision(store) is None
    assert upgrade(store) is True
    assert (revision(store), upgrade(store)) == (head(), False)
    with store.reading() as connection:
        compared = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(compared, METADATA) == []
        checks = sa.inspect(connection).get_check_constraints("partages")
        assert [check["name"] for check in checks] == ["ck_partages_genre"]
    store.close()


def test_migrations_go_back(store: Store) -> None:
    with store.writing() as connection:
        wanted = config()
        wanted.attributes["connection"] = connection
        command.downgrade(wanted, "base")
    with store.reading() as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    assert upgrade(store) is True


def test_several_processes_migrate_at_once(store_settings: Settings) -> None:
    def one(_: int) -> bool:
        store = Store(store_settings)
        try:
            return upgrade(store)
        finally:
            store.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == [False, False, False, True]


def test_a_process_waits_for_another_that_migrates_longer_than_for_a_writer(
    store_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    first = Store(store_settings)
    with ThreadPoolExecutor(1) as pool:
        with first.migrating():
            second = pool.submit(lambda: upgrade(Store(store_settings)))
            with pytest.raises(TimeoutError):  # a writer would have been refused ten times over
                second.result(timeout=0.5)
        assert second.result() is True
    first.close()


def test_a_newer_database_is_refused(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LakeError, match="version plus récente de la suite \\(révision 9999\\)"):
        upgrade(store)


# -- short links --------------------------------------------------------------------------------------


def test_a_link_gives_back_what_was_shared(store: Store) -> None:
    content = {"communes": ["67482", "08439"], "seuil": 2.5, "nom": "Vallée de l’Été"}
    code = share(store, Genre.SCENARIO, content, titre="  Mon\nterritoire " + "é" * 300, now=NOW)
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    found = opened(store, code, Genre.SCENARIO)
    assert (found.contenu, found.genre, found.cree_le) == (content, Genre.SCENARIO, NOW)
    assert found.titre == ("Mon territoire " + "é" * 300)[:200]


def test_the_same_thing_has_the_same_link(store: Store) -> None:
    first = share(store, Genre.TERRITOIRE, {"a": 1, "b": 2}, titre="T")
    assert share(store, Genre.TERRITOIRE, {"b": 2, "a": 1}, titre="T") == first
    others = {
        share(store, Genre.TERRITOIRE, {"a": 1, "b": 2}, titre="U"),
        share(store, Genre.SCENARIO, {"a": 1, "b": 2}, titre="T"),
        share(store, Genre.TERRITOIRE, {"a": 1, "b": 3}, titre="T"),
    }
    assert len(others | {first}) == 4


def test_the_same_thing_shared_at_once_has_one_link(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        codes = set(pool.map(lambda _: share(store, Genre.TERRITOIRE, ["67482"]), range(24)))
    assert len(codes) == 1
    with store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(PARTAGES)).scalar_one() == 1


def test_unknown_links_are_said_in_french(store: Store) -> None:
    code = share(store, Genre.TERRITOIRE, ["67482"])
    for wanted, kind in (("inconnu", None), (code, Genre.SCENARIO), ("' OR 1=1 --", None)):
        with pytest.raises(UnknownName, match="Vérifiez le lien reçu"):
            opened(store, wanted, kind)


def test_links_are_removed_and_purged(store: Store) -> None:
    old = share(store, Genre.TERRITOIRE, ["1"], now=NOW - timedelta(days=400))
    used = share(store, Genre.TERRITOIRE, ["2"], now=NOW - timedelta(days=400))
    opened(store, used, now=NOW - timedelta(days=10))
    recent = share(store, Genre.TERRITOIRE, ["3"], now=NOW)
    assert purge(store, days=365, now=NOW) == 1
    with pytest.raises(UnknownName):
        opened(store, old)
    assert opened(store, used).contenu == ["2"]
    assert (remove(store, recent), remove(store, recent)) == (True, False)
    with pytest.raises(LakeError, match="au moins 2 jours"):
        purge(store, days=1)


def test_what_cannot_be_shared_is_refused(store: Store) -> None:
    with pytest.raises(LakeError, match="trop long pour un lien"):
        share(store, Genre.TERRITOIRE, "é" * MOST_BYTES)
    for content in ({1, 2}, float("nan")):
        with pytest.raises(LakeError, match="JSON"):
            share(store, Genre.TERRITOIRE, content)


# -- addresses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("n'importe quoi", "n'est pas une adresse de base"),
        ("mysql://serveur/base", "« mysql »"),
        ("sqlite://", "en mémoire"),
        ("sqlite:///:memory:", "en mémoire"),
    ],
)
def test_odd_addresses_are_refused(url: str, said: str) -> None:
    with pytest.raises(LakeError, match=said):
        Store(Settings(store=url))


def test_a_server_that_does_not_answer_is_said_without_its_password() -> None:
    store = Store(Settings(store="postgresql://obs:secret@127.0.0.1:1/base"))
    with pytest.raises(SourceUnavailable, match="ne répond pas") as caught, store.reading():
        pass
    assert "secret" not in str(caught.value)


def test_a_folder_that_cannot_hold_the_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("")
    with pytest.raises(SourceUnavailable, match="ne peut pas être créé"):
        Store(Settings(store=f"sqlite:///{tmp_path}/fichier/store.db"))
    store = Store(Settings(store=f"sqlite:///{tmp_path}"))
    with pytest.raises(SourceUnavailable, match="ne répond pas"), store.reading():
        pass


def test_sqlite_keeps_its_settings(tmp_path: Path, disk_awaited: None) -> None:
    store = Store(Settings(store=f"sqlite:///{tmp_path}/store.db"))
    with store.reading() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked]
    assert found == ["wal", 1, 1, 10_000]
    store.close()
