"""Payoffs depend on something, or they cannot move anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from foedus.scenario.formulas import Formula, Number, Operation, Reading, Test, evaluate
from foedus.scenario.rules.finding import Finding
from foedus.scenario.rules.play import Play, of_regimes
from foedus.scenario.rules.points import value_at
from foedus.scenario.rules.situations import point

CODES = {
    "F926": "A payoff part is the same in every situation, under every regime.",
    "F927": "Nothing that happens makes a difference to a player.",
}

# Two points of the parameter box, off its middle and its ends, where terms rarely cancel.
_SHARES = (0.381966, 0.723607)


def check_constant_payoffs(plays: Sequence[Play]) -> Iterator[Finding]:
    """Parts, then players, whose payoffs never vary under any regime or variant."""
    constant: dict[tuple[str, str], Play] = {}
    moved: set[str] = set()
    varying: set[tuple[str, str]] = set()
    for play in plays:
        moved |= _paid_at_the_end(play)
        for part in play.rules.parts:
            key = (part.player, part.name)
            if key not in varying:
                if _varies(play, part.formula):
                    varying.add(key)
                    moved.add(part.player)
                elif play in of_regimes(plays):
                    constant.setdefault(key, play)
    first = plays[0]
    unmoved = {player.name for player in first.rules.players} - moved
    for player in first.rules.players:
        if player.name in unmoved:
            yield first.finding(
                "F927",
                "warning",
                ("payoffs", player.name),
                f"nothing that happens makes a difference to {player.name}",
                why="a player whose payoffs never vary chooses at random",
                hint=f"give {player.name} a payoff part that reads the state or moves",
            )
    for (name, part_name), play in constant.items():
        if (name, part_name) not in varying and name not in unmoved:
            yield play.finding(
                "F926",
                "warning",
                ("payoffs", name, part_name),
                f"payoff part {part_name} of {name} is the same in every situation",
                why="a constant payoff moves nobody; often a level or an action is misspelt",
                hint="check the conditions in it, or drop the part",
            )


def _paid_at_the_end(play: Play) -> set[str]:
    """Players to whom an ending or the state after the last period makes a difference."""
    paid = {
        player
        for ending in play.rules.endings
        for player, formula in ending.payoffs.items()
        if not (isinstance(formula, Number) and formula.value == 0.0)
    }
    return paid | {name for name, f in play.rules.terminal.items() if _varies(play, f)}


def _varies(play: Play, formula: Formula) -> bool:
    """Whether two reachable situations give different values; True when undecided."""
    names = play.knowledge.variables(formula)
    if not names:
        return False
    box = {name: play.period.box[name] for name in play.knowledge.parameters(formula)}
    search = play.knowledge.search()
    first = next(play.situations.find(names, (), domain=play.domain, budget=search), None)
    if first is None:
        return search.exhausted
    for share in _SHARES:
        fixed = evaluate(formula, _FixedParameters(point(box, share)))
        value, _ = value_at(fixed, {}, first, play.period.values)
        differs = Operation("not_equal", (fixed, Number(value)))
        if value != value or play.situations.exists([(differs, True)], play.domain):
            return True
    return False


class _FixedParameters:
    """Evaluates a formula to the same formula with numbers in place of parameters."""

    def __init__(self, parameters: Mapping[str, float]) -> None:
        self.parameters = parameters

    def number(self, value: float) -> Formula:
        return Number(value)

    def parameter(self, name: str) -> Formula:
        return Number(self.parameters[name])

    def reading(self, variable: str) -> Formula:
        return Reading(variable)

    def test(self, variable: str, codes: frozenset[int]) -> Formula:
        return Test(variable, codes)

    def operation(self, operator: str, operands: tuple[Formula, ...]) -> Formula:
        return Operation(operator, operands)
