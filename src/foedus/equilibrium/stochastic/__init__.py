"""Stochastic games: everybody moves at once in every state, then chance picks the next state."""
