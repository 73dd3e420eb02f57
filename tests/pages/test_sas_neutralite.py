"""« Équité et prévision »: what a pilot reads of a SAS, of few and of enough, with photographs and without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from apps.kit.access import session
from apps.kit.data.mesures_sas import Attendu, Partage, attendus, partage
from apps.sas import neutralite, reserves, words
from lake.catalog.sas import OFFRE, PREVISIONS
from lake.horaires.heures import local_day
from lake.settings import Settings
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.sas import chargement, essais, recherches, registre
from lake.store.sas.fichiers import Lot
from lake.store.sas.recherches import Affichage, Recherche
from lake.tables import Lake
from scoring.sas.mesures.equite import Equite
from tests.pages.drawing import read
from tests.unit.sas_store import lot

SCREEN = """
from apps.kit.shell.screen import draw
from apps.sas.neutralite import NEUTRALITE
draw(NEUTRALITE)
"""
WHO = [f"81000000000{rank}" for rank in range(1, 6)]


def today() -> date:
    """The day in Paris when a test runs: the suite may be collected before midnight and run after."""
    return local_day(datetime.now(UTC))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Five doctors who offer as much; the first is solicited sixteen times, the others twice."""
    monkeypatch.setenv("OBS_LAKE", str(tmp_path / "lac"))
    made = open_store(Settings(lake=str(tmp_path / "lac"), store=f"sqlite:///{tmp_path}/store.db"))
    head = "identifiant,genre,nom,code_commune,longitude,latitude\n"
    people = head + "".join(f"{one},ps,Dr {one},54395,6.184,48.692\n" for one in WHO)
    day = today()
    first = day - timedelta(days=day.weekday() + 28)
    ranges = (
        "identifiant,genre,du,au,ancre,cycle,rang,jour,debut,fin,capacite,duree_min,modalites\n"
        + "".join(
            f"{one},snp,{first},{day + timedelta(days=90)},{first},1,0,1,14:00,18:00,,20,AMB\n" for one in WHO
        )
    )
    chargement.charger(
        made,
        effecteurs=[lot(people, "effecteurs"), Lot("")],
        plages_=lot(ranges, "plages"),
        now=datetime.now(UTC),
    )
    monkeypatch.setattr(session, "store", lambda: made)
    monkeypatch.setattr(neutralite, "open_lake", lambda: Lake(Settings(lake=str(tmp_path / "lac"))))
    yield made
    made.close()


def solicit(store: Store, counts: tuple[int, ...]) -> None:
    for who, count in zip(WHO, counts, strict=True):
        for _ in range(count):
            recherches.solliciter(store, who, "appel", "accepte")


def test_of_few_nothing_is_told_and_without_photographs_neither(store: Store) -> None:
    solicit(store, (3, 0, 0, 0, 0))
    at = AppTest.from_string(SCREEN, default_timeout=30).run()
    assert not at.exception, at.exception
    html = read(at).html.replace("\u202f", " ")
    assert "Non publié : moins de 5 effecteurs ou de 20 sollicitations" in html
    assert "Aucun résultat montré sur la période" in html
    assert "Rien n’est photographié : lancez obs sas photographier." in html


def test_an_unequal_share_is_told_with_its_curve_and_an_order_that_always_says_the_same_first(
    store: Store,
) -> None:
    solicit(store, (16, 2, 2, 2, 2))
    numbers = {one: registre.effecteur(store, one)["id"] for one in WHO}
    asked = Recherche(
        sas="SAS-54", code_commune="54395", precision="commune", preset="medecine_generale", modalites=0, horizon="12h",
        rayon_km=10.0, elargie=0, issue="pourvue", resultats=5, graine=1,
    )  # fmt: skip
    shown = [Affichage(numbers[one], rank, 0, 0, 0, 0, 4) for rank, one in enumerate(WHO, start=1)]
    for minute in range(12):
        recherches.noter(store, asked, shown, now=datetime.now(UTC) - timedelta(minutes=minute))
    found = partage(store, "SAS-54", today() - timedelta(days=27), today())
    assert found.equite.gini == pytest.approx(7 / 15)  # shares 1/12 ×4 and 2/3 of equal offers
    at = AppTest.from_string(SCREEN, default_timeout=30).run()
    assert not at.exception, at.exception
    html = read(at).html.replace("\u202f", " ")
    assert "Partage inégal : 0,47 par place offerte." in html
    assert "La moitié de l’offre, la moins sollicitée, reçoit 20,8 % des sollicitations." in html
    assert "À examiner : l’écart" in html


def test_the_rate_of_an_editor_is_told_by_month_and_of_few_nothing(store: Store) -> None:
    at = datetime(2026, 11, 15, 12, tzinfo=UTC)
    for rank in range(19):
        essais.noter(store, f"v{rank}", "Vif", introuvable=rank < 3, now=at)
        essais.noter(store, f"v{rank}", "Vif", now=at)  # opened again: it counts once, and stays what it was
    assert essais.taux(store, at - timedelta(days=20)).row(0) == (date(2026, 11, 1), "Vif", 19, 3, None)
    assert reserves.sentence(essais.taux(store, at)) == "19 fiches ouvertes : trop peu pour un taux."
    essais.noter(store, "v19", "Vif", now=at)
    essais.noter(store, "v19", "Vif", introuvable=True, now=at)  # told of a line that was opened before
    essais.noter(
        store, "l", "Lent", introuvable=True, now=datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    )  # December here
    found = essais.taux(store, at)
    assert found.rows() == [(date(2026, 12, 1), "Lent", 1, 1, None), (date(2026, 11, 1), "Vif", 20, 4, 0.2)]
    assert reserves.sentence(found).replace("\u202f", " ") == (
        "En novembre 2026, Vif : 20,0 % des fiches ouvertes avaient un créneau qui ne se réservait pas."
    )
    assert reserves.table(found)["Taux"].to_list()[0] is None
    for rank in range(20):  # an editor whose slots are all to be booked is not the one that is named
        essais.noter(store, f"s{rank}", "Sûr", now=at)
    assert reserves.sentence(essais.taux(store, at)).startswith("En novembre 2026, Vif")
    page = AppTest.from_string(SCREEN, default_timeout=30).run()
    assert not page.exception, page.exception
    assert "Les créneaux des éditeurs se réservent-ils" in " ".join(one.value for one in page.subheader)
    assert recherches.purger(store, now=at + timedelta(days=401))["fiches_d_editeurs"] == 40
    assert reserves.sentence(essais.taux(store, at + timedelta(days=60))).startswith(
        "Aucun créneau d’éditeur"
    )


def test_a_forecast_has_its_interval_and_its_past(tmp_path: Path) -> None:
    lake = Lake(Settings(lake=str(tmp_path / "lac")))
    today = date(2027, 3, 29)
    past = [today - timedelta(weeks=week) for week in range(1, 7)]
    photos = [(today, today + timedelta(days=7), "SAS-54", 7, 200)] + [
        (day - timedelta(days=7), day, "SAS-54", 7, 100) for day in past
    ]
    kept = dict(PREVISIONS.dtypes())
    rows = pl.DataFrame(photos, schema=["date_photo", "jour", "sas", "avance", "annonces"], orient="row")
    lake.publish(PREVISIONS, rows.select(list(kept)).cast(kept))  # type: ignore[arg-type]
    offered = pl.DataFrame(
        [
            {
                "jour": day, "identifiant": "A", "lieu": 1, "modalites": "AMB", "source": "saisie",
                "genre_effecteur": "ps", "sas": "SAS-54", "code_departement": "54", "siren_epci": "",
                "code_commune": "54395", "offerts": 100, "absents": 15, "pris": 0, "disponibles": 85,
                "minutes_offertes": 0, "sollicitations": 0,
            }
            for day in past
        ],
        schema=OFFRE.dtypes(),
    )  # fmt: skip
    lake.publish(OFFRE, offered)
    (one,) = attendus(lake, "SAS-54", today)
    assert isinstance(one, Attendu)
    assert one.prevision is not None
    assert (one.annonces, one.prevision.attendu, one.prevision.semaines) == (200, pytest.approx(170), 6)
    assert neutralite.expected([one]).replace("\u202f", " ") == (
        "Lundi 5 avril 2027 : 200 places annoncées, 170 attendues, de 170 à 170 ; cet intervalle a contenu 100,0 % des "
        "semaines passées."
    )
    assert words.short_day(one.jour) == "lun. 05/04/2027"  # its line of the table, on a telephone too
    tomorrow = replace(one, jour=today + timedelta(days=1), avance=1)
    assert neutralite.expected([tomorrow, one]).startswith("Lundi 5 avril")  # a week ahead says more
    assert attendus(lake, "SAS-57", today) == []
    assert attendus(lake, "SAS-54", today + timedelta(days=3)) == [
        one
    ]  # the newest photograph, three days later
    assert attendus(lake, "SAS-54", today + timedelta(days=7)) == []


@pytest.mark.parametrize(
    ("brut", "said"), [(0.5, "accuserait qui offre plus"), (0.1, "ne voit pas ce que chacun offre")]
)
def test_the_raw_index_accuses_only_where_it_is_the_greater(brut: float, said: str) -> None:
    found = Partage(Equite(0.19, brut, None, None, 6, 40, ""), pl.DataFrame())
    assert neutralite.fairness(found).endswith(f", {said}.")
