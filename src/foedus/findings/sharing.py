"""Whether rules that fix some parameters can be solved on the structure of rules that do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from foedus.findings.fingerprint import fingerprint
from foedus.scenario.formulas import Formula, parameters
from foedus.scenario.model import Block, Rules


def on_same_structure(other: Rules, base: Rules) -> bool:
    """Whether the structure of `base` has room for all that can happen under `other`.

    So it does if only parameters differ, and each of them either has a value inside its range,
    for which the structure was made, or is read by payoffs and precisions alone.
    """
    names = tuple(quantity.name for quantity in base.quantities)
    without = [{"": replace(rules, parameters=())} for rules in (other, base)]
    if fingerprint(without[0], names) != fingerprint(without[1], names):
        return False
    ranges = {p.name: p for p in base.parameters}
    if {p.name for p in other.parameters} != set(ranges):
        return False
    shaping = {name for formula in _structural(base) for name in parameters(formula)}
    return all(
        p.name not in shaping or ranges[p.name].low <= p.low <= p.high <= ranges[p.name].high
        for p in other.parameters
    )


def _structural(rules: Rules) -> Iterator[Formula]:
    """What decides who can do what, and where that can lead."""
    for step in rules.sequence:
        if isinstance(step, Block):
            for move in step.moves:
                yield move.when
                yield from (action.when for action in move.actions)
        else:
            yield step.when
            yield from (probability for _, probability in step.outcomes)
    for transition in rules.transitions:
        for rule in transition.rules:
            yield rule.when
            yield from (outcome.probability for outcome in rule.outcomes)
    for quantity in rules.quantities:
        yield from (f for f in (quantity.of, quantity.to, quantity.given) if f is not None)
