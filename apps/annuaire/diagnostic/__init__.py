"""The diagnosis of a territory: the page, its map, its words, its two-page sheet."""
