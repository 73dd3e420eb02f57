"""The ``accessibilite`` universe: who has how many professionals within reach, before and after a scenario.

A row is a commune of the region; one more holds the heads whose commune is unknown. Everything is computed on the
whole scope: territories only say which communes are counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from scoring.annuaire.inside import everywhere, inside
from scoring.annuaire.territory import MESHES as MESHES
from scoring.reach import asked
from scoring.reach.floating import VALUE as VALUE
from scoring.reach.floating import Accessibilite
from scoring.reach.official import profession
from scoring.reach.scenario import effect, read_moves
from scoring.sums import close as close
from scoring.universes.annuaire import TERRITOIRES
from scoring.universes.directory import (
    NUMBER,
    NUMBERS,
    PROFESSIONAL,
    declared,
    once,
    refuse,
    weighted_quantile,
)
from scoring.universes.memory import remembered
from scoring.universes.model import Axis, Format, Kind, Measure, Scan, Term
from scoring.universes.parameters import Parameter
from scoring.universes.selection import Selection

AGES, TOTALE = asked.AGES, asked.TOTALE
AFTER = "accessibilite_apres_pour_10000"
GAP = "ecart_pour_10000"
CHANGED = 1e-9
"""An access that differs by less than this did not change: heads are shared in fractions."""
_STEPS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
"""Classes of communes, as multiples of the threshold."""

PARAMETERS = (
    Parameter("vitesse", "Vitesse moyenne (km/h)", pattern=NUMBER, form="un nombre, par exemple 50"),
    Parameter("detour", "Facteur de détour", pattern=NUMBER, form="un nombre, par exemple 1,3"),
    Parameter("paliers", "Paliers de temps (minutes)", pattern=NUMBERS, form="des nombres : 5;10;15"),
    Parameter("poids", "Poids de chaque palier", pattern=NUMBERS, form="des nombres : 1;0,3;0,1"),
    Parameter(
        "demande",
        "Population qui demande des soins",
        values={"": "automatique", asked.AGES: "standardisée par âge", asked.TOTALE: "totale"},
    ),
    Parameter("seuil", "Seuil (pour 10 000 hab.)", pattern=NUMBER, form="un nombre, par exemple 10"),
    Parameter(
        "actions", "Actions du scénario", pattern=r".{1,4000}", form="commune*effectif, par exemple 67482*2"
    ),
)
CLASSE = Axis(
    "classe", "Classe d'accessibilité", pl.col("classe"), code="code_classe", text=pl.col("classe_mots")
)
BASE_DEMANDE = Axis(
    "base_demande",
    "Population utilisée",
    pl.col("base_demande"),
    words={asked.AGES: "standardisée par âge", asked.TOTALE: "totale"},
)


def numbers(text: str) -> tuple[float, ...]:
    """``5;10;15`` as numbers; nothing for an empty text."""
    return tuple(float(part.strip().replace(",", ".")) for part in text.split(";") if part.strip())


def number(text: str) -> float | None:
    """A decimal number, comma or point; None for an empty text."""
    return float(text.replace(",", ".")) if text else None


def ground(scan: Scan, selection: Selection) -> asked.Terrain:
    """The communes and who is within reach of whom, under the parameters of a selection (kept)."""
    how = asked.parametres(
        number(selection.parameter("vitesse")),
        number(selection.parameter("detour")),
        numbers(selection.parameter("paliers")),
        numbers(selection.parameter("poids")),
    )
    base = selection.parameter("demande")
    return remembered(
        scan, ("acces", how, base), asked.TABLES[1:], lambda: asked.terrain(scan, how, base), size="large"
    )


def _who(selection: Selection) -> Selection:
    return everywhere(Selection(dict(selection.filters), selection.date))


def offer(scan: Scan, selection: Selection, restrict: pl.Expr | None) -> pl.DataFrame:
    """The heads of the professionals selected, by commune of the whole scope (kept)."""
    who = _who(selection)
    return remembered(
        scan, ("offre", who), asked.TABLES[:1], lambda: asked.offered(scan, who, restrict=restrict)
    )


def computed(scan: Scan, selection: Selection, restrict: pl.Expr | None) -> Accessibilite:
    """The accessibility of every commune (kept)."""
    how = tuple(selection.parameter(p.name) for p in PARAMETERS[:5])
    return remembered(
        scan,
        ("accessibilite", how, _who(selection)),
        asked.TABLES,
        lambda: asked.computed(ground(scan, selection), offer(scan, selection, restrict)),
    )


def everyone(scan: Scan, selection: Selection, restrict: pl.Expr | None) -> pl.DataFrame:
    """One row per commune of the scope, whatever the territories selected (kept)."""
    said = tuple(selection.parameter(p.name) for p in PARAMETERS)
    return remembered(
        scan,
        ("communes", said, _who(selection)),
        asked.TABLES,
        lambda: _communes(scan, selection, restrict),
    )


def _communes(scan: Scan, selection: Selection, restrict: pl.Expr | None) -> pl.DataFrame:
    land, result = ground(scan, selection), computed(scan, selection, restrict)
    offre = offer(scan, selection, restrict)
    asked_limit = number(selection.parameter("seuil"))
    limit = asked.usual_threshold(result.communes) if asked_limit is None else asked_limit
    moves = read_moves(selection.parameter("actions"))
    after = (
        result
        if not moves
        else effect(land.voisinage, land.demande, offre, moves, limit, before=result).apres
    )
    near = land.voisinage
    around = np.bincount(
        near.arrivee,
        near.poids * result.communes["demande"].to_numpy()[near.depart],
        minlength=result.communes.height,
    )
    known = land.demande.select("code_commune", "standardisee")
    rows = (
        result.communes.with_columns(
            offre_a_portee=pl.when(pl.Series(around > 0)).then("offre").otherwise(0.0),
            offre_apres=after.communes["offre"],
            apres=after.communes[VALUE],
        )
        .join(known, on="code_commune", how="left", maintain_order="left")
        .with_columns(
            base_demande=pl.when("standardisee").then(pl.lit(asked.AGES)).otherwise(pl.lit(asked.TOTALE))
        )
    )
    named = asked.shown(land, rows, Selection())
    lost = pl.DataFrame(
        {"population": [0], "demande": [0.0], "offre": [result.offre_sans_commune], "offre_a_portee": [0.0],
         "offre_apres": [result.offre_sans_commune]}
    ) if result.offre_sans_commune > CHANGED else named.clear()  # fmt: skip
    whole = pl.concat([named, lost], how="diagonal")
    starts = sorted({0.0, *(round(limit * step, 2) for step in _STEPS)})
    texts = [f"de {_written(low)} à {_written(high)}" for low, high in pairwise(starts)]
    texts.append(f"{_written(starts[-1])} et plus")
    rank = np.searchsorted(np.asarray(starts), whole[VALUE].fill_null(0.0).to_numpy(), side="right") - 1
    inhabited = pl.col("code_commune").is_not_null() & (pl.col("population") > 0)
    return whole.with_columns(
        seuil=pl.lit(limit),
        classe=pl.when(inhabited).then(pl.Series([f"{one:02d}" for one in rank], dtype=pl.String)),
        classe_mots=pl.when(inhabited).then(pl.Series([texts[one] for one in rank], dtype=pl.String)),
        date_extraction=pl.lit(selection.date, pl.Date),
    )


def _written(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def rows(scan: Scan, selection: Selection, axes: Sequence[Axis], restrict: pl.Expr | None) -> pl.LazyFrame:
    """The communes of the territories selected.

    Raises:
        RefusedCombination: the groups are of professionals, not of communes.
        LakeError: a parameter has no meaning, or the scenario removes more than there is.
    """
    refuse(axes, (*MESHES, "classe", "base_demande", "date_extraction"), "L'accessibilité")
    kept = everyone(scan, selection, restrict).lazy().filter(inside(selection))
    if any(axis is CLASSE for axis in axes):
        kept = kept.filter(pl.col("classe").is_not_null())
    return kept


def notes(scan: Scan, selection: Selection) -> Mapping[str, str]:
    """The population that asks for care, in sentences, and the communes left out."""
    land = ground(scan, selection)
    said = land.population
    left_out = len(land.voisinage.sans_centre)
    return {
        "base": said.base,
        "population": said.words(generalistes=profession(selection) == "10"),
        **({"sans_centre": str(left_out)} if left_out else {}),
    }


def _mean(value: str) -> tuple[Term, Term]:
    return Term(pl.col("demande") * pl.col(value)), Term(pl.col("demande"))


_INSIDE = pl.col("code_commune").is_not_null()
_COMMUNE = pl.col("code_commune").is_not_null().cast(pl.Int64)
_PER = "pour 10 000 hab."
_LIMIT = "Le seuil est celui qui est dit, sinon la moitié de la moyenne régionale."
_RECOMPUTED = "Une moyenne pondérée se recalcule : demandez-la à la maille voulue."


def _under(value: str, of: pl.Expr) -> Term:
    return Term(of, where=_INSIDE & (pl.col(value) < pl.col("seuil")))


def _share(name: str, label: str, value: str) -> Measure:
    return Measure(
        name, label, "", Kind.RATIO, f"Part des habitants qui vivent sous le seuil. {_LIMIT}",
        numerator=_under(value, pl.col("population")), denominator=Term(pl.col("population"), where=_INSIDE),
        format=Format.SHARE, alternative="Une part se recalcule : demandez-la à la maille voulue.",
    )  # fmt: skip


def _people(name: str, label: str, value: str) -> Measure:
    return Measure(
        name, label, "habitants", Kind.STOCK, f"Habitants des communes sous le seuil. {_LIMIT}",
        value=_under(value, pl.col("population")),
    )  # fmt: skip


def _places(name: str, label: str, value: str) -> Measure:
    return Measure(
        name, label, "communes", Kind.STOCK, f"Communes strictement sous le seuil. {_LIMIT}",
        value=_under(value, _COMMUNE),
    )  # fmt: skip


def _quantile(name: str, label: str, share: float, words: str) -> Measure:
    return Measure(
        name, label, _PER, Kind.RATIO, f"Accessibilité sous laquelle vit {words} des habitants.",
        numerator=Term(once(weighted_quantile(VALUE, "population", share))), denominator=Term(once(pl.lit(1.0))),
        format=Format.DECIMAL, alternative="Un quantile se recalcule : demandez-le à la maille voulue.",
    )  # fmt: skip


def _average(name: str, label: str, definition: str, value: str) -> Measure:
    numerator, denominator = _mean(value)
    return Measure(
        name, label, _PER, Kind.RATIO, definition, numerator=numerator, denominator=denominator,
        format=Format.DECIMAL, alternative=_RECOMPUTED,
        ne_mesure_pas="Ne mesure ni l'activité, ni les délais, ni les vrais trajets ; ce n'est pas l'APL de la DREES.",
    )  # fmt: skip


def _heads(name: str, label: str, definition: str, column: str, where: pl.Expr | None = None) -> Measure:
    return Measure(
        name, label, "têtes", Kind.STOCK, f"{definition} Une personne qui exerce dans k communes compte 1/k dans "
        "chacune.", value=Term(pl.col(column), where=where), format=Format.DECIMAL,
    )  # fmt: skip


_MOVED = (pl.col("apres") - pl.col(VALUE)).abs() > CHANGED
MEASURES = (
    Measure("communes", "Communes", "communes", Kind.STOCK, "Communes de la région dont le centre est connu.",
            value=Term(_COMMUNE)),
    Measure("communes_habitees", "Communes habitées", "communes", Kind.STOCK, "Communes qui ont un habitant au moins.",
            value=Term(_COMMUNE, where=pl.col("population") > 0)),
    Measure("population", "Habitants", "habitants", Kind.STOCK, "Population municipale (INSEE).",
            value=Term(pl.col("population"))),
    _heads("offre", "Têtes sur place", "Professionnels de la sélection, en têtes.", "offre"),
    _heads("offre_a_portee", "Têtes à portée", "Têtes qu'au moins une commune habitée atteint.", "offre_a_portee"),
    _average(VALUE, "Accessibilité potentielle",
             "Professionnels à portée pour 10 000 habitants (secteur flottant à deux pas), pondérés par la demande.",
             VALUE),
    Measure("seuil", "Seuil", _PER, Kind.RATIO, _LIMIT, numerator=Term(pl.col("seuil")),
            denominator=Term(pl.col("seuil").is_not_null().cast(pl.Int64)), format=Format.DECIMAL),
    _places("communes_sous_seuil", "Communes sous le seuil", VALUE),
    _people("population_sous_seuil", "Habitants sous le seuil", VALUE),
    _share("part_sous_seuil", "Part des habitants sous le seuil", VALUE),
    Measure("communes_sans_acces", "Communes habitées sans personne à portée", "communes", Kind.STOCK,
            "Communes habitées dont l'accessibilité est nulle.",
            value=Term(_COMMUNE, where=(pl.col("population") > 0) & (pl.col(VALUE) == 0))),
    Measure("population_sans_acces", "Habitants sans personne à portée", "habitants", Kind.STOCK,
            "Habitants des communes dont l'accessibilité est nulle.",
            value=Term(pl.col("population"), where=_INSIDE & (pl.col(VALUE) == 0))),
    _quantile("dixieme_pour_10000", "Un habitant sur dix a moins de", 0.1, "un dixième"),
    _quantile("mediane_pour_10000", "L'habitant médian", 0.5, "la moitié"),
    _quantile("neuf_dixiemes_pour_10000", "Un habitant sur dix a plus de", 0.9, "neuf dixièmes"),
    _heads("offre_apres", "Têtes sur place après le scénario", "Têtes après les actions du scénario.", "offre_apres"),
    _average(AFTER, "Accessibilité après le scénario", "La même, une fois les actions faites.", "apres"),
    Measure(GAP, "Écart d'accessibilité", _PER, Kind.RATIO, "Accessibilité après le scénario, moins celle d'avant.",
            numerator=Term(pl.col("demande") * (pl.col("apres") - pl.col(VALUE))), denominator=Term(pl.col("demande")),
            format=Format.DECIMAL, alternative=_RECOMPUTED),
    _places("communes_sous_seuil_apres", "Communes sous le seuil après", "apres"),
    _people("population_sous_seuil_apres", "Habitants sous le seuil après", "apres"),
    _share("part_sous_seuil_apres", "Part des habitants sous le seuil après", "apres"),
    Measure("communes_changees", "Communes dont l'accès change", "communes", Kind.STOCK,
            "Communes dont l'accessibilité n'est pas la même après le scénario.", value=Term(_COMMUNE, where=_MOVED)),
    Measure("population_changee", "Habitants dont l'accès change", "habitants", Kind.STOCK,
            "Habitants des communes dont l'accessibilité change.", value=Term(pl.col("population"), where=_MOVED)),
)  # fmt: skip

ACCESSIBILITE = declared(
    "accessibilite",
    "Accessibilité potentielle",
    rows,
    (*TERRITOIRES, *PROFESSIONAL, CLASSE, BASE_DEMANDE),
    MEASURES,
    asked.TABLES,
    parameters=PARAMETERS,
    notes=notes,
)
