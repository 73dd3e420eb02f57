"""Services declared, publishable, of the tronc commun: one figure a word, on screen, in PDF and in the publication."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pypdf
import pytest

from apps.convergence.declaration import PAGES
from apps.convergence.publication.etat import etat
from apps.convergence.publication.regions import ground_plan
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.export.pdf import page_pdf
from apps.kit.pages.sheet import view_of
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.selection import Selection
from tests.demo_lake import called
from tests.pages.drawing import draw_page

REGION, NAME = "44", "Grand Est"
CAMPAGNE = date(2020, 12, 15)
NOW = datetime(2021, 1, 20, 9, 5, tzinfo=UTC)
MEASURES = ("services_declares", "services_publiables", "services_tronc_commun", "services_convergents")


@pytest.fixture(scope="module")
def told(petit_lake: Path) -> dict[str, int]:
    """The engine's answer for the region, by the command line."""
    asked = ["query", "convergence_services", "--mesure", ",".join(MEASURES), "--filtre", f"region={REGION}"]
    text = called(*asked, "--format", "json", lake=petit_lake).stdout
    found: dict[str, int] = json.loads(text)[0]
    return found


def test_the_map_of_services_says_the_engine_s_figures(petit_lake: Path, told: dict[str, int]) -> None:
    figures = draw_page("convergence", "cartographie", petit_lake, plan=[REGION]).figures
    assert int(figures["Services déclarés"]) == told["services_declares"]
    assert int(figures["Services du tronc commun"]) == told["services_tronc_commun"]


def test_the_synthesis_says_the_same_tronc_commun(petit_lake: Path, told: dict[str, int]) -> None:
    page = draw_page("convergence", "synthese", petit_lake, region=[REGION])
    assert int(page.figures["Convergent"]) == told["services_convergents"]
    said = re.search(r"sur (\d+) services? du tronc commun", page.html.replace("\u202f", " "))
    assert said is not None
    assert int(said.group(1)) == told["services_tronc_commun"]


def test_the_pdf_says_the_figures_of_the_screen(petit_lake: Path, told: dict[str, int]) -> None:
    data = Data(Lake(Settings(lake=str(petit_lake))))
    page = next(one for one in PAGES if one.name == "cartographie")
    view = view_of(page, data, State(Selection({}), {"plan": REGION}))
    reader = pypdf.PdfReader(io.BytesIO(page_pdf(page, view, now=NOW)))
    text = re.sub(r"\s+", " ", " ".join(one.extract_text() for one in reader.pages))
    for label, measure in (("Services déclarés", MEASURES[0]), ("Services du tronc commun", MEASURES[2])):
        assert re.search(rf"{label} {told[measure]}\b|\b{told[measure]} {label}", text), (label, text[:400])


def test_the_publication_says_them_too(petit_lake: Path, told: dict[str, int]) -> None:
    data = Data(Lake(Settings(lake=str(petit_lake))))
    said = json.dumps(ground_plan(etat(data, "regions", CAMPAGNE), REGION, NAME), ensure_ascii=False)
    declared, publishable, common = (told[measure] for measure in MEASURES[:3])
    assert f"{declared} services déclarés" in said.replace("\u202f", " ")
    assert f"{publishable} publiables, dont {common} du tronc commun" in said.replace("\u202f", " ")
