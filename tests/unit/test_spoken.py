"""The words people type: feminines, plurals, professions by their doers, establishments by their usual names."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.annuaire.search import Index, build, search
from scoring.annuaire.spoken import forms, meanings, read, usual_names

PERSONS = (
    ("infirmier", "ARNOULD Paul", "Infirmier Libéral Metz"),
    ("psychiatrique", "BERNARD Lise", "Infirmier psychiatrique Salarié Nancy"),
    ("generaliste", "CŒUR Anne", "Médecin Médecine générale Libéral Metz"),
    ("cardiologue", "DURAND Luc", "Médecin Cardiologie et maladies vasculaires Salarié Metz"),
    ("dentiste", "ESSER Marc", "Chirurgien-Dentiste Libéral Toul"),
    ("kine", "FABRE Léa", "Masseur-Kinésithérapeute Libéral Toul"),
    ("sage-femme", "GROS Nina", "Sage-Femme Libéral Metz"),
    ("pharmacien", "INFIRMIERES Jean", "Pharmacien Salarié Toul"),
)
SITES = (
    ("hopital", "CHR METZ-THIONVILLE", "Centre Hospitalier Régional (C.H.R.)", "Metz"),
    ("armees", "LEGOUEST", "Hôpital des armées", "Metz"),
    ("clinique", "SAINT-ANDRÉ", "Etablissement de Soins Pluridisciplinaire", "Nancy"),
    ("ehpad", "LES TILLEULS", "Etablissement d'hébergement pour personnes âgées dépendantes", "Toul"),
    ("msp", "PÔLE DU TOULOIS", "Maison de santé (L.6223-3)", "Toul"),
    ("officine", "PHARMACIE DU PONT", "Pharmacie d'Officine", "Toul"),
)


@pytest.fixture(scope="module")
def index() -> Index:
    rows = [("personne", *one) for one in PERSONS]
    rows += [
        ("etablissement", code, name, f"{label} {usual_names(label)} {town}")
        for code, name, label, town in SITES
    ]
    return build(pl.LazyFrame(rows, schema=["genre", "code", "nom", "reste"], orient="row"))


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("infirmière", {"infirmier", "psychiatrique", "pharmacien"}),  # one bears that name
        ("infirmiers", {"infirmier", "psychiatrique"}),
        ("infirmières libérales", {"infirmier"}),
        ("infirmière metz", {"infirmier"}),
        ("médecin généraliste", {"generaliste"}),
        ("médecins généralistes à metz", {"generaliste"}),
        ("généraliste", {"generaliste"}),
        ("cardiologue", {"cardiologue"}),
        ("cardiologues de metz", {"cardiologue"}),
        ("dentiste", {"dentiste"}),
        ("chirurgienne dentiste", {"dentiste"}),
        ("kiné", {"kine"}),
        ("kinés toul", {"kine"}),
        ("sage-femme", {"sage-femme"}),
        ("sages-femmes", {"sage-femme"}),
        ("pharmacienne", {"pharmacien"}),
        ("hôpital", {"hopital", "armees", "clinique"}),
        ("hôpitaux", {"hopital", "armees", "clinique"}),
        ("hôpital de metz", {"hopital", "armees"}),
        ("clinique", {"clinique"}),
        ("cliniques nancy", {"clinique"}),
        ("EHPAD", {"ehpad"}),
        ("ehpad toul", {"ehpad"}),
        ("maison de retraite", {"ehpad"}),
        ("maison de santé", {"msp"}),
        ("maisons de santé", {"msp"}),
        ("coeur", {"generaliste"}),
        ("CŒUR metz", {"generaliste"}),
    ],
)
def test_what_people_type_finds_what_they_mean(index: Index, typed: str, codes: set[str]) -> None:
    found = search(index, typed, few=0)
    assert set(found["code"]) == codes
    assert not found["proche"].any()


def test_what_is_written_comes_before_what_is_meant(index: Index) -> None:
    assert search(index, "infirmieres", few=0)["code"].to_list()[0] == "pharmacien"  # the name itself


def test_a_place_typed_with_a_profession_comes_before_names_that_begin_like_it() -> None:
    rows = [
        ("personne", "metzger", "METZGER Luc", "Infirmier Toul"),
        ("personne", "metz", "ZELLER Anne", "Infirmier Metz"),
        ("personne", "nom", "METZ Paul", "Infirmier Nancy"),
    ]
    found = search(
        build(pl.LazyFrame(rows, schema=["genre", "code", "nom", "reste"], orient="row")), "infirmière metz"
    )
    assert found["code"].to_list() == ["nom", "metz", "metzger"]


def test_a_small_word_alone_is_searched_as_it_is(index: Index) -> None:
    assert set(search(index, "les", few=0)["code"]) == {"ehpad"}


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=14))
def test_a_word_never_stands_for_itself_again(word: str) -> None:
    assert word not in forms(word)
    assert all(meaning for meaning in meanings(word))


@given(st.lists(st.text(alphabet="aeilmnrst", min_size=1, max_size=8), min_size=1, max_size=6))
def test_no_typed_word_is_lost(words: list[str]) -> None:
    said = " ".join(word for word, _meanings, _missing in read(words)).split()
    assert set(said) == set(words)
    assert any(not missing for _word, _meanings, missing in read(words))
