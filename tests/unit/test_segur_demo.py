"""The demonstration's Ségur files: through the real ingestion, down to the printed figures."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.segur.write import FIRST, GAP, LAST, REVISED, apportion, printed_figures, write_deliveries
from ingest.report import RunReport
from ingest.run import Request, run
from ingest.sources import source
from lake.catalog import segur as catalog
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.engine import query
from scoring.universes.model import Universe
from scoring.universes.registry import universe
from scoring.universes.selection import Selection


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, list[RunReport]]:
    folder = tmp_path_factory.mktemp("segur")
    settings = Settings.from_env({"OBS_LAKE": str(folder / "lake")})
    run(source("territoires"), Request(), settings)
    files = write_deliveries(folder / "files", petit=True)
    reports = [run(source("segur"), Request(files=paths), settings) for paths in files.deliveries]
    return Lake(settings), reports


@pytest.fixture
def lake(built: tuple[Lake, list[RunReport]]) -> Lake:
    return built[0]


@pytest.fixture
def segur(lake: Lake) -> Universe:
    return universe("segur", lake.scan)


def test_every_line_is_published(built: tuple[Lake, list[RunReport]]) -> None:
    lake, reports = built
    for report in reports:
        assert (report.total("rejetees"), report.total("doublons")) == (0, 0)
        assert report.total("lues") == report.total("publiees")
    rows = lake.scan(catalog.MESURES).select(pl.len()).collect().item()
    assert 15_000 < rows < 30_000


def test_november_2022_is_the_printed_one_to_the_unit(lake: Lake, segur: Universe) -> None:
    asked = ["psc_professionnels", "psc_e_cps", "psc_taux_adoption"]
    found = query(segur, lake.scan, Selection(), asked, ["code_region"]).collect()
    assert found.select("code_region", *asked[:2]).rows() == printed_figures().sort("code_region").rows()
    rates = dict(found.select("code_region", "psc_taux_adoption").iter_rows())
    assert rates["44"] == pytest.approx(100_665 / 350_759)
    assert f"{100 * rates['44']:.2f}" == "28.70"
    assert rates["977"] == 0.0


def test_a_region_is_its_departments_and_what_is_not_allocated(lake: Lake, segur: Universe) -> None:
    by = ["code_region", "code_departement"]
    found = query(segur, lake.scan, Selection(), ["psc_professionnels"], by).collect()
    grand_est = found.filter(pl.col("code_region") == "44")
    assert grand_est["psc_professionnels"].sum() == 350_759
    assert grand_est["code_departement"].to_list() == [
        "08", "10", "51", "52", "54", "55", "57", "67", "68", "88", None,
    ]  # fmt: skip


def test_all_of_france_over_two_years(lake: Lake, segur: Universe) -> None:
    rows = lake.scan(catalog.MESURES).collect()
    assert rows["mois"].unique().sort().to_list() == pl.date_range(FIRST, LAST, "1mo", eager=True).to_list()
    assert rows["mois"].n_unique() == 24
    assert rows["code_region"].drop_nulls().n_unique() == 24
    departments = set(rows["code_departement"].drop_nulls())
    assert len(departments) == 107
    assert {"2A", "2B", "971", "976", "975", "977", "978", "986", "987", "988"} <= departments
    assert set(rows["service"]) == set(catalog.SERVICES)
    assert set(catalog.TYPES_ACTEUR) == set(rows["type_acteur"].drop_nulls())
    counted = {m.name for m in segur.measures if m.kind.value != "ratio"}
    assert set(rows["indicateur"]) == counted


def test_growth_is_plausible(lake: Lake, segur: Universe) -> None:
    asked = ["psc_professionnels", "psc_e_cps", "psc_taux_adoption"]
    found = query(segur, lake.scan, Selection(), asked, ["mois"]).collect()
    for name in asked:
        assert found[name].is_sorted(), name
    assert found["psc_taux_adoption"][0] < 0.1
    assert found.filter(pl.col("psc_e_cps") > pl.col("psc_professionnels")).is_empty()
    cells = query(
        segur, lake.scan, Selection(), asked[:2], ["mois", "code_departement", "profession"]
    ).collect()
    assert cells.filter(pl.col("psc_e_cps") > pl.col("psc_professionnels")).is_empty()


def test_one_indicator_has_a_gap_and_one_month_was_revised(
    built: tuple[Lake, list[RunReport]], segur: Universe
) -> None:
    lake, reports = built
    code, month = GAP
    series = dict(query(segur, lake.scan, Selection(), [code], ["mois"]).collect().iter_rows())
    assert [one for one, value in series.items() if value is None] == [month]
    covered = lake.scan(catalog.COUVERTURE).filter(pl.col("statut") != "complet").collect()
    assert covered.select("mois", "indicateur", "statut").rows() == [(month, code, "absent")]
    log = lake.scan(catalog.RESTATEMENTS).collect()
    assert log.select("mois", "indicateur").unique().rows() == [REVISED[::-1]]
    assert set(log["code_region"]) == {"44", "76"}
    assert (log["ecart"] > 0).all()
    assert reports[-1].chiffres["chiffres publiés révisés"] == log.height


def test_structures_and_targets_are_named(lake: Lake) -> None:
    rows = lake.scan(catalog.MESURES).select("structure").unique().collect()["structure"].drop_nulls()
    structures = lake.scan(catalog.STRUCTURES).collect()
    assert set(rows) <= set(structures["structure"])
    targets = lake.scan(catalog.OBJECTIFS).collect()
    assert targets.filter(pl.col("maille") == "france")["cible"].to_list() == [0.5]
    assert date(2023, 12, 1) in targets["mois_cible"]


def test_two_builds_are_the_same(tmp_path: Path) -> None:
    first = write_deliveries(tmp_path / "a", petit=True)
    second = write_deliveries(tmp_path / "b", petit=True)
    for one, other in zip(first.deliveries, second.deliveries, strict=True):
        assert [path.name for path in one] == [path.name for path in other]
        assert one[-1].read_bytes() == other[-1].read_bytes()


@given(
    total=st.integers(0, 10**6),
    weights=st.lists(st.floats(0.0, 100.0), min_size=1, max_size=30).filter(lambda w: sum(w) > 0.01),
)
def test_apportioned_parts_sum_to_the_unit(total: int, weights: list[float]) -> None:
    shares = np.array(weights) / sum(weights) * total
    parts = apportion(total, np.array(weights))
    assert parts.sum() == total
    assert (parts >= 0).all()
    assert (np.abs(parts - shares) < 1 + 1e-6).all()
