"""Places the rows of a register: unique addresses, memory, geocoder, then the commune's centre.

What each outcome means is a promise of the project (``geo_precision``, ``geo_motif``):

==========  =======================================================================================
precision   the point is
==========  =======================================================================================
numero      the number of the street
rue         the middle of the street (no number asked, or not one of the street's)
lieu_dit    the named place
commune     the centre of the commune: *not located*
aucune      no coordinates: *not located*
==========  =======================================================================================

A row that is not located says why. ``adresse_absente`` comes first: a row without any street could not have
been searched, whether or not its commune is known. Then ``commune_inconnue``: neither the street nor the
commune. Then ``introuvable``: the commune is known, the street was not found in it.

``geo_score`` is the confidence of the match, 1 when everything that was asked was found as it was asked (see
:mod:`scoring.geocode.scores`). It is null for what is not located: a commune's centre was not searched for.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ingest.geocode.ban import BanGeocoder
from ingest.geocode.geoplateforme import GeoplateformeGeocoder
from ingest.source import Context, Parsed
from lake.catalog.annuaire import PRECISIONS_LOCALISEES
from lake.catalog.ban import GEOCODAGE
from lake.catalog.territoires import COMMUNES
from lake.errors import ContractError, MissingTable
from lake.words import agreed
from scoring.geocode.addresses import MAY_BE_ADDRESS, RAW_COLUMNS, normalise_addresses
from scoring.geocode.protocol import EXPLANATION_SCHEMA, Geocoder

LOCATED_COLUMNS = ("longitude", "latitude", "geo_precision", "geo_score", "geo_motif", "geo_source")
_REQUIRED = ("libelle_voie", "code_postal", "code_commune", "code_departement")


@dataclass(frozen=True)
class Located:
    """Rows with their place, and what the run needs to remember and report.

    Attributes:
        frame: the rows given, in their order, with :data:`LOCATED_COLUMNS` added, and
            ``code_commune_trouve``:
            the commune of the address found (null when not located), useful where ``code_commune`` is null.
        memory: rows for ``geocodage__adresses``, to publish as :meth:`memory_parsed` says.
        append: True when ``memory`` only holds new keys and can be added to the table; False when some
            addresses were searched again: ``memory`` is then the whole table's new content.
        figures: counts for the report, French label -> value.
    """

    frame: pl.DataFrame
    memory: pl.DataFrame
    append: bool
    figures: dict[str, float | int | str]

    def memory_parsed(self) -> Parsed:
        """The memory as a by-product to yield beside a source's own tables."""
        return Parsed(
            table=GEOCODAGE,
            frame=self.memory,
            lues=self.memory.height,
            append=self.append,
            counted=False,
        )


def geocoder_of(context: Context) -> Geocoder | None:
    """The geocoder that the context asks for; None for ``aucun``.

    Raises:
        ContractError: the name is not one of the geocoders.
    """
    if context.geocodeur == "aucun":
        return None
    if context.geocodeur == "ban":
        return BanGeocoder(context.scan, say=context.say, spread=context.spread)
    if context.geocodeur == "geoplateforme":
        return GeoplateformeGeocoder.from_environment(say=context.say)
    raise ContractError(
        f"Géocodeur inconnu : « {context.geocodeur} ».",
        conseil="Donnez à OBS_GEOCODEUR l'une des valeurs ban, geoplateforme, aucun.",
    )


def locate(rows: pl.DataFrame, context: Context, geocoder: Geocoder | None = None) -> Located:
    """Place rows by their address, else at the centre of their commune.

    Args:
        rows: address columns of the activities contract among
            :data:`scoring.geocode.addresses.RAW_COLUMNS`, of which ``libelle_voie``, ``code_postal``,
            ``code_commune`` (in force, see :func:`scoring.geocode.communes.attach_communes`) and
            ``code_departement`` are required. Others are kept.
        context: gives the lake's tables and the geocoder's name.
        geocoder: used instead of the one the context names.

    Returns:
        As many rows, in the same order.

    Raises:
        ContractError: a required column is missing, or the geocoder's name is unknown.
        SourceUnavailable: the geocoder cannot be reached.
    """
    missing = [name for name in _REQUIRED if name not in rows.columns]
    if missing:
        raise ContractError(
            agreed(len(missing), f"Géocodage : colonne(s) absente(s) : {', '.join(missing)}.")
        )
    geocoder = geocoder or geocoder_of(context)
    raw = [name for name in RAW_COLUMNS if name in rows.columns]
    distinct = rows.select(raw).unique(maintain_order=True)
    addresses = normalise_addresses(distinct)
    keyed = distinct.with_columns(addresses["cle_adresse"])
    addresses = addresses.unique("cle_adresse", keep="first", maintain_order=True)
    # Another column may hold the street or name a place; without a territory nothing can be searched.
    searchable = addresses.filter(
        pl.col("voie").is_not_null() | pl.col("ailleurs").is_not_null(),
        pl.col("code_departement").is_not_null(),
    )
    recalled, memory, append, figures = _recall_or_search(searchable, geocoder, context)
    outcome = _outcome(addresses, recalled, _centres(context), geocoder.name if geocoder else "")
    placed = keyed.join(outcome, on="cle_adresse", how="left", maintain_order="left").drop("cle_adresse")
    kept = rows.drop(*LOCATED_COLUMNS, "code_commune_trouve", strict=False)
    frame = kept.join(placed, on=raw, how="left", nulls_equal=True, maintain_order="left")
    figures = {"adresses distinctes": addresses.height, **figures, **precision_figures(frame)}
    return Located(frame, memory, append, figures)


def precision_figures(frame: pl.DataFrame) -> dict[str, float | int | str]:
    """How many rows have each precision, in the report's words."""
    counts = frame["geo_precision"].value_counts()
    shares = dict(zip(counts["geo_precision"], counts["count"], strict=True))
    return {wording: int(shares.get(precision, 0)) for precision, wording in _WORDINGS.items()}


_WORDINGS = {
    "numero": "lignes localisées au numéro",
    "rue": "lignes localisées à la rue",
    "lieu_dit": "lignes localisées au lieu-dit",
    "commune": "lignes placées au centre de leur commune",
    "aucune": "lignes sans coordonnées",
}


def _recall_or_search(
    addresses: pl.DataFrame, geocoder: Geocoder | None, context: Context
) -> tuple[pl.DataFrame, pl.DataFrame, bool, dict[str, float | int | str]]:
    """Answers from the memory, and from the geocoder for the rest.

    Returns:
        The answers (contract's columns of ``geocodage__adresses``), the memory to publish, whether it is to
        be appended, and the report's figures.
    """
    nothing = GEOCODAGE.empty()
    if geocoder is None:
        return nothing, nothing, True, {"géocodeur": "aucun", "adresses cherchées": 0}
    departements = addresses["code_departement"].unique().sort().to_list()
    vintages = geocoder.millesimes(departements)
    uncovered = sorted(set(departements) - set(vintages))
    figures: dict[str, float | int | str] = {"géocodeur": geocoder.name}
    if uncovered:
        figures["départements sans données du géocodeur"] = ", ".join(uncovered)
    vintage = pl.col("code_departement").replace_strict(vintages, default=None, return_dtype=pl.String)
    asked = addresses.with_columns(millesime=vintage)
    memory = _memory(context)
    mine = memory.filter(pl.col("geocodeur") == geocoder.name)
    known = (
        asked.select("cle_adresse", "numero", _now="millesime")
        .join(mine, on="cle_adresse")
        .filter(_still_good())
        # Should a key have been remembered twice, today's answer comes first.
        .sort(pl.col("millesime").eq_missing(pl.col("_now")), descending=True, maintain_order=True)
        .unique("cle_adresse", keep="first", maintain_order=True)
        .select(GEOCODAGE.columns)
    )
    wanted = asked.filter(pl.col("millesime").is_not_null()).join(known, on="cle_adresse", how="anti")
    figures["adresses retrouvées en mémoire"] = known.height
    figures["adresses cherchées"] = wanted.height
    if wanted.is_empty():
        return known, nothing, True, figures
    answers = geocoder.search(wanted.drop("millesime"))
    figures["adresses trouvées"] = answers.height
    fresh = _remembered(wanted, answers, geocoder.name)
    again = memory.join(fresh, on=["cle_adresse", "geocodeur"], how="semi")
    found = pl.concat([known, fresh])
    if again.is_empty():
        return found, fresh, True, figures
    others = memory.join(fresh, on=["cle_adresse", "geocodeur"], how="anti")
    whole = pl.concat([others, fresh]).unique(["cle_adresse", "geocodeur"], keep="last", maintain_order=True)
    return found, whole, False, figures


def _still_good() -> pl.Expr:
    """Whether a remembered answer still stands.

    What was found as precisely as it was asked stands for good. A failure, or a street found where a number
    was asked, stands as long as the geocoder's data have not changed. The vintage opens with the version of
    the matching, so that a better matcher searches everything again.
    """
    same = pl.col("millesime").eq_missing(pl.col("_now"))
    matcher_unchanged = pl.col("_now").is_null() | pl.col("millesime").str.extract(r"^([^:]*)").eq_missing(
        pl.col("_now").str.extract(r"^([^:]*)")
    )
    precise = (pl.col("geo_precision") == "numero") | (
        pl.col("geo_precision").is_in(PRECISIONS_LOCALISEES) & pl.col("numero").is_null()
    )
    # Without the geocoder's data nothing can be searched: what is remembered is the best there is.
    return same | pl.col("_now").is_null() | (matcher_unchanged & precise)


def _memory(context: Context) -> pl.DataFrame:
    try:
        return context.scan(GEOCODAGE).select(GEOCODAGE.columns).collect()
    except MissingTable:
        return GEOCODAGE.empty()


def _remembered(wanted: pl.DataFrame, answers: pl.DataFrame, name: str) -> pl.DataFrame:
    """The rows that the memory keeps of a search: what was found, what was not, and the explanation if any."""
    silent = [
        pl.lit(None, dtype).alias(name)
        for name, dtype in EXPLANATION_SCHEMA.items()
        if name not in answers.columns
    ]
    answers = answers.with_columns(silent)
    return (
        wanted.join(answers, on="cle_adresse", how="left", maintain_order="left")
        .with_columns(
            geocodeur=pl.lit(name),
            geo_precision=pl.col("geo_precision").fill_null("aucune"),
            geo_motif=pl.when(pl.col("geo_precision").is_null()).then(_reason()),
            code_commune=pl.coalesce("code_commune_trouve", "code_commune"),
        )
        .select([pl.col(column).cast(dtype) for column, dtype in GEOCODAGE.dtypes().items()])
    )


def _reason() -> pl.Expr:
    """Why an address is not located: it is absent only when no column holds one."""
    elsewhere = pl.col("ailleurs").str.contains(MAY_BE_ADDRESS).fill_null(False)
    return (
        pl.when(pl.col("voie").is_null() & ~elsewhere)
        .then(pl.lit("adresse_absente"))
        .when(pl.col("code_commune").is_null())
        .then(pl.lit("commune_inconnue"))
        .otherwise(pl.lit("introuvable"))
    )


def _centres(context: Context) -> pl.DataFrame:
    """The centre of each commune: ``code_commune``, ``_longitude``, ``_latitude``."""
    columns = ["code_commune", "longitude", "latitude"]
    try:
        centres = context.scan(COMMUNES).select(columns).drop_nulls().collect()
    except MissingTable:
        centres = COMMUNES.empty().select(columns)
    return centres.rename({"longitude": "_longitude", "latitude": "_latitude"})


def _outcome(
    addresses: pl.DataFrame, answers: pl.DataFrame, centres: pl.DataFrame, source: str
) -> pl.DataFrame:
    """What is said of each address: ``cle_adresse``, :data:`LOCATED_COLUMNS`, ``code_commune_trouve``."""
    found = answers.filter(pl.col("geo_precision").is_in(PRECISIONS_LOCALISEES)).select(
        "cle_adresse",
        "longitude",
        "latitude",
        "geo_precision",
        "geo_score",
        code_commune_trouve="code_commune",
    )
    located = pl.col("geo_precision").is_not_null()
    at_centre = pl.col("_longitude").is_not_null()
    return (
        addresses.join(found, on="cle_adresse", how="left")
        .join(centres, on="code_commune", how="left")
        .select(
            "cle_adresse",
            longitude=pl.when(located).then("longitude").otherwise("_longitude"),
            latitude=pl.when(located).then("latitude").otherwise("_latitude"),
            geo_precision=pl.when(located)
            .then("geo_precision")
            .when(at_centre)
            .then(pl.lit("commune"))
            .otherwise(pl.lit("aucune")),
            geo_score="geo_score",
            geo_motif=pl.when(~located).then(_reason()),
            geo_source=pl.when(located).then(pl.lit(source)).when(at_centre).then(pl.lit("commune")),
            code_commune_trouve="code_commune_trouve",
        )
    )
