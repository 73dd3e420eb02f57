"""What one visitor may ask of the server: a thousand messages hold nobody up, caches stay everyone's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from apps.kit.shell import resumed
from apps.kit.shell.traffic import REFUSED, TOO_MANY, Limits, Traffic, address
from apps.kit.shell.turns import Turns
from tests.apart import finish

NARROW = Limits(burst=5, pace=1000.0, waiting=10, address_burst=1000, address_pace=1000.0, connections=2)
SOCKET: dict[str, Any] = {
    "type": "websocket",
    "path": "/_stcore/stream",
    "client": ("10.1.2.3", 5),
    "headers": [],
}


def frame(kind: str = "rerun_script", query: str = "") -> dict[str, Any]:
    message = BackMsg()
    if kind == "rerun_script":
        message.rerun_script.query_string = query
    else:
        setattr(message, kind, True)
    return {"type": "websocket.receive", "bytes": message.SerializeToString()}


def conversation(
    messages: Sequence[dict[str, Any]], limits: Limits = NARROW, *, slow: bool = False
) -> tuple[list[str], list[dict[str, Any]]]:
    """What the application is told by a socket that sends these at once, and what the socket is told."""
    told: list[str] = []
    sent: list[dict[str, Any]] = []

    async def run() -> None:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        for message in ({"type": "websocket.connect"}, *messages):
            queue.put_nowait(message)
        released = asyncio.Event()

        async def application(_scope: Any, receive: Any, _send: Any) -> None:
            if slow:
                await released.wait()
            while True:
                message = await receive()
                if message["type"] == "websocket.receive":
                    told.append(BackMsg.FromString(message["bytes"]).WhichOneof("type") or "")
                elif message["type"] == "websocket.disconnect":
                    told.append(f"fin {message.get('code', 1000)}")
                    return
                else:
                    told.append(message["type"])
                    released_once.set()

        released_once = asyncio.Event()

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        async def receive() -> dict[str, Any]:
            return await queue.get()

        released.set()
        await asyncio.wait_for(Traffic(application, limits)(SOCKET, receive, send), timeout=20)

    finish(run())
    return told, sent


END = {"type": "websocket.disconnect", "code": 1000}


def test_the_gestures_of_a_reader_all_arrive_in_order() -> None:
    told, sent = conversation([*(frame() for _ in range(3)), END])
    # What was still waiting when the reader left is of no use to anyone; what had its turn arrived.
    assert told[0] == "websocket.connect"
    assert told[-1] == "fin 1000"
    assert set(told[1:-1]) <= {"rerun_script"}
    assert sent == []


def test_a_thousand_messages_hang_up_instead_of_holding_the_server() -> None:
    told, sent = conversation([frame() for _ in range(1000)])
    assert told[-1] == f"fin {TOO_MANY}"
    assert len(told) <= 2 + NARROW.burst + NARROW.waiting
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert sent[0]["code"] == TOO_MANY
    assert sent[0]["reason"] == "Trop de messages."


@pytest.mark.parametrize("kind", sorted(REFUSED - {"debug_disconnect_websocket", "debug_shutdown_runtime"}))
def test_a_visitor_empties_nobody_s_caches(kind: str) -> None:
    told, _ = conversation([frame(kind), END])
    assert told == ["websocket.connect", "fin 1000"]


@pytest.mark.parametrize("kind", ["debug_disconnect_websocket", "debug_shutdown_runtime"])
def test_a_visitor_does_not_stop_the_server(kind: str) -> None:
    told, _ = conversation([frame(kind), END])
    assert told == ["websocket.connect", "fin 1000"]


def test_padding_does_not_hide_what_a_message_asks() -> None:
    padded = frame("clear_cache")
    # An unknown field of 200 bytes (number 900, length-delimited) before the order.
    padded["bytes"] = b"\xa2\x38\xc8\x01" + b"x" * 200 + padded["bytes"]
    assert BackMsg.FromString(padded["bytes"]).WhichOneof("type") == "clear_cache"
    told, _ = conversation([padded, END])
    assert told == ["websocket.connect", "fin 1000"]


def hundreds(sockets: int, gestures: int, limits: Limits) -> tuple[list[int], int]:
    """Whose pages run while sockets ask all at once and a last one, number 0, asks once; most that ran together."""
    ran: list[int] = []
    together, most = 0, 0

    async def run() -> None:
        nonlocal together, most
        everyone = asyncio.Event()

        def visitor(number: int, messages: list[dict[str, Any]]) -> Any:
            queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
            for message in ({"type": "websocket.connect"}, *messages):
                queue.put_nowait(message)

            async def application(_scope: Any, receive: Any, send: Any) -> None:
                nonlocal together, most
                await receive()
                for _ in messages:
                    await receive()
                    ran.append(number)
                    together += 1
                    most = max(most, together)
                    await everyone.wait()
                    for _ in range(3):
                        await asyncio.sleep(0)
                    together -= 1
                    end = ForwardMsg()
                    end.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY
                    await send({"type": "websocket.send", "bytes": end.SerializeToString()})

            async def send(_message: Any) -> None:
                return

            return traffic(SOCKET | {"app": application}, queue.get, send)

        async def dispatched(scope: Any, receive: Any, send: Any) -> None:
            await scope["app"](scope, receive, send)

        traffic = Traffic(dispatched, limits)
        tasks = [
            asyncio.ensure_future(visitor(number, [frame() for _ in range(gestures)]))
            for number in range(1, sockets + 1)
        ]
        for _ in range(20):  # all of them have asked, the first ones run
            await asyncio.sleep(0)
        tasks.append(asyncio.ensure_future(visitor(0, [frame()])))
        for _ in range(20):
            await asyncio.sleep(0)
        everyone.set()
        await asyncio.wait_for(tasks[-1], timeout=20)
        for task in tasks[:-1]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    finish(run())
    return ran, most


def test_who_asks_once_passes_before_thirty_sockets_that_ask_ten_times() -> None:
    limits = Limits(connections=100, at_once=4, patience=60.0)
    ran, most = hundreds(30, 10, limits)
    assert most == 3, "two of the thirty, and the one who asks once"
    assert ran.index(0) == 2, "a turn is free for who asks once, whatever the three hundred that wait"


def test_a_page_that_lasts_too_long_keeps_nobody_waiting() -> None:
    admitted: list[str] = []

    async def run() -> None:
        turns = Turns(at_once=1, patience=0.01)
        slow, other = turns.waiter(lambda: 0.0), turns.waiter(lambda: 0.0)
        await slow.turn()
        await asyncio.wait_for(other.turn(), timeout=20)
        admitted.extend(name for name, one in (("slow", slow), ("other", other)) if one.running)
        slow.done()  # its end, at last, gives no turn back twice
        third = turns.waiter(lambda: 0.0)
        waiting = asyncio.ensure_future(third.turn())
        await asyncio.sleep(0)
        assert not third.running
        other.close()
        await asyncio.wait_for(waiting, timeout=20)

    finish(run())
    assert admitted == ["other"]


def test_an_address_has_so_many_sockets() -> None:
    async def run() -> list[Any]:
        opened = 0
        sent: list[Any] = []
        hold = asyncio.Event()

        async def application(_scope: Any, receive: Any, _send: Any) -> None:
            nonlocal opened
            opened += 1
            await receive()
            await hold.wait()

        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect"} if not hold.is_set() else END

        async def send(message: Any) -> None:
            sent.append(message)

        traffic = Traffic(application, NARROW)
        tasks = [asyncio.create_task(traffic(SOCKET, receive, send)) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.wait(tasks[2:], timeout=5)
        hold.set()
        await asyncio.gather(*tasks)
        return [opened, sent]

    opened, sent = finish(run())
    assert opened == 2
    assert [(one["type"], one["reason"]) for one in sent] == [("websocket.close", "Trop de connexions.")]


def uploaded(sizes: Sequence[int], limits: Limits) -> list[int]:
    """The status of files of these sizes sent one after the other by one address."""
    statuses: list[int] = []

    async def application(_scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise RuntimeError("gone")
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def run() -> None:
        traffic = Traffic(application, limits)
        for size in sizes:
            chunks = [{"type": "http.request", "body": b"x" * size, "more_body": False}]

            async def receive(chunks: list[dict[str, Any]] = chunks) -> dict[str, Any]:
                return chunks.pop(0)

            async def send(message: Any) -> None:
                if message["type"] == "http.response.start":
                    statuses.append(message["status"])

            scope = {
                "type": "http", "method": "PUT", "path": "/_stcore/upload_file/s/f", "headers": [],
                "client": ("10.1.2.3", 5),
            }  # fmt: skip
            await traffic(scope, receive, send)

    finish(run())
    return statuses


def test_files_without_end_are_refused() -> None:
    assert uploaded([400, 400, 400, 100], Limits(upload_bytes=1000, upload_seconds=1e9)) == [
        204,
        204,
        429,
        204,
    ]


def test_behind_the_proxy_each_reader_has_an_address() -> None:
    own = {"client": ("127.0.0.1", 1), "headers": [(b"x-forwarded-for", b"1.2.3.4, 10.9.8.7")]}
    # The last one was written by the proxy; what stands before it came from the visitor.
    assert address(own) == "10.9.8.7"
    # Nobody else may say who he is.
    assert address({**own, "client": ("192.0.2.7", 1)}) == "192.0.2.7"


def test_a_page_that_comes_back_to_a_process_that_does_not_know_it_asks_for_all_of_it_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The browser names its session; where nobody knows it, it is asked for what its page holds."""
    told: list[BackMsg] = []
    sent: list[ForwardMsg] = []
    known: set[str] = set()
    monkeypatch.setattr(resumed, "unknown", lambda session: bool(session) and session not in known)

    async def served(application: Any, *connection: Any) -> None:
        await Traffic(application, NARROW)(*connection)

    def fragment() -> dict[str, Any]:
        message = BackMsg()
        message.rerun_script.query_string = "departement=67"
        message.rerun_script.fragment_id = resumed.FRAGMENT
        message.rerun_script.is_auto_rerun = True
        return {"type": "websocket.receive", "bytes": message.SerializeToString()}

    def come(protocols: bytes) -> None:
        told.clear()
        sent.clear()
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        for message in ({"type": "websocket.connect"}, fragment(), fragment(), END):
            queue.put_nowait(message)

        async def receive() -> dict[str, Any]:
            message = await queue.get()
            if message is END:  # who has gone waits for nothing: what it asked before comes first
                await asyncio.sleep(0.05)
            return message

        async def application(_scope: Any, receive: Any, _send: Any) -> None:
            while (message := await receive())["type"] != "websocket.disconnect":
                if message["type"] == "websocket.receive":
                    told.append(BackMsg.FromString(message["bytes"]))

        async def send(message: Any) -> None:
            sent.append(ForwardMsg.FromString(message["bytes"]))

        scope = {**SOCKET, "headers": [(b"sec-websocket-protocol", protocols)]}
        finish(served(application, scope, receive, send))

    come(b"streamlit, jeton, seance-perdue")
    (asked,) = told
    assert asked.rerun_script.query_string == "departement=67"
    assert (asked.rerun_script.fragment_id, asked.rerun_script.is_auto_rerun) == ("", False)
    assert [one.WhichOneof("type") for one in sent] == ["auto_rerun", "stop_auto_rerun"]
    known.add("seance-perdue")  # its session is still there: Streamlit goes on with it
    come(b"streamlit, jeton, seance-perdue")
    assert (told, sent) == ([], [])
    come(b"streamlit, jeton")  # a page that opens asks by itself
    assert (told, sent) == ([], [])
