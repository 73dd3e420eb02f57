"""What a chart costs: filled from its template, beside the same chart built and checked by Altair.

``python -m bench.vues`` prints, for each drawing of the kit, the median of warm fills, the cost of building its
template once, and their ratio. No lake, no server: the specifications only.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl

from apps.kit.charts import bars as grouped_bars
from apps.kit.charts import charts, dates, distribution, heat, levels, plans, ring
from apps.kit.charts.scales import Scale
from apps.kit.maps.maps import classify
from scoring.universes.model import Format

FILLS = 40
MONTHS = [date(2020 + (11 + i) // 12, (11 + i) % 12 + 1, 1) for i in range(24)]
NAMES = [f"Valeur numéro {rank}" for rank in range(18)]
SHARE = Scale(Format.SHARE, "taux", 2)


def drawings() -> dict[str, tuple[Callable[[], Any], Callable[[], None]]]:
    """Each drawing on frames of the size that pages have, and what forgets its template."""
    values = [0.05 * rank for rank in range(18)]
    by_name = pl.DataFrame({"nom": NAMES, "code": [str(i) for i in range(18)], "v": values})
    months = pl.DataFrame({"mois": MONTHS, "v": [float(i) for i in range(24)]})
    series = pl.concat([months.with_columns(s=pl.lit(name)) for name in NAMES[:6]])
    eighteen = pl.concat([months.with_columns(s=pl.lit(name)) for name in NAMES])
    cells = by_name.join(pl.DataFrame({"col": NAMES[:9]}), how="cross")
    parts = by_name.head(6).select(code="code", nom="nom", valeur=pl.col("v") + 1)
    stack = by_name.join(pl.DataFrame({"partie": NAMES[:4], "rang": range(4)}), how="cross").select(
        "nom", "code", "partie", pl.col("rang").cast(pl.Int64), valeur=pl.col("v") + 1
    )
    spokes = [(f"A{i:02}", f"A{i:02}\nAxe {i}") for i in range(9)]
    outlines = pl.concat(
        pl.DataFrame(
            {"cle": [key for key, _ in spokes], "serie": name, "v": [1.0 + 0.1 * i for i in range(9)]}
        )
        for name in ("Atteint", "Attendu")
    )
    spread = by_name.join(pl.DataFrame({"niveau": [0, 1, 2, 3]}), how="cross").select(
        "nom", "niveau", services=pl.lit(3)
    )
    moved = pl.concat(by_name.select("nom", "v", moment=pl.lit(m)) for m in ("2022", "2023"))
    answers = by_name.select("nom", niveau=pl.lit(2), niveau_attendu=pl.lit(3), sens=pl.lit("oui"))
    quarters = [f"{year}-T{q}" for year in (2022, 2023, 2024) for q in (1, 2, 3, 4)]
    gantt = pl.DataFrame(
        {"nom": NAMES, "debut": ["2022-T1"] * 18, "fin": ["2023-T2"] * 18, "niveau": [1, 2] * 9}
    )
    services = pl.DataFrame(
        {"service": NAMES, "nom": NAMES, "kind": ["infrastructure", "metier", "metier"] * 6}
    )
    edges = pl.DataFrame({"service": NAMES[1::3], "utilise": NAMES[0::3]})
    regions = dict(zip(plans.TILES, values, strict=False))
    shades = dict.fromkeys(NAMES, "#0b6b66")
    return {
        "barres": (lambda: charts.bars(by_name, "nom", "v", SHARE, code="code"), charts._bars.cache_clear),
        "colonnes": (
            lambda: charts.columns(months, "mois", "v", Scale(), picks=True, months=True),
            charts._columns.cache_clear,
        ),
        "courbes": (
            lambda: charts.lines(series, "mois", "v", SHARE, series="s", months=True),
            charts._lines.cache_clear,
        ),
        "petits multiples": (
            lambda: dates.multiples(eighteen, "mois", "v", "s", SHARE, months, NAMES, months=True),
            dates._multiples.cache_clear,
        ),
        "groupes": (
            lambda: grouped_bars.grouped(by_name, "nom", ["v"], SHARE, {"v": "V"}, code="code"),
            grouped_bars._grouped.cache_clear,
        ),
        "empilées": (
            lambda: grouped_bars.stacked(stack, SHARE, shades, whole=True),
            grouped_bars._stacked.cache_clear,
        ),
        "anneau": (
            lambda: ring.ring(parts, SHARE, total=9.0, colours=dict.fromkeys(parts["code"], "#0b6b66")),
            ring._ring.cache_clear,
        ),
        "distribution": (
            lambda: distribution.distribution(
                by_name, "v", SHARE, noun="régions", mark=0.4, mark_label="Ici"
            ),
            distribution._distribution.cache_clear,
        ),
        "chaleur": (
            lambda: heat.heat(cells, "nom", "col", "v", SHARE, NAMES, NAMES[:9]),
            heat._heat.cache_clear,
        ),
        "radar": (lambda: levels.radar(outlines, spokes, "v", 3.0, SHARE), levels._radar.cache_clear),
        "niveaux": (lambda: levels.levels(spread, "nom"), levels._levels.cache_clear),
        "réponses": (lambda: levels.answered(answers, "nom"), levels._answered.cache_clear),
        "avant et après": (lambda: levels.dots(moved, "nom", "v", "moment", SHARE), levels._dots.cache_clear),
        "tuiles": (
            lambda: plans.tiles(dict(regions), SHARE, classify(by_name["v"], SHARE), {}),
            plans._tiles.cache_clear,
        ),
        "étapes": (lambda: plans.steps(gantt, "nom", quarters), plans._steps.cache_clear),
        "graphe": (lambda: plans.graph(services, edges), plans._graph.cache_clear),
    }


def milliseconds(run: Callable[[], Any]) -> float:
    """Processor time of a call: other work on the machine does not count."""
    start = time.process_time()
    run()
    return 1e3 * (time.process_time() - start)


def main() -> None:
    """Print the table."""
    print(f"{'dessin':<18}{'rempli (ms)':>12}{'construit (ms)':>16}{'rapport':>9}")
    for name, (draw, forget) in drawings().items():
        draw()
        fills = statistics.median(milliseconds(draw) for _ in range(FILLS))
        builds = []
        for _ in range(5):
            forget()
            builds.append(milliseconds(draw))
        built = statistics.median(builds)
        print(f"{name:<18}{fills:>12.2f}{built:>16.1f}{built / fills:>9.0f}")


if __name__ == "__main__":
    main()
