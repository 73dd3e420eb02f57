"""What is computed on the entry itself, drafts included: completion, effects, slippage. No universe may hold drafts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from apps.saisie.publication import aujourdhui
from apps.saisie.valides import valides
from lake.catalog.convergence import trimestre_acheve, trimestre_nom
from lake.droits_saisie import ENSEMBLES, Acteur, Objet, may
from lake.store.engine import Store
from lake.store.saisie import services
from lake.store.saisie.frames import Saisie, brouillons, niveaux_valides, plans_valides
from lake.text import fold
from scoring.convergence.answers import referentiel_at
from scoring.convergence.usages import comptees
from scoring.saisie.completion import Part, completion, somme, visibles
from scoring.saisie.effet import Effet, Etat, effet, prochains, taux_par_axe
from scoring.saisie.glissement import en_retard, retards_table
from scoring.saisie.referentiel import Referentiel
from scoring.saisie.volets import sujet_de

ETATS = {"vide": "vide", "brouillon": "brouillon", "a_valider": "à valider", "validee": "validée"}
"""States of a sheet, in French."""


def dit_etat(etat: str, *, ouverte: bool) -> str:
    """The state of a sheet in words: one that is empty was opened by somebody, or by nobody yet."""
    return ETATS[etat] if ouverte else "jamais ouvert"


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
    drafts, valid = brouillons(store), valides(store, referentiel)
    return feuilles_de(drafts, valid, referentiel, acteur, numbers)


def etat_du_service(
    store: Store, referentiel: Referentiel, acteur: Acteur, service: Mapping[str, Any]
) -> pl.DataFrame:
    """The same, of the sheets of one service."""
    region, code = str(service["region"]), str(service["code"])
    drafts, valid = brouillons(store, region), valides(store, referentiel, region)
    found = feuilles_de(drafts, valid, referentiel, acteur, {code: int(service["id"])})
    return found.filter(pl.col("service") == code)


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


@dataclass(frozen=True)
class Tableau:
    """The dashboard of what someone sees.

    Attributes:
        feuilles: one row a sheet (see :func:`etat_des_feuilles`).
        services: services seen.
        saisi, valide: how much is answered, and validated: sums over sums.
        a_valider: sheets that wait.
        en_retard: planned steps that are overdue.
        etapes: planned steps in all.
        retards: code of a service -> its overdue steps.
        usages: code of a service -> how many lean on it.
        ouvertes: (service, questionnaire) of the sheets that somebody opened.
    """

    feuilles: pl.DataFrame
    services: int
    saisi: Part
    valide: Part
    a_valider: int
    en_retard: int
    etapes: int
    retards: Mapping[str, int]
    usages: Mapping[str, int]
    ouvertes: frozenset[tuple[str, str]]

    def ordre(self, mine: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Where to begin: the system, infrastructure from the most used, then the others from the emptiest."""
        left = dict(
            self.feuilles.group_by("service").agg((pl.col("visibles") - pl.col("saisis")).sum()).iter_rows()
        )

        def rank(one: Mapping[str, Any]) -> tuple[int, int, str]:
            if one["kind"] in ENSEMBLES:
                return (0, 0, fold(one["nom"]))
            if one["kind"] == "infrastructure":
                return (1, -self.usages.get(one["code"], 0), fold(one["nom"]))
            return (2, -left.get(one["code"], 0), fold(one["nom"]))

        return sorted(mine, key=rank)


def tableau(store: Store, referentiel: Referentiel, who: Acteur) -> Tableau:
    """The dashboard of someone."""
    drafts, valid = brouillons(store), valides(store, referentiel)
    numbers = {one["code"]: one["id"] for one in services.tous(store)}
    sheets = feuilles_de(drafts, valid, referentiel, who, numbers)
    seen = set(sheets["service"])
    overdue = etapes_en_retard(valid, referentiel, sorted(seen))
    used = drafts.services.select(pl.col("utilise").str.split("|").explode().drop_nulls())["utilise"]
    return Tableau(
        sheets,
        len(seen),
        somme(Part(done, total) for done, total in sheets.select("saisis", "visibles").iter_rows()),
        somme(Part(done, total) for done, total in sheets.select("valides", "visibles").iter_rows()),
        sheets.filter(pl.col("etat") == "a_valider").height,
        overdue.height,
        valid.plans.filter(pl.col("service").is_in(list(seen)), pl.col("niveau").is_not_null()).height,
        dict(overdue.group_by("service").len().iter_rows()),
        dict(used.value_counts().iter_rows()),
        frozenset(drafts.feuilles.select("service", "questionnaire").iter_rows()),
    )


def etapes_en_retard(valid: Saisie, referentiel: Referentiel, codes: Sequence[str]) -> pl.DataFrame:
    """The steps of some services whose quarter is over and whose level is not reached (see :func:`en_retard`)."""
    mine = valid.plans.filter(pl.col("service").is_in(pl.Series(codes, dtype=pl.String).implode()))
    asked = visibles(valid.services.filter("converge"), referentiel.criteres, valid.preliminaires)
    answers = comptees(valid.reponses, referentiel.criteres)
    return en_retard(mine, asked, answers, trimestre_acheve(aujourdhui()))


def superpose(drafts: Saisie, valid: Saisie, referentiel: Referentiel, *, service: str, jour: date) -> Etat:
    """What rates rest on when one service's draft is laid over what is validated of the others."""
    columns = ["service", "critere", "niveau", "non_applicable", "porte_par", "transmis"]
    mine = comptees(drafts.reponses.filter(pl.col("service") == service), referentiel.criteres)
    others = comptees(valid.reponses.filter(pl.col("service") != service), referentiel.criteres)
    return Etat(
        services=drafts.services.lazy(),
        reponses=pl.concat([others.select(columns), mine.select(columns)]).lazy(),
        referentiel=referentiel.criteres.lazy(),
        preliminaires=drafts.preliminaires.lazy(),
        perimetre="tous",
        au=jour,
    )


def par_axe(store: Store, referentiel: Referentiel, service: Mapping[str, Any], jour: date) -> pl.DataFrame:
    """A service's rates: ``questionnaire, axe, libelle_axe, valide, brouillon`` (%), in the referential's order.

    An axis without any answer that counts is not there: it is no zero.
    """
    region = str(service["region"])
    valid, drafts = valides(store, referentiel, region), brouillons(store, region)
    columns = ["service", "critere", "niveau", "non_applicable", "porte_par", "transmis"]
    done = Etat(
        services=valid.services.lazy(),
        reponses=comptees(valid.reponses, referentiel.criteres).select(columns).lazy(),
        referentiel=referentiel.criteres.lazy(),
        preliminaires=valid.preliminaires.lazy(),
        perimetre="tous",
        au=jour,
    )
    then = superpose(drafts, valid, referentiel, service=service["code"], jour=jour)
    now = taux_par_axe(done, service["code"]).rename({"taux": "valide"})
    drafted = taux_par_axe(then, service["code"]).rename({"taux": "brouillon"})
    subject = sujet_de(service["kind"])
    axes = referentiel.criteres.filter(pl.col("sujet") == subject).sort("ordre")
    return (
        axes.unique(["questionnaire", "axe"], keep="first", maintain_order=True)
        .select("questionnaire", "axe", "libelle_axe")
        .join(now, on="axe", how="left", maintain_order="left")
        .join(drafted, on="axe", how="left", maintain_order="left")
        .with_columns(pl.col("valide", "brouillon") * 100)
        .filter(pl.col("valide").is_not_null() | pl.col("brouillon").is_not_null())
    )


def etapes_passees(store: Store, referentiel: Referentiel) -> pl.DataFrame:
    """Each step that was planned once, its first quarter, and the day that it was reached (null when still open).

    ``service, region, critere, niveau, trimestre, le``; a value is reached at the level that its thresholds give it.
    """
    first = plans_valides(store).unique(["service", "critere", "niveau"], keep="first", maintain_order=True)
    answers = comptees(niveaux_valides(store), referentiel.criteres)
    reached = answers.select("service", "critere", atteint="niveau", le="valide_le")
    return (
        first.join(reached, on=["service", "critere"], how="left")
        .with_columns(le=pl.when(pl.col("atteint") >= pl.col("niveau")).then("le"))
        .group_by("service", "region", "critere", "niveau", "trimestre", maintain_order=True)
        .agg(pl.col("le").min())
    )


def retards(store: Store, referentiel: Referentiel, jour: date) -> pl.DataFrame:
    """What the validated plans say of slippage, by axis and region (see :func:`retards_table`)."""
    last = trimestre_acheve(jour)
    axes = referentiel.criteres.select("critere", "axe").unique("critere")
    steps = (
        etapes_passees(store, referentiel)
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


def poses(store: Store, referentiel: Referentiel, service: Mapping[str, Any], jour: date) -> pl.DataFrame:
    """The criteria asked of a service, with what the referential says of them on a day; in its order."""
    one = pl.DataFrame({"service": [service["code"]], "kind": [service["kind"]]})
    said = services.preliminaires(store, service["id"])
    answers = pl.DataFrame(
        [(service["code"], question, value) for question, value in said.items()],
        schema={"service": pl.String, "question": pl.String, "valeur": pl.Boolean},
        orient="row",
    )
    asked = visibles(one, referentiel.criteres, answers).select("critere")
    at = referentiel_at(referentiel.criteres.lazy(), jour).collect()
    return at.join(asked, on="critere", how="semi").sort("ordre")


def poses_a(state: Saisie, referentiel: Referentiel, codes: Sequence[str]) -> pl.DataFrame:
    """The criteria asked of some services (see :func:`visibles`)."""
    mine = state.services.filter(pl.col("service").is_in(pl.Series(codes, dtype=pl.String).implode()))
    return visibles(mine, referentiel.criteres, state.preliminaires)


def porteurs_valides(
    store: Store, referentiel: Referentiel, service: Mapping[str, Any]
) -> dict[str, dict[int, str]]:
    """What the validated answers of the region's infrastructure say, by criterion and service."""
    numbers = {
        one["code"]: one["id"]
        for one in services.tous(store, service["region"])
        if one["kind"] == "infrastructure"
    }
    found: dict[str, dict[int, str]] = {}
    for row in valides(store, referentiel, service["region"]).reponses.iter_rows(named=True):
        if row["service"] not in numbers:
            continue
        if row["non_applicable"]:
            said = "Ne comptera pas : le porteur répond « non applicable »."
        elif row["niveau"] is not None:
            said = f"Niveau du porteur : {row['niveau']} (validé)."
        else:
            said = "Le porteur s’appuie lui-même sur un autre service."
        found.setdefault(row["critere"], {})[numbers[row["service"]]] = said
    return found


@dataclass(frozen=True)
class Gains:
    """What the next level of each criterion of a service would bring to its region.

    Attributes:
        points: criterion -> points of the questionnaire's rate.
    """

    points: Mapping[str, float]


def gains(
    store: Store, referentiel: Referentiel, service: Mapping[str, Any], questionnaire: str, jour: date
) -> Gains:
    """The gains of a service's next levels, its draft laid over what the region validated."""
    here = superpose(
        brouillons(store, service["region"]),
        valides(store, referentiel, service["region"]),
        referentiel,
        service=service["code"],
        jour=jour,
    )
    found = prochains(here, referentiel.niveaux, questionnaire=questionnaire, region=service["region"])
    mine = found.filter(pl.col("service") == service["code"])
    return Gains(dict(mine.select("critere", "gain").iter_rows()))


def simuler(
    store: Store,
    referentiel: Referentiel,
    service: Mapping[str, Any],
    questionnaire: str,
    critere: str,
    niveau: int,
    jour: date,
) -> Effet:
    """What a level would change to the region's rate, before it is given."""
    here = superpose(
        brouillons(store, service["region"]),
        valides(store, referentiel, service["region"]),
        referentiel,
        service=service["code"],
        jour=jour,
    )
    return effet(
        here,
        service["code"],
        critere,
        {"niveau": niveau},
        questionnaire=questionnaire,
        region=service["region"],
    )


def feuilles_en_attente(store: Store) -> list[dict[str, str]]:
    """The sheets that wait to be validated: ``service, questionnaire, par``."""
    rows = brouillons(store).feuilles.filter(pl.col("etat") == "a_valider")
    return rows.select("service", "questionnaire", par="soumise_par").to_dicts()


_QUESTIONS = {
    "consomme_offre_de_sante": "Le service consomme-t-il une description de l’offre de santé ?",
    "instance_ror": "Le service est-il une instance du ROR ?",
    "echanges_interapplicatifs": "Le service échange-t-il avec d’autres applications ?",
}
"""The questions of the packaged referential, which has no table of them."""


def questions_de(referentiel: Referentiel, kind: str) -> dict[str, str]:
    """The preliminary questions asked of a kind of service: code -> text."""
    subject = sujet_de(kind)
    asked = (
        referentiel.criteres.filter(pl.col("sujet") == subject)["question"]
        .drop_nulls()
        .unique(maintain_order=True)
    )
    known = dict(referentiel.questions.sort("ordre").select("question", "libelle").iter_rows())
    return {one: known.get(one, _QUESTIONS.get(one, one.replace("_", " "))) for one in asked}
