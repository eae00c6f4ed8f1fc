"""Which levels of each factor play can reach: a superset, factor by factor.

Starts give the first levels. A rule adds its targets when it may apply
somewhere in the product of the levels reached so far, with earlier rules of the
factor not applying there. So a level that is missing is surely never reached,
while one that is listed may still need levels that never occur together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from foedus.scenario.formulas import Formula, evaluate
from foedus.scenario.model import Outcome, Rule, Transition
from foedus.scenario.rules.intervals import Domain, IntervalAlgebra
from foedus.scenario.rules.period import NOBODY, next_name
from foedus.scenario.rules.situations import Situations


def reachable_levels(situations: Situations) -> Mapping[str, frozenset[int]]:
    """Codes of each factor that some start can lead to, endings included."""
    return _Fixpoint(situations).reached


def reachable_domain(domain: Domain, reached: Mapping[str, frozenset[int]]) -> Domain:
    """The domain with every factor, now and next, at levels that are reached."""
    narrowed = dict(domain)
    for name, codes in reached.items():
        for variable in (name, next_name(name)):
            narrowed[variable] = tuple(c for c in domain[variable] if c in codes or c == NOBODY)
    return narrowed


class _Fixpoint:
    """Adds levels until no rule adds another."""

    def __init__(self, situations: Situations) -> None:
        self.situations = situations
        rules = situations.period.rules
        self.reached: dict[str, frozenset[int]] = {
            f.name: frozenset(
                code
                for start in rules.starts
                for code, probability in start.factors.get(f.name, {}).items()
                if probability > 0.0
            )
            for f in rules.factors
        }
        self._led: dict[tuple[str, int, int], frozenset[int]] = {}
        self._possible: dict[int, bool] = {}
        self._domain: Domain | None = None
        while self._round():
            pass

    def _round(self) -> bool:
        """One pass over all transitions; whether it added anything."""
        period = self.situations.period
        before = sum(map(len, self.reached.values()))
        for transition in period.rules.transitions:
            name = transition.factor
            everything = len(period.factors[name].levels)
            for level in sorted(self.reached[name] - period.endings[name]):
                for position in range(len(transition.rules)):
                    if len(self.reached[name]) == everything:
                        break
                    new = self._led.get((name, position, level))
                    if new is None or not new <= self.reached[name]:
                        self._try(transition, position, level)
        return sum(map(len, self.reached.values())) > before

    def _try(self, transition: Transition, position: int, level: int) -> None:
        """Add where the rule leads from `level`, if it may apply there."""
        name = transition.factor
        new = frozenset(self._targets(transition.rules[position], name, level))
        self._led[name, position, level] = new
        if new <= self.reached[name]:
            return
        if self._domain is None:
            self._domain = reachable_domain(self.situations.period.drawing, self.reached)
        given = self.situations.applies(transition, position)
        if self.situations.exists(given, {**self._domain, name: (level,)}):
            self.reached[name] |= new
            self._domain = None

    def _targets(self, rule: Rule, factor: str, level: int) -> Iterator[int]:
        """Levels to which the rule may lead from `level`."""
        for outcome in rule.outcomes:
            if self._may_happen(outcome.probability):
                yield target(self.situations, factor, level, outcome)

    def _may_happen(self, probability: Formula) -> bool:
        """Whether the probability can be anything but zero."""
        if id(probability) not in self._possible:
            period = self.situations.period
            algebra = IntervalAlgebra(period.box, period.domain, period.values)
            low, high, _ = evaluate(probability, algebra)
            self._possible[id(probability)] = not low == high == 0.0
        return self._possible[id(probability)]


def target(situations: Situations, factor: str, level: int, outcome: Outcome) -> int:
    """Where an outcome leads from a level; a shift stops at either end of the living levels."""
    if outcome.level is not None:
        return outcome.level
    alive = situations.period.domain[factor]
    return min(max(level + outcome.shift, alive[0]), alive[-1])
