"""Contract of the values of usage criteria: a number, a date or a text, beside the levels of the other criteria."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from lake.catalog.convergence import VOLET_FORM, table_of
from lake.contract import text
from lake.valeurs import NIVEAU, valeur_dite


class UsagesSchema(dy.Schema):
    """One row per service × criterion that is answered by a value."""

    volet = dy.String(primary_key=True, regex=VOLET_FORM, description="Volet : regions ou industriels")
    campagne = dy.Date(primary_key=True, description="Date de la campagne (état des réponses à ce jour)")
    service = dy.String(primary_key=True, description="Identifiant du service")
    critere = dy.String(primary_key=True, description="Code du critère")
    valeur = dy.String(description="Valeur répondue : un nombre (1234.5), un jour (2027-01-31) ou un texte")
    nombre = dy.Float64(
        nullable=True, description="La valeur, si elle est un nombre, dans l'unité du critère"
    )
    unite = text("Unité du nombre")
    niveau = dy.Int64(
        nullable=True,
        min=0,
        max=3,
        description="Niveau que les seuils du critère donnent au nombre ; vide : la valeur n'entre dans aucun taux",
    )
    valide_le = dy.Date(nullable=True, description="Date de validation de la valeur")
    valide_par = text("Qui a validé la valeur")
    commentaire = text("Commentaire")


USAGES = table_of(
    "usages",
    "Valeurs d'usage",
    "Une ligne par service × critère qui se répond par un nombre, un jour ou un texte.",
    UsagesSchema,
    ("volet", "campagne"),
)

TABLES = (USAGES,)


def dite(criteres: pl.DataFrame, critere: str, valeur: str) -> str:
    """A value as people read it, under a referential; one whose criterion it does not know is given as it is kept."""
    found = types_des(criteres.filter(pl.col("critere") == critere))
    if found.is_empty() or found["type_reponse"][0] == NIVEAU:
        return valeur
    return valeur_dite(valeur, found["type_reponse"][0], found["unite"][0] or "")


def types_des(criteres: pl.DataFrame) -> pl.DataFrame:
    """What each criterion is answered by: ``critere, type_reponse, unite, seuils``, one row each."""
    known = criteres.columns
    return criteres.unique("critere", keep="last", maintain_order=True).select(
        "critere",
        (pl.col("type_reponse") if "type_reponse" in known else pl.lit(None, pl.String))
        .fill_null(NIVEAU)
        .alias("type_reponse"),
        *(
            (pl.col(name) if name in known else pl.lit(None, pl.String)).alias(name)
            for name in ("unite", "seuils")
        ),
    )
