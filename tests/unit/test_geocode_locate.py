"""Where addresses end up: hand-worked cases over a small BAN."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from ingest.geocode.locate import LOCATED_COLUMNS, locate
from ingest.source import Context
from lake.catalog.annuaire import PRECISIONS_LOCALISEES
from lake.catalog.ban import ADRESSES, GEOCODAGE
from lake.catalog.territoires import COMMUNES
from lake.errors import ContractError
from lake.settings import Settings
from lake.tables import Lake
from tests.unit.geocode_cases import FOUND, NOT_FOUND
from tests.unit.geocode_world import World, address, ban_rows, frame


@pytest.fixture(scope="module")
def placed() -> dict[str, dict[str, object]]:
    """Every case, located in one go: cases must not disturb one another."""
    names = [case[0] for case in FOUND] + [case[0] for case in NOT_FOUND]
    rows = frame([case[1] for case in FOUND] + [case[1] for case in NOT_FOUND])
    located = locate(rows, World().context()).frame
    return dict(zip(names, located.to_dicts(), strict=True))


def test_cases_have_distinct_names() -> None:
    names = [case[0] for case in FOUND] + [case[0] for case in NOT_FOUND]
    assert len(set(names)) == len(names)
    assert len(names) >= 80


@pytest.mark.parametrize(
    ("name", "precision", "point", "score"), [(n, p, xy, s) for n, _, p, xy, s in FOUND], ids=lambda v: str(v)
)
def test_address_is_found(
    placed: dict[str, dict[str, object]], name: str, precision: str, point: tuple[float, float], score: float
) -> None:
    row = placed[name]
    assert (row["geo_precision"], row["longitude"], row["latitude"]) == (precision, *point)
    assert row["geo_score"] == pytest.approx(score)
    assert row["geo_motif"] is None
    assert row["geo_source"] == "ban"


@pytest.mark.parametrize(
    ("name", "precision", "point", "reason"),
    [(n, p, xy, m) for n, _, p, xy, m in NOT_FOUND],
    ids=lambda v: str(v),
)
def test_address_is_not_found(
    placed: dict[str, dict[str, object]],
    name: str,
    precision: str,
    point: tuple[float, float] | None,
    reason: str,
) -> None:
    row = placed[name]
    assert row["geo_precision"] == precision
    assert (row["longitude"], row["latitude"]) == (point or (None, None))
    assert row["geo_motif"] == reason
    assert row["geo_score"] is None
    assert row["geo_source"] == ("commune" if point else None)


def test_commune_found_is_told_where_the_register_does_not_know_it(
    placed: dict[str, dict[str, object]],
) -> None:
    assert placed["commune unknown"]["code_commune"] is None
    assert placed["commune unknown"]["code_commune_trouve"] == "57049"
    assert placed["BAN older than the merger"]["code_commune_trouve"] == "67418"
    assert placed["unknown street"]["code_commune_trouve"] is None


def _gare(number: str) -> Mapping[str, str | None]:
    return address(numero_voie=number, libelle_type_voie="Rue", libelle_voie="DE LA GARE")


def test_rows_keep_order_height_and_columns() -> None:
    rows = frame([_gare("12"), address(), _gare("12"), _gare("14"), address(libelle_voie="RUE X")])
    rows = rows.with_columns(ligne=pl.Series([9, 8, 7, 6, 5]))
    located = locate(rows, World().context()).frame
    assert located.select(rows.columns).equals(rows)
    assert located["ligne"].to_list() == [9, 8, 7, 6, 5]
    assert located["geo_precision"].to_list() == ["numero", "commune", "numero", "numero", "commune"]
    assert set(LOCATED_COLUMNS) <= set(located.columns)


def test_columns_of_an_earlier_run_are_replaced() -> None:
    once = locate(frame([_gare("12")]), World().context()).frame
    again = locate(once, World().context()).frame
    assert again.equals(once)


def test_no_row_at_all() -> None:
    located = locate(frame([]), World().context())
    assert located.frame.height == 0
    assert located.memory.height == 0
    assert set(LOCATED_COLUMNS) <= set(located.frame.columns)


def test_missing_column_is_named() -> None:
    with pytest.raises(ContractError, match="libelle_voie"):
        locate(frame([_gare("12")]).drop("libelle_voie"), World().context())


def test_unknown_geocoder_is_refused() -> None:
    with pytest.raises(ContractError, match="OBS_GEOCODEUR"):
        locate(frame([_gare("12")]), World().context("boussole"))


def test_without_geocoder_rows_are_placed_at_their_commune() -> None:
    located = locate(frame([_gare("12"), address()]), World().context("aucun"))
    assert located.frame["geo_precision"].to_list() == ["commune", "commune"]
    assert located.frame["geo_motif"].to_list() == ["introuvable", "adresse_absente"]
    assert located.frame["geo_source"].to_list() == ["commune", "commune"]
    assert located.memory.height == 0
    assert located.figures["géocodeur"] == "aucun"


def test_without_ban_rows_are_placed_at_their_commune_and_nothing_is_remembered() -> None:
    world = World()
    del world.tables[ADRESSES.name]
    located = locate(frame([_gare("12")]), world.context())
    assert located.frame["geo_precision"].to_list() == ["commune"]
    assert located.memory.height == 0
    assert located.figures["départements sans données du géocodeur"] == "67"


def test_without_territories_nothing_is_placed_at_a_commune() -> None:
    world = World()
    del world.tables[COMMUNES.name]
    located = locate(frame([_gare("12"), address()]), world.context()).frame
    assert located["geo_precision"].to_list() == ["numero", "aucune"]


def test_figures_close() -> None:
    located = locate(frame([case[1] for case in FOUND + NOT_FOUND]), World().context())  # type: ignore[operator]
    figures = located.figures
    by_precision = [figures[name] for name in figures if name.startswith("lignes")]
    assert sum(int(value) for value in by_precision) == len(FOUND) + len(NOT_FOUND)
    assert figures["adresses cherchées"] == located.memory.height
    found = located.memory.filter(pl.col("geo_precision").is_in(PRECISIONS_LOCALISEES))
    assert figures["adresses trouvées"] == found.height


def test_memory_keeps_its_contract() -> None:
    located = locate(frame([case[1] for case in FOUND + NOT_FOUND]), World().context())  # type: ignore[operator]
    conformed = GEOCODAGE.conform(located.memory)
    assert conformed.rejects.height == 0
    assert located.append is True
    parsed = located.memory_parsed()
    assert (parsed.table, parsed.counted, parsed.append) == (GEOCODAGE, False, True)


def test_second_run_searches_nothing() -> None:
    world = World()
    rows = frame([case[1] for case in FOUND + NOT_FOUND])  # type: ignore[operator]
    first = locate(rows, world.context())
    world.tables[GEOCODAGE.name] = first.memory
    second = locate(rows, world.context())
    assert second.frame.equals(first.frame)
    assert second.figures["adresses cherchées"] == 0
    # Those that were searched: all the distinct addresses with a street or complement, and a BAN.
    assert second.figures["adresses retrouvées en mémoire"] == first.figures["adresses cherchées"]
    assert second.memory.height == 0


def test_new_addresses_alone_are_searched() -> None:
    world = World()
    world.tables[GEOCODAGE.name] = locate(frame([_gare("12")]), world.context()).memory
    second = locate(frame([_gare("12"), _gare("14")]), world.context())
    assert second.figures["adresses cherchées"] == 1
    assert second.memory["adresse"].to_list() == ["14 RUE DE LA GARE 67000"]
    assert second.append is True


def test_failures_are_searched_again_when_the_ban_has_changed() -> None:
    world = World()
    rows = frame([_gare("12"), address(numero_voie="1", libelle_voie="RUE DE NULLE PART"), _gare("13")])
    first = locate(rows, world.context())
    assert first.frame["geo_precision"].to_list() == ["numero", "commune", "rue"]
    world.tables[GEOCODAGE.name] = first.memory
    where = ("67000", "67482", "Strasbourg", None, None)
    grown = ban_rows([("1", None, "Rue de Nulle Part", None, where, 7.7, 48.5)]).with_columns(
        id=pl.lit("new")
    )
    world.tables[ADRESSES.name] = pl.concat([ban_rows(), grown])
    second = locate(rows, world.context())
    # The number found stands; the failure and the street found for a number are asked again.
    assert second.figures["adresses retrouvées en mémoire"] == 1
    assert second.figures["adresses cherchées"] == 2
    assert second.frame["geo_precision"].to_list() == ["numero", "numero", "rue"]
    assert second.append is False
    assert second.memory.height == 3
    assert GEOCODAGE.conform(second.memory).rejects.height == 0
    world.tables[GEOCODAGE.name] = second.memory
    assert locate(rows, world.context()).figures["adresses cherchées"] == 0


def test_change_in_one_department_leaves_the_others_alone() -> None:
    world = World()
    metz = address(
        numero_voie="1",
        libelle_voie="RUE PERDUE",
        code_postal="57000",
        code_commune="57463",
        code_departement="57",
    )
    rows = frame([metz, address(libelle_voie="RUE PERDUE")])
    world.tables[GEOCODAGE.name] = locate(rows, world.context()).memory
    world.tables[ADRESSES.name] = ban_rows().filter(pl.col("nom_voie") != "Place Kléber")
    second = locate(rows, world.context())
    assert second.figures["adresses cherchées"] == 1
    assert second.memory.height == 2


def test_memory_of_another_geocoder_is_kept_and_not_used() -> None:
    world = World()
    other = locate(frame([_gare("12")]), world.context()).memory.with_columns(
        geocodeur=pl.lit("geoplateforme"), longitude=pl.lit(0.0)
    )
    world.tables[GEOCODAGE.name] = other
    second = locate(frame([_gare("12")]), world.context())
    assert second.figures["adresses cherchées"] == 1
    assert second.frame["longitude"].to_list() == [7.7450]


def test_memory_serves_when_the_ban_is_gone() -> None:
    world = World()
    world.tables[GEOCODAGE.name] = locate(frame([_gare("12")]), world.context()).memory
    del world.tables[ADRESSES.name]
    second = locate(frame([_gare("12")]), world.context())
    assert second.frame["geo_precision"].to_list() == ["numero"]


def test_a_better_matcher_searches_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.tables[GEOCODAGE.name] = locate(frame([_gare("12")]), world.context()).memory
    monkeypatch.setattr("ingest.geocode.ban.MATCHER", "0")
    assert locate(frame([_gare("12")]), world.context()).figures["adresses cherchées"] == 1


def test_only_the_departments_needed_are_read(tmp_path: Path) -> None:
    settings = Settings(lake=str(tmp_path / "lake"))
    lake = Lake(settings)
    lake.publish(ADRESSES, ADRESSES.conform(ban_rows()).valid)
    files = list(Path(settings.lake).rglob("*.parquet"))
    of_moselle = [path for path in files if "code_departement=57" in str(path)]
    assert 0 < len(of_moselle) < len(files)
    # Were another department read, its missing files would be an error.
    for path in of_moselle:
        path.unlink()
    context = Context(scan=lake.scan, region="44", geocodeur="ban", budget=0.01)
    assert locate(frame([_gare("12")]), context).frame["geo_precision"].to_list() == ["numero"]
