"""The referee of a game tree: players see which information set they are in, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from foedus.environments.referee import Choice, draw
from foedus.game.trees.tree import ExtensiveGame


class TreeReferee:
    """Plays an `ExtensiveGame`; payments come at the nodes where outcomes stand."""

    def __init__(self, game: ExtensiveGame) -> None:
        self.game = game
        self.players = game.players
        names: list[dict[str, int]] = [{} for _ in game.players]
        for at in game.decisions:
            one = game.sets[at]
            assert one.player is not None
            for action in one.actions:
                names[one.player].setdefault(action, len(names[one.player]))
        self._number = names
        self.actions = tuple(tuple(own) or ("nothing",) for own in names)
        self.features: tuple[str, ...] = ("information set",)
        self.low = np.array([-1], np.int64)
        self.high = np.array([len(game.sets)], np.int64)
        self._paid = [
            np.array([float(x) for x in game.outcomes[node.outcome].payoffs])
            if node.outcome >= 0
            else np.zeros(len(game.players))
            for node in game.nodes
        ]
        self._node = 0
        self.choices: tuple[Choice, ...] = ()
        self._over = True

    over = property(lambda self: self._over)
    cut = False

    def begin(self, rng: np.random.Generator) -> np.ndarray:
        """From the root to the first choice."""
        self._node, self._over = 0, False
        return np.asarray(self._paid[0] + self._run(rng))

    def go_on(self, picked: Mapping[int, int], rng: np.random.Generator) -> np.ndarray:
        """Take the action of the one who chooses, then go on to the next choice."""
        (choice,) = self.choices
        one = self.game.sets[self.game.nodes[self._node].at]
        branch = one.actions.index(self.actions[choice.player][picked[choice.player]])
        return np.asarray(self._step(branch) + self._run(rng))

    def _step(self, branch: int) -> np.ndarray:
        self._node = self.game.nodes[self._node].children[branch]
        return self._paid[self._node]

    def _run(self, rng: np.random.Generator) -> np.ndarray:
        paid = np.zeros(len(self.players))
        self.choices = ()
        while True:
            at = self.game.nodes[self._node].at
            if at < 0:
                self._over = True
                return paid
            one = self.game.sets[at]
            if one.player is not None:
                available = np.zeros(len(self.actions[one.player]), bool)
                available[[self._number[one.player][name] for name in one.actions]] = True
                sees = np.array([at], np.int64)
                self.choices = (Choice(player=one.player, sees=sees, available=available, at=at),)
                return paid
            assert one.probabilities is not None
            paid = paid + self._step(draw(rng, [float(c) for c in one.probabilities]))

    def idle_view(self, player: int) -> np.ndarray:
        """Nothing."""
        return np.array([-1], np.int64)

    def words(self) -> str:
        """The name of the information set."""
        at = self.game.nodes[self._node].at
        return "the end" if at < 0 else self.game.name(at)
