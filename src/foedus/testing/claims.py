"""Claims without a document, to test verdicts on."""

from __future__ import annotations

from typing import Any

from foedus.scenario.model import Claim
from foedus.scenario.statements import Comparison, Relation, Statement, Term
from foedus.testing.draws import toy_figure


def toy_claim(holds: Statement | None, *, margin: float = 0.0, **fields: Any) -> Claim:
    """A claim that says this, with a margin of 0 and no author."""
    return Claim(
        name="toy", label="a toy", by="nobody", says="", holds=holds, margin=margin, **fields
    )


def comparison(left: str | Term, relation: Relation, right: str | Term) -> Comparison:
    """A comparison in which words stand for the figures of `toy_draws`."""
    one, two = (toy_figure(side) if isinstance(side, str) else side for side in (left, right))
    return Comparison(one, relation, two)
