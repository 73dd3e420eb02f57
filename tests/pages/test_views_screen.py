"""Every view of the gallery on a screen: what Streamlit is given draws, clicks are listened to where they filter."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from apps.kit.data.data import open_lake
from apps.kit.data.state import State
from apps.kit.pages.page import Block, Page, Part
from apps.kit.style.theme import VALUES
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
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.segur import SEGUR
from scoring.universes.selection import Selection
from tests.pages.test_approved_readings import assert_approved, reading

MONTHLY = (
    KeyFigures(("dmp_documents", "dmp_alimentes"), "type_acteur", "Les chiffres"),
    Ranked("mss_messages_emis", "type_acteur", "Le classement"),
    Values(("psc_e_cps", "psc_connexions"), "region", "Le tableau"),
    Columns("psc_connexions", "Les colonnes"),
    Curve(("psc_connexions",), "Les courbes", "region"),
    Multiples("psc_taux_adoption", "region", "Les multiples"),
    Ring("dmp_documents", "type_acteur", "L’anneau"),
    Stacked("mss_messages_emis", "type_acteur", "editeur", "L’empilement"),
    Levels("psc_professionnels", "region", "profession", "Les niveaux"),
    Heat("psc_taux_adoption", "region", "mois", "La chaleur"),
    Histogram(("psc_professionnels", "psc_utilisateurs"), "region", "L’histogramme"),
    TerritoryMap("psc_taux_adoption", "region", "La carte"),
    Spread("psc_taux_adoption", "departement", "La distribution"),
    Scatter("psc_professionnels", "psc_taux_adoption", "departement", "Le nuage"),
)
DATED = (
    BeforeAfter("taux_maturite_pct", "region", "Avant et après"),
    Breakdown(("niveau_maturite", "taux_maturite_pct"), ("domaine", "zone_pos"), "La répartition"),
    Radar(("taux_maturite_pct",), "axe", "Le radar"),
    Listing("service", ("taux_maturite_pct",), "La liste", ("region",)),
)
GALLERY_PAGE = Page(
    name="galerie",
    title="Galerie",
    question="Que montre la galerie ?",
    reading=lambda _view: "Une vue de chaque sorte.",
    universe=SEGUR,
    rows=tuple(Block(f"vue{rank}", drawing) for rank, drawing in enumerate(MONTHLY)),
    parts=(
        Part(
            "dates",
            CONVERGENCE,
            tuple(Block(f"vue{rank}", drawing) for rank, drawing in enumerate(DATED)),
            start=State(Selection({"questionnaire": ("QU",)})),
        ),
    ),
)


def script() -> None:
    from apps.kit.shell.draw import draw
    from tests.pages.test_views_screen import GALLERY_PAGE

    draw(GALLERY_PAGE)


def test_one_page_draws_a_view_of_every_type_and_reads_as_approved(
    petit_lake: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    assert {type(drawing).type for drawing in (*MONTHLY, *DATED)} == set(GALLERY)
    monkeypatch.setenv("OBS_LAKE", str(petit_lake))
    open_lake.clear()
    at = AppTest.from_function(script, default_timeout=120)
    at.run()
    assert not at.exception, at.exception
    assert not at.error, [error.value for error in at.error]
    assert [h.value.replace("\\", "") for h in at.header] == [
        drawing.title.replace("'", "’") for drawing in (*MONTHLY, *DATED)
    ]
    html = "\n".join(str(element.proto.body) for element in at.get("html"))
    assert "France entière" in html
    assert_approved("galerie", reading(at), request)


def test_colours_of_values_read_on_white() -> None:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert len(set(VALUES)) == len(VALUES) == 24
    assert all(1.05 / (light(colour) + 0.05) >= 4.5 for colour in VALUES)
