"""Where many starts lead, and where deflation leads away from what is known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.climb import Climb
from foedus.equilibrium.stochastic.deflation import deflated
from foedus.equilibrium.stochastic.finish import Finish, finish
from foedus.equilibrium.stochastic.induced import Strategies, gains
from foedus.equilibrium.stochastic.path import trace
from foedus.equilibrium.stochastic.system import Point
from foedus.equilibrium.stochastic.tracing import Tracing
from foedus.errors import SolveError
from foedus.game.game import Game

SHARES = (3.0, 10.0, 30.0)  # precisions, times the spread of payoffs, at which starts are joined
TOP = 60.0  # where supports are tried
ROUNDS = 30  # of best replies from a random start
TRACED = 1000  # steps of a tracing path
DEFLATIONS = 12  # searches away from what is known, at each precision


def random_finishes(
    game: Game, arrays: StochasticArrays, starts: int, seed: int, tolerance: float
) -> Iterator[tuple[str, Finish]]:
    """Where random starts lead, each in words and as it ended, equilibrium or not.

    By turns: the tracing procedure from a random prior; best replies from random play; Newton's
    method on the logit equations at some precision from random play, then up; and supports drawn
    at random.
    """
    rng = np.random.default_rng(seed)
    climb = Climb(arrays)
    for number in range(starts):
        play = random_play(arrays, rng, pure=number % 8 >= 4)
        way = number % 4
        if way == 0:
            words, end = "tracing from a random prior", _traced(game, arrays, play)
        elif way == 1:
            words, end = "best replies from random play", _replied(arrays, play)
        elif way == 2:
            share = SHARES[number // 4 % len(SHARES)]
            words = f"logit play at {share:g} over the spread of payoffs, and up"
            end = _climbed(climb, climb.system.evaluated(play), share)
        else:
            kept = (rng.random(play.shape) < 0.5) | (play == play.max(axis=-1, keepdims=True))
            end = np.where(kept, play, 0.0)
            words, end = "supports drawn", end / end.sum(axis=-1, keepdims=True)
        if end is not None:
            yield f"{number}: {words}", finish(arrays, end, tolerance=tolerance)


def deflated_finishes(
    arrays: StochasticArrays, seed: int, tolerance: float
) -> Iterator[tuple[str, Finish]]:
    """Where logit equilibria lead that differ from those already known at the same precision."""
    rng = np.random.default_rng(seed)
    for share in SHARES:
        climb = Climb(arrays)
        known: list[Point] = []
        start = climb.system.start()
        for attempt in range(DEFLATIONS):
            point = deflated(climb, start, share, known)
            start = climb.system.evaluated(random_play(arrays, rng, pure=attempt % 2 == 1))
            if point is None:
                continue
            known.append(point)
            end = _climbed(climb, point, share)
            if end is not None:
                words = f"deflation at {share:g} over the spread of payoffs, and up"
                yield words, finish(arrays, end, tolerance=tolerance)


def _climbed(climb: Climb, start: Point, share: float) -> Strategies | None:
    """Play as high up a branch as it goes from where Newton's method joins it, if it does."""
    if not climb.begin(start, share):
        return None
    climb.rise(TOP)
    assert climb.standing is not None
    return climb.standing.strategies


def _traced(game: Game, arrays: StochasticArrays, prior: Strategies) -> Strategies | None:
    """The end of a tracing path; a prior with zeros is mixed with uniform play."""
    uniform = arrays.available / arrays.available.sum(axis=-1, keepdims=True)
    try:
        path = trace(game, Tracing(prior=0.9 * prior + 0.1 * uniform, max_steps=TRACED))
    except SolveError:  # it has no beginning
        return None
    return np.asarray(path.final)


def random_play(arrays: StochasticArrays, rng: np.random.Generator, *, pure: bool) -> Strategies:
    """Uniform on the simplex of every state and player, or one action each."""
    weight = rng.exponential(size=arrays.available.shape) * arrays.available
    if pure:
        return np.asarray((weight == weight.max(axis=-1, keepdims=True)).astype(float))
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True))


def _replied(arrays: StochasticArrays, play: Strategies) -> Strategies:
    """Play after some rounds in which everybody moves a good part of the way to a best reply."""
    for round_ in range(ROUNDS):
        extra, _ = gains(arrays, play)
        best = (extra == extra.max(axis=-1, keepdims=True)).astype(float)
        best /= best.sum(axis=-1, keepdims=True)
        play = play + (best - play) * (
            0.5 if round_ < ROUNDS // 2 else 1.0 / (round_ - ROUNDS // 2 + 2)
        )
    return play
