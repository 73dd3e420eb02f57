"""One word, one meaning: every page of the directory defines the words it uses, and their figures agree."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from apps.annuaire.declaration import PAGES
from apps.annuaire.glossary import WORDS, met
from apps.kit.style.french import typographic
from tests.pages.drawing import Drawn, draw_page

FILTERS = {"departement": ["57"], "profession": ["10"]}
DRAWN = ("carte", "diagnostic", "accessibilite", "scenario", "evolution", "qualite", "donnees")


def number(text: str) -> int:
    return int(re.sub(r"[^\d]", "", text) or -1)


@pytest.fixture(scope="module")
def pages(petit_lake: Path) -> dict[str, Drawn]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OBS_ACCES", "ouvert")
        known = {page.name: page.scope.axes for page in PAGES}
        return {
            name: draw_page(
                "annuaire", name, petit_lake, **{k: v for k, v in FILTERS.items() if k in known[name]}
            )
            for name in DRAWN
        }


@pytest.mark.parametrize("name", DRAWN)
def test_a_page_defines_the_words_it_uses(pages: dict[str, Drawn], name: str) -> None:
    page = pages[name]
    said = " ".join([page.reading, *page.figures, *re.findall(r'obs-lecture-vue">(.*?)</p>', page.html)])
    told = " ".join(text.value for text in page.at.markdown)
    used = met(unescape(said))
    assert used
    for word in used:
        assert typographic(word.meaning) in told, (name, word.word)


def test_the_notice_has_every_word(petit_lake: Path) -> None:
    table = draw_page("annuaire", "notice", petit_lake).at.dataframe[2].value
    assert list(table["mot"]) == [word.word for word in WORDS]


def test_professionnels_is_one_figure_on_every_page(pages: dict[str, Drawn]) -> None:
    told = {
        "carte": number(pages["carte"].figures["Professionnels"]),
        "diagnostic": number(pages["diagnostic"].figures["Professionnels"]),
        "evolution": number(pages["evolution"].figures["Professionnels"]),
    }
    assert len(set(told.values())) == 1, told
    assert told["carte"] > 0


@pytest.mark.parametrize(
    "filters", [{"epci": ["200069441"]}, {"epci": ["246700488"], "profession": ["10"]}, {}]
)
def test_communes_sans_personne_is_one_figure(petit_lake: Path, filters: dict[str, list[str]]) -> None:
    diagnosis = number(
        draw_page("annuaire", "diagnostic", petit_lake, **filters).figures["Communes sans personne"]
    )
    carte = draw_page("annuaire", "carte", petit_lake, maille=["commune"], **filters)
    shown = re.search(r"([\d\s\u202f\xa0]+) communes? sans personne", unescape(carte.html))
    assert shown is not None
    assert number(shown.group(1)) == diagnosis
    if filters:
        assert number(carte.figures["Communes sans personne"]) == diagnosis
