"""From a game to a profile of strategies, never without a certificate."""
