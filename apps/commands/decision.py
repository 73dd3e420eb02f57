"""``obs annuaire diagnostic`` and ``obs annuaire scenario``: the figures of the two pages on the command line."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import polars as pl

from apps.commands.annuaire import DEMANDE_HELP, asking, flat, numbers, read, say_demand
from apps.commands.french import Command
from apps.commands.output import FORMATS, emit
from apps.commands.query import DAY, day_of
from apps.registry import app
from lake.errors import LakeError
from lake.objects import disk_error
from lake.settings import Settings
from lake.store.migrate import open_store
from lake.store.sharing import Genre, opened
from lake.tables import Lake
from scoring.annuaire import compared as annuaire_territoire
from scoring.annuaire import diagnostic as annuaire_diagnostic
from scoring.annuaire.compared import PARTNER, Choix
from scoring.annuaire.diagnostic import VIEWS
from scoring.annuaire.territory import MESHES, read_codes
from scoring.reach import asked as annuaire_acces
from scoring.reach.scenario import Mouvement, read_moves
from scoring.universes.model import Scan
from scoring.universes.selection import Selection

_MOST_BYTES = 1024 * 1024


def territory(scan: Scan, text: str, departements: tuple[str, ...]) -> Choix:
    """The territory that ``--territoire`` names; links and files are read here.

    Raises:
        LakeError: it names none, or the file or the link cannot be read.
    """
    kind, _sign, value = (part.strip() for part in text.partition("="))
    if kind == "lien":
        found = opened(open_store(Settings.from_env()), value, Genre.TERRITOIRE)
        codes = found.contenu.get("communes", []) if isinstance(found.contenu, dict) else []
        return annuaire_territoire.own(scan, [str(code) for code in codes], found.titre, departements)
    if kind == "fichier":
        return annuaire_territoire.own(scan, read_codes(_listed(Path(value))), Path(value).stem, departements)
    return annuaire_territoire.asked(scan, text, departements)


def _listed(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise disk_error(error, str(path)) from error
    if len(raw) > _MOST_BYTES or b"\0" in raw:
        raise LakeError(
            f"{path} n'est pas une liste de codes INSEE, ou dépasse 1 Mo.",
            conseil="Donnez un fichier CSV ou texte : un code par ligne, ou une colonne code_commune.",
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _asking_sheet(command: Callable[..., None]) -> Callable[..., None]:
    return asking(command, (*FORMATS, "pdf"))


@click.command("diagnostic", cls=Command)
@click.option(
    "--territoire",
    "texte",
    required=True,
    metavar="TERRITOIRE",
    help="MAILLE=CODE (commune, epci, departement, region, partenaire), lien=CODE, fichier=CHEMIN, ou des codes INSEE.",
)
@click.option("--date", "jour", type=DAY, help="Extraction (défaut : la dernière).")
@click.option("--depuis", type=DAY, help="Extraction comparée (défaut : celle d'avant).")
@click.option(
    "--vue",
    type=click.Choice(VIEWS),
    default="professions",
    show_default=True,
    help="Ce qui est donné : résumé, professions, communes, communes sans personne, ou personnes de plusieurs lieux.",
)
@_asking_sheet
def diagnostic_command(
    texte: str,
    jour: datetime | None,
    depuis: datetime | None,
    vue: str,
    filtres: tuple[str, ...],
    form: str,
    sortie: Path | None,
) -> None:
    """Diagnostic d'un territoire : effectifs, densités, rang, évolution, communes sans personne.

    \b
    Exemples :
      obs annuaire diagnostic --territoire epci=200069441 --depuis 2024-12-03
      obs annuaire diagnostic --territoire partenaire=bitche --vue sans --filtre profession=10 --format csv
      obs annuaire diagnostic --territoire 67482,67447 --format pdf --sortie fiche.pdf
    """
    scan, selection, dates = read(filtres, jour)
    day = selection.date
    before = day_of(depuis) or next((one for one in dates if day is not None and one < day), None)
    if before is not None and (before not in dates or day is None or before >= day):
        known = ", ".join(f"{one:%Y-%m-%d}" for one in dates if day is not None and one < day) or "aucune"
        raise LakeError(
            f"Aucune extraction antérieure n'est publiée au {before:%Y-%m-%d}.",
            conseil=f"Extractions antérieures : {known}.",
        )
    around = annuaire_diagnostic.covered(scan, day)
    choix = territory(scan, texte, around)
    for sentence in choix.territoire.sentences():
        click.echo(f"Attention : {sentence}", err=True)
    if form == "pdf":
        _sheet(choix, selection, None if before is None else before.isoformat(), sortie)
        return
    found = annuaire_diagnostic.diagnose(
        scan,
        choix,
        selection,
        annuaire_diagnostic.read(scan, selection),
        None if before is None else (before, annuaire_diagnostic.since(scan, selection, before)),
        departements=around,
    )
    emit(flat(found.view(vue), form), form, sortie)


def _sheet(choix: Choix, selection: Selection, before: str | None, sortie: Path | None) -> None:
    """Write the two-page sheet, set by the page itself."""
    from apps.kit.data.data import Data
    from apps.kit.data.state import State
    from apps.kit.export.pdf import page_pdf
    from apps.kit.export.report import view_of

    if sortie is None:
        raise LakeError("Où écrire le PDF ?", conseil="Donnez --sortie fiche.pdf.")
    declared = importlib.import_module(app("annuaire").module).PAGES
    page = next(one for one in declared if one.name == "diagnostic")
    options = {"nom": choix.nom, "genre": annuaire_territoire.OWN}
    territoire = choix.territoire
    if territoire.maille in ("commune", "epci", "departement") and territoire.code:
        selection, options = selection.with_filter(territoire.maille, [territoire.code]), {}
    elif territoire.maille == "region":
        options = {}
    elif choix.pairs == PARTNER:
        options = {PARTNER: _partner_code(choix)}
    else:
        selection = selection.with_filter("commune", territoire.communes)
    if before:
        options["depuis"] = before
    made = page_pdf(page, view_of(page, Data(Lake(Settings.from_env())), State(selection, options)))
    try:
        sortie.write_bytes(made)
    except OSError as error:
        raise disk_error(error, str(sortie)) from error
    click.echo(f"Écrit : {sortie} ({len(made) // 1024 + 1} Kio)", err=True)


def _partner_code(choix: Choix) -> str:
    from lake.catalog.territoires import PARTENAIRES

    known = Lake(Settings.from_env()).scan(PARTENAIRES).filter(pl.col("nom") == choix.nom).collect()
    return str(known.item(0, "code"))


@click.command("scenario", cls=Command)
@click.option(
    "--ajouter", multiple=True, metavar="COMMUNE=N", help="Ajoute N têtes à une commune ; répétable."
)
@click.option(
    "--retirer", multiple=True, metavar="COMMUNE=N", help="Retire N têtes d'une commune ; répétable."
)
@click.option(
    "--deplacer",
    multiple=True,
    metavar="DE:VERS=N",
    help="Déplace N têtes d'une commune à l'autre ; répétable.",
)
@click.option("--lien", metavar="CODE", help="Rouvre un scénario partagé ; les autres options le complètent.")
@click.option("--date", "jour", type=DAY, help="Extraction (défaut : la dernière).")
@click.option(
    "--par",
    "maille",
    type=click.Choice(["ensemble", "commune"]),
    default="ensemble",
    show_default=True,
    help="Avant et après dans l'ensemble, ou commune par commune.",
)
@click.option("--vitesse", type=float, metavar="KM/H", help="Vitesse moyenne (défaut : 50).")
@click.option("--detour", type=float, metavar="FACTEUR", help="Route sur vol d'oiseau (défaut : 1,3).")
@click.option("--paliers", metavar="MIN;…", help="Paliers de temps, en minutes (défaut : 5;10;15).")
@click.option("--poids", metavar="P;…", help="Poids de chaque palier (défaut : 1;0,3;0,1).")
@click.option("--seuil", type=float, metavar="S", help="Seuil (défaut : moitié de la moyenne régionale).")
@click.option("--demande", type=click.Choice(annuaire_acces.DEMANDES), help=DEMANDE_HELP)
@asking
def scenario_command(
    ajouter: tuple[str, ...],
    retirer: tuple[str, ...],
    deplacer: tuple[str, ...],
    lien: str | None,
    jour: datetime | None,
    maille: str,
    vitesse: float | None,
    detour: float | None,
    paliers: str | None,
    poids: str | None,
    seuil: float | None,
    demande: str | None,
    filtres: tuple[str, ...],
    form: str,
    sortie: Path | None,
) -> None:
    """Et si l'on ajoutait, retirait ou déplaçait des professionnels : accessibilité avant et après.

    \b
    Exemples :
      obs annuaire scenario --filtre profession=10 --ajouter 57089=2
      obs annuaire scenario --deplacer 67482:57089=1 --retirer 57463=3 --par commune --format csv
    """
    kept = _kept(lien) if lien else {}
    filters = (*(f"{n}={','.join(v)}" for n, v in kept.items() if n in _AXES), *filtres)
    if jour is None and "date" in kept:
        jour = datetime.fromisoformat(kept["date"][0])
    scan, selection, _dates = read(tuple(filters), jour)

    def own(name: str) -> float | None:
        return float(kept[name][0].replace(",", ".")) if name in kept else None

    how = annuaire_acces.parametres(
        own("vitesse") if vitesse is None else vitesse,
        own("detour") if detour is None else detour,
        numbers(paliers or kept.get("paliers", [""])[0], "--paliers"),
        numbers(poids or kept.get("poids", [""])[0], "--poids"),
    )
    moves = (
        *read_moves(kept.get("actions", [""])[0]),
        *(Mouvement(here, heads) for here, heads in map(_action, ajouter)),
        *(Mouvement(here, -heads) for here, heads in map(_action, retirer)),
        *(_move(text) for text in deplacer),
    )
    ground = annuaire_acces.terrain(scan, how, demande or kept.get("demande", [""])[0])
    say_demand(ground, selection)
    offre = annuaire_acces.offered(scan, selection)
    limit = own("seuil") if seuil is None else seuil
    found = annuaire_acces.tried(ground, offre, moves, selection, limit)
    base = pl.lit(ground.population.base)
    if maille == "commune":
        emit(found.communes.with_columns(base_demande=base), form, sortie)
        return
    emit(found.resume.with_columns(seuil=pl.lit(found.seuil), base_demande=base), form, sortie)


_AXES = (*MESHES, "profession", "specialite", "mode_exercice")


def _kept(code: str) -> dict[str, list[str]]:
    """The address that a shared scenario holds."""
    found = opened(open_store(Settings.from_env()), code, Genre.SCENARIO).contenu
    params: Any = found.get("adresse") if isinstance(found, dict) else None
    if not isinstance(params, dict):
        raise LakeError("Ce lien ne mène pas à un scénario.", conseil="Demandez-en un nouveau.")
    return {str(name): [str(one) for one in values] for name, values in params.items()}


def _action(text: str) -> tuple[str, float]:
    place, sign, heads = text.partition("=")
    try:
        value = float(heads.replace(",", ".")) if sign else float("nan")
    except ValueError:
        value = float("nan")
    if not value > 0 or not place.strip():
        raise LakeError(
            f"« {text} » n'est pas une action.", conseil="Écrivez un code INSEE et un effectif : 67482=2."
        )
    return place.strip(), value


def _move(text: str) -> Mouvement:
    places, heads = _action(text)
    here, sign, there = places.partition(":")
    if not sign or not there:
        raise LakeError(f"« {text} » n'est pas un déplacement.", conseil="Écrivez : 67482:57089=1.")
    return Mouvement(here.strip(), heads, there.strip())
