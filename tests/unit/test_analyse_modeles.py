"""The shipped analyses: each drawn whole on the demonstration, in a form that the gallery allows, and loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader

from apps.analyses.faits import facts
from apps.analyses.feuille import feuille
from apps.analyses.lot import rendered
from apps.analyses.modeles import MODELES, shipped
from apps.kit.charts.figures import Figures
from apps.kit.charts.tables import Table
from apps.kit.data.data import Data
from apps.kit.pages.pieces import Note, Piece, counted, twin
from apps.kit.pages.sheet import figures_of, walk
from lake.settings import Settings
from lake.tables import Lake
from scoring.analyses.faits import Question
from scoring.analyses.regles import verdict
from scoring.analyses.spec import GENRES
from tests.demo_lake import called

APPROVED = Path(__file__).resolve().parent / "lectures_modeles"
MOST = 12
"""Rows of a table that are written."""


def read(piece: Piece | Figures | None) -> list[str]:
    """What a reader reads of a view: title, sentence, cards, headings, rows, caption, total."""
    if piece is None or isinstance(piece, Note):
        return []
    said = [
        f"{type(piece).__name__.lower()} · {piece.title}",
        f"lecture · {piece.reading}",
        f"compte · {counted(piece)}",
    ]
    if isinstance(piece, Figures):
        said += [f"chiffre · {one.words()}" for one in piece.cards]
        said += [f"part · {part.label} : {part.value}" for one in piece.cards for part in one.parts]
        return [one for one in said if not one.endswith("· ")]
    table = twin(piece)
    if table is not None:
        said.append("colonnes · " + " | ".join(column.label for column in table.columns))
        rows = table.frame.select(column.name for column in table.columns)
        for row in rows.head(MOST).iter_rows():
            said.append("ligne · " + " | ".join(c.write(v) for c, v in zip(table.columns, row, strict=True)))
        if table.total is not None:
            said.append("total · " + " | ".join(c.write(table.total.get(c.name)) for c in table.columns))
        said.append(f"lignes · {rows.height}")
    return [one for one in said if not one.endswith("· ")]


@pytest.fixture(scope="module")
def data(petit_lake: Path) -> Data:
    return Data(Lake(Settings(lake=str(petit_lake))))


def test_five_models_and_the_key_figures_are_shipped() -> None:
    assert [shipped(name).genre for name in MODELES] == ["indicateurs", *["modele"] * 5]
    assert set(GENRES) >= {"indicateurs", "modele"}
    ids = [section.id for name in MODELES for section in shipped(name).sections]
    assert len(ids) == len(set(ids)), (
        "a copied section keeps its id: no two of them may be taken for each other"
    )
    assert not any(letter in "aeiouy" for one in ids for letter in one)


@pytest.mark.parametrize("name", MODELES)
def test_a_model_is_drawn_whole_and_reads_as_approved(
    data: Data, name: str, request: pytest.FixtureRequest
) -> None:
    """Every word and figure of a model is in a file: written again by ``--approuver``, read before it is kept."""
    analyse = shipped(name)
    sheet = feuille(analyse, lambda _universe: data)
    lines: list[str] = []
    for section, part in zip(analyse.sections, sheet.shown()[1:], strict=True):
        assert section.graphique is not None
        assert part.view is not None, section.id
        texts = f"{part.part.introduction} {part.part.conclusion}"
        assert "{{" not in texts
        assert "chiffre non lu" not in texts
        lines += [f"## {part.part.title}", *(line for line in texts.splitlines() if line.strip())]
        lines += read(figures_of(part))
        for one in walk(part):
            lines += read(one.piece)
            assert not isinstance(one.piece, Note), (section.id, one.piece)
            if section.graphique.type not in ("tableau", "liste"):
                assert not isinstance(one.piece, Table), (section.id, one.piece.reading)
        found = figures_of(part)
        assert found is None or found.cards
    file = APPROVED / f"{name}.txt"
    if request.config.getoption("--approuver"):
        file.write_text("\n".join(lines) + "\n", "utf-8")
    assert lines == file.read_text("utf-8").splitlines()


@pytest.mark.parametrize("name", MODELES)
def test_the_form_of_each_section_is_one_that_the_gallery_allows(data: Data, name: str) -> None:
    for section in shipped(name).sections:
        chart = section.graphique
        assert chart is not None
        universe = feuille(shipped(name), lambda _universe: data).view.universe
        view = next(
            part for part in feuille(shipped(name), lambda _: data).shown() if part.part.name == section.id
        ).view
        assert view is not None
        question = Question.of(
            universe,
            chart.mesures,
            chart.axes,
            facts(data, universe, chart.mesures, chart.axes, view.selection),
        )
        assert verdict(chart.type, question).possible, (section.id, verdict(chart.type, question))


def test_a_model_is_a_document_to_read(data: Data) -> None:
    from datetime import UTC, datetime
    from io import BytesIO

    made = rendered(shipped("dmp"), lambda _: data, now=datetime(2022, 12, 1, tzinfo=UTC))
    assert made.avertissements == ()
    assert sorted(made.sections) == [1, 2, 3, 4, 5]
    text = " ".join("".join(page.extract_text() for page in PdfReader(BytesIO(made.pdf)).pages).split())
    assert "Combien de documents, dans combien de dossiers ?" in text.replace("\u202f", " ")
    assert "Pour décider." in text


def test_the_models_are_loaded_once(petit_lake: Path, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/s.db"
    first = called("analyse", "modeles", lake=petit_lake, store=store).stdout.splitlines()
    assert [line.split("  ")[0] for line in first] == ["créé"] * 6
    again = called("analyse", "modeles", lake=petit_lake, store=store).stdout.splitlines()
    assert [line.split("  ")[0] for line in again] == ["inchangé"] * 6
