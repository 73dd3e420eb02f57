"""Backups, upgrades from released schemas, purges, one person's data, and what the lake is told of accounts."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.migration import MigrationContext
from click.testing import CliRunner

from apps.cli import obs
from lake.catalog.journal import COMPTES as LIFE
from lake.errors import ContractError, LakeError
from lake.settings import Settings
from lake.store import journal
from lake.store.accounts import accounts, actions, identity, links, personal, sessions
from lake.store.accounts.links import Genre
from lake.store.backup import backup, check, restore
from lake.store.engine import Store
from lake.store.migrate import config, head, open_store, revision, upgrade
from lake.store.schema import COMPTES, METADATA

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def filled(store: Store) -> identity.Compte:
    def made(name: str, **more: object) -> identity.Compte:
        given = {"nom": "N", "prenom": "P", "organisation": "CHU", "profil": "expert_national", **more}
        return accounts.create(store, email=f"{name}@ex.fr", now=NOW, **given)  # type: ignore[arg-type]

    anne = made("anne")
    chef = made("chef", profil="administrateur")
    accounts.change(store, anne.id, "x", responsable_id=chef.id)  # a manager newer than its collaborator
    links.issue(store, anne, Genre.ACTIVATION, now=NOW)
    sessions.open_session(store, chef, now=NOW)
    return accounts.get(store, anne.id)


def counts(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        return {
            name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in METADATA.tables.items()
        }


def test_a_backup_is_read_back_into_either_engine(store: Store, tmp_path: Path) -> None:
    anne = filled(store)
    path = tmp_path / "sauvegarde.zip"
    made = backup(store, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert dict(made.lignes) == counts(store)
    with pytest.raises(LakeError, match="existe déjà"):
        backup(store, path)
    with pytest.raises(LakeError, match="n'est pas vide"):
        restore(store, path)
    other = Store(Settings(store=f"sqlite:///{tmp_path}/autre.db"))
    assert restore(other, path).revision == head()
    assert counts(other) == counts(store)
    assert accounts.get(other, anne.id) == anne
    assert journal.read(other) == journal.read(store)
    assert check(other) == []
    # Numbers go on after those restored, and the journal is still guarded.
    assert accounts.create(
        other, email="z@ex.fr", nom="", prenom="", organisation="", profil="grand_public"
    ).id > max(anne.id, 2)
    with pytest.raises(sa.exc.DBAPIError), other.writing() as connection:
        connection.execute(sa.text("DELETE FROM journal"))
    other.close()


def test_a_backup_goes_to_an_empty_postgresql(store_settings: Settings, tmp_path: Path) -> None:
    source = open_store(Settings(store=f"sqlite:///{tmp_path}/source.db"))
    filled(source)
    backup(source, tmp_path / "s.zip")
    target = Store(store_settings)
    restore(target, tmp_path / "s.zip")
    assert counts(target) == counts(source)
    known = {one.id for one in accounts.everyone(target)}
    new = accounts.create(target, email="z@ex.fr", nom="", prenom="", organisation="", profil="grand_public")
    assert new.id not in known
    source.close()
    target.close()


def test_what_is_no_backup_is_refused_and_leaves_nothing(store_settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "faux.zip").write_text("rien")
    store = Store(store_settings)
    with pytest.raises(ContractError, match="n'est pas une sauvegarde"):
        restore(store, tmp_path / "faux.zip")
    assert revision(store) is None
    store.close()


@pytest.mark.parametrize("released", ["0001", "0002"])
def test_each_released_schema_goes_up_with_its_data(store_settings: Settings, released: str) -> None:
    store = Store(store_settings)
    with store.writing() as connection:
        wanted = config()
        wanted.attributes["connection"] = connection
        command.upgrade(wanted, released)
        connection.execute(
            sa.text(
                "INSERT INTO partages (code, genre, titre, contenu, empreinte, cree_le, ouvert_le) VALUES "
                "('abc', 'territoire', 'T', '[1]', 'e', '2026-03-01 00:00:00', '2026-03-01 00:00:00')"
            )
        )
        if released == "0002":
            connection.execute(
                sa.text(
                    "INSERT INTO journal (moment, action, objet, details) VALUES "
                    "('2026-03-01 00:00:00', 'export.personnes', 'x', '{}')"
                )
            )
    assert upgrade(store)
    with store.reading() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == head()
        row = connection.execute(sa.text("SELECT titre, proprietaire_id FROM partages")).one()
    assert tuple(row) == ("T", None)
    assert len(journal.read(store)) == (1 if released == "0002" else 0)
    with pytest.raises(sa.exc.DBAPIError), store.writing() as connection:
        connection.execute(sa.text("UPDATE partages SET genre = 'autre'"))
    assert check(store) == []
    store.close()


def test_a_purge_keeps_what_is_due(store: Store) -> None:
    filled(store)
    with pytest.raises(LakeError, match="au moins 180 jours"):
        personal.purge(store, {"journal": 30})
    with pytest.raises(LakeError, match="inconnue"):
        personal.purge(store, {"cafes": 30})
    soon = personal.purge(store, now=NOW + timedelta(days=10))
    assert {name: count for name, count in soon.items() if count} == {}
    late = personal.purge(store, now=NOW + timedelta(days=40))
    assert (late["sessions"], late["liens"]) == (1, 1)
    assert journal.read(store, journal.Filters(action="compte.purge"))[0].details == {
        "detail": "sessions 1, liens 1"
    }


def test_one_person_s_data_hold_no_secret(store: Store) -> None:
    anne = filled(store)
    with store.writing() as connection:
        connection.execute(sa.update(COMPTES).values(empreinte="$2b$secret", totp="TOTPSECRET"))
    found = personal.of_person(store, " Anne@ex.fr", auteur="exploitant")
    text = personal.written(found)
    assert json.loads(text)["compte"][0]["id"] == anne.id
    assert "secret" not in text.lower()
    assert [line["action"] for line in found["journal"]] == [
        "compte.creation", "compte.modification", "compte.lien",
    ]  # fmt: skip
    with pytest.raises(LakeError, match="Rien n'est conservé"):
        personal.of_person(store, "personne@ex.fr")


def test_the_lake_is_told_of_accounts_without_names(store: Store) -> None:
    anne = filled(store)
    for day in (1, 2):
        actions.note(store, "export", auteur="anne@ex.fr", objet="f", now=NOW + timedelta(days=day))
    frame = personal.life_of_accounts(store)
    assert LIFE.conform(frame).rejects.is_empty()
    row = frame.filter(compte=str(anne.id), action="compte.export").row(0, named=True)
    assert (row["nombre"], row["dernier_le"]) == (2, NOW + timedelta(days=2))
    assert "anne" not in frame.write_csv()


def test_the_first_administrator_and_a_reading_as_an_account(
    tmp_path: Path, petit_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBS_STORE", f"sqlite:///{tmp_path}/s.db")
    monkeypatch.setenv("OBS_LAKE", str(petit_lake))

    def call(*words: str) -> str:
        done = CliRunner().invoke(obs, list(words))
        return done.stdout if done.exit_code == 0 else done.stderr

    assert "/activation?lien=" in call("user", "add", "a@ex.fr", "--role", "administrateur")
    call("user", "add", "p@ex.fr", "--role", "pilote_regional", "--region", "44", "--responsable", "a@ex.fr")
    call("user", "add", "g@ex.fr")
    store = open_store(Settings.from_env())
    for name in ("p", "g"):
        compte = accounts.find(store, f"{name}@ex.fr")
        assert compte is not None
        links.choose(store, links.issue(store, compte, Genre.ACTIVATION), "quatre poneys bleus dansent")
    store.close()
    ask = ("query", "convergence", "--mesure", "services_concernes", "--format", "csv", "--par")
    assert call(*ask, "code_region", "--utilisateur", "p@ex.fr").count("\n") > 2
    mine, every = call(*ask, "service", "--utilisateur", "p@ex.fr"), call(*ask, "service")
    assert set(mine.splitlines()) < set(every.splitlines())
    assert "n'ouvre pas l'univers" in call(*ask, "region", "--utilisateur", "g@ex.fr")
    assert "Aucun compte actif" in call(*ask, "region", "--utilisateur", "a@ex.fr")
    assert "a@ex.fr,,,,administrateur,invite" in call("user", "list", "--format", "csv")
    assert "désactivé" in call("user", "disable", "p@ex.fr")
    assert "saine" in call("store", "check")
