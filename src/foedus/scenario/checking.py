"""Checks that a tree of nodes has the shape that the table of fields asks for."""

from __future__ import annotations

from foedus.scenario.diagnostics import EnoughError, Report
from foedus.scenario.nodes import Mapping, Node, Place, Scalar, Sequence
from foedus.scenario.scalars import check_scalar, wanted
from foedus.scenario.shapes import (
    Edited,
    Either,
    ListOf,
    MapOf,
    Record,
    Shape,
    Tagged,
)
from foedus.scenario.suggestions import did_you_mean

ABSURD = 20  # items in a list that is longer than it may be
Checked = dict[tuple[int, int], Node]  # by ids of node and shape; holding nodes keeps ids theirs


class Checker:
    """Checks nodes against shapes. What has been checked once is not checked again.

    Regimes and variants share most of their trees, so checkers that share
    `checked` look at all of them for about the cost of one.
    """

    def __init__(self, report: Report, checked: Checked) -> None:
        self.report = report
        self._done = checked

    def check(self, node: Node, shape: Shape, at: Place | None = None) -> None:
        """Report where the node departs from the shape; what is missing is missing `at` a place."""
        key = (id(node), id(shape))
        if key not in self._done:
            self._done[key] = node
            self._check(node, shape, at or node.place)

    def _check(self, node: Node, shape: Shape, at: Place) -> None:
        match shape:
            case Either():
                chosen = self._chosen(node, shape)
                if chosen is None:
                    self._wrong(node, shape.what)
                else:
                    self.check(node, chosen, at)
            case Record():
                self._record(node, shape, at)
            case Tagged():
                self._tagged(node, shape, at)
            case MapOf():
                self._map(node, shape, at)
            case ListOf():
                self._list(node, shape)
            case Edited():
                return
            case _:
                if isinstance(node, Scalar):
                    check_scalar(node, shape, self.report)
                else:
                    self._wrong(node, wanted(shape))

    @staticmethod
    def _chosen(node: Node, shape: Either) -> Shape | None:
        match node:
            case Scalar():
                return shape.scalar
            case Sequence():
                return shape.sequence
        return shape.mapping

    def _wrong(self, node: Node, what: str) -> None:
        found = {Scalar: "a single value", Sequence: "a list", Mapping: "a mapping"}[type(node)]
        if isinstance(node, Scalar) and node.null:
            found = "nothing"
        self.report.error("F203", node.place, f"expected {what}, found {found}")

    def _record(self, node: Node, shape: Record, at: Place) -> None:
        if isinstance(node, Scalar) and node.null and shape.optional:
            return
        if not isinstance(node, Mapping):
            self._wrong(node, f"{shape.what}: a mapping with {_listed(shape.fields)}")
            return
        for key, value in node.pairs():
            if field := shape.fields.get(key.text):
                self.check(value, field.shape, key.place)
            elif shape.others is not None:
                if check_scalar(key, shape.others.key, self.report, hint=_after_comma(value)):
                    self.check(value, shape.others.value, key.place)
            else:
                self.report.error(
                    "F201",
                    key.place,
                    f"{shape.what} has no field `{key.text}`",
                    hint=_after_comma(value) or did_you_mean(key.text, shape.fields, "fields"),
                )
        for name, field in shape.fields.items():
            if field.required and name not in node.entries:
                self.report.error(
                    "F202", at, f"{shape.what} needs `{name}`", hint=f"`{name}`: {field.means}"
                )

    def _tagged(self, node: Node, shape: Tagged, at: Place) -> None:
        if not isinstance(node, Mapping):
            self._wrong(node, f"{shape.what}: a mapping with {_listed(shape.records, 'or')}")
            return
        kinds = [kind for kind in shape.records if kind in node.entries]
        if not kinds:
            hints = [did_you_mean(key, shape.records) for key in node.entries]
            close = next((hint for hint in hints if hint.startswith("did")), "")
            message = f"{shape.what} needs one of {_listed(shape.records, 'or')}"
            self.report.error("F202", at, message, hint=close)
        elif len(kinds) > 1:
            second = node.entries[kinds[1]][0]
            message = f"{shape.what} cannot have both `{kinds[0]}` and `{kinds[1]}`"
            self.report.error("F207", second.place, message)
        else:
            self.check(node, shape.records[kinds[0]], at)

    def _map(self, node: Node, shape: MapOf, at: Place) -> None:
        if isinstance(node, Scalar) and node.null and not shape.least:
            return
        if not isinstance(node, Mapping):
            self._wrong(node, f"a mapping from {wanted(shape.key)} to {wanted(shape.value)}")
            return
        self._size(len(node.entries), shape, at)
        for key, value in node.pairs():
            if check_scalar(key, shape.key, self.report, hint=_after_comma(value)):
                self.check(value, shape.value, key.place)

    def _size(self, number: int, shape: ListOf | MapOf, at: Place) -> None:
        if number < shape.least:
            size = shape.least if shape.least == shape.most else f"at least {shape.least}"
            self.report.error("F205", at, f"expected {size} of these, found {number}")
        elif shape.most is not None and number > shape.most:
            size = shape.most if shape.least == shape.most else f"at most {shape.most:,}"
            self.report.error("F205", at, f"expected {size} of these, found {number:,}")
            if number > ABSURD:
                raise EnoughError  # whatever is wrong with the rest, reading on would take for ever

    def _list(self, node: Node, shape: ListOf) -> None:
        if isinstance(node, Scalar) and node.null and not shape.least:
            return
        if not isinstance(node, Sequence):
            self._wrong(node, f"a list of {wanted(shape.item, article=False)}s")
            return
        self._size(len(node.items), shape, node.place)
        for item in node.items:
            self.check(item, shape.item)


def _after_comma(value: Node) -> str:
    """What helps where a key without a value is text that a comma has cut off."""
    cut = isinstance(value, Scalar) and value.start == value.stop
    return "between { and } a comma ends a value: put the text before it in quotes" if cut else ""


def _listed(names: object, word: str = "and") -> str:
    listed = [f"`{name}`" for name in names]  # type: ignore[attr-defined]
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} {word} {listed[-1]}"
