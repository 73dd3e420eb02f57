"""The source ``convergence`` through the real run: campaigns side by side, refusals, changes that are said."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from demo.convergence.generate import Livraison, write
from ingest.run import Request, run
from ingest.sources.convergence.referentiel import packaged
from ingest.sources.convergence.source import SOURCE, named
from lake.catalog.convergence import (
    CAMPAGNES,
    PLANS,
    REFERENTIEL,
    REPONSES,
    SERVICES,
    SOLUTIONS,
    VERSIONS,
    VOLETS,
)
from lake.errors import BudgetExceeded, ContractError
from lake.settings import Settings
from lake.tables import Lake
from scoring.convergence.scores import score
from scoring.saisie.referentiel import fingerprint

CAMPAGNE = date(2020, 12, 15)


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> list[Livraison]:
    return write(tmp_path_factory.mktemp("campagnes"), petit=True)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(lake=str(tmp_path / "lac"), region="44")


def small(folder: Path, answers: str, day: str = "2020-12-15", **others: str) -> Request:
    """A campaign of two services."""
    folder.mkdir(exist_ok=True)
    texts = {"services": "service,region\nx,44\ny,11\n", "reponses": answers, **others}
    paths = []
    for name, text in texts.items():
        paths.append(folder / f"{name}_{day}.csv")
        paths[-1].write_text(text, encoding="utf-8")
    return Request(files=tuple(paths), budget=0.6)


def test_campaigns_of_both_sides_live_side_by_side(deliveries: list[Livraison], settings: Settings) -> None:
    for delivery in deliveries:
        report = run(SOURCE, Request(files=tuple(delivery.fichiers.values())), settings)
        assert report.statut == "publiee"
        assert report.total("rejetees") == 0
        assert report.total("lues") == report.total("publiees")
        assert report.avertissements == []
    lake = Lake(settings)
    campaigns = lake.scan(CAMPAGNES).sort("volet", "campagne").collect()
    assert campaigns.select("volet", "campagne").rows() == [
        ("industriels", CAMPAGNE),
        ("regions", date(2020, 6, 30)),
        ("regions", CAMPAGNE),
    ]
    chosen = (pl.col("volet") == "regions", pl.col("campagne") == CAMPAGNE)
    got = score(
        lake.scan(SERVICES).filter(*chosen),
        lake.scan(REPONSES).filter(*chosen),
        lake.scan(REFERENTIEL).filter(pl.col("volet") == "regions"),
        solutions=lake.scan(SOLUTIONS).filter(*chosen),
        par="questionnaire",
        au=CAMPAGNE,
    ).collect()
    assert [round(rate, 1) for rate in got["taux_maturite_pct"]] == [83.4, 75.3, 78.8]
    vendors = (pl.col("volet") == "industriels",)
    products = score(
        lake.scan(SERVICES).filter(*vendors),
        lake.scan(REPONSES).filter(*vendors),
        lake.scan(REFERENTIEL).filter(*vendors),
        par="axe",
    ).collect()
    assert products["questionnaire"].unique().to_list() == ["CI"]
    assert products.height == 8


def test_a_published_campaign_never_changes_silently(tmp_path: Path, settings: Settings) -> None:
    first = small(
        tmp_path / "a",
        "service,critere,niveau\nx,A05.1,1\ny,A05.1,1\n",
        plans="service,critere,niveau,trimestre\nx,A05.1,2,2021-T1\n",
    )
    assert run(SOURCE, first, settings).avertissements == []
    assert run(SOURCE, first, settings).statut == "deja_publiee"
    second = small(tmp_path / "b", "service,critere,niveau\nx,A05.1,2\nx,A05.2,1\n")
    report = run(SOURCE, second, settings)
    assert report.avertissements == [
        "Campagne du 15/12/2020 déjà publiée, plans : 0 ajoutée, 1 retirée, 0 modifiée.",
        "Campagne du 15/12/2020 déjà publiée, reponses : 1 ajoutée, 1 retirée, 1 modifiée.",
    ]
    lake = Lake(settings)
    assert lake.scan(PLANS).collect().is_empty()  # the files without plans say that there are none
    assert lake.scan(REPONSES).sort("critere").collect()["niveau"].to_list() == [2, 1]
    other = small(tmp_path / "c", "service,critere,niveau\nx,A05.1,3\n", day="2021-06-15")
    assert run(SOURCE, other, settings).avertissements == []
    assert lake.scan(REPONSES).collect().height == 3


def test_a_campaign_lands_without_its_rejects_or_is_refused(tmp_path: Path, settings: Settings) -> None:
    answers = "service,critere,niveau\nx,A05.1,1\nx,A99,1\nghost,A05.1,1\n"
    request = small(tmp_path / "a", answers)
    with pytest.raises(BudgetExceeded, match="2 lignes rejetées sur 3"):
        run(SOURCE, Request(files=request.files, budget=0.5), settings)
    assert not Lake(settings).exists(REPONSES)
    report = run(SOURCE, Request(files=request.files, budget=0.7), settings)
    assert report.rejets == {"critère inconnu : A99": 1, "service orphelin : ghost": 1}
    counts = {table.table: (table.lues, table.publiees, table.rejetees) for table in report.tables}
    assert counts == {"convergence__services": (2, 2, 0), "convergence__reponses": (3, 1, 2)}


def test_a_line_outside_the_contract_is_a_reject_with_its_text(tmp_path: Path, settings: Settings) -> None:
    given = "questionnaire,axe,critere,niveau_attendu,poids,niveaux\nQ,A,A1,2,1,0|1|2\nQ,A,A2,2,0,0|1\n"
    request = small(tmp_path / "a", "service,critere,niveau\nx,A1,1\n", referentiel=given)
    report = run(SOURCE, request, settings)
    assert report.rejets == {"poids : valeur trop petite": 1}


def test_the_date_and_the_files_are_read_from_the_names(tmp_path: Path, settings: Settings) -> None:
    assert SOURCE.date_of([Path("services_2020-12-15.csv"), Path("obs-reponses-20201215.csv")]) == CAMPAGNE
    assert SOURCE.date_of([Path("services.csv")]) is None
    assert set(named([Path("Export services 2020.csv"), Path("conv_reponses.parquet")])) == {
        "services",
        "reponses",
    }
    with pytest.raises(ContractError, match="plusieurs campagnes : 2020-12-15, 2021-06-15"):
        SOURCE.date_of([Path("services_2020-12-15.csv"), Path("reponses_2021-06-15.csv")])
    with pytest.raises(ContractError, match="n'est pas une date"):
        SOURCE.date_of([Path("services_2020-13-15.csv")])
    with pytest.raises(ContractError, match="Fichier inattendu : notes"):
        named([Path("notes.csv")])
    with pytest.raises(ContractError, match="Deux fichiers « services »"):
        named([Path("services_a.csv"), Path("services_b.csv")])
    request = small(tmp_path / "a", "service,critere,niveau\nx,A05.1,1\n", day="sans-date")
    with pytest.raises(ContractError, match="La date de la campagne n'est pas dans le nom"):
        run(SOURCE, request, settings)


REFERENTIEL_DU_LOT = (
    "questionnaire,axe,critere,niveau_attendu,niveaux\nQ,A,A1,{},0:a|1:b|2:{}\nQ,A,A2,1,0|1\n"
)


def test_a_published_referential_is_never_rewritten(tmp_path: Path, settings: Settings) -> None:
    answers = "service,critere,niveau\nx,A1,1\ny,A1,0\n"
    first = small(tmp_path / "a", answers, referentiel=REFERENTIEL_DU_LOT.format(2, "c"))
    assert run(SOURCE, first, settings).statut == "publiee"
    lake = Lake(settings)

    def rate() -> float:
        frames = (lake.scan(table) for table in (SERVICES, REPONSES, REFERENTIEL))
        found: float = score(*frames, au=CAMPAGNE).collect()["taux_maturite_pct"].item()
        return found

    before = rate()
    kept = lake.scan(VERSIONS).collect().row(0, named=True)
    assert (kept["volet"], kept["version"], kept["criteres"], kept["niveaux"]) == (
        "regions",
        "2020-12-15",
        2,
        5,
    )
    # An expected level, then the words of one level only: either is another referential.
    for rank, edited in enumerate((REFERENTIEL_DU_LOT.format(1, "c"), REFERENTIEL_DU_LOT.format(2, "d"))):
        again = small(tmp_path / f"b{rank}", answers, referentiel=edited)
        told = r"referentiel_2020-12-15\.csv .* critères changés : A1\. .* nouvelle version"
        with pytest.raises(ContractError, match=told):
            run(SOURCE, again, settings)
    assert rate() == before
    # The same content in another file is the same version; and a campaign given again without one keeps its own.
    same = "\ufeff" + REFERENTIEL_DU_LOT.format(2, "c").replace(",", ";")
    assert run(SOURCE, small(tmp_path / "c", answers, referentiel=same), settings).statut == "publiee"
    assert run(SOURCE, small(tmp_path / "d", answers + "y,A2,1\n"), settings).rejets == {}
    assert lake.scan(VERSIONS).collect()["empreinte"].to_list() == [kept["empreinte"]]
    # Another date: another version, beside the first.
    later = small(tmp_path / "e", answers, day="2021-06-15", referentiel=REFERENTIEL_DU_LOT.format(1, "c"))
    assert run(SOURCE, later, settings).statut == "publiee"
    assert sorted(lake.scan(VERSIONS).collect()["version"]) == ["2020-12-15", "2021-06-15"]


def test_the_packaged_referentials_keep_their_content() -> None:
    """A packaged version rests under closed campaigns: a change of its files comes with another VERSION."""
    digests = {volet: fingerprint(*_contents(volet)) for volet in VOLETS}
    assert digests == {
        "regions": "a2a731aab60809deee567a187f9c99b40878907d0286edc79f1406cbd4a07e4c",
        "industriels": "6beafbe1f5e8177909097258e1d8780c751b70955de35594df30f2e3d1658779",
    }


def _contents(volet: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    one = packaged(volet)
    return one.criteres, one.niveaux
