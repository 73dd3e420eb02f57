"""Source territoires."""
