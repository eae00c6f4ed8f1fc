"""Game trees with imperfect information: logit play, its path, Nash and sequential equilibria."""
