"""What the entry's commands borrow from the ingestion, handed over by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from apps.saisie.publication import aujourdhui
from lake.catalog.convergence_fiches import TABLES
from lake.catalog.convergence_usages import types_des
from lake.store.saisie.apports import Lot
from lake.valeurs import NIVEAU
from scoring.convergence.usages import en_reponses
from scoring.saisie.referentiel import Referentiel
from scoring.saisie.volets import REGIONS, version_de


@dataclass(frozen=True)
class Outils:
    """What only the composition root can give.

    Attributes:
        ingestion: the module that reads the files of a campaign (``read_lot``, ``packaged``, ``packaged_cards``,
            ``Referentiel``).
        clore: a folder of files, the day -> ingests them; what to tell.
    """

    ingestion: Callable[[], Any]
    clore: Callable[[Path, date], list[str]]

    def livre(self, volet: str = REGIONS) -> Referentiel:
        """The referential of a side that comes with the software."""
        found = self.ingestion().packaged(volet)
        _, questions, links = (table.empty() for table in TABLES)
        cards = self.ingestion().packaged_cards(volet)
        return Referentiel(found.version, found.criteres, found.niveaux, cards, questions, links)

    def lire(self, paths: Mapping[str, Path], known: Referentiel) -> tuple[Lot, list[str]]:
        """Plain files, judged under a referential: the rows kept, the refused lines in French."""
        source = self.ingestion()

        def published(volet: str) -> Any:
            mine = pl.col("volet") == volet
            if known.criteres.filter(mine).is_empty():
                return None
            sheet = str(known.criteres.filter(mine)["questionnaire"][0])
            return source.Referentiel(
                volet, version_de(known, sheet), known.criteres.filter(mine), known.niveaux.filter(mine)
            )

        lot = source.read_lot(paths, published=published)
        if lot.reponses["valide_le"].null_count() == lot.reponses.height:
            # Nothing says that these answers are older than today: a step due before today is in the past.
            lot = source.read_lot(paths, campagne=aujourdhui(), published=published)
        refused = [
            f"{line['fichier']}, ligne {line['ligne']} refusée : {line['motif']}"
            for line in lot.rejects.iter_rows(named=True)
        ]
        answers = en_reponses(lot.reponses, lot.usages, known.criteres)
        typed = types_des(known.criteres).filter(pl.col("type_reponse") != NIVEAU)["critere"]
        bare = answers.filter(pl.col("critere").is_in(typed.implode()), pl.col("valeur").is_null())
        refused += [
            f"{service} / {critere} : se répond par une valeur (fichier usages), pas par un niveau"
            for service, critere in bare.select("service", "critere").iter_rows()
        ]
        answers = answers.join(bare, on=["service", "critere"], how="anti", maintain_order="left")
        kept = Lot(lot.services, answers, lot.plans, lot.preliminaires, lot.solutions)
        return kept, [*lot.warnings, *refused]
