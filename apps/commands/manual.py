"""``obs commandes``: the manual of the command line, written from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from apps.commands.french import Command

_HEAD = """# La ligne de commande `obs`

Ce fichier est produit depuis les commandes elles-mêmes ; ne le modifiez pas à la main :
`obs commandes --ecrire docs/commandes.md`.

Chaque commande se termine par le code 0 quand tout va bien, 1 quand la demande est refusée ou échoue (une
ligne dit pourquoi et que faire), 2 quand la ligne de commande ne se comprend pas. `--debug` montre la trace
technique.

## Réglages

| variable | rôle | défaut |
|---|---|---|
| `OBS_LAKE` | dossier, ou `s3://bucket/prefixe` (et les variables `AWS_*` habituelles) | `./data/lake` |
| `OBS_STORE` | base de ce que les utilisateurs saisissent (URL SQLAlchemy) | `sqlite:///data/store.db` |
| `OBS_REGION` | code INSEE de la région gardée à l'ingestion, ou `france` | `44` |
| `OBS_GEOCODEUR` | `ban`, `geoplateforme` ou `aucun` | `ban` |

## Fichiers CSV

`--format csv` écrit en UTF-8 sans BOM : virgule entre les champs, point décimal, précision entière, une ligne
d'en-tête, les dimensions puis les mesures dans l'ordre demandé, vide pour une valeur absente. Les taux en %
sont dans des colonnes qui finissent par `_pct` (0 à 100), les autres taux vont de 0 à 1. Il n'y a pas de
ligne de total, sauf avec `--total` : elle est alors la dernière, ses dimensions vides, recalculée (jamais une
somme de lignes).
"""


def manual(root: click.Command) -> str:
    """The manual of a command and of all those under it, in Markdown (French)."""
    return _HEAD + "".join(_section(path, command) for path, command in walk(root))


def walk(
    command: click.Command, path: tuple[str, ...] = ("obs",)
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command, with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from walk(command.commands[name], (*path, name))


def _section(path: tuple[str, ...], command: click.Command) -> str:
    context = _context(path, command)
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [f"\n## `{' '.join(path)}`\n", f"```\n{' '.join(path)} {usage}\n```\n"]
    for block in inspect.cleandoc(command.help or "").split("\n\n"):
        if block.startswith("\b\n"):
            title, _, body = block[2:].partition("\n")
            lines.append(f"{title}\n\n```\n{inspect.cleandoc(body)}\n```\n" if body else f"{title}\n")
        else:
            lines.append(" ".join(block.split()) + "\n")
    options = [record for one in command.params if (record := one.get_help_record(context))]
    if options:
        lines.append("| argument ou option | rôle |\n|---|---|")
        lines += [f"| `{_cell(name)}` | {_cell(text)} |" for name, text in options]
        lines.append("")
    return "\n".join(lines)


def _context(path: tuple[str, ...], command: click.Command) -> click.Context:
    return click.Context(command, info_name=" ".join(path))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


@click.command("commandes", cls=Command)
@click.option("--ecrire", type=click.Path(dir_okay=False, path_type=Path), help="Écrit dans ce fichier.")
@click.pass_context
def manual_command(context: click.Context, ecrire: Path | None) -> None:
    """Affiche le manuel de toutes les commandes, produit depuis leur aide."""
    text = manual(context.find_root().command)
    if ecrire is None:
        click.echo(text, nl=False)
    else:
        ecrire.write_text(text, encoding="utf-8")
        click.echo(f"Manuel écrit : {ecrire}")
