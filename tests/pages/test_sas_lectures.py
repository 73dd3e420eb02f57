"""What each screen of the SAS reads, as it was approved; see :mod:`tests.pages.test_approved_readings`.

A small region at eight in the morning of Monday the 30th of November 2026, on a clock that is held: agendas with an
absence, bookings, a delegation, a perimetre, notices; each screen read by whom it is for.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pydeck
import pytest
import sqlalchemy as sa
import time_machine
from streamlit.testing.v1 import AppTest

from apps.kit.access import session
from apps.sas import acces, declaration, perimetre, questions
from lake.settings import Settings
from lake.store.accounts import accounts, sessions
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.sas import (
    agendas,
    chargement,
    delegations,
    lieux,
    planning,
    profil,
    recherches,
    registre,
    rendez_vous,
    roles,
)
from lake.store.sas.fichiers import Lot, lire
from lake.store.sas.sieges import Demande
from lake.store.sas.tables import EFFECTEURS
from tests.pages.shown import whole
from tests.pages.test_approved_readings import assert_approved
from tests.pages.test_sas_comptes import DEUX, PEOPLE, SCREEN, UN, peopled
from tests.pages.test_sas_consultation import Places

NOW = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
MSP = "1540000012"
STRUCTURE = (
    "identifiant,genre,nom,code_commune,longitude,latitude,ouverture\n"
    f"{MSP},structure,Maison de santé Fictive,54547,6.17,48.66,1-5 08:00-20:00\n"
)
PLAGES = (
    "identifiant,genre,du,au,ancre,cycle,rang,jour,debut,fin,capacite,duree_min,modalites\n"
    + "\n".join(
        (
            f"{UN},snp,2026-11-30,2027-06-30,2026-11-30,1,0,1,14:00,18:00,,20,AMB|VR",
            f"{UN},snp,2026-11-30,2027-06-30,2026-11-30,2,1,4,09:00,12:00,,30,TLC",
            f"{DEUX},snp,2026-11-30,2027-06-30,2026-11-30,2,1,1,09:00,12:00,,15,AMB",
            f"{MSP},snp,2026-11-30,2027-06-30,2026-11-30,1,0,1,08:00,12:00,3,20,AMB",
        )
    )
    + "\n"
)
SEARCH = "12 rue des Glycines, Nancy"


def searched(at: AppTest) -> AppTest:
    return at.text_input[0].set_value(SEARCH).run()


def said(at: AppTest, kind: str, label: str) -> AppTest:
    """The screen once the first widget of a kind that bears this label is used: pressed, or its first value taken."""
    one = next(one for one in getattr(at, kind) if one.label == label)
    if kind == "selectbox":
        return one.select_index(0).run()  # type: ignore[no-any-return]
    return (one.click() if kind == "button" else one.set_value(True)).run()  # type: ignore[no-any-return]


STATES: dict[str, tuple[str, str, Callable[[AppTest], AppTest]]] = {
    "consultation": ("regul", "sas-consultation", lambda at: at),
    "consultation-cherchee": ("regul", "sas-consultation", lambda at: searched(at)),
    "consultation-inconnue": ("regul", "sas-consultation", lambda at: at.text_input[0].set_value("Metz").run()),
    "orientations": ("regul", "sas-orientations", lambda at: at),
    "agenda": ("anne", "sas-agenda", lambda at: at),
    "agenda-dans-trois-jours": ("anne", "sas-agenda", lambda at: at.selectbox(key="sas_semaine").set_value(1).run()),
    "rejoindre": ("personne", "sas-rejoindre", lambda at: at),
    "comptes-local": ("local", "sas-comptes", lambda at: at),
    "comptes-region": ("region", "sas-comptes", lambda at: at),
    "equite": ("region", "sas-equite", lambda at: at),
    "sans-creneau": ("region", "sas-comptes", lambda at: said(at, "toggle", "Montrer les effecteurs sans créneau")),
    "comptes-d-un-compte": ("local", "sas-comptes", lambda at: said(at, "selectbox", "Compte")),
    "indisponibles": ("regul", "sas-consultation", lambda at: said(searched(at), "toggle", "Voir les indisponibles")),
    "reserver": ("regul", "sas-consultation", lambda at: said(searched(at), "button", "Réserver")),
    "retour": ("anne", "sas-retour", lambda at: at),
    "territoires": ("region", "sas-territoires", lambda at: at),
}  # fmt: skip
"""Name of a reading -> who reads, the address, what they do there."""


class Around(Places):
    """The places that the finder knows, and the communes around one."""

    def reached(self, *_given: object) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "code_commune": ["54395", "54547", "54304"],
                "commune": ["Nancy", "Vandœuvre-lès-Nancy", "Laxou"],
                "longitude": [6.18, 6.17, 6.15],
                "latitude": [48.69, 48.66, 48.68],
                "trajet_min": [1.0, 6.0, 18.0],
            }
        )


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """The clock is held before any account is made."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two stores, made once and copied: the SAS at work, and the same where much happens."""
    folder = tmp_path_factory.mktemp("sas")
    with time_machine.travel(NOW, tick=False):
        made = open_store(Settings(store=f"sqlite:///{folder}/travail.db"))
        _work(made)
        made.close()
        shutil.copy(folder / "travail.db", folder / "charge.db")
        made = open_store(Settings(store=f"sqlite:///{folder}/charge.db"))
        _much(made)
        made.close()
    return folder


def _work(store: Store) -> None:
    """A state of everything that the screens tell."""
    chargement.charger(store, effecteurs=[lire(PEOPLE.encode(), "e", "effecteurs"), Lot("")])
    people = peopled(store)
    chargement.charger(
        store,
        effecteurs=[lire(PEOPLE.encode(), "e", "effecteurs"), lire(STRUCTURE.encode(), "s", "effecteurs")],
        plages_=lire(PLAGES.encode(), "p", "plages"),
    )
    monday = datetime(2026, 11, 30, 13, 0, tzinfo=UTC)
    for who, start, key in ((UN, 0, "a"), (UN, 1, "b"), (MSP, -4, "c")):
        asked = Demande(who, monday + timedelta(hours=start), "AMB", key, sas="SAS-54", auteur="regul@ex.fr")
        booked = rendez_vous.reserver(store, replace(asked, regulateur_id=people["regul"].id))
    rendez_vous.annuler(store, booked)
    thursday = datetime(2026, 12, 3, 8, 0, tzinfo=UTC)
    planning.absenter(store, UN, thursday, thursday + timedelta(hours=2))
    planning.dire_indisponible(store, DEUX, True)
    profil.decrire(store, UN, replace(profil.lire(store, UN), langues=("fr", "de"), equipements=("ecg",)))
    number = int(agendas.photo(store).effecteurs.filter(identifiant=UN)["effecteur_id"][0])
    delegations.deleguer(store, number, people["personne"].id)
    roles.affecter(store, None, people["anne"].id, "SAS-54", roles.EFFECTEUR)
    recherches.solliciter(store, MSP, "appel", "refuse")
    recherches.solliciter(store, UN, "appel", "accepte")


def _people(rank: int) -> str:
    """One of many around the place searched, the farther the later."""
    return f"8200000000{rank:02},ps,Dr Suite {rank:02},54395,{6.18 + rank / 1000:.3f},48.69,"


BUSY_PEOPLE = "identifiant,genre,nom,code_commune,longitude,latitude,ouverture\n" + "\n".join(
    [
        f"{UN},ps,Dr Anne Fictive,54547,6.17,48.66,",
        *(_people(rank) for rank in range(1, 36)),
        "1540000021,structure,Maison fermée,54395,6.181,48.69,1-5 14:00-20:00",
        "1540000022,structure,Maison sans horaires,54395,6.181,48.691,",
        "1540000023,structure,Maison de garde,54395,6.181,48.692,1-8 00:00-24:00",
    ]
)
BUSY_PLAGES = (
    "identifiant,genre,du,au,ancre,cycle,rang,jour,debut,fin,capacite,duree_min,modalites,code_commune\n"
    + "\n".join(
        [
            # Over since Sunday, not begun, ordinary hours, hours of the night before, and the second place.
            f"{UN},snp,2026-10-05,2026-11-29,2026-10-05,1,0,2,09:00,12:00,,20,AMB,54395",
            f"{UN},snp,2026-12-08,2027-06-30,2026-12-07,1,0,2,09:00,12:00,,20,AMB,54395",
            f"{UN},consultation,2026-11-30,2027-06-30,2026-11-30,1,0,3,09:00,12:00,,20,AMB,54395",
            f"{UN},snp,2026-11-23,2027-06-30,2026-11-23,1,0,7,22:00,23:00,,20,VR,54395",
            f"{UN},snp,2026-11-30,2027-06-30,2026-11-30,1,0,5,14:00,16:00,,20,AMB,54547",
            *(
                f"8200000000{rank:02},snp,2026-11-30,2026-12-06,2026-11-30,1,0,{day},{begin:02}:00,{begin + 1:02}:00,"
                ",20,AMB,54395"
                for rank, day, begin in (
                    *((rank, 1, 9 + rank % 9) for rank in range(1, 12)), (2, 2, 9), (3, 3, 9), (4, 4, 9), (1, 1, 8),
                )
            ),
            "820000000012,surbooking,2026-11-30,2026-12-06,2026-11-30,1,0,1,07:00,12:00,,20,AMB,54395",
            *(
                f"154000002{rank},snp,2026-11-30,2026-12-06,2026-11-30,1,0,1,15:00,17:00,2,20,AMB,54395"
                for rank in (1, 2, 3)
            ),
        ]
    )
    + "\n"
)  # fmt: skip
BUSY: dict[str, tuple[str, str, Callable[[AppTest], AppTest]]] = {
    "agenda-charge": ("anne", "sas-agenda", lambda at: at),
    "agenda-charge-semaine-suivante": (
        "anne", "sas-agenda", lambda at: at.selectbox(key="sas_semaine").set_value(1).run(),
    ),
    "consultation-longue": ("regul", "sas-consultation", lambda at: searched(at)),
    "consultation-suite": (
        "regul", "sas-consultation",
        lambda at: said(searched(at).button(key="sas_suite").click().run(), "toggle", "Voir les indisponibles"),
    ),
}  # fmt: skip
"""The same, where much happens: several places, ranges that are over, more rows than are shown at once."""


def _much(store: Store) -> None:
    """Many around one place, in every state of a row; an agenda of two places, one closed, with bookings let go."""
    done = chargement.charger(
        store,
        effecteurs=[lire(BUSY_PEOPLE.encode(), "e", "effecteurs"), Lot("")],
        plages_=lire(BUSY_PLAGES.encode(), "p", "plages"),
    )
    assert not any(len(one["rejets"]) for one in done.comptes.values() if "rejets" in one), done.comptes
    with store.writing() as connection:
        away = [f"8200000000{rank:02}" for rank in range(13, 36)]
        connection.execute(
            sa.update(EFFECTEURS).where(EFFECTEURS.c.identifiant.in_(away)).values(indisponible_le=NOW)
        )
        agendas.written(connection)
    first = rendez_vous.reserver(
        store, Demande(UN, datetime(2026, 11, 30, 14, 20, tzinfo=UTC), "AMB", "x", sas="SAS-54")
    )
    rendez_vous.reserver(
        store, Demande(UN, datetime(2026, 12, 8, 9, 0, tzinfo=UTC), "AMB", "y", sas="SAS-54")
    )
    rendez_vous.annuler(store, first)
    planning.dire_indisponible(store, UN, True)
    lieux.fermer(store, UN, registre.lieux(store, UN)[1]["id"], True)


@pytest.mark.parametrize("name", [*STATES, *BUSY])
def test_a_screen_of_the_sas_reads_as_approved(
    name: str, worlds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    who, address, do = (STATES | BUSY)[name]
    shutil.copy(worlds / ("charge.db" if name in BUSY else "travail.db"), tmp_path / "store.db")
    store = open_store(Settings(store=f"sqlite:///{tmp_path}/store.db"))
    compte = accounts.find(store, f"{who}@ex.fr")
    assert compte is not None
    secret = sessions.open_session(store, compte)
    monkeypatch.setenv("OBS_ACCES", "comptes")
    monkeypatch.setattr(session, "store", lambda: store)
    monkeypatch.setattr(session, "cookie", lambda: secret)
    monkeypatch.setattr(acces, "places", Around)
    monkeypatch.setattr(perimetre.points, "point_map", lambda *_, **__: (pydeck.Deck(), False))
    monkeypatch.setattr(perimetre, "data", lambda: None)
    monkeypatch.setattr(questions, "graine", lambda: 1)
    acces._agendas.clear()
    at = do(AppTest.from_string(SCREEN.format(name=address), default_timeout=30).run())
    store.close()
    assert not at.exception, at.exception
    assert not [one.value for one in at.error if "incident" in one.value]
    text = re.sub(r"SAS(?:-[A-Z0-9]{4}){2}", "SAS-(référence)", whole(at))  # drawn at random
    assert_approved(f"sas/{name}", text, request)


def test_every_screen_of_the_sas_is_read() -> None:
    read = {address for _, address, _ in STATES.values()}
    assert {one.name for one in declaration.SCREENS} == read
