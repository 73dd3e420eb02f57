"""Every measure by every axis: answered with values, or refused in words that say why and what to ask instead.

And what may be added: declared once (:func:`adds`), used by every sum, ring and stack.
"""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from lake.errors import RefusedCombination
from scoring.universes.combining import add_up, adds, applies
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.engine import query
from scoring.universes.model import Axis, Kind, Measure, Order, Universe
from scoring.universes.registry import universe
from scoring.universes.selection import Selection
from tests.demo_lake import Held

UNIVERSES = ("annuaire", "segur", "convergence")
QU = Selection({"questionnaire": ("QU",)})


@pytest.fixture(scope="module")
def lac(petit_lake: Path) -> Held:
    return Held(petit_lake)


class Asking:
    """What the lake answers to one measure by one axis, each question asked once for all the tests."""

    def __init__(self, lac: Held) -> None:
        self.lac = lac
        self.known: dict[tuple[object, ...], pl.DataFrame] = {}

    def __call__(self, one: Universe, selection: Selection, measure: str, *by: str) -> pl.DataFrame:
        key = (one.name, repr(selection), measure, by)
        if key not in self.known:
            self.known[key] = query(one, self.lac.scan, selection, [measure], list(by)).collect()
        return self.known[key]


@pytest.fixture(scope="module")
def asking(lac: Held) -> Asking:
    return Asking(lac)


def pairs(one: Universe) -> list[tuple[Measure, Axis]]:
    return list(product(one.measures, one.axes))


def under(one: Universe, axis: Axis) -> Selection:
    """Convergence asks for one questionnaire, unless the axis says it."""
    return QU if one.name == "convergence" and axis.name not in ("questionnaire", "volet") else Selection()


@pytest.mark.parametrize("name", UNIVERSES)
def test_every_pair_answers_with_values_or_is_refused_with_what_to_ask(
    lac: Held, asking: Asking, name: str
) -> None:
    one = universe(name, lac.scan)
    refused = 0
    answered: set[tuple[str, str]] = set()
    offered: set[tuple[str, str]] = set()
    for measure, axis in pairs(one):
        try:
            rows = asking(one, under(one, axis), measure.name, axis.name)
        except RefusedCombination as refusal:
            refused += 1
            told = str(refusal)
        else:
            assert rows.select(axis.name).drop_nulls().height, (
                f"{measure.name} × {axis.name} : une ligne vide"
            )
            answered.add((measure.name, axis.name))
            continue
        if name == "convergence":
            assert axis.name == "volet"
            continue
        assert not applies(one, measure, axis)
        assert f"« {measure.label} » ne se répartit pas par {axis.label.lower()}" in told
        known = re.search(r"Dimensions de \w+ : (.*)\.$", told)
        assert known is not None
        offered.update((measure.name, proposed) for proposed in known[1].split(", "))
    assert offered <= answered
    assert (refused > 0) == (name != "annuaire")


def test_a_filter_that_a_measure_does_not_have_is_refused_too(lac: Held) -> None:
    segur = universe("segur", lac.scan)
    with pytest.raises(RefusedCombination, match="ne se filtre pas par éditeur : sa source ne le dit pas"):
        query(segur, lac.scan, Selection({"editeur": ("Alizé Santé",)}), ["psc_e_cps"])
    with pytest.raises(RefusedCombination, match="« Taux d'adoption de l'e-CPS » ne se répartit pas"):
        query(segur, lac.scan, Selection(), ["dmp_documents", "psc_taux_adoption"], ["type_acteur"])


@pytest.mark.parametrize("name", UNIVERSES)
def test_what_adds_adds_up_to_the_whole_and_the_rest_is_refused(lac: Held, asking: Asking, name: str) -> None:
    """For every measure and axis: the parts make the whole exactly when they are said to."""
    one = universe(name, lac.scan)
    added = 0
    for measure, axis in pairs(one):
        if not applies(one, measure, axis) or axis.name == "volet":
            continue
        selection = under(one, axis)
        if axis is one.time and name == "segur":
            selection = selection.during(None, None)
        rows = asking(one, selection, measure.name, axis.name)
        if adds(one, measure, axis):
            added += 1
            whole = asking(one, selection, measure.name).item()
            assert add_up(one, rows, measure.name, [axis.name]) == pytest.approx(whole), (
                measure.name,
                axis.name,
            )
        else:
            with pytest.raises(RefusedCombination):
                add_up(one, rows, measure.name, [axis.name])
    assert added > 3


def test_services_by_editor_do_not_add_up_and_by_region_they_do(lac: Held) -> None:
    """T10: QU by editor sums to 327, the right total is 299."""
    measure = CONVERGENCE.measure("services_concernes")
    assert adds(CONVERGENCE, measure, CONVERGENCE.axis("region"))
    assert not adds(CONVERGENCE, measure, CONVERGENCE.axis("editeur"))
    assert not adds(CONVERGENCE, measure, CONVERGENCE.axis("axe"))
    by_editor = query(CONVERGENCE, lac.scan, QU, ["services_concernes"], ["editeur"]).collect()
    assert by_editor["services_concernes"].sum() > 299
    by_region = query(CONVERGENCE, lac.scan, QU, ["services_concernes"], ["region"]).collect()
    assert add_up(CONVERGENCE, by_region, "services_concernes", ["region"]) == 299


def test_persons_add_up_in_their_principal_territory_only(lac: Held) -> None:
    annuaire = universe("annuaire")
    departement = annuaire.axis("departement")
    assert adds(annuaire, annuaire.measure("professionnels_principal"), departement)
    assert not adds(annuaire, annuaire.measure("professionnels"), departement)
    assert not adds(annuaire, annuaire.measure("densite_pour_10000"), departement)
    assert adds(annuaire, annuaire.measure("activites"), departement)
    assert not adds(annuaire, annuaire.measure("activites"), annuaire.time)


@pytest.mark.parametrize("name", UNIVERSES)
def test_what_is_declared_of_measures_and_axes_holds(lac: Held, name: str) -> None:
    one = universe(name, lac.scan)
    names = {axis.name for axis in one.axes}
    subjects = {subject for axis in one.axes for subject in axis.partitions}
    for axis in one.axes:
        assert not axis.parent or axis.parent in names, f"{axis.name} : parent inconnu"
        assert axis.order is not Order.WORDS or axis.words
    for measure in one.measures:
        assert measure.axes is None or measure.axes <= names, measure.name
        assert not measure.subject or measure.kind is Kind.DISTINCT
        assert not measure.subject or measure.subject in subjects
        if measure.bounds is not None:
            selection = QU if name == "convergence" else Selection()
            by = next(axis.name for axis in one.axes if axis is not one.time and applies(one, measure, axis))
            found = query(one, lac.scan, selection, [measure.name], [by]).collect()[measure.name].drop_nulls()
            assert found.is_between(*measure.bounds).all(), measure.name


# -- one questionnaire at a time (W7, R9, R10) ---------------------------------------------------------


def asked(
    lac: Held,
    by: list[str],
    measures: tuple[str, ...] = ("services_concernes", "taux_maturite_pct"),
    **filters: list[str],
) -> pl.DataFrame:
    return query(CONVERGENCE, lac.scan, Selection(filters), measures, by).collect()


def test_the_axis_a06_of_two_questionnaires_is_two_axes(lac: Held) -> None:
    """`axe` alone used to merge them: 213 services at 98.36 % instead of 197 and 16."""
    rows = asked(lac, ["axe"]).filter(pl.col("axe") == "A06")
    assert rows.columns == ["questionnaire", "axe", "services_concernes", "taux_maturite_pct"]
    assert rows.rows() == [("QR", "A06", 16, 100.0), ("QU", "A06", 197, pytest.approx(98.223, abs=1e-3))]
    assert asked(lac, ["axe"]).height == 19
    named = asked(lac, ["libelle_axe"]).filter(pl.col("libelle_axe") == "INS")
    assert named["questionnaire"].to_list() == ["QR", "QU"]


def test_under_one_questionnaire_an_axis_stands_alone(lac: Held) -> None:
    rows = asked(lac, ["axe"], questionnaire=["QU"])
    assert rows.columns == ["axe", "services_concernes", "taux_maturite_pct"]
    assert rows.filter(pl.col("axe") == "A06")["services_concernes"].item() == 197
    assert_frame_equal(asked(lac, [], axe=["QU-A06"]), rows.filter(pl.col("axe") == "A06").drop("axe"))
    keys = asked(lac, ["cle_axe"])["cle_axe"]
    assert {"QU-A06", "QR-A06"} <= set(keys)
    assert keys.is_unique().all()


def test_a_mean_over_several_questionnaires_is_refused_with_what_to_ask(lac: Held) -> None:
    """316 services at 80.25 %: a mean of what three questionnaires ask, which compares to nothing."""
    said = r"mêlerait plusieurs questionnaires \(QI, QR, QU\).*--filtre questionnaire=QU.*--par questionnaire"
    for by in ([], ["code_region"], ["solution"], ["kind"], ["service"], ["campagne"]):
        with pytest.raises(RefusedCombination, match=said):
            asked(lac, by)
    with pytest.raises(RefusedCombination, match=r"plusieurs questionnaires \(QR, QU\)"):
        asked(lac, [], axe=["A06"])
    with pytest.raises(RefusedCombination, match="retirez --total"):
        query(CONVERGENCE, lac.scan, Selection(), ["taux_maturite_pct"], ["questionnaire"], total=True)
    with pytest.raises(RefusedCombination):
        asked(lac, [], questionnaire=["QU", "QI"])


def test_questions_that_have_a_meaning_are_answered(lac: Held) -> None:
    assert asked(lac, [], measures=("services_concernes",)).item() == 316, "a count mixes nothing"
    assert asked(lac, [], questionnaire=["QU"]).row(0) == (299, pytest.approx(78.754, abs=1e-3))
    assert asked(lac, [], axe=["A05"]).height == 1, "one questionnaire has it"
    assert asked(lac, ["critere"]).columns == ["critere", "services_concernes", "taux_maturite_pct"]
    assert asked(lac, [], volet=["industriels"]).height == 1, "that side has one questionnaire"
    for by in ("questionnaire", "axe", "critere", "code_region", "domaine", "solution", "editeur", "service"):
        assert asked(lac, [by], questionnaire=["QU"]).height > 0
        assert asked(lac, ["questionnaire", by] if by != "questionnaire" else [by]).height > 0
