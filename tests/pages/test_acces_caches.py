"""Two readers in one process, in either order and at once: what one computed is never shown to the other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.annuaire import recherche
from apps.kit.access import access
from apps.kit.access.access import Access
from apps.kit.access.session import Reader
from apps.kit.data import data, snapshots
from apps.kit.data.data import Data, open_lake
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.maps import point_route
from lake.catalog.annuaire import ACTIVITES
from lake.catalog.convergence import REPONSES, SERVICES
from lake.catalog.segur import CUMULS_TERRITOIRES, MESURES
from lake.droits import UNIVERS, Droits, of_profile
from lake.store.accounts.identity import Compte
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Universe
from scoring.universes.segur import SEGUR
from scoring.universes.selection import Selection

EVERYTHING = frozenset(UNIVERS)
# Readers whose rights differ by region, by département, by editor, by universe.
RIGHTS: dict[str, tuple[str, Droits]] = {
    "national": ("expert_national", Droits(EVERYTHING)),
    "grand_est": ("pilote_regional", Droits(EVERYTHING, regions=frozenset({"44"}))),
    "strict": ("pilote_regional", Droits(EVERYTHING, regions=frozenset({"44"}), agreges=False)),
    "bas_rhin": ("pilote_regional", Droits(EVERYTHING, departements=frozenset({"67"}))),
    "industriel": ("industriel", of_profile("industriel", "Éditeur inconnu")),
}
CACHES = (
    data._cached,
    snapshots._extractions,
    snapshots._histories,
    data._cached_large,
    data._cached_slices,
    data._answers,
    data._reads,
    data._cached_details,
    point_route._points,
)
Answer = dict[str, Any]


@pytest.fixture(autouse=True)
def _reserved(petit_lake: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OBS_ACCES", "comptes")
    monkeypatch.setenv("OBS_ANNUAIRE", "reserve")
    monkeypatch.setenv("OBS_LAKE", str(petit_lake))
    open_lake.clear()
    yield
    open_lake.clear()
    forget()


def forget() -> None:
    for cache in CACHES:
        cache.clear()


def reads_of(name: str, universe: str) -> Data:
    """The reads of a person signed in with these rights, as a page would make them."""
    profil, droits = RIGHTS[name]
    compte = Compte(
        1, f"{name}@ex.fr", "", "", "", "", "", profil, "", False, None, "actif", False, False, {}, None, None
    )  # type: ignore[arg-type]
    allowed: Access = access.access_of(Reader(compte, 1, droits), "page", universe)
    return Data(open_lake(), allowed)


def figures(reads: Data, universe: Universe, measures: list[str], by: list[str]) -> list[tuple[Any, ...]]:
    frame = reads.query(reads.universe(universe), Selection(), measures, by)
    # Sums made by several threads differ in their last digit from one time to the next.
    frame = frame.with_columns(pl.selectors.float().round(9))
    return sorted(frame.rows(), key=repr)


def battery(name: str) -> Answer:
    """What a reader is told by every cached layer: figures, rows, lists of values, search, points."""
    annuaire, segur, convergence = (reads_of(name, universe) for universe in UNIVERS)
    view = View("Répertoire", ANNUAIRE, State(), annuaire)
    told: Answer = {
        "annuaire": figures(annuaire, ANNUAIRE, ["professionnels", "activites"], ["departement"]),
        "annuaire par date": figures(
            annuaire, ANNUAIRE, ["professionnels"], ["date_extraction", "departement"]
        ),
        "segur": figures(segur, SEGUR, ["mss_boites"], ["region", "structure"]),
        "segur par editeur": figures(segur, SEGUR, ["mss_boites"], ["editeur"]),
        "segur par region": figures(segur, SEGUR, ["psc_professionnels"], ["region"]),
        "convergence": figures(convergence, CONVERGENCE, ["services_concernes"], ["service"]),
        "convergence par region": figures(
            convergence, CONVERGENCE, ["taux_maturite_pct"], ["questionnaire", "region"]
        ),
        "structures": segur.choices(segur.universe(SEGUR), "structure").rows(),
        "services": convergence.choices(CONVERGENCE, "service").rows(),
        "personnes": sorted(recherche.directory(view)["identification_nationale_pp"].to_list()),
    }
    for reads, table in (
        (annuaire, ACTIVITES),
        (segur, MESURES),
        (segur, CUMULS_TERRITOIRES),
        (convergence, SERVICES),
        (convergence, REPONSES),
    ):
        told[table.name] = reads.scan(table).select(pl.len()).collect().item()
    return told


@pytest.fixture(scope="module")
def alone(petit_lake: Path) -> dict[str, Answer]:
    """What each reader is told when nobody else has read before."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OBS_ACCES", "comptes")
        patch.setenv("OBS_ANNUAIRE", "reserve")
        patch.setenv("OBS_LAKE", str(petit_lake))
        for name in RIGHTS:
            open_lake.clear()
            forget()
            found[name] = battery(name)
    return found


def test_these_readers_are_told_different_things(alone: dict[str, Answer]) -> None:
    """Else the tests below would prove nothing; and each is told its own."""
    for one, other in itertools.combinations(RIGHTS, 2):
        assert alone[one] != alone[other], (one, other)
    assert {row[0] for row in alone["grand_est"]["segur"] if row[-1] is not None} == {"Grand Est"}
    assert len({row[0] for row in alone["national"]["segur"] if row[-1] is not None}) > 10
    assert {row[0] for row in alone["bas_rhin"]["annuaire"] if row[-1]} == {"Bas-Rhin"}
    assert {row[1] for row in alone["bas_rhin"]["annuaire par date"] if row[-1]} == {"Bas-Rhin"}
    assert alone["industriel"][MESURES.name] == 0
    assert alone["industriel"]["services"] == []
    assert 0 < len(alone["bas_rhin"]["personnes"]) < len(alone["national"]["personnes"])


@pytest.mark.parametrize(
    "order", [tuple(RIGHTS), tuple(reversed(RIGHTS))], ids=["large-first", "narrow-first"]
)
def test_caches_never_cross_readers(order: tuple[str, ...], alone: dict[str, Answer]) -> None:
    forget()
    for name in (*order, *order):
        assert battery(name) == alone[name], name


def test_readers_at_once_are_told_their_own(alone: dict[str, Answer]) -> None:
    forget()
    names = [*RIGHTS] * 2
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(battery, names))
    for name, answer in zip(names, told, strict=True):
        assert answer == alone[name], name


def test_a_scope_is_what_one_may_see_and_nothing_else() -> None:
    scopes = {name: reads_of(name, "segur").access.scope for name in RIGHTS}
    assert len(set(scopes.values())) == len(RIGHTS)
    assert access.visitor().scope not in {*scopes.values(), access.PUBLIC.scope}
    # Two persons with the same rights share what was computed.
    assert reads_of("national", "segur").access.scope == scopes["national"]


def scans_of(reads: Callable[[Any], pl.LazyFrame]) -> int:
    return int(reads(MESURES).select(pl.len()).collect().item())


def test_an_access_that_names_no_rule_is_for_open_servers_only() -> None:
    """What signs no reader in never reads whole tables: a visitor, and a page of another universe."""
    visitor = Data(open_lake(), access.visitor())
    assert scans_of(visitor.scan) == 0
    nobody = Droits()
    compte = Compte(
        1,
        "x@ex.fr",
        "",
        "",
        "",
        "",
        "",
        "grand_public",
        "",
        False,
        None,
        "actif",
        False,
        False,
        {},
        None,
        None,
    )  # type: ignore[arg-type]
    assert scans_of(Data(open_lake(), access.access_of(Reader(compte, 1, nobody), "p", "segur")).scan) == 0
