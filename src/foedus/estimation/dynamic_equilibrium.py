r"""Equilibria of dynamic games: the equations linearised, Newton's method, and searches for all.

Newton's method on action values v eliminates all actions of a state at once, so that the linear
system left has one unknown per player and state. Equations and notation are `dynamic_game`'s.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg

from foedus.errors import SolveError
from foedus.estimation.dynamic_game import DynamicGame

CLOSE = 1e-12


@dataclass(frozen=True, eq=False, kw_only=True)
class Linearised:
    """The equations at one point: what is missing, and the factors of their Jacobian."""

    game: DynamicGame
    v: np.ndarray
    theta: np.ndarray
    choices: np.ndarray  # (states, all actions)
    missing: np.ndarray  # v minus what the equations make of it
    features: np.ndarray  # (states, all actions, K): expected over the others
    transitions: list[np.ndarray]  # (states, own actions, states) by player
    inside: np.ndarray  # (states, all, all): the Jacobian's part inside states
    local: np.ndarray  # its inverse
    factors: tuple[np.ndarray, np.ndarray]

    def solve(self, right: np.ndarray) -> np.ndarray:
        """J x = right for right-hand sides (states, all actions, columns)."""
        inside = self.local @ right
        ahead = scipy.linalg.lu_solve(self.factors, self._gathered(inside), check_finite=False)
        answer: np.ndarray = inside + self.local @ self._carried(ahead)
        return answer

    def solve_transposed(self, right: np.ndarray) -> np.ndarray:
        """J' x = right for right-hand sides (states, all actions, columns)."""
        game, n = self.game, len(self.game.sizes)
        back = self.local.swapaxes(1, 2)
        inside = back @ right
        brought = np.concatenate(
            [
                game.discount[i] * np.einsum("sat,sac->tc", self.transitions[i], inside[:, span])
                for i, span in enumerate(game.spans)
            ]
        )
        behind = scipy.linalg.lu_solve(self.factors, brought, trans=1, check_finite=False)
        behind = behind.reshape(n, game.n_states, -1)
        spread = np.concatenate(
            [self.choices[:, span, None] * behind[i][:, None] for i, span in enumerate(game.spans)],
            axis=1,
        )
        answer: np.ndarray = inside + back @ spread
        return answer

    def jacobian(self) -> np.ndarray:
        """J as a matrix over (state, action), for when its factors are of no use."""
        game, (s, total) = self.game, self.v.shape
        answer = np.zeros((s, total, s, total))
        answer[np.arange(s), :, np.arange(s), :] = self.inside
        for i, span in enumerate(game.spans):
            answer[:, span, :, span] -= game.discount[i] * np.einsum(
                "sat,tb->satb", self.transitions[i], self.choices[:, span]
            )
        return answer.reshape(s * total, s * total)

    def worth(self, moved: np.ndarray) -> np.ndarray:
        """(players, states, columns): how what play is worth moves with action values."""
        return np.stack(
            [
                np.einsum("sa,sac->sc", self.choices[:, span], moved[:, span])
                for span in self.game.spans
            ]
        )

    def _gathered(self, moved: np.ndarray) -> np.ndarray:
        """The same with players and states as one axis."""
        return self.worth(moved).reshape(len(self.game.sizes) * self.game.n_states, -1)

    def _carried(self, worth: np.ndarray) -> np.ndarray:
        """(states, all actions, columns): what changes in worth are expected to come to."""
        game = self.game
        split = worth.reshape(len(game.sizes), game.n_states, -1)
        return np.concatenate(
            [
                game.discount[i] * np.einsum("sat,tc->sac", self.transitions[i], split[i])
                for i in range(len(game.sizes))
            ],
            axis=1,
        )


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
    transitions, ahead = [], game.ahead(worth)
    for i, span in enumerate(game.spans):
        payoffs = game.features[i] @ theta + game.offset[i]
        q = payoffs + game.discount[i] * ahead[..., i]
        weights = game.others(p, i)
        target[:, span] = game.expected(q, weights, i)
        features[:, span] = game.expected(game.features[i], weights, i)
        transitions.append(game.chain(p, i))
        for j, other in enumerate(game.spans):
            if j != i:
                pair = game.expected(q, game.others(p, i, j), i, j)
                crossed[:, span, other] = pair if i < j else pair.swapaxes(1, 2)
    inside = np.eye(total) - crossed @ moved
    local = np.linalg.inv(inside)
    reduced = np.eye(n * s).reshape(n, s, n, s)
    for k, span in enumerate(game.spans):
        through = np.stack(
            [np.einsum("sa,sab->sb", p[:, own], local[:, own, span]) for own in game.spans]
        )  # (players, states, actions of k)
        step = np.matmul(through.swapaxes(0, 1), game.discount[k] * transitions[k])
        reduced[:, :, k, :] -= step.swapaxes(0, 1)
    factors = scipy.linalg.lu_factor(reduced.reshape(n * s, n * s), check_finite=False)
    return Linearised(
        game=game, v=v, theta=theta, choices=p, missing=v - target, features=features,
        transitions=transitions, inside=inside, local=local, factors=factors,
    )  # fmt: skip


def missing_of(game: DynamicGame, v: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """What the equations miss at v, without a Jacobian."""
    p, worth = np.exp(game.log_choices(v)), game.surplus(v)
    target: np.ndarray = np.empty_like(v)
    ahead = game.ahead(worth)
    for i, span in enumerate(game.spans):
        q = game.features[i] @ theta + game.offset[i] + game.discount[i] * ahead[..., i]
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
        chain = game.chain(p, i)
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
