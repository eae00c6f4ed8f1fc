"""The other end of a branch of logit equilibria."""

from __future__ import annotations

import numpy as np
import pytest

from foedus.equilibrium.stochastic.arrays import StochasticArrays, arrays_of
from foedus.equilibrium.stochastic.partners import partner, partner_finishes
from foedus.game.builders import stochastic_game

HUNT = np.array([[10.0, 1.0], [8.0, 5.0]])


def one_shot(own: np.ndarray) -> StochasticArrays:
    return arrays_of(stochastic_game([np.stack([own, own.T])], np.ones((1, 2, 2, 1)), 0.0))


def play(first: float, second: float) -> np.ndarray:
    return np.array([[[first, 1.0 - first], [second, 1.0 - second]]])


@pytest.mark.parametrize(("known", "other"), [(1.0, 2 / 3), (2 / 3, 1.0)])
def test_stag_and_the_mixture_are_partners(known: float, other: float) -> None:
    """The branch from uniform play leads to hare, so the other two equilibria share one."""
    found = partner(one_shot(HUNT), play(known, known))
    assert found is not None
    np.testing.assert_allclose(found[0, :, 0], other, atol=0.1)
    for _, end in partner_finishes(one_shot(HUNT), play(known, known), 0, 1e-11):
        assert end.within(1e-11)


def test_the_end_of_the_principal_branch_has_no_partner() -> None:
    assert partner(one_shot(HUNT), play(0.0, 0.0)) is None
