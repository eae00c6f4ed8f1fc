r"""Maxima sought from many starts: what was tried, and every distinct optimum that came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from foedus.estimation.backward_induction import induce_backward
from foedus.estimation.likelihood import Form, Likelihood, TreeRows
from foedus.estimation.optimum import Derivatives, Optimum, maximise
from foedus.estimation.penalties import penalty_term

SAME = 1e-5  # scaled distance below which two optima are one
LARGE = 100_000  # rows above which starts are told apart on a sample
SAMPLE = 20_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Attempt:
    """One start: what it is, where it led, and which of the distinct optima that is."""

    start: str
    value: float
    converged: bool
    reason: str
    iterations: int
    optimum: int | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Search:
    """Distinct optima, best first, and all attempts."""

    optima: tuple[Optimum, ...]
    attempts: tuple[Attempt, ...]


def objective(
    likelihood: Likelihood, penalty: str | None
) -> tuple[Derivatives, Callable[[np.ndarray], float]]:
    """The function to maximise, with and without derivatives."""
    if penalty is None:
        return likelihood.derivatives, likelihood.value
    term = penalty_term(penalty, likelihood)

    def derivatives(x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        (f, g, h), (a, b, c) = likelihood.derivatives(x), term(x)
        return f + a, g + b, h + c

    def value(x: np.ndarray) -> float:
        return likelihood.value(x) + term(x)[0]

    return derivatives, value


def search(
    likelihood: Likelihood,
    *,
    starts: int,
    seed: int,
    penalty: str | None = None,
    first: np.ndarray | None = None,
    points: list[tuple[str, np.ndarray]] | None = None,
) -> Search:
    """Maximise from `points`, else from `starts`: given or frequencies, for trees
    backward induction, zero, random ones."""
    points = points or _starts(likelihood, starts, seed, first)
    if likelihood.n_rows > LARGE and len(points) > 1:
        rng = np.random.default_rng(seed)
        sample = likelihood.take(rng.choice(likelihood.n_rows, SAMPLE, replace=False))
        found = _all(sample, points, penalty)
        led = distinct(found)[0]
        polished = _all(likelihood, [(o.start, o.point) for o in led[:3]], penalty)
        optima, _ = distinct(polished)
        return Search(optima=optima, attempts=listed(found, distinct(found)[1]))
    found = _all(likelihood, points, penalty)
    optima, numbers = distinct(found)
    return Search(optima=optima, attempts=listed(found, numbers))


def _all(
    likelihood: Likelihood, points: list[tuple[str, np.ndarray]], penalty: str | None
) -> list[Optimum]:
    tolerance = 1e-16 if penalty == "firth" else 1e-18
    found = []
    for name, point in points:
        # Where equilibria are followed from step to step, every start begins afresh.
        rows = likelihood.rows.afresh() if hasattr(likelihood.rows, "afresh") else likelihood.rows
        derivatives, value = objective(replace(likelihood, rows=rows), penalty)
        found.append(maximise(derivatives, point, value=value, label=name, tolerance=tolerance))
    return found


def _starts(
    likelihood: Likelihood, count: int, seed: int, first: np.ndarray | None
) -> list[tuple[str, np.ndarray]]:
    spread = np.concatenate(
        [np.maximum(np.sqrt((f.design**2).mean(axis=0)), 1e-8) for f in likelihood.forms]
    )
    centre = starting_point(likelihood)
    points = [("frequencies", centre)] if first is None else [("given", first)]
    rng = np.random.default_rng(seed)
    if count > len(points):
        some = likelihood
        if likelihood.n_rows > LARGE:
            some = likelihood.take(rng.choice(likelihood.n_rows, SAMPLE, replace=False))
        if (induced := induce_backward(some)) is not None:
            points.append(("backward induction", induced))
    points.append(("zero", np.zeros(len(spread))))
    for number in range(max(0, count - len(points))):
        noise = rng.standard_normal(len(spread)) / spread
        points.append((f"random {number + 1}", centre + noise))
    return points[: max(1, count)]


def starting_point(likelihood: Likelihood) -> np.ndarray:
    """Where to begin: constants alone, fitted to how often each outcome occurs over all rows."""
    start = np.zeros(len(likelihood.names))
    rows = likelihood.rows
    if hasattr(rows, "start"):
        for name, value in rows.start().items():
            if name in likelihood.names:
                start[likelihood.names.index(name)] = value
        return start
    if not isinstance(rows, TreeRows):
        return start
    spans, places, forms = likelihood.spans, [], []
    for form, span in zip(likelihood.forms, spans, strict=True):
        constant = [j for j, name in enumerate(form.columns) if name in ("Intercept", "1")]
        design = np.ones((1, len(constant[:1])))
        places += [span.start + j for j in constant[:1]]
        offset = float(np.mean(form.offset))
        forms.append(
            Form(name=form.name, design=design, columns=("1",) * len(constant[:1]), offset=offset)
        )
    if not places:
        return start
    total = (rows.counts * likelihood.weights[:, None]).sum(axis=0, keepdims=True) + 0.5
    pooled = Likelihood(rows=replace(rows, counts=total), forms=tuple(forms), weights=np.ones(1))
    derivatives, value = objective(pooled, "cauchy")
    found = maximise(derivatives, np.zeros(len(places)), value=value, tolerance=1e-6)
    if np.isfinite(found.value) and np.abs(found.point).max() < 20:
        start[places] = found.point
    return start


def distinct(found: list[Optimum]) -> tuple[tuple[Optimum, ...], list[int | None]]:
    """Converged ends, best first, one of each; the best of all where none converged."""
    order = sorted(range(len(found)), key=lambda i: (not found[i].converged, -found[i].value))
    optima: list[Optimum] = []
    numbers: list[int | None] = [None] * len(found)
    for i in order:
        if not found[i].converged:
            continue
        for j, known in enumerate(optima):
            if _near(found[i], known):
                numbers[i] = j
                break
        else:
            numbers[i] = len(optima)
            optima.append(found[i])
    if not optima:
        finite = [f for f in found if np.isfinite(f.value)] or found
        optima = [max(finite, key=lambda f: f.value)]
    return tuple(optima), numbers


def _near(one: Optimum, other: Optimum) -> bool:
    gap = one.point - other.point
    curved = float(gap @ -other.hessian @ gap)
    return abs(one.value - other.value) < 1e-6 * (1 + abs(other.value)) and abs(curved) < SAME


def listed(found: list[Optimum], numbers: list[int | None]) -> tuple[Attempt, ...]:
    """What became of every start."""
    return tuple(
        Attempt(
            start=f.start,
            value=f.value,
            converged=f.converged,
            reason=f.reason,
            iterations=f.iterations,
            optimum=number,
        )
        for f, number in zip(found, numbers, strict=True)
    )
