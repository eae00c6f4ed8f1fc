"""Tests of the semantic checks."""
