"""Edits of the tree: merged key by key, removed by null, everything else replaced."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from foedus.scenario.diagnostics import Report
from foedus.scenario.document import parse
from foedus.scenario.edits import edited
from foedus.scenario.nodes import Mapping, plain

BASE = """
define: {a: 1, b: 2}
payoffs: {A: {x: 1, y: 2}, B: {x: 3}}
moves:
  - {player: A}
  - {player: B, name: reply}
  - simultaneous: [{player: C}, {player: A, name: late}]
  - {chance: luck}
"""


def tree(text: str) -> Mapping:
    root = parse(text.encode(), Report("file"))
    assert root is not None
    return root


def after(edit: str) -> tuple[Any, list[str]]:
    """The edited base as plain data, and the codes of what was reported."""
    report = Report("file")
    return plain(edited(tree(BASE), tree(edit), report)), [d.code for d in report.diagnostics()]


def test_mappings_are_merged_and_values_replaced() -> None:
    found, codes = after("payoffs: {A: {x: 5}, C: {z: 1}}")
    assert found["payoffs"] == {"A": {"x": 5, "y": 2}, "B": {"x": 3}, "C": {"z": 1}}
    assert found["define"] == {"a": 1, "b": 2}
    assert not codes


def test_null_removes_an_entry() -> None:
    found, codes = after("payoffs: {A: {x: null}, B: null}\ndefine: null")
    assert found["payoffs"] == {"A": {"y": 2}}
    assert "define" not in found
    assert not codes


def test_removing_what_is_not_there_is_reported() -> None:
    found, codes = after("payoffs: {A: {xx: null}}")
    assert found["payoffs"]["A"] == {"x": 1, "y": 2}
    assert codes == ["F702"]


def test_lists_replace() -> None:
    found, _ = after("moves: [{player: Z}]")
    assert found["moves"] == [{"player": "Z"}]


def test_order_sorts_moves_by_name_and_blocks_by_their_first_name() -> None:
    found, codes = after("order: [luck, late, reply, A, C]")
    kinds = [next(iter(move)) for move in found["moves"]]
    assert kinds == ["chance", "simultaneous", "player", "player"]
    assert [move.get("name") for move in found["moves"]] == [None, None, "reply", None]
    assert not codes


def test_order_applies_to_replaced_moves() -> None:
    found, _ = after("order: [Y, Z]\nmoves: [{player: Z}, {player: Y}]")
    assert found["moves"] == [{"player": "Y"}, {"player": "Z"}]


def test_order_must_list_every_move_once() -> None:
    _, codes = after("order: [A, reply, C, late]")
    assert codes == ["F701"]
    _, codes = after("order: [A, A, reply, C, late, luck, other]")
    assert codes == ["F701", "F701", "F701"]


def test_what_is_not_edited_is_the_same_node() -> None:
    base = tree(BASE)
    found = edited(base, tree("define: {a: 2}"), Report("file"))
    assert found.get("payoffs") is base.get("payoffs")
    assert plain(base)["define"] == {"a": 1, "b": 2}


DATA = st.recursive(
    st.integers(0, 3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner | st.none(), max_size=3),
    max_leaves=8,
)


def merged(base: Any, edit: Any) -> Any:
    """The rule on plain data."""
    if not isinstance(edit, dict):
        return edit
    answer = dict(base) if isinstance(base, dict) else {}
    for key, value in edit.items():
        if value is None:
            answer.pop(key, None)
        else:
            answer[key] = merged(answer.get(key), value)
    return answer


@given(DATA, DATA)
def test_merging_nodes_agrees_with_merging_data(base: Any, edit: Any) -> None:
    def as_tree(data: Any) -> Mapping:
        return tree(f"define: {{inner: {_flow(data)}}}")

    found = plain(edited(as_tree(base), as_tree(edit), Report("file")))
    assert found["define"]["inner"] == merged(base, edit)


def _flow(data: Any) -> str:
    if isinstance(data, dict):
        return "{" + ", ".join(f"{key}: {_flow(value)}" for key, value in data.items()) + "}"
    return "null" if data is None else str(data)
