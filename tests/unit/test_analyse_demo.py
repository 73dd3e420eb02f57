"""The demonstration's analyses: three a profile, each drawn whole under the rights of its owner, made once."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from apps.analyses.feuille import feuille
from apps.analyses.modeles import load
from apps.commands.analyse import reads_as
from apps.kit.pages.pieces import Note
from apps.kit.pages.sheet import walk
from demo.analyses.personal import OF_PROFILE, create
from lake.droits import PROFILS
from lake.settings import Settings
from lake.store.accounts import accounts, demonstration
from lake.store.analyses import models, reading
from lake.store.migrate import open_store
from lake.tables import Lake
from scoring.analyses.references import faults
from scoring.universes.registry import universe


def test_three_a_profile_made_once(tmp_path: Path) -> None:
    assert set(OF_PROFILE) == set(PROFILS)
    store = open_store(Settings(store=f"sqlite:///{tmp_path}/s.db"))
    people = demonstration.create(store, "Égéria")
    for _title, _done in load(partial(models.ship, store)):
        pass  # an administrator may change the models: they are nobody's own
    assert create(store, people) == 3 * len(PROFILS)
    assert create(store, people) == 0
    for _, email in people:
        compte = accounts.find(store, email)
        assert compte is not None
        mine = [one for one in reading.listed(store, compte) if one.owner == compte.name]
        assert (len(mine), sum(one.followed for one in mine)) == (3, 1)
    store.close()


@pytest.mark.parametrize("profil", OF_PROFILE)
def test_each_is_drawn_for_its_owner(profil: str, petit_lake: Path, tmp_path: Path) -> None:
    settings = Settings(lake=str(petit_lake), store=f"sqlite:///{tmp_path}/s.db")
    store = open_store(settings)
    lake = Lake(settings)
    people = dict(demonstration.create(store, "Alizé Santé"))
    store.close()
    reads = reads_as(settings, people[profil], lake)
    for analyse in OF_PROFILE[profil]:
        assert faults(analyse, universe) == []
        for part in feuille(analyse, reads).shown()[1:]:
            assert part.view is not None, (analyse.titre, part.refused)
            for one in walk(part):
                assert not isinstance(one.piece, Note), (analyse.titre, one.piece)
