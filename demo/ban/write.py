"""Demo files of the Base Adresse Nationale: invented streets around the true centres of the communes.

The files have the layout of the official ``adresses-<departement>.csv.gz``. The communes, their postal
codes and centres are true; the streets, numbers and positions are drawn at random from a seed, so two runs
with the same arguments write the same bytes.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from demo.ban.anciennes import with_former_names
from demo.ban.voies import PLACES, Noms, capitales, catalogue
from lake.errors import ContractError
from lake.geo import LAMBERT_93, to_metres

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Say = Callable[[str, float | None], None]

_COLUMNS = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;"
    "nom_ancienne_commune;x;y;lon;lat;type_position;alias;nom_ld;libelle_acheminement;nom_afnor;"
    "source_position;source_nom_voie;certification_commune;cad_parcelles"
)
COLUMNS = tuple(_COLUMNS.split(";"))
"""Columns of the official files, in order."""

ROWS_FULL, ROWS_SMALL, ROWS_BENCH = 360_000, 15_000, 2_600_000
"""Usual sizes: the full demo, the small one, and the true size of the region for the benchmark."""

_NO_COORDINATES = 0.007
_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class BanDemo:
    """What was written, and what the generator of the health directory needs to write findable addresses.

    Attributes:
        paths: file of each department, by department code.
        lignes: number of rows written, all files together.
        lignes_par_departement: the same by department code.
        rues: one row per street or lieu-dit: ``rue`` (Int32, row number), ``code_commune``,
            ``code_postal``, ``type`` (Int8, index in :data:`demo.ban.voies.TYPES`), ``nom``
            (what follows the kind), ``nom_voie``, ``lieu_dit`` (Boolean), ``numero_max`` (Int32; 0 for a
            lieu-dit).
        adresses: one row per address that has coordinates: ``rue`` (Int32), ``numero`` (Int32, 0 for a
            lieu-dit), ``repetition`` (String, may be empty), ``longitude``, ``latitude`` (Float64, degrees).
    """

    paths: Mapping[str, Path]
    lignes: int
    lignes_par_departement: Mapping[str, int]
    rues: pl.DataFrame
    adresses: pl.DataFrame


def write_ban(
    folder: Path,
    communes: pl.DataFrame,
    codes_postaux: pl.DataFrame,
    *,
    rows: int = ROWS_FULL,
    seed: int = 20250114,
    fusions: pl.DataFrame | None = None,
    say: Say = lambda _sentence, _share: None,
) -> BanDemo:
    """Write one ``adresses-<departement>.csv.gz`` per department of the communes given.

    Args:
        folder: where to write; created if absent.
        communes: ``territoires__communes`` (``code_commune``, ``commune``, ``code_departement``,
            ``population``, ``longitude``, ``latitude``); communes without a centre or a postal code get no
            address.
        codes_postaux: ``territoires__codes_postaux``.
        rows: exact number of rows to write, all departments together; at least one per commune.
        seed: same seed and arguments, same bytes.
        fusions: ``territoires__fusions``: part of the streets then bear the name of their former commune.
        say: progress.

    Raises:
        ContractError: fewer rows than communes.
    """
    rng = np.random.default_rng(seed)
    say("Rues de la base adresse de démonstration", 0.0)
    places = _communes(communes, codes_postaux)
    if rows < places.height:
        raise ContractError(
            f"Démonstration de la BAN : {rows} adresses pour {places.height} communes.",
            conseil="Demandez au moins une adresse par commune.",
        )
    noms = catalogue(communes.sort("population", descending=True, nulls_last=True)["commune"].head(300))
    streets = _streets(rng, places, codes_postaux, noms, rows, fusions)
    folder.mkdir(parents=True, exist_ok=True)
    paths: dict[str, Path] = {}
    written: dict[str, int] = {}
    kept: list[pl.DataFrame] = []
    departements = streets["code_departement"].unique().sort().to_list()
    # One generator per department: the order in which threads finish cannot change the bytes.
    seeds = rng.integers(0, 2**63 - 1, size=len(departements))

    def write(position: int) -> tuple[str, Path, int, pl.DataFrame]:
        code = departements[position]
        local = streets.filter(pl.col("code_departement") == code)
        frame, light = _addresses(np.random.default_rng(seeds[position]), local)
        path = folder / f"adresses-{code}.csv.gz"
        _write_gzip(path, frame)
        return code, path, frame.height, light

    with ThreadPoolExecutor(max_workers=2) as pool:
        for done, (code, path, height, light) in enumerate(
            pool.map(write, range(len(departements))), start=1
        ):
            paths[code], written[code] = path, height
            kept.append(light)
            say(f"Base adresse de démonstration : {code}", done / len(departements))
    rues = streets.select(
        "rue", "code_commune", "code_postal", "type", "nom", "nom_voie", "lieu_dit", numero_max="taille"
    ).join(
        pl.concat(kept).group_by("rue").agg(_max=pl.col("numero").max()),
        on="rue",
        how="left",
        maintain_order="left",
    )
    return BanDemo(
        paths,
        sum(written.values()),
        written,
        rues.with_columns(numero_max=pl.max_horizontal("numero_max", "_max").cast(pl.Int32)).drop("_max"),
        pl.concat(kept).filter(pl.col("longitude").is_not_null()),
    )


def _communes(communes: pl.DataFrame, codes_postaux: pl.DataFrame) -> pl.DataFrame:
    """Communes with a centre and a postal code, sorted by code."""
    return (
        communes.filter(pl.col("longitude").is_not_null() & pl.col("latitude").is_not_null())
        .join(codes_postaux, on="code_commune", how="semi")
        .select(
            "code_commune",
            "commune",
            "code_departement",
            pl.col("population").fill_null(0).cast(pl.Int64),
            "longitude",
            "latitude",
        )
        .sort("code_commune")
    )


def apportion(weights: Floats, total: int) -> Ints:
    """Share a total out in whole numbers, in proportion to weights (largest remainders)."""
    exact = weights / weights.sum() * total
    whole: Ints = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return np.asarray(whole)


def spread_km(population: Floats) -> Floats:
    """Radius around the centre within which a commune's addresses lie, km: 0.4 for a hamlet, 4 for a city."""
    return 0.25 + 0.35 * (np.maximum(population, 1) / 1000.0) ** 0.42


def _streets(
    rng: np.random.Generator,
    places: pl.DataFrame,
    codes_postaux: pl.DataFrame,
    noms: Noms,
    rows: int,
    fusions: pl.DataFrame | None,
) -> pl.DataFrame:
    """One row per street or lieu-dit, with its number of addresses, axis and postal code."""
    count = places.height
    population = places["population"].to_numpy().astype(np.float64)
    base = min(4, max(1, rows // (2 * count)))
    per_commune = base + apportion(population + 30.0, rows - base * count)
    lieux_dits = np.minimum((per_commune * rng.uniform(0.0, 0.12, count)).astype(np.int64), len(PLACES))
    numbered = per_commune - lieux_dits
    ways = np.maximum(1, np.round(numbered / (4.0 + numbered**0.25))).astype(np.int64)
    ways = np.minimum(ways, noms.communs // 2 + noms.autres)

    owner = np.repeat(np.arange(count), ways)
    first = np.concatenate([[0], np.cumsum(ways)[:-1]])
    rank = np.arange(owner.size) - first[owner]
    # Every street has one address; the others go rather to the first streets of the commune.
    extra_owner = np.repeat(np.arange(count), numbered - ways)
    chosen = first[extra_owner] + (ways[extra_owner] * rng.random(extra_owner.size) ** 1.6).astype(np.int64)
    size = 1 + np.bincount(chosen, minlength=owner.size)

    common = np.minimum(np.ceil(ways * 0.55).astype(np.int64), noms.communs // 2)
    start, step = rng.integers(0, noms.communs, count), rng.integers(1, noms.communs, count)
    start2, step2 = rng.integers(0, noms.autres, count), rng.integers(1, noms.autres, count)
    name = np.where(
        rank < common[owner],
        (start[owner] + rank * step[owner]) % noms.communs,
        noms.communs + (start2[owner] + rank * step2[owner]) % noms.autres,
    )
    place_owner = np.repeat(np.arange(count), lieux_dits)
    place_first = np.concatenate([[0], np.cumsum(lieux_dits)[:-1]])
    place_rank = np.arange(place_owner.size) - place_first[place_owner]
    place = (rng.integers(0, len(PLACES), count)[place_owner] + place_rank) % len(PLACES)

    streets = pl.concat(
        [
            noms.frame[name].with_columns(
                proprietaire=pl.Series(owner),
                rang=pl.Series(rank),
                taille=pl.Series(size),
                lieu_dit=pl.lit(False),
            ),
            pl.DataFrame(
                {
                    "type": np.zeros(place.size, np.int8),
                    "nom": pl.Series(PLACES)[place],
                    "nom_voie": pl.Series(PLACES)[place],
                    "proprietaire": place_owner,
                    "rang": 5000 + place_rank,
                    "taille": np.ones(place.size, np.int64),
                    "lieu_dit": np.ones(place.size, bool),
                }
            ),
        ],
        how="vertical_relaxed",
    ).sort("proprietaire", "rang")
    owners = streets["proprietaire"].to_numpy()
    radius = spread_km(population)[owners] * 1000.0
    distance = np.where(
        streets["lieu_dit"].to_numpy(), 0.8 + rng.random(owners.size), np.sqrt(rng.random(owners.size))
    )
    bearing = rng.uniform(0, 2 * np.pi, owners.size)
    # A commune may have several postal codes: its streets share them.
    codes = codes_postaux.group_by("code_commune").agg(pl.col("code_postal").sort())
    owned = places.select("code_commune", "commune", "code_departement", "longitude", "latitude")[owners]
    located = (
        pl.concat([streets, owned], how="horizontal")
        .with_columns(
            pl.Series("_est", distance * radius * np.cos(bearing) * 0.8),
            pl.Series("_nord", distance * radius * np.sin(bearing) * 0.8),
            pl.Series("_axe", rng.uniform(0, 2 * np.pi, owners.size)),
            pl.Series("_tirage", rng.integers(0, 1_000_000, owners.size)),
        )
        .join(codes, on="code_commune", how="left", maintain_order="left")
    )
    located = located.with_columns(
        code_postal=pl.col("code_postal").list.get(pl.col("_tirage") % pl.col("code_postal").list.len())
    )
    located = with_former_names(located, fusions)
    fantoir = (
        pl.when("lieu_dit")
        .then(pl.lit("B") + (pl.col("rang") - 4999).cast(pl.String).str.zfill(3))
        .when(pl.col("rang") < 9000)
        .then((pl.col("rang") + 10).cast(pl.String).str.zfill(4))
        .otherwise(pl.lit("C") + (pl.col("rang") - 9000).cast(pl.String).str.zfill(3))
    )
    return (
        located.with_columns(fantoir=fantoir).with_row_index("rue").with_columns(pl.col("rue").cast(pl.Int32))
    )


def _addresses(rng: np.random.Generator, streets: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of one department: official columns, and the light frame kept in memory."""
    size = streets["taille"].to_numpy()
    owner = np.repeat(np.arange(streets.height), size)
    total = owner.size
    first = np.concatenate([[0], np.cumsum(size)[:-1]])
    rank = np.arange(total) - first[owner]
    lieu_dit = streets["lieu_dit"].to_numpy()[owner]
    # A repeated number (bis, ter) stays at its predecessor's number; others advance by one or two.
    repeated = (rng.random(total) < 0.03) & (rank > 0)
    after_repeated = np.concatenate([[False], repeated[:-1]])
    twice_before = np.concatenate([[False], after_repeated[:-1]])
    repeated &= ~(after_repeated & twice_before)
    advance = np.where(repeated, 0, 1 + (rng.random(total) < 0.15))
    running = np.cumsum(advance)
    numero = running - (running[first] - advance[first])[owner]
    order = np.where(repeated, np.where(after_repeated & (rank > 1), 2, 1), 0)
    letters = rng.random(streets.height) < 0.2
    wording = pl.Series(["", "bis", "ter", "", "a", "b"])
    repetition = wording[order + 3 * letters[owner]]
    numero = np.where(lieu_dit, 0, numero)

    axis = streets["_axe"].to_numpy()[owner]
    along = numero * 12.0 - 6.0 * size[owner]
    side = np.where(numero % 2 == 0, 8.0, -8.0) + rng.normal(0, 1.5, total)
    east = streets["_est"].to_numpy()[owner] + along * np.cos(axis) - side * np.sin(axis)
    north = streets["_nord"].to_numpy()[owner] + along * np.sin(axis) + side * np.cos(axis)
    latitude = streets["latitude"].to_numpy()[owner] + north / _METRES_PER_DEGREE
    longitude = streets["longitude"].to_numpy()[owner] + east / (
        _METRES_PER_DEGREE * np.cos(np.radians(latitude))
    )
    x, y = to_metres(longitude, latitude, LAMBERT_93)
    # The first address of a street always has coordinates: the street itself can be found.
    missing = (rng.random(total) < _NO_COORDINATES) & (rank > 0)

    per_street = streets.select(
        id_fantoir=pl.col("code_commune") + "_" + pl.col("fantoir"),
        nom_voie=pl.when("lieu_dit").then(pl.lit("")).otherwise("nom_voie"),
        code_postal="code_postal",
        code_insee="code_commune",
        nom_commune="commune",
        code_insee_ancienne_commune="ancien_code",
        nom_ancienne_commune="ancien_nom",
        nom_ld=pl.when("lieu_dit").then("nom_voie").otherwise(pl.lit("")),
        libelle_acheminement=capitales(pl.col("commune")),
        nom_afnor=pl.when("lieu_dit").then(pl.lit("")).otherwise(capitales(pl.col("nom_voie"))),
        certification_commune=(pl.col("code_commune").str.tail(3).cast(pl.Int32) % 3 > 0).cast(pl.Int8),
        rue="rue",
    )
    hidden = pl.Series("_sans", missing)
    frame = per_street[owner].with_columns(
        hidden,
        pl.Series("_numero", numero.astype(np.int32)),
        repetition.alias("rep"),
        pl.Series("x", np.round(x, 2)),
        pl.Series("y", np.round(y, 2)),
        pl.Series("lon", np.round(longitude, 6)),
        pl.Series("lat", np.round(latitude, 6)),
        pl.Series("_parcelle", rng.integers(1, 400, total)),
        pl.Series("_tirage", rng.random(total)),
    )
    numbered = pl.col("_numero") > 0
    frame = frame.with_columns(
        [pl.when("_sans").then(None).otherwise(pl.col(c)).alias(c) for c in ("x", "y", "lon", "lat")]
    ).with_columns(
        id=pl.when(numbered)
        .then(
            pl.concat_str(
                "id_fantoir",
                pl.lit("_"),
                pl.col("_numero").cast(pl.String).str.zfill(5),
                pl.when(pl.col("rep") != "").then("_" + pl.col("rep")).otherwise(pl.lit("")),
            )
        )
        .otherwise("id_fantoir"),
        numero=pl.when(numbered).then(pl.col("_numero").cast(pl.String)).otherwise(pl.lit("")),
        type_position=pl.when(~numbered | pl.col("_sans"))
        .then(pl.lit(""))
        .when(pl.col("_tirage") < 0.7)
        .then(pl.lit("entrée"))
        .otherwise(pl.lit("segment")),
        alias=pl.lit(""),
        nom_ld=pl.when(numbered & (pl.col("_tirage") > 0.985))
        .then(pl.lit("Résidence ") + pl.lit(list("ABCDEFGH")).list.get(pl.col("_parcelle") % 8))
        .otherwise("nom_ld"),
        source_position=pl.when(pl.col("certification_commune") == 1)
        .then(pl.lit("commune"))
        .otherwise(pl.lit("cadastre")),
        source_nom_voie=pl.when(pl.col("certification_commune") == 1)
        .then(pl.lit("commune"))
        .otherwise(pl.lit("cadastre")),
        cad_parcelles=pl.when(pl.col("_tirage") < 0.5)
        .then(pl.col("code_insee") + "000AB" + pl.col("_parcelle").cast(pl.String).str.zfill(4))
        .otherwise(pl.lit("")),
    )
    light = frame.select("rue", numero="_numero", repetition="rep", longitude="lon", latitude="lat")
    return frame.select(COLUMNS), light


def _write_gzip(path: Path, frame: pl.DataFrame) -> None:
    """Write a frame as the official CSV; no time stamp in the archive, so that bytes only depend on rows."""
    buffer = io.BytesIO()
    options: dict[str, Any] = {"separator": ";", "quote_style": "never", "null_value": ""}
    frame.write_csv(buffer, **options)
    with (
        path.open("wb") as target,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=target, mtime=0) as archive,
    ):
        archive.write(buffer.getbuffer())
