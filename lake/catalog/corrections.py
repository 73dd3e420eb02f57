"""Contract of the corrections of places: where a site really is, when the register does not let it be found."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from lake.contract import Table, text

KINDS = ("structure", "siret", "finess", "adresse")
"""Kinds of site identifiers, as ``annuaire__activites.id_site`` writes them before a colon."""

IDENTIFIER = "identifiant_structure"
FILLED = ("longitude", "latitude", "adresse", "retirer")
"""Columns of the correction file that the operator completes; a line with none of them says nothing yet."""
READ = (IDENTIFIER, *FILLED, "code_postal", "code_commune", "commentaire")
"""Columns of the correction file that ingestion reads."""
CONTEXT = ("raison_sociale", "adresse_publiee", "commune", "motif", "professions", "activites")
"""Columns of the correction file that help to complete it, and that nothing reads."""
LAYOUT = (
    IDENTIFIER,
    "raison_sociale",
    "adresse_publiee",
    "code_postal",
    "code_commune",
    "commune",
    "motif",
    "professions",
    "activites",
    "longitude",
    "latitude",
    "adresse",
    "commentaire",
    "retirer",
)
"""The correction file, column by column: what a page exports is what ingestion takes back."""
USELESS_KM = 0.1
"""A correction is useless when the register's own address is found, by number, this close to it."""


class CorrectionsSchema(dy.Schema):
    """One row per decision about a site: a point, or the withdrawal of the point given before."""

    id_site = dy.String(
        primary_key=True,
        regex=r"^(structure|siret|finess|adresse):.+$",
        description="Identifiant du site, comme dans les activités (structure:…, siret:…)",
    )
    enregistree_le = dy.Datetime(
        primary_key=True,
        time_unit="us",
        time_zone="UTC",
        description="Moment de l'ingestion (UTC) : la dernière décision sur un site est en vigueur",
    )
    retrait = dy.Bool(description="Vrai si la correction donnée auparavant est retirée")
    longitude = dy.Float64(nullable=True, min=-180, max=180, description="Longitude (WGS84, degrés)")
    latitude = dy.Float64(nullable=True, min=-90, max=90, description="Latitude (WGS84, degrés)")
    geo_precision = text(
        "Précision du point : numero s'il a été donné en coordonnées, sinon celle de l'adresse trouvée",
        regex=r"^(numero|rue|lieu_dit)$",
    )
    geo_score = dy.Float64(nullable=True, min=0, max=1, description="Score du point, de 0 à 1")
    code_commune = text("Code INSEE de la commune du site, quand la correction la donne")
    adresse = text("Adresse donnée par la correction")
    commentaire = text("Commentaire de la personne qui corrige")
    fichier = dy.String(description="Fichier de corrections")
    ligne = dy.Int64(min=1, description="Numéro de ligne dans le fichier de corrections")

    @dy.rule()
    def point_sauf_retrait(cls) -> pl.Expr:
        """A decision is a whole point, or a withdrawal without one."""
        placed = pl.all_horizontal(
            pl.col(name).is_not_null() for name in ("longitude", "latitude", "geo_precision")
        )
        return placed != pl.col("retrait")


CORRECTIONS = Table(
    name="annuaire__corrections",
    title="Corrections de localisation",
    description="Une ligne par décision sur un site : un point, ou le retrait du point. La dernière vaut.",
    schema=CorrectionsSchema,
    source="corrections",
    licence="Données internes",
    reasons={
        "id_site|nullability": "identifiant de structure absent",
        "id_site|regex": "identifiant de structure de forme inattendue",
        "point_sauf_retrait": "ni point, ni retrait",
    },
)

TABLES = (CORRECTIONS,)


def in_force(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The corrections in force: the last decision on each site, withdrawals left out.

    Args:
        rows: ``annuaire__corrections``.

    Returns:
        LazyFrame sorted by ``id_site``, at most one row per site, in the contract's columns.
    """
    last = rows.sort("id_site", "enregistree_le").unique("id_site", keep="last", maintain_order=True)
    return last.filter(~pl.col("retrait"))
