"""Several servers of one machine: started together, ended together, started again one by one; nginx loses nobody."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from apps.commands.supervision import PORTS, SECRET
from lake.settings import Settings
from tests.browser.proxy import nginx, unverified
from tests.demo_lake import obs

ROOT = Path(__file__).resolve().parents[2]
SERVER = """
import http.server, json, os, sys
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path == "/fin":
            os._exit(7)
        said = {"pid": os.getpid(), **{name: os.environ[name] for name in sys.argv[2:]}}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_words):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
RUN = """
import os, sys
from apps.commands.supervision import Several
command = [sys.executable, "-c", sys.argv[1], "{port}", *sys.argv[3:]]
sys.exit(Several(command, [int(one) for one in sys.argv[2].split(",")], os.environ, settled=0.0).run())
"""


def consecutive(count: int) -> list[int]:
    """Ports in a row that nobody uses."""
    for first in range(20_000 + os.getpid() % 1_000 * 10, 32_000, count):
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return list(range(first, first + count))
    raise AssertionError("no port is free")


def told(port: int) -> dict[str, str | int]:
    """What the server of a port says of itself; empty while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/obs-pret", timeout=5) as answer:
            found: dict[str, str | int] = json.load(answer)
            return found
    except OSError:
        return {}


def until(condition: Callable[[], object]) -> None:
    limit = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.05)


@contextmanager
def several(ports: list[int], *names: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, SERVER, ",".join(map(str, ports)), *names],
        cwd=ROOT, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until(lambda: all(told(port) for port in ports))
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_they_share_what_signs_cookies_and_end_together() -> None:
    ports = consecutive(2)
    with several(ports, PORTS, SECRET) as process:
        first, second = (told(port) for port in ports)
        assert first.pop("pid") != second.pop("pid")
        assert first == second
        assert first[PORTS] == f"{ports[0]},{ports[1]}"
        assert Settings.from_env({PORTS: str(first[PORTS])}).processus == tuple(ports)
        assert len(str(first[SECRET])) == 64
        process.terminate()
        assert process.wait(timeout=20) == 0
        assert [told(port) for port in ports] == [{}, {}]


def test_one_that_dies_is_started_again_while_the_other_serves() -> None:
    ports = consecutive(2)
    with several(ports) as process:
        first, second = (told(port)["pid"] for port in ports)
        os.kill(int(first), signal.SIGKILL)
        until(lambda: told(ports[0]).get("pid") not in (None, first))
        assert told(ports[1])["pid"] == second
        process.terminate()
        _, said = process.communicate(timeout=20)
    assert said.splitlines() == [f"Le processus 1 (port {ports[0]}) s'est arrêté (code -9) : il redémarre."]


def test_one_that_cannot_start_ends_them_all() -> None:
    ports = consecutive(2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports[1]))
        taken.listen()
        done = subprocess.run(
            [
                sys.executable, "-m", "apps.commands.supervision", f"--ports={ports[0]},{ports[1]}",
                sys.executable, "-c", SERVER, "{port}",
            ],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert f"Le processus 2 (port {ports[1]}) ne démarre pas (code 1) : tout s'arrête." in done.stderr
    assert told(ports[0]) == {}


def test_they_are_started_anew_in_turn_and_the_proxy_loses_nobody(tmp_path: Path) -> None:
    ports, over = consecutive(2), threading.Event()
    answers: dict[str, list[int]] = {"1": [], "2": [], "": []}
    with several(ports) as process, nginx(tmp_path / "nginx", *ports) as (tls, _):
        before = [told(port)["pid"] for port in ports]

        def ask(cookie: str) -> None:
            while not over.is_set():
                request = urllib.request.Request(f"{tls}/", headers={"Cookie": f"obs_processus={cookie}"})
                try:
                    with urllib.request.urlopen(request, timeout=20, context=unverified()) as answer:
                        answers[cookie].append(json.load(answer)["pid"])
                except urllib.error.HTTPError as error:
                    answers[cookie].append(-error.code)

        visitors = [threading.Thread(target=ask, args=(cookie,)) for cookie in answers]
        for one in visitors:
            one.start()
        until(lambda: all(answers.values()))
        process.send_signal(signal.SIGUSR1)
        until(lambda: all(told(port).get("pid") not in (None, *before) for port in ports))
        after = [told(port)["pid"] for port in ports]
        until(lambda: answers["1"][-1] == after[0] and answers["2"][-1] == after[1])
        over.set()
        for one in visitors:
            one.join()
        assert process.stderr is not None
        said = [process.stderr.readline().strip() for _ in range(3)]
        process.terminate()
        process.wait(timeout=20)
    assert [one for pids in answers.values() for one in pids if one < 0] == []
    assert answers["1"][0] == before[0]
    assert answers["2"][0] == before[1]
    assert said == [
        f"Le processus 1 (port {ports[0]}) est renouvelé.",
        f"Le processus 2 (port {ports[1]}) est renouvelé.",
        "Tous les processus sont renouvelés.",
    ]


def test_visitors_are_drawn_in_turn_kept_by_a_cookie_and_follow_the_process_that_answers(
    tmp_path: Path,
) -> None:
    ports = consecutive(2)

    def asked(tls: str, cookie: str = "") -> tuple[int, str]:
        request = urllib.request.Request(f"{tls}/", headers={"Cookie": cookie} if cookie else {})
        with urllib.request.urlopen(request, timeout=20, context=unverified()) as answer:
            return json.load(answer)["pid"], answer.headers["set-cookie"] or ""

    with several(ports) as process, nginx(tmp_path / "nginx", *ports) as (tls, _):
        pids = [told(port)["pid"] for port in ports]
        drawn = [asked(tls) for _ in range(4)]
        assert [pid for pid, _ in drawn].count(pids[0]) == 2
        kept = {
            pid: f"obs_processus={rank}; Path=/; HttpOnly; Secure; SameSite=Lax"
            for rank, pid in enumerate(pids, 1)
        }
        assert [cookie for _, cookie in drawn] == [kept[pid] for pid, _ in drawn]
        assert [asked(tls, "a=b; obs_processus=2") for _ in range(3)] == [(pids[1], "")] * 3
        # A cookie that names none of them is one that a visitor made up: it chooses no address.
        assert asked(tls, "obs_processus=3")[1] in kept.values()
        process.send_signal(signal.SIGSTOP)  # it starts nothing again meanwhile
        with pytest.raises(OSError, match="closed connection"):
            urllib.request.urlopen(f"http://127.0.0.1:{ports[1]}/fin", timeout=5)
        assert asked(tls, "obs_processus=2") == (pids[0], kept[pids[0]])
        assert {pid for pid, _ in (asked(tls) for _ in range(3))} == {pids[0]}
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(timeout=20)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--adresse", "192.0.2.1"), "« --adresse 192.0.2.1 » ne le permet pas"),
        (("--port", "65535"), "Il n'y a pas 2 ports à partir de 65535 : le dernier est 65535."),
    ],
)
def test_servers_that_could_not_reach_one_another_are_refused(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = obs("serve", "--processus", "2", *words, lake=tmp_path, check=False)
    assert done.returncode == 1
    assert said in done.stderr
