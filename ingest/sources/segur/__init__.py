"""Monthly Ségur indicators (see the README beside this module)."""
