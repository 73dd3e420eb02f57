"""What a question says besides axes and dates: the horizon of a projection, the scope of the services counted.

A parameter changes how figures are made, not which rows are kept: it stands in the selection beside the filters, in
the address under its own name, and what is not said takes the universe's default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lake.errors import LakeError, UnknownName


@dataclass(frozen=True, eq=False)
class Parameter:
    """One setting of a universe's questions.

    Attributes:
        name: name in the address, on the command line and in :attr:`Selection.parameters`; no axis bears it.
        label: French heading ("Horizon").
        default: the value when nothing is said; the empty text where saying nothing is a value of its own.
        values: the values allowed, with their French words; the default among them unless it is the empty text.
        pattern: form of the other values allowed (a full match); none when empty.
        form: the pattern in French words, for whoever wrote another ("AAAA-Tn, par exemple 2022-T4").
        words: a value in French; those of :attr:`values` by default.
    """

    name: str
    label: str
    default: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    pattern: str = ""
    form: str = ""
    words: Callable[[str], str] | None = None

    def check(self, value: str) -> str:
        """The value, once known to be one of this parameter.

        Raises:
            UnknownName: it is not one of the values listed.
            LakeError: it has not the form asked.
        """
        if value == self.default or value in self.values:
            return value
        if not self.pattern:
            raise UnknownName(self.label.lower(), value, self.values)
        if re.fullmatch(self.pattern, value) is None:
            listed = "".join(f" ou {known}" for known in self.values if known)
            raise LakeError(
                f"{self.label} illisible\u202f: « {value} ».", conseil=f"Écrivez {self.form}{listed}."
            )
        return value

    def word(self, value: str) -> str:
        """A value in the reader's words."""
        if value in self.values or self.words is None:
            return self.values.get(value, value)
        return self.words(value)
