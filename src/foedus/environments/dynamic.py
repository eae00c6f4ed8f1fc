"""The referee of a dynamic game: periods, stages and states, for ever or to a horizon."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from foedus.environments.referee import Choice, draw
from foedus.errors import GameError, QueryError
from foedus.game.game import Game
from foedus.game.stages import Block, Chance, Turn


class DynamicReferee:
    """Plays a `Game`. Payments are discounted, so that their sum is what values say.

    Everybody sees the period, the state and the node of a stage; in a simultaneous stage, only
    those actions that the rules show. A play of a stationary game is cut off after `periods`.
    """

    def __init__(self, game: Game, *, start: str | None = None, periods: int | None = None) -> None:
        structure = game.structure
        horizon = game.horizon if periods is None else periods
        if horizon is None:
            raise GameError(
                "a stationary game has no last period; say where plays are cut off: periods=100"
            )
        if horizon < 1 or (game.horizon is not None and horizon != game.horizon):
            raise GameError(f"plays of this game have {game.horizon} periods, not {horizon}")
        name = next(iter(structure.starts)) if start is None else start
        if name not in structure.starts:
            raise QueryError(f"no start {name!r}; there are {', '.join(structure.starts)}")
        self.game, self.periods = game, horizon
        self._start = np.asarray(structure.starts[name], float)
        self._discount = np.asarray(game.tables.discount, float)
        self.players = structure.players
        self.actions = tuple(
            _names(game, player) or ("nothing",) for player in range(len(self.players))
        )
        self._number = [{name: at for at, name in enumerate(own)} for own in self.actions]
        members = max((len(s.movers) for s in structure.stages if isinstance(s, Block)), default=0)
        space = structure.states
        self.features = (
            "period",
            "stage",
            "node",
            *space.factors,
            *(f"action of member {m + 1}" for m in range(members)),
        )
        nodes = max(stage.shape[0] for stage in structure.stages)
        seen = max((max(s.shape[1:]) for s in structure.stages if isinstance(s, Block)), default=1)
        self.low = np.array([0, -1, -1] + [-1] * (len(space.factors) + members), np.int64)
        self.high = np.array(
            [horizon, len(structure.stages), nodes, *map(len, space.levels), *[seen] * members],
            np.int64,
        )
        self._members = members
        self._period = self._state = self._stage = self._node = 0
        self._joint: tuple[int, ...] = ()
        self._over = True
        self.choices: tuple[Choice, ...] = ()
        self._asked: tuple[int, ...] = ()  # members of a block, in the order of `choices`

    over = property(lambda self: self._over)

    @property
    def cut(self) -> bool:
        """Whether a stationary game was stopped with play going on."""
        return self._over and self.game.horizon is None and self._live()

    def _live(self) -> bool:
        return self._state < self.game.structure.states.n_live

    def begin(self, rng: np.random.Generator) -> np.ndarray:
        """Draw a state to start from, and go on to the first choice."""
        self._period, self._state = 0, draw(rng, self._start)
        self._over = False
        return np.asarray(self._enter() + self._run(rng))

    def go_on(self, picked: Mapping[int, int], rng: np.random.Generator) -> np.ndarray:
        """Take the actions of those who choose, then go on to the next choice."""
        stage = self.game.structure.stages[self._stage]
        columns = {
            choice.player: self._column(choice, picked[choice.player]) for choice in self.choices
        }
        if isinstance(stage, Turn):
            paid = self._step((columns[int(stage.mover[self._node])],))
        else:
            assert isinstance(stage, Block)
            for member in self._asked:
                self._joint = (*self._joint, columns[stage.movers[member]])
            paid = np.zeros(len(self.players))
        return np.asarray(paid + self._run(rng))

    def _column(self, choice: Choice, action: int) -> int:
        """Where an action by its name stands among those of the node."""
        stage = self.game.structure.stages[self._stage]
        name = self.actions[choice.player][action]
        if isinstance(stage, Turn):
            index, names = stage.action[self._node], stage.action_names
        else:
            assert isinstance(stage, Block)
            member = next(m for m in self._asked if stage.movers[m] == choice.player)
            index, names = stage.action[member][self._node], stage.action_names[member]
        return next(c for c, at in enumerate(index) if at >= 0 and names[at] == name)

    def _run(self, rng: np.random.Generator) -> np.ndarray:
        """On to the next choice or the end; what is paid on the way."""
        paid = np.zeros(len(self.players))
        self.choices, self._asked = (), ()
        while not self._over:
            stage = self.game.structure.stages[self._stage]
            if isinstance(stage, Chance):
                table = self.game.tables.probability[self._stage]
                assert table is not None
                paid = paid + self._step((draw(rng, np.asarray(table[self._node], float)),))
            elif isinstance(stage, Turn):
                mover = int(stage.mover[self._node])
                if mover >= 0:
                    names = [stage.action_names[a] for a in stage.action[self._node] if a >= 0]
                    self.choices = (self._choice(mover, names, ()),)
                    return paid
                paid = paid + self._step((int(np.argmax(stage.occupied[self._node])),))
            elif len(self._joint) == len(stage.movers):
                paid = paid + self._step(self._joint)
            elif self._ask(stage):
                return paid
        return paid

    def _ask(self, stage: Block) -> bool:
        """Those members who choose next, as many as see nothing of each other."""
        asked: list[int] = []
        for member in range(len(self._joint), len(stage.movers)):
            index = stage.action[member][self._node]
            moves = bool(((index >= 0) & stage.available[member][self._node]).any())
            if not moves and not asked:
                column = int(np.argmax(stage.available[member][self._node]))
                self._joint = (*self._joint, column)
                continue
            twice = stage.movers[member] in (stage.movers[i] for i in asked)
            if not moves or twice or any(stage.sees[member][i] for i in asked):
                break
            asked.append(member)
        self._asked = tuple(asked)
        self.choices = tuple(
            self._choice(
                stage.movers[m],
                [
                    stage.action_names[m][a]
                    for a, real in zip(
                        stage.action[m][self._node], stage.available[m][self._node], strict=True
                    )
                    if a >= 0 and real
                ],
                tuple((i, self._joint[i]) for i in range(len(self._joint)) if stage.sees[m][i]),
                member=m,
            )
            for m in asked
        )
        return bool(asked)

    def _choice(
        self, player: int, names: list[str], seen: tuple[tuple[int, int], ...], *, member: int = 0
    ) -> Choice:
        available = np.zeros(len(self.actions[player]), bool)
        available[[self._number[player][name] for name in names]] = True
        view = self._view(self._node)
        for i, column in seen:
            view[len(view) - self._members + i] = column
        at = (self._period, self._stage, member, self._node, seen)
        return Choice(player=player, sees=view, available=available, at=at)

    def _view(self, node: int) -> np.ndarray:
        codes = self.game.structure.states.codes[self._state]
        return np.array(
            [self._period, self._stage, node, *codes.tolist(), *[-1] * self._members], np.int64
        )

    def idle_view(self, player: int) -> np.ndarray:
        """The period and the state, without the node."""
        return self._view(-1)

    def _step(self, cell: tuple[int, ...]) -> np.ndarray:
        """Along an edge; what it and the state it may lead to pay."""
        structure = self.game.structure
        stage, table = structure.stages[self._stage], self.game.tables.payoff[self._stage]
        place = (self._node, *cell)
        paid = np.zeros(len(self.players))
        if table is not None:
            own = np.array([float(row[place]) for row in table])
            paid = own * self._discount**self._period
        self._node, self._joint = int(stage.successor[place]), ()
        self._stage += 1
        if self._stage == len(structure.stages):
            self._state = self._node
            self._period += 1
            return np.asarray(paid + self._enter())
        return np.asarray(paid)

    def _enter(self) -> np.ndarray:
        """Begin a period in the state; what it pays, or is worth after the last one."""
        tables, finite = self.game.tables, self.game.horizon is not None
        self._stage, self._node, self._joint = 0, self._state, ()
        last = self._period == self.periods
        self._over = last or not self._live()
        if last and self._live() and not finite:
            return np.zeros(len(self.players))
        table = tables.terminal if last and self._live() else tables.flow
        worth = np.asarray(table, float)[:, self._state]
        return np.asarray(worth * self._discount**self._period)

    def words(self) -> str:
        """Where play stands."""
        return f"period {self._period + 1}: {self.game.structure.states.label(self._state)}"


def _names(game: Game, player: int) -> tuple[str, ...]:
    """The names of a player's actions in all stages, each once."""
    found: dict[str, None] = {}
    for stage in game.structure.stages:
        if isinstance(stage, Turn):
            used = np.unique(stage.action[(stage.mover == player)[:, None] & stage.available])
            found.update(dict.fromkeys(stage.action_names[a] for a in used if a >= 0))
        elif isinstance(stage, Block):
            for member, mover in enumerate(stage.movers):
                if mover == player:
                    used = np.unique(stage.action[member][stage.available[member]])
                    names = stage.action_names[member]
                    found.update(dict.fromkeys(names[a] for a in used if a >= 0))
    return tuple(found)
