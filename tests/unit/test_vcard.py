"""vCard 3.0: what is written is read back, whatever it holds, by a reader made from the rules of RFC 2426."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kit.export.vcard import LIMIT, Card, Place, escaped, folded, vcards


def read(content: bytes) -> list[dict[str, list[tuple[str, list[str]]]]]:
    """Cards -> property -> (parameters, components); unfolds, splits and unescapes by the letter of the standard."""
    text = content.decode("utf-8")
    assert re.search(r"(?<!\r)\n|\r(?!\n)", text) is None, "lines end with CRLF"
    cards: list[dict[str, list[tuple[str, list[str]]]]] = []
    for line in text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n"):
        head, _, value = line.partition(":")
        name, _, parameters = head.partition(";")
        if line == "BEGIN:VCARD":
            cards.append({})
        else:
            components = _split(value)
            cards[-1].setdefault(name, []).append((parameters, components))
    return cards


def _split(value: str) -> list[str]:
    parts, part, escape = [], "", False
    for character in value:
        if escape:
            part += {"n": "\n", "N": "\n"}.get(character, character)
            escape = False
        elif character == "\\":
            escape = True
        elif character == ";":
            parts.append(part)
            part = ""
        else:
            part += character
    assert not escape
    return [*parts, part]


DOCTOR = Card(
    uid="urn:rpps:810000000001",
    family="LEFÈVRE; DIT « L'AÎNÉ »",
    given="Hélène, Marie",
    prefix="Docteur",
    title="Médecin",
    specialties=("Médecine générale", "Gériatrie, soins"),
    places=(
        Place("Cabinet\nmédical", "BP 12", "8 B Rue des Écoles", "57000", "Metz",
              ("0387000000",), ("a@b.fr",), 6.2, 49.1),
        Place("Hôpital", "", "", "54000", "Nancy", ("+33 3 83 00 00 00",)),
    ),
    note="ANS \\ Annuaire Santé, 14 janvier 2025",
)  # fmt: skip


def test_a_person_with_two_places() -> None:
    (card,) = read(vcards([DOCTOR]))
    assert card["VERSION"] == [("", ["3.0"])]
    assert card["FN"] == [("", ["Docteur Hélène, Marie LEFÈVRE; DIT « L'AÎNÉ »"])]
    assert card["N"] == [("", ["LEFÈVRE; DIT « L'AÎNÉ »", "Hélène, Marie", "", "Docteur", ""])]
    assert card["ORG"] == [("", ["Cabinet\nmédical"])]
    assert card["ADR"] == [
        ("TYPE=WORK,PREF", ["", "Cabinet\nmédical, BP 12", "8 B Rue des Écoles", "Metz", "", "57000", "France"]),
        ("TYPE=WORK", ["", "Hôpital", "", "Nancy", "", "54000", "France"]),
    ]  # fmt: skip
    assert card["TEL"] == [
        ("TYPE=WORK,VOICE,PREF", ["0387000000"]),
        ("TYPE=WORK,VOICE", ["+33 3 83 00 00 00"]),
    ]
    assert card["EMAIL"] == [("TYPE=INTERNET,PREF", ["a@b.fr"])]
    assert card["GEO"] == [("", ["49.100000", "6.200000"])]
    assert card["NOTE"] == [("", ["ANS \\ Annuaire Santé, 14 janvier 2025"])]
    assert card["UID"] == [("", ["urn:rpps:810000000001"])]
    assert card["END"] == [("", ["VCARD"])]


def test_categories_are_separated_by_commas_that_they_do_not_hold() -> None:
    lines = vcards([DOCTOR]).decode().replace("\r\n ", "").split("\r\n")
    assert "CATEGORIES:Médecine générale,Gériatrie\\, soins" in lines


def test_an_establishment_is_its_own_organisation() -> None:
    (card,) = read(
        vcards([Card("f", name="CH de Metz", title="Centre hospitalier", places=(Place(town="Metz"),))])
    )
    assert card["FN"] == card["ORG"] == [("", ["CH de Metz"])]
    assert card["N"] == [("", ["CH de Metz", "", "", "", ""])]
    assert card["ADR"] == [("TYPE=WORK,PREF", ["", "", "", "Metz", "", "", "France"])]


def test_a_card_with_a_number_alone_has_a_name() -> None:
    (card,) = read(vcards([Card("urn:rpps:1")]))
    assert card["FN"] == [("", ["urn:rpps:1"])]
    assert set(card) == {"VERSION", "FN", "N", "UID", "END"}


def test_several_cards_follow_one_another() -> None:
    assert [card["UID"][0][1][0] for card in read(vcards([Card("a"), Card("b")]))] == ["a", "b"]
    assert vcards([]) == b""


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=200)


@given(texts.map(lambda text: text.replace(" ", " \n")))
def test_any_text_comes_back(text: str) -> None:
    content = vcards([Card("u", family=text, given="x", note=text)])
    (card,) = read(content)
    assert card["N"][0][1][0] == text
    if text:
        assert card["NOTE"][0][1] == [text]
    assert max(len(line) for line in content.split(b"\r\n")) <= LIMIT


@pytest.mark.parametrize("length", [1, LIMIT - 1, LIMIT, LIMIT + 1, 500])
def test_a_long_line_is_cut_between_characters(length: int) -> None:
    cut = folded("é" * length)
    assert all(len(line) <= LIMIT for line in cut.encode().split(b"\r\n"))
    assert cut.replace("\r\n ", "") == "é" * length + "\r\n"
    assert escaped("a\r\nb\rc") == "a\\nb\\nc"
