"""Conditions of moves, actions and rules read no parameters."""

from __future__ import annotations

from collections.abc import Iterator

from foedus.scenario.formulas import Formula
from foedus.scenario.model import Move
from foedus.scenario.rules.finding import Finding, Subject
from foedus.scenario.rules.period import entries
from foedus.scenario.rules.play import Play, listed

CODES = {"F908": "A condition reads a parameter."}


def check_conditions(play: Play) -> Iterator[Finding]:
    """Who moves when, and which rule applies, is the same for every draw of the parameters."""
    for label, subject, condition in _conditions(play):
        names = play.knowledge.parameters(condition)
        if names:
            yield play.finding(
                "F908",
                "error",
                subject,
                f"the condition of {label} reads {listed(names)}",
                why="who moves when must be the same for every draw of the parameters",
                hint="put the parameter into a probability or a payoff instead",
            )


def _conditions(play: Play) -> Iterator[tuple[str, Subject, Formula]]:
    for entry in entries(play.rules):
        subject = play.subject(entry)
        yield f"move {entry.variable}", (*subject, "when"), entry.when
        if isinstance(entry, Move):
            levels = play.period.variables[entry.variable].levels
            for action in entry.actions:
                name = levels[action.code]
                path = (*subject, "actions", name, "when")
                yield f"action {name} of {entry.variable}", path, action.when
    for transition in play.rules.transitions:
        for position, rule in enumerate(transition.rules):
            path = ("next", transition.factor, position, "when")
            yield f"rule {position + 1} for the next {transition.factor}", path, rule.when
