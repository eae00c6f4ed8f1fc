r"""The logit path of a tree, followed by arc length from uniform play at precision 0 upwards.

A point is z: action values in units of the mover's payoffs, then s = log(1 + precision in units).
The next point is predicted along the tangent and corrected by Newton's method on the hyperplane
through the prediction. Turocy (2005, 2010); Allgower & Georg (1990), ch. 2, 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.trees.arrays import TreeArrays
from foedus.equilibrium.trees.system import derivative, log_response, play_out

CORRECTIONS = 8
AIM = 0.01  # strategy change between prediction and solution that the next step is chosen for
LARGEST_CORRECTION = 0.1  # beyond it the solution may belong to another branch
LARGEST_MOVE = 0.25  # of any strategy in one step
SMALLEST_COSINE = 0.8  # between tangents at neighbouring points
NARROW = 1e-3  # strategy change between two points around a bifurcation
POLISH = 2
FIRST, SHORTEST, LONGEST = 0.02, 1e-9, 1.0
SHARPEST = 1e6  # precision in units at which a path towards Nash play ends

Vector = Float[np.ndarray, "unknowns"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Point:
    """A point of the path; `direction` has length 1, `orientation` is the bordered determinant's
    sign, which changes where another branch crosses and not where the path turns."""

    z: Vector
    direction: Vector
    orientation: float
    log_play: Float[np.ndarray, "choices"]

    @property
    def s(self) -> float:
        return float(self.z[-1])


@dataclass(frozen=True, kw_only=True)
class Fold:
    """Where the path turns back in precision, after `step`."""

    step: int
    precision: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Bifurcation:
    """Where another branch of equilibria crosses the path.

    - `step`: of the path, after which it lies.
    - `direction`: how play changes along the branch that crosses, largest change 1.
    """

    step: int
    precision: float
    play: Float[np.ndarray, "choices"]
    direction: Float[np.ndarray, "choices"]


@dataclass(frozen=True, eq=False)
class Course:
    """The equations of a tree along its path; `base` has the players' share of precision."""

    arrays: TreeArrays
    base: Float[np.ndarray, "players"]

    @property
    def unit(self) -> float:
        return float((self.base * self.arrays.units).max())

    def precision(self, s: float) -> float:
        return float(np.expm1(s)) / self.unit

    def coordinate(self, precision: float) -> float:
        return float(np.log1p(precision * self.unit))

    def log_play(self, z: Vector) -> np.ndarray:
        arrays = self.arrays
        odds = self.precision(float(z[-1])) * self.base[arrays.mover] * self._values(z)
        return log_response(arrays, odds)

    def _values(self, z: Vector) -> np.ndarray:
        return np.asarray(z[:-1] * self.arrays.units[self.arrays.mover])

    def residual(self, z: Vector) -> np.ndarray:
        played = play_out(self.arrays, self.log_play(z))
        return np.asarray(z[:-1] - played.action_values / self.arrays.units[self.arrays.mover])

    def linearise(self, z: Vector) -> tuple[np.ndarray, np.ndarray]:
        """The residual, and its derivatives by z: (choices, choices + 1)."""
        arrays, precision = self.arrays, self.precision(float(z[-1]))
        values, scale = self._values(z), arrays.units[arrays.mover]
        log_play = self.log_play(z)
        played = play_out(arrays, log_play)
        slope = derivative(arrays, played)
        play = np.exp(log_play)
        base = self.base[arrays.mover]
        mean = np.add.reduceat(play * values, arrays.first[:-1])[arrays.owner_set]
        # d log play / dy = precision * (identity - play of the same set in every row).
        by_play = np.zeros((arrays.n_choices, len(arrays.sets)))
        for at, (a, b) in enumerate(zip(arrays.first[:-1], arrays.first[1:], strict=True)):
            by_play[:, at] = slope[:, a:b].sum(axis=1)
        through = slope - by_play[:, arrays.owner_set] * play
        by_value = np.eye(arrays.n_choices) - through * (precision * base)
        by_precision = -slope @ (base * (values - mean))
        rise = (precision + 1.0 / self.unit) * by_precision
        matrix = np.concatenate([by_value * scale, rise[:, None]], axis=1) / scale[:, None]
        return z[:-1] - played.action_values / scale, matrix

    def start(self) -> Point:
        """Uniform play at precision 0, where the equations are solved at once."""
        z = np.zeros(self.arrays.n_choices + 1)
        z[:-1] = -self.residual(z)
        upwards = np.zeros(len(z))
        upwards[-1] = 1.0
        return self.point(z, upwards)

    def point(self, z: Vector, row: Vector) -> Point:
        """All about a solution, travelling the way that `row` points."""
        _, matrix = self.linearise(z)
        bordered = np.vstack([matrix, row])
        right = np.zeros(len(z))
        right[-1] = 1.0
        ahead = np.linalg.solve(bordered, right)
        ahead = ahead / np.linalg.norm(ahead)
        sign, _ = np.linalg.slogdet(np.vstack([matrix, ahead]))
        log_play = self.polished(self.log_play(z), self.precision(float(z[-1])))
        return Point(z=z, direction=ahead, orientation=float(sign), log_play=log_play)

    def polished(self, log_play: np.ndarray, precision: float) -> np.ndarray:
        """Play to the last digit: Newton steps on log odds, by set against its likeliest choice.

        At high precision, digits that z does not have move play, and play moves action values.
        """
        arrays = self.arrays
        sharp = precision * self.base[arrays.mover]
        spans = list(zip(arrays.first[:-1], arrays.first[1:], strict=True))
        refs = np.array([a + int(np.argmax(log_play[a:b])) for a, b in spans])
        free = np.setdiff1d(np.arange(arrays.n_choices), refs)
        against = refs[arrays.owner_set]
        odds = log_play - log_play[against]
        for _ in range(POLISH if (sharp > 1.0).all() else 0):
            now = log_response(arrays, odds)
            played = play_out(arrays, now)
            slope = derivative(arrays, played)
            earned = played.action_values - played.action_values[against]
            play = np.exp(now)
            through = (
                slope
                - np.stack([slope[:, a:b].sum(axis=1) for a, b in spans], axis=1)[
                    :, arrays.owner_set
                ]
                * play
            )
            through = through - through[against]
            system = np.diag(1.0 / sharp[free]) - through[np.ix_(free, free)]
            gap = odds[free] / sharp[free] - earned[free]
            try:
                change = np.linalg.solve(system, gap)
            except np.linalg.LinAlgError:
                return log_play
            if not np.abs(change).max(initial=0.0) < 1e-2:
                return log_play
            odds[free] -= change
        return log_response(arrays, odds)

    def correct(self, guess: Vector, row: Vector) -> np.ndarray | None:
        """The solution on the hyperplane through a guess that is orthogonal to `row`."""
        z, sharpest, close = guess, float((self.base * self.arrays.units).max()), False
        for _ in range(CORRECTIONS):
            residual, matrix = self.linearise(z)
            off = np.append(residual, row @ (z - guess))
            try:
                change = np.linalg.solve(np.vstack([matrix, row]), off)
            except np.linalg.LinAlgError:
                return None
            z = z - change
            if not np.isfinite(z).all() or abs(z[-1] - guess[-1]) > 2.0:
                return None
            if close:  # one more step than needed takes the error down to rounding
                return np.asarray(z)
            odds = np.abs(change[:-1]).max() * self.precision(max(float(z[-1]), 0.0)) * sharpest
            close = odds <= 1e-6 and np.abs(change).max() <= 1e-8 * (1.0 + np.abs(z).max())
        return None


class Walk:
    """A path under way, and what is written down about it."""

    def __init__(self, course: Course, end: float) -> None:
        self.course, self.end = course, end
        self.points = [course.start()]
        self.folds: list[Fold] = []
        self.bifurcations: list[Bifurcation] = []
        self.length = FIRST
        self.tries = 0
        self.complete = False
        self.status = "not begun"

    def go(self, tries: int) -> None:
        """On to the end, or for a number of tries."""
        for _ in range(tries):
            self.tries += 1
            here = self.points[-1]
            if self.length < SHORTEST * (1.0 + float(np.linalg.norm(here.z))):
                name = self.course.precision(here.s)
                self.status = f"stuck at precision {name:.6g}: steps become too short"
                return
            if here.s + self.length * here.direction[-1] >= self.end:
                last = self._last(here)
                if last is not None:
                    self.points.append(last)
                    self.complete = True
                    self.status = f"precision {self.course.precision(last.s):.6g} reached"
                    return
                self.length *= 0.5
                continue
            self._step(here)
        self.status = f"stopped after {self.tries} tries"

    def _last(self, here: Point) -> Point | None:
        guess = here.z + self.length * here.direction
        share = (self.end - here.s) / (guess[-1] - here.s)
        guess = here.z + share * (guess - here.z)
        guess[-1] = self.end
        upwards = np.zeros(len(guess))
        upwards[-1] = 1.0
        z = self.course.correct(guess, upwards)
        if z is None:
            return None
        play = np.exp(self.course.log_play(z))
        if self._far(guess, play) > LARGEST_CORRECTION:
            return None
        if np.abs(play - np.exp(here.log_play)).max() > LARGEST_MOVE:
            return None
        last = self.course.point(z, upwards)
        if last.orientation * here.orientation < 0:
            return None if not self._cross(here, last) else last
        return last

    def _far(self, guess: Vector, play: np.ndarray) -> float:
        return float(np.abs(np.exp(self.course.log_play(guess)) - play).max())

    def _step(self, here: Point) -> None:
        guess = here.z + self.length * here.direction
        z = self.course.correct(guess, here.direction) if guess[-1] > 0.0 else None
        if z is None or z[-1] < 0.0:
            self.length *= 0.4
            return
        play = np.exp(self.course.log_play(z))
        far, moved = self._far(guess, play), np.abs(play - np.exp(here.log_play)).max()
        if far > LARGEST_CORRECTION or moved > LARGEST_MOVE:
            self.length *= 0.4
            return
        try:
            point = self.course.point(z, here.direction)
        except np.linalg.LinAlgError:
            self.length *= 0.4
            return
        if point.direction @ here.direction < SMALLEST_COSINE:
            self.length *= 0.4
            return
        if point.orientation * here.orientation < 0 and not self._cross(here, point):
            self.length *= 0.5
            return
        if point.direction[-1] * here.direction[-1] < 0:
            turn = self.course.precision(max(here.s, point.s))
            self.folds.append(Fold(step=len(self.points) - 1, precision=turn))
        self.points.append(point)
        growth = float(np.clip(np.sqrt(AIM / max(far, 1e-9)), 0.3, 2.0))
        pace = max(abs(float(point.direction[-1])), 1e-12)
        self.length = min(self.length * growth, LONGEST / pace)

    def _cross(self, here: Point, point: Point) -> bool:
        """Write a bifurcation down; false if the points are too far apart to be sure of one."""
        moved = np.abs(np.exp(point.log_play) - np.exp(here.log_play)).max()
        if moved > NARROW or abs(point.s - here.s) > NARROW:
            return False
        middle = 0.5 * (here.z + point.z)
        _, matrix = self.course.linearise(middle)
        _, _, rows = np.linalg.svd(np.vstack([matrix, here.direction]))
        step = 1e-6 * (1.0 + float(np.abs(middle).max()))
        ahead = np.exp(self.course.log_play(middle + step * rows[-1]))
        change = ahead - np.exp(self.course.log_play(middle - step * rows[-1]))
        self.bifurcations.append(
            Bifurcation(
                step=len(self.points) - 1,
                precision=self.course.precision(float(middle[-1])),
                play=np.exp(self.course.log_play(middle)),
                direction=change / max(float(np.abs(change).max()), 1e-300),
            )
        )
        return True
