"""The rules of one regime under one variant, with what several checks want to know of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from foedus.scenario.formulas import Formula
from foedus.scenario.model import ChanceMove, Move, Rules
from foedus.scenario.rules.finding import Finding, Severity, Subject
from foedus.scenario.rules.intervals import Domain
from foedus.scenario.rules.knowledge import Knowledge
from foedus.scenario.rules.period import Period, entries
from foedus.scenario.rules.reachability import reachable_domain, reachable_levels
from foedus.scenario.rules.situations import Situations
from foedus.scenario.rules.verdicts import Bound, Verdict, Witness, decide


class Play:
    """What checks ask about: bounds, reachable levels, and how to say what was found."""

    def __init__(self, rules: Rules, knowledge: Knowledge) -> None:
        self.rules = rules
        self.knowledge = knowledge
        self.period = Period(rules)
        self.situations = Situations(self.period, knowledge)

    @cached_property
    def reached(self) -> Mapping[str, frozenset[int]]:
        """Codes of each factor that some start can lead to, endings included."""
        return reachable_levels(self.situations)

    @cached_property
    def domain(self) -> Domain:
        """Every variable's codes, factors at reachable levels only."""
        return reachable_domain(self.period.domain, self.reached)

    @cached_property
    def drawing(self) -> Domain:
        """The same while next levels are drawn, when no ending has come up yet."""
        return reachable_domain(self.period.drawing, self.reached)

    def decide(self, bound: Bound) -> Verdict:
        """Whether the bound holds over all parameters and all consistent situations."""
        return decide(bound, self.situations)

    @cached_property
    def _positions(self) -> Mapping[int, int]:
        return {id(entry): position for position, entry in enumerate(entries(self.rules))}

    def subject(self, entry: Move | ChanceMove) -> Subject:
        """The path of a move or chance move: its position, moves counted one by one."""
        return ("moves", self._positions[id(entry)])

    def where(self, formula: Formula, witness: Witness, also: Iterable[str] = ()) -> str:
        """The witness in words: ` where phase == war, with beta = -0.5 and mu = 0.1`."""
        names = {*self.knowledge.variables(formula), *also} & set(witness.situation)
        situation = self.period.say(witness.situation, names)
        ranges = self.period.box
        values = [
            f"{name} = {number(witness.parameters[name])}"
            for name in self.knowledge.parameters(formula)
            if ranges[name].low < ranges[name].high
        ]
        words = f" where {situation}" if situation else ""
        if values:
            words += f"{',' if words else ''} with {listed(values)}"
        return words

    def finding(
        self,
        code: str,
        severity: Severity,
        subject: Subject,
        message: str,
        *,
        why: str,
        hint: str,
    ) -> Finding:
        """A finding under this play's regime and variant."""
        return Finding(
            code=code,
            severity=severity,
            subject=subject,
            message=message,
            why=why,
            hint=hint,
            regime=self.rules.regime,
            variant=self.rules.variant,
        )


def of_regimes(plays: Sequence[Play]) -> Sequence[Play]:
    """Regimes without a variant.

    Variants are only looked at under the first regime, so that something of
    theirs without effect there may well have one under another.
    """
    return [play for play in plays if play.rules.variant is None]


def number(value: float) -> str:
    """A number as a person would write it, to six digits."""
    return f"{value:.6g}"


def listed(words: Iterable[str]) -> str:
    """Words in a row: `a`, `a and b`, `a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
