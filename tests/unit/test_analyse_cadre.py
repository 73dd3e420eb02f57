"""What an author imposes bounds every question; texts know when their figures moved: cases of public reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.analyses.dessin import rows, written
from apps.analyses.feuille import Feuille, feuille
from apps.analyses.liens import bound
from apps.kit.access.access import Access
from apps.kit.data.bounded import Bounded
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.pages.sheet import Shown, tables_of, walk
from lake.droits import Droits
from lake.errors import RefusedCombination
from lake.settings import Settings
from lake.tables import Lake
from scoring.analyses.arbre import Arbre
from scoring.analyses.cadrage import Cadrage
from scoring.analyses.empreinte import difference, digest, moved
from scoring.analyses.spec import Analyse, Graphique, Periode, Section
from scoring.universes.answer import Lecture
from scoring.universes.registry import universe
from scoring.universes.selection import Selection

SEGUR = universe("segur")
FRAME = {"region": Arbre({"44": 3, "28": 1}, 0)}
RATE = Graphique("segur", "classement", ("psc_taux_adoption",), ("departement",), cadres=FRAME)
PILOT = Droits(frozenset({"annuaire", "segur", "convergence"}), regions=frozenset({"44"}))


@pytest.fixture(scope="module")
def lake(petit_lake: Path) -> Lake:
    return Lake(Settings(lake=str(petit_lake)))


@pytest.fixture
def data(lake: Lake) -> Data:
    return Data(lake)


def analysis(chart: Graphique, **texts: str) -> Analyse:
    return Analyse("Essai", sections=(Section("bcd", graphique=chart, **texts),))


def part(data: Data, chart: Graphique, selection: Selection | None = None, **texts: str) -> Shown:
    """The only section of an analysis as its reader sees it."""
    made: Feuille = feuille(analysis(chart, **texts), lambda _universe: data)
    return made.shown([] if selection is None else [State(selection)])[1]


def seen(shown: Shown) -> View:
    assert shown.view is not None
    return shown.view


# -- Imposer: T3 and T4 ------------------------------------------------------------------------------


def test_a_forged_value_is_refused_and_the_figures_stay(data: Data) -> None:
    mine = rows(RATE, seen(part(data, RATE)))
    forged = part(data, RATE, Selection({"region": ["11"]}))
    assert str(forged.refused) == "Ici ne se propose pas : 11 (region). Valeurs proposées : 28, 44."
    assert rows(RATE, seen(forged)).equals(mine)
    emptied = part(data, RATE, Selection().emptying("region"))
    assert rows(RATE, seen(emptied)).equals(mine)
    assert seen(emptied).selection.values("region") == ("44",)


def test_what_is_imposed_comes_with_what_is_chosen(data: Data) -> None:
    both = seen(part(data, RATE, Selection({"region": ["28"]})))
    assert both.selection.values("region") == ("44", "28"), "never 28 alone"


def test_lists_of_choices_are_bounded_by_what_is_imposed_elsewhere(data: Data) -> None:
    view = seen(part(data, RATE))
    assert view.data.choices(view.universe, "region")["code"].to_list() == ["44", "28"], (
        "in the order of names"
    )
    own = rows(RATE, view)["departement"].drop_nulls().to_list()
    assert sorted(view.data.choices(view.universe, "departement")["texte"].to_list()) == sorted(own)
    assert len(view.data.every_choice(view.universe, "departement")) > len(own) > 1
    assert "Grand Est" in view.labels("region").values()


def test_a_map_that_filters_shows_what_can_be_clicked_and_no_more(data: Data) -> None:
    chart = Graphique("segur", "carte", ("psc_taux_adoption",), ("region",), cadres=FRAME)
    assert rows(chart, seen(part(data, chart)))["region"].to_list() == ["Grand Est"], (
        "an axis shows what is selected"
    )
    shown = part(data, chart, Selection({"region": ["28"]}))
    assert sorted(rows(chart, seen(shown))["region"].to_list()) == ["Grand Est", "Normandie"]
    other = Graphique("segur", "classement", ("psc_e_cps",), ("departement",), cadres=FRAME)
    view = seen(part(data, other))
    asked = view.query(["psc_e_cps"], ["region"], apart=["region"])
    assert sorted(asked["region"].to_list()) == ["Grand Est", "Normandie"], (
        "apart is what is proposed, not everything"
    )


def test_no_piece_no_file_holds_a_row_that_is_not_proposed(data: Data) -> None:
    chart = Graphique("segur", "tableau", ("psc_e_cps",), ("region", "profession"), cadres=FRAME)
    shown = part(data, chart, Selection({"region": ["28"]}))
    for _, table, _ in tables_of([shown]):
        assert set(table.frame["region"].to_list()) == {"Grand Est", "Normandie"}
    assert {one.view.selection.values("region") for one in walk(shown)} == {("44", "28")}


def test_whoever_asks_is_bounded(data: Data) -> None:
    """Even a question that forgets the frame: held where questions are asked."""
    bounded = Bounded.of(data, Cadrage(FRAME), ("psc_e_cps",))
    ours = data.query(SEGUR, Selection({"region": ["44"]}), ["psc_e_cps"]).item()
    assert bounded.query(SEGUR, Selection(), ["psc_e_cps"]).item() == ours
    with pytest.raises(RefusedCombination, match="Ici ne se propose pas : 11"):
        bounded.query(SEGUR, Selection({"region": ["11"]}), ["psc_e_cps"])


def test_a_default_that_is_cleared_stays_cleared(data: Data) -> None:
    chart = replace(RATE, cadres={"region": Arbre({"44": 2})})
    fresh, cleared = part(data, chart), part(data, chart, Selection().emptying("region"))
    assert seen(fresh).selection.values("region") == ("44",)
    assert seen(cleared).selection.values("region") == ()
    assert ("Région", "aucun filtre") in seen(cleared).filters_in_words(), (
        "said in the caption and in the PDF"
    )
    assert rows(chart, seen(cleared)).height > rows(chart, seen(fresh)).height
    assert seen(cleared).selection.to_params()["region"] == [""], "the address holds the explicit empty"


def test_an_imposed_period_bounds_dates_and_figures(data: Data) -> None:
    june = date(2022, 6, 1)
    chart = replace(RATE, cadres={}, periode=Periode("fixe", du=june, au=june, imposee=True))
    view = seen(part(data, chart))
    assert view.data.dates(view.universe) == [june]
    late = part(data, chart, Selection(du=date(2022, 7, 1)))
    assert "n’est pas dans la période imposée" in str(late.refused)
    there = data.query(SEGUR, Selection().during(june, june), ["psc_taux_adoption"], ["departement"])
    assert rows(chart, view).equals(there)
    curve = replace(chart, type="courbe", axes=("mois",), periode=Periode("derniers_mois", nombre=6))
    assert rows(curve, seen(part(data, curve))).height == 6


levels = st.dictionaries(st.sampled_from(["44", "28", "11", "53"]), st.integers(0, 3), max_size=4)
chosen = st.lists(st.sampled_from(["44", "28", "11", "53", "99"]), max_size=3, unique=True)


@given(levels, st.integers(0, 1), chosen, st.booleans())
def test_within_what_is_proposed_and_never_without_what_is_imposed(
    nodes: dict[str, int], others: int, values: list[str], emptied: bool
) -> None:
    tree = Arbre(nodes, others)
    asked = Selection({"region": values})
    asked = asked.emptying("region") if emptied and not values else asked
    try:
        now = tree.settle("region", asked)
    except RefusedCombination:
        assert any(tree.level(code) == 0 for code in values)
        return
    found = now.values("region")
    assert all(tree.level(code) >= 1 for code in (*values, *found))
    assert set(tree.imposes) <= set(found)
    if not values and not emptied:
        assert set(found) == set(tree.preselectionnes)
    held = Cadrage({"region": tree}).held(now, lambda _axis: ["44", "28", "11", "53", "99"], SEGUR)
    assert held == now, "once settled, a question is not bounded again"


# -- texts and figures: T7, T17 ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ("29,80\u202f%", "30,10\u202f%", "+0,30\u202fpt"),
        ("28,7 %", "30,1 %", "+1,4\u202fpt"),
        ("10\u202f312\u202f102", "10\u202f312\u202f342", "+240"),
        ("1,77", "1,7", "−0,07"),
        ("12", "absent", ""),
        ("", "12", ""),
    ],
)
def test_a_difference_of_two_shares_is_in_points(before: str, now: str, said: str) -> None:
    assert difference(before, now) == said


def test_the_digest_is_that_of_figures_as_written() -> None:
    cells = [("Normandie · Taux", "29,80 %"), ("Grand Est · Taux", "28,70 %")]
    assert digest(cells) == digest(cells[::-1])
    later = [("Normandie · Taux", "30,10 %"), cells[1]]
    assert digest(later) != digest(cells)
    assert [str(one) for one in moved(cells, later)] == [
        "Normandie · Taux : 29,80 % → 30,10 % (+0,30\u202fpt)"
    ]


REGIONS = Graphique("segur", "classement", ("psc_taux_adoption",), ("region",))
TEXT = "En Normandie {{psc_taux_adoption|region=28}}."


def reading(data: Data, section: Section) -> str:
    made = feuille(Analyse("Essai", sections=(section,)), lambda _universe: data)
    return made.shown()[1].part.introduction.replace("\u202f", " ").replace("**", "")


@pytest.fixture
def written_then(data: Data) -> Callable[..., Section]:
    """``written_then({"Normandie": "29,50 %"}, version=-1)``: a section bound to other figures, by a former version."""

    def make(changed: dict[str, str], *, version: int = 0, **more: object) -> Section:
        section = Section("bcd", introduction=TEXT, graphique=REGIONS)
        section = bound(
            section, seen(part(data, REGIONS)), par="A. M.", now=datetime(2022, 12, 1, tzinfo=UTC)
        )
        lien = section.lien
        assert lien is not None
        cells = tuple((name, changed.get(name.split(" · ")[0], value)) for name, value in lien.extrait)
        versions = {name: number + version for name, number in lien.versions.items()}
        lien = replace(lien, extrait=cells, cellules=digest(cells), versions=versions, **more)  # type: ignore[arg-type]
        return replace(section, lien=lien)

    return make


def test_a_new_version_of_the_same_figures_says_nothing(
    data: Data, written_then: Callable[..., Section]
) -> None:
    assert reading(data, written_then({})) == "En Normandie 29,80 %."
    assert reading(data, written_then({}, version=-1)) == "En Normandie 29,80 %."


def test_a_corrected_figure_is_named_with_its_difference(
    data: Data, written_then: Callable[..., Section]
) -> None:
    said = reading(data, written_then({"Normandie": "29,50 %"}, version=-1))
    count = len(written(REGIONS, seen(part(data, REGIONS))))
    assert f"1 valeur sur {count}, depuis la publication du" in said
    assert "Normandie · Taux d'adoption de l'e-CPS : 29,50 % → 29,80 % (+0,30 pt)." in said
    assert said.endswith("En Normandie 29,80 %."), "a live figure cannot go stale"


def test_a_newer_month_is_another_sentence(data: Data, written_then: Callable[..., Section]) -> None:
    said = reading(data, written_then({}, date="2022-06-01"))
    assert "Rédigé sur juin 2022 ; les chiffres montrés sont ceux de novembre 2022." in said
    assert "corrigés" not in said


def test_other_rights_never_read_the_author_s_figures(
    lake: Lake, written_then: Callable[..., Section]
) -> None:
    pilot = Data(lake, Access("pilote-44", lecture=Lecture(PILOT)))
    said = reading(pilot, written_then({"Normandie": "29,50 %"}, version=-1))
    assert said.startswith("*Ce texte a été écrit avec d’autres droits que les vôtres ;")
    assert "29,50" not in said


# -- figures of readers: T2, T12 ---------------------------------------------------------------------


def test_a_rate_is_a_ratio_of_sums(data: Data) -> None:
    """156 and 28 together: 157 330 of 540 928 on the full demonstration; here, of its own terms."""
    two = replace(RATE, cadres={"region": Arbre({"44": 3, "28": 3}, 0)}, type="chiffres", axes=())
    view = seen(part(data, two))
    terms = view.query(["psc_e_cps", "psc_professionnels", "psc_taux_adoption"]).row(0)
    assert terms[2] == pytest.approx(terms[0] / terms[1])
    alone = [view.query(["psc_taux_adoption"], ["region"])["psc_taux_adoption"].to_list()]
    assert terms[2] != pytest.approx(sum(alone[0]) / 2)


def test_a_header_is_asked_without_the_axes(data: Data) -> None:
    chart = Graphique("convergence", "classement", ("services_concernes",), ("editeur",), ("services_concernes",),
                      {"questionnaire": Arbre({"QU": 3}, 0)})  # fmt: skip
    shown = part(data, chart)
    assert shown.part.figures is not None
    header = shown.part.figures(seen(shown))
    assert header.cards[0].value == "299", "by editor the rows would add up to more"
    assert rows(chart, seen(shown))["services_concernes"].sum() > 299
