"""Hypothesis strategies for scenarios and games, for foedus' own tests and for yours."""

from foedus.testing.games import games as games
from foedus.testing.scenarios import scenarios as scenarios
