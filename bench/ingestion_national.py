"""A national Personne_activite file of the official size, made fast: only for measuring.

The rows look like the official ones where it matters for speed (number of fields, length of lines, share of
rows without a place, of former ADELI rows without commune code, of exact duplicates, accents); persons and
addresses are drawn at random and mean nothing. Identifiers start with 9, which no register delivers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ingest.sources.annuaire.layout import ACTIVITES_LAYOUT

ROWS = 2_200_000
BATCH = 100_000

_OUTRE_MER = ["971", "972", "973", "974", "976"]
_GRAND_EST = ["08", "10", "51", "52", "54", "55", "57", "67", "68", "88"]
_METROPOLE = [f"{n:02d}" for n in range(1, 96) if n != 20 and f"{n:02d}" not in _GRAND_EST]
_PROFESSIONS = [
    ("10", "Médecin"), ("21", "Pharmacien"), ("28", "Opticien-Lunetier"), ("40", "Chirurgien-Dentiste"),
    ("50", "Sage-Femme"), ("60", "Infirmier"), ("70", "Masseur-Kinésithérapeute"), ("91", "Orthophoniste"),
    ("93", "Psychologue"), ("95", "Diététicien"), ("98", "Manipulateur ERM"),
]  # fmt: skip
_SAVOIR_FAIRE = [
    ("S", "Spécialité ordinale", "SM26", "Qualifié en Médecine Générale"),
    ("S", "Spécialité ordinale", "SM54", "Médecine Générale"),
    ("S", "Spécialité ordinale", "SM40", "Pédiatrie"),
    ("C", "Compétence", "C01", "Allergologie"),
    ("", "", "", ""),
    ("", "", "", ""),
    ("", "", "", ""),
]
_NOMS = ["MARTIN", "BERNARD", "THOMAS", "PETIT", "SCHMITT", "MÜLLER", "KLEIN", "LEFÈVRE", "GARCIA", "O'BRIEN"]
_PRENOMS = ["Anne-Marie", "Jean", "Zoé", "Hélène", "François", "Chloé", "Gaël", "Inès", "Louis", "Théo"]
_VOIES = [
    "de la République",
    "du Général de Gaulle",
    "des Écoles",
    "Jean Jaurès",
    "de l'Église",
    "des Vosges",
]
_TYPES = [("R", "Rue"), ("AV", "Avenue"), ("BD", "Boulevard"), ("PL", "Place"), ("CHE", "Chemin")]
_SITES = [
    "CABINET DU DR",
    "CENTRE HOSPITALIER",
    "PHARMACIE",
    "CLINIQUE",
    "MAISON DE SANTÉ PLURIPROFESSIONNELLE",
]


def write_national(path: Path, rows: int = ROWS, *, seed: int = 20250114, grand_est: float = 0.083) -> None:
    """Write a file of ``rows`` data lines at ``path`` (UTF-8, LF, trailing column as in 2024–25).

    Args:
        path: file to write; replaced.
        rows: data lines, exact duplicates (0.2 %) included.
        seed: seed of the draws; the same seed gives the same file.
        grand_est: share of the placed rows that are in Grand Est.
    """
    rng = np.random.default_rng(seed)
    labels = [column.label for column in ACTIVITES_LAYOUT.columns]
    with path.open("wb") as stream:
        stream.write(("|".join([*labels, ""]) + "\n").encode())
        for first in range(0, rows, BATCH):
            frame = _batch(rng, first, min(BATCH, rows - first), grand_est)
            frame = frame.select([*labels, pl.lit("").alias("_")])
            frame.write_csv(
                stream, separator="|", include_header=False, quote_style="never", line_terminator="\n"
            )


def _batch(rng: np.random.Generator, first: int, size: int, grand_est: float) -> pl.DataFrame:
    n = size
    sources = np.arange(first, first + n)
    twins = rng.random(n) < 0.002
    person = (sources * 5) // 8  # a person has 1.6 activities
    rpps = rng.random(n) < 0.85

    def pick(pool: list[Any]) -> pl.Series:
        return pl.Series(np.array(pool, dtype=object)[rng.integers(0, len(pool), n)].tolist())

    def digits(width: int, low: int = 0) -> pl.Series:
        return pl.Series(rng.integers(low, 10**width, n)).cast(pl.String).str.zfill(width)

    def pairs(pool: list[tuple[str, ...]]) -> list[pl.Series]:
        index = rng.integers(0, len(pool), n)
        return [pl.Series([row[i] for row in pool]).gather(index) for i in range(len(pool[0]))]

    def when(mask: np.ndarray[Any, Any], series: pl.Series) -> pl.Series:
        return pl.select(pl.when(pl.Series(mask)).then(series).otherwise(pl.lit(""))).to_series()

    placed = rng.random(n) < 0.75
    east = rng.random(n) < grand_est
    metropole = pl.Series(_METROPOLE).gather(rng.integers(0, len(_METROPOLE), n))
    overseas = pl.Series(_OUTRE_MER).gather(rng.integers(0, len(_OUTRE_MER), n))
    home = pl.Series(_GRAND_EST).gather(rng.integers(0, len(_GRAND_EST), n))
    far = rng.random(n) < 0.035
    dep = pl.select(
        pl.when(pl.Series(east)).then(home).when(pl.Series(far)).then(overseas).otherwise(metropole)
    ).to_series()
    within = pl.Series(rng.integers(1, 500, n)).cast(pl.String).str.zfill(3)
    commune = (dep + within).str.slice(0, 5)
    area = (within.cast(pl.Int64) // 5 * 10).cast(pl.String).str.zfill(3)  # five communes to a postal code
    postal = (dep + area).str.slice(0, 5)
    known = placed & (rpps | (rng.random(n) < 0.2))
    lost_zero = rng.random(n) < 0.1
    postal = pl.select(
        pl.when(pl.Series(lost_zero) & postal.str.starts_with("0"))
        .then(postal.str.slice(1))
        .otherwise(postal)
    ).to_series()

    identifier = pl.select(
        pl.when(pl.Series(rpps))
        .then(pl.lit("9") + pl.Series(person).cast(pl.String).str.zfill(10))
        .otherwise(pl.lit("99") + pl.Series(person).cast(pl.String).str.zfill(7))
    ).to_series()
    kind = pl.select(pl.when(pl.Series(rpps)).then(pl.lit("8")).otherwise(pl.lit("0"))).to_series()
    prof_code, prof_label = pairs(_PROFESSIONS)
    sf_type, sf_type_label, sf_code, sf_label = pairs(_SAVOIR_FAIRE)
    type_code, type_label = pairs(_TYPES)
    siret = when(placed & (rng.random(n) < 0.6), digits(14))
    finess = when(placed & (rng.random(n) < 0.5), digits(9))
    site = pick(_SITES) + " " + pick(_NOMS) + " " + digits(4)
    empty = pl.Series([""] * n)
    values: dict[str, pl.Series] = {
        "type_identifiant_pp": kind,
        "identifiant_pp": identifier,
        "identification_nationale_pp": kind + identifier,
        "code_civilite_exercice": pick(["DR", "", "", "PR"]),
        "libelle_civilite_exercice": pick(["Docteur", "", "", "Professeur"]),
        "code_civilite": pick(["M", "MME"]),
        "libelle_civilite": pick(["Monsieur", "Madame"]),
        "nom_exercice": pick(_NOMS) + "-" + pick(_NOMS),
        "prenom_exercice": pick(_PRENOMS),
        "code_profession": prof_code,
        "libelle_profession": prof_label,
        "code_categorie_professionnelle": pick(["C", "C", "C", "M", "E"]),
        "libelle_categorie_professionnelle": pick(["Civil", "Civil", "Militaire", "Etudiant"]),
        "code_type_savoir_faire": sf_type,
        "libelle_type_savoir_faire": sf_type_label,
        "code_savoir_faire": sf_code,
        "libelle_savoir_faire": sf_label,
        "code_mode_exercice": pick(["L", "S", "S", "B"]),
        "libelle_mode_exercice": pick(["Libéral,indépendant,artisan,commerçant", "Salarié"]),
        "siret_site": siret,
        "siren_site": siret.str.slice(0, 9),
        "finess_site": finess,
        "finess_etablissement_juridique": finess,
        "identifiant_structure": when(placed, "R" + digits(15)),
        "raison_sociale_site": when(placed, site),
        "enseigne_commerciale_site": when(placed & (rng.random(n) < 0.3), site),
        "complement_destinataire": when(placed & (rng.random(n) < 0.2), site),
        "complement_point_geographique": when(placed & (rng.random(n) < 0.2), "BÂTIMENT " + digits(2)),
        "numero_voie": when(placed, pl.Series(rng.integers(1, 200, n)).cast(pl.String)),
        "indice_repetition_voie": when(placed & (rng.random(n) < 0.05), pick(["B", "T"])),
        "code_type_voie": when(placed, type_code),
        "libelle_type_voie": when(placed, type_label),
        "libelle_voie": when(placed, pick(_VOIES)),
        "mention_distribution": when(placed & (rng.random(n) < 0.1), "BP " + digits(4)),
        "bureau_cedex": when(placed, commune + " COMMUNE " + commune),
        "code_postal": when(placed, postal),
        "code_commune_source": when(known, commune),
        "libelle_commune_source": when(placed, "Commune " + commune),
        "code_pays": when(placed & (rng.random(n) < 0.3), pl.Series(["99000"] * n)),
        "libelle_pays": empty,
        "telephone": when(placed, "0" + digits(9)),
        "telephone_2": when(placed & (rng.random(n) < 0.1), "0" + digits(9)),
        "telecopie": when(placed & (rng.random(n) < 0.2), "0" + digits(9)),
        "email": when(placed & (rng.random(n) < 0.3), "contact" + digits(6) + "@exemple.fr"),
        "ancien_identifiant_structure": when(placed, "C" + digits(12)),
        "autorite_enregistrement": pick(["CNOM/CNOM/CNOM", "ARS/ARS/ARS", "CNOP/CNOP/CNOP"]),
        "code_secteur_activite": when(placed, pick(["SA01", "SA07", "SA08", "SA05"])),
        "libelle_secteur_activite": when(
            placed, pick(["Etablissement public de santé", "Cabinet individuel", "Cabinet de groupe"])
        ),
        "code_section_pharmaciens": empty,
        "libelle_section_pharmaciens": empty,
        "code_role": empty,
        "libelle_role": empty,
        "code_genre_activite": pick(["GENR01", "GENR02"]),
        "libelle_genre_activite": pick(["Activité standard de soin ou de pharmacien", "Remplacement"]),
    }
    frame = pl.DataFrame(
        {column.label: values.get(column.name, empty) for column in ACTIVITES_LAYOUT.columns}
    )
    order = np.arange(n)
    order[1:][twins[1:]] -= 1  # an exact copy of the line above
    return frame[order]
