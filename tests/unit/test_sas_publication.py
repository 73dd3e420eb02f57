"""What is published of unscheduled care, from small frames: seats by hand, local days, who offers nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from lake.catalog.sas import COUVERTURE, EXPOSITIONS, OFFRE, PREVISIONS, RECHERCHES, RENDEZ_VOUS
from lake.catalog.territoires import COMMUNES
from scoring.sas.publication import SCHEMAS, Releve, annonces_passees, photographie, publier

A, B, C = "810001234567", "810001234568", "1540001234"
LUNDI = date(2027, 3, 29)  # the Monday after the change of hour
NANCY, VANDOEUVRE, METZ = (
    ("54395", 6.18, 48.69, 104_000),
    ("54547", 6.17, 48.66, 30_000),
    ("57463", 6.17, 49.12, 120_000),
)


def communes() -> pl.DataFrame:
    rows = [
        {"code_commune": code, "commune": code, "code_departement": code[:2], "code_region": "44",
         "siren_epci": f"2{code}0000"[:9], "population": people, "population_totale": people, "longitude": lon,
         "latitude": lat}
        for code, lon, lat, people in (NANCY, VANDOEUVRE, METZ)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=COMMUNES.dtypes())


def place(who: str, town: tuple[str, float, float, int], number: int = 1, **changed: Any) -> dict[str, Any]:
    return {
        "identifiant": who, "lieu": number, "genre": "structure" if who[0] == "1" else "ps",
        "sas": f"SAS-{town[0][:2]}", "indisponible_le": None, "code_commune": town[0],
        "longitude": town[1], "latitude": town[2],
        "fuseau": "Europe/Paris", "perimetre_min": 15.0, "perimetre_communes": "",
    } | changed  # fmt: skip


def series(number: int, who: str, begins: str, ends: str, minutes: int, **changed: Any) -> dict[str, Any]:
    def since(text: str) -> int:
        return int(text[:2]) * 60 + int(text[3:])

    return {
        "serie": number, "identifiant": who, "lieu": 1, "fuseau": "Europe/Paris", "genre": "snp", "du": LUNDI,
        "au": LUNDI + timedelta(days=30), "ancre": LUNDI, "cycle": 1, "rang": 0, "jour": 1,
        "debut_min": since(begins), "fin_min": since(ends), "capacite": None, "duree_min": minutes, "modalites": 1,
    } | changed  # fmt: skip


def at(hour: int, minute: int = 0, day: date = LUNDI) -> datetime:
    return datetime(day.year, day.month, day.day, hour - 2, minute, tzinfo=UTC)  # Paris is at +02:00 then


def booking(
    who: str, number: int, hour: int, minute: int, status: str = "booked", **changed: Any
) -> dict[str, Any]:
    return {
        "serie": number, "date_locale": LUNDI, "identifiant": who, "lieu": 1, "debut": at(hour, minute),
        "fin": at(hour, minute) + timedelta(minutes=20), "modalite": "AMB", "sas": "SAS-54", "statut": status,
        "source": "saisie", "pris_le": at(hour, minute) - timedelta(hours=3), "deplace": False,
    } | changed  # fmt: skip


def releve(**frames: list[dict[str, Any]]) -> Releve:
    return Releve(
        **{name: pl.DataFrame(frames.get(name, []), schema=dict(schema)) for name, schema in SCHEMAS.items()}
    )


def found(table: Any, au: date = LUNDI, **frames: list[dict[str, Any]]) -> pl.DataFrame:
    frame = publier(releve(**frames), communes(), LUNDI, au, LUNDI)[table]
    assert table.conform(frame).rejects.is_empty()
    return frame


SLOTS = {
    "effecteurs": [place(A, NANCY), place(B, METZ), place(C, NANCY)],
    "series": [series(1, A, "14:00", "18:00", 20), series(3, C, "08:00", "12:00", 15, capacite=8)],
    "absences": [
        {"identifiant": A, "lieu": None, "debut": at(15, 10), "fin": at(16)},
        {"identifiant": C, "lieu": 1, "debut": at(10, 30), "fin": at(12)},
    ],
    "reservations": [booking(A, 1, 14, 0), booking(A, 1, 17, 0), booking(A, 1, 16, 0, "cancelled")],
    "sollicitations": [{"identifiant": A, "sas": "SAS-54", "moment": at(9)}] * 2,
}


def test_seats_of_the_examples() -> None:
    """12 slots, 3 removed, 2 booked: 7. A range for 8 from 8 to 12, away from 10:30: 5."""
    offers = found(OFFRE, **SLOTS)
    rows = {row["identifiant"]: row for row in offers.iter_rows(named=True)}
    counts = ("offerts", "absents", "pris", "disponibles", "minutes_offertes", "sollicitations", "modalites")
    assert [rows[A][one] for one in counts] == [12, 3, 2, 7, 240, 2, "AMB"]
    assert [rows[C][one] for one in counts] == [8, 3, 0, 5, 240, 0, "AMB"]
    assert [rows[B][one] for one in counts] == [0, 0, 0, 0, 0, 0, ""]
    assert (rows[C]["genre_effecteur"], rows[C]["sas"], rows[C]["code_departement"]) == (
        "structure",
        "SAS-54",
        "54",
    )


def test_every_professional_has_a_row_every_day() -> None:
    offers = found(OFFRE, LUNDI + timedelta(days=9), **SLOTS)
    assert offers.group_by("identifiant").len().get_column("len").to_list() == [10, 10, 10]
    assert offers.filter(pl.col("identifiant") == A).get_column("offerts").to_list() == [12] + [0] * 6 + [
        12,
        0,
        0,
    ]


def test_who_is_unavailable_has_nothing_from_then_on() -> None:
    away = SLOTS | {"effecteurs": [place(A, NANCY, indisponible_le=at(17, 30))]}
    (row,) = found(OFFRE, **away).iter_rows(named=True)
    assert (row["offerts"], row["absents"], row["disponibles"]) == (12, 5, 5)  # 17:20 and 17:40 go too


def test_a_day_is_the_place_s_own() -> None:
    night = series(1, A, "23:30", "24:30", 30, au=LUNDI)
    offers = found(OFFRE, LUNDI + timedelta(days=1), effecteurs=[place(A, NANCY)], series=[night])
    assert offers.sort("jour").get_column("offerts").to_list() == [1, 1]


def test_bookings_a_move_is_one_and_a_hold_none() -> None:
    rows = [booking(A, 1, 14, 0, "fulfilled"), booking(A, 1, 15, 0, "pending"),
            booking(A, 1, 16, 0, "cancelled", deplace=True),
            booking(A, 1, 17, 0, "cancelled"), booking(B, 9, 17, 0, source="editeur", serie=None, lieu=None),
    ]  # fmt: skip
    told = found(RENDEZ_VOUS, **SLOTS | {"reservations": rows})
    assert told.get_column("rendez_vous").sum() == 3
    assert set(told.get_column("statut")) == {"fulfilled", "cancelled", "booked"}
    assert told.get_column("delai_h").to_list() == [3.0, 3.0, 3.0]
    assert set(told.get_column("classe_delai")) == {"4h"}
    assert set(told.get_column("code_commune")) == {""}  # three bookings are too few for a commune


def test_searches_become_demands_without_account_or_small_commune() -> None:
    def search(number: int, minute: int, **changed: Any) -> dict[str, Any]:
        return {
            "recherche": number, "moment": at(23, minute), "compte": 1, "sas": "SAS-54", "code_commune": "54395",
            "preset": "medecine_generale", "modalites": "", "horizon": "12h", "demande": None, "elargie": False,
            "resultats": 1, "muettes": 0,
        } | changed  # fmt: skip

    rows = [
        search(1, 0),
        search(2, 5),
        search(3, 30, compte=2),
        search(4, 40, compte=3, resultats=0, muettes=1),
    ]
    told = found(RECHERCHES, recherches=rows)
    assert told.select(pl.col("recherches", "demandes").sum()).row(0) == (4, 3)
    assert set(told.get_column("heure")) == {23}
    assert dict(told.group_by("issue").agg(pl.col("demandes").sum()).iter_rows()) == {
        "pourvue": 2,
        "incertaine": 1,
    }
    assert set(told.get_column("code_commune")) == {""}
    assert not {"compte", "moment", "graine"} & set(told.columns)


def test_the_missing_lever_of_an_unmet_demand() -> None:
    """From Nancy at 9:00 within 2 h: the next seat is at 14:00, the horizon alone refuses it; Metz is too far."""

    def unmet(town: str, horizon: str, ways: str, hour: int) -> dict[str, Any]:
        return {
            "recherche": hour, "moment": at(hour), "compte": hour, "sas": f"SAS-{town[:2]}", "code_commune": town,
            "preset": "medecine_generale", "modalites": ways, "horizon": horizon, "demande": None, "elargie": False,
            "resultats": 0, "muettes": 0,
        }  # fmt: skip

    rows = [unmet("54395", "2h", "", 9), unmet("54395", "12h", "HH", 10), unmet("57463", "12h", "", 11),
            unmet("57463", "2h", "HH", 8), unmet("", "12h", "", 12)]  # fmt: skip
    told = found(RECHERCHES, **SLOTS | {"recherches": rows})
    by_hour = {row["heure"]: row["levier"] for row in told.iter_rows(named=True)}
    assert by_hour == {9: "horizon", 10: "modalite", 11: "rayon", 8: "aucun", 12: ""}


def test_exposure_by_day() -> None:
    shown = [
        {"recherche": 1, "moment": at(9), "sas": "SAS-54", "identifiant": who, "rang": rank, "palier": 0, "panier": 0,
         "bande": 0, "quart": 0, "places": 2}
        for rank, who in enumerate((A, C), start=1)
    ]  # fmt: skip
    told = found(EXPOSITIONS, affichages=shown, sollicitations=SLOTS["sollicitations"]).sort("identifiant")
    assert told.get_column("identifiant").to_list() == [C, A]
    assert told.get_column("observe").round(3).to_list() == [0.631, 1.0]
    assert told.get_column("attendu").round(3).to_list() == [0.815, 0.815]
    assert told.get_column("sollicitations").to_list() == [0, 2]


def test_photographs_are_of_today() -> None:
    told = found(PREVISIONS, **SLOTS).filter(pl.col("sas") == "SAS-54").sort("avance")
    assert told.get_column("avance").to_list() == [1, 3, 7, 14, 21, 28]
    assert told.get_column("annonces").to_list() == [0, 0, 20, 20, 20, 20]


def test_the_past_is_photographed_as_absences_told_then_had_it() -> None:
    """Three Mondays of twelve slots. An absence of the second is told ten days before, that of the third the day
    itself: each lead says what a photograph taken that day would have."""
    second, third = LUNDI + timedelta(weeks=1), LUNDI + timedelta(weeks=2)
    away = [
        {"identifiant": A, "lieu": None, "debut": at(2, day=day) - timedelta(hours=2), "fin": at(22, day=day)}
        for day in (second, third)
    ]
    told = (second - timedelta(days=10), third)
    frames = {"effecteurs": [place(A, NANCY)], "series": [series(1, A, "14:00", "18:00", 20)]}
    dites = pl.DataFrame(
        [one | {"dite_le": at(9, day=day)} for one, day in zip(away, told, strict=True)],
        schema=dict(SCHEMAS["absences"]) | {"dite_le": pl.Datetime("us", "UTC")},
    )
    rows = annonces_passees(releve(**frames, absences=away), dites, LUNDI, third)
    by = {(row["jour"], row["avance"]): row["annonces"] for row in rows.iter_rows(named=True)}
    assert [by[LUNDI, lead] for lead in (1, 7, 28)] == [12, 12, 12]
    assert [by[second, lead] for lead in (1, 3, 7, 14, 21, 28)] == [0, 0, 0, 12, 12, 12]
    assert [by[third, lead] for lead in (1, 7, 28)] == [12, 12, 12]
    for row in rows.filter(pl.col("jour").dt.weekday() == 1).iter_rows(named=True):
        known = [one for one, day in zip(away, told, strict=True) if day <= row["date_photo"]]
        taken = photographie(releve(**frames, absences=known), communes(), row["date_photo"])
        assert taken.filter(pl.col("jour") == row["jour"])["annonces"].to_list() == [row["annonces"]]


def test_a_list_of_communes_covers_them_alone_for_home_visits() -> None:
    """Fifteen minutes of road around Nancy hold Nancy, not Metz; a list of Metz alone holds Metz, not Nancy."""
    visits = [series(1, A, "14:00", "18:00", 30, modalites=2)]

    def covered(**changed: Any) -> dict[str, int]:
        told = found(COUVERTURE, effecteurs=[place(A, NANCY, **changed)], series=visits)
        home = told.filter(pl.col("heure") == 14, pl.col("famille") == "domicile")
        return dict(home.select("code_commune", "places_12h").iter_rows())

    near, listed = covered(), covered(perimetre_communes="57463|88160")
    assert (near["54395"], near["57463"]) == (8, 0)
    assert (listed["54395"], listed["57463"]) == (0, 8)


def test_coverage_of_the_region_by_hour() -> None:
    told = found(COUVERTURE, **SLOTS).filter(pl.col("heure") == 14)
    rows = {row["code_commune"]: row for row in told.iter_rows(named=True)}
    # From Nancy at 14:00, the slots at 14:20 to 17:40 less those away or booked; Metz is 48 km away, out of its radius.
    assert rows["54395"]["places_4h"] == 7
    assert rows["54395"]["places_2h"] == 3
    assert rows["54547"]["places_12h"] == 7
    assert rows["57463"]["places_12h"] == 0
    assert rows["54395"]["parts_4h"] + rows["54547"]["parts_4h"] == pytest.approx(7)
    assert told.get_column("population").sum() == 254_000
    assert (
        found(COUVERTURE, LUNDI + timedelta(days=6), **SLOTS)
        .select(pl.struct("jour", "heure").n_unique())
        .item()
        == 64
    )
