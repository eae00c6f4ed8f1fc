"""Crisis bargaining with continuous private payoff shocks, where equilibria are numbers."""
