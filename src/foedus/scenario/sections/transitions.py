"""The section `next`: how each factor moves."""

from __future__ import annotations

from foedus.scenario.formulas import ONE
from foedus.scenario.model import Outcome, Rule, Transition
from foedus.scenario.nodes import Mapping, Node, Scalar, items, pairs
from foedus.scenario.scope import Scope, VariableName, following
from foedus.scenario.sections.context import Context
from foedus.scenario.sections.state import Factor


def read_transitions(
    context: Context, factors: dict[str, Factor], scope: Scope
) -> tuple[Transition, ...]:
    """One transition per factor that is written, in order."""
    order = [key.text for key, _ in context.section("next")]
    moves = {n for n, s in scope.symbols.items() if isinstance(s, VariableName)}
    transitions = []
    for at, (key, node) in enumerate(context.section("next")):
        if context.known(key, factors, "factor") is None:
            continue
        below = {
            following(name): f"is not known yet: `{name}` moves after `{key.text}`, in file order"
            for name in factors
            if name not in order[:at]
        }
        for name in factors.keys() - set(order):
            below.pop(following(name))  # without rules of its own it stays, so it is known
        below[following(key.text)] = "is what this rule decides"
        known = moves | {following(name) for name in factors} - below.keys()
        inner = scope.narrowed(known, "is not known here", below)
        rules = [
            _rule(context, item, factors[key.text], inner)
            for item in items(node)
            if isinstance(item, Mapping)
        ]
        transitions.append(Transition(factor=key.text, rules=tuple(rules)))
    return tuple(transitions)


def _rule(context: Context, node: Mapping, factor: Factor, scope: Scope) -> Rule:
    when = context.formula(node.get("when"), scope)
    to = node.get("to")
    shifts = [(word, step) for word, step in (("up", 1), ("down", -1)) if word in node.entries]
    if to is not None and shifts:
        key = node.entries[shifts[0][0]][0]
        message = f"a rule has either `to` or `{shifts[0][0]}`, not both"
        context.report.error("F504", key.place, message)
    elif to is None and not shifts:
        context.report.error(
            "F504",
            node.place,
            "the rule does not say where the factor goes",
            hint="`to: level`, `to: {level: probability}`, or `up:` and `down:` with probabilities",
        )
    outcomes = [
        Outcome(probability=context.formula(node.get(word), scope), shift=step)
        for word, step in shifts
    ]
    return Rule(when=when, outcomes=(*_targets(context, to, factor, scope), *outcomes))


def _targets(context: Context, to: Node | None, factor: Factor, scope: Scope) -> list[Outcome]:
    if isinstance(to, Scalar):
        level = level_code(context, to, factor)
        return [] if level is None else [Outcome(probability=ONE, level=level)]
    outcomes = []
    for key, probability in pairs(to):
        level = level_code(context, key, factor)
        formula = context.formula(probability, scope)
        if level is not None:
            outcomes.append(Outcome(probability=formula, level=level))
    return outcomes


def level_code(context: Context, node: Scalar, factor: Factor) -> int | None:
    """The code of the level that the node names; a diagnostic and None if there is none."""
    if factor.variable is None or not node.text:
        return None
    word = node.text if node.whole is None else str(node.whole)
    levels = factor.variable.levels
    if word in levels:
        return levels.index(word)
    context.unknown(node.place, word, levels, "level")
    return None
