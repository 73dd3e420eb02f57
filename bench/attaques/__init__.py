"""Bad days, on purpose: ``make attaques``. Each family is a module with ``attacks() -> Iterator[Attack]``."""
