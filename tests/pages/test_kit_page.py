"""Pages without a browser: state in the address, filters, errors, access, registry."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from apps import registry
from apps.kit.access.access import require
from apps.kit.charts.scales import Scale
from apps.kit.data.view import View
from apps.kit.maps import basemap, points
from apps.kit.maps.maps import classify
from apps.kit.pages.page import Block, Page
from apps.kit.shell.portal import declare
from apps.kit.style import errors, french
from apps.kit.style.french import typographic
from lake.errors import LakeError, MissingTable, UnknownName
from lake.tables import Lake
from scoring.universes.annuaire import ANNUAIRE
from tests.browser.vitrine.declaration import CARTE, ERREURS


def open_page(name: str, **params: list[str]) -> AppTest:
    """Run a page of the showcase with these query parameters."""

    def script(wanted: str) -> None:
        from apps.kit.shell.draw import draw
        from tests.browser.vitrine.declaration import PAGES

        draw(next(page for page in PAGES if page.name == wanted))

    app = AppTest.from_function(script, kwargs={"wanted": name}, default_timeout=20)
    for key, values in params.items():
        app.query_params[key] = values
    return app.run()


def param(app: AppTest, name: str) -> list[str]:
    """The values of a query parameter (AppTest gives one value or a list)."""
    value = app.query_params[name]
    return [value] if isinstance(value, str) else list(value)


def html_of(app: AppTest) -> str:
    """Every HTML piece of a run."""
    return "\n".join(str(element.proto.body) for element in app.get("html"))


def test_a_page_answers_its_question(served_lake: Lake) -> None:
    app = open_page("carte")
    assert not app.exception
    assert app.title[0].value == "Où exercent les professionnels de santé\u202f?"
    assert "8 personnes au 14 janvier 2025." in html_of(app)


def test_a_deep_link_fills_the_filters(served_lake: Lake) -> None:
    app = open_page("carte", departement=["67"], profession=["10"], maille=["commune"])
    assert "3 personnes au 14 janvier 2025." in html_of(app)
    chosen = {select.label: select.value for select in app.multiselect}
    assert chosen["Département"] == ["67"]
    assert chosen["Profession"] == ["10"]
    assert param(app, "departement") == ["67"]
    assert param(app, "maille") == ["commune"]


def test_a_filter_writes_the_address_and_narrows_the_lists_under_it(served_lake: Lake) -> None:
    app = open_page("carte")
    departement = next(select for select in app.multiselect if select.label == "Département")
    departement.set_value(["68"]).run()
    assert param(app, "departement") == ["68"]
    assert "3 personnes" in html_of(app)
    epci = next(select for select in app.multiselect if select.label == "EPCI")
    assert epci.options == ["CA du Sud"]
    commune = next(select for select in app.multiselect if select.label == "Commune")
    assert commune.options == ["=Hameau (68)", "L’Isle-sur-Ill (68)", "Mulbourg (68)"]


def test_labels_remove_one_value_or_everything(served_lake: Lake) -> None:
    app = open_page("carte", departement=["67"], profession=["10"])
    app.button(key="obs_etiquette_departement_67").click().run()
    assert "departement" not in app.query_params
    assert param(app, "profession") == ["10"]
    app.button(key="obs_tout_effacer").click().run()
    assert not app.query_params
    assert "8 personnes" in html_of(app)


def test_the_extraction_is_in_the_address_only_when_it_is_not_the_latest(served_lake: Lake) -> None:
    app = open_page("carte")
    dates = app.selectbox[0]
    assert dates.options == ["14 janvier 2025", "31 décembre 2024"]
    dates.select_index(1).run()
    assert param(app, "date") == ["2024-12-31"]
    app.selectbox[0].select_index(0).run()
    assert "date" not in app.query_params


def test_an_address_that_asks_the_unknown_keeps_the_rest_and_says_so(served_lake: Lake) -> None:
    app = open_page("carte", departement=["67"], date=["hier"], inconnu=["1"], maille=["planete"])
    assert "5 personnes" in html_of(app)
    said = app.info[0].value
    assert "«\u202fhier\u202f» n’est pas une date" in said
    assert "inconnu" in said
    assert "maille=planete" in said


@pytest.mark.parametrize("day", ["2024-12-30", "2025-01-15", "2031-01-01", "1999-12-31"])
def test_a_date_that_is_not_published_counts_nobody_and_is_said(served_lake: Lake, day: str) -> None:
    app = open_page("carte", date=[day])
    assert not app.exception
    shown = html_of(app)
    assert "0 personne" not in shown
    assert "−100" not in shown
    assert "8 personnes au" in shown
    assert app.selectbox[0].value == date(2025, 1, 14)
    [said] = [info.value for info in app.info]
    asked = french.long_date(date.fromisoformat(day))
    assert said == typographic(f"Rien n'est publié au {asked} : le 14 janvier 2025 est montré.")
    # A date that is published is shown, and nothing is said.
    app = open_page("carte", date=["2024-12-31"])
    assert not app.info
    assert app.selectbox[0].value == date(2024, 12, 31)


def test_a_code_that_no_register_has_is_said_and_never_counted(served_lake: Lake) -> None:
    app = open_page("carte", departement=["99"])
    assert not app.exception
    assert "0 personne" not in html_of(app)
    assert "8 personnes au" in html_of(app)
    [said] = [info.value for info in app.info]
    assert said == typographic("Département « 99 » : ce code n'existe pas, il n'est pas compté.")
    both = open_page("carte", departement=["99", "67"])
    assert both.button(key="obs_etiquette_departement_67")
    assert any("99" in info.value for info in both.info)


@pytest.mark.incident
def test_errors_are_shown_where_they_happen(served_lake: Lake, caplog: pytest.LogCaptureFixture) -> None:
    app = open_page("erreurs")
    assert "Le fichier n’a pas de colonne" in app.warning[0].value
    assert "Ajoutez-la" in app.warning[0].value
    shown = app.error[0].value
    assert "secret interne" not in shown
    number = shown.split("n° ")[1][:8]
    assert number in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert app.title[0].value == ERREURS.question.replace(" ?", "\u202f?")  # type: ignore[union-attr]


def test_a_missing_table_tells_readers_whom_to_call_not_what_to_run() -> None:
    title, message, advice = errors.explain(MissingTable("Table absente.", conseil="Lancez obs demo."))
    assert (title, message) == (
        "Pas encore de données",
        "Ce que montre cette vue n’a encore jamais été livré.",
    )
    assert advice == "Prévenez l’exploitant de l’Observatoire."
    assert (
        errors.explain(MissingTable("Table absente.", conseil="Choisissez une date."))[2]
        == "Choisissez une date."
    )


def test_every_page_is_public_today() -> None:
    assert require("carte").restrict is None


def test_two_views_may_not_bear_the_same_name() -> None:
    block = CARTE.blocks[0]
    with pytest.raises(ValueError, match="same name"):
        Page("p", "P", "?", lambda _view: "", ANNUAIRE, rows=(block, Block(block.name, block.build)))


def test_addresses_bear_the_applications_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.kit.shell.portal.st.Page", lambda _draw, *, title, url_path: (title, url_path))
    assert declare([CARTE, ERREURS], "annuaire") == {
        "Cartes": [("Carte", "annuaire-carte")],
        "Temps": [("Erreurs", "annuaire-erreurs")],
    }
    assert declare([CARTE])["Cartes"] == [("Carte", "carte")]


def test_the_registry_knows_its_applications() -> None:
    assert registry.app("annuaire").title == "Annuaire"
    with pytest.raises(UnknownName) as refused:
        registry.app("anuaire")
    assert "annuaire" in refused.value.suggestions
    assert {known.title for known in registry.APPS if known.offered} <= set(registry.menu())


def test_cells_lose_nobody() -> None:
    frame = pl.DataFrame({"longitude": [7.0, 7.0, 7.5, 8.0], "latitude": [48.0, 48.0, 48.2, 48.4]})
    found = points.cells(frame)
    assert found["effectif"].sum() == 4
    assert found["effectif"].to_list()[0] == 2
    assert points.cells(frame.clear()).height == 0


def test_points_are_individuals_until_they_are_too_many(kit_view: Callable[..., View]) -> None:
    rows = pl.DataFrame(
        {
            "id": ["a", "b", "c"], "longitude": [7.05, 7.15, None], "latitude": [48.55, 48.55, None],
            "texte": ["<b>A</b>", "B", "C"], "categorie": ["x", "y", "x"],
        }
    )  # fmt: skip
    deck, grouped = points.point_map(kit_view().data, rows, colours={"x": "#ff0000"})
    assert not grouped
    sent = deck.to_json()
    assert '"c":[255,0,0]' in sent
    assert "\n" not in sent
    assert points.point_map(kit_view().data, rows, most=1)[1]
    # Names tell where one is; no click opens them, and accents are drawn.
    names = pl.DataFrame({"texte": ["Sélestat"], "longitude": [7.1], "latitude": [48.55]})
    named, _ = points.point_map(kit_view().data, rows, reperes=names)
    layer = json.loads(named.to_json())["layers"][1]  # under the points
    assert [one["t"] for one in layer["data"]] == ["Sélestat"]
    assert (layer["characterSet"], layer["pickable"]) == ("auto", False)
    placed = pl.DataFrame({"longitude": [7.0, 7.2], "latitude": [48.5, 48.7]})
    close = pl.DataFrame(
        {"texte": ["Un", "Deux", "Trois"], "longitude": [7.0, 7.01, 7.02], "latitude": [48.5, 48.505, 48.6]}
    )
    assert points.readable(close, placed)["texte"].to_list() == ["Un", "Trois"]


def test_a_point_map_calls_nobody_unless_the_reader_asks_for_the_plan() -> None:
    assert "http" not in points.style()
    assert points.style().startswith("data:application/json,")
    assert "data.geopf.fr" in points.style(base_map=True)


def test_the_corner_of_a_map_tells_who_is_not_on_it() -> None:
    piece = points.Points(None, None, 122_919, 1_129, why="/annuaire-donnees")  # type: ignore[arg-type]
    text = points.corner(piece)
    assert "122\u202f919 personnes</strong> sur la carte" in text
    assert 'href="/annuaire-donnees"' in text
    assert "1\u202f129 non localisées\u202f: pourquoi\u202f?" in text


def test_a_folium_map_escapes_data_and_loads_nothing_from_outside() -> None:
    made = basemap.base_map((48.0, 7.0, 48.5, 7.5), tiles=False)
    square = {"type": "Polygon", "coordinates": [[[7, 48], [7.1, 48], [7.1, 48.1], [7, 48]]]}
    feature = {"geometry": square, "properties": {"code": "1", "nom": "<script>alert(1)</script>"}}
    basemap.shade(made, [feature], {"1": 2.0}, classify(pl.Series([1.0, 2.0]), Scale()), {"1": "2"})
    basemap.mark(made, pl.DataFrame({"longitude": [7.0], "latitude": [48.0], "texte": ["<img src=x>"]}))
    page = made.get_root().render()
    assert "<script>alert(1)" not in page
    assert "<img src=x>" not in page
    basemap.refuse_outside(made)


def test_a_folium_plug_in_that_loads_from_outside_is_refused() -> None:
    from folium.plugins import MarkerCluster

    made = basemap.base_map((48.0, 7.0, 48.5, 7.5), tiles=False)
    MarkerCluster().add_to(made)
    with pytest.raises(LakeError, match="autre serveur"):
        basemap.refuse_outside(made)
