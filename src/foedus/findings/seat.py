"""Taking a player's seat: play step by step against equilibrium opponents, replayed from a record.

A record is what was agreed and what people chose, nothing else; `position` plays it again. The
uniform behind every other choice belongs to its period, stage and member, so the same record
always leads to the same place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from foedus.errors import QueryError
from foedus.findings.alike import alike
from foedus.findings.positions import Choice, Option, Position, Record, Step
from foedus.findings.worth import Worth, strategies_at
from foedus.game.stages import Block, Chance, Turn
from foedus.outcomes.play import evaluation_window, numbers, start_distribution

if TYPE_CHECKING:
    from foedus.equilibrium.result import Equilibrium


@dataclass(eq=False)
class Table:
    """An equilibrium to play against. What choices are worth is worked out once."""

    equilibrium: Equilibrium
    _worth: dict[str, Worth] = field(default_factory=dict)
    _values: dict[tuple[str, int, int, int], np.ndarray] = field(default_factory=dict)

    def position(self, record: Record) -> Position:
        """Where the record leads. Raises `QueryError` where it does not fit the game.

        >>> import foedus as fd
        >>> game = fd.compile_scenario(fd.read("extended-deterrence"))
        >>> table = Table(fd.solve(game))
        >>> start = next(iter(game.structure.starts))
        >>> record = Record(seats=game.players, start=start, seed=1)
        >>> turn = table.position(record).turn
        >>> turn.player == game.players[0]
        True
        """
        self._check(record)
        return _Replay(self, record).run()

    def value(self, player: str, period: int, stage: int, member: int) -> np.ndarray:
        """What each edge of a choice is worth to the player: (nodes, one axis per member)."""
        key = player, period if self.equilibrium.game.horizon else 0, stage, member
        if key not in self._values:
            worth = self._worth.setdefault(player, Worth(self.equilibrium, player))
            now, later = worth.of_choice(key[1], stage, member)
            self._values[key] = (now + later).sum(axis=0)
        return self._values[key]

    def levels(self, position: Position) -> list[dict[str, str]]:
        """The level of each factor by date, as whoever is to choose knows them.

        Another player's type is left out until play is over.
        """
        game, turn = self.equilibrium.game, position.turn
        space, information = game.structure.states, game.information
        secret: set[int] = set()
        if information is not None and turn is not None:
            secret = {
                information.factors[j][0]
                for j, player in enumerate(information.players)
                if game.players[player] != turn.player
            }
        return [
            {
                factor: space.levels[f][space.codes[state, f]]
                for f, factor in enumerate(space.factors)
                if space.codes[state, f] >= 0 and f not in secret
            }
            for state in position.states
        ]

    def _check(self, record: Record) -> None:
        game = self.equilibrium.game
        strangers = [seat for seat in record.seats if seat not in game.players]
        if strangers or not record.seats:
            known = ", ".join(game.players)
            raise QueryError(f"there is no seat for {', '.join(strangers) or 'nobody'}: {known}")
        if record.start not in game.structure.starts:
            known = ", ".join(game.structure.starts)
            raise QueryError(f"no start named {record.start!r}; the game has {known}")


class _Replay:
    """One walk through the record."""

    def __init__(self, table: Table, record: Record) -> None:
        self.table, self.record = table, record
        self.equilibrium, self.state = table.equilibrium, 0
        self.game = table.equilibrium.game
        self.tables, self.profile = numbers(table.equilibrium)
        self.left = list(record.choices)
        self.steps: list[Step] = []
        self.turn: Choice | None = None
        self.unseen: list[int] = []

    def run(self) -> Position:
        structure = self.game.structure
        periods = evaluation_window(structure)
        begin = np.cumsum(start_distribution(structure, self.record.start))
        state = int(np.searchsorted(begin, self._luck(-1, 0, 0) * begin[-1], side="right"))
        states, paid = [state], [np.array(self.tables.flow[:, state], dtype=float)]
        for period in range(periods):
            if state >= structure.states.n_live:
                break
            self.state = state
            after = self._period(period, state, paid[-1])
            if after is None:
                break
            state = after
            states.append(state)
            paid.append(np.array(self.tables.flow[:, state], dtype=float))
        if self.left and self.turn is None:
            raise QueryError("the record goes on after the end of play")
        weight = np.asarray(self.tables.discount)[None, :] ** np.arange(len(paid))[:, None]
        total = (weight * np.array(paid)).sum(axis=0)
        players = self.game.players
        return Position(
            states=tuple(states),
            steps=tuple(self.steps),
            turn=self.turn,
            unseen=tuple(self.unseen),
            payoffs={p: tuple(float(at[i]) for at in paid) for i, p in enumerate(players)},
            total=dict(zip(players, total.tolist(), strict=True)),
            periods=periods,
        )

    def _period(self, period: int, node: int, paid: np.ndarray) -> int | None:
        """The state after the period; None where somebody has yet to choose. Adds to `paid`."""
        for k, stage in enumerate(self.game.structure.stages):
            edge: tuple[int, ...] | None
            match stage:
                case Chance():
                    edge = (self._draw(np.asarray(self.tables.probability[k])[node], period, k, 0),)
                    self._note_chance(stage, period, k, int(stage.successor[(node, *edge)]))
                case Turn():
                    edge = self._turn(stage, period, k, node)
                case Block():
                    edge = self._block(stage, period, k, node)
            if edge is None:
                return None
            payoff = self.tables.payoff[k]
            if payoff is not None:
                place: Any = (slice(None), node, *edge)
                paid += np.asarray(payoff)[place]
            node = int(stage.successor[(node, *edge)])
        return node

    def _turn(self, stage: Turn, period: int, k: int, node: int) -> tuple[int, ...] | None:
        mover = int(stage.mover[node])
        chances = strategies_at(self.profile, k, period)[0][node]
        if mover < 0:
            return (self._draw(chances, period, k, 0),)
        player = self.game.players[mover]
        columns = np.flatnonzero(stage.available[node])
        asks = player in self.record.seats and len(columns) > 1
        values, shown = None, chances
        if asks:
            nodes, weights = alike(self.equilibrium, self.state, (period, k, node), mover)
            values = weights @ self.table.value(player, period, k, 0)[nodes]
        else:
            nodes, weights = alike(self.equilibrium, self.state, (period, k, node), None)
            shown = weights @ strategies_at(self.profile, k, period)[0][nodes]
        options = {
            int(c): Option(
                action=stage.action_names[stage.action[node, c]],
                probability=float(shown[c]),
                value=None if values is None else float(values[c]),
            )
            for c in columns
        }
        chosen = self._choose(options, stage.name, player, chances, (period, k, 0))
        return None if chosen is None else (chosen,)

    def _block(self, stage: Block, period: int, k: int, node: int) -> tuple[int, ...] | None:
        """Everybody's action. What a member does not see, it averages over."""
        strategies = strategies_at(self.profile, k, period)
        taken: list[int] = []
        noted: dict[int, int] = {}  # where the members' choices stand among the steps
        for j, member in enumerate(strategies):
            now = member[node]
            seen = tuple(min(a, now.shape[i] - 1) for i, a in enumerate(taken))
            chances = np.asarray(now[seen]).reshape(now.shape[j], -1)[:, 0]
            if stage.action[j][node].max() < 0:
                taken.append(self._draw(chances, period, k, j))
                continue
            player = self.game.players[stage.movers[j]]
            columns = np.flatnonzero(stage.available[j][node])
            asks = player in self.record.seats and len(columns) > 1
            worth = (
                self._expected(stage, strategies, (period, k, j), node, taken, player)
                if asks
                else None
            )
            options = {
                int(c): Option(
                    action=stage.action_names[j][stage.action[j][node, c]],
                    probability=float(chances[c]),
                    value=None if worth is None else float(worth[c]),
                )
                for c in columns
            }
            chosen = self._choose(options, stage.names[j], player, chances, (period, k, j))
            if chosen is None:
                self.unseen = [at for i, at in noted.items() if not stage.sees[j][i]]
                return None
            noted[j] = len(self.steps) - 1
            taken.append(chosen)
        return tuple(taken)

    def _expected(
        self,
        stage: Block,
        strategies: Any,
        slot: tuple[int, int, int],
        node: int,
        taken: list[int],
        player: str,
    ) -> np.ndarray:
        """What each own action is worth, given what the member sees of the others."""
        period, k, member = slot
        nodes, weights = alike(
            self.equilibrium, self.state, (period, k, node), stage.movers[member]
        )
        values = self.table.value(player, period, k, member)[nodes]
        others = [i for i in range(len(strategies)) if i != member]
        likely = prod((strategies[i][nodes] for i in others), start=np.ones(values.shape))
        likely = likely * weights.reshape(-1, *(1,) * (values.ndim - 1))
        seen: list[Any] = [slice(None)] * values.ndim
        for i, action in enumerate(taken):
            if stage.sees[member][i]:
                seen[i + 1] = slice(action, action + 1)
        values, likely = values[tuple(seen)], likely[tuple(seen)]
        axes = tuple(i for i in range(values.ndim) if i != member + 1)
        total = likely.sum(axis=axes)
        found: np.ndarray = (likely * values).sum(axis=axes) / np.where(total > 0, total, 1.0)
        return found

    def _choose(
        self,
        options: Mapping[int, Option],
        move: str,
        player: str,
        chances: np.ndarray,
        slot: tuple[int, int, int],
    ) -> int | None:
        """The column that is taken; None where a person has not chosen yet."""
        person = player in self.record.seats and len(options) > 1
        if not person:
            column = self._draw(chances, *slot)
        elif not self.left:
            self.turn = Choice(
                period=slot[0], move=move, player=player, options=tuple(options.values())
            )
            return None
        else:
            asked = self.left.pop(0)
            by_name = {option.action: column for column, option in options.items()}
            if asked not in by_name:
                known = ", ".join(by_name)
                raise QueryError(f"{player} cannot choose {asked!r} here; the options are {known}")
            column = by_name[asked]
        self.steps.append(
            Step(
                period=slot[0],
                move=move,
                player=player,
                action=options[column].action,
                options=tuple(options.values()),
                person=person,
            )
        )
        return column

    def _note_chance(self, stage: Chance, period: int, k: int, node: int) -> None:
        """What chance brought, where it is a move of its own that later rules still tell apart."""
        origin = self.game.origin
        if origin is None or k + 1 >= len(self.game.structure.stages):
            return
        if stage.name not in {variable.name for variable in origin.rules.moves}:
            return
        level = origin.situation(k + 1, node).get(stage.name)
        if level is not None:
            self.steps.append(
                Step(
                    period=period,
                    move=stage.name,
                    player=None,
                    action=level,
                    options=(),
                    person=False,
                )
            )

    def _draw(self, chances: np.ndarray, period: int, stage: int, member: int) -> int:
        passed = np.cumsum(chances)
        # Relative to the sum, so that rounding never leads past the last possible option.
        return int((passed <= self._luck(period, stage, member) * passed[-1]).sum())

    def _luck(self, period: int, stage: int, member: int) -> float:
        slot = [self.record.seed, period + 1, stage, member]
        return float(np.random.default_rng(slot).random())


def beside(
    equilibrium: Equilibrium, position: Position, player: str, *, paths: int = 2000
) -> Iterator[float]:
    """The discounted payoffs of a player on paths of equilibrium play from the same start."""
    from foedus.outcomes.simulation import simulate

    game = equilibrium.game
    begin = np.zeros(game.structure.states.n_states)
    begin[position.states[0]] = 1.0
    simulation = simulate(equilibrium, paths=paths, periods=position.periods, start=begin)
    yield from simulation.discounted()[:, game.players.index(player)].tolist()
