"""A campaign of the demo as the tables of its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl
from numpy.random import Generator

from demo.convergence import figures
from demo.convergence.campaign import Campagne, steps
from demo.convergence.concerned import Key
from demo.convergence.services import Service
from ingest.sources.convergence.referentiel import packaged_text
from lake.catalog.convergence import rang_expr, trimestre_acheve, trimestre_nom, trimestre_rang

# Quarter at whose end each milestone is due, in the order of the packaged list.
JALONS = (
    "2021-T2",
    "2021-T4",
    "2022-T2",
    "2021-T3",
    "2021-T4",
    "2021-T4",
    "2022-T4",
    "2021-T3",
    "2022-T2",
    "2022-T4",
    "2023-T2",
)
TEXTES = dict.fromkeys(("region", "zone_pos", "utilise", "porte_par", "commentaire"), pl.String)
RETARDS = 0.06
"""Share of the plans whose first step was due by the following campaign and is not reached there."""
COMMENTAIRES = (
    "En attente de la version suivante de la solution.",
    "Marché régional en cours de renouvellement.",
    "Mise en service prévue avec le palier suivant.",
    "Audit réalisé dans l'année.",
)


@dataclass(frozen=True)
class Fichiers:
    """The files of one campaign, as frames in the layout of each file.

    Attributes:
        volet: ``regions`` or ``industriels``.
        campagne: its date.
        services, solutions, preliminaires, jalons, ameliorations, plans, reponses: the files.
    """

    volet: str
    campagne: date
    services: pl.DataFrame
    solutions: pl.DataFrame
    preliminaires: pl.DataFrame
    jalons: pl.DataFrame
    ameliorations: pl.DataFrame
    plans: pl.DataFrame
    reponses: pl.DataFrame

    def files(self) -> dict[str, pl.DataFrame]:
        """File by name, as ``obs ingest convergence`` expects them."""
        names = ("services", "solutions", "preliminaires", "jalons", "ameliorations", "plans", "reponses")
        return {name: getattr(self, name) for name in names}


def build(campagne: Campagne, rng: Generator) -> Fichiers:
    """The files of the campaign of 15 December 2020."""
    who = campagne.concerned
    return Fichiers(
        "regions",
        figures.CAMPAGNE,
        services_frame(campagne.services),
        pl.DataFrame(
            [(s.code, editor, solution) for s in campagne.services for editor, solution in s.solutions],
            schema=["service", "editeur", "solution"],
            orient="row",
        ).sort("service", "editeur", "solution"),
        preliminaires_frame(who.preliminaires),
        jalons_frame(),
        ameliorations_frame(figures.CAMPAGNE),
        _plans(campagne, rng),
        _reponses(campagne, rng),
    )


def services_frame(services: Sequence[Service]) -> pl.DataFrame:
    """The file of the services."""
    return pl.DataFrame(
        [
            {
                "service": s.code,
                "region": s.region,
                "nom": s.nom,
                "kind": s.kind,
                "zone_pos": s.zone or None,
                "type_service": s.type_service,
                "tronc_commun": s.tronc_commun,
                "publiable": s.publiable,
                "converge": s.converge,
                "utilise": "|".join(s.utilise) or None,
            }
            for s in sorted(services, key=lambda s: s.code)
        ],
        infer_schema_length=None,
        schema_overrides=TEXTES,
    )


def preliminaires_frame(answers: Mapping[Key, bool | None]) -> pl.DataFrame:
    """The file of the preliminary answers."""
    return pl.DataFrame(
        [(*key, value) for key, value in answers.items()],
        schema={"service": pl.String, "question": pl.String, "valeur": pl.Boolean},
        orient="row",
    ).sort("service", "question")


def jalons_frame() -> pl.DataFrame:
    """The milestones with their quarter, and the axes that hang on them."""
    packaged = pl.read_csv(packaged_text("jalons.csv"), infer_schema=False)
    names = packaged["jalon"].unique(maintain_order=True).to_list()
    due = pl.DataFrame({"jalon": names, "trimestre": JALONS[: len(names)]})
    return packaged.join(due, on="jalon", how="left", maintain_order="left").select(
        "jalon", "libelle_jalon", "porteur", "trimestre", "axe", "dependance"
    )


def ameliorations_frame(campagne: date, volet: str = "regions") -> pl.DataFrame:
    """The improvements proposed by a date: later ones are not there yet, and what came of them is said last."""
    packaged = pl.read_csv(packaged_text(f"ameliorations_{volet}.csv"), infer_schema=False)
    since = pl.col("propose_le").str.to_date()
    fresh = since > campagne - timedelta(days=90)
    return (
        packaged.filter(since <= campagne)
        .with_columns(statut=pl.when(fresh).then(pl.lit("proposee")).otherwise(pl.col("statut")))
        .sort("amelioration", "axe")
    )


def _reponses(campagne: Campagne, rng: Generator) -> pl.DataFrame:
    """The file of the answers: levels, carried criteria, *non applicable*."""
    who = campagne.concerned
    carriers = {(carrier, critere) for (_, critere), carrier in who.porte_par.items()}
    rows = []
    for service, critere in [*who.repond, *who.non_applicable]:
        key = (service, critere)
        carrier = who.porte_par.get(key)
        answered = key in campagne.grille.racine
        infrastructure = campagne.grille.services[service].kind == "infrastructure"
        rows.append(
            {
                "service": service,
                "critere": critere,
                "niveau": campagne.niveaux[key] if answered and carrier is None else None,
                "non_applicable": not answered,
                "porte_par": carrier,
                # An infrastructure service that nobody relies on may keep its level to itself.
                "transmis": not (infrastructure and key not in carriers and rng.random() < 0.1),
                "valide_le": figures.CAMPAGNE - timedelta(days=int(rng.integers(0, 75))),
                "valide_par": f"Référent {figures.SIGLES[campagne.grille.services[service].region]}",
                "commentaire": COMMENTAIRES[rng.integers(len(COMMENTAIRES))] if rng.random() < 0.04 else None,
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None).sort("service", "critere")


def _plans(campagne: Campagne, rng: Generator) -> pl.DataFrame:
    """The file of the plans, with what cannot be planned among the criteria below their expected level."""
    planned = steps(campagne.plans)
    keys = {(service, critere) for (service, critere), _ in campagne.plans}
    low = [
        key
        for key, level in sorted(campagne.niveaux.items())
        if key not in keys and level < campagne.grille.attendu[key[1]] and rng.random() < 0.4
    ]
    impossible = pl.DataFrame(low, schema={"service": pl.String, "critere": pl.String}, orient="row")
    return pl.concat(
        [
            planned.with_columns(non_planifiable=pl.lit(False)),
            impossible.with_columns(non_planifiable=pl.lit(True)),
        ],
        how="diagonal",
    ).sort("service", "critere", "niveau")


def earlier(later: Fichiers, campagne: date, levels_from: Mapping[str, int], rng: Generator) -> Fichiers:
    """The campaign before another: fewer services, lower levels, plans that have slipped since.

    Args:
        later: the campaign that follows.
        campagne: the date of this one.
        levels_from: lowest level of each criterion.
        rng: the seeded generator.
    """
    start, end = trimestre_acheve(campagne) + 1, trimestre_acheve(later.campagne) + 1
    # Infrastructure is there from the start: what it carries rests on it.
    late = pl.Series(rng.random(later.services.height) < 0.1) & (later.services["kind"] == "metier")
    services = later.services.filter(~late)
    present = services["service"].implode()
    services = services.with_columns(
        utilise=pl.col("utilise")
        .str.split("|")
        .list.eval(pl.element().filter(pl.element().is_in(services["service"].to_list())))
        .list.join("|")
        .replace("", None)
    )
    here = pl.col("service").is_in(present)
    answers = later.reponses.filter(here)
    lowest = pl.col("critere").replace_strict(levels_from, default=0, return_dtype=pl.Int64)
    own = pl.col("niveau")
    lost = pl.Series(rng.choice(3, answers.height, p=(0.89, 0.09, 0.02)))
    before = answers.with_columns(
        niveau=pl.when(own.is_not_null()).then(pl.max_horizontal(lowest, own - lost)),
        apres=own,
        valide_le=pl.lit(campagne) - pl.duration(days=pl.lit(pl.Series(rng.integers(0, 60, answers.height)))),
    )
    done = _reached(before, start, end, rng)
    kept = later.plans.filter(here)
    slip = pl.Series(rng.choice([0, 0, 0, 1, 2, 3], kept.height))
    ranks = kept["trimestre"].map_elements(trimestre_rang, return_dtype=pl.Int64)
    # Now and then the first step of a plan was due by the later campaign, which finds it not reached: it is
    # late there, and planned anew for the quarter that the later campaign says.
    first = kept["niveau"] == kept.select(pl.col("niveau").min().over("service", "critere")).to_series()
    missed = pl.Series(rng.random(kept.height) < RETARDS) & first.fill_null(False)
    due = pl.Series(rng.integers(start, max(start + 1, end), kept.height))
    moved = kept.with_columns(
        trimestre=pl.select(pl.when(missed).then(due).otherwise((ranks - slip).clip(lower_bound=end)))
        .to_series()
        .zip_with(ranks.is_not_null(), pl.Series([None] * kept.height, dtype=pl.Int64))
        .map_elements(trimestre_nom, return_dtype=pl.String)
    )
    plans = pl.concat([done, moved], how="diagonal_relaxed")
    impossible = pl.col("non_planifiable")
    planned = plans.filter(~impossible).select("service", "critere").unique()
    plans = pl.concat(
        [
            _in_order(
                plans.filter(~impossible).unique(["service", "critere", "niveau"], keep="first"), services
            ),
            plans.filter(impossible).join(planned, on=["service", "critere"], how="anti"),
        ]
    ).sort("service", "critere", "niveau")
    return replace(
        later,
        campagne=campagne,
        services=services,
        ameliorations=ameliorations_frame(campagne, later.volet),
        solutions=later.solutions.filter(here),
        preliminaires=later.preliminaires.filter(here),
        plans=plans,
        reponses=before.drop("apres"),
    )


def _in_order(planned: pl.DataFrame, services: pl.DataFrame) -> pl.DataFrame:
    """Steps as a plan may have them: a higher level never comes before a lower one, a service that leaves has none."""
    staying = services.filter("converge").select("service")
    ordered = planned.join(staying, on="service", how="semi").sort("service", "critere", "niveau")
    latest = rang_expr().cum_max().over("service", "critere")
    return ordered.with_columns(trimestre=pl.format("{}-T{}", latest // 4, latest % 4 + 1))


def _reached(before: pl.DataFrame, start: int, end: int, rng: Generator) -> pl.DataFrame:
    """Steps that an earlier campaign planned and that the later one finds done."""
    done = before.filter(pl.col("apres") > pl.col("niveau"))
    ranks = rng.integers(start, max(start + 1, end), done.height)
    return done.select(
        "service",
        "critere",
        niveau="apres",
        trimestre=pl.Series([trimestre_nom(int(rank)) for rank in ranks], dtype=pl.String),
        non_planifiable=pl.lit(False),
    )
