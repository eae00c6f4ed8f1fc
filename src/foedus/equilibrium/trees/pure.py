"""Equilibria in pure strategies: all of them in small trees, exact; subgame-perfect ones too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product

import numpy as np

from foedus.game.trees.shape import subgame_roots
from foedus.game.trees.strategies import MOST_NODES, Plans, Strategy
from foedus.game.trees.tree import ExtensiveGame

MOST_CELLS = 2_000_000
MOST_PLANS = 20_000
MOST_PERFECT = 500  # subgame-perfect equilibria kept of any subgame
MOST_PROFILES = 20_000  # of one subgame without its own


def pure_nash(plans: Plans) -> list[tuple[Strategy, ...]]:
    """Every Nash equilibrium in reduced pure strategies; payoffs are compared exactly."""
    sizes, n_players = plans.sizes, len(plans.sizes)
    table = np.zeros((n_players, *sizes))
    for chance, allowed, leaf in plans.leaves:
        where = np.ix_(*(sorted(own) for own in allowed))
        for player in range(n_players):
            paid = float(chance) * float(plans.game.collected[leaf][player])
            table[player][where] += paid
    close = np.ones(sizes, bool)
    for player in range(n_players):
        slack = 1e-9 * max(1.0, float(np.abs(table[player]).max()))
        close &= table[player] >= table[player].max(axis=player, keepdims=True) - slack
    found = []
    for cell in np.argwhere(close):
        picked = [int(number) for number in cell]
        if _nobody_gains(plans, picked):
            found.append(tuple(own[n] for own, n in zip(plans.strategies, picked, strict=True)))
    return found


def _nobody_gains(plans: Plans, picked: list[int]) -> bool:
    held = plans.payoffs(picked)
    for player, own in enumerate(plans.strategies):
        for other in range(len(own)):
            changed = [*picked[:player], other, *picked[player + 1 :]]
            if plans.payoffs(changed)[player] > held[player]:
                return False
    return True


@dataclass(frozen=True, kw_only=True)
class Perfect:
    """Subgame-perfect equilibria in pure strategies; `complete`: whether these are all."""

    found: tuple[Mapping[int, int], ...]
    complete: bool


def pure_subgame_perfect(game: ExtensiveGame) -> Perfect:
    """Backward induction over subgames, with every tie followed; exact.

    Each answer says what is done at every information set. A subgame with none in pure strategies
    leaves the whole without one.
    """
    if len(game.nodes) > MOST_NODES:
        return Perfect(found=(), complete=False)
    begins = set(subgame_roots(game))
    answers: dict[int, list[tuple[dict[int, int], tuple[Fraction, ...]]]] = {}
    complete = True
    for root in sorted(begins, reverse=True):
        part = _Part(game, root, begins)
        own: list[tuple[dict[int, int], tuple[Fraction, ...]]] = []
        if part.profiles > MOST_PROFILES:
            return Perfect(found=(), complete=False)
        below = [answers.pop(node) for node in part.inner]
        combined = product(*below)
        for inner in islice(combined, MOST_PERFECT):
            worth = {node: values for node, (_, values) in zip(part.inner, inner, strict=True)}
            before: dict[int, int] = {}
            for plan, _ in inner:
                before.update(plan)
            for plan, values in part.equilibria(worth):
                own.append(({**before, **plan}, values))
        complete = complete and next(combined, None) is None and len(own) <= MOST_PERFECT
        answers[root] = own[:MOST_PERFECT]
        if not own:
            return Perfect(found=(), complete=complete)
    if 0 not in answers:
        return Perfect(found=({},), complete=True)
    return Perfect(found=tuple(plan for plan, _ in answers[0]), complete=complete)


class _Part:
    """A subgame down to the subgames in it."""

    def __init__(self, game: ExtensiveGame, root: int, begins: set[int]) -> None:
        self.game, self.root = game, root
        self.nodes, self.inner = [], []
        node, last = root, game.last[root]
        while node <= last:
            if node in begins and node != root:
                self.inner.append(node)
                node = game.last[node] + 1
            else:
                self.nodes.append(node)
                node += 1
        used = dict.fromkeys(game.nodes[n].at for n in self.nodes if game.nodes[n].at >= 0)
        self.sets = [at for at in used if game.sets[at].player is not None]
        self.profiles = 1
        for at in self.sets:
            self.profiles *= len(game.sets[at].actions)

    def equilibria(
        self, worth: Mapping[int, tuple[Fraction, ...]]
    ) -> Iterator[tuple[dict[int, int], tuple[Fraction, ...]]]:
        """Pure Nash equilibria where subgames in it are worth this."""
        if len(self.sets) <= 1:
            yield from self._single(worth)
            return
        choices = [range(len(self.game.sets[at].actions)) for at in self.sets]
        values = {
            picked: self._values(dict(zip(self.sets, picked, strict=True)), worth)
            for picked in product(*choices)
        }
        for picked, held in values.items():
            if all(self._best(player, picked, held, values) for player in self._movers()):
                yield dict(zip(self.sets, picked, strict=True)), held

    def _single(
        self, worth: Mapping[int, tuple[Fraction, ...]]
    ) -> Iterator[tuple[dict[int, int], tuple[Fraction, ...]]]:
        if not self.sets:
            yield {}, self._values({}, worth)
            return
        at = self.sets[0]
        player = self.game.sets[at].player
        assert player is not None
        options = [
            self._values({at: action}, worth) for action in range(len(self.game.sets[at].actions))
        ]
        best = max(values[player] for values in options)
        for action, values in enumerate(options):
            if values[player] == best:
                yield {at: action}, values

    def _movers(self) -> set[int]:
        return {p for at in self.sets if (p := self.game.sets[at].player) is not None}

    def _best(
        self,
        player: int,
        picked: tuple[int, ...],
        held: tuple[Fraction, ...],
        values: Mapping[tuple[int, ...], tuple[Fraction, ...]],
    ) -> bool:
        options = [
            range(len(self.game.sets[at].actions))
            if self.game.sets[at].player == player
            else (action,)
            for at, action in zip(self.sets, picked, strict=True)
        ]
        return all(values[other][player] <= held[player] for other in product(*options))

    def _values(
        self, plan: Mapping[int, int], worth: Mapping[int, tuple[Fraction, ...]]
    ) -> tuple[Fraction, ...]:
        game = self.game
        found: dict[int, tuple[Fraction, ...]] = dict(worth)
        for number in reversed(self.nodes):
            node = game.nodes[number]
            if node.at < 0:
                found[number] = game.collected[number]
            elif node.at in plan:
                found[number] = found[node.children[plan[node.at]]]
            else:
                chances = game.sets[node.at].probabilities
                assert chances is not None
                found[number] = tuple(
                    sum(
                        (
                            c * found[child][player]
                            for c, child in zip(chances, node.children, strict=True)
                        ),
                        Fraction(0),
                    )
                    for player in range(len(game.players))
                )
        return found[self.root]
