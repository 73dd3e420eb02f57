"""``obs serve``: the supported way to start the pages."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import click

from apps.commands.french import Command
from apps.commands.supervision import become, supervised
from lake.errors import UnknownName
from lake.settings import Settings

APPS = ("portail", "annuaire", "segur", "convergence", "analyses", "saisie", "sas")
ROOT = Path(__file__).resolve().parents[1]


@click.command("serve", cls=Command)
@click.argument("app", metavar="[APP]", default="portail", help="Application à servir.")
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(1, 65535),
    default=8501,
    show_default=True,
    help="Port d'écoute.",
)
@click.option(
    "--adresse", metavar="ADRESSE", default="127.0.0.1", show_default=True, help="Adresse d'écoute."
)
@click.option(
    "--navigateur/--sans-navigateur", default=None, help="Ouvre le navigateur (défaut : s'il y a un écran)."
)
@click.option(
    "--recharger", is_flag=True, help="Relit le code quand un fichier enregistré change (développement)."
)
@click.option(
    "--demo", is_flag=True, help="Sert la démonstration : construit son lac s'il manque (voir obs demo)."
)
def serve_command(
    app: str, port: int, adresse: str, navigateur: bool | None, recharger: bool, demo: bool
) -> None:
    """Sert les pages : toute la suite (portail), ou une seule application (annuaire, segur, convergence)."""
    if app not in APPS:
        raise UnknownName("application", app, APPS)
    if demo:
        os.environ["OBS_DEMO"] = "1"
        _demonstrated()
    display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform != "linux")
    opens = display if navigateur is None else navigateur
    environment = {**os.environ, "OBS_APP": app}
    if Settings.from_env().demo and not environment.get("OBS_SAS_EDITEURS"):
        from apps.sas.editeurs_demo import demarrer  # a server that other commands do not load

        environment["OBS_SAS_EDITEURS"] = demarrer()
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(ROOT / "asgi.py"),
        f"--server.port={port}",
        f"--server.address={adresse}",
        f"--server.headless={'false' if opens else 'true'}",
    ]
    if recharger:
        command += ["--server.fileWatcherType=auto", "--server.runOnSave=true"]
    click.echo(f"Observatoire e-santé : http://localhost:{port} (Ctrl+C pour arrêter)", err=True)
    os.chdir(ROOT.parent)  # .streamlit/config.toml is read from the working directory
    if demo or environment.get("OBS_SAS_EDITEURS") != os.environ.get("OBS_SAS_EDITEURS"):
        # The editors of the demonstration answer from this process, which looks after its check too.
        sys.exit(supervised(command, environment))
    become(command, environment)


def _demonstrated() -> None:
    """Have ``obs demo`` run: to its end where there is no lake, beside the server where one is to be looked over.

    Whether one is there is guessed from the disk, since asking the lake takes as long as starting half of the server.
    A wrong guess costs a wait, or a first page that says that the lake is not ready: nothing else.
    """
    lake = Settings.from_env().lake
    rests = Path(lake)
    there = (
        "://" not in lake
        and (rests / "tables" / "annuaire__activites" / "_delta_log").is_dir()
        and not (rests / "_demonstration").exists()
    )
    checked = subprocess.Popen([sys.executable, "-m", "apps.cli", "demo"])
    if there:
        threading.Thread(target=checked.wait, daemon=True).start()  # what has ended is not left to the system
        return
    try:
        code = checked.wait()
    except KeyboardInterrupt:
        checked.terminate()  # it may be in the middle of a long computation; what it had begun is taken up again
        checked.wait()
        raise
    if code:
        sys.exit(code)
