"""Several candidates: their order, their components, and what the memory keeps of them."""

from __future__ import annotations

import polars as pl
import pytest

from ingest.geocode.locate import locate
from lake.catalog.ban import ADRESSES, GEOCODAGE
from scoring.geocode.addresses import normalise_addresses
from scoring.geocode.index import Index, build_index
from scoring.geocode.matching import candidates, match
from scoring.geocode.protocol import ANSWER_SCHEMA, EXPLANATION_SCHEMA
from scoring.geocode.scores import COMPONENTS
from tests.unit.geocode_world import World, address, ban_rows, frame

_S = ("67000", "67482", "Strasbourg", None, None)
_ROWS = [
    (None, None, None, "La Scierie", _S, 7.70, 48.50),
    ("4", None, "Rue de la Scierie", None, _S, 7.71, 48.51),
    ("9", None, "Grande Rue", None, _S, 7.72, 48.52),
    ("9", None, "Grand'Rue", None, _S, 7.74, 48.54),
    ("3", None, "Avenue de la Gare", None, _S, 7.75, 48.55),
    ("5", None, "Avenue de la Gare", None, _S, 7.7501, 48.55),
    ("3", None, "Place de la Gare", None, _S, 7.77, 48.57),
]


def _index() -> Index:
    return build_index(ban_rows(_ROWS), {})


def _one(**columns: str | None) -> pl.DataFrame:
    return normalise_addresses(frame([address(**columns)]))


def test_a_street_that_has_the_number_wins_over_a_named_place() -> None:
    found = candidates(_one(numero_voie="4", libelle_voie="DE LA SCIERIE"), _index())
    assert found.select("rang", "libelle_trouve", "geo_precision").rows() == [
        (1, "4 Rue de la Scierie, 67000 STRASBOURG", "numero"),
        (2, "La Scierie, 67000 STRASBOURG", "lieu_dit"),
    ]
    assert found["geo_score"].to_list() == pytest.approx([0.9, 0.6])
    alone = match(_one(libelle_voie="LA SCIERIE"), _index())
    assert alone["geo_precision"].to_list() == ["lieu_dit"]


def test_a_name_written_as_it_was_asked_wins_over_its_twin() -> None:
    for asked, longitude in (("GRANDE RUE", 7.72), ("GRAND RUE", 7.74)):
        found = match(_one(numero_voie="9", libelle_voie=asked), _index())
        assert found.select("longitude", "geo_score").rows() == [(longitude, 1.0)]
    # An abbreviation says neither.
    both = candidates(_one(numero_voie="9", libelle_voie="GR RUE"), _index())
    assert both["geo_score"].to_list() in ([], [0.5, 0.5])


def test_equals_far_apart_share_the_doubt_and_the_larger_place_comes_first() -> None:
    found = candidates(_one(numero_voie="3", libelle_voie="DE LA GARE"), _index())
    assert found["libelle_trouve"].to_list() == [
        "3 Avenue de la Gare, 67000 STRASBOURG",
        "3 Place de la Gare, 67000 STRASBOURG",
    ]
    assert found["geo_score"].to_list() == pytest.approx([0.45, 0.45])
    assert found["s_ambiguite"].to_list() == [0.5, 0.5]
    one = candidates(_one(numero_voie="3", libelle_voie="DE LA GARE"), _index(), limit=1)
    assert one.rows() == found.head(1).rows()


def test_every_candidate_has_its_components_and_the_first_is_the_answer() -> None:
    rows = frame(
        [
            address(numero_voie="3", libelle_voie="DE LA GARE"),
            address(numero_voie="4", libelle_voie="RUE DE LA SCEIRIE"),
            address(numero_voie="9", libelle_voie="GRANDE RUE"),
            address(libelle_voie="RUE DE NULLE PART"),
        ]
    )
    addresses = normalise_addresses(rows)
    found = candidates(addresses, _index())
    product = found.select(
        pl.fold(pl.lit(1.0), lambda a, b: a * b, [pl.col(c) for c in COMPONENTS])
    ).to_series()
    assert found["geo_score"].to_list() == pytest.approx(product.to_list())
    first = found.filter(pl.col("rang") == 1, pl.col("s_ambiguite") == 1.0).select(ANSWER_SCHEMA.names())
    answers = match(addresses, _index())
    assert first.height == 2
    assert first.sort("cle_adresse").equals(
        answers.join(first, on="cle_adresse", how="semi").sort("cle_adresse")
    )
    # "3 DE LA GARE" is in two streets: the answer is one of them, never the number.
    doubtful = answers.join(first, on="cle_adresse", how="anti")
    assert doubtful["geo_precision"].to_list() == ["rue"]
    assert doubtful["geo_score"].to_list() == pytest.approx([0.7 * 0.9 * 0.5])
    assert (
        found.group_by("cle_adresse").agg(sure=pl.col("geo_score").is_sorted(descending=True))["sure"].all()
    )


def test_the_memory_keeps_the_components_and_the_second_place() -> None:
    world = World(**{ADRESSES.name: ban_rows(_ROWS)})
    rows = frame(
        [
            address(numero_voie="4", libelle_voie="DE LA SCIERIE"),
            address(numero_voie="5", libelle_voie="AVENUE DE LA GARE"),
            address(libelle_voie="RUE DE NULLE PART"),
        ]
    )
    memory = locate(rows, world.context()).memory
    assert memory.schema == pl.Schema(GEOCODAGE.dtypes())
    kept = {row["adresse"]: row for row in memory.to_dicts()}
    scierie = kept["4 DE LA SCIERIE 67000"]
    assert scierie["lecture"] == "directe"
    assert [scierie[name] for name in COMPONENTS] == [1.0, 0.9, 1.0, 1.0, 1.0, 1.0]
    assert scierie["second_libelle"] == "La Scierie, 67000 STRASBOURG"
    assert scierie["second_score"] == pytest.approx(0.6)
    assert kept["5 AVENUE DE LA GARE 67000"]["second_libelle"] is None
    lost = kept["RUE DE NULLE PART 67000"]
    assert [lost[name] for name in EXPLANATION_SCHEMA] == [None] * len(EXPLANATION_SCHEMA)
