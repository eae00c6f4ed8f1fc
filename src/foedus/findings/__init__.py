"""Questions to answers with their evidence: claims tested over the region of assumptions."""
