"""FINESS: one row per health or social establishment, from the historical CSV or the daily JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from ingest.source import Context, Fall, Group, Parsed, Snapshot, SourceFile
from ingest.sources.annuaire.territories import NEEDED, Territories
from ingest.sources.finess import daily, legacy
from ingest.sources.finess.columns import FORMER_CODES
from ingest.sources.finess.coordinates import place
from ingest.sources.finess.nomenclature import AUTRE, CATEGORIES
from lake.catalog.finess import ETABLISSEMENTS, LICENCE
from lake.contract import Table
from lake.errors import ContractError, LakeError
from lake.words import agreed
from scoring.geocode.communes import (
    attach_communes,
    clean_postal_code,
    departement_of_commune,
    departement_of_postal_code,
)

LATEST = "https://www.data.gouv.fr/api/1/datasets/r/cd493959-fb03-41e5-9347-0edd14dfbc22"
"""Stable address of the newest daily file (data.gouv.fr, dataset finess-structures-1)."""
_DATES = ("date_ouverture", "date_autorisation", "date_maj", "date_fermeture")
_HEAD = 4096
_NUMBER = r"^[0-9][0-9A-Z][0-9]{7}$"


class Finess:
    """Source ``finess`` (see :class:`ingest.source.Source`)."""

    name = "finess"
    title = "FINESS"
    licence = LICENCE
    tables: tuple[Table, ...] = (ETABLISSEMENTS,)
    budget = 0.01
    falls: tuple[Fall, ...] = (Fall(ETABLISSEMENTS, groups=(Group("code_departement", "département"),)),)
    depends: tuple[Table, ...] = NEEDED

    def urls(self, region: str) -> Mapping[str, str]:  # noqa: ARG002 — the protocol's signature
        """The newest daily file; it is national whatever the region."""
        return {"finess-structures-journalier.json.gz": LATEST}

    def date_of(self, paths: Sequence[Path]) -> date | None:
        """The date that the files announce: first line of the historical ones, name or content of the daily.

        Raises:
            ContractError: the files announce different dates.
        """
        days = set()
        for path in paths:
            head = _head(path)
            if legacy.is_legacy(head):
                days.add(legacy.date_of(head))
            elif daily.is_daily(head):
                day = daily.date_of(path.name)
                days.add(day or _quietly(SourceFile(path, path.name, "", 0)))
        days.discard(None)
        if len(days) > 1:
            said = ", ".join(f"{day:%d/%m/%Y}" for day in sorted(day for day in days if day))
            raise ContractError(
                f"Les fichiers FINESS portent des dates différentes : {said}.",
                conseil="Donnez les fichiers d'une même livraison.",
            )
        return next(iter(days), None)

    def parse(self, snapshot: Snapshot, context: Context) -> Iterator[Parsed]:
        """Read the files; establishments of other regions are counted and left out.

        Raises:
            ContractError: no file was given, layouts are mixed, or one is not of FINESS.
            MissingTable: the territories were never ingested.
            UnknownName: no region has the context's code.
        """
        if not snapshot.files:
            raise ContractError(
                "Aucun fichier FINESS n'a été donné.",
                conseil="Donnez le fichier historique (CSV) ou journalier (JSON), ou --telecharger.",
            )
        territories = Territories.read(context)
        kinds = {file.name: _kind(file) for file in snapshot.files}
        if len(set(kinds.values())) > 1:
            raise ContractError(
                "Les fichiers FINESS historiques (CSV) et journaliers (JSON) ne se mélangent pas.",
                conseil="Donnez les uns ou les autres.",
            )
        context.say("Lecture de FINESS", None)
        if "historique" in kinds.values():
            read, early = legacy.read(snapshot.files), 0
        else:
            read, early = daily.read(snapshot.files, _Wanted(territories))
        located = _located(read.frame, territories, snapshot.date)
        mine = located.filter(pl.col("code_departement").is_in(list(territories.wanted)))
        named = pl.col("finess").str.contains(_NUMBER).fill_null(False)
        kept = mine.filter(named).unique("finess", keep="first", maintain_order=True)
        nameless = mine.filter(~named)
        yield Parsed(
            table=ETABLISSEMENTS,
            frame=kept,
            lues=read.lues,
            doublons=mine.height - nameless.height - kept.height,
            hors_region=early + located.height - mine.height,
            rejects=pl.concat([read.rejects, _nameless(nameless)]).sort("fichier", "ligne"),
            warnings=[*read.warnings, *_remarks(kept)],
            figures=read.figures | _figures(kept),
        )


def _nameless(rows: pl.DataFrame) -> pl.DataFrame:
    """Establishments without a usable number, as rejected lines."""
    content = pl.concat_str(
        "finess", "raison_sociale", "ligne_acheminement", "code_categorie", separator=";", ignore_nulls=True
    )
    absent = pl.lit("numéro FINESS absent")
    return rows.select(
        "fichier",
        "ligne",
        motif=pl.when(pl.col("finess").is_null())
        .then(absent)
        .otherwise(pl.lit("numéro FINESS de forme inattendue")),
        contenu=content,
    )


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_HEAD)


def _quietly(file: SourceFile) -> date | None:
    """The date inside a daily file; a damaged archive is reported when it is read, not here."""
    try:
        return daily.generated_on(file)
    except LakeError:
        return None


def _kind(file: SourceFile) -> str:
    head = _head(file.path)
    if legacy.is_legacy(head):
        return "historique"
    if daily.is_daily(head):
        return "journalier"
    raise ContractError(
        f"{file.name} n'est pas un fichier FINESS.",
        conseil="Attendu : un CSV qui commence par « finess; », ou un JSON « structures ».",
    )


class _Wanted:
    """Whether an establishment may be of the region: decided early, so that the rest is never kept."""

    def __init__(self, territories: Territories) -> None:
        self._wanted = territories.wanted
        self._former = dict(territories.fusions.select("ancien_code_commune", "code_commune").iter_rows())

    def __call__(self, commune: str | None, postal: str | None) -> bool:
        code = (commune or "").strip().upper()
        code = f"0{code}" if len(code) == 4 else FORMER_CODES.get(code, code)
        if len(code) == 5:
            # A merger may cross the border of a département: both ends are let through, and settled later.
            return any(_departement(one) in self._wanted for one in (code, self._former.get(code, code)))
        clean = (postal or "").strip().zfill(5)
        # Corsica's and some overseas postal codes need the full rule: let them through, and settle later.
        return clean[:2] in self._wanted or clean[:2] in ("20", "97", "98")


def _departement(code: str) -> str:
    return code[:3] if code[:2] in ("97", "98") else code[:2]


def _located(frame: pl.DataFrame, territories: Territories, day: date | None) -> pl.DataFrame:
    """The contract's columns: commune in force, territories, family, dates, point."""
    clues = frame.with_columns(
        libelle_commune_source=pl.col("ligne_acheminement").str.replace(r"^\s*[0-9]{4,5}\s+", ""),
        bureau_cedex="ligne_acheminement",
        code_postal=clean_postal_code(pl.col("code_postal")),
    )
    settled = attach_communes(clues, territories.communes, territories.codes_postaux, territories.fusions)
    by_commune = departement_of_commune(pl.col("code_commune"))
    given = departement_of_commune(pl.col("code_commune_source"))
    by_given = pl.when(given.is_in(list(territories.departements))).then(given)
    homes = territories.communes.select(
        "code_commune", "siren_epci", _lon="longitude", _lat="latitude"
    ).with_columns(pl.col("_lon", "_lat").cast(pl.Float64))
    rows = settled.with_columns(
        code_departement=pl.coalesce(
            by_commune, by_given, departement_of_postal_code(pl.col("code_postal"))
        ).fill_null("")
    ).join(homes, on="code_commune", how="left", maintain_order="left")
    families = {code: family for code, (family, _) in CATEGORIES.items()}
    labels = {code: label for code, (_, label) in CATEGORIES.items()}
    category = pl.col("code_categorie")
    placed = rows.hstack(place(rows)).with_columns(
        famille=category.replace_strict(families, default=AUTRE, return_dtype=pl.String),
        libelle_categorie=pl.coalesce(
            "libelle_categorie", category.replace_strict(labels, default=None, return_dtype=pl.String)
        ),
        ouvert=(pl.col("etat").fill_null("A") != "I"),
        date_donnees=pl.lit(day, pl.Date),
        **{name: pl.col(name).str.slice(0, 10).str.to_date(strict=False) for name in _DATES},
    )
    return placed.select("fichier", "ligne", *ETABLISSEMENTS.columns)


def _figures(kept: pl.DataFrame) -> dict[str, float | int | str]:
    closed = kept.filter(~pl.col("ouvert")).height
    families = (
        kept.filter("ouvert").group_by("famille").len().sort("len", "famille", descending=[True, False])
    )
    said = ", ".join(f"{name} {count}" for name, count in families.iter_rows())
    return {"établissements ouverts": kept.height - closed, "établissements fermés": closed, "familles": said}


def _remarks(kept: pl.DataFrame) -> list[str]:
    """What the operator should know of the coordinates."""
    wording = {
        "illisibles": "coordonnées illisibles",
        "hors_bornes": "coordonnées hors de France",
        "hors_commune": "coordonnées trop loin de la commune",
    }
    said = []
    swapped = kept.filter(pl.col("geo_source") == "finess_inverse").height
    if swapped:
        said.append(
            agreed(swapped, f"{swapped} établissement(s) aux coordonnées échangées, remises dans l'ordre.")
        )
    counts = dict(kept.drop_nulls("geo_motif").group_by("geo_motif").len().iter_rows())
    for reason, words in wording.items():
        if reason in counts:
            said.append(
                agreed(
                    counts[reason],
                    f"{counts[reason]} établissement(s) aux {words}, placé(s) au centre de la commune.",
                )
            )
    if "absentes" in counts:
        said.append(agreed(counts["absentes"], f"{counts['absentes']} établissement(s) sans coordonnées."))
    return said


SOURCE = Finess()
