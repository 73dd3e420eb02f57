"""``obs annuaire``: the figures of the directory's pages on the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import polars as pl

from apps.commands.french import Group
from apps.commands.output import FORMATS, FORMATS_HELP, emit
from apps.commands.query import DAY, day_of, filters
from lake.catalog.apl import PROFESSIONS
from lake.errors import LakeError
from lake.settings import Settings
from lake.tables import Lake
from scoring.annuaire import evolution as annuaire_evolution
from scoring.annuaire import qualite as annuaire_qualite
from scoring.annuaire.changes import COUNTS, WHOLE
from scoring.annuaire.counting import Base
from scoring.annuaire.identities import renumbered
from scoring.annuaire.territory import MESHES
from scoring.reach import asked as annuaire_acces
from scoring.reach import official as official_apl
from scoring.reach.summary import by_territory, mean, under
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.engine import resolve
from scoring.universes.model import Scan
from scoring.universes.selection import Selection

DEMANDE_HELP = "Population : standardisée par âge (défaut, si elle est ingérée) ou totale."
_LISTS = [name for name in COUNTS if name != "ecart"]


@click.group("annuaire", cls=Group)
def annuaire_group() -> None:
    """Les chiffres des pages de l'annuaire : évolution, accessibilité, scénario, diagnostic, qualité, répertoire."""


def asking(command: Callable[..., None], forms: tuple[str, ...] = FORMATS) -> Callable[..., None]:
    """The options that every question shares: filters and form of the answer."""
    for option in (
        click.option(
            "--sortie", type=click.Path(dir_okay=False, path_type=Path), help="Écrit dans ce fichier."
        ),
        click.option(
            "--format",
            "form",
            type=click.Choice(forms),
            default="table",
            show_default=True,
            help=FORMATS_HELP,
        ),
        click.option(
            "--filtre",
            "filtres",
            metavar="D=V[,V…]",
            multiple=True,
            help="Garde ces valeurs d'une dimension (codes ou libellés) ; répétable.",
        ),
    ):
        command = option(command)
    return command


def read(filtres: tuple[str, ...], jour: datetime | None = None) -> tuple[Scan, Selection, list[date]]:
    """The lake's reads, the selection asked (its date said) and the extractions published, newest first.

    Raises:
        LakeError: the extraction asked is not published.
    """
    lake = Lake(Settings.from_env()).snapshot()
    dates = sorted(
        (date.fromisoformat(day) for day in lake.values(ANNUAIRE.table, "date_extraction")), reverse=True
    )
    wanted = day_of(jour)
    if wanted is not None and wanted not in dates:
        known = ", ".join(f"{day:%Y-%m-%d}" for day in dates) or "aucune"
        raise LakeError(
            f"Aucune extraction n'est publiée au {wanted:%Y-%m-%d}.",
            conseil=f"Extractions publiées : {known}.",
        )
    if wanted is None and dates:
        wanted = dates[0]
    return lake.scan, resolve(ANNUAIRE, lake.scan, Selection(filters(filtres), wanted)), dates


@annuaire_group.command("evolution")
@click.option("--du", "avant", type=DAY, help="Extraction de départ (défaut : celle d'avant).")
@click.option("--au", "apres", type=DAY, help="Extraction d'arrivée (défaut : la dernière).")
@click.option(
    "--par",
    "maille",
    type=click.Choice([WHOLE, *MESHES]),
    default=WHOLE,
    show_default=True,
    help="Une ligne par territoire de cette maille.",
)
@click.option(
    "--base",
    "nom_base",
    type=click.Choice([Base.PERSONNES.value, Base.PERSONNES_PRINCIPAL.value]),
    default=Base.PERSONNES.value,
    show_default=True,
    help="Une personne compte dans chacun de ses territoires, ou dans le principal seulement.",
)
@click.option("--profession", "par_profession", is_flag=True, help="Une ligne par profession aussi.")
@click.option(
    "--liste",
    type=click.Choice(_LISTS),
    help="Donne les personnes qui sont derrière ce chiffre, pas les comptes.",
)
@click.option("--trajets", is_flag=True, help="Donne les trajets d'un territoire à l'autre, pas les comptes.")
@asking
def evolution_command(
    avant: datetime | None,
    apres: datetime | None,
    maille: str,
    nom_base: str,
    par_profession: bool,
    liste: str | None,
    trajets: bool,
    filtres: tuple[str, ...],
    form: str,
    sortie: Path | None,
) -> None:
    """Compare deux extractions : arrivées, départs, déplacements, changements de mode.

    Chaque ligne ferme à l'unité : début + arrivées + entrées − départs − sorties = fin.

    \b
    Exemples :
      obs annuaire evolution
      obs annuaire evolution --du 2024-12-03 --par epci --filtre profession=10
      obs annuaire evolution --liste departs --filtre departement=67 --format csv
    """
    if liste and (trajets or par_profession):
        raise LakeError(
            "--liste ne se combine ni avec --trajets, ni avec --profession.", conseil="Choisissez."
        )
    scan, selection, dates = read(filtres, apres)
    after = selection.date
    if avant is not None:
        read((), avant)  # an extraction that is not published is told with those that are
    before = day_of(avant) or next((day for day in dates if after is not None and day < after), None)
    if before is None or after is None:
        raise LakeError(
            "Il faut deux extractions publiées pour les comparer.",
            conseil="Ingérez-en une autre : obs ingest annuaire.",
        )
    compared = annuaire_evolution.compare(
        scan, selection, before, after, principal=nom_base == Base.PERSONNES_PRINCIPAL
    )
    if liste:
        frame = annuaire_evolution.people(compared, liste, annuaire_evolution.named(compared, scan), maille)
    elif trajets:
        frame = annuaire_evolution.journeys(compared, "commune" if maille == WHOLE else maille)
    else:
        frame = annuaire_evolution.counts(compared, maille, by_profession=par_profession)
        whole = annuaire_evolution.counts(compared)
        if whole.height and (remark := renumbered(whole.row(0, named=True))):
            click.echo(remark, err=True)
    emit(flat(frame, form), form, sortie)


def numbers(text: str | None, option: str) -> tuple[float, ...]:
    """Numbers separated by semicolons, decimal comma or point.

    Raises:
        LakeError: one of them is no number.
    """
    try:
        return tuple(float(part.replace(",", ".")) for part in (text or "").split(";") if part.strip())
    except ValueError as error:
        raise LakeError(
            f"{option} : « {text} » n'est pas une liste de nombres.", conseil=f"Écrivez {option} '5;10;15'."
        ) from error


@annuaire_group.command("accessibilite")
@click.option("--date", "jour", type=DAY, help="Extraction (défaut : la dernière).")
@click.option(
    "--par",
    "maille",
    type=click.Choice(["ensemble", *MESHES]),
    default="ensemble",
    show_default=True,
    help="Une ligne par territoire de cette maille.",
)
@click.option("--vitesse", type=float, metavar="KM/H", help="Vitesse moyenne (défaut : 50).")
@click.option("--detour", type=float, metavar="FACTEUR", help="Route sur vol d'oiseau (défaut : 1,3).")
@click.option("--paliers", metavar="MIN;…", help="Paliers de temps, en minutes (défaut : 5;10;15).")
@click.option("--poids", metavar="P;…", help="Poids de chaque palier (défaut : 1;0,3;0,1).")
@click.option("--seuil", type=float, metavar="S", help="Seuil (défaut : moitié de la moyenne régionale).")
@click.option("--demande", type=click.Choice(annuaire_acces.DEMANDES), help=DEMANDE_HELP)
@click.option(
    "--officiel",
    is_flag=True,
    help="Met l'indicateur officiel de la DREES (APL) à côté, avec l'écart des positions.",
)
@click.option("--millesime", metavar="AAAA", help="Millésime de l'APL (défaut : le dernier ingéré).")
@asking
def accessibilite_command(
    jour: datetime | None,
    maille: str,
    vitesse: float | None,
    detour: float | None,
    paliers: str | None,
    poids: str | None,
    seuil: float | None,
    demande: str | None,
    officiel: bool,
    millesime: str | None,
    filtres: tuple[str, ...],
    form: str,
    sortie: Path | None,
) -> None:
    """Accessibilité potentielle (têtes, distance) : professionnels à portée pour 10 000 habitants.

    Ce n'est pas l'indicateur officiel de la DREES ; méthode et limites : docs/methodes/accessibilite.md. La
    colonne base_demande dit la population utilisée : ages (standardisée par âge) ou totale.

    \b
    Exemples :
      obs annuaire accessibilite --filtre profession=10 --filtre specialite=SM54
      obs annuaire accessibilite --par commune --filtre departement=67 --paliers '10;20' --poids '1;0,3'
      obs annuaire accessibilite --par epci --filtre profession=10 --filtre specialite=SM54 --officiel --format csv
    """
    scan, selection, _dates = read(filtres, jour)
    how = annuaire_acces.parametres(vitesse, detour, numbers(paliers, "--paliers"), numbers(poids, "--poids"))
    ground = annuaire_acces.terrain(scan, how, demande or "")
    result = annuaire_acces.computed(ground, annuaire_acces.offered(scan, selection))
    say_demand(ground, selection)
    if officiel or millesime:
        emit(_compared(scan, ground, result.communes, selection, maille, millesime or ""), form, sortie)
        return
    limit = annuaire_acces.usual_threshold(result.communes) if seuil is None else seuil
    rows = annuaire_acces.shown(ground, result.communes, selection)
    if maille == "ensemble":
        below = under(rows, limit)
        frame = pl.DataFrame(
            {
                "population": [int(rows["population"].sum())],
                "offre": [float(rows["offre"].sum())],
                "accessibilite_potentielle_pour_10000": [mean(rows)],
                "seuil": [limit],
                "communes_sous_seuil": [below.communes],
                "population_sous_seuil": [below.population],
                "part_sous_seuil": [below.part_taux],
            }
        )
    elif maille == "commune":
        emit(_by_commune(rows, ground), form, sortie)
        return
    else:
        frame = by_territory(rows, MESHES[maille], limit)
    emit(frame.with_columns(base_demande=pl.lit(ground.population.base)), form, sortie)


def _by_commune(rows: pl.DataFrame, ground: annuaire_acces.Terrain) -> pl.DataFrame:
    """The communes, each with the population that is used for it: one whose ages are unknown keeps its total one."""
    known = ground.demande.select(
        "code_commune",
        base_demande=pl.when("standardisee")
        .then(pl.lit(annuaire_acces.AGES))
        .otherwise(pl.lit(annuaire_acces.TOTALE)),
    )
    return rows.join(known, on="code_commune", how="left", maintain_order="left")


def say_demand(ground: annuaire_acces.Terrain, selection: Selection) -> None:
    """Say on the error output which population is used: the answer itself stays a bare table."""
    said = ground.population.words(generalistes=official_apl.profession(selection) == "10")
    click.echo(f"Demande : {said}", err=True)


def _compared(
    scan: Scan,
    ground: annuaire_acces.Terrain,
    communes: pl.DataFrame,
    selection: Selection,
    maille: str,
    millesime: str,
) -> pl.DataFrame:
    """Both measures side by side; positions are those of the whole scope.

    Raises:
        LakeError: the selection counts other people than the DREES does, or its file is not ingested.
    """
    code = official_apl.profession(selection)
    if not code:
        raise LakeError(
            "L'indicateur de la DREES se compare une profession à la fois "
            f"({', '.join(f'{words} : {one}' for one, words in PROFESSIONS.items())}).",
            conseil="Écrivez --filtre profession=60 (médecins : profession=10 et specialite=SM54).",
        )
    found = official_apl.official(scan, code, millesime)
    mesh = MESHES["commune" if maille == "ensemble" else maille]
    here = annuaire_acces.shown(ground, communes, selection)[mesh].drop_nulls().unique()
    rows = official_apl.compared(annuaire_acces.everyone(ground, communes), found, mesh).filter(
        pl.col(mesh).is_in(here.implode())
    )
    if maille == "ensemble":
        agreed = official_apl.agreement(rows)
        rows = pl.DataFrame(
            {
                "territoires": [agreed.territoires],
                "territoires_sans_comparaison": [agreed.sans],
                "correlation_rangs": [agreed.correlation_rangs],
            },
            schema_overrides={"correlation_rangs": pl.Float64},
        )
    return rows.with_columns(
        millesime_apl=pl.lit(found.annee),
        unite_apl=pl.lit(found.unite),
        base_demande=pl.lit(ground.population.base),
    )


@annuaire_group.command("qualite")
@click.option("--date", "jour", type=DAY, help="Extraction (défaut : la dernière).")
@click.option(
    "--par",
    "maille",
    type=click.Choice(["ensemble", *MESHES]),
    default="ensemble",
    show_default=True,
    help="Une ligne par territoire de cette maille.",
)
@click.option(
    "--base",
    "nom_base",
    type=click.Choice([one.value for one in Base]),
    default=Base.ACTIVITES.value,
    show_default=True,
    help="Ce que l'on compte.",
)
@click.option(
    "--a-corriger", is_flag=True, help="Donne le fichier de correction à compléter, pas les comptes."
)
@click.option(
    "--corrections", is_flag=True, help="Donne les corrections en vigueur et ce qu'elles deviennent."
)
@asking
def qualite_command(
    jour: datetime | None,
    maille: str,
    nom_base: str,
    a_corriger: bool,
    corrections: bool,
    filtres: tuple[str, ...],
    form: str,
    sortie: Path | None,
) -> None:
    """Registre de localisation : total = numéro + rue + lieu-dit + non localisés par motif, différence 0.

    \b
    Exemples :
      obs annuaire qualite --par epci --base personnes
      obs annuaire qualite --a-corriger --filtre departement=67 --format csv --sortie a-corriger.csv
      obs ingest corrections a-corriger.csv
      obs annuaire qualite --corrections
    """
    if a_corriger and corrections:
        raise LakeError("--a-corriger et --corrections ne se combinent pas.", conseil="Choisissez.")
    scan, selection, _dates = read(filtres, jour)
    if a_corriger:
        frame = annuaire_qualite.a_corriger(scan, selection)
    elif corrections:
        frame = annuaire_qualite.corrections(scan, selection)
    else:
        mesh = None if maille == "ensemble" else maille
        frame = annuaire_qualite.registre(scan, selection, Base(nom_base), mesh)
    emit(frame, form, sortie)


def flat(frame: pl.DataFrame, form: str) -> pl.DataFrame:
    """Lists as text where the form holds none (``67482|68066``)."""
    if form in ("json", "parquet"):
        return frame
    lists = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.List)]
    joined: list[Any] = [pl.col(name).list.join("|") for name in lists]
    return frame.with_columns(joined)
