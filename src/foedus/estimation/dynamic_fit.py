"""Estimates of a dynamic game: its equilibria, counterfactuals, simulated play and bootstrap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from foedus.errors import QueryError
from foedus.estimation.bootstrap import Bootstrap, bootstrap, clustered
from foedus.estimation.dynamic_branch import Branch, Followed
from foedus.estimation.dynamic_equilibrium import Linearised, find_all
from foedus.estimation.dynamic_methods import FULL, Round
from foedus.estimation.dynamic_predictions import Predictions, predict_choices
from foedus.estimation.dynamic_resampling import DynamicResampling
from foedus.estimation.dynamic_simulation import simulate_play
from foedus.estimation.estimates import Estimates
from foedus.estimation.goodness import Goodness, Seen, find_goodness
from foedus.estimation.optimum import Optimum
from foedus.estimation.profile import Objective
from foedus.estimation.search import Attempt
from foedus.estimation.table import Missing

if TYPE_CHECKING:
    from foedus.estimation.dynamic_model import DynamicModel


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class DynamicFit(Estimates):
    """Estimates of a dynamic game, with the equilibrium they were found at."""

    model: DynamicModel
    counts: np.ndarray
    state: np.ndarray
    taken: np.ndarray
    missing: Missing
    at: Linearised
    optima: tuple[Optimum, ...]
    attempts: tuple[Attempt, ...]
    rounds: tuple[Round, ...]

    def facts(self) -> dict[str, str]:
        """What the table's foot says: also starts, optima and missing rows."""
        agreed = sum(attempt.optimum == 0 for attempt in self.attempts)
        return {
            **super().facts(),
            "Starts": f"{agreed} of {len(self.attempts)} led here; "
            f"{len(self.optima)} distinct optim{'um' if len(self.optima) == 1 else 'a'}",
            "Rows": str(self.missing),
        }

    def choices(self, at: Linearised | None = None) -> pd.DataFrame:
        """Choice probabilities: one row per state, one column per player and action."""
        columns = [name for names in self.model.alternatives for name in names]
        index = pd.MultiIndex.from_frame(self.model.states)
        return pd.DataFrame((at or self.at).choices, columns=columns, index=index)

    def goodness(self) -> Goodness:
        """How well the equilibrium accounts for what every player was observed to do."""
        seen = [
            Seen(alternatives=names, counts=self.counts[:, span], likely=self.at.choices[:, span])
            for names, span in zip(self.model.alternatives, self.model.game.spans, strict=True)
        ]
        return find_goodness(seen, self.llf)

    def equilibria(self, *, starts: int = 50, seed: int = 0) -> list[np.ndarray]:
        """Choice probabilities of every equilibrium at the estimate that a search finds."""
        game = self.model.game
        found = find_all(game, self.point, starts=starts, seed=seed)
        return [np.exp(game.log_choices(v)) for v in found]

    def predict(
        self,
        *,
        draws: int = 1000,
        level: float = 0.95,
        seed: int = 0,
        cov_type: str | None = None,
    ) -> Predictions:
        """Choice probabilities by state with intervals: `foedus.estimation.dynamic_predictions`."""
        return predict_choices(self, draws=draws, level=level, seed=seed, cov_type=cov_type)

    def objective(self) -> Objective:
        """The likelihood with the equilibrium followed from the estimated one.

        Raises `QueryError` for `npl` and `two-step`, whose estimates are not its maximum, and
        `SolveError` where there is no equilibrium at the estimate.
        """
        if self.model.method not in FULL:
            raise QueryError(
                f"{self.model.method} maximises a pseudo-likelihood, which has no profile; "
                f"estimate by {', '.join(FULL)}"
            )
        followed = Followed(self.at, self.counts)
        return Objective(derivatives=followed.derivatives, value=followed.value)

    def counterfactual(self, params: Mapping[str, float]) -> Linearised:
        """The equilibrium at other parameters, followed there from the estimated one.

        Raises `SolveError` where the branch ends on the way; `equilibria` of the changed game
        then have to be listed instead.
        """
        unknown = sorted(set(params) - set(self.names))
        if unknown:
            raise QueryError(f"no parameter named {', '.join(unknown)}")
        target = self.point.copy()
        for name, value in params.items():
            target[self.names.index(name)] = value
        return Branch(self.at).to(target).at

    def stationary(self, at: Linearised | None = None) -> np.ndarray:
        """How often each state is visited in the long run."""
        at, game = at or self.at, self.model.game
        chain = game.expected(game.transitions, game.others(at.choices))
        weights = np.linalg.lstsq(
            np.vstack([chain.T - np.eye(len(chain)), np.ones(len(chain))]),
            np.r_[np.zeros(len(chain)), 1.0],
            rcond=None,
        )[0]
        answer: np.ndarray = np.maximum(weights, 0) / np.maximum(weights, 0).sum()
        return answer

    def simulate(
        self, markets: int, periods: int, *, seed: int = 0, at: Linearised | None = None
    ) -> pd.DataFrame:
        """Histories of play from the long run on, with columns `market` and `period`."""
        at, game = at or self.at, self.model.game
        return simulate_play(
            game, at.choices, self.model.states, self.model.actions,
            self.stationary(at), markets, periods, seed,
        )  # fmt: skip

    def bootstrap(
        self, draws: int = 200, *, kind: str = "block", seed: int = 0, **placed: Any
    ) -> Bootstrap:
        """Fits to resampled clusters (`block`) or rows (`case`), or to new play in the states that
        were observed (`parametric`).

        By the model's own method where that is "npl" or "two-step", else by full likelihood.
        `store`, `executor` and `progress` say where resamples are kept and computed; see
        `foedus.estimation.bootstrap`.
        """
        if kind not in ("block", "case", "parametric"):
            raise QueryError(f"a bootstrap is block, case or parametric; found {kind!r}")
        if kind == "block" and self.clusters is None:
            raise QueryError("a block bootstrap needs estimate(..., cluster='column')")
        model = self.model
        resampling = DynamicResampling(
            point=self.point, kind=kind, seed=seed,
            groups=clustered(self.clusters) if kind == "block" else None,
            game=model.game, state=self.state, taken=self.taken, weights=self.weights,
            v=self.at.v, method=model.method, damping=model.damping,
        )  # fmt: skip
        return bootstrap(self, resampling, draws, **placed)

    def with_errors(self, cov_type: str) -> DynamicFit:
        """The same fit with standard errors of another kind."""
        changed = replace(self, cov_type=cov_type)
        changed.errors()
        return changed
