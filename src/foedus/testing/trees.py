"""Random game trees, small enough to solve in a moment."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from foedus.game.trees import ExtensiveGame, Growth


def random_tree(
    random: Random,
    *,
    players: int = 2,
    depth: int = 3,
    inner: bool = False,
    hidden: float = 0.5,
) -> ExtensiveGame:
    """A tree with perfect recall: a draw, then moves in turn that are seen by everybody or nobody.

    - `depth`: moves after the first draw.
    - `inner`: whether outcomes stand at inner nodes too.
    - `hidden`: how likely the next player does not see the draw, or the last move.
    """
    names = [f"P{number}" for number in range(1, players + 1)]
    growth = Growth(names)
    draws = random.choice([1, 2])
    widths = [random.choice([2, 2, 3]) for _ in range(depth)]
    seen = [random.random() >= hidden for _ in range(depth)]

    def payoffs() -> list[Fraction]:
        return [Fraction(random.randint(-9, 9), random.choice([1, 2, 3])) for _ in names]

    waiting: list[tuple[int, ...]] = []
    if draws > 1:
        share = Fraction(random.randint(1, 4), 5)
        growth.draw(["left", "right"], [share, 1 - share])
        waiting = [(1,), (0,)]
    else:
        waiting = [(0,)]
    while waiting:
        history = waiting.pop()
        stage = len(history) - 1
        if stage == depth:
            growth.end(payoffs())
            continue
        mover = stage % players
        # What was hidden when it happened stays hidden, except one's own moves.
        known = tuple(
            step
            for place, step in enumerate(history)
            if (seen[min(place, depth - 1)] and place < stage)
            or (place > 0 and (place - 1) % players == mover)
            or (place == 0 and mover == 0)
        )
        outcome = growth.outcome(payoffs()) if inner and random.random() < 0.3 else -1
        actions = [f"{'abc'[a]}{stage}" for a in range(widths[stage])]
        growth.choose(mover, actions, of=(stage, known), outcome=outcome)
        waiting.extend((*history, action) for action in reversed(range(widths[stage])))
    return growth.finish(title="a random tree")
