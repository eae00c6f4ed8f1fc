"""Edits of the tree: merged key by key, removed by null, everything else replaced."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.scenario.diagnostics import Report
from foedus.scenario.document import parse
from foedus.scenario.edits import edited
from foedus.scenario.nodes import Mapping, items, plain

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


def test_moves_changed_by_name_stand_where_they_stood() -> None:
    found, codes = after("moves: {reply: [{player: B, name: reply, when: x}], luck: null}")
    whole, _ = after("moves: [{player: A}, {player: B, name: reply, when: x}, {simultaneous: "
                     "[{player: C}, {player: A, name: late}]}]")  # fmt: skip
    assert found == whole
    assert not codes


def test_several_entries_of_a_move_give_way_to_the_new_ones_at_the_first() -> None:
    base = edited(tree(BASE), tree("moves: [{player: A}, {player: B}, {player: A}]"), Report(""))
    for new in ([1], [1, 2, 3], []):
        edit = tree(f"moves: {{A: {_flow([{'player': 'A', 'when': n} for n in new])}}}")
        found = plain(edited(base, edit, Report("file")))["moves"]
        assert found == [*({"player": "A", "when": n} for n in new), {"player": "B"}]


def test_a_move_in_a_block_is_changed_inside_it() -> None:
    found, codes = after("moves: {C: [{player: C, when: x}, {player: C, when: y}]}")
    assert found["moves"][2]["simultaneous"] == [
        {"player": "C", "when": "x"},
        {"player": "C", "when": "y"},
        {"player": "A", "name": "late"},
    ]
    assert not codes


def test_order_applies_to_moves_changed_by_name() -> None:
    found, codes = after(
        "order: [reply, A, C, late]\nmoves: {luck: null, A: [{player: A, when: x}]}"
    )
    assert found["moves"][:2] == [{"player": "B", "name": "reply"}, {"player": "A", "when": "x"}]
    assert not codes


def test_moves_that_are_not_named_are_the_same_nodes() -> None:
    base = tree(BASE)
    found = edited(base, tree("moves: {reply: null}"), Report("file"))
    assert [items(found.get("moves"))[i] for i in (0, 1, 2)] == [
        items(base.get("moves"))[i] for i in (0, 2, 3)
    ]


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        ("{Z: [{player: Z}]}", "F703"),  # nobody knows where a new move would stand
        ("{A: [{player: A}, {player: B}]}", "F703"),
        ("{A: [{simultaneous: [{player: A}, {player: B}]}]}", "F703"),
        ("{A: {player: A}}", "F203"),
        ("{Z: null}", "F702"),
    ],
)
def test_a_change_by_name_that_does_not_fit_changes_nothing(edit: str, code: str) -> None:
    found, codes = after(f"moves: {edit}")
    assert codes == [code]
    assert found == plain(tree(BASE))


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
    if isinstance(data, list):
        return f"[{', '.join(map(_flow, data))}]"
    return "null" if data is None else str(data)
