"""Every command and option is documented, in French."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from apps.cli import obs
from apps.commands.manual import manual, walk

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "commandes.md"
COMMANDS = list(walk(obs))
ENGLISH = re.compile(
    r"\b(Show|Usage|Options:|Commands:|Arguments:|message and exit|default:|required|TEXT|INTEGER|FLOAT|RANGE"
    r"|PATH|FILE|DIRECTORY|COMMAND|ARGS)\b"
)


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])
def test_help_is_there_and_french(path: tuple[str, ...], command: click.Command) -> None:
    context = click.Context(command, info_name=" ".join(path))
    shown = command.get_help(context)
    assert shown.startswith("Utilisation : obs")
    assert not ENGLISH.findall(shown)
    assert command.help
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        assert record is not None, parameter.name
        assert record[1].strip(), parameter.name


def test_the_manual_is_up_to_date() -> None:
    assert MANUAL.read_text("utf-8") == manual(obs), "obs commandes --ecrire docs/commandes.md"


def test_the_manual_names_every_command_and_option() -> None:
    text = MANUAL.read_text("utf-8")
    for path, command in COMMANDS:
        section = text.split(f"## `{' '.join(path)}`\n", 1)[1].split("\n## ", 1)[0]
        for parameter in command.params:
            for name in parameter.opts if isinstance(parameter, click.Option) else []:
                assert f"`{name}" in section or f" {name}" in section, (path, name)


def test_lists_of_commands_are_not_cut() -> None:
    said = CliRunner().invoke(obs, ["--help"]).output
    assert "..." not in said
    assert "la vraie ingestion de fichiers fabriqués aux formats officiels." in " ".join(said.split())
