"""``obs sas interroger``: asks one editor's FHIR server for free slots, as a search does."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import Any

import click

from apps.commands.french import Command
from apps.commands.query import names
from lake.agendas.agregateur import NON_RELIE, PARIS, Agregateur, Editeur, Reponse
from lake.agendas.codes import idnps, siret
from lake.agendas.lecture import RAISONS
from lake.agendas.reglages import certificats
from lake.agendas.transport import adresse_de_base
from lake.errors import LakeError


@click.command("interroger", cls=Command)
@click.option("--base", metavar="URL", required=True, help="Adresse du serveur FHIR de l'éditeur.")
@click.option(
    "--rpps", "rpps", metavar="R[,R…]", multiple=True, help="RPPS, nus (11 chiffres) ou précédés de 8."
)
@click.option(
    "--siret", "sirets", metavar="S[,S…]", multiple=True, help="SIRET de structures (SOS Médecins)."
)
@click.option("--du", metavar="ISO", required=True, help="Premier instant ; sans décalage, heure de Paris.")
@click.option("--au", metavar="ISO", required=True, help="Dernier début ; sans décalage, heure de Paris.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("texte", "json")),
    default="texte",
    show_default=True,
    help="Forme du résultat : texte pour lire, json pour une machine.",
)
def interroger_command(
    base: str, rpps: tuple[str, ...], sirets: tuple[str, ...], du: str, au: str, form: str
) -> None:
    """Demande à un éditeur d'agendas les créneaux libres de professionnels, ou de structures.

    Par lots de 25 RPPS ou de 10 SIRET, en 7 secondes en tout. Un éditeur qui ne répond pas est dit muet, jamais sans
    créneau. Ce qui est refusé est compté par raison ; rien d'autre que ce qui est montré n'est gardé.

    \b
    Exemple :
      obs sas interroger --base https://agenda.exemple.fr/fhir --rpps 10001234567 \\
          --du 2027-03-29T08:00 --au 2027-03-31T23:59 --format json
    """
    asked = names(rpps) or names(sirets)
    if not asked or (rpps and sirets):
        raise LakeError("Dites qui interroger.", conseil="Donnez --rpps ou --siret, pas les deux.")
    read = siret if sirets else idnps
    known = {one: read(one) for one in asked}
    askable = {found: None for found in known.values() if found is not None}
    if not askable:
        raise LakeError(
            f"« {asked[0]} » n'est pas un {'SIRET' if sirets else 'RPPS'}.",
            conseil="Écrivez 14 chiffres." if sirets else "Écrivez 11 chiffres, ou 8 suivi de 11 chiffres.",
        )
    first, last = instant("--du", du), instant("--au", au)
    if last < first:
        raise LakeError("La fin demandée est avant le début.", conseil="Échangez --du et --au.")
    editor = Editeur("éditeur", adresse_de_base(base), structures=bool(sirets))
    answer = Agregateur(certificats()).chercher([(editor, askable)], first, last)
    answer.rejets.update(Counter({"rpps_illisible": sum(found is None for found in known.values())}))
    found = document(answer, known)
    if form == "json":
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        click.echo(_told(found))


def instant(option: str, text: str) -> datetime:
    """An instant typed by a person: Paris's clock when no offset is said.

    Raises:
        LakeError: it is not written as an instant.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise LakeError(
            f"{option} illisible : « {text} ».", conseil="Écrivez 2027-03-29T08:00 ou 2027-03-29T08:00+02:00."
        ) from error
    return found if found.tzinfo is not None else found.replace(tzinfo=PARIS)


def document(answer: Reponse, known: dict[str, str | None]) -> dict[str, Any]:
    """The answer as the command prints it; holders are named as they were typed."""
    typed: dict[str, str] = {}
    for name, found in known.items():
        if found is not None:
            typed.setdefault(found, name)
    return {
        "requetes": answer.requetes,
        "statut": {
            name: NON_RELIE if found is None else answer.statuts[found] for name, found in known.items()
        },
        "creneaux": [
            {
                "rpps": typed[one.identifiant],
                "debut": one.debut.isoformat(),
                "fin": one.fin.isoformat(),
                "types": list(one.types),
                "modalites": list(one.modalites),
                "lieu": one.lieu,
                "lien": one.lien,
            }
            for one in answer.creneaux
        ],
        "rejets": [{"raison": why, "nombre": count} for why, count in sorted(answer.rejets.items()) if count],
        "pannes": [{"raison": why, "nombre": count} for why, count in sorted(answer.pannes.items()) if count],
        "duree_ms": answer.duree_ms,
    }


def _told(found: dict[str, Any]) -> str:
    words = {
        "creneaux": "créneaux",
        "aucun": "aucun créneau",
        "muet": "n'a pas répondu",
        NON_RELIE: "non relié",
    }
    lines = [f"{name} : {words[state]}" for name, state in found["statut"].items()]
    lines += [f"  {one['rpps']}  {one['debut']} – {one['fin']}  {one['lieu']}" for one in found["creneaux"]]
    lines += [f"Refusés : {one['nombre']} ({RAISONS[one['raison']]})" for one in found["rejets"]]
    lines += [f"Pannes : {one['nombre']} ({one['raison']})" for one in found["pannes"]]
    lines.append(f"{found['requetes']} requête(s), {found['duree_ms']} ms")
    return "\n".join(lines)
