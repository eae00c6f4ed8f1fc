"""Every factor and every move matters to something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from foedus.scenario.formulas import Formula
from foedus.scenario.model import ChanceMove
from foedus.scenario.rules.finding import Finding
from foedus.scenario.rules.period import conditions, entries
from foedus.scenario.rules.play import Play

CODES = {
    "F929": "A factor is read by nothing, under any regime.",
    "F930": "A move has no consequences, under any regime.",
    "F931": "A player's types make no difference, under any regime.",
}


def check_unread_variables(plays: Sequence[Play]) -> Iterator[Finding]:
    """Factors that nothing reads, and moves on which nothing but a quantity depends."""
    play = plays[0]
    consequential = {name for p in plays for f in _rules(p) for name in p.knowledge.variables(f)}
    reported = {name for p in plays for f in _quantities(p) for name in p.knowledge.variables(f)}
    # A terminal state or an ending makes a factor matter even where no formula names it.
    consequential |= {e.factor for p in plays for e in p.rules.endings}
    private = {one.factor: one.player for one in play.rules.types}
    beliefs = {one.belief for one in play.rules.types}
    for factor in play.rules.factors:
        name = factor.name
        if name in beliefs:
            continue
        if name in private:
            if name not in consequential:
                yield play.finding(
                    "F931",
                    "warning",
                    ("players", private[name], "types"),
                    f"no rule and no payoff reads the types of {private[name]}",
                    why="types that make no difference leave nothing to learn",
                    hint=f"read `{name}` in a payoff, a rule or a condition of its own moves",
                )
            continue
        if not {name, f"next({name})"} & (consequential | reported) and len(factor.levels) > 1:
            yield play.finding(
                "F929",
                "warning",
                ("state", name),
                f"nothing reads the factor {name}",
                why="it makes the game larger and changes nothing in it",
                hint="read it in a rule, a payoff or a quantity, or drop it",
            )
    told: set[str] = set()
    for entry in entries(play.rules):
        name = entry.variable
        single = len(play.period.variables[name].levels) == 1
        if name in consequential or name in told or single:
            continue
        told.add(name)
        yield play.finding(
            "F930",
            "warning",
            play.subject(entry),
            f"no rule and no payoff reads the move {name}",
            why="a choice without consequences is made at random",
            hint=f"compare {name} with one of its actions in a rule or a payoff",
        )


def _rules(play: Play) -> Iterator[Formula]:
    """All formulas that decide what happens or what anybody is paid."""
    rules = play.rules
    for entry in entries(rules):
        yield from conditions(entry)
        if isinstance(entry, ChanceMove):
            yield from (probability for _, probability in entry.outcomes)
    for transition in rules.transitions:
        for rule in transition.rules:
            yield rule.when
            yield from (outcome.probability for outcome in rule.outcomes)
    yield from (part.formula for part in rules.parts)
    yield from rules.terminal.values()


def _quantities(play: Play) -> Iterator[Formula]:
    for quantity in play.rules.quantities:
        yield from (f for f in (quantity.of, quantity.to, quantity.given) if f is not None)
