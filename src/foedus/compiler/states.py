"""Which states there are: those that play can reach from the declared starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from foedus.compiler.arithmetic import Lookup
from foedus.compiler.frame import Frame, build_frame
from foedus.compiler.restriction import restrict
from foedus.compiler.schedule import make_schedule
from foedus.errors import GameError
from foedus.scenario.formulas import Formula
from foedus.scenario.model import Rules, Start
from foedus.scenario.rules.knowledge import Knowledge
from foedus.scenario.rules.play import Play

# Up to this many combinations of levels that each factor may reach, one pass over
# all of them is cheaper than finding states wave by wave from the starts.
_ALL_AT_ONCE = 5_000
_MOST_STATES = 20_000_000


def n_live_levels(rules: Rules) -> tuple[int, ...]:
    """How many levels of each factor do not end play."""
    endings = [ending.factor for ending in rules.endings]
    return tuple(len(f.levels) - endings.count(f.name) for f in rules.factors)


def ending_rows(rules: Rules) -> np.ndarray:
    """The ending states, one row each: -1 for every factor but the one that ends play."""
    names = [factor.name for factor in rules.factors]
    rows = np.full((len(rules.endings), len(names)), -1, dtype=np.int16)
    for row, ending in enumerate(rules.endings):
        factor = names.index(ending.factor)
        rows[row, factor] = rules.factors[factor].levels.index(ending.name)
    return rows


def reachable_frame(rules: Rules, lookup: Lookup) -> Frame:
    """The frame over everything reachable from the starts, states in the order of the levels."""
    sizes = n_live_levels(rules)
    combinations = int(np.prod(sizes, dtype=np.int64)) if sizes else 1
    if combinations > _MOST_STATES:
        raise GameError(
            f"the factors have {combinations:,} combinations of levels; "
            f"foedus handles up to {_MOST_STATES:,}: merge levels or leave factors out"
        )
    first = np.unique(np.concatenate([_support(rules, start, sizes) for start in rules.starts]))
    candidates = _candidates(rules, sizes)
    if candidates is None:
        return frame_over(rules, lookup, _decode(_waves(rules, lookup, first, sizes), sizes), {})
    frame = frame_over(rules, lookup, _decode(candidates, sizes), {})
    found = _closure(frame, first, candidates, sizes)
    if len(found) == len(candidates):
        return frame
    return restrict(frame, np.searchsorted(candidates, found))


def _candidates(rules: Rules, sizes: tuple[int, ...]) -> np.ndarray | None:
    """Numbers of a few states that include all reachable ones, or None where there are many."""
    # A parameter without a range can still be set by hand, so nothing may hang on its value.
    free = tuple(
        replace(p, low=p.low - 1, high=p.high + 1) if p.low == p.high else p
        for p in rules.parameters
    )
    reached = Play(replace(rules, parameters=free), Knowledge()).reached
    codes = [
        np.array(sorted(code for code in reached[factor.name] if code < size), dtype=np.int64)
        for factor, size in zip(rules.factors, sizes, strict=True)
    ]
    if np.prod([len(c) for c in codes], dtype=np.int64) > _ALL_AT_ONCE:
        return None
    numbers = np.zeros(1, dtype=np.int64)
    for own, size in zip(codes, sizes, strict=True):
        numbers = (numbers[:, None] * size + own).reshape(-1)
    return numbers


def frame_over(
    rules: Rules, lookup: Lookup, live: np.ndarray, watched: Mapping[str, Formula]
) -> Frame:
    """The frame over the given live states and all endings, collecting watched conditions too."""
    levels = {factor.name: live[:, f] for f, factor in enumerate(rules.factors)}
    schedule = make_schedule(rules, lookup, levels, watched)
    states = np.concatenate([live, ending_rows(rules)])
    return build_frame(rules, schedule, lookup, states, len(live))


def _waves(rules: Rules, lookup: Lookup, first: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    found = wave = first
    while len(wave):
        frame = frame_over(rules, lookup, _decode(wave, sizes), {})
        successors = np.unique(encode(frame.successors, sizes))
        wave = np.setdiff1d(successors[successors >= 0], found, assume_unique=True)
        found = np.union1d(found, wave)
    return found


def _closure(
    frame: Frame, first: np.ndarray, candidates: np.ndarray, sizes: tuple[int, ...]
) -> np.ndarray:
    """Follows the successors of a frame over the candidates until nothing new comes up."""
    steps = [(layer.stage.successor, layer.stage.occupied) for layer in frame.layers]
    last = encode(frame.successors, sizes)
    found = wave = first
    while len(wave):
        nodes = np.searchsorted(candidates, wave)
        for successor, occupied in steps:
            nodes = np.unique(successor[nodes][occupied[nodes]])
        states = np.unique(last[nodes])
        wave = np.setdiff1d(states[states >= 0], found, assume_unique=True)
        found = np.union1d(found, wave)
    return found


def encode(states: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """One number per row of level codes; -1 - factor where that factor's level ends play."""
    number = np.zeros(len(states), dtype=np.int64)
    for factor, size in enumerate(sizes):
        number = number * size + np.clip(states[:, factor], 0, size - 1)
    for factor, size in reversed(list(enumerate(sizes))):
        number = np.where(states[:, factor] >= size, -1 - factor, number)
    return number


def _decode(numbers: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    states = np.zeros((len(numbers), len(sizes)), dtype=np.int16)
    rest = np.asarray(numbers, dtype=np.int64)
    for factor in reversed(range(len(sizes))):
        rest, states[:, factor] = np.divmod(rest, sizes[factor])
    return states


def _support(rules: Rules, start: Start, sizes: tuple[int, ...]) -> np.ndarray:
    codes, _ = _product(rules, start)
    return encode(codes, sizes)


def _product(rules: Rules, start: Start) -> tuple[np.ndarray, np.ndarray]:
    codes = np.zeros((1, 0), dtype=np.int16)
    probability = np.ones(1)
    for factor in rules.factors:
        levels = {c: p for c, p in start.factors[factor.name].items() if p > 0}
        codes = np.concatenate(
            [
                np.concatenate([codes, np.full((len(codes), 1), c, dtype=np.int16)], axis=1)
                for c in levels
            ]
        )
        probability = np.concatenate([probability * p for p in levels.values()])
    return codes, probability


def start_distribution(rules: Rules, start: Start, states: np.ndarray, n_live: int) -> np.ndarray:
    """P(state) at a start, over all states."""
    sizes = n_live_levels(rules)
    codes, probability = _product(rules, start)
    known = encode(states[:n_live], sizes)
    order = np.argsort(known)
    distribution = np.zeros(len(states))
    places = order[np.searchsorted(known, encode(codes, sizes), sorter=order)]
    np.add.at(distribution, places, probability)
    return distribution
