"""``obs lake publications``, ``revenir``, ``check``: what was shown, going back, and what must agree."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from apps.cli import obs
from ingest.run import Request, run
from ingest.sources import source
from lake.catalog.annuaire import ACTIVITES
from lake.catalog.segur import CUMULS_TERRITOIRES, MESURES
from lake.freshness import freshness
from lake.settings import Settings
from lake.tables import Lake
from tests.sample_annuaire import frames

HEADER = "mois;service;indicateur;code_region;code_departement;type_acteur;editeur;structure;valeur"


def call(lake: Lake, *words: str) -> Result:
    return CliRunner().invoke(obs, ["lake", *words], env={"OBS_LAKE": lake.settings.lake})


def month(lake: Lake, folder: Path, *values: int, name: str = "segur_2022-11.csv") -> None:
    """Deliver a month: one structure of the Bas-Rhin a value."""
    path = folder / name
    lines = [
        f"2022-11;DMP;dmp_documents;44;67;ES;Égéria;67000000{n};{value}" for n, value in enumerate(values)
    ]
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    run(source("segur"), Request(files=(path,)), lake.settings)


def total(lake: Lake) -> tuple[int, int]:
    """The region as its sums say it, and as its structures add up."""
    state = Lake(lake.settings).snapshot()
    said = [
        state.scan(t).select(pl.col("valeur").sum()).collect().item() for t in (CUMULS_TERRITOIRES, MESURES)
    ]
    return said[0], said[1]


def publications(lake: Lake) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(call(lake, "publications", "--format", "json").stdout)
    return found


def test_sums_of_one_delivery_that_disagree_are_told_with_both_figures(lake: Lake, tmp_path: Path) -> None:
    month(lake, tmp_path, 105_478)
    sound = call(lake, "check")
    assert sound.exit_code == 0, sound.output
    assert "ok segur__cumuls_territoires et segur__mesures : la somme des valeurs concorde" in sound.stdout
    # A lake of before, whose delivery was killed before its last table: newest versions that do not agree.
    lake.objects.remove("_publications")
    sums = lake.scan(CUMULS_TERRITOIRES).collect().with_columns(valeur=pl.lit(105_492, dtype=pl.Int64))
    lake.write(CUMULS_TERRITOIRES, sums)
    assert total(lake) == (105_492, 105_478)
    mixed = call(lake, "check")
    assert mixed.exit_code == 1
    assert (
        "KO segur__cumuls_territoires et segur__mesures : la somme des valeurs diffère, 1 écart ; premier écart "
        "2022-11-01, dmp_documents, 44, 67 : 105492 et 105478" in mixed.stdout
    )
    month(lake, tmp_path, 105_492, name="segur_2022-11_v2.csv")
    assert call(lake, "check").exit_code == 0
    assert total(lake) == (105_492, 105_492)


def test_going_back_shows_again_what_a_publication_showed(lake: Lake, tmp_path: Path) -> None:
    month(lake, tmp_path, 100)
    month(lake, tmp_path, 70, 80, name="segur_2022-11_v2.csv")
    listed = publications(lake)
    segur = [one for one in listed if one["source"] == "segur"]
    assert [one["genre"] for one in segur] == ["livraison", "livraison", "état trouvé"]
    assert segur[0]["donnees"] == "2022-11-01"
    first = segur[1]["numero"]
    assert total(lake) == (150, 150)
    back = call(lake, "revenir", str(first), "--source", "segur")
    assert back.exit_code == 0, back.output
    assert back.stdout.startswith(f"Publication {first} rétablie (c'est la publication ")
    assert total(lake) == (100, 100)
    assert call(lake, "check").exit_code == 0
    again = call(lake, "revenir", str(first), "--source", "segur")
    assert again.stdout == f"La publication {first} est déjà ce que lisent les pages : rien à faire.\n"
    month(lake, tmp_path, 70, 80, name="segur_2022-11_v2.csv")  # the same files are published again
    assert total(lake) == (150, 150)
    assert publications(lake)[0]["genre"] == "livraison"
    refused = call(lake, "revenir", "999")
    assert (refused.exit_code, refused.stderr) == (
        1,
        "Erreur : Aucune publication n° 999. Voyez obs lake publications.\n",
    )
    assert "Nom inconnu (source) : « segure »" in call(lake, "revenir", "1", "--source", "segure").stderr


def test_going_back_before_the_first_delivery_of_a_source_hides_its_tables(
    lake: Lake, tmp_path: Path
) -> None:
    month(lake, tmp_path, 100)
    found = next(one["numero"] for one in publications(lake) if one["genre"] == "état trouvé")
    call(lake, "revenir", str(found), "--source", "segur")
    assert not Lake(lake.settings).exists(MESURES)
    month(lake, tmp_path, 100)
    assert total(lake) == (100, 100)


def test_a_record_that_cannot_be_read_is_stepped_over(lake: Lake, tmp_path: Path) -> None:
    month(lake, tmp_path, 100)
    month(lake, tmp_path, 150, name="segur_2022-11_v2.csv")
    listed = publications(lake)
    newest, before = listed[0]["numero"], listed[1]["numero"]
    path = Path(lake.root) / "_publications" / f"{newest:010d}.json"
    path.write_bytes(path.read_bytes()[:200])
    check = call(lake, "check")
    assert check.exit_code == 1
    assert check.stderr == (
        f"Erreur : Le registre des publications est abîmé : le fichier _publications/{newest:010d}.json est "
        "illisible ou modifié. Recopiez-le depuis une sauvegarde, ou revenez à la publication précédente : "
        "obs lake publications, puis obs lake revenir.\n"
    )
    assert publications(lake)[0]["genre"] == "illisible"
    assert call(lake, "revenir", str(before)).exit_code == 0
    assert total(lake) == (100, 100)
    month(lake, tmp_path, 150, name="segur_2022-11_v2.csv")
    assert total(lake) == (150, 150)


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2025, 2, 4), "à jour"),
        (date(2025, 2, 5), "en retard de 1 j"),
        (date(2026, 1, 14), "en retard de 344 j"),
    ],
)
def test_a_promise_runs_from_what_the_data_say_of(lake: Lake, today: date, words: str) -> None:
    lake.publish(
        ACTIVITES, frames()[ACTIVITES.name]
    )  # its newest extraction: 14 January 2025; promise: 21 days
    fresh = freshness(ACTIVITES, lake.snapshot(), today)
    assert (fresh.words, fresh.late) == (words, words != "à jour")


def test_a_month_ages_from_its_end(lake: Lake, tmp_path: Path) -> None:
    month(lake, tmp_path, 100)
    assert (
        freshness(MESURES, lake.snapshot(), date(2023, 1, 31)).words == "à jour"
    )  # 62 days after 30 November
    assert freshness(MESURES, lake.snapshot(), date(2023, 2, 1)).words == "en retard de 1 j"


def test_a_table_without_a_date_ages_from_its_publication(local_settings: Settings) -> None:
    from lake.catalog.finess import ETABLISSEMENTS

    lake = Lake(local_settings)
    lake.publish(ETABLISSEMENTS, ETABLISSEMENTS.empty())
    state = lake.snapshot()
    published = state.published(ETABLISSEMENTS).moment.date()
    assert freshness(ETABLISSEMENTS, state, published).words == "à jour"
