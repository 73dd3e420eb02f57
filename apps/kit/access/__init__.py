"""Who reads: sign-in, sessions, tickets, providers, and what each may see."""
