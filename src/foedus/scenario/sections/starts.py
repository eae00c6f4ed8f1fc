"""The section `starts`: where play may begin."""

from __future__ import annotations

from foedus.scenario.model import Start
from foedus.scenario.nodes import WHOLE_FILE, Mapping, Node, Place, Scalar, child, pairs, text
from foedus.scenario.sections.context import Context, named
from foedus.scenario.sections.state import Factor
from foedus.scenario.sections.transitions import level_code

ROUNDING = 1e-9


def read_starts(context: Context, factors: dict[str, Factor]) -> tuple[Start, ...]:
    """All starts, in the order of the file; a game with one state needs none."""
    if context.tree.get("starts") is None:
        if not factors:
            return (Start(name="start", label="start", factors={}),)
        context.report.error(
            "F202",
            WHOLE_FILE,
            "the scenario needs `starts`",
            hint="starts: {now: {FACTOR: LEVEL, ...}}, with a level for every factor",
        )
    return tuple(_start(context, key, node, factors) for key, node in context.section("starts"))


def _start(context: Context, key: Scalar, node: Node, factors: dict[str, Factor]) -> Start:
    given: dict[str, dict[int, float]] = {}
    for factor, value in named(node):
        if factor.text != "label" and context.known(factor, factors, "factor"):
            found = _distribution(context, value, factors[factor.text], factor.place)
            given[factor.text] = found
    missing = [name for name in factors if name not in given]
    if missing and not (isinstance(node, Scalar) and not node.null):
        listed = ", ".join(f"`{name}`" for name in missing)
        context.report.error(
            "F601",
            key.place,
            f"the start `{key.text}` says nothing of {listed}",
            why="every factor has a level when play begins",
        )
    label = text(child(node, "label")) or key.text
    return Start(name=key.text, label=label, factors=given)


def _distribution(context: Context, node: Node, factor: Factor, place: Place) -> dict[int, float]:
    if isinstance(node, Mapping):
        chances = [(key, v.number if isinstance(v, Scalar) else None) for key, v in pairs(node)]
    else:
        chances = [(node, 1.0)] if isinstance(node, Scalar) else []
    endings = {key.text for key, _ in factor.endings}
    distribution = {}
    for key, probability in chances:
        code = level_code(context, key, factor)
        if code is not None and probability is not None:
            distribution[code] = probability
        if key.text in endings:
            context.report.error("F603", key.place, f"play cannot begin at the ending `{key.text}`")
    total = sum(distribution.values())
    sound = all(0 <= probability <= 1 for probability in distribution.values())
    if sound and len(distribution) == len(chances) > 0 and abs(total - 1) > ROUNDING:
        context.report.error("F602", place, f"the probabilities add up to {total:g}, not 1")
    return distribution
