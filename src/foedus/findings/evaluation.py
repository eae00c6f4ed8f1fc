"""What a table of draws came to: every quantity under every regime, with its checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

Check = tuple[int, str, float, float, float]
"""A draw, a regime, and the largest residual, regret and difference found there."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Evaluation:
    """What a table of draws came to.

    - `values`: NaN where a quantity conditions on what never happens, where a regime does not
      have it, and where the draw was not solved.
    - `solved`: whether all regimes were.
    - `problems`: for each draw that was not, the error's class and message.
    - `audit`: draws checked by code that shares nothing with the solver: the draw, the regime,
      the largest logit residual and regret of the profile, and the largest difference of any
      quantity, relative to the larger of 1 and its size.
    """

    values: Float[np.ndarray, "regimes quantities draws"]
    solved: Bool[np.ndarray, "draws"]
    problems: Mapping[int, tuple[str, str]]
    audit: list[Check]


def evaluation(
    values: Float[np.ndarray, "regimes quantities draws"],
    problems: Mapping[int, tuple[str, str]],
    checks: list[Check],
) -> Evaluation:
    """The evaluation; draws with a problem have no values."""
    solved = np.ones(values.shape[-1], bool)
    solved[list(problems)] = False
    values[:, :, ~solved] = np.nan
    return Evaluation(values=values, solved=solved, problems=dict(problems), audit=checks)
