"""Two people change one analysis: what both did is kept, and what they did otherwise is shown, never lost."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lake.store.analyses.merging import Side, changes, merged

BASE: dict[str, Any] = {
    "version": 1,
    "titre": "PSC en Grand Est",
    "description": "",
    "sections": [
        {"id": "bcdfgh", "titre": "Adoption", "introduction": "29,8 %", "graphique": {"type": "courbe"}},
        {"id": "jklmnp", "titre": "Éditeurs", "introduction": "", "graphique": None},
        {"id": "qrstvw", "titre": "Suite", "introduction": "", "graphique": None},
    ],
}


def changed(**fields: Any) -> dict[str, Any]:
    """The base with fields of its own, or of the section that ``section`` numbers, changed."""
    found = deepcopy(BASE)
    number = fields.pop("section", None)
    (found if number is None else found["sections"][number]).update(fields)
    return found


def ids(document: dict[str, Any]) -> list[str]:
    return [one["id"] for one in document["sections"]]


def test_changes_of_two_sections_are_both_kept() -> None:
    result = merged(BASE, changed(section=1, introduction="B"), changed(section=0, introduction="A"))
    assert result.conflicts == ()
    assert [one["introduction"] for one in result.document["sections"]] == ["A", "B", ""]
    assert result.theirs == ("Adoption",)


def test_changes_of_two_fields_of_one_section_are_both_kept() -> None:
    result = merged(BASE, changed(section=0, titre="T"), changed(section=0, graphique={"type": "radar"}))
    assert result.conflicts == ()
    assert result.document["sections"][0] == {
        "id": "bcdfgh", "titre": "T", "introduction": "29,8 %", "graphique": {"type": "radar"},
    }  # fmt: skip


def test_the_same_introduction_written_twice_is_shown_with_both_texts() -> None:
    mine, theirs = changed(section=0, introduction="la mienne"), changed(section=0, introduction="la leur")
    conflict = merged(BASE, mine, theirs).conflicts[0]
    assert (conflict.section, conflict.field, conflict.title) == ("bcdfgh", "introduction", "Adoption")
    assert (conflict.base, conflict.mine, conflict.theirs) == ("29,8 %", "la mienne", "la leur")
    for side, text in ((Side.MINE, "la mienne"), (Side.THEIRS, "la leur")):
        chosen = merged(BASE, mine, theirs, {conflict.key: side})
        assert chosen.conflicts == ()
        assert chosen.document["sections"][0]["introduction"] == text


def test_a_section_removed_by_one_and_changed_by_the_other_waits_for_a_choice() -> None:
    without = {**BASE, "sections": BASE["sections"][1:]}
    edited = changed(section=0, conclusion="à garder")
    for mine, theirs in ((without, edited), (edited, without)):
        result = merged(BASE, mine, theirs)
        assert [one.key for one in result.conflicts] == [("bcdfgh", "")]
        assert "à garder" in json.dumps(result.document, ensure_ascii=False)
    assert ids(merged(BASE, without, edited, {("bcdfgh", ""): Side.MINE}).document) == ["jklmnp", "qrstvw"]
    kept = merged(BASE, without, edited, {("bcdfgh", ""): Side.THEIRS}).document
    assert ids(kept) == ["bcdfgh", "jklmnp", "qrstvw"]
    assert ids(merged(BASE, without, BASE).document) == ["jklmnp", "qrstvw"]


def test_sections_that_one_moved_and_the_other_added_are_both_there() -> None:
    moved = {**BASE, "sections": [BASE["sections"][n] for n in (2, 0, 1)]}
    new = {"id": "xzbcdf", "titre": "Nouvelle"}
    added = {**BASE, "sections": [BASE["sections"][0], new, *BASE["sections"][1:]]}
    for mine, theirs in ((moved, added), (added, moved)):
        result = merged(BASE, mine, theirs)
        assert result.conflicts == ()
        assert ids(result.document) == ["qrstvw", "bcdfgh", "xzbcdf", "jklmnp"]


def test_two_orders_wait_for_a_choice() -> None:
    one = {**BASE, "sections": [BASE["sections"][n] for n in (2, 0, 1)]}
    other = {**BASE, "sections": [BASE["sections"][n] for n in (1, 0, 2)]}
    assert [one.key for one in merged(BASE, one, other).conflicts] == [("", "ordre")]
    assert merged(BASE, one, other, {("", "ordre"): Side.THEIRS}).document == other
    assert merged(BASE, one, other, {("", "ordre"): Side.MINE}).document == one


def test_true_and_one_are_two_choices() -> None:
    result = merged(changed(section=0, garde=0), changed(section=0, garde=True), changed(section=0, garde=1))
    assert [one.field for one in result.conflicts] == ["garde"]


def test_what_changed_is_told_by_section() -> None:
    other = changed(section=1, graphique={"type": "carte"})
    other["sections"] = [other["sections"][1], other["sections"][0], {"id": "zzzzzz", "titre": ""}]
    other["titre"] = "Autre"
    assert changes(BASE, other) == (
        "titre",
        "section 1 (graphique)",
        "section 3 (ajoutée)",
        "section 3 (retirée)",
        "ordre des sections",
    )
    assert changes(BASE, BASE) == ()


TEXTS = st.sampled_from(["", "a", "b", "c"])
SECTIONS = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from("bcdfg"), "titre": TEXTS, "introduction": TEXTS},
        optional={"graphique": st.sampled_from([{"type": "courbe"}, {"type": "radar"}])},
    ),
    max_size=5,
    unique_by=lambda one: one["id"],
)
DOCUMENTS = st.fixed_dictionaries({"titre": TEXTS, "sections": SECTIONS}, optional={"description": TEXTS})
SIDES = st.sampled_from(list(Side))


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS, st.data())
@settings(max_examples=150, deadline=None)
def test_a_merge_loses_nothing_and_does_not_depend_on_who_saves_first(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any], data: st.DataObject
) -> None:
    assert merged(base, mine, base).document == mine
    assert merged(base, base, theirs).document == theirs
    assert merged(base, mine, mine).document == mine
    result, back = merged(base, mine, theirs), merged(base, theirs, mine)
    assert {one.key for one in result.conflicts} == {one.key for one in back.conflicts}
    for one in result.conflicts:  # both texts are on screen
        assert (one.mine, one.theirs) != (None, None)
    choices = {one.key: data.draw(SIDES) for one in result.conflicts}
    other = {key: Side.THEIRS if side is Side.MINE else Side.MINE for key, side in choices.items()}
    settled, mirrored = merged(base, mine, theirs, choices), merged(base, theirs, mine, other)
    assert settled.conflicts == ()

    def content(document: dict[str, Any]) -> Any:
        return {**document, "sections": sorted(document["sections"], key=lambda one: one["id"])}

    assert content(settled.document) == content(mirrored.document)
    # What neither touched stays; what one alone changed is there.
    for field in ("titre", "description"):
        if theirs.get(field) == base.get(field):
            assert settled.document.get(field) == mine.get(field)
    numbers = {one["id"] for one in settled.document["sections"]}
    added = {one["id"] for side in (mine, theirs) for one in side["sections"]}
    assert added - {one["id"] for one in base["sections"]} <= numbers
