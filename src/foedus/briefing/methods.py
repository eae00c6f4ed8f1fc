"""The methods behind a briefing, each with its source as the code that carries it out cites it."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

from foedus.briefing.material import Material
from foedus.scenario.statements import about_region

PACKAGE = Path(__file__).parents[1]
SOURCE = re.compile(r"(?ms)^\s*Source: (.+?)(?=\n\s*\n|\Z)")
TITLE = re.compile(r"\*(.+?)\*")


@dataclass(frozen=True, kw_only=True)
class Method:
    """A method in words, the definition that carries it out, and whether a briefing used it."""

    name: str
    does: str
    module: str
    definition: str
    used: Callable[[Material], bool] = lambda material: True

    @property
    def source(self) -> Markup:
        """Where the method comes from, as the docstring of its definition says."""
        return Markup(
            TITLE.sub(r"<cite>\1</cite>", str(escape(cited(self.module, self.definition))))
        )


@cache
def cited(module: str, definition: str) -> str:
    """What follows `Source:` in the docstring of a definition, or of its module where it is "".

    The file is read, not imported. Raises `LookupError` where no source is given.
    """
    tree = ast.parse((PACKAGE / module).read_text("utf-8"))
    nodes = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == definition
    ]
    owner = nodes[0] if nodes else tree
    found = SOURCE.search(inspect.cleandoc(ast.get_docstring(owner) or ""))
    if found is None:
        raise LookupError(f"{module}, {definition or 'the module'}: its docstring cites no source")
    return " ".join(found[1].split()).rstrip(".") + "."


def used(material: Material) -> tuple[Method, ...]:
    """The methods that this briefing's numbers come from."""
    return tuple(method for method in METHODS if method.used(material))


def _total_effects(material: Material) -> bool:
    return any(one.finding.deciding.blocks for one in material.tested)


def _split(material: Material) -> bool:
    return any(
        pivot.split is not None for one in material.tested for pivot in one.finding.deciding.pivots
    )


def _regional(material: Material) -> bool:
    return any(
        one.claim.holds is not None and about_region(one.claim.holds) for one in material.tested
    )


METHODS = (
    Method(
        name="Logit response",
        does="Players choose better actions more often, not always; a precision says how often. "
        "Every strategy is a reply in this sense to everybody's later play.",
        module="equilibrium/logit.py",
        definition="Logit",
    ),
    Method(
        name="Spreading the draws",
        does="Points are spread evenly over the ranges of all parameters at once.",
        module="numerics/designs.py",
        definition="Design",
    ),
    Method(
        name="Facts as a filter",
        does="Draws that contradict dated facts do not count.",
        module="findings/evidence.py",
        definition="plausible",
        used=lambda material: bool(material.findings.filters),
    ),
    Method(
        name="Interval of a share",
        does="How far a share could be off for want of draws, at 95 %.",
        module="numerics/shares.py",
        definition="wilson",
        used=lambda material: bool(material.tested),
    ),
    Method(
        name="Difference of two shares",
        does="Whether a verdict in another setting is further off than sampling explains.",
        module="numerics/shares.py",
        definition="share_difference",
        used=lambda material: any(one.shifts for one in material.tested),
    ),
    Method(
        name="Interval of a median",
        does="How far the median effect could be off for want of draws.",
        module="numerics/shares.py",
        definition="quantile_interval",
        used=lambda material: any(one.finding.verdict.effect for one in material.tested),
    ),
    Method(
        name="Variance explained alone",
        does="How much of what varies in a claim goes with one parameter.",
        module="numerics/screens.py",
        definition="first_order",
        used=lambda material: bool(material.tested),
    ),
    Method(
        name="Partial rank correlation",
        does="In which direction a parameter pushes, the others held fixed.",
        module="numerics/screens.py",
        definition="partial_rank_correlation",
        used=lambda material: bool(material.tested),
    ),
    Method(
        name="Regional sensitivity",
        does="How differently a parameter is spread where a claim holds and where it does not.",
        module="numerics/screens.py",
        definition="regional_distance",
        used=_split,
    ),
    Method(
        name="Many tests at once",
        does="Pivots have to pass after correction for all parameters and screens.",
        module="numerics/sensitivity.py",
        definition="rank_pivots",
        used=lambda material: bool(material.tested),
    ),
    Method(
        name="Total effects",
        does="What a parameter does in company as well as alone.",
        module="numerics/sensitivity.py",
        definition="sobol_indices",
        used=_total_effects,
    ),
    Method(
        name="Switching values",
        does="The value of a parameter that best parts where a claim holds from where it does not.",
        module="numerics/splits.py",
        definition="best_split",
        used=_split,
    ),
    Method(
        name="Rules of failure",
        does="A box of at most three parameters in which most failures lie.",
        module="numerics/boxes.py",
        definition="",
        used=lambda material: any(one.finding.deciding.rule for one in material.tested),
    ),
    Method(
        name="Claims about the region",
        does="Statements about all draws together are looked at again in resamples of them.",
        module="findings/region.py",
        definition="resampled",
        used=_regional,
    ),
)
