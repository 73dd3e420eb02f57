"""The geocoder of the Géoplateforme (IGN): its batch CSV service, paced, patient, and resumable.

The service answers the rows it was sent, plus ``result_*`` columns that are read by name. Its postal code and
commune filters are hard: a CEDEX code excludes every address. So the commune in force is the filter where it
is known; else the postal code; and what that misses is asked again without any filter, an answer outside the
department being refused.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path

import polars as pl
import requests

from lake.errors import SourceUnavailable
from lake.settings import GEOPLATEFORME_URL, Settings
from lake.words import agreed
from scoring.geocode.communes import departement_of_commune

BATCH_PATH = "/search/csv/"
URL_SETTING = "OBS_GEOPLATEFORME_URL"

# The service refuses more than 50 requests a second from one address: stay clear of it.
REQUESTS_PER_SECOND = 40.0
CHUNK_ROWS = 5_000
TRIES = 6
LONGEST_WAIT_S = 60.0
TIMEOUTS_S = (10.0, 600.0)
# Below this score the service's answer is another place more often than the one asked.
LOWEST_SCORE = 0.5
# Above this share of rows that the service says it could not process, its answer is not believed.
HIGHEST_ERROR_SHARE = 0.01
# A chunk answered longer ago than this is asked again.
RESUME_WITHIN_S = 24 * 3600.0

PRECISION_OF_TYPE = {"housenumber": "numero", "street": "rue", "locality": "lieu_dit"}
_ANSWERED = (
    "longitude",
    "latitude",
    "result_score",
    "result_label",
    "result_type",
    "result_citycode",
    "result_status",
)


class GeoplateformeGeocoder:
    """Asks the batch CSV service of the Géoplateforme.

    Args:
        url: base address of the geocoding service; the batch path is added to it.
        say: progress callback.
        folder: where answered chunks rest until the search ends, so that an interrupted one resumes; None to
            keep nothing.
        rows_per_request: rows of one request.
        requests_per_second: pace that is never exceeded.
        tries: attempts at one request before giving up.
        lowest_score: answers below this score count as not found.
        sleep: waits a number of seconds (tests give their own).
        clock: seconds that only grow.
        today: date that failures are remembered under.
    """

    name = "geoplateforme"

    def __init__(
        self,
        url: str = GEOPLATEFORME_URL,
        *,
        say: Callable[[str, float | None], None] = lambda _sentence, _share: None,
        folder: Path | None = None,
        rows_per_request: int = CHUNK_ROWS,
        requests_per_second: float = REQUESTS_PER_SECOND,
        tries: int = TRIES,
        lowest_score: float = LOWEST_SCORE,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.url = url.rstrip("/").removesuffix(BATCH_PATH.rstrip("/")) + BATCH_PATH
        self._say = say
        self._folder = folder
        self._rows = rows_per_request
        self._interval = 1.0 / requests_per_second
        self._tries = tries
        self._lowest_score = lowest_score
        self._sleep = sleep
        self._clock = clock
        self._today = today
        self._session = requests.Session()
        self._next_request = 0.0

    @classmethod
    def from_environment(cls, *, say: Callable[[str, float | None], None]) -> GeoplateformeGeocoder:
        """The geocoder as an operator runs it: service address by setting, resumable."""
        folder = Path.home() / ".cache" / "observatoire-esante" / "geoplateforme"
        return cls(Settings.from_env().geoplateforme_url, say=say, folder=folder)

    def millesimes(self, departements: Sequence[str]) -> dict[str, str]:
        """The current month for every department: the service says nothing of its data's vintage.

        Failures are thus asked again once a month.
        """
        return dict.fromkeys(departements, f"geopf:{self._today():%Y-%m}")

    def search(self, addresses: pl.DataFrame) -> pl.DataFrame:
        """See :class:`scoring.geocode.protocol.Geocoder`.

        Raises:
            SourceUnavailable: the service cannot be reached, refuses, or answers something else.
        """
        asked = addresses.filter(pl.col("voie").is_not_null() | pl.col("ailleurs").is_not_null())
        filtered = asked.select(
            "cle_adresse",
            adresse=_question(with_place=False),
            postcode=pl.when(pl.col("code_commune").is_null()).then("code_postal"),
            citycode="code_commune",
        )
        first = self._accepted(self._ask_all(filtered), asked)
        # What a known commune did not answer is not looked for elsewhere; a CEDEX code hides everything.
        left = asked.filter(pl.col("code_commune").is_null()).join(first, on="cle_adresse", how="anti")
        unfiltered = left.select(
            "cle_adresse",
            adresse=_question(with_place=True),
            postcode=pl.lit(None, pl.String),
            citycode=pl.lit(None, pl.String),
        )
        second = self._accepted(self._ask_all(unfiltered), asked)
        self._forget_chunks()
        return pl.concat([first, second])

    def _accepted(self, answered: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
        """The answers that are good enough, in the protocol's shape."""
        where = asked.select("cle_adresse", "code_departement", "code_commune")
        precision = pl.col("result_type").replace_strict(
            PRECISION_OF_TYPE, default=None, return_dtype=pl.String
        )
        return (
            answered.join(where, on="cle_adresse")
            .with_columns(
                geo_precision=precision,
                geo_score=pl.col("result_score").cast(pl.Float64, strict=False).clip(0.0, 1.0),
                longitude=pl.col("longitude").cast(pl.Float64, strict=False),
                latitude=pl.col("latitude").cast(pl.Float64, strict=False),
            )
            .filter(
                pl.col("result_status") == "ok",
                pl.col("geo_precision").is_not_null(),
                pl.col("geo_score") >= self._lowest_score,
                pl.col("longitude").is_not_null() & pl.col("latitude").is_not_null(),
                departement_of_commune(pl.col("result_citycode")) == pl.col("code_departement"),
            )
            .select(
                "cle_adresse",
                "longitude",
                "latitude",
                "geo_precision",
                "geo_score",
                code_commune_trouve="result_citycode",
                libelle_trouve="result_label",
            )
        )

    def _ask_all(self, rows: pl.DataFrame) -> pl.DataFrame:
        answers = [pl.DataFrame(schema=dict.fromkeys(("cle_adresse", *_ANSWERED), pl.String))]
        for start in range(0, rows.height, self._rows):
            self._say(f"Géoplateforme : {start} adresses sur {rows.height} interrogées", start / rows.height)
            answers.append(self._ask_chunk(rows.slice(start, self._rows)))
        answered = pl.concat(answers)
        errors = answered.filter(pl.col("result_status") == "error").height
        if errors > HIGHEST_ERROR_SHARE * max(rows.height, 1):
            raise SourceUnavailable(
                agreed(errors, f"La Géoplateforme n'a pas su traiter {errors} adresse(s) sur {rows.height}."),
                conseil="Relancez plus tard, ou choisissez OBS_GEOCODEUR=ban.",
            )
        return answered

    def _ask_chunk(self, chunk: pl.DataFrame) -> pl.DataFrame:
        body = chunk.write_csv(None).encode()
        kept = self._kept(body)
        if kept is not None and kept.exists() and time.time() - kept.stat().st_mtime < RESUME_WITHIN_S:
            return self._read(kept.read_bytes(), chunk)
        content = self._post(body)
        answer = self._read(content, chunk)
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = kept.with_suffix(".tmp")
            partial.write_bytes(content)
            partial.replace(kept)
        return answer

    def _kept(self, body: bytes) -> Path | None:
        if self._folder is None:
            return None
        return self._folder / f"{sha256(self.url.encode() + body).hexdigest()}.csv"

    def _forget_chunks(self) -> None:
        if self._folder is not None and self._folder.is_dir():
            for path in self._folder.glob("*.csv"):
                path.unlink(missing_ok=True)

    def _post(self, body: bytes) -> bytes:
        """One request, tried again while the service is busy or ailing."""
        reason = ""
        for attempt in range(self._tries):
            self._wait_for_turn()
            retry_after: str | None = None
            try:
                response = self._session.post(
                    self.url,
                    files={"data": ("adresses.csv", body, "text/csv")},
                    data=[("columns", "adresse"), ("postcode", "postcode"), ("citycode", "citycode")],
                    timeout=TIMEOUTS_S,
                )
            except requests.RequestException as error:
                reason = f"connexion impossible ({type(error).__name__})"
            else:
                if response.status_code == requests.codes.ok:
                    return response.content
                reason = f"réponse HTTP {response.status_code}"
                if response.status_code != 429 and response.status_code < 500:
                    raise SourceUnavailable(
                        f"La Géoplateforme refuse la demande : {reason} ({self.url}).",
                        conseil=f"Vérifiez l'adresse du service ({URL_SETTING}).",
                    )
                retry_after = response.headers.get("Retry-After")
            if attempt < self._tries - 1:
                self._sleep(self._pause(retry_after, attempt))
        raise SourceUnavailable(
            f"La Géoplateforme ne répond pas après {self._tries} essais : {reason} ({self.url}).",
            conseil="Relancez plus tard (ce qui a été reçu ne sera pas redemandé), ou choisissez "
            "OBS_GEOCODEUR=ban.",
        )

    def _wait_for_turn(self) -> None:
        now = self._clock()
        if now < self._next_request:
            self._sleep(self._next_request - now)
        self._next_request = max(now, self._next_request) + self._interval

    def _pause(self, retry_after: str | None, attempt: int) -> float:
        """Seconds to wait: what the service asks (seconds or a date), else twice as long each time."""
        wait = float(2**attempt)
        if retry_after:
            try:
                wait = float(retry_after)
            except ValueError:
                try:
                    wait = (parsedate_to_datetime(retry_after) - self._today()).total_seconds()
                except ValueError:
                    wait = float(2**attempt)
        return min(max(wait, 0.0), LONGEST_WAIT_S)

    def _read(self, content: bytes, chunk: pl.DataFrame) -> pl.DataFrame:
        """The service's CSV, by name; its byte-order mark, if any, apart."""
        try:
            answer = pl.read_csv(
                io.BytesIO(content.removeprefix(b"\xef\xbb\xbf")),
                infer_schema=False,
            )
        except pl.exceptions.PolarsError as error:
            raise SourceUnavailable(
                "La réponse de la Géoplateforme n'est pas un fichier CSV lisible.",
                conseil=f"Vérifiez l'adresse du service ({self.url}).",
            ) from error
        missing = [name for name in ("cle_adresse", *_ANSWERED) if name not in answer.columns]
        if missing:
            raise SourceUnavailable(
                f"La réponse de la Géoplateforme n'a pas la ou les colonnes {', '.join(missing)}.",
                conseil=f"Vérifiez l'adresse du service ({self.url}).",
            )
        if answer.height != chunk.height:
            raise SourceUnavailable(
                f"La Géoplateforme a rendu {answer.height} lignes pour {chunk.height} demandées.",
                conseil="Relancez : la réponse a sans doute été coupée.",
            )
        return answer.select("cle_adresse", *_ANSWERED)


def _question(*, with_place: bool) -> pl.Expr:
    """The address on one line as the service reads it; with postal code and commune when nothing filters."""
    words = pl.col("repetition").replace({"B": "BIS", "T": "TER", "Q": "QUATER"})
    street = pl.coalesce("voie", pl.col("ailleurs").str.replace_all(" | ", " ", literal=True))
    parts = [pl.col("numero").cast(pl.String), words, street]
    if with_place:
        parts += [pl.col("code_postal"), pl.col("libelle_commune")]
    return pl.concat_str(parts, separator=" ", ignore_nulls=True)
