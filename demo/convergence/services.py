"""Who exists in the demo: services by region, zone and type, who uses which solution, who carries whom.

The printed counts (services per region, per domain, per solution and its regions) hold together: one small
integer program spreads the services over regions × domains and the solutions over regions; names and types
follow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from demo.convergence import figures
from demo.convergence.program import Program
from ingest.sources.convergence.regions import REGIONS
from lake.catalog.convergence import DOMAINES
from lake.catalog.convergence_pos import TYPES

NON_CONVERGENTS = figures.TRONC_COMMUN - figures.CONVERGENTS
INFRASTRUCTURE = ("4", "5", "7", "8")
# Fictional editors for what the publication counts without naming.
FICTIFS = (
    "Alizé Santé",
    "Brocéliande Systèmes",
    "Cimaise Numérique",
    "Dolmen Logiciels",
    "Estuaire Santé",
    "Falaise Informatique",
    "Garrigue Systèmes",
    "Horizon Soins",
    "Îlot Numérique",
    "Jonquille Santé",
    "Karst Logiciels",
    "Lavande Systèmes",
)
INF = float("inf")
HORS_TRONC = (
    "Gestion des conventions",
    "Observatoire",
    "Entrepôt de données",
    "Gestion documentaire",
    "Agenda",
)


@dataclass
class Service:
    """One service of the demo.

    Attributes:
        code: its identifier.
        region: code of its region.
        domaine: principal domain of the POS.
        zone: zone of the POS.
        type_service: its type.
        rang: rank among the services of that type in the region.
        solutions: (editor, solution) pairs.
        utilise: codes of the services it uses.
    """

    code: str
    region: str
    domaine: str
    zone: str
    type_service: str
    kind: str
    rang: int = 1
    tronc_commun: bool = True
    publiable: bool = True
    converge: bool = True
    solutions: list[tuple[str, str]] = field(default_factory=list)
    utilise: list[str] = field(default_factory=list)

    @property
    def nom(self) -> str:
        """Its name on screen."""
        where = REGIONS[self.region]
        return f"{self.type_service} {where}" + (f" {self.rang}" if self.rang > 1 else "")

    @property
    def publie(self) -> bool:
        """In the scope of the publication at its date."""
        return self.publiable and self.tronc_commun and self.kind != "si_regional"


def types() -> dict[str, list[tuple[str, str]]]:
    """The types of services of the tronc commun by principal domain: (zone, type)."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for zone, labels in TYPES.items():
        found[zone if zone.startswith("6.") else zone[0]] += [(zone, label) for label in labels]
    return dict(found)


def build(rng: Generator) -> list[Service]:
    """Every service of the campaign: 365 services and the regional information systems."""
    spread, uses = _spread(rng)
    published: list[Service] = []
    for region in figures.REGIONS:
        for domaine in DOMAINES:
            for _ in range(spread[region, domaine]):
                kind = "infrastructure" if domaine in INFRASTRUCTURE else "metier"
                published.append(Service("", region, domaine, "", "", kind))
    _share_solutions(published, uses)
    _type(published, rng)
    _other_editors(published, rng)
    others = _outside(published, rng)
    _name([*published, *others])
    _decommission(published, rng)
    _link(published, rng)
    systems = [
        Service(f"SI-{sigle}", region, "", "", "Système d'information régional", "si_regional")
        for region, sigle in figures.SIGLES.items()
    ]
    return [*published, *others, *systems]


def _spread(rng: Generator) -> tuple[dict[tuple[str, str], int], dict[tuple[int, str], int]]:
    """Services per (region, domain), and uses per (solution, region)."""
    program = Program()
    count: dict[tuple[str, str], int] = {}
    for region, (_, tronc) in figures.REGIONS.items():
        for domaine, total in figures.DOMAINES.items():
            mean = total * tronc / figures.TRONC_COMMUN
            # A region has its ROR, hence at least one service in domain 7.
            cell = program.variable(1 if domaine == "7" else 0, np.ceil(2.5 * mean + 1))
            count[region, domaine] = cell
            gap = program.variable(0, INF, cost=float(rng.uniform(0.5, 1.5)), integer=False)
            program.row({cell: 1, gap: -1}, -INF, mean)
            program.row({cell: 1, gap: 1}, mean, INF)
    for domaine, total in figures.DOMAINES.items():
        program.row({count[region, domaine]: 1 for region in figures.REGIONS}, total, total)
    for region, (_, tronc) in figures.REGIONS.items():
        program.row({count[region, domaine]: 1 for domaine in DOMAINES}, tronc, tronc)
    used: dict[tuple[int, str], int] = {}
    for rank, solution in enumerate(figures.SOLUTIONS):
        present = {region: program.variable(0, 1) for region in figures.REGIONS}
        program.row(dict.fromkeys(present.values(), 1), solution.regions, solution.regions)
        for region, flag in present.items():
            use = program.variable(0, solution.services, cost=float(rng.uniform(0, 0.05)))
            used[rank, region] = use
            program.row({use: 1, flag: -1}, 0, INF)
            program.row({use: 1, flag: -solution.services}, -INF, 0)
            cells = {count[region, domaine]: -1.0 for domaine in solution.domaines}
            program.row({use: 1, **cells}, -INF, 0)
        program.row(
            {used[rank, region]: 1 for region in figures.REGIONS}, solution.services, solution.services
        )
    for region in figures.REGIONS:
        for domaines, most in ((("6.2",), 1), (("6.5",), 1), (("6.4",), 1), (("6.6",), 1), (("7",), 2)):
            ranks = [rank for rank, s in enumerate(figures.SOLUTIONS) if s.domaines == domaines]
            program.row(
                {
                    **{used[rank, region]: 1.0 for rank in ranks},
                    **{count[region, domaine]: -float(most) for domaine in domaines},
                },
                -INF,
                0,
            )
        # One ROR family a region: ROR-IR and ROR-PACA exclude each other.
    families = [r for r, s in enumerate(figures.SOLUTIONS) if s.solution.startswith("ROR-")]
    for region in figures.REGIONS:
        flags = {rank: program.variable(0, 1) for rank in families}
        for rank, flag in flags.items():
            program.row({used[rank, region]: 1, flag: -figures.SOLUTIONS[rank].services}, -INF, 0)
        program.row(dict.fromkeys(flags.values(), 1), 1, 1)
    values = np.rint(program.solve(gap=0.05, seconds=20)).astype(int)
    return (
        {key: int(values[index]) for key, index in count.items()},
        {key: int(values[index]) for key, index in used.items()},
    )


def _share_solutions(services: Sequence[Service], uses: dict[tuple[int, str], int]) -> None:
    """Give each region's uses to its services, those with the fewest solutions first."""
    for (rank, region), number in uses.items():
        solution = figures.SOLUTIONS[rank]
        pool = [s for s in services if s.region == region and s.domaine in solution.domaines]
        pool.sort(key=lambda service: len(service.solutions))
        for service in pool[:number]:
            service.solutions.append((solution.editeur, solution.solution))


def _type(services: Sequence[Service], rng: Generator) -> None:
    """A type for each service: what its first solution is for, else one of its domain; none is missing."""
    known = types()
    for service in services:
        options = known[service.domaine]
        main = service.solutions[rng.integers(len(service.solutions))] if service.solutions else None
        wanted = {t for s in figures.SOLUTIONS for t in s.types if (s.editeur, s.solution) == main}
        fitting = [option for option in options if option[1] in wanted] or options
        service.zone, service.type_service = fitting[rng.integers(len(fitting))]
    for domaine, options in known.items():
        for zone, label in options:
            if not any((s.zone, s.type_service) == (zone, label) for s in services):
                used = defaultdict(list)
                for s in services:
                    if s.domaine == domaine:
                        used[s.zone, s.type_service].append(s)
                most = max(used.values(), key=len)
                least = min(most, key=lambda s: len(s.solutions))
                least.zone, least.type_service = zone, label
    for region in figures.REGIONS:  # two access services in a region: one is the other's identity source
        access = [s for s in services if s.region == region and s.domaine in ("4", "5")]
        if len(access) > 1 and all(s.type_service == "SSO" for s in access):
            source = min(access, key=lambda s: len(s.solutions))
            source.zone, source.type_service = f"{source.domaine}.2", "Fournisseur local"
    for service in services:
        if service.type_service == "MSSanté (Serveur)":
            service.kind = "infrastructure"


def _other_editors(services: Sequence[Service], rng: Generator) -> None:
    """The editors that are counted but not named, on the services without a solution first."""
    groups = dict(figures.EDITEURS)
    groups.update({(d,): 2 for d in DOMAINES if not any(d in group for group in groups)})
    for group, total in groups.items():
        pool = [s for s in services if s.domaine in group]
        named = {editor for s in pool for editor, _ in s.solutions}
        fictional = FICTIFS[: total - len(named)]
        bare = [s for s in pool if not s.solutions]
        order = [bare[i] for i in rng.permutation(len(bare))]
        # The first use of each editor, then the rest of the services that have no solution.
        spare = [s for s in pool if s.solutions]
        order += [spare[i] for i in rng.permutation(len(spare))][: max(0, len(fictional) - len(order))]
        label = group[0] if len(group) == 1 else "accès"
        for rank, service in enumerate(order):
            editor = fictional[rank % len(fictional)]
            service.solutions.append((editor, f"{editor.split()[0]} {label}"))


def _outside(published: Sequence[Service], rng: Generator) -> list[Service]:
    """Publishable services outside the tronc commun, and services that are not publishable."""
    found = []
    shares = np.array([len([s for s in published if s.region == r]) for r in figures.REGIONS], dtype=float)
    hidden = rng.multinomial(figures.ACTIFS - figures.PUBLIABLES, shares / shares.sum()).tolist()
    for (region, (publishable, tronc)), unpublished in zip(figures.REGIONS.items(), hidden, strict=True):
        for rank in range(publishable - tronc + unpublished):
            model = published[int(rng.integers(len(published)))]
            visible = rank < publishable - tronc
            common = not visible and bool(rng.random() < 0.6)
            found.append(
                Service(
                    "",
                    region,
                    model.domaine,
                    model.zone,
                    model.type_service if common else HORS_TRONC[rng.integers(len(HORS_TRONC))],
                    "infrastructure" if model.domaine in INFRASTRUCTURE else "metier",
                    tronc_commun=common,
                    publiable=visible,
                    converge=bool(rng.random() < 0.9),
                    # An editor already counted in that domain, with a solution of no printed name.
                    solutions=[(model.solutions[0][0], f"Offre {model.solutions[0][0]} {model.domaine}")],
                )
            )
    return found


def _name(services: Sequence[Service]) -> None:
    """Codes by region, and a rank where a region has several services of a type."""
    by_region: dict[str, int] = defaultdict(int)
    same: dict[tuple[str, str], int] = defaultdict(int)
    for service in sorted(services, key=lambda s: (s.region, s.zone, s.type_service)):
        by_region[service.region] += 1
        same[service.region, service.type_service] += 1
        service.code = f"{figures.SIGLES[service.region]}-{by_region[service.region]:03d}"
        service.rang = same[service.region, service.type_service]


def _decommission(services: Sequence[Service], rng: Generator) -> None:
    """The services of the tronc commun that do not converge: no infrastructure, and no domain of a few."""
    pool = [s for s in services if s.kind == "metier" and figures.DOMAINES[s.domaine] > 20]
    for rank in rng.choice(len(pool), NON_CONVERGENTS, replace=False).tolist():
        pool[rank].converge = False


def _link(services: Sequence[Service], rng: Generator) -> None:
    """Business services use the infrastructure services of their region."""
    for service in services:
        if service.kind == "infrastructure" and service.domaine not in ("4", "5"):
            continue
        for other in services:
            if other.region != service.region or other is service or other.kind != "infrastructure":
                continue
            chance = {"4": 0.6, "7": 0.45, "5": 0.25}.get(other.domaine, 0.2)
            if service.kind == "infrastructure":
                # Only inwards, from access systems to identity sources: no loop.
                inwards = (service.type_service, other.type_service) == ("SSO", "Fournisseur local")
                chance = 1.0 if inwards else 0.0
            if rng.random() < chance:
                service.utilise.append(other.code)
