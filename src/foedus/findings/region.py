"""Statements about the region as a whole, and how sure they are: resamples of the draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from foedus.errors import QueryError
from foedus.findings.draws import Draws
from foedus.findings.statements import Slack, evaluate, measure
from foedus.numerics.resamples import resample_counts
from foedus.scenario.formulas import ParameterValue
from foedus.scenario.statements import Figure, Statement, Statistic, Term, inner

RESAMPLES = 400  # a share of resamples is then known to 0.05 at worst
LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class StatisticValue:
    """A number about the region: on the draws as they are, and over resamples of them.

    `interval` holds the middle 95 % of resamples, `range` the middle 80 %.
    """

    name: str
    value: float
    interval: tuple[float, float]
    range: tuple[float, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Resampled:
    """A statement about the region in each resample, and on the draws as they are.

    `statistics`: the numbers that it compares, in reading order. `size`: the effect.
    """

    slack: Slack
    stands: bool | None
    statistics: tuple[StatisticValue, ...]
    size: StatisticValue | None


def resampled(
    statement: Statement, effect: Term | None, draws: Draws, *, margin: float, seed: int
) -> Resampled:
    """A statement about the region, on the draws and in 400 resamples of them.

    A resample takes as many draws as there are, each by chance and any of them repeatedly.
    The draws must be in an order of their own, as `Draws.ordered` leaves them, for then the
    same seed gives the same answer in whatever order they came.

    Source: Efron & Tibshirani (1993), *An Introduction to the Bootstrap*.
    """
    terms = [*dict.fromkeys(outermost(statement))] + ([] if effect is None else [effect])
    if any(reads_draws(part) for part in (statement, *terms)):
        raise QueryError(
            "The statement speaks of the region and of single draws at once. "
            "Put what it says of draws inside a statistic, such as a share."
        )
    slacks, columns = [], []
    for counts in _samples(draws.size, seed):
        slacks.append(measure(statement, draws, margin=margin, counts=counts))
        columns.append(
            [
                np.broadcast_to(evaluate(term, draws, margin=margin, counts=counts), len(counts))
                for term in terms
            ]
        )
    strict, lenient = (
        np.concatenate([getattr(slack, name) for slack in slacks]) for name in ("strict", "lenient")
    )
    summaries = [
        _summary(term.name if isinstance(term, Statistic) else "effect", np.concatenate(parts))
        for term, parts in zip(terms, zip(*columns, strict=True), strict=True)
    ]
    return Resampled(
        slack=Slack(strict=strict[1:], lenient=lenient[1:]),
        stands=None if np.isnan(strict[0]) else bool(strict[0] > 0),
        statistics=tuple(summaries if effect is None else summaries[:-1]),
        size=None if effect is None else summaries[-1],
    )


def outermost(node: Term | Statement) -> Iterator[Statistic]:
    """The statistics in a statement that are not inside another, in reading order."""
    for part in inner(node):
        if isinstance(part, Statistic):
            yield part
        else:
            yield from outermost(part)


def _samples(size: int, seed: int) -> Iterator[Int[np.ndarray, "samples draws"]]:
    """The draws as they are, then the resamples."""
    yield np.ones((1, size), dtype=int)
    yield from resample_counts(size, RESAMPLES, seed)


def reads_draws(node: Term | Statement) -> bool:
    """Whether something outside all statistics differs between draws."""
    if isinstance(node, Figure | ParameterValue):
        return True
    return not isinstance(node, Statistic) and any(map(reads_draws, inner(node)))


def _summary(name: str, values: Float[np.ndarray, "samples"]) -> StatisticValue:
    repeated = values[1:][np.isfinite(values[1:])]
    tails = ((1 - LEVEL) / 2, 0.1, 0.9, (1 + LEVEL) / 2)
    ends = np.quantile(repeated, tails) if repeated.size else np.full(4, np.nan)
    start, low, high, end = (float(value) for value in ends)
    return StatisticValue(
        name=name, value=float(values[0]), interval=(start, end), range=(low, high)
    )
