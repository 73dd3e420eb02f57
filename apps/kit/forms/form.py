"""What a form is: fields, sections, checks, actions. A frozen value: it can be compared, listed and tested.

The checks are the store's own functions: they give a value as it is kept, or refuse it in French. A form has no rule
of its own about one field; what several fields say together is :attr:`Form.check`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from apps.kit.access.access import Admitted, Audience

Values = Mapping[str, Any]
"""Field -> value."""
Options = Mapping[Any, str]
"""Value -> what the reader sees. Values are numbers or texts: a draft writes them in JSON."""


class Kind(StrEnum):
    """What is typed in a field, and the Python type of its value."""

    TEXT = "text"
    """``str``, one line."""
    LONG = "long"
    """``str``, several lines."""
    EMAIL = "email"
    """``str``, one line."""
    CODE = "code"
    """``str``, one line, that works once: never in a draft."""
    PASSWORD = "password"
    """``str``, as typed: never in a draft."""
    CHOICE = "choice"
    """One of the options; None for none."""
    RADIO = "radio"
    """One of the options, all in sight; None for none."""
    SEVERAL = "several"
    """``list`` of options."""
    DATE = "date"
    """``date``; None for none."""
    NUMBER = "number"
    """``float`` or ``int``; None for none."""
    BOOLEAN = "boolean"
    """``bool``."""
    FILE = "file"
    """:class:`Attached`; None for none. Never in a draft."""


UNKEPT = frozenset({Kind.PASSWORD, Kind.CODE, Kind.FILE})
"""Kinds that no draft holds."""


@dataclass(frozen=True)
class Attached:
    """A file that was given.

    Attributes:
        name: its name, as its owner called it: never a path.
        content: its bytes.
    """

    name: str
    content: bytes


@dataclass(frozen=True)
class Field:
    """One field.

    Attributes:
        name: its name, the store's own.
        label: what the reader reads above it.
        kind: what is typed in it.
        check: gives the value as it is kept, or raises a ``LakeError`` that says in French why not: a function of
            the store's. None for what needs no rule.
        required: whether it must be filled; a boolean never has to be ticked.
        help: a sentence that explains it, behind a question mark.
        note: a sentence under it, always in sight.
        options: what may be chosen, or a function that says it when the form is drawn.
        most: characters of a text, choices of a list; 0 for the kind's own limit. A file has 2 MB at most.
        since: first day of a date.
        until: last day of a date.
        least: least number.
        top: greatest number.
        types: extensions that a file may have (``csv``); a file field names at least one.
        empty: what stands in the field while nothing is chosen.
        autocomplete: what the browser may fill it with (HTML's own names).
        width: pixels; as wide as the form by default.
        locked: it is shown and cannot be changed.
        shown: whether it is asked, from the values of the others; what is not asked is neither checked nor sent.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    check: Callable[[Any], Any] | None = None
    required: bool = True
    help: str = ""
    note: str = ""
    options: Options | Callable[[], Options] = field(default_factory=dict, hash=False)
    most: int = 0
    since: date | None = None
    until: date | None = None
    least: float | None = None
    top: float | None = None
    types: tuple[str, ...] = ()
    empty: str = "Choisir…"
    autocomplete: str = ""
    width: int | None = None
    locked: bool = False
    shown: Callable[[Values], bool] | None = None

    def __post_init__(self) -> None:
        if self.kind is Kind.FILE and not self.types:
            raise ValueError(f"Field {self.name}: a file field says which extensions it takes.")

    def offered(self) -> Options:
        """What may be chosen in it now."""
        return self.options() if callable(self.options) else self.options


def choice(name: str, label: str, options: Options | Callable[[], Options], **more: Any) -> Field:
    """A field where one option is chosen; see :class:`Field`."""
    return Field(name, label, Kind.CHOICE, options=options, **more)


def several(name: str, label: str, options: Options | Callable[[], Options], **more: Any) -> Field:
    """A field where any number of options are chosen, none by default; see :class:`Field`."""
    return Field(name, label, Kind.SEVERAL, options=options, **{"required": False, **more})


@dataclass(frozen=True)
class Section:
    """Fields that go together.

    Attributes:
        fields: they, in order.
        title: heading; empty for none.
        note: a sentence under the heading.
        shown: whether the section is asked, from the values of the other fields.
        beside: its fields stand side by side where there is room.
    """

    fields: tuple[Field, ...]
    title: str = ""
    note: str = ""
    shown: Callable[[Values], bool] | None = None
    beside: bool = False


@dataclass(frozen=True)
class Action:
    """A way to send a form.

    Attributes:
        name: its name.
        label: what its button says.
        checked: whether the fields are checked first (a refusal of a request needs no field).
        main: whether its button is the main one.
    """

    name: str
    label: str
    checked: bool = True
    main: bool = True


SAVE = Action("enregistrer", "Enregistrer")


@dataclass(frozen=True)
class Form:
    """A form.

    Attributes:
        name: its name; with what it is about (see ``drawing.draw``) it names its drafts and its widgets.
        parts: fields and sections, in order.
        actions: its buttons.
        check: what several fields say together: raises ``Refused`` (which names a field) or another ``LakeError``.
        audience: who may send it; asked again when it is sent.
        draft: what is typed is kept field by field and outlives the page; only for readers who are signed in.
        note: a sentence above the buttons.
        enter: whether the Enter key sends it, where nothing has to be kept or asked meanwhile.
        border: whether it stands in a frame.
        width: pixels; as wide as the page by default.
    """

    name: str
    parts: tuple[Field | Section, ...]
    actions: tuple[Action, ...] = (SAVE,)
    check: Callable[[Values], object] | None = None
    audience: Admitted = field(default=Audience.EVERYONE)
    draft: bool = False
    note: str = ""
    enter: bool = True
    border: bool = True
    width: int | None = None

    def __post_init__(self) -> None:
        names = [one.name for one in self.fields()]
        if len(set(names)) < len(names):
            raise ValueError(f"Form {self.name}: two fields bear one name.")

    def sections(self) -> Iterator[Section]:
        """Its sections; a field that stands alone makes one of its own."""
        for part in self.parts:
            yield part if isinstance(part, Section) else Section((part,))

    def fields(self) -> list[Field]:
        """All its fields, shown or not, in order."""
        return [one for section in self.sections() for one in section.fields]

    def asked(self, values: Values) -> list[Field]:
        """The fields that are asked, given these values."""
        return [
            one
            for section in self.sections()
            if section.shown is None or section.shown(values)
            for one in section.fields
            if one.shown is None or one.shown(values)
        ]

    @property
    def live(self) -> bool:
        """Whether each field is told to the server as it is left: to keep it, or because others depend on it."""
        conditions = any(
            section.shown is not None or any(one.shown is not None for one in section.fields)
            for section in self.sections()
        )
        return self.draft or conditions
