"""The same figure, asked in two ways: counts, ledgers and densities agree with the directory's universe."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.catalog.annuaire import ACTIVITES
from lake.catalog.territoires import COMMUNES, DEPARTEMENTS, EPCI, REGIONS
from lake.contract import Table
from scoring.annuaire.changes import movements, perimeter, summary
from scoring.annuaire.counting import Base, count, ledger
from scoring.annuaire.diagnosis import professions
from scoring.annuaire.ground import terrain
from scoring.annuaire.territory import MESHES, of_mesh
from scoring.universes import engine
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.selection import Selection

FIRST, LAST = date(2025, 1, 1), date(2025, 1, 15)
PLACES = {"54395": "E54", "57463": "E57", "57001": "E57", "67482": "E67"}
REFERENCE: Mapping[Table, pl.DataFrame] = {
    COMMUNES: pl.DataFrame(
        {
            "code_commune": list(PLACES),
            "commune": ["Nancy", "Metz", "Augny", "Strasbourg"],
            "code_departement": [code[:2] for code in PLACES],
            "code_region": ["44"] * 4,
            "siren_epci": list(PLACES.values()),
            "population": [105_000, 120_000, 2_000, 291_000],
            "longitude": [6.18, 6.18, 6.11, 7.76],
            "latitude": [48.69, 49.11, 49.06, 48.57],
        }
    ),
    DEPARTEMENTS: pl.DataFrame(
        {"code_departement": ["54", "57", "67"], "departement": ["a", "b", "c"], "code_region": ["44"] * 3}
    ),
    EPCI: pl.DataFrame({"siren_epci": ["E54", "E57", "E67"], "epci": ["a", "b", "c"]}),
    REGIONS: pl.DataFrame({"code_region": ["44"], "region": ["Grand Est"]}),
}
where = st.sampled_from(
    [
        ("numero", None),
        ("rue", None),
        ("lieu_dit", None),
        ("commune", "introuvable"),
        ("aucune", "commune_inconnue"),
    ]
)
activity = st.tuples(
    st.sampled_from([FIRST, LAST]),
    st.sampled_from("abcdef"),
    st.sampled_from([None, *PLACES]),
    st.sampled_from(["10", "60"]),
    st.sampled_from("LS"),
    st.sampled_from([None, "s1", "s2", "s3"]),
    where,
)


def rows_of(
    drawn: list[tuple[date, str, str | None, str, str, str | None, tuple[str, str | None]]],
) -> pl.DataFrame:
    columns = {
        "date_extraction": [row[0] for row in drawn],
        "ligne": list(range(2, len(drawn) + 2)),
        "identification_nationale_pp": [row[1] for row in drawn],
        "code_commune": [row[2] for row in drawn],
        "siren_epci": [PLACES.get(row[2] or "") for row in drawn],
        "code_departement": [row[2][:2] if row[2] else "57" for row in drawn],
        "code_profession": [row[3] for row in drawn],
        "libelle_profession": [row[3] for row in drawn],
        "code_mode_exercice": [row[4] for row in drawn],
        "id_site": [row[5] for row in drawn],
        "geo_precision": [row[6][0] for row in drawn],
        "geo_motif": [row[6][1] for row in drawn],
    }
    frame = pl.DataFrame(
        columns, schema_overrides={c: pl.String for c in columns if c not in ("date_extraction", "ligne")}
    )
    return frame.with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in ACTIVITES.dtypes().items() if name not in columns
    ).select(ACTIVITES.columns)


@settings(max_examples=15)
@given(st.lists(activity, min_size=1, max_size=20))
def test_one_figure_two_roads(
    drawn: list[tuple[date, str, str | None, str, str, str | None, tuple[str, str | None]]],
) -> None:
    rows = rows_of([(LAST, *drawn[0][1:]), *drawn])

    def scan(table: Table) -> pl.LazyFrame:
        return rows.lazy() if table is ACTIVITES else REFERENCE[table].lazy()

    last = rows.lazy().filter(pl.col("date_extraction") == LAST)
    selection = Selection(date=LAST)

    def asked(measure: str, *by: str) -> dict[str | None, float]:
        found = engine.query(ANNUAIRE, scan, selection, [measure], by).collect()
        return {row[0] if by else None: row[-1] for row in found.iter_rows()}

    for base, measure in (
        (Base.PERSONNES, "professionnels"),
        (Base.ACTIVITES, "activites"),
        (Base.SITES, "sites"),
    ):
        for mesh, column in MESHES.items():
            found = count(last, scan(DEPARTEMENTS), base, mesh)
            expected = {code: n for code, n in asked(measure, column).items() if n}
            assert dict(found.territoires.iter_rows()) == expected
            assert found.total == asked(measure)[None]
    whole = ledger(last, scan(DEPARTEMENTS), Base.ACTIVITES).collect().row(0, named=True)
    for precision, n in asked("activites", "geo_precision").items():
        counted = {"commune": "places_commune", "aucune": "non_places"}.get(str(precision), str(precision))
        assert whole[counted] == n
    people = ledger(last, scan(DEPARTEMENTS), Base.PERSONNES).collect().row(0, named=True)
    located = people["numero"] + people["rue"] + people["lieu_dit"]
    assert located / people["total"] == pytest.approx(asked("part_localises")[None])
    for mesh, code in (("epci", "E57"), ("departement", "57"), ("commune", "57463"), ("region", "44")):
        ground = terrain(last, REFERENCE[COMMUNES], of_mesh(REFERENCE[COMMUNES], mesh, code))
        found_here = professions(ground).row(0, named=True)
        axis = MESHES[mesh]
        assert found_here["professionnels"] == asked("professionnels", axis).get(code, 0)
        density = asked("densite_pour_10000", axis).get(code)
        if density is not None and found_here["professionnels"]:
            assert found_here["densite_pour_10000"] == pytest.approx(density)
    moved = summary(
        movements(
            perimeter(rows.lazy().filter(pl.col("date_extraction") == FIRST), last, scan(DEPARTEMENTS)),
            "epci",
        )
    ).collect()
    ends = {code: end for code, end in moved.select("territoire", "fin").iter_rows() if end}
    assert ends == asked("professionnels", "siren_epci")
