"""The correction file: where sites really are, as an operator gives it."""
