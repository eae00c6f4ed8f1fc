"""Arc length: a branch of equilibria followed point by point, forwards, through folds.

A point is y: the action values and values in units of each player's payoffs, and the coordinate s
of the path's parameter. From the last points the next one is extrapolated, and corrected on the
hyperplane through the guess that is orthogonal to the direction of travel,

    G(x, s) = 0,    z · (y - guess) = 0,

with the linear system factored once for each step, at the guess. The new direction solves the
same system with the right-hand side (0, 1), so it points the way that the old one does, at folds
and beyond bifurcations too. Allgower & Georg (1990), *Numerical Continuation Methods*, ch. 2, 6.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace

import numpy as np
import scipy.linalg

from foedus.equilibrium.stochastic.border import Border
from foedus.equilibrium.stochastic.point import Point
from foedus.equilibrium.stochastic.walk import Attempt, Course, Place, Walk, extrapolated

MEMORY = 4  # points that a guess is extrapolated from
CORRECTIONS = 7  # chord steps allowed at one point
CONVERGED = 1e-7  # size of what is left after the last correction
FARTHEST = 1e6  # size of a correction that no other can make up for
MARGIN = 2.0  # of s beyond the ends of the course
STALLED = 1e-5  # the same below which corrections that shrink no more are rounding
AIM = 5e-3  # strategy change between guess and solution that the next step is chosen for
LARGEST_CORRECTION = 0.1  # the same beyond which the solution may belong to another branch
LARGEST_MOVE = 0.3  # of any strategy from one point to the next
SMALLEST_COSINE = 0.5  # between directions at neighbouring points
DIFFERENCE = 1e-5  # length along the path of a difference quotient
COARSE = 1e-5  # correction from which the direction is worked out anew at the solution
FIRST_LENGTH = 0.02  # of the first step, in s
SHORTEST = 1e-9  # a step shorter than this, relative to the size of the point, leads nowhere
LONGEST = 1.0  # step in s


@dataclass(frozen=True, eq=False)
class Follower:
    """Walks one course. It keeps no state: a `Walk` goes in, another comes out."""

    course: Course
    scale: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        system = self.course.system(self.course.begin)
        shape = (system.n_states, system.n_players)
        values = np.broadcast_to(1.0 / self.course.units, shape)
        action_values = np.broadcast_to(values[..., None], (*shape, system.most))
        object.__setattr__(self, "scale", Point(action_values, values).vector)

    def start(self, point: Point) -> Walk | None:
        """The first place, corrected from `point` at the beginning of the course."""
        y = np.append(point.vector * self.scale, self.course.begin)
        place = self.settle(y)
        if place is None:
            return None
        pace = max(float(np.abs(place.direction[-1])), 1e-12)
        return Walk(places=(place,), length=FIRST_LENGTH / pace)

    def settle(self, y: np.ndarray, *, arc: float = 0.0) -> Place | None:
        """The solution near y at its s, by Newton's method; the direction of travel is upwards."""
        upwards = np.zeros(len(y))
        upwards[-1] = 1.0
        for _ in range(3):
            solved = self._correct(y, upwards, tolerance=1e-10)
            if solved is None:
                return None
            y, _, border = solved
        # The factors of the last round are those at the solution, to rounding.
        return self.place(y, border, arc, refine=False)

    def step(self, walk: Walk) -> tuple[Attempt, Walk]:
        """One attempt: the walk with one more place, or with a shorter length to try."""
        here = walk.here
        attempt = self.attempt(walk, walk.length)
        if attempt.place is None:
            return attempt, replace(walk, length=0.4 * walk.length)
        order = min(len(walk.places), MEMORY) + 1
        growth = (AIM / max(attempt.correction, 1e-12)) ** (1.0 / order)
        length = (attempt.place.arc - here.arc) * float(np.clip(growth, 0.3, 2.0))
        pace = abs(float(attempt.place.direction[-1]))
        places = (*walk.places, attempt.place)[-MEMORY:]
        return attempt, Walk(places=places, length=min(length, LONGEST / max(pace, 1e-12)))

    def attempt(self, walk: Walk, length: float) -> Attempt:
        """The place `length` further on, if the way there holds no doubt."""
        here = walk.here
        guess = extrapolated(walk, length)
        if guess[-1] < self.course.begin:
            return Attempt(place=None, reason="the path would go back beyond its start")
        if self.outside(guess):
            return Attempt(place=None, reason="the guess is far beyond the end")
        solved = self._correct(guess, here.direction, tolerance=CONVERGED)
        if solved is None:
            return Attempt(place=None, reason="corrections do not converge")
        y, correction, border = solved
        if y[-1] < self.course.begin:
            return Attempt(place=None, reason="the path would go back beyond its start")
        arc = here.arc + float(np.linalg.norm(y - here.y))
        place = self.place(y, border, arc, refine=correction > COARSE)
        if place is None:
            return Attempt(place=None, reason="the linear system is singular")
        if correction > LARGEST_CORRECTION:
            return Attempt(place=None, reason="the solution is far from where it was expected")
        if np.abs(place.strategies - here.strategies).max() > LARGEST_MOVE:
            return Attempt(place=None, reason="strategies change too much in one step")
        ahead = (y - here.y) / (arc - here.arc)
        if min(place.direction @ here.direction, ahead @ here.direction) < SMALLEST_COSINE:
            return Attempt(place=None, reason="the path turns too sharply in one step")
        return Attempt(place=place, correction=correction)

    def stuck(self, walk: Walk) -> bool:
        """Whether steps have become too short to lead anywhere."""
        return walk.length < SHORTEST * (1.0 + float(np.linalg.norm(walk.here.y)))

    def _correct(
        self, guess: np.ndarray, row: np.ndarray, *, tolerance: float
    ) -> tuple[np.ndarray, float, Border] | None:
        """Solution, largest strategy change from the guess, the system factored at the guess."""
        s = float(guess[-1])
        try:
            border = self.border(guess, row)
        except (np.linalg.LinAlgError, ValueError):
            return None
        linear, slope, sharp = border.linear, self.course.slope(s), self.course.sharpness(s)
        residual, y, last = linear.residual, guess, np.inf
        largest = 1.0 + float(np.abs(guess).max())
        for _ in range(CORRECTIONS):
            moved, parameter = border.solve(residual, float(row @ (y - guess)))
            change = np.append(moved.vector * self.scale, parameter / slope)
            y = y - change
            odds = (np.abs(moved.action_values).max(axis=(0, 2)) * sharp).max()
            size = max(float(odds), float(np.abs(change).max()) / largest)
            stalled = size > 0.7 * last
            if not size < FARTHEST or (stalled and size > STALLED) or self.outside(y):
                return None
            # What is left shrinks as the last two corrections did.
            left = size * (size / last if np.isfinite(last) else min(1.0, size))
            last = size
            if stalled or left <= tolerance:
                strategies = self.play(y)
                return y, float(np.abs(strategies - linear.played.strategies).max()), border
            residual = self.residual(y)
        return None

    def outside(self, y: np.ndarray) -> bool:
        """Whether y is so far off the course that its equations may not have numbers."""
        return not self.course.begin - MARGIN <= y[-1] <= self.course.end + MARGIN

    def border(self, y: np.ndarray, row: np.ndarray) -> Border:
        """The linear system at y with one more equation, `row` · dy."""
        s = float(y[-1])
        parameter, slope = self.course.parameter(s), self.course.slope(s)
        system = self.course.system(parameter)
        linear = system.linearise(self.point(y), parameter)
        edge = system.point(row[:-1] * self.scale)
        with warnings.catch_warnings():
            # What a singular system yields is not finite, and not taken for a solution.
            warnings.simplefilter("ignore", scipy.linalg.LinAlgWarning)
            return Border(linear, edge, float(row[-1]) / slope, s=s)

    def residual(self, y: np.ndarray) -> Point:
        parameter = self.course.parameter(float(y[-1]))
        return self.course.system(parameter).residual(self.point(y), parameter)

    def point(self, y: np.ndarray) -> Point:
        """Action values and values, in payoff units of the game."""
        return self.course.system(self.course.parameter(float(y[-1]))).point(y[:-1] / self.scale)

    def play(self, y: np.ndarray) -> np.ndarray:
        parameter = self.course.parameter(float(y[-1]))
        response = self.course.system(parameter).response
        return response(self.point(y).action_values, parameter).strategies

    def place(
        self, y: np.ndarray, border: Border, arc: float, *, refine: bool = True
    ) -> Place | None:
        """All about a solution, with a system factored near it."""
        ahead = self._ahead(border, y if refine else None)
        length = float(np.linalg.norm(ahead))
        if not np.isfinite(length) or length == 0.0:
            return None
        orientation, log = border.determinant()
        # Cramer's rule: det J is the last entry of the direction times det of the bordered system.
        entry = float(ahead[-1]) * self.course.slope(float(y[-1]))
        return Place(
            y=y,
            direction=ahead / length,
            arc=arc,
            orientation=orientation,
            sign=orientation * float(np.sign(entry)),
            log=log + float(np.log(abs(entry))) if entry else -np.inf,
            strategies=self.play(y),
            values=self.point(y).values,
        )

    def _ahead(self, border: Border, y: np.ndarray | None) -> np.ndarray:
        """The solution for the right-hand side (0, 1): along the path, in the direction of the row.

        With a y, that of the system at y, by one correction of that of the factored one.
        """
        nothing = border.linear.residual
        nothing = nothing.plus(nothing, -1.0)
        found = self._unscaled(border, nothing, 1.0)
        if y is None:
            return found
        factor = DIFFERENCE / float(np.linalg.norm(found))
        rise = self.residual(y + factor * found).plus(self.residual(y - factor * found), -1.0)
        return np.asarray(found - self._unscaled(border, rise, 0.0) / (2.0 * factor))

    def _unscaled(self, border: Border, right: Point, height: float) -> np.ndarray:
        """A solution of the bordered system in the units of y."""
        moved, parameter = border.solve(right, height)
        slope = self.course.slope(border.s)
        return np.append(moved.vector * self.scale, parameter / slope)
