"""The variables of a period: which codes they may have, who moves when, and how to say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from foedus.scenario.formulas import Formula, variables
from foedus.scenario.model import Block, ChanceMove, Move, Rules, Variable
from foedus.scenario.rules.intervals import Interval

NOBODY = -1  # the code of a move that nobody makes, and of a level that is never drawn


def next_name(factor: str) -> str:
    """The name under which a factor's next level is read."""
    return f"next({factor})"


class Period:
    """What can be known of a period of `rules` without evaluating any formula."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.factors: Mapping[str, Variable] = {f.name: f for f in rules.factors}
        self.box = {p.name: Interval(p.low, p.high) for p in rules.parameters}
        self.drawn = {t.factor: position for position, t in enumerate(rules.transitions)}
        ending = {(e.factor, e.name) for e in rules.endings}
        self.endings: Mapping[str, frozenset[int]] = {
            f.name: frozenset(c for c, name in enumerate(f.levels) if (f.name, name) in ending)
            for f in rules.factors
        }
        self.entries: dict[str, list[Move | ChanceMove]] = {v.name: [] for v in rules.moves}
        for entry in entries(rules):
            self.entries[entry.variable].append(entry)
        self.variables: dict[str, Variable] = {v.name: v for v in (*rules.factors, *rules.moves)}
        self.variables |= {next_name(f.name): f for f in rules.factors}
        self.values = {name: (*v.values, 0.0) for name, v in self.variables.items()}
        self.domain = self._domain()
        # While next levels are drawn no ending has come up, or drawing would have stopped.
        self.drawing = self.domain | {next_name(f): self.domain[f] for f in self.factors}
        # Conditions come to the same in all rules with the same frame.
        self.frame = (
            tuple(self.box.items()),
            tuple((name, codes, self.values[name]) for name, codes in self.domain.items()),
        )
        self.rank = self._rank()

    def _domain(self) -> dict[str, tuple[int, ...]]:
        """Every code that a variable may have somewhere; state factors have not ended."""
        domain: dict[str, tuple[int, ...]] = {}
        early = False  # whether a factor drawn before this one may have ended play
        for f in sorted(self.rules.factors, key=lambda f: self.drawn.get(f.name, -1)):
            codes = tuple(range(len(f.levels)))
            alive = tuple(c for c in codes if c not in self.endings[f.name])
            domain[f.name] = alive
            if f.name not in self.drawn:
                domain[next_name(f.name)] = alive
            else:
                domain[next_name(f.name)] = (*codes, NOBODY) if early else codes
                early = early or bool(self.endings[f.name])
        for name, found in self.entries.items():
            chosen = {code for entry in found for code in choices(entry)}
            domain[name] = (*sorted(chosen), NOBODY)
        return domain

    def _rank(self) -> dict[str, int]:
        """Order in which variables are settled: the state, moves, then next levels.

        A move that is made at several places counts where it is made last.
        """
        names = [f.name for f in self.rules.factors]
        last = {entry.variable: position for position, entry in enumerate(entries(self.rules))}
        names += sorted(last, key=lambda name: last[name])
        order = sorted(self.factors, key=lambda name: self.drawn.get(name, -1))
        names += [next_name(name) for name in order]
        return {name: position for position, name in enumerate(names)}

    @cached_property
    def needs(self) -> Mapping[str, frozenset[str]]:
        """For each move, the variables that decide whether and how it is made."""
        return {
            name: frozenset().union(*(variables(c) for entry in found for c in conditions(entry)))
            for name, found in self.entries.items()
        }

    def closure(self, names: Iterable[str]) -> list[str]:
        """The names and everything that decides which of their codes fit together, in order."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found.add(name)
            waiting += self.needs.get(name, ())
            if name.startswith("next(") and name[5:-1] not in self.drawn:
                waiting.append(name[5:-1])
        return sorted(found, key=lambda name: self.rank[name])

    def say(self, situation: Mapping[str, int], names: Iterable[str]) -> str:
        """A situation in the words of an expression, e.g. `phase == war and RU == attack`."""
        words = []
        for name in sorted(names, key=lambda name: self.rank[name]):
            code = situation[name]
            if code != NOBODY:
                words.append(f"{name} == {self.variables[name].levels[code]}")
            elif name in self.entries:
                words.append(f"no move {name}")
            else:
                words.append(f"no {name}, play having ended")
        return " and ".join(words)


def entries(rules: Rules) -> Iterable[Move | ChanceMove]:
    """Moves and chance moves one by one, in order, members of blocks included."""
    for item in rules.sequence:
        if isinstance(item, Block):
            yield from item.moves
        else:
            yield item


def choices(entry: Move | ChanceMove) -> Iterable[int]:
    """The codes that an entry can give to its variable."""
    if isinstance(entry, Move):
        return [action.code for action in entry.actions]
    return [code for code, _ in entry.outcomes]


def conditions(entry: Move | ChanceMove) -> Iterable[Formula]:
    """The conditions of an entry and of its actions."""
    yield entry.when
    if isinstance(entry, Move):
        for action in entry.actions:
            yield action.when
