"""Every view of every page at every state that its filters lead to, as screens, tables and exports are made of it.

Approved readings draw a page with Streamlit, a few times. Here its views are built without a screen, which costs
twenty times less: as the page opens (all that each view says and shows), then narrowed, and with each value of each of
its options (what is read first, and a fingerprint of the rest). One approved text a page (``lectures/pieces``).
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from apps.annuaire.diagnostic import sheet as two_pages
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.pages.page import Page
from apps.kit.pages.sheet import figures_of, sentence, sheet, view_of, walk
from apps.kit.style.french import typographic
from apps.segur.telecharger import download_page
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.selection import Selection
from tests.pages.described import described, fingerprint, rows, shapes, shortly
from tests.pages.test_approved_readings import CHOSEN, NARROWED, OPENED, assert_approved

PAGES = {
    (app, page.name): page
    for app in CHOSEN
    for page in importlib.import_module(f"apps.{app}.declaration").PAGES
}
MOVING = {"annuaire-donnees": {"fraicheur", "executions", "sources"}, "segur-notice": {"revisions"}}
"""Views that say when deliveries ran: the pages that tell it are read without them, and without their sentence."""
MANY = {
    "annuaire": {"epci": ["200039865", "246700488"], "mode_exercice": ["L"]},
    "segur": {"departement": ["67", "57"]},
    "convergence": {"region": ["44", "11"]},
}
"""Several territories: pages rank them, and name the first and the last."""
NOBODY = {
    "annuaire": {"commune": ["57001"], "profession": ["94"]},
    "segur": {"region": ["987"]},
    "convergence": {},
}
"""What nothing, or next to nothing, answers to."""


FURTHER = {
    ("annuaire", "diagnostic", "bitche"): {"epci": ["200069441"], "profession": ["10"], "depuis": ["2024-12-03"]},
    ("annuaire", "diagnostic", "communes"): {"commune": ["67482", "67447"], "profession": ["60"]},
    ("annuaire", "diagnostic", "departement"): {"departement": ["67"], "profession": ["60"]},
    ("annuaire", "diagnostic", "partenaire"): {"partenaire": ["thur-doller"], "profession": ["10"]},
    ("annuaire", "evolution", "depuis"): {"depuis": ["2024-12-03"], "profession": ["10"]},
    ("annuaire", "evolution", "premiere"): {"date": ["2024-12-03"]},
    ("annuaire", "qualite", "medecins"): {"departement": ["67"], "profession": ["10"], "maille": ["epci"]},
    ("annuaire", "scenario", "medecins"): {
        "profession": ["10"], "specialite": ["SM54"], "actions": ["67482*3"], "demande": ["totale"],
    },
    ("convergence", "synthese", "cohorte"): {"region": ["44"], "comparer": ["cohorte"]},
    ("convergence", "synthese", "national"): {"region": ["44"], "comparer": ["national"], "horizon": ["2024-T4"]},
    ("convergence", "axes", "seul"): {"axe": ["QU-A05"], "region": ["44"]},
    ("annuaire", "accessibilite", "sages-femmes"): {"profession": ["50"], "maille": ["epci"]},
}  # fmt: skip
"""What else changes a page: its parameters, as an address says them."""


def said(page: Page, asked: Mapping[str, list[str]]) -> State:
    """The state that an address says."""
    options = {one: values[0] for one, values in asked.items() if one in page.scope.options}
    rest = {one: values for one, values in asked.items() if one not in options}
    return State(Selection.from_params(rest, parameters=[one.name for one in page.scope.parameters]), options)


def states(app: str, page: Page) -> Iterator[tuple[str, State]]:
    """How a page is looked at: name, state. The first one is as it opens."""
    yield "ouverture", State()
    yield "territoire", State(Selection(CHOSEN[app]))
    yield "plusieurs", State(Selection(MANY[app]))
    if NOBODY[app]:
        yield "personne", State(Selection(NOBODY[app]))
    yield from ((name, said(page, asked)) for (of, name), asked in NARROWED.items() if of == app)
    for (of, on, name), asked in {**OPENED, **FURTHER}.items():
        if (of, on) == (app, page.name):
            yield name, said(page, asked)
    if "q" in page.scope.options:
        yield from ((f"recherche de {words}", State(options={"q": words})) for words in ("al", "zorglub"))
    for option, values in page.scope.options.items():
        for value in values[1:]:
            yield f"{option}={value}", State(options={option: value})


def told(page: Page, data: Data, state: State, *, whole: bool) -> Iterator[str]:
    view = view_of(page, data, state)
    heard = view.listening()
    moving = MOVING.get(f"{page.universe.name}-{page.name}", set())
    yield f"  page · {page.ask(heard)} {'' if moving else sentence(page, heard)}"
    for shown in sheet(page, view, lambda _universe: data):
        if shown.part.name:
            yield f"# {shown.part.title}{f' : {shown.refused}' if shown.refused else ''}"
        if (items := figures_of(shown)) is not None:
            yield from described(items)
        for one in (built for built in walk(shown) if built.name not in moving):
            yield f"· {one.name}"
            yield from (described if whole else shortly)(one.piece)
            yield from (f"  portée · {said}" for said in one.view.told())


@pytest.mark.parametrize(("app", "name"), list(PAGES))
def test_the_views_of_a_page_at_every_state_are_as_approved(
    app: str, name: str, petit_lake: Path, request: pytest.FixtureRequest
) -> None:
    page, data = PAGES[app, name], Data(Lake(Settings(lake=str(petit_lake))))
    lines: list[str] = []
    for at, asked in states(app, page):
        state = asked
        if name == "accessibilite" and state.options.get("maille", "commune") == "commune":
            # Two communes whose accessibilities differ by less than a sum's last digit change ranks from run to run.
            state = replace(state, options={**state.options, "maille": "epci"})
        lines += [f"## {at}", *told(page, data, state, whole=at == "ouverture")]
    text = "\n".join(typographic(" ".join(line.splitlines())) for line in lines)
    assert_approved(f"pieces/{app}-{name or 'accueil'}", text, request)


@pytest.mark.parametrize("name", ["bitche", "departement"])
def test_the_two_pages_of_a_diagnosis_hold_what_was_approved(
    name: str, petit_lake: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """What the sheet says before it is set: its drawings by what they show."""

    def shown(spec: dict[str, Any], width: int = 0, height: int | None = None) -> str:
        data = {key: fingerprint(value) for key, value in spec.get("datasets", {}).items()}
        return f"{height} {list(shapes(spec))} {data}"

    monkeypatch.setattr(two_pages.pdf, "chart_svg", shown)
    page, data = PAGES["annuaire", "diagnostic"], Data(Lake(Settings(lake=str(petit_lake))))
    view = view_of(page, data, said(page, FURTHER["annuaire", "diagnostic", name]))
    content = two_pages.content(view, datetime(2025, 2, 1, tzinfo=UTC))
    lines = []
    for key, value in content.items():
        if key != "tableaux":
            lines.append(f"{key} · {json.dumps(value, ensure_ascii=False, default=str)}")
    for table in content["tableaux"]:
        head = {one: of for one, of in table.items() if one != "lignes"}
        lines += [
            f"tableau · {json.dumps(head, ensure_ascii=False)}",
            *(f"  {one}" for one in rows(table["lignes"])),
        ]
    assert_approved(f"pieces/annuaire-diagnostic-deux-pages-{name}", "\n".join(lines), request)


def test_the_report_holds_the_pages_that_are_printed(petit_lake: Path) -> None:
    three = [page for (app, _), page in PAGES.items() if app == "segur" and page.printable][:3]
    download = download_page([three[0], replace(three[1], printable=False), three[2]])
    view = view_of(download, Data(Lake(Settings(lake=str(petit_lake)))), State())
    assert sentence(download, view).startswith("2 pages, France entière")
