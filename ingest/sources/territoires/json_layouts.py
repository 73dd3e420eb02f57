"""The official JSON files: Etalab's administrative division and administrative outlines (GeoJSON)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from ingest.sources.territoires.reading import Reading, nature_of, unrecognised
from lake.errors import ContractError

# How the official files begin: an object with a key, or a list of objects.
_OPENING = re.compile(r"\s*(\{\s*\"|\[\s*\{)")


def read_json(text: str, name: str, regions: Mapping[str, str]) -> Reading:
    """Recognise a JSON list or a GeoJSON collection by its keys and read it.

    Raises:
        ContractError: not JSON, or of no known layout.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        if not _OPENING.match(text):
            raise unrecognised(name) from error
        raise ContractError(
            f"Le fichier « {name} » n'est pas un JSON lisible (abîmé ou tronqué).",
            conseil="Téléchargez-le de nouveau.",
        ) from error
    if isinstance(content, dict) and isinstance(content.get("features"), list):
        return _read_outlines(content["features"], name, regions)
    if isinstance(content, list) and content and all(isinstance(item, dict) for item in content):
        first = content[0]
        if not {"code", "nom"} <= first.keys():
            raise unrecognised(name)
        if "membres" in first:
            return _json_epci(content, name)
        if "type" in first and any(key in first for key in ("departement", "collectivite", "chefLieu")):
            return _json_communes(content, name)
        if "chefLieu" in first and "departement" not in first:
            return _json_departements(content, name) if "region" in first else _json_regions(content, name)
    raise unrecognised(name)


def _listed(value: Any) -> list[Any]:
    """The elements of a list; none of anything else."""
    return value if isinstance(value, list) else []


def _object(value: Any) -> Mapping[str, Any]:
    """The members of an object; none of anything else."""
    return value if isinstance(value, dict) else {}


def _raw(item: Mapping[str, Any]) -> str:
    return json.dumps(item, ensure_ascii=False)


def _json_communes(items: list[dict[str, Any]], name: str) -> Reading:
    reading = Reading(name, "communes du découpage administratif")
    for ligne, item in enumerate(items, 1):
        raw, code, kind = _raw(item), item.get("code"), item.get("type")
        if kind == "commune-actuelle":
            overseas = item.get("collectivite")
            overseas = overseas.get("code") if isinstance(overseas, dict) else overseas
            dep = item.get("departement") or overseas
            reading.add(
                "communes", ligne, raw,
                code_commune=code, commune=item.get("nom"), code_departement=dep,
                code_region=item.get("region"), population=item.get("population"),
            )  # fmt: skip
            for code_postal in _listed(item.get("codesPostaux")):
                reading.add("codes_postaux", ligne, raw, code_postal=code_postal, code_commune=code)
        for former in _listed(item.get("anciensCodes")):
            reading.add(
                "fusions", ligne, raw,
                ancien_code_commune=former, code_commune=item.get("chefLieu", code), date_effet="",
            )  # fmt: skip
        if kind != "commune-actuelle":
            parent = item.get("chefLieu") or item.get("commune")
            if parent and (parent != code or kind in ("commune-deleguee", "commune-associee")):
                reading.add(
                    "fusions", ligne, raw,
                    ancien_code_commune=code, ancienne_commune=item.get("nom"), code_commune=parent,
                    date_effet="",
                )  # fmt: skip
    return reading


def _json_epci(items: list[dict[str, Any]], name: str) -> Reading:
    reading = Reading(name, "EPCI du découpage administratif")
    for ligne, item in enumerate(items, 1):
        raw = _raw({key: value for key, value in item.items() if key != "membres"})
        siren, nom = item.get("code"), item.get("nom")
        reading.add(
            "epci", ligne, raw, siren_epci=siren, epci=nom, nature_epci=nature_of(item.get("type"), nom)
        )
        for member in map(_object, _listed(item.get("membres"))):
            reading.add("appartenances", ligne, raw, code_commune=member.get("code"), siren_epci=siren)
    return reading


def _json_departements(items: list[dict[str, Any]], name: str) -> Reading:
    reading = Reading(name, "départements du découpage administratif")
    for ligne, item in enumerate(items, 1):
        reading.add(
            "departements", ligne, _raw(item),
            code_departement=item.get("code"), departement=item.get("nom"), code_region=item.get("region"),
        )  # fmt: skip
    return reading


def _json_regions(items: list[dict[str, Any]], name: str) -> Reading:
    reading = Reading(name, "régions du découpage administratif")
    for ligne, item in enumerate(items, 1):
        reading.add("regions", ligne, _raw(item), code_region=item.get("code"), region=item.get("nom"))
    return reading


# --- GeoJSON outlines ------------------------------------------------------------------------------------


def _mesh_of(features: list[Any], regions: Mapping[str, str]) -> str | None:
    """The mesh of a collection: by the form of its codes, by its names, by whether it gives a région."""
    names: dict[str, str] = {}
    with_region = False
    for feature in features[:50]:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict) or "code" not in properties or "nom" not in properties:
            continue
        names[str(properties["code"])] = str(properties["nom"])
        with_region |= "region" in properties
    codes = list(names)
    if not codes:
        return None
    if all(re.fullmatch(r"[0-9]{9}", code) for code in codes):
        return "epci"
    if all(re.fullmatch(r"[0-9][0-9AB][0-9]{3}", code) for code in codes):
        return "commune"
    if all(re.fullmatch(r"(2[AB]|[0-9]{2,3})", code) for code in codes):
        # A code such as 44 is a département and a région: the name decides.
        named = all(regions.get(code, "").casefold() == name.casefold() for code, name in names.items())
        return "region" if named and not with_region else "departement"
    return None


def _read_outlines(features: list[Any], name: str, regions: Mapping[str, str]) -> Reading:
    mesh = _mesh_of(features, regions)
    if mesh is None:
        raise unrecognised(name)
    reading = Reading(name, f"contours administratifs ({mesh})")
    geometries: list[Any] = []
    for ligne, feature in enumerate(features, 1):
        properties = _object(_object(feature).get("properties"))
        raw = _raw(properties)
        if properties.get("commune"):
            continue  # an arrondissement of Paris, Lyon or Marseille: drawn within its commune already
        code, nom = properties.get("code"), properties.get("nom")
        reading.add("contours", ligne, raw, maille=mesh, code=code, rang=len(geometries))
        geometries.append(_shape(_object(feature).get("geometry")))
        if mesh == "commune" and "departement" in properties:
            reading.add(
                "communes", ligne, raw,
                code_commune=code, commune=nom, code_departement=properties.get("departement"),
                code_region=properties.get("region"), siren_epci=properties.get("epci"),
            )  # fmt: skip
        elif mesh == "commune":
            # Boundaries alone: they may be of an earlier vintage, and list former communes by name.
            reading.rows.setdefault("noms", []).append({"code_commune": code, "commune": nom})
        elif mesh == "epci":
            nature = nature_of(None, str(nom or ""))
            reading.add("epci", ligne, raw, siren_epci=code, epci=nom, nature_epci=nature)
        elif mesh == "departement" and "region" in properties:
            region = properties.get("region")
            reading.add(
                "departements", ligne, raw, code_departement=code, departement=nom, code_region=region
            )
        elif mesh == "region":
            reading.add("regions", ligne, raw, code_region=code, region=nom)
    reading.geometries = np.array([*geometries, None], dtype=object)[:-1]
    return reading


def _shape(geometry: Any) -> shapely.Geometry | None:
    try:
        return shapely.from_geojson(json.dumps(geometry)) if geometry else None
    except (shapely.errors.GEOSException, ValueError, RecursionError):
        return None
