"""A profile read by name: how likely each action of a named move is, state by state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from foedus.errors import QueryError
from foedus.game.game import Game
from foedus.game.profile import Profile
from foedus.game.stages import Block, Chance, Stage, Turn

if TYPE_CHECKING:
    import pandas as pd


def play_by_state(game: Game, profile: Profile, move: str, period: int) -> pd.DataFrame:
    """Probability of each action at a move, given that it is reached: states by actions.

    Where a state leads to several nodes of the stage, they are weighted by how likely play
    reaches them; a state in which nobody makes the move has NaN.

    Raises `QueryError` for a name that no stage or member of a block has.
    """
    import pandas as pd

    # Sparse matrices take time to load that solving without tables need not spend.
    from foedus.equilibrium.chain import edge_probabilities, reach_matrix

    structure = game.structure
    strategies = strategies_in(profile, period)
    for position, stage in enumerate(structure.stages):
        if isinstance(stage, Chance) or move not in move_names(stage):
            continue
        edges = edge_probabilities(structure, game.tables, strategies, position)
        member = move_names(stage).index(move)
        weight = reach_matrix(structure, game.tables, strategies, position) @ by_action(
            stage, member, edges
        )
        total = weight.sum(axis=1, keepdims=True)
        shares = np.full_like(weight, np.nan)
        np.divide(weight, total, out=shares, where=total > 0)
        names = stage.action_names if isinstance(stage, Turn) else stage.action_names[member]
        labels = [structure.states.label(state) for state in range(structure.states.n_live)]
        return pd.DataFrame(shares, index=pd.Index(labels, name="state"), columns=list(names))
    known = [name for stage in structure.stages for name in move_names(stage)]
    raise QueryError(f"no move named {move!r}; the moves are {', '.join(known)}")


def strategies_in(profile: Profile, period: int) -> list[Any]:
    """Strategies of one period, stage by stage."""
    return [
        None
        if stage is None
        else tuple(member[period] for member in stage)
        if isinstance(stage, tuple)
        else stage[period]
        for stage in profile.stages
    ]


def move_names(stage: Stage) -> tuple[str, ...]:
    """The names of the moves made at a stage; nature's have none."""
    if isinstance(stage, Chance):
        return ()
    return stage.names if isinstance(stage, Block) else (stage.name,)


def by_action(stage: Turn | Block, member: int, edges: np.ndarray) -> np.ndarray:
    """(nodes, action names) from the probability of edges; columns of one action are added up."""
    if isinstance(stage, Turn):
        played, action, count = edges, stage.action, len(stage.action_names)
    else:
        axes = tuple(i + 1 for i in range(len(stage.movers)) if i != member)
        played, action = edges.sum(axis=axes), stage.action[member]
        count = len(stage.action_names[member])
    found = np.zeros((len(played), count))
    for column in range(played.shape[1]):
        real = np.flatnonzero(action[:, column] >= 0)
        found[real, action[real, column]] += played[real, column]
    return found
