"""Outcomes against closed forms, enumeration of every path, and simulation."""
