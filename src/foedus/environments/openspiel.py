"""Game trees as OpenSpiel games, registered under a name of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyspiel

from foedus.errors import GameError
from foedus.game.game import Game
from foedus.game.trees.strategic import StrategicGame
from foedus.game.trees.tree import ExtensiveGame
from foedus.game.trees.unroll import unroll

_REGISTERED: dict[str, ExtensiveGame] = {}


def openspiel_game(
    game: Game | ExtensiveGame | StrategicGame, name: str, **unrolling: Any
) -> pyspiel.Game:
    """The game as OpenSpiel has it; `pyspiel.load_game(name)` loads it again in this process.

    A dynamic game is unrolled; `unrolling` are the settings of `unroll`: periods, start,
    most_nodes. Actions have one number for each name, in the order of `action_to_string`.

    Raises `GameError` for a name in use for another game, and as `unroll` does.
    """
    if isinstance(game, Game):
        game = unroll(game, **unrolling)
    tree = game.as_tree() if isinstance(game, StrategicGame) else game
    if name not in _REGISTERED:
        if name in pyspiel.registered_names():
            raise GameError(f"OpenSpiel has a game called {name!r}; choose another name")
        _register(tree, name)
        _REGISTERED[name] = tree
    elif _REGISTERED[name] != tree:
        raise GameError(f"{name!r} is registered for another game; choose another name")
    return pyspiel.load_game(name)


def _register(tree: ExtensiveGame, name: str) -> None:
    totals = np.array([[float(x) for x in tree.collected[leaf]] for leaf in tree.leaves])
    sums = {sum(tree.collected[leaf]) for leaf in tree.leaves}
    draws = [one for one in tree.sets if one.player is None]
    utility = pyspiel.GameType.Utility.GENERAL_SUM
    if len(sums) == 1:
        zero = sums == {0}
        utility = (
            pyspiel.GameType.Utility.ZERO_SUM if zero else pyspiel.GameType.Utility.CONSTANT_SUM
        )
    kind = pyspiel.GameType(
        short_name=name,
        long_name=tree.title or name,
        dynamics=pyspiel.GameType.Dynamics.SEQUENTIAL,
        chance_mode=(
            pyspiel.GameType.ChanceMode.EXPLICIT_STOCHASTIC
            if draws
            else pyspiel.GameType.ChanceMode.DETERMINISTIC
        ),
        information=pyspiel.GameType.Information.IMPERFECT_INFORMATION,
        utility=utility,
        reward_model=pyspiel.GameType.RewardModel.TERMINAL,
        max_num_players=len(tree.players),
        min_num_players=len(tree.players),
        provides_information_state_string=True,
        provides_information_state_tensor=True,
        provides_observation_string=False,
        provides_observation_tensor=False,
        provides_factored_observation_string=False,
        parameter_specification={},
    )
    names = list(dict.fromkeys(action for at in tree.decisions for action in tree.sets[at].actions))
    info = pyspiel.GameInfo(
        num_distinct_actions=len(names),
        max_chance_outcomes=max((len(one.actions) for one in draws), default=0),
        num_players=len(tree.players),
        min_utility=float(totals.min()),
        max_utility=float(totals.max()),
        utility_sum=float(next(iter(sums))) if len(sums) == 1 else None,
        max_game_length=_longest(tree),
    )

    class TreeGame(pyspiel.Game):  # type: ignore[misc]
        """The game; one class for each, because OpenSpiel makes games by class."""

        def __init__(self, params: Any = None) -> None:
            super().__init__(kind, info, params or {})
            self.tree, self.names = tree, names
            self.number = {action: at for at, action in enumerate(names)}

        def new_initial_state(self) -> TreeState:
            return TreeState(self)

        def make_py_observer(self, iig_obs_type: Any = None, params: Any = None) -> TreeObserver:
            return TreeObserver(tree)

    pyspiel.register_game(kind, TreeGame)


def _longest(tree: ExtensiveGame) -> int:
    """The most choices of players in one play."""
    depth = [0] * len(tree.nodes)
    for number, node in enumerate(tree.nodes):
        if node.parent >= 0:
            above = tree.nodes[node.parent].at
            depth[number] = depth[node.parent] + (tree.sets[above].player is not None)
    return max(max(depth), 1)


class TreeState(pyspiel.State):  # type: ignore[misc]
    """A node of the tree."""

    def __init__(self, game: Any) -> None:
        super().__init__(game)
        self.tree: ExtensiveGame = game.tree
        self.names: list[str] = game.names
        self.number: dict[str, int] = game.number
        self.node = 0

    def current_player(self) -> int:
        """Whose turn it is, nature's, or nobody's."""
        at = self.tree.nodes[self.node].at
        if at < 0:
            return int(pyspiel.PlayerId.TERMINAL)
        player = self.tree.sets[at].player
        return int(pyspiel.PlayerId.CHANCE) if player is None else player

    def _legal_actions(self, player: int) -> list[int]:
        at = self.tree.nodes[self.node].at
        return sorted(self.number[action] for action in self.tree.sets[at].actions)

    def chance_outcomes(self) -> list[tuple[int, float]]:
        """Nature's draws and their probabilities, without those that never come."""
        chances = self.tree.sets[self.tree.nodes[self.node].at].probabilities
        assert chances is not None
        return [(at, float(chance)) for at, chance in enumerate(chances) if chance]

    def _apply_action(self, action: int) -> None:
        node = self.tree.nodes[self.node]
        one = self.tree.sets[node.at]
        branch = action if one.player is None else one.actions.index(self.names[action])
        self.node = node.children[branch]

    def _action_to_string(self, player: int, action: int) -> str:
        if player == pyspiel.PlayerId.CHANCE:
            return self.tree.sets[self.tree.nodes[self.node].at].actions[action]
        return self.names[action]

    def is_terminal(self) -> bool:
        """Whether play has ended."""
        return self.tree.nodes[self.node].at < 0

    def returns(self) -> list[float]:
        """What players are paid at the end; 0 before."""
        if not self.is_terminal():
            return [0.0] * len(self.tree.players)
        return [float(x) for x in self.tree.collected[self.node]]

    def __str__(self) -> str:
        steps = self.tree.path(self.node)
        return " / ".join(self.tree.sets[at].actions[a] for at, a in steps) or "the beginning"


class TreeObserver:
    """What players know, as text and as one number out of all information sets."""

    def __init__(self, tree: ExtensiveGame) -> None:
        self._tree = tree
        self.tensor = np.zeros(len(tree.sets), np.float32)
        self.dict = {"information set": self.tensor}

    def set_from(self, state: TreeState, player: int) -> None:
        """Point at the information set of the player whose turn it is; at none for others."""
        self.tensor.fill(0.0)
        if state.current_player() == player and player >= 0:
            self.tensor[self._tree.nodes[state.node].at] = 1.0

    def string_from(self, state: TreeState, player: int) -> str:
        """The same in words."""
        return _words(self._tree, state, player)


def _words(tree: ExtensiveGame, state: TreeState, player: int) -> str:
    """The set of the player whose turn it is; for others, what they did before."""
    node = tree.nodes[state.node]
    if node.at >= 0 and tree.sets[node.at].player == player:
        return f"{node.at}: {tree.name(node.at)}"
    own: Iterable[tuple[int, int]] = (
        (at, action) for at, action in tree.path(state.node) if tree.sets[at].player == player
    )
    done = ", ".join(f"{tree.name(at)}: {tree.sets[at].actions[action]}" for at, action in own)
    return f"waiting after {done}" if done else "waiting"
