"""Demo workbook of the DREES accessibility measure."""
