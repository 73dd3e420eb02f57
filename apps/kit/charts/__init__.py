"""Charts, key figures, tables, and the scales and classes that they share."""
