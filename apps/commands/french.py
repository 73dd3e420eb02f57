"""Click in French: the built-in words of help and errors.

Click asks ``gettext`` for its words but ships no French catalogue; each of its modules keeps the function as
``_``. A catalogue compiled at install time would need a build step: the few words are translated here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any

import click

from apps.commands.native_stderr import set_aside
from lake.errors import LakeError, known_cause

_WORDS = {
    "Usage:": "Utilisation :",
    # Click adds the colon of a heading: the space before it is ours.
    "Options": "Options ",
    "Commands": "Commandes ",
    "Positional arguments": "Arguments ",
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
                setattr(module, "_", _word)  # noqa: B010 — click's modules declare no such name
            if hasattr(module, "ngettext"):
                setattr(module, "ngettext", _words)  # noqa: B010
    click.INT.name = click.IntRange.name = "entier"
    click.FLOAT.name = click.FloatRange.name = "nombre"
    click.STRING.name = "texte"


speak_french()  # before any command is declared: click words some help at declaration

WHOLE_SENTENCE = 300  # characters


class Day(click.DateTime):
    """A day written AAAA-MM-JJ."""

    name = "jour"

    def __init__(self, *words: str) -> None:
        super().__init__(formats=["%Y-%m-%d"])
        self.words = words  # what may be written instead of a day

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002  (click's own)
        """How help shows the value."""
        return "|".join(["AAAA-MM-JJ", *self.words])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value as a datetime at midnight; one of the words stays as it is."""
        if isinstance(value, str) and value.strip().lower() in self.words:
            return value.strip().lower()
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} n'est pas une date AAAA-MM-JJ.", param, ctx)


class Command(click.Command):
    """A command whose usage line is in French."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("options_metavar", "[OPTIONS]")
        super().__init__(*args, **options)

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002  (click's own)
        """The whole first sentence in lists of commands: click cuts it, and the list can wrap."""
        return super().get_short_help_str(WHOLE_SENTENCE)


class Later(MutableMapping[str, click.Command]):
    """Commands by name, each imported when it is first asked for: a command does not wait for what others import.

    Args:
        made: name -> what imports and gives its command.
    """

    def __init__(self, made: Mapping[str, Callable[[], click.Command]]) -> None:
        self._made = dict(made)
        self._known: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._known:
            self._known[name] = self._made[name]()
        return self._known[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._known[name] = command
        self._made.setdefault(name, lambda: command)

    def __delitem__(self, name: str) -> None:
        del self._made[name]
        self._known.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


class Group(click.Group):
    """A group whose errors are one clear French line; a traceback only with ``--debug``.

    Args:
        later: its commands that are imported when they are asked for, by name.
    """

    command_class = Command
    commands: MutableMapping[str, click.Command]

    def __init__(
        self, *args: Any, later: Mapping[str, Callable[[], click.Command]] | None = None, **options: Any
    ) -> None:
        options.setdefault("subcommand_metavar", "COMMANDE [ARGUMENTS]…")
        super().__init__(*args, **options)
        if later is not None:
            self.commands = Later(later)

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002  (click's own)
        """The whole first sentence in lists of commands: click cuts it, and the list can wrap."""
        return super().get_short_help_str(WHOLE_SENTENCE)

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> object:
        """Run the command line.

        An error of the family ends it with exit code 1, a command line that cannot be understood with 2; each
        is one line on the error stream. ``--debug``, wherever it stands, shows the traceback instead.
        """
        speak_french()
        asked = list(sys.argv[1:] if args is None else args)
        debug = "--debug" in asked
        asked = [one for one in asked if one != "--debug"]
        extra["standalone_mode"] = False
        try:
            ended = self._quietly(asked, prog_name or "obs", debug, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except Exception as error:
            if debug:
                raise
            click.echo(_line(error), err=True)
            sys.exit(error.exit_code if isinstance(error, click.ClickException) else 1)
        if isinstance(ended, int) and ended:
            sys.exit(ended)
        return ended

    def _quietly(self, asked: list[str], name: str, debug: bool, **extra: Any) -> object:
        """Run the command; what native code writes of a failure that is told in French is kept out of sight."""
        if debug or asked[:1] == ["serve"]:  # the server's own output is its log
            return super().main(asked, name, **extra)
        with set_aside():
            try:
                return super().main(asked, name, **extra)
            except BaseException as error:
                if isinstance(error, LakeError) or not _of_the_lake(error):
                    raise
                raise _unreadable(error) from error


def _of_the_lake(error: BaseException) -> bool:
    """Whether an error may come from a file of the lake."""
    if isinstance(error, OSError):
        return error.filename is None  # Python names the file of a command's own; Polars does not
    from lake.damage import panicked

    return panicked(error) or _of_polars(error)


def _of_polars(error: BaseException) -> bool:
    if "polars" not in sys.modules:  # not one of its errors, then: it is not imported to be told so
        return False
    from polars.exceptions import PolarsError

    return isinstance(error, PolarsError)


def _unreadable(error: BaseException) -> LakeError:
    """The damaged table behind a failed read, looked for; else the failure in a few French words."""
    from lake.catalog import all_tables
    from lake.settings import Settings
    from lake.tables import Lake

    try:
        return Lake(Settings.from_env()).unreadable(all_tables().values(), error)
    except LakeError as other:
        return other


def _line(error: Exception) -> str:
    """An error as one French line."""
    if isinstance(error, click.exceptions.Abort):
        return "Interrompu."
    if isinstance(error, LakeError):
        return f"Erreur : {error}"
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"Erreur : {_flat(error.format_message())} Aide : {error.ctx.command_path} --help"
    if isinstance(error, click.ClickException):
        return f"Erreur : {_flat(error.format_message())}"
    if isinstance(error, OSError) or _of_polars(error):
        return (
            f"Erreur : lecture ou écriture impossible ({known_cause(str(error))}). "
            "Relancez la commande ; si l'erreur reste, vérifiez le lac : obs lake check."
        )
    return (
        f"Erreur inattendue : {type(error).__name__} ({_flat(str(error))[:160]}). "
        "Relancez avec --debug pour la trace technique."
    )


def _flat(text: str) -> str:
    return " ".join(text.split())
