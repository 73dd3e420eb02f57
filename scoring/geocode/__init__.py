"""The pure part of the geocoder: reading an address, matching it against the BAN."""
