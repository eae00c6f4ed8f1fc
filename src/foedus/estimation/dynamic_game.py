r"""Stationary dynamic games of incomplete information: equilibrium equations and Newton steps.

In state s all players act at once, each seeing only its own shock. With u linear in θ,

    v_i(s, a_i) = E_{a_-i}[ u_i(s, a; θ) + δ_i Σ_s' T(s' | s, a) V_i(s') ],   V_i(s) = S(v_i(s, ·))

S is the expected best of values and shocks: log Σ exp v + γ for type-I extreme values; for two
actions and a standard normal shock to their difference d, $v_0 + d Φ(d) + φ(d)$. Choice
probabilities are its slopes. Newton's method on v eliminates all actions of a state at once, so
that the linear system left has one unknown per player and state.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import scipy.linalg
import scipy.special

from foedus.errors import GameError, SolveError

ShockName = Literal["gumbel", "normal"]
CLOSE = 1e-12


@dataclass(frozen=True, eq=False, kw_only=True)
class DynamicGame:
    """A game with payoffs linear in K parameters.

    - `features`: (players, states, *actions, K) and `offset` without the last axis: payoffs are
        features @ θ + offset.
    - `transitions`: (states, *actions, states). `discount`: (players,).
    """

    features: np.ndarray
    offset: np.ndarray
    transitions: np.ndarray
    discount: np.ndarray
    shocks: ShockName = "gumbel"

    def __post_init__(self) -> None:
        n, s = self.features.shape[:2]
        sizes = self.features.shape[2:-1]
        if len(sizes) != n or self.transitions.shape != (s, *sizes, s):
            raise GameError(
                f"features of shape {self.features.shape} are (players, states, actions of each "
                f"player, parameters) and go with transitions of shape {(s, *sizes, s)}; found "
                f"{self.transitions.shape}"
            )
        if self.offset.shape != self.features.shape[:-1] or self.discount.shape != (n,):
            raise GameError(
                "offset has the shape of features without its last axis; one discount per player"
            )
        for name in ("features", "offset", "transitions", "discount"):
            if not np.isfinite(getattr(self, name)).all():
                raise GameError(f"{name} must be finite numbers")
        if self.transitions.sum(axis=-1).max() > 1 + 1e-8 or self.transitions.min() < 0:
            raise GameError(
                "rows of transitions are probabilities that add up to 1, or to less where play ends"
            )
        if not ((self.discount >= 0) & (self.discount < 1)).all():
            raise GameError("discounts are at least 0 and below 1")
        if self.shocks == "normal" and any(size != 2 for size in sizes):
            raise GameError("normal shocks are for two actions per player")

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many actions each player has."""
        return self.features.shape[2:-1]

    @property
    def n_states(self) -> int:
        return int(self.features.shape[1])

    @cached_property
    def spans(self) -> list[slice]:
        """Where each player's actions stand in the last axis of v."""
        ends = np.cumsum([0, *self.sizes])
        return [slice(int(ends[i]), int(ends[i + 1])) for i in range(len(self.sizes))]

    def surplus(self, v: np.ndarray) -> np.ndarray:
        """(states, players): what play is worth, given action values (states, all actions)."""
        columns = []
        for span in self.spans:
            own = v[:, span]
            if self.shocks == "gumbel":
                columns.append(scipy.special.logsumexp(own, axis=1) + np.euler_gamma)
            else:
                d = own[:, 1] - own[:, 0]
                density = np.exp(-0.5 * d * d) / np.sqrt(2 * np.pi)
                columns.append(own[:, 0] + d * scipy.special.ndtr(d) + density)
        return np.stack(columns, axis=1)

    def log_choices(self, v: np.ndarray) -> np.ndarray:
        """(states, all actions): log-probabilities."""
        answer = np.empty_like(v)
        for span in self.spans:
            own = v[:, span]
            if self.shocks == "gumbel":
                answer[:, span] = own - scipy.special.logsumexp(own, axis=1, keepdims=True)
            else:
                d = own[:, 1] - own[:, 0]
                answer[:, span] = scipy.special.log_ndtr(np.stack([-d, d], axis=1))
        return answer

    def slopes(self, v: np.ndarray) -> np.ndarray:
        """(states, all, all): how log-probabilities move with action values, block by player."""
        total = v.shape[1]
        answer = np.zeros((len(v), total, total))
        for span in self.spans:
            own = v[:, span]
            if self.shocks == "gumbel":
                p = scipy.special.softmax(own, axis=1)
                answer[:, span, span] = np.eye(own.shape[1]) - p[:, None, :]
            else:
                d = own[:, 1] - own[:, 0]
                log_density = -0.5 * d * d - 0.5 * np.log(2 * np.pi)
                up = np.exp(log_density - scipy.special.log_ndtr(d))
                down = np.exp(log_density - scipy.special.log_ndtr(-d))
                block = np.stack(
                    [np.stack([down, -down], axis=1), np.stack([-up, up], axis=1)], axis=1
                )
                answer[:, span, span] = block
        return answer

    def others(self, p: np.ndarray, *left_out: int) -> np.ndarray:
        """(states, *actions): the probability of everybody else's actions."""
        n = len(self.sizes)
        answer = np.ones((self.n_states, *[1] * n))
        for j in range(n):
            if j not in left_out:
                shape = [self.n_states, *[1] * n]
                shape[j + 1] = self.sizes[j]
                answer = answer * p[:, self.spans[j]].reshape(shape)
        return answer

    def expected(self, table: np.ndarray, weights: np.ndarray, *kept: int) -> np.ndarray:
        """Sums a (states, *actions, ...) table over the actions of all but the `kept` players."""
        n = len(self.sizes)
        weighted = weights.reshape(*weights.shape, *[1] * (table.ndim - n - 1)) * table
        axes = tuple(j + 1 for j in range(n) if j not in kept)
        answer: np.ndarray = weighted.sum(axis=axes)
        return answer


@dataclass(frozen=True, eq=False, kw_only=True)
class Linearised:
    """The equations at one point: what is missing, and the factors of their Jacobian."""

    game: DynamicGame
    v: np.ndarray
    choices: np.ndarray  # (states, all actions)
    missing: np.ndarray  # v minus what the equations make of it
    features: np.ndarray  # (states, all actions, K): expected over the others
    transitions: list[np.ndarray]  # (states, own actions, states) by player
    local: np.ndarray  # (states, all, all): inverse of the part inside states
    factors: tuple[np.ndarray, np.ndarray]

    def solve(self, right: np.ndarray) -> np.ndarray:
        """J x = right for right-hand sides (states, all actions, columns)."""
        game, n = self.game, len(self.game.sizes)
        inside = self.local @ right
        worth = np.stack(
            [np.einsum("sa,sac->sc", self.choices[:, span], inside[:, span]) for span in game.spans]
        )  # (players, states, columns)
        ahead = scipy.linalg.lu_solve(
            self.factors, worth.reshape(n * game.n_states, -1), check_finite=False
        ).reshape(worth.shape)
        carried = np.concatenate(
            [
                game.discount[i] * np.einsum("sat,tc->sac", self.transitions[i], ahead[i])
                for i in range(n)
            ],
            axis=1,
        )
        answer: np.ndarray = inside + self.local @ carried
        return answer


def linearise(game: DynamicGame, v: np.ndarray, theta: np.ndarray) -> Linearised:
    """The equilibrium equations and their Jacobian at action values v (states, all actions)."""
    n, s = len(game.sizes), game.n_states
    log_p = game.log_choices(v)
    p = np.exp(log_p)
    moved = p[:, :, None] * game.slopes(v)  # (states, all, all): dp/dv
    worth = game.surplus(v)
    total = v.shape[1]
    target, features = np.empty_like(v), np.empty((s, total, game.features.shape[-1]))
    crossed = np.zeros((s, total, total))
    transitions = []
    for i, span in enumerate(game.spans):
        payoffs = game.features[i] @ theta + game.offset[i]
        q = payoffs + game.discount[i] * (game.transitions @ worth[:, i])
        weights = game.others(p, i)
        target[:, span] = game.expected(q, weights, i)
        features[:, span] = game.expected(game.features[i], weights, i)
        transitions.append(game.expected(game.transitions, weights, i))
        for j, other in enumerate(game.spans):
            if j != i:
                pair = game.expected(q, game.others(p, i, j), i, j)
                crossed[:, span, other] = pair if i < j else pair.swapaxes(1, 2)
    local = np.linalg.inv(np.eye(total) - crossed @ moved)
    reduced = np.eye(n * s).reshape(n, s, n, s)
    for k, span in enumerate(game.spans):
        through = np.stack(
            [np.einsum("sa,sab->sb", p[:, own], local[:, own, span]) for own in game.spans]
        )  # (players, states, actions of k)
        step = np.matmul(through.swapaxes(0, 1), game.discount[k] * transitions[k])
        reduced[:, :, k, :] -= step.swapaxes(0, 1)
    factors = scipy.linalg.lu_factor(reduced.reshape(n * s, n * s), check_finite=False)
    return Linearised(
        game=game, v=v, choices=p, missing=v - target, features=features,
        transitions=transitions, local=local, factors=factors,
    )  # fmt: skip


def missing_of(game: DynamicGame, v: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """What the equations miss at v, without a Jacobian."""
    p, worth = np.exp(game.log_choices(v)), game.surplus(v)
    target: np.ndarray = np.empty_like(v)
    for i, span in enumerate(game.spans):
        q = game.features[i] @ theta + game.offset[i]
        q = q + game.discount[i] * (game.transitions @ worth[:, i])
        target[:, span] = game.expected(q, game.others(p, i), i)
    missing: np.ndarray = v - target
    return missing


def solve_game(
    game: DynamicGame, theta: np.ndarray, start: np.ndarray | None = None, *, steps: int = 60
) -> Linearised:
    """An equilibrium, by Newton's method with shorter steps where they do not help.

    Raises `SolveError` where no equilibrium is reached from this start.
    """
    v = np.zeros((game.n_states, sum(game.sizes))) if start is None else start
    for _ in range(steps):
        with np.errstate(all="ignore"):
            try:
                at = linearise(game, v, theta)
            except (np.linalg.LinAlgError, ValueError):
                break
            norm = float(np.abs(at.missing).max())
            scale = 1.0 + float(np.abs(v).max())
            if not np.isfinite(norm):
                break
            if norm <= CLOSE * scale:
                return at
            step = at.solve(at.missing[..., None])[..., 0]
            length = 1.0
            while length > 1e-4:
                trial = v - length * step
                reached = float(np.abs(missing_of(game, trial, theta)).max())
                if reached < (1 - 0.1 * length) * norm:
                    break
                length /= 2
            else:
                if norm <= 1e-9 * scale:
                    return at
                break
        v = trial
    raise SolveError(
        "no equilibrium was reached from this start: Newton's method stopped short",
        last=v,
        hints=["other starts", "smaller changes of the parameters"],
    )


def play_once(game: DynamicGame, theta: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Action values after everybody has replied to the present choices, as if for ever."""
    p = np.exp(game.log_choices(v))
    answer = np.empty_like(v)
    for i, span in enumerate(game.spans):
        weights = game.others(p, i)
        payoffs = game.expected(game.features[i] @ theta + game.offset[i], weights, i)
        chain = game.expected(game.transitions, weights, i)
        own, single = v[:, span].copy(), game.discount[i]
        for _ in range(40):  # policy iteration against fixed others
            alone = np.zeros_like(v)
            alone[:, span] = own
            chosen = np.exp(game.log_choices(alone)[:, span])
            gain = game.surplus(alone)[:, i] - np.einsum("sa,sa->s", chosen, own)
            flow = np.einsum("sa,sa->s", chosen, payoffs) + gain
            moves = np.einsum("sa,sat->st", chosen, chain)
            worth = np.linalg.solve(np.eye(game.n_states) - single * moves, flow)
            new = payoffs + single * chain @ worth
            if np.abs(new - own).max() < 1e-11 * (1 + np.abs(new).max()):
                break
            own = new
        answer[:, span] = new
    return answer


def find_all(
    game: DynamicGame, theta: np.ndarray, *, starts: int = 50, seed: int = 0, spread: float = 2.0
) -> list[np.ndarray]:
    """Distinct equilibria (action values) that searches from many random choices lead to."""
    rng = np.random.default_rng(seed)
    found: list[np.ndarray] = []
    for number in range(starts):
        v = spread * rng.standard_normal((game.n_states, sum(game.sizes))) * (number > 0)
        try:
            v = play_once(game, theta, v) if number % 2 else v
            at = solve_game(game, theta, v)
        except (SolveError, np.linalg.LinAlgError):
            continue
        if all(np.abs(np.exp(game.log_choices(k)) - at.choices).max() > 1e-6 for k in found):
            found.append(at.v)
    return found
