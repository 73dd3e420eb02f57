"""The card of one person: activities with contact and place, diplomas, specialties."""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st

from apps.kit.data.state import follow
from apps.kit.data.view import View
from apps.kit.filters.search import set_option
from apps.kit.style import french
from apps.kit.style.french import literal, typographic
from scoring.universes.annuaire import MOTIF_WORDS, PRECISION_WORDS
from scoring.universes.repertoire import ETABLISSEMENT_OUVERT, FICHE, FORMATION


def activities(view: View, person: str) -> pl.DataFrame:
    """Every activity of a person in the extraction shown, whatever the filters, with the commune's name."""
    return view.asking(FICHE, personne=person).detail()


def address(row: dict[str, str | None]) -> str:
    """The postal address of an activity on one line, as delivered."""
    street = " ".join(
        part
        for name in ("numero_voie", "indice_repetition_voie", "libelle_type_voie", "libelle_voie")
        if (part := row.get(name))
    )
    town = " ".join(
        part
        for part in (row.get("code_postal"), row.get("commune") or row.get("libelle_commune_source"))
        if part
    )
    lines = (row.get("complement_point_geographique"), street, row.get("mention_distribution"), town)
    return ", ".join(part for part in lines if part)


def spaced(number: str) -> str:
    """A French telephone number by pairs of digits: ``03 53 01 91 98``; another is left as it is."""
    digits = number.replace(" ", "").replace(".", "")
    if len(digits) != 10 or not digits.isdigit():
        return number
    return " ".join(digits[i : i + 2] for i in range(0, 10, 2))


def named(row: dict[str, str | None]) -> str:
    """A person of the directory in one line: name, profession, commune."""
    name = " ".join(part for part in (row["nom"], row["prenom"]) if part)
    return " — ".join(part for part in (name or french.ABSENT, row["profession"], row.get("commune")) if part)


def choose(view: View, option: str, label: str, names: dict[str, str]) -> None:
    """A list in which the reader types to find a card and opens it; it shows the one that is open.

    Args:
        view: what the page shows.
        option: the page's option that holds the open card (``personne``, ``etablissement``).
        label: heading of the list.
        names: identifier -> name shown.
    """
    key = f"choix.{view.scope.page}.{label}"
    opened = view.option(option)
    follow(key, opened if opened in names else None)

    def chosen() -> None:
        set_option(view, option, st.session_state[key] or "")

    st.selectbox(
        typographic(label),
        list(names),
        index=None,
        format_func=lambda code: names.get(code, code),
        placeholder="Choisir un nom…",
        key=key,
        on_change=chosen,
        filter_mode="fuzzy",
    )


def draw_card(view: View, person: str) -> None:
    """Draw the card of a person, and the way to the establishments where it practises."""
    rows = activities(view, person)
    if rows.is_empty():
        st.info(
            literal(
                typographic(
                    f"La personne {person} n'est pas dans l'extraction du {view.date_in_words()} : "
                    "elle est partie, ou le lien est ancien."
                )
            )
        )
        return
    first = rows.row(0, named=True)
    name = " ".join(
        part
        for part in (
            first["libelle_civilite_exercice"],
            (first["prenom_exercice"] or "").title(),
            first["nom_exercice"],
        )
        if part
    )
    professions = french.listing(rows["libelle_profession"].drop_nulls().unique(maintain_order=True))
    register = {"8": "RPPS", "0": "ADELI"}.get(first["type_identifiant_pp"], "Identifiant")
    number = typographic(f"{register} {first['identifiant_pp']}")
    items = "".join(_activity(row) for row in rows.iter_rows(named=True))
    training = view.asking(FORMATION, personne=person).detail()
    extra = "".join(
        _list(title, training.filter(pl.col("genre") == kind)["libelle"].to_list())
        for title, kind in (
            ("Spécialités et compétences", "libelle_savoir_faire"),
            ("Diplômes", "libelle_diplome"),
            ("Autorisations d'exercice", "libelle_type_autorisation"),
        )
    )
    st.html(
        f'<article class="obs-fiche"><h2>{escape(name)}</h2>'
        f'<p class="obs-lecture-vue">{escape(professions)} · {escape(number)}</p>'
        f"<h3>{escape(french.counted(rows.height, 'activité'))}</h3><ul>{items}</ul>{extra}"
        f'<p class="obs-source">{escape(typographic(f"Source : {view.source()}"))}</p></article>'
    )
    with st.container(horizontal=True, gap="small", key="obs_gestes_fiche_personne"):
        for finess, site in establishments(view, rows).items():
            st.button(
                typographic(f"Établissement : {_plain(site)}"),
                key=f"obs_vers_{finess}",
                type="tertiary",
                on_click=set_option,
                args=(view, "etablissement", finess),
            )
        st.button(
            "Fermer la fiche",
            key="obs_fermer_personne",
            type="tertiary",
            on_click=set_option,
            args=(view, "personne", ""),
        )


def establishments(view: View, rows: pl.DataFrame) -> dict[str, str]:
    """The establishments of these activities that the register knows: number -> name; none without a register."""
    numbers = rows["finess_site"].drop_nulls().unique(maintain_order=True)
    known = [view.asking(ETABLISSEMENT_OUVERT, etablissement=number).detail() for number in numbers]
    return {one.item(0, "finess"): one.item(0, "nom") for one in known if one.height}


def _plain(text: str) -> str:
    """Text in which Markdown sees nothing to format."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#+!|~$:" else c for c in text)


def _list(title: str, values: list[str]) -> str:
    if not values:
        return ""
    return f"<h3>{escape(title)}</h3><ul>{''.join(f'<li>{escape(v)}</li>' for v in values)}</ul>"


def _activity(row: dict[str, str | None]) -> str:
    site = row["enseigne_commerciale_site"] or row["raison_sociale_site"] or "Lieu sans nom"
    how = " · ".join(
        part
        for part in (
            row["libelle_mode_exercice"],
            row["libelle_secteur_activite"],
            row["libelle_role"],
            row["libelle_savoir_faire"],
        )
        if part
    )
    contact = []
    for number in (row["telephone"], row["telephone_2"]):
        if number:
            contact.append(
                f'<a href="tel:{escape(number.replace(" ", ""), quote=True)}">{escape(spaced(number))}</a>'
            )
    if row["email"]:
        contact.append(f'<a href="mailto:{escape(row["email"], quote=True)}">{escape(row["email"])}</a>')
    placed = PRECISION_WORDS.get(row["geo_precision"] or "", "")
    why = row["geo_motif"]
    placed = f"non localisé : {MOTIF_WORDS[why]} ({placed})" if why else f"localisé {placed}"
    where = address(row) or "Adresse non publiée"
    return (
        f"<li><strong>{escape(site)}</strong><br>{escape(how)}<br>{escape(where)}<br>"
        f"{' · '.join(contact) or 'Aucun contact publié'}"
        f'<br><span class="obs-repere">{escape(typographic(placed))}</span></li>'
    )
