"""OpenID Connect providers: which are configured, and what a provider says of who arrives.

``st.login`` does the protocol. Its own cookie lasts thirty days and outlives a sign-out: it is only read here once,
to open a session of ours, and taken away by the answer that sets ours. The identity it carries works once (its
fingerprint is kept with the session), so a copy of that cookie opens nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAuthError, StreamlitSecretNotFoundError

from lake.settings import Settings

SHARED = {"redirect_uri", "cookie_secret", "expose_tokens"}
_DEFAULT = {"client_id", "client_secret", "server_metadata_url", "client_kwargs"}
KNOWN = {
    "prosanteconnect": "Pro Santé Connect",
    "industriel": "Compte industriel",
}


@dataclass(frozen=True)
class Provider:
    """An identity provider.

    Attributes:
        name: its section of the secrets (``[auth.<name>]``), as ``st.login`` wants it.
        label: what the button says.
        door: the door it opens (``industriels``, ``autres``); empty for both.
    """

    name: str
    label: str
    door: str = ""


@dataclass(frozen=True)
class Identity:
    """Who a provider says has arrived.

    Attributes:
        provider: name of the provider.
        issuer: who vouches (``iss``).
        subject: its identifier there (``sub``).
        email: e-mail address; empty unless the provider vouches for it.
        rpps: national identifier of the professional, where the provider gives it (Pro Santé Connect).
        key: fingerprint of this very sign-in: it is accepted once.
    """

    provider: str
    issuer: str
    subject: str
    email: str
    rpps: str
    key: str


def _section(name: str) -> Mapping[str, Any]:
    try:
        found = st.secrets.get(name, {})
    except (FileNotFoundError, StreamlitSecretNotFoundError):
        return {}
    return found if isinstance(found, Mapping) else {}


def providers(door: str = "") -> list[Provider]:
    """The providers configured in the secrets, in their order; none when that way in is closed.

    ``[auth.<name>]`` is Streamlit's own section; ``[portes.<name>]`` may add ``libelle`` and ``porte``.

    Args:
        door: only those that open this door.
    """
    if "oidc" not in Settings.from_env().portes:
        return []
    auth, doors = _section("auth"), _section("portes")
    names = [name for name, value in auth.items() if isinstance(value, Mapping) and name not in _DEFAULT]
    if "server_metadata_url" in auth:
        names.insert(0, "default")
    found = []
    for name in names:
        said = doors.get(name, {})
        label = str(said.get("libelle") or KNOWN.get(name) or name.capitalize())
        if name == "default" and not said.get("libelle"):
            label = "Fournisseur d’identité"
        found.append(Provider(name, label, str(said.get("porte", ""))))
    return [one for one in found if not door or not one.door or one.door == door]


def leave(provider: Provider) -> str:
    """Send the reader to a provider; returns what is wrong with its settings, empty when it left."""
    try:
        st.login(None if provider.name == "default" else provider.name)
    except StreamlitAuthError as error:
        return re.sub(r"\s+", " ", str(error))
    return ""


def arrived() -> Identity | None:
    """Who a provider has just vouched for in this browser; None for nobody."""
    if "oidc" not in Settings.from_env().portes:
        return None
    claims = dict(st.user.to_dict()) if hasattr(st.user, "to_dict") else {}
    name = str(claims.get("provider") or "")
    said = _section("portes").get(name, {})
    return identity(
        claims, trusted=bool(said.get("email_fiable")), proves_rpps=proves_rpps(claims, _metadata(name))
    )


def _metadata(name: str) -> str:
    """Where the operator said that a provider describes itself; empty when nothing is set."""
    auth = _section("auth")
    section = auth.get(name) if name and name != "default" else auth
    found = section.get("server_metadata_url") if isinstance(section, Mapping) else ""
    return str(found or "")


def proves_rpps(claims: Mapping[str, Any], metadata: str) -> bool:
    """Whether the RPPS number that claims tell is proven.

    RPPS numbers are public: one counts only in the word of the issuer that the operator trusts for it (Pro Santé
    Connect), through the provider whose description stands under that very issuer. Any provider may *write* that
    issuer in its tokens; it does not answer at its address.

    Args:
        claims: what the provider's token says.
        metadata: address of that provider's description, as the operator set it.
    """
    trusted = Settings.from_env().psc_emetteur.rstrip("/")
    issuer = str(claims.get("iss") or "").rstrip("/")
    return bool(trusted) and issuer == trusted and metadata.startswith(f"{trusted}/")


def identity(
    claims: Mapping[str, Any], *, trusted: bool = False, proves_rpps: bool = False
) -> Identity | None:
    """The identity that claims tell; None when nobody is signed in or when they are incomplete.

    Args:
        claims: what the provider's token says.
        trusted: the provider only gives addresses that it verified, without saying so.
        proves_rpps: the provider is the one that proves RPPS numbers; another's are ignored.
    """
    if claims.get("is_logged_in") is not True:
        return None
    issuer, subject = str(claims.get("iss") or ""), str(claims.get("sub") or "")
    if not issuer or not subject:
        return None
    email = str(claims.get("email") or "").strip().lower()
    if claims.get("email_verified") is not True and not trusted:
        email = ""  # anyone may claim an address that nobody verified
    # A professional is known as 8 followed by its eleven-figure RPPS number.
    national = str(claims.get("SubjectNameID") or claims.get("preferred_username") or "")
    rpps = national[1:] if proves_rpps and re.fullmatch(r"8[0-9]{11}", national) else ""
    parts = (issuer, subject, str(claims.get("nonce") or ""), str(claims.get("iat") or ""))
    key = hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()
    return Identity(str(claims.get("provider") or ""), issuer, subject, email, rpps, key)
