"""The Ségur referencing: 167 référencements are 138 logiciels of 103 sociétés, whatever the versions and the names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from demo.referencement.write import COULOIRS, FIRST, SECOND, write_catalogues
from ingest.run import Request, run
from ingest.sources import source
from lake.catalog.journal import REJETS
from lake.catalog.referencement import CORRESPONDANCES, PRODUITS
from lake.droits import PROFILS, Droits, of_profile
from lake.errors import ContractError, LakeError, RefusedCombination
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes import answer as answers
from scoring.universes.engine import query
from scoring.universes.referencement import REFERENCEMENT
from scoring.universes.selection import Selection

HEADING = "produit;nom;editeur;siren;version;couloir;dispositif;vague;statut;date_referencement;date_retrait;services"
COUNTS = ("referencements", "logiciels", "editeurs")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("referencement")
    settings = Settings(lake=str(folder / "lac"))
    for files in write_catalogues(folder):
        run(source("referencement"), Request(files=files), settings)
    return settings


Ingest = Callable[..., Lake]


@pytest.fixture
def ingest(tmp_path: Path) -> Ingest:
    def of(*lines: str, day: str = "2024-02-27", links: str = "", budget: float = 1.0) -> Lake:
        path = tmp_path / f"referencement_{day}.csv"
        path.write_text("\n".join([HEADING, *lines]) + "\n", encoding="utf-8")
        files = [path]
        if links:
            files.append(tmp_path / "noms.csv")
            files[1].write_text(f"societe;univers;nom\n{links}\n", encoding="utf-8")
        settings = Settings(lake=str(tmp_path / "lac"))
        run(source("referencement"), Request(files=tuple(files), budget=budget), settings)
        return Lake(settings)

    return of


def counted(lake: Lake, day: str = "2024-02-27", **filters: tuple[str, ...]) -> tuple[int, ...]:
    selection = Selection(filters, date.fromisoformat(day))
    frame = query(REFERENCEMENT, lake.scan, selection, COUNTS).collect()
    return tuple(frame.row(0))


def line(produit: str = "P1", **more: str) -> str:
    given = {
        "produit": produit, "nom": f"Logiciel {produit}", "editeur": "Ciméo", "siren": "820000001", "version": "1",
        "couloir": "HOP", "dispositif": "DPI", "vague": "1", "statut": "référencé",
        "date_referencement": "2023-01-10", "date_retrait": "", "services": "insi|dmp", **more,
    }  # fmt: skip
    return ";".join(given[name] for name in HEADING.split(";"))


def test_the_three_counts_printed_for_wave_one_are_never_confused(published: Settings) -> None:
    lake = Lake(published)
    assert counted(lake, FIRST.isoformat()) == (167, 138, 103)
    by = query(REFERENCEMENT, lake.scan, Selection(date=FIRST), COUNTS, ["couloir"]).collect()
    assert dict(by.select("couloir", "referencements").rows()) == COULOIRS
    # Référencements add over the couloirs; software and companies of two couloirs are counted once.
    assert by["referencements"].sum() == 167
    assert by["logiciels"].sum() > 138
    assert by["editeurs"].sum() > 103
    total = query(REFERENCEMENT, lake.scan, Selection(date=FIRST), COUNTS, ["couloir"], total=True).collect()
    assert (167, 138, 103) in total.select(COUNTS).rows()


def test_a_later_catalogue_leaves_the_first_as_it_was(published: Settings) -> None:
    lake = Lake(published)
    rows = lake.scan(PRODUITS).filter(pl.col("date_catalogue") == SECOND).collect()
    states = dict(rows["etat"].value_counts().rows())
    assert states["retire"] == 9
    assert states["suspendu"] == 3
    assert states["remplace"] == 14
    found = counted(lake, SECOND.isoformat())
    assert found[0] == 167 - 9 - 3 + 12 == states["reference"]
    assert counted(lake, FIRST.isoformat()) == (167, 138, 103)
    renamed = rows.filter(pl.col("editeur").str.ends_with(" Groupe"))
    assert renamed["societe"].n_unique() <= 1
    assert lake.scan(CORRESPONDANCES).collect().height == 2


def test_a_software_of_two_couloirs_is_two_referencements_and_one_software(ingest: Ingest) -> None:
    lake = ingest(
        line(), line(couloir="MDV", dispositif="LGC"), line("P2", editeur="Autre", siren="820000002")
    )
    assert counted(lake) == (3, 2, 2)
    assert counted(lake, couloir=("HOP",)) == (2, 2, 2)


def test_a_version_referenced_again_counts_once_and_the_newest_says_the_state(ingest: Ingest) -> None:
    newer = {"version": "2", "date_referencement": "2023-06-01"}
    lake = ingest(
        line(), line(**newer), line("P2"), line("P2", **newer, statut="retiré", date_retrait="2023-12-01")
    )
    assert counted(lake) == (1, 1, 1)
    rows = lake.scan(PRODUITS).sort("produit", "version").collect()
    assert rows["etat"].to_list() == ["remplace", "reference", "remplace", "retire"]


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({"statut": "retiré", "date_retrait": "2024-02-27"}, "retire"),
        ({"statut": "retiré", "date_retrait": "2024-02-28"}, "reference"),
        ({"statut": "retiré"}, "retire"),
        ({"statut": "suspendu", "date_retrait": "01/02/2024"}, "suspendu"),
        ({"date_referencement": "2024-03-01"}, "a_venir"),
        ({}, "reference"),
    ],
)
def test_a_line_is_what_it_is_at_the_date_of_the_catalogue(
    ingest: Ingest, more: dict[str, str], state: str
) -> None:
    lake = ingest(line("P2", editeur="Autre", siren=""), line(**more))
    rows = lake.scan(PRODUITS).filter(pl.col("produit") == "P1").collect()
    assert rows["etat"].to_list() == [state]
    assert counted(lake)[0] == (2 if state == "reference" else 1)


def test_a_company_is_its_siren_and_bears_its_newest_name(ingest: Ingest) -> None:
    lake = ingest(
        line(editeur="Cimeo"),
        line("P2", editeur="Ciméo Groupe", date_referencement="2023-09-01"),
        line("P3", editeur="CIMÉO GROUPE", siren=""),
        line("P4", editeur="Sans numéro", siren=""),
        line("P5", editeur="SANS NUMERO", siren=""),
    )
    assert counted(lake) == (5, 5, 2)
    rows = lake.scan(PRODUITS).sort("produit").collect()
    assert rows["societe"].to_list() == ["820000001"] * 3 + ["nom:sans numero"] * 2
    assert set(rows["editeur"].head(3)) == {"Ciméo Groupe"}
    assert rows["editeur_publie"].to_list()[:3] == ["Cimeo", "Ciméo Groupe", "CIMÉO GROUPE"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"couloir": "DENT"}, "couloir inconnu"),
        ({"statut": "en cours"}, "statut inconnu"),
        ({"date_referencement": "demain"}, "date_referencement illisible"),
        ({"date_retrait": "2024-13-01"}, "date_retrait illisible"),
        ({"siren": "12"}, "SIREN de forme inattendue"),
        ({"services": "insi|fax"}, "service socle inconnu"),
        ({"nom": ""}, "nom absent"),
        ({"vague": "deux"}, "vague illisible"),
        ({"statut": "retiré", "date_retrait": "2022-01-01"}, "retrait antérieur"),
    ],
)
def test_a_line_that_says_nothing_sound_is_refused_in_words(
    ingest: Ingest, more: dict[str, str], said: str
) -> None:
    lake = ingest(line("P2"), line(**more))
    assert counted(lake) == (1, 1, 1)
    rejects = lake.scan(REJETS).collect()
    assert said in rejects["motif"][0]
    assert rejects["ligne"].to_list() == [3]


def test_what_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "referencement_2024-02-27.csv"
    path.write_text("produit;nom\nP1;A\n", encoding="utf-8")
    with pytest.raises(ContractError, match="il manque editeur"):
        run(source("referencement"), Request(files=(path,)), Settings(lake=str(tmp_path / "lac")))
    undated = tmp_path / "catalogue.csv"
    undated.write_text(f"{HEADING}\n{line()}\n", encoding="utf-8")
    with pytest.raises(LakeError, match="date du catalogue"):
        run(source("referencement"), Request(files=(undated,)), Settings(lake=str(tmp_path / "lac")))


def test_shares_are_of_distinct_software(ingest: Ingest) -> None:
    lake = ingest(
        line(services="dmp"), line(couloir="MDV", dispositif="LGC", services=""), line("P2", services=""),
        line("P3", services="dmp", statut="suspendu"),
    )  # fmt: skip
    frame = query(REFERENCEMENT, lake.scan, Selection(date=FIRST), ["part_dmp", "part_psc"]).collect()
    assert frame.row(0) == (0.5, 0.0)


def test_two_catalogues_never_add(published: Settings) -> None:
    over_time = query(
        REFERENCEMENT, Lake(published).scan, Selection(), ["referencements"], ["date_catalogue"]
    ).collect()
    assert over_time["referencements"].to_list() == [167, 167]
    with pytest.raises(RefusedCombination):
        query(
            REFERENCEMENT, Lake(published).scan, Selection(), ["logiciels"], ["date_catalogue"], total=True
        ).collect()


@pytest.mark.parametrize("profil", PROFILS)
def test_the_catalogue_is_whole_for_who_opens_segur_and_nothing_narrows_it(
    published: Settings, profil: str
) -> None:
    droits = of_profile(profil, "Éditeur absent").meet(
        Droits(frozenset({"annuaire", "segur"}), departements=frozenset({"67"}))
    )
    lecture = answers.Lecture(droits)
    found = answers.answer(
        REFERENCEMENT, Lake(published).scan, Selection(date=FIRST), COUNTS, lecture=lecture
    )
    assert answers.family(REFERENCEMENT) == "segur"
    if "segur" in droits.univers:
        assert found.frame.collect().row(0) == (167, 138, 103)
        assert found.portee is None
