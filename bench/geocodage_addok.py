"""Our geocoder beside addok, the engine of the national address service, on the same BAN and the same addresses.

    python -m bench.geocodage_addok [--departement 67] [--lignes 350000] [--adresses 1000] [--addok ENVIRONNEMENT]
                                    [--details FICHIER.parquet]

One department of its true size is generated and ingested; addok indexes the very rows of the lake. Then addresses of
each kind (:mod:`bench.adresses_abimees`), clean and damaged, are searched by both, in one run, twice: as a register
without INSEE codes gives them, then with the commune's code. addok is asked in several ways, with as many processes
as the machine has cores, and the most accurate way of each line is the one that counts.

Both engines have their index ready. addok answers one address after the other, so that its throughput does not
depend on how many it is given; ours takes a batch, and its throughput is measured on a batch of the size that an
ingestion has, which holds the very addresses that both are judged on.

Needs a Redis server (Debian: ``redis-server``) and addok: an environment of its own is made unless ``--addok`` gives
one. Aim: as accurate or better on every line, less than 0.1 % in a wrong commune, fifty times the throughput.
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from bench.addok_service import Answers, MissingTool, Service, load, python_of, service
from bench.adresses_abimees import DAMAGES, draw
from demo.ban.write import write_ban
from ingest.geocode.ban import BanGeocoder
from ingest.geocode.locate import locate
from ingest.run import Request, run
from ingest.source import Context
from ingest.sources import source
from lake.catalog.ban import ADRESSES
from lake.catalog.territoires import CODES_POSTAUX, COMMUNES, FUSIONS
from lake.settings import Settings
from lake.tables import Lake
from scoring.geocode.communes import attach_communes
from scoring.geocode.departement import matched
from scoring.geocode.index import BAN_COLUMNS, Index, build_index
from scoring.geocode.protocol import Geocoder

SEED = 20250114
EXACT_M = 50.0
WRONG_COMMUNE_LIMIT_PCT = 0.1
THROUGHPUT_RATIO = 50.0
# Two shares differ when the addresses that one engine alone has right outnumber the other's by so many standard
# deviations (McNemar's test, 95 %).
SIGNIFICANT = 1.96
PROCESSES = os.cpu_count() or 1

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
        """See :class:`scoring.geocode.protocol.Geocoder`."""
        return {code: "1" for code in departements if code == self._departement}

    def search(self, addresses: pl.DataFrame) -> pl.DataFrame:
        """See :class:`scoring.geocode.protocol.Geocoder`."""
        return matched(addresses, self._index, at_once=PROCESSES)


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


def ours(addresses: pl.DataFrame, with_code: bool, lake: Lake, geocoder: Geocoder) -> Answers:
    """Everything an ingestion does for these rows: communes, normalisation, search, centres of communes."""
    context = Context(scan=lake.scan, region="44", geocodeur="ban", budget=0.01)
    rows = addresses.with_columns(
        code_commune_source=pl.col("vraie_commune") if with_code else pl.lit(None, pl.String),
        bureau_cedex=pl.lit(None, pl.String),
        code_departement=pl.lit(None, pl.String),
    )
    started = time.perf_counter()
    territories = [lake.scan(table).collect() for table in (COMMUNES, CODES_POSTAUX, FUSIONS)]
    located = locate(attach_communes(rows, *territories), context, geocoder).frame
    seconds = time.perf_counter() - started
    found = pl.col("geo_precision").is_in(["numero", "rue", "lieu_dit"])
    frame = located.select(
        "id",
        "longitude",
        "latitude",
        type="geo_precision",
        commune=pl.when(found).then("code_commune_trouve").otherwise("code_commune"),
        score="geo_score",
    )
    return Answers(frame, seconds)


def theirs(addresses: pl.DataFrame, with_code: bool, addok: Service) -> dict[str, Answers]:
    """addok's answers in each way of asking."""
    code = pl.col("vraie_commune") if with_code else pl.lit(None, pl.String)
    asked = addresses.with_columns(code_commune=code)
    names = {"housenumber": "numero", "street": "rue", "locality": "lieu_dit", "municipality": "commune"}
    answered = {}
    for way, (tries, limit) in (WAYS_WITH_CODE if with_code else WAYS_WITHOUT_CODE).items():
        got = addok.answer(asked, tries, processes=PROCESSES, limit=limit)
        answered[way] = Answers(got.frame.with_columns(pl.col("type").replace(names)), got.seconds)
    return answered


def measured(addresses: pl.DataFrame, answers: Answers) -> dict[str, float]:
    """The shares (%) and distances (m) of one line for one engine."""
    figures = _judged(addresses, answers).select(
        trouvee=pl.col("_trouvee").mean() * 100,
        exacte=pl.col("_exacte").mean() * 100,
        autre=pl.col("_autre").mean() * 100,
        faux=pl.col("_faux").mean() * 100,
        precision=(pl.col("_exacte") & pl.col("_numero")).sum() / pl.col("_numero").sum() * 100,
        mediane=pl.col("_metres").median(),
        p95=pl.col("_metres").quantile(0.95, interpolation="nearest"),
    )
    return figures.row(0, named=True)


def _judged(addresses: pl.DataFrame, answers: Answers) -> pl.DataFrame:
    """Each answer against the truth: ``id``, what it is (``_exacte``, ``_faux``…, Boolean), ``_metres``."""
    joined = addresses.join(answers.frame, on="id", how="left", maintain_order="left")
    across = (pl.col("longitude") - pl.col("vraie_longitude")) * pl.col("vraie_latitude").radians().cos()
    along = pl.col("latitude") - pl.col("vraie_latitude")
    metres = (across**2 + along**2).sqrt() * 111_195
    # A street that does not exist has no true point: only the town may be right.
    metres = pl.when(pl.col("demande") != "aucun").then(metres)
    asked = (pl.col("type") == pl.col("demande")).fill_null(False)
    numbered = (pl.col("type") == "numero").fill_null(False)
    somewhere = pl.col("type").is_in(["numero", "rue", "lieu_dit"]).fill_null(False)
    placed = pl.col("longitude").is_not_null()
    exact = asked & (metres <= EXACT_M).fill_null(False)
    absent = pl.col("demande") == "aucun"
    return joined.select(
        "id",
        _trouvee=pl.when(absent).then(numbered).otherwise(asked),
        _exacte=pl.when(absent).then(~somewhere).otherwise(exact),
        _numero=numbered,
        # A house number's point that is not the one asked: what must never be.
        _faux=numbered & ~(exact & (pl.col("demande") == "numero")),
        _autre=placed & pl.col("commune").ne_missing(pl.col("vraie_commune")),
        _metres=metres,
    )


def _discordant(addresses: pl.DataFrame, mine: Answers, other: Answers) -> tuple[int, int]:
    """How many addresses only we, and only addok, have right: chance alone would share them evenly."""
    both = _judged(addresses, mine)["_exacte"], _judged(addresses, other)["_exacte"]
    return int((both[0] & ~both[1]).sum()), int((both[1] & ~both[0]).sum())


_HEADER = (
    f"{'':26} | {'exactes %':>13} | {'justes au n° %':>15} | {'faux points %':>13} | {'autre commune %':>15} | "
    f"{'95e centile m':>15} | {'adresses/s':>15} | rapport"
)


@dataclass
class Outcome:
    """What the lines of a table add up to: shortfalls (sure, within chance, of throughput), and both engines' runs."""

    short: list[str] = field(default_factory=list)
    level: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    answers: list[pl.DataFrame] = field(default_factory=list)
    ours: list[tuple[int, float]] = field(default_factory=list)
    theirs: list[tuple[int, float]] = field(default_factory=list)


def _rate(runs: Sequence[tuple[int, float]]) -> float:
    """Addresses per second over several runs."""
    return sum(count for count, _ in runs) / sum(seconds for _, seconds in runs)


def _line(
    kind: str, figures: tuple[dict[str, float], dict[str, float]], rates: tuple[float, float], way: str
) -> str:
    def pair(values: Sequence[float | None], digits: int, width: int) -> str:
        half = (width - 3) // 2
        return " / ".join(
            f"{'–' if value is None else format(value, f'.{digits}f'):>{half}}" for value in values
        )

    # Exact: recall; right among the answers at a number: precision; wrong points: at another number's.
    shown = (("exacte", 1, 13), ("precision", 1, 15), ("faux", 2, 13), ("autre", 2, 15), ("p95", 0, 15))
    cells = [pair([engine[name] for engine in figures], digits, width) for name, digits, width in shown]
    return f"{kind:26} | {' | '.join([*cells, pair(rates, 0, 15)])} | ×{rates[0] / rates[1]:.0f} ({way})"


def compare(
    batches: pl.DataFrame, count: int, with_code: bool, lake: Lake, geocoder: Ready, addok: Service
) -> Outcome:
    """Search every kind with both engines, and print one line for each.

    Args:
        batches: addresses of every kind, as an ingestion has them; the first ``count`` of each are judged.
    """
    title = "avec le code INSEE de la commune" if with_code else "sans code INSEE"
    print(f"\nComme un registre {title}\n{_HEADER}\n{'-' * len(_HEADER)}")
    outcome = Outcome()
    for kind in (wording for wording, _, _ in DAMAGES):
        batch = batches.filter(pl.col("ligne") == kind)
        judged = batch.head(count)
        if judged.is_empty() and batches["ligne"].n_unique() > 1:
            print(f"{kind:26} | aucune adresse de ce genre dans ce département")
        if judged.is_empty():
            continue
        own = ours(batch, with_code, lake, geocoder)
        mine = measured(judged, own)
        ways = {way: (measured(judged, got), got) for way, got in theirs(judged, with_code, addok).items()}
        way = max(ways, key=lambda name: (round(ways[name][0]["exacte"], 6), -ways[name][0]["autre"]))
        other, got = ways[way]
        outcome.ours.append((batch.height, own.seconds))
        outcome.theirs.append((judged.height, got.seconds))
        rates = (_rate(outcome.ours[-1:]), _rate(outcome.theirs[-1:]))
        print(_line(kind, (mine, other), rates, way), flush=True)
        only_ours, only_theirs = _discordant(judged, own, got)
        if only_theirs > only_ours:
            gap = (
                f"{kind} ({title}) : {mine['exacte']:.2f} % exactes contre {other['exacte']:.2f} % ; {only_ours} pour "
                f"nous seuls, {only_theirs} pour addok seul"
            )
            sure = only_theirs - only_ours > SIGNIFICANT * math.sqrt(only_ours + only_theirs)
            (outcome.short if sure else outcome.level).append(gap)
        if mine["autre"] >= WRONG_COMMUNE_LIMIT_PCT:
            outcome.short.append(f"{kind} ({title}) : {mine['autre']:.2f} % dans une autre commune")
        if rates[0] < THROUGHPUT_RATIO * rates[1]:
            outcome.slow.append(f"{kind} ({title}) ×{rates[0] / rates[1]:.0f}")
        both = judged.join(own.frame, on="id", how="left").join(
            got.frame, on="id", how="left", suffix="_addok"
        )
        outcome.answers.append(both.with_columns(avec_code=pl.lit(with_code)))
    return outcome


def main() -> int:
    """Prepare, measure, print; 1 when an aim is missed, 2 when a tool is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--departement", default="67")
    parser.add_argument("--lignes", type=int, default=350_000)
    parser.add_argument("--adresses", type=int, default=1_000, help="adresses jugées de chaque genre")
    parser.add_argument("--lot", type=int, default=20_000, help="adresses de chaque genre dans nos lots")
    parser.add_argument(
        "--genre", choices=[kind for kind, _, _ in DAMAGES], help="une seule ligne du tableau"
    )
    parser.add_argument("--graine", type=int, default=SEED, help="graine du tirage des adresses")
    parser.add_argument("--addok", type=Path, help="environnement Python où addok est installé")
    parser.add_argument("--details", type=Path, help="où écrire toutes les réponses (Parquet)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="obs-bench-") as temporary:
        folder = Path(temporary)
        try:
            python = python_of(asked.addok, folder / "environnement")
            with service(python, folder / "addok") as addok:
                return _run(asked, folder, addok)
        except MissingTool as error:
            print(f"Mesure impossible : {error}")
            return 2


def _run(asked: argparse.Namespace, folder: Path, addok: Service) -> int:
    lake = prepare(folder, asked.departement, asked.lignes)
    ban = lake.scan(ADRESSES).collect()
    communes = lake.scan(COMMUNES).filter(pl.col("code_departement") == asked.departement).collect()
    indexing = load(addok, ban, communes, lake.scan(CODES_POSTAUX).collect())
    started = time.perf_counter()
    index = build_index(ban.select(BAN_COLUMNS), {})
    own_indexing = time.perf_counter() - started
    batches = draw(ban, max(asked.lot, asked.adresses), asked.graine)
    print(
        f"Département {asked.departement} : {ban.height} lignes de la BAN, {communes.height} communes. Indexation : "
        f"nous {own_indexing:.1f} s, addok {indexing:.0f} s. addok : {PROCESSES} processus.\nDans chaque case : "
        f"nous / addok, sur {asked.adresses} adresses. Exacte : le point demandé, à {EXACT_M:.0f} m au plus ; rue "
        f"absente : ni numéro, ni rue, ni lieu-dit. Débit : nous par lots de {asked.lot}, addok une à une."
    )
    if asked.genre:
        batches = batches.filter(pl.col("ligne") == asked.genre)
    geocoder = Ready(asked.departement, index)
    ours(batches.head(1_000), False, lake, geocoder)
    outcomes = []
    for with_code in (False, True):
        outcomes.append(compare(batches, asked.adresses, with_code, lake, geocoder, addok))
    if asked.details:
        answers = [frame for outcome in outcomes for frame in outcome.answers]
        pl.concat(answers, how="diagonal_relaxed").write_parquet(asked.details)
    mine, other = (
        _rate([run for outcome in outcomes for run in getattr(outcome, engine)])
        for engine in ("ours", "theirs")
    )
    whole = ours(batches, False, lake, BanGeocoder(lake.scan))
    print(
        f"\nToutes les lignes : nous {mine:.0f} adresses par seconde, addok {other:.0f}, rapport ×{mine / other:.0f}. "
        f"D'un seul lot, lecture de la BAN et indexation comprises : {batches.height / whole.seconds:.0f} par seconde."
    )
    return _verdict(outcomes, mine / other)


def _verdict(outcomes: Sequence[Outcome], ratio: float) -> int:
    """Print what falls short of the aims; 1 if anything does."""
    short = [line for outcome in outcomes for line in outcome.short]
    for line in short:
        print(f"En deçà : {line}")
    for line in (line for outcome in outcomes for line in outcome.level):
        print(f"Écart que le hasard du tirage explique : {line}")
    slow = [line for outcome in outcomes for line in outcome.slow]
    if slow:
        print(
            f"Lignes où le débit est de moins de {THROUGHPUT_RATIO:.0f} fois celui d'addok : {', '.join(slow)}"
        )
    reached = not short and ratio >= THROUGHPUT_RATIO
    print(
        f"Verdict : objectif {'atteint' if reached else 'manqué'} : exactitude et commune "
        f"{'au moins égales à chaque ligne' if not short else f'en deçà sur {len(short)} point(s)'}, débit d'ensemble "
        f"×{ratio:.0f} (visé ×{THROUGHPUT_RATIO:.0f})."
    )
    return 0 if reached else 1


if __name__ == "__main__":
    main()
