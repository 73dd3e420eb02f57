"""``obs serve``: the supported way to start the pages."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from apps.commands.french import Command
from lake.errors import UnknownName

APPS = ("portail", "annuaire", "segur", "convergence")
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
def serve_command(app: str, port: int, adresse: str, navigateur: bool | None) -> None:
    """Sert les pages : toute la suite (portail), ou une seule application (annuaire, segur, convergence)."""
    if app not in APPS:
        raise UnknownName("application", app, APPS)
    display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform != "linux")
    opens = display if navigateur is None else navigateur
    environment = {**os.environ, "OBS_APP": app}
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
    click.echo(f"Observatoire e-santé : http://localhost:{port} (Ctrl+C pour arrêter)", err=True)
    os.chdir(ROOT.parent)  # .streamlit/config.toml is read from the working directory
    os.execve(sys.executable, command, environment)
