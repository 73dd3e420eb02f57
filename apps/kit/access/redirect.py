"""Sending the reader's browser to another address of this server.

Streamlit has no public way to do it: ``st.login`` uses a message of its own, and so does this module. It is the
only place that knows that message, and a browser test says whether a new version still honours it.
"""

from __future__ import annotations

from streamlit import config
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx


def go(path: str) -> None:
    """Make the browser leave for a path of this server; the page goes on until then.

    Args:
        path: absolute path with its query string, such as ``/obs-session?billet=…``.

    Raises:
        ValueError: the path leads to another server.
    """
    if not is_local(path):
        raise ValueError("A redirection stays on this server.")
    context = get_script_run_ctx()
    if context is None:
        return
    message = ForwardMsg()
    message.auth_redirect.url = based(path)
    context.enqueue(message)


def based(path: str) -> str:
    """The path under the server's base address (``server.baseUrlPath``)."""
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path


def is_local(path: str) -> bool:
    """Whether an address stays on this server: one leading slash, no backslash, no control character."""
    return (
        path.startswith("/")
        and not path.startswith("//")
        and "\\" not in path
        and all(character.isprintable() for character in path)
    )
