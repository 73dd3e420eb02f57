"""``obs sas charger`` and ``obs sas creneaux``: what fills agendas, and what they offer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import polars as pl

from apps.commands.french import Command
from apps.commands.output import FORMATS, FORMATS_HELP, emit
from apps.commands.query import DAY, day_of
from apps.commands.user import AUTEUR, opened
from apps.kit.data.communes import successeurs
from lake.errors import LakeError
from lake.horaires import creneaux, plages
from lake.objects import disk_error
from lake.settings import Settings
from lake.store.sas import agendas, chargement, fichiers, lieux
from lake.store.sas.fichiers import Lot
from lake.store.sas.roles import administres
from lake.tables import Lake
from lake.words import agreed

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SAID = 20


@click.command("charger", cls=Command)
@click.option(
    "--effecteurs",
    type=_FILE,
    help="Effecteurs : identifiant, genre, nom, code_commune, longitude, latitude…",
)
@click.option(
    "--plages", "ranges", type=_FILE, help="Plages : identifiant, du, au, jour, debut, fin, modalites…"
)
@click.option("--absences", type=_FILE, help="Absences : identifiant, debut, fin (heure du lieu).")
@click.option("--structures", type=_FILE, help="Structures, aux colonnes des effecteurs.")
@click.option("--utilisateur", metavar="E-MAIL", help="Applique les droits de ce compte (e-mail).")
def charger_command(
    effecteurs: Path | None,
    ranges: Path | None,
    absences: Path | None,
    structures: Path | None,
    utilisateur: str | None,
) -> None:
    """Charge des effecteurs, leurs plages et leurs absences.

    Une ligne refusée est dite avec son numéro et sa raison, les autres sont chargées. Recharger le même fichier ne
    double rien.

    \b
    Exemple :
      obs sas charger --effecteurs effecteurs.csv --plages plages.csv --absences absences.csv
    """
    paths = {"effecteurs": effecteurs, "structures": structures, "plages": ranges, "absences": absences}
    if not any(paths.values()):
        raise LakeError(
            "Rien à charger.", conseil="Donnez --effecteurs, --plages, --absences ou --structures."
        )
    lots = {genre: _read(path, genre) for genre, path in paths.items() if path is not None}
    after = successeurs(Lake(Settings.from_env()))
    for lot in lots.values():
        _translated(lot, after)
    with opened() as store:
        lieux.traduire(store, after)  # before, or the file's commune would be a second place
        if utilisateur is not None:
            allowed = administres(store, utilisateur)
            for lot in lots.values():
                _restrict(lot, allowed, agendas.sas_of_people(store))
        done = chargement.charger(
            store,
            effecteurs=[lots.get("effecteurs", Lot("")), lots.get("structures", Lot(""))],
            plages_=lots.get("plages"),
            absences=lots.get("absences"),
            auteur=(utilisateur or AUTEUR).strip().lower(),
        )
    for genre, lot in lots.items():
        counts = " ; ".join(
            f"{name.replace('_', ' ')} {count}" for name, count in done.comptes[genre].items()
        )
        click.echo(f"{genre} : {counts}")
        for number, why in sorted(lot.rejets)[:_SAID]:
            click.echo(f"{lot.nom}, ligne {number} refusée : {why}", err=True)
        if len(lot.rejets) > _SAID:
            click.echo(f"{lot.nom} : {len(lot.rejets)} lignes refusées en tout.", err=True)
    barren = [lot.nom for lot in lots.values() if lot.lues and len(lot.rejets) == lot.lues]
    if barren:
        raise LakeError(f"Aucune ligne de {', '.join(barren)} n'a été chargée.")


def _read(path: Path, genre: str) -> Lot:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise disk_error(error, str(path)) from error
    return fichiers.lire(raw, path.name, genre)


def _translated(lot: Lot, after: Mapping[str, str]) -> None:
    """Give the lines of a commune that merged the code of the one that took it in."""
    for _, values in lot.lignes:
        if values.get("code_commune") in after:
            values["code_commune"] = after[values["code_commune"]]


def _restrict(lot: Lot, allowed: frozenset[str] | None, known: dict[str, str]) -> None:
    """Refuse the lines of a SAS that the account does not administer."""
    if allowed is None:
        return
    kept = []
    for number, values in lot.lignes:
        # One who is known already stays of its SAS, whatever the file says.
        sas = known.get(values["identifiant"], values.get("sas", ""))
        if sas in allowed:
            kept.append((number, values))
        else:
            lot.rejets.append((number, f"ce compte n'administre pas {sas or 'le SAS de cet effecteur'}"))
    lot.lignes = kept


@click.command("creneaux", cls=Command)
@click.option("--du", type=DAY, required=True, help="Premier jour.")
@click.option("--au", type=DAY, required=True, help="Dernier jour.")
@click.option("--identifiant", metavar="I", help="Cet effecteur seulement (8 + RPPS, 1 + FINESS).")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help=FORMATS_HELP
)
@click.option("--sortie", type=click.Path(dir_okay=False, path_type=Path), help="Fichier à écrire.")
def creneaux_command(
    du: datetime, au: datetime, identifiant: str | None, form: str, sortie: Path | None
) -> None:
    """Liste les créneaux offerts sur une période, absences déduites, et ce qu'il en reste.

    Les heures sont celles du lieu, avec leur décalage. Une plage à plusieurs places tient en une ligne.

    \b
    Exemple :
      obs sas creneaux --du 2026-11-30 --au 2026-12-06 --format csv
    """
    first, last = day_of(du), day_of(au)
    assert first is not None
    assert last is not None
    if last < first:
        raise LakeError("La période finit avant de commencer.", conseil="Vérifiez --du et --au.")
    with opened() as store:
        seen = agendas.photo(store, now=datetime.now(UTC), since=first - timedelta(days=2))
    series = seen.series
    if identifiant is not None:
        wanted = fichiers.identifiant(identifiant)
        if wanted not in seen.effecteurs["identifiant"]:
            raise LakeError(f"Aucun effecteur « {wanted} ».", conseil="Chargez-le : obs sas charger.")
        series = series.filter(pl.col("identifiant") == wanted)
    # From the day before: a range over midnight has slots of the first day.
    ranges = plages.occurrences(series, seen.exceptions, first - timedelta(days=1), last)
    slots = creneaux.creneaux(ranges, seen.absences, seen.taken)
    rows = [
        row
        | {
            "debut": row["debut"].astimezone(ZoneInfo(row["fuseau"])),
            "fin": row["fin"].astimezone(ZoneInfo(row["fuseau"])),
        }
        for row in slots.iter_rows(named=True)
    ]
    kept = [row for row in rows if first <= row["debut"].date() <= last]
    shown = pl.DataFrame(
        {
            "identifiant": [row["identifiant"] for row in kept],
            "debut": [row["debut"].isoformat(timespec="seconds") for row in kept],
            "fin": [row["fin"].isoformat(timespec="seconds") for row in kept],
            "modalites": ["|".join(plages.codes(row["modalites"])) for row in kept],
            "duree_min": [row["duree_min"] for row in kept],
            "capacite": [row["capacite"] for row in kept],
            "restantes": [row["restantes"] for row in kept],
        },
        schema={
            "identifiant": pl.String, "debut": pl.String, "fin": pl.String, "modalites": pl.String,
            "duree_min": pl.Int64, "capacite": pl.Int64, "restantes": pl.Int64,
        },
    )  # fmt: skip
    lost = creneaux.lost_minutes(ranges)
    if lost and form == "table":
        click.echo(agreed(lost, f"{lost} minute(s) ne remplissent pas un créneau."), err=True)
    emit(shown, form, sortie)
