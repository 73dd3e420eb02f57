"""Publishing and reading tables, on a folder and on an S3 server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Barrier

import dataframely as dy
import polars as pl
import pytest

from lake.contract import Table
from lake.errors import ContractError, LakeError, MissingTable, PublishConflict
from lake.objects import LocalObjects, Objects, S3Objects, open_objects
from lake.published import MANY_FILES
from lake.tables import Lake

JANVIER, FEVRIER, MARS = date(2025, 1, 14), date(2025, 2, 14), date(2025, 3, 14)


class VisitesSchema(dy.Schema):
    """A small table in the manner of the lake."""

    jour = dy.Date(primary_key=True, description="Jour")
    code_departement = dy.String(primary_key=True, description="Département")
    rang = dy.Int64(primary_key=True, description="Rang")
    note = dy.String(nullable=True, description="Note")


class VisitesEvolueesSchema(VisitesSchema):
    """The same, later: one more nullable column."""

    duree_min = dy.Float64(nullable=True, description="Durée en minutes")


class VisitesStrictesSchema(VisitesSchema):
    """The same, with a mandatory column that old versions cannot have."""

    medecin = dy.String(description="Médecin")


VISITES = Table(
    name="essai__visites",
    title="Visites",
    description="Une ligne par visite.",
    schema=VisitesSchema,
    source="essai",
    partition_by=("jour", "code_departement"),
    unit=("jour",),
)


def visites(*rows: tuple[date, str, int, str | None]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=VISITES.dtypes(), orient="row")


def day(jour: date, note: str = "", count: int = 4) -> pl.DataFrame:
    return visites(*((jour, ("01", "67")[n % 2], n, note or None) for n in range(count)))


def rows(lake: Lake, version: int | None = None) -> list[tuple[object, ...]]:
    return lake.scan(VISITES, version).sort("jour", "rang").collect().rows()


def test_published_rows_read_back_with_codes_as_text(any_lake: Lake) -> None:
    frame = visites((JANVIER, "01", 1, "a"), (JANVIER, "67", 2, None))
    assert any_lake.publish(VISITES, frame) == 0
    read = any_lake.scan(VISITES)
    assert read.collect_schema() == VISITES.dtypes()
    assert read.sort("rang").collect().rows() == [(JANVIER, "01", 1, "a"), (JANVIER, "67", 2, None)]


def test_replacing_a_date_leaves_the_others(any_lake: Lake) -> None:
    any_lake.publish(VISITES, day(JANVIER, "a"), replace={"jour": [JANVIER]})
    any_lake.publish(VISITES, day(FEVRIER, "b"), replace={"jour": [FEVRIER]})
    any_lake.publish(VISITES, day(JANVIER, "c", 2), replace={"jour": [JANVIER]})
    assert rows(any_lake) == day(JANVIER, "c", 2).rows() + day(FEVRIER, "b").rows()
    assert any_lake.values(VISITES, "jour") == ["2025-01-14", "2025-02-14"]
    assert any_lake.values(VISITES, "code_departement") == ["01", "67"]


def test_a_replacement_without_rows_empties_its_date_only(lake: Lake) -> None:
    lake.publish(VISITES, day(JANVIER))
    lake.publish(VISITES, day(FEVRIER), replace={"jour": [FEVRIER]})
    lake.publish(VISITES, VISITES.empty(), replace={"jour": [JANVIER]})
    assert lake.values(VISITES, "jour") == ["2025-02-14"]


def test_publishing_the_whole_table_replaces_every_row(any_lake: Lake) -> None:
    any_lake.publish(VISITES, day(JANVIER))
    any_lake.publish(VISITES, day(FEVRIER))
    assert rows(any_lake) == day(FEVRIER).rows()


def test_versions_are_listed_read_and_restored(any_lake: Lake) -> None:
    assert any_lake.version(VISITES) is None
    any_lake.publish(VISITES, day(JANVIER), info={"execution": "x1"})
    any_lake.publish(VISITES, day(FEVRIER), replace={"jour": [FEVRIER]}, info={"execution": "x2"})
    assert any_lake.version(VISITES) == 1
    assert rows(any_lake, 0) == day(JANVIER).rows()
    assert any_lake.restore(VISITES, 0) == 2
    assert rows(any_lake) == day(JANVIER).rows()
    history = any_lake.history(VISITES)
    assert [v.number for v in history] == [2, 1, 0]
    assert [v.info.get("execution") for v in history] == [None, "x2", "x1"]
    assert [v.rows for v in history][1:] == [4, 4]
    with pytest.raises(LakeError, match=r"La version 9 de essai__visites n'existe pas.*de 0 à 2"):
        any_lake.restore(VISITES, 9)
    with pytest.raises(LakeError, match="La version 9 de essai__visites ne peut pas être lue"):
        any_lake.scan(VISITES, 9)


def test_a_vacuumed_version_is_refused_clearly_and_the_last_one_stays(any_lake: Lake) -> None:
    any_lake.publish(VISITES, day(JANVIER, "ancienne"))
    any_lake.publish(VISITES, day(JANVIER, "nouvelle"))
    assert len(any_lake.vacuum(VISITES, keep_days=0, dry_run=True)) == 2
    assert rows(any_lake, 0) == day(JANVIER, "ancienne").rows()
    assert len(any_lake.vacuum(VISITES, keep_days=0, dry_run=False)) == 2
    with pytest.raises(LakeError, match=r"La version 0 .* ne peut plus être lue : 2 de ses fichiers"):
        any_lake.scan(VISITES, 0)
    with pytest.raises(LakeError, match=r"La version 0 .* ne peut plus être lue"):
        any_lake.restore(VISITES, 0)
    assert rows(any_lake) == day(JANVIER, "nouvelle").rows()


def test_vacuum_keeps_what_is_younger_than_asked(lake: Lake) -> None:
    lake.publish(VISITES, day(JANVIER, "ancienne"))
    lake.publish(VISITES, day(JANVIER, "nouvelle"))
    assert lake.vacuum(VISITES, keep_days=30, dry_run=False) == []
    assert rows(lake, 0) == day(JANVIER, "ancienne").rows()


def test_compacting_keeps_the_rows(lake: Lake) -> None:
    for number in range(4):
        lake.publish(VISITES, visites((JANVIER, "67", number, "x")), append=True)
    assert lake.compact(VISITES) == 4
    assert [row[2] for row in rows(lake)] == [0, 1, 2, 3]


def test_a_table_of_an_older_release_reads_grows_and_is_cut_as_today(any_lake: Lake) -> None:
    """It was cut in other folders, and had not a column yet: both are read, added to, then written as today."""
    older = replace(VISITES, partition_by=("jour", "code_departement", "note"))
    any_lake.publish(older, day(JANVIER, "ancienne"))
    assert rows(any_lake) == day(JANVIER, "ancienne").rows()
    any_lake.publish(VISITES, day(FEVRIER, "nouvelle"), append=True)
    both = sorted([*day(JANVIER, "ancienne").rows(), *day(FEVRIER, "nouvelle").rows()])
    assert sorted(rows(any_lake)) == both
    any_lake.publish(VISITES, day(FEVRIER, "nouvelle"), replace={"jour": [FEVRIER]})
    assert sorted(rows(any_lake)) == both
    any_lake.compact(VISITES)
    assert sorted(rows(any_lake)) == both
    assert not any("note=" in path for path in any_lake.files(VISITES, any_lake.version(VISITES)))


def test_additions_are_put_together_before_they_are_many(lake: Lake) -> None:
    for number in range(MANY_FILES + 1):
        lake.publish(VISITES, visites((JANVIER, "67", number, "x")), append=True)
        assert len(lake.files(VISITES, lake.version(VISITES))) <= MANY_FILES
    assert [row[2] for row in rows(lake)] == list(range(MANY_FILES + 1))


def erase(objects: Objects, key: str) -> None:
    if isinstance(objects, S3Objects):
        objects.client.delete_object(Bucket=objects.bucket, Key=f"{objects.prefix}/{key}")
    else:
        assert isinstance(objects, LocalObjects)
        (objects.root / key).unlink()


def test_partition_filters_read_no_other_file(any_lake: Lake) -> None:
    any_lake.publish(VISITES, pl.concat([day(JANVIER, "a"), day(FEVRIER, "b"), day(MARS, "c")]))
    objects = open_objects(any_lake.settings)
    for key in objects.list("tables/essai__visites"):
        if key.endswith(".parquet") and "jour=2025-02-14/code_departement=67" not in key:
            erase(objects, key)
    wanted = (pl.col("jour") == FEVRIER) & (pl.col("code_departement") == "67")
    assert any_lake.scan(VISITES).filter(wanted).select("rang").collect()["rang"].to_list() == [1, 3]
    with pytest.raises((pl.exceptions.PolarsError, OSError)):
        any_lake.scan(VISITES).filter(pl.col("jour") == FEVRIER).collect()


def race(lake: Lake, frames: list[pl.DataFrame], **options: object) -> list[object]:
    """Publish every frame at once; what each publication ended with."""
    start = Barrier(len(frames))

    def one(frame: pl.DataFrame) -> object:
        mine = Lake(lake.settings)
        start.wait()
        try:
            return mine.publish(VISITES, frame, **options)  # type: ignore[arg-type]
        except LakeError as error:
            return error

    with ThreadPoolExecutor(len(frames)) as pool:
        return list(pool.map(one, frames))


@pytest.mark.parametrize("first", ["table existante", "table absente"])
def test_concurrent_appends_are_all_kept(any_lake: Lake, first: str) -> None:
    if first == "table existante":
        any_lake.publish(VISITES, day(MARS, "avant"))
    outcomes = race(any_lake, [visites((JANVIER, "67", n, "x")) for n in range(8)], append=True)
    assert all(isinstance(outcome, int) for outcome in outcomes), outcomes
    assert len(set(outcomes)) == 8  # each writer is told its own version
    kept = any_lake.scan(VISITES).filter(pl.col("jour") == JANVIER).collect()
    assert sorted(kept["rang"]) == list(range(8))


@pytest.mark.parametrize("first", ["date déjà publiée", "date nouvelle", "table absente"])
def test_two_publications_of_one_date_never_mix(any_lake: Lake, first: str) -> None:
    if first != "table absente":
        any_lake.publish(VISITES, day(JANVIER if first == "date déjà publiée" else MARS, "avant"))
    outcomes = race(any_lake, [day(JANVIER, f"n{n}") for n in range(4)], replace={"jour": [JANVIER]})
    winners = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, int)]
    assert winners
    assert all(isinstance(o, int | PublishConflict) for o in outcomes), outcomes
    read = any_lake.scan(VISITES).filter(pl.col("jour") == JANVIER).sort("rang").collect()
    assert read.rows() in [day(JANVIER, f"n{n}").rows() for n in winners]
    newest = max(winners, key=lambda n: outcomes[n])  # type: ignore[arg-type,return-value]
    assert read["note"][0] == f"n{newest}"
    if first == "date nouvelle":
        assert any_lake.scan(VISITES).filter(pl.col("jour") == MARS).collect().height == 4


def test_publications_of_different_dates_do_not_disturb_one_another(any_lake: Lake) -> None:
    any_lake.publish(VISITES, day(MARS))
    start = Barrier(2)

    def one(jour: date) -> int:
        start.wait()
        return Lake(any_lake.settings).publish(VISITES, day(jour), replace={"jour": [jour]})

    with ThreadPoolExecutor(2) as pool:
        versions = list(pool.map(one, [JANVIER, FEVRIER]))
    assert sorted(versions) == [1, 2]
    assert any_lake.values(VISITES, "jour") == ["2025-01-14", "2025-02-14", "2025-03-14"]


def test_whole_table_publications_at_once_leave_one_whole_table(any_lake: Lake) -> None:
    outcomes = race(any_lake, [day(JANVIER, f"n{n}") for n in range(4)])
    assert any(isinstance(outcome, int) for outcome in outcomes)
    assert any_lake.scan(VISITES).collect()["note"].n_unique() == 1
    assert any_lake.scan(VISITES).collect().height == 4


def test_other_columns_types_or_dates_are_refused(lake: Lake) -> None:
    with pytest.raises(ContractError, match="ne sont pas ceux du contrat essai__visites"):
        lake.publish(VISITES, day(JANVIER).with_columns(pl.col("rang").cast(pl.Int32)))
    with pytest.raises(ContractError, match="ne sont pas ceux du contrat"):
        lake.publish(VISITES, day(JANVIER).drop("note"))
    with pytest.raises(ContractError, match=r"sortent de ce que la publication remplace \(jour\)"):
        lake.publish(VISITES, day(JANVIER), replace={"jour": [FEVRIER]})
    with pytest.raises(ContractError, match="« rang » n'est pas une unité de publication"):
        lake.publish(VISITES, day(JANVIER), replace={"rang": [1]})
    assert not lake.exists(VISITES)
    lake.publish(VISITES, day(JANVIER))
    with pytest.raises(ContractError, match="« rang » ne partitionne pas"):
        lake.values(VISITES, "rang")


def test_a_table_never_published_says_what_to_run(any_lake: Lake) -> None:
    for ask in (any_lake.scan, any_lake.history, lambda table: any_lake.restore(table, 0)):
        with pytest.raises(MissingTable, match=r"jamais été publiée.*obs ingest essai"):
            ask(VISITES)
    assert not any_lake.exists(VISITES)


def test_a_new_nullable_column_reads_old_versions_as_null(any_lake: Lake) -> None:
    any_lake.publish(VISITES, day(JANVIER, count=1))
    evolved = replace(VISITES, schema=VisitesEvolueesSchema)
    assert any_lake.scan(evolved).collect().rows() == [(JANVIER, "01", 0, None, None)]
    new = evolved.empty().vstack(
        pl.DataFrame([(FEVRIER, "67", 1, "b", 12.5)], schema=evolved.dtypes(), orient="row")
    )
    any_lake.publish(evolved, new, replace={"jour": [FEVRIER]})
    assert any_lake.scan(evolved).sort("jour").collect().rows() == [
        (JANVIER, "01", 0, None, None),
        (FEVRIER, "67", 1, "b", 12.5),
    ]
    assert any_lake.scan(VISITES).collect_schema() == VISITES.dtypes()  # the old contract still reads


def test_a_new_mandatory_column_refuses_old_versions(lake: Lake) -> None:
    lake.publish(VISITES, day(JANVIER))
    strict = replace(VISITES, schema=VisitesStrictesSchema)
    with pytest.raises(ContractError, match="n'a pas la colonne « medecin »"):
        lake.scan(strict)


def test_dropping_a_scratch_table_leaves_nothing(any_lake: Lake) -> None:
    any_lake.publish(VISITES, day(JANVIER))
    any_lake.drop(VISITES)
    assert not any_lake.exists(VISITES)
    assert open_objects(any_lake.settings).list("tables/essai__visites") == []
