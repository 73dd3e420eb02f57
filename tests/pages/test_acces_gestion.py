"""The pages of the front door as their readers use them: decisions, team, accounts, import, messages, journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from apps.acces import attente, importation, messages, organisations
from apps.acces.arbre import spans
from apps.acces.comptes import frame_of, kept
from apps.acces.journal import life, period, search
from apps.acces.words import PARIS
from apps.kit.access import access, session
from apps.kit.access.session import Reader
from apps.kit.data.data import open_lake
from apps.kit.forms import Done, told
from lake.droits import Droits
from lake.errors import AccessDenied, LakeError
from lake.settings import Settings
from lake.store import journal, sharing
from lake.store.accounts import accounts, actions, bulk, outbox, possessions, registration, sessions, tree
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store
from lake.store.journal import Filters
from tests.pages.drawing import AppTest

REGION = Droits(frozenset({"annuaire", "segur", "convergence"}), regions=frozenset({"44"}))
SCREEN = """
from apps.kit.shell.screen import draw
from apps.acces.{module} import {name}
draw({name})
"""


def made(store: Store, name: str, profil: str, **more: object) -> Compte:
    given = {"organisation": "Groupement régional", "nom": name.title(), "prenom": "Anne", **more}
    compte = accounts.create(store, email=f"{name}@ex.fr", profil=profil, **given)  # type: ignore[arg-type]
    return accounts.change(store, compte.id, "test", etat="actif")


@pytest.fixture
def people(store: Store) -> dict[str, Compte]:
    admin = made(store, "admin", "administrateur", organisation="Observatoire")
    chef = made(store, "chef", "grades_ars", droits=REGION, peut_creer=True, responsable_id=admin.id)
    pilote = made(store, "pilote", "pilote_regional", droits=REGION, responsable_id=chef.id)
    ailleurs = made(store, "ailleurs", "expert_national", organisation="Agence")
    return {"admin": admin, "chef": chef, "pilote": pilote, "ailleurs": ailleurs}


@pytest.fixture
def read_by(
    store: Store, people: dict[str, Compte], petit_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Reader]]:
    """``read_by("chef")``: from now on pages are read by that person."""
    monkeypatch.setenv("OBS_ACCES", "comptes")
    monkeypatch.setenv("OBS_LAKE", str(petit_lake))
    open_lake.clear()
    monkeypatch.setattr(session, "store", lambda: store)

    def become(name: str) -> Reader:
        secret = sessions.open_session(store, people[name])
        monkeypatch.setattr(session, "cookie", lambda: secret)
        person = session.reader()
        assert person is not None
        return person

    yield become
    open_lake.clear()


def opened(
    module: str = "collaborateurs", name: str = "COLLABORATEURS", tab: str = "", **params: str
) -> AppTest:
    at = AppTest.from_string(SCREEN.format(module=module, name=name), default_timeout=60)
    for key, value in params.items():
        at.query_params[key] = value
    if tab:
        at.session_state["onglet"] = tab
    at.run()
    assert not at.exception, at.exception
    return at


def html(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def ask(store: Store, name: str = "nour", organisation: str = "groupement régional") -> None:
    registration.ask(store, email=f"{name}@ex.fr", nom="Velle", prenom="Nour", organisation=organisation)


def test_an_administrator_accepts_for_a_manager_on_a_date(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBS_SMTP", "127.0.0.1:1")
    ask(store)
    read_by("admin")
    at = opened()
    assert "Velle" in html(at)
    # The organisation's own manager comes first.
    assert at.selectbox(key="demande_1_resp").value == people["chef"].id
    day = datetime.now(PARIS).date() + timedelta(days=10)
    at.selectbox(key="demande_1_profil").set_value("pilote_regional")
    at.date_input(key="demande_1_le").set_value(day)
    at.button(key="demande_1_accepter").click().run()
    assert not at.exception
    compte = accounts.find(store, "nour@ex.fr")
    assert compte is not None
    assert (compte.responsable_id, compte.profil) == (people["chef"].id, "pilote_regional")
    assert tree.rights(store, compte) == tree.rights(store, people["chef"])
    done = registration.requests(store, pending=False)[0]
    goes = datetime(day.year, day.month, day.day, 8, tzinfo=PARIS).astimezone(UTC)
    assert (done.responsable_id, done.envoi_le) == (people["chef"].id, goes)
    assert [one.envoi_le for one in outbox.waiting(store, due=False)] == [goes]
    assert outbox.waiting(store) == []
    assert "Anne Chef" in at.success[0].value
    assert "partira à nour@ex.fr" in at.success[0].value
    assert "Aucune demande n’attend" in at.info[0].value
    history = opened(tab="Historique").dataframe[0].value
    assert history["Responsable nommé"].to_list() == ["Anne Chef"]
    assert history["Lien envoyé le"].to_list() == [day]


def test_an_administrator_names_the_regions_of_a_pilot_of_its_own(
    store: Store, read_by: Callable[[str], Reader]
) -> None:
    ask(store, organisation="Nouvelle agence")
    read_by("admin")
    at = opened()
    at.selectbox(key="demande_1_profil").set_value("pilote_regional")
    at.multiselect(key="demande_1_regions").set_value(["44"])
    at.text_input(key="demande_1_organisation").set_value("Agence nouvelle")
    at.button(key="demande_1_accepter").click().run()
    compte = accounts.find(store, "nour@ex.fr")
    assert compte is not None
    assert (compte.organisation, tree.rights(store, compte).regions) == ("Agence nouvelle", {"44"})
    # Without a mail server the link is shown, to be handed over.
    assert "nour@ex.fr http://localhost:8501/activation?lien=" in at.code[0].value


def test_a_manager_only_decides_for_its_organisation_and_gives_its_own_profile(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], Reader]
) -> None:
    ask(store)
    ask(store, "autre", "Agence")
    read_by("chef")
    at = opened()
    assert "nour@ex.fr" in html(at)
    assert "autre@ex.fr" not in html(at)
    assert at.selectbox(key="demande_1_profil").options == ["GRADeS ou ARS"]
    assert "Organisations" not in [tab.label for tab in at.tabs]
    at.button(key="demande_1_refuser").click().run()
    assert accounts.find(store, "nour@ex.fr") is None
    assert outbox.waiting(store, due=False) == []
    assert [one.etat for one in registration.requests(store, pending=False)] == ["refusee"]
    history = opened(tab="Historique")
    assert history.dataframe[0].value["Décision"].to_list() == ["Refusée"]
    actions_of = history.dataframe[1].value
    assert "Demande refusée" in actions_of["Quoi"].to_list()
    assert "ailleurs@ex.fr" not in actions_of["Sur qui"].to_list()  # not its people


def test_the_tree_opens_cards_and_an_administrator_also_sees_the_roots(
    people: dict[str, Compte], read_by: Callable[[str], Reader]
) -> None:
    read_by("admin")
    at = opened(tab="Équipe")
    branches = [button for button in at.button if str(button.key).startswith("obs_branche")]
    assert [button.key for button in branches] == [
        f"obs_branche1_{people['chef'].id}",
        f"obs_branche2_{people['pilote'].id}",
        f"obs_branche0_{people['ailleurs'].id}",
    ]
    assert '<p class="obs-racine">Anne Admin (vous)</p>' in html(at)
    assert branches[1].label == "Anne Pilote · Pilote régional"
    branches[1].click().run()
    assert at.query_params["compte"] in (str(people["pilote"].id), [str(people["pilote"].id)])
    assert "pilote@ex.fr" in html(at)
    read_by("chef")
    at = opened(compte=str(people["ailleurs"].id))
    assert "ne dépend pas de vous" in at.warning[0].value
    assert "ailleurs@ex.fr" not in html(at)


def test_each_branch_is_tied_to_its_parent_or_to_the_sibling_before() -> None:
    # a; a's two children, the first with a child of its own; b, a's sibling
    assert spans([1, 2, 3, 2, 1]) == [1, 1, 1, 2, 4]
    assert spans([1, 1, 2, 3]) == [1, 1, 1, 1]
    assert spans([]) == []


def test_a_narrowing_is_previewed_then_saved(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], Reader]
) -> None:
    read_by("chef")
    number = people["pilote"].id
    at = opened(compte=str(number))
    key = f"restreindre_{number}"
    at.multiselect(key=f"{key}_univers").set_value(["segur"]).run()
    assert "Ce compte verrait\u202f: Ségur\u202f; régions\u202f: Grand Est" in html(at)
    assert tree.rights(store, people["pilote"]).univers == REGION.univers  # nothing is saved yet
    at.button(key=f"{key}_ok").click().run()
    assert tree.rights(store, accounts.get(store, number)).univers == {"segur"}
    assert "voit désormais" in at.success[0].value
    # What a collaborator sees in aggregate is the manager's to close too.
    at.checkbox(key=f"{key}_agreges_1").set_value(False).run()
    at.button(key=f"{key}_ok_1").click().run()
    assert not tree.rights(store, accounts.get(store, number)).agreges


def test_a_deletion_says_what_it_leaves_and_hands_shared_links_to_the_heir(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], Reader]
) -> None:
    pilote = people["pilote"]
    code = sharing.share(store, sharing.Genre.TERRITOIRE, ["67482"], proprietaire_id=pilote.id)
    assert (
        sharing.share(store, sharing.Genre.TERRITOIRE, ["67482"], proprietaire_id=people["chef"].id) == code
    )
    assert possessions.count(store, pilote.id) == 1  # who shared first keeps it
    read_by("chef")
    at = opened(compte=str(pilote.id))
    assert "1 objet enregistré" in html(at)
    delete = next(one for one in at.button if one.label == "Supprimer ce compte")
    delete.click().run()
    assert "À remplir." in html(at)
    next(one for one in at.text_input if one.label.startswith("Pour confirmer")).set_value("chef@ex.fr")
    next(one for one in at.button if one.label == "Supprimer ce compte").click().run()
    assert "L’adresse recopiée n’est pas celle du compte." in html(at)
    assert accounts.find(store, "pilote@ex.fr") is not None
    confirm = next(one for one in at.text_input if one.label.startswith("Pour confirmer"))
    confirm.set_value("pilote@ex.fr")
    next(one for one in at.button if one.label == "Supprimer ce compte").click().run()
    assert accounts.find(store, "pilote@ex.fr") is None
    assert possessions.count(store, people["chef"].id) == 1
    assert "va à Anne Chef" in at.success[0].value


def test_accounts_are_filtered_by_profile_state_organisation_and_last_sign_in(
    store: Store, people: dict[str, Compte]
) -> None:
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    recent = replace(people["chef"], connecte_le=now)
    old = replace(people["pilote"], connecte_le=now - timedelta(days=40), etat="desactive")
    never = people["ailleurs"]
    every = [recent, old, never]
    assert kept(every) == every
    assert kept(every, profils=["pilote_regional"]) == [old]
    assert kept(every, etats=["actif"], organisations=["Groupement régional"]) == [recent]
    assert kept(every, sans_connexion_depuis=date(2026, 3, 10)) == [old, never]
    assert kept(every, sans_connexion_depuis=date(2026, 3, 11)) == every
    frame = frame_of(every, accounts.everyone(store))
    assert frame.row(1)[4:] == ("Pilote régional", "Désactivé", "Anne Chef", "non", date(2026, 1, 29))


def test_the_table_of_accounts_filters_and_opens_a_card(
    people: dict[str, Compte], read_by: Callable[[str], Reader]
) -> None:
    read_by("admin")
    at = opened(tab="Comptes")
    assert len(at.dataframe[0].value) == 4
    at.multiselect(key="filtre_organisation").set_value(["Agence"]).run()
    assert at.dataframe[0].value["Adresse"].to_list() == ["ailleurs@ex.fr"]
    at.selectbox(key="ouvrir_fiche").select_index(0).run()
    assert "ailleurs@ex.fr" in html(at)
    assert at.session_state["onglet"] == "Équipe"


def test_a_created_account_says_whose_number_it_took(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], Reader]
) -> None:
    made(store, "connue", "expert_national", organisation="CHU de Metz", rpps="10100000001")
    read_by("chef")
    at = opened(tab="Créer")
    for label, value in (("Adresse électronique", "n@ex.fr"), ("Prénom", "Nour"), ("Nom", "Velle")):
        next(one for one in at.text_input if one.label == label).set_value(value)
    number = next(one for one in at.text_input if one.label.startswith("Numéro RPPS"))
    number.set_value("10100000001")
    create = next(one for one in at.button if one.label == "Créer et envoyer le lien")
    create.click().run()
    assert 'data-champ="creer_rpps">Numéro RPPS déjà rattaché à\u202f: CHU de Metz.' in html(at)
    assert accounts.find(store, "n@ex.fr") is None
    # What was typed is kept as a draft: another tab finds it.
    again = opened(tab="Créer")
    assert next(one for one in again.text_input if one.label == "Nom").value == "Velle"
    next(one for one in at.text_input if one.label.startswith("Numéro RPPS")).set_value("")
    next(one for one in at.checkbox if one.label.startswith("Peut créer")).set_value(True)
    next(one for one in at.button if one.label == "Créer et envoyer le lien").click().run()
    compte = accounts.find(store, "n@ex.fr")
    assert compte is not None
    assert (compte.organisation, compte.profil, compte.peut_creer) == (
        "Groupement régional",
        "grades_ars",
        True,
    )
    assert tree.rights(store, compte) == tree.rights(store, people["chef"])
    assert at.session_state["onglet"] == "Équipe"
    assert "n@ex.fr" in html(at)  # its card is open


def test_an_import_stays_in_the_organisation_and_one_failure_stops_no_other(
    store: Store, read_by: Callable[[str], Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = read_by("chef")
    content = (
        "email,nom,prenom,organisation\n"
        "a@ex.fr,Albert,Aline,GROUPEMENT RÉGIONAL\nb@ex.fr,Bernard,Bo,Agence\nc@ex.fr,Clerc,Cid,Groupement régional\n"
    )
    lines = [
        importation.bounded(person, line)
        for line in bulk.read(content.encode(), accounts.everyone(store), "grades_ars")
    ]
    assert [bool(line.problem) for line in lines] == [False, True, False]
    assert "« Agence »" in lines[1].problem
    done: list[Done] = []
    monkeypatch.setattr(told, "tell", done.append)
    importation.create(person, [lines[0], lines[1], lines[2]])
    assert [one.said for one in done if one.said] == [("2 comptes créés.",)]
    assert done[1].warned[0].startswith("Ligne 3")
    assert [text.split()[0] for one in done for text in one.shown] == ["a@ex.fr", "c@ex.fr"]
    monkeypatch.setenv("OBS_SMTP", "127.0.0.1:1")
    importation.create(person, [replace(lines[0], values={**lines[0].values, "email": "d@ex.fr"})])
    assert "1 message n’a pas pu partir" in done[-1].warned[0]
    assert [one.email for one in outbox.waiting(store) if one.erreur] == ["d@ex.fr"]


def test_organisations_say_who_decides_and_take_another_name(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], Reader]
) -> None:
    ask(store)
    ask(store, "seule", "Clinique  neuve")
    found = organisations.organisations(accounts.everyone(store), registration.requests(store))
    said = {one.nom: (len(one.comptes), [m.name for m in one.responsables], one.demandes) for one in found}
    assert said == {
        "Agence": (1, [], 0),
        "Clinique neuve": (0, [], 1),
        "Groupement régional": (2, ["Anne Chef"], 1),
        "Observatoire": (1, [], 0),
    }
    person = read_by("admin")
    at = opened(tab="Organisations")
    assert at.dataframe[0].value["Ses demandes vont à"].to_list() == [
        "administrateurs", "administrateurs", "Anne Chef", "administrateurs",
    ]  # fmt: skip
    agency = found[0]
    assert organisations.rename(person, agency, " Agence  nationale ") == 1
    assert accounts.get(store, people["ailleurs"].id).organisation == "Agence nationale"
    with pytest.raises(AccessDenied):
        organisations.rename(read_by("chef"), agency, "Autre")
    with pytest.raises(LakeError, match="Il manque l'organisation"):
        organisations.rename(read_by("admin"), agency, " ")


def test_messages_that_wait_are_shown_to_administrators_to_hand_over(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], Reader]
) -> None:
    link = messages.send(store, people["pilote"], Genre.OUBLI)
    read_by("chef")
    at = opened(tab="Messages")
    assert "pilote@ex.fr" in html(at)
    assert not [one for one in at.button if one.label == "Montrer le lien"]
    read_by("admin")
    at = opened(tab="Messages")
    next(one for one in at.button if one.label == "Montrer le lien").click().run()
    assert link in at.code[0].value
    assert outbox.waiting(store, due=False) == []
    line = journal.read(store, Filters(action="compte.lien"))[0]
    assert (line.auteur, line.objet) == ("admin@ex.fr", "pilote@ex.fr")
    at.run()
    assert not at.code  # shown once


def test_the_journal_is_searched_beyond_what_the_database_filters(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], Reader]
) -> None:
    now = datetime(2026, 3, 10, 22, 30, tzinfo=UTC)  # already the 11th... not yet, in Paris: 23 h 30
    actions.note(store, "echec", objet="pilote@ex.fr", adresse="203.0.113.9", now=now)
    actions.note(store, "export", auteur="chef@ex.fr", objet="segur.csv", now=now)
    journal.record(store, "export.personnes", "annuaire", auteur="chef@ex.fr", details={"lignes": 3}, now=now)
    start, end, since, until = period((date(2026, 3, 10), date(2026, 3, 10)), date(2026, 3, 12))
    assert (start, end) == (datetime(2026, 3, 9, 23, tzinfo=UTC), datetime(2026, 3, 10, 23, tzinfo=UTC))
    assert (since, until) == (date(2026, 3, 10), date(2026, 3, 10))
    assert period((date(2026, 3, 29),), date(2026, 4, 1))[1] == datetime(2026, 3, 29, 22, tzinfo=UTC)
    asked = Filters(du=start, au=end)
    assert [one.action for one in search(store, asked)[0]] == [
        "export.personnes", "compte.export", "compte.echec",
    ]  # fmt: skip
    assert [one.objet for one in search(store, asked, "203.0.113")[0]] == ["pilote@ex.fr"]
    assert [one.objet for one in search(store, asked, "CHEF", ["compte.export"])[0]] == ["segur.csv"]
    found, cut = search(store, asked, most=2)
    assert (len(found), cut) == (2, True)
    frame = life(accounts.everyone(store), found + search(store, Filters())[0])
    row = frame.filter(pl.col("Compte") == "chef@ex.fr").row(0, named=True)
    assert (row["Exports"], row["Mises à jour"], row["Dernière connexion"]) == (4, 0, None)
    actions.note(store, "droits", auteur="chef@ex.fr", objet="pilote@ex.fr", now=now)
    frame = life(accounts.everyone(store), search(store, Filters())[0])
    assert frame.filter(pl.col("Compte") == "chef@ex.fr")["Mises à jour"].to_list() == [1]


def test_the_journal_page_shows_lines_and_the_life_of_accounts(
    store: Store, read_by: Callable[[str], Reader]
) -> None:
    person = read_by("admin")
    actions.note(store, "echec", objet="inconnue@ex.fr", adresse="203.0.113.9")
    at = opened("journal", "JOURNAL")
    at.multiselect(key="journal_quoi").set_value(["compte.echec"]).run()
    table = at.dataframe[0].value
    assert table["Sur quoi"].to_list() == ["inconnue@ex.fr"]
    assert table["Quoi"].to_list() == ["Échec de connexion"]
    at.text_input(key="journal_qui").set_value("personne n’a fait cela").run()
    assert "Rien à cette période" in at.info[0].value
    at = AppTest.from_string(SCREEN.format(module="journal", name="JOURNAL"), default_timeout=60)
    at.session_state["journal_onglet"] = "Vie des comptes"
    at.run()
    assert not at.exception
    assert at.dataframe[0].value["Compte"].to_list()[0] == person.compte.email  # the last one signed in
    assert "<dt>Jamais connectés</dt>" in html(at)
    read_by("chef")
    refused = opened("journal", "JOURNAL")
    assert [one.value for one in refused.title] == ["Accès refusé"]
    assert len(refused.warning) == 1
    assert not refused.dataframe


def test_one_s_own_data_are_one_s_own(store: Store, read_by: Callable[[str], Reader]) -> None:
    from apps.acces.compte import my_data
    from apps.kit.access.access import Audience

    person = read_by("pilote")
    at = opened("compte", "COMPTE")
    assert [one.label for one in at.get("download_button")] == ["Tout ce qui est conservé sur moi (JSON)"]
    made = access.export("mes-donnees.json", lambda: my_data(person.compte.email), Audience.SIGNED_IN)
    assert b'"email": "pilote@ex.fr"' in made()
    assert b"chef@ex.fr" not in made()
    sessions.close(store, person.compte)
    with pytest.raises(AccessDenied):
        made()


def test_the_form_of_a_request_only_offers_what_the_setting_allows(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert people
    read_by("admin")
    monkeypatch.setattr(session, "cookie", lambda: "")
    at = opened("inscription", "INSCRIPTION")
    assert not at.checkbox
    monkeypatch.setenv("OBS_INSCRIPTION", "libre")
    at = opened("inscription", "INSCRIPTION")
    for label, value in (
        ("Adresse électronique", "n@ex.fr"),
        ("Prénom", "Nour"),
        ("Nom", "Velle"),
        ("Organisation", "Cabinet"),
    ):
        next(one for one in at.text_input if one.label == label).set_value(value)
    next(one for one in at.button if one.label == "Envoyer ma demande").click().run()
    assert "Votre demande est enregistrée" in at.success[0].value  # not ticked: somebody decides
    assert [one.email for one in registration.requests(store)] == ["n@ex.fr"]
    with pytest.raises(LakeError, match="OBS_INSCRIPTION"):
        Settings.from_env({"OBS_INSCRIPTION": "ouverte"})


def test_a_manager_sees_the_messages_of_his_own_people_alone(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], Reader]
) -> None:
    for name in ("pilote", "ailleurs"):
        messages.send(store, people[name], Genre.OUBLI)
    assert [
        [one.email for one in attente.waiting(read_by(name))] for name in ("chef", "pilote", "admin")
    ] == [
        ["pilote@ex.fr"],
        [],
        ["pilote@ex.fr", "ailleurs@ex.fr"],
    ]


def test_an_expired_link_is_renewed_but_never_shown_to_who_holds_the_old_one(
    store: Store, read_by: Callable[[str], Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_by("admin")
    monkeypatch.setattr(session, "cookie", lambda: "")
    compte = accounts.create(
        store, email="n@ex.fr", nom="Velle", prenom="Nour", organisation="Agence", profil="expert_national"
    )
    old = messages.send(store, compte, Genre.ACTIVATION, now=datetime.now(UTC) - timedelta(hours=73))
    at = opened("inscription", "ACTIVATION", lien=old.split("lien=")[1])
    assert "demandez-le à la personne responsable" in at.info[0].value
    assert not at.code
    fresh = messages.link_in(outbox.waiting(store)[0])
    assert fresh != old
    again = opened("inscription", "ACTIVATION", lien=old.split("lien=")[1])
    assert "n’est plus valable" in again.warning[0].value
    good = opened("inscription", "ACTIVATION", lien=fresh.split("lien=")[1])
    assert [one.label for one in good.button] == ["Choisir ce mot de passe"]


def test_a_card_changes_manager_attaches_others_passes_the_right_on_disables_and_enables(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], Reader]
) -> None:
    second = made(store, "second", "grades_ars", droits=REGION, responsable_id=people["chef"].id)
    secret = sessions.open_session(store, people["pilote"])
    read_by("chef")
    at = opened(compte=str(second.id))
    next(one for one in at.checkbox if one.label.startswith("Peut créer")).set_value(True)
    attach = next(one for one in at.multiselect if one.label.startswith("Rattacher"))
    assert attach.options == ["Anne Pilote"]  # neither itself, nor its manager, nor other people's
    attach.set_value([people["pilote"].id])
    next(one for one in at.button if one.label == "Enregistrer").click().run()
    assert accounts.get(store, second.id).peut_creer
    assert accounts.get(store, people["pilote"].id).responsable_id == second.id
    at = opened(compte=str(people["pilote"].id))
    manager = next(one for one in at.selectbox if one.label == "Responsable")
    assert manager.value == second.id
    manager.set_value(people["chef"].id)
    next(one for one in at.button if one.label == "Enregistrer").click().run()
    assert accounts.get(store, people["pilote"].id).responsable_id == people["chef"].id
    at.button(key=f"desactiver_{people['pilote'].id}").click().run()
    assert accounts.get(store, people["pilote"].id).etat == "desactive"
    assert sessions.current(store, secret or "") is None
    at.button(key=f"reactiver_{people['pilote'].id}").click().run()
    assert accounts.get(store, people["pilote"].id).etat == "invite"  # it had chosen no password


def test_only_an_administrator_changes_a_profile_and_an_unknown_editor_is_told(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], Reader]
) -> None:
    read_by("chef")
    assert "Profil" not in [one.label for one in opened(compte=str(people["pilote"].id)).selectbox]
    read_by("admin")
    at = opened(compte=str(people["ailleurs"].id))
    next(one for one in at.selectbox if one.label == "Profil").set_value("industriel")
    next(one for one in at.text_input if one.label == "Organisation").set_value("Éditeur inconnu")
    at.button(key=f"identite_{people['ailleurs'].id}_enregistrer").click().run()
    compte = accounts.get(store, people["ailleurs"].id)
    assert (compte.profil, compte.organisation) == ("industriel", "Éditeur inconnu")
    assert any("ne porte exactement ce nom" in one.value for one in at.warning)
    line = journal.read(store, Filters(action="compte.modification"))[0]
    assert (line.auteur, line.objet) == ("admin@ex.fr", "ailleurs@ex.fr")


def test_the_home_page_leads_an_industrial_to_its_products(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], Reader]
) -> None:
    people["industriel"] = made(store, "industriel", "industriel", organisation="Alizé Santé")
    read_by("industriel")
    assert 'href="./convergence-synthese?volet=industriels"' in html(opened("accueil", "ACCUEIL"))
    read_by("pilote")
    assert 'href="./convergence-synthese"' in html(opened("accueil", "ACCUEIL"))


def test_the_legal_page_says_how_long_data_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.acces.mentions import kept as said

    monkeypatch.setenv("OBS_CONSERVATION_PARTAGES", "90")
    assert said() == (
        "le journal 365 jours, les sessions finies 30 jours, les liens expirés 30 jours, les demandes traitées "
        "365 jours, les liens partagés que personne n’ouvre 90 jours, les échecs de connexion 2 jours, "
        "les saisies non envoyées 90 jours et les analyses supprimées 30 jours"
    )
