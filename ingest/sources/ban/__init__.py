"""Source ban."""
