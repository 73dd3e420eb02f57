"""What the entry advises on a service: what brings most, what silence hides, what is worth asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from apps.saisie.calcul import superpose
from apps.saisie.valides import valides
from lake.store.engine import Store
from lake.store.saisie.frames import brouillons
from scoring.convergence.answers import hidden
from scoring.saisie.coherence import questions
from scoring.saisie.completion import visibles
from scoring.saisie.effet import Bornes, bornes, prochains, taux, taux_par_service
from scoring.saisie.referentiel import Referentiel


@dataclass(frozen=True)
class Conseils:
    """Advice on one questionnaire of one service.

    Attributes:
        prochains: ``critere, niveau, suivant, gain, par_niveau, porte``: the criteria below what is expected, the
            most valuable first; gains in points of the region's rate.
        portes: carried criteria below what is expected: criterion -> code of the service that carries it.
        bornes: the region's rate, and between what bounds this service's missing answers leave it.
        planifies: (criterion, level) -> its planned quarter.
    """

    prochains: pl.DataFrame
    portes: Mapping[str, str]
    bornes: Bornes
    planifies: Mapping[tuple[str, int], str]


def conseils(
    store: Store, referentiel: Referentiel, service: Mapping[str, Any], questionnaire: str, jour: date
) -> Conseils:
    """What is advised on a questionnaire of a service, its draft laid over what the region validated."""
    drafts, valid = brouillons(store), valides(store, referentiel)
    code, region = service["code"], service["region"]
    here = superpose(drafts, valid, referentiel, service=code, jour=jour)
    found = prochains(here, referentiel.niveaux, questionnaire=questionnaire, region=region)
    asked = visibles(drafts.services, referentiel.criteres, drafts.preliminaires)
    mine = drafts.reponses.filter(pl.col("service") == code)
    carried = mine.filter(pl.col("porte_par").is_not_null()).select("critere", "porte_par")
    below = carried.join(found.select("critere", porte_par="service"), on=["critere", "porte_par"])
    steps = drafts.plans.filter(pl.col("service") == code, pl.col("niveau").is_not_null())
    return Conseils(
        found.filter(pl.col("service") == code).drop("service"),
        dict(below.iter_rows()),
        bornes(
            here,
            asked.filter(pl.col("service") == code),
            referentiel.niveaux,
            questionnaire=questionnaire,
            region=region,
        ),
        {
            (critere, level): quarter
            for critere, level, quarter in steps.select("critere", "niveau", "trimestre").iter_rows()
        },
    )


def avant_apres(
    store: Store, referentiel: Referentiel, service: Mapping[str, Any], questionnaire: str, jour: date
) -> tuple[float | None, float | None]:
    """The region's rate (%) on a questionnaire, as it is and once the draft of a service is validated."""
    region, code = str(service["region"]), str(service["code"])
    valid = valides(store, referentiel, region)
    now, then = (
        superpose(mine, valid, referentiel, service=code, jour=jour)
        for mine in (valid, brouillons(store, region))
    )
    before, after = (taux(taux_par_service(one), questionnaire) for one in (now, then))
    return before, after


def a_demander(
    store: Store, referentiel: Referentiel, seen: Sequence[str], code: str
) -> list[tuple[str, str]]:
    """The questions that a service's answers raise beside those of the services seen: (criterion, question)."""
    drafts, valid = brouillons(store), valides(store, referentiel)
    here = pl.col("service").is_in(list(seen))
    comments = drafts.reponses.filter(here).select("service", "critere", "niveau", "commentaire")
    asked = referentiel.criteres.select("critere", "question").drop_nulls().unique()
    masked = hidden(referentiel.criteres.lazy(), drafts.preliminaires.lazy()).collect()
    found = questions(
        drafts.services.filter(here),
        comments,
        valid.reponses.filter(here, pl.col("niveau").is_not_null()).select("service", "critere", "niveau"),
        masked.join(asked, on="critere"),
        drafts.solutions.filter(here),
    )
    return found.filter(pl.col("service") == code).select("critere", "question").rows()


def a_l_editeur(
    store: Store, referentiel: Referentiel, mine: Sequence[Mapping[str, Any]], editeur: str, jour: date
) -> pl.DataFrame:
    """What an editor's solutions hold back: ``critere, niveau, suivant, services, gain``, the most valuable first.

    Args:
        store, referentiel: the entry, the version in force.
        mine: the services that the reader sees.
        editeur: whose solutions.
        jour: today.

    Returns:
        One row a criterion and level: the services that are there (a list of names), and the points that their
        regions would gain together, were the editor to move.
    """
    drafts, valid = brouillons(store), valides(store, referentiel)
    names = {one["code"]: one["nom"] for one in mine}
    equipped = drafts.solutions.filter(pl.col("editeur") == editeur, pl.col("service").is_in(list(names)))
    regions = dict(drafts.services.select("service", "region").iter_rows())
    rows = []
    for questionnaire in dict.fromkeys(referentiel.criteres["questionnaire"]):
        for region in sorted({regions[code] for code in equipped["service"]}):
            state = superpose(drafts, valid, referentiel, service="", jour=jour)
            rows.append(prochains(state, referentiel.niveaux, questionnaire=questionnaire, region=region))
    if not rows:
        return _DEMANDE.to_frame()
    return (
        pl.concat(rows)
        .join(equipped.select("service").unique(), on="service", how="semi")
        .with_columns(nom=pl.col("service").replace_strict(names, default=pl.col("service")))
        .group_by("critere", "niveau", "suivant")
        .agg(services=pl.col("nom").sort(), gain=pl.col("gain").sum())
        .sort([-pl.col("gain").round(9), "critere"])
        .select(list(_DEMANDE))
    )


_DEMANDE = pl.Schema(
    [
        ("critere", pl.String()),
        ("niveau", pl.Int64()),
        ("suivant", pl.Int64()),
        ("services", pl.List(pl.String())),
        ("gain", pl.Float64()),
    ]
)
