"""Which parameter values to try: points of the unit cube and their map to ranges.

Every row of a design is a pure function of the design and the row's number. Workers may
therefore compute any chunks in any order, and the chunks agree bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Bool, Float

from foedus.errors import QueryError

Kind = Literal["sobol", "latin", "saltelli", "one-at-a-time"]
Scale = Literal["linear", "log"]
Unit = Float[np.ndarray, "rows varied"]


@dataclass(frozen=True, kw_only=True)
class Design:
    """A plan of draws over ranges. A parameter whose `low` equals its `high` is a constant.

    What the rows are depends on `kind`; d is the number of parameters that vary:

    - `sobol`: the first `n` points of a scrambled Sobol sequence. A longer design of the
        same seed begins with the same points.
    - `latin`: a Latin hypercube of `n` points. It is another one for every `n`.
    - `saltelli`: `n` blocks of d + 2 rows for total effects: A, B, then A with column i
        taken from B, for each i. A and B are halves of one Sobol sequence in 2d dimensions
        (Saltelli et al. 2010, *Computer Physics Communications* 181, 259-270).
    - `one-at-a-time`: a row of central values, then for each parameter that varies `n`
        rows with it on evenly spaced levels from end to end and the others central.

    `central` stands for the middles of the ranges where it is not given. `seed` has no
    effect on `one-at-a-time`. Raises `QueryError` that lists everything wrong at once.

    Source: Sobol' (1967), *USSR Computational Mathematics and Mathematical Physics* 7, 86-112,
    scrambled after Matousek (1998), *Journal of Complexity* 14, 527-556; McKay, Beckman &
    Conover (1979), *Technometrics* 21, 239-245, for the Latin hypercube.

    >>> ranges = {"names": ("sigma", "c"), "lows": (0.5, 2.0), "highs": (8.0, 2.0)}
    >>> design = Design(n=4, seed=1, scales=("log", "linear"), **ranges)
    >>> print(design.draws(1, 3).round(3))
    [[6.141 2.   ]
     [2.149 2.   ]]
    """

    kind: Kind = "sobol"
    seed: int = 0
    n: int
    names: tuple[str, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    scales: tuple[Scale, ...]
    central: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        problems = _settings_problems(self) + _range_problems(self)
        if problems:
            raise QueryError("This design cannot be drawn:\n  " + "\n  ".join(problems))

    @property
    def varied(self) -> Bool[np.ndarray, "parameters"]:
        """The parameters that vary, by column."""
        return np.array(self.highs) > np.array(self.lows)

    @property
    def rows(self) -> int:
        """How many rows the whole design has."""
        columns = int(self.varied.sum())
        match self.kind:
            case "saltelli":
                return self.n * (columns + 2)
            case "one-at-a-time":
                return 1 + self.n * columns
            case _:
                return self.n

    def draws(
        self, start: int = 0, stop: int | None = None
    ) -> Float[np.ndarray, "rows parameters"]:
        """Rows `start` up to `stop`, without it, in the order of `names`."""
        stop = self.rows if stop is None else stop
        if not 0 <= start <= stop <= self.rows:
            raise QueryError(
                f"Rows {start} to {stop} were asked of a design with {self.rows} rows."
            )
        varied, centre = self.varied, self._centre()
        drawn = np.broadcast_to(centre, (stop - start, len(self.names))).copy()
        lows, highs = np.array(self.lows)[varied], np.array(self.highs)[varied]
        log = (np.array(self.scales) == "log")[varied]
        if self.kind == "one-at-a-time":
            level, moved = _one_at_a_time(self.n, int(varied.sum()), start, stop)
            values = np.where(moved, from_unit(level, lows, highs, log), centre[varied])
        else:
            values = from_unit(self._unit(int(varied.sum()), start, stop), lows, highs, log)
        drawn[:, varied] = values
        return drawn

    def _centre(self) -> Float[np.ndarray, "parameters"]:
        if self.central is not None:
            return np.array(self.central, dtype=float)
        lows, highs = np.array(self.lows), np.array(self.highs)
        return from_unit(np.full(lows.size, 0.5), lows, highs, np.array(self.scales) == "log")

    def _unit(self, columns: int, start: int, stop: int) -> Unit:
        if columns == 0:
            return np.empty((stop - start, 0))
        match self.kind:
            case "saltelli":
                return _saltelli(self.seed, columns, start, stop)
            case "latin":
                return _latin_hypercube(self.seed, self.n, columns)[start:stop]
            case _:
                return _sobol(self.seed, columns, start, stop)


def from_unit(
    unit: Float[np.ndarray, "*rows parameters"],
    lows: Float[np.ndarray, "parameters"] | float,
    highs: Float[np.ndarray, "parameters"] | float,
    log: Bool[np.ndarray, "parameters"] | bool,
) -> Float[np.ndarray, "*rows parameters"]:
    r"""Values in closed ranges: $(1-u)l + uh$, or $l^{1-u}h^u$ where `log`.

    0 and 1 give the ends exactly, and rounding never carries a value past them.

    >>> print(from_unit(np.full(2, 0.5), 1.0, 9.0, np.array([False, True])))
    [5. 3.]
    """
    safe_low, safe_high = np.where(log, lows, 1.0), np.where(log, highs, 1.0)
    from_log, to_log = np.log(safe_low), np.log(safe_high)
    by_log = np.exp(from_log + unit * (to_log - from_log))
    values = np.where(log, by_log, (1 - unit) * lows + unit * highs)
    return np.where(unit >= 1, highs, np.where(unit <= 0, lows, np.clip(values, lows, highs)))


def _sobol(seed: int, columns: int, start: int, stop: int) -> Unit:
    """Points `start` to `stop`, scrambled by a random linear matrix and shift (Matoušek 1998)."""
    from scipy.stats import qmc  # takes most of a second to import

    engine = qmc.Sobol(columns, rng=np.random.default_rng(seed))
    points = [np.empty((0, columns))]
    if start == 0 and stop > 0:
        # The first point apart: otherwise SciPy warns about sizes that are not powers of 2.
        points.append(engine.random(1))
        start = 1
    elif start > 0:
        engine.fast_forward(start)
    points.append(engine.random(max(stop - start, 0)))
    return np.concatenate(points)


def _latin_hypercube(seed: int, n: int, columns: int) -> Unit:
    """One point in each of `n` equal slices of every axis (McKay, Beckman & Conover 1979)."""
    random = np.random.default_rng(seed)
    slices = random.permuted(np.broadcast_to(np.arange(n)[:, None], (n, columns)), axis=0)
    return (slices + random.random((n, columns))) / n


def _saltelli(seed: int, columns: int, start: int, stop: int) -> Unit:
    """Rows of blocks A, B, AB_1, ..., AB_d; see `Design`."""
    rows = columns + 2
    first, last = start // rows, -(-stop // rows)
    both = _sobol(seed, 2 * columns, first, last)
    a, b = both[:, None, :columns], both[:, None, columns:]
    from_b = np.vstack([np.zeros(columns), np.ones(columns), np.eye(columns)]).astype(bool)
    return np.where(from_b, b, a).reshape(-1, columns)[start - first * rows : stop - first * rows]


def _one_at_a_time(
    levels: int, columns: int, start: int, stop: int
) -> tuple[Unit, Bool[np.ndarray, "rows varied"]]:
    """The level every parameter would have in each row, and whether it is the one moved."""
    row = np.arange(start, stop)
    moved = (row[:, None] > 0) & ((row[:, None] - 1) // levels == np.arange(columns))
    level = np.linspace(0.0, 1.0, levels)[(row - 1) % levels]
    return np.broadcast_to(level[:, None], moved.shape), moved


def _settings_problems(design: Design) -> list[str]:
    problems = []
    if design.kind not in get_args(Kind):
        problems.append(f"kind is {design.kind!r}; it must be one of {', '.join(get_args(Kind))}")
    if design.seed < 0:
        problems.append(f"seed is {design.seed}; it must be 0 or a positive whole number")
    fewest = 2 if design.kind == "one-at-a-time" else 1
    if design.n < fewest:
        problems.append(f"n is {design.n}; a design of kind {design.kind} needs {fewest} or more")
    return problems


def _range_problems(design: Design) -> list[str]:
    columns: list[tuple[str, Sequence[object]]] = [
        ("lows", design.lows),
        ("highs", design.highs),
        ("scales", design.scales),
    ]
    if design.central is not None:
        columns.append(("central", design.central))
    problems = [
        f"there are {len(design.names)} names but {len(given)} {what}"
        for what, given in columns
        if len(given) != len(design.names)
    ]
    if len(set(design.names)) < len(design.names):
        problems.append("a name appears twice")
    if problems:
        return problems
    central = design.central or (None,) * len(design.names)
    for name, low, high, scale, centre in zip(
        design.names, design.lows, design.highs, design.scales, central, strict=True
    ):
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            problems.append(f"{name}: the range [{low}, {high}] is empty or not finite")
        elif scale == "log" and low <= 0:
            problems.append(f"{name}: a log scale needs a range above 0, not [{low}, {high}]")
        elif centre is not None and not low <= centre <= high:
            problems.append(f"{name}: the central value {centre} is outside [{low}, {high}]")
        if scale not in get_args(Scale):
            problems.append(f"{name}: the scale {scale!r} is neither linear nor log")
    return problems
