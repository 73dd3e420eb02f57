"""Products belong to an editor: found by the solutions that files declare, and created where it is not there yet."""

from __future__ import annotations

import polars as pl

from lake.errors import LakeError
from lake.store.engine import Store
from lake.store.saisie import ensembles, services
from lake.store.saisie.apports import Lot


def ranger(store: Store, lot: Lot, *, par: str | None, essai: bool = False) -> tuple[Lot, list[str]]:
    """A loading whose products have the code of their editor as their region; and what could not be told.

    Args:
        store: where; an editor that is named and is not there is created, unless this is a trial.
        lot: what is loaded: a product's editor is that of its first solution.
        par: who; None for the operator.
        essai: write nothing.
    """
    products = lot.services.filter(pl.col("kind") == "produit")["service"].to_list()
    if not products:
        return lot, []
    of = dict(
        reversed(lot.solutions.sort("service", "editeur", "solution").select("service", "editeur").rows())
    )
    codes: dict[str, str | None] = {}
    refused = []
    owners: dict[str, str | None] = {}
    for product in products:
        name = " ".join(str(of.get(product, "")).split())
        if not name:
            refused.append(f"service {product} : sans éditeur (fichier solutions)")
            continue
        if name not in owners:
            known = ensembles.editeur(store, name)
            try:
                if known is None and not essai:
                    services.creer(store, region="", kind="editeur", nom=name, par=par)
                    known = ensembles.editeur(store, name)
            except LakeError as error:
                refused.append(f"éditeur « {name} » : {error}")
            owners[name] = None if known is None else str(known["region"])
        codes[product] = owners[name]
    region = pl.col("service").replace_strict(codes, default=None, return_dtype=pl.String)
    known_ones = lot.services.with_columns(
        region=pl.when(pl.col("kind") == "produit").then(region).otherwise("region")
    )
    kept = known_ones.filter((pl.col("kind") != "produit") | pl.col("region").is_not_null())
    return Lot(kept, lot.reponses, lot.plans, lot.preliminaires, lot.solutions), refused
