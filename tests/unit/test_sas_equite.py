"""Fairness: the examples of the method worked by hand, and what must hold whatever the figures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from apps.cli import obs
from scoring.sas.mesures.equite import bruit, ecarts, equite, expositions, gini, gini_pondere, lorenz, poids
from scoring.sas.rayons import of_code

X, C = np.array([0, 2, 4, 10]), np.array([5, 10, 10, 25])


def shown(rows: list[tuple[int, str, int, int, int]]) -> pl.DataFrame:
    """Search, who, rank, bucket, free seats; everything else tied."""
    frame = pl.DataFrame(rows, schema=["recherche", "identifiant", "rang", "panier", "places"], orient="row")
    return frame.with_columns(palier=pl.lit(0), bande=pl.lit(0), quart=pl.lit(0))


EXAMPLE = shown(
    [
        (1, "A", 1, 0, 2),
        (1, "B", 2, 0, 2),
        (1, "C", 3, 2, 4),
        (2, "B", 1, 0, 2),
        (2, "A", 2, 0, 2),
        (2, "C", 3, 2, 4),
    ]
)


def test_weights_of_ranks() -> None:
    weights = pl.select(poids(pl.Series([1, 2, 3, 4, 5]).implode().explode())).to_series()
    assert [round(one, 3) for one in weights] == [1, 0.631, 0.5, 0.431, 0.387]


def test_a_fair_territory_is_not_accused_by_its_counts() -> None:
    """0, 2, 4, 10 solicitations for 5, 10, 10, 25 seats: 0.50 raw, 0.19 per offered seat."""
    assert gini(X) == pytest.approx(0.5)
    assert gini_pondere(X, C) == pytest.approx(300 / 1600)


def test_the_neutral_draw_of_the_example_has_no_gap_and_the_far_one_is_far() -> None:
    found = expositions(EXAMPLE)
    assert found.get_column("observe").round(3).to_list() == [1.631, 1.631, 1.0]
    algorithm, offer = ecarts(found)
    assert algorithm == pytest.approx(0, abs=1e-12)
    assert offer == pytest.approx(0.265, abs=5e-4)
    share = found.select(pl.col("observe") / pl.col("observe").sum()).to_series()
    part = found.select(pl.col("offre") / pl.col("offre").sum()).to_series()
    assert (share / part).round(2).to_list() == [1.53, 1.53, 0.47]


def test_a_machine_that_always_puts_one_first_is_seen() -> None:
    biased = shown([(n, who, rank, 0, 1) for n in range(200) for rank, who in enumerate("ABCD", start=1)])
    algorithm, _ = ecarts(expositions(biased))
    assert algorithm is not None
    assert algorithm > bruit(biased, tirages=200) > 0
    draw = np.random.default_rng(1)
    rows = [
        (n, who, rank, 0, 1)
        for n in range(200)
        for rank, who in enumerate(draw.permutation(list("ABCD")), start=1)
    ]
    neutral, _ = ecarts(expositions(shown(rows)))
    assert neutral is not None
    assert neutral < 1.2 * bruit(shown(rows), tirages=200)


_offers = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), min_size=1, max_size=12)


@given(_offers)
def test_the_index_is_the_sum_of_pairs(offers: list[tuple[int, int]]) -> None:
    x, c = (np.array(one, dtype=float) for one in zip(*offers, strict=True))
    found = gini_pondere(x, c)
    if x.sum() == 0:
        assert found is None
        return
    rate, mean = x / c, x.sum() / c.sum()
    pairs = (np.outer(c, c) * np.abs(rate[:, None] - rate[None, :])).sum()
    assert found == pytest.approx(pairs / (2 * mean * c.sum() ** 2), abs=1e-9)
    assert 0 <= found <= 1
    assert gini_pondere(3 * x, c) == pytest.approx(found)
    assert gini_pondere(c, c) == pytest.approx(0, abs=1e-9)
    last = lorenz(x, c).row(-1)
    assert last == pytest.approx((1, 1))


def test_few_are_not_published() -> None:
    few = pl.DataFrame({"identifiant": list("ABCD"), "sollicitations": X, "creneaux": C})
    assert equite(few).gini is None
    assert "moins de 5 effecteurs" in equite(few).raison


def test_the_command_counts_the_example_of_the_method_and_says_it_is_of_few(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_text("identifiant,sollicitations,creneaux\nA,0,5\nB,2,10\nC,4,10\nD,10,25\n", "utf-8")
    ran = CliRunner().invoke(obs, ["sas", "equite", "--solicitations", str(file), "--format", "json"])
    found = json.loads(ran.stdout)
    assert (found["gini"], found["gini_brut"]) == (pytest.approx(0.1875), pytest.approx(0.5))
    assert "moins de 5 effecteurs" in found["raison"]


def test_the_command_counts_a_file(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_text(
        "identifiant;sollicitations;creneaux\nA;0;5\nB;4;20\nC;8;20\nD;20;50\nE;0;0\nF;0;5\n", "utf-8"
    )
    ran = CliRunner().invoke(obs, ["sas", "equite", "--solicitations", str(file), "--format", "json"])
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    assert (found["effecteurs"], found["sollicitations"]) == (6, 32)
    assert found["gini_brut"] == pytest.approx(gini(np.array([0, 4, 8, 20, 0, 0])))
    assert found["gini"] == pytest.approx(
        gini_pondere(np.array([0, 4, 8, 20, 0]), np.array([5, 20, 20, 50, 5]))
    )
    assert found["raison"] == ""
    assert set(found) >= {
        "gini",
        "gini_brut",
        "ecart_algorithme",
        "ecart_offre",
        "effecteurs",
        "sollicitations",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("identifiant,sollicitations\nA,1\n", "creneaux"),
        ("identifiant,sollicitations,creneaux\nA,1,2\nA,1,2\n", "deux fois"),
        ("identifiant,sollicitations,creneaux\nA,-1,2\n", "ligne 2"),
        ("identifiant,sollicitations,creneaux\nA,un,2\n", "ligne 2"),
    ],
)
def test_a_bad_file_is_refused_by_its_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "s.csv"
    file.write_text(text, "utf-8")
    ran = CliRunner().invoke(obs, ["sas", "equite", "--solicitations", str(file), "--format", "json"])
    assert ran.exit_code == 1
    assert said in ran.output


def test_a_sas_that_is_none_is_refused_by_its_name() -> None:
    done = CliRunner().invoke(obs, ["sas", "equite", "--sas", "SAS-99"])
    assert done.exit_code == 1
    assert "Nom inconnu (SAS) : « SAS-99 »" in done.stderr.replace("\u202f", " ")


@pytest.mark.parametrize(
    "typed", ["SAS-54", "54", "sas-54", "Meurthe-et-Moselle", "meurthe et moselle", "SAS Meurthe-et-Moselle"]
)
def test_a_sas_is_found_by_its_code_or_its_name(typed: str) -> None:
    assert of_code(typed).code == "SAS-54"


def test_a_name_mistyped_proposes_the_near_ones() -> None:
    done = CliRunner().invoke(obs, ["sas", "equite", "--sas", "Meurthe-et-Mozelle"])
    assert done.exit_code == 1
    assert "Vouliez-vous dire : Meurthe-et-Moselle" in done.stderr.replace("\u202f", " ")
