r"""Ways to estimate a dynamic game: nested fixed point, constrained, EPL, NPL and two-step.

Counts $c_i(s, a)$ say how often player i took action a in state s. All methods maximise
$\sum c_i(s, a) \log P_i(a | s; θ)$; they differ in what stands for P.

    nested fixed point   P of an equilibrium at θ; derivatives by the implicit function theorem
    constrained   θ and the equilibrium together, then the nested fixed point from there
    EPL    action values one Newton step from the last ones, which is linear in θ, so that each
           step is a static logit (Dearing and Blevins 2025); converges to the maximum above
    NPL    action values given the last choice probabilities (Aguirregabiria and Mira 2007)
    two-step   the first NPL step from observed frequencies, which is biased in small samples
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.special

from foedus.errors import SolveError
from foedus.estimation.constrained import maximise_constrained
from foedus.estimation.dynamic_constrained import DynamicProgramme
from foedus.estimation.dynamic_curvature import bent, multipliers
from foedus.estimation.dynamic_equilibrium import Linearised, linearise, solve_game
from foedus.estimation.dynamic_game import DynamicGame
from foedus.estimation.optimum import Optimum, maximise

FULL = ("nfxp", "cmle", "epl")  # methods that end at the maximum of the likelihood
ROUNDS = 100  # of NPL before it is given up
Terms = tuple[float, np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False, kw_only=True)
class Round:
    """One step of a sequential method: the estimate, and by how much it moved."""

    point: np.ndarray
    moved: float
    value: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Reached:
    """Where a method ended: the estimate, the equilibrium there, and the way to it."""

    point: np.ndarray
    at: Linearised
    converged: bool
    rounds: tuple[Round, ...]
    reason: str


def counted(
    game: DynamicGame, state: np.ndarray, taken: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """(states, all actions): the weight of each observed action."""
    counts = np.zeros((game.n_states, sum(game.sizes)))
    for i, span in enumerate(game.spans):
        np.add.at(counts, (state, span.start + taken[:, i]), weights)
    return counts


def frequencies(game: DynamicGame, counts: np.ndarray) -> np.ndarray:
    """Observed choice shares by state; shares over all states where a state was seen rarely."""
    answer = np.empty_like(counts)
    for span in game.spans:
        own = counts[:, span]
        pooled = (own.sum(axis=0) + 0.5) / (own.sum() + 0.5 * own.shape[1])
        answer[:, span] = (own + pooled) / (own.sum(axis=1, keepdims=True) + 1.0)
    return answer


def values_of(game: DynamicGame, choices: np.ndarray) -> np.ndarray:
    """Action values, up to a constant per player and state, that make these choices."""
    answer: np.ndarray = np.log(np.clip(choices, 1e-12, None))
    if game.shocks == "normal":
        for span in game.spans:
            p = np.clip(choices[:, span], 1e-12, 1 - 1e-12)
            answer[:, span] = np.stack([np.zeros(len(p)), scipy.special.ndtri(p[:, 1])], axis=1)
    return answer


def static(
    game: DynamicGame,
    counts: np.ndarray,
    constant: np.ndarray,
    slopes: np.ndarray,
    start: np.ndarray,
) -> Optimum:
    """The maximum of Σ c log P(constant + slopes @ θ): a logit or probit with an offset."""

    def derivatives(theta: np.ndarray) -> Terms:
        v = constant + slopes @ theta
        score, information = moments(game, counts, v, slopes)
        value = float((counts * game.log_choices(v)).sum())
        return value, score, -information

    def value(theta: np.ndarray) -> float:
        return float((counts * game.log_choices(constant + slopes @ theta)).sum())

    return maximise(derivatives, start, value=value, tolerance=1e-20)


def moments(
    game: DynamicGame, counts: np.ndarray, v: np.ndarray, slopes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Score and expected information, given dv/dθ (states, all actions, K)."""
    moved = game.slopes(v) @ slopes
    p = np.exp(game.log_choices(v))
    score = np.einsum("sa,sak->k", counts, moved)
    number = np.concatenate(
        [
            np.repeat(counts[:, span].sum(axis=1, keepdims=True), span.stop - span.start, axis=1)
            for span in game.spans
        ],
        axis=1,
    )
    information = np.einsum("sa,sak,sal->kl", number * p, moved, moved)
    return score, information


def begin_at_data(game: DynamicGame, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two-step estimate, and action values that make the observed choices.

    Their levels are what play is worth at that estimate. With several equilibria this is near
    the one that was played, whether or not it exists at the estimate.
    """
    observed = frequencies(game, counts)
    constant, slopes = given_choices(game, observed)
    found = static(game, counts, constant, slopes, np.zeros(slopes.shape[-1]))
    v = values_of(game, observed)
    level = game.surplus(constant + slopes @ found.point) - game.surplus(v)
    for i, span in enumerate(game.spans):
        v[:, span] += level[:, i : i + 1]
    return found.point, v


def constrained(
    game: DynamicGame, counts: np.ndarray, start: np.ndarray, v: np.ndarray, label: str = ""
) -> tuple[Optimum, Linearised]:
    """Constrained maximum likelihood from (θ, v), then the nested fixed point from its end.

    Raises `SolveError` where there is no equilibrium at its end.
    """
    ended = maximise_constrained(DynamicProgramme(game, counts), start, v)
    found, at = nested_fixed_point(game, counts, ended.point, ended.y, label)
    return replace(found, iterations=found.iterations + ended.iterations), at


def epl(
    game: DynamicGame, counts: np.ndarray, start: np.ndarray, v: np.ndarray, *, rounds: int = 100
) -> Reached:
    """Efficient pseudo-likelihood: Newton steps of the equilibrium inside static estimates."""
    theta, history = start, []
    for _ in range(rounds):
        at = linearise(game, v, theta)
        # The equations are linear in θ: missing(θ') = missing + features @ (θ - θ').
        slopes = at.solve(at.features)
        constant = v - at.solve((at.missing + at.features @ theta)[..., None])[..., 0]
        found = static(game, counts, constant, slopes, theta)
        new = constant + slopes @ found.point
        moved = float(np.abs(np.exp(game.log_choices(new)) - at.choices).max())
        moved = max(moved, float(np.abs(found.point - theta).max()))
        history.append(Round(point=found.point, moved=moved, value=found.value))
        theta, v = found.point, new
        if not np.isfinite(moved):
            break
        if moved < 1e-10:
            return _ended(game, theta, v, history, True, "converged")
    return _ended(game, theta, v, history, False, f"did not settle in {rounds} rounds")


def npl(
    game: DynamicGame,
    counts: np.ndarray,
    choices: np.ndarray,
    *,
    rounds: int = 100,
    damping: float = 1.0,
) -> Reached:
    """Nested pseudo-likelihood from given choices; with `rounds=1` the two-step estimate.

    With `damping` below 1 new choices are mixed with old ones (Kasahara and Shimotsu 2012).
    """
    theta, history = np.zeros(game.features.shape[-1]), []
    v = values_of(game, choices)
    for _ in range(rounds):
        constant, slopes = given_choices(game, choices)
        found = static(game, counts, constant, slopes, theta)
        v = constant + slopes @ found.point
        new = np.exp(game.log_choices(v))
        moved = max(float(np.abs(new - choices).max()), float(np.abs(found.point - theta).max()))
        history.append(Round(point=found.point, moved=moved, value=found.value))
        theta = found.point
        choices = _mixed(game, choices, new, damping)
        if moved < 1e-9:
            return _ended(game, theta, v, history, True, "converged")
    reason = "one step" if rounds == 1 else f"did not settle in {rounds} rounds"
    return _ended(game, theta, v, history, rounds == 1, reason)


def _mixed(game: DynamicGame, old: np.ndarray, new: np.ndarray, damping: float) -> np.ndarray:
    if damping == 1.0:
        return new
    mixed: np.ndarray = np.exp(damping * np.log(new) + (1 - damping) * np.log(old))
    for span in game.spans:
        mixed[:, span] /= mixed[:, span].sum(axis=1, keepdims=True)
    return mixed


def given_choices(game: DynamicGame, choices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Action values as functions of θ where everybody plays these choices for ever."""
    size, total = game.features.shape[-1], choices.shape[1]
    constant = np.empty((game.n_states, total))
    slopes = np.empty((game.n_states, total, size))
    v = values_of(game, choices)
    surplus = game.surplus(v)
    for i, span in enumerate(game.spans):
        weights = game.others(choices, i)
        features = game.expected(game.features[i], weights, i)
        offset = game.expected(game.offset[i], weights, i)
        chain = game.chain(choices, i)
        own = choices[:, span]
        gain = surplus[:, i] - np.einsum("sa,sa->s", own, v[:, span])
        moves = np.einsum("sa,sat->st", own, chain)
        flow = np.concatenate(
            [
                (np.einsum("sa,sa->s", own, offset) + gain)[:, None],
                np.einsum("sa,sak->sk", own, features),
            ],
            axis=1,
        )
        worth = np.linalg.solve(np.eye(game.n_states) - game.discount[i] * moves, flow)
        ahead = game.discount[i] * np.einsum("sat,tc->sac", chain, worth)
        constant[:, span] = offset + ahead[..., 0]
        slopes[:, span] = features + ahead[..., 1:]
    return constant, slopes


def _ended(
    game: DynamicGame,
    theta: np.ndarray,
    v: np.ndarray,
    history: list[Round],
    converged: bool,
    reason: str,
) -> Reached:
    try:
        at = solve_game(game, theta, v)
    except SolveError:
        at, converged, reason = linearise(game, v, theta), False, "no equilibrium at the estimate"
    return Reached(point=theta, at=at, converged=converged, rounds=tuple(history), reason=reason)


class NestedFixedPoint:
    """The likelihood with the equilibrium solved at every θ, following one branch.

    The equilibrium is looked for from where derivatives were last taken, moved along its own
    derivative, so that steps of an optimiser stay on one branch.
    """

    def __init__(self, game: DynamicGame, counts: np.ndarray, v: np.ndarray) -> None:
        self.game, self.counts = game, counts
        self.followed = v
        self.base: np.ndarray | None = None
        self.slopes: np.ndarray | None = None

    def solve(self, theta: np.ndarray) -> Linearised:
        v = self.followed
        if self.base is not None and self.slopes is not None:
            v = v + self.slopes @ (theta - self.base)
            try:
                return solve_game(self.game, theta, v, steps=30)
            except SolveError:
                v = self.followed
        return solve_game(self.game, theta, v)

    def value(self, theta: np.ndarray) -> float:
        try:
            at = self.solve(theta)
        except SolveError:
            return -np.inf
        return float((self.counts * self.game.log_choices(at.v)).sum())

    def gradient(self, theta: np.ndarray) -> tuple[Linearised, np.ndarray]:
        """The equilibrium and dv/dθ there."""
        at = self.solve(theta)
        return at, at.solve(at.features)

    def derivatives(self, theta: np.ndarray) -> Terms:
        """Value, score, and minus the expected information in place of the Hessian."""
        at, slopes = self.gradient(theta)
        self.followed, self.base, self.slopes = at.v, theta.copy(), slopes
        score, information = moments(self.game, self.counts, at.v, slopes)
        return float((self.counts * self.game.log_choices(at.v)).sum()), score, -information

    def exact(self, theta: np.ndarray) -> Terms:
        """The same with the Hessian itself, by the implicit function theorem to second order."""
        at, slopes = self.gradient(theta)
        self.followed, self.base, self.slopes = at.v, theta.copy(), slopes
        return exact_terms(at, self.counts, slopes)


def exact_terms(at: Linearised, counts: np.ndarray, slopes: np.ndarray) -> Terms:
    """The log-likelihood at an equilibrium, its score and its Hessian; `slopes` are dv/dθ."""
    score, _ = moments(at.game, counts, at.v, slopes)
    hessian = bent(at, counts, multipliers(at, counts), slopes, np.eye(slopes.shape[-1]))
    return float((counts * at.game.log_choices(at.v)).sum()), score, hessian


def nested_fixed_point(
    game: DynamicGame,
    counts: np.ndarray,
    start: np.ndarray,
    v: np.ndarray,
    label: str = "",
    *,
    scoring: bool = False,
) -> tuple[Optimum, Linearised]:
    """Scoring steps until the estimate hardly moves, then Newton's with the exact Hessian.

    With `scoring` the second part is left out, and the Hessian is the expected one.
    """
    path = NestedFixedPoint(game, counts, v)
    safe = _guarded(path.derivatives)
    rough = maximise(safe, start, value=path.value, tolerance=1e-10, label=label)
    if scoring:
        return rough, path.solve(rough.point)
    found = maximise(
        _guarded(path.exact), rough.point, value=path.value, tolerance=1e-17, label=label,
        max_iterations=20,
    )  # fmt: skip
    return found, path.solve(found.point)


def _guarded(derivatives: Callable[[np.ndarray], Terms]) -> Callable[[np.ndarray], Terms]:
    def guarded(theta: np.ndarray) -> Terms:
        try:
            return derivatives(theta)
        except SolveError:
            size = len(theta)
            return -np.inf, np.zeros(size), -np.eye(size)

    return guarded
