"""French writing, theme, styles, and errors in words."""
