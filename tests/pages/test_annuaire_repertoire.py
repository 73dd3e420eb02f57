"""« Répertoire »: what is found, what the cards say, what is taken away and recorded."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from apps.annuaire import exports, repertoire
from apps.annuaire.etablissement import of, staff
from apps.annuaire.recherche import answers, directory, places
from apps.kit import audit
from apps.kit.access.access import PUBLIC, Access
from apps.kit.charts.tables import Table
from apps.kit.data.data import Data, data, open_lake
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.pages.export import table_csv
from lake.catalog.annuaire import ACTIVITES
from lake.catalog.finess import ETABLISSEMENTS
from lake.errors import AccessDenied, SourceUnavailable
from lake.settings import Settings
from lake.store.journal import read
from lake.tables import Lake
from scoring.annuaire.persons import PERSON
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.repertoire import FAMILIES
from scoring.universes.selection import Selection
from tests.pages.drawing import draw_page
from tests.pages.drawing import read as said
from tests.sample_annuaire import publish_all

NEWEST = pl.date(2025, 1, 14)


@pytest.fixture
def reads(petit_lake: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Data]:
    """The small demonstration lake, as pages read it, and a store of its own."""
    monkeypatch.setenv("OBS_LAKE", str(petit_lake))
    monkeypatch.setenv("OBS_STORE", f"sqlite:///{tmp_path}/store.db")
    open_lake.clear()
    yield data()
    open_lake.clear()


def view(reads: Data, options: dict[str, str] | None = None, **filters: list[str]) -> View:
    return View(
        "Répertoire", ANNUAIRE, State(Selection(filters), options or {}), reads, repertoire.REPERTOIRE.scope
    )


@pytest.fixture(scope="module")
def rows(petit_lake: Path) -> pl.DataFrame:
    scanned = Lake(Settings(lake=str(petit_lake))).scan(ACTIVITES)
    return scanned.filter(pl.col("date_extraction") == NEWEST).collect()


@pytest.fixture(scope="module")
def busiest(rows: pl.DataFrame, petit_lake: Path) -> str:
    """The establishment of the register where most persons practise."""
    register = Lake(Settings(lake=str(petit_lake))).scan(ETABLISSEMENTS).filter("ouvert").collect()
    there = rows.join(register, left_on="finess_site", right_on="finess", how="semi")
    counts = there.group_by("finess_site").agg(n=pl.col(PERSON).n_unique())
    return counts.sort("n", "finess_site", descending=True)["finess_site"][0]


def french(count: int) -> str:
    return f"{count:,}".replace(",", "\u202f")


# -- what is found ------------------------------------------------------------------------------------


def test_the_page_counts_persons_and_establishments(petit_lake: Path, rows: pl.DataFrame) -> None:
    register = Lake(Settings(lake=str(petit_lake))).scan(ETABLISSEMENTS).filter("ouvert").collect()
    page = draw_page("annuaire", "repertoire", petit_lake)
    assert f"{french(rows[PERSON].n_unique())} personnes et {register.height} établissements" in page.reading
    within = register.filter(pl.col("code_departement") == "67")
    page = draw_page("annuaire", "repertoire", petit_lake, departement=["67"])
    assert f"et {within.height} établissements" in page.reading


def test_a_slip_is_forgiven_and_said(reads: Data, rows: pl.DataFrame) -> None:
    name = rows.filter(pl.col("nom_exercice").str.contains("^[A-Z]{7,9}$"))["nom_exercice"].sort()[0]
    slipped = name[:3] + name[4:]
    exact = answers(view(reads, {"q": name}))
    found = answers(view(reads, {"q": slipped}))
    assert set(exact.persons[PERSON]) <= set(found.persons[PERSON])
    if found.near:
        sentence = repertoire.reading(view(reads, {"q": slipped}))
        assert f"d'un nom proche de « {slipped} »" in sentence
        assert "rien" not in sentence


def test_words_and_filters_narrow_together(reads: Data) -> None:
    everywhere = answers(view(reads, {"q": "infirmier"})).persons
    there = answers(view(reads, {"q": "infirmier"}, departement=["57"])).persons
    assert 0 < there.height < everywhere.height
    assert set(there[PERSON]) <= set(directory(view(reads, departement=["57"]))[PERSON])
    assert answers(view(reads, {"q": "a"})).persons.height == directory(view(reads)).height


def test_a_commune_is_offered_by_its_name(reads: Data) -> None:
    assert answers(view(reads, {"q": "starsbourg"})).communes["nom"].to_list() == ["Strasbourg (67)"]


def test_a_commune_entered_by_its_name_is_a_filter_and_no_longer_a_search(petit_lake: Path) -> None:
    page = draw_page(
        "annuaire", "repertoire", petit_lake, q=["metz"], epci=["200039865"], quoi=["etablissements"]
    )
    at = next(one for one in page.at.button if str(one.key).startswith("obs_commune_")).click().run()
    assert not at.exception
    kept = dict(at.query_params)
    assert (kept.get("commune"), kept.get("epci"), kept.get("q")) == ("57463", None, None)
    assert kept["quoi"] == "etablissements"


def test_a_filter_of_profession_keeps_the_establishments_where_one_practises(
    reads: Data, rows: pl.DataFrame
) -> None:
    kept = places(view(reads, profession=["10"]))
    doctors = (
        rows.filter(pl.col("code_profession") == "10").group_by("finess_site").agg(pl.col(PERSON).n_unique())
    )
    expected = dict(doctors.drop_nulls("finess_site").iter_rows())
    assert kept.height
    assert dict(kept.select("finess", "professionnels").iter_rows()) == {
        finess: expected[finess] for finess in kept["finess"]
    }
    assert set(kept["finess"]) == set(places(view(reads))["finess"]) & set(expected)


def test_families_share_out_every_establishment(reads: Data) -> None:
    counts = [
        repertoire.sites(view(reads, {"quoi": "etablissements", "famille": family})).height
        for family in FAMILIES
        if family != "toutes"
    ]
    assert sum(counts) == places(view(reads)).height


def test_the_list_of_establishments_is_on_the_page(petit_lake: Path) -> None:
    page = draw_page("annuaire", "repertoire", petit_lake, quoi=["etablissements"], famille=["pharmacie"])
    shown = page.at.dataframe[0].value
    assert set(shown["categorie"]) == {"Pharmacie d'Officine"}
    assert "FINESS, 14 janvier 2025" in page.html


def test_without_the_register_the_page_says_so_and_still_finds_persons(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lake = Lake(Settings(lake=str(tmp_path / "lac")))
    publish_all(lake)
    open_lake.clear()
    page = draw_page("annuaire", "repertoire", tmp_path / "lac", quoi=["etablissements"])
    assert "établissement" not in page.reading.partition(".")[0]
    assert any("n’est pas encore publié ici" in info.value for info in page.at.info)
    assert draw_page("annuaire", "repertoire", tmp_path / "lac").at.dataframe[0].value.shape[0] == 6
    open_lake.clear()


def test_an_empty_list_says_where_the_answers_are(petit_lake: Path) -> None:
    page = draw_page(
        "annuaire", "repertoire", petit_lake, q=["pharmacien"], quoi=["etablissements"], famille=["ehpad"]
    )
    assert any("voyez l’autre liste" in info.value for info in page.at.info)


def test_establishments_are_listed_at_once_when_only_they_answer(petit_lake: Path) -> None:
    page = draw_page("annuaire", "repertoire", petit_lake, q=["EHPAD"])
    assert re.search(
        r" : \d+ établissements pour « EHPAD »", page.reading.replace("\u202f", " ").replace("\xa0", " ")
    )
    assert any("voici les établissements" in info.value for info in page.at.info)
    shown = page.at.dataframe[0].value
    assert set(shown["categorie"]) == {"Etablissement d'hébergement pour personnes âgées dépendantes"}


def test_women_and_plurals_find_the_profession(petit_lake: Path, rows: pl.DataFrame) -> None:
    expected = rows.filter(pl.col("libelle_profession").str.starts_with("Infirmier"))[PERSON].n_unique()
    for words in ("infirmière", "infirmiers", "les infirmières"):
        page = draw_page("annuaire", "repertoire", petit_lake, q=[words])
        found = int(re.sub(r"\D", "", page.reading.split(" personne")[0].split(":")[1]))
        assert found >= expected, words


# -- cards --------------------------------------------------------------------------------------------


def test_the_card_of_an_establishment_lists_who_practises_there(
    petit_lake: Path, rows: pl.DataFrame, busiest: str
) -> None:
    page = draw_page("annuaire", "repertoire", petit_lake, etablissement=[busiest])
    there = rows.filter(pl.col("finess_site") == busiest)[PERSON].n_unique()
    assert f"FINESS {busiest}" in page.html
    assert f"{french(there)} professionnels y exercent" in page.html.replace("&#x27;", "'")
    assert "Sources\u202f: FINESS, 14 janvier 2025" in page.html
    assert "Coordonnées du registre" in page.html or "Placé au centre" in page.html


def test_the_staff_of_an_establishment_is_that_of_the_activities(
    reads: Data, rows: pl.DataFrame, busiest: str
) -> None:
    expected = set(rows.filter(pl.col("finess_site") == busiest)[PERSON])
    assert set(staff(view(reads), busiest)[PERSON]) == expected
    found = of(view(reads), busiest)
    assert found is not None
    assert found["professionnels"] == len(expected)


def test_the_card_of_a_person_leads_to_its_establishment(
    petit_lake: Path, rows: pl.DataFrame, busiest: str
) -> None:
    person = rows.filter(pl.col("finess_site") == busiest)[PERSON].sort()[0]
    page = draw_page("annuaire", "repertoire", petit_lake, personne=[person])
    way = next(button for button in page.at.button if button.key == f"obs_vers_{busiest}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OBS_LAKE", str(petit_lake))
        way.click().run()
    assert f"FINESS {busiest}" in said(page.at).html
    assert page.at.query_params["etablissement"] in (busiest, [busiest])


def test_stale_links_are_told(petit_lake: Path) -> None:
    page = draw_page("annuaire", "repertoire", petit_lake, etablissement=["000000000"], personne=["8000"])
    told = " ".join(info.value for info in page.at.info)
    assert "n’est pas dans le répertoire FINESS ingéré" in told
    assert "8000 n’est pas dans l’extraction" in told


# -- exports ------------------------------------------------------------------------------------------


def test_the_csv_holds_the_rows_of_the_list_and_what_it_takes_to_reach_them(
    reads: Data, rows: pl.DataFrame
) -> None:
    page = view(reads, departement=["67"])
    people = answers(page).persons.head(30)
    table = exports.persons_table(page, Table(people, repertoire.COLUMNS, key=PERSON))
    assert table.frame[PERSON].to_list() == people[PERSON].to_list()
    assert table.frame.select(people.columns).equals(people)
    one = table.frame.row(0, named=True)
    theirs = rows.filter(pl.col(PERSON) == one[PERSON])
    phones = {number for name in ("telephone", "telephone_2") for number in theirs[name].drop_nulls()}
    assert {part.replace(" ", "") for part in (one["telephones"] or "").split(" · ") if part} == phones
    assert set((one["courriels"] or "").split(" · ")) - {""} == set(theirs["email"].drop_nulls())
    lines = table_csv(table, page, "Essai").decode("utf-8-sig").splitlines()
    body = "\n".join(line for line in lines if not line.startswith(("#", '"#')))
    read = next(
        csv.DictReader(io.StringIO(body), delimiter=";")
    )  # under its heading, as a spreadsheet shows it
    assert read["Identifiant national"].lstrip("'") == one[PERSON]
    assert [read[name] for name in ("Adresses", "Téléphones", "Courriels", "Lieux d'exercice")] == [
        one[name] or "" for name in ("adresses", "telephones", "courriels", "lieux")
    ]


def test_the_address_book_holds_everyone_once(reads: Data) -> None:
    page = view(reads, departement=["67"])
    people = answers(page).persons.head(40)
    text = exports.persons_vcard(page, people).decode("utf-8").replace("\r\n ", "")
    uids = [line.removeprefix("UID:urn:idnps:") for line in text.split("\r\n") if line.startswith("UID:")]
    assert uids == people[PERSON].to_list()
    assert text.count("END:VCARD") == 40
    assert "NOTE:Source\u202f: ANS\\, Annuaire Santé\\, 14 janvier 2025" in text


def test_spreadsheets_run_nothing_and_keep_every_sign(reads: Data) -> None:
    people = (
        answers(view(reads))
        .persons.head(2)
        .with_columns(nom=pl.Series(["=HYPERLINK(1)", "+33 3 88 00 00 00"]), prenom=pl.Series(["-1", "@x"]))
    )
    content = table_csv(Table(people, repertoire.COLUMNS), view(reads), "Essai").decode("utf-8-sig")
    body = [line for line in content.splitlines() if not line.lstrip('"').startswith("#")]
    cells = [row[:2] for row in csv.reader(io.StringIO("\n".join(body)), delimiter=";")][1:]
    assert cells == [["'=HYPERLINK(1)", "'-1"], ["'+33 3 88 00 00 00", "'@x"]]
    assert [cell.removeprefix("'") for row in cells for cell in row] == [
        "=HYPERLINK(1)", "-1", "+33 3 88 00 00 00", "@x",
    ]  # fmt: skip


def test_many_persons_leave_after_agreement_only(petit_lake: Path, reads: Data) -> None:
    page = draw_page("annuaire", "repertoire", petit_lake)
    downloads = [element.proto.label for element in page.at.get("download_button")]
    assert not {"CSV", "vCard"} & set(downloads)
    assert any("données à caractère personnel" in text.value for text in page.at.markdown)
    page.at.checkbox[0].check().run()
    downloads = [element.proto.label for element in page.at.get("download_button")]
    assert {"CSV", "vCard"} <= set(downloads)
    page = draw_page("annuaire", "repertoire", petit_lake, q=["zorglub"])
    assert not page.at.checkbox


def test_a_short_list_leaves_at_once(petit_lake: Path, rows: pl.DataFrame) -> None:
    name = rows["nom_exercice"].value_counts().filter(pl.col("count") == 1)["nom_exercice"].sort()[0]
    page = draw_page("annuaire", "repertoire", petit_lake, q=[name])
    assert {"CSV", "vCard"} <= {element.proto.label for element in page.at.get("download_button")}
    assert not page.at.checkbox


def test_what_cannot_be_recorded_is_not_made() -> None:
    done: list[str] = []

    def refused(_suffix: str) -> None:
        raise SourceUnavailable("Le journal ne répond pas.")

    def made() -> bytes:
        done.append("fichier")
        return b"x"

    with pytest.raises(SourceUnavailable):
        exports.written(PUBLIC, refused, "csv", made)()
    assert done == []
    assert exports.written(PUBLIC, done.append, "csv", made)() == b"x"
    assert done == ["csv", "fichier"]


def test_a_list_is_not_handed_out_once_the_session_is_over() -> None:
    done: list[str] = []

    def over() -> None:
        raise AccessDenied("Votre session est terminée.")

    with pytest.raises(AccessDenied):
        exports.written(Access("x", still=over), done.append, "csv", lambda: b"x")()
    assert done == []


def test_the_journal_says_what_left(reads: Data) -> None:
    page = view(reads, {"q": "infirmier"}, departement=["67"])
    audit.note(
        audit.journal(),
        PUBLIC,
        exports.ACTION,
        "annuaire",
        exports.details(page, 412) | {"format": "csv"},
        None,
    )
    (line,) = read(audit.journal())
    assert (line.action, line.objet, line.auteur, line.adresse) == (
        "export.personnes",
        "annuaire",
        None,
        None,
    )
    assert line.details == {
        "lignes": 412,
        "filtres": {"departement": ["67"]},
        "recherche": "infirmier",
        "extraction": "2025-01-14",
        "conditions": "acceptées",
        "format": "csv",
    }
