"""Several equilibria of a game with private types, sought from many sides."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.private.fixed import (
    Fixed,
    Unknowns,
    fixed_point,
    mended,
    near,
    random_guess,
)
from foedus.equilibrium.private.induction import Answer, equilibrium_of, prepared, resting
from foedus.equilibrium.private.joint import Joint
from foedus.equilibrium.private.patterns import patterns
from foedus.equilibrium.private.reached import reached
from foedus.equilibrium.private.sweep import Guess, Period
from foedus.equilibrium.private.transient import random_points, reach, settle
from foedus.equilibrium.result import Equilibrium
from foedus.game.game import Game

SAME = 1e-6  # largest difference in how likely anything is between findings of one equilibrium
BETWEEN = 10  # pairs of equilibria between which others are sought
NEWTON = 1e6  # length of a first step that is one of Newton's method

Start = Callable[[np.ndarray], Guess]
"""Play to begin a period's search with, given what comes after."""


def private_equilibria(
    game: Game, solver: Logit, *, starts: int, seed: int
) -> tuple[tuple[Equilibrium, ...], tuple[str, ...], tuple[int, int]]:
    """Different equilibria, what led to each, and how many searches were made and how many ended.

    Searches begin with the answer of `solve`, then where the types of a player all do the same
    (pooling) or each its own (separating), then at `starts` points of random play; without end,
    also half way between two equilibria, where an unstable one may lie. Two findings are one
    equilibrium if everything that can happen from the starts is as likely in both.
    """
    solver = solver.settled(game)
    game, sight, period = prepared(game, solver)
    rng = np.random.default_rng(seed)
    if game.horizon is None:
        search = _without_end(game, period, starts, rng)
    else:
        search = _period_by_period(game, period, starts, rng)
    items: list[Equilibrium] = []
    ways: list[str] = []
    known: list[np.ndarray] = []
    made = ended = 0
    began = time.perf_counter()
    for way, answer in search:
        made += 1
        if answer is not None and answer.solved:
            item = equilibrium_of(game, solver, sight, answer, began, throw=False)
            if item.certificate.passed:
                ended += 1
                likely = reached(game, item.profile)
                if not any(np.abs(likely - other).max() <= SAME for other in known):
                    known.append(likely)
                    items.append(item)
                    ways.append(way)
        began = time.perf_counter()
    return tuple(items), tuple(ways), (made, ended)


def _without_end(
    game: Game, period: Period, starts: int, rng: np.random.Generator
) -> Iterator[tuple[str, Answer | None]]:
    joint = Joint(game, period)
    even = joint.even()
    rests: list[np.ndarray] = []

    def answer(way: str, point: np.ndarray, first: float = 0.5) -> tuple[str, Answer | None]:
        found = settle(joint, point, first=first)
        if not found.solved:
            return way, None
        if not any(
            np.abs(joint.probabilities(found.point) - joint.probabilities(other)).max(initial=0.0)
            <= SAME
            for other in rests
        ):
            rests.append(found.point)
        return way, resting(joint, found, "one of those found by a search", (way,))

    first = reach(joint)
    if first.settled.solved:
        yield answer(f"adjustment from {first.way}", first.settled.point)
    for name, guess in patterns(period):
        swept = period.sweep(guess, joint.following(even))
        yield answer(f"adjustment from {name}", joint.point(guess, swept.values))
    for at, point in enumerate(random_points(joint, even, rng, starts)):
        yield answer(f"random start {at}", point)
    pairs = [(one, other) for one in range(len(rests)) for other in range(one)]
    for one, other in pairs[:BETWEEN]:
        half = 0.5 * (rests[one] + rests[other])
        yield answer("Newton's method from half way between two others", half, NEWTON)


def _period_by_period(
    game: Game, period: Period, starts: int, rng: np.random.Generator
) -> Iterator[tuple[str, Answer | None]]:
    yield "the path from uniform play", _induced(game, period, None)
    for name, guess in patterns(period):
        yield name, _induced(game, period, lambda _, guess=guess: guess)  # type: ignore[misc]
    for at in range(starts):
        yield (
            f"random start {at}",
            _induced(game, period, lambda following: random_guess(period, following, rng)),
        )


def _induced(game: Game, period: Period, start: Start | None) -> Answer | None:
    """Play from the last period backwards, each period sought from its start.

    A public state that Newton's method does not solve from there takes the play of the path from
    uniform play. None where that does not do either.
    """
    unknowns = Unknowns(period)
    following = np.array(game.tables.flow, float)
    live = game.structure.states.n_live
    following[:, :live] = np.asarray(game.tables.terminal, float)[:, :live]
    values, periods = [following], list[Fixed]()
    for _ in range(game.horizon or 0):
        if start is None:
            found = fixed_point(period, values[-1], periods[-1].guess if periods else None)
        else:
            found = near(period, values[-1], start(values[-1]))
            if not found.solved.all():
                other = fixed_point(period, values[-1])
                found = near(period, values[-1], mended(unknowns, found, other))
        if not found.solved.all():
            return None
        periods.append(found)
        values.append(found.swept.values)
    return Answer(
        periods=tuple(periods[::-1]),
        values=np.stack(values[::-1]),
        solved=True,
        selection="one of those found by a search",
        tried=(),
    )
