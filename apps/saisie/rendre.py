"""Rendre un classeur: tried first, then taken; what is refused is named by its cell."""

from __future__ import annotations

from apps.kit import forms
from apps.kit.forms import Field, Form, Kind, Submission, told
from apps.saisie import tableur
from apps.saisie.entree import Entree, admise
from lake.words import agreed

_SAID = 10
"""Cells that are named; the others are counted."""

FORM = Form(
    "rendre_classeur",
    (
        Field(
            "classeur", "Classeur rempli", Kind.FILE, types=("xlsx",),
            note="Celui du bouton ci-dessus. Une case vide ne change rien ; EFFACER efface.",
        ),
    ),
    (forms.Action("essayer", "Essayer"), forms.Action("importer", "Importer en brouillon", main=False)),
    audience=admise,
)  # fmt: skip


def draw(here: Entree) -> None:
    """Draw the form that takes a workbook back."""
    forms.draw(FORM, lambda sent: rendu(here, sent))


def rendu(here: Entree, sent: Submission) -> str:
    """Read a workbook; what was or would be done, in words.

    Raises:
        LakeError: it is no workbook of ours.
    """
    given, tries = sent.values["classeur"], sent.action == "essayer"
    found = tableur.lire(here.store, here.referentiel, given.content, given.name, par=here.email, essai=tries)
    for kind, word in (("refuses", "refusée"), ("conflits", "en conflit")):
        cells = found[kind]
        for one in cells[:_SAID]:
            told.warn(f"{one['cellule']} {word} : {one['raison']}")
        if len(cells) > _SAID:
            told.warn(f"… et {len(cells) - _SAID} autres cases {word}s.")
    changed = found["modifies"]
    would = "seraient modifiée(s)" if changed >= 2 else "serait modifiée(s)"
    done = agreed(changed, f"{changed} réponse(s) {would if tries else 'modifiée(s), en brouillon'}")
    return (
        f"{'Essai : ' if tries else ''}{done}, {found['inchanges']} inchangées, {len(found['conflits'])} en conflit, "
        f"{len(found['refuses'])} refusées."
    )
