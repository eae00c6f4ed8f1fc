"""The course of play agrees with the outcomes that ask about one thing at a time."""

from __future__ import annotations

import numpy as np
import pytest

import foedus as fd
from foedus.findings.course import course
from foedus.outcomes.play import evaluation_window


@pytest.mark.parametrize("name", ["baltic-tripwire", "audience-costs-dynamic"])
def test_levels_and_actions_are_those_of_the_outcomes(name: str) -> None:
    game = fd.compile_scenario(fd.read(name))
    equilibrium = fd.solve(game)
    space, periods = game.structure.states, evaluation_window(game.structure)
    start = next(iter(game.structure.starts))
    factors = dict(zip(space.factors, space.levels, strict=True))
    found = course(equilibrium, factors, start, periods)
    columns = iter(found.levels.T)
    for factor, levels in factors.items():
        for level in levels:
            shares = next(columns)
            if not level.isdigit():
                exact = fd.probability(equilibrium, f"{factor} == {level}", at=periods, start=start)
                assert shares[-1] == pytest.approx(exact, abs=1e-12)
    for move in {tally.move for tally in found.tallies}:
        tallies = [tally for tally in found.tallies if tally.move == move]
        for action in {action for tally in tallies for action in tally.actions}:
            taken = sum(
                float(np.nansum(tally.taken[:, tally.actions.index(action)]))
                for tally in tallies
                if action in tally.actions
            )
            asked = fd.occupancy(equilibrium, f"{move} == {action}", within=periods, start=start)
            assert taken == pytest.approx(asked, abs=1e-10)
    alone = course(equilibrium, factors, start, periods, flows=False)
    np.testing.assert_array_equal(alone.levels, found.levels)
    assert alone.flows.sum() == 0
    # What flows from the levels of a factor is where play stood, short of what has ended.
    assert (found.flows.sum(axis=2) <= found.levels[:-1] + 1e-12).all()
