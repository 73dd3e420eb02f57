"""A saved analysis: read as written, every fault told with its path, limits refused in words."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from scoring.analyses import codec, options, references
from scoring.analyses.arbre import Arbre
from scoring.analyses.codec import VersionPlusRecente, decode, encode
from scoring.analyses.lecture_json import AnalyseFautive
from scoring.analyses.schema import schema
from scoring.analyses.spec import Analyse, Graphique, Lien, Origine, Periode, Section, new_id
from scoring.universes.registry import universe

MAP = Graphique(
    "segur",
    "carte",
    ("psc_taux_adoption",),
    ("region",),
    en_tete=("psc_e_cps", "psc_professionnels"),
    cadres={"departement": Arbre({"67": 3, "68": 1}, 0), "type_acteur": Arbre({"etablissement": 2})},
    periode=Periode("fixe", du=date(2022, 1, 1), au=date(2022, 6, 1), imposee=True),
    options={"nombre": 12},
)
WHOLE = Analyse(
    "Où en est Pro Santé Connect ?",
    "Une carte, puis un mot.",
    (
        Section("bcdfgh", "La carte", "Avant **tout**", "Après", MAP,
                Lien("2022-07-01T09:00:00+00:00", "P. R.", {"segur__mesures": 3}, "2022-06-01", "abc", "def",
                     (("Grand Est · Taux", "29,8 %"),))),
        Section("jklmnp", introduction="Un mot seul."),
    ),
    origine=Origine("psc", 2),
)  # fmt: skip


def document(**changed: Any) -> dict[str, Any]:
    return {**encode(WHOLE), **changed}


def lines(value: object) -> list[str]:
    with pytest.raises(AnalyseFautive) as caught:
        decode(value)
    return str(caught.value).splitlines()


def test_what_is_read_is_what_was_written() -> None:
    assert decode(encode(WHOLE)) == WHOLE
    assert decode(codec.text(WHOLE)) == WHOLE
    assert decode(codec.text(WHOLE).encode()) == WHOLE


def test_what_is_written_is_what_the_schema_says() -> None:
    Draft202012Validator.check_schema(schema())
    found = list(Draft202012Validator(schema()).iter_errors(encode(WHOLE)))
    assert found == []
    assert schema()["properties"]["version"] == {"const": 1, "description": "Format du document."}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"titre": " "}, "titre : Ce texte ne peut pas être vide."),
    ({"titre": "x" * 201}, "titre : 201 caractères : 200 au plus."),
    ({"genre": "analise"}, "genre : Nom inconnu (genre) : « analise ». Vouliez-vous dire : analyse ?"),
    ({"couleur": "bleu"}, "couleur : Nom inconnu (champ d’une analyse) : « couleur »."),
    ({"sections": [{"id": "A B"}]}, "sections[0].id : « A B » : des lettres minuscules"),
    ({"sections": [{"id": "bb"}, {"id": "bb"}]}, "sections[1].id : « bb » nomme déjà une autre section."),
    ({"sections": [{"id": "b", "introduction": "x" * 4001}]}, "sections[0].introduction : 4001 caractères"),
    ({"sections": [{"id": "b", "graphic": None}]}, "sections[0].graphic : Nom inconnu (champ d’une section)"),
    ({"sections": ["b"]}, "sections[0] : Un objet JSON est attendu."),
    ({"sections": [{"id": f"b{n}"} for n in range(25)]}, "sections : 25 sections : 24 au plus."),
    ({"version": "1"}, "version : Un nombre entier est attendu."),
    ({"version": 0}, "version : 0 : de 1 à"),
]


@pytest.mark.parametrize(("changed", "said"), WRONG)
def test_a_fault_begins_with_its_path(changed: dict[str, Any], said: str) -> None:
    assert lines(document(**changed))[0].startswith(said)


CHARTS: list[tuple[dict[str, Any], str]] = [
    ({"type": "histograme"}, "type : Nom inconnu (type) : « histograme ». Vouliez-vous dire : histogramme"),
    ({"mesures": []}, "mesures : Au moins 1 est attendu."),
    ({"mesures": ["a", "a"]}, "mesures[1] : « a » est déjà dans la liste."),
    ({"mesures": [7]}, "mesures[0] : Un nom est attendu."),
    ({"axes": "region"}, "axes : Une liste est attendue."),
    ({"en_tete": list("abcde")}, "en_tete : 5 éléments : 4 au plus."),
    (
        {"cadres": {"region": {"noeuds": {"44": 4}}}},
        "cadres.region.noeuds.44 : Un niveau de 0 à 3 est attendu",
    ),
    ({"cadres": {"region": {"niveaux": {}}}}, "cadres.region.niveaux : Nom inconnu (champ d’un cadre)"),
    ({"periode": {"genre": "fixe"}}, "periode.au : La fin de la période est obligatoire"),
    ({"periode": {"genre": "fixe", "au": "juin"}}, "periode.au : Une date AAAA-MM-JJ est attendue."),
    ({"periode": {"genre": "derniers_mois"}}, "periode.nombre : Le nombre de mois est obligatoire."),
    ({"options": {"nombre": 2.5}}, "options.nombre : Un texte court ou un nombre"),
]


@pytest.mark.parametrize(("changed", "said"), CHARTS)
def test_a_fault_of_a_chart_says_where(changed: dict[str, Any], said: str) -> None:
    chart = {"univers": "segur", "type": "tableau", "mesures": ["psc_e_cps"], **changed}
    found = lines(document(sections=[{"id": "b", "graphique": chart}]))
    assert found[0].startswith(f"sections[0].graphique.{said}")


def test_every_fault_is_told_at_once() -> None:
    wrong = document(
        titre="", sections=[{"id": "b", "graphique": {"univers": "segur", "type": "radard", "mesures": []}}]
    )
    assert [line.split(" : ")[0] for line in lines(wrong)] == [
        "titre",
        "sections[0].graphique.type",
        "sections[0].graphique.mesures",
    ]


def test_a_newer_version_is_told_apart_and_opens_read_only() -> None:
    with pytest.raises(VersionPlusRecente, match=r"^version : .*plus récente.*lecture seule\.$"):
        decode(document(version=2, nouveau_membre=True))


def test_more_than_256_kib_is_refused_in_words() -> None:
    heavy = document(description="é" * (257 * 512))
    assert lines(heavy)[0].startswith("$ : 258 Kio : 256 au plus.")
    assert len(json.dumps(heavy, ensure_ascii=False).encode()) > 257 * 1024


def test_what_is_no_json_says_where() -> None:
    assert lines('{"version": 1,\n "titre": }') == ["$ : Ce n’est pas du JSON : ligne 2, colonne 11."]
    assert lines([1]) == ["$ : Un objet JSON est attendu."]


def test_an_older_version_is_brought_up_when_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    saved = document()
    monkeypatch.setattr(codec, "VERSION", 2)
    monkeypatch.setattr(codec, "STEPS", {1: lambda one: {**one, "titre": one["titre"].upper()}})
    assert decode(saved).titre == WHOLE.titre.upper()


def test_what_cannot_be_read_again_is_not_saved() -> None:
    codec.refuse_too_large(WHOLE)
    many = replace(WHOLE, sections=tuple(Section(f"b{n}") for n in range(25)))
    with pytest.raises(AnalyseFautive, match="25 sections : 24 au plus"):
        codec.refuse_too_large(many)


def chart(**changed: Any) -> Analyse:
    asked = replace(Graphique("segur", "classement", ("psc_e_cps",), ("region",)), **changed)
    return Analyse("Une", sections=(Section("bbb", graphique=asked), Section("ccc", introduction="Un mot.")))


UNKNOWN = [
    ({"univers": "segure"}, "sections[0].graphique.univers : Nom inconnu (univers) : « segure ». Vouliez-vous"),
    ({"mesures": ("psc_e_cp",)}, "sections[0].graphique.mesures[0] : Nom inconnu (mesure) : « psc_e_cp »."),
    ({"axes": ("regions",)}, "sections[0].graphique.axes[0] : Nom inconnu (dimension) : « regions »."),
    ({"cadres": {"pays": Arbre()}}, "sections[0].graphique.cadres.pays : Nom inconnu (dimension)"),
    ({"cadres": {"mois": Arbre()}}, "sections[0].graphique.cadres.mois : Le temps se fixe par « periode »."),
    ({"parametres": {"horizon": "2022-T4"}}, "sections[0].graphique.parametres.horizon : Nom inconnu (paramètre)"),
    ({"options": {"attendu": "x"}}, "sections[0].graphique.options.attendu : Nom inconnu (mesure)"),
    ({"axes": ("editeur",), "mesures": ("psc_e_cps",)}, "sections[0].graphique.mesures[0] : « "),
    (
        {"mesures": ("psc_e_cps",), "cadres": {"editeur": Arbre({"X": 3})}},
        "sections[0].graphique.cadres.editeur : « ",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "said"), UNKNOWN)
def test_an_unknown_name_makes_one_section_to_repair(changed: dict[str, Any], said: str) -> None:
    """And a measure that cannot bear an imposed axis: unfiltered, it would be another figure."""
    found = references.faults(chart(**changed), universe)
    assert [str(one).startswith(said) for one in found] == [True], found


def test_the_names_of_a_good_analysis_are_known() -> None:
    assert references.faults(WHOLE, universe) == []


def test_a_live_figure_that_names_nothing_is_told() -> None:
    text = "{{psc_e_cp}} {{psc_e_cps|rang}} {{psc_e_cps|regions=44}} {{psc_e_cps|ecart|region=44}}"
    told = replace(chart().sections[0], introduction=text)
    alone = Section("ddd", conclusion="{{psc_e_cps}}")
    found = [str(one) for one in references.faults(Analyse("Une", sections=(told, alone)), universe)]
    assert [one.split(" : ")[0] for one in found] == [
        *["sections[0].introduction"] * 3,
        "sections[1].conclusion",
    ]
    assert "« psc_e_cp »" in found[0]
    assert "« rang » : écrivez valeur, ecart, date" in found[1]
    assert "« regions »" in found[2]
    assert "demande un graphique" in found[3]


def test_a_renamed_measure_goes_on_under_its_new_name() -> None:
    alias = {("segur", "psc_ancien"): "psc_e_cps"}
    saved = chart(mesures=("psc_ancien",), en_tete=("psc_ancien",))
    assert len(references.faults(saved, universe)) == 1 + 1
    now = references.up_to_date(saved, alias)
    assert now == chart(en_tete=("psc_e_cps",))
    assert saved.sections[0].graphique is not None, "nothing is rewritten on reading"
    assert saved.sections[0].graphique.mesures == ("psc_ancien",)


def test_changing_the_type_back_gives_the_same_chart() -> None:
    """What the other type cannot carry is kept, unused."""
    radar = replace(MAP, type="radar", options={"nombre": 12, "attendu": "psc_e_cps"})
    back = replace(replace(radar, type="tableau"), type="radar")
    assert back == radar
    again = decode(encode(replace(WHOLE, sections=(Section("b", graphique=back),))))
    assert again.sections[0].graphique == radar
    assert options.unused(radar, universe("segur")) == [
        "nombre de barres (12)",
        "repère attendu (Cartes e-CPS activées)",
    ]
    assert options.unused(replace(radar, type="classement"), universe("segur")) == [
        "repère attendu (Cartes e-CPS activées)"
    ]


@given(st.integers(0, 3), st.integers(1, 3), st.booleans())
def test_the_columns_never_contradict_one_another(level: int, column: int, on: bool) -> None:
    tree = Arbre({"44": level}).setting(["44"], column, on)
    now = tree.level("44")
    assert (now >= column) is on
    others = [c for c in (1, 2, 3) if c != column]
    for other in others:  # what a column needs follows it, what needs it leaves with it; nothing else moves
        before, after = level >= other, now >= other
        assert after == (before or other < column) if on else after == (before and other < column)


def test_a_branch_is_ticked_whole_or_mixed() -> None:
    leaves = [f"A{n:02d}" for n in range(14)]
    whole = Arbre(nouveaux=0).setting(leaves, 2, on=True)
    assert (whole.mark(leaves, 2), whole.mark(leaves, 3), whole.selected(leaves)) == (True, False, 14)
    less = whole.setting(["A03"], 2, on=False)
    assert (less.mark(leaves, 2), less.mark(leaves, 1), less.selected(leaves)) == (None, True, 13)
    assert less.setting(["A04"], 1, on=False).level("A04") == 0


def test_identifiers_of_sections_are_six_consonants() -> None:
    made = {new_id() for _ in range(200)}
    assert len(made) == 200
    assert all(len(one) == 6 and not set(one) & set("aeiouy") for one in made)
