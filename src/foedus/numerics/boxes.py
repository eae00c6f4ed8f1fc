"""Where an outcome holds, as a box of a few parameters: the patient rule induction method (PRIM).

Source: Friedman & Fisher (1999), *Statistics and Computing* 9, 123-143; for scenarios,
Bryant & Lempert (2010), *Technological Forecasting and Social Change* 77, 34-49.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from foedus.errors import QueryError

SIMPLER = 0.95  # of the best box's merit, for which one with fewer parameters is preferred
DOUBTFUL = 0.05  # quasi-p-value above which a restriction does not belong in a readable box

Ends = Float[np.ndarray, "parameters"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Box:
    r"""Limits on parameters, which themselves belong to the box, and what lies inside.

    - `lows`, `highs`: the limits; the range's own end where a side is not restricted.
    - `coverage`: share of all draws where the outcome holds that are inside; 1 if it never holds.
    - `density`: share of the draws inside where it holds; 0 if none is inside.
    - `mass`: share of all draws that are inside.
    - `p_values`: Bryant & Lempert's quasi-p-value of each restriction: how likely a density
        this high is by chance if the restriction did nothing, $P(\mathrm{Bin}(m, q) \ge h)$
        for h of m draws inside and q the density without it. NaN where not restricted.
        *Quasi*, because the limits were chosen on the same draws.
    """

    lows: Ends
    highs: Ends
    restricted: Bool[np.ndarray, "parameters"]
    coverage: float
    density: float
    mass: float
    p_values: Ends

    @property
    def merit(self) -> float:
        """Coverage times density: 1 for a box that holds all of the outcome and nothing else."""
        return self.coverage * self.density


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One restricted parameter of a box; `from_start`, `to_end`: that side is the range's end."""

    name: str
    low: float
    high: float
    from_start: bool
    to_end: bool
    p_value: float


@dataclass(frozen=True, eq=False)
class Sample:
    """Draws, whether the outcome holds in each, and the ranges they were drawn from."""

    parameters: Float[np.ndarray, "draws parameters"]
    holds: Bool[np.ndarray, "draws"]
    lows: Ends
    highs: Ends

    def __post_init__(self) -> None:
        draws, columns = np.shape(self.parameters)
        if np.shape(self.holds) != (draws,) or np.asarray(self.holds).dtype != bool or draws == 0:
            raise QueryError(
                f"A box needs one True or False for each of {draws} draws, and at least one draw."
            )
        if np.shape(self.lows) != (columns,) or np.shape(self.highs) != (columns,):
            raise QueryError(f"A box needs the range of each of {columns} parameters.")
        outside = ~((self.parameters >= self.lows) & (self.parameters <= self.highs))
        if outside.any():
            column = int(np.flatnonzero(outside.any(axis=0))[0])
            raise QueryError(f"Draws of the parameter in column {column} are outside its range.")

    def box(self, lows: Ends, highs: Ends) -> Box:
        """The box with these limits, measured on this sample."""
        below_or_above = (self.parameters < lows) | (self.parameters > highs)
        violations = below_or_above.sum(axis=1)
        inside = violations == 0
        held, size = int((inside & self.holds).sum()), int(inside.sum())
        every = int(self.holds.sum())
        restricted = (lows > self.lows) | (highs < self.highs)
        return Box(
            lows=lows,
            highs=highs,
            restricted=restricted,
            coverage=held / every if every else 1.0,
            density=held / size if size else 0.0,
            mass=size / self.holds.size,
            p_values=self._quasi_p_values(restricted, below_or_above, violations, held, size),
        )

    def _quasi_p_values(
        self,
        restricted: Bool[np.ndarray, "parameters"],
        outside: Bool[np.ndarray, "draws parameters"],
        violations: Int[np.ndarray, "draws"],
        held: int,
        size: int,
    ) -> Ends:
        from scipy.special import bdtrc  # a third of a second to import

        p_values = np.full(restricted.size, np.nan)
        for column in np.flatnonzero(restricted):
            relaxed = violations == outside[:, column]
            without = float(self.holds[relaxed].mean()) if relaxed.any() else 1.0
            p_values[column] = bdtrc(held - 1, size, without) if held else 1.0
        return p_values


def peel(
    sample: Sample,
    *,
    among: Sequence[int] | None = None,
    share: float = 0.05,
    smallest: float = 0.05,
) -> tuple[Box, ...]:
    """The peeling trajectory: from the whole range inwards, one small cut at a time.

    Each cut takes about a `share` of the draws inside from one end of one parameter, of all
    such cuts the one with the largest gain in density per draw removed; several equal values
    leave together. It ends before a cut would leave less than `smallest` of all draws, or
    at a density of 1. Limits lie halfway between the last draw out and the first draw in.
    Counting only, so the same for any order of rows; of equal cuts, the first column's and
    then the lower end's is taken.

    Only the columns `among` are cut, by default all. With many columns and few draws some
    cut of a column that does nothing looks best by chance, so choose them by a screen first.

    Source: Friedman & Fisher (1999); Kwakkel & Jaxa-Rozen (2016), *Environmental Modelling &
    Software* 79, 311-321, for the gain per draw removed, which is fair to cuts of any size.
    """
    columns = np.arange(len(sample.lows)) if among is None else np.array(among, dtype=int)
    x, holds = np.asarray(sample.parameters, dtype=float)[:, columns], sample.holds
    orders = np.argsort(x, axis=0, kind="stable").T
    inside = np.ones(holds.size, dtype=bool)
    lows, highs = np.array(sample.lows, dtype=float), np.array(sample.highs, dtype=float)
    trajectory = [sample.box(lows, highs)]
    while columns.size and 0 < trajectory[-1].density < 1:
        # Every column's draws inside, in its own order; sorted once for the whole trajectory.
        order = orders[inside[orders]].reshape(len(orders), -1)
        ends = [_cuts(x, holds, order, share), _cuts(x, holds, order[:, ::-1], share)]
        gains, kept, new_ends = (np.stack(part, axis=1) for part in zip(*ends, strict=True))
        gains[kept < max(smallest * holds.size, 1)] = -np.inf
        place, end = np.unravel_index(np.argmax(gains), gains.shape)
        if gains[place, end] == -np.inf:
            break
        column = columns[place]
        lows, highs = lows.copy(), highs.copy()
        (lows, highs)[end][column] = new_ends[place, end]
        inside &= (x[:, place] >= lows[column]) & (x[:, place] <= highs[column])
        trajectory.append(sample.box(lows, highs))
    return tuple(trajectory)


def readable_box(sample: Sample, trajectory: Sequence[Box], *, most: int = 3) -> Box:
    """A box of at most `most` parameters with good coverage and density.

    Every box of the trajectory gives up one restriction after the other, the one that
    costs least merit (coverage x density) first. For every number of parameters the best
    box found is kept, if no quasi-p-value in it exceeds 0.05, and the simplest within 5 %
    of the best merit is returned; it may be the whole range.
    """
    best: dict[int, Box] = {}
    for box in trajectory:
        relaxed = box
        while True:
            number = int(relaxed.restricted.sum())
            sure = not (relaxed.p_values > DOUBTFUL).any()
            better = number not in best or relaxed.merit > best[number].merit
            if number <= most and sure and better:
                best[number] = relaxed
            if number == 0:
                break
            relaxed = _relax(sample, relaxed)
    highest = max(box.merit for box in best.values())
    return next(best[n] for n in sorted(best) if best[n].merit >= SIMPLER * highest)


def limits(sample: Sample, box: Box, names: Sequence[str]) -> tuple[Limit, ...]:
    """The restrictions of a box as data, the surest first.

    >>> grid = np.arange(100.0)[:, None]
    >>> sample = Sample(grid, grid[:, 0] > 69, np.array([0.0]), np.array([99.0]))
    >>> [limit] = limits(sample, readable_box(sample, peel(sample)), ["losses"])
    >>> print(limit.name, limit.low, limit.to_end)
    losses 69.5 True
    """
    return tuple(
        Limit(
            name=names[column],
            low=float(box.lows[column]),
            high=float(box.highs[column]),
            from_start=bool(box.lows[column] <= sample.lows[column]),
            to_end=bool(box.highs[column] >= sample.highs[column]),
            p_value=float(box.p_values[column]),
        )
        for column in np.argsort(box.p_values, kind="stable")
        if box.restricted[column]
    )


def _cuts(
    x: Float[np.ndarray, "draws parameters"],
    holds: Bool[np.ndarray, "draws"],
    order: Int[np.ndarray, "parameters inside"],
    share: float,
) -> tuple[Ends, Ends, Ends]:
    """The cut at the near end of every column: gain, draws kept, and the new limit."""
    values = np.take_along_axis(x, order.T, axis=0).T
    size = order.shape[1]
    at = min(max(round(share * size), 1), size - 1)
    different = values != values[:, at - 1 : at]
    different[:, :at] = False
    # The first draw kept is the first with another value than the last draw due to leave.
    # A column with one value left cannot be cut; its gain says so.
    possible = different.any(axis=1)
    first = np.where(possible, different.argmax(axis=1), at)
    rows = np.arange(len(values))
    out, kept = values[rows, first - 1], values[rows, first]
    marks = holds[order]
    held = marks.sum(axis=1) - np.where(np.arange(size) < first[:, None], marks, False).sum(axis=1)
    gain = (held / (size - first) - marks.mean(axis=1)) / first
    middle = out + (kept - out) / 2
    # Between neighbouring floating-point numbers there is no middle.
    return np.where(possible, gain, -np.inf), size - first, np.where(middle == out, kept, middle)


def _relax(sample: Sample, box: Box) -> Box:
    """The best box with one restriction less."""
    outside = (sample.parameters < box.lows) | (sample.parameters > box.highs)
    columns = np.flatnonzero(box.restricted)
    relaxed = outside.sum(axis=1)[:, None] == outside[:, columns]
    held = (relaxed & sample.holds[:, None]).sum(axis=0)
    # Merit is held^2 / (inside x all holding); the last factor is the same for all.
    merit = held**2 / np.maximum(relaxed.sum(axis=0), 1)
    column = columns[int(np.argmax(merit))]
    lows, highs = box.lows.copy(), box.highs.copy()
    lows[column], highs[column] = sample.lows[column], sample.highs[column]
    return sample.box(lows, highs)
