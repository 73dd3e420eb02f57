"""The semantic layer: what can be counted, by what, and how it may be combined."""
