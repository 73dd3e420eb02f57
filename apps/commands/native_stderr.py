"""What native libraries write on the error output, kept out of the operator's sight unless it is needed.

Where a disk fills or a storage refuses, the Rust libraries below Polars and deltalake print the panics of their
threads themselves, before the refusal reaches Python and is told in one French line.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import click

from lake.errors import LakeError

_STDERR = 2


@contextmanager
def set_aside() -> Iterator[None]:
    """Send what native code writes on the error output to a file, while Python still writes where it did.

    The file is printed when the block ends in an error that is not told in French: it is then all that there is
    to understand it by.
    """
    try:
        own = sys.stderr.fileno() == _STDERR
    except (AttributeError, ValueError, io.UnsupportedOperation):
        own = False  # already elsewhere: a test, a notebook
    before, saved = sys.stderr, os.dup(_STDERR)
    with tempfile.TemporaryFile() as aside:
        before.flush()
        os.dup2(aside.fileno(), _STDERR)
        if own:
            sys.stderr = os.fdopen(
                os.dup(saved), "w", encoding=before.encoding, errors="backslashreplace", buffering=1
            )
        told = True
        try:
            yield
        except (LakeError, KeyboardInterrupt, SystemExit, click.ClickException, click.exceptions.Exit):
            raise
        except Exception:
            told = False
            raise
        finally:
            if own:
                sys.stderr.close()
                sys.stderr = before
            os.dup2(saved, _STDERR)
            if not told:
                aside.seek(0)
                os.write(saved, aside.read())
            os.close(saved)
