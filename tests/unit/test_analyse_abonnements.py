"""What subscribers are written: what changed for each, under its own rights and filters; nothing when nothing did."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.commands.analyse_abonnements import Outcome, composed
from lake.droits import Droits
from lake.settings import Settings
from lake.store.accounts import accounts, outbox
from lake.store.accounts.identity import Compte
from lake.store.analyses import documents, shares, subscriptions
from lake.store.analyses.subscriptions import ABOVE, BELOW, Threshold
from lake.store.engine import Store
from lake.tables import Lake
from scoring.analyses.ecarts import CORRECTED, FIRST, Ecart, Releve, compared, lines
from tests.demo_lake import called
from tests.kit_lake import build, publish_extraction
from tests.unit.test_store_analyses import person

SECTION = "bcdfgh"
ALL = frozenset({"annuaire", "segur", "convergence"})
FEBRUARY, MARCH, APRIL = date(2025, 2, 14), date(2025, 3, 14), date(2025, 4, 14)
NOW = datetime(2025, 2, 15, 8, 0, tzinfo=UTC)


def document(**chart: Any) -> dict[str, Any]:
    graphique = {
        "univers": "annuaire", "type": "tableau", "mesures": ["professionnels"], "axes": ["departement"], **chart,
    }  # fmt: skip
    return {
        "version": 1,
        "titre": "Qui exerce où",
        "sections": [{"id": SECTION, "titre": "Par département", "graphique": graphique}],
    }


SQLITE = pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
"""What is composed does not depend on the database: one test asks both."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lac")
    build(folder)
    return folder


@pytest.fixture
def lake(built: Path, tmp_path: Path) -> Lake:
    """A copy: each test publishes in its own."""
    return Lake(Settings(lake=str(shutil.copytree(built, tmp_path / "lac"))))


@pytest.fixture
def readers(store: Store) -> dict[str, Compte]:
    """A national reader, and two who only see one département."""
    found = {
        "france": person(store, "france"),
        "bas": person(store, "bas", droits=Droits(ALL, departements=frozenset({"67"}))),
        "haut": person(store, "haut", droits=Droits(ALL, departements=frozenset({"68"}))),
    }
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE comptes SET etat = 'actif'")
    return {name: accounts.get(store, one.id) for name, one in found.items()}


Run = Callable[..., dict[str, Outcome]]


@pytest.fixture
def run(store: Store, lake: Lake) -> Run:
    settings = Settings(lake=lake.root, url="https://obs.example/suite/")

    def of(keep: bool = True, now: datetime = NOW) -> dict[str, Outcome]:
        # A new publication is another state: the lake is opened again, as each command does.
        found = composed(store, Lake(settings), settings, keep=keep, now=now)
        return {one.subscription.reader.email.partition("@")[0]: one for one in found}

    return of


def followed(store: Store, readers: dict[str, Compte], content: dict[str, Any], **more: Any) -> int:
    number = documents.create(store, readers["france"], content)
    for name in readers:
        if name != "france":
            shares.share(store, readers["france"], number, email=f"{name}@ex.fr")
        subscriptions.subscribe(store, readers[name], number, **more)
    return number


def texts(outcomes: dict[str, Outcome]) -> dict[str, str]:
    return {
        name: one.courrier.texte.replace("\u202f", " ").replace("\u00a0", " ")
        for name, one in outcomes.items()
        if one.courrier is not None
    }


@SQLITE
def test_each_is_told_what_changed_under_its_own_rights(
    store: Store, lake: Lake, readers: dict[str, Compte], run: Run
) -> None:
    number = followed(store, readers, document())
    first = texts(run())
    assert "Bas-Rhin · Professionnels : 5" in first["france"]
    assert "Haut-Rhin · Professionnels : 3" in first["france"]
    assert "Bas-Rhin · Professionnels : 5" in first["bas"]
    assert "Haut-Rhin" not in first["bas"]
    assert texts(run()) == {}  # nothing was published since

    publish_extraction(lake, FEBRUARY, without="P5")
    second = texts(run())
    assert "Nouvelle date : 14 février 2025 (vous aviez 14 janvier 2025) :" in second["france"]
    assert "Bas-Rhin · Professionnels : 5 → 4" in second["france"]
    assert "Haut-Rhin" not in second["france"]
    assert set(second) == {"france", "bas"}  # in the Haut-Rhin nothing changed: nobody is written to
    assert f"https://obs.example/suite/analyses-lire?id={number}" in second["bas"]
    assert texts(run()) == {}

    publish_extraction(lake, FEBRUARY, without="P6")
    third = texts(run())
    assert "Ce qui a changé pour vous dans «" in third["haut"]
    assert "Chiffres corrigés, à la même date (14 février 2025) :" in third["haut"]
    assert "Haut-Rhin · Professionnels : 3 → 2" in third["haut"]


def test_messages_wait_in_the_outbox_and_a_trial_writes_nothing(
    store: Store, lake: Lake, readers: dict[str, Compte], run: Run
) -> None:
    followed(store, readers, document())
    outbox.keep(
        store, readers["bas"].id, "Activation", "lien", envoi_le=NOW, expire_le=NOW.replace(year=2026)
    )
    assert len(texts(run(keep=False))) == 3
    assert [one.genre for one in outbox.waiting(store, now=NOW)] == ["lien"]
    run()
    waiting = outbox.waiting(store, now=NOW)
    assert sorted(one.genre for one in waiting) == ["abonnement"] * 3 + ["lien"]
    mail = next(one for one in waiting if one.email == "bas@ex.fr" and one.genre == "abonnement")
    assert mail.sujet == "Qui exerce où : premier envoi"
    assert "Premiers chiffres de « Qui exerce où », avec vos droits" in mail.texte.replace("\u202f", " ")
    assert "<li>Bas-Rhin · Professionnels\u202f: 5</li>" in mail.html
    token = mail.texte.rpartition("jeton=")[2].strip()
    assert subscriptions.leave(store, token) == "Qui exerce où"
    publish_extraction(lake, FEBRUARY, without="P5")
    assert set(texts(run())) == {"france"}


@SQLITE
def test_a_reader_s_filters_hold_and_are_written(
    store: Store, lake: Lake, readers: dict[str, Compte], run: Run
) -> None:
    frame = {"departement": {"nouveaux": 1, "noeuds": {}}}
    content = document(axes=["profession"], cadres=frame)
    followed(store, readers, content, choices={SECTION: {"departement": ["68"]}})
    said = texts(run())
    assert "Par département (Département : Haut-Rhin)" in said["france"]
    assert "Infirmier · Professionnels : 2" in said["france"]
    assert f"{SECTION}.departement=68" in said["france"]
    publish_extraction(lake, FEBRUARY, without="P5")  # a nurse of the Bas-Rhin
    assert texts(run()) == {}


@SQLITE
def test_a_filter_that_is_no_longer_offered_sends_no_figure(
    store: Store, readers: dict[str, Compte], run: Run
) -> None:
    frame = {"departement": {"nouveaux": 1, "noeuds": {}}}
    number = followed(
        store,
        readers,
        document(axes=["profession"], cadres=frame),
        choices={SECTION: {"departement": ["68"]}},
    )
    imposed = document(axes=["profession"], cadres={"departement": {"nouveaux": 0, "noeuds": {"67": 3}}})
    documents.save(store, readers["france"], number, imposed, base=1)
    said = texts(run())["france"]
    assert "Votre abonnement est à revoir" in said
    assert "Professionnels :" not in said


@SQLITE
def test_a_threshold_is_told_once_and_again_after_it_came_back(
    store: Store, lake: Lake, readers: dict[str, Compte], run: Run
) -> None:
    watch = Threshold(SECTION, "professionnels", BELOW, 8)
    number = documents.create(store, readers["france"], document())
    subscriptions.subscribe(store, readers["france"], number, thresholds=[watch])
    assert "Seuil franchi" not in texts(run())["france"]
    publish_extraction(lake, FEBRUARY, without="P5")
    fired = texts(run())["france"]
    assert "Seuil franchi : Par département, 7, au-dessous du seuil" in fired
    for day in (MARCH, APRIL):  # still below: told once
        publish_extraction(lake, day, without="P5")
        assert "Seuil franchi" not in texts(run()).get("france", "")
    publish_extraction(lake, date(2025, 5, 14))
    assert "Seuil franchi" not in texts(run())["france"]
    publish_extraction(lake, date(2025, 6, 14), without="P6")
    assert "Seuil franchi" in texts(run())["france"]


@SQLITE
def test_a_threshold_from_below_is_told_by_its_side(
    store: Store, lake: Lake, readers: dict[str, Compte], run: Run
) -> None:
    number = documents.create(store, readers["france"], document())
    publish_extraction(lake, FEBRUARY, without="P5")
    watch = Threshold(SECTION, "professionnels", ABOVE, 7)
    subscriptions.subscribe(store, readers["france"], number, thresholds=[watch])
    assert "Seuil franchi" not in texts(run()).get("france", "")
    publish_extraction(lake, MARCH)
    assert "Seuil franchi : Par département, 8, au-dessus du seuil" in texts(run())["france"]


@SQLITE
def test_what_is_withdrawn_closed_or_changed_by_its_author_is_not_told(
    store: Store, lake: Lake, readers: dict[str, Compte], run: Run
) -> None:
    number = followed(store, readers, document())
    run()
    documents.save(store, readers["france"], number, document(axes=["profession"]), base=1)
    assert texts(run()) == {}  # its author's doing, no publication
    (share, _other) = shares.shares(store, readers["france"], number)
    shares.unshare(store, readers["france"], number, share.id)
    accounts.narrow(store, readers["haut"].id, Droits(frozenset({"segur"})), "test")
    publish_extraction(lake, FEBRUARY, without="P5")
    found = run()
    assert "n’est plus partagée" in found["bas"].arret
    assert set(texts(found)) <= {"france", "haut"}
    accounts.disable(store, readers["france"].id, "test")
    publish_extraction(lake, MARCH, without="P6")
    assert "france" not in run()


@SQLITE
def test_a_monthly_reader_is_written_once_a_month_even_when_nothing_changed(
    store: Store, readers: dict[str, Compte], run: Run
) -> None:
    number = documents.create(store, readers["france"], document())
    subscriptions.subscribe(store, readers["france"], number, rhythm="mensuel")
    assert set(texts(run())) == {"france"}
    assert texts(run()) == {}
    assert "Rien n’a changé" in texts(run(now=NOW.replace(month=3)))["france"]


def test_the_command_writes_the_messages_on_trial(tmp_path: Path, lake: Lake) -> None:
    from lake.store.migrate import open_store

    url = f"sqlite:///{tmp_path}/store.db"
    store = open_store(Settings(store=url))
    anne = person(store, "anne")
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE comptes SET etat = 'actif'")
    number = documents.create(store, anne, document())
    subscriptions.subscribe(store, anne, number)
    store.close()
    root = Path(lake.root)
    trial = called("analyse", "abonnements", "--essai", lake=root, store=url)
    assert "À : anne@ex.fr" in trial.stdout
    assert "Bas-Rhin · Professionnels\u202f: 5" in trial.stdout
    assert "1 message(s) composé(s)" in trial.stderr
    called("analyse", "abonnements", lake=root, store=url)
    again = called("analyse", "abonnements", "--essai", lake=root, store=url)
    assert again.stdout == ""


# -- the differences themselves -----------------------------------------------------------------------


def releve(date: str = "juin 2022", **cells: str) -> Releve:
    return Releve.of("Adoption", date, "", cells.items())


def test_a_correction_a_new_date_and_a_missing_value_are_told_apart() -> None:
    before = releve(Normandie="29,8 %", Corse="12 %")
    assert compared(before, releve(Corse="12 %", Normandie="29,8 %")) is None
    corrected = compared(before, releve(Normandie="30,1 %", Corse="12 %"))
    assert corrected == Ecart(
        "Adoption", CORRECTED, "juin 2022", "juin 2022", (("Normandie", "29,8 %", "30,1 %"),)
    )
    moved = compared(before, releve("juillet 2022", Normandie="29,8 %", Mayotte="3 %"))
    assert moved is not None
    assert lines(moved) == [
        "Nouvelle date : juillet 2022 (vous aviez juin 2022) :",
        "Mayotte : 3 % (nouveau)",
        "Corse : n’est plus publié (était 12 %)",
    ]
    first = compared(None, before)
    assert first is not None
    assert (first.nature, lines(first, most=1)[-1]) == (FIRST, "… et 1 autre chiffre.")
    for when, head in (
        ("14 janvier 2025", "Chiffres du 14 janvier 2025 :"),
        ("jusqu’à juin 2022", "Chiffres jusqu’à juin 2022 :"),
        ("", "Chiffres :"),
    ):
        told = compared(None, releve(when, Corse="12 %"))
        assert told is not None
        assert lines(told)[0] == head
    assert Releve.from_json(before.to_json()) == before


CELLS = st.dictionaries(st.text(max_size=6), st.text(max_size=4), max_size=8)


@given(CELLS, CELLS)
def test_a_difference_tells_exactly_the_cells_that_differ(old: dict[str, str], new: dict[str, str]) -> None:
    found = compared(Releve.of("T", "d", "", old.items()), Releve.of("T", "d", "", new.items()))
    differing = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    if found is None:
        assert differing == set()
    elif old and new:
        told = {name for name, *_ in (*found.changees, *found.nouvelles, *found.parties)}
        assert told == differing


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("novembre 2022", "Chiffres de novembre 2022 :"),
        ("avril 2022", "Chiffres d’avril 2022 :"),
        ("15 décembre 2020", "Chiffres du 15 décembre 2020 :"),
        ("de janvier à juin 2022", "Chiffres de janvier à juin 2022 :"),
    ],
)
def test_the_date_of_figures_is_french(date: str, said: str) -> None:
    first = compared(None, releve(date, Corse="12 %"))
    assert first is not None
    assert lines(first)[0] == said
    kept = Releve.from_json(releve("jusqu’à novembre 2022", Corse="12 %").to_json())
    assert compared(kept, releve("novembre 2022", Corse="12 %")) is None, (
        "what was told before is the same date"
    )
