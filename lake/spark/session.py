"""A session on a Spark Connect server: the one that ``OBS_SPARK`` names, or one that starts in this process."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import sys
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lake.errors import LakeError, SourceUnavailable
from lake.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

NOTHING = "Rien n'a été publié."
_ATTEMPTS = 2
_WAIT_MS = 200
_FIRST_ANSWER_S = 10.0
_PORT = 15002
_CHECK = "Vérifiez OBS_SPARK, ou retirez-la : un moteur démarrera avec la commande."


class EngineLost(SourceUnavailable):
    """The engine does not answer, or stopped in the middle."""


@contextlib.contextmanager
def session(settings: Settings) -> Iterator[SparkSession]:
    """A session; the embedded server ends with it.

    Raises:
        LakeError: the extra is not installed, or ``OBS_SPARK`` is no address.
        EngineLost: no server answers there.
    """
    address = settings.spark
    if address and not re.fullmatch(r"sc://([^/\s:\[\]]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/.*)?", address):
        raise LakeError(
            f"OBS_SPARK vaut « {address} », qui n'est pas l'adresse d'un moteur.",
            conseil="Exemple : OBS_SPARK=sc://moteur.exemple.fr:15002 ; sans elle, un moteur démarre avec la commande.",
        )
    with server(settings) if not address else contextlib.nullcontext(address) as reached:
        opened = _connected(reached)
        try:
            yield opened
        finally:
            # What was lost cannot be closed: the error that was met is the one to tell.
            with contextlib.suppress(Exception), _quiet():
                opened.stop()


@contextlib.contextmanager
def server(settings: Settings) -> Iterator[str]:
    """A server in this process, on a free port of the loopback; its address."""
    given = {
        "RUST_LOG": "off",
        **settings.s3,
    }  # its journal would mix with our answers; where tables on S3 are
    if (settings.s3.get("AWS_ENDPOINT_URL_S3") or settings.s3.get("AWS_ENDPOINT_URL", "")).startswith(
        "http:"
    ):
        given["AWS_ALLOW_HTTP"] = "true"
    added = {name: value for name, value in given.items() if name not in os.environ}
    os.environ |= added
    try:
        from pysail.spark import SparkConnectServer
    except ImportError as error:
        raise _not_installed() from error
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        host, port = server.listening_address
        yield f"sc://{host}:{port}"
    finally:
        server.stop()
        for name in added:
            os.environ.pop(name, None)


@contextlib.contextmanager
def _has_a_file() -> Iterator[None]:
    """Let pyspark be imported by a program given as a text (``python -c``, a worker of another process).

    pyspark takes a main module without a file for its own documentation's tests, looks for a Spark distribution that
    its client does not have, and ends the process.
    """
    main = sys.modules["__main__"]
    if hasattr(main, "__file__"):
        yield
        return
    main.__file__ = sys.executable
    try:
        yield
    finally:
        del main.__file__


def _connected(address: str) -> SparkSession:
    with warnings.catch_warnings():
        # Only Arrow tables pass between the two engines: which pandas is there does not matter.
        warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its journal would mix with our answers
        try:
            with _has_a_file():
                from pyspark.sql.connect.client.retries import DefaultPolicy
                from pyspark.sql.connect.session import SparkSession
        except ImportError as error:
            raise _not_installed() from error
        _reach(address)
        opened: SparkSession | None = None
        try:
            with told():
                opened = SparkSession.builder.remote(address).create()
                opened.client.set_retry_policies(
                    [DefaultPolicy(max_retries=_ATTEMPTS, initial_backoff=_WAIT_MS, max_backoff=2_000)]
                )
                opened.conf.set("spark.sql.session.timeZone", "UTC")
        except LakeError as error:
            if opened is not None:
                # Nobody holds this session there: asking to let go of it would insist once more, at the exit too.
                opened.release_session_on_close = False
                with contextlib.suppress(Exception), _quiet():
                    opened.stop()
            if not isinstance(error, EngineLost):
                raise
            raise EngineLost(
                f"« {address} » n'est pas un moteur Spark Connect, ou ne répond pas.", conseil=_CHECK
            ) from error
    return opened


def _reach(address: str) -> None:
    """Tell at once that nobody listens: the client alone would insist for minutes."""
    asked = urlsplit(address)
    try:
        place = (asked.hostname or "", asked.port or _PORT)
        socket.create_connection(place, timeout=_FIRST_ANSWER_S).close()
    except (OSError, ValueError) as error:  # a port beyond 65535 is refused by who reads it
        raise EngineLost(
            f"Le moteur {address} ne répond pas.",
            conseil=_CHECK,
        ) from error


def _not_installed() -> LakeError:
    return LakeError(
        "Le moteur Spark n'est pas installé ici.",
        conseil="Installez-le avec pip install -e '.[spark]', ou gardez --moteur polars.",
    )


@contextlib.contextmanager
def told() -> Iterator[None]:
    """What the client raises inside, as one French error.

    Raises:
        EngineLost: the server is gone.
        LakeError: it refused the question.
    """
    try:
        with _quiet():
            yield
    except LakeError:
        raise
    except Exception as error:
        if not _of_the_engine(error):
            raise
        if _lost(error):
            raise EngineLost(
                f"Le moteur Spark ne répond plus. {NOTHING}",
                conseil="Relancez la commande, ou demandez --moteur polars.",
            ) from error
        raise LakeError(
            f"Le moteur Spark a refusé la question. {NOTHING}",
            conseil="Demandez --moteur polars ; --debug montre la cause.",
        ) from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the client's own word on a lost server: it is told in French."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*RETRIES_EXCEEDED.*")
        yield


def _of_the_engine(error: BaseException) -> bool:
    return type(error).__module__.split(".")[0] in ("pyspark", "grpc", "pysail")


def _lost(error: BaseException) -> bool:
    said: Any = f"{type(error).__name__} {error}"
    return (
        re.search(
            r"UNAVAILABLE|RetriesExceeded|Connection|ECONN|Socket closed|CANCELLED|Stream removed", said
        )
        is not None
    )
