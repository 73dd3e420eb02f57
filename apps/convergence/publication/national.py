"""The national part of the publication: where everybody stands, axis by axis, region by region."""

from __future__ import annotations

from typing import Any

import polars as pl

from apps.convergence import synthese
from apps.convergence.chiffres import NIVEAU, TAUX, count, criteres, listed, questionnaires
from apps.convergence.publication.blocs import (
    Bloc,
    chiffre,
    dessin,
    feuille,
    graphique,
    legende,
    section,
    series,
    tableau,
    texte,
)
from apps.convergence.publication.dessins import radar_of_codes
from apps.convergence.publication.etat import Etat
from apps.convergence.vues import WHOLE_RATE
from apps.convergence.words import level, rate, services
from apps.kit.maps.maps import Classes, classify
from apps.kit.style import french
from scoring.universes.convergence_listes import SERVICES_DECLARES


def national(etat: Etat) -> dict[str, Any]:
    """The section: overview, axes, and the regions where there are some."""
    sheets = [overview(etat), axes(etat)]
    if etat.regions:
        sheets.append(regions(etat))
    return section("Vue nationale" if etat.regions else "Vue d'ensemble", sheets)


def overview(etat: Etat) -> dict[str, Any]:
    """The rates of the questionnaires, now and as planned."""
    view, words = etat.view, etat.titles()
    names, by_date = questionnaires(view), etat.scores("questionnaire")
    now = {row["questionnaire"]: row for row in by_date[""].iter_rows(named=True)}
    shown = [code for code in names if code in now]
    figures = [
        chiffre(f"{names[code]} ({code})", rate(now[code][TAUX]), f"niveau {level(now[code][NIVEAU])}")
        for code in shown
    ]
    convergent, common = count(view, "services_convergents"), count(view, "services_tronc_commun")
    figures.append(
        chiffre("Convergent", french.number(convergent), f"sur {services(view, common)} du tronc commun")
    )
    rows = []
    for code in shown:
        for horizon, frame in by_date.items():
            for row in frame.filter(pl.col("questionnaire") == code).iter_rows(named=True):
                rows.append(
                    [
                        f"{code} · {names[code]}",
                        words[horizon],
                        french.number(row["services_concernes"]),
                        rate(row[TAUX]),
                        level(row[NIVEAU]),
                    ]
                )
    scope = texte(
        [
            f"{services(view, count(view, 'services_declares'))} sont déclarés, "
            f"{french.number(count(view, 'services_publiables'))} sont publiables, {french.number(common)} sont du "
            f"tronc commun ; {french.number(convergent)} "
            "d'entre eux convergent, les autres seront décommissionnés. Les projections ne comptent que ceux qui "
            "convergent : un taux projeté peut donc différer d'un taux à date sans que rien n'ait été fait."
        ],
        "Qui est compté",
    )
    table = tableau(
        ["Questionnaire", "Moment", "Services concernés", "Taux", "Niveau"],
        rows,
        "Les questionnaires",
        textes=2,
    )
    radars = [radar_row(etat, code) for code in shown]
    radars.append([series([words[horizon] for horizon in etat.horizons])])
    return feuille(
        "Où en est-on face à la doctrine ?",
        synthese.reading(view),
        chiffres=figures,
        rangs=[[table], [scope], *radars],
    )


def radar_row(etat: Etat, code: str) -> list[Bloc]:
    """The two radars of a questionnaire: rate and level, at each moment."""
    scores = etat.scores("axe")
    frames = {title: scores[horizon] for horizon, title in etat.titles().items()}
    name = questionnaires(etat.view)[code]
    return [
        graphique(spec, f"{name} : {word}", largeur=400, hauteur=178)
        for word, measure in (("taux par axe", TAUX), ("niveau par axe", NIVEAU))
        if (spec := radar_of_codes(etat.view, code, frames, measure))
    ]


def axis_names(etat: Etat) -> list[tuple[str, str, str]]:
    """Questionnaire, code and name of each axis, in the referential's order."""
    rows = criteres(etat.view).select("questionnaire", "axe", "libelle_axe")
    return list(rows.unique(maintain_order=True).iter_rows())


def axes(etat: Etat) -> dict[str, Any]:
    """Every axis: services, rate and level at each moment."""
    words, by_date = etat.titles(), etat.scores("axe")
    known = {
        (horizon, row["questionnaire"], row["axe"]): row
        for horizon, frame in by_date.items()
        for row in frame.iter_rows(named=True)
    }
    rows = []
    for questionnaire, code, name in axis_names(etat):
        found = [known.get((horizon, questionnaire, code)) for horizon in etat.horizons]
        if found[0] is None:
            continue
        rows.append(
            [
                questionnaire,
                f"{code} · {name}",
                french.number(found[0]["services_concernes"]),
                *(rate(one[TAUX]) if one else "—" for one in found),
                *(level(one[NIVEAU]) if one else "—" for one in found),
            ]
        )
    moments = [words[horizon] for horizon in etat.horizons]
    headings = [
        "",
        "Axe",
        "Services",
        *(f"Taux {one}" for one in moments),
        *(f"Niveau {one}" for one in moments),
    ]
    ranked = by_date[""].sort(TAUX)
    low, high = ranked.row(0, named=True), ranked.row(-1, named=True)
    label = {(one, code): name for one, code, name in axis_names(etat)}
    said = (
        f"Le plus bas : {low['axe']} · {label[low['questionnaire'], low['axe']]} ({rate(low[TAUX])}) ; "
        f"le plus haut : {high['axe']} · {label[high['questionnaire'], high['axe']]} ({rate(high[TAUX])})."
    )
    return feuille("Axe par axe", said, rangs=[[tableau(headings, rows, textes=2)]])


def regions(etat: Etat) -> dict[str, Any]:
    """The regions beside one another: maps of each questionnaire, then their figures."""
    view, by_date = etat.view, etat.scores("region")
    first, last = etat.horizons[0], etat.horizons[-1]
    words, names = etat.titles(), questionnaires(view)
    rows_of_maps: list[list[Bloc]] = []
    for code in [one for one in names if one != "QR"] or list(names):
        frames = {one: by_date[one].filter(pl.col("questionnaire") == code) for one in (first, last)}
        classes: Classes = classify(pl.concat(frames.values())[TAUX], WHOLE_RATE)
        drawn = [
            dessin(svg, f"{names[code]}, {words[horizon]}")
            for horizon, frame in frames.items()
            if (svg := etat.map(dict(frame.select("region", TAUX).drop_nulls("region").iter_rows()), classes))
        ]
        if drawn:
            rows_of_maps += [drawn, [legende(classes, "taux de maturité")]]
    declared = listed(view, SERVICES_DECLARES).filter("publiable", pl.col("kind") != "si_regional")
    publishable = dict(declared.group_by("region").agg(pl.len()).iter_rows())
    common = dict(declared.filter("commun").group_by("region").agg(pl.len()).iter_rows())
    known = {(row["questionnaire"], row["region"]): row for row in by_date[""].iter_rows(named=True)}
    lines = []
    for code, name in etat.regions.items():
        cells = [name, french.number(publishable.get(code, 0)), french.number(common.get(code, 0))]
        for questionnaire in names:
            row = known.get((questionnaire, code))
            cells += [rate(row[TAUX]), level(row[NIVEAU])] if row else ["—", "—"]
        lines.append(cells)
    headings = ["Région", "Services publiables", "Tronc commun"]
    headings += [part for code in names for part in (f"Taux {code}", f"Niveau {code}")]
    table = tableau(headings, lines, "Les régions, à date")
    return feuille(
        "Région par région",
        f"{french.counted(len(lines), 'région')} ont répondu ; chacune a ses deux pages plus loin.",
        rangs=[*rows_of_maps, [table]],
    )
