"""« Référencement » reads its three counts aloud, searches software, opens a sheet, and guesses no company."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.kit.style.french import typographic
from demo.referencement.write import write_catalogues
from ingest.run import Request, run
from ingest.sources import source
from lake.catalog.referencement import ETATS
from lake.settings import Settings
from tests.pages.drawing import draw_page

FIRST = ["2024-02-27"]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("referencement")
    for files in write_catalogues(folder):
        run(source("referencement"), Request(files=files), Settings(lake=str(folder / "lac")))
    return folder / "lac"


def frames(page: object) -> list[object]:
    return [one.value for one in page.at.dataframe]  # type: ignore[attr-defined]


def test_the_page_reads_the_three_counts_of_a_catalogue(lake: Path) -> None:
    page = draw_page("segur", "referencement", lake, date=FIRST)
    assert page.title == typographic("Quels logiciels sont référencés Ségur ?")
    assert page.reading == typographic(
        "Au 27 février 2024 : 167 référencements en vigueur, de 138 logiciels, de 103 sociétés. "
        "Un logiciel de deux couloirs a deux référencements et reste un logiciel."
    )
    assert [page.figures[one] for one in ("Référencements", "Logiciels référencés", "Sociétés")] == [
        "167",
        "138",
        "103",
    ]
    assert len(frames(page)[0]) == 138  # type: ignore[arg-type]
    assert "société" in page.html


def test_a_software_has_its_history_and_its_company_elsewhere(lake: Path) -> None:
    again = draw_page("segur", "referencement", lake, q=["Remplacé"])
    assert len(again.at.dataframe[0].value) == 14
    page = draw_page("segur", "referencement", lake, produit=["SEG-0001"])
    assert "où et depuis quand" in page.title
    assert "Son historique" in [one.value for one in page.at.header]
    sheet = next(one.value for one in page.at.dataframe if "version" in one.value)
    assert set(sheet["etat"]) <= set(ETATS.values())
    assert len(sheet) == 3
    assert page.figures["Référencements"] == "2"
    # Neither Ségur nor Convergence is published here: nothing is guessed.
    assert "nulle part ailleurs" in page.html


def test_without_any_catalogue_the_page_says_what_to_do(tmp_path: Path) -> None:
    page = draw_page("segur", "referencement", tmp_path / "vide")
    assert page.title == "Pas encore de données"
    assert page.at.warning[0].value.startswith("Ce que montre cette vue n’a encore jamais été livré.")
