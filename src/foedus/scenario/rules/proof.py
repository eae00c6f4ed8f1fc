"""Whether a formula stays between two bounds over a whole box of parameters and levels.

Bounds are compared with a tolerance of 1e-9, far above the rounding of the
arithmetic and far below anything a probability is known to.
"""

from __future__ import annotations

from foedus.scenario.formulas import Formula, evaluate
from foedus.scenario.rules.expansion import Expansion, Ratio
from foedus.scenario.rules.intervals import Box, Domain, IntervalAlgebra, Values
from foedus.scenario.rules.polynomials import (
    Maximum,
    Polynomial,
    TooLongError,
    bounds,
    combine,
    replace,
    split,
)

TOLERANCE = 1e-9
MOST_CASES = 64


class Proof:
    """An attempt to prove `low <= formula <= high` over a box.

    `holds` is true only where it is proved. Otherwise `corners` has points of
    the box, by parameter, where the bound that could not be proved is closest
    to being broken.
    """

    def __init__(
        self,
        formula: Formula,
        *,
        low: float,
        high: float,
        box: Box,
        domain: Domain,
        values: Values,
    ) -> None:
        self.corners: list[dict[str, float]] = []
        algebra = IntervalAlgebra(box, domain, values)
        interval = evaluate(formula, algebra)
        self.holds = (
            interval.defined
            and interval.low >= low - TOLERANCE
            and interval.high <= high + TOLERANCE
        )
        if not self.holds:
            self._expansion = Expansion(algebra)
            self._cases = MOST_CASES
            ratio = evaluate(formula, self._expansion)
            self.holds = ratio.interval.defined and self._between(ratio, low, high)

    def _between(self, ratio: Ratio, low: float, high: float) -> bool:
        """Multiplied by a bottom of known sign, bounds on a ratio are bounds on polynomials."""
        least, most = bounds(ratio.bottom, self._expansion.atoms)
        if least <= 0.0 <= most:
            return False
        sign = 1.0 if least > 0.0 else -1.0
        above = combine({}, combine(ratio.top, ratio.bottom, -(high + TOLERANCE)), sign)
        below = combine({}, combine(ratio.top, ratio.bottom, -(low - TOLERANCE)), -sign)
        return all(
            self._never_positive(side)
            for side, bound in ((above, high), (below, low))
            if abs(bound) != float("inf")
        )

    def _never_positive(self, polynomial: Polynomial) -> bool:
        expansion = self._expansion
        maximum = Maximum(polynomial, expansion.atoms, enough=0.0)
        if maximum.value <= 0.0:
            return True
        names = expansion.parameters
        self.corners.append({names[i]: x for i, x in maximum.vertex.items() if i in names})
        atom = self._atom_with_cases(polynomial)
        if atom is None or self._cases <= 0:
            return False
        self._cases -= 1
        found = expansion.cases[atom]
        low, high = bounds(split(polynomial, atom)[0], expansion.atoms)
        # Rising in the larger of two, the polynomial is the larger of its two cases, so
        # both must pass; falling in it, it is the smaller of them, so either will do.
        either = high <= 0.0 if found.larger else low >= 0.0
        try:
            passed = (
                self._never_positive(replace(polynomial, atom, case, expansion.binary))
                for case in (found.first, found.second)
            )
            return any(passed) if either else all(passed)
        except TooLongError:
            return False

    def _atom_with_cases(self, polynomial: Polynomial) -> int | None:
        """The last such atom: later atoms are made of earlier ones."""
        candidates = {i for monomial in polynomial for i in monomial if i in self._expansion.cases}
        for atom in sorted(candidates, reverse=True):
            if all(monomial.count(atom) <= 1 for monomial in polynomial):
                return atom
        return None
