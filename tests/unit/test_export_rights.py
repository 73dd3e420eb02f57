"""``obs export --utilisateur``: the file holds what the account would see on the page, no more; upkeep commands."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from apps.cli import obs
from lake.catalog.territoires import DEPARTEMENTS
from lake.droits import Droits
from lake.settings import Settings
from lake.store import journal, sharing
from lake.store.accounts import accounts, actions
from lake.store.journal import Filters
from lake.store.migrate import open_store
from lake.tables import Lake
from scoring.universes.segur import SEGUR

ALL = frozenset({"annuaire", "segur", "convergence"})


@pytest.fixture
def called(tmp_path: Path, petit_lake: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """``called("export", …)``: what the command printed, and the rows of the CSV that it wrote."""
    monkeypatch.setenv("OBS_STORE", f"sqlite:///{tmp_path}/s.db")
    monkeypatch.setenv("OBS_LAKE", str(petit_lake))
    scan = Lake(Settings.from_env()).scan
    editor = scan(SEGUR.table).select("editeur").drop_nulls().unique().sort("editeur").collect()["editeur"][0]
    store = open_store(Settings.from_env())
    for name, profil, droits, organisation in (
        ("pilote", "pilote_regional", Droits(ALL, regions=frozenset({"44"})), "ARS"),
        ("industriel", "industriel", None, editor),
        ("public", "grand_public", None, "Particulier"),
        ("invite", "expert_national", None, "Agence"),
    ):
        made = accounts.create(
            store, email=f"{name}@ex.fr", nom=name, prenom="Anne", organisation=organisation, profil=profil,
            droits=droits,
        )  # fmt: skip
        if name != "invite":
            accounts.change(store, made.id, "test", etat="actif")
    store.close()

    def call(*words: str) -> tuple[str, list[list[str]]]:
        path = tmp_path / "sortie.csv"
        path.unlink(missing_ok=True)
        done = CliRunner().invoke(
            obs, [*words, "--sortie", str(path)] if words[0] == "export" else list(words)
        )
        rows: list[list[str]] = []
        if path.exists():
            text = path.read_text("utf-8-sig")
            rows = [
                row
                for row in csv.reader(io.StringIO(text), delimiter=";")
                if row and not row[0].startswith("#")
            ]
        return (done.output if done.exit_code == 0 else done.stderr), rows

    call.editor = editor  # type: ignore[attr-defined]
    return call


def test_an_export_as_an_account_is_what_its_page_shows(called) -> None:  # type: ignore[no-untyped-def]
    ask = ("export", "segur", "--page", "structures", "--format", "csv")
    _, every = called(*ask)
    said, mine = called(*ask, "--utilisateur", "pilote@ex.fr")
    assert mine[0] == every[0], said
    assert 1 < len(mine) < len(every)
    places = Lake(Settings.from_env()).scan(DEPARTEMENTS).filter(pl.col("code_region") == "44").collect()
    column = every[0].index("Département")
    assert {row[column] for row in mine[1:]} <= set(places["departement"])
    assert not {row[column] for row in every[1:]} <= set(places["departement"])
    assert {tuple(row) for row in mine} < {tuple(row) for row in every}
    _, others = called(
        "export", "segur", "--page", "insi", "--vue", "editeurs", "--format", "csv", "--utilisateur",
        "industriel@ex.fr",
    )  # fmt: skip
    assert [row[0] for row in others[1:]] == [called.editor]


def test_an_export_is_refused_to_who_may_not_open_the_page(called) -> None:  # type: ignore[no-untyped-def]
    ask = ("export", "convergence", "--page", "synthese", "--format", "csv", "--utilisateur")
    said, rows = called(*ask, "public@ex.fr")
    assert "n'ouvre pas l'univers" in said
    assert rows == []
    assert "Aucun compte actif" in called(*ask, "invite@ex.fr")[0]
    assert "Aucun compte «" in called(*ask, "personne@ex.fr")[0]
    _, mine = called(*ask, "pilote@ex.fr")
    _, every = called(*ask[:-1])
    assert mine[0] == every[0]
    store = open_store(Settings.from_env())
    lines = journal.read(store, Filters(action="compte.export"))
    assert [(one.auteur, one.objet) for one in lines] == [("pilote@ex.fr", "convergence")]
    store.close()


def test_a_name_that_the_account_may_not_see_is_not_told(called) -> None:  # type: ignore[no-untyped-def]
    _, every = called("export", "segur", "--page", "insi", "--vue", "editeurs", "--format", "csv")
    other = next(row[0] for row in every[1:] if row[0] and row[0] != called.editor)
    ask = ("export", "segur", "--page", "insi", "--format", "csv", "--filtre", f"editeur={other}")
    assert called(*ask)[1]
    said, rows = called(*ask, "--utilisateur", "industriel@ex.fr")
    assert rows == []
    assert "inconnu" in said or "aucun chiffre" in said


def test_old_shared_links_are_purged_alone_and_the_journal_says_so(called) -> None:  # type: ignore[no-untyped-def]
    store = open_store(Settings.from_env())
    old = datetime.now(UTC) - timedelta(days=91)
    sharing.share(store, sharing.Genre.TERRITOIRE, ["67482"], now=old)
    kept = sharing.share(store, sharing.Genre.TERRITOIRE, ["68224"])
    assert called("store", "purge", "--partages", "90")[0] == "Effacé : 1 partages.\n"
    assert sharing.opened(store, kept).contenu == ["68224"]
    line = journal.read(store, Filters(action="compte.purge"))[0]
    assert (line.auteur, line.details) == ("exploitant", {"detail": "partages 1"})
    store.close()


def test_an_rpps_number_belongs_to_one_account(called) -> None:  # type: ignore[no-untyped-def]
    assert (
        "Compte créé"
        in called("user", "add", "a@ex.fr", "--rpps", "10100000001", "--organisation", "CHU de Metz")[0]
    )
    said, _ = called("user", "add", "b@ex.fr", "--rpps", "10100000001")
    assert "Numéro RPPS déjà rattaché à : CHU de Metz" in said


def test_the_life_of_accounts_is_published_and_queried_by_the_operator_alone(
    called, tmp_path, monkeypatch
) -> None:  # type: ignore[no-untyped-def]
    """March: the manager signs in twice and changes two accounts, the pilot once; April: the pilot alone, once."""
    monkeypatch.setenv("OBS_LAKE", str(tmp_path / "lac"))
    store = open_store(Settings.from_env())
    march, april = datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)
    manager, pilot = "industriel@ex.fr", "pilote@ex.fr"
    for author, action, day in (
        (manager, "connexion", march),
        (manager, "connexion", march),
        (manager, "droits", march),
        (manager, "creation", march),
        (manager, "export", march),
        (pilot, "connexion", march),
        (pilot, "mot_de_passe", march),
        (pilot, "connexion", april),
    ):
        actions.note(store, action, auteur=author, objet="x", now=day)
    store.close()
    assert "journal__comptes publiée : 7 lignes" in called("store", "publier-journal")[0]
    ask = ("query", "comptes", "--format", "csv", "--mesure")
    every = "comptes_actifs,comptes_connectes,connexions,exports,mises_a_jour"
    said, _ = called(*ask, every, "--par", "mois", "--du", "2026-03-01", "--au", "2026-04-30")
    assert said.splitlines() == [f"mois,{every}", "2026-03-01,2,2,3,1,3", "2026-04-01,1,1,1,,"]
    # Over both months each account counts once.
    said, _ = called(
        *ask, "comptes_connectes,mises_a_jour_par_compte", "--du", "2026-03-01", "--au", "2026-04-30"
    )
    assert said.splitlines()[1] == "2,1.5"
    said, _ = called(*ask, "connexions", "--par", "profil", "--du", "2026-03-01", "--au", "2026-03-31")
    assert sorted(said.splitlines()[1:]) == ["industriel,2", "pilote_regional,1"]
    # No profile opens it: an account that asks sees no row.
    said, _ = called(*ask, "connexions", "--par", "profil", "--utilisateur", pilot)
    assert "industriel" not in said
    assert "@" not in said.replace(pilot, "")
