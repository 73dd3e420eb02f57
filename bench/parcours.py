"""Through how many modules one value goes, from the rows that scoring gives to the view that shows it.

    python -m bench.parcours --lac DOSSIER [--detail]

A module is counted when a frame (or the view made of it) goes in or out of one of its functions while a view is
built: whoever follows a wrong figure back opens these files and no other. « Au-dessus » are those of ``apps``; those of
scoring and of the lake are told apart. « Remontées » counts how often the way comes back to the application's own room.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import polars as pl

ROOT = f"{Path(__file__).resolve().parents[1]}/"
VIEWS = {
    "Carte": ("annuaire", "carte", "carte", {}),
    "Diagnostic": ("annuaire", "diagnostic", "densites", {"epci": ("200039865",)}),
    "radar de Convergence": ("convergence", "synthese", "taux", {}),
    "vue de Ségur": ("segur", "dmp", "documents", {}),
}
"""What is followed: application, page, one of its views, filters."""


def followed(run: Any) -> list[str]:
    """The modules that a frame goes through while something is built, in the order met, each time the way changes."""
    way: list[str] = []

    def watch(frame: FrameType, event: str, value: object) -> None:
        file = frame.f_code.co_filename
        if event not in ("call", "return") or not file.startswith(ROOT) or "/.venv/" in file:
            return
        if event == "call":
            names = frame.f_code.co_varnames[: frame.f_code.co_argcount + frame.f_code.co_kwonlyargcount]
            carried = any(isinstance(frame.f_locals.get(name), pl.DataFrame | pl.LazyFrame) for name in names)
        else:
            carried = isinstance(value, pl.DataFrame | pl.LazyFrame) or hasattr(value, "frame")
        module = file.removeprefix(ROOT)
        if carried and (not way or way[-1] != module):
            way.append(module)

    sys.setprofile(watch)
    try:
        run()
    finally:
        sys.setprofile(None)
    return way


def main() -> None:
    """Print a line a view."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lac", type=Path, required=True)
    parser.add_argument("--detail", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="obs-bench-") as folder:
        os.environ |= {
            "OBS_LAKE": str(asked.lac), "OBS_STORE": f"sqlite:///{folder}/store.db", "OBS_ACCES": "ouvert",
        }  # fmt: skip
        from apps.kit.access.access import PUBLIC
        from apps.kit.data.data import data
        from apps.kit.data.state import State
        from apps.kit.pages.sheet import view_of
        from scoring.universes.selection import Selection

        print(f"{'vue':<24}{'modules':>9}{'au-dessus':>11}{'moteur':>8}{'remontées':>11}")
        for name, (room, page_name, block_name, filters) in VIEWS.items():
            pages = importlib.import_module(f"apps.{room}.declaration").PAGES
            page = next(one for one in pages if one.name == page_name)
            block = next(one for one in page.blocks if one.name == block_name)
            view = view_of(page, data(PUBLIC), State(page.scope.fresh(Selection(filters))))
            way = followed(lambda block=block, view=view: block.build(view))
            met = set(way)
            above = {one for one in met if one.startswith("apps/")}
            page_room = [one.startswith(f"apps/{room}/") for one in way]
            back = sum(mine and not before for before, mine in pairwise(page_room))
            print(f"{name:<24}{len(met):>9}{len(above):>11}{len(met) - len(above):>8}{back:>11}")
            if asked.detail:
                print("   ", *sorted(met), sep="\n    ")


if __name__ == "__main__":
    main()
