"""One folder an official source."""
