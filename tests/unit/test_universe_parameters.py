"""What a question says besides axes: checked, told, part of the address and of the cache; what it changes."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from lake.catalog.convergence import (
    PLANS,
    PRELIMINAIRES,
    REFERENTIEL,
    REPONSES,
    SERVICES,
    SOLUTIONS,
    rang_expr,
    trimestre_nom,
)
from lake.errors import LakeError, UnknownName
from scoring.convergence.scores import score
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.engine import query
from scoring.universes.selection import Selection
from tests.demo_lake import Held, called

CAMPAGNE = date(2020, 12, 15)
PRESENT = ("services_concernes", "taux_maturite_pct", "niveau_maturite")


@pytest.fixture(scope="module")
def lac(petit_lake: Path) -> Held:
    return Held(petit_lake)


def asked(lac: Held, by: Sequence[str], measures: Sequence[str] = PRESENT, **said: str) -> pl.DataFrame:
    return query(CONVERGENCE, lac.scan, Selection(parameters=said), measures, by).collect()


def scored(lac: Held, par: str, **more: str) -> pl.DataFrame:
    here = (pl.col("volet") == "regions") & (pl.col("campagne") == CAMPAGNE)
    return score(
        lac.scan(SERVICES).filter(here),
        lac.scan(REPONSES).filter(here),
        lac.scan(REFERENTIEL).filter(pl.col("volet") == "regions"),
        plans=lac.scan(PLANS).filter(here),
        preliminaires=lac.scan(PRELIMINAIRES).filter(here),
        solutions=lac.scan(SOLUTIONS).filter(here),
        par=par,
        au=CAMPAGNE,
        **more,  # type: ignore[arg-type]
    ).collect()


def last_planned(lac: Held) -> str:
    here = (pl.col("volet") == "regions") & (pl.col("campagne") == CAMPAGNE)
    return trimestre_nom(lac.scan(PLANS).filter(here).select(rang_expr().max()).collect().item())


@pytest.mark.parametrize("par", ["axe", "region", "editeur", "critere"])
def test_a_horizon_gives_the_projection_of_the_score(lac: Held, par: str) -> None:
    code = "code_region" if par == "region" else par
    found = asked(lac, ["questionnaire", code], horizon="2021-T4").rename({code: par})
    expected = scored(lac, par, horizon="2021-T4")
    assert_frame_equal(found, expected, check_row_order=False, abs_tol=1e-9)
    now = asked(lac, ["questionnaire", code]).rename({code: par})
    assert not found.equals(now), "the plans of the demo change something"


def test_a_scope_gives_every_declared_service(lac: Held) -> None:
    found = asked(lac, ["questionnaire"], perimetre="tous")
    expected = scored(lac, "questionnaire", perimetre="tous")
    assert_frame_equal(found, expected, abs_tol=1e-9)
    assert found["services_concernes"].sum() > asked(lac, ["questionnaire"])["services_concernes"].sum()


def test_projected_measures_stand_beside_the_present_ones(lac: Held) -> None:
    """Without horizon: the present at its date, the projection at the last planned quarter, in one answer."""
    both = asked(lac, ["questionnaire"], [*PRESENT, "taux_projete_pct", "niveau_projete"])
    assert_frame_equal(both.select("questionnaire", *PRESENT), scored(lac, "questionnaire"), abs_tol=1e-9)
    projected = scored(lac, "questionnaire", horizon=last_planned(lac))
    assert both["taux_projete_pct"].to_list() == pytest.approx(projected["taux_maturite_pct"].to_list())
    assert both["niveau_projete"].to_list() == pytest.approx(projected["niveau_maturite"].to_list())


def test_projected_measures_follow_the_horizon_given(lac: Held) -> None:
    found = asked(lac, ["questionnaire"], ["taux_maturite_pct", "taux_projete_pct"], horizon="2021-T2")
    projected = scored(lac, "questionnaire", horizon="2021-T2")["taux_maturite_pct"].to_list()
    assert found["taux_projete_pct"].to_list() == pytest.approx(projected)
    assert found["taux_maturite_pct"].to_list() == pytest.approx(projected)


def test_the_expected_level_of_one_criterion_is_the_referential_s(lac: Held) -> None:
    rows = asked(lac, ["questionnaire", "critere"], ["niveau_attendu"])
    expected = lac.scan(REFERENTIEL).filter(pl.col("volet") == "regions").collect()
    known = {(one["questionnaire"], one["critere"]): one["niveau_attendu"] for one in expected.to_dicts()}
    for questionnaire, critere, attendu in rows.iter_rows():
        assert attendu == pytest.approx(known[questionnaire, critere])


def test_a_rate_is_full_where_every_level_reaches_what_is_expected(lac: Held) -> None:
    rows = asked(lac, ["questionnaire", "axe"], [*PRESENT, "niveau_attendu"])
    short = rows.filter(pl.col("niveau_maturite") < pl.col("niveau_attendu") - 1e-9)
    assert short.filter(pl.col("taux_maturite_pct") >= 100).height == 0


def test_unknown_parameters_and_values_are_refused_with_suggestions(lac: Held) -> None:
    with pytest.raises(UnknownName, match=r"« horison ».*Vouliez-vous dire : horizon"):
        asked(lac, [], horison="2022-T4")
    with pytest.raises(UnknownName, match=r"« publications ».*publication"):
        asked(lac, [], perimetre="publications")
    with pytest.raises(
        LakeError, match=r"Horizon illisible.*« 2022T4 ».*AAAA-Tn, par exemple 2022-T4, ou AAAA-MM-JJ ou fin"
    ):
        asked(lac, [], horizon="2022T4")
    with pytest.raises(UnknownName, match=r"paramètre"):
        ANNUAIRE.settled(Selection(parameters={"horizon": "2022-T4"}))


def test_saying_the_default_is_saying_nothing() -> None:
    said = Selection(parameters={"perimetre": "publication", "horizon": ""})
    assert CONVERGENCE.settled(said) == Selection()
    assert CONVERGENCE.saying(Selection()).parameters == {"perimetre": "publication"}
    assert CONVERGENCE.saying(Selection(), {"horizon": "fin"}).parameter("horizon") == "fin"
    asked = Selection(parameters={"horizon": "2021-T1"})
    assert CONVERGENCE.saying(asked, {"horizon": "fin"}).parameter("horizon") == "2021-T1"


@given(st.dictionaries(st.sampled_from(["horizon", "perimetre"]), st.text(max_size=8), max_size=2))
def test_parameters_survive_the_address_apart_from_filters(said: dict[str, str]) -> None:
    selection = Selection({"region": ("44",)}, date(2020, 12, 15), parameters=said)
    again = Selection.from_params(selection.to_params(), parameters=("horizon", "perimetre"))
    assert again == selection
    assert hash(again) == hash(selection)
    assert pickle.loads(pickle.dumps(selection)) == selection
    assert again.filters == {"region": ("44",)}


def test_filters_and_dates_change_without_losing_parameters() -> None:
    said = Selection({"region": ("44",)}, parameters={"horizon": "2022-T4"})
    for changed in (
        said.without("region"),
        said.toggled("region", "11"),
        said.only([]),
        said.at(date(2020, 6, 30)),
        said.with_filter("kind", ["metier"]),
    ):
        assert changed.parameter("horizon") == "2022-T4"
    assert said.with_parameter("horizon", "").parameters == {}
    assert said != said.with_parameter("horizon", "2022-T3")


def test_the_command_takes_a_parameter(petit_lake: Path, lac: Held) -> None:
    options = ("--par", "questionnaire", "--format", "csv")
    command = ("query", "convergence", "--mesure", "taux_maturite_pct", *options)
    done = called(*command, "--parametre", "horizon=2021-T4", lake=petit_lake)
    shown = pl.read_csv(done.stdout.encode())
    expected = scored(lac, "questionnaire", horizon="2021-T4")["taux_maturite_pct"].to_list()
    assert shown["taux_maturite_pct"].to_list() == pytest.approx(expected)
    for wrong, said in (
        ("horizon", "Paramètre illisible"),
        ("horison=", "« horison »"),
        ("horizon=demain", "AAAA-Tn"),
    ):
        refused = called(*command, "--parametre", wrong, lake=petit_lake, check=False)
        assert refused.returncode == 1
        assert said in refused.stderr
    listed = called("univers", "convergence", lake=petit_lake).stdout
    assert "horizon : Horizon (fin, AAAA-Tn" in listed
    assert "perimetre : Périmètre (publication, tous" in listed
