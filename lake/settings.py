"""Settings of the suite: the only reader of the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from lake.errors import LakeError

GEOCODEURS = ("ban", "geoplateforme", "aucun")
GEOPLATEFORME_URL = "https://data.geopf.fr/geocodage"
ACCES = ("comptes", "ouvert")
ANNUAIRE = ("public", "reserve")
INSCRIPTION = ("validee", "libre")
PORTES = ("mot_de_passe", "oidc")
PSC = "https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet"
"""Issuer of Pro Santé Connect (production)."""
MENTIONS = (
    "organisme", "directeur_publication", "adresse", "contact", "dpo", "hebergeur",
    "rgaa_etat", "rgaa_taux", "rgaa_date", "rgaa_auditeur",
)  # fmt: skip
"""What the legal page and the accessibility statement say of the operator: ``OBS_MENTION_<NAME>``."""


@dataclass(frozen=True)
class Settings:
    """What an operator may set.

    Attributes:
        lake: folder, or ``s3://bucket/prefix`` (``OBS_LAKE``).
        store: SQLAlchemy URL of what users type in (``OBS_STORE``); it may hold a password: never shown in ``repr``.
        region: INSEE region code that ingestions keep, or ``france`` (``OBS_REGION``).
        geocodeur: ``ban``, ``geoplateforme`` or ``aucun`` (``OBS_GEOCODEUR``).
        geoplateforme_url: base address of the Géoplateforme's geocoder (``OBS_GEOPLATEFORME_URL``).
        demo: the lake holds demonstration data and pages say so (``OBS_DEMO``).
        acces: ``comptes`` (reserved pages ask for an account) or ``ouvert`` (everyone sees everything: a closed
            network, by the operator's choice) (``OBS_ACCES``).
        acces_confirme: the operator confirmed that an open server listens beyond this machine
            (``OBS_ACCES_OUVERT_CONFIRME``).
        annuaire: whether the directory is ``public`` or ``reserve`` (``OBS_ANNUAIRE``).
        inscription: ``validee`` (each request is decided by somebody) or ``libre`` (who only asks to consult the
            directory gets the profile *grand public* without validation) (``OBS_INSCRIPTION``).
        portes: ways to sign in that are open, among ``mot_de_passe`` and ``oidc`` (``OBS_PORTES``).
        psc_emetteur: issuer (``iss``) whose word proves an RPPS number, Pro Santé Connect's (``OBS_PSC_EMETTEUR``);
            what another provider says of one counts for nothing.
        url: public address of the suite, for the links of messages (``OBS_URL``).
        smtp: ``host:port`` of the mail server; empty to send nothing (``OBS_SMTP``).
        smtp_from: sender (``OBS_SMTP_EXPEDITEUR``).
        smtp_tls: whether STARTTLS is asked (``OBS_SMTP_TLS``).
        smtp_user: identifier there (``OBS_SMTP_UTILISATEUR``).
        smtp_password: its password (``OBS_SMTP_MOT_DE_PASSE``); never shown in ``repr``.
        conservation: days that personal data are kept, by kind (``OBS_CONSERVATION_<KIND>``); what is not set keeps
            its default.
        processus: ports of the servers that ``obs serve --processus N`` started together; none where one serves
            alone
        surveillance: seconds without an answer after which the server ends and is started again; 0 for never
            (``OBS_SURVEILLANCE``).
        clamd: ``host:port`` of the antivirus that reads attachments (``OBS_CLAMD``); empty: none does, and it is told.
        petites_cellules: structures of another region under which a cell of a composed crossing is folded
            (``OBS_PETITES_CELLULES``).
        sas_certificat: our certificate towards editors of agendas, a PEM file (``OBS_SAS_CERTIFICAT``).
        sas_cle: its key (``OBS_SAS_CLE``).
        sas_autorite: the authority that signs theirs (``OBS_SAS_AUTORITE``); the system's without it.
        sas_editeurs: editors of agendas, (name, base address) (``OBS_SAS_EDITEURS``, ``nom=adresse`` separated by
            commas).
        sas_agendas: a file that says who is linked to which editor: ``identifiant, editeur, types``
            (``OBS_SAS_AGENDAS``).
        sas_fhir_jetons: who may call our own FHIR server with a bearer token, name -> token
            (``OBS_SAS_FHIR_JETONS``, ``nom=jeton`` separated by commas); never shown in ``repr``.
        sas_fhir_clients: who may call it by the certificate that the proxy has checked, its subject's common names
            (``OBS_SAS_FHIR_CLIENTS``).
        sas_validation: the SAS whose administrator validates each new effecteur, whom Pro Santé Connect vouches for
            too (``OBS_SAS_VALIDATION``, ``SAS-54,SAS-57``); none by default.
        sas_fhir_relais: addresses of the proxies whose word on a certificate is taken (``OBS_SAS_FHIR_RELAIS``).
        spark: address of a Spark Connect server, ``sc://host:port`` (``OBS_SPARK``); empty: one starts when asked.
        spark_lignes: rows that an answer of it may hold (``OBS_SPARK_LIGNES``).
        mentions: what the legal pages say of the operator (``OBS_MENTION_<NAME>``).
        s3: options of the S3 endpoint read from the usual ``AWS_*`` variables; never shown in ``repr``.
    """

    lake: str = "./data/lake"
    store: str = field(default="sqlite:///data/store.db", repr=False)
    region: str = "44"
    geocodeur: str = "ban"
    geoplateforme_url: str = GEOPLATEFORME_URL
    demo: bool = False
    acces: str = "comptes"
    acces_confirme: bool = False
    annuaire: str = "public"
    inscription: str = "validee"
    portes: tuple[str, ...] = PORTES
    psc_emetteur: str = PSC
    url: str = "http://localhost:8501"
    smtp: str = ""
    smtp_from: str = "observatoire@localhost"
    smtp_tls: bool = False
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    processus: tuple[int, ...] = ()
    surveillance: int = 60
    clamd: str = ""
    petites_cellules: int = 5
    sas_certificat: str = ""
    sas_cle: str = ""
    sas_autorite: str = ""
    sas_editeurs: tuple[tuple[str, str], ...] = ()
    sas_agendas: str = ""
    sas_fhir_jetons: Mapping[str, str] = field(default_factory=dict, repr=False)
    sas_fhir_clients: tuple[str, ...] = ()
    sas_validation: tuple[str, ...] = ()
    sas_fhir_relais: tuple[str, ...] = ("127.0.0.1", "::1")
    spark: str = ""
    spark_lignes: int = 2_000_000
    mentions: Mapping[str, str] = field(default_factory=dict)
    conservation: Mapping[str, int] = field(default_factory=dict)
    s3: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.geocodeur not in GEOCODEURS:
            raise LakeError(
                f"OBS_GEOCODEUR vaut « {self.geocodeur} », qui n'est pas un géocodeur connu.",
                conseil=f"Valeurs possibles : {', '.join(GEOCODEURS)}.",
            )
        for variable, value, known in (
            ("OBS_ACCES", self.acces, ACCES),
            ("OBS_ANNUAIRE", self.annuaire, ANNUAIRE),
            ("OBS_INSCRIPTION", self.inscription, INSCRIPTION),
            *(("OBS_PORTES", porte, PORTES) for porte in self.portes),
        ):
            if value not in known:
                raise LakeError(
                    f"{variable} vaut « {value} », qui n'est pas une valeur connue.",
                    conseil=f"Valeurs possibles : {', '.join(known)}.",
                )
        if self.spark_lignes < 1:
            raise LakeError(
                "OBS_SPARK_LIGNES vaut « 0 » : une réponse du moteur compte au moins une ligne.",
                conseil=f"Exemple : {type(self).spark_lignes}.",
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
        if environ is not None:
            return cls._read(environ)
        # A page asks some fifty times: the same variables give the same settings, read once.
        return _read_once(tuple((k, v) for k, v in os.environ.items() if k.startswith(("OBS_", "AWS_"))))

    @classmethod
    def _read(cls, env: Mapping[str, str]) -> Settings:
        wanted = {
            "lake": "OBS_LAKE",
            "store": "OBS_STORE",
            "region": "OBS_REGION",
            "geocodeur": "OBS_GEOCODEUR",
            "geoplateforme_url": "OBS_GEOPLATEFORME_URL",
            "acces": "OBS_ACCES",
            "annuaire": "OBS_ANNUAIRE",
            "inscription": "OBS_INSCRIPTION",
            "psc_emetteur": "OBS_PSC_EMETTEUR",
            "url": "OBS_URL",
            "smtp": "OBS_SMTP",
            "smtp_from": "OBS_SMTP_EXPEDITEUR",
            "smtp_user": "OBS_SMTP_UTILISATEUR",
            "smtp_password": "OBS_SMTP_MOT_DE_PASSE",
            "sas_certificat": "OBS_SAS_CERTIFICAT",
            "sas_cle": "OBS_SAS_CLE",
            "sas_autorite": "OBS_SAS_AUTORITE",
            "sas_agendas": "OBS_SAS_AGENDAS",
            "spark": "OBS_SPARK",
        }
        given = {name: env[variable] for name, variable in wanted.items() if env.get(variable)}
        portes = env.get("OBS_PORTES")
        mentions = {name: env.get(f"OBS_MENTION_{name.upper()}", "") for name in MENTIONS}
        aws = {key: value for key, value in env.items() if key.startswith("AWS_") and value}
        relais = _listed(env, "OBS_SAS_FHIR_RELAIS")
        return cls(
            **given,
            sas_editeurs=_pairs(env, "OBS_SAS_EDITEURS"),
            sas_fhir_jetons=_tokens(env, "OBS_SAS_FHIR_JETONS"),
            sas_fhir_clients=_listed(env, "OBS_SAS_FHIR_CLIENTS"),
            sas_validation=_sas(env, "OBS_SAS_VALIDATION"),
            sas_fhir_relais=relais or cls.sas_fhir_relais,
            demo=_yes(env, "OBS_DEMO"),
            smtp_tls=_yes(env, "OBS_SMTP_TLS"),
            acces_confirme=_yes(env, "OBS_ACCES_OUVERT_CONFIRME"),
            portes=PORTES if portes is None else tuple(p.strip() for p in portes.split(",") if p.strip()),
            processus=tuple(int(one) for one in _listed(env, "OBS_PROCESSUS") if one.isdigit()),
            surveillance=_seconds(env, "OBS_SURVEILLANCE", 60),
            clamd=env.get("OBS_CLAMD", "").strip(),
            spark_lignes=_seconds(env, "OBS_SPARK_LIGNES", 2_000_000, "nombre de lignes"),
            petites_cellules=_seconds(env, "OBS_PETITES_CELLULES", 5),
            mentions={name: text for name, text in mentions.items() if text},
            conservation=_durations(env),
            s3=aws,
        )


def _yes(env: Mapping[str, str], variable: str) -> bool:
    return env.get(variable, "") in {"1", "true", "oui"}


def _listed(env: Mapping[str, str], variable: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in env.get(variable, "").split(",") if one.strip())


def _sas(env: Mapping[str, str], variable: str) -> tuple[str, ...]:
    """Codes of SAS: a slip would leave an unwatched door, so it is refused."""
    found = _listed(env, variable)
    for one in found:
        if not re.fullmatch(r"SAS-[0-9][0-9AB]{1,2}", one):
            raise LakeError(f"{variable} : « {one} » n'est pas un SAS.", conseil="Écrivez SAS-54,SAS-57.")
    return found


def _pairs(env: Mapping[str, str], variable: str) -> tuple[tuple[str, str], ...]:
    found = []
    for one in _listed(env, variable):
        name, sign, value = (part.strip() for part in one.partition("="))
        if not (name and sign and value):
            raise LakeError(
                f"{variable} ne se lit pas : « {one} ».",
                conseil=f"Exemple : {variable}=Agenda A=https://…/fhir",
            )
        found.append((name, value))
    return tuple(found)


def _tokens(env: Mapping[str, str], variable: str) -> dict[str, str]:
    found = {}
    for one in _listed(env, variable):
        name, _, token = one.partition("=")
        if not name.strip() or len(token.strip()) < 16:
            raise LakeError(
                f"{variable} ne se lit pas : chaque éditeur a un nom et un jeton de 16 caractères au moins.",
                conseil=f"Exemple : {variable}=editeur-a=…,editeur-b=…",
            )
        found[name.strip()] = token.strip()
    return found


def _seconds(env: Mapping[str, str], variable: str, default: int, what: str = "nombre de secondes") -> int:
    value = env.get(variable, "")
    if value and not value.isdigit():
        raise LakeError(
            f"{variable} vaut « {value} », qui n'est pas un {what}.",
            conseil=f"Exemple : {default}.",
        )
    return int(value) if value else default


def _durations(env: Mapping[str, str]) -> dict[str, int]:
    found = {}
    for variable, value in env.items():
        if variable.startswith("OBS_CONSERVATION_") and value:
            if not value.isdigit():
                raise LakeError(
                    f"{variable} vaut « {value} », qui n'est pas un nombre de jours.",
                    conseil="Exemple : 365.",
                )
            found[variable.removeprefix("OBS_CONSERVATION_").lower()] = int(value)
    return found


@lru_cache(maxsize=16)
def _read_once(variables: tuple[tuple[str, str], ...]) -> Settings:
    return Settings._read(dict(variables))
