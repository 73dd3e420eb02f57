"""Versions of a referential: composed from files, compared, refused where a code would change its meaning.

A version is never rewritten. A file says what it says: what it does not name stays; a criterion leaves when
``correspondances`` gives it to another one, or when its ``etat_critere`` is ``retire``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from lake.catalog.convergence import NIVEAUX, REFERENTIEL
from lake.catalog.convergence_fiches import CORRESPONDANCES, FICHES, QUESTIONS
from lake.errors import ContractError
from lake.text import words
from scoring.convergence.usages import fautes_de_mesure, liens_inegaux, mesure_changee, niveaux_des_seuils
from scoring.saisie.correspondance import Passage

LATER = ("etat_critere", "type_reponse", "unite", "diffusion", "libelle_na", "seuils")
"""Columns that joined the contract after versions were published: a version that says nothing there keeps its hash."""
ALIKE = 0.34
"""Share of words in common below which a wording is another meaning: a reworded criterion keeps more than that."""
OUI = ("true", "vrai", "oui", "1", "o")


def fingerprint(criteres: pl.DataFrame, niveaux: pl.DataFrame) -> str:
    """The content of a version as a SHA-256: two versions that say the same have the same one.

    The name of the version is left out; the order of the criteria, which screens follow, is content.
    """
    digest = hashlib.sha256()
    for frame, table in ((criteres, REFERENTIEL), (niveaux, NIVEAUX)):
        silent = {
            name for name in LATER if name in frame.columns and frame[name].null_count() == frame.height
        }
        said = frame.select(
            name
            for name in table.columns
            if name != "version" and name in frame.columns and name not in silent
        )
        digest.update(said.sort(table.key[0], *table.key[2:]).write_csv().encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Referentiel:
    """A version of a referential.

    Attributes:
        version: its name.
        criteres, niveaux, fiches, questions, correspondances: the rows of its tables.
        chaine: the changes that led to it, oldest first.
    """

    version: str
    criteres: pl.DataFrame
    niveaux: pl.DataFrame
    fiches: pl.DataFrame
    questions: pl.DataFrame
    correspondances: pl.DataFrame
    chaine: tuple[Passage, ...] = ()

    @property
    def questionnaires(self) -> dict[str, str]:
        """Criterion -> its questionnaire."""
        return dict(self.criteres.select("critere", "questionnaire").iter_rows())


def composer(
    ancien: Referentiel, fichiers: Mapping[str, pl.DataFrame], *, volet: str, version: str, jour: date
) -> Referentiel:
    """The version that files make of the one in force.

    Args:
        ancien: the version in force.
        fichiers: text columns by file: ``referentiel``, ``niveaux``, ``fiches``, ``questions``, ``correspondances``.
        volet: side.
        version: name of the new version.
        jour: day from which an expected level holds, where the file does not say.

    Raises:
        ContractError: a column is missing or a cell cannot be read; the file, the line and the column are named.
    """
    key = {"volet": volet, "version": version}
    given = _criteres(fichiers.get("referentiel"), ancien, key, jour)
    links = _typed(fichiers.get("correspondances"), CORRESPONDANCES, "correspondances", key, _LINKS)
    links = links.with_columns(depuis=pl.lit(ancien.version))
    gone = links.filter(pl.col("critere_avant") != pl.col("critere"))["critere_avant"].unique()
    named = given["critere"].unique()
    kept = ancien.criteres.filter(
        ~pl.col("critere").is_in(named.implode())
        & ~pl.col("critere").is_in(gone.filter(~gone.is_in(named.implode())).implode())
    )
    criteres = _ordered(pl.concat([kept.with_columns(version=pl.lit(version)), given]), ancien)
    levels = _typed(fichiers.get("niveaux"), NIVEAUX, "niveaux", key, {})
    old_levels = ancien.niveaux.filter(
        ~pl.col("critere").is_in(levels["critere"].unique().implode())
        & pl.col("critere").is_in(criteres["critere"].unique().implode())
    )
    worded = pl.concat([old_levels.with_columns(version=pl.lit(version)), levels])
    niveaux = pl.concat([worded, niveaux_des_seuils(criteres, worded)]).sort("critere", "niveau")
    return Referentiel(
        version,
        criteres,
        niveaux,
        _merged(
            _still_true(ancien, criteres, niveaux),
            _typed(fichiers.get("fiches"), FICHES, "fiches", key, _CARDS),
            FICHES.key,
            version,
        ),
        _merged(
            ancien.questions,
            _typed(fichiers.get("questions"), QUESTIONS, "questions", key, {"ordre": 0, "sujet": "service"}),
            QUESTIONS.key,
            version,
        ),
        links,
    )


def fautes(ancien: Referentiel, nouveau: Referentiel) -> list[str]:
    """Why a version cannot be published, in French; an empty list when it can."""
    said = []
    linked = set(nouveau.correspondances["critere_avant"])
    old, new = _one(ancien.criteres), _one(nouveau.criteres)
    for critere in new.keys() & old.keys():
        before, after = old[critere], new[critere]
        moved = before["questionnaire"] != after["questionnaire"] or before["sujet"] != after["sujet"]
        if (moved or _foreign(before["libelle_critere"], after["libelle_critere"])) and critere not in linked:
            said.append(
                f"référentiel, critère {critere} : le code changerait de sens "
                f"(« {before['libelle_critere']} » deviendrait « {after['libelle_critere']} ») sans correspondance"
            )
        if critere not in linked:
            said += mesure_changee(critere, before, after)
    known = nouveau.niveaux.group_by("critere").agg(pl.col("niveau").sort())
    levels = dict(known.iter_rows())
    for critere, row in new.items():
        if row["poids"] <= 0:
            said.append(f"référentiel, critère {critere} : poids nul ou négatif ({row['poids']})")
        said += fautes_de_mesure(critere, row, levels.get(critere, []))
    lost = set(levels) - set(new)
    said += [f"niveaux : le critère {critere} n'est pas au référentiel" for critere in sorted(lost)]
    cards = nouveau.fiches.filter(pl.col("objet") == "niveau").join(
        nouveau.niveaux.select(code="critere", niveau="niveau"), on=["code", "niveau"], how="anti"
    )
    said += [
        f"fiches : un texte pour le niveau {level} du critère {code}, qu'il n'a pas"
        for code, level in cards.select("code", "niveau").unique().sort("code", "niveau").iter_rows()
    ]
    asked = {row["question"] for row in new.values() if row["question"]}
    idle = set(nouveau.questions["question"]) - asked
    said += [f"questions : « {one} » ne montre ni ne cache aucun critère" for one in sorted(idle)]
    gone = f"n'est pas dans la version {ancien.version}"
    said += [f"correspondances : le critère d'avant {one} {gone}" for one in sorted(linked - set(old))]
    said += liens_inegaux(nouveau.correspondances, old, new)
    targets = set(nouveau.correspondances["critere"]) - {""}
    for critere in sorted(targets - set(new)):
        said.append(f"correspondances : le critère {critere} n'est pas dans la nouvelle version")
    return sorted(said)


def differences(ancien: Referentiel, nouveau: Referentiel) -> pl.DataFrame:
    """What a version changes: ``changement, critere, avant, apres``, in the order of the criteria."""
    old, new = _one(ancien.criteres), _one(nouveau.criteres)
    rows: list[tuple[str, str, str, str]] = []
    old_levels, new_levels = (_levels(one.niveaux) for one in (ancien, nouveau))
    for critere, after in new.items():
        before = old.get(critere)
        if before is None:
            rows.append(("ajouté", critere, "", after["libelle_critere"]))
            continue
        if (after["etat_critere"] or "pose") != (before["etat_critere"] or "pose"):
            rows.append(("état", critere, before["etat_critere"] or "pose", after["etat_critere"] or "pose"))
        if before["libelle_critere"] != after["libelle_critere"]:
            rows.append(("reformulé", critere, before["libelle_critere"], after["libelle_critere"]))
        if before["axe"] != after["axe"]:
            rows.append(("axe", critere, before["axe"], after["axe"]))
        said = [
            " ; ".join(
                f"{level} à partir du {day:%d/%m/%Y}"
                for level, day in one.criteres.filter(pl.col("critere") == critere)
                .sort("a_partir_du")
                .select("niveau_attendu", "a_partir_du")
                .iter_rows()
            )
            for one in (ancien, nouveau)
        ]
        if said[0] != said[1]:
            rows.append(("niveau attendu", critere, said[0], said[1]))
        if before["non_applicable"] != after["non_applicable"]:
            rows.append(
                ("non applicable", critere, _oui(before["non_applicable"]), _oui(after["non_applicable"]))
            )
        if (before["question"] or "") != (after["question"] or ""):
            rows.append(("question", critere, before["question"] or "", after["question"] or ""))
        if old_levels.get(critere) != new_levels.get(critere):
            rows.append(("niveaux", critere, old_levels.get(critere, ""), new_levels.get(critere, "")))
    rows += [
        ("retiré", critere, row["libelle_critere"], "") for critere, row in old.items() if critere not in new
    ]
    return pl.DataFrame(
        rows,
        schema={"changement": pl.String, "critere": pl.String, "avant": pl.String, "apres": pl.String},
        orient="row",
    )


# -- inside ------------------------------------------------------------------------------------------

_LINKS: Mapping[str, object] = {"niveau_avant": -1, "critere": "", "certitude": "sure", "depuis": ""}
_CARDS: Mapping[str, object] = {"niveau": -1, "ordre": 0, "texte": ""}


def _criteres(
    given: pl.DataFrame | None, ancien: Referentiel, key: Mapping[str, str], jour: date
) -> pl.DataFrame:
    if given is None:
        return ancien.criteres.clear()
    # What a file does not say of a criterion that is known stays as it was.
    known = _as_text(ancien.criteres.unique("critere", keep="last", maintain_order=True))
    named = (
        given.join(known, on="critere", how="left", suffix="_connu", maintain_order="left")
        if ("critere" in given.columns)
        else given
    )
    silent = [one for one in (f"{name}_connu" for name in known.columns) if one in named.columns]
    named = named.with_columns(
        pl.coalesce(pl.col(one.removesuffix("_connu")).replace("", None), one).alias(
            one.removesuffix("_connu")
        )
        for one in silent
        if one.startswith("libelle_")
    ).drop(silent)
    named = named.with_columns(
        (pl.col(f"libelle_{name}") if f"libelle_{name}" in named.columns else pl.lit(None, pl.String))
        .fill_null(pl.col(name))
        .alias(f"libelle_{name}")
        for name in ("questionnaire", "axe", "critere")
        if name in named.columns
    )
    first = {"sujet": "service", "a_partir_du": jour, "poids": 1.0, "non_applicable": True, "ordre": 1}
    return _typed(named, REFERENTIEL, "referentiel", key, first)


def _as_text(criteres: pl.DataFrame) -> pl.DataFrame:
    """Criteria as a file writes them."""
    return criteres.drop("volet", "version").with_columns(
        pl.when(pl.col("non_applicable"))
        .then(pl.lit("oui"))
        .otherwise(pl.lit("non"))
        .alias("non_applicable"),
        pl.selectors.numeric().cast(pl.String),
        pl.col("a_partir_du").cast(pl.String),
    )


def _typed(
    given: pl.DataFrame | None,
    table: object,
    name: str,
    key: Mapping[str, str],
    defaults: Mapping[str, object],
) -> pl.DataFrame:
    """Text columns as a table's; a cell that cannot be read is named by its file, line and column."""
    from lake.contract import Table

    assert isinstance(table, Table)
    if given is None:
        return table.empty()
    columns, dtypes = table.schema.columns(), table.dtypes()
    shaped = []
    for column in table.columns:
        if column in key:
            shaped.append(pl.lit(key[column]).alias(column))
            continue
        default = pl.lit(defaults.get(column), dtypes[column])
        if column not in given.columns:
            if column not in defaults and not columns[column].nullable:
                raise ContractError(
                    f"{name}.csv : colonne obligatoire absente : {column}.",
                    conseil=f"Colonnes attendues : {', '.join(c for c in table.columns if c not in key)}.",
                )
            shaped.append(default.alias(column))
            continue
        cell = pl.col(column).str.strip_chars().replace("", None)
        shaped.append(_read(cell, dtypes[column]).alias(column))
    typed = given.select(shaped)
    for column in table.columns:
        if column in key or column not in given.columns:
            continue
        lost = given[column].str.strip_chars().replace("", None).is_not_null() & typed[column].is_null()
        if lost.any():
            where = lost.arg_true()[0]
            line = given["ligne"][where] if "ligne" in given.columns else where + 2
            raise ContractError(
                f"{name}.csv, ligne {line}, colonne {column} : valeur illisible « {given[column][where]} »."
            )
    typed = typed.with_columns(
        pl.col(column).fill_null(pl.lit(value, dtypes[column])) for column, value in defaults.items()
    )
    judged = table.conform(typed)
    if judged.rejects.height:
        row = judged.rejects.row(0, named=True)
        about = " / ".join(str(row[one]) for one in table.key if one not in key)
        raise ContractError(f"{name}.csv, {about} : {row['motif']}.")
    return judged.valid


def _read(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean:
        folded = cell.str.to_lowercase()
        return (
            pl.when(folded.is_in(OUI))
            .then(True)
            .when(folded.is_in(["false", "faux", "non", "0", "n"]))
            .then(False)
        )
    if dtype == pl.Date:
        return cell.str.to_date("%Y-%m-%d", strict=False)
    if dtype == pl.Float64:
        return cell.str.replace(",", ".").cast(pl.Float64, strict=False)
    return cell.cast(dtype, strict=False)


def _ordered(criteres: pl.DataFrame, ancien: Referentiel) -> pl.DataFrame:
    """The criteria renumbered: those known keep their place, the new ones follow those of their questionnaire."""
    place = {critere: rank for rank, critere in enumerate(_one(ancien.criteres))}
    groups = list(
        dict.fromkeys([*ancien.criteres.sort("ordre")["questionnaire"], *criteres["questionnaire"]])
    )
    known = list(dict.fromkeys(criteres["critere"]))
    of = dict(criteres.select("critere", "questionnaire").iter_rows())
    order = sorted(
        known, key=lambda one: (groups.index(of[one]), place.get(one, len(place)), known.index(one))
    )
    rank = {critere: number for number, critere in enumerate(order, start=1)}
    return criteres.with_columns(ordre=pl.col("critere").replace_strict(rank, return_dtype=pl.Int64)).sort(
        "ordre", "a_partir_du"
    )


def _merged(old: pl.DataFrame, new: pl.DataFrame, key: tuple[str, ...], version: str) -> pl.DataFrame:
    on = [name for name in key if name != "version"]
    kept = old.join(new, on=on, how="anti").with_columns(version=pl.lit(version))
    return pl.concat([kept, new]).sort(on)


def _still_true(ancien: Referentiel, criteres: pl.DataFrame, niveaux: pl.DataFrame) -> pl.DataFrame:
    """The texts of the version before that still explain what is there: a level worded anew has lost its meaning."""
    same = niveaux.select(code="critere", niveau="niveau", dit="libelle_niveau").join(
        ancien.niveaux.select(code="critere", niveau="niveau", dit="libelle_niveau"),
        on=["code", "niveau", "dit"],
        how="semi",
    )
    there = {
        "axe": criteres["axe"],
        "critere": criteres["critere"],
        "questionnaire": criteres["questionnaire"],
    }
    kept = [
        ancien.fiches.filter(pl.col("objet") == what, pl.col("code").is_in(codes.unique().implode()))
        for what, codes in there.items()
    ]
    levels = ancien.fiches.filter(pl.col("objet") == "niveau").join(same, on=["code", "niveau"], how="semi")
    return pl.concat([*kept, levels])


def _one(criteres: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """One row per criterion, in their order (the latest expected level)."""
    rows = criteres.sort("ordre", "a_partir_du").unique("critere", keep="last", maintain_order=True)
    return {row["critere"]: row for row in rows.iter_rows(named=True)}


def _levels(niveaux: pl.DataFrame) -> dict[str, str]:
    grouped = niveaux.sort("niveau").group_by("critere", maintain_order=True)
    return {
        str(critere): " | ".join(
            f"{level}:{text}" for level, text in rows.select("niveau", "libelle_niveau").iter_rows()
        )
        for (critere,), rows in grouped
    }


def _foreign(before: object, after: object) -> bool:
    """Whether two wordings share too few words to be of one criterion."""
    one, other = (set(words(str(text)).split()) for text in (before, after))
    one, other = ({word for word in each if len(word) > 2} for each in (one, other))
    return bool(one and other) and len(one & other) / min(len(one), len(other)) < ALIKE


def _oui(value: object) -> str:
    return "oui" if value else "non"
