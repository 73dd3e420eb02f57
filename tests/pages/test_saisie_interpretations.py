"""Questions of interpretation on screen: opened by a team, read and answered by the national experts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.kit.data.data import open_lake
from apps.saisie import archive, interpretations
from apps.saisie.publication import aujourdhui
from apps.saisie.referentiels import en_vigueur_partout
from lake.droits import Droits
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.saisie import acteurs, fils
from lake.store.saisie import interpretations as ouvertes
from tests.pages.drawing import AppTest
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


@pytest.fixture
def ernest(store: Store) -> Compte:
    nation = Droits(frozenset({"convergence"}))
    return person(store, "ernest", profil="expert_national", organisation="Agence", droits=nation)


def page(**params: str) -> AppTest:
    return opened("interpretations", "INTERPRETATIONS", **params)


def done(at: AppTest) -> str:
    return plain("".join(one.value for one in at.success))


def test_a_team_opens_a_thread_an_expert_answers_and_the_team_closes_it(
    store: Store, region: dict[str, int], claire: Compte, ernest: Compte, read_by: Callable[[Compte], None]
) -> None:
    read_by(ernest)
    assert "Aucune question n’est ouverte." in plain(told(page()))
    read_by(claire)
    at = opened("questionnaire", "QUESTIONNAIRE", **SHEET)
    assert not [one for one in at.button if str(one.key).endswith("_ouvrir")], "nothing is said yet"
    at.text_area(key="crit_A05_1_message").set_value("Une carte <CPS> compte-t-elle ?").run()
    at.button(key="crit_A05_1_envoyer").click().run()
    # What the experts will read, and not, is said before.
    assert "Ni le nom du service, ni ses réponses, ni ses pièces." in plain(told(at))
    at.button(key="crit_A05_1_ouvrir").click().run()
    assert not at.exception
    assert "Ouverte aux experts nationaux depuis le" in plain(told(at))
    labels = [one.proto.label for one in at.get("expander")]
    assert "Discussion · 1 message · ouverte aux experts nationaux" in labels
    assert (
        "lu par l’équipe du service et les experts nationaux" in at.text_area(key="crit_A05_1_message").label
    )

    read_by(ernest)
    at = page()
    every = plain(told(at))
    assert "1 question, dont 1 attend une réponse." in every
    assert "Une question d’interprétation vous est posée : A05.1" in every
    assert "A05.1 Authentification des acteurs de santé, un service d’infrastructure, Région 44" in every
    for stale in ("0", "99", "²", "9" * 25, "abc"):
        assert "Toutes les questions d’interprétation" in plain(told(page(fil=stale)))
    at = page(fil="1")
    one = plain(told(at))
    assert "Une carte &lt;CPS&gt; compte-t-elle ?" in one
    assert "sous la version 2020-12-15 des questions" in one
    for closed in ("Portail SSO", "44-0002", claire.email, "saisie-questionnaire"):
        assert closed not in every + one, closed
    assert not [each for each in at.button if "refermer" in str(each.key)]
    at.button(key=_widget(at.button, "interpretation_1", "envoyer")).click().run()
    assert "Écrivez votre message." in plain(told(at))
    at.text_area(key=_widget(at.text_area, "interpretation_1")).set_value("Oui, une carte suffit.").run()
    at.button(key=_widget(at.button, "interpretation_1", "envoyer")).click().run()
    assert not at.exception
    assert [row["texte"] for row in fils.fil(store, region["sso"], "QU")["A05.1"]][
        -1
    ] == "Oui, une carte suffit."
    assert "1 question, aucune n’attend de réponse." in plain(told(page()))
    # The rest of the entry stays closed to an expert: a service that exists and one that does not say the same.
    for module, name in (
        ("questionnaire", "QUESTIONNAIRE"),
        ("commencer", "COMMENCER"),
        ("tableau", "TABLEAU"),
    ):
        refused = told(opened(module, name, s="44-0002"))
        assert "Votre profil n’ouvre pas cette page." in plain(refused), module
        assert "Portail SSO" not in refused

    read_by(claire)
    at = opened("questionnaire", "QUESTIONNAIRE", **SHEET)
    said = plain(told(at))
    assert "Oui, une carte suffit." in said
    assert "A Ernest (expert national)" in said
    at = page(fil="1")
    assert "« Portail SSO » (Région 44)" in plain(told(at))
    at.button(key="fil_1_refermer").click().run()
    assert "A05.1 : ce fil n’est plus lu que par l’équipe ; ce que les experts y ont écrit reste." in done(at)
    assert "Refermée à l’équipe le" in plain(told(page()))
    read_by(ernest)
    assert "Aucune question n’est ouverte." in plain(told(page()))


def test_what_an_expert_typed_while_the_thread_was_closed_is_given_back(
    store: Store, region: dict[str, int], ernest: Compte, read_by: Callable[[Compte], None]
) -> None:
    about = (region["sso"], "QU", "A05.1")
    fils.dire(store, *about, "?", par=None, version_referentiel="2020-12-15")
    ouvertes.ouvrir(store, *about, "2020-12-15", par=None, ou="Grand Est")
    read_by(ernest)
    at = page(fil="1")
    at.text_area(key=_widget(at.text_area, "interpretation_1")).set_value("Trois lignes de réponse").run()
    ouvertes.refermer(store, *about, "2020-12-15", par=None)
    at.button(key=_widget(at.button, "interpretation_1", "envoyer")).click().run()
    assert not at.exception
    assert "n'est pas ouvert aux experts nationaux" in told(at).replace("’", "'")
    assert [one.value for one in at.code] == ["Trois lignes de réponse"]
    assert len(fils.fil(store, region["sso"], "QU")["A05.1"]) == 1


def test_another_region_reads_no_question_and_the_archive_says_who_reads_a_thread(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None]
) -> None:
    about = (region["sso"], "QU", "A05.1")
    fils.dire(store, *about, "Une carte ?", par=None, version_referentiel="2020-11-01")
    number = ouvertes.ouvrir(store, *about, "2020-11-01", par=None, ou="Grand Est")
    elsewhere = Droits(frozenset({"convergence"}), regions=frozenset({"11"}))
    noe = person(store, "noe", droits=elsewhere)
    read_by(noe)
    assert "Aucune question n’est ouverte." in plain(told(page()))
    assert "Une carte" not in told(page(fil=str(number)))
    # Asked under a version before: told so beside the criterion, and a new message begins the team's own thread.
    read_by(claire)
    at = opened("questionnaire", "QUESTIONNAIRE", **SHEET)
    assert "Sous la version 2020-11-01 :" in plain(told(at))
    assert "lu par l’équipe du service (jamais publié)" in at.text_area(key="crit_A05_1_message").label
    known = en_vigueur_partout(open_lake().snapshot().scan, aujourdhui())
    rows = archive._talks(
        [{"service": "44-0002", **one} for one in fils.fil(store, region["sso"], "QU")["A05.1"]]
    )
    assert rows.select("version_referentiel", "visibilite", "national").rows() == [
        ("2020-11-01", "national", "False")
    ]
    assert archive.faire(store, known, acteurs.acteur(store, claire.email), jour="2026-11-30")
    assert interpretations.INTERPRETATIONS.name == "interpretations"
