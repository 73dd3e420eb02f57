"""What rights narrowed is told: to what, why, and what the whole is when it may be known.

The trap (« narrowed in silence »): a filter finer than the rights allow narrowed a pilot from 17 regions to one, and
nothing in the answer said so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from lake.droits import Droits
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.answer import EVERYTHING, Answer, Lecture, answer
from scoring.universes.registry import universe
from scoring.universes.selection import Selection
from tests.demo_lake import called

ALL = frozenset({"annuaire", "segur", "convergence"})
PILOT = Lecture(Droits(ALL, regions=frozenset({"44"})))
STRICT = Lecture(Droits(ALL, regions=frozenset({"44"}), agreges=False))
RATE = "taux_maturite_pct"
QU = {"questionnaire": ["QU"]}
OTHERS = "le détail des autres régions n'est pas ouvert à votre profil"


@pytest.fixture(scope="module")
def lac(petit_lake: Path) -> Lake:
    return Lake(Settings(lake=str(petit_lake)))


def asked(
    lac: Lake,
    name: str,
    lecture: Lecture,
    measures: Sequence[str],
    by: Sequence[str] = (),
    **filters: Sequence[str],
) -> Answer:
    return answer(universe(name, lac.scan), lac.scan, Selection(filters), measures, by, lecture=lecture)


def said(lac: Lake, name: str, found: Answer) -> list[str]:
    assert found.portee is not None
    figures = {} if found.whole is None else found.whole.collect().row(0, named=True)
    rest = found.portee.reste(universe(name, lac.scan), figures, lambda _measure, value: f"{value:.2f}")
    return [found.portee.phrase().replace("\u202f", " "), rest.replace("\u202f", " ")]


def test_a_filter_finer_than_the_rights_is_told_with_the_national_figure(lac: Lake) -> None:
    wide = asked(lac, "convergence", PILOT, [RATE], ["code_region"], **QU)
    assert wide.portee is None
    assert wide.frame.collect().height == 17
    fine = asked(lac, "convergence", PILOT, [RATE], ["code_region"], kind=["metier"], **QU)
    assert fine.frame.collect()["code_region"].to_list() == ["44"]
    assert said(lac, "convergence", fine) == [
        f"Grand Est seulement : {OTHERS}.",
        "Toutes régions (sans le filtre nature) : taux de maturité 78.75.",
    ]


def test_a_dimension_finer_than_the_rights_is_told_too(lac: Lake) -> None:
    found = asked(lac, "convergence", PILOT, [RATE], ["service"], **QU)
    assert {row[0][:3] for row in found.frame.collect().iter_rows()} == {"GES"}
    assert said(lac, "convergence", found)[1] == "Toutes régions : taux de maturité 78.75."
    assert found.portee is not None
    assert found.portee.regions == {"44"}


def test_who_asks_his_own_region_is_told_nothing(lac: Lake) -> None:
    assert asked(lac, "convergence", PILOT, [RATE], ["service"], region=["44"], **QU).portee is None
    assert asked(lac, "segur", PILOT, ["insi_structures_actives"], ["editeur"], region=["44"]).portee is None


def test_another_region_in_detail_answers_nothing_and_says_why(lac: Lake) -> None:
    found = asked(lac, "convergence", PILOT, [RATE], ["service"], region=["11"], **QU)
    assert found.frame.collect().height == 0
    phrase, rest = said(lac, "convergence", found)
    assert phrase == f"Grand Est seulement : {OTHERS}."
    assert rest.startswith("Régions choisies ensemble : taux de maturité ")


def test_whoever_sees_everything_is_told_nothing(lac: Lake) -> None:
    national = Lecture(Droits(ALL))
    for lecture in (EVERYTHING, national):
        assert asked(lac, "convergence", lecture, [RATE], ["service"], **QU).portee is None
        assert asked(lac, "segur", lecture, ["insi_structures_actives"], ["editeur"]).portee is None


def test_only_the_measures_that_were_narrowed_are_named(lac: Lake) -> None:
    found = asked(lac, "segur", PILOT, ["dmp_documents", "insi_structures_actives"], ["editeur"])
    phrase, rest = said(lac, "segur", found)
    assert phrase == f"Structures actives, Grand Est seulement : {OTHERS}."
    assert rest == "Toutes régions : structures actives 15.00."
    assert found.portee is not None
    assert found.portee.mesures == ("insi_structures_actives",)


def test_without_aggregates_the_whole_stays_unknown(lac: Lake) -> None:
    found = asked(lac, "convergence", STRICT, [RATE], ["code_region"], **QU)
    assert said(lac, "convergence", found) == [
        "Grand Est seulement : les autres régions ne sont pas ouvertes à votre profil.",
        "",
    ]
    assert asked(lac, "annuaire", STRICT, ["professionnels"]).portee is not None
    assert asked(lac, "annuaire", PILOT, ["professionnels"]).portee is None


def test_departements_editors_and_closed_universes(lac: Lake) -> None:
    bas_rhin = Lecture(Droits(ALL, departements=frozenset({"67", "68"})))
    assert said(lac, "annuaire", asked(lac, "annuaire", bas_rhin, ["professionnels"]))[0] == (
        "Bas-Rhin et Haut-Rhin seulement : les autres départements ne sont pas ouverts à votre profil."
    )
    assert asked(lac, "annuaire", bas_rhin, ["professionnels"], departement=["67"]).portee is None
    assert "Aucun service" in said(lac, "convergence", asked(lac, "convergence", bas_rhin, [RATE], **QU))[0]
    editor = Lecture(Droits(ALL, editeurs=frozenset({"Boréal Santé"})))
    assert said(lac, "segur", asked(lac, "segur", editor, ["dmp_documents"], ["region"]))[0] == (
        "Boréal Santé seulement : ce que font les autres éditeurs n'est pas ouvert à votre profil."
    )
    public = Lecture(Droits(frozenset({"annuaire"})))
    assert asked(lac, "segur", public, ["dmp_documents"]).frame.collect()["dmp_documents"].to_list() == [None]
    assert "n'ouvre pas cet univers" in said(lac, "segur", asked(lac, "segur", public, ["dmp_documents"]))[0]
    assert asked(lac, "annuaire", Lecture(Droits(), ("annuaire",)), ["professionnels"]).portee is None


def test_a_regional_reader_without_region_is_told_that_there_is_none(lac: Lake) -> None:
    nowhere = Lecture(Droits(ALL, regions=frozenset()))
    found = asked(lac, "convergence", nowhere, [RATE], ["service"], **QU)
    assert said(lac, "convergence", found)[0] == f"Aucune région seulement : {OTHERS}."


def test_the_command_says_it_on_stderr_and_in_json(petit_lake: Path) -> None:
    question = ("query", "convergence", "--mesure", RATE, "--filtre", "questionnaire=QU", "--format", "json")
    pilot = ("--utilisateur", "pilote-regional@demo.example")
    whole = called(*question, *pilot, lake=petit_lake)
    assert whole.stderr == ""
    assert json.loads(whole.stdout)[0][RATE] == pytest.approx(78.754, abs=1e-3)
    done = called(*question, *pilot, "--par", "service", lake=petit_lake)
    told = done.stderr.replace("\u202f", " ")
    assert told == f"portée : Grand Est seulement : {OTHERS}. Toutes régions : taux de maturité 78,8 %.\n"
    printed = json.loads(done.stdout)
    assert f"portée : {printed['portee']}\n" == done.stderr
    assert {row["service"][:3] for row in printed["lignes"]} == {"GES"}
    assert called(*question, "--par", "service", lake=petit_lake).stderr == ""


def test_the_score_says_it_too(petit_lake: Path) -> None:
    score = ("score", "convergence", "--campagne", date(2020, 12, 15).isoformat(), "--format", "csv")
    pilot = ("--utilisateur", "pilote-regional@demo.example")
    assert called(*score, "--par", "region", *pilot, lake=petit_lake).stderr == ""
    told = called(*score, "--par", "solution", *pilot, lake=petit_lake).stderr
    assert told.startswith("portée : Grand Est seulement")


def test_a_mean_of_one_or_two_services_of_another_region_is_left_empty(lac: Lake) -> None:
    """The guard counted declared services: with one publishable of three, its own rate was read as the region's."""
    by = ["questionnaire", "axe", "code_region"]
    measures = ["services_concernes", RATE, "taux_projete_pct"]
    every = asked(lac, "convergence", EVERYTHING, measures, by).frame.collect()
    answered = asked(lac, "convergence", PILOT, measures, by)
    seen = answered.frame.collect()
    assert answered.few is not None
    assert answered.few.collect().item() > 0, "and it is told"
    assert asked(lac, "convergence", EVERYTHING, measures, by).few is None
    both = every.join(seen, on=by, suffix="_vu")
    few = (
        (pl.col("services_concernes") < 3)
        & (pl.col("code_region") != "44")
        & (pl.col("questionnaire") != "QR")
    )
    assert both.filter(few).height, "the demonstration has such groups"
    assert both.filter(few)[f"{RATE}_vu"].null_count() == both.filter(few).height
    kept = both.filter(~few)
    assert kept[f"{RATE}_vu"].to_list() == pytest.approx(kept[RATE].to_list())
    assert both["services_concernes_vu"].to_list() == both["services_concernes"].to_list()


def test_a_filter_on_a_region_is_guarded_as_a_column_of_it(lac: Lake) -> None:
    by = ["questionnaire", "axe", "code_region"]
    rows = asked(lac, "convergence", EVERYTHING, ["services_concernes", RATE], by).frame.collect()
    few = rows.filter(
        (pl.col("services_concernes") < 3)
        & (pl.col("code_region") != "44")
        & (pl.col("questionnaire") == "QU")
    ).row(0, named=True)
    here = {"region": [few["code_region"]], "axe": [f"QU-{few['axe']}"]}
    assert asked(lac, "convergence", EVERYTHING, [RATE], **here).frame.collect().item() is not None
    assert asked(lac, "convergence", PILOT, [RATE], **here).frame.collect().item() is None
    wide = asked(lac, "convergence", PILOT, [RATE], questionnaire=["QU"]).frame.collect().item()
    assert wide == pytest.approx(78.754, abs=1e-3), "the whole keeps every service"


def test_means_left_empty_are_told_by_the_command(petit_lake: Path) -> None:
    question = ("query", "convergence", "--mesure", RATE, "--par", "axe,region", "--format", "csv")
    done = called(*question, "--utilisateur", "pilote-regional@demo.example", lake=petit_lake)
    assert "une moyenne de un ou deux services d'une autre région est laissée vide" in done.stderr.lower()
    assert called(*question, lake=petit_lake).stderr == ""
