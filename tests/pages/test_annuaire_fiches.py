"""The cards of the directory, line by line: an establishment, a person, who practises at one place of the map."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path

import polars as pl
import pytest

from apps.annuaire import carte, donnees, etablissement, fiche, qualite
from apps.annuaire.diagnostic import likes
from apps.annuaire.etablissement import staff
from apps.annuaire.points import LAYER
from apps.kit.charts.tables import Table
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.maps import point_route
from apps.kit.views.own import WORDS, Shown
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.localisation import APPLIED, TO_COME
from scoring.universes.selection import Selection
from tests.pages.drawing import draw_page

PLACE: dict[str, object] = {
    "finess": "670000025", "nom": "CENTRE & CIE", "categorie": "Centre hospitalier", "adresse": "1 RUE HAUTE",
    "code_postal": "67000", "commune": "Strasbourg", "telephone": "0388000000", "ouvert": True,
    "date_fermeture": None, "date_donnees": date(2025, 1, 14), "longitude": 7.75, "latitude": 48.5812345,
    "geo_source": "finess", "geo_motif": None,
}  # fmt: skip
KINDS = ("Médecin",) * 7 + ("Infirmier",) * 5 + ("Pharmacien",) * 3 + ("Sage-femme",) * 2
AT_CENTRE = {"geo_source": "commune", "geo_motif": "centre_commune"}


def lines(html: str) -> list[str]:
    """The texts of a card, one an element."""
    found = (
        unescape(one).replace("\u202f", " ").replace("\xa0", " ") for one in re.findall(r">([^<]+)", html)
    )
    return [" ".join(one.split()) for one in found if one.strip()]


def card(view: View, people: tuple[str, ...] = (), **changed: object) -> list[str]:
    frame = pl.DataFrame({"profession": people}, schema={"profession": pl.String})
    return lines(etablissement._card(view, {**PLACE, **changed}, frame))


@pytest.mark.parametrize(
    ("changed", "rank", "said"),
    [
        ({}, 0, "CENTRE & CIE"),
        ({}, 1, "Centre hospitalier · FINESS 670000025"),
        ({"categorie": None}, 1, "Catégorie non précisée · FINESS 670000025"),
        ({"ouvert": False}, 1, "Centre hospitalier · FINESS 670000025 · fermé"),
        (
            {"ouvert": False, "date_fermeture": date(2024, 5, 1)}, 1,
            "Centre hospitalier · FINESS 670000025 · fermé le 1er mai 2024",
        ),
        ({}, 2, "1 RUE HAUTE, 67000 Strasbourg"),
        ({"adresse": None}, 2, "67000 Strasbourg"),
        ({"adresse": "", "code_postal": None}, 2, "Strasbourg"),
        ({"adresse": "", "code_postal": "", "commune": None}, 2, "Adresse non publiée"),
        ({}, 3, "03 88 00 00 00"),
        ({"telephone": None}, 3, "Aucun téléphone publié"),
        ({}, 4, "Coordonnées du registre (latitude ; longitude) : 48,58123 ; 7,75000"),
        (
            {"geo_source": "finess_inverse"}, 4,
            "Coordonnées du registre, échangées dans le registre et rétablies (latitude ; longitude) : "
            "48,58123 ; 7,75000",
        ),
        (
            AT_CENTRE, 4,
            "Placé au centre de sa commune (48,58123 ; 7,75000) : le registre ne donne que le centre de la commune",
        ),
        (
            {**AT_CENTRE, "geo_motif": "absentes"}, 4,
            "Placé au centre de sa commune (48,58123 ; 7,75000) : le registre ne donne pas de coordonnées",
        ),
        (
            {**AT_CENTRE, "geo_motif": "hors_commune"}, 4,
            "Placé au centre de sa commune (48,58123 ; 7,75000) : les coordonnées du registre sont loin de la commune",
        ),
        (
            {"longitude": None, "latitude": None, "geo_motif": "hors_bornes"}, 4,
            "Sans point sur la carte : les coordonnées du registre sont hors de France",
        ),
        ({"longitude": None, "latitude": None}, 4, "Sans point sur la carte : la commune est inconnue"),
        ({}, 5, "Aucun professionnel de l’Annuaire n’y exerce à cette date."),
        ({}, 6, "Sources : FINESS, 14 janvier 2025 ; ANS, Annuaire Santé, 14 janvier 2025"),
        ({"date_donnees": None}, 6, "Sources : FINESS ; ANS, Annuaire Santé, 14 janvier 2025"),
    ],
)  # fmt: skip
def test_each_line_of_the_card_of_an_establishment(
    kit_view: Callable[..., View], changed: dict[str, object], rank: int, said: str
) -> None:
    assert card(kit_view(), **changed)[rank] == said


@pytest.mark.parametrize(
    ("people", "said"),
    [
        (KINDS[:1], "1 professionnel y exerce : 1 médecin."),
        (KINDS[5:8], "3 professionnels y exercent : 2 médecins et 1 infirmier."),
        (
            (*KINDS, "Diététicien", "Orthoptiste"),
            "19 professionnels y exercent : 7 médecins, 5 infirmiers, 3 pharmaciens, 2 sages-femmes et 2 autres.",
        ),
        (
            (*KINDS, "Orthoptiste"),
            "18 professionnels y exercent : 7 médecins, 5 infirmiers, 3 pharmaciens, 2 sages-femmes et 1 autre.",
        ),
    ],
)
def test_the_card_counts_who_practises_there_the_most_numerous_first(
    kit_view: Callable[..., View], people: tuple[str, ...], said: str
) -> None:
    assert card(kit_view(), people[1:] + people[:1])[5] == said


def test_the_small_map_says_what_its_point_is() -> None:
    assert etablissement._where({"geo_source": "commune"}) == "Centre de la commune"
    assert etablissement._where({"geo_source": "finess"}) == "Point du registre FINESS"


@pytest.fixture
def crowd(petit_lake: Path) -> tuple[str, pl.DataFrame]:
    """An establishment of the demonstration where many practise, and who does."""
    view = View("Essai", ANNUAIRE, State(Selection()), Data(Lake(Settings(lake=str(petit_lake)))))
    finess = "549791274"
    return finess, staff(view, finess)


def test_a_long_list_shows_its_first_rows_and_says_so(
    petit_lake: Path, crowd: tuple[str, pl.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    finess, people = crowd
    shown: list[tuple[Table, object]] = []
    draw = etablissement.tables.draw
    monkeypatch.setattr(etablissement, "SHOWN", people.height - 1)
    monkeypatch.setattr(etablissement, "FEW", people.height)
    monkeypatch.setattr(
        etablissement.tables,
        "draw",
        lambda table, **more: shown.append((table, more["height"])) or draw(table, **more),
    )
    monkeypatch.setattr(point_route, "serving", lambda: False)
    page = draw_page("annuaire", "repertoire", petit_lake, etablissement=[finess])
    table, height = next(one for one in shown if one[0].title == "Professionnels de l'établissement")
    assert table.frame.equals(people.head(people.height - 1))
    assert [one.label for one in table.columns] == [
        "Nom", "Prénom", "Profession", "Spécialité", "Mode d'exercice",
    ]  # fmt: skip
    assert [one.name for one in table.columns] == [
        "nom",
        "prenom",
        "profession",
        "specialite",
        "mode_exercice",
    ]
    assert height is None, "a short list shows whole"
    said = f"{people.height - 1} premiers professionnels sur {people.height} ; la liste de choix les contient tous."
    assert said in [one.replace("\u202f", " ") for one in lines(page.html)]
    offered = next(one for one in page.at.selectbox if "de l’établissement" in one.label)
    assert len(offered.options) == people.height


def test_a_whole_list_says_nothing_of_a_rest(petit_lake: Path, crowd: tuple[str, pl.DataFrame]) -> None:
    page = draw_page("annuaire", "repertoire", petit_lake, etablissement=[crowd[0]])
    assert "premiers professionnels" not in page.html
    assert {one.label for one in page.at.button if one.label == "Fermer la fiche"} == {"Fermer la fiche"}
    assert not [
        one for one in page.at.button if one.label == "Fermer la fiche" and one.proto.type != "tertiary"
    ]


# -- a person ----------------------------------------------------------------------------------------

ADDRESS = {
    "numero_voie": "3", "indice_repetition_voie": "BIS", "libelle_type_voie": "RUE", "libelle_voie": "BASSE",
    "code_postal": "57000", "commune": "Metz", "libelle_commune_source": "METZ CEDEX",
    "complement_point_geographique": "BÂTIMENT A", "mention_distribution": "BP 12",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "BÂTIMENT A, 3 BIS RUE BASSE, BP 12, 57000 Metz"),
        ({"indice_repetition_voie": None, "mention_distribution": ""}, "BÂTIMENT A, 3 RUE BASSE, 57000 Metz"),
        (
            {"commune": None, "complement_point_geographique": None},
            "3 BIS RUE BASSE, BP 12, 57000 METZ CEDEX",
        ),
        (dict.fromkeys(ADDRESS), ""),
    ],
)
def test_an_address_on_one_line(changed: dict[str, str | None], said: str) -> None:
    assert fiche.address({**ADDRESS, **changed}) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("0353019198", "03 53 01 91 98"), ("03.53.01.91.98", "03 53 01 91 98"), ("+33353019198", "+33353019198"),
        ("03530191", "03530191"), ("03530191AB", "03530191AB"),
    ],
)  # fmt: skip
def test_a_telephone_number_by_pairs(number: str, said: str) -> None:
    assert fiche.spaced(number) == said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "ROY Alice — Médecin — Metz"),
        ({"prenom": None, "commune": None}, "ROY — Médecin"),
        ({"nom": None, "prenom": "", "profession": None}, "— — Metz"),
    ],
)
def test_a_person_in_one_line(changed: dict[str, str | None], said: str) -> None:
    row = {"nom": "ROY", "prenom": "Alice", "profession": "Médecin", "commune": "Metz"}
    assert fiche.named({**row, **changed}).replace("–", "—") == said


ACTIVITY = {
    **ADDRESS, "enseigne_commerciale_site": "CABINET HAUT", "raison_sociale_site": "SCM HAUT",
    "libelle_mode_exercice": "Libéral", "libelle_secteur_activite": "Cabinet individuel", "libelle_role": "Titulaire",
    "libelle_savoir_faire": "Cardiologie", "telephone": "0387000000", "telephone_2": "0387000001", "email": "a@b.fr",
    "geo_precision": "numero", "geo_motif": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "rank", "said"),
    [
        ({}, 0, "CABINET HAUT"),
        ({"enseigne_commerciale_site": None}, 0, "SCM HAUT"),
        ({"enseigne_commerciale_site": None, "raison_sociale_site": ""}, 0, "Lieu sans nom"),
        ({}, 1, "Libéral · Cabinet individuel · Titulaire · Cardiologie"),
        ({"libelle_secteur_activite": None, "libelle_role": ""}, 1, "Libéral · Cardiologie"),
        ({}, 2, "BÂTIMENT A, 3 BIS RUE BASSE, BP 12, 57000 Metz"),
        (dict.fromkeys(ADDRESS), 2, "Adresse non publiée"),
        ({"telephone": None, "telephone_2": None, "email": None}, 3, "Aucun contact publié"),
    ],
)
def test_each_line_of_an_activity(changed: dict[str, str | None], rank: int, said: str) -> None:
    assert lines(fiche._activity({**ACTIVITY, **changed}))[rank] == said


def test_the_contacts_of_an_activity_are_links_in_order() -> None:
    links = re.findall(r'<a href="([^"]+)">([^<]+)</a>', fiche._activity(ACTIVITY))
    assert links == [
        ("tel:0387000000", "03 87 00 00 00"), ("tel:0387000001", "03 87 00 00 01"), ("mailto:a@b.fr", "a@b.fr"),
    ]  # fmt: skip
    links = re.findall(r'href="([^"]+)"', fiche._activity({**ACTIVITY, "telephone": None, "email": ""}))
    assert links == ["tel:0387000001"]


# -- a place of the map ------------------------------------------------------------------------------


def test_those_who_practise_at_one_place_are_offered_by_name(petit_lake: Path) -> None:
    data = Data(Lake(Settings(lake=str(petit_lake))))
    view = View("Carte", ANNUAIRE, State(Selection()), data, carte.CARTE.scope)
    points = LAYER.points(data, data.dated(ANNUAIRE, Selection()))
    counts = points.rows.with_columns(lieu=pl.Series(points.codes)).group_by("lieu").agg(pl.col("id"))
    place, people = counts.filter(pl.col("id").list.len() == 3).sort("lieu").row(0)
    page = draw_page("annuaire", "carte", petit_lake, lieu=[str(place)])
    assert "3 personnes à cette adresse" in [one.value.replace("\u202f", " ") for one in page.at.header]
    who = carte.directory(view).filter(pl.col(carte.PERSON).is_in(people))
    offered = next(one for one in page.at.selectbox if one.label == "Ouvrir une fiche")
    assert sorted(offered.options) == sorted(fiche.named(one) for one in who.iter_rows(named=True))
    page = draw_page("annuaire", "carte", petit_lake, lieu=["9999999"])
    assert any("Personne de cette sélection n’exerce à ce point" in one.value for one in page.at.info)


def test_corrections_are_counted_and_those_applied_apart(kit_view: Callable[..., View]) -> None:
    def said(*states: str) -> str:
        frame = pl.DataFrame({"etat": states}, schema={"etat": pl.String})
        return str(WORDS["corrections_dites"](Shown(kit_view(), frame)))

    assert said(APPLIED, TO_COME, TO_COME) == (
        "3 corrections en vigueur, 1 appliquée dans l'extraction affichée."
    )
    assert said(APPLIED, APPLIED).startswith("2 corrections en vigueur, 2 appliquées")
    assert qualite.STATES[TO_COME] == "à la prochaine ingestion"


def test_the_last_delivery_is_told_first(petit_lake: Path) -> None:
    data = Data(Lake(Settings(lake=str(petit_lake))))
    days = donnees.runs(View("Essai", ANNUAIRE, State(Selection()), data))["date_donnees"].to_list()
    assert len(set(days)) > 1
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize(
    ("under", "known", "said"),
    [
        (5, 8, "que 5 de ses 8 voisins"), (0, 8, "qu’aucun de ses 8 voisins"), (1, 1, "que son seul voisin"),
        (0, 1, "qu’aucun voisin (un seul connu)"), (0, 0, "sans voisin connu"),
    ],
)  # fmt: skip
def test_a_territory_is_better_served_than_so_many_others(under: int, known: int, said: str) -> None:
    assert likes._better(under, known, "voisin").replace("'", "’") == said
