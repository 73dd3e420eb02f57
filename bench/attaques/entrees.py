"""Mutated deliveries of every source, by the hundred: each is read with its counts, or refused in one French line.

The inputs and the damages are those of ``tests/unit/test_mutated_files.py``, drawn here with other seeds and in number.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.attaques.attack import Attack
from lake.errors import LakeError
from tests.unit import test_mutated_files as known

EACH = 60


def read_or_refused(kind: str, content: bytes) -> str:
    """Give a damaged file to its source: empty when it is read, or refused in one sentence."""
    name, filename, _raw = known.FILES[kind]
    with tempfile.TemporaryDirectory(prefix="attaques-") as folder:
        paths = [Path(folder) / filename]
        paths[0].write_bytes(content)
        for other, text in (("services", known.SERVICES), ("reponses", known.REPONSES)):
            if name == "convergence" and kind != other:  # a campaign is made of both
                paths.append(Path(folder) / f"{other}_2020-12-15.csv")
                paths[-1].write_bytes(text.encode())
        try:
            known.ingested(name, paths)
        except LakeError as error:
            said = str(error)
            return "" if said.strip() and "\n" not in said and "Error" not in said else f"dit : {said[:160]}"
    return ""


def damaged(kind: str, seed: int) -> bytes:
    """One to three damages of a file, one over the other."""
    draw = random.Random(f"{kind} attaques {seed}")
    content = known.FILES[kind][2]
    for _ in range(draw.choice((1, 1, 2, 3))):
        try:
            content = draw.choice(known.ON_BYTES)(content, draw)
        except (ValueError, IndexError):  # nothing left to damage that way
            continue
    return content


def attacks(each: int = EACH) -> Iterator[Attack]:
    """Every attack of this family.

    Args:
        each: damaged files of each kind.
    """
    for kind in known.FILES:
        for seed in range(each):
            content = damaged(kind, seed)
            if content:  # an empty file is refused before any source sees it
                yield Attack(
                    f"fichiers abîmés, {kind}",
                    f"n° {seed}",
                    lambda kind=kind, content=content: read_or_refused(kind, content),
                )
