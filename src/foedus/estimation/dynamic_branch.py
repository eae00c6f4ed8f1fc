r"""The branch of equilibria that an estimate lies on, followed to other parameters.

Where a branch $v(θ)$ meets no other, the Jacobian J of the equilibrium equations is regular, and
the sign of its determinant stays. A step is kept where Newton's method ends near where the tangent
$dv/dθ = J^{-1} f$ points, and very near where the sign is another: symmetric play goes on where
asymmetric play begins, and an equilibrium beyond a fold is not taken for the one that ended. The
tangent itself moves play by little, since it points anywhere at a fold.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from foedus.errors import SolveError
from foedus.estimation.dynamic_equilibrium import CLOSE, Linearised, solve_game
from foedus.estimation.dynamic_methods import Terms, exact_terms

FAR = 0.3  # most that the tangent may move a choice probability in one step
NEAR = 0.1  # most that a choice probability may lie off the tangent's
VERY_NEAR = 1e-3  # the same where the determinant has changed its sign
LEAST = 1 / 256  # of the way: where shorter steps would be needed, the branch has ended
FEW = 12  # Newton steps from the tangent


class Branch:
    """An equilibrium from which others are reached.

    Raises `SolveError` where `at` is none, as the equations miss something there.
    """

    def __init__(self, at: Linearised) -> None:
        missing = float(np.abs(at.missing).max(initial=0.0))
        if not missing <= 1e3 * CLOSE * (1.0 + float(np.abs(at.v).max(initial=0.0))):
            raise SolveError(
                f"there is no equilibrium at these parameters: its equations miss {missing:.2g}",
                last=at.v,
                hints=["method='nfxp' or 'cmle', which end at an equilibrium"],
            )
        self.at = at

    @cached_property
    def slopes(self) -> np.ndarray:
        """(states, all actions, K): dv/dθ."""
        return self.at.solve(self.at.features)

    @cached_property
    def sign(self) -> float:
        """Of the Jacobian's determinant; 0 where it is singular."""
        lu, pivots = self.at.factors
        swapped = np.count_nonzero(pivots != np.arange(len(pivots)))
        reduced = np.prod(np.sign(np.diag(lu))) * (-1.0) ** swapped
        inside = np.prod(np.linalg.slogdet(self.at.inside)[0])
        return float(reduced * inside)

    def to(self, theta: np.ndarray) -> Branch:
        """The equilibrium at `theta` on this branch, followed along the straight way there.

        Raises `SolveError` where the branch ends on the way.
        """
        here, begun, share, step = self, self.at.theta, 0.0, 1.0
        while share < 1.0:
            step = min(step, 1.0 - share)
            last = share + step >= 1.0
            there = theta if last else begun + (share + step) * (theta - begun)
            new = here._step(there)
            if new is not None:
                here, share, step = new, 1.0 if last else share + step, 2.0 * step
                continue
            step /= 4.0
            if step < LEAST:
                raise SolveError(
                    f"the equilibrium ends {share:.0%} of the way to the new parameters",
                    last=here.at.v,
                    hints=["smaller changes", "`equilibria` of the changed game"],
                )
        return here

    def _step(self, theta: np.ndarray) -> Branch | None:
        game = self.at.game
        with np.errstate(all="ignore"):
            guess = self.at.v + self.slopes @ (theta - self.at.theta)
            if not np.isfinite(guess).all():
                return None
            likely = np.exp(game.log_choices(guess))
            if not np.abs(likely - self.at.choices).max() < FAR:
                return None  # at a fold the tangent points anywhere
            try:
                found = Branch(solve_game(game, theta, guess, steps=FEW))
            except SolveError:
                return None
            off = np.abs(found.at.choices - likely).max()
        return found if off < (NEAR if found.sign == self.sign else VERY_NEAR) else None


class Followed:
    """The likelihood along the branch of one equilibrium, wherever it is asked for.

    The way to new parameters begins at the nearest ones, in units of the information there, at
    which derivatives were taken, so that the order of questions matters little. Where the branch
    ends the value is minus infinity.
    """

    def __init__(self, at: Linearised, counts: np.ndarray) -> None:
        self.counts = counts
        begun = Branch(at)
        self.known = [begun]
        hessian = exact_terms(at, counts, begun.slopes)[2]
        self.units = np.sqrt(np.maximum(-np.diag(hessian), 1e-12))

    def value(self, theta: np.ndarray) -> float:
        try:
            at = self._to(theta).at
        except SolveError:
            return -np.inf
        return float((self.counts * at.game.log_choices(at.v)).sum())

    def derivatives(self, theta: np.ndarray) -> Terms:
        """Value, score and Hessian."""
        try:
            found = self._to(theta)
        except SolveError:
            return -np.inf, np.zeros(len(theta)), -np.eye(len(theta))
        self.known.append(found)
        return exact_terms(found.at, self.counts, found.slopes)

    def _to(self, theta: np.ndarray) -> Branch:
        places = np.array([one.at.theta for one in self.known])
        gaps = ((places - theta) * self.units) ** 2
        return self.known[int(gaps.sum(axis=1).argmin())].to(theta)
