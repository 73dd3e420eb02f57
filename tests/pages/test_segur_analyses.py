"""Targets, contributions and ranking on the pages; the report and its exports say what screens say."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from pypdf import PdfReader

from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.export.jobs import Pool, Say
from apps.kit.export.report import report_pdf, tables_of_page, view_of
from apps.kit.pages.export import read_back
from apps.segur.analyses import WHY, why_chart
from apps.segur.declaration import REPORT
from apps.segur.services import PSC_MAP, PSC_USAGE
from lake.catalog.segur import OBJECTIFS
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.selection import Selection
from tests.demo_lake import called as called
from tests.pages.drawing import draw_page

NARROW = "\u202f"


def text_of(pdf: bytes) -> str:
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return text.replace("\u202f", " ").replace("\xa0", " ")


@pytest.fixture
def reads(petit_lake: Path) -> Data:
    return Data(Lake(Settings(lake=str(petit_lake))))


@pytest.mark.parametrize("split", ["region", "departement", "profession"])
def test_contributions_add_up_to_the_change(petit_lake: Path, reads: Data, split: str) -> None:
    view = view_of(WHY, reads, State(Selection(), {"par": split, "depuis": "an"}))
    table = why_chart(view).table
    assert table.total is not None
    change = table.total["taux_apres"] - table.total["taux_avant"]  # type: ignore[operator]
    assert table.frame["contribution"].sum() == pytest.approx(change, abs=1e-12)
    parts = table.frame["effet_taux"].sum() + table.frame["effet_structure"].sum()
    assert parts == pytest.approx(change, abs=1e-12)
    page = draw_page("segur", "pourquoi", petit_lake, par=[split], depuis=["an"])
    assert list(page.figures)[:2] == ["Novembre 2021", "Novembre 2022"]
    assert page.figures["Novembre 2022"] == f"30,64{NARROW}%"


def test_a_month_before_the_first_is_told_not_explained(petit_lake: Path) -> None:
    page = draw_page("segur", "pourquoi", petit_lake, au=["2020-12-01"])
    assert "Novembre 2020 n’est pas disponible" in page.reading


def test_ranking_shows_rates_intervals_and_possible_places(petit_lake: Path) -> None:
    table = draw_page("segur", "classement", petit_lake).at.dataframe[0].value.set_index("nom")
    east = table.loc["Grand Est"]
    assert (east["a"], east["b"]) == (100_665, 350_759)
    # Wilson's interval by hand: centre 0.286993, half width 0.001497.
    assert east["borne_basse"] == pytest.approx(0.28550, abs=5e-5)
    assert east["borne_haute"] == pytest.approx(0.28849, abs=5e-5)
    assert table.loc["Saint-Barthélemy", "prudence"] == "moins de 30 cas"
    assert list(table["rang"]) == sorted(table["rang"])


def test_targets_show_attainment_and_required_pace(petit_lake: Path) -> None:
    page = draw_page("segur", "objectifs", petit_lake, region=["44"])
    rates = page.at.dataframe[0].value
    row = rates[
        (rates["territoire"] == "Grand Est") & (rates["indicateur"] == "Taux d'adoption de l'e-CPS")
    ].iloc[0]
    targets = Lake(Settings(lake=str(petit_lake))).scan(OBJECTIFS).collect()
    target = targets.filter(
        pl.col("indicateur") == "psc_taux_adoption",
        pl.col("maille") == "region",
        pl.col("code_territoire") == "44",
    ).row(0, named=True)
    now, months = 100_665 / 350_759, 13
    assert target["mois_cible"] == date(2023, 12, 1)
    assert row["atteinte"] == pytest.approx(now / target["cible"])
    assert row["rythme"] == pytest.approx((target["cible"] - now) / months)
    assert set(rates["territoire"]) <= {"Grand Est", "Ardennes", "Aube", "Marne", "Haute-Marne", "Meurthe-et-Moselle",
                                        "Meuse", "Moselle", "Bas-Rhin", "Haut-Rhin", "Vosges"}  # fmt: skip


def test_targets_across_a_gap_are_not_projected(petit_lake: Path) -> None:
    page = draw_page("segur", "objectifs", petit_lake, region=["44"], au=["2021-03-01"])
    rates = page.at.dataframe[0].value
    assert (rates["intervalle"] == "").all()
    assert "moins de six mois consécutifs" in set(rates["projection"])


def test_the_pdf_of_a_page_says_the_figures_of_the_screen(petit_lake: Path, tmp_path: Path) -> None:
    file = tmp_path / "psc.pdf"
    called(
        "export",
        "segur",
        "--page",
        "psc",
        "--filtre",
        "region=Grand Est",
        "--sortie",
        str(file),
        lake=petit_lake,
    )
    text = text_of(file.read_bytes())
    page = draw_page("segur", "psc", petit_lake, region=["44"])
    for label, value in page.figures.items():
        assert value.replace(NARROW, " ") in text, label
    assert "Région : Grand Est" in text
    assert "page 1 sur" in text


def test_the_csv_of_a_view_says_the_table_of_the_screen(petit_lake: Path, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    asked = ("--page", "psc-carte", "--format", "csv", "--vue", "territoires", "--sortie", str(file))
    called("export", "segur", *asked, lake=petit_lake)
    rows = read_back(file.read_bytes())
    shown = draw_page("segur", "psc-carte", petit_lake).at.dataframe[0].value
    assert rows["Région"].to_list() == list(shown["region"])
    assert rows["Cartes e-CPS activées, novembre 2022"].to_list() == [
        str(value) for value in shown["psc_e_cps"]
    ]
    rates = rows["Taux d'adoption de l'e-CPS, novembre 2022 (%)"].str.replace(",", ".").cast(pl.Float64)
    assert rates.to_list() == pytest.approx([100 * value for value in shown["psc_taux_adoption"]])


def test_an_unknown_page_or_view_is_told_with_those_that_exist(petit_lake: Path) -> None:
    wrong = called("export", "segur", "--page", "pcs", lake=petit_lake, check=False)
    assert wrong.returncode == 1
    assert "psc" in wrong.stderr
    wrong = called(
        "export", "segur", "--page", "psc", "--format", "csv", "--vue", "x", lake=petit_lake, check=False
    )
    assert "connexions" in wrong.stderr


def test_the_whole_report_holds_every_page_and_says_its_progress(reads: Data) -> None:
    said: list[tuple[str, float]] = []
    pages = [PSC_USAGE, PSC_MAP, REPORT[-1]]
    made = report_pdf(
        "Rapport",
        "Grand Est",
        pages,
        reads,
        State(Selection({"region": ["44"]})),
        say=lambda *now: said.append(now),
    )
    text = text_of(made)
    assert "Pro Santé Connect est-il utilisé ? Grand Est" in text
    assert "Que valent ces chiffres ?" in text
    assert "28,70 %" in text
    assert [share for _, share in said] == sorted(share for _, share in said)
    assert said[-1] == ("Terminé", 1.0)


def test_a_page_outside_a_browser_keeps_only_what_it_knows(reads: Data) -> None:
    state = State(
        Selection({"region": ["44"], "type_acteur": ["ES"]}), {"maille": "departement", "par": "region"}
    )
    view = view_of(PSC_MAP, reads, state)
    assert view.selection == Selection({"region": ["44"]})
    assert dict(view.state.options) == {"maille": "departement"}
    assert [name for name, _ in tables_of_page(PSC_MAP, view)] == ["carte", "premiers", "territoires"]


def test_a_job_says_its_progress_and_gives_its_file() -> None:
    pool = Pool()
    job = pool.start(lambda say: (say("Moitié", 0.5), b"fait")[1])
    assert job.future is not None
    assert job.future.result(timeout=10) == b"fait"
    assert (job.sentence, job.share) == ("Moitié", 0.5)

    def fail(say: Say) -> bytes:
        raise ValueError(say)

    failed = pool.start(fail)
    assert failed.future is not None
    assert isinstance(failed.future.exception(timeout=10), ValueError)
