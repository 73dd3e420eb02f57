"""Named territories in the store: kept, changed, taken away; what is refused, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lake.errors import ContractError, Refused
from lake.settings import Settings
from lake.store import journal
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.sas import territoires
from lake.store.sas.territoires import Territoire


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("territoires")
    made = open_store(Settings(lake=str(folder / "lac"), store=f"sqlite:///{folder}/store.db"))
    yield made
    made.close()


def test_a_territory_is_kept_changed_and_taken_away(base: Store) -> None:
    number = territoires.garder(
        base, Territoire(0, "SAS-54", "  CPTS   A ", ("54547", "54395", "54395")), auteur="a@b.fr"
    )
    kept = territoires.lister(base, "SAS-54")
    assert kept == [Territoire(number, "SAS-54", "CPTS A", ("54395", "54547"), 1)]
    territoires.garder(base, replace(kept[0], nom="CPTS Nancy", communes=("54395",)))
    assert territoires.lister(base) == [Territoire(number, "SAS-54", "CPTS Nancy", ("54395",), 2)]
    with pytest.raises(ContractError, match="par un autre pilote"):
        territoires.garder(base, replace(kept[0], nom="CPTS B"))  # read before it was changed
    assert territoires.rangs(territoires.lister(base)).rows() == [("SAS-54", "54395", "54", "CPTS Nancy")]
    territoires.retirer(base, number, "SAS-57")  # not its own
    assert len(territoires.lister(base)) == 1
    territoires.retirer(base, number, "SAS-54")
    territoires.retirer(base, number, "SAS-54")
    assert territoires.lister(base) == []
    lines = journal.read(base, journal.Filters(action="sas."))
    assert [(one.action, one.details["nom"]) for one in lines] == [
        ("sas.territoire_retire", "CPTS Nancy"),
        ("sas.territoire_garde", "CPTS Nancy"),
        ("sas.territoire_garde", "CPTS A"),
    ]


def test_what_does_not_hold_is_refused_by_its_field(base: Store) -> None:
    territoires.garder(base, Territoire(0, "SAS-67", "CPTS A", ("67482",)))
    for wrong, champ, said in (
        (Territoire(0, "SAS-67", " ", ("67001",)), "nom", "Nommez le territoire"),
        (Territoire(0, "SAS-67", "cpts a", ("67001",)), "nom", "a déjà un territoire"),
        (Territoire(0, "SAS-67", "Hors", ("67001",)), "nom", "dans aucun territoire"),
        (Territoire(0, "SAS-67", "CPTS B", ()), "communes", "au moins une commune"),
        (Territoire(0, "SAS-67", "CPTS B", ("67001", "67482")), "communes", r"67482 \(« CPTS A »\)"),
    ):
        with pytest.raises(Refused, match=said) as refusal:
            territoires.garder(base, wrong)
        assert refusal.value.champ == champ
    territoires.garder(base, Territoire(0, "SAS-68", "CPTS A", ("68066",)))  # across two SAS: one name
    assert len(territoires.lister(base)) == 2


MERGED = {"54001": "54547", "54002": "54547", "54003": "54547", "54004": "54395", "54005": "54395"}


def test_territories_follow_the_mergers_of_their_communes_each_counting_once(tmp_path: Path) -> None:
    """54547 goes where most of what made it is; 54395 stays with who had it; a part is told what left it."""
    store = open_store(Settings(lake=str(tmp_path / "lac"), store=f"sqlite:///{tmp_path}/store.db"))
    for nom, codes in (
        ("CPTS A", ("54001", "54002", "54004")),
        ("CPTS B", ("54003", "54395")),
        ("CPTS C", ("54005",)),
        ("CPTS D", ("54528",)),
    ):
        territoires.garder(store, Territoire(0, "SAS-54", nom, codes))
    assert territoires.traduire(store, MERGED) == 3
    assert {one.nom: one.communes for one in territoires.lister(store)} == {
        "CPTS A": ("54547",),
        "CPTS B": ("54395",),
        "CPTS C": (),
        "CPTS D": ("54528",),
    }
    said = {
        one.details["nom"]: (one.details["communes"], one.details["detail"])
        for one in journal.read(store, journal.Filters(action="sas."))
        if "detail" in one.details
    }
    assert said == {
        "CPTS A": (
            1,
            "54001 devient 54547, 54002 devient 54547, 54004 devient 54395, 54395 est de « CPTS B »",
        ),
        "CPTS B": (1, "54003 devient 54547, 54547 est de « CPTS A »"),
        "CPTS C": (0, "54005 devient 54395, 54395 est de « CPTS B »"),
    }
    assert territoires.traduire(store, MERGED) == 0
    store.close()


def test_equals_go_to_the_first_name_and_the_same_commune_of_two_sas_stays_of_both(tmp_path: Path) -> None:
    store = open_store(Settings(lake=str(tmp_path / "lac"), store=f"sqlite:///{tmp_path}/store.db"))
    territoires.garder(store, Territoire(0, "SAS-54", "Sud", ("54001",)))
    territoires.garder(store, Territoire(0, "SAS-54", "Nord", ("54002",)))
    territoires.garder(store, Territoire(0, "SAS-57", "Nord", ("54003",)))
    assert territoires.traduire(store, MERGED) == 3
    assert [(one.sas, one.nom, one.communes) for one in territoires.lister(store)] == [
        ("SAS-54", "Nord", ("54547",)),
        ("SAS-54", "Sud", ()),
        ("SAS-57", "Nord", ("54547",)),
    ]
    # Days published under a former code are told of the territory that has the commune today.
    rows = territoires.rangs(territoires.lister(store), MERGED)
    assert sorted(rows.select("sas", "code_commune", "territoire").rows()) == [
        (sas, code, "Nord") for sas in ("SAS-54", "SAS-57") for code in ("54001", "54002", "54003", "54547")
    ]
    store.close()
