"""Compiled programs, kept by the shapes of their arguments, with the time each step took."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

# Without fusion emitters and the upper optimisation levels a program of many small loops
# compiles in half the time and runs a third slower.
QUICK_COMPILE: dict[str, Any] = {
    "xla_cpu_use_fusion_emitters": False,
    "xla_backend_optimization_level": 1,
}


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Seconds spent on tracing, compiling and running; 0 where a program was at hand."""

    trace: float
    compile: float
    run: float


class Program:
    """A function compiled once for every combination of shapes and settings it meets.

    Settings are keyword arguments, hashable, and part of the program; arguments are
    pytrees of arrays. Everything runs in double precision, whatever the caller's
    JAX configuration is. `options` are the compiler's.

    >>> double = Program(lambda x, *, times: x * times)
    >>> result, timing = double(np.ones(2), times=2)
    >>> print(result, double(np.zeros(2), times=2)[1].compile)
    [2. 2.] 0.0
    """

    def __init__(
        self, function: Callable[..., Any], *, options: Mapping[str, Any] | None = None
    ) -> None:
        self._function = function
        self._options = dict(options or {})
        self._compiled: dict[Any, Any] = {}

    def __call__(self, *arguments: Any, **settings: Any) -> tuple[Any, Timing]:
        """The result, with the seconds it took."""
        with jax.enable_x64(True):
            compiled, traced, lowered = self._program(arguments, settings)
            started = time.perf_counter()
            result = jax.block_until_ready(compiled(*arguments))
            ran = time.perf_counter() - started
        return result, Timing(trace=traced, compile=lowered, run=ran)

    def prepare(self, *arguments: Any, **settings: Any) -> None:
        """Compile for arguments of these shapes, where that is still to be done."""
        with jax.enable_x64(True):
            self._program(arguments, settings)

    def _program(
        self, arguments: tuple[Any, ...], settings: Mapping[str, Any]
    ) -> tuple[Any, float, float]:
        """The compiled function, with the seconds of tracing and compiling."""
        leaves, tree = jax.tree_util.tree_flatten(arguments)
        shapes = tuple((np.shape(leaf), _kind(leaf)) for leaf in leaves)
        key = (tree, shapes, tuple(sorted(settings.items())))
        if key in self._compiled:
            return self._compiled[key], 0.0, 0.0
        started = time.perf_counter()
        function = self._function
        lowered = jax.jit(lambda *given: function(*given, **settings)).lower(*arguments)
        traced = time.perf_counter() - started
        self._compiled[key] = lowered.compile(compiler_options=self._options)
        return self._compiled[key], traced, time.perf_counter() - started - traced


def _kind(leaf: Any) -> str:
    """The type of an array's entries, or the type that a plain number would have as an array."""
    dtype = leaf.dtype if hasattr(leaf, "dtype") else np.asarray(leaf).dtype
    return str(dtype.str)
