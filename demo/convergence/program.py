"""A small face on HiGHS for integer programs written as arrays.

HiGHS (https://highs.dev, MIT licence) does the solving; this module only gathers variables and rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import highspy
import numpy as np
from numpy.typing import NDArray

from lake.errors import LakeError

INFINITY = highspy.kHighsInf


class Infeasible(LakeError):
    """No assignment satisfies the rows: the figures asked for contradict each other."""


class Program:
    """An integer program: minimise a linear cost over bounded variables under ranged rows."""

    def __init__(self) -> None:
        self._lower: list[float] = []
        self._upper: list[float] = []
        self._cost: list[float] = []
        self._integer: list[bool] = []
        self._rows: list[tuple[float, float, list[int], list[float]]] = []

    def variable(self, lower: float, upper: float, cost: float = 0.0, *, integer: bool = True) -> int:
        """A new variable; its index."""
        self._lower.append(lower)
        self._upper.append(upper)
        self._cost.append(cost)
        self._integer.append(integer)
        return len(self._cost) - 1

    def row(
        self, terms: Mapping[int, float] | Iterable[tuple[int, float]], lower: float, upper: float
    ) -> None:
        """A new row ``lower ≤ Σ coefficient × variable ≤ upper``; several terms of a variable add up."""
        total: dict[int, float] = {}
        for index, value in terms.items() if isinstance(terms, Mapping) else terms:
            total[index] = total.get(index, 0.0) + value
        self._rows.append((lower, upper, list(total), list(total.values())))

    def solve(self, *, gap: float = 0.01, seconds: float = 300.0) -> NDArray[np.float64]:
        """The values of the variables in a solution within ``gap`` of the best.

        Raises:
            Infeasible: no solution satisfies the rows.
        """
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self._cost), len(self._rows)
        model.col_cost_ = np.array(self._cost)
        model.col_lower_ = np.array(self._lower)
        model.col_upper_ = np.array(self._upper)
        model.row_lower_ = np.array([row[0] for row in self._rows])
        model.row_upper_ = np.array([row[1] for row in self._rows])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0, *(len(row[2]) for row in self._rows)])
        model.a_matrix_.index_ = np.array([index for row in self._rows for index in row[2]], dtype=np.int32)
        model.a_matrix_.value_ = np.array([value for row in self._rows for value in row[3]])
        kinds = {True: highspy.HighsVarType.kInteger, False: highspy.HighsVarType.kContinuous}
        model.integrality_ = [kinds[integer] for integer in self._integer]
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 44),
            ("mip_rel_gap", gap),
            ("time_limit", seconds),
            ("mip_feasibility_tolerance", 1e-9),
        ):
            solver.setOptionValue(option, value)
        solver.passModel(model)
        solver.run()
        if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            raise Infeasible(
                f"Aucune solution entière ({solver.modelStatusToString(solver.getModelStatus())}).",
                conseil="Deux chiffres demandés se contredisent, ou le temps imparti est trop court.",
            )
        return np.array(solver.getSolution().col_value)
