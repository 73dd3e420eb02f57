"""``obs serve``: the supported way to start the pages."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import click

from apps.commands.french import Command
from apps.commands.supervision import Several, become, supervised
from lake.errors import LakeError, UnknownName
from lake.settings import Settings

APPS = ("portail", "annuaire", "segur", "convergence", "analyses", "saisie", "sas")
ROOT = Path(__file__).resolve().parents[1]
NEAR = ("127.0.0.1", "localhost", "0.0.0.0")
"""Addresses on which several servers of this machine reach one another."""
LAST_PORT = 65_535


@click.command("serve", cls=Command)
@click.argument("app", metavar="[APP]", default="portail", help="Application à servir.")
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(1, LAST_PORT),
    default=8501,
    show_default=True,
    help="Port d'écoute.",
)
@click.option(
    "--processus",
    metavar="N",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processus qui servent ensemble, sur les ports PORT, PORT+1… : un relais (deploy/nginx) est devant eux.",
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
    app: str,
    port: int,
    processus: int,
    adresse: str,
    navigateur: bool | None,
    recharger: bool,
    demo: bool,
) -> None:
    """Sert les pages : toute la suite (portail), ou une seule application (annuaire, segur, convergence)."""
    if app not in APPS:
        raise UnknownName("application", app, APPS)
    ports = _ports(port, processus, adresse) if processus > 1 else ()
    if demo:
        os.environ["OBS_DEMO"] = "1"
        _demonstrated()
    display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform != "linux")
    opens = not ports and (display if navigateur is None else navigateur)
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
        f"--server.port={'{port}' if ports else port}",
        f"--server.address={adresse}",
        f"--server.headless={'false' if opens else 'true'}",
    ]
    if recharger:
        command += ["--server.fileWatcherType=auto", "--server.runOnSave=true"]
    if ports:
        click.echo(f"Observatoire e-santé : {processus} processus (Ctrl+C pour les arrêter)", err=True)
        for rank, one in enumerate(ports, 1):
            click.echo(f"  processus {rank} : http://localhost:{one}", err=True)
    else:
        click.echo(f"Observatoire e-santé : http://localhost:{port} (Ctrl+C pour arrêter)", err=True)
    os.chdir(ROOT.parent)  # .streamlit/config.toml is read from the working directory
    if demo or environment.get("OBS_SAS_EDITEURS") != os.environ.get("OBS_SAS_EDITEURS"):
        # The editors of the demonstration answer from this process, which looks after its check too.
        sys.exit(Several(command, ports, environment).run() if ports else supervised(command, environment))
    become(command, environment, ports)


def _ports(first: int, count: int, address: str) -> tuple[int, ...]:
    """The ports of several servers.

    Raises:
        LakeError: there are not so many, or the servers could not reach one another.
    """
    if address not in NEAR:
        raise LakeError(
            f"Plusieurs processus se parlent sur cette machine : « --adresse {address} » ne le permet pas.",
            conseil="Laissez 127.0.0.1 (un relais est devant), ou 0.0.0.0 dans un conteneur.",
        )
    if first + count - 1 > LAST_PORT:
        raise LakeError(f"Il n'y a pas {count} ports à partir de {first} : le dernier est {LAST_PORT}.")
    return tuple(range(first, first + count))


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
