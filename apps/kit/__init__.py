"""What every page shares: page, filters, charts, maps, tables, export, errors, theme."""
