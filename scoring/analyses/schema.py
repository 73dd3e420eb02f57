"""The JSON Schema of a saved analysis, for editors and for whoever writes one by hand."""

from __future__ import annotations

from typing import Any

from scoring.analyses.codec import MOST_MONTHS, MOST_NUMBER
from scoring.analyses.spec import (
    GENRES,
    MOST_AXES,
    MOST_DESCRIPTION,
    MOST_EXCERPT,
    MOST_HEADERS,
    MOST_HEADING,
    MOST_MEASURES,
    MOST_PROSE,
    MOST_SECTIONS,
    MOST_TITLE,
    PERIODES,
    TYPES,
    VERSION,
)

_ID = {"type": "string", "pattern": "^[a-z0-9]{1,20}$"}
_LABEL = {"type": "string", "maxLength": MOST_TITLE}


def schema() -> dict[str, Any]:
    """The schema of what is written today; names of measures and axes are checked against their universe apart."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:observatoire-esante:analyse:{VERSION}",
        "title": "Analyse enregistrée",
        "description": "Une analyse : des sections, chacune un titre, une introduction, un graphique, une conclusion.",
        **_object(
            {
                "version": {"const": VERSION, "description": "Format du document."},
                "genre": {"enum": list(GENRES)},
                "titre": {**_LABEL, "minLength": 1, "pattern": r"\S"},
                "description": {"type": "string", "maxLength": MOST_DESCRIPTION},
                "sections": {
                    "type": "array",
                    "maxItems": MOST_SECTIONS,
                    "items": {"$ref": "#/$defs/section"},
                },
                "origine": _object(
                    {"objet": _LABEL, "revision": {"type": "integer", "minimum": 0}}, "objet", "revision"
                ),
            },
            "version",
            "titre",
        ),
        "$defs": {
            "section": _section(),
            "graphique": _chart(),
            "cadre": _tree(),
            "periode": _period(),
            "lien": _link(),
        },
    }


def _object(members: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": members,
        "required": list(required),
        "additionalProperties": False,
    }


def _names(most: int, least: int = 0) -> dict[str, Any]:
    items = {"type": "string", "minLength": 1}
    return {"type": "array", "items": items, "minItems": least, "maxItems": most, "uniqueItems": True}


def _section() -> dict[str, Any]:
    prose = {
        "type": "string",
        "maxLength": MOST_PROSE,
        "description": "Texte : **gras**, *italique*, listes, liens http(s), mailto ; {{mesure}} : un chiffre vivant.",
    }
    return _object(
        {
            "id": {**_ID, "description": "Stable pour la vie de la section."},
            "titre": {"type": "string", "maxLength": MOST_HEADING},
            "introduction": prose,
            "conclusion": prose,
            "graphique": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/graphique"}]},
            "lien": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/lien"}]},
        },
        "id",
    )


def _chart() -> dict[str, Any]:
    short = {"type": ["string", "integer"], "maxLength": MOST_HEADING, "minimum": 0, "maximum": MOST_NUMBER}
    return _object(
        {
            "univers": {"type": "string", "minLength": 1, "description": "Nom d’un univers (obs univers)."},
            "type": {"enum": list(TYPES)},
            "mesures": _names(MOST_MEASURES, 1),
            "axes": _names(MOST_AXES),
            "en_tete": _names(MOST_HEADERS),
            "cadres": {"type": "object", "additionalProperties": {"$ref": "#/$defs/cadre"}},
            "periode": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/periode"}]},
            "parametres": {"type": "object", "additionalProperties": {"type": "string"}},
            "options": {"type": "object", "additionalProperties": short},
        },
        "univers",
        "type",
        "mesures",
    )


def _tree() -> dict[str, Any]:
    return {
        "description": "Niveau de chaque valeur : 0 rien, 1 Afficher, 2 Sélectionner, 3 Imposer.",
        **_object(
            {
                "nouveaux": {"type": "integer", "minimum": 0, "maximum": 1},
                "noeuds": {
                    "type": "object",
                    "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 3},
                },
            }
        ),
    }


def _period() -> dict[str, Any]:
    day = {"type": "string", "format": "date"}
    return _object(
        {
            "genre": {"enum": list(PERIODES)},
            "nombre": {"type": "integer", "minimum": 1, "maximum": MOST_MONTHS},
            "du": day,
            "au": day,
            "imposee": {"type": "boolean"},
        },
        "genre",
    )


def _link() -> dict[str, Any]:
    cell = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    return {
        "description": "Les chiffres sur lesquels les textes ont été écrits.",
        **_object(
            {
                "le": {"type": "string", "maxLength": 40, "minLength": 1},
                "par": _LABEL,
                "versions": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
                "date": {"type": "string", "maxLength": 10},
                "portee": {"type": "string", "maxLength": 64},
                "cellules": {"type": "string", "maxLength": 64, "minLength": 1},
                "extrait": {"type": "array", "items": cell, "maxItems": MOST_EXCERPT},
            },
            "le",
            "cellules",
        ),
    }
