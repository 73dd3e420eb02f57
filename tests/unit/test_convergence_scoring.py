"""Scoring of Convergence: hand-worked cases and properties of the formulas."""

from __future__ import annotations

import math
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from lake.catalog.convergence import (
    domaine_expr,
    trimestre_acheve,
    trimestre_fin,
    trimestre_nom,
    trimestre_rang,
)
from lake.errors import ContractError, UnknownName
from scoring.convergence.detail import CACHE, NON_APPLICABLE, detail, formule
from scoring.convergence.scores import MESURES, projections, score

REF = pl.LazyFrame(
    {
        "questionnaire": ["QU", "QU", "QU", "QI", "QR"],
        "axe": ["A", "A", "B", "C", "R"],
        "critere": ["A1", "A2", "B1", "C1", "R1"],
        "sujet": ["service", "service", "service", "service", "si_regional"],
        "niveau_attendu": [3, 1, 2, 0, 3],
        "poids": [1.0, 1.0, 1.0, 1.0, 1.0],
        "question": [None, None, "q", None, None],
    }
)


def services(*rows: dict[str, object]) -> pl.LazyFrame:
    return pl.LazyFrame([{"region": "44", **row} for row in rows], infer_schema_length=None)


def reponses(**levels: object) -> pl.LazyFrame:
    """``x_A1=2`` answers level 2; ``None`` not applicable; text: carried by that service."""
    rows = []
    for name, value in levels.items():
        service, critere = name.split("_")
        rows.append(
            {
                "service": service,
                "critere": critere,
                "niveau": value if isinstance(value, int) else None,
                "non_applicable": value is None,
                "porte_par": value if isinstance(value, str) else None,
            }
        )
    schema = {
        "service": pl.String,
        "critere": pl.String,
        "niveau": pl.Int64,
        "non_applicable": pl.Boolean,
        "porte_par": pl.String,
    }
    return pl.LazyFrame(rows, schema=schema)


def plans(*rows: tuple[str, str, int, str]) -> pl.LazyFrame:
    return pl.LazyFrame(rows, schema=["service", "critere", "niveau", "trimestre"], orient="row")


def values(frame: pl.LazyFrame, key: str) -> dict[object, tuple[int, float, float]]:
    """(questionnaire, key) or key -> (services, rate, level)."""
    rows = frame.select(key, *MESURES).collect().iter_rows()
    return {first: (n, pytest.approx(rate), pytest.approx(level)) for first, n, rate, level in rows}


X = services({"service": "x"})


def test_attainment_is_capped_and_an_expected_level_zero_is_attained() -> None:
    got = values(score(X, reponses(x_A1=1, x_A2=3, x_C1=0), REF), "axe")
    assert got == {"A": (1, (1 / 3 + 1) / 2 * 100, 2.0), "C": (1, 100.0, 0.0)}


def test_weights_weigh_criteria_within_an_axis_only() -> None:
    heavy = REF.with_columns(poids=pl.when(pl.col("critere") == "A1").then(3.0).otherwise(1.0))
    got = values(score(X, reponses(x_A1=0, x_A2=1, x_B1=2), heavy), "axe")
    assert got == {"A": (1, 25.0, 0.25), "B": (1, 100.0, 2.0)}
    assert values(
        score(X, reponses(x_A1=0, x_A2=1, x_B1=2), heavy, par="questionnaire"), "questionnaire"
    ) == {"QU": (1, 62.5, 1.125)}


def test_a_questionnaire_is_a_mean_of_services_not_of_axes() -> None:
    # x: (A 100 + B 0) / 2 = 50; y: B 100. Mean of services 75; a mean of axes would be (100 + 50) / 2.
    two = services({"service": "x"}, {"service": "y"})
    got = score(two, reponses(x_A1=3, x_A2=1, x_B1=0, y_B1=2), REF, par="questionnaire")
    assert values(got, "questionnaire") == {"QU": (2, 75.0, 1.5)}


def test_the_publication_scope_and_its_projection() -> None:
    all_kinds = services(
        {"service": "x"},
        {"service": "hidden", "publiable": False},
        {"service": "rare", "tronc_commun": False},
        {"service": "old", "converge": False},
        {"service": "si", "kind": "si_regional", "publiable": False},
    )
    answers = reponses(x_A1=3, hidden_A1=3, rare_A1=3, old_A1=0, si_R1=3, si_A1=3, x_R1=3)
    counts = score(all_kinds, answers, REF)
    assert values(counts, "axe") == {"A": (2, 50.0, 1.5), "R": (1, 100.0, 3.0)}
    later = score(all_kinds, answers, REF, horizon="2021-T1")
    assert values(later, "axe") == {"A": (1, 100.0, 3.0), "R": (1, 100.0, 3.0)}
    assert values(score(all_kinds, answers, REF, perimetre="tous"), "axe")["A"] == (4, 75.0, 2.25)


def test_carried_levels_follow_chains_and_refusals_to_transmit() -> None:
    four = services({"service": "a"}, {"service": "b"}, {"service": "c"}, {"service": "d"})
    chain = reponses(a_A1="b", b_A1="c", c_A1=2, d_A1="a")
    assert values(score(four, chain, REF, par="service"), "service") == {
        name: (1, pytest.approx(200 / 3), 2.0) for name in "abcd"
    }
    silent = chain.with_columns(transmis=pl.col("service") != "b")
    assert set(values(score(four, silent, REF, par="service"), "service")) == {"b", "c"}
    gone = reponses(a_A1="b", b_A1=None, c_A1="nobody")
    assert score(four, gone, REF).collect().is_empty()


def test_a_carried_criterion_follows_the_plans_of_its_carrier() -> None:
    two = services({"service": "a"}, {"service": "b", "publiable": False})
    answers = reponses(a_A1="b", b_A1=0)
    steps = plans(("b", "A1", 2, "2022-T3"), ("a", "A1", 1, "2021-T1"))
    got = projections(two, answers, REF, steps, ["2020-T4", "2021-T4", date(2022, 9, 29), date(2022, 9, 30)])
    assert got.collect()["niveau_maturite"].to_list() == [0.0, 1.0, 1.0, 2.0]


def test_cycles_are_an_error_that_names_them() -> None:
    three = services({"service": "a"}, {"service": "b"}, {"service": "c"}, {"service": "d"})
    answers = reponses(a_A1="b", b_A1="c", c_A1="a", d_A1="a", d_B1="d")
    with pytest.raises(ContractError, match=r"a → b → c → a \(critère A1\) ; d → d \(critère B1\)"):
        score(three, answers, REF).collect()


def test_a_known_preliminary_answer_hides_and_an_unknown_one_shows() -> None:
    three = services({"service": "x"}, {"service": "y"}, {"service": "z"})
    answers = reponses(x_B1=0, y_B1=1, z_B1=2)
    known = pl.LazyFrame({"service": ["x", "y"], "question": ["q", "q"], "valeur": [False, None]})
    assert values(score(three, answers, REF, preliminaires=known), "axe") == {"B": (2, 75.0, 1.5)}


def test_expected_levels_change_at_their_date() -> None:
    dated = pl.LazyFrame(
        {
            "questionnaire": ["QU"] * 2,
            "axe": ["A"] * 2,
            "critere": ["A1"] * 2,
            "niveau_attendu": [3, 1],
            "a_partir_du": [date(2022, 1, 1), date(2020, 1, 1)],
        }
    )
    answers = reponses(x_A1=1)
    rate = {
        day: score(X, answers, dated, au=day).collect()["taux_maturite_pct"].item()
        for day in (None, date(2019, 1, 1), date(2021, 12, 31), date(2022, 1, 1))
    }
    assert list(rate.values()) == [100.0, 100.0, 100.0, pytest.approx(100 / 3)]
    curve = projections(
        X, answers, dated, plans(("x", "A1", 2, "2022-T4")), ["2021-T4", "2022-T3", "2022-T4"]
    )
    assert curve.collect()["taux_maturite_pct"].to_list() == [
        100.0,
        pytest.approx(100 / 3),
        pytest.approx(200 / 3),
    ]


def test_dimensions_of_services_and_of_solutions() -> None:
    two = services(
        {"service": "x", "zone_pos": "4.1", "kind": "infrastructure"},
        {"service": "y", "zone_pos": "6.2", "region": "11", "kind": "metier"},
    )
    answers = reponses(x_B1=2, y_B1=1)
    uses = pl.LazyFrame({"service": ["x", "x", "y"], "editeur": ["E", "E", "E"], "solution": ["S", "T", "T"]})
    assert values(score(two, answers, REF, par="domaine"), "domaine") == {
        "4": (1, 100.0, 2.0),
        "6.2": (1, 50.0, 1.0),
    }
    assert values(score(two, answers, REF, par="solution", solutions=uses), "solution") == {
        "S": (1, 100.0, 2.0),
        "T": (2, 75.0, 1.5),
    }
    assert values(score(two, answers, REF, par="editeur", solutions=uses), "editeur") == {"E": (2, 75.0, 1.5)}
    both = score(two, answers, REF, par=["axe", "region"]).collect()
    assert both.select("axe", "region", "niveau_maturite").rows() == [("B", "11", 1.0), ("B", "44", 2.0)]
    with pytest.raises(ContractError, match="demande les solutions"):
        score(two, answers, REF, par="solution")


def test_unknown_names_are_refused_with_suggestions() -> None:
    with pytest.raises(UnknownName, match="axe"):
        score(X, reponses(x_A1=1), REF, par="axes")
    with pytest.raises(UnknownName, match="publication"):
        score(X, reponses(x_A1=1), REF, perimetre="publique")


def test_quarters() -> None:
    assert trimestre_fin("2022-T3") == date(2022, 9, 30)
    assert trimestre_fin("2024-T1") == date(2024, 3, 31)
    assert trimestre_nom(trimestre_rang("2022-T4")) == "2022-T4"
    assert trimestre_nom(trimestre_acheve(date(2022, 9, 30))) == "2022-T3"
    assert trimestre_nom(trimestre_acheve(date(2022, 9, 29))) == "2022-T2"
    assert trimestre_nom(trimestre_acheve(date(2021, 1, 1))) == "2020-T4"
    with pytest.raises(ContractError, match="2022-T5"):
        trimestre_fin("2022-T5")


def test_domains_of_zones() -> None:
    zones = pl.DataFrame({"zone_pos": ["6.2", "4.1", "7.3", "8", None]})
    assert zones.select(domaine_expr()).to_series().to_list() == ["6.2", "4", "7", "8", None]


def test_the_detail_redoes_the_sum_and_names_each_exclusion() -> None:
    two = services({"service": "x"}, {"service": "y"})
    answers = reponses(x_A1=1, x_A2=3, x_B1=2, y_A1=None, y_A2=0, y_B1=0)
    known = pl.LazyFrame({"service": ["y"], "question": ["q"], "valeur": [False]})
    rows = detail(two, answers, REF, preliminaires=known)
    reasons = {
        (service, critere): reason
        for service, critere, reason in rows.select("service", "critere", "motif_exclusion")
        .collect()
        .iter_rows()
    }
    assert reasons == {
        ("x", "A1"): None,
        ("x", "A2"): None,
        ("x", "B1"): None,
        ("y", "A1"): NON_APPLICABLE,
        ("y", "A2"): None,
        ("y", "B1"): CACHE,
    }
    sums = formule(rows).filter(pl.col("axe") == "A").collect().to_dicts()
    assert [(row["service"], row["n_criteres"], row["somme_poids"], row["exclusions"]) for row in sums] == [
        ("x", 2, 2.0, 0),
        ("y", 1, 1.0, 1),
    ]
    assert sums[0]["somme_atteinte"] == pytest.approx(1 / 3 + 1)
    assert sums[0]["taux_axe_pct"] == pytest.approx(200 / 3)
    assert rows.select("p_services").filter(pl.col("p_services") > 2).collect().is_empty()


# Properties ------------------------------------------------------------------------------------------

CRITERES = ("A1", "A2", "B1", "C1")
ANSWERS = st.dictionaries(
    st.tuples(st.sampled_from("uvwx"), st.sampled_from(CRITERES)),
    st.one_of(st.none(), st.integers(0, 3)),
    min_size=1,
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from("uvwx"),
        st.sampled_from(CRITERES),
        st.integers(0, 3),
        st.integers(trimestre_rang("2021-T1"), trimestre_rang("2023-T4")).map(trimestre_nom),
    ),
    min_size=1,
)
UVWX = services(*({"service": name, "converge": True} for name in "uvwx"))


def from_dict(answers: dict[tuple[str, str], int | None]) -> pl.LazyFrame:
    return reponses(**{f"{service}_{critere}": level for (service, critere), level in answers.items()})


def rates(
    answers: dict[tuple[str, str], int | None], ref: pl.LazyFrame = REF, par: str = "axe"
) -> pl.DataFrame:
    return score(UVWX, from_dict(answers), ref, par=par).collect()


@settings(max_examples=40, deadline=None)
@given(ANSWERS, st.sampled_from(["axe", "questionnaire", "service", "critere"]))
def test_rates_and_levels_stay_in_their_scale(answers: dict[tuple[str, str], int | None], par: str) -> None:
    got = rates(answers, par=par)
    assert got["taux_maturite_pct"].is_between(0, 100).all()
    assert got["niveau_maturite"].is_between(0, 3).all()


@settings(max_examples=40, deadline=None)
@given(ANSWERS, st.sampled_from("uvwx"), st.sampled_from(CRITERES))
def test_a_non_applicable_answer_changes_nothing(
    answers: dict[tuple[str, str], int | None], service: str, critere: str
) -> None:
    without = {key: level for key, level in answers.items() if key != (service, critere)}
    assert_frame_equal(rates(without), rates({**without, (service, critere): None}), abs_tol=1e-9)


@settings(max_examples=40, deadline=None)
@given(ANSWERS, st.data())
def test_raising_a_level_never_lowers_a_rate(
    answers: dict[tuple[str, str], int | None], data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(answers)))
    if answers[key] is None:
        return
    raised = {**answers, key: data.draw(st.integers(answers[key], 3))}
    for par in ("axe", "questionnaire"):
        before, after = rates(answers, par=par), rates(raised, par=par)
        for column in ("taux_maturite_pct", "niveau_maturite"):
            assert (after[column] >= before[column] - 1e-9).all()


@settings(max_examples=30, deadline=None)
@given(ANSWERS, STEPS)
def test_projections_never_decrease(
    answers: dict[tuple[str, str], int | None], steps: list[tuple[str, str, int, str]]
) -> None:
    quarters = [trimestre_nom(rank) for rank in range(trimestre_rang("2020-T4"), trimestre_rang("2024-T1"))]
    curve = projections(UVWX, from_dict(answers), REF, plans(*steps), quarters).collect()
    for _, axis in curve.group_by("questionnaire", "axe", maintain_order=True):
        assert axis.height == len(quarters)
        assert (axis["taux_maturite_pct"].diff().drop_nulls() >= -1e-9).all()
        assert (axis["niveau_maturite"].diff().drop_nulls() >= -1e-9).all()
        assert axis["services_concernes"].n_unique() == 1
    alone = score(UVWX, from_dict(answers), REF, plans=plans(*steps), horizon=quarters[-1]).collect()
    last = curve.filter(pl.col("horizon") == date(2023, 12, 31)).drop("horizon")
    assert_frame_equal(last, alone, abs_tol=1e-9)


@settings(max_examples=30, deadline=None)
@given(ANSWERS, st.floats(0.01, 1000))
def test_scaling_all_weights_changes_nothing(
    answers: dict[tuple[str, str], int | None], factor: float
) -> None:
    scaled = REF.with_columns(pl.col("poids") * factor)
    before, after = rates(answers), rates(answers, scaled)
    assert before["services_concernes"].equals(after["services_concernes"])
    for column in ("taux_maturite_pct", "niveau_maturite"):
        assert after[column].to_list() == pytest.approx(before[column].to_list())


def test_hundreds_of_criteria_and_weights_far_apart_are_averaged_to_the_last_digits() -> None:
    count = 600
    weights = [float(10 ** (rank % 7)) / 1000 for rank in range(count)]
    levels = [rank % 4 for rank in range(count)]
    wide = pl.DataFrame(
        {
            "questionnaire": "QU",
            "axe": "A",
            "critere": [f"A{rank:03d}" for rank in range(count)],
            "niveau_attendu": 3,
            "poids": weights,
        }
    ).lazy()
    answers = pl.DataFrame(
        {"service": "u", "critere": [f"A{rank:03d}" for rank in range(count)], "niveau": levels}
    ).lazy()
    found = score(pl.DataFrame({"service": ["u"]}).lazy(), answers, wide, perimetre="tous").collect()
    by_hand = math.fsum(w * n for w, n in zip(weights, levels, strict=True)) / math.fsum(weights)
    assert found["niveau_maturite"].item() == pytest.approx(by_hand, rel=1e-12)
    assert found["taux_maturite_pct"].item() == pytest.approx(100 * by_hand / 3, rel=1e-12)


def test_a_criterion_asked_of_others_counts_for_nobody_else() -> None:
    mixed = pl.concat(
        [REF, REF.with_columns(critere=pl.col("critere") + "r", sujet=pl.lit("si_regional"))], how="diagonal"
    ).with_columns(pl.col("sujet").fill_null("service"))
    answers = pl.DataFrame(
        {"service": ["u", "u", "si"], "critere": ["A1", "A1r", "A1r"], "niveau": [3, 0, 1]}
    ).lazy()
    asked = pl.DataFrame({"service": ["u", "si"], "kind": ["metier", "si_regional"]}).lazy()
    found = score(asked, answers, mixed, perimetre="tous", par="service").collect()
    assert found.select("service", "niveau_maturite").sort("service").rows() == [("si", 1.0), ("u", 3.0)]


@pytest.mark.parametrize(
    ("levels", "rate"), [((1, 2), 50.0), ((1, 1, 1), 100 * (1 / 3)), ((0, 1, 2, 3), 50.0)]
)
def test_thirds_add_up_to_the_last_digit(levels: tuple[int, ...], rate: float) -> None:
    """A service at 50 % is not one « sous 50 % »: an error far below what is shown moves whom it counts."""
    names = [f"A{rank}" for rank, _ in enumerate(levels)]
    wide = pl.LazyFrame({"questionnaire": "QU", "axe": "A", "critere": names, "niveau_attendu": 3})
    answers = pl.LazyFrame({"service": "u", "critere": names, "niveau": levels})
    found = score(pl.LazyFrame({"service": ["u"]}), answers, wide, perimetre="tous").collect()
    assert found["taux_maturite_pct"].item() == rate
