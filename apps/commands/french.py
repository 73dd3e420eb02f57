"""Click in French: the built-in words of help and errors.

Click asks ``gettext`` for its words but ships no French catalogue; each of its modules keeps the function as
``_``. A catalogue compiled at install time would need a build step: the few words are translated here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from lake.errors import LakeError

_WORDS = {
    "Usage:": "Utilisation :",
    "Options": "Options",
    "Commands": "Commandes",
    "Positional arguments": "Arguments",
    "Show this message and exit.": "Affiche cette aide et s'arrête.",
    "Show the version and exit.": "Affiche la version et s'arrête.",
    "%(prog)s, version %(version)s": "%(prog)s, version %(version)s",
    "Error: {message}": "Erreur : {message}",
    "Aborted!": "Interrompu.",
    "Missing command.": "Commande manquante.",
    "Missing argument": "Argument manquant",
    "Missing option": "Option manquante",
    "Missing parameter": "Paramètre manquant",
    "Missing parameter: {param_name}": "Paramètre manquant : {param_name}",
    "Missing {param_type}": "{param_type} manquant",
    "Invalid value: {message}": "Valeur refusée : {message}",
    "Invalid value for {param_hint}: {message}": "Valeur refusée pour {param_hint} : {message}",
    "No such option {name!r}.": "L'option {name!r} n'existe pas.",
    "No such command {name!r}.": "La commande {name!r} n'existe pas.",
    "Try '{command} {option}' for help.": "Aide : {command} {option}",
    "Option {name!r} does not take a value.": "L'option {name!r} ne prend pas de valeur.",
    "{value!r} is not a valid {number_type}.": "{value!r} n'est pas un nombre ({number_type}).",
    "{value} is not in the range {range}.": "{value} n'est pas dans l'intervalle {range}.",
    "{name} {filename!r} does not exist.": "{name} {filename!r} n'existe pas.",
    "{name} {filename!r} is a directory.": "{name} {filename!r} est un dossier.",
    "{name} {filename!r} is not readable.": "{name} {filename!r} ne peut pas être lu.",
    "{name} {filename!r} is not writable.": "{name} {filename!r} ne peut pas être écrit.",
    "Do you want to continue?": "Continuer ?",
    "Confirm the action without prompting.": "Confirme sans poser la question.",
    "default: {default}": "défaut : {default}",
    "env var: {var}": "variable : {var}",
    "file": "fichier",
    "directory": "dossier",
    "path": "chemin",
    "required": "obligatoire",
    "{value!r} does not match the format {format}.": "{value!r} n'est pas de la forme {format}.",
    "{value!r} is not {choice}.": "{value!r} n'est pas {choice}.",
    "{value!r} is not one of {choices}.": "{value!r} n'est pas parmi : {choices}.",
    "{value!r} does not match the formats {formats}.": "{value!r} n'a aucune de ces formes : {formats}.",
    "Option {name!r} requires an argument.": "L'option {name!r} attend une valeur.",
    "Option {name!r} requires {nargs} arguments.": "L'option {name!r} attend {nargs} valeurs.",
    "Got unexpected extra argument ({args})": "Argument en trop : {args}",
    "Got unexpected extra arguments ({args})": "Arguments en trop : {args}",
    "Did you mean {possibility}?": "Vouliez-vous dire {possibility} ?",
    "(Did you mean one of: {possibilities}?)": "(Vouliez-vous dire : {possibilities} ?)",
    "(Possible option: {possibilities})": "(Option possible : {possibilities})",
    "(Possible options: {possibilities})": "(Options possibles : {possibilities})",
}


def _word(message: str) -> str:
    return _WORDS.get(message, message)


def _words(singular: str, plural: str, count: int) -> str:
    return _word(singular if count < 2 else plural)  # French: 0 and 1 are singular


def speak_french() -> None:
    """Make every click module of this process speak French (idempotent)."""
    for name, module in list(sys.modules.items()):
        if name == "click" or name.startswith("click."):
            if hasattr(module, "_"):
                module._ = _word
            if hasattr(module, "ngettext"):
                module.ngettext = _words


speak_french()  # before any command is declared: click words some help at declaration


class Group(click.Group):
    """A group whose errors are one clear French line; a traceback only with ``--debug``."""

    def main(self, args: Sequence[str] | None = None, **extra: object) -> object:  # type: ignore[override]
        """Run the command line; :class:`LakeError` ends it with exit code 1."""
        speak_french()
        try:
            return super().main(args, **extra)  # type: ignore[call-overload]
        except LakeError as error:
            if "--debug" in (args if args is not None else sys.argv):
                raise
            click.echo(f"Erreur : {error}", err=True)
            sys.exit(1)
