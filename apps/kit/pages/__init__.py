"""The declared page, its pieces, captions and CSV."""
