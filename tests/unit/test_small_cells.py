"""Other regions in aggregate only: worked by hand, cell by cell, where a mean would be one service's own."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from lake.catalog.convergence import REPONSES, SERVICES
from lake.catalog.segur import CUMULS_EDITEURS, CUMULS_TERRITOIRES, MESURES, STRUCTURES
from lake.contract import Table
from lake.droits import UNIVERS, Droits
from scoring import droits as rights

DAY = date(2021, 12, 15)
OWN = Droits(frozenset(UNIVERS), regions=frozenset({"44"}))
# service: region, kind. 44 is the reader's own; 11 has three alike and two of another kind; 32 has two in all.
DECLARED = {
    "nous": ("44", "metier"),
    "a1": ("11", "metier"),
    "a2": ("11", "metier"),
    "a3": ("11", "metier"),
    "a4": ("11", "infrastructure"),
    "a5": ("11", "infrastructure"),
    "sir11": ("11", "si_regional"),
    "b1": ("32", "metier"),
    "sir32": ("32", "si_regional"),
    # 28 declares four alike: one may not be published, one answers nothing but « non applicable ». Two are left.
    "c1": ("28", "metier"),
    "c2": ("28", "metier"),
    "c3": ("28", "metier"),
    "c4": ("28", "metier"),
    "sir28": ("28", "si_regional"),
}
HIDDEN, SILENT = ["c3"], ["c4"]


def services() -> pl.LazyFrame:
    return pl.LazyFrame(
        [
            {
                "volet": "regions",
                "campagne": DAY,
                "service": name,
                "region": region,
                "kind": kind,
                "publiable": name not in HIDDEN,
                "tronc_commun": True,
            }
            for name, (region, kind) in DECLARED.items()
        ]
    )


def answers() -> pl.LazyFrame:
    silent = pl.col("service").is_in(SILENT)
    return services().select(
        "volet",
        "campagne",
        "service",
        niveau=pl.when(~silent).then(pl.lit(2, pl.Int64)),
        porte_par=pl.lit(None, pl.String),
        non_applicable=silent,
    )


def scan(table: Table) -> pl.LazyFrame:
    return services() if table is SERVICES else answers()


def told(droits: Droits, question: list[str] | None) -> set[str]:
    """The services whose answers feed a question."""
    of = rights.rule(droits, scan, question=question)
    return set(rights.restricted(scan, of)(REPONSES).collect()["service"])


ALIKE = {"nous", "a1", "a2", "a3", "sir11", "sir28"}


@pytest.mark.parametrize(
    "question",
    [["region"], ["region", "axe"], ["questionnaire"], [], ["campagne", "code_region", "libelle_axe"]],
)
def test_means_of_others_need_three_services_of_a_kind(question: list[str]) -> None:
    assert told(OWN, question) == ALIKE


@pytest.mark.parametrize(
    "question",
    [
        ["service"],
        ["region", "critere"],
        ["domaine"],
        ["type_service"],
        ["editeur"],
        ["region", "kind"],
        ["zone_pos"],
    ],
)
def test_a_finer_question_is_answered_about_one_s_own_region_only(question: list[str]) -> None:
    assert told(OWN, question) == {"nous"}


def test_rows_are_one_s_own_and_nobody_s_under_a_strict_manager() -> None:
    assert told(OWN, None) == {"nous"}
    strict = Droits(OWN.univers, regions=OWN.regions, agreges=False)
    assert told(strict, ["region"]) == {"nous"}
    nowhere = Droits(OWN.univers, regions=frozenset())
    assert told(nowhere, None) == set()
    assert told(nowhere, ["region"]) == ALIKE - {"nous"}
    assert told(Droits(frozenset({"annuaire"})), ["region"]) == set()


def test_of_segur_others_are_seen_in_sums_and_never_by_structure() -> None:
    rows = pl.LazyFrame({"code_region": ["44", "11"], "code_departement": ["67", "75"]})
    departements = pl.LazyFrame({"code_region": ["44", "11"], "code_departement": ["67", "75"]})

    def read(table: Table) -> pl.LazyFrame:
        return departements if table.name == "territoires__departements" else rows

    for question in (None, ["region"], ["structure"], ["editeur", "region"]):
        of = rights.rule(OWN, read, question=question)
        for table, expected in (
            (MESURES, ["44"]),
            (CUMULS_TERRITOIRES, ["44", "11"]),
            (CUMULS_EDITEURS, ["44", "11"]),
        ):
            found = rights.restricted(read, of)(table).collect()["code_region"].to_list()
            assert found == expected, (question, table.name)
    assert "structure" not in {*CUMULS_TERRITOIRES.columns, *CUMULS_EDITEURS.columns}
    # Names of structures are reference data of the universe: whole for who opens it, figures are not.
    assert rights.rule(OWN, read)(STRUCTURES) is None
