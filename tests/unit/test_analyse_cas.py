"""Public reports on other tools, as small cases: what an analysis answers where they answered wrong."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from pypdf import PdfReader

from apps.analyses.creer import begun
from apps.analyses.dessin import rows, views_of
from apps.analyses.feuille import feuille
from apps.analyses.lecture import printed
from apps.kit.charts.charts import Chart
from apps.kit.charts.tables import Table
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.pages import pieces
from apps.kit.pages.sheet import tables_of, walk
from apps.kit.views.parts import folded
from lake.settings import Settings
from lake.tables import Lake
from scoring.analyses.arbre import Arbre
from scoring.analyses.codec import decode
from scoring.analyses.rayons import offered
from scoring.analyses.spec import Analyse, Graphique, Section
from scoring.universes.engine import query
from scoring.universes.registry import universe
from scoring.universes.selection import Selection
from tests.unit.test_universe_monthly import UNIVERSE, scanner

ROOT = Path(__file__).resolve().parents[2]
QU = {"questionnaire": Arbre({"QU": 3}, 0)}


@pytest.fixture(scope="module")
def data(petit_lake: Path) -> Data:
    return Data(Lake(Settings(lake=str(petit_lake))))


def sheet_of(data: Data, *charts: Graphique, states: list[State] | None = None):  # type: ignore[no-untyped-def]
    sections = tuple(Section(f"bc{rank}", graphique=chart) for rank, chart in enumerate(charts))
    return feuille(Analyse("Essai", sections=sections), lambda _universe: data).shown(states)[1:]


def view_of(data: Data, chart: Graphique) -> View:
    (shown,) = sheet_of(data, chart)
    assert shown.view is not None
    return shown.view


def total_of(data: Data, chart: Graphique, state: State | None = None) -> dict[str, float]:
    """The whole that a chart's table says, asked on its own."""
    (shown,) = sheet_of(data, chart, states=None if state is None else [state])
    (table,) = (one.piece for one in walk(shown))
    assert isinstance(table, Table)
    assert table.total is not None
    return dict(table.total)


def test_distinct_totals_are_asked_not_added(data: Data) -> None:
    """Over twenty-four months 201 active structures would be added; 15 are active in the last one."""
    months = Graphique("segur", "courbe", ("insi_structures_actives",), ("mois",))
    found = rows(months, view_of(data, months))["insi_structures_actives"]
    assert (found.sum(), found[-1]) == (201, 15)
    figure = Graphique("segur", "chiffres", ("insi_structures_actives",))
    ((piece,),) = ([one.piece for one in walk(shown)] for shown in sheet_of(data, figure))
    assert piece.cards[0].value == "15"  # type: ignore[union-attr]
    editors = Graphique("convergence", "tableau", ("services_concernes",), ("editeur",), cadres=QU)
    ((table,),) = ([one.piece for one in walk(shown)] for shown in sheet_of(data, editors))
    assert isinstance(table, Table)
    assert table.total is not None
    assert table.total["services_concernes"] == 299
    assert table.frame["services_concernes"].sum() == 327


def test_a_rate_has_no_ring_and_others_close_to_the_total(data: Data) -> None:
    ring = Graphique("segur", "camembert", ("mss_taux_activite",), ("departement",))
    ((piece,),) = ([one.piece for one in walk(shown)] for shown in sheet_of(data, ring))
    assert isinstance(piece, Table), "the table, with the reason: never « Autres » of a rate"
    assert "est un rapport : ses valeurs ne s’additionnent pas" in piece.reading
    parts = pl.DataFrame(
        {"c": [str(n) for n in range(1, 7)], "n": [f"p{n}" for n in range(1, 7)], "v": list(range(1, 7))}
    )
    kept = folded(parts, "c", "n", "v", 21, most=5)
    assert kept["valeur"].to_list() == [6, 5, 4, 3, 3], (
        "what is left is the whole asked alone, less what is drawn"
    )
    assert kept["valeur"].sum() == 21


def test_a_ranking_says_how_many_it_leaves_out_and_its_file_has_them_all(data: Data) -> None:
    chart = Graphique(
        "convergence", "classement", ("services_concernes",), ("editeur",), cadres=QU, options={"nombre": 5}
    )
    (shown,) = sheet_of(data, chart)
    ((_, table, _),) = tables_of([shown])
    (built,) = list(walk(shown))
    assert shown.view is not None
    whole = rows(chart, shown.view)
    named = whole.drop_nulls("editeur")
    assert table.frame.height == whole.height > 5
    assert set(table.frame["editeur"].to_list()) >= set(named["editeur"].to_list())
    assert f"5 sur {whole.height}" in pieces.counted(built.piece).replace("\u202f", " ")


def test_a_click_in_one_section_never_filters_another_by_name(data: Data) -> None:
    """Two sections with an axis « region »: the name is the same, the choice is the section's own."""
    first = Graphique(
        "segur", "classement", ("psc_taux_adoption",), ("departement",), cadres={"region": Arbre()}
    )
    second = Graphique("convergence", "classement", ("services_concernes",), ("region",), cadres=QU)
    before = sheet_of(data, first, second)
    chosen = State(Selection({"region": ["44"]}))
    after = sheet_of(data, first, second, states=[chosen, before[1].part.start])
    assert rows(first, after[0].view).height < rows(first, before[0].view).height
    assert rows(second, after[1].view).equals(rows(second, before[1].view))
    assert [one.view.scope.address("region") for one in after] == ["bc0.region", "bc1.region"]


def test_a_figure_never_depends_on_its_company(data: Data) -> None:
    alone = Graphique("segur", "tableau", ("dmp_documents",), ("editeur",))
    both = Graphique("segur", "tableau", ("dmp_documents", "insi_structures_actives"), ("editeur",))
    apart = rows(alone, view_of(data, alone)).drop_nulls("dmp_documents")
    together = rows(both, view_of(data, both)).select("editeur", "dmp_documents").drop_nulls("dmp_documents")
    assert apart.sort("editeur").equals(together.sort("editeur"))


def test_a_map_tells_what_it_cannot_draw(data: Data) -> None:
    chart = Graphique("segur", "carte", ("psc_taux_adoption",), ("region",))
    view = view_of(data, chart)
    (drawing,) = views_of(chart, view.universe)
    piece = drawing(view)
    drawn = {row["code"] for row in piece.spec["datasets"]["valeurs"]}  # type: ignore[union-attr]
    seen = view.query(["psc_taux_adoption"], ["code_region"]).drop_nulls()["code_region"].to_list()
    out = [code for code in seen if code not in drawn]
    assert (piece.corner != "") is bool(out)  # type: ignore[union-attr]
    assert len(drawn & set(seen)) + len(out) == len(seen), "on the map and out of it make the whole"


def test_two_units_make_two_plots_never_a_double_axis(data: Data) -> None:
    chart = Graphique(
        "convergence", "histogramme", ("services_concernes", "taux_maturite_pct"), ("axe",), cadres=QU
    )
    (shown,) = sheet_of(data, chart)
    built = [one.piece for one in walk(shown)]
    assert [isinstance(one, Chart) for one in built] == [True, True]
    assert [one.measures for one in built] == [("services_concernes",), ("taux_maturite_pct",)]  # type: ignore[union-attr]


def test_a_section_without_title_bears_the_question_it_answers(data: Data) -> None:
    chart = Graphique("segur", "carte", ("psc_taux_adoption",), ("region",))
    (shown,) = sheet_of(data, chart)
    assert shown.part.title == "Taux d'adoption de l'e-CPS par région"


def test_a_referential_is_read_by_its_names_not_by_its_codes(data: Data) -> None:
    parts = Graphique("convergence", "repartition", ("taux_maturite_pct",), ("domaine",), cadres=QU)
    radar = Graphique("convergence", "radar", ("taux_maturite_pct",), ("axe",), cadres=QU)
    domains, axes = (next(one.piece for one in walk(shown)) for shown in sheet_of(data, parts, radar))
    assert isinstance(domains, Chart)
    assert isinstance(axes, Chart)
    assert "2 · Portail régional Professionnels" in domains.table.frame["domaine"].to_list()
    assert domains.reading == "Choisissez une barre pour voir ses zones du POS."
    assert "A04.1 · Identification numérique" in axes.table.frame["axe"].to_list()


def test_the_guide_s_example_is_an_analysis(data: Data) -> None:
    guide = (ROOT / "docs" / "analyses.md").read_text("utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    analyse = decode(json.loads(example))
    (shown,) = feuille(analyse, lambda _universe: data).shown()[1:]
    assert shown.view is not None


def test_a_state_at_the_end_and_seen_at_least_once_are_two_counts() -> None:
    """Two months, {A, B} then {B, C}: two in the last month, three at least once, never four."""
    first, second = date(2024, 1, 1), date(2024, 2, 1)
    seen = [(first, "A"), (first, "B"), (second, "B"), (second, "C")]
    at_once = replace(UNIVERSE.measure("actives"), name="au_moins_une_fois")
    assert at_once.value is not None
    at_end = replace(at_once, name="en_fin", value=replace(at_once.value, stock=True))
    counted = replace(UNIVERSE, measures=(at_once, at_end))
    scan = scanner([(month, who, "envois", 1) for month, who in seen])
    asked = ["au_moins_une_fois", "en_fin"]
    assert query(counted, scan, Selection(), asked).collect().row(0) == (3, 2)
    assert query(counted, scan, Selection(), asked, ["mois"]).collect().rows() == [
        (first, 2, 2),
        (second, 2, 2),
    ]


def test_a_whole_rate_is_the_ratio_of_the_sums() -> None:
    """Four rows as reported to another tool: 0.4394, neither the sum of the rates (2.701) nor their mean (0.675)."""
    terms = [
        (24_523.323, 34_523.323),
        (125_323_543.323, 325_323_543.323),
        (4_764_545.323, 5_764_545.323),
        (35_254_525.323, 45_254_525.323),
    ]
    month = date(2024, 1, 1)
    rows_of = [
        (month, str(rank), name, value)
        for rank, pair in enumerate(terms)
        for name, value in zip(("inscrits", "cible"), pair, strict=True)
    ]
    frame = pl.DataFrame(rows_of, schema=["mois", "region", "indicateur", "valeur"], orient="row")
    found = query(
        UNIVERSE, lambda _table: frame.lazy(), Selection(), ["taux"], ["region"], total=True
    ).collect()
    *each, (name, whole) = found.rows()
    assert (len(each), name) == (4, None)
    assert whole == pytest.approx(165_367_137.292 / 376_377_137.292)
    assert round(whole, 4) == 0.4394


def test_a_published_rate_of_two_regions_and_of_the_country(data: Data) -> None:
    chart = Graphique("segur", "tableau", ("psc_taux_adoption",), ("region",))
    total = total_of(data, chart)
    assert round(total["psc_taux_adoption"], 6) == 0.306407  # the mean of the regions would be 0.26119
    two = State(Selection({"region": ["28", "44"]}))
    framed = replace(chart, cadres={"region": Arbre()})
    total = total_of(data, framed, two)
    assert round(total["psc_taux_adoption"], 6) == round(157_330 / 540_928, 6) == 0.290852


def test_a_month_that_is_absent_or_not_complete_is_no_figure() -> None:
    """Month 5 is absent: a gap on the curve, no zero, and the mean is over the months that are there."""
    months = [date(2024, month, 1) for month in (1, 2, 3, 4, 6)]
    scan = scanner([(month, "A", "envois", 10 * month.month) for month in months])
    found = query(UNIVERSE, scan, Selection(), ["envois"], ["mois"]).collect()
    assert found["mois"].to_list() == months, "the month is not in the answer: its curve is cut there"
    assert found["envois"].mean() == pytest.approx((10 + 20 + 30 + 40 + 60) / 5)
    absent = scanner([(months[0], "A", "envois", None), (months[1], "A", "envois", 3)])
    with_null = query(UNIVERSE, absent, Selection(), ["envois"], ["mois"]).collect()
    assert with_null["envois"].to_list() == [None, 3]
    assert with_null.write_csv() == "mois,envois\n2024-01-01,\n2024-02-01,3\n"


def test_a_service_of_two_editors_counts_once(data: Data) -> None:
    """Published for the regional questionnaire: 299 services at 78.754 %, not 327 at 78.881 %."""
    asked = Graphique(
        "convergence", "tableau", ("services_concernes", "taux_maturite_pct"), ("editeur",), cadres=QU
    )
    frame = rows(asked, view_of(data, asked))
    assert frame["services_concernes"].sum() == 327
    total = total_of(data, asked)
    assert total["services_concernes"] == 299
    assert round(total["taux_maturite_pct"], 3) == 78.754
    weighted = (frame["services_concernes"] * frame["taux_maturite_pct"]).sum() / 327
    assert round(weighted, 3) == 78.881
    held = replace(asked, cadres={**QU, "editeur": Arbre(dict.fromkeys(frame["editeur"].drop_nulls(), 2), 1)})
    total = total_of(data, held)
    assert total["services_concernes"] <= 299, "every editor chosen: a service of two of them counts once"


def test_a_chart_begins_on_every_rayon_that_the_demonstration_publishes(data: Data) -> None:
    """What « Choisir » makes of each card: its first measure by its first axis is drawn, never refused."""
    assert {one.univers for one in offered()} >= {
        "sas_offre",
        "sas_demande",
        "sas_rendez_vous",
        "sas_couverture",
    }
    for one in offered():
        found = data.universe(universe(one.univers))
        if not data.dates(found):
            continue
        (shown,) = sheet_of(data, begun(one))
        (piece,) = (each.piece for each in walk(shown))
        assert not isinstance(piece, pieces.Note), (one.nom, piece)


def test_subjects_are_placed_along_one_rate_and_along_two(data: Data) -> None:
    """A column a class, the whole asked alone marked on it; a point a subject, dashed lines for wholes of rates."""
    spread = Graphique("segur", "distribution", ("psc_taux_adoption",), ("departement",))
    cloud = Graphique("segur", "nuage", ("psc_professionnels", "psc_taux_adoption"), ("departement",))
    few = Graphique(
        "segur", "distribution", ("psc_taux_adoption",), ("region",), cadres={"region": Arbre({"44": 3}, 0)}
    )
    columns, points, table = (
        next(one.piece for one in walk(shown)) for shown in sheet_of(data, spread, cloud, few)
    )
    assert isinstance(columns, Chart)
    assert isinstance(points, Chart)
    values = rows(spread, view_of(data, spread)).drop_nulls()["psc_taux_adoption"]
    held = columns.spec["datasets"]
    assert sum(row["effectif"] for row in held["classes"]) == values.len() == columns.table.frame.height
    assert held["repere"][0]["texte"].endswith("30,64\u202f%")  # not the mean of the départements
    assert columns.reading.startswith("Médiane : ")
    assert len(points.spec["datasets"]["points"]) == values.len()
    assert points.spec["datasets"]["repere_x"] == [], "the whole of a count is no place among its parts"
    assert points.spec["datasets"]["repere_y"][0]["ordonnee"] == pytest.approx(0.306407, abs=1e-6)
    assert isinstance(table, Table)
    assert "1 région : moins de dix ne font pas une distribution." in table.reading


def test_services_spread_over_the_levels_they_reach_and_close_to_the_whole(data: Data) -> None:
    """Published campaign, regional questionnaire: 21, 188, 90 services at levels 0 to 2 make the 299."""
    by_level = Graphique("convergence", "tableau", ("services_concernes",), ("niveau_atteint",), cadres=QU)
    assert dict(rows(by_level, view_of(data, by_level)).iter_rows()) == {"0": 21, "1": 188, "2": 90}
    assert total_of(data, by_level) == {"services_concernes": 299}
    chart = replace(by_level, type="evaluation", axes=("region", "niveau_atteint"))
    (shown,) = sheet_of(data, chart)
    ((piece,),) = ([one.piece for one in walk(each)] for each in (shown,))
    assert isinstance(piece, Chart)
    pieces_of = piece.spec["datasets"]["pieces"]
    assert {row["partie"] for row in pieces_of} == {"Niveau 0", "Niveau 1", "Niveau 2"}
    grand_est = {row["partie"]: row["valeur"] for row in pieces_of if row["nom"] == "Grand Est"}
    regions = Graphique("convergence", "tableau", ("services_concernes",), ("region",), cadres=QU)
    wholes = dict(rows(regions, view_of(data, regions)).iter_rows())
    assert sum(grand_est.values()) == wholes["Grand Est"]
    mixed = replace(by_level, cadres={})
    (refused,) = sheet_of(data, mixed)
    ((note,),) = ([one.piece for one in walk(each)] for each in (refused,))
    assert isinstance(note, pieces.Note)
    assert note.text.startswith("« Niveau atteint » mêlerait plusieurs questionnaires (QI, QR, QU)")


def test_the_pdf_of_a_draft_says_so_on_each_page(data: Data) -> None:
    chart = Graphique("segur", "chiffres", ("psc_e_cps",))
    made = feuille(Analyse("Essai", sections=(Section("bcd", graphique=chart),)), lambda _universe: data)
    pages = PdfReader(io.BytesIO(printed(made, made.shown(), "Brouillon, non enregistré"))).pages
    assert all("Brouillon, non enregistré" in one.extract_text() for one in pages)
    assert "Brouillon" not in PdfReader(io.BytesIO(printed(made, made.shown()))).pages[0].extract_text()
