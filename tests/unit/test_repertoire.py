"""The directory: one row per person, and a forgiving search."""

from __future__ import annotations

import polars as pl
import pytest

from scoring.repertoire import persons, search

COMMUNES = pl.LazyFrame({"code_commune": ["67482", "57463"], "commune": ["Strasbourg", "Metz"]})


def _activity(person: str, nom: str, prenom: str, commune: str | None, **other: str) -> dict[str, str | None]:
    return {
        "identification_nationale_pp": person,
        "nom_exercice": nom,
        "prenom_exercice": prenom,
        "libelle_civilite_exercice": "Docteur",
        "libelle_profession": other.get("profession", "Médecin"),
        "libelle_specialite": other.get("specialite"),
        "libelle_mode_exercice": other.get("mode", "Libéral"),
        "code_commune": commune,
        "geo_precision": other.get("precision", "numero"),
    }


@pytest.fixture
def people() -> pl.LazyFrame:
    rows = [
        _activity("81", "LEFÈVRE", "Hélène", "67482", specialite="Médecine générale"),
        _activity("81", "LEFÈVRE", "Hélène", "57463", mode="Salarié", precision="commune"),
        _activity("82", "MARTIN", "Lefevre", "57463", precision="commune"),
        _activity("83", "N'DIAYE-KŒNIG", "Awa", None, profession="Infirmier", precision="aucune"),
    ]
    return persons(pl.LazyFrame(rows), COMMUNES)


def test_one_row_per_person_with_every_place_and_mode(people: pl.LazyFrame) -> None:
    first = people.collect().row(0, named=True)
    assert (first["nom"], first["activites"], first["localise"]) == ("LEFÈVRE", 2, True)
    assert first["commune"] == "Metz · Strasbourg"
    assert first["mode_exercice"] == "Libéral · Salarié"


def test_a_person_without_located_activity_is_not_located(people: pl.LazyFrame) -> None:
    located = dict(people.select("identification_nationale_pp", "localise").collect().iter_rows())
    assert located == {"81": True, "82": False, "83": False}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("lefevre", ["81", "82"]),  # the family name first
        ("helene LEFEVRE", ["81"]),
        ("medecin metz", ["81", "82"]),
        ("koenig", ["83"]),
        ("n'diaye", ["83"]),
        ("infirm", ["83"]),
        ("efevre", []),  # a word is found from its start
        ("", ["81", "82", "83"]),
    ],
)
def test_search_forgives_accents_case_and_order(people: pl.LazyFrame, words: str, found: list[str]) -> None:
    assert search(people, words).collect()["identification_nationale_pp"].to_list() == found
