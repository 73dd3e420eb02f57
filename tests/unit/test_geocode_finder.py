"""An address as a person types it: what is found, how sure, and which towns are suggested."""

from __future__ import annotations

import pytest

from ingest.sources.territoires.reference import load
from scoring.geocode.finder import Candidate, Finder, Found, farthest_km
from scoring.geocode.index import BAN_COLUMNS
from tests.unit.geocode_world import ban_rows

_STRASBOURG = ("67000", "67482", "Strasbourg", None, None)
_HAGUENAU = ("67500", "67180", "Haguenau", None, None)
_KAYSERSBERG = ("68240", "68162", "Kaysersberg Vignoble", "68310", "Sigolsheim")
_ROWS: list[tuple[object, ...]] = [
    ("12", None, "Rue de la Gare", None, _STRASBOURG, 7.7450, 48.5805),
    ("14", None, "Rue de la Gare", None, _STRASBOURG, 7.7460, 48.5806),
    ("2", None, "Rue de la Gare", None, _STRASBOURG, 7.7300, 48.5805),
    ("12", "bis", "Rue de la Gare", None, _HAGUENAU, 7.7800, 48.8100),
    ("3", None, "Rue de Strasbourg", None, _HAGUENAU, 7.7900, 48.8100),
    (None, None, "La Scierie", None, _HAGUENAU, 7.7700, 48.8000),
    ("4", None, "Rue du Vin", None, _KAYSERSBERG, 7.3000, 48.1300),
]


@pytest.fixture(scope="module")
def finder() -> Finder:
    """A finder over the packaged communes and a small BAN."""
    reference = load()
    rows = ban_rows(_ROWS)
    return Finder(
        reference.communes,
        reference.codes_postaux,
        reference.fusions,
        lambda departement: rows.filter(code_departement=departement).select(BAN_COLUMNS),
    )


@pytest.mark.parametrize(
    ("text", "label", "precision"),
    [
        ("12 rue de la Gare, 67000 Strasbourg", "12 Rue de la Gare, 67000 STRASBOURG", "numero"),
        ("12 rue de la gare strasbourg", "12 Rue de la Gare, 67000 STRASBOURG", "numero"),
        ("12 rue de la gare\n67000 STRASBOURG CEDEX 9", "12 Rue de la Gare, 67000 STRASBOURG", "numero"),
        ("Strasbourg 12 rue de la Gare", "12 Rue de la Gare, 67000 STRASBOURG", "numero"),
        ("12 r. de la gare F-67000 Strasbourg", "12 Rue de la Gare, 67000 STRASBOURG", "numero"),
        ("12 rue de la gare 67 000 Strasbourg", "12 Rue de la Gare, 67000 STRASBOURG", "numero"),
        ("12 rue de la gare 67000", "12 Rue de la Gare, 67000 STRASBOURG", "numero"),
        ("12 bis rue de la gare haguenau", "12 BIS Rue de la Gare, 67500 HAGUENAU", "numero"),
        ("3 rue de Strasbourg Haguenau", "3 Rue de Strasbourg, 67500 HAGUENAU", "numero"),
        ("rue de la gare strasbourg", "Rue de la Gare, 67000 STRASBOURG", "rue"),
        ("la scierie, haguenau", "La Scierie, 67500 HAGUENAU", "lieu_dit"),
        ("4 rue du vin sigolsheim", "4 Rue du Vin, 68240 KAYSERSBERG VIGNOBLE", "numero"),
        ("99 rue de nulle part, haguenau", "67500 Haguenau", "commune"),
        ("Haguenau", "67500 Haguenau", "commune"),
        ("st dié", "88100 Saint-Dié-des-Vosges", "commune"),
        ("Châlons-sur-Marne", "51000 Châlons-en-Champagne", "commune"),
    ],
)
def test_a_typed_address_is_found(finder: Finder, text: str, label: str, precision: str) -> None:
    best = finder.find(text).candidates[0]
    assert (best.libelle, best.precision) == (label, precision)


def test_a_number_is_sure_to_fifty_metres_and_a_street_to_its_farthest_address(finder: Finder) -> None:
    number, street, town = (
        finder.find(text).candidates[0]
        for text in ("12 rue de la gare 67000 strasbourg", "rue de la gare 67000 strasbourg", "strasbourg")
    )
    assert number.incertitude_km == 0.05
    # From the middle (number 12) to number 2: 0.015 degrees of longitude at 48.58 degrees north.
    assert street.incertitude_km == pytest.approx(0.015 * 0.6616 * 111.195, abs=0.01)
    assert (street.longitude, street.latitude) == (7.7450, 48.5805)
    assert town.incertitude_km > street.incertitude_km > number.incertitude_km
    # A commune none of whose addresses is known.
    assert finder.find("Metz").candidates[0].incertitude_km == 5.0


def test_the_commune_follows_what_is_found_in_it(finder: Finder) -> None:
    found = finder.find("12 rue de la gare strasbourg")
    assert [one.precision for one in found.candidates] == ["numero", "commune"]
    assert found.candidates[0].score == 1.0
    assert found.candidates[1].score == 0.0
    assert {one.code_commune for one in found.candidates} == {"67482"}
    assert found.communes == ()


def test_homonyms_are_suggested(finder: Finder) -> None:
    found = finder.find("saint martin")
    assert [(one.nom, one.code_departement) for one in found.communes] == [
        ("Saint-Martin", "54"),
        ("Saint-Martin", "67"),
    ]
    assert [one.precision for one in found.candidates] == ["commune", "commune"]


def test_a_misspelt_town_is_suggested_and_not_believed(finder: Finder) -> None:
    found = finder.find("12 rue de la gare strasbour")
    assert found.candidates == ()
    assert found.communes[0].nom == "Strasbourg"
    # With its postal code it is sure.
    assert finder.find("12 rue de la gare 67000 strasbour").candidates[0].precision == "numero"


def test_a_street_alone_names_no_town(finder: Finder) -> None:
    assert finder.find("3 rue de Strasbourg").candidates == ()
    assert finder.find("rue de la gare").candidates == ()


@pytest.mark.parametrize(
    "text", ["", "   ", ",", "\n", "☃", "12", "99999", "rue", "'; DROP TABLE", "é" * 300, "1 " * 200]
)
def test_anything_typed_is_answered(finder: Finder, text: str) -> None:
    assert isinstance(finder.find(text), Found)


def test_a_commune_is_found_by_its_code_former_ones_too(finder: Finder) -> None:
    found = finder.commune("68310")
    assert isinstance(found, Candidate)
    assert (found.libelle, found.precision) == ("68240 Kaysersberg Vignoble", "commune")
    assert finder.commune("99999") is None


def test_the_bundle_of_points_is_as_wide_as_its_farthest() -> None:
    points = ban_rows(_ROWS).select("longitude", "latitude")
    assert farthest_km((7.7450, 48.5805), points.head(0)) == 0.0
    assert farthest_km((7.7450, 48.5805), points.head(1)) == 0.0
    assert farthest_km((7.7450, 47.5805), points.head(1)) == pytest.approx(111.195)
