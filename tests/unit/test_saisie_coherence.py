"""The questions that answers raise, on cases worked by hand."""

from __future__ import annotations

import polars as pl

from scoring.saisie.coherence import questions

SERVICES = pl.DataFrame(
    {
        "service": ["sso", "a", "b", "c"],
        "nom": ["Portail", "Agenda", "Bilan", "Carnet"],
        "publiable": [False, True, True, True],
        "utilise": [None, "sso", "sso", "sso"],
    }
)
ANSWERS = pl.DataFrame(
    [
        ("sso", "A05.1", 3, ""),
        ("a", "A11.1", 0, ""),
        ("b", "A11.1", 3, "essai"),
        ("c", "A04.2.1", 1, ""),
        ("c", "A05.1", None, ""),
    ],
    schema={"service": pl.String, "critere": pl.String, "niveau": pl.Int64, "commentaire": pl.String},
    orient="row",
)
BEFORE = pl.DataFrame(
    [("sso", "A05.1", 1), ("b", "A11.1", 0), ("a", "A11.1", 0)],
    schema={"service": pl.String, "critere": pl.String, "niveau": pl.Int64},
    orient="row",
)
HIDDEN = pl.DataFrame({"service": ["c"], "critere": ["A04.2.1"], "question": ["consomme_offre_de_sante"]})
EQUIPPED = pl.DataFrame({"service": ["a", "b"], "editeur": ["E", "E"], "solution": ["Doc+", "Doc+"]})


def test_each_question_names_what_it_is_about() -> None:
    found = questions(SERVICES, ANSWERS, BEFORE, HIDDEN, EQUIPPED)
    assert found.rows() == [
        ("a", "A11.1", "Avec la même solution (Doc+), « Bilan » répond 3 : pourquoi ?"),
        ("b", "A11.1", "Avec la même solution (Doc+), « Agenda » répond 0 : pourquoi ?"),
        (
            "c",
            "A04.2.1",
            "Une réponse est donnée alors que la question préliminaire « consomme offre de sante » dit qu’elle ne "
            "se pose pas : laquelle est juste ?",
        ),
        ("sso", "", "3 services s’appuient sur lui, et il n’est pas publiable : pourquoi ?"),
        ("sso", "A05.1", "Le niveau passe de 1 à 3 sans commentaire : qu’est-ce qui le montre ?"),
    ]


def test_nothing_to_ask_is_no_question() -> None:
    quiet = SERVICES.with_columns(publiable=pl.lit(True))
    said = ANSWERS.with_columns(commentaire=pl.lit("attestation jointe"))
    assert questions(quiet, said, BEFORE, HIDDEN.clear(), EQUIPPED.head(1)).is_empty()
    assert questions(quiet.clear(), said.clear(), BEFORE.clear(), HIDDEN.clear(), EQUIPPED.clear()).is_empty()
