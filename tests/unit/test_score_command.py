"""``obs score convergence``: on plain files without a lake, and on a campaign of the lake."""

from __future__ import annotations

import csv
import io
import subprocess
from pathlib import Path

import pytest

from tests.demo_lake import called

SERVICES = """service,region,kind,zone_pos,converge
sso,44,infrastructure,4.1,true
telec,44,metier,6.5,true
dcc,11,metier,6.2,true
vieux,11,metier,6.2,false
"""
REPONSES = """service,critere,niveau,non_applicable,porte_par
sso,A05.1,1,,
sso,A05.2,3,,
telec,A05.1,,,sso
telec,A05.2,2,,
telec,A11.1,0,,
dcc,A05.1,0,,
dcc,A05.2,,true,
dcc,A11.1,2,,
vieux,A11.1,1,,
"""
PLANS = """service,critere,niveau,trimestre,non_planifiable
sso,A05.1,2,2021-T2,
sso,A05.1,3,2022-T4,
telec,A11.1,1,2022-T1,
dcc,A05.1,,,true
"""
SOLUTIONS = "service;editeur;solution\ntelec;Maincare;Covalia\ntelec;Maincare;Autre\nsso;Orion;Clef\n"


def obs(*arguments: str, lake: Path | str = "absent") -> subprocess.CompletedProcess[str]:
    return called(*arguments, lake=Path(lake), check=False)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    written = {"services": SERVICES, "reponses": REPONSES, "plans": PLANS, "solutions": SOLUTIONS}
    asked: list[str] = []
    for name, text in written.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        asked += [f"--{name}", str(tmp_path / f"{name}.csv")]
    return asked


def scored(*arguments: str, lake: Path | str = "absent") -> list[dict[str, str]]:
    done = obs("score", "convergence", *arguments, "--format", "csv", lake=lake)
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_axes_of_plain_files_without_a_lake(files: list[str], tmp_path: Path) -> None:
    rows = scored(*files, "--par", "axe", lake=tmp_path / "jamais")
    assert list(rows[0]) == [
        "questionnaire",
        "axe",
        "services_concernes",
        "taux_maturite_pct",
        "niveau_maturite",
    ]
    found = {row["axe"]: [float(row[name]) for name in list(row)[2:]] for row in rows}
    assert found["A05"] == pytest.approx([3, 50, 7 / 6])
    assert found["A11"] == pytest.approx([3, 200 / 3, 1])
    assert not (tmp_path / "jamais").exists()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--par", "questionnaire"], {"QU": (4, 65.625, 1.1875)}),
        (["--par", "region"], {"11": (2, 75, 1), "44": (2, 56.25, 1.375)}),
        (
            ["--par", "critere"],
            {"A05.1": (3, 100 / 3, 2 / 3), "A05.2": (2, 100, 2.5), "A11.1": (3, 200 / 3, 1)},
        ),
        (["--par", "solution"], {"Autre": (1, 37.5, 0.75), "Clef": (1, 75, 2), "Covalia": (1, 37.5, 0.75)}),
        (["--par", "editeur"], {"Maincare": (1, 37.5, 0.75), "Orion": (1, 75, 2)}),
        (["--par", "axe", "--horizon", "2022-06-30"], {"A05": (3, 200 / 3, 1.5), "A11": (2, 100, 1.5)}),
        (["--par", "axe", "--horizon", "2022-t4"], {"A05": (3, 200 / 3, 5.5 / 3), "A11": (2, 100, 1.5)}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_worked_values(files: list[str], options: list[str], expected: dict[str, tuple[float, ...]]) -> None:
    rows = scored(*files, *options)
    found = {list(row.values())[-4]: [float(value) for value in list(row.values())[-3:]] for row in rows}
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        assert found[name] == pytest.approx(list(values)), name


def test_rejected_lines_are_named_on_the_error_stream(files: list[str], tmp_path: Path) -> None:
    (tmp_path / "reponses.csv").write_text(REPONSES + "fantome,A05.1,2,,\ntelec,Z99,1,,\n", encoding="utf-8")
    done = obs("score", "convergence", *files, "--par", "axe", "--format", "csv")
    assert done.returncode == 0
    assert "ligne 11 refusée" in done.stderr
    assert "fantome" in done.stderr
    assert "Z99" in done.stderr
    assert "refusée" not in done.stdout


def test_a_cycle_is_an_error_that_names_it(files: list[str], tmp_path: Path) -> None:
    looped = REPONSES.replace("sso,A05.1,1,,", "sso,A05.1,,,telec")
    (tmp_path / "reponses.csv").write_text(looped, encoding="utf-8")
    done = obs("score", "convergence", *files, "--par", "axe")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "cycle" in done.stderr
    assert "sso" in done.stderr
    assert "telec" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Donnez une campagne ou des fichiers."),
        (["--campagne", "2020-12-15", "--services", "s.csv"], "pas les deux"),
        (["--services", "absent.csv", "--reponses", "absent.csv"], "absent.csv"),
        (["--services", "s.csv"], "reponses"),
    ],
)
def test_what_cannot_be_asked_is_said(arguments: list[str], said: str) -> None:
    done = obs("score", "convergence", *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_campaign_of_the_lake_gives_the_printed_figures(petit_lake: Path) -> None:
    rows = scored("--campagne", "2020-12-15", "--par", "questionnaire", lake=petit_lake)
    printed = {
        row["questionnaire"]: (
            row["services_concernes"],
            f"{float(row['taux_maturite_pct']):.1f}",
            f"{float(row['niveau_maturite']):.2f}",
        )
        for row in rows
    }
    assert printed == {
        "QR": ("17", "75.3", "1.91"),
        "QU": ("299", "78.8", "1.69"),
        "QI": ("299", "83.4", "1.96"),
    }
    horizon = ("--campagne", "2020-12-15", "--horizon", "2022-12-31")
    later = [
        row for row in scored(*horizon, "--par", "domaine", lake=petit_lake) if row["questionnaire"] == "QU"
    ]
    assert {row["domaine"] for row in later if float(row["taux_maturite_pct"]) <= 80} == {"8"}
    whole = scored(*horizon, "--par", "questionnaire", lake=petit_lake)
    assert [row["services_concernes"] for row in whole if row["questionnaire"] == "QU"] == ["290"]


def test_an_unknown_campaign_suggests_the_published_ones(petit_lake: Path) -> None:
    done = obs("score", "convergence", "--campagne", "2020-12-14", lake=petit_lake)
    assert done.returncode == 1
    assert "2020-12-15" in done.stderr
