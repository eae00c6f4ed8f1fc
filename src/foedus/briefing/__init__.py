"""Findings to a static site to read, question and run again; its publication and announcement."""
