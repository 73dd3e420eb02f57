"""What analyses say and make of several sections, filters, messages, drafts: both sides of each choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from apps.analyses import (
    abonnements,
    abonner,
    choisir,
    dessin,
    enregistrer,
    ensemble,
    faits,
    liens,
    listes,
    lot,
    modifier,
    niveaux,
    publier,
    reglages,
    seuils,
)
from apps.analyses.atelier import PENDING, Atelier
from apps.analyses.brouillon import Brouillon
from apps.analyses.ensemble import Commun
from apps.kit.data.state import State
from apps.kit.forms import told
from lake.catalog import all_tables
from lake.droits import PROFILS
from lake.errors import RefusedCombination
from lake.store.analyses.subscriptions import Threshold
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.selection import Selection
from tests.spoken import plain

# -- drafts --------------------------------------------------------------------------------------------


def work(*names: str, analysis: int | None = 7, **more: Any) -> Atelier:
    sections = [{"id": name, "titre": name.upper()} for name in names]
    return Atelier(1, analysis, 0, {"titre": "T", "sections": sections, **more}, 0)


def order(document: dict[str, Any]) -> str:
    return "".join(one["id"] for one in document["sections"])


def test_a_section_moves_leaves_and_changes_alone() -> None:
    here = work("a", "b", "c")
    assert [order(here.moved("b", by)) for by in (-1, 1)] == ["bac", "acb"]
    assert [order(here.moved("a", -1)), order(here.moved("c", 1))] == ["abc", "abc"]
    assert order(here.without("b")) == "ac"
    changed = here.with_section("b", titre="Autre")
    assert [one["titre"] for one in changed["sections"]] == ["A", "Autre", "C"]
    assert order(here.document) == "abc", "the document itself is as it was"
    here.document[PENDING] = {"rayon": "x"}
    assert PENDING not in here.content()
    assert here.content()["titre"] == "T"


@pytest.mark.parametrize(("analysis", "where"), [(None, "/analyses-mes"), (7, "/analyses-lire?id=7")])
def test_a_draft_given_up_leads_back_where_it_began(
    analysis: int | None, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[str] = []
    said: list[str] = []
    monkeypatch.setattr(enregistrer, "current", lambda: work("a", analysis=analysis))
    monkeypatch.setattr(enregistrer, "reader", lambda: type("R", (), {"compte": None})())
    monkeypatch.setattr(enregistrer.session, "store", lambda: None)
    monkeypatch.setattr(enregistrer.drafting, "drop", lambda *_: None)
    monkeypatch.setattr(enregistrer, "closed", lambda: None)
    monkeypatch.setattr(enregistrer, "go", went.append)
    monkeypatch.setattr(told, "say", said.append)
    enregistrer.abandon()
    assert [one.replace("//", "/") for one in went] == [where]
    assert said == ["Le brouillon est abandonné."]


def test_a_page_of_indicators_stays_one_and_a_text_is_bound_when_it_changed() -> None:
    assert enregistrer._genre({"genre": "indicateurs"}) == "indicateurs"
    assert enregistrer._genre({}) == "analyse"
    assert enregistrer._plain({"id": "a", "titre": "", "lien": 1, "texte": None, "x": 0}) == {
        "id": "a",
        "x": 0,
    }
    assert enregistrer._told(work("a", "b"), "b") == {"id": "b", "titre": "B"}


def test_a_section_that_is_made_again_takes_its_place() -> None:
    made = {"rayon": "r", "section": {"id": "b", "titre": "Neuve"}}
    document = {"sections": [{"id": "a"}, {"id": "b"}, {"id": "c"}], PENDING: made}
    done = Brouillon(1, None, document, 0).finished()
    assert [(one["id"], one.get("titre")) for one in done["sections"]] == [
        ("a", None),
        ("b", "Neuve"),
        ("c", None),
    ]
    new = {**document, PENDING: {"section": {"id": "d"}}}
    assert order(Brouillon(1, None, new, 0).finished()) == "abcd"
    assert PENDING not in done


def test_a_fault_stands_under_its_own_section_and_a_figure_goes_into_its_own_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    chart = {"univers": "annuaire", "type": "perdu", "mesures": ["professionnels"], "axes": []}
    good = {**chart, "type": "chiffres"}
    here = work("a", "b", version=1)
    for section, drawn in zip(here.sections, (good, chart), strict=True):
        section["id"], section["graphique"] = {"a": "bcdfgh", "b": "bcdfgj"}[section["id"]], drawn
    monkeypatch.setattr(modifier.st, "text_area", lambda *_, **__: None)
    monkeypatch.setattr(modifier.st, "error", said.append)
    modifier._chart(here, here.sections[0])
    assert said == []
    modifier._chart(here, here.sections[1])
    assert said
    assert all("sections" in one for one in said)
    changed: list[Any] = []
    monkeypatch.setattr(modifier, "current", lambda: here)
    monkeypatch.setattr(modifier, "reader", lambda: type("R", (), {"compte": None})())
    monkeypatch.setattr(Atelier, "change", lambda _self, _compte, made, **_: changed.append(made))
    modifier._insert(here.sections[1]["id"], "introduction", "{{x}}")
    assert [one.get("introduction") for one in changed[0]["sections"]] == [None, "{{x}}"]


# -- filters of all the sections -----------------------------------------------------------------------


@dataclass
class Views:
    """A section's view, as far as a common filter reads it."""

    proposed: dict[str, str]
    scope: str = "s"
    committed: list[Any] = field(default_factory=list)


def common(monkeypatch: pytest.MonkeyPatch, *proposed: Sequence[str]) -> Commun:
    one = Commun("Région", "region")
    for rank, codes in enumerate(proposed, start=1):
        one.views[rank] = Views({code: code for code in codes}, f"s{rank}")  # type: ignore[assignment]
    monkeypatch.setattr(Commun, "proposed", lambda self, rank: self.views[rank].proposed)
    return one


@pytest.mark.parametrize(
    ("values", "kept", "said"),
    [
        (("44",), {1: ("44",), 2: ("44",)}, "S’applique aux sections 1 et 2. La section 3 ne les propose pas."),
        (
            ("11", "44"), {1: ("44",), 2: ("11", "44")},
            "S’applique aux sections 1 et 2. La section 3 ne les propose pas.",
        ),
        (("11",), {2: ("11",)}, "S’applique à la section 2. Les sections 1 et 3 ne les proposent pas."),
        (("99",), {}, "Aucune section ne propose ces valeurs."),
        ((), {1: (), 2: (), 3: ()}, "Sans choix, le filtre est vidé dans les sections 1, 2 et 3."),
    ],
)  # fmt: skip
def test_a_common_filter_says_where_it_applies(
    values: tuple[str, ...], kept: dict[int, tuple[str, ...]], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = common(monkeypatch, ["44"], ["11", "44"], ["84"])
    assert one.kept(values) == kept
    assert plain(ensemble._said(one, values)) == said
    everywhere = common(monkeypatch, ["44"], ["44"])
    assert plain(ensemble._said(everywhere, ("44",))) == "S’applique aux sections 1 et 2."


def test_a_common_filter_is_committed_to_each_section(monkeypatch: pytest.MonkeyPatch) -> None:
    one = common(monkeypatch, ["44"], ["11", "44"], ["84"])
    done: list[tuple[str, Any]] = []
    said: list[str] = []
    monkeypatch.setattr(ensemble.state, "current", lambda _scope: State(Selection({"epci": ("1",)})))
    monkeypatch.setattr(
        ensemble.state, "commit", lambda scope, now: done.append((scope, now.selection.filters))
    )
    monkeypatch.setattr(told, "say", said.append)
    ensemble._apply(one, ("11", "44"))
    assert [(scope, filters["region"], filters["epci"]) for scope, filters in done] == [
        ("s1", ("44",), ("1",)), ("s2", ("11", "44"), ("1",)),
    ]  # fmt: skip
    assert [plain(text) for text in said] == ["Le filtre est appliqué aux sections 1 et 2."]
    ensemble._apply(one, ("99",))
    assert len(done) == 2
    assert len(said) == 1


# -- messages of who follows ---------------------------------------------------------------------------


def test_a_choice_kept_filters_and_an_emptied_one_stays_empty() -> None:
    start = State(Selection({"region": ("44",), "epci": ("1",)}))
    found = abonnements.chosen(start, {"region": ["11"], "departement": []}).selection
    assert found.filters == {"region": ("11",), "epci": ("1",)}
    assert "departement" in found.emptied


def thresholds(*senses: str) -> list[Threshold]:
    return [Threshold("a", "professionnels", sense, 10.0, False) for sense in senses]


def test_a_threshold_is_told_once_on_its_side() -> None:
    above, below = thresholds("au-dessus", "au-dessous")

    def now(value: float | None) -> Any:
        return type("C", (), {"valeurs": {("a", "professionnels"): value}})()

    fired, states = abonnements.crossed([above, below], now(12.0))
    assert [one.sense for one in fired] == ["au-dessus"]
    assert [one.crossed for one in states] == [True, False]
    again, states = abonnements.crossed(states, now(12.0))
    assert again == []
    back, states = abonnements.crossed(states, now(8.0))
    assert [one.sense for one in back] == ["au-dessous"]
    assert [one.crossed for one in states] == [False, True]


def written(**changed: Any) -> Any:
    """The message of somebody who follows, of one section."""
    given: dict[str, Any] = {"fired": [], "ecarts": {}, "refus": "", "rhythm": "mensuel"} | changed
    releve = type("R", (), {"titre": "Où", "filtres": ""})()
    now = type("C", (), {
        "releves": {"a": releve}, "ecrites": {("a", "professionnels"): "12"}, "refus": given["refus"],
    })()  # fmt: skip
    reader = type("P", (), {"prenom": "Anne", "name": "Anne A"})()
    who = type("S", (), {"rhythm": given["rhythm"], "choices": {}, "token": "jeton", "reader": reader})()
    return abonnements.message("Titre", 7, who, now, given["ecarts"], given["fired"], url="https://ici/")


def test_a_message_says_which_side_was_crossed_or_that_nothing_changed() -> None:
    for sense in ("au-dessus", "au-dessous"):
        told_ = written(fired=thresholds(sense))
        assert f"Seuil franchi : Où, 12, {sense} du seuil que vous avez fixé." in plain(told_.texte)
        assert "seuil franchi" in told_.sujet
    same = written()
    assert "Rien n’a changé depuis le dernier message." in same.texte
    assert plain(same.sujet) == "Titre : rien n’a changé"
    assert "Ce qui a changé pour vous dans « Titre »" in plain(same.texte)
    shut = written(refus="fermé.")
    assert plain(shut.sujet) == "Titre : abonnement à revoir"
    assert written(rhythm="changement") is None


def test_figures_told_for_the_first_time_are_no_change() -> None:
    first = type("E", (), {"nature": abonnements.FIRST})()
    moved = type("E", (), {"nature": "chiffres corrigés"})()
    assert abonnements._opening([first, first]) == "Premiers chiffres de"
    assert abonnements._opening([first, moved]) == "Ce qui a changé pour vous dans"
    assert abonnements._opening([]) == "Ce qui a changé pour vous dans"


def test_what_a_reader_filters_by_is_kept_by_section(monkeypatch: pytest.MonkeyPatch) -> None:
    class Params(dict[str, list[str]]):
        def get_all(self, key: str) -> list[str]:
            return self[key]

    given = Params({"id": ["7"], "a.region": ["44", "11"], "b.date": ["2026-01-01"], "ab.region": ["84"]})
    monkeypatch.setattr(abonner.st, "query_params", given)
    found = type("A", (), {"document": {"sections": [{"id": "a"}, {"id": "b"}, {"id": "c"}]}})()
    assert abonner.shown_choices(found) == {"a": {"region": ["44", "11"]}}


def test_thresholds_are_worded_by_their_side() -> None:
    assert seuils.SENSES == {"au-dessus": "passe au-dessus de", "au-dessous": "passe au-dessous de"}


def test_withdrawing_a_threshold_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    above, below = thresholds("au-dessus", "au-dessous")
    kept = type("S", (), {"thresholds": (replace(above, crossed=True), below)})()
    left: list[Any] = []
    monkeypatch.setattr(seuils, "reader", lambda: type("R", (), {"compte": None})())
    monkeypatch.setattr(seuils.session, "store", lambda: None)
    monkeypatch.setattr(seuils.subscriptions, "of_analysis", lambda *_: kept)
    monkeypatch.setattr(seuils.subscriptions, "watch", lambda *given: left.append(given[-1]))
    monkeypatch.setattr(told, "say", lambda _text: None)
    seuils._withdraw(7, above)
    assert left == [[below]]


# -- what is published, and for whom -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("readers", "said"),
    [
        ({}, "Aucun profil ne la lit comme modèle."),
        ({"expert_national": 3}, "Révision 3 publiée pour : Expert national."),
        ({"pilote_regional": 2, "expert_national": 2}, None),
    ],
)
def test_a_model_says_which_revision_who_reads(readers: dict[str, int], said: str | None) -> None:
    found = type("A", (), {"revision": 3})()
    got = plain(publier._said(found, readers))
    if said is None:
        names = [PROFILS[one] for one in PROFILS if one in readers]
        said = (
            f"Révision 2 publiée pour : {' et '.join(names)}. La révision 3 n’est pas publiée : eux lisent encore "
            "l’ancienne."
        )
    assert got == said


@pytest.mark.parametrize(
    ("profils", "accueil", "said"),
    [(["expert_national"], [], "La révision 4 est publiée."), ([], ["expert_national"], "La révision 4 est publiée."),
     ([], [], "Aucun profil ne la lit plus.")],
)  # fmt: skip
def test_publishing_for_nobody_withdraws(
    profils: list[str], accueil: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []
    monkeypatch.setattr(publier.session, "store", lambda: None)
    monkeypatch.setattr(
        publier.models, "publish", lambda *one, **more: given.append((one[3], more["home"])) or 4
    )
    sent = type(
        "S",
        (),
        {"values": {"profils": profils, "accueil": accueil}, "person": type("P", (), {"compte": 1})()},
    )()
    assert publier._publish(7, sent) == said
    assert given == [([*profils, *accueil], accueil)]


def test_charts_that_are_closed_are_counted_in_agreement(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [listes._shut(count) for count in (1, 2)] == ["n’est pas ouverte", "ne sont pas ouvertes"]
    sections = [{"graphique": {"univers": name}} for name in ("annuaire", "convergence", "perdu")] + [
        {"graphique": None}
    ]
    monkeypatch.setattr(listes.access, "may_open", lambda one: one == listes.opens(ANNUAIRE))
    assert listes.closed({"sections": sections}) == (1, 3)
    assert listes.closed({}) == (0, 0)


# -- settings of a chart -------------------------------------------------------------------------------


def test_settings_keep_what_the_shelf_still_offers_and_change_one_option(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed: list[Any] = []
    state: dict[str, Any] = {"k": "x"}
    monkeypatch.setattr(reglages.st, "session_state", state)
    monkeypatch.setattr(reglages, "_chart", lambda change: change)
    monkeypatch.setattr(reglages, "_changed", lambda _draft, change: changed.append(change))
    chart = reglages.Graphique(
        "annuaire", "barres", ("professionnels",), (), options={"nombre": 3, "tri": "nom"}
    )
    reglages._chosen_option(None, "nombre", "k")  # type: ignore[arg-type]
    state["k"] = None
    reglages._chosen_option(None, "nombre", "k")  # type: ignore[arg-type]
    state["k"] = "x"
    assert changed[0](chart).options == {"nombre": "x", "tri": "nom"}
    state["k"] = None
    assert changed[1](chart).options == {"tri": "nom"}


def test_a_drawing_that_is_not_possible_is_offered_only_when_it_is_the_one_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offered: list[list[str]] = []
    verdicts = [
        type("V", (), {"type": name, "possible": possible})()
        for name, possible in (("chiffres", True), ("radar", False), ("tableau", True))
    ]
    monkeypatch.setattr(reglages, "gallery", lambda _question: verdicts)
    monkeypatch.setattr(reglages, "facts", lambda *_: None)
    monkeypatch.setattr(reglages.Question, "of", lambda *_: None)
    monkeypatch.setattr(reglages.st, "session_state", {})
    monkeypatch.setattr(reglages.st, "selectbox", lambda _label, some, **_: offered.append(list(some)))
    data = type("D", (), {"dates": lambda *_: [date(2026, 1, 1)]})()
    for kind in ("tableau", "radar"):
        chart = reglages.Graphique("annuaire", kind, ("professionnels",))
        reglages._type(None, chart, ANNUAIRE, data)  # type: ignore[arg-type]
    assert offered == [["chiffres", "tableau"], ["radar", "chiffres", "tableau"]]


@pytest.mark.parametrize(
    ("key", "said"),
    [("axes", "Aucun axe : le graphique montre l’ensemble."), ("filtres", "Aucun filtre possible ici.")],
)
def test_a_tree_without_axis_says_why(key: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(reglages.captions, "line", lines.append)
    time = ANNUAIRE.time.name
    reglages._trees(None, None, ANNUAIRE, None, [time], key)  # type: ignore[arg-type]
    assert lines == [said]


def test_a_value_is_looked_for_by_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[str] = []
    monkeypatch.setattr(niveaux.st, "text_input", lambda *_, **__: "metz")
    monkeypatch.setattr(niveaux.captions, "line", lambda _text: None)
    monkeypatch.setattr(niveaux, "_row", lambda _axis, text, *_: rows.append(text))
    choices = {str(rank): f"Commune {rank}" for rank in range(niveaux.MOST_ROWS)} | {
        "m": "Metz",
        "l": "Longeville-lès-Metz",
    }
    niveaux.draw("commune", "Commune", niveaux.Arbre(), choices, "k", lambda _tree: None)
    assert rows == ["Tout ce qui est montré", "Metz", "Longeville-lès-Metz"]


def test_the_last_indicator_cannot_be_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(choisir.st, "session_state", {"galerie_mesures": [], "galerie_axes": []})
    monkeypatch.setattr(choisir.st, "toast", said.append)
    choisir._asked(None)  # type: ignore[arg-type]
    assert said == ["Il faut au moins un indicateur : le dernier est gardé."]


# -- what a drawing would hold -------------------------------------------------------------------------


def test_a_questionnaire_is_chosen_the_first_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    universe = type("U", (), {"axes": [type("A", (), {"name": faits.QUESTIONNAIRE})()]})()
    data = type("D", (), {"choices": lambda *_: pl.DataFrame({"code": ["QI", "QU", "QR"]})})()
    asked: list[Any] = []

    def answer(_data: Any, _universe: Any, _measures: Any, _axes: Any, one: Selection) -> pl.DataFrame:
        (code,) = one.values(faits.QUESTIONNAIRE)
        asked.append(code)
        if code == "QU":
            raise RefusedCombination("non")
        return pl.DataFrame({"a": [1]} if code == "QI" else {"a": []})

    monkeypatch.setattr(faits, "_answer", answer)
    found = faits._questionnaire(data, universe, ["m"], ["axe"], Selection())  # type: ignore[arg-type]
    assert asked == ["QU", "QR", "QI"]
    assert found is not None
    assert found[0].values(faits.QUESTIONNAIRE) == ("QI",)
    bare = type("U", (), {"axes": []})()
    assert faits._questionnaire(data, bare, ["m"], [], Selection()) is None  # type: ignore[arg-type]


def test_a_chart_of_two_dates_holds_these_two_and_a_curve_all(monkeypatch: pytest.MonkeyPatch) -> None:
    days = [date(2025, 1, 1), date(2025, 7, 1), date(2026, 1, 1)]
    frame = pl.DataFrame({"departement": ["54"] * 3, ANNUAIRE.time.name: days, "professionnels": [1, 2, 3]})
    asked: list[list[str]] = []
    monkeypatch.setattr(dessin, "own", lambda _view, axis: [axis])
    monkeypatch.setattr(dessin, "ask", lambda _view, _measures, _names, apart: asked.append(apart) or frame)
    view = type("V", (), {"universe": ANNUAIRE, "before": days[0], "date": days[2]})()
    chart = dessin.Graphique("annuaire", "avant-apres", ("professionnels",), ("departement",))
    assert dessin.rows(chart, view)[ANNUAIRE.time.name].to_list() == [days[0], days[2]]
    assert asked == [[ANNUAIRE.time.name, "departement"]]
    view.before = None
    assert dessin.rows(chart, view)[ANNUAIRE.time.name].to_list() == [days[2]]
    over = replace(chart, type="courbe", axes=("departement", ANNUAIRE.time.name))
    assert dessin.rows(over, view).height == 3
    cells = dessin._cells(frame.head(1).drop(ANNUAIRE.time.name), ["professionnels"], view)
    assert [(name, plain(value)) for name, value in cells] == [("54 · Professionnels", "1")]


def test_what_a_drawing_would_hold_is_counted_where_something_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = (ANNUAIRE.axis(name).code or name for name in ("departement", "profession"))
    rows = [("54", "10", 6.0), ("54", "60", 2.0), ("57", "10", 2.0), ("88", "70", None), (None, "10", 90.0)]
    frame = pl.DataFrame(rows, schema=[one, other, "professionnels"], orient="row")
    monkeypatch.setattr(faits, "_answer", lambda *_: frame)
    monkeypatch.setattr(faits, "_total", lambda *_: "10")
    data = type("D", (), {"dates": lambda *_: [date(2026, 1, 1)]})()
    found = faits.facts(data, ANNUAIRE, ["professionnels"], ["departement", "profession"], Selection())  # type: ignore[arg-type]
    assert found.valeurs == {ANNUAIRE.axis("departement").name: 2, ANNUAIRE.axis("profession").name: 2}
    assert (found.remplissage, found.plus_grande_part) == (0.75, 0.6)
    assert (found.negatif, found.nul, found.cellules) == (False, False, 5)
    signed = pl.when(pl.col(other) == "60").then(-pl.col("professionnels")).otherwise("professionnels")
    lower = frame.with_columns(professionnels=signed)
    monkeypatch.setattr(faits, "_answer", lambda *_: lower)
    found = faits.facts(data, ANNUAIRE, ["professionnels"], ["departement", "profession"], Selection())  # type: ignore[arg-type]
    assert (found.negatif, found.plus_grande_part) == (True, 1.0)


# -- a bundle played again -----------------------------------------------------------------------------


def test_cells_that_differ_are_counted_row_by_row() -> None:
    assert lot.differing(b"a,b\n1,2\n3,4\n", b"a,b\n1,2\n3,5\n") == 1
    assert lot.differing(b"a,b\n1,2\n", b"a,b\n1,2\n3,5\n") == 2
    assert lot.differing(None, b"a\n1\n") == 1
    assert lot.differing(b"a\n1\n", b"a\n1\n") == 0


@pytest.mark.parametrize(
    ("other", "said"), [("2", "différent : 1 cellule"), ("2,3", "différent : 2 cellules")]
)
def test_a_bundle_that_differs_says_by_how_many_cells(
    other: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = ",".join("ab"[: other.count(",") + 1])
    kept = {"spec.json": b"{}", "a.csv": f"{head}\n1{',1' * other.count(',')}\n".encode(), "note.txt": b"x"}
    made = {"a.csv": f"{head}\n{other}\n".encode(), "note.txt": b"y", lot._PDF: b""}
    monkeypatch.setattr(lot, "purged", lambda *_: [])
    monkeypatch.setattr(lot, "decode", lambda _spec: None)
    monkeypatch.setattr(lot, "pinned", lambda *_: None)
    monkeypatch.setattr(lot, "feuille", lambda *_: None)
    monkeypatch.setattr(lot, "scope_of", lambda _sheet: {})
    done = type("R", (), {"avertissements": [], "files": lambda _self: made})()
    monkeypatch.setattr(lot, "rendered", lambda *_, **__: done)
    monkeypatch.setattr(lot, "_SPEC", "spec.json")
    bundle = type(
        "L", (), {"fichiers": kept, "manifeste": {"portee": {}, "le": "2026-11-30T09:00:00+00:00"}}
    )()
    assert lot.replayed(None, bundle, lambda _name: None) == said  # type: ignore[arg-type]


def test_a_table_that_the_catalogue_lost_is_purged_and_the_others_are_asked_of_the_lake() -> None:
    known = sorted(all_tables())[:2]
    asked: list[dict[str, int]] = []

    class Pinned:
        def gone(self, here: dict[str, int]) -> list[str]:
            asked.append(here)
            return [known[1]]

    lake = type(
        "K", (), {"snapshot": lambda _self: type("S", (), {"pinning": lambda _s, _here: Pinned()})()}
    )()
    bundle = type("L", (), {"manifeste": {"versions": {known[0]: 1, "perdue": 2, known[1]: 3}}})()
    assert lot.purged(lake, bundle) == ["perdue", known[1]]  # type: ignore[arg-type]
    assert asked == [{known[0]: 1, known[1]: 3}]


# -- texts bound to figures ----------------------------------------------------------------------------


def test_the_publication_since_which_figures_moved_is_that_of_the_tables_that_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables = [type("T", (), {"name": name})() for name in ("a", "b", "c")]
    moments = {"a": date(2026, 1, 2), "b": date(2026, 3, 4), "c": date(2026, 2, 3)}
    monkeypatch.setattr(liens, "tables_of", lambda _universe: tables)

    class Moment:
        def __init__(self, day: date) -> None:
            self.day = day

        def date(self) -> date:
            return self.day

        def __gt__(self, other: Moment) -> bool:
            return self.day > other.day

        def __lt__(self, other: Moment) -> bool:
            return self.day < other.day

    state = type(
        "S", (), {"published": lambda _self, one: type("P", (), {"moment": Moment(moments[one.name])})()}
    )()
    data = type("D", (), {"version": lambda _self, one: {"a": 2, "b": 1, "c": 5}[one.name], "state": state})()
    view = type("V", (), {"universe": None, "data": data})()
    bound = type("L", (), {"versions": {"a": 1, "b": 1, "c": 4}})()
    assert plain(liens._since(view, bound)) == ", depuis la publication du 3 février 2026"
    bound.versions = {"a": 2, "b": 1, "c": 5}
    assert liens._since(view, bound) == ""
