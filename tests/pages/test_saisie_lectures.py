"""What each screen of the entry reads, as it was approved; see :mod:`tests.pages.test_approved_readings`.

A region of three services, drawn by who answers for it, on a clock that is held: its answers are those of the other
tests of the entry, one sheet validated, one submitted, a plan with a step that is late.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from apps.saisie import calcul, entree
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.saisie import acteurs, feuilles, fils, plans, services, versions
from lake.store.saisie.feuilles import Reponse
from tests.pages.shown import whole
from tests.pages.test_approved_readings import HERE
from tests.pages.test_saisie_ecrans import entry_lake, opened, person, read_by

__all__ = ["entry_lake", "read_by"]  # fixtures

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
JOUR = date(2026, 11, 29)
ECRANS = {
    "tableau": ("tableau", "TABLEAU", {}),
    "commencer": ("commencer", "COMMENCER", {}),
    "fiche": ("commencer", "COMMENCER", {"s": "44-0002"}),
    "questionnaire": ("questionnaire", "QUESTIONNAIRE", {"s": "44-0002", "q": "QU", "axe": "A05"}),
    "systeme": ("questionnaire", "QUESTIONNAIRE", {"s": "44-0001"}),
    "plan": ("plan", "PLAN", {"s": "44-0002", "q": "QU"}),
    "validation": ("validation", "VALIDATION", {"s": "44-0003", "q": "QU"}),
    "validation-plan": ("validation", "VALIDATION", {"s": "44-0002", "q": "PLAN-QU"}),
    "attente": ("validation", "VALIDATION", {}),
    "historique": ("historique", "HISTORIQUE", {"s": "44-0002", "q": "QU"}),
    "recommandations": ("recommandations", "RECOMMANDATIONS", {"s": "44-0002", "q": "QU"}),
    "equipe": ("equipe", "EQUIPE", {"s": "44-0002"}),
    "catalogue": ("catalogue", "CATALOGUE", {}),
}
"""Name of a reading -> module, screen, address."""


def region(store: Store) -> Compte:
    """Grand Est at work, every moment said; who answers for it."""
    made = [
        services.creer(store, region="44", kind=kind, nom=name, par=None, now=NOW)
        for kind, name in (
            ("si_regional", "SI Grand Est"),
            ("infrastructure", "Portail SSO"),
            ("metier", "Téléconsultation"),
        )
    ]
    si, sso, telec = made
    claire, paul = person(store, "claire"), person(store, "paul")
    acteurs.donner(store, claire.id, si, "responsable_si", par=None, peut_deleguer=True, now=NOW)
    acteurs.donner(store, paul.id, telec, "expert", par=None, now=NOW)
    for level, day in ((0, 1), (1, 2)):
        moment = datetime(2026, 11, day, 9, 0, tzinfo=UTC)
        for critere, value in (("A05.1", level), ("A05.2", 3)):
            rev = feuilles.reponses(store, sso, "QU").get(critere, {}).get("rev_n", 0)
            feuilles.repondre(
                store, sso, "QU", critere, Reponse("niveau", niveau=value), rev=rev, par=claire.email, now=moment
            )  # fmt: skip
        sheet = feuilles.feuille(store, sso, "QU")
        versions.valider(
            store,
            sheet["id"],
            rev=sheet["rev"],
            par=claire.email,
            version_referentiel="2020-12-15",
            now=moment,
        )
    plans.planifier(
        store,
        sso,
        "QU",
        "A05.1",
        {2: "2026-T2", 3: "2027-T2"},
        rev=0,
        par=claire.email,
        now=datetime(2026, 4, 2, tzinfo=UTC),
    )
    for critere, answer in (
        ("A05.1", Reponse("porte", porte_par=sso)),
        ("A05.2", Reponse("niveau", niveau=2)),
        ("A11.1", Reponse("na", justification_na="Aucun document")),
    ):
        feuilles.repondre(store, telec, "QU", critere, answer, rev=0, par=paul.email, now=NOW)
    fils.dire(
        store, sso, "QU", "A05.1", "Quelle carte ?", par=None,
        version_referentiel="2020-12-15", now=NOW,
    )  # fmt: skip
    sheet = feuilles.feuille(store, telec, "QU")
    versions.soumettre(store, sheet["id"], rev=sheet["rev"], par=paul.email, now=NOW)
    services.changer(
        store, telec, rev=1, par=None, now=NOW, catalogue={"publique": True, "public": "Patients et médecins"}
    )
    return claire


def test_the_screens_of_the_entry_read_as_approved(
    store: Store,
    read_by: Callable[[Compte], None],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    for module in (entree, calcul):
        monkeypatch.setattr(module, "aujourdhui", lambda: JOUR)
    read_by(region(store))
    folder: Path = HERE / "saisie"
    folder.mkdir(exist_ok=True)
    assert {one.stem for one in folder.glob("*.txt")} <= set(ECRANS)
    for name, (module_name, screen, params) in ECRANS.items():
        text, file = whole(opened(module_name, screen, **params)), folder / f"{name}.txt"
        if request.config.getoption("--approuver"):
            file.write_text(text, encoding="utf-8")
        assert text.splitlines() == file.read_text(encoding="utf-8").splitlines(), name


def test_the_home_leads_to_the_public_catalogue_once_it_holds_a_service(
    store: Store, read_by: Callable[[Compte], None]
) -> None:
    def home() -> str:
        at = AppTest.from_string("from apps.acces.accueil import _rooms; _rooms()", default_timeout=60).run()
        assert not at.exception
        return " ".join(one.proto.body for one in at.get("html"))

    read_by(region(store))
    said = home()
    assert 'href="./saisie-catalogue" target="_self">Catalogue des services</a>' in said
    assert "1 service régional décrit au public." in said
    telec = next(one for one in services.tous(store) if json.loads(one["catalogue"]).get("publique"))
    services.changer(store, telec["id"], rev=telec["rev"], par=None, catalogue={})
    assert "Catalogue des services" not in home()
