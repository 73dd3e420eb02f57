"""Pilotage régional Ségur: how far the core services are adopted, what moved, who is late."""
