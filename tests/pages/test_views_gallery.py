"""What each view of the gallery shows and refuses, on figures worked by hand and delivered by the real source."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pypdf
import pytest

from apps.kit.charts.charts import Chart, left_out
from apps.kit.charts.figures import Figures
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Table
from apps.kit.data.data import Data
from apps.kit.data.state import Scope, State
from apps.kit.data.view import View
from apps.kit.export.pdf import page_pdf
from apps.kit.maps.maps import classify
from apps.kit.pages.export import read_back, table_csv
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import counted
from apps.kit.views import words
from apps.kit.views.colours import paired
from apps.kit.views.gallery import (
    BeforeAfter,
    Breakdown,
    Columns,
    Curve,
    Heat,
    Histogram,
    KeyFigures,
    Levels,
    Listing,
    Multiples,
    Radar,
    Ranked,
    Ring,
    Stacked,
    Values,
)
from apps.kit.views.rules import refusal_of
from ingest.run import Request, run
from ingest.sources import source
from lake.catalog.segur import COUVERTURE
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format
from scoring.universes.rows import NON_RENSEIGNE
from scoring.universes.segur import SEGUR
from scoring.universes.selection import Selection

OCTOBER, NOVEMBER = date(2022, 10, 1), date(2022, 11, 1)
KINDS = ("ES", "EMS", "LABO", "officine", "PS libéral")
CLOSED = (243_867, 3_718_537, 5_431_424, 468_259, 450_015)
OPEN = (2_415_932, 5_238_232, 8_666_691, 682_359, 693_662)
EDITORS = [f"Éditeur {rank:02}" for rank in range(30)]
See = Callable[..., View]


def lines() -> list[str]:
    head = "mois;service;indicateur;code_region;code_departement;type_acteur;profession;editeur;valeur"
    made = [head]

    def line(month: date, service: str, name: str, value: int, region: str = "44", **more: str) -> None:
        place = {"44": "67", "28": "14"}[region]
        cells = [month, service, name, region, place, more.get("type", ""), more.get("profession", "")]
        made.append(";".join(map(str, [*cells, more.get("editeur", ""), value])))

    for month, values in ((OCTOBER, CLOSED), (NOVEMBER, OPEN)):
        for kind, value in zip(KINDS, values, strict=True):
            line(month, "DMP", "dmp_alimentes", value, type=kind)
    line(NOVEMBER, "DMP", "dmp_alimentes", 240)
    for rank, editor in enumerate(EDITORS):
        for month in (OCTOBER, NOVEMBER):
            line(month, "MSS", "mss_messages_emis", 100 + rank, editeur=editor, type=KINDS[rank % 5])
    for region, cards in (("44", 50), ("28", 30)):
        for profession, people in (("10", 200), ("21", 100)):
            line(NOVEMBER, "PSC", "psc_professionnels", people, region, profession=profession)
            line(NOVEMBER, "PSC", "psc_e_cps", cards, region, profession=profession)
            for month in (OCTOBER, NOVEMBER):
                line(month, "PSC", "psc_connexions", cards * 10, region, profession=profession)
    return made


@pytest.fixture(scope="module")
def reads(tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = tmp_path_factory.mktemp("galerie")
    settings = Settings(lake=str(folder / "lac"))
    run(source("territoires"), Request(), settings)
    file = folder / "segur.csv"
    file.write_text("\n".join(lines()) + "\n", "utf-8")
    run(source("segur"), Request(files=(file,)), settings)
    return Data(Lake(settings))


@pytest.fixture
def see(reads: Data) -> See:
    """``see(region=["44"])``: what a view reads under these filters."""

    def made(du: date | None = None, au: date | None = None, **filters: list[str]) -> View:
        scope = Scope("segur.essai", ("region", "departement", "type_acteur", "editeur"), monthly=True)
        return View("Essai", reads.universe(SEGUR), State(Selection(filters, None, du, au)), reads, scope)

    return made


@pytest.fixture
def campaigns(petit_lake: Path) -> See:
    """The published campaigns of the demonstration."""
    data = Data(Lake(Settings(lake=str(petit_lake))))

    def made(jour: date | None = None, **filters: list[str]) -> View:
        scope = Scope("convergence.essai", tuple(axis.name for axis in CONVERGENCE.axes))
        return View("Essai", data.universe(CONVERGENCE), State(Selection(filters, jour)), data, scope)

    return made


# -- key figures -------------------------------------------------------------------------------------


def test_parts_close_to_a_whole_that_is_asked_on_its_own(see: See) -> None:
    (figure,) = KeyFigures(("dmp_alimentes",), "type_acteur")(see(au=OCTOBER)).items
    assert figure.value == "10\u202f312\u202f102"
    assert {part.label: part.value for part in figure.parts}["Établissements sanitaires"] == "243\u202f867"
    assert len(figure.parts) == 5
    assert figure.closing == "Les parts font le total."


def test_what_no_part_holds_is_said_never_hidden(see: See) -> None:
    figures = KeyFigures(("dmp_alimentes",), "type_acteur")(see())
    (figure,) = figures.items
    assert figure.value == "17\u202f697\u202f116"
    assert figure.closing == "Non réparti\u202f: 240"
    assert figures.table is not None
    assert "Non réparti\u202f: 240" in figures.table.frame["partie"].to_list()


def test_a_rate_has_parts_without_closing(see: See) -> None:
    (figure,) = KeyFigures(("psc_taux_adoption",), "region")(see()).items
    assert figure.value == "26,67\u202f%"  # 160 / 600, not the mean of 33,33 and 20
    assert [(part.label, part.value) for part in figure.parts] == [
        ("Grand Est", "33,33\u202f%"),
        ("Normandie", "20,00\u202f%"),
    ]
    assert figure.closing == ""


def test_beyond_seven_parts_the_first_ones_and_how_many_are_left(see: See) -> None:
    (figure,) = KeyFigures(("mss_messages_emis",), "editeur")(see()).items
    assert [part.label for part in figure.parts][:2] == ["Éditeur 29", "Éditeur 28"]
    rest = sum(100 + rank for rank in range(30)) - sum(100 + rank for rank in range(23, 30))
    assert figure.closing == f"7 éditeurs sur 30 ; autres\u202f: {rest:,}".replace(",", "\u202f")


def test_a_fifth_figure_stands_under_the_cards_and_raises_nothing(see: See) -> None:
    names = ("psc_e_cps", "psc_professionnels", "psc_taux_adoption", "psc_connexions", "dmp_alimentes")
    drawing = KeyFigures(names)
    refusal = drawing.refused(SEGUR)
    assert refusal is not None
    assert "Plus de quatre" in refusal.reason
    figures = drawing(see())
    assert len(figures.cards) == 4
    (said,) = figures.others
    assert said.startswith("DMP alimentés\u202f: 17\u202f697\u202f116, hausse de 7\u202f385\u202f014")
    assert Figures([]).others == ()


# -- what adds up ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "axis"), [("psc_taux_adoption", "region"), ("insi_structures_actives", "editeur")]
)
def test_a_ring_refuses_rates_and_distinct_counts_and_shows_its_table(
    see: See, measure: str, axis: str
) -> None:
    drawing = Ring(measure, axis, "Qui ?")
    refusal = drawing.refused(SEGUR)
    assert refusal is not None
    assert "classement" in refusal.instead
    if measure == "psc_taux_adoption":
        piece = drawing(see())
        assert isinstance(piece, Table)
        assert "ses valeurs ne s’additionnent pas" in piece.reading
        assert piece.frame["psc_taux_adoption"].to_list() == pytest.approx([1 / 3, 0.2])


def test_a_structure_stands_in_one_region_and_has_several_editors() -> None:
    assert Ring("insi_structures_actives", "region").refused(SEGUR) is None
    refusal = Ring("insi_structures_actives", "editeur").refused(SEGUR)
    assert refusal is not None
    assert "le même peut compter dans plusieurs parts" in refusal.reason


def test_a_ring_folds_what_is_left_of_the_whole(see: See) -> None:
    piece = Ring("mss_messages_emis", "editeur")(see())
    assert isinstance(piece, Chart)
    rows = piece.spec["datasets"]["parts"]
    assert [row["nom"] for row in rows] == [*(f"Éditeur {rank}" for rank in (29, 28, 27, 26, 25)), "Autres"]
    total = sum(100 + rank for rank in range(30))
    assert rows[-1]["valeur"] == total - (129 + 128 + 127 + 126 + 125)
    assert sum(row["valeur"] for row in rows) == total
    assert piece.table.frame.height == 30


def test_what_is_known_of_no_value_is_a_part_of_the_ring(see: See) -> None:
    piece = Ring("dmp_alimentes", "type_acteur")(see())
    rows = {row["nom"]: row["valeur"] for row in piece.spec["datasets"]["parts"]}
    assert rows["Non renseigné"] == 240
    assert sum(rows.values()) == 17_697_116


def test_stacked_bars_close_to_each_whole(see: See) -> None:
    piece = Stacked("mss_messages_emis", "type_acteur", "editeur")(see())
    assert isinstance(piece, Chart)
    rows = pl.DataFrame(piece.spec["datasets"]["pieces"])
    sums = dict(rows.group_by("nom").agg(pl.col("valeur").sum()).iter_rows())
    wholes = {kind: sum(100 + rank for rank in range(30) if KINDS[rank % 5] == kind) for kind in KINDS}
    assert sorted(sums.values()) == sorted(float(value) for value in wholes.values())
    assert rows["partie"].n_unique() == 6
    assert "Autres" in rows["partie"].to_list()
    assert isinstance(Stacked("psc_taux_adoption", "region", "profession")(see()), Table)
    tall = Stacked("mss_messages_emis", "editeur", "type_acteur")(see())
    assert isinstance(tall, Chart)
    assert {row["nom"] for row in tall.spec["datasets"]["pieces"]} == set(EDITORS[-12:]), (
        "the highest are kept"
    )
    assert tall.reading == f"12 barres sur {len(EDITORS)}, les plus hautes valeurs d’abord."


def test_levels_are_bars_of_the_whole_or_a_table_that_says_why(see: See, campaigns: See) -> None:
    piece = Levels("psc_professionnels", "region", "profession")(see())
    assert isinstance(piece, Chart)
    rows = [(row["nom"], row["valeur"]) for row in piece.spec["datasets"]["pieces"]]
    assert rows == [("Grand Est", 200), ("Grand Est", 100), ("Normandie", 200), ("Normandie", 100)]
    # A service answers on several axes: its pieces would be more than the whole.
    table = Levels("services_concernes", "region", "axe")(campaigns())
    assert isinstance(table, Table)
    assert "dépasseraient le tout" in table.reading


# -- bars --------------------------------------------------------------------------------------------


def test_bars_that_keep_twenty_say_so_on_screen_and_in_the_pdf_and_the_csv_has_them_all(see: See) -> None:
    view = see()
    drawing = Ranked("mss_messages_emis", "editeur", "Avec quels logiciels ?")
    piece = drawing(view)
    assert isinstance(piece, Chart)
    assert left_out(piece) == "20 sur 30 : les autres sont dans le tableau"
    assert "20 sur 30" in counted(piece)
    assert piece.reading == "En tête : Éditeur 29, 129 messages."
    assert read_back(table_csv(piece.table, view, "essai")).height == 30
    page = Page(
        "essai", "Essai", "Quoi ?", lambda _view: "Voici.", SEGUR, rows=(Block("logiciels", drawing),)
    )
    text = "".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(page_pdf(page, view))).pages)
    assert "20 sur 30" in text.replace("\u202f", " ")
    assert left_out(Ranked("mss_messages_emis", "type_acteur")(view)) == ""


def test_a_histogram_keeps_one_unit_and_the_order_of_the_axis(see: See) -> None:
    piece = Histogram(("psc_professionnels", "psc_utilisateurs"), "region")(see())
    rows = piece.spec["datasets"]["groupes"]
    assert [(row["nom"], row["mesure"]) for row in rows][:1] == [("Grand Est", "Professionnels enregistrés")]
    mixed = Histogram(("psc_taux_adoption", "psc_e_cps"), "region")(see())
    assert isinstance(mixed, Table)
    assert "n’ont pas la même unité" in mixed.reading
    assert isinstance(Histogram(("psc_e_cps",), "mois")(see()), Table)


def test_a_measure_that_its_source_does_not_tell_by_an_axis_is_refused_before_it_is_asked() -> None:
    refusal = refusal_of(Ranked("psc_e_cps", "editeur"), SEGUR)
    assert refusal is not None
    assert refusal.reason == "« Cartes e-CPS activées » n’existe pas par éditeur : sa source ne le dit pas."
    assert refusal_of(Ranked("psc_e_cps", "profession"), SEGUR) is None
    assert refusal_of(Ring("psc_taux_adoption", "region"), SEGUR) is not None


# -- colours -----------------------------------------------------------------------------------------


def test_a_value_keeps_its_colour_whatever_is_filtered(see: See) -> None:
    def colour(view: View) -> str:
        spec = Curve(("psc_connexions",), series="region")(view).spec
        scale = spec["layer"][0]["encoding"]["color"]["scale"]
        return dict(zip(scale["domain"], scale["range"], strict=True))["Grand Est"]

    assert colour(see()) == colour(see(region=["44"])) == colour(see(region=["44", "28"]))


def test_two_values_drawn_together_never_share_a_colour() -> None:
    ranks = {f"{rank:03}": rank for rank in range(104)}
    assert len(set(paired(list(ranks)[:20], ranks).values())) == 20
    clash = paired(["000", "024", "048", NON_RENSEIGNE], ranks)
    assert len(set(clash.values())) == 4
    assert clash["000"] == paired(["000"], ranks)["000"]


# -- time --------------------------------------------------------------------------------------------


def test_every_figure_of_a_table_counts_over_the_time_of_the_cards(see: See) -> None:
    names = ("psc_e_cps", "psc_connexions")
    table = Values(names, "region")(see())
    assert [column.label for column in table.columns] == [
        "Région", "Cartes e-CPS activées, novembre 2022", "Connexions, novembre 2022",
    ]  # fmt: skip
    assert table.total == {"psc_e_cps": 160, "psc_connexions": 1_600}
    cards = {figure.label: figure.value for figure in KeyFigures(names)(see()).items}
    assert cards["Connexions"] == "1\u202f600"
    over = Values(names, "region")(see(du=OCTOBER, au=NOVEMBER))
    assert [column.label for column in over.columns][1:] == [
        "Cartes e-CPS activées, novembre 2022", "Connexions, d’octobre 2022 à novembre 2022",
    ]  # fmt: skip
    assert over.total == {"psc_e_cps": 160, "psc_connexions": 3_200}
    csv = table_csv(over, see(du=OCTOBER), "essai").decode("utf-8-sig")
    assert "Région;Code de la région;" in csv
    assert "Connexions, d’octobre 2022 à novembre 2022" in csv


def test_seven_series_become_small_multiples_and_two_units_a_table(see: See) -> None:
    many = Curve(("mss_messages_emis",), series="editeur")(see())
    assert isinstance(many, Chart)
    assert "facet" in many.spec
    assert many.reading.startswith("24 courbes sur 30")
    assert many.counted.endswith(", 30 éditeurs")
    few = Multiples("mss_messages_emis", "type_acteur")(see())
    assert {row["repere"] for row in few.spec["datasets"]["multiples"]} == {
        float(sum(100 + r for r in range(30)))
    }
    mixed = Curve(("psc_taux_adoption", "psc_e_cps"))(see())
    assert isinstance(mixed, Table)


def test_a_rate_by_month_is_a_curve_never_columns(see: See) -> None:
    piece = Columns("psc_taux_adoption")(see())
    assert isinstance(piece, Chart)
    assert "suite" in piece.spec["datasets"]
    assert "colonnes" in Columns("psc_connexions")(see()).spec["datasets"]


def test_campaigns_are_dates_not_the_months_between_them(campaigns: See) -> None:
    view = campaigns(questionnaire=["QU"])
    assert len(view.dates) >= 2
    piece = Columns("services_concernes")(view)
    assert isinstance(piece, Chart)
    assert len(piece.spec["datasets"]["colonnes"]) == len(view.dates)
    assert piece.picks == ""


def test_before_and_after_are_the_two_last_dates(campaigns: See) -> None:
    view = campaigns(questionnaire=["QU"])
    piece = BeforeAfter("taux_maturite_pct", "region")(view)
    assert isinstance(piece, Chart)
    assert {row["serie"] for row in piece.spec["datasets"]["points"]} == {
        column.label[0].lower() + column.label[1:] for column in piece.table.columns[1:3]
    }
    first = piece.table.frame.row(0, named=True)
    assert first["ecart"] == pytest.approx(first["taux_maturite_pct"] - first["avant"])
    alone = BeforeAfter("taux_maturite_pct", "region")(campaigns(view.dates[-1], questionnaire=["QU"]))
    assert isinstance(alone, Table)
    assert alone.reading.startswith("Une seule date est publiée : il n’y a pas d’avant.")


# -- two axes, referentials, entities ----------------------------------------------------------------


def test_a_heat_map_leaves_blank_what_is_not_observed_and_gives_way_when_it_is_sparse(see: See) -> None:
    piece = Heat("psc_connexions", "region", "mois")(see())
    assert isinstance(piece, Chart)
    cells = {(row["ligne"], row["colonne"]): row["texte"] for row in piece.spec["datasets"]["cases"]}
    assert cells["Grand Est", "oct. 2022"] == "1\u202f000"
    assert piece.spec["layer"][0]["encoding"]["x"]["sort"] == ["oct. 2022", "nov. 2022"]
    kinds = Heat("dmp_alimentes", "type_acteur", "mois")(see())
    assert isinstance(kinds, Chart)
    assert len({row["ligne"] for row in kinds.spec["datasets"]["cases"]}) == len(KINDS), (
        "what has no kind is no row"
    )
    sparse = Heat("mss_messages_emis", "editeur", "type_acteur")(see())
    assert isinstance(sparse, Table)
    assert "Moins de la moitié" in sparse.reading


def test_a_radar_has_a_natural_rim_and_says_what_it_cannot_show(campaigns: See, see: See) -> None:
    view = campaigns(questionnaire=["QU"])
    piece = Radar(("taux_maturite_pct",), "axe")(view)
    assert isinstance(piece, Chart)
    far = [(row["x"] ** 2 + row["y"] ** 2) ** 0.5 for row in piece.spec["datasets"]["series"]]
    top = piece.table.frame["taux_maturite_pct"].max()
    assert max(far) == pytest.approx(top / 100)
    ranked = piece.table.frame.sort("taux_maturite_pct").select("axe", "taux_maturite_pct").rows()
    said = [f"{name} ({rate:.2f}\u202f%)".replace(".", ",", 1) for name, rate in (ranked[0], ranked[-1])]
    assert piece.reading == f"Le plus bas : {said[0]} ; le plus haut : {said[1]}."
    assert f"{piece.table.frame.height} axes" in piece.counted
    whole = Radar(("taux_maturite_pct",), "critere")(view)
    assert isinstance(whole, Table)
    assert "un radar se lit de 3 à 12" in whole.reading
    for refused in (Radar(("dmp_alimentes",), "type_acteur"), Radar(("psc_taux_adoption",), "region")):
        assert isinstance(refused(see()), Table)
    levels = Radar(("niveau_maturite", "taux_maturite_pct"), "axe").refused(CONVERGENCE)
    assert levels is not None
    assert "même bord" in levels.reason


def test_a_breakdown_opens_a_value_when_it_is_the_only_one(campaigns: See) -> None:
    drawing = Breakdown(
        ("niveau_maturite", "taux_maturite_pct"), ("domaine", "zone_pos"), count="services_concernes"
    )
    whole = drawing(campaigns(questionnaire=["QU"]))
    assert whole.title == "Par domaine"
    assert whole.picks == "domaine"
    first = whole.table.frame["domaine"][0]
    inside = drawing(campaigns(questionnaire=["QU"], domaine=[first]))
    assert inside.title == "Par zone du POS"
    assert inside.reading.startswith(first)
    assert inside.table.frame.height < 40


def test_a_list_is_searched_and_leaves_out_what_nothing_is_known_of(campaigns: See) -> None:
    view = campaigns(questionnaire=["QU"])
    table = Listing("service", ("taux_maturite_pct",), "Les services", ("region",))(view)
    assert table.frame.height == len(set(table.frame["service"]))
    assert table.frame["taux_maturite_pct"].null_count() == 0
    assert [column.label for column in table.columns][:2] == ["Service", "Région"]


# -- classes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "whole"), [(Format.SHARE, 1.0), (Format.PERCENT, 100.0)])
def test_the_last_class_of_a_share_never_goes_beyond_the_whole(shape: Format, whole: float) -> None:
    for values in ([0.2, 0.5, 0.7, 0.9, 1.0, 1.0, 1.0], [0.99, 1.0], [1.0] * 3, [0.0] * 9 + [1.0]):
        labels = classify(pl.Series(values) * whole, Scale(shape)).labels
        assert not any("100" in label and "plus" in label for label in labels), labels
    assert (
        classify(pl.Series([0.2, 0.4, 0.6, 0.8, 1.0]) * whole, Scale(shape))
        .labels[-1]
        .endswith("à 100\u202f%")
    )


def test_two_values_apart_are_two_colours() -> None:
    classes = classify(
        pl.Series([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 13.0]),
        Scale(Format.DECIMAL),
    )
    assert classes.colour(0.0) != classes.colour(13.0)


def test_a_month_that_is_not_whole_is_compared_with_none(see: See, monkeypatch: pytest.MonkeyPatch) -> None:
    """Month 12 incomplete: what moved is month 11 beside month 10, and it is said; a whole month is compared."""
    view = see()
    (whole,) = KeyFigures(("mss_messages_emis",))(view).items
    assert whole.change is not None
    month = pl.col("mois") == NOVEMBER
    cut = words._coverage(view, COUVERTURE).with_columns(
        statut=pl.when(month & (pl.col("indicateur") == "dmp_alimentes"))
        .then(pl.lit("incomplet"))
        .otherwise("statut")
    )
    kept = Data.cached
    monkeypatch.setattr(
        Data, "cached", lambda *given, **more: cut if given[1] == "couverture" else kept(*given, **more)
    )
    (figure,) = KeyFigures(("dmp_alimentes",))(see()).items
    assert figure.value == "17\u202f697\u202f116"
    assert figure.change is None
    assert figure.reference.startswith(
        "novembre 2022 incomplet, non comparé ; octobre 2022 : 10\u202f312\u202f102"
    )
