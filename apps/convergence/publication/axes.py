"""The axes of the publication: one sheet an axis."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import polars as pl

from apps.convergence import axes as page
from apps.convergence.appuis import IMPROVEMENTS, MILESTONES
from apps.convergence.chiffres import CLE, NIVEAU, TAUX
from apps.convergence.publication.blocs import (
    Bloc,
    chiffre,
    dessin,
    feuille,
    graphique,
    legende,
    maturity,
    piece,
    section,
)
from apps.convergence.publication.etat import Etat
from apps.convergence.publication.national import axis_names
from apps.convergence.vues import WHOLE_RATE
from apps.convergence.words import level, rate, services
from apps.kit.maps.maps import classify
from apps.kit.style import french


def axes(etat: Etat, say: Callable[[str, float], None]) -> dict[str, Any]:
    """The section of the axes; ``say`` is told each axis and the share done."""
    sheets = []
    listed = axis_names(etat)
    for rank, (questionnaire, code, name) in enumerate(listed):
        say(f"Axe {code}", rank / len(listed))
        made = axis(etat, f"{questionnaire}-{code}", f"{code} · {name} ({questionnaire})")
        if made is not None:
            sheets.append(made)
    return section("Les axes", sheets)


def axis(etat: Etat, key: str, title: str) -> dict[str, Any] | None:
    """The sheet of an axis; None when nobody answered it."""
    view = etat.option(axe=key, mesure=TAUX)
    words = etat.titles()
    by_date = {horizon: frame.filter(key == CLE) for horizon, frame in etat.scores("axe").items()}
    if not by_date[""].height:
        return None
    now = by_date[""].row(0, named=True)
    scope = page.scope_of_axis(view)
    figures = [
        chiffre(
            "Services concernés", french.number(now["services_concernes"]), f"sur {services(view, scope)}"
        ),
        *(
            chiffre(
                f"Taux {words[horizon]}", rate(frame[TAUX].item()), f"niveau {level(frame[NIVEAU].item())}"
            )
            for horizon, frame in by_date.items()
            if frame.height
        ),
    ]
    spread, curve = page.distribution(view), page.PROJECTION(view)
    drawn = maps(etat, key)
    rows: list[list[Bloc]] = [
        [piece(page.EXPECTED(view))],
        [graphique(_readable(spread.spec), spread.title, largeur=700, lecture=spread.reading)],
        [maturity()],
        drawn[:-1],
        drawn[-1:],
        [
            graphique(curve.spec, curve.title, largeur=430, hauteur=165, lecture=curve.reading),
            piece(MILESTONES(view), largeur=0.45),
        ],
        [piece(IMPROVEMENTS(view))],
    ]
    return feuille(title, page.reading(view), chiffres=figures, rangs=rows)


def _readable(spec: dict[str, Any]) -> dict[str, Any]:
    """The distribution for a sheet: the criteria's names whole, thinner bars, its legend apart."""
    printed = {**copy.deepcopy(spec), "height": {"step": 22}}
    for layer in printed["layer"]:
        layer["encoding"]["y"]["axis"]["labelLimit"] = 330
        if layer["encoding"].get("color", {}).get("legend"):
            layer["encoding"]["color"]["legend"] = None
    return printed


def maps(etat: Etat, key: str) -> list[Bloc]:
    """The regions at each moment, then their shared legend; nothing without regions or outlines."""
    if not etat.regions:
        return []
    words = etat.titles()
    by_date = {
        horizon: frame.filter(key == CLE).drop_nulls("region")
        for horizon, frame in etat.scores("axe", "region").items()
    }
    classes = classify(pl.concat(by_date.values())[TAUX], WHOLE_RATE)
    drawn = [
        dessin(svg, f"Les régions, {words[horizon]}")
        for horizon, frame in by_date.items()
        if (svg := etat.map(dict(frame.select("region", TAUX).iter_rows()), classes))
    ]
    return [*drawn, legende(classes, "taux de maturité de l'axe")] if drawn else []
