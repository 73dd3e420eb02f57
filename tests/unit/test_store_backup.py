"""A backup holds every type, goes back in any order, and is refused when anything in it was changed."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from apps.cli import obs
from lake.errors import ContractError
from lake.settings import Settings
from lake.store import sealed
from lake.store.accounts import accounts
from lake.store.backup import backup, restore
from lake.store.dump import parents_first, plain, read_back
from lake.store.engine import Store
from lake.store.migrate import open_store, revision
from tests.unit.test_store_upkeep import filled


def fresh(folder: Path, name: str = "neuf") -> Store:
    return Store(Settings(store=f"sqlite:///{folder}/{name}.db"))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a filled store and its sealed backup, made once."""
    folder = tmp_path_factory.mktemp("sauvegarde")
    store = open_store(Settings(store=f"sqlite:///{folder}/source.db"))
    filled(store)
    backup(store, folder / "s.zip")
    store.close()
    return folder


@pytest.fixture
def saved(original: Path, tmp_path: Path) -> Path:
    """The sealed backup, beside the store that it was made from."""
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    return tmp_path / "s.zip"


def rewritten(path: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """A copy of a backup whose files were changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    other = path.with_name("modifiee.zip")
    with zipfile.ZipFile(other, "w") as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return other


def head(members: dict[str, bytes], **values: object) -> None:
    members["sauvegarde.json"] = json.dumps({**json.loads(members["sauvegarde.json"]), **values}).encode()


def swapped(members: dict[str, bytes]) -> None:
    lines = members["comptes.jsonl"].splitlines(keepends=True)
    members["comptes.jsonl"] = b"".join(reversed(lines))


def one_less(members: dict[str, bytes]) -> None:
    lines = members["sessions.jsonl"].splitlines(keepends=True)
    members["sessions.jsonl"] = b"".join(lines[1:])
    counted = {**json.loads(members["sauvegarde.json"])["lignes"], "sessions": len(lines) - 1}
    head(members, lignes=counted)


def unlisted(members: dict[str, bytes]) -> None:
    counted = json.loads(members["sauvegarde.json"])["lignes"]
    del counted["sessions"]
    members.pop("sessions.jsonl")
    head(members, lignes=counted)


ALTERED: dict[str, Callable[[dict[str, bytes]], object]] = {
    "un profil relevé": lambda m: m.update(
        {"comptes.jsonl": m["comptes.jsonl"].replace(b"expert_national", b"administrateur")}
    ),
    "une date changée": lambda m: m.update({"comptes.jsonl": m["comptes.jsonl"].replace(b"2026", b"2025")}),
    "des lignes permutées": swapped,
    "une ligne ôtée et décomptée": one_less,
    "une table ôtée et décomptée": unlisted,
    "une table vidée": lambda m: m.update({"journal.jsonl": b""}),
    "un fichier en trop": lambda m: m.update({"autre.jsonl": b"{}\n"}),
    "la révision changée": lambda m: head(m, revision="0001"),
    "le jour changé": lambda m: head(m, faite_le="2020-01-01T00:00:00+00:00"),
    "le sceau ôté": lambda m: m.pop("sceau.txt"),
    "le sceau remplacé": lambda m: m.update({"sceau.txt": b"0" * 64}),
    "les empreintes ôtées": lambda m: head(m, empreintes={}),
    "un fichier manquant": lambda m: m.pop("comptes.jsonl"),
    "l'en-tête illisible": lambda m: m.update({"sauvegarde.json": b"{"}),
}


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_backup_is_refused_in_french_and_writes_nothing(name: str, saved: Path) -> None:
    path = rewritten(saved, ALTERED[name])
    store = fresh(saved.parent)
    with pytest.raises(ContractError, match=r"a été modifiée|est incomplète") as refused:
        restore(store, path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert revision(store) is None
    store.close()


def test_one_byte_changed_anywhere_or_a_cut_file_is_refused(saved: Path) -> None:
    whole, true = saved.read_bytes(), sealed.read(saved)
    other = saved.with_name("octet.zip")
    refused = 0
    for place in range(0, len(whole), 7):
        other.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            found = sealed.read(other)
        except ContractError as error:
            refused += "\n" not in str(error)
        else:
            assert found == true  # a byte of the zip that says nothing of ours (a date, an attribute)
    assert refused > len(whole) / 7 / 2
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        other.write_bytes(whole[:length])
        with pytest.raises(ContractError, match="n'est pas une sauvegarde lisible"):
            sealed.read(other)


def unsealed(members: dict[str, bytes]) -> None:
    """As an older version wrote them."""
    members.pop("sceau.txt")
    said = json.loads(members["sauvegarde.json"])
    members["sauvegarde.json"] = json.dumps(
        {name: said[name] for name in ("revision", "faite_le", "lignes")}
    ).encode()


def test_a_backup_of_before_the_seal_is_restored_with_a_warning(saved: Path) -> None:
    path = rewritten(saved, unsealed)
    where = f"sqlite:///{saved.parent}/ancien.db"
    done = CliRunner().invoke(obs, ["store", "restore", str(path)], env={"OBS_STORE": where})
    assert done.exit_code == 0, done.output
    assert "attention : cette sauvegarde d'une version antérieure n'est pas scellée" in done.stderr
    assert done.stdout.startswith("Restauré : ")
    sound = CliRunner().invoke(
        obs, ["store", "restore", str(saved)], env={"OBS_STORE": f"sqlite:///{saved.parent}/n.db"}
    )
    assert (sound.exit_code, sound.stderr) == (0, "")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda m: m.update({"comptes.jsonl": b'{"id": \n' + m["comptes.jsonl"]}),
            "ligne 1 de comptes illisible",
        ),
        (
            lambda m: m.update({"comptes.jsonl": m["comptes.jsonl"].replace(b'"email"', b'"courriel"')}),
            "ligne 1 de comptes, colonne « courriel » inconnue",
        ),
        (
            lambda m: m.update({"comptes.jsonl": m["comptes.jsonl"].replace(b'"2026-03', b'"hier-03')}),
            "ligne 1 de comptes, colonne « [a-z_]+ » : valeur illisible",
        ),
        (
            lambda m: m.update({"comptes.jsonl": m["comptes.jsonl"].replace(b"chef@", b"anne@")}),
            "des lignes de comptes contredisent le schéma",
        ),
    ],
)
def test_an_unsealed_backup_that_makes_no_sense_names_the_line(
    change: Callable[[dict[str, bytes]], object], said: str, saved: Path
) -> None:
    def both(members: dict[str, bytes]) -> None:
        unsealed(members)
        change(members)

    store = fresh(saved.parent)
    with pytest.raises(ContractError, match=said):
        restore(store, rewritten(saved, both))
    assert revision(store) is None
    store.close()


ODD = sa.MetaData()
ARBRE = sa.Table(
    "arbre",
    ODD,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("parent_id", sa.ForeignKey("arbre.id")),
    sa.Column("tuteur_id", sa.ForeignKey("arbre.id")),
    sa.Column("jour", sa.Date),
    sa.Column("contenu", sa.LargeBinary),
    sa.Column("montant", sa.Numeric(12, 3)),
    sa.Column("moment", sa.DateTime),
    sa.Column("details", sa.JSON),
)


def test_every_type_and_references_within_a_table_go_back(store_settings: Settings, tmp_path: Path) -> None:
    """Dates, bytes, decimals; a parent newer than its child, two that point to each other, one to itself."""
    source = open_store(Settings(store=f"sqlite:///{tmp_path}/types.db"))
    target = open_store(store_settings)
    day, moment = date(2026, 2, 28), datetime(2026, 2, 28, 23, 59, 59, 5, tzinfo=UTC)
    common = {
        "jour": day,
        "contenu": b"\x00\xff\n",
        "montant": Decimal("12.345"),
        "moment": moment.replace(tzinfo=None),
        "details": {"a": [1, None]},
    }
    rows = [
        {"id": 1, "parent_id": 4, "tuteur_id": None, **common},
        {"id": 2, "parent_id": 3, "tuteur_id": 1, **common},
        {"id": 3, "parent_id": 2, "tuteur_id": None, **common},
        {"id": 4, "parent_id": None, "tuteur_id": 4, **dict.fromkeys(common)},
    ]
    from lake.store import backup as module

    with source.writing() as connection:
        ODD.create_all(connection)
        connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        connection.execute(sa.insert(ARBRE), rows)
    with source.reading() as connection:
        found = connection.execute(sa.select(ARBRE).order_by(ARBRE.c.id)).mappings().all()
        written = json.loads(json.dumps([plain(row) for row in found]))
    assert written[0]["jour"] == "2026-02-28"
    with target.writing() as connection:
        ODD.create_all(connection)
        module._put(connection, ARBRE, written)
        back = connection.execute(sa.select(ARBRE).order_by(ARBRE.c.id)).mappings().all()
        assert [dict(row) for row in back] == rows
        ODD.drop_all(connection)
    backup_of_all = tmp_path / "tout.zip"
    backup(
        source, backup_of_all
    )  # a table that the suite does not know does not break the backup of the others
    assert backup_of_all.exists()
    source.close()
    target.close()


@given(st.lists(st.tuples(st.integers(1, 12), st.none() | st.integers(1, 14)), unique_by=lambda row: row[0]))
def test_parents_come_first_whatever_the_references(pairs: list[tuple[int, int | None]]) -> None:
    rows = [{"id": one, "parent_id": parent, "tuteur_id": None} for one, parent in pairs]
    ordered, circle = parents_first(ARBRE, rows)
    assert sorted(row["id"] for row in [*ordered, *circle]) == sorted(row["id"] for row in rows)
    there = {row["id"] for row in rows}
    seen: set[int] = set()
    for row in ordered:
        assert row["parent_id"] in seen | {None, row["id"]} or row["parent_id"] not in there
        seen.add(row["id"])
    for row in circle:  # each leads to a circle: to a row that has no place either
        assert row["parent_id"] in {other["id"] for other in circle}


def test_a_value_of_another_type_names_its_line() -> None:
    with pytest.raises(ContractError, match="ligne 7 de arbre, colonne « contenu » : valeur illisible"):
        read_back(ARBRE, {"contenu": "pas du base64 !"}, 7)


def test_the_seal_is_the_hash_of_what_it_says(saved: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        whole = archive.read("sauvegarde.json")
        assert archive.read("sceau.txt").decode() == hashlib.sha256(whole).hexdigest()
        told = json.loads(whole)["empreintes"]
        assert told["comptes"] == hashlib.sha256(archive.read("comptes.jsonl")).hexdigest()


def test_restored_accounts_are_the_same(saved: Path) -> None:
    store = fresh(saved.parent)
    assert restore(store, saved).scellee
    source = open_store(Settings(store=f"sqlite:///{saved.parent}/source.db"))
    assert accounts.everyone(store) == accounts.everyone(source)
    store.close()
    source.close()
