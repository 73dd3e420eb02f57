"""One request to an editor: what may leave, what may come back, and how much of it."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from lake.errors import LakeError

OCTETS = 8 * 1024 * 1024
"""A thousand slots with their agendas take about one mebibyte."""
PAGES = 10
ACCEPTE = "application/fhir+json, application/json+fhir;q=0.9, application/json;q=0.8"
_JSON = ("application/fhir+json", "application/json+fhir", "application/json")


class Panne(Exception):
    """An editor did not answer as it should."""

    def __init__(self, raison: str, attendre: float | None = None) -> None:
        super().__init__(raison)
        self.raison, self.attendre = raison, attendre


@dataclass(frozen=True)
class Certificats:
    """Mutual TLS, by files.

    Attributes:
        certificat: our certificate (PEM); none for TLS of the server alone.
        cle: its key (PEM); in the same file when empty.
        autorite: the authority that signs editors' certificates (PEM); the system's when empty.
    """

    certificat: str = ""
    cle: str = ""
    autorite: str = ""

    def contexte(self) -> ssl.SSLContext:
        """The TLS context: 1.2 at least, the server's certificate and name checked.

        Raises:
            LakeError: a file cannot be read.
        """
        try:
            contexte = ssl.create_default_context(cafile=self.autorite or None)
            contexte.minimum_version = ssl.TLSVersion.TLSv1_2
            if self.certificat:
                contexte.load_cert_chain(self.certificat, self.cle or None)
        except (OSError, ssl.SSLError) as error:
            raise LakeError(
                f"Certificats illisibles : {error.strerror or error}.",
                conseil="Vérifiez OBS_SAS_CERTIFICAT, OBS_SAS_CLE et OBS_SAS_AUTORITE (fichiers PEM).",
            ) from error
        return contexte


def adresse_de_base(texte: str) -> str:
    """The base address of an editor's server, without a slash at its end.

    Raises:
        LakeError: it is not https, unless it is this very machine.
    """
    try:
        parties = urlsplit(texte.strip())
        _port = parties.port
    except ValueError:
        parties = urlsplit("")
    ici = parties.hostname in ("127.0.0.1", "localhost", "::1")
    if not parties.hostname or parties.scheme not in ("https", "http") or "@" in parties.netloc:
        raise LakeError(
            f"« {texte} » n'est pas l'adresse d'un serveur FHIR.",
            conseil="Exemple : https://agenda.exemple.fr/fhir.",
        )
    if parties.scheme == "http" and not ici:
        raise LakeError(
            f"« {texte} » n'est pas chiffrée : rien n'est demandé en clair.",
            conseil="Donnez l'adresse https.",
        )
    return texte.strip().rstrip("/")


class _SansReponse(Exception):
    """The connection was closed before anything was answered."""


async def _corps(
    client: httpx.AsyncClient, adresse: str, demande: httpx.QueryParams | None, entetes: dict[str, str]
) -> bytes:
    """The body of an answer.

    Raises:
        _SansReponse: the connection was closed before the answer began.
        Panne: a status that is no answer, or a body that is too large.
        httpx.HTTPError: the connection failed otherwise.
    """
    commencee = False
    try:
        async with client.stream("GET", adresse, params=demande, headers=entetes) as reponse:
            commencee = True
            _etat(reponse)
            morceaux, taille = [], 0
            async for morceau in reponse.aiter_bytes():
                taille += len(morceau)
                if taille > OCTETS:
                    raise Panne("trop_gros")
                morceaux.append(morceau)
            return b"".join(morceaux)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
        if commencee:
            raise
        raise _SansReponse from error


async def bundle(
    client: httpx.AsyncClient, adresse: str, params: list[tuple[str, str]] | None, jeton: str = ""
) -> dict[str, Any]:
    """One page of an answer.

    Raises:
        Panne: anything but a ``Bundle`` that can be read whole.
    """
    entetes = {"accept": ACCEPTE, "accept-encoding": "identity"}
    if jeton:
        entetes["authorization"] = f"Bearer {jeton}"
    try:
        demande = None if params is None else httpx.QueryParams([(nom, valeur) for nom, valeur in params])
        try:
            corps = await _corps(client, adresse, demande, entetes)
        except (
            _SansReponse
        ):  # a kept connection that the server had closed: reading again changes nothing there
            corps = await _corps(client, adresse, demande, entetes)
    except httpx.ConnectError as error:
        raise Panne(
            "tls" if isinstance(error.__context__, ssl.SSLError) or "SSL" in str(error) else "connexion"
        ) from error
    except httpx.TimeoutException as error:
        raise Panne("delai") from error
    except (httpx.HTTPError, httpx.InvalidURL, _SansReponse) as error:
        raise Panne("connexion") from error
    try:
        document = json.loads(corps.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # a UnicodeDecodeError is a ValueError
        raise Panne("illisible") from error
    if not isinstance(document, dict) or document.get("resourceType") != "Bundle":
        raise Panne("pas_un_bundle")
    if not isinstance(document.get("entry", []), list) or document.get("type", "searchset") != "searchset":
        raise Panne("pas_un_bundle")
    return document


def suivante(document: dict[str, Any], base: str) -> str | None:
    """The address of the next page, None at the last.

    Raises:
        Panne: it leads to another server.
    """
    liens = document.get("link")
    for lien in liens if isinstance(liens, list) else []:
        if isinstance(lien, dict) and lien.get("relation") == "next" and isinstance(lien.get("url"), str):
            adresse: str = urljoin(f"{base}/", lien["url"])
            try:
                ailleurs = _serveur(adresse) != _serveur(base)
            except ValueError as error:
                raise Panne("suite_ailleurs") from error
            if ailleurs:
                raise Panne("suite_ailleurs")
            return adresse
    return None


def _serveur(adresse: str) -> tuple[str, str | None, int | None]:
    parties = urlsplit(adresse)
    return parties.scheme, parties.hostname, parties.port or {"https": 443, "http": 80}.get(parties.scheme)


def _etat(reponse: httpx.Response) -> None:
    if reponse.status_code in (429, 503):
        # A number of seconds only: an HTTP date would trust the editor's clock.
        texte = reponse.headers.get("retry-after", "").strip()
        raise Panne(
            f"http_{reponse.status_code}", float(texte) if texte.isdecimal() and len(texte) < 6 else None
        )
    if reponse.is_redirect:
        raise Panne("redirection")
    if reponse.status_code != 200:
        raise Panne(f"http_{reponse.status_code}")
    genre = reponse.headers.get("content-type", "").partition(";")[0].strip().lower()
    if genre and genre not in _JSON:
        raise Panne("pas_du_json")
    if reponse.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise Panne("compresse")
    longueur = reponse.headers.get("content-length", "")
    if longueur.isdecimal() and int(longueur[:20]) > OCTETS:
        raise Panne("trop_gros")
