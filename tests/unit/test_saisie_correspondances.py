"""Answers through the changes of a referential: translated, merged by the lower level, or set aside in words."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from scoring.saisie.correspondance import Passage, traduire, traduire_plans

LINK = {
    "critere_avant": pl.String,
    "niveau_avant": pl.Int64,
    "critere": pl.String,
    "niveau": pl.Int64,
    "certitude": pl.String,
}
ROW = {
    "service": pl.String,
    "critere": pl.String,
    "nature": pl.String,
    "niveau": pl.Int64,
    "referentiel": pl.String,
}


def to(version: str, *links: tuple[str, int, str, int | None, str]) -> Passage:
    return Passage(version, pl.DataFrame(links, schema=LINK, orient="row"))


def answers(*rows: tuple[str, str, str, int | None, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=ROW, orient="row")


def kept(rows: pl.DataFrame, *chain: Passage) -> list[tuple[object, ...]]:
    found = traduire(rows, chain).lignes
    return found.select("service", "critere", "nature", "niveau", "traduite").rows()


def aside(rows: pl.DataFrame, *chain: Passage) -> list[tuple[object, ...]]:
    return traduire(rows, chain).ecartees.rows()


def test_two_criteria_that_become_one_keep_the_lower_level() -> None:
    chain = to("v2", ("A05.1", -1, "A05.9", None, "sure"), ("A05.2", -1, "A05.9", None, "sure"))
    rows = answers(
        ("sso", "A05.1", "niveau", 3, "v1"),
        ("sso", "A05.2", "niveau", 1, "v1"),
        ("dcc", "A05.1", "na", None, "v1"),
        ("dcc", "A05.2", "niveau", 2, "v1"),
        ("ror", "A05.1", "na", None, "v1"),
        ("ror", "A11.1", "niveau", 2, "v1"),
    )
    assert kept(rows, chain) == [
        ("ror", "A11.1", "niveau", 2, False),
        ("sso", "A05.9", "niveau", 1, True),
        ("dcc", "A05.9", "niveau", 2, True),
        ("ror", "A05.9", "na", None, True),
    ]
    assert aside(rows, chain) == []


def test_a_criterion_joined_by_another_keeps_its_code_and_the_lower_level() -> None:
    chain = to("v2", ("A05.1", -1, "A05.2", None, "sure"))
    rows = answers(("sso", "A05.1", "niveau", 1, "v1"), ("sso", "A05.2", "niveau", 3, "v1"))
    assert kept(rows, chain) == [("sso", "A05.2", "niveau", 1, True)]


def test_a_criterion_that_is_split_answers_each_part() -> None:
    chain = to("v2", ("A05.1", -1, "A05.3", None, "sure"), ("A05.1", -1, "A05.4", None, "a_revoir"))
    rows = answers(("sso", "A05.1", "niveau", 1, "v1"))
    assert kept(rows, chain) == [("sso", "A05.3", "niveau", 1, True)]


def test_levels_are_taken_up_one_by_one_and_what_is_not_sure_stops_counting() -> None:
    chain = to(
        "v2", ("A05.1", 0, "A05.1", 0, "sure"), ("A05.1", 1, "A05.1", 2, "sure"), ("A05.1", 2, "A05.1", 3, "a_revoir")
    )  # fmt: skip
    rows = answers(
        ("a", "A05.1", "niveau", 1, "v1"),
        ("b", "A05.1", "niveau", 2, "v1"),
        ("c", "A05.1", "niveau", 3, "v1"),
        ("d", "A05.1", "niveau", 3, "v2"),
    )
    assert kept(rows, chain) == [("d", "A05.1", "niveau", 3, False), ("a", "A05.1", "niveau", 2, True)]
    assert aside(rows, chain) == [
        ("b", "A05.1", "à revoir depuis la version v2"),
        ("c", "A05.1", "à revoir depuis la version v2"),
    ]


def test_a_criterion_that_nothing_takes_up_is_said_removed() -> None:
    chain = to("v2", ("A05.1", -1, "", None, "sure"))
    assert aside(answers(("a", "A05.1", "niveau", 1, "v1")), chain) == [
        ("a", "A05.1", "critère retiré par la version v2")
    ]


def test_changes_follow_one_another_and_only_those_since() -> None:
    chain = (to("v2", ("A", -1, "B", None, "sure")), to("v3"), to("v4", ("B", 1, "C", 0, "sure")))
    rows = answers(
        ("x", "A", "niveau", 1, "v1"), ("y", "B", "niveau", 1, "v2"), ("z", "B", "niveau", 1, "v4")
    )
    assert {row[:4] for row in kept(rows, *chain)} == {
        ("x", "C", "niveau", 0),
        ("y", "C", "niveau", 0),
        ("z", "B", "niveau", 1),
    }


@given(
    levels=st.lists(st.integers(0, 3), min_size=1, max_size=4),
    under=st.lists(st.sampled_from(["v1", "v2"]), min_size=4, max_size=4),
)
def test_one_answer_a_criterion_however_many_join_it(levels: list[int], under: list[str]) -> None:
    rows = answers(
        *(("s", f"A{rank}", "niveau", level, under[rank]) for rank, level in enumerate(levels)),
        ("s", "Z", "niveau", 3, "v1"),
    )
    chain = to("v2", *((f"A{rank}", -1, "Z", None, "sure") for rank in range(len(levels))))
    found = kept(rows, chain)
    assert len({row[1] for row in found}) == len(found)
    joined = [level for rank, level in enumerate(levels) if under[rank] == "v1"]
    assert next(row[3] for row in found if row[1] == "Z") == min([3, *joined])


def test_steps_follow_their_levels_and_keep_the_later_quarter() -> None:
    chain = to("v2", ("A", 2, "B", 3, "sure"), ("C", -1, "B", None, "sure"), ("D", 1, "D", 1, "sure"))
    plans = pl.DataFrame(
        [
            ("s", "A", 2, "2031-T1", False, "v1"),
            ("s", "C", 3, "2031-T4", False, "v1"),
            ("s", "D", 2, "2031-T1", False, "v1"),
            ("s", "E", None, None, True, "v1"),
        ],
        schema={**{name: ROW[name] for name in ("service", "critere", "niveau")}, "trimestre": pl.String,
                "non_planifiable": pl.Boolean, "referentiel": pl.String},
        orient="row",
    )  # fmt: skip
    found = traduire_plans(plans, [chain])
    assert found.lignes.select("critere", "niveau", "trimestre").rows() == [
        ("B", 3, "2031-T4"),
        ("E", None, None),
    ]
    assert found.ecartees.rows() == [("s", "D", "à revoir depuis la version v2")]
