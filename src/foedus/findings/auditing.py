"""One draw checked by code that shares nothing with the one that solved it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from foedus.equilibrium import certify
from foedus.equilibrium.lanes import Witness
from foedus.findings.lanes import Lanes
from foedus.findings.numbers import one_draw, parameter_values
from foedus.game.profile import Profile
from foedus.outcomes.play import Play
from foedus.outcomes.quantities import report

TOLERANCE = 1e-7  # of any quantity, relative to the larger of 1 and its size


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What checking a draw found; `reason` is "" where all is well."""

    residual: float
    regret: float
    difference: float
    reason: str


def audit(
    lanes: Lanes,
    columns: Mapping[str, Any],
    draw: int,
    witness: Witness,
    answers: Mapping[str, float],
    others: Mapping[str, Play],
) -> Audit:
    """Certify the witness's profile, and report every quantity of it again, all in NumPy.

    `others` has the play of the regimes that distances are measured to.
    """
    play = played(lanes, columns, draw, witness)
    alone = {name: column[draw : draw + 1] for name, column in columns.items()}
    sharp = None if lanes.hard else lanes.sharpness(alone, 1)[:, 0]
    certificate = certify(
        play.game,
        play.profile,
        precision=None if sharp is None else sharp.tolist(),
        convention="expected" if lanes.hard else lanes.convention,
        values=witness.values[:, : len(lanes.rules.players)],
    )
    found = report(play, [q.quantity for q in lanes.made.plan.questions], regimes=others)
    gaps = {name: _gap(value, answers[name]) for name, value in found.items()}
    worst = max(gaps, key=lambda name: gaps[name], default="")
    difference = gaps.get(worst, 0.0)
    reason = ""
    if not certificate.passed:
        reason = f"the certificate of the audited draw is {certificate}"
    elif difference > TOLERANCE:
        reason = (
            f"an independent computation gives {found[worst]:.12g} for the quantity {worst}, "
            f"and not {answers[worst]:.12g}"
        )
    return Audit(
        residual=0.0 if certificate.residual is None else certificate.residual,
        regret=certificate.regret,
        difference=difference,
        reason=reason,
    )


def played(lanes: Lanes, columns: Mapping[str, Any], draw: int, witness: Witness) -> Play:
    """The witness's profile on the nodes of the game as compiled."""
    game = lanes.game.at(**parameter_values(lanes.rules, one_draw(columns, draw)))
    stages = (
        jax.tree.map(lambda own, nodes=nodes: own[:, nodes], strategy)
        for strategy, nodes in zip(witness.strategies, lanes.made.lift, strict=True)
    )
    return Play(game, Profile(tuple(stages)))


def _gap(found: float, answer: float) -> float:
    if np.isnan(found) and np.isnan(answer):
        return 0.0
    gap = abs(found - answer) / max(1.0, abs(found))
    return float("inf") if np.isnan(gap) else gap
