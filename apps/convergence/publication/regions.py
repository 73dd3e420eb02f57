"""The regions of the publication: two sheets each, the plan d'occupation des sols, then rates and radars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from apps.convergence.cartographie import plan_print, rated
from apps.convergence.chiffres import NIVEAU, TAUX, listed, questionnaires
from apps.convergence.publication.blocs import (
    Bloc,
    chiffre,
    feuille,
    graphique,
    plan,
    section,
    series,
    tableau,
)
from apps.convergence.publication.dessins import radar_of_codes
from apps.convergence.publication.etat import Etat
from apps.convergence.publication.national import axis_names
from apps.convergence.words import level, rate
from apps.kit.style import french
from scoring.universes.convergence_listes import SERVICES_DECLARES


def regions(etat: Etat, say: Callable[[str, float], None]) -> dict[str, Any]:
    """The section of the regions; ``say`` is told each region and the share done."""
    sheets = []
    for rank, (code, name) in enumerate(etat.regions.items()):
        say(name, rank / len(etat.regions))
        sheets += [ground_plan(etat, code, name), figures(etat, code, name)]
    return section("Les régions", sheets)


def ground_plan(etat: Etat, code: str, name: str) -> dict[str, Any]:
    """The region's services in their domains and zones, with their mean rate."""
    view = etat.view
    declared = listed(view, SERVICES_DECLARES).filter(pl.col("region") == code)
    rows = declared.filter(pl.col("kind") != "si_regional")
    rows = rows.join(rated(view), on="service", how="left").sort("zone_pos", "nom", nulls_last=True)
    publishable = rows.filter("publiable").height
    away = rows.filter(~pl.col("converge")).height
    said = (
        f"{french.counted(rows.height, 'service déclaré', 'services déclarés')}, "
        f"{french.counted(publishable, 'publiable')}, dont {french.number(rows.filter('commun').height)} du tronc "
        f"commun ; {french.number(rows.filter(~pl.col('tronc_commun')).height)} hors tronc commun, "
        f"{french.number(away)} à décommissionner. "
        "À côté de chaque service, le taux moyen de ses axes."
    )
    return feuille(name, said, rangs=[[plan(plan_print(rows, "maturite"))]])


def figures(etat: Etat, code: str, name: str) -> dict[str, Any]:
    """The region's rates and levels beside those of all regions, now and as planned."""
    view, words = etat.view, etat.titles()
    last = etat.horizons[-1]
    mine = pl.col("region") == code
    now, then = (etat.scores("region")[one].filter(mine) for one in ("", last))
    whole = {row["questionnaire"]: row for row in etat.scores("questionnaire")[""].iter_rows(named=True)}
    planned = {row["questionnaire"]: row for row in then.iter_rows(named=True)}
    boxes, said = [], []
    for questionnaire, label in questionnaires(view).items():
        found = now.filter(pl.col("questionnaire") == questionnaire)
        if not found.height:
            continue
        row, other = found.row(0, named=True), whole[questionnaire]
        boxes.append(
            chiffre(
                f"{label} ({questionnaire})",
                rate(row[TAUX]),
                f"niveau {level(row[NIVEAU])} ; toutes les régions : {rate(other[TAUX])}, {level(other[NIVEAU])}",
            )
        )
        if questionnaire in planned:
            said.append(f"{questionnaire} à {rate(planned[questionnaire][TAUX])}")
    scope = listed(view, SERVICES_DECLARES).filter(mine, pl.col("commun")).height
    reading = f"{french.counted(scope, 'service')} du tronc commun" + (
        f" ; les plans mènent {french.listing(said)} {words[last]}." if said and last else "."
    )
    return feuille(
        f"{name} : taux et niveaux",
        reading,
        chiffres=boxes,
        rangs=[*radars(etat, code, name), [table(etat, code)]],
        sommaire=False,
    )


def radars(etat: Etat, code: str, name: str) -> list[list[Bloc]]:
    """Rates then levels of each questionnaire: the region at date, as planned, and all regions."""
    last, words = etat.horizons[-1], etat.titles()
    mine = pl.col("region") == code
    by_date = {one: frame.filter(mine) for one, frame in etat.scores("region", "axe").items()}
    frames = {f"{name}, à date": by_date[""]}
    if last:
        frames[f"{name}, {words[last]}"] = by_date[last]
    frames["toutes les régions, à date"] = etat.scores("axe")[""]
    rows = []
    for measure, word in ((TAUX, "taux"), (NIVEAU, "niveau")):
        drawn = [
            graphique(spec, f"{questionnaire} : {word} par axe", largeur=300, hauteur=240)
            for questionnaire in questionnaires(etat.view)
            if (spec := radar_of_codes(etat.view, questionnaire, frames, measure))
        ]
        rows.append(drawn)
    return [*rows, [series(list(frames))]]


def table(etat: Etat, code: str) -> Bloc:
    """Every axis of the region: services, rate and level now, rates as planned, all regions' rate."""
    words = etat.titles()
    mine = pl.col("region") == code
    by_date = {
        one: {(row["questionnaire"], row["axe"]): row for row in frame.filter(mine).iter_rows(named=True)}
        for one, frame in etat.scores("region", "axe").items()
    }
    whole = {(row["questionnaire"], row["axe"]): row for row in etat.scores("axe")[""].iter_rows(named=True)}
    rows = []
    for questionnaire, axe, label in axis_names(etat):
        row = by_date[""].get((questionnaire, axe))
        if row is None:
            continue
        later = [by_date[one].get((questionnaire, axe)) for one in etat.horizons if one]
        rows.append(
            [
                f"{axe} · {label}",
                french.number(row["services_concernes"]),
                rate(row[TAUX]),
                *(rate(one[TAUX]) if one else "—" for one in later),
                rate(whole[questionnaire, axe][TAUX]),
                level(row[NIVEAU]),
            ]
        )
    headings = ["Axe", "Services", "Taux à date"]
    headings += [f"Taux {words[one]}" for one in etat.horizons if one]
    return tableau([*headings, "Toutes les régions, à date", "Niveau à date"], rows)
