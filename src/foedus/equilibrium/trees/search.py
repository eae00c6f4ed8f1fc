"""`find_equilibria` on trees: all that can be found, what kind each is, and what may be missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

import numpy as np

from foedus.equilibrium.stochastic.logit_path import LogitPath
from foedus.equilibrium.stochastic.nash import Nash
from foedus.equilibrium.trees.arrays import tree_arrays
from foedus.equilibrium.trees.bimatrix import extreme_equilibria
from foedus.equilibrium.trees.finish import exact_play
from foedus.equilibrium.trees.logit import MOST_CHOICES, require_solvable
from foedus.equilibrium.trees.path import trace_tree
from foedus.equilibrium.trees.plans import Play, behaviour, filled, from_pure
from foedus.equilibrium.trees.pure import MOST_CELLS, MOST_PLANS, pure_nash, pure_subgame_perfect
from foedus.equilibrium.trees.result import TreeEquilibrium
from foedus.equilibrium.trees.solving import as_tree, nash_play, solve_tree
from foedus.equilibrium.trees.supports import MOST_SUPPORTS, count_supports, supported_play
from foedus.errors import GameError, SolveError
from foedus.game.trees.shape import recall_of
from foedus.game.trees.strategic import StrategicGame
from foedus.game.trees.strategies import Plans
from foedus.game.trees.tree import ExtensiveGame

if TYPE_CHECKING:
    import pandas as pd

SAME = 1e-6  # largest difference of play between two findings of one equilibrium
MOST_PLANS_EACH = 16  # plans of either player up to which all equilibria of two are worked out
RANK = ("sequential", "weak perfect Bayesian", "subgame perfect", "Nash", "none")


@dataclass(frozen=True, eq=False, kw_only=True)
class TreeEquilibria(Sequence[TreeEquilibrium]):
    """Different Nash equilibria of one tree, the most credible kind first; each has a certificate.

    - `components`: which connected piece of the set of equilibria each lies in, -1 where that is
        not known. Between two extreme equilibria of one piece there may be a continuum, which
        usually differs in play that is never reached.
    - `completeness`: what is known about equilibria that are not here.
    """

    items: tuple[TreeEquilibrium, ...] = field(repr=False)
    components: tuple[int, ...]
    completeness: str

    @overload
    def __getitem__(self, index: int) -> TreeEquilibrium: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[TreeEquilibrium, ...]: ...
    def __getitem__(self, index: int | slice) -> TreeEquilibrium | tuple[TreeEquilibrium, ...]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    @property
    def sequential(self) -> tuple[TreeEquilibrium, ...]:
        """Those shown to be sequential equilibria."""
        return tuple(item for item in self.items if item.concept == "sequential")

    @property
    def pure(self) -> tuple[TreeEquilibrium, ...]:
        """Those in which nobody mixes."""
        return tuple(item for item in self.items if item.is_pure)

    def to_dataframe(self) -> pd.DataFrame:
        """One row per equilibrium: values, concept, whether pure, component, regrets, how found."""
        import pandas as pd

        rows = []
        for at, (item, component) in enumerate(zip(self.items, self.components, strict=True)):
            named = zip(item.game.players, item.values.tolist(), strict=True)
            rows.append(
                {
                    "equilibrium": at,
                    **{f"value of {player}": value for player, value in named},
                    "concept": item.concept,
                    "pure": item.is_pure,
                    "component": component,
                    "agent regret": item.certificate.agent_regret,
                    "player regret": item.certificate.player_regret,
                    "found by": item.found_by,
                }
            )
        return pd.DataFrame(rows).set_index("equilibrium") if rows else pd.DataFrame()

    def __repr__(self) -> str:
        lines = [f"{len(self)} equilibria: {self.completeness}"]
        for at, item in enumerate(self.items):
            values = ", ".join(f"{value:.4g}" for value in item.values)
            kind = "pure" if item.is_pure else "mixed"
            lines.append(f"  {at}: values {values}; {kind}, {item.concept}; {item.found_by}")
        return "\n".join(lines)


def find_tree_equilibria(
    game: ExtensiveGame | StrategicGame, starts: int = 100, seed: int = 0
) -> TreeEquilibria:
    """The Nash equilibria of a tree: all of them for two players with few plans, else a search.

    Raises `GameError` for a tree without decisions or with absent-minded players.
    """
    tree = as_tree(game)
    require_solvable(tree)
    search = _Search(tree, starts, seed)
    if not (recall_of(tree).perfect and search.two_players()):
        search.widely()
    return search.result()


class _Search:
    """Equilibria found so far, without duplicates."""

    def __init__(self, game: ExtensiveGame, starts: int, seed: int) -> None:
        self.game, self.starts, self.seed = game, starts, seed
        self.solver = Nash(starts=0, seed=seed)
        self.items: list[TreeEquilibrium] = []
        self.components: list[int] = []
        self.words: list[str] = []
        try:
            self.plans: Plans | None = Plans(game, MOST_PLANS)
        except GameError:
            self.plans = None

    def two_players(self) -> bool:
        """All extreme equilibria, exactly; false where this is not that kind of game."""
        plans = self.plans
        if plans is None or len(plans.sizes) != 2 or max(plans.sizes) > MOST_PLANS_EACH:
            return False
        paid = [
            [plans.payoffs((i, j)) for j in range(plans.sizes[1])] for i in range(plans.sizes[0])
        ]
        first = [[cell[0] for cell in row] for row in paid]
        second = [[cell[1] for cell in row] for row in paid]
        found = extreme_equilibria(first, second)
        if not found.complete:
            return False
        for pair, component in zip(found.pairs, found.components, strict=True):
            self.offer(
                behaviour(self.game, plans.strategies, [list(map(float, x)) for x in pair]),
                "exact enumeration of extreme equilibria",
                component,
            )
        pieces = len(set(found.components))
        self.words.append(
            f"complete: {len(found.pairs)} extreme equilibria in {pieces} connected "
            f"{'piece' if pieces == 1 else 'pieces'}, by exact enumeration of "
            f"{plans.sizes[0]} x {plans.sizes[1]} plans; all others are mixtures of these"
        )
        return True

    def widely(self) -> None:
        """The logit path and its branches, pure play, supports: whatever the size allows."""
        self._limits()
        self._pure()
        self._perfect()
        self._supports()

    def _limits(self) -> None:
        try:
            ended = solve_tree(self.game, self.solver, throw=False)
            if ended.certificate.passed:
                self.keep(ended, -1)
        except (GameError, SolveError):
            self.words.append("the logit path was too large to follow")
            return
        if sum(len(self.game.sets[at].actions) for at in self.game.decisions) > MOST_CHOICES // 10:
            return
        arrays = tree_arrays(self.game)
        for branch in range(min(self.starts // 25, 4)):
            path = trace_tree(self.game, LogitPath(branch=self.seed + branch, max_steps=1000))
            for row in exact_play(arrays, path.log_play[-1])[:1]:
                words = f"end of the logit path of the tilted game (seed {self.seed + branch})"
                self.offer(_by_set(self.game, arrays.sets, arrays.split(row)), words, -1)

    def _pure(self) -> None:
        plans, cells = self.plans, 1
        for size in plans.sizes if plans is not None else ():
            cells *= size
        if plans is None or cells * len(self.game.players) > MOST_CELLS:
            self.words.append("pure Nash equilibria are too many to look through")
            return
        found = pure_nash(plans)
        for picked in found:
            plan = {at: action for own in picked for at, action in own.items()}
            self.offer(from_pure(self.game, plan), "all pure strategies", -1)
        self.words.append(
            f"complete in pure strategies ({len(found)} of {cells:,} profiles of plans)"
        )

    def _perfect(self) -> None:
        perfect = pure_subgame_perfect(self.game)
        for plan in perfect.found[:100]:
            self.offer(from_pure(self.game, plan), "backward induction over subgames", -1)
        number = len(perfect.found)
        if perfect.complete:
            self.words.append(f"{number or 'no'} pure subgame-perfect equilibria, which are all")
        elif number:
            self.words.append(f"at least {number} pure subgame-perfect equilibria")

    def _supports(self) -> None:
        arrays = tree_arrays(self.game)
        number = count_supports(arrays)
        if number > MOST_SUPPORTS:
            self.words.append("mixed ones only where a path led; others not ruled out")
            return
        starts = max(self.starts // 20, 1)
        for row in supported_play(arrays, starts, self.seed):
            words = "all supports at information sets"
            self.offer(_by_set(self.game, arrays.sets, arrays.split(row)), words, -1)
        self.words.append(
            f"mixed ones by Newton's method on all {number:,} supports from {starts} starts each, "
            "where play that is never reached is pure; others not ruled out"
        )

    def offer(self, play: Play, words: str, component: int) -> None:
        """Keep a candidate, filled in where it says nothing, if its certificate passes."""
        best: TreeEquilibrium | None = None
        for whole in self._fillings(play):
            item = nash_play(self.game, whole, self.solver, found_by=words)
            if not item.certificate.passed or item.concept == "none":
                break
            if best is None or RANK.index(item.concept) < RANK.index(best.concept):
                best = item
            if best.concept == "sequential":
                break
        if best is not None:
            self.keep(best, component)

    def _fillings(self, play: Play) -> Iterator[Play]:
        return filled(self.game, play)

    def keep(self, item: TreeEquilibrium, component: int) -> None:
        for known in self.items:
            if self._same(known, item):
                return
        self.items.append(item)
        self.components.append(component)

    def _same(self, one: TreeEquilibrium, other: TreeEquilibrium) -> bool:
        return all(
            np.abs(np.subtract(one.play[at], other.play[at])).max() <= SAME
            for at in self.game.decisions
        )

    def result(self) -> TreeEquilibria:
        order = sorted(
            range(len(self.items)), key=lambda at: (RANK.index(self.items[at].concept), at)
        )
        return TreeEquilibria(
            items=tuple(self.items[at] for at in order),
            components=tuple(self.components[at] for at in order),
            completeness="; ".join(self.words),
        )


def _by_set(game: ExtensiveGame, sets: tuple[int, ...], rows: Sequence[np.ndarray]) -> Play:
    play: Play = [None] * len(game.sets)
    for at, row in zip(sets, rows, strict=True):
        play[at] = row
    return play
