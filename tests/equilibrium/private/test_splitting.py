"""Beliefs on a grid: the mean stays where it was, and nobody's type gets lost."""

from __future__ import annotations

import numpy as np
import pytest

from foedus.equilibrium.private.splitting import split
from foedus.scenario.types import grid


@pytest.mark.parametrize(("types", "points"), [(2, 2), (2, 11), (3, 5), (4, 4)])
def test_weights_are_a_lottery_with_the_posterior_as_its_mean(types: int, points: int) -> None:
    rng = np.random.default_rng(0)
    corners = np.array(grid(types, points))
    prior = np.full(types, 1 / types)
    beliefs = np.concatenate([rng.dirichlet(np.full(types, 0.5), 300), corners, prior[None]])
    weights = split(beliefs, corners, prior)
    places = np.concatenate([prior[None], corners])
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-12)
    np.testing.assert_allclose(weights @ places, beliefs, atol=1e-12)
    assert ((weights > 0).sum(axis=1) <= types).all()


def test_a_posterior_at_the_prior_stays_there() -> None:
    prior = np.array([0.35, 0.65])
    weights = split(prior[None], np.array(grid(2, 11)), prior)
    assert weights[0, 0] == 1.0
