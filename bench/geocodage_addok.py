"""Our geocoder beside addok, the engine of the national address service, on the same BAN and the same addresses.

    python -m bench.geocodage_addok [--departement 67] [--lignes 350000] [--adresses 1000] [--addok ENVIRONNEMENT]
                                    [--details FICHIER.parquet]

One department of its true size is generated and ingested; addok indexes the very rows of the lake. Then addresses of
each kind (:mod:`bench.adresses_abimees`), clean and damaged, are searched by both, in one run, twice: as a register
without INSEE codes gives them, then with the commune's code. addok is asked in several ways, with as many processes
as the machine has cores, and the most accurate way of each line is the one that counts.

Needs a Redis server (Debian: ``redis-server``) and addok: an environment of its own is made unless ``--addok`` gives
one. Aim: as accurate or better on every line, less than 0.1 % in a wrong commune, fifty times the throughput.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from bench.addok_service import Answers, MissingTool, Service, load, python_of, service
from bench.adresses_abimees import DAMAGES, draw
from ingest.geocode.communes import attach_communes
from ingest.geocode.index import BAN_COLUMNS, Index, build_index
from ingest.geocode.locate import locate
from ingest.geocode.matching import match
from ingest.run import Request, run
from ingest.source import Context
from ingest.sources import source
from ingest.sources.ban.demo import write_ban
from lake.catalog.ban import ADRESSES
from lake.catalog.territoires import CODES_POSTAUX, COMMUNES, FUSIONS
from lake.settings import Settings
from lake.tables import Lake

SEED = 20250114
EXACT_M = 50.0
WRONG_COMMUNE_LIMIT_PCT = 0.1
THROUGHPUT_RATIO = 50.0
REPEATS = 3

# How addok is asked: filters, tried in order until something is found, and how many results it looks for.
WAYS_WITHOUT_CODE: dict[str, tuple[list[list[str]], int]] = {
    "sans filtre": ([[]], 5),
    "code postal, puis sans filtre": ([["postcode"], []], 5),
    "sans filtre, un résultat": ([[]], 1),
}
WAYS_WITH_CODE: dict[str, tuple[list[list[str]], int]] = {
    "code commune": ([["citycode"]], 5),
    "code commune, un résultat": ([["citycode"]], 1),
}


class Ready:
    """Our geocoder with its index already in memory, as addok has its own in Redis."""

    name = "ban"

    def __init__(self, departement: str, index: Index) -> None:
        self._departement = departement
        self._index = index

    def millesimes(self, departements: Sequence[str]) -> dict[str, str]:
        """See :class:`ingest.geocode.protocol.Geocoder`."""
        return {code: "1" for code in departements if code == self._departement}

    def search(self, addresses: pl.DataFrame) -> pl.DataFrame:
        """See :class:`ingest.geocode.protocol.Geocoder`."""
        return match(addresses, self._index)


def prepare(folder: Path, departement: str, rows: int) -> Lake:
    """A lake with the territories and the BAN of one department."""
    settings = Settings(lake=str(folder / "lac"))
    lake = Lake(settings)
    run(source("territoires"), Request(), settings)
    communes, codes, fusions = (lake.scan(table).collect() for table in (COMMUNES, CODES_POSTAUX, FUSIONS))
    local = communes.filter(pl.col("code_departement") == departement)
    ban = write_ban(folder / "ban", local, codes, rows=rows, fusions=fusions)
    run(source("ban"), Request(files=tuple(ban.paths.values())), settings)
    return lake


def ours(addresses: pl.DataFrame, with_code: bool, lake: Lake, geocoder: Ready) -> Answers:
    """Everything an ingestion does for these rows: communes, normalisation, search, centres of communes."""
    context = Context(scan=lake.scan, region="44", geocodeur="ban", budget=0.01)
    territories = [lake.scan(table).collect() for table in (COMMUNES, CODES_POSTAUX, FUSIONS)]
    rows = addresses.with_columns(
        code_commune_source=pl.col("vraie_commune") if with_code else pl.lit(None, pl.String),
        bureau_cedex=pl.lit(None, pl.String),
        code_departement=pl.lit(None, pl.String),
    )
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        located = locate(attach_communes(rows, *territories), context, geocoder).frame
        seconds.append(time.perf_counter() - started)
    found = pl.col("geo_precision").is_in(["numero", "rue", "lieu_dit"])
    frame = located.select(
        "id",
        "longitude",
        "latitude",
        type="geo_precision",
        commune=pl.when(found).then("code_commune_trouve").otherwise("code_commune"),
        score="geo_score",
    )
    return Answers(frame, statistics.median(seconds))


def theirs(addresses: pl.DataFrame, with_code: bool, addok: Service, processes: int) -> dict[str, Answers]:
    """addok's answers in each way of asking."""
    code = pl.col("vraie_commune") if with_code else pl.lit(None, pl.String)
    asked = addresses.with_columns(code_commune=code)
    names = {"housenumber": "numero", "street": "rue", "locality": "lieu_dit", "municipality": "commune"}
    answered = {}
    for way, (tries, limit) in (WAYS_WITH_CODE if with_code else WAYS_WITHOUT_CODE).items():
        got = addok.answer(asked, tries, processes=processes, limit=limit)
        answered[way] = Answers(got.frame.with_columns(pl.col("type").replace(names)), got.seconds)
    return answered


def measured(addresses: pl.DataFrame, answers: Answers) -> dict[str, float]:
    """The figures of one line for one engine."""
    joined = addresses.join(answers.frame, on="id", how="left", maintain_order="left")
    across = (pl.col("longitude") - pl.col("vraie_longitude")) * pl.col("vraie_latitude").radians().cos()
    along = pl.col("latitude") - pl.col("vraie_latitude")
    metres = (across**2 + along**2).sqrt() * 111_195
    asked = (pl.col("type") == pl.col("demande")).fill_null(False)
    placed = pl.col("longitude").is_not_null()
    share = {
        "trouvee": asked,
        "exacte": asked & (metres <= EXACT_M).fill_null(False),
        "autre": placed & pl.col("commune").ne_missing(pl.col("vraie_commune")),
        "sans": ~placed,
    }
    figures = joined.select(
        **{name: expression.mean() * 100 for name, expression in share.items()},
        mediane=metres.median(),
        p95=metres.quantile(0.95, interpolation="nearest"),
    ).row(0, named=True)
    return {**figures, "debit": addresses.height / answers.seconds}


_HEADER = (
    f"{'':24} | {'au numéro %':>13} | {'exactes %':>13} | {'autre commune %':>15} | {'médiane m':>11} | "
    f"{'95e centile m':>15} | {'adresses/s':>15} | rapport"
)


def _line(kind: str, mine: dict[str, float], other: dict[str, float], way: str) -> str:
    def pair(name: str, digits: int, width: int) -> str:
        values = (
            f"{figures[name]:.{digits}f}" if figures[name] is not None else "–" for figures in (mine, other)
        )
        half = (width - 3) // 2
        return " / ".join(f"{value:>{half}}" for value in values).rjust(width)

    cells = [
        pair("trouvee", 1, 13),
        pair("exacte", 1, 13),
        pair("autre", 2, 15),
        pair("mediane", 1, 11),
        pair("p95", 0, 15),
        pair("debit", 0, 15),
    ]
    return f"{kind:24} | {' | '.join(cells)} | ×{mine['debit'] / other['debit']:.0f} ({way})"


def compare(
    addresses: pl.DataFrame, with_code: bool, lake: Lake, geocoder: Ready, addok: Service, processes: int
) -> tuple[list[str], list[str], pl.DataFrame]:
    """Print one line a kind; what falls short of the aim, the throughput's shortfalls, and every answer."""
    print(f"\n{_HEADER}\n{'-' * len(_HEADER)}")
    short: list[str] = []
    slow: list[str] = []
    kept: list[pl.DataFrame] = []
    for kind in (wording for wording, _, _ in DAMAGES):
        some = addresses.filter(pl.col("ligne") == kind)
        if some.is_empty():
            print(f"{kind:24} | aucune adresse de ce genre dans ce département")
            continue
        own = ours(some, with_code, lake, geocoder)
        mine = measured(some, own)
        ways = {
            way: (measured(some, got), got) for way, got in theirs(some, with_code, addok, processes).items()
        }
        way = max(ways, key=lambda name: (round(ways[name][0]["exacte"], 6), -ways[name][0]["autre"]))
        other, got = ways[way]
        print(_line(kind, mine, other, way), flush=True)
        if mine["exacte"] < other["exacte"]:
            short.append(f"{kind} : {mine['exacte']:.2f} % exactes contre {other['exacte']:.2f} %")
        if mine["autre"] >= WRONG_COMMUNE_LIMIT_PCT:
            short.append(f"{kind} : {mine['autre']:.2f} % dans une autre commune")
        if mine["debit"] < THROUGHPUT_RATIO * max(figures["debit"] for figures, _ in ways.values()):
            slow.append(kind)
        answers = some.join(own.frame, on="id", how="left").join(
            got.frame, on="id", how="left", suffix="_addok"
        )
        kept.append(answers.with_columns(avec_code=pl.lit(with_code)))
    return short, slow, pl.concat(kept, how="diagonal_relaxed")


def main() -> int:
    """Prepare, measure, print; 1 when an aim is missed, 2 when a tool is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--departement", default="67")
    parser.add_argument("--lignes", type=int, default=350_000)
    parser.add_argument("--adresses", type=int, default=1_000, help="adresses de chaque genre")
    parser.add_argument("--graine", type=int, default=SEED, help="graine du tirage des adresses")
    parser.add_argument("--addok", type=Path, help="environnement Python où addok est installé")
    parser.add_argument("--details", type=Path, help="où écrire toutes les réponses (Parquet)")
    asked = parser.parse_args()
    processes = os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="obs-bench-") as temporary:
        folder = Path(temporary)
        try:
            python = python_of(asked.addok, folder / "environnement")
            with service(python, folder / "addok") as addok:
                return _run(asked, folder, addok, processes)
        except MissingTool as error:
            print(f"Mesure impossible : {error}")
            return 2


def _run(asked: argparse.Namespace, folder: Path, addok: Service, processes: int) -> int:
    lake = prepare(folder, asked.departement, asked.lignes)
    ban = lake.scan(ADRESSES).collect()
    communes = lake.scan(COMMUNES).filter(pl.col("code_departement") == asked.departement).collect()
    indexing = load(addok, ban, communes, lake.scan(CODES_POSTAUX).collect())
    started = time.perf_counter()
    index = build_index(ban.select(BAN_COLUMNS), {})
    own_indexing = time.perf_counter() - started
    addresses = draw(ban, asked.adresses, asked.graine)
    print(
        f"Département {asked.departement} : {ban.height} lignes de la BAN, {communes.height} communes ; "
        f"{addresses.height} adresses. Indexation : nous {own_indexing:.1f} s, addok {indexing:.0f} s. "
        f"addok : {processes} processus.\nDans chaque case : nous / addok. Exacte : au bon type de point, à "
        f"{EXACT_M:.0f} m au plus."
    )
    geocoder = Ready(asked.departement, index)
    ours(addresses.head(200), False, lake, geocoder)
    shorts: list[str] = []
    slows: list[str] = []
    kept = []
    for with_code, title in ((False, "sans code INSEE"), (True, "avec le code INSEE de la commune")):
        print(f"\nComme un registre {title}")
        short, slow, answers = compare(addresses, with_code, lake, geocoder, addok, processes)
        shorts += [f"{line} ({title})" for line in short]
        slows += [f"{kind} ({title})" for kind in slow]
        kept.append(answers)
    whole = ours(addresses, False, lake, geocoder)
    print(f"\nToutes ensemble, nous : {addresses.height / whole.seconds:.0f} adresses par seconde.")
    if asked.details:
        pl.concat(kept, how="diagonal_relaxed").write_parquet(asked.details)
    for line in shorts:
        print(f"En deçà : {line}")
    if slows:
        print(f"Débit inférieur à {THROUGHPUT_RATIO:.0f} fois celui d'addok : {', '.join(slows)}")
    print("Verdict : " + ("objectif manqué" if shorts or slows else "objectif atteint sur toutes les lignes"))
    return 1 if shorts or slows else 0


if __name__ == "__main__":
    main()
