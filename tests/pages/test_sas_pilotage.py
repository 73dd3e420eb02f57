"""The pilots' pages say what the universes say, over the days asked, in words."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.kit.access import access
from apps.kit.access.access import Access
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.export.report import view_of
from apps.kit.maps.maps import Map
from apps.kit.pages.export import table_csv
from apps.kit.shell import draw
from apps.kit.views.tables import Values
from apps.kit.views.words import where
from apps.sas import declaration, pilotage
from lake.catalog.sas import COUVERTURE, OFFRE, RECHERCHES, RENDEZ_VOUS, TABLES
from lake.contract import Table
from lake.droits import Droits
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.answer import Lecture
from scoring.universes.sas import SAS_OFFRE
from scoring.universes.selection import Selection
from tests.kit_lake import build
from tests.pages.drawing import Drawn, draw_page
from tests.pages.test_approved_readings import HERE, reading

TODAY = date(2026, 11, 30)
PLACE = {"sas": "SAS-67", "code_departement": "67", "siren_epci": "246700488", "code_commune": "67482"}


def offers() -> list[dict[str, Any]]:
    """Ten seats a day for A, of which one is taken; B offers none; twice as many to come."""
    rows = []
    for day in range(-60, 29):
        seats = 10 if day <= 0 else 20
        for who, offered in (("810001234567", seats), ("810001234568", 0)):
            rows.append(
                {
                    "jour": TODAY + timedelta(days=day), "identifiant": who, "lieu": 1,
                    "modalites": "AMB|VR" if offered else "",
                    "source": "saisie", "genre_effecteur": "ps", **PLACE, "offerts": offered, "absents": 0,
                    "pris": 1 if offered else 0, "disponibles": max(0, offered - 1), "minutes_offertes": 15 * offered,
                    "sollicitations": 0,
                }
            )  # fmt: skip
    return rows


def demands() -> list[dict[str, Any]]:
    issues = (("pourvue", 6, ""), ("elargie", 2, ""), ("incertaine", 1, ""), ("non_pourvue", 1, "horizon"))
    return [
        {
            "jour": TODAY - timedelta(days=day), "heure": 13, **PLACE, "preset": "medecine_generale", "horizon": "12h",
            "issue": issue, "levier": lever, "recherches": count, "demandes": count,
        }
        for day in range(1, 11)
        for issue, count, lever in issues
    ]  # fmt: skip


def bookings() -> list[dict[str, Any]]:
    return [
        {
            "jour": TODAY - timedelta(days=1), **PLACE, "modalite": "AMB", "source": "saisie", "statut": status,
            "classe_delai": "2h", "rendez_vous": count, "delai_h": 2.0 * count,
        }
        for status, count in (("fulfilled", 9), ("noshow", 3))
    ]  # fmt: skip


def covered() -> list[dict[str, Any]]:
    row: dict[str, Any] = {
        "jour": TODAY - timedelta(days=1), "heure": 14, **PLACE, "famille": "presentiel", "population": 100,
    }  # fmt: skip
    for name, seats in (("2h", 0), ("4h", 1), ("6h", 1), ("12h", 2)):
        row |= {f"places_{name}": seats, f"parts_{name}": float(seats)}
    other = row | {"code_commune": "67447", "population": 300, "places_2h": 0, "places_4h": 0, "places_6h": 3}
    return [row, other]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lac-sas")
    made = build(folder)
    filled: dict[Table, list[dict[str, Any]]] = {
        OFFRE: offers(), RECHERCHES: demands(), RENDEZ_VOUS: bookings(), COUVERTURE: covered(),
    }  # fmt: skip
    for table in TABLES:
        made.publish(table, pl.DataFrame(filled.get(table, []), schema=table.dtypes()))
    return folder


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Monday: pages of days to come and gone read the same whenever they are drawn."""
    monkeypatch.setattr(pilotage, "today", lambda: TODAY)


@pytest.fixture
def approved(request: pytest.FixtureRequest) -> Callable[[Drawn, str], None]:
    """Compares a page with its approved reading; ``--approuver`` writes it again."""

    def check(page: Drawn, name: str) -> None:
        file, text = HERE / f"sas-{name}-ouverture.txt", reading(page.at)
        if request.config.getoption("--approuver"):
            file.write_text(text, encoding="utf-8")
        assert text.splitlines() == file.read_text(encoding="utf-8").splitlines()

    return check


def test_offer_of_the_last_four_weeks(lake: Path, approved: Callable[[Drawn, str], None]) -> None:
    page = draw_page("sas", "offre", lake)
    approved(page, "offre")
    assert page.title == "Combien de créneaux de soins non programmés\u202f? Tous les SAS"
    assert "252 créneaux disponibles sur 280 offerts" in page.reading
    assert "autant que les mêmes jours quatre semaines plus tôt" in page.reading
    assert "1 effecteur sur 2 n’a aucun créneau" in page.reading
    assert page.figures["Créneaux disponibles"] == "252"
    assert page.figures["Effecteurs sans créneau"] == "1"
    assert "depuis le" not in page.html  # a sum over days is not compared with one day


def test_a_sas_a_week_a_month_are_named_and_their_codes_exported(lake: Path) -> None:
    """By a SAS, a week, a month: words on screen and in legends, the code in a column of the exports beside."""
    selection = Selection({"sas": ["SAS-67"]}).during(date(2026, 10, 26), date(2026, 11, 8))
    view = View("Essai", SAS_OFFRE, State(selection), Data(Lake(Settings(lake=str(lake)))))

    def exports(axis: str) -> pl.DataFrame:
        table = Values(("creneaux_offerts",), axis, natural=True)(view)
        assert [column.label for column in table.columns] == [SAS_OFFRE.axis(axis).label, "Créneaux offerts"]
        rows = pl.read_csv(table_csv(table, view, "Essai"), separator=";", comment_prefix="#")
        return rows.select(pl.col(rows.columns[:-1]).cast(pl.String))

    assert exports("sas").columns == ["SAS", "Code du SAS"]
    assert exports("sas").rows()[0] == ("Bas-Rhin", "SAS-67")
    assert exports("semaine").rows()[:2] == [
        ("du 26 oct. 2026", "2026-10-26"), ("du 2 nov. 2026", "2026-11-02"),
    ]  # fmt: skip
    assert exports("mois").rows()[:2] == [("octobre 2026", "2026-10-01"), ("novembre 2026", "2026-11-01")]
    assert where(view) == "SAS Bas-Rhin"
    assert view.data.choices(SAS_OFFRE, "sas").rows() == [("SAS-67", "Bas-Rhin")]


def test_offer_to_come(lake: Path) -> None:
    page = draw_page("sas", "offre", lake, periode=["apres15"])
    assert "285 créneaux disponibles sur 300 offerts" in page.reading
    assert "111\u202f% de plus que les mêmes jours quatre semaines plus tôt" in page.reading


def test_demand_names_doubt_and_lever(lake: Path, approved: Callable[[Drawn, str], None]) -> None:
    page = draw_page("sas", "demande", lake)
    approved(page, "demande")
    assert "100 demandes\u202f; 11,1\u202f% n’ont rien trouvé, 22,2\u202f% en élargissant" in page.reading
    assert "10 autres restent incertaines\u202f: un éditeur n’a pas répondu" in page.reading
    headings = {one.value for one in page.at.header}
    assert {"Où ne trouve-t-on pas\u202f?", "Ce qui aurait suffi", "Par tranche horaire"} <= headings
    assert "Tous les SAS" in page.html
    assert "France" not in page.html


def test_bookings(lake: Path, approved: Callable[[Drawn, str], None]) -> None:
    page = draw_page("sas", "rendez-vous", lake)
    approved(page, "rendez-vous")
    assert "12 rendez-vous, 2,0 heures après la prise\u202f; 25,0\u202f% non honorés" in page.reading


def test_coverage(lake: Path, approved: Callable[[Drawn, str], None]) -> None:
    page = draw_page("sas", "couverture", lake, periode=["avant28"])
    approved(page, "couverture")
    assert "0,0\u202f% en 2 heures, 25,0\u202f% en 4 heures, 100,0\u202f% en 6 heures" in page.reading
    assert not page.at.warning
    assert [one.value for one in page.at.header] == [
        "Par horizon", "Aux heures ouvrées", "Heure par heure", "Par département", "Par territoire nommé",
    ]  # fmt: skip


def test_days_without_anything_say_what_to_do(lake: Path) -> None:
    page = draw_page("sas", "demande", lake, periode=["apres28"])
    assert "lancez obs sas publier" in page.reading


def test_a_pilot_of_one_departement_reads_that_it_is_theirs(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    droits = Droits(frozenset({"sas"}), departements=frozenset({"67"}))
    monkeypatch.setattr(draw, "require", lambda *_asked: Access("pilote", lecture=Lecture(droits)))
    for name, question in (
        ("offre", "Combien de créneaux de soins non programmés"),
        ("demande", "Qui cherche, et qui ne trouve pas"),
        ("rendez-vous", "Que deviennent les rendez-vous"),
        ("couverture", "Qui peut être vu dans les quatre heures"),
    ):
        page = draw_page("sas", name, lake, periode=["avant28"])
        assert page.title == f"{question}\u202f? Bas-Rhin, votre périmètre"
        assert "Tous les SAS" not in page.html
        assert "Bas-Rhin seulement" in page.html
        page = draw_page("sas", name, lake, periode=["avant28"], departement=["67"])
        assert page.title == f"{question}\u202f? Bas-Rhin"


def test_a_reader_without_a_command_line_is_given_no_command(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "operates", lambda: False)
    page = draw_page("sas", "demande", lake, periode=["apres28"])
    assert "Rien n’est publié de ces jours pour l’instant." in page.reading
    assert "obs " not in page.reading


def test_what_is_of_no_departement_is_no_row_of_the_map(lake: Path, tmp_path: Path) -> None:
    copied = tmp_path / "lac"
    shutil.copytree(lake, copied)
    nowhere = dict.fromkeys(("code_departement", "siren_epci", "code_commune"))
    rows = [*demands(), *(row | nowhere for row in demands())]
    Lake(Settings(lake=str(copied))).publish(RECHERCHES, pl.DataFrame(rows, schema=RECHERCHES.dtypes()))
    page = next(one for one in declaration.PAGES if one.name == "demande")
    view = view_of(page, Data(Lake(Settings(lake=str(copied)))), State(options={"periode": "avant28"}))
    (block,) = [one for one in page.blocks if one.name == "carte"]
    shown = block.build(view)
    assert isinstance(shown, Map)
    assert shown.table.frame["departement"].to_list() == ["Bas-Rhin"]
    assert "1 département" in shown.counted
