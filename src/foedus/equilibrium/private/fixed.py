"""Fixed points of a period with private types, all public states side by side.

Nothing that happens from one public state touches another within the period, so the system falls
into one small system for each, and one round of finite differences serves all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from foedus.equilibrium.private.sweep import Guess, Period, Swept

CORRECTIONS = 25  # Newton steps at one precision
CLOSE = 1e-11  # of y, relative to the larger of 1 and its size
STARTS = 20  # of Newton's method from random play, where the branch turns back
HALVINGS = 8  # of a step that makes things worse
STEP = 1e-6  # of finite differences, likewise
FIRST_SHARE = 0.5  # of a precision that is 1 over the spread of action values
LARGEST_RATIO, SMALLEST_RATIO = 2.0, 1.005
LARGEST_MOVE = 0.25  # of any probability between prediction and solution; more may be another path


@dataclass(frozen=True, eq=False, kw_only=True)
class Fixed:
    """Play of a period. `solved[p]`: whether public state p was; `rounds`: sweeps that it took.

    `share`: of the precision, up to which play was followed.
    """

    guess: Guess
    swept: Swept
    solved: np.ndarray
    rounds: int
    share: float


class Unknowns:
    """Which entries of a guess feed back, and to which public state each belongs."""

    def __init__(self, period: Period) -> None:
        self.period = period
        self.places: list[tuple[int, int, np.ndarray, np.ndarray]] = []
        origins = []
        for k, seats in enumerate(period.sight.seats):
            for j, seat in enumerate(seats):
                if not seat.guessed:
                    continue
                open_ = seat.available & (seat.available.sum(axis=1, keepdims=True) > 1)
                rows, columns = np.nonzero(open_)
                self.places.append((k, j, rows, columns))
                origins.append(seat.origin[rows])
        self.origin = np.concatenate(origins) if origins else np.zeros(0, int)
        self.problems = int(period.information.public[0].max(initial=-1)) + 1
        order = np.argsort(self.origin, kind="stable")
        counts = np.bincount(self.origin, minlength=self.problems)
        first = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self.local = np.empty(len(self.origin), int)
        self.local[order] = np.arange(len(order)) - first[self.origin[order]]
        self.width = int(counts.max(initial=0))

    def read(self, guess: Guess) -> np.ndarray:
        """The unknowns of a guess as one vector."""
        parts = [guess[k][j][rows, columns] for k, j, rows, columns in self.places]
        return np.concatenate(parts) if parts else np.zeros(0)

    def written(self, guess: Guess, x: np.ndarray) -> Guess:
        """The guess with other unknowns."""
        stages = [list(members) for members in guess]
        at = 0
        for k, j, rows, columns in self.places:
            y = stages[k][j].copy()
            y[rows, columns] = x[at : at + len(rows)]
            stages[k][j] = y
            at += len(rows)
        return tuple(tuple(members) for members in stages)


def fixed_point(period: Period, following: np.ndarray, start: Guess | None = None) -> Fixed:
    """The fixed point near `start`, or else on the branch that begins at uniform play."""
    unknowns = Unknowns(period)
    if start is not None:
        found = _newton(period, unknowns, start, following)
        if found.solved.all():
            return found
        joined = _climb(period, unknowns, following)
        return replace(joined, rounds=joined.rounds + found.rounds)
    return _climb(period, unknowns, following)


def near(period: Period, following: np.ndarray, start: Guess) -> Fixed:
    """Where Newton's method leads from `start`, solved or not."""
    return _newton(period, Unknowns(period), start, following)


def _climb(period: Period, unknowns: Unknowns, following: np.ndarray) -> Fixed:
    """Precision raised from play that is almost uniform, the guess scaled with it."""
    blank = period.blank()
    spread = _spread(period.sweep(blank, following).answer)
    share = min(1.0, FIRST_SHARE / spread) if spread > 0 else 1.0
    guess, ratio, rounds = blank, LARGEST_RATIO, 1
    found = _newton(period.at(share), unknowns, guess, following)
    rounds += found.rounds
    while share < 1.0 and found.solved.all():
        ahead = min(1.0, share * ratio)
        predicted = unknowns.written(found.guess, unknowns.read(found.guess) * (ahead / share))
        tried = _newton(period.at(ahead), unknowns, predicted, following)
        rounds += tried.rounds
        if tried.solved.all() and _moved(predicted, tried.guess) <= LARGEST_MOVE:
            found, share, ratio = tried, ahead, min(LARGEST_RATIO, ratio**1.5)
        elif ratio <= SMALLEST_RATIO:
            break
        else:
            ratio **= 0.5
    if share >= 1.0:
        return replace(found, rounds=rounds, share=1.0)
    # The branch turns back somewhere. What Newton's method finds beyond may be another part of it.
    rng = np.random.default_rng(0)
    final = _newton(period, unknowns, found.guess, following)
    rounds += final.rounds
    for _ in range(STARTS):
        if final.solved.all():
            break
        tried = _newton(period, unknowns, random_guess(period, following, rng), following)
        rounds += tried.rounds
        better = mended(unknowns, final, tried)
        final = _newton(period, unknowns, better, following)
        rounds += final.rounds
    return replace(final, rounds=rounds, share=share)


def random_guess(period: Period, following: np.ndarray, rng: np.random.Generator) -> Guess:
    """Random play, or responses to it: where the search for other equilibria begins.

    Play is sometimes near even and sometimes near pure, by a spread that is drawn too.
    """
    spread = rng.uniform(0.3, 3.0 + _spread(period.sweep(period.blank(), following).answer))
    scattered = tuple(
        tuple(
            np.where(np.isfinite(y), spread * rng.standard_normal(y.shape), -np.inf)
            for y in members
        )
        for members in period.blank()
    )
    if rng.random() < 0.5:
        return scattered
    return period.sweep(scattered, following).answer


def mended(unknowns: Unknowns, first: Fixed, second: Fixed) -> Guess:
    """The first guess, with the second in public states that only that one solves."""
    better = second.solved & ~first.solved
    x, y = unknowns.read(first.guess), unknowns.read(second.guess)
    return unknowns.written(first.guess, np.where(better[unknowns.origin], y, x))


def _newton(period: Period, unknowns: Unknowns, guess: Guess, following: np.ndarray) -> Fixed:
    x = unknowns.read(guess)
    swept = period.sweep(guess, following)
    rounds = 1
    solved = np.zeros(unknowns.problems, bool)
    for _ in range(CORRECTIONS):
        guess = unknowns.written(swept.answer, x)
        residual = unknowns.read(swept.answer) - x
        scale = 1.0 + float(np.abs(x).max(initial=0.0))
        worst = np.zeros(unknowns.problems)
        np.maximum.at(worst, unknowns.origin, np.abs(residual))
        solved = worst <= CLOSE * scale
        if solved.all() or not np.isfinite(residual).all():
            break
        step = _step(period, unknowns, guess, x, residual, following, scale)
        rounds += unknowns.width
        x, swept, tried = _searched(period, unknowns, guess, x, residual, step, following)
        rounds += tried
    return Fixed(
        guess=swept.answer,
        swept=swept,
        solved=solved & np.isfinite(swept.values).all(),
        rounds=rounds,
        share=1.0,
    )


def _searched(
    period: Period,
    unknowns: Unknowns,
    guess: Guess,
    x: np.ndarray,
    residual: np.ndarray,
    step: np.ndarray,
    following: np.ndarray,
) -> tuple[np.ndarray, Swept, int]:
    """The step, halved in public states where it makes things worse."""
    before = np.zeros(unknowns.problems)
    np.maximum.at(before, unknowns.origin, np.abs(residual))
    size = np.ones(unknowns.problems)
    tried, worse = 0, np.ones(1, bool)
    while worse.any() and tried < HALVINGS:
        tried += 1
        ahead = x + size[unknowns.origin] * step
        swept = period.sweep(unknowns.written(guess, ahead), following)
        after = np.zeros(unknowns.problems)
        np.maximum.at(after, unknowns.origin, np.abs(unknowns.read(swept.answer) - ahead))
        worse = ~(after <= np.maximum(before * (1 - 0.1 * size), 1e-12))
        size[worse] *= 0.5
    return ahead, swept, tried


def _step(
    period: Period,
    unknowns: Unknowns,
    guess: Guess,
    x: np.ndarray,
    residual: np.ndarray,
    following: np.ndarray,
    scale: float,
) -> np.ndarray:
    """Newton's step for every public state, from one sweep for each local unknown."""
    width, problems = unknowns.width, unknowns.problems
    slopes = np.zeros((problems, width, width))
    base = residual + x
    for d in range(width):
        moved = unknowns.local == d
        ahead = x + STEP * scale * moved
        answer = unknowns.read(period.sweep(unknowns.written(guess, ahead), following).answer)
        slopes[unknowns.origin, unknowns.local, d] = (answer - base) / (STEP * scale)
    matrix = np.eye(width) - slopes
    right = np.zeros((problems, width))
    right[unknowns.origin, unknowns.local] = residual
    try:
        step = np.linalg.solve(matrix, right[..., None])[..., 0]
    except np.linalg.LinAlgError:
        step = right
    return np.asarray(step[unknowns.origin, unknowns.local])


def _spread(answer: Guess) -> float:
    worst = 0.0
    for members in answer:
        for y in members:
            known = np.where(np.isfinite(y), y, np.nan)
            if known.size:
                worst = max(worst, float(np.nanmax(np.nanmax(known, 1) - np.nanmin(known, 1))))
    return worst


def _moved(before: Guess, after: Guess) -> float:
    """The largest change of any probability."""
    worst = 0.0
    for one, other in zip(before, after, strict=True):
        for y, z in zip(one, other, strict=True):
            worst = max(worst, float(np.abs(_softmax(y) - _softmax(z)).max(initial=0.0)))
    return worst


def _softmax(y: np.ndarray) -> np.ndarray:
    weight = np.exp(y - y.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))
