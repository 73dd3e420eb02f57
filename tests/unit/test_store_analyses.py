"""Analyses in the store, on SQLite and on PostgreSQL: two editors, history, drafts, shares, the bin, the bar."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from lake.droits import Droits
from lake.errors import AccessDenied, EditConflict, LakeError, Refused, UnknownName
from lake.store.accounts import accounts, outbox
from lake.store.accounts.identity import Compte
from lake.store.analyses import bar, binned, documents, drafting, history, models, reading, shares
from lake.store.analyses.merging import Side
from lake.store.engine import Store

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def person(store: Store, name: str, profil: str = "expert_national", **more: Any) -> Compte:
    given = {"nom": name.title(), "prenom": "Anne", "organisation": "CHU", "profil": profil, **more}
    return accounts.create(store, email=f"{name}@ex.fr", **given)


def document(*texts: str, titre: str = "Adoption de PSC") -> dict[str, Any]:
    sections = [
        {"id": f"bcdfg{'bcdfghjklmnpqrstvwxz'[rank % 20]}{rank}", "titre": f"S{rank}", "introduction": text}
        for rank, text in enumerate(texts, start=1)
    ]
    return {"version": 1, "titre": titre, "description": "", "sections": sections}


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(store._reader, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store._reader, "before_cursor_execute", note)


def test_two_editors_lose_nothing(store: Store) -> None:
    """r3 opened by two: one saves section 1 (r4), the other section 2 (r5 has both); then both the same text."""
    anne, bea = person(store, "anne"), person(store, "bea")
    number = documents.create(store, anne, document("un", "deux"), now=NOW)
    shares.share(store, anne, number, email="bea@ex.fr", right="modifier")
    for text in ("a", "b"):
        read = reading.opened(store, anne, number)
        documents.save(store, anne, number, {**read.document, "description": text}, base=read.revision)
    r3 = reading.opened(store, anne, number)
    assert r3.revision == 3
    first, second = json.loads(json.dumps([r3.document] * 2))
    first["sections"][0]["introduction"] = "un d’Anne"
    second["sections"][1]["introduction"] = "deux de Béa"
    assert documents.save(store, anne, number, first, base=3).revision == 4
    both = documents.save(store, bea, number, second, base=3)
    assert (both.revision, both.taken, both.author) == (5, ("S1",), "Anne Anne")
    kept = reading.opened(store, anne, number).document
    assert [one["introduction"] for one in kept["sections"]] == ["un d’Anne", "deux de Béa"]

    again, other = json.loads(json.dumps([kept] * 2))
    again["sections"][0]["introduction"] = "texte d’Anne"
    other["sections"][0]["introduction"] = "texte de Béa"
    documents.save(store, anne, number, again, base=5)
    with pytest.raises(documents.Clash) as told:
        documents.save(store, bea, number, other, base=5)
    (conflict,) = told.value.conflicts
    assert (conflict.mine, conflict.theirs, told.value.revision) == ("texte de Béa", "texte d’Anne", 6)
    assert told.value.author == "Anne Anne"
    assert reading.opened(store, bea, number).document["sections"][0]["introduction"] == "texte d’Anne"
    documents.save(store, bea, number, other, base=5, choices={conflict.key: Side.MINE})
    assert reading.opened(store, anne, number).document["sections"][0]["introduction"] == "texte de Béa"
    assert [one.revision for one in history.steps(store, anne, number)] == [7, 6, 5, 4, 3, 2, 1]
    assert history.steps(store, anne, number)[2].motif == "réunit r4"


def test_of_many_saves_at_once_each_is_merged(store: Store) -> None:
    anne = person(store, "anne")
    number = documents.create(store, anne, document(*"abcdefgh"))
    start = reading.opened(store, anne, number).document

    def one(rank: int) -> None:
        mine = json.loads(json.dumps(start))
        mine["sections"][rank]["introduction"] = f"texte {rank}"
        documents.save(store, anne, number, mine, base=1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    kept = reading.opened(store, anne, number)
    assert kept.revision == 9
    assert [one["introduction"] for one in kept.document["sections"]] == [f"texte {n}" for n in range(8)]


def test_a_revision_taken_back_is_a_new_one(store: Store) -> None:
    anne = person(store, "anne")
    number = documents.create(store, anne, document("un"))
    documents.save(store, anne, number, document("deux"), base=1)
    with pytest.raises(LakeError, match="entre-temps"):
        history.take_back(store, anne, number, 1, base=1)
    assert history.take_back(store, anne, number, 1, base=2).revision == 3
    assert reading.opened(store, anne, number).document == document("un")
    assert history.document(store, anne, number, 2) == document("deux")
    assert history.steps(store, anne, number)[0].motif == "restaure r1"


def test_a_save_that_changes_nothing_makes_no_revision(store: Store) -> None:
    anne = person(store, "anne")
    number = documents.create(store, anne, document("un"))
    assert documents.save(store, anne, number, document("un"), base=1).revision == 1


def test_the_history_keeps_fifty_revisions_and_those_a_draft_starts_from(store: Store) -> None:
    anne, bea = person(store, "anne"), person(store, "bea")
    number = documents.create(store, anne, document("0"), now=NOW)
    shares.share(store, anne, number, email="bea@ex.fr", right="modifier")
    drafting.begin(store, bea, document("0"), analysis=number, base=1)
    for rank in range(1, 56):
        documents.save(store, anne, number, document(str(rank)), base=rank, now=NOW)
    kept = [one.revision for one in history.steps(store, anne, number)]
    assert kept == [*range(56, 6, -1), 1]


@pytest.mark.parametrize(
    ("content", "field", "said"),
    [
        (document("a", titre="   "), "titre", "Il manque le titre"),
        (document("a", titre="é" * 201), "titre", "201 caractères"),
        (document(*["a"] * 25), "sections", "25 sections"),
        (document("é" * 128 * 1024), "sections", "257 Kio"),
        ({"titre": "T", "sections": [{"id": "b"}, {"id": "b"}]}, "sections", "identifiant"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(
    store: Store, content: dict[str, Any], field: str, said: str
) -> None:
    anne = person(store, "anne")
    number = documents.create(store, anne, document("un"))
    for act in (
        lambda: documents.create(store, anne, content),
        lambda: documents.save(store, anne, number, content, base=1),
    ):
        with pytest.raises(Refused, match=said) as told:
            act()
        assert told.value.champ == field
    assert reading.opened(store, anne, number).revision == 1


def test_each_reads_what_is_shared_with_it_and_no_more(store: Store) -> None:
    chef = person(store, "chef", "administrateur")
    anne = person(store, "anne")
    same, other = person(store, "meme"), person(store, "autre", organisation="ARS")
    pilot = person(
        store, "pilote", "pilote_regional", organisation="GRADeS", droits=Droits(regions=frozenset({"44"}))
    )
    number = documents.create(store, anne, document("un"))
    for one in (chef, same, other, pilot):
        with pytest.raises(UnknownName, match=f"« {number} »"):
            reading.opened(store, one, number)
    with pytest.raises(UnknownName) as missing:
        reading.opened(store, other, 999)
    with pytest.raises(UnknownName) as foreign:
        reading.opened(store, other, number)
    assert missing.value.conseil == foreign.value.conseil

    shares.share(store, anne, number, organisation=True)
    assert reading.opened(store, same, number).right == "lire"
    with pytest.raises(UnknownName):
        reading.opened(store, other, number)
    with pytest.raises(Refused, match="nationale"):
        shares.share(store, anne, number, profil="pilote_regional")
    with pytest.raises(AccessDenied, match="propriétaire seul"):
        shares.share(store, same, number, email="autre@ex.fr")
    with pytest.raises(AccessDenied, match="en lecture"):
        documents.save(store, same, number, document("deux"), base=1)
    shares.share(store, anne, number, email="autre@ex.fr", right="modifier")
    assert documents.save(store, other, number, document("deux"), base=1).revision == 2

    theirs = documents.create(store, chef, document("de tous"))
    shares.share(store, chef, theirs, profil="pilote_regional")
    assert reading.opened(store, pilot, theirs).right == "lire"
    assert [(one.name, one.right) for one in shares.shares(store, anne, number)] == [
        ("CHU", "lire"),
        ("Anne Autre", "modifier"),
    ]
    with pytest.raises(Refused, match="Aucun compte"):
        shares.share(store, anne, number, email="personne@ex.fr")


def test_a_right_withdrawn_while_editing_refuses_the_save_and_keeps_the_draft(store: Store) -> None:
    anne, bea = person(store, "anne"), person(store, "bea")
    number = documents.create(store, anne, document("un"))
    shares.share(store, anne, number, email="bea@ex.fr", right="modifier")
    draft = drafting.begin(store, bea, document("de Béa"), analysis=number, base=1)
    (share,) = shares.shares(store, anne, number)
    shares.share(store, anne, number, email="bea@ex.fr", right="lire")
    with pytest.raises(AccessDenied, match="autre nom"):
        documents.save(store, bea, number, draft.document, base=draft.base)
    shares.unshare(store, anne, number, share.id)
    with pytest.raises(UnknownName, match="analyse"):
        documents.save(store, bea, number, draft.document, base=draft.base)
    assert drafting.of_analysis(store, bea, number) == draft
    mine = documents.create(store, bea, {**draft.document, "titre": "La mienne"})
    assert reading.opened(store, bea, mine).right == "proprietaire"


def test_drafts_of_two_tabs_and_who_else_is_at_work(store: Store) -> None:
    anne, bea = person(store, "anne"), person(store, "bea")
    number = documents.create(store, anne, document("un"))
    shares.share(store, anne, number, email="bea@ex.fr", right="modifier")
    draft = drafting.begin(store, anne, document("un"), analysis=number, base=1, now=NOW)
    assert drafting.begin(store, anne, document("x"), analysis=number, base=1).id == draft.id
    assert drafting.keep(store, anne, draft.id, document("onglet 1"), revision=1, now=NOW) == 2
    with pytest.raises(EditConflict) as told:
        drafting.keep(store, anne, draft.id, document("onglet 2"), revision=1)
    assert told.value.theirs["document"] == document("onglet 1")
    assert drafting.present(store, bea, number, now=NOW) == [("Anne Anne", NOW)]
    assert drafting.present(store, anne, number, now=NOW) == []
    assert drafting.load(store, bea, draft.id) is None
    documents.save(store, anne, number, document("onglet 1"), base=1)
    assert drafting.of_analysis(store, anne, number) is None
    new = drafting.begin(store, anne, {"titre": "", "sections": []})
    assert [one.id for one in drafting.new_ones(store, anne)] == [new.id]
    assert drafting.drop(store, anne, new.id)


def test_a_copy_has_its_own_life(store: Store) -> None:
    anne, bea = person(store, "anne"), person(store, "bea")
    number = documents.create(store, anne, document("un"))
    shares.share(store, anne, number, organisation=True)
    mine = documents.copy(store, bea, number)
    documents.save(store, bea, mine, document("à moi"), base=1)
    assert reading.opened(store, anne, number).document == document("un")
    assert reading.opened(store, bea, mine).origine_id == number
    assert shares.shares(store, bea, mine) == []
    saved_as = documents.copy(store, bea, number, document=document("brouillon"), title="Autre nom")
    assert reading.opened(store, bea, saved_as).title == "Autre nom"
    binned.remove(store, anne, number)
    assert binned.empty_bin(store, now=datetime.now(UTC) + timedelta(days=31)) == 1
    assert reading.opened(store, bea, mine).title == "Adoption de PSC"


def test_the_bin_lasts_thirty_days_and_gives_back_the_same_number(store: Store) -> None:
    anne, bea = person(store, "anne"), person(store, "bea")
    number = documents.create(store, anne, document("un"), now=NOW)
    shares.share(store, anne, number, email="bea@ex.fr")
    bar.arrange(store, anne, [number], home=number)
    binned.remove(store, anne, number, now=NOW)
    with pytest.raises(UnknownName):
        reading.opened(store, bea, number)
    assert bar.bar(store, anne).pages == ()
    (message,) = outbox.waiting(store, now=NOW)
    assert (message.email, message.sujet) == ("bea@ex.fr", "« Adoption de PSC » a été supprimée")
    assert binned.empty_bin(store, now=NOW + timedelta(days=29)) == 0
    binned.restore(store, anne, number)
    assert reading.opened(store, bea, number).id == number
    assert [one.id for one in bar.bar(store, anne).pages] == [number]
    assert bar.bar(store, anne).home is not None
    binned.remove(store, anne, number, now=NOW)
    assert binned.empty_bin(store, now=NOW + timedelta(days=31)) == 1
    with pytest.raises(UnknownName):
        reading.opened(store, anne, number)


def test_five_hundred_analyses_are_listed_in_one_statement(store: Store) -> None:
    anne, bea = person(store, "anne"), person(store, "bea")
    with store.writing() as connection:
        for rank in range(500):
            owner = anne if rank % 2 else bea
            documents.insert(
                connection,
                document("x", titre=f"Analyse {rank}"),
                {"proprietaire_id": owner.id, "modifie_par_id": owner.id, "genre": "analyse"},
                NOW + timedelta(minutes=rank),
            )
    with store.reading() as connection:
        theirs = connection.execute(sa.text("SELECT id FROM analyses WHERE titre = 'Analyse 0'")).scalar_one()
    shares.share(store, bea, theirs, email="anne@ex.fr")
    documents.noted(store, theirs, {"a_relire"})
    with statements(store) as seen:
        lines = reading.listed(store, anne)
    assert len([one for one in seen if one.startswith("SELECT")]) == 1
    assert "contenu" not in seen[-1]
    assert (len(lines), lines[0].titre) == (251, "Analyse 499")
    assert (lines[-1].owner, lines[-1].right, lines[-1].badges) == ("Anne Bea", "lire", ("a_relire",))
    assert lines[0].shares == 0


def test_the_bar_refuses_what_it_cannot_hold(store: Store) -> None:
    anne, bea = person(store, "anne"), person(store, "bea")
    pages = [documents.create(store, anne, document("x", titre=f"P{rank}")) for rank in range(13)]
    foreign = documents.create(store, bea, document("x"))
    for wanted, home, said in (
        (pages, None, "12 pages"),
        ([pages[0], pages[0]], None, "deux fois"),
        ([foreign], None, "partagée"),
        (pages[:1], pages[1], "accueil"),
    ):
        with pytest.raises(Refused, match=said):
            bar.arrange(store, anne, wanted, home=home)
    bar.arrange(store, anne, [pages[2], pages[0]], home=pages[0])
    found = bar.bar(store, anne)
    assert ([one.titre for one in found.pages], found.home and found.home.titre) == (["P2", "P0"], "P0")
    bar.arrange(store, anne, [])
    assert bar.bar(store, anne) == bar.Bar((), None)


def test_a_profile_reads_the_revision_that_was_published(store: Store) -> None:
    chef, anne = person(store, "chef", "administrateur"), person(store, "anne")
    public = person(store, "public", "grand_public")
    number = documents.create(store, chef, document("publié"))
    with pytest.raises(AccessDenied, match="nationale"):
        models.publish(store, anne, number, ["expert_national"])
    assert models.publish(store, chef, number, ["expert_national"], home=["expert_national"]) == 1
    documents.save(store, chef, number, document("en travaux"), base=1)
    read = reading.opened(store, anne, number)
    assert (read.document, read.revision, read.right) == (document("publié"), 1, "lire")
    with pytest.raises(UnknownName):
        reading.opened(store, public, number)
    home = models.home_of(store, anne)
    assert home is not None
    assert home.id == number
    assert models.home_of(store, public) is None
    with pytest.raises(UnknownName):
        history.steps(store, anne, number)
    models.publish(store, chef, number, ["expert_national"])
    assert reading.opened(store, anne, number).document == document("en travaux")


def test_a_shipped_model_is_loaded_once_and_what_was_changed_here_stays(store: Store) -> None:
    chef, anne = person(store, "chef", "administrateur"), person(store, "anne")
    assert models.ship(store, "psc", document("v1"), home=["expert_national"]) == "créé"
    assert models.ship(store, "psc", document("v1"), home=["expert_national"]) == "inchangé"
    assert models.ship(store, "psc", document("v2"), home=["expert_national"]) == "mis à jour"
    line = models.home_of(store, anne)
    assert line is not None
    assert line.owner == ""
    assert reading.opened(store, anne, line.id).document == document("v2")
    documents.save(store, chef, line.id, document("d’ici"), base=2)
    assert models.ship(store, "psc", document("v3")) == "gardé"
    assert reading.opened(store, chef, line.id).document == document("d’ici")
    assert models.ship(store, "psc", document("v3"), back=True) == "mis à jour"
    assert reading.opened(store, anne, line.id).document == document("v3")


def test_a_copy_is_told_what_its_model_changed_and_takes_one_section(store: Store) -> None:
    anne = person(store, "anne")
    models.ship(store, "psc", document("un", "deux", "trois"))
    number = reading.listed(store, anne)[0].id
    mine = documents.copy(store, anne, number)
    own = reading.opened(store, anne, mine).document
    own["sections"][0]["introduction"] = "un à moi"
    documents.save(store, anne, mine, own, base=1)
    assert models.news(store, anne, mine) is None
    models.ship(store, "psc", document("un", "DEUX", "trois"))
    models.ship(store, "psc", document("un", "DEUX", "TROIS"))
    found = models.news(store, anne, mine)
    assert found is not None
    second, third = (one["id"] for one in own["sections"][1:])
    assert dict(found.sections) == {
        second: "section 2 (introduction)",
        third: "section 3 (introduction)",
    }
    models.take(store, anne, mine, [third])
    kept = reading.opened(store, anne, mine).document
    assert [one["introduction"] for one in kept["sections"]] == ["un à moi", "deux", "TROIS"]
    assert kept["titre"] == "Copie de Adoption de PSC"
    left = models.news(store, anne, mine)
    assert left is not None
    assert list(left.sections) == [second]
    models.take(store, anne, mine, [second])
    assert models.news(store, anne, mine) is None
    assert reading.opened(store, anne, mine).origine_revision == 3
