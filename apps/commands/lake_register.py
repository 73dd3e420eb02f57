"""``obs lake publications``, ``obs lake revenir``: what was shown, delivery by delivery, and going back."""

from __future__ import annotations

from collections.abc import Iterable

import click
import polars as pl

from apps.commands.french import Command
from apps.commands.output import FORMATS, FORMATS_HELP, emit
from lake.catalog import all_tables
from lake.errors import DamagedLake, UnknownName
from lake.publications import ECRITURE, ETAT, LIVRAISON, RESTAURATION, RETOUR
from lake.returning import go_back
from lake.settings import Settings
from lake.tables import Lake
from lake.words import agreed

_WORDS = {
    LIVRAISON: "livraison",
    ETAT: "état trouvé",
    RETOUR: "retour",
    RESTAURATION: "table rétablie",
    ECRITURE: "table écrite",
}


@click.command("publications", cls=Command)
@click.option("--source", metavar="SOURCE", help="Une source seulement.")
@click.option(
    "--nombre", type=click.IntRange(1), default=30, show_default=True, help="Les dernières seulement."
)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help=FORMATS_HELP
)
def publications_command(source: str | None, nombre: int, form: str) -> None:
    """Liste les publications, de la plus récente à la plus ancienne.

    Une publication montre d'un coup toutes les tables d'une livraison. La première ligne est ce que lisent les
    pages ; obs lake revenir rétablit l'une des autres.
    """
    lake = Lake(Settings.from_env())
    rows: list[tuple[object, ...]] = []
    for number in reversed(lake.register.numbers()):
        if len(rows) == nombre:
            break
        try:
            one = lake.register.get(number)
        except DamagedLake:
            rows.append((number, None, "illisible", None, None, None, None))
            continue
        if source is not None and source not in {one.source, *_sources(one.change)}:
            continue
        said = one.faits.get("date") or (f"n° {one.faits['vers']}" if "vers" in one.faits else None)
        changed = ", ".join(f"{name}@{'—' if v is None else v}" for name, v in one.change.items())
        rows.append(
            (
                number,
                f"{one.moment:%d/%m/%Y %H:%M:%S}",
                _WORDS.get(one.genre, one.genre),
                one.source or None,
                said,
                changed or None,
                one.execution or None,
            )
        )
    columns = {
        "numero": pl.Int64, "publiee_le_utc": pl.String, "genre": pl.String, "source": pl.String,
        "donnees": pl.String, "tables": pl.String, "execution": pl.String,
    }  # fmt: skip
    emit(pl.DataFrame(rows, schema=columns, orient="row"), form)


def _sources(names: Iterable[str]) -> set[str]:
    tables = all_tables()
    return {tables[name].source for name in names if name in tables}


@click.command("revenir", cls=Command)
@click.argument("numero", type=int, help="Numéro de la publication (obs lake publications).")
@click.option("--source", metavar="SOURCE", help="Ne revient en arrière que pour les tables de cette source.")
def go_back_command(numero: int, source: str | None) -> None:
    """Montre de nouveau ce que montrait une publication (comme nouvelle publication : rien n'est effacé)."""
    known = {one.source for one in all_tables().values()}
    if source is not None and source not in known:
        raise UnknownName("source", source, known)

    def say(sentence: str, _share: float | None) -> None:
        click.echo(f"  {sentence}", err=True)

    lake = Lake(Settings.from_env())
    made = go_back(lake, numero, all_tables(), source=source, say=say)
    if made is None:
        click.echo(f"La publication {numero} est déjà ce que lisent les pages : rien à faire.")
        return
    count = len(made.change)
    click.echo(
        agreed(
            count, f"Publication {numero} rétablie (c'est la publication {made.numero}) : {count} table(s)."
        )
    )
