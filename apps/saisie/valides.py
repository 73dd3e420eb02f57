"""What was validated, as the referential in force reads it; and the day on which drafts pass under a new version."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from lake.store.engine import Store
from lake.store.saisie import bascule
from lake.store.saisie.frames import Saisie, validees
from scoring.saisie.correspondance import Passage, traduire, traduire_plans
from scoring.saisie.referentiel import Referentiel


def valides(store: Store, referentiel: Referentiel, region: str | None = None) -> Saisie:
    """The last validated version of every sheet, or of those of a region, under the referential in force."""
    return au_referentiel(validees(store, region=region), referentiel)[0]


def au_referentiel(state: Saisie, referentiel: Referentiel) -> tuple[Saisie, pl.DataFrame]:
    """What was validated, under a referential; and what no longer counts: ``service, critere, motif``."""
    answers = traduire(state.reponses, referentiel.chaine, referentiel.questionnaires)
    steps = traduire_plans(state.plans, referentiel.chaine)
    rows = answers.lignes.with_columns(confirmee=pl.col("confirmee") & ~pl.col("traduite")).drop("traduite")
    found = replace(state, reponses=rows.sort("service", "critere"), plans=steps.lignes.drop("traduite"))
    return found, pl.concat([answers.ecartees, steps.ecartees])


def basculer(store: Store, referentiel: Referentiel) -> list[str]:
    """Pass the drafts under the version in force, once a change; returns the versions that were passed now.

    A draft that is translated for sure is to be confirmed; one that is not keeps its answer, to be seen again. Who
    answers for a service that is touched is told, once.
    """
    done = []
    waits = bascule.a_passer(store, [one.version for one in referentiel.chaine if one.liens.height])
    for passage in referentiel.chaine:
        if passage.version in waits and bascule.passer(
            store,
            passage.version,
            lambda rows, one=passage: _changed(rows, one, referentiel),  # type: ignore[misc]
            lambda steps, one=passage: _replanned(steps, one, referentiel),  # type: ignore[misc]
        ):
            done.append(passage.version)
    return done


def _changed(
    rows: list[bascule.Ligne], passage: Passage, referentiel: Referentiel
) -> tuple[list[bascule.Ligne], list[bascule.Ligne]]:
    """The drafts that a change makes, and those that it asks to see again."""
    frame = pl.DataFrame(
        [(one.service, one.critere, one.nature, one.niveau, "", rank) for rank, one in enumerate(rows)],
        schema={
            "service": pl.String,
            "critere": pl.String,
            "nature": pl.String,
            "niveau": pl.Int64,
            "referentiel": pl.String,
            "rang": pl.Int64,
        },
        orient="row",
    )
    found = traduire(frame, [passage])
    sheets = referentiel.questionnaires
    made = [
        replace(rows[rank], critere=critere, niveau=level, questionnaire=sheets.get(critere, rows[rank].questionnaire))
        for critere, level, rank in found.lignes.filter("traduite").select("critere", "niveau", "rang").iter_rows()
    ]  # fmt: skip
    lost = set(found.ecartees.select("service", "critere").iter_rows())
    return made, [one for one in rows if (one.service, one.critere) in lost]


def _replanned(
    steps: list[bascule.Pas], passage: Passage, referentiel: Referentiel
) -> tuple[list[bascule.PasTraduit], list[bascule.Pas]]:
    """The steps that a change makes of those in draft, and those that it takes up for nothing sure."""
    frame = pl.DataFrame(
        [
            (one.service, one.critere, one.niveau, one.trimestre, one.niveau is None, "", rank)
            for rank, one in enumerate(steps)
        ],
        schema={
            "service": pl.String,
            "critere": pl.String,
            "niveau": pl.Int64,
            "trimestre": pl.String,
            "non_planifiable": pl.Boolean,
            "referentiel": pl.String,
            "rang": pl.Int64,
        },
        orient="row",
    )
    found = traduire_plans(frame, [passage])
    sheets = referentiel.questionnaires
    made = [
        bascule.PasTraduit(steps[rank], sheets[critere], critere, level)
        for critere, level, rank in found.lignes.filter("traduite")
        .select("critere", "niveau", "rang")
        .iter_rows()
        if critere in sheets
    ]
    lost = set(found.ecartees.select("service", "critere").iter_rows())
    taken = {id(one.source) for one in made}
    return made, [one for one in steps if (one.service, one.critere) in lost and id(one) not in taken]
