"""How opponents play that are held at an equilibrium: the probability of each action by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from foedus.environments.dynamic import DynamicReferee
from foedus.environments.referee import Choice, Referee
from foedus.environments.trees import TreeReferee
from foedus.equilibrium.play import strategies_in
from foedus.equilibrium.result import Equilibrium
from foedus.equilibrium.trees.result import TreeEquilibrium
from foedus.errors import GameError
from foedus.game.game import Game
from foedus.game.stages import Block, Turn
from foedus.game.trees.strategic import StrategicGame
from foedus.game.trees.tree import ExtensiveGame

Policy = Callable[[Choice], np.ndarray]


def referee_of(
    game: Game | ExtensiveGame | StrategicGame,
    *,
    start: str | None = None,
    periods: int | None = None,
) -> Referee:
    """The referee that plays a game.

    Raises `GameError` for what is no game, and a stationary one without a number of periods.
    """
    if isinstance(game, Game):
        return DynamicReferee(game, start=start, periods=periods)
    if isinstance(game, StrategicGame):
        game = game.as_tree()
    if isinstance(game, ExtensiveGame):
        return TreeReferee(game)
    raise GameError(
        f"an environment takes a game, not a {type(game).__name__}; compile a scenario first: "
        "fd.compile_scenario(scenario)"
    )


def policy_of(equilibrium: Equilibrium | TreeEquilibrium, referee: Referee) -> Policy:
    """The equilibrium's probability of each of the mover's actions, wherever it chooses."""
    if isinstance(equilibrium, TreeEquilibrium):
        assert isinstance(referee, TreeReferee)
        return lambda choice: _in_tree(equilibrium, referee, choice)
    assert isinstance(referee, DynamicReferee)
    return lambda choice: _in_stages(equilibrium, referee, choice)


def _in_tree(equilibrium: TreeEquilibrium, referee: TreeReferee, choice: Choice) -> np.ndarray:
    assert isinstance(choice.at, int)
    names = referee.actions[choice.player]
    found = np.zeros(len(names))
    for action, chance in zip(
        referee.game.sets[choice.at].actions, equilibrium.play[choice.at], strict=True
    ):
        found[names.index(action)] += chance
    return found


def _in_stages(equilibrium: Equilibrium, referee: DynamicReferee, choice: Choice) -> np.ndarray:
    period, position, member, node, seen = choice.at
    finite = referee.game.horizon is not None
    played = strategies_in(equilibrium.profile, period if finite else 0)[position]
    stage = referee.game.structure.stages[position]
    if isinstance(stage, Turn):
        row, index, names = played[node], stage.action[node], stage.action_names
    else:
        assert isinstance(stage, Block)
        picked = dict(seen)
        place = tuple(
            slice(None) if i == member else picked.get(i, 0) for i in range(len(stage.movers))
        )
        row = played[member][node][place]
        index, names = stage.action[member][node], stage.action_names[member]
    own = referee.actions[choice.player]
    found = np.zeros(len(own))
    for chance, at in zip(row, index, strict=True):
        if at >= 0:
            found[own.index(names[at])] += chance
    return found
