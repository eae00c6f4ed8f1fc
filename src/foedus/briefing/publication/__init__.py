"""Briefings published together: a site with a home page, tags, an archive, feeds and history."""
