"""Conditions made countable: from the scenario's words to measures on a fine enough structure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
from jaxtyping import Float, Int32

from foedus.errors import QueryError
from foedus.game.game import Structure, Tables
from foedus.game.measure import Measure
from foedus.game.profile import Profile
from foedus.outcomes.play import Equilibrium, game_of, numbers

Condition = Any
"""Text in the scenario's words, a resolved formula, an array over states, or a `Measure`."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Watching:
    """An equilibrium on a structure where every condition asked about is a measure."""

    structure: Structure
    tables: Tables
    profile: Profile
    measures: Mapping[str, Measure]


def watch(equilibrium: Equilibrium, conditions: Mapping[str, Condition]) -> Watching:
    """The equilibrium seen so that each condition can be told apart.

    Text and formulas are read by the game's origin, which may split nodes again; the
    profile and measures given on the game's own structure are lifted to the split nodes.
    Raises `QueryError` for a condition in words on a game built from arrays, an array of
    another length than the states, and whatever the origin cannot read.
    """
    game = game_of(equilibrium)
    missing = [name for name, condition in conditions.items() if condition is None]
    if missing:
        raise QueryError(
            f"the condition `{missing[0]}` is None; give it in the scenario's words, as an array "
            "over states, or as a Measure"
        )
    own = {n: c for n, c in conditions.items() if isinstance(c, Measure | np.ndarray | jax.Array)}
    told = {n: c for n, c in conditions.items() if n not in own}
    counted = {name: _own_measure(game.structure, c) for name, c in own.items()}
    tables, profile = numbers(equilibrium)
    if not told:
        return Watching(structure=game.structure, tables=tables, profile=profile, measures=counted)
    if game.origin is None:
        raise QueryError(
            f"this game was built from arrays, so {next(iter(told.values()))!r} means nothing "
            "to it; give the condition as an array over states, or as a Measure"
        )
    watched = game.origin.watch(told)
    lifted = {name: lift_measure(measure, watched.lift) for name, measure in counted.items()}
    return Watching(
        # States are the same; starts of a game with private types hold its priors.
        structure=replace(watched.structure, starts=game.structure.starts),
        tables=watched.tables(game.values),
        profile=lift_profile(profile, watched.lift),
        measures={**lifted, **watched.measures(game.values)},
    )


def in_play(structure: Structure) -> Float[np.ndarray, "states"]:
    """1 in live states and 0 in endings: the condition that holds in every period of play."""
    return (np.arange(structure.states.n_states) < structure.states.n_live).astype(float)


def lift_profile(profile: Profile, lift: tuple[Int32[np.ndarray, "nodes"], ...]) -> Profile:
    """The same strategies at split nodes: `lift[k][n]` is the node that n was split from."""
    stages: list[Any] = []
    for strategies, nodes in zip(profile.stages, lift, strict=True):
        if isinstance(strategies, tuple):
            stages.append(tuple(member[:, nodes] for member in strategies))
        else:
            stages.append(None if strategies is None else strategies[:, nodes])
    return Profile(tuple(stages))


def lift_measure(measure: Measure, lift: tuple[Int32[np.ndarray, "nodes"], ...]) -> Measure:
    """The same measure at split nodes."""
    stages = zip(measure.stages, lift, strict=True)
    return Measure(measure.flow, tuple(None if s is None else s[nodes] for s, nodes in stages))


def reads_moves(measure: Measure) -> bool:
    """Whether anything is collected after the start of the period."""
    return any(stage is not None and bool(np.any(stage)) for stage in measure.stages)


def indicator(measure: Measure, question: str) -> Measure:
    """The measure itself. Raises `QueryError` if it is worth anything but 0 or 1 somewhere."""
    for values in (measure.flow, *measure.stages):
        if values is not None and not bool(np.isin(values, (0.0, 1.0)).all()):
            raise QueryError(
                f"{question} needs a condition that is true or false, but this one takes other "
                "values; compare it with a number, as in `control >= 3`"
            )
    return measure


def on_states(measure: Measure, question: str) -> Float[np.ndarray, "states"]:
    """The measure's value in each state. Raises `QueryError` if it reads moves."""
    if reads_moves(measure):
        raise QueryError(
            f"{question} is about the start of a period, before anybody has moved, but its "
            "condition reads moves; ask for an occupancy or an action rate instead"
        )
    return np.asarray(measure.flow, dtype=float)


def _own_measure(structure: Structure, condition: Any) -> Measure:
    if isinstance(condition, Measure):
        return condition
    values = np.asarray(condition, dtype=float)
    if values.shape != (structure.states.n_states,):
        raise QueryError(
            f"a condition given as an array has one entry for each of the "
            f"{structure.states.n_states} states; this one has shape {values.shape}"
        )
    return Measure(values, (None,) * len(structure.stages))
