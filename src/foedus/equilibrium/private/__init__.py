"""Games in which players have private types: beliefs, play and certificates."""
