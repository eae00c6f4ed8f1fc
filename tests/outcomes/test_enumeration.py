"""Every outcome of small random games equals the sum over every path."""

import math
from functools import cache

import numpy as np
import pytest

from foedus.outcomes import (
    action_rate,
    first_passage,
    hazard,
    mean,
    occupancy,
    payoffs,
    probability,
    reach,
    report,
    state_distribution,
    switches,
)

from .games import collected, histories, on_states, quantity, random_condition, random_game
from .origins import TwinOrigin

SEEDS = range(6)
PERIODS = 3


@cache
def every_path(seed, start):
    play = random_game(seed)
    return list(histories(play, play.game.structure.starts[start], PERIODS))


def expected(seed, value, start="mixed"):
    """Expectation over paths of `value(path)`."""
    return math.fsum(p * value(path) for p, path in every_path(seed, start))


def amount(measure, date):
    return sum(collected(measure, date))


def arrival(measure, path, last=PERIODS):
    """When a condition first holds on a path; infinite if not by `last`."""
    times = [t for t in range(last + 1) if measure.flow[path[t][0]]]
    times += [t + 1 for t in range(last) if collected(measure, path[t])[1]]
    return min(times, default=math.inf)


def close(value):
    return pytest.approx(value, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("seed", SEEDS)
def test_paths_are_all_there(seed):
    assert expected(seed, lambda path: 1.0) == close(1.0)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("stages", [(), (0,), (1, 2), (0, 1, 2)])
def test_reach_and_first_passage(seed, stages):
    play = random_game(seed)
    of = random_condition(play.game.structure, seed + 10, stages=stages, states=len(stages) != 1)
    for within in range(PERIODS + 1):
        by_then = expected(seed, lambda path, w=within: arrival(of, path, w) <= w)
        assert reach(play, of, within=within, start="mixed") == close(by_then)
    passage = first_passage(play, of, start="mixed")
    for n in range(PERIODS + 1):
        at_n = expected(seed, lambda path, n=n: arrival(of, path) == n)
        assert float(passage.probability.sel(period=n)) == close(at_n)
    arrives = expected(seed, lambda path: arrival(of, path) < math.inf)
    if arrives > 0:
        when = expected(seed, lambda path: min(arrival(of, path), 99) * (arrival(of, path) < 99))
        assert passage.mean == close(when / arrives)


@pytest.mark.parametrize("seed", SEEDS)
def test_hazard_in_a_window(seed):
    play = random_game(seed)
    of = random_condition(play.game.structure, seed, stages=(2,), states=False)
    in_window = expected(seed, lambda path: 1 < arrival(of, path) <= 3)
    not_before = expected(seed, lambda path: arrival(of, path) > 1)
    assert hazard(play, of, after=1, within=3, start="mixed") == close(in_window / not_before)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "stages", [((), ()), ((0,), (2,)), ((2,), (0,)), ((1,), (1,)), ((0, 1, 2), (0, 1, 2))]
)
def test_counts(seed, stages):
    """Whichever of two conditions is known first, and if both are known at once."""
    play = random_game(seed)
    structure = play.game.structure
    a, b = (random_condition(structure, seed + 10 * k, stages=stages[k]) for k in (0, 1))
    state = on_states(structure, [0, 1, 0, 1])
    total = expected(seed, lambda path: sum(amount(a, d) for d in path[:PERIODS]))
    assert occupancy(play, a, start="mixed") == close(total)
    followed = expected(
        seed,
        lambda path: sum(amount(a, path[t]) * state.flow[path[t + 1][0]] for t in range(PERIODS)),
    )
    assert switches(play, a, state, start="mixed") == close(followed)
    both = expected(seed, lambda path: sum(amount(a, d) * amount(b, d) for d in path[:PERIODS]))
    given = expected(seed, lambda path: sum(amount(b, d) for d in path[:PERIODS]))
    rate = action_rate(play, a, given=b, start="mixed")
    assert rate == close(both / given) if given > 0 else math.isnan(rate)


@pytest.mark.parametrize("seed", SEEDS)
def test_states_at_a_date(seed):
    play = random_game(seed)
    value, event = np.array([1.0, -2.0, 5.0, 100.0]), np.array([0.0, 1.0, 0.0, 1.0])
    rows = state_distribution(play, start="mixed")
    for t in range(PERIODS + 1):
        for state, label in enumerate(rows.state.values):
            there = expected(seed, lambda path, t=t, s=state: path[t][0] == s)
            assert float(rows.sel(period=t, state=label)) == close(there)
        happens = expected(seed, lambda path, t=t: event[path[t][0]])
        assert probability(play, event, at=t, start="mixed") == close(happens)
        alive = expected(seed, lambda path, t=t: path[t][0] < 3)
        worth = expected(seed, lambda path, t=t: (path[t][0] < 3) * value[path[t][0]])
        assert mean(play, value, at=t, start="mixed") == close(worth / alive)


def path_payoff(play, player, path):
    """What a path pays, discounted: endings once, terminal values after the last period."""
    tables, n_live = play.game.tables, play.game.structure.states.n_live
    total = 0.0
    for t, (state, edges) in enumerate(path):
        fresh = t == 0 or path[t - 1][0] < n_live
        paid = sum(tables.payoff[k][(player, *place)] for k, place in edges)
        if t == PERIODS and state < n_live:
            paid = tables.terminal[player, state]
        elif fresh:
            paid += tables.flow[player, state]
        total += tables.discount[player] ** t * paid
    return total


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("start", ["a", "mixed"])
def test_payoffs(seed, start):
    play = random_game(seed)
    table = payoffs(play, start=start)
    for i, player in enumerate(play.game.players):
        worth = expected(seed, lambda path, i=i: path_payoff(play, i, path), start)
        assert table.loc[player].sum() == close(worth)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_report_gives_what_single_questions_give(seed):
    play = random_game(seed)
    structure = play.game.structure
    a, b = random_condition(structure, seed + 40), random_condition(structure, seed + 50)
    state = on_states(structure, [0, 1, 1, 0])
    other = random_game(seed + 1)
    asked = [
        quantity("r1", "reach", of=a, within=1, start="mixed"),
        quantity("r3", "reach", of=a),
        quantity("h", "hazard", of=b, after=1, within=3, start="mixed"),
        quantity("o", "occupancy", of=b, within=2),
        quantity("s", "switches", of=a, to=state, within=2, start="mixed"),
        quantity("k", "rate", of=a, given=b, within=2),
        quantity("k0", "rate", of=a, within=2, start="mixed"),
        quantity("m", "mean", of=state, at=1, start="mixed"),
        quantity("p", "probability", of=state, at=2),
        quantity("v", "value", player="Two"),
        quantity("d", "distance", against="other", at=2),
    ]
    single = {
        "r1": reach(play, a, within=1, start="mixed"),
        "r3": reach(play, a),
        "h": hazard(play, b, after=1, within=3, start="mixed"),
        "o": occupancy(play, b, within=2),
        "s": switches(play, a, state, within=2, start="mixed"),
        "k": action_rate(play, a, given=b, within=2),
        "k0": action_rate(play, a, within=2, start="mixed"),
        "m": mean(play, state, at=1, start="mixed"),
        "p": probability(play, state, at=2),
        "v": payoffs(play).loc["Two"].sum(),
        "d": 0.5
        * float(abs(state_distribution(play, at=2) - state_distribution(other, at=2)).sum()),
    }
    found = report(play, asked, regimes={"other": other})
    assert list(found) == [q.name for q in asked]
    assert found == pytest.approx(single, rel=1e-13)


@pytest.mark.parametrize("seed", SEEDS)
def test_split_nodes_change_no_answer(seed):
    """Questions in words go to a finer structure; the strategies are lifted to it."""
    plain = random_game(seed)
    structure = plain.game.structure
    a, b = random_condition(structure, seed + 60), random_condition(structure, seed + 70)
    origin = TwinOrigin(structure, plain.game.tables, {"a happens": a, "b happens": b})
    worded = random_game(seed, origin=origin)
    assert reach(worded, "a happens") == close(reach(plain, a))
    assert occupancy(worded, "b happens") == close(occupancy(plain, b))
    # Measures on the game's own structure are lifted beside words.
    assert action_rate(worded, "a happens", given=b) == close(action_rate(plain, a, given=b))
