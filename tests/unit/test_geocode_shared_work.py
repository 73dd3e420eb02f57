"""However the work is shared out, and whatever was read before, an address gets one answer."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ingest.geocode import ban
from ingest.geocode.ban import BanGeocoder, holding_indexes
from lake.catalog.ban import ADRESSES
from lake.contract import Table
from lake.errors import LakeError
from scoring.geocode import departement, normalise
from scoring.geocode.addresses import normalise_addresses
from scoring.geocode.index import BAN_COLUMNS, Index, build_index, together
from scoring.geocode.normalise import are_roads, remembering, street_keys
from tests.unit.geocode_world import World, ban_rows, frame


def _asked() -> pl.DataFrame:
    """Every street of the world, told well and with a letter missing, in all departments that have one."""
    known = ban_rows().drop_nulls("nom_voie")
    told = [
        {
            "numero_voie": row["numero"],
            "libelle_voie": street,
            "code_commune": row["code_commune"],
            "code_postal": row["code_postal"],
            "code_departement": row["code_commune"][:2],
            "libelle_commune_source": row["nom_commune"],
        }
        for row in known.to_dicts()
        for street in (row["nom_voie"], row["nom_voie"].upper(), row["nom_voie"][:5] + row["nom_voie"][6:])
    ]
    return normalise_addresses(frame(told)).unique("cle_adresse", maintain_order=True)


@pytest.fixture(scope="module")
def asked() -> pl.DataFrame:
    found = _asked()
    assert found["code_departement"].n_unique() >= 2
    return found


@pytest.mark.parametrize(
    ("cores", "part", "most"), [(1, 2_000, 0), (3, 2_000, 200_000), (8, 1, 200_000), (2, 1, 5)]
)
def test_the_answers_do_not_depend_on_who_does_the_work(
    asked: pl.DataFrame, cores: int, part: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    fusions = BanGeocoder(world.context().scan)._fusions()
    codes = sorted(asked["code_departement"].unique())
    alone = pl.concat(
        departement.answered(
            asked.filter(pl.col("code_departement") == code),
            ban_rows().filter(pl.col("code_departement") == code).select(BAN_COLUMNS),
            fusions,
        )
        for code in codes
    )
    monkeypatch.setattr(ban, "_AT_ONCE", cores)
    monkeypatch.setattr(departement, "_WORTH_A_PART", part)
    monkeypatch.setattr(normalise, "_MOST_REMEMBERED", most)
    said: list[str] = []
    shared = BanGeocoder(world.context().scan, say=lambda sentence, _: said.append(sentence)).search(asked)
    assert_frame_equal(alone, shared, check_row_order=False)
    assert alone["geo_precision"].value_counts(sort=True).row(0)[0] == "numero"
    assert said == [f"Géocodage du département {code}" for code in codes]


def test_one_department_is_shared_between_cores(asked: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departement, "_WORTH_A_PART", 1)
    rows = asked.filter(pl.col("code_departement") == "67")
    index = build_index(ban_rows().filter(pl.col("code_departement") == "67").select(BAN_COLUMNS), {})
    whole = departement.matched(rows, index)
    for cores in (2, 5, rows.height + 10):
        assert_frame_equal(whole, departement.matched(rows, index, at_once=cores), check_row_order=False)


def test_an_index_held_serves_the_same_rows_only(
    asked: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, built = World(), list[int]()
    codes = sorted(asked["code_departement"].unique())

    def counted(rows: pl.DataFrame, fusions: dict[str, str]) -> Index:
        built.append(rows.height)
        return build_index(rows, fusions)

    def answers(scan: Callable[[Table], pl.LazyFrame]) -> pl.DataFrame:
        geocoder = BanGeocoder(scan)
        geocoder.millesimes(codes)
        return geocoder.search(asked)

    def moved(table: Table) -> pl.LazyFrame:
        rows = world.scan(table)
        return rows.with_columns(pl.col("longitude") + 0.01) if table == ADRESSES else rows

    monkeypatch.setattr(ban, "build_index", counted)
    alone = answers(world.scan)
    assert len(built) == len(codes)
    with holding_indexes():
        for _ in range(3):
            assert_frame_equal(alone, answers(world.scan), check_row_order=False)
        assert len(built) == 2 * len(codes)
        elsewhere = answers(moved)
        assert len(built) == 3 * len(codes)
        assert elsewhere["longitude"].sum() == pytest.approx(
            alone["longitude"].sum() + 0.01 * alone["longitude"].count()
        )
    answers(world.scan)
    assert len(built) == 4 * len(codes)


def test_a_department_that_fails_stops_the_search(asked: pl.DataFrame) -> None:
    world = World()

    def scan(table: Table) -> pl.LazyFrame:
        read = world.scan(table)
        if table == ADRESSES:
            raise LakeError("La table Adresses (BAN) est illisible.")
        return read

    with pytest.raises(LakeError, match="illisible"):
        BanGeocoder(scan).search(asked)


_SAID = [
    None,
    "",
    "R. de la Gare",
    "Rue de la Gare",
    "  rue DE LA gare ",
    "Le Pont de Pierre",
    "Av. du 8 mai 1945",
]


@pytest.mark.parametrize("most", [0, 3, 200_000])
def test_what_was_read_before_changes_nothing(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normalise, "_MOST_REMEMBERED", most)
    values = pl.Series("nom", _SAID, dtype=pl.String)
    keys, roads = street_keys(values), are_roads(values)
    assert keys.to_list() == [None, None, *["RUE GARE"] * 3, "PONT PIERRE", "AVENUE 8 MAI 1945"]
    assert roads.to_list() == [None, None, True, True, True, False, True]
    with remembering():
        for _ in range(2):
            assert street_keys(values).to_list() == keys.to_list()
            assert are_roads(values).to_list() == roads.to_list()
            assert street_keys(values.head(1)).to_list() == [None]


def _place(departement: str, commune: str, name: str, **more: str) -> dict[str, object]:
    """One address of a department, whose postal code and commune may be another's too."""
    at = {"67": (7.75, 48.58), "68": (7.35, 48.08)}[departement]
    row = dict.fromkeys(BAN_COLUMNS) | {"numero": "3", "nom_voie": name, "nom_commune": "Ville"}
    return row | {
        "code_commune": commune,
        "code_postal": "67000",
        "longitude": at[0],
        "latitude": at[1],
        **more,
    }


def test_departments_sought_together_keep_to_their_own_places() -> None:
    names = ("Rue de la Gare", "Rue des Tilleuls", "Rue du Moulin")
    known = {
        "67": [_place("67", code, name) for code in ("67482", "68999") for name in names]
        + [_place("67", "67482", "Rue Belle Fontaine")],
        # A postal code on both sides, a commune that went from one to the other, a word that is a name of one only,
        # a named place that may follow a street in one only.
        "68": [_place("68", code, name) for code in ("68066", "68999") for name in names]
        + [_place("68", "68066", "Rue Fntn"), _place("68", "68999", "Rue du Lac", nom_lieu_dit="Bellerive")],
    }
    streets = ["DE LA GARE", "DE LA GRAE", "DES TILEULS", "BELLE FNTN", "DU MOULIN BELLERIVE", "FNTN"]
    told = [
        {
            "numero_voie": "3",
            "libelle_type_voie": "RUE",
            "libelle_voie": street,
            "code_commune": commune,
            "code_postal": "67000",
            "code_departement": code,
        }
        for code, communes in {"67": ("67482", "68999"), "68": ("68066", "68999")}.items()
        for commune in communes
        for street in streets
    ]
    # Without a commune, all those of the postal code are sought, in the department only.
    told += [{**row, "code_commune": None} for row in told]
    asked = normalise_addresses(frame(told)).unique("cle_adresse", maintain_order=True)
    indexes = {
        code: build_index(pl.DataFrame(rows, schema_overrides=_BAN_DTYPES), {})
        for code, rows in known.items()
    }
    alone = pl.concat(
        departement.matched(asked.filter(pl.col("code_departement") == code), index)
        for code, index in indexes.items()
    )
    assert_frame_equal(alone, departement.matched(asked, together(indexes)), check_row_order=False)
    answers = asked.join(alone, on="cle_adresse")
    found = dict(answers.group_by("code_departement").agg(pl.col("longitude").unique().sort()).iter_rows())
    assert found == {"67": [7.75], "68": [7.35]}
    belle = answers.filter(pl.col("voie") == "RUE BELLE FNTN")
    assert belle["libelle_trouve"].unique().to_list() == ["3 Rue Belle Fontaine, 67000 VILLE"]
    followed = answers.filter(pl.col("voie") == "RUE DU MOULIN BELLERIVE")
    assert followed["code_departement"].unique().to_list() == ["68"]


_BAN_DTYPES: dict[str, type[pl.DataType]] = {
    name: pl.Float64 if name in ("longitude", "latitude") else pl.String for name in BAN_COLUMNS
}


def test_departments_are_shared_in_order_and_searched_together_as_memory_bears(
    asked: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {str(size): asked.head(size) for size in (4, 1, 1, 2)} | {"9": asked.head(9)}
    for parts in (1, 2, 3, 40):
        shares = ban._shared(rows, parts)
        assert [code for share in shares for code in share] == list(rows)
        assert 1 <= len(shares) <= min(parts, len(rows))
    assert [list(share) for share in ban._shared(rows, 2)] == [["4", "1", "2"], ["9"]]
    sought: list[int] = []

    def counted(given: pl.DataFrame, index: Index, *more: object) -> pl.DataFrame:
        sought.append(given["code_departement"].n_unique())
        return departement.matched(given, index)

    monkeypatch.setattr(ban, "matched", counted)
    monkeypatch.setattr(ban, "_AT_ONCE", 1)
    world, codes = World(), asked["code_departement"].n_unique()
    whole = BanGeocoder(world.scan).search(asked)
    assert sought == [codes]
    sought.clear()
    monkeypatch.setattr(ban, "_POINTS_TOGETHER", 1)
    assert_frame_equal(whole, BanGeocoder(world.scan).search(asked), check_row_order=False)
    assert sought == [1] * codes
