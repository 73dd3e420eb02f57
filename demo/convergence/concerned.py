"""Who answers what in the demo, before any level: this fixes the weights, so that averages become linear.

For each axis, as many services of the publication's scope as printed, those whose domain makes it likely
first; then which criteria of the axis they answer, which are *non applicable*, which are hidden, and which
are carried by an infrastructure service they use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
from numpy.random import Generator

from demo.convergence import figures
from demo.convergence.services import Service

Key = tuple[str, str]  # service, criterion

# How likely each axis concerns the services of a domain (0 to 1; 0.5 where nothing is said).
AFFINITE: Mapping[str, Mapping[str, float]] = {
    "A04.1": {"1": 0.6, "8": 1.0, "6.8": 0.3, "5": 0.6},
    "A04.2": {"6.5": 0.75, "6.6": 0.9, "6.7": 0.9, "7": 0.6, "2": 0.8, "6.4": 0.3, "6.2": 0.5},
    "A05": {"8": 1.0, "6.8": 0.6, "1": 0.6},
    "A06": {"6.1": 0.9, "6.2": 0.9, "6.3": 0.9, "6.5": 0.8, "7": 0.55, "6.4": 0.6, "2": 0.3, "8": 0.0},
    "A11": {"6.1": 0.9, "6.2": 0.75, "6.3": 0.8, "6.5": 0.65, "6.4": 0.4, "7": 0.1, "8": 0.0, "4": 0.0},
    "A12": {"6.4": 0.85, "6.2": 0.6, "6.5": 0.55, "6.6": 0.4, "7": 0.05, "8": 0.0, "4": 0.0, "5": 0.1},
    "A14": {"6.2": 1.0, "6.5": 0.3, "6.6": 0.3, "7": 0.0, "8": 0.0},
    "A08.2": {"7": 0.8, "4": 0.7, "6.4": 0.6, "8": 0.0},
    "A08.3": {"7": 0.75, "6.3": 0.8, "6.2": 0.5, "8": 0.0},
    "A08.4": {"6.1": 0.9, "6.2": 0.7, "6.3": 0.9, "6.5": 0.5, "7": 0.1, "4": 0.0, "8": 0.0},
    "A08.5": {"8": 1.0, "7": 0.7},
    "A10": {"8": 1.0, "7": 0.7, "4": 0.4, "2": 0.4},
}
# Share of the services concerned by an axis that also answer this criterion of it.
PART = {"A04.1.1": 0.9, "A04.1.2": 0.85, "A05.2": 0.85, "A06.3": 0.9, "A08.7.2": 0.8, "A08.4.1": 0.6}
PART |= {"A08.4.2": 0.8, "A10.1": 0.85, "A10.2": 0.9}
INCONNU = 0.03  # share of preliminary answers that nobody gave, where the criterion is answered all the same
# criterion -> types of the infrastructure services that may carry it, share of their users that rely on it
PORTEURS: Mapping[str, tuple[tuple[str, ...], float]] = {
    "A05.1": (("SSO", "Fournisseur local"), 0.5),
    "A05.2": (("SSO", "Fournisseur local"), 0.4),
    "A06.2": (("SRI", "SRRI"), 0.5),
    "A04.1.1": (("Annuaire",), 0.5),
}


@dataclass
class Concerned:
    """Who answers what.

    Attributes:
        repond: (service, criterion) answered by a level, its own or its carrier's.
        non_applicable: (service, criterion) answered *non applicable*.
        preliminaires: (service, question) -> answer, None when nobody gave it.
        porte_par: (service, criterion) -> the service that carries it (among ``repond``).
    """

    repond: list[Key] = field(default_factory=list)
    non_applicable: list[Key] = field(default_factory=list)
    preliminaires: dict[Key, bool | None] = field(default_factory=dict)
    porte_par: dict[Key, str] = field(default_factory=dict)


def build(services: Sequence[Service], criteres: pl.DataFrame, rng: Generator) -> Concerned:
    """Decide who answers what, for every service and regional system."""
    out = Concerned()
    digital = [s for s in services if s.kind != "si_regional"]
    systems = [s for s in services if s.kind == "si_regional"]
    for (questionnaire, axe), rows in criteres.group_by("questionnaire", "axe", maintain_order=True):
        figure = figures.AXES[str(questionnaire), str(axe)]
        if questionnaire == "QR":
            chosen = {s.code for s in systems}
            if figure.concernes < len(systems):
                order = rng.permutation(len(systems))[: figure.concernes]
                chosen = {systems[i].code for i in order}
            for row in rows.iter_rows(named=True):
                for system in systems:
                    target = out.repond if system.code in chosen else out.non_applicable
                    target.append((system.code, row["critere"]))
            continue
        chosen = _chosen(digital, str(axe), figure.concernes, rng)
        if axe == "A04.2":
            _ror(out, digital, chosen, rows["critere"].to_list(), rng)
        else:
            _axis(out, digital, chosen, rows, rng)
    _carry(out, services, rng)
    return out


def _chosen(services: Sequence[Service], axe: str, count: int, rng: Generator) -> set[str]:
    """The services that an axis concerns: as many as printed in the publication, a like share elsewhere."""
    liking = AFFINITE.get(axe, {})
    scored = {s.code: 0.6 * liking.get(s.domaine, 0.5) + 0.4 * rng.random() for s in services}
    if axe == "A04.2":  # a ROR is always concerned: it holds the offer itself
        scored |= {s.code: 2.0 for s in services if s.type_service == "ROR"}
    published = sorted((s for s in services if s.publie), key=lambda s: (-scored[s.code], s.code))
    chosen = {s.code for s in published[:count]}
    # Outside the publication's scope the same bar applies; what concerns everybody concerns them too.
    limit = scored[published[count - 1].code] if count < len(published) else 0.0
    return chosen | {s.code for s in services if not s.publie and scored[s.code] >= limit}


def _axis(
    out: Concerned, services: Sequence[Service], chosen: set[str], rows: pl.DataFrame, rng: Generator
) -> None:
    """One axis: at least one criterion answered by each service concerned, none by the others."""
    criteres = rows.to_dicts()
    for service in services:
        concerned = service.code in chosen
        parts = [c["critere"] for c in criteres if rng.random() < PART.get(c["critere"], 1.0)]
        kept = parts or [criteres[rng.integers(len(criteres))]["critere"]]
        for critere in criteres:
            key = (service.code, critere["critere"])
            answered = concerned and (critere["critere"] in kept or not _may_leave(critere))
            if critere["question"]:
                out.preliminaires[service.code, critere["question"]] = (
                    None if answered and rng.random() < INCONNU else answered
                )
                if answered:
                    out.repond.append(key)
            else:
                (out.repond if answered else out.non_applicable).append(key)


def _may_leave(critere: Mapping[str, object]) -> bool:
    return bool(critere["non_applicable"])


def _ror(
    out: Concerned, services: Sequence[Service], chosen: set[str], criteres: list[str], rng: Generator
) -> None:
    """The ROR axis: the first ROR of a region is its instance; the other services consume the offer."""
    instances: dict[str, str] = {}
    for service in services:
        if service.type_service == "ROR" and service.publie:
            instances.setdefault(service.region, service.code)
    for service in services:
        instance = service.code == instances.get(service.region) and service.code in chosen
        consumer = service.code in chosen and (not instance or rng.random() < 0.4)
        for question, answered in (("consomme_offre_de_sante", consumer), ("instance_ror", instance)):
            unknown = answered and rng.random() < INCONNU
            out.preliminaires[service.code, question] = None if unknown else answered
        if consumer:
            out.repond.append((service.code, criteres[0]))
        if instance:
            out.repond += [(service.code, critere) for critere in criteres[1:]]


def _carry(out: Concerned, services: Sequence[Service], rng: Generator) -> None:
    """Some answers rest on an infrastructure service that is used; chains, but no loop, come of it."""
    by_code = {s.code: s for s in services}
    answered = set(out.repond)
    for service, critere in out.repond:
        kinds, share = PORTEURS.get(critere, ((), 0.0))
        used = [
            code
            for code in by_code[service].utilise
            if by_code[code].type_service in kinds and (code, critere) in answered and by_code[code].publie
        ]
        # An access system rests on its identity source: this is where chains come from.
        if used and (by_code[service].kind == "infrastructure" or rng.random() < share):
            out.porte_par[service, critere] = used[rng.integers(len(used))]
