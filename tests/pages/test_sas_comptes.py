"""The SAS for its own people: who opens which screen, the charter, roles given downward only, accounts in bulk."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from apps.kit.access import session
from apps.kit.data import praticiens
from apps.kit.export import pdf
from apps.kit.style.french import long_date
from apps.sas import acces, adhesion, charte, declaration, importer, questions, relances
from apps.sas import profil as lignes
from lake.errors import AccessDenied, LakeError
from lake.horaires.heures import local_day
from lake.store import journal
from lake.store.accounts import accounts, links, outbox, sessions
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.sas import (
    agendas,
    avis,
    chargement,
    delegations,
    inscriptions,
    planning,
    profil,
    roles,
    sorties,
    suivi,
)
from lake.store.sas.adhesion import Praticien
from lake.store.sas.fichiers import Lot, lire
from tests.pages.drawing import read

SCREEN = """
from apps.kit.shell.screen import draw
from apps.sas import adhesion, comptes, declaration, questions
draw(next(one for one in declaration.SCREENS if one.name == "{name}"))
"""
UN, DEUX = "810000000001", "810000000002"
PEOPLE = (
    "identifiant,genre,nom,code_commune,longitude,latitude\n"
    f"{UN},ps,Dr Anne Fictive,54395,6.18,48.69\n{DEUX},ps,Dr Paul Fictif,67482,7.75,48.58\n"
)


@pytest.fixture
def store(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("OBS_ACCES", "comptes")
    chargement.charger(store, effecteurs=[lire(PEOPLE.encode(), "e", "effecteurs"), Lot("")])
    monkeypatch.setattr(session, "store", lambda: store)
    return store


def compte(store: Store, name: str, **more: object) -> Compte:
    found = accounts.create(
        store,
        email=f"{name}@ex.fr",
        nom=name.title(),
        prenom="A",
        organisation="SAS",
        profil="grand_public",
        **more,
    )  # type: ignore[arg-type]
    return accounts.change(store, found.id, "test", etat="actif")


@pytest.fixture
def people(store: Store) -> dict[str, Compte]:
    return peopled(store)


def peopled(store: Store) -> dict[str, Compte]:
    """One account a role, by name."""
    made = {name: compte(store, name) for name in ("regul", "local", "region", "personne")}
    made["anne"] = compte(store, "anne", rpps=UN[1:])
    roles.affecter(store, None, made["regul"].id, "SAS-54", roles.REGULATEUR)
    roles.affecter(store, None, made["local"].id, "SAS-54", roles.ADMINISTRATEUR)
    roles.affecter(store, None, made["region"].id, roles.REGION, roles.REGIONAL)
    return made


@pytest.fixture
def read_by(
    store: Store, people: dict[str, Compte], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    def become(name: str) -> None:
        secret = sessions.open_session(store, people[name])
        monkeypatch.setattr(session, "cookie", lambda: secret)

    return become


def test_each_opens_the_screens_of_its_role(read_by: Callable[[str], None]) -> None:
    def opened(name: str) -> list[str]:
        read_by(name)
        return [one.title for one in declaration.shown() if one.listed]

    assert opened("regul") == ["Consultation", "Mes orientations"]
    assert opened("anne") == ["Mon agenda"]  # recognised by the RPPS of her account
    assert opened("local") == ["Mon agenda", "Comptes du SAS", "Équité et prévision", "Territoires"]
    assert opened("personne") == ["Rejoindre le SAS"]  # nobody's role yet: she may open an agenda


def screen(name: str) -> AppTest:
    at = AppTest.from_string(SCREEN.format(name=name), default_timeout=30).run()
    assert not at.exception, at.exception
    return at


def text_of(at: AppTest) -> str:
    return " ".join(
        one.value for kind in ("error", "warning", "success", "markdown") for one in getattr(at, kind)
    )


def test_who_may_not_is_refused_at_the_address_too(read_by: Callable[[str], None]) -> None:
    read_by("personne")
    at = screen("sas-consultation")
    assert not at.text_input
    read_by("anne")
    assert screen("sas-agenda").header[0].value == "Dr Anne Fictive"


def test_the_charter_is_signed_before_anything_else(store: Store, read_by: Callable[[str], None]) -> None:
    roles.publier_charte(store, "Les administrateurs n'enregistrent aucune donnée de patient.")
    read_by("local")
    at = screen("sas-comptes")
    assert at.header[0].value == "Charte des administrateurs"
    assert "Donner un rôle" not in [one.value for one in at.subheader]
    at.button(key="sas_signer").click().run()
    assert "2 personnes" in read(at).html or "personnes" in read(at).html
    assert "Donner un rôle" in [one.value for one in at.subheader]
    # Who gave the role signs the same text: the paper names both, with the day and the mark of what they read.
    regional = accounts.find(store, "region@ex.fr")
    local = accounts.find(store, "local@ex.fr")
    assert regional is not None
    assert local is not None
    roles.signer(store, regional)
    roles.retirer(store, None, local.id, "SAS-54", roles.ADMINISTRATEUR)
    roles.affecter(store, regional, local.id, "SAS-54", roles.ADMINISTRATEUR)
    told = charte.content(local)
    assert [row[:2] for row in told["semaines"]] == [
        ["A Local", "reçoit le rôle"],
        ["A Region", "donne le rôle"],
    ]
    assert len({row[3] for row in told["semaines"]}) == 1
    assert "pas encore" not in {row[2] for row in told["semaines"]}
    assert pdf.compose(told, charte.LAYOUT).startswith(b"%PDF")
    assert "Charte signée (PDF)" in [one.label for one in screen("sas-comptes").get("download_button")]
    assert roles.publier_charte(store, "Une autre version.") == 2
    assert screen("sas-comptes").header[0].value == "Charte des administrateurs"


def test_who_offers_nothing_is_listed_with_the_reason(store: Store, read_by: Callable[[str], None]) -> None:
    today = local_day(datetime.now(UTC))
    names = {
        f"81000000001{n}": f"Dr {name}"
        for n, name in enumerate(["Offre", "Ferme", "Parti", "Absent", "Sorti", "Vide"])
    }
    people = "identifiant,genre,nom,code_commune,longitude,latitude\n" + "\n".join(
        f"{who},ps,{name},54395,6.18,48.69" for who, name in names.items()
    )
    offers, closed, gone, away, left, _ = names
    rows = "identifiant,du,au,jour,debut,fin,duree_min,modalites\n" + "\n".join(
        f"{who},{today - timedelta(days=60)},{today + timedelta(days=end)},{day},08:00,12:00,20,AMB"
        for who, end in ((offers, 90), (closed, 90), (gone, -1), (away, 90), (left, 90))
        for day in range(1, 8)
    )
    absent = f"identifiant,debut,fin\n{away},{today}T00:00,{today + timedelta(days=40)}T00:00\n"
    chargement.charger(
        store,
        effecteurs=[lire(people.encode(), "e", "effecteurs"), Lot("")],
        plages_=lire(rows.encode(), "p", "plages"),
        absences=lire(absent.encode(), "a", "absences"),
    )
    planning.dire_indisponible(store, closed, True)
    sorties.appliquer(store, dict.fromkeys((left, UN), today), ())
    found = relances.sans_creneau(agendas.photo(store), frozenset({"SAS-54"}), datetime.now(UTC))
    assert dict(found.select("nom", "raison").iter_rows()) == {
        "Dr Absent": "Absent", "Dr Ferme": "Indisponible", "Dr Parti": "Plus de plage à venir",
        "Dr Vide": "Rien n’a jamais été saisi", "Dr Anne Fictive": "Sorti de l’annuaire ou de FINESS",
        "Dr Sorti": "Sorti de l’annuaire ou de FINESS",
    }  # fmt: skip
    read_by("local")
    acces._agendas.clear()
    at = screen("sas-comptes")
    at.toggle(key="sas_sans_creneau").set_value(True).run()
    assert "6 effecteurs sans créneau dans les quatre semaines" in read(at).html
    listed = next(one.value for one in at.dataframe if "Plus proposé depuis le" in one.value)
    assert listed["Effecteur"].to_list() == ["Dr Anne Fictive", "Dr Sorti"]
    assert listed["Rendez-vous gardés"].to_list() == ["aucun", "aucun"]
    assert "faites corriger le registre" in read(at).html
    read_by("anne")
    assert "Plus dans l’annuaire depuis le" in " ".join(one.value for one in screen("sas-agenda").warning)


def test_roles_are_given_downward_and_at_home(store: Store, people: dict[str, Compte]) -> None:
    local, region, other = people["local"], people["region"], people["personne"]
    roles.affecter(store, local, other.id, "SAS-54", roles.REGULATEUR)
    roles.affecter(store, local, other.id, "SAS-54", roles.REGULATEUR)  # twice is once
    for sas, role in (
        ("SAS-67", roles.REGULATEUR),
        ("SAS-54", roles.ADMINISTRATEUR),
        (roles.REGION, roles.REGIONAL),
    ):
        with pytest.raises(AccessDenied):
            roles.affecter(store, local, other.id, sas, role)
    roles.affecter(store, region, other.id, "SAS-67", roles.ADMINISTRATEUR)
    assert roles.territoires_of(store, other, (roles.REGULATEUR, roles.ADMINISTRATEUR)) == {
        "SAS-54",
        "SAS-67",
    }
    roles.retirer(store, local, other.id, "SAS-54", roles.REGULATEUR)
    assert roles.territoires_of(store, other, (roles.REGULATEUR,)) == frozenset()
    roles.affecter(store, region, region.id, "SAS-88", roles.ADMINISTRATEUR)
    with pytest.raises(LakeError, match="dernier administrateur"):
        roles.retirer(store, region, region.id, "SAS-88", roles.ADMINISTRATEUR)


def test_a_delegate_keeps_an_agenda_once_the_practitioner_accepts(
    store: Store, people: dict[str, Compte]
) -> None:
    number = int(agendas.photo(store).effecteurs.row(0, named=True)["effecteur_id"])
    roles.lier(store, UN, people["anne"].id)
    asked = delegations.deleguer(store, number, people["personne"].id)
    assert delegations.deleguer(store, number, people["personne"].id) == asked
    assert roles.agendas_of(store, people["personne"]) == []
    with pytest.raises(AccessDenied, match="Seul le praticien"):
        delegations.decider(store, people["local"], asked, "active")
    delegations.decider(store, people["anne"], asked, "active")
    assert roles.agendas_of(store, people["personne"]) == [UN]
    delegations.decider(store, people["local"], asked, "finie")
    assert roles.agendas_of(store, people["personne"]) == []
    with pytest.raises(LakeError, match="n'existe plus"):
        delegations.decider(store, people["anne"], asked, "active")
    # A request that nobody answers is over after thirty days: it opens nothing, and may be made anew.
    old = datetime.now(UTC) - timedelta(days=30)
    late = delegations.deleguer(store, number, people["personne"].id, now=old)
    assert delegations.delegations(store, number) == []
    with pytest.raises(LakeError, match="a expiré : elle attendait depuis 30 jours"):
        delegations.decider(store, people["anne"], late, "active")
    fresh = delegations.deleguer(store, number, people["personne"].id)
    assert fresh != late
    with pytest.raises(LakeError, match="a expiré"):
        delegations.decider(store, people["anne"], late, "active")
    delegations.decider(store, people["anne"], fresh, "active")
    assert [row["etat"] for row in delegations.delegations(store, number)] == ["active"]


def test_the_sheet_is_kept_by_who_keeps_the_agenda_and_ordinary_hours_by_the_administrator(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], None]
) -> None:
    roles.lier(store, UN, people["anne"].id)
    read_by("anne")
    at = screen("sas-agenda")
    labels = [one.label for one in at.toggle] + [one.label for one in at.checkbox]
    assert not any("heures ordinaires" in one for one in labels)  # the administrator's to say
    line = next(one for one in at.text_input if one.label.startswith("Ligne"))
    line.set_value("06 12")
    next(one for one in at.button if one.label == "Enregistrer la fiche").click().run()
    assert "n’est pas un numéro de téléphone français" in read(at).html + text_of(at)
    assert profil.lire(store, UN).ligne_pro == ""
    next(one for one in at.text_input if one.label.startswith("Ligne")).set_value("03.83.00.00.01")
    spoken = next(one for one in at.multiselect if one.label == "Langues parlées")
    assert spoken.options[:3] == ["Albanais", "Allemand", "Alsacien"]
    spoken.set_value(["fr", "fsl"])
    received = next(one for one in at.multiselect if one.label == "Âges reçus")
    assert received.options == ["Moins de 2 ans", "De 2 à 15 ans", "De 16 à 74 ans", "75 ans et plus"]
    received.set_value(["enfant", "nourrisson"])
    next(one for one in at.button if one.label == "Enregistrer la fiche").click().run()
    assert "Fiche enregistrée." in read(at).html + text_of(at)
    said = profil.Profil("+33383000001", ("fr", "fsl"), ages=("nourrisson", "enfant"))
    assert profil.lire(store, UN) == said
    # All of them is none said; a file without the column leaves what was said, one with it replaces it, or is refused.
    profil.decrire(store, UN, replace(said, ages=tuple(profil.AGES)))
    assert profil.lire(store, UN).ages == ()
    profil.decrire(store, UN, said)
    chargement.charger(store, effecteurs=[lire(PEOPLE.encode(), "e", "effecteurs"), Lot("")])
    assert profil.lire(store, UN).ages == ("nourrisson", "enfant")
    lines = PEOPLE.splitlines()
    wrong = lire(f"{lines[0]},ages\n{lines[1]},adulte\n{lines[2]},bebe\n".encode(), "e", "effecteurs")
    assert [line for line in wrong.rejets if "Âge inconnu : « bebe »" in str(line)]
    chargement.charger(store, effecteurs=[wrong, Lot("")])
    assert (profil.lire(store, UN).ages, profil.lire(store, DEUX).ages) == (("adulte",), ())
    profil.decrire(store, UN, said)
    # How she is told of bookings is hers to choose.
    assert at.radio(key="sas_avis").value == "immediat"
    at.radio(key="sas_avis").set_value("quotidien").run()
    assert "Choix gardé\u202f: un récapitulatif chaque matin." in text_of(at)
    assert avis.choix(accounts.get(store, people["anne"].id)) == "quotidien"
    # The administrator of her SAS shows her ordinary hours too; nothing else of the sheet moves.
    profil.decrire(store, UN, replace(profil.lire(store, UN), deux_plages=True), auteur="local@ex.fr")
    told = journal.read(store, journal.Filters(action="sas.fiche"))
    assert "deux_plages" in str(told)
    assert "local@ex.fr" in str(told)
    assert "383000001" not in str(told)
    # Members of the SAS read the line; an effecteur's own session is no régulateur's.
    assert lignes.lines(UN) == []
    read_by("regul")
    assert lignes.lines(UN) == [
        "Ligne professionnelle\u202f: 03 83 00 00 01",
        "Parle français et langue des signes française",
        "Reçoit\u202f: moins de 2 ans et de 2 à 15 ans",
    ]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("03 83 00 00 00", "+33383000000"), ("+33 (0)3 83 00 00 00", "+33383000000"), ("0033383000000", "+33383000000"),
        ("0262 12 34 56", "+262262123456"), ("+590 590 12 34 56", "+590590123456"), ("0596123456", "+596596123456"),
    ],
)  # fmt: skip
def test_a_line_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert profil.telephone(typed) == kept


def test_who_joins_is_proved_by_an_administrator_of_her_sas(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = praticiens.Trouve("810000000009", "Nouvelle", "Nina", True, "SM54", "54395", 6.18, 48.69)
    monkeypatch.setattr(
        praticiens, "of_rpps", lambda _lake, rpps: found if rpps == found.identifiant else None
    )
    monkeypatch.setattr(adhesion, "open_lake", lambda: None)
    read_by("personne")
    at = screen("sas-rejoindre")
    for typed, said in (
        ("10000000008", "Aucun professionnel localisé"), (UN, "Aucun professionnel localisé"),
        ("10000000009", "Agenda ouvert : Dr Nina Nouvelle, SAS Meurthe-et-Moselle"),
    ):  # fmt: skip
        at.text_input[0].set_value(typed)
        next(one for one in at.button if one.label == "Ouvrir mon agenda").click()
        at.run()
        told = " ".join(one.value for one in [*at.error, *at.success, *at.markdown]) + read(at).html
        assert said in told.replace("\u202f", " ")
    assert agendas.photo(store).effecteurs.filter(identifiant="810000000009")["indisponible"].to_list() == [
        True
    ]
    assert "pas encore prouvé" in screen("sas-agenda").warning[0].value
    read_by("local")
    at = screen("sas-comptes")
    assert "RPPS à vérifier" in [one.value for one in at.subheader]
    assert "Dr Nina Nouvelle · RPPS 10000000009 · Meurthe-et-Moselle · personne@ex.fr" in read(
        at
    ).html.replace("\u202f", " ")
    button = next(one for one in at.button if one.label == "RPPS vérifié")
    button.click().run()
    assert agendas.photo(store).effecteurs.filter(identifiant="810000000009")["indisponible"].to_list() == [
        False
    ]
    # In the same page: a search of the SAS, which its régulateurs are then offered.
    next(one for one in at.text_input if one.label == "Nom de la recherche").set_value("Germanophones")
    next(one for one in at.selectbox if one.label.startswith("Langue")).set_value("fr")
    next(one for one in at.selectbox if one.label.startswith("Horizon")).set_value("4h")
    next(one for one in at.selectbox if one.label.startswith("Âge du patient")).set_value("enfant")
    next(one for one in at.multiselect if one.label.startswith("Modalités")).set_value(["VR", "HH"])
    next(one for one in at.button if one.label == "Ajouter cette recherche").click()
    at.run()
    assert not at.exception, at.exception
    assert "Meurthe-et-Moselle · Germanophones : langue fr, " in read(at).html.replace("\u202f", " ")
    (only,) = questions.locales(store, ["SAS-54", "SAS-57"]).values()
    assert (only.critere.titre, only.critere.langues) == ("Germanophones", frozenset({"fr"}))
    assert (only.horizon, only.modalites, only.age) == ("4h", ("HH", "VR"), "enfant")
    assert "patients : de 2 à 15 ans" in read(at).html.replace("\u202f", " ").replace("\u00a0", " ")


BULK = f"""rpps;email
{UN[1:]};neuve@ex.fr
{DEUX};paul@ex.fr
{DEUX[1:]};encore@ex.fr
1.0E+10;x@ex.fr
10000000009;inconnu@ex.fr
"""
NINA = "810000000009"


def _annuaire(wanted: Collection[str]) -> dict[str, Praticien]:
    found = Praticien(NINA, "Dr Nina Nouvelle", "SM54", "SAS-54", "54395", 6.18, 48.69)
    return {NINA: found} if NINA in wanted else {}


def test_accounts_in_bulk_need_two_columns_and_say_who_holds_an_rpps(
    store: Store, people: dict[str, Compte]
) -> None:
    roles.affecter(store, None, people["anne"].id, "SAS-54", roles.EFFECTEUR)
    lines = inscriptions.lire(store, BULK.encode(), None)
    assert [one.refus.partition(" :")[0].partition(" Mettez")[0] for one in lines] == [
        "ce RPPS a déjà un compte, à une autre adresse (SAS-54)",
        "",
        "ligne 3",
        "« 1.0E+10 » a été arrondi par le tableur.",
        "aucun professionnel localisé de ce RPPS",
    ]
    assert [one.refus for one in inscriptions.lire(store, BULK.encode(), {"SAS-54"})][
        1
    ] == "vous n'administrez pas SAS-67"
    # Between the check and the creation somebody was faster: the line is refused, nothing is created twice.
    faster = inscriptions.lire(store, f"rpps,email\n{DEUX},vite@ex.fr\n".encode(), None)
    made = inscriptions.creer(store, lines)
    late = inscriptions.creer(store, faster)
    assert (late.crees, [one.refus.partition(" par")[0] for one in late.refus]) == (
        [],
        ["ce professionnel vient d'être inscrit"],
    )
    assert accounts.find(store, "vite@ex.fr") is None
    later = datetime.now(UTC) + timedelta(days=30)
    importer.invited(made.crees, later.date())
    (link,) = outbox.waiting(store, due=False)
    assert (link.email, link.envoi_le.date()) == ("paul@ex.fr", later.date() - timedelta(days=1))
    paul = accounts.get(store, made.crees[0])
    assert (paul.name, paul.rpps, paul.etat) == ("Paul Fictif", DEUX[1:], "invite")
    assert roles.agendas_of(store, paul) == [DEUX]
    again = inscriptions.lire(store, BULK.encode(), None)[1]
    assert again.refus == "ce RPPS a déjà un compte (SAS-67) : cochez « Rattacher »"


MANY = f"""rpps;email;role;sas;nom;prenom
{UN[1:]};anne@ex.fr;;"SAS-54;SAS-57";;
;osnp@ex.fr;régulateur;SAS-54|SAS-67;Osnp;Rose
;osnp@ex.fr;Régulateur-OSNP;SAS-88;Osnp;Rose
;osnp@ex.fr;regulateur_osnp;SAS-67;Osnp;Rose
;sans@ex.fr;régulateur;SAS-54;;
;ailleurs@ex.fr;régulateur;SAS-99;A;B
;haut@ex.fr;Administrateur des comptes;SAS-54;A;B
{NINA};nina@ex.fr;effecteur;;;
{NINA};osnp@ex.fr;effecteur;SAS-54;;
;parti@ex.fr;régulateur;SAS-54;A;B
;regul@ex.fr;régulateur;SAS-57;;
"""


def test_a_file_gives_several_sas_in_a_cell_or_a_line_each_and_ties_the_accounts_that_exist(
    store: Store, people: dict[str, Compte]
) -> None:
    accounts.change(store, compte(store, "parti").id, "test", etat="desactive")
    offered = {f"SAS-{one}" for one in (54, 57, 67, 88)}

    def read(**more: bool) -> list[inscriptions.Ligne]:
        return inscriptions.lire(store, MANY.encode(), None, offerts=offered, annuaire=_annuaire, **more)

    assert [(one.numero, one.refus) for one in read() if one.refus] == [
        (2, "ce RPPS a déjà un compte (aucun SAS) : cochez « Rattacher »"),
        (5, "déjà sur la ligne 3"),
        (6, "sans RPPS connu, il faut les colonnes nom et prenom"),
        (7, "« SAS-99 » n'est pas un SAS"),
        (8, "rôle « Administrateur des comptes » : un fichier donne Effecteur ou Régulateur-OSNP."),
        (10, "ligne 3 : la même personne avec une autre adresse ou un autre RPPS"),
        (11, "ce compte est désactivé (aucun SAS) : réactivez-le d'abord"),
        (12, "cette adresse a déjà un compte (SAS-54) : cochez « Rattacher »"),
    ]
    lines = read(rattacher=True)
    assert [one.numero for one in lines if not one.refus] == [2, 3, 4, 9, 12]
    made = inscriptions.creer(store, lines, acteur=people["region"])
    assert made.refus == []
    assert [accounts.get(store, one).email for one in made.crees] == ["osnp@ex.fr", "nina@ex.fr"]
    assert {accounts.get(store, one).email for one in made.rattaches} == {"anne@ex.fr", "regul@ex.fr"}
    held = {
        (accounts.get(store, one.compte_id).email, one.sas, one.role) for one in roles.affectations(store)
    }
    assert held >= {
        ("anne@ex.fr", "SAS-54", "effecteur"), ("anne@ex.fr", "SAS-57", "effecteur"),
        ("osnp@ex.fr", "SAS-54", "regulateur_osnp"), ("osnp@ex.fr", "SAS-67", "regulateur_osnp"),
        ("osnp@ex.fr", "SAS-88", "regulateur_osnp"), ("nina@ex.fr", "SAS-54", "effecteur"),
        ("regul@ex.fr", "SAS-54", "regulateur_osnp"), ("regul@ex.fr", "SAS-57", "regulateur_osnp"),
    }  # fmt: skip
    rose, nina = (accounts.get(store, one) for one in made.crees)
    assert (rose.name, rose.rpps, rose.responsable_id) == ("Rose Osnp", "", people["region"].id)
    # Whom the directory alone knew has an agenda, shown: the administrator vouches for it.
    assert roles.agendas_of(store, nina) == [NINA]
    assert agendas.photo(store).effecteurs.filter(identifiant=NINA)["preuve"].to_list() == ["administrateur"]
    # One SAS is taken away, the other stays.
    roles.retirer(store, people["region"], rose.id, "SAS-67", roles.REGULATEUR)
    assert roles.territoires_of(store, rose, (roles.REGULATEUR,)) == {"SAS-54", "SAS-88"}
    assert not any(one.refus == "" for one in read())


def test_an_administrator_vouches_for_the_rpps_of_his_own_sas_alone(
    store: Store, people: dict[str, Compte]
) -> None:
    """Who holds an RPPS keeps its agenda: a file of SAS-54 opens none of SAS-67."""
    rows = "rpps;email;role;sas;nom;prenom\n" + "".join(
        f"{who};{email};{role};SAS-54;A;B\n"
        for who, email, role in (
            (DEUX, "autre@ex.fr", "effecteur"), (DEUX, "autre@ex.fr", "régulateur"), (DEUX, "paul@ex.fr", "effecteur"),
            (DEUX, "paul@ex.fr", "régulateur"), ("10000000008", "rien@ex.fr", "régulateur"), (UN, "anne@ex.fr", ""),
        )
    )  # fmt: skip

    def refused() -> list[str]:
        read = inscriptions.lire(store, rows.encode(), {"SAS-54"}, annuaire=_annuaire, rattacher=True)
        return [one.refus.partition(" :")[0] for one in read]

    away = "ce RPPS exerce dans SAS-67, que vous n'administrez pas"
    assert refused() == [away, away, away, away, "ce RPPS n'est pas dans l'annuaire", ""]
    # Tied to his account by the administrator of SAS-67, he may be effecteur and régulateur of SAS-54 too; what proved
    # that the agenda is his stays what it was.
    paul = compte(store, "paul", rpps=DEUX[1:])
    roles.lier(store, DEUX, paul.id, preuve="psc")
    taken = "ce RPPS a déjà un compte, à une autre adresse (aucun SAS)"
    assert refused() == [taken, taken, "", "", "ce RPPS n'est pas dans l'annuaire", ""]
    read = inscriptions.lire(store, rows.encode(), {"SAS-54"}, annuaire=_annuaire, rattacher=True)
    assert len(inscriptions.creer(store, read, acteur=people["local"]).rattaches) == 2
    assert roles.territoires_of(store, paul, (roles.EFFECTEUR,)) == {"SAS-54"}
    assert agendas.photo(store).effecteurs.filter(identifiant=DEUX)["preuve"].to_list() == ["psc"]


def test_an_administrator_reads_the_days_of_an_account_and_moves_its_activation(
    store: Store, people: dict[str, Compte], read_by: Callable[[str], None]
) -> None:
    roles.lier(store, UN, people["anne"].id)
    roles.affecter(store, None, people["anne"].id, "SAS-54", roles.EFFECTEUR)
    other = compte(store, "secretaire")
    number = int(agendas.photo(store).effecteurs.filter(identifiant=UN)["effecteur_id"][0])
    delegations.decider(store, people["anne"], delegations.deleguer(store, number, other.id), "active")
    now = datetime.now(UTC)
    for rank, author in enumerate(("anne@ex.fr", "anne@ex.fr", "secretaire@ex.fr", "local@ex.fr", "")):
        from_ = now + timedelta(days=rank + 1)
        planning.absenter(store, UN, from_, from_ + timedelta(hours=1), auteur=author)
    planning.dire_indisponible(store, DEUX, True, auteur="anne@ex.fr")  # another's agenda
    for days in (1, 1, 3, 200):
        note = {"auteur": "anne@ex.fr", "adresse": "192.0.2.7", "now": now - timedelta(days=days)}
        journal.record(store, "compte.connexion", **note)
    assert [(one.par, one.quoi, one.nombre) for one in suivi.changements(store, UN)] == [
        ("administrateur", "Absence prévue", 1), ("délégué", "Absence prévue", 1),
        ("exploitant", "Absence prévue", 1), ("titulaire", "Absence prévue", 2),
    ]  # fmt: skip
    assert [*suivi.connexions(store, people["anne"]).jours.values()] == [2, 1]
    late = inscriptions.lire(
        store, "rpps,email,role,sas,nom\n,tard@ex.fr,régulateur,SAS-54,Tard\n".encode(), None
    )
    invited = inscriptions.creer(store, late).crees
    importer.invited(invited, local_day(now) + timedelta(days=20))
    read_by("local")
    at = screen("sas-comptes")
    at.selectbox(key="sas_suivi_de").set_value(people["anne"].id).run()
    html = read(at).html.replace("\u202f", " ")
    assert "3 connexions en 90 jours" in html
    assert f"Agenda {UN} (Meurthe-et-Moselle) : 5 changements en 90 jours, le dernier aujourd’hui." in html
    assert "192.0.2.7" not in html
    day = long_date(local_day(now) + timedelta(days=20)).replace("\u202f", " ")
    assert (
        importer.state(accounts.get(store, invited[0]), links.activations(store)) == f"Invité · lien le {day}"
    )
    # A day that is past is now: the first link no longer works, the second begins at once.
    next(one for one in at.selectbox if one.key != "sas_suivi_de" and one.label == "Compte").set_value(
        invited[0]
    )
    next(one for one in at.button if one.label == "Envoyer ce lien").click()
    at.run()
    assert "Nouveau lien, aussitôt" in text_of(at).replace("\u202f", " ")
    assert links.activations(store)[invited[0]][0] <= datetime.now(UTC)
    # A role in several SAS at once, by form: in all of them, or in none.
    typed = next(one for one in at.text_input if one.label == "Adresse électronique du compte")
    typed.set_value("personne@ex.fr")
    next(one for one in at.selectbox if one.label == "Rôle" and one.key != "sas_comptes_role").set_value(
        roles.REGULATEUR
    )
    next(one for one in at.multiselect if one.label == "SAS").set_value(["SAS-54"])
    next(one for one in at.button if one.label == "Donner ce rôle").click()
    at.run()
    assert "A Personne est Régulateur-OSNP pour : Meurthe-et-Moselle." in text_of(at).replace("\u202f", " ")
