"""Demonstration files: two years of monthly indicators, in the layouts that the source accepts.

Structures and editors are invented. Professionals and e-CPS of November 2022 are the figures printed for each
region (``psc_2022_11.csv``), split by department and profession; everything else is plausible only: growth
along an S curve, fewer acts in August and December, an indicator not delivered one month, a month revised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from ingest.sources.segur.profiles import (
    EDITEURS,
    HABITANTS,
    KINDS,
    LIBERAL,
    LIBERAL_PROFESSIONS,
    PROFESSIONS,
    STRUCTURE_SERIES,
    Series,
    StructureKind,
)
from ingest.sources.territoires.reference import load
from lake.catalog.segur import DIMENSIONS, MESURES, indicateurs_de_base

FIRST, LAST = date(2020, 12, 1), date(2022, 11, 1)
GAP = ("mss_messages_recus", date(2022, 3, 1))
"""An indicator that is not delivered for one month."""
REVISED = ("dmp_documents", date(2022, 10, 1))
"""The indicator that the second delivery of a month revises."""

_SEASON = (1.02, 1.0, 1.06, 0.98, 0.95, 1.03, 0.86, 0.72, 1.05, 1.08, 1.04, 0.9)  # January to December
_UNALLOCATED = 0.006
"""Share of a region's professionals that no department is known for."""

Say = Callable[[str, float | None], None]


@dataclass(frozen=True)
class DemoFiles:
    """The files, as deliveries in the order they were received.

    Attributes:
        deliveries: files of each ``obs ingest segur`` command.
        rows: monthly rows in all, each month counted once.
    """

    deliveries: list[tuple[Path, ...]] = field(default_factory=list)
    rows: int = 0


def write_deliveries(folder: Path, *, petit: bool, say: Say = lambda _sentence, _share: None) -> DemoFiles:
    """Write the demonstration files.

    Args:
        folder: where to write.
        petit: about twenty thousand rows instead of two million.
        say: progress.

    Returns:
        The deliveries: names and targets with the first months (Parquet), then a month in Latin-1 CSV, a
        month in UTF-8 CSV, and the month before delivered again with revised figures.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(20221101)
    months = _months()
    say("Fabrication des indicateurs Ségur", 0.0)
    structures = _structures(random, petit)
    rows = pl.concat([*_professionals(random, months, petit), *_activity(random, months, structures, petit)])
    code, month = GAP
    rows = rows.filter(~((pl.col("indicateur") == code) & (pl.col("mois") == month)))
    files = DemoFiles(rows=rows.height)
    say("Écriture des fichiers Ségur", 0.5)
    names, targets = folder / "segur_structures.csv", folder / "segur_objectifs.csv"
    structures.select("structure", "nom", "type_acteur", "code_departement").write_csv(names, separator=";")
    _targets().write_csv(targets, separator=";")
    history = [months[start : start + 6] for start in range(0, len(months) - 2, 6)]
    for rank, part in enumerate(history):
        part = [one for one in part if one < months[-2]]
        path = folder / f"segur_{part[0]:%Y%m}_{part[-1]:%Y%m}.parquet"
        rows.filter(pl.col("mois").is_in(part)).write_parquet(path)
        files.deliveries.append((names, targets, path) if rank == 0 else (path,))
    final = rows.filter(pl.col("mois") == months[-2])
    first = final.with_columns(valeur=_before_revision())
    files.deliveries.append((_csv(first, folder / f"segur_{months[-2]:%Y-%m}.csv", ";", "latin-1"),))
    newest = rows.filter(pl.col("mois") == months[-1])
    files.deliveries.append((_csv(newest, folder / f"segur_{months[-1]:%Y-%m}.csv", ",", "utf-8"),))
    again = folder / f"segur_{months[-2]:%Y-%m}_revise.csv"
    files.deliveries.append((_csv(final, again, ";", "utf-8"),))
    return files


def printed_figures() -> pl.DataFrame:
    """Professionals and e-CPS per region, as printed for November 2022.

    Returns:
        DataFrame: ``code_region`` (String), ``psc_professionnels``, ``psc_e_cps`` (Int64).
    """
    return pl.read_csv(
        Path(__file__).parent / "psc_2022_11.csv", separator=";", schema_overrides={"code_region": pl.String}
    )


def apportion(total: int, weights: np.ndarray) -> np.ndarray:
    """Split an integer by weights, to the unit (largest remainders).

    Args:
        total: what is split, at least 0.
        weights: non-negative, not all zero.

    Returns:
        Integers (int64) that sum to the total exactly.
    """
    shares = weights / weights.sum() * total
    whole: np.ndarray = np.floor(shares).astype(np.int64)
    order = np.argsort(-(shares - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def _months() -> list[date]:
    return pl.date_range(FIRST, LAST, "1mo", eager=True).to_list()


def _csv(rows: pl.DataFrame, path: Path, separator: str, encoding: str) -> Path:
    path.write_bytes(rows.write_csv(separator=separator).encode(encoding))
    return path


def _before_revision() -> pl.Expr:
    """Figures as they were first delivered: two regions had not sent all of their documents."""
    code, _ = REVISED
    late = (pl.col("indicateur") == code) & pl.col("code_region").is_in(["44", "76"])
    return pl.when(late).then((pl.col("valeur") * 0.93).cast(pl.Int64)).otherwise(pl.col("valeur"))


def _curve(months: int, start: float, middle: float, slope: float) -> np.ndarray:
    """An S curve that ends at 1: share of the last month's level reached each month."""
    time = np.arange(months)
    level = start + (1 - start) / (1 + np.exp(-slope * (time - middle)))
    return np.asarray(level / level[-1], dtype=np.float64)


def _season(months: list[date]) -> np.ndarray:
    return np.array([_SEASON[month.month - 1] for month in months])


# -- professionals: by department and profession -----------------------------------------------------


def _professionals(random: np.random.Generator, months: list[date], petit: bool) -> Iterator[pl.DataFrame]:
    cells, stock, cards = _cells(random, petit)
    count = len(months)
    growth = _curve(count, 0.955, 12, 0.12)
    adoption = _curve(count, 0.10, 14, 0.22)
    season = _season(months)
    professionals = np.rint(growth[:, None] * stock).astype(np.int64)
    e_cps = np.minimum(np.rint(adoption[:, None] * cards).astype(np.int64), professionals)
    # The last month is the printed one, to the unit.
    professionals[-1], e_cps[-1] = stock, cards
    noise = random.normal(1.0, 0.03, e_cps.shape)
    users = np.rint(e_cps * np.clip(0.34 * season[:, None] * noise, 0, 1)).astype(np.int64)
    logins = np.rint(users * np.clip(8.5 + 3 * adoption, 1, None)[:, None] * noise).astype(np.int64)
    physical = np.rint(professionals * 0.71).astype(np.int64)
    used = np.rint(e_cps * 0.62).astype(np.int64)
    for code, values in (
        ("psc_professionnels", professionals),
        ("psc_e_cps", e_cps),
        ("psc_utilisateurs", users),
        ("psc_connexions", logins),
        ("cartes_cps", physical),
        ("cartes_e_cps_actives", used),
    ):
        yield _long(code, months, cells, values)


def _cells(random: np.random.Generator, petit: bool) -> tuple[pl.DataFrame, np.ndarray, np.ndarray]:
    """Cells (region, department or none, profession) and their November 2022 figures."""
    departments = load().departements
    frames, stocks, cards = [], [], []
    for region, total, e_cps in printed_figures().sort("code_region").iter_rows():
        places: list[str | None] = departments.filter(pl.col("code_region") == region)[
            "code_departement"
        ].to_list()
        people = np.array([HABITANTS.get(place or "", 1) for place in places], dtype=np.float64)
        size = people * random.lognormal(0.0, 0.08, len(places))
        if len(places) > 1:  # a region of one department knows where everybody is
            places.append(None)
            size = np.append(size, size.sum() * _UNALLOCATED)
        codes = list(PROFESSIONS)
        pairs = [
            (place, code)
            for rank, place in enumerate(places)
            for code in ([codes[(rank + int(region)) % 5]] if petit else codes)
        ]
        width = len(pairs) // len(places)
        share = np.array([PROFESSIONS[code] for _, code in pairs])
        weights = np.repeat(size, width) * share * random.normal(1.0, 0.06, len(pairs)).clip(0.7)
        stock = apportion(total, weights)
        leaning = stock * random.normal(1.0, 0.18, len(pairs)).clip(0.4)
        stocks.append(stock)
        cards.append(_within(apportion(e_cps, leaning) if e_cps else np.zeros_like(stock), stock))
        frames.append(
            pl.DataFrame(
                {
                    "code_region": [region] * len(pairs),
                    "code_departement": pl.Series([place for place, _ in pairs], dtype=pl.String),
                    "profession": [code for _, code in pairs],
                }
            )
        )
    return pl.concat(frames), np.concatenate(stocks), np.concatenate(cards)


def _within(cards: np.ndarray, stock: np.ndarray) -> np.ndarray:
    """No cell has more cards than professionals: what overflows goes where there is room."""
    over = int(np.clip(cards - stock, 0, None).sum())
    cards = np.minimum(cards, stock)
    for cell in np.argsort(cards - stock, kind="stable"):
        if over == 0:
            break
        given = min(over, int(stock[cell] - cards[cell]))
        cards[cell] += given
        over -= given
    return cards


# -- structures --------------------------------------------------------------------------------------


def _structures(random: np.random.Generator, petit: bool) -> pl.DataFrame:
    """Invented structures of every department: FINESS, name, type, size, month of adoption, editor."""
    departments = load().departements.sort("code_departement")
    lines: list[dict[str, object]] = []
    for rank, (code, name, region) in enumerate(
        departments.select("code_departement", "departement", "code_region").iter_rows()
    ):
        small = len(region) == 3 or code == "976"
        kinds = [KINDS[rank % len(KINDS)]] if petit else KINDS
        for kind in kinds:
            for number in range(1, 2 if petit or small else kind.count + 1):
                lines.append(_structure(random, kind, code, name, region, len(lines), number))
    return pl.DataFrame(lines, infer_schema_length=None)


def _structure(
    random: np.random.Generator,
    kind: StructureKind,
    code: str,
    name: str,
    region: str,
    rank: int,
    number: int,
) -> dict[str, object]:
    return {
        "structure": f"{_finess_prefix(code)}{rank:07d}",
        "nom": f"{kind.name} {number}, {name}",
        "type_acteur": kind.type_acteur,
        "code_departement": code,
        "code_region": region,
        "taille": float(random.lognormal(0.0, 0.6) * kind.size),
        "adoption": int(random.triangular(-4, 12, 30)),
        "editeur": EDITEURS[kind.type_acteur][int(random.beta(1.0, 2.2) * len(EDITEURS[kind.type_acteur]))],
    }


def _finess_prefix(code: str) -> str:
    overseas = {"971": "9A", "972": "9B", "973": "9C", "974": "9D", "975": "9E", "976": "9F", "977": "9G"}
    return overseas.get(code, "9H" if code == "978" else "9J" if len(code) == 3 else code)


def _liberal(random: np.random.Generator, petit: bool) -> pl.DataFrame:
    """Independent professionals: no structure is named, only department, profession and editor."""
    departments = load().departements.sort("code_departement")
    pairs = departments.select("code_departement", "code_region").rows()
    editors = EDITEURS[LIBERAL]
    places = [
        (code, region, profession, editor)
        for rank, (code, region) in enumerate(pairs)
        for profession in (LIBERAL_PROFESSIONS if not petit else LIBERAL_PROFESSIONS[rank % 3 : rank % 3 + 1])
        for editor in (editors if not petit else editors[rank % 4 : rank % 4 + 1])
    ]
    cells = pl.DataFrame(
        places, schema=["code_departement", "code_region", "profession", "editeur"], orient="row"
    )
    return cells.with_columns(
        pl.lit(None, pl.String).alias("structure"),
        pl.Series("taille", random.lognormal(0.0, 0.5, cells.height) * 1.2),
        pl.Series("adoption", random.triangular(-6, 9, 18, cells.height).astype(np.int64)),
        type_acteur=pl.lit(LIBERAL),
    )


def _activity(
    random: np.random.Generator, months: list[date], structures: pl.DataFrame, petit: bool
) -> Iterator[pl.DataFrame]:
    """Rows of every indicator of activity, by structure, and by profession for independent professionals."""
    actors = pl.concat([structures, _liberal(random, petit)], how="diagonal")
    dimensions = [name for name in DIMENSIONS if name in actors.columns]
    size = actors["taille"].to_numpy()[None, :]
    age = np.arange(len(months))[:, None] - actors["adoption"].to_numpy()[None, :]
    season = _season(months)[:, None]
    for one in STRUCTURE_SERIES:
        concerned = actors["type_acteur"].is_in(one.types)
        if one.presence:
            concerned &= actors["structure"].is_not_null()
        if petit:
            # One actor in eleven (every kind of structure stays), and every collectivity.
            sampled = pl.Series(np.arange(actors.height) % 11 == 0)
            concerned &= sampled | (actors["code_region"].str.len_chars() == 3)
        begin = packaged_line(one.code)["mois_debut"]
        assert isinstance(begin, date)
        kept = [rank for rank, month in enumerate(months) if month >= begin]
        chosen = actors.with_row_index("rang").filter(concerned)
        if not one.by_editor:
            chosen = chosen.with_columns(editeur=pl.lit(None, pl.String))
            chosen = chosen.unique(dimensions, keep="first", maintain_order=True)
        cells = chosen.select(dimensions)
        values = _values(random, one, size, age, season)[:, chosen["rang"].to_numpy()]
        yield _long(one.code, [months[rank] for rank in kept], cells, values[kept])


def _values(
    random: np.random.Generator, one: Series, size: np.ndarray, age: np.ndarray, season: np.ndarray
) -> np.ndarray:
    """Values by month × structure of one indicator: 0 until the structure adopts, then growing."""
    adopted = age >= one.delay
    if one.presence:
        return adopted.astype(np.int64)
    ripe = 1 - np.exp(-(age - one.delay + 1).clip(0) / one.ripening)
    level = one.level * size * ripe
    if one.seasonal:
        level = level * season * random.normal(1.0, 0.05, level.shape).clip(0.6)
    return np.where(adopted, np.rint(level), 0).clip(0).astype(np.int64)


# -- shaping -----------------------------------------------------------------------------------------


def _long(code: str, months: list[date], cells: pl.DataFrame, values: np.ndarray) -> pl.DataFrame:
    """Rows of ``segur__mesures`` from a month × cell matrix."""
    service = packaged_line(code)["service"]
    repeated = pl.concat([cells] * len(months))
    missing = [
        pl.lit(None, pl.String).alias(name)
        for name in MESURES.columns
        if name not in (*cells.columns, "mois", "service", "indicateur", "valeur")
    ]
    return repeated.with_columns(
        pl.Series("mois", np.repeat(np.array(months, dtype="datetime64[D]"), cells.height)).cast(pl.Date),
        pl.Series("valeur", values.reshape(-1)),
        *missing,
        service=pl.lit(service),
        indicateur=pl.lit(code),
    ).select(MESURES.columns)


@cache
def packaged_line(code: str) -> Mapping[str, object]:
    """The line of an indicator in the packaged catalogue."""
    return indicateurs_de_base().row(by_predicate=pl.col("code") == code, named=True)


def _targets() -> pl.DataFrame:
    """Invented targets: adoption of the e-CPS in France, in every region, and in Grand Est's departments."""
    departments = load().departements
    regions = printed_figures()["code_region"].to_list()
    grand_est = departments.filter(pl.col("code_region") == "44")["code_departement"].to_list()
    places = [("france", "FR"), *(("region", code) for code in regions)]
    lines = [("psc_taux_adoption", mesh, code, "2023-12-01", "50 %") for mesh, code in places]
    lines += [("psc_taux_adoption", "departement", code, "2023-12-01", "45 %") for code in grand_est]
    lines += [("mss_taux_activite", "region", code, "2023-06-01", "0,75") for code in regions]
    lines += [("dmp_documents", "region", "44", "2023-12-01", "400000")]
    return pl.DataFrame(
        lines, schema=["indicateur", "maille", "territoire", "mois_cible", "cible"], orient="row"
    )
