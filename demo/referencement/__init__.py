"""Demo catalogues of the Ségur referencing."""
