"""What an operator copies: units and timers that run commands which exist, an image whose layers are enough."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from apps.cli import obs

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "deploy" / "systemd"
WORK = (UNITS / "travaux").read_text("utf-8")
IMAGE = (ROOT / "deploy" / "image" / "Containerfile").read_text("utf-8")


def command_of(words: list[str]) -> click.Command:
    """The command that some words run; the options that follow are its own."""
    here: click.Command = obs
    for word in words:
        if not isinstance(here, click.Group):
            break
        here = here.commands[word]
    return here


def test_every_timer_starts_a_work_that_is_written() -> None:
    works = set(re.findall(r"^    (\w+)\)", WORK, re.MULTILINE))
    timers = {path.stem.removeprefix("observatoire-"): path for path in UNITS.glob("*.timer")}
    assert set(timers) == works
    for name, path in timers.items():
        assert f"Unit=observatoire@{name}.service" in path.read_text("utf-8")


def test_every_work_runs_commands_and_options_that_exist() -> None:
    lines = re.findall(r'"\$obs" ([^;&]+?)(?:;| ;;)', WORK)
    lines += re.findall(r"bin/obs (.+)$", (UNITS / "observatoire.service").read_text("utf-8"), re.MULTILINE)
    assert len(lines) == 13
    for line in lines:
        words = line.split()
        found = command_of(words)
        assert not isinstance(found, click.Group), line
        known = {option for one in found.params for option in (*one.opts, *one.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_an_unknown_work_is_refused_with_those_that_exist() -> None:
    done = subprocess.run(["sh", UNITS / "travaux", "menages"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Travail inconnu : « menages »." in done.stderr


@pytest.mark.parametrize(
    ("work", "ran", "first", "second"),
    [
        ("courriels", ["analyse abonnements", "user envoyer"], 1, 0),
        ("courriels", ["analyse abonnements", "user envoyer"], 0, 2),
        ("menage", ["lake compacter", "lake vacuum --jours 90"], 3, 1),
        ("menage", ["lake compacter", "lake vacuum --jours 90"], 0, 0),
    ],
)
def test_a_work_of_two_commands_runs_both_and_ends_with_the_worse_code(
    tmp_path: Path, work: str, ran: list[str], first: int, second: int
) -> None:
    """Subscriptions that fail must not keep the mail that waits."""
    told, command = tmp_path / "dit", tmp_path / "obs"
    command.write_text(
        f'#!/bin/sh\necho "$*" >> {told}\ncase "$*" in "{ran[0]}") exit {first} ;; *) exit {second} ;; esac\n'
    )
    command.chmod(0o755)
    script = tmp_path / "travaux"
    script.write_text(WORK.replace("/srv/observatoire/.venv/bin/obs", str(command)))
    done = subprocess.run(["sh", script, work], capture_output=True, text=True, check=False)
    assert told.read_text().splitlines() == ran
    assert done.returncode == max(first, second)


def test_what_the_guide_asks_of_the_accounts_is_a_work_with_its_timer() -> None:
    """Each night, or each month: as docs/exploitation.md says."""
    for name, command, when in (
        ("sauvegarde", "store backup", "*-*-* "), ("purge", "store purge", "*-*-01 "),
        ("journal", "store publier-journal", "*-*-01 "),
    ):  # fmt: skip
        assert re.search(rf'^    {name}\)[^;]*exec "\$obs" {command}', WORK, re.MULTILINE)
        assert f"OnCalendar={when}" in (UNITS / f"observatoire-{name}.timer").read_text("utf-8")


def test_the_accounts_are_saved_where_nothing_was_yet(tmp_path: Path) -> None:
    """The command runs as it is, from a folder that has never held a backup."""
    obs = Path(sys.executable).with_name("obs")
    script = tmp_path / "travaux"
    script.write_text(WORK.replace("/srv/observatoire/.venv/bin/obs", str(obs)))
    environment = {
        **os.environ,
        "OBS_STORE": f"sqlite:///{tmp_path / 'store.db'}",
        "OBS_LAKE": str(tmp_path / "lac"),
    }
    done = subprocess.run(
        ["sh", script, "sauvegarde"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (saved,) = (tmp_path / "data" / "sauvegardes").glob("comptes-????-??-??.zip")
    assert saved.stat().st_mode & 0o077 == 0


def test_every_calendar_is_one_that_systemd_reads() -> None:
    """Days of the week, then a date, then an hour: the forms used here, that systemd-analyze accepts."""
    days = r"(\*|[0-9]{2}(,[0-9]{2})*)"
    form = rf"((Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?\*-{days}-{days} (\*|[0-9]{{2}}):[0-9]{{2}}:00"
    for path in UNITS.glob("*.timer"):
        (when,) = re.findall(r"^OnCalendar=(.+)$", path.read_text("utf-8"), re.MULTILINE)
        assert re.fullmatch(form, when), (path.name, when)


def test_what_the_image_copies_is_enough_to_run(tmp_path: Path) -> None:
    """The layers' list is carried out: the files of each COPY, nothing else, and the command answers from there."""
    copied = re.findall(r"^COPY (.+) (\S+)$", IMAGE, re.MULTILINE)
    assert [what for what, _ in copied] == [
        "requirements.lock", "pyproject.toml README.md LICENSE", ".streamlit", "lake", "scoring", "ingest", "apps",
    ]  # fmt: skip
    sent = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for name in (name for what, _ in copied for name in what.split()):
        assert any(line.startswith(f"!{name}") for line in sent), name
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    script = (
        "import sys; sys.path[:0] = [sys.argv[1]]\n"
        "import apps.cli, apps.asgi\n"
        "assert apps.cli.__file__.startswith(sys.argv[1]), apps.cli.__file__\n"
        "assert 'demo' not in sys.modules and 'tests' not in sys.modules\n"
    )
    environment = {**os.environ, "OBS_LAKE": str(tmp_path / "lac"), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=tmp_path, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(
    ("answering", "expected"),
    [
        (("docker", "buildah"), "docker build -f"),
        (("buildah",), "buildah build --format docker -f"),
        (("podman",), "podman build --format docker -f"),
    ],
)
def test_the_image_is_built_by_the_first_builder_that_answers(
    tmp_path: Path, answering: tuple[str, ...], expected: str
) -> None:
    """All are installed; those that do not answer leave their place. Only docker's format has the health check."""
    done = make_image(tmp_path, installed=("docker", "podman", "buildah"), answering=answering)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(expected)
    assert " -f deploy/image/Containerfile -t observatoire-esante:" in done.stdout
    assert done.stdout.endswith(" -t observatoire-esante:latest .\n")  # the name that the guide runs


@pytest.mark.parametrize("installed", [(), ("docker",)])
def test_where_no_builder_answers_the_reader_knows_what_to_install(
    tmp_path: Path, installed: tuple[str, ...]
) -> None:
    done = make_image(tmp_path, installed=installed, answering=())
    assert done.returncode == 2
    assert "installez ou démarrez docker, podman ou buildah." in done.stdout
    assert " build " not in done.stdout


def make_image(
    folder: Path, *, installed: tuple[str, ...], answering: tuple[str, ...]
) -> subprocess.CompletedProcess[str]:
    """``make image`` where these builders are installed, and tell what they are asked."""
    for name in installed:
        script = folder / name
        answer = 0 if name in answering else 1
        script.write_text(f'#!/bin/sh\n[ "$1" = info ] && exit {answer}\necho {name} "$@"\n')
        script.chmod(0o755)
    for name in ("make", "sh", "git"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return subprocess.run(
        ["make", "-s", "image"], cwd=ROOT, env={**os.environ, "PATH": str(folder)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_the_image_holds_no_secret_and_runs_as_nobody_important() -> None:
    assert "secrets.toml" not in "".join(re.findall(r"^COPY .*$", IMAGE, re.MULTILINE))
    assert "!.streamlit/config.toml" in (ROOT / ".dockerignore").read_text("utf-8")
    assert IMAGE.index("USER observatoire") < IMAGE.index("ENTRYPOINT")
