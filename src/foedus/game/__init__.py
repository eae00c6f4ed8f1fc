"""What a solver sees: stages, tables, strategies and measures, without names of the world."""
