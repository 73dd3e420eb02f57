"""Demo file of the INSEE population by age."""
