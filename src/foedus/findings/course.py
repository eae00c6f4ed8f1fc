"""The course of play at one draw: levels and flows by period, and what is played where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.play import by_action, move_names
from foedus.game.game import StateSpace, Structure
from foedus.game.stages import Chance, Turn
from foedus.outcomes.play import Equilibrium, numbers, start_distribution
from foedus.outcomes.steps import Routes, edge_probabilities, push, with_ended

Factors = Mapping[str, Sequence[str]]  # the levels of each


@dataclass(frozen=True, eq=False, kw_only=True)
class Tally:
    """How often play comes to each node of a stage, and what a member does there.

    Expected numbers over the periods: `visits` (nodes,), and `taken` (nodes, actions), which
    is NaN for what cannot be done. Nodes at which the member does not move have no visits.
    """

    stage: int
    player: str
    move: str
    actions: tuple[str, ...]
    visits: Float[np.ndarray, "nodes"]
    taken: Float[np.ndarray, "nodes actions"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Course:
    """From one start: `levels` and `flows` as in `Central`, and a tally for each move.

    Where no flows were asked for, there are none between any levels.
    """

    levels: Float[np.ndarray, "dates levels"]
    flows: Float[np.ndarray, "periods levels levels"]
    tallies: tuple[Tally, ...]


def membership(space: StateSpace, factors: Factors) -> Float[np.ndarray, "states levels"]:
    """1 where a state has a level, levels of all factors side by side; 0 for unknown ones."""
    found = []
    for factor, levels in factors.items():
        for level in levels:
            place = space.factors.index(factor) if factor in space.factors else -1
            known = place >= 0 and level in space.levels[place]
            code = space.levels[place].index(level) if known else -2
            found.append((space.codes[:, place] == code).astype(float))
    return np.stack(found, axis=-1) if found else np.zeros((space.n_states, 0))


def course(
    equilibrium: Equilibrium, factors: Factors, start: str, periods: int, *, flows: bool = True
) -> Course:
    r"""Play followed from the start for so many periods.

    With $\mu_t$ the distribution of states and $m_a$ the indicator of a level, the flow from
    a to b in period t is $(\mu_t \circ m_a) P_t m_b$, P the transitions under the profile.
    Raises `QueryError` for an unknown start.

    >>> import foedus as fd
    >>> game = fd.compile_scenario(fd.read("baltic-tripwire"))
    >>> found = course(fd.solve(game), {"outcome": ["peace", "seizure"]}, "calm", 2)
    >>> found.levels[0].tolist(), [tally.player for tally in found.tallies][:1]
    ([1.0, 0.0], ['CH'])
    """
    structure = equilibrium.game.structure
    tables, profile = numbers(equilibrium)
    member = membership(structure.states, factors)
    owner = np.repeat(np.arange(len(factors)), [len(levels) for levels in factors.values()])
    traced = member if flows else member[:, :0]
    routes = Routes.of(structure)
    sizes = routes.sizes_after(structure.states.n_states)
    tallies = _Tallies(structure)
    mass = start_distribution(structure, start)
    levels, moved = [mass @ member], []
    for period in range(periods):
        columns = np.column_stack([mass[:, None] * traced, mass])
        edges = edge_probabilities(tables, profile, period)
        nodes = columns[: routes.n_live]
        for k, to in enumerate(routes.successors):
            tallies.add(k, nodes[:, -1], edges[k])
            nodes = push(to, edges[k], nodes, sizes[k], np)
        arrived = with_ended(nodes, columns, routes.n_live, np)
        if flows:
            moved.append((arrived[:, :-1].T @ member) * (owner[:, None] == owner))
        mass = arrived[:, -1]
        levels.append(mass @ member)
    return Course(
        levels=np.stack(levels),
        flows=np.stack(moved) if moved else np.zeros((0, len(owner), len(owner))),
        tallies=tallies.found(),
    )


class _Tallies:
    """Counts visits and actions at every stage where somebody moves."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._counted: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}

    def add(self, k: int, mass: np.ndarray, edges: np.ndarray) -> None:
        """One period's probabilities of the nodes of a stage, and of the edges from each."""
        stage = self._structure.stages[k]
        if isinstance(stage, Chance):
            return
        for member in range(len(move_names(stage))):
            played = by_action(stage, member, edges.reshape(stage.shape))
            visits, taken = self._counted.setdefault(
                (k, member), (np.zeros(len(mass)), np.zeros(played.shape))
            )
            visits += mass
            taken += mass[:, None] * played

    def found(self) -> tuple[Tally, ...]:
        """A tally for each move of each player."""
        return tuple(
            tally
            for (k, member), (visits, taken) in self._counted.items()
            for tally in self._by_player(k, member, visits, taken)
        )

    def _by_player(self, k: int, member: int, visits: np.ndarray, taken: np.ndarray) -> list[Tally]:
        stage = self._structure.stages[k]
        assert not isinstance(stage, Chance)
        if isinstance(stage, Turn):
            action, available, names = stage.action, stage.available, stage.action_names
            movers: np.ndarray = stage.mover
        else:
            action, available = stage.action[member], stage.available[member]
            names, movers = stage.action_names[member], np.full(len(visits), stage.movers[member])
        real = np.where(available, action, -1)
        possible = np.zeros(taken.shape, bool)
        for column in range(real.shape[1]):
            nodes = np.flatnonzero(real[:, column] >= 0)
            possible[nodes, real[nodes, column]] = True
        choosing = possible.any(axis=1)
        found = []
        for index, player in enumerate(self._structure.players):
            here = choosing & (movers == index)
            if here.any():
                found.append(
                    Tally(
                        stage=k,
                        player=player,
                        move=move_names(stage)[member],
                        actions=names,
                        visits=np.where(here, visits, 0.0),
                        taken=np.where(possible & here[:, None], taken, np.nan),
                    )
                )
        return found
