"""The health directory map of Grand Est."""
