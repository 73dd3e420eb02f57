"""``make attaques``: every family of attacks, its counts, and a failure when one did not hold.

A module beside this one that has ``attacks()`` is a family: add yours there.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

from bench.attaques.attack import tally


def families() -> list[str]:
    """The modules that hold attacks."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if path.stem != "attack")
    return [name for name in names if hasattr(importlib.import_module(f"bench.attaques.{name}"), "attacks")]


def main() -> None:
    """Run the families asked, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("familles", nargs="*", help="modules de bench/attaques ; tous par défaut")
    asked = parser.parse_args().familles or families()
    failed = 0
    for name in asked:
        started = time.monotonic()
        print(f"=== {name}", flush=True)
        attacks = importlib.import_module(f"bench.attaques.{name}").attacks()
        failed += tally(attacks, lambda line: print(line, flush=True))
        print(f"({time.monotonic() - started:.0f} s)", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
