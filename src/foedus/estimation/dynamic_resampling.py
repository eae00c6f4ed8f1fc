"""Resamples of observed play in a dynamic game, and their refits as work for the ensemble room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foedus.errors import SolveError
from foedus.estimation.dynamic_game import DynamicGame
from foedus.estimation.dynamic_methods import (
    FULL,
    ROUNDS,
    counted,
    frequencies,
    nested_fixed_point,
    npl,
)
from foedus.estimation.resampling import Again, Refits
from foedus.estimation.simulation import drawn_counts


@dataclass(frozen=True, eq=False, kw_only=True)
class DynamicResampling(Refits):
    """Rows of `state`, `taken` (rows, players) and `weights`, drawn anew.

    With `kind="parametric"` states stay as observed, and actions are drawn from the equilibrium.

    Refits are by "npl" or "two-step" where `method` is one, else by full likelihood from the
    estimate and its equilibrium, with action values `v`, on.
    """

    game: DynamicGame
    state: np.ndarray
    taken: np.ndarray
    weights: np.ndarray
    v: np.ndarray
    method: str
    damping: float

    def draw(self, number: int) -> np.ndarray:
        """(states, all actions): the counts of the resample of this number."""
        rng = np.random.default_rng([self.seed, number])
        if self.kind == "parametric":
            choices, once = np.exp(self.game.log_choices(self.v)), np.ones(len(self.weights))
            played = [
                drawn_counts(choices[self.state, span], once, rng).argmax(axis=1)
                for span in self.game.spans
            ]
            return counted(self.game, self.state, np.stack(played, axis=1), self.weights)
        times = self.times(rng, len(self.weights))
        return counted(self.game, self.state, self.taken, self.weights * times)

    def again(self, number: int) -> Again:
        """The estimate from the resample of this number."""
        counts = self.draw(number)
        try:
            if self.method in FULL:
                found, _ = nested_fixed_point(self.game, counts, self.point, self.v, scoring=True)
                return Again(point=found.point, converged=found.converged, reason=found.reason)
            reached = npl(
                self.game, counts, frequencies(self.game, counts),
                rounds=1 if self.method == "two-step" else ROUNDS, damping=self.damping,
            )  # fmt: skip
        except (SolveError, np.linalg.LinAlgError) as error:
            reason = str(error).splitlines()[0]
            return Again(point=self.point, converged=False, reason=reason)
        return Again(point=reached.point, converged=reached.converged, reason=reached.reason)

    def evidence(self) -> tuple[tuple[object, ...], list[np.ndarray]]:
        """The game, what was observed in it, and the way it is estimated."""
        game = self.game
        return ("dynamic", game.shocks, self.method, self.damping), [
            game.features, game.offset, game.transitions, game.discount,
            self.state, self.taken, self.weights, self.v,
        ]  # fmt: skip
