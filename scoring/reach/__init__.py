"""Accessibility of care: proximity, floating catchments, scenarios, the official measure."""
