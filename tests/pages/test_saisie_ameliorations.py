"""Improvements on screen: proposed from an axis, decided by an administrator, told to who proposed."""

from __future__ import annotations

from collections.abc import Callable

from lake.droits import Droits
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.saisie import acteurs, ameliorations
from tests.pages.test_saisie_ecrans import (
    _widget,
    claire,
    entry_lake,
    opened,
    person,
    plain,
    read_by,
    region,
    told,
)

__all__ = ["claire", "entry_lake", "read_by", "region"]  # fixtures
SHEET = {"s": "44-0002", "q": "QU", "axe": "A05"}


def test_an_axis_is_proposed_to_be_improved_and_what_becomes_of_it_is_read_there(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    chief = person(store, "chef", profil="administrateur", droits=None)
    read_by(claire)
    at = opened("questionnaire", "QUESTIONNAIRE", **SHEET)
    key = "amelioration_2_A05"
    at.button(key=_widget(at.button, key, "proposer")).click().run()
    assert "Dites en une phrase ce que vous proposez." in plain(told(at))
    at.text_area(key=_widget(at.text_area, key, "texte")).set_value("Un <lecteur> sans contact").run()
    at.selectbox(key=_widget(at.selectbox, key, "porteur")).set_value("editeur").run()
    at.button(key=_widget(at.button, key, "proposer")).click().run()
    assert not at.exception
    assert "Votre proposition sur A05 est transmise" in plain("".join(one.value for one in at.success))
    [one] = ameliorations.toutes(store, par=None)
    assert (one.axe, one.critere, one.porteur, one.propose_par) == ("A05", "", "editeur", "GRADeS")
    # Told on the axis, beside its criteria; another axis says nothing of it.
    at = opened("questionnaire", "QUESTIONNAIRE", **SHEET)
    assert "« Un &lt;lecteur&gt; sans contact » (GRADeS, le" in plain(told(at))
    elsewhere = opened("questionnaire", "QUESTIONNAIRE", s="44-0002", q="QU", axe="A11")
    assert "lecteur" not in told(elsewhere)

    read_by(chief)
    at = opened("ameliorations", "AMELIORATIONS")
    said = plain(told(at))
    assert "1 proposition, dont 1 à décider." in said
    assert "Une amélioration est proposée sur A05, par GRADeS." in said
    assert "adressée aux éditeurs" in said
    at.button(key=_widget(at.button, "amelioration_suite_1", "ecarter")).click().run()
    assert "Dites pourquoi elle est écartée" in plain(told(at))
    at.text_input(key=_widget(at.text_input, "amelioration_suite_1")).set_value("Déjà demandé en 2025")
    at.button(key=_widget(at.button, "amelioration_suite_1", "ecarter")).click().run()
    assert "Écartée le" in plain(told(opened("ameliorations", "AMELIORATIONS")))

    read_by(claire)
    assert "Votre proposition sur A05 est écartée : Déjà demandé en 2025" in plain(
        told(opened("tableau", "TABLEAU"))
    )
    assert "écartée : Déjà demandé en 2025" in plain(told(opened("questionnaire", "QUESTIONNAIRE", **SHEET)))
    # Who reads proposes nothing; another region reads nothing.
    lea = person(store, "lea")
    acteurs.donner(store, lea.id, region["sso"], "lecteur", par=None)
    read_by(lea)
    at = opened("questionnaire", "QUESTIONNAIRE", **SHEET)
    assert "Un &lt;lecteur&gt;" in told(at)
    assert not [each for each in at.button if key in str(each.key)]
    noe = person(store, "noe", droits=Droits(frozenset({"convergence"}), regions=frozenset({"11"})))
    read_by(noe)
    assert "lecteur" not in told(opened("questionnaire", "QUESTIONNAIRE", **SHEET))
    assert "Votre profil n’ouvre pas cette page." in plain(told(opened("ameliorations", "AMELIORATIONS")))
