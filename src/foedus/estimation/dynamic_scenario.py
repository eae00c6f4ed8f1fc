r"""A stationary scenario as a dynamic game whose free parameters enter payoffs linearly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from foedus.compiler.compile import compile_scenario
from foedus.equilibrium.stochastic.arrays import StochasticArrays, arrays_of
from foedus.errors import GameError, QueryError
from foedus.estimation.dynamic_game import DynamicGame
from foedus.estimation.dynamic_model import DynamicModel, Method
from foedus.game.game import Game
from foedus.game.stages import Block, Turn
from foedus.scenario.scenario import Scenario
from foedus.scenario.suggestions import did_you_mean

NEVER = -700.0  # payoff of an action that is not available: its probability is 0 in doubles
CLOSE = 1e-9


def scenario_model(
    scenario: Scenario,
    parameters: Sequence[str],
    *,
    regime: str | None = None,
    variant: str | None = None,
    fixed: Mapping[str, float] | None = None,
    method: Method = "nfxp",
) -> DynamicModel:
    """A model of repeated play under a stationary scenario, to estimate some of its parameters.

    The data have a column for each factor of the state, with its levels by name, and one for each
    move, with its actions by name. Parameters that are not estimated keep their central values,
    or those in `fixed`. Payoff shocks have the scenario's precision.

    Raises `QueryError` for a name that is no parameter, for one that payoffs are not linear in
    or that moves transitions or discounts, and for the `expected` convention; `GameError` where
    play is not one simultaneous move in each period.
    """
    game = compile_scenario(scenario, regime=regime, variant=variant)
    if fixed:
        game = game.at(**fixed)
    for name in parameters:
        if name not in game.values:
            raise QueryError(
                f"no parameter named {name}; {did_you_mean(name, game.values, 'there are')}"
            )
    if game.horizon is not None:
        raise QueryError("this scenario ends; estimate it as a tree with TreeModel")
    if game.convention != "shock":
        raise QueryError(
            "private payoff shocks are the `shock` convention; this scenario has "
            f"`convention: {game.convention}`"
        )
    base, features = _linear(game, parameters)
    first = game.structure.stages[0]
    moves = first.names if isinstance(first, Block) else (first.name,)
    assert isinstance(first, Block | Turn)
    actions = first.action_names if isinstance(first, Block) else (first.action_names,)
    codes = first.action if isinstance(first, Block) else (first.action,)
    order = base.members or tuple(range(len(moves)))
    names: list[str] = [""] * base.n_players
    labels: list[tuple[str, ...]] = [()] * base.n_players
    for position, player in enumerate(order):
        names[player] = moves[position]
        labels[player] = _labels(codes[position], actions[position])
    if "" in names:
        raise GameError("every player needs a move to be estimated from")
    space = game.structure.states
    states = pd.DataFrame(
        {
            factor: [space.levels[f][code] for code in space.codes[: base.n_states, f]]
            for f, factor in enumerate(space.factors)
        }
    )
    return DynamicModel(
        game=_dynamic(game, base, features),
        names=tuple(parameters),
        states=states if len(states.columns) else pd.DataFrame({"state": [0]}),
        actions=names,
        labels=labels,
        method=method,
    )


def _labels(codes: np.ndarray, actions: Sequence[str]) -> tuple[str, ...]:
    """The name of each column of a move; it has to be the same in every state."""
    found = []
    for column in codes.T:
        here = np.unique(column[column >= 0])
        if len(here) != 1:
            raise GameError("an action has to stand in the same place in every state")
        found.append(actions[int(here[0])])
    return tuple(found)


def _linear(game: Game, parameters: Sequence[str]) -> tuple[StochasticArrays, np.ndarray]:
    """Arrays with the parameters at 0, and how payoffs move with each of them."""
    rng = np.random.default_rng(0)

    def at(values: np.ndarray) -> StochasticArrays:
        given = dict(zip(parameters, map(float, values), strict=True))
        try:
            return arrays_of(game.at(**given))
        except GameError as error:
            raise QueryError(
                f"payoffs are not linear in {', '.join(parameters)}, or there is no game at "
                f"{given}: {error}"
            ) from None

    base = at(np.zeros(len(parameters)))
    units = [at(unit).payoffs - base.payoffs for unit in np.eye(len(parameters))]
    features = np.stack(units, axis=-1)
    point = rng.uniform(-1, 1, len(parameters))
    probe = at(point)
    plane = base.payoffs + features @ point
    scale = 1.0 + np.abs(probe.payoffs).max()
    if np.abs(plane - probe.payoffs).max() > CLOSE * scale:
        raise QueryError(f"payoffs are not linear in {', '.join(parameters)} together")
    if np.abs(_dense(probe) - _dense(base)).max() > CLOSE or (
        np.abs(probe.discount - base.discount).max() > CLOSE
    ):
        raise QueryError(
            f"{', '.join(parameters)} move transitions or discounts, not payoffs alone"
        )
    return base, features


def _dense(arrays: StochasticArrays) -> np.ndarray:
    if isinstance(arrays.transitions, np.ndarray):
        return arrays.transitions
    shape = (arrays.n_states, *arrays.sizes, arrays.n_states)
    return np.asarray(arrays.transitions.toarray()).reshape(shape)


def _dynamic(game: Game, base: StochasticArrays, features: np.ndarray) -> DynamicGame:
    sharp = np.ones(base.n_players) if game.precision is None else game.precision
    shape = (base.n_players, *[1] * (base.payoffs.ndim - 1))
    offset: Any = np.moveaxis(base.payoffs, 1, 0) * sharp.reshape(shape)
    for player, size in enumerate(base.sizes):
        closed = ~base.available[:, player, :size]
        spread = [base.n_states, *[1] * base.n_players]
        spread[player + 1] = size
        offset[player] += np.where(closed.reshape(spread), NEVER, 0.0)
    transitions = _dense(base).copy()
    return DynamicGame(
        features=np.moveaxis(features, 1, 0) * sharp.reshape(*shape, 1),
        offset=offset,
        transitions=transitions,
        discount=np.asarray(base.discount, dtype=float),
    )
