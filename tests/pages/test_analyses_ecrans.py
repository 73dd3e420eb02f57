"""The screens of analyses as their readers use them: read, change, share, follow, arrange the bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from apps.acces.journal import frame_of
from apps.analyses import barre, vue
from apps.kit.access import session
from apps.kit.access.session import Reader
from apps.kit.data.data import open_lake
from lake.droits import Droits
from lake.errors import SourceUnavailable
from lake.store import journal
from lake.store.accounts import accounts, sessions
from lake.store.accounts.identity import Compte
from lake.store.analyses import bar, binned, documents, drafting, models, reading, shares, subscriptions
from lake.store.engine import Store
from lake.tables import Lake
from tests.pages.drawing import AppTest

SCREEN = """
from apps.kit.shell.screen import draw
from apps.analyses.declaration import SCREENS
draw(next(one for one in SCREENS if one.name == "{name}"))
"""
SECTION = {
    "id": "bcdfgh",
    "titre": "Où exercent-ils ?",
    "introduction": "Ils sont {{professionnels}}.",
    "graphique": {
        "univers": "annuaire",
        "type": "tableau",
        "mesures": ["professionnels"],
        "axes": ["departement"],
    },
}


def document(titre: str = "Qui exerce où", *sections: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "titre": titre, "description": "", "sections": list(sections or (SECTION,))}


@pytest.fixture
def people(store: Store) -> dict[str, Compte]:
    def made(name: str, profil: str, **more: Any) -> Compte:
        given = {"nom": name.title(), "prenom": "Anne", "organisation": "CHU", "profil": profil, **more}
        compte = accounts.create(store, email=f"{name}@ex.fr", **given)
        return accounts.change(store, compte.id, "test", etat="actif")

    return {
        "chef": made("chef", "administrateur"),
        "anne": made("anne", "expert_national"),
        "bea": made("bea", "expert_national", organisation="ARS"),
        "pilote": made(
            "pilote", "pilote_regional", droits=Droits(frozenset({"annuaire"}), regions=frozenset({"44"}))
        ),
    }


Become = Callable[[str], Compte]


@pytest.fixture
def become(
    store: Store, people: dict[str, Compte], kit_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Become]:
    monkeypatch.setenv("OBS_ACCES", "comptes")
    monkeypatch.setenv("OBS_LAKE", kit_lake.root)
    open_lake.clear()
    monkeypatch.setattr(session, "store", lambda: store)

    def read_by(name: str) -> Compte:
        secret = sessions.open_session(store, people[name])
        monkeypatch.setattr(session, "cookie", lambda: secret)
        found: Reader | None = session.reader()
        assert found is not None
        return found.compte

    yield read_by
    open_lake.clear()


def screen(name: str, **params: str) -> AppTest:
    at = AppTest.from_string(SCREEN.format(name=name), default_timeout=60)
    for key, value in params.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception, at.exception
    return at


def page(at: AppTest) -> str:
    parts = [one.proto.body for one in at.get("html")]
    parts += [
        str(one.value)
        for kind in ("markdown", "info", "warning", "success", "error", "title", "header")
        for one in at.get(kind)
    ]
    return "\n".join(parts).replace("\u202f", " ").replace("\u00a0", " ")


def test_read_mode_says_dates_and_offers_what_the_reader_may_do(
    store: Store, become: Become, people: dict[str, Compte]
) -> None:
    anne = become("anne")
    number = documents.create(store, anne, document())
    shares.share(store, anne, number, email="bea@ex.fr")
    at = screen("lire", id=str(number))
    said = page(at)
    assert not at.error, said
    assert "Qui exerce où" in said
    assert "Ils sont 8" in said
    assert "Dernière modification le" in said
    assert f"./analyses-modifier?id={number}" in said
    become("bea")
    shared = page(screen("lire", id=str(number)))
    assert "Partagée par Anne Anne : vous la lisez avec vos propres droits." in shared
    assert "modifier" not in shared
    become("pilote")
    refused = screen("lire", id=str(number))
    missing = screen("lire", id="999")
    assert "Qui exerce où" not in page(refused)
    assert page(refused).replace(str(number), "N") == page(missing).replace("999", "N")


def test_a_title_is_said_once(store: Store, become: Become) -> None:
    number = documents.create(store, become("anne"), document("T", {**SECTION, "titre": "Par département"}))
    at = screen("lire", id=str(number))
    assert [one.value for one in at.header] == ["Par département", "Partager et suivre"]
    assert "Par département" not in [one.value for one in at.subheader]


def test_a_list_has_mine_shared_ones_drafts_and_the_bin(
    store: Store, become: Become, people: dict[str, Compte]
) -> None:
    anne = become("anne")
    assert "Vous n’avez pas encore d’analyse" in page(screen("mes"))
    first = documents.create(store, anne, document("La première"))
    gone = documents.create(store, anne, document("À jeter"))
    theirs = documents.create(store, people["bea"], document("Celle de Béa"))
    shares.share(store, people["bea"], theirs, email="anne@ex.fr")
    shares.share(store, anne, first, organisation=True)
    documents.noted(store, first, {"a_relire"})
    binned.remove(store, anne, gone)
    at = screen("mes")
    said = page(at)
    assert [one.value for one in at.header] == ["Les miennes", "Partagées avec moi", "Corbeille"]
    assert "texte à relire, partagée (1)" in said
    assert "par Anne Bea" in said
    at.button(key=f"retablir_{gone}").click().run()
    assert [one.value for one in at.header] == ["Les miennes", "Partagées avec moi"]


def test_a_change_is_kept_as_a_draft_undone_and_saved(store: Store, become: Become) -> None:
    anne = become("anne")
    number = documents.create(store, anne, document())
    at = screen("modifier", id=str(number))
    assert not at.error, page(at)
    field = next(one for one in at.text_area if one.label == "Introduction")
    field.set_value("Un texte neuf.").run()
    kept = drafting.of_analysis(store, anne, number)
    assert kept is not None
    assert kept.document["sections"][0]["introduction"] == "Un texte neuf."
    assert "PDF du brouillon" in [one.proto.label for one in at.get("download_button")]
    at.button(key="section_texte").click().run()
    at.button(key="section_haut_" + at.session_state["analyses.atelier"].sections[1]["id"]).click().run()
    assert [one["titre"] for one in at.session_state["analyses.atelier"].sections] == [
        "",
        "Où exercent-ils ?",
    ]
    at.button(key="atelier_annuler").click().run()
    at.button(key="atelier_annuler").click().run()
    assert len(at.session_state["analyses.atelier"].sections) == 1
    at.button(key="atelier_enregistrer").click().run()
    saved = reading.opened(store, anne, number)
    assert (saved.revision, saved.document["sections"][0]["introduction"]) == (2, "Un texte neuf.")
    assert saved.document["sections"][0]["lien"]["par"] == "Anne Anne"
    assert drafting.of_analysis(store, anne, number) is None


def test_a_live_figure_is_put_in_a_text_by_its_name(store: Store, become: Become) -> None:
    anne = become("anne")
    number = documents.create(store, anne, document())
    at = screen("modifier", id=str(number))
    at.radio(key="inserer_bcdfgh_forme").set_value("date")
    at.button(key="inserer_bcdfgh_conclusion").click().run()
    kept = drafting.of_analysis(store, anne, number)
    assert kept is not None
    assert kept.document["sections"][0]["conclusion"] == "{{professionnels|date}}"
    assert "{{professionnels|date}}" in [one.value for one in at.text_area]
    at.button(key="atelier_enregistrer").click().run()
    assert "14 janvier 2025" in page(screen("lire", id=str(number)))


def test_two_people_on_one_text_choose_side_by_side(
    store: Store, become: Become, people: dict[str, Compte]
) -> None:
    anne = become("anne")
    number = documents.create(store, anne, document())
    shares.share(store, anne, number, email="bea@ex.fr", right="modifier")
    at = screen("modifier", id=str(number))
    next(one for one in at.text_area if one.label == "Introduction").set_value("Le texte d’Anne").run()
    other = document()
    other["sections"][0] = {**SECTION, "introduction": "Le texte de Béa"}
    documents.save(store, people["bea"], number, other, base=1)
    at.button(key="atelier_enregistrer").click().run()
    assert "Anne Bea a enregistré la même chose entre-temps" in page(at)
    assert {one.value for one in at.text} == {"Le texte d’Anne", "Le texte de Béa"}
    assert at.button(key="conflit_enregistrer").disabled
    at.radio(key="conflit_0").set_value("Garder l’autre").run()
    at.button(key="conflit_enregistrer").click().run()
    assert reading.opened(store, anne, number).document["sections"][0]["introduction"] == "Le texte de Béa"


def test_a_right_withdrawn_while_editing_keeps_the_draft(
    store: Store, become: Become, people: dict[str, Compte]
) -> None:
    number = documents.create(store, people["bea"], document())
    shares.share(store, people["bea"], number, email="anne@ex.fr", right="modifier")
    anne = become("anne")
    at = screen("modifier", id=str(number))
    next(one for one in at.text_area if one.label == "Introduction").set_value("Mon travail").run()
    shares.share(store, people["bea"], number, email="anne@ex.fr", right="lire")
    at.button(key="atelier_enregistrer").click().run()
    assert "ne pouvez plus modifier" in page(at)
    assert "votre brouillon est gardé" in page(at).lower()
    at.text_input(key="atelier_nom").set_value("La mienne").run()
    at.button(key="atelier_copie").click().run()
    mine = next(one for one in reading.listed(store, anne) if one.titre == "La mienne")
    assert mine.genre == "analyse"
    assert reading.opened(store, anne, mine.id).document["sections"][0]["introduction"] == "Mon travail"


def test_a_store_that_is_down_keeps_what_is_typed(
    store: Store, become: Become, monkeypatch: pytest.MonkeyPatch
) -> None:
    anne = become("anne")
    number = documents.create(store, anne, document())
    at = screen("modifier", id=str(number))

    def down(*_: Any, **__: Any) -> int:
        raise SourceUnavailable("La base ne répond pas.")

    with monkeypatch.context() as patch:
        patch.setattr(drafting, "begin", down)
        patch.setattr(drafting, "keep", down)
        next(one for one in at.text_area if one.label == "Introduction").set_value("Pas perdu").run()
        assert "n’est gardé que dans cet onglet" in page(at)
    at.button(key="brouillon_reessayer").click().run()
    kept = drafting.of_analysis(store, anne, number)
    assert kept is not None
    assert kept.document["sections"][0]["introduction"] == "Pas perdu"


def test_the_home_is_the_profile_s_model_until_somebody_configures_it(
    store: Store, become: Become, people: dict[str, Compte]
) -> None:
    anne = become("anne")
    assert "Aucune page n’est publiée" in page(screen("indicateurs"))
    models.ship(
        store, "cles", document("Les indicateurs"), profils=["expert_national"], home=["expert_national"]
    )
    at = screen("indicateurs")
    assert "Les indicateurs" in page(at)
    models.ship(store, "cles", document("Corrigés"), profils=["expert_national"], home=["expert_national"])
    assert "Corrigés" in page(screen("indicateurs"))
    at.button(key="indicateurs_configurer").click().run()
    mine = next(one for one in reading.listed(store, anne) if one.genre == "indicateurs")
    bar.arrange(store, anne, [mine.id], home=mine.id)
    assert "Copie de" in page(screen("indicateurs"))
    binned.remove(store, anne, mine.id)
    assert "Corrigés" in page(screen("indicateurs"))


def test_the_bar_is_arranged_by_buttons(store: Store, become: Become) -> None:
    anne = become("anne")
    one, two = (documents.create(store, anne, document(name)) for name in ("Une", "Deux"))
    bar.arrange(store, anne, [one, two])
    at = screen("barre")
    at.button(key=f"monter_{two}").click().run()
    assert [page.titre for page in bar.bar(store, anne).pages] == ["Deux", "Une"]
    at.button(key=f"arriver_{one}").click().run()
    at.button(key=f"desepingler_{two}").click().run()
    found = bar.bar(store, anne)
    assert ([page.titre for page in found.pages], found.home and found.home.titre) == (["Une"], "Une")


def test_sharing_says_what_each_will_see(store: Store, become: Become, people: dict[str, Compte]) -> None:
    anne = become("anne")
    number = documents.create(store, anne, document())
    shares.share(store, anne, number, email="pilote@ex.fr")
    shares.share(store, anne, number, organisation=True)
    at = screen("lire", id=str(number))
    table = next(one.value for one in at.dataframe if "Partagée avec" in one.value)
    assert table["1. Où exercent-ils ?"].to_list() == ["restreint à son périmètre", "ouvert"]
    (first, _second) = shares.shares(store, anne, number)
    at.button(key=f"retirer_partage_{first.id}").click().run()
    assert len(shares.shares(store, anne, number)) == 1


def test_following_starts_from_what_is_shown_and_a_link_stops_it(store: Store, become: Become) -> None:
    anne = become("anne")
    number = documents.create(store, anne, document())
    at = screen("lire", id=str(number))
    at.button(key=f"abonner_{number}").click().run()
    found = subscriptions.of_analysis(store, anne, number)
    assert found is not None
    assert found.last["sections"]["bcdfgh"]["cellules"]["Bas-Rhin · Professionnels"] == "5"
    left = screen("desabonnement", jeton=found.token)
    assert "Vous ne recevrez plus de message sur « Qui exerce où »." in page(left)
    assert subscriptions.active(store) == []
    left.button(key="reabonner").click().run()
    assert len(subscriptions.active(store)) == 1
    assert "Nom inconnu" in page(screen("desabonnement", jeton=found.token + "0"))


def test_a_document_of_a_newer_version_opens_read_only(store: Store, become: Become) -> None:
    anne = become("anne")
    number = documents.create(store, anne, {**document(), "version": 2})
    said = page(screen("lire", id=str(number)))
    assert "version plus récente de l’observatoire" in said
    changing = screen("modifier", id=str(number))
    assert "elle se lit seulement" in page(changing)
    assert not changing.text_input, "nothing of it can be typed over"


def test_a_chart_is_made_in_four_steps_and_the_draft_goes_along(store: Store, become: Become) -> None:
    anne = become("anne")
    number = documents.create(store, anne, document())
    at = screen("modifier", id=str(number))
    next(one for one in at.text_area if one.label == "Introduction").set_value("Déjà tapé").run()
    at.button(key="section_regler_bcdfgh").click().run()
    draft = drafting.of_analysis(store, anne, number)
    assert draft is not None
    assert draft.document["en_cours"]["section"]["introduction"] == "Déjà tapé"
    steps = screen("creer", brouillon=str(draft.id), etape="4")
    assert not steps.error, page(steps)
    # Back in edit mode, what the other page kept is there, and the chart under way is no section yet.
    drafting.keep(store, anne, draft.id, {**draft.document, "titre": "Autre titre"}, revision=draft.revision)
    at.run()
    assert at.title[0].value == "Autre titre"
    at.button(key="atelier_enregistrer").click().run()
    saved = reading.opened(store, anne, number).document
    assert (saved["titre"], saved["sections"][0]["introduction"]) == ("Autre titre", "Déjà tapé")
    assert "en_cours" not in saved


def test_the_administration_publishes_and_comes_back_to_the_shipped_model(
    store: Store, become: Become, people: dict[str, Compte]
) -> None:
    chef = become("chef")
    models.ship(store, "psc", document("PSC"), profils=["expert_national"])
    model = next(one.id for one in reading.listed(store, chef) if one.titre == "PSC")
    documents.save(store, chef, model, document("PSC revu ici"), base=1)
    at = screen("lire", id=str(model))
    assert "Révision 1 publiée pour" in page(at)
    assert "La révision 2 n’est pas publiée" in page(at)
    form = f"publier_{model}_2"
    at.multiselect(key=f"{form}_profils").set_value(["pilote_regional"])
    at.button(key=f"{form}_publier").click().run()
    assert "La révision 2 est publiée." in page(at)
    assert models.readers(store, model) == {"pilote_regional": 2}
    assert reading.opened(store, people["pilote"], model).title == "PSC revu ici"

    at = screen("lire", id=str(model))
    at.button(key="publier_revenir").click().run()
    assert "Le modèle livré est de retour" in page(at)
    assert reading.opened(store, people["anne"], model).title.startswith("Pro Santé Connect")
    assert "publier_revenir" not in {one.key for one in screen("lire", id=str(model)).button}
    at.button(key="publier_retirer").click().run()
    assert models.readers(store, model) == {}

    noted = frame_of(journal.read(store, journal.Filters()))["Quoi"].to_list()
    assert {"Modèle publié", "Modèle livré chargé", "Analyse modifiée"} <= set(noted)
    assert not [one for one in noted if "." in one], "a reader never reads a technical name"
    become("anne")
    mine = documents.create(store, people["anne"], document())
    assert "publier" not in {one.label for one in screen("lire", id=str(mine)).expander}


def test_a_threshold_is_set_in_the_reader_s_words_and_taken_back(store: Store, become: Become) -> None:
    anne = become("anne")
    number = documents.create(store, anne, document())
    subscriptions.subscribe(store, anne, number)

    def add(value: str, sense: str, rank: int) -> AppTest:
        at = screen("lire", id=str(number))
        key = f"seuil_{number}_{rank}"
        at.selectbox(key=f"{key}_chiffre").set_value("bcdfgh|professionnels")
        at.selectbox(key=f"{key}_sens").set_value(sense)
        at.text_input(key=f"{key}_valeur").set_value(value)
        at.button(key=f"{key}_ajouter").click().run()
        return at

    assert "n’est pas un nombre" in page(add("beaucoup", "au-dessus", 0))
    assert "Le seuil est ajouté." in page(add("1 000", "au-dessus", 0))
    at = add("1000,5", "au-dessous", 1)
    assert "déjà franchi : un message partira au prochain passage" in page(at)
    found = subscriptions.of_analysis(store, anne, number)
    assert found is not None
    assert [(one.sense, one.value, one.crossed) for one in found.thresholds] == [
        ("au-dessus", 1000.0, False),
        ("au-dessous", 1000.5, True),
    ]
    at = screen("lire", id=str(number))
    assert "Où exercent-ils ? : Professionnels passe au-dessus de 1 000." in page(at)
    at.button(key=f"retirer_seuil_{number}_0").click().run()
    found = subscriptions.of_analysis(store, anne, number)
    assert found is not None
    assert [one.sense for one in found.thresholds] == ["au-dessous"]


def test_pinned_pages_are_entries_of_the_menu(
    store: Store, become: Become, people: dict[str, Compte], monkeypatch: pytest.MonkeyPatch
) -> None:
    anne = become("anne")
    one, two = (documents.create(store, anne, document(name)) for name in ("Même nom", "Même nom"))
    bar.arrange(store, anne, [two, one])
    assert [(each.name, each.title, each.listed) for each in barre.entries()] == [
        (f"page-{two}", "Même nom", True),
        (f"page-{one}", "Même nom", True),
    ]
    bar.arrange(store, anne, [one])  # in another tab, while this one reads the other page
    monkeypatch.setattr(
        barre, "st", SimpleNamespace(context=SimpleNamespace(url=f"http://x/analyses-page-{two}"))
    )
    assert [(each.name, each.listed) for each in barre.entries()] == [
        (f"page-{one}", True),
        (f"page-{two}", False),
    ]
    binned.remove(store, anne, one)
    assert [each.name for each in barre.entries()] == [f"page-{two}"]


FILTERED = {**SECTION["graphique"], "cadres": {"departement": {"nouveaux": 1, "noeuds": {}}}}  # type: ignore[dict-item]


def test_one_filter_for_the_whole_analysis_is_said_before_it_is_applied(store: Store, become: Become) -> None:
    """The same axis in two sections; the third one, whose author proposes another département only, is left."""
    only = {**FILTERED, "cadres": {"departement": {"nouveaux": 0, "noeuds": {"68": 1, "67": 0}}}}
    sections = [
        {**SECTION, "id": ident, "titre": f"Section {ident}", "graphique": chart}
        for ident, chart in (("bcd", FILTERED), ("fgh", FILTERED), ("jkl", only), ("mnp", None))
    ]
    number = documents.create(store, become("anne"), document("Ensemble", *sections))
    at = screen("lire", id=str(number))
    at.multiselect(key="ensemble_departement.0").set_value(["67"]).run()
    assert "S’applique aux sections 1 et 2. La section 3 ne les propose pas." in page(at)
    at.button(key="ensemble_appliquer").click().run()
    assert not at.exception
    asked = {name: list(values) for name, values in at.query_params.items() if name != "id"}
    assert {name: "".join(values) for name, values in asked.items()} == dict.fromkeys(
        ("bcd.departement", "fgh.departement"), "67"
    )
    at.button(key="ensemble_revenir").click().run()
    assert set(at.query_params) == {"id"}


def test_a_long_address_has_a_short_link_that_opens_nothing_by_itself(
    store: Store, become: Become, monkeypatch: pytest.MonkeyPatch
) -> None:
    anne = become("anne")
    number = documents.create(store, anne, document("Longue", {**SECTION, "graphique": FILTERED}))
    assert screen("lire", id=str(number)).button(key="obs_copier_lien").label == "Copier le lien de cette vue"
    monkeypatch.setattr(vue, "LONGEST", 20)
    at = screen("lire", id=str(number), **{"bcdfgh.departement": "67"})
    at.button(key="analyse_lien_court").click().run()
    assert "il garde vos filtres et n’ouvre aucun droit" in page(at)
    code = at.get("code")[0].value.rpartition("lien=")[2]
    again = screen("lire", lien=code)
    said = {name: "".join(values) for name, values in again.query_params.items()}
    assert said == {"id": str(number), "bcdfgh.departement": "67"}
    assert "Longue" in page(again)
    become("bea")
    assert "Longue" not in page(screen("lire", lien=code))
    assert "lien partagé" in page(screen("lire", lien="2222bbbb2222"))


def test_sections_that_a_profile_does_not_open_are_counted(store: Store, become: Become) -> None:
    closed = {"univers": "segur", "type": "chiffres", "mesures": ["psc_e_cps"]}
    other = {**SECTION, "id": "fghjkl", "titre": "Fermée", "introduction": "Secret.", "graphique": closed}
    number = documents.create(store, become("anne"), document("Deux univers", SECTION, other))
    shares.share(store, become("anne"), number, email="pilote@ex.fr")
    become("pilote")
    said = page(screen("lire", id=str(number)))
    assert "1 section sur 2 n’est pas ouverte à votre profil." in said
    assert "Fermée" in said
    assert "Secret." not in said
    models.ship(store, "deux", document("Un modèle à demi ouvert", SECTION, other), home=["pilote_regional"])
    models.ship(store, "rien", document("Un modèle fermé", other), home=[])
    become("pilote")
    told = page(screen("modeles"))
    assert "1 section sur 2 n’est pas ouverte à votre profil" in told
    assert "Un modèle fermé" not in told
