"""How far this server can be reached: what is harmless on one's own machine is not on a network."""

from __future__ import annotations

from ipaddress import ip_address

from streamlit import config

from lake.errors import LakeError
from lake.settings import Settings


def is_loopback(host: str) -> bool:
    """Whether a host name or address only leads to this machine."""
    name = host.strip().lower().strip("[]")
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def beyond_this_machine() -> bool:
    """Whether others can reach the server: it listens wider than loopback, or answers to a public name.

    A server behind a proxy listens on loopback, but its ``server.allowedHosts`` names the proxy's address.
    """
    listens = str(config.get_option("server.address") or "")
    names = [str(name) for name in config.get_option("server.allowedHosts") or []]
    return not is_loopback(listens) or not all(is_loopback(name.rsplit(":", 1)[0]) for name in names)


def check() -> None:
    """Refuse to serve everything to everyone beyond this machine, unless the operator says so twice.

    Raises:
        LakeError: ``OBS_ACCES=ouvert`` on a server that others reach, without its confirmation.
    """
    settings = Settings.from_env()
    if settings.acces == "ouvert" and not settings.acces_confirme and beyond_this_machine():
        raise LakeError(
            "OBS_ACCES=ouvert montre toutes les données à quiconque atteint ce serveur, et il écoute au-delà de "
            "cette machine.",
            conseil="Retirez OBS_ACCES, ou confirmez par OBS_ACCES_OUVERT_CONFIRME=1 sur un réseau fermé.",
        )
