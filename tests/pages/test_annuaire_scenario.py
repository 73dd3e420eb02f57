"""The « Scénario » page says what the command says; its link carries it whole."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lake.settings import Settings
from lake.store.migrate import open_store
from lake.store.sharing import Genre, opened
from scoring.universes.accessibilite import GAP, VALUE
from tests.demo_lake import called as called
from tests.pages.drawing import Drawn, draw_page, read


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store of its own for each test, for pages and commands alike."""
    url = f"sqlite:///{tmp_path / 'partages.db'}"
    monkeypatch.setenv("OBS_STORE", url)
    return url


def french(value: float, decimals: int = 0) -> str:
    return f"{value:,.{decimals}f}".replace(",", "\u202f").replace(".", ",")


def commanded(lake: Path, *arguments: str) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = json.loads(
        called(
            "annuaire", "scenario", *arguments, "--format", "json", lake=lake, store=os.environ["OBS_STORE"]
        ).stdout
    )
    return rows


def drawn(lake: Path, **params: str) -> Drawn:
    return draw_page("annuaire", "scenario", lake, **{name: [value] for name, value in params.items()})


@pytest.mark.parametrize(
    ("params", "options"),
    [
        ({"actions": "57089*2_67482*57089*1"}, "--ajouter 57089=2 --deplacer 67482:57089=1"),
        (
            {"actions": "67482*-3", "departement": "67", "seuil": "20", "vitesse": "70"},
            "--retirer 67482=3 --filtre departement=67 --seuil 20 --vitesse 70",
        ),
    ],
)
def test_the_figures_are_those_of_the_command(petit_lake: Path, params: dict[str, str], options: str) -> None:
    before, after = commanded(petit_lake, "--filtre", "profession=60", *options.split())
    page = drawn(petit_lake, profession="60", **params)
    assert page.figures["Accessibilité potentielle"] == french(after["moyenne_pour_10000"], 2)
    assert page.figures["Habitants sous le seuil"] == french(after["population_sous_seuil"])
    assert page.figures["Communes sous le seuil"] == french(after["communes_sous_seuil"])
    rows = commanded(petit_lake, "--filtre", "profession=60", *options.split(), "--par", "commune")
    changed = [row for row in rows if abs(row["ecart"]) > 1e-9]
    assert changed
    assert page.figures["Communes dont l’accès change"] == french(len(changed))
    balance, communes = (frame.value for frame in page.at.dataframe[:2])
    assert list(balance[VALUE])[:2] == pytest.approx([one["moyenne_pour_10000"] for one in (before, after)])
    for name in ("offre", "communes_sous_seuil", "population_sous_seuil"):
        gap = after[name] - before[name]
        assert list(balance[name]) == pytest.approx([before[name], after[name], gap])
    assert sorted(communes[GAP]) == pytest.approx(sorted(row["ecart"] for row in changed))


def test_without_action_nothing_changes_and_the_page_says_how_to_begin(petit_lake: Path) -> None:
    page = drawn(petit_lake, profession="60")
    assert "Choisissez une action" in page.reading
    assert page.figures["Communes dont l’accès change"] == "0"


def act(page: Drawn, kind: str, heads: float, commune: str, there: str = "") -> Drawn:
    page.at.segmented_control(key="scenario.annuaire.scenario.genre").set_value(kind).run()
    page.at.number_input(key="scenario.annuaire.scenario.effectif").set_value(heads)
    page.at.selectbox(key="scenario.annuaire.scenario.commune").set_value(commune)
    if there:
        page.at.selectbox(key="scenario.annuaire.scenario.vers").set_value(there)
    page.at.button(key="obs_ajouter_action").click().run()
    assert not page.at.exception
    return read(page.at)


def test_actions_add_up_and_are_taken_back(petit_lake: Path) -> None:
    page = act(drawn(petit_lake, profession="60"), "ajouter", 2, "57089")
    page = act(page, "deplacer", 1, "67482", "57089")
    assert page.at.query_params["actions"] == "57089*2_67482*57089*1"
    page.at.button(key="obs_retirer_0").click().run()
    assert page.at.query_params["actions"] == "67482*57089*1"


def test_removing_more_than_there_are_is_refused_and_nothing_is_lost(petit_lake: Path) -> None:
    page = act(drawn(petit_lake, profession="60", actions="57089*2"), "retirer", 400, "57089")
    assert any("retire 398 professionnels à la commune Bitche" in one.value for one in page.at.warning)
    assert page.at.query_params["actions"] == "57089*2"
    told = drawn(petit_lake, profession="60", actions="57089*-400")
    assert "retire 400 professionnels à la commune Bitche" in told.reading
    done = called("annuaire", "scenario", "--retirer", "57089=4000", lake=petit_lake, check=False)
    assert done.returncode == 1
    assert "57089" in done.stderr


def test_a_short_link_carries_the_whole_state(petit_lake: Path, store: str) -> None:
    params = {"profession": "60", "actions": "57089*2", "seuil": "20", "departement": "57", "vitesse": "70"}
    page = drawn(petit_lake, **params)
    page.at.button(key="obs_lien_scenario").click().run()
    [address] = [code.value for code in page.at.code]
    link = address.rpartition("lien=")[2]
    kept = opened(open_store(Settings(store=store)), link, Genre.SCENARIO).contenu["adresse"]
    assert kept == {**{name: [value] for name, value in params.items()}, "date": ["2025-01-14"]}
    again = drawn(petit_lake, lien=link)
    assert again.figures == page.figures
    assert {name: again.at.query_params[name] for name in params} == params
    _before, after = commanded(petit_lake, "--lien", link)
    assert again.figures["Habitants sous le seuil"] == french(after["population_sous_seuil"])
    assert after["seuil"] == 20


@pytest.mark.parametrize(
    ("params", "said"),
    [({"actions": "zut"}, "n’est pas une action"), ({"actions": "99999*1"}, "99999")],
)
def test_an_address_that_cannot_be_read_is_told(petit_lake: Path, params: dict[str, str], said: str) -> None:
    page = drawn(petit_lake, **params)
    assert said in page.reading
    assert page.figures == {}


def test_an_unknown_link_is_told_and_the_page_stands(petit_lake: Path) -> None:
    page = drawn(petit_lake, lien="bcdfghjkmnpq")
    assert any("bcdfghjkmnpq" in one.value for one in page.at.warning)
    assert "Choisissez une action" in page.reading


@pytest.mark.parametrize("option", ["--ajouter=67482", "--retirer=67482=beaucoup", "--deplacer=67482=1"])
def test_the_command_refuses_what_is_no_action(petit_lake: Path, option: str) -> None:
    done = called("annuaire", "scenario", option, lake=petit_lake, check=False)
    assert done.returncode == 1
    assert "Écrivez" in done.stderr
