"""Games as environments for learners: PettingZoo, Gymnasium and OpenSpiel, each where installed."""
