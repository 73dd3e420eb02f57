"""The packaged reference: what it holds, how it sums, and that its meshes fit one another."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
import shapely

from ingest.sources.territoires import geometry
from ingest.sources.territoires.reference import COLLECTIVITES, FOLDER, Territoires, load
from lake.catalog import territoires as catalog

GRAND_EST = ["08", "10", "51", "52", "54", "55", "57", "67", "68", "88"]


@pytest.fixture(scope="module")
def reference() -> Territoires:
    return load()


@pytest.fixture(scope="module")
def shapes(reference: Territoires) -> dict[str, dict[str, shapely.Geometry]]:
    meshes = ("commune", "epci", "departement", "region")
    return {mesh: geometry.from_frame(reference.contours, mesh) for mesh in meshes}


def array(geometries: dict[str, shapely.Geometry]) -> np.ndarray:
    return np.array(list(geometries.values()), dtype=object)


def test_every_table_keeps_its_contract(reference: Territoires) -> None:
    seen = []
    for table, frame in reference.items():
        conformed = table.conform(frame)
        assert conformed.rejects.height == 0, table.name
        assert conformed.valid.height == frame.height
        seen.append(table)
    assert tuple(seen) == catalog.TABLES
    assert seen[-1] is catalog.COMMUNES


def test_grand_est_has_its_5115_communes_by_departement(reference: Territoires) -> None:
    counts = reference.communes.group_by("code_departement").len().sort("code_departement")
    assert counts["code_departement"].to_list() == GRAND_EST
    assert counts["len"].to_list() == [447, 431, 610, 426, 591, 499, 725, 514, 366, 506]
    assert reference.communes.height == 5115
    assert reference.communes["code_region"].unique().to_list() == ["44"]
    assert reference.communes["siren_epci"].null_count() == 0


def test_populations_sum_to_the_published_totals(reference: Territoires) -> None:
    assert reference.communes["population"].sum() == 5_563_378
    assert reference.communes["population_totale"].sum() == 5_664_044
    assert reference.epci["population"].sum() == 5_563_378
    bas_rhin = reference.communes.filter(pl.col("code_departement") == "67")
    assert bas_rhin["population"].sum() == 1_163_810


def test_the_150_epci_by_nature(reference: Territoires) -> None:
    natures = dict(reference.epci.group_by("nature_epci").len().iter_rows())
    assert natures == {"CC": 126, "CA": 20, "CU": 1, "ME": 3}
    metropoles = reference.epci.filter(pl.col("nature_epci") == "ME")["epci"].sort().to_list()
    assert metropoles == ["Eurométropole de Strasbourg", "Metz Métropole", "Métropole du Grand Nancy"]


def test_the_straddling_epci_keeps_its_communes_of_the_region(reference: Territoires) -> None:
    row = reference.epci.row(by_predicate=pl.col("siren_epci") == "200070332", named=True)
    assert row["epci"] == "CC des Savoir-Faire"
    members = reference.communes.filter(pl.col("siren_epci") == "200070332")
    assert set(members["code_departement"]) == {"52"}
    assert row["population"] == members["population"].sum()


def test_departements_and_regions_are_all_there(reference: Territoires) -> None:
    deps = dict(reference.departements.select("code_departement", "departement").iter_rows())
    assert len(deps) == 101 + len(COLLECTIVITES)
    assert deps["2A"] == "Corse-du-Sud"
    assert deps["2B"] == "Haute-Corse"
    assert deps["974"] == "La Réunion"
    assert deps["975"] == "Saint-Pierre-et-Miquelon"
    assert deps["977"] == "Saint-Barthélemy"
    regions = dict(reference.regions.iter_rows())
    assert len(regions) == 18 + len(COLLECTIVITES)
    assert regions["44"] == "Grand Est"
    for code, name in COLLECTIVITES.items():
        assert deps[code] == regions[code] == name
    parents = dict(reference.departements.select("code_departement", "code_region").iter_rows())
    assert sorted(code for code, region in parents.items() if region == "44") == GRAND_EST
    assert parents["978"] == "978"


def test_former_communes_lead_to_communes_in_force(reference: Territoires) -> None:
    fusions = dict(reference.fusions.select("ancien_code_commune", "code_commune").iter_rows())
    assert len(fusions) > 500
    # Mergers from the law of 2010 on, and older ones; delegated communes keep their name.
    assert fusions["68310"] == fusions["68164"] == fusions["68162"] == "68162"
    assert fusions["67469"] == "67004"
    assert fusions["67014"] == "67418"
    assert fusions["08042"] == fusions["08079"] == fusions["08152"] == "08173"
    in_force = set(reference.communes["code_commune"])
    assert set(fusions.values()) <= in_force
    again = {code for code in set(fusions) & in_force if fusions[code] != code}
    assert not again
    names = dict(reference.fusions.select("ancien_code_commune", "ancienne_commune").iter_rows())
    assert (names["68310"], names["68162"]) == ("Sigolsheim", "Kaysersberg")
    assert (names["88465"], names["51108"]) == ("Capavenir Vosges", "Châlons-sur-Marne")
    now = dict(reference.communes.select("code_commune", "commune").iter_rows())
    assert not [code for code, name in names.items() if now.get(code) == name]
    assert names["57585"] == "Ritzing"
    assert names["88465"] == "Capavenir Vosges"
    assert names["51108"] == "Châlons-sur-Marne"
    # Mergers of before 2018.
    assert (fusions["68310"], names["68310"]) == ("68162", "Sigolsheim")
    assert (fusions["67469"], names["67469"]) == ("67004", "Singrist")


def test_the_seven_partner_territories_resolve(reference: Territoires) -> None:
    partners = reference.partenaires.join(reference.epci, on="siren_epci", how="left")
    assert partners["epci"].null_count() == 0
    assert partners["code"].n_unique() == 7
    assert partners.height == 12
    saverne = partners.filter(pl.col("code") == "saverne-plaine-plateau")
    assert saverne["siren_epci"].sort().to_list() == ["200067783", "200067841", "200068112"]


def test_postal_codes_cover_every_commune(reference: Territoires) -> None:
    postal = reference.codes_postaux
    assert postal.height == 5143
    assert set(postal["code_commune"]) == set(reference.communes["code_commune"])
    strasbourg = postal.filter(pl.col("code_commune") == "67482")["code_postal"].sort().to_list()
    assert strasbourg == ["67000", "67100", "67200"]


def test_every_territory_has_one_valid_outline(
    reference: Territoires, shapes: dict[str, dict[str, shapely.Geometry]]
) -> None:
    assert {mesh: len(found) for mesh, found in shapes.items()} == {
        "commune": 5115, "epci": 150, "departement": 101, "region": 18,
    }  # fmt: skip
    assert set(shapes["commune"]) == set(reference.communes["code_commune"])
    assert set(shapes["epci"]) == set(reference.epci["siren_epci"])
    for mesh, found in shapes.items():
        geometries = array(found)
        assert shapely.is_valid(geometries).all(), mesh
        assert not shapely.is_empty(geometries).any()
        assert set(shapely.get_type_id(geometries)) <= {3, 6}


def test_neighbouring_communes_share_their_borders(shapes: dict[str, dict[str, shapely.Geometry]]) -> None:
    communes = array(shapes["commune"])
    assert shapely.coverage_is_valid(communes)
    union = shapely.union_all(communes)
    assert shapely.area(communes).sum() == pytest.approx(union.area, rel=1e-12)
    # No gap is left between neighbours: the region is one piece without a hole.
    assert union.geom_type == "Polygon"
    assert len(union.interiors) == 0


def test_coarser_meshes_are_the_exact_union_of_their_communes(
    reference: Territoires, shapes: dict[str, dict[str, shapely.Geometry]]
) -> None:
    for mesh, column in (
        ("epci", "siren_epci"),
        ("departement", "code_departement"),
        ("region", "code_region"),
    ):
        for (code,), rows in reference.communes.group_by(column):
            union = shapely.union_all([shapes["commune"][c] for c in rows["code_commune"]])
            assert union.symmetric_difference(shapes[mesh][str(code)]).area == 0, (mesh, code)


def test_coarse_neighbours_come_up_to_the_edge_of_the_region(
    shapes: dict[str, dict[str, shapely.Geometry]],
) -> None:
    region = shapes["region"]["44"]
    neighbours = [shapes["departement"][code] for code in ("02", "77", "89", "21", "70", "90")]
    # Square degrees: 5e-5 is about 0.4 km², along 600 km of shared border.
    assert sum(n.intersection(region).area for n in neighbours) < 5e-5
    parts = shapely.get_parts(shapely.union_all([region, *neighbours], grid_size=1e-4))
    around = max(parts, key=lambda part: part.area)  # the others are exclaves within farther départements
    holes = sorted(shapely.Polygon(ring).area for ring in around.interiors)
    # The one hole is an exclave of the Oise within the Aisne, which is not among these neighbours.
    assert sum(holes) < 1e-4


def test_centres_are_in_their_commune_or_close(
    reference: Territoires, shapes: dict[str, dict[str, shapely.Geometry]]
) -> None:
    rows = reference.communes.select("code_commune", "longitude", "latitude").iter_rows()
    away = {c: shapes["commune"][c].distance(shapely.Point(x, y)) for c, x, y in rows}
    outside = {code: distance for code, distance in away.items() if distance > 0}
    assert len(outside) < 40
    # The farthest is Amnéville, in two parts on either side of its neighbours.
    assert max(outside, key=lambda code: outside[code]) == "57019"
    assert outside["57019"] < 0.02


def test_points_of_coarser_meshes_are_inside_them(
    reference: Territoires, shapes: dict[str, dict[str, shapely.Geometry]]
) -> None:
    deps = reference.departements.filter(pl.col("longitude").is_not_null())
    assert deps.height == 101
    for code, x, y in deps.select("code_departement", "longitude", "latitude").iter_rows():
        assert shapes["departement"][code].covers(shapely.Point(x, y)), code
    for code, x, y in reference.epci.select("siren_epci", "longitude", "latitude").iter_rows():
        assert shapes["epci"][code].covers(shapely.Point(x, y)), code


def test_outlines_are_light_and_rounded(reference: Territoires) -> None:
    sizes = {
        str(mesh): rows["geojson"].str.len_bytes().sum()
        for (mesh,), rows in reference.contours.group_by("maille")
    }
    assert sizes["commune"] < 1_600_000
    assert sizes["epci"] < 250_000
    inside = (pl.col("maille") == "departement") & pl.col("code").is_in(GRAND_EST)
    assert reference.contours.filter(inside)["geojson"].str.len_bytes().sum() < 80_000
    assert sizes["departement"] < 150_000
    assert sizes["region"] < 80_000
    communes = array(geometry.from_frame(reference.contours, "commune"))
    xy = shapely.get_coordinates(communes)
    assert (np.round(xy, 4) == xy).all()
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_000_000


def test_outer_rings_turn_clockwise_as_map_libraries_expect(reference: Territoires) -> None:
    text = reference.contours.filter(pl.col("code") == "67482")["geojson"].item()
    ring = json.loads(text)["coordinates"][0]
    assert not shapely.LinearRing(ring).is_ccw
