"""Source ``finess``: the national register of health and social establishments."""
