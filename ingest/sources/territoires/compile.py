"""Compile the packaged reference from a folder of official files. Run by hand when a new vintage is out.

    python -m ingest.sources.territoires.compile FOLDER [--sortie FOLDER] [--region CODE]

Every file of the folder that the source recognises (see :mod:`ingest.sources.territoires.layouts`) is read;
others are listed and left aside. ``fusions.csv`` beside this module holds the mergers of communes since the
vintage of the outlines, and ``partenaires.csv`` the partner territories of the programme.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import polars as pl

from ingest.sources.territoires.layouts import read
from ingest.sources.territoires.reading import Reading
from ingest.sources.territoires.reference import FOLDER, Territoires, empty
from ingest.sources.territoires.refresh import Refresh
from lake.catalog import territoires as catalog
from lake.errors import ContractError

_HERE = Path(__file__).parent


def start() -> Territoires:
    """What no official file says: collectivities, recent mergers, partner territories."""
    fusions = pl.read_csv(_HERE / "fusions.csv", infer_schema=False)
    partners = pl.read_csv(_HERE / "partenaires.csv", infer_schema=False)
    return replace(
        empty(),
        fusions=fusions.select(catalog.FUSIONS.columns),
        partenaires=partners.select(catalog.PARTENAIRES.columns),
    )


def compile_reference(folder: Path, region: str) -> tuple[Territoires, list[str]]:
    """Build the reference of one région from a folder of official files.

    Args:
        folder: any set of recognised files; nomenclatures may be national.
        region: INSEE code of the région whose communes are packaged.

    Returns:
        The tables, and a French account of what was read, set aside or rejected.

    Raises:
        ContractError: no file of the folder is recognised.
    """
    readings: list[Reading] = []
    account: list[str] = []
    for path in sorted(folder.iterdir()):
        if not path.is_file():
            continue
        try:
            readings.extend(read(path, path.name, {}))
        except ContractError as error:
            account.append(f"laissé de côté : {path.name} ({error.message})")
    if not readings:
        raise ContractError(f"Aucun fichier reconnu dans « {folder} ».")
    account.extend(f"{reading.fichier} : {reading.layout}" for reading in readings)
    former = {row["code_commune"]: row["commune"] for r in readings for row in r.rows.get("noms", [])}
    base = start()
    names = pl.col("ancien_code_commune").replace_strict(former, default=None, return_dtype=pl.String)
    base = replace(
        base,
        fusions=base.fusions.with_columns(
            ancienne_commune=pl.coalesce("ancienne_commune", names, pl.lit(""))
        ),
    )
    frames = {}
    for parsed in Refresh(base, readings, region).tables():
        name = parsed.table.name.removeprefix("territoires__")
        conformed = parsed.table.conform(parsed.frame)
        if conformed.rejects.height:
            raise ContractError(f"{parsed.table.name} : {conformed.rejects['motif'].unique().to_list()}")
        frames[name] = conformed.valid
        account.append(
            f"{name} : {parsed.lues} lignes lues, {parsed.frame.height} publiées, "
            f"{parsed.doublons} doublons, {parsed.hors_region} hors région, {parsed.rejects.height} rejetées"
        )
        account.extend(f"  {reject}" for reject in parsed.rejects.head(5).iter_rows())
        account.extend(f"  {warning}" for warning in parsed.warnings)
    return Territoires(**frames), account


def main() -> None:
    """Command line of the compilation."""
    parser = argparse.ArgumentParser(description="Compile la référence embarquée des territoires.")
    parser.add_argument("dossier", type=Path, help="dossier des fichiers officiels")
    parser.add_argument("--sortie", type=Path, default=FOLDER, help="dossier où écrire la référence")
    parser.add_argument(
        "--region", default="44", help="code INSEE de la région dont les communes sont gardées"
    )
    arguments = parser.parse_args()
    reference, account = compile_reference(arguments.dossier, arguments.region)
    reference.save(arguments.sortie)
    print("\n".join(account))


if __name__ == "__main__":
    main()
