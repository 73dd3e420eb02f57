"""``obs saisie`` and ``obs referentiel``, as an operator types them."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl
import pypdf
import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from apps.cli import _entry as outils
from apps.commands.saisie import premiere_reprise
from apps.convergence.synthese import SYNTHESE
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.export.pdf import page_pdf
from apps.kit.export.report import view_of
from apps.saisie import publication, referentiels
from demo.present import entered, entering
from demo.saisie import at_work
from lake.catalog.convergence import (
    AMELIORATIONS,
    CAMPAGNES,
    JALONS,
    NIVEAUX,
    PLANS,
    PRELIMINAIRES,
    REFERENTIEL,
    REPONSES,
    SERVICES,
    SOLUTIONS,
)
from lake.droits import Droits
from lake.settings import Settings
from lake.store.accounts import accounts, demonstration
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.saisie import acteurs, ameliorations, avis, feuilles, plans, services
from lake.store.saisie.feuilles import Reponse
from lake.store.saisie.frames import validees
from lake.tables import Lake
from scoring.saisie.publication import lignes
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.selection import Selection
from tests.demo_lake import called
from tests.unit.test_convergence_exemple import BLOCKS

_BY_REGION = ("--mesure", "taux_maturite_pct", "--par", "questionnaire,code_region")
EXAMPLE = {name: text for name, text in BLOCKS if not name.startswith("resultat")}


class Entry:
    """A lake and a store of their own, and the files of the worked example."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lake, self.store = folder, folder / "lac", f"sqlite:///{folder}/store.db"
        self.files = {name: folder / f"{name}.csv" for name in EXAMPLE}
        for name, path in self.files.items():
            text = EXAMPLE[name]
            if name == "plans":
                for old, new in (("2021", "2031"), ("2022", "2032")):
                    text = text.replace(old, new)
            path.write_text(text, encoding="utf-8")

    def obs(self, *arguments: str, check: bool = True) -> str:
        return called(*arguments, lake=self.lake, store=self.store, check=check).stdout

    def err(self, *arguments: str) -> str:
        done = called(*arguments, lake=self.lake, store=self.store, check=False)
        assert done.returncode == 1, done.stdout
        return done.stderr

    def table(self, *arguments: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.obs(*arguments, "--format", "csv"))))

    def load(self, *more: str) -> str:
        given = [part for name, path in self.files.items() for part in (f"--{name}", str(path))]
        return self.obs("saisie", "charger", *given, *more)

    def rows(self, table: object) -> pl.DataFrame:
        return Lake(Settings(lake=str(self.lake))).scan(table).collect()  # type: ignore[arg-type]


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    return Entry(tmp_path)


def rates(entry: Entry, campaign: str) -> dict[str, float]:
    found = entry.table("score", "convergence", "--campagne", campaign, "--par", "questionnaire")
    return {row["questionnaire"]: float(row["taux_maturite_pct"]) for row in found}


def test_a_draft_is_nobody_s_figure_until_it_is_validated_and_published(entry: Entry) -> None:
    assert "4 service(s), 9 réponse(s) et 4 étape(s) seraient chargées" in entry.load("--essai")
    assert entry.table("saisie", "etat") == []
    entry.load()
    state = {row["service"]: row for row in entry.table("saisie", "etat") if row["questionnaire"] == "QU"}
    assert {
        name: (row["visibles"], row["saisis"], row["valides"], row["etat"]) for name, row in state.items()
    } == {
        "sso": ("16", "2", "0", "brouillon"),
        "telec": ("16", "3", "0", "brouillon"),
        "dcc": ("16", "3", "0", "brouillon"),
        "vieux": ("16", "1", "0", "brouillon"),
    }
    assert float(state["sso"]["saisie_pct"]) == pytest.approx(12.5)
    assert "serait vide" in entry.err("saisie", "publier")
    # Before the first answer, and before the first referential: each says what it is.
    assert "serait vide" in entry.err("saisie", "arreter", "--date", "2020-01-01")
    assert "en cours" in entry.err("score", "convergence", "--campagne", "en-cours")
    entry.obs("saisie", "valider", "--tout")
    assert "en cours" in entry.err(
        "query", "convergence", "--mesure", "taux_maturite_pct", "--date", "en-cours"
    )
    entry.obs("saisie", "publier")
    assert rates(entry, "en-cours")["QU"] == pytest.approx(65.625)
    asked = entry.table(
        "query",
        "convergence",
        "--mesure",
        "taux_maturite_pct",
        "--par",
        "questionnaire",
        "--date",
        "en-cours",
    )
    assert float(asked[0]["taux_maturite_pct"]) == pytest.approx(65.625)
    assert "Rien n'a changé" in entry.obs("saisie", "publier")
    # It is beside the dated campaigns, and never their default.
    assert entry.rows(CAMPAGNES)["etat"].to_list() == ["en_cours"]
    assert (
        entry.table("query", "convergence", "--mesure", "services_concernes", "--par", "questionnaire") == []
    )


def kept_figures(entry: Entry, day: date) -> pl.DataFrame:
    """The rates of a campaign as a page reads them, that the process keeps."""
    reads = Data(Lake(Settings(lake=str(entry.lake))))
    return reads.query(CONVERGENCE, Selection().at(day), ["taux_maturite_pct"], ["questionnaire"])


def test_a_closed_campaign_went_through_the_ingestion_with_the_same_rows(entry: Entry) -> None:
    entry.load()
    entry.obs("saisie", "valider", "--tout")
    entry.obs("saisie", "publier")
    tables = (SERVICES, REPONSES, PLANS, PRELIMINAIRES, SOLUTIONS)
    live = {
        t.name: entry.rows(t).drop("campagne")
        for t in tables
        if Lake(Settings(lake=str(entry.lake))).exists(t)
    }
    # What was proposed on an axis and retained is published with the campaign, live as closed.
    store = open_store(Settings(store=entry.store))
    proposal = partial(
        ameliorations.proposer, store, services.de_code(store, "sso")["id"], "QU", "A05", par=None,
        volet="regions", version="v",
    )  # fmt: skip
    kept, aside = (
        proposal("Un lecteur, sans contact", porteur="national", critere="A05.1"),
        proposal("Ce qui ne sera pas retenu", porteur="editeur"),
    )
    ameliorations.decider(store, kept, ameliorations.RETENUE, par=None, vu="proposee")
    entry.obs("saisie", "publier")
    said = ["amelioration", "axe", "critere", "libelle_amelioration", "porteur", "statut"]
    retained = [("saisie-0001", "A05", "A05.1", "Un lecteur, sans contact", "national", "retenue")]
    assert entry.rows(AMELIORATIONS).select(said).rows() == retained
    told = entry.obs("saisie", "arreter", "--date", "2030-12-31")
    proposed = entry.rows(AMELIORATIONS).sort("campagne")
    assert proposed.select(said).rows() == retained * 2
    assert proposed["propose_le"].n_unique() == 1
    # Set aside later, it leaves the live campaign; the closed one does not change.
    ameliorations.decider(
        store, kept, ameliorations.ECARTEE, par=None, vu="retenue", motif="Sans objet depuis la réforme"
    )
    ameliorations.decider(
        store, aside, ameliorations.ECARTEE, par=None, vu="proposee", motif="Hors sujet ici"
    )
    store.close()
    entry.obs("saisie", "publier")
    assert entry.rows(AMELIORATIONS)["campagne"].to_list() == [date(2030, 12, 31)]
    assert "Campagne arrêtée au 31/12/2030 : 4 services, 9 réponses, 4 étapes." in told
    closed = pl.date(2030, 12, 31)
    for table in tables:
        if table.name in live:
            kept = entry.rows(table).filter(pl.col("campagne") == closed).drop("campagne")
            order = kept.columns
            assert kept.sort(order).equals(live[table.name].sort(order)), table.name
    row = entry.rows(CAMPAGNES).filter(pl.col("campagne") == closed)
    assert row["etat"].to_list() == [None]
    assert rates(entry, "2030-12-31") == rates(entry, "en-cours")
    before = Lake(Settings(lake=str(entry.lake))).versions(tables)
    assert "déjà close, avec ces mêmes réponses" in entry.obs("saisie", "arreter", "--date", "2030-12-31")
    assert Lake(Settings(lake=str(entry.lake))).versions(tables) == before
    # What was entered later changes the live one only: the figures of the closed one, already computed, stay.
    figures = kept_figures(entry, date(2030, 12, 31))
    assert kept_figures(entry, date(2030, 12, 31)) is figures
    live_before = kept_figures(entry, date(2031, 1, 1))
    path = entry.folder / "plus.csv"
    path.write_text("service,critere,niveau\nsso,A05.1,2\n", encoding="utf-8")
    entry.obs("saisie", "charger", "--services", str(entry.files["services"]), "--reponses", str(path))
    entry.obs("saisie", "valider", "--service", "sso")
    entry.obs("saisie", "publier")
    assert rates(entry, "en-cours")["QU"] == pytest.approx(75.0)
    assert rates(entry, "2030-12-31")["QU"] == pytest.approx(65.625)
    assert kept_figures(entry, date(2030, 12, 31)) is figures
    live_after = kept_figures(entry, date(2031, 1, 1))
    assert [
        frame.filter(questionnaire="QU")["taux_maturite_pct"].item() for frame in (figures, live_before)
    ] == [pytest.approx(65.625)] * 2
    assert live_after.filter(questionnaire="QU")["taux_maturite_pct"].item() == pytest.approx(75.0)
    # Pages offer it, and say that its figures are provisional; a PDF bears it on each page.
    reads = Data(Lake(Settings(lake=str(entry.lake))))
    still, moving = (
        view_of(SYNTHESE, reads, State(Selection().at(date(*day)))) for day in ((2030, 12, 31), (2031, 1, 1))
    )
    assert still.live == moving.live == date(2031, 1, 1)
    assert (still.provisional, moving.provisional) == ("", "Provisoire, état au 1er janvier 2031")
    assert moving.source().endswith("provisoire")
    assert not still.source().endswith("provisoire")
    made = pypdf.PdfReader(io.BytesIO(page_pdf(SYNTHESE, moving, [])))
    assert "Provisoire, état au 1er janvier 2031" in made.pages[0].extract_text()
    assert "avec d'autres réponses" in entry.err("saisie", "arreter", "--date", "2030-12-31")


def same_rows_as_published(entry: Entry, day: date) -> None:
    """The entry, as it stands on a day, gives the rows of the campaign closed on it: who validated, and when, apart."""
    lake, store = Lake(Settings(lake=str(entry.lake))), open_store(Settings(store=entry.store))
    state = validees(store)
    store.close()
    for volet in ("regions", "industriels"):
        ours = publication.du_volet(state, volet)
        known = referentiels.en_vigueur(lake.snapshot().scan, day, volet)
        made = lignes(
            services=ours.services, reponses=ours.reponses, plans=ours.plans, preliminaires=ours.preliminaires,
            solutions=ours.solutions, criteres=known.criteres, niveaux=known.niveaux, version=known.version,
            jour=day, volet=volet,
        )  # fmt: skip
        assert made.ecartees.is_empty()
        for table in (SERVICES, SOLUTIONS, PRELIMINAIRES, PLANS, REPONSES):
            said = pl.exclude("valide_le", "valide_par")
            frames = [
                (
                    lake.scan(table).filter(pl.col("volet") == volet, pl.col("campagne") == day).collect()
                    if frame is None
                    else frame
                ).select(said)
                for frame in (None, made.frames[table])
            ]
            if table is SERVICES:  # whom one leans on has no order
                frames = [one.with_columns(pl.col("utilise").str.split("|").list.sort()) for one in frames]
            columns = frames[0].columns
            order = [one for one in columns if one != "utilise"]
            old, new = (one.select(columns).sort(order) for one in frames)
            assert old.height > 0, (volet, table.name)
            assert new.equals(old), (volet, table.name)


def a_step_waits_for_a_milestone(entry: Entry) -> None:
    """A plan names a milestone of the road map: the live campaign says so, a closed one too, once ingested."""
    closed = date(2020, 12, 15)
    known = entry.rows(JALONS).filter(pl.col("volet") == "regions", pl.col("campagne") == closed)
    levels = entry.rows(NIVEAUX).filter(pl.col("volet") == "regions").select("critere", next="niveau")
    axes = (
        entry.rows(REFERENTIEL).filter(pl.col("volet") == "regions").select("critere", "axe", "questionnaire")
    )
    store = open_store(Settings(store=entry.store))
    found = (
        validees(store)
        .reponses.join(axes.unique("critere"), on="critere")
        .join(known.select("axe", "jalon").unique("axe"), on="axe")
        .join(levels, on="critere")
        .filter(pl.col("next") == pl.col("niveau") + 1, pl.col("service").str.starts_with("GES-"))
        .join(known, on=["service", "critere"], how="anti")
        .sort("service", "critere")
        .row(0, named=True)
    )
    number = services.de_code(store, found["service"])["id"]
    plan = feuilles.feuille(store, number, f"PLAN-{found['questionnaire']}")
    plans.planifier(
        store, number, found["questionnaire"], found["critere"], {found["next"]: "2041-T2"}, rev=plan["rev"], par=None,
        jalons=[found["jalon"], "Z99"],
    )  # fmt: skip
    store.close()
    entry.obs("saisie", "valider", "--service", found["service"])
    entry.obs("saisie", "publier")
    entry.obs("saisie", "arreter", "--date", "2035-06-30")
    where = pl.col("service") == found["service"], pl.col("critere") == found["critere"]
    rows = entry.rows(JALONS).filter(*where).sort("campagne")
    named = known.filter(jalon=found["jalon"])["libelle_jalon"][0]
    assert rows.select("campagne", "jalon", "libelle_jalon", "axe", "dependance").rows() == [
        (day, found["jalon"], named, found["axe"], "directe") for day in (date(2035, 6, 30), date(2035, 7, 1))
    ], "a milestone that the road map does not have is not published"
    others = [pl.exclude("campagne")]
    then = entry.rows(JALONS).filter(pl.col("volet") == "regions", pl.col("campagne") == date(2035, 6, 30))
    rest = then.filter(~(where[0] & where[1])).select(others)
    assert rest.sort(rest.columns).equals(known.select(others).sort(rest.columns))


def test_the_published_campaign_taken_up_again_gives_every_printed_figure(
    petit_lake: Path, tmp_path: Path
) -> None:
    entry = Entry(tmp_path)
    shutil.copytree(petit_lake, entry.lake)
    entry.obs("saisie", "reprendre", "--campagne", "2020-12-15")
    rows = entry.table("saisie", "etat")
    assert {(row["saisis"], row["valides"]) for row in rows} == {("0", "0")}, "carried over, not confirmed"
    entry.obs("saisie", "publier")
    found = rates(entry, "en-cours")
    assert {name: round(rate, 2) for name, rate in found.items()} == {"QR": 75.28, "QU": 78.75, "QI": 83.42}
    entry.obs("saisie", "arreter", "--date", "2030-06-30")
    assert rates(entry, "2030-06-30") == found
    for by in ("axe", "region", "domaine"):
        old, new = (
            entry.obs("score", "convergence", "--campagne", day, "--par", by, "--format", "csv")
            for day in ("2020-12-15", "2030-06-30")
        )
        assert old == new
    assert "Campagnes closes : " in entry.err("saisie", "reprendre", "--campagne", "2019-01-01")
    taken = entry.obs("saisie", "reprendre", "--campagne", "2020-12-15", "--volet", "industriels")
    assert "refus" not in taken
    # Every other printed figure, projections included, is a function of these rows: on the day of the campaign, the
    # entry gives those that were published, on both sides. (Steps that are over today are no longer published.)
    same_rows_as_published(entry, date(2020, 12, 15))
    a_step_waits_for_a_milestone(entry)

    # What the demonstration shows: a region at work on it. One sheet is validated, and alone moves the live campaign.
    with_people = open_store(Settings(store=entry.store))
    products = entry.rows(SOLUTIONS).filter(pl.col("volet") == "industriels")
    demonstration.create(with_people, products["editeur"].min())
    assert at_work(with_people, "2020-12-15") == 5
    with_people.close()
    states = [row["etat"] for row in entry.table("saisie", "etat") if row["service"].startswith("GES-")]
    assert {one: states.count(one) for one in ("brouillon", "a_valider")} == {"brouillon": 3, "a_valider": 1}
    mine = entry.table("saisie", "etat", "--utilisateur", "industriel@demo.example")
    assert {row["questionnaire"] for row in mine} == {"CI"}
    assert [row["etat"] for row in mine].count("brouillon") == 1
    entry.obs("saisie", "publier")
    live = entry.table("query", "convergence", "--date", "en-cours", *_BY_REGION)
    closed = entry.table("query", "convergence", "--date", "2020-12-15", *_BY_REGION)
    moved = {new["code_region"] for new, old in zip(live, closed, strict=True) if new != old}
    assert moved == {"44"}


def test_a_demonstration_s_entry_that_was_interrupted_is_taken_up_where_it_was(
    petit_lake: Path, tmp_path: Path
) -> None:
    lake = shutil.copytree(petit_lake, tmp_path / "lac")
    settings = Settings(lake=str(lake), store=f"sqlite:///{tmp_path}/store.db")
    with_people = open_store(settings)
    demonstration.create(with_people, "")

    def interrupted(_store: Store, _version: str) -> int:
        raise KeyboardInterrupt

    def known() -> list[str]:
        return sorted(one["code"] for one in services.tous(with_people))

    assert not entered(settings)
    with pytest.raises(KeyboardInterrupt), entering(settings):
        premiere_reprise(settings, outils(), interrupted)
    begun = known()
    assert begun
    assert not entered(settings), "services are there, and nobody has worked on them"
    with entering(settings):
        (said,) = premiere_reprise(settings, outils(), at_work)
    assert "5 feuilles en mouvement dans le Grand Est ; campagne en cours publiée." in said
    assert known() == begun
    assert entered(settings)
    with_people.close()


def test_what_is_refused_is_named_and_the_rest_is_kept(entry: Entry) -> None:
    entry.files["reponses"].write_text(
        EXAMPLE["reponses"] + "telec,A12.1,7,,\ndcc,A06.2,0,,\nvieux,Z99,1,,\n", encoding="utf-8"
    )
    given = [part for name, path in entry.files.items() for part in (f"--{name}", str(path))]
    done = called("saisie", "charger", *given, lake=entry.lake, store=entry.store)
    assert "9 réponse(s)" in done.stdout
    assert "reponses.csv, ligne 11 refusée" in done.stderr
    assert "niveau que le critère n'a pas : 0 pour A06.2" in done.stderr
    assert "critère inconnu : Z99" in done.stderr
    entry.files["services"].write_text(
        EXAMPLE["services"] + "si1,44,si_regional,,true\nsi2,44,si_regional,,true\n", encoding="utf-8"
    )
    again = called("saisie", "charger", *given, lake=entry.lake, store=entry.store)
    assert "service si2 : la région 44 a déjà son système d'information, « si1 »" in again.stderr


def test_a_plan_in_the_past_or_out_of_order_is_refused(entry: Entry) -> None:
    entry.files["plans"].write_text(
        "service,critere,niveau,trimestre\nsso,A05.1,2,2024-T1\ntelec,A11.1,1,2031-T4\ntelec,A11.1,2,2031-T1\n",
        encoding="utf-8",
    )
    given = [part for name, path in entry.files.items() for part in (f"--{name}", str(path))]
    done = called("saisie", "charger", *given, lake=entry.lake, store=entry.store)
    assert "plan dans le passé : 2024-T1" in done.stderr
    assert "étapes dans le désordre" in done.stderr
    assert "0 étape(s)" in done.stdout


def test_seals_are_verified(entry: Entry) -> None:
    entry.load()
    entry.obs("saisie", "valider", "--tout")
    assert "7 versions vérifiées" in entry.obs("saisie", "verifier")
    engine = sa.create_engine(entry.store)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER saisie_versions_sans_modification")
        connection.exec_driver_sql("UPDATE saisie_versions SET validee_par = 'autre@ex.fr' WHERE id = 1")
    engine.dispose()
    assert "sso / QU, version 1 : le contenu n'est plus celui qui a été validé" in entry.err(
        "saisie", "verifier"
    )


def test_slippage_is_computed_on_plain_files(entry: Entry, tmp_path: Path) -> None:
    plans, reached = tmp_path / "p.csv", tmp_path / "r.csv"
    late = [0, 0, 0, 1, 1, 2, 4]
    quarters = ["2025-T1", "2025-T2", "2025-T3", "2025-T4", "2026-T1"]
    opened = ["2026-T1", "2025-T4", "2025-T3"]
    plans.write_text(
        "etape,q0\n"
        + "".join(f"e{rank},2025-T1\n" for rank in range(7))
        + "".join(f"o{rank},{quarter}\n" for rank, quarter in enumerate(opened)),
        encoding="utf-8",
    )
    reached.write_text(
        "etape,q0,r\n" + "".join(f"e{rank},2025-T1,{quarters[one]}\n" for rank, one in enumerate(late)),
        encoding="utf-8",
    )
    asked = ["saisie", "retards", "--plans", str(plans), "--atteintes", str(reached), "--au", "2026-T2"]
    found = entry.table(*asked)
    assert found == [
        {
            "axe": "", "region": "", "planifiees": "10", "atteintes": "7", "ouvertes": "3",
            "p50_trimestres": "1", "p80_trimestres": "4",
        }
    ]  # fmt: skip
    plans.write_text("etape,q0\ne1,2025\n", encoding="utf-8")
    assert "étape e1, colonne q0 : « 2025 » n'est pas un trimestre" in entry.err(*asked)


# -- workbooks ---------------------------------------------------------------------------------------


def rewritten(path: Path, changes: dict[str, object]) -> None:
    """A workbook with other cells, as a spreadsheet saves it again."""
    book = CalamineWorkbook.from_path(str(path))
    with Workbook(str(path)) as new:
        for name in book.sheet_names:
            sheet = new.add_worksheet(name)
            held = {
                f"{name}!{chr(65 + rank)}{line}": value
                for line, row in enumerate(book.get_sheet_by_name(name).to_python(), start=1)
                for rank, value in enumerate(row)
            }
            for cell, value in (held | changes).items():
                if not cell.startswith(f"{name}!"):
                    continue
                if isinstance(value, str) and value.startswith("="):
                    sheet.write_formula(cell.partition("!")[2], value)
                else:
                    sheet.write(cell.partition("!")[2], value)


def test_a_workbook_goes_there_and_back(entry: Entry) -> None:
    entry.load()
    path = entry.folder / "classeur.xlsx"

    def back(*more: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(
            entry.obs("saisie", "importer", str(path), "--format", "json", *more)
        )
        return found

    entry.obs("saisie", "exporter", "--classeur", str(path), "--service", "sso")
    assert back() == {"inchanges": 24, "modifies": 0, "conflits": [], "refuses": []}
    lines = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("QU").to_python()
    at = {row[2]: number for number, row in enumerate(lines, start=1)}
    rewritten(
        path,
        {
            f"QU!F{at['A05.1']}": "2,0",
            f"QU!F{at['A05.2']}": "EFFACER",
            f"QU!F{at['A06.2']}": "0",
            f"QU!F{at['A12.1']}": "=1+1",
            f"QU!I{at['A14.1']}": "0123 <b>",
        },
    )
    filled = path.read_bytes()
    dry = back("--essai")
    assert (dry["inchanges"], dry["modifies"]) == (19, 3)
    refused = {one["cellule"]: one["raison"] for one in dry["refuses"]}  # type: ignore[attr-defined]
    assert refused == {
        f"QU!F{at['A06.2']}": "niveau que le critère n'a pas : 0 pour A06.2",
        f"QU!F{at['A12.1']}": "une formule : écrivez la valeur",
    }
    assert back()["modifies"] == 3
    store = open_store(Settings(store=entry.store))
    sso = services.de_code(store, "sso")["id"]
    kept = feuilles.reponses(store, sso, "QU")
    assert (kept["A05.1"]["niveau"], kept["A05.2"]["nature"]) == (2, "vide")
    assert kept["A14.1"]["commentaire"] == "0123 <b>"
    # An emptied cell says nothing, even beside one that is filled; EFFACER clears a comment.
    feuilles.commenter(
        store, sso, "QU", "A14.1", interne="'=1", public="Pour tous", rev=kept["A14.1"]["rev_c"], par=None
    )
    for cells, said in (({"I": "", "J": "Bien"}, ("'=1", "Bien")), ({"I": "EFFACER"}, ("", "Bien"))):
        entry.obs("saisie", "exporter", "--classeur", str(path), "--service", "sso")
        rewritten(path, {f"QU!{column}{at['A14.1']}": text for column, text in cells.items()})
        assert back()["modifies"] == 1
        kept = feuilles.reponses(store, sso, "QU")
        assert (kept["A14.1"]["commentaire"], kept["A14.1"]["commentaire_public"]) == said
    path.write_bytes(filled)
    # The same file again, over what somebody answered meanwhile: told, not overwritten.
    feuilles.repondre(store, sso, "QU", "A05.1", Reponse("niveau", niveau=3), rev=2, par=None)
    store.close()
    conflicts = [one["cellule"] for one in back()["conflits"]]  # type: ignore[attr-defined]
    assert f"QU!F{at['A05.1']}" in conflicts
    assert "ne peut pas être lu : un fichier manque." in entry.err(
        "saisie", "importer", str(path.with_name("absent.xlsx"))
    )
    nowhere = str(entry.folder / "nulle-part" / "x.xlsx")
    assert "ne peut pas être écrit : le dossier n'existe pas." in entry.err(
        "saisie", "exporter", "--classeur", nowhere
    )
    assert "ne peut pas être lu : un fichier manque." in entry.err(
        "saisie", "retards", "--plans", "absent.csv"
    )
    path.write_bytes(b"rien")
    assert "n'est pas un classeur" in entry.err("saisie", "importer", str(path))


# -- referential -------------------------------------------------------------------------------------


def written(folder: Path, **files: str) -> str:
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return str(folder)


NEW = {
    "referentiel": (
        "questionnaire,libelle_questionnaire,sujet,axe,critere,libelle_critere,niveau_attendu,type_reponse,unite,diffusion\n"
        + "".join(
            f"QS,Sécurité,service,S0{axe},S0{axe}.{rank},Critère de sécurité {axe}{rank},2,,,restreinte\n"
            for axe in (1, 2, 3)
            for rank in (1, 2, 3)
        )
        + "QE,Éthique,service,E01,E01.1,Une charte éthique existe,3,,,\n"
        + "QUS,Usage,service,U01,U01.1,Utilisateurs actifs,0,nombre,personnes par mois,\n"
        + "QUS,Usage,service,U01,U01.2,Première mise en service,0,date,,\n"
    ),
    "niveaux": (
        "critere,niveau,libelle_niveau\n"
        + "".join(
            f"S0{axe}.{rank},{level},Palier {level}\n"
            for axe in (1, 2, 3)
            for rank in (1, 2, 3)
            for level in range(4)
        )
        + "E01.1,0,Non\nE01.1,3,Oui\n"
    ),
    "fiches": "objet,code,champ,texte,url\ncritere,S01.1,lien,Guide,https://example.org/guide\n",
}


def test_three_questionnaires_come_in_by_files_only(entry: Entry) -> None:
    entry.load()
    before = {row["questionnaire"] for row in entry.table("saisie", "etat")}
    assert before == {"QU", "QI"}
    folder = written(entry.folder / "ref", **NEW)
    dry = entry.obs("referentiel", "importer", folder, "--essai")
    assert "ajouté S01.1 : Critère de sécurité 11" in dry
    assert len(entry.table("referentiel", "liste")) == 1
    entry.obs("referentiel", "importer", folder, "--version", "2026-securite")
    assert [row["version"] for row in entry.table("referentiel", "liste")] == ["2020-12-15", "2026-securite"]
    state = {(r["service"], r["questionnaire"]): int(r["visibles"]) for r in entry.table("saisie", "etat")}
    assert [state["sso", name] for name in ("QU", "QI", "QS", "QE", "QUS")] == [16, 8, 9, 1, 2]
    answers = entry.folder / "plus.csv"
    answers.write_text("service,critere,niveau\nsso,S01.1,1\nsso,E01.1,3\n", encoding="utf-8")
    entry.obs("saisie", "charger", "--services", str(entry.files["services"]), "--reponses", str(answers))
    entry.obs("saisie", "valider", "--tout")
    entry.obs("saisie", "publier")
    assert rates(entry, "en-cours") == pytest.approx({"QE": 100.0, "QS": 50.0, "QU": 65.625})
    path = entry.folder / "classeur.xlsx"
    entry.obs("saisie", "exporter", "--classeur", str(path), "--service", "sso")
    assert CalamineWorkbook.from_path(str(path)).sheet_names == ["QU", "QI", "QS", "QE", "QUS"]


def test_a_criterion_added_by_file_lowers_completion_only(entry: Entry) -> None:
    entry.load()
    text = (
        "questionnaire,axe,critere,libelle_critere,niveau_attendu\nQU,A07,A07.1,Espace numérique de santé,1\n"
    )
    levels = "critere,niveau,libelle_niveau\nA07.1,0,Non\nA07.1,1,Oui\n"
    entry.obs("referentiel", "importer", written(entry.folder / "ref", referentiel=text, niveaux=levels))
    state = {(r["service"], r["questionnaire"]): r for r in entry.table("saisie", "etat")}
    assert (state["sso", "QU"]["visibles"], state["sso", "QU"]["saisis"]) == ("17", "2")


@pytest.fixture(scope="module")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Entry:
    """An entry where nothing is but the referential: what is refused leaves it as it was."""
    found = Entry(tmp_path_factory.mktemp("referentiel"))
    found.table("referentiel", "liste")
    return found


def test_a_code_never_changes_its_meaning(lone: Entry) -> None:
    head = "questionnaire,axe,critere,libelle_critere,niveau_attendu\n"
    folder = lone.folder / "ref"
    wrong = written(folder, referentiel=head + "QU,A05,A05.1,Nombre de lits du service,2\n")
    told = lone.err("referentiel", "importer", wrong)
    assert "critère A05.1 : le code changerait de sens" in told
    # Reworded, it is the same; given to another by a correspondence, it may.
    same = written(folder, referentiel=head + "QU,A05,A05.1,Authentification des acteurs de la santé,2\n")
    assert "reformulé A05.1" in lone.obs("referentiel", "importer", same, "--essai")
    linked = written(
        folder,
        referentiel=head + "QU,A05,A05.1,Nombre de lits du service,2\n",
        correspondances="critere_avant,critere,certitude\nA05.1,A05.2,a_revoir\n",
    )
    assert "reformulé A05.1" in lone.obs("referentiel", "importer", linked, "--essai")
    gone = written(folder, correspondances="critere_avant,critere\nA05.1,A05.2\n")
    assert "retiré A05.1" in lone.obs("referentiel", "importer", gone, "--essai")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"referentiel": "questionnaire,axe,critere,niveau_attendu,poids\nQU,A07,A07.1,1,0\n"},
            "poids : valeur trop petite",
        ),
        (
            {"referentiel": "questionnaire,axe,critere,niveau_attendu\nQU,A07,A07.1,deux\n"},
            "ligne 2, colonne",
        ),
        (
            {"referentiel": "questionnaire,axe,critere,niveau_attendu\nQU,A07,A07.1,1\n"},
            "A07.1 n'a aucun niveau",
        ),
        ({"niveaux": "critere,niveau,libelle_niveau\nZ1,0,Rien\n"}, "Z1 n'est pas au référentiel"),
        (
            {"fiches": "objet,code,niveau,champ,texte\nniveau,A06.2,0,sens,Rien\n"},
            "un texte pour le niveau 0 du critère A06.2, qu'il n'a pas",
        ),
        (
            {"fiches": "objet,code,champ,texte,url\ncritere,A05.1,lien,x,http://ex.org\n"},
            "url : forme inattendue",
        ),
        (
            {"questions": "question,libelle\nrien,Et alors ?\n"},
            "« rien » ne montre ni ne cache aucun critère",
        ),
        ({"autre": "a\n"}, "Aucun fichier du référentiel"),
    ],
)
def test_a_referential_that_cannot_be_is_refused_in_words(
    lone: Entry, files: dict[str, str], said: str
) -> None:
    assert said in lone.err("referentiel", "importer", written(lone.folder / "ref", **files))
    assert len(lone.table("referentiel", "liste")) == 1


def test_a_published_version_is_never_rewritten(lone: Entry) -> None:
    text = "questionnaire,axe,critere,niveau_attendu\nQU,A05,A05.1,3\n"
    folder = written(lone.folder / "ref", referentiel=text)
    told = lone.err("referentiel", "importer", folder, "--version", "2020-12-15")
    assert "déjà publiée avec un autre contenu" in told


def test_an_account_loads_its_region_only_and_answers_for_what_it_creates(entry: Entry) -> None:
    for email, region in (("anne@ex.fr", "44"), ("paul@ex.fr", "11")):
        entry.obs("user", "add", email, "--role", "grades_ars", "--nom", "N", "--prenom", "P", "--organisation", "O",
                  "--region", region)  # fmt: skip
    engine = sa.create_engine(entry.store)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE comptes SET etat = 'actif'")
    engine.dispose()
    given = [part for name, path in entry.files.items() for part in (f"--{name}", str(path))]
    done = called(
        "saisie", "charger", *given, "--utilisateur", "anne@ex.fr", lake=entry.lake, store=entry.store
    )
    assert "2 service(s), 5 réponse(s) et 3 étape(s)" in done.stdout
    assert "service dcc : hors de vos habilitations" in done.stderr
    assert {row["service"] for row in entry.table("saisie", "etat", "--utilisateur", "anne@ex.fr")} == {
        "sso",
        "telec",
    }
    assert entry.table("saisie", "etat", "--utilisateur", "paul@ex.fr") == []
    assert "hors de vos habilitations" in entry.err(
        "saisie", "valider", "--tout", "--utilisateur", "paul@ex.fr"
    )
    entry.obs(
        "saisie", "habiliter", "--service", "sso", "--utilisateur", "paul@ex.fr", "--role", "validateur"
    )
    # A grant does not reach over the account's own region.
    assert "hors de vos habilitations" in entry.err(
        "saisie", "valider", "--tout", "--utilisateur", "paul@ex.fr"
    )
    assert "Feuilles validées : 4." in entry.obs("saisie", "valider", "--tout", "--utilisateur", "anne@ex.fr")
    assert "Aucun compte" in entry.err("saisie", "etat", "--utilisateur", "personne@ex.fr")


def test_a_change_of_referential_translates_what_is_sure_and_asks_to_see_the_rest_again(entry: Entry) -> None:
    entry.load()
    entry.obs("saisie", "valider", "--tout")
    entry.obs("saisie", "publier")
    store = open_store(Settings(store=entry.store))
    sso = services.de_code(store, "sso")
    claire = accounts.create(
        store, email="claire@ex.fr", nom="C", prenom="A", organisation="GRADeS", profil="grades_ars",
        droits=Droits(frozenset({"convergence"}), regions=frozenset({sso["region"]})),
    )  # fmt: skip
    acteurs.donner(store, claire.id, sso["id"], "responsable_service", par=None)
    # A05.2 joins A05.1 (the lower of both); A11.1 is reworked, and only its lowest level is sure.
    folder = written(
        entry.folder / "ref",
        correspondances="critere_avant,niveau_avant,critere,niveau,certitude\nA05.2,,A05.1,,sure\nA11.1,0,A11.1,0,sure\n",
    )
    told = entry.obs("referentiel", "importer", folder, "--version", "2026-fusion")
    assert "retiré A05.2" in told
    before = {"sso": {"A05.1": 1, "A05.2": 3}, "dcc": {"A05.1": 0}}
    for code, expected in before.items():
        kept = feuilles.reponses(store, services.de_code(store, code)["id"], "QU")
        assert {one: kept[one]["niveau"] for one in expected} == expected, "nothing typed is erased"
    drafted = feuilles.reponses(store, sso["id"], "QU")["A05.1"]
    assert (drafted["niveau"], drafted["origine"], drafted["confirmee"]) == (1, "correspondance", False)
    # Told once, however often it is asked again.
    entry.obs("saisie", "publier")
    assert [one["titre"] for one in avis.non_lus(store, claire.id)] == [
        "Le référentiel a changé (version 2026-fusion) : parmi vos réponses, 1 à revoir."
    ]
    entry.obs("saisie", "publier")
    assert len(avis.non_lus(store, claire.id)) == 1
    store.close()
    live = entry.rows(REPONSES)
    assert "A05.2" not in live["critere"].to_list()
    assert dict(live.filter(pl.col("service") == "sso").select("critere", "niveau").iter_rows()) == {
        "A05.1": 1
    }
    # A validated level that nothing takes up for sure stops counting.
    assert "A11.1" not in live.filter(pl.col("niveau") > 0)["critere"].to_list()
    # What was validated stays as it was, sealed.
    assert "versions vérifiées" in entry.obs("saisie", "verifier")
