"""The sections of a scenario file, one module each: from checked nodes to the model."""
