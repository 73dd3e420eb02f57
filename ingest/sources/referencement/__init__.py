"""The Ségur referencing: the catalogue of referenced software."""
