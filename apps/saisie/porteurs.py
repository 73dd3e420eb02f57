"""Who may carry a criterion for a service: offered with what it would give, the ones already leaned on first.

The store refuses the same ones again when one is chosen: this list only spares the reader a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from apps.kit.style.french import typographic
from apps.saisie.calcul import poses_a
from apps.saisie.criteres import Critere
from apps.saisie.enregistrer import porter, retenir, semer
from apps.saisie.entree import Entree
from apps.saisie.valides import valides
from lake.store.saisie import services
from lake.store.saisie.frames import brouillons
from lake.text import fold

SILENT = "sans réponse validée"


def offerts(here: Entree, service: Mapping[str, Any]) -> dict[str, dict[int, str]]:
    """The carriers that each criterion of a service may take.

    Infrastructure of the same system that is not archived, is asked the criterion, passes it on and closes no loop.

    Returns:
        criterion -> number of the carrier -> its name and the level that it validated; in the order to offer them.
    """
    region, me = str(service["region"]), str(service["code"])
    drafts = brouillons(here.store, region)
    valid = valides(here.store, here.referentiel, region)
    leaned = set(services.utilise(here.store, int(service["id"])))
    known = {
        one["code"]: one
        for one in here.services()
        if one["kind"] == "infrastructure" and one["region"] == region and one["id"] != service["id"]
    }
    if not known:
        return {}
    order = sorted(known, key=lambda code: (known[code]["id"] not in leaned, fold(known[code]["nom"])))
    asked = poses_a(drafts, here.referentiel, order)
    sees = {(code, critere) for code, critere in asked.select("service", "critere").iter_rows()}
    answers = drafts.reponses.select("service", "critere", "porte_par", "transmis")
    declined = {(code, critere) for code, critere, _, passed in answers.iter_rows() if passed is False}
    leans = {(code, critere): by for code, critere, by, _ in answers.iter_rows() if by is not None}
    said = {(row["service"], row["critere"]): _dit(row) for row in valid.reponses.iter_rows(named=True)}

    def loops(code: str, critere: str) -> bool:
        seen: set[str] = set()
        step: str | None = code
        while step is not None and step not in seen:
            seen.add(step)
            step = leans.get((step, critere))
        return step is not None or me in seen

    found: dict[str, dict[int, str]] = {}
    for critere in dict.fromkeys(asked["critere"]):
        for code in order:
            if (code, critere) in sees and (code, critere) not in declined and not loops(code, critere):
                words = f"{known[code]['nom']} · {said.get((code, critere), SILENT)}"
                found.setdefault(critere, {})[int(known[code]["id"])] = words
    return found


def draw(
    here: Entree,
    service: dict[str, Any],
    one: Critere,
    answer: dict[str, Any],
    key: str,
    about: tuple[int, str, str, int],
    writes: bool,
    offered: Mapping[int, str],
) -> None:
    """Draw who carries a criterion, and whether it is passed on; ``offered`` is what :func:`offerts` says of it."""
    if service["kind"] == "infrastructure":
        semer(f"{key}_garde", not answer.get("transmis", True))
        st.checkbox(
            "Ne souhaite pas transmettre ce critère aux autres services", key=f"{key}_garde",
            disabled=not writes or answer.get("nature") != "niveau", on_change=retenir, args=(*about, key, answer),
        )  # fmt: skip
    held = answer.get("porte_par_id")
    carriers = dict(offered)
    if held is not None and held not in carriers:  # it declined, or left, since it was chosen
        gone = next((each["nom"] for each in here.services() if each["id"] == held), "un service")
        carriers[held] = f"{gone} · à revoir"
    if not carriers:
        return
    semer(f"{key}_porteur", held if held in carriers else None)
    st.selectbox(
        "Porté par un service d’infrastructure", list(carriers), index=None, key=f"{key}_porteur",
        format_func=lambda number: typographic(carriers[number]), placeholder=typographic("Aucun : ma propre réponse"),
        disabled=not writes, on_change=porter, args=(*about, key, answer.get("rev_n", 0)), width=480,
    )  # fmt: skip
    if held is not None:
        silent = "Le porteur n’a pas encore de réponse validée : le critère ne compte pas encore."
        said = escape(typographic(one.porteurs.get(held, silent)))
        st.html(f'<p class="obs-lecture-vue">{said}</p>')


def _dit(row: Mapping[str, Any]) -> str:
    if row["non_applicable"]:
        return "non applicable, ne comptera pas"
    if row["niveau"] is not None:
        return f"niveau {row['niveau']} validé"
    return "porté à son tour"
