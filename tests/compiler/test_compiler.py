"""What the compiler promises beyond the numbers: merging, watching, parameters, refusals."""

from unittest.mock import patch

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import foedus as fd
from foedus.compiler.liveness import alike
from foedus.compiler.states import encode
from foedus.errors import GameError, QueryError

from .sweep import values

SMALL = """
foedus: 1
title: Two rivals
horizon: {evaluate: 3, solve: 4}
players: {A: {label: A, discount: d}, B: {label: B, discount: 0.9}}
state:
  phase: {levels: [calm, war], endings: {ruin: {label: Ruin, payoffs: {A: -5, B: -c}}}}
  front: {levels: 0..2}
parameters:
  d: {range: [0.5, 0.9], why: a test}
  c: {range: [0.1, 1], why: a test}
moves:
  - {player: A, when: phase == calm, actions: [wait, strike]}
  - {player: A, when: phase == war, actions: [fight, stop]}
  - {player: B, when: A != strike, actions: [hold, probe]}
next:
  phase:
    - {when: A == strike, to: war}
    - {when: A == fight and B == probe, to: {ruin: 0.1*c}}
    - {when: A == stop, to: {calm: 0.9}}
  front: [{when: phase == war, up: 0.2, down: 0.3*c}]
payoffs:
  A: {land: front, war: -c*(phase == war), gain: next(front) - front}
  B: {land: -front, probe: -c*(B == probe)}
starts: {calm: {phase: calm, front: 1}}
"""


@pytest.fixture
def scenario(tmp_path):
    path = tmp_path / "rivals.yaml"
    path.write_text(SMALL)
    return fd.read(path)


def test_merging_changes_no_value(scenario):
    """Nodes merged or kept apart, every state is worth the same."""
    merged = fd.compile_scenario(scenario)

    def apart(columns, rows):
        list(columns)
        return np.arange(rows), np.arange(rows, dtype=np.int32)

    with patch("foedus.compiler.frame.alike", apart):
        unmerged = fd.compile_scenario(scenario)
    nodes = [sum(s.shape[0] for s in g.structure.stages) for g in (merged, unmerged)]
    assert nodes[0] < nodes[1]
    np.testing.assert_allclose(values(merged, 4.0), values(unmerged, 4.0), rtol=0, atol=1e-12)


def test_blocks_and_turns_of_one_player_keep_apart(tmp_path):
    """Moves at once in one phase and in turn in another: each phase keeps its own."""
    text = SMALL[: SMALL.index("moves:")] + """
moves:
  - simultaneous:
      - {player: A, actions: [wait, strike]}
      - {player: B, actions: [hold, probe]}
    when: phase == calm and front == 0
  - simultaneous:
      - {player: A, actions: [fight, stop]}
      - {player: B, actions: [hold, probe]}
    when: phase == war
  - {player: A, when: phase == calm and front > 0, actions: [wait, strike]}
  - {player: B, when: phase == calm and front > 0, actions: [hold, probe]}
""" + SMALL[SMALL.index("next:") :]  # fmt: skip
    path = tmp_path / "mixed.yaml"
    path.write_text(text)
    game = fd.compile_scenario(fd.read(path))
    watched = game.origin.watch({"moves": "A in (wait, strike) or A in (fight, stop)"})
    equilibrium = fd.solve(game)
    assert equilibrium.certificate.passed
    assert fd.occupancy(equilibrium, "A in (wait, strike, fight, stop)", within=1) == (
        pytest.approx(1, abs=1e-12)
    )
    assert fd.occupancy(equilibrium, "B in (hold, probe)", within=1) == pytest.approx(1, abs=1e-12)
    assert len(watched.structure.stages) == len(game.structure.stages)


def test_unreachable_states_are_left_out(tmp_path):
    """A front that starts at the bottom and only falls has one level."""
    path = tmp_path / "fall.yaml"
    path.write_text(SMALL.replace("up: 0.2", "up: 0*c").replace("front: 1}", "front: 0}"))
    game = fd.compile_scenario(fd.read(path))
    assert set(game.structure.states.codes[: game.structure.states.n_live, 1]) == {0}


def test_watched_structure_is_the_same_game(scenario):
    """On a structure refined for a condition, values and play are those of the original."""
    game = fd.compile_scenario(scenario)
    watched = game.origin.watch({"strike": "A == strike and front == 1", "both": "A == stop"})
    finer = fd.compile_scenario(scenario)
    object.__setattr__(finer, "structure", watched.structure)
    object.__setattr__(finer, "tables", watched.tables(game.values))
    np.testing.assert_allclose(values(finer, 4.0), values(game, 4.0), rtol=0, atol=1e-12)
    for coarse, fine, lift in zip(
        game.structure.stages, watched.structure.stages, watched.lift, strict=True
    ):
        assert lift.shape == fine.shape[:1]
        assert lift.max() < coarse.shape[0]
        np.testing.assert_array_equal(fine.occupied, coarse.occupied[lift])


def test_indicator_is_collected_once_a_period(scenario):
    """A condition that always holds is worth exactly one in every period."""
    game = fd.compile_scenario(scenario)
    watched = game.origin.watch({"always": "A in (wait, strike, fight, stop)"})
    measure = watched.measures(game.values)["always"]
    first = watched.structure.stages[0]
    assert not measure.flow.any()
    assert (measure.stages[0][first.occupied] == 1).all()
    assert all(later is None for later in measure.stages[1:])


def test_parts_add_up_to_the_payoffs(scenario):
    """Payoff parts and endings together are the game's payoff tables."""
    game = fd.compile_scenario(scenario)
    parts = game.origin.part_measures(game.values)
    assert set(parts) == set(game.origin.parts())
    for i, player in enumerate(game.players):
        own = [measure for (p, _), measure in parts.items() if p == player]
        np.testing.assert_allclose(sum(m.flow for m in own), game.tables.flow[i], atol=1e-15)
        for k, stage in enumerate(game.structure.stages):
            paid = sum((m.stages[k] for m in own if m.stages[k] is not None), np.zeros(stage.shape))
            table = game.tables.payoff[k]
            there = np.zeros(stage.shape) if table is None else table[i]
            np.testing.assert_allclose(paid[stage.occupied], there[stage.occupied], atol=1e-15)


def test_tables_at_draws_are_the_tables_one_by_one(scenario):
    """Tables of many draws have a leading axis, and each slice is that draw's tables."""
    game = fd.compile_scenario(scenario)
    draws = {"d": np.array([0.5, 0.8, 0.9]), "c": np.array([0.1, 0.4, 1.0])}
    together = game.parametric.tables(draws)
    for k in range(3):
        alone = game.at(**{name: float(column[k]) for name, column in draws.items()}).tables
        for many, one in zip(jax.tree.leaves(together), jax.tree.leaves(alone), strict=True):
            np.testing.assert_array_equal(np.broadcast_to(many[k], one.shape), one)


def test_derivatives_of_values_match_finite_differences(scenario):
    """Values are differentiable in the parameters, from the formulas through the solver."""
    from foedus.equilibrium import solve_tables

    game = fd.compile_scenario(scenario)

    def value(parameters):
        tables = game.parametric.tables(parameters, jnp)
        found, _ = solve_tables(game.structure, tables, jnp.full(2, 3.0))
        return found[0, 0, 1]

    point = {"d": 0.7, "c": 0.4}
    slopes = jax.grad(value)(point)
    for name in point:
        step = 1e-5
        up, down = ({**point, name: point[name] + s} for s in (step, -step))
        assert float(slopes[name]) == pytest.approx(
            float(value(up) - value(down)) / (2 * step), 1e-6
        )


def test_unknown_parameters_and_conditions_are_refused(scenario):
    """A name that does not exist is said so, with what there is."""
    game = fd.compile_scenario(scenario)
    with pytest.raises(GameError, match="no parameter named sigma"):
        game.at(sigma=1.0)
    with pytest.raises(QueryError, match="nothing"):
        game.origin.watch({"x": "phase == nothing"})


def test_impossible_numbers_are_refused(scenario):
    """Values outside the ranges that break a probability or a discount are refused."""
    game = fd.compile_scenario(scenario)
    with pytest.raises(GameError, match="probability"):
        game.at(c=20.0)
    with pytest.raises(GameError, match="discount of A"):
        game.at(d=1.5)


@given(
    table=st.lists(st.tuples(*[st.integers(-1, 2)] * 3), min_size=1, max_size=40),
)
@settings(max_examples=50)
def test_alike_groups_equal_rows(table):
    """Rows share a group exactly when they are equal, and groups are numbered as they appear."""
    rows = np.array(table)
    first, group = alike(list(rows.T), len(rows))
    np.testing.assert_array_equal(rows[first][group], rows)
    assert len({tuple(r) for r in table}) == len(first)
    assert (np.diff(first) > 0).all()


def test_states_are_numbered_by_their_levels():
    """Every combination of levels has its own number; an ending has its factor's."""
    sizes = (2, 3)
    combinations = np.array([[a, b] for a in range(2) for b in range(3)], dtype=np.int16)
    assert list(encode(combinations, sizes)) == list(range(6))
    assert list(encode(np.array([[2, -1], [-1, 3]]), sizes)) == [-1, -2]
