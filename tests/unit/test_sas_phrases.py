"""What the screens of the SAS say of several: the first and the worst named, counts agreed, both sides of a choice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl
import pytest

from apps.kit.data.mesures_sas import Attendu, Partage
from apps.kit.forms import Submission, told
from apps.sas import (
    attente,
    attestation,
    avis,
    carte,
    charte,
    copie,
    delegues,
    deplacement,
    editeurs,
    importer,
    neutralite,
    perimetre,
    questions,
    registres,
    reserves,
    sorties,
)
from lake.agendas.lecture import Creneau
from lake.errors import Refused
from lake.horaires.attestation import Semaine
from lake.horaires.plages import occurrences
from lake.store.sas.copie import DEJA, Copie
from lake.store.sas.sorties import Garde, Sortie
from scoring.sas.mesures.equite import Equite
from scoring.sas.mesures.prevision import Prevision
from scoring.sas.recherche import Offre, Reponse
from tests.spoken import plain
from tests.unit.sas_cases import absences, exceptions, hours, paris, serie, series, taken

LUNDI = date(2026, 11, 30)
NOW = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)


# -- the range that moves ------------------------------------------------------------------------------


def photo(*rows: dict[str, Any], genre: str = "ps") -> Any:
    """What the gesture reads of an agenda."""
    held = {
        "effecteurs": pl.DataFrame({"genre": [genre]}),
        "series": series(*rows),
        "exceptions": exceptions(),
    }
    return type("Photo", (), held)()


def test_a_range_that_moves_names_the_one_that_it_meets_and_no_other() -> None:
    here = serie(LUNDI, "14:00", "18:00")
    tuesday = serie(LUNDI + timedelta(days=1), "09:00", "12:00", serie=2)
    wednesday = serie(LUNDI + timedelta(days=2), "08:00", "10:00", serie=3)
    ordinary = serie(LUNDI + timedelta(days=3), "08:00", "20:00", serie=4, genre="consultation")
    seen = photo(here, wednesday, tuesday, ordinary)

    def met(jour: int, start: str, seen: Any = seen, row: dict[str, Any] = here) -> str:
        begins = 60 * time.fromisoformat(start).hour
        moved = {"jour": jour, "debut_min": begins, "fin_min": begins + 240}
        return deplacement.meets(seen, row, moved, LUNDI)

    assert met(2, "10:00") == "Elle chevaucherait celle du mardi, 09:00 à 12:00."
    assert met(3, "09:00") == "Elle chevaucherait celle du mercredi, 08:00 à 10:00."
    assert met(1, "15:00") == "", "itself"
    assert met(4, "09:00") == "", "ordinary hours"
    assert met(2, "13:00") == ""
    assert met(2, "10:00", row=ordinary) == ""
    assert met(2, "10:00", seen=photo(here, tuesday, genre="structure")) == "", (
        "a structure has several rooms"
    )


def test_a_move_says_when_it_begins_and_which_bookings_keep_their_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = serie(LUNDI, "14:00", "18:00", au=LUNDI + timedelta(days=20))
    moved = {"jour": 2, "debut_min": 900, "fin_min": 1140}
    coming: list[dict[str, Any]] = []
    monkeypatch.setattr(deplacement.session, "store", lambda: None)
    monkeypatch.setattr(deplacement.registre, "of_effecteur", lambda *_: coming)

    def booked(day: int, **more: Any) -> dict[str, Any]:
        given = {
            "serie_id": 1,
            "statut": "booked",
            "debut": paris(2026, 12, day, 14),
            "fuseau": "Europe/Paris",
        }
        return given | more

    def said(since: date = LUNDI, **more: int) -> str:
        return plain(deplacement.preview("8", row, moved | more, since))

    first = "Lundi 14:00–18:00 devient mardi 15:00–19:00, pour la première fois le mardi 1er décembre 2026."
    assert said() == first
    assert (
        said(jour=1, debut_min=840, fin_min=1080)
        == "Lundi 14:00–18:00 : choisissez un autre jour ou une autre heure."
    )
    assert (
        said(LUNDI + timedelta(days=30)) == "Lundi 14:00–18:00 devient mardi 15:00–19:00 : elle finit avant."
    )
    coming += [booked(7), booked(14, serie_id=2), booked(14, statut="cancelled")]
    assert said() == f"{first} 1 rendez-vous pris reste à son heure."
    coming += [booked(14, statut="pending"), booked(1)]
    assert said() == f"{first} 3 rendez-vous pris restent à leur heure."
    later = said(date(2026, 12, 14))
    assert later.endswith("le mardi 15 décembre 2026. 1 rendez-vous pris reste à son heure."), (
        "from that day on"
    )


# -- what is read out first ----------------------------------------------------------------------------


def results(*rows: dict[str, Any]) -> Reponse:
    blank = {
        "palier": 0,
        "places": 1,
        "trajet_min": 5.0,
        "premier_creneau": NOW + timedelta(hours=1),
        "fuseau": "Europe/Paris",
    }
    return Reponse(pl.DataFrame([blank | row for row in rows]), pl.DataFrame(), 10, 5, 1)


def test_the_first_of_those_who_have_a_seat_are_read_out_while_editors_answer() -> None:
    rows = [{"nom": f"Dr {rank}"} for rank in range(9)]
    html = plain(attente.premiers(results({"nom": "Structure", "palier": 1}, *rows), NOW))
    assert html.startswith(
        '<p class="obs-lecture">9 places dans l’offre saisie ; les agendas reliés répondent…'
    )
    assert "Structure" not in html
    assert [f"Dr {rank}" in html for rank in range(9)] == [rank < attente._FIRST for rank in range(9)]
    some = plain(attente.premiers(results({"nom": "Dr A"}), NOW, ("Vif", "Lent")))
    assert "1 place dans l’offre saisie et chez Vif et Lent ; d’autres agendas répondent…" in some
    none = plain(attente.premiers(results({"nom": "Dr A", "palier": 1}), NOW))
    assert none == '<p class="obs-lecture">Rien dans l’offre saisie ; les agendas reliés répondent…</p>'


def test_the_worst_editor_of_the_latest_month_is_named() -> None:
    found = pl.DataFrame(
        [
            (date(2026, 11, 1), "Bon", 40, 4, 0.1), (date(2026, 11, 1), "Pire", 40, 12, 0.3),
            (date(2026, 11, 1), "Aussi", 40, 12, 0.3), (date(2026, 11, 1), "Rare", 2, 2, None),
            (date(2026, 10, 1), "Ancien", 40, 36, 0.9),
        ],
        schema=["mois", "editeur", "ouvertes", "introuvables", "taux"],
        orient="row",
    )  # fmt: skip
    assert plain(reserves.sentence(found)) == (
        "En novembre 2026, Aussi : 30,0 % des fiches ouvertes avaient un créneau qui ne se réservait pas."
    )
    sure = found.with_columns(introuvables=pl.lit(0), taux=pl.lit(0.0))
    assert reserves.sentence(sure) == "En novembre 2026, aucun créneau signalé introuvable."
    few = found.filter(pl.col("editeur") == "Rare")
    assert reserves.sentence(few) == "2 fiches ouvertes : trop peu pour un taux."
    assert (
        reserves.sentence(found.clear()) == "Aucun créneau d’éditeur n’a encore été ouvert par un régulateur."
    )
    first = reserves.table(found).row(1, named=True)
    assert (first["Éditeur"], first["Taux"], first["Introuvables"], first["Fiches ouvertes"]) == (
        "Pire",
        0.3,
        12,
        40,
    )
    shown = {one.name: one.label for one in reserves._COLUMNS}
    assert shown == {name: name for name in ("Mois", "Éditeur", "Taux", "Introuvables", "Fiches ouvertes")}


@pytest.mark.parametrize(
    ("gini", "raw", "said"),
    [
        (
            0.19,
            0.5,
            "Partage équitable : 0,19 par place offerte. Le Gini brut, 0,50, accuserait qui offre plus.",
        ),
        (
            0.3,
            0.1,
            "Partage assez équitable : 0,30 par place offerte. Le Gini brut, 0,10, ne voit pas ce que chacun offre.",
        ),
        (0.5, None, "Partage inégal : 0,50 par place offerte."),
        (None, None, "Non publié : trop peu."),
    ],
)
def test_a_share_has_its_word(gini: float | None, raw: float | None, said: str) -> None:
    found = Partage(Equite(gini, raw, None, None, 6, 40, "trop peu"), pl.DataFrame())
    assert plain(neutralite.fairness(found)) == said


def test_an_order_is_within_the_draw_or_above_it() -> None:
    def said(gap: float | None, chance: float | None, rest: float | None = None) -> str:
        return plain(
            neutralite.neutrality(Partage(Equite(0.2, None, gap, rest, 6, 40, "", chance), pl.DataFrame()))
        )

    assert said(0.02, 0.05, 0.1) == (
        "L’ordre suit sa règle : l’écart, 2,0 % des expositions, reste sous ce que le tirage explique (5,0 %). "
        "La géographie et la règle, elles, en déplacent 10,0 %."
    )
    assert said(0.08, 0.05) == (
        "À examiner : l’écart, 8,0 % des expositions, dépasse ce que le tirage explique (5,0 %)."
    )
    assert said(None, None).startswith("Aucun résultat montré sur la période")


def test_the_nearest_day_a_week_ahead_is_told_with_its_interval() -> None:
    made = Prevision(80.0, 70.0, 90.0, 0.8, 6, 0.75)
    days = [
        Attendu(LUNDI + timedelta(days=lead), lead, 100 + lead, prevision)
        for lead, prevision in ((1, made), (21, made), (14, None), (7, made))
    ]
    assert plain(neutralite.expected(days)) == (
        "Lundi 7 décembre 2026 : 107 places annoncées, 80 attendues, de 70 à 90 ; cet intervalle a contenu 75,0 % des "
        "semaines passées."
    )
    assert neutralite.expected(days[2:3]).startswith("Moins de quatre semaines de photographies")
    assert plain(neutralite.expected(days[:1])).startswith("Mardi 1er décembre 2026"), "better than nothing"


def test_the_days_to_come_stand_under_their_headings(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(neutralite.tables, "draw", lambda table, _key: shown.append(table))
    made = Prevision(80.0, 70.0, 90.0, 0.8, 6, 0.75)
    neutralite._days([Attendu(LUNDI, 7, 100, made), Attendu(LUNDI + timedelta(days=1), 8, 50, None)])
    (table,) = shown
    first = table.frame.row(0, named=True)
    assert {column.label: first[column.name] for column in table.columns} == {
        "Jour": "lun. 30/11/2026", "Annoncées": 100, "Attendues": 80, "Au moins": 70, "Au plus": 90,
        "Jours d’avance": 7, "Tenue passée": 0.75,
    }  # fmt: skip


# -- who left, what is proved, what is copied ----------------------------------------------------------


def left(nom: str = "Dr Un", genre: str = "ps", *held: str) -> Sortie:
    kept = tuple(Garde(one, datetime(2026, 12, 4, 13, 0, tzinfo=UTC), "Europe/Paris") for one in held)
    return Sortie("8", nom, genre, "SAS-54", date(2026, 11, 20), (1,), kept)


def test_who_left_a_register_is_told_to_each_in_its_words() -> None:
    subject, text = registres.message([left()], "https://ici", own=True)
    assert plain(subject) == "SAS : Dr Un n’est plus dans l’annuaire"
    assert "n’est plus dans l’annuaire depuis le 20 novembre 2026" in plain(text)
    assert "Aucun rendez-vous à venir." in text
    assert "Vous exercez toujours" in text
    assert "À faire" not in text
    subject, text = registres.message([left("MSP", "structure", "SAS-A"), left()], "https://ici", own=False)
    assert plain(subject) == "SAS : 2 effecteurs ne sont plus dans les registres"
    assert "MSP (SAS " in text
    assert "n’est plus ouvert dans FINESS" in plain(text)
    assert "- vendredi 4 décembre 2026 à 14 h (SAS-A)" in plain(text)
    assert "À faire : " in text
    assert "Vous exercez toujours" not in text


def test_a_register_that_lost_many_at_once_is_doubted_and_each_register_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, list[str]] = {}

    def finess(_lake: object, numbers: list[str], _today: date) -> Any:
        asked["finess"] = list(numbers)
        return set(), {"1540000012": LUNDI}, "FINESS"

    def annuaire(_lake: object, numbers: list[str]) -> Any:
        asked["annuaire"] = list(numbers)
        many = {f"8{rank}": LUNDI for rank in range(registres.FEW + 1)}
        return {"8a"}, many, "L’annuaire"

    monkeypatch.setattr(registres, "sortis_de_finess", finess)
    monkeypatch.setattr(registres, "sortis_de_l_annuaire", annuaire)
    found = registres.registres(None, ["810000000001", "1540000012"], LUNDI)  # type: ignore[arg-type]
    assert asked == {"finess": ["540000012"], "annuaire": ["810000000001"]}
    assert found.partis == {"1540000012": LUNDI}
    (doubt,) = found.doutes
    assert doubt.startswith(
        f"L’annuaire ne connaît plus {registres.FEW + 1} effecteurs sur {registres.FEW + 2} : personne n’est retiré."
    )


def test_an_attestation_says_of_each_week_whether_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    weeks = [Semaine(LUNDI - timedelta(weeks=rank), minutes) for rank, minutes in enumerate((150, 119, 120))]
    assert plain(attestation.reading(weeks)) == "2 semaines sur 3 atteignent 2 h."
    assert plain(attestation.reading(weeks[:2])) == "1 semaine sur 2 atteint 2 h."
    made: list[dict[str, Any]] = []
    monkeypatch.setattr(attestation, "of_period", lambda *_: weeks)
    monkeypatch.setattr(attestation.pdf, "compose", lambda what, *_, **__: made.append(what) or b"")
    attestation.made("8", "Dr Un", LUNDI - timedelta(weeks=3), LUNDI, now=NOW)
    assert [plain(" · ".join(row)) for row in made[0]["semaines"]] == [
        "2026, semaine 49 · du 30 novembre 2026 · 2 h 30 · atteinte",
        "2026, semaine 48 · du 23 novembre 2026 · 1 h 59 · non atteinte",
        "2026, semaine 47 · du 16 novembre 2026 · 2 h · atteinte",
    ]
    assert plain(made[0]["lignes"][2]) == (
        "Établie le 30 novembre 2026 d’après l’agenda tenu dans le service d’accès aux soins."
    )


def test_a_copy_counts_what_is_there_already_and_names_the_rest() -> None:
    day = LUNDI + timedelta(days=7)

    def line(refus: str = "", start: int = 840) -> Copie:
        return Copie(day, start, start + 60, "snp", 1, 1, None, 20, refus)

    html = plain(copie.preview([line(), line("en absence", 900), line(DEJA, 960), line(DEJA, 1020)]))
    assert "14:00–15:00" in html
    assert "<strong>sera ajoutée</strong>" in html
    assert "non copiée, en absence" in html
    assert "16:00–17:00" not in html
    assert "2 plages y sont déjà." in html
    assert "1 plage y est déjà." in plain(copie.preview([line(DEJA)]))
    assert "il n’y a rien à copier" in copie.preview([])
    many = plain(copie.preview([line() for _ in range(copie._MOST + 2)]))
    assert many.count("<li>") == copie._MOST
    assert "et 2 autres." in many


def test_a_charter_names_who_receives_and_who_gives_and_no_empty_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def of(number: int, name: str) -> Any:
        return type("C", (), {"id": number, "email": f"{name}@ex.fr", "name": name.title()})()

    anne, chef, other = of(1, "anne"), of(2, "chef"), of(3, "autre")
    monkeypatch.setattr(charte.session, "store", lambda: None)
    monkeypatch.setattr(charte.accounts, "everyone", lambda _store: [anne, chef, other])
    monkeypatch.setattr(
        charte.roles, "charte", lambda _store: {"version": 2, "texte": "Un\n\n  \nDeux", "publiee_le": NOW}
    )
    monkeypatch.setattr(charte.roles, "donneurs", lambda *_: ["chef@ex.fr", "parti@ex.fr"])
    signed = {"signee_le": NOW, "empreinte": "a" * 40}
    monkeypatch.setattr(
        charte.roles, "signature", lambda _store, number, _version: signed if number == 2 else None
    )
    found = charte.content(anne, now=NOW)
    assert found["lignes"] == ["Un", "Deux"]
    assert [[plain(cell) for cell in row] for row in found["semaines"]] == [
        ["Anne", "reçoit le rôle", "pas encore", ""],
        ["Chef", "donne le rôle", "le 30 novembre 2026", "a" * 16],
    ]


# -- forms of who administers --------------------------------------------------------------------------


def sent(**values: Any) -> Submission:
    return Submission(values, values, "", None, None, "clé")


def test_a_file_of_accounts_counts_those_that_are_new_tied_and_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warned: list[str] = []
    monkeypatch.setattr(told, "warn", warned.append)
    monkeypatch.setattr(importer.acces, "administrateurs", lambda _person: True)
    monkeypatch.setattr(importer.session, "store", lambda: None)
    monkeypatch.setattr(importer.access, "reader", lambda: None)

    def line(number: int, email: str, compte: int | None = None, refus: str = "") -> Any:
        return type("L", (), {"numero": number, "email": email, "compte_id": compte, "refus": refus})()

    lines = [
        line(2, "a@ex.fr"),
        line(3, "a@ex.fr"),
        line(4, "b@ex.fr", 7),
        line(5, "c@ex.fr", refus="inconnu"),
    ]
    monkeypatch.setattr(importer.inscriptions, "lire", lambda *_, **__: lines)
    file = type("F", (), {"content": b""})()
    given = {"fichier": file, "rattacher": True, "le": None}
    said = importer._imported(sent(**given, essai=True), None, ())
    assert said == "1 compte serait créé, 1 serait rattaché, 1 ligne refusée."
    assert warned == ["Ligne 5 : inconnu."]
    warned.clear()
    made = type("M", (), {"refus": [line(2, "a@ex.fr", refus="pris")], "crees": [1, 2], "rattaches": [3]})()
    monkeypatch.setattr(importer.inscriptions, "creer", lambda *_, **__: made)
    invited: list[Any] = []
    monkeypatch.setattr(importer, "invited", lambda numbers, day: invited.append((numbers, day)))
    said = importer._imported(sent(**given, essai=False), None, ())
    assert said == "2 comptes créés, 1 rattaché, 2 lignes refusées."
    assert warned == ["Ligne 5 : inconnu.", "Ligne 2 : pris."]
    assert invited == [([1, 2], None)]
    warned.clear()
    importer._refusals([line(rank, "x", refus="non") for rank in range(importer._SAID + 2)])
    assert warned[-1] == "Et 2 autres lignes refusées."
    assert len(warned) == importer._SAID + 1


@pytest.mark.parametrize(
    ("etat", "link", "said"),
    [
        ("actif", None, "actif"),
        ("invite", None, "invité · aucun lien"),
        ("invite", (1, 9), "invité · lien le 1er décembre 2026"),
        ("invite", (-1, 9), "invité · lien jusqu’au 9 décembre 2026"),
        ("invite", (-9, -2), "invité · lien expiré le 28 novembre 2026"),
    ],
)
def test_an_invitation_says_what_became_of_its_link(
    etat: str, link: tuple[int, int] | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return NOW.astimezone(tz)

    monkeypatch.setattr(importer, "datetime", Clock)
    compte = type("C", (), {"id": 1, "etat": etat})()
    known = {} if link is None else {1: tuple(NOW + timedelta(days=day) for day in link)}
    assert plain(importer.state(compte, known)).lower() == said


def test_a_delegation_to_nobody_says_who_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delegues.acces, "require_agenda", lambda _who: None)
    monkeypatch.setattr(delegues.session, "store", lambda: None)
    monkeypatch.setattr(delegues.accounts, "find", lambda *_: None)
    person = {"identifiant": "8", "nom": "Dr", "sas": "SAS-54", "id": 1}
    for told_, said in (
        (True, "L'administrateur de votre SAS en est prévenu : refaites la demande une fois le compte créé."),
        (False, "Demandez-le à l'administrateur de votre SAS."),
    ):
        monkeypatch.setattr(delegues.avis, "demander_compte", lambda *_, told_=told_: told_)
        with pytest.raises(Refused) as refused:
            delegues._asked(sent(email="x@ex.fr"), person)
        assert refused.value.conseil == said


# -- slots of editors ----------------------------------------------------------------------------------


def test_a_slot_of_an_editor_stands_at_an_open_place_and_yields_to_what_is_typed_of_unscheduled_care() -> (
    None
):
    typed = occurrences(
        series(
            serie(LUNDI, "14:00", "15:00", lieu=2),
            serie(LUNDI, "09:00", "12:00", serie=2, genre="consultation", lieu=2),
        ),
        exceptions(), LUNDI, LUNDI,
    )  # fmt: skip
    people = pl.DataFrame(
        {
            "identifiant": ["810000000001", "810000000001", "810000000002"], "lieu": [1, 2, 3],
            "fuseau": ["Europe/Paris"] * 3, "indisponible": [True, False, True],
        },
        schema_overrides={"lieu": typed.schema["lieu"]},
    )  # fmt: skip
    offer = Offre(people, typed, absences(), taken())

    def slot(hour: int, minute: int = 0, who: str = "810000000001", editeur: str = "Vif") -> Creneau:
        begin = paris(2026, 11, 30, hour, minute)
        return Creneau(who, begin, begin + timedelta(minutes=20), ("SNP",), ("AMB",), editeur=editeur)

    found = editeurs.ranges_of(
        [
            slot(10),
            slot(10, editeur="Lent"),
            slot(14, 30),
            slot(13, 40),
            slot(15),
            slot(10, who="810000000002"),
        ],
        offer,
    )
    assert sorted(zip(found["lieu"].to_list(), hours(found), strict=True)) == [
        (2, "10:00"),
        (2, "13:40"),
        (2, "15:00"),
    ], "not twice, not over typed care, not when away"
    assert editeurs.ranges_of([], offer).is_empty()


def test_the_pin_that_is_pressed_lists_its_own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[Any] = []
    written: list[str] = []
    rows = pl.DataFrame(
        [
            {"identifiant": str(rank), "nom": f"Dr {rank}", "palier": palier, "bande": bande, "places": 1, "lieu": 1,
             "longitude": 6.0 + rank, "latitude": 48.0, "code_commune": "54395"}
            for rank, (palier, bande) in enumerate(((0, 0), (0, 3), (0, 4), (2, 0)))
        ]
    )  # fmt: skip
    whole = type("W", (), {"reponse": Reponse(rows, pl.DataFrame(), 10, 5, 1)})()
    assert carte.sites(whole.reponse)["categorie"].to_list() == list(carte._NAMES)
    monkeypatch.setattr(carte, "data", lambda: None)
    monkeypatch.setattr(carte, "reperes", lambda *_: None)
    monkeypatch.setattr(carte.points, "point_map", lambda *_, **__: (None, False))
    monkeypatch.setattr(carte.st, "pydeck_chart", lambda *_, **__: None)
    monkeypatch.setattr(carte.st, "html", written.append)
    monkeypatch.setattr(carte.liste, "draw", lambda *given: listed.append(given[-1]))
    for pressed, kept in ((None, None), ("1", frozenset({"1|1"}))):
        monkeypatch.setattr(carte.points, "clicked", lambda _key, pressed=pressed: pressed)
        listed.clear()
        carte.draw(type("A", (), {"lieu": None})(), whole, NOW)  # type: ignore[arg-type]
        assert listed == ([] if kept is None else [kept])
    assert plain(written[0]).count(" : 1") == 4, "each category with its own count"


@pytest.mark.parametrize(
    ("found", "wider", "silent", "said"),
    [
        (True, 0, 1, "pourvue"),
        (True, 1, 0, "elargie"),
        (False, 1, 2, "incertaine"),
        (False, 0, 0, "non_pourvue"),
    ],
)
def test_a_search_ends_in_one_of_four_ways(found: bool, wider: int, silent: int, said: str) -> None:
    answer = Reponse(pl.DataFrame({"palier": [0 if found else 1]}), pl.DataFrame(), 10, 5, 1)
    assert questions.issue_of(answer, wider, silent) == said


def test_the_register_that_somebody_left_is_named_and_each_administrator_reads_its_own_sas(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables: list[Any] = []
    written: list[str] = []
    monkeypatch.setattr(sorties.tables, "draw", lambda table, _key: tables.append(table.frame))
    monkeypatch.setattr(sorties.session, "store", lambda: None)
    monkeypatch.setattr(sorties.st, "html", written.append)
    monkeypatch.setattr(sorties.st, "warning", written.append)
    known = [left("MSP", "structure", "SAS-A", "SAS-B"), replace(left(), sas="SAS-57")]
    monkeypatch.setattr(sorties.sorties, "lister", lambda _store: known)
    sorties.draw(None)
    sorties.draw(frozenset({"SAS-57"}))
    assert [frame["Registre"].to_list() for frame in tables] == [["FINESS", "Annuaire"], ["Annuaire"]]
    assert tables[0]["Rendez-vous gardés"].to_list() == ["SAS-A et SAS-B", "aucun"]
    written.clear()
    sorties.draw(frozenset({"SAS-88"}))
    assert written == ["<p>Tous les effecteurs sont dans l’annuaire ou FINESS.</p>"]
    written.clear()
    for genre in ("structure", "ps"):
        sorties.told(LUNDI, genre)
    sorties.told(None, "ps")
    starts = [plain(one).partition(" :")[0] for one in written]
    assert starts == [
        "Plus dans FINESS depuis le 30 novembre 2026", "Plus dans l’annuaire depuis le 30 novembre 2026",
    ]  # fmt: skip


def test_the_perimeter_is_apart_on_the_map_by_minutes_or_by_list(monkeypatch: pytest.MonkeyPatch) -> None:
    near = pl.DataFrame(
        {
            "code_commune": ["a", "b", "c", "d"], "commune": ["A", "B", "C", "D"], "longitude": [6.0] * 4,
            "latitude": [48.0] * 4, "trajet_min": [1.0, 10.0, 15.0, 40.0],
        }
    )  # fmt: skip
    asked: list[float] = []
    shown: list[pl.DataFrame] = []
    written: list[str] = []

    class Around:
        def reached(self, _longitude: float, _latitude: float, within: float) -> pl.DataFrame:
            asked.append(within)
            return near

    monkeypatch.setattr(perimetre.acces, "places", Around)
    monkeypatch.setattr(perimetre, "data", lambda: None)
    monkeypatch.setattr(perimetre.points, "point_map", lambda _data, rows, **_: (shown.append(rows), False))
    monkeypatch.setattr(perimetre.st, "pydeck_chart", lambda *_, **__: None)
    monkeypatch.setattr(perimetre.st, "html", lambda text: written.append(plain(text)))
    place = {"longitude": 6.0, "latitude": 48.0, "perimetre_min": 10}
    perimetre.draw(place | {"perimetre_communes": ""})
    perimetre.draw(place | {"perimetre_communes": "a|c"})
    assert asked == [16.0, 45.0]
    there = [dict(rows.select("id", "categorie").iter_rows()) for rows in shown]
    inside = [sorted(code for code, where in one.items() if where == "Dans le périmètre") for one in there]
    assert inside == [["a", "b"], ["a", "c"]]
    assert sorted(there[1]) == ["a", "b", "c"], (
        "what lies just beyond the farthest of the list, not an hour of road"
    )
    assert "2 communes à 10 minutes de route ou moins, comptées à leur centre : A, B" in written[0]
    assert "2 communes visitées : A, C" in written[2]


# -- messages ------------------------------------------------------------------------------------------


def test_a_digest_is_told_agenda_by_agenda_kind_by_kind() -> None:
    def booked(who: str, genre: str, day: int, reference: str) -> Any:
        return type("R", (), {
            "effecteur": who, "genre": genre, "debut": paris(2026, 12, day, 9), "fuseau": "Europe/Paris",
            "reference": reference, "lieu": "Cabinet", "modalite": "AMB",
        })()  # fmt: skip

    first, second = list(avis._MANY)[:2]
    found = [booked("Dr B", first, 3, "R3"), booked("Dr A", second, 2, "R2"), booked("Dr A", first, 4, "R1")]
    subject, text = avis.recueil(found)
    one, many = avis._MANY[second][:-1], avis._MANY[first]
    assert plain(subject) == f"SAS : 2 rendez-vous {many}, 1 rendez-vous {one}"
    lines = [plain(line) for line in text.splitlines()]
    assert lines[0] == "Depuis votre dernier récapitulatif du SAS :"
    kept = [
        line.rpartition("(")[2].rstrip(")") if line.startswith("-") else line for line in lines[2:-1] if line
    ]
    assert kept == [
        "Dr A", f"{many.capitalize()} :", "R1", f"{avis._MANY[second].capitalize()} :", "R2",
        "Dr B", f"{many.capitalize()} :", "R3",
    ]  # fmt: skip


def test_a_request_of_delegation_says_until_when_it_may_be_accepted() -> None:
    asked = type(
        "D", (), {"fin": paris(2026, 12, 14, 9), "titulaire": 1, "effecteur": "Dr Un", "sas": "SAS-54"}
    )()
    subject, text = avis._delegation(asked, "Anne", own=True)
    assert subject == "Anne demande à tenir votre agenda du SAS"
    assert "si vous l'acceptez, avant le 14 décembre 2026" in plain(text)
    subject, text = avis._delegation(asked, "Anne", own=False)
    assert subject == "Délégation demandée : Anne, pour Dr Un"
    assert "jusqu'au 14 décembre 2026. Le praticien a reçu cette demande" in plain(text)
