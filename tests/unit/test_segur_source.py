"""The segur source: what is read, what is refused and why, what a second delivery changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ingest.report import RunReport
from ingest.run import Request, run
from ingest.sources import source
from lake.catalog import segur as catalog
from lake.catalog.journal import REJETS
from lake.errors import BudgetExceeded, ContractError
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.engine import query
from scoring.universes.registry import universe
from scoring.universes.selection import Selection

HEADER = (
    "mois;service;indicateur;code_region;code_departement;type_acteur;profession;editeur;structure;valeur"
)
OCTOBER = date(2022, 10, 1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env({"OBS_LAKE": str(tmp_path / "lake")})


class Desk:
    """An operator's desk: files are written, then ingested."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.folder, self.lake = settings, folder, Lake(settings)

    def write(self, name: str, *lines: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_bytes(("\n".join((header, *lines)) + "\n").encode(encoding))
        return path

    def ingest(self, *paths: Path, budget: float | None = None) -> RunReport:
        return run(source("segur"), Request(files=paths, budget=budget), self.settings)

    def rows(self) -> pl.DataFrame:
        return self.lake.scan(catalog.MESURES).collect()

    def value(self, measure: str, **filters: str) -> object:
        selection = Selection({name: (value,) for name, value in filters.items()})
        asked = universe("segur", self.lake.scan)
        return query(asked, self.lake.scan, selection, [measure]).collect().item()


@pytest.fixture
def desk(settings: Settings, tmp_path: Path) -> Desk:
    return Desk(settings, tmp_path)


def test_codes_and_labels_say_the_same(desk: Desk) -> None:
    desk.ingest(
        desk.write(
            "a.csv",
            "2022-10-01;PSC;psc_professionnels;44;67;;10;;;100",
            "2022-10;Pro Santé Connect;Professionnels enregistrés;Grand Est;Haut-Rhin;;Médecin;;;50",
            "01/10/2022;psc;professionnels;GRAND-EST;8;;infirmier;;;1 250",
        )
    )
    assert desk.rows().select("mois", "service", "indicateur", "code_region").unique().rows() == [
        (OCTOBER, "PSC", "psc_professionnels", "44")
    ]
    kept = desk.rows().select("code_departement", "profession", "valeur").sort("code_departement")
    assert kept.rows() == [("08", "60", 1250), ("67", "10", 100), ("68", "10", 50)]


@pytest.mark.parametrize(
    ("separator", "encoding"), [(";", "utf-8"), (",", "utf-8-sig"), (";", "latin-1"), (",", "latin-1")]
)
def test_separators_and_encodings(desk: Desk, separator: str, encoding: str) -> None:
    line = "2022-10-01;DMP;dmp_documents;Île-de-France;Val-d'Oise;ES;;Égéria;950000001;12".replace(
        ";", separator
    )
    path = desk.write("a.csv", line, header=HEADER.replace(";", separator), encoding=encoding)
    desk.ingest(path)
    assert desk.rows().select("code_region", "code_departement", "editeur", "valeur").rows() == [
        ("11", "95", "Égéria", 12)
    ]


def test_a_quoted_field_may_hold_the_separator(desk: Desk) -> None:
    desk.ingest(desk.write("a.csv", '2022-10-01;DMP;dmp_documents;44;67;ES;;"Logiciel ; santé";670000001;12'))
    assert desk.rows()["editeur"].to_list() == ["Logiciel ; santé"]


def test_a_parquet_file_with_typed_columns(desk: Desk) -> None:
    path = desk.folder / "a.parquet"
    pl.DataFrame(
        {"mois": [OCTOBER], "indicateur": ["psc_e_cps"], "code_departement": ["67"], "valeur": [12.0]}
    ).write_parquet(path)
    report = desk.ingest(path)
    assert desk.rows().select("service", "code_region", "valeur").rows() == [("PSC", "44", 12)]
    assert any("absente(s)" in warning and "type_acteur" in warning for warning in report.avertissements)


GOOD = "2022-10-01;PSC;psc_professionnels;44;67;;10;;;100"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2022-10-01;PSC;psc_inconnu;44;67;;10;;;1", "indicateur inconnu"),
        ("2022-10-01;PSC;psc_e_cps;99;;;10;;;1", "région inconnue"),
        ("2022-10-01;PSC;psc_e_cps;44;96;;10;;;1", "département inconnu"),
        ("2022-13-01;PSC;psc_e_cps;44;67;;10;;;1", "mois inconnu (le premier jour est attendu, AAAA-MM-01)"),
        ("2022-10-15;PSC;psc_e_cps;44;67;;10;;;1", "mois inconnu (le premier jour est attendu, AAAA-MM-01)"),
        (";PSC;psc_e_cps;44;67;;10;;;1", "mois absent"),
        ("2999-01-01;PSC;psc_e_cps;44;67;;10;;;1", "mois à venir"),
        ("2019-01-01;PSC;psc_e_cps;44;67;;10;;;1", "mois hors de la période couverte par l'indicateur"),
        ("2022-10-01;PSC;psc_e_cps;44;67;;10;;;-1", "valeur négative"),
        ("2022-10-01;PSC;psc_e_cps;44;67;;10;;;beaucoup", "valeur non numérique"),
        ("2022-10-01;PSC;psc_e_cps;44;67;;10;;;NaN", "valeur non numérique"),
        ("2022-10-01;PSC;psc_e_cps;44;67;;10;;;", "valeur absente"),
        (
            "2022-10-01;PSC;psc_e_cps;44;67;;10;;;0,287",
            "valeur non entière (un taux se livre par ses deux termes)",
        ),
        ("2022-10-01;PSC;psc_e_cps;44;67;;10;;;9999999999999", "valeur trop grande"),
        ("2022-10-01;PSC;psc_taux_adoption;44;67;;10;;;1", "taux livré au lieu de ses deux termes"),
        ("2022-10-01;PSC;psc_e_cps;44;75;;10;;;1", "département hors de sa région"),
        ("2022-10-01;DMP;psc_e_cps;44;67;;10;;;1", "indicateur d'un autre service"),
        ("2022-10-01;XXX;psc_e_cps;44;67;;10;;;1", "service inconnu"),
        ("2022-10-01;PSC;psc_e_cps;44;67;;??;;;1", "profession inconnue"),
        ("2022-10-01;DMP;dmp_documents;44;67;ES;;A;12;1", "numéro FINESS de forme inattendue"),
        (
            "2022-10-01;DMP;dmp_structures_alimentantes;44;67;ES;;A;;1",
            "structure absente d'un compte de structures",
        ),
        ("2022-10-01;PSC;psc_e_cps;44;67;;10;;1", "9 champs au lieu de 10"),
    ],
)
def test_a_bad_line_is_rejected_with_its_reason(desk: Desk, line: str, reason: str) -> None:
    report = desk.ingest(desk.write("a.csv", GOOD, line), budget=0.5)
    assert (report.total("lues"), report.total("publiees"), report.total("rejetees")) == (2, 1, 1)
    assert report.rejets == {reason: 1}
    told = desk.lake.scan(REJETS).collect()
    assert told.select("fichier", "ligne", "motif").rows() == [("a.csv", 3, reason)]
    assert desk.value("psc_professionnels") == 100


def test_above_the_budget_nothing_lands(desk: Desk) -> None:
    desk.ingest(desk.write("a.csv", GOOD))
    with pytest.raises(BudgetExceeded):
        desk.ingest(desk.write("b.csv", GOOD.replace(";100", ";120"), GOOD.replace(";100", ";-1")))
    assert desk.value("psc_professionnels") == 100


def test_a_line_twice_with_the_same_value_counts_once(desk: Desk) -> None:
    report = desk.ingest(desk.write("a.csv", GOOD, GOOD, GOOD))
    assert (report.total("lues"), report.total("publiees"), report.total("doublons")) == (3, 1, 2)
    assert desk.value("psc_professionnels") == 100


def test_a_month_twice_with_different_values_is_refused_on_both_sides(desk: Desk) -> None:
    files = (
        desk.write("a.csv", GOOD, GOOD.replace(";10;", ";60;")),
        desk.write("b.csv", GOOD.replace(";100", ";101")),
    )
    report = desk.ingest(*files, budget=1.0)
    assert (report.total("lues"), report.total("publiees"), report.total("rejetees")) == (3, 1, 2)
    assert next(iter(report.rejets)).startswith("mois livré deux fois avec des valeurs différentes")
    assert desk.lake.scan(REJETS).select("fichier", "ligne").collect().rows() == [("a.csv", 2), ("b.csv", 2)]


def test_a_structure_counted_at_two_places_is_refused(desk: Desk) -> None:
    line = "2022-10-01;DMP;dmp_structures_alimentantes;44;67;ES;;A;670000001;1"
    report = desk.ingest(desk.write("a.csv", GOOD, line, line.replace(";67;", ";68;")), budget=1.0)
    assert report.rejets == {"structure comptée à deux endroits le même mois": 2}


@pytest.mark.parametrize("content", ["", HEADER + "\n"])
def test_a_file_without_lines_is_refused(desk: Desk, content: str) -> None:
    path = desk.folder / "vide.csv"
    path.write_text(content)
    with pytest.raises(ContractError):
        desk.ingest(path)


def test_a_file_of_another_kind_is_refused_by_name(desk: Desk) -> None:
    with pytest.raises(ContractError, match=r"autre\.csv"):
        desk.ingest(desk.write("autre.csv", "1;2", header="a;b"))


def test_a_second_delivery_replaces_its_month_only_and_says_what_it_revises(desk: Desk) -> None:
    desk.ingest(desk.write("a.csv", GOOD.replace("2022-10", "2022-09"), GOOD, GOOD.replace(";67;", ";68;")))
    assert not desk.lake.exists(catalog.RESTATEMENTS)
    report = desk.ingest(desk.write("b.csv", GOOD.replace(";100", ";130"), GOOD.replace(";67;", ";57;")))
    months = desk.rows().group_by("mois").agg(pl.col("valeur").sort()).sort("mois").rows()
    assert months == [(date(2022, 9, 1), [100]), (OCTOBER, [100, 130])]
    log = desk.lake.scan(catalog.RESTATEMENTS).collect().sort("code_departement")
    columns = (
        "mois",
        "indicateur",
        "code_region",
        "code_departement",
        "valeur_avant",
        "valeur_apres",
        "ecart",
    )
    assert log.select(columns).rows() == [
        (OCTOBER, "psc_professionnels", "44", "57", None, 100, 100),
        (OCTOBER, "psc_professionnels", "44", "67", 100, 130, 30),
        (OCTOBER, "psc_professionnels", "44", "68", 100, None, -100),
    ]
    assert report.chiffres["chiffres publiés révisés"] == 3
    assert desk.value("psc_professionnels") == 230


def test_a_delivery_that_drops_an_indicator_is_told(desk: Desk) -> None:
    other = "2022-10-01;DMP;dmp_documents;44;67;ES;;A;670000001;5"
    desk.ingest(desk.write("a.csv", GOOD, other))
    report = desk.ingest(desk.write("b.csv", GOOD))
    assert any("dmp_documents" in said and "remplace tout le mois" in said for said in report.avertissements)


def test_coverage_says_complete_incomplete_and_absent(desk: Desk) -> None:
    second = GOOD.replace("44;67", "11;75")
    e_cps = GOOD.replace("psc_professionnels", "psc_e_cps")
    september = [line.replace("2022-10", "2022-09") for line in (GOOD, second, e_cps)]
    desk.ingest(desk.write("a.csv", *september))
    report = desk.ingest(desk.write("b.csv", GOOD, e_cps, e_cps.replace("10;;;100", "60;;;-4")), budget=1.0)
    covered = desk.lake.scan(catalog.COUVERTURE).filter(pl.col("mois") == OCTOBER).collect()
    rows = {row["indicateur"]: row for row in covered.iter_rows(named=True)}
    professionals, cards = rows["psc_professionnels"], rows["psc_e_cps"]
    assert (professionals["statut"], professionals["regions_manquantes"]) == ("incomplet", "11")
    assert (cards["statut"], cards["lignes"], cards["rejetees"]) == ("incomplet", 1, 1)
    assert rows["psc_connexions"]["statut"] == "absent"
    assert "psc_taux_adoption" not in rows
    assert any("2022-10" in said and "psc_e_cps" in said for said in report.avertissements)
    first = desk.lake.scan(catalog.COUVERTURE).filter(pl.col("mois") == date(2022, 9, 1)).collect()
    assert first.filter(pl.col("statut") == "complet")["indicateur"].sort().to_list() == [
        "psc_e_cps",
        "psc_professionnels",
    ]


CATALOGUE = "code;libelle;service;unite;combinaison;numerateur;denominateur;compte;definition"


def test_an_operator_adds_an_indicator_by_a_file(desk: Desk) -> None:
    added = desk.write(
        "catalogue.csv",
        "dmp_consultations;Consultations du DMP;DMP;consultations;flux;;;;Consultations du mois.",
        "dmp_par_document;Consultations par document;DMP;;ratio;dmp_consultations;dmp_documents;;Rapport.",
        header=CATALOGUE,
    )
    rows = desk.write(
        "a.csv",
        "2022-10-01;DMP;dmp_consultations;44;67;ES;;;;30",
        "2022-10-01;DMP;dmp_documents;44;67;ES;;;;40",
    )
    desk.ingest(added, rows)
    assert desk.value("dmp_consultations") == 30
    assert desk.value("dmp_par_document") == pytest.approx(0.75)
    names = {m.name for m in universe("segur", desk.lake.scan).measures}
    assert {"dmp_consultations", "psc_taux_adoption"} <= names
    assert "dmp_consultations" not in {m.name for m in universe("segur").measures}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("x_taux;Un taux;DMP;;ratio;dmp_documents;inconnu;;D.", "un terme du rapport n'est ni"),
        ("x_taux;Un taux;DMP;;ratio;;;;Def.", "un terme du rapport"),
        ("psc_e_cps;e-CPS;PSC;e-CPS;flux;;;;Def.", "d'un indicateur déjà publié ne change pas"),
        ("X Y;Libellé;DMP;;flux;;;;Def.", "code d'indicateur de forme inattendue"),
        ("x_y;Libellé;DMP;;moyenne;;;;Def.", "combinaison inconnue"),
        ("x_y;Libellé;ailleurs;;flux;;;;Def.", "service"),
        ("x_y;Libellé;DMP;;flux;;;structure;Def.", "seul un compte distinct nomme ce qu'il compte"),
    ],
)
def test_a_bad_catalogue_line_is_rejected(desk: Desk, line: str, reason: str) -> None:
    desk.ingest(desk.write("a.csv", GOOD.replace("psc_professionnels", "psc_e_cps")))
    good = "bon_code;Bon;DMP;actes;flux;;;;Définition."
    report = desk.ingest(desk.write("catalogue.csv", good, line, header=CATALOGUE), budget=1.0)
    packaged = catalog.indicateurs_de_base().height
    assert (report.total("publiees"), report.total("rejetees")) == (packaged + 1, 1)
    assert "bon_code" in desk.lake.scan(catalog.INDICATEURS).collect()["code"]
    assert reason in next(iter(report.rejets))
    assert desk.lake.scan(REJETS).select("fichier", "ligne").collect().rows() == [("catalogue.csv", 3)]


def test_structures_give_names_and_a_territory(desk: Desk) -> None:
    desk.ingest(
        desk.write(
            "structures.csv",
            "670000001;Centre hospitalier A;ES;67",
            "080000001;Clinique B;ES;Ardennes",
            header="finess;nom;type_acteur;departement",
        ),
        desk.write(
            "a.csv",
            "2022-10-01;DMP;dmp_documents;;;ES;;;670000001;5",
            "2022-10-01;DMP;dmp_documents;;;ES;;;080000001;7",
            "2022-10-01;DMP;dmp_documents;;;ES;;;990000001;1",
        ),
    )
    asked = universe("segur", desk.lake.scan)
    found = query(asked, desk.lake.scan, Selection(), ["dmp_documents"], ["structure", "code_departement"])
    assert found.collect().rows() == [
        ("Clinique B", "08", 7),
        ("Centre hospitalier A", "67", 5),
        ("990000001", None, 1),
    ]


def test_targets_by_mesh_or_by_column(desk: Desk) -> None:
    desk.ingest(
        desk.write(
            "o.csv",
            "psc_taux_adoption;région;Grand Est;2023-12;80 %",
            "psc_taux_adoption;departement;44;2023-12;0,5",
            "psc_taux_adoption;france;;2023-12;0.6",
            header="indicateur;maille;territoire;mois_cible;cible",
        )
    )
    found = desk.lake.scan(catalog.OBJECTIFS).sort("maille").collect()
    assert found.select("maille", "code_territoire", "cible").rows() == [
        ("departement", "44", 0.5),
        ("france", "FR", 0.6),
        ("region", "44", 0.8),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("psc_inconnu;region;44;2023-12;1", "indicateur inconnu"),
        ("psc_taux_adoption;region;98;2023-12;0,5", "territoire inconnu"),
        ("psc_taux_adoption;region;44;fin 2023;0,5", "mois cible illisible"),
        ("psc_taux_adoption;region;44;2023-12;80", "cible d'un taux supérieure à 1"),
        ("psc_taux_adoption;region;44;2023-12;moitié", "cible non numérique"),
    ],
)
def test_a_bad_target_is_rejected(desk: Desk, line: str, reason: str) -> None:
    good = "psc_taux_adoption;region;11;2023-12;0,5"
    header = "indicateur;maille;territoire;mois_cible;cible"
    report = desk.ingest(desk.write("o.csv", good, line, header=header), budget=1.0)
    assert report.total("publiees") == 1
    assert reason in next(iter(report.rejets))


def test_the_same_files_again_change_nothing(desk: Desk) -> None:
    path = desk.write("segur_2022-10.csv", GOOD)
    assert desk.ingest(path).date == OCTOBER
    assert desk.ingest(path).statut == "deja_publiee"
