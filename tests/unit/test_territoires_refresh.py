"""Refreshing the reference with official files: what they carry changes, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import shapely

from bench import territoires_files as demo
from ingest.sources.territoires import geometry
from ingest.sources.territoires.reference import Territoires, load
from lake.errors import UnknownName
from tests.unit.territoires_delivery import changed, edit, features_of, parse


@pytest.fixture(scope="module")
def reference() -> Territoires:
    return load()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> demo.Files:
    return demo.write(tmp_path_factory.mktemp("officiel"), ["08"])


# --- without files ---------------------------------------------------------------------------------


def test_without_files_the_packaged_reference_is_published(reference: Territoires) -> None:
    out = parse([])
    assert changed(out, reference) == {}
    assert out["communes"].lues == 5115
    assert out["communes"].warnings == []


@pytest.mark.parametrize(
    ("region", "named"), [("53", "pour la région Bretagne,"), ("france", "pour toute la France,")]
)
def test_elsewhere_the_reference_serves_its_nomenclatures_and_says_what_it_lacks(
    region: str, named: str, reference: Territoires
) -> None:
    out = parse([], region=region)
    assert changed(out, reference) == {}
    assert len(out["communes"].warnings) == 1
    assert "que les communes de la région Grand Est" in out["communes"].warnings[0]
    assert named in out["communes"].warnings[0]


def test_files_of_another_region_alone_leave_nothing_to_publish(files: demo.Files) -> None:
    out = parse([files.communes], region="53")
    assert out["communes"].frame.height == 0
    assert out["communes"].hors_region == 447 + 5115
    assert "région 53" in out["communes"].warnings[0]
    assert out["departements"].frame.height == 107


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(UnknownName, match="99"):
        parse([], region="99")


# --- files that say what is known already ----------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        ["communes"],
        ["mouvements"],
        ["departements", "regions"],
        ["populations"],
        ["melodi"],
        ["codes_postaux"],
        ["contours", "contours_epci"],
        ["json_communes", "json_epci"],
        list(demo.Files.__dataclass_fields__),
    ],
    ids=" ".join,
)
def test_files_of_the_same_vintage_change_nothing(
    names: list[str], files: demo.Files, reference: Territoires
) -> None:
    out = parse([getattr(files, name) for name in names])
    assert changed(out, reference) == {}
    assert all(parsed.rejects.height == 0 for parsed in out.values())


def test_counts_of_a_full_delivery_close_on_the_lines_of_the_files(
    files: demo.Files, reference: Territoires
) -> None:
    out = parse([files.communes, files.codes_postaux])
    # 447 communes listed; those of the nine other départements stay.
    assert out["communes"].lues == 447 + (5115 - 447)
    # One line in ten is followed by two localities of the same code.
    postal = files.codes_postaux.read_text(encoding="latin-1").splitlines()
    kept = out["codes_postaux"].frame.filter(pl.col("code_commune").str.starts_with("08")).height
    assert out["codes_postaux"].doublons == len(postal) - 1 - kept == 90
    # The five delegated communes say again what the packaged mergers say.
    assert out["fusions"].lues == reference.fusions.height


# --- files that bring news -------------------------------------------------------------------------


def test_new_populations_change_the_communes_and_their_epci(
    files: demo.Files, reference: Territoires, tmp_path: Path
) -> None:
    before = reference.communes.row(by_predicate=pl.col("code_commune") == "08105", named=True)

    def grow(text: str) -> str:
        line = next(line for line in text.splitlines() if ";105;" in line)
        fields = line.split(";")
        fields[7], fields[9] = str(before["population"] + 100), str(before["population_totale"] + 120)
        return text.replace(line, ";".join(fields))

    out = parse([edit(files.populations, tmp_path / "p.csv", grow)])
    news = changed(out, reference)
    assert set(news) == {"communes", "epci"}
    after = [{**before, "population": before["population"] + 100}]
    after[0]["population_totale"] += 120
    assert news["communes"] == after
    assert [row["siren_epci"] for row in news["epci"]] == [before["siren_epci"]]
    total = reference.epci.filter(pl.col("siren_epci") == before["siren_epci"])["population"].item()
    assert news["epci"][0]["population"] == total + 100


def test_a_renamed_commune_changes_its_name_only(
    files: demo.Files, reference: Territoires, tmp_path: Path
) -> None:
    out = parse(
        [edit(files.communes, tmp_path / "c.csv", lambda t: t.replace("Aiglemont", "Aiglemont-le-Haut"))]
    )
    news = changed(out, reference)
    assert set(news) == {"communes"}
    assert [(row["code_commune"], row["commune"]) for row in news["communes"]] == [
        ("08003", "Aiglemont-le-Haut")
    ]


def test_a_merger_hands_over_outline_inhabitants_and_postal_codes(
    reference: Territoires, tmp_path: Path
) -> None:
    """08003 Aiglemont joins its neighbour 08040; only a new COG and its movements are given."""
    neighbours = geometry.from_frame(reference.contours, "commune")
    successor = next(
        code
        for code in reference.communes.filter(pl.col("code_departement") == "08")["code_commune"]
        if code != "08003" and neighbours[code].intersection(neighbours["08003"]).length > 0
    )
    merged = replace(
        reference,
        communes=reference.communes.filter(pl.col("code_commune") != "08003"),
        fusions=pl.concat(
            [
                reference.fusions,
                pl.DataFrame(
                    {
                        "ancien_code_commune": ["08003"],
                        "ancienne_commune": ["Aiglemont"],
                        "code_commune": [successor],
                    }
                ),
            ]
        ),
    )
    written = demo.write(tmp_path, ["08"], merged)
    out = parse([written.communes, written.mouvements])

    communes = out["communes"]
    assert communes.frame.height == 5114
    assert communes.frame["population"].sum() == 5_563_378
    assert communes.figures["communes disparues"] == 1
    assert communes.warnings == []
    fusions = dict(out["fusions"].frame.select("ancien_code_commune", "code_commune").iter_rows())
    assert fusions["08003"] == successor
    assert len(fusions) == reference.fusions.height + 1
    shapes = geometry.from_frame(out["contours"].frame, "commune")
    assert "08003" not in shapes
    whole = shapely.union_all([neighbours["08003"], neighbours[successor]])
    assert shapes[successor].symmetric_difference(whole).area == 0
    postal = out["codes_postaux"].frame.filter(pl.col("code_commune") == successor)["code_postal"].to_list()
    expected = reference.codes_postaux.filter(pl.col("code_commune").is_in(["08003", successor]))[
        "code_postal"
    ]
    assert postal == sorted(set(expected))
    # Nothing else moves: the département keeps its outline.
    news = changed(out, reference)
    contours = {(row["maille"], row["code"]) for row in news["contours"] if row["maille"] != "epci"}
    assert contours == {("commune", successor)}


def test_chained_mergers_lead_to_the_commune_in_force(
    reference: Territoires, files: demo.Files, tmp_path: Path
) -> None:
    """67014 went to 67418 (packaged); were 67418 to join 67482, both would lead there."""
    header = files.mouvements.read_text(encoding="utf-8").splitlines()[0]
    line = "32,2027-01-01,COM,67418,0,X,X,X,COM,67482,0,STRASBOURG,Strasbourg,Strasbourg"
    moves = tmp_path / "mvt.csv"
    moves.write_text(f"{header}\n{line}\n", encoding="utf-8")
    cog = demo.write(
        tmp_path / "cog",
        ["67"],
        replace(reference, communes=reference.communes.filter(pl.col("code_commune") != "67418")),
    ).communes
    out = parse([cog, moves])
    fusions = dict(out["fusions"].frame.select("ancien_code_commune", "code_commune").iter_rows())
    assert fusions["67418"] == fusions["67014"] == "67482"


def test_a_commune_that_vanishes_without_successor_is_said(files: demo.Files, tmp_path: Path) -> None:
    def drop(text: str) -> str:
        return "\n".join(line for line in text.splitlines() if ",08003," not in line)

    out = parse([edit(files.communes, tmp_path / "c.csv", drop)])
    assert out["communes"].frame.height == 5114
    assert "sans successeur connu" in out["communes"].warnings[0]


def test_another_epci_membership_moves_the_outlines(
    files: demo.Files, reference: Territoires, tmp_path: Path
) -> None:
    groups = json.loads(files.json_epci.read_text(encoding="utf-8"))
    source = next(g for g in groups if any(m["code"] == "08003" for m in g["membres"]))
    target = next(g for g in groups if g is not source)
    source["membres"] = [m for m in source["membres"] if m["code"] != "08003"]
    target["membres"].append({"code": "08003", "nom": "Aiglemont"})
    path = tmp_path / "epci.json"
    path.write_text(json.dumps(groups), encoding="utf-8")
    out = parse([path])
    news = changed(out, reference)
    assert [(row["code_commune"], row["siren_epci"]) for row in news["communes"]] == [
        ("08003", target["code"])
    ]
    both = sorted([source["code"], target["code"]])
    assert [row["siren_epci"] for row in news["epci"]] == both
    assert [(row["maille"], row["code"]) for row in news["contours"]] == [("epci", code) for code in both]
    shapes = geometry.from_frame(out["contours"].frame, "commune")
    members = out["communes"].frame.filter(pl.col("siren_epci") == target["code"])["code_commune"]
    union = shapely.union_all([shapes[code] for code in members])
    drawn = geometry.from_frame(out["contours"].frame, "epci")[target["code"]]
    assert union.symmetric_difference(drawn).area == 0


def test_new_outlines_of_one_departement_leave_no_gap_with_its_neighbours(
    files: demo.Files, reference: Territoires, tmp_path: Path
) -> None:
    """Finer outlines than the reference's, moved by 200 m: neighbours are drawn up to them."""
    content = features_of(files.contours)
    for feature in content["features"]:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        moved = shapely.transform(
            shapely.segmentize(shape, 0.004), lambda xy: xy + 0.002 * np.array([1.0, 0.0])
        )
        feature["geometry"] = json.loads(shapely.to_geojson(moved))
    path = tmp_path / "communes.geojson"
    path.write_text(json.dumps(content), encoding="utf-8")
    out = parse([path])
    shapes = geometry.from_frame(out["contours"].frame, "commune")
    geometries = np.array(list(shapes.values()), dtype=object)
    assert len(shapes) == 5115
    assert shapely.is_valid(geometries).all()
    assert shapely.coverage_is_valid(geometries)
    union = shapely.union_all(geometries)
    assert shapely.area(geometries).sum() == pytest.approx(union.area, rel=1e-9)
    assert sum(shapely.Polygon(ring).area for ring in getattr(union, "interiors", [])) < 1e-4
    before = geometry.from_frame(reference.contours, "commune")
    touched = {code[:2] for code in shapes if not geometry.same(shapes[code], before[code])}
    assert touched == {"08", "51", "55"}
    departement = geometry.from_frame(out["contours"].frame, "departement")["08"]
    ardennes = shapely.union_all([g for code, g in shapes.items() if code.startswith("08")])
    assert departement.symmetric_difference(ardennes).area == 0


def test_former_communes_in_outlines_are_drawn_within_their_successor(
    reference: Territoires, tmp_path: Path
) -> None:
    """Outlines of an earlier vintage: 08173 and its three former communes, as two halves."""
    before = geometry.from_frame(reference.contours, "commune")["08173"]
    west, south, east, north = before.bounds
    middle = (west + east) / 2
    halves = {
        "08173": before.intersection(shapely.box(west, south, middle, north)),
        "08042": before.intersection(shapely.box(middle, south, east, north)),
    }
    content = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": code, "nom": code},
                "geometry": json.loads(shapely.to_geojson(half)),
            }
            for code, half in halves.items()
        ],
    }
    path = tmp_path / "anciens.geojson"
    path.write_text(json.dumps(content), encoding="utf-8")
    out = parse([path])
    after = geometry.from_frame(out["contours"].frame, "commune")["08173"]
    # The cut leaves nodes on the border, then simplified anew: the two drawings are close, not equal.
    assert after.symmetric_difference(before).area < 0.03 * before.area
    assert out["contours"].doublons == 1


def test_a_new_commune_without_centre_takes_a_point_inside_its_outline(
    files: demo.Files, tmp_path: Path
) -> None:
    """Another région's files on an empty ground: everything comes from them."""
    content = features_of(files.contours)
    for feature in content["features"]:
        properties = feature["properties"]
        properties["code"] = "35" + properties["code"][2:]
        properties["departement"], properties["region"] = "35", "53"
    contours = tmp_path / "communes.geojson"
    contours.write_text(json.dumps(content), encoding="utf-8")
    out = parse([contours, files.contours_epci], region="53")
    communes = out["communes"].frame
    assert communes.height == 447
    assert communes["code_region"].unique().to_list() == ["53"]
    assert communes["longitude"].null_count() == 0
    assert out["epci"].frame.height == 8
    assert out["communes"].hors_region == 5115
    shapes = geometry.from_frame(out["contours"].frame, "commune")
    row = communes.row(by_predicate=pl.col("code_commune") == "35003", named=True)
    assert shapes["35003"].covers(shapely.Point(row["longitude"], row["latitude"]))
    # The département is drawn from its communes, and so is nothing of Grand Est.
    assert geometry.same(
        geometry.from_frame(out["contours"].frame, "departement")["35"], geometry.merge(list(shapes.values()))
    )
    # Nothing gave their inhabitants nor their postal codes, and the report says so.
    assert not out["codes_postaux"].frame.height
    assert communes["population"].null_count() == 447
    assert out["communes"].warnings == [
        "447 communes sans population connue : donnez aussi le fichier des populations.",
        "447 communes sans code postal connu : donnez aussi le fichier de La Poste.",
    ]


# --- names that change -----------------------------------------------------------------------------

_SIDE = ("TYPECOM", "COM", "TNCC", "NCC", "NCCENR", "LIBELLE")
_MOVES = ",".join(["MOD", "DATE_EFF", *(f"{c}_AV" for c in _SIDE), *(f"{c}_AP" for c in _SIDE)])


def _move(kind: str, day: str, before: tuple[str, str], after: tuple[str, str]) -> str:
    code, name = before
    new, renamed = after
    sides = [f"COM,{c},0,{n.upper()},{n},{n}" for c, n in ((code, name), (new, renamed))]
    return f"{kind},{day},{','.join(sides)}"


def test_a_commune_that_was_renamed_keeps_its_former_name(tmp_path: Path) -> None:
    path = tmp_path / "v_mvt_commune_2026.csv"
    moves = [
        _MOVES,
        _move("10", "2022-01-01", ("88465", "Ancienne-Vallée"), ("88465", "Thaon-les-Vosges")),
        # An older name, and one that is its name again.
        _move("10", "1999-01-01", ("88465", "Très-Ancienne"), ("88465", "Ancienne-Vallée")),
        _move("10", "2024-01-01", ("67482", "Strasbourg"), ("67482", "Strasbourg-Ville")),
        # The seat of a merger keeps its code and loses its name; the other one loses both.
        _move("32", "2016-01-01", ("67004", "Allenwiller"), ("67004", "Sommerau")),
        _move("32", "2016-01-01", ("67469", "Singrist"), ("67004", "Sommerau")),
    ]
    path.write_text("\n".join(moves) + "\n", encoding="utf-8")
    frame = parse([path])["fusions"].frame
    rows = {row["ancien_code_commune"]: row for row in frame.to_dicts()}
    # Each former name leads to the commune: addresses still bear them.
    renamed = frame.filter(ancien_code_commune="88465")
    assert {"Ancienne-Vallée", "Très-Ancienne"} <= set(renamed["ancienne_commune"])
    assert set(renamed["code_commune"]) == {"88465"}
    assert "67482" not in rows
    assert (rows["67004"]["ancienne_commune"], rows["67004"]["code_commune"]) == ("Allenwiller", "67004")
    assert (rows["67469"]["ancienne_commune"], rows["67469"]["code_commune"]) == ("Singrist", "67004")
