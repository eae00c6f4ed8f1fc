"""What a claim's statement asks, in words: quantities and regimes by their labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from foedus.briefing.wording import isolated, number
from foedus.scenario.formulas import Number, ParameterValue
from foedus.scenario.model import Claim, Quantity
from foedus.scenario.scenario import Scenario
from foedus.scenario.statements import (
    All,
    Arithmetic,
    Comparison,
    Figure,
    Not,
    Some,
    Statement,
    Statistic,
    Term,
    about_region,
)

RELATIONS = {
    "<": "is less than",
    "<=": "is at most",
    "==": "is the same as",
    "!=": "differs from",
    ">=": "is at least",
    ">": "is greater than",
}
INFIX = {"add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "power": "to the power of"}
CALLED = {
    "abs": "the size of",
    "exp": "the exponential of",
    "log": "the logarithm of",
    "sqrt": "the square root of",
    "logistic": "the logistic function of",
    "negate": "minus",
    "min": "the least of",
    "max": "the greatest of",
}
STATISTICS = {"mean": "the mean of", "median": "the median of"}


@dataclass
class Wording:
    """The words of one scenario's statements. `said` remembers what was named last."""

    quantities: Mapping[str, Quantity]
    labels: Mapping[tuple[str, str], str]
    said: str = field(default="", init=False)

    def statement(self, statement: Statement, margin: float) -> Markup:
        """A statement in words."""
        match statement:
            case Comparison():
                return self._comparison(statement, margin)
            case All():
                return Markup(", and ").join(
                    self.statement(s, margin) for s in statement.statements
                )
            case Some():
                return Markup(", or ").join(self.statement(s, margin) for s in statement.statements)
            case Not():
                return Markup("it is not so that {}").format(
                    self.statement(statement.statement, margin)
                )

    def term(self, term: Term, margin: float, *, inside: bool = False) -> Markup:
        """A number in words; one made of several in brackets where it is part of another."""
        match term:
            case Number():
                return Markup(number(term.value))
            case ParameterValue():
                return Markup("<code>{}</code>").format(term.name)
            case Figure():
                return self._figure(term)
            case Statistic():
                return self._statistic(term, margin)
            case Arithmetic():
                words = self._arithmetic(term, margin)
                return Markup("({})").format(words) if inside else words

    def _comparison(self, comparison: Comparison, margin: float) -> Markup:
        relation = RELATIONS[comparison.relation]
        left = self.term(comparison.left, margin)
        right = self.term(comparison.right, margin)
        tolerance = ""
        if margin:
            around = number(margin)
            tolerance = {
                "==": f", give or take {around}",
                "!=": f" by more than {around}",
                "<": f" by more than {around}",
                ">": f" by more than {around}",
            }.get(comparison.relation, f", give or take {around}")
        return Markup("{} <em>{}</em> {}{}").format(left, relation, right, tolerance)

    def _figure(self, figure: Figure) -> Markup:
        again = figure.quantity == self.said
        self.said = figure.quantity
        words = Markup("the same") if again else self._quantity(figure.quantity)
        words += Markup(" under {}").format(self._named("regime", figure.regime))
        if figure.without:
            words += Markup(" without {}").format(self._named("mechanism", figure.without))
        if figure.under:
            words += Markup(" if {}").format(self._named("counterfactual", figure.under))
        return words

    def _quantity(self, name: str) -> Markup:
        quantity = self.quantities.get(name)
        label = quantity.label if quantity is not None and quantity.label else name
        return Markup("<q>{}</q>").format(isolated(label))

    def _named(self, what: str, name: str) -> Markup:
        return Markup('<span class="name">{}</span>').format(
            isolated(self.labels.get((what, name), name))
        )

    def _arithmetic(self, term: Arithmetic, margin: float) -> Markup:
        parts = [self.term(part, margin, inside=True) for part in term.operands]
        if term.operator in INFIX:
            return Markup(" {} ").format(INFIX[term.operator]).join(parts)
        called = CALLED.get(term.operator, term.operator)
        return Markup("{} {}").format(called, Markup(" and ").join(parts))

    def _statistic(self, statistic: Statistic, margin: float) -> Markup:
        if statistic.name == "share":
            words = Markup("the share of draws in which {}").format(self._of(statistic, margin))
        elif statistic.name == "correlation" and statistic.by is not None:
            words = Markup("the rank correlation of {} with {}").format(
                self._of(statistic, margin), self._of(statistic, margin, by=True)
            )
        elif statistic.name == "quantile" and statistic.by is not None:
            words = Markup("the {} quantile of {}").format(
                self._of(statistic, margin, by=True), self._of(statistic, margin)
            )
        else:
            words = Markup("{} {}").format(STATISTICS[statistic.name], self._of(statistic, margin))
        if statistic.given is not None:
            given = self.statement(statistic.given, 0.0)
            words += Markup(", among draws in which {},").format(given)
        return words

    def _of(self, statistic: Statistic, margin: float, *, by: bool = False) -> Markup:
        part = statistic.by if by else statistic.of
        if isinstance(part, Comparison | All | Some | Not):
            return self.statement(part, margin)
        assert part is not None  # a statistic that needs another term has one
        return self.term(part, margin, inside=True)


def asks(claim: Claim, scenario: Scenario) -> Markup:
    """What has to be so in a draw, or over the region, for the claim to hold there."""
    if claim.holds is None:
        return Markup("")
    wording = Wording(quantities=quantities(scenario), labels=labels(scenario))
    words = wording.statement(claim.holds, claim.margin)
    about = "Over the draws that count, " if about_region(claim.holds) else "In a draw, "
    given = Markup("")
    if claim.given is not None:
        given = Markup(" Only draws in which {} are asked.").format(
            wording.statement(claim.given, 0.0)
        )
    return Markup("{}{}.{}").format(about, words, given)


def quantities(scenario: Scenario) -> dict[str, Quantity]:
    """All quantities by name, those of the first regime before what others add."""
    found: dict[str, Quantity] = {}
    for regime in scenario.regimes:
        for quantity in scenario.rules(regime.name).quantities:
            found.setdefault(quantity.name, quantity)
    return found


def labels(scenario: Scenario) -> dict[tuple[str, str], str]:
    """What regimes, mechanisms and counterfactuals are called."""
    kinds = {
        "regime": scenario.regimes,
        "mechanism": scenario.mechanisms,
        "counterfactual": scenario.counterfactuals,
    }
    return {
        (kind, one.name): one.label or one.name
        for kind, alternatives in kinds.items()
        for one in alternatives
    }
