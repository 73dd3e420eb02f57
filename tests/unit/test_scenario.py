"""Scenarios: what changes, what is refused, and the link that carries them."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.errors import LakeError, UnknownName
from scoring.reach.floating import VALUE, Parametres, accessibility, demand, neighbourhood
from scoring.reach.proximity import Trajet
from scoring.reach.scenario import Mouvement, apply, effect, from_json, to_json

PLACES = pl.DataFrame(
    {
        "code_commune": ["67001", "67002", "67003"],
        "longitude": [7.0, 7.1, 7.3],
        "latitude": [48.0, 48.0, 48.0],
        "population": [1000, 2000, 500],
    }
)
SUPPLY = pl.DataFrame({"code_commune": ["67001", "67002"], "offre": [2.0, 0.5]})
KNOWN = PLACES["code_commune"]


def after(*moves: Mouvement) -> dict[str, float]:
    return {code: value for code, value in apply(SUPPLY, moves, KNOWN).iter_rows() if value}


def test_add_remove_and_move() -> None:
    assert after(Mouvement("67003", 2)) == {"67001": 2.0, "67002": 0.5, "67003": 2.0}
    assert after(Mouvement("67001", -2)) == {"67002": 0.5}
    assert after(Mouvement("67001", 1, vers="67003")) == {"67001": 1.0, "67002": 0.5, "67003": 1.0}


def test_the_order_of_changes_does_not_matter() -> None:
    moves = (Mouvement("67002", -2), Mouvement("67002", 3))
    assert after(*moves) == after(*reversed(moves)) == {"67001": 2.0, "67002": 1.5}


def test_more_than_there_are_is_refused_with_both_figures() -> None:
    with pytest.raises(LakeError, match="retire 1 professionnel à la commune 67002, qui en compte 0,5"):
        apply(SUPPLY, [Mouvement("67002", -1)], KNOWN)
    with pytest.raises(LakeError, match="67003, qui en compte 0"):
        apply(SUPPLY, [Mouvement("67003", 1, vers="67001")], KNOWN)


def test_thirds_that_add_up_can_all_be_removed() -> None:
    thirds = pl.DataFrame({"code_commune": ["67001"], "offre": [1 / 3 + 1 / 3 + 1 / 3 - 1e-16]})
    assert apply(thirds, [Mouvement("67001", -1)], KNOWN)["offre"].to_list() == [0.0]


def test_an_unknown_commune_is_named() -> None:
    with pytest.raises(UnknownName, match="67999"):
        apply(SUPPLY, [Mouvement("67999", 1)], KNOWN)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Mouvement("67001", 0),
        lambda: Mouvement("67001", float("nan")),
        lambda: Mouvement("67001", 1e9),
        lambda: Mouvement("67001", -1, vers="67002"),
        lambda: Mouvement("67001", 1, vers="67001"),
        lambda: from_json("{"),
        lambda: from_json('[{"commune": "67001"}]'),
        lambda: from_json('["67001"]'),
        lambda: from_json("3"),
    ],
)
def test_nonsense_is_refused(make: object) -> None:
    with pytest.raises(LakeError):
        make()  # type: ignore[operator]


def test_the_heads_whose_commune_is_unknown_stay() -> None:
    nowhere = pl.concat([SUPPLY, pl.DataFrame({"code_commune": [None], "offre": [4.0]})])
    changed = apply(nowhere, [Mouvement("67001", -2)], KNOWN)
    assert changed.filter(pl.col("code_commune").is_null())["offre"].to_list() == [4.0]


@given(
    st.lists(
        st.builds(
            Mouvement,
            st.sampled_from(["67001", "67002"]),
            st.floats(0.01, 100),
            st.sampled_from([None, "67003"]),
        )
    )
)
def test_a_link_carries_the_scenario_whole(moves: list[Mouvement]) -> None:
    assert from_json(to_json(moves)) == tuple(moves)


def test_effect_before_and_after() -> None:
    near = neighbourhood(PLACES, Parametres(Trajet(vitesse_km_h=60, detour=1, part_rayon_intra=0)))
    people = demand(PLACES)
    # 67001–67002: 7.44 km, 67002–67003: 14.88 km; 67001–67003 is out of reach.
    found = effect(near, people, SUPPLY, [Mouvement("67003", 1)], threshold=1.0)
    assert found.seuil_avant.population == 500
    assert found.seuil_apres.population == 0
    gained = 10_000 * 1 / (500 + 0.1 * 2000)
    assert found.communes["ecart"].to_list() == pytest.approx([0, 0.1 * gained, gained])
    assert found.communes["offre_apres"].to_list() == [2.0, 0.5, 1.0]
    assert found.moyenne_apres == pytest.approx(10_000 * 3.5 / 3500)
    assert found.moyenne_avant == pytest.approx(10_000 * 2.5 / 3500)
    again = effect(near, people, SUPPLY, [], threshold=1.0, before=found.avant)
    assert again.communes["ecart"].to_list() == [0, 0, 0]
    assert again.avant is found.avant
    assert again.apres.communes[VALUE].equals(accessibility(near, people, SUPPLY).communes[VALUE])
