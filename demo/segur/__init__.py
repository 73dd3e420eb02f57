"""Demo deliveries of the Ségur indicators."""
