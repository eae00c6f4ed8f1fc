"""From a strategy profile to what happens: exact outcomes of play, and simulated histories."""

from __future__ import annotations

from foedus.outcomes.accounts import payoffs
from foedus.outcomes.counts import action_rate, occupancy, switches
from foedus.outcomes.passage import FirstPassage, first_passage, hazard, reach
from foedus.outcomes.play import Equilibrium, Play
from foedus.outcomes.quantities import report
from foedus.outcomes.simulation import Simulation, simulate
from foedus.outcomes.states import distance, distribution, mean, probability, state_distribution

__all__ = [
    "Equilibrium",
    "Play",
    "reach",
    "first_passage",
    "FirstPassage",
    "hazard",
    "occupancy",
    "switches",
    "action_rate",
    "state_distribution",
    "distribution",
    "mean",
    "probability",
    "distance",
    "payoffs",
    "report",
    "simulate",
    "Simulation",
]
