"""Files other than CSV: PDF, whole reports, contact cards, and the jobs that make them."""
