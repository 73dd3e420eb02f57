"""What the browser holds until the server has it (apps/kit/shell/saisie.js): one hidden field, in order, acknowledged.

Each run draws the radios from the store. A radio's own message can therefore carry an old value that a run put back
under a newer gesture, or come once its widget is gone: answers go through the journal, whatever the gesture, and the
radios only show. A message that is merged with the next, or sent again after a cut, says the same thing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import streamlit as st

from apps.kit.forms import told
from apps.saisie.criteres import Critere, criteres_de
from apps.saisie.enregistrer import NA, enregistrer
from apps.saisie.entree import Entree, entree
from lake.errors import AccessDenied, LakeError, SourceUnavailable
from lake.store.saisie import feuilles
from lake.store.saisie.feuilles import Reponse

CHAMP = "saisie_frappe"
"""Key of the hidden field."""
_RECU = "saisie.recu"


@dataclass(frozen=True)
class Frappe:
    """One answer that the browser sent.

    Attributes:
        numero: its rank in the browser's journal.
        service: code of the service.
        questionnaire, critere: what it answers.
        valeur: ``0`` to ``3``, ``na`` or ``vide``.
        rev: revision of the answer that was on screen.
        version: last version of the sheet that was on screen.
    """

    numero: int
    service: str
    questionnaire: str
    critere: str
    valeur: str
    rev: int
    version: int


def lire(text: str) -> tuple[str, list[Frappe]]:
    """A journal as the browser writes it: the tab's name and the answers that wait, in order.

    Raises:
        ValueError: it is not one.
    """
    sent = json.loads(text)
    try:
        found = [
            Frappe(
                int(one["n"]), str(one["s"]), str(one["q"]), str(one["c"]), str(one["v"]), int(one["r"]),
                int(one["d"]),
            )
            for one in sent["a"]
        ]  # fmt: skip
        return str(sent["page"]), sorted(found, key=lambda one: one.numero)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("journal illisible") from error


def tenu() -> bool:
    """Whether the browser keeps a journal: a radio then only shows."""
    return bool(st.session_state.get(CHAMP))


def journal(here: Entree) -> None:
    """Draw the hidden field and save what it holds that was not saved yet; then say what was."""
    st.text_input("Réponses en attente", key=CHAMP, label_visibility="collapsed", on_change=recevoir)
    recevoir()  # a session that begins after a cut has no callback yet
    told.draw()
    page, number = st.session_state.get(_RECU, ("", 0))
    compte = hashlib.sha256(here.email.encode()).hexdigest()[:12]
    st.html(
        f'<span class="obs-saisie-recu" hidden data-compte="{compte}" data-page="{escape(page)}" '
        f'data-n="{number}"></span>'
    )


def repere(
    service: Mapping[str, Any], questionnaire: str, one: Critere, answer: Mapping[str, Any], version: int
) -> None:
    """What the browser reads of a criterion that is drawn: the revisions that an answer is given against."""
    said = {
        "s": service["code"],
        "q": questionnaire,
        "c": one.code,
        "r": answer.get("rev_n", 0),
        "rc": answer.get("rev_c", 0),
        "d": version,
        "sur": "oui" if answer.get("confirmee", True) else "non",
    }
    st.html(
        '<span class="obs-saisie-lu" hidden '
        + " ".join(f'data-{k}="{escape(str(v))}"' for k, v in said.items())
        + "></span>"
    )


def recevoir() -> None:
    """Save what the browser holds, in order; what the store cannot take now stays with the browser."""
    try:
        page, sent = lire(st.session_state.get(CHAMP) or "{}")
    except ValueError:
        return
    known, until = st.session_state.get(_RECU, ("", 0))
    until = until if known == page else 0
    waits = [one for one in sent if one.numero > until]
    if not waits:
        return
    here = entree()
    asked: dict[str, dict[tuple[str, str], Critere]] = {}
    for one in waits:
        try:
            _garder(here, one, asked)
        except SourceUnavailable as error:
            told.warn(str(error))
            return  # the order is kept: nothing after it is acknowledged
        except AccessDenied as error:
            told.warn(str(error))
        except LakeError as error:
            told.warn(f"{one.critere} : {error}")
        st.session_state[_RECU] = (page, one.numero)


def _garder(here: Entree, one: Frappe, asked: dict[str, dict[tuple[str, str], Critere]]) -> None:
    service = here.service(one.service)
    if one.service not in asked:
        asked[one.service] = {(each.questionnaire, each.code): each for each in criteres_de(here, service)}
    criterion = asked[one.service].get((one.questionnaire, one.critere))
    if criterion is None:
        raise LakeError("ce critère n’est plus posé à ce service : la réponse n’est pas enregistrée.")
    if one.valeur == NA and criterion.na:
        answer = Reponse(NA)
    elif one.valeur.isdecimal() and int(one.valeur) in criterion.niveaux:
        answer = Reponse("niveau", niveau=int(one.valeur))
    elif one.valeur == "vide":
        answer = Reponse()
    else:
        raise LakeError(f"il n’a pas de réponse « {one.valeur} ».")
    if answer.niveau is not None:
        before = feuilles.reponses(here.store, service["id"], one.questionnaire).get(one.critere, {})
        answer = replace(answer, transmis=bool(before.get("transmis", True)))
    enregistrer(service["id"], one.questionnaire, one.critere, one.version, answer, one.rev)
