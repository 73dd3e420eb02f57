"""Taking the list away: CSV and vCard, and for many persons the reuse notice and a line in the audit journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape

import polars as pl
import streamlit as st

from apps.annuaire.fiche import spaced
from apps.annuaire.recherche import asked
from apps.kit.access.access import Access
from apps.kit.audit import journal, note, reader_address
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.export.vcard import Card, Place, vcards
from apps.kit.pages.export import file_name, table_csv
from apps.kit.style import french
from apps.kit.style.french import typographic
from apps.kit.style.worded import worded
from scoring.universes.repertoire import CONTACTS, PERSON

BULK = 100
"""Beyond so many persons, an export is a bulk one: notice, agreement, journal."""
ACTION = "export.personnes"
NOTICE = (
    "Cette liste contient des **données à caractère personnel**. Qui la réutilise en devient responsable au sens du "
    "RGPD : une finalité déterminée et légitime, les seules données nécessaires, une durée limitée, l'information "
    "des personnes et leur droit d'opposition (code des relations entre le public et l'administration, "
    "article L. 322-2).\n\n"
    "Elle garde sa **source et sa date**, et n'est ni altérée ni détournée de son sens (article L. 322-1). Les "
    "personnes évoluent : une liste ancienne est une liste fausse.\n\n"
    "L'export est **inscrit au journal** : date, filtres, nombre de lignes, adresse réseau."
)
AGREED = "J'ai lu ces conditions et je les respecterai"
EXTRA = (
    Column("identifiant", "Identifiant national"),
    Column("lieux", "Lieux d'exercice"),
    Column("adresses", "Adresses"),
    Column("telephones", "Téléphones"),
    Column("courriels", "Courriels"),
    Column("etablissements", "Numéros FINESS"),
)


def persons_table(view: View, table: Table) -> Table:
    """The list with what it takes to reach each person: the rows of the screen, six more columns.

    Telephone numbers are written by pairs of digits: a spreadsheet keeps their first zero.
    """
    one = pl.concat_str("voie", "code_postal", "commune", separator=" ", ignore_nulls=True)
    phones = pl.concat_list("telephone", "telephone_2").list.drop_nulls()

    def listed(values: pl.Expr) -> pl.Expr:
        return values.filter(values != "").unique(maintain_order=True).str.join(" · ")

    where = _contacts(view, table.frame)
    numbers = (
        where.select(PERSON, telephone=phones)
        .explode("telephone", empty_as_null=True)
        .drop_nulls()
        .pipe(worded, spaced, "telephone")
        .group_by(PERSON)
        .agg(telephones=listed(pl.col("telephone")))
    )
    rest = (
        where.with_columns(adresse=one)
        .group_by(PERSON)
        .agg(
            lieux=listed(pl.col("lieu")),
            adresses=listed(pl.col("adresse")),
            courriels=listed(pl.col("email")),
            etablissements=listed(pl.col("finess")),
        )
    )
    frame = (
        table.frame.join(rest, on=PERSON, how="left", maintain_order="left")
        .join(numbers, on=PERSON, how="left", maintain_order="left")
        .with_columns(identifiant=pl.col(PERSON))
    )
    return replace(table, frame=frame, columns=(*table.columns, *EXTRA))


def persons_vcard(view: View, people: pl.DataFrame) -> bytes:
    """The persons as an address book, in the order of the list."""
    where = _contacts(view, people).partition_by(PERSON, as_dict=True)
    said = typographic(f"Source : {view.source()}")
    cards = []
    for row in people.iter_rows(named=True):
        found = where.get((row[PERSON],))
        places = () if found is None else tuple(_place(one) for one in found.iter_rows(named=True))
        cards.append(
            Card(
                uid=f"urn:idnps:{row[PERSON]}",
                family=row["nom"] or "",
                given=(row["prenom"] or "").title(),
                prefix=row["civilite"] or "",
                title=row["profession"],
                specialties=tuple(part for part in row["specialite"].split(" · ") if part),
                places=places,
                note=said,
            )
        )
    return vcards(cards)


def establishment_vcard(row: Mapping[str, object]) -> bytes:
    """One establishment as a card."""

    def text(name: str) -> str:
        return str(row[name] or "")

    longitude, latitude = row["longitude"], row["latitude"]
    exact = row["geo_source"] != "commune" and isinstance(longitude, float) and isinstance(latitude, float)
    place = Place(
        street=text("adresse"),
        code=text("code_postal"),
        town=text("commune"),
        phones=tuple(filter(None, [text("telephone")])),
        longitude=longitude if exact else None,  # type: ignore[arg-type]
        latitude=latitude if exact else None,  # type: ignore[arg-type]
    )
    said = f"Source : FINESS, n° {text('finess')}"
    return vcards(
        [
            Card(
                f"urn:finess:{text('finess')}",
                name=text("nom"),
                title=text("categorie"),
                places=(place,),
                note=said,
            )
        ]
    )


def _contacts(view: View, people: pl.DataFrame) -> pl.DataFrame:
    """Where the persons of a list practise, whatever the filters that found them."""
    found = view.asking(CONTACTS, recherche=asked(view)).detail()
    return found.join(people.select(PERSON), on=PERSON, how="semi", maintain_order="left")


def _place(row: Mapping[str, object]) -> Place:
    def text(name: str) -> str:
        return str(row[name] or "")

    return Place(
        text("lieu"),
        text("complement"),
        text("voie"),
        text("code_postal"),
        text("commune"),
        tuple(filter(None, (text("telephone"), text("telephone_2")))),
        tuple(filter(None, (text("email"),))),
        row["longitude"],  # type: ignore[arg-type]
        row["latitude"],  # type: ignore[arg-type]
    )


def draw_foot(view: View, source: str, method: str, downloads: Callable[[], None]) -> None:
    """The line under a list: source and count, then its downloads and its method."""
    with st.container(
        horizontal=True,
        key="obs_pied_liste",
        gap="small",
        vertical_alignment="center",
        horizontal_alignment="distribute",
    ):
        st.html(f'<p class="obs-source">{escape(typographic(source))}</p>', width="content")
        with st.container(horizontal=True, gap=None, width="content", key="obs_gestes_liste"):
            downloads()
            with st.popover("Méthode", type="tertiary", key="obs_methode_liste"):
                st.markdown(typographic(method))


def draw_persons(view: View, table: Table) -> None:
    """The exports of a list of persons: at once when it is short, after the notice when it is long."""
    count = table.frame.height
    access = view.data.access
    if count <= BULK:
        # A person signed in is noted as for any file; nobody is noted on a public page.
        _buttons(view, table, noted=lambda suffix: access.note(file_name(view, "professionnels", suffix)))
        return
    label = f"Exporter les {french.number(count)} personnes"
    with st.popover(label, type="tertiary", key="obs_export_masse"):
        st.markdown(typographic(NOTICE))
        # The agreement is given for this list: another selection asks again.
        shown = abs(hash((view.selection, asked(view))))
        if st.checkbox(typographic(AGREED), key=f"obs_accord_{shown}"):
            store, address, said = journal(), reader_address(), details(view, count)

            def noted(suffix: str) -> None:
                note(store, access, ACTION, "annuaire", {**said, "format": suffix}, address)

            with st.container(horizontal=True, gap="small"):
                _buttons(view, table, noted)


def details(view: View, count: int) -> dict[str, object]:
    """What the journal says of an export."""
    day = view.date
    return {
        "lignes": count,
        "filtres": {axis: list(values) for axis, values in view.selection.filters.items()},
        "recherche": asked(view),
        "extraction": day.isoformat() if day else "",
        "conditions": "acceptées",
    }


def written(
    access: Access, noted: Callable[[str], None], suffix: str, made: Callable[[], bytes]
) -> Callable[[], bytes]:
    """What a download button calls: the access asked again, the line, then the file.

    What cannot be recorded is not handed out.
    """

    def compose() -> bytes:
        access.still()
        noted(suffix)
        return made()

    return compose


def _buttons(view: View, table: Table, noted: Callable[[str], None]) -> None:
    title = "Professionnels de santé"
    formats = (
        ("CSV", "csv", "text/csv", lambda: table_csv(persons_table(view, table), view, title)),
        ("vCard", "vcf", "text/vcard", lambda: persons_vcard(view, table.frame)),
    )
    for label, suffix, kind, made in formats:
        st.download_button(
            label,
            data=written(view.data.access, noted, suffix, made),
            file_name=file_name(view, "professionnels", suffix),
            mime=kind,
            key=f"obs_{suffix}_professionnels",
            type="tertiary",
            on_click="ignore",
        )
