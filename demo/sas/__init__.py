"""The demonstration's SAS: ten territories, fictional professionals who offer hours, half a year of calls."""
