"""Plain files of a campaign: CSV (``,`` or ``;``, UTF-8 or Latin-1) or Parquet, read into typed columns.

Only the form of each line is judged here (values that can be read); what the lines say of one another is
judged in :mod:`ingest.sources.convergence.checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ingest.files import delimited
from ingest.source import no_rejects
from ingest.sources.convergence.regions import region_code
from lake.catalog.convergence import KINDS, PORTEURS_DE_JALON, rang_expr
from lake.cellules import lues
from lake.errors import ContractError
from lake.text import words
from lake.words import agreed

_TRUE = ("true", "vrai", "oui", "1", "o")
_FALSE = ("false", "faux", "non", "0", "n")


@dataclass(frozen=True)
class Layout:
    """The columns of one file.

    Attributes:
        name: the file's name in messages and its stem on disk.
        required: columns without which the file is not read; a line that lacks their value is rejected.
        optional: the other columns, with the text that stands for an empty value (None: empty).
        readers: for each column that is not free text, how it is read.
    """

    name: str
    required: tuple[str, ...]
    optional: Mapping[str, str | None]
    readers: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, required first."""
        return (*self.required, *self.optional)


SERVICES = Layout(
    "services",
    ("service",),
    {
        "region": None,
        "nom": None,
        "kind": "metier",
        "zone_pos": None,
        "type_service": None,
        "tronc_commun": "true",
        "publiable": "true",
        "converge": "true",
        "utilise": None,
        "volet": "regions",
    },
    {
        "region": "region",
        "kind": "kind",
        "zone_pos": "zone",
        "tronc_commun": "bool",
        "publiable": "bool",
        "converge": "bool",
    },
)
REPONSES = Layout(
    "reponses",
    ("service", "critere"),
    {
        "niveau": None,
        "non_applicable": "false",
        "porte_par": None,
        "transmis": "true",
        "valide_le": None,
        "valide_par": None,
        "commentaire": None,
    },
    {"niveau": "niveau", "non_applicable": "bool", "transmis": "bool", "valide_le": "date"},
)
USAGES = Layout(
    "usages",
    ("service", "critere", "valeur"),
    {"unite": None, "valide_le": None, "valide_par": None, "commentaire": None},
    {"valide_le": "date"},
)
PLANS = Layout(
    "plans",
    ("service", "critere"),
    {"niveau": None, "trimestre": None, "non_planifiable": "false"},
    {"niveau": "niveau", "trimestre": "trimestre", "non_planifiable": "bool"},
)
PRELIMINAIRES = Layout("preliminaires", ("service", "question"), {"valeur": None}, {"valeur": "bool"})
SOLUTIONS = Layout("solutions", ("service", "editeur", "solution"), {})
JALONS = Layout(
    "jalons",
    ("jalon", "porteur", "axe"),
    {"libelle_jalon": None, "trimestre": None, "dependance": "directe", "service": "", "critere": ""},
    {"porteur": "porteur", "trimestre": "trimestre"},
)
AMELIORATIONS = Layout(
    "ameliorations",
    ("amelioration", "axe", "libelle_amelioration"),
    {"critere": None, "porteur": "national", "propose_par": None, "propose_le": None, "statut": "proposee"},
    {"porteur": "porteur", "propose_le": "date"},
)
REFERENTIEL = Layout(
    "referentiel",
    ("questionnaire", "axe", "critere", "niveau_attendu"),
    {
        "libelle_questionnaire": None,
        "sujet": "service",
        "libelle_axe": None,
        "libelle_critere": None,
        "a_partir_du": None,
        "poids": "1",
        "non_applicable": "true",
        "question": None,
        "niveaux": "0|1|2|3",
    },
    {"niveau_attendu": "niveau", "a_partir_du": "date", "poids": "nombre", "non_applicable": "bool"},
)
LAYOUTS = {
    layout.name: layout
    for layout in (
        SERVICES, REPONSES, USAGES, PLANS, PRELIMINAIRES, SOLUTIONS, JALONS, AMELIORATIONS, REFERENTIEL,
    )
}  # fmt: skip


@dataclass(frozen=True)
class Lines:
    """The lines of one file.

    Attributes:
        frame: the layout's columns, typed, plus ``ligne`` (Int64) and ``contenu`` (the line as read).
        rejects: lines that cannot be read (columns of ``ingest.source.REJECTS_SCHEMA``).
        lues: data lines read.
        doublons: exact repetitions of a line, set aside.
        warnings: French remarks.
    """

    frame: pl.DataFrame
    rejects: pl.DataFrame
    lues: int
    doublons: int
    warnings: list[str]


def read(path: Path, layout: Layout) -> Lines:
    """Read one file.

    Raises:
        SourceUnavailable: it cannot be opened.
        ContractError: it is empty, is not a table, or lacks a required column.
    """
    rows = delimited.read(path, path.name, short=True)
    raw, broken = rows.frame, rows.rejects
    warnings = list(rows.warnings)
    known = zip(rows.columns, rows.headings, strict=True)
    unknown = [heading for name, heading in known if name not in layout.columns]
    if unknown:
        warnings.append(f"{path.name} : colonnes ignorées : {', '.join(unknown)}.")
    missing = [name for name in layout.required if name not in raw.columns]
    if missing:
        raise ContractError(
            agreed(
                len(missing),
                f"{path.name} : colonne(s) obligatoire(s) absente(s) : {', '.join(missing)}.",
            ),
            conseil=f"En-tête attendu : {', '.join(layout.columns)}.",
        )
    raw = raw.with_columns(
        pl.lit(None, pl.String).alias(name) for name in layout.optional if name not in raw.columns
    )
    texts = pl.col(layout.columns).str.strip_chars()
    raw = raw.select("ligne", "contenu", pl.when(texts != "").then(texts).name.keep())
    raw = raw.filter(pl.any_horizontal(pl.col(layout.columns).is_not_null()))  # separators alone: no line
    lues = raw.height + broken.height
    distinct = raw.unique(layout.columns, keep="first", maintain_order=True)
    typed, illegible = _typed(distinct, layout)
    rejects = pl.concat([broken, illegible]).with_columns(fichier=pl.lit(path.name))
    return Lines(typed, rejects.select(no_rejects().columns), lues, raw.height - distinct.height, warnings)


def _typed(raw: pl.DataFrame, layout: Layout) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cast each column; lines with an unreadable or missing value come apart with the reason."""
    reasons = [pl.when(pl.col(name).is_null()).then(pl.lit(f"« {name} » absent")) for name in layout.required]
    values: list[pl.Expr] = []
    for name in layout.columns:
        kind = layout.readers.get(name, "texte")
        given = pl.col(name)
        default = layout.optional.get(name)
        if default is not None:
            given = given.fill_null(pl.lit(default))
        value = _READERS[kind](given)
        values.append(value.alias(f"{name}__lu"))
        unread = given.is_not_null() & value.is_null()
        if kind == "bool" and name == "valeur":  # an unknown preliminary answer is legal
            unread = unread & ~given.str.to_lowercase().is_in(["inconnu", "inconnue", "?"])
        reasons.append(
            pl.when(unread).then(pl.concat_str(pl.lit(f"{_WORDS[kind]} : « "), given, pl.lit(" »")))
        )
    judged = raw.with_columns(*values, motif=pl.coalesce(reasons))
    rejects = judged.filter(pl.col("motif").is_not_null()).select(
        fichier=pl.lit(layout.name), ligne="ligne", motif="motif", contenu="contenu"
    )
    kept = judged.filter(pl.col("motif").is_null()).select(
        "ligne", "contenu", *(pl.col(f"{name}__lu").alias(name) for name in layout.columns)
    )
    return kept, rejects.cast(no_rejects().schema)


def _bool(given: pl.Expr) -> pl.Expr:
    low = given.str.to_lowercase()
    return pl.when(low.is_in(_TRUE)).then(True).when(low.is_in(_FALSE)).then(False)


def _region(given: pl.Expr) -> pl.Expr:
    return given.map_batches(
        lambda column: column.replace_strict(
            {text: region_code(text) for text in column.unique().drop_nulls()} or {"": None},
            default=None,
            return_dtype=pl.String,
        ),
        return_dtype=pl.String,
    )


def _one_of(names: tuple[str, ...]) -> Callable[[pl.Expr], pl.Expr]:
    """Reads a word of a list, accents, case and a final s apart (``régions`` is not a word of its own)."""
    listed = {words(name): name for name in names}
    listed |= {"editeurs": "editeur", "regions": "regional", "region": "regional", "nationale": "national"}
    known = {word: name for word, name in listed.items() if name in names}

    def convert(given: pl.Expr) -> pl.Expr:
        return given.map_batches(
            lambda column: column.replace_strict(
                {text: known.get(words(text)) for text in column.unique().drop_nulls()} or {"": None},
                default=None,
                return_dtype=pl.String,
            ),
            return_dtype=pl.String,
        )

    return convert


_READERS: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    # An apostrophe that keeps a spreadsheet from running a text, as exports write it, is no part of the text.
    "texte": lues,
    "bool": _bool,
    "niveau": lambda given: given.str.replace(r"[.,]0+$", "").cast(pl.Int64, strict=False),
    "nombre": lambda given: given.str.replace(",", ".").cast(pl.Float64, strict=False),
    "date": lambda given: pl.coalesce(
        given.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False),
        given.str.to_date("%d/%m/%Y", strict=False),
    ),
    "trimestre": lambda given: pl.when(rang_of(given).is_not_null()).then(given.str.to_uppercase()),
    "region": _region,
    "kind": _one_of(KINDS),
    "porteur": _one_of(PORTEURS_DE_JALON),
    "zone": lambda given: pl.when(given.str.contains(r"^[1-8](\.[1-8])?$")).then(given),
}
_WORDS = {
    "texte": "texte illisible",
    "bool": "valeur ni vraie ni fausse",
    "niveau": "niveau illisible",
    "nombre": "nombre illisible",
    "date": "date illisible",
    "trimestre": "trimestre illisible (forme attendue 2022-T3)",
    "region": "région inconnue",
    "kind": "nature de service inconnue",
    "porteur": "porteur inconnu",
    "zone": "zone du POS inconnue",
}


def rang_of(given: pl.Expr) -> pl.Expr:
    """The rank of a quarter given as text, in either case (``2022-t3``)."""
    return rang_expr(given.str.to_uppercase())
