"""What the directory's pages count beyond the universe's measures."""
