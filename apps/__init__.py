"""Pages and the shell of the suite."""
