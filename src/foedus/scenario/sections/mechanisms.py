"""The section `mechanisms`: what claims may rest on, switched off in the rules."""

from __future__ import annotations

from dataclasses import replace

from foedus.scenario.diagnostics import Report
from foedus.scenario.edits import edited
from foedus.scenario.model import Parameter, Rules
from foedus.scenario.nodes import Mapping, Node, Scalar, child, pairs
from foedus.scenario.sections.context import Context, named
from foedus.scenario.suggestions import did_you_mean


def check_mechanisms(context: Context) -> None:
    """Report what a mechanism sets that the rules do not have, or cannot be set like this."""
    parameters, definitions = (
        {key.text for key, _ in context.section(name)} for name in ("parameters", "define")
    )
    for mechanism, node in context.section("mechanisms"):
        for key, value in named(child(node, "off")):
            if key.text not in parameters | definitions:
                context.report.error(
                    "F616",
                    key.place,
                    f"`{mechanism.text}` switches off `{key.text}`, which is not there",
                    why="a mechanism is switched off by setting parameters and definitions",
                    hint=did_you_mean(key.text, sorted(parameters | definitions)),
                )
            elif key.text in parameters and isinstance(value, Scalar) and value.number is None:
                message = f"`{key.text}` is a parameter and can only be set to a number"
                context.report.error("F616", value.place, message)


def without(tree: Mapping, off: Node | None, report: Report) -> Mapping:
    """The tree with the definitions of `off` replaced."""
    define = tree.get("define")
    if not isinstance(off, Mapping) or not isinstance(define, Mapping):
        return tree
    entries = {name: entry for name, entry in off.entries.items() if name in define.entries}
    if not entries:
        return tree
    section = tree.entries["define"][0]
    changes = Mapping(off.source, off.start, off.stop, entries)
    edit = Mapping(off.source, off.start, off.stop, {"define": (section, changes)})
    return edited(tree, edit, report)


def fixed(rules: Rules, off: Node | None) -> Rules:
    """The rules with the parameters of `off` known: `low == high == value`."""
    numbers = {
        key.text: value.number
        for key, value in pairs(off)
        if isinstance(value, Scalar) and value.number is not None
    }

    def known(parameter: Parameter) -> Parameter:
        number = numbers.get(parameter.name)
        if number is None:
            return parameter
        return replace(parameter, low=number, high=number, value=number, scale="linear")

    return replace(rules, parameters=tuple(map(known, rules.parameters)))
