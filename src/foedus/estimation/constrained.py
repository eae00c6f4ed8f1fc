r"""Constrained maximum likelihood: estimates and equilibrium sought together.

    max ℓ(θ, y)   subject to   F(θ, y) = 0

by sequential quadratic programming (Su and Judd 2012). Each step maximises the Lagrangian's
quadratic model under the linearised equations. The equilibrium is eliminated block by block; where
a block is nearly singular, one of its directions stays a variable of its own (the system is
bordered), so that a step exists also where the nested map θ ↦ y folds back.

A filter accepts steps that gain in likelihood or in feasibility (Fletcher and Leyffer 2002).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy.linalg

FEASIBLE = 1e-9  # what equations may miss in the end
REACH = 2.0  # how far one step may move the logarithm of a probability
CREDIT = 1e-5  # the share of a promise that a step has to keep


@dataclass(frozen=True, eq=False, kw_only=True)
class QuadraticProgramme:
    """max slope'z + ½ (1, z)'bend (1, z) subject to border z = rest.

    - `bend`: second derivatives of the Lagrangian, its first row and column those along the step
      towards feasibility. `tame`: the same of the likelihood alone, which is concave; it stands
      in where the Lagrangian is not.
    - `move(z)`: the step in θ and y, and by how much it moves the logarithm of some probability.
    """

    slope: np.ndarray
    bend: np.ndarray
    tame: np.ndarray
    border: np.ndarray
    rest: np.ndarray
    move: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, float]]

    def solve(self, damping: float) -> Solved | None:
        """The maximiser, with more damping where the model is not concave."""
        if len(self.border):
            start = np.linalg.lstsq(self.border, self.rest, rcond=None)[0]
            free = scipy.linalg.null_space(self.border)
        else:
            start, free = np.zeros(len(self.slope)), np.eye(len(self.slope))
        for bend in (self.bend, *[self.tame] * 40):
            inside = free.T @ bend[1:, 1:] @ free
            slope = free.T @ (self.slope + bend[0, 1:] + bend[1:, 1:] @ start)
            scale = np.maximum(
                np.abs(np.diag(inside)), 1e-8 * max(1.0, float(np.abs(inside).max()))
            )
            try:
                factor = scipy.linalg.cho_factor(-inside + damping * np.diag(scale))
            except (np.linalg.LinAlgError, ValueError):
                if bend is self.tame:
                    damping = max(4.0 * damping, 1e-6)
                continue
            step = scipy.linalg.cho_solve(factor, slope)
            z = start + free @ step
            promise = float(self.slope @ z + bend[0, 1:] @ z + 0.5 * z @ bend[1:, 1:] @ z)
            return Solved(
                z=z, left=float(slope @ step), promise=promise, damping=damping,
                exact=bend is self.bend,
            )  # fmt: skip
        return None


@dataclass(frozen=True, eq=False, kw_only=True)
class Solved:
    """A step, twice what is `left` to gain at feasible points, and what the model promises."""

    z: np.ndarray
    left: float
    promise: float
    damping: float
    exact: bool


class Programme(Protocol):
    """A likelihood with its equilibrium equations."""

    def value(self, theta: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
        """ℓ and F."""
        ...

    def model(self, theta: np.ndarray, y: np.ndarray) -> QuadraticProgramme:
        """The quadratic model at a point, with least-squares multipliers."""
        ...

    def restore(self, theta: np.ndarray, y: np.ndarray) -> np.ndarray | None:
        """A y near by that meets the equations at θ, if one is found."""
        ...


@dataclass(frozen=True, eq=False, kw_only=True)
class Ended:
    """Where the search ended: the estimate, the equilibrium, and how good they are."""

    point: np.ndarray
    y: np.ndarray
    value: float
    missing: float
    converged: bool
    reason: str
    iterations: int


def maximise_constrained(
    programme: Programme,
    theta: np.ndarray,
    y: np.ndarray,
    *,
    tolerance: float = 1e-12,
    max_iterations: int = 200,
) -> Ended:
    """The constrained maximum that a search from (θ, y) leads to; y need not be an equilibrium.

    It has converged when the equations miss at most 1e-9 and twice what is left to gain is at
    most `tolerance`·(1 + |ℓ|).
    """
    damping, reason = 0.0, "too many iterations"
    with np.errstate(all="ignore"):
        value, missing = programme.value(theta, y)
    far = _size(missing)
    refused: list[tuple[float, float]] = [(10.0 * max(1.0, far), -np.inf)]
    iteration = 0
    for iteration in range(1, max_iterations + 1):
        with np.errstate(all="ignore"):
            try:
                found = programme.model(theta, y)
                solved = found.solve(damping)
            except (np.linalg.LinAlgError, ValueError):
                solved = None
        if solved is None:
            reason = "the equations cannot be linearised"
            break
        z, promise, damping = solved.z, solved.promise, solved.damping
        worst = float(np.abs(missing).max(initial=0.0))
        if worst <= FEASIBLE and solved.left <= tolerance * (1.0 + abs(value)):
            return Ended(
                point=theta, y=y, value=value, missing=worst, converged=True,
                reason="converged", iterations=iteration,
            )  # fmt: skip
        change, moved, reach = found.move(z)
        whole = min(1.0, REACH / reach) if reach > 0 else 1.0
        length, accepted = whole, False
        while length > 1e-5 * whole and not accepted:
            ends = theta + length * change, y + length * moved
            with np.errstate(all="ignore"):
                reached, still = programme.value(*ends)
            size = _size(still)
            accepted = (
                np.isfinite(reached)
                and np.isfinite(size)
                and all(size <= (1 - CREDIT) * h or reached >= f + CREDIT * h for h, f in refused)
            )
            if accepted and promise > 0 and length * promise > far**1.1:
                # A step that is about likelihood has to gain some of it.
                accepted = reached >= value + 1e-4 * length * promise - 1e-10 * (1 + abs(value))
            elif accepted:
                accepted = size <= (1 - CREDIT) * far or reached >= value + CREDIT * far
            if not accepted:
                length *= 0.5
        if accepted:
            if not (promise > 0 and length * promise > far**1.1):
                refused.append((far, value))
            damping = damping / 8.0 if length == 1.0 and damping > 1e-5 else damping
            damping = 0.0 if damping <= 1e-5 else damping
            (theta, y), value, missing, far = ends, reached, still, size
        if accepted and length >= 0.1 * whole:
            continue
        # The model promises what it cannot keep: shorter steps, from nearer to equilibrium.
        damping = max(10.0 * damping, 1e-3)
        if far > FEASIBLE and (restored := programme.restore(theta, y)) is not None:
            refused.append((far, value))
            y = restored
            with np.errstate(all="ignore"):
                value, missing = programme.value(theta, y)
            far = _size(missing)
        elif not accepted and damping > 1e6:
            reason = "no step gains anything"
            break
    return Ended(
        point=theta, y=y, value=value, missing=float(np.abs(missing).max(initial=0.0)),
        converged=False, reason=reason, iterations=iteration,
    )  # fmt: skip


def _size(missing: np.ndarray) -> float:
    return float(np.abs(missing).sum())
