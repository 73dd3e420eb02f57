"""The first release's store and lake, made by its own code, are opened, read and grown by this one.

``premiere-version.zip`` was written by the suite of 21 November 2026 (revision 0003 of the store, no register of
publications, Ségur cut by month and service): one account, one extraction of the directory, two months of Ségur.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ingest.run import Request, run
from ingest.sources import source
from lake.catalog.annuaire import ACTIVITES
from lake.catalog.segur import MESURES
from lake.settings import Settings
from lake.store import journal
from lake.store.accounts import accounts
from lake.store.migrate import head, open_store, revision
from lake.tables import Lake
from tests.demo_lake import called
from tests.unit.annuaire_delivery import activite, person, write_activites

FILE = Path(__file__).with_name("premiere-version.zip")
HEADER = (
    "mois;service;indicateur;code_region;code_departement;type_acteur;profession;editeur;structure;valeur"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with zipfile.ZipFile(FILE) as made:
        made.extractall(tmp_path)
    return tmp_path


def asked(folder: Path, *question: str) -> str:
    return called("query", *question, "--format", "csv", lake=folder / "lac").stdout


def test_its_store_is_brought_to_this_schema_with_what_it_holds(folder: Path) -> None:
    store = open_store(Settings(store=f"sqlite:///{folder}/store.db"))
    try:
        assert revision(store) == head()
        anne = accounts.find(store, "anne.martin@ex.fr")
        assert anne is not None
        assert (anne.profil, anne.nom, anne.organisation) == ("administrateur", "Martin", "Observatoire")
        assert "compte.creation" in [line.action for line in journal.read(store)]
    finally:
        store.close()


def test_its_lake_reads_grows_and_is_cut_as_today(folder: Path) -> None:
    months = "mois,psc_e_cps\n2022-09-01,10\n2022-10-01,12\n"
    assert asked(folder, "annuaire", "--mesure", "activites") == "activites\n3\n"
    assert asked(folder, "segur", "--mesure", "psc_e_cps", "--par", "mois") == months
    settings = Settings(lake=str(folder / "lac"), geocodeur="aucun")
    later = write_activites(
        folder / "PS_LibreAcces_Personne_activite_202501280830.txt",
        [activite(**person(n)) for n in (1, 2, 4)],
    )
    run(source("annuaire"), Request(files=(later,)), settings)
    november = folder / "novembre.csv"
    november.write_text(f"{HEADER}\n2022-11;PSC;psc_e_cps;44;67;;;;;15\n", "utf-8")
    run(source("segur"), Request(files=(november,)), settings)
    grown = f"{months}2022-11-01,15\n"
    assert asked(folder, "segur", "--mesure", "psc_e_cps", "--par", "mois") == grown
    by_date = asked(folder, "annuaire", "--mesure", "activites", "--par", "date_extraction")
    assert by_date == "date_extraction,activites\n2025-01-14,3\n2025-01-28,3\n"
    lake = Lake(settings)
    assert any("service=" in path for path in lake.files(MESURES, lake.version(MESURES)))
    called("lake", "compacter", MESURES.name, lake=folder / "lac")
    assert not any("service=" in path for path in lake.files(MESURES, lake.version(MESURES)))
    assert asked(folder, "segur", "--mesure", "psc_e_cps", "--par", "mois") == grown
    checked = called("lake", "check", ACTIVITES.name, MESURES.name, lake=folder / "lac").stdout
    assert f"ok {MESURES.name} : 3 lignes conformes" in checked
    assert f"ok {ACTIVITES.name} : 6 lignes conformes" in checked
