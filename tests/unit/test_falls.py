"""A delivery cut short is refused, or published when the operator accepts it; an ordinary one passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.cli import obs
from ingest.falls import compare
from ingest.report import RunReport
from ingest.run import Request, run
from ingest.source import Fall, Group, Parsed
from ingest.sources import NAMES
from ingest.sources import source as find
from lake.catalog.ban import ADRESSES
from lake.catalog.journal import EXECUTIONS
from lake.errors import DeliveryFell
from lake.tables import Lake
from tests.sample import FEVRIER, JANVIER, MARS, VISITES, Visites, write_file

FALL = Fall(VISITES, groups=(Group("code_departement", "département"),), dated="date_extraction")


class Compared(Visites):
    """The visits, compared with what is published."""

    falls = (FALL,)


def lines(bas_rhin: int, ain: int, note: str = "n") -> list[str]:
    return [f"67;P{n};{note}{n}" for n in range(bas_rhin)] + [f"01;Q{n};{note}{n}" for n in range(ain)]


def ingest(lake: Lake, path: Path, **options: object) -> RunReport:
    return run(Compared(), Request(files=(path,), **options), lake.settings)  # type: ignore[arg-type]


def days(lake: Lake) -> list[str]:
    return lake.values(VISITES, "date_extraction")


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (
            lines(2, 0),
            "40 → 2 lignes (−95,0 %) ; département 67 : 30 → 2 lignes ; département 01 : 10 → 0 ligne",
        ),
        (lines(33, 0), "département 01 : 10 → 0 ligne"),
        (lines(20, 7), "40 → 27 lignes (−32,5 %)"),
        (
            [f"67;P{n};" for n in range(30)] + [f"01;P{n};" for n in range(10)],
            "colonne note remplie à 100 % puis à 0 %",
        ),
    ],
    ids=["presque tout", "un département", "un tiers", "une colonne vidée"],
)
def test_what_falls_beyond_the_thresholds_is_refused_and_named(
    after: Sequence[str], said: str, lake: Lake, tmp_path: Path
) -> None:
    ingest(lake, write_file(tmp_path, JANVIER, lines(30, 10)))
    cut = write_file(tmp_path, FEVRIER, after)
    with pytest.raises(DeliveryFell) as refused:
        ingest(lake, cut)
    assert f"essai__visites depuis le 14/01/2025 : {said}" in str(refused.value)
    assert "--accepter-baisse" in str(refused.value)
    assert days(lake) == ["2025-01-14"]
    kept = lake.scan(EXECUTIONS).sort("debut").collect()
    assert kept["statut"].to_list() == ["publiee", "refusee"]
    report = ingest(lake, cut, accept_fall=True)
    assert report.statut == "publiee"
    assert any(said in told for told in report.baisses)
    assert any(told.startswith("baisse acceptée, essai__visites") for told in report.avertissements)
    assert days(lake) == ["2025-01-14", "2025-02-14"]


@pytest.mark.parametrize(
    "after",
    [
        lines(21, 7),
        lines(30, 10),
        lines(90, 30),
        lines(33, 6),
        [f"67;P{n};{'n' if n % 4 else ''}" for n in range(30)] + lines(0, 10),
    ],
    ids=[
        "un peu moins",
        "autant",
        "davantage",
        "une partie d'un département",
        "une colonne un peu moins remplie",
    ],
)
def test_an_ordinary_delivery_passes(after: Sequence[str], lake: Lake, tmp_path: Path) -> None:
    ingest(lake, write_file(tmp_path, JANVIER, lines(30, 10)))
    report = ingest(lake, write_file(tmp_path, FEVRIER, after))
    assert (report.statut, report.baisses) == ("publiee", [])


def test_a_small_lake_may_lose_a_few_rows(lake: Lake, tmp_path: Path) -> None:
    ingest(lake, write_file(tmp_path, JANVIER, lines(6, 2)))
    assert ingest(lake, write_file(tmp_path, FEVRIER, lines(1, 0))).statut == "publiee"


def test_a_date_delivered_again_is_compared_with_itself_and_another_with_the_one_before(
    lake: Lake, tmp_path: Path
) -> None:
    ingest(lake, write_file(tmp_path, JANVIER, lines(30, 10)))
    ingest(lake, write_file(tmp_path, MARS, lines(90, 10)))
    with pytest.raises(DeliveryFell, match=r"depuis le 14/03/2025 : 100 → 40 lignes \(−60,0 %\)"):
        ingest(lake, write_file(tmp_path, MARS, lines(30, 10), name="v2_visites"))
    # February comes late: it is compared with January, not with March
    assert ingest(lake, write_file(tmp_path, FEVRIER, lines(30, 10))).statut == "publiee"
    earliest = date(2024, 12, 14)  # nothing before it
    assert ingest(lake, write_file(tmp_path, earliest, lines(1, 0))).statut == "publiee"


def test_another_region_is_not_compared_and_that_is_said(lake: Lake, tmp_path: Path) -> None:
    france = replace(lake.settings, region="france")
    run(Compared(), Request(files=(write_file(tmp_path, JANVIER, lines(30, 10)),)), france)
    report = ingest(lake, write_file(tmp_path, FEVRIER, lines(1, 0)))
    assert report.statut == "publiee"
    assert "essai__visites : pas comparée à la publication précédente, faite pour une autre région" in (
        report.avertissements
    )


def test_columns_that_were_ignored_are_said_when_the_delivery_is_refused(lake: Lake, tmp_path: Path) -> None:
    class Ignoring(Compared):
        def parse(self, snapshot, context):  # type: ignore[no-untyped-def]
            for parsed in super().parse(snapshot, context):
                parsed.warnings = ["visites.csv : colonne ignorée : notte"]
                yield parsed

    ingest(lake, write_file(tmp_path, JANVIER, lines(30, 10)))
    emptied = write_file(
        tmp_path, FEVRIER, [f"67;P{n};" for n in range(30)] + [f"01;Q{n};" for n in range(10)]
    )
    with pytest.raises(DeliveryFell, match=r"colonne ignorée : notte\.$"):
        run(Ignoring(), Request(files=(emptied,)), lake.settings)


COUNTS = st.lists(st.tuples(st.sampled_from(["01", "67", "88"]), st.booleans()), max_size=60)


@given(before=COUNTS, after=COUNTS)
@hypothesis_settings(max_examples=60)
def test_the_thresholds_say_exactly_what_they_declare(
    before: list[tuple[str, bool]], after: list[tuple[str, bool]]
) -> None:
    """Counted again by hand, row by row."""

    def frame(rows: list[tuple[str, bool]], jour: date) -> pl.DataFrame:
        return pl.DataFrame(
            [(jour, n + 2, code, "x" if noted else None) for n, (code, noted) in enumerate(rows)],
            schema=VISITES.dtypes(),
            orient="row",
        )

    old, new = frame(before, JANVIER), frame(after, FEVRIER)

    class State:
        def scan(self, _table: object) -> pl.LazyFrame:
            return old.lazy()

    parsed = Parsed(VISITES, new, len(after), replace={"date_extraction": [FEVRIER]})
    found = compare(FALL, parsed, new, State())  # type: ignore[arg-type]
    if not before:
        assert found is None
        return
    assert found is not None
    lost = len(before) - len(after)
    fell = lost >= FALL.floor and lost > FALL.rows * len(before)
    assert any("%)" in one for one in found.said) == fell
    for code in ("01", "67", "88"):
        was, now = sum(c == code for c, _ in before), sum(c == code for c, _ in after)
        gone = now == 0 and was >= 3
        most = was - now >= FALL.floor and was - now > FALL.most * was
        assert any(f"département {code} :" in one for one in found.said) == (gone or most), (code, was, now)
    if min(len(before), len(after)) >= FALL.floor:
        drop = sum(n for _, n in before) / len(before) - sum(n for _, n in after) / len(after)
        assert (
            any("colonne note" in one for one in found.said) == (drop > FALL.filled + 1e-12)
            or abs(drop - FALL.filled) < 1e-9
        )


def ban(folder: Path, name: str, count: int, departement: str = "67") -> Path:
    head = "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;lon;lat"
    rows = [
        f"{departement}482_0001_{n:05d};;{n};;Rue du Puits;67000;{departement}482;Ville;7.7;48.5"
        for n in range(1, count + 1)
    ]
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def call(lake: Lake, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(obs, list(words), env={"OBS_LAKE": lake.settings.lake})
    return done.exit_code, done.stdout, done.stderr


def test_the_command_refuses_then_publishes_with_its_option(lake: Lake, tmp_path: Path) -> None:
    assert call(lake, "ingest", "ban", str(ban(tmp_path, "a.csv", 59)))[0] == 0
    cut = str(ban(tmp_path, "b.csv", 2))
    code, out, err = call(lake, "ingest", "ban", cut)
    assert (code, out) == (1, "")
    assert "ban__adresses : 59 → 2 lignes (−96,6 %)" in err.splitlines()[-1]
    assert lake.scan(ADRESSES).collect().height == 59
    # another department delivered alone takes nothing from this one
    assert call(lake, "ingest", "ban", str(ban(tmp_path, "c.csv", 2, "68")))[0] == 0
    code, out, _ = call(lake, "ingest", "ban", cut, "--accepter-baisse")
    assert code == 0
    assert "attention : baisse acceptée, ban__adresses : 59 → 2 lignes" in out
    assert lake.scan(ADRESSES).collect().height == 4


def test_every_source_of_official_files_says_what_it_may_lose() -> None:
    typed_by_hand = {"corrections"}
    for name in NAMES:
        one = find(name)
        assert bool(one.falls) != (name in typed_by_hand), name
        for fall in one.falls:
            assert fall.table in one.tables
            columns = {*fall.table.columns}
            assert {group.column for group in fall.groups} | set(fall.derived) <= columns
            assert fall.dated is None or fall.dated in fall.table.unit
