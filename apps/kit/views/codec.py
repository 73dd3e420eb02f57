"""Views to and from JSON, checked against a universe: every fault at once, each with its path.

Written here rather than with a validation library: the values are flat, the checks that matter are against the
universe, and every message is a French sentence with the nearest names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from apps.kit.charts.tables import Column
from apps.kit.filters.filters import Option
from apps.kit.views.base import AXIS, MEASURE, OWN, Drawing
from apps.kit.views.gallery import GALLERY
from apps.kit.views.own import WORDS, Named, placeholders
from lake.errors import LakeError, UnknownName
from scoring.universes.model import Format, Universe

VERSION = 1
"""Version that is written; older ones are read by :data:`STEPS`."""
STEPS: dict[int, Any] = {}
"""Version -> function that brings a document of that version to the next one."""
_OPTION = {"option": "name", "libelle": "label", "valeurs": "values"}
_COLUMN = {
    "colonne": "name", "libelle": "label", "format": "format", "ecart": "change", "decimales": "decimals",
    "aide": "help", "sens": "good", "relatif": "relative", "en_mots": "worded", "mois": "month", "largeur": "width",
}  # fmt: skip
"""Field in JSON of a column -> attribute; the first two are asked."""


@dataclass(frozen=True)
class Fault:
    """One fault of a document.

    Attributes:
        path: where: ``sections[2].mesures[0]``.
        message: what is wrong and what to do, in French.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path} : {self.message}" if self.path else self.message


class FaultyView(LakeError):
    """A document that is no view of its universe.

    Args:
        faults: all of them.
    """

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


def encode(drawing: Drawing) -> dict[str, Any]:
    """A view as JSON: its version, its type, and the fields that are not their default."""
    document: dict[str, Any] = {"version": VERSION, "type": drawing.type}
    for each in fields(drawing):
        value = getattr(drawing, each.name)
        if each.default is MISSING or value != each.default:
            document[each.metadata["json"]] = _plain(value)
    return document


def _plain(value: Any) -> Any:
    if isinstance(value, Option):
        return {name: _plain(getattr(value, attribute)) for name, attribute in _OPTION.items()}
    if isinstance(value, Column):
        return {
            name: getattr(value, each.name)
            for name, each in zip(_COLUMN, fields(Column), strict=True)
            if each.default is MISSING or getattr(value, each.name) != each.default
        }
    if isinstance(value, Mapping):
        return dict(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def decode(document: object, universe: Universe, path: str = "", *, own: bool = False) -> Drawing:
    """The view of a document.

    Args:
        document: what JSON gave.
        universe: what the view's measures and axes are names of.
        path: where the document stands in a larger one; put before the path of each fault.
        own: whether the views that pages alone are declared with are read too.

    Raises:
        FaultyView: the document has faults; all of them are listed.
    """
    drawing, faults = read(document, universe, path, own=own)
    if drawing is None or faults:
        raise FaultyView(faults)
    return drawing


def read(
    document: object, universe: Universe, path: str = "", *, own: bool = False
) -> tuple[Drawing | None, list[Fault]]:
    """The view of a document and its faults (see :func:`decode`); None when no view can be made of it."""
    if not isinstance(document, Mapping):
        return None, [Fault(path, 'Une vue est un objet JSON : {"type": …}.')]
    version = document.get("version", VERSION)
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= VERSION:
        said = f"Version {version!r} inconnue : celles de 1 à {VERSION} se lisent."
        return None, [Fault(_at(path, "version"), said)]
    current: Mapping[str, Any] = document
    for step in range(version, VERSION):
        current = STEPS[step](current)
    kind, kinds = current.get("type"), {**GALLERY, **(OWN if own else {})}
    if not isinstance(kind, str) or kind not in kinds:
        return None, [_unknown(_at(path, "type"), "type de vue", kind, kinds)]
    return _made(kinds[kind], current, universe, path)


def _made(
    cls: type[Drawing], document: Mapping[str, Any], universe: Universe, path: str
) -> tuple[Drawing | None, list[Fault]]:
    known = {each.metadata["json"]: each for each in fields(cls)}
    faults = [
        _unknown(_at(path, str(name)), f"champ de « {cls.type} »", name, known)
        for name in document
        if name not in known and name not in ("version", "type")
    ]
    hints, values = get_type_hints(cls), {}
    for name, each in known.items():
        where = _at(path, name)
        if name not in document:
            if each.default is MISSING:
                faults.append(Fault(where, f"Champ obligatoire d’une vue « {cls.type} »."))
            continue
        try:
            values[each.name] = _value(document[name], hints[each.name], where)
        except _WrongType as wrong:
            faults.append(Fault(wrong.path, str(wrong)))
            continue
        faults += _names(values[each.name], each.metadata["of"], universe, where)
        if (among := each.metadata["among"]) is not None:
            faults += _captured(values[each.name], among, where)
        elif hints[each.name] == tuple[Column, ...]:
            texts = tuple(f"{column.name} {column.label} {column.help}" for column in values[each.name])
            faults += _captured(texts, WORDS, where)
        if each.default is MISSING and values[each.name] in ("", ()):
            faults.append(Fault(where, "Ce champ ne peut pas être vide."))
    return (None, faults) if faults else (cls(**values), [])


class _WrongType(Exception):
    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path


_WORDS = {str: "un texte", int: "un nombre entier", bool: "vrai ou faux", Option: "une option"}


def _value(value: Any, hint: Any, path: str) -> Any:
    """A value of JSON in the type of its field.

    Raises:
        _WrongType: it is of another type.
    """
    origin = get_origin(hint)
    if origin is tuple:
        if not isinstance(value, list):
            raise _WrongType(path, "Une liste est attendue.")
        inner = get_args(hint)[0]
        return tuple(_value(one, inner, f"{path}[{rank}]") for rank, one in enumerate(value))
    if origin in (Union, UnionType):
        inner = next(one for one in get_args(hint) if (one is Option) == isinstance(value, Mapping))
        return _value(value, inner, path)
    if hint is Option:
        return _option(value, path)
    if hint is Column:
        return _column(value, path)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise _WrongType(path, f"{_WORDS[hint].capitalize()} est attendu.")
    return value


def _option(value: Any, path: str) -> Option:
    if not isinstance(value, Mapping) or set(value) != set(_OPTION):
        raise _WrongType(path, f"Une option a les champs {', '.join(_OPTION)}.")
    found, words = {name: value[name] for name in ("option", "libelle")}, value["valeurs"]
    if not all(isinstance(one, str) and one for one in found.values()):
        raise _WrongType(path, "Le nom et le libellé d’une option sont des textes.")
    if not isinstance(words, Mapping) or not words or not all(isinstance(w, str) for w in words.values()):
        raise _WrongType(
            _at(path, "valeurs"), 'Les valeurs d’une option sont des textes : {"valeur": "Libellé"}.'
        )
    return Option(found["option"], found["libelle"], dict(words))


def _column(value: Any, path: str) -> Column:
    if not isinstance(value, Mapping) or not {"colonne", "libelle"} <= set(value) <= set(_COLUMN):
        raise _WrongType(
            path, f"Une colonne a les champs {', '.join(_COLUMN)} ; les deux premiers sont demandés."
        )
    hints, made = get_type_hints(Column), {}
    for name, found in value.items():
        if name == "format":
            if found not in set(Format):
                raise _WrongType(_at(path, name), f"Un format est l’un de {', '.join(Format)}.")
            found = Format(found)
        elif name != "largeur" and type(found) is not hints[_COLUMN[name]]:
            raise _WrongType(_at(path, name), f"{_WORDS[hints[_COLUMN[name]]].capitalize()} est attendu.")
        made[_COLUMN[name]] = found
    return Column(**made)


def _names(value: Any, of: str, universe: Universe, path: str) -> list[Fault]:
    """The names of a field that the universe does not know."""
    if of not in (MEASURE, AXIS):
        return []
    if isinstance(value, tuple):
        return [f for rank, one in enumerate(value) for f in _names(one, of, universe, f"{path}[{rank}]")]
    if isinstance(value, Option):
        return [f for one in value.values for f in _names(one, of, universe, f"{path}.valeurs.{one}")]
    if not value:
        return []
    try:
        universe.measure(value) if of == MEASURE else universe.axis(value)
    except UnknownName as error:
        return [Fault(path, str(error))]
    return []


def _captured(value: Any, among: Named, path: str) -> list[Fault]:
    """The names of a field that no application captured; of a text, those between its braces."""
    if isinstance(value, tuple):
        return [f for rank, one in enumerate(value) for f in _captured(one, among, f"{path}[{rank}]")]
    wanted = placeholders(value) if among is WORDS else [value] if value else []
    return [_unknown(path, among.kind, name, among) for name in wanted if name not in among]


def _unknown(path: str, kind: str, name: object, known: Mapping[str, Any]) -> Fault:
    return Fault(path, str(UnknownName(kind, str(name), known)))


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def schema() -> dict[str, Any]:
    """The JSON Schema of a view: one form a type (names of measures and axes are checked against a universe)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Vue",
        "oneOf": [_form(cls) for _, cls in sorted(GALLERY.items())],
    }


def _form(cls: type[Drawing]) -> dict[str, Any]:
    hints = get_type_hints(cls)
    members = {
        each.metadata["json"]: {**_shape(hints[each.name]), "x-noms": each.metadata["of"]}
        if each.metadata["of"]
        else _shape(hints[each.name])
        for each in fields(cls)
    }
    return {
        "type": "object",
        "title": cls.type,
        "description": (cls.__doc__ or "").strip().partition("\n")[0],
        "properties": {"version": {"const": VERSION}, "type": {"const": cls.type}, **members},
        "required": ["type", *(each.metadata["json"] for each in fields(cls) if each.default is MISSING)],
        "additionalProperties": False,
    }


def _shape(hint: Any) -> dict[str, Any]:
    origin = get_origin(hint)
    if origin is tuple:
        return {"type": "array", "items": _shape(get_args(hint)[0])}
    if origin in (Union, UnionType):
        return {"oneOf": [_shape(one) for one in get_args(hint)]}
    if hint is Option:
        words = {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}
        return {
            "type": "object",
            "properties": {"option": {"type": "string"}, "libelle": {"type": "string"}, "valeurs": words},
            "required": list(_OPTION),
            "additionalProperties": False,
        }
    return {"type": {str: "string", int: "integer", bool: "boolean"}[hint]}
