"""A scenario's rules read one situation at a time: the compiler's independent oracle.

No arrays, no merging, no stages: dictionaries, recursion and `math`. It follows
docs/reference/scenario-language.md and nothing else. Observed moves only.
"""

from __future__ import annotations

import math
from collections import defaultdict

from foedus.scenario.formulas import Number, Operation, ParameterValue, Reading, Test
from foedus.scenario.model import ChanceMove

OPERATE = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "negate": lambda a: -a,
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
    "equal": lambda a, b: a == b,
    "not_equal": lambda a, b: a != b,
    "and": lambda *operands: all(operands),
    "or": lambda *operands: any(operands),
    "not": lambda a: not a,
    "min": min,
    "max": max,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "logistic": lambda a: 1 / (1 + math.exp(-a)),
}


class PlainGame:
    def __init__(self, rules, values, precision):
        self.rules, self.values, self.precision = rules, values, precision
        variables = {v.name: v for v in (*rules.factors, *rules.moves)}
        self.numbers = {name: v.values for name, v in variables.items()}
        self.numbers |= {f"next({f.name})": f.values for f in rules.factors}
        self.endings = {
            (e.factor, next(f for f in rules.factors if f.name == e.factor).levels.index(e.name)): e
            for e in rules.endings
        }

    def number(self, formula, situation):
        """The value of a formula in a situation: a mapping from variable to code."""
        match formula:
            case Number():
                return formula.value
            case ParameterValue():
                return self.values[formula.name]
            case Reading():
                code = situation.get(formula.variable, -1)
                return self.numbers[formula.variable][code] if code >= 0 else 0.0
            case Test():
                return float(situation.get(formula.variable, -1) in formula.codes)
            case Operation():
                return self.operate(formula, situation)
        raise TypeError(formula)

    def operate(self, formula, situation):
        a, *rest = formula.operands
        value = self.number(a, situation)
        if formula.operator == "if":
            return self.number(rest[0] if value else rest[1], situation)
        others = [self.number(b, situation) for b in rest]
        return float(OPERATE[formula.operator](value, *others))

    def solve(self, periods):
        """value(t, state) for t = 0..periods, as a function with memory of its own."""
        memory = {}

        def value(t, state):
            if (t, state) not in memory:
                memory[t, state] = self.period(t, state, periods, value)
            return memory[t, state]

        return value

    def period(self, t, state, periods, value):
        names = [f.name for f in self.rules.factors]
        situation = {n: c for n, c in zip(names, state, strict=True) if c >= 0}
        for (factor, code), ending in self.endings.items():
            if situation.get(factor) == code:
                return tuple(
                    self.number(ending.payoffs[p.name], {}) if p.name in ending.payoffs else 0.0
                    for p in self.rules.players
                )
        if t == periods:
            return tuple(
                self.number(self.rules.terminal[p.name], situation)
                if p.name in self.rules.terminal
                else 0.0
                for p in self.rules.players
            )
        return self.move(0, situation, lambda s: self.close(t, s, value))

    def move(self, position, situation, after):
        """Values of a situation before the move at `position` of the period's sequence."""
        if position == len(self.rules.sequence):
            return after(situation)
        entry = self.rules.sequence[position]
        if isinstance(entry, ChanceMove):
            if not self.number(entry.when, situation):
                return self.move(position + 1, situation, after)
            total = [0.0] * len(self.rules.players)
            for code, formula in entry.outcomes:
                p = self.number(formula, situation)
                if p:
                    v = self.move(position + 1, situation | {entry.variable: code}, after)
                    total = [x + p * y for x, y in zip(total, v, strict=True)]
            return tuple(total)
        (move,) = entry.moves
        if not self.number(move.when, situation):
            return self.move(position + 1, situation, after)
        options = [
            self.move(position + 1, situation | {move.variable: a.code}, after)
            for a in move.actions
            if self.number(a.when, situation)
        ]
        mover = [p.name for p in self.rules.players].index(move.player)
        weights = [math.exp(self.precision * (o[mover] - options[0][mover])) for o in options]
        return tuple(
            sum(w * o[i] for w, o in zip(weights, options, strict=True)) / sum(weights)
            for i in range(len(self.rules.players))
        )

    def close(self, t, situation, value):
        """Draws the next state factor by factor, pays every part, discounts what follows."""
        players = [p.name for p in self.rules.players]
        discount = [self.number(p.discount, {}) for p in self.rules.players]
        total = [0.0] * len(players)
        for probability, end in self.draws(situation):
            state = tuple(end.get(f"next({f.name})", -1) for f in self.rules.factors)
            follow = value(t + 1, state)
            for i, player in enumerate(players):
                paid = sum(
                    self.number(p.formula, end) for p in self.rules.parts if p.player == player
                )
                total[i] += probability * (paid + discount[i] * follow[i])
        return tuple(total)

    def draws(self, situation):
        """(probability, situation with next levels) of everything that can follow."""
        drawn = {t.factor for t in self.rules.transitions if t.rules}
        start = dict(situation)
        for factor in self.rules.factors:
            if factor.name not in drawn:
                start[f"next({factor.name})"] = situation[factor.name]
        branches = [(1.0, start)]
        for transition in self.rules.transitions:
            if transition.rules:
                branches = [
                    (p * q, s) for p, b in branches for q, s in self.draw(transition, b) if p * q
                ]
        return branches

    def draw(self, transition, situation):
        name = f"next({transition.factor})"
        if any(situation.get(f"next({f})") == c for f, c in self.endings):
            return [(1.0, {k: v for k, v in situation.items() if k != name})]
        current = situation[transition.factor]
        factor = next(f for f in self.rules.factors if f.name == transition.factor)
        top = len(factor.levels) - sum(f == factor.name for f, _ in self.endings) - 1
        for rule in transition.rules:
            if self.number(rule.when, situation):
                chances = defaultdict(float)
                left = 1.0
                for outcome in rule.outcomes:
                    p = self.number(outcome.probability, situation)
                    level = outcome.level
                    if level is None:
                        level = min(max(current + outcome.shift, 0), top)
                    chances[level] += p
                    left -= p
                chances[current] += left
                return [(p, situation | {name: c}) for c, p in chances.items() if p]
        return [(1.0, situation | {name: current})]
