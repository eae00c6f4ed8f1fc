"""The sections `parameters` and `precision`: numbers with ranges and reasons."""

from __future__ import annotations

from functools import partial

from foedus.scenario.diagnostics import Report
from foedus.scenario.model import Parameter, Scale
from foedus.scenario.nodes import Node, Scalar, child, items, text
from foedus.scenario.sections.context import Context

DEFAULT_PRECISION = 5.0


def read_parameters(context: Context) -> tuple[Parameter, ...]:
    """All declared parameters, in the order of the file."""
    return tuple(
        context.memory.once(
            "parameter",
            (key.text, node),
            partial(_parameter, key.text, key, node, context.report),
        )
        for key, node in context.section("parameters")
    )


def read_precision(context: Context) -> Parameter:
    """The precision of the logit response, as a parameter of that name."""
    node = context.tree.get("precision")
    if node is None:
        return _known("precision", DEFAULT_PRECISION)
    if isinstance(node, Scalar):
        value = node.number
        return _known("precision", value if value is not None and value > 0 else DEFAULT_PRECISION)
    key = context.tree.entries["precision"][0]
    return context.memory.once(
        "parameter",
        ("precision", node),
        partial(_parameter, "precision", key, node, context.report),
    )


def _known(name: str, value: float) -> Parameter:
    return Parameter(name=name, low=value, high=value, value=value)


def _parameter(name: str, key: Scalar, node: Node, report: Report) -> Parameter:
    scale: Scale = "log" if text(child(node, "scale")) == "log" else "linear"
    ends = [_number(end) for end in items(child(node, "range"))]
    value = _number(child(node, "value"))
    if child(node, "value") is None and child(node, "range") is None:
        report.error(
            "F202", key.place, f"`{name}` needs a `range` or a `value`", hint="range: [low, high]"
        )
    if not text(child(node, "why")) and not text(child(node, "source")):
        report.warning(
            "F801",
            key.place,
            f"`{name}` has neither `why` nor `source`",
            why="a reader cannot judge a number whose reason is not given",
        )
    low = high = value if value is not None else 1.0
    if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
        low, high = ends[0], ends[1]
        _check_range(name, low, high, scale, node, report)
    if value is None:
        value = _middle(low, high, scale)
    elif low < high and not low <= value <= high:
        place = child(node, "value")
        assert place is not None
        message = f"the value {value:g} of `{name}` lies outside its range [{low:g}, {high:g}]"
        report.error("F307", place.place, message)
    return Parameter(
        name=name,
        low=low,
        high=high,
        scale=scale,
        value=value,
        means=text(child(node, "means")),
        why=text(child(node, "why")),
        source=text(child(node, "source")),
        unit=text(child(node, "unit")),
    )


def _number(node: Node | None) -> float | None:
    return node.number if isinstance(node, Scalar) else None


def _middle(low: float, high: float, scale: Scale) -> float:
    """Middle of the range on its scale."""
    if scale == "log" and 0 < low <= high:
        return float(low**0.5 * high**0.5)
    return low / 2 + high / 2


def _check_range(
    name: str, low: float, high: float, scale: Scale, node: Node, report: Report
) -> None:
    place = child(node, "range")
    assert place is not None
    if low > high:
        report.error(
            "F305",
            place.place,
            f"the range of `{name}` is reversed",
            hint=f"range: [{high:g}, {low:g}]",
        )
    elif low == high:
        report.error(
            "F305",
            place.place,
            f"the range of `{name}` is a single point",
            hint=f"a known number has a value and no range: `value: {low:g}`",
        )
    elif scale == "log" and low <= 0:
        report.error(
            "F306",
            place.place,
            f"the logarithmic range of `{name}` begins at {low:g}, which is not above zero",
            hint="raise the lower end above zero, or leave out `scale: log`",
        )
