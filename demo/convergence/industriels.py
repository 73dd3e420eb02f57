"""The vendors' side of the demo: about a hundred products of editors under a referential of their own.

Nothing was published of it: levels are drawn from a seeded taste by editor and product.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import cycle, islice

import polars as pl
from numpy.random import Generator

from demo.convergence import figures
from demo.convergence.campaign import DEBUT
from demo.convergence.frames import (
    TEXTES,
    Fichiers,
    ameliorations_frame,
    preliminaires_frame,
)
from demo.convergence.services import FICTIFS, types
from ingest.sources.convergence.referentiel import Referentiel
from lake.catalog.convergence import trimestre_nom

PRODUITS = 100
SEUILS = (-0.8, 0.25, 1.2)
JALONS = (
    ("JI1", "Référencement Ségur du numérique", "national", "2021-T4", "I01", "directe"),
    ("JI1", "Référencement Ségur du numérique", "national", "2021-T4", "I04", "directe"),
    ("JI1", "Référencement Ségur du numérique", "national", "2021-T4", "I06", "indirecte"),
    ("JI2", "Espace de test étendu", "national", "2021-T3", "I06", "directe"),
)
QUESTION = "echanges_interapplicatifs"


def build(referentiel: Referentiel, campagne: date, rng: Generator) -> Fichiers:
    """The files of a campaign *Convergence Industriels*."""
    named = [(s.editeur, s.solution) for s in figures.SOLUTIONS]
    products = named + [
        (editor, f"{editor.split()[0]} {1 + rank // len(FICTIFS)}")
        for rank, editor in enumerate(islice(cycle(FICTIFS), PRODUITS - len(named)))
    ]
    options = [(domaine, *choice) for domaine, choices in types().items() for choice in choices]
    services, answers, plans, preliminary = [], [], [], {}
    of_editor = {editor: rng.normal(0, 0.6) for editor in sorted({editor for editor, _ in products})}
    leaving = set()
    for rank, (editor, product) in enumerate(products, 1):
        code = f"P-{rank:03d}"
        domaines = {s.domaines for s in figures.SOLUTIONS if (s.editeur, s.solution) == (editor, product)}
        fitting = [o for o in options if any(o[0] in group for group in domaines)] or options
        _, zone, label = fitting[rng.integers(len(fitting))]
        services.append(
            {
                "service": code,
                "region": None,
                "nom": f"{product} ({editor})",
                "kind": "produit",
                "zone_pos": zone,
                "type_service": label,
                "tronc_commun": True,
                "publiable": bool(rng.random() < 0.95),
                "converge": bool(rng.random() < 0.96),
                "utilise": None,
                "volet": "industriels",
            }
        )
        if not services[-1]["converge"]:
            leaving.add(code)
        liking = of_editor[editor] + rng.normal(0, 0.5)
        exchanges = bool(rng.random() < 0.8)
        preliminary[code, QUESTION] = exchanges
        for critere in referentiel.criteres.iter_rows(named=True):
            if critere["question"] == QUESTION and not exchanges:
                continue
            away = critere["non_applicable"] and rng.random() < 0.2
            level = sum(liking + rng.normal(0, 0.7) > threshold for threshold in SEUILS)
            answers.append(
                {
                    "service": code,
                    "critere": critere["critere"],
                    "niveau": None if away else level,
                    "non_applicable": bool(away),
                    "porte_par": None,
                    "transmis": True,
                    "valide_le": campagne - timedelta(days=int(rng.integers(0, 60))),
                    "valide_par": editor,
                    "commentaire": None,
                }
            )
            if not away and level < 3 and rng.random() < (0.8 if level < critere["niveau_attendu"] else 0.3):
                quarter = trimestre_nom(int(rng.integers(DEBUT, DEBUT + 16)))
                if code not in leaving:  # nothing is planned for what will be decommissioned
                    plans.append((code, critere["critere"], int(level) + 1, quarter, False))
    return Fichiers(
        "industriels",
        campagne,
        pl.DataFrame(services, infer_schema_length=None, schema_overrides=TEXTES),
        pl.DataFrame(
            [(f"P-{rank:03d}", *product) for rank, product in enumerate(products, 1)],
            schema=["service", "editeur", "solution"],
            orient="row",
        ),
        preliminaires_frame(preliminary),
        pl.DataFrame(
            JALONS,
            schema=["jalon", "libelle_jalon", "porteur", "trimestre", "axe", "dependance"],
            orient="row",
        ),
        ameliorations_frame(campagne, "industriels"),
        pl.DataFrame(
            plans, schema=["service", "critere", "niveau", "trimestre", "non_planifiable"], orient="row"
        ),
        pl.DataFrame(answers, infer_schema_length=None, schema_overrides=TEXTES),
    )
