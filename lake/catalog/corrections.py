"""Contract of the corrections of places: where a site really is, when the register does not let it be found."""

from __future__ import annotations

from collections.abc import Iterable

import dataframely as dy
import polars as pl

from lake.contract import Table, text

KINDS = ("structure", "siret", "finess", "adresse")
"""Kinds of site identifiers, as ``annuaire__activites.id_site`` writes them before a colon."""

IDENTIFIER = "identifiant_structure"
FILLED = ("longitude", "latitude", "adresse", "retirer")
"""Columns of the correction file that the operator completes; a line with none of them says nothing yet."""
ADDRESS = "adresse_registre"
"""Which of a site's addresses a line is about, as the list gives it: two places may share one identifier."""
READ = (IDENTIFIER, ADDRESS, *FILLED, "code_postal", "code_commune", "commentaire")
"""Columns of the correction file that ingestion reads."""
CONTEXT = ("raison_sociale", "adresse_publiee", "commune", "motif", "professions", "activites")
"""Columns of the correction file that help to complete it, and that nothing reads."""
LAYOUT = (
    IDENTIFIER,
    "raison_sociale",
    "adresse_publiee",
    ADDRESS,
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


_PARTS = (
    "complement_point_geographique",
    "numero_voie",
    "indice_repetition_voie",
    "libelle_type_voie",
    "libelle_voie",
    "mention_distribution",
    "code_postal",
    "libelle_commune_source",
)


def site_address(columns: Iterable[str]) -> pl.Expr:
    """The address of an activity as the register publishes it, on one line: what a correction is keyed by.

    Capitals without accents nor punctuation, so that a spreadsheet does not change it; a commune that only its code
    names is written by that code.

    Args:
        columns: columns that are there, among those of ``annuaire__activites``.

    Returns:
        A String expression, empty where the register gives no address at all.
    """
    known = set(columns)
    parts = [pl.col(part) for part in _PARTS if part in known]
    if "code_commune_source" in known:
        label = (
            pl.col("libelle_commune_source").is_null() if "libelle_commune_source" in known else pl.lit(True)
        )
        parts.append(pl.when(label).then("code_commune_source"))
    if not parts:
        return pl.lit("")
    return address_key(pl.concat_str(parts, separator=" ", ignore_nulls=True))


def address_key(text: pl.Expr) -> pl.Expr:
    """An address as corrections compare it; empty for nothing."""
    words = text.str.to_uppercase().str.replace_many(["Œ", "Æ"], ["OE", "AE"]).str.normalize("NFKD")
    bare = words.str.replace_all(r"\p{M}", "").str.replace_all(r"[^0-9A-Z]+", " ").str.strip_chars()
    return bare.fill_null("")


class CorrectionsSchema(dy.Schema):
    """One row per decision about an address of a site: a point, or the withdrawal of the point given before."""

    id_site = dy.String(
        primary_key=True,
        regex=r"^(structure|siret|finess|adresse):.+$",
        description="Identifiant du site, comme dans les activités (structure:…, siret:…)",
    )
    adresse_registre = dy.String(
        primary_key=True,
        description="Adresse du site que la correction concerne, telle que le registre la publie ; vide : toutes",
    )
    enregistree_le = dy.Datetime(
        primary_key=True,
        time_unit="us",
        time_zone="UTC",
        description="Moment de l'ingestion (UTC) : la dernière décision sur une adresse est en vigueur",
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
    description="Une ligne par décision sur une adresse d'un site : un point, ou son retrait. La dernière vaut.",
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
    """The corrections in force: the last decision on each address of a site, withdrawals left out.

    Args:
        rows: ``annuaire__corrections``.

    Returns:
        LazyFrame sorted by ``id_site``, at most one row per site and address, in the contract's columns.
    """
    # Decisions of before addresses were told concern the whole site.
    keyed = rows.with_columns(pl.col(ADDRESS).fill_null(""))
    last = keyed.sort("id_site", ADDRESS, "enregistree_le").unique(
        ["id_site", ADDRESS], keep="last", maintain_order=True
    )
    return last.filter(~pl.col("retrait"))
