"""Every measurement, one after the other: ``make bench`` (several minutes; run it on a quiet machine)."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path


def main() -> None:
    """Run each bench as a script of its own, in alphabetical order."""
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem in {"__init__", "__main__"} or "def main(" not in path.read_text(encoding="utf-8"):
            continue
        print(f"\n=== bench.{path.stem}", flush=True)
        sys.argv = [str(path)]
        runpy.run_module(f"bench.{path.stem}", run_name="__main__")


if __name__ == "__main__":
    main()
