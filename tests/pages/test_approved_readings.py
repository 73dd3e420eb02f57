"""What each page reads, as it was approved: a heading, a sentence or a figure that moves is a line of a diff.

Pages are drawn as they open, with a territory chosen, and with what else changes all their words; those that open a
sheet, or another drawing, once more with it. The text of each drawing is a file under
``lectures/``: whoever changes what a page says, or what the demonstration holds, has the files written again
(``make test-un T="tests/pages/test_approved_readings.py --approuver"``) and reads the difference before he keeps it.
Other tests say that these figures are right; this one says that none changed unseen.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from apps.convergence.choix import HORIZON
from apps.kit.charts.charts import Chart
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.maps.maps import Map
from apps.kit.pages.pieces import Note
from apps.kit.pages.sheet import view_of
from apps.kit.style import french
from apps.kit.views.own import Rows
from lake.settings import Settings
from lake.tables import Lake
from tests.pages.described import marks
from tests.pages.drawing import draw_page
from tests.pages.test_every_page_in_french import elements, said

HERE = Path(__file__).resolve().parent / "lectures"
CHOSEN = {
    "annuaire": {"epci": ["200039865"]},
    "segur": {"region": ["44"]},
    "convergence": {"region": ["44"]},
}
"""A territory of each application: its name is in titles, the rest is narrowed to it."""
NARROWED = {
    ("annuaire", "medecins"): {"profession": ["10"], "specialite": ["SM54"]},
    ("annuaire", "rares"): {"profession": ["83"], "base": ["sites"]},
    ("segur", "periode"): {"du": ["2022-01-01"], "au": ["2022-09-01"]},
    ("convergence", "projection"): {"horizon": ["2024-T4"], "region": ["44", "11"]},
    ("convergence", "industriels"): {"volet": ["industriels"]},
}
"""What else changes the words of every page of an application: a profession, a period, a projection, the other side."""
OPENED = {
    ("annuaire", "carte", "fiche"): {"personne": ["890807343990"]},
    ("annuaire", "carte", "etablissement"): {"etablissement": ["549791274"]},
    ("annuaire", "repertoire", "etablissements"): {"quoi": ["etablissements"], "famille": ["pharmacie"]},
    ("annuaire", "repertoire", "recherche"): {"q": ["starsbourg"], "epci": ["200039865"]},
    ("annuaire", "repertoire", "personne"): {"personne": ["8000"], "etablissement": ["000000000"]},
    ("annuaire", "repertoire", "autre-liste"): {
        "q": ["infirmier"], "quoi": ["etablissements"], "famille": ["ehpad"],
    },
    ("annuaire", "repertoire", "rien"): {"q": ["zorglub"], "quoi": ["etablissements"]},
    ("annuaire", "diagnostic", "communes"): {"commune": ["67482", "67447"], "profession": ["60"]},
    ("annuaire", "diagnostic", "partenaire"): {"partenaire": ["thur-doller"], "profession": ["10"]},
    ("annuaire", "carte", "communes"): {"maille": ["commune"], "epci": ["200039865", "246700488"]},
    ("annuaire", "carte", "departements"): {"maille": ["departement"]},
    ("annuaire", "carte", "points"): {"maille": ["points"], "epci": ["200039865"]},
    # By EPCI: two communes whose accessibilities differ by less than a sum's last digit change ranks from run to run.
    ("annuaire", "accessibilite", "epci"): {"profession": ["10"], "specialite": ["SM54"], "maille": ["epci"]},
    ("annuaire", "scenario", "actions"): {"profession": ["60"], "actions": ["57089*2_67482*57089*1"]},
    ("segur", "referencement", "logiciel"): {"produit": ["SEG-0001"]},
    ("convergence", "editeurs", "services"): {"compte": ["services"]},
    ("convergence", "synthese", "niveaux"): {"mesure": ["niveau_maturite"]},
}  # fmt: skip
"""What a click opens on a page: its parameters."""
CLOCK = {("annuaire", "donnees"): "header · De quand datent les données ?", ("segur", "notice"): ""}
"""Pages that tell when deliveries ran, and the heading under which one tells how late they are, which is not read."""
MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
MOVING = re.compile(
    rf"\b\d{{1,2}}(?:er)? (?:{MONTHS}) 20(?:2[6-9]|[3-9]\d)|(?<=vieille de )[\d\s]+(?= jours)"
)
"""Days of a delivery, which are the machine's: the demonstration's own end in 2025."""
STATES = [
    (app, page.name, state)
    for app, chosen in CHOSEN.items()
    for page in importlib.import_module(f"apps.{app}.declaration").PAGES
    for state in ("ouverture", "territoire", *(state for of, state in NARROWED if of == app))
    if (state != "projection" or HORIZON in page.filters)
    and (page.name, state) != ("accessibilite", "medecins")
] + list(OPENED)
MOST = 24
"""Lines of one table or chart that are written; the others are in the fingerprint that follows them."""


def fingerprint(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, default=str, sort_keys=True).encode()).hexdigest()[:12]


def drawn_values(at: AppTest) -> Iterator[str]:
    """A fingerprint of what each chart draws: its figures may have no words."""
    for element in elements(at._tree):
        proto = getattr(element, "proto", None)
        if proto is None or element.type != "vega_lite_chart":
            continue
        rows = [pl.read_ipc_stream(named.data.data).rows(named=True) for named in proto.datasets]
        datasets = json.loads(proto.spec).get("datasets", {})
        shown = {name: values for name, values in datasets.items() if name not in ("departements", "adresse")}
        yield f"dessin {fingerprint([rows, _rounded(shown)])}"


def led_to(at: AppTest) -> Iterator[str]:
    """Where the links of a page lead, each once: their words do not say it."""
    bodies = " ".join(
        getattr(one.proto, "body", "") for one in elements(at._tree) if one.type in ("html", "markdown")
    )
    for address in dict.fromkeys(re.findall(r'href="([^"]+)"', bodies)):
        if not address.startswith("data:"):
            # Alone or in the suite's menu, by what this process declared before: the page is the same.
            yield f"lien · {re.sub(r'^(annuaire|segur|convergence)-', '', unescape(address))}"


def forms(at: AppTest) -> Iterator[str]:
    """What a page is made of besides its words: how buttons stand out, how columns write, how charts are read."""
    for element in elements(at._tree):
        proto = getattr(element, "proto", None)
        kind = element.type
        if proto is None:
            continue
        if "button" in kind and hasattr(proto, "label"):
            set_apart = f"{getattr(proto, 'type', '')}{' désactivé' if proto.disabled else ''}"
            yield f"{kind} · {proto.label} · {set_apart}"
        elif kind == "dataframe":
            yield f"dataframe · {getattr(proto, 'height', 0) or 'sa hauteur'} · {list(proto.selection_mode)}"
            for column in json.loads(proto.columns).values():
                if column and column.get("label"):
                    told = {
                        n: v
                        for n, v in column.items()
                        if n in ("alignment", "hidden", "width", "type_config")
                    }
                    yield f"  {column['label']} · {json.dumps(told, ensure_ascii=False, sort_keys=True)}"
        elif kind == "vega_lite_chart":
            yield f"dessin · {list(proto.selection_mode)} · {marks(json.loads(proto.spec))}"


def _rounded(value: Any) -> Any:
    """Figures at nine digits: sums may be added in another order."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value


def reading(at: AppTest, until: str | None = None) -> str:
    """The page as text, one line an utterance, in the order of the page.

    Args:
        at: the page drawn.
        until: the page tells its deliveries: their days are not read, nor what follows this line.
    """
    lines: list[str] = []
    for kind, group in groupby(said(at), key=lambda one: one[0]):
        texts = [" ".join(text.split()) for _, text in group if text.strip()]
        if until is not None:
            texts = [MOVING.sub("(jour)", text) for text in texts]
        lines += [f"{kind} · {text}" for text in texts[:MOST]]
        if len(texts) > MOST:
            lines.append(f"{kind} … {len(texts) - MOST} autres, empreinte {fingerprint(texts[MOST:])}")
    if until in lines:
        lines = lines[: lines.index(until)]
    text = "\n".join([*lines, *led_to(at), *drawn_values(at)]) + "\n"
    return re.sub(re.escape(french.long_date(datetime.now().astimezone().date())), "(aujourd’hui)", text)


def assert_approved(name: str, text: str, request: pytest.FixtureRequest) -> None:
    """A text is the one approved under a name; ``--approuver`` writes it anew."""
    file = HERE / f"{name}.txt"
    if request.config.getoption("--approuver"):
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(text, encoding="utf-8")
    assert text.splitlines() == file.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(("app", "page", "state"), STATES)
def test_a_page_reads_as_approved(
    app: str, page: str, state: str, petit_lake: Path, request: pytest.FixtureRequest
) -> None:
    chosen = (
        CHOSEN[app]
        if state == "territoire"
        else OPENED.get((app, page, state)) or NARROWED.get((app, state), {})
    )
    drawn = draw_page(app, page, petit_lake, **chosen)
    text = reading(drawn.at, CLOCK.get((app, page)))
    assert_approved(f"{app}-{page or 'accueil'}-{state}", text, request)
    if state not in ("territoire", *(name for of, name in NARROWED if of == app)):
        assert_approved(f"formes/{app}-{page or 'accueil'}-{state}", "\n".join(forms(drawn.at)), request)


def twins(app: str, data: Data) -> Iterator[str]:
    """The table behind each chart and map of an application: title, headings, and what stands under each first."""
    for page in importlib.import_module(f"apps.{app}.declaration").PAGES:
        for block in page.blocks:
            piece, declared = (
                block.build(view_of(page, data, State())),
                getattr(block.build, "drawing", block.build),
            )
            if isinstance(declared, Rows):
                # Nothing to list here, or the days of a delivery: the page's reading has not its headings.
                if isinstance(piece, Note) or (app, page.name) in CLOCK:
                    yield f"{page.name}/{block.name} · {french.typographic(declared.title)}"
                    yield from (f"  {french.typographic(one.label)} : {one.name}" for one in declared.columns)
                continue  # the page's reading has them
            if not isinstance(piece, Chart | Map):
                continue
            table, first = piece.table, next(piece.table.frame.iter_rows(named=True), {})
            yield f"{page.name}/{block.name} · {french.typographic(piece.title)}"
            yield from (
                f"  {french.typographic(column.label)} : {column.write(first.get(column.name))}"
                for column in table.columns
            )


@pytest.mark.parametrize("app", list(CHOSEN))
def test_the_table_behind_a_drawing_has_the_headings_that_were_approved(
    app: str, petit_lake: Path, request: pytest.FixtureRequest
) -> None:
    data = Data(Lake(Settings(lake=str(petit_lake))))
    assert_approved(f"{app}-jumeaux", "\n".join(twins(app, data)) + "\n", request)


def test_every_approved_reading_has_its_page() -> None:
    known = {f"{app}-{page or 'accueil'}-{state}.txt" for app, page, state in STATES}
    known |= {f"{app}-jumeaux.txt" for app in CHOSEN}
    known |= {"galerie.txt", "publication.txt"}  # test_views_screen, test_convergence_publication
    # Those of the SAS are drawn by test_sas_pilotage, on days counted from a clock that it holds.
    known |= {
        f"sas-{page.name}-ouverture.txt" for page in importlib.import_module("apps.sas.declaration").PAGES
    }
    assert {one.name for one in HERE.glob("*.txt")} == known
