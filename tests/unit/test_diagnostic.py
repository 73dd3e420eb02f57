"""The diagnosis of a territory, on a small region worked by hand."""

from __future__ import annotations

import math

import polars as pl
import pytest

from lake.errors import UnknownName
from lake.geo import EARTH_KM
from scoring.annuaire.diagnosis import changes, communes_without, professions, several_places
from scoring.annuaire.ground import Terrain, terrain
from scoring.annuaire.ranking import ranks
from scoring.annuaire.territory import Territoire, of_mesh
from scoring.reach.proximity import Trajet

KM = 1 / (math.radians(1) * EARTH_KM)
COMMUNES = pl.DataFrame(
    {
        "code_commune": ["57001", "57002", "57003", "54001", "54002", "88001"],
        "commune": ["Alpha", "Bêta", "Gamma", "Delta", "Epsilon", "Zêta"],
        "siren_epci": ["E1", "E1", "E2", "E2", "E3", "E4"],
        "code_departement": ["57", "57", "57", "54", "54", "88"],
        "code_region": ["44"] * 6,
        "population": [1000, 500, 2000, 4000, 0, 10_000],
        "longitude": [0 * KM, 6 * KM, 10 * KM, 30 * KM, 40 * KM, 90 * KM],
        "latitude": [0.0] * 6,
    }
)
DEPARTEMENTS = pl.LazyFrame({"code_departement": ["54", "57", "88"], "code_region": ["44"] * 3})
EPCI = dict(COMMUNES.select("code_commune", "siren_epci").iter_rows())
NAMES = {"10": "Médecin", "60": "Infirmier", "50": "Sage-Femme"}
SCHEMA = dict.fromkeys(
    (
        "identification_nationale_pp", "nom_exercice", "prenom_exercice", "code_profession", "libelle_profession",
        "code_mode_exercice", "id_site", "code_commune", "siren_epci", "code_departement",
    ),
    pl.String,
)  # fmt: skip


def activities(*rows: tuple[str, str, str | None, str | None]) -> pl.LazyFrame:
    """(person, profession, commune or département, site) -> rows of the directory."""
    full = []
    for person, profession, place, site in rows:
        commune = place if place and len(place) == 5 else None
        departement = place[:2] if place else None
        full.append(
            (
                *(person, person.upper(), None, profession, NAMES[profession], "L", site, commune),
                *(EPCI.get(commune or ""), departement),
            )
        )
    return pl.LazyFrame(full, schema=SCHEMA, orient="row")


ROWS = activities(
    ("anne", "10", "57001", "s1"),
    ("anne", "10", "54001", "s2"),
    ("brice", "10", "57003", "s3"),
    ("chloé", "60", "57001", "s1"),
    ("chloé", "60", "57001", "s4"),
    ("david", "60", "54001", "s2"),
    ("emma", "60", "57", None),  # in the département, commune unknown
    ("farid", "50", "54001", "s2"),
)
E1 = of_mesh(COMMUNES, "epci", "E1")


@pytest.fixture
def ground() -> Terrain:
    return terrain(ROWS, COMMUNES, E1)


def by_profession(frame: pl.DataFrame, *columns: str) -> dict[str | None, tuple[object, ...]]:
    return {row[0]: row[1:] for row in frame.select("code_profession", *columns).rows()}


def test_counts_and_densities(ground: Terrain) -> None:
    found = professions(ground)
    # Nobody practises in 88 in this extraction: its inhabitants are no denominator.
    assert ground.population == 1500
    assert by_profession(found, "profession", "professionnels", "communes_sans") == {
        None: (None, 2, 1),
        "10": ("Médecin", 1, 1),
        "60": ("Infirmier", 1, 1),
        "50": ("Sage-Femme", 0, 2),
    }
    densities = by_profession(
        found, "densite_pour_10000", "densite_departement_pour_10000", "densite_region_pour_10000"
    )
    assert densities["10"] == pytest.approx((10_000 / 1500, 20_000 / 3500, 20_000 / 7500))
    assert densities["60"] == pytest.approx((10_000 / 1500, 20_000 / 3500, 30_000 / 7500))
    assert densities[None] == pytest.approx((20_000 / 1500, 40_000 / 3500, 60_000 / 7500))
    assert found["profession"].to_list() == [None, "Médecin", "Infirmier", "Sage-Femme"]


def test_a_departement_counts_those_whose_commune_is_unknown() -> None:
    moselle = terrain(ROWS, COMMUNES, of_mesh(COMMUNES, "departement", "57"))
    assert by_profession(professions(moselle), "professionnels")["60"] == (2,)
    own = terrain(ROWS, COMMUNES, Territoire(("57001", "57002", "57003")))
    assert by_profession(professions(own), "professionnels")["60"] == (1,)


def test_ranks_among_peers(ground: Terrain) -> None:
    found = by_profession(ranks(ground, "epci"), "rang", "pairs", "mediane_pour_10000")
    # Doctors: E1 1 for 1500, E2 (57003, 54001) 2 for 6000; E3 has no inhabitants and is not ranked.
    assert found["10"] == (1, 2, pytest.approx((10_000 / 1500 + 20_000 / 6000) / 2))
    assert found["50"] == (2, 2, pytest.approx(10_000 / 6000 / 2))
    assert found[None] == (1, 2, pytest.approx((20_000 / 1500 + 40_000 / 6000) / 2))
    departement = terrain(ROWS, COMMUNES, of_mesh(COMMUNES, "departement", "57"))
    ranked = by_profession(ranks(departement, "departement"), "rang", "pairs")
    assert ranked["60"] == (1, 2)
    assert ranked["50"] == (2, 2)


def test_a_region_that_is_not_wholly_covered_is_not_its_own_rival() -> None:
    region = terrain(ROWS, COMMUNES, of_mesh(COMMUNES, "region", "44"))  # nobody in 88
    assert by_profession(ranks(region, "region"), "rang", "pairs")["60"] == (1, 1)
    nowhere = terrain(ROWS, COMMUNES, Territoire(("88001",)))
    assert ranks(nowhere, "epci").is_empty()
    assert by_profession(professions(nowhere), "professionnels", "densite_region_pour_10000")["10"] == (
        0,
        None,
    )


def test_a_territory_of_ones_own_is_ranked_as_one_more(ground: Terrain) -> None:
    own = terrain(ROWS, COMMUNES, Territoire(("57003", "57001")))
    found = by_profession(ranks(own, "epci"), "rang", "pairs")
    # 2 doctors for 3000 (6.67) like E1's 1 for 1500: both are first.
    assert found["10"] == (1, 3)
    partners = pl.DataFrame({"code_commune": ["57001", "57002", "54001"], "territoire": ["a", "a", "b"]})
    assert by_profession(ranks(ground, partners), "rang", "pairs")["50"] == (2, 2)
    with pytest.raises(UnknownName, match="canton"):
        ranks(ground, "canton")


def test_what_changed_here(ground: Terrain) -> None:
    before = activities(
        ("anne", "10", "54001", "s2"),  # comes from elsewhere in the region
        ("chloé", "60", "57001", "s1"),
        ("gina", "60", "57002", "s9"),  # leaves the directory
        ("brice", "10", "57003", "s3"),
    )
    found = changes(ground, before, DEPARTEMENTS)
    counts = by_profession(found, "debut", "arrivees", "entrees", "departs", "sorties", "fin")
    assert counts == {None: (2, 0, 1, 1, 0, 2), "10": (0, 0, 1, 0, 0, 1), "60": (2, 0, 0, 1, 0, 1)}
    moselle = terrain(ROWS, COMMUNES, of_mesh(COMMUNES, "departement", "57"))
    whole = by_profession(changes(moselle, before, DEPARTEMENTS), "debut", "arrivees", "fin")
    assert whole[None] == (3, 1, 4)  # emma arrives in the département without a known commune


def test_what_changed_follows_merged_communes(ground: Terrain) -> None:
    before = activities(("anne", "10", "57999", "s1"), ("gina", "10", "57999", "s9"))
    fusions = pl.LazyFrame({"ancien_code_commune": ["57999"], "code_commune": ["57001"]})
    found = by_profession(changes(ground, before, DEPARTEMENTS, fusions=fusions), "debut", "departs", "fin")
    assert found["10"] == (2, 1, 1)


def test_who_comes_from_elsewhere_under_another_number_does_not_arrive() -> None:
    """Recognised by the place left, which is not this territory's: « Évolution » says an entry, so does the sheet."""
    named = {"nom_exercice": "HANA", "prenom_exercice": "INES"}
    hana = [activities(("0hana", "60", "54001", "s2")), activities(("8hana", "60", "54001", "s2"),
                                                                  ("8hana", "60", "57001", "s1"))]  # fmt: skip
    before, after = (
        rows.with_columns(pl.lit(text).alias(name) for name, text in named.items()) for rows in hana
    )
    found = by_profession(
        changes(terrain(after, COMMUNES, E1), before, DEPARTEMENTS), "arrivees", "entrees", "fin"
    )
    assert found == {None: (0, 1, 1), "60": (0, 1, 1)}


def test_communes_without_and_the_nearest_with(ground: Terrain) -> None:
    trajet = Trajet(vitesse_km_h=60, detour=1)
    found = communes_without(ground, ["10"], trajet)
    assert found.select("code_commune", "population", "commune_proche").rows() == [("57002", 500, "Gamma")]
    assert found["distance_km"].to_list() == pytest.approx([4.0])
    assert found["temps_min"].to_list() == pytest.approx([4.0])
    midwives = communes_without(ground, ["50"], trajet)
    assert midwives["code_commune"].to_list() == ["57001", "57002"]
    assert midwives["distance_km"].to_list() == pytest.approx([30.0, 24.0])
    nobody = terrain(ROWS.filter(pl.col("code_profession") == "10"), COMMUNES, E1)
    assert communes_without(nobody, ["50"])["distance_km"].to_list() == [None, None]


def test_who_practises_in_several_places(ground: Terrain) -> None:
    found = several_places(ground)
    assert found.select("nom", "lieux", "lieux_ici", "communes_ici", "communes_ailleurs").rows() == [
        ("ANNE", 2, 1, ["57001"], ["54001"]),
        ("CHLOÉ", 2, 2, ["57001"], []),
    ]
    assert several_places(ground, ["60"])["nom"].to_list() == ["CHLOÉ"]


def test_communes_that_the_extraction_does_not_cover_are_left_out() -> None:
    across = terrain(ROWS, COMMUNES, Territoire(("57002", "88001")))
    assert across.population == 500
    assert communes_without(across, ["50"])["code_commune"].to_list() == ["57002"]
    # Told that 88 is covered, though the filters leave nobody there, it counts again.
    covered = terrain(ROWS, COMMUNES, across.territoire, departements=["54", "57", "88"])
    assert covered.population == 10_500
    assert communes_without(covered, ["50"])["code_commune"].to_list() == ["88001", "57002"]


def test_a_territory_without_inhabitants_has_no_density() -> None:
    empty = terrain(ROWS, COMMUNES, Territoire(("54002",)))
    assert by_profession(professions(empty), "professionnels", "densite_pour_10000")["10"] == (0, None)
    assert by_profession(ranks(empty, "epci"), "rang", "pairs")["10"] == (None, 2)
