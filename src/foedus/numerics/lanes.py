"""Arrays whose last axis has one number for each draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array


def rows(values: Any, index: Any) -> Array:
    """The rows of a JAX array at positions that are known to be there, unchecked.

    >>> print(rows(jnp.array([[0.0, 1.0], [2.0, 3.0]]), jnp.array([1])))
    [[2. 3.]]
    """
    found: Array = values.at[index].get(mode="promise_in_bounds", wrap_negative_indices=False)
    return found


def total(parts: Iterable[Array]) -> Array:
    """The sum of one or more arrays, in order.

    >>> print(total([jnp.ones(2), jnp.ones(2)]))
    [2. 2.]
    """
    first, *others = parts
    for part in others:
        first = first + part
    return first


def added_up(values: Array) -> Array:
    """The sum over the first axis, the same to the last digit however many threads there are.

    A compiler cuts a plain sum by the number of threads. It does not cut a product with ones,
    where `xla_cpu_multi_thread_eigen` is off.

    >>> print(added_up(jnp.ones((3, 2))))
    [3. 3.]
    """
    ones = jnp.ones(values.shape[0], values.dtype)
    found: Array = ones @ values.reshape(values.shape[0], -1)
    return found.reshape(values.shape[1:])


def alone(apart: Any, part: Callable[..., Any], *arguments: Any) -> Any:
    """`part(*arguments)`, compiled in one piece with nothing before or after it.

    A compiler that merges one gather into the next computes what several rows lead to once
    for every row. It does not merge across a condition that it cannot decide: `apart` is an
    argument of the program, and always true.
    """

    def skipped(*arguments: Any) -> Any:
        shapes = jax.eval_shape(part, *arguments)
        return jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes)

    return jax.lax.cond(apart, part, skipped, *arguments)
