"""The ``convergence`` universe says what the scoring says, whatever is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from lake.catalog.convergence import PRELIMINAIRES, REFERENTIEL, REPONSES, SERVICES, SOLUTIONS
from lake.errors import RefusedCombination, UnknownName
from scoring.convergence.scores import DIMENSIONS, score
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.engine import choices, latest, query, resolve
from scoring.universes.selection import Selection
from tests.demo_lake import Held

MEASURES = ("services_concernes", "taux_maturite_pct", "niveau_maturite")
CAMPAGNE = date(2020, 12, 15)


@pytest.fixture(scope="module")
def lac(petit_lake: Path) -> Held:
    return Held(petit_lake)


def asked(lac: Held, by: Sequence[str], total: bool = False, **filters: list[str]) -> pl.DataFrame:
    selection = resolve(CONVERGENCE, lac.scan, Selection(filters))
    return query(CONVERGENCE, lac.scan, selection, MEASURES, by, total=total).collect()


def scored(
    lac: Held, par: Sequence[str], volet: str = "regions", keep: pl.Expr | None = None
) -> pl.DataFrame:
    here = (pl.col("volet") == volet) & (pl.col("campagne") == CAMPAGNE)
    services = lac.scan(SERVICES).filter(here)
    return score(
        services if keep is None else services.filter(keep),
        lac.scan(REPONSES).filter(here),
        lac.scan(REFERENTIEL).filter(pl.col("volet") == volet),
        preliminaires=lac.scan(PRELIMINAIRES).filter(here),
        solutions=lac.scan(SOLUTIONS).filter(here),
        par=par,
        au=CAMPAGNE,
    ).collect()


@pytest.mark.parametrize("par", [name for name in DIMENSIONS if name != "questionnaire"])
def test_each_dimension_equals_the_score(lac: Held, par: str) -> None:
    code = "code_region" if par == "region" else par
    found = asked(lac, ["questionnaire", code]).rename({code: par})
    expected = scored(lac, [par])
    assert_frame_equal(found, expected, check_row_order=False, abs_tol=1e-9)


@pytest.mark.parametrize(
    "par", [("axe", "region"), ("region", "domaine"), ("critere", "editeur"), ("solution", "kind")]
)
def test_two_dimensions_equal_the_score(lac: Held, par: tuple[str, str]) -> None:
    codes = ["code_region" if name == "region" else name for name in par]
    found = asked(lac, ["questionnaire", *codes]).rename(dict(zip(codes, par, strict=True)))
    assert_frame_equal(found, scored(lac, par), check_row_order=False, abs_tol=1e-9)


def test_a_filter_keeps_the_services(lac: Held) -> None:
    keep = pl.col("region") == "44"
    assert_frame_equal(
        asked(lac, ["questionnaire"], region=["Grand Est"]),
        scored(lac, ["questionnaire"], keep=keep),
        abs_tol=1e-9,
    )


def test_a_service_with_two_editors_chosen_counts_once(lac: Held) -> None:
    here = (pl.col("volet") == "regions") & (pl.col("campagne") == CAMPAGNE)
    used = lac.scan(SOLUTIONS).filter(here, pl.col("editeur").is_in(["Maincare", "PLEIADES"])).collect()
    both = used.group_by("service").agg(pl.col("editeur").n_unique()).filter(pl.col("editeur") == 2)
    assert both.height, "the demo has such services"
    keep = pl.col("service").is_in(used["service"].unique().implode())
    assert_frame_equal(
        asked(lac, ["questionnaire"], editeur=["Maincare", "PLEIADES"]),
        scored(lac, ["questionnaire"], keep=keep),
        abs_tol=1e-9,
    )


def test_a_filter_on_an_axis_gives_the_axis(lac: Held) -> None:
    axis = scored(lac, ["axe"]).filter(pl.col("axe") == "A05").select(MEASURES)
    assert_frame_equal(asked(lac, [], axe=["A05"]), axis, abs_tol=1e-9)


def test_the_same_axis_of_two_questionnaires_is_told_apart(lac: Held) -> None:
    rows = asked(lac, ["questionnaire", "axe"]).filter(pl.col("axe") == "A06")
    assert rows["questionnaire"].to_list() == ["QR", "QU"]


def test_labels_of_axes_and_domains(lac: Held) -> None:
    rows = asked(lac, ["questionnaire", "axe", "libelle_axe"])
    assert_frame_equal(rows.drop("libelle_axe"), asked(lac, ["questionnaire", "axe"]), abs_tol=1e-9)
    assert dict(rows.select("axe", "libelle_axe").iter_rows())["A11"] == "DMP"
    domains = asked(lac, ["domaine", "libelle_domaine"], questionnaire=["QU"])
    assert "Télésanté" in domains["libelle_domaine"].to_list()


def test_the_total_is_recomputed(lac: Held) -> None:
    rows = asked(lac, ["solution"], total=True, questionnaire=["QU"])
    assert rows["services_concernes"][-1] == 299
    assert rows["services_concernes"][:-1].sum() > 299
    assert rows.row(-1)[1:] == pytest.approx(asked(lac, [], questionnaire=["QU"]).row(0))


def test_products_stay_apart(lac: Held) -> None:
    assert set(asked(lac, ["questionnaire"])["questionnaire"]) == {"QI", "QR", "QU"}
    products = asked(lac, ["questionnaire"], volet=["industriels"])
    assert_frame_equal(products, scored(lac, ["questionnaire"], volet="industriels"), abs_tol=1e-9)
    assert set(asked(lac, ["volet", "questionnaire"])["volet"]) == {"regions", "industriels"}


def test_one_row_a_campaign_and_no_sum_of_campaigns(lac: Held) -> None:
    rows = asked(lac, ["campagne", "questionnaire"])
    assert rows["campagne"].unique().sort().to_list() == [date(2020, 6, 30), CAMPAGNE]
    last = rows.filter(pl.col("campagne") == CAMPAGNE).drop("campagne")
    assert_frame_equal(last, scored(lac, ["questionnaire"]), abs_tol=1e-9)
    with pytest.raises(RefusedCombination):
        query(CONVERGENCE, lac.scan, Selection(), MEASURES, ["campagne"], total=True).collect()


def test_choices_and_unknown_values(lac: Held) -> None:
    assert latest(CONVERGENCE, lac.scan) == CAMPAGNE
    names = dict(choices(CONVERGENCE, lac.scan, CONVERGENCE.axis("axe")).iter_rows())
    assert names["QU-A05"] == "A05 · Moyens d'authentification"
    assert resolve(CONVERGENCE, lac.scan, Selection({"axe": ["A05"]})).values("axe") == ("QU-A05",)
    assert resolve(CONVERGENCE, lac.scan, Selection({"axe": ["A06"]})).values("axe") == ("QR-A06", "QU-A06")
    regions = dict(choices(CONVERGENCE, lac.scan, CONVERGENCE.axis("region"), CAMPAGNE).iter_rows())
    assert regions["44"] == "Grand Est"
    assert len(regions) == 17
    with pytest.raises(UnknownName):
        resolve(CONVERGENCE, lac.scan, Selection({"axe": ["A99"]}))
    with pytest.raises(UnknownName):
        resolve(CONVERGENCE, lac.scan, Selection({}, date(2020, 12, 14)))


def test_nothing_answers(lac: Held) -> None:
    empty = query(
        CONVERGENCE, lac.scan, Selection({"volet": ["industriels"]}, date(2019, 1, 1)), MEASURES, ["axe"]
    )
    assert empty.collect().height == 0
