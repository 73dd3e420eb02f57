"""The card of an establishment: what it is, where, and who practises there."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import polars as pl
import streamlit as st

from apps.annuaire.exports import establishment_vcard
from apps.annuaire.fiche import choose, named, spaced
from apps.annuaire.recherche import registered
from apps.annuaire.words import plural
from apps.kit.charts import tables
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.search import set_option
from apps.kit.maps import point_route
from apps.kit.maps.tile_map import draw_place
from apps.kit.pages.export import slug
from apps.kit.style import french
from apps.kit.style.french import literal, typographic
from scoring.universes.repertoire import ETABLISSEMENT_OUVERT, EXERCENT, PERSON

SHOWN, FEW = 200, 8
"""Rows of the list sent to the browser, and how many show without scrolling."""
WHY = {
    "absentes": "le registre ne donne pas de coordonnées",
    "illisibles": "les coordonnées du registre sont illisibles",
    "hors_bornes": "les coordonnées du registre sont hors de France",
    "hors_commune": "les coordonnées du registre sont loin de la commune",
    "centre_commune": "le registre ne donne que le centre de la commune",
}
COLUMNS = (
    Column("nom", "Nom"),
    Column("prenom", "Prénom"),
    Column("profession", "Profession"),
    Column("specialite", "Spécialité"),
    Column("mode_exercice", "Mode d'exercice"),
)


def of(view: View, finess: str) -> dict[str, object] | None:
    """An establishment, open or closed, with everyone who practises there at the date shown."""
    found = view.asking(ETABLISSEMENT_OUVERT, etablissement=finess).detail().to_dicts()
    return found[0] if found else None


def staff(view: View, finess: str) -> pl.DataFrame:
    """Who practises in an establishment at the date shown."""
    return view.asking(EXERCENT, etablissement=finess).detail()


def draw_establishment(view: View, finess: str) -> None:
    """Draw the card of an establishment, and the list of who practises there."""
    row = of(view, finess)
    if row is None:
        said = (
            f"L'établissement {finess} n'est pas dans le répertoire FINESS ingéré : le lien est ancien, "
            "ou l'établissement est dans une autre région."
            if registered(view)
            else "Le répertoire FINESS n'est pas ingéré : les établissements n'ont pas de fiche."
        )
        st.info(literal(typographic(said)))
        return
    people = staff(view, finess)
    longitude, latitude = row["longitude"], row["latitude"]
    if isinstance(longitude, float) and isinstance(latitude, float) and point_route.serving():
        card, place = st.columns([1.7, 1], gap="medium")
        with place:
            draw_place(f"plan_{finess}", longitude, latitude, _where(row))
    else:
        card = st.container()
    with card:
        st.html(_card(view, row, people))
    card_file = f"{slug(str(row['nom']))}.vcf"
    with st.container(horizontal=True, gap="small", key="obs_gestes_fiche_etablissement"):
        st.download_button(
            "vCard de l'établissement",
            data=view.data.access.export(card_file, lambda: establishment_vcard(row)),
            file_name=card_file,
            mime="text/vcard",
            key="obs_vcf_etablissement",
            type="tertiary",
            on_click="ignore",
        )
        st.button(
            "Fermer la fiche",
            key="obs_fermer_etablissement",
            type="tertiary",
            on_click=set_option,
            args=(view, "etablissement", ""),
        )
    if not people.height:
        return
    names = {one[PERSON]: named(one) for one in people.iter_rows(named=True)}
    choose(view, "personne", "Ouvrir la fiche d'un professionnel de l'établissement", names)
    table = Table(people.head(SHOWN), COLUMNS, key=PERSON, title="Professionnels de l'établissement")
    key = f"exercent_{finess}_{view.date}"
    tables.mark(tables.identifiers(table), key, [view.option("personne")])

    def clicked() -> None:
        picked = tables.picked(table, key)
        set_option(view, "personne", picked[0] if picked else "")

    tables.draw(table, key=key, height=300 if people.height > FEW else None, on_select=clicked, single=True)
    if people.height > SHOWN:
        said = (
            f"{french.number(SHOWN)} premiers professionnels sur {french.number(people.height)} ; "
            "la liste de choix les contient tous."
        )
        st.html(f'<p class="obs-source">{escape(typographic(said))}</p>')


def _card(view: View, row: Mapping[str, object], people: pl.DataFrame) -> str:
    def text(name: str) -> str:
        return str(row[name] or "")

    town = " ".join(part for part in (text("code_postal"), text("commune")) if part)
    where = ", ".join(part for part in (text("adresse"), town) if part) or "Adresse non publiée"
    phone = text("telephone")
    contact = (
        f'<a href="tel:{escape(phone.replace(" ", ""), quote=True)}">{escape(spaced(phone))}</a>'
        if phone
        else "Aucun téléphone publié"
    )
    state = "" if row["ouvert"] else f" · fermé{_since(row)}"
    day = row["date_donnees"]
    source = "FINESS" + (f", {french.long_date(day)}" if day else "")  # type: ignore[arg-type]
    head = f"{text('categorie') or 'Catégorie non précisée'} · FINESS {text('finess')}{state}"
    counts = people.group_by("profession", maintain_order=True).len().sort("len", descending=True)
    parts = [
        f"{french.number(n)} {plural(name) if n > 1 else name.lower()}"
        for name, n in counts.head(4).iter_rows()
    ]
    if rest := counts["len"][4:].sum():
        parts.append(french.counted(int(rest), "autre"))
    said = french.listing(parts)
    who = f"{french.counted(people.height, 'professionnel y exerce', 'professionnels y exercent')}"
    who = (
        f"{who} : {said}." if people.height else "Aucun professionnel de l'Annuaire n'y exerce à cette date."
    )
    return (
        f'<article class="obs-fiche"><h2>{escape(text("nom"))}</h2>'
        f'<p class="obs-lecture-vue">{escape(typographic(head))}</p>'
        f"<p>{escape(where)}<br>{contact}<br>"
        f'<span class="obs-repere">{escape(typographic(_placed(row)))}</span></p>'
        f"<h3>{escape(typographic(who))}</h3>"
        f'<p class="obs-source">{escape(typographic(f"Sources : {source} ; {view.source()}"))}</p></article>'
    )


def _since(row: Mapping[str, object]) -> str:
    closed = row["date_fermeture"]
    return f" le {french.long_date(closed)}" if closed else ""  # type: ignore[arg-type]


def _where(row: Mapping[str, object]) -> str:
    """What the small map says: a point of the register, or the middle of a commune."""
    return "Centre de la commune" if row["geo_source"] == "commune" else "Point du registre FINESS"


def _placed(row: Mapping[str, object]) -> str:
    """Where the point of the map comes from."""
    why = WHY.get(str(row["geo_motif"]), "")
    if row["longitude"] is None:
        return f"Sans point sur la carte : {why or 'la commune est inconnue'}"
    place = f"{french.number(row['latitude'], 5)} ; {french.number(row['longitude'], 5)}"  # type: ignore[arg-type]
    if row["geo_source"] == "commune":
        return f"Placé au centre de sa commune ({place}) : {why}"
    swapped = ", échangées dans le registre et rétablies" if row["geo_source"] == "finess_inverse" else ""
    return f"Coordonnées du registre{swapped} (latitude ; longitude) : {place}"
