"""Numerical methods on plain arrays: nobody plays here."""
