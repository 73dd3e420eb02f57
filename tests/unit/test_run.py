"""The sequence of an ingestion, driven by a real small source reading real files."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ingest.report import RunReport
from ingest.run import Request, run
from lake.catalog.journal import EXECUTIONS, REJETS
from lake.errors import (
    BudgetExceeded,
    ContractError,
    LakeError,
    MissingTable,
    PublishConflict,
    SourceUnavailable,
)
from lake.objects import open_objects
from lake.settings import Settings
from lake.tables import Lake
from tests.sample import FEVRIER, JANVIER, PERSONNES, VISITES, Visites, write_file

GOOD = ["67;Anne;a", "01;Bob;b", "67;Anne;c"]


def ingest(settings: Settings, *files: Path, source: Visites | None = None, **options: object) -> RunReport:
    return run(source or Visites(), Request(files=files, **options), settings)  # type: ignore[arg-type]


def notes(lake: Lake) -> list[str | None]:
    return lake.scan(VISITES).sort("date_extraction", "ligne").collect()["note"].to_list()


def journal(lake: Lake) -> pl.DataFrame:
    return lake.scan(EXECUTIONS).sort("debut").collect()


def rejects(lake: Lake) -> list[tuple[object, ...]]:
    return lake.scan(REJETS).select("fichier", "ligne", "motif", "contenu").sort("ligne").collect().rows()


def test_the_report_closes_and_carries_the_promised_names(any_lake: Lake, tmp_path: Path) -> None:
    lines = [*GOOD, "67;Anne;c", "99;Eve;d", "67;Zoé"]
    report = ingest(any_lake.settings, write_file(tmp_path, JANVIER, lines))
    assert report.statut == "publiee"
    assert report.date == JANVIER
    said = json.loads(report.to_json())
    counts = {name: said[name] for name in ("lues", "publiees", "doublons", "hors_region", "rejetees")}
    assert counts == {"lues": 6, "publiees": 3, "doublons": 1, "hors_region": 1, "rejetees": 1}
    assert said["rejets"] == {"2 champs au lieu de 3": 1}
    assert said["tables"] == [
        {"table": "essai__visites", **counts, "version": 0},
    ]
    assert said["date"] == "2025-01-14"
    assert said["chiffres"] == {"Personnes": 2}
    assert said["avertissements"] == ["Colonne facultative absente."]
    assert set(said["durees"]) == {"lecture", "archivage", "analyse", "publication"}
    assert notes(any_lake) == ["a", "b", "c"]
    assert any_lake.scan(PERSONNES).collect()["personne"].sort().to_list() == ["Anne", "Bob"]
    assert rejects(any_lake) == [("visites_20250114.csv", 7, "2 champs au lieu de 3", "67;Zoé")]
    kept = journal(any_lake)
    assert kept["execution"].to_list() == [report.execution]
    assert json.loads(kept["rapport"].item())["publiees"] == 3
    assert any_lake.history(VISITES)[0].info["execution"] == report.execution


def test_the_file_is_archived_untouched_under_its_fingerprint(any_lake: Lake, tmp_path: Path) -> None:
    path = write_file(tmp_path, JANVIER, GOOD)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))  # bytes, not text
    report = ingest(any_lake.settings, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    key = f"raw/essai/2025-01-14-{digest}/visites_20250114.csv"
    objects = open_objects(any_lake.settings)
    assert objects.list("raw") == [key]
    copy = tmp_path / "copie.csv"
    objects.get(key, copy)
    assert copy.read_bytes() == path.read_bytes()
    assert report.fichiers == [
        {"fichier": "visites_20250114.csv", "octets": path.stat().st_size, "sha256": digest}
    ]


def test_contract_rejects_are_counted_and_read_back_as_written(lake: Lake, tmp_path: Path) -> None:
    path = write_file(tmp_path, JANVIER, [*GOOD, "xx;Eve;mauvais département"])
    report = ingest(lake.settings, path)
    assert (report.total("publiees"), report.total("rejetees"), report.total("lues")) == (3, 1, 4)
    assert report.rejets == {"code_departement : forme inattendue": 1}
    assert rejects(lake) == [
        (
            "visites_20250114.csv",
            5,
            "code_departement : forme inattendue",
            "xx;Eve;mauvais département",
        )
    ]
    assert notes(lake) == ["a", "b", "c"]


def test_above_the_budget_nothing_is_published_and_the_rejects_stay_readable(
    lake: Lake, tmp_path: Path
) -> None:
    ingest(lake.settings, write_file(tmp_path, JANVIER, GOOD))
    bad = write_file(tmp_path, JANVIER, ["67;Anne;z", "67;Zoé", "xx;Eve;e"], name="autre_visites")
    with pytest.raises(BudgetExceeded) as refused:
        ingest(lake.settings, bad)
    assert str(refused.value) == (
        "2 lignes rejetées sur 3 (66,67 %) pour essai__visites, au-delà du budget de 25 % ; "
        "motif principal : 2 champs au lieu de 3. "
        "Rien n'est publié. Lignes rejetées : obs lake rejets --source essai."
    )
    assert notes(lake) == ["a", "b", "c"]
    assert lake.version(VISITES) == 0
    assert journal(lake)["statut"].to_list() == ["publiee", "refusee"]
    assert journal(lake)["message"][1] == str(refused.value)
    assert [row[1] for row in rejects(lake)] == [3, 4]
    report = ingest(lake.settings, bad, budget=0.7)  # the operator accepts it
    assert report.statut == "publiee"
    assert notes(lake) == ["z"]


def test_the_same_file_twice_changes_nothing(any_lake: Lake, tmp_path: Path) -> None:
    path = write_file(tmp_path, JANVIER, GOOD)
    ingest(any_lake.settings, path)
    versions = [any_lake.version(table) for table in (VISITES, PERSONNES, EXECUTIONS)]
    again = ingest(any_lake.settings, path)
    assert again.statut == "deja_publiee"
    assert again.message.startswith("Ces fichiers ont déjà été publiés le ")
    assert [any_lake.version(table) for table in (VISITES, PERSONNES, EXECUTIONS)] == versions
    assert ingest(any_lake.settings, path, force=True).statut == "publiee"


def test_what_makes_two_ingestions_differ(lake: Lake, tmp_path: Path) -> None:
    path = write_file(tmp_path, JANVIER, GOOD)
    lake.publish(PERSONNES, PERSONNES.empty())
    reference = replace(PERSONNES, name="essai__reference")
    source = Visites(depends=(reference,))
    source.tables = (VISITES,)
    assert ingest(lake.settings, path, source=source).statut == "publiee"
    assert ingest(lake.settings, path, source=source).statut == "deja_publiee"
    lake.publish(reference, reference.empty())  # what parsing leans on has changed
    assert ingest(lake.settings, path, source=source).statut == "publiee"
    assert ingest(lake.settings, path, source=source).statut == "deja_publiee"
    elsewhere = replace(lake.settings, region="france")
    assert ingest(elsewhere, path, source=source).statut == "publiee"
    assert ingest(replace(elsewhere, geocodeur="aucun"), path, source=source).statut == "publiee"


def test_a_dependency_that_changes_during_the_run_makes_the_next_one_start(
    lake: Lake, tmp_path: Path
) -> None:
    reference = replace(PERSONNES, name="essai__reference")
    lake.publish(reference, reference.empty())
    source = Visites(depends=(reference,))
    source.before_parse = lambda: (lake.publish(reference, reference.empty()), None)[1]
    path = write_file(tmp_path, JANVIER, GOOD)
    ingest(lake.settings, path, source=source)
    source.before_parse = lambda: None
    assert ingest(lake.settings, path, source=source).statut == "publiee"


def test_a_newer_file_of_the_same_date_replaces_it_and_the_old_one_may_come_back(
    lake: Lake, tmp_path: Path
) -> None:
    first = write_file(tmp_path, JANVIER, GOOD)
    second = write_file(tmp_path, JANVIER, ["67;Anne;corrigé"], name="v2_visites")
    for path, expected in ((first, ["a", "b", "c"]), (second, ["corrigé"]), (first, ["a", "b", "c"])):
        assert ingest(lake.settings, path).statut == "publiee"
        assert notes(lake) == expected


def test_dates_live_side_by_side(any_lake: Lake, tmp_path: Path) -> None:
    ingest(any_lake.settings, write_file(tmp_path, JANVIER, GOOD))
    ingest(any_lake.settings, write_file(tmp_path, FEVRIER, ["67;Anne;d"]))
    assert any_lake.values(VISITES, "date_extraction") == ["2025-01-14", "2025-02-14"]
    assert notes(any_lake) == ["a", "b", "c", "d"]


def failing(table: object, error: LakeError, before: Callable[[Lake], None] = lambda _lake: None):
    """Lake.write as it is, but for one table that refuses (after something else happened)."""
    write = Lake.write

    def refusing(self: Lake, asked: object, frame: pl.DataFrame, **options: object) -> int:
        if asked is table:
            before(self)
            raise error
        return write(self, asked, frame, **options)  # type: ignore[arg-type]

    return refusing


def people(lake: Lake) -> list[str]:
    return lake.scan(PERSONNES).collect()["personne"].sort().to_list()


def test_both_tables_or_none(any_lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ingest(any_lake.settings, write_file(tmp_path, JANVIER, GOOD))
    conflict = PublishConflict("Une autre publication de essai__visites a eu lieu au même moment.")
    seen: list[list[str]] = []
    monkeypatch.setattr(
        Lake, "write", failing(VISITES, conflict, lambda _: seen.append(people(Lake(any_lake.settings))))
    )
    path = write_file(tmp_path, JANVIER, ["67;Chloé;z"], name="v2_visites")
    with pytest.raises(PublishConflict):
        ingest(any_lake.settings, path)
    monkeypatch.undo()
    assert seen == [["Anne", "Bob"]]  # the first table was written, and no reader saw it
    assert notes(any_lake) == ["a", "b", "c"]
    assert people(any_lake) == ["Anne", "Bob"]
    newest = any_lake.newest(PERSONNES)  # other engines read the log's newest version: it was put back
    assert any_lake.scan(PERSONNES, newest).collect()["personne"].sort().to_list() == ["Anne", "Bob"]
    assert journal(any_lake)["statut"].to_list() == ["publiee", "en_erreur"]
    assert ingest(any_lake.settings, path).statut == "publiee"
    assert (notes(any_lake), people(any_lake)) == (["z"], ["Chloé"])


def test_a_failed_delivery_keeps_what_others_published_meanwhile(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(lake.settings, write_file(tmp_path, JANVIER, GOOD))
    other = replace(PERSONNES, name="autre__personnes", source="autre")
    lake.publish(other, other.empty())
    denis = pl.DataFrame([(FEVRIER, "Denis")], schema=PERSONNES.dtypes(), orient="row")
    conflict = PublishConflict("Une autre publication a eu lieu au même moment.")
    write = Lake.write
    monkeypatch.setattr(Lake, "write", failing(VISITES, conflict, lambda one: write(one, other, denis)))
    with pytest.raises(PublishConflict):
        ingest(lake.settings, write_file(tmp_path, JANVIER, ["67;Chloé;z"], name="v2_visites"))
    monkeypatch.undo()
    assert people(lake) == ["Anne", "Bob"]
    assert lake.scan(other).collect().rows() == [(FEVRIER, "Denis")]


def test_a_first_delivery_that_fails_was_never_published(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lake, "write", failing(VISITES, SourceUnavailable("Plus de place.")))
    with pytest.raises(SourceUnavailable):
        ingest(lake.settings, write_file(tmp_path, JANVIER, GOOD))
    monkeypatch.undo()
    assert not lake.exists(PERSONNES)
    assert not lake.exists(VISITES)
    with pytest.raises(MissingTable, match="obs ingest essai"):
        lake.scan(PERSONNES)
    assert ingest(lake.settings, write_file(tmp_path, FEVRIER, ["67;Zoé;z"])).statut == "publiee"
    assert (notes(lake), people(lake)) == (["z"], ["Zoé"])  # nothing of the failed delivery


def test_what_cannot_be_taken_back_now_is_by_the_next_delivery(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(lake.settings, write_file(tmp_path, JANVIER, GOOD))

    def also_full(_self: Lake, _table: object, _version: int) -> int:
        raise SourceUnavailable("Plus de place.")

    monkeypatch.setattr(Lake, "write", failing(VISITES, SourceUnavailable("Plus de place.")))
    monkeypatch.setattr(Lake, "put_back", also_full)
    with pytest.raises(SourceUnavailable, match="Plus de place"):
        ingest(lake.settings, write_file(tmp_path, JANVIER, ["67;Chloé;z"], name="v2_visites"))
    monkeypatch.undo()
    assert (notes(lake), people(lake)) == (["a", "b", "c"], ["Anne", "Bob"])
    ingest(lake.settings, write_file(tmp_path, FEVRIER, ["67;Denis;d"]))
    assert people(lake) == ["Anne", "Bob", "Denis"]  # and not Chloé


def bad_inputs(folder: Path) -> Iterator[tuple[str, tuple[Path, ...], dict[str, object], str]]:
    good = write_file(folder, JANVIER, GOOD)
    (folder / "vide_20250114.csv").write_bytes(b"")
    wrong = folder / "faux_20250114.csv"
    wrong.write_text("autre;chose\n1;2\n")
    yield "date", (good,), {"day": date(2025, 2, 1)}, "portent la date du 14/01/2025, pas celle annoncée"
    yield "sans date", (write_file(folder, None, GOOD),), {}, "Annoncez-la : --date AAAA-MM-JJ"
    yield "vide", (folder / "vide_20250114.csv",), {}, "vide_20250114.csv est vide"
    yield "absent", (folder / "rien.csv",), {}, "Fichier introuvable"
    yield "aucun fichier", (), {}, "Aucun fichier donné pour la source essai"
    yield "autre fichier", (wrong,), {}, "n'est pas un fichier de visites"
    yield "en-tête seul", (write_file(folder, JANVIER, [], name="t"),), {}, "aucune ligne de données"
    yield "hors région", (write_file(folder, JANVIER, ["75;A;b"], name="p"),), {}, "Aucune ligne à publier"
    two = (good, write_file(folder, FEVRIER, GOOD))
    yield "deux dates", two, {}, "dates différentes"
    yield "sans adresse", (), {"download": True}, "n'a pas d'adresse de téléchargement"


def test_bad_input_is_refused_and_the_last_good_version_stays(lake: Lake, tmp_path: Path) -> None:
    ingest(lake.settings, write_file(tmp_path, FEVRIER, ["67;Anne;bon"]))
    cases = list(bad_inputs(tmp_path))
    for label, files, options, message in cases:
        with pytest.raises(LakeError) as refused:
            ingest(lake.settings, *files, **options)
        assert message in str(refused.value), label
        assert "\n" not in str(refused.value), label
        assert notes(lake) == ["bon"], label
        assert lake.version(VISITES) == 0, label
    assert journal(lake)["statut"].to_list() == ["publiee"] + ["en_erreur"] * len(cases)


def test_an_announced_date_serves_a_file_without_one(lake: Lake, tmp_path: Path) -> None:
    report = ingest(lake.settings, write_file(tmp_path, None, GOOD), day=JANVIER)
    assert report.date == JANVIER
    assert lake.values(VISITES, "date_extraction") == ["2025-01-14"]


def test_an_unexpected_error_is_journaled_too(lake: Lake, tmp_path: Path) -> None:
    source = Visites()

    def broken() -> None:
        raise ZeroDivisionError("panne")

    source.before_parse = broken
    with pytest.raises(ZeroDivisionError):
        ingest(lake.settings, write_file(tmp_path, JANVIER, GOOD), source=source)
    assert journal(lake).select("statut", "message").row(0) == (
        "en_erreur",
        "Erreur inattendue (ZeroDivisionError) : panne",
    )


def test_counts_that_do_not_close_are_refused(lake: Lake, tmp_path: Path) -> None:
    class Careless(Visites):
        def parse(self, snapshot, context):  # type: ignore[no-untyped-def]
            for parsed in super().parse(snapshot, context):
                if parsed.counted:
                    parsed.lues += 1
                yield parsed

    with pytest.raises(ContractError, match="ne ferment pas"):
        ingest(lake.settings, write_file(tmp_path, JANVIER, GOOD), source=Careless())
    assert not lake.exists(VISITES)


@contextmanager
def web(folder: Path, truncated: bool = False) -> Iterator[str]:
    """A local web server over a folder; truncated: it announces more bytes than it sends."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = folder / self.path.lstrip("/")
            if not path.is_file():
                self.send_error(404)
                return
            body = path.read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body) + (10 if truncated else 0)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def test_official_files_are_downloaded_whole_or_refused(lake: Lake, tmp_path: Path) -> None:
    name = write_file(tmp_path, JANVIER, GOOD).name
    said: list[tuple[str, float | None]] = []
    with web(tmp_path) as address:
        source = Visites(urls={name: f"{address}/{name}"})
        report = run(source, Request(download=True), lake.settings, lambda s, share: said.append((s, share)))
        assert report.statut == "publiee"
        assert ("Téléchargement de visites_20250114.csv", 1.0) in said
        with pytest.raises(SourceUnavailable, match=r"Téléchargement impossible .*le serveur répond 404\)"):
            ingest(lake.settings, source=Visites(urls={name: f"{address}/absent"}), download=True)
    with pytest.raises(SourceUnavailable, match=r"Téléchargement impossible .*\(serveur injoignable"):
        ingest(lake.settings, source=Visites(urls={name: f"{address}/{name}"}), download=True)
    with web(tmp_path, truncated=True) as address, pytest.raises(SourceUnavailable, match="Téléchargement"):
        ingest(lake.settings, source=Visites(urls={name: f"{address}/{name}"}), download=True, force=True)
    assert lake.version(VISITES) == 0


def test_the_journal_never_hides_the_error_of_the_run(tmp_path: Path) -> None:
    blocked = tmp_path / "fichier"
    blocked.write_text("pas un dossier")
    with pytest.raises(SourceUnavailable):
        ingest(Settings(lake=str(blocked / "lac")), write_file(tmp_path, JANVIER, GOOD))
