"""Evolution: figures worked by hand, the closing identity, and lists that are their figures."""

from __future__ import annotations

import doctest
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.errors import ContractError, UnknownName
from scoring.annuaire.behind import behind
from scoring.annuaire.changes import MESHES, Perimetre, closes, flows, movements, perimeter, summary
from scoring.annuaire.identities import renumbered

METHODS = Path(__file__).parents[2] / "docs" / "methodes"
DEPARTEMENTS = pl.LazyFrame({"code_departement": ["54", "57", "67"], "code_region": ["44", "44", "44"]})
EPCI = {"54395": "E54", "57463": "E57", "57001": "E57", "67482": "E67"}
SCHEMA = {
    "identification_nationale_pp": pl.String,
    "code_profession": pl.String,
    "code_mode_exercice": pl.String,
    "code_commune": pl.String,
    "siren_epci": pl.String,
    "code_departement": pl.String,
    "nom_exercice": pl.String,
    "prenom_exercice": pl.String,
    "libelle_profession": pl.String,
}


def extraction(
    *rows: tuple[str, str | None] | tuple[str, str | None, str] | tuple[str, str | None, str, str],
):  # type: ignore[no-untyped-def]
    """(person, commune, mode, profession) -> rows of the directory."""
    full = []
    for row in rows:
        person, commune, mode, profession = (*row, *("L", "10")[len(row) - 2 :])
        departement = commune[:2] if commune else "67"
        full.append(
            (
                *(person, profession, mode, commune, EPCI.get(commune or ""), departement),
                *(f"NOM {person}", "Prénom", f"Profession {profession}"),
            )
        )
    return pl.LazyFrame(full, schema=SCHEMA, orient="row")


def rows(scope: Perimetre, mesh: str = "perimetre", **options: bool) -> dict[str | None, tuple[int, ...]]:
    """Territory -> debut, arrivees, entrees, departs, sorties, fin, ecart, deplacements, changements_mode."""
    counted = summary(movements(scope, mesh, **options)).collect()
    assert closes(counted).is_empty()
    assert counted.select("bascules", "arrivees_connues", "departs_connus").sum().row(0) == (0, 0, 0)
    return {row[0]: row[1:10] for row in counted.rows()}


def compare(avant: pl.LazyFrame, apres: pl.LazyFrame, **options: pl.LazyFrame) -> Perimetre:
    return perimeter(avant, apres, DEPARTEMENTS, **options)


BEFORE = extraction(
    ("anne", "57463"), ("brice", "57463"), ("brice", "57001"), ("chloé", "57463", "S"), ("emma", "54395", "S"),
    ("nul", None),
)  # fmt: skip
AFTER = extraction(
    ("anne", "57463"), ("anne", "54395"), ("brice", "57463"), ("brice", "67482"), ("david", "57463"),
    ("emma", "54395"), ("nul", "67482"),
)  # fmt: skip


def test_the_example_of_the_documentation_runs() -> None:
    outcome = doctest.testfile(str(METHODS / "evolution.md"), module_relative=False, encoding="utf-8")
    assert outcome.attempted >= 8
    assert outcome.failed == 0


def test_each_mesh_worked_by_hand() -> None:
    scope = compare(BEFORE, AFTER)
    assert rows(scope) == {"perimetre": (5, 1, 0, 1, 0, 5, 0, 3, 1)}
    assert rows(scope, "commune") == {
        "54395": (1, 0, 1, 0, 0, 2, 1, 0, 1),
        "57001": (1, 0, 0, 0, 1, 0, -1, 0, 0),
        "57463": (3, 1, 0, 1, 0, 3, 0, 0, 0),
        "67482": (0, 0, 2, 0, 0, 2, 2, 0, 0),
        None: (1, 0, 0, 0, 1, 0, -1, 0, 0),
    }
    assert rows(scope, "epci")["E57"] == (3, 1, 0, 1, 0, 3, 0, 1, 0)  # brice no longer goes to 57001
    # "nul" was in the département 67 without a known commune: it stays there, and its commune changes.
    assert rows(scope, "departement")["67"] == (1, 0, 1, 0, 0, 2, 1, 1, 0)
    assert rows(scope, "region") == {"44": (5, 1, 0, 1, 0, 5, 0, 3, 1)}


def test_a_change_of_profession_leaves_one_and_arrives_in_the_other() -> None:
    scope = compare(extraction(("anne", "57463", "L", "60")), extraction(("anne", "57463", "L", "10")))
    assert rows(scope) == {"perimetre": (1, 0, 0, 0, 0, 1, 0, 0, 0)}
    moved = movements(scope, by_profession=True)
    counted = summary(moved, ["code_profession"]).select("code_profession", "arrivees", "departs", "fin")
    assert counted.collect().rows() == [("10", 1, 0, 1), ("60", 0, 1, 0)]


def test_merged_communes_are_not_moves() -> None:
    fusions = pl.LazyFrame({"ancien_code_commune": ["57001"], "code_commune": ["57463"]})
    avant, apres = extraction(("anne", "57001")), extraction(("anne", "57463"))
    assert rows(compare(avant, apres))["perimetre"][7] == 1
    assert rows(compare(avant, apres, fusions=fusions))["perimetre"][7] == 0


def test_a_territory_of_ones_own() -> None:
    own = pl.LazyFrame({"code_commune": ["57463", "54395"], "territoire": ["ici", "ici"]})
    scope = compare(BEFORE, AFTER, territoires=own)
    found = rows(scope, "territoire")
    # anne takes a second commune, emma changes mode, chloé leaves, david arrives.
    assert found["ici"] == (4, 1, 0, 1, 0, 4, 0, 1, 1)
    twice = pl.LazyFrame({"code_commune": ["57463", "57463"], "territoire": ["a", "b"]})
    with pytest.raises(ContractError, match="57463 est dans deux territoires"):
        compare(BEFORE, AFTER, territoires=twice)


def test_flows_say_from_where_to_where() -> None:
    found = flows(compare(BEFORE, AFTER)).collect().rows()
    assert found == [("57001", "67482", 1), (None, "67482", 1)]


def test_the_list_behind_a_figure() -> None:
    scope = compare(BEFORE, AFTER)
    both = pl.concat([BEFORE, AFTER])
    found = behind(scope, "deplacements", both).collect()
    assert found["nom"].to_list() == ["NOM anne", "NOM brice", "NOM nul"]
    assert found["communes_avant"].to_list() == [["57463"], ["57001", "57463"], []]
    assert found["communes_apres"].to_list() == [["54395", "57463"], ["57463", "67482"], ["67482"]]
    modes = behind(scope, "changements_mode", both, "commune", territory="54395").collect()
    assert modes.select("identification_nationale_pp", "modes_avant", "modes_apres").rows() == [
        ("emma", ["S"], ["L"])
    ]
    unknown = behind(scope, "sorties", both, "commune", unknown_territory=True).collect()
    assert unknown["identification_nationale_pp"].to_list() == ["nul"]
    doctors = behind(scope, "arrivees", both, by_profession=True, profession="10").collect()
    assert doctors["profession"].to_list() == ["Profession 10"]


def test_unknown_names_are_refused() -> None:
    scope = compare(BEFORE, AFTER)
    with pytest.raises(UnknownName, match="arrivée"):
        behind(scope, "arrivée", BEFORE)
    with pytest.raises(UnknownName, match="canton"):
        movements(scope, "canton")


people = st.tuples(
    st.sampled_from("abcdef"),
    st.sampled_from([None, "54395", "57463", "57001", "67482"]),
    st.sampled_from("LS"),
    st.sampled_from(["10", "60"]),
)


@settings(max_examples=20)
@given(st.lists(people, max_size=12), st.lists(people, max_size=12), st.booleans())
def test_it_closes_at_every_mesh_and_agrees_with_sets(
    avant: list[tuple[str, str | None, str, str]],
    apres: list[tuple[str, str | None, str, str]],
    by_profession: bool,
) -> None:
    scope = compare(extraction(*avant), extraction(*apres))
    both = pl.concat([extraction(*avant), extraction(*apres)])
    by = ["territoire", "code_profession"] if by_profession else ["territoire"]
    for mesh in [*MESHES, "perimetre"]:
        counted = summary(movements(scope, mesh, by_profession=by_profession), by).collect()
        assert closes(counted).is_empty()
        for name in ("debut", "arrivees", "entrees", "departs", "sorties", "fin", "deplacements"):
            listed = behind(scope, name, both, mesh, by_profession=by_profession).collect()
            assert listed.height == counted[name].sum()
    before, after = {row[0] for row in avant}, {row[0] for row in apres}
    if before | after:
        debut, arrivees, entrees, departs, sorties, fin, *_ = rows(scope)["perimetre"]
        assert (debut, fin) == (len(before), len(after))
        assert (arrivees, departs) == (len(after - before), len(before - after))
        assert (entrees, sorties) == (0, 0)
    for code, found in rows(scope, "commune").items():
        here_before = {row[0] for row in avant if row[1] == code}
        here_after = {row[0] for row in apres if row[1] == code}
        gained, lost = here_after - here_before, here_before - here_after
        assert found[:6] == (
            len(here_before), len(gained - before), len(gained & before), len(lost - after), len(lost & after),
            len(here_after),
        )  # fmt: skip


# -- one person under two numbers ---------------------------------------------------------------------


def register(*rows: tuple[str, str, str, str, str | None, str]) -> pl.LazyFrame:
    """(number, name, first name, profession, commune, department) -> rows of the directory."""
    full = [
        (number, profession, "L", commune, EPCI.get(commune or ""), departement, name, first, "Orthophoniste")
        for number, name, first, profession, commune, departement in rows
    ]
    return pl.LazyFrame(full, schema=SCHEMA, orient="row")


ADELI = ("0679000001", "LE GOFF", "Anne-Lise", "91", "67482", "67")
RPPS = ("810910000001", "Le Goff", "ANNE LISE", "91", "67482", "67")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([ADELI], [RPPS]),
        (
            [("0679000001", "Cœur", "Zoé", "93", None, "67")],
            [("810910000001", "COEUR", "ZOE", "93", None, "67")],
        ),
        # A second activity elsewhere changes nothing.
        ([ADELI], [RPPS, (*RPPS[:4], "57463", "57")]),
        # Homonyms of another profession or another place are other people.
        ([ADELI, (*ADELI[:3], "93", "67482", "67")], [RPPS]),
    ],
)
def test_who_leaves_adeli_for_the_rpps_stays(before: list[Any], after: list[Any]) -> None:
    counted = summary(movements(compare(register(*before), register(*after)))).collect()
    assert closes(counted).is_empty()
    assert counted.select("arrivees", "departs", "bascules").row(0) == (0, 0, 1)
    assert renumbered(counted.row(0, named=True)) == (
        "1 personne a changé de numéro (d'ADELI à RPPS) : ni arrivée, ni départ, même nom, même profession, même lieu."
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([ADELI], [(*RPPS[:4], "57463", "57")]),
        ([ADELI], [("810910000001", "LE GOFF", "Jeanne", "91", "67482", "67")]),
        ([ADELI], [(*RPPS[:3], "93", "67482", "67")]),
        # Two who could be the same: nobody says which.
        ([ADELI], [RPPS, ("810910000002", *RPPS[1:])]),
        ([ADELI, ("0679000002", *ADELI[1:])], [RPPS]),
        # From RPPS to ADELI nobody went.
        ([RPPS], [ADELI]),
    ],
)
def test_others_arrive_and_depart(before: list[Any], after: list[Any]) -> None:
    counted = summary(movements(compare(register(*before), register(*after)))).collect()
    assert closes(counted).is_empty()
    found = counted.row(0, named=True)
    assert (found["bascules"], found["arrivees"], found["departs"]) == (0, len(after), len(before))


def test_two_numbers_in_one_extraction_are_told_apart() -> None:
    middle = [ADELI, RPPS]
    came = summary(movements(compare(register(ADELI), register(*middle)))).collect().row(0, named=True)
    left = summary(movements(compare(register(*middle), register(RPPS)))).collect().row(0, named=True)
    assert (came["arrivees"], came["arrivees_connues"], came["departs"]) == (1, 1, 0)
    assert (left["departs"], left["departs_connus"], left["arrivees"]) == (1, 1, 0)
    assert renumbered({"bascules": 1829, "arrivees_connues": 0, "departs_connus": 0}).startswith(
        "1\u202f829 personnes ont changé de numéro"
    )
    assert renumbered(came) == "Parmi les arrivées, 1 numéro RPPS de personnes qui ont aussi un numéro ADELI."
    assert renumbered(left) == "Parmi les départs, 1 numéro ADELI de personnes qui ont aussi un numéro RPPS."
    # From before to after, it is one and the same person.
    whole = summary(movements(compare(register(ADELI), register(RPPS)))).collect()
    assert whole.select("debut", "fin", "bascules").row(0) == (1, 1, 1)


def test_the_list_behind_shows_the_number_in_force() -> None:
    scope = compare(register(ADELI), register(RPPS))
    both = pl.concat([register(ADELI), register(RPPS)])
    listed = behind(scope, "bascules", both).collect()
    assert listed["identification_nationale_pp"].to_list() == [RPPS[0]]
    assert listed["situation"].to_list() == ["reste"]
