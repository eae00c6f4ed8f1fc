r"""Choice probabilities of a dynamic game by state, with intervals from the estimates' own error.

Parameters are drawn from the sampling distribution, and the estimated equilibrium is followed to
each draw. Intervals are percentiles over the draws that it reaches; those where it ends on the
way are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from foedus.errors import QueryError, SolveError
from foedus.estimation.dynamic_branch import Branch

if TYPE_CHECKING:
    from foedus.estimation.dynamic_fit import DynamicFit


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Predictions:
    """Predicted choices in every state.

    - `table`: indexed by state; columns `player` (the data's column of its actions), `action`,
      `observations` of that player in the state, `probability`, `lower` and `upper`.
    - `draws`: how many were made. `ended`: on the way to how many of them the equilibrium ended.
    """

    table: pd.DataFrame
    draws: int
    ended: int
    level: float

    @property
    def players(self) -> tuple[str, ...]:
        """The players in the order of the model."""
        return tuple(dict.fromkeys(self.table["player"]))

    def __repr__(self) -> str:
        return repr(self.table)


def predict_choices(
    fit: DynamicFit, *, draws: int, level: float, seed: int, cov_type: str | None
) -> Predictions:
    """Choice probabilities at the estimate, with percentile intervals of that level.

    Raises `QueryError` for a level or a number of draws that makes no sense, `SolveError` where
    there is no equilibrium at the estimate. Where the branch reaches no draw, ends are NaN.
    """
    if not 0 < level < 1 or draws < 1:
        raise QueryError(
            f"a level lies between 0 and 1, and draws are at least 1; found {level}, {draws}"
        )
    branch, found, ended = Branch(fit.at), [], 0
    for theta in fit.draws(draws, seed=seed, cov_type=cov_type):
        try:
            found.append(branch.to(theta).at.choices)
        except SolveError:
            ended += 1
    low, high = (
        np.quantile(found, [(1 - level) / 2, (1 + level) / 2], axis=0)
        if found
        else np.full((2, *fit.at.choices.shape), np.nan)
    )
    model = fit.model
    labels = model.labels or [tuple(map(str, range(size))) for size in model.game.sizes]
    pieces = []
    for name, actions, span in zip(model.actions, labels, model.game.spans, strict=True):
        size = span.stop - span.start
        pieces.append(
            pd.DataFrame(
                {
                    "player": name,
                    "action": np.tile(np.array(actions, dtype=object), model.game.n_states),
                    "observations": np.repeat(fit.counts[:, span].sum(axis=1), size),
                    "probability": fit.at.choices[:, span].ravel(),
                    "lower": low[:, span].ravel(),
                    "upper": high[:, span].ravel(),
                },
                index=pd.MultiIndex.from_frame(model.states.iloc[np.repeat(
                    np.arange(model.game.n_states), size)]),
            )
        )  # fmt: skip
    return Predictions(table=pd.concat(pieces), draws=draws, ended=ended, level=level)
