r"""How far an estimate is from a fold, where its equilibrium meets another and both vanish.

With equations $F(θ, y) = 0$, let $s$ be the smallest singular value of $∂F/∂y$ with vectors
$u, w$. To second order the equations along $w$ are $a + s t + ½ b t² = 0$, with
$a = u'F_θ Δθ$ and $b = u'F_{yy}(w, w)$; they have no solution beyond $a = s² / 2b$. In standard
errors of $u'F_θ θ$ that is

    s² / (2 |b| √(u'F_θ V F_θ'u)),     V the covariance of the estimates

which is exact near a fold and a guess elsewhere. Where the guess is near, the equilibrium is
followed that way, and the distance at which it ends is the answer. Standard errors, predictions
and counterfactuals that reach beyond a fold are about an equilibrium that is not there.
"""

from __future__ import annotations

import numpy as np

from foedus.errors import SolveError
from foedus.estimation.dynamic_branch import Branch
from foedus.estimation.dynamic_equilibrium import Linearised, missing_of
from foedus.estimation.jets import normal_cdf, variables
from foedus.estimation.likelihood import Likelihood
from foedus.estimation.signalling import SignallingRows, newton, residual
from foedus.estimation.signalling_constrained import expand, variables_at

NEAR = 2.0  # standard errors within which a fold is looked for and pointed out
STEPS = 20  # on the way there
ROUNDS = 40  # of inverse iteration
JUMP = 0.3  # a change of some choice in one step that only another equilibrium explains


def guess(
    slope: float | np.ndarray, bend: float | np.ndarray, spread: float | np.ndarray
) -> np.ndarray:
    """s² / (2 |b| spread); infinity where nothing bends or the estimate does not matter."""
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.square(slope) / (2.0 * np.abs(bend) * spread)
    answer: np.ndarray = np.where(np.isnan(far), np.inf, far)
    return answer


def signalling_folds(
    likelihood: Likelihood, point: np.ndarray, covariance: np.ndarray
) -> np.ndarray:
    """By row of a signalling game: how many standard errors away its equilibrium ends.

    Infinity where it goes on for 2 standard errors.
    """
    rows, last = likelihood.rows, len(likelihood.forms)
    assert isinstance(rows, SignallingRows)
    whole = slice(0, likelihood.n_rows)
    etas = likelihood.etas(point, whole)
    x = rows.equilibrium(likelihood.named(list(etas)), whole)
    missed = expand(residual(*variables_at(likelihood, point, x)), len(x), last + 1)
    designs = [form.design for form in likelihood.forms]
    pull = np.concatenate(
        [missed.gradient[:, f, None] * design for f, design in enumerate(designs)], axis=1
    )
    spread = np.sqrt(np.maximum(np.einsum("nk,kl,nl->n", pull, covariance, pull), 0.0))
    slope = missed.gradient[:, last]
    far = guess(slope, missed.hessian[:, last, last], spread)
    found = np.full(len(x), np.inf)
    close = np.flatnonzero(far < 2.0 * NEAR)
    step = (pull @ covariance)[close] / spread[close, None]
    moved = np.stack(
        [
            np.einsum("nk,nk->n", design[close], step[:, span])
            for design, span in zip(designs, likelihood.spans, strict=True)
        ]
    )
    for side in (1.0, -1.0):
        here, going = x[close].copy(), np.ones(len(close), dtype=bool)
        for t in np.linspace(0.0, NEAR, STEPS + 1)[1:]:
            forms = likelihood.named(list(etas[:, close] + side * t * moved))
            there, solved = newton(forms, here)
            # Along a branch the slope keeps its sign; beyond a fold Newton finds another one.
            with np.errstate(all="ignore"):  # Newton may have run away where it finds none
                now = residual(forms, variables(there[None])[0]).gradient[0]
            stays = np.sign(now) == np.sign(slope[close])
            near = np.abs(normal_cdf(there) - normal_cdf(here)) < JUMP
            lost, here = going & ~(solved & stays & near), there
            found[close[lost]] = np.minimum(found[close[lost]], t)
            going &= ~lost
    return found


def dynamic_fold(at: Linearised, covariance: np.ndarray) -> float:
    """How many standard errors away the equilibrium of a dynamic game ends.

    Infinity where it goes on for 2 standard errors.
    """
    game = at.game
    if np.abs(at.missing).max() > 1e-6:  # play of a pseudo-likelihood, which is no equilibrium
        return float("inf")
    right = np.random.default_rng(0).standard_normal((*at.v.shape, 1))
    for _ in range(ROUNDS):
        left = at.solve_transposed(right)
        left /= np.linalg.norm(left)
        right = at.solve(left)
        slope = 1.0 / float(np.linalg.norm(right))
        right *= slope
    u, w, step = left[..., 0], right[..., 0], 1e-4
    ahead, here, back = (missing_of(game, at.v + h * w, at.theta) for h in (step, 0.0, -step))
    bend = float((u * (ahead - 2.0 * here + back)).sum()) / step**2
    along = np.einsum("sa,sak->k", u, at.features)
    spread = float(np.sqrt(along @ covariance @ along))
    if not guess(slope, bend, spread) < 2.0 * NEAR:
        return float("inf")
    way = covariance @ along / spread * NEAR / STEPS
    return min(_followed(at, way), _followed(at, -way))


def _followed(at: Linearised, way: np.ndarray) -> float:
    """Standard errors along `way`, step by step, until the branch ends."""
    here = Branch(at)
    for number in range(1, STEPS + 1):
        try:
            here = here.to(here.at.theta + way)
        except SolveError:
            return number * NEAR / STEPS
    return float("inf")


def told(distances: np.ndarray) -> tuple[str, ...]:
    """What a reader must know where an equilibrium ends near the estimate."""
    close = np.flatnonzero(distances <= NEAR)
    if not len(close):
        return ()
    least = int(close[np.argmin(distances[close])])
    where = "the equilibrium"
    if len(distances) > 1:
        where = f"the equilibrium of {len(close)} of {len(distances)} rows"
    return (
        f"{where} ends within {NEAR:g} standard errors of the estimate"
        + (
            f" (row {least} at {distances[least]:.1f})"
            if len(distances) > 1
            else f" (at {distances[least]:.1f})"
        )
        + "; errors, predictions and counterfactuals that reach beyond are of no equilibrium",
    )
