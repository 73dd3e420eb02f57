"""Certificates of the exchange with editors, from the settings."""

from __future__ import annotations

from lake.agendas.transport import Certificats
from lake.settings import Settings


def certificats(settings: Settings | None = None) -> Certificats:
    """Our certificate towards editors, and the authority of theirs (``OBS_SAS_CERTIFICAT`` and its like)."""
    found = settings or Settings.from_env()
    return Certificats(found.sas_certificat, found.sas_cle, found.sas_autorite)
