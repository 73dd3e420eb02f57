"""Pure Polars: LazyFrame in, LazyFrame out. No I/O, no Streamlit."""
