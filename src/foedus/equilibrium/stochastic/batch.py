"""Thousands of stochastic games of one shape solved in one call, every answer with its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

import numpy as np
from jaxtyping import Bool, Float, Int

from foedus.equilibrium.logit import CONVENTIONS
from foedus.equilibrium.stochastic.arrays import StochasticArrays, arrays_of, stack
from foedus.equilibrium.stochastic.certificates import Certificates, certify_batch
from foedus.equilibrium.stochastic.checking import check_arrays
from foedus.equilibrium.stochastic.newton import Reached, raise_precision
from foedus.equilibrium.stochastic.response import LogitResponse
from foedus.equilibrium.stochastic.system import Point, System
from foedus.equilibrium.stochastic.turning import follow_turns
from foedus.errors import GameError
from foedus.game.game import Game

CHUNK = 2**20  # entries of the transition tables worked on at a time, to bound memory


@dataclass(frozen=True, eq=False, kw_only=True)
class BatchSolution:
    """One logit equilibrium per draw; draws whose certificate did not pass hold the last iterate.

    - `share`: of the precision that was reached, 1 where solved.
    - `rounds`: Newton steps taken.
    """

    strategies: Float[np.ndarray, "draws states players most"] = field(repr=False)
    values: Float[np.ndarray, "draws states players"] = field(repr=False)
    precision: Float[np.ndarray, "draws players"] = field(repr=False)
    share: Float[np.ndarray, "draws"] = field(repr=False)
    rounds: Int[np.ndarray, "draws"] = field(repr=False)
    certificates: Certificates

    @property
    def passed(self) -> Bool[np.ndarray, "draws"]:
        """Which draws have a certificate that passed."""
        return self.certificates.passed


def solve_batch(
    games: StochasticArrays | Sequence[Game | StochasticArrays],
    precision: float | Sequence[float] | Float[np.ndarray, "..."],
    *,
    convention: str = "expected",
    tolerance: float = 1e-10,
) -> BatchSolution:
    """A logit equilibrium of every game, each on its own: what one draw is does not move another.

    `games` are arrays with a leading axis of draws, or a sequence of games of one shape;
    `precision` is one number, one per player, or one per draw and player.

    Raises `GameError` for games of different shapes or not of this class, for arrays that are no
    game, and for a precision that is negative or not finite. Draws that are not solved are
    reported, not raised.

    >>> from foedus.game.builders import stochastic_game
    >>> chicken = [[[0.0, -1.0], [1.0, -10.0]], [[0.0, 1.0], [-1.0, -10.0]]]
    >>> game = stochastic_game([chicken], np.ones((1, 2, 2, 1)), discount=0.0)
    >>> solve_batch([game, game], [[1.0, 1.0], [5.0, 5.0]]).strategies[:, 0, 0, 0].round(6).tolist()
    [0.775841, 0.863164]
    """
    batch = _batch(games)
    sharp = _precisions(precision, batch, convention)
    size = max(1, CHUNK // max(1, batch.transitions.size // len(sharp)))
    parts = [
        _solve_chunk(
            batch.select(np.arange(at, min(at + size, len(sharp)))),
            sharp[at : at + size],
            convention,
            tolerance,
        )
        for at in range(0, len(sharp), size)
    ]
    return _joined(parts)


def _batch(games: StochasticArrays | Sequence[Game | StochasticArrays]) -> StochasticArrays:
    if isinstance(games, StochasticArrays):
        check_arrays(games)
        return games if games.draws else stack([games])
    listed = []
    for game in games:
        if isinstance(game, StochasticArrays):
            check_arrays(game)
        listed.append(arrays_of(game) if isinstance(game, Game) else game)
    return stack(listed)


def _precisions(precision: object, batch: StochasticArrays, convention: str) -> np.ndarray:
    """(draws, players), checked."""
    if convention not in CONVENTIONS:
        raise GameError(f"no convention {convention!r}; choose one of {', '.join(CONVENTIONS)}")
    wanted = batch.discount.shape
    try:
        given = np.asarray(precision, float)
        found = np.array(np.broadcast_to(given, wanted))
    except (TypeError, ValueError):
        raise GameError(
            f"precision is a number, one per player, or an array {wanted} of draws and players; "
            f"not {precision!r}"
        ) from None
    wrong = ~np.isfinite(found) | (found < 0) | ((found == 0) & (convention == "shock"))
    if wrong.any():
        draw, player = np.argwhere(wrong)[0]
        raise GameError(
            f"precision of player {player} in draw {draw} is {found[draw, player]}; it must be "
            f"finite and {'above' if convention == 'shock' else 'not below'} 0"
        )
    return found


def _solve_chunk(
    arrays: StochasticArrays, precision: np.ndarray, convention: str, tolerance: float
) -> BatchSolution:
    response = LogitResponse(
        precision=precision, available=arrays.available, shock=convention == "shock"
    )
    system = System(arrays, response)
    reached = raise_precision(system, system.start(), tolerance=tolerance)
    reached = _turned(arrays, response, reached)
    share = np.where(reached.solved, 1.0, reached.share)
    strategies = response.strategies(reached.point.action_values, share)
    certificates = certify_batch(
        arrays,
        strategies,
        precision=precision,
        values=reached.point.values,
        solved=reached.solved,
        convention=convention,
    )
    return BatchSolution(
        strategies=strategies,
        values=reached.point.values,
        precision=precision,
        share=share,
        rounds=reached.rounds,
        certificates=certificates,
    )


def _turned(arrays: StochasticArrays, response: LogitResponse, reached: Reached) -> Reached:
    """The same, with draws whose branch turns back followed around its turns, one by one."""
    lost = np.flatnonzero(~reached.solved & (reached.share > 0))
    action_values, values = reached.point.action_values.copy(), reached.point.values.copy()
    solved, rounds, share = reached.solved.copy(), reached.rounds.copy(), reached.share.copy()
    for draw in lost:
        turned = follow_turns(
            arrays.select(int(draw)),
            response.precision[draw],
            Point(action_values[draw], values[draw]),
            float(share[draw]),
            shock=response.shock,
        )
        rounds[draw] += turned.tries
        if turned.solved:
            solved[draw], share[draw] = True, 1.0
            action_values[draw] = turned.point.action_values
            values[draw] = turned.point.values
    return replace(
        reached, point=Point(action_values, values), solved=solved, rounds=rounds, share=share
    )


def _joined(parts: Sequence[BatchSolution]) -> BatchSolution:
    def all_of(*names: str) -> np.ndarray:
        return np.concatenate([attrgetter(".".join(names))(part) for part in parts])

    return BatchSolution(
        strategies=all_of("strategies"),
        values=all_of("values"),
        precision=all_of("precision"),
        share=all_of("share"),
        rounds=all_of("rounds"),
        certificates=Certificates(
            passed=all_of("certificates", "passed"),
            regret=all_of("certificates", "regret"),
            residual=all_of("certificates", "residual"),
            value_error=all_of("certificates", "value_error"),
            probability_error=all_of("certificates", "probability_error"),
            tolerance=parts[0].certificates.tolerance,
            values=all_of("certificates", "values"),
        ),
    )
