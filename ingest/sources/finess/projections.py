"""From projected metres to degrees: Lambert-93 and the UTM zones of the overseas départements.

RGF93 (and its overseas counterparts) and WGS84 differ by less than the coordinates' own precision.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_A, _F = 6_378_137.0, 1 / 298.257222101  # GRS80
_E2 = _F * (2 - _F)
_E = float(np.sqrt(_E2))

UTM: dict[str, tuple[int, bool]] = {
    "971": (20, True),
    "972": (20, True),
    "973": (22, True),
    "974": (40, False),
    "975": (21, True),
    "976": (38, False),
    "977": (20, True),
    "978": (20, True),
}
"""Legal projection overseas: zone, and whether it is in the northern hemisphere."""


def lambert93_to_degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude (degrees) of Lambert-93 coordinates (metres), in closed form.

    Source: IGN, « Projection cartographique conique conforme de Lambert », NT/G 71, algorithm ALG0004 and the
    parameters of Lambert-93; the latitude from the conformal latitude by J. P. Snyder, "Map Projections: A
    Working Manual", USGS Professional Paper 1395, 1987, equation 3-5 (series in e², under 0.1 mm).
    """
    n, c, x_s, y_s = 0.7256077650532670, 11_754_255.4261, 700_000.0, 12_655_612.0499
    east, south = x - x_s, y_s - y
    gamma = np.arctan2(east, south)
    isometric = -np.log(np.hypot(east, south) / c) / n
    return np.asarray(3.0 + np.degrees(gamma / n)), np.asarray(np.degrees(_geodetic(isometric)))


def _geodetic(isometric: Floats) -> Floats:
    """Geodetic latitude (radians) of an isometric latitude on the ellipsoid."""
    chi = 2 * np.arctan(np.exp(isometric)) - np.pi / 2
    e2, e4, e6, e8 = _E2, _E2**2, _E2**3, _E2**4
    return np.asarray(
        chi
        + (e2 / 2 + 5 * e4 / 24 + e6 / 12 + 13 * e8 / 360) * np.sin(2 * chi)
        + (7 * e4 / 48 + 29 * e6 / 240 + 811 * e8 / 11_520) * np.sin(4 * chi)
        + (7 * e6 / 120 + 81 * e8 / 1_120) * np.sin(6 * chi)
        + (4_279 * e8 / 161_280) * np.sin(8 * chi)
    )


def utm_to_degrees(x: Floats, y: Floats, zone: int, *, north: bool) -> tuple[Floats, Floats]:
    """Longitude and latitude (degrees) of UTM coordinates (metres).

    Source: L. Krüger's series to the third order of the flattening, as given by C. F. F. Karney, "Transverse
    Mercator with an accuracy of a few nanometers", Journal of Geodesy 85, 2011, equations 12, 15 and 36.
    """
    n = _F / (2 - _F)
    radius = _A / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    beta = (
        n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96,
        n**2 / 48 + n**3 / 15,
        17 * n**3 / 480,
    )
    scale = 0.9996
    xi = (y - (0.0 if north else 10_000_000.0)) / (scale * radius)
    eta = (x - 500_000.0) / (scale * radius)
    xi_, eta_ = xi.copy(), eta.copy()
    for order, b in enumerate(beta, start=1):
        xi_ = xi_ - b * np.sin(2 * order * xi) * np.cosh(2 * order * eta)
        eta_ = eta_ - b * np.cos(2 * order * xi) * np.sinh(2 * order * eta)
    conformal = np.arcsin(np.clip(np.sin(xi_) / np.cosh(eta_), -1.0, 1.0))
    longitude = np.arctan2(np.sinh(eta_), np.cos(xi_))
    isometric = np.arctanh(np.clip(np.sin(conformal), -1 + 1e-15, 1 - 1e-15))
    return np.asarray(6.0 * zone - 183.0 + np.degrees(longitude)), np.asarray(
        np.degrees(_geodetic(isometric))
    )
