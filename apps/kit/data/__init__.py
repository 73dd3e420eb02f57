"""What a page reads: cached tables, the reader's selection, the view of both."""
