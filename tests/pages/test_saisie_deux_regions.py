"""What the screens of the entry read to each of those who answer, as it was approved: two regions and an editor.

The small region of :mod:`tests.pages.test_saisie_lectures` has one of each thing; here each list has several, of which
some are not for the reader: another region's, another nature's, a service that is archived or not open yet, an answer
that nobody confirmed, a step that was reached late and one that was not.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
import time_machine

from apps.kit.access import session
from apps.kit.data.data import open_lake
from apps.saisie import presences, publication, referentiels
from ingest.sources.convergence.referentiel import packaged, packaged_cards
from lake.catalog.convergence import CAMPAGNES, JALONS
from lake.catalog.convergence_fiches import TABLES
from lake.droits import Droits
from lake.settings import Settings
from lake.store.accounts import accounts, sessions
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.saisie import acteurs, feuilles, fils, lots, plans, services, versions
from lake.store.saisie.apports import Lot
from lake.store.saisie.feuilles import Reponse
from lake.store.saisie.frames import brouillons
from lake.store.saisie.validation import valider_tout
from lake.tables import Lake
from scoring.saisie.referentiel import Referentiel
from tests.pages.drawing import AppTest
from tests.pages.shown import whole
from tests.pages.test_approved_readings import assert_approved
from tests.pages.test_saisie_ecrans import opened, person

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
UNIVERS = frozenset({"annuaire", "segur", "convergence"})
Do = Callable[[AppTest], AppTest]


def same(at: AppTest) -> AppTest:
    return at


def chosen(key: str, value: object) -> Do:
    """What a selectbox of this key shows once a value is taken."""
    return lambda at: at.selectbox(key=key).set_value(value).run()  # type: ignore[no-any-return]


ECRANS: dict[str, tuple[str, str, str, dict[str, str], Do]] = {
    "tableau-claire": ("claire", "tableau", "TABLEAU", {}, same),
    "tableau-admin": ("admin", "tableau", "TABLEAU", {}, same),
    "tableau-admin-une-region": ("admin", "tableau", "TABLEAU", {}, chosen("tableau_region", "11")),
    "tableau-lise": ("lise", "tableau", "TABLEAU", {}, same),
    "tableau-ines": ("ines", "tableau", "TABLEAU", {}, same),
    "tableau-zoe": ("zoe", "tableau", "TABLEAU", {}, same),
    "commencer-claire": ("claire", "commencer", "COMMENCER", {}, same),
    "commencer-admin": ("admin", "commencer", "COMMENCER", {}, same),
    "commencer-lise": ("lise", "commencer", "COMMENCER", {}, same),
    "commencer-ines": ("ines", "commencer", "COMMENCER", {}, same),
    "commencer-ivan": ("ivan", "commencer", "COMMENCER", {}, same),
    "fiche-portail": ("claire", "commencer", "COMMENCER", {"s": "44-0002"}, same),
    "fiche-teleconsultation": ("claire", "commencer", "COMMENCER", {"s": "44-0004"}, same),
    "fiche-lue": ("lise", "commencer", "COMMENCER", {"s": "44-0004"}, same),
    "fiche-a-venir": ("claire", "commencer", "COMMENCER", {"s": "44-0006"}, same),
    "fiche-sortante": ("claire", "commencer", "COMMENCER", {"s": "44-0008"}, same),
    "fiche-produit": ("ines", "commencer", "COMMENCER", {"s": "E01-0001"}, same),
    "fiche-refusee": ("rene", "commencer", "COMMENCER", {"s": "44-0002"}, same),
    "questionnaire-reprise": ("claire", "questionnaire", "QUESTIONNAIRE", {"s": "44-0003", "q": "QI"}, same),
    "questionnaire-porte": (
        "claire", "questionnaire", "QUESTIONNAIRE", {"s": "44-0005", "q": "QU", "axe": "A05"}, same,
    ),
    "questionnaire-lu": ("lise", "questionnaire", "QUESTIONNAIRE", {"s": "44-0004", "q": "QU", "axe": "A05"}, same),
    "questionnaire-produit": ("ines", "questionnaire", "QUESTIONNAIRE", {"s": "E01-0001", "q": "CI"}, same),
    "questionnaire-choix": ("rene", "questionnaire", "QUESTIONNAIRE", {}, same),
    "plan-portail": ("claire", "plan", "PLAN", {"s": "44-0002", "q": "QU"}, same),
    "plan-paul": ("paul", "plan", "PLAN", {"s": "44-0005", "q": "QU"}, same),
    "plan-choix": ("admin", "plan", "PLAN", {}, same),
    "plan-produit": ("ines", "plan", "PLAN", {"s": "E01-0001", "q": "CI"}, same),
    "validation-claire": ("claire", "validation", "VALIDATION", {}, same),
    "validation-paul": ("paul", "validation", "VALIDATION", {}, same),
    "validation-soumise": ("claire", "validation", "VALIDATION", {"s": "44-0005", "q": "QU"}, same),
    "validation-brouillon": ("claire", "validation", "VALIDATION", {"s": "44-0002", "q": "QU"}, same),
    "validation-reprise": ("claire", "validation", "VALIDATION", {"s": "44-0003", "q": "QI"}, same),
    "validation-plan": ("claire", "validation", "VALIDATION", {"s": "44-0002", "q": "PLAN-QU"}, same),
    "historique-choix": ("rene", "historique", "HISTORIQUE", {}, same),
    "historique-portail": ("claire", "historique", "HISTORIQUE", {"s": "44-0002", "q": "QU"}, same),
    "historique-premiere": (
        "claire", "historique", "HISTORIQUE", {"s": "44-0002", "q": "QU"}, chosen("historique_de", 1),
    ),
    "recommandations-portail": ("claire", "recommandations", "RECOMMANDATIONS", {"s": "44-0002", "q": "QU"}, same),
    "recommandations-choix": ("claire", "recommandations", "RECOMMANDATIONS", {}, same),
    "recommandations-editeur": ("admin", "recommandations", "RECOMMANDATIONS", {"editeur": "Éditeur A"}, same),
    "recommandations-personne": ("claire", "recommandations", "RECOMMANDATIONS", {"editeur": "Personne"}, same),
    "semblable-choix": ("claire", "semblable", "SEMBLABLE", {}, same),
    "semblable": ("claire", "semblable", "SEMBLABLE", {"s": "44-0005"}, chosen("semblable_de", "44-0004")),
    "semblable-ailleurs": ("admin", "semblable", "SEMBLABLE", {"s": "44-0005"}, chosen("semblable_de", "11-0003")),
    "appuis-claire": ("claire", "appuis", "APPUIS", {}, same),
    "appuis-admin": ("admin", "appuis", "APPUIS", {"region": "11"}, same),
    "appuis-lise": ("lise", "appuis", "APPUIS", {}, same),
    "equipe-claire": ("claire", "equipe", "EQUIPE", {"s": "44-0004"}, same),
    "equipe-lise": ("lise", "equipe", "EQUIPE", {"s": "44-0004"}, same),
    "equipe-produit": ("ines", "equipe", "EQUIPE", {"s": "E01-0001"}, same),
    "referentiel": ("admin", "administration", "REFERENTIEL", {}, same),
    "referentiel-claire": ("claire", "administration", "REFERENTIEL", {}, same),
    "campagne": ("admin", "campagnes", "CAMPAGNE", {}, same),
    "catalogue": ("zoe", "catalogue", "CATALOGUE", {}, same),
}  # fmt: skip
"""Name of a reading -> who reads, module, screen, address, what they do there."""


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """The clock is held."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of both referentials and a closed campaign, a store of two regions and an editor: made once, copied."""
    folder = tmp_path_factory.mktemp("deux")
    with time_machine.travel(NOW, tick=False):
        _lake(Lake(Settings(lake=str(folder / "lac"))))
        made = open_store(Settings(store=f"sqlite:///{folder}/store.db"))
        try:
            _entry(made)
            publication.publier(Lake(Settings(lake=str(folder / "lac"))), made)
        finally:
            made.close()
    return folder


@pytest.fixture
def store(world: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(world / "store.db", tmp_path)
    made = open_store(Settings(store=f"sqlite:///{tmp_path}/store.db"))
    yield made
    made.close()


@pytest.fixture
def read_by(store: Store, world: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Become one of the people, by first name."""
    monkeypatch.setenv("OBS_ACCES", "comptes")
    monkeypatch.setenv("OBS_LAKE", str(world / "lac"))
    monkeypatch.setattr(session, "store", lambda: store)
    if open_lake().root != Lake(Settings.from_env()).root:
        open_lake.clear()
    presences._CONNUES.clear()

    def become(name: str) -> None:
        compte = accounts.find(store, f"{name}@ex.fr")
        assert compte is not None
        secret = sessions.open_session(store, compte)
        monkeypatch.setattr(session, "cookie", lambda: secret)

    yield become
    presences._CONNUES.clear()
    open_lake.clear()


def _lake(lake: Lake) -> None:
    """Both referentials, and a campaign that was closed with a road map: soon, late, over, on another axis."""
    for volet in ("regions", "industriels"):
        found = packaged(volet)
        cards, *empty = (table.empty() for table in TABLES)
        known = packaged_cards() if volet == "regions" else cards
        referentiels.publier(
            lake, Referentiel(found.version, found.criteres, found.niveaux, known, *empty), None
        )
    lake.publish(
        CAMPAGNES,
        pl.DataFrame(
            {
                "volet": ["regions"], "campagne": [date(2020, 12, 15)], "version_referentiel": ["2020-12-15"],
                "services": [1], "reponses": [1], "plans": [0], "etat": [None],
            },
            schema=CAMPAGNES.dtypes(),
        ),
    )  # fmt: skip
    lake.publish(
        JALONS,
        pl.DataFrame(
            [
                {
                    "volet": "regions", "campagne": date(2020, 12, 15), "jalon": code, "libelle_jalon": name,
                    "porteur": who, "trimestre": quarter, "axe": axe, "dependance": "directe", "service": "",
                    "critere": "",
                }
                for code, name, who, quarter, axe in (
                    ("J02", "Fédération d’identités", "national", "2027-T4", "A05"),
                    ("J03", "Carte numérique", "national", "2021-T1", "A05"),
                    ("J04", "Connecteur", "editeur", "2028-T1", "A05"),
                    ("J05", "Guichet", "regional", "", "A05"),
                    ("J09", "Autre axe", "national", "2040-T1", "A06"),
                )
            ],
            schema=JALONS.dtypes(),
        ),
    )  # fmt: skip


def _entry(store: Store) -> None:
    made = {
        code: services.creer(store, region=code[:2], kind=kind, nom=name, par=None, **more)
        for code, kind, name, more in (
            ("44-0001", "si_regional", "SI Grand Est", {}),
            ("44-0002", "infrastructure", "Portail SSO", {"zone_pos": "4.1", "type_service": "SSO"}),
            ("44-0003", "infrastructure", "Annuaire régional", {}),
            ("44-0004", "metier", "Téléconsultation", {"zone_pos": "6.5", "type_service": "Télésoin"}),
            ("44-0005", "metier", "Télésoin", {"zone_pos": "6.5", "type_service": "Télésoin"}),
            ("44-0006", "metier", "Parcours", {"ouverture": "2027-T3"}),
            ("44-0007", "metier", "Vieux portail", {"etat": "archive"}),
            ("44-0008", "metier", "Ancien", {"etat": "a_decommissionner", "decommission": "2027-T2"}),
            ("11-0001", "si_regional", "SI Île-de-France", {}),
            ("11-0002", "infrastructure", "Portail francilien", {}),
            ("11-0003", "metier", "Imagerie", {"zone_pos": "6.5", "type_service": "Télésoin"}),
        )
    }  # fmt: skip
    for name, more in (
        ("admin", {"profil": "administrateur", "droits": None}),
        ("claire", {"droits": Droits(UNIVERS, regions=frozenset({"44"}))}),
        ("rene", {"droits": Droits(UNIVERS, regions=frozenset({"11"}))}),
        ("paul", {}), ("lise", {}), ("zoe", {}),
        ("ines", {"profil": "industriel", "droits": None, "organisation": "Éditeur A"}),
        ("ivan", {"profil": "industriel", "droits": None, "organisation": "Éditeur A"}),
    ):  # fmt: skip
        person(store, name, **more)
    who = {one.email.partition("@")[0]: one.id for one in accounts.everyone(store)}
    acteurs.donner(store, who["claire"], made["44-0001"], "responsable_si", par=None, peut_deleguer=True)
    acteurs.donner(store, who["rene"], made["11-0001"], "responsable_si", par=None)
    acteurs.donner(store, who["paul"], made["44-0005"], "expert", par=None)
    acteurs.donner(store, who["lise"], made["44-0004"], "lecteur", par=None)
    services.creer(
        store, region="", kind="editeur", nom="Éditeur A", par="ines@ex.fr", responsable_id=who["ines"]
    )
    products = [
        services.creer(store, region="E01", kind="produit", nom=name, par="ines@ex.fr")
        for name in ("DPI Un", "DPI Deux")
    ]

    def say(number: int, questionnaire: str, day: datetime | None = None, **answers: Reponse) -> None:
        for name, answer in answers.items():
            critere = name.replace("_", ".")
            rev = feuilles.reponses(store, number, questionnaire).get(critere, {}).get("rev_n", 0)
            feuilles.repondre(
                store, number, questionnaire, critere, answer, rev=rev, par=None, now=day or NOW
            )

    def level(value: int, **more: object) -> Reponse:
        return Reponse("niveau", niveau=value, **more)  # type: ignore[arg-type]

    def seal(number: int, questionnaire: str, day: datetime | None = None, **more: str) -> None:
        sheet = feuilles.feuille(store, number, questionnaire)
        version = "2020-12-15" if questionnaire != "CI" else packaged("industriels").version
        versions.valider(
            store,
            sheet["id"],
            rev=sheet["rev"],
            par=None,
            version_referentiel=version,
            now=day or NOW,
            **more,
        )

    # The portal: a step reached late, lost, reached again; another that was never reached.
    sso = made["44-0002"]
    plans.planifier(
        store, sso, "QU", "A05.1", {2: "2025-T1", 3: "2026-T1"}, rev=0, par=None,
        now=datetime(2024, 12, 2, tzinfo=UTC),
    )  # fmt: skip
    plans.planifier(
        store, sso, "QU", "A05.2", {3: "2027-T1"}, rev=1, par=None, jalons=["J02", "J04"],
        now=datetime(2024, 12, 2, tzinfo=UTC),
    )  # fmt: skip
    seal(sso, "PLAN-QU", datetime(2024, 12, 3, tzinfo=UTC))
    for day, one, two in (
        (datetime(2025, 1, 10, tzinfo=UTC), 0, 3), (datetime(2025, 8, 10, tzinfo=UTC), 2, 1),
        (datetime(2026, 2, 10, tzinfo=UTC), 1, 1), (datetime(2026, 7, 10, tzinfo=UTC), 2, 2),
    ):  # fmt: skip
        say(sso, "QU", day, A05_1=level(one), A05_2=level(two), A11_1=level(1))
        why = {"nature": "correction", "motif": "Relu en comité"} if one == 1 else {}
        seal(sso, "QU", day, **why)
    say(sso, "QU", A05_2=Reponse("na", justification_na="Sans compte"))  # a draft over what is validated
    services.equiper(store, sso, [("Éditeur A", "Suite A"), ("Éditeur B", "Suite B")], par=None)
    # The directory: taken up from a campaign, confirmed by nobody.
    state = brouillons(store)
    asked = packaged("regions").criteres.filter(pl.col("questionnaire") == "QI")["critere"]
    taken = pl.DataFrame(
        [("44-0003", one, 1, False, None, True, None) for one in asked],
        schema=state.reponses.select(
            "service", "critere", "niveau", "non_applicable", "porte_par", "transmis", "commentaire"
        ).schema,
        orient="row",
    )
    lot = Lot(state.services.clear(), taken, state.plans, state.preliminaires, state.solutions)
    done = lots.charger(store, lot, dict.fromkeys(asked, "QI"), par=None, origine="reprise")
    valider_tout(store, par=None, version_referentiel="2020-12-15", feuilles=done.feuilles, nature="reprise")
    say(made["44-0003"], "QU", A05_1=level(3), A05_2=level(0))
    seal(made["44-0003"], "QU")
    # Telehealth leans on the portal, validated; the other one on both, in draft, and waits to be validated.
    say(
        made["44-0004"],
        "QU",
        A05_1=Reponse("porte", porte_par=sso),
        A05_2=level(2),
        A11_1=Reponse("na", justification_na="Aucun document"),
    )
    seal(made["44-0004"], "QU")
    services.equiper(store, made["44-0004"], [("Éditeur A", "Visio")], par=None)
    say(made["44-0005"], "QU", A05_1=Reponse("porte", porte_par=made["44-0003"]), A05_2=level(1))
    sheet = feuilles.feuille(store, made["44-0005"], "QU")
    versions.soumettre(store, sheet["id"], rev=sheet["rev"], par="paul@ex.fr")
    services.lier(store, made["44-0005"], [sso], par=None)
    services.lier(store, made["44-0008"], [sso], par=None)
    say(made["44-0008"], "QU", A05_1=level(0))
    say(made["44-0006"], "QU", A05_1=level(3), A05_2=level(1))
    services.repondre_preliminaire(store, made["44-0004"], "instance_ror", False, par=None)
    shown = {"publique": True, "public": "Patients", "contact": "aide@example.org"}
    for code in ("44-0004", "11-0003"):
        one = services.de_code(store, code)
        services.changer(
            store, one["id"], rev=one["rev"], par=None, catalogue=shown | {"territoire": code[:2]}
        )
    fils.dire(store, sso, "QU", "A05.1", "Quelle carte ?", par=None, version_referentiel="2020-12-15")
    # The other region: two steps overdue on one service, its own portal.
    other = made["11-0002"]
    for rank, critere in enumerate(("A05.1", "A05.2")):
        plans.planifier(
            store,
            other,
            "QU",
            critere,
            {2: "2025-T2"},
            rev=rank,
            par=None,
            now=datetime(2025, 1, 2, tzinfo=UTC),
        )
    seal(other, "PLAN-QU", datetime(2025, 1, 3, tzinfo=UTC))
    say(other, "QU", A05_1=level(1), A05_2=level(0), A11_1=level(3))
    seal(other, "QU")
    say(
        made["11-0003"],
        "QU",
        A05_1=level(2),
        A05_2=Reponse("porte", porte_par=other),
        A11_1=Reponse("na", justification_na="Sans"),
    )
    seal(made["11-0003"], "QU")
    services.equiper(store, made["11-0003"], [("Éditeur A", "Suite A")], par=None)
    # The editor's first product is validated, then changed.
    say(products[0], "CI", I01_1=level(1))
    seal(products[0], "CI")
    say(products[0], "CI", I01_1=level(2))


@pytest.mark.parametrize("name", ECRANS)
def test_a_screen_of_the_entry_reads_as_approved_to_whom_it_is_for(
    name: str, read_by: Callable[[str], None], request: pytest.FixtureRequest
) -> None:
    who, module, screen, params, do = ECRANS[name]
    read_by(who)
    at = do(opened(module, screen, **params))
    assert not at.exception, at.exception
    assert not [one.value for one in at.error if "incident" in one.value]
    text = re.sub(r"sceau [0-9a-f]{12}", "sceau (empreinte)", whole(at))
    assert_approved(f"saisie-deux/{name}", text, request)
