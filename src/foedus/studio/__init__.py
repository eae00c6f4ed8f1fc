"""The studio: explore, question, edit and play a situation in a browser, on this machine."""
