"""Plans cover everything once, keep their identity and sample evenly wherever they stop."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.ensemble import Plan
from foedus.errors import EnsembleError

axes = st.dictionaries(
    st.sampled_from(["regime", "pass", "start"]),
    st.lists(st.sampled_from("abcd"), min_size=1, unique=True),
)
plans = st.builds(
    Plan,
    description=st.just({"seed": 1}),
    draws=st.integers(1, 300),
    chunk_size=st.integers(1, 70),
    axes=axes,
)


@given(plan=plans)
def test_every_draw_is_computed_once_in_every_cell(plan: Plan) -> None:
    seen = Counter((tuple(c.cell.items()), draw) for c in plan.chunks() for draw in c.draws)
    assert set(seen.values()) == {1}
    assert len(seen) == plan.draws * plan.n_cells
    assert [tuple(chunk.cell) for chunk in plan.chunks()] == [tuple(plan.axes)] * plan.n_chunks


@given(plan=plans)
def test_the_order_visits_every_chunk_once(plan: Plan) -> None:
    assert sorted(plan.order()) == list(range(plan.n_chunks))


@given(plan=plans, stopped=st.integers(0, 10_000))
def test_a_stopped_run_has_sampled_all_cells_equally(plan: Plan, stopped: int) -> None:
    done = list(plan.order())[: stopped % (plan.n_chunks + 1)]
    counts = Counter(tuple(plan.chunk(i).cell.items()) for i in done)
    assert max(counts.values(), default=0) - min(counts.values(), default=0) <= 1 or (
        len(counts) < plan.n_cells
    )
    assert len(done) < plan.n_cells or len(counts) == plan.n_cells


@pytest.mark.parametrize("stopped", range(1, 33))
def test_a_stopped_run_has_sampled_a_sorted_grid_evenly(stopped: int) -> None:
    """Every stretch of the grid that is a power of two has its share, give or take one."""
    plan = Plan(description={}, draws=320, chunk_size=10)
    done = list(plan.order())[:stopped]
    for parts in (2, 4, 8):
        counts = Counter(block * parts // 32 for block in done)
        share = stopped / parts
        assert all(abs(counts[part] - share) < 1 for part in range(parts))


def test_the_identity_depends_on_every_field_and_on_no_order_of_keys() -> None:
    plan = Plan(description={"a": 1, "b": 2}, draws=10, chunk_size=5, axes={"side": ["l", "r"]})
    same = Plan(description={"b": 2, "a": 1}, draws=10, chunk_size=5, axes={"side": ["l", "r"]})
    others = [
        Plan(description={"a": 1, "b": 3}, draws=10, chunk_size=5, axes={"side": ["l", "r"]}),
        Plan(description={"a": 1, "b": 2}, draws=11, chunk_size=5, axes={"side": ["l", "r"]}),
        Plan(description={"a": 1, "b": 2}, draws=10, chunk_size=4, axes={"side": ["l", "r"]}),
        Plan(description={"a": 1, "b": 2}, draws=10, chunk_size=5, axes={"side": ["r", "l"]}),
    ]
    assert same.run_id == plan.run_id
    assert len({plan.run_id, *(other.run_id for other in others)}) == 5


def test_the_identity_does_not_follow_later_changes_of_the_description() -> None:
    settings = {"seeds": [1, 2]}
    plan = Plan(description=settings, draws=1)
    before = plan.run_id
    settings["seeds"].append(3)
    assert plan.run_id == before


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"draws": 0}, "0 draws"),
        ({"chunk_size": 0}, "chunks of 0"),
        ({"axes": {"regime": []}}, "'regime' needs distinct labels"),
        ({"axes": {"regime": ["a", "a"]}}, "'regime' needs distinct labels"),
        ({"description": {"rule": object()}}, "object is not plain data"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(fields: dict[str, object], found: str) -> None:
    with pytest.raises(EnsembleError, match=found):
        Plan(**{"description": {}, "draws": 1, **fields})
