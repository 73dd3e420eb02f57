"""The « Diagnostic » page, its PDF and its command say the same; one's own territory loses nothing."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import polars as pl
import pypdf
import pytest

from apps.annuaire.declaration import PAGES
from apps.annuaire.diagnostic.map import classes_of
from apps.annuaire.diagnostic.words import rank_words
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.export.pdf import page_pdf
from apps.kit.export.report import tables_of_page, view_of
from apps.kit.pages.export import table_csv
from lake.settings import Settings
from lake.store.migrate import open_store
from lake.store.sharing import Genre, opened, share
from lake.tables import Lake
from scoring.universes.selection import Selection
from tests.demo_lake import called as called
from tests.pages.drawing import Drawn, draw_page, read

BITCHE, START = "200069441", "2024-12-03"
PAGE = next(page for page in PAGES if page.name == "diagnostic")


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store of its own for each test, for pages and commands alike."""
    url = f"sqlite:///{tmp_path / 'partages.db'}"
    monkeypatch.setenv("OBS_STORE", url)
    return url


def french(value: float, decimals: int = 0) -> str:
    return f"{value:,.{decimals}f}".replace(",", "\u202f").replace(".", ",")


def commanded(lake: Path, *arguments: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(
        called(
            "annuaire", "diagnostic", *arguments, "--format", "json", lake=lake, store=os.environ["OBS_STORE"]
        ).stdout
    )
    return rows


def drawn(lake: Path, **params: str | list[str]) -> Drawn:
    listed = {name: [value] if isinstance(value, str) else value for name, value in params.items()}
    return draw_page("annuaire", "diagnostic", lake, **listed)


CASES = [
    ({"epci": BITCHE, "profession": "10", "depuis": START}, [f"epci={BITCHE}", "--depuis", START]),
    ({"departement": "67", "profession": "60"}, ["departement=Bas-Rhin"]),
    ({"partenaire": "thur-doller", "profession": "10"}, ["partenaire=thur-doller"]),
    ({"commune": ["67482", "67447"], "profession": "60"}, ["67482,67447"]),
]


@pytest.mark.parametrize(("params", "options"), CASES)
def test_every_figure_is_that_of_the_command(
    petit_lake: Path, params: dict[str, str | list[str]], options: list[str]
) -> None:
    where = ["--territoire", *options, "--filtre", f"profession={params['profession']}"]
    [one] = commanded(petit_lake, *where, "--vue", "resume")
    page = drawn(petit_lake, **params)
    assert page.title.startswith(str(one["territoire"]))
    assert page.figures == {
        "Professionnels": french(float(str(one["professionnels"]))),
        "Densité pour 10\u202f000 hab.": french(float(str(one["densite_pour_10000"])), 1),
        "Rang de la densité": rank_words(int(str(one["rang"]))),
        "Communes sans personne": french(float(str(one["communes_sans"]))),
    }
    assert one["debut"] + one["arrivees"] + one["entrees"] - one["departs"] - one["sorties"] == one["fin"]  # type: ignore[operator]
    assert f"{french(float(str(one['pairs'])))}" in page.html
    assert french(float(str(one["densite_region_pour_10000"])), 1) in page.reading
    shown = page.at.dataframe[0].value
    expected = [row for row in commanded(petit_lake, *where) if row["professionnels"] or row["debut"]]
    for name in ("professionnels", "rang", "communes_sans", "ecart"):
        assert list(shown[name]) == [row[name] for row in expected]
    assert list(shown["densite_pour_10000"]) == pytest.approx([row["densite_pour_10000"] for row in expected])


def test_the_communes_without_and_the_persons_are_those_of_the_command(petit_lake: Path) -> None:
    page = drawn(petit_lake, departement="67", profession="60")
    where = ["--territoire", "departement=67", "--filtre", "profession=60"]
    without, several = (frame.value for frame in page.at.dataframe[2:4])
    expected = commanded(petit_lake, *where, "--vue", "sans")
    assert list(without["commune"]) == [row["commune"] for row in expected]
    assert list(without["distance_km"]) == pytest.approx([row["distance_km"] for row in expected])
    people = commanded(petit_lake, *where, "--vue", "lieux")
    assert list(several["nom"]) == [row["nom"] for row in people]
    assert list(several["lieux"]) == [row["lieux"] for row in people]


def test_no_territory_is_the_whole_region(petit_lake: Path) -> None:
    [one] = commanded(petit_lake, "--territoire", "region=44", "--vue", "resume")
    page = drawn(petit_lake)
    assert page.title.startswith("Grand Est")
    assert page.figures["Professionnels"] == french(float(str(one["professionnels"])))
    assert "Rang de la densité" not in page.figures


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({}, []),
        ({"departement": "67"}, ["Région"]),
        ({"epci": BITCHE}, ["Département", "Région"]),
    ],
)
def test_a_territory_is_never_compared_with_itself(
    petit_lake: Path, where: dict[str, str], said: list[str]
) -> None:
    page = drawn(petit_lake, **where)
    headings = [one.value for one in page.at.header]
    assert any(one.startswith("Mieux ou moins bien doté que la région") for one in headings) is bool(said)
    assert ("(région" in page.reading) is bool(said)
    compared = {
        one
        for table in page.at.dataframe
        for one in table.value.columns
        if one in ("densite_departement_pour_10000", "densite_region_pour_10000")
    }
    assert len(compared) == len(said)


def test_a_filter_from_another_page_replaces_the_territory_chosen_before(petit_lake: Path) -> None:
    page = drawn(petit_lake, partenaire="thur-doller", epci=BITCHE)
    assert page.title.startswith("CC du Pays de Bitche")


def press(page: Drawn, text: str) -> Drawn:
    page.at.text_area(key="territoire.annuaire.diagnostic.liste").set_value(text)
    page.at.button(key="obs_liste").click().run()
    assert not page.at.exception
    return read(page.at)


def test_a_pasted_list_loses_nothing(petit_lake: Path) -> None:
    page = press(drawn(petit_lake, genre="perso"), "67482, 99999\n67447;67482;67014")
    assert page.at.query_params["commune"] == ["67418", "67447", "67482"]
    [said] = [info.value for info in page.at.info]
    assert "99999" in said
    assert "67014 → 67418" in said
    assert "en double\u202f: 67482" in said
    [one] = commanded(petit_lake, "--territoire", "67482,67447,67418", "--vue", "resume")
    assert page.figures["Professionnels"] == french(float(str(one["professionnels"])))


@pytest.mark.parametrize(
    ("text", "said"), [("", "liste de communes est vide"), ("99999 67000", "Aucun des 2 codes donnés")]
)
def test_a_list_without_any_commune_is_refused_and_the_territory_stays(
    petit_lake: Path, text: str, said: str
) -> None:
    page = press(drawn(petit_lake, genre="perso", commune="67482"), text)
    assert any(said in warning.value for warning in page.at.warning)
    assert page.at.query_params["commune"] == "67482"


def test_an_empty_territory_says_what_to_do(petit_lake: Path) -> None:
    page = drawn(petit_lake, genre="perso")
    assert "Aucune commune n’est choisie" in page.reading
    assert page.figures == {}


def test_a_long_list_goes_under_a_short_link_that_anyone_opens(petit_lake: Path, store: str) -> None:
    rows = Data(Lake(Settings(lake=str(petit_lake)))).lake
    from lake.catalog.territoires import COMMUNES

    codes = rows.scan(COMMUNES).filter(pl.col("code_departement") == "68").collect()["code_commune"].sort()
    page = press(drawn(petit_lake, genre="perso"), "\n".join(codes))
    link = page.at.query_params["lien"]
    kept = opened(open_store(Settings(store=store)), link, Genre.TERRITOIRE)
    assert kept.contenu == {"communes": codes.to_list()}
    again = drawn(petit_lake, lien=link)
    assert again.figures == page.figures
    assert any(link in code.value for code in again.at.code)
    [one] = commanded(petit_lake, "--territoire", f"lien={link}", "--vue", "resume")
    assert one["communes"] == len(codes)


def test_a_short_link_keeps_its_name_and_an_unknown_one_is_told(petit_lake: Path, store: str) -> None:
    made = share(
        open_store(Settings(store=store)), Genre.TERRITOIRE, {"communes": ["67482"]}, titre="Chez moi"
    )
    assert drawn(petit_lake, lien=made).title.startswith("Chez moi")
    page = drawn(petit_lake, lien="bcdfghjkmnpq")
    assert "bcdfghjkmnpq" in page.reading
    assert page.figures == {}


def test_an_uploaded_file_is_read_and_what_is_no_list_is_refused(petit_lake: Path) -> None:
    page = drawn(petit_lake, genre="perso")
    upload = page.at.file_uploader(key="territoire.annuaire.diagnostic.fichier")
    upload.set_value(("liste.csv", b"code_commune;nom\n67482;Strasbourg\n", "text/csv")).run()
    assert page.at.query_params["commune"] == "67482"
    upload = page.at.file_uploader(key="territoire.annuaire.diagnostic.fichier")
    upload.set_value(("photo.csv", b"\x89PNG\0\0", "text/csv")).run()
    assert any("n’est pas une liste de codes INSEE" in warning.value for warning in page.at.warning)
    assert page.at.query_params["commune"] == "67482"


@pytest.mark.parametrize(
    ("filters", "options"),
    [
        ({"epci": [BITCHE], "profession": ["10"]}, {"depuis": START}),
        ({"departement": ["67"]}, {}),
        ({}, {}),
        ({"commune": ["67482"]}, {}),
        ({"commune": ["67001", "67002"], "profession": ["50"]}, {"genre": "perso", "nom": "Deux " * 12}),
    ],
)
def test_the_sheet_has_two_pages_and_the_figures_of_the_screen(
    petit_lake: Path, filters: dict[str, list[str]], options: dict[str, str]
) -> None:
    data = Data(Lake(Settings(lake=str(petit_lake))))
    view = view_of(PAGE, data, State(Selection(filters), options))
    made = page_pdf(PAGE, view)
    sheets = pypdf.PdfReader(io.BytesIO(made)).pages
    assert len(sheets) == 2
    first, second = (" ".join(sheet.extract_text().split()) for sheet in sheets)
    assert PAGE.figures is not None
    for figure in PAGE.figures(view).items:
        assert " ".join(figure.value.split()) in first
    assert " ".join(PAGE.reading(view).split())[:40] in first.replace("\u202f", " ") or view.date is None
    assert "page 1 sur 2" in first
    assert "page 2 sur 2" in second
    for said in ("Filtres", "ANS, Annuaire Santé", "14 janvier 2025", "Licence Ouverte", "édité le"):
        assert said in first
    assert "Comment ces chiffres sont comptés" in second
    assert all(not sheet.images for sheet in sheets)  # charts are vectors


def test_the_csv_is_the_table_and_names_the_territory(petit_lake: Path) -> None:
    data = Data(Lake(Settings(lake=str(petit_lake))))
    view = view_of(PAGE, data, State(Selection({}), {"partenaire": "thur-doller", "depuis": START}))
    tables = dict(tables_of_page(PAGE, view))
    text = table_csv(tables["professions"], view, "Professions").decode("utf-8-sig")
    assert "Territoire = PETR du Pays Thur-Doller" in text
    assert "Comparé au = 3 décembre 2024" in text
    lines = [line for line in text.splitlines() if not line.startswith(("#", '"#'))]
    rows = list(csv.DictReader(io.StringIO("\n".join(lines)), delimiter=";"))
    assert [int(row["Nombre"]) for row in rows] == tables["professions"].frame["professionnels"].to_list()


def test_the_command_writes_the_same_sheet(petit_lake: Path, tmp_path: Path) -> None:
    file = tmp_path / "fiche.pdf"
    done = called(
        "annuaire", "diagnostic", "--territoire", "67482,99999", "--format", "pdf", "--sortie", str(file),
        lake=petit_lake,
    )  # fmt: skip
    assert "99999" in done.stderr
    assert len(pypdf.PdfReader(file).pages) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--territoire", "lune=1"], "lune"),
        (["--territoire", "partenaire=bitch"], "bitche"),
        (["--territoire", "99999"], "99999"),
        (["--territoire", "epci=999999999"], "999999999"),
        (["--territoire", "67482", "--depuis", "2020-01-01"], "2024-12-03"),
        (["--territoire", "fichier=absent.csv"], "absent.csv"),
        (["--territoire", "67482", "--format", "pdf"], "--sortie"),
    ],
)
def test_what_the_command_cannot_do_is_told(petit_lake: Path, options: list[str], said: str) -> None:
    done = called("annuaire", "diagnostic", *options, lake=petit_lake, check=False)
    assert done.returncode == 1
    assert said in done.stderr


def test_counts_are_classed_with_nobody_apart() -> None:
    assert classes_of(pl.Series([0, 0])).labels == ("personne",)
    few = classes_of(pl.Series([0, 1, 3]))
    assert few.labels == ("personne", "1", "2 et plus")
    assert few.colour(0) != few.colour(1)
    many = classes_of(pl.Series([0, 4, 2_645]))
    assert many.labels[0] == "personne"
    assert many.labels[-1] == "2\u202f000 et plus"
    assert len(many.labels) == len(many.colours) == len(many.breaks) + 1 <= 7
