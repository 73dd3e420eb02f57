"""Qui s’appuie sur qui: a small drawing of the services that lean on one another, and the same as a list.

A service that the reader does not follow is absent: neither its name nor its place is told, only how many there are.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from apps.kit.shell.screen import Screen
from apps.kit.style import theme
from apps.kit.style.french import counted, typographic
from apps.saisie.choix import choisir_region, regions_de, trop
from apps.saisie.entree import Entree, admise, aide, entree, lien
from apps.saisie.valides import valides
from lake.store.saisie import services
from lake.store.saisie.frames import brouillons
from lake.text import fold
from scoring.saisie.volets import REGIONS, volet_de

INFRA, METIER, SOLUTION = "infrastructure", "metier", "solution"
COULEURS = {INFRA: "#1f7a4d", METIER: "#2458a6", SOLUTION: theme.SECONDARY}
"""Infrastructure in green and métier in blue, as on the maps of Convergence; each is also said by its column."""
_WIDE, _HIGH, _GAP, _BETWEEN = 280, 30, 8, 150
_LETTERS = 34


@dataclass(frozen=True)
class Appui:
    """That one service leans on another.

    Attributes:
        de, vers: codes: who leans, on whom.
        portes: criteria that it carries for it, validated.
        brouillons: those that a draft alone says.
    """

    de: str
    vers: str
    portes: int = 0
    brouillons: int = 0

    @property
    def dit(self) -> str:
        """What passes between them, in words; empty when nothing is carried."""
        parts = [
            *([counted(self.portes, "critère porté", "critères portés")] if self.portes else []),
            *(
                [f"{counted(self.brouillons, 'critère porté', 'critères portés')} en brouillon"]
                if self.brouillons
                else []
            ),
        ]
        return ", ".join(parts)


@dataclass(frozen=True)
class Reseau:
    """Who leans on whom, among what a reader follows.

    Attributes:
        services: code -> the service's row.
        appuis: the links between them.
        caches: links to or from a service that the reader does not follow, by code of the one that it follows.
    """

    services: Mapping[str, Mapping[str, Any]]
    appuis: Sequence[Appui]
    caches: Mapping[str, int]

    def sur(self, code: str) -> list[Appui]:
        """What a service leans on, by name."""
        return self._sorted((one for one in self.appuis if one.de == code), "vers")

    def sous(self, code: str) -> list[Appui]:
        """What leans on a service, by name."""
        return self._sorted((one for one in self.appuis if one.vers == code), "de")

    def nom(self, code: str) -> str:
        """A service's name."""
        return str(self.services[code]["nom"])

    def _sorted(self, found: Iterable[Appui], end: str) -> list[Appui]:
        return sorted(found, key=lambda one: fold(self.nom(getattr(one, end))))


def reseau(here: Entree, region: str) -> Reseau:
    """Who leans on whom in a region, as its drafts say and as is validated."""
    mine = {one["code"]: one for one in here.services() if one["region"] == region}
    drafts = brouillons(here.store, region)
    said = _carried(drafts.reponses)
    done = _carried(valides(here.store, here.referentiel, region).reponses)
    pairs = {
        (code, other)
        for code, listed in drafts.services.select("service", "utilise").drop_nulls("utilise").iter_rows()
        for other in listed.split("|")
    } | set(said) | set(done)  # fmt: skip
    found, hidden = [], dict.fromkeys(mine, 0)
    for code, other in sorted(pairs):
        if code in mine and other in mine:
            kept = done.get((code, other), set())
            found.append(Appui(code, other, len(kept), len(said.get((code, other), set()) - kept)))
        elif code in mine or other in mine:
            hidden[code if code in mine else other] += 1
    return Reseau(mine, found, {code: many for code, many in hidden.items() if many})


def autour(here: Entree, service: Mapping[str, Any]) -> None:
    """Draw what a service leans on, what leans on it and what it runs on; nothing where it stands alone."""
    if volet_de(service["kind"]) != REGIONS or service["kind"] == "si_regional":
        return
    whole, code = reseau(here, service["region"]), service["code"]
    software = services.solutions(here.store, service["id"])
    under, over = whole.sous(code), whole.sur(code)
    if not (under or over or software or whole.caches.get(code)):
        return
    left = [(one.de, whole.nom(one.de), str(whole.services[one.de]["kind"])) for one in under]
    right = [(one.vers, whole.nom(one.vers), INFRA) for one in over]
    right += [(f"s{rank}", f"{editor} · {name}", SOLUTION) for rank, (editor, name) in enumerate(software)]
    links = [(one.de, one.vers, bool(one.portes)) for one in (*under, *over)]
    links += [(code, f"s{rank}", True) for rank in range(len(software))]
    drawn = dessin([left, [(code, service["nom"], str(service["kind"]))], right], links)
    with st.expander("Qui s’appuie sur qui", key=f"saisie_appuis_{service['id']}", expanded=True):
        _legend(drawn, f"{service['nom']} : ce qui s’appuie sur lui, ce sur quoi il s’appuie.")
        st.html(
            _list("S’appuient sur lui", [(one.de, one.dit) for one in under], whole)
            + _list("Il s’appuie sur", [(one.vers, one.dit) for one in over], whole)
            + (
                "<p><strong>Solutions</strong></p><ul>"
                + "".join(
                    f"<li>{escape(typographic(f'{editor} · {name}'))}</li>" for editor, name in software
                )
                + "</ul>"
                if software
                else ""
            )
            + _unseen(whole.caches.get(code, 0))
            + f'<p class="obs-source">{lien("appuis", "Toute la région", region=service["region"])}</p>'
        )


def dessin(columns: Sequence[Sequence[tuple[str, str, str]]], links: Sequence[tuple[str, str, bool]]) -> str:
    """The drawing, as SVG: columns of (key, name, kind), and links (from, to, solid) between their boxes.

    A link within a column turns round its right side.
    """
    shown = [one for one in columns if one]
    tall = max(len(one) for one in shown) * (_HIGH + _GAP) + _GAP
    wide = len(shown) * _WIDE + (len(shown) - 1) * _BETWEEN + 40
    at: dict[str, tuple[float, float]] = {}
    boxes = ""
    for place, column in enumerate(shown):
        top = (tall - len(column) * (_HIGH + _GAP) + _GAP) / 2
        for rank, (key, name, kind) in enumerate(column):
            x, y = place * (_WIDE + _BETWEEN) + 1, top + rank * (_HIGH + _GAP)
            at[key] = (x, y)
            short = name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1].rstrip()}…"
            boxes += (
                f'<g><title>{escape(name)}</title><rect x="{x}" y="{y:.1f}" width="{_WIDE}" height="{_HIGH}" rx="5" '
                f'fill="#fff" stroke="{COULEURS.get(kind, theme.INK)}" stroke-width="1.6"/><text x="{x + 10}" '
                f'y="{y + 20:.1f}" font-size="13" fill="{theme.INK}">{escape(typographic(short))}</text></g>'
            )
    lines = ""
    for start, end, solid in links:
        if start not in at or end not in at:
            continue
        (x1, y1), (x2, y2) = at[start], at[end]
        x1, y1, y2 = x1 + _WIDE, y1 + _HIGH / 2, y2 + _HIGH / 2
        if x2 + _WIDE == x1:
            path = f"M{x1},{y1:.1f} C{x1 + 36},{y1:.1f} {x1 + 36},{y2:.1f} {x1},{y2:.1f}"
        else:
            path = f"M{x1},{y1:.1f} C{x1 + 50},{y1:.1f} {x2 - 50},{y2:.1f} {x2},{y2:.1f}"
        dash = "" if solid else ' stroke-dasharray="5 4"'
        lines += f'<path d="{path}" fill="none" stroke="{theme.SECONDARY}" stroke-width="1.4"{dash}/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall:.0f}" width="{wide}" height="{tall:.0f}" '
        f'font-family="{escape(theme.SCREEN_FONT)}">{lines}{boxes}</svg>'
    )


def draw() -> None:
    """Draw a region's network: métier services, the infrastructure that they lean on, and the same as a table."""
    here = entree()
    mine = [one for one in here.services() if volet_de(one["kind"]) == REGIONS]
    regions = regions_de(mine)
    region = st.query_params.get("region", "")
    if region not in regions:
        if trop(mine, regions):
            chosen = choisir_region(mine, regions, "appuis_region")
            if chosen is None:
                aide("qui-s-appuie-sur-qui")
                return
            region = chosen
        else:
            region = next(iter(regions), "")
    if not region:
        st.html(f'<p class="obs-lecture">{typographic("Aucun service n’est décrit.")}</p>')
        aide("qui-s-appuie-sur-qui")
        return
    whole = reseau(here, region)
    infra = [code for code, one in whole.services.items() if one["kind"] == INFRA]
    infra.sort(key=lambda code: (-len(whole.sous(code)), fold(whole.nom(code))))
    leaning = [code for code, one in whole.services.items() if one["kind"] == METIER and whole.sur(code)]
    alone = [code for code, one in whole.services.items() if one["kind"] == METIER and not whole.sur(code)]
    said = f"{regions[region]} : {counted(len(whole.appuis), 'appui')} entre {counted(len(whole.services), 'service')}"
    if infra and whole.sous(infra[0]):
        said += f" ; le plus partagé : {whole.nom(infra[0])} ({len(whole.sous(infra[0]))})"
    st.html(f'<p class="obs-lecture">{escape(typographic(said))}.</p>')
    if whole.appuis:
        drawn = dessin(
            [
                [
                    (code, whole.nom(code), METIER)
                    for code in sorted(leaning, key=lambda one: fold(whole.nom(one)))
                ],
                [(code, whole.nom(code), INFRA) for code in infra if whole.sous(code) or whole.sur(code)],
            ],
            [(one.de, one.vers, bool(one.portes)) for one in whole.appuis],
        )
        _legend(drawn, f"{regions[region]} : qui s’appuie sur qui. Le tableau qui suit dit la même chose.")
    rows = ""
    for code in infra:
        under = [
            lien("commencer", whole.nom(one.de), s=one.de)
            + (f" ({escape(typographic(one.dit))})" if one.dit else "")
            for one in whole.sous(code)
        ]
        rows += (
            f'<tr><th scope="row">{lien("commencer", whole.nom(code), s=code)}</th>'
            f"<td>{len(under)}</td><td>{', '.join(under) or '—'}</td></tr>"
        )
    if rows:
        st.html(
            '<div class="obs-deborde"><table class="obs-table"><thead><tr><th scope="col">Infrastructure</th>'
            '<th scope="col">Appuis</th><th scope="col">S’appuient sur elle</th></tr></thead>'
            f"<tbody>{rows}</tbody></table></div>"
        )
    if alone:
        names = ", ".join(lien("commencer", whole.nom(code), s=code) for code in alone)
        st.html(f'<p class="obs-lecture-vue">Services métier sans appui déclaré&nbsp;: {names}.</p>')
    if hidden := _unseen(sum(whole.caches.values())):
        st.html(hidden)
    aide("qui-s-appuie-sur-qui")


# -- inside ------------------------------------------------------------------------------------------


def _carried(answers: pl.DataFrame) -> dict[tuple[str, str], set[str]]:
    """Who carries what for whom: (service, carrier) -> criteria."""
    found: dict[tuple[str, str], set[str]] = {}
    for code, by, critere in (
        answers.drop_nulls("porte_par").select("service", "porte_par", "critere").iter_rows()
    ):
        found.setdefault((code, by), set()).add(critere)
    return found


def _legend(drawn: str, alt: str) -> None:
    told = (
        "Trait plein : au moins un critère porté, validé. Tirets : déclaré, ou porté en brouillon seulement."
    )
    # As an image: what a page writes in HTML may not hold a drawing of its own.
    data = base64.b64encode(drawn.encode()).decode()
    st.html(
        f'<div class="obs-reseau"><img src="data:image/svg+xml;base64,{data}" alt="{escape(typographic(alt))}">'
        f'<p class="obs-source">{typographic(told)}</p></div>'
    )


def _list(title: str, rows: Sequence[tuple[str, str]], whole: Reseau) -> str:
    if not rows:
        return ""
    items = "".join(
        f"<li>{lien('commencer', whole.nom(code), s=code)}"
        + (f" · {escape(typographic(said))}" if said else "")
        + "</li>"
        for code, said in rows
    )
    return f"<p><strong>{title}</strong></p><ul>{items}</ul>"


def _unseen(count: int) -> str:
    if not count:
        return ""
    said = f"{counted(count, 'autre appui')}, de services que vous ne suivez pas."
    return f'<p class="obs-source">{typographic(said)}</p>'


APPUIS = Screen(
    "appuis", "Qui s’appuie sur qui", "Quels services s’appuient sur lesquels ?", draw, admise, listed=False
)
