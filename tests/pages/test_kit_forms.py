"""Declared forms as their readers use them: refusals beside fields, drafts, conflicts, double clicks."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
import sqlalchemy as sa

from apps.kit.access import session
from apps.kit.forms import Field, Form, Kind
from apps.kit.forms.entry import merge, plain, read, unwritten, written
from apps.kit.forms.filling import Drafts, begin, typed
from apps.kit.forms.form import SAVE
from lake.errors import LakeError
from lake.store import drafts
from lake.store.accounts import accounts, sessions
from lake.store.accounts.identity import Compte, address
from lake.store.engine import Store
from lake.store.schema import SESSIONS
from tests.pages import form_example
from tests.pages.drawing import AppTest

SERVICE, PLAIN = form_example.SERVICE, form_example.PLAIN


@pytest.fixture
def anne(store: Store, monkeypatch: pytest.MonkeyPatch) -> Compte:
    """Who reads; what is kept begins anew."""
    monkeypatch.setenv("OBS_ACCES", "comptes")
    made = accounts.create(
        store, email="anne@ex.fr", nom="Martin", prenom="Anne", organisation="", profil="expert_national"
    )
    compte = accounts.change(store, made.id, "x", etat="actif")
    secret = sessions.open_session(store, compte)
    monkeypatch.setattr(session, "store", lambda: store)
    monkeypatch.setattr(session, "cookie", lambda: secret)
    form_example.KEPT.clear()
    form_example.KEPT.update(
        nom="telec", niveau="1", du=None, porte=False, porteur=None, secret="", revision=3
    )
    form_example.SENT.clear()
    return compte


def opened(page: str = "page") -> AppTest:
    at = AppTest.from_string(
        f"from tests.pages.form_example import {page}\n{page}()", default_timeout=60
    ).run()
    assert not at.exception, at.exception
    return at


def said(text: str) -> str:
    """A text with plain spaces and apostrophes: how French is set is tested elsewhere."""
    return unescape(text).replace("\u202f", " ").replace("'", "’")


def html(at: AppTest) -> str:
    return said("\n".join(element.proto.body for element in at.get("html")))


def beside(at: AppTest) -> dict[str, str]:
    """Field -> the refusal that stands beside it."""
    found = re.findall(r'data-champ="([^"]+)">([^<]*)<', html(at))
    return {name.removeprefix("service_7_").removeprefix("simple_"): why for name, why in found}


def field(at: AppTest, name: str, generation: int = 0) -> str:
    return f"service_7_{name}" + (f"_{generation}" if generation else "")


# -- values ---------------------------------------------------------------------------------------------


def test_a_form_is_a_value_and_two_fields_never_bear_one_name() -> None:
    assert Form("a", (Field("x", "X"),)) == Form("a", (Field("x", "X"),))
    with pytest.raises(ValueError, match="two fields"):
        Form("a", (Field("x", "X"), Field("x", "Y")))
    with pytest.raises(ValueError, match="extensions"):
        Field("f", "Fichier", Kind.FILE)


@pytest.mark.parametrize(
    ("kind", "typed_in", "kept"),
    [
        (Kind.TEXT, "  Anne ", "Anne"),
        (Kind.LONG, "a  \r\nb\r\n\r\n", "a\nb"),
        (Kind.PASSWORD, " deux espaces ", " deux espaces "),
        (Kind.SEVERAL, ("1", "2"), ["1", "2"]),
        (Kind.BOOLEAN, None, False),
        (Kind.DATE, date(2026, 3, 29), date(2026, 3, 29)),
        (Kind.NUMBER, 0, 0),
    ],
)
def test_a_draft_gives_back_what_was_typed(kind: Kind, typed_in: object, kept: object) -> None:
    one = Field("x", "X", kind, options={"1": "un", "2": "deux"})
    assert plain(one, typed_in) == kept
    assert unwritten(one, written(one, kept)) == kept


def test_a_draft_of_another_time_never_breaks_a_form() -> None:
    for kind, old in (
        (Kind.DATE, "hier"),
        (Kind.NUMBER, "douze"),
        (Kind.CHOICE, "gone"),
        (Kind.SEVERAL, "1"),
    ):
        value = unwritten(Field("x", "X", kind, options={"1": "un"}), old)
        assert value in (None, [])


def test_every_refusal_is_told_at_once_in_the_store_s_own_words() -> None:
    form = Form(
        "f", (Field("email", "Adresse", Kind.EMAIL, address), Field("n", "N"), Field("c", "C", Kind.CHOICE))
    )
    entry = read(form, {"email": "anne@", "n": " "}, SAVE)
    told = {name: str(why) for name, why in entry.refused.items()}
    with pytest.raises(LakeError) as same:
        address("anne@")
    assert told == {"email": str(same.value), "n": "À remplir.", "c": "À choisir."}
    assert read(form, {"email": " Anne@Ex.fr", "n": "x", "c": 9}, SAVE).refused["c"].message == (
        "Ce choix n'est plus proposé."
    )


def test_a_merge_keeps_what_each_changed_and_shows_what_both_did() -> None:
    seen = {"a": 1, "b": 1, "c": 1, "d": 1}
    found = merge(seen, {"a": 2, "b": 1, "c": 2, "d": 2}, {"a": 1, "b": 5, "c": 3, "d": 2})
    assert (found.send, found.conflicts) == ({"a": 2}, {"c": 3})


# -- on the page ----------------------------------------------------------------------------------------


def test_refusals_stand_beside_their_fields_and_in_a_summary_that_leads_there(anne: Compte) -> None:
    assert anne
    at = opened("simple")
    at.button(key="simple_enregistrer").click().run()
    assert beside(at) == {"nom": "À remplir.", "mois": "À choisir."}
    assert "2 champs sont à corriger." in html(at)
    assert 'role="alert"' in html(at)
    assert '<a href="#refus-simple_mois" target="_self">Mois</a>' in html(at)
    assert form_example.SENT == []
    at.text_input(key="simple_nom").set_value("interdit")
    at.multiselect(key="simple_mois").set_value(["1"])
    at.button(key="simple_enregistrer").click().run()
    assert beside(at) == {
        "nom": "Ce nom est réservé. Choisissez-en un autre."
    }  # the store's, beside its field
    at.text_input(key="simple_nom").set_value("sso")
    at.button(key="simple_enregistrer").click().run()
    assert beside(at) == {}
    assert at.success[0].value == "Service sso enregistré."
    assert at.text_input(key="simple_nom_1").value == ""  # ready for another
    at.run()
    assert not at.success  # said once


@pytest.mark.incident
def test_an_unforeseen_failure_keeps_what_was_typed_and_gives_an_incident_number(anne: Compte) -> None:
    assert anne
    at = opened("simple")
    at.text_input(key="simple_nom").set_value("panne")
    at.multiselect(key="simple_mois").set_value(["1"])
    at.button(key="simple_enregistrer").click().run()
    assert "Rien n’est enregistré" in at.warning[0].value
    assert "Incident n°" in at.warning[0].value
    assert at.text_input(key="simple_nom").value == "panne"


def test_two_clicks_send_once(anne: Compte, store: Store) -> None:
    """The second click of a double click calls the same button again before the page was drawn anew."""
    filling = begin(SERVICE, "service_7", {"nom": "a"}, None, None)
    assert anne
    from apps.kit.forms.filling import send

    values = {"nom": "sso"}
    form_example.KEPT["revision"] = 0
    send(filling, values, SAVE, form_example.send, None, None)
    assert filling.done is not None
    at = opened("simple")
    at.text_input(key="simple_nom").set_value("b")
    at.multiselect(key="simple_mois").set_value(["1"])
    button = at.button(key="simple_enregistrer")
    button.click().run()
    button.click().run()  # a click on the button that is no longer there
    assert [one.values["nom"] for one in form_example.SENT] == ["sso", "b"]
    assert len({one.key for one in form_example.SENT}) == 2


def test_a_condition_shows_a_section_and_what_is_not_asked_is_not_sent(anne: Compte) -> None:
    assert anne
    at = opened()
    assert not at.selectbox
    at.checkbox(key=field(at, "porte")).set_value(True).run()
    at.button(key=field(at, "valider")).click().run()
    assert beside(at) == {"porteur": "À choisir."}
    at.selectbox(key=field(at, "porteur")).set_value(2).run()
    at.button(key=field(at, "valider")).click().run()
    assert (form_example.KEPT["porte"], form_example.KEPT["porteur"]) == (True, 2)
    at = opened()
    at.checkbox(key=field(at, "porte")).set_value(False).run()
    at.button(key=field(at, "valider")).click().run()
    assert "porteur" not in form_example.SENT[-1].values


def test_the_effect_is_shown_before_anything_is_saved_and_an_action_may_need_no_check(anne: Compte) -> None:
    assert anne
    at = opened()
    at.text_input(key=field(at, "niveau")).set_value("trois").run()
    assert at.caption[0].value == "Aperçu : telec, trois"
    at.button(key=field(at, "valider")).click().run()
    assert beside(at) == {"niveau": "« trois » n’est pas un niveau. De 0 à 3."}
    at.date_input(key=field(at, "du")).set_value(date(2026, 7, 1)).run()
    at.text_input(key=field(at, "niveau")).set_value("3").run()
    at.button(key=field(at, "valider")).click().run()
    assert beside(at) == {"du": "Ce trimestre est clos."}
    at.button(key=field(at, "renvoyer")).click().run()
    assert form_example.SENT[-1].action == "renvoyer"


def test_a_draft_survives_a_reload_and_is_erased_when_the_form_is_sent(anne: Compte, store: Store) -> None:
    at = opened()
    at.text_input(key=field(at, "nom")).set_value("telec 2").run()
    at.text_input(key=field(at, "secret")).set_value("mot de passe").run()
    assert "Brouillon enregistré à" in html(at)
    assert set(drafts.load(store, anne.id, "service_7")) == {"nom"}  # never a password
    again = opened()  # another tab, or the same after a reload
    assert again.text_input(key=field(at, "nom")).value == "telec 2"
    assert "Saisie reprise" in html(again)
    assert form_example.KEPT["nom"] == "telec"
    again.button(key=field(at, "valider")).click().run()
    assert form_example.KEPT["nom"] == "telec 2"
    assert form_example.SENT[-1].changed == {"nom": "telec 2"}  # the password typed elsewhere was not kept
    assert drafts.load(store, anne.id, "service_7") == {}
    assert "Saisie reprise" not in html(opened())


def test_a_draft_given_up_leaves_what_is_kept(anne: Compte, store: Store) -> None:
    at = opened()
    at.text_input(key=field(at, "nom")).set_value("brouillon").run()
    at = opened()
    at.button(key=field(at, "effacer")).click().run()
    assert drafts.load(store, anne.id, "service_7") == {}
    assert at.text_input(key=field(at, "nom", 1)).value == "telec"


def test_a_session_that_time_ended_still_keeps_what_is_typed_and_one_that_was_closed_does_not(
    anne: Compte, store: Store
) -> None:
    person = session.reader()
    assert person is not None
    keeper = Drafts(store, person, "service_7")
    filling = begin(SERVICE, "service_7", form_example.KEPT, 3, keeper)
    with store.writing() as connection:
        idle = datetime.now(UTC) - sessions.IDLE - timedelta(minutes=1)
        connection.execute(sa.update(SESSIONS).values(vue_le=idle))
    assert session.reader() is None
    typed(filling, filling.field("nom"), "saisi trop tard", keeper)
    assert filling.unkept == ""
    assert drafts.load(store, anne.id, "service_7")["nom"].value == "saisi trop tard"
    sessions.close(store, anne)
    typed(filling, filling.field("nom"), "après la fermeture", keeper)
    assert "Votre session est terminée" in filling.unkept
    assert drafts.load(store, anne.id, "service_7")["nom"].value == "saisi trop tard"


def test_a_field_told_without_being_touched_is_not_kept(anne: Compte, store: Store) -> None:
    person = session.reader()
    assert person is not None
    keeper = Drafts(store, person, "service_7")
    filling = begin(SERVICE, "service_7", form_example.KEPT, 3, keeper)
    typed(filling, filling.field("nom"), "telec", keeper)
    assert drafts.load(store, anne.id, "service_7") == {}


# -- two people -----------------------------------------------------------------------------------------


def test_two_people_on_two_fields_never_meet(anne: Compte) -> None:
    assert anne
    at = opened()
    at.text_input(key=field(at, "nom")).set_value("telec 2").run()
    form_example.KEPT.update(niveau="2", revision=4)  # somebody else, meanwhile
    at.button(key=field(at, "valider")).click().run()
    assert (form_example.KEPT["nom"], form_example.KEPT["niveau"]) == ("telec 2", "2")
    assert not at.warning


@pytest.mark.parametrize(("choice", "kept"), [("mienne", "à moi"), ("autre", "à eux")])
def test_two_people_on_one_field_see_both_values_and_either_choice_saves_in_one_click(
    anne: Compte, choice: str, kept: str
) -> None:
    assert anne
    at = opened()
    at.text_input(key=field(at, "nom")).set_value("à moi").run()
    at.text_input(key=field(at, "niveau")).set_value("3").run()
    form_example.KEPT.update(nom="à eux", revision=4)
    at.button(key=field(at, "valider")).click().run()
    told = said(at.warning[0].value)
    assert "Nom a changé par quelqu’un d’autre" in told
    assert "« à eux »" in told
    assert "« à moi »" in told
    assert form_example.KEPT["nom"] == "à eux"  # nothing was sent
    at.button(key=field(at, f"nom_{choice}")).click().run()
    assert (form_example.KEPT["nom"], form_example.KEPT["niveau"]) == (kept, "3")
    assert not at.warning


def test_a_draft_over_what_somebody_changed_since_shows_both(anne: Compte) -> None:
    assert anne
    at = opened()
    at.text_input(key=field(at, "nom")).set_value("à moi").run()
    form_example.KEPT.update(nom="à eux", revision=4)
    at = opened()
    assert "« à eux »" in said(at.warning[0].value)
    at.button(key=field(at, "nom_autre")).click().run()
    assert at.text_input(key=field(at, "nom")).value == "à eux"


def test_two_tabs_on_one_field_are_told(anne: Compte, store: Store) -> None:
    one, other = opened(), opened()
    one.text_input(key=field(one, "nom")).set_value("premier").run()
    other.text_input(key=field(other, "nom")).set_value("second").run()
    assert "dans un autre onglet" in other.warning[0].value
    assert drafts.load(store, anne.id, "service_7")["nom"].value == "premier"
    other.button(key=field(other, "nom_mienne")).click().run()
    assert drafts.load(store, anne.id, "service_7")["nom"].value == "second"


def test_nothing_changed_sends_nothing(anne: Compte) -> None:
    assert anne
    at = opened()
    at.button(key=field(at, "valider")).click().run()
    assert at.success[0].value == "Rien n’a changé."
    assert form_example.SENT == []


def test_a_form_that_may_only_be_read_says_why_and_has_no_button(anne: Compte) -> None:
    assert anne
    at = opened("locked")
    assert said(at.info[0].value) == "Vos droits ne permettent plus d’écrire ici."
    assert all(one.disabled for one in at.text_input)
    assert not at.button


def test_who_lost_its_session_sends_nothing_and_loses_nothing(anne: Compte, store: Store) -> None:
    at = opened()
    at.text_input(key=field(at, "nom")).set_value("telec 2").run()
    sessions.close(store, anne)
    at.button(key=field(at, "valider")).click().run()
    assert form_example.SENT == []
    assert "réservée aux personnes inscrites" in said(at.warning[0].value)
    assert drafts.load(store, anne.id, "service_7")["nom"].value == "telec 2"


def test_a_grant_taken_back_stops_writing_at_once_and_loses_nothing(
    anne: Compte, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = opened()
    at.text_input(key=field(at, "nom")).set_value("telec 2").run()
    monkeypatch.setattr(form_example, "GRANTED", set())
    at.button(key=field(at, "valider")).click().run()
    assert form_example.SENT == []
    assert "Votre profil n’ouvre pas cette page" in said(at.warning[0].value)
    assert drafts.load(store, anne.id, "service_7")["nom"].value == "telec 2"
