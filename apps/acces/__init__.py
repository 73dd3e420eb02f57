"""The front door: home page, sign-in, registration, accounts, journal, legal pages."""
