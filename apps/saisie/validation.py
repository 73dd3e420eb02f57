"""Récapitulatif: what changed since the last version, then submit, validate or send back."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from apps.kit.forms import told
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, listing, literal, percent, quarter, signed, typographic
from apps.saisie.calcul import dit_etat, feuilles_en_attente
from apps.saisie.conseils import avant_apres
from apps.saisie.criteres import Critere, criteres_de, mot
from apps.saisie.entree import Entree, admise, aide, ensemble, entree, lien
from apps.saisie.jalons import nommes, par_axe
from apps.saisie.personnes import personne
from lake.errors import EditConflict, LakeError
from lake.store.saisie import abandons, evenements, feuilles, plans, versions
from lake.store.saisie.frames import PARIS
from lake.store.saisie.tables import COPIE
from scoring.saisie.volets import version_de, volet_de
from scoring.universes.model import Format


def draw() -> None:
    """Draw the list of what waits, or the recap of one sheet."""
    here = entree()
    code = st.query_params.get("s", "")
    if not code:
        _waiting(here)
        aide("valider")
        return
    service = here.service(code)
    asked = list(dict.fromkeys(one.questionnaire for one in criteres_de(here, service)))
    questionnaire = st.query_params.get("q", asked[0] if asked else "")
    if questionnaire.removeprefix("PLAN-") not in asked:
        raise LakeError(
            f"Le questionnaire « {questionnaire} » ne s’adresse pas à ce service.",
            conseil=f"Questionnaires de « {service['nom']} » : {', '.join(asked) or 'aucun'}.",
        )
    sheet = feuilles.feuille(here.store, service["id"], questionnaire)
    state = dit_etat(sheet["etat"], ouverte=sheet["id"] is not None)
    last = sheet["derniere_version"]
    since = f"dernière version validée : {last}" if last else "aucune version validée encore"
    words = f"{service['nom']} · {here.nomme(questionnaire)} : {state} ; {since}."
    page = "plan" if questionnaire.startswith("PLAN-") else "questionnaire"
    back = lien(page, "Revenir à la saisie", s=code, q=questionnaire.removeprefix("PLAN-"))
    st.html(f'<p class="obs-lecture obs-saisie-recap">{escape(typographic(words))} {back}</p>')
    if sheet["id"] is None:
        st.html(f'<p class="obs-lecture-vue">{typographic("Rien à valider : aucune réponse.")}</p>')
        aide("valider")
        return
    if questionnaire.startswith("PLAN-"):
        _plan(here, service, questionnaire.removeprefix("PLAN-"))
    else:
        _recap(here, service, questionnaire, sheet)
    _actions(here, service, questionnaire, sheet)
    aide("valider")


def _waiting(here: Entree) -> None:
    rows = feuilles_en_attente(here.store)
    mine = {one["code"]: one for one in here.services()}
    seen = [
        row for row in rows
        if row["service"] in mine and here.peut("valider", mine[row["service"]], row["questionnaire"], row["par"])
    ]  # fmt: skip
    said = (
        counted(len(seen), "feuille attend votre validation", "feuilles attendent votre validation")
        if seen
        else "Aucune feuille n’attend votre validation"
    )
    st.html(f'<p class="obs-lecture">{escape(typographic(said))}.</p>')
    if elsewhere := [row for row in rows if row["service"] in mine and row not in seen]:
        # Who submitted reads that it waits, and on whom it does not depend any more.
        names = [f"{mine[row['service']]['nom']} · {here.nomme(row['questionnaire'])}" for row in elsewhere]
        waits = f"Attendent un autre que vous : {listing(names)}."
        st.html(f'<p class="obs-lecture-vue">{escape(typographic(waits))}</p>')
    lines = ""
    for row in seen:
        words = f"{mine[row['service']]['nom']} · {here.nomme(row['questionnaire'])}"
        link = lien("validation", words, s=row["service"], q=row["questionnaire"])
        lines += f"<li>{link} · {escape(personne(row['par']))}</li>"
    st.html(f"<ul>{lines}</ul>")


def _recap(here: Entree, service: dict[str, Any], questionnaire: str, sheet: dict[str, Any]) -> None:
    """What would be validated: changed, lowered, not applicable, without answer, carried without level."""
    drafted = feuilles.reponses(here.store, service["id"], questionnaire)
    known = versions.historique(here.store, sheet["id"])
    before = {one["critere"]: one for one in known[0].contenu["reponses"]} if known else {}
    criteria = [one for one in criteres_de(here, service) if one.questionnaire == questionnaire]
    changed, lowered, na, empty, carried = [], [], [], [], []
    unsure: list[str] = []
    copied: list[str] = []
    for one in criteria:
        now, old = drafted.get(one.code, {"nature": "vide"}), before.get(one.code)
        name = f"{one.code} {one.libelle}"
        if now["nature"] == "vide":
            empty.append(name)
            continue
        if not now["confirmee"]:
            (copied if now["origine"] == COPIE else unsure).append(name)
        moves = f"{name} : {_word(one, old)} → {_word(one, now)}"
        if old is None or any(now.get(part) != old[part] for part in ("nature", "niveau", "valeur")):
            changed.append(moves)
        was, level = one.niveau_de(old or {}), one.niveau_de(now)
        if was is not None and level is not None and level < was:
            lowered.append(moves)
        if now["nature"] == "na":
            na.append(f"{name} : {now.get('justification_na') or 'sans justification'}")
        if now["nature"] == "porte" and now.get("porte_par_id") not in one.porteurs:
            carried.append(name)
    if changed:
        _worth(here, service, questionnaire)
    if unsure:
        words = counted(
            len(unsure), "réponse reprise d’une campagne reste", "réponses reprises d’une campagne restent"
        )
        said = f"{words} à confirmer : les taux les comptent, l’avancement pas encore."
        st.html(f'<p class="obs-lecture-vue">{escape(typographic(said))}</p>')
    if copied:
        words = counted(
            len(copied), "réponse copiée d’un service semblable", "réponses copiées d’un service semblable"
        )
        said = f"{words} : à confirmer ou à changer avant de valider."
        st.html(f'<p class="obs-lecture-vue"><strong>{escape(typographic(said))}</strong></p>')
    if empty:
        words = counted(
            len(empty), "critère sans réponse ne comptera pas", "critères sans réponse ne compteront pas"
        )
        st.html(f'<p class="obs-lecture-vue">{typographic(words)}.</p>')
    for title, rows in (
        ("Ce qui change", changed),
        ("Niveaux en baisse", lowered),
        ("Non applicables", na),
        ("Portés par un service sans réponse validée", carried),
        ("Copiées, à confirmer avant de valider", copied),
        ("À confirmer", unsure),
        ("Sans réponse", empty),
    ):
        if rows:
            st.subheader(f"{title} · {len(rows)}", anchor=False)
            st.html("<ul>" + "".join(f"<li>{escape(typographic(row))}</li>" for row in rows) + "</ul>")


def _worth(here: Entree, service: dict[str, Any], questionnaire: str) -> None:
    """What validating would make of the whole's rate: said first, for it is what others will read."""
    before, after = avant_apres(here.store, here.referentiel, service, questionnaire, here.jour)
    if after is None:
        return
    whole = ensemble(service, "pour")
    if before is None:
        said = f"Une fois validée : {percent(after)} {whole}."
    elif abs(after - before) < 0.05:
        said = f"Une fois validée, le taux reste à {percent(before)} {whole}."
    else:
        gap = signed(after - before, Format.DECIMAL)
        said = f"Une fois validée : de {percent(before)} à {percent(after)} {whole} ({gap} pt)."
    st.html(f'<p class="obs-lecture-vue">{escape(typographic(said))}</p>')


def _plan(here: Entree, service: dict[str, Any], questionnaire: str) -> None:
    rows = plans.etapes(here.store, service["id"], questionnaire)
    known = {one.code: one for one in criteres_de(here, service)}

    def reached(code: str, level: int) -> str:
        """A level, and for a value what it must reach."""
        words = known[code].paliers.get(level, "") if code in known else ""
        return f"{level} {mot(level)}" + (f" ({words})" if words else "")

    def name(code: str) -> str:
        return f"{code} {known[code].libelle}" if code in known else code

    milestones = {
        code: one for axis in par_axe(volet_de(service["kind"])).values() for code, one in axis.items()
    }

    def awaited(one: dict[str, Any]) -> str:
        """What a step waits for."""
        waits = nommes(milestones, one["jalons"])
        return f" ; attend {', '.join(waits)}" if waits else ""

    words = [
        (
            f"{name(one['critere'])} : non planifiable, {plans.MOTIFS.get(one['motif'], 'sans motif')}"
            if one["niveau"] is None
            else f"{name(one['critere'])} : {reached(one['critere'], one['niveau'])} en {quarter(one['trimestre'])}"
        )
        + awaited(one)
        for one in rows
    ]
    st.html("<ul>" + "".join(f"<li>{escape(typographic(one))}</li>" for one in words) + "</ul>")


def _word(one: Critere, answer: Mapping[str, Any] | None) -> str:
    if answer is None:
        return "sans réponse"
    if answer["nature"] == "niveau":
        return f"{answer['niveau']} {mot(answer['niveau'])}"
    if answer["nature"] == "valeur":
        return one.dite(answer["valeur"])
    return {"na": "non applicable", "porte": "porté"}.get(answer["nature"], "sans réponse")


def _actions(here: Entree, service: dict[str, Any], questionnaire: str, sheet: dict[str, Any]) -> None:
    args = (sheet["id"], sheet["rev"])
    waiting = sheet["soumise_par"] if sheet["etat"] == "a_valider" else ""
    with st.container(horizontal=True):
        if here.peut("valider", service, questionnaire, waiting) and sheet["etat"] in (
            "brouillon",
            "a_valider",
        ):
            if sheet["derniere_version"]:
                _correction(sheet["derniere_version"])
            st.button(
                "Valider", key="valider", type="primary", on_click=_validate, args=(*args, questionnaire)
            )
        if here.peut("soumettre", service, questionnaire) and sheet["etat"] == "brouillon":
            st.button(
                "Soumettre à validation", key="soumettre", on_click=_submit, args=(*args, questionnaire)
            )
        if sheet["etat"] == "a_valider" and sheet["soumise_par"] == here.email:
            st.button("Reprendre en brouillon", key="reprendre", on_click=_take_back, args=args)
        if here.peut("modifier", service, questionnaire):
            _give_up(here, sheet, questionnaire)
    if sheet["etat"] == "a_valider" and here.peut("renvoyer", service, questionnaire, waiting):
        with st.form("renvoi", border=True):
            st.text_area("Pourquoi la renvoyer", key="renvoi_motif", max_chars=1000)
            st.form_submit_button(
                "Renvoyer", key="renvoyer", on_click=_send_back, args=(*args, questionnaire)
            )


def _correction(last: int) -> None:
    """A version that mends the last one says what it mends: it is no progress, and enters no delay."""
    with st.popover(f"C’est une correction de la version {last}", key="correction"):
        st.text_area(
            typographic(f"Ce que la version {last} disait à tort"), key="correction_motif", max_chars=1000,
            help=typographic("Vide : une validation ordinaire. La version corrigée reste à l’historique."),
        )  # fmt: skip


def _give_up(here: Entree, sheet: dict[str, Any], questionnaire: str) -> None:
    """Put the sheet back to its last version in one gesture; the draft can be taken back for thirty days."""
    args = (sheet["id"], sheet["rev"])
    if sheet["etat"] == "brouillon":
        last = sheet["derniere_version"]
        back = f"revenir à la version {last}" if last else "tout effacer"
        st.button(
            typographic(f"Abandonner ce brouillon : {back}"), key="abandonner", type="tertiary",
            on_click=_abandon, args=(*args, questionnaire),
        )  # fmt: skip
        return
    given_up = abandons.a_retablir(here.store, sheet["id"])
    if given_up is not None:
        when = f"{given_up.astimezone(PARIS):%d/%m/%Y}"
        st.button(f"Rétablir le brouillon abandonné le {when}", key="retablir", on_click=_put_back, args=args)


def _abandon(number: int, rev: int, questionnaire: str) -> None:
    here = entree()
    under = version_de(here.referentiel, questionnaire)

    def act() -> str:
        back = abandons.abandonner(here.store, number, rev=rev, par=here.email, version_referentiel=under)
        now = f"la feuille est comme à la version {back}" if back else "la feuille est vide"
        return f"Brouillon abandonné : {now}. Vous pouvez le rétablir pendant {evenements.GARDE.days} jours."

    _done(act)


def _put_back(number: int, rev: int) -> None:
    here = entree()

    def act() -> str:
        abandons.retablir(here.store, number, rev=rev, par=here.email)
        return "Brouillon rétabli."

    _done(act)


def _validate(number: int, rev: int, questionnaire: str) -> None:
    here = entree()
    under = version_de(here.referentiel, questionnaire)
    why = str(st.session_state.get("correction_motif") or "").strip()

    def act() -> str:
        version = versions.valider(
            here.store, number, rev=rev, par=here.email, version_referentiel=under,
            nature="correction" if why else "validation", motif=why,
        )  # fmt: skip
        return f"Validée : version {version}. La campagne en cours la montrera sous peu."

    _done(act)


def _submit(number: int, rev: int, feuille: str) -> None:
    here = entree()

    def act() -> str:
        versions.soumettre(here.store, number, rev=rev, par=here.email, nom=here.nomme(feuille))
        return "Soumise à validation."

    _done(act)


def _take_back(number: int, _rev: int) -> None:
    here = entree()

    def act() -> str:
        versions.reprendre(here.store, number, par=here.email)
        return "Reprise en brouillon."

    _done(act)


def _send_back(number: int, _rev: int, feuille: str) -> None:
    here = entree()

    def act() -> str:
        why = str(st.session_state.get("renvoi_motif", ""))
        versions.renvoyer(here.store, number, why, par=here.email, nom=here.nomme(feuille))
        return "Renvoyée en brouillon, avec vos raisons."

    _done(act)


def _done(act: Any) -> None:
    try:
        told.say(act())
    except EditConflict as error:
        by = personne(str(next(iter(error.theirs.values()), "")), "l’exploitant")
        told.warn(f"La feuille a changé depuis ce récapitulatif ({literal(by)}) : relisez-le, puis validez.")
    except LakeError as error:
        told.warn(str(error))


VALIDATION = Screen("validation", "À valider", "Que va-t-on valider ?", draw, admise)
