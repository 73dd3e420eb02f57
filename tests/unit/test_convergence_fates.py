"""What became of planned steps and of answers, from one campaign to the next: hand-worked cases, and nothing lost."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.catalog.convergence import trimestre_nom, trimestre_rang
from scoring.convergence.detail import detail
from scoring.convergence.history import (
    AJOUTE,
    ATTENDU,
    BAISSE,
    CLASSES,
    DEVENU_NA,
    INCHANGE,
    MONTE,
    NOUVEAU,
    PERDU,
    PORTEUR,
    REDEVENU,
    RETIRE,
    RETROUVE,
    SUPPRIME,
    compared,
)
from scoring.convergence.plans import (
    ABANDONNEE,
    ATTEINTE,
    AVANCEE,
    DEVENIRS,
    MAINTENUE,
    NOUVELLE,
    REPOUSSEE,
    SANS_OBJET,
    fates,
)
from scoring.convergence.scores import projections, score
from tests.unit.test_convergence_scoring import REF, X, plans, reponses, services

AU = date(2020, 12, 15)  # the last quarter over is 2020-T3


def steps(*rows: tuple[str, str, int, str]) -> pl.LazyFrame:
    schema = {"service": pl.String, "critere": pl.String, "niveau": pl.Int64, "trimestre": pl.String}
    return pl.LazyFrame(rows, schema=schema, orient="row").with_columns(non_planifiable=pl.lit(False))


def state(answers: pl.LazyFrame, who: pl.LazyFrame, **more: pl.LazyFrame) -> pl.LazyFrame:
    return detail(who, answers, REF, perimetre="tous", au=AU, **more)


def found(frame: pl.LazyFrame) -> dict[tuple[str, str, int], tuple[str, int | None, bool]]:
    rows = (
        frame.select("service", "critere", "niveau", "devenir", "retard", "en_retard").collect().iter_rows()
    )
    return {(a, b, c): (fate, moved, late) for a, b, c, fate, moved, late in rows}


def test_every_step_has_one_fate() -> None:
    who = services({"service": "x", "converge": True}, {"service": "old", "converge": False})
    answers = reponses(x_A1=1, x_A2=None, x_B1=0, x_C1=0, old_A1=0)
    before = steps(
        ("x", "A1", 1, "2020-T3"),  # due, reached, no more planned
        ("x", "A1", 2, "2021-T1"),  # later now
        ("x", "A1", 3, "2022-T4"),  # sooner now
        ("x", "A2", 1, "2020-T3"),  # due; the criterion has become not applicable
        ("x", "B1", 1, "2020-T3"),  # due, not reached, planned anew
        ("x", "B1", 2, "2021-T2"),  # given up
        ("x", "C1", 1, "2020-T2"),  # due, not reached, given up
        ("old", "A1", 1, "2020-T3"),  # due; its service leaves
        ("gone", "A1", 1, "2020-T3"),  # no longer declared
    )
    now = steps(
        ("x", "A1", 2, "2021-T3"),
        ("x", "A1", 3, "2022-T3"),
        ("x", "B1", 1, "2021-T1"),
        ("x", "B1", 3, "2023-T1"),
    )
    rows = fates(now, state(answers, who), who, before=before, au=AU)
    assert found(rows) == {
        ("x", "A1", 1): (ATTEINTE, None, False),
        ("x", "A1", 2): (REPOUSSEE, 2, False),
        ("x", "A1", 3): (AVANCEE, -1, False),
        ("x", "A2", 1): (SANS_OBJET, None, False),
        ("x", "B1", 1): (REPOUSSEE, 2, True),
        ("x", "B1", 2): (ABANDONNEE, None, False),
        ("x", "B1", 3): (NOUVELLE, None, False),
        ("x", "C1", 1): (ABANDONNEE, None, True),
        ("old", "A1", 1): (SANS_OBJET, None, False),
    }
    first = fates(now, state(answers, who), who, au=AU)
    assert {fate for fate, _, _ in found(first).values()} == {NOUVELLE}
    same = fates(now, state(answers, who), who, before=now, au=AU)
    assert {(fate, moved) for fate, moved, _ in found(same).values()} == {(MAINTENUE, 0)}


def test_a_step_of_a_criterion_that_a_preliminary_answer_now_hides_is_late_no_more() -> None:
    who = services({"service": "x", "converge": True})
    before, answers = steps(("x", "B1", 2, "2020-T3")), reponses(x_B1=0)
    late = fates(steps(), state(answers, who), who, before=before, au=AU)
    assert found(late) == {("x", "B1", 2): (ABANDONNEE, None, True)}
    hides = pl.LazyFrame({"service": ["x"], "question": ["q"], "valeur": [False]})
    void = fates(steps(), state(answers, who, preliminaires=hides), who, before=before, au=AU)
    assert found(void) == {("x", "B1", 2): (SANS_OBJET, None, False)}


PLANNED = st.dictionaries(
    st.tuples(st.sampled_from("uv"), st.sampled_from(["A1", "A2", "B1"]), st.integers(1, 3)),
    st.integers(trimestre_rang("2020-T1"), trimestre_rang("2022-T4")).map(trimestre_nom),
)


@settings(max_examples=40, deadline=None)
@given(PLANNED, PLANNED, st.dictionaries(st.sampled_from(["u_A1", "v_A1", "v_B1"]), st.integers(0, 3)))
def test_no_step_vanishes(
    before: dict[tuple[str, str, int], str], now: dict[tuple[str, str, int], str], levels: dict[str, int]
) -> None:
    who = services({"service": "u", "converge": True}, {"service": "v", "converge": True})
    then, here = (steps(*((*key, quarter) for key, quarter in one.items())) for one in (before, now))
    rows = found(fates(here, state(reponses(**levels), who), who, before=then, au=AU))
    assert set(rows) == before.keys() | now.keys()
    for key, (fate, moved, late) in rows.items():
        assert fate in DEVENIRS
        assert (fate == NOUVELLE) == (key not in before)
        assert (moved is not None) == (key in before and key in now)
        assert not late or (key in before and before[key] <= "2020-T3")


# -- overdue steps -----------------------------------------------------------------------------------------------


def test_an_overdue_step_is_never_counted_as_reached() -> None:
    answers = reponses(x_B1=0)
    overdue, coming = plans(("x", "B1", 2, "2020-T3")), plans(("x", "B1", 2, "2020-T4"))
    for steps_, rate in ((overdue, 0.0), (coming, 100.0)):
        later = score(X, answers, REF, plans=steps_, horizon="2022-T4", au=AU).collect()
        assert later["taux_maturite_pct"].to_list() == [rate]
        curve = projections(X, answers, REF, steps_, ["2020-T4", "2022-T4"], au=AU).collect()
        assert curve["taux_maturite_pct"].to_list() == [rate, rate]
        rows = detail(X, answers, REF, plans=steps_, horizon="2022-T4", au=AU).collect()
        assert rows["niveau"].to_list() == [int(rate / 50)]


# -- history -----------------------------------------------------------------------------------------------------


def classes(before: pl.LazyFrame, now: pl.LazyFrame) -> dict[str, str]:
    every = pl.Series(["A1", "A2", "B1", "C1", "R1"])
    rows = compared(before, now, every, every).collect()
    return {f"{a}_{b}": c for a, b, c in rows.select("service", "critere", "changement").iter_rows()}


@pytest.mark.parametrize(
    ("then", "now", "change"),
    [
        (1, 2, MONTE),
        (2, 1, BAISSE),
        (2, 2, INCHANGE),
        (None, None, INCHANGE),
        ("", 0, NOUVEAU),
        (0, "", RETIRE),
        (2, None, DEVENU_NA),
        (None, 0, REDEVENU),
        ("", None, NOUVEAU),  # unanswered, then not applicable: two states
        (None, "", RETIRE),
        (2, "inf", PORTEUR),  # the same level, of its own then carried
        ("inf", 2, PORTEUR),
        ("inf", "inf", INCHANGE),
        (1, "inf", MONTE),
        ("inf", "ghost", PERDU),
        ("ghost", "inf", RETROUVE),
    ],
)
def test_each_change_of_an_answer_has_its_name(then: object, now: object, change: str) -> None:
    who = services({"service": "x"}, {"service": "inf"})

    def side(value: object) -> pl.LazyFrame:
        mine = {} if value == "" else {"x_A1": value}
        return state(reponses(**mine, inf_A1=2), who)  # type: ignore[arg-type]

    assert classes(side(then), side(now))["x_A1"] == change


def test_the_referential_too_changes_and_the_classes_add_up() -> None:
    who = services({"service": "x"})
    two = REF.filter(pl.col("critere").is_in(["A1", "A2"]))
    other = REF.filter(pl.col("critere").is_in(["A1", "B1"])).with_columns(niveau_attendu=pl.lit(1))
    before = detail(who, reponses(x_A1=2, x_A2=1), two, perimetre="tous", au=AU)
    now = detail(who, reponses(x_A1=2, x_B1=1), other, perimetre="tous", au=AU)
    asked = [frame.collect()["critere"] for frame in (two, other)]
    rows = compared(before, now, *asked).collect()
    assert dict(rows.select("critere", "changement").iter_rows()) == {
        "A1": ATTENDU,
        "A2": SUPPRIME,
        "B1": AJOUTE,
    }
    assert set(rows["changement"]) <= set(CLASSES)
