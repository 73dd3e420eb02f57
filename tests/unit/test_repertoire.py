"""The directory: one row per person, and where each can be met."""

from __future__ import annotations

import polars as pl
import pytest

from scoring.annuaire.persons import contacts, entries, persons

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


def test_a_person_is_known_by_name_first_then_by_the_rest(people: pl.LazyFrame) -> None:
    assert entries(people).collect().row(0) == (
        "personne",
        "81",
        "LEFÈVRE Hélène",
        "Médecin Médecine générale Libéral · Salarié Metz · Strasbourg 81",
    )


def test_each_place_of_a_person_once_with_its_contact() -> None:
    names = (
        "identification_nationale_pp", "enseigne_commerciale_site", "raison_sociale_site", "numero_voie",
        "indice_repetition_voie", "libelle_type_voie", "libelle_voie", "complement_point_geographique",
        "mention_distribution", "code_postal", "code_commune", "libelle_commune_source", "telephone", "telephone_2",
        "email", "finess_site", "geo_precision",
    )  # fmt: skip
    street = ("8", "B", "Rue", "DES ÉCOLES", None, None, "57000", "57463", "METZ", "0387000000", None, None)
    rows = [
        ("81", "CABINET", "SELARL", *street, "570000033", "numero"),
        ("81", "CABINET", "SELARL", *street, "570000033", "numero"),  # the same place under another role
        ("81", None, "HÔPITAL", *(None,) * 8, "AILLEURS", *(None,) * 4, "commune"),
    ]
    frame = pl.LazyFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    found = contacts(frame.with_columns(longitude=pl.lit(6.2), latitude=pl.lit(49.1)), COMMUNES).collect()
    assert found.rows() == [
        ("81", "CABINET", "8 B Rue DES ÉCOLES", None, "57000", "Metz", "0387000000", None, None, "570000033",
         6.2, 49.1),
        ("81", "HÔPITAL", None, None, None, "AILLEURS", None, None, None, None, None, None),
    ]  # fmt: skip
