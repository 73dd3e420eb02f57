"""What an answer changes, computed by hand on the worked example of the method's page."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.catalog.convergence import trimestre_rang
from scoring.saisie.completion import Part, completion, somme, visibles
from scoring.saisie.effet import Etat, bornes, ecart, effet, prochains, remplacer, taux, taux_par_service
from scoring.saisie.glissement import Etape, courbe_probable, decroit, retards_table, survie
from tests.unit.test_convergence_exemple import FILES, REFERENTIEL

NIVEAUX = pl.DataFrame(
    {"critere": [c for c in ("A05.1", "A05.2", "A11.1") for _ in range(4)], "niveau": list(range(4)) * 3}
)
EXEMPLE = Etat(FILES["services"], FILES["reponses"], REFERENTIEL)


def test_an_answer_that_others_lean_on_counts_for_them_too() -> None:
    found = effet(EXEMPLE, "sso", "A05.1", {"niveau": 2}, questionnaire="QU")
    assert (found.avant, found.apres) == (pytest.approx(65.625), pytest.approx(75.0))
    assert found.points == pytest.approx(9.375)
    assert found.dont_porte == pytest.approx(3.125)
    assert not found.perimetre


def test_a_difference_of_perimeter_is_told_apart() -> None:
    more = effet(EXEMPLE, "vieux", "A05.1", {"niveau": 0}, questionnaire="QU")
    assert more.points == pytest.approx(-12.5)
    assert more.perimetre
    less = effet(EXEMPLE, "dcc", "A05.1", {"non_applicable": True}, questionnaire="QU")
    assert less.points == pytest.approx(12.5)
    assert less.perimetre
    assert less.apres == pytest.approx(78.125)


def test_the_next_criterion_is_the_one_that_brings_most_for_a_level() -> None:
    found = prochains(EXEMPLE, NIVEAUX, questionnaire="QU")
    assert found.select("service", "critere").rows() == [
        ("telec", "A11.1"),
        ("sso", "A05.1"),
        ("dcc", "A05.1"),
    ]
    assert found["par_niveau"].to_list() == pytest.approx([12.5, 9.375, 6.25])
    assert found["porte"].to_list() == [False, True, False]


def test_the_closed_form_of_gains_is_the_rescored_one() -> None:
    for row in prochains(EXEMPLE, NIVEAUX, questionnaire="QU").iter_rows(named=True):
        scored = effet(
            EXEMPLE, row["service"], row["critere"], {"niveau": row["suivant"]}, questionnaire="QU"
        )
        assert row["gain"] == pytest.approx(scored.points)


def test_silence_hides_a_rate_between_two_bounds() -> None:
    asked = pl.DataFrame({"service": ["vieux", "vieux", "sso"], "critere": ["A05.1", "A05.2", "A11.1"]})
    found = bornes(EXEMPLE, asked, NIVEAUX, questionnaire="QU")
    assert found.manquantes == 3
    assert found.taux == pytest.approx(65.625)
    # Lowest: sso (75 + 0)/2, telec 37.5, dcc 50, vieux (0 + 100)/2; highest: sso (75 + 100)/2 and vieux 100.
    assert found.bas == pytest.approx((37.5 + 37.5 + 50 + 50) / 4)
    assert found.haut == pytest.approx((87.5 + 37.5 + 50 + 100) / 4)


def test_a_difference_has_three_parts_that_add_up() -> None:
    telec = FILES["services"].filter(pl.col("service").is_in(["telec", "sso"]))
    before = Etat(telec.with_columns(region=pl.col("service")), FILES["reponses"], REFERENTIEL)
    new = remplacer(FILES["reponses"], "telec", "A11.1", {"niveau": 1})
    after = before.avec(remplacer(new, "telec", "A05.2", {"non_applicable": True}))
    found = ecart(before, after, questionnaire="QU", region="telec")
    assert found is not None
    parts = (found.progres, found.perimetre, found.referentiel)
    assert (found.avant, found.apres) == (pytest.approx(37.5), pytest.approx(75.0))
    assert parts == (pytest.approx(50.0), pytest.approx(-12.5), pytest.approx(0.0))


@given(
    st.lists(st.tuples(st.sampled_from(["sso", "dcc", "vieux"]), st.integers(0, 3)), max_size=4),
    st.integers(1, 3),
)
def test_the_three_parts_add_up_whatever_moved(moves: list[tuple[str, int]], expected: int) -> None:
    answers = FILES["reponses"]
    for service, level in moves:
        answers = remplacer(answers, service, "A05.1", {"niveau": level})
    changed = REFERENTIEL.with_columns(
        niveau_attendu=pl.when(pl.col("critere") == "A05.2").then(expected).otherwise("niveau_attendu")
    )
    found = ecart(EXEMPLE, Etat(FILES["services"], answers, changed), questionnaire="QU")
    assert found is not None
    assert found.progres + found.perimetre + found.referentiel == pytest.approx(found.apres - found.avant)
    assert found.apres == pytest.approx(
        taux(taux_par_service(Etat(FILES["services"], answers, changed)), "QU")
    )


# -- slippage ----------------------------------------------------------------------------------------

PASSE = survie([0, 0, 0, 1, 1, 2, 4], [1, 2, 3])


def test_open_steps_make_dates_later() -> None:
    assert [PASSE.reste(delay) for delay in range(5)] == pytest.approx([0.7, 0.5, 0.375, 0.375, 0.0])
    assert (PASSE.quantile(0.5), PASSE.quantile(0.8)) == (1, 4)
    # Forgetting the open ones is the usual mistake: it says two quarters.
    forgetful = survie([0, 0, 0, 1, 1, 2, 4, 4])
    assert survie([0, 0, 0, 1, 1, 2, 4]).etapes < forgetful.etapes


def test_a_step_already_late_is_dated_after_today() -> None:
    assert PASSE.atteint(2, deja=1) == pytest.approx(0.25)
    assert PASSE.atteint(4, deja=1) == pytest.approx(1.0)
    assert (PASSE.quantile(0.5, deja=1), PASSE.quantile(0.8, deja=1)) == (4, 4)


def test_a_short_history_says_no_date() -> None:
    assert survie([0, 1, 2]).quantile(0.5) is None


def test_the_table_of_slippage_counts_only_what_was_due() -> None:
    q0 = "2025-T1"
    reached = [("2025-T1", q0)] * 3 + [("2025-T2", q0)] * 2 + [("2025-T3", q0), ("2026-T1", q0)]
    opened = [(None, "2026-T1"), (None, "2025-T4"), (None, "2025-T3"), (None, "2027-T1")]
    steps = pl.DataFrame(
        [("A05", "44", start, end) for end, start in [*reached, *opened]],
        schema=["axe", "region", "q0", "r"],
        orient="row",
    )
    found = retards_table(steps, trimestre_rang("2026-T2"))
    assert found.rows() == [("A05", "44", 10, 7, 3, 1, 4)]


def test_the_probable_curve_is_exact() -> None:
    planned = trimestre_rang("2027-T2")
    steps = [Etape(planned, 12.5), Etape(planned, 50 / 3)]
    curve = courbe_probable(
        54 + 1 / 6, steps, [planned - 1, planned, planned + 1], PASSE, dernier=trimestre_rang("2026-T4")
    )
    assert curve == pytest.approx([54.1667, 62.9167, 68.75], abs=1e-4)


def test_the_gains_of_the_curve_are_those_of_the_services_that_converge() -> None:
    here = Etat(FILES["services"], FILES["reponses"], REFERENTIEL, convergents=True)
    gains = [
        effet(here, "sso", "A05.1", {"niveau": 2}, questionnaire="QU").points,
        effet(here, "telec", "A11.1", {"niveau": 1}, questionnaire="QU").points,
    ]
    assert taux(taux_par_service(here), "QU") == pytest.approx(54.1667, abs=1e-4)
    assert gains == pytest.approx([12.5, 50 / 3])


@given(st.lists(st.integers(-2, 9), min_size=1, max_size=30), st.lists(st.integers(0, 9), max_size=30))
def test_shares_only_fall_and_stay_between_one_and_nothing(reached: list[int], opened: list[int]) -> None:
    found = survie(reached, opened)
    assert decroit(found)
    assert all(0 <= left <= 1 for _, left in found.sauts)


# -- completion --------------------------------------------------------------------------------------


def test_completion_is_a_sum_over_a_sum() -> None:
    assert somme([Part(9, 11), Part(7, 7)]).pct == pytest.approx(100 * 16 / 18)
    assert somme([]).pct is None


def test_a_criterion_that_a_known_answer_hides_is_not_asked() -> None:
    referentiel = REFERENTIEL.collect().with_columns(
        ordre=pl.int_range(1, 4),
        sujet=pl.lit("service"),
        question=pl.when(pl.col("critere") == "A11.1").then(pl.lit("dmp")),
    )
    services = pl.DataFrame({"service": ["a", "b", "c"], "kind": ["metier"] * 2 + ["si_regional"]})
    answers = pl.DataFrame({"service": ["a", "b"], "question": ["dmp"] * 2, "valeur": [False, None]})
    asked = visibles(services, referentiel, answers)
    assert asked.group_by("service").len().sort("service").rows() == [("a", 2), ("b", 3)]
    done = completion(
        asked,
        pl.DataFrame({"service": ["a", "a", "b"], "critere": ["A05.1", "A11.1", "A11.1"]}),
        pl.DataFrame({"service": ["b"], "critere": ["A11.1"]}),
    )
    # The answer of a to the hidden criterion counts nowhere.
    assert done.rows() == [("a", "QU", 2, 1, 0), ("b", "QU", 3, 1, 1)]


def test_an_expected_level_holds_from_its_day_on() -> None:
    later = pl.concat(
        [
            REFERENTIEL.with_columns(a_partir_du=date(2020, 1, 1)),
            REFERENTIEL.filter(pl.col("critere") == "A05.1").with_columns(
                niveau_attendu=pl.lit(3, pl.Int64), a_partir_du=date(2027, 7, 1)
            ),
        ]
    )
    before = Etat(FILES["services"], FILES["reponses"], later, au=date(2027, 6, 30))
    after = Etat(FILES["services"], FILES["reponses"], later, au=date(2027, 7, 1))
    assert taux(taux_par_service(before), "QU") == pytest.approx(65.625)
    # sso: (1/3 + 1)/2 on A05; telec the same, halved by its A11 at 0.
    assert taux(taux_par_service(after), "QU") == pytest.approx((200 / 3 + 100 / 3 + 50 + 100) / 4)
