"""Polynomials in atoms that lie in intervals, and the largest value they can take.

A polynomial maps monomials to coefficients; a monomial is the sorted tuple of
its atoms, one entry per degree. A polynomial of degree one in every atom takes
its extremes at vertices of the box, so its bounds here are exact as long as the
atoms are free of each other, and valid bounds otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from foedus.scenario.rules.intervals import Interval

Monomial = tuple[int, ...]
Polynomial = Mapping[Monomial, float]

ONE: Polynomial = {(): 1.0}
MOST_TERMS = 300
MOST_VERTICES = 600


class TooLongError(Exception):
    """A product has more terms than are worth handling."""


def constant(value: float) -> Polynomial:
    """The polynomial that is `value` everywhere."""
    return {(): value} if value else {}


def combine(a: Polynomial, b: Polynomial, factor: float = 1.0) -> Polynomial:
    """a + factor b."""
    total = dict(a)
    for monomial, coefficient in b.items():
        value = total.get(monomial, 0.0) + factor * coefficient
        # What is left of equal terms after cancelling is rounding, not a term.
        if abs(value) <= 1e-14 * abs(coefficient):
            total.pop(monomial, None)
        else:
            total[monomial] = value
    return total


def multiply(a: Polynomial, b: Polynomial, binary: Sequence[bool]) -> Polynomial:
    """a b, where `binary[i]` says that atom i is 0 or 1 and so equals its own square."""
    if len(a) * len(b) > MOST_TERMS:
        raise TooLongError
    total: dict[Monomial, float] = {}
    for left, p in a.items():
        for right, q in b.items():
            if left and right:
                extra = tuple(i for i in right if not (binary[i] and i in left))
                monomial = tuple(sorted(left + extra))
            else:
                monomial = left or right
            total[monomial] = total.get(monomial, 0.0) + p * q
    return {monomial: value for monomial, value in total.items() if value}


def split(polynomial: Polynomial, atom: int) -> tuple[Polynomial, Polynomial]:
    """(A, B) with polynomial = atom A + B."""
    inner: dict[Monomial, float] = {}
    outer: dict[Monomial, float] = {}
    for monomial, coefficient in polynomial.items():
        if atom in monomial:
            i = monomial.index(atom)
            inner[monomial[:i] + monomial[i + 1 :]] = coefficient
        else:
            outer[monomial] = coefficient
    return inner, outer


def bounds(polynomial: Polynomial, atoms: Sequence[Interval]) -> tuple[float, float]:
    """Term by term: quick, valid, often too wide."""
    low = high = 0.0
    for monomial, coefficient in polynomial.items():
        least = most = coefficient
        for i in monomial:
            a, b, _ = atoms[i]
            corners = (least * a, least * b, most * a, most * b)
            least, most = min(corners), max(corners)
        low += least
        high += most
    return low, high


class Maximum:
    """An upper bound of a polynomial over a box, and the vertex where it was looked for.

    A bound no higher than `enough` is not made any tighter.
    """

    def __init__(
        self, polynomial: Polynomial, atoms: Sequence[Interval], *, enough: float = -math.inf
    ) -> None:
        self.atoms = atoms
        self.enough = enough
        self.visits = 0
        self.value, self.vertex = self._highest(polynomial)

    def _highest(self, polynomial: Polynomial) -> tuple[float, dict[int, float]]:
        found = {i for monomial in polynomial for i in monomial}
        if not found:
            return polynomial.get((), 0.0), {}
        self.visits += 1
        quick = bounds(polynomial, self.atoms)[1]
        if quick <= self.enough:
            return quick, {}
        # Where the slope in an atom has one sign, whatever the others are, it goes to one end.
        fixed: dict[int, float] = {}
        linear: list[tuple[int, int]] = []
        for atom in found:
            slope, degree = _slope(polynomial, atom)
            low, high = bounds(slope, self.atoms)
            if low >= 0.0:
                fixed[atom] = self.atoms[atom].high
            elif high <= 0.0:
                fixed[atom] = self.atoms[atom].low
            elif degree == 1:
                linear.append((len(slope), atom))
        if fixed:
            return self._at(polynomial, fixed)
        if not linear or self.visits > MOST_VERTICES:
            return quick, {}
        atom = max(linear)[1]
        low, high, _ = self.atoms[atom]
        return max(
            self._at(polynomial, {atom: low}),
            self._at(polynomial, {atom: high}),
            key=lambda answer: answer[0],
        )

    def _at(
        self, polynomial: Polynomial, fixed: Mapping[int, float]
    ) -> tuple[float, dict[int, float]]:
        highest, vertex = self._highest(_fix(polynomial, fixed))
        return highest, {**vertex, **fixed}


def _slope(polynomial: Polynomial, atom: int) -> tuple[Polynomial, int]:
    """The derivative in one atom, and the atom's degree."""
    slope: dict[Monomial, float] = {}
    degree = 0
    for monomial, coefficient in polynomial.items():
        if atom in monomial:
            i, count = monomial.index(atom), monomial.count(atom)
            rest = monomial[:i] + monomial[i + 1 :]
            slope[rest] = slope.get(rest, 0.0) + count * coefficient
            degree = max(degree, count)
    return slope, degree


def _fix(polynomial: Polynomial, values: Mapping[int, float]) -> Polynomial:
    """The polynomial with some atoms at given values."""
    fixed: dict[Monomial, float] = {}
    for monomial, coefficient in polynomial.items():
        rest = []
        for i in monomial:
            if i in values:
                coefficient *= values[i]
            else:
                rest.append(i)
        key = tuple(rest)
        fixed[key] = fixed.get(key, 0.0) + coefficient
    return {monomial: c for monomial, c in fixed.items() if c}


def replace(
    polynomial: Polynomial, atom: int, other: Polynomial, binary: Sequence[bool]
) -> Polynomial:
    """The polynomial with another one in place of an atom of degree one."""
    inner, outer = split(polynomial, atom)
    return combine(outer, multiply(inner, other, binary))
