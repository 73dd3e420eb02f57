"""The publication and the archive hold the figures that scoring gives."""

from __future__ import annotations

import io
import re
import textwrap
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pypdf
import pytest

from apps.convergence.archive import SCORES, archive_view, archive_zip, name_of
from apps.convergence.publication import LAYOUT, blocs, contents
from apps.convergence.publication.etat import etat
from apps.kit.data.data import Data
from apps.kit.export.pdf import compose, shares
from lake.catalog.convergence import REPONSES, SERVICES
from lake.errors import LakeError, UnknownName
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.convergence_tables import TABLES
from tests.demo_lake import called as called
from tests.pages import described
from tests.pages.test_approved_readings import assert_approved
from tests.pages.test_convergence_pages import CAMPAGNE, french, percent, scored

NOW = datetime(2021, 1, 20, 9, 5, tzinfo=UTC)
SHOWN = {"44": "Grand Est", "01": "Guadeloupe"}


def data_of(lake: Path) -> Data:
    return Data(Lake(Settings(lake=str(lake))))


@pytest.fixture(scope="module")
def published(petit_lake: Path) -> list[str]:
    """The text of each sheet of the publication, whose regions are cut to two."""
    whole = etat(data_of(petit_lake), "regions", CAMPAGNE)
    assert len(whole.regions) == 17
    told: list[float] = []
    content = contents(replace(whole, regions=SHOWN), say=lambda _text, share: told.append(share), now=NOW)
    assert told == sorted(told)
    return [re.sub(r"\s+", " ", text) for text in texts(io.BytesIO(compose(content, LAYOUT)))]


def texts(pdf: Path | io.BytesIO) -> Iterator[str]:
    """The text of each sheet, without the words of its drawings: they are most of what a reader would decode."""
    for page in pypdf.PdfReader(pdf).pages:
        page["/Resources"].pop("/XObject", None)
        yield page.extract_text()


def sheet(pages: list[str], title: str) -> str:
    """The sheet that bears a title (its contents, on the second page, apart)."""
    found = [text for text in pages[2:] if title in text[:160]]
    assert found, f"no sheet « {title} »"
    return found[0]


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("’", "'")


def test_the_cover_and_the_contents(published: list[str]) -> None:
    assert "Campagne du 15 décembre 2020" in published[0]
    for title in ("Vue nationale", "Les axes", "Les domaines", "Les éditeurs", "Les régions", "Annexe"):
        assert title in published[1]
    assert "édité le 20 janvier 2021" in published[5]


def test_the_whole_publication_reads_as_approved(
    published: list[str], request: pytest.FixtureRequest
) -> None:
    """Sentences and tables of every sheet, two regions of seventeen: others of these tests say that they are right."""
    assert_approved("publication", "\n\n".join(wrapped(page) for page in published) + "\n", request)


@pytest.mark.parametrize("volet", ["regions", "industriels"])
def test_what_the_publication_draws_is_as_approved(
    volet: str, petit_lake: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Each block of each sheet before it is set: its figures, and what its drawing shows, in which order."""
    specs: dict[str, dict[str, Any]] = {}

    def noted(spec: dict[str, Any], width: int, height: int | None = None) -> str:
        specs[key := f"{len(specs)} {width} {height}"] = spec
        return key

    monkeypatch.setattr(blocs, "drawing", noted)
    whole = etat(data_of(petit_lake), volet, CAMPAGNE)
    content = contents(replace(whole, regions=SHOWN if whole.regions else {}), now=NOW)
    lines = [f"{content['titre']} | {content['sous-titre']} | {content['campagne']} | {content['marque']}"]
    for section in content["sections"]:
        lines.append(f"# {section['titre']}")
        for one in section["feuilles"]:
            lines += [f"## {one['titre']} | {one['lecture']}", *(f"  {figure}" for figure in one["chiffres"])]
            lines += [line for row in one["rangs"] for bloc in row for line in set_down(bloc, specs)]
    assert_approved(f"publication/{volet}", "\n".join(lines), request)


def set_down(bloc: dict[str, Any], specs: dict[str, dict[str, Any]]) -> Iterator[str]:
    said = {
        name: bloc[name] for name in ("paragraphes", "entetes", "droite", "entrees", "unite") if name in bloc
    }
    yield f"  {bloc['genre']} · {bloc['titre']} | {bloc['lecture']} | {shortened(said)}"
    if "lignes" in bloc:
        yield from (f"    {line}" for line in described.rows(bloc["lignes"]))
    if "plan" in bloc:
        yield f"    {shortened(bloc['plan'])}"
    if (spec := specs.get(bloc.get("svg", ""))) is not None:
        yield f"    {described.marks(spec)}, données {described.fingerprint(spec.get('datasets', {}))}"
    elif "svg" in bloc:
        yield f"    carte {described.fingerprint(bloc['svg'])}"


def shortened(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 300 else f"{text[:250]}… {described.fingerprint(text)}"


def wrapped(page: str) -> str:
    """A sheet's text in lines, so that a figure that moves is a line of a diff."""
    return "\n".join(textwrap.wrap(re.sub(r"(?:\. ?){3,}", "… ", page), 110))


def test_the_national_sheet_prints_the_publication(published: list[str]) -> None:
    text = plain(sheet(published, "Où en est-on face à la doctrine ?"))
    for figure in ("75,3 %", "78,8 %", "83,4 %", "1,91 / 3", "1,69 / 3", "1,96 / 3"):
        assert figure in text
    assert "365 services sont déclarés, 332 sont publiables, 299 sont du tronc commun ; 290" in text


def test_each_axis_has_its_sheet_with_its_rates(published: list[str], petit_lake: Path) -> None:
    at_date = scored(petit_lake, "axe")
    later = {
        (row["questionnaire"], row["axe"]): row
        for row in scored(petit_lake, "axe", horizon="2022-T4").iter_rows(named=True)
    }
    for row in at_date.iter_rows(named=True):
        start = rf"Les axes {re.escape(row['axe'])} · [^)]*?(\([^Q][^)]*\) )?\({row['questionnaire']}\)"
        (text,) = [plain(one) for one in published[2:] if re.match(start, one)]
        assert plain(percent(row["taux_maturite_pct"])) in text
        assert f"niveau {french(row['niveau_maturite'], 2)} / 3" in text
        projected = later[row["questionnaire"], row["axe"]]["taux_maturite_pct"]
        assert plain(percent(projected)) in text


@pytest.mark.parametrize("code", SHOWN)
def test_a_region_has_its_plan_and_its_figures(published: list[str], petit_lake: Path, code: str) -> None:
    name = SHOWN[code]
    (first,) = [rank for rank, text in enumerate(published) if text.startswith(f"Les régions {name} ")
                and " : taux" not in plain(text)[:60]]  # fmt: skip
    plan, figures = published[first], plain(published[first + 1])
    lake = Lake(Settings(lake=str(petit_lake)))
    rows = lake.scan(SERVICES).filter(
        pl.col("volet") == "regions", pl.col("campagne") == CAMPAGNE, pl.col("region") == code,
        pl.col("kind") != "si_regional",
    ).collect()  # fmt: skip
    packed = plain(plan).replace(" ", "")
    for service in rows["nom"]:
        assert plain(service).replace(" ", "") in packed
    assert "Pro Santé Connect".replace(" ", "") in packed
    assert f"{name} : taux et niveaux" in figures
    for row in scored(petit_lake, "questionnaire", keep=pl.col("region") == code).iter_rows(named=True):
        assert plain(percent(row["taux_maturite_pct"])) in figures
        assert f"niveau {french(row['niveau_maturite'], 2)} / 3" in figures
    for row in scored(petit_lake, "axe", keep=pl.col("region") == code).iter_rows(named=True):
        assert plain(percent(row["taux_maturite_pct"])) in figures


def test_the_solutions_have_their_printed_counts(published: list[str]) -> None:
    text = plain(" ".join(published))
    assert "Covalia (Maincare) 26 services, 11 régions" in text
    for heading in ("Qui équipe quels domaines", "Les solutions", "Les solutions les plus utilisées"):
        assert any(plain(page)[:120].startswith(f"Les éditeurs {heading} ") for page in published), heading
    assert "ViaTrajectoire" in text


def test_the_command_writes_the_vendors_publication(petit_lake: Path, tmp_path: Path) -> None:
    path = tmp_path / "industriels.pdf"
    done = called("publication", "convergence", "--campagne", "2020-12-15", "--volet", "industriels",
               "--pdf", str(path), lake=petit_lake)  # fmt: skip
    assert "Écrit" in done.stderr
    (row,) = scored(petit_lake, "questionnaire", volet="industriels").iter_rows(named=True)
    rate = plain(percent(row["taux_maturite_pct"]))
    assert any(rate in plain(text) for text in texts(path))


def test_a_campaign_that_was_never_published_is_refused(petit_lake: Path) -> None:
    with pytest.raises(UnknownName) as caught:
        etat(data_of(petit_lake), "regions", date(2018, 1, 1))
    assert "2020-12-15" in f"{caught.value} {caught.value.conseil}"


def test_columns_share_the_sheet() -> None:
    assert shares(["Nom", "Taux"], [["court", "1"]]) == [1, 0]  # it fits: the longest takes the rest
    wide = shares(["Un nom", "Un autre"], [["x" * 90, "y" * 60]], line=100)
    assert wide == [48, 48]  # it does not: both wrap, up to a limit
    assert shares([], []) == []


# The archive -------------------------------------------------------------------------------------------------


@cache
def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def read_csv(archive: zipfile.ZipFile, name: str, **options: Any) -> pl.DataFrame:
    return pl.read_csv(archive.read(f"csv/{name}_2020-12-15.csv"), infer_schema=False, **options)


@pytest.fixture(scope="module")
def grand_est(petit_lake: Path) -> zipfile.ZipFile:
    return opened(archive_zip(archive_view(data_of(petit_lake), jour=CAMPAGNE, region="Grand Est"), now=NOW))


def test_a_region_s_archive_holds_its_rows_twice(grand_est: zipfile.ZipFile, petit_lake: Path) -> None:
    names = grand_est.namelist()
    for name in [*TABLES, *(f"scores/{one}" for one in SCORES)]:
        text = read_csv(grand_est, name)
        typed = pl.read_parquet(io.BytesIO(grand_est.read(f"parquet/{name}_2020-12-15.parquet")))
        assert text.columns == typed.columns
        assert text.height == typed.height
        assert f"csv/{name}_2020-12-15.csv" in names
    scan = Lake(Settings(lake=str(petit_lake))).scan
    here = (pl.col("volet") == "regions") & (pl.col("campagne") == CAMPAGNE)
    services = scan(SERVICES).filter(here, pl.col("region") == "44").collect()
    answers = scan(REPONSES).filter(here).collect().join(services, on="service", how="semi")
    assert sorted(read_csv(grand_est, "services")["service"]) == sorted(services["service"])
    assert read_csv(grand_est, "reponses").height == answers.height
    dictionary = grand_est.read("dictionnaire.md").decode()
    for table in TABLES.values():
        assert f"`{table.table.name}`" in dictionary
    read_me = grand_est.read("LISEZMOI.txt").decode()
    assert "Grand Est" in read_me
    assert f"  reponses : {answers.height}" in read_me


def test_its_scores_are_those_of_the_pages(grand_est: zipfile.ZipFile, petit_lake: Path) -> None:
    found = pl.read_parquet(io.BytesIO(grand_est.read("parquet/scores/axe_2020-12-15.parquet")))
    at_date = found.filter(pl.col("horizon").is_null()).drop("horizon")
    assert at_date.equals(scored(petit_lake, "axe", keep=pl.col("region") == "44"))
    end = found.filter(pl.col("horizon") == "2022-T4").drop("horizon")
    assert end.equals(scored(petit_lake, "axe", keep=pl.col("region") == "44", horizon="2022-T4"))


def test_its_files_are_scored_again_without_a_lake(
    grand_est: zipfile.ZipFile, tmp_path: Path, petit_lake: Path
) -> None:
    grand_est.extractall(tmp_path)
    files = [
        part
        for name in ("services", "reponses", "plans", "preliminaires")
        for part in (f"--{name}", str(tmp_path / "csv" / f"{name}_2020-12-15.csv"))
    ]
    text = called("score", "convergence", *files, "--par", "axe", "--format", "csv", lake=petit_lake).stdout
    again = pl.read_csv(io.StringIO(text))
    assert again.equals(scored(petit_lake, "axe", keep=pl.col("region") == "44"))


def test_the_command_names_the_archive_after_what_it_holds(petit_lake: Path) -> None:
    data = data_of(petit_lake)
    assert name_of(archive_view(data, jour=CAMPAGNE, region="44")) == "convergence_grand-est_2020-12-15.zip"
    assert name_of(archive_view(data)) == "convergence_national_2020-12-15.zip"
    assert name_of(archive_view(data, volet="industriels")) == "convergence_industriels_2020-12-15.zip"


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"region": "Atlantide"}, UnknownName, "Atlantide"),
        ({"jour": date(1999, 1, 1)}, UnknownName, "2020-12-15"),
        ({"volet": "industriels", "region": "44"}, LakeError, "n'ont pas de région"),
    ],
)
def test_what_cannot_be_archived_is_refused(
    petit_lake: Path, asked: dict[str, Any], error: type[LakeError], said: str
) -> None:
    with pytest.raises(error) as caught:
        archive_view(data_of(petit_lake), **asked)
    assert said in f"{caught.value} {getattr(caught.value, 'conseil', '')}"
