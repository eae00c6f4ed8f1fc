"""Where a player has to choose: the situations that fit, and how likely play gets into them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

from foedus.equilibrium.play import move_names
from foedus.errors import QueryError
from foedus.findings.worth import moves_of, strategies_at
from foedus.game.game import Structure
from foedus.game.measure import Measure
from foedus.game.stages import Block, Chance, Turn
from foedus.outcomes.conditions import Watching, lift_profile
from foedus.outcomes.flow import forward
from foedus.outcomes.play import numbers, start_distribution
from foedus.outcomes.steps import Routes, along, edge_probabilities, push, scatter

if TYPE_CHECKING:
    from foedus.equilibrium.result import Equilibrium


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A move of a player: its stage, its place among the members there, and its name."""

    player: str
    stage: int
    member: int
    name: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Occasion:
    """A choice in one period, in all situations that fit.

    Arrays have the axes of the stage, (nodes, actions) or (nodes, one axis per member of a
    block), with length 1 where nothing depends on that axis. Nodes may have been split to
    tell situations apart; `origin` has the game's own node of each.

    - `reached`: probability that play gets into the situation: to the node, and in a block to
        what the mover sees of the others' actions.
    - `strategy`: of the mover. `action`: what each of its columns stands for, -1 where it has
        fewer actions.
    - `belief`: probability of what the mover does not see, given what it sees and does.
    """

    choice: Choice
    period: int
    origin: Int[np.ndarray, "nodes"]
    reached: Float[np.ndarray, "nodes *members"]
    strategy: Float[np.ndarray, "nodes *members"]
    belief: Float[np.ndarray, "nodes *members"]
    action: Int[np.ndarray, "nodes *members"]
    action_names: tuple[str, ...]
    unseen: tuple[str, ...]  # the moves made at the same time that the mover does not see

    @property
    def likelihood(self) -> float:
        """Probability that play gets there in that period."""
        return float(self.reached.sum())

    @property
    def situations(self) -> int:
        """How many situations the averages are taken over."""
        return int((self.reached > 0).sum())

    @property
    def own_axis(self) -> int:
        """The axis of the mover's own actions."""
        return self.choice.member + 1


def choices(structure: Structure, player: str) -> list[Choice]:
    """The moves of a player, in order. Raises `QueryError` if it is nobody, or never moves."""
    if player not in structure.players:
        known = ", ".join(structure.players)
        raise QueryError(f"no player named {player!r}; the players are {known}")
    index = structure.players.index(player)
    found = [
        Choice(player=player, stage=k, member=member, name=name)
        for k, stage in enumerate(structure.stages)
        for member, name in enumerate(move_names(stage))
        if moves_of(stage, member, index).any()
    ]
    if not found:
        raise QueryError(f"{player} never has a choice")
    return found


def occasions(
    equilibrium: Equilibrium, choice: Choice, situation: str | None, start: str | None
) -> Iterator[Occasion]:
    """The choice where the situation holds, period by period from the first one on.

    `situation` is a condition in the scenario's words. Raises `QueryError` where it cannot be
    read, or reads what is not known when the choice is made.
    """
    game = equilibrium.game
    periods = game.horizon or game.structure.evaluate
    begin = start_distribution(game.structure, start)[:, None]
    states = forward(game.structure, *numbers(equilibrium), begin, periods=periods).states
    seen, lift = _seen(equilibrium, situation)
    for later in seen.measures["here"].stages[choice.stage + 1 :]:
        if later is not None and np.any(later):
            raise _unknown(choice, situation)
    for period in range(periods):
        yield _occasion(seen, lift, choice, period, states[period, :, 0], situation)


def _seen(
    equilibrium: Equilibrium, situation: str | None
) -> tuple[Watching, tuple[Int[np.ndarray, "nodes"], ...]]:
    """The equilibrium on a structure where the situation is a measure, and its nodes' origin."""
    game = equilibrium.game
    tables, profile = numbers(equilibrium)
    if situation is None:
        structure = game.structure
        everywhere = np.ones(structure.states.n_states)
        holds = {"here": Measure(everywhere, (None,) * len(structure.stages))}
        lift = tuple(np.arange(stage.shape[0], dtype=np.int32) for stage in structure.stages)
        seen = Watching(structure=structure, tables=tables, profile=profile, measures=holds)
        return seen, lift
    if game.origin is None:
        raise QueryError(
            f"this game was built from arrays, so {situation!r} means nothing to it; "
            "leave the situation out"
        )
    watched = game.origin.watch({"here": situation})
    seen = Watching(
        structure=watched.structure,
        tables=watched.tables(game.values),
        profile=lift_profile(profile, watched.lift),
        measures=watched.measures(game.values),
    )
    return seen, watched.lift


def _occasion(
    seen: Watching,
    lift: tuple[Int[np.ndarray, "nodes"], ...],
    choice: Choice,
    period: int,
    states: Float[np.ndarray, "states"],
    situation: str | None,
) -> Occasion:
    k, member = choice.stage, choice.member
    stage = seen.structure.stages[k]
    assert not isinstance(stage, Chance)
    strategies = strategies_at(seen.profile, k, period)
    sees = stage.sees[member] if isinstance(stage, Block) else (False,)
    others = [i for i in range(len(strategies)) if i != member]
    unseen = [i for i in others if not sees[i]]
    hidden = tuple(i + 1 for i in unseen)
    index = seen.structure.players.index(choice.player)
    moves = _over(moves_of(stage, member, index), len(stage.shape))
    mass, fits = (_over(x, len(stage.shape)) for x in _at_stage(seen, k, period, states))
    likely = prod((strategies[i] for i in others), start=np.ones(stage.shape)) * stage.occupied
    fitting = fits
    if (holds := seen.measures["here"].stages[k]) is not None:
        known = _settled(stage.occupied & moves, holds, (member + 1, *hidden))
        if known is None:
            raise _unknown(choice, situation)
        fitting = fits + mass * known
    played = (likely * strategies[member]).sum(axis=(member + 1, *hidden), keepdims=True)
    total = likely.sum(axis=hidden, keepdims=True)
    names = stage.names if isinstance(stage, Block) else (stage.name,)
    return Occasion(
        choice=choice,
        period=period,
        origin=lift[k],
        reached=np.where(moves, fitting * played, 0.0),
        strategy=strategies[member],
        belief=likely / np.where(total > 0, total, 1.0),
        action=_actions(stage, member),
        action_names=(
            stage.action_names[member] if isinstance(stage, Block) else stage.action_names
        ),
        unseen=tuple(names[i] for i in unseen),
    )


def _at_stage(
    seen: Watching, stage: int, period: int, states: Float[np.ndarray, "states"]
) -> tuple[Float[np.ndarray, "nodes"], Float[np.ndarray, "nodes"]]:
    """The probability of each node of a stage, and of having come to it in the situation.

    A node may stand for cases that differ in the situation where nothing later depends on
    it, so what has been collected of it travels along with the probability.
    """
    routes, here = Routes.of(seen.structure), seen.measures["here"]
    sizes = routes.sizes_after(len(states))
    edges = edge_probabilities(seen.tables, seen.profile, period)
    mass = states[: routes.n_live, None]
    fits = mass * np.asarray(here.flow, float)[: routes.n_live, None]
    for k in range(stage):
        to, holds = routes.successors[k], here.stages[k]
        fits = push(to, edges[k], fits, sizes[k], np)
        if holds is not None:
            newly = along(edges[k], mass) * np.asarray(holds, float).reshape(*edges[k].shape, 1)
            fits = fits + scatter(to, newly, sizes[k], np)
        mass = push(to, edges[k], mass, sizes[k], np)
    return mass[:, 0], fits[:, 0]


def _settled(
    possible: np.ndarray, holds: np.ndarray, axes: tuple[int, ...]
) -> Float[np.ndarray, "nodes *members"] | None:
    """Whether the situation holds, given what the mover sees; None if that does not settle it."""
    highest = np.where(possible, holds, -np.inf).max(axis=axes, keepdims=True)
    lowest = np.where(possible, holds, np.inf).min(axis=axes, keepdims=True)
    if (highest > lowest).any():
        return None
    settled: np.ndarray = np.where(np.isfinite(highest), highest, 0.0)
    return settled


def _actions(stage: Turn | Block, member: int) -> Int[np.ndarray, "nodes *members"]:
    """What each column of the mover stands for, along the axis of its own actions."""
    if isinstance(stage, Turn):
        return np.where(stage.available, stage.action, -1)
    own = np.where(stage.available[member], stage.action[member], -1)
    shape = [len(own)] + [1] * len(stage.movers)
    shape[member + 1] = own.shape[1]
    return own.reshape(shape)


def _over(values: np.ndarray, rank: int) -> np.ndarray:
    """Values of nodes with an axis of length 1 for everybody's actions."""
    return values.reshape(-1, *(1,) * (rank - 1))


def _unknown(choice: Choice, situation: str | None) -> QueryError:
    return QueryError(
        f"{choice.player} does not know yet whether {situation!r} when it chooses "
        f"{choice.name}: ask about the state and about moves that it has seen"
    )
