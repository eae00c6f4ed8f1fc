"""Decides a bound on a formula in every situation: proved, broken (with a witness), or open.

The whole box is tried first, with every level that the conditions allow. Where
that proves nothing, situations are taken one by one; in each, corners of the
parameter box are tried for a witness and the box is split (branch and bound).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from foedus.scenario.formulas import Formula, evaluate
from foedus.scenario.rules.intervals import Box, Domain, Interval, IntervalAlgebra
from foedus.scenario.rules.knowledge import Budget
from foedus.scenario.rules.points import value_at
from foedus.scenario.rules.proof import TOLERANCE, Proof
from foedus.scenario.rules.situations import (
    Literal,
    Situation,
    Situations,
    point,
    singletons,
)

PROOFS_PER_SITUATION = 400
CORNERS = 5  # all corners of the box are tried for at most this many parameters
ENOUGH_WITNESSES = 40


@dataclass(frozen=True, kw_only=True)
class Witness:
    """Where a bound is broken. The value is NaN where there is none; `fault` says why."""

    situation: Situation
    parameters: Mapping[str, float]
    value: float
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`witness` breaks the bound; without one, `proved` or left open."""

    proved: bool
    witness: Witness | None = None


PROVED, OPEN = Verdict(proved=True), Verdict(proved=False)


@dataclass(frozen=True, kw_only=True)
class Bound:
    """low <= formula <= high, wherever all conditions of `given` hold within `domain`."""

    formula: Formula
    domain: Domain
    low: float = -math.inf
    high: float = math.inf
    given: tuple[Literal, ...] = ()

    def excess(self, value: float) -> float:
        """By how much a value breaks the bound; infinite where there is no value."""
        if value != value:
            return math.inf
        return max(self.low - value, value - self.high)


def decide(bound: Bound, situations: Situations) -> Verdict:
    """Whether the bound holds over all parameters and all consistent situations."""
    period = situations.period
    restricted = situations.restrict(bound.given, bound.domain)
    if restricted is None:
        return PROVED
    domain, _ = restricted
    reads = situations.knowledge.variables(bound.formula)
    box = {name: period.box[name] for name in situations.knowledge.parameters(bound.formula)}
    if _proved_at_once(bound, box, {name: tuple(domain[name]) for name in reads}, situations):
        return PROVED
    budget = situations.knowledge.search()
    proving = situations.knowledge.proving()
    if proving.exhausted:
        return OPEN
    worst: Witness | None = None
    witnesses, proved = 0, True
    for situation in situations.find(reads, bound.given, domain=domain, budget=budget):
        verdict = _Search(bound, situations, situation, proving).verdict(box)
        proved = proved and verdict.proved
        if verdict.witness is not None:
            witnesses += 1
            if worst is None or bound.excess(verdict.witness.value) > bound.excess(worst.value):
                worst = verdict.witness
        if proving.exhausted or witnesses == ENOUGH_WITNESSES or (worst and worst.fault):
            break
    return Verdict(proved=proved and not (budget.exhausted or proving.exhausted), witness=worst)


def _proved_at_once(
    bound: Bound, box: Box, domain: Mapping[str, tuple[int, ...]], situations: Situations
) -> bool:
    """Whether a single proof covers all parameters and levels; remembered for other regimes."""
    values = situations.period.values
    key = (
        id(bound.formula),
        bound.low,
        bound.high,
        tuple(box.items()),
        tuple((name, codes, values[name]) for name, codes in domain.items()),
    )
    proved = situations.knowledge.proved
    if key not in proved:
        proved[key] = _prove(bound, box, domain, situations).holds
    return proved[key]


def _prove(
    bound: Bound, box: Box, domain: Mapping[str, Iterable[int]], situations: Situations
) -> Proof:
    return Proof(
        bound.formula,
        low=bound.low,
        high=bound.high,
        box=box,
        domain={name: tuple(codes) for name, codes in domain.items()},
        values=situations.period.values,
    )


class _Search:
    """One situation: branch and bound over the parameters."""

    def __init__(
        self, bound: Bound, situations: Situations, situation: Situation, proving: Budget
    ) -> None:
        self.bound, self.situations, self.situation = bound, situations, situation
        self.proving = proving
        self.size = situations.knowledge.size(bound.formula)
        self.domain = {
            name: codes
            for name, codes in singletons(situation).items()
            if name in situations.knowledge.variables(bound.formula)
        }

    def verdict(self, box: Box) -> Verdict:
        """The verdict in this situation."""
        waiting, left = [box], PROOFS_PER_SITUATION
        split: list[str] | None = None
        while waiting:
            left -= 1
            if left < 0 or not self.proving.spend(self.size):
                return OPEN
            part = waiting.pop()
            proof = _prove(self.bound, part, self.domain, self.situations)
            if proof.holds:
                continue
            witness = self._witness(part, proof.corners, corners=part is box)
            if witness is not None:
                return Verdict(proved=False, witness=witness)
            split = self._influential(box) if split is None else split
            if not split:
                return OPEN
            waiting += _halves(part, box, split)
        return PROVED

    def _witness(
        self, box: Box, points: Iterable[Mapping[str, float]], *, corners: bool
    ) -> Witness | None:
        """The worst of the given points and the middle; of all corners where there are few."""
        middle = point(box, 0.5)
        tried = [middle, *({**middle, **given} for given in points)]
        if corners:
            free = [name for name, (low, high, _) in box.items() if low < high]
            if len(free) <= CORNERS:
                ends = product(*((box[name].low, box[name].high) for name in free))
                tried += [{**middle, **dict(zip(free, end, strict=True))} for end in ends]
            else:
                tried += [point(box, 0.0), point(box, 1.0)]
        worst, most = None, TOLERANCE
        for candidate in tried:
            value, fault = value_at(
                self.bound.formula, candidate, self.situation, self.situations.period.values
            )
            if self.bound.excess(value) > most:
                most = self.bound.excess(value)
                worst = Witness(
                    situation=self.situation, parameters=candidate, value=value, fault=fault
                )
        return worst

    def _influential(self, box: Box) -> list[str]:
        """Parameters on which the formula's bounds depend in this situation."""
        values = self.situations.period.values

        def interval(part: Box) -> Interval:
            return evaluate(self.bound.formula, IntervalAlgebra(part, self.domain, values))

        whole, middle = interval(box), point(box, 0.5)
        return [
            name
            for name, (low, high, _) in box.items()
            if low < high
            and (
                not whole.defined
                or interval({**box, name: Interval(middle[name], middle[name])}) != whole
            )
        ]


def _halves(part: Box, whole: Box, names: Iterable[str]) -> list[Box]:
    """The box cut across the parameter that has been cut least."""
    name = max(names, key=lambda n: (part[n].high - part[n].low) / (whole[n].high - whole[n].low))
    low, high, _ = part[name]
    middle = 0.5 * (low + high)
    return [{**part, name: Interval(low, middle)}, {**part, name: Interval(middle, high)}]
