"""Settings of the suite: the only reader of the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lake.errors import LakeError

GEOCODEURS = ("ban", "geoplateforme", "aucun")
GEOPLATEFORME_URL = "https://data.geopf.fr/geocodage"


@dataclass(frozen=True)
class Settings:
    """What an operator may set.

    Attributes:
        lake: folder, or ``s3://bucket/prefix`` (``OBS_LAKE``).
        store: SQLAlchemy URL of what users type in (``OBS_STORE``).
        region: INSEE region code that ingestions keep, or ``france`` (``OBS_REGION``).
        geocodeur: ``ban``, ``geoplateforme`` or ``aucun`` (``OBS_GEOCODEUR``).
        geoplateforme_url: base address of the Géoplateforme's geocoder (``OBS_GEOPLATEFORME_URL``).
        demo: the lake holds demonstration data and pages say so (``OBS_DEMO``).
        s3: options of the S3 endpoint read from the usual ``AWS_*`` variables; never shown in ``repr``.
    """

    lake: str = "./data/lake"
    store: str = "sqlite:///data/store.db"
    region: str = "44"
    geocodeur: str = "ban"
    geoplateforme_url: str = GEOPLATEFORME_URL
    demo: bool = False
    s3: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.geocodeur not in GEOCODEURS:
            raise LakeError(
                f"OBS_GEOCODEUR vaut « {self.geocodeur} », qui n'est pas un géocodeur connu.",
                conseil=f"Valeurs possibles : {', '.join(GEOCODEURS)}.",
            )
        if self.region != "france" and not re.fullmatch(r"[0-9]{2,3}", self.region):
            raise LakeError(
                f"OBS_REGION vaut « {self.region} », qui n'est pas un code de région.",
                conseil="Donnez un code INSEE (44 pour le Grand Est) ou « france ».",
            )
        if "://" in self.lake and not re.fullmatch(r"s3://[^/]+(/.*)?", self.lake):
            raise LakeError(
                f"OBS_LAKE vaut « {self.lake} », qui n'est ni un dossier ni une adresse s3://.",
                conseil="Exemple : OBS_LAKE=./data/lake ou OBS_LAKE=s3://mon-bucket/observatoire.",
            )

    @property
    def on_s3(self) -> bool:
        """Whether the lake rests on an S3 endpoint."""
        return self.lake.startswith("s3://")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from the environment; what is not set keeps its default.

        Raises:
            LakeError: a value cannot be understood; the message names the variable.
        """
        env = os.environ if environ is None else environ
        wanted = {
            "lake": "OBS_LAKE",
            "store": "OBS_STORE",
            "region": "OBS_REGION",
            "geocodeur": "OBS_GEOCODEUR",
            "geoplateforme_url": "OBS_GEOPLATEFORME_URL",
        }
        given = {name: env[variable] for name, variable in wanted.items() if env.get(variable)}
        aws = {key: value for key, value in env.items() if key.startswith("AWS_") and value}
        return cls(**given, demo=env.get("OBS_DEMO", "") in {"1", "true", "oui"}, s3=aws)
