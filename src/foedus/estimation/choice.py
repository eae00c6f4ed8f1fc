r"""How likely each action is, given what the actions are worth and how payoffs are disturbed.

With values $Q_a$ and independent disturbances $s_a \varepsilon_a$, action a is picked with
probability $P(Q_a + s_a \varepsilon_a \ge Q_b + s_b \varepsilon_b\ \forall b)$. For two actions
and normal disturbances that is $\Phi\big((Q_a - Q_b) / \sqrt{s_a^2 + s_b^2}\big)$; for type-I
extreme values with equal scale it is the logit. More than two normal ones are integrated out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foedus.estimation.jets import (
    Number,
    log,
    log_logistic_both,
    log_normal_cdf,
    log_normal_cdf_both,
    log_sum_exp,
    power,
)

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(48)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def logit_choice(values: Sequence[Number]) -> list[Number]:
    r"""Log-probabilities under type-I extreme value disturbances of scale 1."""
    if len(values) == 2:
        difference = values[0] - values[1]
        return list(log_logistic_both(difference))
    total = log_sum_exp(values)
    return [value - total for value in values]


def probit_choice(values: Sequence[Number], variances: Sequence[Number]) -> list[Number]:
    r"""Log-probabilities under independent normal disturbances with these variances."""
    if len(values) == 2:
        spread = power(variances[0] + variances[1], -0.5)
        difference = (values[0] - values[1]) * spread
        return list(log_normal_cdf_both(difference))
    return [_integrated(action, values, variances) for action in range(len(values))]


def _integrated(action: int, values: Sequence[Number], variances: Sequence[Number]) -> Number:
    """Gauss-Hermite over the action's own disturbance: all others must stay below."""
    own = power(variances[action], 0.5)
    others = [
        (values[action] - values[b], power(variances[b], -0.5))
        for b in range(len(values))
        if b != action
    ]
    terms: list[Number] = []
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        within: Number = float(np.log(weight))
        for ahead, inverse in others:
            within = within + log_normal_cdf((ahead + own * node) * inverse)
        terms.append(within)
    return log_sum_exp(terms)


def indifferent(count: int) -> float:
    """The log-probability of each of `count` actions that are worth the same."""
    return float(-log(np.float64(count)))
