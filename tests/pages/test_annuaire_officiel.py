"""« Accessibilité » with ages and the DREES's indicator: what the page says is what the command says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apps.annuaire import officiel, scenario_actions
from apps.annuaire import reach as acces
from apps.annuaire.accessibilite import ACCESSIBILITE
from apps.annuaire.scenario import SCENARIO
from apps.kit.access.access import PUBLIC
from apps.kit.charts.tables import Table
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.maps.maps import Map
from apps.kit.pages.export import read_back, table_csv
from apps.kit.pages.pieces import Note
from demo.apl.write import FICTION
from lake.errors import LakeError
from lake.settings import Settings
from lake.tables import Lake
from scoring.reach.floating import VALUE
from scoring.reach.official import APL, GAP, OURS, THEIRS
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.selection import Selection
from tests.demo_lake import called
from tests.pages.drawing import draw_page

DOCTORS = {"profession": ["10"], "specialite": ["SM54"]}
ASKED = ["--filtre", "profession=10", "--filtre", "specialite=SM54"]


def french(value: float, decimals: int = 0) -> str:
    return f"{value:,.{decimals}f}".replace(",", "\u202f").replace(".", ",")


def commanded(lake: Path, *arguments: str) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = json.loads(
        called("annuaire", "accessibilite", *arguments, "--format", "json", lake=lake).stdout
    )
    return rows


def seen(lake: Path, options: dict[str, str] | None = None, **filters: list[str]) -> View:
    """What the page reads under these filters."""
    page, reads = ACCESSIBILITE, Data(Lake(Settings(lake=str(lake))), PUBLIC)
    state = State(Selection(filters), options or {})
    return View(page.title, ANNUAIRE, state, reads, page.scope, page.said)


def test_both_measures_stand_side_by_side_as_the_command_gives_them(petit_lake: Path) -> None:
    expected = {
        row["siren_epci"]: row for row in commanded(petit_lake, *ASKED, "--officiel", "--par", "epci")
    }
    view = seen(petit_lake, {"maille": "epci"}, **DOCTORS)
    piece = officiel.gaps(view)
    assert isinstance(piece, Map)
    rows = {row["siren_epci"]: row for row in piece.table.frame.iter_rows(named=True)}
    assert rows.keys() == expected.keys()
    for code, row in rows.items():
        assert row["points"] == pytest.approx(100 * expected[code][GAP], abs=1e-7)
        for name in (VALUE, APL, OURS, THEIRS):
            assert row[name] == pytest.approx(expected[code][name], abs=1e-9)
    labels = [column.label for column in piece.table.columns]
    assert labels[2:5] == [
        "Accessibilité potentielle (têtes)",
        "APL 2023 (DREES, consult.)",
        "APL 2022 (DREES, consult.)",
    ]
    assert labels[-1] == "Écart de position (points)"
    text = table_csv(piece.table, view, piece.title).decode("utf-8-sig")
    assert "Indicateur officiel = DREES, APL 2023, consultations ou visites par an" in text
    assert FICTION in text
    assert "Population = population municipale (INSEE, 2023) standardisée par âge" in text
    assert read_back(text.encode()).height == len(expected)


def test_the_page_says_how_far_they_agree_and_in_which_units(petit_lake: Path) -> None:
    [whole] = commanded(petit_lake, *ASKED, "--officiel")
    page = draw_page("annuaire", "accessibilite", petit_lake, **DOCTORS)
    assert f"corrélation des rangs\u202f: {french(whole['correlation_rangs'], 2)}" in page.html
    assert "consultations ou visites par an et par habitant standardisé" in page.html
    assert "seules les places se comparent" in page.html
    assert FICTION in page.html
    [year] = [box for box in page.at.selectbox if box.label.startswith("Millésime")]
    assert (year.value, year.options) == ("2023", ["2023", "2022"])
    assert page.title.startswith("Grand Est\u202f: qui a des médecins")


def test_another_year_is_asked_in_the_address(petit_lake: Path) -> None:
    rows = commanded(petit_lake, *ASKED, "--millesime", "2022", "--par", "departement")
    piece = officiel.gaps(seen(petit_lake, {"maille": "departement", "millesime": "2022"}, **DOCTORS))
    assert isinstance(piece, Map)
    found = dict(piece.table.frame.select("code_departement", APL).iter_rows())
    assert found == pytest.approx({row["code_departement"]: row[APL] for row in rows})


def test_every_inhabitant_is_in_one_cell_of_the_fifths(petit_lake: Path) -> None:
    view = seen(petit_lake, **DOCTORS)
    piece, table = officiel.crossing(view), officiel.gaps(view)
    assert not isinstance(piece, Note)
    assert isinstance(table, Map)
    assert piece.table.frame.height == 25
    known = table.table.frame.drop_nulls("points")
    assert piece.table.frame["population"].sum() == known["population"].sum()
    listed = officiel.side_by_side(view)
    assert isinstance(listed, Table)
    touched = (listed.frame["points"].abs() * listed.frame["population"]).to_list()
    assert touched == sorted(touched, reverse=True)
    assert touched[0] == (known["points"].abs() * known["population"]).max()


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({}, "choisissez-en **une seule**"),
        ({"profession": ["10"]}, "spécialité **Médecine générale**"),
        ({"profession": ["50"]}, "n'est pas ingéré pour cette profession"),
    ],
)
def test_what_cannot_be_compared_says_why(petit_lake: Path, filters: dict[str, list[str]], said: str) -> None:
    view = seen(petit_lake, **filters)
    first, second = officiel.gaps(view), officiel.crossing(view)
    assert isinstance(first, Note)
    assert isinstance(second, Note)
    assert said in first.text
    assert not second.text
    assert isinstance(officiel.side_by_side(view), Note)
    assert officiel.said(view) == []


def test_the_population_used_is_said_and_can_be_chosen(petit_lake: Path) -> None:
    page = draw_page("annuaire", "accessibilite", petit_lake, profession=["60"])
    [aged] = commanded(petit_lake, "--filtre", "profession=60")
    [total] = commanded(petit_lake, "--filtre", "profession=60", "--demande", "totale")
    assert (aged["base_demande"], total["base_demande"]) == ("ages", "totale")
    assert page.figures["Habitants sous le seuil"] == french(aged["population_sous_seuil"])
    note = " ".join(text.value for text in page.at.markdown)
    assert "standardisée par âge\u202f: âges du recensement 2021" in note
    assert "gardent leur population totale" in note  # the small lake knows the ages of two départements
    assert "pour d’autres professionnels, ce n’est qu’une approximation" in note
    plain = draw_page("annuaire", "accessibilite", petit_lake, profession=["60"], demande=["totale"])
    assert plain.figures["Habitants sous le seuil"] == french(total["population_sous_seuil"])
    assert any("totale (INSEE, 2023)\u202f: par choix" in text.value for text in plain.at.markdown)
    assert aged[VALUE] == pytest.approx(total[VALUE])  # the whole keeps its mean; who is well served changes
    with pytest.raises(LakeError, match="jeunes"):
        acces.asking(seen(petit_lake, {"demande": "jeunes"})).notes()


def test_each_commune_says_which_population_is_its_own(petit_lake: Path) -> None:
    rows = commanded(petit_lake, "--par", "commune", "--filtre", "profession=60")
    bases: dict[str, set[object]] = {}
    for row in rows:
        if row["population"] > 0:
            bases.setdefault(str(row["code_departement"]), set()).add(row["base_demande"])
    assert {code for code, found in bases.items() if found == {"ages"}} == {"67", "68"}
    assert all(found == {"totale"} for code, found in bases.items() if code not in ("67", "68"))
    covered = [row for row in rows if row["base_demande"] == "ages"]
    assert sum(row["demande"] for row in covered) == pytest.approx(sum(row["population"] for row in covered))


def test_a_scenario_shared_before_any_ages_keeps_the_total_population(
    kit_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[dict[str, dict[str, list[str]]]] = []
    monkeypatch.setattr(scenario_actions.links, "keep", lambda _genre, content: kept.append(content) or "abc")
    scenario_actions.share(seen(Path(kit_lake.root), {"actions": "67001*1"}))
    assert kept[0]["adresse"]["demande"] == ["totale"]


def test_the_scenario_uses_the_same_population_and_says_it(petit_lake: Path) -> None:
    arguments = "annuaire scenario --filtre profession=10 --ajouter 67482=3 --format json".split()
    done = called(*arguments, "--demande", "totale", lake=petit_lake)
    after = json.loads(done.stdout)[1]
    assert after["base_demande"] == "totale"
    assert "Demande : population municipale totale" in done.stderr
    params = {"profession": ["10"], "actions": ["67482*3"], "demande": ["totale"]}
    page = draw_page("annuaire", "scenario", petit_lake, **params)
    assert page.figures["Accessibilité potentielle"] == french(after["moyenne_pour_10000"], 2)
    assert "demande\u202f: population totale." in page.html
    assert json.loads(called(*arguments, lake=petit_lake).stdout)[1]["base_demande"] == "ages"
    view = seen(petit_lake, {"actions": "67482*3"}, profession=["10"])
    assert SCENARIO.said is not None
    assert [label for label, _words in SCENARIO.said(view)] == ["Population", "Scénario"]


def test_a_lake_without_ages_nor_official_file_says_so(kit_lake: Lake) -> None:
    page = draw_page("annuaire", "accessibilite", Path(kit_lake.root), profession=["60"])
    note = " ".join(text.value for text in page.at.markdown)
    assert "totale (INSEE, 2023)\u202f: aucune population par âge n’est ingérée" in note
    assert "n’est pas ingéré pour cette profession" in note
    assert not [box for box in page.at.selectbox if box.label.startswith(("Population", "Millésime"))]
