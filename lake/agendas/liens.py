"""The booking page of an agenda, as its editor writes it: shown only when it is a plain https address."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

LONGUEUR = 2000
_SEULEMENT = re.compile(r"[!-~]+")  # neither spaces, control characters nor look-alike letters


def lien_sur(texte: object, *, origine: str = "", hotes: Collection[str] = ()) -> str | None:
    """A booking address with the platform's mark, or None when it may not be followed.

    Args:
        texte: what the editor sent.
        origine: value of the ``origin`` parameter that is set; none when empty.
        hotes: hosts that this editor declared; any when empty.
    """
    if not isinstance(texte, str) or len(texte) > LONGUEUR or not _SEULEMENT.fullmatch(texte.strip()):
        return None
    try:
        parties = urlsplit(texte.strip())
        _port = parties.port
    except ValueError:
        return None
    if parties.scheme.lower() != "https" or not parties.hostname or "@" in parties.netloc:
        return None
    if hotes and parties.hostname.lower() not in {hote.lower() for hote in hotes}:
        return None
    if not origine:
        return urlunsplit(parties)
    demande = [
        (nom, valeur) for nom, valeur in parse_qsl(parties.query, keep_blank_values=True) if nom != "origin"
    ]
    return urlunsplit(parties._replace(query=urlencode([*demande, ("origin", origine)])))
