"""Test strategic arguments: scenarios in, certified equilibria and exact outcomes out.

Names are loaded on first use, so that `import foedus` costs nothing and reading
or checking a scenario never loads numerics.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from foedus.compiler.compile import compile_scenario as compile_scenario
    from foedus.equilibrium import Equilibrium as Equilibrium
    from foedus.equilibrium import Logit as Logit
    from foedus.equilibrium import LogitPath as LogitPath
    from foedus.equilibrium import Nash as Nash
    from foedus.equilibrium import Path as Path
    from foedus.equilibrium import Tracing as Tracing
    from foedus.equilibrium import best_reply as best_reply
    from foedus.equilibrium import certify as certify
    from foedus.equilibrium import commitment as commitment
    from foedus.equilibrium import find_equilibria as find_equilibria
    from foedus.equilibrium import minmax as minmax
    from foedus.equilibrium import social_welfare as social_welfare
    from foedus.equilibrium import solve as solve
    from foedus.equilibrium import solve_batch as solve_batch
    from foedus.equilibrium import trace as trace
    from foedus.equilibrium.crisis.signalling import CrisisSignalling as CrisisSignalling
    from foedus.equilibrium.crisis.signalling import crisis_equilibria as crisis_equilibria
    from foedus.equilibrium.trees.gambit import gambit_equilibria as gambit_equilibria
    from foedus.estimation import DynamicGame as DynamicGame
    from foedus.estimation import DynamicModel as DynamicModel
    from foedus.estimation import Fit as Fit
    from foedus.estimation import SignallingModel as SignallingModel
    from foedus.estimation import TreeModel as TreeModel
    from foedus.estimation import UltimatumModel as UltimatumModel
    from foedus.estimation import calibrate as calibrate
    from foedus.estimation import classic_model as classic_model
    from foedus.estimation import estimate as estimate
    from foedus.estimation import read_model as read_model
    from foedus.estimation import read_tree as read_tree
    from foedus.findings.assess import assess as assess
    from foedus.findings.explanation import explain as explain
    from foedus.findings.portray import portray as portray
    from foedus.findings.result import Findings as Findings
    from foedus.game.builders import stochastic_game as stochastic_game
    from foedus.game.game import Game as Game
    from foedus.game.tables import from_table as from_table
    from foedus.game.tables import to_table as to_table
    from foedus.game.tables import write_table as write_table
    from foedus.game.trees import ExtensiveGame as ExtensiveGame
    from foedus.game.trees import StrategicGame as StrategicGame
    from foedus.game.trees import read_game as read_game
    from foedus.game.trees import write_game as write_game
    from foedus.game.trees.unroll import unroll as unroll
    from foedus.outcomes import Play as Play
    from foedus.outcomes import action_rate as action_rate
    from foedus.outcomes import distance as distance
    from foedus.outcomes import distribution as distribution
    from foedus.outcomes import first_passage as first_passage
    from foedus.outcomes import hazard as hazard
    from foedus.outcomes import mean as mean
    from foedus.outcomes import occupancy as occupancy
    from foedus.outcomes import payoffs as payoffs
    from foedus.outcomes import probability as probability
    from foedus.outcomes import reach as reach
    from foedus.outcomes import report as report
    from foedus.outcomes import simulate as simulate
    from foedus.outcomes import state_distribution as state_distribution
    from foedus.outcomes import switches as switches
    from foedus.scenario import Scenario as Scenario
    from foedus.scenario import examine as examine
    from foedus.scenario import read as read

__version__ = "0.1.0"

_ROOMS = {
    "foedus.scenario": ("read", "examine", "Scenario"),
    "foedus.compiler.compile": ("compile_scenario",),
    "foedus.game.game": ("Game",),
    "foedus.game.builders": ("stochastic_game",),
    "foedus.game.tables": ("from_table", "to_table", "write_table"),
    "foedus.game.trees": ("read_game", "write_game", "ExtensiveGame", "StrategicGame"),
    "foedus.game.trees.unroll": ("unroll",),
    "foedus.equilibrium": (
        "solve",
        "Logit",
        "Nash",
        "Equilibrium",
        "certify",
        "find_equilibria",
        "trace",
        "LogitPath",
        "Tracing",
        "Path",
        "solve_batch",
        "best_reply",
        "commitment",
        "social_welfare",
        "minmax",
    ),
    "foedus.equilibrium.trees.gambit": ("gambit_equilibria",),
    "foedus.equilibrium.crisis.signalling": ("CrisisSignalling", "crisis_equilibria"),
    "foedus.outcomes": (
        "report",
        "reach",
        "first_passage",
        "hazard",
        "occupancy",
        "switches",
        "mean",
        "probability",
        "distribution",
        "action_rate",
        "payoffs",
        "state_distribution",
        "distance",
        "simulate",
        "Play",
    ),
    "foedus.estimation": (
        "estimate",
        "TreeModel",
        "classic_model",
        "read_tree",
        "SignallingModel",
        "UltimatumModel",
        "DynamicModel",
        "DynamicGame",
        "read_model",
        "calibrate",
        "Fit",
    ),
    "foedus.findings.assess": ("assess",),
    "foedus.findings.result": ("Findings",),
    "foedus.findings.explanation": ("explain",),
    "foedus.findings.portray": ("portray",),
    "foedus.errors": (
        "FoedusError",
        "ScenarioError",
        "QueryError",
        "GameError",
        "GameFileError",
        "DataError",
        "SolveError",
    ),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'foedus' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
