"""What a quantity measures, in words, and what it came to over the draws that count."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from foedus.briefing.wording import counted, number, share
from foedus.findings.result import Findings
from foedus.scenario.model import Quantity, Rules
from foedus.scenario.scenario import Scenario

PROBABILITIES = ("reach", "hazard", "probability", "rate", "distance")
QUANTILES = (0.1, 0.5, 0.9)
LONGEST = 300  # characters of a definition


def meaning(quantity: Quantity, rules: Rules) -> str:
    """What kind of number it is, over which periods, and from where."""
    period = rules.period or "period"
    periods = f"{period}s"
    kind = quantity.kind
    if kind == "reach":
        words = f"Probability of getting there within {counted(quantity.within or 0, period)}"
    elif kind == "hazard":
        words = f"Probability in {_span(quantity, period)}, if not before"
    elif kind == "occupancy":
        words = f"Expected number of such {periods} in {_span(quantity, period)}"
    elif kind == "switches":
        words = f"Expected number of such changes within {counted(quantity.within or 0, period)}"
    elif kind in ("mean", "probability"):
        what = "Expected level" if kind == "mean" else "Probability"
        words = f"{what} at the start of {period} {quantity.at}"
    elif kind == "rate":
        words = f"Of the {periods} in which it can happen, the expected share in which it does"
    elif kind == "value":
        part = f", the part “{quantity.part}”" if quantity.part else ""
        words = f"Expected discounted payoff of {_player(quantity, rules)}{part}"
    elif kind == "distance":
        words = "Distance between the distributions of where things stand (total variation)"
        words += f", at the start of {period} {quantity.at}"
    else:
        words = "How wide the range is at which it is chosen"
    return f"{words}; from {_start(quantity, rules)}"


def _span(quantity: Quantity, period: str) -> str:
    first, last = quantity.after + 1, quantity.within
    return f"{period} {first}" if first == last else f"{period}s {first} to {last}"


def _player(quantity: Quantity, rules: Rules) -> str:
    return next((p.label for p in rules.players if p.name == quantity.player), str(quantity.player))


def _start(quantity: Quantity, rules: Rules) -> str:
    starts = {start.name: start.label or start.name for start in rules.starts}
    first = rules.starts[0].name if rules.starts else ""
    return f"the start “{starts.get(quantity.start or first, quantity.start or first)}”"


def as_written(name: str, scenario: Scenario) -> str:
    """A quantity's definition as the file has it; empty where it stands among others in a line."""
    place = scenario.place(("quantities", name))
    first, *rest = scenario.text.splitlines()[place.line - 1 :]
    indent = place.column - 1
    if first[:indent].strip() or not first[indent:].startswith(f"{name}:"):
        return ""
    inside = takewhile(lambda line: not line.strip() or line[: indent + 1].isspace(), rest)
    words = " ".join(" ".join([first[indent:], *inside]).split("#")[0].split())
    written = words.removeprefix(f"{name}:").strip()
    return written if len(written) <= LONGEST else f"{written[: LONGEST - 1]}…"


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A quantity under one regime over the draws that count: middle, and middle 80 %.

    `change`: the same of its difference from the first regime, draw by draw; None for it.
    """

    low: float
    median: float
    high: float
    known: int
    change: tuple[float, float, float] | None

    def shown(self, quantity: Quantity) -> tuple[str, str, str]:
        """Low, median and high as text: shares in per cent, everything else as numbers."""
        show = share if quantity.kind in PROBABILITIES else number
        return show(self.low), show(self.median), show(self.high)


def spread(findings: Findings, quantity: str, regime: str) -> Spread | None:
    """What the quantity came to under the regime; None where no draw that counts knows it."""
    values = _values(findings, quantity, regime)
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    low, median, high = (float(v) for v in np.quantile(known, QUANTILES))
    change = None
    if regime != findings.regimes[0]:
        gap = values - _values(findings, quantity, findings.regimes[0])
        gap = gap[np.isfinite(gap)]
        if gap.size:
            first, middle, last = (float(v) for v in np.quantile(gap, QUANTILES))
            change = (first, middle, last)
    return Spread(low=low, median=median, high=high, known=int(known.size), change=change)


def _values(findings: Findings, quantity: str, regime: str) -> np.ndarray:
    place = findings.regimes.index(regime), findings.quantities.index(quantity)
    counts = np.isin(findings.base.rows, findings.plausible_rows)
    values: np.ndarray = findings.base.values[place][counts]
    return values
