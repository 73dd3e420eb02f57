"""Contracts of what explains a referential, and of what becomes of its criteria in the next version."""

from __future__ import annotations

import dataframely as dy

from lake.catalog.convergence import PAR_VERSION, VOLET_FORM, table_of
from lake.contract import text


class FichesSchema(dy.Schema):
    """One row per text that explains a questionnaire, an axis, a criterion or a level."""

    volet = dy.String(primary_key=True, regex=VOLET_FORM, description="Volet : regions ou industriels")
    version = dy.String(primary_key=True, description="Version du référentiel")
    objet = dy.String(
        primary_key=True,
        regex=r"^(questionnaire|axe|critere|niveau)$",
        description="Ce que le texte explique : questionnaire, axe, critere ou niveau",
    )
    code = dy.String(primary_key=True, description="Son code")
    niveau = dy.Int64(primary_key=True, min=-1, max=3, description="Le niveau ; -1 hors d'un niveau")
    champ = dy.String(
        primary_key=True,
        regex=r"^(cible|trajectoire|lien|preuve|recommandation|aide|sens)$",
        description="Champ : cible, trajectoire, lien, preuve, recommandation, aide ou sens",
    )
    ordre = dy.Int64(primary_key=True, min=0, description="Rang parmi les textes du même champ")
    texte = dy.String(description="Le texte")
    url = text("Adresse https d'un lien", regex=r"^https://")


class QuestionsSchema(dy.Schema):
    """One row per preliminary question."""

    volet = dy.String(primary_key=True, regex=VOLET_FORM, description="Volet : regions ou industriels")
    version = dy.String(primary_key=True, description="Version du référentiel")
    question = dy.String(primary_key=True, description="Code de la question")
    sujet = dy.String(regex=r"^(service|si_regional|produit)$", description="Qui répond")
    libelle = dy.String(description="La question")
    aide = text("Ce qui aide à répondre")
    ordre = dy.Int64(min=0, description="Rang")


class CorrespondancesSchema(dy.Schema):
    """One row per criterion (or level) of an older version that another one takes up."""

    volet = dy.String(primary_key=True, regex=VOLET_FORM, description="Volet : regions ou industriels")
    version = dy.String(primary_key=True, description="Version du référentiel, la nouvelle")
    depuis = dy.String(primary_key=True, description="Version d'avant")
    critere_avant = dy.String(primary_key=True, description="Critère d'avant")
    niveau_avant = dy.Int64(
        primary_key=True, min=-1, max=3, description="Son niveau ; -1 : tous, repris tels quels"
    )
    critere = dy.String(primary_key=True, description="Critère qui le reprend ; vide : aucun")
    niveau = dy.Int64(nullable=True, min=0, max=3, description="Niveau qui le reprend")
    certitude = dy.String(
        regex=r"^(sure|a_revoir)$", description="Certitude : sure, ou a_revoir par qui répond"
    )


FICHES = table_of(
    "fiches",
    "Textes du référentiel",
    "Cible, trajectoire, liens, preuves, sens des niveaux.",
    FichesSchema,
    PAR_VERSION,
)


QUESTIONS = table_of(
    "questions",
    "Questions posées d'abord",
    "Les questions préliminaires et leurs libellés.",
    QuestionsSchema,
    PAR_VERSION,
)


CORRESPONDANCES = table_of(
    "correspondances",
    "Correspondances",
    "Ce que deviennent les critères d'une version dans la suivante.",
    CorrespondancesSchema,
    PAR_VERSION,
)

TABLES = (FICHES, QUESTIONS, CORRESPONDANCES)
