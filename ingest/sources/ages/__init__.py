"""Source ``ages``: population by sex and age of each commune, from the census."""
