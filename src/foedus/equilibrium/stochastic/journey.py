"""Following a path: from its beginning or from a break, with everything noticed written down."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from foedus.equilibrium.stochastic.arclength import LARGEST_CORRECTION, Follower
from foedus.equilibrium.stochastic.arrays import StochasticArrays, arrays_of
from foedus.equilibrium.stochastic.bifurcations import (
    TILT,
    Bifurcation,
    between,
    crossed,
    crossing_direction,
    strategy_change,
    tilted,
)
from foedus.equilibrium.stochastic.finish import finish
from foedus.equilibrium.stochastic.logit_path import LogitPath
from foedus.equilibrium.stochastic.tracing import Tracing
from foedus.equilibrium.stochastic.walk import Place, Walk, extrapolated
from foedus.errors import GameError, SolveError
from foedus.game.game import Game

DENSEST = 2**27  # entries of a transition table up to which paths are followed
NARROW = 1e-3  # strategy change between two places around a bifurcation, and in s
SETTLED = 0.1  # change of any strategy per unit of s below which a Nash equilibrium may be near
SHARP = 4.0  # s below which nobody looks for one
APART = 0.25  # in s, from one look for a Nash equilibrium to the next
NASH_GAIN = 1e-12  # of a deviation, relative to the larger of 1 and the values
NASH_DISTANCE = 0.1  # of any strategy between the path and its Nash equilibrium


@dataclass(frozen=True, kw_only=True)
class Fold:
    """Where the path turns back in its parameter, after `step`."""

    step: int
    parameter: float


class Journey:
    """A path under way, and what is written down about it.

    `numbers` has parameter, direction, sign and log of the determinant of each point. At the end,
    `nash_play` holds a Nash equilibrium near by, where one is wanted and found.
    """

    def __init__(self, game: Game, settings: LogitPath | Tracing) -> None:
        self.game, self.settings = game, settings
        self.arrays = _dense(arrays_of(game))
        self.course, self.first = settings.course(game, self.arrays)
        self.exact = self.follower = Follower(self.course)
        self.log: list[str] = []
        if settings.branch is not None:
            tilt = tilted(self.arrays, self.course.units, settings.branch)
            other, self.first = settings.course(game, tilt)
            self.course = replace(self.course, system=other.system)
            self.follower = Follower(self.course)
            self.log.append(f"payoffs tilted by {TILT:g} of their range, by seed {settings.branch}")
        self.numbers: list[tuple[float, float, float, float]] = []
        self.strategies: list[np.ndarray] = []
        self.values: list[np.ndarray] = []
        self.folds: list[Fold] = []
        self.bifurcations: list[Bifurcation] = []
        self.tries = 0
        self.nash_play: np.ndarray | None = None
        self.complete, self.status = False, "not begun"

    def begin(self) -> None:
        """To the first point. Raises `SolveError` if there is none."""
        walk = self.follower.start(self.first)
        if walk is None:
            raise SolveError(
                "the path has no beginning: Newton's method fails at its first point",
                hints=["look for payoffs of very different sizes"],
            )
        self.walk = walk
        self.note(walk.here)

    def go(self, tries: int) -> None:
        """On, until the end or for a number of tries; `complete` and `status` say how it went."""
        for _ in range(tries):
            self.tries += 1
            attempt, walk = self.follower.step(self.walk)
            place, reason = attempt.place, attempt.reason
            if place is None:
                self.walk = walk
            elif crossed(self.walk.here, place) and not self.narrow(place):
                # A jump to another branch looks alike, and goes away as steps become short.
                self.shorten()
                reason = "the path jumps"
            else:
                status = self.arrive(place, walk)
                if status is not None:
                    self.complete = self.nash_play is not None or not self.course.nash
                    self.status = status
                    return
                reason = "the end is lost"
            if self.follower.stuck(self.walk):
                self.stuck(reason)
                return
        self.status = f"stopped after {self.tries} tries"

    def shorten(self) -> None:
        self.walk = replace(self.walk, length=0.5 * self.walk.length)

    def narrow(self, place: Place) -> bool:
        """Whether two places enclose a bifurcation closely enough to be about nothing else."""
        here = self.walk.here
        moved = float(np.abs(place.strategies - here.strategies).max())
        return moved <= NARROW and abs(place.s - here.s) <= NARROW

    def arrive(self, place: Place, walk: Walk) -> str | None:
        """Take a place into the path. Words, if it is the end."""
        here = self.walk.here
        if place.s >= self.course.end:
            last = self.at_end(place, walk)
            if last is None:
                self.shorten()
                return None
            self.note(last)
            self.walk = Walk(places=(last,), length=walk.length)
            name = f"{self.settings.parameter_name} {self.reading(last):.6g} reached"
            if self.course.nash:
                return self.nash(last) or f"{name} without a Nash equilibrium near by"
            return name
        if here.direction[-1] * place.direction[-1] < 0:
            self.fold(here, place)
        if crossed(here, place):
            self.crossing(here, place)
        self.walk = walk
        self.note(place)
        return self.nash(place) if self.course.nash and self.settled(here, place) else None

    def settled(self, here: Place, place: Place) -> bool:
        """Whether to look for a Nash equilibrium: play hardly moves, and some way is behind."""
        moved = float(np.abs(place.strategies - here.strategies).max())
        slow = moved <= SETTLED * abs(place.s - here.s)
        return slow and place.s >= SHARP and int(place.s / APART) > int(here.s / APART)

    def stuck(self, reason: str) -> None:
        """The end where steps have become too short, with the Nash equilibrium there if any."""
        here = self.walk.here
        found = self.nash(here) if self.course.nash and here.s >= SHARP else None
        self.complete = found is not None
        self.status = f"stopped: {reason}, however short the step"
        if found is not None:
            self.status += f"; {found}"

    def at_end(self, place: Place, walk: Walk) -> Place | None:
        """The place at the end of the course, by what lies around it."""
        here = self.walk.here
        share = (self.course.end - here.s) / (place.s - here.s)
        guess = extrapolated(walk, (share - 1.0) * (place.arc - here.arc))
        guess[-1] = self.course.end
        last = self.follower.settle(guess, arc=here.arc + share * (place.arc - here.arc))
        if last is None:
            return None
        moved = np.abs(last.strategies - self.follower.play(guess)).max()
        if moved > LARGEST_CORRECTION:
            return None
        return last if self.settings.branch is None else self.upright(last)

    def upright(self, tilt: Place) -> Place | None:
        """The solution of the game itself next to the end of the path of a tilted one."""
        point = self.follower.point(tilt.y)
        end = self.exact.course.end
        last = self.exact.settle(np.append(point.vector * self.exact.scale, end), arc=tilt.arc)
        if last is None or np.abs(last.strategies - tilt.strategies).max() > LARGEST_CORRECTION:
            return None
        return last

    def fold(self, here: Place, place: Place) -> None:
        """Write down a fold: s as a parabola between two places of opposite direction."""
        before, after = float(here.direction[-1]), float(place.direction[-1])
        ahead = (place.arc - here.arc) * before / (before - after)
        found = self.course.reading(here.s + 0.5 * before * ahead)
        self.folds.append(Fold(step=len(self.numbers), parameter=found))
        self.log.append(f"point {len(self.numbers)}: fold at {self.named(found)}")

    def crossing(self, here: Place, place: Place) -> None:
        """Write down a bifurcation, which the path passes straight through."""
        y = between(here, place)
        change = strategy_change(
            self.follower, y, crossing_direction(self.follower, y, here.direction)
        )
        step, found = len(self.numbers), self.course.reading(float(y[-1]))
        self.bifurcations.append(
            Bifurcation(
                step=step,
                parameter=found,
                strategies=self.follower.play(y),
                direction=change / max(float(np.abs(change).max()), 1e-300),
            )
        )
        self.log.append(
            f"point {step}: bifurcation at {self.named(found)}, passed straight through"
        )

    def nash(self, place: Place) -> str | None:
        """Whether a Nash equilibrium is so near that the path need not go on."""
        found = finish(self.arrays, place.strategies, tolerance=NASH_GAIN)
        if not found.within(NASH_GAIN) or found.moved > NASH_DISTANCE:
            return None
        self.nash_play = found.strategies
        return f"Nash equilibrium found from {self.named(self.reading(place))}"

    def reading(self, place: Place) -> float:
        return self.course.reading(place.s)

    def named(self, reading: float) -> str:
        return f"{self.settings.parameter_name} {reading:.4g}"

    def note(self, place: Place) -> None:
        self.numbers.append(
            (self.reading(place), float(place.direction[-1]), place.sign, place.log)
        )
        self.strategies.append(place.strategies)
        self.values.append(place.values)


def _dense(arrays: StochasticArrays) -> StochasticArrays:
    if isinstance(arrays.transitions, np.ndarray):
        return arrays
    n_states, n_joint = arrays.n_states, arrays.n_joint
    if n_states * n_joint * n_states > DENSEST:
        raise GameError(
            f"{n_states} states with {n_joint} joint actions are too many to follow a path: its "
            "linear algebra is dense; solve at one precision with Logit instead"
        )
    table = arrays.transitions.toarray().reshape(n_states, *arrays.sizes, n_states)
    return replace(arrays, transitions=table)
