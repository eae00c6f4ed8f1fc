"""The addresses of the studio, page by page."""
