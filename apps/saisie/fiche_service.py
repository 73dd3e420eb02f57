"""The card of a service: who it is, who carries it, what it needs, where it stands; its editors, its proofs."""

from __future__ import annotations

import json
from dataclasses import replace
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from apps.kit import forms
from apps.kit.forms import Field, Form, Kind, Section, Submission, choice, several, told
from apps.kit.style.french import quarter, typographic
from apps.saisie import appuis, entete, preuves, profil, usages
from apps.saisie.calcul import questions_de
from apps.saisie.entree import Entree, admise, entree, lien
from lake.catalog.convergence_pos import TYPES, ZONES, du_tronc, zones_du_type
from lake.store.accounts import accounts
from lake.store.saisie import services
from lake.store.saisie.frames import PARIS
from lake.store.saisie.portage import CATALOGUE, PORTAGE, a_venir
from lake.store.saisie.services import BESOINS
from lake.store.saisie.types_pos import contredit, raison
from lake.text import fold
from scoring.saisie.volets import INDUSTRIELS, REGIONS, volet_de

NATURES = {"infrastructure": "Service d’infrastructure", "metier": "Service métier"}
ETATS = {
    "actif": "Actif",
    "a_decommissionner": "À décommissionner : il sort des plans",
    "archive": "Archivé : il sort de tout",
}
MOTIFS = {"": "—", "a_venir": "À venir", "technique": "Technique", "autre": "Autre"}
LEVELS = {1: "1", 2: "2", 3: "3", 4: "4"}


def draw(here: Entree, service: dict[str, Any]) -> None:
    """Draw the card of a service; who may not change it reads it."""
    entete.draw(here, service)
    if a_venir(service["ouverture"], here.jour):
        soon = f"À venir : il ouvre en {quarter(service['ouverture'])}."
        st.info(typographic(f"{soon} Ses réponses ne sont publiées nulle part d’ici là."))
    profil.draw(here, service)
    appuis.autour(here, service)
    usages.draw(here, service)
    locked = "" if here.peut("modifier", service) else "Vous pouvez lire cette fiche, pas la changer."
    left, right = st.columns([3, 2], gap="large")
    with left:
        needs = json.loads(service["besoins"])
        carried, shown = json.loads(service["portage"]), json.loads(service["catalogue"])
        initial = (
            {name: service[name] for name in (*services.PROPRES, "responsable_id")}
            | _type_initial(service["type_service"])
            | {f"portage_{name}": " ; ".join(carried.get(name, ())) for name in PORTAGE}
            | {f"catalogue_{name}": shown.get(name, "") for name in CATALOGUE}
            | {"catalogue_publique": bool(shown.get("publique"))}
            | {f"besoin_{name}": needs.get(name) for name in BESOINS}
            | {f"pourquoi_{name}": needs.get(f"{name}_pourquoi", "") for name in BESOINS}
        )
        forms.draw(
            _card(here, service),
            lambda sent: _changed(here, service, sent, needs), about=service["id"], initial=initial,
            revision=service["rev"], locked=locked,
        )  # fmt: skip
        _tronc(here, service)
    with right:
        if (
            volet_de(service["kind"]) == INDUSTRIELS
        ):  # a product is its editor's own: nothing else to say of it
            preuves.draw(here, service)
            return
        st.html(f'<p class="obs-source">{lien("catalogue", "Voir le catalogue public")}</p>')
        _questions(here, service, locked)
        infra = {
            one["id"]: one["nom"]
            for one in here.services()
            if one["kind"] == "infrastructure"
            and one["region"] == service["region"]
            and one["id"] != service["id"]
        }
        if infra and service["kind"] != "si_regional":
            form = Form("appuis", (several("utilise", "S’appuie sur", infra),), audience=admise)
            forms.draw(
                form, lambda sent: _linked(here, service, sent), about=service["id"],
                initial={"utilise": services.utilise(here.store, service["id"])}, locked=locked,
            )  # fmt: skip
        known = services.solutions(here.store, service["id"])
        form = Form(
            "solutions",
            (
                Field(
                    "paires", "Éditeurs et solutions, une par ligne : éditeur ; solution", Kind.LONG, required=False,
                    note="Connus : " + (", ".join(services.editeurs(here.store)[:12]) or "aucun"),
                ),
            ),
            audience=admise,
        )  # fmt: skip
        forms.draw(
            form, lambda sent: _equipped(here, service, sent), about=service["id"],
            initial={"paires": "\n".join(f"{editor} ; {name}" for editor, name in known)}, locked=locked,
        )  # fmt: skip
        with st.container():
            preuves.draw(here, service)


def _tronc(here: Entree, service: dict[str, Any]) -> None:
    """Why the service counts against what its type says, where somebody said it."""
    why = raison(here.store, service["id"]) if contredit(service) else None
    if why is None:
        return
    word = "compte" if service["tronc_commun"] else "ne compte pas"
    said = f"Ce service {word} dans le tronc commun, contre ce que dit son type : {why[0]}"
    st.html(
        f'<p class="obs-source">{escape(typographic(f"{said} ({why[2].astimezone(PARIS):%d/%m/%Y})."))}</p>'
    )


FICHE_PUBLIQUE = {
    "public": "À qui il s’adresse",
    "territoire": "Territoire",
    "contact": "Contact",
    "deploiement": "Où en est son déploiement",
}


def _publique(values: Any) -> bool:
    return bool(values.get("catalogue_publique"))


AUTRE = "autre"
_PLACE = ("zone_pos", "type_service", "type_autre", "tronc_commun", "tronc_motif")
TYPES_POS = {
    name: f"{name} · {', '.join(zones_du_type(name))}"
    for name in sorted({name for names in TYPES.values() for name in names}, key=fold)
}
"""The types of the *tronc commun* as a card lists them: name -> name and zones."""


def _type(values: Any) -> str | None:
    """The type that a card says, chosen or typed."""
    chosen = values.get("type_service")
    return (str(values.get("type_autre") or "").strip() or None) if chosen == AUTRE else chosen or None


def _against(values: Any) -> bool:
    """Whether a card says of the *tronc commun* what its type does not."""
    says = du_tronc(values.get("zone_pos") or None, _type(values))
    return says is not None and bool(values.get("tronc_commun")) != says


CARD = Form(
    "fiche_service",
    (
        Section(
            (
                Field("nom", "Nom", most=200),
                Field("description", "Ce qu’il fait", Kind.LONG, required=False, most=2000),
                Field("prestataire", "Prestataire", required=False, most=200),
                Field("hebergeur", "Hébergeur", required=False, most=200),
                choice(
                    "zone_pos", "Zone du plan d’occupation des sols",
                    {code: f"{code} {name}" for code, name in ZONES.items()}, required=False,
                ),
                choice(
                    "type_service", "Type de service", {**TYPES_POS, AUTRE: "Un autre type…"}, required=False,
                    note="Ceux du tronc commun, chacun dans sa zone.",
                ),
                Field(
                    "type_autre", "Lequel", required=False, most=200,
                    shown=lambda values: values.get("type_service") == AUTRE,
                ),
                Field("tronc_commun", "Du tronc commun", Kind.BOOLEAN, note="Ce que dit le type, sauf raison."),
                Field(
                    "tronc_motif", "Pourquoi, quand le type dit autre chose", required=False, most=500,
                    shown=_against,
                ),
                Field(
                    "ouverture", "Trimestre d’ouverture, s’il n’existe pas encore (2027-T2)", required=False, most=7,
                ),
            ),
            "Identité",
        ),
        Section(
            tuple(
                Field(f"portage_{name}", label, required=False, most=400)
                for name, label in PORTAGE.items()
            ),
            "Qui le porte",
            "Ce qui reste vide est inconnu, pas absent. Plusieurs noms : séparez-les par « ; ».",
        ),
        Section(
            (
                Field("publiable", "Peut figurer dans une publication", Kind.BOOLEAN),
                choice(
                    "publiable_motif", "Sinon, pourquoi", MOTIFS, required=False,
                    shown=lambda values: not values.get("publiable", True),
                ),
                choice("etat", "État", ETATS),
                Field(
                    "decommission", "Trimestre de décommissionnement (2027-T2)", required=False, most=7,
                    shown=lambda values: values.get("etat") == "a_decommissionner",
                ),
            ),
            "Publication",
        ),
        Section(
            (
                Field("catalogue_publique", "Figure au catalogue public", Kind.BOOLEAN),
                *(
                    Field(f"catalogue_{name}", label, required=False, most=300, shown=_publique)
                    for name, label in FICHE_PUBLIQUE.items()
                ),
            ),
            "Catalogue public",
            "Nom, description et ce qui suit : rien d’autre n’est montré. Qui valide décide.",
        ),
        *(
            Section(
                (
                    choice(f"besoin_{name}", f"{label} (1 à 4)", LEVELS, required=False),
                    Field(f"pourquoi_{name}", "Justification", required=False, most=500),
                ),
                "Besoins de sécurité" if name == "C" else "",
                beside=True,
            )
            for name, label in BESOINS.items()
        ),
    ),
    audience=admise,
)  # fmt: skip


PRODUIT = Form(
    "fiche_produit",
    (
        Section(
            (
                Field("nom", "Nom", most=200),
                Field("description", "Ce qu’il fait", Kind.LONG, required=False, most=2000),
                Field("publiable", "Peut figurer dans une publication", Kind.BOOLEAN),
                choice("etat", "État", ETATS),
            ),
            "Identité",
        ),
    ),
    audience=admise,
)


def _card(here: Entree, service: dict[str, Any]) -> Form:
    """The form of a card; who answers for it is one of those who have a grant on it."""
    form = PRODUIT if volet_de(service["kind"]) == INDUSTRIELS else CARD
    named = service["responsable_id"]
    people = {} if named is None else {named: accounts.get(here.store, named).name}
    people |= {one["compte_id"]: f"{one['prenom']} {one['nom']}" for one in entete.membres(here, service)}
    answers = choice(
        "responsable_id", "Responsable", people, required=False, note="Parmi les membres de l’équipe."
    )
    first = next(form.sections())
    name, *others = first.fields
    if service["kind"] == "si_regional":  # a region's whole system stands in no zone
        others = [one for one in others if one.name not in _PLACE]
    return replace(form, parts=(replace(first, fields=(name, answers, *others)), *form.parts[1:]))


def _type_initial(known: str | None) -> dict[str, str | None]:
    """A type of the list is chosen in it; another one is typed."""
    other = bool(known) and known not in TYPES_POS
    return {"type_service": AUTRE if other else known or None, "type_autre": known if other else ""}


def _changed(here: Entree, service: dict[str, Any], sent: Submission, needs: dict[str, Any]) -> str:
    fields = {name: sent.values[name] for name in services.PROPRES if name in sent.values}
    fields["responsable_id"] = sent.values.get("responsable_id")
    if "type_service" in fields:
        fields["type_service"] = _type(sent.values)
        fields["zone_pos"] = fields["zone_pos"] or None
    for name in ("description", "prestataire", "hebergeur", "publiable_motif", "decommission", "ouverture"):
        if name in fields:
            fields[name] = fields[name] or ""
    said = dict(needs)
    for name in BESOINS:
        said[name] = sent.values.get(f"besoin_{name}")
        said[f"{name}_pourquoi"] = sent.values.get(f"pourquoi_{name}") or ""
    if volet_de(service["kind"]) == REGIONS:
        fields["besoins"] = said
        fields["portage"] = {name: sent.values.get(f"portage_{name}") or "" for name in PORTAGE}
        fields["catalogue"] = {name: sent.values.get(f"catalogue_{name}") or "" for name in CATALOGUE}
    services.changer(
        here.store, service["id"], rev=sent.revision or service["rev"], par=here.email,
        tronc_motif=sent.values.get("tronc_motif") or "", **fields,
    )  # fmt: skip
    now = services.de_code(here.store, service["code"])["tronc_commun"]
    if "tronc_commun" in fields and now != fields["tronc_commun"]:
        word = "compte" if now else "ne compte pas"
        return f"Fiche enregistrée : d’après son type, le service {word} dans le tronc commun."
    return "Fiche enregistrée."


def _questions(here: Entree, service: dict[str, Any], locked: str) -> None:
    """The preliminary questions: what is unknown hides nothing."""
    asked = questions_de(here.referentiel, service["kind"])
    if not asked:
        return
    st.subheader("Questions posées d’abord", anchor=False)
    known = services.preliminaires(here.store, service["id"])
    words = {"inconnu": "Inconnu : la question reste posée", "oui": "Oui", "non": "Non"}
    for question, text in asked.items():
        now = known.get(question)
        st.session_state[f"preliminaire_{question}"] = "inconnu" if now is None else "oui" if now else "non"
        st.radio(
            typographic(text), list(words), key=f"preliminaire_{question}", horizontal=True,
            format_func=lambda one: typographic(words[one]), disabled=bool(locked), on_change=_answered,
            args=(service["id"], question),
        )  # fmt: skip


def _answered(number: int, question: str) -> None:
    here = entree()
    said = st.session_state.get(f"preliminaire_{question}")
    value = {"oui": True, "non": False}.get(str(said))
    asked = here.referentiel.criteres.filter(pl.col("question") == question)["critere"].unique().to_list()
    services.repondre_preliminaire(here.store, number, question, value, par=here.email, criteres=asked)
    if value is False:
        told.warn("Les réponses aux critères cachés sont gardées, et ne sont pas publiées.")


def _linked(here: Entree, service: dict[str, Any], sent: Submission) -> str:
    services.lier(here.store, service["id"], sent.values["utilise"] or [], par=here.email)
    return "Appuis enregistrés."


def _equipped(here: Entree, service: dict[str, Any], sent: Submission) -> str:
    pairs = []
    for line in (sent.values["paires"] or "").splitlines():
        editor, _, name = line.partition(";")
        if editor.strip():
            pairs.append((editor, name if name.strip() else editor))
    services.equiper(here.store, service["id"], pairs, par=here.email)
    return "Solutions enregistrées."
