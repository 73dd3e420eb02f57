"""Progress of a long command, on the error stream."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click


def progress(quiet: bool) -> Callable[[str, float | None], None]:
    """Say progress on the error stream: one rewritten line in a terminal, one line a step elsewhere."""
    terminal = sys.stderr.isatty()
    last = [""]

    def say(sentence: str, share: float | None) -> None:
        if quiet:
            return
        if terminal:
            mark = "" if share is None else f" {100 * share:3.0f} %"
            click.echo(f"\r\033[K  {sentence}{mark}", err=True, nl=False)
        elif sentence != last[0]:
            click.echo(f"  {sentence}", err=True)
        last[0] = sentence

    return say
