"""``obs sas equite`` and ``obs sas publier``: what is measured of unscheduled care."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import polars as pl

from apps.commands.french import Command
from apps.commands.output import written
from apps.commands.query import DAY, day_of
from apps.kit.data.communes import successeurs
from apps.kit.data.mesures_sas import partage
from lake.agendas.agregateur import PARIS
from lake.catalog.sas import COUVERTURE, LEADS, OFFRE, PREVISIONS, TERRITOIRES
from lake.catalog.territoires import COMMUNES
from lake.delimited import cut
from lake.errors import ContractError, LakeError
from lake.settings import Settings
from lake.store.migrate import open_store
from lake.store.sas import territoires
from lake.store.sas.releve import absences_dites, relever
from lake.tables import Lake
from scoring.sas.mesures.equite import Equite, equite
from scoring.sas.publication import Releve, annonces_passees, aujourd_hui, photographie, publier
from scoring.sas.rayons import of_code
from scoring.universes.selection import refuse_inverted

LONGEST = 400
"""Days of one publication: beyond, memory would hold a year of hours of every commune."""
_COUNTS = ("sollicitations", "creneaux")


@click.command("equite", cls=Command)
@click.option("--du", type=DAY, help="Premier jour (défaut : 27 jours avant le dernier).")
@click.option("--au", type=DAY, help="Dernier jour (défaut : aujourd'hui).")
@click.option(
    "--sas", metavar="SAS", help="Territoire, par son code ou son nom : SAS-54, Meurthe-et-Moselle."
)
@click.option(
    "--solicitations",
    "fichier",
    metavar="FICHIER",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Calcule sur ce fichier (identifiant, sollicitations, creneaux), sans la base.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("texte", "json")),
    default="texte",
    show_default=True,
    help="Forme du résultat : texte pour lire, json pour une machine.",
)
def equite_command(
    du: datetime | None, au: datetime | None, sas: str | None, fichier: Path | None, form: str
) -> None:
    """Mesure si les sollicitations se partagent justement, et si l'ordre des résultats est neutre.

    Deux indices de Gini (par créneau offert, et brut), l'écart de l'algorithme à sa propre règle, l'écart de la règle
    à l'offre. Sur un fichier, l'indice est toujours calculé ; la raison de ne pas le publier est dite à côté.

    \b
    Exemples :
      obs sas equite --du 2027-03-01 --au 2027-03-28 --sas SAS-54 --format json
      obs sas equite --solicitations sollicitations.csv --format json
    """
    if fichier is not None:
        found = equite(read(fichier), publie=False)
    else:
        if not sas:
            raise LakeError(
                "Dites quel SAS mesurer.",
                conseil="Donnez --sas SAS-54, ou --solicitations FICHIER pour un fichier.",
            )
        found = of_store(of_code(sas).code, *bounds(du, au, before=27, after=0))
    if form == "json":
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
        return
    click.echo(told(found))


@click.command("publier", cls=Command)
@click.option("--du", type=DAY, help="Premier jour (défaut : 28 jours avant aujourd'hui).")
@click.option("--au", type=DAY, help="Dernier jour (défaut : 28 jours après aujourd'hui).")
def publier_command(du: datetime | None, au: datetime | None) -> None:
    """Publie dans le lac l'offre, les demandes, les rendez-vous et la couverture de ces jours.

    Les jours à venir valent ce que l’on sait aujourd’hui des absences et des réservations. Les autres jours publiés
    restent. Rien n'est publié d'un patient, d'un régulateur, ni d'une commune de moins de cinq demandes dans le mois.
    """
    first, last = bounds(du, au, before=28, after=28)
    if (last - first).days > LONGEST:
        raise LakeError(
            f"La période dépasse {LONGEST} jours.",
            conseil="Publiez-la en plusieurs fois : les jours s'ajoutent.",
        )
    settings = Settings.from_env()
    before = _closed(settings, first, last)
    made = published(settings, first, last)
    for line in restated(before, _closed(settings, first, last)):
        click.echo(line)
    for table, rows in made:
        click.echo(f"{table} : {written(rows)} lignes du {first:%d/%m/%Y} au {last:%d/%m/%Y}.")


@click.command("photographier", cls=Command)
def photographier_command() -> None:
    """Garde ce qui est annoncé aujourd'hui des jours à venir : la prévision s'en nourrit.

    À lancer chaque jour, ou chaque heure : la dernière photographie d'un jour remplace les précédentes. obs sas publier
    en prend une aussi.
    """
    settings = Settings.from_env()
    lake, today = Lake(settings), datetime.now(PARIS).date()
    held = _read_store(settings, today, today + timedelta(days=max(LEADS)))
    rows = photographie(held, lake.scan(COMMUNES).collect(), today)
    lake.publish(PREVISIONS, rows, replace={PREVISIONS.unit[0]: [today]})
    ahead = f"{max(LEADS)} jours à venir"
    click.echo(f"Photographie du {today:%d/%m/%Y} : {written(int(rows['annonces'].sum()))} places, {ahead}.")


def published(
    settings: Settings, first: date, last: date, covered: tuple[date, ...] = ()
) -> list[tuple[str, int]]:
    """Publish the days asked from the store, others staying; the rows made, by table.

    Args:
        settings: where the store and the lake are.
        first, last: the days.
        covered: the days whose coverage is published, when not all of them.
    """
    lake = Lake(settings)
    today = datetime.now(PARIS).date()
    made = publier(
        _read_store(settings, first, last), lake.scan(COMMUNES).collect(), first, last, today, covered
    )
    for table, frame in made.items():
        unit = table.unit[0]
        of = (today, today) if table is PREVISIONS else (first, last)
        if table is COUVERTURE and covered:
            of = (covered[0], covered[1])
        days = [of[0] + timedelta(days=count) for count in range((of[1] - of[0]).days + 1)]
        lake.publish(table, frame, replace={unit: days})
    _publish_named(settings, lake)
    return [(table.name, frame.height) for table, frame in made.items()]


def _publish_named(settings: Settings, lake: Lake) -> None:
    """The territories that SAS name, as the store has them: a lake made anew knows them too."""
    store = open_store(settings)
    try:
        lake.publish(TERRITOIRES, territoires.rangs(territoires.lister(store), successeurs(lake)))
    finally:
        store.close()


def restated(before: pl.DataFrame, after: pl.DataFrame) -> list[str]:
    """What past days say that they did not: a day whose figures move after its end is told anew, in words."""
    both = before.join(after, on="jour", suffix="_apres").sort("jour", descending=True)
    found = []
    for row in both.iter_rows(named=True):
        moved = [
            f"{words} {written(row[name])} → {written(row[f'{name}_apres'])}"
            for name, words in _CLOSED.items()
            if row[name] != row[f"{name}_apres"]
        ]
        if moved:
            found.append(f"Le {row['jour']:%d/%m/%Y}, déjà publié, est redit : {', '.join(moved)}.")
    more = len(found) - MOST_RESTATED
    return found[:MOST_RESTATED] + ([f"Et {more} autres jours passés."] if more > 0 else [])


MOST_RESTATED = 5
_CLOSED = {"offerts": "créneaux offerts", "absents": "retirés", "pris": "pris", "disponibles": "disponibles"}


def _closed(settings: Settings, first: date, last: date) -> pl.DataFrame:
    """The figures of the past days that are published, one row a day."""
    lake, today = Lake(settings), datetime.now(PARIS).date()
    if not lake.exists(OFFRE):
        return OFFRE.empty().select("jour", *_CLOSED)
    days = lake.scan(OFFRE).filter(pl.col("jour").is_between(first, min(last, today - timedelta(days=1))))
    return days.group_by("jour").agg(pl.col(list(_CLOSED)).sum()).collect()


def first_published(settings: Settings, days: int) -> None:
    """Publish so many days before and after today in a lake where nothing of the SAS is published yet.

    Coverage, the heaviest (a row a commune, an hour and a family), is published from today on only: two days of a small
    lake, two weeks of a whole one. The past is photographed as the absences told then had it: a forecast needs weeks.
    """
    lake = Lake(settings)
    if not lake.exists(PREVISIONS):  # published last
        today = datetime.now(PARIS).date()
        covered = (today, today + timedelta(days=1 if days < 28 else 15))
        published(settings, *bounds(None, None, before=days, after=min(days, 15)), covered)
        _photographed(
            settings, lake, today - timedelta(days=days), today + timedelta(days=max(LEADS) - 1), today
        )


def _photographed(settings: Settings, lake: Lake, first: date, last: date, today: date) -> None:
    """Photographs of the days before today, of these days announced."""
    store = open_store(settings)
    try:
        # Of the store's frames, only agendas are used: bookings and searches of one day are read, no more.
        held, told = Releve(**relever(store, today, today)), absences_dites(store, first)
    finally:
        store.close()
    rows = annonces_passees(held, told, first, last).filter(pl.col("date_photo") < today)
    lake.publish(PREVISIONS, rows, replace={PREVISIONS.unit[0]: rows["date_photo"].unique().sort().to_list()})


def bounds(du: datetime | None, au: datetime | None, *, before: int, after: int) -> tuple[date, date]:
    """The days asked; around today where they are not said.

    Raises:
        LakeError: the period ends before it begins.
    """
    today = datetime.now(PARIS).date()
    last = day_of(au) or today + timedelta(days=after)
    first = day_of(du) or min(today, last) - timedelta(days=before)
    refuse_inverted(first, last)
    return first, last


def of_store(sas: str, du: date, au: date) -> Equite:
    """Fairness of a SAS from what the store holds of these days."""
    store = open_store(Settings.from_env())
    try:
        return partage(store, sas, du, au).equite
    finally:
        store.close()


def _read_store(settings: Settings, du: date, au: date) -> Releve:
    store = open_store(settings)
    try:
        return aujourd_hui(Releve(**relever(store, du, au)), successeurs(Lake(settings)))
    finally:
        store.close()


def read(path: Path) -> pl.DataFrame:
    """Solicitations and offered seats by professional, from a file.

    Raises:
        ContractError: a column is missing, a line holds no number, or a professional comes twice.
    """
    cells = cut(path.read_bytes(), path.name)
    rows = cells.named()
    missing = [name for name in ("identifiant", *_COUNTS) if name not in rows.columns]
    if missing:
        raise ContractError(
            f"{path.name} : colonne(s) absente(s) : {', '.join(missing)}.",
            conseil="Colonnes attendues : identifiant, sollicitations, creneaux.",
        )
    for broken in cells.broken:
        raise ContractError(f"{path.name}, ligne {broken.ligne} : {broken.motif}.")
    numbers = rows.with_columns(
        pl.col(name).str.strip_chars().cast(pl.Int64, strict=False) for name in _COUNTS
    )
    for name in _COUNTS:
        bad = numbers.filter(pl.col(name).is_null() | (pl.col(name) < 0))
        if bad.height:
            raise ContractError(
                f"{path.name}, ligne {bad.item(0, 'ligne')} : {name} n'est pas un nombre entier positif ou nul."
            )
    twice = numbers.filter(pl.col("identifiant").is_duplicated())
    if twice.height:
        raise ContractError(
            f"{path.name}, ligne {twice.item(1, 'ligne')} : {twice.item(1, 'identifiant')} vient deux fois."
        )
    return numbers.select("identifiant", *_COUNTS)


def told(found: Equite) -> str:
    """The measures for a person."""

    def said(value: float | None) -> str:
        return "non publié" if value is None else f"{value:.3f}".replace(".", ",")

    lines: list[tuple[str, Any]] = [
        ("Gini par créneau offert", said(found.gini)),
        ("Gini brut", said(found.gini_brut)),
        ("Écart de l'algorithme", said(found.ecart_algorithme)),
        ("  dont le hasard du tirage explique jusqu'à", said(found.bruit)),
        ("Écart à l'offre", said(found.ecart_offre)),
        ("Effecteurs", found.effecteurs),
        ("Sollicitations", found.sollicitations),
    ]
    if found.raison:
        lines.append(("À ne pas publier", found.raison))
    return "\n".join(f"{name} : {value}" for name, value in lines)
