"""« Territoires »: a pilot names a set of communes, and reads the figures of its SAS by it at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from apps.kit.access import session
from apps.sas import pilotage, territoires
from lake.catalog.sas import OFFRE, TABLES, TERRITOIRES
from lake.errors import AccessDenied
from lake.settings import Settings
from lake.store.accounts import accounts
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.sas import roles
from lake.store.sas import territoires as nommes
from lake.tables import Lake
from tests.kit_lake import build
from tests.pages.drawing import draw_page, read
from tests.pages.test_sas_pilotage import TODAY, offers

SCREEN = """
from apps.kit.shell.screen import draw
from apps.sas.territoires import NOMMES
draw(NOMMES)
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A lake with communes and an offer, where nothing was ever named."""
    lake = build(tmp_path / "lac")
    for table in TABLES:
        if table is not TERRITOIRES:
            rows = [one | {"code_commune": "67001"} for one in offers()] if table is OFFRE else []
            lake.publish(table, pl.DataFrame(rows, schema=table.dtypes()))
    made = open_store(Settings(lake=lake.root, store=f"sqlite:///{tmp_path}/store.db"))
    monkeypatch.setattr(session, "store", lambda: made)
    monkeypatch.setattr(territoires, "open_lake", lambda: Lake(Settings(lake=lake.root)))
    monkeypatch.setattr(pilotage, "today", lambda: TODAY)
    yield made
    made.close()


def labelled(widgets: list, label: str):  # type: ignore[no-untyped-def, type-arg]
    return next(one for one in widgets if one.label == label)


def test_a_territory_named_is_read_at_once_then_taken_away(store: Store, tmp_path: Path) -> None:
    at = AppTest.from_string(SCREEN, default_timeout=30).run()
    assert not at.exception, at.exception
    labelled(at.selectbox, "SAS").set_value("SAS-67").run()
    assert "Bas-Rhin\u202f: aucun territoire nommé" in read(at).html
    assert "Bas-Rhin" in labelled(at.selectbox, "SAS").options
    labelled(at.text_input, "Nom du territoire").set_value("CPTS A")
    labelled(at.multiselect, "Ces communes").set_value(["67001"])
    labelled(at.button, "Enregistrer ce territoire").click().run()
    assert not at.exception, at.exception
    html = read(at).html.replace("\u202f", " ")
    assert "CPTS A : 1 commune, Strasville (67001)" in html
    kept = nommes.lister(store, "SAS-67")
    assert [(one.nom, one.communes) for one in kept] == [("CPTS A", ("67001",))]

    page = draw_page("sas", "offre", tmp_path / "lac", territoire=["CPTS A"])
    assert "252 créneaux disponibles sur 280 offerts" in page.reading
    assert "CPTS A" in page.html

    labelled(at.button, "Retirer CPTS A").click().run()
    assert nommes.lister(store) == []
    assert Lake(Settings(lake=str(tmp_path / "lac"))).scan(TERRITOIRES).collect().is_empty()


def test_a_pilot_names_in_its_own_sas_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"nom": "Référente", "prenom": "Renée", "organisation": "SAS", "profil": "grand_public"}
    compte = accounts.create(store, email="referente@exemple.fr", **given)
    roles.affecter(store, None, compte.id, "SAS-67", roles.REFERENT)
    person = type("Reader", (), {"compte": compte})()
    monkeypatch.setattr(territoires.access, "reader", lambda: person)
    monkeypatch.setattr(territoires.access, "is_open", lambda: False)
    territoires._require("SAS-67")
    for other in ("SAS-68", "SAS-54"):
        with pytest.raises(AccessDenied, match="Vous ne pilotez pas"):
            territoires._require(other)
    known = pl.DataFrame({"code_departement": ["67", "68", "54"]})
    assert territoires._offered(known) == ["SAS-67"]
