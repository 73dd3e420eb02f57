"""The gallery's table: which drawing suits which measures and axes, why not, what is proposed, and in which order."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from scoring.analyses.faits import Faits, Question
from scoring.analyses.recommander import gallery
from scoring.analyses.regles import RULES, verdict
from scoring.analyses.spec import TYPES
from scoring.universes.combining import adds
from scoring.universes.model import Kind
from scoring.universes.registry import universe


def ask(name: str, measures: str, axes: str = "", **known: Any) -> Question:
    counts = known.pop("valeurs", {})
    return Question.of(
        universe(name),
        measures.split(","),
        axes.split(",") if axes else [],
        Faits(dates=24, valeurs=counts, **known),
    )


def ranked(question: Question) -> list[str]:
    return [one.type for one in gallery(question) if one.possible]


MANY_PARTS = ask("segur", "psc_e_cps", "departement", valeurs={"departement": 101}, plus_grande_part=0.02)
MANY_BARS = ask("segur", "psc_e_cps", "departement,profession", valeurs={"departement": 101})
CASES: list[tuple[str, Question, str, str]] = [
    # type, question, a piece of the reason ("" when it suits), what is proposed
    ("chiffres", ask("segur", "psc_e_cps,psc_taux_adoption"), "", ""),
    ("chiffres", ask("segur", "psc_e_cps", "region", valeurs={"region": 20}), "", ""),
    ("chiffres", ask("segur", "psc_taux_adoption", "region", valeurs={"region": 20}), "20 parts", "classement"),
    ("chiffres", ask("segur", "psc_e_cps", "mois"), "Le temps", "courbe"),
    ("histogramme", ask("segur", "mss_boites", "type_acteur", valeurs={"type_acteur": 5}), "", ""),
    ("histogramme", ask("convergence", "niveau_maturite,taux_maturite_pct", "axe"), "", ""),
    ("histogramme", ask("segur", "mss_messages_emis", "mois"), "de gauche à droite", "colonnes"),
    ("histogramme", ask("segur", "psc_taux_adoption", "mois"), "de gauche à droite", "courbe"),
    ("histogramme", ask("segur", "psc_e_cps", "departement", valeurs={"departement": 101}), "trente", "classement"),
    ("colonnes", ask("segur", "mss_messages_emis", "mois"), "", ""),
    ("colonnes", ask("segur", "psc_taux_adoption", "mois"), "est un taux", "courbe"),
    ("colonnes", ask("segur", "insi_structures_actives", "mois"), "compte distinct", "courbe"),
    ("colonnes", ask("convergence", "services_concernes", "campagne"), "ne sont pas des mois", "courbe"),
    ("courbe", ask("segur", "psc_taux_adoption", "mois,region", valeurs={"region": 6}), "", ""),
    ("courbe", ask("segur", "psc_taux_adoption", "mois,region", valeurs={"region": 18}), "18 courbes", "multiples"),
    ("courbe", ask("segur", "psc_taux_adoption", "mois,departement", valeurs={"departement": 30}), "30", "chaleur"),
    ("multiples", ask("segur", "psc_taux_adoption", "mois,region", valeurs={"region": 18}), "", ""),
    ("multiples", ask("segur", "psc_taux_adoption", "mois,region", valeurs={"region": 4}), "même", "courbe"),
    ("radar", ask("convergence", "niveau_maturite,niveau_attendu", "axe", valeurs={"axe": 8}), "", ""),
    ("radar", ask("convergence", "niveau_maturite,taux_maturite_pct", "axe"), "mêmes bornes", "histogramme"),
    ("radar", ask("convergence", "services_concernes", "axe"), "bord est connu", "histogramme"),
    ("radar", ask("convergence", "niveau_maturite", "axe", valeurs={"axe": 19}), "questionnaire", "histogramme"),
    ("radar", ask("convergence", "niveau_maturite", "axe", valeurs={"axe": 2}), "2 valeurs", "histogramme"),
    ("radar", ask("convergence", "taux_maturite_pct", "region"), "en rond", "classement"),
    ("liste", ask("convergence", "niveau_maturite", "service,type_service"), "", ""),
    ("liste", ask("convergence", "niveau_maturite", "region", valeurs={"region": 17}), "un à un", "tableau"),
    ("tableau", ask("segur", "psc_e_cps,psc_taux_adoption", "region,profession,mois"), "", ""),
    ("tableau", ask("segur", "psc_e_cps", "region,departement", cellules=20_001), "20001 cellules", ""),
    ("classement", ask("annuaire", "densite_pour_10000", "epci", valeurs={"epci": 149}), "", ""),
    ("classement", ask("segur", "psc_e_cps", "mois"), "ne se classe pas", "courbe"),
    ("carte", ask("convergence", "taux_maturite_pct", "region"), "", ""),
    ("carte", ask("annuaire", "densite_pour_10000", "commune", valeurs={"commune": 34_000}), "départ", "classement"),
    ("carte", ask("annuaire", "professionnels", "departement"), "un taux ou une densité", "classement"),
    ("carte", ask("segur", "mss_taux_activite", "type_acteur"), "territoire", "classement"),
    ("chaleur", ask("segur", "psc_taux_adoption", "region,profession", remplissage=0.8), "", ""),
    ("chaleur", ask("segur", "psc_taux_adoption", "region,profession", remplissage=0.4), "moitié", "tableau"),
    ("chaleur", ask("segur", "psc_taux_adoption", "region"), "deux axes", "histogramme"),
    ("evaluation", ask("convergence", "services_concernes", "region,kind"), "", ""),
    ("evaluation", ask("convergence", "services_concernes", "editeur,kind"), "compte distinct", "chaleur"),
    ("evaluation", ask("convergence", "niveau_maturite", "region,kind"), "une moyenne", "chaleur"),
    ("repartition", ask("convergence", "niveau_maturite,taux_maturite_pct", "domaine,zone_pos"), "", ""),
    ("repartition", ask("convergence", "niveau_maturite", "region"), "ne s’emboîtent pas", "histogramme"),
    ("camembert", ask("segur", "mss_boites", "type_acteur", valeurs={"type_acteur": 5}), "", ""),
    ("camembert", ask("segur", "mss_taux_activite", "departement"), "est un rapport", "histogramme"),
    ("camembert", ask("convergence", "services_concernes", "editeur", total="299"), "est 299.", "histogramme"),
    ("camembert", ask("segur", "psc_e_cps", "region", negatif=True), "négative", "histogramme"),
    ("camembert", MANY_PARTS, "101 parts", "classement"),
    ("empilees", ask("segur", "mss_boites", "type_acteur,profession"), "", ""),
    ("empilees", ask("segur", "psc_taux_adoption", "region,profession"), "est un rapport", "chaleur"),
    ("empilees", MANY_BARS, "101 barres", "tableau"),
    ("avant-apres", ask("convergence", "taux_maturite_pct", "region"), "", ""),
    ("distribution", ask("convergence", "niveau_maturite", "service", valeurs={"service": 299}), "", ""),
    ("distribution", ask("segur", "psc_taux_adoption", "departement", valeurs={"departement": 101}), "", ""),
    ("distribution", ask("convergence", "niveau_maturite", "service", valeurs={"service": 9}), "moins de dix", "liste"),
    ("distribution", ask("segur", "psc_e_cps", "departement"), "est un compte", "classement"),
    ("distribution", ask("convergence", "niveau_maturite", "axe"), "axe de sujets", "histogramme"),
    ("nuage", ask("convergence", "niveau_maturite,taux_maturite_pct", "service", valeurs={"service": 299}), "", ""),
    ("nuage", ask("convergence", "niveau_maturite", "service"), "deux mesures", "classement"),
    ("nuage", ask("segur", "psc_e_cps,psc_taux_adoption", "departement", valeurs={"departement": 9}), "dix",
     "histogramme"),
    ("nuage", ask("annuaire", "professionnels,densite_pour_10000", "commune", valeurs={"commune": 2001}),
     "2000 au plus", "tableau"),
]  # fmt: skip


def test_every_type_has_a_case_that_suits_and_one_that_does_not() -> None:
    seen = {(kind, not reason) for kind, _, reason, _ in CASES}
    assert {kind for kind, suits in seen if suits} == set(TYPES) == set(RULES)
    assert {kind for kind, suits in seen if not suits} >= set(TYPES) - {"avant-apres"}


@pytest.mark.parametrize(("kind", "question", "reason", "instead"), CASES)
def test_the_table(kind: str, question: Question, reason: str, instead: str) -> None:
    found = verdict(kind, question)
    if found.possible or not reason:
        assert (found.possible, found.raison, reason) == (True, "", "")
    else:
        assert reason in found.raison
        assert found.propose == instead
        assert found.raison.endswith(".")


FIRST = [
    (ask("segur", "psc_e_cps"), ["chiffres"]),
    (ask("segur", "mss_messages_emis", "mois"), ["colonnes", "courbe"]),
    (ask("segur", "psc_taux_adoption", "mois"), ["courbe"]),
    (ask("segur", "psc_taux_adoption", "mois,region", valeurs={"region": 18}), ["multiples"]),
    (ask("segur", "psc_taux_adoption", "mois,region", valeurs={"region": 5}), ["courbe"]),
    (ask("segur", "psc_taux_adoption", "region", valeurs={"region": 18}), ["carte", "classement"]),
    (ask("segur", "psc_taux_adoption", "region", valeurs={"region": 3}), ["classement"]),
    (ask("segur", "psc_e_cps", "region", valeurs={"region": 18}), ["classement", "histogramme"]),
    (ask("convergence", "niveau_maturite", "axe", valeurs={"axe": 8}), ["histogramme", "radar"]),
    (ask("convergence", "niveau_maturite", "axe", valeurs={"axe": 19}), ["histogramme", "classement"]),
    (ask("segur", "mss_boites", "type_acteur", valeurs={"type_acteur": 4}), ["histogramme"]),
    (ask("segur", "mss_messages_emis", "editeur", valeurs={"editeur": 60}), ["classement"]),
    (ask("convergence", "niveau_maturite", "service", valeurs={"service": 300}), ["distribution", "liste"]),
    (ask("convergence", "niveau_maturite", "service", valeurs={"service": 9}), ["liste"]),
    (ask("convergence", "niveau_maturite,taux_maturite_pct", "service", valeurs={"service": 300}), ["nuage"]),
    (
        ask("segur", "mss_boites", "type_acteur,profession", valeurs={"type_acteur": 4}),
        ["empilees", "chaleur"],
    ),
    (ask("segur", "psc_taux_adoption", "region,profession", remplissage=0.9), ["chaleur", "tableau"]),
    (ask("segur", "psc_taux_adoption", "region,profession", remplissage=0.3), ["tableau"]),
    (ask("segur", "mss_boites", "region,profession,type_acteur"), ["tableau"]),
]


@pytest.mark.parametrize(("question", "first"), FIRST)
def test_what_is_recommended_comes_first(question: Question, first: list[str]) -> None:
    assert ranked(question)[: len(first)] == first
    assert "camembert" not in ranked(question)[:1], "a ring is never recommended first"
    said = gallery(question)
    assert [one.possible for one in said] == sorted((one.possible for one in said), reverse=True)
    assert all(one.raison for one in said)


def test_a_measure_by_an_axis_that_its_source_does_not_tell() -> None:
    said = gallery(ask("segur", "psc_e_cps", "editeur"))
    assert not any(one.possible for one in said)
    assert {one.raison for one in said} == {
        "« Cartes e-CPS activées » n’existe pas par éditeur : sa source ne le dit pas. Retirez cet axe."
    }


def test_what_is_proposed_suits() -> None:
    """Of every measure by every axis: what is proposed is possible, nothing shares out what does not add."""
    for name in ("segur", "convergence", "annuaire"):
        found = universe(name)
        axes = [axis.name for axis in found.axes]
        for measure in found.measures[:12]:
            for by in [(), *combinations(axes, 1), *list(combinations(axes, 2))[:40]]:
                question = Question.of(found, [measure.name], by, Faits(dates=24))
                verdicts = {one.type: one for one in gallery(question)}
                for one in verdicts.values():
                    assert not one.propose or verdicts[one.propose].possible, (measure.name, by, one)
                for kind in ("camembert", "empilees", "evaluation"):
                    if verdicts[kind].possible:
                        assert all(adds(found, measure, found.axis(axis)) for axis in by), (
                            kind,
                            measure.name,
                            by,
                        )
                        assert measure.kind is not Kind.RATIO


def test_a_map_never_shades_a_count() -> None:
    question = ask("segur", "psc_e_cps", "region")
    assert not verdict("carte", question).possible
    assert verdict(
        "carte", replace(question, measures=(universe("segur").measure("psc_taux_adoption"),))
    ).possible
