"""Semantic checks: what a scenario's rules mean, over all parameters and all situations.

`check_rules` looks at one regime under one variant. `check_alternatives` looks
at all of them and adds what can only be said of all together, such as a level
that no regime ever reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from foedus.scenario.model import Rules
from foedus.scenario.rules import (
    choices,
    conditions,
    constant_payoffs,
    discounts,
    idle_players,
    precisions,
    probabilities,
    undefined_numbers,
    unreached_levels,
    unread_variables,
    unused_moves,
    unused_rules,
)
from foedus.scenario.rules.finding import Finding
from foedus.scenario.rules.knowledge import Knowledge
from foedus.scenario.rules.play import Play

__all__ = ["CODES", "Finding", "Knowledge", "check_alternatives", "check_rules"]

CHECKS: tuple[Callable[[Play], Iterator[Finding]], ...] = (
    conditions.check_conditions,
    choices.check_choices,
    probabilities.check_probabilities,
    undefined_numbers.check_undefined_numbers,
    discounts.check_discounts,
    precisions.check_precisions,
)
CHECKS_OF_ALL: tuple[Callable[[Sequence[Play]], Iterator[Finding]], ...] = (
    unreached_levels.check_unreached_levels,
    unused_moves.check_unused_moves,
    unused_rules.check_unused_rules,
    constant_payoffs.check_constant_payoffs,
    idle_players.check_idle_players,
    unread_variables.check_unread_variables,
)
CODES: dict[str, str] = {
    code: meaning
    for check in (
        conditions, choices, probabilities, undefined_numbers, discounts, precisions,
        unreached_levels, unused_moves, unused_rules, constant_payoffs, idle_players,
        unread_variables,
    )
    for code, meaning in check.CODES.items()
}  # fmt: skip


def check_rules(rules: Rules, knowledge: Knowledge | None = None) -> list[Finding]:
    """What is wrong with these rules, whatever other regimes the file has.

    `knowledge` is what checks of the same file's other rules have found out.
    """
    return _single(Play(rules, knowledge or Knowledge()))


def check_alternatives(
    alternatives: Iterable[Rules], knowledge: Knowledge | None = None
) -> list[Finding]:
    """What is wrong with a file's rules: those of each regime and variant, and all together.

    A finding that several alternatives share is listed once, under the first of them.
    """
    knowledge = knowledge or Knowledge()
    plays = [Play(rules, knowledge) for rules in alternatives]
    if not plays:
        return []
    found: dict[tuple[str, str], Finding] = {}
    for play in plays:
        for finding in _single(play):
            found.setdefault((finding.code, finding.message), finding)
    for check in CHECKS_OF_ALL:
        for finding in check(plays):
            found.setdefault((finding.code, finding.message), finding)
    return list(found.values())


def _single(play: Play) -> list[Finding]:
    return [finding for check in CHECKS for finding in check(play)]
