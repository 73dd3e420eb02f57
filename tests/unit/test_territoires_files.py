"""Files that are bad, damaged or foreign, and files recognised whatever their name."""

from __future__ import annotations

import gzip
import json
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import shapely

from bench import territoires_files as demo
from ingest.sources.territoires import geometry
from ingest.sources.territoires.reference import Territoires, load
from ingest.sources.territoires.source import SOURCE
from lake.errors import ContractError, LakeError
from tests.unit.territoires_delivery import changed, edit, features_of, parse


@pytest.fixture(scope="module")
def reference() -> Territoires:
    return load()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> demo.Files:
    return demo.write(tmp_path_factory.mktemp("officiel"), ["08"])


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
        ("coupe.geojson.gz", gzip.compress(b"[1]" * 500, mtime=0)[:-9], "abîmée ou tronquée"),
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
    with pytest.raises(LakeError, match=said) as caught:
        parse([path])
    assert name in str(caught.value)


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
