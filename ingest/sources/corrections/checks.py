"""What makes a line of the correction file good, and in which words another is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lake.catalog.corrections import KINDS
from lake.geo import distance_km

REGION_KM = 15.0
"""A point farther than this from the centre of every commune of the region is outside it."""
COMMUNE_KM = 30.0
"""A point farther than this from the centre of its own commune is an error: none of the country is that wide."""
_YES, _NO = {"oui", "true", "1", "vrai"}, {"non", "false", "0", "faux"}
_SPREADSHEET = re.compile(r"^[0-9][.,]?[0-9]*E\+?[0-9]+$", re.IGNORECASE)

Point = tuple[float, float]


class Refused(Exception):
    """Why a line is refused, in French."""


@dataclass(frozen=True)
class Region:
    """The communes that are kept, by their centres.

    Attributes:
        centres: code of a commune -> (longitude, latitude), those of the region only.
        known: codes of all the communes in force.
        merged: old code -> code in force.
    """

    centres: Mapping[str, Point]
    known: frozenset[str]
    merged: Mapping[str, str]

    def holds(self, point: Point) -> bool:
        """Whether a point is near a commune of the region."""
        if not self.centres:
            return True  # communes without centre: nothing contradicts the point
        return bool(np.min(kilometres(point, np.array(list(self.centres.values())))) <= REGION_KM)

    def commune(self, code: str) -> str:
        """The commune in force of a code.

        Raises:
            Refused: it is unknown, or not of the region.
        """
        bare = code.strip().upper().rjust(5, "0")
        current = self.merged.get(bare, bare)
        if current not in self.known:
            raise Refused(f"commune inconnue ({code})")
        if self.centres and current not in self.centres:
            raise Refused(f"commune hors de la région ({code})")
        return current


def kilometres(point: Point, others: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Distances from a point to others (rows of longitude, latitude), in km."""
    return distance_km(*point, others[:, 0], others[:, 1])


def site(identifier: str | None) -> str:
    """The site of an identifier: ``R10001`` -> ``structure:R10001``; ``siret:…`` stays.

    Raises:
        Refused: there is none, or a spreadsheet turned it into a number.
    """
    if not identifier:
        raise Refused("identifiant de structure absent")
    if _SPREADSHEET.match(identifier):
        raise Refused(
            f"identifiant transformé en nombre par un tableur ({identifier}) : gardez la colonne en texte"
        )
    kind, colon, _ = identifier.partition(":")
    return identifier if colon and kind in KINDS else f"structure:{identifier}"


@dataclass(frozen=True)
class Home:
    """One address of a site in the newest extraction that has it.

    Attributes:
        adresse: as :func:`lake.catalog.corrections.site_address` writes it.
        code_commune: its commune in force, where it is known.
        trouvee: whether the register's own address is found, by its number.
    """

    adresse: str
    code_commune: str | None
    trouvee: bool


def which(homes: Sequence[Home], told: str, commune: str | None) -> Home:
    """The address that a line is about: the one it tells, else the only one that it may mean.

    An identifier may be shared by several places: of these, those of the commune that the line gives, then those
    that are not found, for nobody corrects what is right.

    Raises:
        Refused: none is so, or several are.
    """
    if told:
        for home in homes:
            if home.adresse == told:
                return home
        raise Refused(f"adresse_registre inconnue pour ce site ({told})")
    if len(homes) == 1:
        return homes[0]
    here = [home for home in homes if commune is None or home.code_commune in (commune, None)]
    lost = [home for home in here if not home.trouvee]
    for choice in (here, lost):
        if len(choice) == 1:
            return choice[0]
    raise Refused(f"{len(homes)} adresses portent cet identifiant : donnez adresse_registre")


def withdrawn(text: str | None) -> bool:
    """Whether the line withdraws a correction.

    Raises:
        Refused: the word is neither yes nor no.
    """
    word = (text or "non").casefold()
    if word not in _YES | _NO:
        raise Refused(f"retirer : « {text} » n'est ni oui, ni non")
    return word in _YES


def point(longitude: str | None, latitude: str | None, region: Region, commune: str | None) -> Point:
    """The point of two coordinates, decimal point or comma.

    Args:
        longitude: as written.
        latitude: as written.
        region: what is kept.
        commune: the site's commune in force, when it is known.

    Raises:
        Refused: one is missing or no number; they are swapped, in metres, outside the region or far from the
            commune.
    """
    if not longitude or not latitude:
        raise Refused(
            f"{'latitude' if longitude else 'longitude'} absente : les deux coordonnées vont ensemble"
        )
    x, y = _number(longitude), _number(latitude)
    said = f"longitude {longitude}, latitude {latitude}"
    if x is None or y is None:
        raise Refused(f"coordonnées illisibles ({said})")
    if abs(x) > 180 or abs(y) > 180:
        raise Refused(
            f"coordonnées qui ne sont pas des degrés ({said}) : donnez longitude et latitude en degrés"
        )
    inside = abs(y) <= 90 and region.holds((x, y))
    if not inside and abs(x) <= 90 and region.holds((y, x)):
        raise Refused(f"longitude et latitude inversées ({said})")
    if not inside:
        raise Refused(f"coordonnées hors de la région ({said})")
    centre = region.centres.get(commune or "")
    if centre is not None:
        away = float(kilometres((x, y), np.array([centre]))[0])
        if away > COMMUNE_KM:
            raise Refused(f"point à {away:.0f} km du centre de la commune {commune} ({said})")
    return x, y


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(" ", "").replace(",", "."))
    except ValueError:
        return None
    return value if np.isfinite(value) else None
