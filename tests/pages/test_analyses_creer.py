"""From « Continuer » to an analysis that is kept and read: the steps, what they draw, what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from apps.analyses import creer
from apps.kit.access import session
from apps.kit.data.data import Data, open_lake
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.views import words
from lake.catalog.segur import COUVERTURE
from lake.droits import Droits
from lake.settings import Settings
from lake.store.accounts import accounts, sessions
from lake.store.accounts.identity import Compte
from lake.store.analyses import documents, reading
from lake.store.engine import Store
from lake.tables import Lake
from scoring.analyses.rayons import offered, rayon
from scoring.universes.registry import universe
from tests.pages.drawing import AppTest, read

SCRIPT = """
from apps.kit.shell.screen import draw
from apps.analyses.{module} import {screen}
draw({screen})
"""


@pytest.fixture
def anne(store: Store, petit_lake: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Compte]:
    monkeypatch.setenv("OBS_ACCES", "comptes")
    monkeypatch.setenv("OBS_LAKE", str(petit_lake))
    open_lake.clear()
    yield signed_in(store, monkeypatch, "expert_national")
    open_lake.clear()


def signed_in(
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    profil: str,
    droits: Droits | None = None,
    mail: str = "anne@ex.fr",
) -> Compte:
    made = accounts.create(
        store, email=mail, nom="Martin", prenom="Anne", organisation="", profil=profil, droits=droits
    )
    compte = accounts.change(store, made.id, "x", etat="actif")
    secret = sessions.open_session(store, compte)
    monkeypatch.setattr(session, "store", lambda: store)
    monkeypatch.setattr(session, "cookie", lambda: secret)
    return compte


def page(module: str, screen: str, **params: str) -> AppTest:
    at = AppTest.from_string(SCRIPT.format(module=module, screen=screen), default_timeout=60)
    for name, value in params.items():
        at.query_params[name] = value
    return at.run()


def well(at: AppTest) -> AppTest:
    assert not at.exception, at.exception
    assert not at.error, [one.value for one in at.error]
    return at


def param(at: AppTest, name: str) -> str:
    """A query parameter: AppTest gives back a text for what the script wrote, a list for what the test did."""
    found = at.query_params[name]
    return found if isinstance(found, str) else found[0]


def labels(at: AppTest) -> list[str]:
    return [one.label for one in at.button]


def test_four_steps_then_read(anne: Compte, store: Store) -> None:
    at = well(page("creer", "CREER"))
    assert at.title[0].value == "Créer une analyse"
    at.text_input[0].set_value("Mon suivi")
    at.button[-1].click()
    well(at.run())
    assert param(at, "etape") == "2"
    assert param(at, "brouillon").isdecimal()
    said = read(at).html
    assert "L’équipement en e-CPS" in said
    assert "Données\u202f: novembre 2022." in said
    assert "Choisir" in labels(at)
    cards = [str(one.key).removeprefix("rayon_") for one in at.button if str(one.key).startswith("rayon_")]
    assert cards[:5] == [one.nom for one in offered()][:5], "in the order of the page, on a telephone too"

    at.button(key="rayon_psc").click()
    well(at.run())
    assert param(at, "etape") == "3"
    assert at.multiselect(key="galerie_mesures").value == ["psc_professionnels"]
    at.multiselect(key="galerie_mesures").set_value(["psc_taux_adoption"])
    well(at.run())
    kinds = [one.key for one in at.button if str(one.key).startswith("type_")]
    assert kinds[0] == "type_carte", "the recommended one first"
    assert {"type_classement", "type_tableau"} <= set(kinds)
    told = " ".join(one.value for one in at.markdown)
    assert "**Anneau.** « Taux d’adoption de l’e-CPS » est un rapport" in told.replace("\u202f", " ").replace(
        "\u00a0", " "
    )

    at.button(key="type_classement").click()
    well(at.run())
    assert param(at, "etape") == "4"
    assert at.button(key="enregistrer").disabled, "a chart has a title before it is kept"
    at.text_input(key="reglage_titre").set_value("Qui est équipé ?")
    at.text_area(key="reglage_introduction").set_value("En France {{psc_taux_adoption}}.")
    well(at.run())
    assert at.header[-1].value.startswith("Qui est équipé")
    at.number_input(key="reglage_option_nombre").set_value(7)
    at.selectbox(key="reglage_type").set_value("tableau")
    well(at.run())
    assert "Conservé, non utilisé par cette représentation\u202f: nombre de barres (7)." in read(at).html
    at.selectbox(key="reglage_type").set_value("classement")
    well(at.run())
    assert at.number_input(key="reglage_option_nombre").value == 7
    assert "Conservé" not in read(at).html
    at.button(key="enregistrer").click()
    well(at.run())
    number = int(param(at, "enregistree"))
    kept = reading.opened(store, anne, number)
    (section,) = kept.document["sections"]
    assert (kept.title, section["titre"], section["graphique"]["type"]) == (
        "Mon suivi",
        "Qui est équipé ?",
        "classement",
    )
    assert section["lien"]["date"] == "2022-11-01", "its text is bound to the figures it was written on"
    assert "en_cours" not in kept.document
    assert f"lire?id={number}" in read(at).html

    again = page("creer", "CREER")
    again.text_input[0].set_value("mon suivi")
    again.button[-1].click()
    (said_once,) = well(again.run()).success
    assert said_once.value.startswith("Vous avez déjà une analyse de ce nom")

    seen = well(page("lire", "LIRE", id=str(number)))
    assert seen.title[0].value == "Mon suivi"
    assert "En France 30,64\u202f%." in [one.value for one in seen.markdown]


def test_levels_of_a_tree_are_kept_as_they_are_ticked(anne: Compte, store: Store) -> None:
    from apps.analyses import brouillon
    from scoring.analyses.spec import Graphique, Section

    draft = brouillon.begin("Cadre", "")
    chart = Graphique("segur", "courbe", ("psc_taux_adoption",), ("mois",))
    draft = draft.with_section(Section("bcd", "Une courbe", graphique=chart), "psc")
    at = well(page("creer", "CREER", etape="4", brouillon=str(draft.id)))
    rank = list_of(at, "region").index("Grand Est")
    at.checkbox(key=f"filtres_region_{rank}_3").check()
    well(at.run())
    section = brouillon.load(draft.id).section  # type: ignore[union-attr]
    assert section is not None
    assert section.graphique is not None
    assert dict(section.graphique.cadres["region"].noeuds) == {"44": 3}
    assert [at.checkbox(key=f"filtres_region_{rank}_{column}").value for column in (1, 2, 3)] == [True] * 3
    at.checkbox(key=f"filtres_region_{rank}_2").uncheck()
    well(at.run())
    section = brouillon.load(draft.id).section  # type: ignore[union-attr]
    assert section is not None
    assert section.graphique is not None
    assert dict(section.graphique.cadres["region"].noeuds) == {"44": 1}, "what needs it leaves with it"


def list_of(at: AppTest, axis: str) -> list[str]:
    """The values of the tree that is drawn, in order."""
    from apps.kit.data.data import data
    from scoring.universes.registry import universe

    return data().choices(universe("segur"), axis)["texte"].to_list()


def test_a_step_without_draft_is_the_first_one(anne: Compte) -> None:
    at = well(page("creer", "CREER", etape="4"))
    assert [one.label for one in at.text_input] == ["Titre de l’analyse"]
    at = well(page("creer", "CREER", etape="3", brouillon="999"))
    assert [one.label for one in at.text_input] == ["Titre de l’analyse"]


def test_what_a_profile_does_not_open_is_said(
    store: Store, petit_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBS_ACCES", "comptes")
    monkeypatch.setenv("OBS_LAKE", str(petit_lake))
    open_lake.clear()
    reader = signed_in(store, monkeypatch, "grand_public")
    from apps.analyses import brouillon

    draft = brouillon.begin("La mienne", "")
    at = well(page("creer", "CREER", etape="2", brouillon=str(draft.id)))
    assert [one.key for one in at.button if str(one.key).startswith("rayon_")] == ["rayon_annuaire"]
    assert read(at).html.count("Non ouvert à votre profil") >= 9
    open_lake.clear()
    assert reader.profil == "grand_public"


DOCUMENT = {
    "version": 1,
    "titre": "Imposée",
    "sections": [
        {
            "id": "bcdfgh",
            "titre": "Par département",
            "introduction": "<script>alert(1)</script> ![x](http://a/b.png) [y](javascript:alert(1))",
            "graphique": {
                "univers": "segur", "type": "classement", "mesures": ["psc_taux_adoption"], "axes": ["departement"],
                "cadres": {"region": {"nouveaux": 0, "noeuds": {"44": 3, "28": 1}}},
            },
        },
        {"id": "bcdfgj", "titre": "Perdue", "graphique": {
            "univers": "segur", "type": "carte", "mesures": ["psc_taux"], "axes": ["region"]}},
    ],
}  # fmt: skip


def test_a_forged_address_is_refused_in_words(anne: Compte, store: Store) -> None:
    number = documents.create(store, anne, DOCUMENT)
    at = well(page("lire", "LIRE", **{"id": str(number), "bcdfgh.region": "11"}))
    told = [one.value.replace("\u202f", " ").replace("\u00a0", " ") for one in at.info]
    assert any("Ici ne se propose pas : 11 (region)." in one for one in told)
    assert at.multiselect[0].value == ["44"]
    assert at.multiselect[0].options == ["Grand Est", "Normandie"]


def test_texts_run_nothing_and_a_lost_measure_breaks_one_section(anne: Compte, store: Store) -> None:
    number = documents.create(store, anne, DOCUMENT)
    at = well(page("lire", "LIRE", id=str(number)))
    texts = [one.value for one in at.markdown]
    shown = next(one for one in texts if "alert" in one)
    assert "<script>" not in shown.replace(r"\<", "&lt;")
    assert "![" not in shown.replace(r"!\[", "")
    assert "](javascript" not in shown.replace(r"\]", "")
    assert any("Section à réparer" in one and "psc\\_taux" in one for one in texts)
    # The view stands one level under its section; of a lost one nothing is drawn.
    assert [one.value for one in at.header] == ["Par département", "Perdue", "Partager et suivre"]
    assert [one.value for one in at.subheader] == ["Taux d’adoption de l’e-CPS par département"]


def test_an_analysis_that_is_not_mine_is_not_told_apart_from_none(
    anne: Compte, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = documents.create(store, anne, DOCUMENT)
    signed_in(store, monkeypatch, "expert_national", mail="bob@ex.fr")
    said = [page("lire", "LIRE", id=one).info[0].value for one in (str(number), "99999")]
    assert said[0] == said[1] == "Cette analyse n’existe pas, ou n’est pas partagée avec vous."


def test_a_card_says_the_last_month_that_is_complete_for_its_own_indicators(
    petit_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = Data(Lake(Settings(lake=str(petit_lake))))
    found = reads.universe(universe("segur"))
    view = View("", found, State(), reads)

    def said(name: str) -> str:
        return creer._dated(rayon(name), view)

    assert said("dmp") == "Données : novembre 2022."
    whole = words._coverage(view, COUVERTURE)
    november = pl.col("mois") == date(2022, 11, 1)
    cut = whole.with_columns(
        statut=pl.when(november & (pl.col("indicateur") == "dmp_documents"))
        .then(pl.lit("partiel"))
        .otherwise("statut")
    )
    monkeypatch.setattr(Data, "cached", lambda *_args, **_more: cut)
    assert said("dmp") == "Données : octobre 2022 (novembre 2022 incomplet, non retenu)."
    assert said("insi") == "Données : novembre 2022."
