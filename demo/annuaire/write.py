"""Demo extractions of the health directory, in the official format, with their exact expected counts.

Twelve fortnightly extractions at most, the last one calibrated on the figures published for 14 January 2025: 123,048
distinct professionals in Grand Est, of whom 1,129 cannot be located. The figures are meant to come out of the real
pipeline; the counts returned here are the truth that tests compare it with. Persons, companies and
identifiers are fictional (:mod:`demo.annuaire.identifiants`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from demo.annuaire import fichiers as fichiers
from demo.annuaire.avant import STEPS, Avant, earlier_days
from demo.annuaire.carnet import open_carnet
from demo.annuaire.colonnes import ACTIVITES, DIPLOMES, SAVOIR_FAIRE
from demo.annuaire.monde import Builder
from demo.annuaire.population import Monde
from demo.ban.write import BanDemo

Say = Callable[[str, float | None], None]

DATES = (date(2024, 12, 3), date(2024, 12, 17), date(2024, 12, 31), date(2025, 1, 14))
"""The extractions, oldest first."""
EARLIER = earlier_days(DATES[0])
"""The extractions before them, oldest first: the full demo has them too."""

_STAMP = "0630"
# The extraction whose lines end with a separator, as the files of that time did.
_TRAILING = 1
_DUPLICATES = 300


@dataclass(frozen=True)
class ExtractionDemo:
    """What one extraction holds, and what the pipeline should find in it.

    Attributes:
        date: date of the extraction.
        path: the zip.
        lignes: data lines of ``Personne_activite``; lignes = publiees + doublons + hors_region + rejetees.
        publiees: distinct good lines in the region.
        doublons: exact duplicates.
        hors_region: good lines outside the region or without location.
        rejetees: broken lines.
        personnes: distinct persons in the region.
        non_localisees: distinct persons none of whose activities in the region can be located.
        non_localisees_par_epci: the same by SIREN of the EPCI; ``""`` when the commune is unknown.
        motifs: published lines that cannot be located, by reason.
        diplomes: counts of ``Dipl_AutExerc``, which the extractions of :data:`EARLIER` do not bring.
        savoir_faire: counts of ``SavoirFaire``; likewise.
        diplomes_region: distinct good lines of ``Dipl_AutExerc`` whose person is in the region.
        savoir_faire_region: the same for ``SavoirFaire``.
    """

    date: date
    path: Path
    lignes: int
    publiees: int
    doublons: int
    hors_region: int
    rejetees: int
    personnes: int
    non_localisees: int
    non_localisees_par_epci: Mapping[str, int]
    motifs: Mapping[str, int]
    diplomes: fichiers.Ecrit
    savoir_faire: fichiers.Ecrit
    diplomes_region: int
    savoir_faire_region: int


@dataclass(frozen=True)
class EvolutionDemo:
    """What changes in the region from one extraction to the next (distinct persons).

    Attributes:
        avant: date of the earlier extraction.
        apres: date of the later one.
        arrivees: persons in the region only afterwards.
        departs: persons in the region only before.
        deplacements: persons in both whose set of communes differs.
        changements_mode: persons in both whose set of modes differs.
    """

    avant: date
    apres: date
    arrivees: int
    departs: int
    deplacements: int
    changements_mode: int


@dataclass(frozen=True)
class AnnuaireDemo:
    """The demo extractions.

    Attributes:
        extractions: by date.
        evolutions: between consecutive extractions.
        sites: every site in the region: its official columns, ``genre_site`` (short name of its kind),
            ``vrai_code`` (its true commune; null if the file does not tell it), ``localise``; other demo
            sources (FINESS) build on it.
    """

    extractions: Mapping[date, ExtractionDemo]
    evolutions: tuple[EvolutionDemo, ...]
    sites: pl.DataFrame

    @property
    def paths(self) -> dict[date, Path]:
        """Zip of each extraction."""
        return {day: extraction.path for day, extraction in self.extractions.items()}


def write_extractions(
    folder: Path,
    communes: pl.DataFrame,
    codes_postaux: pl.DataFrame,
    fusions: pl.DataFrame,
    ban: BanDemo,
    *,
    petit: bool = False,
    seed: int = 20250114,
    days: Sequence[date] = DATES,
    say: Say = lambda _sentence, _share: None,
    written: Callable[[Path], object] = lambda _path: None,
) -> AnnuaireDemo:
    """Write the demo extractions as ``PS_LibreAcces_AAAAMMJJhhmm.zip``.

    Args:
        folder: where to write; created if absent.
        communes: ``territoires__communes`` of the region (``code_commune``, ``commune``,
            ``code_departement``, ``siren_epci``, ``population``).
        codes_postaux: ``territoires__codes_postaux``.
        fusions: ``territoires__fusions``: part of the sites of merged communes keep their former code.
        ban: the demo address base written for the same communes.
        petit: one person in forty.
        seed: same seed and arguments, same bytes.
        days: extractions to write, among :data:`EARLIER` and :data:`DATES`; each one's bytes do not depend on
            the others.
        say: progress.
        written: told each extraction as soon as it is whole, the oldest first.

    Raises:
        ContractError: the address base has no address in these communes.
    """
    say("Personnes et sites de démonstration", 0.0)
    carnet = open_carnet(communes, codes_postaux, fusions, ban)
    monde = Builder(carnet, petit=petit, seed=seed).build()
    folder.mkdir(parents=True, exist_ok=True)
    scale = 40 if petit else 1
    sites = fichiers.site_columns(monde.sites)
    broken_persons = _strangers(monde, seed)
    extractions: dict[date, ExtractionDemo] = {}
    truths: list[pl.DataFrame] = []
    wanted = [day for day in (*EARLIER, *DATES) if day in days]
    before = Avant(monde, seed) if set(days) & set(EARLIER) else None
    for done, day in enumerate(wanted, start=1):
        say(f"Extraction de démonstration du {day:%d/%m/%Y}", done / (len(wanted) + 1))
        index = (*EARLIER, *DATES).index(day) - STEPS
        rng = np.random.default_rng([seed, index % 100])
        then = monde if before is None or index >= 0 else before.at(-index)
        rows = fichiers.rows_of(then, max(index, 0)).rename({"competence": "competence_lue"})
        truth = rows.select("p", "site", "mode").hstack(
            monde.sites[rows["site"]].select("region", "localise", "motif", "vrai_code", "siren_epci")
        )
        truths.append(truth.filter("region"))
        extractions[day] = _write(folder, day, rng, then, rows, truth, sites, broken_persons, index, scale)
        written(extractions[day].path)
    say("Extractions de démonstration écrites", 1.0)
    evolutions = tuple(
        _evolution(avant, apres, before, after)
        for (avant, before), (apres, after) in pairwise(zip(wanted, truths, strict=True))
    )
    local = monde.sites.filter("region").with_columns(
        genre_site=pl.col("kind").replace_strict(fichiers.kind_names(), return_dtype=pl.String)
    )
    return AnnuaireDemo(extractions, evolutions, local.drop("kind", "c", "region"))


def _strangers(monde: Monde, seed: int) -> Monde:
    """A few persons who only exist on broken lines, each with one activity in the region."""
    rng = np.random.default_rng([seed, 99])
    count = monde.inconnus.height
    located = np.flatnonzero(monde.sites["localise"].to_numpy())
    chosen = located[rng.integers(0, located.size, count)]
    activities = pl.DataFrame(
        {"p": np.arange(count), "site": chosen, "mode": np.full(count, 2), "genre": np.zeros(count, np.int64)}
    ).with_columns(tirage=pl.lit(0.5), competence_lue=pl.lit(False))
    return replace(monde, personnes=monde.inconnus, activites=activities)


def _write(
    folder: Path,
    day: date,
    rng: np.random.Generator,
    monde: Monde,
    rows: pl.DataFrame,
    truth: pl.DataFrame,
    sites: pl.DataFrame,
    strangers: Monde,
    index: int,
    scale: int,
) -> ExtractionDemo:
    """Write one extraction and count what it holds."""
    trailing = index == _TRAILING
    local = np.flatnonzero(truth["region"].to_numpy())
    duplicates = rng.choice(local, max(5, _DUPLICATES // scale), replace=False)
    broken = strangers.personnes.height if scale == 1 else 4
    few = np.arange(broken)
    content, written = fichiers.text_file(
        fichiers.activity_lines(monde, rows, sites),
        ACTIVITES,
        fichiers.broken_lines(
            fichiers.activity_lines(strangers, strangers.activites[few], sites), trailing=trailing
        ),
        duplicates,
        rng,
        trailing=trailing,
    )
    present = rows["p"].unique(maintain_order=True).to_numpy()
    in_region = truth.filter("region")["p"].unique().to_numpy()
    files = {"Personne_activite": content}
    others = dict.fromkeys(("Dipl_AutExerc", "SavoirFaire"), fichiers.Ecrit(0, 0, 0))
    kept = dict.fromkeys(others, 0)
    for kind, make, header in (
        ("Dipl_AutExerc", fichiers.diploma_lines, DIPLOMES),
        ("SavoirFaire", fichiers.skill_lines, SAVOIR_FAIRE),
    ):
        if day in EARLIER:  # of these only who practises where is told: half of the work
            continue
        lines = make(monde, present)
        identifiers = monde.personnes["identification_nationale_pp"].gather(in_region)
        mine = lines["identification_nationale_pp"].is_in(identifiers.implode())
        kept[kind] = int(mine.sum())
        twice = rng.choice(np.flatnonzero(mine.to_numpy()), max(2, 40 // scale), replace=False)
        bad = fichiers.broken_lines(make(strangers, few)[:2], trailing=trailing)
        files[kind], others[kind] = fichiers.text_file(lines, header, bad, twice, rng, trailing=trailing)
    path = fichiers.write_zip(folder, day, f"{day:%Y%m%d}{_STAMP}", files)
    published = truth.filter("region")
    by_person = published.group_by("p").agg(
        pl.col("localise").any().alias("trouve"),
        pl.col("localise").all().alias("tous"),
        pl.col("siren_epci").first(),
    )
    not_located = by_person.filter(~pl.col("trouve"))
    by_epci = (
        not_located.group_by(pl.col("siren_epci").fill_null(""))
        .len()
        .sort("len", "siren_epci", descending=[True, False])
    )
    reasons = published.filter(~pl.col("localise")).group_by("motif").len().sort("motif")
    return ExtractionDemo(
        date=day,
        path=path,
        lignes=written.lignes,
        publiees=published.height,
        doublons=written.doublons,
        hors_region=truth.height - published.height,
        rejetees=written.rejetees,
        personnes=by_person.height,
        non_localisees=not_located.height,
        non_localisees_par_epci=dict(by_epci.iter_rows()),
        motifs=dict(reasons.iter_rows()),
        diplomes=others["Dipl_AutExerc"],
        savoir_faire=others["SavoirFaire"],
        diplomes_region=kept["Dipl_AutExerc"],
        savoir_faire_region=kept["SavoirFaire"],
    )


def _evolution(avant: date, apres: date, before: pl.DataFrame, after: pl.DataFrame) -> EvolutionDemo:
    """Compare the rows in the region of two extractions."""

    def sets(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.group_by("p").agg(
            pl.col("vrai_code").unique().sort().alias("communes"),
            pl.col("mode").unique().sort().alias("modes"),
        )

    first, second = sets(before), sets(after)
    both = first.join(second, on="p", suffix="_apres")
    return EvolutionDemo(
        avant,
        apres,
        arrivees=second.join(first, on="p", how="anti").height,
        departs=first.join(second, on="p", how="anti").height,
        deplacements=both.filter(pl.col("communes") != pl.col("communes_apres")).height,
        changements_mode=both.filter(pl.col("modes") != pl.col("modes_apres")).height,
    )
