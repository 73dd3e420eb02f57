"""Who closes in FINESS or leaves the directory: not offered from that day on, told, bookings kept; on both engines."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.sas import avis as messages
from apps.sas.registres import registres, verifier
from lake.catalog.annuaire import ACTIVITES
from lake.catalog.finess import ETABLISSEMENTS
from lake.catalog.territoires import COMMUNES, FUSIONS
from lake.horaires import creneaux, plages
from lake.settings import Settings
from lake.store import journal
from lake.store.accounts import accounts, outbox
from lake.store.engine import Store
from lake.store.sas import agendas, perimetres, registre, roles, sorties
from lake.store.sas.rendez_vous import reserver
from lake.store.sas.sieges import CreneauRefuse
from lake.tables import Lake
from tests.unit.sas_store import DEUX, MSP, NOW, UN, at, demande, load
from tests.unit.test_sas_store import left

CLOSING = date(2026, 12, 7)
OTHERS = [f"81000000001{rank}" for rank in range(6)]


def lake_of(folder: Path, seen: dict[date, list[str]], closed: dict[str, date | None]) -> Lake:
    """Extractions (day -> practitioners) and establishments (FINESS -> its closing day, None while it is open)."""
    made = Lake(Settings(lake=str(folder)))
    activities: list[dict[str, Any]] = [
        dict.fromkeys(ACTIVITES.dtypes())
        | {
            "date_extraction": day,
            "identification_nationale_pp": who,
            "code_departement": "54",
            "ligne": rank,
        }
        for day, people in seen.items()
        for rank, who in enumerate(people)
    ]
    places = [
        dict.fromkeys(ETABLISSEMENTS.dtypes())
        | {"finess": number, "ouvert": closing is None, "date_fermeture": closing, "date_donnees": CLOSING}
        for number, closing in closed.items()
    ]
    for table, rows in ((ACTIVITES, activities), (ETABLISSEMENTS, places)):
        made.publish(table, pl.DataFrame(rows, schema=table.dtypes()))
    return made


def account(store: Store, name: str) -> int:
    return accounts.create(
        store, email=f"{name}@ex.fr", nom=name, prenom="A", organisation="SAS", profil="grand_public"
    ).id


def hours(store: Store, who: str, day: date) -> int:
    """Slots of a person that a search would see on a day."""
    seen = agendas.photo(store, now=NOW)
    ranges = plages.occurrences(seen.series, seen.exceptions, day, day)
    return creneaux.creneaux(ranges, seen.absences).filter(pl.col("identifiant") == who).height


def test_what_closes_is_offered_until_that_day_told_and_given_back(store: Store, tmp_path: Path) -> None:
    """A house closes on the 7th: its Monday before is offered, not that one; a booking of the 7th stays, and is listed
    to the administrator and to its keeper, once; the register corrected, everything is as it was."""
    load(store)
    chief, keeper = account(store, "chef"), account(store, "maison")
    roles.affecter(store, None, chief, "SAS-54", roles.ADMINISTRATEUR)
    roles.lier(store, MSP, keeper)
    later = at(9) + timedelta(days=7)
    code = reserver(store, demande(later, "k", MSP), now=NOW)
    before = hours(store, MSP, CLOSING - timedelta(days=7)), hours(store, MSP, CLOSING)
    assert before == (1, 1)
    lake = lake_of(tmp_path / "un", {}, {MSP[1:]: CLOSING})

    assert verifier(store, lake, now=NOW) == []
    assert (hours(store, MSP, CLOSING - timedelta(days=7)), hours(store, MSP, CLOSING)) == (1, 0)
    with pytest.raises(CreneauRefuse, match="n'est plus dans l'annuaire ou FINESS"):
        reserver(store, demande(later, "k2", MSP), now=NOW)
    assert reserver(store, demande(at(9), "k3", MSP), now=NOW)
    (one,) = sorties.lister(store, now=NOW)
    assert (one.identifiant, one.le, [held.reference for held in one.gardes]) == (MSP, CLOSING, [code])

    messages.composer(store, now=NOW)
    mails = {mail.email: mail for mail in outbox.waiting(store, now=NOW) if mail.objet.startswith("sortie")}
    assert set(mails) == {"chef@ex.fr", "maison@ex.fr"}
    assert mails["chef@ex.fr"].sujet == "SAS : Maison de santé Fictive n’est plus ouvert dans FINESS"
    assert "depuis le 7 décembre 2026" in mails["chef@ex.fr"].texte
    assert f"lundi 7 décembre 2026 à 9\u202fh ({code})" in mails["chef@ex.fr"].texte
    assert "Déplacez ou annulez les rendez-vous gardés".lower() in mails["chef@ex.fr"].texte.lower()
    assert "Faites corriger le registre" in mails["maison@ex.fr"].texte
    count = len(outbox.waiting(store, now=NOW))
    verifier(store, lake, now=NOW)
    messages.composer(store, now=NOW)
    assert len(outbox.waiting(store, now=NOW)) == count

    verifier(store, lake_of(tmp_path / "deux", {}, {MSP[1:]: None}), now=NOW)
    assert (hours(store, MSP, CLOSING - timedelta(days=7)), hours(store, MSP, CLOSING)) == before
    assert sorties.lister(store, now=NOW) == []
    assert left(store, MSP)["08:00"] == 2


def test_who_leaves_the_directory_is_who_was_in_it(store: Store, tmp_path: Path) -> None:
    load(store)
    first, second, third = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
    lake = lake_of(tmp_path, {first: [UN, *OTHERS], second: [UN, *OTHERS], third: OTHERS}, {})
    found = registres(
        lake, [UN, DEUX, *OTHERS], CLOSING
    )  # DEUX was never in it: loaded from a file, left alone
    assert (found.partis, found.presents, found.doutes) == ({UN: third}, set(OTHERS), [])
    verifier(store, lake, now=NOW)
    seen = agendas.photo(store, now=NOW)
    assert set(seen.effecteurs.filter("indisponible")["identifiant"]) == {UN}
    assert set(seen.series["identifiant"]) == {DEUX, MSP}


def test_a_register_that_lost_many_at_once_is_doubted(tmp_path: Path) -> None:
    first, second = date(2026, 9, 1), date(2026, 10, 1)
    lake = lake_of(tmp_path, {first: [UN, *OTHERS], second: [UN]}, {})
    found = registres(lake, [UN, *OTHERS], CLOSING)
    assert (found.partis, found.presents) == ({}, set())
    assert found.doutes == [
        "L’annuaire ne connaît plus 6 effecteurs sur 7 : personne n’est retiré. Vérifiez cette source, puis "
        "ingérez-la de nouveau."
    ]
    assert registres(Lake(Settings(lake=str(tmp_path / "vide"))), [UN, MSP], CLOSING).doutes == []


def test_a_commune_that_merged_is_visited_under_its_new_name(store: Store, tmp_path: Path) -> None:
    """A list of communes follows the mergers of the territories: from one to the next, once, told in the journal."""
    load(store)
    place = registre.lieux(store, UN)[0]["id"]
    durees = {"AMB": 15, "HH": 30, "VR": 10}
    perimetres.regler(
        store,
        UN,
        lieu=place,
        perimetre_min=0,
        durees=durees,
        communes=["54001", "54002", "54395", "99999"],
        now=NOW,
    )
    lake = lake_of(tmp_path / "lac", {}, {})
    assert verifier(store, lake, now=NOW) == [], "no territories: nothing is known, nothing changes"
    rows = [("54001", "54003"), ("54003", "54547"), ("54002", "54547"), ("54395", "54547")]
    lake.publish(
        FUSIONS,
        pl.DataFrame([(old, "", new) for old, new in rows], schema=FUSIONS.dtypes(), orient="row"),
    )
    today = [dict.fromkeys(COMMUNES.dtypes()) | {"code_commune": code} for code in ("54395", "54547")]
    lake.publish(COMMUNES, pl.DataFrame(today, schema=COMMUNES.dtypes()))

    def listed() -> str:
        return str(agendas.photo(store, now=NOW).effecteurs.filter(identifiant=UN)["perimetre_communes"][0])

    version = agendas.version(store)
    verifier(store, lake, now=NOW)
    # 54395 is a commune today, whatever bore its code before; what nobody knows stays, to be told on the list.
    assert listed() == "54395|54547|99999"
    assert agendas.version(store) == version + 1, "searches read it again"
    told = [one.details for one in journal.read(store) if one.action == "sas.reglages"]
    assert any("54001 devient 54547, 54002 devient 54547" in str(one) for one in told)
    verifier(store, lake, now=NOW)
    assert agendas.version(store) == version + 1
