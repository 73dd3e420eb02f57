"""Each page of Convergence, as each profile: title, sentence and figures are the engine's answer for that person.

The fact that lied: a regional pilot read « Ensemble des régions : 43,1 %, 68,7 %, 80,5 %, sur 22 services », which was
Grand Est alone.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from apps.convergence.declaration import FINEST, PAGES
from apps.kit.access.access import Access
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.export.report import tables_with_views
from apps.kit.pages.export import table_csv
from lake.droits import Droits
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.answer import Lecture, answer
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.convergence_listes import PLANS_DECLARES, SERVICES_DECLARES
from scoring.universes.model import Universe
from scoring.universes.selection import Selection
from tests.pages.drawing import draw_page
from tests.pages.test_convergence_pages import french, percent

OPEN = frozenset({"convergence"})
PROFILES = {
    "expert": Droits(OPEN),
    "pilote": Droits(OPEN, regions=frozenset({"44"})),
    "deux régions": Droits(OPEN, regions=frozenset({"44", "11"})),
    "sans agrégats": Droits(OPEN, regions=frozenset({"44"}), agreges=False),
    "industriel": Droits(OPEN, editeurs=frozenset({"Maincare"})),
}
TAUX = "taux_maturite_pct"
BY_NAME = {page.name: page for page in PAGES}
YOURS = ", votre périmètre"


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\xa0", " ").replace("’", "'")


def access(profile: str) -> Access:
    return Access(profile, lecture=Lecture(PROFILES[profile]))


@pytest.fixture(scope="module")
def lake(petit_lake: Path) -> Lake:
    return Lake(Settings(lake=str(petit_lake)))


def seen(lake: Lake, page: str, profile: str, *, everywhere: bool = False) -> View:
    """The page as a person lands on it; as it is once the region is emptied, with ``everywhere``."""
    found, reader = BY_NAME[page], access(profile)
    scope = found.scope_for(reader)
    side = {"volet": ["industriels"]} if profile == "industriel" else {}
    selection = scope.fresh(Selection(side, emptied=["region"] if everywhere else []))
    return View(found.title, found.universe, State(selection), Data(lake, reader), scope, found.said)


def asked(
    lake: Lake,
    profile: str,
    measures: list[str],
    by: list[str],
    selection: Selection,
    universe: Universe = CONVERGENCE,
) -> pl.DataFrame:
    """The engine's answer for that person."""
    lecture = Lecture(PROFILES[profile])
    return answer(universe, lake.scan, selection, measures, by, lecture=lecture).frame.collect()


EVERY = [
    (page.name, profile, everywhere)
    for page in PAGES
    for profile in PROFILES
    for everywhere in (False, True)
    if not (everywhere and profile in ("expert", "industriel"))
]


@pytest.mark.parametrize(("page", "profile", "everywhere"), EVERY)
def test_a_page_says_the_whole_only_over_the_whole(
    lake: Lake, page: str, profile: str, everywhere: bool
) -> None:
    view = seen(lake, page, profile, everywhere=everywhere)
    heard = view.listening()
    said = f"{BY_NAME[page].ask(heard)} {BY_NAME[page].reading(heard)}"
    figures = BY_NAME[page].figures
    assert figures is not None
    figures(heard)
    droits = PROFILES[profile]
    whole = droits.regions is None or (
        everywhere and droits.agreges and page not in FINEST and page not in ("maturite", "cartographie")
    )
    if whole and profile != "industriel":
        assert YOURS not in said
    else:
        assert "Ensemble des" not in said
    if page in ("synthese", "axes", "moyennes", "plan", "dependances", *FINEST) and not whole:
        expected = {
            "pilote": "Grand Est",
            "sans agrégats": "Grand Est",
            "deux régions": "Île-de-France et Grand Est",
        }[profile]
        assert f"{expected}{YOURS}" in said


@pytest.mark.parametrize(("page", "profile", "everywhere"), EVERY)
def test_no_view_of_a_page_speaks_of_all_regions_over_fewer(
    lake: Lake, page: str, profile: str, everywhere: bool
) -> None:
    view = seen(lake, page, profile, everywhere=everywhere)
    for block in BY_NAME[page].blocks:
        heard = view.listening()
        piece = block.build(heard)
        table = piece if hasattr(piece, "frame") else getattr(piece, "table", None)
        if table is None or not heard.told() or "serie" not in table.frame.columns:
            continue
        named = set(table.frame["serie"])
        assert not named & {"Ensemble des régions", "Toutes les régions"}, (block.name, named)


@pytest.mark.parametrize("profile", list(PROFILES))
@pytest.mark.parametrize("everywhere", [False, True])
def test_synthese_gives_each_reader_the_engine_s_figures(lake: Lake, profile: str, everywhere: bool) -> None:
    view = seen(lake, "synthese", profile, everywhere=everywhere)
    page = BY_NAME["synthese"]
    assert page.figures is not None
    shown = {item.label: item for item in page.figures(view).items}
    reading = page.reading(view)
    rows = asked(lake, profile, [TAUX, "services_concernes"], ["questionnaire"], view.selection)
    assert rows.height
    for code, rate, services in rows.iter_rows():
        (box,) = [item for label, item in shown.items() if label.endswith(f"({code})")]
        assert box.value == percent(rate)
        assert f" · {french(services)} " in plain(box.reference).replace(french(services), french(services))
        assert percent(rate) in reading
    counts = asked(
        lake,
        profile,
        ["services_publies", "services_convergents", "services_tronc_commun"],
        [],
        view.selection,
        SERVICES_DECLARES,
    ).row(0, named=True)
    word = "produits" if profile == "industriel" else "services"
    assert plain(reading).endswith(f"sur {counts['services_publies']} {word}.")
    assert shown["Convergent"].value == french(counts["services_convergents"])
    assert f"sur {counts['services_tronc_commun']} {word} du tronc commun" in plain(
        shown["Convergent"].reference
    )


def test_a_pilot_lands_on_the_region_with_the_whole_beside(lake: Lake) -> None:
    view = seen(lake, "synthese", "pilote")
    page = BY_NAME["synthese"]
    assert plain(page.ask(view)) == "Où en est-on face à la doctrine ? Grand Est, votre périmètre"
    assert plain(page.reading(view)) == (
        "Grand Est, à la date de la campagne : taux de maturité de 43,1 % (urbanisation régionale), 68,7 % "
        "(urbanisation des services) et 80,5 % (interopérabilité des services), sur 22 services."
    )
    assert page.figures is not None
    references = [plain(item.reference) for item in page.figures(view).items[:3]]
    wholes = ("toutes régions : 75,3 %", "toutes régions : 78,8 %", "toutes régions : 83,4 %")
    assert all(reference.endswith(whole) for reference, whole in zip(references, wholes, strict=True))
    wide = seen(lake, "synthese", "pilote", everywhere=True)
    assert plain(page.ask(wide)) == "Où en est-on face à la doctrine ? Ensemble des régions"
    assert "75,3 % (urbanisation régionale), 78,8 % (urbanisation des services) et 83,4 %" in plain(
        page.reading(wide)
    )


@pytest.mark.parametrize("profile", ["pilote", "sans agrégats", "deux régions"])
@pytest.mark.parametrize("everywhere", [False, True])
def test_a_page_finer_than_what_is_open_is_all_about_the_reader_s_regions(
    lake: Lake, profile: str, everywhere: bool
) -> None:
    own = Selection({"region": sorted(PROFILES[profile].regions or ())})
    view = seen(lake, "domaines", profile, everywhere=everywhere)
    page = BY_NAME["domaines"]
    assert page.figures is not None
    rows = asked(lake, profile, [TAUX, "services_concernes"], ["questionnaire"], own)
    rate, services = rows.filter(pl.col("questionnaire") == "QU").row(0)[1:]
    first = page.figures(view).items[0]
    assert first.value == percent(rate)
    assert plain(first.reference).startswith(f"{services} services")
    by_domain = asked(lake, profile, [TAUX], ["questionnaire", "domaine"], own)
    low = by_domain.filter(pl.col("questionnaire") == "QU").sort(TAUX)[TAUX][0]
    assert percent(low) in page.reading(view)
    indicators = BY_NAME["indicateurs"]
    said = plain(indicators.reading(seen(lake, "indicateurs", profile, everywhere=everywhere)))
    count = asked(lake, profile, ["services_concernes"], ["questionnaire"], own)
    assert f"sur {count.filter(pl.col('questionnaire') == 'QU')['services_concernes'][0]} services" in said


@pytest.mark.parametrize("everywhere", [False, True])
def test_plans_count_what_the_engine_counts_for_the_reader(lake: Lake, everywhere: bool) -> None:
    for profile in PROFILES:
        view = seen(lake, "plan", profile, everywhere=everywhere)
        figures = BY_NAME["plan"].figures
        assert figures is not None
        shown = {item.label: item.value for item in figures(view).items}
        names = ["etapes", "services_planifies", "etapes_en_retard", "etapes_repoussees"]
        row = asked(lake, profile, names, [], view.selection, PLANS_DECLARES).row(0, named=True)
        assert shown["Étapes planifiées"] == french(row["etapes"])
        assert shown["Services avec un plan"] == french(row["services_planifies"])
        if "Étapes en retard" in shown:
            assert shown["Étapes en retard"] == french(row["etapes_en_retard"])
            assert shown["Étapes qui ont glissé"] == french(row["etapes_repoussees"])


def test_what_is_narrowed_goes_with_the_file(lake: Lake) -> None:
    view = seen(lake, "plan", "pilote", everywhere=True)
    tables = {name: (table, heard) for name, table, heard in tables_with_views(BY_NAME["plan"], view)}
    table, heard = tables["calendrier"]
    text = plain(table_csv(table, heard, "Calendrier").decode())
    assert "Portée : Grand Est seulement" in text
    assert "étapes planifiées" in text  # the whole beside


def test_the_order_of_editors_hangs_on_what_the_reader_sees(lake: Lake) -> None:
    view = seen(lake, "editeurs", "pilote")
    (block,) = [one for one in BY_NAME["editeurs"].blocks if one.name == "solutions"]
    frame = block.build(view).frame
    expected = frame.sort("services", "editeur", "solution", descending=[True, False, False])
    assert frame.select("editeur", "solution").equals(expected.select("editeur", "solution"))


@pytest.mark.parametrize("everywhere", [False, True])
def test_the_screen_lands_where_the_reader_is_at_home(
    petit_lake: Path, monkeypatch: pytest.MonkeyPatch, everywhere: bool
) -> None:
    monkeypatch.setattr("apps.kit.shell.draw.require", lambda *_: access("pilote"))
    page = draw_page("convergence", "synthese", petit_lake, **({"region": [""]} if everywhere else {}))
    assert page.figures["Urbanisation des services (QU)"] == ("78,8\u202f%" if everywhere else "68,7\u202f%")
    place = "Ensemble des régions" if everywhere else f"Grand Est{YOURS}"
    assert place in plain(page.title)
    assert "Ensemble des régions" not in page.reading or everywhere


def test_what_a_link_asks_and_is_not_there_is_said(petit_lake: Path) -> None:
    page = draw_page("convergence", "axes", petit_lake, axe=["ZZZ"], region=["44"])
    assert plain(page.reading).startswith(
        "« ZZZ » n'existe pas ici (axe) : A04.1 · Identification numérique est montré."
    )
    page = draw_page("convergence", "synthese", petit_lake, region=["99"])
    assert plain(page.reading).startswith("« 99 » n'existe pas dans cette campagne (région).")
    assert not re.search(r"99 : 0", plain(page.reading))


WORDS = {
    "services_declares": ("Services déclarés", "34"),
    "services_tronc_commun": ("Services du tronc commun", "21"),
}


def test_one_word_one_figure_on_every_page(lake: Lake) -> None:
    """« Services déclarés » and « du tronc commun » are counted once: on cards, in sentences, in the publication."""
    shown: dict[str, set[str]] = {name: set() for name in WORDS}
    for page in ("cartographie", "publication", "synthese"):
        view = seen(lake, page, "expert")
        view = view.on(selection=view.selection.with_filter("region", ["44"]))
        figures = BY_NAME[page].figures
        assert figures is not None
        for item in figures(view).items:
            for name, (label, _) in WORDS.items():
                if item.label == label:
                    shown[name].add(item.value)
                if match := re.search(r"sur ([\d\u202f]+) services du tronc commun", item.reference):
                    shown["services_tronc_commun"].add(match[1])
    assert shown == {name: {value} for name, (_, value) in WORDS.items()}
    for name, (label, _) in WORDS.items():
        measure = SERVICES_DECLARES.measure(name)
        assert measure.label == label
        assert measure.definition
