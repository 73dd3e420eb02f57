"""Places of a lake: communes by their name or their code, areas from outlines."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from apps.kit.data.places import Places
from apps.sas.perimetre import said
from apps.sas.questions import lieu_of_commune, lieu_of_text
from lake.errors import LakeError
from lake.settings import Settings
from lake.tables import Lake
from scoring.sas.ordre import delta_minutes


@pytest.fixture(scope="module")
def places(petit_lake: Path) -> Places:
    return Places(Lake(Settings(lake=str(petit_lake))), "44")


def test_a_commune_doubts_as_far_as_the_disc_of_its_area(places: Places) -> None:
    strasbourg = lieu_of_commune(places, "67482")
    assert (strasbourg.precision, strasbourg.code_departement) == ("commune", "67")
    assert places.area_km2("67482") == pytest.approx(78.3, rel=0.02)
    assert delta_minutes(strasbourg.incertitude_km) == pytest.approx(15.6, abs=0.2)
    named, _ = lieu_of_text(places, "Strasbourg")
    assert named == strasbourg


def test_a_commune_is_found_by_its_code_or_refused(places: Places) -> None:
    assert lieu_of_commune(places, "54395").code_departement == "54"
    with pytest.raises(LakeError, match="Commune inconnue"):
        lieu_of_commune(places, "99999")


def test_the_nearest_commune_of_a_point(places: Places) -> None:
    assert places.departement(places.nearest(7.75, 48.58)) == "67"


def test_communes_within_minutes_of_a_point_are_counted_at_their_centre_and_told(places: Places) -> None:
    nancy = lieu_of_commune(places, "54395")
    near = places.reached(nancy.longitude, nancy.latitude, 20)
    assert near["commune"][0] == "Nancy"
    assert near["trajet_min"].is_sorted()
    assert near["trajet_min"].max() <= 20  # type: ignore[operator]
    within = near.filter(pl.col("trajet_min") <= 7.5).height
    told = said(near, 7.5)
    assert told.startswith(
        f"{within} communes à 8 minutes de route ou moins, comptées à leur centre : Nancy, "
    )
    assert places.reached(0.0, 0.0, 20).is_empty()
    assert said(places.reached(0.0, 0.0, 20), 15) == "Aucun centre de commune à 15 minutes ou moins."
