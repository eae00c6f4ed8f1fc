"""How play goes from a start: where it stands at every date, and what is done at every move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.play import move_names
from foedus.game.stages import Block, Chance, Turn
from foedus.outcomes.flow import forward
from foedus.outcomes.play import Start, evaluation_window, numbers, start_distribution
from foedus.outcomes.steps import Routes, edge_probabilities, push

if TYPE_CHECKING:
    from foedus.equilibrium.result import Equilibrium


@dataclass(frozen=True, eq=False, kw_only=True)
class Doing:
    """One move, period by period.

    - `reached`: probability that somebody makes it.
    - `actions`: probability that the move is made and is this action; they add up to `reached`.
    """

    move: str
    player: str
    reached: Float[np.ndarray, "periods"]
    actions: Mapping[str, Float[np.ndarray, "periods"]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Unfolding:
    """Play from one start over the periods that are reported.

    - `states`: probability of each state at each date, endings included.
    - `levels`: of each level of each factor; what is missing to 1 has ended through another.
    - `moves`: by name, in the order of the period.
    """

    states: Float[np.ndarray, "dates states"]
    levels: Mapping[str, Mapping[str, Float[np.ndarray, "dates"]]]
    moves: Mapping[str, Doing]


def unfolding(
    equilibrium: Equilibrium, start: Start = None, *, periods: int | None = None
) -> Unfolding:
    """Where play stands and what is done, from `start` on, exactly.

    Raises `QueryError` for an unknown start.

    >>> import foedus as fd
    >>> game = fd.compile_scenario(fd.read("baltic-tripwire"))
    >>> found = unfolding(fd.solve(game), "calm")
    >>> bool(np.allclose(found.states.sum(axis=1), 1))
    True
    """
    structure = equilibrium.game.structure
    n = evaluation_window(structure) if periods is None else periods
    tables, profile = numbers(equilibrium)
    begin = start_distribution(structure, start)[:, None]
    states = forward(structure, tables, profile, begin, periods=n).states[:, :, 0]
    space, routes = structure.states, Routes.of(structure)
    sizes = routes.sizes_after(space.n_states)
    found: dict[str, Doing] = {}
    for t in range(n):
        mass = states[t, : space.n_live, None]
        edges = edge_probabilities(tables, profile, t)
        for k, stage in enumerate(structure.stages):
            if not isinstance(stage, Chance):
                played = (edges[k] * mass).reshape(stage.shape)
                for member, name in enumerate(move_names(stage)):
                    axes = tuple(i for i in range(1, played.ndim) if i != member + 1)
                    own, (player, names, codes) = played.sum(axis=axes), _member(stage, member)
                    doing = found.setdefault(
                        name,
                        Doing(
                            move=name,
                            player=structure.players[player],
                            reached=np.zeros(n),
                            actions={},
                        ),
                    )
                    _add(doing, names, codes, own, t)
            mass = push(routes.successors[k], edges[k], mass, sizes[k], np)
    levels = {
        factor: {
            level: states[:, space.codes[:, f] == code].sum(axis=1)
            for code, level in enumerate(space.levels[f])
        }
        for f, factor in enumerate(space.factors)
    }
    return Unfolding(states=states, levels=levels, moves=found)


def _member(stage: Turn | Block, member: int) -> tuple[int, tuple[str, ...], np.ndarray]:
    """Whose move it is, the names of the actions, and which one each column stands for."""
    if isinstance(stage, Block):
        return int(stage.movers[member]), stage.action_names[member], stage.action[member]
    return int(stage.mover[stage.mover >= 0][0]), stage.action_names, stage.action


def _add(
    doing: Doing, names: tuple[str, ...], codes: np.ndarray, played: np.ndarray, period: int
) -> None:
    actions: dict[str, np.ndarray] = doing.actions  # type: ignore[assignment]
    real = codes >= 0
    totals = np.bincount(codes[real], played[real], minlength=len(names))
    for name, total in zip(names, totals.tolist(), strict=True):
        actions.setdefault(name, np.zeros(len(doing.reached)))[period] += total
    doing.reached[period] += totals.sum()
