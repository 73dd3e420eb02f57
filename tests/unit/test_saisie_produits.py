"""The products of industry: answered by who is responsible of an editor's, published beside the regions' services."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from apps.saisie import publication
from lake.catalog.convergence import CAMPAGNES, REPONSES, SERVICES, SOLUTIONS
from lake.droits import Droits
from lake.errors import AccessDenied, Refused
from lake.settings import Settings
from lake.store.accounts import accounts
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.saisie import acteurs, ensembles, feuilles, services
from lake.store.saisie.feuilles import Reponse
from lake.tables import Lake
from tests.demo_lake import called
from tests.unit.test_saisie_base import person
from tests.unit.test_saisie_commandes import Entry, written

PRODUITS = {
    "services": "service,nom,kind,volet\nP1,DPI Un,produit,industriels\nP2,DPI Deux,produit,industriels\n"
    "P3,Sans éditeur,produit,industriels\n",
    "solutions": "service,editeur,solution\nP1,Éditeur A,DPI Un\nP2,Éditeur A,DPI Deux\n",
    "reponses": "service,critere,niveau\nP1,I01.1,2\nP1,I01.2,1\nP2,I03.1,0\nP2,A05.1,1\n",
}


def industriel(store: Store, name: str, editeur: str) -> Compte:
    made = accounts.create(
        store, email=f"{name}@ex.fr", nom=name.title(), prenom="A", organisation=editeur, profil="industriel",
        droits=None,
    )  # fmt: skip
    return accounts.change(store, made.id, "x", etat="actif")


def test_who_answers_for_an_editor_answers_for_its_products_and_for_no_other(store: Store) -> None:
    anne, paul = industriel(store, "anne", "Éditeur A"), industriel(store, "paul", "Éditeur B")
    regional = person(store, "claire")
    a = services.creer(store, region="", kind="editeur", nom="Éditeur A", par=anne.email)
    with pytest.raises(Refused, match="L'éditeur « Éditeur A » est déjà là"):
        services.creer(store, region="", kind="editeur", nom="Éditeur  A", par=None)
    for someone in (paul, regional):
        with pytest.raises(AccessDenied):
            services.creer(store, region="", kind="editeur", nom="Éditeur C", par=someone.email)
    code = ensembles.editeur(store, "Éditeur A")["region"]  # type: ignore[index]
    dpi = services.creer(store, region=code, kind="produit", nom="DPI Un", par=anne.email)
    assert [one["code"] for one in services.tous(store)] == ["E01", "E01-0001"]
    assert (
        feuilles.repondre(store, dpi, "CI", "I01.1", Reponse("niveau", niveau=1), rev=0, par=anne.email) == 1
    )
    for someone in (paul, regional):
        with pytest.raises(AccessDenied):
            feuilles.repondre(
                store, dpi, "CI", "I01.1", Reponse("niveau", niveau=2), rev=1, par=someone.email
            )
    with pytest.raises(Refused, match="celui d'un éditeur"):
        services.creer(store, region="E09", kind="produit", nom="DPI", par=None)
    # One product may be entrusted to somebody else; a manager that withdraws the editor stops writing at once.
    acteurs.donner(store, paul.id, dpi, "expert", par=None)
    feuilles.repondre(store, dpi, "CI", "I01.2", Reponse("niveau", niveau=2), rev=0, par=anne.email)
    with pytest.raises(AccessDenied):
        feuilles.repondre(store, dpi, "CI", "I03.1", Reponse("niveau", niveau=2), rev=0, par=paul.email)
    accounts.change(
        store, anne.id, "x", droits=Droits(frozenset({"convergence"}), editeurs=frozenset()).to_json()
    )
    with pytest.raises(AccessDenied):
        feuilles.repondre(store, dpi, "CI", "I01.1", Reponse("niveau", niveau=2), rev=1, par=anne.email)
    assert feuilles.reponses(store, dpi, "CI")["I01.1"]["niveau"] == 1
    assert a


def test_products_are_loaded_validated_published_closed_and_taken_up_beside_the_regions(
    tmp_path: Path,
) -> None:
    entry = Entry(tmp_path)
    entry.load()
    paths = {name: tmp_path / f"produits_{name}.csv" for name in PRODUITS}
    for name, text in PRODUITS.items():
        paths[name].write_text(text, encoding="utf-8")
    given = [part for name, path in paths.items() for part in (f"--{name}", str(path))]
    done = called("saisie", "charger", *given, lake=entry.lake, store=entry.store)
    assert "2 service(s), 3 réponse(s) et 0 étape(s)" in done.stdout
    assert "service P3 : sans éditeur" in done.stderr
    assert "produits_reponses.csv, ligne 5 refusée : critère inconnu : A05.1" in done.stderr
    state = {(r["service"], r["questionnaire"]): r for r in entry.table("saisie", "etat")}
    assert (state["P1", "CI"]["visibles"], state["P1", "CI"]["saisis"]) == ("13", "2")
    assert ("sso", "CI") not in state
    assert ("P1", "QU") not in state
    entry.obs("saisie", "valider", "--tout")
    assert "6 services, 12 réponses" in entry.obs("saisie", "publier")
    assert "Rien n'a changé" in entry.obs("saisie", "publier")

    def of(volet: str, table: object) -> pl.DataFrame:
        return entry.rows(table).filter(pl.col("volet") == volet)

    assert of("industriels", SERVICES).select("service", "region", "kind").sort("service").rows() == [
        ("P1", None, "produit"), ("P2", None, "produit"),
    ]  # fmt: skip
    assert of("industriels", SOLUTIONS)["editeur"].unique().to_list() == ["Éditeur A"]
    assert sorted(of("regions", SERVICES)["service"]) == ["dcc", "sso", "telec", "vieux"]
    asked = ("query", "convergence", "--mesure", "taux_maturite_pct", "--par", "volet", "--date", "en-cours")
    [row] = entry.table(*asked, "--filtre", "volet=industriels")
    # I01: P1 at 2 of 2 and 1 of 2 (75 %); I03: P2 at 0 of 2: the mean of two products, one axis each.
    assert float(row["taux_maturite_pct"]) == pytest.approx((75 + 0) / 2)

    # A version of their own referential, by files: a code of the other side is refused, and the regions see nothing.
    text = "questionnaire,axe,critere,libelle_critere,niveau_attendu\n"
    levels = "critere,niveau,libelle_niveau\nI09.1,0,Non\nI09.1,2,Oui\n"
    side = ("--volet", "industriels")
    wrong = written(tmp_path / "ref", referentiel=f"{text}CI,I01,A05.1,Authentification,1\n")
    assert "A05.1 : ce code est déjà celui du volet regions" in entry.err(
        "referentiel", "importer", wrong, *side
    )
    good = written(tmp_path / "ref", referentiel=f"{text}CI,I09,I09.1,Mon espace santé,2\n", niveaux=levels)
    entry.obs("referentiel", "importer", good, *side, "--version", "2026-produits")
    twice = entry.err("referentiel", "importer", good, "--version", "2026-produits")
    assert "La version 2026-produits est déjà celle du volet industriels" in twice
    state = {(r["service"], r["questionnaire"]): r["visibles"] for r in entry.table("saisie", "etat")}
    assert (state["P1", "CI"], state["sso", "QU"]) == ("14", "16")
    assert len(entry.table("referentiel", "liste")) == 1

    before = of("industriels", REPONSES).drop("campagne").sort("service", "critere")
    regional = of("regions", REPONSES)
    told = entry.obs("saisie", "arreter", "--date", "2030-12-31", "--volet", "industriels")
    assert "Campagne arrêtée au 31/12/2030 : 2 services, 3 réponses, 0 étapes." in told
    closed = of("industriels", REPONSES).filter(pl.col("campagne") == date(2030, 12, 31))
    assert closed.drop("campagne").sort("service", "critere").equals(before)
    assert of("regions", REPONSES).equals(regional), "what is closed on one side is nothing to the other"
    assert of("regions", CAMPAGNES)["etat"].to_list() == ["en_cours"]
    again = ("saisie", "arreter", "--date", "2030-12-31", "--volet", "industriels")
    assert "rien à faire" in entry.obs(*again)

    other = Entry(tmp_path)
    other.store = f"sqlite:///{tmp_path}/autre.db"
    assert "2 services, 3 réponses" in other.obs(
        "saisie", "reprendre", "--campagne", "2030-12-31", "--volet", "industriels"
    )
    store = open_store(Settings(store=other.store))
    mine = services.de_code(store, "P1")
    assert (mine["kind"], mine["region"]) == ("produit", "E01")
    assert feuilles.reponses(store, mine["id"], "CI")["I01.1"]["confirmee"] is False
    done_again = publication.publier(Lake(Settings(lake=str(entry.lake))), store, toujours=True)
    assert (done_again.services, done_again.reponses) == (2, 3)
    store.close()
