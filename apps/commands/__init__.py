"""The command line's groups; ``apps/cli.py`` composes them."""
