"""Packaged data of Convergence: referentials, zones of the POS, types of services, milestones."""
