"""The names that people outside rely on. Adding one is a decision; losing one breaks somebody."""

from __future__ import annotations

import foedus

NAMES = {
    "read", "examine", "Scenario",
    "compile_scenario", "stochastic_game", "from_table", "to_table", "write_table", "Game",
    "read_game", "write_game", "ExtensiveGame", "StrategicGame", "unroll", "gambit_equilibria",
    "solve", "certify", "Logit", "Nash", "Equilibrium", "Play", "find_equilibria", "solve_batch",
    "trace", "LogitPath", "Tracing", "Path",
    "best_reply", "commitment", "social_welfare", "minmax", "explain", "portray",
    "report", "reach", "first_passage", "hazard", "occupancy", "switches", "mean", "probability",
    "assess", "Findings", "CrisisSignalling", "crisis_equilibria",
    "estimate", "TreeModel", "classic_model", "read_tree", "SignallingModel", "UltimatumModel",
    "DynamicModel", "DynamicGame", "read_model", "calibrate", "Fit",
    "distribution", "state_distribution", "action_rate", "payoffs", "distance", "simulate",
    "FoedusError", "ScenarioError", "QueryError", "GameError", "GameFileError", "DataError",
    "SolveError",
}  # fmt: skip


def test_public_names_are_these() -> None:
    assert set(foedus.__all__) == NAMES


def test_every_public_name_is_there_and_documented() -> None:
    undocumented = [name for name in NAMES if not getattr(foedus, name).__doc__]
    assert undocumented == []


def test_version_is_the_distribution_s() -> None:
    from importlib.metadata import version

    assert foedus.__version__ == version("foedus")
