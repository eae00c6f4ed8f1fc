"""Scenario to game: the only room that speaks both languages."""
