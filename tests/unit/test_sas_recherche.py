"""The order of a search: neutral, explained, replayable; how soon, how far, who is open."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.errors import UnknownName
from lake.horaires.creneaux import creneaux, free
from lake.horaires.heures import PARIS, iso
from lake.horaires.plages import bits, occurrences
from scoring.sas.horizons import bande_of, bandes, limit
from scoring.sas.ordre import delta_minutes, draw, incertitude_of_area, weights
from scoring.sas.ouverture import Etat, Ouverture, etat, ferie, jours_feries
from scoring.sas.plus_tot import soonest
from scoring.sas.rayons import departement_of, of_code, of_departement, territoires
from scoring.sas.recherche import PRESETS, Critere, Lieu, Offre, Reponse, chercher, explained
from tests.unit.sas_cases import absences, hours, paris, serie, series, taken

DAY = date(2026, 11, 30)
KM_A_MINUTE = 50 / 1.3 / 60
NANCY = (6.184, 48.692)


def place(precision: str = "numero", rho: float = 0.0) -> Lieu:
    return Lieu("ici", precision, *NANCY, rho, "54395", "54")


def someone(name: str, minutes: float, lieu: int, *, across: float = 0.0, **changed: Any) -> dict[str, Any]:
    """A general practitioner so many minutes north (and so many km east) of the place."""
    found = {
        "identifiant": name, "lieu": lieu, "genre": "ps", "nom": f"Dr {name}", "specialite": "SM54",
        "longitude": NANCY[0] + across / (111.195 * math.cos(math.radians(NANCY[1]))),
        "latitude": NANCY[1] + minutes * KM_A_MINUTE / 111.195, "code_commune": "54395", "fuseau": PARIS,
        "perimetre_min": 15.0, "perimetre_communes": "",
        "indisponible": False, "actes": [], "equipements": [], "langues": [], "ages": [],
    }  # fmt: skip
    return found | changed


SCHEMA = {"actes": pl.List(pl.String), "equipements": pl.List(pl.String), "langues": pl.List(pl.String),
          "ages": pl.List(pl.String)}  # fmt: skip


def offer(people: list[dict[str, Any]], rows: list[dict[str, Any]], **changed: Any) -> Offre:
    found = {
        "effecteurs": pl.DataFrame(people, schema_overrides=SCHEMA),
        "ranges": occurrences(series(*rows), None, DAY - timedelta(days=1), DAY + timedelta(days=3)),
        "absences": absences(),
        "taken": taken(),
    }
    return Offre(**(found | changed))


def one_range(name: str, number: int, debut: str, fin: str, **changed: Any) -> dict[str, Any]:
    return serie(DAY, debut, fin, **({"serie": number, "identifiant": name, "lieu": number} | changed))


def search(offre: Offre, hour: int = 8, minute: int = 0, **asked: Any) -> Reponse:
    given_ = {"now": paris(2026, 11, 30, hour, minute), "rayon_km": 30.0, "lieu": place(), "graine": 7}
    found = given_ | asked
    return chercher(found.pop("lieu"), offre, **found)


def names(found: Reponse) -> list[str]:
    return found.resultats["identifiant"].to_list()


def test_the_width_of_a_bucket_is_the_doubt_about_the_place() -> None:
    assert incertitude_of_area(15) == pytest.approx(2.19, abs=0.005)
    assert delta_minutes(incertitude_of_area(15)) == pytest.approx(6.8, abs=0.05)
    assert delta_minutes(incertitude_of_area(78.26)) == pytest.approx(15.6, abs=0.05)
    assert delta_minutes(0) == 5
    assert math.isinf(delta_minutes(math.inf))


def test_place_then_nearness_then_time_then_solicitations() -> None:
    people = [
        someone("proche_tard", 2, 1), someone("proche_tot", 4, 2), someone("loin_tot", 12, 3),
        someone("complet", 1, 4), someone("surnombre", 8, 5),
    ]  # fmt: skip
    rows = [
        one_range("proche_tard", 1, "11:00", "12:00"), one_range("proche_tot", 2, "09:00", "10:00"),
        one_range("loin_tot", 3, "09:00", "10:00"), one_range("surnombre", 5, "07:00", "12:00", genre="surbooking"),
    ]  # fmt: skip
    found = search(offer(people, rows))
    assert names(found) == ["proche_tot", "proche_tard", "loin_tot", "surnombre", "complet"]
    assert found.resultats["palier"].to_list() == [0, 0, 0, 1, 2]
    assert found.resultats["panier"].to_list() == [0, 0, 2, 1, 0]
    assert found.resultats["places"].to_list() == [3, 3, 3, 0, 0]
    row = found.resultats.row(0, named=True)
    assert explained(row, found).startswith("Une place libre dans l’horizon ; à 4 min, donc entre 0 et 5 min")


def test_who_was_solicited_less_comes_first_among_equals_only() -> None:
    people = [someone("a", 2, 1), someone("b", 3, 2), someone("loin", 12, 3)]
    rows = [one_range(name, number, "09:00", "10:00") for number, name in enumerate(["a", "b", "loin"], 1)]
    solicited = pl.DataFrame({"identifiant": ["a", "b"], "sollicitations": [10, 1], "offertes": [10, 10]})
    found = search(offer(people, rows, solicited=solicited))
    assert names(found) == ["b", "a", "loin"]
    assert found.resultats["poids"].to_list() == [0, 4, 0]


def test_chance_is_fair_and_a_seed_replays_it() -> None:
    people = [someone(f"m{number}", 1 + number, number, across=0.1 * number) for number in range(4)]
    rows = [one_range(f"m{number}", number, "09:00", "12:00") for number in range(4)]
    offre, city = offer(people, rows), place("commune", incertitude_of_area(15))
    assert names(search(offre, lieu=city, graine=3)) == names(search(offre, lieu=city, graine=3))
    # Only the draw changes from a seed to the next: 10,000 demands are 10,000 draws among four equals.
    keys = search(offre, lieu=city).resultats.select("palier", "panier", "bande", "poids")
    assert keys.unique().height == 1
    demands = 10_000
    first = Counter(
        min(zip(draw(seed, [f"m{n}|{n}" for n in range(4)]), range(4), strict=True))[1]
        for seed in range(demands)
    )
    sigma = math.sqrt(demands * 0.25 * 0.75)
    assert all(abs(first[n] - demands / 4) < 3.5 * sigma for n in range(4))


def test_a_distance_doubled_within_the_bucket_changes_nothing() -> None:
    rows = [one_range("a", 1, "09:00", "10:00"), one_range("b", 2, "09:00", "10:00")]
    near = search(offer([someone("a", 1, 1), someone("b", 1, 2)], rows))
    far = search(offer([someone("a", 2, 1), someone("b", 1, 2)], rows))
    assert names(near) == names(far)


def test_one_who_comes_new_is_not_flooded() -> None:
    people = [someone(f"m{number}", 2, number) for number in range(6)]
    rows = [one_range(f"m{number}", number, "09:00", "12:20") for number in range(6)]
    counts = dict.fromkeys([f"m{number}" for number in range(5)], 15) | {"m5": 0}
    offered = dict.fromkeys([f"m{number}" for number in range(5)], 50) | {"m5": 10}
    given_to_new, demands = 0, 120
    offre = offer(people, rows)
    for seed in range(demands):
        solicited = pl.DataFrame(
            {
                "identifiant": list(counts),
                "sollicitations": list(counts.values()),
                "offertes": list(offered.values()),
            }
        )
        chosen = names(
            search(Offre(offre.effecteurs, offre.ranges, offre.absences, offre.taken, solicited), graine=seed)
        )[0]
        counts[chosen] += 1
        given_to_new += chosen == "m5"
    assert 0 < given_to_new / demands <= 2 * 10 / 260


def test_a_diagonal_place_is_nearer_than_an_axis_place_farther_by_the_sphere() -> None:
    side = 10.0 / math.sqrt(2)
    people = [someone("axe", 10.5 / KM_A_MINUTE, 1), someone("diagonale", side / KM_A_MINUTE, 2, across=side)]
    found = search(offer(people, [one_range("axe", 1, "09:00", "10:00")])).resultats.sort("distance_km")
    assert found["identifiant"].to_list() == ["diagonale", "axe"]
    assert found["distance_km"].to_list() == pytest.approx([10.0, 10.5], abs=0.02)


def test_eight_hundred_rows_keep_their_order_on_every_page() -> None:
    people = [someone(f"m{number:03}", 1, number) for number in range(800)]
    offre = offer(people, [one_range("m000", 0, "09:00", "10:00")])
    pages = [names(search(offre))[start : start + 10] for start in (0, 400, 790)]
    assert pages == [names(search(offre))[start : start + 10] for start in (0, 400, 790)]
    assert len(set(names(search(offre)))) == 800


def test_what_begins_before_one_can_be_there_is_not_offered_at_an_exact_address() -> None:
    offre = offer([someone("a", 25, 1)], [one_range("a", 1, "14:10", "15:10")])
    exact = search(offre, hour=14)
    assert hours(exact.resultats, "premier_creneau") == ["14:30"]  # 14:10 is too soon, 25 minutes away
    assert exact.resultats["places"].to_list() == [2]
    assert hours(exact.resultats, "trop_juste") == ["14:10"]  # told, and in no total
    only = search(offer([someone("a", 25, 1)], [one_range("a", 1, "14:10", "14:30")]), hour=14).resultats
    assert only["palier"].to_list() == [2]
    assert hours(only, "trop_juste") == ["14:10"]
    vague = search(offre, hour=14, lieu=place("commune", 2.0))
    assert hours(vague.resultats, "premier_creneau") == ["14:10"]
    assert vague.resultats["trop_juste"].to_list() == [None]
    at_home = offer(
        [someone("a", 25, 1)], [one_range("a", 1, "14:10", "15:10", modalites=bits(["AMB", "VR"]))]
    )
    assert search(at_home, hour=14).resultats["places"].to_list() == [3]


def test_the_earliest_care_counts_the_journey() -> None:
    """At 14:00, 25 minutes away: a range open from 14:10 is 14:25, after a slot at 14:20 at 5; one at 14:10 is lost."""
    people = [
        someone("plage", 25, 1),
        someone("creneau", 5, 2),
        someone("trop", 25, 3),
        someone("video", 25, 4),
    ]
    rows = [
        one_range("plage", 1, "14:10", "16:00", capacite=3),
        one_range("creneau", 2, "14:20", "14:40"),
        one_range("trop", 3, "14:10", "14:30"),
        one_range("video", 4, "14:10", "14:30", modalites=bits(["VR"])),
    ]
    now = paris(2026, 11, 30, 14)
    for lieu in (place(), place("commune", 2.0)):  # the same where the answer itself does not count journeys
        found = soonest(search(offer(people, rows), hour=14, lieu=lieu), now).resultats
        assert list(zip(found["identifiant"], hours(found, "soin_le"), strict=True)) == [
            ("video", "14:10"),
            ("creneau", "14:20"),
            ("plage", "14:25"),
        ]


def test_a_range_with_seats_counts_while_a_consultation_still_fits() -> None:
    offre = offer([someone("a", 0, 1)], [one_range("a", 1, "08:00", "12:00", capacite=3, duree_min=15)])
    assert search(offre, hour=11, minute=40).resultats["places"].to_list() == [3]
    assert hours(search(offre, hour=11, minute=40).resultats, "premier_creneau") == ["11:40"]
    assert search(offre, hour=11, minute=50).resultats["palier"].to_list() == [2]


def test_a_home_visit_only_within_the_perimeter_and_a_slot_of_two_kinds_counts_once() -> None:
    people = [someone("pres", 10, 1), someone("loin", 20, 2)]
    rows = [
        one_range(n, i, "14:00", "15:00", modalites=bits(["HH"])) for i, n in enumerate(["pres", "loin"], 1)
    ]
    assert dict(search(offer(people, rows)).resultats.select("identifiant", "places").iter_rows()) == {
        "pres": 3,
        "loin": 0,
    }
    # Who lists communes goes there alone: not nearer, as far as that is, and a code is no part of another.
    listed = [
        someone("pres", 10, 1, perimetre_communes="54547|54000"),
        someone("loin", 20, 2, perimetre_communes="54000|54395"),
    ]
    assert dict(search(offer(listed, rows)).resultats.select("identifiant", "places").iter_rows()) == {
        "pres": 0,
        "loin": 3,
    }
    two = offer([someone("a", 2, 1)], [one_range("a", 1, "14:00", "15:00", modalites=bits(["AMB", "VR"]))])
    for asked in ([], ["AMB"], ["VR"], ["AMB", "VR"]):
        assert search(two, modalites=asked).resultats["places"].to_list() == [3]
    assert search(two, modalites=["HH"]).resultats["places"].to_list() == [0]


def test_unavailable_absent_and_taken_are_not_offered() -> None:
    people = [someone("a", 2, 1), someone("b", 2, 2, indisponible=True)]
    rows = [one_range("a", 1, "14:00", "15:00"), one_range("b", 2, "14:00", "15:00")]
    found = search(
        offer(people, rows, absences=absences((paris(2026, 11, 30, 14, 59), paris(2026, 11, 30, 16)), who="a"),
              taken=taken((paris(2026, 11, 30, 14), paris(2026, 11, 30, 14, 20))))
    )  # fmt: skip
    assert found.resultats.select("identifiant", "places").rows() == [("a", 1)]


def test_searches_made_in_advance_are_conjunctions() -> None:
    people = [
        someone("suture", 2, 1, actes=["suture"]), someone("autre", 2, 2), someone("dermato", 2, 3, specialite="SM15"),
        someone("msp", 2, 4, genre="structure", specialite=None),
    ]  # fmt: skip
    offre = offer(people, [one_range("suture", 1, "09:00", "10:00")])
    assert names(search(offre, critere=PRESETS["suture"])) == ["suture"]
    assert set(names(search(offre))) == {"suture", "autre", "msp"}
    assert names(search(offre, critere=Critere(langues=frozenset({"de"})))) == []


def test_who_says_which_ages_he_receives_is_found_for_those_and_who_says_none_for_all() -> None:
    people = [
        someone("tous", 2, 1), someone("petits", 2, 2, ages=["nourrisson", "enfant"]),
        someone("grands", 2, 3, ages=["adulte", "aine"]),
    ]  # fmt: skip
    offre = offer(people, [])
    found = {age: set(names(search(offre, critere=Critere(age=age)))) for age in ("", "enfant", "adulte")}
    assert found == {
        "": {"tous", "petits", "grands"}, "enfant": {"tous", "petits"}, "adulte": {"tous", "grands"},
    }  # fmt: skip


def test_open_structures_first_among_structures_and_nobody_else_moves() -> None:
    people = [someone("medecin", 2, 1)] + [someone(f"s{n}", 2, n + 1, genre="structure") for n in range(1, 4)]
    rows = [one_range(p["identifiant"], p["lieu"], "09:00", "10:00") for p in people]
    opened = pl.DataFrame(
        {"identifiant": ["s1", "s2", "s3"], "ouvert_rang": [2, 0, 1], "change_le": [None, None, None]}
    )
    offre = offer(people, rows, ouvertures=opened)
    plain, found = names(search(offre, open_first=False)), names(search(offre))
    assert plain.index("medecin") == found.index("medecin")
    assert [one for one in found if one != "medecin"] == ["s2", "s3", "s1"]


def test_bands_are_of_elapsed_hours_and_of_the_local_day() -> None:
    now = paris(2026, 11, 30, 12, 59)
    bands = bandes(now)
    assert [band.code for band in bands] == [
        "2h",
        "4h",
        "6h",
        "12h",
        "demi-journee",
        "jour",
        "demain",
        "apres-demain",
    ]
    assert bande_of(now + timedelta(hours=2), bands) == 0
    assert bande_of(now + timedelta(hours=2, seconds=1), bands) == 1
    assert iso(limit("demi-journee", now).fin) == "2026-11-30T13:00:00+01:00"
    assert iso(limit("demi-journee", paris(2026, 11, 30, 13)).fin) == "2026-11-30T20:00:00+01:00"
    assert iso(limit("demi-journee", paris(2026, 11, 30, 21)).fin) == "2026-12-01T00:00:00+01:00"
    assert iso(limit("4h", paris(2026, 11, 30, 22, 30)).fin) == "2026-12-01T02:30:00+01:00"
    assert (
        iso(limit("4h", paris(2026, 10, 24, 23, 30)).fin) == "2026-10-25T02:30:00+01:00"
    )  # the second 02:30
    with pytest.raises(UnknownName):
        limit("3h", now)


def test_a_slot_at_exactly_two_hours_is_within_two_hours() -> None:
    offre = offer([someone("a", 0, 1)], [one_range("a", 1, "10:00", "10:20")])
    assert search(offre, horizon="2h").resultats["palier"].to_list() == [0]
    late = search(offre, horizon="2h", now=paris(2026, 11, 30, 7, 59) + timedelta(seconds=59))
    assert late.resultats["palier"].to_list() == [2]


def test_totals_over_bands_are_what_is_left() -> None:
    offre = offer(
        [someone("a", 0, 1)],
        [one_range("a", 1, "08:00", "20:00"), one_range("a", 1, "20:00", "22:00", serie=2, capacite=4)],
    )
    found = search(offre)
    assert (
        found.slots.group_by("bande").agg(pl.col("restantes").sum())["restantes"].sum()
        == found.resultats["places"][0]
        == 40
    )


def test_holidays_of_alsace_and_moselle() -> None:
    assert (len(jours_feries(2026, "54")), len(jours_feries(2026, "57")), len(jours_feries(2026, "67"))) == (
        11,
        13,
        13,
    )
    for day in (date(2026, 12, 26), date(2026, 4, 3)):
        assert [ferie(day, code) is not None for code in ("54", "57", "67", "68", "88")] == [
            False,
            True,
            True,
            True,
            False,
        ]


def test_open_until_closed_until_and_not_known() -> None:
    week = [Ouverture(day, 8 * 60 + 30, 12 * 60) for day in range(1, 6)] + [
        Ouverture(day, 12 * 60, 19 * 60) for day in range(1, 6)
    ]
    now = paris(2026, 11, 30, 10)
    assert (etat(week, now).ouverte, hours(pl.DataFrame({"debut": [etat(week, now).change_le]}))) == (
        True,
        ["19:00"],
    )
    shut = etat(week, paris(2026, 11, 30, 19))
    assert (shut.ouverte, iso(shut.change_le or now)) == (False, "2026-12-01T08:30:00+01:00")
    assert etat([], now).ouverte is None
    assert etat(week, now, fermetures=frozenset({DAY})).ouverte is False
    # A Friday that is a holiday in Moselle only.
    friday = paris(2026, 4, 3, 10)
    assert (
        etat(week, friday, code_departement="54").ouverte,
        etat(week, friday, code_departement="57").ouverte,
    ) == (True, False)
    night = [Ouverture(1, 20 * 60, 26 * 60)]
    assert etat(night, paris(2026, 12, 1, 1, 30)).ouverte is True
    always = [Ouverture(day, 0, 24 * 60) for day in range(1, 9)]
    assert etat(always, now) == Etat(True, None), "no hour of closing is known"


def test_radii_of_the_territories() -> None:
    assert len(territoires()) == 101
    nancy = of_departement("54")
    assert (nancy.code, nancy.rayon(), nancy.rayon(1), nancy.rayon(2), nancy.rayon(1000)) == (
        "SAS-54",
        10,
        15,
        20,
        103,
    )
    assert (of_departement("8").code, of_departement("20A").code_departement, of_code("SAS-08").nom) == (
        "SAS-08",
        "2A",
        "Ardennes",
    )
    assert of_departement("69").rayon(1) == 8  # the step is half of the radius, but three for five
    for code in ("971", "972", "973", "974", "976"):
        assert (of_departement(code).longitude, of_departement(code).rayon() > 0) == (None, True)
    assert [departement_of(code) for code in ("54395", "2A004", "97411")] == ["54", "2A", "974"]
    with pytest.raises(UnknownName):
        of_departement("99")


def test_weights_of_the_first_ranks() -> None:
    assert weights(5) == pytest.approx([1, 0.631, 0.5, 0.431, 0.387], abs=5e-4)


@settings(max_examples=40)
@given(
    minutes=st.lists(st.floats(0, 60), min_size=1, max_size=12),
    starts=st.lists(st.integers(0, 23), min_size=12, max_size=12),
    now_hour=st.integers(0, 23),
    rho=st.sampled_from([0.0, 1.0, 5.0, math.inf]),
    seed=st.integers(0, 2**31),
)
def test_the_order_is_the_key_s(
    minutes: list[float], starts: list[int], now_hour: int, rho: float, seed: int
) -> None:
    people = [someone(f"m{n}", m, n) for n, m in enumerate(minutes)]
    rows = [
        one_range(f"m{n}", n, f"{starts[n]:02}:00", "24:00", fin_min=starts[n] * 60 + 60)
        for n in range(len(people))
    ]
    offre, now = offer(people, rows), paris(2026, 11, 30, now_hour)
    found = chercher(place("commune", rho), offre, now=now, rayon_km=100, graine=seed)
    table = found.resultats
    keys = table.select("palier", "panier", "bande", "poids", "tirage").rows()
    assert keys == sorted(keys)
    assert table["rang"].to_list() == list(range(1, table.height + 1))
    left = free(
        creneaux(offre.ranges.filter(pl.col("fin") > now.astimezone(UTC)), offre.absences, offre.taken)
    )
    by_name = dict(
        left.filter(pl.col("debut") >= now.astimezone(UTC))
        .group_by("identifiant")
        .agg(pl.col("restantes").sum())
        .iter_rows()
    )
    assert {row[0]: row[1] for row in table.select("identifiant", "places").iter_rows() if row[1]} == by_name
    assert np.all(
        table["premier_creneau"].drop_nulls().to_numpy()
        >= np.datetime64(now.astimezone(UTC).replace(tzinfo=None))
    )


def test_a_search_tells_the_moment_in_utc() -> None:
    found = search(offer([someone("a", 0, 1)], [one_range("a", 1, "10:00", "10:20")]))
    assert found.resultats["premier_creneau"][0] == datetime(2026, 11, 30, 9, tzinfo=UTC)
