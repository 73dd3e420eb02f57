"""Lambert-93, for the ``x`` and ``y`` columns of the demo files."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def lambert93(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Project WGS84 degrees to Lambert-93 metres (RGF93 and WGS84 differ by less than the demo's precision).

    Source of the formula and constants: IGN, « Projection cartographique conique conforme de Lambert »,
        NT/G 71
    (algorithms ALG0001 and ALG0003) and the published parameters of Lambert-93 (GRS80, standard parallels
    44° and 49°).

    Returns:
        x and y, metres.
    """
    e = 0.0818191910428158
    n, c, x_s, y_s = 0.7256077650532670, 11754255.4261, 700_000.0, 12655612.0499
    phi = np.radians(latitude)
    isometric = np.log(np.tan(np.pi / 4 + phi / 2)) - e * np.arctanh(e * np.sin(phi))
    radius = c * np.exp(-n * isometric)
    gamma = n * np.radians(longitude - 3.0)
    return x_s + radius * np.sin(gamma), y_s - radius * np.cos(gamma)
