"""Official-format files of a few départements, written from the packaged reference.

The demo lake itself uses the packaged reference. These files serve to try and test the refresh: they are
laid out as the official ones are, quirks included (quoted fields, Latin-1 postal codes with a ``#`` in the
header and one line per locality, delegated communes among the communes, ``ZZZZZZZZZ`` for no EPCI).
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ingest.sources.territoires.reference import Territoires, load
from lake.text import words

_PLACE_NAMES = ("", "LE MOULIN", "LA GARE")


@dataclass(frozen=True)
class Files:
    """Where each official file was written."""

    communes: Path
    mouvements: Path
    departements: Path
    regions: Path
    populations: Path
    melodi: Path
    codes_postaux: Path
    contours: Path
    contours_epci: Path
    json_communes: Path
    json_epci: Path


def write(folder: Path, departements: Sequence[str], reference: Territoires | None = None) -> Files:
    """Write every official file of some départements, as the reference knows them.

    Args:
        folder: where to write; made if needed.
        departements: codes of the départements to write.
        reference: what to write; the packaged reference by default.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = reference or load()
    communes = known.communes.filter(pl.col("code_departement").is_in(departements))
    codes = communes["code_commune"].to_list()
    epci = known.epci.filter(pl.col("siren_epci").is_in(communes["siren_epci"].drop_nulls().to_list()))
    postal = known.codes_postaux.filter(pl.col("code_commune").is_in(codes))
    shapes = dict(
        known.contours.filter(pl.col("maille").is_in(["commune", "epci"]))
        .select("code", "geojson")
        .iter_rows()
    )
    files = Files(
        communes=folder / "v_commune_2026.csv",
        mouvements=folder / "v_mvt_commune_2026.csv",
        departements=folder / "v_departement_2026.csv",
        regions=folder / "v_region_2026.csv",
        populations=folder / "donnees_communes.csv",
        melodi=folder / "DS_POPULATIONS_REFERENCE_data.csv",
        codes_postaux=folder / "019HexaSmal.csv",
        contours=folder / "communes-100m.geojson.gz",
        contours_epci=folder / "epci-100m.geojson",
        json_communes=folder / "communes.json",
        json_epci=folder / "epci.json",
    )
    rows = list(communes.iter_rows(named=True))
    _cog(files, known, rows, departements)
    _populations(files, rows)
    _postal(files.codes_postaux, postal, communes)
    _outlines(files, rows, list(epci.iter_rows(named=True)), shapes)
    _json(files, rows, list(epci.iter_rows(named=True)), postal)
    return files


def _csv(
    path: Path,
    header: Sequence[str],
    lines: Iterable[Sequence[Any]],
    *,
    sep: str = ",",
    encoding: str = "utf-8",
) -> None:
    with path.open("w", newline="", encoding=encoding) as out:
        writer = csv.writer(out, delimiter=sep, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows(lines)


def _cog(
    files: Files, known: Territoires, rows: Sequence[Mapping[str, Any]], departements: Sequence[str]
) -> None:
    header = [
        "TYPECOM",
        "COM",
        "REG",
        "DEP",
        "CTCD",
        "ARR",
        "TNCC",
        "NCC",
        "NCCENR",
        "LIBELLE",
        "CAN",
        "COMPARENT",
    ]
    lines = []
    for row in rows:
        name, dep = row["commune"], row["code_departement"]
        upper = name.upper()
        code, region = row["code_commune"], row["code_region"]
        lines.append(["COM", code, region, dep, f"{dep}D", f"{dep}1", "0", upper, name, name, f"{dep}01", ""])
    former = known.fusions.filter(pl.col("code_commune").is_in([row["code_commune"] for row in rows]))
    for old in former.iter_rows(named=True):
        name = old["ancienne_commune"] or ""
        old_code, new = old["ancien_code_commune"], old["code_commune"]
        lines.append(["COMD", old_code, "", "", "", "", "0", name.upper(), name, name, "", new])
    _csv(files.communes, header, lines)

    header = ["MOD", "DATE_EFF"]
    for side in ("AV", "AP"):
        header += [f"{name}_{side}" for name in ("TYPECOM", "COM", "TNCC", "NCC", "NCCENR", "LIBELLE")]
    names = {row["code_commune"]: row["commune"] for row in rows}
    moves = []
    for old in former.iter_rows(named=True):
        before = old["ancienne_commune"] or ""
        after = names[old["code_commune"]]
        for kind in ("COM", "COMD"):  # the official file says both what the commune and its part became
            code = old["code_commune"] if kind == "COM" else old["ancien_code_commune"]
            moves.append(
                ["32", "2019-01-01", "COM", old["ancien_code_commune"], "0", before.upper(), before, before,
                 kind, code, "0", after.upper(), after, after]
            )  # fmt: skip
    _csv(files.mouvements, header, moves)

    header = ["DEP", "REG", "CHEFLIEU", "TNCC", "NCC", "NCCENR", "LIBELLE"]
    deps = known.departements.filter(pl.col("code_departement").is_in(departements))
    deps_lines = [
        [d["code_departement"], d["code_region"], f"{d['code_departement']}001", "0",
         d["departement"].upper(), d["departement"], d["departement"]]
        for d in deps.iter_rows(named=True)
    ]  # fmt: skip
    _csv(files.departements, header, deps_lines)
    regions = known.regions.filter(pl.col("code_region").is_in(deps["code_region"].to_list()))
    regions_lines = [
        [r["code_region"], "00000", "0", r["region"].upper(), r["region"], r["region"]]
        for r in regions.iter_rows(named=True)
    ]
    _csv(files.regions, ["REG", "CHEFLIEU", "TNCC", "NCC", "NCCENR", "LIBELLE"], regions_lines)


def _populations(files: Files, rows: Sequence[Mapping[str, Any]]) -> None:
    header = ["CODREG", "REG", "CODDEP", "CODARR", "CODCAN", "CODCOM", "COM", "PMUN", "PCAP", "PTOT"]
    lines, long = [], []
    for row in rows:
        code, dep = row["code_commune"], row["code_departement"]
        mun, tot = row["population"], row["population_totale"]
        apart = tot - mun if mun is not None and tot is not None else ""
        lines.append(
            [row["code_region"], "", dep, "1", "01", code[len(dep) :], row["commune"], mun, apart, tot]
        )
        # An older year stands beside the newest one: only the newest counts.
        for year, shift in (("2022", 7), ("2023", 0)):
            for measure, value in (("PMUN", mun), ("PTOT", tot)):
                long.append([code, "COM", "A", measure, year, "" if value is None else value + shift])
        long.append([code, "COM", "A", "PCAP", "2023", apart])
    _csv(files.populations, header, lines, sep=";")
    header = ["GEO", "GEO_OBJECT", "FREQ", "POPREF_MEASURE", "TIME_PERIOD", "OBS_VALUE"]
    _csv(files.melodi, header, long, sep=";")


def _postal(path: Path, postal: pl.DataFrame, communes: pl.DataFrame) -> None:
    header = ["#Code_commune_INSEE", "Nom_de_la_commune", "Code_postal", "Libellé_d_acheminement", "Ligne_5"]
    names = dict(communes.select("code_commune", "commune").iter_rows())
    lines = []
    for rank, (code_postal, code) in enumerate(postal.select("code_postal", "code_commune").iter_rows()):
        name = _postal_name(names[code])
        # Every tenth commune has localities of the same code: the official file repeats it for each.
        for place in _PLACE_NAMES if rank % 10 == 0 else ("",):
            lines.append([code, name, code_postal, name, place])
    _csv(path, header, lines, sep=";", encoding="latin-1")


def _postal_name(name: str) -> str:
    """A name as La Poste writes it: capitals without accents, hyphens or apostrophes."""
    return words(name).upper()


def _feature(code: str, geometry: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code, **properties},
        "geometry": json.loads(geometry),
    }


def _outlines(
    files: Files,
    rows: Sequence[Mapping[str, Any]],
    epci: Sequence[Mapping[str, Any]],
    shapes: Mapping[str, str],
) -> None:
    features = []
    for row in rows:
        code = row["code_commune"]
        properties = {
            "nom": row["commune"],
            "departement": row["code_departement"],
            "region": row["code_region"],
            "epci": row["siren_epci"] or "ZZZZZZZZZ",
        }
        features.append(_feature(code, shapes[code], properties))
    collection = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    files.contours.write_bytes(gzip.compress(collection.encode(), mtime=0))
    features = [_feature(e["siren_epci"], shapes[e["siren_epci"]], {"nom": e["epci"]}) for e in epci]
    collection = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    files.contours_epci.write_text(collection, encoding="utf-8")


def _json(
    files: Files, rows: Sequence[Mapping[str, Any]], epci: Sequence[Mapping[str, Any]], postal: pl.DataFrame
) -> None:
    codes_of: dict[str, list[str]] = {}
    for code_postal, code in postal.select("code_postal", "code_commune").iter_rows():
        codes_of.setdefault(code, []).append(code_postal)
    communes = [
        {
            "code": row["code_commune"], "nom": row["commune"], "typeLiaison": 0, "zone": "metro",
            "departement": row["code_departement"], "region": row["code_region"], "type": "commune-actuelle",
            "codesPostaux": codes_of.get(row["code_commune"], []), "population": row["population"],
        }
        for row in rows
    ]  # fmt: skip
    kinds = {"ME": "METRO"}
    groups = [
        {
            "code": e["siren_epci"], "nom": e["epci"], "type": kinds.get(e["nature_epci"], e["nature_epci"]),
            "membres": [
                {"code": row["code_commune"], "nom": row["commune"]}
                for row in rows
                if row["siren_epci"] == e["siren_epci"]
            ],
        }
        for e in epci
    ]  # fmt: skip
    files.json_communes.write_text(json.dumps(communes, ensure_ascii=False), encoding="utf-8")
    files.json_epci.write_text(json.dumps(groups, ensure_ascii=False), encoding="utf-8")
