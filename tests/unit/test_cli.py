"""The command line: what it prints, writes and refuses."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from apps.cli import obs, report_text
from ingest.report import RunReport
from ingest.run import Request, run
from lake.catalog.annuaire import ACTIVITES
from lake.catalog.journal import REJETS
from lake.catalog.territoires import EPCI
from lake.errors import BudgetExceeded, MissingTable
from lake.settings import Settings
from lake.tables import Lake
from tests.conftest import S3Server
from tests.sample import JANVIER, Visites, write_file
from tests.sample_annuaire import frames, publish_all

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake that holds the small directory, for commands that only read."""
    settings = Settings(lake=str(tmp_path_factory.mktemp("lac")))
    publish_all(Lake(settings))
    return settings


def call(*words: str, lake: str) -> Result:
    return CliRunner().invoke(obs, list(words), env={"OBS_LAKE": lake})


def process(*words: str, lake: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "apps.cli", *words],
        cwd=ROOT,
        env={**os.environ, "OBS_LAKE": lake, **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )


def query(served: Settings, *words: str, form: str = "csv") -> str:
    result = call("query", "annuaire", *words, "--format", form, lake=served.lake)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_csv_is_written_as_promised(served: Settings) -> None:
    asked = ("--mesure", "professionnels,densite_pour_10000", "--par", "epci,siren_epci")
    assert query(served, *asked, "--filtre", "departement=67") == (
        "epci,siren_epci,professionnels,densite_pour_10000\n"
        "CC de l'Outre-Forêt,200067783,1,20.0\n"
        "Eurométropole de Strasbourg,246700488,2,0.06666666666666667\n"
        ",,1,\n"
    )


def test_csv_quotes_a_label_with_a_comma_and_filters_by_it(served: Settings) -> None:
    asked = ("--mesure", "professionnels", "--par", "specialite")
    wanted = 'specialite="Chirurgie générale, digestive"'
    assert query(served, *asked, "--filtre", wanted) == (
        'specialite,professionnels\n"Chirurgie générale, digestive",1\n'
    )
    assert query(served, *asked, "--filtre", f'{wanted},"Médecine générale"').count("\n") == 3
    assert query(served, *asked, "--filtre", wanted, "--filtre", "specialite=SM26").count("\n") == 3


def test_without_dimension_one_row_and_a_total_only_when_asked(served: Settings) -> None:
    assert query(served, "--mesure", "professionnels,sites") == "professionnels,sites\n6,5\n"
    by = ("--mesure", "professionnels", "--par", "code_departement")
    assert query(served, *by) == "code_departement,professionnels\n67,4\n68,2\n88,1\n"
    assert query(served, *by, "--total").endswith("88,1\n,6\n")


def test_measures_and_dimensions_may_be_repeated_or_listed(served: Settings) -> None:
    one = query(served, "--mesure", "sites, activites", "--par", "region,departement")
    other = query(
        served, "--mesure", "sites", "--mesure", "activites", "--par", "region", "--par", "departement"
    )
    assert one == other
    assert one.splitlines()[0] == "region,departement,sites,activites"


def test_json_and_parquet_hold_the_same_rows(served: Settings, tmp_path: Path) -> None:
    asked = ("--mesure", "professionnels,part_localises", "--par", "date_extraction,code_departement")
    assert json.loads(query(served, *asked, "--date", "2025-01-14", form="json"))[1] == {
        "date_extraction": "2025-01-14",
        "code_departement": "68",
        "professionnels": 2,
        "part_localises": 0.0,
    }
    file = tmp_path / "resultat.parquet"
    query(served, *asked, "--sortie", str(file), form="parquet")
    read = pl.read_parquet(file)
    assert read.schema["date_extraction"] == pl.Date
    assert read.height == 6
    piped = call("query", "annuaire", *asked, "--format", "parquet", lake=served.lake)
    assert pl.read_parquet(io.BytesIO(piped.stdout_bytes)).equals(read)


def test_the_table_for_people_is_aligned_and_french(served: Settings) -> None:
    printed = query(
        served, "--mesure", "activites,densite_pour_10000", "--par", "departement", "--complet", form="table"
    )
    assert printed.splitlines() == [
        "departement  activites  densite_pour_10000",
        "───────────  ─────────  ──────────────────",
        "Bas-Rhin             5               0,133",
        "Haut-Rhin            2               6,667",
        "Vosges               1             125,000",
    ]


def test_csv_is_utf8_without_bom_whatever_the_terminal(served: Settings) -> None:
    done = process(
        "query", "annuaire", "--mesure", "professionnels", "--par", "epci", "--format", "csv",
        lake=served.lake, PYTHONIOENCODING="latin-1", LC_ALL="C",
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.startswith(b"epci,professionnels\n")
    assert "Eurométropole" in done.stdout.decode("utf-8")
    assert b"\r" not in done.stdout


SITES = ["query", "annuaire", "--mesure", "sites"]
REFUSED = [
    (["query", "anuaire", "--mesure", "x"], 1, "univers) : « anuaire ». Vouliez-vous dire : annuaire ?"),
    (["query", "annuaire", "--mesure", "professionels"], 1, "Vouliez-vous dire : professionnels"),
    ([*SITES, "--par", "departemnt"], 1, "« departemnt »"),
    ([*SITES, "--filtre", "epci"], 1, "Filtre illisible : « epci »"),
    ([*SITES, "--filtre", "commune=Buhl"], 1, "67071, 68058"),
    ([*SITES, "--date", "2025-01-15"], 1, "2025-01-14"),
    ([*SITES, "--du", "2024-01-01"], 1, "Choisissez une date (--date)"),
    ([*SITES, "--date", "2025-01-14", "--au", "2025-01-14"], 1, "ne se combine pas"),
    ([*SITES, "--par", "profession", "--complet"], 1, "une seule dimension parmi"),
    ([*SITES, "--utilisateur", "a@b.fr"], 1, "Aucun compte « a@b.fr »"),
    ([*SITES, "--sortie", "/dossier/absent/x.csv"], 1, "/dossier/absent/x.csv"),
    ([*SITES, "--date", "14/01/2025"], 2, "n'est pas une date AAAA-MM-JJ"),
    ([*SITES, "--format", "pdf"], 2, "'pdf' n'est pas parmi"),
    (["query", "annuaire"], 2, "Option manquante '--mesure'"),
    (["requete"], 2, "La commande 'requete' n'existe pas."),
    (["serve", "cartes"], 1, "Nom inconnu (application)"),
    (["ingest", "annuair"], 1, "Vouliez-vous dire : annuaire ?"),
    (["lake", "history", "annuaire__activite"], 1, "Vouliez-vous dire : annuaire__activites"),
    (["lake", "history", "ban__adresses"], 1, "jamais été publiée"),
    (["lake", "restore", "annuaire__activites", "7"], 1, "La version 7 de annuaire__activites n'existe pas"),
    (["lake", "executions"], 1, "Aucune ingestion n'a encore eu lieu"),
    (["lake", "vacuum", "--jours", "-1"], 2, "n'est pas dans l'intervalle"),
]


@pytest.mark.parametrize(("words", "code", "message"), REFUSED, ids=[" ".join(case[0]) for case in REFUSED])
def test_a_refusal_is_one_french_line(served: Settings, words: list[str], code: int, message: str) -> None:
    result = call(*words, lake=served.lake)
    assert result.exit_code == code
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("Erreur : ")
    assert message in result.stderr


def test_debug_shows_the_traceback_wherever_it_stands(tmp_path: Path) -> None:
    asked = ("query", "annuaire", "--mesure", "professionnels")
    lake = str(tmp_path / "vide")
    plain = process(*asked, lake=lake)
    assert plain.returncode == 1
    assert plain.stdout == b""
    assert plain.stderr.decode().startswith("Erreur : La table annuaire__activites n'a jamais été publiée")
    assert b"Traceback" not in plain.stderr
    shown = process(*asked, "--debug", lake=lake)
    assert shown.returncode == 1
    assert b"Traceback" in shown.stderr
    assert b"MissingTable" in shown.stderr
    first = call("--debug", *asked, lake=lake)
    assert isinstance(first.exception, MissingTable)


def test_an_unexpected_error_is_one_line_too(served: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError("panne\nsur deux lignes")

    monkeypatch.setattr("apps.commands.query.answer", broken)
    result = call("query", "annuaire", "--mesure", "sites", lake=served.lake)
    assert result.exit_code == 1
    assert result.stderr == (
        "Erreur inattendue : ZeroDivisionError (panne sur deux lignes). "
        "Relancez avec --debug pour la trace technique.\n"
    )


def test_a_setting_that_cannot_be_is_named(served: Settings) -> None:
    result = CliRunner().invoke(
        obs, ["lake", "tables"], env={"OBS_LAKE": served.lake, "OBS_REGION": "alsace"}
    )
    assert result.exit_code == 1
    assert "OBS_REGION vaut « alsace »" in result.stderr


def test_univers_lists_measures_and_dimensions() -> None:
    printed = call("univers", lake="x").stdout
    assert "densite_pour_10000 : Professionnels distincts" in printed
    assert "epci, siren_epci : EPCI" in printed
    assert call("univers", "annuaire", lake="x").stdout in printed


# -- obs lake ----------------------------------------------------------------------------------------


def test_lake_tables_says_versions_rows_and_freshness(lake: Lake) -> None:
    publish_all(lake)
    lake.publish(EPCI, frames()[EPCI.name].head(2))
    rows = json.loads(call("lake", "tables", "--format", "json", lake=lake.settings.lake).stdout)
    by_name = {row["table"]: row for row in rows}
    assert by_name["annuaire__activites"]["lignes"] == 15
    # published today, and an extraction of long ago: the promise is about the data
    assert re.fullmatch(r"en retard de [\d\u202f]+ j", by_name["annuaire__activites"]["fraicheur"])
    assert (by_name["territoires__epci"]["version"], by_name["territoires__epci"]["lignes"]) == (1, 2)
    assert by_name["territoires__epci"]["fraicheur"] == "sans échéance"
    assert by_name["ban__adresses"]["fraicheur"] == "jamais publiée"


def test_lake_history_and_restore(lake: Lake) -> None:
    publish_all(lake)
    lake.publish(EPCI, frames()[EPCI.name].head(2))
    restored = call("lake", "restore", "territoires__epci", "0", lake=lake.settings.lake)
    assert restored.stdout == "territoires__epci : version 0 rétablie (c'est la version 2).\n"
    assert lake.scan(EPCI).collect().height == 4
    again = call("lake", "restore", "territoires__epci", "2", lake=lake.settings.lake)
    assert (
        again.stdout
        == "territoires__epci : la version 2 est déjà celle que lisent les pages, rien à faire.\n"
    )
    history = call("lake", "history", "territoires__epci", "--format", "csv", lake=lake.settings.lake).stdout
    lines = history.splitlines()
    assert lines[0] == "version,publiee_le_utc,operation,lignes_ecrites,execution"
    assert [line.split(",")[0] for line in lines[1:]] == ["2", "1", "0"]


def test_lake_vacuum_tells_then_erases(lake: Lake) -> None:
    publish_all(lake)
    lake.publish(EPCI, frames()[EPCI.name].head(2))
    words = ("lake", "vacuum", "territoires__epci", "--jours", "0")
    assert (
        call(*words, "--essai", lake=lake.settings.lake).stdout == "territoires__epci : 1 fichier à effacer\n"
    )
    assert call(*words, lake=lake.settings.lake).stdout == "territoires__epci : 1 fichier effacé\n"
    assert call(*words, lake=lake.settings.lake).stdout == "territoires__epci : 0 fichier effacé\n"


def test_lake_compacter_counts_the_files_before_and_after(lake: Lake) -> None:
    publish_all(lake)
    lake.publish(EPCI, frames()[EPCI.name].head(2), append=True)
    words = ("lake", "compacter", "territoires__epci")
    assert call(*words, "--essai", lake=lake.settings.lake).stdout == "territoires__epci : 2 fichiers\n"
    assert call(*words, lake=lake.settings.lake).stdout == "territoires__epci : 2 fichiers avant, 1 après\n"
    assert lake.scan(EPCI).collect().height == frames()[EPCI.name].height + 2


def test_lake_check_finds_what_breaks_the_contract(lake: Lake) -> None:
    publish_all(lake)
    where = lake.settings.lake
    sound = call("lake", "check", lake=where)
    assert sound.exit_code == 0
    assert "ok annuaire__activites : 15 lignes conformes, en retard de " in sound.stdout
    fresh = call("lake", "check", "--fraiches", lake=where)
    assert fresh.exit_code == 1
    assert "1 promesse de fraîcheur dépassée : annuaire__activites." in fresh.stderr
    assert "—  ban__adresses : jamais publiée" in sound.stdout
    twice = frames()[EPCI.name]
    lake.publish(EPCI, pl.concat([twice, twice.head(1)]))
    broken = call("lake", "check", "territoires__epci", lake=where)
    assert broken.exit_code == 1
    assert broken.stdout == "KO territoires__epci : 2 lignes hors contrat (clé en double (siren_epci))\n"
    assert broken.stderr.startswith("Erreur : 1 contrôle en échec.")
    next(Path(lake.uri(ACTIVITES)).rglob("*.parquet")).unlink()
    lost = call("lake", "check", "annuaire__activites", lake=where)
    assert lost.exit_code == 1
    assert re.search(
        r"KO annuaire__activites : abîmée, le fichier tables/annuaire__activites/\S+\.parquet manque\. "
        r"Recopiez ce fichier depuis une sauvegarde",
        lost.stdout,
    )


def test_lake_check_course_keeps_every_concurrent_write(any_lake: Lake, s3_server: S3Server) -> None:
    aws = any_lake.settings.s3 and s3_server.aws()
    result = CliRunner().invoke(
        obs, ["lake", "check", "--course", "ban__adresses"], env={"OBS_LAKE": any_lake.settings.lake, **aws}
    )
    assert result.exit_code == 0, result.output
    assert "ok écritures simultanées : 16 conservées sur 16" in result.stdout


def test_rejected_lines_and_runs_read_back(lake: Lake, tmp_path: Path) -> None:
    where = lake.settings.lake
    assert call("lake", "rejets", "--format", "csv", lake=where).stdout == ",".join(REJETS.columns) + "\n"
    first = write_file(tmp_path, JANVIER, ["67;Anne;a", "67;Anne;b", "67;Zoé", "67;Luc;d"])
    report = run(Visites(), Request(files=(first,)), lake.settings)
    with pytest.raises(BudgetExceeded):
        run(Visites(), Request(files=(write_file(tmp_path, JANVIER, ["67"], name="pire"),)), lake.settings)
    last = call("lake", "rejets", "--source", "essai", "--format", "csv", lake=where).stdout.splitlines()
    assert len(last) == 2
    assert last[1].endswith("pire_20250114.csv,2,1 champs au lieu de 3,67")
    earlier = call("lake", "rejets", "--execution", report.execution, "--format", "csv", lake=where).stdout
    assert earlier.splitlines()[1].endswith("visites_20250114.csv,4,2 champs au lieu de 3,67;Zoé")
    runs = json.loads(call("lake", "executions", "--source", "essai", "--format", "json", lake=where).stdout)
    assert [one["statut"] for one in runs] == ["refusee", "publiee"]
    told = call("lake", "executions", "--rapport", report.execution, lake=where).stdout
    assert json.loads(told) == json.loads(report.to_json())
    unknown = call("lake", "executions", "--rapport", "zzz", lake=where)
    assert (unknown.exit_code, unknown.stderr) == (
        1,
        "Erreur : Aucune exécution « zzz ». Voyez obs lake executions.\n",
    )


# -- obs ingest --------------------------------------------------------------------------------------


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Visites:
    """The suite's own source, found by name as the official ones are."""
    visites = Visites()
    monkeypatch.setattr("ingest.sources.source", lambda _name: visites)
    return visites


@pytest.mark.usefixtures("source")
def test_ingest_prints_the_report(lake: Lake, tmp_path: Path) -> None:
    lines = ["67;Anne;a", "67;Anne;b", "67;Anne;b", "99;Eve;c", "67;Zoé", "67;Luc;d"]
    file = write_file(tmp_path, JANVIER, lines)
    result = call("ingest", "essai", str(file), lake=lake.settings.lake)
    assert result.exit_code == 0, result.output
    printed = result.stdout.splitlines()
    assert printed[0].startswith("Source essai du 14/01/2025 : publiée en ")
    assert (
        "  essai__visites (version 0) : 6 lues = 3 publiées + 1 doublons + 1 hors région + 1 rejetées"
        in printed
    )
    assert "  rejet : 1 × 2 champs au lieu de 3" in printed
    assert "  attention : Colonne facultative absente." in printed
    assert "SHA-256 " in printed[1]
    again = call("ingest", "essai", str(file), lake=lake.settings.lake)
    assert "déjà publiée" in again.stdout
    assert "rien à faire" in again.stdout


@pytest.mark.usefixtures("source")
def test_ingest_report_for_machines_is_json_alone(lake: Lake, tmp_path: Path) -> None:
    file = write_file(tmp_path, JANVIER, ["67;Anne;a", "99;Eve;c"])
    result = call("ingest", "essai", str(file), "--rapport", "json", lake=lake.settings.lake)
    report = json.loads(result.stdout)
    assert result.stderr == ""
    assert (report["lues"], report["publiees"], report["hors_region"]) == (2, 1, 1)
    france = call(
        "ingest", "essai", str(file), "--region", "france", "--rapport", "json", lake=lake.settings.lake
    )
    assert json.loads(france.stdout)["publiees"] == 2


@pytest.mark.usefixtures("source")
def test_ingest_refusals(lake: Lake, tmp_path: Path) -> None:
    where = lake.settings.lake
    file = write_file(tmp_path, JANVIER, ["67;Anne;a", "67;Zoé"])
    over = call("ingest", "essai", str(file), lake=where)
    assert over.exit_code == 1
    assert "au-delà du budget de 25 %" in over.stderr.splitlines()[-1]
    assert call("ingest", "essai", str(file), "--budget", "50", lake=where).exit_code == 0
    other = call("ingest", "essai", str(file), "--date", "2025-02-01", lake=where)
    assert other.exit_code == 1
    assert other.stderr.splitlines()[-1].startswith("Erreur : Les fichiers portent la date du 14/01/2025")
    assert call("ingest", "essai", str(file), "--forcer", "--budget", "50", lake=where).exit_code == 0


def test_the_report_for_people_writes_french_numbers() -> None:
    report = RunReport("x1", "ban", "publiee", datetime(2025, 1, 14, tzinfo=UTC), duree_s=12.5)
    report.chiffres = {"Adresses": 1234567, "Part": 0.5}
    text = report_text(report)
    assert "publiée en 12,500 s (x1)" in text
    assert "Adresses : 1\u202f234\u202f567" in text


def test_a_name_asked_twice_is_one_column(served: Settings) -> None:
    once = query(served, "--mesure", "professionnels", "--par", "departement")
    words = ["--mesure", "professionnels,professionnels", "--par", "departement", "--par", "departement"]
    assert query(served, *words) == once
    assert once.splitlines()[0] == "departement,professionnels"


def test_a_folder_in_the_place_of_a_file_is_told(lake: Lake, tmp_path: Path) -> None:
    result = call("ingest", "annuaire", str(tmp_path), lake=lake.settings.lake)
    assert result.exit_code == 1
    assert f"Erreur : {tmp_path} est un dossier. Donnez les fichiers qu'il contient." in result.stderr


def test_a_lake_on_a_file_and_a_missing_output_folder_are_told_in_french(
    served: Settings, tmp_path: Path
) -> None:
    (tmp_path / "lac").write_text("")
    result = call("ingest", "territoires", lake=str(tmp_path / "lac"))
    assert result.exit_code == 1
    assert "OBS_LAKE désigne un fichier, pas un dossier" in result.stderr
    target = tmp_path / "absent" / "x.csv"
    words = ["query", "annuaire", "--mesure", "sites", "--format", "csv", "--sortie", str(target)]
    refused = call(*words, lake=served.lake)
    assert refused.exit_code == 1
    assert refused.stderr == f"Erreur : Écriture ou lecture impossible : {target} (un fichier manque).\n"
