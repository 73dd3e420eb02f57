"""Two versions of a sheet, criterion by criterion and as a rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from apps.kit.data.data import open_lake
from apps.saisie.referentiels import lu
from lake.catalog.convergence_usages import dite
from lake.store.engine import Store
from lake.store.saisie.frames import validees
from lake.store.saisie.versions import Version
from scoring.convergence.usages import comptees
from scoring.saisie.effet import Ecart, Etat, ecart, taux_par_axe
from scoring.saisie.referentiel import Referentiel
from scoring.saisie.volets import version_de, volet_du

CLASSES = {
    "monte": "monté",
    "baisse": "baissé",
    "nouveau": "nouveau",
    "retire": "retiré",
    "na_niveau": "non applicable, puis niveau",
    "niveau_na": "niveau, puis non applicable",
    "porteur": "porteur changé",
    "attendu": "attendu changé",
    "ajoute": "critère ajouté",
    "ote": "critère retiré",
    "valeur": "valeur changée",
    "inchange": "inchangé",
}
"""What may become of a criterion from one version to the other: each is in one class only."""


@dataclass(frozen=True)
class Comparaison:
    """Two versions compared.

    Attributes:
        lignes: (criterion, before, after, class), in the order of the criteria.
        comptes: class -> criteria; they add up to the union of the criteria answered.
        ecart: the difference of the service's own rate in three parts; None where one version has no rate.
        axes: ``axe, libelle_axe, avant, apres``: the service's rate (%) on each axis of either version.
    """

    lignes: Sequence[tuple[str, str, str, str]]
    comptes: Mapping[str, int]
    ecart: Ecart | None
    axes: pl.DataFrame


def comparer(
    store: Store,
    referentiel: Referentiel,
    service: Mapping[str, Any],
    questionnaire: str,
    avant: Version,
    apres: Version,
    jour: date,
) -> Comparaison:
    """Compare two versions of a service's sheet, each under its own referential."""
    scan = open_lake().snapshot().scan
    known = {
        name: referentiel
        if name == version_de(referentiel, questionnaire)
        else lu(scan, name, volet_du(referentiel, questionnaire))
        for name in {avant.version_referentiel, apres.version_referentiel}
    }
    refs = (known[avant.version_referentiel], known[apres.version_referentiel])
    one, other = ({row["critere"]: row for row in version.contenu["reponses"]} for version in (avant, apres))
    expected = [
        dict(ref.criteres.sort("a_partir_du").select("critere", "niveau_attendu").iter_rows()) for ref in refs
    ]
    lines = [
        (
            code,
            _word(refs[0], one.get(code)),
            _word(refs[1], other.get(code)),
            classe(code, one.get(code), other.get(code), expected),
        )
        for code in sorted(one.keys() | other.keys())
    ]
    counts = {name: sum(line[3] == name for line in lines) for name in CLASSES}
    valid = comptees(validees(store).reponses, referentiel.criteres).filter(
        ~((pl.col("service") == service["code"]) & (pl.col("questionnaire") == questionnaire)),
    )
    states = [
        _state(service, rows.values(), ref, valid, jour) for rows, ref in zip((one, other), refs, strict=True)
    ]
    gap = ecart(states[0], states[1], questionnaire=questionnaire, region="mien")
    return Comparaison(lines, counts, gap, _axes(states, refs, str(service["code"]), questionnaire))


def classe(
    code: str,
    avant: Mapping[str, Any] | None,
    apres: Mapping[str, Any] | None,
    attendus: Sequence[Mapping[str, int]],
) -> str:
    """What became of one criterion (a key of :data:`CLASSES`)."""
    if avant is None or apres is None:
        there = attendus[0] if avant is None else attendus[1]
        if code not in there:
            return "ajoute" if avant is None else "ote"
        return "nouveau" if avant is None else "retire"
    natures = (avant["nature"], apres["nature"])
    if natures == ("na", "niveau"):
        return "na_niveau"
    if natures == ("niveau", "na"):
        return "niveau_na"
    if natures[0] != natures[1] or avant["porte_par"] != apres["porte_par"]:
        return "porteur"
    if avant["niveau"] is not None and avant["niveau"] != apres["niveau"]:
        return "monte" if apres["niveau"] > avant["niveau"] else "baisse"
    if avant["valeur"] != apres["valeur"]:
        return "valeur"
    if attendus[0].get(code) != attendus[1].get(code):
        return "attendu"
    return "inchange"


def _axes(
    states: Sequence[Etat], refs: Sequence[Referentiel], service: str, questionnaire: str
) -> pl.DataFrame:
    """The rate (%) of each axis under each version, in the order of the questionnaire."""
    told = pl.concat([ref.criteres.select("questionnaire", "axe", "libelle_axe", "ordre") for ref in refs])
    axes = (
        told.filter(pl.col("questionnaire") == questionnaire).sort("ordre").unique("axe", maintain_order=True)
    )
    found = axes.select("axe", "libelle_axe")
    for name, state in zip(("avant", "apres"), states, strict=True):
        rates = taux_par_axe(state, service).select("axe", (100 * pl.col("taux")).alias(name))
        found = found.join(rates, on="axe", how="left", maintain_order="left")
    return found.filter(pl.col("avant").is_not_null() | pl.col("apres").is_not_null())


def _state(
    service: Mapping[str, Any], rows: Any, referentiel: Referentiel, others: pl.DataFrame, jour: date
) -> Etat:
    """The service's rate under one of its versions: what the others validated only carries."""
    columns = ["service", "critere", "niveau", "non_applicable", "porte_par", "transmis"]
    mine = pl.DataFrame(
        [
            (
                service["code"],
                row["critere"],
                row["niveau"],
                row["nature"] == "na",
                row["porte_par"],
                row["transmis"],
                row["nature"],
                row["valeur"],
            )
            for row in rows
        ],
        schema=others.select(*columns, "nature", "valeur").schema,
        orient="row",
    )
    mine = comptees(mine, referentiel.criteres).select(columns)
    who = pl.DataFrame({"service": [service["code"]], "kind": [service["kind"]], "region": ["mien"]})
    return Etat(
        services=who.lazy(),
        reponses=pl.concat([others.select(columns), mine]).lazy(),
        referentiel=referentiel.criteres.lazy(),
        perimetre="tous",
        au=jour,
    )


def _word(ref: Referentiel, answer: Mapping[str, Any] | None) -> str:
    if answer is None:
        return "—"
    if answer["nature"] == "niveau":
        return str(answer["niveau"])
    if answer["nature"] == "valeur":
        return dite(ref.criteres, str(answer["critere"]), str(answer["valeur"]))
    return {"na": "n/a", "porte": f"porté par {answer['porte_par']}"}[str(answer["nature"])]
