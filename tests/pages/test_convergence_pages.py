"""Convergence's pages say what the scoring says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.convergence import cartographie, domaines
from apps.convergence.declaration import PAGES
from apps.convergence.editeurs import EDITEURS, MATRIX
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.pages.sheet import view_of
from lake.catalog.convergence import (
    AMELIORATIONS,
    JALONS,
    PLANS,
    PRELIMINAIRES,
    REFERENTIEL,
    REPONSES,
    SERVICES,
    SOLUTIONS,
)
from lake.settings import Settings
from lake.tables import Lake
from scoring.convergence.dependencies import delayed
from scoring.convergence.detail import detail
from scoring.convergence.scores import projections, score
from tests.pages.drawing import draw_page, read

CAMPAGNE = date(2020, 12, 15)
NNBSP = "\u202f"


def french(value: float, decimals: int = 0) -> str:
    return f"{value:,.{decimals}f}".replace(",", NNBSP).replace(".", ",")


def percent(value: float) -> str:
    return f"{french(value, 1)}{NNBSP}%"


def tables(lake: Path, volet: str = "regions", at: date = CAMPAGNE) -> dict[str, pl.LazyFrame]:
    scan = Lake(Settings(lake=str(lake))).scan
    here = (pl.col("volet") == volet) & (pl.col("campagne") == at)
    return {
        "services": scan(SERVICES).filter(here),
        "reponses": scan(REPONSES).filter(here),
        "referentiel": scan(REFERENTIEL).filter(pl.col("volet") == volet),
        "plans": scan(PLANS).filter(here),
        "preliminaires": scan(PRELIMINAIRES).filter(here),
        "solutions": scan(SOLUTIONS).filter(here),
    }


def scored(
    lake: Path, par: str, *, keep: pl.Expr | None = None, volet: str = "regions", **more: Any
) -> pl.DataFrame:
    read = tables(lake, volet)
    if keep is not None:
        read["services"] = read["services"].filter(keep)
    return score(**read, par=par, au=CAMPAGNE, **more).collect()


@pytest.mark.parametrize("page", [page.name for page in PAGES])
@pytest.mark.parametrize("volet", ["regions", "industriels"])
def test_each_page_draws_on_both_sides(petit_lake: Path, page: str, volet: str) -> None:
    drawn = draw_page("convergence", page, petit_lake, **({"volet": [volet]} if volet != "regions" else {}))
    assert drawn.title
    assert drawn.reading
    assert drawn.figures
    assert "obs-source" in drawn.html  # every view has its caption: source, date, count


@pytest.mark.parametrize("page", [page.name for page in PAGES])
def test_a_stale_link_is_told_and_does_not_break(petit_lake: Path, page: str) -> None:
    drawn = draw_page("convergence", page, petit_lake, region=["99"], inconnu=["x"])
    assert drawn.title
    assert any("inconnu" in info.value for info in drawn.at.info)


def test_synthese_prints_the_publication(petit_lake: Path) -> None:
    page = draw_page("convergence", "synthese", petit_lake)
    assert page.figures["Urbanisation régionale (QR)"] == f"75,3{NNBSP}%"
    assert page.figures["Urbanisation des services (QU)"] == f"78,8{NNBSP}%"
    assert page.figures["Interopérabilité des services (QI)"] == f"83,4{NNBSP}%"
    assert page.figures["Convergent"] == "290"
    assert "sur 299 services du tronc commun" in page.html
    for level in ("1,91", "1,69", "1,96"):
        assert f"niveau {level}" in page.html
    assert "316 services" in page.reading


def test_synthese_projects_a_region(petit_lake: Path) -> None:
    page = draw_page(
        "convergence", "synthese", petit_lake, region=["44"], horizon=["2022-T4"], comparer=["national"]
    )
    rows = scored(petit_lake, "questionnaire", keep=pl.col("region") == "44", horizon="2022-T4")
    expected = {row["questionnaire"]: percent(row["taux_maturite_pct"]) for row in rows.iter_rows(named=True)}
    shown = {label[-3:-1]: value for label, value in page.figures.items() if label.endswith(")")}
    assert shown == expected
    table = page.at.dataframe[0].value
    later = scored(petit_lake, "axe", keep=pl.col("region") == "44", horizon="2022-T4")
    wanted = later.filter(pl.col("questionnaire") == "QU", pl.col("axe") == "A05")["taux_maturite_pct"].item()
    found = table[(table["questionnaire"] == "QU") & (table["axe"] == "A05")]["taux_projete"].item()
    assert found == pytest.approx(wanted)


def test_the_vendors_side_is_scored_apart(petit_lake: Path) -> None:
    page = draw_page("convergence", "synthese", petit_lake, volet=["industriels"])
    (row,) = scored(petit_lake, "questionnaire", volet="industriels").iter_rows(named=True)
    assert page.figures["Convergence Industriels (CI)"] == percent(row["taux_maturite_pct"])
    assert f"{row['services_concernes']} produits" in page.html


@pytest.mark.parametrize(
    ("axis", "count", "rate", "level"), [("A05", 292, "79,1", "1,78"), ("A11", 112, "47,3", "0,54")]
)
def test_axes_shows_the_axis_of_the_address(
    petit_lake: Path, axis: str, count: int, rate: str, level: str
) -> None:
    page = draw_page("convergence", "axes", petit_lake, axe=[f"QU-{axis}"])
    assert page.figures["Services concernés"] == str(count)
    assert page.figures["Taux de maturité"] == f"{rate}{NNBSP}%"
    assert page.figures["Niveau de maturité"].startswith(level)
    assert f"axe={'QU-' + axis}" in page.html  # the link to its formula
    criteria = page.at.dataframe[0].value
    expected = scored(petit_lake, "critere").filter(pl.col("critere").str.starts_with(f"{axis}."))
    assert criteria["services_concernes"].to_list() == expected["services_concernes"].to_list()


def test_axes_tells_the_two_a06_apart(petit_lake: Path) -> None:
    regional = draw_page("convergence", "axes", petit_lake, axe=["QR-A06"])
    services = draw_page("convergence", "axes", petit_lake, axe=["QU-A06"])
    assert regional.figures["Services concernés"] == "16"
    assert services.figures["Services concernés"] == "197"
    assert "sur 17 services" in regional.html


def test_domaines_says_what_the_publication_says(petit_lake: Path) -> None:
    page = draw_page("convergence", "domaines", petit_lake)
    assert "tous dépassent 80" in page.reading
    assert "sauf 8 Ressources techniques" in page.reading
    rows = scored(petit_lake, "domaine", horizon="2025-T4").filter(pl.col("questionnaire") == "QU")
    table = page.at.dataframe[0].value
    shown = table[table["moment"] == "fin décembre 2025"].set_index(
        "domaine" if "domaine" in table else "nom"
    )
    for row in rows.iter_rows(named=True):
        (found,) = [shown.loc[name] for name in shown.index if name.split(" ")[0] == row["domaine"]]
        assert found["taux_maturite_pct"] == pytest.approx(row["taux_maturite_pct"])
        assert found["niveau_maturite"] == pytest.approx(row["niveau_maturite"])


def test_indicateurs_counts_below_at_and_not_applicable(petit_lake: Path) -> None:
    page = draw_page("convergence", "indicateurs", petit_lake, axe=["QU-A05"], critere=["A05.1"])
    read = tables(petit_lake)
    del read["plans"], read["solutions"]
    answers = detail(**read, au=CAMPAGNE).filter(pl.col("critere") == "A05.1").collect()
    counted = answers.drop_nulls("niveau")
    below = counted.filter(pl.col("niveau") < pl.col("niveau_attendu")).height
    away = answers.height - counted.height
    text = unescape(page.html)
    assert (
        f"{below} sous le niveau attendu, {counted.height - below} au niveau attendu et {away} non applicable"
        in text
    )
    by_service = scored(petit_lake, "service").filter(pl.col("questionnaire") == "QU")
    least = page.at.dataframe[1].value
    assert least["taux_maturite_pct"].iloc[0] == pytest.approx(by_service["taux_maturite_pct"].min())


def test_maturite_opens_a_service_and_its_history(petit_lake: Path) -> None:
    code = "GES-003"
    page = draw_page("convergence", "maturite", petit_lake, service=[code])
    rows = scored(petit_lake, "questionnaire", keep=pl.col("service") == code, perimetre="tous")
    for row in rows.iter_rows(named=True):
        assert page.figures[f"Taux {row['questionnaire']}"] == percent(row["taux_maturite_pct"])
    history = page.at.dataframe[0].value
    before = tables(petit_lake, at=date(2020, 6, 30))
    before["services"] = before["services"].filter(pl.col("service") == code)
    old = score(**before, par="questionnaire", perimetre="tous", au=date(2020, 6, 30)).collect()
    shown = history[history["campagne"].astype(str) == "2020-06-30"]["taux_maturite_pct"].to_list()
    assert shown == pytest.approx(old["taux_maturite_pct"].to_list())


def test_editeurs_says_the_printed_counts(petit_lake: Path) -> None:
    page = draw_page("convergence", "editeurs", petit_lake, outil=["Covalia"])
    table = page.at.dataframe[0].value
    covalia = table[table["solution"] == "Covalia"].iloc[0]
    assert (covalia["services"], covalia["regions"]) == (26, 11)
    assert "11 régions sur 17" in unescape(page.html)
    rates = scored(petit_lake, "solution").filter(
        pl.col("solution") == "Covalia", pl.col("questionnaire") == "QU"
    )
    assert covalia["taux_maturite_pct"] == pytest.approx(rates["taux_maturite_pct"].item())


def test_plan_counts_what_slipped(petit_lake: Path) -> None:
    page = draw_page("convergence", "plan", petit_lake, region=["44"])
    kept = (pl.col("region") == "44") & (
        (pl.col("kind") == "si_regional") | (pl.col("publiable") & pl.col("tronc_commun"))
    )
    now, before = tables(petit_lake), tables(petit_lake, at=date(2020, 6, 30))
    scope = now["services"].filter(kept).select("service")
    steps = now["plans"].filter(~pl.col("non_planifiable")).join(scope, on="service", how="semi")
    old = (
        before["plans"]
        .filter(~pl.col("non_planifiable"))
        .select("service", "critere", "niveau", avant="trimestre")
    )
    both = steps.join(old, on=["service", "critere", "niveau"]).collect()
    # Quarters written 2022-T3 sort like their dates.
    assert page.figures["Étapes planifiées"] == french(steps.collect().height)
    assert page.figures["Étapes qui ont glissé"] == french(
        both.filter(pl.col("trimestre") > pl.col("avant")).height
    )


def test_formule_redoes_the_sum(petit_lake: Path) -> None:
    page = draw_page("convergence", "formule", petit_lake, axe=["QI-A10"])
    row = scored(petit_lake, "axe").filter(pl.col("axe") == "A10").row(0, named=True)
    assert page.figures["P, services concernés"] == str(row["services_concernes"])
    assert page.figures["Taux de l’axe"] == percent(row["taux_maturite_pct"])
    total, given = re.search(
        r"vaut ([\d\u202f,]+) ; divisée par P, elle donne ([\d,]+)", page.reading.replace("\u202f;", " ;")
    ).groups()  # type: ignore[union-attr]
    assert given == french(row["taux_maturite_pct"], 1)
    summed = float(total.replace(NNBSP, "").replace(",", "."))
    assert summed / row["services_concernes"] == pytest.approx(row["taux_maturite_pct"], abs=0.001)
    services = page.at.dataframe[1].value
    last = services.iloc[-1]
    assert last["nom"] == "Ensemble"
    assert last["taux_axe_pct"] == pytest.approx(row["taux_maturite_pct"])
    assert last["niveau_axe"] == pytest.approx(row["niveau_maturite"])


def test_dependances_delays_a_milestone(petit_lake: Path) -> None:
    page = draw_page("convergence", "dependances", petit_lake, jalon=["J02"], retard=["8"])
    read = tables(petit_lake)
    scan = Lake(Settings(lake=str(petit_lake))).scan
    jalons = scan(JALONS).filter(pl.col("volet") == "regions", pl.col("campagne") == CAMPAGNE)
    plans, ends = read.pop("plans"), [f"{year}-T{n}" for year in range(2020, 2026) for n in range(1, 5)][3:]
    late = delayed(plans, jalons, read["referentiel"], {"J02": 8})
    curves = [
        projections(**read, plans=one, horizons=ends, par="questionnaire")
        .collect()
        .filter(pl.col("questionnaire") == "QU")
        for one in (plans, late)
    ]
    worst = (curves[1]["taux_maturite_pct"] - curves[0]["taux_maturite_pct"]).min()
    assert isinstance(worst, float)
    assert worst < 0
    assert page.figures["Plus grand écart"].startswith(f"−{french(-worst, 1)}")
    assert "ROR national" in page.title


def test_a_link_of_the_plan_leads_to_a_service_of_the_region(
    petit_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service of another region, or the nation's, is used too: it has no place on this plan."""
    rows = pl.DataFrame({"service": ["a", "b", "c"], "utilise": ["b|ailleurs", None, "b"]})
    monkeypatch.setattr(cartographie, "services", lambda _view: rows)
    page = next(one for one in PAGES if one.name == "cartographie")
    view = view_of(page, Data(Lake(Settings(lake=str(petit_lake)))), State())
    assert cartographie.links(view).rows() == [("a", "b"), ("c", "b")]


def test_cartographie_places_every_service_once(petit_lake: Path) -> None:
    page = draw_page("convergence", "cartographie", petit_lake, plan=["44"])
    rows = (
        tables(petit_lake)["services"]
        .filter(pl.col("region") == "44", pl.col("kind") != "si_regional")
        .collect()
    )
    assert page.figures["Services déclarés"] == str(rows.height)
    links = re.findall(r'href="maturite\?[^"]*service=([A-Z0-9-]+)', unescape(page.html))
    assert sorted(links) == sorted(rows["service"].to_list())
    assert "Pro Santé Connect" in page.html
    outside = rows.filter(~pl.col("tronc_commun")).height
    assert page.html.count('class="obs-hors"') == outside


def test_plan_tells_what_is_late(petit_lake: Path) -> None:
    page = draw_page("convergence", "plan", petit_lake)
    now, before = tables(petit_lake), tables(petit_lake, at=date(2020, 6, 30))
    read = {name: now[name] for name in ("services", "reponses", "referentiel", "preliminaires")}
    reached = detail(**read, au=CAMPAGNE).select("service", "critere", actuel="niveau")
    old = before["services"].filter(
        (pl.col("kind") == "si_regional") | (pl.col("publiable") & pl.col("tronc_commun"))
    )
    due = (
        before["plans"]
        .filter(pl.col("trimestre") <= "2020-T3")
        .join(old, on="service", how="semi")
        .join(now["services"], on="service", how="semi")
        .join(reached, on=["service", "critere"], how="left")
        .filter(pl.col("actuel").is_null() | (pl.col("actuel") < pl.col("niveau")))
        .collect()
    )
    assert due.height > 10  # the demo has late steps
    assert page.figures["Étapes en retard"] == french(due.height)


def test_axes_shows_what_is_proposed_and_what_it_depends_on(petit_lake: Path) -> None:
    page = draw_page("convergence", "axes", petit_lake, axe=["QU-A04.2"])
    scan = Lake(Settings(lake=str(petit_lake))).scan
    here = (pl.col("volet") == "regions") & (pl.col("campagne") == CAMPAGNE) & (pl.col("axe") == "A04.2")
    proposed = scan(AMELIORATIONS).filter(here).collect()
    held = scan(JALONS).filter(here).collect()
    shown = [element.value for element in page.at.dataframe]
    (proposals,) = [one for one in shown if "libelle_amelioration" in one]
    (milestones,) = [one for one in shown if "libelle_jalon" in one]
    assert sorted(proposals["libelle_amelioration"]) == sorted(proposed["libelle_amelioration"])
    assert proposed.height >= 2
    assert set(milestones["libelle_jalon"]) == set(held["libelle_jalon"])


def test_axes_puts_two_dates_side_by_side_under_one_legend(petit_lake: Path) -> None:
    page = draw_page("convergence", "axes", petit_lake, axe=["QU-A11"], carte=["2022-T4"], puis=["2025-T4"])
    text = unescape(page.html)
    for horizon in ("2022-T4", "2025-T4"):
        rows = scored_by(petit_lake, ["axe", "region"], horizon).filter(
            pl.col("questionnaire") == "QU", pl.col("axe") == "A11"
        )
        whole = rows.filter(pl.col("taux_maturite_pct") >= 99.95).height
        assert f"{whole} région{'s' if whole > 1 else ''} à 100 % sur {rows.height}." in text
    legends = re.findall(r'<ul class="obs-legende">.*?</ul>', page.html, re.S)
    assert len({legend for legend in legends if "taux de maturité de l’axe" in unescape(legend)}) == 1


def scored_by(lake: Path, par: list[str], horizon: str) -> pl.DataFrame:
    return score(**tables(lake), par=par, au=CAMPAGNE, horizon=horizon).collect()


def test_moyennes_are_national_by_default(petit_lake: Path) -> None:
    page = draw_page("convergence", "moyennes", petit_lake)
    for row in scored(petit_lake, "questionnaire").iter_rows(named=True):
        (shown,) = [value for label, value in page.figures.items() if f"({row['questionnaire']})" in label]
        assert shown == percent(row["taux_maturite_pct"])
    axes = page.at.dataframe[0].value
    expected = scored(petit_lake, "axe")
    assert sorted(axes["taux_maturite_pct"]) == pytest.approx(sorted(expected["taux_maturite_pct"]))
    assert axes["ecart"].abs().max() == pytest.approx(0)


@pytest.mark.parametrize(
    ("name", "value", "keep"),
    [
        ("region", "44", pl.col("region") == "44"),
        ("kind", "infrastructure", pl.col("kind") == "infrastructure"),
    ],
)
def test_moyennes_are_those_of_the_filter_beside_the_whole(
    petit_lake: Path, name: str, value: str, keep: pl.Expr
) -> None:
    page = draw_page("convergence", "moyennes", petit_lake, **{name: [value]})
    mine = scored(petit_lake, "axe", keep=keep)
    whole = scored(petit_lake, "axe")
    axes = page.at.dataframe[0].value
    axes["axe"] = axes["nom"].str.split(" · ").str[0]
    axes = axes.set_index(["questionnaire", "axe"])
    for row in mine.iter_rows(named=True):
        shown = axes.loc[(row["questionnaire"], row["axe"])]
        (other,) = whole.filter(
            pl.col("questionnaire") == row["questionnaire"], pl.col("axe") == row["axe"]
        ).iter_rows(named=True)
        assert shown["taux_maturite_pct"] == pytest.approx(row["taux_maturite_pct"])
        assert shown["ensemble"] == pytest.approx(other["taux_maturite_pct"])
        assert shown["ecart"] == pytest.approx(row["taux_maturite_pct"] - other["taux_maturite_pct"])


def test_moyennes_of_an_editor(petit_lake: Path) -> None:
    page = draw_page("convergence", "moyennes", petit_lake, editeur=["Maincare"])
    read = tables(petit_lake)
    mine = read["solutions"].filter(pl.col("editeur") == "Maincare").select("service").unique()
    read["services"] = read["services"].join(mine, on="service", how="semi")
    for row in score(**read, par="questionnaire", au=CAMPAGNE).collect().iter_rows(named=True):
        (shown,) = [value for label, value in page.figures.items() if f"({row['questionnaire']})" in label]
        assert shown == percent(row["taux_maturite_pct"])


def test_the_slider_projects_and_writes_the_address(petit_lake: Path) -> None:
    page = draw_page("convergence", "synthese", petit_lake, horizon=["2021-T1"])
    slider = page.at.select_slider[0]
    assert slider.value == "2021-T1"
    slider.set_value("2025-T4")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OBS_LAKE", str(petit_lake))
        page.at.run()
    assert "2025-T4" in page.at.query_params["horizon"]
    assert not page.at.error
    assert "fin décembre 2025" in read(page.at).reading


def test_a_matrix_draws_its_first_rows_and_its_table_has_them_all(petit_lake: Path) -> None:
    view = view_of(EDITEURS, Data(Lake(Settings(lake=str(petit_lake)))), State())
    whole, cut = MATRIX(view), replace(MATRIX, most=2)(view)
    editors = whole.table.frame["editeur"].unique(maintain_order=True).to_list()
    assert len(editors) > 2
    assert editors[0] == "Maincare", "the most present first"
    for piece, drawn in ((whole, editors), (cut, editors[:2])):
        (cells,) = [rows for rows in piece.spec["datasets"].values() if rows and "ligne" in rows[0]]
        assert list(dict.fromkeys(row["ligne"] for row in cells)) == drawn
    assert cut.table.frame.equals(whole.table.frame)


def test_services_without_a_domain_are_no_domain(petit_lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pl.DataFrame(
        {
            "domaine": ["6.4", None], "services_concernes": [3, 9], "taux_maturite_pct": [50.0, 1.0],
            "niveau_maturite": [1.0, 0.1],
        }
    )  # fmt: skip
    monkeypatch.setattr(domaines, "rates", lambda *_by, **_more: rows)
    view = view_of(domaines.DOMAINES, Data(Lake(Settings(lake=str(petit_lake)))), State())
    assert set(domaines.TABLE(view).frame["nom"]) == {"6.4 Échange"}
    assert "6.4 Échange" not in domaines.reading(view), "one domain is compared with none"


@pytest.mark.parametrize("page", [page.name for page in PAGES if page.printable])
def test_a_parameter_typed_in_the_address_is_heard_or_refused_never_told_beside_other_figures(
    page: str, petit_lake: Path
) -> None:
    typed = {"horizon": ["2022-T4"], "perimetre": ["tous"]}
    drawn = draw_page("convergence", page, petit_lake, **typed)
    words = [one.value for one in (*drawn.at.info, *drawn.at.warning)]
    assert not [one for one in words if "Nom inconnu" in one]
    own = next(one for one in PAGES if one.name == page).scope.options
    unread = [f"{name}" for name in typed if name not in own]
    told = [one for one in words if "ce que la page ne connaît pas" in one]
    assert len(told) == 1
    assert told[0].endswith(f"{', '.join(unread)}.")
