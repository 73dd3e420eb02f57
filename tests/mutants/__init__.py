"""Plants plausible faults in pages and views, and tells which of them the tests do not see (``make mutants``)."""
