"""Simulated histories, for questions with no closed form; plain NumPy, apart from the exact pass.

The uniform behind every choice belongs to a path, a period and a move by name.
So the same seed gives every regime the same luck, and differences between
regimes are differences in behaviour.
"""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Int

from foedus.errors import QueryError
from foedus.game.game import Game
from foedus.game.profile import Profile
from foedus.game.stages import Block, Chance, Stage, Turn
from foedus.outcomes.play import Equilibrium, Start, game_of, start_distribution, window

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, eq=False, kw_only=True)
class Simulation:
    """Histories of play. Dates run from 0 to `periods`: the starts of the periods and the end.

    - `states`: (paths, dates), index into the game's states; endings stay.
    - `actions[move]`: (paths, periods), position in `action_names[move]`; -1 where nobody moved.
    - `payoffs`: (paths, dates, players), not discounted. The last date has what endings
      reached then pay and, after all solved periods, what states are worth.
    """

    game: Game
    states: Int[np.ndarray, "paths dates"]
    actions: dict[str, Int[np.ndarray, "paths periods"]]
    action_names: dict[str, tuple[str, ...]]
    payoffs: Float[np.ndarray, "paths dates players"]

    def __repr__(self) -> str:
        paths, n_dates = self.states.shape
        return f"<Simulation of {self.game!r}: {paths:,} paths, {n_dates - 1} periods>"

    def levels(self, factor: str) -> Int[np.ndarray, "paths dates"]:
        """The level of a factor, as its position; -1 where play ended through another factor."""
        space = self.game.structure.states
        if factor not in space.factors:
            known = ", ".join(space.factors) or "none"
            raise QueryError(f"no factor named {factor!r}; the game has {known}")
        return np.asarray(space.codes[self.states, space.factors.index(factor)])

    def discounted(self) -> Float[np.ndarray, "paths players"]:
        """Each path's discounted payoff by player."""
        weight = np.asarray(self.game.tables.discount) ** np.arange(self.payoffs.shape[1])[:, None]
        return np.asarray((weight * self.payoffs).sum(axis=1))

    def to_dataframe(self) -> DataFrame:
        """One row per path and date: levels of factors, actions taken then, payoffs by player.

        Levels and actions are categories, missing where there is none; the columns are the
        factors, the moves, and `payoff of <player>`.
        """
        from pandas import Categorical, DataFrame, Index, MultiIndex

        def category(codes: np.ndarray, names: tuple[str, ...]) -> Any:
            return Categorical.from_codes(codes.ravel().astype(int), Index(list(names)))

        paths, n_dates = self.states.shape
        space = self.game.structure.states
        columns: dict[str, Any] = {}
        for factor, levels in zip(space.factors, space.levels, strict=True):
            columns[factor] = category(self.levels(factor), levels)
        for move, taken in self.actions.items():
            at_dates = np.concatenate([taken, np.full((paths, 1), -1)], axis=1)
            columns[move] = category(at_dates, self.action_names[move])
        for i, player in enumerate(self.game.players):
            columns[f"payoff of {player}"] = self.payoffs[:, :, i].ravel()
        index = MultiIndex.from_product([range(paths), range(n_dates)], names=["path", "period"])
        return DataFrame(columns, index=index)


def simulate(
    equilibrium: Equilibrium,
    *,
    paths: int,
    periods: int | None = None,
    seed: int = 0,
    start: Start = None,
) -> Simulation:
    """Play the game `paths` times for `periods` periods (the evaluation horizon when None).

    The same seed gives path j the same uniform for a move of a name in a period, in any
    game, for any number of paths or periods.

    Raises `QueryError` for an unknown start, a window beyond the solved horizon, or a number
    of paths or a seed that is not a whole number from 0 on.

    >>> from foedus.outcomes.examples import truce
    >>> simulate(truce(), paths=1000, periods=2, seed=7).levels("phase").mean(axis=0)
    array([0.   , 0.2..., 0.3...])
    """
    game = game_of(equilibrium)
    structure = game.structure
    for name, number in (("paths", paths), ("seed", seed)):
        if number < 0 or number != int(number):
            raise QueryError(f"{name} must be a whole number from 0 on, not {number}")
    begin = start_distribution(structure, start)
    n_periods = window(structure, periods, name="periods")
    luck = _Luck(seed, paths)
    flow = np.asarray(game.tables.flow).T
    states = np.zeros((paths, n_periods + 1), dtype=np.int32)
    likely = np.cumsum(begin)
    states[:, 0] = np.searchsorted(likely, luck.of("start", 0) * likely[-1], side="right")
    payoffs = np.zeros((paths, n_periods + 1, len(game.players)))
    payoffs[:, 0] = flow[states[:, 0]]
    names = _action_names(structure.stages)
    actions = {move: np.full((paths, n_periods), -1, dtype=np.int16) for move in names}
    for t in range(n_periods):
        alive = np.flatnonzero(states[:, t] < structure.states.n_live)
        states[:, t + 1] = states[:, t]
        record = {move: taken[:, t] for move, taken in actions.items()}
        playing = _Period(game, equilibrium.profile, t, luck, alive, names, record)
        states[alive, t + 1], paid = playing.play(states[alive, t])
        payoffs[alive, t] += paid
        payoffs[alive, t + 1] = flow[states[alive, t + 1]]
    # Where play goes on at the last date, its next period is not played.
    going_on = states[:, -1] < structure.states.n_live
    payoffs[going_on, -1] = 0.0
    if n_periods == structure.horizon:
        payoffs[going_on, -1] = np.asarray(game.tables.terminal).T[states[going_on, -1]]
    return Simulation(
        game=game, states=states, actions=actions, action_names=names, payoffs=payoffs
    )


@dataclass(frozen=True)
class _Luck:
    """Uniforms by path, named by move, occurrence of the name within a period, and period."""

    seed: int
    paths: int

    def of(self, name: str, period: int, occurrence: int = 0) -> Float[np.ndarray, "paths"]:
        key = np.random.SeedSequence(self.seed).generate_state(2, np.uint64)
        # The first word of the counter runs along the paths; the others say whose draw it is.
        slot = [0, period, zlib.crc32(name.encode()), occurrence]
        counter = np.array(slot, dtype=np.uint64)
        return np.random.Generator(np.random.Philox(key=key, counter=counter)).random(self.paths)


@dataclass(frozen=True, eq=False)
class _Period:
    """One period of the paths `alive`. What is done goes into `record`, (paths,) by move."""

    game: Game
    profile: Profile
    period: int
    luck: _Luck
    alive: Int[np.ndarray, "alive"]
    names: dict[str, tuple[str, ...]]
    record: dict[str, np.ndarray]

    def play(self, nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """From live states to what follows them, and what the period's edges pay by player."""
        tables = self.game.tables
        paid = np.zeros((len(nodes), len(self.game.players)))
        met: Counter[str] = Counter()
        for k, stage in enumerate(self.game.structure.stages):
            if isinstance(stage, Block):
                edge = self._block(stage, nodes, self.profile.stages[k], met)
            else:
                chances = tables.probability[k]
                if self.profile.stages[k] is not None:
                    chances = self._now(self.profile.stages[k])
                taken = _draw(np.asarray(chances)[nodes], self._uniforms(stage.name, met))
                if isinstance(stage, Turn):
                    self._note(stage.name, stage.action_names, stage.action[nodes, taken])
                edge = (taken,)
            payoff = tables.payoff[k]
            if payoff is not None:
                place: Any = (slice(None), nodes, *edge)
                paid += np.asarray(payoff)[place].T
            nodes = stage.successor[(nodes, *edge)]
        return nodes, paid

    def _block(
        self, stage: Block, nodes: np.ndarray, strategies: Any, met: Counter[str]
    ) -> tuple[np.ndarray, ...]:
        """Everybody's action. A member's strategy has length 1 along what it does not see."""
        taken: list[np.ndarray] = []
        for j, member in enumerate(strategies):
            now = self._now(member)
            seen = [np.minimum(a, now.shape[1 + i] - 1) for i, a in enumerate(taken)]
            later = (0,) * (len(strategies) - j - 1)
            index: Any = (nodes, *seen, ..., *later)
            taken.append(_draw(now[index], self._uniforms(stage.names[j], met)))
            self._note(stage.names[j], stage.action_names[j], stage.action[j][nodes, taken[j]])
        return tuple(taken)

    def _now(self, strategies: Any) -> np.ndarray:
        return np.asarray(strategies[min(self.period, len(strategies) - 1)])

    def _uniforms(self, name: str, met: Counter[str]) -> Float[np.ndarray, "alive"]:
        met[name] += 1
        return np.asarray(self.luck.of(name, self.period, met[name])[self.alive])

    def _note(self, move: str, own_names: tuple[str, ...], codes: np.ndarray) -> None:
        renumber = np.array([*(self.names[move].index(name) for name in own_names), -1])
        moved = codes >= 0
        self.record[move][self.alive[moved]] = renumber[codes[moved]]


def _action_names(stages: tuple[Stage, ...]) -> dict[str, tuple[str, ...]]:
    """The actions of every move by its name, which several stages may share."""
    names: dict[str, dict[str, None]] = {}
    for stage in stages:
        match stage:
            case Turn():
                moves = [(stage.name, stage.action_names)]
            case Block():
                moves = list(zip(stage.names, stage.action_names, strict=True))
            case Chance():
                moves = []
        for move, own_names in moves:
            names.setdefault(move, {}).update(dict.fromkeys(own_names))
    return {move: tuple(actions) for move, actions in names.items()}


def _draw(
    chances: Float[np.ndarray, "paths options"], uniforms: Float[np.ndarray, "paths"]
) -> Int[np.ndarray, "paths"]:
    """The option at which the running sum of the chances passes the uniform."""
    passed = np.cumsum(chances, axis=1)
    # Relative to the sum, so that rounding never leads past the last possible option.
    chosen = (passed <= uniforms[:, None] * passed[:, -1:]).sum(axis=1)
    return np.asarray(chosen)
