"""Probabilities lie in [0, 1], and those of one rule add up to no more than one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from foedus.scenario.formulas import Formula, Number, variables
from foedus.scenario.model import ChanceMove, Outcome, Rule, Transition
from foedus.scenario.rules.finding import Finding, Subject
from foedus.scenario.rules.intervals import Domain
from foedus.scenario.rules.period import entries
from foedus.scenario.rules.play import Play, number
from foedus.scenario.rules.situations import Literal, literals
from foedus.scenario.rules.verdicts import Bound, Verdict

CODES = {
    "F901": "A probability lies outside [0, 1] somewhere in the ranges of the parameters.",
    "F902": "The probabilities of a rule add up to more than one somewhere.",
    "F903": "Probabilities that cover everything do not add up to one.",
    "F904": "Whether a bound holds everywhere could not be decided.",
}
_EVERY_DRAW = "the game is solved for every draw of the parameters, and each needs probabilities"


@dataclass(frozen=True, kw_only=True)
class _Lottery:
    """Probabilities that belong together: of one rule, or of one chance move."""

    label: str
    subject: Subject
    outcomes: tuple[tuple[str, Subject, Formula], ...]  # (label, path, probability)
    given: tuple[Literal, ...]
    domain: Domain
    complete: bool  # they must add up to one, not to one at most

    def bound(self, formula: Formula, low: float) -> Bound:
        """low <= formula <= 1 wherever the lottery takes place."""
        return Bound(formula=formula, domain=self.domain, low=low, high=1.0, given=self.given)


def check_probabilities(play: Play) -> Iterator[Finding]:
    """Every probability, and every sum of probabilities, over the whole parameter box."""
    for lottery in _lotteries(play):
        fine = True
        for label, subject, probability in lottery.outcomes:
            if isinstance(probability, Number) and 0.0 <= probability.value <= 1.0:
                continue
            bound = lottery.bound(probability, 0.0)
            verdict = play.decide(bound)
            fine = fine and verdict.proved
            yield from _outside(play, lottery, label, subject, bound, verdict)
        if fine and (lottery.complete or len(lottery.outcomes) > 1):
            yield from _sum(play, lottery)


def _lotteries(play: Play) -> Iterator[_Lottery]:
    for transition in play.rules.transitions:
        for position, rule in enumerate(transition.rules):
            yield _rule(play, transition, position, rule)
    for one in play.rules.types:
        subject: Subject = ("players", one.player, "types")
        yield _Lottery(
            label=f"types of {one.player}",
            subject=subject,
            outcomes=tuple(
                (name, (*subject, name), prior)
                for name, prior in zip(one.types, one.priors, strict=True)
            ),
            given=(),
            domain=play.period.domain,
            complete=True,
        )
    for entry in entries(play.rules):
        if isinstance(entry, ChanceMove):
            subject = play.subject(entry)
            levels = play.period.variables[entry.variable].levels
            yield _Lottery(
                label=f"chance move {entry.variable}",
                subject=subject,
                outcomes=tuple(
                    (levels[code], (*subject, "outcomes", levels[code]), probability)
                    for code, probability in entry.outcomes
                ),
                given=tuple(literals(entry.when)),
                domain=play.period.domain,
                complete=True,
            )


def _rule(play: Play, transition: Transition, position: int, rule: Rule) -> _Lottery:
    levels = play.period.factors[transition.factor].levels
    path: Subject = ("next", transition.factor, position)

    def named(outcome: Outcome) -> tuple[str, Subject, Formula]:
        if outcome.level is None:
            label = "up" if outcome.shift > 0 else "down"
            return label, (*path, label), outcome.probability
        label = levels[outcome.level]
        return label, (*path, "to", label), outcome.probability

    named_levels = {o.level for o in rule.outcomes if o.level is not None}
    return _Lottery(
        label=f"rule {position + 1} for the next {transition.factor}",
        subject=path,
        outcomes=tuple(map(named, rule.outcomes)),
        given=play.situations.applies(transition, position),
        domain=play.period.drawing,
        complete=len(named_levels) == len(levels) > 1,
    )


def _conditions(lottery: _Lottery) -> Iterable[str]:
    """Variables that say when the lottery takes place."""
    return {name for formula, wanted in lottery.given if wanted for name in variables(formula)}


def _outside(
    play: Play, lottery: _Lottery, label: str, subject: Subject, bound: Bound, verdict: Verdict
) -> Iterator[Finding]:
    witness = verdict.witness
    if witness is None:
        if not verdict.proved:
            yield _undecided(play, subject, f"the probability of {label} in {lottery.label}")
        return
    where = play.where(bound.formula, witness, _conditions(lottery))
    what = f"the probability of {label} in {lottery.label}"
    if witness.fault:
        message = f"{what} has no value{where}: {witness.fault}"
    else:
        side = "is negative" if witness.value < 0.0 else "is above one"
        message = f"{what} {side}{where}: it is {number(witness.value)}"
    yield play.finding(
        "F901",
        "error",
        subject,
        message,
        why=_EVERY_DRAW,
        hint="narrow a range, or bound the expression with clip(..., 0, 1)",
    )


def _sum(play: Play, lottery: _Lottery) -> Iterator[Finding]:
    total = play.knowledge.sum_of(tuple(formula for _, _, formula in lottery.outcomes))
    verdict = play.decide(lottery.bound(total, 1.0 if lottery.complete else 0.0))
    witness = verdict.witness
    if witness is None:
        if not verdict.proved:
            yield _undecided(play, lottery.subject, f"the sum of probabilities in {lottery.label}")
        return
    where = play.where(total, witness, _conditions(lottery))
    added = f"the probabilities of {lottery.label} add up to {number(witness.value)}{where}"
    if lottery.complete:
        yield play.finding(
            "F903",
            "error",
            lottery.subject,
            added,
            why="they name everything that can happen, so together they must be one",
            hint="write the last one as one minus the others, or leave out a level that stays",
        )
    else:
        yield play.finding(
            "F902",
            "error",
            lottery.subject,
            added,
            why=_EVERY_DRAW,
            hint="narrow a range, scale the probabilities down, or divide each by their sum",
        )


def _undecided(play: Play, subject: Subject, what: str) -> Finding:
    return play.finding(
        "F904",
        "warning",
        subject,
        f"{what} could not be bounded everywhere within the effort allowed; no fault was found",
        why="a draw of the parameters might still break it, and solving would then stop",
        hint="use clip(..., 0, 1), or read fewer variables in one expression",
    )
