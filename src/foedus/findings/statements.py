r"""What statements come to on draws: by how much each holds, fails, or makes no difference.

Let $d$ be by how much the left side of a comparison exceeds the right, and $m$ the margin of
the claim.

| relation | holds | reversed |
|---|---|---|
| `a > b` | $d > m$ | $d < -m$ |
| `a >= b` | $d \ge -m$ | $d < -m$ |
| `a == b` | $\lvert d \rvert \le m$ | $\lvert d \rvert > m$ |
| `a != b` | $\lvert d \rvert > m$ | $\lvert d \rvert \le m$ |

`<` and `<=` are `>` and `>=` with the sides exchanged. A draw that does neither makes *no
difference*. `All` holds where every part does and is reversed where some part is; `Some` is
the other way round; `Not` is the opposite comparison, so it holds exactly where its
statement does not. A comparison of parameters and numbers alone is about assumptions, not
outcomes, and has no margin. No margin is finer than `RESOLUTION`.

Where a side is not a finite number the comparison is *unknown*, and so is a statement that
hangs on it: `All` with a part that fails fails, whatever the others are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from foedus.compiler.arithmetic import ArrayAlgebra, Lookup
from foedus.findings.draws import Draws
from foedus.numerics import resamples
from foedus.scenario.formulas import Number, ParameterValue
from foedus.scenario.statements import (
    All,
    Arithmetic,
    Comparison,
    Figure,
    Not,
    Relation,
    Some,
    Statement,
    Statistic,
    Term,
    walk,
)

RESOLUTION = 1e-9  # relative; solved figures are not known better than this
LEAST = float(np.finfo(float).tiny)  # what a slack of exactly 0 becomes, with a sign
OPPOSITES: dict[Relation, Relation] = {
    "<": ">=", "<=": ">", "==": "!=", "!=": "==", ">=": "<", ">": "<=",
}  # fmt: skip
COMPARING = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"})
TRUTHS = COMPARING | {"and", "or", "not"}

Values = Float[np.ndarray, "*draws"]  # without an axis: one number for all draws
Counts = Int[np.ndarray, "samples draws"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Slack:
    """By how much a statement holds: above 0 exactly where it does, NaN where that is unknown.

    `lenient` is the same with the margin in the statement's favour: below 0 exactly where it
    is reversed. Both are in the unit of the comparison that decides.
    """

    strict: Values
    lenient: Values

    @property
    def holds(self) -> Bool[np.ndarray, "*draws"]:
        """Where it holds."""
        return self.strict > 0

    @property
    def reversed(self) -> Bool[np.ndarray, "*draws"]:
        """Where the opposite holds, beyond the margin."""
        return self.lenient < 0

    @property
    def unknown(self) -> Bool[np.ndarray, "*draws"]:
        """Where it cannot be said whether it holds."""
        return np.asarray(np.isnan(self.strict))


def measure(
    statement: Statement, draws: Draws, *, margin: float, counts: Counts | None = None
) -> Slack:
    """By how much the statement holds in each draw.

    A statement about the region, one that reads statistics, has one slack for all draws. With
    `counts`, how often each draw is taken in each of several samples, it has one per sample.

    >>> draws = Draws(names=("c",), lows=(0,), highs=(1,), scales=("linear",), figures={},
    ...     parameters=np.array([[0.2], [0.7]]), solved=np.array([True, True]))
    >>> measure(Comparison(ParameterValue("c"), ">", Number(0.5)), draws, margin=0.0).holds
    array([False,  True])
    """
    match statement:
        case Comparison():
            return _compare(statement, draws, margin, counts)
        case All():
            return _fold(_measured(statement.statements, draws, margin, counts), np.fmin)
        case Some():
            return _fold(_measured(statement.statements, draws, margin, counts), np.fmax)
        case Not():
            return measure(opposite(statement.statement), draws, margin=margin, counts=counts)


def truth(statement: Statement, draws: Draws) -> Bool[np.ndarray, "draws"]:
    """Where a statement holds in solved draws without any margin; unknown is False.

    This is how facts are tested, and what `given` selects.
    """
    holds = measure(statement, draws, margin=0.0).holds
    return np.asarray(np.broadcast_to(holds, (draws.size,)) & draws.solved)


def opposite(statement: Statement) -> Statement:
    """The statement that holds exactly where this one is known not to, without a `Not`.

    >>> opposite(Not(Comparison(Number(1.0), ">", Number(0.0)))).relation
    '>'
    """
    match statement:
        case Comparison():
            return Comparison(statement.left, OPPOSITES[statement.relation], statement.right)
        case All():
            return Some(tuple(map(opposite, statement.statements)))
        case Some():
            return All(tuple(map(opposite, statement.statements)))
        case Not():
            return statement.statement


def evaluate(term: Term, draws: Draws, *, margin: float, counts: Counts | None = None) -> Values:
    """The term in each draw, or one number for all where no figure or parameter is read.

    NaN where there is no finite number. `margin` counts in statements inside statistics.
    """
    match term:
        case Number():
            return np.array(float(term.value))
        case ParameterValue():
            return draws.parameter(term.name)
        case Figure():
            return np.where(draws.solved, draws.figure(term), np.nan)
        case Arithmetic():
            operands = tuple(
                evaluate(part, draws, margin=margin, counts=counts) for part in term.operands
            )
            return _operate(term.operator, operands)
        case Statistic():
            return _statistic(term, draws, margin, counts)


def differences(
    comparison: Comparison, draws: Draws, *, margin: float, counts: Counts | None = None
) -> tuple[Values, Values]:
    """Left side minus right side, NaN where one is not finite; and what is too small to tell.

    Two sides that come of play are not told apart below `RESOLUTION` of the larger, or of 1.
    """
    left = evaluate(comparison.left, draws, margin=margin, counts=counts)
    right = evaluate(comparison.right, draws, margin=margin, counts=counts)
    with np.errstate(invalid="ignore"):
        difference = _finite(left - right)
    if not reads_outcomes(comparison):
        return difference, np.array(0.0)
    return difference, RESOLUTION * np.maximum(1.0, np.fmax(np.abs(left), np.abs(right)))


def reads_outcomes(comparison: Comparison) -> bool:
    """Whether it says something of outcomes, not of the assumptions alone."""
    return any(isinstance(part, Figure | Statistic) for part in walk(comparison))


def _compare(comparison: Comparison, draws: Draws, margin: float, counts: Counts | None) -> Slack:
    difference, finest = differences(comparison, draws, margin=margin, counts=counts)
    allowed = np.maximum(margin if reads_outcomes(comparison) else 0.0, finest)
    match comparison.relation:
        case "==":
            same = _signed(allowed - np.abs(difference), holds_at_zero=True)
            return Slack(strict=same, lenient=same)
        case "!=":
            other = _signed(np.abs(difference) - allowed, holds_at_zero=False)
            return Slack(strict=other, lenient=other)
        case "<" | "<=":
            difference = -difference
    lenient = _signed(difference + allowed, holds_at_zero=True)
    if comparison.relation in ("<=", ">="):
        return Slack(strict=lenient, lenient=lenient)
    return Slack(strict=_signed(difference - allowed, holds_at_zero=False), lenient=lenient)


def _signed(slack: Values, *, holds_at_zero: bool) -> Values:
    return np.where(slack == 0, LEAST if holds_at_zero else -LEAST, slack)


def _measured(
    parts: tuple[Statement, ...], draws: Draws, margin: float, counts: Counts | None
) -> list[Slack]:
    return [measure(part, draws, margin=margin, counts=counts) for part in parts]


def _fold(slacks: list[Slack], pick: Callable[[Values, Values], Values]) -> Slack:
    """The least slack of all parts, or the greatest; `pick` skips NaN where it can."""
    known = -1.0 if pick is np.fmin else 1.0  # the sign that settles it whatever the rest is

    def together(values: list[Values]) -> Values:
        answer, unknown = values[0], np.isnan(values[0])
        for other in values[1:]:
            answer, unknown = pick(answer, other), unknown | np.isnan(other)
        return np.where(unknown & ~(answer * known > 0), np.nan, answer)

    return Slack(
        strict=together([slack.strict for slack in slacks]),
        lenient=together([slack.lenient for slack in slacks]),
    )


def _operate(operator: str, operands: tuple[Values, ...]) -> Values:
    algebra = ArrayAlgebra(Lookup(()), {}, {})
    with np.errstate(all="ignore"):
        answer = _finite(np.asarray(algebra.operation(operator, operands), dtype=float))
    # Comparing with NaN is False in arithmetic; here it is not known.
    asked = operands[:1] if operator == "if" else operands if operator in TRUTHS else ()
    for operand in asked:
        answer = np.where(np.isnan(operand), np.nan, answer)
    return answer


def _finite(values: Values) -> Values:
    return np.where(np.isfinite(values), values, np.nan)


def _statistic(statistic: Statistic, draws: Draws, margin: float, counts: Counts | None) -> Values:
    """The statistic over the draws in which `given` holds and everything it reads is known."""
    given = draws.solved if statistic.given is None else truth(statistic.given, draws)
    kept = draws.take(given)
    if isinstance(statistic.of, Comparison | All | Some | Not):
        slack = measure(statistic.of, kept, margin=margin)
        of = np.where(slack.unknown, np.nan, slack.holds)
    else:
        of = evaluate(statistic.of, kept, margin=margin)
    by = np.array(0.0) if statistic.by is None else evaluate(statistic.by, kept, margin=margin)
    of, by = (np.broadcast_to(values, (kept.size,)) for values in (of, by))
    known = np.isfinite(of) & np.isfinite(by)
    of, by = of[known], by[known]
    every = np.ones((1, of.size), dtype=int) if counts is None else counts[:, given][:, known]
    match statistic.name:
        case "correlation":
            found = resamples.rank_correlation(of, by, every)
        case "quantile":
            found = resamples.quantile(of, every, float(by[0]) if by.size else 0.0)
        case "median":
            found = resamples.quantile(of, every, 0.5)
        case "mean" | "share":
            found = resamples.mean(of, every)
    return np.array(found[0]) if counts is None else found
