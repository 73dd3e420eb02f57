"""Refreshing the reference with official files: what they carry changes, and nothing else."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely

from ingest.source import Context, Parsed, Snapshot, SourceFile
from ingest.sources.territoires import demo, geometry
from ingest.sources.territoires.reference import Territoires, load
from ingest.sources.territoires.source import SOURCE
from lake.contract import Table
from lake.errors import ContractError, MissingTable, UnknownName


def _no_table(table: Table) -> pl.LazyFrame:
    raise MissingTable(f"{table.name} n'est pas publiée.")


def parse(paths: Sequence[Path], region: str = "44") -> dict[str, Parsed]:
    files = tuple(SourceFile(path=p, name=p.name, sha256="", size=p.stat().st_size) for p in paths)
    snapshot = Snapshot(source="territoires", files=files, sha256="", date=None)
    context = Context(scan=_no_table, region=region, geocodeur="aucun", budget=0.01)
    out = {
        parsed.table.name.removeprefix("territoires__"): parsed for parsed in SOURCE.parse(snapshot, context)
    }
    for name, parsed in out.items():
        counted = parsed.frame.height + parsed.doublons + parsed.hors_region + parsed.rejects.height
        assert parsed.lues == counted, name
        assert parsed.table.conform(parsed.frame).rejects.height == 0, name
    assert tuple(parsed.table for parsed in out.values()) == SOURCE.tables
    return out


def changed(out: dict[str, Parsed], reference: Territoires) -> dict[str, list[dict[str, Any]]]:
    """Rows of each table that the reference does not hold as they are."""
    found = {}
    for table, frame in reference.items():
        name = table.name.removeprefix("territoires__")
        rows = out[name].frame.join(frame, on=frame.columns, how="anti", nulls_equal=True)
        lost = frame.join(out[name].frame, on=list(table.key), how="anti")
        if rows.height or lost.height:
            found[name] = rows.sort(list(table.key)).to_dicts()
    return found


@pytest.fixture(scope="module")
def reference() -> Territoires:
    return load()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> demo.Files:
    return demo.write(tmp_path_factory.mktemp("officiel"), ["08"])


def edit(path: Path, target: Path, change: Callable[[str], str], encoding: str = "utf-8") -> Path:
    target.write_text(change(path.read_text(encoding=encoding)), encoding=encoding)
    return target


def features_of(path: Path) -> dict[str, Any]:
    content = json.loads(gzip.decompress(path.read_bytes()))
    assert isinstance(content, dict)
    return content


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


def test_counts_of_a_full_delivery_close_on_the_lines_of_the_files(files: demo.Files) -> None:
    out = parse([files.communes, files.codes_postaux])
    # 447 communes listed; those of the nine other départements stay.
    assert out["communes"].lues == 447 + (5115 - 447)
    # One line in ten is followed by two localities of the same code.
    postal = files.codes_postaux.read_text(encoding="latin-1").splitlines()
    kept = out["codes_postaux"].frame.filter(pl.col("code_commune").str.starts_with("08")).height
    assert out["codes_postaux"].doublons == len(postal) - 1 - kept == 90
    # The five delegated communes say again what the packaged mergers say.
    assert out["fusions"].lues == 17


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
    assert len(fusions) == 18
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
        "447 commune(s) sans population connue : donnez aussi le fichier des populations.",
        "447 commune(s) sans code postal connu : donnez aussi le fichier de La Poste.",
    ]


# --- bad data --------------------------------------------------------------------------------------


def test_bad_lines_are_rejected_with_their_reason_and_yesterdays_row_stays(
    files: demo.Files, reference: Territoires, tmp_path: Path
) -> None:
    content = features_of(files.contours)
    by_code = {feature["properties"]["code"]: feature for feature in content["features"]}
    by_code["08001"]["properties"]["departement"] = None
    by_code["08003"]["properties"]["epci"] = "999999999"
    by_code["08004"]["properties"]["departement"] = "51"
    by_code["08005"]["geometry"] = None
    by_code["08006"]["geometry"] = {"type": "Polygon", "coordinates": [[[4.0, 49.0], [4.1, 49.0]]]}
    path = tmp_path / "communes.geojson"
    path.write_text(json.dumps(content), encoding="utf-8")
    out = parse([path])
    reasons = dict(
        out["communes"]
        .rejects.select(pl.col("contenu").str.extract(r'"code": "(\d{5})"'), "motif")
        .iter_rows()
    )
    assert reasons == {
        "08001": "département absent",
        "08003": "EPCI inconnu (donnez aussi le fichier des EPCI)",
        "08004": "le département ne correspond pas au code de la commune",
    }
    assert out["communes"].lues == 5115 + 3
    assert set(out["contours"].rejects["motif"]) == {"géométrie absente, vide ou illisible"}
    assert out["contours"].rejects.height == 2
    assert changed(out, reference) == {}


def test_an_invalid_geometry_is_repaired_and_said(files: demo.Files, tmp_path: Path) -> None:
    content = features_of(files.contours)
    feature = next(f for f in content["features"] if f["properties"]["code"] == "08003")
    ring = feature["geometry"]["coordinates"][0]
    (x, y), _second = ring[0], ring[1]
    # A spike that crosses the border on its way back.
    feature["geometry"]["coordinates"][0] = [
        *ring[:-1],
        [x + 0.0003, y + 0.0003],
        [x - 0.0003, y + 0.0002],
        ring[-1],
    ]
    broken = shapely.from_geojson(json.dumps(feature["geometry"]))
    assert not broken.is_valid
    path = tmp_path / "communes.geojson"
    path.write_text(json.dumps(content), encoding="utf-8")
    out = parse([path])
    assert out["contours"].figures["géométries réparées"] == 1
    shapes = np.array(list(geometry.from_frame(out["contours"].frame, "commune").values()), dtype=object)
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)


def test_bad_postal_and_population_lines_are_rejected_with_their_line(
    files: demo.Files, reference: Territoires, tmp_path: Path
) -> None:
    bad = [
        "08998;NULLE PART;08000;NULLE PART;",
        "08001;ACY;8300;ACY;",
        "08001;ACY;08300",
        "29019;BREST;29200;BREST;",
    ]
    postal = edit(
        files.codes_postaux,
        tmp_path / "cp.csv",
        lambda t: t + "\r\n".join([*bad, ""]),
        encoding="latin-1",
    )
    lines = len(postal.read_text(encoding="latin-1").splitlines())
    population = edit(
        files.populations, tmp_path / "p.csv", lambda t: t + "44;;08;1;01;998;Nulle Part;12;0;12\r\n"
    )
    out = parse([postal, population])
    rejects = out["codes_postaux"].rejects.sort("ligne").select("fichier", "ligne", "motif").rows()
    assert rejects == [
        ("cp.csv", lines - 3, "code postal d'une commune inconnue"),
        ("cp.csv", lines - 2, "code postal absent ou mal formé"),
        ("cp.csv", lines - 1, "3 champs au lieu de 5"),
    ]
    assert out["codes_postaux"].hors_region == 1
    assert out["communes"].rejects["motif"].to_list() == ["population d'une commune inconnue"]
    assert out["communes"].lues == 5116
    assert changed(out, reference) == {}


def test_a_code_described_twice_differently_is_rejected_once(files: demo.Files, tmp_path: Path) -> None:
    again = "COM,08003,44,08,08D,081,0,AUTRE,Autre,Autre,0801,\r\n"
    out = parse([edit(files.communes, tmp_path / "c.csv", lambda t: t + again)])
    rejects = out["communes"].rejects
    assert rejects.height == 1
    assert "déjà décrit autrement" in rejects["motif"].item()
    assert out["communes"].frame.filter(pl.col("code_commune") == "08003")["commune"].item() == "Aiglemont"


# --- recognising files -----------------------------------------------------------------------------


def test_an_unrecognised_file_is_named_and_the_recognised_ones_listed(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text("a;b\n1;2\n", encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        parse([path])
    assert "« liste.csv »" in str(caught.value)
    assert "communes du COG de l'INSEE" in caught.value.conseil
    assert "codes postaux de La Poste" in caught.value.conseil


@pytest.mark.parametrize(
    ("name", "payload", "said"),
    [
        ("vide.csv", b"", "est vide"),
        ("vide.csv", b"\xef\xbb\xbf \n", "est vide"),
        ("coupe.geojson", b'{"type": "FeatureCollection", "features": [', "abîmé ou tronqué"),
        ("coupe.geojson.gz", gzip.compress(b"[1]" * 500)[:-9], "abîmé ou tronqué"),
        ("coupe.zip", b"PK\x03\x04" + b"\0" * 40, "abîmée ou tronquée"),
        ("reglages.toml", b"[build-system]\nrequires = []\n", "n'est pas un fichier reconnu"),
        ("autre.json", b'[{"code": "x"}]', "n'est pas un fichier reconnu"),
        (
            "autre.geojson",
            b'{"features": [{"properties": {"code": "?", "nom": "?"}}]}',
            "n'est pas un fichier",
        ),
        ("sans_ligne.csv", b"DEP,REG,CHEFLIEU,TNCC,NCC,NCCENR,LIBELLE\n", "ne contient aucune ligne"),
    ],
)
def test_damaged_or_foreign_files_are_refused_in_one_sentence(
    name: str, payload: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(payload)
    with pytest.raises(ContractError, match=said) as caught:
        parse([path])
    assert f"« {name} »" in str(caught.value)


def test_files_are_recognised_whatever_their_name_and_packing(
    files: demo.Files, reference: Territoires, tmp_path: Path
) -> None:
    archive = tmp_path / "n_importe_quoi"
    with zipfile.ZipFile(archive, "w") as out:
        out.write(files.populations, "donnees.csv")
        out.writestr("metadonnees.csv", "COD_VAR;LIB_VAR\nPMUN;Population municipale\n")
        out.writestr("lisezmoi.txt", "Populations de référence")
    parsed = parse([archive])
    assert parsed["communes"].figures["populations mises à jour"] == 447
    assert parsed["communes"].figures["fichiers reconnus"] == "n_importe_quoi/donnees.csv : populations"
    assert changed(parsed, reference) == {}


def test_outlines_of_regions_and_departements_are_told_apart_by_name(
    reference: Territoires, tmp_path: Path
) -> None:
    shape = json.loads(shapely.to_geojson(shapely.box(-2.0, 47.0, -1.0, 48.0)))

    def collection(code: str, nom: str, **more: str) -> Path:
        path = tmp_path / f"{nom}.geojson"
        feature = {"type": "Feature", "properties": {"code": code, "nom": nom, **more}, "geometry": shape}
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
        return path

    out = parse([collection("44", "Loire-Atlantique", region="52")])
    drawn = geometry.from_frame(out["contours"].frame, "departement")["44"]
    assert drawn.bounds == (-2.0, 47.0, -1.0, 48.0)
    out = parse([collection("44", "Grand Est")])
    news = changed(out, reference)
    assert news == {}  # the région is already drawn from its communes
    assert out["contours"].doublons == 1


def test_the_date_is_that_of_the_cog(files: demo.Files, tmp_path: Path) -> None:
    assert SOURCE.date_of([]) == date(2026, 1, 1)
    assert SOURCE.date_of([files.communes, files.codes_postaux]) == date(2026, 1, 1)
    assert SOURCE.date_of([files.codes_postaux]) is None
    with pytest.raises(ContractError, match="2025 et 2026"):
        SOURCE.date_of([files.communes, tmp_path / "v_region_2025.csv"])


def test_official_addresses_are_secure_and_cover_every_object() -> None:
    urls = SOURCE.urls("44")
    assert all(url.startswith("https://") for url in urls.values())
    assert {"v_commune_2026.csv", "communes-100m.geojson.gz", "epci-100m.geojson.gz"} <= set(urls)
    assert SOURCE.date_of([Path(name) for name in urls]) == date(2026, 1, 1)
