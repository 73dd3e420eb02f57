"""What plans make of a region's rate: as planned, and as the past makes likely."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from apps.saisie.calcul import etapes_passees
from apps.saisie.valides import valides
from lake.catalog.convergence import rang_expr, trimestre_acheve, trimestre_nom, trimestre_rang
from lake.store.engine import Store
from lake.store.saisie import services
from lake.store.saisie.frames import Saisie, brouillons
from lake.store.saisie.portage import a_venir
from scoring.convergence.rules import effective
from scoring.convergence.usages import comptees
from scoring.saisie.effet import Etat, remplacer, taux, taux_par_service
from scoring.saisie.glissement import LEAST, Etape, Survie, courbe_probable, survie
from scoring.saisie.referentiel import Referentiel


def derniers_niveaux(
    store: Store, referentiel: Referentiel, service: str, questionnaire: str
) -> dict[str, int | None]:
    """The validated level of each criterion of a sheet; None for an answer that has no level that counts."""
    valid = valides(store, referentiel)
    mine = valid.reponses.filter(pl.col("service") == service, pl.col("questionnaire") == questionnaire)
    at = effective(comptees(valid.reponses, referentiel.criteres))
    joined = mine.join(at, on=["service", "critere"], how="left")
    return dict(joined.select("critere", "niveau_du_jour").iter_rows())


def retard_de(trimestre: str, jour: date) -> int | None:
    """By how many quarters a step is late: 0 when its quarter is the last one over; None when it is to come."""
    late = trimestre_acheve(jour) - trimestre_rang(trimestre)
    return late if late >= 0 else None


@dataclass(frozen=True)
class Courbes:
    """A region's rate, as its plans say and as its past makes likely.

    Attributes:
        taux: today's (%).
        points: (quarter, planned, probable).
        probable: whether the history is long enough for the last column to mean something.
        a_venir: the planned rate at each point, were the services to come there from the quarter that they open, at the
            levels of their drafts; empty without any.
    """

    taux: float
    points: Sequence[tuple[str, float, float]]
    probable: bool
    a_venir: Sequence[float] = ()


def courbes(
    store: Store,
    referentiel: Referentiel,
    region: str,
    questionnaire: str,
    jour: date,
    combien: int = 8,
    vus: Collection[str] = (),
) -> Courbes | None:
    """The curves of a region; None where nothing is validated.

    Args:
        store, referentiel: the entry, the version in force.
        region: whose plans.
        questionnaire: which rate.
        jour: today.
        combien: quarters.
        vus: codes of the services whose drafts the reader sees: of those to come, no other is counted.
    """
    valid = valides(store, referentiel, region)
    answers = comptees(valid.reponses, referentiel.criteres)
    services_ = valid.services.filter(pl.col("region") == region)
    columns = ["service", "critere", "niveau", "non_applicable", "porte_par", "transmis"]
    here = Etat(
        services=services_.lazy(),
        reponses=answers.join(services_, on="service", how="semi").select(columns).lazy(),
        referentiel=referentiel.criteres.lazy(),
        preliminaires=valid.preliminaires.lazy(),
        perimetre="tous",
        au=jour,
    )
    now = taux(taux_par_service(here), questionnaire)
    if now is None:
        return None
    last = trimestre_acheve(jour)
    steps = valid.plans.join(services_.filter("converge"), on="service", how="semi").drop_nulls("niveau")
    ordered = steps.with_columns(rang=rang_expr()).filter(pl.col("rang") > last).sort("rang", "niveau")
    bring: list[Etape] = []
    state = here
    before = now
    states: list[tuple[int, Etat]] = [(last, here)]
    # Each step on top of those before it: gains add up to the rate that the whole plan gives.
    for rank, group in ordered.group_by("rang", maintain_order=True):
        answers_then = state.reponses
        for row in group.iter_rows(named=True):
            answers_then = remplacer(answers_then, row["service"], row["critere"], {"niveau": row["niveau"]})
        state = state.avec(answers_then.collect().lazy())
        after = taux(taux_par_service(state), questionnaire) or before
        bring.append(Etape(int(rank[0]), after - before))
        states.append((int(rank[0]), state))
        before = after
    past = _passe(store, referentiel, last)
    quarters = list(range(last + 1, last + 1 + combien))
    likely = courbe_probable(now, bring, quarters, past, dernier=last)
    points = []
    for rank_, probable in zip(quarters, likely, strict=True):
        planned = now + sum(one.gain for one in bring if one.trimestre <= rank_)
        points.append((trimestre_nom(rank_), planned, probable))
    coming = [
        one for one in services.tous(store, region) if one["code"] in vus and a_venir(one["ouverture"], jour)
    ]
    dashed: list[float] = []
    if coming:
        drafts = brouillons(store, region)
        for rank_, (_, planned, _) in zip(quarters, points, strict=True):
            opened = [one["code"] for one in coming if trimestre_rang(one["ouverture"]) <= rank_]
            then = next(one for at, one in reversed(states) if at <= rank_)
            with_them = taux(taux_par_service(_avec(then, drafts, opened, referentiel)), questionnaire)
            dashed.append(with_them if opened and with_them is not None else planned)
    return Courbes(now, points, past.etapes >= LEAST, dashed)


def _avec(state: Etat, drafts: Saisie, codes: Sequence[str], referentiel: Referentiel) -> Etat:
    """A state in which services are there too, at the levels of their drafts."""
    here = pl.col("service").is_in(pl.Series(codes, dtype=pl.String).implode())
    columns = state.reponses.collect_schema().names()
    return replace(
        state,
        services=pl.concat([state.services, drafts.services.filter(here).lazy()]),
        reponses=pl.concat(
            [
                state.reponses,
                comptees(drafts.reponses.filter(here), referentiel.criteres).select(columns).lazy(),
            ]
        ),
        preliminaires=drafts.preliminaires.lazy(),
    )


def _passe(store: Store, referentiel: Referentiel, last: int) -> Survie:
    """What every validated plan says of delays, all axes and regions together."""
    due = etapes_passees(store, referentiel).with_columns(q0=rang_expr()).filter(pl.col("q0") <= last)
    seen = due.with_columns(r=4 * pl.col("le").dt.year() + pl.col("le").dt.quarter() - 1)
    done = seen.drop_nulls("r")
    still = seen.filter(pl.col("r").is_null())
    return survie((done["r"] - done["q0"]).to_list(), (last - still["q0"]).to_list())
