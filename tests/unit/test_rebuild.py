"""A lake built again from its archived files: same order, same grouping, same figures."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from apps.cli import obs
from ingest.rebuild import plan
from ingest.run import Request, run
from ingest.sources import source
from lake.catalog.convergence import CAMPAGNES, REPONSES
from lake.catalog.segur import MESURES, RESTATEMENTS
from lake.contract import Table
from lake.settings import Settings
from lake.tables import Lake
from tests.unit.test_lake_register import month

SERVICES = "service;region\ns1;44\ns2;44\n"
ANSWERS = "service;critere;niveau\ns1;A05.1;2\ns2;A05.1;1\n"


def campaign(lake: Lake, folder: Path, day: str, answers: str = ANSWERS) -> None:
    """Deliver a campaign: two files together, neither of which can be read alone."""
    paths = []
    for name, text in (("services", SERVICES), ("reponses", answers)):
        path = folder / f"{name}_{day}.csv"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    run(source("convergence"), Request(files=tuple(paths)), lake.settings)


def rebuilt(lake: Lake, folder: Path, *options: str) -> tuple[Result, Lake]:
    new = Settings(lake=str(folder / "neuf"))
    done = CliRunner().invoke(
        obs, ["lake", "reconstruire", lake.settings.lake, *options], env={"OBS_LAKE": new.lake}
    )
    return done, Lake(new)


def rows(lake: Lake, table: Table, *columns: str) -> list[tuple[object, ...]]:
    return lake.scan(table).select(columns).sort(columns).collect().rows()


@pytest.fixture
def lived(lake: Lake, tmp_path: Path) -> Lake:
    """A lake that received months out of order, a month twice, two campaigns, and went back on one delivery."""
    month(lake, tmp_path, 900, name="segur_2022-11_z.csv")  # its name sorts after the one that replaces it
    campaign(lake, tmp_path, "2021-12-15")
    month(lake, tmp_path, 40, 60, name="segur_2022-11_a.csv")
    campaign(lake, tmp_path, "2020-12-15", ANSWERS.replace(";2", ";3"))
    kept = lake.register.numbers()[-1]
    month(lake, tmp_path, 7, name="segur_2022-11_erreur.csv")
    back = CliRunner().invoke(
        obs, ["lake", "revenir", str(kept), "--source", "segur"], env={"OBS_LAKE": lake.settings.lake}
    )
    assert back.exit_code == 0, back.output
    return lake


@pytest.mark.parametrize("older", [False, True], ids=["avec le registre", "avec le journal seul"])
def test_a_lake_built_again_shows_the_same(lived: Lake, tmp_path: Path, older: bool) -> None:
    expected = {
        MESURES: rows(lived, MESURES, "structure", "valeur"),
        REPONSES: rows(lived, REPONSES, "campagne", "service", "niveau"),
    }
    assert sum(value for _, value in expected[MESURES]) == 100  # type: ignore[misc]
    if older:  # a lake of before the register: only the journal tells; what was gone back on is not told
        lived.objects.remove("_publications")
    else:  # every table is lost
        shutil.rmtree(Path(lived.root) / "tables")
    done, new = rebuilt(lived, tmp_path)
    assert done.exit_code == 0, done.output
    if older:
        assert rows(new, MESURES, "valeur") == [(7,)]  # the last delivery of the month
    else:
        assert rows(new, MESURES, "structure", "valeur") == expected[MESURES]
        assert new.scan(RESTATEMENTS).select(pl.len()).collect().item() == 1  # 900 -> 100, revised once
    assert rows(new, REPONSES, "campagne", "service", "niveau") == expected[REPONSES]
    assert new.scan(CAMPAGNES).select(pl.col("campagne").n_unique()).collect().item() == 2
    assert CliRunner().invoke(obs, ["lake", "check"], env={"OBS_LAKE": new.settings.lake}).exit_code == 0


def test_what_would_be_done_is_told_first(lived: Lake, tmp_path: Path) -> None:
    done, new = rebuilt(lived, tmp_path, "--essai")
    assert done.stdout.splitlines() == [
        "segur du 01/11/2022 (1 fichier)",
        "convergence du 15/12/2021 (2 fichiers)",
        "segur du 01/11/2022 (1 fichier)",
        "convergence du 15/12/2020 (2 fichiers)",
    ]
    assert not new.exists(MESURES)


def test_an_archived_file_that_was_altered_or_lost_is_told(lived: Lake, tmp_path: Path) -> None:
    altered, lost = sorted(Path(lived.root).glob("raw/convergence/*/services*.csv"))
    altered.write_text(SERVICES + "s3;44\n", encoding="utf-8")
    lost.unlink()
    done, new = rebuilt(lived, tmp_path)
    assert done.exit_code == 1
    assert "1 fichier archivé manque, dont raw/convergence/2021-12-15-" in done.stderr
    assert "a été modifié depuis sa livraison" in done.stdout
    assert done.stderr.splitlines()[-1].startswith("Erreur : 2 livraisons refusées sur 4.")
    assert rows(new, MESURES, "valeur") == [(40,), (60,)]


def test_a_file_that_no_delivery_names_is_told_and_a_full_lake_is_refused(
    lived: Lake, tmp_path: Path
) -> None:
    stray = Path(lived.root) / "raw" / "segur" / "2022-12-01-abc" / "segur_2022-12.csv"
    stray.parent.mkdir(parents=True)
    stray.write_text("x")
    assert any("raw/segur/2022-12-01-abc/segur_2022-12.csv" in said for said in plan(lived).remarques)
    done = CliRunner().invoke(
        obs, ["lake", "reconstruire", lived.settings.lake], env={"OBS_LAKE": lived.settings.lake}
    )
    assert done.exit_code == 1
    assert "n'est pas vide" in done.stderr
    nothing = CliRunner().invoke(
        obs, ["lake", "reconstruire", str(tmp_path / "rien")], env={"OBS_LAKE": str(tmp_path / "n")}
    )
    assert nothing.stderr.startswith("Erreur : Aucune livraison à refaire")
