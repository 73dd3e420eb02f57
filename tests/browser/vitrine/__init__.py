"""Every component of the page kit on pages of their own, for the browser tests and for whoever looks."""
