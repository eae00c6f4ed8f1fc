"""Fixed points, linear systems, paths and the logit response, on problems with known answers."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from foedus.numerics.continuation import follow
from foedus.numerics.fixed_points import find_fixed_point
from foedus.numerics.linear import solve_linearised
from foedus.numerics.programs import Program
from foedus.numerics.response import logit_response


def test_the_response_is_exact_at_any_size() -> None:
    available = jnp.array([True, True, False])
    for size in (1.0, 1e6, 1e300):
        sigma, log_sum = logit_response(jnp.array([size, size, jnp.nan]), available)
        np.testing.assert_array_equal(sigma, [0.5, 0.5, 0.0])
        assert log_sum == pytest.approx(size + np.log(2), rel=1e-15)


def test_masked_entries_leave_no_trace_in_derivatives() -> None:
    available = jnp.array([True, False, True])
    slope = jax.jacrev(lambda x: logit_response(x, available))(jnp.array([1e3, jnp.inf, 0.0]))
    assert all(np.isfinite(part).all() for part in slope)


def test_the_log_sum_has_the_response_as_derivative() -> None:
    x, available = jnp.array([0.3, -1.0, 2.0]), jnp.ones(3, bool)
    slope = jax.grad(lambda x: logit_response(x, available)[1])(x)
    np.testing.assert_allclose(slope, logit_response(x, available)[0], rtol=1e-15)


@pytest.mark.parametrize("size", [20, 300])
def test_linear_systems_and_their_derivatives(size: int) -> None:
    """Both below and above the size where the matrix is formed."""
    rng = np.random.default_rng(size)
    matrix = rng.random((size, size))
    matrix = jnp.asarray(0.95 * matrix / matrix.sum(axis=1, keepdims=True))
    right = jnp.asarray(rng.normal(size=size))
    direct = np.linalg.solve(np.eye(size) - matrix, right)
    found = solve_linearised(lambda x: matrix @ x, right)
    np.testing.assert_allclose(found, direct, rtol=1e-9, atol=1e-10)
    weights = jnp.asarray(rng.normal(size=size))
    slope = jax.grad(lambda b: weights @ solve_linearised(lambda x: matrix @ x, b))(right)
    transposed = np.linalg.solve((np.eye(size) - matrix).T, weights)
    np.testing.assert_allclose(slope, transposed, rtol=1e-9, atol=1e-9)


def test_a_fixed_point_with_almost_no_contraction() -> None:
    """x = 0.9999 cos-like pull towards 2: plain iteration would need 10^5 steps."""
    shift = jnp.linspace(-1.0, 1.0, 50)[None]

    def step(x: jax.Array, side: None) -> tuple[jax.Array, None]:
        return 0.9999 * x + 1e-4 * jnp.sin(x) + 2e-4 * shift, None

    reached = find_fixed_point(
        step,
        lambda x, side: step(x, side)[0],
        jnp.zeros((1, 50)),
        None,
        tolerance=1e-12,
        max_iterations=40,
    )
    assert bool(reached.converged)
    np.testing.assert_allclose(reached.point - jnp.sin(reached.point), 2 * shift, atol=1e-9)


def test_no_fixed_point_is_reported() -> None:
    def step(x: jax.Array, side: None) -> tuple[jax.Array, None]:
        return x + 1.0 + x**2, None

    reached = find_fixed_point(
        step,
        lambda x, side: step(x, side)[0],
        jnp.zeros((1, 3)),
        None,
        tolerance=1e-10,
        max_iterations=40,
    )
    assert not bool(reached.converged)


def test_a_path_that_turns_back_is_followed_round_the_bend() -> None:
    """y = s g(y) with s = y (2 - y)(3 - y)... turned so that s falls before it rises again.

    s(y) = y^3 - 4.5 y^2 + 6 y rises to 2.5 at y = 1, falls to 2 at y = 2 and rises for ever;
    at s = 3 the path from 0 has passed both bends. y / s(y) = g(y) is the map.
    """

    def image(y: jax.Array) -> jax.Array:
        return 3.0 / (y**2 - 4.5 * y + 6.0)

    def linearise(y: jax.Array) -> tuple[jax.Array, jax.Array]:
        return image(y), jax.vmap(jax.jacfwd(image))(y)

    followed = follow(linearise, jnp.tanh, jnp.array([3.0]), jnp.full((1, 1), jnp.nan))
    assert bool(followed.converged[0])
    y = float(followed.solution[0, 0])
    assert y > 2.0
    assert y**3 - 4.5 * y**2 + 6 * y == pytest.approx(3.0, abs=1e-9)


def test_a_program_compiles_once_per_shape() -> None:
    program = Program(lambda x, *, times: times * x)
    assert program(np.ones(3), times=2)[1].compile > 0
    assert program(np.zeros(3), times=2)[1].compile == 0
    assert program(np.zeros(4), times=2)[1].compile > 0
    assert program(np.zeros(4), times=3)[0].tolist() == [0.0] * 4
