"""« Mon agenda »: two weeks that differ, an absence, the switch of unavailability, as a professional enters them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import pydeck
import pytest
from streamlit.testing.v1 import AppTest

from apps.kit.access import session
from apps.kit.data import praticiens
from apps.kit.forms import Submission
from apps.kit.style.french import long_date
from apps.sas import acces, agenda, attestation, ecarts, editeurs, fhir_slots, perimetre, recoit, relances
from apps.sas.questions import Agendas
from apps.sas.semaine import Semaine
from lake.agendas.agregateur import PARIS as PARIS_ZONE
from lake.agendas.lecture import Creneau
from lake.contract import Table
from lake.errors import LakeError, MissingTable, Refused
from lake.horaires import plages
from lake.horaires.heures import local_day, monday
from lake.store.engine import Store
from lake.store.sas import agendas, chargement, consentements, liens, lieux, planning, registre, rendez_vous
from lake.store.sas.fichiers import Lot, lire
from lake.store.sas.sieges import Demande
from tests.pages.drawing import read
from tests.unit.agenda_server import Sent, bundle, practitioner, serving, slot
from tests.unit.sas_cases import absences, exceptions, serie, series

SCREEN = """
from apps.kit.shell.screen import draw
from apps.sas.agenda import AGENDA
draw(AGENDA)
"""
UN = "810000000001"
PEOPLE = f"identifiant,genre,nom,code_commune,longitude,latitude\n{UN},ps,Dr Fictive Un,54395,6.184,48.692\n"


@pytest.fixture
def store(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    chargement.charger(store, effecteurs=[lire(PEOPLE.encode(), "e", "effecteurs"), Lot("")])
    monkeypatch.setattr(session, "store", lambda: store)
    return store


def opened() -> AppTest:
    at = AppTest.from_string(SCREEN, default_timeout=30).run()
    at.text_input(key="sas_agenda_de").set_value(UN).run()
    assert not at.exception, at.exception
    assert at.header[0].value == "Dr Fictive Un"
    return at


def widget(at: AppTest, kind: str, label: str) -> object:
    return next(one for one in getattr(at, kind) if one.label.replace("\u202f", " ") == label)


def add(at: AppTest, jours: list[int], debut: str, fin: str, *, cycle: int = 1, semaine: int = 0) -> AppTest:
    widget(at, "multiselect", "Jours").set_value(jours)  # type: ignore[attr-defined]
    widget(at, "text_input", "De").set_value(debut)  # type: ignore[attr-defined]
    widget(at, "text_input", "À").set_value(fin)  # type: ignore[attr-defined]
    widget(at, "multiselect", "Modalités").set_value(["AMB"])  # type: ignore[attr-defined]
    widget(at, "selectbox", "Rythme").set_value(cycle)  # type: ignore[attr-defined]
    widget(at, "selectbox", "À partir de").set_value(semaine)  # type: ignore[attr-defined]
    widget(at, "button", "Ajouter").click()  # type: ignore[attr-defined]
    at.run()
    assert not at.exception, at.exception
    return at


def ranges(store: Store) -> pl.DataFrame:
    seen = agendas.photo(store)
    first = monday(local_day(datetime.now(UTC))) + timedelta(weeks=1)
    return plages.occurrences(seen.series, seen.exceptions, first, first + timedelta(weeks=4))


def test_a_fortnight_of_two_weeks_that_differ(store: Store) -> None:
    at = add(opened(), [1, 4], "8h30", "12:00", cycle=2)
    assert at.success[0].value == "2 plages ajoutées."
    at = add(at, [2], "14:00", "18:00", cycle=2, semaine=1)
    found = ranges(store)
    weeks = {(day - monday(date(2026, 11, 30))).days // 7 % 2 for day in found["date_locale"]}
    assert weeks == {0, 1}
    by_week: dict[date, set[int]] = {}
    for day in found["date_locale"].to_list():
        by_week.setdefault(monday(day), set()).add(day.isoweekday())
    kinds = [by_week[lundi] for lundi in sorted(by_week)][:4]
    assert kinds[0] == kinds[2] != kinds[1] == kinds[3]
    assert {frozenset(one) for one in kinds} == {frozenset({1, 4}), frozenset({2})}
    html = read(at).html
    assert "Lundi 08:30–12:00, une semaine sur 2 à partir du" in html
    assert "Places par semaine" in html
    # The week on screen is copied onto the next one, read before.
    at.selectbox(key="sas_semaine").set_value(1).run()
    this = monday(local_day(datetime.now(UTC)))
    weeks = next(one for one in at.multiselect if one.label == "Copier cette semaine vers…")
    weeks.set_value([this + timedelta(weeks=2)]).run()
    tuesday = long_date(this + timedelta(days=15), weekday=True)
    assert (
        f"{tuesday}, 14:00–18:00, soins non programmés, cabinet\u202f: <strong>sera ajoutée</strong>"
        in read(at).html
    )
    at.button(key="sas_copier").click().run()
    assert at.success[0].value == "1 plage copiée."
    assert this + timedelta(days=15) in ranges(store)["date_locale"].to_list()


def test_what_does_not_hold_is_refused_beside_its_field(store: Store) -> None:
    at = add(opened(), [1], "14:00", "12:00")
    assert (
        "la plage finit avant de commencer"
        in " ".join(one.value for one in [*at.error, *at.markdown]) + read(at).html
    )
    at = add(opened(), [1], "midi", "18:00")
    assert "n’est pas une heure" in " ".join(one.value for one in [*at.error, *at.markdown]) + read(at).html
    assert ranges(store).is_empty()
    add(opened(), [1], "14:00", "18:00")
    at = add(opened(), [2, 1], "17:00", "19:00")
    assert (
        "chevauche celle du lundi" in " ".join(one.value for one in [*at.error, *at.markdown]) + read(at).html
    )
    assert set(ranges(store)["date_locale"].dt.weekday()) == {1}  # all the days, or none


@pytest.mark.parametrize(
    ("debut", "fin", "duree", "said"),
    [
        ("14:00", "12:00", None, ("fin", "finit avant de commencer")),
        ("17:00", "19:00", None, ("debut", "chevauche celle du lundi")),
        ("08:00", "08:50", 15, "1 plage ajoutée. 5 min ne remplissent pas un créneau."),
        ("08:00", "09:00", 15, "1 plage ajoutée."),
    ],
)
def test_a_range_is_refused_beside_what_is_wrong_with_it_and_says_what_it_loses(
    store: Store, debut: str, fin: str, duree: int | None, said: str | tuple[str, str]
) -> None:
    def added(debut: str, fin: str, duree: int | None = None) -> str:
        day = local_day(datetime.now(UTC))
        values = {
            "jours": [1], "debut": debut, "fin": fin, "modalites": ["AMB"], "genre": "snp", "cycle": 1, "semaine": 0,
            "duree_min": duree, "capacite": None, "du": day, "au": day + timedelta(weeks=8), "lendemain": False,
        }  # fmt: skip
        return agenda._added(Submission(values, values, "ajouter", None, None, "clé"), UN)

    added("14:00", "18:00")
    if isinstance(said, str):
        assert added(debut, fin, duree) == said
        return
    with pytest.raises(Refused, match=said[1]) as refused:
        added(debut, fin, duree)
    assert refused.value.champ == said[0]


def test_visits_are_within_minutes_or_communes_and_the_list_is_read_on_the_page(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = pl.DataFrame(
        {
            "code_commune": ["54395", "54547", "54304"], "commune": ["Nancy", "Vandœuvre-lès-Nancy", "Laxou"],
            "longitude": [6.18, 6.17, 6.15], "latitude": [48.69, 48.66, 48.68], "trajet_min": [1.0, 6.0, 8.0],
        }
    )  # fmt: skip
    known = type("P", (), {"reached": lambda *_: near, "commune": lambda *_: None})
    monkeypatch.setattr(acces, "places", known)
    monkeypatch.setattr(perimetre.points, "point_map", lambda *_, **__: (pydeck.Deck(), False))
    monkeypatch.setattr(perimetre, "data", lambda: None)
    at = opened()
    assert "3 communes à 15" in read(at).html
    several = widget(at, "multiselect", "Ou ces communes seulement")
    assert several.options == [  # type: ignore[attr-defined]
        "Nancy (54395)", "Vandœuvre-lès-Nancy (54547)", "Laxou (54304)",
    ]  # fmt: skip
    several.set_value(["54304", "54395"])  # type: ignore[attr-defined]
    labels = [one for one in at.button if one.label == "Enregistrer"]
    next(one for one in labels if "sas_reglages" in str(one.key)).click().run()
    assert not at.exception, at.exception
    assert registre.lieux(store, UN)[0]["perimetre_communes"] == "54304|54395"
    assert "2 communes visitées\u202f: Nancy, Laxou" in read(opened()).html


def test_the_switch_is_felt_at_once(store: Store) -> None:
    at = opened()
    at.button(key="sas_indisponible").click().run()
    assert at.warning[0].value.startswith("Indisponible depuis le")
    assert agendas.photo(store).effecteurs["indisponible"].to_list() == [True]
    at.button(key="sas_indisponible").click().run()
    assert not at.warning
    assert agendas.photo(store).effecteurs["indisponible"].to_list() == [False]


def test_a_range_is_changed_from_a_day_on_then_one_leaves(store: Store) -> None:
    at = add(opened(), [1], "14:00", "18:00")
    serie_ = agendas.photo(store).series["serie"][0]
    at.button(key=f"sas_modifier_{serie_}").click().run()
    des = local_day(datetime.now(UTC)) + timedelta(weeks=2)
    assert [one.value for one in at.text_input if one.label == "De"] == ["", "14:00"]
    [one for one in at.text_input if one.label == "De"][1].set_value("15:00")
    widget(at, "date_input", "À partir du").set_value(des)  # type: ignore[attr-defined]
    widget(at, "button", "Enregistrer le changement").click()  # type: ignore[attr-defined]
    at.run()
    assert not at.exception, at.exception
    assert at.success[0].value.replace("\u202f", " ").startswith("Plage changée à partir du ")
    found = agendas.photo(store).series.sort("serie").select("debut_min", "du", "au").rows()
    assert [row[0] for row in found] == [14 * 60, 15 * 60]
    assert (found[0][2], found[1][1]) == (des - timedelta(days=1), des)
    # Its hours are counted from the agenda, and the file that proves them is a PDF.
    assert "0 semaine sur 13 atteint 2 h." in read(at).html.replace("\u202f", " ").replace("\xa0", " ")
    made = attestation.made(UN, "Dr Fictive Un", date(2026, 8, 31), date(2026, 11, 29))
    assert made.startswith(b"%PDF")
    at.checkbox(key="sas_quitter_sur").check().run()
    at.button(key="sas_quitter").click().run()
    assert "Vous avez quitté le SAS." in [one.value for one in at.success]
    assert agendas.photo(store).effecteurs["etat"].to_list() == ["retire"]


def test_a_range_moves_under_the_arrow_keys_and_says_what_it_meets(store: Store) -> None:
    at = add(opened(), [1], "14:00", "18:00")
    at = add(at, [2], "09:00", "12:00")
    monday_, tuesday = agendas.photo(store).series.sort("jour")["serie"].to_list()
    assert "sas_deplacer_debut_" not in str([one.key for one in at.slider])
    at.button(key=f"sas_deplacer_{monday_}").click().run()
    fixed, start, days = (f"sas_deplacer_{name}_{monday_}" for name in ("fait", "debut", "jour"))
    assert at.button(key=fixed).disabled
    assert [at.slider(key=start).value, at.slider(key=start).step] == [time(14), 900_000_000]
    # On Tuesday at ten it would meet the range of that day: told before, and nothing can be pressed.
    at.radio(key=days).set_value(2).run()
    at.slider(key=start).set_value(time(10)).run()
    told = read(at).html.replace("\u202f", " ")
    assert "Elle chevaucherait celle du mardi, 09:00 à 12:00." in told
    assert at.button(key=fixed).disabled
    at.slider(key=start).set_value(time(12, 15)).run()
    told = read(at).html.replace("\u202f", " ")
    assert "Lundi 14:00–18:00 devient mardi 12:15–16:15, pour la première fois le mardi " in told
    at.button(key=fixed).click().run()
    assert (
        at.success[0]
        .value.replace("\u202f", " ")
        .startswith("Plage déplacée : mardi 12:15–16:15, à partir du ")
    )
    found = agendas.photo(store).series.filter(pl.col("au") >= local_day(datetime.now(UTC)))
    assert found.sort("debut_min").select("jour", "debut_min", "fin_min").rows() == [
        (2, 540, 720),
        (2, 735, 975),
    ]
    assert not [one for one in at.slider if one.key == start], "the gesture is over"
    # Opened, then left: nothing moved.
    at.button(key=f"sas_deplacer_{tuesday}").click().run()
    at.button(key=f"sas_deplacer_non_{tuesday}").click().run()
    assert agendas.photo(store).series.height == found.height


RETURN = """
from apps.kit.shell.screen import draw
from apps.sas.retour import RETOUR
draw(RETOUR)
"""


def test_a_reminder_s_link_serves_once_and_on_a_press_only(store: Store) -> None:
    planning.dire_indisponible(store, UN, True)
    end = liens.donner(store, registre.effecteur(store, UN)["id"])
    at = AppTest.from_string(RETURN, default_timeout=30)
    at.query_params["lien"] = end
    at.run()
    assert "Dr Fictive Un" in read(at).html
    assert agendas.photo(store).effecteurs["indisponible"].to_list() == [True]
    at.button(key="sas_revenir").click().run()
    assert "de nouveau montrés" in read(at).html
    assert agendas.photo(store).effecteurs["indisponible"].to_list() == [False]
    late = AppTest.from_string(RETURN, default_timeout=30)
    late.query_params["lien"] = end
    late.run()
    assert "n’est plus valable" in late.warning[0].value


def week(day: date, *rows: dict[str, object], away: pl.DataFrame | None = None) -> Semaine:
    lundi = monday(day)
    found = plages.occurrences(
        series(*rows), exceptions(), lundi - timedelta(days=1), lundi + timedelta(days=6)
    )
    return Semaine(lundi, found, absences() if away is None else away, absences(), "Europe/Paris")


@pytest.mark.parametrize(("cycle", "begun", "after"), [(2, 6, 0), (2, 7, 1), (4, 9, 3), (3, -2, 2)])
def test_a_rhythm_is_told_from_the_next_of_its_weeks(cycle: int, begun: int, after: int) -> None:
    this = monday(local_day(datetime.now(UTC)))
    row = {
        "ancre": this - timedelta(weeks=begun), "rang": 0, "cycle": cycle, "jour": 3, "debut_min": 480, "fin_min": 540,
        "capacite": None, "genre": "snp", "modalites": 1, "duree_min": 15, "au": this + timedelta(weeks=20),
    }  # fmt: skip
    assert f"une semaine sur {cycle} à partir du {this + timedelta(weeks=after):%d/%m}" in ecarts.said(row)


def _no_table(table: Table) -> pl.LazyFrame:
    raise MissingTable(table.name)


def test_each_place_has_its_switch_where_there_are_several(store: Store) -> None:
    assert not [one for one in opened().button if one.key.startswith("sas_lieu_")]
    chargement.charger(
        store, effecteurs=[lire(PEOPLE.replace("54395", "54547").encode(), "e", "effecteurs"), Lot("")]
    )
    here, there = (row["id"] for row in registre.lieux(store, UN))
    at = opened()
    at.button(key=f"sas_lieu_{there}").click().run()
    assert not at.exception, at.exception
    assert at.button(key=f"sas_lieu_{there}").label.replace("\u202f", " ") == "De nouveau disponible : 54547"
    closed = agendas.photo(store).effecteurs.filter(pl.col("indisponible"))["lieu"].to_list()
    assert closed == [there]
    # His only range is there: he offers nothing, it is said why, and FHIR tells none of its slots.
    today, now = local_day(datetime.now(UTC)), datetime.now(UTC)
    planning.ajouter(store, UN, jour=(today + timedelta(days=2)).isoweekday(), debut_min=480, fin_min=600, du=today,
                     au=today + timedelta(days=6), modalites=1, duree_min=20, lieu=there)  # fmt: skip
    assert relances.sans_creneau(agendas.photo(store), None, now)["raison"].to_list() == ["Indisponible"]
    asked = fhir_slots.Question((UN,), now, now + timedelta(days=6))

    def told() -> set[tuple[int, int]]:
        return {(one.lieu.numero, one.lieu.rang) for one in fhir_slots.libres(store, _no_table, asked)}

    assert told() == set()
    lieux.fermer(store, UN, here, True)
    lieux.fermer(store, UN, there, False)
    assert told() == {(there, 1)}  # the second of his places, whichever is open
    assert relances.sans_creneau(agendas.photo(store), None, now).is_empty()
    found = editeurs.ranges_of([Creneau(UN, now, now + timedelta(minutes=20))], Agendas(store).offre(now))
    assert found["lieu"].to_list() == [there]
    lieux.fermer(store, UN, here, False)
    lieux.fermer(store, UN, there, True)
    at.run()
    at.button(key=f"sas_lieu_{there}").click().run()
    assert not agendas.photo(store).effecteurs["indisponible"].any()
    assert at.button(key=f"sas_lieu_{here}").label.startswith("Pas disponible en ce moment")


MSP = "1540000012"
STRUCTURE = f"identifiant,genre,nom,code_commune,longitude,latitude\n{MSP},structure,Maison Fictive,54395,6.19,48.69\n"


def test_a_structure_names_who_receives_once_it_knows(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    today = local_day(datetime.now(UTC))
    rows = "identifiant,du,au,jour,debut,fin,capacite,duree_min,modalites\n" + "\n".join(
        f"{MSP},{today},{today + timedelta(days=9)},{jour},00:00,24:00,20,20,AMB" for jour in range(1, 8)
    )
    chargement.charger(
        store, effecteurs=[lire(STRUCTURE.encode(), "e", "effecteurs"), Lot("")],
        plages_=lire(rows.encode(), "p", "plages"),
    )  # fmt: skip
    start = (datetime.now(UTC) + timedelta(hours=30)).replace(minute=0, second=0, microsecond=0)
    first, second = (rendez_vous.reserver(store, Demande(MSP, start, "AMB", cle)) for cle in "ab")
    monkeypatch.setattr(recoit, "open_lake", lambda: None)
    monkeypatch.setattr(praticiens, "of_many", lambda _lake, _wanted: {})
    at = AppTest.from_string(SCREEN, default_timeout=30).run()
    at.text_input(key="sas_agenda_de").set_value(MSP).run()
    for typed, said in (
        ("10000000009", "Aucun professionnel de ce RPPS dans l’annuaire."),
        (UN, "Dr Fictive Un reçoit."),
    ):
        widget(at, "selectbox", "Rendez-vous").set_value(first)  # type: ignore[attr-defined]
        next(one for one in at.text_input if one.label.startswith("Numéro RPPS")).set_value(typed)
        widget(at, "button", "Nommer qui reçoit").click()  # type: ignore[attr-defined]
        at.run()
        assert not at.exception, at.exception
        assert said in read(at).html + " ".join(one.value for one in [*at.success, *at.error])
    rows_ = {
        one["reference"]: one["praticien"]
        for one in registre.of_effecteur(store, MSP, start, start + timedelta(1))
    }
    assert rows_ == {first: UN, second: None}
    # A professional's own booking names nobody else; nor does one that will not take place, nor a structure.
    rendez_vous.annuler(store, second)
    for reference, who, said in (
        (second, UN, "annulé"), ("SAS-0000-0000", UN, "Aucun rendez-vous"), (first, MSP, "Donnez le RPPS"),
    ):  # fmt: skip
        with pytest.raises(LakeError, match=said):
            rendez_vous.nommer(store, reference, who)
    shown = AppTest.from_string(
        SCREEN.replace("agenda", "orientations").replace("AGENDA", "ORIENTATIONS")
    ).run()
    assert not shown.exception, shown.exception
    assert "Maison Fictive (Dr Fictive Un)" in read(shown).html
    rendez_vous.nommer(store, first, "")
    assert registre.of_effecteur(store, MSP, start, start + timedelta(1))[-1]["praticien"] is None


def test_a_professional_chooses_which_slots_of_her_tools_are_shown(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = (
        (datetime.now(UTC) + timedelta(hours=20))
        .replace(minute=0, second=0, microsecond=0)
        .astimezone(PARIS_ZONE)
    )
    mine = [*practitioner(UN[1:]), slot(UN[1:], noon, meta={"security": [{"code": "PUBLIC"}]})]
    monkeypatch.setattr(editeurs, "_CLIENTS", {})
    with (
        serving(lambda _asked: Sent(bundle(mine))) as one,
        serving(lambda _asked: Sent({}, status=500)) as other,
    ):
        monkeypatch.setenv("OBS_SAS_EDITEURS", f"Vif={one.base},Muet={other.base}")
        at = opened()
        widget(at, "button", "Interroger maintenant").click().run()  # type: ignore[attr-defined]
        assert "rien n’est coché" in at.success[0].value
        widget(at, "multiselect", "Vif").set_value(["SNP", "PUBLIC"])  # type: ignore[attr-defined]
        widget(at, "multiselect", "Muet").set_value(["SNP"])  # type: ignore[attr-defined]
        widget(at, "button", "Garder ces choix").click()  # type: ignore[attr-defined]
        at.run()
        assert "Vif : soins non programmés, ouverts à tous les patients" in at.success[0].value.replace(
            "\u202f", " "
        )
        widget(at, "button", "Interroger maintenant").click().run()  # type: ignore[attr-defined]
    assert "Vif : 1 créneau" in at.success[0].value.replace("\u202f", " ")
    assert "Muet : n’a pas répondu" in at.warning[0].value.replace("\u202f", " ")
    assert consentements.tous(store) == {
        UN: {"Vif": frozenset({"SNP", "PUBLIC"}), "Muet": frozenset({"SNP"})}
    }


def test_a_week_keeps_its_headings_and_tells_the_days_of_the_clock_s_change() -> None:
    html = week(date(2027, 3, 28), serie(date(2027, 3, 28), "18:00", "19:00")).html(hide=False)
    assert "dim. 28/03 (23\u202fh)" in html
    assert "position: sticky" in html
    assert html.count('<th scope="row">') == 48
    shown = week(date(2027, 3, 28), serie(date(2027, 3, 28), "18:00", "19:00"))
    assert shown.cells() == {(36, 6): ("snp", "SNP cabinet"), (37, 6): ("snp", "")}


def test_hidden_hours_are_counted_and_a_range_over_midnight_keeps_both_days() -> None:
    day = date(2026, 11, 30)
    html = week(day, serie(day, "23:00", "24:00", fin_min=25 * 60)).html(hide=True)
    assert "22\u202fh vides masquées" in html or "22 h vides masquées" in html
    assert set(week(day, serie(day, "23:00", "24:00", fin_min=25 * 60)).cells()) == {
        (46, 0),
        (47, 0),
        (0, 1),
        (1, 1),
    }
