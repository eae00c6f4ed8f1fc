"""Announcements of published briefings on the networks that a configuration names."""
