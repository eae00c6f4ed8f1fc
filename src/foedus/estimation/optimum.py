r"""Maxima of smooth functions with exact derivatives: Newton's method in a trust region.

A step solves $(-H + \mu D)\, p = g$ with $D = |\mathrm{diag}\, H|$; $\mu$ grows where the
function is not concave or the step disappoints and shrinks to zero where it keeps its promise,
so that the last steps are Newton's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.linalg

SLIGHT = 1e-3  # damping that hardly changes a step: after a good one, none is tried
Derivatives = Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Optimum:
    """Where a search ended. `decrement` is g'(-H)^{-1}g, twice what is left to gain nearby."""

    point: np.ndarray
    value: float
    gradient: np.ndarray
    hessian: np.ndarray
    decrement: float
    iterations: int
    converged: bool
    reason: str
    start: str = ""


def maximise(
    derivatives: Derivatives,
    start: np.ndarray,
    *,
    value: Callable[[np.ndarray], float] | None = None,
    tolerance: float = 1e-18,
    max_iterations: int = 150,
    label: str = "",
) -> Optimum:
    """The maximum that a search from `start` leads to.

    It has converged when the Newton decrement is at most `tolerance`·(1 + |value|), or when no
    step gains anything any more and the decrement is at rounding level.
    """
    x = np.array(start, dtype=float)
    with np.errstate(all="ignore"):
        f, g, h = derivatives(x)
    damping, reason, trusted = 0.0, "too many iterations", False
    if not np.isfinite(f):
        return _ended(x, f, g, h, 0, "the function is not finite at the start", label, False)
    for iteration in range(1, max_iterations + 1):
        found = _step(g, h, damping)
        if found is None:
            return _ended(x, f, g, h, iteration, "the curvature cannot be factored", label, False)
        step, damping = found
        promised = float(g @ step + 0.5 * step @ h @ step)
        if damping == 0.0 and float(g @ step) <= tolerance * (1.0 + abs(f)):
            return _ended(x, f, g, h, iteration, "converged", label, True)
        new, ahead = x + step, None
        with np.errstate(all="ignore"):
            if value is None or trusted:  # the step will be taken, so its derivatives are wanted
                ahead = derivatives(new)
                reached = ahead[0]
            else:
                reached = value(new)
        rounding = 4e-16 * (1.0 + abs(f))
        ratio = (reached - f) / promised if promised > 0 else -1.0
        if not np.isfinite(reached):
            ratio = -1.0
        if promised <= rounding and np.isfinite(reached) and abs(reached - f) <= 1e3 * rounding:
            ratio = 1.0  # gains below rounding cannot be measured; the model is trusted
        trusted = damping <= SLIGHT and ratio > 0.5
        if ratio < 1e-4:
            damping = max(4.0 * damping, 1e-4)
            if damping > 1e14:
                stuck = _ended(x, f, g, h, iteration, "no step gains anything", label, False)
                small = 0.0 <= stuck.decrement <= 1e-9 * (1.0 + abs(f))
                return replace(stuck, reason="converged", converged=True) if small else stuck
            continue
        x = new
        with np.errstate(all="ignore"):
            f, g, h = derivatives(x) if ahead is None else ahead
        if ratio > 0.75:
            damping = damping / 8.0 if damping > SLIGHT else 0.0
        elif ratio < 0.25:
            damping = max(2.0 * damping, 1e-4)
    return _ended(x, f, g, h, max_iterations, reason, label, False)


def maximise_some(
    derivatives: Derivatives,
    start: np.ndarray,
    free: np.ndarray,
    *,
    value: Callable[[np.ndarray], float],
    tolerance: float = 1e-18,
    max_iterations: int = 150,
) -> Optimum:
    """The maximum over the places `free` alone; the rest of `start` stays as it is.

    Derivatives and values are of whole points; the optimum is of the free places.
    """

    def whole(x: np.ndarray) -> np.ndarray:
        point = start.copy()
        point[free] = x
        return point

    def inner(x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        f, g, h = derivatives(whole(x))
        return f, g[free], h[np.ix_(free, free)]

    return maximise(
        inner, start[free], value=lambda x: value(whole(x)), tolerance=tolerance,
        max_iterations=max_iterations,
    )  # fmt: skip


def _step(g: np.ndarray, h: np.ndarray, damping: float) -> tuple[np.ndarray, float] | None:
    """The step, and the damping that made the system positive definite."""
    scale = np.maximum(np.abs(np.diag(h)), 1e-10 * max(1.0, float(np.abs(h).max(initial=0.0))))
    for _ in range(40):
        try:
            factor = scipy.linalg.cho_factor(
                -h + damping * np.diag(scale), lower=True, check_finite=True
            )
        except (np.linalg.LinAlgError, ValueError):
            damping = max(4.0 * damping, 1e-4)
            continue
        return scipy.linalg.cho_solve(factor, g), damping
    return None


def _ended(
    x: np.ndarray,
    f: float,
    g: np.ndarray,
    h: np.ndarray,
    iterations: int,
    reason: str,
    label: str,
    converged: bool,
) -> Optimum:
    try:
        left = float(g @ np.linalg.solve(-h, g))
    except np.linalg.LinAlgError:
        left = float("nan")
    return Optimum(
        point=x,
        value=f,
        gradient=g,
        hessian=h,
        decrement=left,
        iterations=iterations,
        converged=converged,
        reason=reason,
        start=label,
    )
