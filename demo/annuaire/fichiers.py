"""Writes the demo's population as the three official text files of one extraction, zipped as the source
delivers them.

Besides the good lines, a file holds exact duplicates and a handful of broken lines; their numbers are
returned.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from demo.annuaire.colonnes import ACTIVITES, DIPLOMES, SAVOIR_FAIRE
from demo.annuaire.metiers import METIERS
from demo.annuaire.population import MODES, Monde
from demo.annuaire.sites import KIND, KINDS, SITE_COLUMNS
from ingest.sources.annuaire import nomenclature

Ints = npt.NDArray[np.int64]

_EMPTY = pl.lit("")


@dataclass(frozen=True)
class Ecrit:
    """Counts of one text file: data lines, exact duplicates among them, broken lines among them."""

    lignes: int
    doublons: int
    rejetees: int


def rows_of(monde: Monde, extraction: int) -> pl.DataFrame:
    """Rows of ``Personne_activite`` at one extraction, before duplicates: distinct, in the order of the file.

    Returns:
        ``p`` (person), ``site``, ``mode``, ``genre``, ``competence`` (the second skill that repeats the
        line), ``tirage``.
    """
    rows = (
        monde.activites.select(
            "p", "genre", "tirage", site=pl.col(f"s{extraction}"), mode=pl.col(f"m{extraction}")
        )
        .filter(pl.col("site") >= 0)
        .with_columns(
            genre=pl.when(pl.col("site") == monde.nulle_part).then(-1).otherwise("genre"),
            mode=pl.when(pl.col("site") == monde.nulle_part).then(0).otherwise("mode"),
        )
        # Two activities of a person on one site in one mode would be the same line but for the nature of
        # the activity.
        .unique(["p", "site", "mode"], keep="first", maintain_order=True)
        .with_columns(competence=pl.lit(False))
    )
    skilled = (
        monde.personnes.with_row_index("p")
        .filter(pl.col("competence") != "")
        .select(pl.col("p").cast(pl.Int64))
    )
    repeated = (
        rows.filter(pl.col("site") != monde.nulle_part)
        .join(skilled, on="p", how="semi", maintain_order="left")
        .with_columns(competence=pl.lit(True))
    )
    # A fixed scrambled order of persons, as in the official file; a person's lines stay together.
    return (
        pl.concat([rows, repeated])
        .with_columns(_ordre=(pl.col("p") * 104_729) % 1_299_709)
        .sort("_ordre", "p", "competence", maintain_order=True)
        .drop("_ordre")
    )


def activity_lines(monde: Monde, rows: pl.DataFrame, sites: pl.DataFrame) -> pl.DataFrame:
    """The official columns of ``Personne_activite`` for rows of :func:`rows_of`."""
    persons = _persons(monde)[rows["p"]]
    place = sites[rows["site"]]
    frame = pl.concat(
        [persons, place, rows.select("mode", "genre", "tirage", "competence_lue")], how="horizontal"
    )
    kind = pl.col("kind")
    liberal = pl.col("mode") == MODES.index("L")
    salaried = pl.col("mode") == MODES.index("S")
    pharmacist = pl.col("code_profession") == "21"
    somewhere = kind >= 0
    role = (
        pl.when(~somewhere | (pl.col("mode") == 0))
        .then(_EMPTY)
        .when(kind.is_in([KIND["officine"]]) & pharmacist & liberal)
        .then(pl.lit("FON-03"))
        .when(kind.is_in([KIND["officine"]]) & pharmacist & (pl.col("tirage") < 0.9))
        .then(pl.lit("FON-05"))
        .when((kind == KIND["laboratoire"]) & (pharmacist | (pl.col("code_profession") == "10")))
        .then(pl.when(liberal).then(pl.lit("FON-40")).otherwise(pl.lit("FON-41")))
        .when((kind == KIND["hopital"]) & pharmacist & (pl.col("tirage") < 0.2))
        .then(pl.lit("FON-37"))
        .when(pl.col("genre").is_in([1, 2]))
        .then(pl.lit("FON-22"))
        .when(liberal & (kind == KIND["societe"]))
        .then(pl.lit("FON-02"))
        .when(liberal & (pl.col("tirage") < 0.1))
        .then(pl.lit("FON-17"))
        .when(liberal)
        .then(pl.lit("FON-01"))
        .when((pl.col("code_secteur_activite") == "SA66") & (pl.col("code_profession") == "10"))
        .then(pl.lit("FON-29"))
        .when(salaried)
        .then(pl.lit("FON-33"))
        .otherwise(_EMPTY)
    )
    section = (
        pl.when(~pharmacist | ~somewhere)
        .then(_EMPTY)
        .when(pl.col("code_role") == "FON-03")
        .then(pl.lit("A"))
        .when(kind == KIND["laboratoire"])
        .then(pl.lit("G"))
        .when(kind == KIND["industrie"])
        .then(pl.lit("C"))
        .when(kind == KIND["officine"])
        .then(pl.lit("D"))
        .otherwise(pl.lit("H"))
    )
    genres = ["", *nomenclature.GENRES]
    skill = pl.when("competence_lue").then("competence").otherwise("savoir_faire")
    frame = frame.with_columns(
        code_mode_exercice=_pick(pl.col("mode"), MODES),
        code_genre_activite=_pick(pl.col("genre") + 1, genres),
        code_role=role,
        code_savoir_faire=skill,
        code_secteur_activite=pl.when(somewhere).then("code_secteur_activite").otherwise(_EMPTY),
    ).with_columns(
        code_section_pharmaciens=section,
        libelle_mode_exercice=_label(pl.col("code_mode_exercice"), nomenclature.MODES),
        libelle_genre_activite=_label(pl.col("code_genre_activite"), nomenclature.GENRES),
        libelle_role=_label(pl.col("code_role"), nomenclature.ROLES),
    )
    frame = _skill_labels(frame).with_columns(
        libelle_section_pharmaciens=_label(pl.col("code_section_pharmaciens"), nomenclature.SECTIONS)
    )
    return frame.select(name for _, name in ACTIVITES)


def _pick(index: pl.Expr, values: tuple[str, ...] | list[str]) -> pl.Expr:
    return index.replace_strict(list(range(len(values))), list(values), return_dtype=pl.String)


def _label(code: pl.Expr, labels: dict[str, str]) -> pl.Expr:
    return code.replace_strict(labels, default="", return_dtype=pl.String)


def _skill_labels(frame: pl.DataFrame) -> pl.DataFrame:
    """Labels and type of ``code_savoir_faire``."""
    known = {**nomenclature.SPECIALITES, **nomenclature.COMPETENCES}
    kind = (
        pl.when(pl.col("code_savoir_faire").str.starts_with("S"))
        .then(pl.lit("S"))
        .when(pl.col("code_savoir_faire") != "")
        .then(pl.lit("C"))
        .otherwise(_EMPTY)
    )
    return frame.with_columns(
        code_type_savoir_faire=kind, libelle_savoir_faire=_label(pl.col("code_savoir_faire"), known)
    ).with_columns(
        libelle_type_savoir_faire=_label(pl.col("code_type_savoir_faire"), nomenclature.TYPES_SAVOIR_FAIRE)
    )


def _persons(monde: Monde) -> pl.DataFrame:
    """Columns that describe the person, one row per person."""
    doctors = [
        i
        for i, metier in enumerate(METIERS)
        if metier.profession in ("10", "21", "40") and metier.categorie != "E"
    ]
    metier = pl.col("metier")
    return monde.personnes.with_columns(
        code_profession=_pick(metier, [m.profession for m in METIERS]),
        code_categorie_professionnelle=_pick(metier, [m.categorie for m in METIERS]),
        autorite_enregistrement=_pick(metier, [m.autorite for m in METIERS]),
        code_civilite_exercice=pl.when(metier.is_in(doctors)).then(pl.lit("DR")).otherwise(_EMPTY),
        libelle_civilite_exercice=pl.when(metier.is_in(doctors)).then(pl.lit("Docteur")).otherwise(_EMPTY),
        code_civilite=pl.when("femme").then(pl.lit("MME")).otherwise(pl.lit("M")),
        libelle_civilite=pl.when("femme").then(pl.lit("Madame")).otherwise(pl.lit("Monsieur")),
    ).with_columns(
        libelle_profession=_label(pl.col("code_profession"), nomenclature.PROFESSIONS),
        libelle_categorie_professionnelle=_label(
            pl.col("code_categorie_professionnelle"), nomenclature.CATEGORIES
        ),
    )


def diploma_lines(monde: Monde, present: Ints) -> pl.DataFrame:
    """Lines of ``Dipl_AutExerc`` for the persons present, in their order."""
    persons = _persons(monde)[present].with_columns(
        code_diplome=_pick(pl.col("metier"), [m.diplome[0] for m in METIERS]),
        libelle_diplome=_pick(pl.col("metier"), [m.diplome[1] for m in METIERS]),
    )
    diplomas = (
        persons.filter(pl.col("code_diplome") != "")
        .with_columns(
            code_type_diplome=pl.col("code_diplome").str.extract(r"^([A-Z]+)"),
            code_type_autorisation=_EMPTY,
            libelle_type_autorisation=_EMPTY,
            code_discipline_autorisation=_EMPTY,
            libelle_discipline_autorisation=_EMPTY,
        )
        .with_columns(
            libelle_type_diplome=_label(
                pl.col("code_type_diplome"), {"DE": "Diplôme d'Etat français", "DIP": "Autre type de diplôme"}
            )
        )
    )
    # A specialist holds a second diploma; one general practitioner in thirty an authorisation.
    second = diplomas.filter(
        (pl.col("savoir_faire") != "") & ~pl.col("savoir_faire").is_in(list(nomenclature.MEDECINE_GENERALE))
    ).with_columns(
        code_type_diplome=pl.lit("DES"),
        libelle_type_diplome=pl.lit("Diplôme d'études spécialisées"),
        code_diplome=pl.lit("DES") + pl.col("savoir_faire").str.slice(2),
        libelle_diplome=pl.lit("DES ") + _label(pl.col("savoir_faire"), nomenclature.SPECIALITES),
    )
    authorised = (
        diplomas.filter(pl.col("savoir_faire") == "SM26")
        .gather_every(30)
        .with_columns(
            code_type_diplome=_EMPTY,
            libelle_type_diplome=_EMPTY,
            code_diplome=_EMPTY,
            libelle_diplome=_EMPTY,
            code_type_autorisation=pl.lit("AUT"),
            libelle_type_autorisation=pl.lit("Autorisation d'exercice"),
            code_discipline_autorisation=pl.lit("SM26"),
            libelle_discipline_autorisation=pl.lit("Médecine générale"),
        )
    )
    names = [name for _, name in DIPLOMES]
    return pl.concat([diplomas.select(names), second.select(names), authorised.select(names)])


def skill_lines(monde: Monde, present: Ints) -> pl.DataFrame:
    """Lines of ``SavoirFaire`` for the persons present, in their order."""
    persons = _persons(monde)[present]
    first = persons.filter(pl.col("savoir_faire") != "").with_columns(code_savoir_faire="savoir_faire")
    second = persons.filter(pl.col("competence") != "").with_columns(code_savoir_faire="competence")
    return _skill_labels(pl.concat([first, second])).select(name for _, name in SAVOIR_FAIRE)


def text_file(
    lines: pl.DataFrame,
    header: tuple[tuple[str, str], ...],
    broken: list[bytes],
    duplicates: Ints,
    rng: np.random.Generator,
    *,
    trailing: bool,
) -> tuple[bytes, Ecrit]:
    """The bytes of one text file.

    Args:
        lines: the distinct good lines.
        header: official label and column name, in order.
        broken: broken lines, without end of line, to be inserted here and there.
        duplicates: row numbers of ``lines`` to be written a second time.
        rng: where the second copies and the broken lines go.
        trailing: whether each line, header included, ends with a separator (as in the 2024 and 2025 files).
    """
    positions = np.concatenate([np.arange(lines.height), rng.uniform(0, lines.height, duplicates.size)])
    rows = np.concatenate([np.arange(lines.height), duplicates])[np.argsort(positions, kind="stable")]
    frame = lines[rows].rename({name: label for label, name in header})
    if trailing:
        frame = frame.with_columns(pl.lit("").alias(""))
    buffer = io.BytesIO()
    options: dict[str, Any] = {"separator": "|", "quote_style": "never", "line_terminator": "\r\n"}
    frame.write_csv(buffer, **options)
    content = buffer.getvalue()
    if broken:
        # Cut after a few lines chosen evenly; the bytes in between are not touched.
        cuts = [0]
        for index in range(1, len(broken) + 1):
            cuts.append(content.index(b"\r\n", len(content) * index // (len(broken) + 2)) + 2)
        pieces: list[bytes] = []
        for index, line in enumerate(broken):
            pieces += [content[cuts[index] : cuts[index + 1]], line, b"\r\n"]
        content = b"".join([*pieces, content[cuts[-1] :]])
    return content, Ecrit(frame.height + len(broken), duplicates.size, len(broken))


def broken_lines(lines: pl.DataFrame, *, trailing: bool, identifier: int = 2) -> list[bytes]:
    """Damage good lines, one kind of damage after the other: cut short, too long, unreadable bytes, broken
    identifier.

    Args:
        lines: good lines to be damaged; their persons appear nowhere else.
        trailing: as in :func:`text_file`.
        identifier: index of the column of the national identifier.
    """
    result: list[bytes] = []
    for index, row in enumerate(lines.iter_rows()):
        fields = list(row)
        damage = index % 4
        if damage == 0:
            fields = fields[: max(4, len(fields) // 2)]
        elif damage == 1:
            fields += ["", "SUITE"]
        elif damage == 3:
            fields[identifier - 1] = fields[identifier - 1][:4] + "-?"
            fields[identifier] = fields[identifier][:5] + "-?"
        text = "|".join(fields) + ("|" if trailing else "")
        data = text.encode()
        if damage == 2:
            # A Latin-1 accent where UTF-8 was promised.
            cut = data.index(b"|") + 1
            data = data[:cut] + b"\xc9\xe8" + data[cut:]
        result.append(data)
    return result


def write_zip(folder: Path, day: date, stamp: str, files: dict[str, bytes]) -> Path:
    """Zip text files as the source does; time stamps are the extraction's: bytes only depend on rows."""
    path = folder / f"PS_LibreAcces_{stamp}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=2) as archive:
        for kind, content in files.items():
            info = zipfile.ZipInfo(
                f"PS_LibreAcces_{kind}_{stamp}.txt", (day.year, day.month, day.day, 6, 30, 0)
            )
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content, compresslevel=2)
    return path


def site_columns(sites: pl.DataFrame) -> pl.DataFrame:
    """The official columns of the sites and their kind, in the order of their numbers."""
    return sites.select(*SITE_COLUMNS, "kind")


def kind_names() -> dict[int, str]:
    """Short name of each kind of site."""
    return {index: kind.key for index, kind in enumerate(KINDS)}
