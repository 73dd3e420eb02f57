"""Rights on real rows: profile × universe × territory. A restricted question is the question of the kept rows."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from lake.catalog import all_tables
from lake.catalog.annuaire import ACTIVITES
from lake.catalog.convergence import REFERENTIEL, REPONSES, SERVICES, SOLUTIONS
from lake.catalog.segur import CUMULS_TERRITOIRES, MESURES
from lake.contract import Table
from lake.droits import PROFILS, UNIVERS, Droits, effective
from lake.settings import Settings
from lake.tables import Lake
from scoring import droits as rights
from scoring.universes.engine import detail, query
from scoring.universes.model import Scan
from scoring.universes.registry import universe
from scoring.universes.selection import Selection

EVERYTHING = frozenset(UNIVERS)
LAST = {"annuaire": ACTIVITES, "segur": MESURES, "convergence": SERVICES}


@pytest.fixture(scope="module")
def scan(petit_lake: Path) -> Scan:
    lake = Lake(Settings(lake=str(petit_lake)))

    @cache
    def read(table: Table) -> pl.DataFrame:
        return lake.scan(table).collect()

    return lambda table: read(table).lazy()


@pytest.fixture(scope="module")
def editor(scan: Scan) -> str:
    """An editor with products and Ségur rows."""
    products = scan(SOLUTIONS).filter(pl.col("volet") == "industriels").select("editeur").collect()
    return str(products.to_series().sort()[0])


def of_profile(profil: str, editor: str, narrowing: str = "{}") -> Droits:
    return effective([(profil, editor, narrowing)])


def seen(droits: Droits, scan: Scan, table: Table, **more: object) -> pl.DataFrame:
    return rights.restricted(scan, rights.rule(droits, scan, **more))(table).collect()  # type: ignore[arg-type]


def whole(scan: Scan, table: Table) -> pl.DataFrame:
    return scan(table).collect()


@pytest.mark.parametrize("profil", PROFILS)
@pytest.mark.parametrize("name", UNIVERS)
def test_rows_of_each_profile(scan: Scan, editor: str, profil: str, name: str) -> None:
    region = '{"regions": ["44"]}'
    if name == "segur":  # the demonstration's editors of Ségur are not those of Convergence
        editor = str(whole(scan, MESURES)["editeur"].drop_nulls().sort()[0])
    droits = of_profile(profil, editor, region if profil in ("pilote_regional", "grades_ars") else "{}")
    rows, found = whole(scan, LAST[name]), seen(droits, scan, LAST[name])
    # The directory is open data, and the demonstration's is the region's.
    if name == "annuaire" or profil in {"expert_national", "administrateur"}:
        expected = rows
    elif profil == "grand_public":
        expected = rows.clear()
    elif profil == "industriel" and name == "segur":
        expected = rows.filter(pl.col("editeur") == editor)
    elif profil == "industriel":
        owned = whole(scan, SOLUTIONS).filter(volet="industriels", editeur=editor)
        expected = rows.join(owned, on=["volet", "campagne", "service"], how="semi")
    else:
        expected = rows.filter(pl.col("code_region" if name == "segur" else "region") == "44")
    assert found.equals(expected)
    assert (found.height > 0) == (name == "annuaire" or profil != "grand_public")


def test_no_rule_means_no_rows(scan: Scan) -> None:
    nobody = Droits()
    of = rights.rule(nobody, scan)
    for table in all_tables().values():
        domain = table.name.partition("__")[0]
        if domain in rights.PUBLIC_DOMAINS or table.name in rights.RUNS:
            continue
        assert str(of(table)) == str(rights.NOTHING), table.name
    for name in UNIVERS:
        assert str(rights.restriction(nobody, name)) == str(rights.NOTHING)
    administrator = rights.rule(of_profile("administrateur", ""), scan)
    assert str(administrator(all_tables()["journal__comptes"])) == str(rights.NOTHING)


def test_ages_and_the_official_indicator_are_open_to_everyone(scan: Scan) -> None:
    of = rights.rule(Droits(), scan)
    for name in ("ages__population", "apl__communes"):
        assert of(all_tables()[name]) is None


def test_a_regional_reader_s_sums_are_everyone_s(scan: Scan) -> None:
    droits = of_profile("pilote_regional", "", '{"regions": ["44"]}')
    segur = universe("segur", scan)

    def ask(droits: Droits | None, *by: str) -> pl.DataFrame:
        measures = (
            ["mss_boites"] if by == ("code_structure",) else ["psc_professionnels", "psc_taux_adoption"]
        )
        if droits is None:
            return query(segur, scan, Selection(), measures, by).collect()
        reads = rights.restricted(scan, rights.rule(droits, scan, question=by))
        asked = query(
            segur, reads, Selection(), measures, by,
            restrict=rights.restriction(droits, "segur"),
        )  # fmt: skip
        return asked.collect()

    assert ask(droits, "code_region").equals(ask(None, "code_region"))
    assert ask(droits, "code_region").height > 1
    # A structure is only told of its own region.
    mine = whole(scan, MESURES).filter(pl.col("code_region") == "44")["structure"].drop_nulls()
    found = ask(droits, "code_structure")["code_structure"].drop_nulls()
    assert set(found) <= set(mine)
    strict = Droits(EVERYTHING, regions=frozenset({"44"}), agreges=False)
    assert ask(strict, "code_region")["code_region"].to_list() == ["44"]
    assert seen(strict, scan, CUMULS_TERRITOIRES)["code_region"].unique().to_list() == ["44"]


def test_convergence_is_averaged_for_other_regions_and_never_told_by_service(scan: Scan) -> None:
    droits = of_profile("pilote_regional", "", '{"regions": ["44"]}')
    convergence = universe("convergence", scan)

    def ask(by: str, restricted: bool = True) -> pl.DataFrame:
        reads = rights.restricted(scan, rights.rule(droits, scan, question=[by])) if restricted else scan
        one = Selection({"questionnaire": ["QU"]})
        return query(convergence, reads, one, ["services_concernes", "taux_maturite_pct"], [by]).collect()

    every, mine = ask("code_region", restricted=False), ask("code_region")
    services = whole(scan, SERVICES).filter(pl.col("volet") == "regions")
    newest = services.filter(pl.col("campagne") == services["campagne"].max())
    counts = newest.group_by("region").agg(pl.col("service").n_unique())
    large = counts.filter((pl.col("service") >= rights.LEAST_SERVICES) | (pl.col("region") == "44"))["region"]
    assert_frame_equal(mine, every.filter(pl.col("code_region").is_in(large.implode())))
    assert mine.height > 1
    told = set(ask("service")["service"])
    assert told == set(newest.filter(pl.col("region") == "44")["service"]) & told
    assert told


def test_an_industrial_s_answers_are_its_products(scan: Scan, editor: str) -> None:
    droits = of_profile("industriel", editor)
    owned = whole(scan, SOLUTIONS).filter(volet="industriels", editeur=editor)
    found = seen(droits, scan, REPONSES)
    assert found.height > 0
    assert set(found["volet"]) == {"industriels"}
    assert set(found["service"]) <= set(owned["service"])
    assert seen(of_profile("industriel", ""), scan, SERVICES).height == 0
    assert seen(of_profile("industriel", ""), scan, MESURES).height == 0


DEPARTEMENTS = ("08", "10", "51", "52", "54", "55", "57", "67", "68", "88")


@settings(max_examples=8)
@given(chosen=st.frozensets(st.sampled_from(DEPARTEMENTS)))
def test_a_narrowed_question_is_the_question_of_the_kept_rows(
    petit_lake: Path, scan: Scan, chosen: frozenset[str]
) -> None:
    droits = Droits(EVERYTHING, departements=chosen)
    annuaire = universe("annuaire", scan)
    kept = whole(scan, ACTIVITES).filter(pl.col("code_departement").is_in(sorted(chosen)))
    by = ["code_departement", "code_profession"]
    reads = rights.restricted(scan, rights.rule(droits, scan, question=by))
    day = whole(scan, ACTIVITES)["date_extraction"].max()
    selection = Selection(date=day)  # type: ignore[arg-type]
    measures = ["professionnels", "activites", "sites"]
    found = query(annuaire, reads, selection, measures, by).collect()

    def only(table: Table) -> pl.LazyFrame:
        return kept.lazy() if table is ACTIVITES else scan(table)

    assert found.equals(query(annuaire, only, selection, measures, by).collect())
    assert set(detail(annuaire, reads, selection).collect()["code_departement"]) <= chosen


def test_rights_only_ever_narrow() -> None:
    chain = [("pilote_regional", "", '{"regions": ["44", "11"]}'), ("grades_ars", "", '{"regions": ["44"]}')]
    assert effective(chain).regions == {"44"}
    assert effective([("industriel", "A", "{}"), ("industriel", "B", "{}")]).editeurs == frozenset()
    assert effective([]) == Droits()
    said = of_profile("pilote_regional", "", '{"regions": ["44"]}').words()
    assert said == "Annuaire et Ségur et Convergence ; régions : 44 ; autres régions : chiffres agrégés"


def test_a_restricted_criterion_is_its_region_s_and_the_experts_whoever_is_let_in(scan: Scan) -> None:
    def secret(table: Table) -> pl.LazyFrame:
        marked = pl.when(pl.col("critere") == "A05.1").then(pl.lit("restreinte")).otherwise("diffusion")
        return scan(table).with_columns(diffusion=marked) if table is REFERENTIEL else scan(table)

    whose = dict(whole(scan, SERVICES).select(rights._SERVICE, "region").iter_rows())

    def regions(profil: str, opened: tuple[str, ...] = (), narrowing: str = "{}") -> set[str | None]:
        rows = seen(of_profile(profil, "", narrowing), secret, REPONSES, opened=opened)
        assert opened == () or rows.filter(pl.col("critere") == "A05.2").height > 0
        rows = rows.filter(pl.col("volet") == "regions", pl.col("critere") == "A05.1")
        return {whose[key] for key in rows.select(rights._SERVICE).to_series()}

    everyone = set(whose.values()) - {None}
    assert regions("expert_national") - {None} == regions("administrateur") - {None} == everyone
    assert regions("pilote_regional", narrowing='{"regions": ["44"]}') == {"44"}
    # An installation that shows Convergence to everyone does not show that.
    assert regions("grand_public", ("convergence",)) == set()
    assert regions("pilote_regional", ("convergence",), '{"regions": ["44"]}') == {"44"}
    assert regions("expert_national", ("convergence",)) - {None} == everyone
