"""Seats: the same record leads to the same place, luck follows the equilibrium, worth is exact."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import foedus as fd
from foedus.equilibrium import Equilibrium
from foedus.errors import QueryError
from foedus.findings.positions import Position, Record
from foedus.findings.seat import Table, beside


@pytest.fixture(scope="module")
def tripwire() -> Equilibrium:
    game = fd.compile_scenario(fd.read("baltic-tripwire"))
    return fd.solve(game)


@pytest.fixture(scope="module")
def table(tripwire: Equilibrium) -> Table:
    return Table(tripwire)


def _played(table: Table, record: Record) -> tuple[Record, Position]:
    """To the end, always by the second option where there is one."""
    position = table.position(record)
    while position.turn is not None:
        options = position.turn.options
        record = record.after(options[min(1, len(options) - 1)].action)
        position = table.position(record)
    return record, position


def test_a_record_leads_to_the_same_place_again(table: Table) -> None:
    record, position = _played(table, Record(seats=("AL",), start="calm", seed=3))
    again = table.position(record)
    assert again.states == position.states
    assert again.total == position.total
    assert [s.action for s in again.steps] == [s.action for s in position.steps]


def test_a_choice_changes_nothing_before_it(table: Table) -> None:
    record = Record(seats=("AL",), start="calm", seed=8)
    first = table.position(record)
    assert first.turn is not None
    for option in first.turn.options:
        after = table.position(record.after(option.action))
        assert after.steps[: len(first.steps)] == first.steps


def test_options_are_worth_what_an_explanation_says(tripwire: Equilibrium, table: Table) -> None:
    turn = table.position(Record(seats=("AL",), start="calm", seed=3)).turn
    assert turn is not None
    assert turn.move == "posture"
    reason = fd.explain(tripwire, "AL", start="calm", move="posture", period=0)
    values = dict(zip(reason.actions, reason.values, strict=True))
    for option in turn.options:
        assert option.value == pytest.approx(values[option.action], abs=1e-9)


def test_what_is_done_at_the_same_time_is_not_seen(table: Table) -> None:
    hidden = 0
    for seed in range(8):
        position = table.position(Record(seats=("AL",), start="calm", seed=seed))
        assert position.turn is not None
        moves = [step.move for step in position.steps]
        if "exercise" in moves:
            assert moves.index("exercise") in position.unseen
            hidden += 1
    assert hidden


def test_others_play_their_equilibrium(table: Table) -> None:
    """1,000 first choices of the challenger: its share has a standard error of 0.016 at most."""
    seen: Counter[str] = Counter()
    chance = 0.0
    for seed in range(1000):
        position = table.position(Record(seats=("AL",), start="calm", seed=seed))
        step = next(step for step in position.steps if step.move == "exercise")
        seen[step.action] += 1
        chance = next(o.probability for o in step.options if o.action == "prepare")
    assert seen["prepare"] / 1000 == pytest.approx(chance, abs=5 * 0.016)


def test_payoffs_and_regret_add_up(tripwire: Equilibrium, table: Table) -> None:
    record, position = _played(table, Record(seats=("AL", "HO"), start="calm", seed=5))
    discounts = np.asarray(tripwire.game.tables.discount)
    for i, player in enumerate(tripwire.game.players):
        paid = position.payoffs[player]
        discounted = sum(x * discounts[i] ** t for t, x in enumerate(paid))
        assert position.total[player] == pytest.approx(discounted)
    own = [step for step in position.steps if step.person]
    assert len(own) == len(record.choices)
    assert all(step.forgone >= 0 for step in own)
    assert position.regret("AL", 0.98) == pytest.approx(
        sum(0.98**s.period * s.forgone for s in own if s.player == "AL")
    )


def test_paths_beside_a_game_have_the_mean_of_the_equilibrium(
    tripwire: Equilibrium, table: Table
) -> None:
    _, position = _played(table, Record(seats=("AL",), start="calm", seed=1))
    paths = np.array(list(beside(tripwire, position, "AL", paths=4000)))
    assert len(paths) == 4000
    # Paths stop after the eight quarters that are reported, play after twelve: a rough bound.
    value = tripwire.game.structure.starts["calm"] @ tripwire.values[:, 2]
    assert abs(paths.mean() - value) < 0.15


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (Record(seats=("XX",), start="calm", seed=0), "no seat for XX"),
        (Record(seats=(), start="calm", seed=0), "no seat for nobody"),
        (Record(seats=("AL",), start="there", seed=0), "no start named 'there'"),
        (Record(seats=("AL",), start="calm", seed=0, choices=("fly",)), "cannot choose 'fly'"),
        (Record(seats=("AL",), start="calm", seed=0, choices=("keep",) * 99), "keep|end of play"),
    ],
)
def test_records_that_do_not_fit_are_refused(table: Table, record: Record, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        table.position(record)


def test_a_stationary_game_is_played_too() -> None:
    equilibrium = fd.solve(fd.compile_scenario(fd.read("audience-costs-dynamic")))
    game = equilibrium.game
    start = next(iter(game.structure.starts))
    record = Record(seats=game.players[:1], start=start, seed=2)
    _, position = _played(Table(equilibrium), record)
    assert position.over
    assert len(position.states) <= position.periods + 1


def test_types_of_others_stay_hidden_and_options_are_worth_what_is_believed() -> None:
    equilibrium = fd.solve(fd.compile_scenario(fd.read("fearon1997-tying-hands")))
    table = Table(equilibrium)
    seen: set[str] = set()
    for seed in range(40):
        position = table.position(Record(seats=("C",), start="calm", seed=seed))
        assert position.turn is not None
        assert table.levels(position) == [{}]
        step = next(step for step in position.steps if step.player == "D")
        reason = fd.explain(equilibrium, "C", f"D == {step.action}", move="C")
        values = dict(zip(reason.actions, reason.values, strict=True))
        for option in position.turn.options:
            assert option.value == pytest.approx(values[option.action], abs=1e-9)
        # What others expect of D does not depend on the type that it has.
        said = {o.action: o.probability for o in step.options}
        expected = fd.action_rate(equilibrium, "D == signal", start="calm")
        assert said["signal"] == pytest.approx(expected, abs=1e-9)
        seen.add(step.action)
        over = table.position(Record(seats=("C",), start="calm", seed=seed, choices=("stay_out",)))
        if over.over:
            assert set(table.levels(over)[0]) == {"type(D)"}
    assert "silent" in seen
    own = table.position(Record(seats=("D",), start="calm", seed=1))
    assert set(table.levels(own)[0]) == {"type(D)"}
