"""The demo's closing figures come out of the real ingestion, at both sizes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from demo.annuaire.write import DATES, EARLIER, AnnuaireDemo, ExtractionDemo, write_extractions
from demo.ban.write import ROWS_FULL, ROWS_SMALL, write_ban
from ingest.run import Request, run
from ingest.sources import source
from lake.catalog.annuaire import ACTIVITES, DIPLOMES, PRECISIONS_LOCALISEES, SAVOIR_FAIRE
from lake.catalog.territoires import CODES_POSTAUX, COMMUNES, FUSIONS
from lake.settings import Settings
from lake.tables import Lake
from scoring.annuaire.evolution import compare, counts
from scoring.universes.selection import Selection

LOCATED = pl.col("geo_precision").is_in(PRECISIONS_LOCALISEES)


def ingest(folder: Path, *, petit: bool, days: Sequence[date]) -> tuple[Lake, AnnuaireDemo]:
    """Generate the demo files and take them through the real runs, counts compared on the way."""
    settings = Settings.from_env({"OBS_LAKE": str(folder / "lac")})
    lake = Lake(settings)
    run(source("territoires"), Request(files=(), force=False), settings)
    communes, codes, fusions = (lake.scan(one).collect() for one in (COMMUNES, CODES_POSTAUX, FUSIONS))
    ban = write_ban(folder, communes, codes, rows=ROWS_SMALL if petit else ROWS_FULL, fusions=fusions)
    addresses = run(source("ban"), Request(files=tuple(ban.paths.values()), force=False), settings)
    assert addresses.total("publiees") == addresses.total("lues") == ban.lignes
    demo = write_extractions(folder, communes, codes, fusions, ban, petit=petit, days=days)
    for day, expected in demo.extractions.items():
        report = run(source("annuaire"), Request(files=(expected.path,), force=False), settings)
        assert report.date == day
        counts = {one.table: one for one in report.tables}
        activities = counts["annuaire__activites"]
        assert activities.lues == expected.lignes
        assert activities.publiees == expected.publiees
        assert activities.doublons == expected.doublons
        assert activities.hors_region == expected.hors_region
        assert activities.rejetees == expected.rejetees
        for name, written, kept in (
            (DIPLOMES.name, expected.diplomes, expected.diplomes_region),
            (SAVOIR_FAIRE.name, expected.savoir_faire, expected.savoir_faire_region),
        ):
            if day in EARLIER:
                assert name not in counts
                continue
            assert counts[name].lues == written.lignes
            assert counts[name].publiees == kept
            assert counts[name].rejetees == written.rejetees
    return lake, demo


def check(lake: Lake, expected: ExtractionDemo, sites: pl.DataFrame) -> None:
    """Compare the published rows of one extraction with the truth of the generator."""
    rows = lake.scan(ACTIVITES).filter(pl.col("date_extraction") == expected.date).collect()
    persons = rows.group_by("identification_nationale_pp").agg(
        some=LOCATED.any(), every=LOCATED.all(), siren_epci=pl.col("siren_epci").first()
    )
    lost = persons.filter(~pl.col("some"))
    assert persons.height == expected.personnes
    assert lost.height == expected.non_localisees
    assert persons.filter(~pl.col("every")).height == expected.non_localisees
    by_epci = dict(lost.group_by(pl.col("siren_epci").fill_null("")).len().iter_rows())
    assert by_epci == dict(expected.non_localisees_par_epci)
    reasons = dict(rows.drop_nulls("geo_motif").group_by("geo_motif").len().iter_rows())
    assert reasons == dict(expected.motifs)
    truth = sites.select("identifiant_structure", "vrai_code").unique()
    joined = rows.join(truth, on="identifiant_structure", how="left")
    assert joined.height == rows.height
    assert joined.filter(pl.col("code_commune").ne_missing(pl.col("vrai_code"))).is_empty()


def test_the_small_demo_comes_out_as_generated(tmp_path: Path) -> None:
    days = (*EARLIER[4:6], *DATES[-2:])
    lake, demo = ingest(tmp_path, petit=True, days=days)
    assert tuple(demo.extractions) == days
    for extraction in demo.extractions.values():
        check(lake, extraction, demo.sites)
    evolution = demo.evolutions[-1]
    rows = lake.scan(ACTIVITES).select("date_extraction", "identification_nationale_pp", "code_commune")
    before, after = (
        rows.filter(pl.col("date_extraction") == day)
        .group_by("identification_nationale_pp")
        .agg(pl.col("code_commune").unique().sort())
        .collect()
        for day in DATES[-2:]
    )
    key = "identification_nationale_pp"
    assert after.join(before, on=key, how="anti").height == evolution.arrivees
    assert before.join(after, on=key, how="anti").height == evolution.departs
    both = before.join(after, on=key)
    assert (
        both.filter(pl.col("code_commune") != pl.col("code_commune_right")).height == evolution.deplacements
    )

    _a_profession_changes_its_numbers(lake, demo)


def _a_profession_changes_its_numbers(lake: Lake, demo: AnnuaireDemo) -> None:
    """Between October's extractions speech therapists go from ADELI to RPPS: recognised, neither come nor gone."""
    numbers = (
        lake.scan(ACTIVITES)
        .filter(pl.col("code_profession") == "91")
        .group_by("date_extraction")
        .agg(rpps=(pl.col("type_identifiant_pp") == "8").mean())
        .collect()
    )
    borne = dict(numbers.iter_rows())
    assert borne[EARLIER[4]] == 0.0
    assert borne[EARLIER[5]] > 0.9
    (told,) = counts(compare(lake.scan, Selection(), *EARLIER[4:6])).to_dicts()
    truth = demo.evolutions[0]
    assert told["bascules"] > 40
    assert (told["arrivees"], told["departs"], told["deplacements"]) == (
        truth.arrivees,
        truth.departs,
        truth.deplacements,
    )
