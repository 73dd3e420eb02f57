"""The gallery: views as data, one file a family, and their JSON codec."""
