"""The field `types` of players: what only they know of themselves, and how likely it is."""

from __future__ import annotations

from dataclasses import replace

from foedus.scenario.formulas import ONE, Number
from foedus.scenario.model import (
    Horizon,
    Outcome,
    PrivateTypes,
    Rule,
    Start,
    Transition,
)
from foedus.scenario.nodes import Mapping, Scalar, child, text
from foedus.scenario.scope import Scope, VariableName, define_name
from foedus.scenario.sections.context import Context, named
from foedus.scenario.types import POINTS, belief_name, believed, grid, type_name, variables

ROUNDING = 1e-9


def read_types(context: Context, horizon: Horizon, scope: Scope) -> tuple[PrivateTypes, ...]:
    """Types of every player that has some; `scope` is that of parameters."""
    found = []
    for player, node in context.section("players"):
        written = child(node, "types")
        if not isinstance(written, Mapping):
            if isinstance(node, Mapping) and "beliefs" in node.entries:
                context.report.error(
                    "F207",
                    node.entries["beliefs"][0].place,
                    f"`{player.text}` has no `types`, so there is nothing to believe of it",
                    hint="add `types: {one: 0.5, other: 0.5}`, or drop `beliefs`",
                )
            continue
        found.append(_types(context, player, written, child(node, "beliefs"), horizon, scope))
    return tuple(found)


def _types(
    context: Context,
    player: Scalar,
    written: Mapping,
    beliefs: object,
    horizon: Horizon,
    scope: Scope,
) -> PrivateTypes:
    names, labels, priors = [], [], []
    for key, node in named(written):
        said = child(node, "prior") if isinstance(node, Mapping) else node
        names.append(key.text)
        labels.append(text(child(node, "label")) or key.text)
        priors.append(context.formula(said, scope))
    known = [prior.value for prior in priors if isinstance(prior, Number)]
    if len(known) == len(priors) and abs(sum(known) - 1) > ROUNDING:
        context.report.error(
            "F506",
            player.place,
            f"the priors of the types of `{player.text}` add up to {sum(known):g}, not 1",
            why="a player has one of its types",
        )
    points = beliefs.whole if isinstance(beliefs, Scalar) and beliefs.whole else POINTS
    once = horizon.solve == 1
    return PrivateTypes(
        player=player.text,
        types=tuple(names),
        labels=tuple(labels),
        priors=tuple(priors),
        factor=type_name(player.text),
        belief=None if once else belief_name(player.text),
        grid=() if once else grid(len(names), points),
    )


def declare_types(types: tuple[PrivateTypes, ...], scope: Scope) -> None:
    """Put types and beliefs into the scope, under names that no file can give to anything."""
    for one in types:
        for variable in variables(one):
            scope.symbols[variable.name] = VariableName(variable, True)
        for name, formula in believed(one).items():
            scope.symbols[name] = define_name(name, formula)


def started(start: Start, types: tuple[PrivateTypes, ...]) -> Start:
    """The start with all types possible and every belief at the prior."""
    factors = dict(start.factors)
    for one in types:
        # The solver puts the prior in the place of these, at the values of its parameters.
        factors[one.factor] = {code: 1 / len(one.types) for code in range(len(one.types))}
        if one.belief is not None:
            factors[one.belief] = {0: 1.0}
    return replace(start, factors=factors)


def moving_beliefs(types: tuple[PrivateTypes, ...]) -> tuple[Transition, ...]:
    """Beliefs may go anywhere on their grid; the solver says with what probability."""
    found = []
    for one in types:
        if one.belief is not None:
            levels = range(len(one.grid) + 1)
            outcomes = [Outcome(probability=Number(1 / len(levels)), level=code) for code in levels]
            found.append(
                Transition(factor=one.belief, rules=(Rule(when=ONE, outcomes=tuple(outcomes)),))
            )
    return tuple(found)
