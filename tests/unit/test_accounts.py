"""Accounts, links, sessions, sign-in and requests, on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import bcrypt
import pyotp
import pytest
import sqlalchemy as sa

from lake.droits import REGIONAL, Droits
from lake.errors import LakeError, Refused
from lake.store import journal
from lake.store.accounts import (
    accounts,
    bulk,
    links,
    outbox,
    passwords,
    possessions,
    registration,
    sessions,
    signing,
    tree,
)
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store
from lake.store.schema import COMPTES, JETONS, OBJETS, SESSIONS
from lake.store.sharing import Genre as Shared
from lake.store.sharing import share

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PHRASE = "quatre poneys bleus dansent"
OTHER = "sept cigognes traversent Colmar"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real cost is asserted below; every other test hashes at the lowest."""
    monkeypatch.setattr(passwords, "kept", lambda password: _hash(password))
    monkeypatch.setattr(passwords, "_NOBODY", _hash("personne"))


def _hash(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


def made(store: Store, name: str, profil: str = "expert_national", **more: object) -> Compte:
    given = {"organisation": "CHU", "nom": name.title(), "prenom": "Anne", **more}
    return accounts.create(store, email=f"{name}@ex.fr", profil=profil, **given)  # type: ignore[arg-type]


def active(store: Store, name: str, profil: str = "expert_national", **more: object) -> Compte:
    end = links.issue(store, made(store, name, profil, **more), Genre.ACTIVATION, now=NOW)
    return links.choose(store, end, PHRASE, now=NOW)


# -- links ----------------------------------------------------------------------------------------------


def test_a_link_works_once_among_sixteen(store: Store) -> None:
    end = links.issue(store, made(store, "anne"), Genre.ACTIVATION, now=NOW)

    def use(_: int) -> bool:
        try:
            links.choose(store, end, PHRASE, now=NOW)
        except LakeError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(use, range(16))) == [False] * 15 + [True]
    lines = journal.read(store, journal.Filters(action="compte.activation"))
    assert [line.objet for line in lines] == ["anne@ex.fr"]


def test_a_link_expires_after_72_hours_and_is_renewed_once(store: Store) -> None:
    compte = made(store, "anne")
    end = links.issue(store, compte, Genre.ACTIVATION, now=NOW)
    late = NOW + timedelta(hours=72)
    assert links.holder(store, end, now=late - timedelta(seconds=1)) == compte
    assert links.holder(store, end, now=late) is None
    assert links.expired(store, end, now=late) == compte
    again = links.issue(store, compte, Genre.ACTIVATION, renewed=True, now=late)
    assert links.holder(store, again, now=late) == compte
    assert links.expired(store, again, now=late + timedelta(hours=72)) is None
    assert links.expired(store, end, now=late) is None  # the first one is over


def test_a_new_link_ends_the_older_and_starts_on_its_date(store: Store) -> None:
    compte = made(store, "anne")
    old = links.issue(store, compte, Genre.ACTIVATION, now=NOW)
    day = NOW + timedelta(days=10)
    new = links.issue(store, compte, Genre.ACTIVATION, on=day, now=NOW)
    assert links.holder(store, old, now=NOW) is None
    assert links.holder(store, new, now=NOW) is None
    assert links.holder(store, new, now=day) == compte
    with store.reading() as connection:
        kept = connection.execute(sa.select(JETONS.c.empreinte)).scalars().all()
    assert new not in kept
    assert all(len(one) == 64 for one in kept)


# -- passwords and sessions -----------------------------------------------------------------------------


def test_the_real_cost_is_twelve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert passwords.kept(PHRASE).startswith("$2b$12$")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("court", "trop court"),
        ("é" * 37, "trop long"),
        ("motdepasse1234", "trop facile"),
        ("password123456", "trop facile"),
        ("abababababab", "trop facile"),
        ("annemartinchu", "trop facile"),
        ("qwertyuiop123", "trop facile"),
    ],
)
def test_weak_passwords_are_refused(password: str, said: str) -> None:
    with pytest.raises(LakeError, match=said):
        passwords.check(password, about=("anne.martin@chu.fr", "Martin", "Anne"))
    passwords.check(PHRASE, about=("anne.martin@chu.fr", "Martin", "Anne"))


def test_changing_a_password_ends_every_session(store: Store) -> None:
    compte = active(store, "anne")
    secrets = [sessions.open_session(store, compte, now=NOW) for _ in range(2)]
    assert all(sessions.current(store, one or "", now=NOW) for one in secrets)
    with pytest.raises(LakeError, match="actuel"):
        links.change_password(store, compte, OTHER, OTHER, now=NOW)
    links.change_password(store, compte, PHRASE, OTHER, now=NOW)
    assert [sessions.current(store, one or "", now=NOW) for one in secrets] == [None, None]
    assert signing.try_password(store, "anne@ex.fr", PHRASE, now=NOW).compte is None
    found = signing.try_password(store, " Anne@EX.fr ", OTHER, now=NOW).compte
    assert found is not None
    assert found.id == compte.id


def test_a_session_ends_by_closing_idleness_age_and_disabling(store: Store) -> None:
    compte = active(store, "anne")
    active(store, "chef", "administrateur")
    secret = sessions.open_session(store, compte, now=NOW) or ""
    with store.reading() as connection:
        assert connection.execute(sa.select(SESSIONS.c.empreinte)).scalar_one() == sessions.fingerprint(
            secret
        )
    assert sessions.current(store, secret, now=NOW + sessions.IDLE) is None
    seen, last = NOW, None
    while seen < NOW + sessions.LIFETIME:
        last = sessions.current(store, secret, now=seen)
        seen += timedelta(hours=1)
    assert last is not None
    assert sessions.current(store, secret, now=NOW + sessions.LIFETIME) is None
    other = sessions.open_session(store, compte, now=NOW) or ""
    accounts.disable(store, compte.id, "chef@ex.fr")
    assert sessions.current(store, other, now=NOW) is None
    accounts.enable(store, compte.id, "chef@ex.fr")
    assert sessions.current(store, other, now=NOW) is None


def test_failures_lengthen_the_wait_alike_for_known_and_unknown(store: Store) -> None:
    active(store, "anne")
    for email in ("anne@ex.fr", "personne@ex.fr"):
        answers = [signing.try_password(store, email, "faux", now=NOW) for _ in range(signing.FREE)]
        assert [one.compte for one in answers] == [None] * signing.FREE
        assert [one.wait_s for one in answers] == [0] * (signing.FREE - 1) + [31]
        # Even the right password waits.
        assert signing.try_password(store, email, PHRASE, now=NOW).compte is None
    later = NOW + timedelta(seconds=31)
    assert signing.try_password(store, "anne@ex.fr", "faux", now=later).wait_s == 61
    calm = later + timedelta(seconds=62)
    assert signing.try_password(store, "anne@ex.fr", PHRASE, now=calm).compte is not None
    assert signing.wait(store, "anne@ex.fr", now=calm) == 0


def test_unknown_accounts_cost_one_hash_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    active(store, "anne")
    checked: list[bool] = []
    real = bcrypt.checkpw
    monkeypatch.setattr(bcrypt, "checkpw", lambda *given: checked.append(True) or real(*given))
    for email in ("anne@ex.fr", "personne@ex.fr"):
        signing.try_password(store, email, "faux", now=NOW)
    assert len(checked) == 2


def test_one_network_cannot_try_many_accounts(store: Store) -> None:
    for number in range(signing.FREE_NETWORK):
        signing.failed(store, f"n{number}@ex.fr", "192.0.2.1", now=NOW)
    assert signing.wait(store, "autre@ex.fr", "192.0.2.1", now=NOW) == 31
    assert signing.wait(store, "autre@ex.fr", "192.0.2.2", now=NOW) == 0


def test_a_second_factor_works_once_a_code(store: Store) -> None:
    compte = active(store, "anne")
    secret = signing.new_secret()
    assert not signing.enrol(store, compte, secret, "000000", now=NOW)
    assert signing.enrol(store, compte, secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    assert signing.try_password(store, "anne@ex.fr", PHRASE, now=NOW).second_factor
    later = NOW + timedelta(seconds=60)
    code = pyotp.TOTP(secret).at(later)
    assert [signing.try_code(store, compte, code, now=later) for _ in range(2)] == [True, False]


def test_no_secret_shows(store: Store) -> None:
    compte = active(store, "anne")
    end = links.issue(store, compte, Genre.OUBLI, now=NOW)
    number = outbox.keep(
        store, compte.id, "Sujet", f"https://x/{end}", envoi_le=NOW, expire_le=NOW + timedelta(hours=1)
    )
    (waiting,) = outbox.waiting(store, now=NOW)
    assert end in waiting.texte
    shown = repr(compte) + repr(waiting) + repr(journal.read(store))
    assert end not in shown
    assert "$2b$" not in shown
    assert [outbox.done(store, number), outbox.done(store, number)] == [True, False]


# -- who answers to whom --------------------------------------------------------------------------------


def test_managers_form_a_tree(store: Store) -> None:
    chef = made(store, "chef")
    anne = made(store, "anne", responsable_id=chef.id)
    paul = made(store, "paul", responsable_id=anne.id)
    assert [(depth, one.id) for depth, one in tree.under(accounts.everyone(store), chef.id)] == [
        (1, anne.id),
        (2, paul.id),
    ]
    assert tree.commands(store, chef, paul.id)
    assert not tree.commands(store, paul, anne.id)
    with pytest.raises(LakeError, match="dépend d'elle"):
        accounts.change(store, chef.id, "x", responsable_id=paul.id)


def test_two_moves_at_once_make_no_cycle(store: Store) -> None:
    one, two = made(store, "un"), made(store, "deux")

    def move(pair: tuple[int, int]) -> bool:
        try:
            accounts.change(store, pair[0], "x", responsable_id=pair[1])
        except LakeError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(move, [(one.id, two.id), (two.id, one.id)])) == [False, True]


def test_the_last_administrator_stays(store: Store) -> None:
    chef, heir = active(store, "chef", "administrateur"), active(store, "anne")
    for leave in (
        lambda: accounts.disable(store, chef.id, "x"),
        lambda: possessions.delete(store, chef.id, heir.id, "x"),
        lambda: accounts.change(store, chef.id, "x", profil="expert_national"),
    ):
        with pytest.raises(LakeError, match="dernier administrateur"):
            leave()
    active(store, "second", "administrateur")
    accounts.disable(store, chef.id, "x")
    assert accounts.get(store, chef.id).etat == "desactive"


def test_objects_go_to_the_heir(store: Store) -> None:
    chef = active(store, "chef")
    anne = active(store, "anne", responsable_id=chef.id)
    paul = active(store, "paul", responsable_id=anne.id)
    code = share(store, Shared.TERRITOIRE, ["67482"])
    with store.writing() as connection:
        connection.execute(
            sa.insert(OBJETS).values(
                proprietaire_id=anne.id, genre="analyse", titre="T", contenu="{}", cree_le=NOW, modifie_le=NOW
            )
        )
        connection.execute(sa.text("UPDATE partages SET proprietaire_id = :a"), {"a": anne.id})
    possessions.delete(store, anne.id, chef.id, "chef@ex.fr")
    with store.reading() as connection:
        assert connection.execute(sa.select(OBJETS.c.proprietaire_id)).scalar_one() == chef.id
        owner = sa.text("SELECT proprietaire_id FROM partages WHERE code = :c")
        assert connection.execute(owner, {"c": code}).scalar_one() == chef.id
        assert connection.execute(sa.select(sa.func.count()).select_from(COMPTES)).scalar_one() == 2
    assert accounts.get(store, paul.id).responsable_id == chef.id


def test_a_created_account_sees_what_its_manager_sees(store: Store) -> None:
    everything = frozenset({"annuaire", "segur", "convergence"})
    chef = made(store, "chef", "pilote_regional", droits=Droits(everything, regions=frozenset({"44"})))
    anne = made(store, "anne", "pilote_regional", responsable_id=chef.id)
    assert tree.rights(store, anne) == tree.rights(store, chef)
    narrow = Droits(frozenset({"segur"}), departements=frozenset({"67"}))
    seen = tree.rights(store, replace(anne, droits=narrow.to_json()))
    assert seen == Droits(frozenset({"segur"}), frozenset({"44"}), frozenset({"67"}))
    accounts.narrow(store, chef.id, narrow, "x")
    assert tree.rights(store, accounts.get(store, anne.id)).univers == {"segur"}


@pytest.mark.parametrize("profil", REGIONAL)
def test_a_regional_account_without_region_is_refused_and_the_field_named(store: Store, profil: str) -> None:
    for droits in (None, Droits(frozenset({"segur"})), Droits(frozenset({"segur"}), regions=frozenset())):
        with pytest.raises(Refused, match="a besoin d'une région") as refused:
            made(store, "perdu", profil, droits=droits)
        assert refused.value.champ == "regions"
    assert accounts.find(store, "perdu@ex.fr") is None
    # A manager's region is its own; a département is a place too; an expert has no need of one.
    chef = made(store, "chef", profil, droits=Droits(frozenset({"segur"}), regions=frozenset({"44"})))
    assert tree.rights(store, made(store, "dessous", profil, responsable_id=chef.id)).regions == {"44"}
    made(store, "lieu", profil, droits=Droits(frozenset({"segur"}), departements=frozenset({"67"})))
    expert = made(store, "expert")
    with pytest.raises(Refused, match="région"):
        accounts.change(store, expert.id, "x", profil=profil)
    assert accounts.get(store, expert.id).profil == "expert_national"


def test_a_file_names_the_regions_of_its_pilots_by_code_or_by_name(store: Store) -> None:
    text = (
        "email,nom,prenom,organisation,profil,regions\n"
        "a@ex.fr,Aa,Bo,ARS,pilote_regional,44\nb@ex.fr,Aa,Bo,ARS,pilote_regional,grand est|11\n"
        "c@ex.fr,Aa,Bo,ARS,pilote_regional,\nd@ex.fr,Aa,Bo,ARS,expert_national,Lotharingie\n"
    )
    lines = bulk.read(text.encode(), [], "", {"44": "Grand Est", "11": "Île-de-France"})
    assert [line.problem for line in lines] == [
        "",
        "",
        "un compte « Pilote régional » a besoin d'une région : colonne regions (44)",
        "région « Lotharingie » inconnue : donnez son code INSEE ou son nom",
    ]
    regions = [tree.rights(store, bulk.create(store, line)).regions for line in lines[:2]]
    assert regions == [{"44"}, {"44", "11"}]
    # Under a manager that gives its own profile, its regions bound the line: none is asked.
    assert bulk.read(text.encode(), [], "pilote_regional")[2].problem == ""


# -- requests and bulk ----------------------------------------------------------------------------------


def test_a_request_reaches_the_organisation_s_managers(store: Store) -> None:
    admin = active(store, "chef", "administrateur")
    local = active(store, "locale", organisation="CHU de Nancy", peut_creer=True)
    for name, organisation in (("a", "chu de nancy"), ("b", "Ailleurs")):
        registration.ask(store, email=f"{name}@ex.fr", nom="Nom", prenom="Prénom", organisation=organisation)
    registration.ask(store, email="a@ex.fr", nom="Nom", prenom="Prénom", organisation="chu de nancy")
    registration.ask(store, email="chef@ex.fr", nom="Nom", prenom="Prénom", organisation="Ailleurs")
    assert [one.email for one in registration.for_manager(store, local)] == ["a@ex.fr"]
    assert [one.email for one in registration.for_manager(store, admin)] == ["a@ex.fr", "b@ex.fr"]
    mine, theirs = registration.for_manager(store, admin)
    with pytest.raises(LakeError, match="ne vous revient pas"):
        registration.decide(store, local, theirs.id, accepted=True)

    def decide(accepted: bool) -> bool:
        try:
            registration.decide(store, local, mine.id, accepted=accepted)
        except LakeError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(decide, [True, False] * 4)) == 1
    assert [one.decidee_par for one in registration.requests(store, pending=False)] == ["locale@ex.fr"]


def test_a_file_of_accounts_is_told_before_it_is_done(store: Store) -> None:
    made(store, "anne", rpps="10100000001", organisation="CHU de Metz")
    text = (
        "email;nom;prenom;organisation;rpps;profil\n"
        "b@ex.fr;B;Bo;CHR;10100000002;industriel\n"
        "c@ex.fr;C;Co;CHR;10100000001;\n"
        "d@ex.fr;D;Do;CHR;10100000002;\n"
        "anne@ex.fr;A;Ao;CHR;;\n"
        "pas une adresse;A;Ao;CHR;;\n"
        "e@ex.fr;É;Éo;CHR;;ministre\n"
    )
    lines = bulk.read(text.encode("latin-1"), accounts.everyone(store), "")
    assert [line.problem for line in lines] == [
        "",
        "numéro RPPS déjà rattaché à : CHU de Metz",
        "numéro RPPS déjà rattaché à : CHR",
        "cette adresse a déjà un compte, ou figure plus haut",
        "« pas une adresse » n'est pas une adresse électronique.",
        "profil « ministre » inconnu, ou que vous ne pouvez pas donner",
    ]
    assert len(accounts.everyone(store)) == 1
    assert bulk.create(store, lines[0]).profil == "industriel"
    with pytest.raises(LakeError, match="Ligne 3"):
        bulk.create(store, lines[1])
