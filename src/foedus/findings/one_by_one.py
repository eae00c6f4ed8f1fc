"""Draws solved one after another, by the general solver and the reports of single games."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from foedus.equilibrium import Certificate, Equilibrium, Logit, solve
from foedus.errors import FoedusError
from foedus.findings.distances import Key
from foedus.findings.numbers import one_draw, parameter_values, precisions
from foedus.game.game import Game
from foedus.outcomes.plan import EQUILIBRIUM, plan
from foedus.outcomes.quantities import report
from foedus.scenario.model import Quantity, Rules

Wrong = tuple[Key, str, str]
"""Where a draw failed, the error's class, and its message."""


class OneByOne:
    """Every regime of a draw at a time. Takes what no batch does: stationary games.

    Raises `QueryError` for quantities that cannot be answered as put.
    """

    def __init__(
        self,
        rules: Mapping[Key, Rules],
        games: Mapping[Key, Game],
        asked: Mapping[str, Sequence[Quantity]],
        precision: float | None,
        convention: str | None,
    ) -> None:
        self.rules, self.games, self.asked = rules, games, asked
        self.precision, self.convention = precision, convention
        for name, quantities in asked.items():
            plan(games["", name].structure, quantities)

    def __call__(
        self, columns: Mapping[str, Any], draw: int
    ) -> tuple[dict[str, dict[str, float]], dict[str, Certificate], Wrong | None]:
        """Answers and certificates by regime, or what went wrong."""
        numbers = one_draw(columns, draw)
        solved: dict[Key, Equilibrium] = {}
        for key in self.games:
            try:
                solved[key] = self.solved(key, numbers)
            except FoedusError as error:
                return {}, {}, (key, type(error).__name__, str(error))
        plain = {name: equilibrium for (kind, name), equilibrium in solved.items() if kind == ""}
        answers = {}
        for name, quantities in self.asked.items():
            reference = solved.get((EQUILIBRIUM, name), solved["", name])
            try:
                answers[name] = report(
                    plain[name], quantities, regimes={**plain, EQUILIBRIUM: reference}
                )
            except FoedusError as error:
                return {}, {}, (("", name), type(error).__name__, str(error))
        certificates = {name: equilibrium.certificate for name, equilibrium in plain.items()}
        return answers, certificates, None

    def solved(self, key: Key, numbers: Mapping[str, float]) -> Equilibrium:
        """One game at these parameters. Raises as `solve` does."""
        rules, game = self.rules[key], self.games[key]
        sharp = precisions(rules, game.origin.lookup, numbers, self.precision, 1)[:, 0]
        solver = Logit(precision=sharp.tolist(), convention=self.convention)
        return solve(game.at(**parameter_values(rules, numbers)), solver)
