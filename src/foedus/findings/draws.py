"""Draws of the parameters with the figures found in each: what claims are judged on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from foedus.errors import QueryError
from foedus.numerics.designs import Scale
from foedus.scenario.statements import Figure


@dataclass(frozen=True, eq=False, kw_only=True)
class Draws:
    """One row for each draw of the parameters, in any order.

    - `names`, `parameters`: a column for each parameter; one that does not vary may be there.
    - `lows`, `highs`, `scales`: the ranges that the parameters were drawn from.
    - `solved`: whether every regime was solved. Figures of other draws are not read.
    - `figures`: the value of each figure; NaN where it conditions on what never happens.

    Raises `QueryError` where shapes disagree.
    """

    names: tuple[str, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    scales: tuple[Scale, ...]
    parameters: Float[np.ndarray, "draws parameters"]
    solved: Bool[np.ndarray, "draws"]
    figures: Mapping[Figure, Float[np.ndarray, "draws"]]

    def __post_init__(self) -> None:
        n, columns = self.solved.size, len(self.names)
        if self.parameters.shape != (n, columns):
            raise QueryError(
                f"Parameters of shape {self.parameters.shape} do not fit {n} draws of {columns} "
                "parameters."
            )
        if {len(self.lows), len(self.highs), len(self.scales)} != {columns}:
            raise QueryError(f"Each of {columns} parameters needs a low, a high and a scale.")
        wrong = [figure.quantity for figure, values in self.figures.items() if values.shape != (n,)]
        if wrong:
            raise QueryError(f"There is not one value for each of {n} draws of {', '.join(wrong)}.")

    @property
    def size(self) -> int:
        """The number of draws, solved or not."""
        return int(self.solved.size)

    def parameter(self, name: str) -> Float[np.ndarray, "draws"]:
        """The column of a parameter. Raises `QueryError` if there is none of that name."""
        if name not in self.names:
            raise QueryError(f"The draws have no parameter `{name}`.")
        column: Float[np.ndarray, "draws"] = self.parameters[:, self.names.index(name)]
        return column

    def figure(self, figure: Figure) -> Float[np.ndarray, "draws"]:
        """The values of a figure. Raises `QueryError` if it was not computed."""
        if figure not in self.figures:
            raise QueryError(f"The draws hold no values of {figure}.")
        return self.figures[figure]

    def take(self, rows: Int[np.ndarray, "rows"] | Bool[np.ndarray, "draws"]) -> Draws:
        """The draws with these positions, or those marked True."""
        return replace(
            self,
            parameters=self.parameters[rows],
            solved=self.solved[rows],
            figures={figure: values[rows] for figure, values in self.figures.items()},
        )

    def ordered(self) -> Draws:
        """The solved draws, sorted by their parameters: the same whatever order they came in."""
        solved = self.take(self.solved)
        return solved.take(np.lexsort(solved.parameters.T[::-1]))
