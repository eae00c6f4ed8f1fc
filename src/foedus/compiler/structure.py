"""A frame as the structure that solvers see: names kept as labels, successors as states."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from foedus.compiler.frame import Frame, replace_successor
from foedus.compiler.states import encode, n_live_levels, start_distribution
from foedus.errors import GameError
from foedus.game.game import StateSpace, Structure
from foedus.scenario.model import Rules


def make_structure(rules: Rules, frame: Frame) -> tuple[Structure, Frame]:
    """The structure of a frame, and the frame with its last successors turned into states.

    Raises `GameError` for rules under which nothing happens.
    """
    if not frame.layers:
        raise GameError("nothing happens in this scenario: it has neither moves nor transitions")
    target = _state_of(rules, frame)
    layers = list(frame.layers)
    last = layers[-1]
    layers[-1] = replace(last, stage=replace_successor(last.stage, target[last.stage.successor]))
    frame = replace(frame, layers=tuple(layers))
    structure = Structure(
        players=tuple(player.name for player in rules.players),
        player_labels=tuple(player.label for player in rules.players),
        states=StateSpace(
            factors=tuple(factor.name for factor in rules.factors),
            levels=tuple(factor.levels for factor in rules.factors),
            codes=frame.states,
            n_live=frame.n_live,
        ),
        stages=tuple(layer.stage for layer in layers),
        horizon=rules.horizon.solve,
        starts={
            start.name: start_distribution(rules, start, frame.states, frame.n_live)
            for start in rules.starts
        },
        period=rules.period,
        evaluate=rules.horizon.evaluate,
    )
    return structure, frame


def _state_of(rules: Rules, frame: Frame) -> np.ndarray:
    """The state that each row of `frame.successors` is."""
    sizes = n_live_levels(rules)
    known = encode(frame.states[: frame.n_live], sizes)
    order = np.argsort(known)
    numbers = encode(frame.successors, sizes)
    places = np.searchsorted(known, np.maximum(numbers, 0), sorter=order)
    target: np.ndarray = order[np.minimum(places, len(order) - 1)].astype(np.int32)
    names = [factor.name for factor in rules.factors]
    for position, ending in enumerate(rules.endings):
        factor = names.index(ending.factor)
        code = rules.factors[factor].levels.index(ending.name)
        ended = (numbers == -1 - factor) & (frame.successors[:, factor] == code)
        target[ended] = frame.n_live + position
    return target
