"""Public reports on other tools, as small cases of what readers get: with the right value of each."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest
from pypdf import PdfReader

from apps.analyses.dessin import rows, views_of
from apps.analyses.ensemble import common
from apps.analyses.feuille import feuille
from apps.kit.access.access import Access
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.export.pdf import page_pdf
from apps.kit.maps.maps import Map
from apps.kit.pages import pieces
from apps.kit.pages.sheet import tables_of, walk
from apps.kit.style import french
from apps.kit.views import maps as map_views
from apps.kit.views.base import ask
from apps.kit.views.words import write
from lake.droits import Droits
from lake.settings import Settings
from lake.tables import Lake
from scoring.analyses import references
from scoring.analyses.arbre import Arbre
from scoring.analyses.spec import Analyse, Graphique, Section
from scoring.convergence.scores import score
from scoring.universes.answer import Lecture
from scoring.universes.convergence_campaign import selected
from scoring.universes.model import Format
from scoring.universes.registry import universe
from scoring.universes.selection import Selection
from tests.unit.test_convergence_scoring import REF, reponses, services, values

SEGUR = universe("segur")
IMPOSED = {"region": Arbre({"44": 3, "28": 1}, 0)}
RATE = Graphique("segur", "classement", ("psc_taux_adoption",), ("departement",), cadres=IMPOSED)


@pytest.fixture(scope="module")
def lake(petit_lake: Path) -> Lake:
    return Lake(Settings(lake=str(petit_lake)))


@pytest.fixture(scope="module")
def data(lake: Lake) -> Data:
    return Data(lake)


def of(data: Data, *charts: Graphique, states: list[State] | None = None):  # type: ignore[no-untyped-def]
    sections = tuple(Section(f"bc{rank}", graphique=chart) for rank, chart in enumerate(charts))
    made = feuille(Analyse("Essai", sections=sections), lambda _universe: data)
    return made, made.shown(states)


def view_of(data: Data, chart: Graphique) -> View:
    found: View = of(data, chart)[1][1].view
    return found


def printed(data: Data, chart: Graphique, selection: Selection) -> str:
    made, shown = of(data, chart, states=[State(selection)])
    pages = PdfReader(io.BytesIO(page_pdf(made.page, made.view, shown))).pages
    return " ".join(" ".join(one.extract_text() for one in pages).split())


def test_an_imposed_region_holds_on_paper_too_and_lists_its_départements_only(data: Data) -> None:
    view = view_of(data, RATE)
    assert view.data.choices(view.universe, "departement").height == 10
    forged = printed(data, RATE, Selection({"region": ["11"]}))
    assert "Bas-Rhin" in forged
    assert "Seine-Saint-Denis" not in forged
    assert "Grand Est" in forged


def test_a_section_that_cannot_bear_an_imposed_axis_is_refused_at_the_save(data: Data) -> None:
    """Never drawn without the filter: its measure is not told by that axis, and the refusal names the section."""
    chart = Graphique(
        "segur", "tableau", ("psc_e_cps",), ("region",), cadres={"editeur": Arbre({"Maincare": 3}, 0)}
    )
    (fault,) = references.faults(Analyse("x", sections=(Section("bcd", graphique=chart),)), universe)
    assert str(fault).startswith("sections[0].graphique.cadres.editeur")
    assert "n’existe pas par éditeur : sa source ne le dit pas." in str(fault)


def test_normandie_restated_is_read_with_its_difference(data: Data) -> None:
    """56 665 then 57 240 of 190 169: 29,80 %, then 30,10 %."""
    view = view_of(data, RATE)
    before, now = (write(view, "psc_taux_adoption", n / 190_169) for n in (56_665, 57_240))
    assert (before, now) == ("29,80\u202f%", "30,10\u202f%")


def test_a_difference_of_two_shares_is_in_points_never_in_percent_of_a_percentage() -> None:
    said = french.change(0.301, 0.287, Format.SHARE)
    assert said.text == "▲ +1,4\u202fpt"
    assert said.words == "hausse de 1,4 point"


def test_three_services_of_two_editors_are_three_services() -> None:
    """S1 (E1, E2) at 1, S2 (E1) at ½, S3 (E2) at 0: 3 services, 50 %; by row they would be 4, and 62,5 %."""
    three = services(
        *({"service": name, "nom": name, "zone_pos": "4.1", "kind": "metier"} for name in ("s1", "s2", "s3"))
    )
    uses = pl.LazyFrame(
        {
            "service": ["s1", "s1", "s2", "s3"],
            "editeur": ["E1", "E2", "E1", "E2"],
            "solution": ["A", "B", "A", "B"],
        }
    )
    kept = selected(three, uses, Selection({"editeur": ["E1", "E2"]})).drop("nom")
    answers = reponses(s1_B1=2, s2_B1=1, s3_B1=0)
    assert values(score(kept, answers, REF), "questionnaire") == {"QU": (3, 50.0, 1.0)}
    by_editor = values(score(kept, answers, REF, par="editeur", solutions=uses), "editeur")
    assert {name: count for name, (count, _, _) in by_editor.items()} == {"E1": 2, "E2": 2}


def test_a_territory_is_one_axis_across_universes_and_a_name_is_not(data: Data) -> None:
    """Grand Est chosen for the whole: code 44 in both universes; « service » is two things, and stays apart."""
    open_frame = {"region": Arbre(), "service": Arbre()}
    sections = (
        Graphique("segur", "tableau", ("psc_e_cps",), ("profession",), cadres=open_frame),
        Graphique("convergence", "tableau", ("services_concernes",), ("kind",), cadres=open_frame),
    )
    _, shown = of(data, *sections)
    (linked,) = common(shown[1:])
    assert (linked.axis, list(linked.views)) == ("region", [1, 2])
    assert linked.choices["44"] == "Grand Est"
    assert linked.kept(["44"]) == {1: ("44",), 2: ("44",)}


@pytest.mark.parametrize("company", [(), ("insi_structures_actives",)])
def test_a_pilot_reads_the_same_sum_alone_and_in_company(lake: Lake, company: tuple[str, ...]) -> None:
    """225 125 documents by editor, whatever is asked beside: it was 74 491 beside a distinct count."""
    rights = Droits(frozenset({"segur"}), regions=frozenset({"44"}))
    pilot = Data(lake, Access("pilote", lecture=Lecture(rights)))
    found = pilot.query(pilot.universe(SEGUR), Selection(), ["dmp_documents", *company], ["editeur"])
    assert found["dmp_documents"].sum() == 225_125


def test_twenty_of_a_hundred_and_four_are_drawn_and_all_are_in_the_file(data: Data) -> None:
    chart = Graphique("segur", "classement", ("psc_taux_adoption",), ("departement",))
    _, shown = of(data, chart)
    ((_, table, _),) = tables_of(shown[1:])
    (built,) = list(walk(shown[1]))
    assert "20 sur 104 : les autres sont dans le tableau" in pieces.counted(built.piece)
    values = table.frame["psc_taux_adoption"].drop_nulls().to_list()
    assert (table.frame.height, values) == (104, sorted(values, reverse=True))
    assert rows(chart, shown[1].view).height == 104


def test_what_has_no_outline_is_told_beside_the_map(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """A code that the outlines do not know is out of the map, said by name; with what is drawn it makes the whole."""

    def with_one_more(view: View, *given: object, **more: object) -> pl.DataFrame:
        frame = ask(view, *given, **more)  # type: ignore[arg-type]
        other = (
            frame.drop_nulls()
            .head(1)
            .with_columns(code_region=pl.lit("999"), region=pl.lit("Territoire inconnu"))
        )
        return pl.concat([frame, other])

    chart = Graphique("segur", "carte", ("psc_taux_adoption",), ("region",))
    monkeypatch.setattr(map_views, "ask", with_one_more)
    view = view_of(data, chart)
    (drawing,) = views_of(chart, view.universe)
    piece = drawing(view)
    assert isinstance(piece, Map)
    assert piece.corner == "Hors carte : Territoire inconnu"
    known = set(piece.table.frame.drop_nulls("psc_taux_adoption")["code_region"].to_list())
    drawn = {row["code"] for row in piece.spec["datasets"]["valeurs"]} & known
    assert known - drawn == {"999"}


def test_names_follow_one_another_as_a_french_reader_expects(data: Data) -> None:
    """Île-de-France stands after Hauts-de-France, not after every name that has no accent."""
    names = data.choices(data.universe(SEGUR), "region")["texte"].to_list()
    assert names.index("Hauts-de-France") + 1 == names.index("Île-de-France") < names.index("La Réunion")
    chart = Graphique(
        "convergence",
        "evaluation",
        ("services_concernes",),
        ("region", "niveau_atteint"),
        cadres={"questionnaire": Arbre({"QU": 3}, 0)},
    )
    (built,) = list(walk(of(data, chart)[1][1]))
    drawn = list(dict.fromkeys(row["nom"] for row in built.piece.spec["datasets"]["pieces"]))  # type: ignore[union-attr]
    assert drawn.index("Île-de-France") == drawn.index("Hauts-de-France") + 1
