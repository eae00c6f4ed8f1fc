r"""The logit path: equilibria from uniform play at precision 0 upwards, towards a Nash equilibrium.

McKelvey & Palfrey (1995, 1998) for games, Eibelshäuser & Poensgen (2019) for stochastic games.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.logit import CONVENTIONS, precision_by_player
from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.response import LogitResponse
from foedus.equilibrium.stochastic.system import Point, System
from foedus.equilibrium.stochastic.walk import Course
from foedus.errors import GameError
from foedus.game.game import Game

SHARPEST = 1e6  # precision times the range of payoffs at which a path to Nash ends in any case
SHOCK_START = 0.5  # the same at which a path with shocks begins: at 0 they would be infinite


@dataclass(frozen=True, kw_only=True)
class LogitPath:
    r"""Equilibria with $\sigma_i \propto e^{\lambda_i Q_i}$ from precision 0 on.

    - `precision`: where to stop; one number, or one per player by name or in the game's order,
        whose proportions hold all along. None: on to a Nash equilibrium, the precision of all
        players alike.
    - `convention`: of values, as in `Logit`; None takes what the game suggests.
    - `max_steps`: steps tried, after which the path ends where it is.
    - `branch`: None goes straight on at a bifurcation. A number is the seed of a small tilt of
        payoffs, by which the path bends into one of the branches that cross; at the end the
        tilt is taken away.
    """

    precision: float | Mapping[str, float] | Sequence[float] | None = None
    convention: str | None = None
    max_steps: int = 5000
    branch: int | None = None

    parameter_name = "precision"

    def __post_init__(self) -> None:
        if self.convention is not None and self.convention not in CONVENTIONS:
            raise GameError(
                f"no convention {self.convention!r}; choose one of {', '.join(CONVENTIONS)}"
            )
        if self.max_steps < 1:
            raise GameError(f"max_steps must be at least 1, not {self.max_steps}")

    def course(self, game: Game, arrays: StochasticArrays) -> tuple[Course, Point]:
        """What to follow, and a point near its beginning.

        Raises `GameError` for a precision that is missing, negative, infinite or 0.
        """
        shock = (self.convention or game.convention) == "shock"
        if self.precision is None:
            wanted = np.ones(arrays.n_players)
        else:
            wanted = precision_by_player(game, self.precision, "shock" if shock else "expected")
            if not wanted.any():
                raise GameError("a path to precision 0 has no length; take one above 0")
        course = logit_course(arrays, wanted, shock=shock, nash=self.precision is None)
        if course.end <= course.begin:
            first = course.reading(course.begin)
            raise GameError(
                f"a path with payoff shocks begins at precision {first:.3g}; "
                "take a higher one, or Logit, which solves there at once"
            )
        return course, course.system(0.0).start()

    def claim(self, game: Game, reading: float) -> list[float]:
        """The precision of each player where the path's parameter is `reading`."""
        if self.precision is None:
            return [reading] * len(game.players)
        wanted = precision_by_player(game, self.precision, "expected")
        return list((wanted / wanted.max() * reading).tolist())


def logit_course(
    arrays: StochasticArrays,
    precision: Float[np.ndarray, "players"],
    *,
    shock: bool,
    nash: bool = False,
) -> Course:
    """Up to a precision, or in its proportions towards Nash, by s = log(1 + precision in units).

    The unit is 1 over the range of payoffs, of the player for whom the product is largest.
    """
    units = payoff_units(arrays)
    base = precision / precision.max()
    unit = float((base * units).max())
    system = System(arrays, LogitResponse(precision=base, available=arrays.available, shock=shock))
    return Course(
        system=lambda _: system,
        parameter=lambda s: float(np.expm1(s)) / unit,
        slope=lambda s: float(np.exp(s)) / unit,
        sharpness=lambda s: base * np.expm1(s) / unit,
        reading=lambda s: float(np.expm1(s)) / unit,
        units=units,
        begin=float(np.log1p(SHOCK_START)) if shock else 0.0,
        end=float(np.log1p(SHARPEST if nash else precision.max() * unit)),
        nash=nash,
    )


def payoff_units(arrays: StochasticArrays) -> np.ndarray:
    """The range of each player's payoffs over all states and joint actions; 1 where it is 0."""
    possible = np.ones((arrays.n_states, *(1,) * arrays.n_players), bool)
    for player, size in enumerate(arrays.sizes):
        shape = [arrays.n_states] + [1] * arrays.n_players
        shape[player + 1] = size
        possible = possible & arrays.available[:, player, :size].reshape(shape)
    ranges = np.empty(arrays.n_players)
    for player in range(arrays.n_players):
        paid = arrays.payoffs[:, player][possible]
        ranges[player] = paid.max() - paid.min()
    return np.where(ranges > 0, ranges, 1.0)
