"""Scenario to game: the steps in order, and nothing else."""

from __future__ import annotations

import numpy as np

from foedus.compiler.arithmetic import ArrayAlgebra, Lookup
from foedus.compiler.information import information_of
from foedus.compiler.numbers import frame_numbers
from foedus.compiler.origin import CompiledScenario
from foedus.compiler.schedule import all_variables
from foedus.compiler.states import reachable_frame
from foedus.compiler.structure import make_structure
from foedus.game.game import Game
from foedus.game.validity import require_valid
from foedus.scenario.formulas import evaluate
from foedus.scenario.model import Rules
from foedus.scenario.scenario import Scenario


def compile_scenario(
    scenario: Scenario, *, regime: str | None = None, variant: str | None = None
) -> Game:
    """The game of a scenario under one regime and one variant, at central parameter values.

    Only states that play can reach from the declared starts are kept. Use
    `game.at(sigma=0.8)` for other parameter values; it costs milliseconds.

    Raises `QueryError` for an unknown regime or variant, and `GameError` where the
    rules leave a player without an action or give impossible probabilities.

    >>> import foedus as fd
    >>> game = fd.compile_scenario(fd.read("extended-deterrence"))
    >>> game.horizon
    1
    """
    return compile_rules(scenario.rules(regime=regime, variant=variant))


def compile_rules(rules: Rules) -> Game:
    """The game of one set of rules."""
    lookup = Lookup(all_variables(rules))
    frame = reachable_frame(rules, lookup)
    structure, frame = make_structure(rules, frame)
    numbers = frame_numbers(rules, lookup, frame)
    values = {parameter.name: parameter.value for parameter in rules.parameters}
    tables = numbers.tables(values)
    require_valid(structure, tables)
    return Game(
        structure=structure,
        tables=tables,
        values=values,
        parametric=numbers,
        precision=_precision(rules, lookup, values),
        convention=rules.convention,
        title=rules.title,
        information=information_of(rules, lookup, frame),
        origin=CompiledScenario(
            rules=rules, lookup=lookup, frame=frame, structure=structure, numbers=numbers
        ),
    )


def _precision(rules: Rules, lookup: Lookup, values: dict[str, float]) -> np.ndarray:
    algebra = ArrayAlgebra(lookup, {}, values)
    return np.array(
        [
            rules.precision.value
            if player.precision is None
            else float(evaluate(player.precision, algebra))
            for player in rules.players
        ]
    )
