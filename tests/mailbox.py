"""A real SMTP server on this machine, and what it received."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller

from tests.browser.proxy import free_port


class Letter(NamedTuple):
    """One message, for one person."""

    to: str
    subject: str
    text: str


class Mailbox:
    """What the server received, the oldest first."""

    def __init__(self) -> None:
        self.received: list[Letter] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """What the server calls for each message."""
        read = message_from_bytes(envelope.content, policy=policy.default)
        body = read.get_body()
        assert body is not None
        self.received += [Letter(to, str(read["Subject"]), body.get_content()) for to in envelope.rcpt_tos]
        return "250 OK"

    def link(self, to: str) -> str:
        """The path of the link of the last message to someone; empty while there is none."""
        texts = [letter.text for letter in self.received if letter.to == to]
        found = re.search(r"/activation\?lien=\S+", texts[-1]) if texts else None
        return found.group(0) if found else ""


@contextmanager
def post() -> Iterator[tuple[str, Mailbox]]:
    """The address of a server (``OBS_SMTP``) and its mailbox."""
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        yield f"127.0.0.1:{server.port}", box
    finally:
        server.stop()
