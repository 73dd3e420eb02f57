"""Geocoding of a region's addresses against a BAN of its true size, from an empty memory.

    python -m bench.geocodage [--adresses 100000] [--lignes 2600000] [--avant RÉVISION]

The BAN is the demo generator's, ingested by the real source. The addresses are drawn from its rows and written
as registers write them: several layouts, abbreviations, missing kinds, CEDEX codes, typing errors, unknown
streets. The measure runs in a process of its own, so that its peak memory is its own. Aim: under 60 s.

With ``--avant``, an earlier revision of the project measures itself too, in turn with this one, each twice, on the
same addresses: what is read is the ratio of the best of each.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from demo.ban.write import write_ban
from ingest.geocode.locate import locate
from ingest.run import Request, run
from ingest.source import Context
from ingest.sources import source
from lake.catalog.ban import ADRESSES
from lake.catalog.territoires import CODES_POSTAUX, COMMUNES, FUSIONS
from lake.settings import Settings
from lake.tables import Lake
from lake.text import folded

LIMIT_S = 60.0
ROOT = Path(__file__).resolve().parents[1]
_SHORT = {"Rue": "R", "Avenue": "AV", "Boulevard": "BD", "Place": "PL", "Route": "RTE", "Chemin": "CHE"}
_SHORT |= {
    "Impasse": "IMP",
    "Allée": "ALL",
    "Square": "SQ",
    "Passage": "PAS",
    "Faubourg": "FG",
    "Cours": "CRS",
}

# Ways of writing, with their share of the addresses drawn.
WRITINGS = {
    "colonnes": 0.40,
    "une colonne": 0.20,
    "abrégée": 0.15,
    "sans type": 0.04,
    "numéro inconnu": 0.05,
    "sans numéro": 0.04,
    "cedex": 0.04,
    "commune inconnue": 0.02,
    "faute de frappe": 0.03,
    "mots inversés": 0.01,
    "rue inconnue": 0.02,
}


@dataclass(frozen=True)
class Measure:
    """What the measuring process saw: seconds, peak resident memory (MiB) and the result by writing."""

    seconds: float
    again: float
    peak: float
    table: pl.DataFrame


def draw(ban: pl.DataFrame, count: int, seed: int = 20250114) -> pl.DataFrame:
    """Addresses as registers write them, with the true point (``vraie_longitude``, ``vraie_latitude``)."""
    rng = np.random.default_rng(seed)
    # Sorted: the order in which the lake gives its files back is not promised.
    numbered = ban.drop_nulls(["longitude", "nom_voie", "numero"]).sort("id")
    chosen = numbered[rng.choice(numbered.height, min(count, numbered.height), replace=False)]
    shares = np.array(list(WRITINGS.values()))
    writing = pl.Series("ecriture", list(WRITINGS))[
        rng.choice(len(WRITINGS), chosen.height, p=shares / shares.sum())
    ]
    place = rng.integers(1, 1_000, chosen.height)
    parts = pl.col("nom_voie").str.splitn(" ", 2).struct
    typed = parts.field("field_0").is_in(list(_SHORT))
    kind = pl.when(typed).then(parts.field("field_0"))
    name = pl.when(typed).then(parts.field("field_1")).otherwise("nom_voie")
    upper = folded(pl.col("_name")).str.to_uppercase()
    short = pl.col("_kind").replace(_SHORT)
    titles = {"GENERAL": "GAL", "SAINT": "ST", "SAINTE": "STE", "DOCTEUR": "DR", "MARECHAL": "MAL"}
    abbreviated = upper.str.replace_many(
        [f" {word} " for word in titles], [f" {word} " for word in titles.values()]
    )
    # One letter less, somewhere after the first.
    cut = 1 + pl.col("_place") % pl.max_horizontal(upper.str.len_chars() - 2, pl.lit(1))
    typo = upper.str.slice(0, cut) + upper.str.slice(cut + 1)
    swapped = upper.str.replace(r"^(.*) ([^ ]+)$", "${2} ${1}")
    is_ = lambda wording: pl.col("ecriture") == wording  # noqa: E731 — a name for a comparison
    one = pl.concat_str("numero", "repetition", "_kind", "_name", separator=" ", ignore_nulls=True)
    return (
        chosen.with_columns(writing, _place=pl.Series(place), _kind=kind, _name=name)
        .select(
            "ecriture",
            numero_voie=pl.when(is_("une colonne") | is_("sans numéro"))
            .then(None)
            .when(is_("numéro inconnu"))
            .then(pl.lit("8999"))
            .otherwise("numero"),
            indice_repetition_voie=pl.when(~is_("une colonne")).then("repetition"),
            libelle_type_voie=pl.when(is_("abrégée"))
            .then(short)
            .when(~is_("une colonne") & ~is_("sans type"))
            .then("_kind"),
            libelle_voie=pl.when(is_("une colonne"))
            .then(one)
            .when(is_("abrégée"))
            .then(abbreviated)
            .when(is_("faute de frappe"))
            .then(typo)
            .when(is_("mots inversés"))
            .then(swapped)
            .when(is_("rue inconnue"))
            .then(pl.lit("KERZHOUARNEG"))
            .otherwise(upper),
            code_postal=pl.when(is_("cedex"))
            .then(pl.col("code_departement") + "099")
            .otherwise("code_postal"),
            code_commune=pl.when(~is_("commune inconnue")).then("code_commune"),
            code_departement="code_departement",
            libelle_commune_source="nom_commune",
            vraie_commune="code_commune",
            vraie_longitude="longitude",
            vraie_latitude="latitude",
        )
        .sample(fraction=1.0, shuffle=True, seed=seed)
    )


def peak_memory() -> float:
    """Peak resident memory of this process, MiB (``ru_maxrss`` would count the parent's, kept through exec)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure(lake: str, rows_path: str) -> Measure:
    """Locate the addresses of a file against a lake; meant for a fresh process."""
    rows = pl.read_parquet(rows_path)
    context = Context(scan=Lake(Settings(lake=lake)).scan, region="44", geocodeur="ban", budget=0.01)
    started = time.perf_counter()
    located = locate(rows, context)
    seconds = time.perf_counter() - started
    peak = peak_memory()
    Lake(Settings(lake=lake)).publish(located.memory_parsed().table, located.memory)
    started = time.perf_counter()
    locate(rows, context)
    again = time.perf_counter() - started
    across = (pl.col("longitude") - pl.col("vraie_longitude")) * pl.col("vraie_latitude").radians().cos()
    along = pl.col("latitude") - pl.col("vraie_latitude")
    precision = pl.col("geo_precision")
    located_rows = precision.is_in(["numero", "rue", "lieu_dit"])
    aggregates = [
        pl.len().alias("adresses"),
        (precision == "numero").mean().mul(100).round(2).alias("au numéro %"),
        (precision == "rue").mean().mul(100).round(2).alias("à la rue %"),
        (~located_rows).mean().mul(100).round(2).alias("non localisées %"),
        (pl.col("code_commune_trouve") != pl.col("vraie_commune"))
        .mean()
        .mul(100)
        .round(3)
        .alias("autre commune %"),
        ((across**2 + along**2).sqrt() * 111_195)
        .filter(precision == "numero")
        .quantile(0.99)
        .round(1)
        .alias("erreur au numéro, 99e centile (m)"),
        (located_rows & ((across**2 + along**2).sqrt() * 111_195 > 1000))
        .mean()
        .mul(100)
        .round(3)
        .alias("à plus de 1 km %"),
    ]
    by_writing = located.frame.group_by("ecriture").agg(aggregates).sort("adresses", descending=True)
    whole = located.frame.select(pl.lit("ensemble").alias("ecriture"), *aggregates).head(1)
    return Measure(seconds, again, peak, pl.concat([whole, by_writing]))


def prepare(folder: Path, rows: int) -> Settings:
    """A lake with the territories and a BAN of that many rows."""
    settings = Settings(lake=str(folder / "lac"))
    lake = Lake(settings)
    run(source("territoires"), Request(), settings)
    communes, codes, fusions = (lake.scan(table).collect() for table in (COMMUNES, CODES_POSTAUX, FUSIONS))
    region = communes.filter(pl.col("code_region") == settings.region)
    ban = write_ban(folder / "ban", region, codes, rows=rows, fusions=fusions)
    started = time.perf_counter()
    report = run(source("ban"), Request(files=tuple(ban.paths.values())), settings)
    print(f"BAN : {report.total('publiees')} lignes ingérées en {time.perf_counter() - started:.1f} s")
    return settings


_RATE = re.compile(r"(\d+) par seconde")


def against(revision: str, addresses: int, rows: int) -> None:
    """Let an earlier revision and this one measure themselves, in turn, and print the ratio.

    Raises:
        subprocess.CalledProcessError: git does not know the revision.
        RuntimeError: one of them did not measure.
    """
    rates: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="obs-avant-") as temporary:
        before = Path(temporary) / "avant"
        subprocess.run(["git", "worktree", "add", "--detach", str(before), revision], cwd=ROOT, check=True)
        try:
            for name, tree in (("avant", before), ("maintenant", ROOT)) * 2:
                asked = ["--adresses", str(addresses), "--lignes", str(rows)]
                command = [sys.executable, "-m", "bench.geocodage", *asked]
                done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
                found = _RATE.search(done.stdout)
                if found is None:
                    raise RuntimeError(f"{name} : {done.stdout}{done.stderr}")
                rates.setdefault(name, []).append(float(found[1]))
                print(f"{name} : {found[1]} adresses par seconde", flush=True)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(before)], cwd=ROOT, check=True)
    print(f"maintenant ÷ avant ({revision}) : {max(rates['maintenant']) / max(rates['avant']):.2f}")


def main() -> int:
    """Prepare, measure, print; 1 when the limit is not met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--adresses", type=int, default=100_000)
    parser.add_argument("--lignes", type=int, default=2_600_000)
    parser.add_argument(
        "--avant", metavar="RÉVISION", help="mesure aussi cette révision du projet, tour à tour"
    )
    asked = parser.parse_args()
    if asked.avant:
        against(asked.avant, asked.adresses, asked.lignes)
        return 0
    with tempfile.TemporaryDirectory(prefix="obs-bench-") as temporary:
        folder = Path(temporary)
        settings = prepare(folder, asked.lignes)
        ban = Lake(settings).scan(ADRESSES).collect()
        draw(ban, asked.adresses).write_parquet(folder / "adresses.parquet")
        del ban
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            measured = pool.apply(measure, (settings.lake, str(folder / "adresses.parquet")))
    count = measured.table["adresses"][0]
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=200, tbl_hide_dataframe_shape=True):
        print(measured.table)
    print(
        f"{count} adresses distinctes en {measured.seconds:.1f} s : {count / measured.seconds:.0f} par seconde"
    )
    print(
        f"mémoire de pointe : {measured.peak:.0f} Mio ; de nouveau, tout en mémoire : {measured.again:.1f} s"
    )
    return 0 if measured.seconds < LIMIT_S else 1


if __name__ == "__main__":
    main()
