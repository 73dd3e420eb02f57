"""The identifiers of persons: what is broken, checked on every line of the file.

An RPPS number (type 8) has eleven digits; an ADELI number (type 0) has nine digits or capitals (Corsica: 2A,
2B); the other types of the national identifier have up to sixteen. The national identifier is the type
followed by the number. Source: ANS, Référentiel d'identification des acteurs sanitaires et médico-sociaux.
"""

from __future__ import annotations

import re

import numpy as np

from ingest.files.lines import Bools, Lines, all_digits

TYPE, NUMBER, NATIONAL = "type_identifiant_pp", "identifiant_pp", "identification_nationale_pp"

_SHAPES = {"8": re.compile(r"[0-9]{11}"), "0": re.compile(r"[0-9A-Z]{9}")}
_OTHER = re.compile(r"[0-9A-Z]{1,16}")


def defect(kind: str, number: str, national: str) -> str | None:
    """What is wrong with the identifiers of one line, in French, or None when nothing is.

    Args:
        kind: type of the identifier, one digit.
        number: identifier within its register.
        national: national identifier.
    """
    if not kind:
        return "type d'identifiant absent"
    if not re.fullmatch(r"[0-9]", kind):
        return "type d'identifiant inconnu"
    if not number:
        return "identifiant de la personne absent"
    if not _SHAPES.get(kind, _OTHER).fullmatch(number):
        return "identifiant de la personne de forme inattendue"
    if not national:
        return "identifiant national absent"
    if national != kind + number:
        return "identifiant national différent du type suivi de l'identifiant"
    return None


def defects(lines: Lines) -> list[tuple[str, Bools]]:
    """The defects of a block: (French reason, lines that have it), each over the lines left by those before.

    Lines whose number is made of digits, nearly all, are cleared eight bytes at a time; :func:`defect` judges
    the others.
    """
    kind, number, length = lines.word(TYPE), lines.word(NUMBER), lines.lengths(NUMBER)
    rest = lines.word(NUMBER, 8)
    rpps, adeli = kind == ord("8"), kind == ord("0")
    fits = (lines.lengths(TYPE) == 1) & ((rpps & (length == 11)) | (adeli & (length == 9)))
    digits = all_digits(number, length) & all_digits(rest, length - 8)
    same = (
        (lines.lengths(NATIONAL) == length + 1)
        & ((lines.word(NATIONAL) & np.uint64(0xFF)) == kind)
        & (lines.word(NATIONAL, 1) == number)
        & (lines.word(NATIONAL, 9) == rest)
    )
    doubtful = np.flatnonzero(~(fits & digits & same))
    if not len(doubtful):
        return []
    reasons: dict[str, list[int]] = {}
    for line in doubtful.tolist():
        reason = defect(*(lines.text(name, line) for name in (TYPE, NUMBER, NATIONAL)))
        if reason is not None:
            reasons.setdefault(reason, []).append(line)
    left = np.ones(lines.height, bool)
    successive = []
    for reason, broken in reasons.items():
        mask = np.zeros(lines.height, bool)
        mask[broken] = True
        successive.append((reason, mask[left]))
        left &= ~mask
    return successive
