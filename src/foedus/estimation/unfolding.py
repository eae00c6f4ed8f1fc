r"""A compiled game of finite horizon unfolded to a tree, with what every path earns.

A game merges situations that no later rule tells apart; a tree keeps them apart, so that an
ending is a whole history. Payoffs stay functions of the scenario's parameters: each entry of
`Earnings` says which number of the game's tables is collected on the way to which ending.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from foedus.errors import GameError
from foedus.estimation.tree import CHANCE, Node, Tree
from foedus.game.game import Game, Structure
from foedus.game.stages import Block, Chance, Turn

MOST = 4000  # endings; a longer game is no longer a tree that anybody observes


@dataclass(frozen=True, eq=False, kw_only=True)
class Earnings:
    """Where an ending's payoffs come from: entries (terminal, period, place in the tables).

    `stage` is the position of a stage, -1 for the flow of a state, -2 for its terminal value.
    """

    terminal: np.ndarray
    period: np.ndarray
    stage: np.ndarray
    place: np.ndarray  # flat index into stages[k].shape, or a state
    count: int  # terminals

    def total(self, pieces: Mapping[int, Any], discount: Any, xp: Any = np) -> Any:
        """Discounted sums by terminal of tables (..., places) given by stage."""
        answer: Any = 0.0
        for stage, table in pieces.items():
            here = np.flatnonzero(self.stage == stage)
            taken = table[..., self.place[here]] * discount[..., None] ** self.period[here]
            spread = np.zeros((len(here), self.count))
            spread[np.arange(len(here)), self.terminal[here]] = 1.0
            answer = answer + taken @ spread
        return answer


@dataclass(frozen=True, eq=False, kw_only=True)
class Unfolded:
    """The tree, what its endings earn, its histories, and where its chances stand."""

    tree: Tree
    earnings: Earnings
    histories: tuple[tuple[tuple[str, str], ...], ...]  # (move, action), by terminal
    chance_stage: np.ndarray
    chance_place: np.ndarray


def unfold(game: Game, *, start: str | None = None) -> Unfolded:
    """The tree of a game that begins in one state.

    Raises `GameError` for an infinite horizon, a start with several states, simultaneous moves,
    and for more endings than anybody could observe.
    """
    structure = game.structure
    if structure.horizon is None:
        raise GameError(
            "this scenario has no last period, so play is no tree; "
            "estimate it as a dynamic game from observed states and actions"
        )
    name = start or next(iter(structure.starts))
    weights = structure.starts[name]
    states = np.flatnonzero(weights)
    if len(states) != 1:
        raise GameError(f"the start {name!r} is spread over {len(states)} states; a tree needs one")
    walk = _Walk(structure)
    walk.state(int(states[0]), 0, (), ())
    return walk.done()


class _Walk:
    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.horizon = structure.horizon or 1
        self.nodes: list[Node | None] = []
        self.histories: list[tuple[tuple[str, str], ...]] = []
        self.entries: list[tuple[int, int, int, int]] = []
        self.chances: list[tuple[int, int]] = []

    def state(self, state: int, period: int, history: Any, earned: Any) -> int:
        n_live = self.structure.states.n_live
        if state >= n_live:
            return self.end(history, (*earned, (period, -1, state)))
        if period == self.horizon:
            return self.end(history, (*earned, (period, -2, state)))
        return self.stage(0, state, period, history, (*earned, (period, -1, state)))

    def stage(self, k: int, node: int, period: int, history: Any, earned: Any) -> int:
        if k == len(self.structure.stages):
            return self.state(node, period + 1, history, earned)
        stage = self.structure.stages[k]
        if isinstance(stage, Block):
            if any(own[node].sum() > 1 for own in stage.available):
                raise GameError(
                    f"{' and '.join(stage.names)} move at the same time; a tree is estimated "
                    "where moves follow one another"
                )
            return self.stage(k + 1, int(stage.successor[node].flat[0]), period, history, earned)
        width = stage.shape[1]
        open_ = np.flatnonzero(stage.occupied[node])
        if (isinstance(stage, Turn) and stage.mover[node] < 0) or len(open_) == 1:
            return self._edge(stage, k, node, int(open_[0]), period, history, earned)
        here = len(self.nodes)
        self.nodes.append(None)
        children = tuple(
            [self._edge(stage, k, node, int(a), period, history, earned) for a in open_]
        )
        draws: tuple[int, ...] = ()
        if isinstance(stage, Chance):
            draws = tuple(range(len(self.chances), len(self.chances) + len(open_)))
            self.chances += [(k, int(node) * width + int(a)) for a in open_]
        self.nodes[here] = Node(
            player=CHANCE if isinstance(stage, Chance) else int(stage.mover[node]),
            actions=tuple(self._action(stage, node, int(a)) for a in open_),
            children=children,
            name=stage.name,
            draws=draws,
        )
        return here

    def _edge(
        self, stage: Turn | Chance, k: int, node: int, column: int, period: int, history: Any,
        earned: Any,
    ) -> int:  # fmt: skip
        paid = (*earned, (period, k, node * stage.shape[1] + column))
        if isinstance(stage, Turn) and stage.mover[node] >= 0:
            history = (*history, (stage.name, self._action(stage, node, column)))
        return self.stage(k + 1, int(stage.successor[node, column]), period, history, paid)

    def _action(self, stage: Turn | Chance, node: int, column: int) -> str:
        if isinstance(stage, Chance):
            return f"{stage.name} {column}"
        return stage.action_names[int(stage.action[node, column])]

    def end(self, history: Any, earned: Any) -> int:
        terminal = len(self.histories)
        if terminal == MOST:
            raise GameError(f"play has more than {MOST} endings, too many to estimate as a tree")
        self.histories.append(tuple(history))
        self.entries += [(terminal, *entry) for entry in earned]
        return -1 - terminal

    def done(self) -> Unfolded:
        entries = np.array(self.entries, dtype=np.int64).reshape(-1, 4)
        nodes = tuple(node for node in self.nodes if node is not None)
        if not nodes:
            raise GameError("nobody has a choice in this scenario")
        chances = np.array(self.chances, dtype=np.int64).reshape(-1, 2)
        return Unfolded(
            tree=Tree(
                players=self.structure.players,
                nodes=nodes,
                terminals=_labels(self.histories),
                chances=(0.0,) * len(chances),
            ),
            earnings=Earnings(
                terminal=entries[:, 0],
                period=entries[:, 1],
                stage=entries[:, 2],
                place=entries[:, 3],
                count=len(self.histories),
            ),
            histories=tuple(self.histories),
            chance_stage=chances[:, 0],
            chance_place=chances[:, 1],
        )


def _labels(histories: list[tuple[tuple[str, str], ...]]) -> tuple[str, ...]:
    """The last action where that names one history, else all actions.

    Endings that only nature tells apart have one label: they are observed as one outcome.
    """
    last = {history: history[-1][1] if history else "start" for history in histories}
    shorts = list(last.values())
    return tuple(
        short if shorts.count(short) == 1 else " ".join(action for _, action in history) or "start"
        for history, short in ((history, last[history]) for history in histories)
    )
