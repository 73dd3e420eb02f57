"""Which department a line belongs to, and the fast test "is this line in the region?" over raw bytes.

The rule is written once, in :func:`departement_of`. The fast test builds its look-up tables by calling it for
every three-digit prefix, and hands it the rare lines that do not have one of the common shapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from ingest.files.lines import Bools, Indices, Lines, Words, all_digits

_COMMUNE = re.compile(r"^(2[AB]|[0-9]{2})[0-9]{3}$")
# "67000", "67 000", "F-67000", "67000STRASBOURG", "67000.0".
_POSTAL = re.compile(r"^(?:F|FR|FRANCE)?[ -]*([0-9]{2}) ?([0-9]{3})(?:\.0*|[ -]*[A-Z].*)?$")
_LOST_ZERO = re.compile(r"^[0-9]{4}$")
# Saint-Barthélemy and Saint-Martin are departments of their own here, though their post is sorted under 971.
_OWN_CODE = {"97133": "977", "97150": "978"}
_SHARED_PREFIXES = (971,)
_CEDEX_OVERSEAS = "970"
"""How CEDEX codes of Guadeloupe begin (97055 Basse-Terre); no department has this number."""
# Codes that both had as communes of Guadeloupe, which registers still write.
_FORMER_CODES = {"97123": "97701", "97127": "97801"}
# INSEE codes of foreign countries run from 991 (Europe) to 995 (Oceania); 99000 and 99100 mean France.
_FOREIGN_INSEE = re.compile(r"^99[1-5][0-9]{2}$")
_ISO = re.compile(r"^[A-Z]{2,3}$")
_FRENCH_CODES = frozenset(
    {"99000", "99100", "FR", "FRA"}
    | {"GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "WF", "PF", "NC", "TF"}
    | {"GLP", "MTQ", "GUF", "REU", "MYT", "SPM", "BLM", "MAF", "WLF", "PYF", "NCL", "ATF"}
)
_FRENCH_LABELS = re.compile(
    r"FRANCE|GUADELOUPE|MARTINIQUE|GUYANE|R[ÉE]UNION|MAYOTTE|MIQUELON|BARTH[ÉE]LEMY|SAINT[- ]MARTIN|"
    r"CAL[ÉE]DONIE|POLYN[ÉE]SIE|WALLIS"
)

_UPPER = np.uint64(0xDFDFDFDFDFDFDFDF)
_99000 = np.uint64(int.from_bytes(b"99000", "little"))
_FRANCE = np.uint64(int.from_bytes(b"FRANCE", "little"))
KEEP, LEAVE, ASK = np.uint8(1), np.uint8(0), np.uint8(2)


def is_abroad(code_pays: str, libelle_pays: str) -> bool:
    """Whether a country, by code (INSEE or ISO) or by label, is not France. Nothing known means France."""
    code = code_pays.strip().upper()
    if code in _FRENCH_CODES:
        return False
    if _FOREIGN_INSEE.match(code) or _ISO.match(code):
        return True
    label = libelle_pays.strip().upper()
    return bool(label) and not _FRENCH_LABELS.search(label)


def commune_code(code: str) -> str | None:
    """A commune code in its official form (upper case, lost zero restored), or None when it is not one."""
    bare = code.strip().upper()
    if _LOST_ZERO.match(bare):
        bare = f"0{bare}"
    return _FORMER_CODES.get(bare, bare) if _COMMUNE.match(bare) else None


def postal_code(code: str) -> str | None:
    """A French postal code on five digits (lost zero restored), or None when it is not one."""
    bare = code.strip().upper()
    if _LOST_ZERO.match(bare):
        return f"0{bare}"
    found = _POSTAL.match(bare)
    return found[1] + found[2] if found else None


def departement_of(
    code_commune: str, code_postal: str, code_pays: str, libelle_pays: str, known: frozenset[str]
) -> str | None:
    """The department of a line: from its commune code, else from its postal code, else None.

    A postal code says nothing of a line that is abroad (67000 is in Alsace and near Mannheim). CEDEX codes
    begin like the others. Corsica: 200 and 201 are 2A, the other 20 are 2B. Overseas: three digits.

    Args:
        code_commune: as delivered; may be empty.
        code_postal: as delivered; may be empty, a CEDEX code, foreign, or without its leading zero.
        code_pays: as delivered; may be empty.
        libelle_pays: as delivered; may be empty.
        known: codes of the existing departments; a prefix that is none of them says nothing.
    """
    commune = commune_code(code_commune)
    if commune is not None:
        code = commune[:3] if commune[:2] in {"97", "98"} else commune[:2]
        if code in known:
            return code
    postal = postal_code(code_postal)
    if postal is None or is_abroad(code_pays, libelle_pays):
        return None
    if postal in _OWN_CODE:
        code = _OWN_CODE[postal]
    elif postal[:3] == _CEDEX_OVERSEAS:
        code = "971"
    elif postal[:2] in {"97", "98"}:
        code = postal[:3]
    elif postal[:2] == "20":
        code = "2A" if postal[:3] in {"200", "201"} else "2B"
    else:
        code = postal[:2]
    return code if code in known else None


class RegionFilter:
    """Says which lines of Personne_activite are in the region. Safe to call from several threads.

    Args:
        wanted: codes of the departments to keep.
        known: codes of all departments.
    """

    def __init__(self, wanted: Iterable[str], known: Iterable[str]) -> None:
        self._wanted = frozenset(wanted)
        self._known = frozenset(known)
        self._answers: dict[tuple[str, str, str, str], bool] = {}
        prefixes = [f"{prefix:03d}" for prefix in range(1000)]
        # A commune prefix that is no department leaves the answer to the postal code: asked of the rule.
        self._by_commune = np.array(
            [self._decision(departement_of(f"{p}01", "", "", "", self._known), ASK) for p in prefixes]
        )
        self._by_postal = np.array(
            [self._decision(departement_of("", f"{p}00", "", "", self._known), LEAVE) for p in prefixes]
        )

        self._by_postal[list(_SHARED_PREFIXES)] = ASK
        self._by_commune[list(_SHARED_PREFIXES)] = ASK

    def _decision(self, code: str | None, unknown: np.uint8) -> np.uint8:
        if code is None:
            return unknown
        return KEEP if code in self._wanted else LEAVE

    def __call__(self, lines: Lines) -> Bools:
        """One boolean per sound line: in the region or not."""
        commune, commune_length = lines.word("code_commune_source"), lines.lengths("code_commune_source")
        postal, postal_length = lines.word("code_postal"), lines.lengths("code_postal")
        lost_zero = postal_length == 4
        postal = np.where(lost_zero, (postal << np.uint64(8)) | np.uint64(ord("0")), postal)
        postal_length = np.where(lost_zero, 5, postal_length)

        by_commune = (commune_length == 5) & all_digits(commune, commune_length)
        no_commune = commune_length == 0
        by_postal = (
            no_commune & (postal_length == 5) & all_digits(postal, postal_length) & self._domestic(lines)
        )
        decision = np.where(
            by_commune,
            self._by_commune[_prefix(commune)],
            np.where(
                by_postal,
                self._by_postal[_prefix(postal)],
                np.where(no_commune & (postal_length == 0), LEAVE, ASK),
            ),
        )
        keep: Bools = decision == KEEP
        for index in np.flatnonzero(decision == ASK).tolist():
            keep[index] = self._ask(lines, index)
        return keep

    @staticmethod
    def _domestic(lines: Lines) -> Bools:
        """Lines whose country is plainly France: code empty or 99000, label empty or FRANCE."""
        code, code_length = lines.word("code_pays"), lines.lengths("code_pays")
        label, label_length = lines.word("libelle_pays") & _UPPER, lines.lengths("libelle_pays")
        by_code = (code_length == 0) | ((code_length == 5) & (code == _99000))
        by_label = (label_length == 0) | ((label_length == 6) & (label == _FRANCE))
        plain: Bools = by_code & by_label
        return plain

    def _ask(self, lines: Lines, index: int) -> bool:
        key = (
            lines.text("code_commune_source", index),
            lines.text("code_postal", index),
            lines.text("code_pays", index),
            lines.text("libelle_pays", index),
        )
        answer = self._answers.get(key)
        if answer is None:
            answer = departement_of(*key, self._known) in self._wanted
            if len(self._answers) < 1_000_000:
                self._answers[key] = answer
        return answer


def _prefix(words: Words) -> Indices:
    """The number that the first three digits write (any number below 1000 where they are no digits)."""
    low = np.uint64(15)
    first, second, third = words & low, (words >> np.uint64(8)) & low, (words >> np.uint64(16)) & low
    value = first * np.uint64(100) + second * np.uint64(10) + third
    prefix: Indices = np.minimum(value, np.uint64(999)).astype(np.int64)
    return prefix
