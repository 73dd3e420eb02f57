"""Views are data: every view of Ségur survives JSON, and a document's faults are all told, each at its path."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.annuaire.declaration import PAGES as ANNUAIRE_PAGES
from apps.convergence.declaration import PAGES as CONVERGENCE_PAGES
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.export.report import view_of
from apps.kit.filters.filters import Option
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import twin
from apps.kit.views.base import AXIS, MEASURE, OWN, Drawing, names_of
from apps.kit.views.codec import VERSION, FaultyView, decode, encode, read, schema
from apps.kit.views.gallery import (
    GALLERY,
    Columns,
    Curve,
    Histogram,
    KeyFigures,
    Listing,
    Ranked,
    Ring,
    TerritoryMap,
    Values,
)
from apps.kit.views.own import ROWS, WORDS
from apps.segur.declaration import REPORT
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.segur import SEGUR

DECLARED = [
    (page, block)
    for page in REPORT
    for block in (*page.blocks, *([Block("chiffres", page.figures)] if page.figures else []))
    if isinstance(block.build, Drawing)
]
PROMISED = {
    "chiffres", "histogramme", "colonnes", "courbe", "radar", "liste", "tableau", "classement", "carte", "chaleur",
    "evaluation", "repartition", "camembert", "empilees",
}  # fmt: skip


def again(drawing: Drawing) -> Drawing:
    return decode(json.loads(json.dumps(encode(drawing))), SEGUR)


def test_the_gallery_holds_every_type_that_commands_promise() -> None:
    assert set(GALLERY) >= PROMISED
    assert all(cls.type == name for name, cls in GALLERY.items())


def test_the_pages_of_the_services_are_views_of_the_gallery_only() -> None:
    assert len(DECLARED) >= 55
    by_page = {page.name for page, _ in DECLARED}
    assert by_page >= {
        "psc",
        "psc-carte",
        "insi",
        "dmp",
        "dmp-acteurs",
        "mss",
        "certificats",
        "cartes",
        "asp",
    }


@pytest.fixture(scope="module")
def reads(petit_lake: Path) -> Data:
    return Data(Lake(Settings(lake=str(petit_lake))))


@pytest.mark.parametrize(("page", "block"), DECLARED, ids=[f"{p.name}-{b.name}" for p, b in DECLARED])
def test_every_view_of_segur_survives_json_and_draws_the_same_piece(
    reads: Data, page: Page, block: Block
) -> None:
    drawing = block.build
    assert isinstance(drawing, Drawing)
    back = again(drawing)
    assert back == drawing
    view = view_of(page, reads, State())
    here, there = drawing(view), back(view)
    assert getattr(here, "spec", None) == getattr(there, "spec", None)
    assert (here.title, here.reading) == (there.title, there.reading)
    tables = (twin(here), twin(there))
    assert tables[0] is not None
    assert tables[1] is not None
    assert tables[0].frame.equals(tables[1].frame)
    assert tables[0].columns == tables[1].columns


def test_what_is_written_holds_the_version_and_what_differs_from_defaults() -> None:
    assert encode(Ranked("psc_e_cps", "region")) == {
        "version": VERSION, "type": "classement", "mesure": "psc_e_cps", "axe": "region",
    }  # fmt: skip
    shown = Option("indicateur", "Indicateur", {"psc_e_cps": "e-CPS"})
    assert encode(Ranked(shown, "region", "Où ?", 5)) == {
        "version": VERSION,
        "type": "classement",
        "mesure": {"option": "indicateur", "libelle": "Indicateur", "valeurs": {"psc_e_cps": "e-CPS"}},
        "axe": "region",
        "titre": "Où ?",
        "nombre": 5,
    }


def test_names_of_a_view_are_those_of_its_options_too() -> None:
    shown = Option("indicateur", "Indicateur", {"psc_e_cps": "e-CPS", "cartes_cps": "CPS"})
    drawing = TerritoryMap(shown)
    assert list(names_of(drawing, MEASURE)) == ["psc_e_cps", "cartes_cps"]
    assert list(names_of(drawing, AXIS)) == ["region", "departement"]


def faults(document: object) -> dict[str, str]:
    found = read(document, SEGUR, "sections[2]")[1]
    return {fault.path: fault.message for fault in found}


def test_every_fault_is_told_at_once_with_its_path_and_the_nearest_name() -> None:
    found = faults(
        {
            "type": "tableau",
            "mesures": ["psc_e_cp", 3, "psc_e_cps"],
            "axe": "regoin",
            "ttre": "x",
            "autres_axes": "mois",
        }
    )
    assert set(found) == {
        "sections[2].mesures[1]", "sections[2].axe", "sections[2].ttre", "sections[2].autres_axes",
    }  # fmt: skip
    assert found["sections[2].mesures[1]"] == "Un texte est attendu."
    assert "Vouliez-vous dire : region" in found["sections[2].axe"]
    assert "titre" in found["sections[2].ttre"]
    named = faults({"type": "tableau", "mesures": ["psc_e_cp", "psc_e_cps"], "axe": "region"})
    assert list(named) == ["sections[2].mesures[0]"]
    assert "psc_e_cps" in named["sections[2].mesures[0]"]


def test_unknown_types_versions_and_missing_fields_are_refused() -> None:
    assert "classement" in faults({"type": "clasement"})["sections[2].type"]
    assert "Version 99 inconnue" in faults({"type": "carte", "version": 99})["sections[2].version"]
    assert "Version True inconnue" in faults({"type": "carte", "version": True})["sections[2].version"]
    assert set(faults({"type": "classement"})) == {"sections[2].mesure", "sections[2].axe"}
    assert "obligatoire" in faults({"type": "classement"})["sections[2].axe"]
    assert "vide" in faults({"type": "tableau", "mesures": [], "axe": "region"})["sections[2].mesures"]
    assert faults([1]) == {"sections[2]": 'Une vue est un objet JSON : {"type": …}.'}
    with pytest.raises(FaultyView) as refused:
        decode({"type": "classement", "axe": "regoin"}, SEGUR)
    assert [fault.path for fault in refused.value.faults] == ["mesure", "axe"]
    assert str(refused.value).count("\n") == 1


def test_options_are_checked_as_the_names_they_stand_for() -> None:
    found = faults(
        {
            "type": "carte",
            "mesure": {"option": "i", "libelle": "I", "valeurs": {"psc_e_cps": "e-CPS", "inconnu": "?"}},
        }
    )
    assert list(found) == ["sections[2].mesure.valeurs.inconnu"]
    assert (
        "Une option a les champs"
        in faults({"type": "carte", "mesure": {"option": "i"}})["sections[2].mesure"]
    )
    wrong = {"option": "i", "libelle": "I", "valeurs": {}}
    assert "sections[2].mesure.valeurs" in faults({"type": "carte", "mesure": wrong})


NAMES = st.sampled_from([m.name for m in SEGUR.measures])
AXES = st.sampled_from([a.name for a in SEGUR.axes])
MANY = st.lists(NAMES, min_size=1, max_size=4).map(tuple)
TEXT = st.text(max_size=30)
VIEWS = st.one_of(
    st.builds(Ranked, NAMES, AXES, TEXT, st.integers(1, 99)),
    st.builds(Values, MANY, AXES, TEXT, NAMES, st.lists(AXES, max_size=2).map(tuple)),
    st.builds(Columns, NAMES, TEXT),
    st.builds(Curve, MANY, TEXT, AXES),
    st.builds(Histogram, MANY, AXES, TEXT, NAMES),
    st.builds(Ring, NAMES, AXES, TEXT),
    st.builds(Listing, AXES, MANY, TEXT),
    st.builds(KeyFigures, MANY, AXES, TEXT),
)


@given(VIEWS)
def test_any_view_survives_json(drawing: Drawing) -> None:
    assert again(drawing) == drawing
    assert hash(again(drawing)) == hash(drawing)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["type", "mesure", "mesures", "axe", "version", "titre", "valeurs"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ),
    st.sampled_from(sorted(PROMISED)),
)
def test_no_document_breaks_the_reader(document: object, kind: str) -> None:
    if isinstance(document, dict):
        document = {**document, "type": kind}
    drawing, found = read(document, SEGUR)
    assert (drawing is None) == bool(found)


def test_the_schema_has_one_closed_form_a_type() -> None:
    forms = {form["title"]: form for form in schema()["oneOf"]}
    assert set(forms) == set(GALLERY)
    assert forms["classement"]["required"] == ["type", "mesure", "axe"]
    assert all(form["additionalProperties"] is False for form in forms.values())
    assert all(form["description"] for form in forms.values())


KEPT = {
    "convergence": {
        "axes/niveaux",  # what is expected is marked on each bar of levels
        "indicateurs/chemin",  # links: no figures
        "maturite/reponses",  # one service's answers, coloured and worded
        "plan/gantt",  # levels from quarter to quarter, from today's answers and the steps
        "cartographie/plan", "cartographie/graphe",  # HTML; what uses what
        "publication/rapport", "publication/archive",  # buttons that compose files
    },
    "annuaire": {
        "carte/questions", "carte/fiche", "repertoire/fiches", "repertoire/resultats", "qualite/questions",
        "qualite/a-corriger", "scenario/actions", "diagnostic/messages",  # forms, cards, files: they draw themselves
        "carte/carte", "evolution/carte", "accessibilite/carte", "accessibilite/officiel", "scenario/carte",
        "diagnostic/carte",  # maps, each with its own classes, ground or points
        "accessibilite/repartition", "accessibilite/parametres", "accessibilite/croisement",
        "accessibilite/cote-a-cote", "scenario/bilan", "scenario/communes",  # of one question, under its parameters
        "diagnostic/densites", "diagnostic/professions", "diagnostic/semblables", "diagnostic/histoire",
        "diagnostic/sans", "diagnostic/lieux",  # the sheet of one territory, set on two pages
    },
}  # fmt: skip
"""The views that stay functions: docs/ajouter-une-vue.md says why."""
OWN_VIEWS = {
    app: {
        f"{page.name}/{block.name}": functools.reduce(
            lambda found, _: getattr(found, "drawing", found), range(2), block.build
        )
        for page in pages
        for block in page.blocks
    }
    for app, pages in (("convergence", CONVERGENCE_PAGES), ("annuaire", ANNUAIRE_PAGES))
}
UNIVERSES = {"convergence": CONVERGENCE, "annuaire": ANNUAIRE}


@pytest.mark.parametrize(("app", "least"), [("convergence", 38), ("annuaire", 22)])
def test_pages_are_views_and_the_few_that_are_not_are_named(app: str, least: int) -> None:
    views = OWN_VIEWS[app]
    assert {name for name, drawing in views.items() if not isinstance(drawing, Drawing)} == KEPT[app]
    assert len(views) - len(KEPT[app]) >= least


@pytest.mark.parametrize("app", sorted(OWN_VIEWS))
def test_a_page_s_own_views_survive_json(app: str) -> None:
    for name in sorted(set(OWN_VIEWS[app]) - KEPT[app]):
        drawing, universe = OWN_VIEWS[app][name], UNIVERSES[app]
        document = json.loads(json.dumps(encode(drawing)))
        assert decode(document, universe, own=True) == drawing, name
        if drawing.type in OWN:  # nobody composes an analysis with it
            with pytest.raises(FaultyView, match="type de vue"):
                decode(document, universe)


@pytest.mark.parametrize(
    ("name", "change", "path", "near"),
    [
        ("synthese/taux", {"series": ["date", "horizn"]}, "series[1]", "horizon"),
        ("synthese/taux", {"titre": "Taux : {questionaire}"}, "titre", "questionnaire"),
        ("synthese/taux", {"mesure": "taux_maturite"}, "mesure", "taux_maturite_pct"),
        ("synthese/regions", {"lignes": "questionaire"}, "lignes", "questionnaire"),
        ("synthese/axes", {"lignes": "synthese.axe"}, "lignes", "synthese.axes"),
        ("axes/regions", {"moments": ["puits"]}, "moments[0]", "puis"),
        ("plan/retards", {"colonnes": [{"colonne": "nom"}]}, "colonnes[0]", "libelle"),
        (
            "plan/retards",
            {"colonnes": [{"colonne": "nom", "libelle": "Nom", "format": "pourcent"}]},
            "colonnes[0].format",
            "pct",
        ),
        (
            "plan/retards",
            {"colonnes": [{"colonne": "nom", "libelle": "Au {campagn}"}]},
            "colonnes[0]",
            "campagne",
        ),
    ],
)
def test_a_name_that_nobody_captured_is_refused_with_the_nearest(
    name: str, change: dict[str, object], path: str, near: str
) -> None:
    _, faults = read({**encode(OWN_VIEWS["convergence"][name]), **change}, CONVERGENCE, own=True)
    assert [fault.path for fault in faults] == [path]
    assert near in faults[0].message


def test_two_applications_never_capture_one_name() -> None:
    with pytest.raises(ValueError, match=r"synthese\.axes"):
        ROWS("synthese.axes")(lambda view: view)
    with pytest.raises(ValueError, match="solution"):
        WORDS.update({"solution": lambda _: ""})
