"""Every view of the gallery at every state: whole, narrowed, over a period, with holes, folded, refused.

Pages show each view where it suits. Here each one is also asked what it refuses, too much, too little, and figures
with gaps: a month that is missing, a territory that is not told, a value that only one date has. What each answers is
one approved text a view (``lectures/galerie``): its words, its table, and what its drawing shows in which order (of
the first state; then in a fingerprint).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.kit.access.access import Access
from apps.kit.charts.charts import Chart
from apps.kit.data.bounded import Bounded
from apps.kit.data.data import Data
from apps.kit.data.state import Scope, State
from apps.kit.data.view import View
from apps.kit.maps import basemap
from apps.kit.maps.maps import Map
from apps.kit.pages.pieces import Drawn
from apps.kit.views import plan, spread
from apps.kit.views.base import Drawing
from apps.kit.views.gallery import (
    GALLERY,
    BeforeAfter,
    Breakdown,
    Columns,
    Curve,
    Heat,
    Histogram,
    KeyFigures,
    Levels,
    Listing,
    Multiples,
    Radar,
    Ranked,
    Ring,
    Scatter,
    Spread,
    Stacked,
    TerritoryMap,
    Values,
)
from apps.kit.views.rules import refusal_of
from ingest.run import Request, run
from ingest.sources import source
from lake.catalog.territoires import CONTOURS
from lake.droits import Droits
from lake.errors import LakeError
from lake.settings import Settings
from lake.tables import Lake
from scoring.analyses.cadrage import Cadrage
from scoring.universes.answer import Lecture
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Universe
from scoring.universes.rows import NON_RENSEIGNE
from scoring.universes.segur import SEGUR
from scoring.universes.selection import Selection
from tests.pages.described import described, shortly
from tests.pages.test_approved_readings import assert_approved

ASKED = ("map", "features", "values", "classes", "texts")
"""What a map over the plan is shaded with, in order."""
PLACES = {
    "44": ("08", "10", "51", "52", "54", "55", "57", "67", "68", "88"),
    "28": ("14", "27", "50", "61", "76"),
    "11": ("75", "77", "78", "91"),
    "01": ("971",),
}
"""Region → départements that deliver."""
KINDS = ("ES", "EMS", "LABO", "officine", "PS libéral")
MONTHS = tuple(date(2022, month, 1) for month in (8, 9, 10, 11))
EDITORS = [f"Éditeur {rank:02}" for rank in range(45)]


def delivered() -> Iterator[str]:
    """A delivery as they come: of unequal sizes, with holes, some of it told of no territory, kind or editor."""
    yield "mois;service;indicateur;code_region;code_departement;type_acteur;profession;editeur;valeur"

    def line(month: date, service: str, name: str, value: int, place: tuple[str, str], **more: str) -> str:
        cells = [month, service, name, *place, more.get("kind", ""), more.get("job", "")]
        return ";".join(map(str, [*cells, more.get("editor", ""), value]))

    places = [(region, one) for region, of in PLACES.items() for one in of]
    for at, month in enumerate(MONTHS):
        for rank, place in enumerate(places):
            if place[1] == "08" and at == 2:
                continue  # a month that one département did not deliver
            if place[1] == "971" and at < 3:
                continue  # and one that only begins
            for job, share in (("10", 3), ("21", 2), ("60", 1)):
                people = share * (40 + (rank * 37) % 101)
                cards = people * (20 + (rank * 13 + at * 7 * (-1) ** rank) % 60) // 100
                yield line(month, "PSC", "psc_professionnels", people, place, job=job)
                if (rank, job) != (1, "60"):
                    yield line(month, "PSC", "psc_e_cps", cards, place, job=job)
                if at != 1:  # a month that nobody delivered
                    yield line(month, "PSC", "psc_connexions", cards * (3 + (rank + at) % 4), place, job=job)
            kind = KINDS[rank % 5]
            yield line(month, "DMP", "dmp_alimentes", 1000 + 311 * rank * (at + 1) % 2711, place, kind=kind)
        yield line(month, "PSC", "psc_connexions", 77 + at, ("44", ""), job="10")
        yield line(month, "DMP", "dmp_alimentes", 240 + at, ("44", "67"))
        for rank, editor in enumerate(EDITORS):
            place, kind = places[rank % len(places)], KINDS[rank % 5]
            value = 100 + (rank * 29) % 67 + at
            yield line(month, "MSS", "mss_messages_emis", value, place, kind=kind, editor=editor)
        yield line(month, "MSS", "mss_messages_emis", 31, ("11", "75"), kind="ES")


MONTHLY: tuple[Drawing, ...] = (
    KeyFigures(("dmp_alimentes", "psc_taux_adoption"), "type_acteur"),
    KeyFigures(("mss_messages_emis",), "editeur"),
    KeyFigures(("psc_e_cps", "psc_professionnels", "psc_taux_adoption", "psc_connexions", "dmp_alimentes")),
    Ranked("mss_messages_emis", "editeur"),
    Ranked("psc_taux_adoption", "departement", most=5),
    Ranked("psc_e_cps", "mois"),
    Histogram(("psc_professionnels", "psc_e_cps"), "region", targets="psc_connexions"),
    Histogram(("psc_taux_adoption",), "departement"),
    Histogram(("psc_taux_adoption", "psc_e_cps"), "region"),
    Histogram(("mss_messages_emis",), "editeur"),
    Values(("psc_e_cps", "psc_connexions", "psc_taux_adoption"), "region"),
    Values(("psc_e_cps",), "region", more=("profession",), natural=True),
    Values(("psc_connexions",), "mois", order="psc_connexions"),
    Values(("dmp_alimentes",), "type_acteur", natural=True),
    Listing("editeur", ("mss_messages_emis",), attributes=("type_acteur",)),
    Columns("psc_connexions"),
    Columns("psc_taux_adoption"),
    Curve(("psc_e_cps", "psc_connexions")),
    Curve(("psc_connexions",), series="region"),
    Curve(("mss_messages_emis",), series="editeur"),
    Curve(("psc_taux_adoption", "psc_e_cps")),
    Curve(("psc_e_cps", "psc_connexions"), series="region"),
    Multiples("psc_taux_adoption", "departement"),
    Multiples("mss_messages_emis", "editeur"),
    BeforeAfter("psc_taux_adoption", "departement"),
    BeforeAfter("psc_connexions", "region"),
    Ring("dmp_alimentes", "type_acteur"),
    Ring("mss_messages_emis", "editeur"),
    Ring("psc_taux_adoption", "region"),
    Ring("psc_connexions", "mois"),
    Stacked("mss_messages_emis", "type_acteur", "editeur"),
    Stacked("mss_messages_emis", "editeur", "type_acteur"),
    Stacked("psc_taux_adoption", "region", "profession"),
    Levels("psc_professionnels", "region", "profession"),
    Heat("psc_connexions", "departement", "mois"),
    Heat("psc_taux_adoption", "region", "profession"),
    Heat("mss_messages_emis", "editeur", "mois"),
    Heat("mss_messages_emis", "editeur", "type_acteur"),
    TerritoryMap("psc_taux_adoption", "region"),
    TerritoryMap("dmp_alimentes", "departement"),
    TerritoryMap("dmp_alimentes", "type_acteur"),
    Spread("psc_taux_adoption", "departement"),
    Spread("psc_e_cps", "departement"),
    Spread("psc_taux_adoption", "mois"),
    Scatter("psc_professionnels", "psc_taux_adoption", "departement"),
    Scatter("psc_e_cps", "psc_e_cps", "departement"),
    Radar(("psc_taux_adoption",), "profession"),
    Radar(("psc_e_cps",), "profession"),
    Radar(("psc_taux_adoption",), "region"),
)
"""Each view as pages use it, too large for its drawing, and asked for what it refuses."""
STATES: dict[str, Selection] = {
    "sans filtre": Selection(),
    "une région": Selection({"region": ["44"]}),
    "deux régions": Selection({"region": ["28", "11"]}),
    "un département": Selection({"region": ["44"], "departement": ["08"]}),
    "un type d’acteur": Selection({"type_acteur": ["LABO"]}),
    "une période": Selection(du=date(2022, 9, 1), au=date(2022, 10, 1)),
    "le premier mois": Selection(au=date(2022, 8, 1)),
    "rien": Selection({"region": ["93"]}),
}
DATED: tuple[Drawing, ...] = (
    KeyFigures(("services_concernes", "taux_maturite_pct"), "region"),
    Ranked("taux_maturite_pct", "region"),
    Histogram(("niveau_maturite",), "axe"),
    Values(("taux_maturite_pct", "services_concernes"), "region"),
    Listing("service", ("taux_maturite_pct",), "", ("region", "domaine")),
    Columns("services_concernes"),
    Curve(("taux_maturite_pct",), series="axe"),
    Curve(("taux_maturite_pct",), series="kind"),
    BeforeAfter("taux_maturite_pct", "region"),
    Ring("services_concernes", "domaine"),
    Levels("services_concernes", "region", "kind"),
    Levels("services_concernes", "region", "axe"),
    Heat("taux_maturite_pct", "axe", "region"),
    Heat("taux_maturite_pct", "service", "critere"),
    Breakdown(("niveau_maturite", "taux_maturite_pct"), ("domaine", "zone_pos"), count="services_concernes"),
    Radar(("taux_maturite_pct",), "axe"),
    Radar(("niveau_maturite",), "axe"),
    Radar(("niveau_maturite", "taux_maturite_pct"), "axe"),
    Radar(("taux_maturite_pct",), "critere"),
    Spread("taux_maturite_pct", "service"),
    Scatter("niveau_maturite", "taux_maturite_pct", "service"),
    Scatter("services_concernes", "taux_maturite_pct", "region"),
    TerritoryMap("taux_maturite_pct", "region"),
)
GUARDED: tuple[Drawing, ...] = (
    Heat("mss_boites", "region", "type_acteur"),
    Heat("mss_boites", "type_acteur", "region"),
    Values(("mss_boites",), "region", more=("type_acteur",)),
    Levels("mss_boites", "region", "type_acteur"),
    Stacked("mss_boites", "region", "type_acteur"),
)
"""What counts structures of other regions few by few."""
PILOT = Access(
    "pilote", lecture=Lecture(Droits(frozenset({"segur", "convergence"}), regions=frozenset({"44"})))
)
See = Callable[[Selection], View]


def seen(data: Data, universe: Universe) -> See:
    found = data.universe(universe)
    scope = Scope(
        f"{universe.name}.essai", tuple(axis.name for axis in found.axes), monthly=found is not CONVERGENCE
    )
    return lambda selection: View("Essai", found, State(selection), data, scope)


def answers(drawing: Drawing, see: See, states: dict[str, Selection]) -> Iterator[str]:
    """What a view answers at each state, and what it is refused for before it is asked."""
    yield f"# {drawing}"
    for rank, (name, selection) in enumerate(states.items()):
        view = see(selection)
        heard = view.listening()
        yield f"## {name}"
        if refusal := refusal_of(drawing, view.universe):
            yield f"  refus · {refusal.reason} {list(refusal.instead)}"
        try:
            piece = drawing(heard)
            yield from shortly(piece, cells=True) if rank else described(piece)
        except LakeError as error:
            yield f"  refus · {error}"
        yield from (f"  portée · {one}" for one in heard.told())


def texts(drawings: tuple[Drawing, ...], see: See, states: dict[str, Selection], kind: str) -> Iterator[str]:
    for drawing in drawings:
        if drawing.type == kind:
            yield from answers(drawing, see, states)


@pytest.fixture(scope="module")
def rough(tmp_path_factory: pytest.TempPathFactory) -> See:
    """Months delivered with holes."""
    folder = tmp_path_factory.mktemp("etats")
    settings = Settings(lake=str(folder / "lac"))
    run(source("territoires"), Request(), settings)
    file = folder / "segur.csv"
    file.write_text("\n".join(delivered()) + "\n", "utf-8")
    run(source("segur"), Request(files=(file,)), settings)
    return seen(Data(Lake(settings)), SEGUR)


@pytest.mark.parametrize("kind", sorted({one.type for one in MONTHLY}))
def test_a_view_answers_months_at_every_state_as_approved(
    kind: str, rough: See, request: pytest.FixtureRequest
) -> None:
    text = "\n".join(texts(MONTHLY, rough, STATES, kind))
    assert_approved(f"galerie/{kind}-mois", text, request)


@pytest.mark.parametrize("kind", sorted({one.type for one in DATED}))
def test_a_view_answers_campaigns_at_every_state_as_approved(
    kind: str, petit_lake: Path, request: pytest.FixtureRequest
) -> None:
    whole = Data(Lake(Settings(lake=str(petit_lake))))
    days = seen(whole, CONVERGENCE)(Selection({"questionnaire": ["QU"]})).dates
    states = {
        "sans questionnaire": Selection(),
        "un questionnaire": Selection({"questionnaire": ["QU"]}),
        "une région": Selection({"questionnaire": ["QU"], "region": ["44"]}),
        "la première campagne": Selection({"questionnaire": ["QU"]}, days[-1]),
    }
    lines = [*texts(DATED, seen(whole, CONVERGENCE), states, kind)]
    bounded = {"un pilote": states["un questionnaire"]}
    lines += texts(DATED, seen(Data(whole.lake, PILOT), CONVERGENCE), bounded, kind)
    assert_approved(f"galerie/{kind}-campagnes", "\n".join(lines), request)


def test_views_say_what_small_numbers_hide_as_approved(
    petit_lake: Path, request: pytest.FixtureRequest
) -> None:
    reads = Data(Lake(Settings(lake=str(petit_lake))), PILOT)
    see = seen(Bounded.of(reads, Cadrage(), ("mss_boites",)), SEGUR)
    states = {"un pilote": Selection(), "deux régions": Selection({"region": ["44", "28"]})}
    lines = [one for drawing in GUARDED for one in answers(drawing, see, states)]
    assert any("cases d’autres régions ne sont pas montrées" in one for one in lines)
    assert_approved("galerie/petites-cellules", "\n".join(lines), request)


def test_points_too_many_to_be_told_apart_are_a_table(rough: See, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "MOST", 15)
    piece = Scatter("psc_professionnels", "psc_taux_adoption", "departement")(rough(Selection()))
    assert piece.reading == (
        "20 départements : 15 points au plus. Le tableau dit les mêmes chiffres ; « classement » les dessine."
    )


def bounds(features: list[dict[str, Any]]) -> tuple[float, float, float, float]:
    """South, west, north, east of every point of these outlines."""

    def points(value: Any) -> Iterator[tuple[float, float]]:
        if isinstance(value[0], float | int):
            yield value[0], value[1]
        else:
            for one in value:
                yield from points(one)

    across, along = zip(*(p for f in features for p in points(f["geometry"]["coordinates"])), strict=True)
    return min(along), min(across), max(along), max(across)


@pytest.mark.parametrize(
    ("mesh", "filters", "codes"),
    [
        ("departement", {}, None),
        ("departement", {"region": ["28", "01"]}, {*PLACES["28"], "971"}),
        ("departement", {"departement": ["67", "75"]}, {"67", "75"}),
        ("region", {}, None),
        ("region", {"region": ["44"]}, {"44"}),
    ],
)
def test_the_map_over_the_plan_shows_the_territories_of_the_report_s_map(
    mesh: str,
    filters: dict[str, list[str]],
    codes: set[str] | None,
    rough: See,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: dict[str, Any] = {}
    framed, shaded = basemap.base_map, basemap.shade
    monkeypatch.setattr(basemap, "draw", lambda _map, key: made.update(key=key))
    monkeypatch.setattr(basemap, "base_map", lambda frame: made.update(frame=frame) or framed(frame))
    monkeypatch.setattr(
        basemap, "shade", lambda *given: made.update(zip(ASKED, given, strict=True)) or shaded(*given)
    )
    monkeypatch.setattr(plan, "legend", lambda piece: made.update(legend=piece))
    plain = rough(Selection(filters))
    view = replace(plain, state=replace(plain.state, options={"fond": "ign"}))
    drawing = TerritoryMap("psc_taux_adoption", mesh)
    report, piece = drawing(plain), drawing(view)
    assert isinstance(report, Map)
    assert isinstance(piece, Drawn)
    piece.draw(view)
    table = Ranked("psc_taux_adoption", mesh)(plain).table
    code = table.key
    rates = dict(table.frame.select(code, "psc_taux_adoption").iter_rows())
    drawn = [one["properties"]["code"] for one in made["features"]]
    outlined = set(plain.data.scan(CONTOURS).filter(pl.col("maille") == mesh).collect()["code"])
    assert drawn == sorted(codes if codes is not None else outlined), "in one order, and no other mesh"
    assert {one["properties"]["nom"] for one in made["features"]} == {plain.word(mesh, one) for one in drawn}
    assert {key: rate for key, rate in made["values"].items() if rate is not None} == pytest.approx(
        {key: rate for key, rate in rates.items() if key != NON_RENSEIGNE}
    )
    assert all(
        made["texts"][key] == f"{100 * rate:.2f}\u202f%".replace(".", ",")
        for key, rate in rates.items()
        if key in made["texts"]
    )
    assert made["frame"] == (plan.METROPOLE if codes is None else pytest.approx(bounds(made["features"])))
    assert (made["key"], made["classes"]) == (f"plan_{mesh}", report.classes)
    assert list(described(made["legend"])) == list(described(report))
    said = (report.table.columns, report.title, report.reading, report.counted, report.measures)
    assert (piece.table.columns, piece.title, piece.reading, piece.counted, piece.measures) == said


def test_nothing_outlined_is_framed_by_the_country() -> None:
    assert plan.bounds([]) == plan.METROPOLE


def test_before_and_after_show_a_territory_whole_whatever_is_chosen_in_it(rough: See) -> None:
    drawing = BeforeAfter("psc_connexions", "region")
    whole, chosen = (
        drawing(rough(Selection(STATES[name].filters))) for name in ("sans filtre", "un département")
    )
    assert isinstance(whole, Chart)
    assert isinstance(chosen, Chart)
    assert chosen.table.frame.equals(whole.table.frame)
    assert chosen.counted == whole.counted == "France entière, 4 régions"
    within = BeforeAfter("psc_taux_adoption", "departement")(rough(STATES["un département"]))
    assert isinstance(within, Chart)
    assert within.counted == "Grand Est, 10 départements"


def test_no_heading_of_a_table_of_months_says_one_of_them(rough: See) -> None:
    table = Values(("psc_connexions", "psc_e_cps"), "mois")(rough(Selection()))
    assert [one.label for one in table.columns] == ["Mois", "Connexions", "Cartes e-CPS activées"]
    assert table.total is None, "a state of the last month is no whole of all of them"
    assert table.counted == "France entière, 4 mois"
    assert table.frame["psc_connexions"].null_count() == 0


def test_every_view_of_the_gallery_has_its_states() -> None:
    assert {one.type for one in (*MONTHLY, *DATED)} == set(GALLERY)
