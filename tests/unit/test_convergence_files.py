"""Plain files of a Convergence campaign: forms accepted, and every named reject."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ingest.sources.convergence.lot import Lot, read_lot
from ingest.sources.convergence.regions import REGIONS, region_code
from lake.errors import ContractError, SourceUnavailable, UnknownName
from scoring.convergence.scores import score

SERVICES = "service,region,kind\nx,44,metier\ny,11,metier\ninf,44,infrastructure\nsi,44,si_regional\n"
REPONSES = "service,critere,niveau,non_applicable,porte_par\nx,A05.1,1,,\n"


@pytest.fixture
def campaign(tmp_path: Path) -> Callable[..., Lot]:
    """Reads a campaign from texts (or bytes) by file name."""

    def build(*, campagne: date | None = date(2020, 12, 15), **texts: str | bytes) -> Lot:
        paths = {}
        for name, text in {"services": SERVICES, "reponses": REPONSES, **texts}.items():
            paths[name] = tmp_path / f"{name}.csv"
            paths[name].write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_lot(paths, campagne=campagne)

    return build


def reasons(lot: Lot) -> list[tuple[str, int, str]]:
    return lot.rejects.select("fichier", "ligne", "motif").rows()


def test_semicolons_a_bom_french_booleans_and_region_labels(campaign: Callable[..., Lot]) -> None:
    lot = campaign(
        services="\ufeffService;Région inutile;region;tronc_commun;publiable;converge;kind\r\n"
        "x;?;Grand Est;oui;1;VRAI;Métier\r\n"
        "y;?;ile de france;non;0;faux;infrastructure\r\n"
        "z;?;1;;;;SI régional\r\n",
    )
    assert lot.services.select(
        "service", "region", "tronc_commun", "publiable", "converge", "kind"
    ).rows() == [
        ("x", "44", True, True, True, "metier"),
        ("y", "11", False, False, False, "infrastructure"),
        ("z", "01", True, True, True, "si_regional"),
    ]
    assert lot.services["nom"].to_list() == ["x", "y", "z"]
    assert lot.warnings == ["services.csv : colonnes ignorées : Région inutile."]


def test_latin_1_and_quoted_cells_with_a_line_break(campaign: Callable[..., Lot]) -> None:
    lot = campaign(
        services='service,region,nom\nx,44,"Télé, soin"\ny,Île-de-France,Été\n'.encode("latin-1"),
        reponses='service,critere,niveau,commentaire\nx,A05.1,1,"deux\nlignes"\ny,A05.1,9,fin\n',
    )
    assert lot.services["nom"].to_list() == ["Télé, soin", "Été"]
    assert lot.services["region"].to_list() == ["44", "11"]
    assert lot.reponses["commentaire"].to_list() == ["deux\nlignes"]
    assert reasons(lot) == [("reponses.csv", 4, "niveau que le critère n'a pas : 9 pour A05.1")]


def test_empty_lines_and_lines_of_separators_are_no_lines(campaign: Callable[..., Lot]) -> None:
    for separators in ("\n", "\n,,,,\n", "\n\n ,,\n"):
        lot = campaign(reponses=f"service,critere,niveau\nx,A05.1,1{separators}y,A05.1,7\n")
        assert lot.lues["reponses"] == 2
        assert reasons(lot) == [
            ("reponses.csv", 2 + separators.count("\n"), "niveau que le critère n'a pas : 7 pour A05.1")
        ]


def test_parquet_files_are_read_alike(tmp_path: Path) -> None:
    services, answers = tmp_path / "services.parquet", tmp_path / "reponses.parquet"
    pl.DataFrame({"service": ["x"], "region": ["44"], "converge": [False]}).write_parquet(services)
    pl.DataFrame({"service": ["x"], "critere": ["A05.1"], "niveau": [2]}).write_parquet(answers)
    lot = read_lot({"services": services, "reponses": answers})
    assert lot.reponses["niveau"].to_list() == [2]
    assert lot.services["converge"].to_list() == [False]


def test_every_region_is_known_by_code_and_by_label() -> None:
    assert {region_code(label) for label in REGIONS.values()} == set(REGIONS)
    assert {region_code(code) for code in REGIONS} == set(REGIONS)
    assert region_code("PROVENCE ALPES COTE D AZUR") == "93"
    assert region_code("Atlantide") is None


def test_each_bad_answer_is_named_with_its_line(campaign: Callable[..., Lot]) -> None:
    lot = campaign(
        reponses="service,critere,niveau,non_applicable,porte_par\n"
        "x,A06.2,0,,\n"  # 2: A06.2 starts at 1
        "x,A99,1,,\n"
        "ghost,A05.1,1,,\n"
        "si,A05.1,1,,\n"
        "x,A08.7.1,,oui,\n"  # 6: not applicable is not legal there
        "x,A05.1,,,\n"
        "x,A05.2,2,oui,\n"
        "x,A11.1,deux,,\n"
        "x,A12.1,1,peut-être,\n"  # 10
        "x,A14.1,,,nobody\n"
        ",A14.1,1,,\n"
        "x,A10.1,1,,,trop\n"
        "y,A05.1,1,,\n"  # 14 and 15: which one is right?
        "y,A05.1,2,,\n"
        "y,A11.1,1,,\n"  # 16, repeated as it is on 17: a duplicate, not a dispute
        "y,A11.1,1,,\n"
        "y,A04.2.1,,oui,\n",  # shown by a preliminary question: not applicable is legal
    )
    assert reasons(lot) == [
        ("reponses.csv", 2, "niveau que le critère n'a pas : 0 pour A06.2"),
        ("reponses.csv", 3, "critère inconnu : A99"),
        ("reponses.csv", 4, "service orphelin : ghost"),
        ("reponses.csv", 5, "critère posé à d'autres : A05.1 pour un si_regional"),
        ("reponses.csv", 6, "non applicable interdit : A08.7.1"),
        ("reponses.csv", 7, "réponse vide : ni niveau, ni non applicable, ni porté par"),
        ("reponses.csv", 8, "plusieurs réponses sur une ligne : niveau, non applicable, porté par"),
        ("reponses.csv", 9, "niveau illisible : « deux »"),
        ("reponses.csv", 10, "valeur ni vraie ni fausse : « peut-être »"),
        ("reponses.csv", 11, "service porteur inconnu : nobody"),
        ("reponses.csv", 12, "« service » absent"),
        ("reponses.csv", 13, "6 champs au lieu de 5"),
        ("reponses.csv", 14, "deux réponses pour un critère : y / A05.1"),
        ("reponses.csv", 15, "deux réponses pour un critère : y / A05.1"),
    ]
    assert lot.reponses.select("service", "critere").rows() == [("y", "A11.1"), ("y", "A04.2.1")]
    assert (lot.lues["reponses"], lot.doublons["reponses"]) == (17, 1)
    assert lot.lues["reponses"] == lot.reponses.height + lot.doublons["reponses"] + lot.rejects.height
    assert lot.summary()["deux réponses pour un critère"] == 2


def test_an_answer_that_a_known_preliminary_answer_hides_is_rejected(campaign: Callable[..., Lot]) -> None:
    lot = campaign(
        reponses="service,critere,niveau\nx,A08.5.1,1\ny,A08.5.1,1\ninf,A08.5.1,1\n",
        preliminaires="service,question,valeur\n"
        "x,echanges_interapplicatifs,non\n"
        "y,echanges_interapplicatifs,\n"
        "inf,couleur,oui\n"
        "ghost,instance_ror,oui\n"
        "inf,instance_ror,bof\n",
    )
    assert reasons(lot) == [
        ("preliminaires.csv", 4, "question préliminaire inconnue : couleur"),
        ("preliminaires.csv", 5, "service orphelin : ghost"),
        ("preliminaires.csv", 6, "valeur ni vraie ni fausse : « bof »"),
        (
            "reponses.csv",
            2,
            "critère caché par la question préliminaire : A08.5.1 (echanges_interapplicatifs)",
        ),
    ]
    assert lot.reponses["service"].to_list() == ["y", "inf"]


def test_cycles_are_named_and_what_hangs_on_them_is_rejected_too(campaign: Callable[..., Lot]) -> None:
    lot = campaign(
        services=SERVICES + "annu,44,infrastructure\n",
        reponses="service,critere,niveau,porte_par\n"
        "inf,A05.1,,annu\nannu,A05.1,,inf\nx,A05.1,,inf\nx,A05.2,,inf\ninf,A05.2,2,\n",
    )
    assert lot.cycles == ["annu → inf → annu (critère A05.1)"]
    assert {reason for *_, reason in reasons(lot)} == {
        "réponses portées en cycle : annu → inf → annu (critère A05.1)"
    }
    assert lot.reponses.select("service", "critere").rows() == [("x", "A05.2"), ("inf", "A05.2")]


def test_a_carrier_without_a_level_is_said_and_does_not_count(campaign: Callable[..., Lot]) -> None:
    lot = campaign(
        reponses="service,critere,niveau,porte_par,transmis\nx,A05.1,,inf,\ninf,A05.1,2,,non\ny,A05.2,,inf,\n"
    )
    assert lot.rejects.is_empty()
    assert lot.warnings == [
        "reponses.csv : 1 réponse portée sans niveau, non comptée (niveau non transmis par le porteur).",
        "reponses.csv : 1 réponse portée sans niveau, non comptée (porteur sans réponse).",
    ]
    got = score(lot.services.lazy(), lot.reponses.lazy(), lot.referentiel.criteres.lazy(), par="service")
    assert got.collect()["service"].to_list() == ["inf"]


def test_each_bad_plan_is_named(campaign: Callable[..., Lot]) -> None:
    lot = campaign(
        services="service,region,kind,converge\nx,44,metier,\ny,11,metier,\ninf,44,infrastructure,\nold,44,,non\n",
        reponses="service,critere,niveau,non_applicable,porte_par\n"
        "x,A05.1,2,,\ninf,A05.1,2,,\ny,A05.1,,,inf\ny,A11.1,,oui,\nx,A06.2,1,,\nx,A12.1,1,,\nx,A14.1,1,,\n"
        "old,A05.1,0,,\n",
        plans="service,critere,niveau,trimestre,non_planifiable\n"
        "x,A05.1,3,2020-T3,\n"  # over on 15 December 2020
        "x,A05.1,3,2020-T4,\n"
        "x,A05.1,1,2021-T1,\n"
        "y,A05.1,1,2021-T1,\n"  # below the level that x carries for it
        "y,A05.1,3,2021-t2,\n"
        "y,A11.1,1,2021-T1,\n"
        "y,A05.2,1,2021-T1,\n"
        "x,A06.2,0,2021-T1,\n"
        "x,A06.2,2,2021-T5,\n"
        "x,A06.2,2,,\n"
        "x,A06.2,2,2021-T1,oui\n"
        "x,A12.1,2,2021-T1,\n"
        "x,A12.1,2,2021-T2,\n"
        "x,A14.1,2,2021-T1,\n"
        "x,A14.1,,,oui\n"
        "x,A05.1,2,2021-T3,\n"  # 17: what it has already
        "y,A05.1,2,2021-T3,\n"  # what its carrier has already
        "old,A05.1,1,2021-T1,\n"
        "old,A05.1,,,oui\n"
        "inf,A05.1,3,2021-T1,\n",
    )
    assert reasons(lot) == [
        ("plans.csv", 2, "plan dans le passé : 2020-T3"),
        ("plans.csv", 4, "plan sous le niveau du jour : 1 pour A05.1, à 2"),
        ("plans.csv", 5, "plan sous le niveau du jour : 1 pour A05.1, à 2"),
        ("plans.csv", 7, "plan sur un critère non applicable : A11.1"),
        ("plans.csv", 8, "plan sur un critère sans réponse : A05.2"),
        ("plans.csv", 9, "niveau que le critère n'a pas : 0 pour A06.2"),
        ("plans.csv", 10, "trimestre illisible (forme attendue 2022-T3) : « 2021-T5 »"),
        ("plans.csv", 11, "étape incomplète : il faut un niveau et un trimestre, ou non planifiable"),
        ("plans.csv", 12, "étape à la fois planifiée et non planifiable"),
        ("plans.csv", 13, "deux étapes pour un niveau : x / A12.1 / 3"),
        ("plans.csv", 14, "deux étapes pour un niveau : x / A12.1 / 3"),
        ("plans.csv", 15, "critère à la fois planifié et non planifiable : A14.1"),
        ("plans.csv", 16, "critère à la fois planifié et non planifiable : A14.1"),
        ("plans.csv", 17, "plan au niveau du jour, déjà atteint : 2 pour x / A05.1"),
        ("plans.csv", 18, "plan au niveau du jour, déjà atteint : 2 pour y / A05.1"),
        ("plans.csv", 19, "plan d'un service qui sera décommissionné : old / A05.1"),
    ]
    assert lot.plans.select("service", "critere", "niveau", "trimestre").rows() == [
        ("x", "A05.1", 3, "2020-T4"),
        ("y", "A05.1", 3, "2021-T2"),
        ("old", "A05.1", None, None),
        ("inf", "A05.1", 3, "2021-T1"),
    ]


@pytest.mark.parametrize(
    ("steps", "refused"),
    [
        ("x,A05.1,2,2021-T1\nx,A05.1,3,2021-T2\n", 0),
        ("x,A05.1,2,2021-T1\nx,A05.1,3,2021-T1\n", 0),  # one quarter may hold two levels
        ("x,A05.1,3,2021-T1\nx,A05.1,2,2028-T4\n", 2),
        ("x,A05.1,1,2021-T3\nx,A05.1,2,2021-T1\nx,A05.1,3,2021-T2\n", 3),
        ("x,A05.1,1,2021-T1\nx,A05.1,2,2021-T4\nx,A05.1,3,2021-T2\n", 2),
        ("x,A05.1,3,2021-T1\ny,A05.1,2,2028-T4\n", 0),  # two services: two plans
    ],
)
def test_a_higher_level_never_comes_before_a_lower_one(
    campaign: Callable[..., Lot], steps: str, refused: int
) -> None:
    lot = campaign(
        reponses="service,critere,niveau\nx,A05.1,0\ny,A05.1,0\n",
        plans="service,critere,niveau,trimestre\n" + steps,
    )
    told = [reason for *_, reason in reasons(lot)]
    assert len(told) == refused
    assert all(one.startswith("étapes dans le désordre : x / A05.1, niveau ") for one in told)
    if "2028" in steps and refused:
        assert told[0].endswith("niveau 3 en 2021-T1 avant niveau 2 en 2028-T4")


def test_only_an_infrastructure_service_carries(campaign: Callable[..., Lot]) -> None:
    lot = campaign(
        services=SERVICES + "annu,44,infrastructure\n",
        reponses="service,critere,niveau,porte_par\n"
        "y,A05.1,1,\nx,A05.1,,y\ninf,A05.1,,x\n"  # by a métier, of a métier or of an infrastructure service
        "inf,A05.2,,annu\nannu,A05.2,2,\nx,A05.2,,inf\n"  # infrastructure carries infrastructure
        "x,A11.1,,si\n",
    )
    assert reasons(lot) == [
        ("reponses.csv", 3, "porteur qui n'est pas un service d'infrastructure : y pour x / A05.1"),
        ("reponses.csv", 4, "porteur qui n'est pas un service d'infrastructure : x pour inf / A05.1"),
        ("reponses.csv", 8, "porteur qui n'est pas un service d'infrastructure : si pour x / A11.1"),
    ]
    got = score(lot.services.lazy(), lot.reponses.lazy(), lot.referentiel.criteres.lazy(), par="service")
    assert dict(got.collect().select("service", "niveau_maturite").iter_rows())["x"] == 2.0


def test_a_bar_in_the_words_of_a_level_is_not_a_separator(campaign: Callable[..., Lot]) -> None:
    lot = campaign(
        referentiel="questionnaire,axe,critere,niveau_attendu,niveaux\n"
        "Q,A,A1,2,0:papier | courriel|1:portail|2:les deux (1 \\| 2)\nQ,A,A2,1,0|1\nQ,A,A3,1,0 : non| 1 : oui\n",
        reponses="service,critere,niveau\nx,A1,2\nx,A2,1\ny,A1,1\n",
    )
    assert lot.rejects.is_empty()
    assert lot.referentiel.niveaux.select("critere", "niveau", "libelle_niveau").rows() == [
        ("A1", 0, "papier | courriel"),
        ("A1", 1, "portail"),
        ("A1", 2, "les deux (1 | 2)"),
        ("A2", 0, "0"),
        ("A2", 1, "1"),
        ("A3", 0, "non"),
        ("A3", 1, "oui"),
    ]


def test_without_a_campaign_the_past_ends_with_the_latest_validation(campaign: Callable[..., Lot]) -> None:
    answers = "service,critere,niveau,valide_le\nx,A05.1,1,2022-02-01\ny,A05.1,1,15/11/2021\n"
    steps = "service,critere,niveau,trimestre\nx,A05.1,2,2021-T4\ny,A05.1,2,2022-T1\n"
    lot = campaign(reponses=answers, plans=steps, campagne=None)
    assert reasons(lot) == [("plans.csv", 2, "plan dans le passé : 2021-T4")]


def test_bad_services_take_their_answers_with_them(campaign: Callable[..., Lot]) -> None:
    lot = campaign(
        services="service,region,kind,zone_pos,utilise\n"
        "x,44,,6.2,y|nobody\ny,Atlantide,,,\nz,,,,\nw,44,serveur,,\nv,44,,9,\nu,44,,,\nu,11,,,\n",
        reponses="service,critere,niveau\nx,A05.1,1\ny,A05.1,1\n",
    )
    assert reasons(lot) == [
        ("reponses.csv", 3, "service orphelin : y"),
        ("services.csv", 3, "région inconnue : « Atlantide »"),
        ("services.csv", 4, "région absente"),
        ("services.csv", 5, "nature de service inconnue : « serveur »"),
        ("services.csv", 6, "zone du POS inconnue : « 9 »"),
        ("services.csv", 7, "service en double : u"),
        ("services.csv", 8, "service en double : u"),
    ]
    assert lot.warnings == ["services.csv : 2 liens vers un service inconnu (x → y, x → nobody)."]


def test_milestones_and_solutions(campaign: Callable[..., Lot]) -> None:
    lot = campaign(
        jalons="jalon,porteur,trimestre,axe,dependance,service,critere\n"
        "J1,National,2021-T2,A05,direct,,\nJ1,éditeurs,2021-T2,A11,indirecte,x,A11.1\n"
        "J2,régions,2021-T2,A77,directe,,\nJ2,voisin,2021-T2,A05,directe,,\nJ2,régions,,A05,peu,,\n"
        "J2,régions,,A05,directe,ghost,\n",
        solutions="service,editeur,solution\nx,E,S\nx,E,S\nx,E,T\nghost,E,S\nx,,S\n",
    )
    assert reasons(lot) == [
        ("jalons.csv", 4, "axe inconnu : A77"),
        ("jalons.csv", 5, "porteur inconnu : « voisin »"),
        ("jalons.csv", 6, "dépendance inconnue : peu"),
        ("jalons.csv", 7, "service orphelin : ghost"),
        ("solutions.csv", 5, "service orphelin : ghost"),
        ("solutions.csv", 6, "« editeur » absent"),
    ]
    assert lot.jalons.select("jalon", "porteur", "axe", "dependance", "service", "critere").rows() == [
        ("J1", "national", "A05", "directe", "", ""),
        ("J1", "editeur", "A11", "indirecte", "x", "A11.1"),
    ]
    assert lot.solutions["solution"].to_list() == ["S", "T"]
    assert lot.doublons["solutions"] == 1


def test_proposed_improvements(campaign: Callable[..., Lot]) -> None:
    lot = campaign(
        ameliorations="amelioration,axe,critere,libelle_amelioration,porteur,propose_le,statut\n"
        "P1,A05,A05.1,Authentification de secours,Éditeur,03/03/2020,Réalisée\n"
        "P1,A06,,Authentification de secours,,,\n"
        "P2,A99,,axe\nP3,A05,A99.1,critère\nP4,A05,,statut,national,,perdue\nP5,A05,,porteur,ministère\n"
        "P6,A05,,une\nP6,A05,,autre\nP7,A05\n"
    )
    kept = lot.ameliorations.select(
        "amelioration", "axe", "critere", "porteur", "propose_le", "statut"
    ).rows()
    assert kept == [
        ("P1", "A05", "A05.1", "editeur", date(2020, 3, 3), "realisee"),
        ("P1", "A06", None, "national", None, "proposee"),
    ]
    assert reasons(lot) == [
        ("ameliorations.csv", 4, "axe inconnu : A99"),
        ("ameliorations.csv", 5, "critère inconnu : A99.1"),
        ("ameliorations.csv", 6, "statut inconnu : perdue"),
        ("ameliorations.csv", 7, "porteur inconnu : « ministère »"),
        ("ameliorations.csv", 8, "deux lignes pour une amélioration : P6 / A05"),
        ("ameliorations.csv", 9, "deux lignes pour une amélioration : P6 / A05"),
        ("ameliorations.csv", 10, "« libelle_amelioration » absent"),
    ]


def test_a_referential_of_its_own(campaign: Callable[..., Lot]) -> None:
    lot = campaign(
        referentiel="questionnaire,axe,critere,niveau_attendu,poids,niveaux,a_partir_du\n"
        "Q,A,A1,2,3,0:rien|2:tout,\nQ,A,A2,1,,,2019-01-01\nQ,A,A2,3,,,2022-01-01\n",
        reponses="service,critere,niveau\nx,A1,2\nx,A2,1\ny,A1,1\n",
    )
    assert reasons(lot) == [("reponses.csv", 4, "niveau que le critère n'a pas : 1 pour A1")]
    frames = (lot.services.lazy(), lot.reponses.lazy(), lot.referentiel.criteres.lazy())
    now = score(*frames, au=date(2021, 1, 1)).collect()
    assert now.row(0) == ("Q", "A", 1, 100.0, pytest.approx((2 * 3 + 1) / 4))
    later = score(*frames, au=date(2022, 1, 1)).collect()
    assert later["taux_maturite_pct"].item() == pytest.approx(100 * (3 + 1 / 3) / 4)


def test_what_is_not_a_campaign_is_refused_in_french(campaign: Callable[..., Lot], tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"services\.csv : colonne obligatoire absente : service"):
        campaign(services="nom,region\nx,44\n")
    with pytest.raises(ContractError, match="colonne obligatoire absente ou vide : region"):
        campaign(services="service\nx\n")
    with pytest.raises(ContractError, match="est vide"):
        campaign(reponses=" \n")
    with pytest.raises(ContractError, match="ligne 1 : colonne en double dans l'en-tête : region"):
        campaign(services="service,region,region\nx,44,44\n")
    with pytest.raises(ContractError, match="plusieurs volets"):
        campaign(services="service,region,volet\nx,44,regions\ny,44,industriels\n")
    with pytest.raises(UnknownName, match="volet"):
        campaign(services="service,region,volet\nx,44,regional\n")
    with pytest.raises(ContractError, match="Fichier obligatoire absent : reponses"):
        read_lot({"services": tmp_path / "services.csv"})
    with pytest.raises(UnknownName, match="reponse"):
        read_lot({"reponse": tmp_path / "services.csv"})
    with pytest.raises(SourceUnavailable, match="Fichier introuvable"):
        read_lot({"services": tmp_path / "services.csv", "reponses": tmp_path / "absent.csv"})
