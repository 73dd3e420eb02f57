"""What those who keep agendas are told, once each; who joins by himself, who leaves, who no longer signs in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from apps.acces.messages import deliver_due
from apps.sas import avis as messages
from lake.errors import ContractError, LakeError, UnknownName
from lake.settings import Settings
from lake.store.accounts import accounts, outbox
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.sas import (
    adhesion,
    agendas,
    avis,
    consentements,
    delegations,
    inactifs,
    liens,
    planning,
    presets,
    registre,
    roles,
    sorties,
)
from lake.store.sas.adhesion import Praticien
from lake.store.sas.presets import Preset
from lake.store.sas.rendez_vous import annuler, deplacer, reserver
from lake.store.sas.tables import EFFECTEURS, SERIES
from lake.store.schema import COMPTES
from tests.mailbox import Mailbox
from tests.unit.sas_store import DEUX, MSP, NOW, UN, at, demande, load

TROIS = "810000000003"


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Store]:
    made = open_store(Settings(lake=str(tmp_path), store=f"sqlite:///{tmp_path}/base.db"))
    load(made)
    yield made
    made.close()


def account(store: Store, name: str, **changed: Any) -> Compte:
    one = accounts.create(
        store,
        email=f"{name}@ex.fr",
        nom=name.title(),
        prenom="A",
        organisation="SAS",
        profil="grand_public",
        **changed,
    )
    with store.writing() as connection:
        connection.execute(sa.update(COMPTES).where(COMPTES.c.id == one.id).values(etat="actif"))
    found = accounts.find(store, one.email)
    assert found is not None
    return found


def waiting(store: Store, now: datetime = NOW) -> list[tuple[str, str]]:
    return [(one.email, one.sujet.replace("\u202f", " ")) for one in outbox.waiting(store, now=now)]


def test_a_booking_is_told_once_and_a_cancelled_one_is_not_told_as_booked(base: Store) -> None:
    doctor, secretary = account(base, "medecin"), account(base, "secretaire")
    roles.lier(base, UN, doctor.id)
    asked = delegations.deleguer(base, registre.effecteur(base, UN)["id"], secretary.id)
    delegations.decider(base, doctor, asked, "active")
    kept = reserver(base, demande(at(14), "a"), now=NOW)
    undone = reserver(base, demande(at(15), "b"), now=NOW)
    moved = reserver(base, demande(at(16), "c"), now=NOW)
    reserver(
        base, demande(datetime(2026, 12, 7, 8, tzinfo=UTC), "d", DEUX), now=NOW
    )  # an agenda that nobody keeps
    annuler(base, undone, now=NOW)
    now_there = deplacer(base, moved, demande(at(17), "e"), now=NOW)
    assert messages.composer(base, now=NOW) == 6
    assert messages.composer(base, now=NOW) == 0  # the job runs twice
    said = waiting(base)
    assert {email for email, _ in said} == {"medecin@ex.fr", "secretaire@ex.fr"}
    assert sorted(subject for email, subject in said if email == "medecin@ex.fr") == [
        "Rendez-vous annulé : lundi 30 novembre 2026 à 15 h",
        "Rendez-vous déplacé : lundi 30 novembre 2026 à 17 h",
        "Rendez-vous réservé : lundi 30 novembre 2026 à 14 h",
    ]
    texts = {one.objet: one.texte for one in outbox.waiting(base, now=NOW)}
    assert set(texts) == {kept, undone, now_there}
    assert f"Référence : {kept}" in texts[kept]
    for one in outbox.waiting(base, now=NOW):
        outbox.done(base, one.id)
    annuler(base, kept, now=NOW + timedelta(hours=1))
    messages.composer(base, now=NOW + timedelta(hours=1))
    assert [
        subject for email, subject in waiting(base, NOW + timedelta(hours=1)) if email == "medecin@ex.fr"
    ] == ["Rendez-vous annulé : lundi 30 novembre 2026 à 14 h"]


def test_a_digest_tells_each_change_once_in_the_morning_and_who_wants_none_is_told_nothing(
    base: Store,
) -> None:
    doctor, secretary, silent = (account(base, one) for one in ("medecin", "secretaire", "muet"))
    roles.lier(base, UN, doctor.id)
    for one in (secretary, silent):
        asked = delegations.deleguer(base, registre.effecteur(base, UN)["id"], one.id, now=NOW)
        delegations.decider(base, doctor, asked, "active", now=NOW)
    avis.choisir(base, doctor, "quotidien", now=NOW)
    avis.choisir(base, silent, "aucun", now=NOW)
    with pytest.raises(UnknownName):
        avis.choisir(base, doctor, "parfois")
    kept = reserver(base, demande(at(14), "a"), now=NOW)
    undone = reserver(base, demande(at(15), "b"), now=NOW)
    moved = reserver(base, demande(at(16), "c"), now=NOW)
    annuler(base, undone, now=NOW)
    there = deplacer(base, moved, demande(at(17), "e"), now=NOW)

    def told(moment: datetime) -> dict[str, list[str]]:
        messages.composer(base, now=moment)
        messages.composer(base, now=moment)  # the job runs twice
        found: dict[str, list[str]] = {}
        for one in outbox.waiting(base, now=moment):
            found.setdefault(one.email, []).append(one.sujet.replace("\u202f", " "))
            texts[one.email] = one.texte.replace("\u202f", " ")
            outbox.done(base, one.id)
        return found

    texts: dict[str, str] = {}
    assert set(told(NOW)) == {"secretaire@ex.fr"}  # seven in Paris: what is of this very minute waits
    assert told(NOW + timedelta(hours=20)) == {}
    late = reserver(base, demande(datetime(2026, 12, 7, 13, tzinfo=UTC), "f"), now=NOW + timedelta(hours=23))
    annuler(base, kept, now=NOW + timedelta(hours=23, minutes=30))
    assert set(told(NOW + timedelta(hours=23, minutes=40))) == {"secretaire@ex.fr"}
    # The job runs late in the morning: what changed after seven is for the next day, what is over is told.
    reserver(base, demande(datetime(2026, 12, 7, 14, tzinfo=UTC), "g"), now=NOW + timedelta(hours=25))
    morning = told(NOW + timedelta(hours=26))
    assert morning["medecin@ex.fr"] == [
        "SAS : 1 rendez-vous réservé, 1 rendez-vous déplacé, 2 rendez-vous annulés"
    ]
    assert texts["medecin@ex.fr"].splitlines()[2:-2] == [
        "Dr Fictive Un",
        "Réservés :",
        f"- lundi 7 décembre 2026 à 14 h, cabinet ({late})",
        "Déplacés :",
        f"- lundi 30 novembre 2026 à 17 h, cabinet ({there})",
        "Annulés :",
        f"- lundi 30 novembre 2026 à 14 h, cabinet ({kept})",
        f"- lundi 30 novembre 2026 à 15 h, cabinet ({undone})",
    ]
    assert told(NOW + timedelta(hours=48))["medecin@ex.fr"] == ["SAS : 1 rendez-vous réservé"]
    # Who had asked for silence, and asks to be told again, is told of what comes, not of what went by.
    avis.choisir(base, accounts.get(base, silent.id), "immediat", now=NOW + timedelta(hours=49))
    assert told(NOW + timedelta(hours=49)) == {}
    reserver(base, demande(datetime(2026, 12, 7, 15, tzinfo=UTC), "h"), now=NOW + timedelta(hours=50))
    assert set(told(NOW + timedelta(hours=50))) == {"secretaire@ex.fr", "muet@ex.fr"}


def test_a_request_of_delegation_is_told_to_the_practitioner_and_to_the_administrators_of_the_sas(
    base: Store,
) -> None:
    doctor, secretary, local = (account(base, one) for one in ("medecin", "secretaire", "local"))
    roles.affecter(base, None, local.id, "SAS-54", roles.ADMINISTRATEUR)
    roles.affecter(base, None, account(base, "ailleurs").id, "SAS-57", roles.ADMINISTRATEUR)
    roles.affecter(base, None, account(base, "region").id, roles.REGION, roles.REGIONAL)
    roles.lier(base, UN, doctor.id)
    for who in (UN, DEUX):  # the second has no account
        delegations.deleguer(base, registre.effecteur(base, who)["id"], secretary.id, now=NOW)
    assert messages.composer(base, now=NOW) == 3
    assert messages.composer(base, now=NOW) == 0
    assert waiting(base) == [
        ("medecin@ex.fr", "A Secretaire demande à tenir votre agenda du SAS"),
        ("local@ex.fr", "Délégation demandée : A Secretaire, pour Dr Fictive Un"),
        ("local@ex.fr", "Délégation demandée : A Secretaire, pour Dr Fictive Deux"),
    ]
    assert "invitez-le d'abord" in outbox.waiting(base, now=NOW)[-1].texte
    # No account at this address: the administrators are told, once however often it is asked.
    for _ in range(2):
        assert messages.demander_compte(base, "Dr Fictive Un", "SAS-54", "neuve@ex.fr", now=NOW) == 1
    assert len([one for one in outbox.waiting(base, now=NOW) if "neuve@ex.fr" in one.texte]) == 1
    assert messages.demander_compte(base, "Dr X", "SAS-88", "neuve@ex.fr", now=NOW) == 1  # the region's
    # Who leaves is kept by nobody any more, even when she comes back.
    (asked,) = delegations.delegations(base, registre.effecteur(base, UN)["id"], now=NOW)
    delegations.decider(base, doctor, asked["id"], "active", now=NOW)
    planning.quitter(base, UN, now=NOW)
    planning.rejoindre(base, UN, now=NOW)
    assert roles.agendas_of(base, secretary) == []


def test_three_weeks_of_unavailability_are_reminded_once_with_a_link_that_serves_once(base: Store) -> None:
    roles.lier(base, UN, account(base, "medecin").id)
    # Over the change of the clock of 25 October, ticked late in the evening: days are the calendar's.
    ticked = datetime(2026, 10, 10, 21, 30, tzinfo=UTC)
    planning.dire_indisponible(base, UN, True, now=ticked)
    assert messages.composer(base, now=datetime(2026, 10, 30, 22, 0, tzinfo=UTC)) == 0  # the twentieth day
    late = datetime(2026, 11, 3, 6, 0, tzinfo=UTC)  # the job was down since the 31st
    assert messages.composer(base, now=late) == 1
    assert messages.composer(base, now=late) == 0
    (told,) = outbox.waiting(base, now=late)
    assert "indisponible depuis le 10 octobre 2026 (24 jours)" in told.texte.replace("\u202f", " ")
    end = told.texte.partition("lien=")[2].split()[0]
    assert liens.titulaire(base, end, now=late) == UN
    # Three weeks later another link takes its place; a planned absence of that day puts the reminder off.
    again = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    planning.absenter(base, UN, again - timedelta(days=1), again + timedelta(days=1), now=late)
    assert messages.composer(base, now=again) == 0
    assert messages.composer(base, now=again + timedelta(days=2)) == 1
    assert liens.titulaire(base, end, now=again + timedelta(days=2)) == ""
    (told,) = outbox.waiting(base, now=again + timedelta(days=2))
    end = told.texte.partition("lien=")[2].split()[0]
    assert liens.servir(base, end, now=again + timedelta(days=2))
    assert not liens.servir(base, end, now=again + timedelta(days=2))
    planning.dire_indisponible(base, UN, False)
    assert messages.composer(base, now=again + timedelta(days=60)) == 0


def _praticien(identifiant: str) -> Praticien:
    return Praticien(identifiant, "Dr Fictive Trois", "SM54", "SAS-54", "54395", 6.18, 48.69)


def test_a_sas_that_validates_shows_who_joins_once_its_administrator_says_so(base: Store) -> None:
    """Two who join by Pro Santé Connect: one SAS validates by itself, the other does not."""
    for identifiant, name, shown in ((UN, "un", True), (DEUX, "deux", False)):
        with base.writing() as connection:
            connection.execute(
                sa.update(EFFECTEURS)
                .where(EFFECTEURS.c.identifiant == identifiant)
                .values(preuve="", sas="SAS-54" if shown else "SAS-57")
            )
        assert adhesion.prouver_par_psc(base, account(base, name, rpps=identifiant[1:]), ("SAS-57", "SAS-88"))
        seen = agendas.photo(base, now=NOW).effecteurs.filter(identifiant=identifiant)
        assert seen["indisponible"][0] is not shown
    with pytest.raises(LakeError, match="« 57 » n'est pas un SAS"):
        Settings.from_env({"OBS_SAS_VALIDATION": "SAS-54, 57"})
    assert Settings.from_env({"OBS_SAS_VALIDATION": "SAS-54, SAS-57"}).sas_validation == ("SAS-54", "SAS-57")
    assert [row["identifiant"] for row in adhesion.a_prouver(base, {"SAS-57"})] == [DEUX]
    adhesion.prouver(base, DEUX, "administrateur", now=NOW)
    assert not agendas.photo(base, now=NOW).effecteurs.filter(identifiant=DEUX)["indisponible"][0]


def test_who_joins_is_shown_once_proved_and_gives_way_to_who_is_vouched_for(base: Store) -> None:
    who = account(base, "nouvelle")
    for _ in range(2):
        adhesion.adherer(base, who, _praticien(TROIS), now=NOW)
    hidden = agendas.photo(base, now=NOW).effecteurs.filter(identifiant=TROIS)
    assert (hidden.height, hidden["indisponible"][0]) == (1, True)
    assert roles.agendas_of(base, who) == [TROIS]
    assert [row["identifiant"] for row in adhesion.a_prouver(base, {"SAS-54"})] == [TROIS]
    assert adhesion.a_prouver(base, {"SAS-57"}) == []
    with pytest.raises(LakeError, match="a déjà un agenda, dans SAS-54"):
        adhesion.adherer(base, who, _praticien(UN), now=NOW)
    # Pro Santé Connect vouches for somebody else: the agenda is hers, and shown.
    holder = account(base, "titulaire", rpps=TROIS[1:])
    assert adhesion.prouver_par_psc(base, holder)
    shown = agendas.photo(base, now=NOW).effecteurs.filter(identifiant=TROIS)
    assert (shown["preuve"][0], shown["indisponible"][0]) == ("psc", False)
    assert (roles.agendas_of(base, who), roles.agendas_of(base, holder)) == ([], [TROIS])
    assert not adhesion.prouver_par_psc(base, account(base, "autre", rpps="10000000009"))


def test_who_leaves_keeps_the_past_and_may_come_back(base: Store) -> None:
    who = account(base, "medecin")
    roles.lier(base, UN, who.id)
    kept = reserver(base, demande(at(14, day=30), "a"), now=NOW)
    later = NOW + timedelta(days=3)
    touched = planning.quitter(base, UN, now=NOW)
    assert [one.reference for one in touched] == [kept]
    assert (roles.agendas_of(base, who), registre.retires_of(base, who)) == ([], [UN])
    planning.rejoindre(base, UN, now=later)
    assert roles.agendas_of(base, who) == [UN]
    # One that had begun ends the day before, another that had not is withdrawn.
    planning.ajouter(base, UN, jour=4, debut_min=600, fin_min=660, du=NOW.date(), au=NOW.date() + timedelta(days=60),
                     modalites=1, duree_min=20, now=NOW)  # fmt: skip
    planning.quitter(base, UN, now=later)
    with base.reading() as connection:
        number = connection.execute(
            sa.select(EFFECTEURS.c.id).where(EFFECTEURS.c.identifiant == UN)
        ).scalar_one()
        rows = connection.execute(
            sa.select(SERIES.c.au, SERIES.c.retiree_le)
            .where(SERIES.c.effecteur_id == number)
            .order_by(SERIES.c.id)
        ).all()
    assert rows[0][1] is not None  # it had not begun when its holder left
    assert rows[1] == (later.date() - timedelta(days=1), None)


def test_a_regulateur_who_no_longer_signs_in_is_told_twice_then_loses_the_role(base: Store) -> None:
    old, other = account(base, "ancien"), account(base, "autre")
    alone = account(base, "seul")
    for who, sas in ((old, "SAS-54"), (other, "SAS-54"), (alone, "SAS-57")):
        roles.affecter(base, None, who.id, sas, roles.REGULATEUR, now=NOW)
    roles.affecter(base, None, old.id, "SAS-57", roles.REFERENT, now=NOW)
    with base.writing() as connection:
        connection.execute(
            sa.update(COMPTES).where(COMPTES.c.id == other.id).values(connecte_le=NOW + timedelta(days=170))
        )

    def told(days: int) -> list[str]:
        moment = NOW + timedelta(days=days)
        messages.composer(base, now=moment)
        found = [one.email for one in outbox.waiting(base, now=moment)]
        for one in outbox.waiting(base, now=moment):
            outbox.done(base, one.id)
        return found

    assert told(149) == []
    assert told(150) == ["ancien@ex.fr"]
    assert told(151) == []
    assert told(174) == ["ancien@ex.fr"]
    assert {one.compte_id: one.dernier for one in inactifs.lister(base, now=NOW + timedelta(days=174))} == {
        old.id: False, alone.id: True,
    }  # fmt: skip
    assert told(181) == []
    left = {(one.compte_id, one.role) for one in roles.affectations(base)}
    assert left == {
        (other.id, roles.REGULATEUR), (alone.id, roles.REGULATEUR), (old.id, roles.REFERENT),
    }  # fmt: skip


def test_a_search_of_a_sas_has_a_name_and_asks_something(base: Store) -> None:
    presets.garder(base, Preset(0, "SAS-54", "  Plaies   simples ", acte="suture"), now=NOW)
    assert [(one.titre, one.acte) for one in presets.presets(base, "SAS-54")] == [
        ("Plaies simples", "suture")
    ]
    presets.garder(
        base, Preset(0, "SAS-57", "Plaies simples", langue="de"), now=NOW
    )  # another SAS, the same name
    for wrong, said in (
        (Preset(0, "SAS-54", "Plaies simples", acte="suture"), "a déjà une recherche"),
        (Preset(0, "SAS-54", "Rien"), "ne demande rien"),
        (Preset(0, "SAS-54", " ", acte="suture"), "Nommez"),
    ):
        with pytest.raises(ContractError, match=said):
            presets.garder(base, wrong)
    presets.retirer(base, presets.presets(base, "SAS-54")[0].id, "SAS-57")  # not its own
    assert len(presets.presets(base, "SAS-54")) == 1
    presets.retirer(base, presets.presets(base, "SAS-54")[0].id, "SAS-54")
    assert presets.presets(base, "SAS-54") == []


def test_each_kind_of_message_goes_by_a_real_server_in_french_with_its_link_and_nothing_of_a_patient(
    base: Store, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Booking, digest, delegation asked and over, account asked for, reminder, consent, inactive, gone: one sending."""
    monkeypatch.setenv("OBS_URL", "https://sas.example")
    doctor, secretary, chief, old = (
        account(base, one) for one in ("medecin", "secretaire", "chef", "ancien")
    )
    roles.affecter(base, None, chief.id, "SAS-54", roles.ADMINISTRATEUR)
    roles.lier(base, UN, doctor.id)
    roles.lier(base, DEUX, account(base, "absente").id)
    one, other, house = (registre.effecteur(base, who)["id"] for who in (UN, DEUX, MSP))
    delegations.decider(
        base, doctor, delegations.deleguer(base, one, secretary.id, now=NOW), "active", now=NOW
    )
    avis.choisir(base, doctor, "quotidien", now=NOW - timedelta(days=2))
    delegations.deleguer(base, other, secretary.id, now=NOW)
    delegations.deleguer(base, house, secretary.id, now=NOW - timedelta(days=31))
    planning.dire_indisponible(base, DEUX, True, now=NOW - timedelta(days=22))
    consentements.consentir(base, UN, "Vif", ["SNP", "PUBLIC"], auteur=secretary.email, now=NOW)
    for who in (old, chief):
        roles.affecter(base, None, who.id, "SAS-57", roles.REGULATEUR, now=NOW - timedelta(days=160))
    with base.writing() as connection:
        connection.execute(
            sa.update(COMPTES).where(COMPTES.c.id == chief.id).values(connecte_le=NOW - timedelta(days=1))
        )
    sorties.appliquer(base, {MSP: NOW.date()}, (), now=NOW)
    kept = reserver(base, demande(at(14), "a", regulateur_id=chief.id), now=NOW - timedelta(minutes=5))
    messages.demander_compte(base, "Dr Fictive Un", "SAS-54", "neuve@ex.fr", now=NOW)
    messages.composer(base, now=NOW)
    sent, left = deliver_due(base, now=NOW)
    assert left == []
    assert len(sent) == len(mailbox.received)
    # Fold what typography sets, so that sentences compare as they are read.
    got = {
        (to, subject.replace("\u202f", " ")): text.replace("\u202f", " ")
        for to, subject, text in mailbox.received
    }
    assert set(got) == {
        ("secretaire@ex.fr", "Rendez-vous réservé : lundi 30 novembre 2026 à 14 h"),
        ("medecin@ex.fr", "SAS : 1 rendez-vous réservé"),
        ("absente@ex.fr", "A Secretaire demande à tenir votre agenda du SAS"),
        ("chef@ex.fr", "Délégation demandée : A Secretaire, pour Dr Fictive Deux"),
        ("secretaire@ex.fr", "Demande sans réponse : l'agenda de Maison de santé Fictive"),
        ("chef@ex.fr", "Un compte à créer pour un délégué de Dr Fictive Un"),
        ("absente@ex.fr", "Êtes-vous de nouveau disponible pour le SAS ?"),
        ("medecin@ex.fr", "Créneaux de Vif : un choix fait pour vous"),
        ("ancien@ex.fr", "Votre rôle de Régulateur-OSNP (Moselle) va être retiré"),
        ("chef@ex.fr", "SAS : Maison de santé Fictive n’est plus ouvert dans FINESS"),
    }
    said = {subject.partition(" :")[0]: text for (_, subject), text in got.items()}
    assert kept in said["Rendez-vous réservé"]
    assert (
        f"- lundi 30 novembre 2026 à 14 h, cabinet ({kept})"
        in got["medecin@ex.fr", "SAS : 1 rendez-vous réservé"]
    )
    assert "a expiré, rien ne s'est ouvert" in said["Demande sans réponse"]
    assert (
        "https://sas.example/sas-retour?lien="
        in got["absente@ex.fr", "Êtes-vous de nouveau disponible pour le SAS ?"]
    )
    chosen = got["medecin@ex.fr", "Créneaux de Vif : un choix fait pour vous"]
    assert (
        "secretaire@ex.fr a choisi ce que Vif montre aux régulateurs de l'agenda de Dr Fictive Un : "
        in chosen
    )
    assert "soins non programmés, ouverts à tous les patients" in chosen
    for (to, subject), text in got.items():
        assert "https://sas.example/" in text, (to, subject)  # where to act, at one click
        assert "None" not in text
        assert "{" not in text
        # No patient can be told: the store holds none, and no message names who booked.
        assert "A Chef" not in text
