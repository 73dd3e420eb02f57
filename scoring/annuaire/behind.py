"""The persons behind one figure of what changed between two extractions (:mod:`scoring.annuaire.changes`)."""

from __future__ import annotations

import polars as pl

from lake.errors import UnknownName
from scoring.annuaire.changes import PERSON, PROFESSION, TERRITORY, WHOLE, Perimetre, Situation, movements


def behind(
    scope: Perimetre,
    count: str,
    activities: pl.LazyFrame,
    mesh: str = WHOLE,
    *,
    by_profession: bool = False,
    territory: str | None = None,
    profession: str | None = None,
    unknown_territory: bool = False,
) -> pl.LazyFrame:
    """The persons behind one figure of a :func:`summary`.

    Args:
        scope: result of :func:`perimeter`.
        count: the figure: one of :data:`COUNTS`, ``ecart`` apart.
        activities: rows of ``annuaire__activites`` of both extractions, for the names.
        mesh: the mesh of the figure.
        by_profession: whether the figure tells professions apart.
        territory: only this territory; all of them when None.
        profession: only this profession (its code); needs ``by_profession``.
        unknown_territory: only the rows whose territory is unknown.

    Returns:
        LazyFrame sorted by name: ``territoire``, ``code_profession`` (if asked),
        ``identification_nationale_pp``, ``nom``, ``prenom``, ``profession``, ``situation`` (String),
        ``communes_avant``, ``communes_apres``, ``modes_avant``, ``modes_apres`` (List[String], sorted: the
        codes anywhere in the scope, empty when absent; unknown communes left out).

    Raises:
        UnknownName: there is no such figure, or mesh.
    """
    what = pl.col("situation")
    stays = [Situation.RESTE.value]
    meaning = {
        "debut": what.is_in([*stays, Situation.DEPART.value, Situation.SORTIE.value]),
        "arrivees": what == Situation.ARRIVEE.value,
        "entrees": what == Situation.ENTREE.value,
        "departs": what == Situation.DEPART.value,
        "sorties": what == Situation.SORTIE.value,
        "fin": what.is_in([*stays, Situation.ARRIVEE.value, Situation.ENTREE.value]),
        "deplacements": pl.col("deplacement"),
        "changements_mode": pl.col("changement_mode"),
        "bascules": pl.col("bascule"),
        "arrivees_connues": pl.col("connu") & (what == Situation.ARRIVEE.value),
        "departs_connus": pl.col("connu") & (what == Situation.DEPART.value),
    }
    if count not in meaning:
        raise UnknownName("chiffre d'évolution", count, meaning)
    rows = movements(scope, mesh, by_profession=by_profession).filter(meaning[count])
    if unknown_territory:
        rows = rows.filter(pl.col(TERRITORY).is_null())
    elif territory is not None:
        rows = rows.filter(pl.col(TERRITORY) == territory)
    if profession is not None:
        rows = rows.filter(pl.col(PROFESSION) == profession)
    person = ["_p", PROFESSION] if by_profession else ["_p"]
    chosen = rows.select(person).unique()
    sets = (
        scope.lignes.join(chosen, on=person, how="semi")
        .group_by(person)
        .agg(
            _at("code_commune", later=False).alias("communes_avant"),
            _at("code_commune", later=True).alias("communes_apres"),
            _at("code_mode_exercice", later=False).alias("modes_avant"),
            _at("code_mode_exercice", later=True).alias("modes_apres"),
        )
    )
    identified = rows.join(scope.personnes, on="_p").join(sets, on=person)
    names = (
        activities.join(identified, on=PERSON, how="semi")
        .group_by(PERSON)
        .agg(
            nom=pl.col("nom_exercice").drop_nulls().sort().last(),
            prenom=pl.col("prenom_exercice").drop_nulls().sort().last(),
            profession=pl.col("libelle_profession").drop_nulls().unique().sort().str.join(" · "),
        )
    )
    return (
        identified.join(names, on=PERSON, how="left")
        .sort("nom", "prenom", PERSON, TERRITORY, nulls_last=True)
        .select(
            TERRITORY,
            *([PROFESSION] if by_profession else []),
            PERSON,
            "nom",
            "prenom",
            "profession",
            "situation",
            "communes_avant",
            "communes_apres",
            "modes_avant",
            "modes_apres",
        )
    )


def _at(column: str, *, later: bool) -> pl.Expr:
    when = pl.col("_apres") if later else ~pl.col("_apres")
    return pl.col(column).filter(when).drop_nulls().unique().sort()
