"""What is computed on the entry itself, drafts included: completion, effects, slippage. No universe may hold drafts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from lake.catalog.convergence import trimestre_acheve, trimestre_nom
from lake.droits_saisie import Acteur, Objet, may
from lake.store.engine import Store
from lake.store.saisie.frames import Saisie, brouillons, niveaux_valides, plans_valides, validees
from scoring.saisie.completion import completion, visibles
from scoring.saisie.effet import Etat
from scoring.saisie.glissement import retards_table
from scoring.saisie.referentiel import Referentiel

ETATS = {"vide": "vide", "brouillon": "brouillon", "a_valider": "à valider", "validee": "validée"}
"""States of a sheet, in French."""


def seen_by(acteur: Acteur, numbers: dict[str, int], regions: dict[str, str]) -> Callable[[str, str], bool]:
    """Whether someone sees a sheet, from its service's code and its questionnaire."""

    def seen(code: str, questionnaire: str) -> bool:
        return may("voir", Objet(regions.get(code, ""), numbers.get(code), questionnaire), acteur)

    return seen


def etat_des_feuilles(
    store: Store, referentiel: Referentiel, acteur: Acteur, numbers: dict[str, int]
) -> pl.DataFrame:
    """How much of each sheet that someone sees is answered and validated.

    Args:
        store: where.
        referentiel: the version in force.
        acteur: who asks.
        numbers: code of each service -> its number.

    Returns:
        ``service, questionnaire, visibles, saisis, valides, saisie_pct, validation_pct, etat``, one row a sheet.
    """
    drafts, valid = brouillons(store), validees(store)
    return feuilles_de(drafts, valid, referentiel, acteur, numbers)


def feuilles_de(
    drafts: Saisie, valid: Saisie, referentiel: Referentiel, acteur: Acteur, numbers: dict[str, int]
) -> pl.DataFrame:
    """The same, of what was read already."""
    asked = visibles(drafts.services, referentiel.criteres, drafts.preliminaires)
    counted = completion(asked, drafts.reponses.filter("confirmee"), valid.reponses.filter("confirmee"))
    regions = dict(drafts.services.select("service", "region").iter_rows())
    seen = seen_by(acteur, numbers, regions)
    kept = [seen(code, name) for code, name in counted.select("service", "questionnaire").iter_rows()]
    counted = counted.filter(pl.Series(kept, dtype=pl.Boolean))
    return (
        counted.join(
            drafts.feuilles.select("service", "questionnaire", "etat"),
            on=["service", "questionnaire"],
            how="left",
            maintain_order="left",
        )
        .with_columns(
            saisie_pct=100.0 * pl.col("saisis") / pl.col("visibles"),
            validation_pct=100.0 * pl.col("valides") / pl.col("visibles"),
            etat=pl.col("etat").fill_null("vide"),
        )
        .select(
            "service",
            "questionnaire",
            "visibles",
            "saisis",
            "valides",
            "saisie_pct",
            "validation_pct",
            "etat",
        )
    )


def superpose(drafts: Saisie, valid: Saisie, referentiel: Referentiel, *, service: str, jour: date) -> Etat:
    """What rates rest on when one service's draft is laid over what is validated of the others."""
    columns = ["service", "critere", "niveau", "non_applicable", "porte_par", "transmis"]
    mine = drafts.reponses.filter(pl.col("service") == service, pl.col("nature") != "valeur")
    others = valid.reponses.filter(pl.col("service") != service, pl.col("nature") != "valeur")
    return Etat(
        services=drafts.services.lazy(),
        reponses=pl.concat([others.select(columns), mine.select(columns)]).lazy(),
        referentiel=referentiel.criteres.lazy(),
        preliminaires=drafts.preliminaires.lazy(),
        perimetre="tous",
        au=jour,
    )


def retards(store: Store, referentiel: Referentiel, jour: date) -> pl.DataFrame:
    """What the validated plans say of slippage, by axis and region (see :func:`retards_table`)."""
    last = trimestre_acheve(jour)
    first = plans_valides(store).unique(["service", "critere", "niveau"], keep="first", maintain_order=True)
    reached = niveaux_valides(store).select("service", "critere", atteint="niveau", le="valide_le")
    axes = referentiel.criteres.select("critere", "axe").unique("critere")
    steps = (
        first.join(reached, on=["service", "critere"], how="left")
        .with_columns(le=pl.when(pl.col("atteint") >= pl.col("niveau")).then("le"))
        .group_by("service", "region", "critere", "niveau", "trimestre", maintain_order=True)
        .agg(pl.col("le").min())
        .join(axes, on="critere", how="left")
        .with_columns(
            r=pl.format("{}-T{}", pl.col("le").dt.year(), pl.col("le").dt.quarter()), q0=pl.col("trimestre")
        )
    )
    return retards_table(steps.select("axe", "region", "q0", "r"), last)


def prochains_trimestres(jour: date, combien: int = 20) -> list[str]:
    """The quarters that may be planned, from the current one."""
    first = trimestre_acheve(jour) + 1
    return [trimestre_nom(first + rank) for rank in range(combien)]
