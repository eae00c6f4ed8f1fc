"""The reduced strategies of a tree's players, and what pure play is worth, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import product

from foedus.errors import GameError
from foedus.game.trees.strategic import StrategicGame
from foedus.game.trees.tree import ExtensiveGame

MOST_NODES = 20_000  # of a tree whose plans are listed
Strategy = Mapping[
    int, int
]  # information set to action; sets that it keeps from being reached lack


def reduced_strategies(game: ExtensiveGame, player: int, most: int) -> tuple[Strategy, ...]:
    """All plans of a player, without what to do where its own plan never leads.

    Raises `GameError` where there are more than `most`.
    """
    own = [at for at in game.decisions if game.sets[at].player == player]
    found: list[dict[int, int]] = [{}]
    for at in own:
        paths = [
            {s: a for s, a in game.path(node) if game.sets[s].player == player}
            for node in game.members[at]
        ]
        longer = []
        for plan in found:
            if any(all(plan.get(s) == a for s, a in path.items()) for path in paths):
                longer += [{**plan, at: a} for a in range(len(game.sets[at].actions))]
            else:
                longer.append(plan)
            if len(longer) > most:
                raise GameError(f"{game.players[player]} has more than {most:,} strategies")
        found = longer
    return tuple(found)


class Plans:
    """The reduced strategies of all players, and which leaves they lead to.

    Raises `GameError` where a player has more than `most`.
    """

    def __init__(self, game: ExtensiveGame, most: int) -> None:
        if len(game.nodes) > MOST_NODES:
            raise GameError(
                f"the tree has {len(game.nodes):,} nodes; plans are listed up to {MOST_NODES:,}"
            )
        self.game = game
        players = range(len(game.players))
        self.strategies = tuple(reduced_strategies(game, player, most) for player in players)

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(map(len, self.strategies))

    @cached_property
    def leaves(self) -> tuple[tuple[Fraction, tuple[frozenset[int], ...], int], ...]:
        """Of each leaf: nature's probability, the strategies of each player that allow it."""
        game, found = self.game, []
        for leaf in game.leaves:
            chance = Fraction(1)
            needed: list[dict[int, int]] = [{} for _ in game.players]
            possible = True
            for at, action in game.path(leaf):
                one = game.sets[at]
                if one.player is None:
                    assert one.probabilities is not None
                    chance *= one.probabilities[action]
                else:
                    possible &= needed[one.player].setdefault(at, action) == action
            if not possible or not chance:
                continue
            allowed = tuple(
                frozenset(
                    number
                    for number, plan in enumerate(own)
                    if all(plan.get(at) == action for at, action in need.items())
                )
                for own, need in zip(self.strategies, needed, strict=True)
            )
            found.append((chance, allowed, leaf))
        return tuple(found)

    def payoffs(self, picked: Sequence[int]) -> tuple[Fraction, ...]:
        """What everybody gets where each player picks the strategy of that number."""
        total = [Fraction(0)] * len(self.game.players)
        for chance, allowed, leaf in self.leaves:
            if all(number in own for number, own in zip(picked, allowed, strict=True)):
                for player, paid in enumerate(self.game.collected[leaf]):
                    total[player] += chance * paid
        return tuple(total)


def strategic_form(game: ExtensiveGame, most: int = 200_000) -> StrategicGame:
    """The table of reduced strategies of a tree, exact; a plan is named by its actions in order.

    Raises `GameError` where the table would have more than `most` profiles.
    """
    plans, cells = Plans(game, most), 1
    for size in plans.sizes:
        cells *= size
    if cells > most:
        raise GameError(f"the table would have {cells:,} profiles of plans; the limit is {most:,}")
    strides = [1]
    for size in plans.sizes:
        strides.append(strides[-1] * size)
    table = [[Fraction(0)] * len(game.players) for _ in range(cells)]
    for chance, allowed, leaf in plans.leaves:
        paid = [chance * payoff for payoff in game.collected[leaf]]
        for picked in product(*allowed):
            cell = table[sum(n * stride for n, stride in zip(picked, strides, strict=False))]
            for player, payoff in enumerate(paid):
                cell[player] += payoff
    names = tuple(
        tuple(" / ".join(game.sets[at].actions[a] for at, a in plan.items()) or "-" for plan in own)
        for own in plans.strategies
    )
    return StrategicGame(
        players=game.players,
        strategies=tuple(_distinct(own) for own in names),
        payoffs=tuple(map(tuple, table)),
        title=game.title,
        comment=game.comment,
    )


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    if len(set(names)) == len(names):
        return tuple(names)
    return tuple(f"{name} ({place})" for place, name in enumerate(names, 1))
