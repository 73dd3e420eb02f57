"""``obs export``: a page, or a whole report, as PDF or CSV without a browser."""

from __future__ import annotations

import importlib
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apps.commands.french import Command
from apps.commands.query import DAY, day_of, filters
from apps.commands.rights import access_as, utilisateur_option
from apps.registry import app
from lake.errors import LakeError, UnknownName
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.engine import resolve
from scoring.universes.selection import Selection, refuse_inverted

if TYPE_CHECKING:
    from apps.kit.pages.page import Page

WHOLE = "tout"


@click.command("export", cls=Command)
@click.argument("app_name", metavar="APP", help="Application : annuaire, segur…")
@click.option(
    "--page", "page_name", metavar="PAGE", required=True, help="Nom de la page, ou « tout » (PDF seul)."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["pdf", "csv", "xlsx"]),
    default="pdf",
    show_default=True,
    help="Forme du fichier.",
)
@click.option(
    "--vue", metavar="VUE", help="En CSV ou xlsx : la vue à exporter (défaut : la première de la page)."
)
@click.option(
    "--filtre",
    "filtres",
    metavar="D=V[,V…]",
    multiple=True,
    help="Garde ces valeurs d'une dimension (codes ou libellés) ; répétable.",
)
@click.option(
    "--option",
    "options",
    metavar="NOM=VALEUR",
    multiple=True,
    help="Option de la page (maille=departement…).",
)
@click.option("--date", "jour", type=DAY, help="Extraction ou campagne (défaut : la dernière).")
@click.option("--du", type=DAY, help="Premier mois de la période (univers mensuels).")
@click.option("--au", type=DAY, help="Dernier mois de la période (univers mensuels).")
@utilisateur_option
@click.option("--sortie", type=click.Path(dir_okay=False, path_type=Path), help="Écrit dans ce fichier.")
def export_command(
    app_name: str,
    page_name: str,
    form: str,
    vue: str | None,
    filtres: tuple[str, ...],
    options: tuple[str, ...],
    jour: datetime | None,
    du: datetime | None,
    au: datetime | None,
    utilisateur: str | None,
    sortie: Path | None,
) -> None:
    """Exporte une page telle qu'à l'écran : mêmes filtres, mêmes chiffres.

    Sans --sortie, le fichier porte le nom de la page et s'écrit dans le dossier courant. Avec --utilisateur, il ne
    contient que ce que ce compte verrait.

    \b
    Exemples :
      obs export segur --page psc --format pdf --filtre region=44
      obs export segur --page psc-carte --format csv --vue territoires --option maille=departement
      obs export segur --page tout --format pdf --sortie rapport.pdf
      obs export convergence --page synthese --format csv --utilisateur pilote@exemple.fr
    """
    from apps.kit.data.data import Data
    from apps.kit.data.state import State
    from apps.kit.export.pdf import page_pdf
    from apps.kit.export.report import report_pdf, tables_with_views, view_of
    from apps.kit.export.workbook import table_xlsx
    from apps.kit.pages.export import file_name, table_csv

    pages = _pages(app_name)
    refuse_inverted(day_of(du), day_of(au))
    settings = Settings.from_env()
    lake = Lake(settings)
    chosen = list(pages.values()) if page_name == WHOLE else [_page(pages, page_name)]
    access = access_as(settings, utilisateur, chosen[0].universe.name)
    data = Data(lake, access)
    universe = data.universe(chosen[0].universe)
    wanted = filters(filtres)
    # Values are looked for among those that the account may count: an error never tells a name it may not see.
    seen = access.lecture.figures(data.whole, wanted)
    selection = resolve(universe, seen, Selection(wanted, day_of(jour), day_of(du), day_of(au)))
    for name in selection.filters:
        if not any(name in page.scope.axes for page in chosen):
            raise UnknownName(
                "filtre de la page", name, [axis for page in chosen for axis in page.scope.axes]
            )
    state = State(selection, _options(options, chosen))
    page, view = chosen[0], view_of(chosen[0], data, state)
    if page_name == WHOLE:
        if form != "pdf":
            raise LakeError(
                "Le rapport entier s'exporte en PDF.", conseil="Demandez une page, ou --format pdf."
            )
        printed = [one for one in chosen if one.printable]
        made = report_pdf(
            universe.title, "Toutes les pages, sous les mêmes filtres.", printed, data, state, say=_say
        )
        name = file_name(view, "rapport", "pdf", page="")
    elif form == "pdf":
        made, name = page_pdf(page, view), file_name(view, page.name, "pdf")
    else:
        tables = {name: (table, seen) for name, table, seen in tables_with_views(page, view)}
        if not tables:
            raise LakeError("Cette page n'a aucun chiffre sous ces filtres.", conseil="Retirez un filtre.")
        asked = vue or next(iter(tables))
        if asked not in tables:
            raise UnknownName("vue", asked, tables)
        table, seen_by = tables[asked]
        write = table_csv if form == "csv" else table_xlsx
        made = write(table, seen_by, table.title or asked)
        name = file_name(view, asked, form)
    path = sortie or Path(name)
    path.write_bytes(made)
    click.echo(f"Écrit : {path} ({len(made) // 1024 + 1} Kio)", err=True)


def _pages(name: str) -> dict[str, Page]:
    declared = importlib.import_module(app(name).module)
    return {page.name: page for page in declared.PAGES}


def _page(pages: dict[str, Page], name: str) -> Page:
    if name not in pages:
        raise UnknownName("page", name, [*pages, WHOLE])
    return pages[name]


def _options(values: tuple[str, ...], pages: list[Page]) -> dict[str, str]:
    found = {}
    for value in values:
        name, sign, text = value.partition("=")
        known = [page.scope.options[name] for page in pages if name in page.scope.options]
        if not sign or not known:
            names = [option for page in pages for option in page.scope.options]
            raise UnknownName("option de la page", name, names)
        if not any(not allowed or text in allowed for allowed in known):
            raise UnknownName(f"valeur de « {name} »", text, [one for allowed in known for one in allowed])
        found[name] = text
    return found


def _say(sentence: str, share: float) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K  {sentence} {100 * share:3.0f} %", err=True, nl=share == 1.0)
