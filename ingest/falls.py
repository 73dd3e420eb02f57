"""A delivery compared with the one published before: what fell, and whether it is more than the source allows.

Official files arrive cut short now and then: a department is missing, nine rows out of ten are, a column is empty.
Read as they are, they say that people left. A source declares what a delivery may lose; beyond, it is refused
unless the operator accepts the fall, and the report says what fell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from ingest.report import RunReport
from ingest.source import Fall, Group, Parsed, Source
from lake.contract import Table
from lake.errors import DeliveryFell, MissingTable
from lake.snapshot import Snapshot
from lake.words import agreed

_MOST = 8
"""Falls of one kind that are told one by one."""


@dataclass(frozen=True)
class Compared:
    """A table's rows of the delivery beside those published before.

    Attributes:
        since: the date of the publication compared with, None when its rows bear none.
        said: what fell beyond what the source allows, in French; empty when nothing did.
    """

    since: date | None
    said: tuple[str, ...] = field(default=())


def check_falls(
    source: Source,
    kept: Sequence[tuple[Parsed, pl.DataFrame]],
    state: Snapshot,
    *,
    region: str,
    accepted: bool,
    report: RunReport,
) -> None:
    """Compare a delivery with what is published of it; the report is told what fell.

    Args:
        source: what it allows to lose.
        kept: the tables of the delivery, and their rows that keep the contract.
        state: what is published.
        region: what this run keeps: a publication of another region is not compared.
        accepted: publish all the same.
        report: told.

    Raises:
        DeliveryFell: it loses more than the source allows, and the operator did not accept it.
    """
    past = state.record.livraisons.get(source.name, {}) if state.record else {}
    by_table = {item.table.name: (item, valid) for item, valid in kept}
    for fall in getattr(source, "falls", ()):
        if fall.table.name not in by_table:
            continue
        compared = compare(fall, *by_table[fall.table.name], state)
        if compared is None:
            continue
        one = past.get("" if compared.since is None else compared.since.isoformat())
        if one is not None and one.region not in {"", region}:
            report.avertissements.append(
                f"{fall.table.name} : pas comparée à la publication précédente, faite pour une autre région"
            )
        elif compared.said:
            report.baisses.append(sentence(fall.table, compared))
    if not report.baisses:
        return
    if accepted:
        report.avertissements += [f"baisse acceptée, {said}" for said in report.baisses]
        return
    raise DeliveryFell(
        f"Cette livraison perd plus que la source {source.name} ne l'admet : {' ; '.join(report.baisses)}.",
        conseil="Rien n'est publié. Vérifiez que le fichier est entier ; si la baisse est vraie : "
        "--accepter-baisse.",
    )


def compare(fall: Fall, parsed: Parsed, frame: pl.DataFrame, state: Snapshot) -> Compared | None:
    """Compare a table of the delivery with what is published of it.

    The rows compared with are those that the delivery replaces; for a date that is not published yet, those of the
    latest one before it.

    Args:
        fall: what the source allows.
        parsed: what the delivery replaces.
        frame: its rows, in the contract's columns.
        state: what is published.

    Returns:
        The comparison, None when nothing is published to compare with.
    """
    found = _before(fall, parsed, state)
    if found is None:
        return None
    since, before = found
    shares = [name for name in fall.table.columns if name not in fall.derived]
    old, *old_groups = _counts(fall, before, shares)
    new, *new_groups = _counts(fall, frame.lazy(), shares)
    rows, now = int(old["lignes"].item()), int(new["lignes"].item())
    if rows == 0:
        return None
    said = []
    if rows - now >= fall.floor and rows - now > fall.rows * rows:
        said.append(f"{_moved(rows, now)} ({_points(now - rows, rows)})")
    for group, one, other in zip(fall.groups, old_groups, new_groups, strict=True):
        said += _groups(fall, group, max(group.floor, group.share * rows), one, other)
    if now:
        said += _columns(fall, shares, old, new, rows, now)
    return Compared(since, tuple(said))


def _before(fall: Fall, parsed: Parsed, state: Snapshot) -> tuple[date | None, pl.LazyFrame] | None:
    """The published rows to compare with, and their date."""
    try:
        published = state.scan(fall.table)
    except MissingTable:
        return None
    dated = fall.dated
    for column, values in parsed.replace.items():
        if column != dated:
            published = published.filter(pl.col(column).is_in(list(values)))
    if dated is None or dated not in parsed.replace:
        return None, published
    days = [day for day in parsed.replace[dated] if isinstance(day, date)]
    same = published.filter(pl.col(dated).is_in(days))
    if same.select(pl.len()).collect().item():
        return max(days), same
    if not fall.earlier:
        return None
    earlier = published.filter(pl.col(dated) < min(days))
    since = earlier.select(pl.col(dated).max()).collect().item()
    return None if since is None else (since, earlier.filter(pl.col(dated) == since))


def _counts(fall: Fall, rows: pl.LazyFrame, shares: Sequence[str]) -> list[pl.DataFrame]:
    """Rows and filled values of each column, then rows by value of each grouping column."""
    dtypes = fall.table.dtypes()

    def filled(name: str) -> pl.Expr:
        there = pl.col(name).is_not_null()
        return (there & (pl.col(name) != "") if dtypes[name] == pl.String else there).sum().alias(name)

    whole = rows.select(pl.len().alias("lignes"), *(filled(name) for name in shares))
    groups = [
        rows.group_by(pl.col(one.column).alias("valeur")).agg(lignes=pl.len().cast(pl.Int64))
        for one in fall.groups
    ]
    return pl.collect_all([whole, *groups])


def _groups(fall: Fall, group: Group, floor: float, old: pl.DataFrame, new: pl.DataFrame) -> list[str]:
    """Values (a department, a profession) that are gone, or nearly."""
    both = old.drop_nulls().join(new, on="valeur", how="left", suffix="_apres").fill_null(0)
    lost = pl.col("lignes") - pl.col("lignes_apres")
    gone = (pl.col("lignes_apres") == 0) & (pl.col("lignes") >= floor)
    most = (lost >= fall.floor) & (lost > fall.most * pl.col("lignes")) & (pl.col("lignes") >= floor)
    fell = both.filter(gone | most).sort(lost, "valeur", descending=[True, False])
    told = [
        f"{group.noun} {value} : {_moved(before, after)}"
        for value, before, after in fell.head(_MOST).select("valeur", "lignes", "lignes_apres").iter_rows()
    ]
    return told + ([f"et {fell.height - _MOST} autres ({group.noun})"] if fell.height > _MOST else [])


def _columns(
    fall: Fall, shares: Sequence[str], old: pl.DataFrame, new: pl.DataFrame, rows: int, now: int
) -> list[str]:
    """Columns that are much less filled than they were."""
    if rows < fall.floor or now < fall.floor:
        return []  # a share of a few rows says nothing
    told = []
    for name in shares:
        before, after = old[name].item() / rows, new[name].item() / now
        if before - after > fall.filled:
            told.append(f"colonne {name} remplie à {_percent(before)} puis à {_percent(after)}")
    return told[:_MOST] + ([f"et {len(told) - _MOST} autres colonnes"] if len(told) > _MOST else [])


def _moved(before: int, after: int) -> str:
    return agreed(after, f"{before} → {after} ligne(s)")


def _points(change: int, of: int) -> str:
    return f"{100 * change / of:+.1f} %".replace(".", ",").replace("-", "−")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def sentence(table: Table, compared: Compared) -> str:
    """What fell in a table, in one French sentence without a full stop."""
    since = f" depuis le {compared.since:%d/%m/%Y}" if compared.since else ""
    return f"{table.name}{since} : {' ; '.join(compared.said)}"
