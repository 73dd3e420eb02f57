"""The ``territoires`` source: the packaged reference, refreshed by the official files when they are given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from ingest.source import Context, Fall, Group, Parsed, Snapshot
from ingest.sources.territoires.layouts import read
from ingest.sources.territoires.reading import Reading
from ingest.sources.territoires.reference import VINTAGE, Territoires, load
from ingest.sources.territoires.refresh import FRANCE, Refresh
from lake.catalog import territoires as catalog
from lake.contract import Table
from lake.errors import ContractError, UnknownName

_COG = "https://www.insee.fr/fr/statistiques/fichier/8740222"
_OUTLINES = "https://etalab-datasets.geo.data.gouv.fr/contours-administratifs/latest/geojson"
_POSTAL = "https://datanova.laposte.fr/data-fair/api/v1/datasets/laposte-hexasmal/raw"
_POPULATIONS = (
    "https://api.insee.fr/melodi/file/DS_POPULATIONS_REFERENCE/DS_POPULATIONS_REFERENCE_2023_CSV_FR"
)

# INSEE's nomenclature files carry their year in their name: v_commune_2026.csv is the COG of 1 January 2026.
_VINTAGE = re.compile(r"v_(?:commune|departement|region|mvt_commune)_(20[0-9]{2})\.csv", re.IGNORECASE)


class TerritoiresSource:
    """Communes, EPCI, départements, régions, postal codes and outlines (see the README beside)."""

    name = "territoires"
    title = "Territoires : communes, EPCI, départements, régions"
    licence = catalog.LICENCE
    tables: tuple[Table, ...] = catalog.TABLES
    budget = 0.01
    falls: tuple[Fall, ...] = (
        Fall(catalog.COMMUNES, rows=0.1, groups=(Group("code_departement", "département"),)),
        Fall(catalog.EPCI, rows=0.2),
    )
    depends: tuple[Table, ...] = ()

    def urls(self, region: str) -> Mapping[str, str]:  # noqa: ARG002 - official files are national
        """Official addresses of the files that renew the whole reference, by file name."""
        return {
            "v_region_2026.csv": f"{_COG}/v_region_2026.csv",
            "v_departement_2026.csv": f"{_COG}/v_departement_2026.csv",
            "v_commune_2026.csv": f"{_COG}/v_commune_2026.csv",
            "v_mvt_commune_2026.csv": f"{_COG}/v_mvt_commune_2026.csv",
            "DS_POPULATIONS_REFERENCE_2023_CSV_FR.zip": _POPULATIONS,
            "communes-100m.geojson.gz": f"{_OUTLINES}/communes-100m.geojson.gz",
            "epci-100m.geojson.gz": f"{_OUTLINES}/epci-100m.geojson.gz",
            "departements-100m.geojson.gz": f"{_OUTLINES}/departements-100m.geojson.gz",
            "019HexaSmal.csv": _POSTAL,
        }

    def date_of(self, paths: Sequence[Path]) -> date | None:
        """1 January of the COG's year when a nomenclature file names it; the packaged vintage without files.

        Raises:
            ContractError: nomenclature files of different years.
        """
        if not paths:
            return VINTAGE
        years = {int(found.group(1)) for path in paths if (found := _VINTAGE.search(path.name))}
        if len(years) > 1:
            listed = " et ".join(str(year) for year in sorted(years))
            raise ContractError(
                f"Les fichiers du COG sont de millésimes différents : {listed}.",
                conseil="Donnez des fichiers d'un même millésime.",
            )
        return date(years.pop(), 1, 1) if years else None

    def parse(self, snapshot: Snapshot, context: Context) -> Iterable[Parsed]:
        """Yield the eight tables, communes last.

        Raises:
            ContractError: a file is not recognised (the message lists what is), damaged, or empty.
            UnknownName: the région does not exist.
        """
        reference = load()
        regions = dict(reference.regions.select("code_region", "region").iter_rows())
        if not snapshot.files:
            context.say("Référence embarquée des territoires", 0.0)
            yield from _as_packaged(reference, context.region, regions)
            return
        readings: list[Reading] = []
        for rank, file in enumerate(snapshot.files):
            context.say(f"Lecture de {file.name}", rank / len(snapshot.files))
            readings.extend(read(file.path, file.name, regions))
        context.say("Assemblage des territoires", None)
        out = Refresh(reference, readings, context.region).tables()
        layouts = " ; ".join(f"{reading.fichier} : {reading.layout}" for reading in readings)
        out[-1].figures["fichiers reconnus"] = layouts
        yield from out


def _as_packaged(reference: Territoires, region: str, regions: Mapping[str, str]) -> Iterable[Parsed]:
    """The reference as it is, whatever the region: départements and régions serve every one of them.

    Raises:
        UnknownName: the région does not exist.
    """
    if region != FRANCE and region not in regions:
        raise UnknownName("région", region, [*regions, FRANCE])
    covered = set(reference.communes["code_region"])
    for table, frame in reference.items():
        parsed = Parsed(table=table, frame=frame, lues=frame.height)
        if table is catalog.COMMUNES and region not in covered:
            wished = "toute la France" if region == FRANCE else f"la région {regions[region]}"
            names = ", ".join(regions[code] for code in sorted(covered))
            parsed.warnings.append(
                f"La référence embarquée ne connaît que les communes de la région {names} : pour {wished}, "
                "donnez les fichiers officiels (ou --telecharger)."
            )
        yield parsed


SOURCE = TerritoiresSource()
