"""Findings to charts as plain data, the same for the briefing and the studio."""
