"""What a subscriber is written to: what changed for that reader, under its rights and its filters, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any
from urllib.parse import urlencode

from apps.analyses.dessin import written
from apps.analyses.feuille import Reads, feuille
from apps.kit.data.reads import tables_of
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.pages.sheet import Shown
from apps.kit.style import french
from apps.kit.style.french import typographic
from apps.kit.views.base import ask
from apps.kit.views.words import last_month, monthly, write
from lake.errors import LakeError
from lake.store.analyses.subscriptions import ABOVE, Subscription, Threshold
from scoring.analyses.ecarts import FIRST, Ecart, Releve, compared, dated, lines
from scoring.analyses.spec import Analyse, Section

READ, LEAVE = "analyses-lire", "analyses-desabonnement"
"""Addresses of the page that reads an analysis, and of the one that stops a subscription."""
Choices = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True)
class Constat:
    """The figures of an analysis as one reader sees them with its filters.

    Attributes:
        releves: id of a section -> its figures.
        versions: version of each table read.
        valeurs: (section, measure) -> value of a watched figure; None when it is not known.
        ecrites: the same, as written.
        refus: why a kept filter is refused now; empty when every one stands.
    """

    releves: Mapping[str, Releve]
    versions: Mapping[str, int]
    valeurs: Mapping[tuple[str, str], float | None] = field(default_factory=dict)
    ecrites: Mapping[tuple[str, str], str] = field(default_factory=dict)
    refus: str = ""

    def to_json(self) -> dict[str, Any]:
        """What is kept of it once it is told."""
        sections = {name: one.to_json() for name, one in self.releves.items()}
        return {"versions": dict(self.versions), "sections": sections}


@dataclass(frozen=True)
class Courrier:
    """A message for one reader.

    Attributes:
        sujet: its subject.
        texte: all it says.
        html: the same, laid out.
    """

    sujet: str
    texte: str
    html: str


def constat(analyse: Analyse, reads: Reads, choices: Choices, watched: Sequence[Threshold] = ()) -> Constat:
    """The figures of an analysis for a reader.

    Args:
        analyse: what is saved.
        reads: the reads of the reader, by universe.
        choices: section -> axis -> values that the reader kept.
        watched: thresholds, whose figures are asked too.

    Raises:
        AccessDenied: the reader opens none of its universes.
    """
    page = feuille(analyse, reads)
    states = [chosen(part.start, choices.get(part.name, {})) for part in page.page.parts]
    shown = dict(zip((one.id for one in analyse.sections), page.shown(states)[1:], strict=True))
    found: dict[str, Releve] = {}
    versions: dict[str, int] = {}
    values: dict[tuple[str, str], float | None] = {}
    said: dict[tuple[str, str], str] = {}
    refused = ""
    for section in analyse.sections:
        part = shown[section.id]
        if section.graphique is None or part.view is None:
            continue
        if part.refused is not None and choices.get(section.id):
            refused = refused or f"« {part.view.title} » : {part.refused.message}"
            continue
        try:
            found[section.id] = _figures(section, part, part.view)
        except LakeError:
            continue  # what cannot be counted is told on the page; a message tells what changed
        tables = tables_of(part.view.universe)
        state = part.view.data.state.versions(tables)
        versions |= {name: number for name, number in state.items() if number is not None}
        for one in watched:
            if one.section == section.id:
                values[one.section, one.measure], said[one.section, one.measure] = _value(
                    part.view, one.measure
                )
    return Constat(found, versions, values, said, refused)


def changed(last: Mapping[str, Any], now: Constat) -> dict[str, Ecart]:
    """What changed since a reader was told, by section; nothing when no table it reads was published since.

    A difference without publication is its author's doing: the analysis says so itself, no message does.
    """
    if last and last.get("versions") == dict(now.versions):
        return {}
    told = last.get("sections") or {}
    before = {name: Releve.from_json(one) for name, one in told.items()}
    found = {name: compared(before.get(name), one) for name, one in now.releves.items()}
    return {name: one for name, one in found.items() if one is not None}


def crossed(thresholds: Sequence[Threshold], now: Constat) -> tuple[list[Threshold], tuple[Threshold, ...]]:
    """The thresholds that are crossed now and were not: told once; those that came back are armed again.

    Returns:
        tuple: (those to tell, all of them as they are now).
    """
    states = [
        replace(one, crossed=one.passes(now.valeurs.get((one.section, one.measure)))) for one in thresholds
    ]
    fired = [new for old, new in zip(thresholds, states, strict=True) if new.crossed and not old.crossed]
    return fired, tuple(states)


def message(
    titre: str,
    number: int,
    subscription: Subscription,
    now: Constat,
    ecarts: Mapping[str, Ecart],
    fired: Sequence[Threshold],
    *,
    url: str,
) -> Courrier | None:
    """The message of a subscription; None when there is nothing to say.

    Args:
        titre: title of the analysis.
        number: its number in the store.
        subscription: who follows it, with which filters.
        now: the figures now.
        ecarts: what changed.
        fired: thresholds crossed.
        url: public address of the suite.
    """
    monthly = subscription.rhythm == "mensuel"
    if not (ecarts or fired or monthly or now.refus):
        return None
    blocks: list[list[str]] = []
    if now.refus:
        blocks.append([f"Votre abonnement est à revoir : {now.refus} Ces chiffres ne sont pas envoyés."])
    for one in fired:
        releve = now.releves[one.section]
        sense = "au-dessus" if one.sense == ABOVE else "au-dessous"
        value = now.ecrites.get((one.section, one.measure), "")
        blocks.append([f"Seuil franchi : {releve.titre}, {value}, {sense} du seuil que vous avez fixé."])
    for section, ecart in ecarts.items():
        filters = now.releves[section].filtres
        head = f"{ecart.titre} ({filters})" if filters else ecart.titre
        blocks.append([head, *(f"  {line}" for line in lines(ecart))])
    if not blocks:
        blocks.append(["Rien n’a changé depuis le dernier message."])
    address = f"{url.rstrip('/')}/{READ}?{urlencode(_params(number, subscription.choices), doseq=True)}"
    stop = f"{url.rstrip('/')}/{LEAVE}?{urlencode({'jeton': subscription.token})}"
    subject = f"{titre} : {_subject([*ecarts.values()], fired, now)}"
    text = "\n\n".join(
        [
            f"Bonjour {subscription.reader.prenom or subscription.reader.name},",
            f"{_opening([*ecarts.values()])} « {titre} », avec vos droits et vos filtres.",
            *("\n".join(block) for block in blocks),
            f"Lire l’analyse : {address}",
            f"Ne plus recevoir ce message : {stop}",
        ]
    )
    return Courrier(typographic(subject), _spaced(text) + "\n", _html(titre, blocks, address, stop))


def _opening(ecarts: Sequence[Ecart]) -> str:
    """What the message tells: nothing has changed for who is written for the first time."""
    first = bool(ecarts) and all(one.nature == FIRST for one in ecarts)
    return "Premiers chiffres de" if first else "Ce qui a changé pour vous dans"


def _params(number: int, choices: Choices) -> dict[str, list[str]]:
    found = {"id": [str(number)]}
    for section, filters in choices.items():
        found |= {f"{section}.{axis}": list(values) or [""] for axis, values in filters.items()}
    return found


def _subject(ecarts: Sequence[Ecart], fired: Sequence[Threshold], now: Constat) -> str:
    if fired:
        return "seuil franchi"
    if not ecarts:
        return "abonnement à revoir" if now.refus else "rien n’a changé"
    return ecarts[0].nature if ecarts[0].nature != "nouvelle date" else f"chiffres {dated(ecarts[0].date)}"


def chosen(start: State, filters: Mapping[str, Sequence[str]]) -> State:
    """What a section starts with, under the filters that its reader kept; an emptied one stays empty."""
    selection = start.selection
    for axis, values in filters.items():
        selection = selection.with_filter(axis, tuple(values)) if values else selection.emptying(axis)
    return replace(start, selection=selection)


def _figures(section: Section, part: Shown, view: View) -> Releve:
    assert section.graphique is not None
    filters = " ; ".join(f"{label} : {value}" for label, value in view.filters_in_words())
    title = part.part.title or section.id
    last = last_month(view) if monthly(view) and view.selection.du is None else None
    date = french.month(last) if last is not None else view.date_in_words()
    return Releve.of(title, date, filters, written(section.graphique, view))


def _value(view: View, measure: str) -> tuple[float | None, str]:
    try:
        frame = ask(view, [measure])
    except LakeError:
        return None, ""
    value = frame.item(0, measure) if frame.height else None
    return (None if value is None else float(value)), write(view, measure, value)


def _spaced(text: str) -> str:
    """French spaces, addresses left as they are."""
    return "\n".join(line if "://" in line else typographic(line) for line in text.split("\n"))


def _html(title: str, blocks: Sequence[Sequence[str]], address: str, stop: str) -> str:
    def line(text: str) -> str:
        return escape(typographic(text.strip()))

    parts = [f"<h1>{line(title)}</h1>"]
    for head, *rest in blocks:
        items = "".join(f"<li>{line(one)}</li>" for one in rest)
        parts.append(f"<p><strong>{line(head)}</strong></p>" + (f"<ul>{items}</ul>" if items else ""))
    parts.append(f'<p><a href="{escape(address, quote=True)}">Lire l’analyse</a></p>')
    parts.append(f'<p><a href="{escape(stop, quote=True)}">Ne plus recevoir ce message</a></p>')
    return f'<html lang="fr"><body>{"".join(parts)}</body></html>'
