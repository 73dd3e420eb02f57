"""``obs nouvelle-source``: a source that ingests, its contract, its README and its test; the rest is to be written.

For developers, on the sources: what is written is code of the project, to be read and changed. The contract says
what a row is, the reader refuses what is none, with its line, and the test gives both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import click

from apps.commands.french import Command
from apps.commands.nouvelle import ROOT, laid_out
from lake.catalog import all_tables
from lake.errors import LakeError, UnknownName
from lake.text import fold

KINDS = {"texte": "String", "entier": "Int64", "decimal": "Float64"}
"""Type on the command line -> type of the contract. Codes are texts: 01 stays 01."""
SAMPLES = {"texte": ("A", "B"), "entier": ("12", "7"), "decimal": ("1,5", "2,25")}
_CODES = ("code_", "siren", "siret", "finess")

CATALOG = '''"""Contract of « {title} ».

Source: to be said. {licence}.
"""

from __future__ import annotations

import dataframely as dy

from lake.contract import Table


class {schema}(dy.Schema):
    """One row per {key_words}."""

{fields}

{constant} = Table(
    name="{table}",
    title="{title}",
    description="Une ligne par {key_words}.",
    schema={schema},
    source="{name}",
    licence="{licence}",
)

TABLES = ({constant},)
'''

SOURCE = '''"""The ``{name}`` source: {title_lower}."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from ingest.files import delimited
from ingest.source import REJECTS_SCHEMA, Context, Fall, Parsed, Snapshot
from lake.catalog.{name} import {constant}
from lake.contract import Table
from lake.errors import ContractError
from lake.text import tidy

_KEY = ({key},)
_NUMBERS: Mapping[str, type[pl.DataType]] = {{{numbers}}}


class {klass}:
    """Source ``{name}`` (see :class:`ingest.source.Source`)."""

    name = "{name}"
    title = "{title}"
    licence = {constant}.licence
    tables: tuple[Table, ...] = ({constant},)
    budget = 0.02
    falls: tuple[Fall, ...] = (Fall({constant}, rows=0.3),)
    depends: tuple[Table, ...] = ()

    def urls(self, region: str) -> Mapping[str, str]:  # noqa: ARG002 — to be said: where the file is published
        """No official address is known yet: files are given by hand."""
        return {{}}

    def date_of(self, paths: Sequence[Path]) -> date | None:  # noqa: ARG002 — to be said: what announces the date
        """Nothing in the file announces its date."""
        return None

    def parse(self, snapshot: Snapshot, context: Context) -> Iterator[Parsed]:
        """Read the file: the whole table is replaced.

        Raises:
            ContractError: several files, or a missing column.
        """
        if len(snapshot.files) != 1:
            raise ContractError(
                f"Il faut un seul fichier, pas {{len(snapshot.files)}}.",
                conseil="Écrivez : obs ingest {name} FICHIER.csv.",
            )
        file = snapshot.files[0]
        context.say(f"Lecture de {{file.name}}", None)
        rows = delimited.read(file.path, file.name)
        wanted = {constant}.columns
        if missing := [one for one in wanted if one not in rows.columns]:
            raise ContractError(
                f"{{file.name}}, ligne 1 : il manque {{', '.join(missing)}}.",
                conseil=f"Colonnes attendues : {{', '.join(wanted)}}.",
            )
        read = rows.frame.with_columns(tidy(pl.col(one)).alias(one) for one in wanted)
        single = read.unique(wanted, keep="first", maintain_order=True)
        settled = single.with_columns(
            motif=pl.coalesce(
                pl.when(~pl.struct(_KEY).is_first_distinct()).then(pl.lit("clé déjà donnée, avec d'autres valeurs")),
                *(
                    pl.when(pl.col(one).is_not_null() & _number(one).is_null()).then(
                        pl.format("{{}} : « {{}} » n'est pas un nombre", pl.lit(one), one)
                    )
                    for one in _NUMBERS
                ),
            )
        )
        refused = settled.filter(pl.col("motif").is_not_null()).select(
            fichier=pl.lit(file.name), ligne="ligne", motif="motif", contenu="contenu"
        )
        kept = settled.filter(pl.col("motif").is_null()).with_columns(_number(one).alias(one) for one in _NUMBERS)
        yield Parsed(
            table={constant},
            frame=kept.select("ligne", *wanted),
            lues=rows.lues,
            doublons=read.height - single.height,
            rejects=pl.concat([rows.rejects, refused.cast(REJECTS_SCHEMA)]),
            warnings=list(rows.warnings),
            file=file.name,
        )


def _number(name: str) -> pl.Expr:
    """A French or English number of a column; null when it is none."""
    return pl.col(name).str.replace(",", ".", literal=True).cast(_NUMBERS[name], strict=False)


SOURCE = {klass}()
'''

README = """# Source `{name}`: {title_lower}

**What it is.** To be said: who makes the file, what a line is, what it is used for here.

**Licence.** {licence}.

**Where.** To be said. `obs ingest {name} FICHIER.csv`.

**Date.** To be said: nothing in the file announces it yet.

## Layout

CSV (`;`, `,` or tabulations), UTF-8 or Windows-1252, headings:

| column | meaning |
|---|---|
{layout}

## What becomes of a line

One line, one row of `{table}`. Identical lines are duplicates. Rejected, with the line number: another number of
fields, an unreadable number, a second line of the same key with other values, what the contract refuses. A publication
replaces the whole table.
"""

TEST = '''"""The ``{name}`` source: what is read, set aside and refused, and that the counts close."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.run import Request, run
from ingest.sources import source
from lake.catalog.{name} import {constant}
from lake.errors import ContractError
from lake.tables import Lake

HEADER = "{header}"
FIRST, SECOND = "{first}", "{second}"


def delivery(folder: Path, *lines: str) -> Path:
    path = folder / "{name}.csv"
    path.write_text("\\n".join(lines) + "\\n", encoding="utf-8")
    return path


def test_lines_become_rows_and_repeated_ones_are_set_aside(lake: Lake, tmp_path: Path) -> None:
    path = delivery(tmp_path, HEADER, FIRST, SECOND, FIRST)
    report = run(source("{name}"), Request(files=(path,)), lake.settings)
    rows = lake.scan({constant}).collect()
    assert rows.height == 2
    assert rows.columns == list({constant}.columns)
    (table,) = report.tables
    assert (table.lues, table.publiees, table.doublons, table.rejetees) == (3, 2, 1, 0)


def test_a_line_cut_short_is_refused_with_its_number(lake: Lake, tmp_path: Path) -> None:
    path = delivery(tmp_path, HEADER, FIRST, SECOND + ";trop;de;champs")
    report = run(source("{name}"), Request(files=(path,), budget=0.9), lake.settings)
    (table,) = report.tables
    assert (table.lues, table.publiees, table.rejetees) == (2, 1, 1)


def test_a_missing_column_is_named(lake: Lake, tmp_path: Path) -> None:
    path = delivery(tmp_path, "inconnue", "x")
    with pytest.raises(ContractError, match="il manque {missing}"):
        run(source("{name}"), Request(files=(path,)), lake.settings)
'''


@dataclass(frozen=True)
class Wanted:
    """What was asked, checked.

    Attributes:
        name: name of the source, of its folder and of its domain.
        title: French title.
        licence: licence and attribution.
        columns: column -> type of the command line.
        key: columns of the key.
    """

    name: str
    title: str
    licence: str
    columns: dict[str, str]
    key: tuple[str, ...]


@click.command("nouvelle-source", cls=Command)
@click.argument("nom", metavar="NOM", help="Nom de la source : des lettres minuscules (pharmacies).")
@click.option("--titre", metavar="TITRE", required=True, help="Titre français de la table.")
@click.option(
    "--colonnes",
    metavar="C[:TYPE],…",
    required=True,
    help="Colonnes du fichier ; TYPE : texte (défaut), entier ou decimal.",
)
@click.option("--cle", metavar="C,…", required=True, help="Colonnes qui disent de quoi une ligne parle.")
@click.option("--licence", metavar="LICENCE", default="Licence Ouverte 2.0", help="Licence et attribution.")
def new_source_command(nom: str, titre: str, colonnes: str, cle: str, licence: str) -> None:
    """Écrit une source qui s'ingère, son contrat, ses inscriptions, sa notice et son test."""
    written = new_source(ROOT, _checked(nom, titre, colonnes, cle, licence))
    laid_out(ROOT, [path for path in written if path.suffix == ".py"])
    for path in written:
        click.echo(f"Écrit : {path}")
    click.echo(f"Essayez : make test-un T=tests/unit/test_{nom}_source.py")
    click.echo("Puis : obs lake dictionnaire --ecrire docs/dictionnaire.md")
    click.echo("Personne ne lit encore cette table : dites qui, dans scoring/droits.py.")


def _checked(name: str, title: str, columns: str, key: str, licence: str) -> Wanted:
    if not re.fullmatch(r"[a-z]{3,24}", name):
        raise LakeError(
            f"« {name} » n'est pas un nom de source.",
            conseil="Des lettres minuscules sans accent : pharmacies.",
        )
    if name in {table.partition("__")[0] for table in all_tables()}:
        raise LakeError(f"Le domaine {name} existe déjà.", conseil="Choisissez un autre nom.")
    found: dict[str, str] = {}
    for part in filter(None, (one.strip() for one in columns.split(","))):
        column, _, kind = part.partition(":")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", column) or column in ("ligne", "contenu", "motif"):
            raise LakeError(
                f"« {column} » n'est pas un nom de colonne.", conseil="Minuscules, chiffres et traits bas."
            )
        kind = kind or "texte"
        if kind not in KINDS:
            raise UnknownName("type", kind, KINDS)
        if column.startswith(_CODES) and kind != "texte":
            raise LakeError(f"{column} est un code : un texte.", conseil="01 ne doit pas devenir 1.")
        found[column] = kind
    keys = tuple(filter(None, (one.strip() for one in key.split(","))))
    for one in keys:
        if one not in found:
            raise UnknownName("colonne", one, found)
    if not keys or not all(found[one] == "texte" for one in keys):
        raise LakeError(
            "La clé est faite de colonnes de texte.", conseil="Donnez-en au moins une : --cle code."
        )
    return Wanted(name, title.strip(), licence.strip(), found, keys)


def new_source(root: Path, wanted: Wanted) -> list[Path]:
    """Write the contract, the source, its README and its test, and add them to the lists.

    Args:
        root: the folder of the sources.
        wanted: what was asked.

    Returns:
        The files written, from the root.

    Raises:
        LakeError: these are no sources, or the source exists.
    """
    name = wanted.name
    tables, sources = root / "lake" / "catalog" / "__init__.py", root / "ingest" / "sources" / "__init__.py"
    for needed in (tables, sources):
        if not needed.is_file():
            raise LakeError(
                f"{needed.relative_to(root)} est introuvable : ce ne sont pas les sources.",
                conseil="Lancez la commande depuis une copie du dépôt, installée par make dev.",
            )
    words = _words(wanted)
    made = {
        root / "lake" / "catalog" / f"{name}.py": CATALOG,
        root / "ingest" / "sources" / name / "__init__.py": '"""{title}."""\n',
        root / "ingest" / "sources" / name / "source.py": SOURCE,
        root / "ingest" / "sources" / name / "README.md": README,
        root / "tests" / "unit" / f"test_{name}_source.py": TEST,
    }
    for path in made:
        if path.exists():
            raise LakeError(f"{path.relative_to(root)} existe déjà.", conseil="Choisissez un autre nom.")
    for path, template in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(template.format(**words), "utf-8")
    catalog = tables.read_text("utf-8")
    catalog = catalog.replace("from lake.catalog import (\n", f"from lake.catalog import (\n    {name},\n", 1)
    catalog = catalog.replace(
        "        *journal.TABLES,\n", f"        *{name}.TABLES,\n        *journal.TABLES,\n", 1
    )
    tables.write_text(catalog, "utf-8")
    listed = sources.read_text("utf-8")
    end = listed.index(")", listed.index("NAMES = ("))
    before = listed[:end].rstrip().rstrip(",")
    sources.write_text(f'{before},\n    "{name}",\n{listed[end:]}', "utf-8")
    return [path.relative_to(root) for path in (*made, tables, sources)]


def _words(wanted: Wanted) -> dict[str, str]:
    """What the templates say."""
    named = {column: column.replace("_", " ").capitalize() for column in wanted.columns}
    fields = []
    for column, kind in wanted.columns.items():
        bound = "primary_key=True, min_length=1" if column in wanted.key else "nullable=True"
        fields.append(f'    {column} = dy.{KINDS[kind]}({bound}, description="{named[column]}")')
    lines = [";".join(SAMPLES[kind][rank] for kind in wanted.columns.values()) for rank in range(2)]
    return {
        "name": wanted.name,
        "title": wanted.title,
        "title_lower": wanted.title[:1].lower() + wanted.title[1:],
        "licence": wanted.licence,
        "table": f"{wanted.name}__{wanted.name}",
        "constant": wanted.name.upper(),
        "schema": f"{wanted.name.capitalize()}Schema",
        "klass": wanted.name.capitalize(),
        "fields": "\n".join(fields) + "\n",
        "key": ", ".join(f'"{one}"' for one in wanted.key),
        "key_words": " et ".join(fold(named[one]) for one in wanted.key),
        "numbers": ", ".join(
            f'"{column}": pl.{KINDS[kind]}' for column, kind in wanted.columns.items() if kind != "texte"
        ),
        "layout": "\n".join(f"| `{column}` | {words} |" for column, words in named.items()),
        "header": ";".join(wanted.columns),
        "first": lines[0],
        "second": lines[1],
        "missing": next(iter(wanted.columns)),
    }
