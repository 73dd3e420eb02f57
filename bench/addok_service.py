"""addok for a measurement: its own environment, its own Redis, the documents of one department, its answers.

addok is not a dependency of the project: it lives in an environment of its own, made on the spot (``pip install``)
or given. Redis listens on a free port of 127.0.0.1 and on a socket file, keeps nothing on disk, and ends with the
measurement. The configuration is the one that the plugins' authors publish for France, with the filters and the
former communes of the Base Adresse Nationale.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

REQUIREMENTS = ("addok==1.3.2", "addok-fr==1.1.0", "addok-france==1.2.0")
CONFIG = """
EXTRA_FIELDS = [{"key": "citycode"}, {"key": "oldcitycode"}, {"key": "oldcity"}]
FILTERS = ["type", "citycode", "postcode"]
QUERY_PROCESSORS_PYPATHS = ["addok.helpers.text.check_query_length"] + [
    "addok_france." + name for name in ("extract_address", "clean_query", "remove_leading_zeros")
]
PROCESSORS_PYPATHS = (
    ["addok.helpers.text.tokenize", "addok.helpers.text.normalize"]
    + ["addok_france." + name for name in ("glue_ordinal", "fold_ordinal", "flag_housenumber")]
    + ["addok.helpers.text.synonymize", "addok_fr.phonemicize"]
)
SEARCH_RESULT_PROCESSORS_PYPATHS = ["addok.helpers.results.match_housenumber", "addok_france.make_labels"] + [
    "addok.helpers.results.score_by_" + name
    for name in ("importance", "autocomplete_distance", "ngram_distance", "geo_distance")
]
"""


class MissingTool(RuntimeError):
    """What the measurement needs is not installed."""


@dataclass(frozen=True)
class Answers:
    """What addok answered, and how long its processes took together (seconds, loading and warm-up left out)."""

    frame: pl.DataFrame
    seconds: float


@dataclass(frozen=True)
class Service:
    """An addok that holds the documents of a department."""

    python: Path
    folder: Path
    environment: Mapping[str, str]

    def answer(
        self, addresses: pl.DataFrame, tries: Sequence[Sequence[str]], *, processes: int, limit: int
    ) -> Answers:
        """Search addresses.

        Args:
            addresses: ``id``, ``texte``, ``code_postal``, ``code_commune`` (may be null).
            tries: sets of filters, tried in order until one finds something.
            processes: how many processes of addok work side by side.
            limit: how many results addok is asked for; the first is kept. A low limit also makes it stop
                looking sooner.

        Returns:
            ``id``, ``type``, ``longitude``, ``latitude``, ``commune``, ``score``, ``libelle``: one row per address;
            nulls where nothing was found.
        """
        started: list[tuple[subprocess.Popen[str], Path]] = []
        for rank in range(processes):
            questions, answers = (
                self.folder / f"questions-{rank}.jsonl",
                self.folder / f"reponses-{rank}.jsonl",
            )
            with questions.open("w", encoding="utf-8") as target:
                for row in addresses.gather_every(processes, rank).iter_rows(named=True):
                    asked = {"id": row["id"], "q": row["texte"], "essais": tries, "limite": limit}
                    asked |= {"postcode": row["code_postal"], "citycode": row["code_commune"]}
                    target.write(json.dumps(asked) + "\n")
            worker = Path(__file__).with_name("addok_worker.py")
            process = subprocess.Popen(
                [str(self.python), str(worker), str(questions), str(answers)],
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.append((process, answers))
        for process, _ in started:
            _wait_for(process, "pret")
        begun = time.perf_counter()
        for process, _ in started:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        for process, _ in started:
            _wait_for(process, "fini")
        seconds = time.perf_counter() - begun
        for process, _ in started:
            process.communicate()
        rows = [json.loads(line) for _, path in started for line in path.read_text("utf-8").splitlines()]
        frame = pl.DataFrame(rows, schema=_ANSWER_SCHEMA) if rows else pl.DataFrame(schema=_ANSWER_SCHEMA)
        return Answers(frame, seconds)


_ANSWER_SCHEMA = {
    "id": pl.Int64,
    "type": pl.String,
    "longitude": pl.Float64,
    "latitude": pl.Float64,
    "commune": pl.String,
    "score": pl.Float64,
    "libelle": pl.String,
}


def _wait_for(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == word:
            return
    raise RuntimeError("addok s'est arrêté avant d'avoir répondu.")


def python_of(environment: Path | None, folder: Path) -> Path:
    """The Python of an environment that has addok: the one given, else one made in the folder.

    Raises:
        MissingTool: the environment given has no addok, or it could not be installed.
    """
    if environment is not None:
        python = environment / "bin" / "python"
        if subprocess.run([str(python), "-c", "import addok"], capture_output=True, check=False).returncode:
            raise MissingTool(f"addok n'est pas dans {environment}.")
        return python
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *REQUIREMENTS]
    if subprocess.run(install, check=False).returncode:
        raise MissingTool(f"addok n'a pas pu être installé ({', '.join(REQUIREMENTS)}).")
    return python


@contextmanager
def service(python: Path, folder: Path) -> Iterator[Service]:
    """An addok over an empty Redis, ended on leaving.

    Raises:
        MissingTool: no Redis server is installed.
    """
    server = shutil.which("redis-server")
    if server is None:
        raise MissingTool("redis-server n'est pas installé (Debian : apt-get install redis-server).")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder.mkdir(parents=True, exist_ok=True)
    config, path = folder / "addok.conf", folder / "redis.sock"
    config.write_text(CONFIG, encoding="utf-8")
    command = [
        server,
        "--bind",
        "127.0.0.1",
        "--port",
        str(port),
        "--unixsocket",
        str(path),
        "--dir",
        str(folder),
    ]
    redis = subprocess.Popen([*command, "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not path.exists():
            if time.monotonic() > deadline or redis.poll() is not None:
                raise MissingTool("redis-server n'a pas démarré.")
            time.sleep(0.05)
        # A socket file is the fastest way from addok to Redis.
        environment = {**os.environ, "ADDOK_CONFIG_MODULE": str(config), "REDIS_SOCKET": str(path)}
        environment |= {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(port), "ADDOK_LOG_DIR": str(folder)}
        yield Service(python, folder, environment)
    finally:
        redis.terminate()
        redis.wait(timeout=20)


def load(addok: Service, ban: pl.DataFrame, communes: pl.DataFrame, codes_postaux: pl.DataFrame) -> float:
    """Index a department (``addok batch``); the seconds it took.

    The edge n-grams that autocompletion needs are left out: nothing is searched by autocompletion.

    Raises:
        RuntimeError: addok refused the documents.
    """
    documents = addok.folder / "documents.ndjson"
    with documents.open("w", encoding="utf-8") as target:
        for document in documents_of(ban, communes, codes_postaux):
            target.write(json.dumps(document) + "\n")
    started = time.perf_counter()
    done = subprocess.run(
        [str(addok.python.with_name("addok")), "batch", str(documents)],
        env=addok.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"addok n'a pas pris les documents : {done.stderr[-500:]}")
    return time.perf_counter() - started


def documents_of(
    ban: pl.DataFrame, communes: pl.DataFrame, codes_postaux: pl.DataFrame
) -> Iterator[dict[str, object]]:
    """The documents of addok: a street with its numbers, a named place, a commune.

    Layout, importance (Neperian logarithms of the population and of the numbers, over 20) and former communes are
    those of the files that the Base Adresse Nationale publishes for addok; a merged commune's street answers to both
    names.
    """
    people = dict(communes.select("code_commune", "population").iter_rows())
    rows = ban.drop_nulls(["longitude", "latitude"]).with_columns(
        _group=pl.col("id").str.split("_").list.head(2).list.join("_")
    )
    for group in rows.sort("_group", "id").partition_by("_group", maintain_order=True):
        first = group.row(0, named=True)
        name = first["nom_voie"] or first["nom_lieu_dit"]
        if name is None:
            continue
        numbers = {
            f"{row['numero']} {row['repetition'] or ''}".strip(): {
                "id": row["id"],
                "lon": row["longitude"],
                "lat": row["latitude"],
            }
            for row in group.drop_nulls("numero").iter_rows(named=True)
        }
        former = first["ancienne_commune"]
        document = {
            "id": first["_group"],
            "type": "street" if first["nom_voie"] else "locality",
            "name": name,
            "postcode": group["code_postal"].drop_nulls().unique(maintain_order=True).to_list(),
            "citycode": first["code_commune"],
            "lon": group.select((pl.col("longitude").min() + pl.col("longitude").max()) / 2).item(),
            "lat": group.select((pl.col("latitude").min() + pl.col("latitude").max()) / 2).item(),
            "city": [first["nom_commune"], former] if former else first["nom_commune"],
            "importance": importance(people.get(first["code_commune"]) or 0, len(numbers)),
        }
        if former:
            document |= {"oldcity": former, "oldcitycode": first["ancien_code_commune"]}
        if numbers:
            document["housenumbers"] = numbers
        yield document
    codes = dict(codes_postaux.group_by("code_commune").agg("code_postal").iter_rows())
    for row in communes.drop_nulls(["longitude", "latitude"]).iter_rows(named=True):
        yield {
            "id": row["code_commune"],
            "type": "municipality",
            "name": row["commune"],
            "postcode": codes.get(row["code_commune"], []),
            "citycode": row["code_commune"],
            "lon": row["longitude"],
            "lat": row["latitude"],
            "city": row["commune"],
            "importance": importance(row["population"] or 0, 0),
        }


def importance(population: int, numbers: int) -> float:
    """Weight of a document among equals (0–1)."""
    return min(1.0, (math.log1p(population / 3) + math.log1p(numbers)) / 20)
