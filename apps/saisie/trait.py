"""The rate that plans lead to, drawn; dashed, with the services to come, that no published figure holds."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from apps.kit.charts.charts import lines
from apps.kit.charts.scales import Scale
from apps.kit.style.french import typographic
from apps.saisie.trajectoire import Courbes
from lake.catalog.convergence import trimestre_fin
from scoring.universes.model import Format

PREVU, PROBABLE, A_VENIR = "Prévu", "Probable", "Avec les services à venir"
RATE = Scale(Format.PERCENT, "Taux de maturité")


def draw(found: Courbes) -> None:
    """Draw the curves; the same figures are in the table under them."""
    rows = [
        (trimestre_fin(quarter), name, value)
        for rank, (quarter, planned, probable) in enumerate(found.points)
        for name, value in (
            (PREVU, planned),
            *(((PROBABLE, probable),) if found.probable else ()),
            *(((A_VENIR, found.a_venir[rank]),) if found.a_venir else ()),
        )
    ]
    frame = pl.DataFrame(
        rows, schema={"jour": pl.Date, "serie": pl.String, "valeur": pl.Float64}, orient="row"
    )
    drawn = dashed(lines(frame, "jour", "valeur", RATE, series="serie", height=220, legend=True))
    st.vega_lite_chart(
        drawn, theme=None, width="stretch", key="plan_trait",
        alt=typographic("Le taux trimestre par trimestre : les mêmes chiffres sont dans le tableau."),
    )  # fmt: skip


def dashed(spec: dict[str, Any]) -> dict[str, Any]:
    """The same drawing, its line of the services to come dashed."""
    test = {"test": f"datum.serie === '{A_VENIR}'", "value": [6, 4]}
    for layer in [spec, *spec.get("layer", ())]:
        mark = layer.get("mark")
        kind = mark.get("type") if isinstance(mark, dict) else mark
        if kind == "line":
            layer.setdefault("encoding", {})["strokeDash"] = {"condition": test, "value": [1, 0]}
    return spec
