"""Seats in the store: never twice, never lost, refused in words; on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import sqlalchemy as sa

from lake.catalog.sas import OFFRE
from lake.errors import ContractError, EditConflict, LakeError, Refused, UnknownName
from lake.horaires import creneaux, plages
from lake.store.accounts import accounts
from lake.store.engine import Store
from lake.store.sas import (
    agendas,
    copie,
    inscriptions,
    lieux,
    perimetres,
    planning,
    recherches,
    registre,
    releve,
    roles,
)
from lake.store.sas.fichiers import ouvertures
from lake.store.sas.recherches import Affichage, Recherche
from lake.store.sas.rendez_vous import TENUE, annuler, changer, confirmer, deplacer, reserver
from lake.store.sas.sieges import CreneauRefuse
from lake.store.sas.tables import ABSENCES, EFFECTEURS, RECHERCHES, RENDEZ_VOUS, SOLLICITATIONS, TABLES
from lake.store.schema import METADATA
from scoring.sas.publication import Releve, publier
from tests.unit.sas_store import EFFECTEURS as PEOPLE
from tests.unit.sas_store import MONDAY, MSP, NOW, PLAGES, UN, at, demande, load
from tests.unit.test_sas_publication import communes


def left(store: Store, identifiant: str = UN, now: datetime = NOW) -> dict[str, int]:
    """Hour -> seats left, on Monday."""
    seen = agendas.photo(store, now=now)
    ranges = plages.occurrences(seen.series, seen.exceptions, MONDAY, MONDAY)
    slots = creneaux.creneaux(ranges, seen.absences, seen.taken).filter(pl.col("identifiant") == identifiant)
    return {
        f"{(row[0] + timedelta(hours=1)):%H:%M}": row[1]
        for row in slots.select("debut", "restantes").iter_rows()
    }


def refused(store: Store, asked: object, now: datetime = NOW) -> CreneauRefuse:
    with pytest.raises(CreneauRefuse) as told:
        reserver(store, asked, now=now)  # type: ignore[arg-type]
    return told.value


def test_forty_at_once_on_three_seats(store: Store) -> None:
    load(store)

    def one(rank: int) -> str:
        try:
            return reserver(store, demande(at(9), f"k{rank}", MSP), now=NOW)
        except CreneauRefuse as refusal:
            return f"{refusal.raison}, {len(refusal.suivants)} ensuite"

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(one, range(40)))
    assert answers.count("pris, 2 ensuite") == 37
    assert len({one for one in answers if one.startswith("SAS-")}) == 3
    with store.reading() as connection:
        assert sorted(connection.execute(sa.select(RENDEZ_VOUS.c.siege)).scalars()) == [1, 2, 3]


def test_two_at_once_on_a_range_of_five_take_its_first_two_seats_and_three_are_left(store: Store) -> None:
    load(store, plages=PLAGES.replace(f"{MSP},snp,2026-11-30,2027-06-30,2026-11-30,1,0,1,08:00,12:00,3,",
                                      f"{MSP},snp,2026-11-30,2027-06-30,2026-11-30,1,0,1,08:00,12:00,5,"))  # fmt: skip
    with ThreadPoolExecutor(2) as pool:
        found = set(
            pool.map(lambda rank: reserver(store, demande(at(9), f"k{rank}", MSP), now=NOW), range(2))
        )
    assert len(found) == 2
    with store.reading() as connection:
        taken = connection.execute(sa.select(RENDEZ_VOUS.c.siege, RENDEZ_VOUS.c.serie_id)).all()
    assert sorted(one for one, _ in taken) == [1, 2]
    assert len({serie for _, serie in taken}) == 1
    seen = agendas.photo(store, now=NOW)
    slots = creneaux.creneaux(
        plages.occurrences(seen.series, seen.exceptions, MONDAY, MONDAY), None, seen.taken
    )
    assert slots.filter(pl.col("identifiant") == MSP)["restantes"].to_list() == [3]


def test_eight_writers_of_one_hour_make_one_range(store: Store) -> None:
    load(store, plages="")

    def add(rank: int) -> bool:
        try:
            planning.ajouter(
                store, UN, jour=1, debut_min=8 * 60 + 5 * rank, fin_min=10 * 60, du=MONDAY, au=MONDAY, modalites=1,
                duree_min=20, now=NOW,
            )  # fmt: skip
        except ContractError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(add, range(8))) == 1


def test_home_visits_have_a_perimeter_in_minutes_or_communes_and_never_none(store: Store) -> None:
    load(store, plages="")
    place = registre.lieux(store, UN)[0]["id"]
    durees = {"AMB": 15, "HH": 30, "VR": 10}

    def set_to(minutes: float, *communes: str) -> None:
        perimetres.regler(
            store, UN, lieu=place, perimetre_min=minutes, durees=durees, communes=communes, now=NOW
        )

    def visits() -> int:
        return planning.ajouter(store, UN, jour=1, debut_min=480, fin_min=600, du=MONDAY, au=MONDAY, modalites=2,
                                duree_min=30, now=NOW)  # fmt: skip

    set_to(0)
    with pytest.raises(ContractError, match="aucun périmètre où les faire"):
        visits()
    set_to(0, "54547", "2A004", "54547")
    assert agendas.photo(store, now=NOW).effecteurs["perimetre_communes"][0] == "2A004|54547"
    visits()
    for wrong in (("5439",), ("54395|54547",), ("nancy",)):
        with pytest.raises(ContractError, match="Code de commune illisible"):
            set_to(0, *wrong)
    with pytest.raises(ContractError, match="401 communes, 400 au plus"):
        set_to(0, *(f"{54000 + rank}" for rank in range(401)))
    with pytest.raises(ContractError, match="aucun périmètre où les faire"):
        set_to(0)
    set_to(20)
    assert registre.lieux(store, UN)[0]["perimetre_communes"] == ""


def test_a_place_is_closed_while_the_others_stay(store: Store) -> None:
    load(store)
    load(
        store,
        effecteurs=PEOPLE.splitlines()[0] + f"\n{UN},ps,Dr Fictive Un,54547,6.17,48.66\n",
        plages="",
    )
    here, there = (row["id"] for row in registre.lieux(store, UN))
    planning.ajouter(store, UN, jour=2, debut_min=480, fin_min=600, du=MONDAY, au=MONDAY + timedelta(days=30),
                     modalites=1, duree_min=20, lieu=there, now=NOW)  # fmt: skip
    kept = reserver(store, demande(at(14), "a"), now=NOW)
    assert lieux.fermer(store, UN, here, True, auteur="a@ex.fr", now=NOW)
    assert not lieux.fermer(store, UN, here, True, now=NOW)  # twice is once
    told = refused(store, demande(at(15), "b"))
    assert told.raison == "indisponible"
    reserver(
        store, demande(datetime(2026, 12, 1, 7, tzinfo=UTC), "c"), now=NOW
    )  # Tuesday, at the other place
    after = refused(store, demande(datetime(2026, 12, 1, 7, tzinfo=UTC), "d"))
    assert (after.raison, after.suivants[0]) == ("pris", datetime(2026, 12, 1, 7, 20, tzinfo=UTC))
    seen = agendas.photo(store, now=NOW).effecteurs.filter(identifiant=UN)
    assert seen.select("lieu", "indisponible").rows() == [(here, True), (there, False)]
    # It is offered no more by the measures either, from then on; the booking made there stays.
    offers = publier(Releve(**releve.relever(store, MONDAY, MONDAY + timedelta(days=7))), communes(), MONDAY,
                     MONDAY + timedelta(days=7), MONDAY)[OFFRE].filter(identifiant=UN)  # fmt: skip
    by_place = offers.group_by("code_commune").agg(pl.col("disponibles").sum())
    assert dict(by_place.iter_rows()) == {"54395": 0, "54547": 5}
    assert changer(store, kept, "fulfilled", now=NOW + timedelta(hours=12)) is None
    assert lieux.fermer(store, UN, here, False, now=NOW)
    reserver(store, demande(at(15), "b"), now=NOW)
    with pytest.raises(LakeError, match="n'est pas de cet agenda"):
        lieux.fermer(store, UN, registre.lieux(store, MSP)[0]["id"], True)


def test_a_week_is_copied_as_it_is_and_what_cannot_be_is_told(store: Store) -> None:
    load(store)
    week, ahead = MONDAY, [MONDAY + timedelta(weeks=one) for one in (1, 2, 17)]
    end = timedelta(days=6)
    number = planning.ajouter(store, UN, jour=2, debut_min=540, fin_min=600, du=week, au=week + end, modalites=1,
                              duree_min=20, now=NOW)  # fmt: skip
    planning.ajouter(store, UN, jour=3, debut_min=1380, fin_min=1500, du=week, au=week + end, modalites=4,
                     duree_min=10, genre="surbooking", now=NOW)  # fmt: skip
    planning.differer(
        store, number, week + timedelta(days=1), "deplacee", debut_min=570, fin_min=630, now=NOW
    )
    # The second week has something in the way; the last one begins the day after the change of the clock.
    planning.ajouter(store, UN, jour=2, debut_min=600, fin_min=660, du=ahead[1], au=ahead[1] + end, modalites=1,
                     duree_min=20, now=NOW)  # fmt: skip
    with store.reading() as connection:
        seen = agendas.of_one(connection, registre.effecteur(store, UN)["id"], NOW)
    lines = copie.preparer(seen, week, ahead, NOW)
    assert [(f"{one.jour:%d/%m}", one.debut_min, one.genre, one.refus) for one in lines] == [
        ("07/12", 840, "snp", "déjà là"), ("08/12", 570, "snp", ""), ("09/12", 1380, "surbooking", ""),
        ("14/12", 840, "snp", "déjà là"), ("15/12", 570, "snp", "chevauche la plage de 10:00 à 11:00"),
        ("16/12", 1380, "surbooking", ""), ("29/03", 840, "snp", "déjà là"), ("30/03", 570, "snp", ""),
        ("31/03", 1380, "surbooking", ""),
    ]  # fmt: skip
    with pytest.raises(LakeError, match="vient de changer"):
        copie.copier(store, UN, week, ahead, vues=lines[1:], now=NOW)
    assert copie.copier(store, UN, week, ahead, vues=lines, auteur="a@ex.fr", now=NOW) == lines
    with pytest.raises(LakeError, match="Aucune plage à copier"):  # once more: everything is there
        copie.copier(store, UN, week, ahead, now=NOW)
    found = plages.occurrences(agendas.photo(store, now=NOW).series, None, ahead[2], ahead[2] + end)
    mine = found.filter(pl.col("identifiant") == UN, pl.col("genre") == "snp")["debut"].to_list()
    assert [f"{one.astimezone(ZoneInfo('Europe/Paris')):%d %H:%M}" for one in mine] == [
        "29 14:00",
        "30 09:30",
    ]
    past = copie.preparer(seen, week, [week - timedelta(weeks=1)], NOW)
    assert {one.refus for one in past} == {"ce jour est passé"}
    many = [week + timedelta(weeks=rank) for rank in range(1, 28)]
    for wrong, said in (([week + timedelta(days=1)], "par son lundi"), (many, "26 semaines au plus")):
        with pytest.raises(LakeError, match=said):
            copie.preparer(seen, week, wrong, NOW)


def test_a_date_removed_stays_removed_when_its_series_changes_its_hours(store: Store) -> None:
    """The fifteenth of April 2027, a Thursday, removed from a weekly series; then the series moved by an hour."""
    load(store, plages=(
        "identifiant,genre,du,au,ancre,cycle,rang,jour,debut,fin,capacite,duree_min,modalites\n"
        f"{UN},snp,2027-04-01,2027-04-30,2027-03-29,1,0,4,14:00,16:00,,20,AMB\n"
    ))  # fmt: skip
    (serie,) = agendas.photo(store, now=NOW).series["serie"].to_list()
    planning.differer(store, serie, date(2027, 4, 15), "supprimee", now=NOW)
    planning.modifier(store, serie, des=date(2027, 4, 1), debut_min=15 * 60, fin_min=17 * 60, now=NOW)
    seen = agendas.photo(store, now=NOW)
    found = plages.occurrences(seen.series, seen.exceptions, date(2027, 4, 1), date(2027, 4, 30))
    assert found["date_locale"].dt.day().to_list() == [1, 8, 22, 29]
    assert found["debut"].dt.hour().unique().to_list() == [13]  # 15:00 in summer


def test_the_same_key_three_times_at_once_is_one_booking(store: Store) -> None:
    load(store)
    with ThreadPoolExecutor(3) as pool:
        found = set(pool.map(lambda _: reserver(store, demande(at(14), "même"), now=NOW), range(3)))
    assert len(found) == 1
    assert left(store)["14:00"] == 0
    with store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(SOLLICITATIONS)).scalar_one() == 1


def test_a_refusal_says_why_and_what_is_next(store: Store) -> None:
    load(store, absences=f"identifiant,debut,fin\n{UN},2026-11-30T15:10,2026-11-30T16:00\n")
    reserver(store, demande(at(14), "a"), now=NOW)
    taken = refused(store, demande(at(14), "b"))
    assert (taken.raison, str(taken)) == (
        "pris",
        "Réservation refusée : cette place vient d'être prise. Prochaines places : 2026-11-30T14:20:00+01:00, "
        "2026-11-30T14:40:00+01:00, 2026-11-30T16:00:00+01:00.",
    )
    assert refused(store, demande(at(15), "c")).raison == "absence"
    assert refused(store, demande(at(12), "d")).raison == "retire"
    assert refused(store, demande(at(14, 20), "e", modalite="HH")).raison == "modalite"
    assert refused(store, demande(at(14, 20), "f"), now=at(14, 30)).raison == "passe"
    assert refused(store, demande(at(17, 50), "g")).raison == "retire"  # it would end after the range
    with pytest.raises(UnknownName):
        reserver(store, demande(at(14, 20), "h", modalite="TEL"), now=NOW)
    with pytest.raises(LakeError, match="Aucun effecteur"):
        reserver(store, demande(at(14, 20), "i", "810000000009"), now=NOW)


def test_what_one_books_while_another_reads_is_told_at_the_confirmation(store: Store) -> None:
    load(store)
    held = reserver(store, demande(at(14), "tenue"), tenir=True, now=NOW)
    assert left(store)["14:00"] == 0
    later = NOW + TENUE + timedelta(seconds=1)
    assert left(store, now=later)["14:00"] == 1  # a hold that is over holds nothing
    other = reserver(store, demande(at(14), "autre"), now=later)
    with pytest.raises(LakeError):  # the hold was erased by who took its seat
        confirmer(store, held, now=later)
    assert confirmer(store, other, now=later) == other


def test_a_hold_confirmed_late_takes_its_seat_again_when_nobody_did(store: Store) -> None:
    load(store)
    held = reserver(store, demande(at(14), "tenue"), tenir=True, now=NOW)
    assert confirmer(store, held, now=NOW + 2 * TENUE) == held
    assert confirmer(store, held, now=NOW + 2 * TENUE) == held
    assert left(store, now=NOW + 3 * TENUE)["14:00"] == 0


def test_an_absence_and_a_booking_at_once_see_each_other(store: Store) -> None:
    for turn in range(4):
        day = MONDAY + timedelta(days=7 * turn)
        begin = datetime(day.year, day.month, day.day, 13, 0, tzinfo=UTC)
        if turn == 0:
            load(store)

        def book(begin: datetime = begin, turn: int = turn) -> bool:
            try:
                return bool(reserver(store, demande(begin, f"t{turn}"), now=NOW))
            except CreneauRefuse as refusal:
                return refusal.raison != "absence"

        def leave(begin: datetime = begin) -> int:
            return rendez_vous_touched(store, begin)

        with ThreadPoolExecutor(2) as pool:
            booked, seen = pool.submit(book), pool.submit(leave)
            assert booked.result() == bool(seen.result())


def rendez_vous_touched(store: Store, begin: datetime) -> int:
    """Write an absence under the person's lock; how many bookings it saw."""
    with store.writing() as connection:
        person = agendas.locked(connection, UN)
        seen = connection.execute(
            sa.select(sa.func.count())
            .select_from(RENDEZ_VOUS)
            .where(
                RENDEZ_VOUS.c.effecteur_id == person["id"], RENDEZ_VOUS.c.debut == begin, agendas.holding(NOW)
            )
        ).scalar_one()
        connection.execute(
            sa.insert(ABSENCES).values(
                effecteur_id=person["id"], debut=begin, fin=begin + timedelta(hours=2), cree_le=NOW
            )
        )
        agendas.written(connection, person["id"])
    return int(seen)


def test_states_only_go_forward_and_nothing_leaves_cancelled(store: Store) -> None:
    load(store)
    code = reserver(store, demande(at(14), "a"), now=NOW)
    changer(store, code, "noshow", now=NOW)
    changer(store, code, "fulfilled", now=NOW)
    with pytest.raises(LakeError, match="« honoré » : il ne peut pas devenir « annulé »"):
        annuler(store, code, now=NOW)
    other = reserver(store, demande(at(14, 20), "b"), now=NOW)
    annuler(store, other, now=NOW + timedelta(minutes=4))
    annuler(store, other, now=NOW)  # twice is once
    with pytest.raises(LakeError):
        confirmer(store, other, now=NOW)
    assert left(store)["14:20"] == 1
    with store.reading() as connection:  # undone within five minutes: nobody was disturbed
        assert connection.execute(sa.select(SOLLICITATIONS.c.reference)).scalars().all() == [code]


def test_a_booking_moves_or_stays(store: Store) -> None:
    load(store)
    first = reserver(store, demande(at(14), "a"), now=NOW)
    reserver(store, demande(at(16), "b"), now=NOW)
    with pytest.raises(CreneauRefuse):
        deplacer(store, first, demande(at(16), "c"), now=NOW)
    assert left(store)["14:00"] == 0
    moved = deplacer(store, first, demande(at(17), "d"), now=NOW)
    assert (left(store)["14:00"], left(store)["17:00"]) == (1, 0)
    assert deplacer(store, first, demande(at(17), "d"), now=NOW) == moved
    # To another person, and half an hour later on its own seat.
    away = deplacer(store, moved, demande(at(9), "e", MSP), now=NOW)
    assert (left(store)["17:00"], left(store, MSP)["08:00"]) == (1, 2)
    assert deplacer(store, away, demande(at(9, 30), "f", MSP), now=NOW) != away
    assert left(store, MSP)["08:00"] == 2


def test_a_booking_of_another_length_leaves_no_double_booking(store: Store) -> None:
    load(store)
    reserver(store, demande(at(14, 10), "a", duree_min=45), now=NOW)
    for minute in (0, 20, 40):
        assert refused(store, demande(at(14, minute), f"b{minute}")).raison == "pris"
    assert [hour for hour, seats in left(store).items() if seats][:2] == ["14:55", "15:15"]


def test_a_range_entered_anew_knows_that_its_hour_is_taken(store: Store) -> None:
    load(store)
    code = reserver(store, demande(at(14, 20), "a"), now=NOW)
    serie = int(agendas.photo(store, now=NOW).series.filter(pl.col("identifiant") == UN)["serie"][0])
    with pytest.raises(EditConflict):
        planning.retirer(store, serie, vus=[], now=NOW)
    touched = planning.retirer(store, serie, vus=[code], now=NOW)
    assert [(one.reference, one.debut) for one in touched] == [(code, at(14, 20))]
    planning.ajouter(
        store,
        UN,
        jour=1,
        debut_min=14 * 60,
        fin_min=15 * 60,
        du=MONDAY,
        au=MONDAY,
        modalites=1,
        duree_min=20,
        now=NOW,
    )
    assert left(store) == {"14:00": 1, "14:20": 0, "14:40": 1}
    assert refused(store, demande(at(14, 20), "b")).raison == "pris"


def test_a_series_edited_keeps_the_dates_that_differ_and_the_seats_taken(store: Store) -> None:
    load(store)
    serie = int(agendas.photo(store, now=NOW).series.filter(pl.col("identifiant") == UN)["serie"][0])
    gone, later = MONDAY + timedelta(days=7), MONDAY + timedelta(days=14)
    planning.differer(store, serie, gone, "supprimee", now=NOW)
    reserver(store, demande(at(14, 20) + timedelta(days=14), "a"), now=NOW)
    new = planning.modifier(store, serie, des=MONDAY, debut_min=13 * 60 + 40, now=NOW)
    seen = agendas.photo(store, now=NOW)
    ranges = plages.occurrences(seen.series, seen.exceptions, MONDAY, later).filter(
        pl.col("identifiant") == UN
    )
    assert ranges["date_locale"].to_list() == [MONDAY, later]
    assert ranges["serie"].unique().to_list() == [new]
    slots = creneaux.creneaux(ranges, seen.absences, seen.taken)
    assert slots.filter(pl.col("date_locale") == later, pl.col("restantes") == 0)["debut"].to_list() == [
        at(14, 20) + timedelta(days=14)
    ]
    with pytest.raises(ContractError, match="chevauche celle du lundi, 13:40 à 18:00"):
        planning.ajouter(
            store,
            UN,
            jour=1,
            debut_min=17 * 60,
            fin_min=19 * 60,
            du=MONDAY,
            au=later,
            modalites=1,
            duree_min=20,
            now=NOW,
        )


def test_a_series_moved_to_another_day_takes_its_dates_along(store: Store) -> None:
    load(store)
    serie = int(agendas.photo(store, now=NOW).series.filter(pl.col("identifiant") == UN)["serie"][0])
    week = timedelta(days=7)
    planning.differer(store, serie, MONDAY + week, "supprimee", now=NOW)
    planning.differer(store, serie, MONDAY + 2 * week, "deplacee", debut_min=600, fin_min=660, now=NOW)
    code = reserver(store, demande(at(14, 20) + 3 * week, "a"), now=NOW)
    thursday = MONDAY + timedelta(days=3)
    planning.modifier(store, serie, des=MONDAY, jour=4, now=NOW)
    seen = agendas.photo(store, now=NOW)
    ranges = plages.occurrences(seen.series, seen.exceptions, MONDAY, MONDAY + 4 * week).filter(
        pl.col("identifiant") == UN
    )
    # The week without it has none, the one with other hours keeps them, on their new day; the booking stays.
    assert ranges["date_locale"].to_list() == [thursday, thursday + 2 * week, thursday + 3 * week]
    hours = [(end - begin).seconds // 60 for begin, end in ranges.select("debut", "fin").iter_rows()]
    assert hours == [240, 60, 240]
    kept = registre.of_effecteur(store, UN, NOW, NOW + 5 * week)
    assert [(one["reference"], one["debut"]) for one in kept] == [(code, at(14, 20) + 3 * week)]
    # Back to Monday from a Thursday on: that week's Monday is over, what differed there has nowhere to be.
    new = int(seen.series.filter(pl.col("identifiant") == UN)["serie"][0])
    planning.modifier(store, new, des=thursday + 2 * week, jour=1, now=NOW)
    seen = agendas.photo(store, now=NOW)
    days = plages.occurrences(seen.series, seen.exceptions, MONDAY + 2 * week, MONDAY + 3 * week)
    assert days.filter(pl.col("identifiant") == UN)["date_locale"].to_list() == [MONDAY + 3 * week]


def test_three_weeks_unavailable_are_reminded(store: Store) -> None:
    load(store)
    planning.dire_indisponible(store, UN, True, now=NOW)
    planning.dire_indisponible(store, UN, True, now=NOW + timedelta(days=3))
    with store.reading() as connection:
        row = connection.execute(
            sa.select(EFFECTEURS.c.indisponible_le, EFFECTEURS.c.rappel_le).where(
                EFFECTEURS.c.identifiant == UN
            )
        ).one()
    assert tuple(row) == (NOW, NOW + timedelta(days=21))
    assert refused(store, demande(at(14), "a")).raison == "indisponible"
    planning.dire_indisponible(store, UN, False, now=NOW)
    assert reserver(store, demande(at(14), "a"), now=NOW)
    assert [one.debut for one in planning.quitter(store, UN, now=NOW)] == [at(14)]


def test_an_unavailable_or_unproved_person_gives_no_seat(store: Store) -> None:
    load(store)
    for change in (
        {"indisponible_le": NOW},
        {"indisponible_le": None, "preuve": ""},
        {"preuve": "psc", "etat": "retire"},
    ):
        with store.writing() as connection:
            connection.execute(sa.update(EFFECTEURS).where(EFFECTEURS.c.identifiant == UN).values(**change))
        assert refused(store, demande(at(14), "a")).raison == "indisponible"
        assert agendas.photo(store, now=NOW).effecteurs.filter(pl.col("identifiant") == UN)[
            "indisponible"
        ].to_list() == [True]


def test_searches_of_one_need_are_one_demand(store: Store) -> None:
    load(store)
    one = Recherche("SAS-54", "54395", "commune", "medecine_generale", 0, "4h", 10.0, 0, "pourvue", 2, 7)
    shown = [Affichage(agendas.photo(store, now=NOW).effecteurs["effecteur_id"][0], 1, 0, 0, 0, 0, 3)]
    recherches.noter(store, one, shown, now=NOW)
    recherches.noter(store, one, now=NOW + timedelta(minutes=10))
    recherches.noter(store, one, now=NOW + timedelta(minutes=40))
    with store.reading() as connection:
        demands = (
            connection.execute(sa.select(RECHERCHES.c.demande).order_by(RECHERCHES.c.id)).scalars().all()
        )
    assert (demands[0] == demands[1], demands[1] == demands[2]) == (True, False)
    assert recherches.purger(store, now=NOW + timedelta(days=31))["affichages"] == 1
    recherches.solliciter(store, UN, "appel", "refuse", now=NOW)
    recherches.solliciter(store, UN, "appel", "accepte", now=NOW - timedelta(days=1))
    asked = agendas.solicited(store, NOW - timedelta(days=7), NOW - timedelta(days=1))
    assert asked.select("sollicitations", "semaine").row(0) == (2, 1)
    assert agendas.solicited(store, NOW - timedelta(days=7), NOW)["semaine"].to_list() == [0]
    with pytest.raises(UnknownName):
        recherches.solliciter(store, UN, "pigeon", "refuse", now=NOW)


def test_opening_hours_come_with_a_file_and_replace_the_older(store: Store) -> None:
    head = "identifiant,genre,nom,code_commune,longitude,latitude,ouverture\n"
    line = f"{MSP},structure,MSP,54395,6.19,48.69,"
    load(store, effecteurs=head + line + "1-5 08:00-19:00; 6 9h-12h\n", plages="")
    load(store, effecteurs=head + line + "1 08:30-12:00\n", plages="")
    assert [(row["jour"], row["debut_min"], row["fin_min"]) for row in registre.horaires(store)] == [
        (1, 510, 720)
    ]
    assert ouvertures("1-2 8h-12h; 8 10:00-24:00") == [(1, 480, 720), (2, 480, 720), (8, 600, 1440)]
    for wrong in ("lundi", "1-5 19:00-08:00", "9 08:00-09:00"):
        with pytest.raises(ContractError):
            ouvertures(wrong)


LONG_TEXTS = {
    ("sas_effecteurs", "nom"), ("sas_effecteurs", "actes"), ("sas_effecteurs", "equipements"), ("sas_lieux", "libelle"),
    ("sas_lieux", "perimetre_communes"),
    ("sas_rendez_vous", "cle"), ("sas_rendez_vous", "identifiant_externe"), ("sas_chartes", "texte"),
}  # fmt: skip
"""Texts of professionals and of the charter; codes of communes; a digest; an editor's identifier. None of a patient."""


def test_no_column_has_a_place_for_a_patient() -> None:
    mine = [table for name, table in METADATA.tables.items() if name.startswith("sas_")]
    assert {table.name for table in mine} >= {table.name for table in TABLES}
    long = {
        (table.name, column.name)
        for table in TABLES
        for column in table.columns
        if isinstance(column.type, sa.String) and (column.type.length is None or column.type.length > 60)
    }
    assert long == LONG_TEXTS
    words = (
        "patient",
        "naissance",
        "adresse",
        "prenom",
        "telephone",
        "courriel",
        "email",
        "commentaire",
        "motif",
    )
    assert not [
        f"{table.name}.{column.name}"
        for table in TABLES
        for column in table.columns
        if any(word in column.name for word in words)
    ]
    for table in ("sas_recherches", "sas_rendez_vous"):
        assert not {"longitude", "latitude", "libelle", "nom"} & set(METADATA.tables[table].c.keys())


def test_two_files_at_once_give_one_account_to_a_professional_who_has_no_agenda(store: Store) -> None:
    """No agenda to lock: the database keeps the first account that bears an RPPS, and the other file is told of it."""
    files = [
        inscriptions.lire(
            store,
            f"rpps,email,nom,prenom,role,sas\n10100000001,{name}@ex.fr,Zed,{name},regulateur,SAS-54\n".encode(),
            None,
        )
        for name in ("anne", "bruno")
    ]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda lines: inscriptions.creer(store, lines, now=NOW), files))
    assert sorted(len(one.crees) for one in done) == [0, 1]
    ((refused_,),) = [one.refus for one in done if one.refus]
    assert refused_.refus == "ce professionnel vient d'être inscrit par ailleurs : rechargez"
    bearers = [one for one in accounts.everyone(store) if one.rpps == "10100000001"]
    assert len(bearers) == 1
    assert [one.compte_id for one in roles.affectations(store)] == [bearers[0].id]
    other = accounts.create(
        store, email="c@ex.fr", nom="C", prenom="C", organisation="", profil="grand_public"
    )
    with pytest.raises(Refused, match=r"déjà celui d'un compte \(SAS-54\)"):
        accounts.change(store, other.id, "", rpps="10100000001")
