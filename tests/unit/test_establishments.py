"""Establishments and who practises there."""

from __future__ import annotations

import polars as pl

from lake.catalog.finess import ETABLISSEMENTS
from scoring.annuaire.establishments import catalogue, commune_entries, entries, practising_at, unmatched

COMMUNES = pl.LazyFrame({"code_commune": ["67482", "57463"], "commune": ["Strasbourg", "Metz"]})


def establishment(finess: str, commune: str, **values: object) -> dict[str, object]:
    return {
        "finess": finess, "code_commune": commune, "code_departement": commune[:2], "famille": "hopital",
        "raison_sociale": "CH", "libelle_categorie": "Centre Hospitalier (C.H.)", "ouvert": True,
    } | values  # fmt: skip


REGISTER = pl.LazyFrame(
    [
        establishment(
            "670000025", "67482", raison_sociale_longue="HÔPITAL CIVIL", numero_voie="1", voie="PLACE"
        ),
        establishment("570000033", "57463"),
        establishment("670000041", "67482", ouvert=False),
    ],
    schema=ETABLISSEMENTS.dtypes(),
)
SCHEMA = dict.fromkeys(
    (
        "identification_nationale_pp", "nom_exercice", "prenom_exercice", "libelle_profession", "libelle_specialite",
        "libelle_mode_exercice", "finess_site", "raison_sociale_site",
    ),
    pl.String,
)  # fmt: skip
ACTIVITIES = pl.LazyFrame(
    [
        ("81", "LEFÈVRE", "Hélène", "Médecin", "Cardiologie", "Salarié", "670000025", "CIVIL"),
        ("81", "LEFÈVRE", "Hélène", "Médecin", "Gériatrie", "Libéral", "670000025", "CIVIL"),
        ("82", "MARTIN", "Luc", "Infirmier", None, "Salarié", "670000025", "CIVIL"),
        ("82", "MARTIN", "Luc", "Infirmier", None, "Salarié", "999999999", "AILLEURS"),
        ("83", "ROY", "Zoé", "Infirmier", None, "Libéral", None, "CABINET"),
    ],
    schema=SCHEMA,
    orient="row",
)


def test_one_row_per_open_establishment_with_who_is_there() -> None:
    found = catalogue(REGISTER, ACTIVITIES, COMMUNES).collect()
    assert found.select("finess", "nom", "commune", "adresse", "professionnels", "professions").rows() == [
        ("570000033", "CH", "Metz", None, 0, None),
        ("670000025", "HÔPITAL CIVIL", "Strasbourg", "1 PLACE", 2, "Infirmier · Médecin"),
    ]
    assert catalogue(REGISTER, ACTIVITIES, COMMUNES, closed=True).collect().height == 3


def test_an_establishment_is_known_by_its_names_category_commune_and_number() -> None:
    found = {row[1]: row for row in entries(REGISTER, COMMUNES).collect().iter_rows()}
    assert found["670000025"] == (
        "etablissement",
        "670000025",
        "HÔPITAL CIVIL CH",
        "Centre Hospitalier (C.H.) hopital Strasbourg 670000025",
    )
    assert len(found) == 3  # a closed one is found too: an old link still opens


def test_communes_are_known_the_largest_first() -> None:
    named = COMMUNES.with_columns(
        code_departement=pl.col("code_commune").str.head(2), population=pl.Series([10, 20])
    )
    assert commune_entries(named).collect().rows() == [
        ("commune", "57463", "Metz", "57"),
        ("commune", "67482", "Strasbourg", "67"),
    ]


def test_the_card_lists_each_person_once() -> None:
    found = practising_at(ACTIVITIES, "670000025").collect()
    assert found.select("nom", "profession", "specialite", "mode_exercice").rows() == [
        ("MARTIN", "Infirmier", "", "Salarié"),
        ("LEFÈVRE", "Médecin", "Cardiologie · Gériatrie", "Libéral · Salarié"),
    ]


def test_numbers_that_the_register_does_not_know() -> None:
    assert unmatched(REGISTER, ACTIVITIES).collect().rows() == [("999999999", "AILLEURS", 1)]
