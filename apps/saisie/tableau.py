"""Tableau de bord: where the entry stands, and what to do now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from apps.kit.access import access
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, number, percent, typographic
from apps.saisie import annonces, archive, presences, preuves, rendre, tableur, voisins
from apps.saisie.calcul import Tableau, dit_etat, poses, tableau
from apps.saisie.choix import choisir_region, nom_de, regions_de, trop
from apps.saisie.criteres import repondu
from apps.saisie.entree import KINDS, Entree, admise, aide, entree, lien
from lake.store.saisie import feuilles
from lake.store.saisie.frames import PARIS
from lake.store.saisie.suivi import Suivi, suivis
from lake.text import fold
from scoring.saisie.volets import REGIONS, volet_de

ALLER = {"plan": "plan", "historique": "historique", "commencer": "fiche"}
LINES = 5
"""Lines of « À faire maintenant » at most."""


def draw() -> None:
    """Draw the dashboard."""
    here = entree()
    mine = here.services()
    if not mine:
        what, first = ("produit", "l’éditeur") if here.editeurs() else ("service", "le système d’information")
        st.html(
            f'<p class="obs-lecture">{escape(typographic(f"Rien à remplir : aucun {what} n’est décrit."))} '
            f"{lien('commencer', f'Commencer par {first}')}.</p>"
        )
        aide("commencer")
        return
    found = tableau(here.store, here.referentiel, here.who)
    annonces.draw(here)
    presences.partout(here, mine)
    st.html(f'<p class="obs-lecture">{escape(typographic(sentence(found, nom_de(mine))))}</p>')
    _figures(found)
    todo = a_faire(here, found, mine)
    st.subheader("À faire maintenant", anchor=False)
    if todo:
        st.html("<ol>" + "".join(f"<li>{line}</li>" for line in todo) + "</ol>")
    else:
        st.html(f'<p class="obs-lecture-vue">{typographic("Rien : tout est répondu et validé.")}</p>')
    regions = regions_de(mine)
    region = choisir_region(mine, regions, "tableau_region")
    if region is None and trop(mine, regions):
        st.html(_par_region(found, mine, regions))
    else:
        _services(here, found, [one for one in mine if region in (None, one["region"])])
    if any(volet_de(one["kind"]) == REGIONS for one in mine):
        st.html(f'<p class="obs-source">{lien("appuis", "Qui s’appuie sur qui")}</p>')
    _beside(here, mine)
    content = access.export("saisie.zip", _tout, admise)
    st.download_button(
        "Télécharger toutes les données", content, "saisie.zip", "application/zip", key="saisie_tout"
    )
    with st.expander("Répondre dans un classeur", key="saisie_classeur_ouvert"):
        book = access.export("saisie.xlsx", _classeur, admise)
        st.download_button("Télécharger le classeur à remplir", book, "saisie.xlsx", key="saisie_classeur")
        rendre.draw(here)
    aide("tableau-de-bord")


def _services(here: Entree, found: Tableau, mine: list[dict[str, Any]]) -> None:
    """The services by nature, a line each."""
    people = suivis(here.store)
    for kind, title in KINDS.items():
        rows = [one for one in mine if one["kind"] == kind]
        if rows:
            st.subheader(title, anchor=False)
            st.html(_table(here, found, rows, people))


def _par_region(found: Tableau, mine: list[dict[str, Any]], regions: Mapping[str, str]) -> str:
    """Who follows hundreds of services reads where each region (or editor) stands, then chooses one."""
    where = {one["code"]: one["region"] for one in mine}
    done: dict[str, list[int]] = {region: [0, 0, 0, 0, 0] for region in regions}
    for code, asked, answered, valid in found.feuilles.select(
        "service", "visibles", "saisis", "valides"
    ).iter_rows():
        if code in where:
            counts = done[where[code]]
            counts[1], counts[2], counts[3] = counts[1] + answered, counts[2] + asked, counts[3] + valid
    for one in mine:
        done[one["region"]][0] += 1
        done[one["region"]][4] += found.retards.get(one["code"], 0)
    titles = ("Région ou éditeur", "Décrits", "Répondu", "Validé", "Étapes en retard")
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
    body = ""
    for region, name in sorted(regions.items(), key=lambda one: fold(one[1])):
        count, answered, asked, valid, late = done[region]
        cells = (number(count), _part(answered, asked), _part(valid, asked), number(late))
        body += f'<tr><th scope="row">{escape(name)}</th>' + "".join(
            _cell(title, cell) for title, cell in zip(titles[1:], cells, strict=True)
        )
        body += "</tr>"
    table = f'<table class="obs-table obs-lignes"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    choose = typographic("Choisissez une région ou un éditeur ci-dessus pour lire ses services un à un.")
    return f'<div class="obs-deborde">{table}</div><p class="obs-source">{choose}</p>'


def _part(done: int, total: int) -> str:
    return typographic(f"{number(done)}/{number(total)} · {percent(100 * done / total)}") if total else "—"


def _tout() -> bytes:
    here = entree()  # rights are asked again when the file is taken
    return archive.faire(here.store, here.referentiel, here.who, jour=here.jour.isoformat())


def _classeur() -> bytes:
    here = entree()
    return tableur.contenu(here.store, here.referentiel, here.who)[0]


def _beside(here: Entree, mine: list[dict[str, Any]]) -> None:
    """One's services, the region and the nation in the last closed campaign, like for like."""
    region = mine[0]["region"]
    if any(one["region"] != region or volet_de(one["kind"]) != REGIONS for one in mine):
        return  # somebody who follows several regions reads them on the pages of Convergence
    drawn = voisins.table([one["code"] for one in mine], region, "La région", here.nomme)
    if drawn:
        st.subheader("À côté des autres", anchor=False)
        st.html(drawn)


def sentence(found: Tableau, nom: str = "service") -> str:
    """The dashboard read aloud; its services may be products."""
    waiting = counted(found.a_valider, "feuille attend sa validation", "feuilles attendent leur validation")
    late = counted(found.en_retard, "étape en retard", "étapes en retard")
    return (
        f"{counted(found.services, nom)}, {counted(found.saisi.total, 'critère')} : "
        f"{counted(found.saisi.faits, 'répondu')} ({percent(found.saisi.pct)}), "
        f"{counted(found.valide.faits, 'validé')} ({percent(found.valide.pct)}) ; {waiting} ; {late}."
    )


def a_faire(here: Entree, found: Tableau, mine: list[dict[str, Any]]) -> list[str]:
    """What to do now, the most useful first, as links: validate, finish, begin."""
    names = {one["code"]: one["nom"] for one in mine}
    rank = {one["code"]: number_ for number_, one in enumerate(found.ordre(mine))}
    lines: list[tuple[int, int, Callable[[], str]]] = []
    by_code = {one["code"]: one for one in mine}
    for row in found.feuilles.iter_rows(named=True):
        code, sheet = row["service"], row["questionnaire"]
        if code not in names:
            continue
        left = row["visibles"] - row["saisis"]
        about = f"{names[code]} · {here.nomme(sheet)}"
        can = here.peut("valider", by_code[code], sheet)
        if row["etat"] == "a_valider" and can:
            words = f"Valider ou renvoyer : {about}"
            lines.append((0, rank[code], partial(lien, "validation", words, s=code, q=sheet)))
        elif left:
            # What was taken up from a campaign has an answer already, that nobody has looked at again.
            again = row["etat"] == "validee" and not row["valides"]
            what = "à confirmer" if again else "sans réponse"
            words = counted(left, f"critère {what}", f"critères {what}")
            lines.append((2, rank[code], partial(_suite, here, by_code[code], sheet, f"{about} : {words}")))
        elif row["etat"] == "brouillon":
            words = f"Relire et valider : {about}"
            lines.append((1, rank[code], partial(lien, "validation", words, s=code, q=sheet)))
    found_late = [by_code[code] for code in found.retards if code in by_code]
    if found_late:
        # One line, that leads to where each service's are counted: it must not push what waits out of the list.
        most = max(found_late, key=lambda one: (found.retards[one["code"]], -rank[one["code"]]))
        words = (
            f"Replanifier {counted(found.en_retard, 'étape en retard', 'étapes en retard')}, "
            f"dans {counted(len(found_late), nom_de(mine))} : d’abord {most['nom']} ({found.retards[most['code']]})"
        )
        lines.append((1, len(rank), partial(lien, "plan", words)))
    if renew := preuves.a_renouveler(here, mine):
        lines.append((1, len(rank) + 1, lambda: renew))
    return [line() for _, _, line in sorted(lines, key=lambda one: one[:2])[:LINES]]


def _suite(here: Entree, service: Mapping[str, Any], sheet: str, words: str) -> str:
    """The link to the first criterion of a sheet that waits for an answer."""
    drafted = feuilles.reponses(here.store, service["id"], sheet)
    asked = poses(here.store, here.referentiel, service, here.jour).filter(pl.col("questionnaire") == sheet)
    code = next((code for code in asked["critere"] if not repondu(drafted.get(code, {}))), "")
    first = {"critere": code} if code else {}
    return lien("questionnaire", words, s=service["code"], q=sheet, **first)


def _figures(found: Tableau) -> None:
    sheets = found.feuilles.height
    steps = counted(found.etapes, "étape planifiée", "étapes planifiées")
    planned = f"sur {steps}" if found.etapes else "aucune étape n’est planifiée"
    figures = (
        ("Répondu", percent(found.saisi.pct), _sur(found.saisi.faits, found.saisi.total, "critère")),
        ("Validé", percent(found.valide.pct), _sur(found.valide.faits, found.valide.total, "critère")),
        ("À valider", number(found.a_valider), f"sur {counted(sheets, 'feuille')}"),
        ("Étapes en retard", number(found.en_retard), planned),
    )
    items = "".join(
        f'<div><dt>{escape(typographic(label))}</dt><dd class="obs-valeur">{escape(value)}</dd>'
        f"<dd>{escape(typographic(more))}</dd></div>"
        for label, value, more in figures
    )
    st.html(f'<dl class="obs-chiffres">{items}</dl>')


def _sur(done: int, total: int, noun: str) -> str:
    return f"{number(done)} sur {counted(total, noun)}"


def _table(here: Entree, found: Tableau, rows: list[dict[str, Any]], people: Mapping[int, Suivi]) -> str:
    """The services of one nature: a line each, a cell a questionnaire, with its fraction and its state.

    Each cell says its heading: on a telephone a line becomes a card, where no heading is above.
    """
    codes = pl.Series([one["code"] for one in rows]).implode()
    sheets = found.feuilles.filter(pl.col("service").is_in(codes))
    names = sheets["questionnaire"].unique(maintain_order=True).to_list()
    called = {name: here.nomme(name) for name in names}
    titles = ["Nom", *called.values(), "Responsable", "Dernière modification", "Aller"]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in titles)
    of = {(row["service"], row["questionnaire"]): row for row in sheets.iter_rows(named=True)}
    body = ""
    for one in rows:
        cells = ""
        for name in names:
            row = of.get((one["code"], name))
            if row is None:
                cells += "<td></td>"
                continue
            # What was taken up from a campaign is in a version, and nobody has answered it yet.
            again = row["etat"] == "validee" and row["saisis"] < row["visibles"] and not row["valides"]
            state = dit_etat(row["etat"], ouverte=(one["code"], name) in found.ouvertes)
            words = f"{row['saisis']}/{row['visibles']} · {'à confirmer' if again else state}"
            cells += _cell(called[name], lien("questionnaire", words, s=one["code"], q=name))
        label = one["nom"] + (" (à décommissionner)" if one["etat"] == "a_decommissionner" else "")
        who = people[one["id"]]
        cells += _cell("Responsable", escape(who.responsable or "à nommer"))
        cells += _cell("Modifié", escape(typographic(change_dit(who))))
        late = found.retards.get(one["code"], 0)
        said = {**ALLER, "plan": f"plan, {late} en retard" if late else ALLER["plan"]}
        go = " · ".join(lien(page, words, s=one["code"]) for page, words in said.items())
        body += f'<tr><th scope="row">{escape(typographic(label))}</th>{cells}<td>{go}</td></tr>'
    return (
        f'<div class="obs-deborde"><table class="obs-table obs-lignes"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(title: str, content: str) -> str:
    return f'<td data-titre="{escape(title)}">{content}</td>'


def change_dit(who: Suivi) -> str:
    """The last change in words: « 30/11/2026, Claire Martin »."""
    return f"{who.le.astimezone(PARIS):%d/%m/%Y}, {who.par or 'exploitant'}"


TABLEAU = Screen("tableau", "Tableau de bord", "Où en est la saisie ?", draw, admise)
