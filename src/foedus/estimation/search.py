r"""Maxima sought from many starts: what was tried, and every distinct optimum that came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from foedus.estimation.backward_induction import induce_backward
from foedus.estimation.likelihood import Form, Likelihood, Rows, TreeRows
from foedus.estimation.optimum import Optimum, maximise
from foedus.estimation.penalties import objective

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
    """Distinct optima, best first, and all attempts.

    `reached` is the likelihood as it stands at the best: where a row has several equilibria, it
    follows those that the optimum was found at.
    """

    optima: tuple[Optimum, ...]
    attempts: tuple[Attempt, ...]
    reached: Likelihood | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Start:
    """Where a search begins. `rows` are the data with the equilibria to begin from, if any."""

    name: str
    point: np.ndarray
    rows: Rows | None = None


Climb: TypeAlias = Callable[
    [Likelihood, np.ndarray, str, str | None], tuple[Optimum, Likelihood]
]  # from a point, by name and under a penalty, to an optimum and the likelihood there


def ascend(
    likelihood: Likelihood, point: np.ndarray, label: str, penalty: str | None
) -> tuple[Optimum, Likelihood]:
    """The maximum that Newton's method leads to."""
    derivatives, value = objective(likelihood, penalty)
    tolerance = 1e-16 if penalty == "firth" else 1e-18
    found = maximise(derivatives, point, value=value, label=label, tolerance=tolerance)
    return found, likelihood


def search(
    likelihood: Likelihood,
    *,
    starts: int,
    seed: int,
    penalty: str | None = None,
    first: np.ndarray | None = None,
    points: Sequence[Start] = (),
    climb: Climb = ascend,
) -> Search:
    """Maximise from `points`, else from `starts`: given or frequencies, for trees
    backward induction, zero, random ones."""
    points = points or _starts(likelihood, starts, seed, first)
    if likelihood.n_rows > LARGE and len(points) > 1:
        rng = np.random.default_rng(seed)
        chosen = rng.choice(likelihood.n_rows, SAMPLE, replace=False)
        sample = likelihood.take(chosen)
        there = [replace(p, rows=p.rows and p.rows.take(chosen)) for p in points]
        found, _ = _all(sample, there, penalty, climb)
        led, numbers = distinct(found)
        further = [Start(name=o.start, point=o.point) for o in led[:3]]
        polished, reached = _all(likelihood, further, penalty, climb)
        attempts = listed(found, numbers)
        optima, _ = distinct(polished)
        ends = polished
    else:
        found, reached = _all(likelihood, points, penalty, climb)
        optima, numbers = distinct(found)
        attempts, ends = listed(found, numbers), found
    best = next(at for one, at in zip(ends, reached, strict=True) if one is optima[0])
    return Search(optima=optima, attempts=attempts, reached=best)


def _all(
    likelihood: Likelihood, points: Sequence[Start], penalty: str | None, climb: Climb
) -> tuple[list[Optimum], list[Likelihood]]:
    ends = [
        climb(replace(likelihood, rows=p.rows or likelihood.rows), p.point, p.name, penalty)
        for p in points
    ]
    return [found for found, _ in ends], [reached for _, reached in ends]


def _starts(likelihood: Likelihood, count: int, seed: int, first: np.ndarray | None) -> list[Start]:
    spread = np.concatenate(
        [np.maximum(np.sqrt((f.design**2).mean(axis=0)), 1e-8) for f in likelihood.forms]
    )
    centre = starting_point(likelihood)
    points = [Start(name="frequencies", point=centre)]
    if first is not None:
        points = [Start(name="given", point=first)]
    rng = np.random.default_rng(seed)
    if count > len(points):
        some = likelihood
        if likelihood.n_rows > LARGE:
            some = likelihood.take(rng.choice(likelihood.n_rows, SAMPLE, replace=False))
        if (induced := induce_backward(some)) is not None:
            points.append(Start(name="backward induction", point=induced))
    points.append(Start(name="zero", point=np.zeros(len(spread))))
    for number in range(max(0, count - len(points))):
        noise = rng.standard_normal(len(spread)) / spread
        points.append(Start(name=f"random {number + 1}", point=centre + noise))
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
    found = maximise(derivatives, np.zeros(len(places)), value=value, tolerance=1e-2)
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
