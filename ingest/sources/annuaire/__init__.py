"""Source annuaire."""
