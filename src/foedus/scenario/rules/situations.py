"""Search for the situations of a period in which given conditions hold.

A *situation* gives codes to some variables: factors, moves, chance moves and
next levels. It is consistent when each move is made exactly where one of its
entries applies, by an action that is available there. The search assigns
variables in the order in which play settles them and turns back as soon as a
condition fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from foedus.scenario.formulas import Formula, Number, Operation, evaluate
from foedus.scenario.model import Move, Transition
from foedus.scenario.rules.intervals import Domain, Interval, IntervalAlgebra
from foedus.scenario.rules.knowledge import Budget, Knowledge
from foedus.scenario.rules.period import NOBODY, Period

Situation = Mapping[str, int]
Literal = tuple[Formula, bool]  # a condition, and whether it must be true or false

MOST_VARIABLES = 100  # the search nests one level per variable


def literals(condition: Formula, wanted: bool = True) -> Iterator[Literal]:
    """Conditions that must hold together for `condition` to be `wanted`."""
    match condition:
        case Operation(operator="not", operands=(inner,)):
            yield from literals(inner, not wanted)
        case Operation(operator="and") if wanted:
            for operand in condition.operands:
                yield from literals(operand, True)
        case Operation(operator="or") if not wanted:
            for operand in condition.operands:
                yield from literals(operand, False)
        case _:
            yield condition, wanted


class Situations:
    """Finds consistent situations of a period; remembers what conditions come to."""

    def __init__(self, period: Period, knowledge: Knowledge) -> None:
        self.period = period
        self.knowledge = knowledge
        self._applies: dict[tuple[str, int], tuple[Literal, ...]] = {}
        self._truth = knowledge.truth_table(period.frame)

    def applies(self, transition: Transition, position: int) -> tuple[Literal, ...]:
        """Conditions under which the rule at `position` is the one that applies."""
        key = (transition.factor, position)
        if key not in self._applies:
            given = [*literals(transition.rules[position].when)]
            for earlier in transition.rules[:position]:
                given += literals(earlier.when, False)
            self._applies[key] = tuple(given)
        return self._applies[key]

    def possible(self, formula: Formula, wanted: bool, situation: Situation) -> bool:
        """Whether the condition may come out as `wanted`; a variable left out may be anything."""
        names = self.knowledge.variables(formula)
        key = id(formula), tuple([situation.get(name) for name in names])
        answer = self._truth.get(key)
        if answer is None:
            answer = self._truth[key] = self._bounds(formula, names, situation)
        return answer[0 if wanted else 1]

    def _bounds(
        self, formula: Formula, names: Iterable[str], situation: Situation
    ) -> tuple[bool, bool]:
        """Whether the condition may be true, and whether it may be false."""
        period = self.period
        domain = {
            name: (situation[name],) if name in situation else period.domain[name] for name in names
        }
        low, high, _ = evaluate(formula, IntervalAlgebra(period.box, domain, period.values))
        return not low == high == 0.0, low <= 0.0 <= high

    def restrict(
        self, wanted: Iterable[Literal], domain: Domain
    ) -> tuple[dict[str, Sequence[int]], list[Literal]] | None:
        """The domain after conditions on single variables, and the conditions that are left.

        None where some condition cannot hold in the domain.
        """
        narrowed = dict(domain)
        left: list[Literal] = []
        for formula, truth in wanted:
            names = self.knowledge.variables(formula)
            if not names:
                if isinstance(formula, Number):
                    holds = (formula.value != 0.0) == truth
                else:
                    holds = self.possible(formula, truth, {})
                if not holds:
                    return None
            elif len(names) == 1:
                name = names[0]
                codes = [c for c in narrowed[name] if self.possible(formula, truth, {name: c})]
                if not codes:
                    return None
                narrowed[name] = codes
            else:
                left.append((formula, truth))
        return narrowed, left

    def find(
        self,
        names: Iterable[str],
        wanted: Iterable[Literal],
        *,
        domain: Domain,
        budget: Budget,
    ) -> Iterator[dict[str, int]]:
        """Consistent situations within `domain` where every condition of `wanted` may hold.

        Yields each combination of codes of `names` once, with one choice of
        codes for the other variables that matter. Ends early when the budget does.
        """
        wanted = tuple(wanted)
        restricted = self.restrict(wanted, domain)
        if restricted is None:
            return
        narrowed, left = restricted
        targets = set(names)
        read = (self.knowledge.variables(formula) for formula, _ in wanted)
        scope = self.period.closure(targets.union(*read))
        if len(scope) > MOST_VARIABLES:
            budget.left = -1
            return
        last_target = max((i for i, name in enumerate(scope) if name in targets), default=-1)
        checks = self._checks(scope, left)
        late = self._late(scope)
        situation: dict[str, int] = {}

        def assign(position: int) -> Iterator[dict[str, int]]:
            if position == len(scope):
                yield dict(situation)
                return
            name = scope[position]
            allowed = narrowed[name]
            for code in self._codes(name, situation):
                if code not in allowed:
                    continue
                if not budget.spend():
                    break
                situation[name] = code
                if all(self.possible(f, t, situation) for f, t in checks[position]) and all(
                    situation[move] in self._codes(move, situation) for move in late[position]
                ):
                    found = False
                    for complete in assign(position + 1):
                        found = True
                        yield complete
                        if position >= last_target:
                            break
                    if found and position > last_target:
                        break
            situation.pop(name, None)

        seen: set[tuple[int, ...]] = set()
        for complete in assign(0):
            key = tuple([complete[name] for name in scope if name in targets])
            if key not in seen:
                seen.add(key)
                yield complete

    def exists(self, wanted: Iterable[Literal], domain: Domain) -> bool:
        """Whether some consistent situation may satisfy all conditions; True when undecided."""
        budget = self.knowledge.search()
        for _ in self.find((), wanted, domain=domain, budget=budget):
            return True
        return budget.exhausted

    def example(self, wanted: Iterable[Literal], domain: Domain) -> Situation | None:
        """A consistent situation that satisfies all conditions, if one is found."""
        return next(self.find((), wanted, domain=domain, budget=self.knowledge.search()), None)

    def _checks(self, scope: Sequence[str], left: Iterable[Literal]) -> list[list[Literal]]:
        """For each position, the conditions that read what is assigned there."""
        at = {name: position for position, name in enumerate(scope)}
        checks: list[list[Literal]] = [[] for _ in scope]
        for formula, truth in left:
            for name in self.knowledge.variables(formula):
                checks[at[name]].append((formula, truth))
        return checks

    def _late(self, scope: Sequence[str]) -> list[list[str]]:
        """For each position, earlier moves whose entries are only decided once it is assigned."""
        at = {name: position for position, name in enumerate(scope)}
        late: list[list[str]] = [[] for _ in scope]
        for name in scope:
            decided = max((at[v] for v in self.period.needs.get(name, ())), default=-1)
            if decided > at[name]:
                late[decided].append(name)
        return late

    def _codes(self, name: str, situation: Situation) -> Iterable[int]:
        """Codes that the variable may have, given what is assigned so far."""
        period = self.period
        if name in period.entries:
            return self._choices(name, situation)
        if name.startswith("next("):
            factor = name[5:-1]
            if factor not in period.drawn:
                return (situation[factor],)
            for other, codes in period.endings.items():
                if codes and period.drawn.get(other, -1) < period.drawn[factor]:
                    drawn = situation.get(f"next({other})")
                    if drawn is not None and (drawn in codes or drawn == NOBODY):
                        return (NOBODY,)
        return period.domain[name]

    def _choices(self, name: str, situation: Situation) -> Iterable[int]:
        codes: list[int] = []
        certain = False
        for entry in self.period.entries[name]:
            if not self.possible(entry.when, True, situation):
                continue
            certain = certain or not self.possible(entry.when, False, situation)
            if isinstance(entry, Move):
                codes += [a.code for a in entry.actions if self.possible(a.when, True, situation)]
            else:
                codes += [code for code, _ in entry.outcomes]
        return codes if certain else [*codes, NOBODY]


def singletons(situation: Situation) -> Mapping[str, Sequence[int]]:
    """The domain that holds one situation only."""
    return {name: (code,) for name, code in situation.items()}


def point(box: Mapping[str, Interval], share: float) -> dict[str, float]:
    """The point of a box that lies the given share of the way up every range."""
    return {name: low + share * (high - low) for name, (low, high, _) in box.items()}
