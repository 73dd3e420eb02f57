"""A page that comes back to a process that does not know it: it is drawn again, at its address, with what it holds.

A browser that loses its connection opens another by itself and names its session. Where that session is gone (its
process ended, or the reader was kept too long off line) Streamlit makes a new one and says nothing: the page stays as
it was, and its downloads, its files and its fragments are refused, since they name what nobody knows. Here the browser
is asked, by a message of Streamlit's own, to send once what its page holds (address, values of its controls), as a
fragment does that is drawn again by itself; what it answers becomes a request of the whole page.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime

Message = MutableMapping[str, Any]
FRAGMENT = "obs_reprise"
"""Name of the fragment that is asked for; no page has it."""
SOON_S = 0.1
_CLAIMED = 2
"""Rank, in the protocols of a connection, of the session that the browser names: after the protocol and a token."""


def claimed(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The session that a connection says it had; empty for a page that opens."""
    said = dict(headers).get(b"sec-websocket-protocol", b"").decode("latin-1").split(",")
    return said[_CLAIMED].strip() if len(said) > _CLAIMED else ""


def unknown(session: str) -> bool:
    """Whether a session that was named is none of this process, now that the connection has one."""
    return bool(session) and Runtime.exists() and not Runtime.instance().is_active_session(session)


async def ask(send: Callable[[Message], Awaitable[None]]) -> None:
    """Ask the browser for what its page holds."""
    asked = ForwardMsg()
    asked.auto_rerun.interval, asked.auto_rerun.fragment_id = SOON_S, FRAGMENT
    await send({"type": "websocket.send", "bytes": asked.SerializeToString()})


def answers(message: Message) -> bool:
    """Whether a message is the answer to :func:`ask`."""
    body = message.get("bytes")
    if not body or FRAGMENT.encode() not in body:
        return False
    try:
        return bool(BackMsg.FromString(body).rerun_script.fragment_id == FRAGMENT)
    except Exception:  # not a message: Streamlit hangs up on it by itself
        return False


async def whole(message: Message, send: Callable[[Message], Awaitable[None]]) -> Message:
    """The request of the whole page that an answer stands for; the browser is told to send no other."""
    enough = ForwardMsg()
    enough.stop_auto_rerun.fragment_ids.append(FRAGMENT)
    await send({"type": "websocket.send", "bytes": enough.SerializeToString()})
    said = BackMsg.FromString(message["bytes"])
    said.rerun_script.fragment_id = ""
    said.rerun_script.is_auto_rerun = False
    return {**message, "bytes": said.SerializeToString()}
