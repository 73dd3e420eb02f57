"""What each screen of analyses reads, as it was approved; see :mod:`tests.pages.test_approved_readings`.

Two people who share at nine in the morning of the 30th of November 2026, on a clock that is held: an analysis of four
sections, shared, followed and pinned, a draft, one in the bin, a model of their profile.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from lake.store.accounts.identity import Compte
from lake.store.analyses import bar, binned, documents, models, shares
from lake.store.analyses.tables import ANALYSES
from lake.store.engine import Store
from tests.pages.drawing import AppTest
from tests.pages.shown import whole
from tests.pages.test_analyses_ecrans import SECTION, Become, become, document, people, screen
from tests.pages.test_approved_readings import assert_approved

__all__ = ["become", "people"]  # fixtures

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def section(code: str, titre: str, kind: str, axes: list[str], *measures: str) -> dict[str, Any]:
    chart = {"univers": "annuaire", "type": kind, "mesures": list(measures), "axes": axes}
    return {**SECTION, "id": code, "titre": titre, "introduction": "", "graphique": chart}


SECTIONS = (
    SECTION,
    section("bcdfgj", "Par département", "classement", ["departement"], "professionnels"),
    section("bcdfgk", "Depuis", "avant-apres", ["departement"], "professionnels"),
    section("bcdfgl", "En bref", "chiffres", [], "professionnels", "sites"),
)
STATES: dict[str, tuple[str, str, bool, Callable[[AppTest], AppTest]]] = {
    "lire": ("anne", "lire", True, lambda at: at),
    "lire-partagee": ("bea", "lire", True, lambda at: at),
    "lire-pilote": ("pilote", "lire", True, lambda at: at),
    "modifier": ("anne", "modifier", True, lambda at: at),
    "mes": ("anne", "mes", False, lambda at: at),
    "mes-rien": ("chef", "mes", False, lambda at: at),
    "modeles": ("anne", "modeles", False, lambda at: at),
    "indicateurs": ("anne", "indicateurs", False, lambda at: at),
    "barre": ("anne", "barre", False, lambda at: at),
    "creer": ("anne", "creer", False, lambda at: at),
    "creer-univers": ("anne", "creer", False, lambda at: named(at)),
    "creer-representation": ("anne", "creer", False, lambda at: to_be_drawn(at)),
    "creer-sans-indicateur": (
        "anne", "creer", False, lambda at: to_be_drawn(at).multiselect(key="galerie_mesures").set_value([]).run(),
    ),
    "creer-reglages": (
        "anne",
        "creer",
        False,
        lambda at: to_be_drawn(at).button(key="type_classement").click().run(),
    ),
    "desabonnement": ("anne", "desabonnement", False, lambda at: at),
}  # fmt: skip
"""Name of a reading -> who reads, the screen, whether its address says which analysis, what is done there."""


def named(at: AppTest) -> AppTest:
    """A new analysis that has its name: its universe is asked."""
    at.text_input[0].set_value("Mon suivi")
    at.button[-1].click()
    return at.run()  # type: ignore[no-any-return]


def to_be_drawn(at: AppTest) -> AppTest:
    """The same, once its universe is chosen and what is counted, by what: the gallery."""
    named(at).button(key="rayon_annuaire").click().run()
    at.multiselect(key="galerie_axes").set_value(["departement"])
    return at.run()  # type: ignore[no-any-return]


LOST = section("bcdfgh", "Perdue", "classement", ["departement"], "mesure_perdue")
READ: dict[str, tuple[str, str, dict[str, Any]]] = {
    "lire-indicateurs": ("anne", "indicateurs", document("Mes indicateurs")),
    "lire-lue": ("bea", "analyse", document("La mienne")),
    "lire-a-reparer": ("anne", "analyse", document("Perdue", LOST)),
    "lire-illisible": ("anne", "analyse", {**document("Illisible"), "sections": [{"id": "bcdfgh", "graphique": 3}]}),
    "lire-plus-recente": ("anne", "analyse", {**document("D’après-demain"), "version": 99}),
}  # fmt: skip
"""Name of a reading -> who reads an analysis of Anne's, its kind, what it is."""


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """The clock is held before any account is made."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def shared(store: Store, people: dict[str, Compte], become: Become) -> int:
    """The analysis, and what stands around it."""
    anne = become("anne")
    models.ship(
        store, "cles", document("Les indicateurs"), profils=["expert_national"], home=["expert_national"]
    )
    number = documents.create(store, anne, document("Qui exerce où", *SECTIONS))
    shares.share(store, anne, number, email="bea@ex.fr", right="modifier")
    shares.share(store, anne, number, email="pilote@ex.fr")
    bar.arrange(store, anne, [number], home=number)
    gone, theirs = (
        documents.create(store, people[who], document(name))
        for who, name in (("anne", "Jetée"), ("bea", "De Béa"))
    )
    binned.remove(store, anne, gone)
    shares.share(store, people["bea"], theirs, email="anne@ex.fr")
    return number


@pytest.mark.parametrize("name", STATES)
def test_a_screen_of_analyses_reads_as_approved(
    name: str, shared: int, become: Become, request: pytest.FixtureRequest
) -> None:
    who, address, one, do = STATES[name]
    become(who)
    at = do(screen(address, **({"id": str(shared)} if one else {})))
    assert not [one.value for one in at.error if "incident" in one.value]
    text = re.sub(r"jeton=[\w-]+", "jeton=(tiré)", whole(at))
    assert_approved(f"analyses/{name}", text, request)


@pytest.mark.parametrize("name", READ)
def test_an_analysis_of_each_kind_and_state_reads_as_approved(
    name: str, store: Store, become: Become, request: pytest.FixtureRequest
) -> None:
    who, genre, written = READ[name]
    anne = become("anne")
    number = documents.create(store, anne, document("Neuve"), genre=genre)
    with store.writing() as connection:  # as an older or a newer version of the suite may have left it
        kept = {"titre": written["titre"], "contenu": json.dumps(written)}
        connection.execute(sa.update(ANALYSES).where(ANALYSES.c.id == number).values(**kept))
    shares.share(store, anne, number, email="bea@ex.fr")
    become(who)
    assert_approved(f"analyses/{name}", whole(screen("lire", id=str(number))), request)
