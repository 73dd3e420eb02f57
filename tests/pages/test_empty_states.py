"""A view that shows nothing says its true cause: rights, a date or a period without data, filters, or no delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from apps.kit.access.access import Access
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.pages.nothing import nothing
from apps.kit.style.errors import explain
from lake.droits import Droits
from lake.errors import MissingTable
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.answer import Lecture
from scoring.universes.segur import SEGUR
from scoring.universes.selection import Selection
from tests.pages.drawing import draw_page

EAST = Droits(frozenset({"segur", "convergence"}), regions=frozenset({"44"}))
EDITOR = Droits(frozenset({"segur"}), editeurs=frozenset({"Cordanel"}))


def segur(
    lake: Path, droits: Droits | None = None, selection: Selection | None = None, **filters: list[str]
) -> str:
    access = Access("essai", lecture=Lecture(droits))
    chosen = selection or Selection(filters)  # type: ignore[arg-type]
    view = View("Essai", SEGUR, State(chosen), Data(Lake(Settings(lake=str(lake))), access))
    return nothing(view)


def test_filters_that_nothing_answers_are_named(petit_lake: Path) -> None:
    assert segur(petit_lake, region=["44"]) == (
        "Rien ne répond à ces filtres (Région : Grand Est). Retirez-en un dans la colonne de gauche."
    )


def test_a_filter_outside_of_the_rights_is_the_cause_and_not_the_filters(petit_lake: Path) -> None:
    said = "Votre profil n’ouvre pas le détail de région Normandie."
    assert segur(petit_lake, EAST, region=["28"]).startswith(said)
    assert "demandez un accès plus large" in segur(petit_lake, EAST, region=["28"])
    # A département is its region's; a choice that holds one's own is answered by it.
    assert "Calvados" in segur(petit_lake, EAST, departement=["14"])
    assert "dans votre périmètre (Grand Est)" in segur(petit_lake, EAST, departement=["14", "67"])
    assert "n’ouvre pas le détail" in segur(petit_lake, EDITOR, editeur=["Boréal Santé"])


def test_what_is_narrowed_names_the_perimeter(petit_lake: Path) -> None:
    assert segur(petit_lake, EDITOR, profession=["10"]).endswith(
        "dans votre périmètre (Cordanel). Retirez-en un dans la colonne de gauche."
    )


def test_the_cause_does_not_depend_on_the_rows_that_rights_hide(petit_lake: Path, tmp_path: Path) -> None:
    """Asked of a lake where another region has rows, and of one where nothing is: the filter's sentence is the same."""
    hidden = Selection({"region": ("28",), "type_acteur": ("absent",)})
    shown = Selection({"region": ("28",)})
    assert segur(petit_lake, EAST, hidden) == segur(petit_lake, EAST, shown)


def test_a_period_without_month_gives_the_months_published(petit_lake: Path) -> None:
    asked = Selection({"region": ("44",)}).during(date(2019, 1, 1), date(2019, 3, 1))
    assert segur(petit_lake, None, asked) == (
        "Aucun mois n’est publié sur cette période (de janvier 2019 à mars 2019) : les mois publiés vont de "
        "décembre 2020 à novembre 2022. Changez la période dans la colonne de gauche."
    )


def test_a_date_never_published_gives_the_last_one(kit_view: Callable[..., View]) -> None:
    assert nothing(kit_view(date(2024, 5, 5), departement=["67"])) == (
        "Rien n’est publié au 5 mai 2024 : la dernière date est le 14 janvier 2025. Choisissez-la dans la colonne de "
        "gauche."
    )
    assert "Département : Bas-Rhin" in nothing(kit_view(date(2025, 1, 14), departement=["67"]))


def test_a_lake_without_delivery_says_so_and_never_the_filters(
    kit_view: Callable[..., View], tmp_path: Path
) -> None:
    empty = replace(kit_view(departement=["67"]), data=Data(Lake(Settings(lake=str(tmp_path)))))
    with pytest.raises(MissingTable) as missing:
        nothing(empty)
    title, said, advice = explain(missing.value)
    assert (title, said) == ("Pas encore de données", "Ce que montre cette vue n’a encore jamais été livré.")
    assert advice == "Prévenez l’exploitant de l’Observatoire.", (
        "neither a table, nor a folder, nor a command"
    )


def test_a_table_published_without_rows_says_so(kit_view: Callable[..., View]) -> None:
    view = kit_view(departement=["67"])
    view.__dict__["dates"] = []
    assert nothing(view) == f"Rien n’est encore publié : {view.universe.title} attend sa première livraison."


def test_rights_that_no_row_bears_say_the_perimeter(petit_lake: Path) -> None:
    nobody = Droits(frozenset({"segur"}), editeurs=frozenset({"Personne"}))
    assert segur(petit_lake, nobody) == (
        "Rien n’est publié dans votre périmètre (Personne), jusqu’à novembre 2022."
    )


@pytest.mark.parametrize("name", ["psc-carte", "insi"])
def test_the_screen_says_it(petit_lake: Path, name: str) -> None:
    page = draw_page("segur", name, petit_lake, du=["2019-01-01"], au=["2019-03-01"])
    assert any("Aucun mois n’est publié sur cette période" in info.value for info in page.at.info)
