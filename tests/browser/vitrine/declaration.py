"""The showcase's pages: each component once, on the directory's universe."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import streamlit as st

from apps.kit.charts.charts import Chart, Scale, bars, columns, lines
from apps.kit.charts.distribution import distribution
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column, Table, measure_columns, split_total
from apps.kit.data.view import View
from apps.kit.filters.filters import Choice, Option, Snapshot, Territory
from apps.kit.maps.basemap import base_map, shade
from apps.kit.maps.basemap import draw as draw_folium
from apps.kit.maps.maps import Map, choropleth, classify
from apps.kit.maps.points import Points, point_map
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Drawn, Note
from apps.kit.style import french
from apps.kit.style.theme import SERIES
from lake.catalog.annuaire import PRECISIONS_LOCALISEES
from lake.catalog.territoires import CONTOURS
from lake.errors import LakeError
from scoring.universes import engine
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.model import Format

_MEASURES = ("professionnels", "densite_pour_10000")
_DENSITY = Scale(Format.DECIMAL, "pour 10 000 habitants")


def _people(view: View) -> str:
    return french.counted(int(view.value("professionnels") or 0), "personne")


def _reading(view: View) -> str:
    return f"{_people(view)} au {view.date_in_words()}."


def _figures(view: View) -> Figures:
    now = view.value("professionnels")
    before = view.value("professionnels", at=view.before) if view.before else None
    since = f"depuis le {french.long_date(view.before)}" if view.before else ""
    return Figures(
        [
            Figure("Professionnels", french.number(now), french.change(now, before, since=since)),
            Figure(
                "Densité",
                view.write("densite_pour_10000", view.value("densite_pour_10000")),
                reference="Région : 2,0",
            ),
            Figure("Sites", french.number(view.value("sites")), french.change(3, 3)),
            Figure(
                "Localisés",
                french.share(view.value("part_localises")),
                link=("1 non localisé : pourquoi ?", "?"),
            ),
        ]
    )


def _map(view: View) -> Map:
    mesh = view.option("maille")
    code = ANNUAIRE.axis(mesh).code or mesh
    frame = view.query(_MEASURES, [code], complete=True, apart=[mesh])
    spec, classes = choropleth(view, mesh, frame, code, "densite_pour_10000", _DENSITY)
    rows, total = split_total(view.query(_MEASURES, [code, mesh], total=True, apart=[mesh]), [code, mesh])
    return Map(
        spec,
        Table(rows, measure_columns(ANNUAIRE, [mesh, *_MEASURES]), total, key=code),
        classes,
        mesh=mesh,
        unit="professionnels pour 10 000 habitants",
        title="Où exercent-ils ?",
        reading="Les densités par territoire.",
        picks=mesh,
        counted=_people(view),
        measures=_MEASURES,
        corner="1 non localisé",
    )


def _professions(view: View) -> Chart:
    frame = view.query(["professionnels"], ["code_profession", "profession"], apart=["profession"])
    return Chart(
        bars(frame, "profession", "professionnels", Scale(title="personnes"), code="code_profession"),
        Table(frame, measure_columns(ANNUAIRE, ["profession", "professionnels"]), key="code_profession"),
        title="Quelles professions ?",
        picks="profession",
        counted=_people(view),
        measures=("professionnels",),
    )


def _communes(view: View) -> Table:
    by = ["code_commune", "commune"]
    rows, total = split_total(view.query(_MEASURES, by, total=True, apart=["commune"]), by)
    return Table(
        rows,
        measure_columns(ANNUAIRE, ["commune", *_MEASURES]),
        total,
        key="code_commune",
        title="Par commune",
        picks="commune",
        counted=french.counted(rows.height, "commune"),
        measures=_MEASURES,
    )


CARTE = Page(
    name="carte",
    title="Carte",
    question="Où exercent les professionnels de santé ?",
    reading=_reading,
    universe=ANNUAIRE,
    filters=(Territory(), Choice("profession"), Choice("mode_exercice"), Snapshot()),
    figures=_figures,
    rows=(
        (
            Block("carte", _map, 1.6, (Option("maille", "Maille", {"epci": "EPCI", "commune": "Communes"}),)),
            Block("communes", _communes),
        ),
        Block("professions", _professions),
    ),
    section="Cartes",
)


def _months() -> pl.DataFrame:
    months = [date(2022, month, 1) for month in (1, 2, 3, 5, 6, 7)]  # April is missing
    return pl.DataFrame(
        {
            "mois": months * 2,
            "service": ["Messagerie"] * 6 + ["Dossier médical"] * 6,
            "valeur": [10, 14, 15, 22, 30, 34, 40, 41, 47, 46, 52, 58],
        }
    )


_MONTH_COLUMNS = (
    Column("service", "Service"), Column("mois", "Mois"), Column("valeur", "Valeur", Format.INTEGER),
)  # fmt: skip


def _lines(_view: View) -> Chart:
    frame = _months()
    return Chart(
        lines(frame, "mois", "valeur", Scale(title="messages"), series="service"),
        Table(frame, _MONTH_COLUMNS),
        title="Comment évoluent les services ?",
        reading="Avril manque : la ligne s’interrompt.",
        counted="6 mois",
    )


def _columns(_view: View) -> Chart:
    frame = _months().filter(pl.col("service") == "Messagerie")
    return Chart(
        columns(frame, "mois", "valeur", Scale(title="messages")),
        Table(frame, _MONTH_COLUMNS),
        title="Mois par mois",
        counted="6 mois",
    )


def _distribution(view: View) -> Chart:
    frame = view.query(_MEASURES, ["commune"], complete=True)
    return Chart(
        distribution(frame, "densite_pour_10000", _DENSITY, noun="communes", mark=2.0, mark_label="Région"),
        Table(frame, measure_columns(ANNUAIRE, ["commune", *_MEASURES])),
        title="Comment se répartissent les communes ?",
        counted=french.counted(frame.height, "commune"),
        measures=("densite_pour_10000",),
    )


def _changes(_view: View) -> Table:
    frame = pl.DataFrame({"lieu": ["Est", "Sud"], "ecart": [2, -1], "taux": [0.125, None]})
    return Table(
        frame,
        (
            Column("lieu", "Territoire"),
            Column("ecart", "15 jours", Format.INTEGER, change=True),
            Column("taux", "Part", Format.SHARE),
        ),
        title="Ce qui a bougé",
        counted="2 territoires",
    )


def _note(_view: View) -> Note:
    return Note(
        "Une personne compte pour une : à temps plein comme à temps partiel.", title="Comment on compte ?"
    )


def _own(_view: View) -> Drawn:
    return Drawn(lambda _shown: st.markdown("Une vue qui se dessine elle-même."), title="Vue libre")


EVOLUTION = Page(
    name="evolution",
    title="Évolution",
    question="Qu’est-ce qui change ?",
    reading=_reading,
    universe=ANNUAIRE,
    filters=(Territory(("departement",)), Choice("secteur"), Snapshot()),
    rows=(
        Block("lignes", _lines),
        (Block("colonnes", _columns), Block("repartition", _distribution)),
        (Block("ecarts", _changes), Block("note", _note), Block("libre", _own)),
    ),
    section="Temps",
)


def _folium(view: View) -> Drawn:
    def drawn(shown: View) -> None:
        made = base_map((48.4, 7.0, 48.7, 7.3), tiles=False)
        frame = shown.data.frame(CONTOURS).filter(pl.col("maille") == "commune")
        features = [
            {"geometry": json.loads(text), "properties": {"code": code, "nom": f"<b>{code}</b>"}}
            for code, text in frame.select("code", "geojson").iter_rows()
        ]
        values = dict(shown.query(["professionnels"], ["code_commune"], complete=True).iter_rows())
        classes = classify(pl.Series(list(values.values())), Scale())
        shade(made, features, values, classes, {code: french.number(value) for code, value in values.items()})
        code = draw_folium(made, "folium", picks=True)
        st.markdown(f"Commune choisie : {code or 'aucune'}")

    return Drawn(drawn, title="Sur un fond de carte")


FOND = Page(
    name="fond",
    title="Fond de carte",
    question="Dans quelle rue ?",
    reading=_reading,
    universe=ANNUAIRE,
    filters=(Territory(),),
    rows=(Block("fond", _folium),),
    section="Cartes",
)


def _refused(_view: View) -> Table:
    raise LakeError("Le fichier n’a pas de colonne « valeur ».", conseil="Ajoutez-la, puis recommencez.")


def _broken(_view: View) -> Table:
    raise ZeroDivisionError("secret interne")


def _points(view: View) -> Points:
    rows = engine.detail(ANNUAIRE, view.data.scan, view.data.dated(ANNUAIRE, view.selection)).collect()
    located = rows.filter(pl.col("geo_precision").is_in(PRECISIONS_LOCALISEES)).select(
        "longitude", "latitude", id="identification_nationale_pp", texte="nom_exercice",
        categorie="libelle_profession",
    )  # fmt: skip
    names = sorted(located["categorie"].unique())
    legend = dict(zip(names, SERIES, strict=False))
    deck, grouped = point_map(view.data, located, colours=legend, base_map=view.option("fond") == "ign")
    frame = view.query(_MEASURES, ["commune"])
    return Points(
        deck,
        Table(frame, measure_columns(ANNUAIRE, ["commune", *_MEASURES])),
        located=located.height,
        missing=rows.height - located.height,
        noun=("activité", "activités"),
        why="/carte",
        grouped=grouped,
        title="Où sont-ils, un à un ?",
        option="point",
        counted=_people(view),
        legend=legend,
    )


def _card(view: View) -> Note:
    return Note(f"Point choisi : {view.option('point') or 'aucun'}.", title="Fiche")


POINTS = Page(
    name="points",
    title="Points",
    question="Où sont-ils exactement ?",
    reading=_reading,
    universe=ANNUAIRE,
    filters=(Territory(), Choice("profession")),
    rows=(
        (
            Block(
                "points",
                _points,
                2.0,
                (Option("fond", "Fond de carte", {"sans": "Sans fond", "ign": "Plan IGN"}),),
            ),
            Block("fiche", _card),
        ),
    ),
    texts=("point",),
    section="Cartes",
)

ERREURS = Page(
    name="erreurs",
    title="Erreurs",
    question="Que dit une page qui échoue ?",
    reading=_reading,
    universe=ANNUAIRE,
    filters=(Territory(("departement",)),),
    rows=(Block("refus", _refused), Block("incident", _broken), Block("intact", _communes)),
    section="Temps",
)

PAGES = (CARTE, POINTS, FOND, EVOLUTION, ERREURS)
