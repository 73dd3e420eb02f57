"""Source ``apl``: the official indicator of potential localised accessibility, as the DREES publishes it."""
