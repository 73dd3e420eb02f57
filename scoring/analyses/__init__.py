"""What readers compose: the saved analysis, what an author imposes, which drawing suits which figures."""
