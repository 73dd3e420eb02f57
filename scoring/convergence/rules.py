"""Convergence: what an answer and a planned step must respect, whoever gives them.

The files of a campaign and what is typed in are judged by the same functions. Each returns the rows it was given
with ``motif``: the first reason against the row in French, null where there is none. A reason is « rule : values »,
the values naming the service and the criterion: what stands before « : » is counted, what stands after is read.

Nothing here reads a file or a lake: frames in, frames out.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from lake.catalog.convergence import rang_expr, trimestre_acheve
from lake.catalog.convergence_links import chains, cycle_text
from scoring.convergence.answers import subject

KEY = ["service", "critere"]
_WHAT = "{} / {}"
_VERDICT = pl.col("motif")


def reason(broken: pl.Expr, words: str, template: str, columns: list[str]) -> pl.Expr:
    """The reason of a broken rule with the values that break it; null where it holds."""
    values = pl.format(template, *(pl.col(column).cast(pl.String).fill_null("") for column in columns))
    return pl.when(broken.fill_null(False)).then(pl.concat_str(pl.lit(words), values))


def unknown(column: str, known: pl.Series, words: str) -> pl.Expr:
    """Against a value that is none of the known ones (an empty value is not judged)."""
    lost = pl.col(column).is_not_null() & ~pl.col(column).is_in(known.drop_nulls().unique().implode())
    return reason(lost, f"{words} : ", "{}", [column])


def judge_answers(
    answers: pl.DataFrame,
    services: pl.DataFrame,
    criteres: pl.DataFrame,
    niveaux: pl.DataFrame,
    preliminaires: pl.DataFrame,
) -> pl.DataFrame:
    """The answers with the first reason against each.

    An answer is refused when its service or criterion is unknown; the criterion is asked of others, or hidden by a
    *known* preliminary answer; it is not exactly one of a level (that the criterion has), *not applicable* (where
    that is legal) and a carrier; its carrier is unknown or is not an infrastructure service; the criterion is
    answered twice (every such row: nothing says which is right); or carriers go round in a loop.

    Args:
        answers: ``service, critere, niveau, non_applicable, porte_par, transmis``, and any other column.
        services: ``service, kind``.
        criteres: ``critere, sujet, non_applicable, question`` of the referential.
        niveaux: ``critere, niveau``: the levels that exist.
        preliminaires: ``service, question, valeur``; a null value hides nothing.

    Returns:
        The rows and columns of ``answers`` in their order, and ``motif``.
    """
    masked = preliminaires.filter(~pl.col("valeur")).select("service", "question").unique()
    judged = (
        asked(answers, services, criteres)
        .join(_existing(niveaux), on=["critere", "niveau"], how="left", maintain_order="left")
        .join(
            masked.with_columns(masque=pl.lit(True)),
            on=["service", "question"],
            how="left",
            maintain_order="left",
        )
        .join(
            services.select(porte_par="service", nature_du_porteur="kind").unique("porte_par"),
            on="porte_par",
            how="left",
            maintain_order="left",
        )
    )
    given = (
        pl.col("niveau").is_not_null().cast(pl.Int8)
        + pl.col("non_applicable").cast(pl.Int8)
        + pl.col("porte_par").is_not_null().cast(pl.Int8)
    )
    free = pl.col("na_permis") | pl.col("question").is_not_null()
    judged = against(
        judged,
        reason(
            pl.col("masque").fill_null(False),
            "critère caché par la question préliminaire : ",
            "{} ({})",
            ["critere", "question"],
        ),
        pl.when(given == 0).then(pl.lit("réponse vide : ni niveau, ni non applicable, ni porté par")),
        pl.when(given > 1).then(
            pl.lit("plusieurs réponses sur une ligne : niveau, non applicable, porté par")
        ),
        reason(
            pl.col("niveau").is_not_null() & pl.col("existe").is_null(),
            "niveau que le critère n'a pas : ",
            "{} pour {}",
            ["niveau", "critere"],
        ),
        reason(pl.col("non_applicable") & ~free, "non applicable interdit : ", "{}", ["critere"]),
        unknown("porte_par", services["service"], "service porteur inconnu"),
    )
    judged = disputed(judged, KEY, "deux réponses pour un critère")
    # After the loops: « A → B → A » tells more of what is wrong than the nature of A.
    judged = against(
        _without_loops(judged),
        reason(
            pl.col("nature_du_porteur") != "infrastructure",
            "porteur qui n'est pas un service d'infrastructure : ",
            "{} pour " + _WHAT,
            ["porte_par", *KEY],
        ),
    )
    return judged.select(*answers.columns, "motif")


def judge_steps(
    steps: pl.DataFrame,
    services: pl.DataFrame,
    answers: pl.DataFrame,
    criteres: pl.DataFrame,
    niveaux: pl.DataFrame,
    jour: date,
) -> pl.DataFrame:
    """The planned steps with the first reason against each.

    A step is refused when its service or criterion is unknown, or the criterion is asked of others; it lacks its
    level or its quarter, or is unplannable at once; the criterion has no such level; its quarter is over; its
    service is to be decommissioned; the criterion has no answer or is *not applicable*; its level is today's or
    below; a level is planned twice, or a higher level for an earlier quarter than a lower one (every such row);
    the criterion is planned and unplannable at once.

    Args:
        steps: ``service, critere, niveau, trimestre, non_planifiable``, and any other column.
        services: ``service, kind, converge``.
        answers: the answers that stand: ``service, critere, niveau, non_applicable, porte_par, transmis``.
        criteres: ``critere, sujet, non_applicable, question`` of the referential.
        niveaux: ``critere, niveau``: the levels that exist.
        jour: the day of the answers: a quarter over by then is past.

    Returns:
        The rows and columns of ``steps`` in their order, ``etape`` (Int64: the level, plus 1; 0 when unplannable;
        null for a refused step without level) and ``motif``.
    """
    leaving = services.filter(~pl.col("converge")).select("service", part=pl.lit(True)).unique("service")
    judged = (
        asked(steps, services, criteres)
        .join(_existing(niveaux), on=["critere", "niveau"], how="left", maintain_order="left")
        .join(effective(answers), on=KEY, how="left", maintain_order="left")
        .join(leaving, on="service", how="left", maintain_order="left")
        .with_columns(rang=rang_expr())
    )
    step = pl.col("niveau").is_not_null() & pl.col("trimestre").is_not_null()
    none = pl.col("niveau").is_null() & pl.col("trimestre").is_null()
    judged = against(
        judged,
        pl.when(~pl.col("non_planifiable") & ~step).then(
            pl.lit("étape incomplète : il faut un niveau et un trimestre, ou non planifiable")
        ),
        pl.when(pl.col("non_planifiable") & ~none).then(
            pl.lit("étape à la fois planifiée et non planifiable")
        ),
        reason(
            step & pl.col("existe").is_null(),
            "niveau que le critère n'a pas : ",
            "{} pour {}",
            ["niveau", "critere"],
        ),
        reason(
            step & (pl.col("rang") <= trimestre_acheve(jour)), "plan dans le passé : ", "{}", ["trimestre"]
        ),
        reason(step & pl.col("part"), "plan d'un service qui sera décommissionné : ", _WHAT, KEY),
        reason(pl.col("repondu").is_null(), "plan sur un critère sans réponse : ", "{}", ["critere"]),
        reason(
            step & pl.col("na_du_jour").fill_null(False),
            "plan sur un critère non applicable : ",
            "{}",
            ["critere"],
        ),
        reason(
            step & (pl.col("niveau") < pl.col("niveau_du_jour")),
            "plan sous le niveau du jour : ",
            "{} pour {}, à {}",
            ["niveau", "critere", "niveau_du_jour"],
        ),
        reason(
            step & (pl.col("niveau") == pl.col("niveau_du_jour")),
            "plan au niveau du jour, déjà atteint : ",
            "{} pour " + _WHAT,
            ["niveau", *KEY],
        ),
    )
    judged = judged.with_columns(
        etape=pl.when("non_planifiable").then(0).otherwise(pl.col("niveau") + 1).cast(pl.Int64)
    )
    judged = disputed(judged, [*KEY, "etape"], "deux étapes pour un niveau")
    judged = _in_order(judged)
    stands = _VERDICT.is_null()
    both = (stands & pl.col("non_planifiable")).any().over(KEY) & (stands.sum().over(KEY) > 1)
    judged = against(
        judged, reason(both, "critère à la fois planifié et non planifiable : ", "{}", ["critere"])
    )
    return judged.select(*steps.columns, "etape", "motif")


def disputed(judged: pl.DataFrame, key: list[str], words: str) -> pl.DataFrame:
    """Refuse every standing row of a key that several rows dispute: nothing says which one is right."""
    several = _VERDICT.is_null().sum().over(key) > 1
    return against(judged, reason(several, f"{words} : ", " / ".join("{}" for _ in key), key))


def effective(answers: pl.DataFrame) -> pl.DataFrame:
    """Today's level of each answer, carried ones included.

    Returns:
        ``service, critere, na_du_jour`` (Boolean), ``repondu`` (true), ``niveau_du_jour`` (Int64).
    """
    own = answers.select(*KEY, "niveau", na_du_jour="non_applicable")
    carried = (
        chains(answers)
        .closure.filter(pl.col("motif").is_null(), pl.col("ancetre") == pl.col("porteur"))
        .join(own.select(ancetre="service", critere="critere", herite="niveau"), on=["ancetre", "critere"])
        .select(*KEY, "herite")
    )
    return own.join(carried, on=KEY, how="left").select(
        *KEY, "na_du_jour", repondu=pl.lit(True), niveau_du_jour=pl.coalesce("niveau", "herite")
    )


# -- inside ------------------------------------------------------------------------------------------


def against(judged: pl.DataFrame, *reasons: pl.Expr) -> pl.DataFrame:
    """Keep the first reason against each row: those found before, then these in their order."""
    found = [_VERDICT] if "motif" in judged.columns else []
    return judged.with_columns(motif=pl.coalesce(*found, *reasons, pl.lit(None, pl.String)))


def asked(rows: pl.DataFrame, services: pl.DataFrame, criteres: pl.DataFrame) -> pl.DataFrame:
    """Rows with what their criterion is, refused when it is not asked of their service."""
    known = criteres.select("critere", "question", sujet_critere="sujet", na_permis="non_applicable").unique(
        "critere", keep="last", maintain_order=True
    )
    who = services.select("service", sujet=subject()).unique("service")
    return against(
        rows.join(who, on="service", how="left", maintain_order="left").join(
            known, on="critere", how="left", maintain_order="left"
        ),
        reason(pl.col("sujet").is_null(), "service orphelin : ", "{}", ["service"]),
        reason(pl.col("sujet_critere").is_null(), "critère inconnu : ", "{}", ["critere"]),
        reason(
            pl.col("sujet") != pl.col("sujet_critere"),
            "critère posé à d'autres : ",
            "{} pour un {}",
            ["critere", "sujet"],
        ),
    )


def _existing(niveaux: pl.DataFrame) -> pl.DataFrame:
    return niveaux.select("critere", "niveau").unique().with_columns(existe=pl.lit(True))


def _without_loops(judged: pl.DataFrame) -> pl.DataFrame:
    """Refuse the standing answers whose carriers go round in a loop, and those that lead to one."""
    found = chains(judged.filter(_VERDICT.is_null()))
    if not found.cycles:
        return judged
    words: dict[str, list[str]] = {critere: [] for critere, _ in found.cycles}
    for cycle in found.cycles:
        words[cycle[0]].append(cycle_text(*cycle))
    named = {critere: " ; ".join(texts) for critere, texts in words.items()}
    looped = found.en_cycle.with_columns(
        cycle=pl.col("critere").replace_strict(named, return_dtype=pl.String)
    )
    judged = judged.join(looped, on=KEY, how="left", maintain_order="left")
    loops = _VERDICT.is_null() & pl.col("cycle").is_not_null()
    return against(judged, reason(loops, "réponses portées en cycle : ", "{}", ["cycle"]))


def _in_order(judged: pl.DataFrame) -> pl.DataFrame:
    """Refuse the standing steps of a criterion that plan a higher level for an earlier quarter."""
    stands = pl.when(_VERDICT.is_null() & ~pl.col("non_planifiable"))
    rank, level = stands.then("rang"), stands.then("niveau")
    pairs = (
        judged.with_row_index("_rang")
        .select("_rang", *KEY, quand=rank, haut=level, quarter="trimestre")
        .drop_nulls("haut")
    )
    crossed = pairs.join(pairs, on=KEY, suffix="_autre").filter(
        (pl.col("haut") > pl.col("haut_autre")) & (pl.col("quand") < pl.col("quand_autre"))
    )
    if crossed.is_empty():
        return judged
    told = pl.format(
        "{} / {}, niveau {} en {} avant niveau {} en {}",
        *KEY, "haut", "quarter", "haut_autre", "quarter_autre",
    )  # fmt: skip
    both = pl.concat(
        [crossed.select("_rang", dit=told), crossed.select(_rang="_rang_autre", dit=told)]
    ).unique("_rang", keep="first", maintain_order=True)
    placed = judged.with_row_index("_rang").join(both, on="_rang", how="left", maintain_order="left")
    return against(
        placed, reason(pl.col("dit").is_not_null(), "étapes dans le désordre : ", "{}", ["dit"])
    ).drop("_rang", "dit")
