"""The numbers that a regime's rules take from a table of draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float

from foedus.compiler.arithmetic import ArrayAlgebra, Lookup
from foedus.scenario.formulas import evaluate
from foedus.scenario.model import Rules


def parameter_values(rules: Rules, columns: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every parameter: fixed by the rules, or given, or else the central one."""
    return {
        p.name: columns[p.name] if p.low < p.high and p.name in columns else p.value
        for p in rules.parameters
    }


def precisions(
    rules: Rules,
    lookup: Lookup,
    columns: Mapping[str, Any],
    precision: float | None,
    draws: int,
    xp: Any = np,
) -> Float[Any, "players draws"]:
    """Everybody's precision: the one given for all, or their own, or the scenario's.

    The scenario's is the column `precision` where there is one and the rules leave it open.
    """
    general: Any = rules.precision.value
    if rules.precision.low < rules.precision.high:
        general = columns.get("precision", general)
    values = {name: xp.asarray(x) for name, x in parameter_values(rules, columns).items()}
    algebra = ArrayAlgebra(lookup, {}, values, xp)
    own = [
        precision
        if precision is not None
        else general
        if player.precision is None
        else evaluate(player.precision, algebra)
        for player in rules.players
    ]
    return xp.stack([xp.broadcast_to(xp.asarray(x, dtype=float), (draws,)) for x in own])


def one_draw(columns: Mapping[str, Any], draw: int) -> dict[str, float]:
    """The numbers of a single draw."""
    return {name: float(column[draw]) for name, column in columns.items()}
