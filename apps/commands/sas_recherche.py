"""``obs sas chercher`` and ``obs sas reserver``: a régulateur's question, and the seat taken."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import click
import polars as pl

from apps.commands.french import Command
from apps.commands.query import names
from apps.commands.user import AUTEUR, opened
from apps.kit.data.places import Places
from apps.sas import questions
from apps.sas.editeurs import DITS, completer
from apps.sas.questions import Agendas, Question
from lake.errors import LakeError, MissingTable, UnknownName
from lake.horaires.heures import iso, moment
from lake.horaires.plages import BITS, codes
from lake.settings import Settings
from lake.store.engine import Store
from lake.store.sas import agendas, fichiers, rendez_vous
from lake.store.sas.profil import AGES
from lake.store.sas.roles import orienter
from lake.store.sas.sieges import Demande
from lake.tables import Lake
from scoring.sas import rayons
from scoring.sas.horizons import HORIZONS, LONGEST
from scoring.sas.recherche import PRESETS, Lieu, Reponse


def moment_of(text: str, option: str) -> datetime:
    """A moment as typed: with its offset, or by the clock of Paris.

    Raises:
        LakeError: it is none.
    """
    try:
        return moment(datetime.fromisoformat(text.strip()))
    except ValueError as error:
        raise LakeError(
            f"{option} : « {text} » n'est pas un instant.",
            conseil="Écrivez 2026-11-30T14:00 ou 2026-11-30T14:00+01:00.",
        ) from error


@click.command("chercher", cls=Command)
@click.option(
    "--adresse", metavar="A", help="Adresse ou commune, comme on la tape ; elle n'est gardée nulle part."
)
@click.option("--commune", metavar="CODE", help="Commune, par son code INSEE.")
@click.option("--point", metavar="LON,LAT", help="Point, en degrés.")
@click.option(
    "--preset",
    type=click.Choice(list(PRESETS)),
    default="medecine_generale",
    show_default=True,
    help="Recherche préparée.",
)
@click.option(
    "--dans",
    "horizon",
    type=click.Choice(list(HORIZONS)),
    default=LONGEST,
    show_default=True,
    help="Horizon.",
)
@click.option("--modalites", metavar="M[,M…]", multiple=True, help="AMB, HH ou VR : l'une d'elles.")
@click.option(
    "--age", type=click.Choice(list(AGES)), help="Âge du patient : qui le reçoit, ou n'en a rien dit."
)
@click.option("--a", "instant", metavar="ISO", help="Instant de la recherche (défaut : maintenant).")
@click.option("--graine", type=click.IntRange(0, 2**31 - 1), help="Rejoue un ordre déjà tiré.")
@click.option(
    "--elargir",
    type=click.IntRange(0, 50),
    default=0,
    show_default=True,
    help="Nombre d'élargissements du rayon.",
)
@click.option("--utilisateur", metavar="E-MAIL", help="Applique les droits de ce compte (e-mail).")
@click.option(
    "--format", "form", type=click.Choice(("texte", "json")), default="texte", show_default=True,
    help="Forme du résultat : texte pour lire, json pour une machine.",
)  # fmt: skip
def chercher_command(
    adresse: str | None,
    commune: str | None,
    point: str | None,
    preset: str,
    horizon: str,
    modalites: tuple[str, ...],
    age: str | None,
    instant: str | None,
    graine: int | None,
    elargir: int,
    utilisateur: str | None,
    form: str,
) -> None:
    """Cherche qui peut recevoir un patient autour d'un lieu, dans l'ordre neutre du SAS.

    \b
    Exemples :
      obs sas chercher --commune 54395 --dans 4h --format json
      obs sas chercher --adresse "12 rue des Jardiniers Nancy" --modalites AMB,VR
    """
    if sum(one is not None for one in (adresse, commune, point)) != 1:
        raise LakeError("Donnez un lieu, et un seul : --adresse, --commune ou --point.")
    wanted = [one.upper() for one in names(tuple(one.replace("|", ",") for one in modalites))]
    for one in wanted:
        if one not in BITS:
            raise UnknownName("modalité", one, list(BITS))
    settings = Settings.from_env()
    now = datetime.now(UTC) if instant is None else moment_of(instant, "--a")
    with opened() as store:
        compte_id = None if utilisateur is None else orienter(store, utilisateur).compte_id
        lieu = _lieu(settings, store, adresse, commune, point, now)
        asked = Question(
            lieu,
            preset=preset,
            horizon=horizon,
            modalites=tuple(wanted),
            elargi=elargir,
            graine=questions.graine() if graine is None else graine,
            age=age or "",
        )
        whole = completer(Agendas(store), asked, now, settings)
        found = whole.reponse
        questions.noter(store, asked, found, now, compte_id=compte_id, muettes=whole.muettes)
    if form == "json":
        told = _json(asked, found, now) | {"sources": dict(whole.sources)}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(_text(asked, found))
    for name, state in whole.sources.items():
        click.echo(f"{name} : {DITS[state]}")


def _lieu(
    settings: Settings,
    store: Store,
    adresse: str | None,
    commune: str | None,
    point: str | None,
    now: datetime,
) -> Lieu:
    try:
        places = Places(Lake(settings), settings.region)
    except MissingTable:
        if point is None:
            raise
        places = None
    if point is not None:
        return _point(point, places, store, now)
    assert places is not None
    if commune is not None:
        return questions.lieu_of_commune(places, commune.strip())
    found, near = questions.lieu_of_text(places, adresse or "")
    if found is None:
        # The address itself is not said again: an error stream ends in logs.
        advice = (
            f"Communes proches : {', '.join(near)}."
            if near
            else "Donnez la commune, ou son code : --commune."
        )
        raise LakeError("Adresse introuvable.", conseil=advice)
    return found


def _point(text: str, places: Places | None, store: Store, now: datetime) -> Lieu:
    try:
        longitude, latitude = (float(part) for part in text.split(","))
    except ValueError as error:
        raise LakeError(
            "--point : deux nombres, longitude puis latitude.", conseil="Exemple : 6.184,48.692"
        ) from error
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise LakeError("--point : longitude de −180 à 180, latitude de −90 à 90.")
    if places is not None:
        code = places.nearest(longitude, latitude)
        return Lieu("Point", "point", longitude, latitude, 0.0, code, places.departement(code))
    # Without territories in the lake, the department is that of the nearest place of the agendas.
    known = agendas.photo(store, now=now).effecteurs
    if known.is_empty():
        raise LakeError("Aucun territoire dans le lac.", conseil="Alimentez-le : obs ingest territoires.")
    far = (pl.col("longitude") - longitude) ** 2 + (pl.col("latitude") - latitude) ** 2
    code = str(known.sort(far)["code_commune"][0])
    return Lieu("Point", "point", longitude, latitude, 0.0, "", rayons.departement_of(code))


def _json(asked: Question, found: Reponse, now: datetime) -> dict[str, Any]:
    rows = [
        {
            "rang": row["rang"],
            "identifiant": row["identifiant"],
            "nom": row["nom"],
            "distance_km": round(row["distance_km"], 3),
            "trajet_min": round(row["trajet_min"], 1),
            "palier": row["palier"],
            "panier": row["panier"],
            "premier_creneau": None
            if row["premier_creneau"] is None
            else iso(row["premier_creneau"], row["fuseau"]),
            "places": row["places"],
            "source": row["source"],
            "genre": row["genre"],
            "modalites": codes(row["modalites"]),
            "bande": row["bande"],
            "poids": row["poids"],
            "sollicitations": row["sollicitations"],
        }
        for row in found.resultats.iter_rows(named=True)
    ]
    lieu = asked.lieu
    return {
        "lieu": {
            "libelle": lieu.libelle,
            "precision": lieu.precision,
            "incertitude_km": None if math.isinf(lieu.incertitude_km) else round(lieu.incertitude_km, 4),
        },
        "sas": asked.territoire.code,
        "rayon_km": found.rayon_km,
        "panier_min": None if math.isinf(found.delta_min) else round(found.delta_min, 2),
        "graine": found.graine,
        "a": iso(now),
        "resultats": rows,
        "sources": {},
    }


def _text(asked: Question, found: Reponse) -> str:
    table = found.resultats.filter(pl.col("palier") < 2)
    lines = [
        f"{asked.lieu.libelle} · {asked.territoire.code} · {found.rayon_km:.0f} km · graine {found.graine}"
    ]
    for row in table.iter_rows(named=True):
        first = (
            "en surnombre"
            if row["premier_creneau"] is None
            else iso(row["premier_creneau"], row["fuseau"])[:16].replace("T", " ")
        )
        lines.append(
            f"{row['rang']:>3}. {row['nom']} ({row['identifiant']}) · {row['trajet_min']:.0f} min · {first} · "
            f"{row['places']} pl."
        )
    if table.is_empty():
        lines.append("Aucune place : essayez --elargir, ou un horizon plus long.")
    return "\n".join(lines)


@click.command("reserver", cls=Command)
@click.option("--identifiant", metavar="I", required=True, help="Effecteur (8 + RPPS, 1 + FINESS).")
@click.option("--debut", metavar="ISO", required=True, help="Début ; sans décalage, heure de Paris.")
@click.option(
    "--duree", type=click.IntRange(1, 24 * 60), help="Durée en minutes (défaut : celle de la plage)."
)
@click.option(
    "--modalite",
    type=click.Choice(list(BITS)),
    required=True,
    help="Cabinet (AMB), domicile (HH), téléconsultation (VR).",
)
@click.option("--cle", metavar="K", required=True, help="Clé de la demande : la même rend la même référence.")
@click.option("--a", "instant", metavar="ISO", help="Instant de la réservation (défaut : maintenant).")
@click.option("--utilisateur", metavar="E-MAIL", help="Applique les droits de ce compte (e-mail).")
def reserver_command(
    identifiant: str,
    debut: str,
    duree: int | None,
    modalite: str,
    cle: str,
    instant: str | None,
    utilisateur: str | None,
) -> None:
    """Réserve une place et en affiche la référence ; refusée, dit pourquoi et les places suivantes.

    \b
    Exemple :
      obs sas reserver --identifiant 810000000001 --debut 2026-11-30T14:00+01:00 --duree 20 --modalite AMB --cle a1
    """
    now = datetime.now(UTC) if instant is None else moment_of(instant, "--a")
    with opened() as store:
        who = None if utilisateur is None else orienter(store, utilisateur)
        click.echo(
            rendez_vous.reserver(
                store,
                Demande(
                    fichiers.identifiant(identifiant),
                    moment_of(debut, "--debut"),
                    modalite,
                    cle,
                    duree,
                    sas="" if who is None else who.sas,
                    regulateur_id=None if who is None else who.compte_id,
                    auteur=AUTEUR if utilisateur is None else utilisateur.strip().lower(),
                ),
                now=now,
            )
        )
