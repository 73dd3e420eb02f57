"""How far this server can be reached: what is harmless on one's own machine is not on a network."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

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

    A server behind a proxy listens on loopback, but its ``server.allowedHosts`` or its ``OBS_URL`` names the proxy's
    address.
    """
    listens = str(config.get_option("server.address") or "")
    names = [_host(str(name)) for name in config.get_option("server.allowedHosts") or []]
    names.append(urlsplit(Settings.from_env().url).hostname or "")
    return not is_loopback(listens) or not all(is_loopback(name) for name in names)


def _host(name: str) -> str:
    """A name without its port: ``localhost:8501``, ``[::1]:8501``, ``::1``."""
    if name.startswith("["):
        return name.partition("]")[0]
    return name.partition(":")[0] if name.count(":") == 1 else name


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
