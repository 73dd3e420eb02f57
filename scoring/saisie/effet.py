"""What an answer changes, before it is saved; which criterion to work on next; what silence hides; what moved between
two states. All of it by the formulas of :mod:`scoring.convergence.scores`, on frames with the draft laid over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from lake.catalog.convergence_links import chains
from scoring.convergence.answers import (
    REPONSES_DEFAULTS,
    in_scope,
    levels,
    referentiel_at,
    shown,
    with_defaults,
)
from scoring.convergence.scores import service_values

KEY = ["service", "critere"]


@dataclass(frozen=True)
class Etat:
    """Everything a rate rests on.

    Attributes:
        services: columns of the services' table.
        reponses: ``service, critere, niveau, non_applicable, porte_par, transmis``.
        referentiel: columns of the referential's table, one version.
        preliminaires: ``service, question, valeur``; None when nothing is hidden.
        perimetre: ``publication`` or ``tous``.
        au: the day.
        convergents: only the services that converge count, as in projections.
    """

    services: pl.LazyFrame
    reponses: pl.LazyFrame
    referentiel: pl.LazyFrame
    preliminaires: pl.LazyFrame | None = None
    perimetre: str = "publication"
    au: date | None = None
    convergents: bool = False

    def avec(self, reponses: pl.LazyFrame) -> Etat:
        """The same with other answers."""
        return Etat(
            self.services,
            reponses,
            self.referentiel,
            self.preliminaires,
            self.perimetre,
            self.au,
            self.convergents,
        )


def taux_par_service(etat: Etat) -> pl.DataFrame:
    """Each service's own rate: ``service, region, questionnaire, taux`` (0–1)."""
    services = etat.services.filter(pl.col("converge")) if etat.convergents else etat.services
    return (
        service_values(
            services,
            etat.reponses,
            etat.referentiel,
            units=("questionnaire",),
            preliminaires=etat.preliminaires,
            perimetre=etat.perimetre,
            au=etat.au,
        )
        .select("service", "region", "questionnaire", "taux")
        .collect()
    )


def taux_par_axe(etat: Etat, service: str) -> pl.DataFrame:
    """A service's rate on each axis where one of its answers counts: ``axe, taux`` (0–1)."""
    found = service_values(
        etat.services, etat.reponses, etat.referentiel, units=("axe",), preliminaires=etat.preliminaires,
        perimetre=etat.perimetre, au=etat.au,
    )  # fmt: skip
    return found.filter(pl.col("service") == service).select("axe", "taux").collect()


def taux(values: pl.DataFrame, questionnaire: str, region: str | None = None) -> float | None:
    """The rate of a questionnaire (%), over the nation or a region; None when nobody answered."""
    kept = values.filter(pl.col("questionnaire") == questionnaire)
    if region is not None:
        kept = kept.filter(pl.col("region") == region)
    mean = kept["taux"].mean()
    return None if mean is None else 100.0 * float(mean)  # type: ignore[arg-type]


def remplacer(
    reponses: pl.LazyFrame, service: str, critere: str, valeur: Mapping[str, object]
) -> pl.LazyFrame:
    """The answers with one of them replaced; an empty value takes it away.

    Args:
        reponses: the answers.
        service: whose.
        critere: on what.
        valeur: ``niveau``, ``non_applicable`` or ``porte_par``, and ``transmis``.
    """
    known = with_defaults(reponses, REPONSES_DEFAULTS).select(*KEY, *REPONSES_DEFAULTS)
    others = known.filter(~((pl.col("service") == service) & (pl.col("critere") == critere)))
    # A level of 0 is an answer: 0 == False in Python.
    answered = valeur.get("niveau") is not None or valeur.get("porte_par") is not None
    if not answered and not valeur.get("non_applicable"):
        return others
    row = {
        "service": [service],
        "critere": [critere],
        "niveau": [valeur.get("niveau")],
        "non_applicable": [bool(valeur.get("non_applicable", False))],
        "porte_par": [valeur.get("porte_par")],
        "transmis": [bool(valeur.get("transmis", True))],
    }
    return pl.concat([others, pl.LazyFrame(row, schema=known.collect_schema())])


@dataclass(frozen=True)
class Effet:
    """What an answer does to the rate of its questionnaire.

    Attributes:
        avant, apres: the rate (%); None where nobody answers.
        dont_porte: points that come from the services that lean on the answer.
        perimetre: what is counted changes too (a service, an axis or a criterion comes in or leaves): the difference
            is then no progress.
    """

    avant: float | None
    apres: float | None
    dont_porte: float
    perimetre: bool

    @property
    def points(self) -> float:
        """The difference in points; 0 where one side has no rate."""
        return 0.0 if self.avant is None or self.apres is None else self.apres - self.avant


def effet(
    etat: Etat,
    service: str,
    critere: str,
    valeur: Mapping[str, object],
    *,
    questionnaire: str,
    region: str | None = None,
) -> Effet:
    """What an answer would do to a rate, before it is saved.

    Args:
        etat: the present state.
        service: who answers.
        critere: on what.
        valeur: the answer (see :func:`remplacer`).
        questionnaire: the rate's.
        region: the rate's; None for every service of the state.
    """
    new = etat.avec(remplacer(etat.reponses, service, critere, valeur))
    before, after = (_of(taux_par_service(one), questionnaire, region) for one in (etat, new))
    counted = max(len(before), 1)
    others = sum(after[name] - before[name] for name in before.keys() & after.keys() if name != service)
    return Effet(
        _mean(before),
        _mean(after),
        100.0 * others / counted,
        perimetre=_counted(etat) != _counted(new),
    )


def _of(values: pl.DataFrame, questionnaire: str, region: str | None) -> dict[str, float]:
    kept = values.filter(pl.col("questionnaire") == questionnaire)
    if region is not None:
        kept = kept.filter(pl.col("region") == region)
    return dict(kept.select("service", "taux").iter_rows())


def _mean(values: Mapping[str, float]) -> float | None:
    return 100.0 * sum(values.values()) / len(values) if values else None


def _counted(etat: Etat) -> set[tuple[str, str]]:
    """The (service, criterion) that count in the state."""
    return set(niveaux_effectifs(etat).select(KEY).iter_rows())


def niveaux_effectifs(etat: Etat) -> pl.DataFrame:
    """Each answer that counts, with its level: ``service, critere, niveau``; carried answers have their carrier's."""
    criteres = referentiel_at(etat.referentiel, etat.au)
    scope = in_scope(etat.services, etat.perimetre, convergents=etat.convergents).select("service")
    found = levels(shown(etat.reponses, criteres, etat.preliminaires))
    return found.join(scope, on="service", how="semi").collect()


def prochains(
    etat: Etat, niveaux: pl.DataFrame, *, questionnaire: str, region: str | None = None
) -> pl.DataFrame:
    """The criteria below what is expected, the most valuable first: gain for each level to climb.

    The gain of a criterion is 100 · (1/P) · (1/D) · (w/Σw) · (attainment after − before), over the service and every
    service that leans on it; P services in the questionnaire, D axes of the service, w weights in the axis.

    Args:
        etat: the present state.
        niveaux: ``critere, niveau``: the levels that exist.
        questionnaire: which.
        region: the services counted; None for all.

    Returns:
        ``service, critere, niveau, suivant, gain`` (points to the next level), ``par_niveau, porte`` (Boolean: others
        lean on it), sorted; carriers first on ties.
    """
    criteres = referentiel_at(etat.referentiel, etat.au).filter(pl.col("questionnaire") == questionnaire)
    scope = in_scope(etat.services, etat.perimetre, convergents=etat.convergents)
    if region is not None:
        scope = scope.filter(pl.col("region") == region)
    answered = (
        levels(shown(etat.reponses, referentiel_at(etat.referentiel, etat.au), etat.preliminaires))
        .join(scope.select("service", sujet_du_service="sujet"), on="service")
        .join(criteres.select("critere", "axe", "poids", "niveau_attendu", "sujet"), on="critere")
        .filter(pl.col("sujet") == pl.col("sujet_du_service"))
        .collect()
    )
    if answered.is_empty():
        return pl.DataFrame(schema=_NEXT)
    services = answered["service"].n_unique()
    weighted = answered.with_columns(
        part=100.0
        / services
        / pl.col("axe").n_unique().over("service")
        * pl.col("poids")
        / pl.col("poids").sum().over("service", "axe")
    )
    raw = with_defaults(etat.reponses, REPONSES_DEFAULTS).select(*KEY, *REPONSES_DEFAULTS).collect()
    closure = chains(raw.with_columns(pl.col("niveau").cast(pl.Int64))).closure
    source = closure.filter(pl.col("motif").is_null(), pl.col("ancetre") == pl.col("porteur")).select(
        *KEY, "porteur"
    )
    owned = weighted.join(source, on=KEY, how="left").with_columns(
        source=pl.coalesce("porteur", "service"), porte=pl.col("porteur").is_not_null()
    )
    steps = (
        owned.join(niveaux.select("critere", suivant="niveau").unique(), on="critere")
        .filter(pl.col("suivant") > pl.col("niveau"))
        .sort("suivant")
        .unique([*KEY], keep="first", maintain_order=True)
        .filter(pl.col("niveau") < pl.col("niveau_attendu"))
    )
    attained = pl.min_horizontal(pl.lit(1.0), pl.col("suivant") / pl.col("niveau_attendu")) - pl.col(
        "niveau"
    ) / pl.col("niveau_attendu")
    return (
        steps.with_columns(gain=pl.col("part") * attained)
        .group_by(service="source", critere="critere")
        .agg(
            pl.col("niveau").first(),
            pl.col("suivant").first(),
            pl.col("gain").sum(),
            pl.col("porte").any(),
        )
        .with_columns(par_niveau=pl.col("gain") / (pl.col("suivant") - pl.col("niveau")))
        .sort(
            [-pl.col("par_niveau").round(9), ~pl.col("porte"), "service", "critere"],
        )
        .select(list(_NEXT))
        .cast(_NEXT)  # type: ignore[arg-type]
    )


_NEXT = {
    "service": pl.String,
    "critere": pl.String,
    "niveau": pl.Int64,
    "suivant": pl.Int64,
    "gain": pl.Float64,
    "par_niveau": pl.Float64,
    "porte": pl.Boolean,
}


@dataclass(frozen=True)
class Bornes:
    """Between what the rate would be, whatever the missing answers say.

    Attributes:
        taux: today's (%); None when nobody answered.
        bas, haut: with every missing answer at its lowest, then at its highest level.
        manquantes: missing answers.
    """

    taux: float | None
    bas: float | None
    haut: float | None
    manquantes: int


def bornes(
    etat: Etat,
    visibles: pl.DataFrame,
    niveaux: pl.DataFrame,
    *,
    questionnaire: str,
    region: str | None = None,
) -> Bornes:
    """The bounds of a rate from its missing answers.

    Args:
        etat: the present state.
        visibles: ``service, critere`` that are asked (:func:`scoring.saisie.completion.visibles`).
        niveaux: ``critere, niveau``: the levels that exist.
        questionnaire: which.
        region: the services counted; None for all.
    """
    raw = with_defaults(etat.reponses, REPONSES_DEFAULTS).select(*KEY, *REPONSES_DEFAULTS)
    missing = (
        visibles.lazy()
        .join(
            etat.referentiel.filter(pl.col("questionnaire") == questionnaire).select("critere").unique(),
            on="critere",
            how="semi",
        )
        .join(raw, on=KEY, how="anti")
        .select(KEY)
        .collect()
    )
    if region is not None:
        here = etat.services.filter(pl.col("region") == region).select("service").collect()
        missing = missing.join(here, on="service", how="semi")
    ends = []
    for extreme in (pl.col("niveau").min(), pl.col("niveau").max()):
        known = niveaux.group_by("critere").agg(extreme.cast(pl.Int64))
        filled = missing.join(known, on="critere").lazy()
        added = with_defaults(filled, REPONSES_DEFAULTS).select(*KEY, *REPONSES_DEFAULTS)
        new = etat.avec(pl.concat([raw.with_columns(pl.col("niveau").cast(pl.Int64)), added]))
        ends.append(taux(taux_par_service(new), questionnaire, region))
    now = taux(taux_par_service(etat), questionnaire, region)
    return Bornes(now, ends[0], ends[1], missing.height)


@dataclass(frozen=True)
class Ecart:
    """What moved between two states, in three parts that add up exactly.

    Attributes:
        avant, apres: the rates (%).
        progres: what the levels answered in both states bring.
        perimetre: what comes from answers that appear, disappear or become *not applicable*, and from services.
        referentiel: what comes from what is expected.
    """

    avant: float
    apres: float
    progres: float
    perimetre: float
    referentiel: float


def ecart(avant: Etat, apres: Etat, *, questionnaire: str, region: str | None = None) -> Ecart | None:
    """The difference of a rate between two states; None where one has no rate.

    T(old) → T(new levels where both states answer, old perimeter): progress; → T(new answers, old referential):
    perimeter; → T(new, new referential): referential.
    """
    old, new = (niveaux_effectifs(one) for one in (avant, apres))
    both = (
        old.join(new.select(*KEY, nouveau="niveau"), on=KEY, how="left")
        .select(*KEY, niveau=pl.coalesce("nouveau", "niveau"))
        .lazy()
    )
    # Levels are already those that count: nothing is hidden nor carried any more.
    plain = Etat(avant.services, both, avant.referentiel, None, avant.perimetre, avant.au, avant.convergents)
    wider = Etat(
        apres.services, new.lazy(), avant.referentiel, None, apres.perimetre, avant.au, apres.convergents
    )
    steps = [taux(taux_par_service(one), questionnaire, region) for one in (avant, plain, wider, apres)]
    if any(one is None for one in (steps[0], steps[3])):
        return None
    known = [0.0 if one is None else one for one in steps]
    return Ecart(known[0], known[3], known[1] - known[0], known[2] - known[1], known[3] - known[2])
