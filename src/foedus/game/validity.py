"""Whether tables of numbers make a game: finite payoffs, proper probabilities and discounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from foedus.errors import GameError

if TYPE_CHECKING:
    from foedus.game.game import Structure, Tables

# Rounding of a sum of a handful of probabilities.
_SLACK = 1e-9


def require_valid(structure: Structure, tables: Tables) -> None:
    """Raises one `GameError` that lists everything wrong with the tables."""
    problems = [
        *_discounts(structure, tables),
        *_payoffs(structure, tables),
        *_probabilities(structure, tables),
    ]
    if problems:
        raise GameError("these numbers do not make a game:\n  " + "\n  ".join(problems))


def _discounts(structure: Structure, tables: Tables) -> list[str]:
    problems = []
    for player, discount in zip(structure.players, tables.discount, strict=True):
        limit = "[0, 1)" if structure.horizon is None else "[0, 1]"
        if not (0 <= discount < 1 or (discount == 1 and structure.horizon is not None)):
            problems.append(f"the discount of {player} is {discount:.6g}; it must lie in {limit}")
    return problems


def _payoffs(structure: Structure, tables: Tables) -> list[str]:
    problems = []
    for i, player in enumerate(structure.players):
        bad = np.flatnonzero(~np.isfinite(tables.flow[i]))
        if len(bad):
            problems.append(
                f"the payoff of {player} is not a finite number at {structure.states.label(bad[0])}"
            )
        for stage, payoff in zip(structure.stages, tables.payoff, strict=True):
            if payoff is None:
                continue
            wrong = ~np.isfinite(payoff[i]) & stage.occupied
            if wrong.any():
                problems.append(
                    f"the payoff of {player} is not a finite number on {int(wrong.sum())} "
                    f"edges of stage {_name(stage)}"
                )
    return problems


def _probabilities(structure: Structure, tables: Tables) -> list[str]:
    problems = []
    for stage, probability in zip(structure.stages, tables.probability, strict=True):
        if probability is None:
            continue
        inside = (probability >= -_SLACK) & (probability <= 1 + _SLACK)
        if not inside.all():
            worst = probability[~inside].ravel()[0]
            problems.append(f"the draw of {_name(stage)} has a probability of {worst:.6g}")
        sums = probability.sum(axis=-1)
        if (np.abs(sums - 1) > _SLACK).any():
            worst = sums[np.argmax(np.abs(sums - 1))]
            problems.append(
                f"the probabilities of {_name(stage)} add up to {worst:.6g} instead of 1"
            )
    return problems


def _name(stage: object) -> str:
    name = getattr(stage, "name", None)
    return f"`{name}`" if name else "`" + ", ".join(getattr(stage, "names", ())) + "`"
