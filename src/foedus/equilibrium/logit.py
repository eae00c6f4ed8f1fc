"""Agent-logit quantal response as a solver: its settings, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Protocol

import numpy as np
from jaxtyping import Float

from foedus.errors import GameError
from foedus.game.game import Game

CONVENTIONS = ("expected", "shock")


@dataclass(frozen=True, kw_only=True)
class Logit:
    r"""Everybody plays $\sigma(a) \propto e^{\lambda_i Q_i(a)}$ at every node.

    - `precision`: $\lambda$, per unit of payoff; one number, one per player by name
        or in the game's order, or None for the precision the game suggests. 0 is
        uniform play.
    - `convention`: what a mover's value is. `"expected"`: $\sum_a \sigma Q$, as in
        Gambit and McKelvey & Palfrey (1998). `"shock"`: $(\log \sum_a e^{\lambda Q} +
        \gamma)/\lambda$, the expected maximum under private type-I extreme-value shocks,
        as in Rust (1987); a mover with a single action receives its shock too. A player with a
        single action in a state of `stochastic_game` does not move there, so it receives
        none. None takes the convention the game suggests.
    - `tolerance`: of a stationary fixed point, relative to the size of the values.
    - `max_iterations`: of the Newton method at each precision of a stationary game.

    Source: McKelvey & Palfrey (1998), *Experimental Economics* 1, 9-41, for agents that respond
    by logit; Rust (1987), *Econometrica* 55, 999-1033, for the shocks.
    """

    precision: float | Mapping[str, float] | Sequence[float] | None = None
    convention: str | None = None
    tolerance: float = 1e-10
    max_iterations: int = 40

    def __post_init__(self) -> None:
        _check_type(self.precision)
        if self.convention is not None and self.convention not in CONVENTIONS:
            raise GameError(
                f"no convention {self.convention!r}; choose one of {', '.join(CONVENTIONS)}"
            )
        if not 0 < self.tolerance < 1:
            raise GameError(f"tolerance must lie between 0 and 1, not {self.tolerance}")
        if self.max_iterations < 1:
            raise GameError(f"max_iterations must be at least 1, not {self.max_iterations}")

    def settled(self, game: Game) -> Logit:
        """The same settings with what the game suggests in place of what they leave open.

        Raises `GameError` if a precision is missing, negative, infinite or names a stranger.
        """
        convention = self.convention or game.convention
        precision = precision_by_player(game, self.precision, convention)
        return replace(self, precision=tuple(precision.tolist()), convention=convention)


class Players(Protocol):
    """Anything that has players: a game, a tree."""

    @property
    def players(self) -> tuple[str, ...]: ...


def precision_by_player(
    game: Players,
    precision: float | Mapping[str, float] | Sequence[float] | None,
    convention: str,
) -> Float[np.ndarray, "players"]:
    """One checked precision per player, from any of the ways to give it."""
    if precision is None:
        suggested = getattr(game, "precision", None)
        if suggested is None:
            raise GameError("the game suggests no precision; pass one, as in Logit(precision=5.0)")
        precision = np.asarray(suggested).tolist()
    if isinstance(precision, Mapping):
        if set(precision) != set(game.players):
            raise GameError(
                f"precision is given for {', '.join(sorted(precision)) or 'nobody'}; "
                f"the players are {', '.join(game.players)}"
            )
        precision = [precision[player] for player in game.players]
    found = np.asarray(precision, float)
    if found.ndim > 1 or (found.ndim == 1 and len(found) != len(game.players)):
        raise GameError(f"precision has shape {found.shape} for {len(game.players)} players")
    found = np.array(np.broadcast_to(found, len(game.players)))
    _check(game, found, convention)
    return found


def _check_type(precision: Any) -> None:
    """Raises `GameError` for a precision that is none of the ways to give one."""
    given = precision
    if isinstance(given, Mapping):
        given = list(given.values())
    if given is None or (isinstance(given, Real) and not isinstance(given, bool)):
        return
    if not isinstance(given, str | bool | set):
        try:
            kind = np.asarray(given).dtype.kind
        except (TypeError, ValueError):
            kind = "O"
        if kind in "iuf":
            return
    raise GameError(
        "precision is a number, a number for each player by name or in the game's order, or "
        f"None; not {precision!r}"
    )


def _check(game: Players, precision: Float[np.ndarray, "players"], convention: str) -> None:
    for player, value in zip(game.players, precision, strict=True):
        if np.isnan(value) or value < 0:
            raise GameError(f"precision of {player} is {value}; it cannot be below 0")
        if np.isinf(value):
            raise GameError(
                f"precision of {player} is infinite, which logit play only approaches; "
                "take a high finite one (100 divided by the payoff differences that matter)"
            )
        if value == 0 and convention == "shock":
            raise GameError(
                f"precision of {player} is 0: under 'shock' its payoff shocks would be infinite; "
                "use convention='expected' for uniform play, or a precision above 0"
            )
