"""The demo files of the address base: layout, counts, positions, determinism."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from demo.ban.voies import capitales, catalogue, of_town
from demo.ban.write import BanDemo, apportion, write_ban
from lake.errors import ContractError
from lake.geo import LAMBERT_93, to_metres

HEADER = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;"
    "nom_ancienne_commune;x;y;lon;lat;type_position;alias;nom_ld;libelle_acheminement;nom_afnor;"
    "source_position;source_nom_voie;certification_commune;cad_parcelles"
)

COMMUNES = pl.DataFrame(
    [
        ("67482", "Strasbourg", "67", "246700488", 291_313, 7.7508, 48.5691),
        ("67130", "Erstein", "67", "200067924", 11_000, 7.6612, 48.4215),
        ("67418", "Sainte-Chapelle", "67", "200067924", 900, 7.55, 48.9),
        ("08105", "Charleville-Mézières", "08", "200041630", 46_000, 4.7167, 49.7667),
        ("55039", "Beaumont-en-Verdunois", "55", "200049187", 0, 5.4, 49.24),
    ],
    schema={
        "code_commune": pl.String,
        "commune": pl.String,
        "code_departement": pl.String,
        "siren_epci": pl.String,
        "population": pl.Int64,
        "longitude": pl.Float64,
        "latitude": pl.Float64,
    },
    orient="row",
)
CODES_POSTAUX = pl.DataFrame(
    {
        "code_postal": ["67000", "67100", "67150", "67170", "08000", "55100"],
        "code_commune": ["67482", "67482", "67130", "67418", "08105", "55039"],
    }
)
FUSIONS = pl.DataFrame(
    {"ancien_code_commune": ["67014"], "ancienne_commune": ["Vieux-Village"], "code_commune": ["67418"]}
)


def write(folder: Path, rows: int = 3_000, seed: int = 1) -> BanDemo:
    return write_ban(folder, COMMUNES, CODES_POSTAUX, rows=rows, seed=seed, fusions=FUSIONS)


def read(demo: BanDemo) -> pl.DataFrame:
    return pl.concat(
        [
            pl.read_csv(path, separator=";", infer_schema=False, quote_char=None)
            for path in demo.paths.values()
        ]
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> BanDemo:
    return write(tmp_path_factory.mktemp("ban"))


def test_files_have_the_official_layout_and_the_number_of_rows_asked(demo: BanDemo) -> None:
    assert sorted(demo.paths) == ["08", "55", "67"]
    assert [path.name for path in demo.paths.values()] == [f"adresses-{code}.csv.gz" for code in demo.paths]
    for code, path in demo.paths.items():
        text = gzip.decompress(path.read_bytes()).decode()
        lines = text.split("\n")
        assert lines[0] == HEADER
        assert {line.count(";") for line in lines[1:-1]} == {22}
        assert '"' not in text
        assert len(lines) - 2 == demo.lignes_par_departement[code]
    assert demo.lignes == sum(demo.lignes_par_departement.values()) == 3_000


def test_addresses_are_distinct_and_belong_to_their_commune(demo: BanDemo) -> None:
    rows = read(demo)
    assert rows["id"].n_unique() == rows.height
    assert set(rows["code_insee"]) == set(COMMUNES["code_commune"])
    pairs = rows.select("code_postal", "code_insee").unique()
    known = CODES_POSTAUX.rename({"code_commune": "code_insee"})
    assert pairs.join(known, on=["code_postal", "code_insee"], how="anti").is_empty()
    assert set(rows.filter(pl.col("code_insee") == "67482")["code_postal"]) == {"67000", "67100"}


def test_rows_have_the_variety_of_the_real_base(demo: BanDemo) -> None:
    rows = read(demo)
    numbered = rows.filter(pl.col("numero").is_not_null())
    places = rows.filter(pl.col("numero").is_null())
    assert places.height > 0
    assert places["nom_ld"].null_count() == 0
    assert places["nom_voie"].null_count() == places.height
    assert {"bis", "ter"} <= set(numbered["rep"].drop_nulls())
    share = numbered["lon"].null_count() / numbered.height
    assert 0.001 < share < 0.02
    assert rows["lon"].is_null().equals(rows["x"].is_null())
    former = rows.filter(pl.col("code_insee_ancienne_commune").is_not_null())
    assert set(former["code_insee"]) <= {"67418"}
    kinds = set(numbered["nom_voie"].str.extract(r"^(\S+)"))
    assert {"Rue", "Avenue", "Place", "Route", "Chemin", "Impasse", "Allée"} <= kinds


def test_positions_lie_around_the_centre_farther_in_large_communes(demo: BanDemo) -> None:
    rows = read(demo).drop_nulls("lon").with_columns(pl.col("lon", "lat").cast(pl.Float64))
    placed = rows.join(COMMUNES, left_on="code_insee", right_on="code_commune").with_columns(
        km=(
            ((pl.col("lon") - pl.col("longitude")) * pl.col("latitude").radians().cos()) ** 2
            + (pl.col("lat") - pl.col("latitude")) ** 2
        ).sqrt()
        * 111.32
    )
    medians = dict(placed.group_by("code_insee").agg(pl.col("km").median()).iter_rows())
    assert medians["67482"] > 2 * medians["67418"]
    assert placed["km"].max() < 12


def test_projection_agrees_with_reference_points() -> None:
    # The origin of the projection, by definition, and the centre of Paris.
    x, y = to_metres(np.array([3.0, 2.3522]), np.array([46.5, 48.8566]), LAMBERT_93)
    assert abs(x[0] - 700_000) < 0.01
    assert abs(y[0] - 6_600_000) < 0.01
    assert abs(x[1] - 652_469) < 2
    assert abs(y[1] - 6_862_035) < 2


def test_what_is_kept_in_memory_is_what_was_written(demo: BanDemo) -> None:
    rows = read(demo)
    assert demo.adresses.height == rows["lon"].count()
    assert demo.rues["rue"].n_unique() == demo.rues.height
    streets = rows.filter(pl.col("nom_voie").is_not_null()).select("code_insee", "nom_voie").unique()
    assert demo.rues.filter(~pl.col("lieu_dit")).height == streets.height
    located = demo.rues.join(demo.adresses, on="rue", how="anti")
    assert located.is_empty(), "every street has at least one address with coordinates"
    highest = dict(
        rows.drop_nulls("numero")
        .group_by("code_insee", "nom_voie")
        .agg(pl.col("numero").cast(pl.Int32).max())
        .select(pl.col("code_insee") + pl.col("nom_voie"), "numero")
        .iter_rows()
    )
    for code, name, number in (
        demo.rues.filter(~pl.col("lieu_dit")).select("code_commune", "nom_voie", "numero_max").iter_rows()
    ):
        assert number >= highest[code + name]


def test_same_seed_same_bytes(tmp_path: Path, demo: BanDemo) -> None:
    def digest(one: BanDemo) -> list[str]:
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in one.paths.values()]

    assert digest(write(tmp_path / "a")) == digest(demo)
    assert digest(write(tmp_path / "b", seed=2)) != digest(demo)


def test_fewer_rows_than_communes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="4 adresses pour 5 communes"):
        write(tmp_path, rows=4)
    assert write(tmp_path, rows=5).lignes == 5


def test_shares_close_on_the_total() -> None:
    assert apportion(np.array([1.0, 1.0, 1.0]), 10).tolist() == [4, 3, 3]
    assert apportion(np.array([5.0, 3.0, 2.0]), 10).tolist() == [5, 3, 2]


def test_names_are_distinct_and_french() -> None:
    names = catalogue(["Épinal", "Metz", "Le Thillot", "Obernai"])
    assert names.frame.height == names.communs + names.autres
    keys = names.frame.select(capitales(pl.col("nom_voie"))).to_series()
    assert keys.n_unique() == keys.len()
    assert of_town("Épinal") == "d'Épinal"
    assert of_town("Metz") == "de Metz"
    every = set(names.frame["nom"])
    assert {"d'Épinal", "de Metz", "d'Obernai"} <= every
    assert not any("Thillot" in name for name in every)
