"""`find_equilibria`: the equilibria of a game that can be found, and what may be missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

import numpy as np

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.private.search import private_equilibria
from foedus.equilibrium.result import Equilibrium
from foedus.equilibrium.stochastic.arrays import StochasticArrays, arrays_of
from foedus.equilibrium.stochastic.enumeration import (
    bimatrix_equilibria,
    count_pure,
    is_repeated_bimatrix,
    pure_equilibria,
)
from foedus.equilibrium.stochastic.finish import Finish, finish, in_units
from foedus.equilibrium.stochastic.logit_search import logit_equilibria
from foedus.equilibrium.stochastic.nash import Nash, as_equilibrium, principal_finish
from foedus.equilibrium.stochastic.partners import partner_finishes
from foedus.equilibrium.stochastic.search import deflated_finishes, random_finishes
from foedus.equilibrium.stochastic.stability import Stability, stability_of
from foedus.errors import GameError
from foedus.game.game import Game
from foedus.game.trees.strategic import StrategicGame
from foedus.game.trees.tree import ExtensiveGame

if TYPE_CHECKING:
    import pandas as pd

    from foedus.equilibrium.trees.search import TreeEquilibria

SAME = 1e-6  # largest difference of strategies between two findings of one equilibrium
MOST_PARTNERS = 20  # equilibria whose branches are followed to their other ends
MOST_PURE = 200_000  # profiles of pure strategies that are all looked at
MOST_SUPPORTS = 8  # actions per player up to which all supports of a one-shot game are


@dataclass(frozen=True, eq=False, kw_only=True)
class Equilibria(Sequence[Equilibrium]):
    """Different equilibria of one game, in the order found; each has its certificate.

    - `stability`: of each, under best-reply dynamics; of logit equilibria, unstable where the
        index says so, and else undecided.
    - `found_by`: what led to each, and how often it was met.
    - `completeness`: what is known about equilibria that are not here.
    - `searches`: how many searches were made, and how many of them ended in an equilibrium.
    """

    items: tuple[Equilibrium, ...] = field(repr=False)
    stability: tuple[Stability, ...]
    found_by: tuple[str, ...]
    completeness: str
    searches: tuple[int, int]

    @overload
    def __getitem__(self, index: int) -> Equilibrium: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Equilibrium, ...]: ...
    def __getitem__(self, index: int | slice) -> Equilibrium | tuple[Equilibrium, ...]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def to_dataframe(self) -> pd.DataFrame:
        """One row per equilibrium: values at the first state, stability, regret, how found."""
        import pandas as pd

        rows = []
        for at, (item, stability, how) in enumerate(
            zip(self.items, self.stability, self.found_by, strict=True)
        ):
            values = dict(zip(item.game.players, item.values[0].tolist(), strict=True))
            rows.append(
                {
                    "equilibrium": at,
                    **{f"value of {player}": value for player, value in values.items()},
                    "pure": _is_pure(item),
                    "stability": stability.kind,
                    "regret": item.certificate.regret,
                    "found by": how,
                }
            )
        return pd.DataFrame(rows).set_index("equilibrium") if rows else pd.DataFrame()

    def __repr__(self) -> str:
        lines = [f"{len(self)} equilibria: {self.completeness}"]
        for at, (item, stability) in enumerate(zip(self.items, self.stability, strict=True)):
            values = ", ".join(f"{value:.4g}" for value in item.values[0])
            lines.append(f"  {at}: values {values}; {stability}; {self.found_by[at]}")
        return "\n".join(lines)


@overload
def find_equilibria(
    game: Game, starts: int = 100, seed: int = 0, *, solver: Logit | None = None
) -> Equilibria: ...
@overload
def find_equilibria(
    game: ExtensiveGame | StrategicGame, starts: int = 100, seed: int = 0
) -> TreeEquilibria: ...
def find_equilibria(
    game: Game | ExtensiveGame | StrategicGame,
    starts: int = 100,
    seed: int = 0,
    *,
    solver: Logit | None = None,
) -> Equilibria | TreeEquilibria:
    """The Nash equilibria in Markov strategies that a search of given length finds.

    With `solver=Logit(...)`, the logit equilibria of that precision and convention instead: the
    principal one, then Newton's method away from all that are known, from `starts` random starts.
    Of a game with private types, those that adjustment or Newton's method leads to from pooling,
    separating and random play, at one period, several, or without end.

    First the end of the logit path; then logit equilibria away from known ones (deflation),
    `starts` random starts, among them tracing paths from random priors, and the other end of the
    branch of each equilibrium (its partner). Where there are few enough,
    all profiles of pure strategies are looked at, and all pairs of supports where the game is a
    repeated game of two players. What each part can promise stands in `completeness`.

    Of a tree for two players with few plans, or of a table of their strategies, all equilibria are
    found, in exact arithmetic; each is said to be Nash, subgame perfect or sequential. Other trees
    are searched by logit paths, pure play, backward induction and supports.

    Raises `GameError` for games with other moves, and a number of starts below 0.

    >>> from foedus.game.builders import stochastic_game
    >>> sexes = [[[2.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 2.0]]]
    >>> found = find_equilibria(stochastic_game([sexes], np.ones((1, 2, 2, 1)), 0.5), starts=6)
    >>> sorted(str(kind) for kind in found.stability)
    ['strict', 'strict', 'unstable']
    """
    if isinstance(starts, bool) or not isinstance(starts, int) or starts < 0:
        raise GameError(f"starts is a whole number from 0 on, not {starts!r}")
    if isinstance(game, ExtensiveGame | StrategicGame):
        from foedus.equilibrium.trees.search import find_tree_equilibria

        if solver is not None:
            raise GameError(
                "of a tree, find_equilibria looks for Nash equilibria: leave out solver"
            )
        return find_tree_equilibria(game, starts, seed)
    if game.information is not None:
        return _private(game, solver or Logit(), starts, seed)
    if solver is not None:
        return _logit(game, solver, starts, seed)
    arrays = arrays_of(game)
    collection = _Collection(game, arrays, Nash(starts=0, seed=seed))
    collection.search(starts, seed)
    words = collection.enumerate()
    return collection.result(words)


def _private(game: Game, solver: Logit, starts: int, seed: int) -> Equilibria:
    items, ways, searches = private_equilibria(game, solver, starts=starts, seed=seed)
    unknown = Stability(kind="undecided", growth=np.nan, margin=np.inf)
    return Equilibria(
        items=items,
        stability=(unknown,) * len(items),
        found_by=ways,
        completeness=f"found by {searches[0]} searches; others not ruled out",
        searches=searches,
    )


def _logit(game: Game, solver: Logit, starts: int, seed: int) -> Equilibria:
    found = logit_equilibria(game, solver, starts=starts, seed=seed)
    completeness = f"found by {found.searches[0]} searches; others not ruled out"
    if len(found.items) % 2 == 0:
        completeness += "; an even number was found, so at least one is missing"
    return Equilibria(
        items=found.items,
        # Play moves away from one whose index is negative, whatever the speed of adjustment.
        stability=tuple(
            Stability(kind="unstable" if negative else "undecided", growth=np.nan, margin=np.inf)
            for negative in found.negative
        ),
        found_by=found.ways,
        completeness=completeness,
        searches=found.searches,
    )


def _is_pure(item: Equilibrium) -> bool:
    """Whether nobody mixes. With private types play is logit, and so never pure."""
    if item.game.information is not None:
        return False
    return bool(((item.strategies > SAME).sum(axis=-1) == 1).all())


class _Collection:
    """Equilibria found so far, without duplicates."""

    def __init__(self, game: Game, arrays: StochasticArrays, solver: Nash) -> None:
        self.game, self.arrays, self.solver = game, arrays, solver
        self.finishes: list[Finish] = []
        self.ways: list[str] = []
        self.times: list[int] = []
        self.searches = self.ended = 0

    def search(self, starts: int, seed: int) -> None:
        tolerance = self.solver.tolerance
        principal = principal_finish(self.game, self.arrays, self.solver)
        self._offer(principal.selection.partition(";")[0], principal.finish)
        dense = isinstance(self.arrays.transitions, np.ndarray)
        if starts and dense:
            for words, found in deflated_finishes(self.arrays, seed, tolerance):
                self._offer(words, found)
        for words, found in random_finishes(self.game, self.arrays, starts, seed, tolerance):
            self._offer(f"random start {words}", found)
        if starts and dense:
            self._seek_partners(seed)

    def _seek_partners(self, seed: int) -> None:
        """The other end of the branch of everything found, and of what that finds."""
        for at in range(MOST_PARTNERS):
            if at >= len(self.finishes):
                break
            known = self.finishes[at].strategies
            for words, found in partner_finishes(
                self.arrays, known, seed + at, self.solver.tolerance
            ):
                self._offer(f"{words}, of equilibrium {at}", found)

    def enumerate(self) -> str:
        """Look at complete lists of candidates where they are short; the promise in words."""
        arrays, tolerance = in_units(self.arrays)[0], self.solver.tolerance
        dense = isinstance(arrays.transitions, np.ndarray)
        if is_repeated_bimatrix(arrays) and max(arrays.sizes) <= MOST_SUPPORTS:
            listed = bimatrix_equilibria(arrays, tolerance=tolerance)
            self._offer_all("all pairs of supports", listed.found)
            if listed.degenerate:
                return (
                    f"all {listed.candidates} pairs of supports of equal size were looked at; "
                    "the game has ties, so there may be more, even a continuum"
                )
            return (
                f"complete: all {listed.candidates} pairs of supports of equal size were looked "
                "at, and no tie was met that others could need"
            )
        mixed = f"mixed ones only as {self.searches} searches met them; others not ruled out"
        if dense and count_pure(arrays) <= MOST_PURE:
            listed = pure_equilibria(arrays, tolerance=tolerance)
            self._offer_all("all pure strategies", listed.found)
            return f"complete in pure strategies ({listed.candidates} profiles); {mixed}"
        return f"found by {self.searches} searches; others not ruled out"

    def result(self, completeness: str) -> Equilibria:
        items, stability, found_by = [], [], []
        for found, way, times in zip(self.finishes, self.ways, self.times, strict=True):
            item = as_equilibrium(
                self.game,
                self.arrays,
                found,
                self.solver,
                selection=f"one of {len(self.finishes)} found" if len(self.finishes) > 1 else way,
                tried=(way,),
                iterations=found.repairs,
                seconds=0.0,
            )
            if not item.certificate.passed:
                continue
            items.append(item)
            stability.append(stability_of(self.arrays, found.strategies))
            found_by.append(f"{way}; met {times} times" if times > 1 else way)
        regular = all(known.kind != "undecided" for known in stability)
        if regular and items and len(items) % 2 == 0:
            # Herings and Peeters (2004): a game without ties has an odd number of them.
            completeness += "; an even number was found, so at least one is missing"
        return Equilibria(
            items=tuple(items),
            stability=tuple(stability),
            found_by=tuple(found_by),
            completeness=completeness,
            searches=(self.searches, self.ended),
        )

    def _offer(self, way: str, found: Finish) -> None:
        self.searches += 1
        self._keep(way, found)

    def _offer_all(self, way: str, played: Sequence[np.ndarray]) -> None:
        for strategies in played:
            self._keep(way, finish(self.arrays, strategies, tolerance=self.solver.tolerance))

    def _keep(self, way: str, found: Finish) -> None:
        if not found.within(self.solver.tolerance):
            return
        self.ended += 1
        for at, known in enumerate(self.finishes):
            if np.abs(known.strategies - found.strategies).max() <= SAME:
                self.times[at] += 1
                return
        self.finishes.append(found)
        self.ways.append(way)
        self.times.append(1)
