"""The universes of unscheduled care over small tables: days, weeks and months, what adds, what is told of few."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.catalog.sas import COUVERTURE, OFFRE, RECHERCHES, RENDEZ_VOUS
from lake.contract import Table
from lake.errors import RefusedCombination
from scoring.sas.mesures.seuil import regrouper
from scoring.universes.engine import add_up, query, resolve
from scoring.universes.model import Scan
from scoring.universes.sas import SAS_COUVERTURE, SAS_DEMANDE, SAS_OFFRE, SAS_RENDEZ_VOUS
from scoring.universes.selection import Selection

LUNDI = date(2026, 12, 28)  # the Monday of 2026-W53
DAYS = {
    "lundi": LUNDI,
    "jeudi": date(2026, 12, 31),
    "vendredi": date(2027, 1, 1),
    "suivant": date(2027, 1, 4),
}


def offer(who: str, day: str, seats: int, **changed: Any) -> dict[str, Any]:
    return {
        "jour": DAYS[day], "identifiant": who, "lieu": 1, "modalites": "AMB" if seats else "", "source": "saisie",
        "genre_effecteur": "ps", "sas": "SAS-54", "code_departement": "54", "siren_epci": "245400676",
        "code_commune": "54395", "offerts": seats, "absents": 0, "pris": 0, "disponibles": seats,
        "minutes_offertes": 15 * seats, "sollicitations": 0,
    } | changed  # fmt: skip


OFFERS = [
    offer("A", "lundi", 4, modalites="AMB|VR", absents=1, pris=1, disponibles=2, sollicitations=1),
    offer("A", "jeudi", 2), offer("A", "vendredi", 2), offer("A", "suivant", 0),
    offer("B", "lundi", 0), offer("B", "jeudi", 0), offer("B", "vendredi", 3), offer("B", "suivant", 3),
    offer("C", "lundi", 5, absents=5, disponibles=0), offer("C", "jeudi", 0),
    offer("C", "vendredi", 0), offer("C", "suivant", 0),
]  # fmt: skip


def scanning(table: Table, rows: list[dict[str, Any]]) -> Scan:
    frame = pl.DataFrame(rows, schema=table.dtypes())
    assert table.conform(frame).rejects.is_empty()
    return lambda asked: frame.lazy() if asked is table else asked.empty().lazy()


OFFRES = scanning(OFFRE, OFFERS)


def ask(measures: list[str], by: list[str] | None = None, **selection: Any) -> list[dict[str, Any]]:
    return query(SAS_OFFRE, OFFRES, Selection(**selection), measures, by or []).collect().to_dicts()


def test_days_weeks_and_months_across_the_year() -> None:
    weeks = ask(["creneaux_offerts"], ["semaine"])
    assert weeks == [
        {"semaine": "2026-12-28", "creneaux_offerts": 16},
        {"semaine": "2027-01-04", "creneaux_offerts": 3},
    ]
    months = ask(["creneaux_offerts"], ["mois"])
    assert [(one["mois"], one["creneaux_offerts"]) for one in months] == [
        ("2026-12-01", 11),
        ("2027-01-01", 8),
    ]
    assert sum(one["creneaux_offerts"] for one in ask(["creneaux_offerts"], ["jour"])) == 19
    assert ask(["creneaux_offerts"], du=DAYS["jeudi"], au=DAYS["vendredi"]) == [{"creneaux_offerts": 7}]
    assert ask(["creneaux_offerts"], date=LUNDI) == [{"creneaux_offerts": 9}]
    assert ask(["creneaux_offerts"], filters={"semaine": ["2026-12-28"]}) == [{"creneaux_offerts": 16}]


def test_a_stock_takes_the_last_day_of_each_group_of_time() -> None:
    assert ask(["effecteurs_actifs"]) == [{"effecteurs_actifs": 1}]  # B, on Monday 4 January
    assert ask(["effecteurs_actifs"], ["semaine"]) == [
        {"semaine": "2026-12-28", "effecteurs_actifs": 2},  # A and B, on Friday
        {"semaine": "2027-01-04", "effecteurs_actifs": 1},
    ]
    assert [one["effecteurs_actifs"] for one in ask(["effecteurs_actifs"], ["mois"])] == [1, 1]
    assert ask(["effecteurs_actifs"], au=DAYS["jeudi"]) == [{"effecteurs_actifs": 1}]
    assert ask(["effecteurs_actifs"], ["semaine"], au=DAYS["jeudi"])[0]["effecteurs_actifs"] == 1


def test_who_offers_nothing_is_counted_over_the_period_once() -> None:
    assert ask(["effecteurs", "effecteurs_avec_creneau", "effecteurs_sans_creneau"]) == [
        {"effecteurs": 3, "effecteurs_avec_creneau": 2, "effecteurs_sans_creneau": 1}  # C was always absent
    ]
    weeks = ask(["effecteurs_sans_creneau"], ["semaine"])
    assert [one["effecteurs_sans_creneau"] for one in weeks] == [1, 2]
    assert ask(["effecteurs_sans_creneau"], du=LUNDI, au=DAYS["jeudi"]) == [{"effecteurs_sans_creneau": 2}]
    with pytest.raises(RefusedCombination):
        ask(["effecteurs_sans_creneau"], ["modalite"])


def test_a_slot_of_two_modalities_shows_in_both_and_counts_once() -> None:
    split = ask(["creneaux_disponibles"], ["modalite"], date=LUNDI)
    assert {one["modalite"]: one["creneaux_disponibles"] for one in split} == {"AMB": 2, "VR": 2, None: None}
    both = ask(["creneaux_disponibles"], date=LUNDI, filters={"modalite": ["AMB", "VR"]})
    assert both == [{"creneaux_disponibles": 2}]
    assert ask(["creneaux_disponibles"], date=LUNDI, filters={"modalite": ["HH"]}) == [
        {"creneaux_disponibles": None}
    ]
    frame = query(SAS_OFFRE, OFFRES, Selection(), ["creneaux_disponibles"], ["modalite"]).collect()
    with pytest.raises(RefusedCombination, match="ne s'additionne pas"):
        add_up(SAS_OFFRE, frame, "creneaux_disponibles", ["modalite"])
    by_week = query(SAS_OFFRE, OFFRES, Selection(), ["creneaux_offerts"], ["semaine"]).collect()
    assert add_up(SAS_OFFRE, by_week, "creneaux_offerts", ["semaine"]) == 19


def test_ratios_are_ratios_of_sums() -> None:
    assert ask(["taux_remplissage", "sollicitations_pour_100_creneaux"]) == [
        {
            "taux_remplissage": pytest.approx(1 / 19),
            "sollicitations_pour_100_creneaux": pytest.approx(100 / 19),
        }
    ]


def demand(commune: str, epci: str, count: int, issue: str = "pourvue", **changed: Any) -> dict[str, Any]:
    return {
        "jour": LUNDI, "heure": 13, "sas": "SAS-54", "code_departement": "54", "siren_epci": epci,
        "code_commune": commune, "preset": "medecine_generale", "horizon": "12h", "issue": issue, "levier": "",
        "recherches": count + 1, "demandes": count,
    } | changed  # fmt: skip


def asked(rows: list[dict[str, Any]], measures: list[str], by: list[str], **selection: Any) -> pl.DataFrame:
    scan = scanning(RECHERCHES, rows)
    return query(
        SAS_DEMANDE, scan, resolve(SAS_DEMANDE, scan, Selection(**selection)), measures, by
    ).collect()


def test_the_unmet_share_of_the_example() -> None:
    """Ten demands on a Monday, 12–16: 6 met, 2 enlarged, 1 uncertain, 1 unmet: 1 in 9, 2 in 9."""
    rows = [
        demand("", "245400676", 6), demand("", "245400676", 2, "elargie"), demand("", "245400676", 1, "incertaine"),
        demand("", "245400676", 1, "non_pourvue", levier="horizon"),
    ]  # fmt: skip
    found = asked(rows, ["demandes", "part_non_pourvue", "part_elargie"], ["epci", "tranche"])
    assert found.row(0) == ("245400676", "12-16", 10, pytest.approx(1 / 9), pytest.approx(2 / 9))
    levers = asked(rows, ["demandes"], ["levier"], filters={"issue": ["non_pourvue"]})
    assert levers.rows() == [("horizon", 1)]


def test_a_commune_of_four_is_not_told_nor_is_it_given_away() -> None:
    rows = [
        demand("54001", "E1", 9),
        demand("54002", "E1", 7),
        demand("54003", "E1", 4),
        demand("54004", "E2", 3),
    ]
    found = asked(rows, ["demandes"], ["code_commune"])
    # 4 alone would be the EPCI's total less the others: the 7 goes with it; E2 has 3, and goes up with E1's least.
    assert found.get_column("demandes").sum() == 23
    told = {code: count for code, count in found.iter_rows() if code is not None}
    assert set(told) <= {"54001", "54002"}
    assert all(count >= 5 for count in told.values())


_cells = st.lists(
    st.tuples(
        st.sampled_from(["S1", "S2"]), st.integers(0, 3), st.integers(0, 5), st.integers(0, 12), st.integers(0, 1)
    ),
    min_size=1, max_size=40,
)  # fmt: skip


@given(_cells)
@settings(max_examples=60)
def test_totals_close_and_no_small_count_can_be_found(cells: list[tuple[str, int, int, int, int]]) -> None:
    frame = pl.DataFrame(
        [(s, f"{s}{e}", f"{s}{e}{c}", n, split) for s, e, c, n, split in cells],
        schema=["sas", "siren_epci", "code_commune", "demandes", "split"],
        orient="row",
    )
    sent = regrouper(frame.lazy(), [pl.col("split")]).collect()
    assert sent.select("sas", "demandes", "split").equals(frame.select("sas", "demandes", "split"))
    for columns in (["split", "sas", "siren_epci"], ["split", "sas", "siren_epci", "code_commune"]):
        shown = sent.group_by(columns).agg(pl.col("demandes").sum()).filter(pl.col("demandes") > 0)
        named = shown.filter(pl.col(columns[-1]).is_not_null())
        assert (named.get_column("demandes") >= 5).all()
        # What is left of an EPCI that is told is no giveaway either.
        left = shown.filter(pl.col(columns[-1]).is_null(), pl.col("siren_epci").is_not_null())
        if columns[-1] == "code_commune":
            assert (left.get_column("demandes") >= 5).all()
    # A SAS's own remainder is small only where nothing of it is told.
    apart = sent.filter(pl.col("siren_epci").is_null()).group_by("split", "sas").agg(pl.col("demandes").sum())
    whole = frame.group_by("split", "sas").agg(pl.col("demandes").sum().alias("whole"))
    both = apart.join(whole, on=["split", "sas"]).filter(pl.col("demandes") > 0)
    assert both.filter((pl.col("demandes") < 5) & (pl.col("demandes") < pl.col("whole"))).is_empty()


def test_bookings() -> None:
    def booking(status: str, count: int, hours: float) -> dict[str, Any]:
        return {
            "jour": LUNDI, "sas": "SAS-54", "code_departement": "54", "siren_epci": "", "code_commune": "",
            "modalite": "AMB", "source": "saisie", "statut": status, "classe_delai": "2h", "rendez_vous": count,
            "delai_h": hours,
        }  # fmt: skip

    scan = scanning(
        RENDEZ_VOUS, [booking("fulfilled", 6, 12.0), booking("noshow", 2, 4.0), booking("cancelled", 3, 90.0)]
    )
    measures = ["rendez_vous", "honores", "non_honores", "taux_non_honores", "delai_moyen_h"]
    found = query(SAS_RENDEZ_VOUS, scan, Selection(), measures).collect().row(0)
    assert found == (11, 6, 2, 0.25, 2.0)


def test_coverage_has_no_total_over_the_horizon() -> None:
    def commune(code: str, people: int, seats: list[int]) -> dict[str, Any]:
        row: dict[str, Any] = {
            "jour": LUNDI, "heure": 14, "code_commune": code, "famille": "presentiel", "sas": "SAS-54",
            "code_departement": "54", "siren_epci": "245400676", "population": people,
        }  # fmt: skip
        for name, count in zip(("2h", "4h", "6h", "12h"), seats, strict=True):
            row |= {f"places_{name}": count, f"parts_{name}": float(count)}
        return row

    rows = [
        commune("54001", 10_000, [1, 1, 1, 1]),
        commune("54002", 4000, [1, 1, 2, 2]),
        commune("54003", 1000, [0, 0, 1, 1]),
    ]
    scan = scanning(COUVERTURE, rows)
    found = query(SAS_COUVERTURE, scan, Selection(), ["couverture"], ["horizon"]).collect()
    assert dict(found.iter_rows()) == {
        "2h": pytest.approx(14 / 15),
        "4h": pytest.approx(14 / 15),
        "6h": 1,
        "12h": 1,
    }
    one = query(
        SAS_COUVERTURE, scan, Selection({"horizon": ["6h"]}), ["couverture", "places_atteignables_pour_10000"]
    )
    assert one.collect().row(0) == (1.0, pytest.approx(4 / 1.5))
    # A visit covers C within 2 hours too, and A once more; a consultation at a distance covers everybody, apart.
    home = [commune("54001", 10_000, [1, 1, 1, 1]), commune("54003", 1000, [1, 1, 1, 1])]
    far = [commune(f"5400{n}", people, [1, 1, 1, 1]) for n, people in ((1, 10_000), (2, 4000), (3, 1000))]
    every = [
        *rows,
        *(row | {"famille": "domicile"} for row in home),
        *(row | {"famille": "teleconsultation"} for row in far),
    ]
    two = Selection({"horizon": ["2h"]})

    def covered(selection: Selection, *by: str) -> list[tuple[Any, ...]]:
        return (
            query(SAS_COUVERTURE, scanning(COUVERTURE, every), selection, ["couverture"], list(by))
            .collect()
            .rows()
        )

    assert covered(two) == [(1.0,)]
    assert covered(Selection({"horizon": ["2h"], "famille": ["presentiel"]})) == [(pytest.approx(14 / 15),)]
    assert covered(Selection({"horizon": ["2h"], "famille": ["teleconsultation"]})) == [(1.0,)]
    assert covered(two, "famille") == [
        ("domicile", 1.0), ("presentiel", pytest.approx(14 / 15)), ("teleconsultation", 1.0),
    ]  # fmt: skip
    alone = query(
        SAS_COUVERTURE,
        scanning(COUVERTURE, [row | {"famille": "teleconsultation"} for row in far]),
        two,
        ["couverture"],
    )
    assert alone.collect().row(0) == (0.0,)  # nobody can be seen but at a distance
    with pytest.raises(RefusedCombination, match="pas de total sur l’horizon"):
        query(SAS_COUVERTURE, scan, Selection(), ["couverture"]).collect()


def test_a_week_that_is_not_over_says_its_last_day_published() -> None:
    rows = [offer("A", "lundi", 1), offer("A", "jeudi", 2)]
    rows.append(offer("B", "lundi", 1) | {"jour": LUNDI + timedelta(days=1)})
    scan = scanning(OFFRE, rows)
    found = query(
        SAS_OFFRE, scan, Selection(au=LUNDI + timedelta(days=1)), ["effecteurs_actifs"], ["semaine"]
    )
    assert found.collect().rows() == [("2026-12-28", 1)]


def test_few_bookings_are_told_of_no_commune_while_what_is_offered_there_is() -> None:
    rows = [
        offer("A", "lundi", 20, pris=9, disponibles=11),
        offer("B", "lundi", 20, pris=7, disponibles=13, code_commune="54547"),
        offer("C", "lundi", 20, pris=3, disponibles=17, code_commune="54578"),
        offer("D", "lundi", 20, pris=0, code_commune="54601"),
        offer("E", "lundi", 20, pris=6, code_commune="54099", siren_epci="245400001"),
    ]
    scan = scanning(OFFRE, rows)
    measures = ["creneaux_offerts", "creneaux_pris", "taux_remplissage", "effecteurs"]

    def told(by: str, **selection: Any) -> dict[str | None, tuple[Any, ...]]:
        found = query(SAS_OFFRE, scan, Selection(**selection), measures, [by]).collect()
        return {row[0]: row[1:] for row in found.iter_rows()}

    found = told("code_commune")
    # 3 alone would be the EPCI's total less the others: the 7 goes with it.
    assert found["54395"] == (20, 9, pytest.approx(9 / 20), 1)
    assert found["54547"] == found["54578"] == (20, None, None, 1)
    assert found["54099"] == (20, 6, 0.3, 1)
    assert found["54601"] == (20, 0, 0.0, 1)
    assert sum(row[1] or 0 for row in found.values()) == 25
    assert sum(row[0] or 0 for row in found.values()) == 100
    assert told("siren_epci")["245400001"] == (20, 6, 0.3, 1)
    assert told("sas") == {"SAS-54": (100, 25, pytest.approx(0.25), 5)}
    assert told("jour", filters={"commune": ["54578"]})[LUNDI][:3] == (20, None, None)
    # The same figures, asked alone.
    alone = query(SAS_OFFRE, scan, Selection(), ["creneaux_pris"], ["code_commune"])
    assert dict(alone.collect().iter_rows()) == {name: row[1] for name, row in found.items()}


def test_one_to_four_unmet_demands_are_told_with_the_epci() -> None:
    rows = [
        demand("54001", "E1", 20), demand("54001", "E1", 2, "non_pourvue"),
        demand("54002", "E1", 30), demand("54002", "E1", 8, "non_pourvue"),
        demand("54003", "E1", 12),
        demand("54004", "E1", 31), demand("54004", "E1", 9, "non_pourvue"),
    ]  # fmt: skip
    measures = ["demandes", "demandes_non_pourvues", "part_non_pourvue"]
    found = {row[0]: row[1:] for row in asked(rows, measures, ["code_commune"]).rows()}
    # 2 unmet alone would be the EPCI's less the others: the 8 goes with it.
    assert found == {
        "54001": (22, None, None), "54002": (38, None, None), "54003": (12, 0, 0.0),
        "54004": (40, 9, pytest.approx(9 / 40)), None: (None, 10, None),
    }  # fmt: skip
    assert asked(rows, measures, ["siren_epci"]).rows() == [("E1", 112, 19, pytest.approx(19 / 112))]
