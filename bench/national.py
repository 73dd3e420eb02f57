"""A national ``Personne_activite`` file of the official size, for measuring: every department, 2.2 million
lines.

The lines look like those of the official file (56 columns, no trailing separator, CRLF, about a quarter
without any location, a few exact duplicates) but are not calibrated, and their streets exist in no address
base. Identifiers are as fictional as those of the demo (:mod:`demo.annuaire.identifiants`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from demo.annuaire import identifiants as identifiants
from demo.annuaire.colonnes import ACTIVITES
from demo.annuaire.metiers import METIERS
from demo.annuaire.noms import NOMS, PRENOMS_F
from demo.annuaire.sites import KINDS
from demo.ban.voies import TYPES, capitales
from ingest.sources.annuaire import nomenclature
from lake.errors import ContractError

Ints = npt.NDArray[np.int64]
Say = Callable[[str, float | None], None]

LINES = 2_200_000
_CHUNK = 200_000
_DUPLICATES_PER_CHUNK = 40
_SITES = 120_000

# The 101 departments and their population in thousands (INSEE, populations légales 2022, rounded): a weight.
_DEPARTEMENTS = (
    "01:672 02:523 03:335 04:166 05:141 06:1116 07:332 08:268 09:155 10:312 11:378 12:280 13:2057 14:704 "
    "15:144 16:352 17:665 18:298 19:239 2A:164 2B:187 21:538 22:608 23:114 24:415 25:550 26:522 27:600 "
    "28:431 29:927 30:759 31:1457 32:193 33:1674 34:1216 35:1112 36:215 37:617 38:1294 39:258 40:427 "
    "41:328 42:771 43:228 44:1477 45:687 46:175 47:331 48:77 49:827 50:496 51:562 52:168 53:306 54:732 "
    "55:179 56:774 57:1050 58:200 59:2611 60:830 61:275 62:1459 63:664 64:697 65:231 66:490 67:1162 "
    "68:768 69:1906 70:233 71:549 72:566 73:445 74:848 75:2113 76:1257 77:1452 78:1471 79:375 80:567 "
    "81:396 82:264 83:1108 84:566 85:702 86:440 87:373 88:357 89:332 90:139 91:1320 92:1643 93:1681 "
    "94:1421 95:1271 971:380 972:352 973:290 974:880 976:320"
)

_EMPTY = pl.lit("")


@dataclass(frozen=True)
class NationalDemo:
    """What was written: the file, its data lines, its exact duplicates, its bytes."""

    path: Path
    lignes: int
    doublons: int
    octets: int


def write_national(
    path: Path,
    *,
    lines: int = LINES,
    seed: int = 20260901,
    communes: pl.DataFrame | None = None,
    say: Say = lambda _sentence, _share: None,
) -> NationalDemo:
    """Write a national file, chunk by chunk.

    Args:
        path: file to write (its folder is created if absent).
        lines: exact number of data lines.
        seed: same seed and arguments, same bytes.
        communes: ``territoires__communes``: true codes and names for its departments; invented ones
            elsewhere.
        say: progress.

    Raises:
        ContractError: no line is asked for.
    """
    if lines < 1:
        raise ContractError(f"Fichier national de démonstration : {lines} ligne demandée.")
    rng = np.random.default_rng(seed)
    shift = int(rng.integers(1, 10_000_000))
    sites = _sites(rng, shift, communes)
    professions = _professions()
    cumulated = np.cumsum(np.array([metier.effectif for metier in METIERS], np.float64))
    path.parent.mkdir(parents=True, exist_ok=True)
    written = duplicated = 0
    options: dict[str, Any] = {"separator": "|", "quote_style": "never", "line_terminator": "\r\n"}
    with path.open("wb") as target:
        while written < lines:
            size = min(_CHUNK, lines - written)
            twice = min(_DUPLICATES_PER_CHUNK, size // 10)
            frame = _chunk(rng, shift, size - twice, written, sites, professions, cumulated)
            rows = np.concatenate([np.arange(size - twice), rng.choice(size - twice, twice, replace=False)])
            frame = frame[rows].rename({name: label for label, name in ACTIVITES})
            frame.write_csv(target, include_header=written == 0, **options)
            written += size
            duplicated += twice
            say("Fichier national de démonstration", written / lines)
    return NationalDemo(path, written, duplicated, path.stat().st_size)


def _communes(rng: np.random.Generator, given: pl.DataFrame | None) -> pl.DataFrame:
    """Places to practise in: ``code_commune``, ``code_postal``, ``libelle_commune``, ``poids``."""
    parts: list[pl.DataFrame] = []
    covered: set[str] = set()
    if given is not None:
        covered = set(given["code_departement"].to_list())
        parts.append(
            given.filter(pl.col("population") > 1_500).select(
                "code_commune",
                libelle_commune="commune",
                code_postal=pl.col("code_departement") + "000",
                poids=pl.col("population").cast(pl.Float64),
            )
        )
    for item in _DEPARTEMENTS.split():
        departement, thousands = item.split(":")
        if departement in covered:
            continue
        count = 40 if len(departement) == 2 else 20
        ranks = pl.Series(np.arange(1, count + 1)).cast(pl.String)
        width = 5 - len(departement)
        shares = 1.0 / np.arange(1, count + 1)
        postal = "20" if departement.startswith("2") and departement[1] in "AB" else departement
        parts.append(
            pl.DataFrame(
                {
                    "code_commune": departement + ranks.str.zfill(width),
                    "libelle_commune": "Commune-" + ranks + f"-sur-{departement}",
                    "code_postal": postal
                    + (ranks + "0").str.tail(5 - len(postal)).str.zfill(5 - len(postal)),
                    "poids": shares / shares.sum() * float(thousands) * 1_000,
                }
            )
        )
    frame = pl.concat(parts, how="diagonal")
    return frame.with_columns(poids=pl.col("poids") * pl.Series(rng.uniform(0.7, 1.3, frame.height)))


def _sites(rng: np.random.Generator, shift: int, given: pl.DataFrame | None) -> pl.DataFrame:
    """Columns of the sites; the last row is the site without any location."""
    places = _communes(rng, given)
    weight = places["poids"].to_numpy()
    where = rng.choice(places.height, _SITES, p=weight / weight.sum())
    ranks = np.arange(_SITES)
    kind = rng.integers(0, len(KINDS), _SITES)
    way = rng.integers(1, len(TYPES), _SITES)
    siren = identifiants.siren(ranks, shift)
    letters = pl.Series(
        ["DES LILAS", "DU GENERAL LECLERC", "VICTOR HUGO", "DE LA REPUBLIQUE", "DU MOULIN", "DE L HOPITAL"]
    )
    frame = places.drop("poids")[where].with_columns(
        siren.alias("siren_site"),
        identifiants.siret(siren).alias("siret_site"),
        identifiants.finess(pl.Series(["99"] * _SITES), ranks, shift).alias("finess_site"),
        identifiants.telephone(ranks).alias("telephone"),
        pl.Series("_rang", ranks),
        pl.Series("_secteur", [KINDS[k].secteurs[0] for k in kind]),
        pl.Series("_nom", [KINDS[k].noms[0] for k in kind]),
        pl.Series("code_type_voie", [TYPES[w][1] for w in way]),
        pl.Series("libelle_type_voie", [TYPES[w][0] for w in way]),
        letters[rng.integers(0, len(letters), _SITES)].alias("libelle_voie"),
        pl.Series("numero_voie", rng.integers(1, 180, _SITES)).cast(pl.String),
        pl.Series("_u", rng.random(_SITES)),
    )
    known = pl.col("_u") < 0.5
    frame = frame.with_columns(
        siret_site=pl.when(known).then("siret_site").otherwise(_EMPTY),
        siren_site=pl.when(pl.col("_u") < 0.2).then("siren_site").otherwise(_EMPTY),
        finess_site=pl.when(pl.col("_u") < 0.5).then("finess_site").otherwise(_EMPTY),
        finess_etablissement_juridique=pl.when(pl.col("_u") < 0.4).then("finess_site").otherwise(_EMPTY),
        identifiant_structure=pl.lit("R") + (200_000_000 + pl.col("_rang")).cast(pl.String),
        raison_sociale_site=pl.col("_nom") + " " + capitales(pl.col("libelle_commune")),
        enseigne_commerciale_site=pl.when(pl.col("_u") < 0.2).then("_nom").otherwise(_EMPTY),
        telephone=pl.when(pl.col("_u") < 0.6).then("telephone").otherwise(_EMPTY),
        bureau_cedex=pl.col("code_postal") + " " + capitales(pl.col("libelle_commune")),
        # Former ADELI lines often have no commune code.
        code_commune=pl.when(pl.col("_u") < 0.9).then("code_commune").otherwise(_EMPTY),
        code_pays=pl.lit("99000"),
        libelle_pays=pl.lit("France"),
        email=pl.when(pl.col("_u") > 0.7)
        .then(pl.lit("contact@site-") + pl.col("_rang").cast(pl.String) + pl.lit(".example"))
        .otherwise(_EMPTY),
        ancien_identifiant_structure=pl.lit("3") + pl.col("siret_site"),
        code_secteur_activite="_secteur",
        libelle_secteur_activite=pl.col("_secteur").replace_strict(
            nomenclature.SECTEURS, return_dtype=pl.String
        ),
        **dict.fromkeys(
            (
                "complement_destinataire",
                "complement_point_geographique",
                "indice_repetition_voie",
                "mention_distribution",
                "telephone_2",
                "telecopie",
                "code_departement",
                "libelle_departement",
            ),
            _EMPTY,
        ),
    ).select(pl.exclude("^_.*$"))
    return pl.concat([frame, pl.DataFrame({name: [""] for name in frame.columns})])


def _professions() -> pl.DataFrame:
    """Columns that the profession sets, one row per entry of METIERS."""
    return pl.DataFrame(
        {
            "code_profession": [m.profession for m in METIERS],
            "libelle_profession": [nomenclature.PROFESSIONS[m.profession] for m in METIERS],
            "code_categorie_professionnelle": [m.categorie for m in METIERS],
            "libelle_categorie_professionnelle": [nomenclature.CATEGORIES[m.categorie] for m in METIERS],
            "autorite_enregistrement": [m.autorite for m in METIERS],
            "code_savoir_faire": [m.savoir_faire[0][0] if m.savoir_faire else "" for m in METIERS],
            "code_section_pharmaciens": ["D" if m.profession == "21" else "" for m in METIERS],
        }
    ).with_columns(
        libelle_savoir_faire=pl.col("code_savoir_faire").replace_strict(
            nomenclature.SPECIALITES, default="", return_dtype=pl.String
        ),
        code_type_savoir_faire=pl.when(pl.col("code_savoir_faire") != "").then(pl.lit("S")).otherwise(_EMPTY),
        libelle_type_savoir_faire=pl.when(pl.col("code_savoir_faire") != "")
        .then(pl.lit("Spécialité ordinale"))
        .otherwise(_EMPTY),
        libelle_section_pharmaciens=pl.col("code_section_pharmaciens").replace_strict(
            nomenclature.SECTIONS, default="", return_dtype=pl.String
        ),
        code_civilite_exercice=pl.when(pl.col("code_profession").is_in(["10", "21", "40"]))
        .then(pl.lit("DR"))
        .otherwise(_EMPTY),
        libelle_civilite_exercice=pl.when(pl.col("code_profession").is_in(["10", "21", "40"]))
        .then(pl.lit("Docteur"))
        .otherwise(_EMPTY),
    )


def _chunk(
    rng: np.random.Generator,
    shift: int,
    size: int,
    done: int,
    sites: pl.DataFrame,
    professions: pl.DataFrame,
    cumulated: npt.NDArray[np.float64],
) -> pl.DataFrame:
    """Distinct lines: three persons have four lines between them, on different sites."""
    line = done + np.arange(size)
    person = line * 3 // 4
    nowhere = sites.height - 1
    # Consecutive lines never share a site, so the two lines of a person differ.
    site = (rng.integers(0, nowhere // 2, size) * 2 + line % 2) % nowhere
    blank = (rng.random(size) < 1 / 3) & (line % 4 != 1)
    site = np.where(blank, nowhere, site)
    # What belongs to the person is computed from the person's rank, not from the line.
    draw = (person * 7_919 + shift) % 100_003 / 100_003
    metier = np.searchsorted(cumulated, draw * cumulated[-1], side="right")
    names = pl.Series(NOMS)[(person * 31 + shift) % len(NOMS)]
    first_names = capitales_series(pl.Series(PRENOMS_F))[(person * 17 + person // 97) % len(PRENOMS_F)]
    number = identifiants.rpps(person, shift)
    liberal = pl.Series("_liberal", rng.random(size) < 0.35)
    frame = pl.concat([sites[site], professions[metier]], how="horizontal").with_columns(
        number.alias("identifiant_pp"),
        names.alias("nom_exercice"),
        first_names.alias("prenom_exercice"),
        liberal,
    )
    somewhere = pl.col("code_pays") != ""
    lines: pl.DataFrame = frame.with_columns(
        type_identifiant_pp=pl.lit("8"),
        identification_nationale_pp=pl.lit("8") + pl.col("identifiant_pp"),
        code_civilite=pl.lit("MME"),
        libelle_civilite=pl.lit("Madame"),
        code_mode_exercice=pl.when("_liberal").then(pl.lit("L")).otherwise(pl.lit("S")),
        libelle_mode_exercice=pl.when("_liberal").then(pl.lit("Libéral")).otherwise(pl.lit("Salarié")),
        code_role=pl.when(~somewhere)
        .then(_EMPTY)
        .when("_liberal")
        .then(pl.lit("FON-01"))
        .otherwise(pl.lit("FON-33")),
        libelle_role=pl.when(~somewhere)
        .then(_EMPTY)
        .when("_liberal")
        .then(pl.lit(nomenclature.ROLES["FON-01"]))
        .otherwise(pl.lit(nomenclature.ROLES["FON-33"])),
        code_genre_activite=pl.when(somewhere).then(pl.lit("GENR01")).otherwise(_EMPTY),
        libelle_genre_activite=pl.when(somewhere)
        .then(pl.lit(nomenclature.GENRES["GENR01"]))
        .otherwise(_EMPTY),
    ).select(name for _, name in ACTIVITES)
    return lines


def capitales_series(values: pl.Series) -> pl.Series:
    """:func:`demo.ban.voies.capitales` on a series."""
    return values.to_frame("v").select(capitales(pl.col("v"))).to_series()
